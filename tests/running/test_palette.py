"""The palette can be told apart: against the paper, and series from series, also without red or green cones."""

from __future__ import annotations

from itertools import combinations

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_hex

from sitegen.running.figures.mode import CONTRAST, MAPS, Mode, _tables, add_map, cut_maps, is_cut
from sitegen.running.figures.palette import CUSTOM_PROPERTIES

# Machado, Oliveira and Fernandes (2009), severity 1.0, in linear RGB.
VISION = {
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "trichromacy": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
}
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])  # IEC 61966-2-1, D65


def linear(colour: str) -> np.ndarray:
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def luminance(colour: str) -> float:
    return float(XYZ[1] @ linear(colour))


def lab(rgb: np.ndarray) -> np.ndarray:
    ratio = XYZ @ rgb / XYZ.sum(axis=1)
    f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def series(theme: int) -> list[str]:
    return [CUSTOM_PROPERTIES[f"--figure-{number}"][theme] for number in range(1, 9)]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_every_colour_stands_out_from_the_paper(theme: int) -> None:
    paper = luminance(CUSTOM_PROPERTIES["--figure-paper"][theme])
    for colour in series(theme):
        light, dark = max(paper, luminance(colour)), min(paper, luminance(colour))
        assert (light + 0.05) / (dark + 0.05) >= 3, colour  # WCAG 2.2, 1.4.11


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("kind", VISION)
def test_no_two_series_look_alike(theme: int, kind: str) -> None:
    seen = {colour: lab(np.clip(np.array(VISION[kind]) @ linear(colour), 0, 1)) for colour in series(theme)}
    nearest = min((float(np.linalg.norm(seen[a] - seen[b])), a, b) for a, b in combinations(seen, 2))
    assert nearest[0] >= 12, nearest  # CIE 1976 distance; about 2 can just be told apart side by side


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("name", MAPS)
def test_marks_coloured_by_a_map_stand_out_from_every_paper(name: str, theme: int) -> None:
    cut_maps()
    mode = Mode()
    colours = [to_hex(colour) for colour in mpl.colormaps[name](np.arange(256))]
    levels = mpl.colormaps[name](np.arange(256))[:, :3]
    table = {} if is_cut(name) else _tables[add_map(levels, np.empty((0, 3)), CONTRAST)]
    shown = [(table.get(colour) or mode.ink_of(colour))[1 + theme] for colour in colours]
    paper = luminance(CUSTOM_PROPERTIES["--figure-paper"][theme])
    for colour in shown[4:]:  # magma and inferno begin with the same black
        light, dark = max(paper, luminance(colour)), min(paper, luminance(colour))
        assert (light + 0.05) / (dark + 0.05) >= 2.99, colour
    assert len(set(shown)) > 100
    lightness = [float(lab(linear(colour))[0]) for colour in shown[4:]]
    assert lightness == pytest.approx(sorted(lightness), abs=2)  # as even as the map: more is lighter
