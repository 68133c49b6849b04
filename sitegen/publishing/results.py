"""A cell with its results -> fragments: the code as it is shown, then printed text, values, figures and claims."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape, unescape
from itertools import groupby, zip_longest
from pathlib import PurePosixPath
from string import ascii_lowercase
from typing import TYPE_CHECKING

from sitegen.errors import SiteError
from sitegen.model import Cell, Claim, Figure, Formula, Markup, Number, Printed, Raised, Shown
from sitegen.publishing.ansi import ansi_to_html
from sitegen.publishing.links import relative
from sitegen.running.palette import CUSTOM_PROPERTIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sitegen.model import Digest, Fragment, Result
    from sitegen.store import Store

    ReadMarkdown = Callable[[str], Sequence[Fragment]]

_STREAMS = {"stdout": "output", "stderr": "output stderr", "warning": "output warning"}


@dataclass(frozen=True, slots=True)
class UnfoldedCell:
    """What a cell became. files: (path in the site, digest) of figures that are files of their own.

    claims: (anchor, statement, detail) of those shown.
    """

    fragments: tuple[Fragment, ...]
    claims: tuple[tuple[str, tuple[Fragment, ...], str], ...]
    files: tuple[tuple[PurePosixPath, Digest], ...]
    errors: tuple[SiteError, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where figures go: in a page at `url`, or (absolute) in a feed."""

    url: str
    absolute: str = ""

    def address(self, path: PurePosixPath) -> str:
        """Return the address of a file of the site."""
        return f"{self.absolute}/{path}" if self.absolute else relative(f"/{path}", self.url)


def unfold_cell(
    cell: Cell,
    results: Sequence[Result],
    store: Store,
    place: Place,
    *,
    claims_before: int,
    missing: bool,
    read_markdown: ReadMarkdown,
) -> UnfoldedCell:
    """Return the fragments of a cell.

    missing: its program was not run, and the page must say so. read_markdown: reads what a cell printed as Markdown.
    """
    shown: list[Fragment] = []
    files: list[tuple[PurePosixPath, Digest]] = []
    figures = [result for result in results if isinstance(result, Figure)]
    errors = []
    if cell.must_draw and not figures and not missing:
        errors.append(
            SiteError("this cell is `python figure`, but draws no figure", cell.location, "does it close its figure?")
        )
    label = cell.label
    checked: list[tuple[str, tuple[Fragment, ...], str]] = []
    for kind, group in groupby(_visible(cell, results), key=_kind):
        some = list(group)
        if kind == "figure":
            drawn = [result for result in some if isinstance(result, Figure)]
            together = [drawn] if cell.caption or cell.subcaptions else [[figure] for figure in drawn]
            for one in together:
                shown += _figure(cell, one, label=label, store=store, place=place, files=files)
                label = ""  # the first figure's; a page has each label once
            continue
        for result in _joined(some):
            if isinstance(result, Claim):
                statement = tuple(_without_paragraph(read_markdown(result.statement)))
                checked.append((f"claim-{claims_before + len(checked) + 1}", statement, result.detail))
                shown += _claim(*checked[-1], tick="✓ " if place.absolute else "")
            else:
                shown += _result(result, cell, read_markdown)
    if missing and cell.output:
        shown.append(Markup('<p class="not-run">This part was not computed when the page was built.</p>\n'))
    code = _code(cell)
    first = any(isinstance(result, Figure | Claim) for result in results)  # what folded code is there for
    parts = [*shown, *code] if cell.fold is not None and first else [*code, *shown]
    if not parts:
        return UnfoldedCell((), (), tuple(files), tuple(errors))
    anchor = f' id="{escape(cell.label)}"' if cell.label and not figures else ""
    fragments = (Markup(f'<div class="cell"{anchor}>\n'), *parts, Markup("</div>\n"))
    return UnfoldedCell(fragments, tuple(checked), tuple(files), tuple(errors))


def _visible(cell: Cell, results: Sequence[Result]) -> Iterable[Result]:
    for result in results:
        is_warning = isinstance(result, Printed) and result.stream == "warning"
        if cell.warning if is_warning else cell.output:
            yield result


def _kind(result: Result) -> str:
    return "figure" if isinstance(result, Figure) else "other"


def _joined(results: Sequence[Result]) -> Iterable[Result]:
    """Join what was printed to one stream in a row."""
    for stream, group in groupby(results, key=lambda result: getattr(result, "stream", None)):
        some = list(group)
        if stream:
            yield Printed("".join(result.text for result in some if isinstance(result, Printed)), stream)
        else:
            yield from some


def _code(cell: Cell) -> list[Fragment]:
    if not cell.echo or not cell.shown:
        return []
    if cell.fold is None:
        return [Markup(cell.shown)]
    is_open = "" if cell.fold else " open"
    summary = escape(cell.summary)
    return [Markup(f'<details class="cell-code"{is_open}><summary>{summary}</summary>\n{cell.shown}</details>\n')]


def _result(result: Result, cell: Cell, read_markdown: ReadMarkdown) -> list[Fragment]:
    if isinstance(result, Printed):
        if cell.output == "asis" and result.stream == "stdout":
            return [*read_markdown(result.text)]
        text = ansi_to_html(result.text.rstrip("\n"))
        return (
            [Markup(f'<pre class="{_STREAMS[result.stream]}" tabindex="0"><samp>{text}</samp></pre>\n')] if text else []
        )
    if isinstance(result, Raised):
        return [Markup(f'<pre class="output raised" tabindex="0"><samp>{ansi_to_html(result.text)}</samp></pre>\n')]
    if isinstance(result, Shown):
        return _shown(result, cell, read_markdown)
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


def _shown(result: Shown, cell: Cell, read_markdown: ReadMarkdown) -> list[Fragment]:
    if result.kind == "markdown" or (cell.output == "asis" and result.kind == "text"):
        return [*read_markdown(result.data)]
    if result.kind == "html":
        return [Markup(f'<div class="table value" tabindex="0">{result.data}</div>\n')]
    if result.kind == "svg":
        return [Markup(f'<div class="value">{result.data}</div>\n')]
    if result.kind == "png":
        return [Markup(f'<p class="value"><img src="data:image/png;base64,{result.data}" alt=""></p>\n')]
    if result.kind == "latex":
        tex = re.sub(r"^\s*(\$\$?|\\\[|\\\()|(\$\$?|\\\]|\\\))\s*$", "", result.data)
        formula = Formula(tex, display=True, macros=(), location=cell.location)
        return [Markup('<div class="formula" tabindex="0">'), formula, Markup("</div>\n")]
    return [Markup(f'<pre class="output" tabindex="0"><samp>{ansi_to_html(result.data)}</samp></pre>\n')]


def _figure(
    cell: Cell,
    figures: Sequence[Figure],
    *,
    label: str,
    store: Store,
    place: Place,
    files: list[tuple[PurePosixPath, Digest]],
) -> list[Fragment]:
    anchor = f' id="{escape(label)}"' if label else ""
    parts: list[Fragment] = [Markup(f'<figure class="figure"{anchor}>\n')]
    if cell.columns > 1:
        parts.append(Markup(f'<div class="figure-grid" style="--columns: {cell.columns}">\n'))
    for letter, figure, subcaption in zip_longest(ascii_lowercase, figures, cell.subcaptions[: len(figures)]):
        if figure is None:
            break
        drawing = _drawing(cell, figure, store, place, files)
        if not cell.subcaptions:
            parts.append(Markup(drawing))
            continue
        mark = f'<p class="subcaption">({letter}) ' if letter else '<p class="subcaption">'
        parts += [Markup(f'<div class="subfigure">{drawing}{mark}'), *(subcaption or ()), Markup("</p></div>\n")]
    if cell.columns > 1:
        parts.append(Markup("</div>\n"))
    number = Number("fig", label, cell.location, ("",) * len(cell.subcaptions[: len(figures)]))
    return [*parts, Markup("<figcaption>"), number, Markup(" "), *cell.caption, Markup("</figcaption>\n</figure>\n")]


def _drawing(cell: Cell, figure: Figure, store: Store, place: Place, files: list[tuple[PurePosixPath, Digest]]) -> str:
    alt = _alt_text(cell) or figure.alt
    drafted = "" if cell.alt else ' data-alt="drafted"'
    ground = "" if figure.themed else " on-paper"
    size = f'width="{figure.width:.0f}" height="{figure.height:.0f}"'
    if place.absolute or not figure.svg:
        names = []
        for content, suffix in _rasters(figure, store, for_feed=bool(place.absolute)):
            path = PurePosixPath("figures") / f"{content[:16]}.{suffix}"
            files.append((path, content))
            names.append(place.address(path))
        images = [
            f'<img class="{theme}" src="{name}" {size} alt="{escape(alt)}" loading="lazy">'
            for name, theme in zip(names, ("only-light", "only-dark"), strict=False)
        ]
        if len(images) == 1:
            images = [images[0].replace(' class="only-light"', "")]
        return f'<div class="drawing{ground}"{drafted}>{"".join(images)}</div>\n'
    svg = store.content(figure.svg).decode().replace(' role="img"', ' aria-hidden="true"', 1)
    return f'<div class="drawing{ground}" role="img" aria-label="{escape(alt)}"{drafted}>{svg}</div>\n'


def _rasters(figure: Figure, store: Store, *, for_feed: bool) -> list[tuple[Digest, str]]:
    """Return the files of a figure: in a feed one that needs no style sheet, in a page one for each theme."""
    if figure.svg:
        svg = store.content(figure.svg).decode()
        for name, (light, _) in CUSTOM_PROPERTIES.items():
            svg = svg.replace(f"var({name})", light)
        return [(store.keep(svg.encode()), "svg")]
    both = [(figure.light, "webp"), (figure.dark, "webp")]
    return both[:1] if for_feed or not figure.dark or figure.dark == figure.light else both


def _alt_text(cell: Cell) -> str:
    parts = []
    for fragment in cell.alt:
        if isinstance(fragment, Markup):
            parts.append(unescape(re.sub(r"<[^>]*>", "", fragment.html)))
        elif isinstance(fragment, Formula):
            parts.append(fragment.tex.strip())
    return re.sub(r"\s+", " ", "".join(parts)).strip()
