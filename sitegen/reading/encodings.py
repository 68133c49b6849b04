"""A text that a program read in another encoding than its own, on its way here -> the text as it was: `âˆš` is a root.

ftfy tells such text from what only looks like it. Where most of a file is of that kind, one encoding explains all of it, and with
that known the signs are mended, too, that alone could be anything; elsewhere ftfy's own word for a line of prose is taken.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING
from unicodedata import category

from msgspec import Struct

from sitegen.later import later
from sitegen.reading.code_lines import known_lines

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
    "cp850": "code page 850",
    "cp866": "code page 866",
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
_CODE = later(r"(`[^`]+`)")
LOST = "\ufffd"  # which some programs show for a byte that has no sign in their encoding
_FEWEST = 3  # characters that one encoding explains before it is believed of the rest
_MOST, _NEARLY_ALL = 0.5, 0.9  # of all places: where ftfy sees damage too, and where the encoding alone says so
_MOST_OFTEN = 3  # times that a text was read in a wrong encoding


class Mended(Struct, frozen=True):
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
    names = ("cp1252", "latin-1", "macroman", "cp1254", "cp1250", "cp1251", "cp1253", "cp437", "cp850")
    sets = ((re.escape(part.decode(name, "ignore")) for part in (leads, rest)) for name in names)
    # What code page 866 shows of letters, and of quotation marks, arrows and the like: a frame and a letter, or a capital after a small one.
    in_russian = "[\u2500-\u259f][\u0410-\u043f]|[\u0440-\u044f][\u0410-\u042f]"
    return re.compile("|".join([*(f"[{first}][\x80-\xbf{second}]" for first, second in sets), in_russian]))


def mend(text: str) -> Mended | None:
    """Return a text as it was before it was read in a wrong encoding, once or more often; None where nothing says that it was."""
    if text.isascii():
        return None
    lines = text.split("\n")
    now, encoding, lost = lines, "", set[int]()
    for _ in range(_MOST_OFTEN):
        found = _mended(now)
        if not found:
            break
        now, name, missing = found
        encoding = encoding or _ENCODINGS.get(name, "")
        lost |= missing
    places = tuple(
        (number, *_first_difference(one, other))
        for number, (one, other) in enumerate(zip(lines, now, strict=True), 1)
        if one != other
    )
    return Mended("\n".join(now), encoding, places, tuple(sorted(lost))) if places else None


def _mended(lines: Sequence[str]) -> tuple[list[str], str, set[int]] | None:
    """Return lines as they were before they were read so for the last time, how, and those that are not whole."""
    if not any(not line.isascii() and _sign().search(line) for line in lines):
        return None
    alone = _mended_alone(lines)
    name = _explaining([run for line in lines for run in _OTHERS.findall(line)], _MOST if alone else _NEARLY_ALL)
    if not name:
        return ([alone.get(number, line) for number, line in enumerate(lines)], "", set()) if alone else None
    done = [_decoded(line, name) for line in lines]
    return [line for line, _ in done], name, {number for number, (_, is_whole) in enumerate(done, 1) if not is_whole}


def _mended_alone(lines: Sequence[str]) -> dict[int, str]:
    """Return the lines of prose that are mended for what they say themselves; code may show such text on purpose."""
    from ftfy import fix_encoding  # noqa: PLC0415 - 30 ms that text of which all is right does not spend

    found: dict[int, str] = {}
    for number, line, code in known_lines(lines):
        if not code and _sign().search(line):
            parts = _CODE.split(line)  # prose, code, prose ...
            fixed = "".join(part if place % 2 else fix_encoding(part) for place, part in enumerate(parts))
            if fixed != line and "\n" not in fixed:
                found[number] = fixed
    return found


def _explaining(runs: Sequence[str], share: float) -> str:
    """Return the encoding in which most of what is not ASCII was UTF-8; "" where none explains so large a share of it."""
    found = {name: [text for run in runs if (text := _meant(run, name))] for name in _ENCODINGS}
    name = max(found, key=lambda name: len(found[name]))
    is_enough = len(found[name]) >= len(runs) * share and sum(map(len, found[name])) >= _FEWEST
    return name if is_enough else ""


def _meant(run: str, name: str) -> str:
    """Return what was read in an encoding instead of UTF-8, "" where that cannot be."""
    if name == "cp866" and run.isalpha() and run.islower():  # a word of Russian: a few are UTF-8 by chance
        return ""
    try:
        text = run.encode(name).decode()
    except UnicodeError:
        return ""
    return text if all(category(sign) not in {"Cc", "Cn", "Co"} for sign in text) else ""


def _decoded(line: str, name: str) -> tuple[str, bool]:
    """Return a line as it was, and whether all of it is; bytes that make no character stay what they were read as."""
    is_whole = True

    def run(match: re.Match[str]) -> str:
        nonlocal is_whole
        known = match[0].replace(LOST, "")
        text, has_all = _characters(known, name)
        # What stands for a lost byte is left out only where nothing is missing without it.
        if text == known or not has_all:
            text = LOST.join(_characters(part, name)[0] for part in match[0].split(LOST))
        is_whole = is_whole and has_all
        return text

    return _OTHERS.sub(run, line), is_whole


def _characters(run: str, name: str) -> tuple[str, bool]:
    """Return the characters whose bytes were read one by one, and whether all bytes make characters."""
    has_all = True

    def character(match: re.Match[bytes]) -> bytes:
        nonlocal has_all
        if match["other"]:
            has_all = False
            return match[0].decode(name).encode()
        return _SHORT[match[0]].encode() if match["short"] else match[0]

    try:
        return _CHARACTER.sub(character, run.encode(name)).decode(), has_all
    except UnicodeError:
        return run, True


def _first_difference(was: str, now: str) -> tuple[str, str]:
    """Return the first words in which a line and what it was differ."""
    pairs = zip(re.findall(r"\S+", was), re.findall(r"\S+", now), strict=False)
    return next(((one, other) for one, other in pairs if one != other), (was.strip(), now.strip()))
