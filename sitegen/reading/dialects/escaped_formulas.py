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
    has_blank, is_below = False, True  # whether it holds a blank line, and whether one is above
    is_formula = False  # also where blank lines are in it
    for number, line, code in known_code(body.split("\n")):
        text = line.strip(" \t>")
        if code:
            first = -1
            continue
        if not text:
            has_blank = is_below = True
            continue
        bracket = _BRACKET.fullmatch(line)
        at_edges = text.count("$$") % 2 == 1 and "$$" in {text[:2], text[-2:]}  # `$a$$b$` are two formulas
        is_formula = bracket[1] == "[" if bracket else is_formula ^ at_edges
        may_begin = (first < 0 or is_below) and not is_formula and number not in within
        is_below = False
        if opened := _BEGIN.fullmatch(line) if may_begin else None:
            first, begin, has_blank = number, opened["begin"], False
        before, closing, rest = line.rpartition(begin.replace("begin", "end")) if first >= 0 else ("", "", "")
        if closing and not rest.strip(" \t.,;:"):
            cut = has_blank and begin.startswith("\\\\")  # dollars hold a blank line beside one backslash alone
            lines[number] = f"{before}{closing[cut:]}$${rest}"
            lines[first] = lines[first].replace(begin, f"$${begin[cut:]}", 1)
            first = -1
    return "\n".join(lines)
