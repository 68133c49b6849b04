"""Whether anything that the last build of a blog saw or wrote is other than it was, as far as sizes, times and inodes tell.

Then that build stands and nothing is read: a thousand posts are looked at in hundredths of a second, and nothing heavy
is imported. Files of the blog and of the project count all, whether the build read them or not, so that none can be
forgotten; a change that leaves a file's size, inode and both of its times alike is not seen, but by `--verify-inputs`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from sitegen.project import PROJECT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

RECORD = ".sitegen/unchanged.json"
JUST_NOW = 1_000_000_000  # nanoseconds: what changed so shortly before a build may change again without another time

_NOT_SEEN = frozenset(
    {".sitegen", ".git", "__pycache__", "node_modules", ".pytest_cache", ".mypy_cache", ".ruff_cache"}
)
_OF_EDITORS = re.compile(r"\..*\.sw[a-z]|\.#.*|.*~")
"""What Vim and Emacs keep beside a file that is open; a program that sees it says so."""
# What of the project another blog sees; programs that read more say so.
_OF_PROJECT = ("sitegen", "templates", "assets")
_OF_GIT = ("HEAD", "logs/HEAD", "packed-refs", "refs/heads")
_MOST = 200_000  # files; more are not looked at, and every build reads its sources


class Standing(NamedTuple):
    """What a build that still stands said. counts: posts, those left out, pages and files."""

    notes: tuple[str, ...]
    counts: Mapping[str, int]


class Look(NamedTuple):
    """A look at the blog, the project, git and where Python finds modules. files: what was looked at, sorted.

    asked: the command's own words. newest: when any of the files changed last; begun: when the look was: ns since 1970.
    """

    digest: str
    newest: int
    files: tuple[Stat, ...]
    asked: str = ""
    begun: int = 0

    def is_settled(self, begun: int) -> bool:
        """Whether nothing had changed so shortly before a build began that it may change again without another time."""
        return self.newest <= begun - JUST_NOW

    def settled(self) -> tuple[Stat, ...]:
        """Return the files for later looks to be compared with; what may change unseen will differ from theirs."""
        newest = self.begun - JUST_NOW
        return tuple((one[0], -1, 0, 0, 0) if max(one[2:4]) > newest else one for one in self.files)


def look(root: Path, output: Path, asked: str) -> Look | None:
    """Look at everything that any build can see; None when that is too much."""
    begun = time.time_ns()
    found: list[Stat] = [(str(root), 0, 0, 0, 0)]
    for folder in [root] if PROJECT.is_relative_to(root) else [root, *(PROJECT / name for name in _OF_PROJECT)]:
        if not _walk(str(folder), found, str(output.resolve())):
            return None
    # A site that takes the place of another gives the project's folder another time; what counts in that is looked at above.
    others = [*({*sys.path} - {str(PROJECT)}), str(PROJECT / "node_modules" / ".package-lock.json")]
    repository = next((folder / ".git" for folder in (root, *root.parents) if (folder / ".git").exists()), None)
    if repository:
        if repository.is_file():  # a worktree, or a submodule: it says where its repository is
            named = repository.read_text(encoding="utf-8", errors="replace").removeprefix("gitdir:").strip()
            repository = repository.parent / named
        others += [str(repository), *(str(repository / name) for name in _OF_GIT)]
    return _look(found, others, asked, sys.version)._replace(asked=asked, begun=begun)


def differing(before: Iterable[Stat], now: Look) -> set[str]:
    """Return the paths of what is not as it was."""
    return {path for path, *_ in {*before} ^ {*now.files}}


def recall(root: Path, output: Path, now: Look | None) -> Standing | None:
    """Return what the last build said, if it stands."""
    try:
        record = _recorded(root)
        outside = beyond(record["paths"], record["variables"])
        is_due = record["due"] is not None and time.time() >= record["due"]
        # A clock that was put back may be before the day of a post that is published.
        if (
            now is None
            or now.begun < record["begun"]
            or is_due
            or [now.digest, outside.digest, _written(output)] != record["looks"]
        ):
            return None
        return Standing(tuple(record["notes"]), record["counts"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def stands(root: Path, output: Path) -> bool:
    """Whether the last build, whatever it was asked for, still stands: its site can be shown until another is made."""
    try:
        asked = str(_recorded(root)["asked"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False
    return recall(root, output, look(root, output, asked)) is not None


def remember(
    root: Path,
    output: Path,
    before: Look,
    *,
    paths: Collection[str],
    variables: Sequence[str],
    due: float | None,
    standing: Standing,
) -> None:
    """Remember a build that wrote its site, unless something that it may have seen changed while it went on; or that cannot be kept.

    before: a look from before anything was read. paths, variables: what its programs saw outside the blog and the project. due: seconds since 1970 when a post that waits is published.
    """
    after, outside = look(root, output, before.asked), beyond(paths, variables)
    path = root / RECORD
    if (
        after is None
        or after.digest != before.digest
        or not (after.is_settled(before.begun) and outside.is_settled(before.begun))
    ):
        with suppress(OSError):
            path.unlink()
        return
    record = {
        "looks": [after.digest, outside.digest, _written(output)],
        "asked": before.asked,
        "begun": before.begun,
        "paths": sorted(paths),
        "variables": list(variables),
        "due": due,
        "notes": standing.notes,
        "counts": dict(standing.counts),
    }
    fresh = path.with_suffix(".new")
    with suppress(OSError):  # the disk is full: what was kept before says that something changed
        fresh.write_text(json.dumps(record), encoding="utf-8")
        fresh.replace(path)


def _recorded(root: Path) -> dict[str, Any]:
    """Return what was remembered. Raises ValueError where that is no file, but a pipe, which may never end."""
    path = root / RECORD
    return cast("dict[str, Any]", json.loads(path.read_text(encoding="utf-8") if path.is_file() else ""))


Stat = tuple[str, int, int, int, int]
"""Path, size, when it changed and when anything about it did (ns since 1970), inode; numbers are 0 where there is nothing."""


def _look(found: list[Stat], others: Iterable[str], *words: str) -> Look:
    found += [_stat(path) for path in others]
    newest = max((max(changed, moved) for _, _, changed, moved, _ in found), default=0)
    found.sort()
    digest = hashlib.sha256(repr((words, found)).encode("utf-8", "surrogateescape")).hexdigest()
    return Look(digest, newest, tuple(found))


def _stat(path: str) -> Stat:
    try:
        stat = os.stat(path)  # noqa: PTH116 - thousands of them: a Path costs more than the look
    except (OSError, ValueError):  # a path that no file can have, as a damaged `.git` names
        return path, 0, 0, 0, 0
    return path, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino


def of_editors(folder: str) -> Iterator[str]:
    """Yield the paths of what editors keep in a folder, which a look leaves out."""
    with suppress(OSError), os.scandir(folder) as entries:
        yield from (entry.path for entry in entries if _OF_EDITORS.fullmatch(entry.name))


def beyond(paths: Iterable[str], variables: Iterable[str]) -> Look:
    """Look at what programs saw outside of the blog and the project: paths, and variables of the environment."""
    return _look([], paths, *(f"{name}={os.environ.get(name)}" for name in variables))


def _written(output: Path) -> str:
    """Return the digest of how the site stands in its folder."""
    found: list[Stat] = []
    return _look(found, ()).digest if _walk(str(output), found, "") else ""


def _walk(folder: str, found: list[Stat], output: str) -> bool:
    """Note every file below a folder; False when there are too many."""
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        try:
            entries = list(os.scandir(here))
        except OSError:
            found.append((here, 0, 0, 0, 0))
            continue
        if any(entry.name == "pyvenv.cfg" for entry in entries):
            continue  # where packages are installed: their versions are seen by the names in it
        for entry in entries:
            if entry.name in _NOT_SEEN or _OF_EDITORS.fullmatch(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False):
                if entry.path != output:
                    waiting.append(entry.path)
                    found.append((entry.path, 0, 0, 0, 0))  # its name: a program may list folders
                continue
            found.append(_stat(entry.path))
        if len(found) > _MOST:
            return False
    return True
