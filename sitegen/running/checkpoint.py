"""Sleeping copies of a program's process, from before some of its steps: a changed program goes on from the last it shares.

    parent --ask--> copy before step 3 -fork-> copy before step 5 -fork-> the program

A copy waits for the process that it forked, says how that ended, and looks at the next request without taking it: if
the first step that changed is one before its own, it ends, and the copy before it looks. Nothing is left behind where a copy
would not be all of the program: with threads, processes, timers, memory that is shared, or files open for writing.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import json
import os
import random
import signal
import socket
import stat
import sys
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from sitegen.running import scratch
from sitegen.running.messages import REQUEST, Inbox, decode_task, encode
from sitegen.running.watched import sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sitegen.running.process import Process

MOST = 24  # copies of one program
WORTH = 0.03  # seconds that a program runs before it is worth a copy, which costs some thousandths
SPARED = 0.25  # part of the machine's memory that copies leave free: each may hold all that the program held
_PASSED_ON = 75  # status of a copy that left a request to the one before it
# They ask a process where it stands, and end it; a copy stands nowhere, and sleeps on.
_DEAF = {signal.SIGUSR1, signal.SIGUSR2}

# Kept from a program that replaces them.
_exit, _fork, _waitpid, _write = os._exit, os.fork, os.waitpid, os.write
_open, _read, _close = os.open, os.read, os.close
_process_time, _thread_time = time.process_time_ns, time.thread_time_ns
_now, _random_state, _set_random_state = time.monotonic, random.getstate, random.setstate


class _State(NamedTuple):
    """What of a process its copy shares with it, and has to put back. files: what the program has written, by its path.

    offsets: where it reads, by descriptor. said, shared: sizes of these files of the worker's.
    """

    files: dict[str, tuple[int, ...]]
    offsets: dict[int, int]
    said: int
    shared: int
    started: int
    random: tuple[object, ...]


class Checkpoints:
    """Where one program can be resumed. ask: the descriptor by which the parent asks for it."""

    def __init__(self, process: Process, ask: int) -> None:
        self._process = process
        self._ask = socket.socket(fileno=scratch.move_up(ask))
        self._since = _now()
        self._count = 0
        self._turn = 0  # how often the program was gone on with before
        # What a program opens has the number of what it closed.
        self._own = {place: (status.st_dev, status.st_ino) for place in _descriptors() for status in (os.fstat(place),)}
        register = os.register_at_fork

        def hooked(**hooks: Callable[[], object]) -> None:
            if sys._getframe(1).f_code.co_filename.startswith("<cell "):  # noqa: SLF001 - a library's only tidy up
                self._count = MOST  # the author's would be called for copies too
            register(**hooks)

        registered: Any = hooked
        os.register_at_fork = registered

    def leave(self) -> None:
        """Leave a copy behind and go on in a fork, where that is worth it and possible; before a step is begun."""
        process = self._process
        if self._count == MOST or _now() - self._since < WORTH:
            return
        with process.witness.attention.at_work():
            state = None
            with contextlib.suppress(Exception):  # what the program has replaced may be anything
                state = self._state() if _free_memory() > SPARED else None
            if state is None:
                return
            rows = process.witness.record.observations(process.mirror.followed(), process.began)
            self._count += 1
            try:
                child = _fork()
            except OSError:  # there are too many processes, or too little memory
                self._count = MOST
                return
            if child:
                self._sleep(child, state)
                process.go_on()
            else:
                process.go_on()
                process.outbox.speak(encode("checkpoint", {"rows": rows}))  # the copy is there
            _set_random_state(state.random)  # a fork seeds it anew
            self._since = _now()

    def _state(self) -> _State | None:
        """Return what has to be put back; None where a copy would not be the whole program."""
        process = self._process
        is_alone = len(sys._current_frames()) == 1  # noqa: SLF001 - threads of others than `threading` too
        is_alone = is_alone and (process.witness.has_threaded or not _has_worked_beside())
        if not is_alone or process.witness.has_maps or _awaits_signals() or _has_started_others() or _has_locks():
            return None
        offsets = {}
        for place in _descriptors():
            status = os.fstat(place)
            if place == process.outbox.pipe or self._own.get(place) == (status.st_dev, status.st_ino):
                continue
            kind, flags = status.st_mode, fcntl.fcntl(place, fcntl.F_GETFL)
            if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)) or flags & os.O_ACCMODE != os.O_RDONLY:
                return None
            offsets[place] = os.lseek(place, 0, os.SEEK_CUR)
        files = _written(process)
        said, shared = (os.fstat(place).st_size for place in (process.said, process.shared))
        return _State(files, offsets, said, shared, process.board[0], _random_state())

    def _sleep(self, child: int, state: _State) -> None:
        """Be the copy: wait until the program is asked for again, and return in a fork that runs it on."""
        process = self._process
        os.close(process.outbox.pipe)
        turn = self._turn  # of the child
        sandbox.adopt_orphans()
        signal.pthread_sigmask(signal.SIG_BLOCK, _DEAF)
        while True:
            _, status = _waitpid(child, 0)
            if not (os.WIFEXITED(status) and os.WEXITSTATUS(status) == _PASSED_ON):
                self._say(status=status, left=_is_followed(), turn=turn)
            head = self._ask.recv(REQUEST.size, socket.MSG_PEEK)
            if len(head) < REQUEST.size:
                _exit(0)  # nobody will ask again
            changed, asked, size = REQUEST.unpack(head)
            if changed <= process.outbox.step:
                _exit(_PASSED_ON)
            _, places, _, _ = socket.recv_fds(self._ask, REQUEST.size, 1)
            request = b""
            while len(request) < size:
                request += self._ask.recv(size - len(request))
            is_gone = changed > process.outbox.step + 1  # the copy that was asked for: its steps were not done here
            if is_gone or _written(process) != state.files:
                self._say(refused=True)
                self._ask.recv(1)  # nothing comes any more but the end
                _exit(0)
            turn, child = asked, _fork()
            if child == 0:
                self._turn = turn
                signal.pthread_sigmask(signal.SIG_UNBLOCK, _DEAF)
                (frame,) = Inbox(0).feed(request)
                process.resume(decode_task(frame), places[0], state.said, state.shared)
                process.board[0] = state.started
                for place, offset in state.offsets.items():
                    with contextlib.suppress(OSError):
                        os.lseek(place, offset, os.SEEK_SET)
                return
            os.close(places[0])

    def _say(self, **said: object) -> None:
        with contextlib.suppress(OSError):
            _write(self._ask.fileno(), json.dumps(said).encode("ascii"))


def _descriptors() -> Iterator[int]:
    """Yield every open descriptor; /proc, which would list them, is closed to a fork."""
    for place in range(1024):
        with contextlib.suppress(OSError):
            fcntl.fcntl(place, fcntl.F_GETFD)
            yield place


def _has_started_others() -> bool:
    """Whether there is a process that this one started, be it one that has ended and was not asked how."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def _free_memory() -> float:
    """Return which part of the machine's memory may be had; all where the system does not say."""
    try:
        place = _open("/proc/meminfo", os.O_RDONLY | os.O_CLOEXEC)
        try:
            said = _read(place, 2000).split()
        finally:
            _close(place)
        total, available = (int(said[said.index(name) + 1]) for name in (b"MemTotal:", b"MemAvailable:"))
    except (OSError, ValueError, IndexError):
        return 1.0
    return available / total


def _awaits_signals() -> bool:
    """Whether a timer runs or a signal waits, which a fork does not have, or the end of a fork would call the program."""
    has_timer = any(
        signal.getitimer(which)[0] for which in (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)
    )
    return has_timer or bool(signal.sigpending()) or signal.getsignal(signal.SIGCHLD) != signal.SIG_DFL


def _has_worked_beside() -> bool:
    """Whether this process has had threads: their time is the process's and not this thread's.

    A pool of threads of a library's own, which Python does not know of, would be waited for in a fork without end. Threads that
    Python code started and that ended count too.
    """
    # Read first, the process's is never more where there is but one thread; read again, it is hardly less.
    return any(_process_time() > _thread_time() for _ in range(5))


def _has_locks() -> bool:
    """Whether there are locks of `multiprocessing`, which a fork shares: one that is held at the program's end stays so."""
    module = sys.modules.get("multiprocessing.synchronize")
    kind = getattr(module, "SemLock", None)
    return kind is not None and any(issubclass(type(one), kind) for one in gc.get_objects())


def _is_followed() -> bool:
    """Whether a process goes on that the program started, and that was left to this one."""
    with contextlib.suppress(ChildProcessError):
        while True:
            if _waitpid(-1, os.WNOHANG)[0] == 0:
                return True
    return False


def _written(process: Process) -> dict[str, tuple[int, ...]]:
    """Return what is in the folders that a program may write to: inode, size, and when it changed."""
    found = {}
    starts = [f"{process.task.room}/{name}" for name in scratch.WRITABLE]
    for start in (*starts, *([scratch.SHARED_MEMORY] if process.limited else [])):
        for entry in scratch.entries_below(start):
            with contextlib.suppress(OSError):
                status = entry.stat(follow_symlinks=False)
                # Following a link moves its times.
                times = () if entry.is_symlink() else (status.st_mtime_ns, status.st_ctime_ns)
                found[entry.path] = (status.st_ino, status.st_size, *times)
    return found
