r"""Markdown rules for lines: Pandoc's line blocks, kramdown's `^` that ends a block, its `\\` that breaks a line, its `##Heading`.

In line blocks, lines that begin with `| ` keep their ends and their leading blanks: two lines at least, and none has
another `|` outside of a formula, so that no table can be meant.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from sitegen.later import later
from sitegen.reading.block_lines import ENDS_ALL, ENDS_PARAGRAPHS, continues, line_text, push_paragraph, push_text

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_core import StateCore
    from markdown_it.rules_inline import StateInline

_LINE = later(r"\|(?:[ ](?P<indent>[ ]*)(?:[^ |][^|]*)?|)")
_PARTING = later(r"[ \t:=-]*")
_FORMULA = later(r"\$[^$]+\$|`[^`]+`")
_BROKEN = later(r"\\\\[ \t]*\n[ \t]*")
_BLANK = "\N{NO-BREAK SPACE}"
_CLOSE_HEADING = later(
    r"(#{1,6})([\xa0\u3000]*)((?!_)[\w*`$\[(<\u201c\u300a-\u3010\uff08].*?)[ \t]*(?:(?<=[ \t])#+|#{2,})?[ \t]*"
)
_CLOSE_BELOW = later(r"^#{2,6}(?![_\d])\w", re.MULTILINE)


def use_lines(md: MarkdownIt) -> None:
    """Add the rules of this module; what can be a table is one."""
    md.block.ruler.after("bare_table", "lines", _lines)
    md.block.ruler.before("fence", "block_end", _block_end, ENDS_ALL)
    md.block.ruler.before("heading", "close_heading", _close_heading, ENDS_PARAGRAPHS)
    md.inline.ruler.before("escape", "broken_line", _broken_line)
    md.core.ruler.before("inline", "broken_before_formula", _broken_before_formula)


def _block_end(state: StateBlock, start: int, _end: int, silent: bool) -> bool:
    """Leave out a line that is nothing but `^`, by which kramdown parts two lists."""
    if line_text(state, start).rstrip() != "^" or state.is_code_block(start):
        return False
    if not silent:
        state.line = start + 1
    return True


def _close_heading(state: StateBlock, start: int, _end: int, silent: bool) -> bool:
    """Read `##Heading`, and `#Heading` where the text has others of the kind: by itself it may be a tag.

    A blank of another kind, which keyboards for French and Japanese write, may stand between.
    """
    match = _CLOSE_HEADING.fullmatch(line_text(state, start))
    if not match or state.is_code_block(start):
        return False
    if len(match[1]) == 1 and not match[2]:
        if "close_headings" not in state.env:
            state.env["close_headings"] = bool(_CLOSE_BELOW.search(state.src))
        if not state.env["close_headings"] or match[3][0].isdecimal() or " #" in match[3]:
            return False
    if silent:
        return True
    tag = f"h{len(match[1])}"
    opening = state.push("heading_open", tag, 1)
    opening.markup, opening.map = match[1], [start, start + 1]
    push_text(state, match[3], start, start + 1)
    state.push("heading_close", tag, -1).markup = match[1]
    state.line = start + 1
    return True


def _broken_line(state: StateInline, silent: bool) -> bool:
    """Break a line that ends with two backslashes, as kramdown and LaTeX do."""
    match = _BROKEN.match(state.src, state.pos, state.posMax)
    if not match:
        return False
    if not silent:
        state.push("hardbreak", "br", 0)
    state.pos = match.end()
    return True


def _broken_before_formula(state: StateCore) -> None:
    """Leave out the backslashes that break a line above a formula, which ends the paragraph anyway."""
    if "\\\n" not in state.src:
        return
    for before, after in pairwise(token for token in state.tokens if token.type != "paragraph_close"):
        if after.type == "formula_block" and before.type == "inline" and before.content.endswith("\\"):
            before.content = before.content.rstrip("\\")


def _lines(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if silent or state.is_code_block(start):
        return False
    lines: list[str] = []
    last = start
    marked = 0
    while continues(state, last, end):
        text = line_text(state, last).rstrip()
        match = _LINE.fullmatch(_FORMULA.sub(lambda found: "x" * len(found[0]), text))
        if match:
            indent = len(match["indent"] or "")
            shown = text[2 + indent :]
            if shown and _PARTING.fullmatch(shown):
                return False
            lines.append(_BLANK * indent + shown if shown else _BLANK)
            marked += 1
        elif lines and not text.startswith("|") and state.sCount[last] > state.blkIndent:
            lines.append(f"{lines.pop()} {text}")  # it goes on
        else:
            return False
        last += 1
    if marked < 2:
        return False
    push_paragraph(state, "  \n".join(lines), start, last).attrs["class"] = "line-block"
    state.line = last
    return True
