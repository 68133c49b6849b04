"""Markdown rule for short marks that plugins of notes have in text: who said a quote (HackMD), fields and tasks (Obsidian).

All are rewritten before text is read, line for line: `[name=Ada]` below a quote, `due:: tomorrow`, `- [-] given up`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sitegen.later import later

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

_SAID = later(r"[ \t]*(?:\[(?:name|time|color)=[^\[\]\n]*\][ \t]*)+(?:\n|\Z)")
_WORDS = re.compile(r"\[(name|time)=[ \t]*([^\[\]\n]*)\]")
# One word, or in a line of its own two: `f :: Int` and "(see the note:: x)" are no fields.
_KEY = r"[^\W\d_][\w-]{0,30}"
_FIELD = later(rf"^(?P<bold>\*\*)?({_KEY}(?: {_KEY})?)(?(bold)(?:::\*\*|\*\*::)|::)[ \t]+(?=\S)", re.MULTILINE)
_IN_LINE = later(rf"\[({_KEY})::[ \t]+([^\[\]\n]*)\](?!\()|\({_KEY}::[ \t]+([^()\n]*)\)")
_COLOUR = re.compile(r"\[color=[^\[\]\n]*\][ \t]*")
_TASK = re.compile(r"\[([-/<>!?*])\][ \t]+(?=\S)")


def use_said_beside(md: MarkdownIt) -> None:
    """Add the rule of this module."""
    md.core.ruler.before("inline", "said_beside", _said_beside)


def _said_beside(state: StateCore) -> None:
    source = state.src
    has_fields, has_tasks = ":: " in source or "::** " in source, "] " in source and _TASK.search(source) is not None
    has_names = "[name=" in source or "[time=" in source or "[color=" in source
    if not (has_fields or has_tasks or has_names):
        return
    quotes = 0
    for index, token in enumerate(state.tokens):
        quotes += token.nesting if token.type.startswith("blockquote") else 0
        if token.type != "inline":
            continue
        if has_names and quotes and "=" in token.content:
            token.content = _COLOUR.sub("", _SAID.sub(_speaker, token.content)).rstrip("\n")
        if has_tasks and _begins_item(state.tokens, index):
            token.content = _task(token.content)
        if has_fields and "::" in token.content:
            token.content = _FIELD.sub(r"**\2:** ", token.content)
            is_plain = "`" not in token.content and "$" not in token.content and "\\(" not in token.content
            token.content = _IN_LINE.sub(_field, token.content) if is_plain else token.content


def _begins_item(tokens: list[Token], index: int) -> bool:
    first = tokens[index].content[:1] == "["
    return first and index > 1 and tokens[index - 2].type == "list_item_open"


def _speaker(match: re.Match[str]) -> str:
    """Return who said it, and when, in a line; a colour is the theme's affair."""
    words = dict(_WORDS.findall(match[0]))
    said = ", ".join(words[key].strip() for key in ("name", "time") if words.get(key, "").strip())
    end = "\n" if match[0].endswith("\n") else ""
    return f"— {said}{end}" if said else end


def _field(match: re.Match[str]) -> str:
    """Return a field within a sentence; in round brackets Dataview shows its value alone."""
    return f"{match[1]}: {match[2]}" if match[1] else match[3]


def _task(text: str) -> str:
    """Return the text of a task with one of the two marks that GitHub knows: what is given up is done, and struck out."""
    mark = _TASK.match(text)
    if not mark:
        return text
    first, line_end, rest = text[mark.end() :].partition("\n")
    return f"[x] ~~{first.strip()}~~{line_end}{rest}" if mark[1] == "-" else f"[ ] {text[mark.end() :]}"
