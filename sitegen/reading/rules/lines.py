"""Markdown rule for Pandoc's line blocks: lines that begin with `| ` keep their ends and their leading blanks.

Two lines at least, and none has another `|` outside of a formula, so that no table can be meant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitegen.later import later
from sitegen.reading.block_lines import line_text, push_paragraph

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock

_LINE = later(r"\|(?:[ ](?P<indent>[ ]*)(?:[^ |][^|]*)?|)")
_PARTING = later(r"[ \t:=-]*")
_FORMULA = later(r"\$[^$]+\$|`[^`]+`")
_BLANK = "\N{NO-BREAK SPACE}"


def use_lines(md: MarkdownIt) -> None:
    """Add the rule of this module; what can be a table is one."""
    md.block.ruler.after("bare_table", "lines", _lines)


def _lines(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - as markdown-it calls
    if silent or state.is_code_block(start):
        return False
    lines: list[str] = []
    last = start
    marked = 0
    while last < end and not state.isEmpty(last) and state.sCount[last] >= state.blkIndent:
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
