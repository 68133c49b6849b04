"""A token by itself -> its HTML, most often a hole that a later stage fills."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from sitegen.model import Number, ReferenceList
from sitegen.reading.dialects.algorithms import is_algorithm, render_algorithm
from sitegen.reading.fences import render_fence
from sitegen.reading.highlight import highlight_code
from sitegen.reading.listing import read_listing
from sitegen.reading.rawhtml import fill_html
from sitegen.reading.rules.citations import render_citation
from sitegen.reading.rules.diagrams import render_diagram

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from markdown_it.token import Token

    from sitegen.reading.context import Reading


def attributes_of(token: Token, apart_from: Collection[str] = ()) -> str:
    """Return the attributes of a token's element, each with a blank before it."""
    return "".join(f' {name}="{escape(str(value))}"' for name, value in token.attrs.items() if name not in apart_from)


def _formula(token: Token, reading: Reading) -> str:
    """Return a formula within text; a display formula there is a block that paragraphs may hold."""
    display = token.meta["display"]
    hole = reading.formula(token.content, display=display, location=reading.find(token.markup))
    return f'<span class="formula">{hole}</span>' if display and hole else hole


def _formula_block(token: Token, reading: Reading) -> str:
    place = reading.find(token.markup)
    if is_algorithm(token.content):  # between dollars, where its author's program wants them
        return render_algorithm(token.content, reading, place)
    hole = reading.formula(token.content, display=True, location=place, label=token.meta["label"])
    given = token.attrs
    anchor = f' id="{escape(str(given["id"]))}"' if "id" in given and not token.meta["label"] else ""
    classes = escape(f"formula {given.get('class', '')}".rstrip())
    return f'<div class="{classes}"{anchor} tabindex="0">{hole}</div>\n' if hole else ""


def _value(token: Token, reading: Reading) -> str:
    return reading.value(token.content, reading.find(token.markup), last=bool(token.meta.get("last")))


def _reference(token: Token, reading: Reading) -> str:
    meta, place = token.meta, reading.find(token.markup)
    return reading.reference(token.content, meta["form"], meta["text"], place, linked=meta["linked"])


def _refused(token: Token, reading: Reading) -> str:
    """Note what a rule has refused, now that its place can be found."""
    reading.refuse_unknown(token.meta["message"], reading.find(token.content), token.meta["hint"])
    return f'<span class="unset"><code>{escape(token.content)}</code></span>'


def _number(token: Token, reading: Reading) -> str:
    meta = token.meta
    place = reading.place(meta["line"], meta["label"])
    return reading.hole(Number(meta["kind"], meta["label"], place, tuple(meta["parts"])))


def _code_block(token: Token, reading: Reading) -> str:
    """Return indented code, whose first line may name its language."""
    language = re.match(r"(?::::|#!)([\w+-]+)\n", token.content)  # Pelican's and Python-Markdown's
    info, content = (language[1], token.content[language.end() :]) if language else ("", token.content)
    return highlight_code(content, read_listing(info, token.attrs, reading.place(reading.block[0]), reading.errors))


def _caption_open(token: Token, reading: Reading) -> str:
    """Return the beginning of a figure's caption; a figure with a label has a number."""
    label = token.meta.get("label", "")
    if not label:
        return f"<figcaption>{token.meta.get('mark', '')}"
    return f"<figcaption>{reading.hole(Number('fig', label, reading.find(label)))} "


def _html_inline(token: Token, reading: Reading) -> str:
    """Return a raw tag in text; a task's box gets a name for those who do not see it."""
    content = token.content
    if content.startswith('<input class="task-list-item-checkbox"'):
        state = "done" if "checked" in content else "open"
        box = content.removesuffix(">").replace('="disabled"', "").replace('="checked"', "")
        return f'{box} aria-label="{state}">'
    return fill_html(content, reading, math=False)


def _table_open(token: Token, _reading: Reading) -> str:
    """Return the beginning of a table in a box of its own that scrolls on a narrow screen."""
    named = f"{token.attrs.pop('class', '')} {token.meta.get('columns', '')}".strip()
    token.attrs["class"] = f"table {named}".strip()
    return f'<div{attributes_of(token)} tabindex="0"><table>\n'


HOLES: dict[str, Callable[[Token, Reading], str]] = {
    "formula": _formula,
    "formula_block": _formula_block,
    "value": _value,
    "reference": _reference,
    "refused": _refused,
    "markup": lambda token, _: token.content,
    "insertion": lambda token, _: f"{token.content}\n",
    "number": _number,
    "fence": render_fence,
    "diagram": render_diagram,
    "citation": render_citation,
    "references": lambda token, reading: reading.hole(ReferenceList(bool(token.meta["titled"]))),
    "code_block": _code_block,
    "caption_open": _caption_open,
    "html_block": lambda token, reading: fill_html(token.content, reading, math=True),
    "html_inline": _html_inline,
    "table_open": _table_open,
    "table_close": lambda _token, _: "</table></div>\n",
}
"""What renders a token that needs no look at its neighbours, by its type."""
