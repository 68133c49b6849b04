"""Slides of remark, as xaringan makes them of R Markdown -> Markdown, in as many lines.

`.pull-left[` up to `]` is a container, `.red[words]` a span with a class; how a slide looks, pauses and what its speaker says are
left out, as on the slides of others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitegen.later import later
from sitegen.reading.code_lines import SPAN, known_lines

if TYPE_CHECKING:
    import re

    from sitegen.reading.context import Reading

_CLASSES = r"(?<!\w)(?P<classes>(?:\.[a-zA-Z][\w-]*)+)\["
_OPENING = later(_CLASSES)
_WORDS = later(rf"{SPAN}|{_CLASSES}(?P<words>(?:[^\[\]]|\[[^\[\]]*\])*)\]")
_LOOK = later(r"(?:class|name|layout|template|count|exclude|background-[a-z]+):.*")


def plain_remark(text: str, reading: Reading) -> str:
    """Return a body without what remark alone knows, where the header says that xaringan shows it."""
    if "xaringan" not in str(reading.lists.get("output", "")):
        return text
    lines = text.split("\n")
    opened: list[tuple[int, re.Match[str]]] = []
    is_top, is_note = True, False
    for number, line, code in known_lines(text.split("\n")):
        said = line.strip()
        if said in {"---", "--"} and not code:
            lines[number] = "***" if said == "---" else ""  # no line below a heading's words
            is_top, is_note = True, False
            opened = opened if said == "--" else []
        elif is_note or (not code and (said == "???" or (is_top and _LOOK.fullmatch(said)))):
            lines[number] = ""
            is_note = is_note or said == "???"
        elif said:
            is_top = False
            if code:
                continue
            *_, opening = (None, *_OPENING.finditer(said))
            if opening and said.count("[") > said.count("]"):
                opened.append((number, opening))
            elif said == "]" and opened:
                first, begun = opened.pop()
                above, words = first - 1, lines[first].strip()[begun.end() :]
                if begun.start():
                    continue
                if not words:
                    lines[first], lines[number] = f"::: {_list(begun)}", ":::"
                elif first and not lines[above].strip():  # `.small[words`, with room for its container above
                    lines[above], lines[first], lines[number] = f"::: {_list(begun)}", words, ":::"
            elif opened and said.count("]") > said.count("[") and not _OPENING.fullmatch(lines[opened[-1][0]].strip()):
                opened.pop()  # by `words]`, within a paragraph
            elif "[" in said and "." in said:
                lines[number] = _WORDS.sub(_span, line)
    return "\n".join(lines)


def _span(match: re.Match[str]) -> str:
    return f"[{match['words']}]{_list(match)}" if match["classes"] else match[0]


def _list(match: re.Match[str]) -> str:
    return f"{{{match['classes'].replace('.', ' .').strip()}}}"
