"""What is done to a figure while it is drawn, and undone after: which colours stay is marked, the paper is left away."""

# ruff: noqa: ANN401 - matplotlib has no types
from __future__ import annotations

import contextlib
from itertools import cycle
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.collections import LineCollection, PathCollection, PolyCollection, QuadMesh
from matplotlib.colors import to_hex, to_rgba
from matplotlib.legend import Legend
from matplotlib.offsetbox import AnchoredOffsetbox, AnnotationBbox
from matplotlib.patches import FancyArrowPatch
from matplotlib.patheffects import withStroke
from matplotlib.projections.geo import GeoAxes
from matplotlib.quiver import Barbs, Quiver
from matplotlib.text import Text
from mpl_toolkits.mplot3d.art3d import Poly3DCollection

from sitegen.running.figures import inks, mode
from sitegen.running.figures.bands import can_be_stacked, stacked
from sitegen.running.figures.covering import around, beside_surfaces, covers, fills, is_beside, is_mapped, is_opaque
from sitegen.running.figures.grids import is_asked
from sitegen.running.figures.lock import all_axes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

_GROUNDS = {inks.PAPER, mode.WHITE}
_PLAIN = {inks.INK, inks.PAPER, mode.BLACK, mode.WHITE}
_PIXEL = {"marker": "s", "markersize": 0.72, "markeredgewidth": 0}  # of a screen, where a raster has two dots for each
_LOUD, _SOFT = 4, 0.18  # contrast of a grid with its ground; what is left of such a grid
_RIM = 4  # points, half of which are seen around letters that stick out of their box
_WITHIN = 0.9  # share of a circle's radius at which labels stand within it
MOST_LABELS = 200  # texts on patches that are looked at


@contextlib.contextmanager
def dressed(drawing: Any, *, themed: bool, groups: Mapping[str, Any] | None = None) -> Iterator[None]:
    """Dress a figure that follows the theme; what is not themed is drawn as it is. groups: artists by names to mark."""
    wardrobe = _Wardrobe()
    for line in (line for axes in all_axes(drawing) for line in axes.lines if line.get_marker() == ","):
        for name, value in _PIXEL.items():
            wardrobe.set(line, name, value)
    for name, artist in (groups or {}).items():
        wardrobe.mark(artist, name)
    for contours in (artist for axes in all_axes(drawing) for artist in axes.collections if can_be_stacked(artist)):
        wardrobe.set(contours, "paths", stacked(contours))
    for axes in drawing.axes:
        _close_frame(axes, wardrobe)
    for part in (drawing, *inks.parts_of(drawing)):
        if not inks.has_ground(part) and not part.patch.get_linewidth():
            wardrobe.hide(part.patch)  # which would count as drawn, up to its edge
    if themed:
        parts = (drawing, *inks.parts_of(drawing))
        legends = (*(axes.get_legend() for axes in all_axes(drawing)), *(one for part in parts for one in part.legends))
        for ground in (
            *(one.patch for one in (*parts, *all_axes(drawing))),
            *(one.get_frame() for one in legends if one),
        ):
            wardrobe.take_for_grey(ground)
        palettes = _palettes(drawing)
        for axes in all_axes(drawing):
            _dress_axes(axes, drawing, wardrobe)
            if palettes and axes.get_gid() in {None, "axes"}:
                wardrobe.mark(axes, palettes)
        for legend in (one for part in parts for one in part.legends if palettes):
            wardrobe.mark(legend, palettes)
        for axes in drawing.axes:
            if axes.get_gid() == mode.COVERED:
                _dress_relatives(axes, wardrobe)
        for part in parts:
            _dress_texts((*_boxed(part.texts), *_in_frames((*part.legends, *part.artists))), wardrobe)
        if to_hex(drawing.patch.get_facecolor()) in _GROUNDS:
            wardrobe.hide(drawing.patch)
    else:
        for axes in drawing.axes:
            _soften_grid(axes, wardrobe)
    try:
        yield
    finally:
        wardrobe.undress()


class _Wardrobe:
    """Changes to artists, each of which is undone at the end."""

    def __init__(self) -> None:
        self._undo: list[Callable[[], object]] = []

    def set(self, artist: Any, name: str, value: object) -> None:
        """Set a property."""
        was = getattr(artist, f"get_{name}")()
        self._undo.append(lambda: getattr(artist, f"set_{name}")(was))
        getattr(artist, f"set_{name}")(value)

    def mark(self, artist: Any, name: str) -> None:
        """Name the group that an artist draws."""
        self.set(artist, "gid", name)

    def hide(self, artist: Any) -> None:
        """Leave an artist away."""
        self.set(artist, "visible", value=False)

    def take_for_grey(self, ground: Any) -> None:
        """Draw a ground with a tinge of a colour, as style sheets have, as a grey on the dark paper."""
        colour = to_hex(ground.get_facecolor())
        if mode.is_near_paper(colour) and not mode.is_grey(colour):
            self.mark(ground, mode.GROUND)

    def close_seams(self, pieces: Any) -> None:
        """Draw the edges of pieces in their own colour: between two bare edges the ground shines through."""
        if len(pieces.get_edgecolor()) == 0 and pieces.get_alpha() is None:
            width = pieces.get_linewidth()
            self._undo.append(lambda: pieces.set(edgecolor="none", linewidth=width))
            pieces.set_edgecolor("face")
            pieces.set_linewidth(0.5)

    def undress(self) -> None:
        """Undo all."""
        for back in reversed(self._undo):
            back()


def _dress_axes(axes: Any, drawing: Any, wardrobe: _Wardrobe) -> None:
    mapped = [child for child in axes.collections if is_mapped(child)]
    meshes = [child for child in axes.collections if isinstance(child, QuadMesh) or getattr(child, "filled", False)]
    if axes.images or meshes:
        for axis in (axes.xaxis, axes.yaxis):
            if not is_asked(axis):  # our grid is for reading off lines
                for line in axis.get_gridlines():
                    if to_hex(line.get_color()) == inks.MUTED:
                        wardrobe.hide(line)
            if axes.get_axisbelow() is True and (is_asked(axis) or is_asked(axis, "minor")):
                wardrobe.set(axes, "axisbelow", "line")  # ours is below; elsewhere a grid lies on what fills
    of_marks = _is_bar_of_marks(axes)
    covering = [*axes.images, *([] if of_marks else filter(covers, axes.collections))]
    texts = _texts_on_colours(axes)
    surfaces = list(filter(is_opaque, covering)) if hasattr(axes, "get_zlim") else []
    if surfaces:
        wardrobe.mark(axes, mode.SOLID)
        for artist in beside_surfaces(axes, surfaces):
            wardrobe.mark(artist, mode.OUTER)
    elif any(fills(artist, axes) for artist in covering):
        _cover(axes, wardrobe)
        texts = iter(())  # nothing changes but what stands around
    elif axes.get_gid() is not None:
        wardrobe.mark(axes, "axes")
    if to_hex(axes.patch.get_facecolor()) in _GROUNDS and not _lies_on_another(axes, drawing):
        wardrobe.hide(axes.patch)
    bar = getattr(axes, "_colorbar", None)
    for piece in bar.solids_patches if bar is not None and covers(bar.mappable) else ():  # of hatched contours
        wardrobe.mark(piece, mode.EXACT)
    for artist in dict.fromkeys((*mapped, *covering)):
        if artist in covering:
            wardrobe.mark(artist, mode.MESH if _is_even(artist) else mode.EXACT)
        else:
            table = "" if mode.is_cut(artist.get_cmap().name) else _add_map(artist.get_cmap())
            if table or _is_even(artist):
                wardrobe.mark(artist, (mode.BAR if _is_even(artist) else "") + table)
            for handle in _handles_of_classes(axes) if table else ():
                wardrobe.mark(handle, table)
        if of_marks:
            wardrobe.set(artist, "rasterized", value=False)  # an image would have the colours of one theme
    for artist in axes.collections:
        if isinstance(artist, Poly3DCollection):
            if artist.get_array() is None:
                wardrobe.mark(artist, mode.SHADED)
            else:
                wardrobe.close_seams(artist)
    for mesh in meshes:
        cells: Any = mesh.get_array()
        hidden = (
            np.ma.getmaskarray(cells).ravel()
            if isinstance(mesh, QuadMesh) and np.ndim(cells) in {1, 2}
            else np.zeros(1, bool)
        )
        if hidden.any() and len(mesh.get_edgecolor()) == 1:
            wardrobe.set(mesh, "edgecolor", mesh.get_edgecolor() * ~hidden[:, None])
        if not _is_even(mesh) and not can_be_stacked(mesh):
            wardrobe.close_seams(mesh)
    _dress_texts(texts, wardrobe)


def _palettes(drawing: Any) -> str:
    """Return the id of groups in which greys are steps of the palettes of what is filled, or of lines that are one artist; "" for none."""
    fills, lines = [np.empty((0, 4))], [np.empty((0, 4))]
    for axes in (one for one in all_axes(drawing) if not hasattr(one, "get_zlim")):
        if axes.patches:
            fills.append(np.array([patch.get_facecolor() for patch in axes.patches]))
        lines += [np.array([one.get_edgecolor()]) for one in axes.patches if isinstance(one, FancyArrowPatch)]
        for some in (one for one in axes.collections if one.get_array() is None):
            is_of_lines = isinstance(some, LineCollection)
            (lines if is_of_lines else fills).append(some.get_edgecolor() if is_of_lines else some.get_facecolor())
    return mode.add_palettes(np.concatenate(fills), np.concatenate(lines))


def _handles_of_classes(axes: Any) -> Iterator[Any]:
    """Yield what stands in a legend for the colours of a map: of `legend_elements()`, which has labels of its own."""
    legend = axes.get_legend()
    if legend is not None:
        labels = axes.get_legend_handles_labels()[1]
        handles = (one for one in legend.legend_handles if one is not None)  # of what no legend can show, and says so
        pairs = zip(handles, legend.get_texts(), strict=False)  # a program may take some away
        yield from (handle for handle, text in pairs if text.get_text() not in labels)


def _dress_relatives(axes: Any, wardrobe: _Wardrobe) -> None:
    """Let axes that stand on a covered ground stay as they are, and those beside it follow the theme."""
    for child in axes.child_axes:
        own = child.get_gid()
        wardrobe.mark(child, f"{mode.BESIDE}{own or ''}" if is_beside(child, axes) else mode.EXACT)
    for twin in axes._twinned_axes.get_siblings(axes):  # noqa: SLF001 - it has no other name
        if twin.get_gid() != mode.COVERED:
            _cover(twin, wardrobe)
    if isinstance(axes, GeoAxes):
        for tick in axes.xaxis.get_major_ticks():
            wardrobe.mark(tick.label1, mode.EXACT)  # longitudes stand on the map
    if axes.name == "polar":
        low, high = sorted(axes.get_ylim())
        for tick, place in zip(axes.yaxis.get_major_ticks(), axes.yaxis.get_majorticklocs(), strict=False):
            if place < low + _WITHIN * (high - low):
                wardrobe.mark(tick.label1, mode.EXACT)  # it stands on what fills the circle


def _cover(axes: Any, wardrobe: _Wardrobe) -> None:
    wardrobe.mark(axes, mode.COVERED)
    for artist in around(axes):
        wardrobe.mark(artist, mode.OUTER)
    for axis in (axes.xaxis, axes.yaxis):
        for line in (tick.gridline for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks())):
            if to_hex(line.get_color()) != inks.MUTED:
                wardrobe.mark(line, mode.EXACT)
                if line.get_alpha() == inks.STYLE["grid.alpha"]:
                    wardrobe.set(line, "alpha", 1)


def _soften_grid(axes: Any, wardrobe: _Wardrobe) -> None:
    """Let a grid that nobody asked for stay behind what is drawn, where it was not chosen for the ground."""
    patch = axes.patch if axes.patch.get_visible() and axes.patch.get_alpha() != 0 else axes.figure.patch
    for axis in (axes.xaxis, axes.yaxis):
        for line in () if is_asked(axis) else axis.get_gridlines():
            if mode.contrast(to_hex(line.get_color()), to_hex(patch.get_facecolor())) > _LOUD:
                wardrobe.set(line, "alpha", _SOFT)


def _close_frame(axes: Any, wardrobe: _Wardrobe) -> None:
    """Draw the sides at which a program wants ticks opposite to the usual ones, or in their place: ours are without lines there."""
    is_alone = len(axes._twinned_axes.get_siblings(axes)) == 1  # noqa: SLF001 - it has no other name
    for axis, usual, other in ((axes.xaxis, "bottom", "top"), (axes.yaxis, "left", "right")):
        ticks = axis.get_tick_params()
        is_framed = ticks.get(usual) or (is_alone and usual in axes.spines and axes.spines[usual].get_visible())
        if is_framed and ticks.get(other) and other in axes.spines and not axes.spines[other].get_visible():
            wardrobe.set(axes.spines[other], "visible", value=True)
        for side, spine in axes.spines.items():
            is_moved = ticks.get(side) and spine.get_position() != ("outward", 0.0)
            if is_moved and not spine.get_visible() and spine.axis is axis:  # as of a third scale, further out
                wardrobe.set(spine, "visible", value=True)


class _OnColour(NamedTuple):
    """A text, and the colour that it stands on; paper, where it stands on that and on others.

    is_longer: whether it sticks out of it. table: of the map that gives the colour.
    """

    text: Any
    ground: str
    is_longer: bool = False
    table: str = ""


def _dress_texts(texts: Iterable[_OnColour], wardrobe: _Wardrobe) -> None:
    for text, ground, is_longer, table in texts:
        rim = ground[:7] if is_longer and not text.get_path_effects() else ""
        is_ink = to_hex(text.get_color()) in {inks.INK, mode.BLACK}
        if ground not in {*inks.SERIES, inks.PAPER}:
            name = mode.on_ground(to_hex(text.get_color()), ground, table)
            if name not in {"", mode.EXACT} and to_hex(text.get_color()) == mode.BLACK:  # which an SVG does not say
                wardrobe.set(text, "color", inks.INK)
                name = mode.on_ground(inks.INK, ground, table)
            if name:
                wardrobe.mark(text, name)
            rim = rim if name == mode.EXACT else ""
        elif ground == inks.PAPER:
            rim = rim if is_ink else ""  # else it was chosen for one of the others
        else:
            rim = ""
            if is_ink:
                wardrobe.set(text, "color", inks.PAPER)  # a series' colour stands out from the paper, not from ink
        if rim:
            wardrobe.set(text, "path_effects", [withStroke(linewidth=_RIM, foreground=rim)])


def _add_map(colours: Any) -> str:
    levels = colours(np.arange(colours.N))[:, :3]
    others = np.array([colours.get_under(), colours.get_over(), colours.get_bad()])
    others = others[others[:, 3] > 0, :3]  # what is not there is black without being seen, but edges are black too
    contrast = mode.CONTRAST if colours.name.removesuffix("_r") in mode.MAPS else mode.FAINT
    return mode.add_map(levels, others, contrast)


def _is_even(artist: Any) -> bool:
    """Whether an artist is a mesh of upright rectangles: their edges are sharp without being drawn."""
    if not isinstance(artist, QuadMesh) or artist.axes is None or artist.axes.name != "rectilinear":
        return False
    corners = np.asarray(artist.get_coordinates())
    return bool((np.ptp(corners[..., 0], axis=0) == 0).all() and (np.ptp(corners[..., 1], axis=1) == 0).all())


def _is_bar_of_marks(axes: Any) -> bool:
    """Whether axes are the colour bar of lines or points, whose colours change with the theme."""
    bar = getattr(axes, "_colorbar", None)
    return bar is not None and hasattr(bar.mappable, "get_paths") and not covers(bar.mappable)


def _lies_on_another(axes: Any, drawing: Any) -> bool:
    """Whether axes stand on others, so that their ground hides what is below: an inset, not the second of a pair.

    Or on a figure, or a part of one, with a ground of its own.
    """
    grounds = [
        part.patch for part in (axes.figure, drawing) if part.patch.get_visible() and part.patch.get_facecolor()[3]
    ]
    if axes not in drawing.axes or any(to_hex(ground.get_facecolor()) not in _GROUNDS for ground in grounds):
        return True
    before = drawing.axes[: drawing.axes.index(axes)]
    return any(axes.get_position().overlaps(other.get_position()) for other in before)


def _texts_on_colours(axes: Any) -> Iterator[_OnColour]:
    """Yield texts that stand on a bar, a wedge or a box of another colour, or partly so."""
    yield from _boxed((*axes.texts, axes.title, axes.xaxis.label, axes.yaxis.label))
    for table in axes.tables:
        cells = table.get_celld().values()
        yield from (_OnColour(cell.get_text(), _colour_of(cell)) for cell in cells if _colour_of(cell))
    yield from _in_frames((axes.get_legend(), *axes.artists))
    texts = [text for text in axes.texts[:MOST_LABELS] if text.get_text() and text.get_bbox_patch() is None]
    if not texts or hasattr(axes, "get_zlim"):
        return
    axes.apply_aspect()
    filled = [*_areas(axes)]
    scattered = [some for some in axes.collections if isinstance(some, PathCollection)]
    marked = [some for some in scattered if some.get_array() is not None or len(some.get_facecolor())]
    for text in texts if filled or marked else ():
        area = text.get_window_extent()
        places = area.x0 + area.width * np.array([0.01, 0.2, 0.5, 0.8, 0.99])
        points = np.column_stack([places, np.full(5, (area.y0 + area.y1) / 2)])
        over = [(*area[:2], outline.contains_points(points)) for area in filled for outline in area[2:]]
        below = [one for one in over if one[2][1:-1].all()]
        if below:
            _, ground, inside = max(below, key=itemgetter(0))
            yield _OnColour(text, ground, is_longer=not inside.all())
        elif found := _marker_at(points[2], marked):
            yield _OnColour(text, found[0], table=found[1])
        elif any(inside.any() and to_rgba(ground)[3] > mode.VEIL for _, ground, inside in over):
            yield _OnColour(text, inks.PAPER, is_longer=True)


def _areas(axes: Any) -> Iterator[tuple[float, str, Any]]:
    """Yield the height, the colour and the outline of patches, areas of `fill_between()` and bars of `broken_barh()`."""
    for patch in axes.patches:
        if colour := _colour_of(patch):
            yield patch.get_zorder(), colour, patch.get_transform().transform_path(patch.get_path())
    for some in axes.collections:
        if isinstance(some, PolyCollection) and not isinstance(some, Quiver | Barbs) and some.get_array() is None:
            for path, face in zip(some.get_paths()[:MOST_LABELS], cycle(some.get_facecolor()), strict=False):
                if colour := _own_colour(face):
                    yield some.get_zorder(), colour, some.get_transform().transform_path(path)


def _marker_at(point: Any, marked: Sequence[Any]) -> tuple[str, str] | None:
    """Return the colour of the marker in whose middle a point is, as of the labels of a graph, and the id of its map's table."""
    for some in marked:
        places = some.get_offset_transform().transform(np.ma.filled(some.get_offsets(), np.nan))
        radii = np.sqrt(np.resize(some.get_sizes(), len(places))) / 2 * some.figure.dpi / 72
        hit = np.flatnonzero(np.hypot(*(places - point).T) < radii / 2)
        if len(hit):
            is_own = some.get_array() is None
            colours = some.get_facecolor() if is_own else some.to_rgba(some.get_array(), some.get_alpha())
            colour = colours[hit[-1] % len(colours)]
            ground = _own_colour(colour) if is_own else to_hex(colour, keep_alpha=True)
            return (ground, "" if is_own else some.get_gid() or "") if ground else None
    return None


def _boxed(texts: Iterable[Any]) -> Iterator[_OnColour]:
    """Yield texts that stand in a box of another colour, with that colour."""
    for text in texts:
        box = text.get_bbox_patch()
        if box is not None and text.get_text() and _colour_of(box):
            yield _OnColour(text, _colour_of(box))


def _in_frames(artists: Iterable[Any]) -> Iterator[_OnColour]:
    """Yield texts of legends and of boxes in a corner or at a point whose frame has another colour, with that colour."""
    for one in artists:
        if isinstance(one, Legend | AnchoredOffsetbox | AnnotationBbox):
            frame = one.get_frame() if isinstance(one, Legend) else one.patch
            colour = _colour_of(frame) if frame.get_visible() else ""
            yield from (_OnColour(text, colour) for text in (one.findobj(Text) if colour else ()))


def _colour_of(patch: Any) -> str:
    """Return the colour that a patch is filled with, and how opaque it is; "" for paper, ink, greys and our own that can be seen through."""
    return _own_colour(patch.get_facecolor()) if patch.get_fill() and patch.get_gid() != mode.GROUND else ""


def _own_colour(colour: Any) -> str:
    name = to_hex(colour)
    if name in inks.SERIES:
        return name if colour[3] > 0.7 else ""
    return "" if name in _PLAIN or mode.is_grey(name) else to_hex(colour, keep_alpha=True)
