"""Two runs of one program in, its output out, or what to say when they differ; and what is made different the second time.

The second run has another clock (`move_clock`), another fork server, and so other addresses in memory, scratch folders and
random bytes from the system. What a program gives for its page must be the same.
"""

from __future__ import annotations

import difflib
import time
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sitegen.model import Claim, Failure, Figure, Output, Printed, Raised, Shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from sitegen.model import Result

# Seconds: another year, month, day, weekday, hour, half of the day, minute.
SHIFT = ((400 * 24 + 13) * 60 + 13) * 60 + 11
_HINT = (
    "the clock, uuid, os.urandom, names of temporary files, id(), a set of objects or a thread can do this; "
    "take `rng` for random numbers"
)


def move_clock() -> None:
    """Let everything in Python that asks for the time of day get one more than a year later; durations stay."""
    import time_machine  # noqa: PLC0415 - for the second run alone

    time_machine.travel(time.time() + SHIFT, tick=True).start()
    for name, from_now in (("ctime", time.time), ("asctime", time.localtime)):  # it leaves these two as they are
        setattr(time, name, _with_default(getattr(time, name), from_now))


def _with_default(function: Callable[[object], str], now: Callable[[], object]) -> Callable[..., str]:
    def ask(when: object = None) -> str:
        return function(now() if when is None else when)

    ask.__name__ = ask.__qualname__ = function.__name__
    return ask


def compare(one: Output | Failure, two: Output | Failure) -> Output | Failure:
    """Return the output of two runs, or what to say when they differ."""
    if isinstance(one, Failure):
        return one
    if isinstance(two, Failure):
        message = f"fails when run again, on another day: {two.message}"
        return replace(two, message=message, hint=two.hint or _HINT)
    for index, (was, now) in enumerate(zip(one.steps, two.steps, strict=True)):
        if was != now:
            return Failure(index, 0, f"gives different results when run again: {_difference(was, now)}", hint=_HINT)
    return two


def _difference(was: tuple[Result, ...], now: tuple[Result, ...]) -> str:
    if len(was) != len(now):
        return f"{len(was)} and then {len(now)} of them"
    old, new = next((old, new) for old, new in zip(was, now, strict=True) if old != new)
    if isinstance(old, Figure) and isinstance(new, Figure):
        number = sum(isinstance(result, Figure) for result in was[: was.index(old) + 1])
        return f"its figure {number} is drawn otherwise"
    first, second = _text(old), _text(new)
    changed = [
        line for line in difflib.ndiff(first.splitlines()[:400], second.splitlines()[:400]) if line[:2] in {"- ", "+ "}
    ]
    before = next((line[2:] for line in changed if line[0] == "-"), "")
    after = next((line[2:] for line in changed if line[0] == "+"), "")
    return f"`{before.strip()[:80]}` and then `{after.strip()[:80]}`"


def _text(result: Result) -> str:
    match result:
        case Printed(text=text) | Raised(text=text):
            return text
        case Shown(data=data):
            return data
        case Claim(statement=statement, detail=detail):
            return f"{statement} {detail}"
        case _:
            return "a figure"
