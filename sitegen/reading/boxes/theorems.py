"""Theorems, proofs and their kin, in Quarto's and MyST's spelling: numbered, with a head that runs into the first line."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from markdown_it.token import Token

from sitegen.errors import suggestion
from sitegen.labels import id_attribute, kind_of, normal_label
from sitegen.later import later
from sitegen.reading.boxes.containers import inline, markup, title_of
from sitegen.words import spellings

if TYPE_CHECKING:
    from sitegen.model import NumberKind
    from sitegen.reading.boxes.containers import Container
    from sitegen.reading.context import Reading

KINDS: dict[str, NumberKind] = {
    "theorem": "thm",
    "lemma": "lem",
    "corollary": "cor",
    "proposition": "prp",
    "conjecture": "cnj",
    "definition": "def",
    "example": "exm",
    "exercise": "exr",
    "remark": "rem",
    "algorithm": "alg",
    "axiom": "axiom",
    "assumption": "assumption",
    "claim": "claim",
    "criterion": "criterion",
    "observation": "observation",
    "property": "property",
}
STATED = (*KINDS, "proof", "solution")
"""Every word for what a container states; the last two have no numbers."""
SHORT_NAMES = {
    **dict.fromkeys(("thm", "theo"), "theorem"),
    **dict.fromkeys(("lem", "lemm"), "lemma"),
    **dict.fromkeys(("cor", "coro", "corr"), "corollary"),
    **dict.fromkeys(("prop", "prp"), "proposition"),
    **dict.fromkeys(("conj", "cnj"), "conjecture"),
    **dict.fromkeys(("def", "defn", "defi", "defin", "dfn", "df"), "definition"),
    **dict.fromkeys(("exa", "exm", "exmp", "examp", "eg"), "example"),
    **dict.fromkeys(("exer", "exr", "xca"), "exercise"),
    **dict.fromkeys(("rem", "rmk", "rmrk"), "remark"),
    **dict.fromkeys(("assum", "asm", "assump"), "assumption"),
    **dict.fromkeys(("clm", "claim"), "claim"),
    **dict.fromkeys(("obs", "observ"), "observation"),
    **dict.fromkeys(("pf", "prf"), "proof"),
    **dict.fromkeys(("soln", "sol"), "solution"),
}
r"""What `\newtheorem` is told to call them in the preambles of most papers, and Obsidian's plugins and tags of themes too."""
STATEMENTS = frozenset(("theorem", "lemma", "corollary", "proposition", "conjecture", "definition", "remark", "proof"))
"""Classes of HTML that say what stands there; others, such as `example`, may be about anything."""
_MARKS = later(r"(?:<[^<>]*>|[\s*_#>:({\[])*")
_NUMBERED = later(r"\s*(?:<[^<>]*>\s*)*(?:\*\*|__|(?<=<b>)|(?<=<strong>))[^\W\d]+[ \t]*\d")
_UPRIGHT = frozenset({"def", "exm", "exr", "rem", "alg"})
_ALONE = frozenset({"remark"})  # numbered only when it has a label, as in Quarto
_LABEL = later(r"[A-Za-z][\w:.-]*")
_OWN_NUMBER = later(r"(\d+(?:\.\d+)*)(?:[ \t]*\((.*)\)|[.:](?:[ \t]+(.*))?)?")
_OWN_HEAD = later(
    r"(\*\*|__|\*|_)(\w[^*_\n]*(?:\d|[.:](?=[*_])|(?=[*_]{1,2}[ \t]*(?:[.:(]|\Z))))\1[ \t]*(?:\(([^()\n]*)\))?[.:]?(?:[ \t]+|\n|\Z)"
)
_ENDS_PROOF = later(
    r"[ \t\n\xa0]*(?:[\u25fb\u25a1\u25a0\u220e\u25fc]|\$[ \t]*\\(?:square|blacksquare|qed|Box)[ \t]*\$)[ \t]*\Z"
)
_GOES_ON = later(r"[A-Za-z]")
_IN_BRACKETS = later(r"\((?:[^()]|\([^()]*\))*\)")
_NAMED_NUMBER = later(r"[^\W\d]+[ \t]*\d")
_OPTION = later(r"\[([^\[\]\n]+)\]")  # LaTeX's `[Name]`, a paragraph of its own
_OPTIONS = frozenset(
    {"name", "nonumber", "enumerated", "numbered", "number", "title", "hidden", "open", "collapse", "data-latex"}
)


def has_own_head(word: str, text: str, reading: Reading) -> bool:
    """Whether a text begins with the word for what it states, in any language, behind marks and tags, or any in bold with a number."""
    word = word.lower()
    if word != "proof" and _NUMBERED.match(text):  # which begins with `**Step 1**`
        return True
    marks = _MARKS.match(text)
    return text[marks.end() if marks else 0 :].lower().startswith(_words_for(word, reading))


def _words_for(word: str, reading: Reading) -> tuple[str, ...]:
    """Return the words for what a theorem states, in every language, in small letters."""
    name = KINDS.get(word) or word
    return (word, reading.words_of_page[name].lower(), *(each for each in spellings(name) if len(each) > 1))


def theorem_kind(container: Container) -> str | None:
    """Return the word for what a container states: `theorem`, `proof`, ...; None when it states nothing."""
    if container.name:
        name = container.name.lower().rpartition(":")[2]
        return name if name in STATED else None
    word = next((name for name in container.given.classes if name in STATED), None)
    kind = kind_of(container.given.id)
    return word or next((name for name, value in KINDS.items() if value == kind), None)


def theorem(container: Container, word: str, inner: list[Token], reading: Reading, own_head: str = "") -> list[Token]:
    """Return the tokens of a theorem or proof. own_head: what stands in place of its word and number."""
    given = container.given
    for key in given.pairs:
        if key not in _OPTIONS and (hint := suggestion(key, _OPTIONS)):
            place = reading.place(container.line)
            reading.refuse_unknown(f"this {word} has no option `{key}`", place, hint, "it is left out")
    if "hidden" in given.pairs:  # sphinx-exercise's: a solution that is not to be seen
        return []
    title = container.title or given.pairs.get("name", "") or given.pairs.get("title", "")
    if container.name == "solution" and _LABEL.fullmatch(title):  # MyST's names its exercise
        title = f"({{ref}}`{title}`)"
    if not title and inner and inner[0].type == "heading_open":
        title, said = title_of(inner[1])
        given.add(said)
        inner = inner[3:]
    elif not title and len(inner) > 1 and (option := _OPTION.fullmatch(inner[1].content)):
        title, inner = option[1], inner[3:]
    elif not own_head and inner and inner[0].type == "paragraph_open":
        own_head, title = _head_of_text(word, title, inner[1], reading)
    if word == "proof" and (texts := [token for token in inner if token.type == "inline"]):
        texts[-1].content = _ENDS_PROOF.sub("", texts[-1].content)  # the theme draws one
    own = _OWN_NUMBER.fullmatch(title) if word in KINDS and not own_head else None
    if own:  # `::: theorem 3 (Euler)`
        own_head, title = f"{reading.words_of_page[KINDS[word]]} {own[1]}", own[2] or own[3] or ""
    elif word in KINDS and _NAMED_NUMBER.match(title) and has_own_head(word, title, reading):
        own_head, title = title, ""  # `name="Theorem 2.1"`
    if own_head and given.id:  # `Theorem 2.1: *Euler*` is mentioned as Theorem 2.1
        shown = re.split("[:(]", own_head.strip("*"))[0].strip()
        reading.targets.append((normal_label(given.id), given.id, shown, reading.place(container.line)))
    named = [inline(own_head, container.line)] if own_head else _name(container, word, reading)
    head = [markup('<span class="theorem-head">'), *named]
    if title:
        plain = word not in KINDS
        head += [markup(" " if plain else ' <span class="theorem-title">('), inline(title, container.line)]
        head += [] if plain else [markup(")</span>")]
    head.append(markup("</span> "))
    classes = classes_of(word)
    anchor = id_attribute(given.id)
    if "dropdown" in given.classes or given.pairs.get("collapse") == "true":
        opening = markup(f'<details class="{classes}"{anchor}>\n<summary>')
        return [opening, *head, markup("</summary>\n"), *inner, markup("</details>\n")]
    first = inner[0] if inner else None
    if first is not None and first.type == "paragraph_open" and not first.hidden:
        inner = [first, *head, *inner[1:]]
    else:
        inner = [markup("<p>"), *head, markup("</p>\n"), *inner]
    return [markup(f'<div class="{classes}"{anchor}>\n'), *inner, markup("</div>\n")]


def _head_of_text(word: str, title: str, text: Token, reading: Reading) -> tuple[str, str]:
    """Take what Pandoc makes of LaTeX's head off a text, `**Theorem 2** (Euler).`: its words where they have a number, and its title."""
    found = _OWN_HEAD.match(text.content)
    if not found or not has_own_head(word, found[2], reading):
        return "", title
    said = found[2].strip(" .:")
    has_number = re.search(r"\d", said) is not None
    own = max((each for each in _words_for(word, reading) if said.lower().startswith(each)), key=len, default="")
    if not has_number and _GOES_ON.match(said, len(own)):  # `*Remarkably, this holds.*`
        return "", title
    text.content = text.content[found.end() :]
    if has_number:
        return said, title or found[3] or ""
    rest = said[len(own) :]
    name = rest.strip(" .:")
    if _IN_BRACKETS.fullmatch(name):
        name = name[1:-1]
    elif word in KINDS and name and rest[0] not in ".:":  # `**Theorem of Pythagoras.**`, but `*Proof of it.*`
        name = said
    return "", title or found[3] or name


def classes_of(word: str) -> str:
    """Return the classes of a theorem or proof by its word."""
    kind = KINDS.get(word)
    style = "proof" if kind is None else "theorem upright" if kind in _UPRIGHT else "theorem"
    return " ".join(dict.fromkeys([*style.split(), word]))


def _name(container: Container, word: str, reading: Reading) -> list[Token]:
    """Return "Theorem 3" or, without a number, "Proof"."""
    given = container.given
    kind = KINDS.get(word)
    name = reading.words_of_page[kind or word]
    asked = {given.pairs.get("enumerated"), given.pairs.get("numbered")}
    off = {"nonumber", "unnumbered"} & {*given.classes, *given.pairs} or "false" in asked
    if kind is None or off or (word in _ALONE and not given.id and ":" not in container.name):
        if given.id:  # which mentions lead to, though it has no number
            label = normal_label(given.id)
            reading.targets.append((label, given.id, name, reading.place(container.line)))
        return [markup(escape(name))]
    return [number(kind, given.id, container.line)]


def number(kind: NumberKind, label: str, line: int, parts: list[str] | None = None) -> Token:
    """Return a token that becomes the next number of its kind. parts: labels that are still being found."""
    meta = {"kind": kind, "label": label, "line": line, "parts": [] if parts is None else parts}
    return Token("number", "", 0, block=True, meta=meta)
