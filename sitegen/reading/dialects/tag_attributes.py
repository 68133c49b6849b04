"""Attribute lists that belong to raw HTML: what kramdown gives to a tag is written into it."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from markdown_it.token import Token

from sitegen.later import later
from sitegen.reading.attributes import LIST, Attributes, attach, read_attributes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sitegen.errors import Location, SiteError

_NAMED = later(r"\s*<(?P<end>/?)(?P<name>[a-zA-Z][\w-]*)")
_CLASS = later(r"""\sclass\s*=\s*(?:"[^"]*|'[^']*)""", re.IGNORECASE)
_FARTHEST = 100  # pieces of a text in which the beginning of an element is looked for
_OF_LINES = later(
    r"\s*<(?:a|abbr|b|big|code|em|font|i|img|kbd|mark|picture|s|small|span|strong|sub|sup|u)(?![\w-])", re.IGNORECASE
)
"""Elements that kramdown takes for text: alone in a block they are a paragraph, and the list is that paragraph's."""


def list_below(html: str) -> tuple[str, Attributes, str] | None:
    """Return (the HTML, what the list says, its text) of a block of HTML whose last line is a list."""
    above, _, last = html.rstrip().rpartition("\n")
    match = LIST.fullmatch(last.strip()) if above and last.lstrip().startswith("{:") else None
    given = read_attributes(match["inner"]) if match and match["colon"] == ":" else None
    return (above, given, last.strip()) if given else None


def opens(html: str) -> bool:
    """Whether a piece of HTML begins with the beginning of an element."""
    named = _NAMED.match(html)
    return bool(named and not named["end"])


def is_text(html: str) -> bool:
    """Whether a block of HTML begins with an element that stands in lines of text."""
    return bool(_OF_LINES.match(html))


def last_written(tokens: Sequence[Token]) -> int:
    """Return where the last of some tokens stands that is no blanks, -1 where all are."""
    index = len(tokens) - 1
    while index >= 0 and tokens[index].type == "text" and not tokens[index].content.strip():
        index -= 1
    return index


def opening_before(tokens: Sequence[Token]) -> Token | None:
    """Return the token of the tag that begins the element which ends the tokens, blanks apart."""
    index = last_written(tokens)
    named = _NAMED.match(tokens[index].content) if index >= 0 and tokens[index].type.startswith("html") else None
    if not named or not named["end"]:
        return tokens[index] if named else None
    depth = 0
    for place in range(index, max(index - _FARTHEST, -1), -1):
        other = _NAMED.match(tokens[place].content) if tokens[place].type.startswith("html") else None
        if other and other["name"].lower() == named["name"].lower():
            depth += -1 if other["end"] else 1
            if depth == 0:
                return tokens[place]
    return None


def write_into_tag(token: Token, given: Attributes, location: Location, errors: list[SiteError]) -> None:
    """Write what a list says into the first tag of a token of HTML."""
    said = Token("html", "", 0)
    attach(said, given, location, errors)
    for name, value in said.attrs.items():
        html, old = token.content, _CLASS.search(token.content) if name == "class" else None
        named = _NAMED.match(html)
        if old and old.end() < html.find(">"):
            token.content = f"{html[: old.end()]} {escape(str(value))}{html[old.end() :]}"
        elif named:
            token.content = f'{html[: named.end()]} {name}="{escape(str(value))}"{html[named.end() :]}'
