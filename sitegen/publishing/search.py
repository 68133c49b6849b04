"""Articles -> the files of their search index, which Pagefind makes; remembered by all that is in it.

What is searched is what feeds carry of an article: its words and code, and formulas as their LaTeX.
"""

from __future__ import annotations

import base64
import errno
import json
import os
import re
import subprocess
from functools import cache
from html import escape
from pathlib import Path, PurePosixPath
from tempfile import TemporaryFile, gettempdir
from typing import IO, TYPE_CHECKING, Self, cast

from sitegen.keys import digest, digest_of_code, version_of_package
from sitegen.project import NODE_MODULES
from sitegen.typesetting.katex import ToolMissingError, find_node

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sitegen.model import Article, Digest
    from sitegen.store import Store

    Index = tuple[tuple[str, Digest], ...]
    """(path in the site, digest of the file) pairs."""

FOLDER = PurePosixPath("pagefind")
_PAGEFIND = NODE_MODULES / "pagefind"
_FORMULA = re.compile(r"<math\b.*?<annotation[^>]*>(.*?)</annotation></semantics></math>", re.DOTALL)
_LAST = "last"
_CODE = ("publishing/search.py", "publishing/search.mjs")


@cache
def pagefind_version() -> str:
    """Return Pagefind's version, which is part of what is remembered of an index; "" when it is not installed."""
    return version_of_package("pagefind")


class Indexing:
    """The search index of some articles: recalled, or made by a process of its own while its `with` block does other things.

    lang: of articles that name none; every language has an index of its own. make: False gives the last one instead of
    a new one, or none. is_new: whether it is made anew. Raises ToolMissingError.
    """

    def __init__(self, articles: Sequence[Article], lang: str, store: Store, *, make: bool) -> None:
        self._store = store
        named = (
            (article.url, article.title, _language(article, lang), _around(article), article.feed)
            for article in articles
        )
        self._key = digest(pagefind_version(), digest_of_code(*_CODE), *(part for parts in named for part in parts))
        self._known = self._recall(self._key)
        self.is_new = self._known is None and make
        if self.is_new:
            pages = [{"url": article.url, "content": _searched(article, lang, store)} for article in articles]
            self._files = [TemporaryFile() for _ in range(3)]  # noqa: SIM115 - closed when the block ends
            self._process = _start(pages, *self._files)
        elif self._known is None:
            self._known = self._recall(_LAST)

    def __enter__(self) -> Self:
        """Return the indexing."""
        return self

    def __exit__(self, *exception: object) -> None:
        """End the process, should nobody have waited for it."""
        if self.is_new:
            self._process.kill()
            self._process.wait()
            for file in self._files:
                file.close()

    def index(self) -> Index:
        """Return the index, when it is made. Raises ToolMissingError, and OSError where there is no room for it."""
        if not self.is_new:
            return self._known or ()
        found = _result(self._process, *self._files)
        index = tuple((str(FOLDER / path), self._store.keep(base64.b64decode(content))) for path, content in found)
        for name in (self._key, _LAST):
            self._store.remember("search", name, index)
        return index

    def _recall(self, key: Digest) -> Index | None:
        known = cast("Index | None", self._store.recall("search", key))
        return known if known is not None and self._store.has(name for _, name in known) else None


def _searched(article: Article, lang: str, store: Store) -> str:
    """Return the page that Pagefind reads."""
    body = _FORMULA.sub(r"<code>\1</code>", store.content(article.feed).decode())
    return (
        f'<!doctype html><html lang="{escape(_language(article, lang))}"><body data-pagefind-body>'
        f"<h1>{escape(article.title)}</h1>{body}<p>{escape(_around(article))}</p></body></html>"
    )


def _language(article: Article, lang: str) -> str:
    return article.meta.lang or lang


def _around(article: Article) -> str:
    """Return what a page shows around its text, by which it should be found too."""
    return " · ".join((article.meta.subtitle, *article.meta.authors, *article.meta.categories, *article.meta.tags))


def _start(
    pages: Sequence[dict[str, str]], given: IO[bytes], said: IO[bytes], wrong: IO[bytes]
) -> subprocess.Popen[bytes]:
    """Start to index pages. Files instead of pipes: nobody has to read along."""
    node = find_node()
    if node is None or not pagefind_version():
        missing = "Pagefind" if node else "Node"
        raise ToolMissingError(f"{missing} is not installed: run `make site`, which installs it")
    given.write(json.dumps(pages).encode())
    given.seek(0)
    command = [node, str(Path(__file__).with_name("search.mjs")), str(_PAGEFIND / "lib" / "index.js")]
    return subprocess.Popen(command, stdin=given, stdout=said, stderr=wrong)  # noqa: S603 - a fixed command


def _result(process: subprocess.Popen[bytes], _: IO[bytes], said: IO[bytes], wrong: IO[bytes]) -> list[tuple[str, str]]:
    if process.wait():
        wrong.seek(0)
        text = wrong.read().decode(errors="replace").strip()[-500:]
        raise ToolMissingError(f"Pagefind ended while it made the search index: {text or 'it said nothing'}")
    said.seek(0)
    try:
        return [(path, content) for path, content in json.load(said)]
    except ValueError as error:  # Node ends well also where nothing could be written
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), gettempdir()) from error
