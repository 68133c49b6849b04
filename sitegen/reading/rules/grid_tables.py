"""Tables drawn with `+---+---+`, as Pandoc and reStructuredText have them: where their cells are. Knows no Markdown.

Cells may span rows and columns. Where the columns of the lines do not stand below one another, each line is split at its
`|` instead.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING
from unicodedata import combining, east_asian_width

from msgspec import Struct

from sitegen.later import later

if TYPE_CHECKING:
    from collections.abc import Sequence

BORDER = later(r"\+(?:[-=:]+\+)+")
_SIDE = "|\0"  # NUL stands for a `|` that might be a formula's
_LINE = "-=:+"

# A line as its columns: a wide sign fills two, of which the second is "".
_Line = list[str]


class GridCell(Struct, frozen=True):
    """A cell: its place among the rows and columns, how many of them it spans, and its lines, from line `line` of the table."""

    row: int
    column: int
    rows: int
    columns: int
    line: int
    lines: tuple[str, ...]


class Grid(Struct, frozen=True):
    """A table. aligns: `left`, `right`, `center` or "" of every column. head: rows of the head; foot: first row of the foot."""

    cells: tuple[GridCell, ...]
    aligns: tuple[str, ...]
    head: int
    foot: int


def read_grid(lines: Sequence[str]) -> Grid | None:
    """Return the cells of a table that is drawn, or None where it is drawn otherwise."""
    for is_wide in (True, False):  # some editors count a wide sign as one column
        columns = [_columns(line, is_wide=is_wide) for line in lines]
        widest = max(map(len, columns))
        found = _traced([line + [" "] * (widest - len(line)) for line in columns])
        if found:
            return found
    return _split(lines)


def _columns(line: str, *, is_wide: bool) -> _Line:
    """Return the columns of a line; a sign of Chinese, Japanese or Korean fills two where `is_wide`."""
    if line.isascii():
        return list(line)
    found: _Line = []
    for sign in line:
        if combining(sign) and found:
            found[-1] += sign
        else:
            found += [sign, *[""] * (is_wide and east_asian_width(sign) in "WF")]
    return found


def _traced(block: list[_Line]) -> Grid | None:
    """Follow the borders from corner to corner, as docutils does."""
    bottom, right = len(block) - 1, len(block[0]) - 1
    done = [-1] * right
    boxes: list[tuple[int, int, int, int]] = []
    corners = [(0, 0)]
    while corners:
        top, left = corners.pop(0)
        if top == bottom or left == right or top <= done[left]:
            continue
        end = _box(block, top, left)
        if end is None:
            continue
        low, far = end
        for column in range(left, far):
            if done[column] != top - 1:
                return None
            done[column] = low - 1
        boxes.append((top, left, low, far))
        corners += [(top, far), (low, left)]
        corners.sort()
    if not boxes or any(line != bottom - 1 for line in done):
        return None
    tops, lefts = sorted({box[0] for box in boxes}), sorted({box[1] for box in boxes})
    cells = [
        GridCell(
            row=(row := bisect_left(tops, top)),
            column=(column := bisect_left(lefts, left)),
            rows=bisect_left(tops, low) - row,
            columns=bisect_left(lefts, far) - column,
            line=top + 1,
            lines=_unindented(["".join(line[left + 1 : far]) for line in block[top + 1 : low]]),
        )
        for top, left, low, far in boxes
    ]
    marks = [n for n, line in enumerate(block) if n and set("".join(line).strip()) <= {"=", "+", ":"} and "=" in line]
    ruled = block[marks[0] if marks and marks[0] < bottom else 0]
    aligns = [_align("".join(ruled[left + 1 : far])) for left, far in zip(lefts, [*lefts[1:], right], strict=True)]
    head = tops.index(marks[0]) if marks and marks[0] in tops else 0
    foot = tops.index(marks[1]) if len(marks) > 1 and marks[1] in tops else len(tops)
    return Grid(tuple(sorted(cells, key=lambda cell: (cell.row, cell.column))), tuple(aligns), head, foot)


def _box(block: list[_Line], top: int, left: int) -> tuple[int, int] | None:
    """Return (bottom, right) of the smallest box whose upper left corner this is."""
    if block[top][left] != "+":
        return None
    for right in range(left + 1, len(block[0])):
        if block[top][right] not in _LINE:
            return None
        if block[top][right] != "+":
            continue
        for low in range(top + 1, len(block)):
            sides = block[low][left], block[low][right]
            if not all(side in _SIDE or side == "+" for side in sides) or "" in sides:
                break
            if sides == ("+", "+") and all(sign and sign in _LINE for sign in block[low][left:right]):
                return low, right
    return None


def _split(lines: Sequence[str]) -> Grid | None:
    """Split every line at its `|`, where each has as many as the first line has parts."""
    count = lines[0].count("+") - 1
    rows: list[tuple[int, list[list[str]]]] = []
    marks: list[int] = []
    for number, line in enumerate(lines):
        if BORDER.fullmatch(line.rstrip()):
            if "=" in line:
                marks.append(len(rows))
            rows.append((number + 1, [[] for _ in range(count)]))
            continue
        parts = re.split(r"(?<!\\)\|", line.strip())
        if len(parts) != count + 2 or not rows:
            return None
        for column, text in enumerate(parts[1:-1]):
            rows[-1][1][column].append(text)
    if not BORDER.fullmatch(lines[-1].rstrip()):
        return None
    cells = [
        GridCell(row, column, 1, 1, line, _unindented(texts))
        for row, (line, parts) in enumerate(rows[:-1])
        for column, texts in enumerate(parts)
    ]
    ruled = next((line for line in lines[1:-1] if "=" in line and BORDER.fullmatch(line.rstrip())), lines[0])
    aligns = tuple(_align(part) for part in ruled.strip().strip("+").split("+"))
    head = marks[0] if marks and marks[0] < len(rows) - 1 else 0
    return Grid(tuple(cells), aligns, head, marks[1] if len(marks) > 1 else len(rows) - 1)


def _align(part: str) -> str:
    return {(True, True): "center", (True, False): "left", (False, True): "right"}.get(
        (part.startswith(":"), part.endswith(":")), ""
    )


def _unindented(lines: Sequence[str]) -> tuple[str, ...]:
    """Return the lines of a cell without the blanks that all have."""
    indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return tuple(line[indent:].rstrip() for line in lines)
