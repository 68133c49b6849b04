"""Figures are drawn once, in inks that stand for the colours of a theme: the style sheet, and what inks become.

An ink is the light theme's own colour (palette.py), so a gradient made from `C0` is a gradient between real colours.
Afterwards every ink in the SVG is a CSS custom property; in a raster it is the colour of the theme it is drawn for.
"""

from __future__ import annotations

import logging
import re
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from cycler import cycler
from matplotlib.colors import to_hex, to_rgb
from matplotlib.font_manager import font_scalings
from matplotlib.table import Table

from sitegen.keys import digest
from sitegen.running.figures.fonts import add_fonts, remember_fonts
from sitegen.running.figures.grids import hear_grids
from sitegen.running.figures.mode import (
    BAR,
    BESIDE,
    COVERED,
    EXACT,
    MESH,
    SHADED,
    SOLID,
    Mode,
    cut_maps,
    is_near_paper,
    is_outside,
)
from sitegen.running.figures.palette import CUSTOM_PROPERTIES
from sitegen.running.figures.tex import set_without_latex
from sitegen.running.figures.window import close_windows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from matplotlib.figure import Figure

INK, MUTED, PAPER = (CUSTOM_PROPERTIES[f"--figure-{name}"][0] for name in ("ink", "muted", "paper"))
SERIES = tuple(CUSTOM_PROPERTIES[f"--figure-{number}"][0] for number in range(1, 9))

# Fonts for scripts that DejaVu Sans does not have; the first of each that this system has is used.
_OTHER_SCRIPTS = (
    ("Noto Sans CJK KR", "Noto Sans KR", "NanumGothic", "Apple SD Gothic Neo", "Malgun Gothic", "Baekmuk Gulim"),
    ("Noto Sans CJK JP", "Noto Sans JP", "Hiragino Sans", "Yu Gothic", "IPAexGothic", "IPAGothic", "TakaoPGothic"),
    ("Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei"),
    ("Noto Sans Devanagari", "Kohinoor Devanagari", "Nirmala UI", "Lohit Devanagari"),
    ("Noto Sans Bengali", "Lohit Bengali"),
    ("Noto Sans Tamil", "Lohit Tamil"),
    ("Noto Sans Thai", "Thonburi", "Leelawadee UI", "Loma"),
    ("Noto Sans Symbols2", "Noto Sans Symbols 2", "Symbola", "Noto Emoji", "Segoe UI Symbol"),
)

SIZES = {"title": 13 / 12, "label": 12.5 / 12}  # names of ours beside "medium" and "large": times `font.size`

STYLE: Mapping[str, Any] = {
    "figure.figsize": (7.0, 4.0),
    "figure.facecolor": PAPER,
    "figure.edgecolor": PAPER,
    "figure.max_open_warning": 0,
    "savefig.facecolor": "auto",
    "savefig.edgecolor": "auto",
    "text.color": INK,
    "axes.facecolor": PAPER,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.titlesize": "title",
    "axes.titleweight": "normal",
    "axes.titlepad": 10,
    "axes.labelsize": "label",
    "axes.labelpad": 6,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.prop_cycle": cycler(color=SERIES),
    "axes3d.xaxis.panecolor": (*to_rgb(MUTED), 0.25),
    "axes3d.yaxis.panecolor": (*to_rgb(MUTED), 0.25),
    "axes3d.zaxis.panecolor": (*to_rgb(MUTED), 0.25),
    "grid.color": MUTED,
    "grid.linewidth": 0.6,
    "grid.alpha": 0.7,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": "medium",
    "ytick.labelsize": "medium",
    "xtick.major.width": 0.8,
    "ytick.major.width": 0.8,
    "xtick.major.size": 3.5,
    "ytick.major.size": 3.5,
    "legend.edgecolor": "none",
    "legend.framealpha": 0.85,
    "legend.fontsize": "medium",
    "lines.linewidth": 2.0,
    "lines.markersize": 5.5,
    "lines.solid_capstyle": "round",
    "patch.linewidth": 0.8,
    "patch.edgecolor": INK,
    "hatch.color": INK,
    "boxplot.boxprops.color": INK,
    "boxplot.capprops.color": INK,
    "boxplot.flierprops.color": INK,
    "boxplot.flierprops.markeredgecolor": INK,
    "boxplot.whiskerprops.color": INK,
    "image.cmap": "viridis",
    "mathtext.fontset": "cm",  # what KaTeX's fonts are drawn after
    "font.family": ["DejaVu Sans"],
    "font.size": 12,
    "path.simplify": True,
    "path.simplify_threshold": 0.2,  # pixels at 72 dpi; not to be seen at any zoom that a page offers
}


def prepare() -> None:
    """Make the style sheet the state that every program starts with."""
    plt.switch_backend("agg")
    cut_maps()
    _name_sizes()
    mpl.rcParams.update(dict(STYLE))  # type: ignore[arg-type] # keys are literals there
    known = {entry.name for entry in mpl.font_manager.fontManager.ttflist}
    others = [next((name for name in names if name in known), "") for names in _OTHER_SCRIPTS]
    room = property(lambda _: 1.2 * mpl.rcParams["font.size"])  # our lines are higher than those of matplotlib's font
    Table.FONTSIZE = room  # type: ignore[assignment] # what it takes a row to need, of whatever size the text is
    ours = add_fonts(Path(mpl.get_cachedir()) / "fonts")
    mpl.rcParams["font.family"] = [*ours, "DejaVu Sans"]
    remember_fonts(["DejaVu Sans", *filter(None, others)])
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # fonts that another system has, for each text again
    close_windows()
    set_without_latex()
    hear_grids(MUTED)


def _name_sizes() -> None:
    """Let matplotlib know our names of sizes, which else are numbers that no `font.size` changes."""
    font_scalings.update(SIZES)
    checks: Any = mpl.RcParams.validate
    for key in ("axes.titlesize", "axes.labelsize"):
        checks[key] = lambda size, check=checks[key]: size if size in SIZES else check(size)


def is_themed(figure: Figure) -> bool:
    """Whether a figure follows the theme: its grounds are paper, or light greys, which keep their contrast with it."""
    grounds = [figure.patch, *(part.patch for part in parts_of(figure))]
    grounds += [axes.patch for axes in figure.axes if axes.axison and axes.get_visible()]
    for patch in grounds:
        colour: Any = patch.get_facecolor()
        name = to_hex(colour)
        if patch.get_visible() and colour[3] > 0.05 and name != PAPER and not is_near_paper(name):
            return False
    return True


def ground_of(figure: Figure) -> str:
    """Return the colour that fills a figure which does not follow the theme; "" for paper, and what can be seen through."""
    colour: Any = figure.patch.get_facecolor()
    fills = figure.patch.get_visible() and colour[3] == 1 and to_hex(colour) != PAPER
    return to_hex(colour) if fills and not is_themed(figure) else ""


def has_ground(figure: Figure) -> bool:
    """Whether a figure is filled with a colour, if one that can be seen through."""
    colour: Any = figure.patch.get_facecolor()  # with its opacity
    return bool(figure.patch.get_visible() and colour[3])


def parts_of(figure: Any) -> Iterator[Any]:  # noqa: ANN401 - a figure, or a part of one
    """Yield the parts of a figure, and theirs: `fig.subfigures()`."""
    for part in figure.subfigs:
        yield part
        yield from parts_of(part)


# Patterns begin with a sign, which is looked for ten times as fast as what may stand before it.
_SIX = "#[0-9a-f]{6}"
_COLOUR = re.compile(
    rf'{_SIX}(?=[;"])(?:(?<=: {_SIX})|(?<=fill="{_SIX})|(?<=stroke="{_SIX}))(?=(?:; (?:[a-z]+-)?opacity: ([\d.]+))?)'
)
_TOKENS = re.compile(rf"<(?:g|pattern)\b([^>]*)>|</(?:g|pattern)>|{_COLOUR.pattern}")
_ID = re.compile(r' id="([^"]*)"')
_REFERENCE = re.compile(r'(?:url\(#|href="#)([^")]+)')
_PLACE = re.compile(r' (?:[xy]="|transform="translate\()[^")]*')
_LONG_NUMBER = re.compile(r"-?\b\d+\.\d{3,}")
_GROUP = re.compile(r"<g\b[^>]*>|</g>")
_NOWHERE = re.compile(r'<path d="M[-\d. ]+" [^>]*/>')  # paths that go nowhere
_ODD_LINK = re.compile(r'(?<=<a) href="(?!https?:|mailto:|[^":/?#]*["/?#])[^"]*"', re.IGNORECASE)
_MOVED = re.compile(r' transform="translate\((-?[\d.]+) 0\)"(?=/>)')


def theme(
    svg: str, *, themed: bool, box: tuple[float, float, float, float], name: str, prefix: str = "", scales: str = ""
) -> tuple[str, tuple[float, float]]:
    """Return matplotlib's SVG fit for a page (inks as custom properties, ids that clash with no other), and its size.

    box: left, top, width and height in points. name: tells apart two figures that are the same. prefix: of ids, where
    figures take turns; else it names the content. scales: of its axes, for a pointer. The size is in pixels.
    """
    body = svg[svg.index("<svg") :]
    body = body[body.index(">") + 1 :]
    body = re.sub(
        r"<metadata>.*?</metadata>|<!--.*?-->|<defs>\s*<style[^>]*>.*?</style>\s*</defs>", "", body, flags=re.DOTALL
    )
    body = re.sub(r">\s+<", "><", body.strip())
    body = _MOVED.sub(lambda found: f' x="{float(found[1]):.0f}"', body)  # a letter, in hundredths of its height
    body = _PLACE.sub(lambda place: _LONG_NUMBER.sub(_in_hundredths, place[0]), body)
    if themed:
        body = _with_properties(body)
    used = set(_REFERENCE.findall(body))
    body = _ID.sub(lambda found: found[0] if found[1] in used else "", body)
    body = _ODD_LINK.sub("", _without_bare_groups(_NOWHERE.sub("", body)).replace("xlink:href", "href"))
    left, top, width, height = (f"{number:.2f}".rstrip("0").rstrip(".") for number in box)
    pixels = (round(box[2] * 96 / 72, 1), round(box[3] * 96 / 72, 1))
    fill = ' fill="var(--figure-ink)"' if themed else ""
    told = f" data-scales='{escape(scales, quote=True)}'" if scales else ""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{pixels[0]:g}" height="{pixels[1]:g}"'
        f' viewBox="{left} {top} {width} {height}"{fill} stroke-linejoin="round" stroke-linecap="butt"{told}>'
    )
    prefix = f"{prefix or 'f' + digest(head, body)[:8]}{name}-"
    body = _ID.sub(lambda found: f' id="{prefix}{found[1]}"', body)
    body = re.sub(r'(url\(#|(?<!<a )href="#)', rf"\g<1>{prefix}", body)
    return head + body, pixels


def _without_bare_groups(body: str) -> str:
    """Return a drawing without the groups that say nothing, of which matplotlib makes one for every artist."""
    kept: list[bool] = []

    def tag(found: re.Match[str]) -> str:
        if found[0] == "</g>":
            return found[0] if kept.pop() else ""
        if found[0].endswith("/>"):
            return "" if found[0] == "<g/>" else found[0]
        kept.append(found[0] != "<g>")
        return found[0] if kept[-1] else ""

    return _GROUP.sub(tag, body)


def _in_hundredths(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")


def _with_properties(body: str) -> str:
    mode = Mode()

    def colour(found: re.Match[str]) -> str:
        is_line = found.string.endswith(("stroke: ", 'stroke="'), 0, found.start())
        return mode.ink_of(found[0], float(found[found.re.groups] or 1), is_line=is_line).css or found[0]

    def token(found: re.Match[str]) -> str:
        if found[0] in {"</g>", "</pattern>"}:
            mode.leave()
            return found[0]
        if found[1] is None:
            return colour(found)
        gid = _ID.search(found[1])
        name = gid[1] if gid else ""  # groups whose id is ours are named by it; matplotlib numbers the others
        if found[0].startswith("<pattern"):
            mode.enter("", EXACT if name.startswith(EXACT) else None)
            return found[0]
        if found[1].endswith("/"):  # nothing is in it
            return found[0]
        mode.enter(name, name)
        attributes = _COLOUR.sub(colour, found[1])
        if name == MESH or name.startswith(BAR):
            attributes += ' shape-rendering="crispEdges"'
        # Black is what matplotlib does not write.
        if name.removeprefix(BESIDE) in {EXACT, MESH, SHADED, COVERED, SOLID}:
            return f'<g fill="#000"{attributes}>'
        if (is_outside(name) or name.startswith(BESIDE)) and not mode.is_exact:
            return f'<g fill="var(--figure-ink)"{attributes}>'
        return f"<g{attributes}>"

    return _TOKENS.sub(token, body)
