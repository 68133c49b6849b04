"""Elementwise activations and the softmax family: arrays in, arrays of floats out, each function above its derivative.

Every `f(x, ...)` is followed by `f_vjp(x, ..., g)`, its vector-Jacobian product: `g` has the shape of `f(x)` and the
result, of the shape of `x`, is the gradient of `sum(g * f(x))` with respect to `x`. An array keeps its float type,
integers become float64, and complex numbers or text raise a TypeError.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array: TypeAlias = NDArray[np.floating]


def as_floating(x: ArrayLike, dtype: np.dtype[np.floating] | None = None) -> Array:
    """Return `x` as an array of floats: of type `dtype`, else of its own type, and float64 for integers and booleans.

    Raises TypeError if `x` holds complex numbers, text or objects.
    """
    array = np.asarray(x)
    own = array.dtype if np.issubdtype(array.dtype, np.floating) else np.dtype(np.float64)
    return array.astype(dtype or own, casting="same_kind", copy=False)


def sigmoid(x: ArrayLike) -> Array:
    """Return the logistic function of `x`, elementwise, any shape.

    1 / (1 + exp(-x)). D. R. Cox, The regression analysis of binary sequences, 1958.
    """
    x = as_floating(x)
    # exp(-|x|) is at most 1; exp(-x) would overflow at x = -710, and 1 - sigmoid(-x) would be 0 from x = -37 down.
    decay = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + decay), decay / (1 + decay))


def sigmoid_vjp(x: ArrayLike, g: ArrayLike) -> Array:
    """Return g * sigmoid(x) * sigmoid(-x), of the shape of `x`."""
    x = as_floating(x)
    # sigmoid(-x) in place of 1 - sigmoid(x), which is 0 from x = 37 up.
    return np.asarray(as_floating(g, x.dtype) * sigmoid(x) * sigmoid(-x))


def log_sigmoid(x: ArrayLike) -> Array:
    """Return the logarithm of the logistic function of `x`, elementwise, any shape.

    -log(1 + exp(-x)) = -softplus(-x). M. Maechler, Accurately computing log(1 - exp(-|a|)), 2012.
    """
    x = as_floating(x)
    # log(sigmoid(x)) would be -inf from x = -746 down, where the answer is x.
    return np.asarray(np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x))))


def log_sigmoid_vjp(x: ArrayLike, g: ArrayLike) -> Array:
    """Return g * sigmoid(-x), of the shape of `x`."""
    x = as_floating(x)
    return np.asarray(as_floating(g, x.dtype) * sigmoid(-x))


def softplus(x: ArrayLike) -> Array:
    """Return the smooth rectifier of `x`, elementwise, any shape.

    log(1 + exp(x)). C. Dugas et al., Incorporating second-order functional knowledge, NIPS 2000.
    """
    x = as_floating(x)
    # exp(x) overflows at 710; log1p keeps exp(-|x|) where 1 + exp(-|x|) rounds to 1, from |x| = 37 up.
    return np.asarray(np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))))


def softplus_vjp(x: ArrayLike, g: ArrayLike) -> Array:
    """Return g * sigmoid(x), of the shape of `x`."""
    x = as_floating(x)
    return np.asarray(as_floating(g, x.dtype) * sigmoid(x))


def tanh(x: ArrayLike) -> Array:
    """Return the hyperbolic tangent of `x`, elementwise, any shape.

    (exp(x) - exp(-x)) / (exp(x) + exp(-x)). NIST Digital Library of Mathematical Functions, section 4.28.
    """
    return np.asarray(np.tanh(as_floating(x)))


def tanh_vjp(x: ArrayLike, g: ArrayLike) -> Array:
    """Return g * sech(x)^2 = g * (1 - tanh(x)^2), of the shape of `x`."""
    x = as_floating(x)
    # sech from exp(-|x|), which cannot overflow; 1 - tanh(x)^2 is 0 from |x| = 20 up, where sech^2 is still 2e-17.
    decay = np.exp(-np.abs(x))
    sech = 2 * decay / (1 + decay * decay)
    return np.asarray(as_floating(g, x.dtype) * sech * sech)


def relu(x: ArrayLike) -> Array:
    """Return the positive part of `x`, elementwise, any shape.

    max(x, 0). V. Nair and G. Hinton, Rectified linear units improve restricted Boltzmann machines, ICML 2010.
    """
    return np.asarray(np.maximum(as_floating(x), 0))


def relu_vjp(x: ArrayLike, g: ArrayLike) -> Array:
    """Return g where x > 0, else 0, of the shape of `x`.

    At the kink, x = 0, the derivative is taken to be 0, as the frameworks do; any value in [0, 1] is a subgradient.
    D. Bertoin et al., Numerical influence of ReLU'(0) on backpropagation, NeurIPS 2021.
    """
    x = as_floating(x)
    # A choice and not g * (x > 0): an infinite g times 0 is NaN.
    return np.where(x > 0, as_floating(g, x.dtype), np.zeros_like(x))


def leaky_relu(x: ArrayLike, *, slope: float = 0.01) -> Array:
    """Return x where positive and slope * x elsewhere, elementwise, any shape.

    max(x, 0) + slope * min(x, 0). A. Maas, A. Hannun and A. Ng, Rectifier nonlinearities improve neural network
    acoustic models, ICML 2013.
    """
    x = as_floating(x)
    return np.asarray(np.maximum(x, 0) + float(slope) * np.minimum(x, 0))


def leaky_relu_vjp(x: ArrayLike, g: ArrayLike, *, slope: float = 0.01) -> Array:
    """Return g where x > 0, else slope * g, of the shape of `x`; at the kink, x = 0, the derivative is `slope`."""
    x = as_floating(x)
    g = as_floating(g, x.dtype)
    return np.where(x > 0, g, float(slope) * g)


def logsumexp(x: ArrayLike, *, axis: int = -1) -> Array:
    """Return the logarithm of the sum of the exponentials of `x` along `axis`: the shape of `x` without that axis.

    log(sum_j exp(x_j)); -inf where all are -inf. P. Blanchard, D. Higham and N. Higham, Accurately computing the
    log-sum-exp and softmax functions, IMA Journal of Numerical Analysis 41(4), 2021.
    """
    x = as_floating(x)
    largest, shifted = _shift(x, axis)
    return np.asarray(np.squeeze(largest + np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True)), axis=axis))


def logsumexp_vjp(x: ArrayLike, g: ArrayLike, *, axis: int = -1) -> Array:
    """Return g * softmax(x), of the shape of `x`, for `g` of the shape of `x` without `axis`."""
    x = as_floating(x)
    g = as_floating(g, x.dtype)
    return np.asarray((np.expand_dims(g, axis) if x.ndim else g) * softmax(x, axis=axis))


def softmax(x: ArrayLike, *, axis: int = -1) -> Array:
    """Return the probabilities whose logits along `axis` are `x`: the shape of `x`.

    exp(x_i) / sum_j exp(x_j). A class of logit -inf (masked) gets 0; equal logits get equal shares, infinite ones too.
    J. Bridle, Probabilistic interpretation of feedforward classification network outputs, 1990.
    """
    exponentials = np.exp(_shift(as_floating(x), axis)[1])
    return np.asarray(exponentials / np.sum(exponentials, axis=axis, keepdims=True))


def softmax_vjp(x: ArrayLike, g: ArrayLike, *, axis: int = -1) -> Array:
    """Return p * (g - sum_j g_j p_j) with p = softmax(x), of the shape of `x`."""
    x = as_floating(x)
    g = as_floating(g, x.dtype)
    p = softmax(x, axis=axis)
    return np.asarray(p * (g - np.sum(g * p, axis=axis, keepdims=True)))


def log_softmax(x: ArrayLike, *, axis: int = -1) -> Array:
    """Return the logarithm of the softmax of `x` along `axis`: the shape of `x`.

    x_i - log(sum_j exp(x_j)). P. Blanchard, D. Higham and N. Higham, Accurately computing the log-sum-exp and softmax
    functions, IMA Journal of Numerical Analysis 41(4), 2021.
    """
    # log(softmax(x)) would be -inf for a logit 746 below the largest, where the answer is -746.
    shifted = _shift(as_floating(x), axis)[1]
    return np.asarray(shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True)))


def log_softmax_vjp(x: ArrayLike, g: ArrayLike, *, axis: int = -1) -> Array:
    """Return g - softmax(x) * sum_j g_j, of the shape of `x`."""
    x = as_floating(x)
    g = as_floating(g, x.dtype)
    return np.asarray(g - softmax(x, axis=axis) * np.sum(g, axis=axis, keepdims=True))


def _shift(x: Array, axis: int) -> tuple[Array, Array]:
    """Return the largest of `x` along `axis` (kept, of length one) and `x` minus it, which is at most 0."""
    # Subtract the max: exp overflows at 710. The max minus itself is 0 by decree, because inf - inf is NaN.
    largest = np.asarray(np.max(x, axis=axis, keepdims=True))
    return largest, np.subtract(x, largest, out=np.zeros_like(x), where=x != largest)
