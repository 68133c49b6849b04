"""HTML that a tag stands for: one sign in the Markdown, put in when the page is rendered.

The sign is a number between two control characters, which no author's text holds: the reader has replaced them all.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock

SIGN = re.compile("\x01(\\d+)\x02")


def use_insertions(md: MarkdownIt) -> None:
    """Let a sign on a line of its own be a block."""
    alternatives = ["paragraph", "reference", "blockquote", "list"]
    md.block.ruler.before("fence", "insertion", _insertion, {"alt": alternatives})


def put_in(html: str, insertions: Sequence[tuple[str, bool]]) -> str:
    """Put every insertion in its place; a paragraph ends before one that is a block, and goes on behind it."""
    parts = []
    position = 0
    for match in SIGN.finditer(html):
        parts.append(html[position : match.start()])
        number = int(match[1])
        text, is_block = insertions[number] if number < len(insertions) else ("\ufffd", False)
        opened = max(html.rfind(tag, 0, match.start()) for tag in ("<p>", "<p "))
        inside = is_block and opened > html.rfind("</p>", 0, match.start())
        parts.append(f"</p>\n{text}\n<p>" if inside else text)
        position = match.end()
    return re.sub(r"<p>\s*</p>\n?", "", "".join([*parts, html[position:]])) if parts else html


def _insertion(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - as markdown-it calls
    del end
    line = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]].strip()
    if not line.startswith("\x01") or state.is_code_block(start) or not re.fullmatch(f"(?:{SIGN.pattern}\\s*)+", line):
        return False
    if not silent:
        token = state.push("insertion", "", 0)
        token.content = line
        token.map = [start, start + 1]
        state.line = start + 1
    return True
