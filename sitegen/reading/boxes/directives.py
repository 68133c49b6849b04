"""MyST's directives that are no callouts, theorems or figures: cards, quotations, lists that are tables, what is left out.

Those that hold Markdown have a shape, as other containers do; those that do not are fences by the time they come here.
"""

from __future__ import annotations

import csv
import re
from html import escape
from typing import TYPE_CHECKING

import yaml

from sitegen.labels import id_attribute, normal_label
from sitegen.later import later
from sitegen.reading.block_lines import is_paragraph
from sitegen.reading.boxes.containers import Container, blocks_of, inline, markup
from sitegen.reading.boxes.theorems import number

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from markdown_it.token import Token

    from sitegen.reading.context import Reading

PLAYED = frozenset({"video", "audio", "youtube", "vimeo"})
"""Directives that play a film or a recording."""
LEFT_OUT = frozenset(
    """
    toctree raw-cell tableofcontents contents toc index tags meta title highlight default-role sectionauthor
    codeauthor currentmodule thebe-button
    """.split()
)
"""Directives about the rest of a site or about paper: the theme shows contents, of posts and of the blog."""

_CODE = frozenset({"code", "code-block", "code-cell", "sourcecode", "doctest"})
VERBATIM = frozenset({"math", "raw", "iframe", "eval-rst"}) | _CODE | PLAYED | LEFT_OUT
"""Directives that hold no Markdown, so that their colons are a fence."""

_VERSIONS = {
    "versionadded": "New in version",
    "versionchanged": "Changed in version",
    "deprecated": "Deprecated since version",
    "versionremoved": "Removed in version",
}
_AROUND = later(r"""\A(["'])((?:(?!\1).)*)\1\Z""")  # around all of it, not around each of several
_CLASSES = later(r"""[^\s,'"\[\]]+""")
_OPTION = later(r"[ \t]*:([\w-]+):[ \t]*(.*)")


def take_options(content: str) -> tuple[dict[str, str], str, int]:
    """Return (options, the rest, how many lines they take): `:key: value` lines or a block of YAML between `---`."""
    lines = content.split("\n")
    if lines[0].strip() == "---" and (end := next((n for n, x in enumerate(lines[1:], 1) if x.strip() == "---"), 0)):
        try:
            found = yaml.safe_load("\n".join(lines[1:end]))
        except yaml.YAMLError:
            found = None
        if isinstance(found, dict):
            values = {str(key): " ".join(str(value).split()) for key, value in found.items() if value is not None}
            return _normal(values), "\n".join(lines[end + 1 :]), end + 1
    options: dict[str, str] = {}
    count = 0
    while count < len(lines) and (option := _OPTION.fullmatch(lines[count])):
        options[option[1]] = option[2].strip()
        count += 1
    return _normal(options), "\n".join(lines[count:]), count


def _normal(options: dict[str, str]) -> dict[str, str]:
    """Return options without quotes around their values, and classes that commas part, or that are a list, with blanks."""
    options = {key: _AROUND.sub(r"\2", value) for key, value in options.items()}
    return options | ({"class": " ".join(_CLASSES.findall(options["class"]))} if "class" in options else {})


def _grid(container: Container, inner: list[Token], _reading: Reading) -> list[Token]:
    """Shape `{grid} 1 2 2 3`: as many columns as its last number says, on a phone one."""
    counts = [int(word) for word in container.title.split() if word.isdecimal()]
    columns = min(max(counts, default=2), 6) or 1
    return [markup(f'<div class="figure-grid" style="--columns: {columns}">\n'), *inner, markup("</div>\n")]


def _glossary(container: Container, inner: list[Token], reading: Reading) -> list[Token]:
    """Shape terms, each with what it means on the lines below it, unless these are a list of definitions already."""
    out: list[Token] = []
    for block in blocks_of(inner):
        term, _, meaning = block[1].content.partition("\n") if block[0].type == "paragraph_open" else ("", "", "")
        if not meaning:
            out += block
            continue
        line = block[0].map[0] if block[0].map else container.line
        out += [markup("<dl>\n<dt>"), inline(term, line), markup("</dt>\n<dd>")]
        out += [inline(meaning.strip(), line + 1), markup("</dd>\n</dl>\n")]
    return _plain(container, out, reading)


def _only(container: Container, inner: list[Token], reading: Reading) -> list[Token]:
    """Shape what only some formats show, as Sphinx says it: `html or latex`, `not latex`."""
    words = container.title.lower().strip("() ")
    parts = [[part.split() for part in each.split(" and ")] for each in words.split(" or ")]
    if any(all((part[-1:] == ["html"]) != (part[:1] == ["not"]) for part in each) for each in parts):
        return inner
    reading.note(f"`{{only}} {container.title}` is not shown: a page is `html`", reading.place(container.line))
    return []


def _button(container: Container, inner: list[Token], _reading: Reading) -> list[Token]:
    """Shape a button, which need not look like one: a link."""
    is_label = container.name == "button-ref" or container.given.pairs.get("type") == "ref"
    target = f"#{container.title}" if is_label else container.title
    words = container.given.pairs.get("text", "" if is_label else container.title)  # Sphinx' older panels'
    if inner and inner[0].type == "paragraph_open":
        words, inner = inner[1].content, inner[3:]
    return [markup("<p>"), inline(f"[{words}](<{target}>)", container.line), markup("</p>\n"), *inner]


def _card(container: Container, inner: list[Token], _reading: Reading) -> list[Token]:
    """Shape a card: a title, which may be a link, and what is below it."""
    target = container.given.pairs.get("link", "")
    if target and container.given.pairs.get("link-type", "url") in {"doc", "ref"}:
        target = f"{target}.md" if container.given.pairs["link-type"] == "doc" else f"#{target}"
    above = ""
    if inner and inner[0].type == "paragraph_open" and "\n^^^" in inner[1].content:  # a header above the text
        above, _, text = inner[1].content.partition("\n^^^")
        inner = [inner[0], inline(text.strip(), container.line + 3), *inner[2:]] if text.strip() else inner[3:]
    title, above = (container.title, above) if container.title else (above, "")
    title = f"[{title or target}](<{target}>)" if target else title
    head = [markup('<p class="callout-title">'), inline(title, container.line), markup("</p>\n")] if title else []
    if above:
        head += [markup("<p><strong>"), inline(above, container.line + 1), markup("</strong></p>\n")]
    if image := container.given.pairs.get("img-top", container.given.pairs.get("img-bottom")):
        alt = re.sub(r"[\[\]]", " ", container.given.pairs.get("img-alt", ""))
        inner = [markup("<p>"), inline(f"![{alt}](<{image}>)", container.line), markup("</p>\n"), *inner]
    for key, mark in (("header", "**"), ("footer", "")):
        if said := container.given.pairs.get(key, ""):
            line = [markup("<p>"), inline(f"{mark}{said}{mark}", container.line), markup("</p>\n")]
            inner = [*line, *inner] if key == "header" else [*inner, *line]
    return [markup('<div class="callout note">\n'), *head, *inner, markup("</div>\n")]


def _plain(container: Container, inner: list[Token], _reading: Reading) -> list[Token]:
    names = " ".join([*container.given.classes, *container.title.split()])
    about = f' class="{escape(names)}"' if container.name in {"div", "container"} and names else ""
    anchor = id_attribute(container.given.id)
    return [markup(f"<div{anchor}{about}>\n"), *inner, markup("</div>\n")]


def _quotation(container: Container, inner: list[Token], _reading: Reading) -> list[Token]:
    """Return a quotation; a title, as in Luogu's `:::epigraph[Author]`, says whose it is."""
    who = [markup("<p>— "), inline(container.title, container.line), markup("</p>\n")] if container.title else []
    return [markup("<blockquote>\n"), *inner, *who, markup("</blockquote>\n")]


def _version(container: Container, inner: list[Token], _reading: Reading) -> list[Token]:
    """Shape `{versionadded} 1.2 Words`: a sentence in a box, with what is said about it behind it."""
    number, _, words = container.title.partition(" ")
    head = f"**{_VERSIONS[container.name]}{f' {number}' * bool(number)}**"
    said = inner and inner[0].type == "paragraph_open"
    text = ": ".join(part for part in (head, words or (inner[1].content if said else "")) if part)
    first = [markup("<p>"), inline(text, inner[1].map[0] if said and not words and inner[1].map else container.line)]
    tone = "warning" if container.name in {"deprecated", "versionremoved"} else "note"
    rest = inner[3:] if said and not words else inner
    return [markup(f'<div class="callout {tone}" role="note">\n'), *first, markup("</p>\n"), *rest, markup("</div>\n")]


def _embed(container: Container, inner: list[Token], reading: Reading) -> list[Token]:
    """Shape `{embed} #label`: a mention of what is shown there."""
    target = container.title or container.given.id
    if not target:
        message = "this `{embed}` names nothing"
        place = reading.place(container.line)
        reading.refuse(message, place, "write the label of a figure of this post, `{embed} #fig-x`")
        return inner
    text = f"[](<{target if target.startswith('#') or '/' in target or '.' in target else '#' + target}>)"
    return [markup("<p>"), inline(text, container.line), markup("</p>\n"), *inner]


def _rubric(container: Container, inner: list[Token], _reading: Reading) -> list[Token]:
    """Shape a heading that no contents list shows."""
    return [markup("<p><strong>"), inline(container.title, container.line), markup("</strong></p>\n"), *inner]


def _list_table(container: Container, inner: list[Token], _reading: Reading) -> list[Token]:
    """Shape a list of lists, whose inner lists are the rows of a table."""
    pairs = container.given.pairs
    heads = int(pairs["header-rows"]) if pairs.get("header-rows", "").isdecimal() else 0
    sides = int(pairs["stub-columns"]) if pairs.get("stub-columns", "").isdecimal() else 0
    return _table(container, [_items(row) for row in _items(inner)], heads, sides)


def _csv_table(container: Container, inner: list[Token], _reading: Reading) -> list[Token]:
    """Shape a table of values parted by commas, which stand in paragraphs."""
    pairs = container.given.pairs
    lines = [line for token in inner if token.type == "inline" for line in token.content.split("\n")]
    part = {"tab": "\t", "space": " "}.get(pairs.get("delim", ""), pairs.get("delim", "")) or ","
    if "header" in pairs:
        lines = [pairs["header"], *lines]
    rows = list(csv.reader(lines, delimiter=part[0], skipinitialspace=True))
    heads = int(pairs["header-rows"]) if pairs.get("header-rows", "").isdecimal() else int("header" in pairs)
    cells = [[[inline(cell, container.line)] for cell in row] for row in rows]
    return _table(container, cells, heads, 0)


def _table(container: Container, rows: Sequence[Sequence[list[Token]]], heads: int, sides: int) -> list[Token]:
    """Return the tokens of a table. heads, sides: how many of its rows and columns are headings."""
    out: list[Token] = []
    for place, row in enumerate(rows):
        out.append(markup("<tr>\n"))
        for column, cell in enumerate(row):
            name = "th" if place < heads or column < sides else "td"
            out += [markup(f"<{name}>"), *_bare(cell), markup(f"</{name}>\n")]
        out.append(markup("</tr>\n"))
    label = normal_label(container.given.id)
    caption: list[Token] = []
    if container.title or label:
        numbered = [number("tbl", label, container.line), markup(" ")] if label else []
        caption = [markup("<caption>"), *numbered, inline(container.title, container.line), markup("</caption>\n")]
    anchor = id_attribute(label)
    opening = markup(f'<div class="table"{anchor} tabindex="0"><table>\n')
    return [opening, *caption, markup("<tbody>\n"), *out, markup("</tbody>\n</table></div>\n")]


def _items(tokens: list[Token]) -> list[list[Token]]:
    """Return what the items of the first list among some tokens hold."""
    found = next((block for block in blocks_of(tokens) if block[0].type.endswith("list_open")), [])
    return [item[1:-1] for item in blocks_of(found[1:-1])]


def _bare(cell: list[Token]) -> list[Token]:
    """Return what a cell holds, one paragraph without its element."""
    return cell[1:-1] if is_paragraph(cell) else cell


DIRECTIVE_SHAPES: dict[str, Callable[[Container, list[Token], Reading], list[Token]]] = {
    "grid": _grid,
    **dict.fromkeys(("card", "grid-item-card"), _card),
    **dict.fromkeys(("grid-item", "div", "container", "card-carousel", "compound"), _plain),
    **dict.fromkeys(("button-link", "button-ref", "link-button"), _button),
    "glossary": _glossary,
    **dict.fromkeys(("epigraph", "pull-quote", "highlights", "blockquote"), _quotation),
    "only": _only,
    **dict.fromkeys(("rubric", "centered"), _rubric),
    **dict.fromkeys(_VERSIONS, _version),
    "hlist": lambda _container, inner, _reading: inner,
    "embed": _embed,
    "list-table": _list_table,
    "csv-table": _csv_table,
}
"""What gives a directive its shape, by its name."""
