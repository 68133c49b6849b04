"""The part of a figure that texts and legends along its edges leave to its axes: `fig.text(0.5, 0.04, "x")`, a title put by hand.

matplotlib's tight layout knows of axes and of titles that it placed itself.
"""

# ruff: noqa: ANN401 - types of matplotlib are `Any`, as in drawing.py

from __future__ import annotations

import contextlib
import math
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from matplotlib.offsetbox import VPacker
from matplotlib.transforms import Bbox, IdentityTransform, ScaledTranslation

from sitegen.running.figures.covering import MOST_TEXTS, extent_of
from sitegen.running.figures.inks import has_ground
from sitegen.running.figures.space import moved

if TYPE_CHECKING:
    from collections.abc import Iterator

_EDGE = 0.25  # share of a figure in which the middle of a text lies that belongs to an edge
_MOST = 0.45  # share of it that is left to texts at one edge
_beside: WeakKeyDictionary[Any, int | None] = WeakKeyDictionary()  # at which side legends stand, by `_around`
_APART = 0.04  # inches between a legend and what is above it


def note_legends(drawing: Any) -> None:
    """Note the legends of a figure that stand beside all of its axes, which they are to do at any size of it."""
    legends = [one for one in drawing.legends if drawing.axes and one.get_visible()]
    room = Bbox.union([axes.bbox for axes in drawing.axes]) if legends else Bbox.null()
    for legend in legends:
        box = legend.get_window_extent(drawing.canvas.get_renderer())
        is_at = (box.x1 <= room.x0, box.y1 <= room.y0, box.x0 >= room.x1, box.y0 >= room.y1)
        _beside[legend] = is_at.index(True) if any(is_at) else None


@contextlib.contextmanager
def free_part(drawing: Any) -> Iterator[tuple[float, ...]]:
    """Give left, bottom, right and top, in shares of the figure; a title put by hand counts as text as long as this lasts."""
    texts = [one for one in drawing.texts if _is_by_hand(drawing, one)]
    title = drawing._suptitle  # noqa: SLF001 - it has no other name
    counted = title is not None and any(one is title for one in texts) and title.get_in_layout()
    if counted:
        title.set_in_layout(False)
    try:
        part = [*_around(drawing, texts)]
        for legend, side in ((one, _beside.get(one)) for one in drawing.legends):
            if side is not None:
                box = legend.get_window_extent(drawing.canvas.get_renderer())
                edge = box.transformed(drawing.transSubfigure.inverted()).extents[side - 2]
                part[side] = max(part[side], min(edge, _MOST)) if side < 2 else min(part[side], max(edge, 1 - _MOST))
        for bar in shared_bars(drawing):
            place, info = bar.get_position(original=True), bar._colorbar_info  # noqa: SLF001 - it has no other name
            side = ("right", "top", "left", "bottom").index(info["location"])
            edge, gap = place.extents[side], info["pad"] / 2
            part[side - 2] = max(part[side - 2], edge + gap) if side > 1 else min(part[side - 2], edge - gap)
        yield tuple(part)
    finally:
        if counted:
            title.set_in_layout(True)


def shared_bars(drawing: Any) -> list[Any]:
    """Return the colour bars that stand beside several axes, in no grid: `fig.colorbar(image, ax=axes)`."""
    bars = [axes for axes in drawing.axes if axes.get_label() == "<colorbar>" and axes.get_subplotspec() is None]
    return [bar for bar in bars if len(getattr(bar, "_colorbar_info", {}).get("parents", ())) > 1]


@contextlib.contextmanager
def legends_below(drawing: Any, width: float) -> Iterator[None]:
    """Stand legends below their axes, or below the figure, in as many columns as fit into `width`, in inches.

    What lies below the lowest axes is no matter of the layout: the figure is cropped to what is drawn.
    """
    own = [(axes.get_legend(), axes.transAxes, width / _columns(axes)) for axes in drawing.axes if axes.get_legend()]
    all_of_it = [*own, *((one, drawing.transSubfigure, width) for one in drawing.legends)]
    placed = [(one, *room) for one, *room in all_of_it if one.get_visible() and one.get_texts()]
    lowest = {axes.get_legend() for axes in drawing.axes if _is_lowest(axes)}
    usual = [(one, one._loc, one._bbox_to_anchor, one.get_in_layout(), _beside.pop(one, None)) for one, *_ in placed]  # noqa: SLF001 - as below
    packed = [(one._legend_handle_box, one._legend_handle_box._children) for one, *_ in placed]  # noqa: SLF001 - they have no other name
    for legend, transform, room in placed:
        legend._set_loc(legend.codes["upper center"])  # noqa: SLF001 - `set_loc` forgets that it was to be outside, or the default
        legend.set_bbox_to_anchor((0, 0, 1, 0), transform)  # "expand" is as wide as that
        legend.set_in_layout(legend.axes is not None and legend not in lowest)
        _pack(legend, room * drawing.dpi)
    try:
        yield
    finally:
        for box, columns in packed:
            box._children = columns  # noqa: SLF001 - as above
        for legend, place, anchor, is_in_layout, side in usual:
            legend._set_loc(place)  # noqa: SLF001 - as above
            legend.set_bbox_to_anchor(anchor, IdentityTransform())
            legend.set_in_layout(is_in_layout)
            _beside[legend] = side


def _is_lowest(axes: Any) -> bool:
    return not axes.get_gridspec() or bool(axes.get_subplotspec().is_last_row())


def _columns(axes: Any) -> int:
    return int(axes.get_gridspec().ncols) if axes.get_gridspec() else 1


def _pack(legend: Any, room: float) -> None:
    """Put what a legend tells into as many columns as fit into so many pixels."""
    box, renderer = legend._legend_handle_box, legend.get_figure(root=True).canvas.get_renderer()  # noqa: SLF001 - as above
    columns = box.get_children()
    items = [item for column in columns for item in column.get_children()]
    scale = renderer.points_to_pixels(1)
    widths = [item.get_bbox(renderer).width + box.sep * scale for item in items]
    for count in range(len(items), 0, -1):
        high = math.ceil(len(items) / count)
        if count == 1 or sum(max(widths[n : n + high]) for n in range(0, len(items), high)) < room:
            break
    box._children = [  # noqa: SLF001 - as above
        VPacker(pad=0, sep=columns[0].sep, align=columns[0].align, children=items[n : n + high])
        for n in range(0, len(items), high)
    ]
    legend._legend_box.set_figure(legend.get_figure(root=False))  # noqa: SLF001 - as above


@contextlib.contextmanager
def off_the_axes(drawing: Any) -> Iterator[None]:
    """Move what stands below or above axes off what is written there: legends, titles and colour bars; and labels off a crossing axis.

    A legend of second axes that hides that of the first is set below it, and a title of all axes whose place nobody chose above them.
    """
    moves = [*_covering(drawing), *_hiding_another(drawing)]
    legends = [(one, one._bbox_to_anchor, up) for one, up in moves]  # noqa: SLF001 - None is the axes' own
    for legend, _, up in legends:
        legend.set_bbox_to_anchor(legend.get_bbox_to_anchor(), ScaledTranslation(0, up, drawing.dpi_scale_trans))
    bars = [(bar, bar.get_axes_locator(), down) for bar, down in _bars_on_labels(drawing)]
    for bar, _, down in bars:
        bar.set_axes_locator(moved(bar, 0, down))
    crossed = list(_crossed(drawing))
    for label, along in crossed:
        label.set(**{along: 1, "ha": "right"})
    title = drawing._suptitle  # noqa: SLF001 - it has no other name
    usual, up = (title.get_position()[1], _below_title(drawing, title)) if title is not None else (0.0, 0.0)
    if up:
        title.set_y(usual + up)
    try:
        with titles_above(drawing):
            yield
    finally:
        for legend, anchor, _ in legends:
            legend.set_bbox_to_anchor(anchor, IdentityTransform())
        for bar, locator, _ in bars:
            bar.set_axes_locator(locator)
        for label, along in crossed:
            label.set(**{along: 0.5, "ha": "center"})
        if up:
            title.set_y(usual)


@contextlib.contextmanager
def titles_above(drawing: Any) -> Iterator[None]:
    """Move titles up that cover what is written above their axes."""
    found = [(title, title.get_position()[1], title.axes._autotitlepos, up) for title, up in _covering_titles(drawing)]  # noqa: SLF001 - it has no other name
    for title, usual, _, up in found:
        title.axes._autotitlepos = False  # noqa: SLF001 - as above
        title.set_y(usual + up)
    try:
        yield
    finally:
        for title, usual, is_auto, _ in found:
            title.axes._autotitlepos = is_auto  # noqa: SLF001 - as above
            title.set_y(usual)


def _below_title(drawing: Any, title: Any) -> float:
    """Return how far a title of all axes lies on them, as a share of the figure; it may stand outside of one that has no ground."""
    if has_ground(drawing) or not (title._autopos and title.get_visible() and title.get_text()):  # noqa: SLF001 - as above
        return 0.0
    box, renderer = title.get_window_extent(), drawing.canvas.get_renderer()
    boxes = [axes.get_tightbbox(renderer) for axes in drawing.axes if axes.get_visible()]
    highest = max((other.y1 for other in boxes if other and other.overlaps(box)), default=-math.inf)
    return (
        float((highest - box.y0) / drawing.bbox.height + _APART / drawing.get_figheight()) if highest > box.y0 else 0.0
    )


def _covering(drawing: Any) -> Iterator[tuple[Any, float]]:
    """Yield legends above or below their axes that cover what is written there, and by how many inches each is to move up."""
    renderer = drawing.canvas.get_renderer()
    for axes in drawing.axes:
        legend = axes.get_legend()
        box = legend.get_window_extent(renderer) if legend and legend.get_visible() else None
        if box is not None and legend._mode == "expand":  # noqa: SLF001 - it finds its width when it is drawn
            anchor = legend.get_bbox_to_anchor()
            box = Bbox.from_extents(anchor.x0, box.y0, anchor.x1, box.y1)
        if box is None or (box.y1 > axes.bbox.y0 and box.y0 < axes.bbox.y1):
            continue
        is_below = box.y1 <= axes.bbox.y0
        part = axes.xaxis if is_below and axes.axison else axes.title
        written = part.get_tightbbox(renderer) if part.get_visible() else None
        if not written or written.width <= 0 or not written.overlaps(box):
            continue
        up = written.y0 - box.y1 - _APART * drawing.dpi if is_below else written.y1 - box.y0 + _APART * drawing.dpi
        others = (
            *(other.bbox for other in drawing.axes),
            *(text.get_window_extent(renderer) for text in drawing.texts),
        )
        if not any(box.translated(0, up).overlaps(other) for other in others):
            yield legend, up / drawing.dpi


def _hiding_another(drawing: Any) -> Iterator[tuple[Any, float]]:
    """Yield legends that lie on that of axes in the same place, and by how many inches each is to move up, or down as most do."""
    renderer = drawing.canvas.get_renderer()
    taken: dict[Any, list[Bbox]] = {}
    for axes in drawing.axes:
        legend = axes.get_legend()
        if legend is None or not legend.get_visible():
            continue
        box = legend.get_window_extent(renderer)
        others = taken.setdefault(axes.get_subplotspec() or axes.bbox.bounds, [])
        below = [other for other in others if other.overlaps(box)]
        if below:
            down = min(other.y0 for other in below) - box.y1
            up = max(other.y1 for other in below) - box.y0
            move = down if box.y0 + down >= axes.bbox.y0 else up
            yield legend, move / drawing.dpi
            box = box.translated(0, move)
        others.append(box)


def _covering_titles(drawing: Any) -> Iterator[tuple[Any, float]]:
    """Yield titles that cover texts above their axes, or words there where the author put the title, and how far each is to move up, in axes."""
    renderer = drawing.canvas.get_renderer()
    for axes in (one for one in drawing.axes if one.get_title() and one.title.get_visible()):
        texts = [text for text in axes.texts[:MOST_TEXTS] if text.get_text() and text.get_visible()]
        is_put = axes.axison and axes._autotitlepos is False  # noqa: SLF001 - it has no other name
        if not texts and not is_put:
            continue
        axes.apply_aspect()
        axes.xaxis.get_tightbbox(renderer)  # which is when the labels find their places
        axes._update_title_position(renderer)  # noqa: SLF001 - as above
        box = axes.title.get_window_extent(renderer)
        boxes = [label.get_window_extent(renderer) for label in axes.get_xticklabels() if is_put and label.get_text()]
        boxes += [extent for text in texts if (extent := extent_of(text)).y1 > axes.bbox.y1]
        highest = max((other.y1 for other in boxes if other.overlaps(box)), default=-math.inf)
        if box.y0 < highest < box.y1 + box.height:
            yield axes.title, (highest - box.y0 + _APART * drawing.dpi) / axes.bbox.height


def _bars_on_labels(drawing: Any) -> Iterator[tuple[Any, float]]:
    """Yield colour bars below axes that cover what is written there, and how far each is to move up, as a share of the figure."""
    renderer = drawing.canvas.get_renderer()
    engine = drawing.get_layout_engine()
    for axes in drawing.axes if engine is None or engine.colorbar_gridspec else ():
        for bar in getattr(axes, "_colorbars", ()):
            is_below = getattr(bar, "_colorbar_info", {}).get("location") == "bottom" and axes.axison
            written = axes.xaxis.get_tightbbox(renderer) if is_below else None
            if written and bar.bbox.overlaps(written):
                yield bar, (written.y0 - bar.bbox.y1) / drawing.bbox.height - _APART / drawing.get_figheight()


def _crossed(drawing: Any) -> Iterator[tuple[Any, str]]:
    """Yield labels in the middle of axes that go through the plot where the other one goes, and in which direction each can move."""
    renderer = drawing.canvas.get_renderer()
    for axes in drawing.axes:
        sides = [axes.spines[side] for side in ("bottom", "left") if axes.name == "rectilinear" and side in axes.spines]
        if not sides or any(side.get_position() == ("outward", 0) for side in sides):
            continue
        for axis, place in ((axes.xaxis, 0), (axes.yaxis, 1)):
            label, crossing = axis.label, sides[1 - place].get_window_extent(renderer).padded(1)
            is_usual = label.get_position()[place] == 0.5 and label.get_ha() == "center"
            if label.get_text() and is_usual and axis.get_tightbbox(renderer):  # which is when it finds its place
                box = label.get_window_extent(renderer)
                if box.overlaps(crossing):
                    yield label, "xy"[place]


def _is_by_hand(drawing: Any, text: Any) -> bool:
    is_placed = not getattr(text, "_autopos", False) and text.get_transform() == drawing.transSubfigure
    return is_placed and bool(text.get_visible() and text.get_text().strip())


def _around(drawing: Any, texts: list[Any]) -> tuple[float, float, float, float]:
    left, bottom, right, top = 0.0, 0.0, 1.0, 1.0
    for text in texts:
        pixels = text.get_window_extent()
        box = pixels.transformed(drawing.transSubfigure.inverted())
        x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
        is_flat = pixels.width >= pixels.height
        if is_flat and y > 1 - _EDGE:
            top = min(top, max(box.y0, 1 - _MOST))
        elif is_flat and y < _EDGE:
            bottom = max(bottom, min(box.y1, _MOST))
        elif x < _EDGE:
            left = max(left, min(box.x1, _MOST))
        elif x > 1 - _EDGE:
            right = min(right, max(box.x0, 1 - _MOST))
    return left, bottom, right, top
