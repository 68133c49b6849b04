"""The labels of a post that it lets others mention, each with all that they show of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sitegen.errors import Location
from sitegen.labels import kind_of, normal_label
from sitegen.model import Cell, Formula, Labelled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sitegen.model import Fragment, Post
    from sitegen.publishing.references import Labels


def offered(labels: Labels, post: Post, title: tuple[Fragment, ...]) -> dict[str, Labelled]:
    """Return the labels of a post that others may mention: those that its author gave. title: the post's, in words."""
    own = {name: one for name, one in labels.known.items() if one.location}
    if labels.not_run:
        cells = (part for part in post.body if isinstance(part, Cell) and part.label)
        for cell in cells:
            kind = kind_of(cell.label) or cell.kind or "fig"
            own.setdefault(normal_label(cell.label), Labelled(kind, "?", cell.label, cell.location))
    place = Location(str(post.path))
    return {
        name: replace(
            one,
            address=post.address,
            post=_placeless(title, place),
            title=_placeless(labels.resolve(one.title, linked=False), place),
            formula=_shown_abroad(one, labels, place),
        )
        for name, one in own.items()
    }


def _placeless(fragments: Sequence[Fragment], place: Location) -> tuple[Fragment, ...]:
    """Return fragments that do not change when their lines move; what is wrong with them is told at home."""
    return tuple(replace(part, location=place) if isinstance(part, Formula) else part for part in fragments)


def _shown_abroad(one: Labelled, labels: Labels, place: Location) -> Formula | None:
    """Return the formula that previews show in other posts; None where it mentions what its own post does not have."""
    if one.formula is None:
        return None
    formula = labels.referring(one.formula)
    return None if any(not anchor for _, anchor, _ in formula.references) else replace(formula, location=place)
