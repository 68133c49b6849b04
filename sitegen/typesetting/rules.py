r"""The rules by which a formula is rewritten for KaTeX, in the order in which they apply, and those of single commands.

Each has its fixture in tests/fixtures/tex.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sitegen.tex import COMMAND, argument_end, group_end, option_end, skip_blanks
from sitegen.typesetting import environments, escapes
from sitegen.typesetting.units import quantities

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sitegen.tex import Edit
    from sitegen.typesetting.rule import Context, Rule

_ONE = (
    "acute grave ddot dddot ddddot tilde bar breve check hat vec dot mathring widecheck widehat widetilde "
    "overrightarrow overleftarrow overleftrightarrow underline overline pmb boldsymbol bm bold mathbf mathrm "
    "mathit mathsf mathtt mathbb mathcal mathfrak mathscr mathds mathbbm text textrm textbf textit texttt textsf "
    "textsc textup textnormal mbox hbox cancel bcancel xcancel operatorname mathop mathord mathbin mathrel "
    "phantom hphantom vphantom smash substack boxed overbrace underbrace bra ket braket abs norm sqrt rm bf it sf "
    "tt cal Bbb frak mathnormal mathup tag vb va vu"
)
_TWO = "frac dfrac tfrac cfrac binom dbinom tbinom stackrel overset underset textcolor nicefrac sfrac"
_NONE = (
    "max min sup inf lim log ln lg exp sin cos tan cot sec csc arg det dim ker Pr deg gcd hom limsup liminf "
    "argmax argmin arcsin arccos arctan sinh cosh tanh coth sum prod coprod bigcup bigcap bigoplus bigotimes "
    "bigvee bigwedge int iff implies impliedby quad"
)
_ARGUMENTS = {name: count for count, names in enumerate((_NONE, _ONE, _TWO)) for name in names.split()}


def scripts(tex: str, context: Context) -> Iterator[Edit]:
    r"""`x_\max`, `x^\vec y`, `W_\vx` with a macro: TeX takes the command and what it needs, KaTeX wants braces."""
    for match in re.finditer(r"(?<!\\)[_^]\s*(?=\\[a-zA-Z])", tex):
        command = COMMAND.match(tex, match.end())
        if not command:
            continue
        name = command[0][1:]
        count = context.arguments.get(command[0], _ARGUMENTS.get(name))
        end: int | None = command.end()
        if name == "sqrt":
            end = option_end(tex, command.end()) or end
        for _ in range(count or 0):
            end = end and argument_end(tex, end)
        if count is not None and end:
            yield match.end(), match.end(), "{"
            yield end, end, "}"


def limits_behind(tex: str, _: Context) -> Iterator[Edit]:
    r"""`\min_\limits{x}`, which MathJax takes for `\min\limits_{x}`."""
    for match in re.finditer(r"([_^])\s*(\\(?:no)?limits)(?![a-zA-Z])", tex):
        yield *match.span(), match[2] + match[1]


def raised_primes(tex: str, _: Context) -> Iterator[Edit]:
    r"""`x^'`, which TeX refuses and MathJax takes for `x'`."""
    for match in re.finditer(r"(?<!\\)\^\s*(?=')", tex):
        yield *match.span(), ""


def colour_of_a_group(tex: str, _: Context) -> Iterator[Edit]:
    r"""`\color{red}{x} + y`: MathJax colours the group alone, as `\textcolor` does."""
    for match in re.finditer(r"\\color(?=\s*\{[^{}]*\}\s*\{)", tex):
        yield *match.span(), "\\textcolor"


_PLAIN = {"displaylines": "gathered", "eqalign": "aligned", "eqalignno": "aligned", "leqalignno": "aligned"}


def plain_matrices(tex: str, _: Context) -> Iterator[Edit]:
    r"""`\pmatrix{a & b \cr c & d}`, `\cases{...}`, `\eqalign{...}`, `\displaylines{...}`, as plain TeX has them."""
    pattern = r"\\(p?matrix|cases|displaylines|eqalign|eqalignno|leqalignno)\s*(?=\{)"
    for match in re.finditer(pattern, tex):
        end = group_end(tex, match.end())
        if end:
            name = _PLAIN.get(match[1], match[1])
            yield match.start(), match.end() + 1, f"\\begin{{{name}}}"
            yield end - 1, end, f"\\end{{{name}}}"


def raised_boxes(tex: str, _: Context) -> Iterator[Edit]:
    r"""`\raise 2pt \hbox{x}` and `\lower`."""
    for match in re.finditer(r"\\(raise|lower)\s*(-?)([\d.]+\s*[a-z]{2})\s*", tex):
        start = match.end()
        end = argument_end(tex, start)
        if end and tex.startswith("\\", start):
            end = group_end(tex, skip_blanks(tex, end)) or end
        if end:
            sign = "-" if (match[1] == "lower") != bool(match[2]) else ""
            yield match.start(), start, f"\\raisebox{{{sign}{match[3]}}}{{$"
            yield end, end, "$}"


RULES: tuple[tuple[str, Rule], ...] = (
    ("&", escapes.entities),
    ("", escapes.invisible_characters),
    ("\\\\", escapes.doubled_backslashes),
    ("\\\\", escapes.doubled_braces),
    ("{", escapes.lost_braces),
    ("\\begin", escapes.doubled_rows),
    ("\\begin", escapes.halved_rows),
    ("*{", escapes.starred_subscripts),
    ("\\_", escapes.escaped_subscripts),
    ("\\^", escapes.escaped_powers),
    ("\\", escapes.escaped_signs),
    ("", escapes.full_width_signs),
    ("%", escapes.percent_signs),
    ("\\", escapes.signs_in_text),
    *((f"\\{name}", quantities) for name in ("SI", "si", "num", "unit", "qty", "ang")),
    ("prooftree", environments.proof_trees),
    ("empheq", environments.emphasized),
    ("numcases", environments.cases_with_a_left_side),
    ("cases*", environments.second_column_of_text),
    ("\\", plain_matrices),
    ("intertext", environments.words_between_rows),
    ("eqnarray", environments.middle_columns),
    ("\\hdotsfor", environments.dots_in_columns),
    ("&", environments.bare_alignment),
    ("\\", environments.environments),
    ("array", environments.columns),
    ("\\tag", environments.tags_in_line),
    ("\\", raised_boxes),
    ("\\color", colour_of_a_group),
    ("limits", limits_behind),
    ("'", raised_primes),
    ("\\", scripts),
)
"""In the order in which they apply: first what another processor did, then what stands where, then single commands.

Each stands beside a text without which it has nothing to do: most formulas are short, and need none of them.
"""
