"""Diagrams in Mermaid's language: a fence named `mermaid` or `{mermaid}`, `:::{mermaid}`, `<div class="mermaid">`.

A fence's own lines may say what is around the picture: Quarto's `%%| fig-cap: ...`, MyST's `:caption: ...`.
"""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

from sitegen.fields import read_fields
from sitegen.labels import normal_label
from sitegen.model import Diagram
from sitegen.reading.block_lines import ENDS_PARAGRAPHS, line_text, push_lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.token import Token

    from sitegen.reading.context import Reading

MOST_LINES = 1_000  # of raw HTML, so that a tag that is never closed is not looked for in a whole book
IS_DIAGRAM = re.compile(r"\{?\.?mermaid(?![\w-])")

_OPTION = re.compile(r"[ \t]*%%\|[ \t]?|:(?=[a-z-]+:)")
_RAW = re.compile(
    r"""<(div|pre)\s[^<>]{0,200}?class=["'](?:[^"'<>]{0,200}\s)?mermaid(?:\s[^"'<>]*)?["'][^<>]*>(.*)""", re.IGNORECASE
)
_COLONS = re.compile(r"(:{3,})[ \t]*\{mermaid\}[ \t]*")
_ID = re.compile(r"""\bid=["']?([^"'\s>]+)""")
_LABEL, _CAPTION, _ALT = ("label", "name", "id"), ("fig-cap", "caption"), ("fig-alt", "alt")
_KNOWN = {*_LABEL, *_CAPTION, *_ALT}
_IGNORED = {
    *("fig-width", "fig-height", "fig-align", "fig-responsive", "mermaid-format", "echo", "eval", "output", "include"),
    *("code-fold", "align", "width", "height", "zoom", "config", "class", "style", "title", "theme"),
}


def use_diagrams(md: MarkdownIt) -> None:
    """Add the rule for raw HTML; it comes before that of HTML blocks, which a blank line would end."""
    md.block.ruler.before("html_block", "diagram", _raw, ENDS_PARAGRAPHS)
    md.block.ruler.before("fence", "diagram_directive", _directive, ENDS_PARAGRAPHS)


def read_diagram(content: str, line: int, attributes: Mapping[str, object], reading: Reading) -> str:
    """Return the hole of a diagram whose content begins on line `line` (from 0)."""
    lines = content.removesuffix("\n").split("\n")
    count = 0
    while count < len(lines) and _OPTION.match(lines[count]):
        count += 1
    options = "\n".join(_OPTION.sub("", text, count=1) for text in lines[:count])
    fields, errors = read_fields(options, reading.path, line + 1)
    fields.refuse_unknown(_KNOWN | _IGNORED, "option of a diagram")
    reading.errors += errors

    def option(names: Sequence[str]) -> str:
        given = next((fields.text(name) for name in names if name in fields), "")
        return given or next((str(attributes[name]) for name in names if attributes.get(name)), "")

    place = reading.place(line)
    caption = option(_CAPTION)
    return reading.hole(
        Diagram(
            source="\n".join(lines[count:]),
            label=normal_label(option(_LABEL)),
            caption=reading.inline(caption, reading.find(caption)),
            alt=option(_ALT),
            location=type(place)(place.path, place.line + count * (not reading.fixed)),
        )
    )


def _raw(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    opening = _RAW.match(line_text(state, start))
    if opening is None or state.is_code_block(start):
        return False
    closing = f"</{opening[1].lower()}>"
    lines = []
    for line in range(start, min(end, start + MOST_LINES)):
        text = opening[2] if line == start else state.getLines(line, line + 1, state.blkIndent, False)
        before, found, _ = text.partition(closing)
        lines.append(before)
        if found:
            if not silent:
                token = push_lines(state, "diagram", unescape("\n".join(lines)), start, line + 1)
                name = _ID.search(opening[0])
                token.attrs = {"id": name[1]} if name else {}
            return True
    return False


def _directive(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read MyST's `:::{mermaid}` ... `:::`; what it holds is no Markdown."""
    opening = _COLONS.fullmatch(line_text(state, start))
    if opening is None or state.is_code_block(start):
        return False
    for line in range(start + 1, min(end, start + MOST_LINES)):
        if state.getLines(line, line + 1, state.sCount[line], False).strip() == opening[1]:
            if not silent:
                content = state.getLines(start + 1, line, state.sCount[start], True)
                push_lines(state, "diagram", content, start, line + 1).meta = {"first": start + 1}
            return True
    return False


def render_diagram(token: Token, reading: Reading) -> str:
    """Render a raw diagram as a hole."""
    line = token.meta.get("first", token.map[0] if token.map else 0)
    return read_diagram(token.content, line, token.attrs, reading)
