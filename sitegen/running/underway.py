"""A program under way: what it, its supervisor and its copies have said so far. Nothing of it is trusted further than its results."""

from __future__ import annotations

import contextlib
import json
import math
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from sitegen.model import Animation, Failure, Figure, Frames, Saved, Shown
from sitegen.running import messages
from sitegen.running.client import mistake_of, remove
from sitegen.running.messages import Garbled, Inbox, Task
from sitegen.running.server import REPORT, STOP, STOPS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sitegen.model import Digest, Observation, Result

_OPENED = "write only to what the cell opened: a number such as 5 in os.write(5, ...) may be another's"
GRACE = 3.0  # seconds that a supervisor has to report after its program ended


class Checkpoint(NamedTuple):
    """A copy of a program's process: before which step, what was observed until then, and the seconds that it took."""

    step: int
    observations: tuple[Observation, ...]
    seconds: float


class Underway(Struct):
    """A program under way: what it has said so far, and what is known of its process.

    turn: how often it was gone on with. refused: it has to run from its beginning.
    """

    index: int
    task: Task
    result: socket.socket
    control: socket.socket
    ask: socket.socket
    inbox: Inbox
    room: Path
    started: float
    deadline: float
    around: Sequence[Digest] = ()
    results: list[list[Result]] = []
    observations: tuple[Observation, ...] = ()
    notes: tuple[str, ...] = ()
    effort: tuple[tuple[int, str, float], ...] = ()
    frames: Frames | None = None
    failure: Failure | None = None
    broken: tuple[Failure, ...] = ()
    checkpoints: list[Checkpoint] = []
    done: bool = False
    drained: bool = False
    asleep: bool = False
    turn: int = 0
    refused: bool = False
    report: Mapping[str, object] | None = None
    late: bool = False
    outdated: bool = False

    @property
    def step(self) -> int:
        """The step that runs."""
        return len(self.results) - 1

    @property
    def places(self) -> dict[socket.socket, str]:
        """The ends that are read from, each with the name of its channel."""
        return {self.result: "result", self.control: "control", self.ask: "ask"}

    def close(self) -> None:
        """Let go of the program; its supervisor then ends it."""
        for place in self.places:
            place.close()

    def forget(self) -> None:
        """Remove what the program left on the disk."""
        remove(self.room)
        Path(self.task.dump).unlink(missing_ok=True)


def end(run: Underway) -> None:
    """Let the supervisor end the program."""
    with contextlib.suppress(OSError):
        run.control.shutdown(socket.SHUT_WR)


def stop(run: Underway) -> None:
    """Let the supervisor end the program, but not the copies that it has left."""
    with contextlib.suppress(OSError):
        if run.checkpoints:
            run.control.send(STOP)
        else:
            end(run)


def _received(place: socket.socket, most: int) -> bytes | None:
    """Return what came, None where nothing did; b"" where nothing will come any more."""
    try:
        return place.recv(most)
    except BlockingIOError:
        return None
    except OSError:
        return b""


def _read_result(run: Underway, keep: Callable[[bytes], str]) -> bool:
    """Take in what the worker says. Returns whether it has no more to say."""
    data = _received(run.result, 1 << 20)
    if data is None:
        return False
    if not data:
        run.drained = True
        return True
    if run.failure is not None or run.done:
        return False  # read on, so that it does not wait for us, but believe nothing more
    try:
        for frame in run.inbox.feed(data):
            _take(run, frame, keep)
    except Garbled:
        _refuse(run)
    return False


def _refuse(run: Underway) -> None:
    """End a program that wrote where only what runs it writes."""
    run.failure = Failure(run.step, 0, "the program wrote into the pipe that carries its results", hint=_OPENED)
    end(run)


def _take(run: Underway, frame: messages.Frame, keep: Callable[[bytes], str]) -> None:
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
            kinds = Shown if "value" in frame.content else Figure | Animation
            taken = [result for result in run.results[-1] if isinstance(result, kinds)]
            for place in frame.content.keys() & {"place", "value"}:
                taken = taken[frame.number(place) :][:1]
            run.results[-1] = [result for result in run.results[-1] if not any(result is one for one in taken)]
        case "filmed" if run.results:
            run.effort += ((run.step, f"an animation of {frame.number('count')} pictures", frame.amount("seconds")),)
        case "slider" if run.results and run.frames is None:
            run.frames = Frames(messages.decode_axes(frame), frame.number("start"), ())
        case "frame" if run.frames is not None:
            run.frames = replace(run.frames, frames=(*run.frames.frames, ()))
        case "slid" if run.frames is not None:
            count = len(run.frames.frames)
            if count != math.prod(len(values) for _, values in run.frames.axes) or not 0 <= run.frames.start < count:
                raise Garbled
            run.results[-1].append(run.frames)
            run.effort += ((run.step, f"a slider of {count} frames", frame.amount("seconds")),)
            run.frames = None
        case "checkpoint" if run.results:
            seconds = time.monotonic() - run.started
            run.checkpoints.append(Checkpoint(len(run.results), messages.decode_observations(frame), seconds))
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
            raise mistake_of(frame.text("text"))
        case _:
            raise Garbled


def _kept(result: Result, names: Sequence[str]) -> Result:
    """Return a result with the names under which its bytes are kept."""
    if isinstance(result, Figure):
        come = [name for name in messages.CONTENTS if getattr(result, name) == messages.COMES]
        if len(come) != len(names) or come[:1] not in (["svg"], ["light"]):
            raise Garbled
        return replace(result, **dict(zip(come, names, strict=True)))
    if isinstance(result, Animation):
        if len(names) != 4 or any(getattr(result.still, name) for name in messages.CONTENTS):
            raise Garbled
        light, dark, *stills = names
        still = replace(result.still, light=stills[0], dark=stills[1])
        return replace(result, light=light, dark=dark, still=still)
    if isinstance(result, Saved):
        if len(names) != 1:
            raise Garbled
        return replace(result, content=names[0])
    return result


def _read_ask(run: Underway) -> bool:
    """Take in what a copy of the program says: how the program ended, or that it cannot be gone on with."""
    data = _received(run.ask, REPORT)
    if not data:
        return data is not None
    try:
        said = json.loads(data)
    except ValueError:  # something else writes here
        if run.failure is None and not run.done:
            _refuse(run)
        else:
            end(run)
        return True
    run.refused = "refused" in said or said.get("turn") != run.turn  # the second: a copy ended, of an earlier turn
    run.report = said
    run.asleep = said.get("status") in {0, STOPS} and not said.get("left")
    if not run.asleep:
        end(run)
    run.deadline = time.monotonic() + GRACE
    return False


def _read_control(run: Underway) -> bool:
    """Take in how the supervisor says it ended."""
    data = _received(run.control, REPORT)
    if data is None:
        return False
    run.asleep = False
    run.deadline = time.monotonic() + GRACE
    said: dict[str, object] = {}
    if data:
        try:
            said = json.loads(data)
        except ValueError:
            said = {"bug": data.decode("ascii", "replace")}
    is_over = run.late or run.done or run.failure is not None or run.report is not None
    if run.turn and not is_over and not (said.get("reason") or said.get("bug")):
        run.refused = True  # a copy was ended: the one before a program tells how that ended
    if said or run.report is None:
        run.report = said
    return not data


# By channel: takes in what came and returns whether the channel has no more to say.
READERS: dict[str, Callable[[Underway, Callable[[bytes], str]], bool]] = {
    "result": _read_result,
    "control": lambda run, _: _read_control(run),
    "ask": lambda run, _: _read_ask(run),
}
