"""Markdown rules that give blocks and spans their attribute lists, in kramdown's and in Pandoc's places.

A list on a line of its own belongs to the block that ends on the line before, else to the one that begins on the next
(without a colon always to the one before);
a list in text to the span before it; a list at the end of a heading to the heading, at the beginning of an item to it;
one in braces alone at the end of other text to its item, cell or paragraph, as markdown-it-attrs has it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markdown_it.token import Token

from sitegen.errors import SiteError
from sitegen.later import later
from sitegen.reading.attributes import LIST, LONGEST, WRAPPED, Attributes, attach, read_attributes
from sitegen.reading.block_lines import line_text
from sitegen.reading.boxes.layouts import is_shown
from sitegen.reading.boxes.theorems import STATEMENTS
from sitegen.reading.dialects.tag_attributes import (
    is_text,
    last_written,
    list_below,
    opening_before,
    opens,
    write_into_tag,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_core import StateCore
    from markdown_it.rules_inline import StateInline

    from sitegen.errors import Location
    from sitegen.reading.context import Reading

_SPANS = {"link_close", "em_close", "strong_close", "s_close", "span_close", "mark_close", "sub_close", "sup_close"}
_WHOLE = {"image", "code_inline", "formula"}
_CONTENTS = {"toc", "TOC", "footnotes"}  # footnotes stand at the end of every page
# Python-Markdown's, which needs no colon: on its own line, a class or an id first.
_CLASSES = re.compile(r"\{[ \t]*[.#][^{}]*\}$")
_UNREAD = later(r"\{(?P<colon>:)[^{}\n]+\}")
_FORMAT = re.compile(r"\{=([a-z][\w-]*)\}")
_TO_END = re.compile(r"\s*\Z")


def use_attributes(md: MarkdownIt) -> None:
    """Add the rules of this module; before those of formulas, so that a line of attributes can end a paragraph."""
    md.block.ruler.before("fence", "attributes", _block, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    md.core.ruler.after("block", "block_attributes", _give_to_blocks)
    md.inline.ruler.after("link", "span", _span)
    md.inline.ruler.push("attributes", _inline)
    md.core.ruler.after("inline", "inline_attributes", _give_to_spans)


def _block(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - as markdown-it calls
    del end
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
    token = state.push("attributes", "", 0)
    name = (match["colon"] or "")[1:-1]
    token.meta = {"given": given, "name": name, "follows": start > 0 and (pandoc or not state.isEmpty(start - 1))}
    token.map = [start, start + 1]
    token.content = line
    state.line = start + 1
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
        given = _resolved(token.meta["given"], defined, _place(reading, token), reading)
        follows = token.meta["follows"] and touches and not waiting
        owner = _block_before(tokens, token.level) if follows else None
        if owner is not None and tokens[owner].type == "html_block" and opens(tokens[owner].content):
            owner = None  # `<div markdown="1">` only begins: the list is that of the block below
        if _CONTENTS & set(given.names):
            emptied |= owner is not None and _leave_out_contents(tokens, owner)
        elif owner is not None:
            owner = _whole_paragraph(tokens, owner) if STATEMENTS.intersection(given.classes) else owner
            html = opening_before(tokens) if tokens[owner].type == "html_block" else None
            _attach(html or tokens[owner], given, _place(reading, token), reading)
        else:
            waiting.append((token, given))
    for asked, _ in waiting:
        reading.errors.append(_belongs_to_nothing(_place(reading, asked), asked.content))
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


def _resolved(given: Attributes, defined: Mapping[str, Attributes], location: Location, reading: Reading) -> Attributes:
    """Return a list with those that it names put in."""
    whole = Attributes()
    for name in given.names:
        if name in defined:
            whole.add(defined[name])
        elif name not in _CONTENTS:
            hint = f"define it on a line of its own: {{:{name}: .class}}; a class begins with a dot, an id with #"
            reading.errors.append(SiteError(f"there is no attribute list named `{name}`", location, hint))
    whole.add(Attributes(given.id, given.classes, given.pairs, [name for name in given.names if name in _CONTENTS]))
    return whole


def _block_before(tokens: Sequence[Token], level: int) -> int | None:
    """Return where the block begins that ends the tokens, when it is at this level."""
    index = len(tokens) - 1
    if index < 0 or tokens[index].nesting > 0 or tokens[index].level != level:
        return None
    if tokens[index].nesting < 0:
        while not (tokens[index].nesting > 0 and tokens[index].level == level):
            index -= 1
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


def _span(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it calls it so
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
        start, most = state.pos, state.posMax
        state.pos, state.posMax = start + 1, end
        state.push("span_open", "span", 1)
        state.md.inline.tokenize(state)
        state.push("span_close", "span", -1)
        state.posMax = most
    state.pos = end + 1
    return True


def _inline(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it calls it so
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
                given = _resolved(given, defined, place, reading)
                if owner is not None:
                    attach(owner, given, place, reading.errors)
                elif html is not None:
                    write_into_tag(html, given, place, reading.errors)
            elif child.meta["kramdown"] or given.id or given.classes:
                reading.errors.append(_belongs_to_nothing(place, child.content))
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
    depth = 0
    for place in range(index, -1, -1):  # a copy of them would take as long as the text, for every list
        depth -= children[place].nesting
        if depth == 0:
            return children[place]
    return None


def _item_around(tokens: Sequence[Token], index: int) -> Token | None:
    """Return the list item whose text begins here."""
    if (
        index >= 2
        and tokens[index - 1].type == "paragraph_open"
        and tokens[index - 2].type in {"list_item_open", "dd_open"}
    ):
        return tokens[index - 2]
    return None


def _place(reading: Reading, token: Token) -> Location:
    return reading.place(token.map[0] if token.map else reading.block[0], token.content)


def _belongs_to_nothing(location: Location, text: str) -> SiteError:
    hint = "put it directly after a block or a span, or on the line before a block"
    return SiteError(f"the attribute list `{text}` belongs to nothing", location, hint)
