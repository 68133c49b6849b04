"""Printed text with ANSI colour codes -> HTML with classes and colours; every other escape sequence is dropped.

The eight colours are the theme's. Others are kept where they can be read: on each theme's paper, or on the ground that the
text brings, they are made lighter or darker until their contrast is that of text.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape

from msgspec import Struct
from msgspec.structs import replace

from sitegen.later import later
from sitegen.running.figures.palette import CUSTOM_PROPERTIES

_SEQUENCE = later(r"\x1b(?:\[([0-?]*)[ -/]*([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_NAMES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
_STYLES = {1: "bold", 2: "dim", 3: "italic", 4: "underline"}
_PLAIN = ("#000000", "#cd0000", "#00cd00", "#cdcd00", "#0000ee", "#cd00cd", "#00cdcd", "#e5e5e5")  # xterm's
_BRIGHT = ("#7f7f7f", "#ff0000", "#00ff00", "#ffff00", "#5c5cff", "#ff00ff", "#00ffff", "#ffffff")
_ENDED = {22: {"bold", "dim"}, 23: {"italic"}, 24: {"underline"}}
_INKS = {39: "", **dict(enumerate(_NAMES, 30)), **dict(enumerate(_NAMES, 90))}
_GROUNDS = {49: "", **dict(enumerate(_PLAIN, 40)), **dict(enumerate(_BRIGHT, 100))}
_LEVELS = (0, 95, 135, 175, 215, 255)  # of the cube of 216 colours
_LEAST = 4.5  # contrast of text, as WCAG asks for


class _Look(Struct, frozen=True):
    """How text is printed. ink: the name of a colour of the theme, or `#rrggbb`; ground: `#rrggbb`; "" for the page's."""

    styles: frozenset[str] = frozenset()
    ink: str = ""
    ground: str = ""


def ansi_to_html(text: str) -> str:
    """Return escaped text; SGR colours (ECMA-48, and those of 256 and of 24 bits) and styles become spans."""
    parts: list[str] = []
    look = _Look()
    position = 0
    for match in _SEQUENCE.finditer(text):
        parts.append(_styled(text[position : match.start()], look))
        position = match.end()
        if match[2] == "m":
            look = _apply(match[1] or "0", look)
    parts.append(_styled(text[position:], look))
    return "".join(parts)


def _styled(text: str, look: _Look) -> str:
    text = escape(text, quote=False)
    if not text or look == _Look():
        return text
    names, style = set(look.styles), ""
    if look.ground:
        style = f"color:{_readable(_colour_of(look), look.ground)};background:{look.ground}"
    elif look.ink.startswith("#"):
        light, dark = (_readable(look.ink, paper) for paper in CUSTOM_PROPERTIES["--figure-paper"])
        style = f"color:light-dark({light},{dark})"
    elif look.ink:
        names.add(look.ink)
    listed = " ".join(f"ansi-{name}" for name in sorted(names))
    given = "".join(f' {name}="{value}"' for name, value in (("class", listed), ("style", style)) if value)
    return f"<span{given}>{text}</span>"


def _apply(written: str, look: _Look) -> _Look:
    """Return the look after the codes of one sequence; `38:2::r:g:b` is another spelling of `38;2;r;g;b`."""
    spelled = re.sub(r"(?<=[34]8:2):\d*(?=:\d*:\d*:\d)", "", written).replace(":", ";")
    codes = [int(code) if code.isdigit() else 0 for code in spelled.split(";")]
    while codes:
        code = codes.pop(0)
        if code == 0:
            look = _Look()
        elif code in {38, 48}:
            colour = _extended(codes)
            look = replace(look, ink=colour) if code == 38 else replace(look, ground=_as_hex(colour))
        elif code in _STYLES:
            look = replace(look, styles=look.styles | {_STYLES[code]})
        elif code in _ENDED:
            look = replace(look, styles=look.styles - _ENDED[code])
        elif code in _INKS:
            look = replace(look, ink=_INKS[code])
        elif code in _GROUNDS:
            look = replace(look, ground=_GROUNDS[code])
    return look


def _extended(codes: list[int]) -> str:
    """Take the numbers that follow 38 or 48 from the codes and return the colour that they mean, "" for none."""
    kind = codes.pop(0) if codes else 0
    size = {5: 1, 2: 3}.get(kind, 0)
    numbers = [min(number, 255) for number in codes[:size]]
    del codes[:size]
    if len(numbers) < size or not size:
        return ""
    if size == 3:
        return _hex(*numbers)
    (number,) = numbers
    if number < 16:
        return _NAMES[number % 8]
    if number >= 232:
        return _hex(*[8 + 10 * (number - 232)] * 3)
    return _hex(*(_LEVELS[(number - 16) // size % 6] for size in (36, 6, 1)))


def _hex(red: int, green: int, blue: int) -> str:
    return f"#{red:02x}{green:02x}{blue:02x}"


def _as_hex(colour: str) -> str:
    return _PLAIN[_NAMES.index(colour)] if colour in _NAMES else colour


def _colour_of(look: _Look) -> str:
    """Return the colour of text on a ground of its own: the one that is asked for, else black or white."""
    return _as_hex(look.ink) or max(("#000000", "#ffffff"), key=lambda colour: _contrast(colour, look.ground))


@lru_cache(maxsize=1024)
def _readable(colour: str, ground: str) -> str:
    """Return a colour as it can be read on a ground: mixed with black or white where it is too near."""
    end = max(("#000000", "#ffffff"), key=lambda colour: _contrast(colour, ground))
    pairs = list(zip(_parts(colour), _parts(end), strict=True))
    mixed = (_hex(*(round(one + (other - one) * step / 20) for one, other in pairs)) for step in range(20))
    return next((one for one in mixed if _contrast(one, ground) >= _LEAST), end)


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (number / 255 for number in _parts(colour))
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
