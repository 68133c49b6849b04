"""A cell with sliders: run once for every value, each run in a process that starts where the cell starts.

The frames are forks of the program, so none sees what another did, and they use every core. Frames are drawn within the
limits that the axes of the default frame choose; where one needs others, all are drawn again within those that hold
all. The default frame is drawn by the program itself at last, which goes on with its value.
"""

from __future__ import annotations

import gc
import math
import os
import re
import selectors
import signal
import time
from itertools import pairwise, product
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from msgspec.structs import replace

from sitegen.keys import digest
from sitegen.model import Figure
from sitegen.running.cell import evaluate, run_cell
from sitegen.running.figures.lock import Row, Study, join
from sitegen.running.messages import Inbox, decode_failure, decode_result, encode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sitegen.model import Failure, Result, Step
    from sitegen.running.messages import Frame
    from sitegen.running.process import Process

_MOST_BYTES = 1 << 30  # of one message between two processes of one program
_HEAD = re.compile(rb'width="([\d.]+)" height="([\d.]+)" viewBox="(-?[\d.]+) (-?[\d.]+) ([\d.]+) ([\d.]+)"')
_Drawn = tuple["Result", tuple[bytes, ...]]


def run_frames(process: Process, step: Step, space: dict[str, Any]) -> None:
    """Run a cell once for every value of its sliders and send what came out. Ends the program where that fails."""
    started = time.monotonic()
    names = [name for name, _, _ in step.sliders]
    values = [_values(process, name, written, space) for name, written, _ in step.sliders]
    start = [
        _start(process, name, first, some, space) for (name, _, first), some in zip(step.sliders, values, strict=True)
    ]
    combinations = list(product(*values))
    most = int(process.task.limits["frames"])
    if len(combinations) > most:
        message = f"the sliders of this cell make {len(combinations)} frames, and {most} are allowed"
        process.outbox.fail(message, limit="execute: frames", hint="take fewer values: linspace(0, 1, 20)")
    default = 0
    for index, some in zip(start, values, strict=True):
        default = default * len(some) + index
    prefix = f"s{digest(repr(step), str(process.outbox.step))[:8]}"

    limits: list[Row] | None = [] if not step.locked else None
    firm = not step.locked

    def frame(index: int) -> Callable[[], None]:
        def run() -> None:  # in a fork, which sees the limits as they are known by then
            space.update(zip(names, combinations[index], strict=True))
            process.showing.gallery.study = study = Study(prefix, limits, firm=firm)
            run_cell(process, step, space)
            process.outbox.speak(encode("rows", {"rows": study.rows, "drawn": study.drawn}))

        return run

    others = [index for index in range(len(combinations)) if index != default]
    outcomes: dict[int, _Outcome] = {}
    if step.locked:
        outcomes |= _fork_all(process, {default: frame(default)}, names, combinations)
        limits = outcomes[default].rows
    outcomes |= _fork_all(process, {index: frame(index) for index in others}, names, combinations)
    if not all(outcomes[index].drawn for index in others):
        rows = [outcomes[index].rows for index in (default, *others)]
        limits = [join([row[figure] for row in rows if figure < len(row)]) for figure in range(max(map(len, rows)))]
        firm = True
        outcomes |= _fork_all(process, {index: frame(index) for index in others}, names, combinations)
    space.update(zip(names, combinations[default], strict=True))
    gallery, outbox = process.showing.gallery, process.outbox
    gallery.study = Study(prefix, limits, firm=True)
    outbox.kept = []
    run_cell(process, step, space)
    shown, outbox.kept, gallery.study = outbox.kept, None, None
    frames = _in_one_box([shown if index == default else outcomes[index].results for index in range(len(combinations))])
    axes = [[name, _texts(some)] for name, some in zip(names, values, strict=True)]
    process.outbox.speak(encode("slider", {"axes": axes, "start": default}))
    for results in frames:
        process.outbox.speak(encode("frame", {}))
        for result, payload in results:
            outbox.send(result, *payload)
    process.outbox.speak(encode("slid", {"seconds": round(time.monotonic() - started, 2), "count": len(frames)}))
    process.showing.send_written(step)


# ------------------------------------------------------------------------------------------------------ values


def _values(process: Process, name: str, written: str, space: Mapping[str, object]) -> list[object]:
    try:
        found: Any = evaluate(written, {**_NUMPY, **space})
        values = [_plain(value) for value in (np.ravel(found) if isinstance(found, np.ndarray) else list(found))]
    except Exception as error:
        process.outbox.fail(f"the slider `{name}: {written}` has no values: {type(error).__name__}: {error}", line=1)
        raise
    if len(values) < 2:
        process.outbox.fail(f"the slider `{name}: {written}` has {len(values)} values, and needs at least two", line=1)
    for value in values:
        if not isinstance(value, int | float | str) or (isinstance(value, float) and not math.isfinite(value)):
            message = f"the slider `{name}` has the value {value!r}, which is neither a number nor text"
            process.outbox.fail(message, line=1)
    return values


def _start(process: Process, name: str, first: str, values: Sequence[object], space: Mapping[str, object]) -> int:
    """Return which value is shown at first: the one nearest to what the author says, else the middle one."""
    if not first:
        return len(values) // 2
    try:
        wanted = _plain(evaluate(first, {**_NUMPY, **space}))
    except Exception:  # noqa: BLE001 - a bare word is itself
        wanted = first
    if wanted in values:
        return values.index(wanted)
    numbers = [value for value in values if isinstance(value, int | float)]
    if not isinstance(wanted, int | float) or len(numbers) < len(values):
        process.outbox.fail(f"the slider `{name}` starts at {first}, which is none of its values", line=1)
        return 0
    return min(range(len(numbers)), key=lambda index: abs(numbers[index] - wanted))


def _plain(value: Any) -> object:  # noqa: ANN401 - whatever the author's list holds
    return value.item() if isinstance(value, np.generic) else value


def _texts(values: Sequence[object]) -> list[str]:
    """Return values as a reader sees them: numbers with as many digits as tell neighbours apart."""
    floats = [value for value in values if isinstance(value, float)]
    if len(floats) < len(values):
        return [str(value) for value in values]
    steps = [abs(one - two) for one, two in pairwise(floats)]
    shapes = [f".{digits}f" for digits in range(5)] if max(steps) < 20 * min(steps) else []
    for shape in (*shapes, ".3g"):  # values over several magnitudes are not written with as many decimals each
        texts = [format(value, shape) for value in floats]
        exact = all(abs(float(text) - value) <= min(steps) / 20 for text, value in zip(texts, floats, strict=True))
        if exact or (shape == ".2f" and len(set(texts)) == len(texts)):
            break
    return [text.replace("-0", "0") if float(text) == 0 else text for text in texts]


_NUMPY = {name: value for name, value in vars(np).items() if not name.startswith("_")}


# ---------------------------------------------------------------------------------------------------- processes


class _Outcome:
    """What one frame's process has said so far."""

    def __init__(self) -> None:
        self.results: list[_Drawn] = []
        self.rows: list[Row] = []
        self.drawn = True
        self.broken: list[Failure] = []
        self.failure: Failure | None = None
        self.done = False


def _fork_all(
    process: Process,
    frames: Mapping[int, Callable[[], None]],
    names: Sequence[str],
    combinations: Sequence[Sequence[object]],
) -> dict[int, _Outcome]:
    """Run each frame in a fork of this process, as many at a time as there are cores."""
    waiting = list(frames.items())[::-1]
    outcomes: dict[int, _Outcome] = {}
    cores = max(1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    running: dict[int, int] = {}
    inboxes: dict[int, Inbox] = {}
    gc.freeze()  # what the forks share stays shared
    with selectors.DefaultSelector() as selector, process.witness.attention.at_work():
        while waiting or running:
            while waiting and len(running) < cores:
                index, run = waiting.pop()
                pipe, pid = _fork(process, run)
                running[pipe], outcomes[index], inboxes[pipe] = pid, _Outcome(), Inbox(_MOST_BYTES)
                selector.register(pipe, selectors.EVENT_READ, index)
            for key, _ in selector.select():
                pipe, index = key.fd, key.data
                data = os.read(pipe, 1 << 20)
                for message in inboxes[pipe].feed(data):
                    _take(outcomes[index], message)
                if data:
                    continue
                selector.unregister(pipe)
                os.close(pipe)
                _, status = os.waitpid(running.pop(pipe), 0)
                _check(process, outcomes[index], status, names, combinations[index])
    return outcomes


def _fork(process: Process, run: Callable[[], None]) -> tuple[int, int]:
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid:
        os.close(theirs)
        return ours, pid
    os.close(ours)
    process.become_frame(theirs, run)
    return ours, pid  # never: a frame's process ends with it


def _take(outcome: _Outcome, message: Frame) -> None:
    match message.kind:
        case "result":
            outcome.results.append((decode_result(message), message.payload))
        case "rows":
            outcome.rows, outcome.drawn = cast("list[Row]", message.content["rows"]), message.content["drawn"] is True
        case "broken":
            outcome.broken.append(decode_failure(message))
        case "failure":
            outcome.failure = decode_failure(message)
        case "done":
            outcome.done = True


def _check(process: Process, outcome: _Outcome, status: int, names: Sequence[str], values: Sequence[object]) -> None:
    where = ", ".join(f"{name} = {value}" for name, value in zip(names, values, strict=True))
    for broken in outcome.broken:
        process.outbox.tell_broken(replace(broken, message=f"{broken.message} (with {where})"))
    failure = outcome.failure
    if failure is not None:
        process.outbox.fail(
            f"{failure.message} (with {where})", line=failure.line, traced=failure.traceback, limit=failure.limit,
            hint=failure.hint,
        )  # fmt: skip # as one sentence
    if not outcome.done:
        ended = f"crashed ({signal.Signals(status & 0x7F).name})" if status & 0x7F else "ended before its last line"
        process.outbox.fail(f"the process of the frame with {where} {ended}", line=1)


# --------------------------------------------------------------------------------------------------- same size


def _in_one_box(frames: list[list[_Drawn]]) -> list[list[_Drawn]]:
    """Give the SVGs that take turns the same view, around what any of them shows, so that nothing jumps."""
    drawn = [[number for number, (result, _) in enumerate(frame) if isinstance(result, Figure)] for frame in frames]
    for turn in range(max(map(len, drawn))):
        same = [(frame, numbers[turn]) for frame, numbers in zip(frames, drawn, strict=True) if turn < len(numbers)]
        found = [(frame, number, _HEAD.search(frame[number][1][0][:400])) for frame, number in same]
        svgs = [(frame, number, [float(part) for part in head.groups()[2:]]) for frame, number, head in found if head]
        if not svgs:
            continue
        left, top = (min(box[side] for _, _, box in svgs) for side in (0, 1))
        wide, high = (max(box[side] + box[side + 2] for _, _, box in svgs) - (left, top)[side] for side in (0, 1))
        width, height = round(wide * 96 / 72, 1), round(high * 96 / 72, 1)
        view = f'width="{width:g}" height="{height:g}" viewBox="{left:.2f} {top:.2f} {wide:.2f} {high:.2f}"'.encode()
        for frame, number, _ in svgs:
            figure, (svg,) = frame[number]
            if isinstance(figure, Figure):
                frame[number] = (replace(figure, width=width, height=height), (_HEAD.sub(view, svg, count=1),))
    return frames
