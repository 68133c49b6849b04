"""Containers that say where their blocks stand: tabs, columns, the margin, folded blocks, what one format alone shows."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from sitegen.errors import SiteError
from sitegen.reading.containers import Container, blocks_of, inline, markup

if TYPE_CHECKING:
    from collections.abc import Callable

    from markdown_it.token import Token

    from sitegen.reading.context import Reading

    Shape = Callable[[Container, list[Token], Reading], list[Token]]

_WIDTH = re.compile(r"\d+(?:\.\d+)?(?:%|px|em|rem)")
_MARGIN = frozenset({"column-margin", "aside", "margin", "sidebar", "marginnote"})
_WIDE = re.compile(r"column-(?:page|screen|body-outset|body)(?:-(?:right|left|inset|outset))*")
_HTML = ("html", "html:js", "web")


def shape_of(container: Container) -> Shape | None:
    """Return what gives a container its shape; None when it is none of these."""
    if container.name:
        return SHAPES.get(container.name)
    given = container.given
    for name in given.classes:
        if name in _BY_CLASS:
            return _BY_CLASS[name]
        if _WIDE.fullmatch(name):
            return _wide
    return _grid if "layout-ncol" in given.pairs or "layout" in given.pairs else None


def tabset(container: Container, inner: list[Token], reading: Reading) -> list[Token]:
    """Shape tabs. Of Quarto's each begins with a heading of the highest level; MyST's and Material's are containers."""
    tabs: list[tuple[list[Token], list[Token]]] = []
    level = min(
        (token.tag for token in inner if token.type == "heading_open" and token.level == inner[0].level), default=""
    )
    for block in blocks_of(inner):
        first = block[0]
        held = first.meta.get("container") if first.type == "container_open" else None
        if held and held.name in {"tab-item", "tab"}:
            tabs.append(([inline(held.title, held.line)], block[1:-1]))
        elif first.type == "heading_open" and first.tag == level:
            tabs.append(([block[1]], []))
        elif tabs:
            tabs[-1][1].extend(block)
        else:
            place = reading.place(first.map[0] if first.map else container.line)
            hint = "begin each tab with a heading, `## Title`, or `:::{tab-item} Title`"
            reading.errors.append(SiteError("this stands before the first tab", place, hint))
    if not tabs:
        hint = "begin each tab with a heading, `## Title`, or `:::{tab-item} Title`"
        reading.errors.append(SiteError("these tabs are empty", reading.place(container.line), hint))
    name = f"tabs-{reading.place(container.line).line}" + f"-{container.line}" * bool(reading.fixed)
    out = [markup(f'<div class="tabs" role="group"{_id(container)}>\n')]
    for count, (title, content) in enumerate(tabs, 1):
        checked = " checked" if count == 1 else ""
        out.append(
            markup(f'<input type="radio" name="{name}" id="{name}-{count}"{checked}><label for="{name}-{count}">')
        )
        out += [*title, markup('</label>\n<div class="tab">\n'), *content, markup("</div>\n")]
    return [*out, markup("</div>\n")]


def _columns(container: Container, inner: list[Token], reading: Reading) -> list[Token]:
    del reading
    return [markup(f'<div class="side-by-side"{_id(container)}>\n'), *inner, markup("</div>\n")]


def _column(container: Container, inner: list[Token], reading: Reading) -> list[Token]:
    width = container.given.pairs.get("width", "")
    if width and not _WIDTH.fullmatch(width):
        place = reading.place(container.line, width)
        reading.errors.append(SiteError(f"`{width}` is no width of a column", place, "write one such as width=40%"))
    style = f' style="--width: {escape(width)}"' if width else ""
    return [markup(f'<div class="side"{_id(container)}{style}>\n'), *inner, markup("</div>\n")]


def _margin(container: Container, inner: list[Token], reading: Reading) -> list[Token]:
    del reading
    head = [markup("<p><strong>"), inline(container.title, container.line), markup("</strong></p>\n")]
    title = head if container.title else []
    return [markup(f'<div class="margin-note" role="note"{_id(container)}>\n'), *title, *inner, markup("</div>\n")]


def _wide(container: Container, inner: list[Token], reading: Reading) -> list[Token]:
    del reading
    return [markup(f'<div class="wide"{_id(container)}>\n'), *inner, markup("</div>\n")]


def _grid(container: Container, inner: list[Token], reading: Reading) -> list[Token]:
    style = columns_of(container, reading)
    if not style:
        return inner
    out = [markup(f'<div class="figure-grid"{_id(container)} style="{style}">\n')]
    for block in blocks_of(inner):
        out += [markup("<div>\n"), *block, markup("</div>\n")]
    return [*out, markup("</div>\n")]


def columns_of(container: Container, reading: Reading) -> str:
    """Return the style that Quarto's `layout-ncol=2`, or `layout="[40,60]"` for one row, asks for; "" without one."""
    pairs = container.given.pairs
    if "layout" not in pairs and "layout-ncol" not in pairs:
        return ""
    row = re.fullmatch(r"\[\[?\s*(\d+(?:\s*,\s*\d+)*)\s*\]?\]", pairs.get("layout", "[1]"))
    count = pairs.get("layout-ncol", "1")
    if not row or not count.isdigit() or not 1 <= int(count) <= 12:
        hint = 'write layout-ncol=2, or layout="[40, 60]"'
        reading.errors.append(SiteError("this layout is not understood", reading.place(container.line, "layout"), hint))
        return ""
    shares = [f"minmax(0, {share.strip()}fr)" for share in row[1].split(",")]
    return f"--shares: {' '.join(shares)}" if "layout" in pairs else f"--columns: {count}"


def _folded(container: Container, inner: list[Token], reading: Reading) -> list[Token]:
    title = container.title
    if not title and inner and inner[0].type == "heading_open":
        title, inner = inner[1].content, inner[3:]
    head = [inline(title, container.line)] if title else [markup(escape(reading.words_of_page["note"]))]
    is_open = " open" if "open" in container.given.pairs else ""
    return [
        markup(f"<details{is_open}{_id(container)}><summary>"),
        *head,
        markup("</summary>\n"),
        *inner,
        markup("</details>\n"),
    ]


def _visible(container: Container, inner: list[Token], reading: Reading) -> list[Token]:
    """Show or hide Quarto's blocks for one format: this is a web page."""
    del reading
    given = container.given
    said = [key for key in ("when-format", "unless-format", "when-profile", "unless-profile") if key in given.pairs]
    matches = not said or all((given.pairs[key] in _HTML) is not key.startswith("unless") for key in said)
    return inner if matches == ("content-visible" in given.classes) else []


def _lost(container: Container, inner: list[Token], reading: Reading) -> list[Token]:
    message = f"`{container.text}` stands outside of a set of tabs"
    hint = "put it into `::::{tab-set}` ... `::::`"
    reading.errors.append(SiteError(message, reading.place(container.line), hint))
    return inner


def _id(container: Container) -> str:
    return f' id="{escape(container.given.id)}"' if container.given.id else ""


SHAPES: dict[str, Shape] = {
    "tab-set": tabset,
    "tab-item": _lost,
    "tabs": tabset,
    "panel-tabset": tabset,
    "columns": _columns,
    "column": _column,
    "margin": _margin,
    "aside": _margin,
    "sidebar": _margin,
    "dropdown": _folded,
    "details": _folded,
}
"""What gives a container its shape, by its name."""

_BY_CLASS: dict[str, Shape] = {
    "panel-tabset": tabset,
    "columns": _columns,
    "column": _column,
    "content-visible": _visible,
    "content-hidden": _visible,
    **dict.fromkeys(_MARGIN, _margin),
}
