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
    from collections.abc import Sequence

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
_ENGLISH = "\u201c\u201d\u2018\u2019"
_LOW = "\u201e\u201c\u201a\u2018"
_ANGLES = "\u00ab\u00bb\u201e\u201c"
_QUOTES: dict[str, Sequence[str]] = {
    **dict.fromkeys(("de", "cs", "sk", "sl"), _LOW),
    "de-ch": "\u00ab\u00bb\u2039\u203a",
    "fr": ("\u00ab\u00a0", "\u00a0\u00bb", "\u2039\u00a0", "\u00a0\u203a"),
    "fr-ch": "\u00ab\u00bb\u2039\u203a",
    "pl": "\u201e\u201d\u201a\u2019",
    **dict.fromkeys(("ru", "uk", "be"), _ANGLES),
    **dict.fromkeys(("sv", "fi"), "\u201d\u201d\u2019\u2019"),
}
"""By language: the marks that open and close a quotation, and one within it."""


def quotes_of(lang: str) -> Sequence[str]:
    """Return the marks that open and close a quotation in a language, and one within it; English ones where it has none here."""
    lang = lang.lower().replace("_", "-")
    return _QUOTES.get(lang) or _QUOTES.get(lang.partition("-")[0], _ENGLISH)


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
    state.md.options["quotes"] = state.env["reading"].quotes
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
