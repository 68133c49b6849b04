"""A figure to WebP, one for each theme from one drawing, cropped to what is there.

Most of the time of a drawing goes before a path is one (ticks, projections, sorting of polygons): it is spent once.
"""

# ruff: noqa: ANN401 - matplotlib's renderers have no types

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import _tight_bbox
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import to_hex, to_rgb
from matplotlib.transforms import Bbox
from PIL import Image

from sitegen.running.figures.extent import Extent, Texts, crop
from sitegen.running.figures.mode import Mode, in_dark_shades
from sitegen.running.figures.palette import CUSTOM_PROPERTIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

FEW_COLOURS = 1024  # each with its opacity
_PAPERS = CUSTOM_PROPERTIES["--figure-paper"]


def _in_theme(colour: Any, mode: Mode, theme: int | None, *, is_line: bool = False) -> Any:
    """Return a colour (RGB or RGBA) as it is in a theme: 0 light, 1 dark, None as it is."""
    if theme is None or colour is None or len(colour) < 3:
        return colour
    ink = mode.ink_of(to_hex(colour[:3]), colour[3] if len(colour) > 3 else 1, is_line=is_line)
    return (*to_rgb(ink[1 + theme]), *colour[3:]) if ink.css else colour


def _all_in_theme(colours: Any, mode: Mode, theme: int | None, *, is_line: bool) -> Any:
    """Return many colours as they are in a theme; more than 256 kinds are a gradient of the author's own."""
    if theme is None or len(colours) == 0 or mode.is_exact:
        return colours
    if mode.is_shaded and theme == 1:
        some = np.asarray(colours, float)
        return np.column_stack([in_dark_shades(some[:, :3]), some[:, 3:]])
    distinct, where = np.unique(np.asarray(colours, float), axis=0, return_inverse=True)
    if len(distinct) > 256:
        return colours
    return np.array([_in_theme(tuple(row), mode, theme, is_line=is_line) for row in distinct])[where.ravel()]


class ThemedRenderer(Extent, RendererAgg):
    """matplotlib's, drawing for several themes at once: most of the time goes before a path is one, and is spent once."""

    def __init__(self, width: float, height: float, dpi: float, themes: tuple[int | None, ...]) -> None:
        self.mode = Mode()
        self._layers: list[tuple[int | None, Any, list[Any]]] = []
        super().__init__(width, height, dpi)  # type: ignore[no-untyped-call] # matplotlib has no types here
        new: Any = type(self._renderer)
        self._layers = [(theme, new(int(width), int(height), dpi), []) for theme in themes]
        self._renderer, self._filter_renderers = self._layers[0][1:]

    def _update_methods(self) -> None:
        super()._update_methods()  # type: ignore[no-untyped-call] # see above
        # The base class puts C functions over its methods, past which nothing would be overridden.
        for name in ("draw_markers", "draw_path_collection", "draw_image", "draw_quad_mesh", "draw_gouraud_triangles"):
            self.__dict__.pop(name, None)

    def _each(self, gc: Any) -> Iterator[int | None]:
        """Yield the themes, with the canvas of each in place and the colours of `gc` as they are in it."""
        line, hatch = gc._rgb, gc._hatch_color  # noqa: SLF001 - what the C code reads
        for theme, canvas, _ in self._layers:
            self._renderer = canvas
            gc._rgb, gc._hatch_color = (_in_theme(one, self.mode, theme, is_line=True) for one in (line, hatch))  # noqa: SLF001 - see above
            yield theme
        gc._rgb, gc._hatch_color = line, hatch  # noqa: SLF001 - see above

    def _path_below(self, gc: Any, path: Any, transform: Any, face: Any) -> None:
        for theme in self._each(gc):
            super()._path_below(gc, path, transform, _in_theme(face, self.mode, theme))

    def _markers_below(self, gc: Any, *args: Any) -> None:
        for theme in self._each(gc):
            self._renderer.draw_markers(gc, *args[:4], _in_theme(args[4], self.mode, theme))

    def _collection_below(self, gc: Any, *args: Any, **options: Any) -> None:
        before, faces, edges, after = args[:5], args[5], args[6], args[7:]
        for theme in self._each(gc):
            colours = (_all_in_theme(some, self.mode, theme, is_line=some is edges) for some in (faces, edges))
            self._renderer.draw_path_collection(gc, *before, *colours, *after, **options)

    def _image_below(self, gc: Any, x: float, y: float, im: Any, transform: Any) -> None:
        del transform  # only for renderers that scale images themselves
        for _ in self._each(gc):
            self._renderer.draw_image(gc, x, y, im)

    def _text_below(self, gc: Any, *args: Any) -> None:
        for _ in self._each(gc):
            super()._text_below(gc, *args)

    def draw_quad_mesh(self, gc: Any, *args: Any, **options: Any) -> None:
        """Draw a mesh, whose colours are a colour map's."""
        self._add_clip_or(gc, np.array([[0.0, 0.0], [self.width, self.height]]), 0)
        for _ in self._each(gc):
            self._renderer.draw_quad_mesh(gc, *args, **options)

    def draw_gouraud_triangles(self, gc: Any, *args: Any) -> None:
        """Draw triangles, whose colours are a colour map's."""
        self._add_clip_or(gc, np.array([[0.0, 0.0], [self.width, self.height]]), 0)
        for _ in self._each(gc):
            self._renderer.draw_gouraud_triangles(gc, *args)

    def start_filter(self) -> None:
        """Begin to draw what is to be filtered, on canvases of its own."""
        self._switch(super().start_filter)

    def stop_filter(self, post_processing: Any) -> None:
        """Filter what was drawn since, and draw it."""
        stop: Any = super().stop_filter
        self._switch(lambda: stop(post_processing))

    def _switch(self, change: Callable[[], object]) -> None:
        changed = []
        for theme, canvas, filters in self._layers:
            self._renderer, self._filter_renderers = canvas, filters
            self._layers, kept = [(theme, canvas, filters)], self._layers
            change()
            self._layers = kept
            changed.append((theme, self._renderer, self._filter_renderers))
        self._layers = changed

    def open_group(self, s: str, gid: str | None = None) -> None:
        """Enter a group."""
        self.mode.enter(s, gid)

    def close_group(self, s: str) -> None:
        """Leave a group."""
        del s
        self.mode.leave()

    def lay(self, pictures: Sequence[Any]) -> None:
        """Begin with pictures that were drawn before, one for each theme."""
        for (_, canvas, _), picture in zip(self._layers, pictures, strict=True):
            np.asarray(canvas)[:] = picture

    def images(self) -> list[Any]:
        """Return the pictures, one for each theme."""
        return [Image.fromarray(np.asarray(canvas)) for _, canvas, _ in self._layers]


def draw_raster(
    drawing: Any, dpi: int, themes: tuple[int | None, ...], *, cropped: bool
) -> tuple[list[bytes], Bbox, Texts]:
    """Return a WebP for each theme (0 light, 1 dark, None for colours as they are), and the rest as draw_svg does.

    cropped: to what is drawn; else the whole figure, which is the same for all frames of a slider.
    """
    width, height = drawing.get_size_inches()
    was = drawing.dpi
    drawing.dpi = dpi
    try:
        renderer = ThemedRenderer(int(width * dpi), int(height * dpi), dpi, themes)
        drawing.draw(renderer)
        box = crop(drawing, renderer) if cropped else Bbox.from_bounds(0, 0, width, height)
        if box.x0 < 0 or box.y0 < 0 or box.x1 > width or box.y1 > height:
            renderer, box = _draw_beyond(drawing, dpi, box, themes), Bbox.from_bounds(0, 0, box.width, box.height)
            height = box.height
    finally:
        drawing.dpi = was
    place = (int(box.x0 * dpi), int((height - box.y1) * dpi), int(box.x1 * dpi), int((height - box.y0) * dpi))
    pictures = [
        _encode(image.crop(place), _PAPERS[theme or 0]) for image, theme in zip(renderer.images(), themes, strict=True)
    ]
    return pictures, box, renderer.texts()


def _encode(image: Any, paper: str) -> bytes:
    """Return a WebP: exact where the picture has few colours (points, cells), else with a loss that is not seen.

    Measured at 1344 x 768: a surface 226 kB as PNG, 146 exact, 91 with loss; an image 290, 156, 26; a scatter plot of
    9000 points 215, 109, 156; a mesh of 100 x 100 cells 76, 28, 170. Each takes about as long as its PNG, 40 to 90 ms.
    With a loss, what is seen through lies on the theme's paper already: opacity is kept without one, 110 of 150 kB of a
    surface whose planes are half seen through.
    """
    out = io.BytesIO()
    few = image.getcolors(FEW_COLOURS) is not None
    if not few:
        drawn = image.getchannel("A").point(lambda opacity: 255 if opacity else 0)
        image = Image.alpha_composite(Image.new("RGBA", image.size, paper), image)
        image.putalpha(drawn)
    image.save(out, "WEBP", lossless=few, quality=80 if few else 85, method=2)  # quality of the exact one: effort
    return out.getvalue()


def _draw_beyond(drawing: Any, dpi: int, box: Bbox, themes: tuple[int | None, ...]) -> ThemedRenderer:
    """Draw a figure that reaches beyond its own edges once more, moved, on a canvas that holds it all."""
    adjust: Any = _tight_bbox.adjust_bbox
    restore = adjust(drawing, box, None, drawing.dpi)
    try:
        renderer = ThemedRenderer(math.ceil(box.width * dpi), math.ceil(box.height * dpi), dpi, themes)
        with drawing._cm_set(layout_engine="none"):  # noqa: SLF001 - it is laid out; the moved one would be otherwise
            drawing.draw(renderer)
    finally:
        restore()
    return renderer
