"""The series of a figure: named where they are drawn, with the scales of their axes, and written out as a table.

A reader's pointer finds a value from what the SVG draws and from the axes' scales; nothing is drawn twice for that.
"""

# ruff: noqa: ANN401 - matplotlib has no types
from __future__ import annotations

import csv
import io
import json
import re
from html import escape
from itertools import pairwise, zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.category import StrCategoryFormatter
from matplotlib.collections import FillBetweenPolyCollection, PathCollection
from matplotlib.container import BarContainer, ErrorbarContainer
from matplotlib.dates import AutoDateFormatter, ConciseDateFormatter, DateFormatter, num2date
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, StepPatch
from matplotlib.ticker import FixedLocator

from sitegen.running.figures.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MOST_POINTS = 2_000  # of a series that can be pointed at, and of all series in a table
_SCALES = ("linear", "log")
_date: Any = num2date
_DATES = (AutoDateFormatter, ConciseDateFormatter, DateFormatter)


class Series(NamedTuple):
    """What of a drawing can be pointed at. told: attributes that say more of it than can be read off the axes."""

    artist: Any
    name: str
    told: Mapping[str, str] = {}


def series_of(drawing: Any) -> dict[str, Series]:
    """Return the lines, points, bars and fills that can be pointed at, by the id that the group of each is to have."""
    found: dict[str, Series] = {}
    for number, axes in enumerate(drawing.axes):
        if not _is_plot(axes):
            continue
        if axes.get_xscale() not in _SCALES or axes.get_yscale() not in _SCALES:
            continue
        for series in (*_outlines(axes), *_bars(axes)):
            found[f"series-{number}-{len(found)}"] = series
    return found if len(found) <= MOST_POINTS else {}


def named(svg: str, found: Mapping[str, Series]) -> str:
    """Return matplotlib's SVG with the names of series in place of the ids of their groups."""

    def attributes(group: re.Match[str]) -> str:
        series = found.get(group[1])
        if series is None:
            return group[0]
        told = {"axes": group[1].split("-")[1], "series": plain(series.name), **series.told}
        return "<g " + " ".join(f'data-{name}="{escape(text)}"' for name, text in told.items()) + ">"

    return re.sub(r'<g id="(series-[\d-]+)">', attributes, svg)


def _outlines(axes: Any) -> Iterator[Series]:
    """Yield what a pointer follows: lines, points, the edges of fills and of histograms that are one outline."""
    spreads = {id(some.lines[0]): some for some in axes.containers if isinstance(some, ErrorbarContainer)}
    outlines = [some for some in axes.patches if isinstance(some, StepPatch) or _is_staircase(some)]
    for artist in (*axes.lines, *axes.collections, *outlines):
        if artist in outlines or _is_series(artist, axes) or isinstance(artist, FillBetweenPolyCollection):
            spread = spreads.get(id(artist))
            yield Series(artist, _label(spread or artist), _spread(spread, axes) if spread else {})


def _bars(axes: Any) -> Iterator[Series]:
    """Yield bars, each with what it says."""
    containers = [some for some in axes.containers if isinstance(some, BarContainer)]
    for number, bars in enumerate(containers):
        along, across = (axes.xaxis, axes.yaxis) if bars.orientation != "horizontal" else (axes.yaxis, axes.xaxis)
        places, heights = _sides(bars)
        middles = _named_places(places, along)
        if _touch(places) and not isinstance(_scale(along), list):
            starts, ends = (_written(some, along) for some in ([a for a, _ in places], [a + b for a, b in places]))
            middles = [f"{_short(start)} to {_short(end)}" for start, end in zip(starts, ends, strict=True)]
        values = [_short(height) for height in _written(heights, across)]
        for bar, middle, value in zip(bars.patches, middles, values, strict=True):
            yield Series(bar, _label(bars), {"bars": str(number), "reads": f"{_short(middle)}: {value}"})


def _sides(bars: Any) -> tuple[list[tuple[float, float]], list[float]]:
    """Return (where it begins, how wide it is) of each bar, and how high each is."""
    if bars.orientation == "horizontal":
        return [(bar.get_y(), bar.get_height()) for bar in bars.patches], [bar.get_width() for bar in bars.patches]
    return [(bar.get_x(), bar.get_width()) for bar in bars.patches], [bar.get_height() for bar in bars.patches]


def _named_places(places: Sequence[tuple[float, float]], axis: Any) -> list[str]:
    """Return where bars stand: the name of the tick next to it, where the author has named ticks, else the middle."""
    middles = [start + width / 2 for start, width in places]
    written = _written(middles, axis)
    if not isinstance(axis.get_major_locator(), FixedLocator) or isinstance(_scale(axis), list):
        return written
    ticks = np.asarray(axis.get_majorticklocs(), float)
    if not len(ticks):
        return written
    names = [plain(str(axis.get_major_formatter()(tick, place))) for place, tick in enumerate(ticks)]
    for place, (middle, (_, width)) in enumerate(zip(middles, places, strict=True)):
        nearest = int(np.abs(ticks - middle).argmin())
        if names[nearest] and abs(ticks[nearest] - middle) <= abs(width):
            written[place] = names[nearest]
    return written


def _touch(places: Sequence[tuple[float, float]]) -> bool:
    """Whether bars stand side by side, as those of a histogram do; not bars as wide as 1 at whole numbers."""
    if len(places) < 2 or all(width == 1 and (2 * start) % 2 == 1 for start, width in places):
        return False
    return all(abs(one[0] + one[1] - two[0]) < 1e-6 * abs(one[1]) for one, two in pairwise(places))


def _is_staircase(patch: Any) -> bool:
    """Whether a patch is the outline of a histogram: level and upright edges by turns."""
    if not isinstance(patch, Polygon) or not 4 < len(patch.get_xy()) <= MOST_POINTS:
        return False
    steps = np.diff(patch.get_xy(), axis=0)
    return bool(((steps[:, 0] == 0) | (steps[:, 1] == 0)).all())


def _spread(container: Any, axes: Any) -> dict[str, str]:
    """Return what the error bars of points say; nothing when not each point has one, or some are out of sight."""
    low, high = _errors(container)
    line = container.lines[0]
    points = np.column_stack([line.get_xdata(orig=False), line.get_ydata(orig=False)]).astype(float)
    seen = axes.viewLim.count_contains(points) == len(points)
    if not seen or len(low) != len(points):
        return {}
    pairs = zip(_written(low, axes.yaxis), _written(high, axes.yaxis), strict=True)
    return {"spread": ";".join(f"{_short(one)} to {_short(two)}" for one, two in pairs)}


def _errors(container: Any) -> tuple[list[float], list[float]]:
    """Return the lower and the upper ends of upright error bars; none when there are none."""
    if not container.has_yerr:
        return [], []
    segments = container.lines[2][-1].get_segments()
    return [float(one[:, 1].min()) for one in segments], [float(one[:, 1].max()) for one in segments]


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
    """Return what a figure plots as CSV: axes, series, x, y, low, high; b"" when there is nothing such, or too much.

    low, high: of error bars and fills, left out where there are none.
    """
    rows: list[list[str]] = []
    plots = [axes for axes in drawing.axes if _is_plot(axes)]
    for number, axes in enumerate(plots, 1):
        title = plain(axes.get_title() or axes.get_title("left")) or str(number)
        for name, *columns in _plotted(axes):
            if len(rows) + len(columns[0]) > MOST_POINTS:
                return b""
            axis = (axes.xaxis, axes.yaxis, axes.yaxis, axes.yaxis)
            written = [some if _is_text(some) else _written(some, axis[place]) for place, some in enumerate(columns)]
            rows += [[title, name, *row] for row in zip_longest(*written, fillvalue="")]
    if not rows:
        return b""
    names = ["axes", "series", "x", "y", "low", "high"]
    kept = [
        place
        for place in range(6)
        if place in {1, 2, 3} or (len(plots) > 1 if place == 0 else any(row[place] for row in rows))
    ]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([row[place] for place in kept] for row in (names, *rows))
    return out.getvalue().encode()


_Columns = tuple[str, Any, Any, Any, Any]


def _plotted(axes: Any) -> Iterator[_Columns]:
    """Yield (series, x, y, low, high) of lines, points, bars, histograms and fills."""
    spreads = {id(some.lines[0]): some for some in axes.containers if isinstance(some, ErrorbarContainer)}
    lines = [line for line in axes.lines if _is_series(line, axes)]
    for number, line in enumerate(lines, 1):
        spread = spreads.get(id(line))
        x, y = line.get_xdata(orig=False), line.get_ydata(orig=False)
        low, high = _errors(spread) if spread else ([], [])
        exact = len(low) == len(x)
        yield _label(spread or line) or f"line {number}", x, y, low if exact else [], high if exact else []
    points: list[Any] = [some for some in axes.collections if isinstance(some, PathCollection) and some.get_visible()]
    for number, some in enumerate(points, 1):
        offsets: Any = np.ma.filled(np.ma.asarray(some.get_offsets(), float), np.nan)
        yield _label(some) or f"points {number}", offsets[:, 0], offsets[:, 1], [], []
    bars: list[Any] = [some for some in axes.containers if isinstance(some, BarContainer)]
    for number, some in enumerate(bars, 1):
        places, heights = _sides(some)
        across = some.orientation == "horizontal"
        middles = _named_places(places, axes.yaxis if across else axes.xaxis)
        yield _label(some) or f"bars {number}", *((heights, middles) if across else (middles, heights)), [], []
    steps: list[Any] = [some for some in axes.patches if isinstance(some, StepPatch)]
    for number, some in enumerate(steps, 1):
        values, edges, _ = some.get_data()
        if some.orientation == "vertical":
            yield _label(some) or f"steps {number}", (edges[1:] + edges[:-1]) / 2, values, [], []
    fills: list[Any] = [some for some in axes.collections if isinstance(some, FillBetweenPolyCollection)]
    for number, some in enumerate(fills, 1):
        if some.t_direction == "x":
            x, low, high = _between(some)
            yield _label(some) or f"fill {number}", x, [], low, high


def _between(fill: Any) -> tuple[Any, Any, Any]:
    """Return x, and the lower and upper end of a fill there: matplotlib goes along one edge and back along the other."""
    parts = []
    for path in fill.get_paths():
        count = (len(path.vertices) - 3) // 2
        one, two = path.vertices[1 : count + 1], path.vertices[count + 2 : 2 * count + 2][::-1]
        parts.append(np.column_stack([one[:, 0], np.minimum(one[:, 1], two[:, 1]), np.maximum(one[:, 1], two[:, 1])]))
    x, low, high = np.concatenate(parts).T if parts else np.empty((3, 0))
    return x, low, high


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
    drawn = artist.get_linestyle() not in {"None", "", " "} or is_marked(artist)
    return drawn and 1 < np.size(artist.get_xdata(orig=False)) <= MOST_POINTS


def is_marked(line: Any) -> bool:
    """Whether a line has markers, which may also be numbers, paths and lists of points."""
    return str(line.get_marker()).strip() not in {"None", "none", ""}


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


def _is_text(values: Any) -> bool:
    return len(values) > 0 and isinstance(values[0], str)


def _short(number: str) -> str:
    """Return a number as it is read aloud, with six digits; other texts as they are."""
    try:
        return f"{float(number):.6g}".replace("-", "\u2212")
    except ValueError:
        return number


def _label(artist: Any) -> str:
    label = str(artist.get_label())
    return "" if label in {"", "None"} or label.startswith("_") else label
