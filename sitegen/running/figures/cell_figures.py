"""What a cell does with its figures: it shows, saves, draws on, empties and takes them away; so none stands on the page twice."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt

from sitegen.running.figures.given import figures_in, is_blank

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.figure import Figure as Drawing


class CellFigures:
    """The figures of the present cell.

    drawn: those that the page has in any state. taken_away: how many the program has drawn and taken away again. clears:
    whether this cell does that.
    """

    def __init__(self) -> None:
        self.drawn: list[object] = []
        self.taken_away = 0
        self.clears = False
        self._shown: list[Drawing] = []  # before the end of the cell, as they are now
        self._going_on: list[Drawing] = []  # shown, and the cell may draw on them
        self._emptied: list[object] = []  # of these, what the cell has emptied: figures, axes
        self._saved: list[tuple[Drawing, int, str]] = []  # the line, and a file that nobody gets

    def begin(self) -> None:
        """Forget what was shown: another cell may show it again."""
        self.clears = False
        self._shown.clear()
        self._going_on.clear()
        self._emptied.clear()
        self._saved.clear()
        self.drawn.clear()

    def note_saved(self, figure: Drawing, target: object, line: int) -> None:
        """Note that the present cell has saved a figure as a file."""
        if isinstance(target, str | os.PathLike) and not is_blank(figure):  # `plt.show()` before has closed it
            self._saved.append((figure, line, os.fspath(target)))

    def is_saved(self, figure: Drawing) -> bool:
        """Whether the present cell has saved a figure."""
        return any(one is figure for one, _, _ in self._saved)

    def has_saved(self, name: str) -> bool:
        """Whether the page has a figure that the present cell saved as a file of that name."""
        names = {name, name.rpartition(".")[0]}  # matplotlib adds what it ends with
        return any(os.path.basename(saved) in names and one in self.drawn for one, _, saved in self._saved)  # noqa: PTH119 - as text

    def lost(self, linked: Iterable[str]) -> list[tuple[int, str]]:
        """Return where and as what the present cell saved figures that the page does not show, since it closed them.

        linked: files to which the text leads.
        """
        names = {os.path.basename(name) for name in linked}  # noqa: PTH119 - as text
        saved = [some for some in self._saved if os.path.basename(some[2]) not in names]  # noqa: PTH119 - as text
        lost = [(line, name) for figure, line, name in saved if figure not in self.drawn]
        return lost[:1]  # the first says enough of all

    def note_shown(self, figure: Drawing, *, goes_on: bool = False) -> None:
        """Note that the present cell has shown a figure as it is now. goes_on: whether it is also shown as it is at last."""
        figure.stale = False  # until something of it changes
        self._shown.append(figure)
        if goes_on:
            self._going_on.append(figure)
            figure.stale_callback = self._changed  # a program that draws on it may also draw it for its window

    def _changed(self, figure: Any, stale: bool) -> None:  # noqa: ANN401, FBT001 - as matplotlib has it
        if stale and not figure.canvas.is_saving():
            self._shown = [one for one in self._shown if one is not figure]

    def is_drawn(self, figure: Drawing) -> bool:
        """Whether the page has a figure in any state, of the present cell."""
        return figure in self.drawn

    def goes_on(self, figure: Drawing) -> bool:
        """Whether a figure is shown again at the end of the present cell, should it change until then."""
        return figure in self._going_on

    def is_emptied_again(self, what: object, figure: Drawing) -> bool:
        """Note that a figure, or one of its axes, is emptied; whether the cell does that again and again, as in a film.

        Emptied once, it may be two figures in one window.
        """
        if not (self.goes_on(figure) or self.clears):
            return False
        again = what in self._emptied
        self._emptied += [] if again else [what]
        return again

    def withdraw(self, figure: Drawing) -> int | None:
        """Forget that a figure was shown; return which of the cell's figures it was, None for none of them."""
        if figure not in self.drawn:
            return None
        place = self.drawn.index(figure)
        del self.drawn[place]
        self.taken_away += 1
        return place

    def changed_figures(self) -> list[Drawing]:
        """Return the figures that the present cell has drawn on after it showed them, though their windows would stand open."""
        return [figure for figure in self._going_on if not self.is_shown(figure)]

    def take_away(self) -> None:
        """Forget the figures that the present cell has shown: they do not count."""
        self.clears = True
        self.taken_away += len(self.drawn)
        self.drawn.clear()
        self._shown.clear()
        self._going_on.clear()

    def is_shown(self, figure: Drawing) -> bool:
        """Whether the present cell has shown a figure as it is now."""
        return not figure.stale and figure in self._shown

    def needs_no_showing(self, value: object) -> bool:
        """Whether a cell's last value is a figure that the cell has shown, or is about to: it is still open."""
        return any(
            self.is_shown(figure) or any(plt.figure(number) is figure for number in plt.get_fignums())
            for figure in figures_in(value)
        )
