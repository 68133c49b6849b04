"""Markdown rules for `<div markdown="1">`: what is inside is Markdown, whether or not blank lines part it from the tags."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock

_ASKED = r"""\smarkdown(?:\s*=\s*(?:"[^"]*"|'[^']*'|[\w-]+))?(?=[\s>])"""
_OPENING = re.compile(rf"<([a-zA-Z][\w-]*)\b(?=[^<>]*{_ASKED})[^<>]*>")
_CLOSING = re.compile(r"</([a-zA-Z][\w-]*)\s*>")


def use_markdown_in_html(md: MarkdownIt) -> None:
    """Add the rule of this module."""
    md.block.ruler.before("html_block", "markdown_in_html", _tag, {"alt": ["paragraph", "reference", "blockquote"]})


def _tag(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - as markdown-it calls
    del end
    if state.is_code_block(start):
        return False
    line = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]].rstrip()
    if not line.startswith("<"):
        return False
    opened: list[str] = state.env.setdefault("markdown_in_html", [])
    closing = _CLOSING.fullmatch(line)
    if closing and opened and opened[-1] == closing[1].lower():
        if not silent:
            opened.pop()
            _push(state, start, line)
        return True
    opening = _OPENING.match(line)
    if not opening:
        return False
    if silent:
        return True
    name, rest = opening[1].lower(), line[opening.end() :].strip()
    tag = re.sub(_ASKED, "", opening[0])
    closed = rest.endswith(f"</{opening[1]}>")
    if rest.startswith("<") and not closed:  # the summary of details
        tag, rest = f"{tag}{rest}", ""
    _push(state, start, tag)
    text = rest.removesuffix(f"</{opening[1]}>").strip()
    if text:
        token = state.push("inline", "", 0)
        token.content, token.map, token.children = text, [start, start + 1], []
    if closed:
        _push(state, start, f"</{opening[1]}>")
    else:
        opened.append(name)
    return True


def _push(state: StateBlock, line: int, html: str) -> None:
    token = state.push("html_block", "", 0)
    token.content = f"{html}\n"
    token.map = [line, line + 1]
    state.line = line + 1
