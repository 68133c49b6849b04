"""How much room axes, texts and legends of a figure have, and whether that is enough in another layout."""

# ruff: noqa: ANN401 - matplotlib has no types
from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.collections import QuadMesh
from matplotlib.image import _ImageBase
from matplotlib.transforms import Bbox

from sitegen.running.figures.covering import MOST_TEXTS, extent_of
from sitegen.running.figures.inks import STYLE
from sitegen.running.figures.lock import all_axes

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_COVERED = 0.25  # of axes, by a legend, in a drawing for phones: else the wide one scrolls
LEAST_SIDE = 0.4  # inches of axes in a drawing for phones: else the wide one scrolls


class Room(NamedTuple):
    """How wide and how high each axes of a figure are, in inches, and how many texts are larger than what they stand in, or on boxes of others.

    strangers: legends that are wider than their axes, or lie on others. hidden: lines, bars and points on which legends lie.
    """

    sides: Sequence[tuple[float, ...]]
    overflows: int
    strangers: int
    hidden: int


def room_in(drawing: Any) -> Room:
    """Return how much room axes, texts and legends have now."""
    plots = all_axes(drawing)
    sides = [tuple(axes.get_window_extent().size / drawing.dpi) for axes in plots]
    return Room(
        sides, sum(_overflows(axes) + _covered(axes) for axes in plots), _strangers(drawing, plots), _hidden(plots)
    )


def _hidden(plots: Sequence[Any]) -> int:
    """Return how many lines, bars and points of axes lie below their legends."""
    found = 0
    for legend in (axes.get_legend() for axes in plots):
        if legend and legend.get_visible():
            box, renderer = legend.get_window_extent(), legend.get_figure(root=True).canvas.get_renderer()
            boxes, lines, points = legend._auto_legend_data(renderer)  # noqa: SLF001 - it has no other name
            found += box.count_overlaps(boxes) + (box.count_contains(points) if points else 0)
            found += sum(line.intersects_bbox(box, filled=False) for line in lines)
    return found


def _strangers(drawing: Any, plots: Sequence[Any]) -> int:
    """Return how many legends on axes are wider than these, and on how many axes and titles legends of the figure lie."""
    own = ((axes.get_legend(), axes.bbox) for axes in plots)
    boxes = [(legend.get_window_extent(), room) for legend, room in own if legend and legend.get_visible()]
    others = [legend.get_window_extent().padded(-1) for legend in drawing.legends if legend.get_visible()]
    texts = [text.get_window_extent() for text in drawing.texts if others and text.get_text()]
    wider = sum(box.overlaps(room) and box.width > room.width for box, room in boxes)
    rooms = [*(axes.bbox for axes in plots), *texts]
    return int(wider) + sum(int(box.overlaps(room)) for box in others for room in rooms)


def crowded(drawing: Any) -> int:
    """Return how many texts do not fit into cells of images and meshes, or between boxes, in a figure whose size nobody chose."""
    is_free = tuple(drawing.get_size_inches()) == STYLE["figure.figsize"]
    return sum(_overflows(axes, of_patches=False) + _covered(axes) for axes in drawing.axes) if is_free else 0


def _overflows(axes: Any, *, of_patches: bool = True) -> int:
    """Return how many texts do not fit into the patch, or the cell of an image or a mesh, in which their middle is."""
    texts = [text for text in axes.texts[:MOST_TEXTS] if text.get_text() and text.get_visible()]
    meshes: list[Any] = [one for one in (*axes.images, *axes.collections) if isinstance(one, _ImageBase | QuadMesh)]
    # Not cells in a row, `set_array(c.ravel())`.
    meshes = [one for one in meshes if texts and np.ndim(one.get_array()) > 1]
    held = [(one.get_window_extent(), one.get_array().shape[1::-1]) for one in meshes]
    held += [(one.get_window_extent(), (1, 1)) for one in axes.patches] if texts and of_patches else []
    if not held:
        return 0
    corners = np.array([box.extents for box, _ in held])
    cells = (corners[:, 2:] - corners[:, :2]) / [count for _, count in held]
    boxes = np.array([extent_of(text).extents for text in texts])
    middles, sizes = (boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]
    is_inside = ((corners[:, None, :2] < middles) & (middles < corners[:, None, 2:])).all(axis=-1)
    return int((is_inside & (sizes > cells[:, None]).any(axis=-1)).any(axis=0).sum())


def _covered(axes: Any) -> int:
    """Return how many texts on axes lie on the box of another, as those of a tree whose text is too large for its levels."""
    texts = [text for text in axes.texts[:MOST_TEXTS] if text.get_text() and text.get_visible()]
    boxed = np.array([text.get_bbox_patch() is not None for text in texts], bool)
    if not boxed.any():
        return 0
    extents = [extent_of(text) for text in texts]
    for text in texts:
        text.update_bbox_position_size(text.get_figure(root=True).canvas.get_renderer())
    patches = (text.get_bbox_patch() for text in texts)
    x0, y0, x1, y1 = np.array(
        [
            (patch.get_window_extent() if patch else box).padded(-1).extents
            for patch, box in zip(patches, extents, strict=True)
        ]
    ).T
    on = (x0[:, None] < x1) & (x0 < x1[:, None]) & (y0[:, None] < y1) & (y0 < y1[:, None]) & (boxed[:, None] | boxed)
    return int(np.triu(on, 1).any(axis=0).sum())


def is_squeezed(drawing: Any, wide: Room) -> bool:
    """Whether axes are small now that were not small in the `wide` drawing, or texts and legends larger than what they stand in."""
    now = room_in(drawing)
    pairs = zip(now.sides, wide.sides, strict=True)
    is_small = any(side < LEAST_SIDE <= was for pair in pairs for side, was in zip(*pair, strict=True))
    return is_small or now.overflows > wide.overflows or now.strangers > wide.strangers


def is_roomy(drawing: Any, wide: Room) -> bool:
    """Whether no axes are squeezed that were not small in the `wide` drawing, and legends leave them free.

    Every legend leaves most of its axes free, and hides no more of what is drawn than in the wide drawing; beside it stand
    axes that are no smaller than it is.
    """
    if is_squeezed(drawing, wide) or _hidden(all_axes(drawing)) > wide.hidden:
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
