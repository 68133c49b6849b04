"""Losses of real predictions: predictions and truths in, one number out, each loss above its derivative.

Every `loss(prediction, truth)` is followed by `loss_vjp(prediction, truth, g)`: the gradient of `sum(g * loss)` with
respect to the prediction, of its shape and float type; `g` has the shape of the loss, 1 if left out. The truth is a constant,
and its shape is the prediction's. There is one loss for each element; `reduction` is "mean", "sum" or "none". A difference
of equal infinities is NaN, and what is too large for a float is inf. Raises ValueError if the shapes differ, or there
are no elements.
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from sitegen.numerics.arguments import within
from sitegen.numerics.arrays import Array, blocks, in_blocks
from sitegen.numerics.functions import tanh
from sitegen.numerics.reductions import Reduction, pair, reduced, spread

__all__ = [
    "hinge", "hinge_vjp", "huber", "huber_vjp", "log_cosh", "log_cosh_vjp", "mean_absolute_error",
    "mean_absolute_error_vjp", "mean_squared_error", "mean_squared_error_vjp", "squared_hinge", "squared_hinge_vjp",
]  # fmt: skip


def mean_squared_error(predictions: ArrayLike, targets: ArrayLike, *, reduction: Reduction = "mean") -> Array:
    """Return the mean over all elements of the squared difference, without a factor 1/2.

    mean((y - t)^2), any shape. A.-M. Legendre, Nouvelles méthodes pour la détermination des orbites des comètes, 1805.
    """
    return reduced(lambda y, t: np.square(y - t), reduction, *pair(predictions, targets))


def mean_squared_error_vjp(
    predictions: ArrayLike, targets: ArrayLike, g: ArrayLike = 1.0, *, reduction: Reduction = "mean"
) -> Array:
    """Return g / n * 2 (y - t) for n elements, of the shape of `predictions`."""
    r = _residuals(predictions, targets)
    with np.errstate(over="ignore"):
        return np.asarray(np.multiply(2 * spread(g, r, reduction), r, out=r))


def mean_absolute_error(predictions: ArrayLike, targets: ArrayLike, *, reduction: Reduction = "mean") -> Array:
    """Return the mean over all elements of the absolute difference.

    mean(|y - t|), any shape. T. Hastie, R. Tibshirani and J. Friedman, The Elements of Statistical Learning, 2009,
    section 10.6.
    """
    return reduced(lambda y, t: np.abs(y - t), reduction, *pair(predictions, targets))


def mean_absolute_error_vjp(
    predictions: ArrayLike, targets: ArrayLike, g: ArrayLike = 1.0, *, reduction: Reduction = "mean"
) -> Array:
    """Return g / n * sign(y - t) for n elements, of the shape of `predictions`; at the kink, y = t, it is 0."""
    r = _residuals(predictions, targets)
    return np.asarray(spread(g, r, reduction) * np.sign(r))


def huber(predictions: ArrayLike, targets: ArrayLike, *, delta: float = 1.0, reduction: Reduction = "mean") -> Array:
    """Return the mean of half the squared difference r up to `delta`, and of delta * (|r| - delta / 2) beyond.

    mean(c (|r| - c / 2)) with c = min(|r|, delta), any shape. P. Huber, Robust estimation of a location parameter, 1964.
    Raises ValueError if `delta` is not positive and finite.
    """
    delta = within("(0, inf)", delta=delta)

    def loss(y: Array, t: Array) -> Array:
        r = np.abs(y - t)
        c = np.minimum(r, delta)
        return np.asarray(c * (r - 0.5 * c))

    return reduced(loss, reduction, *pair(predictions, targets))


def huber_vjp(
    predictions: ArrayLike, targets: ArrayLike, g: ArrayLike = 1.0, *, delta: float = 1.0, reduction: Reduction = "mean"
) -> Array:
    """Return g / n times the difference cut off at -delta and delta, of the shape of `predictions`."""
    r = _residuals(predictions, targets)
    delta = within("(0, inf)", delta=delta)
    return np.asarray(spread(g, r, reduction) * np.clip(r, -delta, delta, out=r))


def log_cosh(predictions: ArrayLike, targets: ArrayLike, *, reduction: Reduction = "mean") -> Array:
    """Return the mean over all elements of the logarithm of the hyperbolic cosine of the difference r.

    mean(log(cosh(r))), any shape: r^2 / 2 near 0, |r| - log(2) far from it. P. Green, Bayesian reconstructions from
    emission tomography data using a modified EM algorithm, IEEE Transactions on Medical Imaging 9(1), 1990.
    """

    def loss(y: Array, t: Array) -> Array:
        # cosh(r) = exp(r) (1 + exp(-2 r)) / 2 overflows at 710, its logarithm does not. Near 0 the terms of that cancel, and
        # cosh(r) = 1 + m^2 / (2 + 2 m) with m = exp(-r) - 1 keeps the square.
        r = np.abs(y - t).reshape(-1)
        result = np.asarray(np.log1p(np.exp(-2 * r)) + (r - math.log(2)))
        near = np.flatnonzero(r < 0.5)
        m = np.expm1(-r[near])
        result[near] = np.log1p(m * m / (2 + 2 * m))
        return result.reshape(y.shape)

    return reduced(loss, reduction, *pair(predictions, targets))


def log_cosh_vjp(
    predictions: ArrayLike, targets: ArrayLike, g: ArrayLike = 1.0, *, reduction: Reduction = "mean"
) -> Array:
    """Return g / n * tanh(y - t) for n elements, of the shape of `predictions`."""
    r = _residuals(predictions, targets)
    return np.asarray(spread(g, r, reduction) * tanh(r))


def hinge(scores: ArrayLike, labels: ArrayLike, *, reduction: Reduction = "mean") -> Array:
    """Return the mean over all elements of the hinge loss of real `scores` for `labels` that are -1 or 1.

    mean(max(0, 1 - y s)), any shape. C. Cortes and V. Vapnik, Support-vector networks, 1995.
    Raises ValueError also if a label is neither -1 nor 1.
    """
    return reduced(_shortfall, reduction, *_scores_and_labels(scores, labels))


def hinge_vjp(scores: ArrayLike, labels: ArrayLike, g: ArrayLike = 1.0, *, reduction: Reduction = "mean") -> Array:
    """Return -g / n * y where y s < 1, else (and at the kink, y s = 1) 0, for n elements, of the shape of `scores`."""
    s, y = _scores_and_labels(scores, labels)
    slope = in_blocks(lambda s, y: y * (y * s < 1), s, y)
    return np.asarray(np.multiply(-spread(g, y, reduction), slope, out=slope))


def squared_hinge(scores: ArrayLike, labels: ArrayLike, *, reduction: Reduction = "mean") -> Array:
    """Return the mean over all elements of the squared hinge loss of real `scores` for `labels` that are -1 or 1.

    mean(max(0, 1 - y s)^2), any shape. T. Zhang, Statistical behavior and consistency of classification methods based
    on convex risk minimization, Annals of Statistics 32(1), 2004.
    Raises ValueError also if a label is neither -1 nor 1.
    """
    return reduced(lambda s, y: np.square(_shortfall(s, y)), reduction, *_scores_and_labels(scores, labels))


def squared_hinge_vjp(
    scores: ArrayLike, labels: ArrayLike, g: ArrayLike = 1.0, *, reduction: Reduction = "mean"
) -> Array:
    """Return -g / n * 2 y max(0, 1 - y s) for n elements, of the shape of `scores`."""
    s, y = _scores_and_labels(scores, labels)
    slope = in_blocks(lambda s, y: -2 * y * _shortfall(s, y), s, y)
    with np.errstate(over="ignore"):
        return np.asarray(np.multiply(spread(g, y, reduction), slope, out=slope))


def _residuals(predictions: ArrayLike, targets: ArrayLike) -> Array:
    y, t = pair(predictions, targets)
    with np.errstate(over="ignore", invalid="ignore"):  # inf - inf is NaN, and meant.
        return np.asarray(y - t)


def _scores_and_labels(scores: ArrayLike, labels: ArrayLike) -> tuple[Array, Array]:
    s, y = pair(scores, labels)
    if not all(np.all(np.abs(part) == 1) for (part,) in blocks(y)):
        message = f"labels must be -1 or 1, but one is {y[np.abs(y) != 1][0]}; for labels 0 and 1 pass 2 * labels - 1"
        raise ValueError(message)
    return s, y


def _shortfall(s: Array, y: Array) -> Array:
    return np.clip(1 - y * s, 0, np.inf)
