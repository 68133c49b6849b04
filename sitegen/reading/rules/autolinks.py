"""GFM's bare addresses, by the plugin for them, which is asked only where an address can begin and sees no more than one.

The plugin copies all the text that is left at every sign it is asked about: a megabyte of brackets took three times ten times
what 100 kB take.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from markdown_it.token import Token
from mdit_py_plugins.gfm_autolink import gfm_autolink_plugin

from sitegen.later import later

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.parser_inline import RuleFuncInlineType
    from markdown_it.rules_core import StateCore
    from markdown_it.rules_inline import StateInline

    from sitegen.reading.context import Reading

_LONGEST = 4_000  # characters of an address
_LONG = 60  # characters: about a line
_BREAK = later(r"(?<=[^/:]/)(?=[^/])|(?<=[^/])(?=[?&#])")
_STRIKES = 3  # tildes that strike nothing
_END = later(r"[\s<]")
_BEFORE = {
    "gfm_autolink_www": ("w", re.compile(""), re.compile("")),
    "gfm_autolink_protocol": (":", re.compile(r"(?:\A|[\s*_~(])(?:https?|mailto|xmpp)\Z"), re.compile("")),
    "gfm_autolink_email": ("@", re.compile(r"[\w.+-]\Z", re.ASCII), re.compile(r"@[\w.-]*\.[\w-]*[a-zA-Z]", re.ASCII)),
}
"""The sign at which each rule of the plugin looks for an address, what stands before that, and what it begins: `x@1.2` is a version."""


def use_autolinks(md: MarkdownIt) -> None:
    """Add the rules of the plugin, and one that keeps the name before an @ in one piece."""
    md.inline.ruler.before("strikethrough", "inside_word", _inside_word)
    md.core.ruler.after("inline", "broken_links", _note_broken)
    md.core.ruler.push("long_addresses", _part_long)
    md.use(gfm_autolink_plugin)
    for rule in md.inline.ruler.__rules__:
        if rule.name in _BEFORE:
            md.inline.ruler.at(rule.name, _asked_rarely(rule.fn, *_BEFORE[rule.name]))


def _asked_rarely(
    rule: RuleFuncInlineType, sign: str, before: re.Pattern[str], begins: re.Pattern[str]
) -> RuleFuncInlineType:
    def asked(state: StateInline, silent: bool) -> bool:
        position, most = state.pos, state.posMax
        if silent or state.src[position] != sign or not before.search(state.src[max(position - 7, 0) : position]):
            return False
        if not begins.match(state.src, position):
            return False
        end = _END.search(state.src, position, min(position + _LONGEST, most))
        state.posMax = end.start() if end else min(position + _LONGEST, most)
        found = rule(state, False)
        state.posMax = most
        return found

    return asked


def _inside_word(state: StateInline, silent: bool) -> bool:
    """Take `_` within a word, which no emphasis begins or ends, and a run of more than two `~` as they are."""
    position = state.pos
    sign = state.src[position]
    end = position + 1
    if sign == "~":
        while end < state.posMax and state.src[end] == "~":
            end += 1
    word = sign == "_" and position and end < state.posMax
    if not (word and state.src[position - 1].isalnum() and state.src[end].isalnum()) and end - position < _STRIKES:
        return False
    if not silent:
        state.append_pending(state.src[position:end])
    state.pos = end
    return True


def _note_broken(state: StateCore) -> None:
    """Note the address of a link that did not become one: what is left are its brackets and a bare address."""
    reading: Reading = state.env["reading"]
    line = 0
    for token in state.tokens:
        line = token.map[0] if token.map else line
        if "](" not in token.content:
            continue
        below = 0
        for before, child in pairwise(token.children or ()):
            below += before.type in {"softbreak", "hardbreak"}
            if child.type == "link_open" and child.info == "auto" and before.content.endswith("]("):
                address = str(child.attrs["href"])
                place = reading.place(line + below, "](")
                hint = "a bracket within its address is closed within it, or the address stands between `<` and `>`"
                reading.refuse(f"the link to `{address}` is never closed", place, hint)


def _part_long(state: StateCore) -> None:
    """Let a long address be broken at its slashes: a browser breaks it anywhere, and only on a line of its own."""
    for token in state.tokens:
        if "://" not in token.content:
            continue
        children = token.children or []
        for at in range(len(children) - 2, -1, -1):
            link, text = children[at : at + 2]
            if link.type == "link_open" and link.info == "auto" and len(text.content) > _LONG:
                parts = [Token("text", "", 0, content=part) for part in _BREAK.split(text.content)]
                pairs = [one for part in parts for one in (Token("html_inline", "", 0, content="<wbr>"), part)]
                children[at + 1 : at + 2] = pairs[1:]
