"""Markdown rule for what stands in braces in text: an editor's marks (CriticMarkup), and how signs are read, `{漢字|かんじ}`."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from sitegen.later import later
from sitegen.reading.rules.marks import push_element

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline

_EDITED = later(
    r"""\{(?: \+\+(?P<ins>(?:(?!\{\+\+).)+?)\+\+
    | --(?P<del>(?:(?!\{--).)+?)--
    | ==(?P<mark>(?:(?!\{==).)+?)==
    | ~~(?P<old>(?:(?!\{~~).)+?)~>(?P<new>(?:(?!\{~~).)+?)~~
    | >>(?P<small>(?:(?!\{>>).)+?)<<)\}""",
    re.VERBOSE | re.DOTALL,
)
_READ = later(r"\{([\u3400-\u9fff々〆ヵヶ]{1,16})\|([^{}|\n]{1,40})\}")
_ELEMENTS = {"old": "del", "new": "ins"}


def use_braced(md: MarkdownIt) -> None:
    """Add the rule of this module."""
    md.inline.ruler.before("marks", "braced", _braced)


def _braced(state: StateInline, silent: bool) -> bool:
    edited = _EDITED.match(state.src, state.pos, state.posMax)
    read = None if edited else _READ.match(state.src, state.pos, state.posMax)
    match = edited or read
    if not match:
        return False
    if not silent and read:
        ruby = f"<ruby>{read[1]}<rp>(</rp><rt>{escape(read[2])}</rt><rp>)</rp></ruby>"
        state.push("html_inline", "", 0).content = ruby
    elif not silent:
        for name, text in match.groupdict().items():
            if text is not None:
                push_element(state, _ELEMENTS.get(name, name), match.span(name))
    state.pos = match.end()
    return True
