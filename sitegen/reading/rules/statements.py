"""Markdown rule for theorems written as HTML, `<div class="theorem" text="Name">`: what Pandoc reads as `::: {.theorem}`.

Blogs of Jekyll let a style sheet write "Theorem 1" before such divisions. One that begins with its word in its text has been
given a head by its author, and stays as it is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sitegen.later import later
from sitegen.reading.attributes import Attributes, read_attributes
from sitegen.reading.block_lines import ENDS_PARAGRAPHS, line_text
from sitegen.reading.boxes.containers import Container, hold
from sitegen.reading.boxes.theorems import STATEMENTS, has_own_head

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock

_OPENING = later(r"""<(?P<element>div|p)\s+(?P<given>[^<>]*\bclass\s*=[^<>]*)>""", re.IGNORECASE)
_TAGS = {name: later(rf"<(/?){name}\b", re.IGNORECASE) for name in ("div", "p")}
_BLANKS = later(r"\s*=\s*")
_LONGEST = 400  # characters of the tag


def use_statements(md: MarkdownIt) -> None:
    """Add the rule of this module; it comes before those of HTML."""
    md.block.ruler.before("markdown_in_html", "statement", _statement, ENDS_PARAGRAPHS)


def _statement(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    text = line_text(state, start).rstrip()
    opening = _OPENING.fullmatch(text) if text.startswith(("<div", "<p")) and len(text) < _LONGEST else None
    given = read_attributes(_BLANKS.sub("=", opening["given"])) if opening and not state.is_code_block(start) else None
    word = next((name for name in given.classes if name.lower() in STATEMENTS), "") if given is not None else ""
    last = _closing(state, start, end, opening["element"].lower()) if opening and word else None
    if given is None or last is None:
        return False
    if has_own_head(word, state.getLines(start + 1, last, state.blkIndent, False), state.env["reading"]):
        return False
    if not silent:
        title = next((given.pairs[key] for key in ("text", "title", "name") if key in given.pairs), "")
        about = Attributes(given.id, [word.lower()], {"name": title} if title else {})
        filled = [state.sCount[line] for line in range(start + 1, last) if not state.isEmpty(line)]
        before, state.blkIndent = state.blkIndent, min(filled, default=state.blkIndent)  # text in HTML may be indented
        hold(state, Container("", given=about, text=text), start, start + 1, last)
        state.blkIndent = before
        state.line = last + 1
    return True


def _closing(state: StateBlock, start: int, end: int, element: str) -> int | None:
    """Return the line of the tag that closes the element on line `start`; None where it does not stand alone.

    Where each element closes is found in one pass, and remembered: a post may open many that nothing closes.
    """
    remembered = state.env.setdefault("closings", {})
    key = (state.src, element, end, state.blkIndent, state.level)
    until, closings = remembered.get(key, (start, {}))
    if start >= until:
        opened: list[int] = []
        line = start
        while line < end and not (line_text(state, line) and state.sCount[line] < state.blkIndent):
            text = line_text(state, line).rstrip()
            for tag in _TAGS[element].finditer(text):
                if not tag[1]:
                    opened.append(line)
                elif opened:
                    closings[opened.pop()] = line if text.strip().lower() == f"</{element}>" else None
            line += 1
        remembered[key] = (line, closings)
    closing: int | None = closings.get(start)
    return closing
