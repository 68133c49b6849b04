"""Markdown rules for short marks in text: `==marked==`, `++inserted++`, `^^too^^`, `++ctrl+c++`, `H~2~O`, `x^2^` and `:smile:`.

Each is read only where it cannot be anything else: `a == b`, `C++`, `~5 and ~6`, `x^2+y^2` and `10:30:20` stay as they are.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from sitegen.labels import LETTER
from sitegen.later import later

if TYPE_CHECKING:
    from collections.abc import Mapping

    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline

_MARKED = later(rf"(?<!{LETTER})(?<!=)==(?=[^\s=])((?:[^=\n]|=(?!=)|\n(?!\n))*?[^\s=])==(?!{LETTER}|=)")
_INSERTED = later(rf"(?<!{LETTER})(?<!\+)\+\+(?=[^\s+])((?:[^+\n]|\+(?!\+))*?[^\s+])\+\+(?!{LETTER}|\+)")
_UNDERLINED = later(rf"(?<!{LETTER})(?<!\^)\^\^(?=[^\s^])((?:[^^\n]|\^(?!\^)|\n(?!\n))*?[^\s^])\^\^(?!{LETTER}|\^)")
_LOWERED = later(r"(?<=[\w)\]^])~(\w{1,16}|[^\s~]{1,24}(?=~(?!\w)))~(?!~)")
_RAISED = later(r"(?<=[\w)\]~])\^(\w{1,16}|[^\s^\[]{1,24}(?=\^(?!\w)))\^(?!\^)")
_LETTER = r"[^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]"  # of words with blanks between them
_EMOJI = later(rf"(?<!{_LETTER}):[a-z0-9_+-]{{1,40}}:(?!{_LETTER}|:)")
_ICON = later(
    r":(?:material|fontawesome|octicons|simple)-[a-z0-9-]+:(?:\{[^{}\n]*\})?|:\(fa(?:[bdlrs]|-[a-z]+)? fa-[a-z0-9 -]+\):"
)
"""Material's and LoveIt's, of fonts that decorate."""
_KEYS = re.compile(
    r"\+\+((?:ctrl|control|alt|option|shift|cmd|command|meta|win|super|fn)(?:\+[A-Za-z0-9-]{1,16}){1,4}|enter|tab|esc|backspace|delete)\+\+(?!\+)"
)
"""Keys to press, as Material has them."""
_WORD = later(r"\w+")
_ELEMENTS = {
    "=": ((_MARKED, "mark"),),
    "+": ((_INSERTED, "ins"),),
    "~": ((_LOWERED, "sub"),),
    "^": ((_UNDERLINED, "ins"), (_RAISED, "sup")),
}


def use_marks(md: MarkdownIt) -> None:
    """Add the rules of this module."""
    md.inline.ruler.before("emphasis", "marks", _mark)
    md.inline.ruler.push("emoji", _emoji)


def _mark(state: StateInline, silent: bool) -> bool:
    keys = _KEYS.match(state.src, state.pos, state.posMax) if state.src[state.pos] == "+" else None
    if keys:
        if not silent:
            named = (key.replace("-", " ").title() for key in keys[1].split("+"))
            state.push("html_inline", "", 0).content = "+".join(f"<kbd>{key}</kbd>" for key in named)
        state.pos = keys.end()
        return True
    for pattern, element in _ELEMENTS.get(state.src[state.pos], ()):
        match = pattern.match(state.src, state.pos, state.posMax)
        if match and not (state.src[state.pos] == "+" and _counts(match[1])):
            if not silent:
                push_element(state, element, match.span(1))
            state.pos = match.end()
            return True
    return False


def push_element(
    state: StateInline, element: str, span: tuple[int, int], attributes: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Add an element around the Markdown of a part of the text."""
    kind = "link" if element == "a" else element
    most = state.posMax
    state.pos, state.posMax = span
    state.push(f"{kind}_open", element, 1).attrs = dict(attributes)
    state.md.inline.tokenize(state)
    state.push(f"{kind}_close", element, -1)
    state.posMax = most


def _counts(text: str) -> bool:
    """Whether `++` counts on both sides, `++i and j++`, or ends a name, `++n in C++`."""
    words = _WORD.findall(text)
    return bool(words) and (
        len(words[-1]) == 1 or words[0] == words[-1] != text or max(map(len, (words[0], words[-1]))) < 3
    )


def with_emoji(text: str) -> str:
    """Return a text with the signs that its codes name, `:tada:`."""
    if ":" not in text or not _EMOJI.search(text):
        return text
    from emoji import emojize  # noqa: PLC0415 - 35 ms that a blog without emoji does not spend

    return _EMOJI.sub(lambda code: emojize(code[0], language="alias"), text)


def _emoji(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != ":":
        return False
    if icon := _ICON.match(state.src, state.pos, state.posMax):
        state.pos = icon.end()
        return True
    match = _EMOJI.match(state.src, state.pos, state.posMax)
    if not match:
        return False
    sign = with_emoji(match[0])
    if sign == match[0]:
        return False
    if not silent:
        state.append_pending(sign)
    state.pos = match.end()
    return True
