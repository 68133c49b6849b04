"""A figure to SVG, drawn once; and how its axes are kept apart before it is drawn.

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
from matplotlib.collections import QuadMesh
from matplotlib.contour import ContourSet
from matplotlib.lines import Line2D

from sitegen.running.extent import Extent, crop
from sitegen.running.lock import all_axes
from sitegen.running.mode import EXACT, Mode
from sitegen.running.series import is_marked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.transforms import Bbox

_FIXED = {"svg.hashsalt": "sitegen", "svg.fonttype": "path", "svg.image_inline": True}
PHONE = 4.4  # inches: 422 CSS pixels, which a phone shows at three quarters, with text 12 high
_SIDES = ("left", "right", "top", "bottom", "wspace", "hspace")


def arrange(drawing: Any, *, fewest: int = 2) -> None:
    """Keep the labels of several axes apart (or of one, with `fewest`), where the author has not arranged them.

    Labels may stand outside of a figure that has no ground; else they are kept on it.

    Not the constrained layout: it takes only colour bars that were made for it, and twice the time.
    """
    placed = [axes for axes in drawing.axes if axes.get_subplotspec() is not None]
    plots = [axes for axes in placed if axes.get_label() != "<colorbar>"]
    usual: Any = mpl.rcParams
    untouched = all(getattr(drawing.subplotpars, side) == usual[f"figure.subplot.{side}"] for side in _SIDES)
    fewest = 1 if drawing.patch.get_visible() and drawing.patch.get_facecolor()[3] else fewest
    if len(plots) >= fewest and len(placed) == len(drawing.axes) and untouched and drawing.get_layout_engine() is None:
        with warnings.catch_warnings():  # not every figure can be; then it stays as it is
            warnings.simplefilter("ignore")
            drawing.tight_layout()


@contextlib.contextmanager
def narrowed(drawing: Any) -> Iterator[None]:
    """Lay a figure out for a phone, with text that is larger beside it."""
    size = drawing.get_size_inches()
    sides = {side: getattr(drawing.subplotpars, side) for side in _SIDES}
    drawing.set_size_inches(PHONE, size[1] * (PHONE / size[0]) ** 0.6)
    try:
        arrange(drawing, fewest=1)
        yield
    finally:
        drawing.set_size_inches(size)
        drawing.subplots_adjust(**sides)


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
    """matplotlib's, with coordinates to a hundredth of a point, and nothing cut off at the edge of the figure."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.mode = Mode()
        new: Any = super().__init__
        new(*args, **options)

    def open_group(self, s: str, gid: str | None = None) -> None:
        """Enter a group."""
        self.mode.enter(s, gid)
        super().open_group(s, gid)  # type: ignore[no-untyped-call] # matplotlib has no types here

    def close_group(self, s: str) -> None:
        """Leave a group."""
        self.mode.leave()
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
        convert: Any = _path.convert_to_string  # type: ignore[attr-defined] # a C function without types
        text: bytes = convert(path, transform, around, simplify, sketch, 2, [b"M", b"L", b"Q", b"C", b"z"], False)
        return text.decode("ascii")


def draw_svg(drawing: Any, dpi: int) -> tuple[str, Bbox, float]:
    """Return the SVG as matplotlib writes it, what of it is drawn on, in inches, and the points of its smallest text."""
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
    return out.getvalue(), box, inner.smallest


def in_points(drawing: Any, box: Bbox) -> tuple[float, float, float, float]:
    """Return a box in inches from below as left, top, width and height in points from above."""
    height = drawing.get_size_inches()[1]
    return box.x0 * 72, (height - box.y1) * 72, box.width * 72, box.height * 72
