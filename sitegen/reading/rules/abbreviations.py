"""Markdown rules for `*[HTML]: Hypertext Markup Language`: each HTML in the text says what it stands for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markdown_it.token import Token

from sitegen.later import later
from sitegen.reading.block_lines import line_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_core import StateCore

_DEFINITION = later(r"\*\[([^\]\n]+)\]:[ \t]*(\S.*?)[ \t]*")


def use_abbreviations(md: MarkdownIt) -> None:
    """Add the rules of this module; the text is searched when it has its final form."""
    md.block.ruler.before("list", "abbreviation", _definition, {"alt": ["paragraph", "reference"]})
    md.core.ruler.push("abbreviations", _abbreviate)


def _definition(state: StateBlock, start: int, _end: int, silent: bool) -> bool:
    if state.is_code_block(start):
        return False
    match = _DEFINITION.fullmatch(line_text(state, start))
    if not match:
        return False
    if not silent:
        state.env.setdefault("abbreviations", {})[match[1]] = match[2]
        state.line = start + 1
    return True


def _abbreviate(state: StateCore) -> None:
    known: Mapping[str, str] = state.env.get("abbreviations", {})
    if not known:
        return
    longest_first = sorted(known, key=len, reverse=True)
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")
    for block in state.tokens:
        if block.type == "inline" and block.children and pattern.search(block.content):
            block.children = [part for child in block.children for part in _parts(child, pattern, known)]


def _parts(token: Token, pattern: re.Pattern[str], known: Mapping[str, str]) -> Iterator[Token]:
    """Return a token, or the texts and abbreviations that it holds."""
    if token.type != "text":
        yield token
        return
    position = 0
    for match in pattern.finditer(token.content):
        yield Token("text", "", 0, content=token.content[position : match.start()])
        yield Token("abbr_open", "abbr", 1, attrs={"title": known[match[0]]})
        yield Token("text", "", 0, content=match[0])
        yield Token("abbr_close", "abbr", -1)
        position = match.end()
    yield Token("text", "", 0, content=token.content[position:])
