"""Site -> every file of it: pages rendered or recalled, and the files beside them, each at an address of its own."""

from __future__ import annotations

import os
from contextlib import contextmanager
from functools import partial
from itertools import chain
from operator import itemgetter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, cast

from msgspec import Struct

from sitegen.config import FILE_NAME
from sitegen.errors import Location, SiteError
from sitegen.keys import digest, digest_of_code
from sitegen.model import CopyOf, Stored
from sitegen.pipeline.parallel import WORTH, spread
from sitegen.pipeline.pictures import draw_pictures
from sitegen.project import NODE_MODULES, PROJECT
from sitegen.publishing.assets import Assets, files_below
from sitegen.publishing.fonts import FontCutter
from sitegen.publishing.pages import make_pages
from sitegen.publishing.png import is_to_be_drawn
from sitegen.publishing.related import announced, related
from sitegen.publishing.render import MAKING, Renderer
from sitegen.publishing.search import Indexing
from sitegen.publishing.seen import SHARED, with_articles
from sitegen.publishing.write import MANIFEST
from sitegen.reading.discover import no_file
from sitegen.typesetting.katex import ToolError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from sitegen.model import Article, Digest, FileContent, Page
    from sitegen.pipeline.run import Run
    from sitegen.publishing.search import Index
    from sitegen.publishing.seen import Seen
    from sitegen.publishing.site import Site

_KEPT = {".git", MANIFEST}  # in the folder of a site: git's, and the list of what is ours
LONGEST_NAME = 255  # bytes: of a file, wherever the site will stand


def open_assets(root: Path, cutter: FontCutter | None = None, *, stable: bool = False) -> Assets:
    """Return the theme's assets with the blog's over them."""
    return Assets(list(dict.fromkeys([PROJECT, root])), NODE_MODULES, cutter, stable=stable)


def make_renderer(
    run: Run, site: Site, assets: Assets, written: Site | None = None
) -> tuple[Renderer, Assets, FontCutter | None]:
    """Return what renders the pages of a site, the blog's templates before the theme's, and the assets for readers.

    The fonts among these are still to be cut, by the third. written: the site whose signs they have, where it is another.
    """
    folders = [folder / "templates" for folder in dict.fromkeys([run.root, PROJECT])]
    folders = [folder for folder in folders if folder.is_dir()]
    run.errors += _no_templates(run.root, folders)
    cutter = FontCutter(written or site, folders, run.store) if run.options.final else None
    if cutter:
        assets = open_assets(run.root, cutter)
    return Renderer(folders, site, assets, run.store), assets, cutter


def _no_templates(root: Path, folders: Sequence[Path]) -> Iterator[SiteError]:
    """Yield an error for what stands in the place of a template of the blog's and is no file: the theme's would be taken."""
    names = (path.relative_to(folder) for folder in folders for path in files_below(folder))
    for name in dict.fromkeys(names):
        path = root / "templates" / name
        if os.path.lexists(path) and not path.is_file() and not name.name.startswith("."):
            yield no_file(PurePosixPath("templates", name.as_posix()), path)


def pages_of(run: Run, site: Site) -> list[Page]:
    """Return every page of a site; which posts are alike is found anew when one of them announces something else."""
    posts = site.articles
    key = digest(digest_of_code("publishing/related.py"), repr([announced(post) for post in posts]))
    alike = cast("Mapping[str, tuple[str, ...]] | None", run.store.recall("related", key))
    if alike is None:
        alike = related(posts)
        run.store.remember("related", key, alike)
    return make_pages(site, alike)


class Rendering(Struct):
    """The pages of a site with what made them. Note: mutable; `render_again` brings it up to date.

    contents: the digest of each page, None where its template is wrong. shown: by path of an article and attributes, with spaces
    between them, the numbers of the pages whose template asked for these. shared: by the number of a page what it saw that others
    may have seen, its assets among it. assets: what templates ask, and have ever asked;
    bare: as these were before any asked. asked, published: what pages asked for when assets were published last, and these.
    """

    renderer: Renderer
    assets: Assets
    bare: Assets
    pages: list[Page]
    contents: list[Digest | None]
    index: Index = ()
    shown: dict[str, dict[str, set[int]]] = {}
    shared: dict[int, Seen] = {}
    asked: set[Seen] = set()
    published: Assets | None = None

    def publish(self) -> Assets:
        """Return assets of which those are published that pages ask for now, and none that they did before."""
        asked = set(self.shared.values())
        if self.published is None or asked != self.asked:
            self.asked, self.published = asked, self.bare.apart()
            self.renderer.publish(sorted(asked), self.published)
        return self.published

    def note(self, number: int, content: Digest, seen: Iterable[Seen]) -> None:
        """Note what a page is now, and what it shows."""
        self.contents[number] = content
        for one in seen:
            if one[0] == SHARED:
                self.shared[number] = one
            elif one[0] == "article":
                path, _, names = one[1].partition("\n")
                self.shown.setdefault(path, {}).setdefault(names, set()).add(number)

    def render_again(
        self, site: Site, articles: Mapping[PurePosixPath, Article], different: Mapping[PurePosixPath, Iterable[str]]
    ) -> list[int]:
        """Render the pages that show what is different, by attributes of articles; return their numbers. Raises SiteError."""
        self.renderer.update(site, [articles[path] for path in different])
        numbers: set[int] = set()
        for path, changed in different.items():
            for names, pages in self.shown.get(str(path), {}).items():
                if not set(changed).isdisjoint(names.split()):
                    numbers |= pages
        for number in sorted(numbers):
            page = self.pages[number] = with_articles(self.pages[number], articles)
            self.note(number, *self.renderer.render(page))
        return sorted(numbers)

    def with_pages(
        self, files: Mapping[PurePosixPath, FileContent], numbers: Iterable[int]
    ) -> dict[PurePosixPath, FileContent]:
        """Return the files of a site with some pages as they are now."""
        made = {self.pages[number].path: Stored(content) for number in numbers if (content := self.contents[number])}
        return {**files, **made}


def render(run: Run, site: Site, assets: Assets) -> Rendering:
    """Render every page, or recall it, while the search index is made; what is wrong with templates is noted in the run."""
    indexing = begin_index(run, site)
    rendering = _rendering(run, site, assets)
    rendering.index = end_index(run, indexing)
    return rendering


def end_index(run: Run, indexing: Indexing | None) -> Index:
    """Return the search index that was begun, when it is made; none where none is wanted, or something is wrong."""
    if indexing and not run.errors:
        with run.stage("search"), _noting_missing_tools(run):
            run.counts["search indexes made"] = int(indexing.is_new)
            return indexing.index()
    return ()


def _rendering(run: Run, site: Site, assets: Assets) -> Rendering:
    renderer, assets, cutter = make_renderer(run, site, assets)
    pages = pages_of(run, site)
    rendering = Rendering(renderer, assets, assets.apart(), pages, [None] * len(pages))
    new = []
    renderer.recall_traces(pages)
    for number, page in enumerate(pages):
        known = renderer.recall(page)
        if known is None:
            new.append(number)
        else:
            rendering.note(number, *known)
    run.counts["pages rendered"] = len(new)
    run.counts["pages reused"] = len(pages) - len(new)
    _render_new(run, rendering, new)
    if cutter:
        with run.stage("fonts"):
            assets = rendering.publish()
            spread(run.store, partial(_cut, cutter), cutter.missing(), run.options.workers, worth=2, at_once=1)
            assets.files |= {path: Stored(cutter.made(name) or "") for path, name in assets.cut.items()}
    return rendering


def _cut(cutter: FontCutter, batches: Iterable[Sequence[Digest]]) -> None:
    cutter.cut(chain.from_iterable(batches))


def _render_new(run: Run, rendering: Rendering, new: Sequence[int]) -> None:
    """Render pages that are not remembered, many of them in several processes."""
    renderer, pages = rendering.renderer, rendering.pages

    def render_some(batches: Iterable[Sequence[int]]) -> list[tuple[int, Digest | SiteError, tuple[Seen, ...]]]:
        found: list[tuple[int, Digest | SiteError, tuple[Seen, ...]]] = []
        for number in chain.from_iterable(batches):
            try:
                found.append((number, *renderer.render(pages[number])))
            except SiteError as error:
                found.append((number, error, ()))
            if renderer.is_stuck:  # each of the others would take as long
                break
        return found

    if len(new) >= WORTH:
        renderer.prepare()
    done = [one for some in spread(run.store, render_some, new, run.options.workers) for one in some]
    done.sort(key=itemgetter(0))
    run.errors += _once([content for _, content, _ in done if isinstance(content, SiteError)])
    for number, content, seen in done:
        if isinstance(content, SiteError):
            continue
        rendering.note(number, content, seen)


def _once(errors: Sequence[SiteError]) -> list[SiteError]:
    """Return the errors of templates, each once, however many pages it stands in the way of."""
    alike: dict[tuple[Location, str], list[SiteError]] = {}
    for error in errors:
        alike.setdefault((error.location, error.message.partition(MAKING)[0]), []).append(error)
    told = []
    for first, *others in alike.values():
        more = f" and {len(others)} more pages)" if len(others) > 1 else " and 1 more page)"
        message = first.message.removesuffix(")") + more if others and MAKING in first.message else first.message
        told.append(SiteError(message, first.location, first.hint, detail=first.detail, excerpt=first.excerpt))
    return told


def gather(run: Run, site: Site, rendering: Rendering) -> dict[PurePosixPath, FileContent]:
    """Return every file of the site; two things at one address are an error."""
    files: dict[PurePosixPath, FileContent] = {}
    owners: dict[PurePosixPath, str] = {}

    def add(path: PurePosixPath, content: FileContent, owner: str) -> None:
        is_outside = ".." in path.parts or path.is_absolute()
        if is_outside or path.parts[0] in _KEPT:
            what = "leads out of the site" if is_outside else "is kept for git and the build"
            message = f"the address `/{path}` {what}"
            run.errors.append(SiteError(message, run.said_at(owner, path), "change the slug, permalink or alias"))
            return
        if path in files and files[path] != content:
            message = f"two things have the address `/{path}`: this and {owners[path]}"
            place = run.said_at(owner, path)
            run.errors.append(SiteError(message, place, "change the slug, permalink or alias of one"))
        files[path] = content
        owners[path] = owner

    written_at = {article.url: str(article.path) for article in site.everything}
    for page, name in zip(rendering.pages, rendering.contents, strict=True):
        if name:  # an old address is that of the post it leads to
            owner = str(page.article.path) if page.article else f"templates/{page.template}"
            add(page.path, Stored(name), written_at.get(str(page.values.get("target")), owner))
    for article in site.everything:
        for path, source in article.files:
            add(path, CopyOf(run.root / source), str(source))
        for path, name in article.drawings:
            if not is_to_be_drawn(path):
                add(path, Stored(name), str(article.path))
    for path, name, owner in draw_pictures(run, site, rendering.pages) if run.options.final else ():
        add(path, Stored(name), owner)
    for path, content in rendering.publish().files.items():
        add(path, content, str(path))
    for place, name in rendering.index:
        add(PurePosixPath(place), Stored(name), "the search index")
    add(PurePosixPath(".nojekyll"), b"", ".nojekyll")
    if site.config.domain:
        add(PurePosixPath("CNAME"), f"{site.config.domain}\n".encode(), FILE_NAME)
    run.errors += _files_that_are_folders(run, owners)
    run.errors += _long_names(run, rendering.pages, owners)
    return files


def _long_names(run: Run, pages: Iterable[Page], owners: Mapping[PurePosixPath, str]) -> Iterator[SiteError]:
    """Yield an error for each name in an address that no file can have."""
    told = set[str]()
    for page in pages:
        for name in page.path.parts if 4 * len(str(page.path)) > LONGEST_NAME else ():  # a sign has up to four bytes
            if len(name.encode()) > LONGEST_NAME and name not in told:
                told.add(name)
                article = page.article or next(iter(page.articles), None)
                before = page.url.partition(name)[0]
                message = f"the address {before}{name[:30]}… has a name of more than {LONGEST_NAME} bytes"
                place = str(article.path) if article else owners.get(page.path, f"templates/{page.template}")
                hint = "make the slug, permalink, alias, tag or series shorter"
                yield SiteError(message, run.said_at(place, page.path), hint)


def _files_that_are_folders(run: Run, owners: Mapping[PurePosixPath, str]) -> Iterator[SiteError]:
    """Yield an error for each file of the site that would have to be a folder for others, too."""
    folders: dict[str, PurePosixPath] = {}
    for path in owners:
        name = str(path)
        while (end := name.rfind("/")) > 0 and name[:end] not in folders:
            name = name[:end]
            folders[name] = path
    for path, owner in owners.items():
        if inner := folders.get(str(path)):
            message = f"its address lies within `/{path}`, which is a file: that of {owner}"
            yield SiteError(message, run.said_at(owners[inner], inner), "change the slug, permalink or alias")


def begin_index(run: Run, site: Site) -> Indexing | None:
    """Let the search index be made meanwhile, where one is wanted and nothing is wrong."""
    if site.config.search and not run.errors:
        with _noting_missing_tools(run):
            articles = (*site.articles, *site.pages)
            return Indexing(articles, site.config.lang, run.store, run.indexing if run.options.final else None)
    return None


@contextmanager
def _noting_missing_tools(run: Run) -> Iterator[None]:
    try:
        yield
    except ToolError as error:
        run.errors.append(error)
