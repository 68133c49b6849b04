"""A fence and its options -> a Cell and a Step of the program; the four fences of a cell are told apart here."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sitegen.config import read_cell_defaults
from sitegen.errors import SiteError
from sitegen.fields import Fields, read_fields
from sitegen.labels import kind_of, normal_label
from sitegen.model import Cell, Step
from sitegen.reading.highlight import Listing, highlight_code, marked_lines

if TYPE_CHECKING:
    from typing import Literal

    from sitegen.config import CellDefaults
    from sitegen.errors import Location
    from sitegen.model import Fragment
    from sitegen.reading.context import Reading

OPTIONS = frozenset(
    [
        "label",
        "fig-cap",
        "fig-alt",
        "fig-width",
        "fig-height",
        "fig-asp",
        "fig-format",
        "fig-dpi",
        "fig-svg-size",
        "fig-narrow",
        "fig-hover",
        "fig-data",
        "eval",
        "echo",
        "output",
        "include",
        "error",
        "warning",
        "code-fold",
        "code-summary",
        "name",
        "tags",
        "depends",
        "freeze",
        "check",
        "hl-lines",
        "fig-subcap",
        "layout-ncol",
        "layout",
        "column",
        "tbl-cap",
        "lst-cap",
        "lst-label",
        "slider",
        "slider-lock",
        "animation",
    ]
)
LATER = frozenset(["tbl-subcap"])
# Quarto's and knitr's, about the look in other formats or about other caches: taken note of, and without a meaning here.
IGNORED = frozenset(
    [
        "active",
        "cellView",
        "cell_id",
        "colab",
        "colab_type",
        "executionInfo",
        "jupyter",
        "kernelspec",
        "language",
        "lines_to_next_cell",
        "nbgrader",
        "outputId",
        "outputs_hidden",
        "papermill",
        "pycharm",
        "attributes",
        "collapsed",
        "deletable",
        "editable",
        "inputHidden",
        "outputHidden",
        "run-control",
        "run_control",
        "scrolled",
        "slideshow",
        "vscode",
        "fig-align",
        "fig-pos",
        "fig-env",
        "fig-link",
        "fig-scap",
        "fig-responsive",
        "tbl-colwidths",
        "message",
        "cache",
        "results",
        "code-overflow",
        "code-line-numbers",
        "code-copy",
        "classes",
        "id",
        "mystnb",
        "comment",
        "prompt",
        "tidy",
    ]
)

MOST_SLIDERS = 2
_SLIDER_HINT = "write #| slider: {T: linspace(0.1, 5, 30)}"
_GREEK = frozenset(
    [
        "alpha",
        "beta",
        "gamma",
        "delta",
        "epsilon",
        "varepsilon",
        "zeta",
        "eta",
        "theta",
        "vartheta",
        "iota",
        "kappa",
        "lambda",
        "mu",
        "nu",
        "xi",
        "pi",
        "rho",
        "sigma",
        "tau",
        "upsilon",
        "phi",
        "varphi",
        "chi",
        "psi",
        "omega",
        "Gamma",
        "Delta",
        "Theta",
        "Lambda",
        "Xi",
        "Pi",
        "Sigma",
        "Phi",
        "Psi",
        "Omega",
    ]
)
_CALL = re.compile(r"[{,]\s*[\w-]+\s*:\s*((?:[A-Za-z_][\w.]*)?\()")
_CHECK_SUMMARY = "How this is checked"
_CELL = re.compile(r"\{(python|code-cell)\b[\s,]*((?:[^{}]|\{[^{}]*\})*)\}\s*((?:\w+(?![\w-]*=))?)(.*)", re.DOTALL)
_MARKED = re.compile(r"python\d?\s+(figure|check)\b(.*)", re.DOTALL)
_PAIR = re.compile(r"""(?:#([\w:-]+)|([\w.-]+)\s*=\s*("[^"]*"|'[^']*'|\{[^{}]*\}|\[[^\[\]]*\]|[^\s,]+))[\s,]*""")
_MYST_TAGS = {
    "hide-input": ("code-fold", "true"),
    "remove-input": ("echo", "false"),
    "hide-cell": ("code-fold", "true"),
    "remove-output": ("output", "false"),
    "remove-cell": ("include", "false"),
    "raises-exception": ("error", "true"),
    "skip-execution": ("eval", "false"),
}


@dataclass(frozen=True, slots=True)
class Fence:
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


def read_cell(
    fence: Fence, content: str, line: int, reading: Reading, *, within: bool = False, annotated: bool = False
) -> str:
    """Add a cell whose fence stands on body line `line` (from 0) to the reading, and return its hole.

    within: whether it stands within a figure that has a caption and a number. annotated: whether a list below explains it.
    """
    location = reading.place(line)
    options, code, skipped = _split_options(fence, content)
    fields, errors = read_fields(options, reading.path, location.line + 1)
    fields = fields.over(_info_options(fence.options, reading, location, errors))
    if "tags" in fields:
        fields = fields.over(_from_tags(fields, location))
    if fields.is_mapping("mystnb"):
        fields = fields.over(_from_mystnb(fields, location))
    for name in fields:
        if name in LATER:
            fields.error(name, f"the option `{name}` is not supported yet", "leave it out for now")
    fields.refuse_unknown(OPTIONS | LATER | IGNORED, "cell option")
    kind = "check" if fields.flag("check", False) else fence.kind
    reading.depends += tuple((name, fields.place("depends")) for name in fields.words("depends", separator=""))
    reading.freeze |= fields.flag("freeze", False)
    settings = read_cell_defaults(fields, reading.cells)
    folds = "code-fold" in fields or reading.cells.code_fold != "false"
    fold = settings.code_fold if folds or kind == "cell" else "true"
    column = _column(fields)
    columns = int(fields.number("layout-ncol", 1, 1, 12))
    layout = fields.rows("layout")
    width, height = _size(settings, fields, column, max(columns, *map(len, layout), 1))
    sliders, labels = _read_sliders(fields, reading)
    step = None
    if settings.eval:
        step = reading.add_step(
            Step(
                code=code,
                kind="cell",
                size=(width, height),
                dpi=settings.fig_dpi,
                format=settings.fig_format,
                heaviest=settings.fig_svg_size,
                narrow=settings.fig_narrow,
                hover=settings.fig_hover,
                data=settings.fig_data,
                raises=settings.error,
                sliders=sliders,
                locked=fields.flag("slider-lock", True),
                animated=fields.flag("animation", True),
            ),
            reading.place(line + 1 + skipped),
        )
    marked = marked_lines(fields.text("hl-lines")) if "hl-lines" in fields else frozenset()
    if marked is None:
        fields.error("hl-lines", f"`{fields.text('hl-lines')}` names no lines", "write line numbers: 2 4-6")
    reading.errors += errors
    label = fields.text("label") or fields.text("name")
    caption = "tbl-cap" if "tbl-cap" in fields or kind_of(label) == "tbl" else "fig-cap"
    return reading.hole(
        Cell(
            code=code,
            shown=_shown(code, Listing("python", marked=marked or frozenset(), annotated=annotated)),
            step=step,
            label=label,
            caption=reading.inline(fields.text(caption), fields.place(caption)),
            subcaptions=tuple(
                reading.inline(text, fields.place("fig-subcap")) for text in fields.words("fig-subcap", "")
            ),
            columns=columns,
            layout=layout,
            column=column,
            alt=reading.inline(fields.text("fig-alt"), fields.place("fig-alt")),
            echo=settings.echo and settings.include,
            output=settings.output if settings.include else False,
            warning=settings.warning and settings.include,
            fold=None if fold == "false" else fold == "true",
            summary=_summary(fields, settings, kind, reading, location) if fold != "false" else (),
            must_draw=kind == "figure" and settings.eval,
            sliders=labels,
            kind=None if within else "tbl" if caption == "tbl-cap" else "fig",
            listing=_listing(fields, label, reading),
            location=location,
        )
    )


def _summary(
    fields: Fields, settings: CellDefaults, kind: str, reading: Reading, location: Location
) -> tuple[Fragment, ...]:
    """Return what folded code is opened by; one that is said of all cells is read, and has its values, at each."""
    if "code-summary" in fields:
        return reading.inline(settings.code_summary, fields.place("code-summary"))
    return reading.inline(_CHECK_SUMMARY if kind == "check" else settings.code_summary, location)


def _listing(fields: Fields, label: str, reading: Reading) -> tuple[str, tuple[Fragment, ...]] | None:
    """Return (label, caption) of the code, when it is numbered."""
    name = fields.text("lst-label") or (label if kind_of(label) == "lst" else "")
    if not name and "lst-cap" not in fields:
        return None
    return normal_label(name), reading.inline(fields.text("lst-cap"), fields.place("lst-cap"))


def _read_sliders(
    fields: Fields, reading: Reading
) -> tuple[tuple[tuple[str, str, str], ...], tuple[tuple[Fragment, ...], ...]]:
    """Return what runs (name, values, first value, as expressions) and, for each slider, how readers see its name."""
    sliders, labels = [], []
    found = fields.mapping("slider")
    if "slider" in fields and not 1 <= len(list(found)) <= MOST_SLIDERS:
        fields.error("slider", f"a cell has one slider or {MOST_SLIDERS}", _SLIDER_HINT)
    for name in found:
        parts = found.mapping(name) if found.is_mapping(name) else None
        values = parts.plain("values") if parts is not None else found.plain(name)
        if not isinstance(values, str | list | tuple) or not values or not name.isidentifier():
            found.error(name, f"the slider `{name}` has no list of values", _SLIDER_HINT)
            continue
        start, label = "", ""
        if parts is not None:
            parts.refuse_unknown({"values", "start", "label"}, "key of a slider")
            start, label = parts.text("start"), parts.text("label")
        sliders.append((name, values if isinstance(values, str) else repr(list(values)), start))
        labels.append(reading.inline(label or _symbol(name), found.place(name)))
    return tuple(sliders), tuple(labels)


def _symbol(name: str) -> str:
    """Return how a variable's name is read: a letter or a Greek letter as in a formula, another one as code."""
    letter, _, index = name.partition("_")
    tex = letter if len(letter) == 1 else f"\\{letter}" if letter in _GREEK else ""
    subscript = f"_{{{index}}}" if index else ""
    return f"${tex}{subscript}$" if tex else f"`{name}`"


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


def _column(fields: Fields) -> Literal["", "page", "screen", "margin"]:
    """Return where a cell's figures stand, by Quarto's names of columns."""
    name = fields.text("column")
    for known in ("page", "screen", "margin"):
        if name == known or name.startswith(f"{known}-"):
            return known
    if name and not name.startswith("body"):
        fields.error("column", f"`{name}` is no column", "write body, page, screen or margin")
    return ""


def _size(settings: CellDefaults, fields: Fields, column: str, abreast: int) -> tuple[float, float]:
    """Return the size of a cell's figures in inches: as the author says, else as their place allows."""
    usual = settings.fig_width
    width = usual if "fig-width" in fields else {"page": 11.5, "screen": 13.0, "margin": 2.5}.get(column, usual)
    if abreast > 1 and "fig-width" not in fields:
        width = max(width / abreast, 2.5)
    if "fig-asp" in fields:
        return width, width * fields.number("fig-asp", 1, 0.05, 20)
    # Half as wide is two thirds as high: axes need room for their labels.
    return width, settings.fig_height if "fig-height" in fields else settings.fig_height * (width / usual) ** 0.6


def _split_options(fence: Fence, content: str) -> tuple[str, str, int]:
    """Return (options as YAML, code, lines that the options take); markers become blanks, so that columns stay."""
    lines = content.split("\n")
    if fence.myst and lines and lines[0].strip() == "---":
        end = next((n for n, text in enumerate(lines[1:], 1) if text.strip() == "---"), 0)
        return "\n" + "\n".join(lines[1:end]), "\n".join(lines[end + 1 :]), end + 1
    marker = re.compile(r"\s*#\| ?") if not fence.myst else re.compile(r"\s*#\| ?|:(?=[\w-]+:)")
    count = 0
    while count < len(lines) and marker.match(lines[count]):
        count += 1
    options = [marker.sub("   " if not fence.myst else " ", text, count=1) for text in lines[:count]]
    options = [_quoted_calls(text) if "{" in text else text for text in options]
    return "\n".join(options), "\n".join(lines[count:]), count


def _info_options(text: str, reading: Reading, location: Location, errors: list[SiteError]) -> Fields:
    """Read `key=value` pairs of an info string, knitr's spelling (`fig.cap`, `TRUE`) included."""
    lines = []
    name = re.match(r"([\w-]+)(?:[\s,]+|$)", text)  # knitr's label: the first word by itself
    position = name.end() if name else 0
    if name:
        lines.append(f"label: {name[1]}")
    while position < len(text):
        match = _PAIR.match(text, position)
        if not match:
            errors.append(
                SiteError(
                    f"`{text[position:]}` is not an option of a cell",
                    location,
                    "write options as key=value, or as `#| key: value` lines at the top of the cell",
                )
            )
            break
        key = "label" if match[1] else match[2].replace(".", "-").replace("_", "-")
        value = match[1] or match[3]
        lines.append(f"{key}: {value.lower() if value in {'TRUE', 'FALSE'} else value}")
        position = match.end()
    fields, more = read_fields("\n".join(lines), reading.path, location.line)
    errors += more
    return fields


def _from_tags(fields: Fields, location: Location) -> Fields:
    pairs = dict(_MYST_TAGS[tag] for tag in fields.words("tags") if tag in _MYST_TAGS)
    return read_fields("\n".join(f"{key}: {value}" for key, value in pairs.items()), location.path, location.line)[0]


def _from_mystnb(fields: Fields, location: Location) -> Fields:
    """Read MyST-NB's `mystnb: {figure: {caption: ..., name: ...}, image: {alt: ...}}`."""
    said = fields.mapping("mystnb")
    figure, image = said.mapping("figure"), said.mapping("image")
    pairs = {"fig-cap": figure.text("caption"), "label": figure.text("name"), "fig-alt": image.text("alt")}
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in pairs.items() if value]
    return read_fields("\n".join(lines), location.path, location.line)[0]


def _shown(code: str, listing: Listing) -> str:
    kept = [text for text in code.split("\n") if not re.search(r"#\s*hide\s*$", text)]
    text = "\n".join(kept).strip("\n")
    return highlight_code(text + "\n", listing) if text.strip() else ""
