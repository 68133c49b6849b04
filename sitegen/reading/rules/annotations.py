"""Markdown rule for notes on lines of code: `# <1>` (Quarto) or `# (1)!` (Material) at the end of a line, explained by item 1 of the list below."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sitegen.later import later

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore

_MARK = later(r"(?:#|//|--|%|;|/\*|<!--)[ \t]*(?:<\d{1,2}>|\(\d{1,2}\)!|\(1\))[ \t]*(?:\*/|-->)?[ \t]*$", re.MULTILINE)


def use_annotations(md: MarkdownIt) -> None:
    """Add the rule of this module: code with marks and a numbered list directly below know of each other."""
    md.core.ruler.after("block_attributes", "annotations", _annotate)


def _annotate(state: StateCore) -> None:
    for code, below in zip(state.tokens, state.tokens[1:], strict=False):
        if code.type == "fence" and below.type == "ordered_list_open" and _MARK.search(code.content):
            code.meta["annotated"] = True
            below.attrJoin("class", "annotations")
