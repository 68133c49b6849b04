"""Filled contours as areas that lie on each other: the same picture in fewer bytes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from sitegen.running.figures.bands import can_be_stacked, stacked
from sitegen.running.figures.drawing import draw_svg
from sitegen.running.figures.dress import dressed

X, Y = np.meshgrid(np.linspace(-3, 3, 61), np.linspace(-3, 3, 61))
HEIGHT = np.sin(X) * np.cos(Y) + 0.1 * X * Y
HOLE = np.ma.masked_where(X**2 + Y**2 < 0.5, HEIGHT)
SHORT, TALL = [-0.5, 0.0, 0.5], [-2.0, -1.0, 0.0, 1.0, 2.0]


@pytest.fixture
def figure() -> Figure:
    return Figure(figsize=(4, 3))


def pixels(figure: Figure) -> np.ndarray:
    new: Any = FigureCanvasAgg
    canvas = new(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba()).astype(int)


@pytest.mark.parametrize("themed", [True, False])
@pytest.mark.parametrize(
    ("heights", "options"),
    [
        (HEIGHT, {"levels": 9}),
        (HOLE, {"levels": 9}),
        (np.where(HEIGHT > 0.2, HEIGHT + 5, HEIGHT), {"levels": 20}),  # levels between which there is nothing
        (HEIGHT, {"levels": SHORT, "extend": "both"}),
        (HEIGHT, {"levels": TALL, "colors": ["C0", "C1", "C2", "C3"]}),
        (np.exp(3 * HEIGHT), {"locator": LogLocator()}),
    ],
)
def test_areas_that_lie_on_each_other_look_the_same_and_take_less(
    figure: Figure, heights: np.ndarray, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch, *, themed: bool
) -> None:
    contours = figure.subplots().contourf(X, Y, heights, **options)
    was, areas = pixels(figure), list(contours.get_paths())
    assert can_be_stacked(contours)
    with dressed(figure, themed=themed):
        written = len(draw_svg(figure, 96)[0])
    assert contours.get_paths() == areas
    contours.set_paths(stacked(contours))
    assert np.mean(np.abs(pixels(figure) - was).max(axis=2) > 8) < 1e-4
    contours.set_paths(areas)
    monkeypatch.setattr("sitegen.running.figures.dress.can_be_stacked", lambda _: False)
    with dressed(figure, themed=themed):
        assert written < 0.95 * len(draw_svg(figure, 96)[0])


@pytest.mark.parametrize(
    "options",
    [
        {"alpha": 0.5},
        {"hatches": ["/", "."]},
        {"levels": SHORT},  # above the last level the ground is seen
        {"colors": ["C0", "none", "C1", "C2"], "levels": TALL},
    ],
)
def test_areas_under_which_something_is_seen_stay_apart(figure: Figure, options: dict[str, Any]) -> None:
    assert not can_be_stacked(figure.subplots().contourf(X, Y, HEIGHT, **options))


def test_areas_with_edges_and_lines_stay_as_they_are(figure: Figure) -> None:
    contours = figure.subplots().contourf(X, Y, HEIGHT)
    contours.set_edgecolor("face")
    assert not can_be_stacked(contours)
    assert not can_be_stacked(figure.subplots().contour(X, Y, HEIGHT))
