r"""Where a formula begins and ends in a run of text: one scanner for inline text, table rows and raw HTML.

Delimiters are `$`, `$$`, `\$$`, `\(`, `\\(`, `\[`, `\\[`, GitHub's `` $`x`$ `` and bare environments.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Dollars = Literal["off", "tight", "spaced"]
"""off: `math: false`, nothing is math; tight: `$x$`; spaced: also `$ x $` (the post says `math: true`)."""

ENVIRONMENTS = (
    "equation|align|gather|multline|aligned|alignat|gathered|split|eqnarray|flalign|displaymath|math|alignedat"
    "|cases|dcases|rcases|array|matrix|pmatrix|bmatrix|Bmatrix|vmatrix|Vmatrix|smallmatrix|CD|subequations"
)
BEGIN = re.compile(r"\\begin\{((?:" + ENVIRONMENTS + r")\*?)\}")
STARTS = re.compile(r"[$\\]")
INLINE_VALUE = re.compile(r"(`+)\{python\}\s+(.+?)(?<!`)\1(?!`)", re.DOTALL)

_COMMAND = re.compile(r"\\[a-zA-Z]|[\^_{]")
_STRAY = re.compile(r"\$\$|\\(?:begin|end)\{[a-zA-Z]+\*?\}|\$[ \t]+[^$\n]*\\[a-zA-Z]+[^$\n]*[ \t]\$")
_DOUBLED = re.compile(r"\\(\\\\|\\[{},;:!]|[_*])")
_INTERESTING = re.compile(r"[\\`{}$\n]")
_BLANK_LINE = re.compile(r"\n[ \t]*\n")


@dataclass(frozen=True, slots=True)
class MathSpan:
    """A formula found in a text: `text[start:end]` with its delimiters, the TeX at `text[inner:]`."""

    start: int
    end: int
    inner: int
    tex: str
    display: bool


def scan_math(text: str, start: int, dollars: Dollars = "tight", *, environments: bool = True) -> MathSpan | None:
    """Return the formula that begins exactly at `start`, or None."""
    if dollars == "off":
        return None
    if text.startswith("$$", start):
        return _double_dollars(text, start, start + 2)
    if text.startswith("\\$$", start):
        span = _double_dollars(text, start, start + 3)
        return span and MathSpan(span.start, span.end, span.inner, span.tex, display=False)
    if text.startswith("$", start):
        return _single_dollars(text, start, dollars)
    for opening, closing, display in (
        ("\\\\(", "\\\\)", False),
        ("\\\\[", "\\\\]", True),
        ("\\(", "\\)", False),
        ("\\[", "\\]", True),
    ):
        if text.startswith(opening, start):
            return _bracketed(text, start, opening, closing, display=display)
    return _environment(text, start) if environments else None


# Characters of one formula within text, and of one environment: unclosed delimiters must not make reading quadratic.
MOST, MOST_ENVIRONMENT = 6_000, 40_000


def find_math(text: str, dollars: Dollars = "tight") -> list[MathSpan]:
    """Return every formula of a text outside its code spans, left to right."""
    found = []
    position = 0
    while position < len(text):
        character = text[position]
        if character == "`":
            position = after_code(text, position)
        elif character in "$\\":
            span = scan_math(text, position, dollars)
            if span:
                found.append(span)
                position = span.end
            else:
                position += 2 if character == "\\" else 1
        else:
            following = re.compile(r"[`$\\]").search(text, position)
            position = following.start() if following else len(text)
    return found


def left_over(text: str, dollars: Dollars) -> list[tuple[int, str]]:
    """Return (position, what) of delimiters in a text, outside its code spans, that belong to no formula."""
    found = []
    position = 0
    while match := re.compile(r"[`$\\]").search(text, position):
        position = match.start()
        span = scan_math(text, position, dollars) if match[0] != "`" else None
        if match[0] == "`":
            position = after_code(text, position)
        elif span:
            position = span.end
        else:
            stray = _STRAY.match(text, position)
            if stray:
                found.append((position, stray[0]))
            position += len(stray[0]) if stray else 2 if match[0] == "\\" else 1
    return found


def environment_end(text: str, start: int) -> int | None:
    r"""Return where the `\end` of the environment that begins at `start` ends, or None."""
    opening = BEGIN.match(text, start)
    if not opening:
        return None
    name = re.escape(opening[1])
    depth = 0
    for match in re.compile(r"\\(begin|end)\{" + name + r"\}").finditer(text, start, start + MOST_ENVIRONMENT):
        depth += 1 if match[1] == "begin" else -1
        if depth == 0:
            return match.end()
    return None


def _double_dollars(text: str, start: int, inner: int) -> MathSpan | None:
    end = _closing(text, inner, "$$")
    if end is None or not text[inner:end].strip() or _BLANK_LINE.search(text, inner, end):
        return None
    display = text.startswith("\n", inner) or text[inner:end].startswith("\\begin{")
    return MathSpan(start, end + 2, inner, text[inner:end], display)


def _single_dollars(text: str, start: int, dollars: Dollars) -> MathSpan | None:
    inner = start + 1
    if text.startswith("`", inner) and not INLINE_VALUE.match(text, inner):  # GitHub's $`x`$
        end = text.find("`$", inner + 1, inner + MOST)
        if end > inner + 1 and "\n\n" not in text[inner:end]:
            return MathSpan(start, end + 2, inner + 1, text[inner + 1 : end], display=False)
    spaced = text[inner : inner + 1].isspace()
    if spaced and dollars != "spaced":
        return None
    closing = _closing(text, inner, "$")
    if closing is None or closing == inner:
        return None
    end = closing
    tex = text[inner:end]
    if tex[-1:].isspace() != spaced or not tex.strip() or _BLANK_LINE.search(tex):
        return None
    if text[end + 1 : end + 2].isdigit() and not _COMMAND.search(tex):
        return None  # `$5 and 6$7`: money; `224$\times$224` is not
    return MathSpan(start, end + 1, inner, tex, display=False)


def _bracketed(text: str, start: int, opening: str, closing: str, *, display: bool) -> MathSpan | None:
    inner = start + len(opening)
    end = text.find(closing, inner, inner + MOST)
    while end > 0 and closing[:2] != "\\\\" and text[end - 1] == "\\":  # `\\]` is a line break and a bracket
        end = text.find(closing, end + 1, inner + MOST)
    if end < 0 or not text[inner:end].strip() or _BLANK_LINE.search(text, inner, end):
        return None
    tex = text[inner:end]
    if closing.startswith("\\\\"):  # whoever doubles these backslashes doubles the others too
        tex = _DOUBLED.sub(r"\1", tex)
    return MathSpan(start, end + len(closing), inner, tex, display)


def _environment(text: str, start: int) -> MathSpan | None:
    end = environment_end(text, start)
    if end is None or _BLANK_LINE.search(text, start, end):
        return None
    return MathSpan(start, end, start, text[start:end], display=True)


def _closing(text: str, inner: int, fence: str) -> int | None:
    r"""Return where the closing dollars stand.

    Dollars inside braces belong to the formula, as in `$\text{if $x>0$}$`, unless its braces do not balance.
    A code span cannot begin inside a formula, but an inline value can.
    """
    depth = 0
    position = inner
    first: int | None = None
    last = inner + MOST
    while match := _INTERESTING.search(text, position, last):
        position = match.start()
        character = match[0]
        if character == "\\":
            position += 2
            continue
        if character == "`" and (value := INLINE_VALUE.match(text, position, last)):
            position = value.end()
            continue
        if character == "`":
            after = after_code(text, position)
            if after > position + 1 and not text.startswith("``", position):
                return first
        elif character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
        elif text.startswith(fence, position):
            if depth <= 0:
                return position
            first = position if first is None else first
        elif character == "\n" and _BLANK_LINE.match(text, position):
            return first
        position += 1
    return first


def after_code(text: str, start: int) -> int:
    """Return where the code span that begins at `start` ends, or just after its backticks when it never does."""
    end = start
    while text.startswith("`", end):
        end += 1
    ticks = text[start:end]
    for match in re.compile(r"`+").finditer(text, end):
        if match[0] == ticks:
            return match.end()
    return end
