"""Posts -> the entries that each cites: .bib files found, read or recalled; what a post names and nothing defines is an error."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, cast

from sitegen.config import FILE_NAME
from sitegen.errors import Location, SiteError, suggestion
from sitegen.keys import digest, digest_of_code, versions_of
from sitegen.model import Bibliography, Link
from sitegen.pipeline.named import place_of
from sitegen.project import first_file
from sitegen.publishing.citations import citations_of
from sitegen.reading.discover import is_inside

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path, PurePosixPath

    from sitegen.config import Config
    from sitegen.model import BibEntry, Post
    from sitegen.pipeline.run import Run

    Entries = tuple[BibEntry, ...]

FOLDERS = ("", "assets/bibliography", "_bibliography", "bibliography")
"""Where a .bib file is looked for, after the post's own folder: the blog's, and where Jekyll's themes keep them."""


def bibliographies(
    run: Run, posts: Sequence[Post], config: Config
) -> tuple[dict[PurePosixPath, Bibliography], list[str]]:
    """Return what each post cites, by path, and notes of files that are not there; posts without a bibliography are left out."""
    site = tuple(Link(name, "file", Location(FILE_NAME)) for name in config.bibliography)
    files: dict[Path, Entries] = {}
    missing: list[SiteError] = []
    is_shown = config.broken_links == "show"
    found: dict[PurePosixPath, Bibliography] = {}
    for post in posts:
        links = (*post.meta.bibliography, *site)
        paths = list(dict.fromkeys(path for link in links if (path := _find(run, link, post, missing))))
        for path in paths:
            if path not in files:
                files[path] = _read(run, path)
        if paths:
            entries = {entry.key: entry for path in reversed(paths) for entry in files[path]}
            numeric = (post.meta.citations or config.citations) == "numeric"
            found[post.path] = _cited(run, post, entries, numeric=numeric, shown=is_shown)
    run.errors += [] if is_shown else missing
    notes = [f"{error.location}: {error.message}; `?` is shown for what it has" for error in missing]
    return found, list(dict.fromkeys(notes)) if is_shown else []


def _find(run: Run, link: Link, post: Post, missing: list[SiteError]) -> Path | None:
    name = link.target.lstrip("/")
    folders = [run.root / post.path.parent, *(run.root / folder for folder in FOLDERS)]
    path = first_file(folders, name)
    if path is not None and is_inside(path, run.root):
        return path.resolve()
    place, text = link.location, ""
    if place.path == FILE_NAME:  # settings that are remembered know no places
        text = (run.root / FILE_NAME).read_text(encoding="utf-8", errors="replace")
        place = place_of(link.target, text)
    if path is None:
        near = get_close_matches(name, _bib_files(run.root, post), n=1)
        hint = f"did you mean `{near[0]}`?" if near else f"looked in {post.path.parent}/ and in the blog's folder"
        missing.append(SiteError(f"there is no file `{link.target}`", place, hint).with_excerpt(text))
    else:
        error = SiteError(f"`{link.target}` leads out of the blog", place, "put a copy of the file into the blog")
        run.errors.append(error.with_excerpt(text))
    return None


def _bib_files(root: Path, post: Post) -> list[str]:
    return [path.name for folder in (root / post.path.parent, root) for path in sorted(folder.glob("*.bib"))]


def _read(run: Run, path: Path) -> Entries:
    content = path.read_bytes()
    name = path.relative_to(run.root.resolve()).as_posix()
    key = digest(
        digest_of_code("reading/bibliography.py", "model.py", "errors.py"), versions_of("bibtexparser"), name, content
    )
    known = run.store.recall("bibliography", key)
    if known is None:
        from sitegen.reading.bibliography import read_bibliography  # noqa: PLC0415 - only for files never seen before

        known = read_bibliography(content, name)
        run.store.remember("bibliography", key, known)
    entries, errors = cast("tuple[Entries, tuple[SiteError, ...]]", known)
    run.errors += errors
    run.texts[name] = content.decode("utf-8-sig", "replace")
    return entries


def _cited(run: Run, post: Post, entries: Mapping[str, BibEntry], *, numeric: bool, shown: bool) -> Bibliography:
    """Return the entries that a post cites, in the order of their first citation. shown: whether what is missing is no error."""
    keys: dict[str, None] = {}
    above = (*post.title, *post.subtitle, *post.description)
    for citation in citations_of((*post.body, *above)):
        is_name = citation.textual and citation in above  # `@property`, which need not be a key there
        for work in citation.works:
            if work.key in entries:
                keys[work.key] = None
            elif not shown and not is_name:
                run.errors.append(_missing(work.key, entries, citation.location))
    also = entries if "*" in post.meta.cites_also else post.meta.cites_also
    for key in also:
        if key in entries:
            keys[key] = None
        else:
            run.errors.append(_missing(key, entries, Location(str(post.path), 1)))
    return Bibliography(tuple(entries[key] for key in keys), numeric)


def _missing(key: str, entries: Mapping[str, BibEntry], location: Location) -> SiteError:
    exact = next((known for known in entries if known.lower() == key.lower()), "")
    hint = f"did you mean `{exact}`?" if exact else suggestion(key, entries)
    hint = hint or f"add it to the bibliography; what is no citation is written `\\@{key}`"
    return SiteError(f"the bibliography has no entry `{key}`", location, hint)
