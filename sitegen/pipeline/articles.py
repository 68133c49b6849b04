"""Posts and what their programs gave -> Articles: every hole filled, or recalled when nothing that it sees has changed."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

from sitegen.errors import Location, SiteError
from sitegen.model import Diagram
from sitegen.pipeline.ingredients import Ingredients, ingredients
from sitegen.pipeline.parallel import spread
from sitegen.pipeline.run import Run
from sitegen.publishing.links import Links, broken_links
from sitegen.publishing.programs import modules_of
from sitegen.store import digest, digest_of_code, versions_of
from sitegen.typesetting.draw import diagram_versions, draw
from sitegen.typesetting.katex import Katex, ToolMissingError, katex_version
from sitegen.typesetting.typeset import formula_error, formula_key, source_shown, typeset

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import PurePosixPath

    from sitegen.config import Config
    from sitegen.model import Article, Bibliography, Digest, Drawing, Formula, Link, Output, Post, Target
    from sitegen.pipeline.read import Blog
    from sitegen.publishing.weave import Unfolded

    Woven = tuple[Article, tuple[tuple[Link, Target], ...], int, tuple[tuple[str, Digest], ...], Ingredients]
    """What is remembered of a post: article, where its links led, number of formulas, modules inside its program."""

_LAST = ("last-build", "articles")
_AT_ONCE = 25  # posts woven together: their formulas go to Node in batches, and their HTML is let go of before the next


def article_key(parsed: Digest, output: Output | None, cited: Bibliography | None, config: Config) -> Digest:
    """Return the name of all that an article can see, its links and modules apart."""
    return digest(
        digest_of_code("publishing", "typesetting", "tex.py", "model.py", "sources.py", "labels.py", "words.py"),
        digest_of_code("running/figures/palette.py", "reading/works.py"),
        katex_version(),
        diagram_versions(),
        versions_of("numpy", "matplotlib", "bibtexparser", "pylatexenc"),
        sys.version,
        config.url,
        config.lang,
        str(config.cards),
        repr(config.words),
        str(config.limits.slider_size),
        parsed,
        repr(output),
        repr(cited and (cited.numeric, [(entry.key, entry.kind, entry.fields) for entry in cited.entries])),
    )


def weave_articles(
    run: Run, blog: Blog, outputs: Mapping[PurePosixPath, Output], some: Sequence[Post] | None = None
) -> list[Article]:
    """Fill the holes of every post, or of some, or recall the article when nothing that it can see has changed."""
    posts = blog.posts if some is None else some
    articles: dict[PurePosixPath, Article] = {}
    waiting: dict[PurePosixPath, Digest] = {}
    keys: dict[PurePosixPath, Digest] = {}
    with run.stage("recall"):
        for post in posts:
            cited = blog.cited.get(post.path)
            key = keys[post.path] = article_key(blog.keys[post.path], outputs.get(post.path), cited, blog.config)
            article = recall_article(run, key, post, blog.links)
            if article is None:
                waiting[post.path] = key
            else:
                articles[post.path] = article
    if waiting:
        articles.update(_weave_anew(run, blog, outputs, waiting))
    whole = [post.path for post in posts if post.path in outputs or not post.program.steps]
    made = {str(path): keys[path] for path in whole if path in articles}
    _remember_build(run, made, [str(post.path) for post in blog.posts])
    return [articles[post.path] for post in posts if post.path in articles]


def last_woven(run: Run, post: Post) -> Woven | None:
    """Return what the last build remembered of a post."""
    keys = cast("dict[str, Digest]", run.store.recall(*_LAST) or {})
    return cast("Woven | None", run.store.recall("article", keys.get(str(post.path), "")))


def _remember_build(run: Run, made: Mapping[str, Digest], paths: Sequence[str]) -> None:
    """Note under which keys the articles of this build are remembered, so that `why` finds what they were made of."""
    before = cast("dict[str, Digest]", run.store.recall(*_LAST) or {})
    now = {path: made.get(path, before.get(path, "")) for path in paths}
    if now != before:
        run.store.remember(*_LAST, now)


def recall_article(run: Run, key: Digest, post: Post, links: Links) -> Article | None:
    """Return the article of a post, if it is known for this key and all its links lead where they led."""
    known = run.store.recall("article", key)
    if known is None:
        return None
    article, targets, formulas, modules, _ = cast("Woven", known)
    contents = (article.body, article.feed, *(name for _, name in article.drawings))
    if not run.store.has(contents) or any(links.resolve(link, post) != target for link, target in targets):
        return None
    if article.programs and modules_of(post, run.root) != modules:
        return None
    run.counts["formulas reused"] += formulas
    return article


@dataclass(slots=True)
class _Woven:
    """What became of a share of the posts. missing: what has to be installed. Note: mutable, one share's own.

    bad: the sources that have errors already; what is wrong with them is told, and no article made.
    """

    bad: set[str]
    articles: dict[PurePosixPath, Article] = field(default_factory=dict)
    errors: list[SiteError] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    missing: str = ""


def _weave_anew(
    run: Run, blog: Blog, outputs: Mapping[PurePosixPath, Output], keys: Mapping[PurePosixPath, Digest]
) -> dict[PurePosixPath, Article]:
    """Fill the holes of the posts that have a key here, and remember those without errors."""

    def weave_share(share: Sequence[Post]) -> _Woven:
        done = _Woven(bad={error.location.path for error in run.errors})
        part = Run(run.root, run.store, run.options, done.counts, done.seconds, done.errors, run.texts)
        try:
            with run.katex.kept() if run.katex else Katex() as node:
                before = node.started
                for start in range(0, len(share), _AT_ONCE):
                    some = share[start : start + _AT_ONCE]
                    done.articles |= _weave_some(part, blog, outputs, keys, posts=some, node=node, bad=done.bad)
                done.counts["node started"] += node.started - before
        except ToolMissingError as error:
            done.missing = str(error)
        return done

    posts = [post for post in blog.posts if post.path in keys]
    articles: dict[PurePosixPath, Article] = {}
    shares = spread(run.store, weave_share, posts, run.options.workers)
    for done in shares:
        articles |= done.articles
        run.errors += done.errors
        for name, count in done.counts.items():
            run.counts[name] += count
        for name, seconds in done.seconds.items():
            run.seconds[name] += seconds / min(len(shares), run.options.workers)
    missing = next((done.missing for done in shares if done.missing), "")
    if missing:
        run.errors.append(SiteError(missing, Location("node_modules")))
    return articles


def _weave_some(
    run: Run,
    blog: Blog,
    outputs: Mapping[PurePosixPath, Output],
    keys: Mapping[PurePosixPath, Digest],
    *,
    posts: Sequence[Post],
    node: Katex,
    bad: set[str],
) -> dict[PurePosixPath, Article]:
    """Fill the holes of some posts, whose formulas are set together."""
    from sitegen.publishing.weave import unfold, weave  # noqa: PLC0415 - only where something is woven

    articles: dict[PurePosixPath, Article] = {}
    with run.stage("typeset"):
        drawings = _draw(run, posts, node)
        unfolded = {
            post.path: unfold(
                post,
                outputs.get(post.path),
                cited=blog.cited.get(post.path),
                drawings=drawings,
                store=run.store,
                config=blog.config,
            )
            for post in posts
        }
        run.errors += [error for found in unfolded.values() for error in found.errors]
        html, unset = _typeset(run, posts, list(unfolded.values()), node)
    bad.update(error.location.path for error in run.errors)
    with run.stage("weave"):
        for post in posts:
            found = unfolded[post.path]
            missing = any(formula_key(formula) not in html for formula in found.formulas())
            if missing or str(post.path) in bad:  # its own errors are told; those of its links are still missing
                run.errors += broken_links(found.body, post, blog.links)
                continue
            article, targets, errors = weave(found, html, blog.links, run.store, blog.config.url)
            run.errors += errors
            if article is None:
                continue
            article = replace(article, notes=(*article.notes, *unset.get(str(post.path), ())))
            articles[post.path] = article
            if post.path in outputs or not post.program.steps:
                count = sum(1 for _ in found.formulas())
                modules = modules_of(post, run.root) if article.programs else ()
                made_of = ingredients(run, blog, post, outputs.get(post.path))
                run.store.remember("article", keys[post.path], (article, targets, count, modules, made_of))
    return articles


def _draw(run: Run, posts: Sequence[Post], node: Katex) -> Mapping[Digest, Drawing]:
    diagrams = [part for post in posts for part in post.body if isinstance(part, Diagram)]
    drawings, errors = draw(diagrams, run.store, node)
    run.errors += errors
    return drawings


def _typeset(
    run: Run, posts: Sequence[Post], unfolded: Sequence[Unfolded], node: Katex
) -> tuple[Mapping[Digest, str], Mapping[str, list[str]]]:
    """Return the formulas' HTML and, of posts that show what cannot be set, notes of it; other posts have errors."""
    formulas: list[Formula] = [formula for found in unfolded for formula in found.formulas()]
    result = typeset(formulas, run.store, node)
    run.counts["formulas set"] += result.set
    run.counts["formulas reused"] += len(formulas) - result.set
    shown = {str(post.path) for post in posts if post.meta.math_errors == "show"}
    html = dict(result.html)
    notes: dict[str, list[str]] = defaultdict(list)
    for formula, position, message in result.problems:
        problem = formula_error(formula, position, message, run.text(formula.location.path))
        if formula.location.path in shown:
            html[formula_key(formula)] = source_shown(formula, problem.message)
            notes[formula.location.path].append(f"{problem.location}: {problem.message}; its source is shown")
        else:
            run.errors.append(problem)
    return html, notes
