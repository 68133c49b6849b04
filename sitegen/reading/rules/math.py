r"""Markdown rules for formulas: `$x$` and its kin in text, display blocks, and `|` inside formulas of table rows.

Tokens: `formula` (inline) and `formula_block`, with the TeX as content, the source text as markup and
`meta = {"display": bool}`. Markdown never touches what lies between the delimiters.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from sitegen.reading.anchors import block_name
from sitegen.reading.block_lines import ENDS_ALL, continues, line_start, line_text, push_lines
from sitegen.reading.boxes.environments import (
    algorithm_environment,
    code_environment,
    figure_environment,
    theorem_environment,
)
from sitegen.reading.boxes.latex_blocks import latex_block
from sitegen.reading.macros import definitions_end
from sitegen.reading.mathspan import BEGIN, Dollars, are_words, find_math, holds_formula, left_over, scan_math
from sitegen.reading.rules.latex import instead_of
from sitegen.reading.rules.open_formula import MOST_LINES, goes_on
from sitegen.reading.rules.tables import MASK

if TYPE_CHECKING:
    from collections.abc import Iterable

    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_core import StateCore
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token
    from markdown_it.utils import EnvType

    from sitegen.reading.context import Reading

_ALONE = re.compile(r"([.,;:!?]?)[ \t]*(?:\n|\Z)")
_BREAKS = {"\\", "\\\\", "<br>", "<br/>", "<br />"}
_PUNCTUATION = re.compile(r"[.,;:!?]?")
# MyST's, behind dollars on a line of their own.
_LABEL_ALONE = re.compile(r"[ \t]*(?P<none>)\(([A-Za-z][\w:.-]*)\)[ \t]*")
_LABEL = re.compile(r"[ \t]*(?:\{#([\w:.-]+)[^}]*\}|\(((?:eq[-:]|\w+:)[\w:.-]+)\)(?=[ \t]*$))[ \t]*", re.MULTILINE)
_LABEL_OF_LINE = re.compile(r"\{#(eq[:-][\w:.-]+)\}[ \t]*")
_CLOSES = re.compile(r"\$\$[.,;:!?]?[ \t]*(?:\{[^}]*\}|\([^)]*\))?[ \t]*$")
_NOT_MATH = re.compile(r"```|~~~|#{1,6} ")
_OPENING = re.compile(r"\$\$|\\\\?\[|" + BEGIN.pattern)


def use_math(md: MarkdownIt) -> None:
    """Add the rules of this module."""
    md.core.ruler.after("normalize", "mask_pipes", _mask_pipes)
    md.core.ruler.after("block", "unmask_pipes", _unmask_pipes)
    md.block.ruler.before("fence", "formula_block", _formula_block, ENDS_ALL)
    md.inline.ruler.before("escape", "formula", _formula)
    md.core.ruler.after("inline", "left_over_math", _note_left_over)


def _dollars(env: EnvType) -> Dollars:
    reading: Reading = env["reading"]
    return reading.dollars


def _mask_pipes(state: StateCore) -> None:
    """Hide `|` inside formulas from the table rule, line by line; a line of code is unmasked like any other."""
    dollars = _dollars(state.env)
    if "|" not in state.src or dollars == "off":
        return
    lines = state.src.split("\n")
    for number, line in enumerate(lines):
        if "|" not in line or not ("$" in line or "\\" in line):
            continue
        parts, done = [], 0
        for span in find_math(line, dollars):
            parts += [line[done : span.start], line[span.start : span.end].replace("|", MASK)]
            done = span.end
        lines[number] = "".join([*parts, line[done:]])
    state.src = "\n".join(lines)


def _unmask_pipes(state: StateCore) -> None:
    """Give every token its `|` back, now that tables are split into cells."""
    if MASK not in state.src:
        return
    for token in state.tokens:
        token.content = token.content.replace(MASK, "|")
        token.info = token.info.replace(MASK, "|")
    references = state.env.get("references", {})
    for reference in references.values():
        for key in ("title", "href"):
            reference[key] = reference[key].replace(MASK, "|").replace("%00", "%7C")


def _formula(state: StateInline, silent: bool) -> bool:
    reading: Reading = state.env["reading"]
    if state.src.startswith("\\\\$", state.pos) and state.src[state.pos + 3 : state.pos + 4].isdecimal():
        state.pending += "$" * (not silent)  # a price, escaped twice as notebooks for MathJax need it
        state.pos += 3
        return True
    span = scan_math(state.src, state.pos, reading.dollars, limit=state.posMax)
    if span is None or (reading.escapes_brackets and state.src.startswith("\\(", state.pos)):
        return False
    if not silent:
        token = state.push("formula", "", 0)
        token.content = span.tex
        token.markup = state.src[span.start : span.end]
        token.meta = {"display": span.display}
        line = _ALONE.match(state.src, span.end) if token.markup.startswith("$$") else None
        begin = state.src.rfind("\n", 0, span.start) + 1 if line else 0
        whole = begin == 0 and line is not None and line.end() == len(state.src) and "\n" not in token.markup
        if line and not whole and not state.src[begin : span.start].strip():
            token.meta["display"] = True  # alone on a line of a paragraph: a display, with the sentence's mark
            token.content += line[1]
            span = span._replace(end=line.end(1))
    state.pos = span.end
    return True


def _formula_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if state.is_code_block(start) or _dollars(state.env) == "off":
        return False
    if silent and state.parentType == "paragraph" and state.sCount[start] < state.blkIndent:
        return False  # it goes on with the text of a list item, as any line does that is not indented
    first = line_text(state, start)
    opening = _OPENING.match(first)
    if not opening:
        return first.startswith("\\") and any(rule(state, start, end, silent=silent) for rule in _OF_LATEX)
    found = _read_block(state, start, end, first, opening[0])
    if found is None:
        is_formula = first.strip() == "$$" or opening[0].startswith("\\begin")
        if not silent and is_formula and not goes_on(state, start, opening[0]):
            _note_unclosed(state, start, opening[0])
        return False
    last, tex, tail = found
    if opening[0] == "\\[" and not last and (are_words(tex) or holds_formula(tex)):
        return False
    name, anchor, tail = _labels(tail, state.src, may_be_alone=last > 0)
    mark = _PUNCTUATION.match(tail)
    if mark and not tail[mark.end() :].strip().strip("\\"):  # nothing, or a line break, which a display needs no more
        tex, tail = tex.rstrip() + mark[0] if mark[0] else tex, ""  # the sentence's mark, as a book sets it
    if tail.strip() in _BREAKS:
        tail = ""
    if tail.strip() and (last == 0 or opening[0].startswith("\\begin")):
        return False  # more text on the line: the formula belongs to a paragraph
    if silent:
        return True
    before = state.tokens[-2] if len(state.tokens) > 1 and state.tokens[-1].type == "paragraph_close" else None
    if before and before.map and before.map[1] == start:  # the end of a line that the formula ends anyway
        before.content = before.content.rstrip("\\ ")
    behind = None if name or tail.strip() else _label_below(state, start + last + 1, end)
    if behind:  # pandoc-crossref's, on a line of its own
        name, last = behind, last + 1
    token = push_lines(state, "formula_block", tex, start, start + last + 1)
    token.markup = first
    token.meta = {"display": True, "label": name}
    token.attrs = {"id": anchor} if anchor and not name else {}
    if tail.strip():  # Note: moves the beginning of the line, so that what follows the formula is read as a paragraph
        at = start + last
        state.bMarks[at] = state.eMarks[at] - len(tail.lstrip())
        state.tShift[at] = 0
        state.sCount[at] = state.blkIndent
        state.line = at
    return True


def _labels(tail: str, text: str, *, may_be_alone: bool) -> tuple[str, str, str]:
    """Return (label, anchor, the rest) of what stands behind a formula on its last line."""
    is_label = may_be_alone or (tail and f"{{eq}}`{tail.strip(' ()')}`" in text)
    label = _LABEL.match(tail) or (_LABEL_ALONE.fullmatch(tail) if is_label else None)
    if label:
        return label[1] or label[2], "", tail[label.end() :]
    if "^" in tail and not (named := block_name(tail.rstrip()))[0].strip():
        return named[1] if named[1].startswith("eq") else "", named[1], ""
    return "", "", tail


def _definitions(state: StateBlock, start: int, end: int, *, silent: bool) -> bool:
    r"""Read lines that are nothing but `\newcommand` and its kin, which Pandoc knows outside of formulas too."""
    last = start + 1
    while continues(state, last, min(end, start + MOST_LINES)):
        last += 1
    tex = state.getLines(start, last, max(state.sCount[start], 0), False)
    length = definitions_end(tex)
    if not length:
        return False
    if not silent:
        tex = tex[:length].rstrip("\n")
        token = push_lines(state, "formula_block", tex, start, start + tex.count("\n") + 1)
        token.markup = tex
        token.meta = {"display": True, "label": ""}
    return True


_OF_LATEX = (
    _definitions,
    algorithm_environment,
    theorem_environment,
    latex_block,
    code_environment,
    figure_environment,
)
"""What a line can begin with a backslash that is no formula, in the order in which they are asked."""


def _label_below(state: StateBlock, line: int, end: int) -> str | None:
    """Return the label that is all of a line, which goes on with the formula above it."""
    if not continues(state, line, end):
        return None
    match = _LABEL_OF_LINE.fullmatch(state.src, line_start(state, line), state.eMarks[line])
    return match[1] if match else None


def _read_block(state: StateBlock, start: int, end: int, first: str, opening: str) -> tuple[int, str, str] | None:
    """Return (lines after the first, TeX, what follows on the last line), or None when the formula never ends.

    Where no line closes it, that is remembered, so that the next beginning before that place need not look again.
    """
    is_environment = opening.startswith("\\begin")
    closing = opening.replace("begin", "end") if is_environment else opening.replace("[", "]")
    bare = is_environment or first.strip() == opening
    within = BEGIN.match(first, len(opening)) if opening == "$$" else None
    open_within = 0  # environments of that name, in which a blank line is none of the text's
    unclosed: dict[tuple[str, bool, int, int], _Unclosed] = state.env.setdefault("unclosed", {})
    key = (closing, bare, state.blkIndent, end)
    known = unclosed.get(key)
    if known and known.first <= start < known.last and start not in known.closed:
        return None
    inner = 0 if is_environment else len(opening)
    lines: list[str] = []
    # The lines at whose beginning an environment of this name is open, and other beginnings as -1.
    opened: list[int] = []
    closed: set[int] = set()
    crossed = False  # a blank line: then only `$$` at the end of a line closes, or a stray one would swallow the post, and `\]` alone
    seen = False  # a line with the closing delimiter that does not close here, but may close another
    line = start
    while line < end:
        text = first if line == start else state.getLines(line, line + 1, max(state.sCount[line], 0), False).rstrip()
        if line > start and (state.sCount[line] < 0 or _ends_formula(text, lines[-1:], bare=bare or open_within > 0)):
            break
        lines.append(text)
        if within:
            open_within += text.count(within[0]) - text.count(within[0].replace("begin", "end"))
        crossed = crossed or not text.strip()
        stop = None
        if is_environment:
            stop = _follow_environment(text, opening, closing, line, opened, closed)
        elif closing in text[inner if line == start else 0 :]:
            seen = True
            if crossed and not (_CLOSES.search(text) if opening == "$$" else text.strip(" \t.,;") == closing):
                line += 1
                continue
            stop = _after_unescaped(text, closing, inner if line == start else 0)
        if stop is not None:
            tex = "\n".join([*lines[:-1], text[: stop if is_environment else stop - len(closing)]])[inner:]
            return (line - start, tex, text[stop:]) if tex.strip() else None
        line += 1
    if not seen:
        unclosed[key] = _Unclosed(start, line, closed)
    return None


class _Unclosed(Struct, frozen=True):
    """Lines among which a formula is never closed that begins in the first. closed: beginnings among them that are."""

    first: int
    last: int
    closed: set[int]


def _follow_environment(  # noqa: PLR0917 - the state of one loop
    text: str, opening: str, closing: str, line: int, opened: list[int], closed: set[int]
) -> int | None:
    r"""Follow the `\begin`s and `\end`s of one line; return where the first of all ends, if it does."""
    if opening not in text and closing not in text:
        return None
    for match in re.finditer(re.escape(opening) + "|" + re.escape(closing), text):
        if match[0] == opening:
            opened.append(-1 if match.start() else line)
        elif opened:
            begun = opened.pop()
            closed.add(begun)
            if not opened:
                return match.end()
    return None


def _ends_formula(text: str, before: list[str], *, bare: bool) -> bool:
    """Whether a line cannot be inside a formula: a blank one, unless the opening is `bare`; a fence or heading after one."""
    if not text.strip():
        return not bare
    return bool(_NOT_MATH.match(text)) and not "".join(before).strip()


def _after_unescaped(text: str, closing: str, start: int) -> int | None:
    r"""Return where a closing delimiter ends; `\$` and the `\\]` of a line break before a bracket do not close."""
    position = text.find(closing, start)
    while position > 0 and text[position - 1] == "\\" and not text.endswith("\\\\", start, position):
        position = text.find(closing, position + 1)
    return None if position < 0 else position + len(closing)


def _note_left_over(state: StateCore) -> None:
    """Note what looks like math in text and is none: never silent text in the page."""
    reading: Reading = state.env["reading"]
    line = 0
    told = (*reading.errors, *(reading.notes if reading.shows_missing else ()))
    said = {each.location.line for each in told}
    named: set[str] = set()
    for token in state.tokens:
        line = token.map[0] if token.map else line
        if token.type != "inline" or reading.dollars == "off" or _is_all_math(token.content, token.children or ()):
            continue
        counted, first = 0, line
        for position, what, hint in left_over(token.content, reading.dollars):
            first += token.content.count("\n", counted, position)
            counted = position
            if reading.escapes_brackets and what.endswith(("(", "[")):
                continue
            ended, instead = what in named, instead_of(what)
            named |= {what, what.replace("\\begin", "\\end")}
            if {first, first + 1} & said or (instead and ended):
                continue  # said already, as a delimiter that is never closed
            said.add(first + 1)
            place = reading.place(first, what)
            if instead:
                reading.refuse_unknown(f"`{what}` is LaTeX, which a page does not show", place, instead)
                continue
            reading.refuse_unknown(f"`{what}` looks like math, but no formula is closed here", place, hint)


def _is_all_math(text: str, children: Iterable[Token]) -> bool:
    """Whether every sign of a text that can begin a formula stands in one."""
    signs = text.count("$") + text.count("\\")
    if signs and "`" not in text:
        formulas = "".join([child.markup for child in children if child.type == "formula"])
        signs -= formulas.count("$") + formulas.count("\\")
    return not signs


def _note_unclosed(state: StateBlock, start: int, opening: str) -> None:
    reading: Reading = state.env["reading"]
    closing = opening.replace("begin", "end")
    hint = f"put `{closing}` on a line of its own after the formula, in the same list item or quote"
    reading.refuse_unknown(f"this `{opening}` is never closed", reading.place(start, opening), hint)
