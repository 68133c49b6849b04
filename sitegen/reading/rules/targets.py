"""Markdown rule that notes what a post gives labels, so that MyST's `[words](label)` and `[](label)` lead there.

`env["targets"]`: labels of blocks; `env["formulas"]`: labels of formulas, whose places have names of their own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from markdown_it.common.utils import normalizeReference

from sitegen.later import later
from sitegen.reading.anchors import anchor_id
from sitegen.reading.boxes.containers import title_of
from sitegen.reading.boxes.directives import take_options

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore

    from sitegen.reading.context import Reading

_LABEL = later(r"\\label\{([^{}\n]+)\}")
_OF_CELL = later(r"^[ \t]*(?:# ?\|[ \t]*|:)?(?:label|name):[ \t]*[\"']?([\w:.-]+)[\"']?[ \t]*$", re.MULTILINE)
_HEAD = 1_500  # characters of a cell in which its options are looked for


def use_targets(md: MarkdownIt) -> None:
    """Add the rule of this module."""
    md.core.ruler.after("block", "targets", _note_targets)
    md.core.ruler.after("block", "headings", _note_headings)


def _note_headings(state: StateCore) -> None:
    """Let headings be linked to by their text, `[The text of a heading]` and `[words][Heading]`, as Pandoc has it.

    In a source that is not for Pandoc one word in brackets is no link.
    """
    if "]" not in state.src:
        return
    reading: Reading = state.env["reading"]
    is_for_pandoc = reading.is_for_pandoc()
    for index, heading in enumerate(state.tokens):
        if heading.type != "heading_open":
            continue
        text, given = title_of(state.tokens[index + 1])
        if f"[{text}]" in state.src and (is_for_pandoc or " " in text):
            name = given.id or str(heading.attrs.get("id", "")) or anchor_id(text)
            known = state.env.setdefault("references", {})
            known.setdefault(normalizeReference(text), {"href": f"#{quote(name)}", "title": ""})


def _note_targets(state: StateCore) -> None:
    if "](" not in state.src:
        return
    targets: set[str] = state.env.setdefault("targets", set())
    formulas: set[str] = state.env.setdefault("formulas", set())
    for token in state.tokens:
        if token.type == "formula_block":
            formulas.update([token.meta["label"], *_LABEL.findall(token.content)])
        elif token.type == "container_open":
            container = token.meta["container"]
            targets.add(container.given.id or (container.title if container.name == "figure-md" else ""))
        elif token.type == "fence" and token.info.strip() in {"math", "{math}"}:
            given = take_options(token.content)[0]
            formulas.update([given.get("label", ""), given.get("name", ""), *_LABEL.findall(token.content)])
        elif token.type == "fence" and token.info.lstrip().lower().startswith(("{code-cell}", "{python")):
            targets.update(_OF_CELL.findall(token.content[:_HEAD]))
    targets.discard("")
    formulas.discard("")
