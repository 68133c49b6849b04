"""Distributions over classes: the softmax family and the entropy, along one axis, each function above its derivative.

The conventions are those of `functions`. A class of logit -inf is masked and gets probability 0; equal logits get equal
shares, infinite ones too. An axis that `x` does not have is an AxisError, an axis of no classes a ValueError.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sitegen.numerics.arrays import Array, as_floating

Indices: TypeAlias = NDArray[np.intp]


def softmax(x: ArrayLike, *, axis: int = -1, temperature: float = 1.0) -> Array:
    """Return the probabilities whose logits along `axis` are x / temperature: the shape of `x`.

    exp(x_i / T) / sum_j exp(x_j / T). J. Bridle, Probabilistic interpretation of feedforward classification network
    outputs, 1990. Raises ValueError if `temperature` is not positive and finite.
    """
    if not 0 < temperature < np.inf:
        message = f"temperature must be positive and finite, but is {temperature}"
        raise ValueError(message)
    exponentials = _shift(as_floating(x), axis)[1]
    if temperature != 1:
        with np.errstate(over="ignore"):  # to -inf, of which the exponential is 0, as it should be.
            exponentials /= float(temperature)
    np.exp(exponentials, out=exponentials)
    exponentials /= np.sum(exponentials, axis=axis, keepdims=True)
    return exponentials


def softmax_vjp(x: ArrayLike, g: ArrayLike, *, axis: int = -1, temperature: float = 1.0) -> Array:
    """Return p * (g - sum_j g_j p_j) / T with p = softmax(x / T), of the shape of `x`."""
    x = as_floating(x)
    g = as_floating(g, x.dtype)
    p = softmax(x, axis=axis, temperature=temperature)
    gradient = np.asarray(g - np.sum(g * p, axis=axis, keepdims=True))
    gradient *= p
    gradient /= float(temperature)
    return gradient


def softmax_jacobian(x: ArrayLike, *, temperature: float = 1.0) -> Array:
    """Return the derivatives of softmax(x)_i with respect to x_j, shape (..., n, n), for `x` of shape (..., n).

    (p_i [i = j] - p_i p_j) / T with p = softmax(x / T): symmetric, and each row sums to zero. C. Bishop, Pattern
    Recognition and Machine Learning, 2006, (4.106).
    """
    p = softmax(x, temperature=temperature)
    # p_i (1 - p_i) as p_i times the sum of the others, which does not cancel where p_i is close to 1.
    jacobian = -p[..., :, np.newaxis] * p[..., np.newaxis, :]
    n = np.arange(p.shape[-1])
    jacobian[..., n, n] = 0
    jacobian[..., n, n] = -np.sum(jacobian, axis=-1)
    return np.asarray(jacobian / float(temperature))


def logsumexp(x: ArrayLike, *, axis: int = -1) -> Array:
    """Return the logarithm of the sum of the exponentials of `x` along `axis`: the shape of `x` without that axis.

    log(sum_j exp(x_j)); -inf where all are -inf. P. Blanchard, D. Higham and N. Higham, Accurately computing the
    log-sum-exp and softmax functions, IMA Journal of Numerical Analysis 41(4), 2021.
    """
    x = as_floating(x)
    largest, shifted, where = _shift(x, axis)
    total = largest + _log_of_sum(np.exp(shifted, out=shifted), where, axis)
    return np.asarray(np.squeeze(total, axis=axis if x.ndim else None))


def logsumexp_vjp(x: ArrayLike, g: ArrayLike, *, axis: int = -1) -> Array:
    """Return g * softmax(x), of the shape of `x`, for `g` of the shape of `x` without `axis`."""
    x = as_floating(x)
    g = as_floating(g, x.dtype)
    return np.asarray((np.expand_dims(g, axis) if x.ndim and g.ndim else g) * softmax(x, axis=axis))


def log_softmax(x: ArrayLike, *, axis: int = -1) -> Array:
    """Return the logarithm of the softmax of `x` along `axis`: the shape of `x`.

    x_i - log(sum_j exp(x_j)). P. Blanchard, D. Higham and N. Higham, Accurately computing the log-sum-exp and softmax
    functions, IMA Journal of Numerical Analysis 41(4), 2021.
    """
    # log(softmax(x)) would be -inf for a logit 746 below the largest, where the answer is -746.
    _, shifted, where = _shift(as_floating(x), axis)
    shifted -= _log_of_sum(np.exp(shifted), where, axis)
    return shifted


def log_softmax_vjp(x: ArrayLike, g: ArrayLike, *, axis: int = -1) -> Array:
    """Return g - softmax(x) * sum_j g_j, of the shape of `x`."""
    x = as_floating(x)
    g = np.broadcast_to(as_floating(g, x.dtype), x.shape)
    return np.asarray(g - softmax(x, axis=axis) * np.sum(g, axis=axis, keepdims=True))


def entropy(probabilities: ArrayLike, *, axis: int = -1) -> Array:
    """Return the entropy in nats of the distributions along `axis`: the shape of `probabilities` without that axis.

    -sum_j p_j log(p_j) with 0 log 0 = 0. C. Shannon, A mathematical theory of communication, 1948.
    Raises ValueError if a probability lies outside [0, 1].
    """
    p = _probabilities(probabilities)
    # log(0) would be -inf, and 0 times that NaN; any finite number in its place will do.
    terms = np.maximum(p, np.finfo(p.dtype).smallest_subnormal, out=np.empty_like(p))
    np.log(terms, out=terms)
    terms *= p
    # 0 - x and not -x: the entropy of a sure thing is to be printed as 0, not as -0.
    return np.asarray(0 - np.sum(terms, axis=axis if p.ndim else None))


def entropy_vjp(probabilities: ArrayLike, g: ArrayLike, *, axis: int = -1) -> Array:
    """Return -g * (log(p) + 1), of the shape of `probabilities`: infinite where p is 0.

    Each probability is a free variable: that they sum to one is the business of the function that made them.
    """
    p = _probabilities(probabilities)
    g = as_floating(g, p.dtype)
    with np.errstate(divide="ignore"):  # log(0) is -inf, and meant.
        return np.asarray(-(np.expand_dims(g, axis) if p.ndim and g.ndim else g) * (np.log(p) + 1))


def _shift(x: Array, axis: int) -> tuple[Array, Array, Indices]:
    """Return the largest of `x` along `axis` (kept, of length one), `x` minus it in a new array, and where it stands."""
    if not x.ndim:
        return x, np.where(np.isnan(x), x, np.zeros_like(x)), np.zeros((), np.intp)
    where = np.expand_dims(np.argmax(x, axis=axis), axis)
    largest = np.take_along_axis(x, where, axis)
    # Subtract the max: exp overflows at 710. The difference may itself go to -inf.
    with np.errstate(over="ignore"):
        if np.all(np.isfinite(largest)):
            return largest, np.asarray(x - largest), where
        # The max minus itself is 0 by decree, because inf - inf is NaN.
        return largest, np.subtract(x, largest, out=np.zeros_like(x), where=x != largest), where


def _log_of_sum(exponentials: Array, where: Indices, axis: int) -> Array:
    """Return the logarithm of the sum of `exponentials`, which are 1 at `where` and are changed, with `axis` kept.

    As log1p of the sum of the others, because beside 1 all below 1e-16 would vanish.
    """
    if not exponentials.ndim:
        return np.asarray(np.log(exponentials))
    np.put_along_axis(exponentials, where, exponentials.dtype.type(0), axis)
    return np.asarray(np.log1p(np.sum(exponentials, axis=axis, keepdims=True)))


def _probabilities(p: ArrayLike) -> Array:
    p = as_floating(p)
    # Written so that NaN passes, as it does everywhere.
    if p.size and (np.min(p) < 0 or np.max(p) > 1):
        message = f"probabilities must lie in [0, 1], but one is {p[(p < 0) | (p > 1)][0]}"
        raise ValueError(message)
    return p
