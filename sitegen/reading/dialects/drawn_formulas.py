r"""Images of formulas -> formulas: `![](https://latex.codecogs.com/svg.latex?x^2)` is `$$x^2$$`, as texts out of Zhihu, CSDN and GitHub have it.

A formula follows the reader's theme, can be read aloud, and needs no server: one of these has been switched off.
"""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import unquote, unquote_plus

from sitegen.later import later

if TYPE_CHECKING:
    from sitegen.reading.dialects.scan import Scan

SERVERS = (
    *("codecogs.com/", "/equation?tex=", "/render/math?math=", "chart?cht=tx", "upmath.me/svg/", "s2cms.ru/svg/"),
    *("/tex2img.php?eq=", "math.now.sh"),
)
"""Without one of these a text has no such image."""

_SERVER = r"""https?://(?:(?:www\.)?zhihu\.com/equation\?tex=
    | (?:www\.)?sciweavers\.org/tex2img\.php\?eq= | math\.now\.sh/?\?(?:from|inline)=
    | render\.githubusercontent\.com/render/math\?math= | chart\.(?:googleapis|apis\.google)\.com/chart\?cht=tx&(?:amp;)?chl=
    | (?P<path>latex\.codecogs\.com/(?:svg|gif|png)(?:\.\w+)?\? | i\.upmath\.me/svg/ | tex\.s2cms\.ru/svg/))"""
IMAGE = rf"""(?:!\[(?:[^\[\]\n]|\[[^\[\]\n]{{0,200}}\]){{0,200}}\]\([ ]* | <img\b[^<>]{{0,500}}?\bsrc=(?P<quote>["'])){_SERVER}"""
"""What begins such an image, for a pattern with blanks."""

_LONGEST = 4_000
_PARENTHESIS = later(r"[()\n]")
_TITLE = later(r"""[ \t]+(?:"[^"]*"|'[^']*')[ \t]*\Z""")
_ASKED = later(r"&(?:amp;)?(?:mode|preview|consumer|chs|chf|chco|bc|color)=.*")
_LOOKS = later(
    r"(?:\\(?:inline|dpi\{\d+\}|(?:bg|fn)_\w+|tiny|small|normalsize|large|Large|LARGE|huge|Huge)(?![a-zA-Z])\s*)+"
)


def read_drawn_formula(scan: Scan, match: re.Match[str]) -> None:
    """Put the formula in the place of its image, or leave the image where what it asks for is no whole formula."""
    start = match.end()
    end = _end_of_tag(scan.text, match) if match["quote"] else _end_of_address(scan.text, start)
    tex = _formula(scan.text[start : end[0]], is_path=bool(match["path"])) if end else ""
    if end and tex and scan.reading.dollars != "off":
        scan.replace(end[1], f"$${tex}$$")
    else:
        scan.keep(start)


def _end_of_address(text: str, start: int) -> tuple[int, int] | None:
    """Return (end of the address, end of the image): its parentheses come in pairs, and it may hold blanks."""
    depth = 0
    for sign in _PARENTHESIS.finditer(text, start, start + _LONGEST):
        depth += {"(": 1, ")": -1, "\n": -_LONGEST}[sign[0]]
        if depth < 0:
            return (sign.start(), sign.end()) if depth == -1 else None
    return None


def _end_of_tag(text: str, match: re.Match[str]) -> tuple[int, int] | None:
    quote = text.find(match["quote"], match.end(), match.end() + _LONGEST)
    end = re.compile(r"[^<>]*>").match(text, quote + 1, quote + _LONGEST) if quote >= 0 else None
    return (quote, end.end()) if end else None


def _formula(address: str, *, is_path: bool) -> str:
    """Return the LaTeX that the rest of an address asks for, without what says how the image looks; "" if it is none."""
    asked = _ASKED.sub("", _TITLE.sub("", address))
    has_blanks = not is_path or "%2B" in asked  # `+` is one
    tex = unescape((unquote_plus if has_blanks else unquote)(asked).replace("&space;", " "))
    tex = " ".join(_LOOKS.sub("", tex).split())
    while tex.endswith("\\\\"):  # Zhihu's sign of a display
        tex = tex.removesuffix("\\\\").rstrip()
    braces = re.sub(r"\\.", "", tex)
    if "$" in tex or braces.count("{") != braces.count("}"):
        return ""
    return tex.replace("<", "\\lt ").replace(">", "\\gt ")
