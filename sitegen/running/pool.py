"""Programs by the handful: keeps the cores busy, ends what takes too long, collects the results.

One thread. Nothing that a worker says is trusted further than its own results.
"""

from __future__ import annotations

import contextlib
import re
import selectors
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from sitegen.errors import OF_MEMORY, OutdatedError
from sitegen.model import Failure, Output
from sitegen.running import client
from sitegen.running.chain import Chain, Chains, around
from sitegen.running.client import OwnMistake, Server, ServerFailed, is_starting, warm_server
from sitegen.running.ending import explain_end
from sitegen.running.messages import Inbox, Task
from sitegen.running.underway import GRACE, READERS, Underway, stop

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from sitegen.config import Limits
    from sitegen.model import Observation

_LONG = 1.0  # seconds after which a program takes long
_LOOK = 0.1  # seconds between two looks at whether a source is saved again
__all__ = ["Finished", "ServerFailed", "close", "end_removed", "is_starting", "run_all", "warm_server"]


class Finished(Struct, frozen=True):
    """How a task ended. index: which of the tasks. seconds: wall time. effort: (step, what it made, seconds)."""

    index: int
    outcome: Output | Failure
    observations: tuple[Observation, ...]
    seconds: float
    effort: tuple[tuple[int, str, float], ...] = ()


_chains = Chains()


def end_removed() -> None:
    """End the programs that sleep though their posts were removed."""
    _chains.end_removed()


def close() -> None:
    """End every program that sleeps, and the server of this process."""
    _chains.close()
    client.close()


def run_all(
    tasks: Sequence[Task],
    *,
    server: Server,
    workers: int,
    limits: Limits,
    keep: Callable[[bytes], str],
    sources: Callable[[int], Collection[Path]],
    meanwhile: Callable[[], None],
) -> Iterator[Finished]:
    """Run tasks, `workers` at a time, and yield each as it ends; figures go to `keep` as they arrive.

    A task with a name goes on where the last one of that name is the same, where that can be. While one takes long, `meanwhile`
    is called again and again. Raises OutdatedError when one of the `sources` of one that runs is saved again.
    """
    waiting = list(enumerate(tasks))[::-1]
    written = {task.name: sources(index) for index, task in waiting if task.name}
    saved = {name: _saved(paths) for name, paths in written.items()}
    runs: dict[int, Underway] = {}
    with selectors.DefaultSelector() as selector:
        try:
            while waiting or runs:
                while waiting and len(runs) < max(1, workers):
                    index, task = waiting.pop()
                    known = _chains.take(task)
                    run = _resume(index, task, *known, limits) if known else _begin(index, task, server, limits)
                    runs[index] = run
                    for place, channel in run.places.items():
                        selector.register(place, selectors.EVENT_READ, (run, channel))
                now = time.monotonic()
                nearest = min(run.deadline for run in runs.values())
                for key, _ in selector.select(max(0.0, min(nearest - now, _LOOK if saved else 1.0))):
                    run, channel = key.data
                    if READERS[channel](run, keep):
                        selector.unregister(key.fileobj)
                if saved and any(run.started + _LONG < now for run in runs.values()):
                    meanwhile()
                for run in list(runs.values()):
                    is_going_on = run.task.name and run.failure is None and not run.done
                    if is_going_on and saved[run.task.name] != _saved(written[run.task.name]):
                        run.failure, run.outdated = Failure(run.step, 0, "its source was saved again"), True
                        run.deadline = time.monotonic() + GRACE
                        stop(run)
                    _hurry(run)
                    if _asked_for_itself(run):
                        run.task, run.refused = replace(run.task, name=""), True
                    if not run.refused and (not run.drained or run.report is None):
                        continue
                    del runs[run.index]
                    for place in run.places:
                        with contextlib.suppress(KeyError):
                            selector.unregister(place)
                    if run.refused:  # it runs from its beginning
                        run.close()
                        run.forget()
                        waiting.append((run.index, run.task))
                    else:
                        finished = _finish(run, limits, server)
                        if run.outdated:
                            raise OutdatedError
                        yield finished
        finally:
            for run in runs.values():
                run.close()  # a supervisor whose control pipe ends kills its program
                run.forget()


def _saved(paths: Collection[Path]) -> list[tuple[int, ...]]:
    """Return what tells whether any of some files is saved again, or away."""
    found: list[tuple[int, ...]] = []
    for path in paths:
        try:
            status = path.stat()
        except OSError:
            found.append(())
        else:
            found.append((status.st_ino, status.st_size, status.st_mtime_ns))
    return found


def _begin(index: int, task: Task, server: Server, limits: Limits) -> Underway:
    room = server.room()
    pairs = [socket.socketpair() for _ in range(3)]
    for ours, _ in pairs:
        ours.setblocking(False)
    result, control, ask = (ours for ours, _ in pairs)
    task = replace(task, room=str(room), dump=f"{room}.dump")
    try:
        server.request(task, *(theirs for _, theirs in pairs))
    except (ServerFailed, OwnMistake, OSError):
        for ours, _ in pairs:
            ours.close()
        raise
    finally:
        for _, theirs in pairs:
            theirs.close()
    now = time.monotonic()
    inbox = Inbox(room=2 * limits.figure_size + 1_000_000)
    where = around(task) if task.name else ()
    return Underway(index, task, result, control, ask, inbox, room, now, now + limits.timeout, where)


def _resume(index: int, task: Task, chain: Chain, step: int, limits: Limits) -> Underway:
    """Go on with a program where it is what it was when it ran last. What it took until there counts, as in a run of all."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    task = replace(task, room=chain.task.room, dump=chain.task.dump)
    with theirs:
        chain.ask_for(task, step, theirs)
    began = time.monotonic() - next(one.seconds for one in chain.checkpoints if one.step == step)
    inbox = Inbox(room=2 * limits.figure_size + 1_000_000)
    run = Underway(index, task, ours, chain.control, chain.ask, inbox, Path(task.room), began, began + limits.timeout)
    run.around, run.turn = chain.around, chain.turn + 1
    run.results = [list(results) for results in chain.results[:step]]
    run.notes = tuple(note for note in chain.notes if _step_of(note) < step)
    run.effort = tuple(effort for effort in chain.effort if effort[0] < step)
    run.broken = tuple(failure for failure in chain.broken if failure.step < step)
    run.checkpoints = [one for one in chain.checkpoints if one.step <= step]
    return run


def _asked_for_itself(run: Underway) -> bool:
    """Whether a program failed only because it is a fork, to which the kernel does not show its own folder in /proc."""
    message = run.failure.message if run.checkpoints and run.failure else ""
    return message.startswith("PermissionError") and "/proc/" in message


def _step_of(note: str) -> int:
    step, _, _ = note.partition(":")
    return int(step) if re.fullmatch(r"-?\d{1,9}", step) else -1


def _hurry(run: Underway) -> None:
    """End a program whose time is over; at the second time, believe it gone."""
    if time.monotonic() < run.deadline:
        return
    if not run.late and run.report is None:
        run.late = True
        run.deadline = time.monotonic() + GRACE
        with contextlib.suppress(OSError):
            run.control.send(b"t")
        return
    run.report = run.report if run.report is not None else {}
    run.drained = True


def _finish(run: Underway, limits: Limits, server: Server) -> Finished:
    seconds = time.monotonic() - run.started
    run.asleep = run.asleep and not run.late and (run.done or run.failure is not None)
    run.result.close()
    try:
        outcome = _outcome(run, limits, server)
    finally:
        if run.asleep:
            came = (tuple(map(tuple, run.results)), run.notes, run.effort, run.broken)
            _chains.keep(Chain(run.task, run.around, run.control, run.ask, run.checkpoints, run.turn, *came))
        else:
            run.close()
            run.forget()
    return Finished(run.index, outcome, run.observations, seconds, run.effort)


def _outcome(run: Underway, limits: Limits, server: Server) -> Output | Failure:
    outcome: Output | Failure
    if run.failure is not None:
        outcome = run.failure
    elif run.done and len(run.results) == len(run.task.steps):
        outcome = Output(tuple(tuple(results) for results in run.results), run.notes)
    elif not run.report and not run.late and server.has_ended():
        raise server.reason(f"the fork server was ended; {OF_MEMORY}")
    else:
        outcome = explain_end(run, limits)
    if run.broken:
        ended = (outcome,) if isinstance(outcome, Failure) else ()
        outcome = replace(run.broken[0], more=(*run.broken[1:], *ended))
    return outcome
