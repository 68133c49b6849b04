"""Statements and what code says of them -> verdicts: whether each holds, by how much, and what to tell when it does not.

Nothing here raises because a statement is false; a condition that cannot be judged (a number, an empty array, NaN,
shapes that differ) does not hold, and the verdict says why.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_DIRECTIONS = 100  # in which a gradient is measured; up to so many entries each is measured by itself
DRAWS = 3  # of the cotangent g, where f gives more than one number


class Verdict(Struct, frozen=True):
    """What came of a claim. detail: figures for the page. problem: why it does not hold. hint: what to do then."""

    statement: str
    holds: bool
    detail: str = ""
    problem: str = ""
    hint: str = ""


def claim(statement: object, holds: object, detail: object = "") -> Verdict:
    """Judge a condition: true or false, or an array of them, all of which must be true."""
    if not isinstance(statement, str) and isinstance(holds, str):
        statement, holds = holds, statement
    said, told = str(statement), str(detail)
    if isinstance(holds, np.ma.MaskedArray):
        holds = holds.compressed()
    condition = np.asarray(holds) if _is_many(holds) else np.asarray(_truth(holds))
    if condition.dtype != np.bool_:
        hint = "give a comparison, such as `error < 1e-9`, or call the function that makes one"
        return Verdict(said, False, told, f"its condition is {brief(holds)}, neither true nor false", hint)
    if not condition.size:
        return Verdict(said, False, told, "nothing was checked: its condition is an empty array")
    if condition.all():
        cases = f"{_count(condition.size)} cases" if condition.size > 1 else ""
        return Verdict(said, True, _joined(told, cases))
    wrong = ""
    if condition.ndim:
        first = tuple(map(int, np.argwhere(~condition)[0]))
        wrong = f"{_count(condition.size - condition.sum())} of {_count(condition.size)} are false, first{_at(first)}"
    return Verdict(said, False, told, wrong)


def claim_close(
    statement: object,
    a: object,
    b: object,
    *,
    rtol: float = 1e-7,
    atol: float = 0.0,
    equal_nan: bool = False,
    detail: object = "",
) -> Verdict:
    """Judge whether |a - b| <= atol + rtol |b| in every entry; shapes are the same, or one of the two is a number."""
    said, told = str(statement), str(detail)
    one, two = _numbers(a), _numbers(b)
    for name, given, array in (("first", a, one), ("second", b, two)):
        if array is None:
            return Verdict(said, False, told, f"the {name} value is {brief(given)}, and no numbers")
    assert one is not None  # noqa: S101 - the loop above says so
    assert two is not None  # noqa: S101 - see above
    if one.shape != two.shape and one.ndim and two.ndim:
        return Verdict(said, False, told, f"the shapes {one.shape} and {two.shape} differ")
    one, two = np.broadcast_arrays(one, two)
    if not one.size:
        return Verdict(said, False, told, "nothing was compared: both are empty")
    with np.errstate(all="ignore"):
        apart = np.where((one == two) | (np.isnan(one) & np.isnan(two) & equal_nan), 0.0, np.abs(one - two))
        excess = apart - (atol + rtol * np.abs(np.where(np.isfinite(two), two, 0)))
        relative = apart / np.abs(two)
    relative = np.where(apart == 0, 0.0, relative)
    if (excess <= 0).all():
        kind, worst = ("relative difference", relative.max()) if atol == 0 else ("difference", apart.max())
        many = f"{_count(one.size)} values, largest " if one.size > 1 else ""
        return Verdict(said, True, _joined(told, f"{many}{kind} {_small(worst)}"))
    # argmax stops at the first NaN, so that a NaN is always the worst entry.
    index = tuple(map(int, np.unravel_index(np.argmax(excess), one.shape)))
    problem = f"{_exact(one[index])} and {_exact(two[index])}{_at(index)}"
    if np.isfinite(apart[index]):
        problem += f" differ by {apart[index]:.2g}, where {atol + rtol * np.abs(two[index]):.2g} is allowed"
    wrong = int(np.sum(~(excess <= 0)))
    problem += f"; {_count(wrong)} of {_count(one.size)} values differ" if one.size > 1 else ""
    is_zero = two[index] == 0 and atol == 0 and np.isfinite(one[index])
    hint = "beside 0 no relative difference is small: give `atol`" if is_zero else ""
    return Verdict(said, False, told, problem, hint)


def claim_gradient(
    statement: object,
    f: Callable[[Any], Any],
    gradient: Callable[..., Any],
    x: object,
    *,
    rtol: float = 1e-6,
    detail: object = "",
) -> Verdict:
    """Judge a derivative against central differences at `x`, in float64.

    gradient: `f_vjp(x, g)`, the gradient of sum(g * f(x)) for g of the shape of f(x); or `gradient(x)`, for an f that
    gives one number. The error is |claimed - measured| / max(1, |claimed|, |measured|), the largest over all entries of
    x, or over random directions where x has more than 100; each for three random g where f gives several numbers.
    """
    said, told = str(statement), str(detail)
    point = _numbers(x)
    if point is None or np.iscomplexobj(point):
        return Verdict(said, False, told, f"x is {brief(x)}, and no real numbers")
    if not point.size:
        return Verdict(said, False, told, "nothing was checked: x is empty")
    point = point.astype(np.float64)
    value = np.asarray(f(point.copy()), dtype=np.float64)
    if not np.isfinite(value).all():
        return Verdict(said, False, told, f"f is {brief(value)} at x, where no derivative can be measured")
    takes_g = _takes_two(gradient)
    if not takes_g and value.size != 1:
        hint = "give `f_vjp(x, g)`, the gradient of sum(g * f(x))"
        return Verdict(said, False, told, f"f gives shape {value.shape}, and a gradient is of one number", hint)
    rng = np.random.default_rng(0)  # our own: a claim must not change what the program draws next
    every = point.size <= MOST_DIRECTIONS
    directions = (
        np.eye(point.size) if every else rng.choice([-1.0, 1.0], (MOST_DIRECTIONS, point.size))
    ).reshape(-1, *point.shape)  # fmt: skip # one row for each direction
    moves = [_moved(f, point, direction) for direction in directions]
    worst, problem, hint = -1.0, "", ""
    for _ in range(DRAWS if value.size > 1 else 1):
        g = rng.standard_normal(value.shape) if takes_g and value.size > 1 else np.ones(value.shape)
        gave = gradient(point.copy(), g.copy()) if takes_g else gradient(point.copy())
        claimed = _numbers(gave)
        if claimed is None or claimed.shape != point.shape:
            what = brief(gave) if claimed is None else f"of shape {claimed.shape}"
            return Verdict(said, False, told, f"the gradient is {what}, and x has shape {point.shape}")
        for number, (direction, (above, below, step)) in enumerate(zip(directions, moves, strict=True)):
            measured = float(np.sum(g * (above - below)) / step)
            says = float(np.sum(claimed * direction))
            error = abs(says - measured) / max(1.0, abs(says), abs(measured))
            if not error <= worst:  # NaN is the worst
                index = tuple(map(int, np.unravel_index(number, point.shape))) if every else ()
                where = _at(index) or ("" if every else " in a random direction")
                worst = error
                problem = f"it says {says:.7g}{where}, central differences say {measured:.7g} (error {error:.1e})"
                hint = _kink(*(float(np.sum(g * one)) * 2 / step for one in (value - below, above - value)))
            if np.isnan(worst):
                return Verdict(said, False, told, problem, hint)
    if worst <= rtol:
        many = f"{_count(point.size)} entries" if every else f"{len(directions)} random directions"
        figures = f"{many}, largest error {_small(worst)}" if point.size > 1 else f"error {_small(worst)}"
        return Verdict(said, True, _joined(told, figures))
    return Verdict(said, False, told, problem, hint)


def _kink(left: float, right: float) -> str:
    """Return what is said of slopes before and behind a point that differ, "" of those that do not."""
    is_kinked = abs(left - right) > 0.01 * max(1.0, abs(left), abs(right))
    return f"f has a kink there: its slope is {left:.3g} before and {right:.3g} after" if is_kinked else ""


def brief(value: object) -> str:
    """Return a value in a few words."""
    if callable(value):
        return f"a function, `{getattr(value, '__name__', 'lambda')}`"
    text = " ".join(repr(value.item() if isinstance(value, np.generic) else value).split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def _moved(f: Callable[[Any], Any], point: Any, direction: Any) -> tuple[Any, Any, float]:  # noqa: ANN401 - arrays
    """Return f after and before a step along a direction, and how long the step was."""
    # The step that balances truncation, h^2, against rounding, eps / h: the cube root of eps, 6e-6.
    step = np.cbrt(np.finfo(np.float64).eps) * max(1.0, float(np.max(np.abs(point * (direction != 0)))))
    above, below = point + step * direction, point - step * direction
    length = float(np.max(np.abs(above - below)))  # what was taken: x + h is rounded
    return (np.asarray(f(above), dtype=np.float64), np.asarray(f(below), dtype=np.float64), length)


def _takes_two(gradient: Callable[..., Any]) -> bool:
    """Whether a gradient must be given g beside x."""
    try:
        parameters = inspect.signature(gradient).parameters.values()
    except (TypeError, ValueError):
        return False
    needed = [
        one
        for one in parameters
        if one.default is one.empty and one.kind in {one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD}
    ]
    return len(needed) > 1 or any(one.name in {"g", "grad_output", "cotangent"} for one in parameters)


def _is_many(holds: object) -> bool:
    return isinstance(holds, list | tuple) or hasattr(holds, "__array__") or hasattr(holds, "__array_interface__")


def _truth(holds: object) -> object:
    """Return the truth of what is neither number, text, container nor function, such as SymPy's `true`."""
    if isinstance(holds, int | float | complex | str | bytes | None) or callable(holds) or hasattr(holds, "__len__"):
        return holds if isinstance(holds, bool) else 0
    return bool(holds) if hasattr(type(holds), "__bool__") else 0


def _numbers(given: object) -> Any:  # noqa: ANN401 - an array of any kind of number, or None
    """Return an array of floats or complex numbers, None for what is none."""
    try:
        if np.ma.isMaskedArray(given):
            given = np.ma.filled(np.ma.asarray(given, np.float64), np.nan)
        array = np.asarray(given)
        if array.dtype == np.object_:  # fractions, decimals
            array = np.vectorize(float, otypes=[np.float64])(array)
    except (TypeError, ValueError):
        return None
    if array.dtype.kind not in "biufc":
        return None
    return array.astype(np.result_type(array.dtype, np.float64))


def _exact(number: Any) -> str:  # noqa: ANN401 - a numpy scalar
    return repr(number.item())


def _at(index: tuple[int, ...]) -> str:
    return f" at index {', '.join(map(str, index))}" if index else ""


def _count(number: int) -> str:
    return f"{int(number):,}".replace(",", " ")


def _small(number: float) -> str:
    return f"{number:.1e}" if number else "0"


def _joined(*parts: str) -> str:
    return "; ".join(filter(None, parts))
