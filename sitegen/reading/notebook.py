"""A Jupyter notebook -> a bundle: its text, math and cells as a post; its attachments as files; outputs run again."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from sitegen.errors import Location, SiteError

if TYPE_CHECKING:
    from collections.abc import Mapping

_HEADING = re.compile(r"\A\s*#[ \t]+(.+?)[ \t]*#*[ \t]*(?:\n|\Z)")
_ATTACHMENT = re.compile(r"\(attachment:([^)\s]+)\)")
_TAGS = {
    "hide-input",
    "remove-input",
    "hide-cell",
    "remove-output",
    "remove-cell",
    "raises-exception",
    "skip-execution",
}


@dataclass(frozen=True, slots=True)
class Notebook:
    """What a notebook becomes. title: its first heading, or "". body: Markdown. files: attachments by name."""

    title: str
    body: str
    files: Mapping[str, bytes]


def read_notebook(content: bytes, path: str) -> Notebook:
    """Read a notebook of format 4. Raises SiteError when it is none."""
    place = Location(path)
    try:
        notebook = json.loads(content)
    except ValueError as error:
        raise SiteError(f"this is not a notebook: {error}", place, "export it again from Jupyter") from error
    if not isinstance(notebook, dict) or notebook.get("nbformat") != 4 or not isinstance(notebook.get("cells"), list):
        hint = "convert it with `jupyter nbconvert --to notebook --nbformat 4`"
        raise SiteError("this is not a notebook of format 4", place, hint)
    language = notebook.get("metadata", {}).get("kernelspec", {}).get("language", "python")
    files: dict[str, bytes] = {}
    parts: list[str] = []
    for number, cell in enumerate(notebook["cells"]):
        if not isinstance(cell, dict):
            raise SiteError(f"cell {number + 1} is not a cell", place)
        source = _text(cell.get("source", ""))
        if cell.get("cell_type") == "markdown":
            parts.append(_attached(source, cell, number, files, place))
        elif cell.get("cell_type") == "code" and source.strip():
            parts.append(_code(source, cell, str(language)))
        elif cell.get("cell_type") == "raw" and source.strip():
            parts.append(_fenced(source, ""))
    title = ""
    heading = _HEADING.match(parts[0]) if parts else None
    if heading:
        title = heading[1]
        parts[0] = parts[0][heading.end() :]
    body = "\n\n".join(part.strip("\n") for part in parts if part.strip())
    return Notebook(title, body + "\n", files)


def _text(source: object) -> str:
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


def _code(source: str, cell: Mapping[str, object], language: str) -> str:
    if language != "python":
        return _fenced(source, language)
    first = source.lstrip().split("\n", 1)[0]
    if re.match(r"%%(time|timeit|capture|prun)\b", first):  # the cell below it is Python all the same
        return _code(source.lstrip().partition("\n")[2], cell, language)
    if first.startswith("%%"):  # a cell magic: the cell is not Python, or not only
        return _fenced(source, first[2:].split()[0] if first[2:].split() else "")
    lines = [line for line in source.split("\n") if not re.match(r"%(matplotlib|config|load_ext|autoreload)\b", line)]
    metadata = cell.get("metadata")
    tags = metadata.get("tags", []) if isinstance(metadata, dict) else []
    options = [f"#| tags: [{', '.join(tag for tag in tags if tag in _TAGS)}]"] if _TAGS & set(tags) else []
    return _fenced("\n".join([*options, *lines]), "{python}")


def _fenced(source: str, info: str) -> str:
    longest = max((len(ticks) for ticks in re.findall(r"`{3,}", source)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{info}\n{source.strip(chr(10))}\n{fence}"


def _attached(source: str, cell: Mapping[str, object], number: int, files: dict[str, bytes], place: Location) -> str:
    attachments = cell.get("attachments")
    if not isinstance(attachments, dict):
        return source

    def write(match: re.Match[str]) -> str:
        name = match[1]
        kinds = cast("dict[str, object]", attachments.get(name) or {})
        if not kinds:
            raise SiteError(f"cell {number + 1} shows an attachment `{name}` that is not in the notebook", place)
        try:
            data = base64.b64decode(_text(next(iter(kinds.values()))))
        except (binascii.Error, ValueError) as error:
            raise SiteError(f"the attachment `{name}` of cell {number + 1} is damaged", place) from error
        safe = re.sub(r"[^\w.-]", "-", name).lstrip(".") or "attachment"
        if files.get(safe, data) != data:
            safe = f"{number + 1}-{safe}"
        files[safe] = data
        return f"({safe})"

    return _ATTACHMENT.sub(write, source)
