"""A Build's files -> a folder, all or nothing: the new site takes the old one's place in one step.

The new site is written beside the old one and exchanged with it, so that a build that fails or is killed leaves the old
one whole. A manifest in the folder says what we wrote; other people's files in it are carried over, never deleted.
How the files stood when they were written is in the store: in the folder it would be another in every build.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import json
import os
import shutil
import sys
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, cast

from sitegen.errors import Location, SiteError
from sitegen.model import CopyOf, Stored
from sitegen.store import digest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from sitegen.model import FileContent
    from sitegen.store import Store

MANIFEST = ".sitegen-files.json"
_Entry = tuple[Any, ...]
"""Of a file in the folder: the digest of its content ("" where that has none), size, time of change in ns, inode."""

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


def write_files(files: Mapping[PurePosixPath, FileContent], output: Path, store: Store) -> int:
    """Make `output` hold exactly `files` and what others put there; return how many files are new or changed.

    Raises SiteError when the folder is not ours or cannot be written; the old site is untouched then.
    """
    place = Location(str(output))
    output = output.resolve()
    fresh = output.with_name(f".{output.name}.sitegen-new")
    old = output.with_name(f".{output.name}.sitegen-old")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with _alone(output.parent):
            _recover(output, old)
            before = _stood(_read_manifest(output, place), output, store)
            if before.keys() == files.keys() and all(
                _is_same(content, output / path, store, before[path]) for path, content in files.items()
            ):
                return 0
            _discard(fresh)
            fresh.mkdir()
            _refuse_foreign(files, output, before, place)
            changed = _write_all(files, fresh, output, store, before)
            _carry_over(output, fresh, {str(path) for path in before}, {str(path) for path in files})
            (fresh / MANIFEST).write_text(json.dumps(sorted(map(str, files)), indent=0), encoding="utf-8")
            store.remember("written", digest(str(output)), _standing(files, fresh))
            _exchange(fresh, output, old)
            _discard(fresh)
    except OSError as error:
        _discard(fresh)
        reason = "the disk is full" if error.errno in {errno.ENOSPC, errno.EDQUOT} else str(error.strerror or error)
        raise SiteError(
            f"the site cannot be written: {reason}", place, "the site that was there is untouched"
        ) from error
    except BaseException:  # Ctrl-C: leave nothing half-made behind
        _discard(fresh)
        raise
    return changed


def _discard(folder: Path) -> None:
    """Remove a folder of ours; one that took over from the old site that nobody may write in it would stay for ever."""
    shutil.rmtree(folder, ignore_errors=True)
    if not folder.is_dir() or folder.is_symlink():
        return
    with contextlib.suppress(OSError):
        folder.chmod(0o700)
        for here, folders, _ in os.walk(folder):
            for name in folders:
                Path(here, name).chmod(0o700, follow_symlinks=True)
    shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait until no other build writes a site into a folder; the lock goes with the process, however it ends."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def write_sources(root: Path, files: Mapping[str, bytes]) -> None:
    """Write new files of an author's; nothing that is there is replaced. Raises SiteError."""
    for name in files:
        if (root / name).exists():
            raise SiteError("this file is already there", Location(name), "choose another title, or remove it")
    for name, data in files.items():
        try:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(data)
        except OSError as error:
            raise SiteError(f"cannot be written: {error.strerror}", Location(name)) from error


def _recover(output: Path, old: Path) -> None:
    """Put back a site that was moved away by a build killed between two renames."""
    if old.exists() and not output.exists():
        old.rename(output)
    _discard(old)


def _standing(files: Mapping[PurePosixPath, FileContent], folder: Path) -> dict[str, _Entry]:
    """Return of every file what it holds, as far as that has a name, and how it stands in the folder."""
    return {
        str(path): (content.digest if isinstance(content, Stored) else "", *_stat(folder / path))
        for path, content in files.items()
    }


def _stood(ours: Collection[PurePosixPath], output: Path, store: Store) -> dict[PurePosixPath, _Entry]:
    """Return how our files in the folder stood when they were written; () for what the store knows nothing of."""
    known = cast("dict[str, _Entry]", store.recall("written", digest(str(output))) or {})
    return {path: known.get(str(path), ()) for path in ours}


def _stat(path: Path) -> tuple[int, int, int]:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns, stat.st_ino


def _read_manifest(output: Path, place: Location) -> list[PurePosixPath]:
    if not output.exists():
        return []
    if not output.is_dir():
        raise SiteError("this is not a folder", place, "name another with --output")
    try:
        return [PurePosixPath(name) for name in json.loads((output / MANIFEST).read_text(encoding="utf-8"))]
    except FileNotFoundError:
        if any(output.iterdir()):
            hint = "name an empty folder with --output, or remove this one yourself"
            raise SiteError("this folder holds files that were not written by a build", place, hint) from None
        return []
    except (ValueError, TypeError):
        raise SiteError(f"{MANIFEST} in it cannot be read", place, "remove the folder yourself") from None


def _refuse_foreign(
    files: Mapping[PurePosixPath, FileContent], output: Path, ours: Collection[PurePosixPath], place: Location
) -> None:
    """Refuse to replace a file that somebody else put at an address that has become ours."""
    foreign = [path for path in files if path not in ours and (output / path).exists()]
    if foreign:
        message = f"`{foreign[0]}` in this folder was not written by a build, and a page now has its address"
        raise SiteError(message, place, "move it away, or change the address of the page")


def _write_all(
    files: Mapping[PurePosixPath, FileContent],
    fresh: Path,
    output: Path,
    store: Store,
    before: Mapping[PurePosixPath, _Entry],
) -> int:
    changed = 0
    made: set[Path] = set()
    for path, content in files.items():
        target = fresh / path
        if target.parent not in made:
            target.parent.mkdir(parents=True, exist_ok=True)
            made.add(target.parent)
        if _is_same(content, output / path, store, before.get(path, ())):
            _link(output / path, target)
            continue
        changed += 1
        if isinstance(content, CopyOf):
            shutil.copyfile(content.path, target)
        else:
            target.write_bytes(store.content(content.digest) if isinstance(content, Stored) else content)
    return changed


def _is_same(content: FileContent, path: Path, store: Store, entry: _Entry) -> bool:
    """Whether a file of the old site holds a content already; one that we wrote and nobody touched is not read."""
    if isinstance(content, CopyOf):
        return _same_file(content.path, path)
    if isinstance(content, Stored) and entry and entry[0] == content.digest:
        with contextlib.suppress(OSError):
            if _stat(path) == tuple(entry[1:]):
                return True
    return _same_bytes(store.content(content.digest) if isinstance(content, Stored) else content, path)


def _link(source: Path, target: Path) -> None:
    """Keep a file that did not change, with its time."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _same_bytes(data: bytes, path: Path) -> bool:
    try:
        return path.stat().st_size == len(data) and path.is_file() and path.read_bytes() == data
    except OSError:
        return False


def _same_file(source: Path, path: Path) -> bool:
    try:
        return path.stat().st_size == source.stat().st_size and path.read_bytes() == source.read_bytes()
    except OSError:
        return False


def _carry_over(output: Path, fresh: Path, ours: set[str], new: set[str]) -> None:
    """Bring along what others put into the folder, such as `.git`."""
    if not output.exists():
        return
    shutil.copymode(output, fresh)
    for name, folders, files in os.walk(output):
        here = Path(name)
        for folder in [f for f in folders if (here / f).is_symlink() or f == ".git"]:
            folders.remove(folder)
            _copy(here / folder, fresh / (here / folder).relative_to(output))
        if not folders and not files and here != output:
            (fresh / here.relative_to(output)).mkdir(parents=True, exist_ok=True)
        for file in files:
            path = str((here / file).relative_to(output).as_posix())
            if path not in ours and path not in new and path != MANIFEST:
                _copy(here / file, fresh / path)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir() and not source.is_symlink():
        shutil.copytree(source, target, symlinks=True)
    else:
        shutil.copy2(source, target, follow_symlinks=False)


def _exchange(fresh: Path, output: Path, old: Path) -> None:
    """Put `fresh` in the place of `output`; afterwards what was there is at `fresh` or gone."""
    if not output.exists():
        fresh.rename(output)
        return
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        rename = getattr(libc, "renameat2", None)
        if rename is not None:
            done = rename(_AT_FDCWD, os.fsencode(fresh), _AT_FDCWD, os.fsencode(output), _RENAME_EXCHANGE)
            if done == 0:
                return
    output.rename(old)  # elsewhere two renames; `_recover` mends a death between them
    try:
        fresh.rename(output)
    except OSError:
        with contextlib.suppress(OSError):
            old.rename(output)
        raise
    _discard(old)
