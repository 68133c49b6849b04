"""A line inside a formula that began in the paragraph before it begins no list, heading, quote or rule.

`we get $$` / `- b` / `$$` is one paragraph with a display formula, as kramdown reads it. Every block rule that may end a
paragraph is asked only on lines that stand outside of formulas.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sitegen.reading.block_lines import line_text
from sitegen.reading.mathspan import BEGIN, find_math

if TYPE_CHECKING:
    from collections.abc import Callable

    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock

    from sitegen.reading.context import Reading

    BlockRule = Callable[[StateBlock, int, int, bool], bool]


_DISPLAY = re.compile(r"\$\$|\\\\?\[|" + BEGIN.pattern)
MOST_LINES = 60  # of a paragraph that are searched; the longest formula in a paragraph of real blogs has under 30


def use_open_formulas(md: MarkdownIt) -> None:
    """Wrap the block rules that can end a paragraph, ours included."""
    for rule in md.block.ruler.__rules__:
        if rule.name == "lheading":
            md.block.ruler.at(rule.name, _unless_split(rule.fn), {"alt": rule.alt})
        elif "paragraph" in rule.alt:
            md.block.ruler.at(rule.name, _unless_open(rule.fn), {"alt": rule.alt})


def goes_on(state: StateBlock, start: int, opening: str) -> bool:
    """Whether the lines below close it that go on with a quote or an item without its marks: then it is read as text."""
    line, last = start, start
    while last < min(len(state.eMarks) - 1, start + MOST_LINES) and not state.isEmpty(last):
        last += 1
    text = state.src[state.bMarks[line] : state.eMarks[max(last - 1, line)]]
    if opening == "$$":
        return text.count("$$") > 1
    return opening.startswith("\\begin") and text.count(opening.replace("begin", "end")) >= text.count(opening)


def _unless_open(rule: BlockRule) -> BlockRule:
    def guarded(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        if silent and state.parentType == "paragraph" and _is_open(state, start):
            return False
        if silent and state.parentType == "blockquote" and _is_open_above(state, start):
            return False
        return rule(state, start, end, silent)

    return guarded


def _unless_split(rule: BlockRule) -> BlockRule:
    """Wrap the rule of underlined headings, which asks nobody: take its heading back when it splits a formula."""

    def guarded(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        count, line, level = len(state.tokens), state.line, state.level
        if not rule(state, start, end, silent):
            return False
        after, state.line = state.line, line
        if not silent and _is_open(state, after - 1):
            del state.tokens[count:]
            state.level = level
            return False
        state.line = after
        return True

    return guarded


def _is_open_above(state: StateBlock, line: int) -> bool:
    """Whether a display that the lines above it began is open at a line without the mark of its quote."""
    count = 0
    for above in range(line - 1, max(line - 1 - MOST_LINES, -1), -1):
        if state.isEmpty(above):
            break
        count += state.src.count("$$", state.bMarks[above], state.eMarks[above])
    return count % 2 == 1


def _is_open(state: StateBlock, line: int) -> bool:
    """Whether a formula of the paragraph that begins at `state.line` reaches over the beginning of `line`."""
    reading: Reading = state.env["reading"]
    if reading.dollars == "off" or line <= state.line:
        return False
    key = (state.line, state.blkIndent, len(state.src))
    cached = state.env.get("open_formulas")
    if cached is None or cached[0] != key:
        cached = state.env["open_formulas"] = (key, _lines_inside(state, reading))
    inside: set[int] = cached[1]
    return line in inside


def _lines_inside(state: StateBlock, reading: Reading) -> set[int]:
    """Return the lines at whose beginning a formula is open, from `state.line` to the next blank line."""
    starts: list[int] = []
    texts: list[str] = []
    position = 0
    until = ""  # the end of a display that began on a line less indented than its item
    for line in range(state.line, min(state.lineMax, state.line + MOST_LINES)):
        text = line_text(state, line)
        is_lazy = line > state.line and 0 <= state.sCount[line] < state.blkIndent  # below 0: goes on with a quote
        opening = _DISPLAY.match(text) if is_lazy and not until else None
        if state.isEmpty(line) or (is_lazy and not until and not opening):
            break
        if opening:
            until = f"\\end{{{opening[1]}}}" if opening[1] else "\\]" if opening[0].endswith("[") else "$$"
            text_after = text[opening.end() :]
        else:
            text_after = text
        if until and until in text_after:
            until = ""
        starts.append(position)
        texts.append(text)
        position += len(text) + 1
    whole = "\n".join(texts)
    inside: set[int] = set()
    if "$" in whole or "\\" in whole:
        for span in find_math(whole, reading.dollars):
            inside.update(state.line + n for n, start in enumerate(starts) if span.start < start < span.end)
    return inside
