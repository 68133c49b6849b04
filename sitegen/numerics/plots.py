"""Drawings that posts share, one call each: matplotlib axes and what is to be seen in, the same axes drawn on out.

The axes come first and are plain, as `plt.subplots()` gives them (for `surface` with projection="3d"). Lines take the
colours of the style, C0, C1, ...; fields and surfaces a colour map, over which a path is drawn with a light edge.
"""

from collections.abc import Callable, Sequence
from itertools import cycle

import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from mpl_toolkits.mplot3d import Axes3D
from numpy.typing import ArrayLike

from sitegen.numerics.arrays import Array, as_floating
from sitegen.numerics.surfaces import grid

COLOURS = "viridis"
CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, np.sqrt(0.75)]])  # of the simplex: classes 0, 1 and 2


def levels(
    ax: Axes,
    surface: Callable[[Array], ArrayLike],
    x: tuple[float, float],
    y: tuple[float, float],
    *,
    count: int = 14,
    paths: Sequence[ArrayLike] = (),
    names: Sequence[str] = (),
    log: bool = False,
) -> Axes:
    """Draw the level sets of a surface over the rectangle x, y, and `paths` of shape (steps, 2) that walk on it.

    `log` spaces the `count` levels evenly in the logarithm of the height above the lowest, for valleys such as
    Rosenbrock's. `names` label the paths.
    """
    X, Y, Z = grid(surface, x, y, points=201)  # noqa: N806 - matrices
    heights = np.log(Z - np.min(Z) + 1e-4 * np.ptp(Z)) if log else Z
    inner = np.linspace(np.min(heights), np.max(heights), count + 2)[1:-1]
    ax.contour(X, Y, heights, levels=inner, cmap=COLOURS, linewidths=1.1)
    for path, name in zip(paths, [*names, *[""] * len(paths)], strict=False):
        points = as_floating(path)
        marker = "o-" if len(points) <= 60 else "-"  # more would hide the line
        line = ax.plot(points[:, 0], points[:, 1], marker, markersize=3, linewidth=1.6, label=name or None)[0]
        ax.plot(*points[0], "o", markersize=7, markerfacecolor="none", color=line.get_color())
    ax.set(xlim=x, ylim=y)
    if any(names):
        ax.legend()
    ax.grid(visible=False)
    return ax


def surface(
    ax: Axes3D,
    height: Callable[[Array], ArrayLike],
    x: tuple[float, float],
    y: tuple[float, float],
    *,
    path: ArrayLike | None = None,
    points: int = 61,
    top: float | None = None,
) -> Axes3D:
    """Draw a surface over the rectangle x, y in three dimensions, cut off at the height `top`, and a `path` on it."""
    X, Y, Z = grid(height, x, y, points=points)  # noqa: N806 - matrices
    cut = Z if top is None else np.minimum(Z, top)
    ax.plot_surface(X, Y, cut, cmap=COLOURS, alpha=0.85 if path is not None else 1.0, rstride=1, cstride=1, linewidth=0)
    if path is not None:
        walked = as_floating(path)
        lift = 0.01 * float(np.ptp(cut))  # just above the surface, or it would sink into the facets
        over = as_floating(height(walked)) + lift
        line = ax.plot(walked[:, 0], walked[:, 1], over, "o-", color="C1", markersize=3, zorder=10)[0]
        line.set_path_effects([patheffects.withStroke(linewidth=3.5, foreground="white")])
    return ax


def decision_boundary(
    ax: Axes, predict: Callable[[Array], ArrayLike], x: ArrayLike, labels: ArrayLike, *, margin: float = 0.3
) -> Axes:
    """Draw points `x` (n, 2) by their `labels`, over the regions of the plane in which `predict` gives each class.

    `predict` takes points (m, 2) and returns scores (m, classes), of which the largest wins, or one score (m,) or (m, 1)
    for two classes, which is positive for class 1.
    """
    x, labels = as_floating(x), np.asarray(labels)
    low, high = x.min(axis=0) - margin, x.max(axis=0) + margin
    X, Y = np.meshgrid(np.linspace(low[0], high[0], 201), np.linspace(low[1], high[1], 201))  # noqa: N806 - matrices
    scores = as_floating(predict(np.stack([X.ravel(), Y.ravel()], axis=-1))).reshape(X.size, -1)
    if scores.shape[1] == 1:
        scores = np.concatenate([-scores, scores], axis=1)
    for label, marker in zip(np.unique(labels), cycle("os^Dv"), strict=False):
        colour = f"C{label}"
        others = np.delete(scores, label, axis=1)
        lead = (scores[:, label] - np.max(others, axis=1)).reshape(X.shape)
        ax.contourf(X, Y, lead, levels=[0, np.inf], colors=[colour], alpha=0.18)
        ax.contour(X, Y, lead, levels=[0], colors=[colour], linewidths=1.4)
        mine = labels == label
        ax.plot(x[mine, 0], x[mine, 1], marker, color=colour, markersize=4, label=f"class {label}")
    ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    ax.grid(visible=False)
    return ax


def activation(
    ax: Axes,
    function: Callable[[Array], ArrayLike],
    vjp: Callable[[Array, Array], ArrayLike],
    *,
    x: tuple[float, float] = (-5, 5),
) -> Axes:
    """Draw an activation and its derivative, `vjp` with g = 1, over the interval `x`."""
    points = np.linspace(*x, 501)
    ax.axhline(0, color="C7", linewidth=0.8)
    ax.plot(points, function(points), label=f"{getattr(function, '__name__', 'function')}(x)")
    ax.plot(points, vjp(points, np.ones_like(points)), "--", label="its derivative")
    ax.set(xlim=x, xlabel="$x$")
    ax.legend()
    return ax


def simplex(
    ax: Axes,
    *,
    field: Callable[[Array], ArrayLike] | None = None,
    points: ArrayLike | None = None,
    paths: Sequence[ArrayLike] = (),
    names: Sequence[str] = ("$p_1$", "$p_2$", "$p_3$"),
) -> Axes:
    """Draw the triangle of all distributions over three classes: each corner is certain of one.

    `field` takes distributions (..., 3) and returns a number each, drawn as level sets; `points` and each of `paths`, of
    shape (n, 3), are distributions to mark and to join. A path begins at its dot.
    """
    outline = CORNERS[[0, 1, 2, 0]]
    if field is not None:
        across, up = np.meshgrid(np.linspace(0, 1, 301), np.linspace(0, CORNERS[2, 1], 261))
        third = up / CORNERS[2, 1]
        shares = np.stack([1 - across - third / 2, across - third / 2, third], axis=-1)
        inside = np.all(shares >= 0, axis=-1)
        heights = np.full(inside.shape, np.nan)
        heights[inside] = field(shares[inside])
        ax.contour(across, up, np.ma.masked_invalid(heights), levels=12, cmap=COLOURS, linewidths=1.1)
    ax.plot(outline[:, 0], outline[:, 1], color="C7", linewidth=1.2)
    for path in paths:
        joined = as_floating(path) @ CORNERS
        ax.plot(*joined.T, color="C1")
        ax.plot(*joined[0], "o", color="C1", markersize=5)
    if points is not None:
        ax.plot(*(as_floating(points) @ CORNERS).T, "o", color="C0")
    centre = CORNERS.mean(axis=0)
    for corner, name in zip(CORNERS, names, strict=True):
        across, up = corner + 0.11 * (corner - centre)
        ax.text(across, up, name, ha="center", va="center")
    ax.set(xlim=(-0.12, 1.12), ylim=(-0.1, 1.0), aspect="equal")
    ax.axis("off")
    return ax
