"""Markdown rule that finds what a merge of git left in a text, which would stand on the page as headings and quotations."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore

    from sitegen.reading.context import Reading

_BEGINS = "<<<<<<< "


def use_conflicts(md: MarkdownIt) -> None:
    """Add the rule of this module."""
    md.core.ruler.after("block", "conflicts", _note_conflicts)


def _note_conflicts(state: StateCore) -> None:
    if _BEGINS not in state.src:
        return
    reading: Reading = state.env["reading"]
    for token in state.tokens:
        if token.type == "inline" and token.map:
            for number, line in enumerate(token.content.split("\n"), token.map[0]):
                if line.startswith(_BEGINS):
                    hint = "keep what is right of both sides, and remove the lines `<<<<<<<`, `=======` and `>>>>>>>`"
                    message = "here git could not merge two changes, and nobody has chosen yet"
                    reading.refuse(message, reading.place(number), hint)
