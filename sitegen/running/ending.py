"""What to say of a program that did not come to its end: which limit it met, how it crashed, and where it stood."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path
from typing import TYPE_CHECKING

from sitegen.errors import OF_MEMORY
from sitegen.model import Failure
from sitegen.running import trouble
from sitegen.running.client import mistake_of

if TYPE_CHECKING:
    from sitegen.config import Limits
    from sitegen.running.underway import Underway

_CRASHES = {signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGFPE, signal.SIGILL}
_AT_A_WINDOW = re.compile(
    r"\bwhile\b(?s:.*)(?:\bpause\(|\bfignum_exists\(|\bflush_events\()|\bwhile\b.*\bfignum_exists\("
)
_FOR_A_WINDOW = "nobody closes a window here, so let the loop end: `for step in range(100):`"


def explain_end(run: Underway, limits: Limits) -> Failure:
    """Return what to say of a program that did not come to its end."""
    step, line, inside = _last_place(run)
    stood = f"; it stood in {inside}" if inside else ""
    report = run.report or {}
    if "bug" in report:
        raise mistake_of(str(report["bug"]))
    reason, status = report.get("reason"), report.get("status")
    if reason == "timeout" or run.late:
        message = f"the program did not end within {limits.timeout:g} s{stood}"
        hint = _FOR_A_WINDOW if _AT_A_WINDOW.search(run.task.steps[step].code) else ""
        return Failure(step, line, message, limit="execute: timeout", hint=hint)
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
            hint = f"{OF_MEMORY}; or the code ended itself"
            return Failure(step, line, "the program was killed (SIGKILL)", hint=hint)
        what = "crashed" if number in _CRASHES else "ended"
        hint = "code outside Python failed, or the code sent a signal"
        return Failure(step, line, f"the program {what} ({name}){stood}", hint=hint)
    code = os.WEXITSTATUS(status) if isinstance(status, int) else None
    if code == trouble.CLOSED:
        message = "the program closed what it speaks through to the build"
        return Failure(step, line, message, hint="close only what the cell opened: os.closerange(...) closes more")
    said = "" if code is None else f" with exit status {code}"
    hint = "a cell that replaces builtins, or calls `exit` of C code, can do this"
    return Failure(step, line, f"the program's process ended before its last cell did{said}", hint=hint)


def _is_aborted(run: Underway) -> bool:
    """Whether the program called abort(), which ends the first process of a pid namespace by a bad access at last."""
    return "Fatal Python error: Aborted" in _dumped(run)


def _dumped(run: Underway) -> str:
    try:
        return Path(run.task.dump).read_bytes()[:200_000].decode("utf-8", "replace")
    except OSError:
        return ""


def _last_place(run: Underway) -> tuple[int, int, str]:
    """Return the step and the line where a crash or the end of patience found the program, and where in a module."""
    cell = trouble.cell_name(run.step)
    roots = trouble.roots_of(run.task)
    for thread in _dumped(run).split("\n\n"):
        inside = ""
        for file, line, function in re.findall(r'File "([^"\n]+)", line (\d+) in (\S+)', thread):
            if file == cell:
                return run.step, int(line), inside
            shown = trouble.file_name(file, cell, roots) if not trouble.is_ours(file) else ""
            if shown and not inside:
                inside = f"{shown}, line {line}, in {function}"
    return run.step, 0, ""
