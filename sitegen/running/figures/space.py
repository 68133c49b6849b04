"""How labels and colour bars of plots in space, and words around a circle, are kept off what is drawn there."""

# ruff: noqa: ANN401 - matplotlib has no types
from __future__ import annotations

import contextlib
import math
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import FixedFormatter, FuncFormatter
from matplotlib.transforms import Bbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ASIDE = 0.15  # inches between the labels of a plot in space and its colour bar
APART = 0.04  # inches between a label and the numbers on its axis
_OFFSET = 21  # points that matplotlib adds to the distance of a label from its axis
_OFFSET_OF_NUMBERS = 8  # as above


@contextlib.contextmanager
def in_space(drawing: Any) -> Iterator[None]:
    """Move long numbers off their axes, the labels of plots in space away from the numbers, and colour bars away from both.

    matplotlib has places for labels of ten points, and lets the cube end where the bar begins.
    """
    spatial = [axes for axes in drawing.axes if axes.name == "3d" and axes.get_visible()]
    labelled = [axis for axes in spatial for axis in _axes_of(axes) if axis.label.get_text() and axis.get_visible()]
    engine = drawing.get_layout_engine()
    is_free = engine is None or engine.adjust_compatible  # else it has made room for bars itself
    barred = {axes: bars for axes in spatial if is_free and (bars := _bars_right_of(axes))}
    located = {one: one.get_axes_locator() for axes, bars in barred.items() for one in (axes, *bars)}
    pads = [(axis, axis.labelpad) for axis in labelled]
    numbers = [(axes.zaxis, tick.get_pad()) for axes in spatial for tick in axes.zaxis.get_major_ticks()[:1]]
    if barred or labelled or numbers:
        drawing.draw_without_rendering()  # which is when labels in space find their places
    pushed = [axis for axis, pad in numbers if _push_numbers(axis, pad, drawing)]
    if pushed:
        drawing.draw_without_rendering()
    for axis in labelled:
        axis.labelpad = _distance(axis, drawing)
    for axes, bars in barred.items():
        labels = [axis.get_tightbbox(drawing.canvas.get_renderer()) for axis in _axes_of(axes)]
        end = Bbox.union([box for box in labels if box]).padded(ASIDE * drawing.dpi)
        part = axes.get_figure(root=False).transSubfigure
        missing = end.transformed(part.inverted()).x1 - min(bar.get_position().x0 for bar in bars)
        right = min(missing, _free_right_of(bars, drawing) / part.transform_bbox(Bbox.unit()).width)
        for one, move in ((axes, right - missing), *((bar, right) for bar in bars)) if missing > 0 else ():
            one.set_axes_locator(moved(one, move, 0))
    try:
        with words_outside(drawing):
            yield
    finally:
        for one, locator in located.items():
            one.set_axes_locator(locator)
        for axis, pad in pads:
            axis.labelpad = pad
        for axis, pad in numbers if pushed else ():
            axis.set_tick_params(pad=pad)


@contextlib.contextmanager
def words_outside(drawing: Any) -> Iterator[None]:
    """Let words around circles stand outside of these."""
    circles = [axes for axes in drawing.axes if axes.name == "polar" and _is_worded(axes)]
    if circles:
        drawing.draw_without_rendering()  # which is when words find their places
    words = [(label, label.get_ha(), side) for axes in circles for label, side in _sides(axes, drawing)]
    for label, _, side in words:
        label.set_ha(side)
    try:
        yield
    finally:
        for label, side, _ in words:
            label.set_ha(side)


def _axes_of(axes: Any) -> tuple[Any, Any, Any]:
    return axes.xaxis, axes.yaxis, axes.zaxis


def _is_worded(axes: Any) -> bool:
    return isinstance(axes.xaxis.get_major_formatter(), FixedFormatter | FuncFormatter)


def _sides(axes: Any, drawing: Any) -> list[tuple[Any, str]]:
    """Return at which side the words around a circle are to begin, where one of them lies on it: matplotlib puts their middle beside it."""
    labels = [tick.label1 for tick in axes.xaxis.get_major_ticks() if tick.label1.get_text()]
    x, y = axes.bbox.x0 + axes.bbox.width / 2, axes.bbox.y0 + axes.bbox.height / 2
    boxes = [label.get_window_extent(drawing.canvas.get_renderer()) for label in labels]
    nearest = [np.hypot(np.clip(x, box.x0, box.x1) - x, np.clip(y, box.y0, box.y1) - y) for box in boxes]
    if min(nearest, default=np.inf) >= axes.bbox.width / 2:
        return []
    legend = axes.get_legend()
    taken = legend.get_window_extent(drawing.canvas.get_renderer()) if legend else None
    found = []
    for label, box in zip(labels, boxes, strict=True):
        aside = (box.x0 + box.x1) / 2 - x
        is_free = taken is None or not box.translated(np.copysign(box.width / 2, aside), 0).overlaps(taken)
        if abs(aside) > axes.bbox.width / 20 and label.get_ha() == "center" and is_free:
            found.append((label, "left" if aside > 0 else "right"))
    return found


def _line_of(axis: Any) -> Any:
    return axis.axes.transData.transform(np.column_stack(axis.line.get_data()))


def _push_numbers(axis: Any, pad: float, drawing: Any) -> bool:
    """Move numbers off their axis, whose middle matplotlib sets as far from it whatever their length; whether one lay on it."""
    start, *_, end = _line_of(axis)
    course = (end - start) / (np.hypot(*(end - start)) or 1)
    across, more = np.array([-course[1], course[0]]), 1.0
    low, high = sorted(axis.get_view_interval())
    for tick in axis.get_major_ticks():
        if low <= tick.get_loc() <= high and tick.label1.get_visible() and tick.label1.get_text():
            box = tick.label1.get_window_extent(drawing.canvas.get_renderer())
            away = abs((box.corners().mean(axis=0) - start) @ across)
            if away and (needed := np.abs(across) @ box.size / 2) > away:
                more = max(more, (needed + APART * drawing.dpi) / away)
    axis.set_tick_params(pad=(pad + _OFFSET_OF_NUMBERS) * more - _OFFSET_OF_NUMBERS)
    return more > 1


def _distance(axis: Any, drawing: Any) -> float:
    """Return how many points a label is to stand away from its axis, which is as far as it does if it meets no number."""
    renderer, label = drawing.canvas.get_renderer(), axis.label
    box = label.get_window_extent(renderer)
    middle = np.array([(box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2])
    with label._cm_set(rotation=0):  # noqa: SLF001 - as it is written
        width, height = label.get_window_extent(renderer).size
    angle = np.radians(label.get_rotation())
    along, across = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    line = _line_of(axis)
    course = line[-1] - line[0]
    is_seen_from_its_end = np.hypot(*course) < width
    if abs(course @ across) > 2 * abs(course @ along):  # a short label, which is not turned, stands beside all numbers
        along, across, width, height = across, along, math.inf, width
    out = float((middle - line.mean(axis=0)) @ across)
    if is_seen_from_its_end or not out:
        return float(axis.labelpad)
    missing, (low, high) = 0.0, sorted(axis.get_view_interval())
    for tick in axis.get_major_ticks():
        if low <= tick.get_loc() <= high and tick.label1.get_visible() and tick.label1.get_text():
            corners = tick.label1.get_window_extent(renderer).corners() - middle
            beside, beyond = corners @ along, corners @ across * np.sign(out)
            if beside.min() < width / 2 and beside.max() > -width / 2:
                missing = max(missing, beyond.max() + height / 2 + APART * drawing.dpi)
    return float((axis.labelpad + _OFFSET) * (1 + missing / abs(out)) - _OFFSET)


def moved(axes: Any, right: float, up: float) -> Callable[[Any, Any], Bbox]:
    """Return what places axes so far from where they are, in shares of the figure."""
    locate = axes.get_axes_locator() or (lambda axes, _: axes.get_position(original=True))
    return lambda axes, renderer: locate(axes, renderer).translated(right, up)


def _free_right_of(bars: list[Any], drawing: Any) -> float:
    """Return how far there is nothing of other axes beside bars, in pixels."""
    renderer = drawing.canvas.get_renderer()
    taken = Bbox.union([bar.get_tightbbox(renderer) for bar in bars])
    others = [other.get_tightbbox(renderer) for other in drawing.axes if other not in bars and other.get_visible()]
    starts = [box.x0 for box in others if box and box.x0 > taken.x0 and box.y0 < taken.y1 and taken.y0 < box.y1]
    return float(max(min(starts, default=math.inf) - taken.x1 - ASIDE * drawing.dpi, 0))


def _bars_right_of(axes: Any) -> list[Any]:
    bars = getattr(axes, "_colorbars", [])
    return [bar for bar in bars if getattr(bar, "_colorbar_info", {}).get("location") == "right"]
