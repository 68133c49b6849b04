"""Keeps the axes of a slider's frames the same: what frames would choose by themselves is joined, and set for all.

Limits of axes that scale themselves, limits of colours, and the place that the default frame finds for a legend.
"""

# ruff: noqa: ANN401 - types of matplotlib are `Any`, as in drawing.py

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.contour import ContourSet

if TYPE_CHECKING:
    from collections.abc import Sequence

Row = dict[str, list[list[float]]]
"""What the axes of one figure would choose: for each, [low, high] under x, y, z, colours, and [x, y] of a legend."""

_BEST = 0  # matplotlib's code for a legend that looks for its own place


class Study:
    """How the figures of one frame are drawn. prefix: of ids in an SVG.

    limits: for each figure, what holds all frames (`firm`), or what the default frame chose; None to find that.
    rows: what this frame would choose, for each figure. drawn: whether all its figures were drawn.
    """

    def __init__(self, prefix: str, limits: Sequence[Row] | None, *, firm: bool) -> None:
        self.prefix, self.limits, self.firm = prefix, limits, firm
        self.rows: list[Row] = []
        self.drawn = True

    def is_to_be_drawn(self, drawing: Any) -> bool:
        """Prepare a figure; False when it must wait until the limits of all frames are known."""
        number = len(self.rows)
        known = self.limits[number] if self.limits is not None and number < len(self.limits) else {}
        row = {} if self.firm else measure(drawing, legends=self.limits is None)
        self.rows.append(row)
        if not self.firm and (self.limits is None or join([known, row]) != known):
            self.drawn = False
            return False
        apply(drawing, known)
        return True


def all_axes(drawing: Any) -> list[Any]:
    """Return the axes of a figure, insets and parasites included."""
    return [one for axes in drawing.axes for one in (axes, *axes.child_axes, *getattr(axes, "parasites", ()))]


def measure(drawing: Any, *, legends: bool) -> Row:
    """Return what a figure's axes chose by themselves; nothing of it for axes whose limits the author set.

    legends: whether the place of a legend is wanted, for which the figure must be laid out.
    """
    row: Row = {}
    if legends and any(_seeks_place(axes) for axes in all_axes(drawing)):
        drawing.draw_without_rendering()
    for number, axes in enumerate(all_axes(drawing)):
        for side in _sides(axes):
            if getattr(axes, f"get_autoscale{side}_on")():
                row[f"{number} {side}"] = [_floats(getattr(axes, f"get_{side}lim")())]
        colours = [_floats(artist.get_clim()) for artist in _mapped(axes)]
        if colours:
            row[f"{number} colours"] = colours
        if legends and _seeks_place(axes):
            corner = axes.get_legend().get_window_extent().get_points()[0]
            row[f"{number} legend"] = [_floats(axes.transAxes.inverted().transform(corner))]
    return row


def join(rows: Sequence[Row]) -> Row:
    """Return limits that hold every frame's; the first row, the default frame's, places the legends."""
    joined: Row = {}
    for row in rows:
        for key, pairs in row.items():
            known = joined.get(key)
            if known is None:
                joined[key] = pairs
            elif not key.endswith("legend") and len(known) == len(pairs):
                joined[key] = [_around(one, two) for one, two in zip(known, pairs, strict=True)]
    return joined


def apply(drawing: Any, row: Row) -> None:
    """Set joined limits where a figure's axes would choose their own."""
    for number, axes in enumerate(all_axes(drawing)):
        for side in _sides(axes):
            pairs = row.get(f"{number} {side}")
            if pairs and getattr(axes, f"get_autoscale{side}_on")():
                getattr(axes, f"set_{side}lim")(*pairs[0])
        for artist, (low, high) in zip(_mapped(axes), row.get(f"{number} colours", ()), strict=False):
            artist.set_clim(low, high)
        place = row.get(f"{number} legend")
        if place and _seeks_place(axes):
            axes.get_legend().set_loc(tuple(place[0]))


def _sides(axes: Any) -> str:
    return "xyz" if hasattr(axes, "get_zlim") else "xy"


def _mapped(axes: Any) -> list[Any]:
    """Return the artists that a colour map colours; contours are not among them, since their levels are drawn already."""
    found = [*axes.images, *axes.collections]
    return [one for one in found if one.get_array() is not None and not isinstance(one, ContourSet)]


def _seeks_place(axes: Any) -> bool:
    legend = axes.get_legend()
    return legend is not None and getattr(legend, "_loc", None) == _BEST


def _around(one: list[float], two: list[float]) -> list[float]:
    low, high = min(*one, *two), max(*one, *two)
    return [high, low] if one[0] > one[1] else [low, high]


def _floats(pair: Any) -> list[float]:
    return [float(number) for number in pair]
