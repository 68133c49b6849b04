"""What all losses share: a prediction and its truth as arrays of one shape, and losses reduced to one number and back.

A loss has one value for each element, or for each distribution along an axis. `reduction` says what becomes of them:
"mean" and "sum" give one number, "none" the array.
"""

from typing import Literal, TypeAlias, cast

import numpy as np
from numpy.typing import ArrayLike

from sitegen.numerics.arrays import Array, as_floating

Reduction: TypeAlias = Literal["mean", "sum", "none"]


def reduce(losses: Array, reduction: Reduction) -> Array:
    """Return the mean or the sum of all `losses`, a number of numpy (and so no array to be printed), or the losses."""
    if reduction == "none":
        return losses
    with np.errstate(over="ignore"):  # a sum may be too large for a float, and is inf then.
        return cast("Array", np.mean(losses) if _is_mean(reduction) else np.sum(losses))


def spread(g: ArrayLike, x: Array, reduction: Reduction, axis: int | None = None) -> Array:
    """Return what arrives at each element of `x` of the gradient `g` of the reduced losses; `axis` is that of the classes."""
    g = as_floating(g, x.dtype)
    if reduction == "none":
        return np.expand_dims(g, axis) if axis is not None and g.ndim else g
    losses = x.size if axis is None or not x.ndim else x.size // x.shape[axis]
    return np.asarray(g / losses) if _is_mean(reduction) else g


def pair(prediction: ArrayLike, truth: ArrayLike) -> tuple[Array, Array]:
    """Return both as arrays of the prediction's float type, of one shape that holds something.

    A truth never broadcasts, so that (n,) against (n, 1) is an error and not n^2 terms.
    """
    prediction = as_floating(prediction)
    truth = as_floating(truth, prediction.dtype)
    if truth.shape != prediction.shape:
        message = f"the truth has shape {truth.shape} and the prediction {prediction.shape}; they must be the same"
        raise ValueError(message + " (classes are given one-hot)")
    if not prediction.size:
        message = f"a prediction of shape {prediction.shape} holds nothing, and the mean of nothing is undefined"
        raise ValueError(message)
    return prediction, truth


def check_unit_interval(values: Array, name: str, hint: str = "") -> None:
    """Raise ValueError if a value lies outside [0, 1].

    NaN passes: a training run that diverged shall show a NaN loss, not stop here.
    """
    if np.min(values) < 0 or np.max(values) > 1:
        message = f"{name} must lie in [0, 1], but one is {values[(values < 0) | (values > 1)][0]}{hint}"
        raise ValueError(message)


def product(weights: Array, values: Array) -> Array:
    """Return weights * values in a new array, and 0 where 0 meets an infinity: 0 log 0 = 0."""
    with np.errstate(invalid="ignore"):
        result = np.asarray(weights * values)
    if np.isnan(np.min(result)):
        result[np.isinf(values) & (weights == 0)] = 0
    return result


def quotient(weights: Array, values: Array) -> Array:
    """Return weights / values in a new array, and 0 for 0 / 0: the derivative of 0 log 0 = 0."""
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):  # 1 / 0 is inf, and meant; so is 1 / 1e-310.
        result = np.asarray(weights / values)
    if np.isnan(np.min(result)):
        result[(values == 0) & (weights == 0)] = 0
    return result


def _is_mean(reduction: Reduction) -> bool:
    if reduction not in {"mean", "sum"}:
        message = f'reduction must be "mean", "sum" or "none", but is {reduction!r}'
        raise ValueError(message)
    return reduction == "mean"
