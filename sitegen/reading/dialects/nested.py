"""Fences of Markdown that hold others as long as themselves, as chats write them: the outer ones made longer.

A whole file in such a fence is what it holds. A line of ticks alone ends what was opened last, where all are ended so.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_OPENS = re.compile(r"^([ \t>]*)(`{3,}|~{3,})[ ]*(?:markdown|md)[ \t]*$", re.MULTILINE | re.IGNORECASE)


def unwrapped(text: str) -> str:
    """Return what a text holds that is one fence of Markdown, in as many lines; else the text."""
    if not text.lstrip().startswith(("```", "~~~")):
        return text
    lines = text.rstrip().split("\n")
    first = next(number for number, line in enumerate(lines) if line.strip())
    opening = _OPENS.fullmatch(lines[first])
    if not opening or _end(lines, first, opening[2])[0] != len(lines) - 1:
        return text
    return "\n".join([*lines[:first], "", *lines[first + 1 : -1], ""])


def with_longer_fences(text: str) -> str:
    """Return a body whose fences of Markdown are longer than those that they hold."""
    if not _OPENS.search(text):
        return text
    lines = text.split("\n")
    start = 0
    while start < len(lines):
        opening = _OPENS.fullmatch(lines[start])
        end, is_nested = _end(lines, start, opening[2]) if opening else (0, False)
        if opening and not end:
            break
        if opening and is_nested:
            for number in (start, end):
                lines[number] = lines[number].replace(opening[2], opening[2] + opening[2][0], 1)
        start = max(start, end) + 1
    return "\n".join(lines)


def _end(lines: Sequence[str], start: int, ticks: str) -> tuple[int, bool]:
    """Return the line that ends a fence of Markdown, 0 for none, and whether it holds others as long."""
    open_ = 1
    is_nested = False
    for number in range(start + 1, len(lines)):
        line = lines[number].strip(" \t>")
        info = line.removeprefix(ticks)
        if info == line or ticks[0] in info:
            continue
        open_ += 1 if info else -1
        is_nested |= bool(info)
        if not open_:
            return number, is_nested
    return 0, is_nested
