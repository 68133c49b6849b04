"""Sees what raises no audit event: `os.stat` and its kin, entries of `os.scandir`, the environment, where an import looks.

Each is replaced by something that tells the witness first and then does the same. Also here: links that mirror the blog's
files look like the files themselves, so that `os.walk` and `rglob` go where they would go in the blog, and are not followed:
what has followed one was not Python (see mirror.py).
"""

from __future__ import annotations

import builtins
import glob
import io
import os
import stat as modes
import sys
import tokenize
from contextlib import contextmanager, nullcontext
from functools import partial, update_wrapper, wraps
from typing import TYPE_CHECKING, Any, Self

from sitegen.running.watched.observe import ALL, PLACE, normal_name

if TYPE_CHECKING:
    import types
    from collections.abc import Callable, Iterator

    from sitegen.running.watched.witness import Witness

_stat, _lstat, _scandir, _listdir, _open = os.stat, os.lstat, os.scandir, os.listdir, open


def replace_what_is_silent(witness: Witness) -> None:
    """Replace the functions and classes that a program may ask without an audit event."""
    for name in ("stat", "lstat", "access", "readlink", "statvfs"):
        _put(name, _asking(witness, getattr(os, name)))
    for name in ("getcwd", "getcwdb"):
        _put(name, _where(witness, getattr(os, name)))
    _put("open", _opening(witness, os.open))
    _put("scandir", lambda path=".": _Entries(witness, path))
    _put("listdir", _listing(witness))
    _replace_open(witness)
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
    for kind in vars(glob).values():  # Python 3.13's, which Path.glob works with, took theirs when they were made
        if isinstance(kind, type) and getattr(kind, name, None) is before:
            setattr(kind, name, staticmethod(function))


# ------------------------------------------------------------------------------------------------------ files


def _asking(witness: Witness, function: Callable[..., Any]) -> Callable[..., Any]:
    asks_of_links = function is _lstat or function.__name__ == "readlink"

    @wraps(function)
    def ask(path: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - stands for os.stat
        if isinstance(path, int):
            return function(path, *args, **options)
        if witness.attention.is_busy:  # the witness itself asks, of absolute paths
            origin = witness.places.mirror.origin(os.fsdecode(path))
        else:
            with witness.attention.at_work():
                place = witness.places.located(path, options.get("dir_fd"))
                witness.asked(place, of_link=asks_of_links or not options.get("follow_symlinks", True))
                origin = witness.places.mirror.origin(place)
        if origin is None:
            return function(path, *args, **options)
        options.pop("dir_fd", None)
        with _told_of(path):
            return function(_like(path, origin), *args, **options)

    return ask


@contextmanager
def _told_of(path: Any) -> Iterator[None]:  # noqa: ANN401 - whatever a program passes
    """Let errors name the path that the program gave."""
    try:
        yield
    except OSError as error:
        error.filename = path
        raise


def _like(path: Any, origin: str) -> str | bytes:  # noqa: ANN401 - see above
    """Return a path as text or as bytes, as the one was that the program gave."""
    return os.fsencode(origin) if isinstance(path, bytes) else origin


def _listing(witness: Witness) -> Callable[..., Any]:
    @wraps(_listdir)
    def listdir(path: Any = None) -> Any:  # noqa: ANN401 - as os.listdir
        origin = witness.places.origin(path)
        imports = sys._getframe(1).f_code.co_filename == "<frozen importlib._bootstrap_external>"  # noqa: SLF001 - it lists to find modules, and those are seen
        with _told_of(path), witness.attention.at_work() if imports else nullcontext():
            return _listdir(path if origin is None else _like(path, origin))

    return listdir


def _where(witness: Witness, function: Callable[[], Any]) -> Callable[[], Any]:
    @wraps(function)
    def where() -> Any:  # noqa: ANN401 - text or bytes
        witness.record.see("folder", PLACE)
        return function()

    return where


def _opening(witness: Witness, function: Callable[..., int]) -> Callable[..., int]:
    @wraps(function)
    def open_at(path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:  # noqa: ANN401 - as os.open
        origin = witness.places.origin(path, dir_fd)
        if origin is not None and not os.path.isdir(origin):  # noqa: PTH112 - what is opened from an open folder is not seen
            with _told_of(path):
                return function(origin, flags, mode)
        with witness.attention.starting_from(dir_fd):  # the event does not tell
            return function(path, flags, mode, dir_fd=dir_fd)

    return open_at


class _Open:
    """`open`, by another way than through a link; the file keeps the name that it was given.

    No function: as an attribute of a class, like the one before, it must not become a method.
    """

    def __init__(self, witness: Witness) -> None:
        self._witness = witness
        update_wrapper(self, _open)
        self.__module__ = "io"  # where a pickle finds it

    def __call__(self, file: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - as open
        if len(args) < 7 and options.get("opener") is None and self._witness.places.origin(file) is not None:
            options["opener"] = os.open
        return _open(file, *args, **options)

    def __reduce__(self) -> str:
        return "open"


def _replace_open(witness: Witness) -> None:
    open_file = _Open(witness)
    for module, name in ((builtins, "open"), (io, "open"), (tokenize, "_builtin_open")):
        setattr(module, name, open_file)
    numpys = getattr(getattr(sys.modules.get("numpy.lib._datasource"), "_file_openers", None), "_file_openers", {})
    if numpys.get(None) is _open:  # loadtxt and genfromtxt took it when numpy was loaded
        numpys[None] = open_file


class _Entries:
    """What os.scandir gives: an iterator over entries, which is closed at its end."""

    def __init__(self, witness: Witness, path: Any) -> None:  # noqa: ANN401 - whatever a program passes
        self._witness = witness
        origin = witness.places.origin(path)
        with _told_of(path):
            self._entries = _scandir(path if origin is None else _like(path, origin))
        with witness.attention.at_work():
            self._folder = witness.places.located(path) or ""
        self._path = None if origin is None else os.fspath(path)

    def __iter__(self) -> Iterator[_Entry]:
        return self

    def __next__(self) -> _Entry:
        return _Entry(self._witness, next(self._entries), self._folder, self._path)

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

    def __init__(self, witness: Witness, entry: os.DirEntry[Any], folder: str, path: Any) -> None:  # noqa: ANN401 - text or bytes, or None
        self._witness, self._entry = witness, entry
        self.name, self.path = entry.name, entry.path if path is None else os.path.join(path, entry.name)  # noqa: PTH118 - may be bytes
        self._place = f"{folder}/{os.fsdecode(entry.name)}"
        self._origin = witness.places.mirror.origin(self._place) if path is None and entry.is_symlink() else None

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
        with self._witness.attention.at_work():
            self._witness.asked(self._place, of_link=not follow_symlinks)
        if self._origin is None:
            return self._entry.stat(follow_symlinks=follow_symlinks)
        return (_stat if follow_symlinks else _lstat)(self._origin)


# ------------------------------------------------------------------------------------- variables and processes


def _remember_variables(witness: Witness) -> None:
    see = partial(witness.record.see, "variable")

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
            with witness.attention.at_work():
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
        with self._witness.attention.at_work():
            self._witness.imported(name)

    def find_distributions(self, context: Any = None) -> tuple[()]:  # noqa: ANN401 - see importlib.metadata
        """Tell that the version of a distribution, or of all, was looked for."""
        name = getattr(context, "name", None)
        self._witness.record.see("package", normal_name(name) if isinstance(name, str) else ALL)
        return ()
