"""Callouts of every dialect: Quarto's and MyST's containers, Material's, quotes of GitHub, Obsidian and Chirpy.

Each becomes one box with one of five tones, a title in the language of the page, and, where it can be folded, `<details>`.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from sitegen.errors import suggestion
from sitegen.labels import id_attribute, kind_of, normal_label
from sitegen.later import later
from sitegen.reading.anchors import block_name
from sitegen.reading.attributes import Attributes
from sitegen.reading.boxes.containers import Container, end_of, inline, markup, title_of
from sitegen.reading.boxes.theorems import KINDS, SHORT_NAMES, STATED, STATEMENTS, has_own_head, number, theorem
from sitegen.words import spellings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from markdown_it.token import Token

    from sitegen.reading.context import Reading

_TONES = {
    "note": "note info information abstract summary tldr todo seealso question help faq example quote cite admonition topic message",
    "tip": "tip hint success check done",
    "important": "important",
    "warning": "warning warn attention alert",
    "caution": "caution danger error failure fail missing bug",
}
TONES = {word: tone for tone, words in _TONES.items() for word in words.split()}
"""The tone of a callout by the word that names it."""

_SPELLINGS = {f"{word}s": word for word in ("note", "tip", "hint", "warning", "example", "question", "error")}
_SPELLINGS["see-also"] = "seealso"

OF_LESSONS = frozenset(
    """
    callout challenge checklist demo discussion homework instructor instructor-note keypoints objectives overview
    prereq questions testimonial type-along typealong
    """.split()
)
"""Boxes of the Carpentries and CodeRefinery, known as containers and as classes of a quote below a heading."""

_TITLES = {
    "seealso": "See also",
    "tldr": "TL;DR",
    "faq": "FAQ",
    "instructor": "Instructor note",
    "keypoints": "Key points",
    "prereq": "Prerequisites",
    "typealong": "Type-along",
    "type-along": "Type-along",
    **dict.fromkeys(("admonition", "topic", "message", "callout"), ""),
}
_NUMBERED = frozenset({"nte", "tip", "wrn", "imp", "cau"})
"""Prefixes of the labels by which Quarto refers to callouts."""
_SECOND = {"info", "warn", "alert"}
_ALERT = later(
    r"\[!(\w[^\[\]\n|]*)(?:\|(?P<about>(?:\{.*?\}|[^\]\n])*))?\](?P<fold>[+-]?)(?!\()[ \t]*(?P<title>[^\n]*)(?:\n|$)"
)
_OF_PLUGIN = later(r'"type":"(\w+)"')  # what a callout of the kind `math` states
_OLDER_ALERT = later(r"\*\*(Note|Warning)\*\*(?:[ ]{2,}|\\)?\n")  # GitHub's of 2022
_PROMPT = later(r"(?:prompt|block)-(\w+)")  # Chirpy's and al-folio's
_NOTICE = later(
    r"notice(?:--(primary|info|warning|danger|success))?|(note|tip|important|warning|caution|info|danger)"
    r"|box-(note|success|warning|error)|(success|error)"
)
_TITLE_TAG = later(r"<([a-z][\w-]*)-title>(.*)</\1-title>")  # of Galaxy's training
_CLASS = later(r"(?:callout|admonition|alert)-(\w+)|rmd(note|tip|warning|caution|important)")  # bookdown's


def callout_kind(container: Container) -> str | None:
    """Return the word for what kind of callout a container is; None when it is none."""
    if container.name:
        name = container.name.lower().removeprefix("callout-")
        if name == "admonition":
            return next((word for word in container.given.classes if word in TONES), name)
        match = _CLASS.fullmatch(name)
        return name if name in TONES or name in OF_LESSONS else match and (match[1] or match[2])
    for name in container.given.classes:
        match = _CLASS.fullmatch(name)
        if match:
            return match[1] or match[2]
        if name in TONES:
            return name
    return "admonition" if "callout" in container.given.classes else None  # Quarto's of no kind


def callout(container: Container, kind: str, inner: list[Token], reading: Reading) -> list[Token]:
    """Return the tokens of a callout that a container is."""
    given = container.given
    _refuse_slip(kind, reading, container.line)
    if container.title in _SECOND and kind in {"note", "message"}:  # Qiita's `:::note warn`, Zenn's `:::message alert`
        kind, container.title, given.pairs["title"] = container.title, "", ""
    title: str | None = given.pairs.get("title", container.title or None)
    collapse = given.pairs.get("collapse", "")
    fold = container.fold if not collapse else collapse.lower() == "true"
    if "dropdown" in given.classes:  # MyST's
        fold = "open" not in given.pairs
    if kind == "instructor":  # of whom learners see nothing, until they ask
        fold = True
    if kind in OF_LESSONS:
        for token in inner:
            held = token.meta.get("container")
            if held and held.name in {"solution", "hint"}:
                held.given.classes.append("dropdown")
    if title is None and inner and inner[0].type == "heading_open":  # Quarto's title is a heading
        title, said = title_of(inner[1])
        given.id = given.id or said.id
        inner = inner[3:]
    for key in given.pairs:
        known = {"title", "collapse", "appearance", "icon"}
        if key not in known | {"open", "data-latex"} and (hint := suggestion(key, known)):
            place = reading.place(container.line)
            reading.refuse_unknown(f"a callout has no option `{key}`", place, hint, "it is left out")
    label = normal_label(given.id) if kind_of(given.id) in _NUMBERED else ""
    if given.id and not label:  # MyST's `:name:`, mentioned by its title
        usual = word_for(kind, TONES.get(kind, "note"), reading.words_of_page)
        shown = re.sub(r"[*`$]|(?<!\w)_|_(?!\w)", "", title) if title else usual
        reading.targets.append((normal_label(given.id), given.id, shown, reading.place(container.line)))
    return _box(kind, title, inner, reading, fold=fold, line=container.line, name=label or given.id, label=label)


def quoted(tokens: list[Token], start: int, reading: Reading) -> list[Token] | None:
    """Return the tokens of the callout that the quote at `start` is; None when it is a plain quote."""
    end = end_of(tokens, start)
    opening, inner = tokens[start], tokens[start + 1 : end]
    line = opening.map[0] if opening.map else 0
    classes = str(opening.attrs.get("class", "")).split()
    prompt = next((match[1] for name in classes if (match := _PROMPT.fullmatch(name))), None) or _prompt_within(inner)
    if prompt:
        _refuse_slip(prompt, reading, line)
        title, name = "", str(opening.attrs.get("id", ""))
        if inner and inner[0].type == "heading_open":
            title, said = title_of(inner[1])
            name, inner = name or said.id, inner[3:]
        return _box(prompt, title, inner, reading, fold=None, line=line, name=name)
    if len(inner) < 3 or inner[0].type != "paragraph_open":
        return None
    alert = _ALERT.match(inner[1].content)
    older = None if alert else _OLDER_ALERT.match(inner[1].content)
    if older and inner[1].map:
        inner[1].content = inner[1].content[older.end() :]
        inner[1].map = [inner[1].map[0] + 1, inner[1].map[1]]
        return _box(older[1].lower(), None, inner, reading, fold=None, line=line, name=str(opening.attrs.get("id", "")))
    if not alert:
        return None
    stated = _OF_PLUGIN.search(alert["about"] or "")
    kind = stated[1].lower() if stated else alert[1].lower()
    kind = SHORT_NAMES.get(kind, kind)
    _refuse_slip(kind, reading, line)
    rest = inner[1].content[alert.end() :]
    if rest.strip():
        inner[1].content = rest
        if inner[1].map:
            inner[1].map = [inner[1].map[0] + 1, inner[1].map[1]]
    else:
        inner = inner[3:]
    # `> [!Proposition 1. Bounds]` has its title for a kind.
    title, name = block_name(alert["title"].strip() or (alert[1] if " " in kind else ""))
    name = name or str(opening.attrs.get("id", ""))
    if kind not in TONES and kind in STATED:  # `> [!theorem] Title`
        own_head = ""
        if stated:  # its title is the whole head
            title, own_head = "", title
        else:
            title, own_head = title_and_head(title, kind, reading.words_of_page)
        pairs = {"collapse": "true"} if alert["fold"] == "-" else {}
        pairs |= {"nonumber": ""} if alert["about"] == "*" else {}  # of a plugin for theorems
        given = Attributes(name, pairs=pairs)
        return theorem(Container(kind, title, given=given, line=line), kind, inner, reading, own_head)
    fold = {"": None, "-": True, "+": False}[alert["fold"]]
    return _box(kind, title or None, inner, reading, fold=fold, line=line, name=name)


def _prompt_within(inner: list[Token]) -> str | None:
    """Take Chirpy's class from a block within a quote, where Prettier puts the list that stood below the quote."""
    depth = 0
    for token in inner:
        match = _PROMPT.fullmatch(str(token.attrs.get("class", ""))) if depth == 0 and token.nesting == 1 else None
        if match:
            del token.attrs["class"]
            return match[1]
        depth += token.nesting
    return None


def title_and_head(title: str, kind: str, words: Mapping[str, str]) -> tuple[str, str]:
    """Return (title, what stands in place of word and number) of Obsidian's theorem, whose title may bring the word.

    `Theorem: Euler` is about Euler, and `Theorem 2.1 (Euler)` has its author's own number.
    """
    own = words[KINDS.get(kind, kind)]
    bare = title[2:-2] if title[:2] == title[-2:] == "**" and title.count("**") == 2 else title
    known = "|".join([re.escape(own), *STATED, *map(re.escape, spellings(KINDS.get(kind, kind)))])
    match = re.match(rf"[*_]*({known})(?!\w)[ \t]*(:?)[ \t]*", bare, re.IGNORECASE)
    if not match:  # `**Osservazione.**`
        return ("", title) if bare != title and bare.endswith(".") and " " not in bare else (title, "")
    if match[1].lower() in {kind, own.lower()} and (match[2] or match.end() == len(bare)):
        return bare[match.end() :], ""
    return "", title


def noticed(tokens: list[Token], start: int, reading: Reading) -> list[Token] | None:
    """Return the tokens of the callout that an attribute list makes of the block at `start`; None when it makes none.

    Minimal Mistakes has `{: .notice--info }`, Just the Docs `{: .note }`, Beautiful Jekyll `{: .box-note}`, TeXt `{:.success}`.
    """
    opening = tokens[start]
    for name in str(opening.attrs.get("class", "")).split():
        match = _NOTICE.fullmatch(name.removesuffix("-title"))
        if match:
            kind = match[1] or match[2] or match[3] or match[4] or "note"
            kind = "note" if kind == "primary" else kind
            del opening.attrs["class"]
            inner = tokens[start : end_of(tokens, start) + 1]
            if opening.type == "blockquote_open":
                inner = inner[1:-1]
            title = "" if name.startswith(("notice", "box-")) else None
            if name.endswith("-title") and len(inner) > 1 and inner[0].type == "paragraph_open":
                title, inner = inner[1].content, inner[3:]
            return _box(kind, title, inner, reading, fold=None, line=opening.map[0] if opening.map else 0, name="")
        if opening.type == "blockquote_open":
            line, inner = opening.map[0] if opening.map else 0, tokens[start + 1 : end_of(tokens, start)]
            fold = True if name == "solution" else None
            head, _, rest = inner[1].content.partition("\n") if len(inner) > 1 else ("", "", "")
            tag = _TITLE_TAG.fullmatch(head.strip())
            if tag and inner[0].type == "paragraph_open":
                inner = [inner[0], inline(rest, line + 1), *inner[2:]] if rest else inner[3:]
                return _box(tag[1], tag[2] or None, inner, reading, fold=fold, line=line, name="")
            if name in OF_LESSONS | {"solution"} and inner and inner[0].type == "heading_open":
                return _box(name, inner[1].content, inner[3:], reading, fold=fold, line=line, name="")
    return _stated(tokens, start, reading)


def _stated(tokens: list[Token], start: int, reading: Reading) -> list[Token] | None:
    """Return the tokens of the theorem that the class of a block or quote makes of it, `{: .theorem title="Name"}`."""
    opening = tokens[start]
    names = str(opening.attrs.get("class", "")).split()
    word = next((name for name in names if name.lower() in STATEMENTS), "")
    inner = tokens[start : end_of(tokens, start) + 1]
    text = next((token.content for token in inner if token.type == "inline"), "")
    if not word or opening.type == "formula_block" or has_own_head(word, text, reading):
        return None
    given = {key: str(opening.attrs.pop(key, "")) for key in ("text", "title", "name", "id", "class")}
    about = Attributes(given["id"], [word.lower()], {"name": given["text"] or given["title"] or given["name"]})
    if opening.type == "blockquote_open":
        inner = inner[1:-1]
    line = opening.map[0] if opening.map else 0
    return theorem(Container("", given=about, line=line), word.lower(), inner, reading)


def _refuse_slip(kind: str, reading: Reading, line: int) -> None:
    """Note a kind that looks like a slip of one; any other is the author's own, and looks like a note."""
    known = TONES.keys() | STATED | OF_LESSONS | _SPELLINGS.keys() | {"equation"}  # which is no `question`
    hint = suggestion(kind, TONES) if kind not in known else ""
    if hint:
        message = f"there is no callout of the kind `{kind}`"
        reading.refuse_unknown(message, reading.place(line, kind), hint, "it looks like a note")


def _box(
    kind: str,
    title: str | None,
    inner: list[Token],
    reading: Reading,
    *,
    fold: bool | None,
    line: int,
    name: str,
    label: str = "",
) -> list[Token]:
    """Return the tokens of a box.

    title: None for the kind's own word, "" for none. fold: None, folded or open. label: what it is numbered for.
    """
    tone = TONES.get(_SPELLINGS.get(kind, kind), "note")
    if title is None:
        word = word_for(kind, tone, reading.words_of_page)
        title_tokens = [markup(escape(word))] if word else []
    else:
        title_tokens = [inline(title, line)] if title else []
    if label and (numbered := kind_of(label)):
        after = [markup(": "), *title_tokens] if title else []
        title_tokens = [number(numbered, label, line), *after]
    if fold is not None and not title_tokens:
        title_tokens = [markup(escape(word_for(kind, tone, reading.words_of_page)))]
    anchor = id_attribute(name)
    if fold is None:
        first = f'<div class="callout {tone}"{anchor} role="note">\n'
        head = [markup('<p class="callout-title">'), *title_tokens, markup("</p>\n")] if title_tokens else []
        return [markup(first), *head, *inner, markup("</div>\n")]
    is_open = "" if fold else " open"
    first = f'<details class="callout {tone}"{anchor}{is_open}>\n<summary class="callout-title">'
    return [markup(first), *title_tokens, markup("</summary>\n"), *inner, markup("</details>\n")]


def word_for(kind: str, tone: str, words: Mapping[str, str]) -> str:
    """Return the word for a kind; those that are in no table are English, elsewhere their tone's word stands for them."""
    if kind in words and kind in _TONES:
        return words[kind]
    if kind not in TONES:
        return _TITLES.get(kind, kind.replace("-", " ").capitalize())
    return _TITLES.get(kind, kind.capitalize()) if words["note"] == "Note" else words[tone]
