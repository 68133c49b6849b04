"""Elementwise activations: arrays in, arrays of floats out, each function above its derivative.

Every `f(x, ...)` is followed by `f_vjp(x, g, ...)`, its vector-Jacobian product: `g` has the shape of `f(x)` and the
result, of the shape of `x`, is the gradient of `sum(g * f(x))` with respect to `x`; with g = 1 it is the derivative.
An array keeps its float type, integers become float64, and complex numbers or text raise a TypeError. Infinities give
the limit, NaN gives NaN (but a derivative with a kink takes it for a negative number), and nothing overflows on the
way. A choice between two branches is written as a maximum where it can be, or as a product with a condition: np.where
costs ten times as much. And np.clip between two bounds costs half of np.maximum with a number.
"""

import numpy as np
from numpy.typing import ArrayLike

from sitegen.numerics.arguments import within
from sitegen.numerics.arrays import Array, as_floating, elementwise, elementwise_vjp, with_upstream
from sitegen.numerics.odds import odds
from sitegen.numerics.reductions import product

__all__ = [
    "elu", "elu_vjp", "hardsigmoid", "hardsigmoid_vjp", "leaky_relu", "leaky_relu_vjp", "log_sigmoid",
    "log_sigmoid_vjp", "relu", "relu_vjp", "selu", "selu_vjp", "sigmoid", "sigmoid_vjp", "softplus", "softplus_vjp",
    "softsign", "softsign_vjp", "tanh", "tanh_vjp",
]  # fmt: skip

# With these a layer of normal weights of variance 1/n keeps mean 0 and variance 1 (Klambauer et al., section 2).
SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805


@elementwise
def sigmoid(x: Array) -> Array:
    """Return the logistic function of `x`, elementwise, any shape.

    1 / (1 + exp(-x)). D. R. Cox, The regression analysis of binary sequences, 1958.
    """
    a, b = odds(x)
    return np.asarray(a / (a + b))


@elementwise_vjp
def sigmoid_vjp(x: Array, g: Array) -> Array:
    """Return g * sigmoid(x) * sigmoid(-x), of the shape of `x`."""
    a, b = odds(x)  # s * (1 - s) is 0 from x = 37 up.
    return np.asarray(g * (a * b / np.square(a + b)))


@elementwise
def log_sigmoid(x: Array) -> Array:
    """Return the logarithm of the logistic function of `x`, elementwise, any shape.

    -log(1 + exp(-x)) = -softplus(-x). M. Maechler, Accurately computing log(1 - exp(-|a|)), 2012.
    """
    # log(sigmoid(x)) would be -inf from x = -746 down, where the answer is x.
    return -_softplus(-x)


@elementwise_vjp
def log_sigmoid_vjp(x: Array, g: Array) -> Array:
    """Return g * sigmoid(-x), of the shape of `x`."""
    return g * sigmoid(-x)


@elementwise
def softplus(x: Array) -> Array:
    """Return the smooth rectifier of `x`, elementwise, any shape.

    log(1 + exp(x)). C. Dugas et al., Incorporating second-order functional knowledge, NIPS 2000.
    """
    return _softplus(x)


@elementwise_vjp
def softplus_vjp(x: Array, g: Array) -> Array:
    """Return g * sigmoid(x), of the shape of `x`."""
    return g * sigmoid(x)


def tanh(x: ArrayLike) -> Array:
    """Return the hyperbolic tangent of `x`, elementwise, any shape.

    (exp(x) - exp(-x)) / (exp(x) + exp(-x)). NIST Digital Library of Mathematical Functions, section 4.28.
    """
    return np.asarray(np.tanh(as_floating(x)))


@elementwise_vjp
def tanh_vjp(x: Array, g: Array) -> Array:
    """Return g * sech(x)^2 = g * (1 - tanh(x)^2), of the shape of `x`."""
    # 1 - tanh(x)^2 is 0 from |x| = 20 up, where sech(x)^2 is still 2e-17.
    with np.errstate(over="ignore"):  # cosh is inf from 711 up, where sech^2 has long been 0.
        cosh = np.cosh(x)
    return g / cosh / cosh


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
    x, g = with_upstream(x, g)
    return product(x > 0, g)


@elementwise
def leaky_relu(x: Array, *, slope: float = 0.01) -> Array:
    """Return x where positive and slope * x elsewhere, elementwise, any shape.

    max(x, slope * x). A. Maas, A. Hannun and A. Ng, Rectifier nonlinearities improve neural network
    acoustic models, ICML 2013.
    Raises ValueError if `slope` lies outside [0, 1].
    """
    slope = within("[0, 1]", slope=slope)
    return np.asarray(np.maximum(x, slope * x if slope else 0))  # 0 * inf is NaN


def leaky_relu_vjp(x: ArrayLike, g: ArrayLike, *, slope: float = 0.01) -> Array:
    """Return g where x > 0, else slope * g, of the shape of `x`; at the kink, x = 0, the derivative is `slope`."""
    x, g = with_upstream(x, g)
    return product(np.maximum(x > 0, x.dtype.type(within("[0, 1]", slope=slope))), g)


@elementwise
def elu(x: Array, *, alpha: float = 1.0) -> Array:
    """Return x where positive and alpha * (exp(x) - 1) elsewhere, elementwise, any shape.

    D.-A. Clevert, T. Unterthiner and S. Hochreiter, Fast and accurate deep network learning by exponential linear units,
    ICLR 2016. Raises ValueError if `alpha` is negative or infinite.
    """
    # expm1: exp(x) - 1 is 0 from x = -1e-16 up, where the answer is x. The minimum: the branch not taken overflows.
    return np.asarray(np.maximum(x, 0) + within("[0, inf)", alpha=alpha) * np.expm1(np.minimum(x, 0)))


@elementwise_vjp
def elu_vjp(x: Array, g: Array, *, alpha: float = 1.0) -> Array:
    """Return g where x > 0, else alpha * g * exp(x), of the shape of `x`; at 0, a kink unless alpha = 1, it is alpha."""
    slope = np.exp(np.clip(x, -np.inf, 0))
    if within("[0, inf)", alpha=alpha) != 1:
        slope *= (x > 0) + x.dtype.type(alpha) * (x <= 0)
    return g * slope


@elementwise
def selu(x: Array) -> Array:
    """Return the self-normalizing elu of `x`, elementwise, any shape.

    1.0507 * x where positive and 1.0507 * 1.6733 * (exp(x) - 1) elsewhere. G. Klambauer et al., Self-normalizing neural
    networks, NIPS 2017.
    """
    with np.errstate(over="ignore"):  # the largest numbers times 1.05 are inf.
        return SELU_SCALE * elu(x, alpha=SELU_ALPHA)


@elementwise_vjp
def selu_vjp(x: Array, g: Array) -> Array:
    """Return 1.0507 * g where x > 0, else 1.0507 * 1.6733 * g * exp(x), of the shape of `x`; 0, a kink, counts as left."""
    return elu_vjp(x, SELU_SCALE * g, alpha=SELU_ALPHA)


def softsign(x: ArrayLike) -> Array:
    """Return the sign of `x` softened by a hyperbola, elementwise, any shape.

    x / (1 + |x|). X. Glorot and Y. Bengio, Understanding the difficulty of training deep feedforward neural networks,
    AISTATS 2010.
    """
    x = as_floating(x)
    try:
        with np.errstate(invalid="raise"):  # as in product: to cut off first would cost half as much again
            return np.asarray(x / (1 + np.abs(x)))
    except FloatingPointError:  # inf / inf
        most = np.finfo(x.dtype).max
        return softsign(np.clip(x, -most, most))


@elementwise_vjp
def softsign_vjp(x: Array, g: Array) -> Array:
    """Return g / (1 + |x|)^2, of the shape of `x`."""
    root = 1 + np.abs(x)  # the square of which overflows from 1e154 up
    return np.asarray(g / root / root)


def hardsigmoid(x: ArrayLike) -> Array:
    """Return the line x/6 + 1/2, cut off at 0 and 1, elementwise, any shape.

    min(max(x + 3, 0), 6) / 6. A. Howard et al., Searching for MobileNetV3, ICCV 2019. (The older slope is 1/5.)
    """
    return np.asarray(np.clip(as_floating(x) + 3, 0, 6) / 6)  # x/6 + 1/2 would cancel near x = -3; x + 3 is exact there


def hardsigmoid_vjp(x: ArrayLike, g: ArrayLike) -> Array:
    """Return g / 6 where |x| < 3, else (and at the kinks) 0, of the shape of `x`."""
    x, g = with_upstream(x, g)
    return product(np.abs(x) < 3, g / 6)


def _softplus(x: Array) -> Array:
    # log(1 + exp(x)) = x + log(1 + exp(-x)): exp(x) overflows at 710.
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))
