"""Markdown rules for tables of kramdown's: rows without a head, and lines that part rows.

Every line of a table without a head begins and ends with `|`, so that it can be nothing else.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markdown_it.rules_block.table import escapedSplit

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

_PARTING = re.compile(r"\|?(?:[ \t]*:?(?:-+|=+):?[ \t]*\|)*[ \t]*:?(?:-+|=+):?[ \t]*\|?")


def use_tables(md: MarkdownIt) -> None:
    """Add the rules of this module; a table with a head is found before one without."""
    md.block.ruler.after("table", "bare_table", _bare)
    md.core.ruler.after("block", "parted_rows", _part)


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].rstrip()


def _is_row(state: StateBlock, line: int) -> bool:
    text = _line(state, line)
    return len(text) > 2 and text[0] == text[-1] == "|" and state.sCount[line] >= state.blkIndent


def _bare(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - as markdown-it calls
    if state.is_code_block(start) or start + 1 >= end or not (_is_row(state, start) and _is_row(state, start + 1)):
        return False
    if _PARTING.fullmatch(_line(state, start + 1)) and not _PARTING.fullmatch(_line(state, start)):
        return False  # a head whose columns are not those of its line, as GFM has it
    if silent:
        return True
    last = start
    opening = state.push("table_open", "table", 1)
    state.push("tbody_open", "tbody", 1)
    while last < end and _is_row(state, last):
        text = _line(state, last)
        if not _PARTING.fullmatch(text):
            state.push("tr_open", "tr", 1)
            for cell in escapedSplit(text[1:-1]):
                state.push("td_open", "td", 1)
                token = state.push("inline", "", 0)
                token.content, token.children, token.map = cell.strip(), [], [last, last + 1]
                state.push("td_close", "td", -1)
            state.push("tr_close", "tr", -1)
        last += 1
    state.push("tbody_close", "tbody", -1)
    state.push("table_close", "table", -1)
    opening.map = [start, last]
    state.line = last
    return True


def _part(state: StateCore) -> None:
    """Leave out the rows of a table that only part others: `|---|---|`, and `|===|` before its foot."""
    tokens: list[Token] = []
    for token in state.tokens:
        tokens.append(token)
        if token.type == "tr_close":
            start = len(tokens) - 1
            while tokens[start].type != "tr_open":
                start -= 1
            cells = [cell.content for cell in tokens[start:] if cell.type == "inline" and cell.content]
            heads = any(cell.type == "th_open" for cell in tokens[start:])
            if not heads and len(cells) > 0 and all(re.fullmatch(r":?-{2,}:?|={2,}", cell) for cell in cells):
                del tokens[start:]
    state.tokens = tokens
