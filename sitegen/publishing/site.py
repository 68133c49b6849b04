"""Articles -> Site: their order, tags, categories, series and authors. The one place where all posts are needed."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from sitegen.model import Term
from sitegen.slugs import hyphenated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from sitegen.config import Config
    from sitegen.model import Article, Meta, Post


class Site(Struct, frozen=True):
    """What every template sees of the blog. articles: posts, newest first; pages: standing pages by `order` and title.

    unlisted: posts and pages that no list has. authors: everybody who wrote a post, when there are several.
    updated: the last day of any, None where no post has one.
    """

    config: Config
    articles: tuple[Article, ...]
    pages: tuple[Article, ...]
    unlisted: tuple[Article, ...]
    tags: tuple[Term, ...]
    categories: tuple[Term, ...]
    series: tuple[Term, ...]
    authors: tuple[Term, ...]
    updated: datetime | None

    @property
    def everything(self) -> tuple[Article, ...]:
        """Return all that has a page of its own."""
        return *self.articles, *self.pages, *self.unlisted

    @property
    def year(self) -> int | None:
        """Return the year of the latest change, which every page may show and few changes change."""
        return self.updated.year if self.updated else None


def assemble(config: Config, articles: Iterable[Article]) -> Site:
    """Put articles in order. Those without a date come last, in the order of their addresses."""
    found = sorted(articles, key=lambda article: article.url)
    posts = sorted((a for a in found if is_listed(a)), key=_newest_first)
    standing = (a for a in found if a.kind == "page" and not a.meta.unlisted)
    pages = sorted(standing, key=lambda a: (a.meta.order, a.title))
    dates = [date for a in posts for date in (a.meta.updated or a.meta.date,) if date]
    return Site(
        config=config,
        articles=tuple(posts),
        pages=tuple(pages),
        unlisted=tuple(a for a in found if a.meta.unlisted),
        tags=_terms(posts, "/tags/", lambda post: post.meta.tags),
        categories=_categories(posts),
        series=_series(posts),
        authors=_authors(posts, config),
        updated=max(dates, default=None),
    )


def is_listed(one: Article | Post) -> bool:
    """Whether it is a post that the lists have."""
    return one.kind == "post" and not one.meta.unlisted


def term_url(folder: str, name: str) -> str:
    """Return the address of a tag or category as Chirpy makes it: lower case, hyphens for what is no letter."""
    text = unicodedata.normalize("NFC", name).lower()
    name = hyphenated(text.replace("c++", "cpp").replace("c#", "csharp"))
    return f"{folder}{name or 'other'}/"


def _newest_first(article: Article) -> tuple[bool, float, str]:
    date = article.meta.date
    return date is None, -date.timestamp() if date else 0.0, article.url


def authors_of(meta: Meta, config: Config) -> tuple[str, ...]:
    """Return who wrote a post: whoever its header names, else the blog's author."""
    return meta.authors or ((config.author.name,) if config.author.name else ())


def _terms(posts: Sequence[Article], folder: str, names_of: Callable[[Article], Sequence[str]]) -> tuple[Term, ...]:
    """Group posts by name; names that lead to one address are one, under the name used first."""
    names: dict[str, str] = {}
    groups: dict[str, dict[str, Article]] = {}
    for post in posts:
        for name in names_of(post):
            url = term_url(folder, name)
            names.setdefault(url, name)
            groups.setdefault(url, {})[post.url] = post
    terms = [Term(names[url], url, tuple(group.values())) for url, group in groups.items()]
    return tuple(sorted(terms, key=lambda term: term.name.lower()))


def _series(posts: Sequence[Article]) -> tuple[Term, ...]:
    """Group posts by series; numbered parts come first, in their order, then the others from the oldest on."""
    found = _terms(posts, "/series/", lambda post: (post.meta.series,) if post.meta.series else ())

    def order(part: tuple[int, Article]) -> tuple[bool, float, int]:
        age, post = part
        return not post.meta.part, post.meta.part, -age

    return tuple(
        replace(term, articles=tuple(post for _, post in sorted(enumerate(term.articles), key=order))) for term in found
    )


def _authors(posts: Sequence[Article], config: Config) -> tuple[Term, ...]:
    found = _terms(posts, "/authors/", lambda post: authors_of(post.meta, config))
    return found if len(found) > 1 else ()


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
