"""The figure that a program last paused on, `plt.pause(1)`, and then cleared or closed -> that figure as it was seen.

In a window such a figure is seen; a page would have nothing of a loop that plots, pauses and clears. Keeping a plain
figure takes a few milliseconds, about what it takes to make its axes again.
"""

from __future__ import annotations

import contextlib
import pickle
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
from matplotlib.axes._base import _AxesBase
from matplotlib.figure import Figure

from sitegen.running.figures.given import close, is_blank

if TYPE_CHECKING:
    from collections.abc import Callable


class Paused:
    """Remembers the figure; `watch` once in a process. is_shown: whether the page shows a figure already.

    passes: told of each that is cleared, and what of it; whether its present state was one of many, of which the last is shown.
    """

    def __init__(self, is_shown: Callable[[Figure], bool], passes: Callable[[object, Figure], bool]) -> None:
        self._is_shown, self._passes = is_shown, passes
        self._figure: Figure | None = None
        self._kept = b""  # the figure before it was cleared

    def watch(self) -> None:
        """Be told of pauses, and of figures that are cleared."""
        clear, clear_axes, clear_current = Figure.clear, _AxesBase.clear, plt.cla

        def pause(*_: object, **__: object) -> None:
            figure: Any = plt.gcf() if plt.get_fignums() else None
            if figure is not None and not is_bare(figure) and not self._is_shown(figure):
                self._figure, self._kept = figure, b""

        def cleared(figure: Figure, *args: Any, **options: Any) -> None:  # noqa: ANN401 - as matplotlib has it
            self._keep(figure, figure)
            clear(figure, *args, **options)

        def axes_cleared(axes: Any) -> None:  # noqa: ANN401 - as above
            self._keep(axes.get_figure(), axes)
            clear_axes(axes)

        def current_cleared() -> None:
            if plt.get_fignums():  # after `plt.show()` none is open: axes that are made to be emptied are for nobody
                clear_current()

        plt.cla = current_cleared  # as below
        plt.pause = pause  # a program waits for nobody
        _AxesBase.clear = axes_cleared  # type: ignore[method-assign, assignment] # as below
        Figure.clear = cleared  # type: ignore[method-assign, assignment] # a stand-in, which passes all on

    def _keep(self, figure: object, what: object) -> None:
        if isinstance(figure, Figure) and self._passes(what, figure):
            self._figure = figure
        if figure is self._figure and self._figure is not None and not is_bare(self._figure):
            with contextlib.suppress(Exception):  # a program's own artists may be no values
                self._kept = pickle.dumps(figure)

    def holds(self, figure: Figure) -> bool:
        """Whether nothing is left on a figure, and it is kept as it was seen."""
        return figure is self._figure and bool(self._kept) and is_bare(figure)

    def begin_cell(self) -> None:
        """Forget the figure of another cell."""
        self._figure, self._kept = None, b""

    def take(self) -> list[Figure]:
        """Return the figure, if the page would have nothing of it; called when the open ones are drawn."""
        figure, kept = self._figure, self._kept
        self.begin_cell()
        if figure is None or self._is_shown(figure):
            return []
        if not is_bare(figure):
            return [figure]
        if not kept:
            return []
        found: Figure = pickle.loads(kept)  # noqa: S301 - the program's own, in its own process
        close(found)
        return [found]


def is_bare(figure: Figure) -> bool:
    """Whether a figure has nothing but axes, and these hold no data."""
    return is_blank(figure) or not (figure.texts or any(axes.has_data() or axes.texts for axes in figure.axes))
