"""How far a predicted distribution is from the true one: divergences, one number out, each above its derivative.

The conventions are those of `cross_entropies`.
"""

import numpy as np
from numpy.typing import ArrayLike

from sitegen.numerics.arrays import Array, in_blocks
from sitegen.numerics.cross_entropies import cross_entropy_vjp, two_distributions
from sitegen.numerics.reductions import Reduction, product, quotient, reduce_classes, spread

__all__ = [
    "js_divergence", "js_divergence_vjp", "kl_divergence", "kl_divergence_vjp",
]  # fmt: skip


def kl_divergence(
    probabilities: ArrayLike, targets: ArrayLike, *, axis: int = -1, reduction: Reduction = "mean"
) -> Array:
    """Return the mean over the batch of the Kullback-Leibler divergence D(targets || probabilities) along `axis`.

    mean(sum_j t_j log(t_j / p_j)): the prediction comes first, as in every loss here, and is second in D.
    S. Kullback and R. Leibler, On information and sufficiency, 1951.
    """
    p, t = two_distributions(probabilities, targets, axis)
    terms = in_blocks(_relative, t, p)
    return reduce_classes(terms, axis, reduction)


def kl_divergence_vjp(
    probabilities: ArrayLike, targets: ArrayLike, g: ArrayLike = 1.0, *, axis: int = -1, reduction: Reduction = "mean"
) -> Array:
    """Return the gradient of the cross-entropy, from which it differs by the entropy of `targets`, a constant."""
    return cross_entropy_vjp(probabilities, targets, g, axis=axis, reduction=reduction)


def js_divergence(
    probabilities: ArrayLike, targets: ArrayLike, *, axis: int = -1, reduction: Reduction = "mean"
) -> Array:
    """Return the mean over the batch of the Jensen-Shannon divergence along `axis`: symmetric, and at most log(2).

    mean((D(p || m) + D(t || m)) / 2) with m = (p + t) / 2. J. Lin, Divergence measures based on the Shannon entropy,
    IEEE Transactions on Information Theory 37(1), 1991.
    """
    p, t = two_distributions(probabilities, targets, axis)
    terms = in_blocks(lambda p, t: product(p, _log_to_middle(p, t)) + product(t, _log_to_middle(t, p)), p, t)
    terms *= 0.5
    return reduce_classes(terms, axis, reduction)


def js_divergence_vjp(
    probabilities: ArrayLike, targets: ArrayLike, g: ArrayLike = 1.0, *, axis: int = -1, reduction: Reduction = "mean"
) -> Array:
    """Return g / n * log(p / m) / 2 for a batch of n, of the shape of `probabilities`; 0 where both are 0."""
    p, t = two_distributions(probabilities, targets, axis)
    return np.asarray(spread(g, p, reduction, axis) * (0.5 * _log_to_middle(p, t)))


def _relative(t: Array, p: Array) -> Array:
    """Return t log(t / p), and 0 where t is 0."""
    # As log1p(|t - p| / min(t, p)) with a sign: t - p is exact where they are close, and t / p has then lost in what it
    # differs from 1. A quotient beyond all floats is the difference of two logarithms.
    less, more = np.minimum(t, p), t - p
    logarithm = np.log1p(quotient(np.abs(more), less))
    if np.isinf(np.max(logarithm)):
        with np.errstate(divide="ignore", invalid="ignore"):
            logarithm = np.where(np.isinf(logarithm) & (less > 0), np.abs(np.log(t) - np.log(p)), logarithm)
    return product(t, np.copysign(logarithm, more))


def _log_to_middle(p: Array, t: Array) -> Array:
    """Return log(p / m) with m = (p + t) / 2, as -log1p((t - p) / 2p): m would be rounded, and both terms moved alike."""
    logarithm = np.log1p(quotient(t - p, 2 * p))
    # Where p is so small that the quotient overflows it is not infinite, but p is as good as 0.
    return -np.where(p > 0, np.minimum(logarithm, 745), logarithm)
