"""Notes, while a figure is drawn, what is drawn on: a box for the crop, at a tenth of what asking every artist costs.

`Figure.get_tightbbox` takes 9 ms for a line plot whose drawing takes 33: it computes all ticks and labels once more.
"""

# ruff: noqa: ANN401, PLR0917, FBT002, N803 - matplotlib's renderers have no types, and these are their signatures

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.transforms import Bbox

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PADDING = 0.05  # inches around what is drawn
BESIDE = 1.0  # points between two texts in a line that read as one
_MOST_TEXTS = 1000  # that are held against one another


class Texts(NamedTuple):
    """The texts of a drawing: how small the smallest is, and their boxes in points, by how far they are aslant.

    What is aslant is seen as on paper that is turned so far; those that are not aslant differently are not held against one another.
    """

    smallest: float = math.inf
    boxes: Mapping[float, Sequence[tuple[float, float, float, float]]] = {}

    def meetings(self) -> int:
        """Return how many pairs of them lie on one another, or in a line without a space between them."""
        return sum(map(_meetings, self.boxes.values()))


class Extent:
    """Mixed into a renderer, before it. A clipped piece counts as its clip rectangle: axes are shown whole."""

    _box: tuple[float, float, float, float] | None = None
    _smallest = math.inf

    @cached_property
    def _sizes(self) -> dict[tuple[object, ...], tuple[float, float, float]]:
        return {}

    @cached_property
    def _boxes(self) -> dict[float, list[tuple[float, float, float, float]]]:
        return {}

    def texts(self) -> Texts:
        """Return what texts have been drawn."""
        return Texts(self._smallest, self._boxes)

    def extent(self) -> tuple[float, float, float, float] | None:
        """Return what has been drawn on, as x0, y0, x1, y1 in pixels from below; None for nothing."""
        return self._box

    def _add(self, gc: Any, x0: float, y0: float, x1: float, y1: float) -> None:
        clip = gc.get_clip_rectangle()
        if clip is not None:
            x0, y0, x1, y1 = max(x0, clip.x0), max(y0, clip.y0), min(x1, clip.x1), min(y1, clip.y1)
        if not (x0 <= x1 and y0 <= y1) or not all(map(math.isfinite, (x0, y0, x1, y1))):
            return
        this: Any = self
        wide, high = this.width, this.height
        if x0 > 2 * wide or x1 < -wide or y0 > 2 * high or y1 < -high:  # a text far beyond the limits of its axes
            return
        box = self._box
        self._box = (
            (x0, y0, x1, y1) if box is None else (min(box[0], x0), min(box[1], y0), max(box[2], x1), max(box[3], y1))
        )

    def _add_clip_or(self, gc: Any, points: Any, around: float) -> None:
        clip = gc.get_clip_rectangle()
        if clip is not None:
            self._add(gc, clip.x0, clip.y0, clip.x1, clip.y1)
            return
        low, high = _ends(points)
        self._add(gc, *(low - around), *(high + around))

    def draw_path(self, gc: Any, path: Any, transform: Any, rgbFace: Any = None) -> None:
        """Draw a path."""
        self._add_clip_or(gc, transform.transform(path.vertices), gc.get_linewidth() / 2)
        self._path_below(gc, path, transform, rgbFace)

    def draw_markers(
        self, gc: Any, marker_path: Any, marker_trans: Any, path: Any, trans: Any, rgbFace: Any = None
    ) -> None:
        """Draw a marker at every point of a path; one that fills an area far from its point, as a collection of a single path is."""
        ends = [
            low + high
            for low in _ends(marker_trans.transform(marker_path.vertices))
            for high in _ends(trans.transform(path.vertices))
        ]
        self._add_clip_or(gc, np.array(ends), 0)
        self._markers_below(gc, marker_path, marker_trans, path, trans, rgbFace)

    def draw_path_collection(
        self,
        gc: Any,
        master_transform: Any,
        paths: Any,
        all_transforms: Any,
        offsets: Any,
        offset_trans: Any,
        *rest: Any,
        **options: Any,
    ) -> None:
        """Draw many paths."""
        if gc.get_clip_rectangle() is not None or not len(paths):
            points = np.empty((0, 2))
        else:
            points = np.concatenate([master_transform.transform(path.vertices) for path in paths])
            moved = np.asarray(offset_trans.transform(offsets)) if len(offsets) else np.zeros((1, 2))
            points = np.concatenate([points + moved.min(axis=0), points + moved.max(axis=0)])
        self._add_clip_or(gc, points, 1.0)
        self._collection_below(gc, master_transform, paths, all_transforms, offsets, offset_trans, *rest, **options)

    def draw_image(self, gc: Any, x: float, y: float, im: Any, transform: Any = None) -> None:
        """Draw an image."""
        scale = 72 / getattr(self, "image_dpi", 72)  # in an SVG, pixels of an image are smaller than its points
        height, width = (scale * side for side in im.shape[:2])
        if transform is None:
            self._add(gc, x, y, x + width, y + height)
        else:
            self._add_clip_or(gc, transform.transform([(0, 0), (1, 1)]), 0)
        self._image_below(gc, x, y, im, transform)

    def draw_text(
        self, gc: Any, x: float, y: float, s: str, prop: Any, angle: float, ismath: Any = False, mtext: Any = None
    ) -> None:
        """Draw a line of text."""
        self._smallest = min(self._smallest, prop.get_size_in_points())
        width, height, descent = self.get_text_width_height_descent(s, prop, ismath)
        cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        corners = [
            (dx * cos - dy * sin, dx * sin + dy * cos) for dx in (0, width) for dy in (-descent, height - descent)
        ]
        across, up = zip(*corners, strict=True)
        this: Any = self
        below = this.height - y if this.flipy() else y
        box = x + min(across), below + min(up), x + max(across), below + max(up)
        self._add(gc, *box)
        aslant = angle if angle % 90 else 0
        if aslant:
            along, over = x * cos + below * sin, below * cos - x * sin
            box = along, over - descent, along + width, over + height - descent
        # Above and below small letters, less at digits, and where lines aslant begin at different places.
        room = (box[3] - box[1]) / (8 if any(map(str.isalpha, s)) and not aslant else 16)
        self._boxes.setdefault(aslant, []).append((box[0], box[1] + room, box[2], box[3] - room))
        self._text_below(gc, x, y, s, prop, angle, ismath, mtext)

    def get_text_width_height_descent(self, s: str, prop: Any, ismath: Any) -> tuple[float, float, float]:
        """Return the size of a line of text; it has been asked for when the text was laid out."""
        key = (s, hash(prop), ismath)
        known = self._sizes.get(key)
        if known is None:
            known = self._sizes[key] = super().get_text_width_height_descent(s, prop, ismath)  # type: ignore[misc] # see above
        return known

    def _path_below(self, *args: Any) -> None:
        super().draw_path(*args)  # type: ignore[misc] # the renderer it is mixed into

    def _text_below(self, *args: Any) -> None:
        super().draw_text(*args)  # type: ignore[misc] # see above

    def _markers_below(self, *args: Any) -> None:
        super().draw_markers(*args)  # type: ignore[misc] # see above

    def _collection_below(self, *args: Any, **options: Any) -> None:
        super().draw_path_collection(*args, **options)  # type: ignore[misc] # see above

    def _image_below(self, gc: Any, x: float, y: float, im: Any, transform: Any) -> None:
        super().draw_image(gc, x, y, im, *([] if transform is None else [transform]))  # type: ignore[misc] # see above


def _meetings(boxes: Sequence[tuple[float, float, float, float]]) -> int:
    x0, y0, x1, y1 = np.array(boxes[:_MOST_TEXTS]).T
    right = x1 + BESIDE
    across = (x0[:, None] < right) & (x0 < right[:, None])
    return int(np.triu(across & (y0[:, None] < y1) & (y0 < y1[:, None]), 1).sum())


def _ends(points: Any) -> tuple[Any, Any]:
    """Return the lower left and the upper right corner around points; what is empty is not a number."""
    finite = points[np.isfinite(points).all(axis=1)]
    return (finite.min(axis=0), finite.max(axis=0)) if len(finite) else (np.full(2, np.nan), np.full(2, np.nan))


def crop(drawing: Any, renderer: Extent) -> Bbox:
    """Return the box around all that was drawn, in inches; the whole figure where nothing was."""
    box = renderer.extent()
    if box is None or box[0] == box[2] or box[1] == box[3]:
        return Bbox.from_bounds(0, 0, *drawing.get_size_inches())
    return Bbox(Bbox.from_extents(*(side / drawing.dpi for side in box)).padded(PADDING))
