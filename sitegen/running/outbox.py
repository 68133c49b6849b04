"""What a program's process says to its parent: results as they come, notes to the author, and how the program failed."""

from __future__ import annotations

import os
import sys
import traceback
from typing import TYPE_CHECKING

from sitegen.model import Failure
from sitegen.running.messages import encode, encode_result
from sitegen.running.trouble import CLOSED, cell_name

if TYPE_CHECKING:
    import types

    from sitegen.model import Result
    from sitegen.running.capture import Speech

_exit, _write, _getpid = os._exit, os.write, os.getpid  # kept from a program that replaces them


class Outbox:
    """Where a process hands over what it has to say. Only the program's own does: one that a program starts is silent.

    pipe: the descriptor that leads to the parent. step: which one runs, -1 before the first. speech: what cells print; it
    goes before what is shown after it. kept: results that are held back, None while they are sent as they come.
    """

    speech: Speech

    def __init__(self, pipe: int) -> None:
        self.pipe, self._pid = pipe, _getpid()
        self.step = -1
        self.kept: list[tuple[Result, tuple[bytes, ...]]] | None = None
        self._broken: set[tuple[int, int]] = set()  # where claims do not hold

    def go_on(self) -> None:
        """Speak in a process that was forked, and that is the program from now on."""
        self._pid = _getpid()

    @property
    def is_silent(self) -> bool:
        """Whether this is a process that the program started."""
        return _getpid() != self._pid

    # ----------------------------------------------------------------------------------------------- results

    def speak(self, frame: bytes) -> None:
        """Send a frame to whoever started this process."""
        if self.is_silent:
            return
        view = memoryview(frame)
        try:
            while view:
                view = view[_write(self.pipe, view) :]
        except OSError:
            _exit(CLOSED)  # the program closed the pipe, or the parent is gone

    def send(self, result: Result, *payload: bytes) -> None:
        """Hand over a result of the step that runs."""
        if self.kept is None:
            self.speak(encode_result(result, *payload))
        elif not self.is_silent:
            self.kept.append((result, payload))

    def send_printed(self) -> None:
        """Hand over what the program has printed so far."""
        for printed in self.speech.take():
            self.send(printed)

    def note(self, line: int, said: str) -> None:
        """Tell the author something about a line of the present cell. said: what it does; what to do instead."""
        self.speak(encode("note", {"text": f"{self.step}:{line}:{self.speech.tidy(said)}"}))

    # ---------------------------------------------------------------------------------------------- failures

    def fail(self, message: str, *, line: int = 0, traced: str = "", limit: str = "", hint: str = "") -> None:
        """Say that the program failed at its present step, and end: nothing of it runs after that."""
        if not line:
            frame: types.FrameType | None = sys._getframe(1)  # noqa: SLF001 - the program's line is somewhere above
            while frame is not None and frame.f_code.co_filename != cell_name(self.step):
                frame = frame.f_back
            line = frame.f_lineno if frame is not None else 0
        self._tell("failure", Failure(self.step, line, message, traced, limit, hint))
        _exit(0)

    def tell_broken(self, failure: Failure) -> None:
        """Say that the claim at a line does not hold; of a loop's claims the first tells enough."""
        if (failure.step, failure.line) not in self._broken:
            self._broken.add((failure.step, failure.line))
            self._tell("broken", failure)

    def give_up(self, error: BaseException) -> None:
        """Say that our own code failed: before any of the author's ran it is our mistake, later it may be his doing."""
        lines = "".join(traceback.format_exception(error))
        if self.step < 0:
            self.speak(encode("bug", {"text": lines}))
            return
        message = f"the worker could not go on: {type(error).__name__}: {error}"
        hint = "a cell that replaces builtins or parts of a library can do this; if none does, it is a mistake of sitegen's"
        self._tell("failure", Failure(self.step, 0, message, lines, hint=hint))

    def _tell(self, kind: str, failure: Failure) -> None:
        fields = {name: getattr(failure, name) for name in ("step", "line", "limit", "hint")}
        fields["message"] = self.speech.tidy(failure.message)[:2000]
        fields["traceback"] = self.speech.tidy(failure.traceback)[-8000:]
        self.speak(encode(kind, {"fields": fields}))

    # ------------------------------------------------------------------------------------------------ places

    def place_of(self, frame: types.FrameType | None) -> tuple[int, int]:
        """Return the step and the line of the cell from which a frame was called; line 0 of the present one when of none."""
        while frame is not None and not frame.f_code.co_filename.startswith("<cell "):
            frame = frame.f_back
        return (int(frame.f_code.co_filename[6:-1]), frame.f_lineno) if frame is not None else (self.step, 0)
