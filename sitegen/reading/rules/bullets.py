"""Markdown rules for lists that were pasted: lines of `•`, `◦`, `▪`, `‣` or `·` and a blank, or of `-` and one that never breaks.

Lines that begin with other signs, such as `✔`, `👉`, `①` or `→`, stay lines, as do those that begin with numbers that make no list,
`[1]` or `1.` without a blank, with what each of them tells of, `Input: x`, `**Pros**: y`, and with the indentation of a paragraph.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from markdown_it.rules_block.list import list_block

from sitegen.later import later
from sitegen.reading.block_lines import ENDS_PARAGRAPHS, line_start

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

SIGNS = "•◦▪‣·\uf0b7"  # the last is Word's
_MARK = re.compile(rf"(?:[{SIGNS}][ \t\xa0]|[-+][\xa0\u3000])(?=[ \t\xa0]*[^\s{SIGNS}])")
_FENCES = ("```", "~~~")
_NUMERALS = "一二三四五六七八九十"
_BEGINNING = later(
    rf"""
    (?P<indent>[\u2003\u3000]|&emsp;|(?:\xa0|&nbsp;){{2}})
    | (?P<sign>(?:[\u2190-\u21ff\u2460-\u24ff\u25a0-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]\ufe0f?|[0-9]\ufe0f?\u20e3)[ \t\xa0])
    | (?P<number>[\[(\uff08\u3010]?(?P<count>[0-9]{{1,3}}|[{_NUMERALS}])(?:[\])\uff09\u3011\uff0e\u3001]|\.(?![ \t\n]))(?![0-9]))
    | (?P<strong>\*\*[^*\n]{{1,40}}(?:[:\uff1a]\*\*|\*\*[ ]?[:\uff1a]))
    | (?P<label>(?:[\w()/-]{{1,20}}[ ]){{0,3}}[\w()/-]{{1,20}}[ ]?(?::[ ]|\uff1a)|[0-9]+(?:\.[0-9]+)+\.?[ ])
    """,
    re.VERBOSE,
)
"""The indentation of a paragraph of Chinese; arrows, shapes, emoji, keys; a number of an item that makes no list; what a line tells of."""
_WRAPPED = later(r".{50,}[^\s.!?:;。！？：；)\]」』”’\"']\Z", re.DOTALL)  # noqa: RUF001 - punctuation of Chinese and Japanese too, at the end of a line of prose that does not go on
MOST = 500  # lists of a post: for each the whole source is written anew


def use_bullets(md: MarkdownIt) -> None:
    """Add the rule of this module."""
    md.block.ruler.before("list", "bullets", _bullets, ENDS_PARAGRAPHS)
    md.core.ruler.after("inline", "lines_with_signs", _keep_lines)


def _bullets(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    first = line_start(state, start)
    if not _MARK.match(state.src, first, state.eMarks[start]) or state.is_code_block(start):
        return False
    if state.env.get("bullets", 0) == MOST:
        return False
    if silent:
        return state.src[first] != "·"  # which may stand between two words, where a paragraph is broken
    state.env["bullets"] = state.env.get("bullets", 0) + 1
    _write_dashes(state, start, end)
    return list_block(state, start, end, silent)


def _write_dashes(state: StateBlock, line: int, end: int) -> None:
    """Let the lines of a list begin with dashes, up to what is none of its. Note: changes the source, sign by sign."""
    begin = state.bMarks[line]
    marks: list[int] = []
    was_empty = False
    while line < end:
        first = line_start(state, line)
        is_item = bool(_MARK.match(state.src, first, state.eMarks[line]))
        ends = was_empty and not is_item and state.sCount[line] <= state.blkIndent
        if ends or state.src.startswith(_FENCES, first):
            break
        was_empty = state.isEmpty(line)
        marks += [first] if is_item else []
        line += 1
    source = list(state.src[begin : state.eMarks[line - 1]])
    for mark in marks:
        source[mark - begin : mark - begin + 2] = "- "
    state.src = f"{state.src[:begin]}{''.join(source)}{state.src[begin + len(source) :]}"


def _keep_lines(state: StateCore) -> None:
    """End the line before those that begin as items do, where a paragraph has two of them: one alone may be a word of it."""
    for token in state.tokens:
        if token.type != "inline" or not token.children or "\n" not in token.content:
            continue
        if not any(_BEGINNING.match(line.lstrip(" \t")) for line in token.content.split("\n")):
            continue
        for end in _ends(token.children):
            if end.type == "softbreak":
                end.type, end.tag = "hardbreak", "br"


def _ends(inline: Sequence[Token]) -> list[Token]:
    """Return the ends of lines before items: with a sign, the next number, a label in bold, or as every line does, with one."""
    lines: list[tuple[Token | None, str]] = [(None, "")]
    for token in inline:
        if token.type in {"softbreak", "hardbreak"}:
            lines.append((token, ""))
        elif not token.nesting or token.tag == "strong":
            shown = "**" if token.nesting else token.content if token.type in {"text", "text_special"} else "\0"
            lines[-1] = (lines[-1][0], lines[-1][1] + shown)
    items = [(end, match) for end, line in lines if (match := _BEGINNING.match(line))]
    kinds = Counter(match.lastgroup for _, match in items)
    counts = [_count(match["count"]) for _, match in items if match["count"]]
    kept = {"indent", *(kind for kind in ("sign", "strong") if kinds[kind] > 1)}
    if counts[1:] and all(after == before + 1 for before, after in pairwise(counts)):
        kept.add("number")
    told = kinds["strong"] + kinds["label"] == len(lines)
    if told and not any(_WRAPPED.match(line) for _, line in lines[:-1]):
        kept |= {"strong", "label"}
    return [end for end, match in items if end and match.lastgroup in kept]


def _count(number: str) -> int:
    return int(number) if number.isdecimal() else _NUMERALS.index(number) + 1
