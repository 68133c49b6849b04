"""A text that a program read in another encoding than its own, on its way here -> the text as it was: `âˆš` is a root.

ftfy tells such text from what only looks like it. Where most of a file is of that kind, one encoding explains all of it, and with
that known the signs are mended, too, that alone could be anything; elsewhere ftfy's own word for a line of prose is taken.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from sitegen.later import later

if TYPE_CHECKING:
    from collections.abc import Sequence

_ENCODINGS = {
    "sloppy-windows-1252": "Windows-1252",
    "latin-1": "Latin 1",
    "macroman": "Mac Roman",
    "sloppy-windows-1254": "Windows-1254",
    "sloppy-windows-1250": "Windows-1250",
    "sloppy-windows-1251": "Windows-1251",
    "sloppy-windows-1253": "Windows-1253",
    "cp437": "code page 437",
}
"""In which UTF-8 is read by mistake, as ftfy knows them; those that are read so most often first."""

_OTHERS = later("[^\0-\x7f]+")
_CHARACTER = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
    rb"|(?P<short>\xe2\x80|\xe2\x8c|\xe2\x86|\xef\xb8)(?![\x80-\xbf])|(?P<other>[\x80-\xff])"
)
_SHORT = {b"\xe2\x80": "\u201d", b"\xe2\x8c": "\u274c", b"\xe2\x86": "\u2190", b"\xef\xb8": "\ufe0f"}
"""What is meant where one of three bytes has no sign in Windows' encodings, and was left out: a closing quotation mark, a cross, an
arrow to the left, and what makes an emoji of the sign before it."""
_FENCE = later(r"\s*(`{3,}|~{3,})")
_CODE = later(r"(`[^`]+`)")
_FEWEST = 3  # places that one encoding explains before it is believed of the rest


@dataclass(frozen=True, slots=True)
class Mended:
    """A text as it was. encoding: "" where each line has its own.

    places: (line, a word as it stands there, as it was); lost: lines with characters of which a byte is missing.
    """

    text: str
    encoding: str
    places: tuple[tuple[int, str, str], ...]
    lost: tuple[int, ...]


@cache
def _sign() -> re.Pattern[str]:
    """Return what finds the first two bytes of a character, read one by one: in all mended text, and in much that is right."""
    leads, rest = bytes(range(0xC2, 0xF5)), bytes(range(0x80, 0xC0))
    names = ("cp1252", "latin-1", "macroman", "cp1254", "cp1250", "cp1251", "cp1253", "cp437")
    sets = ((re.escape(part.decode(name, "ignore")) for part in (leads, rest)) for name in names)
    return re.compile("|".join(f"[{first}][\x80-\xbf{second}]" for first, second in sets))


def mend(text: str) -> Mended | None:
    """Return a text as it was before it was read in a wrong encoding; None where nothing says that it was."""
    if text.isascii() or not _sign().search(text):
        return None
    lines = text.split("\n")
    alone = _mended_alone(lines)
    if not alone:
        return None
    name = _explaining([run for line in lines for run in _OTHERS.findall(line)])
    lost: list[int] = []
    if name:
        mended = []
        for number, line in enumerate(lines, 1):
            now, is_whole = _decoded(line, name)
            mended.append(now)
            lost += [] if is_whole else [number]
    else:
        mended = [alone.get(number, line) for number, line in enumerate(lines)]
    found = tuple(
        (number, *_first_difference(was, now))
        for number, (was, now) in enumerate(zip(lines, mended, strict=True), 1)
        if was != now
    )
    return Mended("\n".join(mended), _ENCODINGS.get(name, ""), found, tuple(lost)) if found else None


def _mended_alone(lines: Sequence[str]) -> dict[int, str]:
    """Return the lines of prose that are mended for what they say themselves; code may show such text on purpose."""
    from ftfy import fix_encoding  # noqa: PLC0415 - 30 ms that text of which all is right does not spend

    found: dict[int, str] = {}
    fence = ""
    for number, line in enumerate(lines):
        if mark := _FENCE.match(line):
            fence = "" if fence and mark[1].startswith(fence) else fence or mark[1]
        elif not fence and _sign().search(line):
            parts = _CODE.split(line)  # prose, code, prose ...
            fixed = "".join(part if place % 2 else fix_encoding(part) for place, part in enumerate(parts))
            if fixed != line and "\n" not in fixed:
                found[number] = fixed
    return found


def _explaining(runs: Sequence[str]) -> str:
    """Return the encoding in which most of what is not ASCII was UTF-8; "" where none explains most of it."""
    counts = {name: sum(_is_explained(run, name) for run in runs) for name in _ENCODINGS}
    name = max(counts, key=lambda name: counts[name])
    return name if counts[name] >= max(_FEWEST, len(runs) / 2) else ""


def _is_explained(run: str, name: str) -> bool:
    try:
        run.encode(name).decode()
    except UnicodeError:
        return False
    return True


def _decoded(line: str, name: str) -> tuple[str, bool]:
    """Return a line as it was, and whether all of it is; bytes that make no character stay what they were read as."""
    is_whole = True

    def run(match: re.Match[str]) -> str:
        try:
            return _CHARACTER.sub(character, match[0].encode(name)).decode()
        except UnicodeError:
            return match[0]

    def character(match: re.Match[bytes]) -> bytes:
        nonlocal is_whole
        if match["other"]:
            is_whole = False
            return match[0].decode(name).encode()
        return _SHORT[match[0]].encode() if match["short"] else match[0]

    return _OTHERS.sub(run, line), is_whole


def _first_difference(was: str, now: str) -> tuple[str, str]:
    """Return the first words in which a line and what it was differ."""
    pairs = zip(re.findall(r"\S+", was), re.findall(r"\S+", now), strict=False)
    return next(((one, other) for one, other in pairs if one != other), (was.strip(), now.strip()))
