"""A build in a new process that begins with what an earlier one left, where nothing but the texts of a few posts changed since.

Only these are read, computed and woven, and only pages that show what became different are rendered, as again.py does it in
one process; what all other files of the site hold is known. What changed is told by sizes, times and inodes, as it is told that
nothing did. Whatever else changed, and every error, is a whole build, which leaves what the next one can begin with.
"""

from __future__ import annotations

import os
import sys
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, cast

from msgspec import Struct
from msgspec.structs import replace

from sitegen import unchanged
from sitegen.errors import SiteError
from sitegen.keys import digest, digest_of_code
from sitegen.model import Build, Output, Stored
from sitegen.pipeline.again import alike_outside, reweave
from sitegen.pipeline.articles import Weaving
from sitegen.pipeline.build import build_and_keep
from sitegen.pipeline.files import Rendering, begin_index, end_index, make_renderer, open_assets
from sitegen.pipeline.read import Blog, Body
from sitegen.pipeline.run import COUNTED, Run
from sitegen.publishing.fonts import asked_of_fonts
from sitegen.publishing.links import Links
from sitegen.publishing.seen import with_articles
from sitegen.store import ForgottenError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from sitegen.model import Beyond, Digest, Execution, FileContent, Page, Post
    from sitegen.pickling import Folded
    from sitegen.pipeline.articles import Wanted
    from sitegen.pipeline.build import Kept
    from sitegen.pipeline.run import Options
    from sitegen.publishing.search import Index
    from sitegen.publishing.seen import Seen
    from sitegen.publishing.site import Site
    from sitegen.store import Store
    from sitegen.unchanged import Look, Stat

    Conditions = tuple[tuple[Stat, ...], frozenset[str], Beyond, str, int]
    """When what a build left can be begun with. Its files as they were, paths of posts that no program reads, what it depends
    on besides, the digest of that, and when that was (ns since 1970): what no build uses is forgotten some day."""

DAY = 86_400_000_000_000  # nanoseconds
MOST = 20  # posts that changed: more are a whole build, which the next one can begin with
_STAGE = "left"
_OF_FONTS = {"signs", "classes", "letters"}
_OF_TEXT = {*_OF_FONTS, "body", "feed", "contents", "claims", "minutes", "has_math", "has_scales"}
"""What of an article may become different, and no file of the site but pages and the search index with it."""


class Left(Struct, frozen=True):
    """What a whole build leaves: its results, and what stages need of posts that stay as they are.

    keys: under which each post is remembered; the posts are without their bodies. shown, shared: as a Rendering has them.
    labels, wanted: as a Weaving has them. names to absent: as Links has them. files: of the site.
    """

    site: Site
    pages: tuple[Page, ...]
    shown: Mapping[str, Mapping[str, set[int]]]
    shared: Mapping[int, Seen]
    posts: tuple[Post, ...]
    keys: tuple[Digest, ...]
    labels: Mapping[PurePosixPath, Folded]
    wanted: Mapping[PurePosixPath, Wanted]
    names: Mapping[str, Sequence[PurePosixPath]]
    addresses: Collection[str]
    assets: Mapping[PurePosixPath, PurePosixPath]
    absent: Mapping[PurePosixPath, str]
    files: Mapping[PurePosixPath, FileContent]
    index: Index
    notes: tuple[str, ...]
    report: Mapping[str, object]


def build_or_resume(root: Path, store: Store, options: Options, look: Look | None) -> Build:
    """Return the site of the blog at `root` as a clean build gives it, with as little work as that takes.

    look: at everything that a build can see, from before anything was read; None: make a whole build.
    """
    result = resume(root, store, options, look) if look else None
    if result:
        return result
    result, kept = build_and_keep(root, store, options)
    if kept and look:
        leave(store, kept, result, look)
    return result


def leave(store: Store, kept: Kept, result: Build, look: Look) -> None:
    """Leave for later builds what this one knows."""
    beyond, blog, rendering = kept.beyond, kept.blog, kept.rendering
    outside = _outside(beyond, look)
    if kept.options.minify or not beyond.is_sure or not outside.is_settled(look.begun):
        return
    root = os.path.realpath(blog.links.root)
    names = frozenset(str(post.path) for post in blog.posts if f"{root}/{post.path}" not in beyond.paths)
    conditions: Conditions = (look.settled(), names, beyond, outside.digest, look.begun)
    left = Left(
        site=kept.site,
        pages=tuple(rendering.pages),
        shown=rendering.shown,
        shared=rendering.shared,
        posts=tuple(replace(post, body=()) for post in blog.posts),
        keys=tuple(cast("Body", post.body).key for post in blog.posts),
        labels=kept.weaving.labels,
        wanted=kept.weaving.wanted,
        names=blog.links.names,
        addresses=blog.links.addresses,
        assets=blog.links.assets,
        absent=blog.links.absent,
        files=result.files,
        index=rendering.index,
        notes=tuple(note for note in result.notes if note != store.note),  # which is of this build alone
        report=result.report,
    )
    store.remember(_STAGE, _key(look.asked, "conditions"), conditions)
    store.remember(_STAGE, _key(look.asked, "left"), left)


def resume(root: Path, store: Store, options: Options, look: Look) -> Build | None:
    """Return the site with what changed since an earlier build, begun with what that left; None where more changed than texts."""
    conditions = cast("Conditions | None", store.recall(_STAGE, _key(look.asked, "conditions")))
    if conditions is None:
        return None
    files, posts, beyond, outside, begun = conditions
    changed = {path.removeprefix(f"{root}/") for path in unchanged.differing(files, look)}
    is_due = beyond.due is not None and options.today.timestamp() >= beyond.due
    if len(changed) > MOST or not changed <= posts or is_due or not begun <= look.begun < begun + DAY:
        return None
    if _outside(beyond, look).digest != outside:
        return None
    left = cast("Left | None", store.recall(_STAGE, _key(look.asked, "left")))
    if left is None or not store.has(one.digest for one in left.files.values() if isinstance(one, Stored)):
        return None
    run = Run(root, store, options)
    try:
        return _resumed(run, left, changed, beyond)
    except (ForgottenError, SiteError, OSError):  # which the whole build meets, too, and tells of
        return None
    finally:
        run.end()


def _resumed(run: Run, left: Left, changed: Collection[str], beyond: Beyond) -> Build | None:
    blog = _blog(run, left)
    articles = {article.path: article for article in left.site.everything}
    old = [post for post in blog.posts if str(post.path) in changed]
    before = Weaving(labels=dict(left.labels), wanted=dict(left.wanted))
    rewoven = reweave(run, blog, articles, before, old, is_alike=_alike)
    if (
        rewoven is None
        or not rewoven.is_all
        or run.errors
        or not all(_OF_TEXT.issuperset(names) for names in rewoven.different.values())
        or not all(map(_says_nothing, rewoven.executions.values()))
    ):
        return None
    new = rewoven.weaving.articles
    site = with_articles(left.site, new)
    if any(_OF_FONTS.intersection(names) for names in rewoven.different.values()) and (
        asked_of_fonts(site.everything) != asked_of_fonts(articles.values())
    ):
        return None
    with run.stage("render"):
        renderer, assets, _ = make_renderer(run, left.site, blog.assets)
        shown = {path: {names: set(pages) for names, pages in asked.items()} for path, asked in left.shown.items()}
        rendering = Rendering(
            renderer, assets, assets, list(left.pages), [None] * len(left.pages), left.index, shown, dict(left.shared)
        )
        indexing = begin_index(run, site)
        numbers = rendering.render_again(site, new, rewoven.different)
        rendering.index = end_index(run, indexing)
        run.counts["pages rendered"] = len(numbers)
    if run.errors or rendering.shared != left.shared:  # a page asks for other style sheets than before
        return None
    run.store.commit()
    report = {**left.report, **dict.fromkeys(COUNTED, 0), "posts left out": left.report["posts left out"], **run.counts}
    seconds = {name: round(seconds, 4) for name, seconds in run.seconds.items()}
    report |= {"seconds": seconds, "unprotected": [], "programs": {}}
    return Build(_files(left, rendering, numbers), (), left.notes, report, beyond)


def _blog(run: Run, left: Left) -> Blog:
    posts = tuple(replace(post, body=Body(run.store, key)) for post, key in zip(left.posts, left.keys, strict=True))
    config = left.site.config
    is_shown = config.broken_links == "show"
    by_path = {post.path: post for post in posts}
    links = Links(run.root, by_path, left.names, left.addresses, left.assets, left.absent, is_shown)
    for path in left.absent:  # in which labels are looked for that no post has
        run.texts[str(path)] = (run.root / path).read_text(encoding="utf-8-sig", errors="replace")
    return Blog(config, open_assets(run.root), posts, {}, links, {})


def _alike(old: Post, new: Post) -> bool:
    """Whether nothing but the prose of a post is other."""
    return alike_outside(old, new) and (old.program, old.depends, old.notes) == (new.program, new.depends, new.notes)


def _says_nothing(execution: Execution) -> bool:
    """Whether what an author is told of a program is nothing, as it was when it ran."""
    return (
        execution.reused
        and not execution.effort
        and not (isinstance(execution.outcome, Output) and execution.outcome.notes)
    )


def _files(left: Left, rendering: Rendering, numbers: Sequence[int]) -> dict[PurePosixPath, FileContent]:
    """Return every file of the site: what was left, with other pages and another search index. numbers: of these pages."""
    files = rendering.with_pages(left.files, numbers)
    for path, _ in left.index:
        del files[PurePosixPath(path)]
    return files | {PurePosixPath(path): Stored(content) for path, content in rendering.index}


def _outside(beyond: Beyond, look: Look) -> Look:
    """Look at what a build depends on besides what a look sees in any case: files, and the names in folders but for editors'."""
    looked_at = {path for path, *_ in look.files}
    seen = beyond.paths & {path for path, *_, inode in look.files if not inode}
    folders = map(unchanged.of_editors, sorted(seen))
    return unchanged.beyond((beyond.paths - looked_at).union(*folders), beyond.variables)


def _key(asked: str, what: str) -> Digest:
    return digest(digest_of_code("pipeline/resume.py", "unchanged.py", "model.py"), asked, sys.version, what)
