"""Labels of other posts: what a mention finds among those of all others, where its own post does not have it.

A post's own labels always win; only what it does not have itself is looked for here.
"""

from __future__ import annotations

from collections import Counter
from string import ascii_lowercase
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from sitegen.errors import Location, SiteError, suggestion
from sitegen.keys import digest
from sitegen.labels import formula_anchor, kind_of, normal_label, part_mark

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from sitegen.model import Labelled

_HOW = "labels are given as `{#fig-x}`, `\\label{eq:x}` or `#| label: fig-x`; a plain @ is written `\\@`"


class Elsewhere(Struct, frozen=True):
    """What other posts have of the labels that one post mentions and does not have.

    posts: for each post that has some, by name. every: all labels of other posts, for suggestions. absent: by label, the
    source that has it but makes no page, and why, "" where that is told elsewhere. links: those of these that links name.
    """

    posts: Sequence[Mapping[str, Labelled]]
    every: Collection[str]
    absent: Mapping[str, tuple[str, str]]
    links: frozenset[str]

    def find(
        self, label: str, location: Location, *, formulas_first: bool, known: Collection[str] = ()
    ) -> Labelled | SiteError | None:
        """Return what a label names; None where that cannot be known, which is told elsewhere."""
        label = label.strip()
        found: list[Labelled] = []
        for name in _tried(label, formulas_first=formulas_first):
            found = found or [post[name] for post in self.posts if name in post]
        for further in (_part, _bare):
            found = found or [one for post in self.posts if (one := further(label, post))]
        if len(found) == 1:
            return found[0]
        if found:
            *places, last = [str(one.location) for one in found]
            message = f"the label `{label}` may be that at {', '.join(places)} or at {last}"
            return SiteError(message, location, "labels that other posts mention are given once: rename one of them")
        if label in self.absent:
            path, why = self.absent[label]
            return SiteError(f"the label `{label}` is in {path}, {why}", location) if why else None
        hint = suggestion(normal_label(label), {*known, *self.every}) or _HOW
        return SiteError(f"nothing has the label `{label}`", location, hint)

    def ingredients(self) -> tuple[tuple[str, str], ...]:
        """Return the labels, each with a digest of all that an article sees of it: no place in a file."""
        return tuple(
            (name, digest(repr(replace(one, location=None)))) for post in self.posts for name, one in post.items()
        )

    def key(self) -> str:
        """Return all that an article sees of this, and its author of labels that several posts have."""
        count = Counter(name for post in self.posts for name in post)
        places = [str(one.location) for post in self.posts for name, one in post.items() if count[name] > 1]
        return repr((self.ingredients(), sorted(self.absent.items()), sorted(self.links), places))


def find_label(label: str, known: Mapping[str, Labelled], *, formulas_first: bool) -> Labelled | None:
    """Return what a label names among those of one post: itself, or the part of a figure."""
    name = next((name for name in _tried(label, formulas_first=formulas_first) if name in known), None)
    return _part(label, known) or _bare(label, known) if name is None else known[name]


def _tried(label: str, *, formulas_first: bool) -> tuple[str, ...]:
    names = tuple(spellings(label))
    return names[::-1] if formulas_first else names


def _part(label: str, known: Mapping[str, Labelled]) -> Labelled | None:
    base, _, part = normal_label(label).rpartition("-")
    whole = known.get(base)
    index = int(part) - 1 if part.isdecimal() else ascii_lowercase.find(part) if len(part) == 1 else -1
    return replace(whole, number=part_number(whole.number, index + 1)) if whole and 0 <= index < whole.parts else None


def _bare(label: str, known: Mapping[str, Labelled]) -> Labelled | None:
    """Return what has a label without its kind, as in bookdown: `thm:x` is `::: {.theorem #x}`."""
    kind = kind_of(label)
    one = known.get(normal_label(label).partition("-")[2]) if kind else None
    return one if one and one.kind == kind else None


def spellings(label: str) -> Iterator[str]:
    """Yield the names by which a label may be known."""
    yield from (label.strip(), normal_label(label), formula_anchor(label))


def part_number(number: str, count: int) -> str:
    """Return the number of a part of a figure, such as "3 (a)"."""
    return f"{number}\N{NO-BREAK SPACE}{part_mark(count)}"
