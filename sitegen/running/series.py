"""The series of a figure: named where they are drawn, with the scales of their axes, and written out as a table.

A reader's pointer finds a value from what the SVG draws and from the axes' scales; nothing is drawn twice for that.
"""

# ruff: noqa: ANN401 - matplotlib has no types
from __future__ import annotations

import csv
import io
import json
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.category import StrCategoryFormatter
from matplotlib.collections import PathCollection
from matplotlib.container import BarContainer
from matplotlib.dates import AutoDateFormatter, ConciseDateFormatter, DateFormatter, num2date
from matplotlib.lines import Line2D

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_POINTS = 2_000  # of a series that can be pointed at, and of all series in a table
_SCALES = ("linear", "log")
_date: Any = num2date
_DATES = (AutoDateFormatter, ConciseDateFormatter, DateFormatter)


def series_of(drawing: Any) -> dict[str, Any]:
    """Return the lines and points that can be pointed at, by the id that their group is to have."""
    found: dict[str, Any] = {}
    for number, axes in enumerate(drawing.axes):
        if not _is_plot(axes):
            continue
        if axes.get_xscale() not in _SCALES or axes.get_yscale() not in _SCALES:
            continue
        for artist in (*axes.lines, *axes.collections):
            if _is_series(artist, axes):
                found[f"series-{number}-{len(found)}"] = artist
    return found


def named(svg: str, found: dict[str, Any]) -> str:
    """Return matplotlib's SVG with the names of series in place of the ids of their groups."""
    for group, artist in found.items():
        label = str(artist.get_label())
        name = escape("" if label.startswith("_") else _plain(label))
        axes = group.split("-")[1]
        svg = svg.replace(f'<g id="{group}">', f'<g data-axes="{axes}" data-series="{name}">', 1)
    return svg


def scales_of(drawing: Any) -> str:
    """Return where the axes of a drawn figure are, in points, and what they measure, as JSON.

    A row for each: left, top, width, height; for x and for y: what their ends are, their scale or their names.
    """
    width, height = (72 * side for side in drawing.get_size_inches())
    rows = []
    for axes in drawing.axes:
        box = axes.get_position()
        place = (box.x0 * width, (1 - box.y1) * height, box.width * width, box.height * height)
        row: list[object] = [round(float(side), 2) for side in place]
        for axis, limits in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
            row += [*(float(f"{limit:.7g}") for limit in limits), _scale(axis)]
        rows.append(row)
    return json.dumps(rows, separators=(",", ":"))


def as_table(drawing: Any) -> bytes:
    """Return what a figure plots as CSV: axes, series, x, y; b"" when there is nothing such, or too much."""
    rows: list[tuple[object, ...]] = []
    plots = [axes for axes in drawing.axes if _is_plot(axes)]
    for number, axes in enumerate(plots, 1):
        title = _plain(axes.get_title() or axes.get_title("left")) or str(number)
        for name, x, y in _plotted(axes):
            if len(rows) + len(x) > MOST_POINTS:
                return b""
            pairs = zip(_written(x, axes.xaxis), _written(y, axes.yaxis), strict=True)
            rows += [(title, name, *pair) if len(plots) > 1 else (name, *pair) for pair in pairs]
    if not rows:
        return b""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow((*(["axes"] if len(plots) > 1 else []), "series", "x", "y"))
    table.writerows(rows)
    return out.getvalue().encode()


def _plotted(axes: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield (series, x, y) of lines, points and bars."""
    lines = [line for line in axes.lines if _is_series(line, axes)]
    for number, line in enumerate(lines, 1):
        yield _name(line, f"line {number}"), line.get_xdata(orig=False), line.get_ydata(orig=False)
    points: list[Any] = [some for some in axes.collections if isinstance(some, PathCollection) and some.get_visible()]
    for number, some in enumerate(points, 1):
        offsets: Any = np.ma.filled(np.ma.asarray(some.get_offsets(), float), np.nan)
        yield _name(some, f"points {number}"), offsets[:, 0], offsets[:, 1]
    bars: list[Any] = [some for some in axes.containers if isinstance(some, BarContainer)]
    for number, some in enumerate(bars, 1):
        across = some.orientation == "horizontal"
        sides = [
            (bar.get_x() + bar.get_width() / 2, bar.get_y() + bar.get_height() / 2, bar.get_width(), bar.get_height())
            for bar in some.patches
        ]
        x = [side[2] if across else side[0] for side in sides]
        yield _name(some, f"bars {number}"), x, [side[1] if across else side[3] for side in sides]


def _is_plot(axes: Any) -> bool:
    """Whether axes measure something: not a colour bar, not the ground of a drawing."""
    return bool(axes.name == "rectilinear" and axes.get_label() != "<colorbar>" and axes.axison and axes.get_visible())


def _is_series(artist: Any, axes: Any) -> bool:
    if not artist.get_visible():
        return False
    if isinstance(artist, PathCollection):
        return 0 < np.size(artist.get_offsets()) // 2 <= MOST_POINTS and artist.get_offset_transform() == axes.transData
    if not isinstance(artist, Line2D) or artist.get_transform() != axes.transData:
        return False
    drawn = artist.get_linestyle() not in {"None", "", " "} or artist.get_marker() not in {"None", None, "", " "}
    return drawn and 1 < np.size(artist.get_xdata(orig=False)) <= MOST_POINTS


def _scale(axis: Any) -> object:
    """Return how an axis measures: a scale, `date`, or the names of its categories."""
    formatter = axis.get_major_formatter()
    if isinstance(formatter, StrCategoryFormatter):
        return [str(name) for name in axis.units._mapping]  # noqa: SLF001 - the names have no other door
    return "date" if isinstance(formatter, _DATES) else axis.get_scale()


def _written(values: Any, axis: Any) -> list[str]:
    scale = _scale(axis)
    numbers = [float(value) for value in np.ma.filled(np.ma.asarray(values, float), np.nan)]
    if isinstance(scale, list):
        names = dict(enumerate(scale))
        return [
            names.get(int(number), f"{number:.10g}") if number == number // 1 else f"{number:.10g}"
            for number in numbers
        ]
    if scale == "date":
        return [_date(number).isoformat() if np.isfinite(number) else "" for number in numbers]
    return [f"{number:.10g}" for number in numbers]


def _name(artist: Any, otherwise: str) -> str:
    label = str(artist.get_label())
    return otherwise if not label or label.startswith("_") else label


def _plain(text: str) -> str:
    """Return a label as it reads: TeX without its signs."""
    return " ".join(text.translate({ord(sign): None for sign in "$\\{}"}).split())
