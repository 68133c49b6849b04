"""Posts and what their programs gave -> Articles: every hole filled, or recalled when nothing that it sees has changed."""

from __future__ import annotations

import re
import sys
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, cast

from msgspec import Struct, field
from msgspec.structs import replace

from sitegen.keys import digest, digest_of_code, versions_of
from sitegen.model import Diagram
from sitegen.pickling import Folded, folded
from sitegen.pipeline.index import Index
from sitegen.pipeline.ingredients import ingredients
from sitegen.pipeline.made_by import WEAVING, WEAVING_PACKAGES
from sitegen.pipeline.parallel import spread
from sitegen.pipeline.run import Run
from sitegen.publishing.links import Links, broken_links, label_of
from sitegen.publishing.programs import modules_of
from sitegen.typesetting.draw import diagram_key, diagram_versions, draw
from sitegen.typesetting.katex import Katex, ToolError, katex_version
from sitegen.typesetting.typeset import formula_error, formula_key, source_shown, typeset

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import PurePosixPath

    from sitegen.config import Config
    from sitegen.errors import SiteError
    from sitegen.model import Article, Bibliography, Digest, Drawing, Formula, Labelled, Link, Output, Post, Target
    from sitegen.pipeline.read import Blog
    from sitegen.publishing.elsewhere import Elsewhere
    from sitegen.publishing.unfold import Unfolded

    Targets = tuple[tuple[Link, Target], ...]
    Modules = tuple[tuple[str, Digest], ...]
    Labels = Mapping[str, Labelled]
    Woven = tuple[Article, Targets, int, Modules, Folded, Folded]
    """What is remembered of a post: article, where its links led, number of formulas, modules inside its program, its
    ingredients, and its labels, which other posts may mention."""
    Wanted = tuple[tuple[str, ...], tuple[str, ...], Folded]
    """What is remembered of a post that mentions others' labels, in text and in links, with its own."""

_LAST = "last article"


def article_keys(config: Config) -> Callable[[Digest, Output | None, Bibliography | None], Digest]:
    """Return what gives the name of all that an article can see, its links and modules apart."""
    alike = digest(
        digest_of_code(*WEAVING),
        katex_version(),
        diagram_versions(),
        versions_of(*WEAVING_PACKAGES),
        sys.version,
        config.url,
        config.lang,
        str(config.cards),
        str(config.search),
        repr(config.words),
        str(config.limits.slider_size),
    )

    def key(parsed: Digest, output: Output | None, cited: Bibliography | None) -> Digest:
        entries = cited and (cited.numeric, [(entry.key, entry.kind, entry.fields) for entry in cited.entries])
        return digest(alike, parsed, repr(output), repr(entries))

    return key


class Weaving(Struct):
    """What became of posts. Note: mutable; grows while they are woven.

    labels: of each, what other posts may mention. wanted: of each that mentions others' labels, these. elsewhere: what it
    found there. keys: under which each article is remembered. bad: the sources that have errors already; what is wrong
    with them is told, and no article made. missing: which tool is not there or ended. within: the addresses of the pages to places
    within which the links of each lead.
    """

    articles: dict[PurePosixPath, Article] = {}
    labels: dict[PurePosixPath, Folded] = {}
    wanted: dict[PurePosixPath, Wanted] = {}
    elsewhere: dict[PurePosixPath, Elsewhere] = {}
    keys: dict[PurePosixPath, Digest] = {}
    bad: set[str] = set()
    missing: SiteError | None = None
    within: dict[PurePosixPath, list[str]] = {}

    def add(self, other: Weaving) -> None:
        """Take what became of others."""
        self.articles |= other.articles
        self.labels |= other.labels
        self.wanted |= other.wanted
        self.within |= other.within


def weave_articles(
    run: Run,
    blog: Blog,
    outputs: Mapping[PurePosixPath, Output],
    some: Sequence[Post] | None = None,
    labels: Mapping[PurePosixPath, Folded] | None = None,
) -> Weaving:
    """Fill the holes of every post, or of some, or recall the article when nothing that it can see has changed.

    labels: those of the other posts, where only some are woven. Posts that mention labels of others are woven when all
    labels have their numbers, each under a key with what it takes from there.
    """
    posts = blog.posts if some is None else some
    weaving = Weaving()
    with run.stage("recall"):
        key_of = article_keys(blog.config)
        for post in posts:
            weaving.keys[post.path] = key_of(blog.keys[post.path], outputs.get(post.path), blog.cited.get(post.path))
        _recall_into(weaving, run, posts, lambda _: blog.links)
        waiting = [post for post in posts if post.path not in weaving.articles]
        known = run.store.recall_many("wanted", [weaving.keys[post.path] for post in waiting])
    for post in waiting:
        if weaving.keys[post.path] in known:
            wanted = weaving.wanted[post.path] = cast("Wanted", known[weaving.keys[post.path]])
            weaving.labels[post.path] = wanted[2]
    is_whole = _weave_anew(run, blog, outputs, [post for post in waiting if post.path not in weaving.wanted], weaving)
    if is_whole and weaving.wanted:
        mentioning = [post for post in posts if post.path in weaving.wanted]
        index = Index(opened_labels({**(labels or {}), **weaving.labels}), blog.links.absent, run.text)
        with run.stage("recall"):
            for post in mentioning:
                mentions, links, own = weaving.wanted[post.path]
                found = weaving.elsewhere[post.path] = index.elsewhere(post.path, mentions, links)
                weaving.keys[post.path] = digest(weaving.keys[post.path], found.key())
                weaving.labels[post.path] = own
            _recall_into(
                weaving, run, mentioning, lambda post: replace(blog.links, elsewhere=weaving.elsewhere[post.path])
            )
        _weave_anew(run, blog, outputs, [post for post in mentioning if post.path not in weaving.articles], weaving)
    whole = [post.path for post in posts if post.path in outputs or not post.program.steps]
    _remember_last(run, {digest(str(path)): weaving.keys[path] for path in whole if path in weaving.articles})
    weaving.articles = {post.path: weaving.articles[post.path] for post in posts if post.path in weaving.articles}
    return weaving


def _recall_into(weaving: Weaving, run: Run, posts: Sequence[Post], links: Callable[[Post], Links]) -> None:
    """Recall the articles of posts that are known for their keys, whose links all lead where they led."""
    known = cast("dict[Digest, Woven]", run.store.recall_many("article", [weaving.keys[post.path] for post in posts]))
    all_there = run.store.has(name for woven in known.values() for name in _contents(woven[0]))
    for post in posts:
        woven = known.get(weaving.keys[post.path])
        if woven is None or not (all_there or run.store.has(_contents(woven[0]))):
            continue
        article, targets, formulas, modules, _, labels = woven
        if any(links(post).resolve(link, post) != target for link, target in targets):
            continue
        if article.programs and modules_of(post, run.root) != modules:
            continue
        run.counts["formulas reused"] += formulas
        weaving.articles[post.path] = article
        weaving.labels[post.path] = labels
        weaving.within[post.path] = _within(targets)


def _within(targets: Targets) -> list[str]:
    return [re.split("[?#]", target.url)[0] for link, target in targets if "#" in link.target]


def _contents(article: Article) -> Iterator[Digest]:
    """Yield what the store must have of an article."""
    yield from (article.body, article.feed, *(name for _, name in article.drawings))


def opened_labels(labels: Mapping[PurePosixPath, Folded]) -> dict[PurePosixPath, Labels]:
    """Return the labels of posts, read."""
    return {path: cast("Labels", own.opened()) for path, own in labels.items()}


def targets_of(run: Run, weaving: Weaving, some: Collection[PurePosixPath]) -> Iterator[tuple[PurePosixPath, Targets]]:
    """Yield where the links of some posts lead, as far as it is remembered."""
    paths = {key: path for path, key in weaving.keys.items() if path in some}
    for key, woven in run.store.recall_many("article", paths).items():
        yield paths[key], cast("Woven", woven)[1]


def last_woven(run: Run, post: Post) -> Woven | None:
    """Return what the last build remembered of a post."""
    key = cast("Digest | None", run.store.recall(_LAST, digest(str(post.path))))
    return cast("Woven | None", run.store.recall("article", key)) if key else None


def _remember_last(run: Run, made: Mapping[Digest, Digest]) -> None:
    """Note under which keys articles are remembered, by the digests of their paths, so that `why` finds what they were made of."""
    before = run.store.recall_many(_LAST, made)
    for path, key in made.items():
        if before.get(path) != key:
            run.store.remember(_LAST, path, key)


class _Share(Struct):
    """What became of a share of the posts, and what was noted meanwhile. Note: mutable, one share's own.

    errors: of every batch, by the place of its first post.
    """

    done: Weaving
    errors: dict[int, list[SiteError]] = {}
    counts: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))


def _weave_anew(
    run: Run, blog: Blog, outputs: Mapping[PurePosixPath, Output], posts: Sequence[Post], weaving: Weaving
) -> bool:
    """Fill the holes of posts, and remember those without errors. Returns whether all tools were there."""
    places = {post.path: place for place, post in enumerate(posts)}

    def weave_share(batches: Iterable[Sequence[Post]]) -> _Share:
        bad = {error.location.path for error in run.errors}
        done = Weaving(elsewhere=weaving.elsewhere, keys=weaving.keys, bad=bad)
        found = _Share(done)
        try:
            with run.katex.kept() if run.katex else Katex() as node:
                before = node.started
                for some in batches:  # the HTML of their formulas is let go of before the next
                    errors = found.errors[places[some[0].path]] = []
                    part = Run(run.root, run.store, run.options, found.counts, found.seconds, errors, run.texts)
                    _weave_some(part, blog, outputs, some, node, done)
                found.counts["node started"] += node.started - before
        except ToolError as error:
            done.missing = error
        done.elsewhere, done.keys = {}, {}  # which the other process has
        return found

    shares = spread(run.store, weave_share, posts, run.options.workers)
    for share in shares:
        weaving.add(share.done)
        for name, count in share.counts.items():
            run.counts[name] += count
        for name, seconds in share.seconds.items():
            run.seconds[name] += seconds / min(len(shares), run.options.workers)
    if missing := [share.done.missing for share in shares if share.done.missing]:
        # What is known of other posts depends on which process had them, and labels of those that were not read are not missing.
        run.errors.append(missing[0])
        return False
    errors = {place: told for share in shares for place, told in share.errors.items()}
    run.errors += [error for place in sorted(errors) for error in errors[place]]
    return True


def _weave_some(  # noqa: PLR0917 - the places where it finds and puts things
    run: Run, blog: Blog, outputs: Mapping[PurePosixPath, Output], posts: Sequence[Post], node: Katex, done: Weaving
) -> None:
    """Fill the holes of some posts, whose formulas are set together."""
    from sitegen.publishing.unfold import unfold  # noqa: PLC0415 - only where something is woven
    from sitegen.publishing.weave import weave  # noqa: PLC0415 - as above

    links = {post.path: replace(blog.links, elsewhere=done.elsewhere.get(post.path)) for post in posts}
    broken: dict[PurePosixPath, list[tuple[Link, SiteError]]] = {}
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
                elsewhere=done.elsewhere.get(post.path),
            )
            for post in posts
        }
        for path, found in unfolded.items():
            done.labels[path] = folded(dict(found.labels))
            broken[path] = broken_links(found.body, found.post, links[path])
            asked = () if path in done.elsewhere else tuple(filter(None, (label_of(link) for link, _ in broken[path])))
            if found.wanted or asked:
                done.wanted[path] = (found.wanted, asked, done.labels[path])
                run.store.remember("wanted", done.keys[path], done.wanted[path])
        posts = [post for post in posts if post.path not in done.wanted]
        run.errors += [error for post in posts for error in unfolded[post.path].errors]
        html, unset = _typeset(run, posts, [unfolded[post.path] for post in posts], node)
    with run.stage("weave"):
        for post in posts:
            found = unfolded[post.path]
            # Not told by where its errors are: that may be in a file which it includes.
            is_wrong = bool(found.errors) or post.path not in html or not _is_drawn(post, drawings)
            told = [] if blog.links.shown else [error for _, error in broken[post.path]]
            if is_wrong or str(post.path) in done.bad:  # its own errors are told; those of its links are still missing
                run.errors += told
                continue
            article, targets, errors = weave(
                found,
                html[post.path],
                links[post.path],
                run.store,
                blog.config.url,
                is_searched=blog.config.search,
                broken=told,
            )
            run.errors += errors
            if article is None:
                continue
            shown = [f"{error.location}: {error.message}; it is shown" for _, error in broken[post.path]]
            shown += [f"{error.location}: {error.message}; `?` is shown" for error in found.missing]
            article = replace(article, notes=(*article.notes, *shown, *unset.get(post.path, ())))
            done.articles[post.path] = article
            done.within[post.path] = _within(targets)
            if post.path in outputs or not post.program.steps:
                count = sum(1 for _ in found.formulas())
                modules = modules_of(post, run.root) if article.programs else ()
                made_of = ingredients(run, blog, post, outputs.get(post.path), done.elsewhere.get(post.path))
                woven: Woven = (article, targets, count, modules, folded(made_of), done.labels[post.path])
                run.store.remember("article", done.keys[post.path], woven)


def _draw(run: Run, posts: Sequence[Post], node: Katex) -> Mapping[Digest, Drawing]:
    diagrams = [part for post in posts for part in post.body if isinstance(part, Diagram)]
    drawings, errors = draw(diagrams, run.store, node)
    run.errors += errors
    return drawings


def _is_drawn(post: Post, drawings: Mapping[Digest, Drawing]) -> bool:
    return all(diagram_key(part) in drawings for part in post.body if isinstance(part, Diagram))


def _typeset(
    run: Run, posts: Sequence[Post], unfolded: Sequence[Unfolded], node: Katex
) -> tuple[Mapping[PurePosixPath, Mapping[Digest, str]], Mapping[PurePosixPath, list[str]]]:
    """Return the formulas' HTML for each post and, of posts that show what cannot be set, notes of it; other posts have errors."""
    from sitegen.publishing.unfold import is_borrowed  # noqa: PLC0415 - as above

    formulas: list[Formula] = [formula for found in unfolded for formula in found.formulas()]
    result = typeset(formulas, run.store, node)
    run.counts["formulas set"] += result.set
    run.counts["formulas reused"] += len(formulas) - result.set
    problems = {formula: (position, message) for formula, position, message in result.problems}
    html: dict[PurePosixPath, Mapping[Digest, str]] = {}
    notes: dict[PurePosixPath, list[str]] = {}
    for post, found in zip(posts, unfolded, strict=True):
        unset: dict[Digest, str] = {}
        said: list[str] = []
        errors: list[SiteError] = []
        for formula in found.formulas() if problems else ():
            if formula not in problems:
                continue
            if is_borrowed(formula):
                unset.setdefault(formula_key(formula), "")
                continue
            problem = formula_error(formula, *problems[formula], run.text(formula.location.path))
            if post.meta.math_errors == "show":
                unset[formula_key(formula)] = source_shown(formula, problem.message)
                said.append(f"{problem.location}: {problem.message}; its source is shown")
            else:
                errors.append(problem)
        run.errors += errors
        if not errors:
            html[post.path] = {**result.html, **unset} if unset else result.html
            notes[post.path] = list(dict.fromkeys(said))  # an excerpt says it again
    return html, notes
