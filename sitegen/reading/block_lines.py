"""What rules of blocks ask of the lines of markdown-it's state, and how they write text that is read as Markdown later."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.ruler import RuleOptionsType
    from markdown_it.rules_block import StateBlock
    from markdown_it.token import Token

ENDS_PARAGRAPHS: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote"]}
"""Of a rule whose block ends the paragraph above it, also one that goes on with a quote without its mark."""
ENDS_ALL: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
"""Of a rule whose block ends a list, too."""


def line_start(state: StateBlock, line: int) -> int:
    """Return where the text of a line begins, behind marks of quotes and items and its indentation."""
    return state.bMarks[line] + state.tShift[line]


def line_text(state: StateBlock, line: int) -> str:
    """Return the text of a line, behind marks of quotes and items and its indentation."""
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def continues(state: StateBlock, line: int, end: int) -> bool:
    """Whether a line before `end` continues the lines above it: it is not blank, and no item or quote ends there."""
    return line < end and not state.isEmpty(line) and state.sCount[line] >= state.blkIndent


def push_lines(state: StateBlock, kind: str, content: str, first: int, end: int, *, tag: str = "") -> Token:
    """Add a block that is one token and stands in the lines from `first` to before `end`; what is below it is read next."""
    token = state.push(kind, tag, 0)
    token.content, token.map = content, [first, end]
    state.line = end
    return token


def push_text(state: StateBlock, text: str, first: int, end: int) -> None:
    """Add text that is Markdown and stands in the lines from `first` to before `end`."""
    token = state.push("inline", "", 0)
    token.content, token.map, token.children = text, [first, end], []


def push_paragraph(state: StateBlock, text: str, first: int, end: int) -> Token:
    """Add a paragraph of such text; return the token that opens it."""
    opening = state.push("paragraph_open", "p", 1)
    opening.map = [first, end]
    push_text(state, text, first, end)
    state.push("paragraph_close", "p", -1)
    return opening


def is_paragraph(tokens: Sequence[Token]) -> bool:
    """Whether some tokens are one paragraph, and nothing else."""
    return [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
