"""Smart punctuation without surprises: dashes and dots; `(c)` and `+-` stay what they are, since proofs have a case (c).

markdown-it takes a quotation mark between two letters for an apostrophe; beside a script without blanks, `'단어'는`, it is none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markdown_it.rules_core import smartquotes

from sitegen.later import later
from sitegen.reading.rules.emphasis import CJK

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

MOST_QUOTES = 500  # in one paragraph, item or cell: to pair more takes time that grows with the square of their number
_RARE = re.compile(r"--|\.\.\.")
_REPLACEMENTS = (
    (re.compile(r"(?<!\.)\.\.\.(?!\.)"), "…"),
    (re.compile(r"(?<!-)---(?![->])"), "—"),
    (re.compile(r"(?<=[^-<\s])--(?=[^->\s])|(?<=\s)--(?=\s|$)|^--(?=\s|$)"), "\N{EN DASH}"),
)
_BESIDE_CJK = later(rf"(?:{CJK})['\"]|['\"](?:{CJK})")
_QUOTED = later(r"(?<![A-Za-z0-9'\"])(['\"])(?=[^\s'\"])((?:(?!\1).)*)(?<=\S)\1(?![A-Za-z0-9'\"])", re.DOTALL)
_CURLED = {"'": ("\u2018", "\u2019"), '"': ("\u201c", "\u201d")}


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
    if not state.src.isascii() and _BESIDE_CJK.search(state.src):
        for block in state.tokens:
            if block.type == "inline" and _BESIDE_CJK.search(block.content):
                _quote_beside_cjk(block.children or [])
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


def _quote_beside_cjk(inline: list[Token]) -> None:
    """Curl pairs of marks, before markdown-it does; what is no text counts as one sign, emphasis as none."""
    texts: list[tuple[int, Token]] = []
    whole = ""
    for token in inline:
        if token.type == "text":
            texts.append((len(whole), token))
            whole += token.content
        elif token.nesting == 0:
            whole += "\n" if token.type.endswith("break") else "\0"
    curled = _QUOTED.sub(_curl, whole)
    for start, token in texts:
        token.content = curled[start : start + len(token.content)]


def _curl(match: re.Match[str]) -> str:
    first, last = _CURLED[match[1]]
    return f"{first}{_QUOTED.sub(_curl, match[2])}{last}"
