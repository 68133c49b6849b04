"""A colour, and where in a figure it stands -> what it is in each theme.

An ink becomes its custom property. A colour of one of matplotlib's even maps becomes two, since the map is cut where it
would vanish in the paper: on the light paper its light end, on the dark paper its dark end, down to a contrast of 3.
A colour of the author's own, chosen on white, is lightened where it would vanish in the dark paper.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.colors import to_hex, to_rgb

from sitegen.running.palette import CUSTOM_PROPERTIES, LIGHT

BLACK, WHITE = "#000000", "#ffffff"
EXACT, COVERED, OUTER = "exact-colours", "covered", "outer"  # ids of groups while a figure is drawn; see Mode
MESH, BAR = "exact-mesh", "bar"  # pieces side by side, in exact colours or not, between which no ground is to shine
MAPS = ("viridis", "plasma", "cividis", "magma", "inferno")  # of even steps, and told apart by the colour-blind
CONTRAST = 3  # WCAG 2.2, 1.4.11


class Ink(NamedTuple):
    """What a colour becomes: as CSS, and in each theme; all "" where it stays."""

    css: str = ""
    light: str = ""
    dark: str = ""


_STAYS = Ink()
_inks = {colour: Ink(f"var({name})", *CUSTOM_PROPERTIES[name]) for colour, name in LIGHT.items()}
_INK, _PAPER = (Ink(f"var({name})", *CUSTOM_PROPERTIES[name]) for name in ("--figure-ink", "--figure-paper"))
_cut: dict[str, Ink] = {}


def cut_maps() -> None:
    """Find what the colours of the maps become; once, in the fork server."""
    for name in MAPS:
        colours = mpl.colormaps[name](np.arange(256))[:, :3]
        visible = [_contrast(colours, CUSTOM_PROPERTIES["--figure-paper"][theme]) >= CONTRAST for theme in (0, 1)]
        last, first = int(np.flatnonzero(visible[0]).max()), int(np.flatnonzero(visible[1]).min())
        written = [to_hex(colour) for colour in colours]
        for index, colour in enumerate(written):
            light, dark = written[round(index * last / 255)], written[round(first + index * (255 - first) / 255)]
            _cut.setdefault(colour, Ink(f"light-dark({light},{dark})", light, dark))


def is_cut(name: str) -> bool:
    """Whether the colours of a map are others in each theme."""
    return name.removesuffix("_r") in MAPS


def _contrast(colours: np.ndarray, paper: str) -> np.ndarray:
    """Return the contrast of colours, of shape (n, 3) and between 0 and 1, with a paper, as WCAG defines it."""

    def luminance(rgb: np.ndarray) -> np.ndarray:
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        return np.asarray(linear @ [0.2126, 0.7152, 0.0722])

    ground = luminance(np.array([int(paper[start : start + 2], 16) / 255 for start in (1, 3, 5)]))
    found = luminance(colours)
    return np.asarray((np.maximum(found, ground) + 0.05) / (np.minimum(found, ground) + 0.05))


class Mode:
    """What may become of a colour where the drawing stands; follows the groups that artists open and close.

    In `exact-colours` (of an image, a mesh, a surface) nothing changes; in `covered` (axes filled with one) black, white
    and the colours of maps stay, since they were chosen against what is below them; elsewhere black and white are ink
    and paper, and a map is cut.
    """

    def __init__(self) -> None:
        self._stack: list[tuple[bool, bool]] = [(True, True)]

    def enter(self, name: str, gid: str | None) -> None:
        """Enter a group."""
        inks, plain = self._stack[-1]
        if gid in {EXACT, MESH}:
            inks = plain = False
        elif gid == COVERED:
            plain = False
        elif gid == OUTER or name.startswith("matplotlib.axis"):
            plain = inks
        self._stack.append((inks, plain))

    def leave(self) -> None:
        """Leave a group."""
        if len(self._stack) > 1:
            self._stack.pop()

    @property
    def is_exact(self) -> bool:
        """Whether no colour changes here."""
        return not self._stack[-1][0]

    def ink_of(self, colour: str) -> Ink:
        """Return what a colour becomes here."""
        inks, plain = self._stack[-1]
        if inks and colour in _inks:
            return _inks[colour]
        if plain and colour in {BLACK, WHITE}:
            return _INK if colour == BLACK else _PAPER
        if not plain or not re.fullmatch("#[0-9a-f]{6}", colour):
            return _STAYS
        return _cut.get(colour) or _lightened(colour)


@cache
def _lightened(colour: str) -> Ink:
    """Return a colour, mixed with white in the dark theme where its contrast with the paper is under 3, until it is 4.5."""
    own = np.array(to_rgb(colour))
    shares = np.linspace(0, 1, 51)[:, None]
    mixed = own + (1 - own) * shares
    contrasts = _contrast(mixed, CUSTOM_PROPERTIES["--figure-paper"][1])
    if contrasts[0] >= CONTRAST:
        return _STAYS
    lighter = to_hex(mixed[np.argmax(contrasts >= 4.5)])
    return Ink(f"light-dark({colour},{lighter})", colour, lighter)
