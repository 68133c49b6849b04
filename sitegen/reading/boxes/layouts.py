"""Containers that say where their blocks stand: tabs, columns, the margin, folded blocks, what one format alone shows."""

from __future__ import annotations

import re
from html import escape
from itertools import chain
from typing import TYPE_CHECKING

from sitegen.labels import id_attribute
from sitegen.later import later
from sitegen.reading.boxes.containers import Container, blocks_of, closing, inline, markup, opening, title_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from markdown_it.token import Token

    from sitegen.reading.context import Reading

    Shape = Callable[[Container, list[Token], Reading], list[Token]]

_WIDTH = later(r"\d+(?:\.\d+)?(?:%|px|em|rem)")
_MARGIN = frozenset({"column-margin", "aside", "margin", "sidebar", "marginnote", "l-gutter"})
_WIDE = later(r"(?:column|l)-(?:page|screen|body-outset|body)(?:-(?:right|left|inset|outset))*")  # Quarto's, Distill's
LAYOUTS = frozenset({"layout", "layout-ncol", "layout-nrow"})
"""Options of a container that put its blocks into a grid."""
_MARK = later(r"[\s>]*(?:@tab\b|==)")
_TABSET = later(r"[ \t]*\{\.tabset(?:[ \t]+\.tabset-[\w-]+|[ \t]+\.unnumbered|[ \t]+-)*[ \t]*\}[ \t]*$")
_LISTED = later(r"\{(?:-|\.unlisted|\.unnumbered|[ \t])*\}")
_SHARE = later(r"g-col(?:-(?:sm|md|lg|xl))?-(\d{1,2})")
OF_SLIDES = ("incremental", "nonincremental", "fragment", "footer", "r-stack", "r-hstack", "r-vstack", "r-fit-text")
_SIDES = ("left", "center", "right", "justify")
_HTML = ("html", "html:js", "web")
_HOW_TABS_BEGIN = "begin each tab with a heading, `## Title`, or `:::{tab-item} Title`"


def shape_of(container: Container) -> Shape | None:
    """Return what gives a container its shape; None when it is none of these."""
    if container.name.startswith("l-") and _WIDE.fullmatch(container.name):
        return _wide
    if container.name:
        return SHAPES.get(container.name)
    given = container.given
    for name in given.classes:
        if name in _BY_CLASS:
            return _BY_CLASS[name]
        if _WIDE.fullmatch(name):
            return _wide
    return _grid if LAYOUTS & given.pairs.keys() else None


def tabset(container: Container, inner: list[Token], reading: Reading) -> list[Token]:
    """Shape tabs. Of Quarto's each begins with a heading of the highest level; MyST's and Material's are containers."""
    tabs: list[tuple[list[Token], list[Token]]] = []
    level = min(
        (token.tag for token in inner if token.type == "heading_open" and token.level == inner[0].level), default=""
    )
    level = "h6" if inner and inner[0].tag == "h6" else level  # whose tabs are marked by lines of their own
    is_marked = level == "h6" and _is_mark(inner[0], reading)
    for block in blocks_of(inner):
        first = block[0]
        held = first.meta.get("container") if first.type == "container_open" else None
        if held and held.name in {"tab-item", "tab", "group-tab"}:
            tabs.append(([inline(held.title, held.line)], block[1:-1]))
        elif held and "panel" in held.given.classes and len(block) > 3 and block[2].type == "inline":
            tabs.append(([block[2]], block[4:-1]))  # xaringanExtra's, whose first line or heading is its name
        elif first.type == "heading_open" and first.tag == level and (not is_marked or _is_mark(first, reading)):
            block[1].content, _ = title_of(block[1])
            tabs.append(([block[1]], []))
        elif tabs:
            tabs[-1][1].extend(block)
        else:
            place = reading.place(first.map[0] if first.map else container.line)
            reading.refuse("this stands before the first tab", place, _HOW_TABS_BEGIN)
    if not tabs:
        reading.refuse("these tabs are empty", reading.place(container.line), _HOW_TABS_BEGIN)
    return _tabs(container, tabs, reading)


def _is_mark(heading: Token, reading: Reading) -> bool:
    """Whether a heading is written as VuePress marks a tab, `@tab Name` or `== Name`."""
    return bool(heading.map and any(map(_MARK.match, reading.lines[slice(*heading.map)])))


def tabset_headings(tokens: list[Token]) -> list[Token]:
    """Return tokens in which the headings below one that says `{.tabset}`, as R Markdown has it, begin tabs."""
    out: list[Token] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        out.append(token)
        index += 1
        if token.type != "heading_open" or not _TABSET.search(tokens[index].content):
            continue
        stops = [
            n for n in range(index, len(tokens)) if tokens[n].type == "heading_open" and tokens[n].level <= token.level
        ]
        stop = next((n for n in stops if tokens[n].tag <= token.tag), len(tokens))
        first = next((n for n in stops if n < stop), stop)
        if any(inner.level < token.level for inner in tokens[index:stop]):
            continue  # what holds the heading ends before
        tokens[index].content = _TABSET.sub("", tokens[index].content).rstrip()
        out += tokens[index:first]
        if first < stop:
            lines = tokens[first].map or [0]
            out += [opening(Container("panel-tabset"), lines[0]), *tabset_headings(tokens[first:stop]), closing()]
        index = stop
        if index < len(tokens) and not _LISTED.sub("", tokens[index + 1].content).strip():
            index += 3  # R Markdown's `## {-}`, which only ends the tabs
    return out


def _code_group(container: Container, inner: list[Token], reading: Reading) -> list[Token]:
    """Shape VitePress' fences beside one another, each named by `[file.js]` or its language."""
    tabs: list[tuple[list[Token], list[Token]]] = []
    for block in blocks_of(inner):
        info = block[0].info if block[0].type == "fence" else ""
        title = re.search(r"\[([^\]]+)\]", info)
        block[0].info = info.replace(title[0], "") if title else info
        line = block[0].map[0] if block[0].map else container.line
        tabs.append(([inline(title[1] if title else info.split(" ")[0] or "…", line)], block))
    return _tabs(container, tabs, reading)


def _tabs(container: Container, tabs: list[tuple[list[Token], list[Token]]], reading: Reading) -> list[Token]:
    name = f"tabs-{reading.place(container.line).line}" + f"-{container.line}" * bool(reading.fixed)
    out = [markup(f'<div class="tabs" role="group"{_id(container)}>\n')]
    for count, (title, content) in enumerate(tabs, 1):
        own, checked = f"{name}-{count}", " checked" if count == 1 else ""
        out.append(markup(f'<input type="radio" name="{name}" id="{own}"{checked}><label for="{own}">'))
        out += [*title, markup('</label>\n<div class="tab">\n'), *content, markup("</div>\n")]
    return [*out, markup("</div>\n")]


def _columns(container: Container, inner: list[Token], _reading: Reading) -> list[Token]:
    return [markup(f'<div class="side-by-side"{_id(container)}>\n'), *inner, markup("</div>\n")]


def _bootstrap_grid(container: Container, inner: list[Token], _reading: Reading) -> list[Token]:
    """Shape Bootstrap's `{.grid}` around `{.g-col-4}`: rows of twelve parts."""
    blocks = [(block, _share_of(block[0])) for block in blocks_of(inner)]
    if not any(share for _, share in blocks):
        return [markup(f'<div class="grid"{_id(container)}>\n'), *inner, markup("</div>\n")]
    out: list[Token] = []
    used = 0
    for block, share in blocks:
        if not out or used + (share or 12) > 12:
            out += [markup("</div>\n")] * bool(out) + [markup('<div class="side-by-side">\n')]
            used = 0
        used += share or 12
        cell = block[1:-1] if share else block
        out += [markup(f'<div class="side" style="--width: {(share or 12) / 12:.2%}">\n'), *cell, markup("</div>\n")]
    return [*out, markup("</div>\n")]


def _share_of(token: Token) -> int:
    """Return how many of twelve parts a block takes; 0 for one that says nothing of it."""
    held = token.meta.get("container") if token.type == "container_open" else None
    shares = [match[1] for name in held.given.classes if (match := _SHARE.fullmatch(name))] if held else []
    return min(int(shares[-1]), 12) if shares else 0


def _column(container: Container, inner: list[Token], reading: Reading) -> list[Token]:
    width = container.given.pairs.get("width", "")
    if width and not _WIDTH.fullmatch(width):
        place = reading.place(container.line, width)
        reading.refuse(f"`{width}` is no width of a column", place, "write one such as width=40%")
    style = f' style="--width: {escape(width)}"' if width else ""
    return [markup(f'<div class="side"{_id(container)}{style}>\n'), *inner, markup("</div>\n")]


def _margin(container: Container, inner: list[Token], _reading: Reading) -> list[Token]:
    head = [markup("<p><strong>"), inline(container.title, container.line), markup("</strong></p>\n")]
    title = head if container.title else []
    return [markup(f'<div class="margin-note" role="note"{_id(container)}>\n'), *title, *inner, markup("</div>\n")]


def _wide(container: Container, inner: list[Token], _reading: Reading) -> list[Token]:
    return [markup(f'<div class="wide"{_id(container)}>\n'), *inner, markup("</div>\n")]


def _grid(container: Container, inner: list[Token], reading: Reading) -> list[Token]:
    return [markup(f"<div{_id(container)}>\n"), *grid(container, list(blocks_of(inner)), reading), markup("</div>\n")]


def images_apart(inner: list[Token]) -> list[Token]:
    """Return the blocks of a grid, with a paragraph of its own for each image of those that stand on lines below one another."""
    out: list[Token] = []
    for block in blocks_of(inner):
        lines = block[1].content.split("\n") if block[0].type == "paragraph_open" else []
        if len(lines) < 2 or not all(line.lstrip().startswith("![") for line in lines):
            out += block
            continue
        first = block[1].map[0] if block[1].map else 0
        for number, line in enumerate(lines, first):
            text = block[1].copy(content=line, map=[number, number + 1], children=[])
            out += [block[0].copy(map=[number, number + 1]), text, block[2].copy()]
    return out


def grid(container: Container, blocks: list[list[Token]], reading: Reading) -> list[Token]:
    """Return blocks in the rows and columns that Quarto's `layout-ncol`, `layout-nrow` or `layout` ask for, if any does."""
    rows = _rows(container, len(blocks), reading)
    out: list[Token] = []
    for style, count in rows:
        row, blocks = blocks[:count], blocks[count:]
        cells = [[markup('<div class="subfigure">\n'), *block, markup("</div>\n")] for block in row]
        out += [markup(f'<div class="figure-grid" style="{style}">\n'), *chain(*cells), markup("</div>\n")]
    return [*out, *chain(*blocks)]


def _rows(container: Container, blocks: int, reading: Reading) -> list[tuple[str, int]]:
    """Return (style, how many blocks) of each row; `layout="[40,60]"` is one that goes on, `[[1,1],[1]]` are two."""
    pairs = container.given.pairs
    if not LAYOUTS & pairs.keys():
        return []
    count, lines = pairs.get("layout-ncol", "1"), pairs.get("layout-nrow", "1")
    rows = re.findall(r"\[([-\d,\s]*\d)\s*\]", pairs.get("layout", ""))
    shares = [found for row in rows if (found := re.findall(r"(?<![-\d])\d+", row))]  # a gap is negative
    if shares:
        styles = [f"--shares: {' '.join(f'minmax(0, {share}fr)' for share in row)}" for row in shares]
        whole = len(shares) == 1
        return [(style, blocks if whole else len(row)) for style, row in zip(styles, shares, strict=True)]
    if "layout" in pairs or not all(text.isdecimal() and 1 <= int(text) <= 12 for text in (count, lines)):
        hint = 'write layout-ncol=2, or layout="[40, 60]"'
        reading.refuse("this layout is not understood", reading.place(container.line, "layout"), hint)
        return []
    columns = int(count) if "layout-ncol" in pairs else -(-blocks // int(lines))
    return [(f"--columns: {max(columns, 1)}", blocks)]


def _folded(container: Container, inner: list[Token], reading: Reading) -> list[Token]:
    pairs = container.given.pairs
    title = container.title or pairs.get("title") or pairs.get("summary") or pairs.get("label", "")
    if not title and inner and inner[0].type == "heading_open":
        title, inner = inner[1].content, inner[3:]
    head = [inline(title, container.line)] if title else [markup(escape(reading.words_of_page["note"]))]
    is_open = " open" if "open" in pairs else ""
    return [
        markup(f"<details{is_open}{_id(container)}><summary>"),
        *head,
        markup("</summary>\n"),
        *inner,
        markup("</details>\n"),
    ]


def _visible(container: Container, inner: list[Token], _reading: Reading) -> list[Token]:
    """Show or hide Quarto's blocks for one format: this is a web page."""
    return inner if is_shown(container.given.classes, container.given.pairs) else []


def is_shown(classes: Sequence[str], pairs: Mapping[str, object]) -> bool:
    """Whether a web page shows what Quarto's `.content-visible` or `.content-hidden` says this of."""
    said = [key for key in ("when-format", "unless-format", "when-profile", "unless-profile") if key in pairs]
    matches = not said or all((pairs[key] in _HTML) is not key.startswith("unless") for key in said)
    return matches == ("content-visible" in classes)


def _plain(container: Container, inner: list[Token], _reading: Reading) -> list[Token]:
    """Return what stands on a slide as it is: a page shows all at once."""
    classes = escape(" ".join(container.given.classes))
    return [markup(f"<div{_id(container)}" + f' class="{classes}"' * bool(classes) + ">\n"), *inner, markup("</div>\n")]


def _aligned(container: Container, inner: list[Token], _reading: Reading) -> list[Token]:
    """Return what is aligned: `::: center`, Luogu's `:::align{center}`."""
    names = (container.name, *container.given.names, container.title)
    side = next((name for name in names if name in _SIDES), "center")
    return [markup(f'<div{_id(container)} style="text-align: {side}">\n'), *inner, markup("</div>\n")]


def _notes(container: Container, inner: list[Token], reading: Reading) -> list[Token]:
    """Leave out a speaker's notes where the header says that this is shown as slides."""
    return [] if reading.is_slides() else _plain(container, inner, reading)


def _lost(container: Container, inner: list[Token], reading: Reading) -> list[Token]:
    message = f"`{container.text}` stands outside of a set of tabs"
    reading.refuse(message, reading.place(container.line), "put it into `::::{tab-set}` ... `::::`")
    return inner


def _id(container: Container) -> str:
    return id_attribute(container.given.id)


SHAPES: dict[str, Shape] = {
    **dict.fromkeys(("tab-set", "tabs", "panel-tabset", "panelset"), tabset),
    "tab-item": _lost,
    "code-group": _code_group,
    "columns": _columns,
    "column": _column,
    **dict.fromkeys(("margin", "aside", "sidebar", "l-gutter"), _margin),
    **dict.fromkeys(("dropdown", "toggle", "details", "collapse", "spoiler"), _folded),
    "notes": _notes,
    **dict.fromkeys(("align", "align-center", "text-center", *_SIDES), _aligned),
    **dict.fromkeys(OF_SLIDES, _plain),
}
"""What gives a container its shape, by its name."""

_BY_CLASS: dict[str, Shape] = {
    **dict.fromkeys(("panel-tabset", "panelset"), tabset),
    "columns": _columns,
    "column": _column,
    "grid": _bootstrap_grid,
    **dict.fromkeys(("content-visible", "content-hidden"), _visible),
    "notes": _notes,
    **dict.fromkeys(_MARGIN, _margin),
}
