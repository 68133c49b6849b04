"""A claim as a program makes it: judged by claims.py, then told. What holds is ticked in the page, what does not fails the build."""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING

from sitegen.model import Claim, Failure
from sitegen.running import claims
from sitegen.running.condition import compared_values

if TYPE_CHECKING:
    import types
    from collections.abc import Callable

    from sitegen.running.claims import Verdict
    from sitegen.running.outbox import Outbox


def checks(outbox: Outbox) -> dict[str, Callable[..., None]]:
    """Return the functions that every program finds in its namespace, by their names."""
    judges = (claims.claim, claims.claim_close, claims.claim_gradient)
    return {judge.__name__: _checking(judge, outbox) for judge in judges}


def _checking(judge: Callable[..., Verdict], outbox: Outbox) -> Callable[..., None]:
    @functools.wraps(judge)
    def check(*args: object, **options: object) -> None:
        verdict = judge(*args, **options)
        outbox.speech.spend(len(verdict.statement) + len(verdict.detail))
        if verdict.holds:
            outbox.send_printed()
            outbox.send(Claim(verdict.statement, outbox.speech.tidy(verdict.detail)))
        else:
            _tell_broken(verdict, outbox, sys._getframe(1))  # noqa: SLF001 - where the program makes the claim

    return check


def _tell_broken(verdict: Verdict, outbox: Outbox, caller: types.FrameType) -> None:
    """Say that a claim does not hold. The program goes on, so that all its claims are told; its build fails."""
    problem = verdict.problem or compared_values(caller)
    more = "; ".join(filter(None, (problem, verdict.detail)))
    message = f"claim does not hold: {verdict.statement}" + (f" ({more})" if more else "")
    if outbox.is_silent:
        raise AssertionError(message)  # for the process that the program started to hand on
    step, line = outbox.place_of(caller)
    outbox.tell_broken(Failure(step, line, message, hint=verdict.hint))
