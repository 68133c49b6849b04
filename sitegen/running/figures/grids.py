"""The grids of axes: ours stands there unasked, so what a program says of grids is heard as if it did not."""

from __future__ import annotations

import sys
from typing import Any

import matplotlib as mpl
from matplotlib.axis import Axis

_asked = "_sitegen_grid"


def hear_grids(colour: str) -> None:
    """Let `grid()` show a grid of the given colour, which it else would take away; once, in the fork server."""
    kind: Any = Axis
    turn = kind.grid

    def grid(axis: Any, visible: Any = None, which: str = "major", **options: Any) -> None:  # noqa: ANN401 - matplotlib has no types
        ours = mpl.rcParams["grid.color"] == colour and axis.axes.name != "polar"  # whose grid is not ours alone
        if visible is None and which != "minor" and ours and not is_asked(axis):
            visible = True
        turn(axis, visible, which, **options)
        by_style = sys._getframe(2).f_code.co_name in {"clear", "__clear"}  # noqa: SLF001 - axes that are made or emptied
        is_wanted = not by_style and (visible is True or bool(visible is None and options))
        meant = {"major", "minor"} if which == "both" or by_style else {which}
        setattr(axis, _asked, _grids(axis) | meant if is_wanted else _grids(axis) - meant)

    kind.grid = grid


def is_asked(axis: Any, which: str = "major") -> bool:  # noqa: ANN401 - see above
    """Whether the program itself wants a grid of an axis, at its major or its minor ticks."""
    return which in _grids(axis)


def _grids(axis: Any) -> set[str]:  # noqa: ANN401 - see above
    return getattr(axis, _asked, set())
