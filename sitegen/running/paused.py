"""The figure that a program last paused on, `plt.pause(1)`, and then cleared or closed -> that figure as it was seen.

In a window such a figure is seen; a page would have nothing of a loop that plots, pauses and clears.
"""

from __future__ import annotations

import contextlib
import pickle
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from sitegen.running.figures import close, is_blank

if TYPE_CHECKING:
    from collections.abc import Callable


class Paused:
    """Remembers the figure; `watch` once in a process. is_shown: whether the page shows a figure already."""

    def __init__(self, is_shown: Callable[[Figure], bool]) -> None:
        self._is_shown = is_shown
        self._figure: Figure | None = None
        self._kept = b""  # the figure before it was cleared

    def watch(self) -> None:
        """Be told of pauses, and of figures that are cleared."""
        clear = Figure.clear

        def pause(*_: object, **__: object) -> None:
            figure: Any = plt.gcf() if plt.get_fignums() else None
            if figure is not None and not is_blank(figure) and not self._is_shown(figure):
                self._figure, self._kept = figure, b""

        def cleared(figure: Figure, *args: Any, **options: Any) -> None:  # noqa: ANN401 - as matplotlib has it
            if figure is self._figure and not is_blank(figure):
                with contextlib.suppress(Exception):  # a program's own artists may be no values
                    self._kept = pickle.dumps(figure)
            clear(figure, *args, **options)

        plt.pause = pause  # a program waits for nobody
        Figure.clear = cleared  # type: ignore[method-assign, assignment] # a stand-in, which passes all on

    def begin_cell(self) -> None:
        """Forget the figure of another cell."""
        self._figure, self._kept = None, b""

    def take(self) -> list[Figure]:
        """Return the figure, if the page would have nothing of it; called when the open ones are drawn."""
        figure, kept = self._figure, self._kept
        self.begin_cell()
        if figure is None or self._is_shown(figure):
            return []
        if not is_blank(figure):
            return [figure]
        if not kept:
            return []
        found: Figure = pickle.loads(kept)  # noqa: S301 - the program's own, in its own process
        close(found)
        return [found]
