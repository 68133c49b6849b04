"""A body that is read from left to right: what becomes of it so far, what is open, where what is looked for stands next."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from msgspec import Struct

from sitegen.later import later

if TYPE_CHECKING:
    from collections.abc import Callable

    from sitegen.errors import Location
    from sitegen.reading.context import Reading
    from sitegen.reading.dialects.tags import Tag

LONGEST = 2_000  # characters of one tag
ESCAPED = later(r"\{\{([<%])/\*(.*?)\*/([>%])\}\}|\{(\{\{[<%].*?[>%]\}\})\}", re.DOTALL)
"""A shortcode that is to be shown as it is."""
LINE_END = later(r"[ \t]*(?:\n|\Z)")
_IN_ADDRESS = later(r"(?:<[a-zA-Z][^<>]*|<|\]\([^()\n]*|://[^\s()<>]*|=[\"'])\Z")
_RAW = later(r"\{%-?\s*(?:end)?raw\s*-?%\}")
_RAW_LINE = later(rf"^[ \t>]*{_RAW.pattern}[ \t]*\n", re.MULTILINE)


class Scan(Struct):
    """A body that is being read from left to right. Note: mutable.

    line: of `counted`, from 0. missing: ends of tags that do not come any more, so that nothing is looked for twice.
    open: (name, place, what gives the text of its end) of tags around Markdown. refused: names that are not known.
    directives: the marks of MyST's that are open. tabs: how many containers are open from some of VuePress' on.
    used: the end of what shows a captured text, by where that ends. ends: what was looked for last, and from where.
    """

    text: str
    reading: Reading
    out: list[str] = []
    position: int = 0
    counted: int = 0
    line: int = 0
    paragraph: int = -1
    missing: set[str] = set()
    open: list[tuple[str, Location, Callable[[], str]]] = []
    refused: set[str] = set()
    used: dict[int, int] = {}
    ends: dict[str, tuple[int, re.Match[str]]] = {}
    directives: list[str] = []
    tabs: int = 0
    tags: list[Tag] = []

    def place(self, start: int, needle: str = "") -> Location:
        """Return the place of a position that is not before the last one asked for."""
        self.line += self.text.count("\n", self.counted, start)
        self.counted = start
        return self.reading.place(self.line, needle.split("\n", 1)[0])

    def error(self, start: int, needle: str, message: str, hint: str) -> None:
        """Note what is wrong with a tag."""
        self.reading.refuse(message, self.place(start, needle), hint)

    def unknown(self, tag: re.Match[str], location: Location, message: str, hint: str) -> str:
        """Note what is not known here, as an error where the blog does not say that such is shown; return what is shown of it."""
        shown = self.as_written(tag) if self.reading.shows_missing else ""
        told = "it is shown as it is written" if shown else "the address is read without it"
        if all(f"{message}; {told}" != known.message for known in self.reading.notes):
            self.reading.refuse_unknown(message, location, hint, told)
        return shown

    def as_written(self, tag: re.Match[str]) -> str:
        """Return a tag as it is written, but nothing of one in an address or a tag of HTML, which may do without it."""
        before = self.text[max(tag.start() - LONGEST, 0) : tag.start()].rpartition("\n")[2]
        if _IN_ADDRESS.search(before) or self.text.startswith("/", tag.end()):
            return ""
        shown = f'<span class="unset"><code>{escape(tag[0])}</code></span>'
        alone = not before.strip(" \t>") and LINE_END.match(self.text, tag.end())
        return self.reading.insert(f"<p>{shown}</p>" if alone else shown, is_block=bool(alone))

    def keep(self, end: int) -> None:
        """Let the text up to `end` stand as it is."""
        self.out.append(self.text[self.position : end])
        self.position = end

    def keep_code(self, end: int) -> None:
        """Let code stand, without the marks that kept other programs from reading it."""
        written = self.text[self.position : end]
        code = _RAW.sub("", _RAW_LINE.sub("", written))
        if not code.strip("` "):
            code = written  # it is about the mark itself
        self.replace(end, ESCAPED.sub(unescaped, code))

    def replace(self, end: int, text: str) -> None:
        """Put `text` in the place of what stands up to `end`, in as many lines."""
        lines = self.text.count("\n", self.position, end) - text.count("\n")
        self.out.append(text + "\n" * lines)
        self.position = end

    def find(self, pattern: str, start: int) -> re.Match[str] | None:
        """Find the end of something; what was found last stays the next one while it lies ahead."""
        known = self.ends.get(pattern)
        if known and known[0] <= start <= known[1].start():
            return known[1]
        found = None if pattern in self.missing else re.compile(pattern, re.MULTILINE).search(self.text, start)
        if found is None:
            self.missing.add(pattern)
        else:
            self.ends[pattern] = (start, found)
        return found

    def closes(self, pattern: str, start: int) -> bool:
        """Whether what ends a tag comes within the longest one; looked for once for all tags before it."""
        end = self.find(pattern, start)
        return end is not None and end.end() <= start + LONGEST


def unescaped(match: re.Match[str]) -> str:
    """Return an escaped shortcode as it is to be shown."""
    return match[4] or f"{{{{{match[1]}{match[2]}{match[3]}}}}}"
