r"""What Pandoc and Mathpix make of LaTeX beside Markdown: `\title{}`, `\footnotetext{}`, links to labels with blanks.

The title and the notes of a page stand on lines of their own, the last at the bottom of a page of paper, wherever that
parts a sentence: such a note goes into the margin. All is rewritten in as many lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitegen.later import later
from sitegen.reading.code_lines import known_lines
from sitegen.tex import group_end

if TYPE_CHECKING:
    import re

_SIGNS = ("\\title{", "\\author{", "\\date{", "\\footnotetext", 'reference-type="')
_COMMAND = later(r"\\(title|author|date|footnotetext)[ \t]*(?:\[\w*\])?(?=\{)")
_SPACED = later(r"(\]\(#)([^()\n]* [^()\n]*)(\)\{reference-type=)")
_LONGEST = 60  # lines of a group


def from_latex(text: str) -> str:
    """Return a body in which these are Markdown."""
    if not any(sign in text for sign in _SIGNS):
        return text
    lines = text.split("\n")
    done = 0
    for number, line, code in known_lines(lines.copy()):
        if code or number < done:
            continue
        if "{reference-type=" in line:
            lines[number] = _SPACED.sub(lambda link: f"{link[1]}{link[2].replace(' ', '%20')}{link[3]}", line)
        elif line.startswith("\\") and (command := _COMMAND.match(line)):
            done = _plain(lines, number, command)
    return "\n".join(lines)


def _plain(lines: list[str], first: int, command: re.Match[str]) -> int:
    """Rewrite a command with its group, and return the line behind it; what never ends, or ends within a line, stays."""
    group = "\n".join(lines[first : first + _LONGEST])
    stop = group_end(group, command.end())
    if stop is None or group[stop:].partition("\n")[0].strip():
        return first
    inner = group[command.end() + 1 : stop - 1]
    last = first + group.count("\n", 0, stop)
    if command[1] == "title":
        above = any(line.strip() for line in lines[:first])
        becomes = f"{'##' if above else '#'} {' '.join(inner.split())}" + "\n" * (last - first)
    elif command[1] != "footnotetext":
        becomes = inner
    elif "\n" not in inner.strip("\n") and inner.count("\n") < 2:
        becomes = f"[{inner.strip()}]{{.aside}}" + "\n" * inner.count("\n")
    elif inner.startswith("\n") and inner.endswith("\n"):
        becomes = f"::: {{.aside}}{inner}:::"
    else:
        return first
    lines[first : last + 1] = becomes.split("\n")
    return last + 1
