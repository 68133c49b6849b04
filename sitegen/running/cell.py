"""Runs the code of one step in the program's namespace and shows its value; the only `exec` in sitegen."""

from __future__ import annotations

import ast
import atexit
import contextlib
import linecache
import os
import sys
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from sitegen.model import Raised, Shown
from sitegen.running.figures.gallery import step_style
from sitegen.running.figures.given import is_drawing
from sitegen.running.magics import instead_of, without_magic
from sitegen.running.trouble import cell_name, describe, line_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sitegen.model import Step
    from sitegen.running.process import Process


def run_cell(process: Process, step: Step, space: dict[str, Any]) -> None:
    """Run a cell's code and send what it says and draws. Ends the program where it fails."""
    outbox, speech, showing = process.outbox, process.speech, process.showing
    showing.begin_cell()
    try:
        with step_style(step):
            _execute(process, step.code, space)
            _end(process, step)
        if not any(later.kind == "cell" for later in process.task.steps[outbox.step + 1 :]):
            _call_at_exit(process)
    except BaseException as error:  # noqa: BLE001 - a program may raise anything; it ends with this process
        trouble = describe(error, outbox.step, process.roots)
        trouble = trouble if trouble.line else replace(trouble, line=showing.line)
        showing.line = 0
        if speech.is_over:  # what it says is a file of its own, which is full
            process.say_too_much(trouble.line)
        if not step.raises:
            outbox.fail(
                trouble.message, line=trouble.line, traced=trouble.traceback, limit=trouble.limit, hint=trouble.hint
            )
        showing.send_printed()
        outbox.send(Raised(speech.tidy(trouble.traceback)))
        with contextlib.suppress(Exception):
            _end(process, step)


def show_value(process: Process, step: Step, space: dict[str, Any]) -> None:
    """Send the value of an expression within the text, as text."""
    outbox = process.outbox
    name = cell_name(outbox.step)
    linecache.cache[name] = (len(step.code), None, [step.code], name)
    try:
        value = eval(compile(step.code.strip(), name, "eval", dont_inherit=True), space)  # noqa: S307 - as in _execute_tree
        text = str(value)
    except BaseException as error:  # noqa: BLE001 - as in run_cell
        trouble = describe(error, outbox.step, process.roots)
        outbox.fail(trouble.message, line=1, traced=trouble.traceback, limit=trouble.limit)
        return
    process.speech.spend(len(text))
    process.speech.take()
    outbox.send(Shown("text", process.speech.tidy(text)))


def evaluate(expression: str, space: Mapping[str, object]) -> object:
    """Return the value of an option that is an expression. Raises whatever it raises."""
    return eval(expression, dict(space))  # noqa: S307 - as in _execute_tree


def _execute(process: Process, code: str, space: dict[str, Any]) -> None:
    """Run a cell's code; `sys.exit()` as its last line, as scripts end, is no failure."""
    name = cell_name(process.outbox.step)
    code, wrong = without_magic(code)
    if wrong:
        shown = code.split("\n")[wrong - 1].strip()
        process.outbox.fail(f"`{shown[:60]}` is IPython, not Python", line=wrong, hint=instead_of(shown))
    linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
    tree = ast.parse(code, name)
    last = tree.body[-1] if tree.body else None
    try:
        _execute_tree(process, tree, code, space)
    except SystemExit as leaving:
        if leaving.code or last is None or line_in(name, leaving) < last.lineno:
            raise


def _execute_tree(process: Process, tree: ast.Module, code: str, space: dict[str, Any]) -> None:
    """Run statements and show the value of a last expression, where it is one to be shown."""
    name = cell_name(process.outbox.step)
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, ast.Expr):
        exec(compile(tree, name, "exec", dont_inherit=True), space)  # noqa: S102 - the purpose of this process
        return
    tree.body.pop()
    exec(compile(tree, name, "exec", dont_inherit=True), space)  # noqa: S102 - see above
    value = eval(compile(ast.Expression(last.value), name, "eval", dont_inherit=True), space)  # noqa: S307 - see above
    line = code.splitlines()[(last.end_lineno or 1) - 1].encode()
    silent = line[last.end_col_offset or 0 :].lstrip().startswith(b";")
    showing = process.showing
    if value is None or silent or showing.figures.needs_no_showing(value) or is_drawing(value, last.value, space):
        return
    showing.line = last.lineno
    showing.show(value)
    showing.line = 0


def _end(process: Process, step: Step) -> None:
    """Show what the cell leaves, and give the next one the streams that this one closed."""
    process.showing.end_cell(step)
    for number in (1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.dup2(process.said, number)


def _call_at_exit(process: Process) -> None:
    """Call what the program wants called at its end, which is no interpreter's: after its last cell."""
    processes: Any = sys.modules.get("multiprocessing.util")
    if processes is not None:
        processes._exiting = True  # noqa: SLF001 - it would wait for those that go on, which end with this one
    atexit._run_exitfuncs()  # noqa: SLF001 - there is no other door
    process.showing.send_printed()
