"""Whether the HTML of a post that holds no HTML of its author's is whole: every tag closed, in order, where it may stand."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from sitegen.config import Config
from sitegen.model import Fragment, Markup, Source
from sitegen.reading.parse import parse

if TYPE_CHECKING:
    from collections.abc import Sequence

VOID = {"br", "hr", "img", "input", "source", "track", "wbr", "col", "area", "embed", "link", "meta"}
PHRASING_ONLY = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "dt", "summary", "figcaption"}
BLOCKS = {
    "p",
    "div",
    "ul",
    "ol",
    "dl",
    "table",
    "blockquote",
    "pre",
    "hr",
    "section",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
}


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []

    def parse_comment(self, i: int, report: int = 1) -> int:
        """Return where a comment ends as browsers have it, which html.parser of older Pythons does not."""
        del report
        end = re.compile("--!?>").search(self.rawdata, i + 2)
        if not end and "<!-- is never closed" not in self.wrong:
            self.wrong.append("<!-- is never closed")
        return end.end() if end else -1

    def parse_html_declaration(self, i: int) -> int:
        """Return where `<!` ends: a comment to browsers, whatever it holds."""
        return self.parse_comment(i) if self.rawdata.startswith("<!--", i) else self.rawdata.find(">", i) + 1 or -1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if len(set(names)) < len(names):
            self.wrong.append(f"<{tag}> has an attribute twice")
        inner = next((name for name in reversed(self.open) if name in PHRASING_ONLY | {"figure", "td", "li", "dd"}), "")
        if tag in BLOCKS and inner in PHRASING_ONLY - {"figcaption", "summary"}:
            self.wrong.append(f"<{tag}> inside <{inner}>")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag not in VOID:
            self.wrong.append(f"<{tag}/>")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> closes nothing")


def faults(html: str) -> list[str]:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader.wrong + [f"<{tag}> is never closed" for tag in reader.open]


def joined(fragments: Sequence[Fragment]) -> str:
    return "".join(part.html if isinstance(part, Markup) else "x" for part in fragments)


def read(markdown: str, header: str = "title: x") -> str:
    """Read a body and return its HTML, holes filled with a letter. Whatever it raises is our mistake."""
    source = Source(PurePosixPath("posts/2026-01-02-x.md"), "post", f"---\n{header}\n---\n{markdown}".encode())
    post, errors = parse(source, Config())
    lines = re.sub(r"\r\n?", "\n", markdown).count("\n") + header.count("\n") + 5
    assert all(error.location.line <= lines and str(error) for error in errors)
    if post is None:
        return ""
    for part in (*post.title, *post.body, *post.excerpt, *(p for h in post.headings for p in h.content)):
        assert not isinstance(part, Markup) or "\0" not in part.html, "a hole that nothing fills"
    html = joined(post.body)
    ids = re.findall(r'<[^>]* id="([^"]*)"', html)
    return html if len(ids) == len(set(ids)) or errors else html + "<twice>"
