r"""Formulas in code, `$x^2$` between backticks, where a script sets them, as slides of reveal.js and remark.js and posts of blogdown have them -> formulas."""

from __future__ import annotations

import re
from itertools import groupby

from sitegen.later import later
from sitegen.reading.code_lines import BEFORE, SPAN, known_lines
from sitegen.reading.mathspan import ENVIRONMENTS, find_math

_FORMULA = later(
    rf"""(?<![`\\])`(?:(?P<lines>\$\$[^`$]+\$\$ | \\begin\{{(?P<name>(?:{ENVIRONMENTS})\*?)\}}[^`$]+\\end\{{(?P=name)\}})
    | \$[ ]*(?P<tex>[^`$\n]*[^`$\s])[ ]*\$ | (?P<brackets>\\\([^`$\n]+\\\)))`(?!`) | {SPAN}""",
    re.VERBOSE,
)
_ALONE = later(rf"^{BEFORE}`(?:\$\$([^`$]+)\$\$|(\\begin\{{[^`$]+))`[ \t]*$", re.MULTILINE)
_FEWEST = 2  # on lines of their own


def plain_formulas(body: str) -> str:
    """Return a body without the backticks of its formulas, where some stand on lines of their own and nowhere without them, to be compared."""
    if "`$$" not in body and "`\\begin{" not in body:
        return body
    parts = [
        (is_code, "\n".join(line for _, line, _ in lines))
        for is_code, lines in groupby(known_lines(body.split("\n")), lambda known: bool(known[2]))
    ]
    alone = [found[1] or found[2] for is_code, part in parts if not is_code for found in _ALONE.finditer(part)]
    if len(alone) < _FEWEST:
        return body
    bare = {_squeezed(span.tex) for span in find_math(body, "tight")}
    if any(_squeezed(tex) in bare for tex in alone):  # which is shown as it is written, and set
        return body
    return "\n".join(part if is_code else _FORMULA.sub(_plain, part) for is_code, part in parts)


def _squeezed(tex: str) -> str:
    return "".join(tex.split())


def _plain(match: re.Match[str]) -> str:
    lines = match["lines"] or match["brackets"]
    if match["code"] or (lines and re.search(r"\n[ \t]*\n", lines)):
        return match[0]
    return lines or f"${match['tex']}$"
