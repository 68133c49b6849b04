"""Which pictures that a text shows, and files that it leads to, its program may save: the pictures are drawn for the text, not where the cell stands."""

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

_SAVES = later(r"save|write|\.to_\w+\(|\bopen\(")
_ENDING = later(r"\.\w+\b")
_PICTURES = {".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg"}


def file_of(link: Link) -> str:
    """Return the path of a file that a link names, as a program would; "" for all else."""
    name = unquote(link.target.partition("#")[0].partition("?")[0])
    suffix = PurePosixPath(name).suffix
    is_file = suffix not in {"", ".md"} and ":" not in name and (suffix.lower() in _PICTURES or name[0] != "/")
    return str(PurePosixPath(name.lstrip("/"))) if is_file else ""


def picture_of(link: Link) -> str:
    """Return the path of a picture that a text shows, as a program would have it; "" for all else."""
    name = file_of(link)
    return name if link.kind != "page" and PurePosixPath(name).suffix.lower() in _PICTURES else ""


def asked_for(fragments: Sequence[Fragment], steps: Iterable[Step]) -> tuple[Step, ...]:
    """Return the steps, those from the first that may save something on with what the text asks for."""
    steps = tuple(steps)
    links = [part for part in fragments if isinstance(part, Link)]
    shown = tuple(dict.fromkeys(filter(None, map(picture_of, links))))
    endings = _PICTURES.union(*(_ENDING.findall(step.code) for step in steps)) if links else _PICTURES
    files = (file_of(link) for link in links if not link.target.startswith("/"))
    files = (name for name in files if PurePosixPath(name).suffix in endings)
    linked = tuple(name for name in dict.fromkeys(files) if name not in set(shown))
    found: list[Step] = []
    saves = False
    for step in steps:
        saves = saves or bool((shown or linked) and _SAVES.search(step.code))
        found.append(replace(step, asked=shown, linked=linked) if saves and step.kind == "cell" else step)
    return tuple(found)
