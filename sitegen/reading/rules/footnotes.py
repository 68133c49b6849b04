"""Footnotes of mdit-py-plugins, with places, and one thing forbidden: a definition within one, after which it loses tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.footnote.index import footnote_def

from sitegen.later import later
from sitegen.reading.block_lines import line_text

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_core import StateCore

_DEFINITION = later(r"\[\^([^\]\s]+)\]:")
_MENTION = later(r"\[\^(\d+|[A-Za-z]\w+)\](?![:(])")
_INSIDE = "inside a footnote"
_LINES = "lines of footnotes"


def use_footnotes(md: MarkdownIt) -> None:
    """Read `[^x]` and `[^x]: text`; a definition inside of one is an error."""
    md.use(footnote_plugin)
    md.block.ruler.at("footnote_def", _definition, {"alt": ["paragraph", "reference"]})
    md.core.ruler.after("footnote_tail", "footnote_places", _place)
    md.core.ruler.after("footnote_places", "footnote_slips", _note_slips)


def _note_slips(state: StateCore) -> None:
    """Note a mention without a footnote, and a footnote without a mention, which is not shown."""
    reading = state.env.get("reading")
    if reading is None or "[^" not in state.src:
        return
    refs = state.env.get("footnotes", {}).get("refs", {})
    for name, number in refs.items():
        is_comment = not any(map(str.isalnum, name))  # `[^_^]: ...`, as some write one
        if number < 0 and not is_comment and (line := state.env.get(_LINES, {}).get(name[1:])) is not None:
            said = f"the footnote `[^{name[1:]}]` is mentioned nowhere, so that it is not shown"
            reading.note(said, reading.place(line))
    for block in state.tokens:
        texts = [child.content for child in block.children or () if child.type == "text" and "[^" in child.content]
        for name in dict.fromkeys(name for text in texts for name in _MENTION.findall(text)):
            mark = f"[^{name}]"
            if state.inlineMode and (place := reading.find(mark)).column:  # a title, a caption
                reading.note(f"no footnote belongs here: `{mark}` is shown as it is written", place)
            elif not state.inlineMode and f":{name}" not in refs:
                start, end = block.map or (0, 1)
                found = (start + n for n, text in enumerate(reading.lines[start:end]) if mark in text)
                said = f"there is no footnote `{mark}: ...`, so that its mark is shown as it is written"
                reading.note(said, reading.place(next(found, start), mark))


def _place(state: StateCore) -> None:
    """Give the text of a note that stands in a line, `^[text]`, the lines of the block that it stands in."""
    places = {
        child.meta["id"]: block.map
        for block in state.tokens
        for child in block.children or ()
        if child.type == "footnote_ref" and block.map
    }
    place: list[int] | None = None
    for token in state.tokens if places else ():
        if token.type in {"footnote_open", "footnote_block_close"}:
            place = places.get(token.meta.get("id", -1))
        elif place and not token.map:
            token.map = place


def _definition(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if state.env.get(_INSIDE):
        text = line_text(state, start)
        if silent and state.sCount[start] < state.blkIndent:  # the next one, with no blank line between
            return bool(_DEFINITION.match(text))
        if not silent and _DEFINITION.match(text) and "reading" in state.env:
            reading = state.env["reading"]
            hint = "put it below, at the beginning of a line of its own"
            reading.refuse("a footnote stands within a footnote", reading.place(start), hint)
        return False
    name = None if silent else _DEFINITION.match(line_text(state, start))
    if name:
        state.env.setdefault(_LINES, {}).setdefault(name[1], start)
    state.env[_INSIDE] = True
    try:
        return bool(footnote_def(state, start, end, silent))
    finally:
        del state.env[_INSIDE]
