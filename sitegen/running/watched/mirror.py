"""The links that make a program's folder look like the blog's, and which of them code other than Python's has followed.

Whatever opens a file through a link, in whatever language and process, moves the link's time of access. Python's own
ways to look (asking.py, imports.py) go to what the link stands for instead, since they are observed one by one: what
then has moved, something followed that is seen nowhere else.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from sitegen.running.watched.observe import is_visible
from sitegen.sources import is_source

_lstat = os.lstat  # as it is before a program's ways to ask are replaced


class Mirror:
    """A folder of links. place: its path. links: each with what it stands for. here: where the post's folder is in it."""

    def __init__(self, root: Path, folder: str, place: Path) -> None:
        """Make it: a program reads `data.csv` and `../data/x.csv`, writes nothing.

        The post's folder is a real folder, as are those above it. A link was last followed in 1970.
        """
        self.place, self.links = str(place), dict[str, str]()
        place.mkdir()
        here, there = place, root
        for part in (*Path(folder).parts, ""):
            for entry in _entries(there):
                own = not part and is_source(entry.name)
                if entry.name != part and is_visible(entry.name) and not own:
                    link = f"{here}/{entry.name}"
                    os.symlink(entry.path, link)  # noqa: PTH211 - a hundred of them at each start
                    os.utime(link, (0, 0), follow_symlinks=False)
                    self.links[link] = entry.path
            if part:
                here, there = here / part, there / part
                here.mkdir()
        self.here = here

    def holds(self, path: str) -> bool:
        """Whether an absolute path lies in the folder, by its name."""
        return path == self.place or path.startswith(self.place + "/")

    def link_on(self, path: str) -> str:
        """Return the link that an absolute path goes through or is, or "" when there is none."""
        end = len(self.place)
        while path.startswith(self.place + "/") and end != -1:
            end = path.find("/", end + 1)
            link = path if end == -1 else path[:end]
            if link in self.links:
                try:
                    return link if stat.S_ISLNK(_lstat(link).st_mode) else ""
                except OSError:
                    return ""  # another program moved it
        return ""

    def origin(self, path: str | None) -> str | None:
        """Return the path in the blog that a path through a link stands for, None for all else."""
        link = self.link_on(path) if path is not None else ""
        return self.links[link] + path[len(link) :] if path is not None and link else None

    def followed(self) -> list[str]:
        """Return what the links stand for that something went through."""
        found = []
        for link, target in self.links.items():
            try:
                status = _lstat(link)
            except OSError:
                continue  # the program removed it
            if stat.S_ISLNK(status.st_mode) and status.st_atime_ns:
                found.append(target)
        return found


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """Return what is in a folder; nothing where it was moved away since the build began."""
    try:
        return list(os.scandir(folder))
    except FileNotFoundError:
        return []
