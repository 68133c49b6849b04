"""Smart punctuation without surprises: dashes and dots; `(c)` and `+-` stay what they are, since proofs have a case (c)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore

_RARE = re.compile(r"--|\.\.\.")
_REPLACEMENTS = (
    (re.compile(r"(?<!\.)\.\.\.(?!\.)"), "…"),
    (re.compile(r"(?<!-)---(?![->])"), "—"),
    (re.compile(r"(?<=[^-\s])--(?=[^->\s])|(?<=\s)--(?=\s|$)|^--(?=\s|$)"), "\N{EN DASH}"),
)


def use_punctuation(md: MarkdownIt) -> None:
    """Put the rule of this module in the place of markdown-it's."""
    md.core.ruler.at("replacements", _replace)


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
