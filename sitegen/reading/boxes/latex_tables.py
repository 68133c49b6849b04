r"""LaTeX's tables among Markdown: `\begin{tabular}`, by itself or in a `table` with its caption and label, -> a grid of cells.

What stands above the first line between rows is the head. A cell holds Markdown, and LaTeX's commands of text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sitegen.later import later
from sitegen.reading.block_lines import line_start
from sitegen.reading.boxes.environments import last_line, take_caption
from sitegen.reading.rules.grid_tables import Grid, GridCell
from sitegen.tex import group_end, option_end

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock

_BEGIN = later(r"\\begin\{((?:long)?table\*?|tabular[*xy]?)\}")
_TABULAR = later(r"\\begin\{(tabular[*xy]?|longtable)\}(?P<inner>(?s:.*?))\\end\{\1\}")
_COMMENT = later(r"(?<!\\)%[^\n]*")
_RULE = later(
    r"\s*(?:\\(?:hline|toprule|midrule|bottomrule|endhead|addlinespace)(?![a-zA-Z])|\\c(?:line|midrule)(?:\([^()]*\))?\{[^{}]*\}"
    r"|\\(?:rowcolor|noalign|specialrule)\{[^{}]*\})(?:\[[^\]\n]*\])?"
)
_PART = later(r"\\\\\*?(?:\[[^\]\n]*\])?|\\tabularnewline|(?<!\\)\$[^$]*\$|\\(?:begin|end)(?=\{)|\\.|[&{}]", re.DOTALL)
_COLUMN = later(r"[@!<>]\{(?:[^{}]|\{[^{}]*\})*\}|\*\{(\d+)\}\{([^{}]*)\}|([lcrpmbXLCRSJ])")
_ALIGNS = {"c": "center", "C": "center", "r": "right", "R": "right", "S": "right", "l": "left"}
_SPAN = later(
    r"\\multi(column|row)\{(\d+)\}\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}(?:\[[^\]]*\])?(?=\{)|\\multi(row)\{(\d+)\}\*(?=\{)"
)
_AROUND = later(r"\\(?:makecell|thead|shortstack|rotatebox\{[^{}]*\})(?:\[[^\]]*\])?(?=\{)")
_FONT = later(r"\{\\(bf|bfseries|it|itshape|em|tt)\b[ \t]*([^{}]*)\}")
_FONTS = {"bf": "textbf", "bfseries": "textbf", "tt": "texttt"}
_FURNITURE = later(
    r"\\(?:captionsetup|resizebox|scalebox|setlength|addtolength|renewcommand)\*?(?:\{[^{}]*\}){1,2}|\\[a-zA-Z]+\*?(?:\[[^\]\n]*\])?|\[[\w!]+\]|[{}\s%]"
)


def read_table(state: StateBlock, start: int, end: int) -> tuple[Grid, str, int] | None:
    """Return (cells, the caption as Markdown has it, last line) of the table that begins on a line."""
    match = _BEGIN.match(state.src, line_start(state, start), state.eMarks[start])
    last = last_line(state, start, end, match[1]) if match else None
    if match is None or last is None:
        return None
    content = state.getLines(start, last + 1, state.blkIndent, keepLastLF=False)
    content = _COMMENT.sub("", content)
    tables = list(_TABULAR.finditer(content))
    if len(tables) != 1 or "\\endfirsthead" in content:
        return None
    table = tables[0]
    outside = f"{content[: table.start()]}{content[table.end() :]}"
    if match[1].startswith("table") and not match[1].startswith("tabular"):
        outside = outside.replace(f"\\begin{{{match[1]}}}", "").replace(f"\\end{{{match[1]}}}", "")
    inner = table["inner"]
    caption, outside = _captioned(outside)
    if not caption:
        caption, inner = _captioned(inner)
    if _FURNITURE.sub("", outside).strip():
        return None  # more than a table: nothing of it may be lost
    grid = _read(inner, table[1], content.count("\n", 0, table.start("inner")))
    return (grid, caption, last) if grid else None


def _captioned(text: str) -> tuple[str, str]:
    """Return (Markdown's caption of a table, "" for none, and the text without it)."""
    caption, label, rest = take_caption(text)
    name = f" {{#{label}}}" if label else ""
    return (f": {caption}{name}" if caption or name else ""), rest


def _read(inner: str, name: str, line: int) -> Grid | None:
    position = option_end(inner, 0) or 0
    if name in {"tabular*", "tabularx", "tabulary"}:
        position = group_end(inner, position) or position
    stop = group_end(inner, position)
    if stop is None:
        return None
    aligns = _aligns(inner[position + 1 : stop - 1])
    rows, head = _rows(inner, stop)
    cells: list[GridCell] = []
    taken: set[tuple[int, int]] = set()
    for number, row in enumerate(rows):
        column = 0
        for begin, text in row:
            cell = _cell(text, number, column, line + inner.count("\n", 0, begin))
            column += cell.columns
            if (number, cell.column) in taken:
                continue  # what a cell above spans
            cells.append(replace(cell, rows=min(cell.rows, len(rows) - number)))
            taken |= {(number + below, cell.column) for below in range(1, cell.rows)}
        aligns += [""] * (column - len(aligns))
    return Grid(tuple(cells), tuple(aligns), head, len(rows)) if cells else None


def _aligns(columns: str) -> list[str]:
    found: list[str] = []
    for match in _COLUMN.finditer(columns):
        if match[1]:
            found += _aligns(match[2]) * min(int(match[1]), 50)
        elif match[3]:
            found.append(_ALIGNS.get(match[3], ""))
    return found


def _rows(inner: str, position: int) -> tuple[list[list[tuple[int, str]]], int]:
    """Return the rows as (where, text) of their cells, and how many are the head."""
    rows: list[list[tuple[int, str]]] = []
    row: list[tuple[int, str]] = []
    head = depth = 0
    begin = position
    while True:
        if not row and not inner[begin:position].strip() and (rule := _RULE.match(inner, position)):
            head = head or len(rows)
            begin = position = rule.end()
            continue
        part = _PART.search(inner, position)
        position = part.end() if part else len(inner)
        if part and part[0] in {"{", "}", "\\begin", "\\end"}:
            depth += 1 if part[0] in {"{", "\\begin"} else -1
        elif not part or (depth == 0 and (part[0] == "&" or part[0].startswith(("\\\\", "\\tabularnewline")))):
            row.append((begin, inner[begin : part.start() if part else position]))
            begin = position
            if not part or part[0] != "&":
                rows += [row] if len(row) > 1 or row[0][1].strip() else []
                row = []
            if not part:
                return rows, head if head < len(rows) else 0


def _cell(text: str, row: int, column: int, line: int) -> GridCell:
    line += text[: len(text) - len(text.lstrip())].count("\n")
    rows = columns = 1
    text = text.strip()
    while span := _SPAN.match(text):
        stop = group_end(text, span.end())
        if stop is None:
            break
        if span[1] == "column":
            columns = int(span[2])
        else:
            rows = int(span[2] or span[4])
        text = f"{text[span.end() + 1 : stop - 1]}{text[stop:]}".strip()
    text = _FONT.sub(lambda font: f"\\{_FONTS.get(font[1], 'emph')}{{{font[2]}}}", text)
    around = _AROUND.match(text)
    if group_end(text, around.end() if around else 0) == len(text):
        text = text[around.end() if around else 0 :][1:-1].replace("\\\\", " ")
    return GridCell(row, column, max(rows, 1), max(columns, 1), line, (" ".join(text.split()),))
