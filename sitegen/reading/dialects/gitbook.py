r"""Whether a text escapes its brackets, `\(optional\)`, `\(à l'équateur\)`, as GitBook and converters from HTML write them."""

from __future__ import annotations

import re

_FENCE = re.compile(r"[ \t>]*(```|~~~)")
_CODE = re.compile(r"`[^`]*`")
_ESCAPED = re.compile(r"(?<!\\)\\\(((?:[^\\]|\\(?![()]))*)\\\)")
_TEX = re.compile(r"\\[a-zA-Z]|[\^{}<>|]|_\w|[A-Za-z]\(")
_WORDS = re.compile(  # two with a blank, which no formula shows, or of a script that formulas do not use
    r"[^\W\d_]+[,;:.]? [^\W\d_]*['\u2019]?[^\W\d_]{3,}|[^\W\d_]{3,}[,;:.]? [^\W\d_]|[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]"
)
_WORD = re.compile(r"[^\W\d_]{4,}|\d+")


def escapes_brackets(text: str) -> bool:
    r"""Return whether `\(` and `\)` of a text are brackets: words stand between them, and nowhere a sign of TeX."""
    if "\\(" not in text:
        return False
    inside: list[str] = []
    fence = ""
    for line in text.split("\n"):
        if mark := _FENCE.match(line):
            fence = "" if fence == mark[1] else fence or mark[1]
        elif "\\(" in line and not fence:
            inside += [match[1].strip() for match in _ESCAPED.finditer(_CODE.sub(" ", line))]
    if any(_TEX.search(tex) for tex in inside):
        return False
    return any(_WORDS.search(tex) for tex in inside) or (bool(inside) and all(_WORD.fullmatch(tex) for tex in inside))
