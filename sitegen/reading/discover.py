"""A blog's folder -> its Sources, in the order of their paths."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Literal

from sitegen.errors import Location, SiteError
from sitegen.model import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

_FOLDERS: tuple[tuple[Literal["post", "page"], str], ...] = (("post", "posts"), ("page", "pages"))
_SUFFIXES = {".md", ".markdown"}


def discover(root: Path) -> tuple[list[Source], list[SiteError]]:
    """Find every post and page at any depth; hidden folders and those that begin with an underscore are left out."""
    if not (root / "posts").is_dir():
        hint = "name the folder that holds it with --source, or make it"
        return [], [SiteError("there is no folder `posts`", Location("posts"), hint)]
    sources: list[Source] = []
    errors: list[SiteError] = []
    for kind, name in _FOLDERS:
        for path, files in _markdown_files(root / name):
            inside = PurePosixPath(path.relative_to(root).as_posix())
            outside = [file for file in (path, *files) if not is_inside(file, root)]
            errors += [leads_out(PurePosixPath(file.relative_to(root).as_posix())) for file in outside]
            if outside:
                continue
            try:
                content = path.read_bytes()
            except OSError as error:
                errors.append(SiteError(f"cannot be read: {error.strerror}", Location(str(inside))))
                continue
            bundled = tuple(PurePosixPath(file.relative_to(root).as_posix()) for file in files)
            sources.append(Source(inside, kind, content, bundled))
    return sources, errors


def is_inside(path: Path, root: Path) -> bool:
    """Whether a file is one of the blog's own: a link that leads out would publish whatever it points at."""
    return path.resolve().is_relative_to(root.resolve())


def leads_out(path: PurePosixPath) -> SiteError:
    """Return the error of a link that leads out of the blog."""
    return SiteError(
        "this is a link that leads out of the blog", Location(str(path)), "put a copy of the file in its place"
    )


def _markdown_files(folder: Path) -> Iterator[tuple[Path, list[Path]]]:
    """Yield (Markdown file, files of its bundle); inside a bundle only `index.md` is a source."""
    if not folder.is_dir():
        return
    for name, folders, files in os.walk(folder):
        here = Path(name)
        folders[:] = sorted(f for f in folders if _is_public(f))
        visible = sorted(f for f in files if _is_public(f))
        if "index.md" in visible:
            yield here / "index.md", sorted(_bundle_files(here))
            folders[:] = [f for f in folders if _holds_bundle(here / f)]
        else:
            yield from ((here / f, []) for f in visible if Path(f).suffix.lower() in _SUFFIXES)


def _bundle_files(folder: Path) -> Iterator[Path]:
    for name, folders, files in os.walk(folder):
        here = Path(name)
        folders[:] = [f for f in folders if _is_public(f) and not (here / f / "index.md").is_file()]
        yield from (here / f for f in files if _is_public(f) and Path(f).suffix.lower() not in _SUFFIXES)


def _holds_bundle(folder: Path) -> bool:
    return any("index.md" in files for _, _, files in os.walk(folder))


def _is_public(name: str) -> bool:
    return not name.startswith((".", "_")) and name != "node_modules"
