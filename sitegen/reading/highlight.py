"""Code -> HTML with Pygments' class names; the style sheet gives them colours for light and dark.

Pygments' own formatter is not used: a quarter of what it writes are elements around blanks, brackets, operators and plain names.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES, Token
from pygments.util import ClassNotFound

from sitegen.later import later

if TYPE_CHECKING:
    from pygments.lexer import Lexer
    from pygments.token import _TokenType

# Names, operators, punctuation and blanks, which are in the colour of code.
_PLAIN = frozenset({"", "n", "o", "p", "w"})

_MARK = r"(?:#|//|--|%|;|/\*|&lt;!--)[ \t]*(?:&lt;(\d{1,2})&gt;|\((\d{1,2})\)!?)[ \t]*(?:\*/|--&gt;)?[ \t]*"
_ANNOTATION = later(
    rf'<span class="c\w*">{_MARK}</span>|{_MARK.replace("!?", "!")}(?=(?:</span>)*$)',  # `a // (2)` divides
    re.MULTILINE,
)


_COMMENT = r"[ \t]*(?:#|//|--|%|;|/\*|\{/\*|<!--)[ \t]*"
_SAID = later(rf"{_COMMENT}highlight-(next-line|start|end)[ \t]*(?:\*/\}}?|-->)?[ \t]*")
_SAID_BEHIND = later(rf"{_COMMENT}(?:\[!code ([\w+-]+)(?::\d+)?\]|highlight-line)[ \t]*(?:\*/\}}?|-->)?[ \t]*$")


class Listing(Struct, frozen=True):
    """How code is shown. title: a file's name above it. first: the number of its first line.

    marked: lines, counted from 1 in the code, that stand out; hidden: those that are not shown. annotated: `# <1>` at the end of a line refers to the list
    below.
    """

    language: str = ""
    title: str = ""
    numbered: bool = False
    first: int = 1
    marked: frozenset[int] = frozenset()
    annotated: bool = False
    hidden: frozenset[int] = frozenset()


@lru_cache(maxsize=64)
def _lexer(language: str) -> Lexer | None:
    try:  # `diff-js` is what became of JavaScript
        return get_lexer_by_name("diff" if language.startswith("diff-") else language, stripnl=False)
    except ClassNotFound:
        return None


def is_language(name: str) -> bool:
    """Whether Pygments knows a language."""
    return bool(name) and _lexer(name) is not None


def marked_lines(text: str) -> frozenset[int] | None:
    """Read `2 4-6`, `2,4-6` or `[2, "4-6"]` as line numbers, and all of `|1|2-3|all`, a slide's steps; None when it is none."""
    found: set[int] = set()
    steps = [step for step in text.split("|") if step.strip() not in {"", "all"}] if "|" in text else [text]
    for part in re.split(r"[\s,]+", re.sub(r"[\[\]\"']", "", " ".join(steps)).strip()) if steps else ():
        match = re.fullmatch(r"(\d{1,5})(?:-(\d{1,5}))?", part)
        if not match:
            return None
        found.update(range(int(match[1]), int(match[2] or match[1]) + 1))
    return frozenset(found)


def highlight_code(code: str, listing: Listing) -> str:
    """Return `code` as `<pre><code>`; a language that Pygments does not know is shown plain."""
    if "highlight-" in code or "[!code" in code:
        code, listing = _take_comments(code, listing)
    lexer = _lexer(listing.language.lower()) if listing.language else None
    inner = _coloured(code, lexer) if lexer else escape(code, quote=False)
    if listing.annotated:
        inner = _ANNOTATION.sub(_note, inner)
    if listing.marked or listing.numbered or listing.hidden:  # elements end with their lines
        lines = inner.split("\n")
        tail = lines.pop()
        shown = ((text, number) for number, text in enumerate(lines, 1) if number not in listing.hidden)
        inner = "".join(_line(text, number, listing) for text, number in shown) + tail
    name = f' class="language-{escape(listing.language)}"' if listing.language else ""
    title = f'<p class="code-title">{escape(listing.title)}</p>' if listing.title else ""
    start = f' style="--before: {listing.first - 1}"' if listing.numbered and listing.first != 1 else ""
    numbered = " numbered" if listing.numbered else ""
    return f'<div class="code{numbered}"{start}>{title}<pre tabindex="0"><code{name}>{inner}</code></pre></div>\n'


def _take_comments(code: str, listing: Listing) -> tuple[str, Listing]:
    """Return code without the comments that say which lines stand out, and a listing that knows these.

    They are Docusaurus', Gatsby's and VitePress'.
    """
    if listing.marked and "[!code" not in code:  # what is said above it, by numbers that count the comments
        return code, listing
    lines: list[str] = []
    marked: set[int] = set(listing.marked)
    until, follows = False, False
    for line in code.split("\n"):
        said = _SAID.fullmatch(line)
        if said:
            until, follows = (said[1] == "start", False) if said[1] != "next-line" else (until, True)
            continue
        ends = _SAID_BEHIND.search(line)
        lines.append(line[: ends.start()] if ends else line)
        if until or follows or (ends and (ends[1] or "hl") in {"highlight", "hl", "++", "focus", "error", "warning"}):
            marked.add(len(lines))
        follows = False
    return "\n".join(lines), replace(listing, marked=frozenset(marked))


def _coloured(code: str, lexer: Lexer) -> str:
    """Return code with an element around each run of tokens of one class, that ends with its line at the latest."""
    parts = []
    for name, run in groupby(lexer.get_tokens(code), lambda token: _class(token[0])):
        text = escape("".join([part for _, part in run]), quote=False)
        if name in _PLAIN:
            parts.append(text)
        elif "\n" in text:
            parts.append(re.sub(r".+", rf'<span class="{name}">\g<0></span>', text))
        else:
            parts.append(f'<span class="{name}">{text}</span>')
    return "".join(parts)


@cache
def _class(kind: _TokenType) -> str:
    """Return the class of a kind of token, or of the kind that it is one of."""
    known = next((one for one in reversed(kind.split()) if one in STANDARD_TYPES), Token)
    return STANDARD_TYPES[known]


def _note(match: re.Match[str]) -> str:
    return f'<span class="annotation" data-note="{match[match.lastindex or 0]}"></span>'


def _line(html: str, number: int, listing: Listing) -> str:
    """Return a line in an element of its own, which is what is numbered and what stands out."""
    marked = number in listing.marked
    name = " ".join(["ln"] * listing.numbered + ["hll"] * marked)
    return f'<span class="{name}">{html}</span>\n' if name else f"{html}\n"
