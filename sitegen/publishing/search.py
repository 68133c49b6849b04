"""Articles -> the files of their search index, which Pagefind makes; remembered by all that is in it.

What is searched is what feeds carry of an article: its words and code, and formulas as their LaTeX and as readable text, of which excerpts show this.
"""

from __future__ import annotations

import base64
import errno
import json
import os
import re
import subprocess
from contextlib import suppress
from html import escape
from pathlib import Path, PurePosixPath
from tempfile import TemporaryFile, gettempdir
from typing import IO, TYPE_CHECKING, cast

from sitegen.errors import why_ended
from sitegen.keys import digest, digest_of_code, version_of_package
from sitegen.project import NODE_MODULES
from sitegen.typesetting.katex import ToolError, node_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sitegen.model import Article, Digest
    from sitegen.store import Store

    Index = tuple[tuple[str, Digest], ...]
    """(path in the site, digest of the file) pairs."""

FOLDER = PurePosixPath("pagefind")
_PAGEFIND = NODE_MODULES / "pagefind"
_FORMULA = re.compile(
    r"<math(?: alttext=\"([^\"]*)\")?.*?<annotation[^>]*>(.*?)</annotation></semantics></math>", re.DOTALL
)
HIDES = "\u2063\u2064\u2062"
"""Signs around a formula's LaTeX and behind its readable text, which `search.js` looks for."""
_LAST = "last"
_CODE = ("publishing/search.py", "publishing/search.mjs")


class Indexer:
    """A process with Pagefind in it, which waits for pages: begun while posts are read, it is ready when they are woven.

    Raises ToolError.
    """

    def __init__(self) -> None:
        node = node_for("Pagefind", version_of_package("pagefind"))
        self._said, self._wrong = (TemporaryFile() for _ in range(2))  # noqa: SIM115 - instead of pipes; `end` closes them
        command = [node, str(Path(__file__).with_name("search.mjs")), str(_PAGEFIND / "lib" / "index.js")]
        self._process = _start(command, self._said, self._wrong)

    def give(self, pages: Sequence[Mapping[str, str]]) -> None:
        """Give it the pages; a process that ended before is told of by `found`."""
        given = cast("IO[bytes]", self._process.stdin)
        with suppress(BrokenPipeError):
            given.write(json.dumps(pages).encode())
        with suppress(BrokenPipeError):
            given.close()

    def found(self) -> list[tuple[str, str]]:
        """Return the files of the index: (path, content in base64). Raises OSError where there is no room for them."""
        if status := self._process.wait():
            self._wrong.seek(0)
            why = why_ended(status, self._wrong.read().decode(errors="replace"))
            raise ToolError(f"Pagefind ended while it made the search index: {why}")
        self._said.seek(0)
        try:
            return [(path, content) for path, content in json.load(self._said)]
        except ValueError as error:  # Node ends well also where nothing could be written
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), gettempdir()) from error

    def end(self) -> None:
        """End the process, should nobody have waited for it."""
        self._process.kill()
        with suppress(BrokenPipeError):
            self._process.communicate()
        self._said.close()
        self._wrong.close()


class Indexing:
    """The search index of some articles: recalled, or made by a process of its own while other things are done.

    lang: of articles that name none; every language has an index of its own. make: returns the process that makes a new
    one; None gives the last one instead, or none. is_new: whether it is made anew. Raises ToolError.
    """

    def __init__(
        self, articles: Sequence[Article], lang: str, store: Store, make: Callable[[], Indexer] | None
    ) -> None:
        self._store = store
        named = (
            (article.url, article.title, _language(article, lang), _around(article), article.feed)
            for article in articles
        )
        self._key = digest(
            version_of_package("pagefind"), digest_of_code(*_CODE), *(part for parts in named for part in parts)
        )
        self._known = self._recall(self._key)
        self.is_new = self._known is None and make is not None
        if self._known is None and make:
            self._indexer = make()
            pages = [{"url": article.url, "content": _searched(article, lang, store)} for article in articles]
            self._indexer.give(pages)
        elif self._known is None:
            self._known = self._recall(_LAST)

    def index(self) -> Index:
        """Return the index, when it is made. Raises ToolError, and OSError where there is no room for it."""
        if not self.is_new:
            return self._known or ()
        files = self._indexer.found()
        index = tuple((str(FOLDER / path), self._store.keep(base64.b64decode(content))) for path, content in files)
        for name in (self._key, _LAST):
            self._store.remember("search", name, index)
        return index

    def _recall(self, key: Digest) -> Index | None:
        known = cast("Index | None", self._store.recall("search", key))
        return known if known is not None and self._store.has(name for _, name in known) else None


def _searched(article: Article, lang: str, store: Store) -> str:
    """Return the page that Pagefind reads."""
    body = _FORMULA.sub(_as_words, store.content(article.feed).decode())
    return (
        f'<!doctype html><html lang="{escape(_language(article, lang))}"><body data-pagefind-body>'
        f"<h1>{escape(article.title)}</h1>{body}<p>{escape(_around(article))}</p></body></html>"
    )


def _as_words(formula: re.Match[str]) -> str:
    """Return a formula as one word of LaTeX between marks, and as readable text up to a third: excerpts show this alone."""
    tex = re.sub(r"\s+", HIDES[0], formula[2].strip())
    return f"{HIDES[0]}{tex}{HIDES[1]} {formula[1] or formula[2]}{HIDES[2]}"


def _language(article: Article, lang: str) -> str:
    return article.meta.lang or lang


def _around(article: Article) -> str:
    """Return what a page shows around its text, by which it should be found too."""
    return " · ".join((article.meta.subtitle, *article.meta.authors, *article.meta.categories, *article.meta.tags))


def _start(command: Sequence[str], said: IO[bytes], wrong: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=said, stderr=wrong)  # noqa: S603 - a fixed command
