r"""`\\begin{align}` and `\begin{align\*}`, escaped for another Markdown, as ox-hugo writes them -> formulas between dollars."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate

from sitegen.later import later
from sitegen.reading.code_lines import known_code
from sitegen.reading.mathspan import ENVIRONMENTS, find_math

_BEGIN = later(
    rf"[ \t>]*(?P<begin>\\\\begin\{{(?:{ENVIRONMENTS})(?:\\?\*)?\}}|\\begin\{{(?:{ENVIRONMENTS})\\\*\}})(?P<rest>.*)"
)
_BRACKET = later(r"[ \t>]*\\{1,2}([\[\]])[ \t]*")


def plain_environments(body: str) -> str:
    """Return a body in which dollars stand around environments that were escaped, and in which others do not stand yet."""
    if "\\\\begin{" not in body and "\\*}" not in body:
        return body
    lines = body.split("\n")
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    within: set[int] = set()  # lines that begin in a formula
    for span in find_math(body, "tight"):
        within.update(range(bisect_right(starts, span.start), bisect_left(starts, span.end)))
    first, begin = -1, ""  # of the environment that is open
    is_formula = False  # also where blank lines are in it
    for number, line, code in known_code(body.split("\n")):
        text = line.strip(" \t>")
        if code or not text:
            first = -1
            continue
        bracket = _BRACKET.fullmatch(line)
        at_edges = text.count("$$") % 2 == 1 and "$$" in {text[:2], text[-2:]}  # `$a$$b$` are two formulas
        is_formula = bracket[1] == "[" if bracket else is_formula ^ at_edges
        opened = _BEGIN.fullmatch(line) if first < 0 and not is_formula and number not in within else None
        if opened:
            first, begin = number, opened["begin"]
        before, closing, rest = line.rpartition(begin.replace("begin", "end")) if first >= 0 else ("", "", "")
        if closing and not rest.strip(" \t.,;:"):
            lines[number] = f"{before}{closing}$${rest}"
            lines[first] = lines[first].replace(begin, f"$${begin}", 1)
            first = -1
    return "\n".join(lines)
