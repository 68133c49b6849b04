"""A Jupyter notebook -> a bundle: its text, math and cells as a post, its attachments as files.

What the cells gave is computed again; below those that a post does not run stands what the notebook saved.
"""

from __future__ import annotations

import ast
import base64
import binascii
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from sitegen.errors import Location, SiteError
from sitegen.reading.cell_options import IGNORED, OPTIONS
from sitegen.reading.dialects.inert import fenced, inert
from sitegen.reading.dialects.magics import Plain, make_plain
from sitegen.reading.dialects.saved_outputs import saved_outputs
from sitegen.reading.header import split_header

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_HEADING = re.compile(
    r"\A\s*(?P<above>(?:\([\w:.-]+\)=\s*|<(?:a|center|div|p)\b[^<>]*>(?:\s*</a>)?\s*)*)(?P<head>"
    r"(?:#[ \t]+(.+?)[ \t]*#*|(\S.*)\n=+)[ \t]*(?:\n|\Z)"
    r"|<h1\b[^<>]*>\s*(?:<[^<>/]+>\s*)*([^<]+)(?:</[^<>]+>\s*)*</h1>)"
)
_HEADER = re.compile(r"\A\s*---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_ATTACHMENT = re.compile(r"""(?:(?<=[(<"'])|(?<=\]: ))attachment:([^)\s"'>]+)""")
_IMAGE = re.compile(r"""!\[[^\]]*\]\(\s*<?([^)\s>]+)|<img\b[^>]*\bsrc=["']([^"']+)""")
_OPTION = re.compile(r"#\|\s*([\w-]+)\s*:")
_FLAG = re.compile(r"#\|?[ \t]*(hide|hide[_-]input|hide[_-]output|collapse(?:[_-](?:hide|input|show|output))?)[ \t]*")
_FLAGS = {
    "hide": "include: false",
    "hide-input": "echo: false",
    "hide-output": "output: false",
    **dict.fromkeys(("collapse", "collapse-hide", "collapse-input"), "code-fold: true"),
    "collapse-show": "code-fold: show",
}
"""What the first lines of a cell say in notebooks for fastpages and nbdev."""
_LISTED = re.compile(r"\A\s*#[ \t]+(.+)\n+(?:>[ \t]*(.+)\n+)?((?:[ \t]*-[ \t]+[\w-]+[ \t]*:.*(?:\n|\Z))+)\s*\Z")
"""The header of fastpages and nbdev in a first cell: a title, a sentence and a list of keys."""
_KNOWN_BY = re.compile(
    r"^[ \t]*-[ \t]+(?:toc|badges|branch|categories|comments|image|output-file|skip_exec)[ \t]*:", re.MULTILINE
)
_PRINTS = re.compile(r"^[ \t]*print\b[ \t]*[^\s(=.,:]", re.MULTILINE)
_HIDES = re.compile(r"#\| (?:(?:include|output): false|tags: .*\bremove-(?:cell|output)\b)")
_SURROGATE = re.compile("[\ud800-\udfff]")  # what a file in UTF-8 cannot hold
_COLLAPSED = {"source_hidden": "hide-input", "outputs_hidden": "remove-output"}
_HIDDEN = {
    "hide_input": "remove-input",
    "hide_output": "remove-output",
    "_kg_hide-input": "hide-input",
    "_kg_hide-output": "remove-output",
}
"""What extensions of Jupyter and Kaggle note of a cell."""
_FORM = re.compile(r"#[ \t]*@title\b[ \t]*([^{\n]*?)[ \t]*(\{[^}\n]*\})?[ \t]*(?:\n|\Z)")
"""The title that Colab shows in place of a cell's code."""

# JSON as json.loads gives it: looked into with care, since anything may be in a damaged file.
_Json = Any


@dataclass(frozen=True, slots=True)
class Notebook:
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


@dataclass(slots=True)
class _Reading:
    """A notebook while it is read. runs: whether a post can run it. Note: mutable; files, images and notes grow."""

    place: Location
    language: str
    runs: bool
    files: dict[str, bytes] = field(default_factory=dict)
    images: list[str] = field(default_factory=list)
    notes: list[tuple[int, str]] = field(default_factory=list)


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
    metadata = _mapping(notebook.get("metadata"))
    reading = _Reading(place, _language(metadata, cells), runs)
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
        part = _part(cell, source, number, reading)
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


def _cells(notebook: _Json, place: Location) -> Iterator[Mapping[str, _Json]]:
    """Yield the cells of a notebook in the form of format 4."""
    version = notebook.get("nbformat") if isinstance(notebook, dict) else None
    if version not in {3, 4}:
        message = f"this is a notebook of format {version}" if version else "this is not a notebook"
        raise SiteError(message, place, "formats 3 and 4 are read: `jupyter nbconvert --to notebook` writes format 4")
    sheets = [notebook] if version == 4 else notebook.get("worksheets")
    for sheet in sheets if isinstance(sheets, list) else [None]:
        cells = _mapping(sheet).get("cells")
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


def _source(cell: Mapping[str, _Json], number: int, place: Location) -> str:
    source = cell.get("source", "")
    text = "".join(source) if isinstance(source, list) and all(isinstance(line, str) for line in source) else source
    if not isinstance(text, str):
        raise SiteError(f"this notebook is damaged: the text of cell {number} is no text", place)
    return _SURROGATE.sub("\ufffd", text).replace("\r\n", "\n").replace("\r", "\n")


def _mapping(found: _Json) -> Mapping[str, _Json]:
    return found if isinstance(found, dict) else {}


def _language(metadata: Mapping[str, _Json], cells: Sequence[Mapping[str, _Json]]) -> str:
    """Return the language of the kernel; Python where nothing is said."""
    kernel, info = _mapping(metadata.get("kernelspec")), _mapping(metadata.get("language_info"))
    named = kernel.get("language") or info.get("name") or next((c["language"] for c in cells if c.get("language")), "")
    word = str(named or {"ir": "r"}.get(str(kernel.get("name")), "python")).lower()
    return "python" if word in {"python", "python3", "ipython"} else re.sub(r"[^\w+#-]", "", word)


def _of_python_2(cells: Sequence[Mapping[str, _Json]], reading: _Reading) -> int:
    """Return the number of the first cell that prints by Python 2's statement, where others would run without it; else 0."""
    sources = {n: _source(cell, n, reading.place) for n, cell in enumerate(cells, 1) if cell["cell_type"] == "code"}
    if reading.language != "python" or not any(map(_PRINTS.search, sources.values())):
        return 0
    stay = [number for number, source in sources.items() if "eval: false" in make_plain(source).options]
    old = next((number for number in stay if _PRINTS.search(sources[number])), 0)
    return old if len(stay) < len(sources) else 0


def _title(parts: list[str], header: str, metadata: Mapping[str, _Json], place: Location) -> tuple[str, list[str]]:
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


def _authors(header: str, metadata: Mapping[str, _Json]) -> str:
    found = metadata.get("authors")
    names = [str(person["name"]) for person in found if _mapping(person).get("name")] if isinstance(found, list) else []
    said = re.search(r"(?m)^authors?\s*:", header)
    return f"authors: {json.dumps(names, ensure_ascii=False)}\n" if names and not said else ""


def _part(cell: Mapping[str, _Json], source: str, number: int, reading: _Reading) -> str:
    """Return what a cell becomes, as Markdown."""
    metadata = _mapping(cell.get("metadata"))
    kind = cell["cell_type"]
    if "sitegen" in metadata:  # of a post's own download: what the build says of it, or gives to every program
        reading.files.update(_modules(source) if kind == "code" else {})
        return ""
    if kind == "markdown":
        return _prose(_attached(source, cell, number, reading), reading)
    if kind == "code":
        return _code(source, cell, number, reading) if source.strip() else ""
    if kind != "raw" or not source.strip():
        return ""
    form = str(metadata.get("raw_mimetype") or metadata.get("format") or "")
    if form in {"text/markdown", "text/html"}:
        return _prose(source, reading)
    reading.notes.append((number, "a raw cell is shown as it is"))
    return fenced(source, "")


def _modules(code: str) -> Iterator[tuple[str, bytes]]:
    """Yield (file, content) of the blog's modules that travel inside a post's download, sitegen's own apart."""
    for call in ast.walk(ast.parse(code)):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "_module":
            values = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
            if len(values) == 3 and not str(values[0]).startswith("sitegen"):
                name = str(values[0]).replace(".", "/") + ("/__init__.py" if values[2] else ".py")
                yield name, str(values[1]).encode()


def _prose(text: str, reading: _Reading) -> str:
    reading.images += _local_images(text)
    return inert(text)


def _local_images(text: str) -> Iterator[str]:
    for match in _IMAGE.finditer(text):
        name = unquote(match[1] or match[2]).partition("?")[0].removeprefix("./")
        if not re.match(r"[a-z][\w+.-]*:|/|#", name, re.IGNORECASE) and ".." not in name.split("/"):
            yield name


def _code(source: str, cell: Mapping[str, _Json], number: int, reading: _Reading) -> str:
    """Return the fence of a code cell, with its options, those that its tags mean included, and what it gave if it does not run."""
    metadata = _mapping(cell.get("metadata"))
    language = str(_mapping(metadata.get("vscode")).get("languageId") or reading.language)
    options, code = _options(source, number, reading)
    if language != "python":
        return _with_outputs(fenced(code, re.sub(r"[^\w+#-]", "", language)), cell, number, reading)
    plain = make_plain(code) if reading.runs else Plain(code, options=("eval: false",))
    reading.notes += [(number, note) for note in plain.notes]
    if plain.file:
        reading.files[plain.file[0]] = (plain.file[1].rstrip("\n") + "\n").encode()
    if plain.language == "markdown":
        return _prose(plain.code, reading)
    if not plain.runs:
        return _with_outputs(fenced(plain.code, plain.language), cell, number, reading)
    stays = "eval: false" in plain.options
    again, code = _options(plain.code, number, reading)
    options += [*again, *_tag_option(metadata if stays else _with_error(cell, number, reading))]
    given = {match[1] for line in options if (match := _OPTION.match(line))}
    more = [*_form(code, metadata), *plain.options]
    options += [f"#| {option}" for option in more if option.partition(":")[0] not in given]
    fence = fenced("\n".join([*options, code.strip("\n")]), "{python}") if code.strip() else ""
    return _with_outputs(fence, cell, number, reading) if stays and not any(map(_HIDES.match, options)) else fence


def _form(code: str, metadata: Mapping[str, _Json]) -> list[str]:
    """Return the options of a cell of which Colab shows its title alone."""
    form = _FORM.match(code)
    if metadata.get("cellView") != "form" and not (form and form[2] and "form" in form[2]):
        return []
    return [
        "code-fold: true",
        *([f"code-summary: {json.dumps(form[1], ensure_ascii=False)}"] if form and form[1] else []),
    ]


def _with_outputs(fence: str, cell: Mapping[str, _Json], number: int, reading: _Reading) -> str:
    return "\n\n".join([fence, *saved_outputs(cell.get("outputs"), number, reading.files)])


def _with_error(cell: Mapping[str, _Json], number: int, reading: _Reading) -> Mapping[str, _Json]:
    """Return what is noted of a cell, with the tag of those that raise where the notebook shows what it raised."""
    metadata, outputs = _mapping(cell.get("metadata")), cell.get("outputs")
    kinds = [_mapping(output).get("output_type") for output in outputs] if isinstance(outputs, list) else []
    tags = found if isinstance(found := metadata.get("tags"), list) else []
    if not {"error", "pyerr"} & set(map(str, kinds)) or "raises-exception" in tags:
        return metadata
    reading.notes.append((number, "what this cell raised is shown, as in the notebook, by its tag `raises-exception`"))
    return {**metadata, "tags": [*tags, "raises-exception"]}


def _options(source: str, number: int, reading: _Reading) -> tuple[list[str], str]:
    """Return the `#|` lines at the top of a cell, those of other tools as plain comments of the code."""
    lines = source.lstrip("\n").split("\n")
    count = next((n for n, line in enumerate(lines) if not line.startswith("#|")), len(lines))
    kept: list[str] = []
    others: list[str] = []
    while count < len(lines) and (flag := _FLAG.fullmatch(lines[count])):  # without its bar
        lines[count] = f"#|{flag[1]}"
        count += 1
    for line in lines[:count]:
        match = _OPTION.match(line)
        if flag := _FLAG.fullmatch(line):
            kept += [f"#| {_FLAGS[name]}" for name in [flag[1].replace("_", "-")] if name in _FLAGS]
            continue
        continues = kept and not others and not match and re.match(r"#\|(\s{2,}|\s*-\s)", line)
        if continues or (match and match[1] in OPTIONS | IGNORED):
            kept.append(line)
        else:
            others.append(f"# {line[2:].strip()}")
            reading.notes.append((number, f"`{line}` is no option of a cell here, and a comment now"))
    return kept, "\n".join([*others, *lines[count:]])


def _tag_option(metadata: Mapping[str, _Json]) -> list[str]:
    """Return the tags of a cell as an option, JupyterLab's folding and nbconvert's spelling (`hide_input`) included."""
    found = metadata.get("tags")
    tags = [str(tag).replace("_", "-") for tag in found] if isinstance(found, list) else []
    folded = _mapping(metadata.get("jupyter"))
    tags += [tag for key, tag in _COLLAPSED.items() if folded.get(key) is True]
    tags += [tag for key, tag in _HIDDEN.items() if metadata.get(key) is True]
    names = [json.dumps(tag, ensure_ascii=False) if re.search(r"[^\w-]", tag) else tag for tag in dict.fromkeys(tags)]
    return [f"#| tags: [{', '.join(names)}]"] if names else []


def _attached(source: str, cell: Mapping[str, _Json], number: int, reading: _Reading) -> str:
    """Return text whose attachments have become files of the bundle."""
    attachments = _mapping(cell.get("attachments"))

    def write(match: re.Match[str]) -> str:
        name = unquote(match[1])
        kinds = _mapping(attachments.get(match[1]) or attachments.get(name))
        if not kinds:
            message = f"cell {number} shows an attachment `{name}` that is not in the notebook"
            raise SiteError(message, reading.place, "paste the picture again, or remove it from the text")
        data = next(iter(kinds.values()))
        try:
            content = base64.b64decode("".join(data) if isinstance(data, list) else data, validate=False)
        except (binascii.Error, ValueError, TypeError) as error:
            raise SiteError(f"the attachment `{name}` of cell {number} is damaged", reading.place) from error
        safe = re.sub(r"[^\w.-]", "-", name).lstrip(".") or "attachment"
        if reading.files.get(safe, content) != content:
            safe = f"{number}-{safe}"
        reading.files[safe] = content
        return safe

    return _ATTACHMENT.sub(write, source)
