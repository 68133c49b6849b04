"""A colour, and where in a figure it stands -> what it is in each theme.

An ink becomes its custom property. A colour of one of matplotlib's even maps becomes two, since the map is cut where it
would vanish in the paper: on the light paper its light end, on the dark paper its dark end, down to a contrast of 3.
A grey keeps its contrast with the paper: what is faint or strong on the one is so on the other. Another colour of the
author's own, chosen on white, is lightened where it would vanish in the dark paper.
"""

from __future__ import annotations

import re
import zlib
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.colors import to_hex, to_rgb, to_rgba

from sitegen.running.figures.palette import CUSTOM_PROPERTIES, LIGHT

if TYPE_CHECKING:
    from collections.abc import Mapping

BLACK, WHITE = "#000000", "#ffffff"
# Ids of groups while a figure is drawn; see Mode.
EXACT, SHADED, COVERED, SOLID, OUTER = "exact-colours", "shaded", "covered", "solid", "outer"
BESIDE = "beside-"  # before the id of axes that belong to others, and stand on paper beside them
MESH, BAR = "exact-mesh", "bar"  # pieces side by side, in exact colours or not, between which no ground is to shine
GROUND = "ground"  # with a tinge of a colour, as style sheets have, which is grey on the dark paper
MAPS = ("viridis", "plasma", "cividis", "magma", "inferno")  # of even steps, and told apart by the colour-blind
WITH_GREYS = "cividis"
FAINT = 2  # the contrast of points and lines whose map is the author's choice
CONTRAST = 3  # WCAG 2.2, 1.4.11
TINTED = 0.6  # most white in what the paper is seen through: with more a band would not have the hue of its line
TEXT, STRONG = 4.5, 7  # 1.4.3, 1.4.6
FAINTEST = 1.4  # the contrast at which a tinge of the dark paper is seen
HUE = 0.02  # what a colour has of it that is none of the steps between paper and ink
TINGE = 0.105  # of a hue, which the greys of design systems have
VEIL = 0.7  # the opacity up to which a ground is a tinge of what is below it
NEAR = 0.25  # of red, green or blue, by which a step of a palette differs from the next
MOST_COLOURS = 500  # of an author's palette: with more they are those of an image
PALE = 0.65  # the least of red, green and blue in the pastels that grounds have


class Ink(NamedTuple):
    """What a colour becomes: as CSS, and in each theme; all "" where it stays."""

    css: str = ""
    light: str = ""
    dark: str = ""


_STAYS = Ink()
_inks = {colour: Ink(f"var({name})", *CUSTOM_PROPERTIES[name]) for colour, name in LIGHT.items()}
_INK, _PAPER = (Ink(f"var({name})", *CUSTOM_PROPERTIES[name]) for name in ("--figure-ink", "--figure-paper"))
_cut: dict[str, Ink] = {}
_tables: dict[str, Mapping[str, Ink]] = {}


def cut_maps() -> None:
    """Find what the colours of the maps become; once, in the fork server."""
    for name in MAPS:
        colours = mpl.colormaps[name](np.arange(256))[:, :3]
        visible = [_contrast(colours, CUSTOM_PROPERTIES["--figure-paper"][theme]) >= CONTRAST for theme in (0, 1)]
        last, first = int(np.flatnonzero(visible[0]).max()), int(np.flatnonzero(visible[1]).min())
        written = [to_hex(colour) for colour in colours]
        for index, colour in enumerate(written):
            light, dark = written[round(index * last / 255)], written[round(first + index * (255 - first) / 255)]
            _cut.setdefault(colour, _both(light, dark))


def add_map(colours: np.ndarray, others: np.ndarray, contrast: float) -> str:
    """Make a map readable on both papers, for lines and points, and return the id of groups that it colours.

    colours: of shape (n, 3). A map that grows steadily lighter or darker is cut, as above but at another contrast; of another
    (diverging, cyclic, of a few colours) each colour that is too near the paper is moved away from it, as are `others`.
    """
    name = f"map-{zlib.crc32(colours.tobytes() + others.tobytes()):08x}-{contrast:g}"
    if name in _tables:
        return name
    steps = np.diff(_luminance(colours))
    is_steady = len(colours) > 20 and (bool((steps >= -1e-3).all()) or bool((steps <= 1e-3).all()))
    themed = []
    for paper, end, least in zip(CUSTOM_PROPERTIES["--figure-paper"], (0.0, 1.0), (FAINT, CONTRAST), strict=True):
        visible = np.flatnonzero(_contrast(colours, paper) >= contrast)
        if is_steady and len(visible):
            places = np.linspace(visible.min(), visible.max(), len(colours)).round().astype(int)
            moved = [to_hex(colour) for colour in colours[places]]
        else:
            moved = [_away(colour, paper, end, least) for colour in colours]
        themed.append([*moved, *(_away(colour, paper, end, least) for colour in others)])
    table: dict[str, Ink] = {}
    for colour, light, dark in zip(map(to_hex, [*colours, *others]), *themed, strict=True):
        table.setdefault(colour, _STAYS if colour == light == dark else _both(light, dark))
    _tables[name] = table
    return name


def add_palettes(fills: np.ndarray, lines: np.ndarray) -> str:
    """Let greys of an author's palettes be colours like the steps beside them, and return the id of groups in which; "" for none.

    fills, lines: of shape (n, 4). A grey is a step where another colour is near, of two or more: the middle of a diverging
    palette, the pale end of an even one. Alone, or among colours that are nothing like it, it is a grey.
    """
    table: dict[str, Ink] = {}
    for colours, is_line in ((fills, False), (lines, True)):
        packed = np.unique(
            (colours * 255).round().astype(np.uint32) @ np.array([1 << 24, 1 << 16, 1 << 8, 1], np.uint32)
        )
        if not 2 < len(packed) <= MOST_COLOURS:
            continue
        rgba = packed[:, None] >> np.array([24, 16, 8, 0], np.uint32) & 255
        rgb, hues = rgba[:, :3] / 255, np.ptp(rgba[:, :3], axis=1) / 255
        written = [to_hex(colour) for colour in rgb]
        is_own = np.array([name not in _inks and name not in _cut for name in written]) & (rgba[:, 3] > 0)
        least = TINGE if is_line else HUE
        coloured = rgb[is_own & (hues >= least)]
        is_palette = (is_own & (hues >= TINGE)).sum() > 1
        for place in np.flatnonzero(is_own & (hues < least)) if is_palette else ():
            name, opacity = written[place], rgba[place, 3] / 255
            if name not in {BLACK, WHITE} and np.abs(coloured - rgb[place]).max(axis=1).min() < NEAR:
                table[name] = _own(name, opacity, is_line=is_line, is_text=False, is_step=True)
    name = f"map-{zlib.crc32(repr(table).encode()):08x}" if table else ""
    if name:
        _tables[name] = table
    return name


def _away(colour: np.ndarray, paper: str, end: float, least: float) -> str:
    """Return a colour, mixed with black or white (`end`) until it can be told from the paper."""
    mixed = colour + (end - colour) * np.linspace(0, 1, 51)[:, None]
    return to_hex(mixed[np.argmax(_contrast(mixed, paper) >= least)])


def is_cut(name: str) -> bool:
    """Whether the colours of a map are others in each theme, wherever they stand; greys may be an author's own."""
    return name.removesuffix("_r") in MAPS and name.removesuffix("_r") != WITH_GREYS


def _luminance(rgb: np.ndarray) -> np.ndarray:
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ [0.2126, 0.7152, 0.0722])


def _contrast(colours: np.ndarray, paper: str) -> np.ndarray:
    """Return the contrast of colours, of shape (n, 3) and between 0 and 1, with a paper, as WCAG defines it."""
    ground, found = _luminance(np.array(to_rgb(paper))), _luminance(colours)
    return np.asarray((np.maximum(found, ground) + 0.05) / (np.minimum(found, ground) + 0.05))


def contrast(colour: str, ground: str) -> float:
    """Return the contrast of a colour with a ground, from 1 to 21."""
    return float(_contrast(np.array([to_rgb(colour)]), ground)[0])


def on_ground(colour: str, ground: str, table: str = "") -> str:
    """Return the id of groups in which a text is read on a ground of another colour on dark paper, too; "" for what it is anyway.

    It stays as it is where that is read as well as the dark theme's colour; on a ground that is not seen through, which its
    author saw it on, it need not be. On another, on which it would hardly be seen, it is darker or lighter. Ink, which nobody
    chose, is black or white on either paper where its contrast is under 4.5.
    table: the id of the map that gives the ground's colour.
    """
    inks, written = Mode(), Mode()
    inks.enter("", table)
    written.enter("text", None)
    own, opacity = to_hex(ground), to_rgba(ground)[3]
    drawn = inks.ink_of(own, opacity)
    grounds = (drawn.light or own, drawn.dark or own)
    light, dark = (
        to_hex(tuple(np.array([opacity, 1 - opacity]) @ np.array([to_rgb(below), to_rgb(paper)])))
        for below, paper in zip(grounds, CUSTOM_PROPERTIES["--figure-paper"], strict=True)
    )
    turned = written.ink_of(colour).dark or colour
    other = contrast(turned, dark)
    stays = contrast(colour, dark) >= (min(CONTRAST, other) if opacity > VEIL else other)
    found = (colour, colour if stays else turned)
    if colour in {BLACK, CUSTOM_PROPERTIES["--figure-ink"][0]}:
        found = (_readable(found[0], light), _readable(found[1], dark))
    elif own != colour and opacity <= VEIL and contrast(found[1], dark) < FAINT:
        end = max(0.0, 1.0, key=lambda one: contrast(to_hex((one,) * 3), dark))
        least = min(CONTRAST, contrast(colour, light))  # as on light paper is enough
        found = (colour, _away(np.array(to_rgb(found[1])), dark, end, least))
    if found in {(colour, colour), (colour, turned)}:
        return EXACT if found[1] == colour else ""
    name = f"map-text-{'-'.join((*found, colour)).replace('#', '')}"
    _tables[name] = {colour: _both(*found)}
    return name


def _readable(colour: str, ground: str) -> str:
    is_read = contrast(colour, ground) >= TEXT
    return colour if is_read else max((colour, BLACK, WHITE), key=lambda one: contrast(one, ground))


def is_outside(name: str) -> bool:
    """Whether a group is of what stands around axes: their ticks and labels."""
    return name == OUTER or name.startswith(("matplotlib.axis", "mpl_toolkits.axisartist", "axis3d"))


class _Rules(NamedTuple):
    """What changes in a group.

    inks: our own colours do. plain: black, white, greys, maps and the author's colours do. outside: what stands around
    the axes, though nothing in them does. shades: the shades of our colours do. table: of a map, which comes first.
    is_text, is_ground: whether that is what is drawn, for which a tinge of a colour is grey.
    """

    inks: bool = True
    plain: bool = True
    outside: bool = True
    shades: bool = False
    table: Mapping[str, Ink] | None = None
    is_text: bool = False
    is_ground: bool = False


_ALL, _NOTHING = _Rules(), _Rules(inks=False, plain=False, outside=False)
_RULES = {
    EXACT: _NOTHING,
    MESH: _NOTHING,
    SHADED: _Rules(plain=False, outside=False, shades=True),
    COVERED: _Rules(inks=False, plain=False),
    SOLID: _Rules(plain=False),
}


class Mode:
    """What may become of a colour where the drawing stands; follows the groups that artists open and close.

    In `exact-colours` (of an image, a mesh) nothing changes, nor in `covered` (axes that such a thing fills) but what
    stands around them: all in them was chosen against what is below. `shaded` are solids lit from a side. In `solid`
    (axes in space) black, white and maps stay.
    """

    def __init__(self) -> None:
        self._stack = [_ALL]

    def enter(self, name: str, gid: str | None) -> None:
        """Enter a group."""
        above = self._stack[-1]
        if gid and gid.startswith(BESIDE):
            above, name, gid = _ALL, "", gid.removeprefix(BESIDE)
        rules = _RULES.get(gid or "", above)
        table = _tables.get((gid or "").removeprefix(BAR))
        if table is not None:
            rules = above._replace(table=table)
        if gid == GROUND:
            rules = above._replace(is_ground=True)
        if gid != EXACT and (is_outside(name) or gid == OUTER):
            rules = _ALL if above.outside else above
        elif name.startswith("axes") and not above.inks:
            rules = _NOTHING  # an inset stands on what covers the axes around it
        is_text = name.startswith("text") or (rules.is_text and not name.startswith("patch"))  # the box around it
        self._stack.append(rules._replace(is_text=is_text))

    def leave(self) -> None:
        """Leave a group."""
        if len(self._stack) > 1:
            self._stack.pop()

    @property
    def is_exact(self) -> bool:
        """Whether no colour changes here."""
        return not self._stack[-1].inks

    @property
    def is_shaded(self) -> bool:
        """Whether the shades of our colours change here."""
        return self._stack[-1].shades

    def ink_of(self, colour: str, opacity: float = 1, *, is_line: bool = False) -> Ink:
        """Return what a colour becomes here."""
        rules = self._stack[-1]
        if rules.table is not None and colour in rules.table:
            return rules.table[colour]
        if rules.inks and colour in _inks:
            return _inks[colour]
        if rules.shades:
            return _shade(colour)
        if not rules.plain or not re.fullmatch("#[0-9a-f]{6}", colour):
            return _STAYS
        if colour in {BLACK, WHITE}:
            return _INK if colour == BLACK else _PAPER
        is_exact = colour[1:3] == colour[3:5] == colour[5:]  # cividis has near-greys, which no author writes
        own = _own(colour, opacity, is_line=is_line or rules.is_ground, is_text=rules.is_text)
        return own if is_exact else _cut.get(colour) or own


def in_dark_shades(colours: np.ndarray) -> np.ndarray:
    """Return colours, of shape (n, 3) and between 0 and 1, with each shade of one of ours as that of its dark colour."""
    found, closest = colours.copy(), np.full(len(colours), 1.5 / 255)
    for light, ink in _inks.items():
        own = np.array(to_rgb(light))
        share = colours @ own / (own @ own)
        distance = np.abs(colours - share[:, None] * own).max(axis=1)
        is_shade = (distance < closest) & (share > 0.2)
        found[is_shade] = np.clip(share[is_shade, None] * np.array(to_rgb(ink.dark)), 0, 1)
        closest[is_shade] = distance[is_shade]
    return found


@cache
def _shade(colour: str) -> Ink:
    dark = to_hex(in_dark_shades(np.array([to_rgb(colour)]))[0])
    return _STAYS if dark == colour else _both(colour, dark)


def is_grey(colour: str) -> bool:
    """Whether a colour has so little of a hue that it is taken for a step between paper and ink."""
    return _hue(colour) < HUE


def _hue(colour: str) -> float:
    parts = to_rgb(colour)
    return max(parts) - min(parts)


def is_near_paper(colour: str) -> bool:
    """Whether a colour is a light grey, or nearly one, such as style sheets have for a ground."""
    return colour == WHITE or (_hue(colour) < 0.04 and to_rgb(colour)[1] > 0.7)


@cache
def _own(colour: str, opacity: float, *, is_line: bool, is_text: bool, is_step: bool = False) -> Ink:
    """Return a colour of the author's own.

    A grey has the contrast with the dark paper that it has with the light one, and a line or a text with a tinge of a
    colour is grey, unless it is a step of a palette. Another is mixed with white in the dark theme where its contrast is
    under 3, until it is 4.5; for text under 4.5, until it is 7. Where the light paper is seen through it and leaves it less, that is enough; and a pale one
    which the dark paper is seen through is mixed with that, until it is a tinge there too.
    """
    own = np.array(to_rgb(colour))
    light, dark = (np.array(to_rgb(paper)) for paper in CUSTOM_PROPERTIES["--figure-paper"])
    steps = np.linspace(0, 1, 51)[:, None]
    if not is_step and (is_grey(colour) or ((is_line or is_text) and _hue(colour) < TINGE)):
        mixed = np.linspace(0, 1, 256)[:, None] * [1, 1, 1]
        wanted = float(_contrast(own[None], to_hex(tuple(light)))[0])
        lighter = np.flatnonzero(mixed[:, 0] >= dark[1])  # than the paper, not darker
        contrasts = _contrast(mixed[lighter], to_hex(tuple(dark)))
        return _both(colour, to_hex(mixed[lighter[np.abs(contrasts - wanted).argmin()]]))

    def seen(colours: np.ndarray, paper: np.ndarray) -> np.ndarray:
        return _contrast(opacity * colours + (1 - opacity) * paper, to_hex(tuple(paper)))

    most = float(seen(own[None], light)[0])
    if opacity <= VEIL and own.min() > PALE:
        mixed = own + (dark - own) * steps
        return _both(colour, to_hex(mixed[np.argmax(seen(mixed, dark) <= max(most, FAINTEST))]))
    mixed = own + (1 - own) * steps * (1 if opacity == 1 or is_text else TINTED)
    contrasts = seen(mixed, dark)
    least = TEXT if is_text else CONTRAST if is_line or opacity > VEIL else FAINT
    enough = STRONG if is_text else TEXT if opacity == 1 else least
    if contrasts[0] >= min(least, most):
        return _STAYS
    is_enough = np.append(contrasts[:-1] >= min(enough, most), True)
    return _both(colour, to_hex(mixed[np.argmax(is_enough)]))


def _both(light: str, dark: str) -> Ink:
    return Ink(f"light-dark({light},{dark})", light, dark)
