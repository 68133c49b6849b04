"""build(): the stages, from a blog's folder to every file of its site, as one expression that can be read."""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, cast

from sitegen.config import FILE_NAME, read_config
from sitegen.errors import Location, SiteError, excerpt
from sitegen.model import Build, CopyOf, Failure, Job, Output, Stored
from sitegen.publishing.assets import Assets
from sitegen.publishing.links import Links, broken_links, page_path
from sitegen.publishing.pages import addresses, make_pages
from sitegen.publishing.programs import modules_of
from sitegen.publishing.render import Renderer
from sitegen.publishing.site import assemble
from sitegen.reading.discover import discover
from sitegen.running.execute import execute
from sitegen.store import digest, digest_of_code, versions_of
from sitegen.typesetting.katex import PROJECT, Katex, ToolMissingError, katex_version
from sitegen.typesetting.typeset import formula_error, typeset

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from sitegen.config import Config
    from sitegen.model import Article, Digest, Execution, FileContent, Formula, Link, Post, Source, Target
    from sitegen.publishing.site import Site
    from sitegen.publishing.weave import Unfolded
    from sitegen.store import Store

    _Woven = tuple[Article, tuple[tuple[Link, Target], ...], int, tuple[tuple[str, Digest], ...]]
    """What is remembered of a post: article, where its links led, its formulas, the modules inside its program."""


def _say_nothing(stage: str, done: int, total: int) -> None:
    """Take no notice of progress."""
    del stage, done, total


@dataclass(frozen=True, slots=True)
class Options:
    """What a build is asked for, beyond the blog's own settings.

    today: posts dated later are left out. twice: run every program two times and compare. never_run: run none.
    """

    drafts: bool = False
    future: bool = False
    workers: int = 1
    url: str = ""
    twice: bool = False
    never_run: bool = False
    today: datetime = field(default_factory=lambda: datetime.now(UTC))
    progress: Callable[[str, int, int], None] = _say_nothing


@dataclass(slots=True)
class Run:
    """One build while it goes on. Note: mutable; counts, seconds and errors grow."""

    root: Path
    store: Store
    options: Options
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    errors: list[SiteError] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    keys: dict[PurePosixPath, Digest] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure a stage."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] += time.perf_counter() - start

    def text(self, path: str) -> str:
        """Return a source as text, for excerpts."""
        return self.texts.get(path, "")

    def settings(self) -> tuple[Config, list[SiteError]]:
        """Read the settings, or recall how they were read; a blog without any has the project's own."""
        folder = self.root if (self.root / FILE_NAME).exists() else PROJECT
        path = folder / FILE_NAME
        text = path.read_bytes() if path.exists() else b""
        key = digest(
            digest_of_code("config.py", "fields.py", "errors.py"),
            versions_of("pyyaml", "tzdata"),
            self.options.url,
            text,
        )
        known = self.store.recall("settings", key)
        if known is not None:
            return cast("Config", known), []
        config, errors = read_config(folder, self.options.url)
        if not errors:
            self.store.remember("settings", key, config)
        return config, errors

    def parse(self, source: Source, config: Config) -> Post | None:
        """Read a source, or recall how it was read."""
        key = self.keys[source.path] = _parse_key(source, config)
        known = self.store.recall("post", key)
        if known is None:
            from sitegen.reading.parse import parse  # noqa: PLC0415 - 100 ms that a build without changes does not spend

            known = parse(source, config)
            self.store.remember("post", key, known)
        else:
            self.counts["posts reused"] += 1
        post, errors = cast("tuple[Post | None, tuple[SiteError, ...]]", known)
        self.errors += errors
        return post

    def execute(self, posts: Sequence[Post], config: Config) -> list[Execution]:
        """Run or reuse the program of every post that has one."""
        jobs = jobs_of(posts)
        done: list[Execution] = []

        def on_done(execution: Execution) -> None:
            done.append(execution)
            self.options.progress("run", len(done), len(jobs))

        executions = execute(
            jobs,
            root=self.root,
            limits=config.limits,
            variables=config.variables,
            workers=self.options.workers,
            store=self.store,
            twice=self.options.twice,
            never_run=self.options.never_run,
            on_done=on_done,
        )
        self.counts["programs run"] = sum(not e.reused and not _was_not_run(e) for e in executions)
        self.counts["programs reused"] = sum(e.reused for e in executions)
        return executions

    def weave(
        self, posts: Sequence[Post], outputs: Mapping[PurePosixPath, Output], links: Links, config: Config
    ) -> list[Article]:
        """Fill the holes of every post, or recall the article when nothing that it can see has changed."""
        articles: dict[PurePosixPath, Article] = {}
        waiting: dict[PurePosixPath, Digest] = {}
        with self.stage("recall"):
            for post in posts:
                key = article_key(self.keys[post.path], outputs.get(post.path), config)
                article = self.recall_article(key, post, links)
                if article is None:
                    waiting[post.path] = key
                else:
                    articles[post.path] = article
        if waiting:
            self._weave_anew(
                [post for post in posts if post.path in waiting], outputs, links, config, waiting, articles
            )
        return [articles[post.path] for post in posts if post.path in articles]

    def recall_article(self, key: Digest, post: Post, links: Links) -> Article | None:
        """Return the article of a post, if it is known for this key and all its links lead where they led."""
        known = self.store.recall("article", key)
        if known is None:
            return None
        article, targets, formulas, modules = cast("_Woven", known)
        contents = (article.body, article.feed, *(name for _, name in article.drawings))
        if not self.store.has(contents) or any(links.resolve(link, post) != target for link, target in targets):
            return None
        if article.programs and modules_of(post, self.root) != modules:
            return None
        self.counts["formulas reused"] += formulas
        return article

    def _weave_anew(  # noqa: PLR0917 - what `weave` has at hand
        self,
        posts: Sequence[Post],
        outputs: Mapping[PurePosixPath, Output],
        links: Links,
        config: Config,
        keys: Mapping[PurePosixPath, Digest],
        articles: dict[PurePosixPath, Article],
    ) -> None:
        from sitegen.publishing.weave import unfold, weave  # noqa: PLC0415 - only where something is woven

        with self.stage("typeset"):
            unfolded = {post.path: unfold(post, outputs.get(post.path), self.store, config) for post in posts}
            self.errors += [error for found in unfolded.values() for error in found.errors]
            html = self._typeset(list(unfolded.values()))
        bad = {error.location.path for error in self.errors}
        with self.stage("weave"):
            for post in posts:
                found = unfolded[post.path]
                if str(post.path) in bad:  # its own errors are told; those of its links are still missing
                    self.errors += broken_links(found.body, post, links)
                    continue
                article, targets, errors = weave(found, html, links, self.store, config.url)
                self.errors += errors
                if article is None:
                    continue
                articles[post.path] = article
                if post.path in outputs or not post.program.steps:
                    count = sum(1 for _ in found.formulas())
                    modules = modules_of(post, self.root) if article.programs else ()
                    self.store.remember("article", keys[post.path], (article, targets, count, modules))

    def _typeset(self, unfolded: Sequence[Unfolded]) -> Mapping[Digest, str]:
        formulas: list[Formula] = [formula for found in unfolded for formula in found.formulas()]
        try:
            with Katex() as katex:
                result = typeset(formulas, self.store, katex)
                self.counts["node started"] = katex.started
        except ToolMissingError as error:
            self.errors.append(SiteError(str(error), Location("node_modules/katex")))
            return {}
        self.counts["formulas set"] += result.set
        self.counts["formulas reused"] += len(formulas) - result.set
        self.errors += [
            formula_error(formula, position, message, self.text(formula.location.path))
            for formula, position, message in result.problems
        ]
        return result.html

    def renderer(self, site: Site, assets: Assets) -> Renderer:
        """Return what renders the pages of a site: the blog's templates before the theme's."""
        folders = [folder / "templates" for folder in dict.fromkeys([self.root, PROJECT])]
        return Renderer([folder for folder in folders if folder.is_dir()], site, assets, self.store)

    def render(self, site: Site, assets: Assets) -> dict[PurePosixPath, FileContent]:
        """Render every page and gather the files beside them; two things at one address are an error."""
        renderer = self.renderer(site, assets)
        files: dict[PurePosixPath, FileContent] = {}
        owners: dict[PurePosixPath, str] = {}

        def add(path: PurePosixPath, content: FileContent, owner: str) -> None:
            if path in files and files[path] != content:
                message = f"two things have the address `/{path}`: this and {owners[path]}"
                self.errors.append(SiteError(message, Location(owner), "change the slug, permalink or alias of one"))
            files[path] = content
            owners[path] = owner

        for page in make_pages(site):
            try:
                owner = str(page.article.path) if page.article else f"templates/{page.template}"
                add(page.path, Stored(renderer.render(page)), owner)
            except SiteError as error:
                self.errors.append(error)
        for article in (*site.articles, *site.pages):
            for path, source in article.files:
                add(path, CopyOf(self.root / source), str(source))
            for path, name in article.drawings:
                add(path, Stored(name), str(article.path))
        for path, content in assets.files.items():
            add(path, content, str(path))
        add(PurePosixPath(".nojekyll"), b"", ".nojekyll")
        if site.config.domain:
            add(PurePosixPath("CNAME"), f"{site.config.domain}\n".encode(), FILE_NAME)
        self.counts["pages rendered"] = renderer.rendered
        self.counts["pages reused"] = renderer.reused
        return files


@dataclass(frozen=True, slots=True)
class Blog:
    """A blog that has been read: what every later stage starts from."""

    config: Config
    assets: Assets
    posts: tuple[Post, ...]
    links: Links


def read_blog(run: Run) -> Blog:
    """Read settings, sources and assets; what is wrong with them is noted in the run."""
    root = run.root
    config, errors = run.settings()
    sources, more = discover(root)
    assets = Assets([PROJECT] if root == PROJECT else [PROJECT, root], PROJECT / "node_modules")
    run.errors += [*errors, *more, *assets.errors]
    run.texts.update((str(source.path), _decoded(source)) for source in sources)
    parsed = [run.parse(source, config) for source in sources]
    posts = tuple(post for post in parsed if post is not None and _is_wanted(post, run.options))
    run.errors += _shared_addresses(posts)
    by_path = {post.path: post for post in posts}
    links = Links(root, by_path, addresses(posts, config), assets.paths, _absent(sources, parsed, posts))
    return Blog(config, assets, posts, links)


def build(root: Path, store: Store, options: Options | None = None) -> Build:
    """Return the site of the blog at `root`, or everything that stands in its way. Writes nothing but the store."""
    run = Run(root, store, options or Options())
    with run.stage("read"):
        blog = read_blog(run)
    with run.stage("run"):
        executions = run.execute(blog.posts, blog.config)
        failed = ((e.job, e.outcome) for e in executions if isinstance(e.outcome, Failure))
        run.errors += [_failure(job, failure, run) for job, failure in failed if not failure.not_run]
        outputs = {e.job.path: e.outcome for e in executions if isinstance(e.outcome, Output)}
    articles = run.weave(blog.posts, outputs, blog.links, blog.config)
    files: dict[PurePosixPath, FileContent] = {}
    if not run.errors:
        with run.stage("render"):
            files = run.render(assemble(blog.config, articles), blog.assets)
    store.commit()
    return Build(
        files={} if run.errors else files,
        errors=tuple(_in_reading_order(run)),
        notes=tuple(_notes(blog.posts, executions, store)),
        report={
            "posts": sum(post.kind == "post" for post in blog.posts),
            "pages": sum(post.kind == "page" for post in blog.posts),
            "files": len(files),
            **run.counts,
            "seconds": {name: round(seconds, 4) for name, seconds in run.seconds.items()},
            "unprotected": _unprotected(executions),
            "programs": {str(e.job.path): list(e.reasons) for e in executions},
        },
    )


def jobs_of(posts: Sequence[Post]) -> list[Job]:
    """Return the program of every post that has one."""
    return [Job(post.path, post.program, post.steps, post.freeze) for post in posts if post.program.steps]


def _parse_key(source: Source, config: Config) -> Digest:
    return digest(
        digest_of_code("reading", "model.py", "errors.py", "fields.py", "config.py"),
        versions_of("markdown-it-py", "mdit-py-plugins", "pygments", "pyyaml", "tzdata"),
        repr(replace(config, title="", tagline="", description="", url="", navigation=(), links=())),
        repr((source.path, source.kind, source.files)),
        source.content,
    )


def _is_wanted(post: Post, options: Options) -> bool:
    if post.meta.draft and not options.drafts:
        return False
    return options.future or post.meta.date is None or post.meta.date <= options.today


def article_key(parsed: Digest, output: Output | None, config: Config) -> Digest:
    """Return the name of all that an article can see, its links and modules apart."""
    return digest(
        digest_of_code("publishing", "typesetting", "model.py"),
        digest_of_code("running/palette.py"),
        katex_version(),
        versions_of("numpy", "matplotlib"),
        sys.version,
        config.url,
        parsed,
        repr(output),
    )


def _shared_addresses(posts: Sequence[Post]) -> list[SiteError]:
    first: dict[PurePosixPath, Post] = {}
    errors = []
    for post in posts:
        other = first.setdefault(page_path(post.address), post)
        if other is not post:
            message = f"this post has the address {post.address}, and so has {other.path}"
            errors.append(SiteError(message, Location(str(post.path), 1), "give one of them another `slug:`"))
    return errors


def _failure(job: Job, failure: Failure, run: Run) -> SiteError:
    """Return a failed program's error, at the line of the post where it happened."""
    path = str(job.path)
    if 0 <= failure.step < len(job.steps):
        place = job.steps[failure.step]
        is_value = job.program.steps[failure.step].kind == "value"
        column = place.column if is_value else 0
        location = Location(path, place.line + (max(failure.line, 1) - 1) * (not is_value), column)
    else:
        location = job.steps[0] if job.steps else Location(path)
    hint = f"`{failure.limit}` in site.yml allows more" if failure.limit else failure.hint
    drawn = excerpt(run.text(path), location, around=2)
    return SiteError(failure.message, location, hint, detail=failure.traceback, excerpt=drawn)


def _absent(
    sources: Sequence[Source], parsed: Sequence[Post | None], posts: Sequence[Post]
) -> dict[PurePosixPath, str]:
    """Return the sources that make no page, and why, for whoever links to one."""
    wanted = {post.path for post in posts}
    reasons = {}
    for source, post in zip(sources, parsed, strict=True):
        if post is None:
            reasons[source.path] = ""
        elif post.path not in wanted:
            reasons[source.path] = "a draft, which this build leaves out" if post.meta.draft else "dated in the future"
    return reasons


def _unprotected(executions: Sequence[Execution]) -> list[str]:
    """Return which protections this machine cannot give to the programs that ran, in sentences."""
    if all(execution.reused or _was_not_run(execution) for execution in executions):
        return []
    from sitegen.running.sandbox import describe  # noqa: PLC0415 - only where something ran

    return list(describe())


def _was_not_run(execution: Execution) -> bool:
    return isinstance(execution.outcome, Failure) and execution.outcome.not_run


def _notes(posts: Sequence[Post], executions: Sequence[Execution], store: Store) -> Iterator[str]:
    if store.note:
        yield store.note
    for execution in executions:
        if _was_not_run(execution):
            yield f"{execution.job.path}: was not run, and nothing that holds is remembered; its page says so"
        elif isinstance(execution.outcome, Output):
            yield from (f"{execution.job.path}: {note}" for note in execution.outcome.notes)
    for post in posts:
        if post.kind == "post" and post.meta.date is None:
            yield f"{post.path}: has no date, so it stands last in the lists and not in the feed"


def _decoded(source: Source) -> str:
    return source.content.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")


def _in_reading_order(run: Run) -> list[SiteError]:
    """Sort by file and line, and draw the excerpts that are still missing."""
    drawn = (error if error.excerpt else error.with_excerpt(run.text(error.location.path)) for error in run.errors)
    return sorted(dict.fromkeys(drawn), key=lambda error: error.location)
