"""An animation of matplotlib -> animated WebPs, one for each theme from one drawing, and its last picture to stand still.

Pictures wait compressed, since two hundred of them would take a gigabyte. Where the author asked for blitting, what
stands still is drawn once, unless something of it lies over what moves.
"""

# ruff: noqa: ANN401 - types of matplotlib are `Any`, as in drawing.py

from __future__ import annotations

import io
import itertools
import math
import operator
import re
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import matplotlib.animation as moving
import numpy as np
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.spines import Spine
from matplotlib.text import Text
from PIL import Image

from sitegen.running.figures.dress import dressed
from sitegen.running.figures.extent import PADDING
from sitegen.running.figures.layout import arrange
from sitegen.running.figures.raster import FEW_COLOURS, ThemedRenderer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

# A line plot: 10 kB a picture lossless and 20 with loss, which blurs the text. A surface: 150 kB in 220 ms lossless, 90 in 40
# with loss. Nobody goes to the middle of one, so only its first picture stands without the others: a third less time.
_LOSSLESS = {"lossless": True, "quality": 50, "method": 1, "kmin": 0, "kmax": 0}
_LOSSY = {"quality": 80, "method": 2, "kmin": 0, "kmax": 0}

PLAIN = 96  # dots for an inch of the page
PAGE = 8  # inches: a wider figure is shown smaller
# Of all pictures at their sharpest: 5 s for each theme; a quarter of the dots takes a tenth of the time.
MOST_DOTS = 40e6

LARGEST_STEP = 10  # pictures that are passed over for one that is drawn
ENDLESS = 100  # pictures of an animation that says no end, as many as matplotlib itself once took

_SIGN = re.compile(r"<!-- animation (\d{1,4}) -->")
_made: list[Any] = []
_signed: list[Any] = []  # whose HTML a program has asked for


def prepare() -> None:
    """Note every animation that a program makes: one that is kept in no variable is to be seen, too."""
    make = moving.Animation.__init__

    def noted(self: Any, *args: Any, **options: Any) -> None:
        make(self, *args, **options)
        _made.append(self)

    moving.Animation.__init__ = noted  # type: ignore[method-assign] # the one place through which all come
    for name in ("to_jshtml", "to_html5_video"):
        setattr(moving.Animation, name, _as_sign)


def _as_sign(self: Any, *_: object, **__: object) -> str:
    """Return what stands for an animation in HTML: it is drawn where that is shown."""
    if not any(one is self for one in _signed):
        _signed.append(self)
    return f"<!-- animation {next(number for number, one in enumerate(_signed) if one is self)} -->"


def signed_in(text: str) -> list[Any]:
    """Return the animations that a shown text stands for."""
    return [_signed[int(number)] for number in _SIGN.findall(text) if int(number) < len(_signed)]


def figure_of(value: object) -> Any:
    """Return the figure that a shown animation moves in, or None for another value."""
    return value._fig if isinstance(value, moving.Animation) else None  # type: ignore[attr-defined] # noqa: SLF001 - it has no other name


def _open_until(one: Any, most: int) -> int:
    """Return how many pictures are enough of an animation that says no end; 0 where it says one."""
    if getattr(one, "_save_count", 0) is not None:
        return 0
    return min(most, ENDLESS) if one._iter_gen is itertools.count else most  # noqa: SLF001 - they have no other names


def _length(one: Any) -> int:
    """Return how many pictures an animation has; 0 where that is known only when it has ended."""
    if hasattr(one, "_framedata"):  # its pictures are lists of artists
        return len(one._framedata)  # noqa: SLF001 - they have no other names
    frames: Any = getattr(one, "_iter_gen", None)
    if getattr(frames, "__module__", "") != moving.__name__:  # a function of the program's own, to be called once
        return 0
    given = (frames.__defaults__ or (frames(),))[0]  # what the program gave, or an iterator over a new range
    count = len(given) if hasattr(given, "__len__") else operator.length_hint(given) if not frames.__defaults__ else 0
    return min(count, one._save_count or 0)  # noqa: SLF001 - see above


def _resolution(dpi: int, pictures: int, width: float, height: float) -> int:
    """Return how many dots an inch of a figure gets: fewer where there is much to draw, and no more than the page shows."""
    shown = min(1, PAGE / width)
    affordable = math.sqrt(MOST_DOTS / (pictures * width * height)) / shown
    return round(shown * min(dpi, max(PLAIN, affordable)))


def is_filmed(drawing: Any) -> bool:
    """Whether a figure has an animation."""
    return any(one._fig is drawing for one in _made)  # noqa: SLF001 - see figure_of


def take(drawing: Any) -> list[Any]:
    """Return the animations of a figure, which are forgotten here."""
    found = [one for one in _made if one._fig is drawing]  # noqa: SLF001 - see figure_of
    _made[:] = [one for one in _made if one._fig is not drawing]  # noqa: SLF001 - see figure_of
    return found


class Film(moving.AbstractMovieWriter):
    """Collects the pictures of a figure in motion, for each theme.

    full: called when there are more than `most`. every: of how many pictures one is drawn, so that there are no more: an animation
    of five hundred moves as it did, in larger steps.
    """

    def __init__(self, themes: tuple[int | None, ...], dpi: int, most: int, full: Callable[[], object]) -> None:
        super().__init__()
        self.themes, self.resolution, self.most, self.full = themes, dpi, most, full
        self.reels: list[list[bytes]] = [[] for _ in themes]
        self.size = (0, 0)
        self.box: tuple[float, float, float, float] | None = None
        self._still: list[Any] | None = None
        self._enough = 0
        self.length, self.every, self._passed = 0, 1, 0
        self.is_cut = False  # whether there was more of an animation that says no end

    def shoot(self, animations: Sequence[Any]) -> float:
        """Play the animations once. Returns the milliseconds of one picture."""
        first, *others = animations
        self._animations = animations
        self._enough = min(filter(None, (_open_until(one, self.most) for one in animations)), default=0)
        for one in animations:
            if self._enough and one._save_count is None:  # noqa: SLF001 - where an author says it, too
                one._save_count = self._enough + 1  # noqa: SLF001 - see above
        self.length = min(map(_length, animations))
        self.every = max(1, -(-self.length // self.most))
        if self.every > LARGEST_STEP:
            self.full()
        pictures = self.length // self.every or self._enough or ENDLESS
        self.resolution = _resolution(self.resolution, pictures, *first._fig.get_size_inches())  # noqa: SLF001 - see figure_of
        first.save("", writer=self, dpi=self.resolution, extra_anim=others or None)
        return float(getattr(first, "_interval", 200) or 1) * self.every

    def setup(self, fig: Any, outfile: Any, dpi: float | None = None) -> None:
        """Begin."""
        del outfile, dpi
        self.fig = fig

    @contextmanager
    def saving(self, fig: Any, outfile: Any, dpi: Any, *args: Any, **options: Any) -> Iterator[Film]:
        """Begin and end, with no file in between."""
        del args, options
        self.setup(fig, outfile, dpi)
        yield self
        self.finish()

    def finish(self) -> None:
        """End."""

    def grab_frame(self, **options: Any) -> None:
        """Draw the figure as it is now."""
        del options
        self._passed += 1
        left = self.length - self._passed
        if left % self.every:  # the last one is drawn: it stands still for those who want no motion
            return
        if self._enough and len(self.reels[0]) >= self._enough:
            self.is_cut = True
            return
        if len(self.reels[0]) >= self.most:
            self.full()
        figure: Any = self.fig
        if not self.reels[0]:  # now it has the titles that it gets with its first picture
            kept = figure.canvas
            FigureCanvasAgg(figure)  # which measures texts, as that of a closed figure cannot
            arrange(figure, fewest=1)  # its pictures end where the figure does
            figure.set_canvas(kept)
        was, figure.dpi = figure.dpi, self.resolution
        try:
            renderer = self._draw(figure)
        finally:
            figure.dpi = was
        self.size = (int(renderer.width), int(renderer.height))
        box = renderer.extent()
        if box is not None:
            known = self.box or box
            self.box = (min(known[0], box[0]), min(known[1], box[1]), max(known[2], box[2]), max(known[3], box[3]))
        for reel, image in zip(self.reels, renderer.images(), strict=True):
            reel.append(zlib.compress(image.tobytes(), 1))

    def _draw(self, figure: Any) -> ThemedRenderer:
        width, height = (int(inches * self.resolution) for inches in figure.get_size_inches())
        renderer = ThemedRenderer(width, height, self.resolution, self.themes)
        with dressed(figure, themed=len(self.themes) > 1):
            artists = self._blitted()
            if artists is None:
                figure.draw(renderer)
                return renderer
            if self._still is None:
                saving, figure.canvas._is_saving = figure.canvas._is_saving, False  # noqa: SLF001 - leaves away what moves
                figure.draw(renderer)
                figure.canvas._is_saving = saving  # noqa: SLF001 - see above
                self._still = [np.array(image) for image in renderer.images()]
            else:
                renderer.lay(self._still)
            for artist in artists:
                renderer.open_group("axes", artist.axes.get_gid())
                artist.draw(renderer)
                renderer.close_group("axes")
        return renderer

    def _blitted(self) -> list[Any] | None:
        """Return what moves, where the author asked for blitting and nothing that stands still lies over it."""
        if len(self._animations) > 1 or not getattr(self._animations[0], "_blit", False):
            return None
        artists = list(self._animations[0]._drawn_artists)  # noqa: SLF001 - it has no other name
        if not artists or any(artist.axes is None or not artist.get_animated() for artist in artists):
            return None
        for artist in artists:
            if any(_lies_over(other, artist) for other in artist.axes.get_children() if not other.get_animated()):
                return None
        return artists

    def developed(self) -> list[Reel]:
        """Return the pictures for each theme, cropped to what is drawn in any of them."""
        width, height = self.size
        x0, y0, x1, y1 = self.box or (0, 0, width, height)
        edge = self.resolution * PADDING
        top, bottom = max(0, int(height - y1 - edge)), min(height, int(height - y0 + edge))
        box = (max(0, int(x0 - edge)), top, min(width, int(x1 + edge)), bottom)
        return [Reel(pictures, self.size, box) for pictures in self.reels]


def _lies_over(other: Any, artist: Any) -> bool:
    if not other.get_visible() or isinstance(other, Spine | Axis) or other.get_zorder() < artist.get_zorder():
        return False
    # A text that says nothing hides nothing. (A set of contours has a get_text of another meaning.)
    return other is not artist.axes.patch and not (isinstance(other, Text) and not other.get_text())


class Reel(Image.Image):
    """Pictures that wait compressed, of which Pillow sees one at a time, cut to a box and made smaller by a factor."""

    def __init__(
        self, pictures: Sequence[bytes], size: tuple[int, int], box: tuple[int, int, int, int], factor: int = 1
    ) -> None:
        super().__init__()
        self._pictures, self._whole, self._cut, self._factor = pictures, size, box, factor
        self._mode = "RGBA"
        self.seek(0)

    @property
    def n_frames(self) -> int:
        """How many pictures there are."""
        return len(self._pictures)

    def smaller(self, factor: int) -> Reel:
        """Return the same pictures with so many times fewer dots in each direction."""
        return Reel(self._pictures, self._whole, self._cut, factor)

    def seek(self, frame: int) -> None:
        """Show another picture."""
        self._frame = frame
        whole = Image.frombytes("RGBA", self._whole, zlib.decompress(self._pictures[frame]))
        shown = whole.crop(self._cut).reduce(self._factor)
        self.im, self._size = shown.im, shown.size

    def tell(self) -> int:
        """Return which picture is shown."""
        return self._frame


def encode(reel: Reel, milliseconds: float, most: int) -> tuple[bytes, bytes]:
    """Return a reel as animated WebP, and its last picture as WebP.

    Exact where there are few colours, as in raster.py; where that is too much, with one dot for each CSS pixel, not two.
    """
    reel.seek(reel.n_frames - 1)
    quality = _LOSSLESS if reel.copy().getcolors(FEW_COLOURS) else _LOSSY
    still = io.BytesIO()
    reel.copy().save(still, "WEBP", **_LOSSLESS)
    data = _animated(reel, milliseconds, quality)
    if len(data) > most:
        data = _animated(reel.smaller(2), milliseconds, _LOSSY)
    return data, still.getvalue()


def _animated(reel: Reel, milliseconds: float, quality: Mapping[str, Any]) -> bytes:
    out = io.BytesIO()
    reel.seek(0)
    reel.save(out, "WEBP", save_all=True, duration=max(10, round(milliseconds)), loop=0, **quality)
    return out.getvalue()
