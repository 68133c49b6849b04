"""A figure to bytes, drawn once for each format: SVG in inks, or PNG in the colours of one theme; cropped to what is there.

matplotlib's own `bbox_inches="tight"` draws everything twice. Types of matplotlib are `Any` here: its renderers have none.
"""

# ruff: noqa: ANN401 - see above
from __future__ import annotations

import contextlib
import io
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib import _path
from matplotlib.backend_bases import GraphicsContextBase
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.backends.backend_mixed import MixedModeRenderer
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.collections import QuadMesh
from matplotlib.colors import to_hex, to_rgb, to_rgba
from matplotlib.contour import ContourSet
from matplotlib.lines import Line2D
from matplotlib.transforms import Bbox
from PIL import Image

from sitegen.running import inks
from sitegen.running.extent import Extent
from sitegen.running.palette import CUSTOM_PROPERTIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PADDING = 0.05  # inches around what is drawn
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

    for index, axes in enumerate(_all_axes(drawing) if themed else ()):
        mapped = [child for child in axes.collections if child.get_array() is not None]
        if axes.images or any(isinstance(child, QuadMesh) or getattr(child, "filled", False) for child in mapped):
            for line in (*axes.get_xgridlines(), *axes.get_ygridlines()):  # our grid is for reading off lines
                if to_hex(line.get_color()) == inks.MUTED:
                    hide(line)
        if axes.images or mapped:
            mark(axes, inks.COVERED)
            for title in (axes.title, axes._left_title, axes._right_title):  # noqa: SLF001 - they have no other name
                mark(title, inks.OUTER)
        elif axes.get_gid() is not None:
            mark(axes, "axes")
        overlaps = any(axes.get_position().overlaps(other.get_position()) for other in drawing.axes[:index])
        if not overlaps and to_hex(axes.patch.get_facecolor()) == inks.PAPER:
            hide(axes.patch)
    if themed:
        if to_hex(drawing.patch.get_facecolor()) == inks.PAPER:
            hide(drawing.patch)
        for artist in (artist for axes in _all_axes(drawing) for artist in (*axes.collections, *axes.images)):
            if artist.get_array() is not None:
                mark(artist, inks.EXACT)
    try:
        yield
    finally:
        for back in reversed(undo):
            back()


def _all_axes(drawing: Any) -> list[Any]:
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
    for artist in (artist for axes in _all_axes(drawing) for artist in (*axes.collections, *axes.lines)):
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
        renderer = mixed(
            drawing, width, height, dpi, new(width * 72, height * 72, out, image_dpi=dpi, metadata=nothing)
        )
        drawing.draw(renderer)
        box = _crop(drawing, renderer)
        renderer.finalize()
    finally:
        drawing.dpi = was
    return out.getvalue(), box


def _crop(drawing: Any, renderer: Extent) -> Bbox:
    """Return the box around all that was drawn, in inches; the whole figure where nothing was."""
    box = renderer.extent()
    if box is None or box[0] == box[2] or box[1] == box[3]:
        return Bbox.from_bounds(0, 0, *drawing.get_size_inches())
    return Bbox(Bbox.from_extents(*(side / drawing.dpi for side in box)).padded(PADDING))


def in_points(drawing: Any, box: Bbox) -> tuple[float, float, float, float]:
    """Return a box in inches from below as left, top, width and height in points from above."""
    height = drawing.get_size_inches()[1]
    return box.x0 * 72, (height - box.y1) * 72, box.width * 72, box.height * 72


@dataclass(frozen=True, slots=True)
class _Palette:
    """The colours of one theme, and where in the drawing we are. theme: 0 light, 1 dark, None as they are."""

    theme: int | None
    mode: inks.Mode

    def colour(self, colour: Any) -> Any:
        """Return a colour as it is in the theme."""
        if self.theme is None or colour is None or len(colour) < 3:
            return colour
        name = self.mode.property_of(to_hex(colour[:3]))
        return (*to_rgb(CUSTOM_PROPERTIES[name][self.theme]), *colour[3:]) if name else colour

    def colours(self, colours: Any) -> Any:
        """Return many colours as they are in the theme; more than 64 kinds of them are a gradient of the author's own."""
        if self.theme is None or len(colours) == 0 or not self.mode.property_of(inks.INK):
            return colours
        distinct, where = np.unique(np.asarray(colours, float), axis=0, return_inverse=True)
        if len(distinct) > 64:
            return colours
        return np.array([self.colour(tuple(row)) for row in distinct])[where.ravel()]


class _Context(GraphicsContextBase):
    """A graphics context that takes every colour through a palette."""

    palette: _Palette
    _rgb: Any

    def set_foreground(self, fg: Any, isRGBA: Any = False) -> None:  # noqa: N803, FBT002 - as in the base class
        """Set the colour of lines and text."""
        super().set_foreground(fg, isRGBA)
        self._rgb = self.palette.colour(self._rgb)

    def set_hatch_color(self, hatch_color: Any) -> None:
        """Set the colour of hatching."""
        super().set_hatch_color(self.palette.colour(to_rgba(hatch_color)))


class _PngRenderer(Extent, RendererAgg):
    """matplotlib's, with the colours of one theme."""

    def __init__(self, width: float, height: float, dpi: float, theme: int | None) -> None:
        self.palette = _Palette(theme, inks.Mode())
        super().__init__(width, height, dpi)  # type: ignore[no-untyped-call] # matplotlib has no types here

    def _update_methods(self) -> None:
        super()._update_methods()  # type: ignore[no-untyped-call] # see above
        # The base class puts C functions over its methods, past which nothing would be overridden.
        for name in ("draw_markers", "draw_path_collection", "draw_image"):
            self.__dict__.pop(name, None)

    def draw_path(self, gc: Any, path: Any, transform: Any, rgbFace: Any = None) -> None:  # noqa: N803 - as in the base class
        """Draw a path."""
        super().draw_path(gc, path, transform, self.palette.colour(rgbFace))

    def _markers_below(self, *args: Any) -> None:
        inner: Any = self._renderer
        inner.draw_markers(*args[:5], self.palette.colour(args[5]))

    def _collection_below(self, *args: Any, **options: Any) -> None:
        inner: Any = self._renderer
        before, faces, edges, after = args[:6], args[6], args[7], args[8:]
        inner.draw_path_collection(*before, self.palette.colours(faces), self.palette.colours(edges), *after, **options)

    def _image_below(self, gc: Any, x: float, y: float, im: Any, transform: Any) -> None:
        inner: Any = self._renderer
        inner.draw_image(gc, x, y, im)

    def new_gc(self) -> _Context:
        """Return a context of ours."""
        context = _Context()
        context.palette = self.palette
        return context

    def open_group(self, s: str, gid: str | None = None) -> None:
        """Enter a group."""
        self.palette.mode.enter(s, gid)

    def close_group(self, s: str) -> None:
        """Leave a group."""
        del s
        self.palette.mode.leave()


def draw_png(drawing: Any, dpi: int, theme: int | None) -> tuple[bytes, Bbox]:
    """Return a PNG in the colours of a theme (0 light, 1 dark) or as they are (None), and what it shows, in inches."""
    width, height = drawing.get_size_inches()
    was = drawing.dpi
    drawing.dpi = dpi
    try:
        renderer = _PngRenderer(int(width * dpi), int(height * dpi), dpi, theme)
        drawing.draw(renderer)
        box = _crop(drawing, renderer)
    finally:
        drawing.dpi = was
    if box.x0 < 0 or box.y0 < 0 or box.x1 > width or box.y1 > height:
        return _draw_beyond(drawing, dpi, box, theme), box
    place = (int(box.x0 * dpi), int((height - box.y1) * dpi), int(box.x1 * dpi), int((height - box.y0) * dpi))
    out = io.BytesIO()
    pixels: Any = renderer
    Image.fromarray(np.asarray(pixels.buffer_rgba())).crop(place).save(out, "PNG")
    return out.getvalue(), box


def _draw_beyond(drawing: Any, dpi: int, box: Bbox, theme: int | None) -> bytes:
    """Return a PNG of a figure that draws beyond its own edges: once more, on a larger canvas."""

    class Canvas(FigureCanvasAgg):
        def get_renderer(self) -> Any:
            width, height = self.figure.bbox.size
            this: Any = self
            if this._lastKey != (width, height, self.figure.dpi):  # noqa: SLF001 - its own
                this.renderer = _PngRenderer(width, height, self.figure.dpi, theme)
                this._lastKey = (width, height, self.figure.dpi)  # noqa: SLF001 - its own
            return this.renderer

    out = io.BytesIO()
    canvas: Any = Canvas(drawing)
    nothing = {"Software": None}
    canvas.print_figure(
        out, format="png", dpi=dpi, bbox_inches=box, facecolor="auto", edgecolor="auto", metadata=nothing
    )
    return out.getvalue()
