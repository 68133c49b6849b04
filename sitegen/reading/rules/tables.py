"""Markdown rules for tables of kramdown's: rows without a head, lines that part rows, and `|` in code.

Every line of a table without a head begins and ends with `|`, so that it can be nothing else, or three and more lines have
as many `|` as each other, none of which stands between brackets as in P(A|B). GFM splits cells at `|` in
code and drops what is too much; where a row has as many cells as the table only if it is not split there, it is not.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markdown_it.rules_block.table import escapedSplit

from sitegen.later import later
from sitegen.reading.block_lines import line_text, push_text

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

MASK = "\0"  # one character for one "|", so that columns stay; NUL cannot come from an author
_CODE = re.compile(r"(?<![\\`])(`+)(?!`)[^\n]*?(?<!`)\1(?!`)")
_UNESCAPED = re.compile(r"(?<!\\)\|")
_PARTS = re.compile(r"(?m)^[ \t>]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
_NO_ROW = re.compile(r"[-*+>#][ \t]|\d{1,9}[.)][ \t]|[<{\[:=~`|]|!\[")
# P(A|B), {x | x > 0}, [[post|text]], a || b, |x|
_NO_EDGE = later(r"[(\[{][^()\[\]{}]*\|[^()\[\]{}]*[)\]}]|\|\||(?:^|[\s(=])\|[^\s|]+\|(?=[\s,.=)]|$)")
_CAPTION = re.compile(r"(?:Table)?:[ \t]+\S")
_FEWEST_ROWS = 3
_JOINED = later(r"^[ \t>]*\|[-=:|+ \t]*(?:\+|-[ \t]+:|:[ \t]+-)[-=:|+ \t]*$", re.MULTILINE)
_APART = re.compile(r"(?<=-)[ \t]+(?=:)|(?<=:)[ \t]+(?=-)")
_SHORT = re.compile(r"\|[ \t]*-+[ \t]*\|?")
_PARTING = later(r"\|?(?:[ \t]*:?(?:-+|=+):?[ \t]*\|)*[ \t]*:?(?:-+|=+):?[ \t]*\|?")


def use_tables(md: MarkdownIt) -> None:
    """Add the rules of this module; a table with a head is found before one without."""
    md.block.ruler.before("table", "borders", _borders)
    md.block.ruler.after("table", "bare_table", _bare)
    md.block.ruler.before("paragraph", "loose_table", _loose)
    md.block.ruler.before("table", "table_caption", _caption_below, {"alt": ["blockquote"]})
    md.core.ruler.after("block", "parted_rows", _part)
    md.core.ruler.after("normalize", "mask_code", _mask_code)


def _mask_code(state: StateCore) -> None:
    """Hide `|` in code of a row that would have too many cells; tables stand between lines that are empty."""
    if "`" not in state.src or "|" not in state.src or not _PARTS.search(state.src):
        return
    lines = state.src.split("\n")
    columns = 0
    for number, line in enumerate(lines):
        if "|" in line and _PARTS.match(line):
            columns = _count(line)
            rows = [number - 1] if number else []
        else:
            columns = columns if line.strip("> \t") else 0
            rows = [number]
        for row in rows:
            text = lines[row]
            if columns and "`" in text and "|" in text and _count(text) > columns:
                masked = _CODE.sub(lambda code: _UNESCAPED.sub(MASK, code[0]), text)
                lines[row] = masked if _count(masked) == columns else text
    state.src = "\n".join(lines)


def _count(line: str) -> int:
    cells = escapedSplit(line.strip("> \t"))
    return len(cells) - (cells[0] == "") - (len(cells) > 1 and cells[-1] == "")


def _line(state: StateBlock, line: int) -> str:
    return line_text(state, line).rstrip()


def _caption_below(state: StateBlock, start: int, _end: int, silent: bool) -> bool:
    """End a table above the line of its caption: `: Caption`, which Pandoc wants no blank line before, is no row."""
    return silent and state.parentType == "table" and bool(_CAPTION.match(_line(state, start)))


def _is_row(state: StateBlock, line: int) -> bool:
    text = _line(state, line)
    return (
        len(text) > 2
        and text[0] == "|"
        and (text[-1] == "|" or bool(_JOINED.fullmatch(text)))
        and state.sCount[line] >= state.blkIndent
    )


def _borders(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read lines between rows that are joined, `|---+---|`, apart, `|--- :|`, or short, `|---`, as any others, and leave out one above the head."""
    if silent or state.is_code_block(start) or not _line(state, start).startswith("|"):
        return False
    last = start
    while last < end and _is_row(state, last):
        last += 1
    begin, stop = state.bMarks[start], state.eMarks[max(last - 1, start)]
    rows = _JOINED.sub(
        lambda line: _APART.sub(lambda gap: "-" * len(gap[0]), line[0].replace("+", "|")), state.src[begin:stop]
    )
    if rows != state.src[begin:stop]:
        state.src = state.src[:begin] + rows + state.src[stop:]
    head, below, first = (_line(state, line) if line < end else "" for line in range(start, start + 3))
    if _SHORT.fullmatch(below) and first.startswith("|") and _count(first) == _count(head) > 1:
        state.bMarks[start + 1] = len(state.src) + 1  # as many columns as the head has, as kramdown reads it
        state.src += "\n" + "|-" * _count(head)
        state.eMarks[start + 1], state.tShift[start + 1] = len(state.src), 0
    parting = [line.startswith("|") and bool(_PARTING.fullmatch(line)) for line in (head, below, first)]
    if not below.startswith("|") or parting != [True, False, True]:
        return False
    state.line = start + 1
    return True


def _bare(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if state.is_code_block(start) or start + 1 >= end or not (_is_row(state, start) and _is_row(state, start + 1)):
        return False
    if _PARTING.fullmatch(_line(state, start + 1)) and not _PARTING.fullmatch(_line(state, start)):
        return False  # a head whose columns are not those of its line, as GFM has it
    if silent:
        return True
    last = start
    while last < end and _is_row(state, last):
        last += 1
    _push_rows(state, start, [_line(state, line)[1:-1] for line in range(start, last)])
    return True


def _loose(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    rows: list[str] = []
    count = 0
    while start + len(rows) < end and not state.isEmpty(start + len(rows)):
        text = _line(state, start + len(rows))
        count = count or len(_UNESCAPED.findall(text))
        if not count or len(_UNESCAPED.findall(_CODE.sub("", text))) != count or _NO_EDGE.search(text):
            return False
        if _NO_ROW.match(text) and not (rows and text[0] == "|"):
            return False
        rows.append(text)
    if len(rows) < _FEWEST_ROWS or silent:
        return len(rows) >= _FEWEST_ROWS
    if all(row.endswith("|") for row in rows):
        rows = [row.removesuffix("|") for row in rows]
    _push_rows(state, start, rows)
    return True


def _push_rows(state: StateBlock, start: int, rows: list[str]) -> None:
    """Write a table without a head, of rows whose edges are gone."""
    opening = state.push("table_open", "table", 1)
    state.push("tbody_open", "tbody", 1)
    for line, text in enumerate(rows, start):
        if _PARTING.fullmatch(text.strip()):
            continue
        state.push("tr_open", "tr", 1)
        for cell in escapedSplit(text):
            state.push("td_open", "td", 1)
            push_text(state, cell.strip(), line, line + 1)
            state.push("td_close", "td", -1)
        state.push("tr_close", "tr", -1)
    state.push("tbody_close", "tbody", -1)
    state.push("table_close", "table", -1)
    opening.map = [start, start + len(rows)]
    state.line = start + len(rows)


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
