r"""How far a part of a formula reaches (blanks, a group, an argument) and how TeX is edited; no command has a meaning here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sitegen.later import later

if TYPE_CHECKING:
    from collections.abc import Iterable

Edit = tuple[int, int, str]
"""(start, end, what stands there instead), in positions of the TeX before the edit."""

COMMAND = later(r"\\(?:[a-zA-Z@]+|.)", re.DOTALL)

_BRACES = later(r"\\.|[{}]", re.DOTALL)
_BLANKS = later(r"\s*")


def skip_blanks(tex: str, position: int) -> int:
    """Return where the blanks at `position` end."""
    blanks = _BLANKS.match(tex, position)
    return blanks.end() if blanks else position


def group_end(tex: str, start: int) -> int | None:
    """Return where the group in braces that begins at `start` ends, its brace included; None when there is none."""
    if not tex.startswith("{", start):
        return None
    depth = 0
    for match in _BRACES.finditer(tex, start):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if not depth:
            return match.end()
    return None


def argument_end(tex: str, start: int) -> int | None:
    """Return where the argument after `start` ends, blanks before it included: a group, a command or one character."""
    start = skip_blanks(tex, start)
    if tex.startswith("{", start):
        return group_end(tex, start)
    command = COMMAND.match(tex, start)
    if command:
        return command.end()
    return start + 1 if start < len(tex) and tex[start] not in "}&" else None


def option_end(tex: str, start: int) -> int | None:
    """Return where the option in brackets after `start` ends, blanks before it included; None when there is none."""
    start = skip_blanks(tex, start)
    if not tex.startswith("[", start):
        return None
    depth = 0
    for match in re.compile(r"\\.|[{}\]]", re.DOTALL).finditer(tex, start):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if depth < 0:
            return None
        if not depth and match[0] == "]":
            return match.end()
    return None


def apply_edits(tex: str, edits: Iterable[Edit]) -> str:
    """Return `tex` with edits made; they are in order and do not overlap."""
    parts = []
    position = 0
    for start, end, text in edits:
        parts += [tex[position:start], text]
        position = end
    return "".join([*parts, tex[position:]])
