"""Blocks that hold blocks, as they are found: the tokens that a rule writes for them, and what their first line says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markdown_it.token import Token
from msgspec import Struct, field

from sitegen.later import later
from sitegen.reading.attributes import LIST, LONGEST, Attributes, read_attributes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.rules_block import StateBlock

_DIRECTIVE = re.compile(r"\{([A-Za-z][\w:-]*)\}[ \t]*(.*)")
_CALLED = {"tabbed": "tab"}  # by Sphinx' older panels
_LIST_AT_END = later(rf"{LIST.pattern}\Z")
_LIST_BEHIND = later(rf"(?:[ \t]+|(?<=\S)(?=\{{#)){LIST.pattern}\Z")
_QUOTED = later(r'"([^"]*)"')
_PAIRS = later(r'(?:[A-Za-z][\w-]*="[^"]*"[ \t]*)+')
_NAMED = later(r"([A-Za-z][\w-]*)(?:[ \t]*\[([^\]]*)\])?[ \t]*(\{[^{}]*\})?(.*)")


class Container(Struct):
    """What the first line of a container says.

    name: the word that names it, "" when it has only attributes. title: the rest of the line. fold: whether it can be
    folded, and is. given: its id, classes and pairs, MyST's options among them. line: from 0. parts: the labels of the
    parts of the figure of which this is one.
    """

    name: str
    title: str = ""
    fold: bool | None = None
    given: Attributes = field(default_factory=Attributes)
    line: int = 0
    text: str = ""
    parts: list[str] | None = None


def read_info(info: str) -> Container | None:
    """Read what follows the colons; None when it is no way to open a container.

    Pandoc's `{.note}`, MyST's `{note} Title`, Docusaurus' `note[Title]{key="x"}`, VitePress' `note Title`, also in quotes and with a list at its end.
    """
    info = info.strip().rstrip(":").rstrip()
    directive = _DIRECTIVE.fullmatch(info)
    if directive:
        return Container(_CALLED.get(directive[1], directive[1]), directive[2].strip())
    attributes = LIST.fullmatch(info)
    if attributes:
        given = read_attributes(attributes["inner"])
        return None if given is None or given.names else Container("", given=given)
    named = _NAMED.fullmatch(info)
    if not named:
        return None
    given = read_attributes(named[3][1:-1]) if named[3] else Attributes()
    title = (named[2] or named[4]).strip()
    behind = _LIST_BEHIND.search(title, max(len(title) - LONGEST, 0)) if title.endswith("}") else None
    said = read_attributes(behind["inner"]) if behind else None
    if given is not None and behind and said and not said.names:
        given.add(said)
        title = title[: behind.start()]
    quoted = _QUOTED.fullmatch(title)
    title = quoted[1] if quoted else title
    if given is not None and _PAIRS.fullmatch(title) and (said := read_attributes(title)):  # VuePress' themes'
        given.add(said)
        title = given.pairs.get("title", "")
    return None if given is None else Container(named[1], title, given=given)


def opening(container: Container, line: int) -> Token:
    """Return the token that begins a container."""
    container.line = line
    return Token("container_open", "", 1, meta={"container": container}, block=True, map=[line, line + 1])


def closing() -> Token:
    """Return the token that ends a container."""
    return Token("container_close", "", -1, block=True)


def hold(state: StateBlock, container: Container, start: int, first: int, last: int) -> None:
    """Write the tokens of a container that begins on line `start` and holds the lines from `first` to before `last`."""
    state.tokens.append(opening(container, start))
    state.tokens[-1].level = state.level
    kind, most, state.parentType = state.parentType, state.lineMax, "container"
    state.lineMax = last
    state.level += 1
    state.md.block.tokenize(state, first, last)
    state.level -= 1
    state.parentType, state.lineMax = kind, most
    state.tokens.append(closing())
    state.tokens[-1].level = state.level


def markup(html: str) -> Token:
    """Return a token of finished HTML."""
    return Token("markup", "", 0, content=html, block=True)


def inline(text: str, line: int) -> Token:
    """Return a token of text that is Markdown."""
    return Token("inline", "", 0, content=text, children=[], block=True, map=[line, line + 1], level=9)


def title_of(heading: Token) -> tuple[str, Attributes]:
    """Return the text of a heading that becomes a title, and the attribute list at its end."""
    text = heading.content.rstrip()
    match = _LIST_AT_END.search(text, max(len(text) - LONGEST, 0)) if text.endswith("}") else None
    given = read_attributes(match["inner"]) if match else None
    return (text[: match.start()].rstrip(), given) if match and given else (text, Attributes())


def end_of(tokens: Sequence[Token], start: int) -> int:
    """Return where the token is that closes the one at `start`."""
    depth = 0
    for index in range(start, len(tokens)):
        depth += tokens[index].nesting
        if depth == 0:
            return index
    return len(tokens) - 1


def start_of(tokens: Sequence[Token], end: int) -> int:
    """Return where what ends at `end` begins, -1 where that is before the tokens."""
    depth = 0
    for index in range(end, -1, -1):
        depth += tokens[index].nesting
        if depth >= 0:
            return index
    return -1


def blocks_of(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """Yield the outermost blocks of some tokens."""
    start = 0
    while start < len(tokens):
        end = end_of(tokens, start) if tokens[start].nesting > 0 else start
        yield list(tokens[start : end + 1])
        start = end + 1
