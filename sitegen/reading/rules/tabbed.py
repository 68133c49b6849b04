"""Markdown rule for tables that were pasted: lines with tabs between their cells, as spreadsheets and chats give them.

Three lines at least, each with as many cells; a run of tabs that only puts a cell below another counts as one. The first line is the head.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sitegen.later import later
from sitegen.reading.block_lines import line_start, line_text
from sitegen.reading.rules.drawn_tables import push_table
from sitegen.reading.rules.grid_tables import Grid, GridCell

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock

_FEWEST = 3
_OTHER = later(r"[|<>#$\\{}%:`]|[-+*]\s|\d+[.)]\s|\[[^\]]*\]:")
"""What begins a line that is something else: HTML, formulas, a list, a note ..."""


def use_tabbed(md: MarkdownIt) -> None:
    """Add the rule of this module; whatever else a line can be, it is."""
    md.block.ruler.before("paragraph", "tabbed_table", _tabbed, {"alt": ["paragraph"]})


def _tabbed(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    first = line_start(state, start)
    if state.src.find("\t", first, state.eMarks[start]) < 0 or state.is_code_block(start):
        return False
    source, lines = state.env.get("tabbed", ("", ()))
    if source is state.src and start in lines:
        return False
    rows: list[str] = []
    while start + len(rows) < end:
        line = start + len(rows)
        text = line_text(state, line).rstrip()
        if "\t" not in text or _OTHER.match(text) or state.sCount[line] < state.blkIndent or state.is_code_block(line):
            break
        rows.append(text)
    cells = _cells(rows)
    if cells is None:
        state.env["tabbed"] = state.src, range(start, start + len(rows))  # nor does a table begin further down in them
        return False
    if silent:
        return True
    found = tuple(
        GridCell(number, column, 1, 1, number, (text,))
        for number, row in enumerate(cells)
        for column, text in enumerate(row)
    )
    push_table(state, Grid(found, ("",) * len(cells[0]), 1, len(cells)), start, start + len(rows))
    state.line = start + len(rows)
    return True


def _cells(rows: list[str]) -> list[list[str]] | None:
    """Return the cells of each row, as many in all; None where that is not so."""
    if len(rows) < _FEWEST:
        return None
    for between in ("\t", "\t[ \t]*"):
        cells = [[cell.strip() for cell in re.split(between, row)] for row in rows]
        if len({len(row) for row in cells}) == 1:
            return cells
    return None
