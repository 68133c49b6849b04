"""Runs one program in this process, step by step, and says what came of it: process.py makes it so, cell.py runs each step."""

from __future__ import annotations

import gc
import importlib
import itertools
import os
import random
import sys
import threading
import types
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from sitegen.running.cell import run_cell, show_value
from sitegen.running.checking import checks
from sitegen.running.checkpoint import Checkpoints
from sitegen.running.figures import animation, inks
from sitegen.running.figures.gallery import draw_first
from sitegen.running.messages import Inbox, decode_task, encode
from sitegen.running.process import Process
from sitegen.running.slider import run_frames
from sitegen.running.trouble import CELL_FILE

if TYPE_CHECKING:
    import mmap

    from sitegen.running.messages import Task

_exit = os._exit  # kept from a program that replaces it


def prepare() -> None:
    """Do once, in the fork server, what every program would do for its first figure."""
    inks.prepare()
    animation.prepare()
    draw_first()
    for name in ("multiprocessing.popen_spawn_posix", "multiprocessing.popen_forkserver"):
        sys.modules[name] = _ByFork(name)
    thread: Any = threading
    thread._counter = itertools.count(1).__next__  # noqa: SLF001 - matplotlib had one: a program's own first is `Thread-1`


def read_task(request: bytes) -> Task:
    """Return the task that the parent sent."""
    (frame,) = Inbox(0).feed(request)
    return decode_task(frame)


def work(task: Task, result: int, ask: int, board: mmap.mmap, *, limited: bool) -> None:
    """Run a task in this process; whatever happens, what is to be said is said.

    result: the pipe for it. ask: where the parent asks for the program again. board, limited: see Process.
    """
    gc.enable()  # the server has it off; what it left to us is frozen and not looked at
    gc.set_threshold(50_000, 20, 20)  # a program is short: a twentieth of its time went into looking for garbage
    process = Process(task, result, board, limited=limited)
    try:
        process.enter()
        _run(process, ask)
    except BaseException as error:  # noqa: BLE001 - the process ends here
        process.outbox.give_up(error)
    finally:
        _exit(0)


def _run(process: Process, ask: int) -> None:
    """Run all steps and say what was seen."""
    outbox, witness = process.outbox, process.witness
    space = _namespace(process)
    with witness.attention.at_work():
        checkpoints = Checkpoints(process, ask) if process.task.name else None
    while outbox.step + 1 < len(process.task.steps):  # which may be another's, where a copy has gone on
        if checkpoints and outbox.step >= 0:
            checkpoints.leave()
        outbox.step += 1
        step = process.task.steps[outbox.step]
        outbox.speak(encode("step", {}))
        if step.kind == "value":
            show_value(process, step, space)
        elif step.sliders:
            run_frames(process, step, space)
        else:
            run_cell(process, step, space)
    with witness.attention.at_work():
        followed = process.mirror.followed()
    outbox.speak(encode("observed", {"rows": witness.record.observations(followed, process.began)}))
    for note in witness.record.notes():
        outbox.speak(encode("note", {"text": note}))
    outbox.speak(encode("done", {}))


class _ByFork(types.ModuleType):
    """A module of multiprocessing's that starts processes anew: these would find no function of a cell, and be started for ever."""

    @property
    def Popen(self) -> Any:  # noqa: ANN401, N802 - its name there
        """What starts a process."""
        return importlib.import_module("multiprocessing.popen_fork").Popen


class _Main(types.ModuleType):
    """The program's module: its code finds `__file__`, and who asks the module for a file to run again finds none."""

    @property
    def __file__(self) -> str:  # type: ignore[override] # of a process that `spawn` starts
        raise AttributeError("__file__")


def _namespace(process: Process) -> dict[str, Any]:
    """Return the namespace that all cells share, with what every program finds there, and the same chance in every run."""
    main = sys.modules["__main__"] = _Main("__main__")
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 - what authors of older code rely on
    space = main.__dict__
    space["__file__"] = CELL_FILE
    space.update(rng=np.random.default_rng(0), display=process.showing.display, **checks(process.outbox))

    def warn(message: Warning | str, category: type[Warning], *_: object) -> None:
        process.speech.say("warning", f"{category.__name__}: {message}")

    warned: Any = warn
    warnings.showwarning = warned
    warnings.filterwarnings("ignore", message="Animation was deleted")
    warnings.filterwarnings(
        "ignore", message="(Tight layout not applied|This figure includes Axes that are not)"
    )  # as the page does
    warnings.filterwarnings("ignore", message="frames=.* which we can infer the length of")  # a note says it better
    return space
