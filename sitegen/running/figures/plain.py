"""A text of a figure as it reads aloud: what matplotlib would set as formulas in signs that stand in a line."""

from __future__ import annotations

import re
import unicodedata

from matplotlib.cbook import is_math_text

try:
    from matplotlib._mathtext_data import tex2uni
except ImportError:  # it is matplotlib's own business where that is; then commands read as their names
    tex2uni = {}

_DOLLAR = re.compile(r"(?<!\\)\$")
_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[^\\]", re.DOTALL)
_OVER = {"frac", "dfrac", "tfrac", "cfrac"}
_ACCENTS = {
    "acute": "\u0301", "bar": "\u0304", "breve": "\u0306", "check": "\u030c", "ddot": "\u0308", "dot": "\u0307",
    "grave": "\u0300", "hat": "\u0302", "overline": "\u0304", "tilde": "\u0303", "vec": "\u20d7", "widehat": "\u0302",
    "widetilde": "\u0303",
}  # fmt: skip
_FACES = {
    "bm", "boldsymbol", "mathbb", "mathbf", "mathcal", "mathdefault", "mathfrak", "mathit", "mathregular", "mathrm",
    "mathscr", "mathsf", "mathtt", "mbox", "operatorname", "text", "textbf", "textit", "textrm",
}  # fmt: skip
_SILENT = {
    "!", "Big", "Bigg", "Biggl", "Biggr", "Bigl", "Bigr", "bf", "big", "bigg", "biggl", "biggr", "bigl", "bigr", "cal",
    "displaystyle", "it", "left", "limits", "middle", "nolimits", "right", "rm", "scriptstyle", "sf", "textstyle", "tt",
}  # fmt: skip
_BLANKS = {" ", ",", ":", ";", ">", "enspace", "qquad", "quad", "thinspace"}
_JOINS = frozenset("+-\u2212=/<>, ")  # signs that part what stands between them
_BESIDE = re.compile(r"[-\u2212]?\w+|.|")  # needs no brackets above or below a line
_ONE = re.compile(r"[\d.]+|[A-Za-z]+|.[\u0300-\u036f\u20d7]?(?:[_^]\w+)?|")
_DEGREES = {"\u2218", "°"}


def plain(text: str) -> str:
    """Return a text without the signs of TeX, as `x̄/(2π)` of a fraction, and with one blank between words."""
    if not is_math_text(text):
        return " ".join(text.replace(r"\$", "$").split())
    parts = [
        _group([*reversed(_TOKEN.findall(part))]) if place % 2 else part.replace(r"\$", "$")
        for place, part in enumerate(_DOLLAR.split(text))
    ]
    return unicodedata.normalize("NFC", " ".join("".join(parts).split()))


def _group(tokens: list[str]) -> str:
    """Return what stands up to the end of a group; `tokens` hold the next one last, and are used up."""
    read: list[str] = []
    while tokens and tokens[-1] != "}":
        read.append(_next(tokens))
    if tokens:
        tokens.pop()
    return "".join(read).strip()


def _next(tokens: list[str]) -> str:
    sign = tokens.pop()
    if sign == "{":
        return _group(tokens)
    if sign in {"^", "_"}:
        beside = _argument(tokens)
        if sign == "^" and beside in _DEGREES:
            return "°"
        return sign + (beside if _BESIDE.fullmatch(beside) else f"({beside})")
    return _command(sign[1:], tokens) if sign.startswith("\\") and len(sign) > 1 else sign


def _argument(tokens: list[str]) -> str:
    while tokens and tokens[-1].isspace():
        tokens.pop()
    return _next(tokens) if tokens and tokens[-1] != "}" else ""


def _command(name: str, tokens: list[str]) -> str:
    if name in _OVER:
        return f"{_whole(_argument(tokens))}/{_one(_argument(tokens))}"
    if name == "binom":
        return f"({_argument(tokens)} over {_argument(tokens)})"
    if name == "sqrt":
        return f"√{_one(_argument(tokens))}"
    if name in _ACCENTS:
        below = _argument(tokens)
        return below + _ACCENTS[name] if len(below) == 1 else below
    if name in _FACES:
        return _argument(tokens)
    if name in _SILENT:
        if name in {"left", "right"} and tokens and tokens[-1] == ".":
            tokens.pop()
        return ""
    if name in _BLANKS:
        return " "
    if name in tex2uni:
        return chr(tex2uni[name])
    goes_on = tokens and tokens[-1][1:] not in _SILENT and (tokens[-1].isalnum() or tokens[-1].startswith("\\"))
    return f"{name} " if goes_on else name


def _whole(text: str) -> str:
    """Return a text in brackets, if it is a sum or two things beside each other."""
    depth = 0
    for sign in text:
        depth += (sign in "([{") - (sign in ")]}")
        if not depth and sign in _JOINS:
            return f"({text})"
    return text


def _one(text: str) -> str:
    """Return a text in brackets, unless it is a number, a word or a sign, which may have an index."""
    return text if _ONE.fullmatch(text) else f"({text})"
