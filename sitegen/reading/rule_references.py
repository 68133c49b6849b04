r"""Markdown rules for mentions of labelled things, which become `reference` tokens.

Quarto's `@fig-x`, `[-@eq-x]`, `[Fig. @fig-x; @fig-y]`; LaTeX's `\eqref{eq:x}`, `\ref{x}`, `\cref{x,y}`; MyST's roles
`` {eq}`x` ``, `` {numref}`Fig. %s <x>` ``, `` {ref}`words <x>` `` and targets `(x)=`; and links without words, `[](#fig-x)`.
An `@key` whose prefix is none of the numbered kinds is no business of this module.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sitegen.labels import KINDS, LETTER, normal_label
from sitegen.reading.attributes import Attributes

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline

    from sitegen.model import ReferenceForm

Mention = tuple[str, "ReferenceForm", str]
"""(label, form, text) of a reference."""

_KIND = "|".join(sorted(KINDS))
_LABEL = rf"(?:{_KIND})[-:](?:{LETTER}(?:(?:{LETTER}|[-:.])*{LETTER})?|\w(?:[\w\-:.]*\w)?)"
_MENTION = re.compile(rf"(-?)@({_LABEL})", re.IGNORECASE)
_ITEM = re.compile(rf"\s*(?P<before>[^@\[\]]*?)\s*(?P<bare>-?)@(?P<label>{_LABEL})\s*", re.IGNORECASE)
_BRACKETS = re.compile(r"\[([^\[\]\n]*(?:\n[^\[\]\n]+)?)\](?![(\[{:])")
_COMMAND = re.compile(r"\\(eqref|ref|autoref|[cC]ref)\s*\{([^{}\n]+)\}")
_ROLE = re.compile(r"\{([a-z][a-z:-]*)\}`([^`\n]+)`")
_REFERRING = frozenset({"eq", "numref", "ref", "prf:ref", "math:numref"})
_ELEMENTS = {
    "sub": "sub",
    "sup": "sup",
    "subscript": "sub",
    "superscript": "sup",
    "kbd": "kbd",
    "del": "del",
    "u": "u",
    "abbr": "abbr",
}
_LONG_FORM = re.compile(r"(.*\S)\s*\((.*)\)")
_REFUSED = frozenset(["doc", "term", "download", "any", "keyword", "guilabel", "menuselection", "index", "si", "chem"])
_TARGET = re.compile(r"\(([A-Za-z][\w:.-]*)\)=[ \t]*")
_WORDED = re.compile(r"(.*\S)\s*<([^<>]+)>\s*", re.DOTALL)
_FORMS: dict[str, ReferenceForm] = {"eqref": "mark", "ref": "number", "{eq}": "mark", "{math:numref}": "mark"}


def use_references(md: MarkdownIt) -> None:
    """Add the rules of this module."""
    md.inline.ruler.before("escape", "reference", _reference)
    md.block.ruler.before("fence", "target", _target)


def references_of(tex: str) -> re.Match[str] | None:
    r"""Return the match of a formula that is nothing but a reference, as in `$\eqref{eq:x}$`."""
    return _COMMAND.fullmatch(tex.strip())


def _reference(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it calls it so
    read = {"@": _mention, "-": _mention, "[": _brackets, "\\": _command, "{": _role}.get(state.src[state.pos])
    return read(state, silent=silent) if read else False


def _mention(state: StateInline, *, silent: bool) -> bool:
    match = _MENTION.match(state.src, state.pos, state.posMax)
    before = state.src[state.pos - 1] if state.pos else " "
    if not match or match[1] or re.match(LETTER, before) or before in "@/.":
        return False  # the middle of a mail address or of an address
    _push(state, match, [(match[2], "name", "")], silent=silent)
    return True


def _brackets(state: StateInline, *, silent: bool) -> bool:
    match = _BRACKETS.match(state.src, state.pos, state.posMax)
    if not match or "@" not in match[1]:
        return False
    items = [_ITEM.fullmatch(part) for part in match[1].split(";")]
    if not all(items):
        return False
    found = [_item(item) for item in items if item]
    _push(state, match, found, silent=silent)
    return True


def _item(item: re.Match[str]) -> Mention:
    form: ReferenceForm = "number" if item["bare"] else "name"
    return item["label"], form, f"{item['before']}\N{NO-BREAK SPACE}%s" if item["before"] else ""


def _command(state: StateInline, *, silent: bool) -> bool:
    match = _COMMAND.match(state.src, state.pos, state.posMax)
    if not match:
        return False
    _push(state, match, command_references(match), silent=silent)
    return True


def command_references(match: re.Match[str]) -> list[Mention]:
    r"""Return (label, form, text) for each label of a `\ref` and its kin."""
    return [(label, _FORMS.get(match[1], "name"), "") for label in match[2].split(",")]


def _role(state: StateInline, *, silent: bool) -> bool:
    match = _ROLE.match(state.src, state.pos, state.posMax)
    if not match:
        return False
    if match[1] in _REFERRING:
        worded = _WORDED.fullmatch(match[2])
        label, text = (worded[2], worded[1].replace("{number}", "%s")) if worded else (match[2], "")
        _push(state, match, [(label, _FORMS.get(f"{{{match[1]}}}", "name"), text)], silent=silent)
        return True
    if match[1] in _ELEMENTS:
        long = _LONG_FORM.fullmatch(match[2]) if match[1] == "abbr" else None
        if not silent:
            state.push("role_open", _ELEMENTS[match[1]], 1).attrs = {"title": long[2]} if long else {}
            state.push("text", "", 0).content = long[1] if long else match[2]
            state.push("role_close", _ELEMENTS[match[1]], -1)
    elif match[1] == "math":
        if not silent:
            token = state.push("formula", "", 0)
            token.content, token.markup, token.meta = match[2], match[0], {"display": False}
    elif match[1] in _REFUSED:
        if not silent:
            state.push("refused_role", "", 0).content = match[0]
    else:
        return False
    state.pos = match.end()
    return True


def _target(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - as markdown-it calls
    """Read MyST's `(label)=`, which names the block below it, as an attribute list."""
    del end
    match = _TARGET.fullmatch(state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]])
    if not match or state.is_code_block(start):
        return False
    if not silent:
        token = state.push("attributes", "", 0)
        token.meta = {"given": Attributes(normal_label(match[1])), "name": "", "follows": False}
        token.map = [start, start + 1]
        token.content = match[0]
        state.line = start + 1
    return True


def _push(state: StateInline, match: re.Match[str], items: list[Mention], *, silent: bool) -> None:
    if not silent:
        for number, (label, form, text) in enumerate(items):
            if number:
                state.push("text", "", 0).content = ", "
            token = state.push("reference", "", 0)
            token.content = label.strip()
            token.markup = match[0]
            token.meta = {"form": form, "text": text, "linked": not state.linkLevel}
    state.pos = match.end()
