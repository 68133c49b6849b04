"""A font that a blogger chose -> the rules of fonts that systems have, which stand in its place until it arrives.

Each is scaled to the mean width of the chosen font, and given the height of its lines (`size-adjust` and the overrides of CSS Fonts 5),
so that no text moves then. The theme's own fonts have such rules in assets/css/fonts.css.
"""

from __future__ import annotations

import io
from typing import Any

_OFTEN = {
    " ": 19.2, "e": 10.2, "t": 7.5, "a": 6.5, "o": 6.2, "i": 5.7, "n": 5.7, "s": 5.3, "r": 5.0, "h": 4.9, "l": 3.3, "d": 3.3, "u": 2.3,
    "c": 2.2, "m": 2.0, "f": 2.0, "w": 1.7, "g": 1.6, "p": 1.5, "y": 1.4, "b": 1.3, "v": 0.8, "k": 0.6, ",": 1.2, ".": 1.1,
}  # fmt: skip # per cent of English text
_OF_SYSTEMS = {
    "text": ((("Times New Roman", "Liberation Serif", "Nimbus Roman"), 0.394), (("Noto Serif",), 0.465), (("DejaVu Serif",), 0.504)),
    "labels": ((("Arial", "Liberation Sans", "Helvetica"), 0.435), (("Roboto",), 0.432), (("DejaVu Sans",), 0.499)),
}  # fmt: skip # a row for each use
"""By what a font is for: fonts of Windows and macOS, of Android and of Linux, and their mean widths in em."""

_TYPOGRAPHIC = 1 << 7  # USE_TYPO_METRICS of OpenType's OS/2 table


def names_of_stand_ins(family: str, use: str) -> tuple[str, ...]:
    """Return the families that `stand_ins` declares."""
    return tuple(f"{family} Stand-in {number}" for number, _ in enumerate(_OF_SYSTEMS.get(use, ()), 1))


def stand_ins(family: str, use: str, font: bytes) -> str:
    """Return the rules; "" for a use that needs none, and for a font without Latin letters. font: TTF, WOFF or WOFF2."""
    measures = _measures(font) if use in _OF_SYSTEMS else None
    if measures is None:
        return ""
    width, *heights = measures
    rules = []
    for name, (local, own) in zip(names_of_stand_ins(family, use), _OF_SYSTEMS[use], strict=True):
        scale = width / own
        source = ",".join(f'local("{one}")' for one in local)
        overrides = ("ascent-override", "descent-override", "line-gap-override")
        lines = ";".join(f"{side}:{height / scale:.1%}" for side, height in zip(overrides, heights, strict=True))
        rules.append(f'@font-face{{font-family:"{name}";src:{source};size-adjust:{scale:.1%};{lines}}}')
    return "".join(rules)


def _measures(font: bytes) -> tuple[float, float, float, float] | None:
    """Return the mean width, ascent, descent and line gap in em, as browsers take them."""
    from fontTools.ttLib import TTFont  # noqa: PLC0415 - 100 ms that only a blog with fonts of its own spends, and once

    opened: Any = TTFont(io.BytesIO(font), lazy=True)
    signs, advances, size = opened.getBestCmap(), opened["hmtx"], opened["head"].unitsPerEm
    if not all(ord(sign) in signs for sign in _OFTEN):
        return None
    width = sum(advances[signs[ord(sign)]][0] * often for sign, often in _OFTEN.items()) / sum(_OFTEN.values())
    os2, hhea = opened["OS/2"], opened["hhea"]
    if os2.fsSelection & _TYPOGRAPHIC:
        heights = os2.sTypoAscender, -os2.sTypoDescender, os2.sTypoLineGap
    else:
        heights = hhea.ascent, -hhea.descent, hhea.lineGap
    return width / size, *(height / size for height in heights)
