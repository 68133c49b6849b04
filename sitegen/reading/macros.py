r"""Macros of formulas: definitions found in TeX are taken out of it and known to the rest of the post.

Doing this here keeps the typesetter without state: each formula travels with the macros that it uses, so that what is
remembered of it depends on nothing else. Also gives KaTeX `\DeclareMathOperator`, which it does not know.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_COMMAND = re.compile(r"\\(?:[a-zA-Z@]+|.)")
_DEFINES = re.compile(
    r"\\(?:(?:global|long|outer)\s*)*\\?(newcommand|renewcommand|providecommand|def|gdef|edef|xdef|let"
    r"|DeclareMathOperator)(\*?)(?![a-zA-Z])"
)


def take_definitions(tex: str, macros: dict[str, str]) -> str:
    """Add what `tex` defines to `macros` and return it with blanks in place of definitions, so that columns stay."""
    position = 0
    while match := _DEFINES.search(tex, position):
        found = _definition(tex, match)
        if found is None:
            position = match.end()  # KaTeX says what is wrong with it
            continue
        name, expansion, end = found
        if not (match[1] == "providecommand" and name in macros):
            macros[name] = expansion
        blank = re.sub(r"[^\n]", " ", tex[match.start() : end])
        tex = tex[: match.start()] + blank + tex[end:]
        position = end
    return tex


def macros_used(tex: str, macros: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the macros that `tex` uses, directly or through others, sorted by name."""
    if not macros:
        return ()
    used: dict[str, str] = {}
    waiting = [tex]
    while waiting:
        for name in _COMMAND.findall(waiting.pop()):
            if name in macros and name not in used:
                used[name] = macros[name]
                waiting.append(macros[name])
    return tuple(sorted(used.items()))


def _definition(tex: str, match: re.Match[str]) -> tuple[str, str, int] | None:
    """Return (name, expansion, end) of the definition that `match` begins, or None when it is not one of ours."""
    position = _skip_blanks(tex, match.end())
    braced = tex.startswith("{", position)
    name = _COMMAND.match(tex, _skip_blanks(tex, position + 1) if braced else position)
    if not name:
        return None
    position = _skip_blanks(tex, name.end())
    if braced:
        if not tex.startswith("}", position):
            return None
        position = _skip_blanks(tex, position + 1)
    if match[1] == "let":
        if tex.startswith("=", position):
            position = _skip_blanks(tex, position + 1)
        meaning = _COMMAND.match(tex, position)
        return (name[0], meaning[0], meaning.end()) if meaning else None
    parameters = re.compile(r"(?:\[\d\]\s*)?" if "command" in match[1] else r"(?:#\d)*\s*").match(tex, position)
    body = _braced(tex, parameters.end() if parameters else position)
    if body is None:
        return None
    expansion, end = body
    if match[1] == "DeclareMathOperator":
        expansion = f"\\operatorname{match[2]}{{{expansion}}}"
    return name[0], expansion, end


def _braced(tex: str, start: int) -> tuple[str, int] | None:
    """Return the content of the braces at `start` and where they end."""
    if not tex.startswith("{", start):
        return None
    depth = 0
    position = start
    while position < len(tex):
        character = tex[position]
        if character == "\\":
            position += 1
        elif character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                return tex[start + 1 : position], position + 1
        position += 1
    return None


def _skip_blanks(tex: str, position: int) -> int:
    while tex[position : position + 1].isspace():
        position += 1
    return position
