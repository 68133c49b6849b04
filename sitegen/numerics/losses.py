"""Losses: predictions and truths in, one number out (the mean over the batch), each loss above its derivative.

Every `loss(prediction, truth)` is followed by `loss_vjp(prediction, truth, g)`: the gradient of `g * loss` with respect
to the prediction, of its shape and float type; `g` is a number, 1 if left out. The truth is a constant.
A truth never broadcasts: its shape is the prediction's, so that (n,) against (n, 1) is an error and not n^2 terms.
Logits may be infinite (a masked class), probabilities exactly 0 or 1: 0 log 0 = 0 (T. Cover and J. Thomas, Elements of
Information Theory, 2006, section 2.1), and the loss is inf where something true was given probability 0.
"""

import numpy as np
from numpy.typing import ArrayLike

from sitegen.numerics.functions import Array, as_floating, log_softmax, sigmoid, softmax, softplus


def binary_cross_entropy(probabilities: ArrayLike, targets: ArrayLike) -> np.floating:
    """Return the mean over all elements of the cross-entropy between `targets` in [0, 1] and predicted `probabilities`.

    mean(-t log(p) - (1 - t) log(1 - p)), any shape. C. Bishop, Pattern Recognition and Machine Learning, 2006, (4.90).
    Raises ValueError if the shapes differ, there are no elements, or a value lies outside [0, 1].
    """
    p, t = _probabilities_and_targets(probabilities, targets)
    with np.errstate(divide="ignore"):  # log(0) is -inf, and meant.
        return np.mean(-_product(t, np.log(p)) - _product(1 - t, np.log1p(-p)))


def binary_cross_entropy_vjp(probabilities: ArrayLike, targets: ArrayLike, g: ArrayLike = 1.0) -> Array:
    """Return g / n * ((1 - t) / (1 - p) - t / p) for n elements, of the shape of `probabilities`; 0 / 0 counts as 0."""
    p, t = _probabilities_and_targets(probabilities, targets)
    return np.asarray(as_floating(g, p.dtype) / p.size * (_quotient(1 - t, 1 - p) - _quotient(t, p)))


def binary_cross_entropy_from_logits(logits: ArrayLike, targets: ArrayLike) -> np.floating:
    """Return the mean over all elements of the cross-entropy between `targets` in [0, 1] and sigmoid(logits).

    mean(t softplus(-x) + (1 - t) softplus(x)), any shape. C. Bishop, Pattern Recognition and Machine Learning, 2006,
    (4.90).
    Raises ValueError if the shapes differ, there are no elements, or a target lies outside [0, 1].
    """
    # Never through probabilities: 1 - sigmoid(x) is 0 from x = 37 up, and the loss would be inf instead of 37.
    x, t = _logits_and_targets(logits, targets)
    return np.mean(_product(t, softplus(-x)) + _product(1 - t, softplus(x)))


def binary_cross_entropy_from_logits_vjp(logits: ArrayLike, targets: ArrayLike, g: ArrayLike = 1.0) -> Array:
    """Return g / n * (sigmoid(x) - t) for n elements, of the shape of `logits`."""
    x, t = _logits_and_targets(logits, targets)
    # sigmoid(x) - t without its cancellation: for t = 1 it would be 0 from x = 37 up.
    return np.asarray(as_floating(g, x.dtype) / x.size * ((1 - t) * sigmoid(x) - t * sigmoid(-x)))


def cross_entropy(probabilities: ArrayLike, targets: ArrayLike, *, axis: int = -1) -> np.floating:
    """Return the mean over the batch of the cross-entropy between two distributions over the classes along `axis`.

    mean(-sum_j t_j log(p_j)); `targets` are distributions (one-hot for a known class), of the shape of `probabilities`;
    every axis but `axis` is batch. C. Bishop, Pattern Recognition and Machine Learning, 2006, (4.108).
    Raises ValueError if the shapes differ, there are no elements, or a value lies outside [0, 1].
    """
    p, t = _probabilities_and_targets(probabilities, targets)
    with np.errstate(divide="ignore"):  # log(0) is -inf, and meant.
        return np.sum(-_product(t, np.log(p))) / _batch(p, axis)


def cross_entropy_vjp(probabilities: ArrayLike, targets: ArrayLike, g: ArrayLike = 1.0, *, axis: int = -1) -> Array:
    """Return -g / n * t / p for a batch of n, of the shape of `probabilities`; 0 / 0 counts as 0.

    Each probability is a free variable: that they sum to one is the business of the function that made them.
    """
    p, t = _probabilities_and_targets(probabilities, targets)
    return np.asarray(-as_floating(g, p.dtype) / _batch(p, axis) * _quotient(t, p))


def cross_entropy_from_logits(logits: ArrayLike, targets: ArrayLike, *, axis: int = -1) -> np.floating:
    """Return the mean over the batch of the cross-entropy between `targets` and softmax(logits) along `axis`.

    mean(-sum_j t_j log_softmax(x)_j); `targets` are distributions (one-hot for a known class), of the shape of
    `logits`; every axis but `axis` is batch. C. Bishop, Pattern Recognition and Machine Learning, 2006, (4.108).
    Raises ValueError if the shapes differ, there are no elements, or a target lies outside [0, 1].
    """
    x, t = _logits_and_targets(logits, targets)
    return np.sum(-_product(t, log_softmax(x, axis=axis))) / _batch(x, axis)


def cross_entropy_from_logits_vjp(
    logits: ArrayLike, targets: ArrayLike, g: ArrayLike = 1.0, *, axis: int = -1
) -> Array:
    """Return g / n * (softmax(x) - t) for a batch of n, of the shape of `logits`."""
    x, t = _logits_and_targets(logits, targets)
    # The sum of the targets is 1 for distributions; with it the gradient is that of the formula for any weights.
    total = np.sum(t, axis=axis, keepdims=True)
    return np.asarray(as_floating(g, x.dtype) / _batch(x, axis) * (total * softmax(x, axis=axis) - t))


def kl_divergence(probabilities: ArrayLike, targets: ArrayLike, *, axis: int = -1) -> np.floating:
    """Return the mean over the batch of the Kullback-Leibler divergence D(targets || probabilities) along `axis`.

    mean(sum_j t_j log(t_j / p_j)): the prediction comes first, as in every loss here, and is second in D. All axes but
    `axis` are batch. S. Kullback and R. Leibler, On information and sufficiency, 1951.
    Raises ValueError if the shapes differ, there are no elements, or a value lies outside [0, 1].
    """
    p, t = _probabilities_and_targets(probabilities, targets)
    # A difference of logarithms: t / p overflows for p = 1e-310. Where t is 0 it may be inf - inf, and is not used.
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.sum(_product(t, np.log(t) - np.log(p))) / _batch(p, axis)


def kl_divergence_vjp(probabilities: ArrayLike, targets: ArrayLike, g: ArrayLike = 1.0, *, axis: int = -1) -> Array:
    """Return the gradient of the cross-entropy, from which it differs by the entropy of `targets`, a constant."""
    return cross_entropy_vjp(probabilities, targets, g, axis=axis)


def mean_squared_error(predictions: ArrayLike, targets: ArrayLike) -> np.floating:
    """Return the mean over all elements of the squared difference, without a factor 1/2.

    mean((y - t)^2), any shape. A.-M. Legendre, Nouvelles méthodes pour la détermination des orbites des comètes, 1805.
    Raises ValueError if the shapes differ, or there are no elements.
    """
    y, t = _pair(predictions, targets)
    return np.mean(np.square(y - t))


def mean_squared_error_vjp(predictions: ArrayLike, targets: ArrayLike, g: ArrayLike = 1.0) -> Array:
    """Return g / n * 2 (y - t) for n elements, of the shape of `predictions`."""
    y, t = _pair(predictions, targets)
    return np.asarray(as_floating(g, y.dtype) / y.size * 2 * (y - t))


def mean_absolute_error(predictions: ArrayLike, targets: ArrayLike) -> np.floating:
    """Return the mean over all elements of the absolute difference.

    mean(|y - t|), any shape. T. Hastie, R. Tibshirani and J. Friedman, The Elements of Statistical Learning, 2009,
    section 10.6.
    Raises ValueError if the shapes differ, or there are no elements.
    """
    y, t = _pair(predictions, targets)
    return np.mean(np.abs(y - t))


def mean_absolute_error_vjp(predictions: ArrayLike, targets: ArrayLike, g: ArrayLike = 1.0) -> Array:
    """Return g / n * sign(y - t) for n elements, of the shape of `predictions`; at the kink, y = t, it is 0."""
    y, t = _pair(predictions, targets)
    return np.asarray(as_floating(g, y.dtype) / y.size * np.sign(y - t))


def hinge(scores: ArrayLike, labels: ArrayLike) -> np.floating:
    """Return the mean over all elements of the hinge loss of real `scores` for `labels` that are -1 or 1.

    mean(max(0, 1 - y s)), any shape. C. Cortes and V. Vapnik, Support-vector networks, 1995.
    Raises ValueError if the shapes differ, there are no elements, or a label is neither -1 nor 1.
    """
    s, y = _scores_and_labels(scores, labels)
    return np.mean(np.maximum(0, 1 - y * s))


def hinge_vjp(scores: ArrayLike, labels: ArrayLike, g: ArrayLike = 1.0) -> Array:
    """Return -g / n * y where y s < 1, else (and at the kink, y s = 1) 0, for n elements, of the shape of `scores`."""
    s, y = _scores_and_labels(scores, labels)
    return np.asarray(-as_floating(g, s.dtype) / s.size * np.where(y * s < 1, y, np.zeros_like(y)))


def _pair(prediction: ArrayLike, truth: ArrayLike) -> tuple[Array, Array]:
    """Return both as arrays of the prediction's float type, of one shape that holds something."""
    prediction = as_floating(prediction)
    truth = as_floating(truth, prediction.dtype)
    if truth.shape != prediction.shape:
        message = f"the truth has shape {truth.shape} and the prediction {prediction.shape}; they must be the same"
        raise ValueError(message + " (classes are given one-hot)")
    if not prediction.size:
        message = f"a prediction of shape {prediction.shape} holds nothing, and the mean of nothing is undefined"
        raise ValueError(message)
    return prediction, truth


def _probabilities_and_targets(probabilities: ArrayLike, targets: ArrayLike) -> tuple[Array, Array]:
    p, t = _logits_and_targets(probabilities, targets)
    _check_unit_interval(p, "probabilities", "; for logits use the function that ends in _from_logits")
    return p, t


def _logits_and_targets(logits: ArrayLike, targets: ArrayLike) -> tuple[Array, Array]:
    x, t = _pair(logits, targets)
    _check_unit_interval(t, "targets")
    return x, t


def _scores_and_labels(scores: ArrayLike, labels: ArrayLike) -> tuple[Array, Array]:
    s, y = _pair(scores, labels)
    if np.any(np.abs(y) != 1):
        message = f"labels must be -1 or 1, but one is {y[np.abs(y) != 1][0]}; for labels 0 and 1 pass 2 * labels - 1"
        raise ValueError(message)
    return s, y


def _check_unit_interval(values: Array, name: str, hint: str = "") -> None:
    # Written so that NaN passes: a training run that diverged shall show a NaN loss, not stop here.
    outside = (values < 0) | (values > 1)
    if np.any(outside):
        message = f"{name} must lie in [0, 1], but one is {values[outside][0]}{hint}"
        raise ValueError(message)


def _product(weights: Array, values: Array) -> Array:
    """Return weights * values, and 0 where the weight is 0, whatever the value: 0 log 0 = 0, but 0 * -inf is NaN."""
    return np.multiply(weights, values, out=np.zeros_like(weights), where=weights != 0)


def _quotient(weights: Array, values: Array) -> Array:
    """Return weights / values, and 0 where the weight is 0, whatever the value: the derivative of 0 log 0 = 0."""
    with np.errstate(divide="ignore", over="ignore"):  # 1 / 0 is inf, and meant; so is 1 / 1e-310.
        return np.divide(weights, values, out=np.zeros_like(weights), where=weights != 0)


def _batch(x: Array, axis: int) -> int:
    """Return the number of distributions along `axis` that `x` holds; a number alone is one distribution."""
    return x.size // x.shape[axis] if x.ndim else 1
