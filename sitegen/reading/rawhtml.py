"""Raw HTML in a post: addresses become holes like those of Markdown's links, and formulas between tags are set."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Literal

from sitegen.labels import formula_anchor, kind_of, normal_label
from sitegen.later import later
from sitegen.model import Number
from sitegen.reading.boxes.callouts import TONES
from sitegen.reading.mathspan import find_math
from sitegen.reading.mentions import COMMAND, command_references
from sitegen.reading.rules.citations import cite_in_html
from sitegen.reading.rules.marks import with_emoji

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token

    from sitegen.reading.context import Reading

_OPENING = later(
    r"<!--|<(?P<verbatim>script|style|pre|textarea|code|svg|math)(?=[\s/>])|<[!?]"
    r"""|</?[a-zA-Z][\w:-]*(?:[\s/](?:[^<>"'=]|=\s*+(?:"[^"<>]*"|'[^'<>]*'|[^\s"'<>=][^\s<>]*+)?+)*+)?>|</?[a-zA-Z]""",
    re.IGNORECASE,
)
_TAG_OF_ANY_LENGTH = later(
    r"""</?[a-zA-Z][\w:-]*(?:[\s/](?:[^<>"'=]|=\s*+(?:"[^"]*"|'[^']*'|[^\s"'<>=][^\s<>]*+)?+)*+)?>"""
)
_TAG_OF_AN_ELEMENT = later(r"""<\w+(?:[\s/](?:[^<>=]|=\s*+(?:"[^"]*"|'[^']*'|(?!["'])))*+)?>""")
"""The first tag of an element whose text is no text of the post, with quotes anywhere, as authors leave them in scripts."""
_LONGEST_TAG = 4_000  # characters, with signs of tags in its values
_ADDRESS = later(
    r"""(?P<before>\s(?P<name>href|src|poster|data)\s*=\s*)(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s"'>]+))""",
    re.IGNORECASE,
)
_TAG = later(r"<(a|area|img|source|video|audio|track|iframe|embed|object|link|script|input)\b", re.IGNORECASE)
_BOX = later(
    r"""<(?:div|p|section|aside|blockquote)\s(?:[^<>"']|"[^"<>]*"|'[^'<>]*')*?\bclass\s*=\s*["'](?P<names>[^"'<>]*)""",
    re.IGNORECASE,
)
_BOXED = later(
    rf"notice(?:--(\w+))?|(?:alert|box)-({'|'.join(TONES)}|primary|secondary|light|dark)|(note|tip|warning|caution|important|danger)"
)
_FOR_MATH = later(
    r"<script\b[^>]*(?:mathjax|katex|polyfill)|<link\b[^>]*(?:mathjax|katex)|<script\b.*?(?:MathJax|renderMathInElement)",
    re.IGNORECASE | re.DOTALL,
)
"""What loads and sets up a script for math: formulas are set when the page is built."""
_OF_VUE = later(r"<script(?:[^<>\"']|\"[^\"]*\"|'[^']*')*?\ssetup(?=[\s=/>])", re.IGNORECASE)
_NAMED = later(r"<(/?)([a-zA-Z][\w-]*)[^>]*?(/?)>", re.DOTALL)
_OLD = "acronym big center font nobr strike tt"  # which people still write
_DRAWN = "svg g path use circle rect line polyline polygon picture source"
_BOOKDOWN = later(r"\(\\#((?:fig|tab):[\w.-]+)\)")
"""Where the number stands in a caption that knitr has written."""
_EQUATION = later(r'(<\w+\s[^<>]*\bid=")(eq:[^"<>]+)"')  # links to it name the anchor of a formula
_PHRASES = frozenset(
    f"a abbr b bdi bdo br cite code data del dfn em i img ins kbd mark q rp rt ruby s samp small span {_OLD} {_DRAWN} "
    "strong sub sup time u var wbr".split()
)
_EMPTY = frozenset(["br", "img", "source", "wbr"])


def keep_phrases(tokens: Sequence[Token]) -> None:
    """Turn raw HTML of a title into text, in place, but for whole elements that belong into a line of text.

    `Vec<T>` shows what is written, and a `<b>` without an end does not reach the rest of the page.
    """
    opened: list[tuple[str, Token]] = []  # what Markdown wrote has no name
    kept: set[int] = set()
    for token in tokens:
        if token.nesting > 0:
            opened.append(("", token))
        while token.nesting < 0 and opened and opened.pop()[0]:
            pass
        if token.type != "html_inline":
            continue
        match = _NAMED.fullmatch(token.content)
        name = match[2].lower() if match else ""
        if match and match[1] and name == "br":  # `</br>` breaks the line, as browsers have it
            token.content = "<br>"
        if name in _EMPTY or (match and match[3] and name in _PHRASES) or token.content.startswith("<!--"):
            kept.add(id(token))
            # Browsers take no notice of the slash.
            if match and match[3] and name not in _EMPTY and name not in _DRAWN.split():
                token.content = f"{token.content.rstrip('/> ')}></{name}>"
        elif not match or name not in _PHRASES:
            continue
        elif not match[1]:
            opened.append((name, token))
        elif opened and opened[-1][0] == name:
            kept |= {id(token), id(opened.pop()[1])}
    for token in tokens:
        if token.type == "html_inline" and id(token) not in kept:
            token.type = "text"


def fill_html(html: str, reading: Reading, *, math: bool) -> str:
    """Return raw HTML with holes for its addresses and, where `math`, for the formulas in its text."""
    parts = []
    position = 0
    if 'id="eq:' in html:
        html = _EQUATION.sub(lambda tag: f'{tag[1]}{formula_anchor(tag[2])}"', html)
    for start, end in pieces(html):
        parts.append(_text(html[position:start], reading) if math else html[position:start])
        parts.append(_tag(html[start:end], reading))
        position = end
    parts.append(_text(html[position:], reading) if math else html[position:])
    return "".join(parts)


def pieces(html: str) -> Iterator[tuple[int, int]]:
    """Find comments, whole elements whose text is no text of the post, and tags; what never ends is looked for once."""
    missing: set[str] = set()

    def end_of(pattern: str, start: int) -> int | None:
        found = None if pattern in missing else re.compile(pattern, re.IGNORECASE).search(html, start)
        if found is None:
            missing.add(pattern)
        return found.end() if found else None

    position = 0
    while match := _OPENING.search(html, position):
        end: int | None = None
        if match["verbatim"]:
            tag = _TAG_OF_AN_ELEMENT.match(html, match.start(), match.start() + _LONGEST_TAG)
            end = end_of(rf"</{match['verbatim'].lower()}\s*>", tag.end()) if tag else None
        elif match[0] == "<!--":
            end = end_of("--!?>", match.start() + 2)  # `<!-->` is one
        elif match[0] in {"<!", "<?"}:
            end = end_of(">", match.end())
        if end is None and match[0].endswith(">"):
            end = match.end()
        elif end is None and match[0][1] not in "!?":
            whole = _TAG_OF_ANY_LENGTH.match(html, match.start(), match.start() + _LONGEST_TAG)
            end = whole.end() if whole else None
        if end is not None:
            yield match.start(), end
        position = end or match.end()


def _tag(tag: str, reading: Reading) -> str:
    if is_of_vue := _OF_VUE.match(tag):
        reading.note("`<script setup>` is VitePress': nothing is run of it", reading.find(tag.partition("\n")[0]))
    if is_of_vue or _FOR_MATH.match(tag):
        is_whole = "</" in tag or tag[1] in "lL"
        return "" if is_whole else "<script>"  # in a line of text its end is another tag
    if tag.startswith(("<d-cite", "</d-cite")):
        return cite_in_html(tag, reading)
    if tag == "<aside>":  # Distill's, in the margin
        return '<aside class="margin-note">'
    opening = _TAG.match(tag)
    if not opening:
        return _boxed(tag) if "class" in tag else tag
    name = opening[1].lower()
    end = tag.find(">") + 1 if name == "script" else len(tag)

    def fill(match: re.Match[str]) -> str:
        target = unescape(next(group for group in match.group("double", "single", "bare") if group is not None))
        kind: Literal["page", "file"] = "page" if name in {"a", "area"} and match["name"].lower() == "href" else "file"
        if not target:
            return match[0]
        place = reading.find(match[0].strip())
        sizes = set(re.findall(r"\s(width|height|style)\s*=", tag)) if name == "img" else {"of nothing"}
        if not sizes and match["name"].lower() == "src":
            return " " + reading.image(target, place)
        tall = re.search(r"\sheight\s*=\s*[\"']?(\d+)(?:px)?[\"'\s/>]", tag) if sizes == {"height"} else None
        # Rules for images have the height follow the width.
        style = f' style="height: {tall[1]}px"' if tall else ""
        return f'{style}{match["before"]}"{reading.link(target, kind, place)}"'

    return _ADDRESS.sub(fill, tag[:end]) + tag[end:]


def _boxed(tag: str) -> str:
    """Return a tag that opens a box of Minimal Mistakes, Bootstrap or ox-hugo with the class of our own."""
    box = _BOX.match(tag)
    names = box["names"].split() if box else []
    kinds = [match[1] or match[2] or match[3] or "note" for name in names if (match := _BOXED.fullmatch(name))]
    if box is None or not kinds:
        return tag
    tone = TONES.get(kinds[-1], "note")
    return f"{tag[: box.end()]} callout {tone}{tag[box.end() :]}"


def _text(text: str, reading: Reading) -> str:
    text = with_emoji(text)
    if "$" not in text and "\\" not in text:
        return text
    if "(\\#" in text:
        text = _BOOKDOWN.sub(lambda match: _number(match[1], reading), text)
    parts = []
    position = 0
    for span in find_math(text, reading.dollars):
        raw = text[span.start : span.end]
        display = span.display or (raw.startswith("$$") and text.strip() == raw)
        parts.append(_mentions(text[position : span.start], reading))
        hole = reading.formula(unescape(span.tex), display=display, location=reading.find(raw))
        parts.append(f'<span class="formula">{hole}</span>' if display and hole else hole)
        position = span.end
    return "".join([*parts, _mentions(text[position:], reading)])


def _mentions(text: str, reading: Reading) -> str:
    r"""Return a text with references in the place of LaTeX's commands, such as `\eqref{eq:x}`."""

    def refer(command: re.Match[str]) -> str:
        place = reading.find(command[0])
        return ", ".join(reading.reference(*mention, place) for mention in command_references(command))

    return COMMAND.sub(refer, text) if "ref{" in text else text


def _number(name: str, reading: Reading) -> str:
    label = normal_label(name)
    number = reading.hole(Number(kind_of(label) or "fig", label, reading.find(name)))
    return f'<span id="{label}">{number}</span> '
