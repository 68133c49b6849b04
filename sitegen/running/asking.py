"""Sees what raises no audit event: `os.stat` and its kin, entries of `os.scandir`, the environment, where an import looks.

Each is replaced by something that tells the witness first and then does the same. Also here: links that mirror the blog's
files look like the files themselves, so that `os.walk` and `rglob` go where they would go in the blog.
"""

from __future__ import annotations

import os
import stat as modes
import sys
from functools import wraps
from typing import TYPE_CHECKING, Any, Self

from sitegen.running.observe import ALL, PLACE

if TYPE_CHECKING:
    import types
    from collections.abc import Callable, Iterator

    from sitegen.running.witness import Witness

_stat, _lstat, _scandir = os.stat, os.lstat, os.scandir


def replace_what_is_silent(witness: Witness) -> None:
    """Replace the functions and classes that a program may ask without an audit event."""
    for name in ("stat", "lstat", "access", "readlink", "statvfs"):
        _put(name, _asking(witness, getattr(os, name)))
    for name in ("getcwd", "getcwdb"):
        _put(name, _where(witness, getattr(os, name)))
    _put("open", _opening(witness, os.open))
    _put("scandir", lambda path=".": _Entries(witness, path))
    _remember_variables(witness)
    sys.meta_path.insert(0, _Seer(witness))
    _start_processes(witness)


def _put(name: str, function: Callable[..., Any]) -> None:
    """Replace a function of `os`, also where it comes from, and say of it what is said of the one before."""
    before = getattr(os, name)
    for module in (os, sys.modules.get("posix")):
        if getattr(module, name, None) is before:
            setattr(module, name, function)
    for able in (os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks, os.supports_effective_ids):
        if before in able:
            able.add(function)


# ------------------------------------------------------------------------------------------------------ files


def _asking(witness: Witness, function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def ask(path: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - stands for os.stat
        if witness.is_busy or isinstance(path, int):
            return function(path, *args, **options)
        mirrored = None
        with witness.at_work():
            place = witness.located(path, options.get("dir_fd"))
            witness.looked_at(place)
            if function is _lstat or function.__name__ == "readlink" or not options.get("follow_symlinks", True):
                mirrored = witness.mirrored(place)
        if mirrored is not None:
            options.pop("dir_fd", None)
            path = os.fsencode(mirrored) if isinstance(path, bytes) else mirrored
        return function(path, *args, **options)

    return ask


def _where(witness: Witness, function: Callable[[], Any]) -> Callable[[], Any]:
    @wraps(function)
    def where() -> Any:  # noqa: ANN401 - text or bytes
        witness.see("folder", PLACE, lambda: witness.folder)
        return function()

    return where


def _opening(witness: Witness, function: Callable[..., int]) -> Callable[..., int]:
    @wraps(function)
    def open_at(path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:  # noqa: ANN401 - as os.open
        with witness.starting_from(dir_fd):  # the event does not tell
            return function(path, flags, mode, dir_fd=dir_fd)

    return open_at


class _Entries:
    """What os.scandir gives: an iterator over entries, which is closed at its end."""

    def __init__(self, witness: Witness, path: Any) -> None:  # noqa: ANN401 - whatever a program passes
        self._witness = witness
        self._entries = _scandir(path)
        with witness.at_work():
            self._folder = witness.located(path) or ""

    def __iter__(self) -> Iterator[_Entry]:
        return self

    def __next__(self) -> _Entry:
        return _Entry(self._witness, next(self._entries), self._folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the folder."""
        self._entries.close()


class _Entry:
    """An entry of a folder. `origin` is what a link that mirrors the blog stands for."""

    __slots__ = ("_entry", "_origin", "_place", "_witness", "name", "path")

    def __init__(self, witness: Witness, entry: os.DirEntry[Any], folder: str) -> None:
        self._witness, self._entry = witness, entry
        self.name, self.path = entry.name, entry.path
        self._place = f"{folder}/{os.fsdecode(entry.name)}"
        self._origin = witness.mirrored(self._place) if entry.is_symlink() else None

    def __fspath__(self) -> Any:  # noqa: ANN401 - text or bytes
        return self.path

    def __repr__(self) -> str:
        return f"<DirEntry {self.name!r}>"

    def _is(self, kind: Callable[[int], bool], *, follow: bool) -> bool:
        try:
            return kind((_stat if follow else _lstat)(self._origin or self._place).st_mode)
        except OSError:
            return False

    def inode(self) -> int:
        """Return the number of the file."""
        return self._entry.inode()

    def is_dir(self, *, follow_symlinks: bool = True) -> bool:
        """Whether it is a folder; the names in a folder are observed with their kinds."""
        if self._origin is None:
            return self._entry.is_dir(follow_symlinks=follow_symlinks)
        return self._is(modes.S_ISDIR, follow=follow_symlinks)

    def is_file(self, *, follow_symlinks: bool = True) -> bool:
        """Whether it is a file."""
        if self._origin is None:
            return self._entry.is_file(follow_symlinks=follow_symlinks)
        return self._is(modes.S_ISREG, follow=follow_symlinks)

    def is_symlink(self) -> bool:
        """Whether it is a link, in the blog's own folder too."""
        return self._entry.is_symlink() if self._origin is None else self._is(modes.S_ISLNK, follow=False)

    def is_junction(self) -> bool:
        """Return False: only Windows has them."""
        return False

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        """Return its size and the like, which is as good as reading it."""
        with self._witness.at_work():
            self._witness.looked_at(self._place)
        if self._origin is None:
            return self._entry.stat(follow_symlinks=follow_symlinks)
        return (_stat if follow_symlinks else _lstat)(self._origin)


# ------------------------------------------------------------------------------------- variables and processes


def _remember_variables(witness: Witness) -> None:
    def see(name: str) -> None:
        witness.see("variable", name, lambda: witness.world.variable(name))

    class Environment(os._Environ):  # type: ignore[type-arg] # noqa: SLF001 - os.environ has no other class
        """os.environ, or os.environb, that remembers what was asked for."""

        def __getitem__(self, key: str | bytes) -> str | bytes:
            if isinstance(key, str | bytes):
                see(os.fsdecode(key))
            return super().__getitem__(key)  # type: ignore[no-any-return] # os._Environ is not typed here

        def __delitem__(self, key: str | bytes) -> None:
            if isinstance(key, str | bytes):
                see(os.fsdecode(key))
            super().__delitem__(key)

        def __iter__(self) -> Any:  # noqa: ANN401 - as in the base class
            see(ALL)
            return super().__iter__()

        def __len__(self) -> int:
            see(ALL)
            return super().__len__()

        def __repr__(self) -> str:
            see(ALL)
            return super().__repr__()

    os.environ.__class__ = Environment
    os.environb.__class__ = Environment


def _start_processes(witness: Witness) -> None:
    """See the starts of processes that raise no event: multiprocessing's own, but for a plain fork."""
    import _posixsubprocess  # noqa: PLC0415 - not there on Windows, where no program runs

    fork_exec = _posixsubprocess.fork_exec

    @wraps(fork_exec)
    def start(*args: Any) -> int:  # noqa: ANN401 - passed on
        frame = sys._getframe(1)  # noqa: SLF001 - subprocess raises an event of its own; the tracker of shared memory is no program
        callers = {caller.f_globals.get("__name__") for caller in (frame, frame.f_back) if caller is not None}
        if callers.isdisjoint({"subprocess", "multiprocessing.resource_tracker"}):
            with witness.at_work():
                witness.unseen("subprocess.Popen")
        return fork_exec(*args)

    _posixsubprocess.fork_exec = start


# ---------------------------------------------------------------------------------------------------- modules


class _Seer:
    """The first finder of modules and of distributions: it finds none, and tells what was looked for.

    The audit event `import` is not raised by `importlib.import_module` and `find_spec`.
    """

    def __init__(self, witness: Witness) -> None:
        self._witness = witness

    def find_spec(self, name: str, path: Any = None, target: types.ModuleType | None = None) -> None:  # noqa: ANN401 - as in importlib.abc
        """Tell that a module was looked for."""
        del path, target
        with self._witness.at_work():
            self._witness.imported(name)

    def find_distributions(self, context: Any = None) -> tuple[()]:  # noqa: ANN401 - see importlib.metadata
        """Tell that the version of a distribution, or of all, was looked for."""
        name = getattr(context, "name", None)
        self._witness.see_package(name if isinstance(name, str) else ALL)
        return ()
