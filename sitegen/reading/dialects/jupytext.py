"""A notebook that jupytext keeps as Markdown: its plain fences of Python are the notebook's cells, and become cells here.

In every other post a plain fence never runs; here its header says that text and fences are one notebook.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sitegen.later import later
from sitegen.reading.code_lines import known_lines

if TYPE_CHECKING:
    from sitegen.fields import Fields

_FENCE = later(r"(`{3,})(?:python3?|ipython3?)(?![^\s`])([^`]*)")
_ONLY_TEXT = later(r"\.noeval\b|\bactive=(?![\"'][^\"']*(?:ipynb|py\b))|\b(?:figure|check)\b")
_TAGS = later(r"\btags=(\[[^\]]*\])")
_FOLDED = later(r"\b(?:hide_input=true|jupyter=\{[^{}]*\"source_hidden\": true)")
_OTHER_KERNELS = later(
    r"(?:r|ir|julia.*|matlab|octave|bash|c\+\+.*|xcpp.*|scala|sql|java|javascript|haskell|sage.*|rust|ruby|go)\Z",
    re.IGNORECASE,
)
_UNNAMED = later(r"^([ \t>]*(?:`{3,}|~{3,}|:{3,})[ \t]*\{code-cell\})[ \t]*$", re.MULTILINE)
_REGION = later(r"[ \t]*<!--[ \t]*#(end)?(?:region|md|raw)\b")


def is_notebook(fields: Fields) -> bool:
    """Whether a header says that the fences of Python below it are cells."""
    jupyter = _mapping(fields, "jupyter")
    jupytext = _mapping(jupyter, "jupytext") or _mapping(fields, "jupytext")
    if jupytext is None:
        return False
    form = _mapping(jupytext, "text_representation")
    name = form.text("format_name") if form else ""
    pairs = jupytext.text("formats") if "formats" in jupytext and not jupytext.is_mapping("formats") else ""
    if name != "markdown" and (name or not re.search(r"(?:^|,)(?:[^,]*//)?(?:md|markdown)(?:,|$)", pairs)):
        return False
    return not _OTHER_KERNELS.match(_language(fields) or jupytext.text("main_language"))


def with_language(text: str, fields: Fields) -> str:
    """Return the text whose MyST's cells that name no language name the kernel's, where that is not Python."""
    language = _language(fields) if "{code-cell}" in text else ""
    if not _OTHER_KERNELS.match(language):
        return text
    return _UNNAMED.sub(rf"\1 {'r' if language == 'ir' else re.sub(r'[^a-z+]', '', language.lower())}", text)


def _language(fields: Fields) -> str:
    """Return the language of a notebook's kernel; an environment of Python is often its own."""
    kernel = _mapping(_mapping(fields, "jupyter"), "kernelspec") or _mapping(fields, "kernelspec")
    return kernel.text("language") or kernel.text("name") if kernel else ""


def notebook_cells(text: str) -> str:
    """Return the text with the fences that are cells marked as such; those in a region belong to its text."""
    lines = text.split("\n")
    regions = 0
    for number, line, code in known_lines(lines):
        if code == "goes on":
            continue
        region = _REGION.match(line)
        if region:
            regions = max(regions - 1, 0) if region[1] else regions + 1
        cell = _FENCE.fullmatch(line) if code and not regions else None
        if cell and not _ONLY_TEXT.search(cell[2]):
            lines[number] = f"{cell[1]}{{python{_options(cell[2])}}}"
    return "\n".join(lines)


def _options(metadata: str) -> str:
    """Return what a cell's metadata means here: its tags, whether its code is folded; the rest is Jupyter's own."""
    tags = _TAGS.search(metadata)
    return f" tags={tags[1]}" if tags else " code-fold=true" if _FOLDED.search(metadata) else ""


def _mapping(fields: Fields | None, key: str) -> Fields | None:
    return fields.mapping(key) if fields is not None and fields.is_mapping(key) else None
