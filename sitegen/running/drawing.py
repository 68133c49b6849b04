"""A figure to SVG, drawn once; and what is done to a figure before it is drawn.

matplotlib's own `bbox_inches="tight"` draws everything twice. Types of matplotlib are `Any` here: its renderers have none.
"""

# ruff: noqa: ANN401 - see above
from __future__ import annotations

import contextlib
import io
import warnings
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib import _path
from matplotlib.backends.backend_mixed import MixedModeRenderer
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.collections import PolyCollection, QuadMesh, TriMesh
from matplotlib.colors import to_hex
from matplotlib.contour import ContourSet
from matplotlib.lines import Line2D
from matplotlib.quiver import Quiver
from mpl_toolkits.mplot3d.art3d import Poly3DCollection

from sitegen.running import inks
from sitegen.running.extent import Extent, crop
from sitegen.running.lock import all_axes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from matplotlib.transforms import Bbox

_SIDES = ("left", "right", "top", "bottom", "wspace", "hspace")


@contextlib.contextmanager
def dressed(drawing: Any, *, themed: bool) -> Iterator[None]:
    """Mark, while a figure is drawn, which colours are to stay, and leave away the paper: the page is the paper."""
    undo: list[Callable[[], object]] = []

    def mark(artist: Any, name: str) -> None:
        was = artist.get_gid()
        undo.append(lambda: artist.set_gid(was))
        artist.set_gid(name)

    def hide(artist: Any) -> None:
        if artist.get_visible():
            undo.append(lambda: artist.set_visible(True))
            artist.set_visible(False)

    def close_seams(bands: ContourSet) -> None:
        """Draw the edges of filled contours in their own colour: between two bare edges the ground shines through."""
        if len(bands.get_edgecolor()) == 0:
            width = bands.get_linewidth()
            undo.append(lambda: bands.set(edgecolor="none", linewidth=width))
            bands.set_edgecolor("face")
            bands.set_linewidth(0.5)

    for axes in all_axes(drawing) if themed else ():
        mapped = [child for child in axes.collections if _is_mapped(child)]
        covered = axes.images or any(_covers(child) for child in mapped)
        if axes.images or any(
            isinstance(child, QuadMesh | ContourSet) and _covers(child) for child in axes.collections
        ):
            for line in (*axes.get_xgridlines(), *axes.get_ygridlines()):  # our grid is for reading off lines
                if to_hex(line.get_color()) == inks.MUTED:
                    hide(line)
        if covered:
            mark(axes, inks.COVERED)
            for title in (axes.title, axes._left_title, axes._right_title):  # noqa: SLF001 - they have no other name
                mark(title, inks.OUTER)
        elif axes.get_gid() is not None:
            mark(axes, "axes")
        if to_hex(axes.patch.get_facecolor()) == inks.PAPER and not _lies_on_another(axes, drawing):
            hide(axes.patch)
    if themed:
        if to_hex(drawing.patch.get_facecolor()) == inks.PAPER:
            hide(drawing.patch)
        for artist in (artist for axes in all_axes(drawing) for artist in (*axes.collections, *axes.images)):
            if _is_mapped(artist):
                mark(artist, inks.EXACT)
            if isinstance(artist, ContourSet) and artist.filled and artist.get_alpha() is None:
                close_seams(artist)
    try:
        yield
    finally:
        for back in reversed(undo):
            back()


def _is_mapped(artist: Any) -> bool:
    """Whether a colour map gives an artist's colours; contours may have been given theirs by the author."""
    return artist.get_array() is not None and getattr(artist, "colors", None) is None


def _covers(artist: Any) -> bool:
    """Whether an artist leaves nothing to be seen of the ground: what is drawn on it was coloured against it."""
    if isinstance(artist, ContourSet):
        return bool(artist.filled)
    return isinstance(artist, QuadMesh | TriMesh | Poly3DCollection) or (
        isinstance(artist, PolyCollection) and not isinstance(artist, Quiver)
    )


def _lies_on_another(axes: Any, drawing: Any) -> bool:
    """Whether axes stand on others, so that their ground hides what is below: an inset, not the second of a pair."""
    if axes not in drawing.axes:
        return True
    before = drawing.axes[: drawing.axes.index(axes)]
    return any(axes.get_position().overlaps(other.get_position()) for other in before)


def all_axes(drawing: Any) -> list[Any]:
    return [one for axes in drawing.axes for one in (axes, *axes.child_axes)]


def arrange(drawing: Any) -> None:
    """Keep the labels of several axes apart, where the author has not arranged them.

    Not the constrained layout: it takes only colour bars that were made for it, and twice the time.
    """
    placed = [axes for axes in drawing.axes if axes.get_subplotspec() is not None]
    plots = [axes for axes in placed if axes.get_label() != "<colorbar>"]
    usual: Any = mpl.rcParams
    untouched = all(getattr(drawing.subplotpars, side) == usual[f"figure.subplot.{side}"] for side in _SIDES)
    if len(plots) > 1 and len(placed) == len(drawing.axes) and untouched and drawing.get_layout_engine() is None:
        with warnings.catch_warnings():  # not every figure can be; then it stays as it is
            warnings.simplefilter("ignore")
            drawing.tight_layout()


def estimate(drawing: Any) -> int:
    """Return about how many bytes of SVG a figure will be, as far as its artists tell without being drawn."""
    size = 0
    for artist in (artist for axes in all_axes(drawing) for artist in (*axes.collections, *axes.lines)):
        if artist.get_rasterized() or not artist.get_visible():
            continue
        if isinstance(artist, Line2D):
            marked = artist.get_marker() not in {"None", None, "", " ", "none"} and artist.get_markevery() is None
            size += np.size(artist.get_xdata()) * 90 if marked else 0
        elif isinstance(artist, QuadMesh):
            size += 110 * np.size(artist.get_coordinates()) // 2
        elif not isinstance(artist, ContourSet):
            faces: Any = getattr(artist, "_faces", ())
            size += 90 * len(artist.get_offsets()) + 180 * max(len(artist.get_paths()) - 1, len(faces))
    return size


class _SvgRenderer(Extent, RendererSVG):
    """matplotlib's, with coordinates to a hundredth of a point, and nothing cut off at the edge of the figure."""

    def _convert_path(
        self, path: Any, transform: Any = None, clip: Any = None, simplify: Any = None, sketch: Any = None
    ) -> str:
        # The edge moves out by one figure: what lies outside is shown, since the figure is cropped to what is drawn.
        around = (-self.width, -self.height, 2 * self.width, 2 * self.height) if clip else None
        convert: Any = _path.convert_to_string  # type: ignore[attr-defined] # a C function without types
        text: bytes = convert(path, transform, around, simplify, sketch, 2, [b"M", b"L", b"Q", b"C", b"z"], False)
        return text.decode("ascii")


def draw_svg(drawing: Any, dpi: int) -> tuple[str, Bbox]:
    """Return the SVG as matplotlib writes it, and what of it is drawn on, in inches."""
    out = io.StringIO()
    nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
    was = drawing.dpi
    drawing.dpi = 72
    try:
        width, height = drawing.get_size_inches()
        new: Any = _SvgRenderer
        mixed: Any = MixedModeRenderer
        inner = new(width * 72, height * 72, out, image_dpi=dpi, metadata=nothing)
        renderer = mixed(drawing, width, height, dpi, inner)
        drawing.draw(renderer)
        box = crop(drawing, inner)
        renderer.finalize()
    finally:
        drawing.dpi = was
    return out.getvalue(), box


def in_points(drawing: Any, box: Bbox) -> tuple[float, float, float, float]:
    """Return a box in inches from below as left, top, width and height in points from above."""
    height = drawing.get_size_inches()[1]
    return box.x0 * 72, (height - box.y1) * 72, box.width * 72, box.height * 72
