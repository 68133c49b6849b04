r"""Markdown rules for inline values: `` `{python} x` `` (Quarto) and `` {eval}`x` `` (MyST) become `value` tokens, as does `` {glue}`x` ``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitegen.later import later
from sitegen.reading.dialects.glue import glued
from sitegen.reading.endings import endings

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline

_OPENING = later(r"(?P<ticks>`+)\{python\}\s+|\{(?:eval|(?P<glue>glue(?::(?:text)?)?))\}(?P<eval>`+)")


def use_values(md: MarkdownIt) -> None:
    """Add the rule of this module; it comes before that of code spans."""
    md.inline.ruler.before("escape", "value", _value)


def _value(state: StateInline, silent: bool) -> bool:
    match = _OPENING.match(state.src, state.pos, state.posMax)
    if not match:
        return False
    ticks = match["ticks"] or match["eval"]
    end = endings(state.src).after_code(match.start("ticks" if match["ticks"] else "eval"))
    if end <= match.end() or end > state.posMax or not state.src[match.end() : end - len(ticks)]:
        return False
    if not silent:
        token = state.push("value", "", 0)
        written = state.src[match.end() : end - len(ticks)].strip()
        token.content = glued(written) if match["glue"] else written
        token.meta["last"] = match["glue"] is not None
        token.markup = state.src[match.start() : end]
    state.pos = end
    return True
