"""Site -> every file of it: pages rendered or recalled, and the files beside them, each at an address of its own."""

from __future__ import annotations

from operator import itemgetter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, cast

from sitegen.config import FILE_NAME
from sitegen.errors import Location, SiteError
from sitegen.model import CopyOf, Stored
from sitegen.pipeline.parallel import WORTH, spread
from sitegen.pipeline.pictures import draw_pictures
from sitegen.publishing.assets import Assets
from sitegen.publishing.fonts import FontCutter
from sitegen.publishing.pages import make_pages
from sitegen.publishing.related import announced, related
from sitegen.publishing.render import Renderer
from sitegen.publishing.search import search_index
from sitegen.store import digest, digest_of_code
from sitegen.typesetting.katex import PROJECT, ToolMissingError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sitegen.model import Digest, FileContent, Page
    from sitegen.pipeline.run import Run
    from sitegen.publishing.search import Index
    from sitegen.publishing.site import Site


def open_assets(root: Path, cutter: FontCutter | None = None) -> Assets:
    """Return the theme's assets with the blog's over them."""
    return Assets(list(dict.fromkeys([PROJECT, root])), PROJECT / "node_modules", cutter)


def make_renderer(run: Run, site: Site, assets: Assets) -> tuple[Renderer, Assets]:
    """Return what renders the pages of a site, the blog's templates before the theme's, and the assets for readers."""
    folders = [folder / "templates" for folder in dict.fromkeys([run.root, PROJECT])]
    folders = [folder for folder in folders if folder.is_dir()]
    if run.options.final:
        with run.stage("fonts"):
            assets = open_assets(run.root, FontCutter(site, folders, run.store))
    return Renderer(folders, site, assets, run.store), assets


def pages_of(run: Run, site: Site) -> list[Page]:
    """Return every page of a site; which posts are alike is found anew when one of them announces something else."""
    posts = site.articles
    key = digest(digest_of_code("publishing/related.py"), repr([announced(post) for post in posts]))
    alike = cast("Mapping[str, tuple[str, ...]] | None", run.store.recall("related", key))
    if alike is None:
        alike = related(posts)
        run.store.remember("related", key, alike)
    return make_pages(site, alike)


def render(run: Run, site: Site, assets: Assets) -> dict[PurePosixPath, FileContent]:
    """Render every page and gather the files beside them; two things at one address are an error."""
    renderer, assets = make_renderer(run, site, assets)
    files: dict[PurePosixPath, FileContent] = {}
    owners: dict[PurePosixPath, str] = {}

    def add(path: PurePosixPath, content: FileContent, owner: str) -> None:
        if path in files and files[path] != content:
            message = f"two things have the address `/{path}`: this and {owners[path]}"
            run.errors.append(SiteError(message, Location(owner), "change the slug, permalink or alias of one"))
        files[path] = content
        owners[path] = owner

    pages = pages_of(run, site)
    rendered = _rendered(run, pages, renderer, assets)
    for page, name in zip(pages, rendered, strict=True):
        if name:
            add(page.path, Stored(name), str(page.article.path) if page.article else f"templates/{page.template}")
    for article in (*site.articles, *site.pages):
        for path, source in article.files:
            add(path, CopyOf(run.root / source), str(source))
        for path, name in article.drawings:
            if path.suffix != ".png":
                add(path, Stored(name), str(article.path))
    for path, name, owner in draw_pictures(run, site, pages) if run.options.final else ():
        add(path, Stored(name), owner)
    for path, content in assets.files.items():
        add(path, content, str(path))
    for place, name in _search_index(run, site):
        add(PurePosixPath(place), Stored(name), "the search index")
    add(PurePosixPath(".nojekyll"), b"", ".nojekyll")
    if site.config.domain:
        add(PurePosixPath("CNAME"), f"{site.config.domain}\n".encode(), FILE_NAME)
    return files


def _rendered(run: Run, pages: Sequence[Page], renderer: Renderer, assets: Assets) -> list[Digest | None]:
    """Return the digest of every page's bytes, rendered or recalled; None where a template is wrong."""
    known = [renderer.recall(page) for page in pages]
    new = [number for number, content in enumerate(known) if content is None]
    run.counts["pages rendered"] = len(new)
    run.counts["pages reused"] = len(pages) - len(new)

    def render_share(share: Sequence[int]) -> list[tuple[int, Digest | SiteError, tuple[str, ...]]]:
        found: list[tuple[int, Digest | SiteError, tuple[str, ...]]] = []
        for number in share:
            try:
                found.append((number, *renderer.render(pages[number])))
            except SiteError as error:
                found.append((number, error, ()))
        return found

    if len(new) >= WORTH:
        renderer.prepare()
    done = [one for share in spread(run.store, render_share, new, run.options.workers) for one in share]
    for number, content, asked_for in sorted(done, key=itemgetter(0)):
        if isinstance(content, SiteError):
            run.errors.append(content)
            continue
        known[number] = content
        for name in asked_for:  # another process published it for itself alone
            assets.path(name)
    return known


def _search_index(run: Run, site: Site) -> Index:
    if run.errors:
        return ()
    try:
        with run.stage("search"):
            articles = (*site.articles, *site.pages)
            index, made = search_index(articles, site.config.lang, run.store, make=run.options.final)
    except ToolMissingError as error:
        run.errors.append(SiteError(str(error), Location("node_modules")))
        return ()
    run.counts["search indexes made"] = int(made)
    return index
