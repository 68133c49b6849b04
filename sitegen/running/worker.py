"""Runs one program in this process, step by step, and says what came of it; the only `exec` in sitegen.

The process is used once: it changes its working folder, its modules, its rights, and ends.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import gc
import itertools
import linecache
import os
import random
import sys
import sysconfig
import threading
import time
import traceback
import types
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib import _pylab_helpers
from matplotlib.texmanager import TexManager

from sitegen.model import Animation, Claim, Failure, Raised, Shown
from sitegen.running import claims, scratch
from sitegen.running.capture import Speech, Voice, flush_c, show
from sitegen.running.checkpoint import Checkpoints
from sitegen.running.compare import move_clock
from sitegen.running.condition import compared_values
from sitegen.running.figures import animation, inks
from sitegen.running.figures.fonts import take_missing
from sitegen.running.figures.found import (
    Gallery,
    close,
    draw_first,
    figures_in,
    is_bare,
    is_blank,
    is_drawing,
    step_style,
)
from sitegen.running.figures.label import line_saying
from sitegen.running.figures.paused import Paused
from sitegen.running.figures.window import leave_controls, save_with, show_with
from sitegen.running.ipython import offer_ipython
from sitegen.running.messages import Inbox, decode_task, encode, encode_result
from sitegen.running.slider import run_frames
from sitegen.running.trouble import (
    CELL_FILE,
    CLOSED,
    cell_name,
    describe,
    line_in,
    says_too_much,
    without_magic,
)
from sitegen.running.watched.guard import Guard
from sitegen.running.watched.imports import set_imports
from sitegen.running.watched.observe import PACKAGE, World
from sitegen.running.watched.witness import Witness

if TYPE_CHECKING:
    import mmap
    from collections.abc import Callable, Mapping, Sequence

    from matplotlib.figure import Figure as Drawing

    from sitegen.model import Result, Step
    from sitegen.running.claims import Verdict
    from sitegen.running.messages import Task

BOARD = 8  # bytes shared by a program and all it starts: the first counts them
_exit, _write, _getpid = os._exit, os.write, os.getpid  # kept from a program that replaces them


def prepare() -> None:
    """Do once, in the fork server, what every program would do for its first figure."""
    inks.prepare()
    animation.prepare()
    draw_first()
    thread: Any = threading
    thread._counter = itertools.count(1).__next__  # noqa: SLF001 - matplotlib had one: a program's own first is `Thread-1`


def read_task(request: bytes) -> Task:
    """Return the task that the parent sent."""
    (frame,) = Inbox(0).feed(request)
    return decode_task(frame)


class _Main(types.ModuleType):
    """The program's module: its code finds `__file__`, and who asks the module for a file to run again finds none."""

    @property
    def __file__(self) -> str:  # type: ignore[override] # of a process that `spawn` starts
        raise AttributeError("__file__")


class Worker:
    """The process of one program. board: memory shared with what the program starts. limited: see scratch.limit."""

    def __init__(self, task: Task, result: int, ask: int, board: mmap.mmap, *, limited: bool) -> None:
        self.task, self.board, self.limited = task, board, limited
        self.result, self._ask = scratch.move_up(result), ask
        self.step = -1
        self.broken: set[tuple[int, int]] = set()  # where claims do not hold
        self.controls = False  # whether the program was told that it has some
        self.pid = _getpid()
        self.kept: list[tuple[Result, tuple[bytes, ...]]] | None = None  # results that are held back
        self.roots = (f"{task.room}/blog", task.root, str(PACKAGE.parent))

    def enter(self) -> None:
        """Make this the process of a program: confined, watched, listened to."""
        task = self.task
        self.began = time.time()
        self.said, self.shared, readable, self.mirror = scratch.enter(task, limited=self.limited)
        tex: Any = TexManager
        tex._cache_dir = Path(task.room, "tmp", "tex.cache")  # noqa: SLF001 - else where nothing may be written
        rooms = str(Path(task.room).parent)
        names = [
            (f"{task.room}/blog", "/blog"),
            (task.room, "/room"),
            (rooms, "/rooms"),
            (sysconfig.get_path("purelib"), "/python/site-packages"),
            (str(Path(os.__file__).parent), "/python"),
            *((prefix, "/python") for prefix in (sys.prefix, sys.base_prefix) if not prefix.startswith("/usr")),
            (task.root, "/blog"),
            (str(PACKAGE), "/sitegen"),
        ]
        self.speech = Speech(self.said, int(task.limits["output_size"]), names, self._too_much)
        sys.argv = [""]
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115, PTH123 - stays open for the program
        out: Any = Voice(self.speech, "stdout")
        err: Any = Voice(self.speech, "stderr")
        sys.stdout = sys.__stdout__ = out  # type: ignore[misc] # a constant for others
        sys.stderr = sys.__stderr__ = err  # type: ignore[misc] # see above
        self.gallery = Gallery(task.limits, self.fail)
        self.paused = Paused(self.gallery.is_drawn)
        self.paused.watch()
        show_with(self._show_open, self._show_figure)
        save_with(self._note_saved)
        leave_controls(self._note_control)
        own = (
            sys.prefix,
            sys.base_prefix,
            "/usr/",
            "/lib",
            "/proc/",
            "/dev/",
            "/sys/",
            "/etc/",
            "/bin/",
            "/System/",
            "/Library/",
            "/opt/",
            task.room,
        )
        world = World(Path(task.root), task.variables)
        writable = tuple(f"{task.room}/{name}" for name in scratch.WRITABLE)
        self.witness = Witness(
            world,
            Guard(world, self.mirror, tuple(readable), writable),
            mirror=self.mirror,
            shared=self.shared,
            folder=task.folder,
            own=(*own, os.environ["MPLCONFIGDIR"]),
            step=lambda: self.step,
            started=self._started,
        )
        set_imports(self.witness)
        offer_ipython(self.display, self._clear)
        leave: Any = self._exited
        os._exit = leave  # a program that ends itself is told where
        if task.again:
            move_clock()
        for pattern in task.depends:
            self.witness.see_pattern(pattern)
        self.witness.watch()

    # ---------------------------------------------------------------------------------------------- running

    def run(self) -> None:
        """Run all steps and say what was seen."""
        main = _Main("__main__")
        sys.modules["__main__"] = main
        random.seed(0)
        np.random.seed(0)  # noqa: NPY002 - what authors of older code rely on
        main.__dict__["__file__"] = CELL_FILE
        main.__dict__.update(rng=np.random.default_rng(0), display=self.display)
        for judge in (claims.claim, claims.claim_close, claims.claim_gradient):
            main.__dict__[judge.__name__] = self._checking(judge)
        warned: Any = self._warned
        warnings.showwarning = warned
        warnings.filterwarnings("ignore", message="Animation was deleted")
        warnings.filterwarnings("ignore", message="frames=.* which we can infer the length of")  # a note says it better
        with self.witness.at_work():
            checkpoints = Checkpoints(self, self._ask) if self.task.name else None
        while self.step + 1 < len(self.task.steps):
            if checkpoints and self.step >= 0:
                checkpoints.leave()
            self.step += 1
            step = self.task.steps[self.step]
            self.speak(encode("step", {}))
            if step.kind == "value":
                self._value(step, main.__dict__)
            elif step.sliders:
                run_frames(self, step, main.__dict__)
            else:
                self.run_cell(step, main.__dict__)
        with self.witness.at_work():
            followed = self.mirror.followed()
        self.speak(encode("observed", {"rows": self.witness.observations(followed, self.began)}))
        for note in self.witness.notes():
            self.speak(encode("note", {"text": note}))
        self.speak(encode("done", {}))

    def go_on(self) -> None:
        """Be the program, in a process that was forked from it."""
        self.pid = _getpid()
        self.speech.go_on()
        self.witness.go_on()

    def resume(self, task: Task, result: int, said: int, shared: int) -> None:
        """Take up another task from the next step on. said, shared: sizes that the files had when the last step was done."""
        self.task, self.result = task, scratch.move_up(result)
        os.ftruncate(self.said, said)
        os.ftruncate(self.shared, shared)
        self.began = time.time()
        self.witness.world.forget()

    def become_frame(self, result: int, run: Callable[[], None]) -> None:
        """Go on as the process of one frame of a slider, forked from the program's: run it, say what came out, end."""
        try:
            self.pid, self.result = _getpid(), scratch.move_up(result)
            said = os.open(
                f"{self.task.room}/{scratch.WRITABLE[-1]}/said-{self.pid}", os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600
            )
            for number in (1, 2):
                os.dup2(said, number)
            self.said = scratch.move_up(said)
            self.speech.listen_at(self.said)
            self.witness.look_again()
            run()
            self.speak(encode("done", {}))
        except BaseException as error:  # noqa: BLE001 - the process ends here
            self.give_up(error)
        finally:
            _exit(0)

    def run_cell(self, step: Step, space: dict[str, Any]) -> None:
        """Run a cell's code and send what it says and draws. Ends the program where it fails."""
        self.gallery.begin_cell()
        self.paused.begin_cell()
        try:
            with step_style(step):
                self._execute(step.code, space)
                self._end_of_cell(step)
        except BaseException as error:  # noqa: BLE001 - a program may raise anything; it ends with this process
            trouble = describe(error, self.step, self.roots)
            if self.speech.is_over:  # what it says is a file of its own, which is full
                self._too_much(trouble.line)
            if not step.raises:
                self.fail(
                    trouble.message, line=trouble.line, traced=trouble.traceback, limit=trouble.limit, hint=trouble.hint
                )
            self.speech.listen()
            self._flush()
            self.send(Raised(self.speech.tidy(trouble.traceback)))
            with contextlib.suppress(Exception):
                self._end_of_cell(step)

    def _execute(self, code: str, space: dict[str, Any]) -> None:
        """Run a cell's code and show the value of a last expression, where it is one to be shown."""
        name = cell_name(self.step)
        code, wrong = without_magic(code)
        if wrong:
            shown = code.split("\n")[wrong - 1].strip()[:60]
            self.fail(f"`{shown}` is IPython, not Python", line=wrong, hint="remove the line")
        linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
        tree = ast.parse(code, name)
        last = tree.body[-1] if tree.body else None
        try:
            self._execute_tree(tree, last, code, space)
        except SystemExit as leaving:  # `sys.exit(main())`, as scripts end
            if leaving.code or last is None or line_in(name, leaving) < last.lineno:
                raise

    def _execute_tree(self, tree: ast.Module, last: ast.stmt | None, code: str, space: dict[str, Any]) -> None:
        name = cell_name(self.step)
        if not isinstance(last, ast.Expr):
            exec(compile(tree, name, "exec", dont_inherit=True), space)  # noqa: S102 - the purpose of this process
            return
        tree.body.pop()
        exec(compile(tree, name, "exec", dont_inherit=True), space)  # noqa: S102 - see above
        value = eval(compile(ast.Expression(last.value), name, "eval", dont_inherit=True), space)  # noqa: S307 - see above
        line = code.splitlines()[(last.end_lineno or 1) - 1].encode()
        silent = line[last.end_col_offset or 0 :].lstrip().startswith(b";")
        if value is None or silent or self.gallery.needs_no_showing(value) or is_drawing(value, last.value, space):
            return
        self._show(value)

    def evaluate(self, expression: str, space: Mapping[str, object]) -> object:
        """Return the value of an option that is an expression. Raises whatever it raises."""
        return eval(expression, dict(space))  # noqa: S307 - as in _execute

    def _value(self, step: Step, space: dict[str, Any]) -> None:
        name = cell_name(self.step)
        linecache.cache[name] = (len(step.code), None, [step.code], name)
        try:
            value = eval(compile(step.code.strip(), name, "eval", dont_inherit=True), space)  # noqa: S307 - as in _execute
            text = str(value)
        except BaseException as error:  # noqa: BLE001 - as in _cell
            trouble = describe(error, self.step, self.roots)
            self.fail(trouble.message, line=1, traced=trouble.traceback, limit=trouble.limit)
            return
        self.speech.spend(len(text))
        self.speech.take()
        self.send(Shown("text", self.speech.tidy(text)))

    def _end_of_cell(self, step: Step) -> None:
        flush_c()
        self.speech.listen()
        self._flush()
        figures = list(self.gallery.open_figures())
        figures += [one for one in self.gallery.changed_figures() if not any(one is figure for figure in figures)]
        for figure in figures:
            is_left_out = is_blank(figure) or self.paused.holds(figure) or self.gallery.is_shown(figure)
            if step.sliders or not is_left_out:
                self._draw(figure, step)
        for figure in () if step.sliders else self.paused.take():
            self._draw(figure, step)
        for line, name in () if step.sliders else self.gallery.lost():
            said = (
                f"saves a figure as `{name}` and closes it, so that the page does not show it; leave its closing away"
            )
            self.speak(encode("note", {"text": f"{self.step}:{line}:{said}"}))
        for number in (1, 2):
            try:
                os.fstat(number)
            except OSError:  # the cell closed it; the next one may need it
                os.dup2(self.said, number)

    # ----------------------------------------------------------------------------------------------- saying

    def _checking(self, judge: Callable[..., Verdict]) -> Callable[..., None]:
        """Return a claim as a program calls it: what holds is ticked in the page, what does not fails the build."""

        @functools.wraps(judge)
        def check(*args: object, **options: object) -> None:
            verdict = judge(*args, **options)
            self.speech.spend(len(verdict.statement) + len(verdict.detail))
            if verdict.holds:
                self._flush()
                self.send(Claim(verdict.statement, self.speech.tidy(verdict.detail)))
            else:
                self._broken(verdict, sys._getframe(1))  # noqa: SLF001 - where the program makes the claim

        return check

    def _broken(self, verdict: Verdict, caller: types.FrameType) -> None:
        """Say that a claim does not hold. The program goes on, so that all its claims are told; its build fails."""
        problem = verdict.problem or compared_values(caller)
        more = "; ".join(filter(None, (problem, verdict.detail)))
        message = f"claim does not hold: {verdict.statement}" + (f" ({more})" if more else "")
        if _getpid() != self.pid:
            raise AssertionError(message)  # in a process that the program started, for it to hand on
        step, line = self._place(caller)
        self.tell_broken(Failure(step, line, message, hint=verdict.hint))

    def _place(self, caller: types.FrameType | None) -> tuple[int, int]:
        """Return the step and the line of a cell in which a function was called, or of what called it."""
        while caller is not None and not caller.f_code.co_filename.startswith("<cell "):
            caller = caller.f_back
        return (int(caller.f_code.co_filename[6:-1]), caller.f_lineno) if caller is not None else (self.step, 0)

    def tell_broken(self, failure: Failure) -> None:
        """Say that the claim at a line does not hold; of a loop's claims the first tells enough."""
        if (failure.step, failure.line) not in self.broken:
            self.broken.add((failure.step, failure.line))
            self._tell("broken", failure)

    def display(self, *values: object, **_: object) -> None:
        """Show values where the program stands, whatever else IPython would be told."""
        for value in values:
            self._show(value)

    def _clear(self, *_: object, **__: object) -> None:
        """Take away the figures that the present cell has shown, as `clear_output` of a loop that shows one again and again."""
        self._flush()
        if self.kept is None and _getpid() == self.pid:
            self.gallery.take_away()
            self.speak(encode("clear", {}))

    def _note_saved(self, figure: Drawing, target: object) -> None:
        self.gallery.note_saved(figure, target, self._place(sys._getframe(1))[1])  # noqa: SLF001 - where it is saved

    def _note_control(self, kind: str) -> None:
        if not self.controls and not self.task.steps[self.step].sliders:
            self.controls = True
            line = self._place(sys._getframe(1))[1]  # noqa: SLF001 - where it is made
            said = f"leaves away a {kind} of matplotlib, which nobody could move on the page; `#| slider:` makes one for readers"
            self.speak(encode("note", {"text": f"{self.step}:{line}:{said}"}))

    def _show_open(self, block: bool | None) -> None:  # noqa: FBT001 - as `plt.show` has it
        """Show all open figures where the program stands, as `plt.show()` asks, and close them, unless it goes on at once."""
        stays = block is not None and not block
        for manager in _pylab_helpers.Gcf.get_all_fig_managers():
            figure: Any = manager.canvas.figure
            if not stays:
                close(figure)
            if not is_blank(figure) and not self.paused.holds(figure):
                self._show_figure(figure, goes_on=stays or plt.isinteractive())

    def _show_figure(self, figure: Drawing, *, goes_on: bool = True) -> None:
        """Show a figure where the program stands; not again where it stands already, or is to be seen in its last state.

        goes_on: whether the program draws on it while its window would stand open.
        """
        if goes_on and is_bare(figure) and plt.fignum_exists(getattr(figure, "number", -1)):
            return  # its window stands open, for what is drawn from now on; what is on it at the end of the cell is shown
        if not self.gallery.is_shown(figure) and not (goes_on and self.gallery.goes_on(figure)):
            self._draw(figure, self.task.steps[self.step])
            self.gallery.note_shown(figure, goes_on=goes_on)

    def _show(self, value: object) -> None:
        figures = figures_in(value)
        for figure in figures:
            self._draw(figure, self.task.steps[self.step])
            if self.gallery.clears:  # its last state is not to stand there twice
                self.gallery.note_shown(figure)
        if not figures:
            shown = show(value, self.speech)
            moving = animation.signed_in(shown.data)
            for one in moving:
                self._draw(animation.figure_of(one), self.task.steps[self.step], [one])
                self.gallery.note_shown(animation.figure_of(one))
            if moving:
                return
            self.speech.listen()
            self._flush()
            self.send(shown)

    def _draw(self, figure: object, step: Step, moving: Sequence[object] = ()) -> None:
        """Draw a figure and send it. moving: animations of it, besides those that were not yet seen."""
        seen = [*animation.take(figure), *moving]
        animations = list({id(one): one for one in seen}.values()) if step.animated and not step.sliders else []
        started = time.monotonic()
        drawn, *payload = self.gallery.film(figure, animations, step) if animations else self.gallery.draw(figure, step)
        sign = take_missing()
        if sign:  # a reader would see a box
            hint = (
                "install one, such as Noto Sans CJK, or put its file beside the post: fontManager.addfont('Font.ttf')"
            )
            line = line_saying(step.code, sign)
            self.fail(f"no font has {sign!r} (U+{ord(sign):04X}), which a figure writes", line=line, hint=hint)
        if isinstance(drawn, Animation):
            if self.gallery.cut_at:
                said = f"shows the first {self.gallery.cut_at} pictures of an animation that says no end"
                self.speak(encode("note", {"text": f"{self.step}:0:{said}; `frames=` or `save_count=` says one"}))
            if self.gallery.passed_over:
                said = f"{self.gallery.passed_over}; `execute: frames` in site.yml allows more"
                self.speak(encode("note", {"text": f"{self.step}:0:{said}"}))
            self.speak(encode("filmed", {"seconds": round(time.monotonic() - started, 2), "count": drawn.frames}))
        self.speech.listen()
        self._flush()  # drawing may warn
        self.send(drawn, *payload)

    def send(self, result: Result, *payload: bytes) -> None:
        """Hand over a result of the step that runs."""
        if self.kept is None:
            self.speak(encode_result(result, *payload))
        elif _getpid() == self.pid:
            self.kept.append((result, payload))

    def _flush(self) -> None:
        for printed in self.speech.take():
            self.send(printed)

    def speak(self, data: bytes) -> None:
        """Send a frame to whoever started this process."""
        if _getpid() != self.pid:
            return  # a process that the program started; its words are its own
        view = memoryview(data)
        try:
            while view:
                view = view[_write(self.result, view) :]
        except OSError:
            _exit(CLOSED)  # the program closed the pipe, or the parent is gone

    def _warned(self, message: Warning | str, category: type[Warning], *_: object) -> None:
        self.speech.say("warning", f"{category.__name__}: {message}")

    # ---------------------------------------------------------------------------------------------- failing

    def fail(self, message: str, *, line: int = 0, traced: str = "", limit: str = "", hint: str = "") -> None:
        """Say that the program failed at its present step, and end: nothing of it runs after that."""
        if not line:
            frame: types.FrameType | None = sys._getframe(1)  # noqa: SLF001 - the program's line is somewhere above
            while frame is not None and frame.f_code.co_filename != cell_name(self.step):
                frame = frame.f_back
            line = frame.f_lineno if frame is not None else 0
        self._tell("failure", Failure(self.step, line, message, traced, limit, hint))
        _exit(0)

    def _tell(self, kind: str, failure: Failure) -> None:
        fields = {name: getattr(failure, name) for name in ("step", "line", "limit", "hint")}
        fields["message"] = self.speech.tidy(failure.message)[:2000]
        fields["traceback"] = self.speech.tidy(failure.traceback)[-8000:]
        self.speak(encode(kind, {"fields": fields}))

    def give_up(self, error: BaseException) -> None:
        """Say that our own code failed: before any of the author's ran it is our mistake, later it may be his doing."""
        lines = "".join(traceback.format_exception(error))
        if self.step < 0:
            self.speak(encode("bug", {"text": lines}))
            return
        message = f"the worker could not go on: {type(error).__name__}: {error}"
        hint = "a cell that replaces builtins or parts of a library can do this; if none does, it is a mistake of sitegen's"
        self._tell("failure", Failure(self.step, 0, message, lines, hint=hint))

    def _started(self) -> None:
        count, allowed = self.board[0], int(self.task.limits["processes"])
        if count >= min(allowed, 255):
            if _getpid() != self.pid:
                _exit(71)
            self.fail(f"the program started more than {allowed} processes", limit="execute: processes")
        self.board[0] = count + 1

    def _too_much(self, line: int = 0) -> None:
        self.fail(says_too_much(int(self.task.limits["output_size"])), line=line, limit="execute: output-size")

    def _exited(self, status: int = 0) -> None:
        if _getpid() != self.pid:
            _exit(status)
        self.fail(f"the program ended itself (os._exit({status}))", hint="a cell ends at its last line")


def work(task: Task, result: int, ask: int, board: mmap.mmap, *, limited: bool) -> None:
    """Run a task in this process; whatever happens, what is to be said is said."""
    gc.enable()  # the server has it off; what it left to us is frozen and not looked at
    gc.set_threshold(50_000, 20, 20)  # a program is short: a twentieth of its time went into looking for garbage
    worker = Worker(task, result, ask, board, limited=limited)
    try:
        worker.enter()
        worker.run()
    except BaseException as error:  # noqa: BLE001 - the process ends here
        worker.give_up(error)
    finally:
        _exit(0)
