"""Distributions over classes: the softmax family and the entropy, along one axis, each function above its derivative.

The conventions are those of `functions`. A class of logit -inf is masked and gets probability 0; equal logits get equal
shares, infinite ones too. An axis that `x` does not have is an AxisError, an axis of no classes a ValueError.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sitegen.numerics.arguments import check_distributions, one_axis, sum_along, within, without_axis
from sitegen.numerics.arrays import Array, as_floating, in_blocks, upstream, with_upstream

__all__ = [
    "entropy", "entropy_vjp", "log_softmax", "log_softmax_vjp", "logsumexp", "logsumexp_vjp", "softmax",
    "softmax_jacobian", "softmax_vjp",
]  # fmt: skip

Indices: TypeAlias = NDArray[np.intp]


def softmax(x: ArrayLike, *, axis: int = -1, temperature: float = 1.0) -> Array:
    """Return the probabilities whose logits along `axis` are x / temperature: the shape of `x`.

    exp(x_i / T) / sum_j exp(x_j / T). J. Bridle, Probabilistic interpretation of feedforward classification network
    outputs, 1990. Raises ValueError if `temperature` is not positive and finite.
    """
    temperature = within("(0, inf)", temperature=temperature)
    x = np.atleast_1d(given := as_floating(x))
    p = _subtract(x, _largest(x, axis)[0])
    if temperature != 1:
        with np.errstate(over="ignore"):  # to -inf, of which the exponential is 0, as it should be.
            p /= temperature
    np.exp(p, out=p)
    p /= np.sum(p, axis=axis, keepdims=True)
    return p.reshape(given.shape)


def softmax_vjp(x: ArrayLike, g: ArrayLike, *, axis: int = -1, temperature: float = 1.0) -> Array:
    """Return p * (g - sum_j g_j p_j) / T with p = softmax(x / T), of the shape of `x`."""
    x, g = with_upstream(x, g)
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
    p = np.atleast_1d(softmax(x, temperature=temperature))
    # p_i (1 - p_i) as p_i times the sum of the others, which does not cancel where p_i is close to 1.
    jacobian = -p[..., :, np.newaxis] * p[..., np.newaxis, :]
    n = np.arange(p.shape[-1])
    jacobian[..., n, n] = 0
    jacobian[..., n, n] = 0 - np.sum(jacobian, axis=-1)
    return np.asarray(jacobian / float(temperature))


def logsumexp(x: ArrayLike, *, axis: int = -1, keepdims: bool = False) -> Array:
    """Return the logarithm of the sum of the exponentials of `x` along `axis`: the shape of `x` without that axis.

    With `keepdims` the axis stays, of length one, so that the result can be subtracted from `x`. log(sum_j exp(x_j)); -inf where all are -inf. P. Blanchard, D. Higham and N. Higham, Accurately computing the
    log-sum-exp and softmax functions, IMA Journal of Numerical Analysis 41(4), 2021.
    """
    x = np.atleast_1d(given := as_floating(x))
    largest, where = _largest(x, axis)
    exponentials = _subtract(x, largest)
    np.exp(exponentials, out=exponentials)
    result = largest + _log_of_sum(exponentials, where, axis)
    return np.asarray(result if keepdims and given.ndim else np.squeeze(result, axis=axis))


def logsumexp_vjp(x: ArrayLike, g: ArrayLike, *, axis: int = -1, keepdims: bool = False) -> Array:
    """Return g * softmax(x), of the shape of `x`, for `g` of the shape of the result."""
    x = as_floating(x)
    return np.asarray(_to_classes(g, x, axis, keepdims) * softmax(x, axis=axis))


def log_softmax(x: ArrayLike, *, axis: int = -1) -> Array:
    """Return the logarithm of the softmax of `x` along `axis`: the shape of `x`.

    x_i - log(sum_j exp(x_j)). P. Blanchard, D. Higham and N. Higham, Accurately computing the log-sum-exp and softmax
    functions, IMA Journal of Numerical Analysis 41(4), 2021.
    """
    # log(softmax(x)) would be -inf for a logit 746 below the largest, where the answer is -746.
    x = np.atleast_1d(given := as_floating(x))
    largest, where = _largest(x, axis)
    result = _subtract(x, largest)
    logarithm = _log_of_sum(np.exp(result, out=result), where, axis)
    # The exponentials stood where the result will: to subtract once more costs less than a second array of that size.
    result = _subtract(x, largest, out=result)
    result -= logarithm
    return result.reshape(given.shape)


def log_softmax_vjp(x: ArrayLike, g: ArrayLike, *, axis: int = -1) -> Array:
    """Return g - softmax(x) * sum_j g_j, of the shape of `x`."""
    x, g = with_upstream(x, g)
    return np.asarray(g - softmax(x, axis=axis) * np.sum(g, axis=axis, keepdims=True))


def entropy(probabilities: ArrayLike, *, axis: int = -1, keepdims: bool = False) -> Array:
    """Return the entropy in nats of the distributions along `axis`: the shape of `probabilities` without that axis.

    With `keepdims` the axis stays, of length one. -sum_j p_j log(p_j) with 0 log 0 = 0. C. Shannon, A mathematical theory of communication, 1948.
    Raises ValueError if a probability lies outside [0, 1], or they do not sum to one, to within 0.02.
    """
    p = _distributions(probabilities, axis)
    # log(0) would be -inf, and 0 times that NaN; any finite number in its place will do.
    least = np.finfo(p.dtype).smallest_subnormal
    terms = in_blocks(lambda p: p * np.log(np.clip(p, least, 1)), p)
    # 0 - x and not -x: the entropy of a sure thing is to be printed as 0, not as -0.
    result = np.asarray(0 - sum_along(terms, axis)).astype(p.dtype, copy=False)
    return np.expand_dims(result, axis) if keepdims and p.ndim else result


def entropy_vjp(probabilities: ArrayLike, g: ArrayLike, *, axis: int = -1, keepdims: bool = False) -> Array:
    """Return -g * (log(p) + 1), of the shape of `probabilities`: infinite where p is 0.

    Each probability is a free variable: that they sum to one is the business of the function that made them.
    """
    p = _distributions(probabilities, axis)
    with np.errstate(divide="ignore"):  # log(0) is -inf, and meant.
        return np.asarray(-_to_classes(g, p, axis, keepdims) * (np.log(p) + 1))


def _largest(x: Array, axis: int) -> tuple[Array, Indices]:
    """Return the largest of `x` along `axis`, which is kept with length one, and where it stands."""
    if not x.shape[one_axis(axis, x.ndim)]:
        message = f"there are no classes along axis {axis} of an array of shape {x.shape}"
        raise ValueError(message)
    where = np.expand_dims(np.argmax(x, axis=axis), axis)
    return np.take_along_axis(x, where, axis), where


def _subtract(x: Array, largest: Array, out: Array | None = None) -> Array:
    """Return `x` minus its largest, in `out` or a new array: never above 0, because exp overflows at 710."""
    result = np.empty_like(x) if out is None else out
    with np.errstate(over="ignore"):  # to -inf, of which the exponential is 0, as it should be.
        if np.all(np.isfinite(largest)):
            return np.subtract(x, largest, out=result)
        # The largest minus itself is 0 by decree, because inf - inf is NaN.
        result.fill(0)
        return np.subtract(x, largest, out=result, where=x != largest)


def _log_of_sum(exponentials: Array, where: Indices, axis: int) -> Array:
    """Return the logarithm of the sum of `exponentials`, which are 1 at `where` and are changed, with `axis` kept.

    As log1p of the sum of the others, because beside 1 all below 1e-16 would vanish.
    """
    np.put_along_axis(exponentials, where, exponentials.dtype.type(0), axis)
    return np.asarray(np.log1p(np.sum(exponentials, axis=axis, keepdims=True)))


def _distributions(probabilities: ArrayLike, axis: int) -> Array:
    p = as_floating(probabilities)
    check_distributions(p, axis, "probabilities")
    return p


def _to_classes(g: ArrayLike, x: Array, axis: int, keepdims: bool) -> Array:  # noqa: FBT001 - as it was given
    """Return the gradient `g` with respect to what is left of `x` without `axis`, as it arrives at the classes there."""
    left = without_axis(x.shape, axis)
    if keepdims and x.ndim:
        k = one_axis(axis, x.ndim)
        return upstream(g, (*left[:k], 1, *left[k:]), x.dtype)
    g = upstream(g, left, x.dtype)
    return np.expand_dims(g, axis) if x.ndim else g
