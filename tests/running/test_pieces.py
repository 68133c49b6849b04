"""Surfaces and meshes written at once: the same bytes as piece by piece."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.collections import LineCollection, PolyCollection

from sitegen.running.figures import drawing
from sitegen.running.figures.drawing import draw_svg

if TYPE_CHECKING:
    from collections.abc import Callable

X, Y = np.meshgrid(np.linspace(-2, 2, 12), np.linspace(-2, 2, 12))
DICE = np.random.default_rng(0)
SHAPES = list(DICE.random((9, 5, 2)))
HOLED = [np.full((5, 2), np.nan), *SHAPES]
INKS: dict[str, Any] = {
    "closed": False,
    "facecolors": ["C0", "none", "#00000080", "k"],
    "edgecolors": ["k", (1, 0, 0, 0.5)],
    "linewidths": [1, 3],
    "linestyles": ["-", "--", ":"],
}


def in_space(**_: object) -> Any:
    return plt.figure().add_subplot(projection="3d")


def zoomed(collection: Any) -> None:
    axes = plt.figure().add_subplot()
    axes.add_collection(collection)
    axes.set(xlim=(0.2, 0.9), ylim=(-0.1, 1.1))


@pytest.mark.parametrize(
    "draw",
    [
        lambda: in_space().plot_surface(X, Y, X * Y, cmap="viridis"),
        lambda: in_space().plot_surface(X, Y, X * Y, color="C1", alpha=0.6, edgecolor="k", linewidth=0.3),
        lambda: in_space().plot_wireframe(X, Y, X * Y),
        lambda: in_space().plot_trisurf(X.ravel(), Y.ravel(), (X * Y).ravel(), cmap="magma"),
        lambda: plt.pcolormesh(X, Y, X * Y, edgecolors="w"),
        lambda: plt.quiver(X, Y, X, -Y),
        lambda: plt.hexbin(X.ravel(), Y.ravel(), gridsize=5),
        lambda: plt.fill_between([1, 2, 3], [1, 2, 4], hatch="//"),
        lambda: zoomed(PolyCollection(SHAPES, **INKS)),
        lambda: zoomed(PolyCollection(SHAPES, facecolors=["C0", "#0000ff80"], edgecolors=["none", "k", "C1"])),
        lambda: zoomed(PolyCollection(HOLED, closed=False, facecolors="C0")),
        lambda: zoomed(LineCollection(SHAPES, array=np.arange(9))),
        lambda: zoomed(LineCollection(SHAPES, urls=["https://example.org"], alpha=0.5)),
        lambda: zoomed(PolyCollection(SHAPES[:2], sizes=[9], offsets=SHAPES[0], offset_transform=plt.gca().transData)),
    ],
)
def test_pieces_are_written_as_they_are_one_by_one(draw: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> None:
    plt.close("all")
    draw()
    at_once, *_ = draw_svg(plt.gcf(), 192)
    monkeypatch.setattr(drawing._SvgRenderer, "_write_at_once", lambda *_: False)
    one_by_one, *_ = draw_svg(plt.gcf(), 192)
    plt.close("all")
    assert settled(at_once) == settled(one_by_one)


def settled(svg: str) -> str:
    """Return an SVG without what says nothing: indentation, and black, which shapes are filled with anyway."""
    return re.sub(r"<!--  -->\n|(?m:^ +)|fill: #000000; ", "", svg)


def test_a_surface_is_written_at_once() -> None:
    in_space().plot_surface(X, Y, X * Y)
    assert draw_svg(plt.gcf(), 192)[0].count("<!--  -->") >= 2  # its grid and its faces
    plt.close("all")
