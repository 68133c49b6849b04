"""What all losses share: a prediction and its truth as arrays of one shape, and losses reduced to one number and back.

A loss has one value for each element, or for each distribution along an axis. `reduction` says what becomes of them:
"mean" and "sum" give one number, "none" the array.
"""

import math
from collections.abc import Callable
from typing import Literal, TypeAlias, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sitegen.numerics.arguments import sum_along, without_axis
from sitegen.numerics.arrays import Array, as_floating, blocks, in_blocks, to_half, to_single, upstream

Reduction: TypeAlias = Literal["mean", "sum", "none"]


def pair(prediction: ArrayLike, truth: ArrayLike) -> tuple[Array, Array]:
    """Return both as arrays of the prediction's float type, of one shape that holds something.

    A truth never broadcasts, so that (n,) against (n, 1) is an error and not n^2 terms.
    """
    prediction = as_floating(prediction)
    truth = as_floating(truth, prediction.dtype)
    if truth.shape != prediction.shape:
        message = f"the truth has shape {truth.shape} and the prediction {prediction.shape}; they must be the same"
        raise ValueError(message + " (classes are given one-hot, to a cross-entropy also as integers)")
    if not prediction.size:
        message = f"a prediction of shape {prediction.shape} holds nothing, and the mean of nothing is undefined"
        raise ValueError(message)
    return prediction, truth


def reduce_classes(terms: Array, axis: int, reduction: Reduction) -> Array:
    """Return the mean or the sum of all losses, each the sum of its `terms` along the classes, or the losses themselves.

    The mean and the sum are numbers of numpy, and so no arrays to be printed.
    """
    with np.errstate(over="ignore"):  # a sum may be too large for a float, and is inf then.
        if reduction == "none":
            return sum_along(terms, axis).astype(terms.dtype, copy=False)
        losses = math.prod(without_axis(terms.shape, axis)) if _is_mean(reduction) else 1
        total = np.sum(terms, dtype=np.promote_types(terms.dtype, np.float32))
        return cast("Array", (total / losses).astype(terms.dtype))


def reduced(loss: Callable[..., Array], reduction: Reduction, *arrays: Array) -> Array:
    """Return the mean or sum of loss(*arrays), a formula for each element, without ever holding the losses of a large array."""
    first = arrays[0]
    with np.errstate(over="ignore", invalid="ignore"):  # inf - inf is NaN, and meant.
        if reduction == "none":
            return in_blocks(loss, *arrays)
        if first.dtype == np.float16:
            return to_half(reduced(loss, reduction, *to_single(arrays)))
        total = np.sum([np.sum(loss(*parts)) for parts in blocks(*arrays)], dtype=first.dtype)
        return cast("Array", total / first.dtype.type(first.size) if _is_mean(reduction) else total)


def spread(g: ArrayLike, x: Array, reduction: Reduction, axis: int | None = None) -> Array:
    """Return what arrives at each element of `x` of the gradient `g` of the reduced losses; `axis` is that of the classes."""
    losses = x.shape if axis is None else without_axis(x.shape, axis)
    if reduction == "none":
        g = upstream(g, losses, x.dtype)
        return np.expand_dims(g, axis) if axis is not None and x.ndim else g
    g = upstream(g, (), x.dtype)
    return np.asarray(g / math.prod(losses)) if _is_mean(reduction) else g


def product(weights: Array | NDArray[np.bool_], values: Array) -> Array:
    """Return weights * values in a new array, and 0 where 0 meets an infinity: 0 log 0 = 0."""
    try:
        # The processor tells whether a 0 met an infinity: to look for NaN costs more.
        with np.errstate(invalid="raise"):
            return np.asarray(weights * values)
    except FloatingPointError:
        with np.errstate(invalid="ignore"):
            return np.where(np.isinf(values) & (weights == 0), 0, weights * values)


def quotient(weights: Array, values: Array) -> Array:
    """Return weights / values in a new array, and 0 for 0 / 0: the derivative of 0 log 0 = 0."""
    with np.errstate(divide="ignore", over="ignore"):  # 1 / 0 is inf, and meant; so is 1 / 1e-310.
        try:
            with np.errstate(invalid="raise"):
                return np.asarray(weights / values)
        except FloatingPointError:
            with np.errstate(invalid="ignore"):
                return np.where((values == 0) & (weights == 0), 0, weights / values)


def _is_mean(reduction: Reduction) -> bool:
    if reduction not in {"mean", "sum"}:
        message = f'reduction must be "mean", "sum" or "none", but is {reduction!r}'
        raise ValueError(message)
    return reduction == "mean"
