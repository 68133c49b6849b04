r"""Markdown rules for inline values: `` `{python} x` `` (Quarto) and `` {eval}`x` `` (MyST) become `value` tokens."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sitegen.reading.mathspan import INLINE_VALUE

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline

_MYST = re.compile(r"\{eval\}(`+)(.+?)(?<!`)\1(?!`)", re.DOTALL)


def use_values(md: MarkdownIt) -> None:
    """Add the rule of this module; it comes before that of code spans."""
    md.inline.ruler.before("escape", "value", _value)


def _value(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it calls it so
    pattern = {"`": INLINE_VALUE, "{": _MYST}.get(state.src[state.pos])
    match = pattern.match(state.src, state.pos, state.posMax) if pattern else None
    if not match:
        return False
    if not silent:
        token = state.push("value", "", 0)
        token.content = match[2].strip()
        token.markup = match[0]
    state.pos = match.end()
    return True
