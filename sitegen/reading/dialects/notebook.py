"""A Jupyter notebook -> a bundle: its text, math and cells as a post, its attachments as files.

What the cells gave is computed again; below those that a post does not run stands what the notebook saved.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from msgspec import Struct

from sitegen.errors import Location, SiteError
from sitegen.reading.dialects.magics import make_plain
from sitegen.reading.dialects.notebook_cells import Json, Reading, mapping, markdown_of
from sitegen.reading.header import split_header

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_HEADING = re.compile(
    r"\A\s*(?P<above>(?:\([\w:.-]+\)=\s*|<(?:a|center|div|p)\b[^<>]*>(?:\s*</a>)?\s*)*)(?P<head>"
    r"(?:#[ \t]+(.+?)[ \t]*#*|(\S.*)\n=+)[ \t]*(?:\n|\Z)"
    r"|<h1\b[^<>]*>\s*(?:<[^<>/]+>\s*)*([^<]+)(?:</[^<>]+>\s*)*</h1>)"
)
_HEADER = re.compile(r"\A\s*---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_LISTED = re.compile(r"\A\s*#[ \t]+(.+)\n+(?:>[ \t]*(.+)\n+)?((?:[ \t]*-[ \t]+[\w-]+[ \t]*:.*(?:\n|\Z))+)\s*\Z")
"""The header of fastpages and nbdev in a first cell: a title, a sentence and a list of keys."""
_KNOWN_BY = re.compile(
    r"^[ \t]*-[ \t]+(?:toc|badges|branch|categories|comments|image|output-file|skip_exec)[ \t]*:", re.MULTILINE
)
_PRINTS = re.compile(r"^[ \t]*print\b[ \t]*[^\s(=.,:]", re.MULTILINE)
_SURROGATE = re.compile("[\ud800-\udfff]")  # what a file in UTF-8 cannot hold


class Notebook(Struct, frozen=True):
    """What a notebook becomes.

    title: that of its header, its metadata or its first heading, or "". header: YAML of its own, without the marks.
    files: attachments, and what its cells write, by name. images: what it shows of the files beside it.
    notes: (number of a cell, from 1, and what was changed in it).
    """

    title: str
    header: str
    body: str
    files: Mapping[str, bytes]
    images: tuple[str, ...]
    notes: tuple[tuple[int, str], ...]


def read_notebook(content: bytes, path: str, *, runs: bool = True) -> Notebook:
    """Read a notebook of format 3 or 4. runs: whether its cells are to run. Raises SiteError when it is none, or damaged."""
    place = Location(path)
    try:
        notebook = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise SiteError(f"this is not a notebook: byte {error.start} is not UTF-8", place) from error
    except json.JSONDecodeError as error:
        at = Location(path, error.lineno, error.colno)
        raise SiteError(f"this notebook is damaged: {error.msg}", at, "save it again from Jupyter") from error
    except (ValueError, RecursionError) as error:
        raise SiteError(f"this is not a notebook: {error}", place, "save it again from Jupyter") from error
    cells = list(_cells(notebook, place))
    metadata = mapping(notebook.get("metadata"))
    reading = Reading(place, _language(metadata, cells), runs)
    if runs and (old := _of_python_2(cells, reading)):
        reading.runs = False
        reading.notes.append((old, "this is Python 2: what the notebook saved is shown, and nothing runs"))
    header = ""
    parts: list[str] = []
    for number, cell in enumerate(cells, 1):
        source = _source(cell, number, place)
        own = _HEADER.match(source) if not header and not parts else None
        if own and cell["cell_type"] in {"raw", "markdown"} and ":" in own[1]:
            header = own[1]
            source = source[own.end() :]
        listed = _LISTED.match(source) if not header and not parts and cell["cell_type"] == "markdown" else None
        if listed and _KNOWN_BY.search(listed[3]):
            header = _listed_header(listed)
            continue
        part = markdown_of(cell, source, number, reading)
        if part.strip():
            parts.append(part)
    title, parts = _title(parts, header, metadata, place)
    return Notebook(
        title=title,
        header=header + _authors(header, metadata),
        body="\n\n".join(part.strip("\n") for part in parts if part.strip()) + "\n",
        files=reading.files,
        images=tuple(dict.fromkeys(name for name in reading.images if name not in reading.files)),
        notes=tuple(reading.notes),
    )


def _cells(notebook: Json, place: Location) -> Iterator[Mapping[str, Json]]:
    """Yield the cells of a notebook in the form of format 4."""
    version = notebook.get("nbformat") if isinstance(notebook, dict) else None
    if version not in {3, 4}:
        message = f"this is a notebook of format {version}" if version else "this is not a notebook"
        raise SiteError(message, place, "formats 3 and 4 are read: `jupyter nbconvert --to notebook` writes format 4")
    sheets = [notebook] if version == 4 else notebook.get("worksheets")
    for sheet in sheets if isinstance(sheets, list) else [None]:
        cells = mapping(sheet).get("cells")
        if not isinstance(cells, list):
            raise SiteError("this notebook is damaged: it has no list of cells", place, "save it again from Jupyter")
        for number, cell in enumerate(cells, 1):
            if not isinstance(cell, dict) or not isinstance(cell.get("cell_type"), str):
                raise SiteError(f"this notebook is damaged: cell {number} is not a cell", place)
            if cell["cell_type"] == "heading":
                level = cell.get("level")
                hashes = "#" * (level if isinstance(level, int) and 1 <= level <= 6 else 1)
                yield {"cell_type": "markdown", "source": f"{hashes} {_source(cell, number, place)}"}
            else:
                yield {**cell, "source": cell.get("source", cell.get("input", ""))}


def _source(cell: Mapping[str, Json], number: int, place: Location) -> str:
    source = cell.get("source", "")
    text = "".join(source) if isinstance(source, list) and all(isinstance(line, str) for line in source) else source
    if not isinstance(text, str):
        raise SiteError(f"this notebook is damaged: the text of cell {number} is no text", place)
    return _SURROGATE.sub("\ufffd", text).replace("\r\n", "\n").replace("\r", "\n")


def _language(metadata: Mapping[str, Json], cells: Sequence[Mapping[str, Json]]) -> str:
    """Return the language of the kernel; Python where nothing is said."""
    kernel, info = mapping(metadata.get("kernelspec")), mapping(metadata.get("language_info"))
    named = kernel.get("language") or info.get("name") or next((c["language"] for c in cells if c.get("language")), "")
    word = str(named or {"ir": "r"}.get(str(kernel.get("name")), "python")).lower()
    return "python" if word in {"python", "python3", "ipython"} else re.sub(r"[^\w+#-]", "", word)


def _of_python_2(cells: Sequence[Mapping[str, Json]], reading: Reading) -> int:
    """Return the number of the first cell that prints by Python 2's statement, where others would run without it; else 0."""
    sources = {n: _source(cell, n, reading.place) for n, cell in enumerate(cells, 1) if cell["cell_type"] == "code"}
    if reading.language != "python" or not any(map(_PRINTS.search, sources.values())):
        return 0
    stay = [number for number, source in sources.items() if "eval: false" in make_plain(source).options]
    old = next((number for number in stay if _PRINTS.search(sources[number])), 0)
    return old if len(stay) < len(sources) else 0


def _title(parts: list[str], header: str, metadata: Mapping[str, Json], place: Location) -> tuple[str, list[str]]:
    """Return the title and the parts without the heading that gave it, or repeats it."""
    fields, _, errors = split_header(f"---\n{header}---\n", place.path)
    if errors:
        raise SiteError(f"the header in its first cell is no YAML: {errors[0].message}", place, errors[0].hint)
    said = fields.text("title") or str(metadata.get("title") or "" if header == "" else "")
    number, heading = next(((n, head) for n, part in enumerate(parts) if (head := _HEADING.match(part))), (0, None))
    found = " ".join((heading[3] or heading[4] or heading[5]).split()) if heading else ""
    if not heading or said not in {"", found}:
        return said, parts
    if number or ")=" in heading["above"]:  # labels it; the build leaves out a heading that says the title again
        return found, parts
    return found, [parts[0][: heading.start("head")] + parts[0][heading.end() :], *parts[1:]]


def _listed_header(listed: re.Match[str]) -> str:
    title, description = (json.dumps(said.strip(' "'), ensure_ascii=False) for said in (listed[1], listed[2] or ""))
    lines = [f"title: {title}", *([f"description: {description}"] if listed[2] else [])]
    return "\n".join([*lines, *re.findall(r"^[ \t]*-[ \t]+(.*\S)", listed[3], re.MULTILINE)]) + "\n"


def _authors(header: str, metadata: Mapping[str, Json]) -> str:
    found = metadata.get("authors")
    names = [str(person["name"]) for person in found if mapping(person).get("name")] if isinstance(found, list) else []
    said = re.search(r"(?m)^authors?\s*:", header)
    return f"authors: {json.dumps(names, ensure_ascii=False)}\n" if names and not said else ""
