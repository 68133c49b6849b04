"""The figures of a program: counted, weighed, and drawn as SVG or as a pair of rasters."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib import _pylab_helpers
from matplotlib.backend_bases import FigureCanvasBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from msgspec.structs import replace

from sitegen.model import Animation, Figure
from sitegen.running.figures import inks
from sitegen.running.figures.alternative import draft
from sitegen.running.figures.animation import Film, encode
from sitegen.running.figures.drawing import draw_svg, estimate, in_points
from sitegen.running.figures.dress import dressed
from sitegen.running.figures.extent import Texts
from sitegen.running.figures.layout import PHONE, arrange, made_smaller, narrowed, raised, strays
from sitegen.running.figures.margins import legends_below, note_legends, off_the_axes
from sitegen.running.figures.raster import draw_raster
from sitegen.running.figures.remedies import remedies
from sitegen.running.figures.room import crowded, is_roomy, is_squeezed, room_in
from sitegen.running.figures.series import as_table, named, scales_of, series_of
from sitegen.running.figures.space import in_space
from sitegen.running.messages import COMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sitegen.model import Step
    from sitegen.running.figures.cell_figures import CellFigures
    from sitegen.running.figures.lock import Study

MOST_INCHES = 60  # of a figure's width and height
USUAL_DPI = 192
PHONE_PIXELS = PHONE * 96
PHONE_TEXT = 2  # points for each inch of a figure that are 9 pixels high on a phone
LEAST_PHONE = 3.2  # inches
SHOWN_PIXELS = 324  # of a phone of 360, between its margins
PAGE_PIXELS = 712  # that a figure may have on a page: a wider one is shown smaller, and its text with it
LEAST_SCALE = 0.5  # of a wide figure, in which lines and points stay as they are
MOST_TWICE = 60_000  # bytes of an SVG that is drawn twice unasked

_sizes_set: set[tuple[float, ...]] = {inks.STYLE["figure.figsize"]}


@contextlib.contextmanager
def step_style(step: Step) -> Iterator[None]:
    """Give a step's figures the size that its options say; a size that the program itself set stays."""
    if step.size is not None and tuple(mpl.rcParams["figure.figsize"]) in _sizes_set:
        mpl.rcParams["figure.figsize"] = step.size
        _sizes_set.add(tuple(step.size))
    yield


def draw_first() -> None:
    """Draw a figure for nobody, so that fonts, glyphs and parsers are loaded before the processes part."""
    figure, axes = plt.subplots()
    axes.plot([1, 2], "o-", label="$x^2$")
    axes.legend()
    draw_svg(figure, USUAL_DPI)
    plt.close(figure)


class Gallery:
    """Counts and draws the figures of a program. fail: ends the program with a message. cell: what the present one does with them."""

    def __init__(self, limits: Mapping[str, float], fail: Callable[..., None], cell: CellFigures) -> None:
        self.limits, self.fail, self.cell = limits, fail, cell
        self.drawn = 0
        self.study: Study | None = None  # how frames of a slider are drawn
        self.passed_over = ""  # which pictures of the last animation are drawn, where it had more than may be
        self.cut_at = 0  # pictures that the last animation has, where it had more and said no end
        managers: Any = _pylab_helpers.Gcf
        manage = managers._set_new_active_manager  # noqa: SLF001 - the one place through which all figures come

        def counted(manager: object) -> object:
            self._count(len(managers.figs) + 1)
            return manage(manager)

        managers._set_new_active_manager = counted  # noqa: SLF001 - see above

    def draw(self, drawing: Any, step: Step) -> tuple[Figure, *tuple[bytes, ...]]:  # noqa: ANN401 - see drawing.py
        """Return a figure and its bytes: one SVG, or a light and a dark WebP; then what else the step asks for."""
        self._count(1)
        self.drawn += 1
        self.cell.drawn.append(drawing)
        themed = inks.is_themed(drawing)
        kept = drawing.canvas
        if not isinstance(kept, FigureCanvasAgg):
            FigureCanvasAgg(drawing)
        drawing.canvas._is_saving = True  # noqa: SLF001 - as in a file, what is there for blitting is drawn too
        try:
            if self.study is not None and not self.study.is_to_be_drawn(drawing):
                return Figure(0, 0, "", themed=False, svg=COMES), b""
            alone = self.study is None
            groups = series_of(drawing) if alone and step.hover else {}
            with (
                dressed(drawing, themed=themed, groups={name: one.artist for name, one in groups.items()}),
                contextlib.ExitStack() as layouts,
            ):
                note_legends(drawing)
                arrange(drawing)
                self._measure(drawing)
                if alone:
                    layouts.enter_context(raised(drawing))
                data = as_table(drawing) if alone and step.data else b""
                payload = [data] if data else []
                more: dict[str, Any] = {"ground": inks.ground_of(drawing)} | ({"data": COMES} if data else {})
                svg = b""
                if step.format == "svg" or (step.format == "auto" and estimate(drawing) <= step.heaviest):
                    write = partial(self._vector_or_nothing, drawing, step, themed=themed, groups=groups)
                    svg, figure, texts = self._at_best(drawing, layouts, step, write)
                    if svg and (step.format == "svg" or len(svg) <= step.heaviest):
                        twice = _is_for_phones(figure, len(svg)) if step.narrow is None else step.narrow
                        narrow = self._narrow(drawing, step, figure, texts, groups) if alone and twice else b""
                        if narrow:
                            more["narrow"] = COMES
                            payload.insert(0, narrow)
                        contents: tuple[bytes, ...] = (svg, *payload)
                        return replace(figure, **more), *contents
                paint = partial(self._raster, drawing, step, themed=themed)
                (light, dark), figure, _ = paint() if svg else self._at_best(drawing, layouts, step, paint)
                contents = (light, dark, *payload)
                return replace(figure, **more), *contents
        finally:
            drawing.canvas._is_saving = False  # noqa: SLF001 - see above
            drawing.canvas = kept

    def _at_best(
        self,
        drawing: Any,  # noqa: ANN401 - see drawing.py
        layouts: contextlib.ExitStack,
        step: Step,
        draw: Callable[[], tuple[Any, Figure, Texts]],
    ) -> tuple[Any, Figure, Texts]:
        """Return a figure with texts that can be read, and apart; what it takes stays as long as `layouts`."""
        best = self._apart(drawing, layouts, draw)
        needed = min(best[1].least, best[1].width) / PAGE_PIXELS
        is_asked = tuple(drawing.get_size_inches()) == step.size  # for this page, by an option or its column
        if self.study is not None or is_asked or needed <= 1:
            return best
        room, least = room_in(drawing), max(1 / needed, LEAST_SCALE)
        for scale in (least, (1 + least) / 2):
            with contextlib.ExitStack() as layout:
                layout.enter_context(made_smaller(drawing, scale))
                anew = self._apart(drawing, layout, draw)
                if anew[2].meetings() <= best[2].meetings() and not is_squeezed(drawing, room):
                    layouts.push(layout.pop_all())
                    return anew
        return best

    def _apart(
        self,
        drawing: Any,  # noqa: ANN401 - see drawing.py
        layouts: contextlib.ExitStack,
        draw: Callable[[], tuple[Any, Figure, Texts]],
    ) -> tuple[Any, Figure, Texts]:
        best = draw()
        meetings = 0 if self.study is not None else best[2].meetings() + strays(drawing) + crowded(drawing)
        if not meetings:
            return best
        room = room_in(drawing)
        for remedy in remedies(drawing):
            if not meetings:
                break
            with contextlib.ExitStack() as layout:
                layout.enter_context(remedy(drawing))
                anew = draw()
                fewer = anew[2].meetings() + strays(drawing) + crowded(drawing)
                if fewer < meetings and not is_squeezed(drawing, room):
                    best, meetings = anew, fewer
                    layouts.push(layout.pop_all())
        return best

    def _vector_or_nothing(self, drawing: Any, step: Step, **options: Any) -> tuple[bytes, Figure, Texts]:  # noqa: ANN401 - see drawing.py
        """Return the SVG; b"" where matplotlib can draw the figure only as a raster (filters, some images)."""
        try:
            return self._vector(drawing, step, **options)
        except Exception:
            if step.format == "svg":
                raise
            return b"", Figure(0, 0, "", themed=False), Texts()

    def _vector(self, drawing: Any, step: Step, *, themed: bool, groups: dict[str, Any]) -> tuple[bytes, Figure, Texts]:  # noqa: ANN401 - see drawing.py
        with in_space(drawing), off_the_axes(drawing):
            written, box, texts = draw_svg(drawing, step.dpi or USUAL_DPI)
        svg, (width, height) = inks.theme(
            named(written, groups),
            themed=themed,
            box=in_points(drawing, box),
            name=f"-{self.drawn}",
            prefix=self.study.prefix if self.study is not None else "",
            scales=scales_of(drawing) if groups else "",
        )
        data = svg.encode()
        self.weigh(len(data) if step.format == "svg" or len(data) <= step.heaviest else 0)
        return data, Figure(width, height, draft(drawing), themed, _least(width, texts), svg=COMES), texts

    def _narrow(self, drawing: Any, step: Step, wide: Figure, texts: Texts, groups: dict[str, Any]) -> bytes:  # noqa: ANN401 - see drawing.py
        """Return the figure as it is laid out for a phone; b"" when it fits as it is, or does not even so."""
        if wide.width <= PHONE_PIXELS:
            return b""
        room = room_in(drawing)
        write = partial(self._vector, drawing, step, themed=wide.themed, groups=groups)
        width = min(PHONE, max(texts.smallest / PHONE_TEXT, LEAST_PHONE))
        svg: bytes
        ways: list[contextlib.AbstractContextManager[None]] = [contextlib.nullcontext()]
        if not inks.has_ground(drawing):  # which is to hold its legends
            ways.append(legends_below(drawing, width))
        for way in ways:
            with way, narrowed(drawing, width), contextlib.ExitStack() as layouts:
                if not is_roomy(drawing, room):
                    continue
                svg, narrow, now = self._apart(drawing, layouts, write)
                # Axes of an equal aspect, and constrained ones, find their size when drawn.
                if not is_roomy(drawing, room) or now.meetings() > texts.meetings():
                    continue
            if narrow.width <= 1.2 * PHONE_PIXELS and narrow.least <= SHOWN_PIXELS:
                return svg
        return b""

    def _raster(self, drawing: Any, step: Step, *, themed: bool) -> tuple[tuple[bytes, bytes], Figure, Texts]:  # noqa: ANN401 - see drawing.py
        dpi = step.dpi or USUAL_DPI
        wide, high = drawing.get_size_inches()
        self.weigh(int(wide * high * dpi**2 / 10))  # a raster of so many pixels may take more
        themes = (0, 1) if themed else (None,)
        if self.study is not None:
            arrange(drawing, fewest=1)  # frames are whole figures, and end where these do
        with in_space(drawing), off_the_axes(drawing):
            pictures, box, texts = draw_raster(drawing, dpi, themes, cropped=self.study is None)
        light, dark = pictures[0], pictures[-1]
        self.weigh(len(light))
        width, height = round(box.width * 96, 1), round(box.height * 96, 1)
        least = _least(width, texts)
        return (light, dark), Figure(width, height, draft(drawing), themed, least, light=COMES, dark=COMES), texts

    def film(self, drawing: Any, animations: Sequence[Any], step: Step) -> tuple[Animation, *tuple[bytes, ...]]:  # noqa: ANN401 - see drawing.py
        """Return an animation and its bytes: two animated WebPs, light and dark, then two still ones."""
        self._count(1)
        self.drawn += 1
        self.cell.drawn.append(drawing)
        themed = inks.is_themed(drawing)
        most = int(self.limits["frames"])
        self._measure(drawing)

        def full() -> None:
            message = f"the animation has more than {most} pictures"
            self.fail(message, limit="execute: frames", hint=f"give it fewer: FuncAnimation(..., frames={most})")

        kept = drawing.canvas
        FigureCanvasBase(drawing)  # the animation asks it to draw, which is for a window
        try:
            film = Film((0, 1) if themed else (None,), step.dpi or USUAL_DPI, most, full)
            pause = film.shoot(animations)
            drawn = f"{len(film.reels[0])} of the {film.length} pictures of an animation"
            self.passed_over = f"draws {drawn}, one of {film.every}" if film.every > 1 else ""
            self.cut_at = len(film.reels[0]) if film.is_cut else 0
            if not film.reels[0]:
                self.fail("the animation has no pictures", limit="", hint="its `frames` are empty")
            written = [encode(reel, pause, int(self.limits["figure_size"])) for reel in film.developed()]
            count, (wide, high) = len(film.reels[0]), film.developed()[0].size
            scale = 96 / film.resolution
            still = Figure(
                round(wide * scale, 1), round(high * scale, 1), draft(drawing), themed, ground=inks.ground_of(drawing)
            )
        finally:
            drawing.canvas = kept
        (light, still_light), (dark, still_dark) = written[0], written[-1]
        self.weigh(max(len(light), len(dark)))
        return Animation(still, count, round(count * pause / 1000, 2)), light, dark, still_light, still_dark

    def _count(self, more: int) -> None:
        if self.drawn - self.cell.taken_away + more > self.limits["figures"]:
            message = f"the program makes more than {self.limits['figures']:g} figures"
            self.fail(message, limit="execute: figures", hint="close those that are not to be shown: plt.close()")

    def _measure(self, drawing: Any) -> None:  # noqa: ANN401 - see drawing.py
        inches = drawing.get_size_inches()
        if not 0.1 <= min(inches) <= max(inches) <= MOST_INCHES:
            message = f"figure {self.drawn} of the program is {inches[0]:g} by {inches[1]:g} inches"
            self.fail(message, limit="", hint=f"a page is about 10 inches wide; {MOST_INCHES} are allowed")

    def weigh(self, size: int) -> None:
        """End the program where a figure takes more bytes than it may."""
        most = int(self.limits["figure_size"])
        if size > most:
            message = f"figure {self.drawn} of the program takes more than {most:,} bytes".replace(",", " ")
            self.fail(message, limit="execute: figure-size", hint="draw fewer points, a smaller figure or less dpi")


def _is_for_phones(figure: Figure, weight: int) -> bool:
    """Whether a figure would scroll far on a phone, and is light: it takes 10 to 25 ms and 2 to 3 kB, compressed."""
    return figure.least > 1.08 * SHOWN_PIXELS and weight <= MOST_TWICE


def _least(width: float, texts: Texts) -> float:
    """Return how wide a figure must be shown for its smallest text to be 9 pixels high."""
    return round(min(width, width * 9 / (texts.smallest * 96 / 72)))
