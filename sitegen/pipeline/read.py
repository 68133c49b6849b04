"""A blog's folder -> Blog: its settings, posts and assets, and where a link may lead; each post read or recalled."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, cast, overload

from msgspec import Struct
from msgspec.structs import replace

from sitegen.config import FILE_NAME, OF_PAGES, Config, read_config
from sitegen.errors import Location, SiteError
from sitegen.keys import digest, digest_of_code, versions_of
from sitegen.pickling import folded
from sitegen.pipeline.cite import bibliographies
from sitegen.pipeline.files import open_assets
from sitegen.pipeline.made_by import READING, READING_PACKAGES
from sitegen.pipeline.named import missing_furniture, without_dead_entries
from sitegen.pipeline.namesakes import addresses_apart, moved_to, notes_of
from sitegen.pipeline.parallel import spread
from sitegen.publishing.addresses import page_path
from sitegen.publishing.links import Links, names_of
from sitegen.publishing.pages import addresses
from sitegen.reading.discover import discover, read_source
from sitegen.reading.history import find_head, last_changes
from sitegen.running.execute import expect_programs
from sitegen.store import ForgottenError
from sitegen.typesetting.katex import ToolError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path, PurePosixPath

    from sitegen.model import Bibliography, Digest, Fragment, Post, Source
    from sitegen.pickling import Folded
    from sitegen.pipeline.run import Options, Run
    from sitegen.publishing.assets import Assets
    from sitegen.store import Store

    _Read = tuple[Post | None, Folded, tuple[SiteError, ...]]
    """What is remembered of a source: the post without its fragments, these, and what is wrong."""

_UNREAD = {*OF_PAGES, "url", "cards", "search"} - {"title", "tagline", "description"}
"""Settings that reading a post does not see: not those that `{{ site.title }}` and its like show."""


class Body(Sequence["Fragment"]):
    """The fragments of a post that was read: taken out of what is remembered of it when somebody wants to see them.

    key: under which the post is remembered. known: what is, where it has been recalled.
    """

    def __init__(self, store: Store, key: Digest, known: Folded | None = None) -> None:
        self.key = key
        self._store = store
        self._known = known

    @cached_property
    def _fragments(self) -> tuple[Fragment, ...]:
        known = self._known
        if known is None:
            read = cast("_Read | None", self._store.recall("post", self.key))
            if read is None:
                raise ForgottenError(self.key)
            known = read[1]
        return cast("tuple[Fragment, ...]", known.opened())

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._fragments)

    @overload
    def __getitem__(self, place: int) -> Fragment: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Fragment, ...]: ...
    def __getitem__(self, place: int | slice) -> Fragment | tuple[Fragment, ...]:
        """Return one, or some."""
        return self._fragments[place]

    def __iter__(self) -> Iterator[Fragment]:
        """Go through all."""
        return iter(self._fragments)


_FOREIGN = ("_config.yml", "_quarto.yml", "config.toml", "hugo.toml", "hugo.yaml", "mkdocs.yml", "myst.yml")
"""Settings of Jekyll and Jupyter Book, Quarto, Hugo and Zola, MkDocs, and MyST."""


class Blog(Struct, frozen=True):
    """A blog that has been read: what every later stage starts from.

    keys: by path, all that reading a post could see. cited: by path, what a post cites, if it has a bibliography.
    due: when the next post that waits for its day is published, in seconds since 1970. notes: on the settings.
    """

    config: Config
    assets: Assets
    posts: tuple[Post, ...]
    keys: Mapping[PurePosixPath, Digest]
    links: Links
    cited: Mapping[PurePosixPath, Bibliography]
    due: float | None = None
    notes: tuple[str, ...] = ()


def read_blog(run: Run) -> Blog:
    """Read settings, sources and assets; what is wrong with them is noted in the run."""
    root = run.root
    config, errors = _settings(run)
    sources, more = discover(root)
    assets = open_assets(root, stable=run.options.stable)
    settings = _text(root / FILE_NAME)
    run.errors += [*errors, *more, *assets.errors, *missing_furniture(config, assets, settings)]
    keys = _noted(run, sources, config)
    parsed = _parsed(run, sources, keys, config)
    posts = tuple(post for post in parsed if post is not None and _is_wanted(post, run.options))
    run.counts["posts left out"] = sum(post is not None for post in parsed) - len(posts)
    unknown = ""
    if config.last_modified == "git":
        posts, unknown = _dated(run, posts, keys)
    apart = addresses_apart(posts)
    posts = moved_to(posts, apart, keys)
    run.errors += _shared_addresses(run, posts)
    by_path = {post.path: post for post in posts}
    absent = _absent(sources, parsed, posts)
    is_shown = config.broken_links == "show"
    links = Links(root, by_path, names_of(posts), addresses(posts, config), assets.paths, absent, is_shown)
    config, dead = without_dead_entries(config, links.addresses, settings)
    dates = [post.meta.date for post in parsed if post and post.meta.date and post.meta.date > run.options.today]
    due = min((date.timestamp() for date in dates), default=None)
    notes = [*(dead if settings else _foreign(root)), *([f"{FILE_NAME}: {unknown}"] if unknown else ())]
    cited, missing = bibliographies(run, posts, config)
    return Blog(config, assets, posts, keys, links, cited, due, (*notes, *notes_of(apart), *missing))


def read_again(run: Run, posts: Sequence[Post], blog: Blog) -> Blog | None:
    """Return some posts of a blog as they are now, alone; None where one is no post any more, or not one to publish."""
    sources = [source for post in posts if (source := read_source(run.root, post.path, post.kind, post.files))]
    keys = _noted(run, sources, blog.config)
    parsed = [post for post in _parsed(run, sources, keys, blog.config) if post and _is_wanted(post, run.options)]
    if len(parsed) < len(posts):
        return None
    found = _dated(run, parsed, keys)[0] if blog.config.last_modified == "git" else tuple(parsed)
    both = [(old, new) for old, new in zip(posts, found, strict=True) if old.address != new.address]
    apart = {new.path: old.address for old, new in both if old.meta == replace(new.meta, updated=old.meta.updated)}
    return replace(blog, posts=moved_to(found, apart, keys), keys=keys)


def _settings(run: Run) -> tuple[Config, list[SiteError]]:
    path = run.root / FILE_NAME
    if not os.path.lexists(path) and (other := _misnamed(run.root)):
        return Config(), [SiteError("the settings are read from `site.yml`", Location(other), "give it that name")]
    try:
        text = path.read_bytes() if path.is_file() else b""
    except OSError:
        return read_config(run.root, run.options.url)
    key = digest(
        digest_of_code("config.py", "furniture.py", "fields.py", "errors.py", "words.py"),
        versions_of("pyyaml", "tzdata"),
        run.options.url,
        text,
    )
    known = run.store.recall("settings", key) if text else None
    if known is not None:
        return cast("Config", known), []
    config, errors = read_config(run.root, run.options.url)
    if not errors:
        run.store.remember("settings", key, config)
    return config, errors


def _foreign(root: Path) -> Iterator[str]:
    """Yield a note for each file of settings of another program in a blog that has none of its own."""
    for name in _FOREIGN:
        if (root / name).is_file():
            yield f"{name}: is not read; the settings of the blog are those of `{FILE_NAME}`, as docs/moving.md tells"


def _misnamed(root: Path) -> str:
    """Return the name of a file that was meant for the settings, "" where there is none."""
    with suppress(OSError):
        return next((path.name for path in root.iterdir() if path.name.lower() in {FILE_NAME, "site.yaml"}), "")
    return ""


def _parsed(
    run: Run, sources: Sequence[Source], keys: Mapping[PurePosixPath, Digest], config: Config
) -> list[Post | None]:
    """Read every source, or recall how it was read; None for those that are no posts."""
    known = run.store.recall_many("post", keys.values())
    run.counts["posts reused"] += len(known)
    new = [source for source in sources if keys[source.path] not in known]
    if new:
        if not run.options.never_run:
            expect_programs(new, run.store)
            if config.search and run.options.final:
                with suppress(ToolError):  # which is told where an index is made
                    run.indexing()
        from sitegen.reading.parse import parse  # noqa: PLC0415 - 100 ms that a build without changes does not spend

        def read(batches: Iterable[Sequence[Source]]) -> None:
            for source in chain.from_iterable(batches):
                post, errors = parse(source, config)
                body = folded(post.body if post else ())
                run.store.remember("post", keys[source.path], (post and replace(post, body=()), body, errors))

        spread(run.store, read, new, run.options.workers)
        known |= run.store.recall_many("post", [keys[source.path] for source in new])
    posts = []
    for source in sources:
        post, body, errors = cast("_Read", known[keys[source.path]])
        run.errors += errors
        posts.append(post and replace(post, body=Body(run.store, keys[source.path], body)))
    return posts


def _dated(run: Run, posts: Sequence[Post], keys: dict[PurePosixPath, Digest]) -> tuple[tuple[Post, ...], str]:
    """Return the posts with the day of their last change in git, where that is later than their own date; and why not.

    What the header says stands. The history is read once for each commit; a date that comes from it is in the post's key.
    """
    head, unknown = find_head(run.root)
    if not head:
        return tuple(posts), unknown
    key = digest(digest_of_code("reading/history.py"), head)
    changes = cast("Mapping[str, str] | None", run.store.recall("history", key))
    if changes is None:
        changes = last_changes(run.root)
        if changes:
            run.store.remember("history", key, changes)
    dated = []
    for post in posts:
        written = changes.get(str(post.path), "")
        if written and post.meta.updated is None:
            moment = datetime.fromisoformat(written)
            if post.meta.date is None or moment.date() > post.meta.date.astimezone(moment.tzinfo).date():
                post = replace(post, meta=replace(post.meta, updated=moment))  # noqa: PLW2901 - the same post, dated
                keys[post.path] = digest(keys[post.path], written)
        dated.append(post)
    return tuple(dated), ""


def _noted(run: Run, sources: Sequence[Source], config: Config) -> dict[PurePosixPath, Digest]:
    """Note the texts of sources, for excerpts, and return the names of all that reading each could see."""
    run.texts.update((str(path), text) for source in sources for path, text in source.parts)
    run.texts.update((str(source.path), _decoded(source)) for source in sources)
    alike = digest(
        digest_of_code(*READING),
        versions_of(*READING_PACKAGES),
        repr([(name, getattr(config, name)) for name in config.__struct_fields__ if name not in _UNREAD]),
    )
    return {
        source.path: digest(alike, repr((source.path, source.kind, source.files, source.parts)), source.content)
        for source in sources
    }


def _is_wanted(post: Post, options: Options) -> bool:
    if post.meta.draft and not options.drafts:
        return False
    return options.future or post.meta.date is None or post.meta.date <= options.today


def _shared_addresses(run: Run, posts: Sequence[Post]) -> list[SiteError]:
    first: dict[PurePosixPath, Post] = {}
    errors = []
    for post in posts:
        other = first.setdefault(page_path(post.address), post)
        if other is not post:
            message = f"this post has the address {post.address}, and so has {other.path}"
            key = "permalink" if post.meta.permalink else "slug"
            place = run.said_at(str(post.path), page_path(post.address))
            errors.append(SiteError(message, place, f"give one of them another `{key}:`"))
    return errors


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


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig") if path.is_file() else ""
    except (OSError, UnicodeDecodeError):  # which is told where the settings are read
        return ""


def _decoded(source: Source) -> str:
    return source.content.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")
