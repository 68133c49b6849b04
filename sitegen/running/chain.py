"""The parent's end of checkpoints: programs that ran and sleep, and which of them a changed program may go on with."""

from __future__ import annotations

import contextlib
import selectors
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from sitegen.running.client import remove
from sitegen.running.messages import REQUEST, encode_task
from sitegen.running.watched.observe import World

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sitegen.model import Digest, Failure, Result
    from sitegen.running.messages import Task
    from sitegen.running.underway import Checkpoint

MOST = 2  # programs that sleep: an author edits one post, and looks at another


class Chain(Struct):
    """A program that ran, with copies of its process from before some of its steps.

    control, ask: to its supervisor and to the copies. checkpoints: the copies. turn: how often it was gone on with. results,
    notes, effort, broken: what came of it, as in a run. around: what `around` said before it ran.
    """

    task: Task
    around: Sequence[Digest]
    control: socket.socket
    ask: socket.socket
    checkpoints: Sequence[Checkpoint]
    turn: int
    results: Sequence[tuple[Result, ...]]
    notes: tuple[str, ...]
    effort: tuple[tuple[int, str, float], ...]
    broken: tuple[Failure, ...]

    @property
    def is_whole(self) -> bool:
        """Whether all copies still sleep: none has anything to say then. One that was killed is told of by the one before it."""
        with selectors.DefaultSelector() as selector:
            for place in (self.control, self.ask):
                selector.register(place, selectors.EVENT_READ)
            return not selector.select(0)

    def checkpoint_for(self, task: Task) -> int:
        """Return the step before which a changed program may go on, 0 for none."""
        same = replace(task, room=self.task.room, dump=self.task.dump, steps=self.task.steps)
        if same != self.task or around(task) != self.around:
            return 0
        pairs = enumerate(zip(task.steps, self.task.steps, strict=False))
        changed = next((n for n, (one, other) in pairs if one != other), min(len(task.steps), len(self.task.steps)))
        world = World(Path(task.root), task.variables)
        for step, seen, _ in reversed(self.checkpoints):
            if step <= changed and step < len(task.steps):
                is_same = all(world.current(one, task.folder) == one.digest for one in seen)
                return step if is_same else 0
        return 0

    def ask_for(self, task: Task, step: int, result: socket.socket) -> None:
        """Let the copy before a step run a changed program on."""
        data = encode_task(task)
        with contextlib.suppress(OSError):  # a chain that is gone says so by its end
            self.ask.setblocking(True)
            socket.send_fds(self.ask, [REQUEST.pack(step, self.turn + 1, len(data))], [result.fileno()])
            self.ask.sendall(data)
            self.ask.setblocking(False)

    def close(self) -> None:
        """End the copies, and remove what the program left on the disk."""
        self.control.close()  # a supervisor whose control pipe ends kills its program
        self.ask.close()
        remove(Path(self.task.room))
        Path(self.task.dump).unlink(missing_ok=True)


class Chains:
    """The programs that sleep, by name, the last used last."""

    def __init__(self) -> None:
        self._chains: dict[str, Chain] = {}

    def keep(self, chain: Chain) -> None:
        """Keep a program for later; those that were not used for longest are ended."""
        self._chains[chain.task.name] = chain
        for name in list(self._chains)[:-MOST]:
            self._chains.pop(name).close()

    def take(self, task: Task) -> tuple[Chain, int] | None:
        """Return the program that a task may go on with, and before which step; one that it may not go on with is ended."""
        chain = self._chains.pop(task.name, None) if task.name else None
        step = chain.checkpoint_for(task) if chain and chain.is_whole else 0
        if chain and step:
            return chain, step
        if chain:
            chain.close()
        return None

    def end_removed(self) -> None:
        """End the programs of posts that are not there any more."""
        for name, chain in list(self._chains.items()):
            if not Path(chain.task.root, name).exists():
                self._chains.pop(name).close()

    def close(self) -> None:
        """End all."""
        while self._chains:
            self._chains.popitem()[1].close()


def around(task: Task) -> list[Digest]:
    """Return what stands in the folders that a program's own folder mirrors: it was made when the program began."""
    world, folder = World(Path(task.root), task.variables), Path(task.folder)
    return [world.listing(str(place), task.folder) for place in (folder, *folder.parents)]
