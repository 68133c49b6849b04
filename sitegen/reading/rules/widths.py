"""What the columns of a table hold -> the classes by which a style sheet gives them room: `long-3`, `short-1`.

A browser shrinks the columns of a wide table until each is as wide as its longest word: a remark becomes a ribbon beside
numbers that are broken in two. Only a table in which a column is long has such classes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sitegen.later import later
from sitegen.reading.rules.emphasis import CJK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

LONG = 36  # signs of a cell that is read as a sentence
SHORT = 12  # signs, at most, of each cell of a column that is not broken
MOST_COLUMNS = 12  # that the style sheet knows
_FORMULA = re.compile(r"\$[^$]+\$|\\\(.*?\\\)|`\{python\}[^`]*`|\{eval\}`[^`]*`")  # or the value of one
_ADDRESS = re.compile(r"\]\([^()\s]*\)|<[^<>]*>|[*`\[\]]")
_WIDE = later(CJK)


def use_widths(md: MarkdownIt) -> None:
    """Add the rule of this module: rows are known, their text is not read yet."""
    md.core.ruler.after("parted_rows", "widths", _widths)


def _widths(state: StateCore) -> None:
    for index, token in enumerate(state.tokens):
        if token.type == "table_open":
            token.meta["columns"] = _classes(_columns(state.tokens, index + 1))


def _columns(tokens: Sequence[Token], index: int) -> list[list[str]]:
    """Return the texts of a table by column; none where a cell spans others or is more than a line of text."""
    columns: list[list[str]] = []
    place = 0
    while tokens[index].type != "table_close":
        token = tokens[index]
        if token.type == "tr_open":
            place = 0
        elif token.type in {"th_open", "td_open"}:
            if (
                "colspan" in token.attrs
                or "rowspan" in token.attrs
                or tokens[index + 2].type not in {"th_close", "td_close"}
            ):
                return []
            if place == len(columns):
                columns.append([])
            columns[place].append(tokens[index + 1].content)
            place += 1
        index += 1
    return columns


def _classes(columns: Sequence[Sequence[str]]) -> str:
    counted = list(enumerate(columns[:MOST_COLUMNS], 1))
    long = [f"long-{place}" for place, cells in counted if max(map(_signs, cells)) > LONG]
    if not long:
        return ""
    short = [
        f"short-{place}"
        for place, cells in counted
        if not any(map(_FORMULA.search, cells)) and max(map(_signs, cells)) <= SHORT
    ]
    return " ".join((*long, *short))


def _signs(text: str) -> int:
    """Return how many signs a cell shows, those that are twice as wide as others counted twice; a formula is a few."""
    text = _ADDRESS.sub("", _FORMULA.sub("formula", text))
    return len(text) + (0 if text.isascii() else len(_WIDE.findall(text)))
