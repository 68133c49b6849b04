"""The focal loss: cross-entropy that forgives what is nearly right. The conventions are those of `cross_entropies`."""

import numpy as np
from numpy.typing import ArrayLike

from sitegen.numerics.arguments import within
from sitegen.numerics.arrays import Array, in_blocks
from sitegen.numerics.cross_entropies import logits_and_targets
from sitegen.numerics.functions import sigmoid, softplus
from sitegen.numerics.reductions import Reduction, product, reduced, spread

__all__ = [
    "focal_from_logits", "focal_from_logits_vjp",
]  # fmt: skip


def focal_from_logits(
    logits: ArrayLike, targets: ArrayLike, *, gamma: float = 2.0, balance: float = 0.5, reduction: Reduction = "mean"
) -> Array:
    """Return the mean over all elements of the focal loss of sigmoid(logits).

    mean(2 b t (1 - p)^gamma softplus(-x) + 2 (1 - b) (1 - t) p^gamma softplus(x)) with p = sigmoid(x), any shape; with
    gamma = 0 and b = 1/2 it is the cross-entropy. T.-Y. Lin et al., Focal loss for dense object detection, ICCV 2017,
    whose alpha is b, without the factor 2. Raises ValueError also if `gamma` is negative or `balance` outside [0, 1].
    """
    x, t = logits_and_targets(logits, targets)
    gamma, b = within("[0, inf)", gamma=gamma), within("[0, 1]", balance=balance)

    def loss(x: Array, t: Array) -> Array:
        # The sigmoids are 1 and decay, divided by 1 + decay: powers of these round once less than a power of the quotient.
        decay = np.exp(-np.abs(x))
        whole = (1 + decay) ** gamma
        positive = product(np.maximum(decay, x <= 0) ** gamma / whole, softplus(-x))
        negative = product(np.maximum(decay, x >= 0) ** gamma / whole, softplus(x))
        return product(2 * b * t, positive) + product(2 * (1 - b) * (1 - t), negative)

    return reduced(loss, reduction, x, t)


def focal_from_logits_vjp(
    logits: ArrayLike,
    targets: ArrayLike,
    g: ArrayLike = 1.0,
    *,
    gamma: float = 2.0,
    balance: float = 0.5,
    reduction: Reduction = "mean",
) -> Array:
    """Return g / n times the slope of both terms, of the shape of `logits`; each is the other's mirror image.

    The slope of q^gamma softplus(x), with q = sigmoid(x), is q^gamma (gamma (1 - q) softplus(x) + q).
    """
    x, t = logits_and_targets(logits, targets)
    gamma, b = within("[0, inf)", gamma=gamma), within("[0, 1]", balance=balance)

    def slope(x: Array, t: Array) -> Array:
        p, q = sigmoid(x), sigmoid(-x)
        negative = p**gamma * (gamma * product(q, softplus(x)) + p)
        positive = q**gamma * (gamma * product(p, softplus(-x)) + q)
        return 2 * (1 - b) * (1 - t) * negative - 2 * b * t * positive

    slopes = in_blocks(slope, x, t)
    return np.asarray(np.multiply(spread(g, x, reduction), slopes, out=slopes))
