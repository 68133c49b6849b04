"""Markdown rules for lists that were pasted from other programs: lines that begin with `•`, `◦`, `▪`, `‣` or `·` and a blank.

Lines that begin with other signs, such as `✔`, `👉`, `①` or `→`, stay lines.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from markdown_it.rules_block.list import list_block

from sitegen.later import later
from sitegen.reading.block_lines import line_start

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_core import StateCore

SIGNS = "•◦▪‣·\uf0b7"  # the last is Word's
_MARK = re.compile(rf"[{SIGNS}][ \t\xa0](?=[ \t\xa0]*[^\s{SIGNS}])")
_FENCES = ("```", "~~~")
_SIGN = later(
    "(?:[\u2190-\u21ff\u2460-\u24ff\u25a0-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]\ufe0f?|[0-9]\ufe0f?\u20e3)[ \t\xa0]"
)
"""Arrows, circled letters, shapes, dingbats, emoji, keys."""
MOST = 500  # lists of a post: for each the whole source is written anew


def use_bullets(md: MarkdownIt) -> None:
    """Add the rule of this module."""
    md.block.ruler.before("list", "bullets", _bullets, {"alt": ["paragraph", "reference", "blockquote"]})
    md.core.ruler.after("inline", "lines_with_signs", _keep_lines)


def _bullets(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - as markdown-it calls
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
    """End the line before one that begins with a sign, where a paragraph has two of them: one alone may be a word of it."""
    for token in state.tokens:
        if token.type != "inline" or not token.children or "\n" not in token.content:
            continue
        if len([1 for line in token.content.split("\n") if _SIGN.match(line)]) < 2:
            continue
        for end, after in pairwise(token.children):
            if end.type == "softbreak" and after.type == "text" and _SIGN.match(after.content):
                end.type, end.tag = "hardbreak", "br"
