"""The parent's end of the fork server: starts it with an environment of our own making, asks for processes, ends it."""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import os
import re
import select
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sitegen.errors import OF_MACHINE, why_ended
from sitegen.running.messages import encode_task
from sitegen.running.server import LENGTH
from sitegen.running.watched.observe import PACKAGE

if TYPE_CHECKING:
    from collections.abc import Callable

    from sitegen.running.messages import Task

SOURCE_DATE_EPOCH = "1577836800"  # 2020-01-01: what asks for a date gets this one
_PREFIX, _OWNER = "sitegen-", "owner"  # scratch folders, and the file in them that is locked while their build lives
_START = "import sys; sys.path.insert(0, sys.argv[1]); from sitegen.running.server import main; del sys.path[0]; main(int(sys.argv[2]))"


class ServerFailed(Exception):  # noqa: N818 - reads as what happened
    """The fork server did not start; the text says why."""


class OwnMistake(RuntimeError):  # noqa: N818 - reads as what happened
    """A process of sitegen's own failed, before or beside the author's code; the text is its traceback."""


def mistake_of(said: str) -> OwnMistake | OSError:
    """Return what a traceback of a process of ours tells: a mistake, or that the system refused what any program may ask for."""
    refused = re.match(r"\w+: \[Errno (\d+)\]", said.strip().rpartition("\n")[2])
    if refused and (number := int(refused[1])) in OF_MACHINE:
        return OSError(number, os.strerror(number))
    return OwnMistake(said)


class Server:
    """A running fork server; `close` ends it, and with it everything it started."""

    def __init__(self, cache: Path | None) -> None:
        if not hasattr(os, "fork"):
            message = "this system cannot fork processes (on Windows, WSL can)"
            raise ServerFailed(message)
        sweep(Path(tempfile.gettempdir()))
        self.home = Path(os.path.realpath(tempfile.mkdtemp(prefix=_PREFIX)))
        self._lock: int | None = _own(self.home)
        self.owner = os.getpid()
        self._rooms = 0
        self._ready = False
        self._errors = self.home / "errors"
        ours, theirs = socket.socketpair()
        self._connection = ours
        self._cache = cache or self.home / "cache"
        environment = fixed_environment(self._cache)
        self._cache_inode = self._cache.stat().st_ino
        with self._errors.open("wb") as errors, theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own code
                [sys.executable, "-P", "-c", _START, str(PACKAGE.parent), str(theirs.fileno())],
                env=environment,
                cwd=self.home,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
                start_new_session=True,  # Ctrl-C in the terminal is for the parent, which then ends us all
            )

    @property
    def alive(self) -> bool:
        """Whether it still serves, and serves this process, and its fonts are still there: `build.py clean` removes them."""
        try:
            is_there = self._cache.stat().st_ino == self._cache_inode
        except OSError:
            is_there = False
        return is_there and self._process.poll() is None and self.owner == os.getpid()

    @property
    def is_starting(self) -> bool:
        """Whether it cannot run anything yet."""
        return not self._ready and not select.select([self._connection], [], [], 0)[0]

    def room(self) -> Path:
        """Return a new empty folder."""
        self._rooms += 1
        room = self.home / f"room-{self._rooms}"
        room.mkdir()
        return room

    def request(self, task: Task, *places: socket.socket) -> None:
        """Ask for a process that runs `task`. places: its ends of result, control and ask.

        Raises ServerFailed; OSError where the system refuses what the server needs.
        """
        data = encode_task(task)
        try:
            if not self._ready:
                self._ready = self._connection.recv(1) == b"!"
                if not self._ready:
                    raise BrokenPipeError
            socket.send_fds(self._connection, [LENGTH.pack(len(data))], [place.fileno() for place in places])
            self._connection.sendall(data)
        except OSError as error:
            why = str(error) or why_ended(self._process.poll() if self.has_ended() else None, "")
            raise self.reason(f"the fork server ended ({why})") from error

    def has_ended(self) -> bool:
        """Whether it has ended, or is about to."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(0.5)
        return self._process.poll() is not None

    def reason(self, otherwise: str) -> Exception:
        """Return why the server ended."""
        said = self._errors.read_text(encoding="utf-8", errors="replace").strip()
        last = said.rpartition("\n")[2]
        if "Traceback" in said and not (
            last.startswith(("ImportError", "ModuleNotFoundError")) and "sitegen" not in last
        ):
            return mistake_of(said)
        return ServerFailed(last or otherwise)

    def close(self) -> None:
        """End the server and every program, and remove the scratch folders."""
        if self.owner != os.getpid():
            return
        self._connection.close()
        if not self._ready:  # nothing was asked of it: it may be anywhere
            self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        remove(self.home)
        lock, self._lock = self._lock, None
        if lock is not None:  # else a second signal came while the first ended it
            os.close(lock)


_server: Server | None = None


def warm_server(cache: Path | None) -> Server:
    """Return the server of this process, started when there is none: a preview keeps it from build to build."""
    global _server  # noqa: PLW0603 - one server per process is the point
    if _server is None or not _server.alive:
        close()
        _server = Server(cache)
    return _server


def is_starting() -> bool:
    """Whether this process has a server that cannot run anything yet."""
    return _server is not None and _server.is_starting


def close() -> None:
    """End the server of this process, if there is one."""
    global _server  # noqa: PLW0603 - see warm_server
    if _server is not None:
        _server.close()
    _server = None


def _close_at_last() -> None:
    """End it when this process ends: to be stopped now would leave the scratch folders, and there is but a second to wait."""
    with contextlib.suppress(ValueError):  # another thread than the main one may not say so
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
    close()


atexit.register(_close_at_last)


def fixed_environment(cache: Path) -> dict[str, str]:
    """Return the whole environment of the fork server: built, never inherited, so that no secret can be in it."""
    cache.mkdir(parents=True, exist_ok=True)
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": "/room/home",  # as programs print theirs, which each has for itself; /proc/self/environ shows this one
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "MPLBACKEND": "agg",
        # Memory that was used once is used again, not given back and asked for: a third of the page faults of a program.
        "MALLOC_MMAP_THRESHOLD_": "33554432",
        "MALLOC_TRIM_THRESHOLD_": "268435456",
        "MALLOC_TOP_PAD_": "4194304",
        "MPLCONFIGDIR": str(cache),
        "SOURCE_DATE_EPOCH": SOURCE_DATE_EPOCH,
    }
    threads = "OPENBLAS_NUM_THREADS OMP_NUM_THREADS MKL_NUM_THREADS NUMEXPR_NUM_THREADS VECLIB_MAXIMUM_THREADS"
    return environment | dict.fromkeys(threads.split(), "1")


def _own(home: Path) -> int:
    """Mark a scratch folder as ours while this process lives: returns a descriptor that holds the lock."""
    descriptor = os.open(home / "making", os.O_CREAT | os.O_WRONLY, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    (home / "making").rename(home / _OWNER)  # only now is it looked at by others
    return descriptor


def sweep(folder: Path) -> None:
    """Remove the scratch folders that builds left behind which were killed: ours, and locked by no living process."""
    for home in folder.glob(_PREFIX + "*"):
        with contextlib.suppress(OSError):
            status = home.lstat()
            if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
                continue
            descriptor = os.open(home / _OWNER, os.O_WRONLY | os.O_NOFOLLOW)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                remove(home)
            finally:
                os.close(descriptor)


def remove(folder: Path) -> None:
    """Remove a scratch folder, whatever a program did to its rights; those of what is around it, or where links lead, stay."""

    def again(function: Callable[[str], object], path: str, _: object) -> None:
        place = Path(path)
        with contextlib.suppress(OSError):
            if place != folder:
                place.parent.chmod(0o700)
            if not place.is_symlink():
                place.chmod(0o700)
            function(path)

    how: Any = {"onexc" if sys.version_info >= (3, 12) else "onerror": again}
    shutil.rmtree(folder, **how)
    shutil.rmtree(folder, ignore_errors=True)
