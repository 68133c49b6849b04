"""Articles -> Site: their order, their neighbours, tags and categories. The one place where all posts are needed."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sitegen.model import Term

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sitegen.config import Config
    from sitegen.model import Article


@dataclass(frozen=True, slots=True)
class Site:
    """What every template sees of the blog. articles: posts, newest first; pages: standing pages by `order` and title."""

    config: Config
    articles: tuple[Article, ...]
    pages: tuple[Article, ...]
    tags: tuple[Term, ...]
    categories: tuple[Term, ...]
    updated: datetime

    def neighbours(self, article: Article) -> tuple[Article | None, Article | None]:
        """Return the article before (older) and after (newer) one."""
        place = self.articles.index(article)
        older = self.articles[place + 1] if place + 1 < len(self.articles) else None
        return older, self.articles[place - 1] if place else None


def assemble(config: Config, articles: Iterable[Article]) -> Site:
    """Put articles in order. Those without a date come last, in the order of their addresses."""
    found = sorted(articles, key=lambda article: article.url)
    posts = sorted((a for a in found if a.kind == "post"), key=_newest_first)
    pages = sorted((a for a in found if a.kind == "page"), key=lambda a: (a.meta.order, a.title))
    dates = [date for a in posts for date in (a.meta.updated or a.meta.date,) if date]
    return Site(
        config=config,
        articles=tuple(posts),
        pages=tuple(pages),
        tags=_terms(posts, "/tags/"),
        categories=_categories(posts),
        updated=max(dates, default=datetime(2000, 1, 1, tzinfo=UTC)),
    )


def term_url(folder: str, name: str) -> str:
    """Return the address of a tag or category as Chirpy makes it: lower case, hyphens for what is no letter."""
    text = unicodedata.normalize("NFC", name).lower()
    name = re.sub(r"[\W_]+", "-", text.replace("c++", "cpp").replace("c#", "csharp")).strip("-")
    return f"{folder}{name or 'other'}/"


def _newest_first(article: Article) -> tuple[bool, float, str]:
    date = article.meta.date
    return date is None, -date.timestamp() if date else 0.0, article.url


def _terms(posts: Sequence[Article], folder: str) -> tuple[Term, ...]:
    """Group posts by tag; names that lead to one address are one tag, under the name used first."""
    names: dict[str, str] = {}
    groups: dict[str, list[Article]] = {}
    for post in posts:
        for tag in post.meta.tags:
            url = term_url(folder, tag)
            names.setdefault(url, tag)
            if post not in groups.setdefault(url, []):
                groups[url].append(post)
    terms = [Term(names[url], url, tuple(group)) for url, group in groups.items()]
    return tuple(sorted(terms, key=lambda term: term.name.lower()))


def _categories(posts: Sequence[Article]) -> tuple[Term, ...]:
    """Group posts by their first category, and within it by their second."""
    groups: dict[str, dict[str, list[Article]]] = {}
    for post in posts:
        if post.meta.categories:
            top, sub = (*post.meta.categories, "")[:2]
            groups.setdefault(top, {}).setdefault(sub, []).append(post)
    terms = []
    for top, inside in groups.items():
        children = tuple(Term(sub, term_url("/categories/", sub), tuple(group)) for sub, group in inside.items() if sub)
        every = tuple(post for post in posts if post.meta.categories[:1] == (top,))
        ordered = tuple(sorted(children, key=lambda term: term.name.lower()))
        terms.append(Term(top, term_url("/categories/", top), every, ordered))
    return tuple(sorted(terms, key=lambda term: term.name.lower()))
