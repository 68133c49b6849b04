"""Fragments -> one text: every formula set, every link led somewhere; short formulas keep punctuation and particles beside them on their line."""

from __future__ import annotations

import re
from html import escape, unescape
from typing import TYPE_CHECKING

from sitegen.later import later
from sitegen.model import Formula, Link, LinkWords, Markup, Preview
from sitegen.typesetting.readable import count_signs, fit, readable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sitegen.model import Fragment

_MARK = later(r'<sup class="footnote-ref">.*?</sup>')
LONGEST_HELD = 24  # signs of a formula that is never broken: narrower than the narrowest phone
_LONGEST_CLOSING = 12
_CLOSING_ASCII = re.compile(rf"[^\s<>&]{{1,{_LONGEST_CLOSING}}}")  # the classes of the others take 3 ms to compile
_CLOSING = later(
    rf"[^\s<>&\u2e80-\uffef]{{1,{_LONGEST_CLOSING}}}"
    r"|[、。，．：；！？」』）】〉》]{1,3}"  # noqa: RUF001 - punctuation of Chinese and Japanese
    r"|[\uac00-\ud7a3]{1,4}(?![\uac00-\ud7a3])[^\s<>&\u2e80-\uffef]{0,3}"  # a particle of Korean
)
MOST_OPENING = 3  # brackets and quotation marks before a formula that stay on its line
_OPENING = later(r"[(\[“‘「『（【〈《]+$")  # noqa: RUF001 - as above


def filled(
    fragments: Sequence[Fragment],
    formula: Callable[[Formula], str],
    link: Callable[[Link], str],
    *,
    preview: Callable[[Formula], str] = lambda _: "",
    hold: bool = False,
) -> str:
    """Join fragments. hold: keep punctuation on the line of the short formula beside it; browsers would break there."""
    parts: list[str] = []
    holds = False
    for fragment in fragments:
        if isinstance(fragment, Markup):
            html = fit(fragment.html)
            closes = _CLOSING_ASCII if html[:_LONGEST_CLOSING].isascii() else _CLOSING
            closing = closes.match(html) if holds else None
            if closing:
                parts[-1] = f'<span class="held">{parts[-1]}{closing[0]}</span>'
            parts.append(html[closing.end() :] if closing else html)
            holds = False
        elif isinstance(fragment, Formula):
            html = formula(fragment)
            holds = hold and not fragment.display and count_signs(html) <= LONGEST_HELD
            opening = _OPENING.search(parts[-1][-MOST_OPENING:]) if holds and parts else None
            if opening:
                parts[-1] = parts[-1][: -len(opening[0])]
                html = f'<span class="held">{opening[0]}{html}</span>'
            parts.append(html)
        elif isinstance(fragment, Preview):
            parts.append(preview(fragment.formula))
            holds = False
        elif isinstance(fragment, Link):
            parts.append(escape(fit(link(fragment))))
            holds = False
        elif isinstance(fragment, LinkWords):
            parts.append(escape(fragment.name))
            holds = False
    return "".join(parts)


def plain_text(fragments: Sequence[Fragment], formula: Callable[[Formula], str]) -> str:
    """Return readable text: formulas as signs, tags gone, and marks of footnotes, which stand elsewhere."""
    html = filled(fragments, lambda found: escape(readable(formula(found))), lambda _: "")
    if "footnote-ref" in html:
        html = _MARK.sub("", html)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", "", html))).strip()
