"""The place of a program: a folder that looks like the blog's, descriptors that lead nowhere else, what it may write."""

from __future__ import annotations

import faulthandler
import fcntl
import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sitegen.running.watched import sandbox
from sitegen.running.watched.mirror import Mirror
from sitegen.running.watched.observe import PACKAGE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sitegen.running.messages import Task

WRITABLE = ("blog", "home", "tmp")  # folders in the room of a program
SAID = "said/all"  # what descriptors 1 and 2 lead to, in a folder of the room that holds no more than may be said
SHARED_MEMORY = "/dev/shm"  # noqa: S108 - where locks and arrays shared by processes lie; each program has its own
_scandir = os.scandir  # kept from a program that replaces it


def enter(task: Task, *, limited: bool) -> tuple[int, int, list[str], Mirror]:
    """Give up everything that a program must not have. limited: what `limit` said.

    Returns the file to which the descriptors 1 and 2 lead, the one that processes share which it forks, what may be read,
    and the links that mirror the blog.
    """
    room = Path(task.room)
    dump = move_up(os.open(task.dump, os.O_WRONLY | os.O_CREAT, 0o600))
    faulthandler.enable(dump)
    faulthandler.register(signal.SIGUSR1, dump)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    mirror = Mirror(Path(task.root), task.folder, room / "blog")
    for name in WRITABLE[1:]:
        (room / name).mkdir()
    (room / SAID).parent.mkdir(exist_ok=True)
    said = os.open(room / SAID, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    shared = os.open(room / "shared", os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (said, 1), (said, 2)):
        os.dup2(source, target)
    os.close(nothing)
    os.environ.update({"HOME": str(room / "home"), "TMPDIR": str(room / "tmp"), **task.variables})
    os.chdir(mirror.here)
    readable = [*sandbox.readable_paths(task.root, str(PACKAGE)), os.environ["MPLCONFIGDIR"]]
    sandbox.limit_resources(task.limits)
    writable = [*(str(room / name) for name in WRITABLE), os.devnull]
    sandbox.confine(readable, [*writable, *([SHARED_MEMORY] if limited else [])], [task.root])
    sandbox.refuse_network()
    return move_up(said), move_up(shared), readable, mirror


def limit(task: Task) -> bool:
    """Let all that the program writes be no more than it may be, before it starts. Returns whether the system sees to it."""
    said = Path(task.room, SAID).parent
    if not sandbox.limit_folder(task.room, int(task.limits["files"]) + int(task.limits["output_size"])):
        return False
    if Path(SHARED_MEMORY).is_dir() and not sandbox.limit_folder(SHARED_MEMORY, int(task.limits["files"])):
        return False
    said.mkdir()
    return sandbox.limit_folder(str(said), int(task.limits["output_size"]))


def weigh(task: Task) -> str:
    """Return which limit the program has gone over with all that it wrote, or "": for where the system does not see to it."""
    most, found = int(task.limits["files"]), 0
    with suppress(OSError):
        if os.stat(f"{task.room}/{SAID}").st_size > int(task.limits["output_size"]):  # noqa: PTH116 - ten times a second
            return "output-size"
    for entry in entries_below(task.room):
        if not entry.is_dir(follow_symlinks=False):
            with suppress(OSError):
                found += entry.stat(follow_symlinks=False).st_blocks * 512
        if found > most:
            return "files"
    return ""


def entries_below(folder: str) -> Iterator[os.DirEntry[str]]:
    """Yield all that is in a folder and in those below; unlike `os.walk`, it follows no link, which would say that the program did."""
    waiting = [folder]
    while waiting:
        with suppress(OSError), _scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                yield entry


def move_up(descriptor: int) -> int:
    """Return a copy with a high number, where code that closes everything it knows of does not look.

    The descriptor itself where the program lets itself have no such number.
    """
    try:
        copy = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 300)
    except OSError:
        return descriptor
    os.close(descriptor)
    return copy
