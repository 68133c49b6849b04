r"""Rules for environments: those that KaTeX knows by another name, and rows and columns that it reads otherwise."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sitegen.later import later
from sitegen.tex import argument_end, group_end, option_end, skip_blanks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sitegen.tex import Edit
    from sitegen.typesetting.rule import Context

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
_IN_LINE = {**dict.fromkeys(("align*", "alignat*"), "aligned"), **dict.fromkeys(("gather*", "equation*"), "gathered")}
_FENCED = {"p": "()", "b": "[]", "B": ("\\{", "\\}"), "v": "||", "V": ("\\|", "\\|")}
_ENVIRONMENT = later(r"\\(begin|end)\s*\{([a-zA-Z]+\*?)\}")
_PLACE = later(r"\s*\[[tcb]\]")  # on which row an environment within a line stands, which KaTeX shows as it is written
_EMPHASIZED = later(r"\\begin\{empheq\}\s*(?:\[([^\[\]]*)\]\s*)?\{([a-z]+)\*?\s*(?:=\s*\d+)?\}|\\end\{empheq\}")


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
            if match[1] == "begin":
                yield match.start(), option_end(tex, end) or end, f"\\left{left}\\begin{{smallmatrix}}"
            else:
                yield match.start(), end, f"\\end{{smallmatrix}}\\right{right}"
            continue
        place = _PLACE.match(tex, end) if match[1] == "begin" and name in {"aligned", "alignedat", "gathered"} else None
        if place or name != match[2]:
            yield match.start(), place.end() if place else end, f"\\{match[1]}{{{name}}}"


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


def dots_in_columns(tex: str, _: Context) -> Iterator[Edit]:
    r"""`\hdotsfor{3}`, dots through as many columns."""
    for match in re.finditer(r"\\hdotsfor\s*(?:\[[^\]]*\]\s*)?\{\s*(\d{1,2})\s*\}", tex):
        yield *match.span(), " & ".join(["\\dots"] * int(match[1]))


def second_column_of_text(tex: str, _: Context) -> Iterator[Edit]:
    r"""`cases*` and its kin, whose second column is text."""
    for match in re.finditer(r"\\begin\{((?:d|r|dr)?cases)\*\}(.*?)\\end\{\1\*\}", tex, re.DOTALL):
        rows = re.split(r"(\\\\)", match[2])
        second = [re.sub(r"^([^&]*&)(.*)$", r"\1\\text{\2}", row, flags=re.DOTALL) for row in rows]
        yield *match.span(), f"\\begin{{{match[1]}}}{''.join(second)}\\end{{{match[1]}}}"


def emphasized(tex: str, _: Context) -> Iterator[Edit]:
    r"""`\begin{empheq}[left=\empheqlbrace]{align}`, an alignment with a brace at one side or a box around it."""
    closing = ""
    for match in _EMPHASIZED.finditer(tex):
        if match[2]:
            inner = "gathered" if match[2] in {"gather", "equation", "multline"} else "aligned"
            about = match[1] or ""
            left, right = ("\\{" if "lbrace" in about else "."), ("\\}" if "rbrace" in about else ".")
            is_box = "box=" in about.replace(" ", "")
            closing = f"\\end{{{inner}}}\\right{right}" + "}" * is_box
            yield *match.span(), "\\boxed{" * is_box + f"\\left{left}\\begin{{{inner}}}"
        elif closing:
            yield *match.span(), closing


def cases_with_a_left_side(tex: str, _: Context) -> Iterator[Edit]:
    r"""`\begin{numcases}{f(x)=}`."""
    for match in re.finditer(r"\\(begin|end)\{(?:sub)?numcases\}", tex):
        end = argument_end(tex, match.end()) if match[1] == "begin" else None
        side = tex[match.end() : end] if end else ""
        yield match.start(), end or match.end(), f"{side}\\{match[1]}{{cases}}"


_TREE = later(r"\\begin\{prooftree\}((?:[^\\]|\\(?!(?:begin|end)\{prooftree\}))*+)\\end\{prooftree\}")
_BLANK = later(r"(?:\s|%[^\n]*(?:\n|\Z))*")
_STEP = later(
    r"(?:\s|%[^\n]*\n|\\(?:(no)|single|double)Line(?![a-zA-Z]))*"
    r"\\(?:([AUBT])(?:xiom|X|nary|inary|rinary|)I?(?:nf)?C|([LR])(?:eftLabel|ightLabel|L))\s*(?=\{)"
)


def proof_trees(tex: str, _: Context) -> Iterator[Edit]:
    r"""`\begin{prooftree} \AxiomC{$A$} \RightLabel{r} \UnaryInfC{$B$} \end{prooftree}` of bussproofs: a fraction for each step."""
    for tree in _TREE.finditer(tex):
        proved: list[str] = []
        beside = {"L": "", "R": ""}
        position = 0
        while (step := _STEP.match(tree[1], position)) and (end := group_end(tree[1], step.end())):
            said = rf"\text{tree[1][step.end() : end]}"
            position = end
            if step[3]:
                beside[step[3]] = rf"{{\footnotesize {said}}}"
                continue
            first = len(proved) - "AUBT".index(step[2])
            if first < 0:
                return  # which KaTeX tells
            if above := r" \qquad ".join(proved[first:]):
                line = r"\genfrac{}{}{0pt}{0}" if step[1] else r"\dfrac"
                said = rf"{beside['L']}{line}{{{above}}}{{{said}}}{beside['R']}"
                beside = {"L": "", "R": ""}
            proved[first:] = [said]
        if len(proved) == 1 and _BLANK.fullmatch(tree[1], position) and not any(beside.values()):
            yield *tree.span(), proved[0]
