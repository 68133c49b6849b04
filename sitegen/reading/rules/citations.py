"""Markdown rules for citations: `[see @key, p. 3]`, `@key`, MyST's roles, and where the list of references stands.

Tokens: `citation` with `meta = {"works": [(key, prefix, suffix, authorless)], "textual": bool}` (no works: it cannot be
one here), and `references`.
Only a post with a bibliography cites; in others `@name` stays text, and a bracketed citation is an error.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from markdown_it.token import Token

from sitegen.errors import SiteError
from sitegen.labels import LETTER
from sitegen.later import later
from sitegen.model import Citation, Cited
from sitegen.reading.block_lines import ENDS_ALL, line_text, push_lines
from sitegen.reading.endings import endings

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_core import StateCore
    from markdown_it.rules_inline import StateInline

    from sitegen.errors import Location
    from sitegen.reading.context import Reading

    Work = tuple[str, str, str, bool]

LONGEST = 2_000  # signs of one citation, so that an unclosed bracket is not looked for in a whole book
MOST_LINES = 100  # between `::: {#refs}` and its end, likewise

_KEY = rf"(?:\{{[^{{}}\s]+\}}|{LETTER}(?:{LETTER}|[:.#$%&\-+?<>~/](?={LETTER}))*|\w(?:\w|[:.#$%&\-+?<>~/](?=\w))*)"
_OF_NUMBERS = later(r"(?i:fig|eq|tbl|sec|thm|lem|cor|prp|cnj|def|exm|exr|rem|sol|alg|lst|nte|tip|wrn|imp|cau)[-:]")
_IN_TEXT = later(rf"@({_KEY})(?:[ ]?\[(?P<suffix>[^\[\]@^][^\[\]]*)\](?![(\[]))?")
_WORK = later(rf"(?P<prefix>(?:[^@]|(?<=\w)@)*?)(?P<minus>-?)(?<!\w)@(?P<key>{_KEY})(?P<suffix>.*)", re.DOTALL)
_SURELY = later(rf"-?@{_KEY}\s*(?:$|[,;])")
_ROLE = later(r"[{:](?:foot)?cite:?(?P<kind>[a-z]+)?[}:](?P<ticks>`+)(?P<body>[^`]+)(?P=ticks)(?!`)")
_IN_ROLE = later(r"(?:\{(?P<prefix>[^}]*)\})?(?P<key>[^{},;\s]+)(?:\{(?P<suffix>[^}]*)\})?")
_TEXTUAL_ROLES = {"t", "ts", "ct", "cts", "alp", "alps", "author", "authors"}
_BRACKETED_ROLES = {None, "p", "ps", "cp", "cps"}
_YEARS = {"year", "yearpar"}
_FENCED = re.compile(r"(:{3,}|`{3,})[ \t]*(?:\{[ \t]*#refs\b[^}]*\}[ \t]*|\{(?:foot)?bibliography\}.*)$")
_EMPTY = re.compile(r"""<div\s[^<>]*\bid=["']?refs["']?[^<>]*>\s*</div>\s*$""")
_DISTILL = later(r"""<d-cite\s+(?:bibtex-)?key=(?:["']([^"'<>]+)["']|([^\s"'<>/]+))\s*(?:/>|>\s*</d-cite>)""")
_TITLES = frozenset(
    "references,bibliography,literature,works cited,literatur,literaturverzeichnis,références,bibliographie,referencias,"
    "bibliografía,referências,riferimenti,bibliografia,参考文献,參考文獻,참고문헌,참고 문헌,文献,литература".split(",")
)


def use_citations(md: MarkdownIt) -> None:
    """Add the rules of this module; a link, also one whose text begins with `@`, comes before a citation."""
    md.inline.ruler.after("link", "citation", _bracketed)
    md.inline.ruler.before("escape", "citation_in_text", _in_text)
    md.inline.ruler.before("escape", "citation_role", _role)
    md.inline.ruler.before("html_inline", "citation_tag", _tag)
    md.block.ruler.before("fence", "references", _references_here, ENDS_ALL)
    md.core.ruler.push("references", _place_references)


def _cites(state: StateInline | StateBlock | StateCore) -> bool:
    reading: Reading = state.env["reading"]
    return reading.cites


def _shows(state: StateInline) -> bool:
    """Whether what surely cites is read as a citation, though it may be of nothing."""
    reading: Reading = state.env["reading"]
    return reading.cites or reading.shows_missing


def _push(state: StateInline, works: list[Work], end: int, *, textual: bool) -> None:
    token = state.push("citation", "", 0)
    token.meta = {"works": works, "textual": textual}
    token.markup = state.src[state.pos : end]
    token.content = token.markup


def push_citation(
    state: StateInline, keys: list[str], end: int, around: tuple[str, str] = ("", ""), *, textual: bool = False
) -> None:
    """Add a citation of these keys that ends at `end`; around: what stands before the first and behind the last."""
    works = [(key, "", "", False) for key in keys]
    if keys:
        works[0] = (keys[0], around[0], "", False)
        works[-1] = (keys[-1], works[-1][1], around[1], False)
    _push(state, works if _shows(state) else [], end, textual=textual)


def _bracketed(state: StateInline, silent: bool) -> bool:
    end = endings(state.src).bracket(state.pos)
    if end is None or end >= min(state.posMax, state.pos + LONGEST):
        return False
    inside = state.src[state.pos + 1 : end]
    if "@" not in inside:
        return False
    works = _works(inside)
    if works is None or any(_OF_NUMBERS.match(key) for key, *_ in works):
        return False
    if not _cites(state) and not _SURELY.match(inside):
        return False
    if not silent:
        _push(state, works if _shows(state) else [], end + 1, textual=False)
    state.pos = end + 1
    return True


def _works(text: str) -> list[Work] | None:
    """Return the works of a bracketed citation, or None when a part of it names none."""
    works = []
    for part in text.split(";"):
        match = _WORK.fullmatch(part.strip())
        if match is None:
            return None
        works.append((match["key"].strip("{}"), match["prefix"].strip(), match["suffix"].strip(), bool(match["minus"])))
    return works


def _in_text(state: StateInline, silent: bool) -> bool:
    position = state.pos
    authorless = state.src.startswith("-@", position) and not _follows_a_word(state)
    if not (authorless or state.src[position] == "@") or not _cites(state) or _follows_a_word(state):
        return False
    match = _IN_TEXT.match(state.src, position + authorless, state.posMax)
    if match is None or _OF_NUMBERS.match(match[1]):
        return False
    if state.linkLevel:
        return False
    first, *others = (match["suffix"] or "").split(";")
    more = _works(";".join(others)) if others else []
    end = match.end()
    if more is None:
        first, more, end = "", [], match.end(1)
    if not silent:
        _push(state, [(match[1].strip("{}"), "", first.strip(), authorless), *more], end, textual=not authorless)
    state.pos = end
    return True


def _follows_a_word(state: StateInline) -> bool:
    before = state.src[state.pos - 1 : state.pos] if state.pos else ""
    return bool(re.match(LETTER, before)) or before in {"/", "@"}


def _role(state: StateInline, silent: bool) -> bool:
    if not state.src.startswith(("{cite", ":cite", "{footcite"), state.pos):
        return False
    match = _ROLE.match(state.src, state.pos, state.posMax)
    if match is None:
        return False
    known = match["kind"] in _TEXTUAL_ROLES | _BRACKETED_ROLES | _YEARS
    works = [
        (found["key"], (found["prefix"] or "").strip(), (found["suffix"] or "").strip(), match["kind"] in _YEARS)
        for found in _IN_ROLE.finditer(match["body"])
    ]
    if not silent:
        if match["kind"] in _TEXTUAL_ROLES and _shows(state):
            for number, work in enumerate(works):
                if number:
                    state.push("text", "", 0).content = ", "
                _push(state, [work], match.end(), textual=True)
        else:
            _push(state, works if known and _shows(state) else [], match.end(), textual=False)
    state.pos = match.end()
    return True


def _tag(state: StateInline, silent: bool) -> bool:
    """Read `<d-cite key="a,b"></d-cite>`, as Distill's and al-folio's posts cite."""
    match = _DISTILL.match(state.src, state.pos, state.posMax) if state.src.startswith("<d-cite", state.pos) else None
    if match is None:
        return False
    keys = [key.strip() for key in (match[1] or match[2]).split(",") if key.strip()]
    if not silent:
        before = state.src[state.pos - 1 : state.pos]
        if before.isascii() and before.strip(" \t\n([{"):  # Distill's number stands right behind a word
            state.pending += " "
        push_citation(state, keys, match.end())
    state.pos = match.end()
    return True


def cite_in_html(tag: str, reading: Reading) -> str:
    """Return what a tag of Distill's citations becomes in raw HTML, such as the caption of an image; its end is nothing."""
    match = _DISTILL.match(f"{tag}</d-cite>")
    keys = [key.strip() for key in (match[1] or match[2]).split(",") if key.strip()] if match else []
    place = reading.find(tag)
    if match and not (keys and (reading.cites or reading.shows_missing)):
        reading.errors.append(_refusal(tag, reading, place))
    elif keys:
        return reading.hole(Citation(tuple(Cited(key) for key in keys), textual=False, location=place))
    return ""


def _references_here(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read the place of the list: `::: {#refs}` (Pandoc), `{bibliography}` (MyST), `<div id="refs"></div>` (R Markdown)."""
    first = line_text(state, start)
    opening = _FENCED.match(first)
    reading: Reading = state.env["reading"]
    if not (opening or _EMPTY.match(first)) or not (reading.cites or reading.shows_missing):
        return False
    last: int | None = start
    if opening:
        below = range(start + 1, min(end, start + MOST_LINES))
        last = next((line for line in below if line_text(state, line).strip() == opening[1]), None)
    if last is None:
        return False
    if not silent:
        push_lines(state, "references", "", start, last + 1).meta = {"titled": False}
    return True


def _place_references(state: StateCore) -> None:
    """Place the list at the end where the author has not: under a last heading that announces it, else under its own."""
    reading: Reading = state.env["reading"]
    if not reading.cites or reading.fixed or "inline" in state.env or any(t.type == "references" for t in state.tokens):
        return
    end = next((n for n, token in enumerate(state.tokens) if token.type == "footnote_block_open"), len(state.tokens))
    announced = (
        end >= 3
        and state.tokens[end - 1].type == "heading_close"
        and re.sub(r"\{[^}]*\}", "", state.tokens[end - 2].content).strip(" :*").lower() in _TITLES
    )
    state.tokens.insert(end, Token("references", "", 0, meta={"titled": not announced}))


def render_citation(token: Token, reading: Reading) -> str:
    """Render a citation as a hole; what stands around its keys is Markdown."""
    place = reading.find(token.markup)
    if not token.meta["works"]:
        refusal = _refusal(token.markup, reading, place)
        reading.refuse_unknown(refusal.message, place, refusal.hint)
        return escape(token.markup)
    works = tuple(
        Cited(key, reading.inline(prefix, place), reading.inline(suffix, place), authorless)
        for key, prefix, suffix, authorless in token.meta["works"]
    )
    return reading.hole(Citation(works, token.meta["textual"], place))


def _refusal(text: str, reading: Reading, place: Location) -> SiteError:
    """Return the error of what is a citation and cannot be one here."""
    if reading.cites:
        return SiteError(f"`{text}` is no citation that is known", place, "write {cite:p}`key` or {cite:t}`key`")
    if reading.fixed:
        return SiteError(f"`{text}` cites, in what a cell prints", place, "cite in the text around the cell")
    hint = "name one in the header, `bibliography: refs.bib`; what is no citation is written `\\@name`"
    return SiteError(f"`{text}` is a citation, but this post has no bibliography", place, hint)
