r"""Where a formula begins and ends in a run of text: one scanner for inline text, table rows and raw HTML.

Delimiters are `$`, `$$`, `$$$`, `\$$`, `\(`, `\\(`, `\\\(`, `\[`, `\\[`, `\\\[`, GitHub's `` $`x`$ `` and bare environments.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Literal, NamedTuple

from sitegen.labels import LETTER
from sitegen.later import later
from sitegen.reading.endings import endings

Dollars = Literal["off", "tight", "spaced"]
"""off: `math: false`, nothing is math; tight: `$x$`; spaced: also `$ x $` (the post says `math: true`, or its author writes so)."""

ENVIRONMENTS = (
    "equation|align|gather|multline|aligned|alignat|gathered|split|eqnarray|flalign|displaymath|math|alignedat"
    "|cases|dcases|rcases|array|matrix|pmatrix|bmatrix|Bmatrix|vmatrix|Vmatrix|smallmatrix|CD|subequations|prooftree|empheq"
)
BEGIN = re.compile(r"\\begin\{((?:" + ENVIRONMENTS + r")\*?)\}")
INLINE_VALUE = re.compile(r"(`+)\{python\}\s+(.+?)(?<!`)\1(?!`)", re.DOTALL)

_OPENING = re.compile(r"(\\{1,3})([(\[])")  # escaped for Markdown, both signs even
_COMMAND = re.compile(r"\\[a-zA-Z]|[\^_{]")
_MARKS = re.compile(r"[`$\\]")
_TRIPLED = later(r"(?<!\$)(\${3}|\${6})(?!\$)(\s*[^$\s][^$]*)\1(?!\$)")  # Codeforces'
_RATED = later(r"(?<![^\s(\[|>])\${3}(?!\$)")  # `costs $$$ or $$`: three dollars behind no word, which close nothing
# Words between two of them, with a blank or a bracket where a formula has none.
_RATINGS = later(r"(?:[\s),.;:]|(?=[^$]*[\s(]\Z))(?=[^$]*[^\W\d_]{2})[^\\^_={}<>+*$]*")
_STRAY = later(
    r"(?<!\$)\$\$(?!\$)|\$(?=\\[a-zA-Z]{2})|\\{1,2}[(\[](?=\s*\\[a-zA-Z]{2})|\\(?:begin|end)\{[a-zA-Z]+\*?\}|\$[ \t]++(?P<inside>[^$\n]*)[ \t]\$"
)
_DOUBLED = re.compile(r"\\(\\\\|\\[{},;:!]|[_*])")
_TEX = re.compile(r"\\[a-zA-Z]|[_^]\{|\w\^\w")
# And what it is, in signs and single letters; with a blank at one end, as a slip of the key.
_LETTER = re.compile(
    r"\s*[A-Za-z](?:[_^](?:\w|\{[^{}]*\}))?(?:\([a-z](?:, ?[a-z])*\))?\s*(?:[=<>][^$\nA-Za-z]*(?:[A-Za-z](?![A-Za-z])[^$\nA-Za-z]*)*)?"
)
_DEFINES = later(
    r"\s*\\(?:(?:re|provide)?newcommand|[gex]?def|let|DeclareMathOperator|DeclarePairedDelimiter)(?![a-zA-Z])"
)
_WORDS = later(r"[\s\d,;\u2013-]+|[^\\^_={}<>+*/|$\n]*[^\W\d_]{2}[^\\^_={}<>+*/|$\n]*")
_MOST_WORDS = 80  # characters between brackets that are escaped because they are brackets
_OF_DISPLAYS = re.compile(r"\\(?:nonumber|notag|label|tag)(?![a-zA-Z])")  # which say something of displays alone
_ROWS = re.compile(r"[ \t]+\\begin\{(?:equation|align|gather|multline|eqnarray|flalign|alignat)\*?\}")
_WORD = later(LETTER)
_PROSE = re.compile(r"(?:[^\W\d_]{2,}[,;.]? ){2,}[^\W\d_]{2,}[,;.]?")  # three words and no sign
# Words between two prices whose dollars stand behind them.
_PRICES = re.compile(r"[^\\^_={}<>+*$]*[^\W\d_][^\\^_={}<>+*$]*\d ")
# A price and words, up to what opens before the next dollar, or two of them: `$5 ($x$)`, `$5 per run; 6$`.
_PRICE = re.compile(
    r"""\d[\d.,]*(?:[kKMB]|/[a-z]{2,})?(?: [^\\^_={}]*[(\["'\u201c*]| [a-z]{2,}[,;]? [a-z]{2,}[^\\^_={}]*)|\d[\d.,]*/[a-z]{2,} [a-z]{2,} [^\\^_={}]*"""
)
_AMOUNT = re.compile(r"\d ?\Z")
_SOMETHING = re.compile(r"\s*\S")
_SHELL = re.compile(r"\$[A-Z_]{2,}[/:][^\s$]*\$[A-Z_]{2}")
_VALUE = re.compile(r"`+\{python\}\s")
_WORDPRESS = re.compile(r"latex[ =](?=\s*[^\s$])")  # `$latex x^2$`
_FOR_WORDPRESS = re.compile(r"(?:(?<!\\)[ ]?&(?:amp;)?(?:s|fg|bg)=-?\w+)+\s?\Z")  # its size and colours
_ON_LINES = re.compile(r"[ \t]*\n.*\n[ \t]*", re.DOTALL)  # between dollars that stand on lines of their own
_DOLLAR = re.compile(r"(?<!\\)\$")
_GROUP = re.compile(r"\{[^{}]*\}")


_SPACED = re.compile(r"(?<![\\$])\$ ([^$\n]*) \$(?!\$)")
_SURELY = re.compile(r"[a-zA-Z](?:[_^]\w|\([\w,]{1,5}\))?\Z|.*\\[a-zA-Z]{2}")  # a letter, or what holds a command
_PRICED = later(r"\$ \d[\d.,]* [^\W\d_]{2}")
_HABIT = 3  # formulas between blanks that make a habit


class MathSpan(NamedTuple):
    """A formula found in a text: `text[start:end]` with its delimiters, the TeX at `text[inner:]`."""

    start: int
    end: int
    inner: int
    tex: str
    display: bool


def scan_math(text: str, start: int, dollars: Dollars, *, limit: int | None = None) -> MathSpan | None:
    """Return the formula that begins exactly at `start` and ends before `limit`, or None."""
    if dollars == "off":
        return None
    end = len(text) if limit is None else limit
    tripled = _TRIPLED.match(text, start, end) if text.startswith("$$$", start) else None
    if tripled and not _RATINGS.fullmatch(tripled[2]):
        return MathSpan(start, tripled.end(), tripled.start(2), tripled[2], display=len(tripled[1]) > len("$$$"))
    if "$$" in text[max(start - 1, 0) : start + 2] and any(_RATED.match(text, max(start - n, 0)) for n in range(3)):
        return None
    if text.startswith("$$", start):
        return _double_dollars(text, start, start + 2, end)
    if text.startswith("\\$$", start):
        span = _double_dollars(text, start, start + 3, end)
        return span and MathSpan(span.start, span.end, span.inner, span.tex, display=False)
    if text.startswith("$", start):
        return _single_dollars(text, start, end, dollars)
    opening = _OPENING.match(text, start)
    if opening:
        closing = opening[1] + ("]" if opening[2] == "[" else ")")
        return _bracketed(text, start, end, opening[0], closing, display=opening[2] == "[")
    return _environment(text, start, end)


def writes_spaced(text: str) -> bool:
    r"""Whether an author writes formulas with a blank at both ends: some are `$ \alpha $` or `$ x $`, and no price has one."""
    found = (match for match in _SPACED.finditer(text) if _SURELY.match(match[1]))
    return len(list(islice(found, _HABIT))) == _HABIT and not _PRICED.search(text)


def find_math(text: str, dollars: Dollars) -> list[MathSpan]:
    """Return every formula of a text outside its code spans, left to right."""
    found = []
    position = 0
    while position < len(text):
        character = text[position]
        if character == "`":
            position = endings(text).after_code(position)
        elif character in "$\\":
            span = scan_math(text, position, dollars)
            if span:
                found.append(span)
                position = span.end
            else:
                position += 2 if character == "\\" else 1
        else:
            following = _MARKS.search(text, position)
            position = following.start() if following else len(text)
    return found


def left_over(text: str, dollars: Dollars) -> list[tuple[int, str, str]]:
    """Return (position, what, what to do) of delimiters in a text, outside its code spans, that belong to no formula."""
    found = []
    position = 0
    while match := _MARKS.search(text, position):
        position = match.start()
        span = scan_math(text, position, dollars) if match[0] != "`" else None
        if match[0] == "`":
            position = endings(text).after_code(position)
        elif span:
            position = span.end
        else:
            stray = _STRAY.match(text, position)
            if stray and stray["inside"] is not None and not _TEX.search(stray["inside"]):
                stray = None
            if stray:
                found.append((position, stray[0], _closing_of(stray[0])))
            position += len(stray[0]) if stray else 2 if match[0] == "\\" else 1
    return found


def _closing_of(what: str) -> str:
    """Return what to do about a delimiter that is left over."""
    if what[1:2] in {" ", "\t"}:
        return "leave out the blanks inside the dollars, or say `math: true` in the header"
    if what.endswith(("(", "[")):
        closing = what.translate({ord("("): ")", ord("["): "]"})
        return f"write `{closing}` where it ends, in the same paragraph; a bracket that is a bracket needs no backslash"
    return "a formula ends where its paragraph ends; dollars that are dollars are written `\\$`"


def _double_dollars(text: str, start: int, inner: int, limit: int) -> MathSpan | None:
    end = endings(text).dollars(inner, double=True)
    if end is None or end + 2 > limit or not _SOMETHING.match(text, inner, end):
        return None
    display = text.startswith(("\n", "\\begin{"), inner) or bool(
        _ROWS.match(text, inner) or _OF_DISPLAYS.search(text, inner, end)
    )
    return MathSpan(start, end + 2, inner, text[inner:end], display)


def _single_dollars(text: str, start: int, limit: int, dollars: Dollars) -> MathSpan | None:
    inner = start + 1
    if text.startswith("`", inner) and not _VALUE.match(text, inner):  # GitHub's $`x`$
        end = endings(text).closing("`$", inner + 2)
        if end is not None and end + 2 <= limit:
            return MathSpan(start, end + 2, inner + 1, text[inner + 1 : end], display=False)
    if text.startswith("latex", inner) and (named := _WORDPRESS.match(text, inner, limit)):
        end = endings(text).dollars(inner, double=False)
        tex = "" if end is None or end >= limit else _FOR_WORDPRESS.sub("", text[named.end() : end])
        return MathSpan(start, end + 1, named.end(), tex, display=False) if end and tex else None
    spaced = text[inner : inner + 1].isspace()
    defines = spaced and bool(_DEFINES.match(text, inner))  # macros are often written line by line
    if spaced and dollars != "spaced" and not defines:
        inside = text[inner : text.find("$", inner)]
        if text[inner] == "\n" and (span := _between_lines(text, start, limit)):
            return span
        if "\n" in inside or not (_TEX.search(inside) or (_LETTER.fullmatch(inside) and not inside[-1].isspace())):
            return None
    end = endings(text).dollars(inner, double=False)
    if end is None or end >= limit or end == inner or (spaced and not _SOMETHING.match(text, inner, end)):
        return None
    if spaced and _PROSE.search(inside := text[inner:end]) and not re.search(r"[\\^_=+<>]", inside):
        return None  # `costs 5 $ or so of all that $`
    if spaced and _PRICES.fullmatch(text, inner, end) and _AMOUNT.search(text[max(start - 2, 0) : start]):
        return None  # `costs 5 $ or 6 $`
    blank_before = text[end - 1].isspace()
    if blank_before and text.endswith("\\", inner, end - 1):  # `\ ` is TeX's own, and tells nothing
        blank_before = spaced
    if blank_before != spaced and not defines and not _DEFINES.match(text, inner):
        inside = text[inner:end]
        if (
            "\n" in inside
            or _WORD.match(text, end + 1)  # in Korean and its like a word may follow
            or not (_TEX.search(inside) or _LETTER.fullmatch(inside))
        ):
            return None
    if text[end + 1 : end + 2].isdigit() and not _COMMAND.search(text, inner, end):
        return None  # `$5 and 6$7`: money; `224$\times$224` is not
    if text[end + 1 : end + 2].isupper() and _SHELL.match(text, start):
        return None  # `$HOME/bin:$PATH`
    if _PRICE.fullmatch(text, inner, end) or (text.startswith(")", inner) and text[end - 1] == "("):
        return None  # the second as in `Cost ($) and price ($)`
    return MathSpan(start, end + 1, inner, text[inner:end], display=False)


def _between_lines(text: str, start: int, limit: int) -> MathSpan | None:
    """Return a formula whose dollars end one line and begin another, as they never stand around money."""
    end = endings(text).dollars(start + 1, double=False)
    if (
        end is None
        or end >= limit
        or not _ON_LINES.fullmatch(text, start + 1, end)
        or not _TEX.search(text, start, end)
    ):
        return None
    return MathSpan(start, end + 1, start + 1, text[start + 1 : end], display=False)


def _bracketed(text: str, start: int, limit: int, opening: str, closing: str, *, display: bool) -> MathSpan | None:
    inner = start + len(opening)
    end = endings(text).closing(closing, inner)
    if end is None or end + len(closing) > limit or not _SOMETHING.match(text, inner, end):
        return None
    tex = text[inner:end]
    if (closing == "\\]" and are_words(tex)) or holds_formula(tex):
        return None  # `as \[1\] says`: no formula, but brackets that are no link's
    if closing.startswith("\\\\"):  # whoever doubles these backslashes doubles the others too
        tex = _DOUBLED.sub(r"\1", tex)
    return MathSpan(start, end + len(closing), inner, tex, display)


def are_words(tex: str) -> bool:
    """Whether what stands between escaped brackets are words or numbers, without any sign of TeX."""
    return len(tex) < _MOST_WORDS and bool(_WORDS.fullmatch(tex))


def holds_formula(tex: str) -> bool:
    """Whether dollars stand between brackets, outside the text of a formula: they are no formula's brackets."""
    return "$" in tex and bool(_DOLLAR.search(_GROUP.sub("", tex)))


def _environment(text: str, start: int, limit: int) -> MathSpan | None:
    end = endings(text).environment(start) if BEGIN.match(text, start) else None
    if end is None or end > limit or endings(text).has_blank_line(start, end):
        return None
    return MathSpan(start, end, start, text[start:end], display=True)
