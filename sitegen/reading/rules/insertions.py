"""HTML that a tag stands for: one sign in the Markdown, put in when the page is rendered.

The sign is a number between two control characters, which no author's text holds: the reader has replaced them all.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sitegen.later import later
from sitegen.reading.block_lines import ENDS_ALL, line_text, push_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock

SIGN = later("\x01(\\d+)\x02")
_PIECE = later(
    r"<(?P<end>/?)(?P<name>p|em|strong|a|s|mark|span|sub|sup|u|del|kbd|code)(?:\s[^<>]*)?>|\x01(?P<number>\d+)\x02"
    r'|(?P<value>="[^"\x01]*\x01[^"]*")'
)
_EMPTY = later(r"<p>\s*(?:<(em|strong|s|mark|sub|sup|u|del)>\s*</\1>\s*)*</p>\n?")


def use_insertions(md: MarkdownIt) -> None:
    """Let a sign on a line of its own be a block."""
    md.block.ruler.before("fence", "insertion", _insertion, ENDS_ALL)


def put_in(html: str, insertions: Sequence[tuple[str, bool]]) -> str:
    """Put every insertion in its place; a paragraph, and what is open in it, ends before a block and goes on behind it."""
    if "\x01" not in html:
        return html
    parts = []
    position = 0
    inside = False
    opened: list[tuple[str, str]] = []  # (name, tag) of the elements that are open within the paragraph
    for match in _PIECE.finditer(html):
        if match["value"]:  # of an attribute, which holds no HTML
            parts += [html[position : match.start()], SIGN.sub("", match["value"])]
            position = match.end()
        elif match["name"] == "p":
            inside, opened = not match["end"], []
        elif match["name"] and not match["end"]:
            opened.append((match["name"], match[0]))
        elif match["name"]:
            if opened and opened[-1][0] == match["name"]:
                opened.pop()
        else:
            number = int(match["number"])
            text, is_block = insertions[number] if number < len(insertions) else ("\ufffd", False)
            parts.append(html[position : match.start()])
            if is_block and inside:
                ends = "".join(f"</{name}>" for name, _ in reversed(opened))
                text = f"{ends}</p>\n{text}\n<p>{''.join(tag for _, tag in opened)}"
            parts.append(text)
            position = match.end()
    return _EMPTY.sub("", SIGN.sub("", "".join([*parts, html[position:]])))


def in_line(html: str, insertions: Sequence[tuple[str, bool]]) -> str:
    """Put in what stands in the line, and leave out blocks: for text that is shown once more elsewhere: an excerpt, the contents."""
    if "\x01" not in html:
        return html
    return SIGN.sub(lambda match: "" if insertions[int(match[1])][1] else insertions[int(match[1])][0], html)


def _insertion(state: StateBlock, start: int, _end: int, silent: bool) -> bool:
    line = line_text(state, start).strip()
    if not line.startswith("\x01") or state.is_code_block(start) or not re.fullmatch(f"(?:{SIGN.pattern}\\s*)+", line):
        return False
    if not silent:
        push_lines(state, "insertion", line, start, start + 1)
    return True
