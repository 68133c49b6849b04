"""A figure to SVG, drawn once.

matplotlib's own `bbox_inches="tight"` draws everything twice. Types of matplotlib are `Any` here: its renderers have none.
"""

# ruff: noqa: ANN401 - see above
from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_mixed import MixedModeRenderer
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.collections import QuadMesh
from matplotlib.contour import ContourSet
from matplotlib.lines import Line2D
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Bbox

from sitegen.running.figures.extent import Extent, Texts, crop
from sitegen.running.figures.lock import all_axes
from sitegen.running.figures.mode import EXACT, Mode
from sitegen.running.figures.paths import SHORTEST, write_path, write_point
from sitegen.running.figures.pieces import STAND_IN, pieces_of, write_pieces, write_styles
from sitegen.running.figures.series import is_marked

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FIXED = {"svg.hashsalt": "sitegen", "svg.fonttype": "path", "svg.image_inline": True}
# Whose points nobody asks for: they are where a grid was cut.
_LEVELS = {"ContourSet", "QuadContourSet", "TriContourSet"}
MANY = 100  # pieces of a surface: a tenth of a point is enough for each
STANDS_OUT = 0.4  # points that a line may stand out of its axes, where it is not seen: grids end at their edge
GLYPH = 4  # units of a glyph to one of its font, of which there are a hundred in its height


def estimate(drawing: Any) -> int:
    """Return about how many bytes of SVG a figure will be, as far as its artists tell without being drawn."""
    size = 0
    for artist in (artist for axes in all_axes(drawing) for artist in (*axes.collections, *axes.lines)):
        if artist.get_rasterized() or not artist.get_visible():
            continue
        if isinstance(artist, Line2D):
            is_light = not is_marked(artist) or artist.get_markevery() is not None
            size += 0 if is_light else np.size(artist.get_xdata()) * 90
        elif isinstance(artist, QuadMesh):
            size += 110 * np.size(artist.get_coordinates()) // 2
        elif not isinstance(artist, ContourSet):
            faces: Any = getattr(artist, "_faces", ())
            size += 90 * len(artist.get_offsets()) + 180 * max(len(artist.get_paths()) - 1, len(faces))
    return size


class _SvgRenderer(Extent, RendererSVG):
    """matplotlib's, with short paths, clips where they cut something, and nothing cut off at the edge of the figure."""

    _digits = 2  # behind the point
    _shortest = SHORTEST  # points of a line that is worth a look for some to leave out
    _alone = False  # while a path of its own is written
    _reach: tuple[float, float, float, float] | None = None  # its left, top, right and bottom

    def __init__(self, width: float, height: float, stream: io.StringIO, **options: Any) -> None:
        self.mode = Mode()
        self.stream = stream
        new: Any = super().__init__
        new(width, height, stream, **options)

    def open_group(self, s: str, gid: str | None = None) -> None:
        """Enter a group."""
        self.mode.enter(s, gid)
        self._shortest = 4 if s in _LEVELS else SHORTEST
        super().open_group(s, gid)  # type: ignore[no-untyped-call] # matplotlib has no types here

    def close_group(self, s: str) -> None:
        """Leave a group."""
        self.mode.leave()
        self._shortest = SHORTEST
        super().close_group(s)  # type: ignore[no-untyped-call] # see above

    def _make_id(self, type_: str, content: Any) -> str:
        """Return an id; that of a hatching, which is written at the end, says in which colours it was used."""
        name = super()._make_id(type_, content)  # type: ignore[no-untyped-call] # see above
        return f"{EXACT}-{name}" if type_ == "h" and self.mode.is_exact else str(name)

    def _convert_path(
        self, path: Any, transform: Any = None, clip: Any = None, simplify: Any = None, sketch: Any = None
    ) -> str:
        # The edge moves out by one figure: what lies outside is shown, since the figure is cropped to what is drawn.
        around = (-self.width, -self.height, 2 * self.width, 2 * self.height) if clip else None
        wanted = path.should_simplify if simplify is None else simplify
        clean = path.cleaned(transform, True, around, simplify=wanted, curves=True, sketch=sketch)
        if self._alone:
            drawn = clean.vertices[(clean.codes != Path.STOP) & (clean.codes != Path.CLOSEPOLY)]
            self._reach = (*drawn.min(axis=0), *drawn.max(axis=0)) if len(drawn) else None
        return write_path(clean.vertices, clean.codes, self._digits, self._shortest)

    def draw_path(self, gc: Any, path: Any, transform: Any, rgbFace: Any = None) -> None:  # noqa: N803 - its name there
        self._alone = True
        super().draw_path(gc, path, transform, rgbFace)
        self._alone, self._reach = False, None

    def draw_path_collection(self, gc: Any, master_transform: Any, paths: Any, *rest: Any, **options: Any) -> None:
        self._digits = 1 if len(paths) > MANY else 2
        super().draw_path_collection(gc, master_transform, paths, *rest, **options)
        self._digits = 2

    def _markers_below(self, gc: Any, *drawn: Any) -> None:
        """Write markers as matplotlib does, but their style once."""
        this: Any = self
        if gc.get_url() is not None or gc.get_forced_alpha():
            super()._markers_below(gc, *drawn)
            return
        marker, shape, path, transform, face = drawn
        d = self._convert_path(marker, shape + Affine2D().scale(1, -1), simplify=False)
        style = this._get_style(gc, face)  # noqa: SLF001 - matplotlib has no other door
        name = this._markers.get((d, style))  # noqa: SLF001 - as above
        if name is None:
            name = this._markers[d, style] = self._make_id("m", (d, style))  # noqa: SLF001 - as above
            this.writer.start("defs")
            this.writer.element("path", id=name, d=d)
            this.writer.end("defs")
        this.writer.start("g", **self._get_clip_attrs(gc), style=style)
        this.writer.comment("")  # which ends the tag that is open
        around = (0, 0, 72 * self.width, 72 * self.height)
        flipped = this._make_flip_transform(transform)  # noqa: SLF001 - as above
        places = (points[-2:].tolist() for points, _ in path.iter_segments(flipped, clip=around, simplify=False))
        for across, down in places:
            x, y = (write_point((round(100 * place),), 2) for place in (across, down))
            self.stream.write(f'<use xlink:href="#{name}" x="{x}" y="{y}"/>\n')
        this.writer.end("g")

    def _collection_below(self, *collection: Any, **options: Any) -> None:
        if not self._write_at_once(*collection):
            super()._collection_below(*collection, **options)

    def _write_at_once(self, gc: Any, transform: Any, paths: Any, moves: Any, offsets: Any, *more: Any) -> bool:
        """Write a collection of straight outlines, each of which has its own place; whether it is one."""
        offset_transform, faces, edges, widths, dashes, _, urls, _ = more
        is_plain = not (gc.get_hatch() or gc.get_sketch_params() or gc.get_forced_alpha() or any(urls))
        if len(paths) < 2 or len(moves) or len(offsets) != 1 or not is_plain or not len(faces) + len(edges):
            return False
        this: Any = self
        pieces = pieces_of(paths, this._make_flip_transform(transform))  # noqa: SLF001 - matplotlib has no other door
        if pieces is None or np.any(offset_transform.transform(offsets)):
            return False
        strokes, thickest = self._strokes(gc, widths, dashes) if np.any(np.asarray(edges)[:, 3:]) else ([], 0.0)
        clips = self._clips(gc, pieces.boxes(), thickest)
        written = write_styles(len(paths), np.asarray(faces), np.asarray(edges), strokes)
        text = [
            f'<path d="{d}"{clip} style="{style}"/>\n'
            for d, clip, style in zip(write_pieces(pieces, self._digits), clips, written, strict=True)
        ]
        this.writer.comment("")  # which ends the tag that is open
        self.stream.writelines(text)
        return True

    def _strokes(self, gc: Any, widths: Any, dashes: Any) -> tuple[list[str], float]:
        """Return how the edges of a collection are drawn, by turns, and how thick the thickest is."""
        this: Any = self
        pen = this.new_gc()
        pen.copy_properties(gc)
        pen.set_foreground(STAND_IN)
        strokes, thickest = [], 0.0
        for number in range(math.lcm(len(widths) or 1, len(dashes) or 1)):
            if len(widths):
                pen.set_linewidth(widths[number % len(widths)])
            if len(dashes):
                pen.set_dashes(*dashes[number % len(dashes)])
            thickest = max(thickest, pen.get_linewidth())
            style = this._get_style(pen, None)  # noqa: SLF001 - as above
            strokes.append(style.removeprefix("fill: none; ") if pen.get_linewidth() else "")
        return strokes, thickest

    def _get_clip_attrs(self, gc: Any) -> dict[str, str]:
        """Return nothing for a path that lies within its clip anyway."""
        if self._reach is not None and self._is_within(gc, np.array([self._reach]), gc.get_linewidth())[0]:
            return {}
        base: Any = super()
        found: dict[str, str] = base._get_clip_attrs(gc)  # noqa: SLF001 - matplotlib has no other door
        return found

    def _clips(self, gc: Any, boxes: NDArray[np.float64], thickness: float) -> list[str]:
        """Return how each of several paths is clipped, by the box around it."""
        within = self._is_within(gc, boxes, thickness)
        attributes = {} if within.all() else self._get_clip_attrs(gc)
        clip = "".join(f' {name}="{value}"' for name, value in attributes.items())
        return ["" if inside else clip for inside in within.tolist()]

    def _is_within(self, gc: Any, boxes: NDArray[np.float64], thickness: float) -> NDArray[np.bool_]:
        """Return which boxes (left, top, right, bottom) a clip does not cut; half of a thin line may stand out."""
        clip = gc.get_clip_rectangle()
        if clip is None or gc.get_clip_path()[0] is not None:
            return np.zeros(len(boxes), dtype=bool)
        out = max(thickness / 2 - STANDS_OUT, 0)
        left, top, right, bottom = boxes.T
        low, high = self.height - clip.y1, self.height - clip.y0
        inside: NDArray[np.bool_] = (
            (clip.x0 <= left - out) & (right + out <= clip.x1) & (low <= top - out) & (bottom + out <= high)
        )
        return inside

    def _update_glyph_map_defs(self, glyph_map_new: dict[str, Any]) -> None:
        """Define glyphs in sixteenths of what matplotlib writes: a fortieth of a point in a text of ten points."""
        if not glyph_map_new:
            return
        this: Any = self
        this.writer.start("defs")
        for name, (vertices, codes) in glyph_map_new.items():
            d = write_path(np.asarray(vertices) * GLYPH, np.asarray(codes, np.uint8), 0)
            this.writer.element("path", id=this._adjust_glyph_repr(name), d=d, transform=f"scale({1 / GLYPH:g})")  # noqa: SLF001 - as above
        this.writer.end("defs")
        this._glyph_map.update(glyph_map_new)  # noqa: SLF001 - as above


def draw_svg(drawing: Any, dpi: int) -> tuple[str, Bbox, Texts]:
    """Return the SVG as matplotlib writes it, what of it is drawn on, in inches, and its texts."""
    out = io.StringIO()
    nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
    was = drawing.dpi
    drawing.dpi = 72
    settings: Any = mpl.rcParams
    chosen = {name: settings[name] for name in _FIXED}
    settings.update(_FIXED)  # a program that went back to matplotlib's own style has other ids in every run
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
        settings.update(chosen)
    return out.getvalue(), box, inner.texts()


def in_points(drawing: Any, box: Bbox) -> tuple[float, float, float, float]:
    """Return a box in inches from below as left, top, width and height in points from above."""
    height = drawing.get_size_inches()[1]
    return box.x0 * 72, (height - box.y1) * 72, box.width * 72, box.height * 72
