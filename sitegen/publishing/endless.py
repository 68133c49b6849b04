"""An end for a template that works on and on, and the line at which it was found to."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


class EndlessError(BaseException):
    """A template works on and on: its name, and the line where it was then."""

    def __init__(self, name: str, line: int) -> None:
        super().__init__(name, line)
        self.name, self.line = name, line


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise EndlessError in what is done here where it takes more seconds of work; time to wait does not count.

    Only the main thread can be interrupted, and not on Windows; elsewhere nothing is raised.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGVTALRM, _interrupt)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, 1)  # again, where what is interrupted goes on after errors
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _interrupt(_: int, frame: FrameType | None) -> None:
    """Raise EndlessError. Where a loop begins again, compiled code is of no line: then of the one before it counts."""
    while frame is not None:
        template = frame.f_globals.get("__jinja_template__")
        if template is not None:
            lines = (line for start, _, line in frame.f_code.co_lines() if line and start <= frame.f_lasti)
            last = frame.f_lineno or max(lines, default=1)
            raise EndlessError(template.name or "", template.get_corresponding_lineno(last))
        frame = frame.f_back
    raise EndlessError("", 0)
