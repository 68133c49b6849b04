"""build(): the stages, from a blog's folder to every file of its site, as one expression that can be read."""

from __future__ import annotations

import errno
import gzip
import os
import re
from pathlib import Path, PurePosixPath
from tempfile import gettempdir
from typing import TYPE_CHECKING
from urllib.parse import quote

from msgspec import Struct
from msgspec.structs import replace

from sitegen.errors import OF_MACHINE, Location, SiteError
from sitegen.model import Beyond, Build, Output
from sitegen.pipeline.ahead import load_ahead
from sitegen.pipeline.articles import targets_of, weave_articles
from sitegen.pipeline.compute import compute, jobs_of, unprotected, was_not_run
from sitegen.pipeline.files import gather, render
from sitegen.pipeline.minify import with_smaller_pages
from sitegen.pipeline.read import read_blog
from sitegen.pipeline.run import COUNTED, Options, Run
from sitegen.publishing.site import assemble, is_listed
from sitegen.reading.discover import unread
from sitegen.running.execute import finding_nothing, programs_begin, seen_by

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from sitegen.model import Article, Execution, FileContent, Post
    from sitegen.pipeline.articles import Weaving
    from sitegen.pipeline.files import Rendering
    from sitegen.pipeline.read import Blog
    from sitegen.publishing.site import Site
    from sitegen.store import Store
    from sitegen.typesetting.katex import Katex

_FULL = {errno.ENOSPC, errno.EDQUOT}


class Kept(Struct, frozen=True):
    """What a build without errors leaves for the next one in the same process: see again.py."""

    options: Options
    blog: Blog
    executions: Mapping[PurePosixPath, Execution]
    articles: Mapping[PurePosixPath, Article]
    weaving: Weaving
    site: Site
    rendering: Rendering
    files: Mapping[PurePosixPath, FileContent]
    texts: dict[str, str]
    beyond: Beyond


def build(root: Path, store: Store, options: Options | None = None) -> Build:
    """Return the site of the blog at `root`, or everything that stands in its way. Writes nothing but the store."""
    return build_and_keep(root, store, options or Options())[0]


def build_and_keep(root: Path, store: Store, options: Options, katex: Katex | None = None) -> tuple[Build, Kept | None]:
    """Build, and return besides what the next build can begin with; None when there are errors."""
    run = Run(root, store, options, katex=katex)
    try:
        return _build(run)
    except SiteError as error:
        run.errors.append(error)
    except OSError as error:  # a template, style sheet or picture that may not be read, or is gone since it was found
        if error.errno not in _FULL and (error.filename is None or error.errno in OF_MACHINE):
            raise
        run.errors.append(_unusable(root, error))
    finally:
        run.end()
    zeros = dict.fromkeys(("posts", "pages", "files", *COUNTED), 0)
    report = {**zeros, "seconds": {}, "unprotected": [], "programs": {}}
    return Build(files={}, errors=tuple(_in_reading_order(run)), notes=(), report=report), None


def _build(run: Run) -> tuple[Build, Kept | None]:
    options = run.options
    with run.stage("read"):
        blog = read_blog(run)
    with run.stage("run"):
        if options.workers > 1 and programs_begin():  # with one core, what runs them would wait for it
            load_ahead()
        executions = {e.job.path: e for e in compute(run, blog.posts, blog.config)}
    weaving = weave_articles(run, blog, outputs_of(executions))
    articles = list(weaving.articles.values())
    sources = {*(post.path for post in blog.posts), *blog.links.absent}
    broken = _places(run.errors, sources) if options.keep_going else set()
    if run.errors and not broken:
        return finish(run, blog, executions, articles, {}, beyond=None), None
    known = len(run.errors)
    broken |= {str(post.path) for post in blog.posts if not broken.isdisjoint(map(str, post.parts))}
    articles = [article for article in articles if broken.isdisjoint({str(article.path), f"{article.path.parent}/"})]
    if broken:
        blog = replace(blog, notes=(*blog.notes, *_links_to_what_is_left_out(run, blog, weaving, articles)))
    with run.stage("render"):
        site = assemble(blog.config, articles)
        rendering = render(run, site, blog.assets)
        files = gather(run, site, rendering)
    if options.minify and len(run.errors) == known:
        files, left = with_smaller_pages(run, files)
        blog = replace(blog, notes=(*blog.notes, *left))
    if len(run.errors) > known:
        files = {}
    beyond = beyond_of(run, blog)
    kept = Kept(options, blog, executions, weaving.articles, weaving, site, rendering, files, run.texts, beyond)
    return finish(run, blog, executions, articles, files, beyond=beyond), None if run.errors else kept


def _links_to_what_is_left_out(run: Run, blog: Blog, weaving: Weaving, articles: Sequence[Article]) -> Iterator[str]:
    """Say which links of the posts that stay lead to posts that are left out for their errors."""
    staying = {article.path for article in articles}
    gone = {quote(post.address): post.path for post in blog.posts if post.path not in staying}
    for path, targets in sorted(targets_of(run, weaving, staying)):
        for link, target in targets:
            there = gone.get(re.split("[?#]", target.url)[0])
            if there:
                yield f"{path}:{link.location.line}: the link `{link.target}` leads to {there}, which is left out"


def _unusable(root: Path, error: OSError) -> SiteError:
    path = Path(gettempdir() if error.filename is None else os.fsdecode(error.filename))
    name = path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
    if error.errno in _FULL:
        hint = "make room there, or set TMPDIR to another folder" if path == Path(gettempdir()) else "make room there"
        return SiteError("the disk is full", Location(name), hint)
    return SiteError(f"cannot be used: {error.strerror}", Location(name), "see who may read it: `ls -l`")


def _places(errors: Sequence[SiteError], sources: Collection[PurePosixPath]) -> set[str]:
    """Return the sources that errors are in, and the folders of other files that are in error; empty where one is in anything else."""
    paths = [PurePosixPath(error.location.path) for error in errors]
    if not all(path.parts[0] in {"posts", "pages"} for path in paths if path.parts):
        return set()
    return {str(path) for path in paths} | {
        f"{path.parent}/" for path in paths if len(path.parts) > 2 and path not in sources
    }


def outputs_of(executions: Mapping[PurePosixPath, Execution]) -> dict[PurePosixPath, Output]:
    """Return what the programs gave, by the path of their post, where they gave something."""
    return {path: e.outcome for path, e in executions.items() if isinstance(e.outcome, Output)}


def beyond_of(run: Run, blog: Blog) -> Beyond:
    """Return what a build of a blog depends on besides its folder, and in it what posts see of others, when its programs have run."""
    variables = blog.config.variables
    seen, is_sure = seen_by(jobs_of(blog.posts), root=run.root, variables=variables, store=run.store)
    seen |= {os.path.realpath(run.root / part) for post in blog.posts for part in post.parts}
    seen |= set(_behind_links(run.root, (post.path for post in blog.posts)))
    return Beyond(frozenset(seen), tuple(variables), blog.due, is_sure)


def _behind_links(root: Path, paths: Iterable[PurePosixPath]) -> Iterator[str]:
    """Yield the files that posts which are links, or lie in a folder that is one, lead to: a save is told by their own names."""
    top = os.path.realpath(root)
    folders: dict[PurePosixPath, str] = {}
    for path in paths:
        if path.parent not in folders:
            folders[path.parent] = os.path.realpath(root / path.parent)
        real = f"{folders[path.parent]}/{path.name}"
        if real != f"{top}/{path}" or os.path.islink(real):  # noqa: PTH114 - thousands of them: a Path costs more
            yield os.path.realpath(real)


def finish(
    run: Run,
    blog: Blog,
    executions: Mapping[PurePosixPath, Execution],
    articles: Sequence[Article],
    files: Mapping[PurePosixPath, FileContent],
    *,
    beyond: Beyond | None,
) -> Build:
    """Return the value of a build, and make durable what it remembered."""
    done = list(executions.values())
    run.store.commit()
    return Build(
        files=files if not run.errors or run.options.keep_going else {},
        errors=tuple(_in_reading_order(run)),
        notes=(*blog.notes, *_notes(run, blog.posts, done, articles)),
        report={
            "posts": (kinds := [post.kind for post in blog.posts]).count("post"),
            "pages": kinds.count("page"),
            "files": len(files),
            **dict.fromkeys(COUNTED, 0),
            **run.counts,
            "seconds": {name: round(seconds, 4) for name, seconds in run.seconds.items()},
            "unprotected": unprotected(done),
            "programs": {str(e.job.path): list(e.reasons) for e in done},
        },
        beyond=beyond,
        efforts=tuple(_efforts(run, done, articles)),
    )


def _notes(
    run: Run, posts: Sequence[Post], executions: Sequence[Execution], articles: Sequence[Article]
) -> Iterator[str]:
    if run.store.note:
        yield run.store.note
    for location, pattern in finding_nothing(jobs_of(posts), root=run.root):
        yield f"{location.path}:{location.line}: `depends: {pattern}` finds no file, from the post's folder or the blog's"
    for execution in executions:
        if was_not_run(execution):
            yield f"{execution.job.path}: was not run, and nothing that holds is remembered; its page says so"
        elif isinstance(execution.outcome, Output):
            yield from (f"{execution.job.path}: {note}" for note in execution.outcome.notes)
    for article in articles:
        yield from (f"{article.path}: {note}" for note in article.live)
        yield from article.notes
    wrong = {error.location.path for error in run.errors}
    yield from _left_out(run, posts, articles, wrong)
    posts = [post for post in posts if str(post.path) not in wrong] if wrong else posts
    undated = [post.path for post in posts if is_listed(post) and post.meta.date is None]
    named = undated if len(undated) < 5 else undated[:3]  # not all of a course or a vault
    for post in posts:
        yield from post.notes
        if post.path in named:
            yield f"{post.path}: has no date, so it stands last in the lists and not in the feed"
    if len(named) < len(undated):
        yield f"{len(undated) - len(named)} more posts have no date"


def _left_out(run: Run, posts: Sequence[Post], articles: Sequence[Article], wrong: set[str]) -> Iterator[str]:
    """Say which files were not read that may have been meant as posts. wrong: the files that are in error."""
    if left := sorted(unread(run.root)):
        known = {str(file) for post in posts for file in post.files} | {
            str(file) for a in articles for _, file in a.files
        }
        told = known.union(run.texts, wrong)
        told |= {str(folder) for name in told for folder in PurePosixPath(name).parents}
        yield from (f"{path}: {why}" for path, why in left if str(path) not in told)


def _efforts(run: Run, executions: Sequence[Execution], articles: Sequence[Article]) -> Iterator[str]:
    """Say what sliders and animations took to draw, and what a reader loads for them."""
    by_path = {article.path: article for article in articles} if executions else {}
    for execution in executions:
        for line, what, seconds in execution.effort:
            took = f"drawn in {seconds:.0f} s" if seconds >= 1 else "drawn in less than a second"
            yield f"{execution.job.path}:{line}: {what}, {took}"
        article = by_path.get(execution.job.path)
        if not execution.effort or article is None:
            continue
        moving = [name for path, name in article.drawings if path.suffix in {".js", ".webp"}]
        size = sum(len(gzip.compress(run.store.content(name))) for name in moving)
        files = "one file" if len(moving) == 1 else f"{len(moving)} files"
        yield f"{execution.job.path}: what moves in it takes {max(1, round(size / 1000))} kB, compressed, in {files}"


def _in_reading_order(run: Run) -> list[SiteError]:
    """Sort by file and line, and draw the excerpts that are still missing."""
    drawn = (error if error.excerpt else error.with_excerpt(run.text(error.location.path)) for error in run.errors)
    return sorted(dict.fromkeys(drawn), key=lambda error: error.location)
