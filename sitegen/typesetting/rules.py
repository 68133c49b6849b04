r"""The rules by which a formula is rewritten for KaTeX: each gives edits of the TeX and knows nothing of the others.

A rule's name says what it is about, its docstring what authors write; each has its fixture in tests/fixtures/tex.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sitegen.tex import COMMAND, argument_end, group_end, option_end, skip_blanks
from sitegen.typesetting.units import quantities

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sitegen.tex import Edit


@dataclass(frozen=True, slots=True)
class Context:
    """What a rule may ask besides the TeX. arguments: how many each macro of the author takes."""

    display: bool
    arguments: Mapping[str, int]


# ------------------------------------------------------------------------------- escaped for another processor

_ENTITY = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "nbsp": " ", "#39": "'"}
_WIDE = re.compile("[\uff01\uff08-\uff0b\uff0d-\uff0f\uff1a-\uff1e\uff3b\uff3d\uff5b-\uff5d\u2016]")
_IN_TEXT = re.compile(r"\\(?:text(?:rm|bf|it|tt|sf|sc|up|md|normal)?|mbox|hbox|emph)\s*(?=\{)")


def entities(tex: str, _: Context) -> Iterator[Edit]:
    """`&lt;`, written so that no HTML begins."""
    for match in re.finditer(r"&(lt|gt|amp|quot|nbsp|#39);", tex):
        yield *match.span(), _ENTITY[match[1]]


def invisible_characters(tex: str, _: Context) -> Iterator[Edit]:
    """Zero-width blanks, byte order marks and the like, which come along when text is copied."""
    for match in re.finditer("[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\ufe0e\ufe0f]+", tex):
        yield *match.span(), ""


def doubled_backslashes(tex: str, _: Context) -> Iterator[Edit]:
    r"""`\\alpha_1 \\in \\{0, 1\\}`: where no backslash stands alone, each was escaped for another Markdown."""
    runs = list(re.finditer(r"\\+", tex))
    doubled = runs and all(len(run[0]) % 2 == 0 for run in runs)
    if doubled and any(re.match(r"[a-zA-Z]{2}|[{}_,;]", tex[run.end() :]) for run in runs):
        for run in runs:
            yield *run.span(), run[0][: len(run[0]) // 2]


def doubled_braces(tex: str, _: Context) -> Iterator[Edit]:
    r"""`x \in \\{0, 1\\}` and `a\\_b`, escaped twice for kramdown; a row never ends just before a closing brace."""
    opened, closed = tex.count("\\\\{"), tex.count("\\\\}")
    if opened == closed:
        for match in re.finditer(r"(?<!\\)\\\\(?=[{}_])", tex):
            yield *match.span(), "\\"
    else:
        for match in re.finditer(r"(?<!\\)\\\\(?=_)", tex):
            yield *match.span(), "\\"


def doubled_rows(tex: str, _: Context) -> Iterator[Edit]:
    r"""`1 \\\\ 2` in an environment: rows that end with four backslashes, and none with two."""
    runs = [match for match in re.finditer(r"\\+(?=[\s\[&*-]|$)", tex) if len(match[0]) > 1]
    if "\\begin" in tex and runs and all(len(run[0]) == 4 for run in runs):
        for run in runs:
            yield *run.span(), "\\\\"


_ROWS = re.compile(
    r"\\begin\{(?P<name>[pbBvV]?(?:small)?matrix|[dr]?cases|aligned|alignedat|array|align\*?|split|gathered)\}(?P<body>(?s:.*?))\\end\{(?P=name)\}"
)


def halved_rows(tex: str, _: Context) -> Iterator[Edit]:
    r"""Rows that end as in `a & b \`, or `a & b \ c & d`: a Markdown took one of the two backslashes of each."""
    for rows in _ROWS.finditer(tex):
        body = rows["body"]
        ends = [] if "\\\\" in body else list(re.finditer(r"\\(?=[ \t]*\n)", body))
        if not ends and "&" in body and "\\\\" not in body:
            parts = re.split(r"(?<=\s)\\(?=\s)", body)
            alike = len({part.count("&") for part in parts}) == 1
            ends = list(re.finditer(r"(?<=\s)\\(?=\s)", body)) if alike else []
        for end in ends:
            start = rows.start("body") + end.start()
            yield start, start, "\\"


def escaped_underscores(tex: str, _: Context) -> Iterator[Edit]:
    r"""`x\_i` and `x\^2` in a formula that has no other subscript, in the place of one."""
    outside = re.sub(r"\\(?:text\w*|mathrm|mathtt|operatorname\*?|mbox|hbox)\s*\{[^{}]*\}", "", tex)
    if outside == tex and "_" not in tex.replace("\\_", ""):
        for match in re.finditer(r"(?<!\\)\\_", tex):
            yield *match.span(), "_"


def escaped_signs(tex: str, _: Context) -> Iterator[Edit]:
    r"""`\[0, 1\]`, `f\(x\)` and `x \- y` inside a formula, where signs were escaped for Markdown; in text brackets begin math."""
    texts = [(match.end(), group_end(tex, match.end()) or match.end()) for match in _IN_TEXT.finditer(tex)]
    for match in re.finditer(r"(?<!\\)(?:\\\\)*\\(?=[\[\]()+*-])", tex):
        if tex[match.end()] in "+*-" or not any(start <= match.start() < end for start, end in texts):
            yield match.end() - 1, match.end(), ""


def full_width_signs(tex: str, _: Context) -> Iterator[Edit]:
    """Signs as wide as a letter, as an input method for Chinese, Japanese or Korean writes them; commas stay wide."""
    texts = [(match.end(), group_end(tex, match.end()) or match.end()) for match in _IN_TEXT.finditer(tex)]
    for match in _WIDE.finditer(tex):
        if not any(start <= match.start() < end for start, end in texts):
            sign = "|" if match[0] == "\u2016" else chr(ord(match[0]) - 0xFEE0)
            yield *match.span(), f"\\{sign}" if sign in "{}" or match[0] == "\u2016" else sign


def percent_signs(tex: str, _: Context) -> Iterator[Edit]:
    r"""`95%` is a number of hundredths, not 95 and a comment: `%` after a digit, unless a word follows after a blank."""
    for match in re.finditer(r"(?<=\d)%(?![ \t]+[a-zA-Z])(?![ \t]*\n)", tex):
        yield *match.span(), "\\%"


def signs_in_text(tex: str, _: Context) -> Iterator[Edit]:
    r"""`\text{a_b}`: in text, `_ ^ & # %` are themselves."""
    done = 0
    for command in _IN_TEXT.finditer(tex):
        end = group_end(tex, command.end())
        if end is None or command.start() < done:
            continue
        done = end
        in_math = False
        for match in re.compile(r"\\\(|\\\)|\\.|[$_^&#%]", re.DOTALL).finditer(tex, command.end(), end):
            if match[0] in {"$", "\\(", "\\)"}:
                in_math = match[0] == "\\(" or (match[0] == "$" and not in_math)
            elif match[0] == "^" and not in_math:
                yield *match.span(), "\\textasciicircum{}"
            elif match[0] in {"_", "&", "#", "%"} and not in_math:
                yield match.start(), match.start(), "\\"


# --------------------------------------------------------------------------------------- what TeX reads otherwise

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


def colour_of_a_group(tex: str, _: Context) -> Iterator[Edit]:
    r"""`\color{red}{x} + y`: MathJax colours the group alone, as `\textcolor` does."""
    for match in re.finditer(r"\\color(?=\s*\{[^{}]*\}\s*\{)", tex):
        yield *match.span(), "\\textcolor"


# ------------------------------------------------------------------------------------------------- environments

# Numbers are written into the TeX, so that KaTeX never counts by itself.
_RENAMED = {
    **{name: f"{name}*" for name in ("equation", "align", "gather", "alignat")},
    **dict.fromkeys(("multline", "multline*"), "gather*"),
    **dict.fromkeys(("flalign", "flalign*", "eqnarray", "eqnarray*"), "align*"),
    **dict.fromkeys(("xalignat", "xalignat*", "xxalignat"), "alignat*"),
    **dict.fromkeys(("multlined", "lgathered", "rgathered"), "gathered"),
    **dict.fromkeys(("displaymath", "math"), "equation*"),
    "split": "aligned",  # KaTeX's has two columns at most
    **{f"smallmatrix{star}": "smallmatrix" for star in ("", "*")},
    "subarray": "array",
    "crampedsubarray": "array",
}
_IN_LINE = {
    **dict.fromkeys(("align*", "alignat*"), "aligned"),
    **dict.fromkeys(("gather*", "equation*"), "gathered"),
}
_FENCED = {"p": "()", "b": "[]", "B": ("\\{", "\\}"), "v": "||", "V": ("\\|", "\\|")}
_ENVIRONMENT = re.compile(r"\\(begin|end)\s*\{([a-zA-Z]+\*?)\}")


def environments(tex: str, context: Context) -> Iterator[Edit]:
    r"""`eqnarray`, `multline`, `flalign` and their kin by the names of KaTeX's; inside a line, those that may stand there."""
    for match in _ENVIRONMENT.finditer(tex):
        name = _RENAMED.get(match[2], match[2])
        end = match.end()
        if not context.display and name in _IN_LINE:
            if name == "alignat*" and match[1] == "begin":
                end = argument_end(tex, end) or end
            name = _IN_LINE[name]
        fence = re.fullmatch(r"([pbBvV])smallmatrix\*?", match[2])
        if fence:
            left, right = _FENCED[fence[1]]
            edge = (
                f"\\left{left}\\begin{{smallmatrix}}" if match[1] == "begin" else f"\\end{{smallmatrix}}\\right{right}"
            )
            yield match.start(), (option_end(tex, end) or end) if match[1] == "begin" else end, edge
        elif name != match[2]:
            yield match.start(), end, f"\\{match[1]}{{{name}}}"


def tags_in_line(tex: str, context: Context) -> Iterator[Edit]:
    r"""`$x = 1 \tag{2}$` within a line, where nothing can stand at the margin."""
    if not context.display:
        for match in re.finditer(r"\\tag(\*?)\s*(?=\{)", tex):
            end = group_end(tex, match.end())
            if end:
                opening, closing = ("", "") if match[1] else ("(", ")")
                yield match.start(), match.end(), f"\\qquad\\text{{{opening}"
                yield end, end, f"{closing}}}"


def words_between_rows(tex: str, _: Context) -> Iterator[Edit]:
    r"""`\intertext{and so}` between the rows of an alignment."""
    for match in re.finditer(r"\\(?:short)?intertext\s*(?=\{)", tex):
        end = group_end(tex, match.end())
        if end:
            yield *match.span(), "&\\text"
            yield end, end, "\\\\"


def middle_columns(tex: str, _: Context) -> Iterator[Edit]:
    r"""`\begin{eqnarray} a &=& b`: the relation has a column of its own, which an alignment has not."""
    for match in re.finditer(r"\\begin\{eqnarray(\*?)\}", tex):
        end = tex.find(f"\\end{{eqnarray{match[1]}}}", match.end())
        depth = count = 0
        for sign in re.compile(r"\\begin|\\end|\\.|[&{}]", re.DOTALL).finditer(tex, match.end(), max(end, 0)):
            if sign[0] in {"\\begin", "\\end", "{", "}"}:
                depth += 1 if sign[0] in {"\\begin", "{"} else -1
            elif sign[0] == "\\\\" and depth == 0:
                count = 0
            elif sign[0] == "&" and depth == 0:
                count += 1
                if count == 2:
                    yield *sign.span(), ""


def bare_alignment(tex: str, context: Context) -> Iterator[Edit]:
    r"""Without an environment around them: `a &= b \\ c &= d` in a display."""
    depth = 0
    for match in re.finditer(r"\\(begin|end)\s*\{|\\.|[&{}]", tex, re.DOTALL):
        if match[1]:  # the brace of its name is open too
            depth += 2 if match[1] == "begin" else 0
        elif match[0] in "{}":
            depth += 1 if match[0] == "{" else -1
        elif match[0] == "&" and depth == 0 and context.display:
            yield 0, 0, "\\begin{aligned}"
            yield len(tex), len(tex), "\\end{aligned}"
            return


def columns(tex: str, _: Context) -> Iterator[Edit]:
    r"""`{@{}l*{2}{c}p{2cm}@{\quad}}`: KaTeX knows the columns `l c r | :` and no more."""
    for match in re.finditer(r"\\begin\s*\{(?:array|darray)\}\s*(?:\[[tcb]\]\s*)?(?=\{)", tex):
        end = group_end(tex, match.end())
        if end is None:
            continue
        inside = tex[match.end() + 1 : end - 1]
        plain = _columns(inside)
        if plain != inside or "[" in match[0]:
            yield match.start(), end, f"\\begin{{array}}{{{plain}}}"


def _columns(spec: str) -> str:
    parts = []
    position = 0
    while position < len(spec):
        sign = spec[position]
        position += 1
        end = group_end(spec, skip_blanks(spec, position))
        if sign in "@!><" and end:
            position = end
        elif sign in "pmbwX" and end:
            parts.append("l")
            position = end
        elif sign == "*" and end:
            last = group_end(spec, skip_blanks(spec, end))
            count = spec[position:end].strip("{} ")
            if last and count.isdigit() and int(count) <= 100:
                parts.append(_columns(spec[end:last].strip()[1:-1]) * int(count))
                position = last
        else:
            parts.append(sign)
    return "".join(parts)


def second_column_of_text(tex: str, _: Context) -> Iterator[Edit]:
    r"""`cases*` and its kin, whose second column is text."""
    for match in re.finditer(r"\\begin\{((?:d|r|dr)?cases)\*\}(.*?)\\end\{\1\*\}", tex, re.DOTALL):
        rows = re.split(r"(\\\\)", match[2])
        second = [re.sub(r"^([^&]*&)(.*)$", r"\1\\text{\2}", row, flags=re.DOTALL) for row in rows]
        yield *match.span(), f"\\begin{{{match[1]}}}{''.join(second)}\\end{{{match[1]}}}"


def cases_with_a_left_side(tex: str, _: Context) -> Iterator[Edit]:
    r"""`\begin{numcases}{f(x)=}`."""
    for match in re.finditer(r"\\(begin|end)\{(?:sub)?numcases\}", tex):
        end = argument_end(tex, match.end()) if match[1] == "begin" else None
        side = tex[match.end() : end] if end else ""
        yield match.start(), end or match.end(), f"{side}\\{match[1]}{{cases}}"


# ------------------------------------------------------------------------------------------------- plain TeX

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


RULES: tuple[tuple[str, Callable[[str, Context], Iterator[Edit]]], ...] = (
    ("&", entities),
    ("", invisible_characters),
    ("\\\\", doubled_backslashes),
    ("\\\\", doubled_braces),
    ("\\begin", doubled_rows),
    ("\\begin", halved_rows),
    ("\\_", escaped_underscores),
    ("\\", escaped_signs),
    ("", full_width_signs),
    ("%", percent_signs),
    ("\\", signs_in_text),
    *((f"\\{name}", quantities) for name in ("SI", "si", "num", "unit", "qty", "ang")),
    ("numcases", cases_with_a_left_side),
    ("cases*", second_column_of_text),
    ("\\", plain_matrices),
    ("intertext", words_between_rows),
    ("eqnarray", middle_columns),
    ("&", bare_alignment),
    ("\\", environments),
    ("array", columns),
    ("\\tag", tags_in_line),
    ("\\", raised_boxes),
    ("\\color", colour_of_a_group),
    ("\\", scripts),
)
"""In the order in which they apply: first what another processor did, then what stands where, then single commands.

Each stands beside a text without which it has nothing to do: most formulas are short, and need none of them.
"""
