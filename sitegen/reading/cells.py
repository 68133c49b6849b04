"""A fence and its options -> a Cell and a Step of the program; the four fences of a cell are told apart here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sitegen.config import read_cell_defaults
from sitegen.fields import Fields, read_fields
from sitegen.labels import kind_of, normal_label
from sitegen.later import later
from sitegen.model import Cell, Step
from sitegen.reading.cell_options import (
    IGNORED,
    LATER,
    OPTIONS,
    Fence,
    from_mystnb,
    from_tags,
    info_options,
    split_options,
)
from sitegen.reading.highlight import Listing, highlight_code, marked_lines

if TYPE_CHECKING:
    from typing import Literal

    from sitegen.config import CellDefaults
    from sitegen.errors import Location, SiteError
    from sitegen.model import Fragment
    from sitegen.reading.context import Reading

MOST_SLIDERS = 2
_SLIDER_HINT = "write #| slider: {T: linspace(0.1, 5, 30)}"
_GREEK = frozenset(
    """
    alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi rho sigma
    tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega
    """.split()
)
_LATE = later(r"^#\|\s*([\w-]+):", re.MULTILINE)
_CHECKS = later(r"claim|check|assert|raise|test")


def read_cell(
    fence: Fence,
    content: str,
    line: int,
    reading: Reading,
    *,
    within: bool = False,
    annotated: bool = False,
    last: bool = False,
) -> str:
    """Add a cell whose fence stands on body line `line` (from 0) to the reading, and return its hole.

    within: whether it stands within a figure that has a caption and a number. annotated: whether a list below explains it.
    last: whether it runs after all others.
    """
    location = reading.place(line)
    options, code, skipped = split_options(fence, content)
    if "#|" in code and (late := _LATE.search(code)) and late[1] in OPTIONS:
        place = reading.place(line + 1 + skipped + code.count("\n", 0, late.start()))
        reading.note(f"`{late[0]}` says nothing here: options stand at the top of the cell", place)
    fields, errors = _options(fence, options, location, reading)
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
                raises=settings.error or ("slider" in options and bool(errors)),  # no word on names that it lacks
                sliders=sliders,
                locked=fields.flag("slider-lock", True),
                animated=fields.flag("animation", True),
                last=last,
            ),
            reading.place(line + 1 + skipped),
        )
    marked = marked_lines(fields.text("hl-lines")) if "hl-lines" in fields else frozenset()
    if marked is None:
        fields.error("hl-lines", f"`{fields.text('hl-lines')}` names no lines", "write line numbers: 2 4-6")
    if kind == "check" and settings.eval and not _CHECKS.search(code):
        hint = "write `claim(sentence, condition)` for what is to hold"
        reading.note(f"this cell is folded as a check, but claims nothing: {hint}", location)
    label = fields.text("label") or fields.text("name")
    caption = "tbl-cap" if "tbl-cap" in fields or kind_of(label) == "tbl" else "fig-cap"
    captions = _texts(fields, caption)
    parts = "fig-subcap" if "fig-subcap" in fields or len(captions) < 2 else caption
    hole = reading.hole(
        Cell(
            code=code,
            shown=_shown(code, Listing("python", marked=marked or frozenset(), annotated=annotated)),
            step=step,
            label=label,
            caption=reading.inline("" if parts == caption else " ".join(captions), fields.place(caption)),
            subcaptions=tuple(reading.inline(text, fields.place(parts)) for text in fields.words(parts, "")),
            columns=columns,
            layout=layout,
            column=column,
            alt=reading.inline(" ".join(_texts(fields, "fig-alt")), fields.place("fig-alt")),
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
    reading.errors += errors
    return hole


def _options(fence: Fence, written: str, location: Location, reading: Reading) -> tuple[Fields, list[SiteError]]:
    """Return the options of a cell, of its first lines and its info string, and what is wrong with them."""
    fields, errors = read_fields(written, reading.path, location.line + 1)
    fields = fields.over(info_options(fence.options, reading, location, errors))
    if "tags" in fields:
        fields = fields.over(from_tags(fields, location))
    if fields.is_mapping("mystnb"):
        fields = fields.over(from_mystnb(fields, location))
    for name in fields:
        if name in LATER:
            fields.error(name, f"the option `{name}` is not supported yet", "leave it out for now")
    known = OPTIONS | LATER | IGNORED
    fields.refuse_unknown(known, "cell option", only_near=fence.myst)
    for name in fields if fence.myst else ():  # jupytext writes all that a notebook says
        said = f"the option `{name}` says nothing here"
        if name not in known and all(said != note.message for note in reading.notes):
            reading.note(said, fields.place(name))
    return fields, errors


def _texts(fields: Fields, name: str) -> tuple[str, ...]:
    """Return an option that may be a list, as Quarto has one for each figure."""
    is_list = name in fields and isinstance(fields.plain(name), list | tuple)
    return fields.words(name) if is_list else (fields.text(name),)


def _summary(
    fields: Fields, settings: CellDefaults, kind: str, reading: Reading, location: Location
) -> tuple[Fragment, ...]:
    """Return what folded code is opened by; one that is said of all cells is read, and has its values, at each."""
    if "code-summary" in fields:
        return reading.inline(settings.code_summary, fields.place("code-summary"))
    return reading.inline(reading.words_of_page["how-checked"] if kind == "check" else settings.code_summary, location)


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
    if "slider" in fields and not fields.is_mapping("slider"):
        fields.error("slider", "a slider is a name and a list of its values", _SLIDER_HINT)
        return (), ()
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


def _shown(code: str, listing: Listing) -> str:
    kept = [text for text in code.split("\n") if not re.search(r"#\s*hide\s*$", text)]
    text = "\n".join(kept).strip("\n")
    return highlight_code(text + "\n", listing) if text.strip() else ""
