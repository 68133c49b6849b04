"""What most often helps at the line of an error of YAML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import yaml

_OF_BACKSLASHES = "use single quotes around a value with backslashes: 'a $\\sigma$'"
_GLUED = re.compile(r"\s*([A-Za-z][\w-]*)(?::(?![\s/])|:\u00a0|\uff1a)[\s\u00a0]*(\S[^\n]*?)\s*\Z")
"""A key whose colon no blank follows, or one that looks like a blank, or whose colon is that of Chinese and Japanese."""
_OF_COLONS = 'put quotes around a value that contains ": ", as in title: "Loss: a tour"'


def yaml_hint(text: str, mark: yaml.Mark | None) -> str:
    """Return what most often helps at the line of a YAML error."""
    lines = text.splitlines()
    line = lines[mark.line] if mark and mark.line < len(lines) else ""
    before = lines[mark.line - 1] if mark and 0 < mark.line <= len(lines) else ""
    if mark and line[mark.column : mark.column + 1] in {"@", "`", "%"}:
        return f"put quotes around a value that begins with {line[mark.column]}"
    if value := re.match(r"\s*(?:-\s+)?(?:[\w-]+:\s+)?([*&!])", line):
        return f"put quotes around a value that begins with {value[1]}"
    if glued := glued_hint(line) or glued_hint(before):
        return glued
    if re.match(r"\s*[\w-]+:\s+(\[[^]]*\]|\{[^}]*\}|\"[^\"]*\"|'[^']*')\s*[^\s#]", line):
        return "put quotes around the whole value"
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "indent with spaces: YAML takes no tabs"
    if "\\" in line and mark and '"' in line[: mark.column]:
        return _OF_BACKSLASHES
    is_in_brackets = re.match(r"\s*(?:-\s+)?(?:[\w-]+:\s+)?[\[{]", line) or any(
        before.count(a) > before.count(b) for a, b in ("[]", "{}")
    )
    if not is_in_brackets and mark and line[mark.column : mark.column + 1] == ":" and ": " in line[: mark.column]:
        return _OF_COLONS
    if any(one.count(opening) != one.count(closing) for one in (line, before) for opening, closing in ("[]", "{}")):
        return "count the brackets: one is missing or too many"
    if line.count(":") > 1 or before.count(":") > 1:
        return _OF_COLONS
    if "\\" in line:
        return _OF_BACKSLASHES
    return "check quotes and indentation of this line and the one before it"


def glued_hint(line: str) -> str:
    """Return what to do about a key that no colon and blank follow, "" for another line."""
    glued = _GLUED.match(line)
    return f"write a colon and a blank after the key: `{glued[1]}: {glued[2]}`" if glued else ""
