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
_MARKS = re.compile(r"(?: {0,3}> ?)*")
_HOLDS = re.compile(
    r" {0,3}(?:(?:[-*+:~]|\(?(?:\d{1,9}|[a-zA-Z@#]|[ivx]+)[.)])(?:\s|$)|\[\^[^\]]+\]:|!!!|\?{3}|===[!+]? [\"'])"
)
"""What holds the lines that are indented below it: an item, what a term means, a footnote, a box or a tab of Python-Markdown's."""


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


def known_code(lines: Iterable[str]) -> Iterator[tuple[int, str, Literal["", "begins", "goes on", "indented"]]]:
    """Yield the same, where lines that are code as they are indented are known, too: below a blank one, and below nothing that holds them."""
    above, depth = "", 0  # the last line at the margin, or that holds others, and the marks of quotes around it
    is_open = True
    for number, line, code in known_lines(lines):
        text = _MARKS.sub("", line, count=1)
        marks = line[: len(line) - len(text)].count(">")
        above, depth = above if marks == depth else "", marks
        is_code = not code and is_open and text.startswith(("    ", "\t")) and not _HOLDS.match(above)
        above = above if code or (text[:1] in {"", " ", "\t"} and not _HOLDS.match(text)) else text
        is_open = not text.strip() or is_code
        yield number, line, "indented" if is_code else code


def ticks_around(text: str) -> str:
    """Return ticks for a fence around a text: more than any in it."""
    return "`" * (max(map(len, re.findall(r"`{3,}", text)), default=2) + 1)
