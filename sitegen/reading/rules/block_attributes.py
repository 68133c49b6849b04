"""Markdown rules that give blocks their attribute lists, in kramdown's and in Pandoc's places.

A list on a line of its own belongs to the block that ends on the line before, else to the one that begins on the next
(without a colon always to the one before).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markdown_it.token import Token

from sitegen.reading.attributes import (
    CONTENTS,
    LIST,
    LONGEST,
    Attributes,
    attach,
    belongs_to_nothing,
    read_attributes,
    resolved,
)
from sitegen.reading.block_lines import ENDS_ALL, line_text, push_lines
from sitegen.reading.boxes.containers import start_of
from sitegen.reading.boxes.theorems import STATEMENTS
from sitegen.reading.dialects.tag_attributes import is_text, list_below, opening_before, opens, write_into_tag

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_core import StateCore

    from sitegen.errors import Location
    from sitegen.reading.context import Reading

# Python-Markdown's, which needs no colon: on its own line, a class or an id first.
_CLASSES = re.compile(r"\{[ \t]*[.#][^{}]*\}$")


def use_block_attributes(md: MarkdownIt) -> None:
    """Add the rules of this module; before those of formulas, so that a line of attributes can end a paragraph."""
    md.block.ruler.before("fence", "attributes", _block, ENDS_ALL)
    md.core.ruler.after("block", "block_attributes", _give_to_blocks)


def _block(state: StateBlock, start: int, _end: int, silent: bool) -> bool:
    line = line_text(state, start).rstrip()
    pandoc = bool(_CLASSES.match(line))
    if not (pandoc or line.startswith("{:")) or len(line) > LONGEST or state.is_code_block(start):
        return False
    match = LIST.fullmatch(line)
    given = read_attributes(match["inner"]) if match else None
    if match is None or given is None:
        return False
    if silent:
        return True
    name = (match["colon"] or "")[1:-1]
    follows = start > 0 and (pandoc or not state.isEmpty(start - 1))
    push_lines(state, "attributes", line, start, start + 1).meta = {"given": given, "name": name, "follows": follows}
    return True


def _give_to_blocks(state: StateCore) -> None:
    """Give each list on a line of its own to the block before or after it."""
    reading: Reading = state.env["reading"]
    if any(token.type == "html_block" and "{:" in token.content for token in state.tokens):
        state.tokens = [part for token in state.tokens for part in _without_list(token, reading)]
    if not any(token.type == "attributes" for token in state.tokens):
        return
    defined = state.env["attribute_lists"] = _definitions(state)
    tokens: list[Token] = []
    waiting: list[tuple[Token, Attributes]] = []
    emptied = False  # whether what folded the contents list is gone
    touches = False  # whether the block that ended last is on the line before
    for token in state.tokens:
        if token.type != "attributes":
            if waiting and token.nesting >= 0:
                for asked, given in waiting:
                    _attach(token, given, _place(reading, asked), reading)
                waiting = []
            touches = True
            if not (emptied and token.type == "html_block" and token.content.strip() == "</details>"):
                tokens.append(token)
            emptied = False
            continue
        if token.meta["name"]:
            continue
        given = resolved(token.meta["given"], defined, _place(reading, token), reading.errors)
        follows = token.meta["follows"] and touches and not waiting
        owner = _block_before(tokens, token.level) if follows else None
        if owner is not None and tokens[owner].type == "html_block" and opens(tokens[owner].content):
            owner = None  # `<div markdown="1">` only begins: the list is that of the block below
        if CONTENTS & set(given.names):
            emptied |= owner is not None and _leave_out_contents(tokens, owner)
        elif owner is not None:
            owner = _whole_paragraph(tokens, owner) if STATEMENTS.intersection(given.classes) else owner
            html = opening_before(tokens) if tokens[owner].type == "html_block" else None
            _attach(html or tokens[owner], given, _place(reading, token), reading)
        else:
            waiting.append((token, given))
    for asked, _ in waiting:
        reading.errors.append(belongs_to_nothing(_place(reading, asked), asked.content))
    state.tokens = tokens


def _leave_out_contents(tokens: list[Token], owner: int) -> bool:
    """Drop a list of contents, as the theme shows those of every post; return whether what folded it goes too."""
    del tokens[owner + (tokens[owner].type == "list_item_open") :]
    folded = [part.content.lstrip()[:8] for part in tokens[-2:] if part.type == "html_block"]
    is_folded = folded == ["<details", "<summary"]  # which Just the Docs puts around them
    if is_folded:
        del tokens[-2:]
    return is_folded


def _definitions(state: StateCore) -> Mapping[str, Attributes]:
    """Return the lists that have names: `{:name: .a}`."""
    found: dict[str, Attributes] = {}
    for token in state.tokens:
        if token.type == "attributes" and token.meta["name"]:
            found.setdefault(token.meta["name"], Attributes()).add(token.meta["given"])
    return found


def _block_before(tokens: Sequence[Token], level: int) -> int | None:
    """Return where the block begins that ends the tokens, when it is at this level."""
    index = len(tokens) - 1
    if index < 0 or tokens[index].nesting > 0 or tokens[index].level != level:
        return None
    index = start_of(tokens, index)
    if tokens[index].hidden and index and tokens[index - 1].type == "list_item_open":
        return index - 1  # the paragraph of a tight list makes no element
    return index


def _whole_paragraph(tokens: list[Token], last: int) -> int:
    """Put a quote around a paragraph that formulas part into several blocks, and return where it begins.

    kramdown's goes on past them, so that `{: .theorem}` below it is said of the whole. last: where the last block begins.
    """
    start, level = last, tokens[last].level
    while (before := _block_before(tokens[:start], level)) is not None and _goes_on(tokens[before], tokens[start]):
        start = before
    if start < last:
        opening = Token("blockquote_open", "blockquote", 1, map=tokens[start].map, level=level, block=True)
        tokens.insert(start, opening)
        tokens.append(Token("blockquote_close", "blockquote", -1, level=level, block=True))
    return start


def _goes_on(before: Token, after: Token) -> bool:
    """Whether a formula and text, or two formulas, stand on lines that follow each other."""
    types = {before.type, after.type}
    follows = before.map and after.map and before.map[1] == after.map[0]
    return bool(follows) and "formula_block" in types and types <= {"formula_block", "paragraph_open"}


def _attach(token: Token, given: Attributes, location: Location, reading: Reading) -> None:
    if token.type == "html_block":
        write_into_tag(token, given, location, reading.errors)
    else:
        attach(token, given, location, reading.errors)


def _without_list(token: Token, reading: Reading) -> list[Token]:
    """Return a block of HTML whose last line may be a list, which no blank line parts from it, with what the list says."""
    found = list_below(token.content) if token.type == "html_block" and "{:" in token.content else None
    if not found:
        return [token]
    token.content, given, text = found
    place = reading.place(token.map[1] - 1 if token.map else 0, text)
    if not is_text(token.content):
        token.content += "\n"
        write_into_tag(token, given, place, reading.errors)
        return [token]
    opening = Token("paragraph_open", "p", 1, block=True, level=token.level, map=token.map)
    inline = Token("inline", "", 0, block=True, level=token.level + 1, map=token.map, children=[])
    inline.content = token.content.strip()
    attach(opening, given, place, reading.errors)
    return [opening, inline, Token("paragraph_close", "p", -1, block=True, level=token.level)]


def _place(reading: Reading, token: Token) -> Location:
    return reading.place(token.map[0] if token.map else reading.block[0], token.content)
