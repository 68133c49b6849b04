"""Builds of one blog in one process, each beginning with what the last one left.

Where nothing changed but the text of posts and style sheets, only these are read, computed and woven, and only pages that show what
became different are rendered: by the same stages, so that the site is the one that a build from nothing gives. Whatever
else changed is a whole build, which recalls what it can.
"""

from __future__ import annotations

import gc
import os
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote

from msgspec import Struct
from msgspec.structs import replace

from sitegen.errors import OutdatedError, SiteError
from sitegen.model import Article, Stored
from sitegen.pipeline.ahead import load_ahead
from sitegen.pipeline.articles import Weaving, opened_labels, weave_articles
from sitegen.pipeline.build import Kept, beyond_of, build_and_keep, finish, outputs_of
from sitegen.pipeline.cite import bibliographies
from sitegen.pipeline.compute import compute, was_not_run
from sitegen.pipeline.files import gather, make_renderer
from sitegen.pipeline.index import names_of, placeless
from sitegen.pipeline.read import read_again
from sitegen.pipeline.run import Run
from sitegen.project import PROJECT
from sitegen.publishing.places import anchors_of, plain_title
from sitegen.publishing.programs import makes_claims
from sitegen.publishing.seen import with_articles
from sitegen.reading.discover import read_source
from sitegen.running.execute import end_programs
from sitegen.typesetting.katex import Katex, ToolError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

    from sitegen.model import Build, Execution, FileContent, Post
    from sitegen.pipeline.read import Blog
    from sitegen.pipeline.run import Options
    from sitegen.store import Store

_ATTRIBUTES = Article.__struct_fields__
_OF_LISTS = {"path", "kind", "url", "meta", "title", "excerpt"}
"""What of an article decides in which lists it stands, and between which others."""
_OF_FILES = {"files", "drawings"}
"""What of an article is published beside its page."""


class Viewer(Protocol):
    """Who looks at pages while they are built, and is shown these before all others."""

    def open_pages(self) -> Collection[PurePosixPath]:
        """Return the paths of the pages that are looked at."""

    def show_first(self, files: Mapping[PurePosixPath, FileContent]) -> None:
        """Show some files before the build that makes all others is done."""


class Builder(AbstractContextManager["Builder"]):
    """Builds a blog whenever it is asked to, and shows the viewer what is looked at. Use in a `with` block, which ends the tools that are kept at hand."""

    def __init__(self, root: Path, store: Store, options: Options, viewer: Viewer | None = None) -> None:
        self._root = root
        self._store = store
        self._options = options
        self._viewer = viewer
        self._kept: Kept | None = None
        self._before: Kept | None = None  # what the build that goes on began with
        self._katex = Katex()
        self._is_ready = False
        self._is_new = True  # whether all that is kept was made since it was taken out of the collector's sight

    def __exit__(self, *exception: object) -> None:
        """End the tools, and the programs that sleep: what they drew is in the store."""
        self._katex.__exit__(*exception)
        end_programs()

    def build(self, changed: Collection[Path] | None = None) -> Build:
        """Return the site as it is now. changed: the files that are not what they were at the last build; None: unknown."""
        options = replace(self._options, today=datetime.now(UTC))
        self._before, self._kept = self._kept, None
        try:
            return self._build(self._before, options, changed)
        except OutdatedError:
            self._kept = self._before
            raise
        finally:
            self._before = None

    def build_beside(self, changed: Collection[Path]) -> Build | None:
        """Return the site as it was when the build that goes on began, but for some files.

        None when these change more than their own pages, or a program would have to run. For a build that waits for a program;
        the one after it is to be a whole one.
        """
        if (kept := self._before) is None:
            return None
        options = replace(self._options, today=datetime.now(UTC), never_run=True)
        try:
            return self._again(kept, options, changed)
        except OSError:
            return None
        finally:  # the build that waits goes on with what it began with
            self._kept = None
            paths = kept.articles.keys() & {_inside(path, self._root) for path in changed}
            with suppress(SiteError, OSError):
                kept.rendering.render_again(kept.site, kept.articles, dict.fromkeys(paths, _ATTRIBUTES))

    def _build(self, kept: Kept | None, options: Options, changed: Collection[Path] | None) -> Build:
        if kept and changed and {path.parent for path in changed} <= {self._root / "templates", PROJECT / "templates"}:
            self._show_first(kept, {})
        elif kept and changed and (kept.blog.due is None or options.today.timestamp() < kept.blog.due):
            with suppress(OSError):  # which the whole build meets, too, and tells of
                if result := self._again(kept, options, changed):
                    return result
        self._is_new = True
        result, self._kept = build_and_keep(self._root, self._store, options, self._katex)
        return result

    def _show_first(self, kept: Kept, articles: Mapping[PurePosixPath, Article]) -> None:
        """Show the pages that are looked at as changed templates, or some articles, make them, where a whole build follows.

        What is wrong with a template that build says.
        """
        if not self._viewer or not (wanted := self._viewer.open_pages()):
            return
        found: dict[PurePosixPath, FileContent] = {}
        run = Run(self._root, self._store, kept.options)
        assets = kept.rendering.bare.apart()
        now = {**kept.articles, **articles}
        with suppress(SiteError, OSError):  # a template may be wrong, or away for the moment in which it is saved
            renderer, _, _ = make_renderer(run, with_articles(kept.site, articles), assets)
            for page in kept.rendering.pages:
                if page.path in wanted:
                    found[page.path] = Stored(renderer.render(with_articles(page, now))[0])
        if found:
            self._viewer.show_first({**assets.files, **found})

    def get_ready(self) -> None:
        """Do what the next build would have to begin with, while nobody waits: load, start and compile what it needs.

        What the last build left is taken out of the garbage collector's sight, which else looks through all of it, for a
        tenth of a second at a time, in the midst of a build.
        """
        from sitegen.reading.parse import parse  # noqa: PLC0415 - 100 ms, and a build without changes needs none of it

        load_ahead()
        if self._kept:
            self._kept.rendering.renderer.prepare()
            for post in self._kept.blog.posts[-1:]:  # the rules and lexers that it takes are made when they are needed
                source = read_source(self._root, post.path, post.kind, post.files)
                if source and not self._is_ready:
                    parse(source, self._kept.blog.config)
        self._is_ready, is_new, self._is_new = True, self._is_new, False
        with suppress(ToolError):  # whoever sets a formula will be told
            self._katex.start()
        if is_new:  # after a build of a few posts nearly all is what it was, and looking through it takes long
            gc.unfreeze()
        gc.collect()
        gc.freeze()

    def _again(self, kept: Kept, options: Options, changed: Collection[Path]) -> Build | None:
        """Build what the texts of some posts and style sheets change; None when that is not all that may be other."""
        known = {path: kept.blog.links.posts.get(_inside(path, self._root)) for path in changed}
        if not kept.beyond.paths.isdisjoint(map(os.path.realpath, changed)):
            return None
        old = [post for post in known.values() if post]
        others = [path for path, post in known.items() if not post]
        if others:
            if not all(assets.republish(others) for assets in (kept.rendering.assets, kept.rendering.bare)):
                return None
            kept.rendering.published = None
        run = Run(self._root, self._store, options, texts=dict(kept.texts), katex=self._katex)
        is_alike = _alike_beside(kept.blog, kept.weaving, old)
        rewoven = reweave(run, kept.blog, kept.articles, kept.weaving, old, is_alike=is_alike)
        if rewoven is None:
            return None
        if not rewoven.is_all:
            self._show_first(kept, rewoven.weaving.articles)
            return None
        blog, executions, weaving, different = rewoven.blog, rewoven.executions, rewoven.weaving, rewoven.different
        if run.errors:
            return finish(run, blog, executions, [], {}, beyond=None)
        articles = {**kept.articles, **weaving.articles}
        all_executions = {path: e for path, e in kept.executions.items() if path not in different}
        all_executions.update(executions)
        paths = (post.path for post in blog.posts) if all_executions else ()
        ordered = {path: all_executions[path] for path in paths if path in all_executions}
        with run.stage("render"):
            site = with_articles(kept.site, weaving.articles)
            numbers = []
            published = kept.rendering.published
            try:
                numbers = kept.rendering.render_again(site, articles, different)
            except SiteError as error:
                run.errors.append(error)
            run.counts["pages rendered"] = len(numbers)
            names = {name for names in different.values() for name in names}
            if (
                run.errors
                or options.final
                or not _OF_FILES.isdisjoint(names)
                or kept.rendering.publish() is not published
            ):
                files = gather(run, site, kept.rendering)
            else:
                files = kept.rendering.with_pages(kept.files, numbers)
        if not run.errors:
            weaving = _updated(kept.weaving, weaving)
            beyond = kept.beyond
            if executions:  # they may see other files now, also where what they gave was remembered
                seen = beyond_of(run, replace(blog, posts=tuple(blog.links.posts[path] for path in executions)))
                beyond = replace(beyond, paths=beyond.paths | seen.paths)
            self._kept = Kept(options, blog, ordered, articles, weaving, site, kept.rendering, files, run.texts, beyond)
        return finish(run, blog, ordered, list(articles.values()), files, beyond=None)


class Rewoven(Struct, frozen=True):
    """What became of posts whose texts changed. blog: with them as they are now; different: attributes of their articles, by path.

    is_all: whether nothing but their own pages, and what these attributes show on others, may be other than it was.
    """

    blog: Blog
    executions: Mapping[PurePosixPath, Execution]
    weaving: Weaving
    different: Mapping[PurePosixPath, tuple[str, ...]]
    is_all: bool = True


def reweave(
    run: Run,
    blog: Blog,
    articles: Mapping[PurePosixPath, Article],
    before: Weaving,
    old: Sequence[Post],
    *,
    is_alike: Callable[[Post, Post], bool],
) -> Rewoven | None:
    """Read, compute and weave posts whose texts changed; None where they are wrong.

    Where nothing but programs is wrong, the run has their errors.
    articles, before: what became of all posts when they were built last. old: the posts as they were. is_alike: whether one,
    read anew, is to all others what it was.
    """
    with run.stage("read"):
        found = read_again(run, old, blog)
        if found is None or run.errors:
            return None
        is_all = all(map(is_alike, old, found.posts))
        if not is_all and [post.program for post in old] != [post.program for post in found.posts]:
            return None  # a whole build would run what fails once more
        blog = _with_posts(run, blog, found)
    with run.stage("run"):
        executions = {e.job.path: e for e in compute(run, found.posts, blog.config)}
    if any(map(was_not_run, executions.values())):
        return None
    has_failed = bool(run.errors)
    weaving = weave_articles(run, blog, outputs_of(executions), found.posts, before.labels)
    is_all = is_all and not _mentioned_otherwise(before, weaving, places=blog.links.shown)
    if has_failed:  # as above
        return Rewoven(blog, executions, weaving, {}) if is_all else None
    if run.errors or len(weaving.articles) != len(old):
        return None
    different = {path: _differences(articles[path], article) for path, article in weaving.articles.items()}
    is_all = is_all and not any(_OF_LISTS & set(names) for names in different.values())
    return Rewoven(blog, executions, weaving, different, is_all)


def _inside(path: Path, root: Path) -> PurePosixPath:
    return PurePosixPath(path.relative_to(root)) if path.is_relative_to(root) else PurePosixPath(path)


def _alike_beside(blog: Blog, weaving: Weaving, old: Sequence[Post]) -> Callable[[Post, Post], bool]:
    """Return what tells whether a post is to all others what it was. old: the posts that changed, whose own links are followed again."""
    changed = {post.path for post in old}

    def is_led_into(post: Post) -> bool:
        address = quote(post.address)
        led = any(address in addresses for path, addresses in weaving.within.items() if path not in changed)
        return led or blog.links.shown  # one to nowhere may lead to a new place

    return lambda one, other: alike_outside(one, other, is_led_into)


def alike_outside(old: Post, new: Post, is_led_into: Callable[[Post], bool] = lambda _: True) -> bool:
    """Whether a post is to all others what it was: its links may lead elsewhere, theirs to it lead where they led.

    is_led_into: whether links of others may lead to places in it.
    """
    return (
        (old.path, old.kind, old.address, old.meta, old.files) == (new.path, new.kind, new.address, new.meta, new.files)
        and old.parts == new.parts
        and ((anchors_of(old), old.names) == (anchors_of(new), new.names) or not is_led_into(old))
        and plain_title(old) == plain_title(new)
        and makes_claims(old) == makes_claims(new)
    )


def _mentioned_otherwise(old: Weaving, new: Weaving, *, places: bool) -> bool:
    """Whether what posts that stay as they are mention may be other than it was. places: or elsewhere, which notes may tell."""
    names = {
        name
        for path, (mentions, links, _) in old.wanted.items()
        if path not in new.articles
        for label in (*mentions, *links)
        for name in names_of(label)
    }
    now = opened_labels(new.labels) if names else {}
    before = opened_labels({path: old.labels[path] for path in now})
    return any(
        placeless(before[path], names) != placeless(own, names)
        or (places and any(before[path][name] != own[name] for name in names.intersection(own)))
        for path, own in now.items()
    )


def _updated(old: Weaving, new: Weaving) -> Weaving:
    """Return what is known of the labels of all posts when some have been woven anew."""
    rest = {path: wanted for path, wanted in old.wanted.items() if path not in new.articles}
    return Weaving(labels=old.labels | new.labels, wanted=rest | new.wanted, within=old.within | new.within)


def _with_posts(run: Run, blog: Blog, found: Blog) -> Blog:
    """Return a blog with some posts as they are now."""
    new: dict[PurePosixPath, Post] = {post.path: post for post in found.posts}
    posts = tuple([new.get(post.path, post) for post in blog.posts])
    cited = {path: works for path, works in blog.cited.items() if path not in new}
    return replace(
        blog,
        posts=posts,
        keys={**blog.keys, **found.keys},
        links=replace(blog.links, posts={**blog.links.posts, **new}),
        cited=cited | bibliographies(run, found.posts, blog.config)[0],
    )


def _differences(old: Article, new: Article) -> tuple[str, ...]:
    """Return the names of what an article says otherwise than before."""
    return tuple(name for name in _ATTRIBUTES if getattr(old, name) != getattr(new, name))
