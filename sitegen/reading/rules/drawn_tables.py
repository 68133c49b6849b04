"""Markdown rules for tables that are no pipes: Pandoc's grids of `+---+---+` and columns below `-----   -----`, and LaTeX's.

What they become are the tokens of any other table; a cell of a grid holds blocks.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sitegen.later import later
from sitegen.reading.block_lines import ENDS_ALL, continues, is_paragraph, line_start, push_paragraph, push_text
from sitegen.reading.boxes.latex_tables import read_table
from sitegen.reading.rules.grid_tables import BORDER, Grid, GridCell, read_grid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.token import Token

    from sitegen.reading.context import Reading

_DASHES = later(r"-{2,}(?: +-{2,})+")
_COLUMNS = later(r"\S {2,}\S")
_HINT = "let the borders stand below one another, or write a table with pipes: `| a | b |`, `|---|---|`"


def use_drawn_tables(md: MarkdownIt) -> None:
    """Add the rules of this module."""
    md.block.ruler.before("hr", "grid_table", _grid)
    md.block.ruler.before("hr", "multiline_table", _multiline)
    md.block.ruler.before("hr", "simple_table", _simple)
    md.block.ruler.before("fence", "latex_table", _latex, ENDS_ALL)


def _line(state: StateBlock, line: int) -> str:
    """Return a line without what it is indented by as a part of a list or a quote."""
    return state.getLines(line, line + 1, state.blkIndent, keepLastLF=False).rstrip()


def _grid(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    first = line_start(state, start)
    if not state.src.startswith(("+-", "+=", "+:"), first) or state.is_code_block(start):
        return False
    if not BORDER.fullmatch(state.src[first : state.eMarks[start]].rstrip()):
        return False
    last = start
    lines: list[str] = []
    while continues(state, last, end):
        lines.append(_line(state, last).lstrip())
        if not lines[-1].startswith(("+", "|")):
            break
        last += 1
    lines = lines[: last - start]
    if silent or len(lines) < 3:
        return len(lines) > 2
    grid = read_grid(lines)
    if grid is None:
        reading: Reading = state.env["reading"]
        reading.refuse("the borders of this table do not meet", reading.place(start, lines[0]), _HINT)
    else:
        push_table(state, grid, start, last)
    state.line = last
    return True


def _latex(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read LaTeX's table; its caption becomes a paragraph below it, as Pandoc has them."""
    if not state.src.startswith("\\begin{", line_start(state, start)) or state.is_code_block(start):
        return False
    found = read_table(state, start, end)
    if found is None or silent:
        return found is not None
    grid, caption, last = found
    push_table(state, grid, start, last + 1)
    if caption:
        push_paragraph(state, caption, start, last + 1)
    state.line = last + 1
    return True


def push_table(state: StateBlock, grid: Grid, start: int, end: int) -> None:
    """Add the tokens of a table that stands in some lines. Each cell is read as Markdown."""
    opening = state.push("table_open", "table", 1)
    opening.map = [start, end]
    cells: dict[int, list[GridCell]] = {}
    for cell in grid.cells:
        cells.setdefault(cell.row, []).append(cell)
    count = max((cell.row + cell.rows for cell in grid.cells), default=0)
    for name, first, last in (("thead", 0, grid.head), ("tbody", grid.head, grid.foot), ("tfoot", grid.foot, count)):
        if first >= last:
            continue
        state.push(f"{name}_open", name, 1)
        for row in range(first, last):
            state.push("tr_open", "tr", 1)
            for cell in cells.get(row, ()):
                _push_cell(state, cell, "th" if name == "thead" else "td", grid.aligns[cell.column], start)
            state.push("tr_close", "tr", -1)
        state.push(f"{name}_close", name, -1)
    state.push("table_close", "table", -1)


def _push_cell(state: StateBlock, cell: GridCell, tag: str, align: str, start: int) -> None:
    """Add a cell: its words, where it holds one paragraph, else its blocks."""
    opening = state.push(f"{tag}_open", tag, 1)
    if align:
        opening.attrs["style"] = f"text-align:{align}"
    if cell.columns > 1:
        opening.attrs["colspan"] = cell.columns
    if cell.rows > 1:
        opening.attrs["rowspan"] = cell.rows
    inside: list[Token] = []
    state.md.block.parse("\n".join(cell.lines), state.md, state.env, inside)
    for token in inside:
        token.level += state.level
        token.map = token.map and [line + start + cell.line for line in token.map]
    if is_paragraph(inside):
        inside = inside[1:2]
    if inside:
        state.tokens += inside
    else:
        push_text(state, "", start + cell.line, start + cell.line + 1)
    state.push(f"{tag}_close", tag, -1)


def _simple(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read columns below a line of dashes: with their names above it, or closed by such a line; they end at a blank line."""
    text = _line(state, start)
    if not text.lstrip().startswith("--") or not start or state.is_code_block(start):
        return False
    if not _DASHES.fullmatch(text.strip()) or start + 1 >= end or state.isEmpty(start + 1):
        return False
    above = "" if state.isEmpty(start - 1) else _line(state, start - 1)
    spans = [(match.start(), match.end()) for match in re.finditer(r"-+", text)]
    rows, last, is_closed = _rows(state, start + 1, end)
    tokens = _tokens_of_the_line_above(state, start)
    named = tokens > 0 and _stand_below(above, spans)
    if not named and (above or not is_closed):
        if not silent and _COLUMNS.search(above):
            reading: Reading = state.env["reading"]
            reading.refuse("this table is drawn in a way that is not read", reading.place(start, text.strip()), _HINT)
        return False
    if silent:
        return True
    if named:
        del state.tokens[-tokens:]  # the names were a paragraph until now, or code where the first column has none
        rows = [above, *rows]
    cells = tuple(
        GridCell(number, column, 1, 1, number + (0 if named and number else -1 if named else 1), (part,))
        for number, row in enumerate(rows)
        for column, part in enumerate(_parts(row, spans))
    )
    aligns = tuple(_align(rows[0], span) for span in spans)
    push_table(state, Grid(cells, aligns, int(named), len(rows)), start, last)
    state.line = last
    return True


def _multiline(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read columns whose rows have several lines and are parted by blank ones, between lines of dashes."""
    text = _line(state, start)
    closing = text.strip()
    if silent or not closing.startswith("---") or closing.strip("- ") or state.is_code_block(start):
        return False
    line = start
    names: list[str] = []
    if " " not in closing:  # the names of the columns come first
        names, line = _lines_to_dashes(state, start + 1, end)
    if line >= end or not _DASHES.fullmatch(_line(state, line).strip()):
        return False
    spans = [(match.start(), match.end()) for match in re.finditer(r"-+", _line(state, line))]
    rows: list[tuple[int, list[str]]] = []
    line += 1
    row, last = _lines_to_dashes(state, line, end)
    while last < end and state.isEmpty(last):
        rows += [(line, row)] if row else []
        line = last + 1
        row, last = _lines_to_dashes(state, line, end)
    rows += [(line, row)] if row else []
    is_closed = last < end and _line(state, last).strip() == closing
    if not rows or not is_closed or not all(_is_parted(text, spans) for _, lines in rows for text in lines):
        return False
    heads = [(start + 1, names)] if names else []
    cells = tuple(
        GridCell(number, column, 1, 1, first - start, parts)
        for number, (first, lines) in enumerate([*heads, *rows])
        for column, parts in enumerate(zip(*(_parts(text, spans) for text in lines), strict=True))
    )
    aligns = tuple(_align((names or rows[0][1])[0], span) for span in spans)
    push_table(state, Grid(cells, aligns, len(heads), len(heads) + len(rows)), start, last + 1)
    state.line = last + 1
    return True


def _lines_to_dashes(state: StateBlock, line: int, end: int) -> tuple[list[str], int]:
    """Return the lines up to a blank one, or one of dashes, and which one that is."""
    lines: list[str] = []
    while continues(state, line, end):
        text = _line(state, line)
        if not text.strip("- "):
            break
        lines.append(text)
        line += 1
    return lines, line


def _rows(state: StateBlock, line: int, end: int) -> tuple[list[str], int, bool]:
    """Return the rows from a line on, the line behind them, and whether dashes close them."""
    rows: list[str] = []
    while continues(state, line, end):
        row = _line(state, line)
        line += 1
        if not row.strip("- "):
            return rows, line, bool(rows)
        rows.append(row)
    return rows, line, False


def _stand_below(names: str, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether a line has a name for every column, perhaps but the first, parted by blanks where dashes begin."""
    return _is_parted(names, spans) and all(_parts(names, spans)[1:])


def _is_parted(row: str, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether blanks part the columns of a line."""
    return all(row[first - 1 : first].strip() == "" for first, _ in spans[1:])


def _tokens_of_the_line_above(state: StateBlock, line: int) -> int:
    """Return of how many tokens the line above is a paragraph, or code, by itself; 0 where it is not."""
    last = state.tokens[-3:]
    count = 3 if is_paragraph(last) else 1 if last and last[-1].type == "code_block" else 0
    return count if count and last[-count].map == [line - 1, line] else 0


def _parts(row: str, spans: Sequence[tuple[int, int]]) -> list[str]:
    """Return what stands in each column: from half way behind the dashes before it, as words may stand out a little."""
    starts = [0, *(first for first, _ in spans[1:])]
    return [
        row[first:last].strip() if first < len(row) else ""
        for first, last in zip(starts, [*starts[1:], len(row)], strict=True)
    ]


def _align(names: str, span: tuple[int, int]) -> str:
    """Return how a column stands: flush with its dashes on the side where its name is."""
    first, last = span
    name = names[first:last].ljust(last - first)
    flush_left, flush_right = not name[:1].isspace(), not name[-1:].isspace()
    if not name.strip() or (flush_left and flush_right):
        return ""
    return "left" if flush_left else "right" if flush_right else "center"
