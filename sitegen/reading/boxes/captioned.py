"""Figures, tables and listings that a container captions and numbers, and the captions of tables in Markdown.

Quarto's `::: {#fig-x layout-ncol=2}` and `: Caption {#tbl-x}`, MyST's `{figure}`, `{image}` and `{table}`, PyMdown's
`/// caption`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sitegen.errors import suggestion
from sitegen.labels import id_attribute, kind_of, normal_label, part_mark
from sitegen.later import later
from sitegen.reading.attributes import LIST, read_attributes
from sitegen.reading.block_lines import is_paragraph
from sitegen.reading.boxes.containers import Container, blocks_of, inline, markup, start_of
from sitegen.reading.boxes.layouts import grid
from sitegen.reading.boxes.theorems import number
from sitegen.reading.cell_options import cell_fence

if TYPE_CHECKING:
    from markdown_it.token import Token

    from sitegen.model import NumberKind
    from sitegen.reading.context import Reading

_CAPTION = later(r"(?:Table)?:[ \t]+(?P<text>[^\n]*(?:\n[^\n]+)*)")
_LATEX = later(r"\\label\{((?:tab|tbl|table):[\w:.-]+)\}")
_BOOKDOWN = later(r"\(\\#(tab:[\w-]+)\)[ \t]*")
CAPTIONED = frozenset({"figure", "figure-md", "image", "table"})
BELOW: dict[str, NumberKind | None] = {"caption": None, "figure-caption": "fig", "table-caption": "tbl"}
"""PyMdown's captions, which stand below what they caption, by what they number."""

_CAPTIONABLE = {"paragraph_open": "figure picture", "table_open": "figure of-table", "fence": "figure of-listing"}
_OF_FIGURE = frozenset({"width", "height", "alt", "align", "scale", "figwidth", "figclass", "target", "enumerated"})


def is_captioned(container: Container) -> bool:
    """Whether a container is a figure, a table or a listing: MyST's by its name, Quarto's by its label."""
    return container.name in CAPTIONED or (not container.name and kind_of(container.given.id) in {"fig", "tbl", "lst"})


def _is_text_alone(inner: list[Token]) -> bool:
    """Whether a figure holds nothing that a caption could be of: at most one paragraph, without an image."""
    images = any("![" in token.content for token in inner)
    return (not inner or is_paragraph(inner)) and not images


def captioned(container: Container, inner: list[Token], reading: Reading) -> list[Token]:
    """Return the tokens of a figure, a table or a listing with its caption."""
    if container.name == "image" or (container.name == "figure" and (container.title or _is_text_alone(inner))):
        return _image(container, inner, reading)
    if container.name == "figure-md":  # MyST's: its label is what follows its name
        container.given.id, container.title = container.given.id or container.title, ""
    # MyST's figure without a file holds what it shows, and below that its caption.
    kind = "fig" if container.name in {"figure", "figure-md"} else kind_of(container.given.id) or "tbl"
    return _quarto(container, kind, inner, reading)


def _quarto(container: Container, kind: NumberKind, inner: list[Token], reading: Reading) -> list[Token]:
    """Shape a division whose last paragraph, title or `fig-cap` is the caption of what it holds."""
    given = container.given
    given.id = normal_label(given.id)
    blocks = list(blocks_of(inner))
    caption = container.title or given.pairs.pop(f"{kind}-cap", "")
    if not caption and len(blocks) > 1 and blocks[-1][0].type == "paragraph_open":
        caption = blocks.pop()[1].content
    parts: list[str] = []
    pictures = [block for block in blocks if block[0].type == "paragraph_open" or _is_part(block[0])]
    for block in blocks:
        if block[0].type == "fence" and cell_fence(block[0].info):
            block[0].meta["within"] = True  # what it draws belongs to this figure, and has no number of its own
        elif len(pictures) > 1 and block in pictures:
            block[0].meta["parts"] = parts
            if _is_part(block[0]):
                block[0].meta["container"].parts = parts
    letter = _letter(container)
    label = [number(kind, given.id, container.line, parts)] if letter is None else [markup(letter)]
    label = [] if "unnumbered" in given.classes else label
    head = [markup("<figcaption>"), *label, markup(" "), inline(caption, container.line), markup("</figcaption>\n")]
    _mark_tables(blocks, parts)
    body = grid(container, blocks, reading)
    name = {"fig": "figure", "tbl": "figure of-table", "lst": "figure of-listing"}.get(kind, "figure")
    anchor = id_attribute(given.id)
    opening = markup(f'<figure class="{name}"{anchor}>\n')
    below = kind == "fig"
    return [opening, *([] if below else head), *body, *(head if below else []), markup("</figure>\n")]


def _mark_tables(blocks: list[list[Token]], parts: list[str]) -> None:
    """Give tables that share a number letters in place of numbers of their own."""
    tables = [block for block in blocks if block[0].type == "table_open"]
    for block in tables if len(tables) > 1 else ():
        index = next((n for n, token in enumerate(block) if token.type == "number"), None)
        parts.append("" if index is None else str(block[index].meta["label"]))
        if index is not None:
            block[index] = markup(part_mark(len(parts)))


def _is_part(token: Token) -> bool:
    held = token.meta.get("container") if token.type == "container_open" else None
    return held is not None and kind_of(held.given.id) == "fig"


def _letter(container: Container) -> str | None:
    """Return "(b)" for a figure within a figure, and let the outer one know its label."""
    if container.parts is None:
        return None
    container.parts.append(container.given.id)
    return part_mark(len(container.parts))


def _image(container: Container, inner: list[Token], reading: Reading) -> list[Token]:
    """Shape MyST's `{figure} path`, whose first paragraph is the caption, and `{image} path`."""
    given = container.given
    for key in given.pairs:
        if key not in _OF_FIGURE:
            place = reading.place(container.line)
            message = f"`{{{container.name}}}` has no option `{key}`"
            reading.refuse_unknown(message, place, suggestion(key, _OF_FIGURE), "it is left out")
    if not container.title:
        place = reading.place(container.line)
        hint = f"write `:::{{{container.name}}} picture.png`"
        reading.refuse_unknown(f"this `{{{container.name}}}` names no file", place, hint, "what it holds is shown")
        return inner
    size = "".join(f' {key}="{given.pairs[key]}"' for key in ("width", "height") if key in given.pairs)
    alt = re.sub(r"[\[\]\n]", " ", given.pairs.get("alt", ""))
    picture = inline(f"![{alt}](<{container.title}>)" + f"{{{size} }}" * bool(size), container.line)
    if container.name == "image":
        return [markup("<p>"), picture, markup("</p>\n")]
    side = given.pairs.get("align", "")
    classes = " ".join(["figure picture", *({side} & {"left", "right"}), *given.classes])
    anchor = id_attribute(normal_label(given.id))
    caption: list[Token] = []
    while inner and inner[0].type == "hr":  # the two lines around options, where there are none
        inner = inner[1:]
    if inner and inner[0].type == "paragraph_open":
        caption, inner = [markup(" "), inner[1]], inner[3:]
    if caption or inner or given.id:
        label = number("fig", normal_label(given.id) if given.id else "", container.line)
        label = markup("") if "unnumbered" in given.classes else label
        caption = [markup("<figcaption>"), label, *caption, *inner, markup("</figcaption>\n")]
    return [markup(f'<figure class="{classes}"{anchor}>\n'), picture, *caption, markup("</figure>\n")]


def caption_last(out: list[Token], container: Container, inner: list[Token]) -> bool:
    """Make the last block of `out` a figure whose caption is what PyMdown's block holds; return whether it can be one."""
    start = start_of(out, len(out) - 1)
    kind = _CAPTIONABLE.get(out[start].type) if start >= 0 else None
    if not kind:
        return False
    block = out[start:]
    words = inner[1:2] if len(inner) == 3 else inner
    mark = BELOW[container.name]
    label = [number(mark, "", container.line), markup(" ")] if mark else []
    caption = [markup("<figcaption>"), *label, *words, markup("</figcaption>\n")]
    opening = markup(f'<figure class="{kind}"{id_attribute(container.given.id)}>\n')
    body = [block[1], *caption] if block[0].type == "paragraph_open" else [*caption, *block]
    out[start:] = [opening, *body, markup("</figure>\n")]
    return True


def caption_tables(tokens: list[Token]) -> list[Token]:
    """Return tokens in which a paragraph `: Caption {#tbl-x}` beside a table has become the table's caption."""
    start = 0
    while start < len(tokens):
        if tokens[start].type == "table_open":
            if start >= 3 and (found := _caption(tokens, start - 3)):  # one between two tables is the first one's
                del tokens[start - 3 : start]
                start -= 3
            else:
                end = next(index for index in range(start, len(tokens)) if tokens[index].type == "table_close")
                if found := _caption(tokens, end + 1):
                    del tokens[end + 1 : end + 4]
            if found:
                tokens[start + 1 : start + 1] = _caption_of(tokens[start], *found)
        start += 1
    return tokens


def _caption(tokens: list[Token], start: int) -> tuple[str, int] | None:
    """Return (text, line) of the paragraph at `start` when it is a caption."""
    if not is_paragraph(tokens[start : start + 3]):
        return None
    match = _CAPTION.fullmatch(tokens[start + 1].content)
    line = tokens[start].map
    return (match["text"], line[0] if line else 0) if match else None


def _caption_of(table: Token, text: str, line: int) -> list[Token]:
    """Return the tokens of a caption; a list of attributes at its end is the table's."""
    bookdown = _BOOKDOWN.match(text)
    latex = _LATEX.search(text) if "\\label" in text else None
    if latex:
        text = f"{text[: latex.start()].rstrip()}{text[latex.end() :]} {{#{normal_label(latex[1])}}}"
    elif bookdown:
        text = f"{text[bookdown.end() :]} {{#{normal_label(bookdown[1])}}}"
    last = None
    for last in LIST.finditer(text):  # noqa: B007 - the last of them
        pass
    given = read_attributes(last["inner"]) if last and not text[last.end() :].strip() else None
    numbered: list[Token] = []
    if given is not None and last is not None:
        text = text[: last.start()].rstrip()
        if given.id:
            table.attrs["id"] = normal_label(given.id)
        for name in given.classes:
            table.attrJoin("class", name)
    label = str(table.attrs.get("id", ""))
    if kind_of(label) == "tbl":
        numbered = [number("tbl", label, line), markup(" ")]
    if not text and not numbered:
        return []  # a list of attributes alone
    return [markup("<caption>"), *numbered, inline(text, line), markup("</caption>\n")]
