"""What a value or a figure is to the page: a figure to draw, an empty one, or only what drawing has given back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D

from sitegen.running.figures.animation import figure_of, is_filmed

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator, Mapping

_LIMITS = frozenset({"axis", "margins"})  # methods of axes that give back limits when they set them


def close(figure: Drawing) -> None:
    """Close a figure that is to be drawn once more."""
    canvas = figure.canvas  # closing takes it away, and what the program connected to it
    plt.close(figure)
    figure.set_canvas(canvas)


def open_figures() -> Iterator[Drawing]:
    """Yield the open figures in order, each closed as it is taken."""
    for number in plt.get_fignums():
        figure = plt.figure(number)
        close(figure)
        yield figure


def is_blank(figure: Drawing) -> bool:
    """Whether nothing is on a figure, and nothing will move on it: `plt.figure()` before `plt.subplots()` leaves one."""
    return all(child is figure.patch for child in figure.get_children()) and not is_filmed(figure)


def is_bare(figure: Any) -> bool:  # noqa: ANN401 - as in drawing.py
    """Whether nothing is drawn on any axes of a figure yet: lines without a point wait for what a program draws as it goes on."""
    drawn = [child for axes in figure.axes for child in axes._children if axes.get_visible()]  # noqa: SLF001 - all of a kind
    return bool(figure.axes) and not any(
        not isinstance(one, Line2D) or np.size(one.get_xdata(orig=True)) for one in drawn
    )


def figures_in(value: object) -> list[Drawing]:
    """Return the figures that a shown value is, or moves."""
    figure = figure_of(value) or value
    return [figure] if isinstance(figure, Drawing) else []


def is_drawing(value: object, node: ast.expr, space: Mapping[str, object]) -> bool:
    """Whether a last value is only what drawing gives back: artists, limits of axes; figures are not."""
    if figures_in(value):
        return False
    if isinstance(value, dict):
        return any(_is_of_artists(part) for part in value.values())
    return _is_of_artists(value) or (isinstance(value, tuple | list) and _draws(node, space)) or _holds_artists(value)


def _is_of_artists(value: object, depth: int = 4) -> bool:
    """Whether a value is matplotlib's, or holds such: what `plot`, `hist`, `pie` and `subplots` return.

    depth: of lists within lists that are looked into; one may hold itself.
    """
    if isinstance(value, Artist) or type(value).__module__.startswith(
        ("matplotlib.", "sitegen.running.figures.window")
    ):
        return True
    if isinstance(value, np.ndarray):
        return value.dtype == object and value.size > 0 and depth > 0 and _is_of_artists(value.flat[0], depth - 1)
    return depth > 0 and isinstance(value, list | tuple) and any(_is_of_artists(part, depth - 1) for part in value[:8])


def _holds_artists(value: object) -> bool:
    """Whether an object says nothing of itself and holds what it drew, as grids of seaborn and displays of scikit-learn do."""
    kind = type(value)
    is_mute = kind.__repr__ is object.__repr__ and not any(name.startswith("_repr_") for name in dir(kind))
    return is_mute and any(_is_of_artists(part) for part in getattr(value, "__dict__", {}).values())


def _draws(node: ast.expr, space: Mapping[str, object]) -> bool:
    """Whether an expression is a call such as `plt.xlim(...)` or `ax.axis("off")`, whose value nobody wants to see."""
    function = getattr(node, "func", None)
    owner, name = getattr(function, "value", None), str(getattr(function, "attr", ""))
    held = space.get(str(getattr(owner, "id", "")))
    return name.startswith("set_") or held is plt or (held is not None and _is_of_artists(held) and name in _LIMITS)
