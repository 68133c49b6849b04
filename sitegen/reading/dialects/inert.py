"""Markdown that was written where nothing in it runs -> Markdown of a post in which nothing of it runs either."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt

from sitegen.reading.cell_options import cell_fence
from sitegen.reading.code_lines import ticks_around

_FENCE = re.compile(r"([\s>*+\-\d.)]*(`{3,}|~{3,}))(.*)")
_QUARTO_VALUE = re.compile(r"(?<!`)(`+)(?=\{python\}\s)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_MYST_VALUE = re.compile(r"(?<!\\)\{eval\}(?=`)")


def inert(text: str) -> str:
    """Return text whose fences and code spans show code and never run it, and whose last fence is closed."""
    lines = text.rstrip("\n").split("\n")
    quoted = [False] * len(lines)  # lines inside a fence: shown as they are
    end = ""
    for token in MarkdownIt("commonmark").parse(text):
        if token.type == "fence" and token.map:
            first, last = token.map
            last = min(last, len(lines))
            quoted[first + 1 : last] = [True] * len(quoted[first + 1 : last])
            closing = rf" {{0,3}}{re.escape(token.markup)}[`~]*\s*"
            if token.level == 0 and (last - first == 1 or not re.fullmatch(closing, lines[last - 1])):
                end = f"\n{token.markup}"
    for number, line in enumerate(lines):
        fence = None if quoted[number] else _FENCE.match(line)
        if fence and cell_fence(fence[3]):
            lines[number] = f"{fence[1]}python"
    return _without_values(lines, quoted) + end


def fenced(text: str, info: str) -> str:
    """Return a fence around a text, longer than any in it."""
    fence = ticks_around(text)
    return f"{fence}{info}\n{text.strip(chr(10))}\n{fence}"


def _without_values(lines: list[str], quoted: list[bool]) -> str:
    """Join lines; outside fences an inline value becomes a code span that shows it: a space keeps it from running."""
    found = ""
    start = 0
    while start < len(lines):
        stop = next((n for n in range(start, len(lines)) if quoted[n] != quoted[start]), len(lines))
        part = "\n".join(lines[start:stop])
        if not quoted[start]:
            part = _QUARTO_VALUE.sub(lambda match: f"{match[1]} {match[2]} {match[1]}", part)
            part = _MYST_VALUE.sub(r"\\{eval}", part)
        found += part + "\n" * (stop < len(lines))
        start = stop
    return found
