"""A figure in words: the alternative text that stands for it until its author writes a better one."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.collections import FillBetweenPolyCollection, LineCollection, PathCollection, PolyCollection, QuadMesh
from matplotlib.contour import ContourSet
from matplotlib.patches import Rectangle, StepPatch, Wedge
from matplotlib.quiver import Quiver

from sitegen.running.figures.plain import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

_GREYS = {"gray", "gray_r", "grey", "grey_r", "Greys_r", "binary"}  # in which pictures are shown
MOST = 400  # characters; a listener does not want more


def draft(figure: Figure) -> str:
    """Return sentences from titles, labels, legends and the kinds of plots; `Figure` when they say nothing."""
    whole = plain(figure.get_suptitle()) if hasattr(figure, "get_suptitle") else ""
    parts = [_axes(axes) for axes in figure.axes if axes.get_label() != "<colorbar>" and axes.get_visible()]
    said = [part for part in dict.fromkeys(parts) if part]
    if not said:
        return whole or "Figure"
    joined = "; ".join(said) if len(said) > 1 else said[0]
    text = f"{whole}: {joined}" if whole else joined
    return text if len(text) <= MOST else text[: MOST - 1].rstrip() + "…"


def _axes(axes: Any) -> str:  # noqa: ANN401 - matplotlib has no types
    kind = _kind(axes)
    x, y = plain(axes.get_xlabel()), plain(axes.get_ylabel())
    z = plain(axes.get_zlabel()) if hasattr(axes, "get_zlabel") else ""
    title = plain(axes.get_title() or axes.get_title("left") or axes.get_title("right"))
    what = kind or ("Empty plot" if x or y or title else "")
    if z:
        what += f" of {z} over {' and '.join(filter(None, (x, y)))}"
    elif x and y:
        what += f" of {y} against {x}"
    elif x or y:
        what += f" of {y}" if y else f" over {x}"
    if title:
        what += f", titled {title}"
    _, names = axes.get_legend_handles_labels()
    names = [name for name in dict.fromkeys(map(plain, names)) if name]
    return f"{what}; series: {', '.join(names)}" if names and kind else what


def _kind(axes: Any) -> str:  # noqa: ANN401 - see above
    """Return what sort of plot this is, by what there is most of."""
    children = [*axes.collections, *axes.patches]

    def has(kind: type[Any]) -> bool:
        return any(isinstance(child, kind) for child in children)

    if hasattr(axes, "get_zlabel"):
        return "Surface" if any("Poly3D" in type(child).__name__ for child in children) else "Plot in three dimensions"
    if axes.images and all(np.ndim(image.get_array()) == 3 or image.get_cmap().name in _GREYS for image in axes.images):
        return "Image"
    if axes.images or has(QuadMesh):
        return "Heat map"
    if has(ContourSet):
        return "Contour plot with a path" if axes.lines else "Contour plot"
    if has(Quiver):
        return "Arrows"
    if not (axes.axison or axes.containers or all(isinstance(child, Wedge) for child in axes.patches)):
        return "Diagram"
    if has(Wedge):
        return "Pie chart"
    bars = [bar for some in axes.containers for bar in some if isinstance(bar, Rectangle)]
    if has(StepPatch) or _do_touch(bars):
        return "Histogram"
    if len(bars) > 1:
        return "Bar chart"
    lines = [line for line in axes.lines if line.get_transform() is axes.transData]  # not those across all of it
    if lines:
        shown = [line for line in lines if line.get_linestyle() not in {"None", "", " "}]
        return "Line plot" if shown else "Scatter plot"
    if has(PathCollection):
        return "Scatter plot"
    if has(LineCollection):
        return "Line plot"
    if any(isinstance(child, PolyCollection) and child.get_array() is not None for child in children):
        return "Heat map"
    if has(FillBetweenPolyCollection):
        return "Filled areas"
    if axes.tables:
        return "Table"
    return "Plot" if children or axes.texts or axes.artists else ""


def _do_touch(bars: Sequence[Rectangle]) -> bool:
    """Whether most of several bars begin where the one before ends, as those of `hist()` do."""
    touching = sum(
        (one.get_y() == other.get_y() and math.isclose(one.get_x() + one.get_width(), other.get_x()))
        or (one.get_x() == other.get_x() and math.isclose(one.get_y() + one.get_height(), other.get_y()))
        for one, other in pairwise(bars)
    )
    return len(bars) > 2 and touching > len(bars) / 2
