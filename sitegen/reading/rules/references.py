r"""Markdown rules for mentions of labelled things, which become `reference` tokens.

Quarto's `@fig-x`, `[-@eq-x]`, `[Fig. @fig-x; @fig-y]`; LaTeX's `\eqref{eq:x}`, `\ref{x}`, `\cref{x,y}`; MyST's roles
`` {eq}`x` ``, `` {numref}`Fig. %s <x>` ``, `` {ref}`words <x>` `` and targets `(x)=`; and links without words, `[](#fig-x)`.
An `@key` whose prefix is none of the numbered kinds is no business of this module.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sitegen.labels import KINDS, LETTER, kind_of, normal_label
from sitegen.later import later
from sitegen.reading.attributes import Attributes
from sitegen.reading.block_lines import line_text, push_lines
from sitegen.reading.mentions import COMMAND, FORMS, command_references

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline

    from sitegen.model import ReferenceForm
    from sitegen.reading.context import Reading
    from sitegen.reading.mentions import Mention

_KIND = "|".join(sorted(KINDS))
_LABEL = rf"(?i:{_KIND})[-:](?:{LETTER}(?:(?:{LETTER}|[-:.])*{LETTER})?|\w(?:[\w\-:.]*\w)?)"
# Only the kind is without case: with letters of every script that takes twice as long to compile.
_MENTION = later(rf"(-?)@({_LABEL})")
_ITEM = later(rf"\s*(?P<before>[^@\[\]]*?)\s*(?P<bare>-?)@(?P<label>{_LABEL})\s*")
_ITEM_OF_PAGE = later(r"\s*(?P<before>[^@\[\]]*?)\s*(?P<bare>-?)@(?P<label>[A-Za-z]+:[\w-]+)\s*")
_NAMED = later(r"\{[^{}#]*#([\w:-]+)[\s}]")
_BRACKETS = later(r"\[([^\[\]\n]*(?:\n[^\[\]\n]+)?)\](?![(\[{:])")
_BOOKDOWN = later(r"\\@ref\(([\w:.-]+)\)")
_ROLE = later(r"(?:\{|:(?=(?:numref|eqref|ref|math):`))((?:external\+[\w-]+:)?[a-z][a-z:-]*?)[}:]`([^`]+)`")
_WRAPPED = later(r"[ \t]*\n[ \t]*")
_LAST_WORD = later(r"([^\W\d_]+)(\.?)[\s~\u00a0]*\Z")
_BETWEEN = later(r"[\s,;&~\u2013-]*(?:(?:and|or|to|und|oder|bis|et|ou|y|o|e|en|of|i|и|или)[\s~]+)?")
_AFTER = frozenset("如见見在由和与與はがのをとにで")  # of these a name of one sign is a word of its own
_INSIDE = later(r"(?:[\\{}]|\\[a-zA-Z]+)\Z")  # of a command of TeX
_REFERRING = frozenset({"eq", "eqref", "numref", "ref", "prf:ref", "proof:ref", "math:numref"})
_ELEMENTS = {
    **{name: name for name in ("sub", "sup", "kbd", "abbr", "del", "u")},
    "subscript": "sub",
    "superscript": "sup",
    "strike": "del",
    "underline": "u",
    **dict.fromkeys(("emphasis", "dfn"), "em"),
    **dict.fromkeys(("strong", "guilabel", "menuselection", "command", "program"), "strong"),
    **dict.fromkeys(("smallcaps", "sc"), "span"),
}
_LONG_FORM = later(r"(.*\S)\s*\((.*)\)")
_OF_CODE = "func class meth mod attr data exc obj any const type code literal file samp envvar option keyword token dir role mimetype"
_CODE = later(rf"(?:external:|external\+[\w-]+:)?(?:py:|c:|cpp:|js:|std:|rst:)?(?:{_OF_CODE.replace(' ', '|')})")
_SIGNS = later(r"octicon|fa[bsr]?|material-(?:regular|outlined|round|sharp|twotone)|icon")  # that decorate
_WORDS = later(r"term|index|bdg(?:-[a-z]+)*|button|external[:+].*")  # what other projects have is not known here
_TEX = {"math": "{}", "chem": r"\ce{{{}}}", "si": r"\si{{{}}}"}
_STANDARDS = {
    "pep": ("PEP", "https://peps.python.org/pep-{:0>4}/"),
    "rfc": ("RFC", "https://datatracker.ietf.org/doc/html/rfc{}"),
}
_LINKS = frozenset({"doc", "download", "ref:doc", "nb-download"})
_FOREIGN = later(r"(?!mailto:)[\w.+-]+:(?!//).*")  # a document of another project, which is not known here
_TARGET = later(r"\(([A-Za-z][\w:.-]*)\)=[ \t]*|:(?:eq)?label:`([^`\n]+)`[ \t]*")
_ANY = later(r"@()([A-Za-z][\w:.-]*\w)")
_GIVEN = later(r"^[ \t]*(?:\(|:(?:label|name):[ \t]*)([A-Za-z][\w:.-]*\w)(?:\)=)?[ \t]*$", re.MULTILINE)
_WORDED = later(r"(.*\S)\s*<([^<>]+)>\s*", re.DOTALL)


def use_references(md: MarkdownIt) -> None:
    """Add the rules of this module."""
    md.inline.ruler.before("escape", "reference", _reference)
    md.block.ruler.before("fence", "target", _target)


def _reference(state: StateInline, silent: bool) -> bool:
    signs = {"@": _mention, "-": _mention, "[": _brackets, "\\": _command, "{": _role, ":": _role}
    read = signs.get(state.src[state.pos])
    return read(state, silent=silent) if read else False


def _mention(state: StateInline, *, silent: bool) -> bool:
    match = _MENTION.match(state.src, state.pos, state.posMax) or _of_myst(state)
    before = state.src[state.pos - 1] if state.pos else " "
    if not match or match[1] or re.match(LETTER, before) or before in "@/.":
        return False  # the middle of a mail address or of an address
    _push(state, match, [(match[2], "mark" if _is_named(state, match[2], match.end()) else "name", "")], silent=silent)
    return True


def _is_named(state: StateInline, label: str, end: int) -> bool:
    """Whether words before say what it is: `Figure @fig-x`, `Eq. @eq-x`, or what several are: `Figures @fig-x and @fig-y`."""
    kind = kind_of(label)
    if not kind:
        return False
    several, last = state.env.get("several", (("", ""), 0))  # the last of them ends there
    if several != (state.src, kind) or not _BETWEEN.fullmatch(state.src, last, state.pos):
        name = state.env["reading"].words_of_page[kind].lower()
        before = _LAST_WORD.search(state.src, max(state.pos - 30, 0), state.pos)
        word = before[1].lower() if before else ""
        if not before or word == name or (before[2] and word[1:] and name.startswith(word)):
            return bool(before)
        if not re.match(LETTER, name):  # words without blanks between them
            return word.endswith(name) and (len(name) > 1 or word[-2] in _AFTER)
        stem = name[: -1 - (not name.isascii())] if len(name) > len("note") else name  # `Abbildungen`, `ecuaciones`
        is_whole = word.startswith(stem) and len(name) <= len(word) <= len(name) + 2
        if not (word[-1] == "s" and name.startswith(word[:-1]) if before[2] else is_whole):
            return False
    state.env["several"] = (state.src, kind), end
    return True


def _of_myst(state: StateInline) -> re.Match[str] | None:
    """Return the mention of any label that the page's directives and targets give, `:label: table-a`, `(table-a)=`; None for other words."""
    match = _ANY.match(state.src, state.pos, state.posMax)
    if match and "given" not in state.env:
        state.env["given"] = frozenset(_GIVEN.findall("\n".join(state.env["reading"].lines)))
    return match if match and match[2] in state.env["given"] else None


def _brackets(state: StateInline, *, silent: bool) -> bool:
    match = _BRACKETS.match(state.src, state.pos, state.posMax)
    if not match or "@" not in match[1]:
        return False
    items = [_ITEM.fullmatch(part) or _item_of_page(part, state) for part in match[1].split(";")]
    if not all(items):
        return False
    found = [_item(item) for item in items if item]
    if all((form, text) == ("name", "") and _is_named(state, label, match.end()) for label, form, text in found):
        found = [(label, "mark", "") for label, *_ in found]
    _push(state, match, found, silent=silent)
    return True


def _item_of_page(part: str, state: StateInline) -> re.Match[str] | None:
    """Match a mention of what has a name on this page with a prefix of its author's: `[@dfn:ring]`, of `::: {#dfn:ring}`."""
    item = _ITEM_OF_PAGE.fullmatch(part)
    if item and "names_of_page" not in state.env:
        reading: Reading = state.env["reading"]
        lines = (line for line in reading.lines if "{" in line and "#" in line)
        state.env["names_of_page"] = {name for line in lines for name in _NAMED.findall(line)}
    return item if item and item["label"] in state.env["names_of_page"] else None


def _item(item: re.Match[str]) -> Mention:
    form: ReferenceForm = "number" if item["bare"] else "name"
    return item["label"], form, f"{item['before']}\N{NO-BREAK SPACE}%s" if item["before"] else ""


def _command(state: StateInline, *, silent: bool) -> bool:
    match = COMMAND.match(state.src, state.pos, state.posMax)
    bookdown = _BOOKDOWN.match(state.src, state.pos, state.posMax) if not match else None
    if (match or bookdown) and not silent:
        tie(state)
    if bookdown:
        _push(state, bookdown, [(bookdown[1], "number", "")], silent=silent)
    if not match:
        return bool(bookdown)
    _push(state, match, command_references(match), silent=silent)
    return True


def tie(state: StateInline) -> None:
    r"""Make a tilde that LaTeX's authors write before a command, `Figure~\ref{fig:x}`, the space that does not break."""
    if state.pending.endswith(("~", "~(", "~[")):
        before, _, after = state.pending.rpartition("~")
        state.pending = f"{before}\u00a0{after}"


def _role(state: StateInline, *, silent: bool) -> bool:
    match = _ROLE.match(state.src, state.pos, state.posMax)
    if not match or _INSIDE.search(state.src[max(state.pos - 30, 0) : state.pos]):
        return False
    name, written = match[1], _WRAPPED.sub(" ", match[2])
    worded = _WORDED.fullmatch(written)
    text, target = (worded[1], worded[2]) if worded else (written, written)
    if name in _REFERRING:
        label, words = (worded[2], worded[1].replace("{number}", "%s")) if worded else (written, "")
        _push(state, match, [(label, FORMS.get(f"{{{name}}}", "name"), words)], silent=silent)
        return True
    if not silent:
        if name in _ELEMENTS:
            text = text.replace("-->", "\N{TRIANGULAR BULLET}") if name == "menuselection" else text
            long = _LONG_FORM.fullmatch(written) if name == "abbr" else None
            classes: dict[str, str | int | float] = {"class": "smallcaps"} if name in {"smallcaps", "sc"} else {}
            _element(state, _ELEMENTS[name], long[1] if long else text, {"title": long[2]} if long else classes)
        elif name in _TEX:
            tex = f"\\SI{{{text}}}{{{target}}}" if name == "si" and worded else _TEX[name].format(written)
            token = state.push("formula", "", 0)
            token.content, token.markup, token.meta = tex, match[0], {"display": False}
        elif name in _STANDARDS:
            series, address = _STANDARDS[name]
            _link(state, text if worded else f"{series} {written}", address.format(target), "")
        elif name in _LINKS or (name == "button" and worded):
            _link(state, text.strip(), target, "" if name.endswith("download") else ".md")
        elif _CODE.fullmatch(name):
            shown = text.lstrip("!")
            state.push("code_inline", "code", 0).content = shown[1:].rpartition(".")[2] if shown[:1] == "~" else shown
        elif _WORDS.fullmatch(name):
            state.push("text", "", 0).content = text
        elif not _SIGNS.fullmatch(name):
            token = state.push("refused", "", 0)
            token.content = match[0]
            hint = "write it as Markdown; a link names the other post's file: `[words](2026-01-02-post.md)`"
            token.meta = {"message": f"the role of `{match[0]}` is not supported", "hint": hint}
    state.pos = match.end()
    return True


def _element(state: StateInline, name: str, text: str, attributes: dict[str, str | int | float]) -> None:
    state.push("role_open", name, 1).attrs = attributes
    state.push("text", "", 0).content = text
    state.push("role_close", name, -1)


def _link(state: StateInline, text: str, target: str, suffix: str) -> None:
    """Write a link to a file; a document of MyST's has no suffix, and without words is its title."""
    target = target.strip()
    if suffix and _FOREIGN.fullmatch(target):
        state.push("text", "", 0).content = text
        return
    last = target.rpartition("/")[2]
    address = target if "." in last or "://" in target else f"{target}{suffix}"
    state.push("link_open", "a", 1).attrs = {"href": address}
    if text != target or not suffix:
        state.push("text", "", 0).content = text if text != target else last
    state.push("link_close", "a", -1)


def _target(state: StateBlock, start: int, _end: int, silent: bool) -> bool:
    """Read MyST's `(label)=`, which names the block below it, and d2l's `:label:`, for the one above, as attribute lists."""
    match = _TARGET.fullmatch(line_text(state, start))
    if not match or state.is_code_block(start):
        return False
    if not silent:
        name = match[1] or match[2]
        state.env.setdefault("targets", set()).add(name)
        reading: Reading = state.env["reading"]
        reading.targets.append((normal_label(name), normal_label(name), "", reading.place(start)))
        token = push_lines(state, "attributes", match[0], start, start + 1)
        token.meta = {"given": Attributes(normal_label(name)), "name": "", "follows": not match[1]}
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
