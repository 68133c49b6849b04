"""What a cell shows: its values and figures, each where the program stands when it asks, the rest at the cell's end."""

from __future__ import annotations

import os
import re
import stat
import struct
import sys
import time
from base64 import b64decode
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
from matplotlib import _pylab_helpers
from msgspec.structs import replace

from sitegen.model import Animation, Saved
from sitegen.running.capture import FOR_PROGRAMS, flush_c, show
from sitegen.running.figures import animation
from sitegen.running.figures.cell_figures import CellFigures
from sitegen.running.figures.fonts import take_left_out, take_missing
from sitegen.running.figures.gallery import Gallery
from sitegen.running.figures.given import close, figures_in, is_bare, is_blank, open_figures
from sitegen.running.figures.label import line_saying
from sitegen.running.figures.paused import Paused
from sitegen.running.figures.window import browse_with, leave_controls, save_with, show_images_with, show_with
from sitegen.running.messages import encode
from sitegen.running.rich import DisplayHandle, Offered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from matplotlib.figure import Figure as Drawing

    from sitegen.model import Shown, Step
    from sitegen.running.outbox import Outbox
    from sitegen.running.watched.mirror import Mirror


_lstat = os.lstat  # as it is before a program's ways to ask are replaced

_ADDRESS = r"(?:https?:)?//([^/\"'\s>]+)"
_SCRIPT = re.compile(r"<script\b([^<>]*)>(.*?)(?:</script|$)", re.IGNORECASE | re.DOTALL)
_SOURCE = re.compile(rf"\bsrc\s*=\s*[\"']?{_ADDRESS}", re.IGNORECASE)
_OF_DATA = re.compile(r"\btype\s*=\s*[\"']?[^\"'\s]*json", re.IGNORECASE)
_IMPORTS = re.compile(rf"\b(?:import|from)\s*\(?\s*[\"']{_ADDRESS}")
_LOADS = re.compile(r"createElement\(\s*[\"']script|\brequire(?:js)?(?:\.config)?\(\s*[\[{]")
_IDS = re.compile(r"""\bid=["']([\w-]{8,})["']""")
_ANY = re.compile(rf"[\"'](?!http://www\.w3\.org/){_ADDRESS}")  # not the name of SVG
_BROWSER = "opens a browser, which nobody sits before while a site is built; draw what it would show with matplotlib"


class Showing:
    """Shows what a program asks to show, and keeps from showing anything twice.

    step: which one runs. figures: what the present cell does with its own. gallery: the program's. paused: those that `plt.pause` shows one after the other.
    """

    def __init__(self, limits: Mapping[str, float], outbox: Outbox, mirror: Mirror, step: Callable[[], Step]) -> None:
        self._outbox, self._step = outbox, step
        self.line = 0  # of the cell: where the value stands that shows itself
        self.figures = CellFigures()
        self.gallery = Gallery(limits, outbox.fail, self.figures)
        self.paused = Paused(self.figures.is_drawn, self._passes)
        self._here, self._mirror = Path.cwd(), mirror
        self._written: dict[str, tuple[Path, int, int]] = {}  # files that the text asks for: where, when, and how large
        self._pictured: list[tuple[Drawing, object]] | None = None  # what a value saves while it shows itself
        self._values: list[tuple[str, Shown]] = []  # of the present cell, with what names them
        self._told: set[str] = set()  # what the program was told once: that it has controls, saves where it cannot

    def watch(self) -> None:
        """Let matplotlib ask here whenever the program shows, saves or waits for something."""
        self.paused.watch()
        show_with(self._show_open, self._show_figure)
        save_with(self._note_saved, self._note_unsaved)
        show_images_with(self.show)
        leave_controls(self._note_control)
        browse_with(lambda: self._note_once("browser", _BROWSER))

    def begin_cell(self) -> None:
        """Forget what the cell before has shown."""
        self.figures.begin()
        self._values.clear()
        self.paused.begin_cell()

    def end_cell(self, step: Step) -> None:
        """Show the figures that the cell leaves open or has changed since they were shown."""
        flush_c()
        self.send_printed()
        figures = list(open_figures())
        figures += [one for one in self.figures.changed_figures() if one not in figures]
        for figure in figures:
            is_left_out = is_blank(figure) or self.paused.holds(figure) or self.figures.is_shown(figure)
            if step.sliders or not is_left_out:
                self._draw(figure, step)
        for figure in () if step.sliders else self.paused.take():
            self._draw(figure, step)
        if not step.sliders:
            self.send_written(step)
        for line, name in () if step.sliders else self.figures.lost(step.linked):
            said = f"saves a figure as `{name}` and closes it, so that the page does not show it"
            self._outbox.note(line, f"{said}; leave its closing away")

    def send_printed(self) -> None:
        """Hand over what was printed so far, by C code and other processes too."""
        self._outbox.speech.listen()
        self._outbox.send_printed()

    # ------------------------------------------------------------------------------------------------ values

    def display(
        self, *values: object, raw: bool = False, display_id: object = None, **_: object
    ) -> DisplayHandle | None:
        """Show values where the program stands. raw: whether they are forms of one. display_id: what they replace and are replaced by."""
        handle = DisplayHandle(display_id) if display_id else None
        name = handle.display_id if handle else ""
        for value in values:
            self.show(Offered(value) if raw and isinstance(value, dict) else value, name)
        return handle

    def show(self, value: object, name: str = "") -> None:
        """Show a value: figures drawn, an animation moving, all else in the richest form. name: by which it is replaced."""
        figures = figures_in(value)
        if name:
            for figure in figures:
                self._take_away(self.figures.withdraw(figure))
            self._replace(lambda before, _: before == name)
        for figure in figures:
            self._draw(figure, self._step())
            if self.figures.clears:  # its last state is not to stand there twice
                self.figures.note_shown(figure)
        if not figures:
            pictured: list[tuple[Drawing, object]] = []
            self._pictured = pictured
            try:
                shown = show(value, self._outbox.speech)
            finally:
                self._pictured = None  # all others of which a program makes pictures are not to stay for that
            # A grammar of graphics draws by matplotlib.
            if len(pictured) == 1 and _is_picture_of(shown, pictured[0][1]):
                self._draw(pictured[0][0], self._step())
                self.figures.note_shown(pictured[0][0])
                return
            moving = animation.signed_in(shown.data)
            for one in moving:
                self._draw(animation.figure_of(one), self._step(), [one])
                self.figures.note_shown(animation.figure_of(one))
            if moving:
                return
            if shown.data.startswith(FOR_PROGRAMS):
                self._replace(lambda _, before: any(one in shown.data for one in _IDS.findall(before.data)))
                said = "shows what only a program of a notebook could draw, so that the page leaves it away"
                self._outbox.note(self._outbox.place_of(sys._getframe(1))[1], f"{said}; draw it with matplotlib")  # noqa: SLF001 - as below
                return
            if shown.kind == "html" and (elsewhere := _elsewhere(shown.data)):
                kind = f"{type(value).__module__.partition('.')[0]}.{type(value).__name__}"
                said = f"shows a `{kind}` whose HTML loads a program from {elsewhere}, so that the page leaves it away"
                self._outbox.note(self._outbox.place_of(sys._getframe(1))[1], f"{said}; draw it with matplotlib")  # noqa: SLF001 - where it is shown
                return
            self.send_printed()
            self._outbox.send(shown)
            self._values.append((name, shown))

    def _replace(self, is_meant: Callable[[str, Shown], bool]) -> None:
        """Take away the values of the present cell that are meant, by what names them and how they are shown."""
        for place in reversed([place for place, value in enumerate(self._values) if is_meant(*value)]):
            del self._values[place]
            self._take_away(place, "value")

    def _take_away(self, place: int | None, kind: str = "place") -> None:
        """Take a figure, or a value, of the present cell from the page."""
        if place is not None and self._outbox.kept is None:
            self._outbox.speak(encode("clear", {kind: place}))

    def clear(self, *_: object, **__: object) -> None:
        """Take away the figures that the present cell has shown, as `clear_output` of a loop that shows one again and again."""
        self._outbox.send_printed()
        if self._outbox.kept is None and not self._outbox.is_silent:
            self.figures.take_away()
            self._outbox.speak(encode("clear", {}))

    def _passes(self, what: object, figure: Drawing) -> bool:
        """Whether what is emptied was one state of many; the page has it no more then."""
        if self._outbox.kept is not None or self._outbox.is_silent or not self.figures.is_emptied_again(what, figure):
            return False
        self._take_away(self.figures.withdraw(figure))
        return True

    # ----------------------------------------------------------------------------------------------- figures

    def _show_open(self, block: bool | None) -> None:  # noqa: FBT001 - as `plt.show` has it
        """Show all open figures where the program stands, as `plt.show()` asks, and close them, unless it goes on at once."""
        stays = block is not None and not block
        for manager in _pylab_helpers.Gcf.get_all_fig_managers():
            figure: Any = manager.canvas.figure
            if not stays:
                close(figure)
            if not is_blank(figure) and not self.paused.holds(figure):
                self._show_figure(figure, goes_on=stays or plt.isinteractive())

    def _show_figure(self, figure: Drawing, *, goes_on: bool = True) -> None:
        """Show a figure where the program stands; not again where it stands already, or is to be seen in its last state.

        goes_on: whether the program draws on it while its window would stand open.
        """
        if goes_on and is_bare(figure) and plt.fignum_exists(getattr(figure, "number", -1)):
            return  # its window stands open, for what is drawn from now on; what is on it at the end of the cell is shown
        if not self.figures.is_shown(figure) and not (goes_on and self.figures.goes_on(figure)):
            self._draw(figure, self._step())
            self.figures.note_shown(figure, goes_on=goes_on)

    def _draw(self, figure: object, step: Step, moving: Sequence[object] = (), saved: str = "") -> None:
        """Draw a figure and send it. moving: animations of it, besides those that were not yet seen. saved: see `Figure`."""
        seen = [*animation.take(figure), *moving]
        animations = list({id(one): one for one in seen}.values()) if step.animated and not step.sliders else []
        started = time.monotonic()
        drawn, *payload = self.gallery.film(figure, animations, step) if animations else self.gallery.draw(figure, step)
        sign = take_missing()
        if sign:  # a reader would see a box
            hint = (
                "install one, such as Noto Sans CJK, or put its file beside the post: fontManager.addfont('Font.ttf')"
            )
            line = line_saying(step.code, sign)
            self._outbox.fail(f"no font has {sign!r} (U+{ord(sign):04X}), which a figure writes", line=line, hint=hint)
        if left := take_left_out():
            said = f"leaves {left} out of a figure, which no font has"
            self._outbox.note(
                line_saying(step.code, left[0]),
                f"{said}; a file of one that draws them stands beside the post: fontManager.addfont('Font.ttf')",
            )
        if isinstance(drawn, Animation):
            drawn = replace(drawn, still=replace(drawn.still, saved=saved))
            if self.gallery.cut_at:
                said = f"shows the first {self.gallery.cut_at} pictures of an animation that says no end"
                self._outbox.note(0, f"{said}; `frames=` or `save_count=` says one")
            if self.gallery.passed_over:
                self._outbox.note(0, f"{self.gallery.passed_over}; `execute: frames` in site.yml allows more")
            took = round(time.monotonic() - started, 2)
            self._outbox.speak(encode("filmed", {"seconds": took, "count": drawn.frames}))
        else:
            drawn = replace(drawn, saved=saved)
        self.send_printed()  # drawing may warn
        self._outbox.send(drawn, *payload)

    def _note_saved(self, figure: Drawing, target: object) -> None:
        if self._pictured is not None and not isinstance(target, str | os.PathLike):
            self._pictured.append((figure, target))
        name = self._asked(target)
        if name and not is_blank(figure) and (animation.is_filmed(figure) or not name.lower().endswith(".gif")):
            if not self.figures.is_saved(figure):
                self._take_away(self.figures.withdraw(figure))
            self._draw(figure, self._step(), saved=name)
            self.figures.note_shown(figure)
        self.figures.note_saved(figure, target, self._outbox.place_of(sys._getframe(1))[1])  # noqa: SLF001 - where it is saved

    def _asked(self, target: object) -> str:
        """Return the picture of the text that is saved as `target`, the one whose path is most like that; "" for none.

        What a cell with sliders saves is a file, since its frames are no figures of their own.
        """
        path = Path(target if isinstance(target, str | os.PathLike) else "")
        if path.name and not path.suffix:
            path = path.with_suffix(f".{plt.rcParams['savefig.format']}")
        step = self._step()
        alike = [name for name in step.asked if Path(name).name == path.name and not step.sliders]
        return max(alike, key=lambda name: path.as_posix().endswith(name), default="")

    def send_written(self, step: Step) -> None:
        """Send the files that the text asks for and that the program has written: of pictures that it shows, those that are no figures."""
        for name in (*step.asked, *step.linked):
            path = self._place_of(name, is_exact=name in step.linked)
            if path is None:
                continue
            with suppress(OSError):
                found = _lstat(path)
                state = path, found.st_mtime_ns, found.st_size
                if self._written.get(name) != state:
                    self._written[name] = state
                    if step.sliders or name in step.linked or not self.figures.has_saved(path.name):
                        self.gallery.weigh(found.st_size)
                        self._outbox.send(Saved(name), path.read_bytes())

    def _place_of(self, name: str, *, is_exact: bool) -> Path | None:
        """Return where the program has written a file of the text, None where it has not, or the file is one of the blog.

        is_exact: whether it is nowhere else than the text says, as what a link leads to; of a picture the name is enough.
        """
        for path in (self._here / name, *([] if is_exact else [self._here / Path(name).name])):
            place = os.path.normpath(path)
            with suppress(OSError, ValueError):
                if self._mirror.link_on(place):
                    if not is_exact and path.is_file():  # which the program sees by that
                        return None
                elif self._mirror.holds(place) and stat.S_ISREG(_lstat(path).st_mode):
                    return path
        return None

    def _note_unsaved(self, target: str) -> None:
        if self._asked(target):
            return
        said = f"cannot save a figure as `{target}`, into a folder that is not there or not the program's"
        self._note_once("unsaved", f"{said}; leave `savefig` away: a figure is shown where its cell ends")

    def _note_control(self, kind: str) -> None:
        said = f"leaves away a {kind} of matplotlib, which nobody could move on the page; `#| slider:` makes one for readers"
        self._note_once("control", said)

    def _note_once(self, what: str, said: str) -> None:
        if what not in self._told and not self._step().sliders:
            self._told.add(what)
            self._outbox.note(self._outbox.place_of(sys._getframe(2))[1], said)  # noqa: SLF001 - where the program asks for it


def _is_picture_of(shown: Shown, saved: object) -> bool:
    """Whether a value shows itself as what was saved of a figure, and not as more that it put beside that."""
    if shown.kind != "png" or not isinstance(saved, BytesIO):
        return shown.kind in {"png", "svg"}
    with suppress(ValueError, struct.error):  # it was closed, or is no PNG
        sizes = [struct.unpack(">II", data[16:24]) for data in (b64decode(shown.data), saved.getvalue())]
        (width, height), (across, up) = sizes
        return bool(abs(width * up - across * height) < 0.05 * width * up)
    return True


def _elsewhere(html: str) -> str:
    """Return the host from which HTML loads a program, by its tag or by what a program of it does; "" for none."""
    for head, program in _SCRIPT.findall(html):
        found = _SOURCE.search(head)
        if not found and not _OF_DATA.search(head):
            found = _IMPORTS.search(program) or (_LOADS.search(program) and _ANY.search(program))
        if found:
            return str(found[1])
    return ""
