"""Style sheets, scripts, images and fonts -> files with content-hashed names.

A blog's own assets/ lies over the theme's. `npm:package/file` names a file of an installed npm package; it is published
when a template or a style sheet asks for it.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from sitegen.errors import Location, SiteError
from sitegen.model import CopyOf
from sitegen.reading.discover import is_inside, leads_out
from sitegen.store import digest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sitegen.model import FileContent

_URL = re.compile(r"""url\(\s*(["']?)([^"')]+)\1\s*\)""")
_OLD_FONTS = re.compile(r""",\s*url\([^)]*\.(?:woff|ttf)["']?\)\s*format\([^)]*\)""")


class Assets:
    """The published assets. paths: path in the blog (`assets/css/a.css`) -> in the site. files: what to write.

    Note: `files` grows while templates ask for npm's files.
    """

    def __init__(self, roots: Sequence[Path], packages: Path) -> None:
        self._packages = packages
        self._npm: dict[str, PurePosixPath] = {}
        self.files: dict[PurePosixPath, FileContent] = {}
        self.paths: dict[PurePosixPath, PurePosixPath] = {}
        self.errors: list[SiteError] = []
        self._sources: dict[PurePosixPath, Path] = {}
        for root in roots:  # the theme's first, the blog's over it
            for path in sorted((root / "assets").rglob("*")):
                if path.is_file() and not is_inside(path, root):
                    self.errors.append(leads_out(PurePosixPath(path.relative_to(root).as_posix())))
                elif path.is_file() and not any(part.startswith(".") for part in path.relative_to(root).parts):
                    self._sources[PurePosixPath(path.relative_to(root).as_posix())] = path
        for name in sorted(self._sources, key=lambda name: (name.suffix == ".css", name)):
            self._publish(name)

    def path(self, name: str) -> PurePosixPath:
        """Return where an asset stands in the site; `name` is relative to assets/, or begins with `npm:`.

        Raises KeyError when there is none.
        """
        if name.startswith("npm:"):
            return self._npm_path(name.removeprefix("npm:"))
        return self.paths[PurePosixPath("assets") / name.lstrip("/").removeprefix("assets/")]

    def _publish(self, name: PurePosixPath) -> None:
        source = self._sources[name]
        content = source.read_bytes()
        if name.suffix == ".css":
            content = self._rewrite(content.decode(), name).encode()
        hashed = _hashed(name, content)
        self.paths[name] = hashed
        self.files[hashed] = content if name.suffix == ".css" else CopyOf(source)

    def _npm_path(self, name: str) -> PurePosixPath:
        if name in self._npm:
            return self._npm[name]
        source = self._packages / name
        if ".." in PurePosixPath(name).parts or not source.is_file():
            raise KeyError(f"npm:{name}")
        content = source.read_bytes()
        place = PurePosixPath("assets/npm") / name.replace("@", "").replace("/dist/", "/").replace("/files/", "/")
        if place.suffix == ".css":
            text = _OLD_FONTS.sub("", content.decode())
            text = _URL.sub(lambda match: self._npm_url(match, name, place), text)
            content = text.encode()
        hashed = _hashed(place, content)
        self._npm[name] = hashed
        self.files[hashed] = content if place.suffix == ".css" else CopyOf(source)
        return hashed

    def _npm_url(self, match: re.Match[str], name: str, sheet: PurePosixPath) -> str:
        if re.match(r"[a-z]+:|#|/", match[2]):
            return match[0]
        found = self._npm_path(posixpath.normpath(posixpath.join(posixpath.dirname(name), match[2])))
        return f"url({posixpath.relpath(str(found), str(sheet.parent))})"

    def _rewrite(self, text: str, sheet: PurePosixPath) -> str:
        """Point `url(...)` of a style sheet at published files."""

        def rewrite(match: re.Match[str]) -> str:
            target = match[2].partition("#")[0].partition("?")[0]
            try:
                if target.startswith("npm:"):
                    found = self._npm_path(target.removeprefix("npm:"))
                elif re.match(r"[a-z]+:|/|$", target):
                    return match[0]
                else:
                    found = self.paths[PurePosixPath(posixpath.normpath(posixpath.join(str(sheet.parent), target)))]
            except KeyError:
                line = text.count("\n", 0, match.start()) + 1
                hint = "run `make site` to install packages" if target.startswith("npm:") else ""
                self.errors.append(SiteError(f"there is no file `{target}`", Location(str(sheet), line), hint))
                return match[0]
            return f"url({posixpath.relpath(str(found), str(sheet.parent))}{match[2][len(target) :]})"

        return _URL.sub(rewrite, text)


def _hashed(path: PurePosixPath, content: bytes) -> PurePosixPath:
    return path.with_name(f"{path.stem}.{digest(content)[:8]}{path.suffix}")
