"""Check a derivative against central differences: a function, its claimed gradient and a point in, the error out.

The error is |claimed - measured| / max(1, |claimed|, |measured|), the largest over all entries: relative where the
derivative exceeds 1 and absolute below, because central differences carry a rounding error of about 4e-11 times the size of f.
All is computed in float64, whatever `x` is: in float32 the differences would be good for two digits.
Stay away from kinks and from the ends of a domain: the differences look about 6e-6 to either side.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Point = NDArray[np.float64]
Function = Callable[[Point], ArrayLike]
Vjp = Callable[[Point, Point], ArrayLike]


def numerical_vjp(f: Function, x: ArrayLike, g: ArrayLike = 1.0) -> Point:
    """Return the gradient of sum(g * f(x)) with respect to `x`, of the shape of `x`, by central differences.

    (f(x + h) - f(x - h)) / 2h in every entry, at two calls of `f` each. J. Nocedal and S. Wright, Numerical
    Optimization, 2006, section 8.1.
    """
    x = np.asarray(x, dtype=np.float64)
    gradient = np.empty_like(x)
    # The step that balances truncation, h^2, against rounding, eps / h: the cube root of eps, 6e-6.
    steps = np.cbrt(np.finfo(np.float64).eps) * np.maximum(1, np.abs(x))
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += steps[index]
        below[index] -= steps[index]
        rise = np.asarray(f(above.copy()), dtype=np.float64) - np.asarray(f(below.copy()), dtype=np.float64)
        # Divide by the step that was taken: x + h is rounded, by up to 2e-11 of h.
        gradient[index] = np.sum(np.asarray(g) * rise) / (above[index] - below[index])
    return gradient


def check_vjp(f: Function, vjp: Vjp, x: ArrayLike, rng: np.random.Generator) -> float:
    """Return the largest error of `vjp(x, g)` at `x`, for one random `g` of the shape of `f(x)` drawn from `rng`.

    Raises ValueError if the result of `vjp` has not the shape of `x`.
    """
    return _compare(f, vjp, x, rng.standard_normal(np.shape(f(np.array(x, dtype=np.float64)))))[0]


def assert_vjp(f: Function, vjp: Vjp, x: ArrayLike, rng: np.random.Generator, *, tolerance: float = 1e-6) -> None:
    """Do nothing if the error of `check_vjp` is at most `tolerance`.

    Raises AssertionError if it is larger, or NaN; the message names the entry, and what was claimed and measured there.
    Raises ValueError if the result of `vjp` has not the shape of `x`.
    """
    _assert_small(*_compare(f, vjp, x, rng.standard_normal(np.shape(f(np.array(x, dtype=np.float64))))), tolerance)


def check_gradient(f: Function, gradient: Function, x: ArrayLike) -> float:
    """Return the largest error of `gradient(x)` at `x`, for an `f` that returns one number.

    Raises ValueError if `f(x)` is not one number, or the result of `gradient` has not the shape of `x`.
    """
    return _compare(_scalar(f), lambda x, _: gradient(x), x, 1.0)[0]


def assert_gradient(f: Function, gradient: Function, x: ArrayLike, *, tolerance: float = 1e-6) -> None:
    """Do nothing if the error of `check_gradient` is at most `tolerance`.

    Raises AssertionError if it is larger, or NaN; the message names the entry, and what was claimed and measured there.
    Raises ValueError if `f(x)` is not one number, or the result of `gradient` has not the shape of `x`.
    """
    _assert_small(*_compare(_scalar(f), lambda x, _: gradient(x), x, 1.0), tolerance)


def _scalar(f: Function) -> Function:
    def checked(x: Point) -> ArrayLike:
        value = f(x)
        if np.size(value) != 1:
            message = f"f must return one number, and returned shape {np.shape(value)}; use check_vjp for such an f"
            raise ValueError(message)
        return value

    return checked


def _compare(f: Function, vjp: Vjp, x: ArrayLike, g: ArrayLike) -> tuple[float, str]:
    """Return the largest error, and the sentence that says where it is."""
    measured = numerical_vjp(f, x, g)
    claimed = np.asarray(vjp(np.array(x, dtype=np.float64), np.array(g, dtype=np.float64)), dtype=np.float64)
    if claimed.shape != measured.shape:
        message = f"the gradient has shape {claimed.shape} and x has {measured.shape}; they must be the same"
        raise ValueError(message)
    if not measured.size:
        return 0.0, "x is empty"
    with np.errstate(invalid="ignore"):  # inf - inf is NaN, and an error like any other.
        errors = np.abs(claimed - measured) / np.maximum(1, np.maximum(np.abs(claimed), np.abs(measured)))
    # argmax stops at the first NaN, so that a NaN is always the worst entry.
    worst = np.unravel_index(np.argmax(errors), errors.shape)
    where = f"at index {', '.join(map(str, worst))}" if worst else "at x"
    return float(errors[worst]), (
        f"the gradient is wrong {where}: it says {claimed[worst]:.9g}, central differences say {measured[worst]:.9g}"
    )


def _assert_small(error: float, sentence: str, tolerance: float) -> None:
    if not error <= tolerance:  # NaN fails too.
        message = f"{sentence} (error {error:.1e}, tolerance {tolerance:.1e})"
        raise AssertionError(message)
