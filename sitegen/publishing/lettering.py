"""Text -> lines drawn on a picture, in the theme's own fonts; Chinese, Japanese and Korean in Noto Serif.

Fonts of npm come in parts, by script or by how often a character is used; each character is drawn from the part that has it.
"""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from msgspec import Struct
from PIL import ImageFont

from sitegen.project import NODE_MODULES
from sitegen.publishing.png import plain_font

if TYPE_CHECKING:
    from pathlib import Path

    from PIL.ImageDraw import ImageDraw

PACKAGES = NODE_MODULES / "@fontsource-variable"
_CJK = {"ko": "noto-serif-kr", "ja": "noto-serif-jp", "zh": "noto-serif-sc"}
_IDEOGRAPH = "\u2e80-\u9fff\uac00-\ud7ff\uf900-\uffef"
_NO_BEGINNING = "、。，．：；！？」』）】〉》…ー"  # noqa: RUF001 - no line begins with these
_PIECE = re.compile(rf"[{_IDEOGRAPH}][{_NO_BEGINNING}]*|[^\s{_IDEOGRAPH}]+|\s+")
_OWN = {
    "noto-serif-kr": re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7ff]"),
    "noto-serif-jp": re.compile("[\u3040-\u30ff]"),
}
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff]")
_DISPLAY = {b"Weight": 420, b"Optical Size": 72, b"Width": 100}


class Hand(Struct, frozen=True):
    """What text is drawn in: a package of the theme's, and the language that chooses among those behind it."""

    package: str
    weight: int
    size: int
    ink: str
    lang: str


def break_lines(text: str, hand: Hand, width: int) -> list[str]:
    """Return the lines of a text, none wider than `width` where words allow, all of about the same length."""
    lines = _broken(text, hand, width)
    narrow = width
    while len(lines) > 1 and narrow > width // 2:
        narrow -= width // 40
        tighter = _broken(text, hand, narrow)
        if len(tighter) > len(lines) or any(measure(line, hand) > narrow for line in tighter):
            break
        lines = tighter
    return lines


@lru_cache(4_000)  # where lines break is tried in many widths
def measure(text: str, hand: Hand) -> float:
    """Return how wide a line is, in pixels."""
    return sum(_font(*key, hand.size).getlength(run) for key, run in _runs(text, hand))


def write_line(draw: ImageDraw, place: tuple[float, float], text: str, hand: Hand) -> None:
    """Draw a line of text; `place` is the left end of its base line."""
    x, y = place
    for key, run in _runs(text, hand):
        font = _font(*key, hand.size)
        draw.text((x, y), run, font=font, fill=hand.ink, anchor="ls")
        x += font.getlength(run)


def is_right_to_left(text: str) -> bool:
    """Whether a text holds words that are read from the right."""
    return _RIGHT_TO_LEFT.search(text) is not None


def _broken(text: str, hand: Hand, width: float) -> list[str]:
    lines = [""]
    for piece in _PIECE.findall(" ".join(text.split())):
        if lines[-1] and measure((lines[-1] + piece).rstrip(), hand) > width:
            lines.append("")
        lines[-1] += piece if lines[-1] or not piece.isspace() else ""
    return [line.rstrip() for line in lines]


def _runs(text: str, hand: Hand) -> list[tuple[tuple[str, int], str]]:
    """Return (font file and weight, text) in the order in which they are drawn."""
    if is_right_to_left(text):
        return [((str(plain_font()), hand.weight), text)]  # one font for a line, whose order is then the font engine's
    return [
        ((file, hand.weight), "".join(signs))
        for file, signs in groupby(text, key=lambda sign: _file(sign, hand.package, hand.lang))
    ]


@cache
def _file(sign: str, package: str, lang: str) -> str:
    """Return the file that draws a character: of the text's own font, of Noto Serif, or of DejaVu Sans."""
    of_language = _CJK.get(lang.partition("-")[0].lower(), "")
    first = next((name for name, signs in _OWN.items() if signs.match(sign)), of_language)
    for name in dict.fromkeys((package, first, *_CJK.values())):
        for ranges, file in _parts(name) if name else ():
            if any(first <= ord(sign) <= last for first, last in ranges):
                return str(file)
    return str(plain_font())


@cache
def _parts(package: str) -> list[tuple[list[tuple[int, int]], Path]]:
    """Return the files of a package, each with its ranges of code points; none when it is not installed."""
    folder = PACKAGES / package
    try:
        known: dict[str, str] = json.loads((folder / "unicode.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    axis = "opsz" if (folder / "files" / f"{package}-latin-opsz-normal.woff2").exists() else "wght"
    return [
        (
            [
                (int(first, 16), int(last or first, 16))
                for first, _, last in (part.strip()[2:].partition("-") for part in ranges.split(","))
            ],
            folder / "files" / f"{package}-{name.strip('[]')}-{axis}-normal.woff2",
        )
        for name, ranges in known.items()
        if package not in _CJK.values() or name.startswith("[")  # its Latin is not wanted
    ]


@cache
def _font(file: str, weight: int, size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(file, size)
    if file != str(plain_font()):
        axes = [axis["name"] for axis in font.get_variation_axes()]
        font.set_variation_by_axes([weight if name == b"Weight" else _DISPLAY.get(name, 100) for name in axes])
    return font
