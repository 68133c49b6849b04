"""How the axes of a figure are kept apart before it is drawn, and how large it is, on a page and on a phone."""

# ruff: noqa: ANN401 - matplotlib has no types
from __future__ import annotations

import contextlib
import math
import warnings
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, WeakSet

import matplotlib as mpl
import numpy as np
from matplotlib.category import StrCategoryFormatter
from matplotlib.layout_engine import PlaceHolderLayoutEngine, TightLayoutEngine
from matplotlib.patches import Ellipse
from matplotlib.ticker import FixedFormatter, FuncFormatter
from matplotlib.transforms import Bbox

from sitegen.running.figures.covering import MOST_TEXTS
from sitegen.running.figures.inks import STYLE, has_ground
from sitegen.running.figures.lock import all_axes
from sitegen.running.figures.margins import free_part, shared_bars, titles_above
from sitegen.running.figures.room import LEAST_SIDE
from sitegen.running.figures.space import words_outside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

PHONE = 4.4  # inches: 422 CSS pixels, which a phone shows at three quarters, with text 12 high
LOW = 0.8  # inches of axes: where they would be lower, a figure for phones, or of a size that nobody chose, is made higher
_SPACE = 0.4  # times the height of numbers, between which and those of the next axes a reader sees no space
HIGHEST = 12  # inches of a figure that is made higher
OF_WORDS = (FixedFormatter, FuncFormatter, StrCategoryFormatter)
SIDES = ("left", "right", "top", "bottom", "wspace", "hspace")

_arranged: WeakSet[Any] = WeakSet()  # figures that their authors have not arranged
_spans: WeakKeyDictionary[Any, tuple[float, float]] = WeakKeyDictionary()
"""Where colour bars begin along their axes, and how long they are."""


def arrange(drawing: Any, *, fewest: int = 2) -> None:
    """Keep the labels of several axes apart (or of one, with `fewest`), where the author has not arranged them.

    Labels may stand outside of a figure that has no ground; else they are kept on it.

    Not the constrained layout: it takes only colour bars that were made for it, and twice the time.
    """
    placed = [axes for axes in drawing.axes if axes.get_subplotspec() is not None]
    plots = [axes for axes in placed if axes.get_label() != "<colorbar>"]
    usual: Any = mpl.rcParams
    untouched = all(getattr(drawing.subplotpars, side) == usual[f"figure.subplot.{side}"] for side in SIDES)
    fewest = 1 if has_ground(drawing) else fewest
    others = len(drawing.axes) - len(placed) - len(shared_bars(drawing))
    if len(plots) >= fewest and not others and untouched and drawing.get_layout_engine() is None:
        _arranged.add(drawing)
        _tighten(drawing)


def _tighten(drawing: Any) -> None:
    # Images grow into the room that they are given, and then their titles need more of it.
    times = 1 if all(axes.get_aspect() == "auto" for axes in drawing.axes) else 2
    _place_bars(drawing)  # which is noted before the axes move
    with warnings.catch_warnings():  # not every figure can be; then it stays as it is
        warnings.simplefilter("ignore")
        for _ in range(times):
            with free_part(drawing) as part, words_outside(drawing), titles_above(drawing):
                drawing.tight_layout(rect=part)
    _place_bars(drawing)


def _place_bars(drawing: Any) -> None:
    """Let colour bars of several axes span as much of these as they did at first."""
    for bar in shared_bars(drawing):
        axes = Bbox.union([one.get_position(original=True) for one in bar._colorbar_info["parents"]])  # noqa: SLF001 - it has no other name
        place, is_upright = bar.get_position(original=True), bar._colorbar_info["location"] in {"left", "right"}  # noqa: SLF001 - as above
        start, length = (axes.y0, axes.height) if is_upright else (axes.x0, axes.width)
        own = (place.y0, place.height) if is_upright else (place.x0, place.width)
        before, share = _spans.setdefault(bar, ((own[0] - start) / length, own[1] / length))
        new = start + before * length, share * length
        bar.set_position(
            (place.x0, new[0], place.width, new[1]) if is_upright else (new[0], place.y0, new[1], place.height)
        )


def is_placed_apart(drawing: Any) -> bool:
    """Whether the author has said how far several axes stand apart: for smaller text, or before all of it was there; not that they touch."""
    grids = _grids_of(drawing)
    placed = [grid.get_subplot_params(drawing) for grid in grids if grid]
    is_apart = all(one.hspace > 0 and one.wspace > 0 for one in placed)
    is_free = drawing.get_layout_engine() is None or _is_tight(drawing)
    return len(grids) == len(placed) == 1 and is_apart and len(drawing.axes) > 1 and is_free


def _grids_of(drawing: Any) -> set[Any]:
    """Return the grids on which all axes stand, and None where some do on none."""
    specs = [axes.get_subplotspec() for axes in drawing.axes]
    return {spec and spec.get_topmost_subplotspec().get_gridspec() for spec in specs}


def strays(drawing: Any) -> int:
    """Return how many numbers, words or labels of axes that the author has placed lie on other axes beside these, or read as one with theirs."""
    if not is_placed_apart(drawing):
        return 0
    boxes = [(axes, axes.bbox.padded(-1)) for axes in drawing.axes if axes.axison and axes.name == "rectilinear"]
    found, renderer = 0, drawing.canvas.get_renderer()
    level: list[tuple[float, ...]] = []
    for number, (axes, box) in enumerate(boxes):
        beside = [other for _, other in boxes if not other.overlaps(box)]
        shown = [axis for axis in (axes.xaxis, axes.yaxis) if axis.get_visible()]
        for axis in shown:
            axis.get_tightbbox(renderer)  # which is when its label finds its place
        words = (label for axis in shown for label in (*labels_in_view(axis, axis.get_major_ticks()), axis.label))
        extents = [label.get_window_extent() for label in words if beside and label.get_visible() and label.get_text()]
        found += sum(any(extent.overlaps(other) for other in beside) for extent in extents)
        level += [(number, *extent.extents) for extent in extents if extent.width and extent.y1 <= axes.bbox.y0]
    return found + _one_with_another(level)


def labels_in_view(axis: Any, ticks: Iterable[Any]) -> Iterator[Any]:
    """Yield what is written at ticks that are within the limits of their axes: the others are not drawn."""
    low, high = sorted(axis.get_view_interval())
    near = 1e-6 * (high - low)
    labels = (
        label for tick in ticks if low - near <= tick.get_loc() <= high + near for label in (tick.label1, tick.label2)
    )
    yield from (label for label in labels if label.get_visible() and label.get_text())


def _one_with_another(texts: Sequence[tuple[float, ...]]) -> int:
    """Return how many texts (whose they are, and their box) end less than a space before one of others in the same line."""
    number, x0, y0, x1, y1 = np.array(texts[:MOST_TEXTS]).reshape(-1, 5).T
    gap = x0 - x1[:, None]
    in_line = (y0 < y1[:, None]) & (y0[:, None] < y1) & (number != number[:, None])
    return int((in_line & (gap >= 0) & (gap < _SPACE * (y1 - y0))).sum())


def _is_tight(drawing: Any) -> bool:
    """Whether the author called `tight_layout()`, which was for the texts and the size that the figure had then."""
    engine = drawing.get_layout_engine()
    return isinstance(engine, PlaceHolderLayoutEngine) and engine.adjust_compatible


@contextlib.contextmanager
def tightened(drawing: Any) -> Iterator[None]:
    """Lay out anew what the author has laid out."""
    sides = {side: getattr(drawing.subplotpars, side) for side in SIDES}
    spaces = [(grid, grid.wspace, grid.hspace) for grid in _grids_of(drawing)]
    for grid, *_ in spaces:
        grid.wspace = grid.hspace = None  # those of the grid itself come before those of the figure
    _tighten(drawing)
    try:
        yield
    finally:
        for grid, wide, high in spaces:
            grid.wspace, grid.hspace = wide, high
        drawing.set_layout_engine("none")
        drawing.subplots_adjust(**sides)


@contextlib.contextmanager
def narrowed(drawing: Any, width: float = PHONE) -> Iterator[None]:
    """Lay a figure out for a phone, with text that is larger beside it, and as high as its axes need then."""
    size = drawing.get_size_inches()
    sides = {side: getattr(drawing.subplotpars, side) for side in SIDES}
    free = [axes for axes in all_axes(drawing) if axes.get_aspect() == "auto" and _height(axes) >= LEAST_SIDE]
    lowest = [min(LOW, _height(axes)) for axes in free]
    # Circles of a diagram stay round; other figures need the height.
    is_round = any(isinstance(one, Ellipse) for axes in drawing.axes if not axes.axison for one in axes.patches)
    drawing.set_size_inches(width, size[1] * (width / size[0]) ** (1 if is_round else 0.6))
    try:
        lay_out_again(drawing)
        _lower(drawing)
        lower = list(zip(free, lowest, strict=True))
        _raise(drawing, lambda: max(_longer_labels(free), *(low - _height(axes) for axes, low in lower), 0))
        yield
    finally:
        lay_back(drawing, size, sides)


@contextlib.contextmanager
def made_smaller(drawing: Any, scale: float) -> Iterator[None]:
    """Lay a figure out smaller, with text that is larger beside it."""
    size = drawing.get_size_inches()
    sides = {side: getattr(drawing.subplotpars, side) for side in SIDES}
    drawing.set_size_inches(size * scale)
    try:
        with tightened(drawing) if is_placed_apart(drawing) else contextlib.nullcontext():
            lay_out_again(drawing, fewest=2)  # one that stands alone fills as much of it as before
            yield
    finally:
        lay_back(drawing, size, sides)


@contextlib.contextmanager
def squared(drawing: Any) -> Iterator[None]:
    """Lay a figure out as high as it is wide."""
    size = drawing.get_size_inches()
    sides = {side: getattr(drawing.subplotpars, side) for side in SIDES}
    drawing.set_size_inches(size[0], size[0])
    try:
        lay_out_again(drawing, fewest=2)
        _lower(drawing)
        yield
    finally:
        lay_back(drawing, size, sides)


@contextlib.contextmanager
def raised(drawing: Any) -> Iterator[None]:
    """Make a figure higher whose size nobody chose, where labels leave little of it to all of its rows of axes, or are longer than these."""
    size = drawing.get_size_inches()
    sides = {side: getattr(drawing.subplotpars, side) for side in SIDES}
    plots = [axes for axes in drawing.axes if axes.get_subplotspec() and axes.get_label() != "<colorbar>"]
    is_free = tuple(size) == STYLE["figure.figsize"] and all(axes.get_aspect() == "auto" for axes in plots)
    if is_free and plots:
        rows = _rows(plots)

        def missing() -> float:
            most = (HIGHEST - drawing.get_size_inches()[1]) / rows
            return float(min(max(LOW - max(map(_height, plots)), _longer_labels(plots)), most))

        _raise(drawing, missing)
    try:
        yield
    finally:
        if tuple(drawing.get_size_inches()) != tuple(size):
            lay_back(drawing, size, sides)


def _raise(drawing: Any, missing: Callable[[], float]) -> None:
    """Make a figure higher by what each row of its axes is `missing`.

    Several times, since they get only a part of that, and a layout that finds no room at all is not made.
    """
    for _ in range(4):
        more = missing()
        if more > LOW / 10:
            width, height = drawing.get_size_inches()
            drawing.set_size_inches(width, height + _rows(drawing.axes) * more)
            lay_out_again(drawing)


def _lower(drawing: Any) -> None:
    """Make a figure lower by what images of a fixed shape leave of their rows: a colour bar beside them would be higher."""
    bars = [axes for axes in drawing.axes if axes.get_label() == "<colorbar>"]
    plots = [
        axes for axes in drawing.axes if axes not in bars and axes.get_aspect() != "auto" and axes.get_subplotspec()
    ]
    if not bars or not plots or len(plots) + len(bars) < len(drawing.axes):
        return
    rows = max(axes.get_subplotspec().get_topmost_subplotspec().get_gridspec().nrows for axes in plots)
    width, highest = drawing.get_size_inches()
    for _ in range(3):  # what is beside them is as wide as it was, but the layout finds other places for it
        height, spare = drawing.get_size_inches()[1], highest
        for axes in plots:
            axes.apply_aspect()
            whole, now = axes.get_position(original=True), axes.get_position()
            spare = min(spare, (whole.height - now.height * whole.width / now.width) * height)
        drawing.set_size_inches(width, min(highest, height - rows * spare))
        lay_out_again(drawing)


def _longer_labels(plots: Iterable[Any]) -> float:
    """Return by how many inches at most axes are too low for words at their marks, or labels beside those below one another."""
    missing = 0.0
    for axes in (axes for axes in plots if axes.axison and axes.yaxis.get_visible()):
        height, dpi = _height(axes), axes.get_figure(root=True).dpi
        if axes.get_ylabel() and axes.yaxis.label.get_visible() and _rows([axes]) > 1:
            missing = max(missing, axes.yaxis.label.get_window_extent().height / dpi - height)
        if isinstance(axes.yaxis.get_major_formatter(), OF_WORDS):
            boxes = [label.get_window_extent() for label in axes.get_yticklabels() if label.get_text()]
            apart = np.ptp([box.y0 for box in boxes]) / (len(boxes) - 1) if len(boxes) > 1 else math.inf
            missing = max(missing, height * (max((box.height for box in boxes), default=0) / (apart or math.inf) - 1))
    return missing


def _rows(plots: Iterable[Any]) -> int:
    return max((axes.get_gridspec().nrows for axes in plots if axes.get_gridspec()), default=1)


def lay_back(drawing: Any, size: Any, sides: dict[str, float]) -> None:
    """Give a figure the size and the places of its axes that it had."""
    drawing.set_size_inches(size)
    engine = drawing.get_layout_engine()
    if engine is None or engine.adjust_compatible:  # else it lays the figure out itself, and warns
        drawing.subplots_adjust(**sides)
        _place_bars(drawing)


def _height(axes: Any) -> float:
    return float(axes.get_window_extent().height / axes.get_figure(root=True).dpi)


def lay_out_again(drawing: Any, *, fewest: int = 1) -> None:
    """Keep the axes of a figure apart in its present size, by what its author asked for."""
    engine = drawing.get_layout_engine()
    is_apart = drawing in _arranged or min(drawing.subplotpars.hspace, drawing.subplotpars.wspace) > 0
    if _is_tight(drawing) and is_apart:  # else its axes are to touch
        _tighten(drawing)
    elif isinstance(engine, TightLayoutEngine):
        engine.execute(drawing)
    arrange(drawing, fewest=fewest)
