"""The process of one program: confined, watched, listened to, and how it goes on in a fork of itself.

It is used once: it changes its working folder, its modules, its rights, and ends.
"""

from __future__ import annotations

import atexit
import os
import sys
import sysconfig
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matplotlib.texmanager import TexManager

from sitegen.running import scratch
from sitegen.running.capture import Speech, Voice
from sitegen.running.compare import move_clock
from sitegen.running.ipython import offer_ipython
from sitegen.running.messages import encode
from sitegen.running.outbox import Outbox
from sitegen.running.showing import Showing
from sitegen.running.trouble import roots_of, says_too_much
from sitegen.running.watched.asking import replace_what_is_silent
from sitegen.running.watched.attention import Attention
from sitegen.running.watched.guard import Guard
from sitegen.running.watched.imports import set_imports
from sitegen.running.watched.observe import DEPENDS, PACKAGE, World
from sitegen.running.watched.places import Places
from sitegen.running.watched.record import Record
from sitegen.running.watched.witness import Witness

if TYPE_CHECKING:
    import mmap
    from collections.abc import Callable

    from sitegen.running.messages import Task

BOARD = 8  # bytes shared by a program and all it starts: the first counts them
_exit, _getpid = os._exit, os.getpid  # kept from a program that replaces them
_SYSTEM = ("/usr/", "/lib", "/proc/", "/dev/", "/sys/", "/etc/", "/bin/", "/System/", "/Library/", "/opt/")


class Process:
    """What belongs to one program. board: memory shared with what the program starts. limited: see scratch.limit."""

    def __init__(self, task: Task, result: int, board: mmap.mmap, *, limited: bool) -> None:
        self.task, self.board, self.limited = task, board, limited
        self.outbox = Outbox(scratch.move_up(result))
        self.roots = roots_of(task)

    def enter(self) -> None:
        """Make this the process of a program."""
        self.began = time.time()
        atexit._clear()  # noqa: SLF001 - what the server has for its own end
        self.said, self.shared, readable, self.mirror = scratch.enter(self.task, limited=self.limited)
        tex: Any = TexManager
        tex._cache_dir = Path(self.task.room, "tmp", "tex.cache")  # noqa: SLF001 - else where nothing may be written
        self._listen()
        self.showing = Showing(self.task.limits, self.outbox, self.mirror, lambda: self.task.steps[self.outbox.step])
        self.showing.watch()
        self._watch(readable)
        offer_ipython(self.showing.display, self.showing.clear)
        leave: Any = self._exited
        os._exit = leave  # a program that ends itself is told where
        if self.task.again:
            move_clock()
        for pattern in self.task.depends:
            self.witness.record.see("file", DEPENDS + pattern, step=-1)
        replace_what_is_silent(self.witness)
        self.witness.watch()

    def _listen(self) -> None:
        """Take the place of the streams, and let nothing that they say depend on where this machine keeps its files."""
        task = self.task
        names = [
            (f"{task.room}/blog", "/blog"),
            (task.room, "/room"),
            (str(Path(task.room).parent), "/rooms"),
            (sysconfig.get_path("purelib"), "/python/site-packages"),
            (str(Path(os.__file__).parent), "/python"),
            *((prefix, "/python") for prefix in (sys.prefix, sys.base_prefix) if not prefix.startswith("/usr")),
            (task.root, "/blog"),
            (str(PACKAGE), "/sitegen"),
        ]
        self.speech = Speech(self.said, int(task.limits["output_size"]), names, self.say_too_much)
        self.outbox.speech = self.speech
        sys.argv = [""]
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115, PTH123 - stays open for the program
        out: Any = Voice(self.speech, "stdout")
        err: Any = Voice(self.speech, "stderr")
        sys.stdout = sys.__stdout__ = out  # type: ignore[misc] # a constant for others
        sys.stderr = sys.__stderr__ = err  # type: ignore[misc] # see above

    def _watch(self, readable: list[str]) -> None:
        """Prepare to see what the program looks at, and let it import modules of the blog."""
        task = self.task
        world, attention = World(Path(task.root), task.variables), Attention()
        own = (sys.prefix, sys.base_prefix, *_SYSTEM, task.room, os.environ["MPLCONFIGDIR"])
        writable = tuple(f"{task.room}/{name}" for name in scratch.WRITABLE)
        self.witness = Witness(
            world,
            Guard(world, self.mirror, tuple(readable), writable),
            places=Places(world, self.mirror, own, attention),
            record=Record(world, attention, folder=task.folder, shared=self.shared, step=lambda: self.outbox.step),
            attention=attention,
            folder=task.folder,
            started=self._started,
        )
        set_imports(self.witness)

    # ------------------------------------------------------------------------------------------------ forked

    def go_on(self) -> None:
        """Be the program, in a process that was forked from it."""
        self.outbox.go_on()
        self.speech.go_on()
        self.witness.go_on()

    def resume(self, task: Task, result: int, said: int, shared: int) -> None:
        """Take up another task from the next step on. said, shared: sizes that the files had when the last step was done."""
        self.task, self.outbox.pipe = task, scratch.move_up(result)
        os.ftruncate(self.said, said)
        os.ftruncate(self.shared, shared)
        self.began = time.time()
        self.witness.world.forget()

    def become_frame(self, result: int, run: Callable[[], None]) -> None:
        """Go on as the process of one frame of a slider, forked from the program's: run it, say what came out, end."""
        try:
            self.outbox.go_on()
            self.outbox.pipe = scratch.move_up(result)
            said = os.open(
                f"{self.task.room}/{scratch.WRITABLE[-1]}/said-{_getpid()}", os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600
            )
            for number in (1, 2):
                os.dup2(said, number)
            self.said = scratch.move_up(said)
            self.speech.listen_at(self.said)
            self.witness.attention.look_again()
            run()
            self.outbox.speak(encode("done", {}))
        except BaseException as error:  # noqa: BLE001 - the process ends here
            self.outbox.give_up(error)
        finally:
            _exit(0)

    # ------------------------------------------------------------------------------------------------ limits

    def say_too_much(self, line: int = 0) -> None:
        """End the program, which has printed more than it may."""
        message = says_too_much(int(self.task.limits["output_size"]))
        self.outbox.fail(message, line=line, limit="execute: output-size")

    def _started(self) -> None:
        """Count a process that the program starts; end it where there are too many."""
        count, allowed = self.board[0], int(self.task.limits["processes"])
        if count >= min(allowed, 255):
            if self.outbox.is_silent:
                _exit(71)
            self.outbox.fail(f"the program started more than {allowed} processes", limit="execute: processes")
        self.board[0] = count + 1

    def _exited(self, status: int = 0) -> None:
        if self.outbox.is_silent:
            _exit(status)
        self.outbox.fail(f"the program ended itself (os._exit({status}))", hint="a cell ends at its last line")
