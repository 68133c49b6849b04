"""Losses of real predictions: predictions and truths in, one number out, each loss above its derivative.

Every `loss(prediction, truth)` is followed by `loss_vjp(prediction, truth, g)`: the gradient of `sum(g * loss)` with
respect to the prediction, of its shape and float type; `g` has the shape of the loss, 1 if left out. The truth is a constant,
and its shape is the prediction's. There is one loss for each element; `reduction` is "mean", "sum" or "none". A difference
of equal infinities is NaN, and what is too large for a float is inf. Raises ValueError if the shapes differ, or there
are no elements.
"""

import numpy as np
from numpy.typing import ArrayLike

from sitegen.numerics.arrays import Array, in_blocks
from sitegen.numerics.functions import tanh
from sitegen.numerics.reductions import Reduction, pair, reduce, spread


def mean_squared_error(predictions: ArrayLike, targets: ArrayLike, *, reduction: Reduction = "mean") -> Array:
    """Return the mean over all elements of the squared difference, without a factor 1/2.

    mean((y - t)^2), any shape. A.-M. Legendre, Nouvelles méthodes pour la détermination des orbites des comètes, 1805.
    """
    r = _residuals(predictions, targets)
    with np.errstate(over="ignore"):
        return reduce(np.multiply(r, r, out=r), reduction)


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
    r = _residuals(predictions, targets)
    return reduce(np.abs(r, out=r), reduction)


def mean_absolute_error_vjp(
    predictions: ArrayLike, targets: ArrayLike, g: ArrayLike = 1.0, *, reduction: Reduction = "mean"
) -> Array:
    """Return g / n * sign(y - t) for n elements, of the shape of `predictions`; at the kink, y = t, it is 0."""
    r = _residuals(predictions, targets)
    return np.asarray(spread(g, r, reduction) * np.sign(r))


def huber(predictions: ArrayLike, targets: ArrayLike, *, delta: float = 1.0, reduction: Reduction = "mean") -> Array:
    """Return the mean of half the squared difference r up to `delta`, and of delta * (|r| - delta / 2) beyond.

    mean(c (|r| - c / 2)) with c = min(|r|, delta), any shape. P. Huber, Robust estimation of a location parameter, 1964.
    Raises ValueError if `delta` is not positive.
    """
    r = _residuals(predictions, targets)
    np.abs(r, out=r)
    c = np.minimum(r, _positive("delta", delta))
    r -= 0.5 * c
    with np.errstate(over="ignore"):
        return reduce(np.multiply(r, c, out=r), reduction)


def huber_vjp(
    predictions: ArrayLike,
    targets: ArrayLike,
    g: ArrayLike = 1.0,
    *,
    delta: float = 1.0,
    reduction: Reduction = "mean",
) -> Array:
    """Return g / n times the difference cut off at -delta and delta, of the shape of `predictions`."""
    r = _residuals(predictions, targets)
    delta = _positive("delta", delta)
    return np.asarray(spread(g, r, reduction) * np.clip(r, -delta, delta, out=r))


def log_cosh(predictions: ArrayLike, targets: ArrayLike, *, reduction: Reduction = "mean") -> Array:
    """Return the mean over all elements of the logarithm of the hyperbolic cosine of the difference r.

    mean(log(cosh(r))), any shape: r^2 / 2 near 0, |r| - log(2) far from it. P. Green, Bayesian reconstructions from
    emission tomography data using a modified EM algorithm, IEEE Transactions on Medical Imaging 9(1), 1990.
    """
    return reduce(in_blocks(_log_cosh, _residuals(predictions, targets)), reduction)


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
    margin, _ = _shortfall(scores, labels)
    return reduce(margin, reduction)


def hinge_vjp(scores: ArrayLike, labels: ArrayLike, g: ArrayLike = 1.0, *, reduction: Reduction = "mean") -> Array:
    """Return -g / n * y where y s < 1, else (and at the kink, y s = 1) 0, for n elements, of the shape of `scores`."""
    margin, y = _shortfall(scores, labels)
    return np.asarray(spread(g, y, reduction) * np.where(margin > 0, -y, 0))


def squared_hinge(scores: ArrayLike, labels: ArrayLike, *, reduction: Reduction = "mean") -> Array:
    """Return the mean over all elements of the squared hinge loss of real `scores` for `labels` that are -1 or 1.

    mean(max(0, 1 - y s)^2), any shape. T. Zhang, Statistical behavior and consistency of classification methods based
    on convex risk minimization, Annals of Statistics 32(1), 2004.
    Raises ValueError also if a label is neither -1 nor 1.
    """
    margin, _ = _shortfall(scores, labels)
    with np.errstate(over="ignore"):
        return reduce(np.multiply(margin, margin, out=margin), reduction)


def squared_hinge_vjp(
    scores: ArrayLike, labels: ArrayLike, g: ArrayLike = 1.0, *, reduction: Reduction = "mean"
) -> Array:
    """Return -g / n * 2 y max(0, 1 - y s) for n elements, of the shape of `scores`."""
    margin, y = _shortfall(scores, labels)
    with np.errstate(over="ignore"):
        return np.asarray(-2 * spread(g, y, reduction) * y * margin)


def _log_cosh(r: Array) -> Array:
    # cosh overflows at 710. With u = exp(-2|r|) - 1 it is |r| + log(1 + u/2), in which near 0 all but the square of r
    # cancels; there it is log(1 + sinh(r)^2) / 2 with sinh(r)^2 = u^2 / (4 + 4 u).
    r = np.abs(r)
    u = np.expm1(-2 * np.minimum(r, 400))
    near = (r < 1).astype(r.dtype)
    far = 1 - near
    logarithm = np.log1p(near * (u * u / (4 * np.maximum(1 + u, 0.1))) + far * (0.5 * u))
    return np.asarray((1 - 0.5 * near) * logarithm + far * r)


def _residuals(predictions: ArrayLike, targets: ArrayLike) -> Array:
    y, t = pair(predictions, targets)
    with np.errstate(over="ignore", invalid="ignore"):  # inf - inf is NaN, and meant.
        return np.asarray(y - t)


def _shortfall(scores: ArrayLike, labels: ArrayLike) -> tuple[Array, Array]:
    """Return max(0, 1 - y s), and the labels y."""
    s, y = pair(scores, labels)

    def shortfall(s: Array, y: Array) -> Array:
        if not np.all(np.abs(y) == 1):
            message = (
                f"labels must be -1 or 1, but one is {y[np.abs(y) != 1][0]}; for labels 0 and 1 pass 2 * labels - 1"
            )
            raise ValueError(message)
        return np.maximum(1 - y * s, 0)

    return in_blocks(shortfall, s, y), y


def _positive(name: str, value: float) -> float:
    if not value > 0:
        message = f"{name} must be positive, but is {value}"
        raise ValueError(message)
    return float(value)
