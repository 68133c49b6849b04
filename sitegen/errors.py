"""What an author is told: a message, the place it is about, and what to do; nothing here decides or prints."""

from __future__ import annotations

import errno
import signal
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from sitegen.later import later

if TYPE_CHECKING:
    from collections.abc import Iterable


_UNSEEN = later("[\0-\x08\x0b-\x1f\x7f-\x9f]")  # what a terminal may obey

OF_MACHINE = {
    errno.ENOSPC: "make room on the disk",
    errno.EDQUOT: "make room on the disk",
    errno.EMFILE: "`ulimit -n 1024` lets more be open",
    errno.ENFILE: "end other programs",
    errno.ENOMEM: "end other programs",
    errno.EAGAIN: "end other programs, or see `ulimit -u`",
    errno.EFBIG: "`ulimit -f unlimited` lets files be larger",
    errno.EIO: "see whether the disk is sound: `dmesg`",
}
"""What to do where the system refuses what any program may ask for."""


OF_MEMORY = "the system ends what takes too much memory"


def why_ended(status: int | None, said: str) -> str:
    """Return why a process of ours ended, with what to do. status: as `subprocess` has it; said: what it wrote about that."""
    if status == -signal.SIGKILL:
        return f"it was killed by signal {signal.SIGKILL:d}; {OF_MEMORY}"
    named = (line.strip() for line in said.splitlines() if "error:" in line.lower() or "out of memory" in line.lower())
    wrong = next(named, said.strip()[-500:])
    return wrong or (f"it was ended by signal {-status}" if status and status < 0 else "it said nothing; build again")


class Location(NamedTuple):
    """A place in a source file.

    path: relative to the blog's folder, with forward slashes, as an author would name it.
    line, column: counted from 1 in characters; 0 means "the whole file" and "the whole line".
    """

    path: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """Return `path:line:column`, without the parts that are 0."""
        return ":".join([self.path, *(str(n) for n in (self.line, self.column) if n)])


class OutdatedError(Exception):
    """A source was saved again while it was built: nobody wants any more what would come of it."""


class SiteError(Exception):
    """A mistake of the author's, with its place; every other exception is a mistake of ours.

    message: one sentence, in the author's words, no full stop at the end.
    hint: what to do about it, or "".
    detail: further lines to show as they are (a short traceback), or "".
    excerpt: the source lines around the place, drawn by `excerpt`, or "".
    """

    def __init__(
        self, message: str, location: Location, hint: str = "", *, detail: str = "", excerpt: str = ""
    ) -> None:
        super().__init__(message, location, hint, detail, excerpt)
        self.message = message
        self.location = location
        self.hint = hint
        self.detail = detail
        self.excerpt = excerpt

    def __reduce__(self) -> tuple[object, ...]:
        """Keep the keyword fields when the error is pickled: an exception's own pickling loses them."""
        return (_restore, (self.message, self.location, self.hint, self.detail, self.excerpt))

    def __eq__(self, other: object) -> bool:
        """Two errors are one when they say the same about the same place."""
        return isinstance(other, SiteError) and self.args == other.args

    def __hash__(self) -> int:
        """Hash what `__eq__` compares."""
        return hash(self.args)

    def with_excerpt(self, text: str) -> SiteError:
        """Return this error with the lines of `text` (its whole file) around its place drawn in."""
        drawn = excerpt(text, self.location)
        return SiteError(self.message, self.location, self.hint, detail=self.detail, excerpt=drawn)

    def __str__(self) -> str:
        """Return everything an author should read, over several lines."""
        parts = [f"{self.location}: {self.message}"]
        parts += [indent(part) for part in (self.excerpt, self.detail) if part]
        if self.hint:
            parts.append(f"    hint: {self.hint}")
        return _UNSEEN.sub("\ufffd", "\n".join(parts))


def _restore(message: str, location: Location, hint: str, detail: str, drawn: str) -> SiteError:
    return SiteError(message, location, hint, detail=detail, excerpt=drawn)


def indent(text: str) -> str:
    """Return `text` moved four columns to the right."""
    return "\n".join(f"    {line}".rstrip() for line in text.split("\n"))


@lru_cache(maxsize=4)
def _lines(text: str) -> list[str]:
    """Return the lines of a text, as places count them; thousands of errors may be about one."""
    return [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")] if text else []


def excerpt(text: str, location: Location, around: int = 1) -> str:
    """Return the source line at `location` with a caret under its column and `around` lines on each side."""
    lines = _lines(text)
    if not 1 <= location.line <= len(lines):
        return ""
    first, last = max(1, location.line - around), min(len(lines), location.line + around)
    width = len(str(last))
    drawn = []
    for number in range(first, last + 1):
        line = lines[number - 1]
        start = 0
        if number == location.line and location.column > 100:  # a paragraph on one line: show the part that matters
            start = location.column - 60
        shown = ("…" * bool(start)) + line[start + bool(start) : start + 160] + "…" * (len(line) > start + 160)
        marker = ">" if number == location.line else " "
        drawn.append(f"{marker} {number:>{width}} | {shown}")
        if number == location.line and location.column:
            padding = "".join("\t" if c == "\t" else " " for c in shown[: location.column - 1 - start])
            drawn.append(f"  {'':>{width}} | {padding}^")
    return "\n".join(drawn)


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return "did you mean `x`?" for the nearest of `known`, or "" when none is near."""
    near = get_close_matches(word.lower(), list(known), n=1, cutoff=0.75)
    return f"did you mean `{near[0]}`?" if near else ""
