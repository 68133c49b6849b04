"""Markdown rules that give spans their attribute lists, and what they stand in, in kramdown's and in Pandoc's places.

A list in text belongs to the span before it, at the end of a heading to the heading, at the beginning of an item to it;
one in braces alone at the end of other text to its item, cell or paragraph, as markdown-it-attrs has it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sitegen.later import later
from sitegen.reading.attributes import (
    LONGEST,
    WRAPPED,
    Attributes,
    attach,
    belongs_to_nothing,
    read_attributes,
    resolved,
)
from sitegen.reading.boxes.containers import start_of
from sitegen.reading.boxes.layouts import is_shown
from sitegen.reading.dialects.tag_attributes import last_written, opening_before, write_into_tag
from sitegen.reading.rules.marks import push_element

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

    from sitegen.reading.context import Reading

_SPANS = {"link_close", "em_close", "strong_close", "s_close", "span_close", "mark_close", "sub_close", "sup_close"}
_WHOLE = {"image", "code_inline", "formula"}
_UNREAD = later(r"\{(?P<colon>:)[^{}\n]+\}")
_FORMAT = re.compile(r"\{=([a-z][\w-]*)\}")
_TO_END = re.compile(r"\s*\Z")


def use_span_attributes(md: MarkdownIt) -> None:
    """Add the rules of this module."""
    md.inline.ruler.after("link", "span", _span)
    md.inline.ruler.push("attributes", _inline)
    md.core.ruler.after("inline", "inline_attributes", _give_to_spans)


def _span(state: StateInline, silent: bool) -> bool:
    """Read Pandoc's `[text]{.class}`; its list is read by the rule of lists."""
    if state.src[state.pos] != "[":
        return False
    end = state.md.helpers.parseLinkLabel(state, state.pos)
    if end < 0 or state.src[end + 1 : end + 2] != "{":
        return False
    match = WRAPPED.match(state.src, end + 1, min(state.posMax, end + LONGEST))
    if not match or match["colon"] or not match["inner"].strip() or read_attributes(match["inner"]) is None:
        return False
    if not silent:
        push_element(state, "span", (state.pos + 1, end))
    state.pos = end + 1
    return True


def _inline(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "{":
        return False
    if state.src.startswith("{=", state.pos):
        return _raw_format(state, silent=silent)
    match = WRAPPED.match(state.src, state.pos, min(state.posMax, state.pos + LONGEST))
    given = read_attributes(match["inner"]) if match else None
    touches = bool(state.tokens) and state.tokens[-1].type in _SPANS | _WHOLE and not state.pending
    if given is None and touches:  # kramdown takes no notice of what it cannot read there
        match, given = _UNREAD.match(state.src, state.pos, min(state.posMax, state.pos + LONGEST)), Attributes()
    if match is None or given is None:
        return False
    ends = bool(_TO_END.match(state.src, match.end(), state.posMax))
    if not match["colon"]:  # Pandoc's: directly after a span that takes one, or at the end of a heading
        says = given.id or given.classes or given.pairs or given.names == ["-"]
        if not says or (given.names and given.names != ["-"]) or not (touches or ends):
            return False
    if not silent:
        token = state.push("attributes", "", 0)
        token.content = match[0]
        token.meta = {"given": given, "kramdown": bool(match["colon"]), "touches": touches}
    state.pos = match.end()
    return True


def _raw_format(state: StateInline, *, silent: bool) -> bool:
    """Read Pandoc's `` `<b>`{=html} ``: a span for one format, which is HTML here or nothing."""
    match = _FORMAT.match(state.src, state.pos, state.posMax)
    if not match or silent or not state.tokens or state.tokens[-1].type != "code_inline" or state.pending:
        return False
    state.tokens[-1].type = "html_inline" if match[1].startswith("html") else "text"
    if state.tokens[-1].type == "text":
        state.tokens[-1].content = ""
    state.pos = match.end()
    return True


def _give_to_spans(state: StateCore) -> None:
    """Give each list in text to the span before it, or to the heading or item that it stands in."""
    reading: Reading = state.env["reading"]
    spans = [child for block in state.tokens for child in block.children or ()]
    for image in spans:
        if image.type == "image" and any(child.type == "attributes" for child in image.children or ()):
            image.children = _given_within(image.children or (), reading)
    if not any(child.type == "attributes" for child in spans):
        return
    for index, block in enumerate(state.tokens):
        if block.type != "inline" or not any(child.type == "attributes" for child in block.children or ()):
            continue
        line = block.map[0] if block.map else reading.block[0]
        kept: list[Token] = []
        for child in block.children or ():
            line += child.type in {"softbreak", "hardbreak"}
            if child.type != "attributes":
                kept.append(child)
                continue
            given: Attributes = child.meta["given"]
            place = reading.place(line, child.content)
            line += child.content.count("\n")
            # Pandoc's list touches its span, or is the heading's.
            near = child.meta["kramdown"] or child.meta["touches"]
            owner = _span_before(kept) if kept and near else None if kept else _item_around(state.tokens, index)
            if owner is None and (not near or state.tokens[index - 1].type == "heading_open"):
                owner = _item_around(state.tokens, index) or state.tokens[index - 1]
            html = opening_before(kept) if owner is None and child.meta["kramdown"] else None
            if owner is not None or html is not None:
                given.names = [name for name in given.names if name != "-"]
                defined = state.env.get("attribute_lists", {})
                given = resolved(given, defined, place, reading.errors)
                if owner is not None:
                    attach(owner, given, place, reading.errors)
                elif html is not None:
                    write_into_tag(html, given, place, reading.errors)
            elif child.meta["kramdown"] or given.id or given.classes:
                reading.errors.append(belongs_to_nothing(place, child.content))
            else:
                child.type = "text"
                kept.append(child)
        if kept and kept[0].type == "text":  # the blanks that parted a list from the text
            kept[0].content = kept[0].content.lstrip()
        if kept and kept[-1].type == "text":
            kept[-1].content = kept[-1].content.rstrip()
        block.children = _of_this_format(kept)


def _given_within(children: Sequence[Token], reading: Reading) -> list[Token]:
    """Give the lists in the text of an image, which may be its caption, to the spans there; Pandoc's `[]{#fig:x}` is the image's own."""
    kept: list[Token] = []
    for child in children:
        owner = _span_before(kept) if child.type == "attributes" and kept else None
        if child.type != "attributes":
            kept.append(child)
        elif [each.type for each in kept[-2:]] == ["span_open", "span_close"]:
            del kept[-2:]
        elif owner is not None:
            attach(owner, child.meta["given"], reading.place(reading.block[0], child.content), reading.errors)
    return kept


def _of_this_format(children: list[Token]) -> list[Token]:
    """Return text without the spans that Quarto shows in other formats only."""
    kept: list[Token] = []
    depth = 0  # within a span that is not shown
    for child in children:
        classes = str(child.attrs.get("class", "")).split() if child.type == "span_open" else []
        if depth or ({"content-visible", "content-hidden"} & set(classes) and not is_shown(classes, child.attrs)):
            depth += child.nesting
        else:
            kept.append(child)
    return kept


def _span_before(children: Sequence[Token]) -> Token | None:
    """Return the token that opens the span which ends the children, blanks apart."""
    index = last_written(children)
    if index < 0:
        return None
    last = children[index]
    if last.type in _WHOLE:
        return last
    if last.type not in _SPANS:
        return None
    opening = start_of(children, index)
    return children[opening] if opening >= 0 else None


def _item_around(tokens: Sequence[Token], index: int) -> Token | None:
    """Return the list item whose text begins here."""
    if (
        index >= 2
        and tokens[index - 1].type == "paragraph_open"
        and tokens[index - 2].type in {"list_item_open", "dd_open"}
    ):
        return tokens[index - 2]
    return None
