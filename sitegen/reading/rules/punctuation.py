"""Smart punctuation without surprises: dashes and dots; `(c)` and `+-` stay what they are, since proofs have a case (c)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markdown_it.rules_core import smartquotes

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore

MOST_QUOTES = 500  # in one paragraph, item or cell: to pair more takes time that grows with the square of their number
_RARE = re.compile(r"--|\.\.\.")
_REPLACEMENTS = (
    (re.compile(r"(?<!\.)\.\.\.(?!\.)"), "…"),
    (re.compile(r"(?<!-)---(?![->])"), "—"),
    (re.compile(r"(?<=[^-\s])--(?=[^->\s])|(?<=\s)--(?=\s|$)|^--(?=\s|$)"), "\N{EN DASH}"),
)


def use_punctuation(md: MarkdownIt) -> None:
    """Put the rules of this module in the place of markdown-it's."""
    md.core.ruler.at("replacements", _replace)
    md.core.ruler.at("smartquotes", _quotes)


def _replace(state: StateCore) -> None:
    for block in state.tokens:
        if block.type != "inline" or not _RARE.search(block.content):
            continue
        is_address = False
        for token in block.children or ():
            is_address ^= token.type in {"link_open", "link_close"} and token.info == "auto"
            if token.type == "text" and not is_address:
                for pattern, sign in _REPLACEMENTS:
                    token.content = pattern.sub(sign, token.content)


def _quotes(state: StateCore) -> None:
    """Curl quotation marks; a text with so many of them that it is no prose keeps them straight."""
    if state.src.count("'") + state.src.count('"') <= MOST_QUOTES:
        smartquotes(state)
        return
    every = state.tokens
    state.tokens = [
        block
        for block in every
        if block.type == "inline" and block.content.count("'") + block.content.count('"') <= MOST_QUOTES
    ]
    smartquotes(state)
    state.tokens = every
