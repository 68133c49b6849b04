"""Numerics for the programs in posts: functions, losses, gradient checks and optimizers, on numpy alone.

A function `f(x, ...)` comes with `f_vjp(x, ..., g)`, the gradient of `sum(g * f(x, ...))` with respect to its first
argument. Nothing here draws, prints or keeps state; randomness is an argument `rng`.
"""

from sitegen.numerics.functions import (
    leaky_relu,
    leaky_relu_vjp,
    log_sigmoid,
    log_sigmoid_vjp,
    log_softmax,
    log_softmax_vjp,
    logsumexp,
    logsumexp_vjp,
    relu,
    relu_vjp,
    sigmoid,
    sigmoid_vjp,
    softmax,
    softmax_vjp,
    softplus,
    softplus_vjp,
    tanh,
    tanh_vjp,
)
from sitegen.numerics.gradcheck import assert_gradient, assert_vjp, check_gradient, check_vjp, numerical_vjp
from sitegen.numerics.losses import (
    binary_cross_entropy,
    binary_cross_entropy_from_logits,
    binary_cross_entropy_from_logits_vjp,
    binary_cross_entropy_vjp,
    cross_entropy,
    cross_entropy_from_logits,
    cross_entropy_from_logits_vjp,
    cross_entropy_vjp,
    hinge,
    hinge_vjp,
    kl_divergence,
    kl_divergence_vjp,
    mean_absolute_error,
    mean_absolute_error_vjp,
    mean_squared_error,
    mean_squared_error_vjp,
)
from sitegen.numerics.optim import (
    AdamState,
    Optimizer,
    adam,
    gradient_descent,
    momentum,
    nesterov,
    rmsprop,
    trajectory,
)

# fmt: off
__all__ = [
    "AdamState", "Optimizer", "adam", "assert_gradient", "assert_vjp", "binary_cross_entropy",
    "binary_cross_entropy_from_logits", "binary_cross_entropy_from_logits_vjp", "binary_cross_entropy_vjp",
    "check_gradient", "check_vjp", "cross_entropy", "cross_entropy_from_logits", "cross_entropy_from_logits_vjp",
    "cross_entropy_vjp", "gradient_descent", "hinge", "hinge_vjp", "kl_divergence", "kl_divergence_vjp", "leaky_relu",
    "leaky_relu_vjp", "log_sigmoid", "log_sigmoid_vjp", "log_softmax", "log_softmax_vjp", "logsumexp", "logsumexp_vjp",
    "mean_absolute_error", "mean_absolute_error_vjp", "mean_squared_error", "mean_squared_error_vjp", "momentum",
    "nesterov", "numerical_vjp", "relu", "relu_vjp", "rmsprop", "sigmoid", "sigmoid_vjp", "softmax", "softmax_vjp",
    "softplus", "softplus_vjp", "tanh", "tanh_vjp", "trajectory",
]
# fmt: on
