"""How the axes of a figure are kept apart before it is drawn, on a page and on a phone."""

# ruff: noqa: ANN401 - matplotlib has no types
from __future__ import annotations

import contextlib
import math
import warnings
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.category import StrCategoryFormatter
from matplotlib.collections import QuadMesh
from matplotlib.dates import AutoDateFormatter, AutoDateLocator, ConciseDateFormatter
from matplotlib.image import _ImageBase
from matplotlib.layout_engine import PlaceHolderLayoutEngine, TightLayoutEngine
from matplotlib.ticker import AutoLocator, FixedFormatter, FixedLocator, FuncFormatter
from matplotlib.transforms import Bbox

from sitegen.running.figures.covering import MOST_TEXTS, extent_of
from sitegen.running.figures.extent import BESIDE
from sitegen.running.figures.inks import STYLE
from sitegen.running.figures.lock import all_axes
from sitegen.running.figures.margins import free_part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

PHONE = 4.4  # inches: 422 CSS pixels, which a phone shows at three quarters, with text 12 high
MOST_COVERED = 0.25  # of axes, by a legend, in a drawing for phones: else the wide one scrolls
LOW = (
    0.8  # inches of axes: a figure whose size nobody chose, or one for phones, is made higher where they would be lower
)
HIGHEST = 12  # inches of a figure that is made higher
LEAST_SIDE = 0.4  # inches of axes in a drawing for phones: else the wide one scrolls
_OF_WORDS = (FixedFormatter, FuncFormatter, StrCategoryFormatter)
_ASLANT = 30  # degrees
_SIDES = ("left", "right", "top", "bottom", "wspace", "hspace")


def arrange(drawing: Any, *, fewest: int = 2) -> None:
    """Keep the labels of several axes apart (or of one, with `fewest`), where the author has not arranged them.

    Labels may stand outside of a figure that has no ground; else they are kept on it.

    Not the constrained layout: it takes only colour bars that were made for it, and twice the time.
    """
    placed = [axes for axes in drawing.axes if axes.get_subplotspec() is not None]
    plots = [axes for axes in placed if axes.get_label() != "<colorbar>"]
    usual: Any = mpl.rcParams
    untouched = all(getattr(drawing.subplotpars, side) == usual[f"figure.subplot.{side}"] for side in _SIDES)
    fewest = 1 if drawing.patch.get_visible() and drawing.patch.get_facecolor()[3] else fewest
    if len(plots) >= fewest and len(placed) == len(drawing.axes) and untouched and drawing.get_layout_engine() is None:
        _tighten(drawing)


def _tighten(drawing: Any) -> None:
    # Images grow into the room that they are given, and then their titles need more of it.
    times = 1 if all(axes.get_aspect() == "auto" for axes in drawing.axes) else 2
    with warnings.catch_warnings():  # not every figure can be; then it stays as it is
        warnings.simplefilter("ignore")
        for _ in range(times):
            with free_part(drawing) as part:
                drawing.tight_layout(rect=part)


def _is_placed_apart(drawing: Any) -> bool:
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
    """Return how many numbers or words of axes that the author has placed lie on other axes beside these."""
    if not _is_placed_apart(drawing):
        return 0
    boxes = [(axes, axes.bbox.padded(-1)) for axes in drawing.axes if axes.axison and axes.name == "rectilinear"]
    found = 0
    for axes, box in boxes:
        beside = [other for _, other in boxes if not other.overlaps(box)]
        ticks = (label for axis in (axes.xaxis, axes.yaxis) if axis.get_visible() for label in axis.get_ticklabels())
        extents = [label.get_window_extent() for label in ticks if beside and label.get_visible() and label.get_text()]
        found += sum(any(extent.overlaps(other) for other in beside) for extent in extents)
    return found


def _is_tight(drawing: Any) -> bool:
    """Whether the author called `tight_layout()`, which was for the texts and the size that the figure had then."""
    engine = drawing.get_layout_engine()
    return isinstance(engine, PlaceHolderLayoutEngine) and engine.adjust_compatible


@contextlib.contextmanager
def tightened(drawing: Any) -> Iterator[None]:
    """Lay out anew what the author has laid out."""
    sides = {side: getattr(drawing.subplotpars, side) for side in _SIDES}
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
def with_turned_words(drawing: Any) -> Iterator[None]:
    """Turn the words below axes that would meet one another, and numbers that the author chose, as authors do who see it."""
    sides = {side: getattr(drawing.subplotpars, side) for side in _SIDES}
    labels = [tick.label1 for axis in _axes_of_words_that_meet(drawing) for tick in axis.get_major_ticks()]
    usual = [(label.get_ha(), label.get_va(), label.get_rotation_mode()) for label in labels]

    def level() -> None:
        for label, (side, edge, mode) in zip(labels, usual, strict=True):
            label.set(rotation=0, ha=side, va=edge, rotation_mode=mode)

    for axis in _axes_of_words_that_meet(drawing):
        upright = {"rotation": 90, "ha": "right", "va": "center"} if _are_close(axis) else {}
        for tick in axis.get_major_ticks():
            tick.label1.set(**{"rotation": _ASLANT, "ha": "right", "rotation_mode": "anchor"} | upright)
    _lay_out_again(drawing)
    try:
        with raised(drawing):
            if any(_lies_on_axes(label, drawing) for label in labels):  # there is no room for them
                level()
            yield
    finally:
        level()
        _lay_back(drawing, drawing.get_size_inches(), sides)


def _lies_on_axes(label: Any, drawing: Any) -> bool:
    box = label.get_window_extent(drawing.canvas.get_renderer()) if label.get_text() else None
    return box is not None and any(box.overlaps(axes.bbox) for axes in drawing.axes)


def remedies(drawing: Any) -> list[Callable[[Any], contextlib.AbstractContextManager[None]]]:
    """Return what may keep texts apart that meet in a drawing: what its author left to matplotlib, or chose for smaller text."""
    kinds = (
        (_is_placed_apart, tightened),
        (_formatters_of_dates, with_short_dates),
        (_locators_of_dates, with_fewer_dates),
        (_locators_of_numbers, with_fewer_numbers),
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


def _axes_of_words_that_meet(drawing: Any) -> list[Any]:
    found = [axes.xaxis for axes in drawing.axes if axes.name == "rectilinear"]
    of_words = [axis for axis in found if isinstance(axis.get_major_formatter(), _OF_WORDS)]
    given = [axis for axis in found if isinstance(axis.get_major_locator(), FixedLocator) and axis not in of_words]
    return [axis for axis in (*of_words, *given) if _do_meet(axis.get_ticklabels(), drawing.canvas.get_renderer())]


def _are_close(axis: Any) -> bool:
    """Whether the words below axes would meet also when they are aslant."""
    boxes = [label.get_window_extent() for label in axis.get_ticklabels() if label.get_text()]
    places = sorted((box.x0 + box.x1) / 2 for box in boxes)
    nearest = min((two - one for one, two in pairwise(places)), default=math.inf)
    return nearest * math.sin(math.radians(_ASLANT)) < max((box.height for box in boxes), default=0)


def _do_meet(labels: Iterable[Any], renderer: Any) -> bool:
    level = [label.get_window_extent(renderer) for label in labels if label.get_text() and label.get_rotation() == 0]
    ordered = sorted(level, key=lambda box: box.x0)
    return any(one.x1 + BESIDE > other.x0 for one, other in pairwise(ordered))


def _both_axes(drawing: Any) -> list[Any]:
    return [axis for axes in drawing.axes for axis in (axes.xaxis, axes.yaxis)]


class Room(NamedTuple):
    """How wide and how high each axes of a figure are, in inches, and how many texts are larger than what they stand in.

    strangers: legends that are wider than their axes, or lie on others.
    """

    sides: Sequence[tuple[float, ...]]
    overflows: int
    strangers: int


@contextlib.contextmanager
def narrowed(drawing: Any) -> Iterator[None]:
    """Lay a figure out for a phone, with text that is larger beside it, and as high as its axes need then."""
    size = drawing.get_size_inches()
    sides = {side: getattr(drawing.subplotpars, side) for side in _SIDES}
    free = [axes for axes in all_axes(drawing) if axes.get_aspect() == "auto" and _height(axes) >= LEAST_SIDE]
    lowest = [min(LOW, _height(axes)) for axes in free]
    drawing.set_size_inches(PHONE, size[1] * (PHONE / size[0]) ** 0.6)
    try:
        _lay_out_again(drawing)
        lower = list(zip(free, lowest, strict=True))
        _raise(drawing, lambda: max(_longer_labels(free), *(low - _height(axes) for axes, low in lower), 0))
        yield
    finally:
        _lay_back(drawing, size, sides)


@contextlib.contextmanager
def made_smaller(drawing: Any, scale: float) -> Iterator[None]:
    """Lay a figure out smaller, with text that is larger beside it."""
    size = drawing.get_size_inches()
    sides = {side: getattr(drawing.subplotpars, side) for side in _SIDES}
    drawing.set_size_inches(size * scale)
    try:
        with tightened(drawing) if _is_placed_apart(drawing) else contextlib.nullcontext():
            _lay_out_again(drawing, fewest=2)  # one that stands alone fills as much of it as before
            yield
    finally:
        _lay_back(drawing, size, sides)


@contextlib.contextmanager
def raised(drawing: Any) -> Iterator[None]:
    """Make a figure higher whose size nobody chose, where labels leave little of it to all of its rows of axes, or are longer than these."""
    size = drawing.get_size_inches()
    sides = {side: getattr(drawing.subplotpars, side) for side in _SIDES}
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
            _lay_back(drawing, size, sides)


def _raise(drawing: Any, missing: Callable[[], float]) -> None:
    """Make a figure higher by what each row of its axes is `missing`.

    Several times, since they get only a part of that, and a layout that finds no room at all is not made.
    """
    for _ in range(4):
        more = missing()
        if more > LOW / 10:
            width, height = drawing.get_size_inches()
            drawing.set_size_inches(width, height + _rows(drawing.axes) * more)
            _lay_out_again(drawing)


def _longer_labels(plots: Iterable[Any]) -> float:
    """Return by how many inches at most axes are too low for words at their marks, or labels beside those below one another."""
    missing = 0.0
    for axes in (axes for axes in plots if axes.axison and axes.yaxis.get_visible()):
        height, dpi = _height(axes), axes.get_figure(root=True).dpi
        if axes.get_ylabel() and axes.yaxis.label.get_visible() and _rows([axes]) > 1:
            missing = max(missing, axes.yaxis.label.get_window_extent().height / dpi - height)
        if isinstance(axes.yaxis.get_major_formatter(), _OF_WORDS):
            boxes = [label.get_window_extent() for label in axes.get_yticklabels() if label.get_text()]
            apart = np.ptp([box.y0 for box in boxes]) / (len(boxes) - 1) if len(boxes) > 1 else math.inf
            missing = max(missing, height * (max((box.height for box in boxes), default=0) / (apart or math.inf) - 1))
    return missing


def _rows(plots: Iterable[Any]) -> int:
    return max((axes.get_gridspec().nrows for axes in plots if axes.get_gridspec()), default=1)


def _lay_back(drawing: Any, size: Any, sides: dict[str, float]) -> None:
    drawing.set_size_inches(size)
    engine = drawing.get_layout_engine()
    if engine is None or engine.adjust_compatible:  # else it lays the figure out itself, and warns
        drawing.subplots_adjust(**sides)


def _height(axes: Any) -> float:
    return float(axes.get_window_extent().height / axes.get_figure(root=True).dpi)


def _lay_out_again(drawing: Any, *, fewest: int = 1) -> None:
    engine = drawing.get_layout_engine()
    if _is_tight(drawing):
        _tighten(drawing)
    elif isinstance(engine, TightLayoutEngine):
        engine.execute(drawing)
    arrange(drawing, fewest=fewest)


def room_in(drawing: Any) -> Room:
    """Return how much room axes, texts and legends have now."""
    plots = all_axes(drawing)
    sides = [tuple(axes.get_window_extent().size / drawing.dpi) for axes in plots]
    return Room(sides, sum(map(_overflows, plots)), _strangers(drawing, plots))


def _strangers(drawing: Any, plots: Sequence[Any]) -> int:
    """Return how many legends on axes are wider than these, and on how many axes and titles legends of the figure lie."""
    own = ((axes.get_legend(), axes.bbox) for axes in plots)
    boxes = [(legend.get_window_extent(), room) for legend, room in own if legend and legend.get_visible()]
    others = [legend.get_window_extent().padded(-1) for legend in drawing.legends if legend.get_visible()]
    texts = [text.get_window_extent() for text in drawing.texts if others and text.get_text()]
    wider = sum(box.overlaps(room) and box.width > room.width for box, room in boxes)
    rooms = [*(axes.bbox for axes in plots), *texts]
    return int(wider) + sum(int(box.overlaps(room)) for box in others for room in rooms)


def _overflows(axes: Any) -> int:
    """Return how many texts do not fit into the patch, or the cell of an image or a mesh, in which their middle is."""
    texts = [text for text in axes.texts[:MOST_TEXTS] if text.get_text() and text.get_visible()]
    meshes: list[Any] = [one for one in (*axes.images, *axes.collections) if isinstance(one, _ImageBase | QuadMesh)]
    meshes = [
        one for one in meshes if texts and np.ndim(one.get_array()) > 1
    ]  # not cells in a row, `set_array(c.ravel())`
    held = [(one.get_window_extent(), one.get_array().shape[1::-1]) for one in meshes]
    held += [(one.get_window_extent(), (1, 1)) for one in axes.patches] if texts else []
    if not held:
        return 0
    corners = np.array([box.extents for box, _ in held])
    cells = (corners[:, 2:] - corners[:, :2]) / [count for _, count in held]
    boxes = np.array([extent_of(text).extents for text in texts])
    middles, sizes = (boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]
    is_inside = ((corners[:, None, :2] < middles) & (middles < corners[:, None, 2:])).all(axis=-1)
    return int((is_inside & (sizes > cells[:, None]).any(axis=-1)).any(axis=0).sum())


def is_squeezed(drawing: Any, wide: Room) -> bool:
    """Whether axes are small now that were not small in the `wide` drawing, or texts and legends larger than what they stand in."""
    now = room_in(drawing)
    pairs = zip(now.sides, wide.sides, strict=True)
    is_small = any(side < LEAST_SIDE <= was for pair in pairs for side, was in zip(*pair, strict=True))
    return is_small or now.overflows > wide.overflows or now.strangers > wide.strangers


def is_roomy(drawing: Any, wide: Room) -> bool:
    """Whether no axes are squeezed that were not small in the `wide` drawing, and legends leave them free.

    Every legend leaves most of its axes free, and beside it stand axes that are no smaller than it is.
    """
    if is_squeezed(drawing, wide):
        return False
    legends = [(axes.get_legend(), axes.get_window_extent()) for axes in all_axes(drawing)]
    for box, room in (
        (legend.get_window_extent(), room) for legend, room in legends if legend and legend.get_visible()
    ):
        inside, free = Bbox.intersection(box, room), room.width * room.height
        if inside and (box.width > room.width or inside.width * inside.height > MOST_COVERED * free):
            return False
        if box.width * box.height > free:
            return False
    return True
