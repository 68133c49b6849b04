"""Why each post of a blog would be read, run, set and rendered again, or not: plain sentences, and nothing is run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitegen.model import Formula, Output
from sitegen.pipeline.articles import article_key, recall_article
from sitegen.pipeline.compute import jobs_of
from sitegen.pipeline.files import make_renderer
from sitegen.pipeline.read import read_blog
from sitegen.pipeline.run import Options, Run
from sitegen.publishing.pages import make_pages
from sitegen.publishing.site import assemble
from sitegen.running.execute import execute, explain
from sitegen.typesetting.typeset import formula_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path, PurePosixPath

    from sitegen.errors import SiteError
    from sitegen.model import Article, Execution, Post
    from sitegen.pipeline.read import Blog
    from sitegen.store import Store


def explain_blog(root: Path, store: Store, options: Options) -> tuple[dict[PurePosixPath, list[str]], list[SiteError]]:
    """Return sentences about each post, by its path, and what is wrong with the sources."""
    run = Run(root, store, options)
    blog = read_blog(run)
    sentences: dict[PurePosixPath, list[str]] = {post.path: [] for post in blog.posts}
    for job in jobs_of(blog.posts):
        _, reasons = explain(job, root=root, variables=blog.config.variables, store=store)
        sentences[job.path] += [f"the program {'is ' * reason.startswith('reused')}{reason}" for reason in reasons]
    for post in blog.posts:
        sentences[post.path] += _formulas(post, store)
    known = _articles(run, blog)
    for path, reason in _pages(run, blog, known):
        sentences[path].append(f"the page is {reason}")
    return sentences, run.errors


def _formulas(post: Post, store: Store) -> Iterator[str]:
    keys = {formula_key(part) for part in post.body if isinstance(part, Formula)}
    if keys:
        new = len(keys) - len(store.recall_many("formula", keys))
        if new:
            yield f"{new} of {len(keys)} formulas are set: they were never seen before"
        else:
            yield f"the formulas are reused: all {len(keys)} have been set before"


def _articles(run: Run, blog: Blog) -> Mapping[PurePosixPath, Article | None]:
    """Return the article of each post, None where it would have to be woven anew."""
    outputs = _remembered_outputs(run, blog)
    found: dict[PurePosixPath, Article | None] = {}
    for post in blog.posts:
        if post.program.steps and post.path not in outputs:
            found[post.path] = None
        else:
            key = article_key(blog.keys[post.path], outputs.get(post.path), blog.cited.get(post.path), blog.config)
            found[post.path] = recall_article(run, key, post, blog.links)
    return found


def _remembered_outputs(run: Run, blog: Blog) -> dict[PurePosixPath, Output]:
    def on_done(execution: Execution) -> None:
        """Take no notice."""

    executions = execute(
        jobs_of(blog.posts),
        root=run.root,
        limits=blog.config.limits,
        variables=blog.config.variables,
        workers=1,
        store=run.store,
        never_run=True,
        on_done=on_done,
    )
    return {e.job.path: e.outcome for e in executions if isinstance(e.outcome, Output)}


def _pages(run: Run, blog: Blog, known: Mapping[PurePosixPath, Article | None]) -> Iterator[tuple[PurePosixPath, str]]:
    missing = [path for path, article in known.items() if article is None]
    if not missing:
        site = assemble(blog.config, [article for article in known.values() if article is not None])
        renderer = make_renderer(run, site, blog.assets)
        for page in make_pages(site):
            if page.article is not None:
                yield page.article.path, renderer.explain(page)[1]
        return
    yield from ((post.path, _unwoven(post, missing)) for post in blog.posts)


def _unwoven(post: Post, missing: Sequence[PurePosixPath]) -> str:
    if post.path in missing:
        return "made again because its text, its results or what its links lead to changed"
    others = f"{missing[0]} does" if len(missing) == 1 else f"{missing[0]} and {len(missing) - 1} more do"
    return f"made again if what the lists say of other posts changes, as it may because {others}"
