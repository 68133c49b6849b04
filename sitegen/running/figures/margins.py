"""The part of a figure that texts and legends along its edges leave to its axes: `fig.text(0.5, 0.04, "x")`, a title put by hand.

matplotlib's tight layout knows of axes and of titles that it placed itself.
"""

# ruff: noqa: ANN401 - types of matplotlib are `Any`, as in drawing.py

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from matplotlib.transforms import Bbox

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_EDGE = 0.25  # share of a figure in which the middle of a text lies that belongs to an edge
_MOST = 0.45  # share of it that is left to texts at one edge


def legends_beside(drawing: Any) -> list[tuple[Any, str]]:
    """Return the legends of a figure that stand beside all of its axes, and at which of their sides."""
    legends = [one for one in drawing.legends if one.get_visible()]
    if not legends or not drawing.axes:
        return []
    room = Bbox.union([axes.bbox for axes in drawing.axes])
    found = []
    for legend in legends:
        box = legend.get_window_extent(drawing.canvas.get_renderer())
        sides = {
            "right": box.x0 >= room.x1,
            "left": box.x1 <= room.x0,
            "top": box.y0 >= room.y1,
            "bottom": box.y1 <= room.y0,
        }
        found += [(legend, side) for side, is_there in sides.items() if is_there][:1]
    return found


@contextlib.contextmanager
def free_part(drawing: Any, legends: Sequence[tuple[Any, str]]) -> Iterator[tuple[float, float, float, float]]:
    """Give left, bottom, right and top, in shares of the figure; a title put by hand counts as text as long as this lasts."""
    texts = [one for one in drawing.texts if _is_by_hand(drawing, one)]
    title = drawing._suptitle  # noqa: SLF001 - it has no other name
    counted = title is not None and any(one is title for one in texts) and title.get_in_layout()
    if counted:
        title.set_in_layout(False)
    try:
        left, bottom, right, top = _around(drawing, texts)
        for legend, side in legends:
            box = legend.get_window_extent(drawing.canvas.get_renderer()).transformed(drawing.transSubfigure.inverted())
            left = max(left, min(box.x1, _MOST)) if side == "left" else left
            bottom = max(bottom, min(box.y1, _MOST)) if side == "bottom" else bottom
            right = min(right, max(box.x0, 1 - _MOST)) if side == "right" else right
            top = min(top, max(box.y0, 1 - _MOST)) if side == "top" else top
        yield left, bottom, right, top
    finally:
        if counted:
            title.set_in_layout(True)


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
