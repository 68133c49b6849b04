"""A cell of a Jupyter notebook -> Markdown: text, or the fence of a cell with its options, and files that come along."""

from __future__ import annotations

import ast
import base64
import binascii
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from msgspec import Struct

from sitegen.errors import Location, SiteError
from sitegen.reading.cell_options import IGNORED, OPTIONS
from sitegen.reading.dialects.inert import fenced, inert
from sitegen.reading.dialects.magics import Plain, make_plain
from sitegen.reading.dialects.saved_outputs import saved_outputs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
_HIDES = re.compile(r"#\| (?:(?:include|output): false|tags: .*\bremove-(?:cell|output)\b)")
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
Json = Any


class Reading(Struct):
    """A notebook while it is read. runs: whether a post can run it. Note: mutable; files, images and notes grow."""

    place: Location
    language: str
    runs: bool
    files: dict[str, bytes] = {}
    images: list[str] = []
    notes: list[tuple[int, str]] = []


def mapping(found: Json) -> Mapping[str, Json]:
    """Return a mapping of a notebook's, an empty one where something else stands."""
    return found if isinstance(found, dict) else {}


def markdown_of(cell: Mapping[str, Json], source: str, number: int, reading: Reading) -> str:
    """Return what a cell becomes, as Markdown."""
    metadata = mapping(cell.get("metadata"))
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


def _prose(text: str, reading: Reading) -> str:
    reading.images += _local_images(text)
    return inert(text)


def _local_images(text: str) -> Iterator[str]:
    for match in _IMAGE.finditer(text):
        name = unquote(match[1] or match[2]).partition("?")[0].removeprefix("./")
        if not re.match(r"[a-z][\w+.-]*:|/|#", name, re.IGNORECASE) and ".." not in name.split("/"):
            yield name


def _code(source: str, cell: Mapping[str, Json], number: int, reading: Reading) -> str:
    """Return the fence of a code cell, with its options, those that its tags mean included, and what it gave if it does not run."""
    metadata = mapping(cell.get("metadata"))
    language = str(mapping(metadata.get("vscode")).get("languageId") or reading.language)
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


def _form(code: str, metadata: Mapping[str, Json]) -> list[str]:
    """Return the options of a cell of which Colab shows its title alone."""
    form = _FORM.match(code)
    if metadata.get("cellView") != "form" and not (form and form[2] and "form" in form[2]):
        return []
    return [
        "code-fold: true",
        *([f"code-summary: {json.dumps(form[1], ensure_ascii=False)}"] if form and form[1] else []),
    ]


def _with_outputs(fence: str, cell: Mapping[str, Json], number: int, reading: Reading) -> str:
    return "\n\n".join([fence, *saved_outputs(cell.get("outputs"), number, reading.files)])


def _with_error(cell: Mapping[str, Json], number: int, reading: Reading) -> Mapping[str, Json]:
    """Return what is noted of a cell, with the tag of those that raise where the notebook shows what it raised."""
    metadata, outputs = mapping(cell.get("metadata")), cell.get("outputs")
    kinds = [mapping(output).get("output_type") for output in outputs] if isinstance(outputs, list) else []
    tags = found if isinstance(found := metadata.get("tags"), list) else []
    if not {"error", "pyerr"} & set(map(str, kinds)) or "raises-exception" in tags:
        return metadata
    reading.notes.append((number, "what this cell raised is shown, as in the notebook, by its tag `raises-exception`"))
    return {**metadata, "tags": [*tags, "raises-exception"]}


def _options(source: str, number: int, reading: Reading) -> tuple[list[str], str]:
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


def _tag_option(metadata: Mapping[str, Json]) -> list[str]:
    """Return the tags of a cell as an option, JupyterLab's folding and nbconvert's spelling (`hide_input`) included."""
    found = metadata.get("tags")
    tags = [str(tag).replace("_", "-") for tag in found] if isinstance(found, list) else []
    folded = mapping(metadata.get("jupyter"))
    tags += [tag for key, tag in _COLLAPSED.items() if folded.get(key) is True]
    tags += [tag for key, tag in _HIDDEN.items() if metadata.get(key) is True]
    names = [json.dumps(tag, ensure_ascii=False) if re.search(r"[^\w-]", tag) else tag for tag in dict.fromkeys(tags)]
    return [f"#| tags: [{', '.join(names)}]"] if names else []


def _attached(source: str, cell: Mapping[str, Json], number: int, reading: Reading) -> str:
    """Return text whose attachments have become files of the bundle."""
    attachments = mapping(cell.get("attachments"))

    def write(match: re.Match[str]) -> str:
        name = unquote(match[1])
        kinds = mapping(attachments.get(match[1]) or attachments.get(name))
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
