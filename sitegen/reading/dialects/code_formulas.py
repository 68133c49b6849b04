r"""Formulas in code, `$x^2$` between backticks, where a program sets them -> formulas.

Slides of reveal.js and remark.js and posts of blogdown have them, and notes of Youdao beside fences named `math`; Xiaoshujiang writes
`!$x$` between backticks and fences named `mathjax!`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sitegen.later import later
from sitegen.reading.code_lines import BEFORE, SPAN, known_code
from sitegen.reading.mathspan import ENVIRONMENTS, find_math

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sitegen.reading.context import Reading

_FORMULA = later(
    rf"""(?<![`\\])(?P<ticks>`|```)(?!`)(?P<sure>!?)(?:(?P<lines>\$\$[^`$]+\$\$ | \\begin\{{(?P<name>(?:{ENVIRONMENTS})\*?)\}}[^`$]+\\end\{{(?P=name)\}})
    | \$(?P<before>\s*)(?P<tex>[^`$\s](?:[^`$]*[^`$\s])?)(?P<after>\s*)\$ | (?P<brackets>\\\([^`$]+\\\)))(?P=ticks)(?!`) | {SPAN}""",
    re.VERBOSE,
)
_ALONE = later(rf"^{BEFORE}`(?:\$\$([^`$]+)\$\$|(\\begin\{{[^`$]+))`[ \t]*$", re.MULTILINE)
_FEWEST_ALONE = 2
_MATH = later(rf"^({BEFORE}```[ \t]*math[ \t]*\n)((?:(?![ \t>]*```).*\n)+)(?=[ \t>]*```[ \t]*$)")
_FEWEST = 3  # beside such a fence
_BLANK = later(r"(?<=[^\s>])([ \t]*\n[ \t>]*)(?=\n(?:[ \t>]*\n)*[ \t>]*[^\s>])")
_XIAOSHUJIANG = later(r"^([ \t>]*)```[ \t]*mathjax!.*\n((?:(?![ \t>]*```).*\n)*)[ \t>]*```[ \t]*$")


def plain_formulas(body: str, reading: Reading) -> str:
    """Return a body without the backticks of its formulas, in as many lines; code that shows how to write some stays as it is."""
    if not any(sign in body for sign in ("`$", "`\\begin{", "`!$", "```mathjax!")):
        return body
    parts = [(kind, "\n".join(lines)) for kind, lines in _parts(body)]
    prose = [part for kind, part in parts if not kind]
    bare = {_squeezed(span.tex) for span in find_math("\n\n".join(prose), "tight")}
    alone = [_squeezed(found[1] or found[2]) for part in prose for found in _ALONE.finditer(part)]
    found = sum(not each["code"] for part in prose for each in _FORMULA.finditer(part))
    of_youdao = found >= _FEWEST and not bare and any(_MATH.match(part) for _, part in parts)
    # a formula that is shown as it is written, and set, tells how to write it
    is_set = of_youdao or (len(alone) >= _FEWEST_ALONE and bare.isdisjoint(alone))

    def plain(match: re.Match[str]) -> str:
        if match["code"] or not (is_set or match["sure"]) or re.search(r"\n[ \t]*\n", match[0]):
            return match[0]
        before, after = ("".join((match[name] or "").split(" ")) for name in ("before", "after"))
        return match["lines"] or match["brackets"] or f"{before}${match['tex']}${after}"

    becomes: list[str] = []
    for kind, part in parts:
        if kind == "goes on":
            becomes.append(_MATH.sub(_rows, part) if of_youdao else _XIAOSHUJIANG.sub(r"\1\n\2\1", part))
        else:
            becomes.append(part if kind else _FORMULA.sub(plain, part))
    text = "\n".join(becomes)
    if is_set and text != body:
        old, new = body.split("\n"), text.split("\n")
        first = next(number for number, line in enumerate(old) if line != new[number])
        reading.note("formulas in code are set from here on; code in fences stays code", reading.place(first, "`"))
    return text


def _parts(body: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the lines of a body by what they are: "" for prose, a fence each, and indented code."""
    kind = ""
    lines: list[str] = []
    for _, line, code in known_code(body.split("\n")):
        new = code.replace("begins", "goes on")
        if lines and (code == "begins" or new != kind):
            yield kind, lines
            lines = []
        kind = new
        lines.append(line)
    yield kind, lines


def _rows(fence: re.Match[str]) -> str:
    """Return a formula of Youdao whose blank lines part rows."""
    rows = _BLANK.sub(r"\\\\\1", fence[2])
    if rows == fence[2] or "\\begin{" in rows:
        return fence[0]
    return f"{fence[1]}\\begin{{gather*}}{rows[:-1]}\\end{{gather*}}\n"


def _squeezed(tex: str) -> str:
    return "".join(tex.split())
