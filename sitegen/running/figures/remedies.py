"""What may keep texts apart that meet in a figure: what its author left to matplotlib, or chose for smaller text."""

# ruff: noqa: ANN401 - matplotlib has no types
from __future__ import annotations

import contextlib
import math
import warnings
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from matplotlib.dates import AutoDateFormatter, AutoDateLocator, ConciseDateFormatter
from matplotlib.projections.geo import GeoAxes
from matplotlib.ticker import AutoLocator, FixedLocator, LogLocator

from sitegen.running.figures.extent import BESIDE
from sitegen.running.figures.layout import (
    OF_WORDS,
    SIDES,
    is_placed_apart,
    labels_in_view,
    lay_back,
    lay_out_again,
    raised,
    squared,
    tightened,
)
from sitegen.running.figures.room import crowded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_ASLANT = 30  # degrees
_LINE = 1.2  # times the size of a text, from one of its lines to the next


@contextlib.contextmanager
def with_short_dates(drawing: Any) -> Iterator[None]:
    """Write dates that the author left to matplotlib without what the date before says already."""
    written = _formatters_of_dates(drawing)
    new: Any = ConciseDateFormatter
    for axis, _ in written:
        axis.major.formatter = new(axis.get_major_locator())
        axis.major.formatter.set_axis(axis)
    try:
        yield
    finally:
        for axis, usual in written:
            axis.major.formatter = usual


@contextlib.contextmanager
def with_fewer_dates(drawing: Any) -> Iterator[None]:
    """Write about half as many dates, where the author left to matplotlib which."""
    most = [(locator, locator.maxticks) for locator in _locators_of_dates(drawing)]
    for locator, usual in most:
        locator.maxticks = {unit: (count + 1) // 2 for unit, count in usual.items()}
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "AutoDateLocator was unable", UserWarning)  # to have so few: it has more
            yield
    finally:
        for locator, usual in most:
            locator.maxticks = usual


@contextlib.contextmanager
def with_fewer_numbers(drawing: Any) -> Iterator[None]:
    """Name few circles of polar plots and places on axes in space, and about half of the numbers that meet below axes.

    That is where the author left to matplotlib which. It has a quarter of the height for the circles, and axes in space are seen aslant.
    """
    usual = [(locator, locator._nbins) for locator in _locators_of_numbers(drawing)]  # noqa: SLF001 - it has no other name
    most = {"polar": 4, "3d": 5}
    for locator, _ in usual:
        fewer = max(len(locator.axis.get_majorticklocs()) // 2, 2)
        locator.set_params(nbins=most.get(locator.axis.axes.name, fewer))
    try:
        yield
    finally:
        for locator, most in usual:
            locator.set_params(nbins=most)


@contextlib.contextmanager
def with_fewer_longitudes(drawing: Any) -> Iterator[None]:
    """Name every second longitude of maps on which they would meet, the middle one too."""
    ticks = [axis.get_major_ticks() for axis in _longitudes_that_meet(drawing)]
    others = [
        tick.label1 for some in ticks for tick in (*some[len(some) // 2 - 1 :: -2], *some[len(some) // 2 + 1 :: 2])
    ]
    others = [label for label in others if label.get_visible()]
    for label in others:
        label.set_visible(False)
    try:
        yield
    finally:
        for label in others:
            label.set_visible(True)


@contextlib.contextmanager
def with_fewer_minor_numbers(drawing: Any) -> Iterator[None]:
    """Name those places between decades alone whose numbers meet no others, where the author left to matplotlib which."""
    meeting = [label for axis in _both_axes(drawing) for label in _minor_labels_that_meet(axis)]
    for label in meeting:
        label.set_visible(False)
    try:
        yield
    finally:
        for label in meeting:
            label.set_visible(True)


@contextlib.contextmanager
def with_turned_words(drawing: Any) -> Iterator[None]:
    """Turn the words below or above axes that would meet one another, and numbers that the author chose, as authors do who see it.

    What the author set aslant stays so, if it has room from where it ends at the axes.
    """
    sides = {side: getattr(drawing.subplotpars, side) for side in SIDES}
    meeting = _axes_of_words_that_meet(drawing)
    labels = [label for axis in meeting for label in _labels(axis)]
    usual = [(one.get_rotation(), one.get_ha(), one.get_va(), one.get_rotation_mode()) for one in labels]

    def level() -> None:
        for label, (angle, side, edge, mode) in zip(labels, usual, strict=True):
            label.set(rotation=angle, ha=side, va=edge, rotation_mode=mode)

    for axis in meeting:
        angle = _angle_of(axis) or _ASLANT
        upright = {"rotation": 90, "va": "center"} if _are_close(axis, angle) else {}
        sides_of_ends = ("right", "left") if upright or angle < 90 else ("left", "right")
        for tick in axis.get_major_ticks():
            for label, end in zip((tick.label1, tick.label2), sides_of_ends, strict=True):
                label.set(**{"rotation": angle, "ha": end, "rotation_mode": "anchor"} | upright)
    lay_out_again(drawing)
    try:
        with raised(drawing):
            if any(_lies_on_axes(label, drawing) for label in labels):  # there is no room for them
                level()
            yield
    finally:
        level()
        lay_back(drawing, drawing.get_size_inches(), sides)


def _lies_on_axes(label: Any, drawing: Any) -> bool:
    box = label.get_window_extent(drawing.canvas.get_renderer()) if label.get_text() else None
    return box is not None and any(box.overlaps(axes.bbox) for axes in drawing.axes)


def remedies(drawing: Any) -> list[Callable[[Any], contextlib.AbstractContextManager[None]]]:
    """Return what may keep texts apart that meet in a drawing: what its author left to matplotlib, or chose for smaller text."""
    kinds = (
        (crowded, squared),
        (is_placed_apart, tightened),
        (_formatters_of_dates, with_short_dates),
        (_locators_of_dates, with_fewer_dates),
        (_locators_of_numbers, with_fewer_numbers),
        (lambda figure: any(map(_minor_labels_that_meet, _both_axes(figure))), with_fewer_minor_numbers),
        (_longitudes_that_meet, with_fewer_longitudes),
        (_axes_of_words_that_meet, with_turned_words),
    )
    return [remedy for applies, remedy in kinds if applies(drawing)]


def _formatters_of_dates(drawing: Any) -> list[tuple[Any, Any]]:
    found = ((axis, axis.get_major_formatter()) for axis in _both_axes(drawing))
    return [(axis, formatter) for axis, formatter in found if isinstance(formatter, AutoDateFormatter)]


def _locators_of_dates(drawing: Any) -> list[Any]:
    found = (axis.get_major_locator() for axis in _both_axes(drawing))
    return [locator for locator in found if isinstance(locator, AutoDateLocator)]


def _locators_of_numbers(drawing: Any) -> list[Any]:
    of_radii = [axes.yaxis for axes in drawing.axes if axes.name == "polar"]
    in_space = [axis for axes in drawing.axes if axes.name == "3d" for axis in (axes.xaxis, axes.yaxis, axes.zaxis)]
    level = [axes.xaxis for axes in drawing.axes if axes.name == "rectilinear"]
    level = [axis for axis in level if _do_meet(axis.get_ticklabels(), drawing.canvas.get_renderer())]
    axes_of_numbers = (*of_radii, *in_space, *level)
    found = [getattr(axis.get_major_locator(), "base", axis.get_major_locator()) for axis in axes_of_numbers]
    return [locator for locator in found if isinstance(locator, AutoLocator)]


def _minor_labels_that_meet(axis: Any) -> list[Any]:
    """Return the numbers between decades that are to go for the others to stand apart; the decades stay."""
    if not (isinstance(axis.get_minor_locator(), LogLocator) and axis.isDefault_minfmt):
        return []
    axis.get_ticklabels(minor=True)  # which is when ticks find their places
    renderer = axis.get_figure(root=True).canvas.get_renderer()
    kept: list[tuple[float, float]] = []
    gone = []
    for ticks, are_minor in ((axis.get_major_ticks(), False), (axis.get_minor_ticks(), True)):
        for label in labels_in_view(axis, ticks):
            box = label.get_window_extent(renderer).padded(BESIDE)
            start, end = box.intervalx if axis.axis_name == "x" else box.intervaly
            if are_minor and any(one < end and start < other for one, other in kept):
                gone.append(label)
            else:
                kept.append((start, end))
    return gone


def _longitudes_that_meet(drawing: Any) -> list[Any]:
    found = [axes.xaxis for axes in drawing.axes if isinstance(axes, GeoAxes)]
    return [axis for axis in found if _do_meet(axis.get_ticklabels(), drawing.canvas.get_renderer())]


def _axes_of_words_that_meet(drawing: Any) -> list[Any]:
    found = [axes.xaxis for axes in drawing.axes if axes.name == "rectilinear"]
    of_words = [axis for axis in found if isinstance(axis.get_major_formatter(), OF_WORDS) or _angle_of(axis)]
    given = [axis for axis in found if isinstance(axis.get_major_locator(), FixedLocator) and axis not in of_words]
    return [axis for axis in (*of_words, *given) if _do_meet(axis.get_ticklabels(), drawing.canvas.get_renderer())]


def _labels(axis: Any) -> list[Any]:
    return [label for tick in axis.get_major_ticks() for label in (tick.label1, tick.label2)]


def _angle_of(axis: Any) -> float:
    """Return how far the words below axes are aslant, 0 where they are not."""
    return next((label.get_rotation() for label in axis.get_ticklabels() if label.get_text() and _is_aslant(label)), 0)


def _is_aslant(label: Any) -> bool:
    return bool(0 < label.get_rotation() < 90 or label.get_rotation() > 270)


def _are_close(axis: Any, angle: float) -> bool:
    """Whether the words below axes would meet also when they are aslant and end at their marks."""
    labels = [label for label in axis.get_ticklabels() if label.get_text()]
    places = sorted(label.get_transform().transform(label.get_position())[0] for label in labels)
    nearest = min((two - one for one, two in pairwise(places)), default=math.inf)
    return nearest * abs(math.sin(math.radians(angle))) < max(map(_height, labels), default=0)


def _do_meet(labels: Iterable[Any], renderer: Any) -> bool:
    boxes = [(label, label.get_window_extent(renderer)) for label in labels if label.get_text()]
    level = sorted((box.x0, box.x1) for label, box in boxes if label.get_rotation() == 0)
    aslant = sorted((_over(label, box), _height(label)) for label, box in boxes if _is_aslant(label))
    return any(end + BESIDE > start for (_, end), (start, _) in pairwise(level)) or any(
        other - one < height for (one, height), (other, _) in pairwise(aslant)
    )


def _over(label: Any, box: Any) -> float:
    """Return how high the middle of a text is on paper that is turned as far as the text is aslant."""
    angle = math.radians(label.get_rotation())
    return float((box.y0 + box.y1) / 2 * math.cos(angle) - (box.x0 + box.x1) / 2 * math.sin(angle))


def _height(label: Any) -> float:
    lines = label.get_text().count("\n") + 1
    return float(_LINE * lines * label.get_fontsize() * label.get_figure(root=True).dpi / 72)


def _both_axes(drawing: Any) -> list[Any]:
    return [axis for axes in drawing.axes for axis in (axes.xaxis, axes.yaxis)]
