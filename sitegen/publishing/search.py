"""Articles -> the files of their search index, which Pagefind makes; remembered by all that is in it.

What is searched is what feeds carry of an article: its words and code, and formulas as their LaTeX.
"""

from __future__ import annotations

import base64
import json
import re
import subprocess
from functools import cache
from html import escape
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, cast

from sitegen.store import digest, digest_of_code
from sitegen.typesetting.katex import PROJECT, ToolMissingError, find_node

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sitegen.model import Article, Digest
    from sitegen.store import Store

    Index = tuple[tuple[str, Digest], ...]
    """(path in the site, digest of the file) pairs."""

FOLDER = PurePosixPath("pagefind")
_PAGEFIND = PROJECT / "node_modules" / "pagefind"
_FORMULA = re.compile(r"<math\b.*?<annotation[^>]*>(.*?)</annotation></semantics></math>", re.DOTALL)
_LAST = "last"
_CODE = ("publishing/search.py", "publishing/search.mjs")


@cache
def pagefind_version() -> str:
    """Return Pagefind's version, which is part of what is remembered of an index; "" when it is not installed."""
    try:
        return str(json.loads((_PAGEFIND / "package.json").read_text(encoding="utf-8"))["version"])
    except FileNotFoundError:
        return ""


def search_index(articles: Sequence[Article], lang: str, store: Store, *, make: bool) -> tuple[Index, bool]:
    """Return the index, and whether it was made anew.

    lang: of articles that name none; every language has an index of its own. make: False gives the last one instead of
    a new one, or none. Raises ToolMissingError.
    """
    named = (
        (article.url, article.title, _language(article, lang), _around(article), article.feed) for article in articles
    )
    key = digest(pagefind_version(), digest_of_code(*_CODE), *(part for parts in named for part in parts))
    known = cast("Index | None", store.recall("search", key))
    if known is not None and store.has(name for _, name in known):
        return known, False
    if not make:
        last = cast("Index", store.recall("search", _LAST) or ())
        return (last if store.has(name for _, name in last) else ()), False
    pages = [{"url": article.url, "content": _searched(article, lang, store)} for article in articles]
    index = tuple((str(FOLDER / path), store.keep(base64.b64decode(content))) for path, content in _run(pages))
    for name in (key, _LAST):
        store.remember("search", name, index)
    return index, True


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


def _run(pages: Sequence[dict[str, str]]) -> list[tuple[str, str]]:
    node = find_node()
    if node is None or not pagefind_version():
        missing = "Pagefind" if node else "Node"
        raise ToolMissingError(f"{missing} is not installed: run `make site`, which installs it")
    command = [node, str(Path(__file__).with_name("search.mjs")), str(_PAGEFIND / "lib" / "index.js")]
    done = subprocess.run(command, input=json.dumps(pages).encode(), capture_output=True, check=False)  # noqa: S603 - a fixed command
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()[-500:]
        raise ToolMissingError(f"Pagefind ended while it made the search index: {said or 'it said nothing'}")
    return [(path, content) for path, content in json.loads(done.stdout)]
