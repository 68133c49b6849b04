"""A cell with its results -> fragments: the code as it is shown, then printed text, values, figures and claims."""

from __future__ import annotations

import re
from collections import Counter
from html import escape
from itertools import groupby, pairwise, zip_longest
from string import ascii_lowercase
from typing import TYPE_CHECKING

from msgspec import Struct

from sitegen.errors import SiteError
from sitegen.labels import id_attribute
from sitegen.model import Animation, Cell, Claim, Figure, Formula, Frames, Markup, Number, Printed, Raised, Shown
from sitegen.publishing.ansi import ansi_to_html
from sitegen.publishing.drawing import Easel, alt_text
from sitegen.publishing.pictures import read_png, read_svg
from sitegen.publishing.png import is_drawable
from sitegen.publishing.saved import name_of
from sitegen.publishing.slider import unfold_frames

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import PurePosixPath

    from sitegen.errors import Location
    from sitegen.model import Digest, Fragment, NumberKind, Result
    from sitegen.publishing.drawing import Place
    from sitegen.store import Store

    ReadMarkdown = Callable[[str], Sequence[Fragment]]

_STREAMS = {"stdout": "output", "stderr": "output stderr", "warning": "output warning"}


class UnfoldedCell(Struct, frozen=True):
    """What a cell became. files: (path in the site, digest) of figures that are files of their own.

    claims: (anchor, statement, detail) of those shown.
    """

    fragments: tuple[Fragment, ...]
    claims: tuple[tuple[str, tuple[Fragment, ...], str], ...]
    files: tuple[tuple[PurePosixPath, Digest], ...]
    errors: tuple[SiteError, ...]


def unfold_cell(
    cell: Cell,
    results: Sequence[Result],
    store: Store,
    place: Place,
    *,
    claims_before: int,
    missing: bool,
    read_markdown: ReadMarkdown,
    slider_size: int,
    words: Mapping[str, str],
) -> UnfoldedCell:
    """Return the fragments of a cell.

    missing: its program was not run, and the page must say so. read_markdown: reads what a cell printed as Markdown.
    slider_size: bytes that the frames of a slider may take. words: of the page's language.
    """
    shown: list[Fragment] = []
    easel = Easel(cell, store, place, words)
    if not (cell.label or cell.caption or cell.must_draw):  # else it is a figure of its own, too
        results = [result for result in results if not name_of(result)]
    frames = next((result for result in results if isinstance(result, Frames)), None)
    if frames is not None:
        results = frames.frames[frames.start]
    figures = [result for result in results if isinstance(result, Figure | Animation)]
    errors = _wrong_with(cell, results, needs_figure=cell.must_draw and not figures and not missing)
    label = cell.label
    checked: list[tuple[str, tuple[Fragment, ...], str]] = []
    if frames is not None and cell.output:

        def render(results: Sequence[Result]) -> list[Fragment]:
            texts = _joined([one for one in _visible(cell, results) if isinstance(one, Printed | Shown)])
            return [fragment for text in texts for fragment in _result(text, easel, read_markdown)]

        slider, broken = unfold_frames(frames, easel, render, most=slider_size)
        errors += broken
        shown += _captioned(cell, slider, label=cell.label, count=len(figures)) if figures else slider
        results = [result for result in results if isinstance(result, Claim | Raised)]
    for group in _together(_visible(cell, results), cell):
        drawn = [result for result in group if isinstance(result, Figure | Animation)]
        between: list[list[Fragment]] = [[]]  # what stands before each figure that shares a caption
        for result in _joined(group):
            if isinstance(result, Figure | Animation):
                between.append([])
            elif isinstance(result, Claim):
                statement = tuple(_without_paragraph(read_markdown(result.statement)))
                checked.append((f"claim-{claims_before + len(checked) + 1}", statement, result.detail))
                between[-1] += _claim(*checked[-1], tick="✓ " if place.absolute else "")
            else:
                between[-1] += _result(result, easel, read_markdown)
        if not drawn:
            shown += between[0]
            continue
        letters = ascii_lowercase if len(drawn) > 1 else ("",)
        table = "".join(easel.table(figure, letter) for figure, letter in zip(drawn, letters, strict=False))
        hung = _grid(easel, drawn, between)
        shown += _captioned(cell, hung, label=label, count=len(drawn), after=table)
        label = ""  # the first figure's; a page has each label once
    is_table = cell.kind == "tbl" and bool(shown)
    if is_table:
        shown = numbered("tbl", "figure of-table", cell.label, cell.caption, shown, cell.location)
    if missing and cell.output:
        shown.append(Markup(f'<p class="not-run"><b>{words["not-run"]}</b> {words["not-computed"]}</p>\n'))
    code = _code(cell)
    first = bool(figures) or any(isinstance(result, Claim) for result in results)  # what folded code is there for
    parts = [*shown, *code] if cell.fold is not None and first else [*code, *shown]
    if not parts:
        return UnfoldedCell((), (), tuple(easel.files), tuple(errors))
    anchor = f' id="{escape(cell.label)}"' if cell.label and not figures and not is_table else ""
    kind = f"cell {cell.column}".strip()
    fragments = (Markup(f'<div class="{kind}"{anchor}>\n'), *parts, Markup("</div>\n"))
    return UnfoldedCell(fragments, tuple(checked), tuple(easel.files), tuple(errors))


def _wrong_with(cell: Cell, results: Sequence[Result], *, needs_figure: bool) -> list[SiteError]:
    """Return what is wrong with a cell's results: there is no figure, or a picture is none."""
    hint = "does it close its figure, or leave it empty?"
    none = SiteError("this cell is `python figure`, but draws no figure", cell.location, hint)
    pictures = [one for one in _visible(cell, results) if isinstance(one, Shown) and one.kind in {"svg", "png"}]
    return [
        *[none] * needs_figure,
        *(wrong for one in pictures if isinstance(wrong := _picture(one, cell), SiteError)),
    ]


def _visible(cell: Cell, results: Sequence[Result]) -> Iterable[Result]:
    """Yield what is to be seen; a warning that came several times once, with how often it did."""
    warnings = Counter(one for one in results if isinstance(one, Printed) and one.stream == "warning")
    for result in results:
        if not isinstance(result, Printed) or result.stream != "warning":
            if cell.output:
                yield result
        elif cell.warning and (count := warnings.pop(result, 0)):
            yield Printed(f"{result.text} (\N{MULTIPLICATION SIGN} {count})", "warning") if count > 1 else result


def _together(results: Iterable[Result], cell: Cell) -> Iterator[Sequence[Result]]:
    """Yield results that are laid out together: a figure, or all that share a caption with what stands between; the rest.

    Where figures stand in rows and one of them has something before it, the first has so too.
    """
    some = list(results)
    places = [place for place, result in enumerate(some) if isinstance(result, Figure | Animation)]
    if places and (cell.caption or cell.subcaptions):
        in_rows = bool(cell.layout) or cell.columns > 1
        spoken = places[-1] - places[0] >= len(places)
        places = [0 if in_rows and spoken else places[0], places[-1] + 1]
    else:
        places = sorted({*places, *(place + 1 for place in places)})
    for begin, end in pairwise([0, *places, len(some)]):
        if begin < end:
            yield some[begin:end]


def _joined(results: Sequence[Result]) -> Iterable[Result]:
    """Join what was printed to one stream in a row; each warning is a line of its own."""
    for stream, group in groupby(results, key=lambda result: getattr(result, "stream", None)):
        some = list(group)
        if stream:
            between = "\n" if stream == "warning" else ""
            yield Printed(between.join(result.text for result in some if isinstance(result, Printed)), stream)
        else:
            yield from some


def _code(cell: Cell) -> list[Fragment]:
    if not cell.echo or not cell.shown:
        return []
    code: list[Fragment] = [Markup(cell.shown)]
    if cell.listing is not None:
        label, caption = cell.listing
        code = numbered("lst", "figure of-listing", label, caption, code, cell.location)
    if cell.fold is None:
        return code
    is_open = "" if cell.fold else " open"
    return [
        Markup(f'<details class="cell-code"{is_open}><summary>'),
        *cell.summary,
        Markup("</summary>\n"),
        *code,
        Markup("</details>\n"),
    ]


def numbered(  # noqa: PLR0917 - what stands in a figure, in its order
    kind: NumberKind,
    name: str,
    label: str,
    caption: Sequence[Fragment],
    content: Sequence[Fragment],
    location: Location,
) -> list[Fragment]:
    """Return a table or a listing below its number and caption. name: the classes of the figure."""
    anchor = id_attribute(label)
    opening = Markup(f'<figure class="{name}"{anchor}>\n<figcaption>')
    number = Number(kind, label, location)
    return [opening, number, Markup(" "), *caption, Markup("</figcaption>\n"), *content, Markup("</figure>\n")]


def _result(result: Result, easel: Easel, read_markdown: ReadMarkdown) -> list[Fragment]:
    cell = easel.cell
    if isinstance(result, Printed):
        if cell.output == "asis" and result.stream == "stdout":
            return [*read_markdown(result.text)]
        text, stream = ansi_to_html(result.text.rstrip("\n")), _STREAMS[result.stream]
        return [Markup(f'<pre class="{stream}" tabindex="0"><samp>{text}</samp></pre>\n')] if text else []
    if isinstance(result, Raised):
        return [Markup(f'<pre class="output raised" tabindex="0"><samp>{ansi_to_html(result.text)}</samp></pre>\n')]
    if isinstance(result, Shown):
        return _shown(result, easel, read_markdown)
    return []


def _claim(anchor: str, statement: Sequence[Fragment], detail: str, tick: str) -> list[Fragment]:
    """Return a claim; its tick is drawn by the style sheet, but in a feed, which has none."""
    more = f' <span class="claim-detail">{escape(detail)}</span>' if detail else ""
    return [Markup(f'<p class="claim" id="{anchor}">{tick}'), *statement, Markup(f"{more}</p>\n")]


def _without_paragraph(fragments: Sequence[Fragment]) -> list[Fragment]:
    """Return what stands in the one paragraph of some Markdown."""
    found = list(fragments)
    if found and isinstance(found[0], Markup):
        found[0] = Markup(found[0].html.removeprefix("<p>"))
    if found and isinstance(found[-1], Markup):
        found[-1] = Markup(found[-1].html.rstrip().removesuffix("</p>"))
    return found


def _shown(result: Shown, easel: Easel, read_markdown: ReadMarkdown) -> list[Fragment]:
    cell = easel.cell
    if result.kind == "markdown" or (cell.output == "asis" and result.kind == "text"):
        return [*read_markdown(result.data)]
    if result.kind == "html":
        return [Markup(f'<div class="table value" tabindex="0">{result.data}</div>\n')]
    if result.kind in {"svg", "png"}:
        picture = _picture(result, cell)
        if isinstance(picture, SiteError):  # told by `unfold_cell`
            return []
        alt = escape(alt_text(cell.alt or cell.caption) or "Image")
        if result.kind == "svg" and easel.place.absolute and is_drawable(picture):
            source = easel.publish(easel.store.keep(picture.encode()), "png")
            return [Markup(f'<p><img src="{source}" alt="{alt}"></p>\n')]
        if result.kind == "svg":
            return [Markup(f'<div class="value">{picture}</div>\n')]
        return [Markup(f'<p class="value"><img src="data:image/png;base64,{picture}" alt="{alt}"></p>\n')]
    if result.kind == "latex":
        tex = re.sub(r"^\s*(\$\$?|\\\[|\\\()|(\$\$?|\\\]|\\\))\s*$", "", result.data)
        formula = Formula(tex, display=True, macros=(), location=cell.location)
        return [Markup('<div class="formula" tabindex="0">'), formula, Markup("</div>\n")]
    return [Markup(f'<pre class="output" tabindex="0"><samp>{ansi_to_html(result.data)}</samp></pre>\n')]


def _picture(result: Shown, cell: Cell) -> str | SiteError:
    return (read_svg if result.kind == "svg" else read_png)(result.data, cell.location)


def _captioned(cell: Cell, content: Sequence[Fragment], *, label: str, count: int, after: str = "") -> list[Fragment]:
    """Return drawings with their number and caption. count: of figures, which may have captions of their own."""
    anchor = id_attribute(label)
    if cell.kind != "fig":
        return [*content]
    number = Number("fig", label, cell.location, ("",) * len(cell.subcaptions[:count]))
    opening, closing = Markup(f'<figure class="figure"{anchor}>\n'), Markup("</figcaption>\n</figure>\n")
    return [opening, *content, Markup("<figcaption>"), number, Markup(" "), *cell.caption, Markup(after), closing]


def _grid(easel: Easel, figures: Sequence[Figure | Animation], before: Sequence[Sequence[Fragment]]) -> list[Fragment]:
    """Return figures that share a caption, in rows where that is asked for, each with its own caption where it has one.

    before: what stands before each of them.
    """
    cell = easel.cell
    hung = [
        _subfigure(easel, figure, letter, subcaption, said)
        for figure, letter, subcaption, said in zip_longest(
            figures, ascii_lowercase[: len(figures)], cell.subcaptions[: len(figures)], before[: len(figures)]
        )
    ]
    if not cell.layout:
        style = f"--columns: {cell.columns}" if cell.columns > 1 else ""
        return _row(hung, style)
    parts: list[Fragment] = []
    for row in cell.layout:
        some, hung = hung[: len(row)], hung[len(row) :]
        parts += _row(some, f"--shares: {' '.join(f'minmax(0, {share:g}fr)' for share in row)}") if some else []
    return [*parts, *_row(hung, "")]


def _row(hung: Sequence[Sequence[Fragment]], style: str) -> list[Fragment]:
    inner = [fragment for figure in hung for fragment in figure]
    return [Markup(f'<div class="figure-grid" style="{style}">\n'), *inner, Markup("</div>\n")] if style else inner


def _subfigure(
    easel: Easel,
    figure: Figure | Animation,
    letter: str | None,
    caption: Sequence[Fragment] | None,
    before: Sequence[Fragment],
) -> list[Fragment]:
    drawing = Markup(easel.html(figure))
    if not easel.cell.subcaptions and not before:
        return [drawing]
    parts = [Markup('<div class="subfigure">'), *before, drawing]
    if easel.cell.subcaptions:
        mark = f'<p class="subcaption">({letter}) ' if letter else '<p class="subcaption">'
        parts += [Markup(mark), *(caption or ()), Markup("</p>")]
    return [*parts, Markup("</div>\n")]
