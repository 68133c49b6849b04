"""What a program asks of a window, while a site is built and nobody sits before one.

To show a figure is to show it where the program stands. To wait and to choose a backend do nothing; to point or to click
says that nobody can.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.abc
import os
import sys
import webbrowser
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.animation import AbstractMovieWriter
from matplotlib.backend_bases import FigureCanvasBase, FigureManagerBase
from matplotlib.figure import Figure
from matplotlib.rcsetup import validate_backend
from matplotlib.widgets import Button, CheckButtons, RadioButtons, SliderBase, TextBox
from PIL import ImageShow

from sitegen.running.trouble import NOBODY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def close_windows() -> None:
    """Let no program wait for a window, or for somebody before it; once, in the fork server."""
    replaced: list[tuple[Any, str, Any]] = [
        (mpl, "use", _choose),
        (plt, "switch_backend", _choose),
        (Figure, "ginput", _refuse),
        (Figure, "waitforbuttonpress", _press),
        (FigureCanvasBase, "start_event_loop", _wait),
        (FigureCanvasBase, "draw_idle", _leave),
        (FigureManagerBase, "window", _Window()),
        (FigureManagerBase, "frame", _Window()),
    ]
    for owner, name, stand_in in replaced:
        setattr(owner, name, stand_in)


def show_with(show_open: Callable[[bool | None], None], show_one: Callable[[Figure], None]) -> None:
    """Let a program show its open figures, or one of them; once in its process. show_open: told what is said of blocking."""
    replaced: Any = [
        (plt, lambda *_, block=None, **__: show_open(block)),
        (Figure, lambda figure, *_, **__: show_one(figure)),
    ]
    for owner, show in replaced:
        owner.show = show


def show_images_with(show: Callable[[object], None]) -> None:
    """Let `image.show()` of Pillow show the image where the program stands: it else starts a program with a window."""

    class Page(ImageShow.Viewer):
        def show(self, image: object, **_: object) -> int:
            show(image)
            return 1

    ImageShow.register(Page, order=0)


def browse_with(note: Callable[[], None]) -> None:
    """Let a program open no browser, and be told that it asks for one; once in its process. plotly would first serve a page."""

    def opened(*_: object, **__: object) -> bool:
        note()
        return True

    class Finder(importlib.abc.MetaPathFinder):
        def find_spec(self, name: str, path: Any, target: Any = None) -> Any:  # noqa: ANN401 - as in the base class
            spec: Any = PathFinder.find_spec(name, path, target) if name == "plotly.io._base_renderers" else None
            if spec is not None:
                load, ours = spec.loader.exec_module, {"open_html_in_browser": opened}
                spec.loader.exec_module = lambda module: (load(module), module.__dict__.update(ours))
            return spec

    browser: Any = type("Browser", (webbrowser.BaseBrowser,), {"open": opened})()
    webbrowser.open, webbrowser.get = opened, lambda *_, **__: browser
    sys.meta_path.insert(0, Finder())


def save_with(note: Callable[[Figure, object], None], note_unsaved: Callable[[str], None]) -> None:
    """Let a program save its figures and animations, and be told of each; once in its process.

    note_unsaved: is told of a folder that is not there or may not be written: nobody gets the file, and the page has the figure.
    """
    save = Figure.savefig

    def saved(figure: Figure, fname: Any, **options: Any) -> None:  # noqa: ANN401 - as matplotlib has it
        try:
            save(figure, fname, **options)
        except (PermissionError, FileNotFoundError) as error:
            if not isinstance(fname, str | os.PathLike) or not str(error.filename or fname).startswith(str(fname)):
                raise  # what drawing looks for, such as a font
            note_unsaved(str(fname))
        note(figure, getattr(fname, "_filename", fname))  # of a PdfPages, which has pages of many figures

    film: Any = AbstractMovieWriter.saving

    @contextlib.contextmanager
    def filmed(writer: Any, fig: Figure, outfile: Any, *args: Any, **options: Any) -> Iterator[Any]:  # noqa: ANN401 - as above
        with film(writer, fig, outfile, *args, **options) as same:
            yield same
        note(fig, outfile)

    AbstractMovieWriter.saving = filmed  # type: ignore[method-assign, assignment] # as below
    Figure.savefig = saved  # type: ignore[method-assign, assignment] # a stand-in, which passes its options on


def leave_controls(note: Callable[[str], None]) -> None:
    """Leave sliders, buttons and their like away, which nobody can move, and be told of the first; once in its process."""
    for kind in (SliderBase, Button, CheckButtons, RadioButtons, TextBox):
        kind.__init__ = _unseen(kind.__init__, note)  # type: ignore[method-assign] # a stand-in, which passes all on


def _unseen(make: Any, note: Callable[[str], None]) -> Callable[..., None]:  # noqa: ANN401 - matplotlib has no types
    @functools.wraps(make)
    def made(self: Any, ax: Any, *args: Any, **options: Any) -> None:  # noqa: ANN401 - as above
        make(self, ax, *args, **options)
        ax.set_visible(False)
        note(type(self).__name__)

    return made


def _choose(backend: str, **_: object) -> None:
    """Go on with our own backend, whichever is asked for; a name that is none is still an error."""
    validate_backend(backend)


def _refuse(*_: object, **__: object) -> None:
    raise RuntimeError(NOBODY)


def _press(*_: object, **__: object) -> bool:
    """Answer as if a key was pressed, so that what waits for one goes on."""
    return True


def _leave(*_: object, **__: object) -> None:
    """Draw nothing: a window would be drawn while the program waits, `plt.draw()` and `plt.ion()` ask for no more."""


def _wait(canvas: object, timeout: float = 0) -> None:
    """Return at once where a program would have gone on some time; it must not wait for ever."""
    del canvas
    if timeout <= 0:
        raise RuntimeError(NOBODY)


class _Window:
    """A window that can be moved, titled and made larger, and is not there."""

    def __getattr__(self, name: str) -> _Window:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *_: object, **__: object) -> _Window:
        return self
