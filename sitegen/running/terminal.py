"""Text that goes back in its line (progress bars, spinners) -> the text that stands in a terminal at last."""

from __future__ import annotations

import re

_PIECE = re.compile(r"\x1b\[([0-?]*)[ -/]*([@-~])|(.)", re.DOTALL)
_COLOUR = re.compile(r"\x1b\[([\d;:]*)m")


def settled(text: str) -> str:
    """Return text whose lines are as a terminal leaves them: what is written over is gone, what is not stays."""
    lines, colour = [], ""
    for line in text.split("\n"):
        goes_back = "\r" in line.rstrip("\r") or "\b" in line
        lines.append(_settled(line, colour) if goes_back else line.rstrip("\r"))
        for codes in _COLOUR.findall(line):
            colour = _after(colour, codes)
    return "\n".join(lines)


def _settled(line: str, colour: str) -> str:
    """Return one line. colour: the codes in force where it begins."""
    signs: list[tuple[str, str]] = []  # (codes in force, sign)
    start, place = colour, 0
    for codes, command, sign in _PIECE.findall(line):
        if command == "m":
            colour = _after(colour, codes)
        elif command == "K" and codes in {"", "0"}:
            del signs[place:]
        elif command == "K" and codes == "2":
            signs = []
        elif sign == "\r":
            place = 0
        elif sign == "\b":
            place = max(place - 1, 0)
        elif sign:
            signs += [("", " ")] * (place - len(signs))
            signs[place : place + 1] = [(colour, sign)]
            place += 1
    parts, now = [], start
    for codes, sign in signs:
        parts += [_change(now, codes), sign]
        now = codes
    return "".join(parts) + _change(now, colour)


def _after(colour: str, codes: str) -> str:
    """Return the codes in force after some more."""
    return "" if codes.strip("0") == "" else f"{colour};{codes}".removeprefix(";")


def _change(before: str, after: str) -> str:
    if before == after:
        return ""
    return f"\x1b[0;{after}m" if after else "\x1b[0m"
