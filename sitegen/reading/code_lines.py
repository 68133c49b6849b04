"""Which lines of a text are code in fences, for all that is looked for before Markdown is read: also in quotes and lists."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from sitegen.later import later

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BEFORE = r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*"
"""What may stand before a fence: the marks of quotes and items."""
FENCE = rf"{BEFORE}(?P<ticks>`{{3,}}(?=[^`\n]*$)|~{{3,}})"
"""The beginning of a line that begins code; in a text of many lines with `re.MULTILINE`."""

SPAN = r"(?P<code>`+)(?!`).*?(?<!`)(?P=code)(?!`)"
"""Code within a line, between as many ticks, for patterns of what else is looked for there."""

_FENCE = later(FENCE)


def ending(ticks: str) -> str:
    """Return the pattern of the line that ends the code which these ticks, or tildes, begin."""
    return rf"[ \t>]*{ticks[0]}{{{len(ticks)},}}[ \t]*"


def code_end(line: str) -> re.Pattern[str] | None:
    """Return what the line fully matches that ends the code which this line begins; None where it begins none."""
    fence = _FENCE.match(line)
    return re.compile(ending(fence["ticks"])) if fence else None


def known_lines(lines: Iterable[str]) -> Iterator[tuple[int, str, Literal["", "begins", "goes on"]]]:
    """Yield each line with its number, from 0, and whether code begins there or goes on, up to the line that ends it."""
    end: re.Pattern[str] | None = None
    for number, line in enumerate(lines):
        if end:
            end = None if end.fullmatch(line) else end
            yield number, line, "goes on"
        else:
            end = code_end(line)
            yield number, line, "begins" if end else ""


def ticks_around(text: str) -> str:
    """Return ticks for a fence around a text: more than any in it."""
    return "`" * (max(map(len, re.findall(r"`{3,}", text)), default=2) + 1)
