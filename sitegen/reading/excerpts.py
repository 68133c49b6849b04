"""What part of an included file is meant, by the options of MyST's `{include}` and `{literalinclude}`, and how code of it is shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sitegen.later import later
from sitegen.reading.code_lines import ticks_around

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SHOWN = {"caption", "linenos", "lineno-start", "emphasize-lines", "name", "label", "filename"}
CHOOSING = {"lines", "start-line", "end-line", "start-after", "start-at", "end-before", "end-at", "pyobject", "region"}
_CODE = {"language", "lang", "literal", "code"}
_NOT_NEEDED = frozenset("encoding parser heading-offset relative-docs relative-images dedent tab-width class".split())
OPTIONS = frozenset(_SHOWN | CHOOSING | _CODE | _NOT_NEEDED) - {"region"}
_RANGE = later(r"\s*(\d+)?\s*(-)?\s*(\d+)?\s*")
_NUMBER = later(r"-?\d+")
_MARK = later(
    r"(?:^\s*[^\w\s]\W*(?:pragma\s+)?((?i:(?:end ?)?region))\b|\b(ANCHOR(?:_END)?):|--8<--\s*\[(start|end):)[ \t]*([\w-]+)?"
)
"""Where a part of a file begins or ends, as editors, mdBook and Python-Markdown's snippets have it, with its name."""


def chosen(lines: Sequence[str], options: Mapping[str, str]) -> list[int] | None:
    """Return which lines are meant, from 0; None when an option names nothing in the file."""
    first, last = 0, len(lines)
    find, name = (_region, options["region"]) if "region" in options else (_object, options.get("pyobject"))
    if name:
        found = find(lines, name)
        if found is None:
            return None
        first, last = found
    for key, shift in (("start-at", 0), ("start-after", 1), ("end-before", 0), ("end-at", 1)):
        if mark := options.get(key):
            place = next((n for n in range(first, last) if mark in lines[n]), None)
            if place is None:
                return None
            if key.startswith("start"):
                first = place + shift
            else:
                last = place + shift
    begins, ends = options.get("start-line", ""), options.get("end-line", "")
    if _NUMBER.fullmatch(begins) or _NUMBER.fullmatch(ends):
        kept = range(len(lines))[int(begins or 0) : int(ends) if ends else None]
        first, last = max(first, kept.start), min(last, kept.stop)
    numbers = [number for number in range(first, last) if find is _object or not _MARK.search(lines[number])]
    return _listed(numbers, options["lines"]) if options.get("lines") else numbers


def _region(lines: Sequence[str], name: str) -> tuple[int, int] | None:
    """Return where the part of a name begins and ends; those within it may have ends without a name."""
    first, inner = 0, 0
    for number, line in enumerate(lines):
        mark = _MARK.search(line)
        is_end = mark and "end" in "".join(filter(None, mark.groups()[:3])).lower()
        if not mark or not (first or mark[4] == name):
            continue
        if not is_end:
            first, inner = first or number + 1, inner + bool(first)
        elif first and (mark[4] == name or not (inner or mark[4])):
            return first, number
        else:
            inner -= bool(inner)
    return None


def as_code(lines: Sequence[str], name: str, options: Mapping[str, str]) -> tuple[list[str], str]:
    """Return (the lines above, the line below) that make code of some lines of a file."""
    language = options.get("language") or options.get("lang") or options.get("code", "")
    language = language or name.rpartition("/")[2].rpartition(".")[2]
    fence = ticks_around("\n".join(lines))
    shown = [f":{key}: {value}".rstrip() for key, value in options.items() if key in _SHOWN]
    return [f"{fence}{{code-block}} {language}", *shown, *[""] * bool(shown)], fence


def _listed(numbers: Sequence[int], text: str) -> list[int] | None:
    """Return those that `1-3, 7, 10-` lists, counted from 1."""
    found: list[int] = []
    for part in text.split(","):
        match = _RANGE.fullmatch(part)
        if not match or not (match[1] or match[3]):
            return None
        begin = int(match[1] or 1)
        end = int(match[3] or (len(numbers) if match[2] else begin))
        found += numbers[max(begin - 1, 0) : end]
    return found


def _object(lines: Sequence[str], name: str) -> tuple[int, int] | None:
    """Return where a function or class of a Python file begins, its decorators included, and ends; `A.b` is one in another."""
    first, last = 0, len(lines)
    for part in name.split("."):
        opening = re.compile(rf"(\s*)(?:async\s+)?(?:def|class)\s+{re.escape(part)}\b")
        found = next(((n, match) for n in range(first, last) if (match := opening.match(lines[n]))), None)
        if found is None:
            return None
        begin, indent = found[0], len(found[1][1])
        after = (n for n in range(begin + 1, last) if lines[n].strip() and _indent(lines[n]) <= indent)
        last = next((n for n in after if not lines[n].lstrip().startswith(")")), last)
        while begin > first and lines[begin - 1].lstrip().startswith("@"):
            begin -= 1
        first = begin
    while last > first and not lines[last - 1].strip():
        last -= 1
    return first, last


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
