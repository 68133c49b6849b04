"""Tokens of a body -> tokens whose raw HTML is whole: what is left open is closed where it ends, ends of nothing are left out.

Without it a `<b>` without an end reaches the rest of the page, and a `</div>` too many closes one of the theme's. A tag of no
element is shown as it is written: of `<eos>` and `<Grid>` a browser would show nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from html import escape
from typing import TYPE_CHECKING

from markdown_it.token import Token
from msgspec import Struct, field

from sitegen.later import later
from sitegen.reading.elements import DRAWN, ENDED_BY, TEXT, VOID, is_element
from sitegen.reading.rawhtml import pieces

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sitegen.reading.context import Reading

_TAG = later(
    r"""<(?P<end>/?)(?P<name>[a-zA-Z][\w:.-]*)(?P<rest>(?:[\s/](?:[^<>"'=]|=\s*+(?:"[^"]*"|'[^']*'|[^\s"'<>=][^\s<>]*+)?+)*+)?)>"""
)
_BARE_SLASH = later(r"=\s*[^\s\"'=<>`]+/$")
_ELEMENT = later(r"(<(?:pre|code|svg|math)\b[^<>]*>)(.*)(</\w+\s*>)", re.DOTALL | re.IGNORECASE)
_LEFT = later(r"<(?=[/a-zA-Z!?])")
_RAW = {"html_block", "html_inline"}
_DRAWINGS = {"svg", "math"}
_OURS = ""


def whole(tokens: list[Token], reading: Reading) -> list[Token]:
    """Return tokens whose raw HTML is whole, however their author left it."""
    kinds = {token.type for token in tokens}
    kinds.update([child.type for token in tokens for child in token.children or ()])
    if not kinds & _RAW:
        return tokens
    mender = _Mender(reading, "\n".join(reading.lines))
    found = list(mender.tokens(tokens))
    ends = mender.ends(0)
    return [*found, Token("markup", "", 0, content=f"{ends}\n", block=True)] if ends else found


def whole_text(html: str) -> str:
    """Return the HTML of a body in which tags of templates opened and closed elements, wherever they stood."""
    mender = _Mender(None)
    return mender.html(html) + mender.ends(0)


class _Mender(Struct):
    """What is open while tokens are read: names of the author's elements, and `_OURS` for each that Markdown wrote.

    places: of each name where it stands among them. drawing: where the outermost of `_DRAWINGS` stood when it was opened.
    """

    reading: Reading | None
    source: str = ""
    lines: tuple[int, int] = (0, 1)
    open: list[str] = []
    places: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    drawing: int = 0
    told: set[str] = set()

    def tokens(self, tokens: Sequence[Token]) -> Iterator[Token]:
        """Yield tokens, mended, with the ends that are missing between them."""
        heading = False
        for index, token in enumerate(tokens):
            if token.map:
                self.lines = (token.map[0], max(token.map[1], token.map[0] + 1))
            if token.type == "html_inline" and _holds_more(tokens, index):
                token.content = f"&lt;{token.content[1:]}"
            elif token.type in _RAW:
                token.content = self.html(token.content)
                self.note_swallowed(token)
                # Its lines ended: at `</pre>`, or with its item.
                if token.block and self.open and self.open[-1] in TEXT:
                    token.content += f"{self.ends(len(self.open) - 1)}\n"
            elif token.type == "markup":
                token.content = self.ours(token.content)
            elif token.nesting > 0:
                ends = self.before(token.tag) if token.block else ""
                if ends:
                    yield Token("markup", "", 0, content=ends)
                self.begin(_OURS)
                heading = token.type == "heading_open"
            elif token.nesting < 0:
                heading = False
                ends = self.close()
                if ends:
                    yield Token("markup", "", 0, content=ends)
            elif token.children and not heading:  # those of headings are kept or shown, one by one
                token.children = list(self.tokens(token.children))
            yield token

    def note_swallowed(self, token: Token) -> None:
        """Note a script, a comment and their like that go on over blank lines, since what ends them is missing."""
        written = token.content.strip()
        is_open = self.open and self.open[-1] in TEXT
        if self.reading and token.block and "\n\n" in written and (is_open or written.startswith("&lt;!--")):
            first = "<!--" if not is_open else f"<{self.open[-1]}>"
            said = f"`{first}` begins here and is never closed, so that it holds all that follows"
            self.reading.note(said, self.reading.place(self.lines[0]))

    def begin(self, name: str) -> None:
        """Note that something is open from here on."""
        self.places[name].append(len(self.open))
        self.open.append(name)

    def end(self) -> None:
        """Note that what was opened last is closed."""
        self.places[self.open.pop()].pop()

    def last(self, name: str) -> int:
        """Return where something of this name was opened last that is open, or -1."""
        found = self.places[name]
        return found[-1] if found else -1

    def close(self) -> str:
        """Close what Markdown wrote last; return the ends of the author's elements that are open in it."""
        ends = self.ends(self.last(_OURS) + 1)
        if self.open:
            self.end()
        return ends

    def ends(self, start: int) -> str:
        """Return the ends of the elements that are open from `start` on, innermost first."""
        found = []
        while len(self.open) > start:
            found.append(f"</{self.open[-1]}>")
            self.end()
        return "".join(found)

    def before(self, name: str) -> str:
        """Return the ends of the elements that end because one of this name begins."""
        start = len(self.open)
        while start and self.open[start - 1] in ENDED_BY.get(name, ()):
            start -= 1
        return self.ends(start)

    def ours(self, html: str) -> str:
        """Follow the tags that a rule wrote."""
        parts, position = [], 0
        for tag in _TAG.finditer(html):
            if tag["end"]:
                parts += [html[position : tag.start()], self.close()]
                position = tag.start()
            elif not tag["rest"].endswith("/") and tag["name"].lower() not in VOID:
                self.begin(_OURS)
        return "".join([*parts, html[position:]])

    def html(self, html: str) -> str:
        """Return an author's HTML with its tags in order."""
        if self.open and self.open[-1] in TEXT:  # up to its end all is text, whatever it looks like
            ending = re.search(rf"</{self.open[-1]}\s*>", html, re.IGNORECASE)
            if not ending:
                return html
            self.end()
            return html[: ending.end()] + self.html(html[ending.end() :])
        parts, position = [], 0
        for start, end in pieces(html):
            parts.append(_LEFT.sub("&lt;", html[position:start]))
            position = end
            if tag := _TAG.fullmatch(html, start, end):
                parts.append(self.tag(tag))
            elif element := _ELEMENT.fullmatch(html, start, end):
                for part in element.groups():
                    tag = _TAG.fullmatch(part)
                    parts.append(self.tag(tag) if tag else self.html(part))
            else:
                parts.append(html[start:end])
        return "".join([*parts, _LEFT.sub("&lt;", html[position:])])

    def tag(self, tag: re.Match[str]) -> str:
        """Return a tag, with the ends that have to come before it, or nothing where it ends nothing."""
        name = tag["name"].lower()
        if self.open and self.open[-1] in TEXT and not (tag["end"] and name == self.open[-1]):
            return tag[0]  # no tag, but text of a script
        drawing = self.is_drawing()  # which has more elements than are listed here
        if self.reading and not drawing and not is_element(name, self.source):
            self.tell(tag[0], name)
            return escape(tag[0], quote=False)
        if name == "hr" and not tag["end"]:
            return self.before(name) + tag[0]
        if name in VOID:
            return ("<br>" if name == "br" else "") if tag["end"] else tag[0]
        if tag["end"]:
            last = self.last(name)
            if last <= self.last(_OURS):
                return ""
            ends = self.ends(last + 1)
            self.end()
            return ends + tag[0]
        bare = _BARE_SLASH.search(tag["rest"])  # it belongs to the value: `<a href=/about/>` is not at its end
        if bare and drawing:
            return f"{tag[0].removesuffix('/>')} />"
        if tag["rest"].endswith("/") and not bare:
            return tag[0] if drawing or name in DRAWN else f"{tag[0].removesuffix('>').rstrip('/ ')}></{tag['name']}>"
        ends = self.before(name)
        if name in _DRAWINGS and not self.is_drawing():
            self.drawing = len(self.open)
        self.begin(name)
        return ends + tag[0]

    def is_drawing(self) -> bool:
        """Whether a drawing or formula is open."""
        return self.drawing < len(self.open) and self.open[self.drawing] in _DRAWINGS

    def tell(self, tag: str, name: str) -> None:
        """Note a tag of no element, once."""
        if self.reading is None or name in self.told:
            return
        self.told.add(name)
        first = tag.partition("\n")[0]
        place = self.reading.place
        line = next((n for n in range(*self.lines) if place(n, first).column), self.lines[0])
        said = f"`{first}` is no element of HTML and is shown as text; as code it is `` `{first}` ``"
        self.reading.note(said, place(line, first))


def _holds_more(tokens: Sequence[Token], start: int) -> bool:
    """Whether the tag of a script or its like in a line of text has no end before the next element: then it is a slip."""
    tag = _TAG.fullmatch(tokens[start].content)
    if not tag or tag["end"] or tag["name"].lower() not in TEXT:
        return False
    start += 1
    while start < len(tokens) and not tokens[start].nesting and tokens[start].type != "html_inline":
        start += 1
    following = tokens[start] if start < len(tokens) else None
    end = _TAG.fullmatch(following.content) if following and following.type == "html_inline" else None
    return end is None or not end["end"] or end["name"].lower() != tag["name"].lower()
