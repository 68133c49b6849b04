"""Check a derivative against differences: a function, its claimed derivative and a point in, the error out.

The error is |claimed - measured| / max(1, |claimed|, |measured|), the largest over all entries: relative where the
derivative exceeds 1 and absolute below, because central differences carry a rounding error of about 4e-11 times the size of f.
All is computed in float64, whatever `x` is: in float32 the differences would be good for two digits.
Stay away from the ends of a domain: the differences look about 6e-6 to either side. Across a kink they measure neither
slope; `find_kinks` tells where, and `skip_kinks` leaves those entries out.
"""

from collections.abc import Callable
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sitegen.numerics.arguments import generator, whole

__all__ = [
    "assert_gradient", "assert_vjp", "check_directions", "check_gradient", "check_jacobian", "check_vjp",
    "find_kinks", "jacobian", "numerical_jacobian", "numerical_vjp", "ulp_error",
]  # fmt: skip

Point: TypeAlias = NDArray[np.float64]
Function: TypeAlias = Callable[[Point], ArrayLike]
Vjp: TypeAlias = Callable[[Point, Point], ArrayLike]

# The step that balances truncation, h^2, against rounding, eps / h: the cube root of eps, 6e-6.
STEP = float(np.cbrt(np.finfo(np.float64).eps))


def numerical_vjp(
    f: Function, x: ArrayLike, g: ArrayLike = 1.0, *, method: Literal["central", "complex"] = "central"
) -> Point:
    """Return the gradient of sum(g * f(x)) with respect to `x`, of the shape of `x`.

    "central": (f(x + h) - f(x - h)) / 2h in every entry, at two calls of `f` each; about ten digits. J. Nocedal and
    S. Wright, Numerical Optimization, 2006, section 8.1.
    "complex": Im f(x + ih) / h with h = 1e-200, one call each and all digits, since nothing is subtracted; for analytic
    formulas that take complex numbers. W. Squire and G. Trapp, Using complex variables to estimate derivatives of real
    functions, SIAM Review 40(1), 1998.
    """
    if method not in {"central", "complex"}:
        message = f'method must be "central" or "complex", but is {method!r}'
        raise ValueError(message)
    x = np.asarray(x, dtype=np.float64)
    gradient = np.empty_like(x)
    for index in np.ndindex(x.shape):
        gradient[index] = np.sum(np.asarray(g) * _slope(f, x, index, method))
    return gradient


def numerical_jacobian(f: Function, x: ArrayLike, *, method: Literal["central", "complex"] = "central") -> Point:
    """Return the derivatives of all entries of f(x) with respect to all of `x`: shape (*f(x).shape, *x.shape)."""
    x = np.asarray(x, dtype=np.float64)
    shape = np.shape(f(x.copy()))
    jacobian = np.empty((*shape, x.size))
    for column, index in enumerate(np.ndindex(x.shape)):
        jacobian[..., column] = _slope(f, x, index, method)
    return jacobian.reshape(*shape, *x.shape)


def jacobian(f: Function, vjp: Vjp, x: ArrayLike) -> Point:
    """Return the same from a derivative `vjp(x, g)`, exactly: one call for each entry of f(x), which is a row."""
    x = np.asarray(x, dtype=np.float64)
    shape = np.shape(f(x.copy()))
    rows = np.empty((*shape, *x.shape))
    for index in np.ndindex(shape):
        g = np.zeros(shape)
        g[index] = 1
        rows[index] = vjp(x.copy(), g)
    return rows


def find_kinks(f: Function, x: ArrayLike) -> NDArray[np.bool_]:
    """Return in which entries of `x` the slope of `f` jumps at `x`, or within a step of it: booleans of the shape of `x`.

    The slopes to the right and to the left differ by the step times the second derivative where there is one, so half
    the step halves the difference; across a kink it stays.
    """
    x = np.asarray(x, dtype=np.float64)
    kinks = np.zeros(x.shape, dtype=bool)
    for index in np.ndindex(x.shape):
        wide, close = (_jump(f, x, index, scale) for scale in (16.0, 4.0))
        # A quarter of the step leaves a quarter of a curve's difference, and all of a kink's. Below 1e-7 it is noise.
        kinks[index] = bool(np.any((wide > 1e-7) & (close > 0.5 * wide)))
    return kinks


def check_vjp(f: Function, vjp: Vjp, x: ArrayLike, rng: np.random.Generator, *, skip_kinks: bool = False) -> float:
    """Return the largest error of `vjp(x, g)` at `x`, for one random `g` of the shape of `f(x)` drawn from `rng`.

    Raises ValueError if the result of `vjp` has not the shape of `x`.
    """
    return _compare(f, vjp, x, _draw(f, x, rng), skip_kinks=skip_kinks)[0]


def assert_vjp(
    f: Function, vjp: Vjp, x: ArrayLike, rng: np.random.Generator, *, tolerance: float = 1e-6, skip_kinks: bool = False
) -> None:
    """Do nothing if the error of `check_vjp` is at most `tolerance`.

    Raises AssertionError if it is larger, or NaN; the message names the entry, and what was claimed and measured there.
    Raises ValueError if the result of `vjp` has not the shape of `x`.
    """
    _assert_small(*_compare(f, vjp, x, _draw(f, x, rng), skip_kinks=skip_kinks), tolerance)


def check_gradient(f: Function, gradient: Function, x: ArrayLike, *, skip_kinks: bool = False) -> float:
    """Return the largest error of `gradient(x)` at `x`, for an `f` that returns one number.

    Raises ValueError if `f(x)` is not one number, or the result of `gradient` has not the shape of `x`.
    """
    return _compare(_scalar(f), lambda x, _: gradient(x), x, 1.0, skip_kinks=skip_kinks)[0]


def assert_gradient(
    f: Function, gradient: Function, x: ArrayLike, *, tolerance: float = 1e-6, skip_kinks: bool = False
) -> None:
    """Do nothing if the error of `check_gradient` is at most `tolerance`.

    Raises AssertionError if it is larger, or NaN; the message names the entry, and what was claimed and measured there.
    Raises ValueError if `f(x)` is not one number, or the result of `gradient` has not the shape of `x`.
    """
    _assert_small(*_compare(_scalar(f), lambda x, _: gradient(x), x, 1.0, skip_kinks=skip_kinks), tolerance)


def check_jacobian(f: Function, claimed: Function, x: ArrayLike) -> float:
    """Return the largest error of the Jacobian `claimed(x)` at `x`, of shape (*f(x).shape, *x.shape).

    Raises ValueError if it has another shape.
    """
    measured = numerical_jacobian(f, x)
    errors, _, _ = _errors(claimed(np.array(x, dtype=np.float64)), measured, "the Jacobian")
    return float(np.max(errors, initial=0.0))


def check_directions(f: Function, vjp: Vjp, x: ArrayLike, rng: np.random.Generator, *, directions: int = 8) -> float:
    """Return the largest error of the slopes along random directions, for an `x` with too many entries for one by one.

    Two calls of `f` for each direction u of length one, whatever the size of `x`: g . (f(x + hu) - f(x - hu)) / 2h
    against vjp(x, g) . u. A wrong entry is seen in proportion to its share of u.
    """
    x = np.asarray(x, dtype=np.float64)
    g = _draw(f, x, rng)
    claimed = np.asarray(vjp(x.copy(), np.array(g)), dtype=np.float64)
    worst = 0.0
    for _ in range(whole(1, directions=directions)):
        u = rng.standard_normal(x.shape)
        u /= max(float(np.linalg.norm(u)), np.finfo(np.float64).tiny)
        step = STEP * max(1.0, float(np.max(np.abs(x), initial=0.0)))
        rise = np.asarray(f(x + step * u), dtype=np.float64) - np.asarray(f(x - step * u), dtype=np.float64)
        errors, _, _ = _errors(np.sum(claimed * u), np.asarray(np.sum(g * rise) / (2 * step)), "the slope")
        worst = float(np.max([worst, errors]))  # np.max keeps NaN
    return worst


def ulp_error(computed: ArrayLike, exact: ArrayLike) -> Point:
    """Return by how many units in the last place `computed` misses `exact`, elementwise: 0.5 is correctly rounded.

    `exact` holds numbers of a longer format (decimal.Decimal, fractions.Fraction, mpmath.mpf, numpy.longdouble), else
    floats, which count as exact. The unit is the spacing of floats at `exact`, in the float type of `computed`; where
    both are NaN or the same infinity the error is 0, and where only one is, inf. J.-M. Muller, On the definition of
    ulp(x), 2005.
    """
    computed, exact = np.broadcast_arrays(computed, np.asarray(exact))
    errors = [_ulps(value, true) for value, true in zip(computed.flat, exact.flat, strict=True)]
    return np.array(errors, dtype=np.float64).reshape(computed.shape)


def _ulps(value: np.floating, true: Any) -> float:  # noqa: ANN401 - a number of any longer format
    rounded = type(value)(float(true))
    if not (np.isfinite(value) and np.isfinite(rounded)):
        return 0.0 if value == rounded or (np.isnan(value) and np.isnan(rounded)) else float(np.inf)
    # Both in the longer format: a float converts to it exactly, but Fraction minus float would be a float.
    error = abs(type(true)(float(value)) - true)
    return float(error) / float(np.spacing(np.abs(rounded)))


def _draw(f: Function, x: ArrayLike, rng: np.random.Generator) -> Point:
    return np.asarray(generator(rng).standard_normal(np.shape(f(np.array(x, dtype=np.float64)))))


def _slope(f: Function, x: Point, index: tuple[int, ...], method: str) -> Point:
    """Return the derivatives of all entries of f(x) with respect to one entry of `x`."""
    if method == "complex":
        shifted = x.astype(np.complex128)
        shifted[index] += 1e-200j
        return np.asarray(np.imag(np.asarray(f(shifted)))) / 1e-200  # type: ignore[arg-type] # f takes complex numbers
    above, below = x.copy(), x.copy()
    step = STEP * max(1.0, abs(float(x[index])))
    above[index] += step
    below[index] -= step
    rise = np.asarray(f(above.copy()), dtype=np.float64) - np.asarray(f(below.copy()), dtype=np.float64)
    # Divide by the step that was taken: x + h is rounded, by up to 2e-11 of h.
    return np.asarray(rise / (above[index] - below[index]))


def _jump(f: Function, x: Point, index: tuple[int, ...], scale: float) -> Point:
    """Return by how much the slopes to the right and to the left of `x` differ, in every entry of f(x)."""
    values = []
    step = scale * STEP * max(1.0, abs(float(x[index])))
    for sign in (-1, 0, 1):
        moved = x.copy()
        moved[index] += sign * step
        values.append(np.asarray(f(moved), dtype=np.float64))
    return np.asarray(np.abs(values[2] - 2 * values[1] + values[0]) / step)


def _scalar(f: Function) -> Function:
    def checked(x: Point) -> ArrayLike:
        value = f(x)
        if np.size(value) != 1:
            message = f"f must return one number, and returned shape {np.shape(value)}; use check_vjp for such an f"
            raise ValueError(message)
        return value

    return checked


def _errors(claimed: ArrayLike, measured: Point, what: str) -> tuple[Point, Point, Point]:
    """Return the errors, with what was claimed and measured."""
    claimed = np.asarray(claimed, dtype=np.float64)
    if claimed.shape != measured.shape:
        message = f"{what} has shape {claimed.shape}, and should have {measured.shape}"
        raise ValueError(message)
    with np.errstate(invalid="ignore"):  # inf - inf is NaN, and an error like any other.
        errors = np.abs(claimed - measured) / np.maximum(1, np.maximum(np.abs(claimed), np.abs(measured)))
    return np.asarray(errors), claimed, measured


def _compare(f: Function, vjp: Vjp, x: ArrayLike, g: ArrayLike, *, skip_kinks: bool) -> tuple[float, str]:
    """Return the largest error, and the sentence that says where it is."""
    measured = numerical_vjp(f, x, g)
    claimed = np.asarray(vjp(np.array(x, dtype=np.float64), np.array(g, dtype=np.float64)), dtype=np.float64)
    if claimed.shape != measured.shape:
        message = f"the gradient has shape {claimed.shape} and x has {measured.shape}; they must be the same"
        raise ValueError(message)
    if not measured.size:
        return 0.0, "x is empty"
    errors, _, _ = _errors(claimed, measured, "the gradient")
    if skip_kinks:
        errors = np.where(find_kinks(f, x), 0, errors)
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
