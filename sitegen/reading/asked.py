"""Which pictures that a text shows its program may save: they are drawn for the text, not where the cell stands."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote

from msgspec.structs import replace

from sitegen.later import later
from sitegen.model import Link

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sitegen.model import Fragment, Step

_SAVES = later(r"save|imwrite|write_image|\bopen\(")
_PICTURES = {".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg"}


def picture_of(link: Link) -> str:
    """Return the path of a picture that a link names, as a program would; "" for all else."""
    name = unquote(link.target.partition("#")[0].partition("?")[0])
    is_picture = link.kind != "page" and PurePosixPath(name).suffix.lower() in _PICTURES and ":" not in name
    return str(PurePosixPath(name.lstrip("/"))) if is_picture else ""


def asked_for(fragments: Sequence[Fragment], steps: Iterable[Step]) -> tuple[Step, ...]:
    """Return the steps, those from the first that may save something on with what the text asks for."""
    names = tuple(dict.fromkeys(filter(None, (picture_of(part) for part in fragments if isinstance(part, Link)))))
    found: list[Step] = []
    saves = False
    for step in steps:
        saves = saves or bool(names and _SAVES.search(step.code))
        found.append(replace(step, asked=names) if saves and step.kind == "cell" and not step.sliders else step)
    return tuple(found)
