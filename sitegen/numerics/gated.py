"""Activations that multiply x by a gate, a smooth step from 0 to 1: gelu, silu and mish, each above its derivative.

The conventions are those of `functions`. Far to the left such a function is a small number times a large one, and the
gate underflows before the product does: exp(x) is split into exp(x/2)^2 and x multiplied in between.
"""

import math

import numpy as np

from sitegen.numerics.arrays import Array, elementwise, elementwise_vjp
from sitegen.numerics.odds import odds

__all__ = [
    "gelu", "gelu_tanh", "gelu_tanh_vjp", "gelu_vjp", "mish", "mish_vjp", "normal_cdf", "normal_cdf_vjp", "silu",
    "silu_vjp",
]  # fmt: skip

# Q(x) exp(x^2/2) = P(x) / D(x) for x in [0, 40], where Q is the upper tail of the normal distribution, with a relative
# error of 1.8e-18: a minimax fit at 80 digits. All coefficients are positive, so that neither polynomial cancels.
# The form is that of W. Cody, Rational Chebyshev approximations for the error function, 1969.
NUMERATOR = (
    0.5, 0.82513469314831584842, 0.67522074308859386766, 0.35393483663048155357, 0.13036238048704847031,
    0.035090907973869487126, 0.0069811545215438538052, 0.0010147400892369931176, 0.00010351527088215560477,
    6.7379450470047373504e-6, 2.1504797153753777821e-7,
)  # fmt: skip # from the constant term up
DENOMINATOR = (
    1.0, 2.4481539470994971661, 2.8037857230364668013, 1.9868515601892009946, 0.97022482955711871296,
    0.3437556219365898979, 0.090469659593042440875, 0.017757555517118512721, 0.0025604657228870989807,
    0.00026001335017146459056, 0.000016889523567766998532, 5.3904532585788361708e-7,
)  # fmt: skip # from the constant term up


@elementwise
def normal_cdf(x: Array) -> Array:
    """Return the probability that a standard normal variable is at most `x`, elementwise, any shape.

    (1 + erf(x / sqrt(2))) / 2. NIST Digital Library of Mathematical Functions, section 7.1.
    """
    far = np.minimum(np.abs(x), 40)  # the tail is below the smallest number from 38.6 up
    tail = _mills(far) * _bell(far, 1.0)
    return np.abs((x > 0) - tail)


@elementwise_vjp
def normal_cdf_vjp(x: Array, g: Array) -> Array:
    """Return g times the standard normal density, g * exp(-x^2 / 2) / sqrt(2 pi), of the shape of `x`."""
    near = np.clip(x, -40, 40)
    return g * (np.exp(-0.5 * near * near) * (1 / math.sqrt(2 * math.pi)))


@elementwise
def gelu(x: Array) -> Array:
    """Return `x` times the probability that a standard normal variable is below it, elementwise, any shape.

    x * Phi(x); the minimum is -0.17 at x = -0.75. D. Hendrycks and K. Gimpel, Gaussian error linear units, 2016.
    """
    far = np.minimum(np.abs(x), 40)
    return np.maximum(x, 0) - _mills(far) * _bell(far, far)


@elementwise_vjp
def gelu_vjp(x: Array, g: Array) -> Array:
    """Return g * (Phi(x) + x phi(x)) with the normal distribution Phi and its density phi, of the shape of `x`."""
    far = np.minimum(np.abs(x), 40)
    # At -|x| it is Q - |x| phi, in which the bell is common to both; at |x| it is 1 minus that.
    left = _bell(far, _mills(far) - far * (1 / math.sqrt(2 * math.pi)))
    right = (x > 0).astype(x.dtype)
    return g * (right + (1 - 2 * right) * left)


@elementwise
def gelu_tanh(x: Array) -> Array:
    """Return the common approximation of gelu, which differs from it by at most 5e-4, elementwise, any shape.

    x (1 + tanh(u)) / 2 = x * sigmoid(2 u) with u = sqrt(2 / pi) (x + 0.044715 x^3). D. Hendrycks and K. Gimpel,
    Gaussian error linear units, 2016.
    """
    # 1 + tanh(u) is 0 from u = -19 down; the sigmoid is not. From |x| = 30 up it is 0 or 1.
    v = _twice_u(np.clip(x, -30, 30))
    decay = np.exp(-np.abs(v))
    return np.asarray(np.clip(x, -30, np.inf) * np.maximum(decay, v >= 0) / (1 + decay))


@elementwise_vjp
def gelu_tanh_vjp(x: Array, g: Array) -> Array:
    """Return g * s * (1 + x * 2 u' * (1 - s)) with s = sigmoid(2 u), of the shape of `x`."""
    x = np.clip(x, -30, 30)
    v = _twice_u(x)
    slope = math.sqrt(8 / math.pi) * (1 + 3 * 0.044715 * np.square(x))
    w = np.exp(-np.abs(v))  # as in silu_vjp
    return np.asarray(g * ((w * (1 + x * slope) + np.maximum(w * w, v > 0)) / np.square(1 + w)))


@elementwise
def silu(x: Array) -> Array:
    """Return `x` times its logistic function, elementwise, any shape; also called swish.

    x * sigmoid(x); the minimum is -0.28 at x = -1.28. S. Elfwing, E. Uchibe and K. Doya, Sigmoid-weighted linear units,
    Neural Networks 107, 2018.
    """
    a, b = odds(x)
    return np.asarray(np.clip(x, -1600, np.inf) * a / (a + b))  # at -1600 a is 0; -inf * 0 would be NaN


@elementwise_vjp
def silu_vjp(x: Array, g: Array) -> Array:
    """Return g * (s + x s (1 - s)) with s = sigmoid(x), of the shape of `x`."""
    # With w = exp(-|x|) it is (w (1 + x) + w^2) / (1 + w)^2 left of 0 and (w (1 + x) + 1) / (1 + w)^2 right of it: no two
    # terms that are close, where s and x s (1 - s) nearly cancel.
    half = np.exp(-0.5 * np.abs(x))
    w = half * half
    near = np.clip(x, -1600, 1600)
    return np.asarray(g * ((half * (1 + near) * half + np.maximum(w * w, x > 0)) / np.square(1 + w)))


@elementwise
def mish(x: Array) -> Array:
    """Return `x` times the hyperbolic tangent of its softplus, elementwise, any shape.

    x tanh(log(1 + exp(x))); the minimum is -0.31 at x = -1.19. D. Misra, Mish: a self regularized non-monotonic
    activation function, BMVC 2020.
    """
    # tanh(log(1 + w)) = w (w + 2) / (w (w + 2) + 2) with w = exp(x). From 19 up it is 1: what exceeds 20 is added.
    near = np.clip(x, -1600, 20)  # at -1600 the exponential is 0; -inf * 0 would be NaN
    half = np.exp(0.5 * near)
    w = half * half
    more = w + 2
    return np.asarray(near * half * (half * more) / (w * more + 2) + (np.clip(x, 20, np.inf) - 20))


@elementwise_vjp
def mish_vjp(x: Array, g: Array) -> Array:
    """Return g * (t + x (1 - t^2) sigmoid(x)) with t = tanh(log(1 + exp(x))), of the shape of `x`."""
    # With w = exp(-|x|) it is, left of 0,  (4 (x + 1) w + (4 x + 6) w^2 + 4 w^3 + w^4) / (2 + 2 w + w^2)^2, and right of it
    # the same with the coefficients in reverse order: no two terms that are close, where t and the rest nearly cancel.
    half = np.exp(-0.5 * np.abs(x))
    w = half * half
    near = np.clip(x, -1600, 1600)
    left, right = np.minimum(near, 0), np.maximum(near, 0)
    square, on = w * w, (x > 0).astype(x.dtype)
    first = 4 * half * (1 + left) * half
    rest = square * (4 * near + 6 + 4 * w * (1 + right)) + np.maximum(square * square, on)
    total = 2 * w + np.maximum(square, on) + 2 * np.maximum(square, 1 - on)
    return np.asarray(g * ((first + rest) / np.square(total)))


def _twice_u(x: Array) -> Array:
    factor = math.sqrt(8 / math.pi)
    return x * (factor + factor * 0.044715 * np.square(x))  # one rounding less than factor * (x + ...)


def _mills(x: Array) -> Array:
    """Return Q(x) exp(x^2 / 2) for x in [0, 40]."""
    return _polynomial(NUMERATOR, x) / _polynomial(DENOMINATOR, x)


def _bell(x: Array, factor: Array | float) -> Array:
    """Return factor * exp(-x^2 / 2) for x in [0, 40].

    x^2 is rounded, and at x = 38 that would cost 700 ulp: x is high + low, where high has half the digits and an exact
    square. The exponential is split in two, so that it is not lost before the factor has been multiplied.
    """
    high = np.float32(4097) * x if x.dtype == np.float32 else 134217729.0 * x  # 2^12 + 1, 2^27 + 1: T. Dekker, 1971
    high = high - (high - x)
    rest = -0.5 * (x - high) * (x + high)  # at most 1e-5, and in single precision 0.05 where the product is not 0 ...
    rest *= 1 + rest * (1 / 2 + rest / 6)  # ... so that this is exp(rest) - 1
    half = np.exp(-0.25 * high * high)
    product = factor * half * half
    return product + product * rest


def _polynomial(coefficients: tuple[float, ...], x: Array) -> Array:
    """Return the polynomial in `x` by Horner's rule, in place."""
    value = np.full_like(x, coefficients[-1])
    for coefficient in coefficients[-2::-1]:
        value *= x
        value += coefficient
    return value
