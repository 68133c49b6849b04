"""The contrastive loss: which of all keys is the query's own. The conventions are those of `cross_entropies`."""

import numpy as np
from numpy.typing import ArrayLike

from sitegen.numerics.arguments import check_shapes, within
from sitegen.numerics.arrays import Array
from sitegen.numerics.cross_entropies import cross_entropy_from_logits, cross_entropy_from_logits_vjp
from sitegen.numerics.reductions import Reduction, pair

__all__ = [
    "info_nce", "info_nce_vjp",
]  # fmt: skip


def info_nce(queries: ArrayLike, keys: ArrayLike, *, temperature: float = 0.1, reduction: Reduction = "mean") -> Array:
    """Return the mean cross-entropy of picking for each query its own key, the one in the same row, among all.

    Shapes: queries (n, d), keys (n, d) -> (). mean(-log_softmax(q k^T / T)_ii); rows are usually of length one.
    A. van den Oord, Y. Li and O. Vinyals, Representation learning with contrastive predictive coding, 2018, (4).
    Raises ValueError also if `temperature` is not positive and finite.
    """
    q, k = _queries_and_keys(queries, keys)
    logits = q @ k.T / within("(0, inf)", temperature=temperature)
    return cross_entropy_from_logits(logits, np.eye(len(q)), reduction=reduction)


def info_nce_vjp(
    queries: ArrayLike, keys: ArrayLike, g: ArrayLike = 1.0, *, temperature: float = 0.1, reduction: Reduction = "mean"
) -> Array:
    """Return g / n * (softmax(q k^T / T) - 1) k / T, of the shape of `queries`."""
    q, k = _queries_and_keys(queries, keys)
    temperature = within("(0, inf)", temperature=temperature)
    slope = cross_entropy_from_logits_vjp(q @ k.T / temperature, np.eye(len(q)), g, reduction=reduction)
    return np.asarray(slope @ k / temperature)


def _queries_and_keys(queries: ArrayLike, keys: ArrayLike) -> tuple[Array, Array]:
    q, k = pair(queries, keys)
    check_shapes("queries (n, d), keys (n, d)", q, k)
    return q, k
