"""A Build's files -> a folder, all or nothing: the new site takes the old one's place in one step.

The new site is written beside the old one and exchanged with it, so that a build that fails or is killed leaves the old
one whole. A manifest in the folder says what we wrote; other people's files in it are carried over, never deleted.
How the files stood when they were written is in the store: in the folder it would be another in every build.

The site before is kept beside the store, as the beginning of the next: to make a folder and a link for each of a thousand
posts, and to remove them, took a quarter of a build after one edit.
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
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, cast

from sitegen.errors import Location, SiteError
from sitegen.keys import digest
from sitegen.model import CopyOf, Stored

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from concurrent.futures import Future

    from sitegen.model import FileContent
    from sitegen.store import Store

MANIFEST = ".sitegen-files.json"
_Entry = tuple[Any, ...]
"""Of a file in the folder: the digest of its content ("" where that has none), size, time of change in ns, inode."""

_AT_ONCE = 2  # files that are written
_MOST_WAITING = 20  # files whose content is in memory
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


def write_files(
    files: Mapping[PurePosixPath, FileContent],
    output: Path,
    store: Store,
    and_then: Callable[[], None] = lambda: None,
) -> int:
    """Make `output` hold exactly `files` and what others put there; return how many files are new or changed.

    and_then: called when it does, before another build may write there. Raises SiteError when the folder is not ours or cannot be written; the old site is untouched then.
    """
    named = {str(path): content for path, content in files.items()}
    place = Location(str(output))
    output = output.resolve()
    fresh, is_kept = _place_of_new(output, store)
    old = output.with_name(f".{output.name}.sitegen-old")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with alone(output.parent):
            _recover(output, old)
            before = _stood(_read_manifest(output, place), output, store)
            if before.keys() == named.keys() and all(
                _is_same(content, f"{output}/{name}", store, before[name]) for name, content in named.items()
            ):
                and_then()
                return 0
            _refuse_foreign(named, output, before, place)
            _begin(fresh, named, is_kept=is_kept)
            changed = _write_all(named, fresh, output, store, before)
            carried = _carry_over(output, fresh, {*before, *named, MANIFEST}, place)
            (fresh / MANIFEST).write_text(json.dumps(sorted(named), indent=0), encoding="utf-8")
            store.remember("written", digest(str(output)), _standing(named, fresh))
            _exchange(fresh, output, old)
            if carried or not is_kept:
                _discard(fresh)
            and_then()
    except OSError as error:
        _discard(fresh)
        reason = "the disk is full" if error.errno in {errno.ENOSPC, errno.EDQUOT} else str(error.strerror or error)
        reason += f": {error.filename}" if error.filename and error.errno in {errno.EACCES, errno.EEXIST} else ""
        hint = "the site that was there is untouched"
        if error.errno == errno.EBUSY:  # a volume of a container
            hint += "; a disk of its own cannot be exchanged: name a folder inside it with --output"
        raise SiteError(f"the site cannot be written: {reason}", place, hint) from error
    except BaseException:  # Ctrl-C: leave nothing half-made behind
        _discard(fresh)
        raise
    return changed


def remove_files(output: Path, place: Location) -> bool:
    """Remove the site of a folder; return whether something of others' stays. Raises SiteError when no site is in it."""
    if not output.exists():
        return False
    with alone(output.parent):
        return _remove(output, place)


def _remove(output: Path, place: Location) -> bool:
    ours = list(map(PurePosixPath, _read_manifest(output, place)))
    for path in (*ours, PurePosixPath(MANIFEST)):
        there = output / path
        if there.parent.resolve() == there.parent and (there.is_symlink() or there.is_file()):
            there.unlink()
    folders = {PurePosixPath(), *(folder for path in ours for folder in path.parents)}
    for folder in sorted(folders, reverse=True):  # those within others first
        with contextlib.suppress(OSError):  # not empty
            (output / folder).rmdir()
    if output.exists():  # the next site may stand beside what others put there
        (output / MANIFEST).write_text("[]", encoding="utf-8")
        return True
    return False


def _place_of_new(output: Path, store: Store) -> tuple[Path, bool]:
    """Return where the new site is made, and whether what was there before is kept there afterwards.

    It is for the site of the blog that the store is of: who may write in the folder of both is alone with it.
    """
    if store.path is not None and store.path.parent.resolve().parent == output.parent:
        with contextlib.suppress(OSError):
            if store.path.parent.stat().st_dev == output.parent.stat().st_dev:
                return store.path.parent / "site-before", True
    return output.with_name(f".{output.name}.sitegen-new"), False


def _begin(fresh: Path, files: Collection[str], *, is_kept: bool) -> None:
    """Make the folder of the new site: a new one, or that of an older site without what has no place in the new one."""
    if is_kept and fresh.is_dir() and not fresh.is_symlink():
        try:
            _clear(fresh, files)
        except OSError:  # nobody may write in it, or a folder is a disk of its own
            pass
        else:
            return
    _discard(fresh)
    fresh.mkdir()


def _clear(fresh: Path, files: Collection[str]) -> None:
    """Remove what is no file of the site, and no folder of one."""
    fresh.chmod(0o700)
    wanted = {f"{fresh}/{name}" for name in files}
    folders = {f"{fresh}/{folder}" for folder in _folders(files)}
    for here, inside, names in os.walk(fresh, topdown=False):
        for name in names:
            if f"{here}/{name}" not in wanted:
                Path(here, name).unlink()
        for name in inside:
            path = f"{here}/{name}"
            if os.path.islink(path):  # noqa: PTH114 - one of thousands: a Path costs more than the look
                Path(path).unlink()
            elif path not in folders:
                Path(path).rmdir()


def _folders(files: Iterable[str]) -> set[str]:
    """Return the folders that files are in, and those that these are in."""
    found: set[str] = set()
    for name in files:
        end = name.rfind("/")
        while end > 0 and name[:end] not in found:
            found.add(name[:end])
            end = name.rfind("/", 0, end)
    return found


def _discard(folder: Path) -> None:
    """Remove a folder of ours; one that took over from the old site that nobody may write in it would stay for ever."""
    if folder.is_symlink() or folder.is_file():  # somebody put it there
        folder.unlink()
    shutil.rmtree(folder, ignore_errors=True)
    if not folder.is_dir():
        return
    with contextlib.suppress(OSError):
        folder.chmod(0o700)
        for here, folders, _ in os.walk(folder):
            for name in folders:
                if not Path(here, name).is_symlink():
                    Path(here, name).chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Wait until no other build writes a site into a folder; the lock goes with the process, however it ends."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _recover(output: Path, old: Path) -> None:
    """Put back a site that was moved away by a build killed between two renames."""
    if old.exists() and not output.exists():
        old.rename(output)
    _discard(old)


def _standing(files: Mapping[str, FileContent], folder: Path) -> dict[str, _Entry]:
    """Return of every file what it holds, as far as that has a name, and how it stands in the folder."""
    return {
        name: (content.digest if isinstance(content, Stored) else "", *_stat(f"{folder}/{name}"))
        for name, content in files.items()
    }


def _stood(ours: Iterable[str], output: Path, store: Store) -> dict[str, _Entry]:
    """Return how our files in the folder stood when they were written; () for what the store knows nothing of."""
    known = cast("dict[str, _Entry]", store.recall("written", digest(str(output))) or {})
    return {name: known.get(name, ()) for name in ours}


def _stat(path: str) -> tuple[int, int, int]:
    stat = os.stat(path)  # noqa: PTH116 - as above
    return stat.st_size, stat.st_mtime_ns, stat.st_ino


def _read_manifest(output: Path, place: Location) -> list[str]:
    if not output.exists():
        return []
    if not output.is_dir():
        raise SiteError("this is not a folder", place, "name another with --output")
    manifest = output / MANIFEST
    if not manifest.is_file():
        if any(output.iterdir()):
            hint = "name an empty folder with --output, or remove this one yourself"
            raise SiteError("this folder holds files that were not written by a build", place, hint)
        return []
    try:
        names = json.loads(manifest.read_text(encoding="utf-8"))
        return [name for name in names if not name.startswith("/") and ".." not in name.split("/")]
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise SiteError(f"{MANIFEST} in it cannot be read", place, "remove the folder yourself") from None


def _refuse_foreign(files: Iterable[str], output: Path, ours: Collection[str], place: Location) -> None:
    """Refuse to replace a file that somebody else put at an address that has become ours."""
    new = [name for name in files if name not in ours]
    folders = _folders(new).difference(ours)
    foreign = next((name for name in new if _holds_others(output, name, ours)), None)
    foreign = foreign or next((name for name in sorted(folders) if _is_no_folder(output / name)), None)
    if foreign:
        raise _foreign(foreign, place)


def _foreign(name: str, place: Location) -> SiteError:
    message = f"`{name}` in this folder was not written by a build, and a page now has its address"
    return SiteError(message, place, "move it away, or change the address of the page")


def _is_no_folder(place: Path) -> bool:
    return os.path.lexists(place) and (place.is_symlink() or not place.is_dir())


def _holds_others(output: Path, name: str, ours: Collection[str]) -> bool:
    """Whether a place in the folder is a file, or a folder of which not all is ours."""
    place = output / name
    if not place.is_dir() or place.is_symlink():
        return os.path.lexists(place)
    return not all(inside.is_dir() or inside.relative_to(output).as_posix() in ours for inside in place.rglob("*"))


def _write_all(
    files: Mapping[str, FileContent], fresh: Path, output: Path, store: Store, before: Mapping[str, _Entry]
) -> int:
    """Write what changed, and link what did not; return how many files changed. A file that is there is never written into."""
    changed = 0
    made: set[Path] = set()
    with ThreadPoolExecutor(_AT_ONCE) as pool:  # the system takes two thirds of the time, and can do two things at once
        waiting: deque[Future[None]] = deque()
        for name, content in files.items():
            source, target = f"{output}/{name}", f"{fresh}/{name}"
            is_same = _is_same(content, source, store, before.get(name, ()))
            with contextlib.suppress(FileNotFoundError):
                there = os.lstat(target)
                if is_same and os.path.samestat(there, os.stat(source)):  # noqa: PTH116 - as above
                    continue
                Path(target).unlink()
            if is_same:
                _make_folder(Path(target).parent, made)
                _link(Path(source), Path(target))
                continue
            changed += 1
            data = store.content(content.digest) if isinstance(content, Stored) else content
            waiting.append(pool.submit(_write_one, data, Path(target), made))
            if len(waiting) > _MOST_WAITING:
                waiting.popleft().result()
        for one in waiting:
            one.result()
    return changed


def _write_one(content: CopyOf | bytes, target: Path, made: set[Path]) -> None:
    _make_folder(target.parent, made)
    if isinstance(content, CopyOf):
        shutil.copyfile(content.path, target)
    else:
        target.write_bytes(content)


def _make_folder(folder: Path, made: set[Path]) -> None:
    if folder not in made:
        folder.mkdir(parents=True, exist_ok=True)
        made.add(folder)


def _is_same(content: FileContent, path: str, store: Store, entry: _Entry) -> bool:
    """Whether a file of the old site holds a content already; one that we wrote and nobody touched is not read."""
    if isinstance(content, Stored) and entry and entry[0] == content.digest:
        with contextlib.suppress(OSError):
            if _stat(path) == tuple(entry[1:]):
                return True
    if not Path(path).is_file():
        return False
    return _same_bytes(store.content(content.digest) if isinstance(content, Stored) else content, Path(path))


def _link(source: Path, target: Path) -> None:
    """Keep a file that did not change, with its time."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _same_bytes(content: CopyOf | bytes, path: Path) -> bool:
    """Whether a file holds a content; neither is read where one is longer."""
    try:
        if isinstance(content, bytes):
            return path.stat().st_size == len(content) and path.read_bytes() == content
        return path.stat().st_size == content.path.stat().st_size and path.read_bytes() == content.path.read_bytes()
    except OSError:
        return False


def _carry_over(output: Path, fresh: Path, ours: Iterable[str], place: Location) -> bool:
    """Bring along what others put into the folder, such as `.git`; return whether there is anything."""
    if not output.exists():
        return False
    shutil.copymode(output, fresh)
    others = list(_of_others(str(output), {f"{output}/{name}" for name in ours}))
    for path in others:
        source, target = Path(path), fresh / Path(path).relative_to(output)
        is_folder = source.is_dir() and not source.is_symlink()
        if (os.path.lexists(target) and not (is_folder and target.is_dir())) or any(map(Path.is_file, target.parents)):
            raise _foreign(str(target.relative_to(fresh)), place)
        target.parent.mkdir(parents=True, exist_ok=True)
        if is_folder:
            shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)
        else:
            shutil.copy2(source, target, follow_symlinks=False)
    return bool(others)


def _of_others(folder: str, ours: Collection[str]) -> Iterator[str]:
    """Yield the paths of files, links, repositories and empty folders that are not ours."""
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        entries = list(os.scandir(here))
        if not entries and here != folder and here not in ours:
            yield here
        for entry in entries:
            path = f"{here}/{entry.name}"
            if entry.is_dir(follow_symlinks=False) and entry.name != ".git":
                waiting.append(path)
            elif path not in ours or entry.is_dir():
                yield path


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
