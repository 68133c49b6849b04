"""What a caller gives, checked: numbers, arrays and shapes in, the same as floats out, or an error that says what was given.

ValueError where a value or a shape does not fit, TypeError where it is no real number at all.
"""

import operator
import re

import numpy as np
from numpy.lib.array_utils import normalize_axis_index
from numpy.typing import ArrayLike

from sitegen.numerics.arrays import Array, as_floating

# By how much a distribution may miss the sum of 1: enough for one typed in with two digits, as three times 0.33.
ROUNDED = 0.02
SHORT = 64  # terms


def within(interval: str, **given: float) -> float:
    """Return the one number given, by its name, if it lies in an interval such as "(0, inf)" or "[0, 1)"; NaN never does."""
    ((name, value),) = given.items()
    try:
        number = float(value)
    except (TypeError, ValueError):
        message = f"{name} must be a number, but is {value!r}"
        raise TypeError(message) from None
    low, high = (float(end) for end in interval[1:-1].split(","))
    if not (low < number < high or (number == low and interval[0] == "[") or (number == high and interval[-1] == "]")):
        message = f"{name} must lie in {interval}, but is {value}"
        raise ValueError(message)
    return number


def whole(least: int, **given: int) -> int:
    """Return the one whole number given, by its name, if it is at least `least`."""
    ((name, value),) = given.items()
    try:
        number = operator.index(value)
    except TypeError:
        message = f"{name} must be a whole number, but is {value!r}"
        raise TypeError(message) from None
    if number < least:
        message = f"{name} must be at least {least}, but is {number}"
        raise ValueError(message)
    return number


def generator(rng: object) -> np.random.Generator:
    """Return `rng`, if it is a numpy Generator."""
    if not isinstance(rng, np.random.Generator):
        message = f"rng must be a numpy Generator, such as np.random.default_rng(0), but is {rng!r}"
        raise TypeError(message)
    return rng


def one_axis(axis: int, axes: int) -> int:
    """Return the number of an axis, counted from the first. Raises AxisError, a ValueError, where there is none."""
    try:
        number = operator.index(axis)
    except TypeError:
        message = f"axis must be one whole number, but is {axis!r}; x.reshape(-1) makes one axis of all"
        raise TypeError(message) from None
    return normalize_axis_index(number, axes)


def without_axis(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    """Return a shape without one axis; a number alone has the axis of its one class. Raises AxisError, a ValueError."""
    k = one_axis(axis, max(len(shape), 1))
    return shape[:k] + shape[k + 1 :]


def sum_along(values: Array, axis: int) -> Array:
    """Return the sums along one axis, for a number alone itself, in at least single precision.

    einsum is five times as fast as np.sum along a short axis; along a long one np.sum is as fast, and adds in pairs.
    """
    without_axis(values.shape, axis)
    rows = np.moveaxis(values, axis, -1) if values.ndim else values[np.newaxis]
    dtype = np.promote_types(values.dtype, np.float32)
    sums = np.einsum("...k->...", rows, dtype=dtype) if rows.shape[-1] < SHORT else rows.sum(-1, dtype=dtype)
    return np.asarray(sums)


def check_unit_interval(values: Array, name: str, hint: str = "") -> None:
    """Raise ValueError if a value lies outside [0, 1].

    NaN passes: a training run that diverged shall show a NaN loss, not stop here.
    """
    if values.size and (np.min(values) < 0 or np.max(values) > 1):
        message = f"{name} must lie in [0, 1], but one is {values[(values < 0) | (values > 1)].flat[0]}{hint}"
        raise ValueError(message)


def check_distributions(values: Array, axis: int, name: str, hint: str = "") -> None:
    """Raise ValueError also if the values along `axis` do not sum to one, to within 0.02."""
    sums = sum_along(values, axis)
    check_unit_interval(values, name, hint)
    far = np.abs(sums - 1) > ROUNDED
    if np.any(far):
        message = f"{name} must sum to 1 along axis {axis}, but some sum to {np.extract(far, sums)[0]:.6g}{hint}"
        raise ValueError(message)


def check_shapes(pattern: str, *arrays: Array) -> None:
    """Raise ValueError unless arrays have the shapes of a pattern such as "x (n, i), weights (i, o)": one letter, one size.

    "(..., n, d)" allows any axes in front.
    """
    sizes: dict[str, int] = {}
    for (name, letters), array in zip(re.findall(r"(\w+) \(([^)]*)\)", pattern), arrays, strict=True):
        axes = re.findall(r"\w+", letters)
        shape = array.shape[-len(axes) :] if "..." in letters else array.shape
        known = dict(sizes)
        if len(shape) != len(axes) or any(
            sizes.setdefault(a, size) != size for a, size in zip(axes, shape, strict=True)
        ):
            where = " where " + ", ".join(f"{a} = {size}" for a, size in known.items()) if known else ""
            message = f"{name} has shape {array.shape}, and the shapes must be {pattern}{where}"
            raise ValueError(message)


def floats(shapes: str, x: ArrayLike, *others: ArrayLike) -> list[Array]:
    """Return all as arrays of the float type of the first, if their shapes fit a pattern as in `check_shapes`."""
    first = as_floating(x)
    arrays = [first, *(as_floating(other, first.dtype) for other in others)]
    check_shapes(shapes, *arrays)
    return arrays
