"""What a cell is told: the info string of its fence, `#|` lines, tags and MyST-NB's mappings -> fields, checked by `cells`."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from msgspec import Struct

from sitegen.errors import SiteError
from sitegen.fields import Fields, read_fields
from sitegen.later import later

if TYPE_CHECKING:
    from sitegen.errors import Location
    from sitegen.reading.context import Reading

OPTIONS = frozenset(
    """
    label fig-cap fig-alt fig-width fig-height fig-asp fig-format fig-dpi fig-svg-size fig-narrow fig-hover
    fig-data eval echo output include error warning code-fold code-summary name tags depends freeze check
    hl-lines fig-subcap layout-ncol layout column tbl-cap lst-cap lst-label slider slider-lock animation
    """.split()
)
LATER = frozenset(["tbl-subcap"])
# Quarto's and knitr's, about the look in other formats or about other caches: taken note of, and without a meaning here.
IGNORED = frozenset(
    """
    active cellView cell_id colab colab_type executionInfo jupyter kernelspec language lines_to_next_cell
    nbgrader outputId outputs_hidden papermill pycharm attributes collapsed deletable editable inputHidden
    outputHidden run-control run_control scrolled slideshow vscode fig-align fig-pos fig-env fig-link fig-scap
    fig-responsive tbl-colwidths message cache results code-overflow code-line-numbers code-copy classes id
    mystnb comment prompt tidy panel output-location html-table-processing renderings layout-nrow layout-align layout-valign
    fig-column tbl-column cap-location fig-cap-location tbl-cap-location export
    """.split()
)

_CALL = later(r"[{,]\s*[\w-]+\s*:\s*((?:[A-Za-z_][\w.]*)?\()")
_CELL = re.compile(
    r"\{([Pp]ython3?(?![\w.-])|code-cell\b)[\s,]*((?:[^{}]|\{[^{}]*\})*)\}\s*((?:\w+(?![\w-]*=))?)(.*)", re.DOTALL
)
_MARKED = re.compile(r"python\d?\s+(figure|check)\b(.*)", re.DOTALL)
_PAIR = later(r"""(?:#([\w:-]+)|([\w.-]+)\s*=\s*("[^"]*"|'[^']*'|\{[^{}]*\}|\[[^\[\]]*\]|[^\s,]+))[\s,]*""")
_MYST_TAGS = {
    "hide-input": ("code-fold", "true"),
    "remove-input": ("echo", "false"),
    "hide-cell": ("code-fold", "true"),
    "remove-output": ("output", "false"),
    "remove-cell": ("include", "false"),
    "raises-exception": ("error", "true"),
    "skip-execution": ("eval", "false"),
}


class Fence(Struct, frozen=True):
    """What the info string of a cell's fence says. kind: `cell`, `figure` or `check`."""

    kind: str
    options: str
    myst: bool


def cell_fence(info: str) -> Fence | None:
    """Return what kind of cell an info string opens, or None when its code is never run."""
    info = info.strip()
    match = _CELL.fullmatch(info)
    if match:
        language = match[3].lower()
        if match[1] == "code-cell" and language and "python" not in language:
            return None
        return Fence("cell", f"{match[2]} {match[4]}".strip(), myst=match[1] == "code-cell")
    match = _MARKED.fullmatch(info)
    return Fence(match[1], match[2].strip(), myst=False) if match else None


def split_options(fence: Fence, content: str) -> tuple[str, str, int]:
    """Return (options as YAML, code, lines that the options take); markers become blanks, so that columns stay."""
    lines = content.split("\n")
    if fence.myst and lines and lines[0].strip() == "---":
        end = next((n for n, text in enumerate(lines[1:], 1) if text.strip() == "---"), 0)
        return "\n" + "\n".join(lines[1:end]), "\n".join(lines[end + 1 :]), end + 1
    # A comment may be a table that is drawn, `# | a | b |`.
    marker = re.compile(r"\s*#(?:\|| \|(?=\s*(?:[\w-]+:|-)(?:\s|\Z))) ?" + r"|:(?=[\w-]+:)" * fence.myst)
    count = 0
    while count < len(lines) and marker.match(lines[count]):
        count += 1
    options = [marker.sub("   " if not fence.myst else " ", text, count=1) for text in lines[:count]]
    options = [_quoted_calls(text) if "{" in text else text for text in options]
    return "\n".join(options), "\n".join(lines[count:]), count


def info_options(text: str, reading: Reading, location: Location, errors: list[SiteError]) -> Fields:
    """Read `key=value` pairs of an info string, knitr's spelling (`fig.cap`, `TRUE`) included."""
    lines = []
    name = re.match(r"([\w-]+)(?:[\s,]+|$)", text)  # knitr's label: the first word by itself
    position = name.end() if name else 0
    if name:
        lines.append(f"label: {name[1]}")
    while position < len(text):
        match = _PAIR.match(text, position)
        if not match:
            hint = "write options as key=value, or as `#| key: value` lines at the top of the cell"
            errors.append(SiteError(f"`{text[position:]}` is not an option of a cell", location, hint))
            break
        key = "label" if match[1] else match[2].replace(".", "-").replace("_", "-")
        value = match[1] or match[3]
        lines.append(f"{key}: {value.lower() if value in {'TRUE', 'FALSE'} else value}")
        position = match.end()
    fields, more = read_fields("\n".join(lines), reading.path, location.line)
    errors += more
    return fields


def from_tags(fields: Fields, location: Location) -> Fields:
    """Read the tags by which Jupyter Book hides and shows parts of a cell, such as `hide-input`."""
    pairs = dict(_MYST_TAGS[tag] for tag in fields.words("tags") if tag in _MYST_TAGS)
    return read_fields("\n".join(f"{key}: {value}" for key, value in pairs.items()), location.path, location.line)[0]


def from_mystnb(fields: Fields, location: Location) -> Fields:
    """Read MyST-NB's `mystnb: {figure: {caption: ..., name: ...}, image: {alt: ...}}`."""
    said = fields.mapping("mystnb")
    figure, image = said.mapping("figure"), said.mapping("image")
    pairs = {"fig-cap": figure.text("caption"), "label": figure.text("name"), "fig-alt": image.text("alt")}
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in pairs.items() if value]
    return read_fields("\n".join(lines), location.path, location.line)[0]


def _quoted_calls(line: str) -> str:
    """Quote the calls in a flow mapping, whose commas YAML would take for its own: `{T: linspace(0, 1, 9)}`."""
    parts, position = [], 0
    while match := _CALL.search(line, position):
        end, depth = match.end(), 1
        while end < len(line) and depth:
            depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(line[end], 0)
            end += 1
        parts += [line[position : match.start(1)], '"', line[match.start(1) : end].replace('"', "'"), '"']
        position = end
    return "".join(parts) + line[position:]
