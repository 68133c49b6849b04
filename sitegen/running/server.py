"""The fork server: imports what every program needs once, then gives each task a fresh process and watches over it.

    parent --socket--> server -fork-> supervisor -fork-> worker (runs the program; may leave copies: checkpoint.py)
                                          ^ control pipe: to and from the parent; its end means "kill everything"

Not multiprocessing's server: that one inherits the whole environment of the parent, imports the parent's `__main__`
in every worker, and does not end what a program leaves running.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import gc
import importlib
import json
import mmap
import os
import select
import signal
import socket
import struct
import sys
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PRELOADED = (
    "numpy",
    "numpy.random",
    "matplotlib",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "matplotlib.backends.backend_mixed",
    "matplotlib.pyplot",
    "contourpy",
    "PIL.WebPImagePlugin",  # else Pillow looks for what writes a WebP among all forty kinds, in every process
    "mpl_toolkits.mplot3d",
    "sitegen.running.worker",
)
COUNT_EVERY = 0.1  # seconds between two looks at how many processes a program started
REPORT = 60_000  # bytes of a report at most: one message of a socket
STOP, STOPS = b"s", signal.SIGUSR2  # what the parent says, and what ends a program but not its copies
LENGTH = struct.Struct("!Q")


def main(channel: int) -> None:
    """Serve on an inherited socket until its other end is closed."""
    connection = socket.socket(fileno=channel)
    gc.disable()  # nothing here is garbage, and a collection would copy every shared page
    for name in PRELOADED:
        importlib.import_module(name)
    sys.modules["sitegen.running.worker"].prepare()
    gc.freeze()
    connection.sendall(b"!")
    signal.signal(signal.SIGCHLD, lambda *_: _reap())
    while True:
        received = _receive(connection)
        if received is None:
            return
        request, (result, control, ask) = received
        if os.fork() == 0:
            connection.close()
            try:
                _supervise(request, result, control, ask)
            except BaseException:  # noqa: BLE001 - our own mistake: the parent shows it
                _report(control, bug=traceback.format_exc())
            os._exit(0)
        for place in (result, control, ask):
            os.close(place)


def _receive(connection: socket.socket) -> tuple[bytes, list[int]] | None:
    head, places, _, _ = socket.recv_fds(connection, LENGTH.size, 3)
    if len(head) < LENGTH.size:
        return None
    if len(places) < 3:  # the system hands over no more than may be open
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
    (waiting,) = LENGTH.unpack(head)
    parts = []
    while waiting:
        part = connection.recv(min(waiting, 1 << 20))
        if not part:
            return None
        parts.append(part)
        waiting -= len(part)
    return b"".join(parts), places


def _reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _report(control: int, **said: object) -> None:
    """Tell the parent how it ended; it may be gone."""
    with contextlib.suppress(OSError):
        os.write(control, json.dumps(said).encode("ascii")[:REPORT])


def _supervise(request: bytes, result: int, control: int, ask: int) -> None:
    """Run one worker to its end, and see to it that nothing of it remains."""
    from sitegen.running import checkpoint, process, scratch, worker  # noqa: PLC0415 - the parent reads this module too, without numpy
    from sitegen.running.watched import sandbox  # noqa: PLC0415 - the parent reads this module too, without numpy

    os.setsid()
    sandbox.adopt_orphans()
    wake, woken = os.pipe()
    for place in (wake, woken):
        os.set_blocking(place, False)
    signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    board = mmap.mmap(-1, process.BOARD)
    task = worker.read_task(request)
    separated = sandbox.separate()
    limited = separated and scratch.limit(task)
    weigh = None if limited else functools.partial(scratch.weigh, task)
    supervisor = os.getpid()
    child = os.fork()
    if child == 0:
        sandbox.die_with_parent()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for place in (wake, woken, control):
            os.close(place)
        if separated or os.getppid() == supervisor:
            worker.work(task, result, ask, board, limited=limited)
        os._exit(0)
    os.close(result)
    os.close(ask)
    most = int(task.limits["processes"]) + (checkpoint.MOST if task.name else 0)
    status, reason = _watch(child, wake, control, most, weigh)
    if not separated:
        _end_descendants()
    _report(control, status=status, reason=reason)
    if not sandbox.LINUX:  # no /proc to look through: what is left of the group ends with this process
        os.killpg(0, signal.SIGKILL)


def _watch(child: int, wake: int, control: int, processes: int, weigh: Callable[[], str] | None) -> tuple[int, str]:
    """Wait for the worker's end, or bring it about. Returns its status and why it was ended.

    weigh: says which limit the program has gone over with what it wrote; None where the system sees to that.
    """
    reason, kill_at, weigh_at = "", 0.0, 0.0
    while True:
        ready, _, _ = select.select([wake, control], [], [], COUNT_EVERY if not kill_at else 0.05)
        if control in ready and not kill_at:
            word = os.read(control, 1)
            if not word:
                os.kill(child, signal.SIGKILL)
                kill_at = float("inf")
                control = wake
            elif word == STOP:
                for process in _descendants(child, processes):  # the copies are deaf to it
                    with contextlib.suppress(OSError):
                        os.kill(process, STOPS)
            else:  # too late: ask where it stands, then end it
                reason = "timeout"
                _ask_where(child, processes)
                kill_at = time.monotonic() + 0.2
        if wake in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(wake, 512)
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status, reason
        if kill_at and time.monotonic() > kill_at:
            os.kill(child, signal.SIGKILL)
        if weigh is not None and not kill_at and (begun := time.monotonic()) > weigh_at:
            reason = weigh()
            weigh_at = 20 * time.monotonic() - 19 * begun  # a twentieth of the time at most
            if reason:
                kill_at = float("inf")
                os.kill(child, signal.SIGKILL)
        if not kill_at and len(_descendants(child, processes)) > processes:
            reason, kill_at = "processes", float("inf")
            os.kill(child, signal.SIGKILL)


def _ask_where(child: int, most: int) -> None:
    """Let the worker write down where it stands; where it has left copies, it is a descendant of the first."""
    for process in (child, *_descendants(child, most)):
        with contextlib.suppress(OSError):
            if process == child or Path(f"/proc/{process}/exe").samefile("/proc/self/exe"):
                os.kill(process, signal.SIGUSR1)


def _children(process: int) -> list[int]:
    """Return the children of a process; none where the system does not list them."""
    found: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{process}/task"):  # noqa: PTH208 - names only
            found += map(int, Path(f"/proc/{process}/task/{thread}/children").read_bytes().split())
    except OSError:
        pass  # it is gone
    return found


def _descendants(process: int, most: int) -> list[int]:
    """Return the processes that come from this one, and stop looking when they are more than `most`."""
    found: list[int] = []
    waiting = [process]
    while waiting and len(found) <= most:
        more = _children(waiting.pop())
        found += more
        waiting += more
    return found


def _end_descendants() -> None:
    """Kill all that is left of the program, again and again, until nothing is: a child may start another meanwhile."""
    for _ in range(1000):
        left = _descendants(os.getpid(), 10_000)
        for process in left:
            with contextlib.suppress(OSError):
                os.kill(process, signal.SIGKILL)
        _reap()
        if not left:
            break
        time.sleep(0.002)
