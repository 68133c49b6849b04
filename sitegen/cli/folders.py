"""The folders that a command is about: the blog's, the site's, and what is remembered between builds."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from sitegen.errors import Location, SiteError
from sitegen.project import is_there

if TYPE_CHECKING:
    import argparse

    from sitegen.store import Store

STORE = ".sitegen/store.sqlite"


def blog_folder(options: argparse.Namespace) -> Path:
    """Return the blog's folder. Raises SiteError when there is none."""
    root = Path(os.path.realpath(options.source))  # resolve() raises at links in a circle
    if not root.is_dir():
        raise SiteError("there is no such folder", Location(str(options.source)), "name the blog's with --source")
    return root


def site_folder(options: argparse.Namespace) -> Path:
    """Return where the site goes. Raises SiteError when that is among the sources."""
    output: Path = (options.output or options.source / "_site").absolute()
    place = Path(os.path.realpath(output))
    if place.is_symlink():
        raise SiteError("this is a link that leads to itself", Location(str(output)), "remove it")
    if not place.name:
        raise SiteError(
            "the site cannot be the root of all folders", Location(str(output)), "name another with --output"
        )
    for name in ("posts", "pages", "assets", "templates", ".git", ".sitegen"):
        if place.is_relative_to(Path(os.path.realpath(options.source), name)):
            message = f"the site would lie among its own sources, in {name}/"
            raise SiteError(message, Location(str(output)), "name another folder with --output")
    return output


def open_store(root: Path) -> Store:
    """Open the memory of the blog at `root`."""
    from sitegen import store

    return store.open_store(root / STORE)


def inside_blog(root: Path, path: Path) -> str:
    """Return a path as the blog names it, given from the current folder or from the blog's."""
    for found in (path.absolute(), root / path):
        if is_there(found, Path.exists) and found.resolve().is_relative_to(root):
            return found.resolve().relative_to(root).as_posix()
    return path.as_posix()
