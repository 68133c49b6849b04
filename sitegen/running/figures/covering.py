"""What covers the ground of axes, and what of covered axes stands on paper beside them."""

# ruff: noqa: ANN401 - matplotlib has no types
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes._secondary_axes import SecondaryAxis
from matplotlib.collections import PolyCollection, QuadMesh, TriMesh
from matplotlib.colors import to_hex
from matplotlib.contour import ContourSet
from matplotlib.quiver import Barbs, Quiver
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from mpl_toolkits.mplot3d.art3d import Line3D, Path3DCollection, Poly3DCollection, Text3D
from mpl_toolkits.mplot3d.proj3d import proj_transform

from sitegen.running.figures import inks, mode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_PLAIN = {inks.INK, inks.PAPER, mode.BLACK, mode.WHITE}
MOST_TEXTS = 200  # of axes, that are looked at


def is_mapped(artist: Any) -> bool:
    """Whether a colour map gives an artist's colours; contours may have been given theirs by the author."""
    return artist.get_array() is not None and getattr(artist, "colors", None) is None


def covers(artist: Any) -> bool:
    """Whether an artist is an area whose colours mean something, not marks on the ground."""
    if isinstance(artist, ContourSet):
        faces: Any = artist.get_facecolor()
        own = {to_hex(colour) for colour in faces}
        return bool(artist.filled) and not own <= {*inks.SERIES, *_PLAIN}
    if isinstance(artist, QuadMesh | TriMesh | Poly3DCollection):
        return artist.get_array() is not None
    return isinstance(artist, PolyCollection) and not isinstance(artist, Quiver | Barbs) and is_mapped(artist)


def fills(artist: Any, axes: Any) -> bool:
    """Whether an artist leaves nothing to be seen of the ground of its axes: what is drawn on it was coloured against it."""
    if not is_opaque(artist) or not artist.get_visible():
        return False
    axes.apply_aspect()
    axes.get_xlim(), axes.get_ylim()  # brings the limits up to date
    box = Bbox.intersection(_place(artist, axes), axes.bbox)
    return box is not None and box.width * box.height > 0.7 * axes.bbox.width * axes.bbox.height


def is_opaque(artist: Any) -> bool:
    """Whether of what lies below an artist little is seen."""
    alpha, array = artist.get_alpha(), artist.get_array()
    if alpha is None and array is not None and array.ndim == 3 and array.shape[2] == 4:  # an image with its own
        alpha = array[..., 3] / (255 if array.dtype == np.uint8 else 1)
    return alpha is None or float(np.mean(alpha)) > 0.6


def _place(artist: Any, axes: Any) -> Bbox:
    if isinstance(artist, QuadMesh) and axes.name != "rectilinear":  # of which matplotlib transforms two corners alone
        corners = np.asarray(artist.get_coordinates()).reshape(-1, 2)
        points = axes.transData.transform(corners)
        return Bbox([np.nanmin(points, axis=0), np.nanmax(points, axis=0)])
    box: Bbox = artist.get_window_extent()
    return box


def is_beside(child: Any, axes: Any) -> bool:
    """Whether axes that belong to others stand on paper beside them, most of them at least."""
    if isinstance(child, SecondaryAxis):
        return True
    locate = child.get_axes_locator()
    axes.apply_aspect()
    box = locate(child, None) if locate is not None else child.get_position()
    place = box.transformed(axes.figure.transSubfigure)
    both = Bbox.intersection(place, axes.bbox)
    return both is None or both.width * both.height < place.width * place.height / 2


def around(axes: Any) -> Iterator[Any]:
    """Yield what of covered axes stands on paper: titles, spines, the edge of a colour bar, and texts beside them."""
    yield from _titles(axes)
    yield from axes.spines.values()
    bar = getattr(axes, "_colorbar", None)
    if bar is not None:
        yield bar.outline
    legend = axes.get_legend()
    if legend is not None and not (legend.get_frame_on() and legend.get_frame().get_alpha() != 0):
        axes.apply_aspect()
        box = legend.get_window_extent(axes.figure.canvas.get_renderer())
        if not box.overlaps(axes.bbox):
            yield from legend.get_texts()
    if axes.texts:
        axes.apply_aspect()
        for text in axes.texts[:MOST_TEXTS]:
            arrow = getattr(text, "arrow_patch", None)
            if text.get_text() and not extent_of(text).overlaps(axes.bbox):
                yield text
                if arrow is not None and _is_mostly_outside(arrow, axes):
                    yield arrow


def _titles(axes: Any) -> tuple[Any, ...]:
    return axes.title, axes._left_title, axes._right_title  # noqa: SLF001 - they have no other name


def beside_surfaces(axes: Any, surfaces: Iterable[Any]) -> Iterator[Any]:
    """Yield what of axes in space stands on paper: titles, their legend, and texts, lines and points that are not before a surface."""
    yield from _titles(axes)
    if axes.get_legend() is not None:
        yield axes.get_legend()
    faces = [surface._faces[:, 0] for surface in surfaces if isinstance(surface, Poly3DCollection)]  # noqa: SLF001 - as above
    placed = [(artist, points) for artist in axes.get_children() if (points := _points_in_space(artist)) is not None]
    flat = [text for text in axes.texts if not isinstance(text, Text3D)]
    if not faces or not placed + flat:
        return
    reach = np.nanmax(_seen(_on_screen(axes, np.concatenate(faces).T)), axis=1)
    seen = [(artist, _on_screen(axes, points)) for artist, points in placed]
    seen += [(text, axes.transData.inverted().transform([extent_of(text).p0, extent_of(text).p1]).T) for text in flat]
    for artist, places in seen:
        if np.mean((_seen(places) > reach[:, None]).any(axis=0)) > 0.5:
            yield artist


def _points_in_space(artist: Any) -> Any:
    if isinstance(artist, Text3D):
        return np.reshape(artist.get_position_3d(), (3, 1))
    if isinstance(artist, Line3D):
        return np.array(artist.get_data_3d(), float) if np.size(artist.get_data_3d()) else None
    return np.ma.filled(np.ma.array(artist._offsets3d, float), np.nan) if isinstance(artist, Path3DCollection) else None  # noqa: SLF001 - it has no other name


def _on_screen(axes: Any, points: Any) -> Any:
    return proj_transform(*points, axes.get_proj())[:2]


def _seen(places: Any) -> Any:
    """Return how far each of several places on the screen lies in each of sixteen directions."""
    around_it = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    return np.column_stack([np.cos(around_it), np.sin(around_it)]) @ places


def extent_of(text: Any) -> Bbox:
    """Return where a text stands, without the arrow that an annotation has."""
    renderer = text.get_figure(root=True).canvas.get_renderer()  # else it is that of the SVG, whose sizes are points
    text.get_window_extent(renderer)  # which brings an annotation to its place
    return Text.get_window_extent(text, renderer)


def _is_mostly_outside(arrow: Any, axes: Any) -> bool:
    points = arrow.get_transform().transform(arrow.get_path().vertices)
    inside = [axes.bbox.contains(*point) for point in np.linspace(points.min(axis=0), points.max(axis=0), 9)]
    return float(np.mean(inside)) < 0.5
