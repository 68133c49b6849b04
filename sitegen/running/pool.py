"""Programs by the handful: keeps the cores busy, ends what takes too long, collects the results.

One thread. Nothing that a worker says is trusted further than its own results.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import re
import selectors
import signal
import socket
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from sitegen.model import Animation, Failure, Figure, Frames, Output
from sitegen.running import messages, trouble
from sitegen.running.client import OwnMistake, Server, ServerFailed, close, remove, warm_server
from sitegen.running.messages import Garbled, Inbox, Task
from sitegen.running.observe import PACKAGE
from sitegen.running.server import REPORT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sitegen.config import Limits
    from sitegen.model import Observation, Result

__all__ = ["Finished", "ServerFailed", "close", "run_all", "warm_server"]

GRACE = 3.0  # seconds that a supervisor has to report after its program ended


@dataclass(frozen=True, slots=True)
class Finished:
    """How a task ended. index: which of the tasks. seconds: wall time. effort: (step, what it made, seconds)."""

    index: int
    outcome: Output | Failure
    observations: tuple[Observation, ...]
    seconds: float
    effort: tuple[tuple[int, str, float], ...] = ()


@dataclass(slots=True)
class _Run:
    """A program under way: what it has said so far, and what is known of its process."""

    index: int
    task: Task
    result: socket.socket
    control: socket.socket
    inbox: Inbox
    room: Path
    started: float
    deadline: float
    results: list[list[Result]] = field(default_factory=list)
    observations: tuple[Observation, ...] = ()
    notes: tuple[str, ...] = ()
    effort: tuple[tuple[int, str, float], ...] = ()
    frames: Frames | None = None
    failure: Failure | None = None
    broken: tuple[Failure, ...] = ()
    done: bool = False
    drained: bool = False
    report: Mapping[str, object] | None = None
    late: bool = False

    @property
    def step(self) -> int:
        return len(self.results) - 1

    def close(self) -> None:
        self.result.close()
        self.control.close()

    def forget(self) -> None:
        """Remove what the program left on the disk."""
        remove(self.room)
        Path(self.task.dump).unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def run_all(
    tasks: Sequence[Task], *, server: Server, workers: int, limits: Limits, keep: Callable[[bytes], str]
) -> Iterator[Finished]:
    """Run tasks, `workers` at a time, and yield each as it ends; figures go to `keep` as they arrive."""
    waiting = list(enumerate(tasks))[::-1]
    runs: dict[int, _Run] = {}
    with selectors.DefaultSelector() as selector:
        try:
            while waiting or runs:
                while waiting and len(runs) < max(1, workers):
                    index, task = waiting.pop()
                    run = _begin(index, task, server, limits)
                    runs[index] = run
                    selector.register(run.result, selectors.EVENT_READ, (run, "result"))
                    selector.register(run.control, selectors.EVENT_READ, (run, "control"))
                now = time.monotonic()
                nearest = min(run.deadline for run in runs.values())
                for key, _ in selector.select(max(0.0, min(nearest - now, 1.0))):
                    run, channel = key.data
                    ended = _read_result(run, keep) if channel == "result" else _read_control(run)
                    if ended:
                        selector.unregister(key.fileobj)
                for run in list(runs.values()):
                    _hurry(run)
                    if run.drained and run.report is not None:
                        del runs[run.index]
                        for place in (run.result, run.control):
                            with contextlib.suppress(KeyError):
                                selector.unregister(place)
                        yield _finish(run, limits)
        finally:
            for run in runs.values():
                run.close()  # a supervisor whose control pipe ends kills its program
                run.forget()


def _begin(index: int, task: Task, server: Server, limits: Limits) -> _Run:
    room = server.room()
    ours, result = socket.socketpair()
    control, theirs = socket.socketpair()
    ours.setblocking(False)
    control.setblocking(False)
    task = replace(task, room=str(room), dump=f"{room}.dump")
    with result, theirs:
        try:
            server.request(task, result, theirs)
        except (ServerFailed, OwnMistake):
            ours.close()
            control.close()
            raise
    now = time.monotonic()
    inbox = Inbox(room=2 * limits.figure_size + 1_000_000)
    return _Run(index, task, ours, control, inbox, room, now, now + limits.timeout)


def _read_result(run: _Run, keep: Callable[[bytes], str]) -> bool:
    """Take in what the worker says. Returns whether it has no more to say."""
    try:
        data = run.result.recv(1 << 20)
    except BlockingIOError:
        return False
    except OSError:
        data = b""
    if not data:
        run.drained = True
        return True
    if run.failure is not None or run.done:
        return False  # read on, so that it does not wait for us, but believe nothing more
    try:
        for frame in run.inbox.feed(data):
            _take(run, frame, keep)
    except Garbled:
        run.failure = Failure(run.step, 0, "the program wrote into the pipe that carries its results")
        _end(run)
    return False


def _take(run: _Run, frame: messages.Frame, keep: Callable[[bytes], str]) -> None:
    match frame.kind:
        case "step":
            run.results.append([])
        case "result" if run.results:
            result = _kept(messages.decode_result(frame), [keep(part) for part in frame.payload])
            if run.frames is None:
                run.results[-1].append(result)
            else:
                *before, last = run.frames.frames
                run.frames = replace(run.frames, frames=(*before, (*last, result)))
        case "clear" if run.results:
            run.results[-1] = [result for result in run.results[-1] if not isinstance(result, Figure | Animation)]
        case "filmed" if run.results:
            run.effort += ((run.step, f"an animation of {frame.number('count')} pictures", frame.amount("seconds")),)
        case "slider" if run.results and run.frames is None:
            run.frames = Frames(messages.decode_axes(frame), frame.number("start"), ())
        case "frame" if run.frames is not None:
            run.frames = replace(run.frames, frames=(*run.frames.frames, ()))
        case "slid" if run.frames is not None:
            if len(run.frames.frames) != math.prod(len(values) for _, values in run.frames.axes):
                raise Garbled
            run.results[-1].append(run.frames)
            run.effort += ((run.step, f"a slider of {len(run.frames.frames)} frames", frame.amount("seconds")),)
            run.frames = None
        case "observed":
            run.observations = messages.decode_observations(frame)
        case "note":
            run.notes += (frame.text("text"),)
        case "broken":
            run.broken += (messages.decode_failure(frame),)
        case "failure":
            run.failure = messages.decode_failure(frame)
        case "done":
            run.done = True
        case "bug":
            raise OwnMistake(frame.text("text"))
        case _:
            raise Garbled


def _kept(result: Result, names: Sequence[str]) -> Result:
    """Return a result with the names under which its bytes are kept."""
    if isinstance(result, Figure):
        come = [name for name in messages.CONTENTS if getattr(result, name) == messages.COMES]
        if len(come) != len(names) or come[:1] not in (["svg"], ["light"]):
            raise Garbled
        return replace(result, **dict(zip(come, names, strict=True)))  # type: ignore[arg-type] # digests all
    if isinstance(result, Animation):
        if len(names) != 4:
            raise Garbled
        light, dark, *stills = names
        still = replace(result.still, light=stills[0], dark=stills[1])
        return replace(result, light=light, dark=dark, still=still)
    return result


def _read_control(run: _Run) -> bool:
    """Take in how the supervisor says it ended."""
    try:
        data = run.control.recv(REPORT)
    except BlockingIOError:
        return False
    except OSError:
        data = b""
    if data:
        try:
            run.report = json.loads(data)
        except ValueError:
            run.report = {"bug": data.decode("ascii", "replace")}
        run.deadline = time.monotonic() + GRACE
        return False
    if run.report is None:
        run.report = {}
    run.deadline = time.monotonic() + GRACE
    return True


def _hurry(run: _Run) -> None:
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


def _end(run: _Run) -> None:
    with contextlib.suppress(OSError):
        run.control.shutdown(socket.SHUT_WR)


def _finish(run: _Run, limits: Limits) -> Finished:
    seconds = time.monotonic() - run.started
    with run:
        outcome: Output | Failure
        if run.failure is not None:
            outcome = run.failure
        elif run.done and len(run.results) == len(run.task.steps):
            outcome = Output(tuple(tuple(results) for results in run.results), run.notes)
        else:
            outcome = _explain_end(run, limits)
    if run.broken:
        ended = (outcome,) if isinstance(outcome, Failure) else ()
        outcome = replace(run.broken[0], more=(*run.broken[1:], *ended))
    run.forget()
    return Finished(run.index, outcome, run.observations, seconds, run.effort)


def _explain_end(run: _Run, limits: Limits) -> Failure:
    """Return what to say of a program that did not come to its end."""
    step, line, inside = _last_place(run)
    stood = f"; it stood in {inside}" if inside else ""
    report = run.report or {}
    if "bug" in report:
        raise OwnMistake(str(report["bug"]))
    reason, status = report.get("reason"), report.get("status")
    if reason == "timeout" or run.late:
        message = f"the program did not end within {limits.timeout:g} s{stood}"
        return Failure(step, line, message, limit="execute: timeout")
    over = {
        "processes": f"the program started more than {limits.processes} processes",
        "files": trouble.TOO_MANY_BYTES,
        "output-size": trouble.says_too_much(limits.output_size),
    }
    if reason in over:
        return Failure(step, line, over[reason], limit=f"execute: {reason}")
    if isinstance(status, int) and os.WIFSIGNALED(status):
        number = signal.SIGABRT if _is_aborted(run) else os.WTERMSIG(status)
        name = signal.Signals(number).name if number in set(signal.Signals) else str(number)
        if number == signal.SIGKILL:
            hint = "the system ends programs that use too much memory; or the code ended itself"
            return Failure(step, line, "the program was killed (SIGKILL)", hint=hint)
        what = (
            "crashed"
            if number in {signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGFPE, signal.SIGILL}
            else "ended"
        )
        return Failure(
            step,
            line,
            f"the program {what} ({name}){stood}",
            hint="code outside Python failed, or the code sent a signal",
        )
    code = os.WEXITSTATUS(status) if isinstance(status, int) else None
    if code == trouble.CLOSED:
        message = "the program closed what it speaks through to the build"
        return Failure(step, line, message, hint="close only what the cell opened: os.closerange(...) closes more")
    said = "" if code is None else f" with exit status {code}"
    return Failure(step, line, f"the program's process ended before its last cell did{said}")


def _is_aborted(run: _Run) -> bool:
    """Whether the program called abort(), which ends the first process of a pid namespace by a bad access at last."""
    return "Fatal Python error: Aborted" in _dumped(run)


def _dumped(run: _Run) -> str:
    try:
        return Path(run.task.dump).read_bytes()[:200_000].decode("utf-8", "replace")
    except OSError:
        return ""


def _last_place(run: _Run) -> tuple[int, int, str]:
    """Return the step and the line where a crash or the end of patience found the program, and where in a module."""
    cell = trouble.cell_name(run.step)
    roots = (f"{run.task.room}/blog", run.task.root, str(PACKAGE.parent))
    for thread in _dumped(run).split("\n\n"):
        inside = ""
        for file, line, function in re.findall(r'File "([^"\n]+)", line (\d+) in (\S+)', thread):
            if file == cell:
                return run.step, int(line), inside
            shown = trouble.file_name(file, cell, roots) if not trouble.is_ours(file) else ""
            if shown and not inside:
                inside = f"{shown}, line {line}, in {function}"
    return run.step, 0, ""
