"""Site -> Pages: which pages there are, where each one stands and what its template is given."""

from __future__ import annotations

from itertools import groupby
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from sitegen.model import Page
from sitegen.publishing.addresses import page_path
from sitegen.publishing.programs import makes_claims
from sitegen.publishing.site import authors_of, is_listed, term_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sitegen.config import Config
    from sitegen.model import Article, Post, Term
    from sitegen.publishing.site import Site

FEEDS = ("feed.xml", "feed.json")
FIXED = ("/", "/archives/", "/tags/", "/categories/", "/sitemap.xml", "/404.html", "/robots.txt")
IN_FEED, IN_TERM_FEED = 30, 10  # newest posts, in full

CHECKS = "/checks/"
_UNLISTED: dict[str, object] = {
    **dict.fromkeys(("older", "newer", "series")),
    **dict.fromkeys(("tags", "categories", "related"), ()),
    "part": 0,
}
"""What an unlisted post has of what stands beside others."""


def addresses(posts: Iterable[Post], config: Config) -> frozenset[str]:
    """Return where pages will stand, from what is known before anything is run: what a link may lead to."""
    found = {*FIXED, *(["/search/"] if config.search else [])}
    terms: set[str] = set()
    authors: set[str] = set()
    count = 0
    for post in posts:
        checked = [CHECKS] if makes_claims(post) and not post.meta.unlisted else []
        found |= {post.address, *map(_slashed, post.meta.aliases), *checked}
        if is_listed(post):
            count += 1
            terms |= {term_url("/tags/", tag) for tag in post.meta.tags}
            terms |= {term_url("/categories/", name) for name in post.meta.categories[:2]}
            if post.meta.series:
                terms.add(term_url("/series/", post.meta.series))
                found.add("/series/")
            authors |= {term_url("/authors/", name) for name in authors_of(post.meta, config)}
    if len(authors) > 1:
        terms |= authors
        found.add("/authors/")
    found |= terms | {folder + name for folder in ("/", *terms) for name in FEEDS}
    return frozenset(found | {f"/page{n}/" for n in range(2, -(-count // config.paginate) + 1)})


def make_pages(site: Site, related: Mapping[str, Sequence[str]]) -> list[Page]:
    """Return every page of the site; feeds and the like are pages too. related: paths of posts by a post's path."""
    own = {article.url for article in (*site.pages, *site.unlisted)}
    made = [*_home(site), *_articles(site, related), *_taxonomy(site), *_fixed(site)]
    return [page for page in made if page.article or page.url not in own]


def _home(site: Site) -> Iterator[Page]:
    ordered = sorted(site.articles, key=lambda article: not article.meta.pin)
    size = site.config.paginate
    count = max(1, -(-len(ordered) // size))
    for number in range(1, count + 1):
        url = "/" if number == 1 else f"/page{number}/"
        newer = None if number == 1 else "/" if number == 2 else f"/page{number - 1}/"
        older = f"/page{number + 1}/" if number < count else None
        some = tuple(ordered[(number - 1) * size : number * size])
        values = {"number": number, "count": count, "newer": newer, "older": older}
        yield Page(page_path(url), url, "home.html", "", articles=some, values=values)


def _articles(site: Site, related: Mapping[str, Sequence[str]]) -> Iterator[Page]:
    by_path = {str(article.path): article for article in site.articles}
    series = {part.path: term for term in site.series for part in term.articles}
    for newer, article, older in zip((None, *site.articles), site.articles, (*site.articles[1:], None), strict=False):
        own = series.get(article.path)
        parts = own.articles if own else ()
        alike = [by_path[path] for path in related.get(str(article.path), ())]
        values = {
            "older": older,
            "newer": newer,
            "tags": _links(article.meta.tags, "/tags/"),
            "categories": _links(article.meta.categories[:2], "/categories/"),
            "authors": _links(authors_of(article.meta, site.config), "/authors/" if site.authors else ""),
            "series": own,
            "part": parts.index(article) + 1 if own else 0,
            "related": tuple(other for other in alike if other not in (*parts, older, newer)),
        }
        yield Page(page_path(article.url), article.url, "post.html", article.title, article, values=values)
    for article in (*site.pages, *site.unlisted):
        names = {"authors": _links(authors_of(article.meta, site.config), "")}
        about = {} if article.kind == "page" else {**_UNLISTED, **names}
        yield Page(page_path(article.url), article.url, f"{article.kind}.html", article.title, article, values=about)
    for article in site.everything:
        for alias in article.meta.aliases:
            url = _slashed(alias)
            yield Page(page_path(url), url, "redirect.html", article.title, values={"target": article.url})


def _taxonomy(site: Site) -> Iterator[Page]:
    for kind in ("tags", "categories", "series", "authors"):
        terms: Sequence[Term] = getattr(site, kind)
        found: dict[str, tuple[str, dict[str, Article]]] = {}
        for term in (*terms, *(child for parent in terms for child in parent.children)):
            # A sub-category of two categories has one page, with the posts of both.
            found.setdefault(term.url, (term.name, {}))[1].update((article.url, article) for article in term.articles)
        for url, (name, by_url) in found.items():
            articles = tuple(by_url.values())
            yield Page(page_path(url), url, "term.html", name, articles=articles, values={"kind": kind})
            yield from _feeds(url, name, articles, IN_TERM_FEED)


def _fixed(site: Site) -> Iterator[Page]:
    years = [
        (year, tuple(group)) for year, group in groupby(site.articles, lambda a: a.meta.date.year if a.meta.date else 0)
    ]
    yield Page(PurePosixPath("archives/index.html"), "/archives/", "archives.html", "Archive", values={"years": years})
    lists = {
        "tags": True,
        "categories": True,
        "search": site.config.search,
        "series": site.series,
        "authors": site.authors,
    }
    for name in (name for name, is_there in lists.items() if is_there):
        yield Page(PurePosixPath(name, "index.html"), f"/{name}/", f"{name}.html", name.capitalize())
    checked = tuple(article for article in (*site.articles, *site.pages) if article.claims is not None)
    if checked:
        yield Page(page_path(CHECKS), CHECKS, "checks.html", "Checks", articles=checked)
    yield Page(PurePosixPath("404.html"), "/404.html", "404.html", "Page not found")
    yield from _feeds("/", "", site.articles, IN_FEED)
    for name in ("sitemap.xml", "robots.txt"):
        yield Page(PurePosixPath(name), f"/{name}", name, name)


def _feeds(folder: str, title: str, articles: Sequence[Article], most: int) -> Iterator[Page]:
    """Yield the feeds of the posts of a page: the newest `most` that have a date."""
    dated = sorted((a for a in articles if a.meta.date), key=_age)[:most]
    for name in FEEDS:
        url = folder + name
        yield Page(PurePosixPath(url[1:]), url, name, title, articles=tuple(dated), values={"home": folder})


def _age(article: Article) -> float:
    return -article.meta.date.timestamp() if article.meta.date else 0


def _links(names: Sequence[str], folder: str) -> list[tuple[str, str]]:
    return [(name, term_url(folder, name) if folder else "") for name in names]


def _slashed(alias: str) -> str:
    alias = "/" + alias.strip("/")
    return alias if PurePosixPath(alias).suffix in {".html", ".htm"} else alias.rstrip("/") + "/"
