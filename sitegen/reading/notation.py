"""The box that lists the symbols that a post explains: where `::: {.notation}` stands, else first in the text."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from sitegen.reading.block_lines import ENDS_ALL, line_text, push_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock

    from sitegen.reading.context import Reading
    from sitegen.reading.symbols import Symbol

BOX = "\0notation\0"  # stands in rendered text where the box belongs; NUL cannot come from an author

_PLACE = re.compile(r"(:{3,})[ \t]*\{[ \t]*\.notation[ \t]*\}[ \t]*")


def use_notation(md: MarkdownIt) -> None:
    """Add the rule that finds the place of the box."""
    md.block.ruler.before("fence", "notation", _place, ENDS_ALL)


def _place(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - markdown-it calls it so
    def text(line: int) -> str:
        return line_text(state, line).strip()

    opening = _PLACE.fullmatch(text(start))
    last = start + 1
    while opening and last < end and not text(last):
        last += 1
    if not opening or last >= end or text(last) != opening[1]:
        return False  # a box of that class with an author's own text in it is theirs
    if not silent:
        push_lines(state, "markup", BOX, start, last + 1)
    return True


def with_box(html: str, reading: Reading) -> str:
    """Put the box into a rendered body: what the post explains, and what it uses of the blog's symbols."""
    for symbol in reading.symbols:
        if symbol.own and symbol.tex not in reading.symbols_used:
            message = f"the symbol `{symbol.tex}` stands in no formula of this post"
            reading.refuse(message, symbol.location, "is it misspelt? else leave it out")
    box = _box([symbol for symbol in reading.symbols if symbol.tex in reading.symbols_used], reading)
    before, place, after = html.partition(BOX)
    return before + box + after.replace(BOX, "") if place else box + html


def _box(symbols: Sequence[Symbol], reading: Reading) -> str:
    if not symbols:
        return ""
    title = escape(reading.words_of_page["notation"])
    reading.symbols = ()  # here the meaning stands beside the symbol
    rows = []
    for symbol in symbols:
        reading.block = (max(symbol.location.line - 1, 0), max(symbol.location.line, 1))
        formula = reading.formula(symbol.tex, display=False, location=symbol.location)
        rows.append(f"<div><dt>{formula}</dt><dd>{reading.render_inline(symbol.meaning, reading)}</dd></div>\n")
    return f'<aside class="notation" aria-label="{title}">\n<p>{title}</p>\n<dl>\n{"".join(rows)}</dl>\n</aside>\n'
