"""Printed text with ANSI colour codes -> HTML with classes; every other escape sequence is dropped."""

from __future__ import annotations

import re
from html import escape

_SEQUENCE = re.compile(r"\x1b(?:\[([\d;]*)([A-Za-z])|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_NAMES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
_STYLES = {1: "bold", 2: "dim", 3: "italic", 4: "underline"}


def ansi_to_html(text: str) -> str:
    """Return escaped text; SGR colours (ECMA-48, 30-37 and 90-97) and styles become `<span class="ansi-red">`."""
    parts: list[str] = []
    style: set[str] = set()
    position = 0
    for match in _SEQUENCE.finditer(text):
        parts.append(_styled(text[position : match.start()], style))
        position = match.end()
        if match[2] == "m":
            codes = [int(code) if code else 0 for code in (match[1] or "0").split(";")]
            style = _apply(codes, style)
    parts.append(_styled(text[position:], style))
    return "".join(parts)


def _styled(text: str, style: set[str]) -> str:
    text = escape(text, quote=False)
    if not text or not style:
        return text
    return f'<span class="{" ".join(f"ansi-{name}" for name in sorted(style))}">{text}</span>'


def _apply(codes: list[int], style: set[str]) -> set[str]:
    found = set(style)
    skip = 0
    for index, code in enumerate(codes):
        if skip:
            skip -= 1
        elif code == 0:
            found = set()
        elif code in {38, 48}:  # 256 colours and RGB: the numbers that follow are not codes
            skip = 2 if codes[index + 1 : index + 2] == [5] else 4
        elif code in _STYLES:
            found.add(_STYLES[code])
        elif code == 22:
            found -= {"bold", "dim"}
        elif code in {23, 24}:
            found.discard(_STYLES[code - 20])
        elif 30 <= code <= 37 or 90 <= code <= 97 or code == 39:
            found -= set(_NAMES)
            if code != 39:
                found.add(_NAMES[code % 10])
    return found
