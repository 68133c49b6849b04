"""Losses of predicted distributions, from probabilities and from logits: one number out, each above its derivative.

The conventions are those of `losses`; where classes lie along an axis, there is one loss for each distribution and every
other axis is batch. Targets are distributions, one-hot for a known class. Logits may be infinite (a masked class),
probabilities exactly 0 or 1: 0 log 0 = 0 (T. Cover and J. Thomas, Elements of Information Theory, 2006, section 2.1), and the
loss is inf where something true was given probability 0. Raises ValueError also if a probability or target lies
outside [0, 1].

`smoothing` moves that share of every target to all classes evenly (C. Szegedy et al., Rethinking the Inception
architecture, CVPR 2016). `weights` holds a factor for each class; a mean is divided by the number of losses, not by the
sum of the weights.
"""

import numpy as np
from numpy.typing import ArrayLike

from sitegen.numerics.arrays import Array, as_floating, in_blocks
from sitegen.numerics.distributions import log_softmax, softmax
from sitegen.numerics.functions import sigmoid, softplus
from sitegen.numerics.reductions import Reduction, check_unit_interval, pair, product, quotient, reduce, spread


def binary_cross_entropy(
    probabilities: ArrayLike, targets: ArrayLike, *, smoothing: float = 0.0, reduction: Reduction = "mean"
) -> Array:
    """Return the mean over all elements of the cross-entropy between `targets` in [0, 1] and predicted `probabilities`.

    mean(-t log(p) - (1 - t) log(1 - p)), any shape. C. Bishop, Pattern Recognition and Machine Learning, 2006, (4.90).
    """
    p, t = _probabilities_and_targets(probabilities, targets)
    t = _smooth(t, smoothing, 2)
    with np.errstate(divide="ignore"):  # log(0) is -inf, and meant.
        losses = product(t, np.log(p))
        losses += product(1 - t, np.log1p(-p))
    return reduce(np.subtract(0, losses, out=losses), reduction)


def binary_cross_entropy_vjp(
    probabilities: ArrayLike,
    targets: ArrayLike,
    g: ArrayLike = 1.0,
    *,
    smoothing: float = 0.0,
    reduction: Reduction = "mean",
) -> Array:
    """Return g / n * ((1 - t) / (1 - p) - t / p) for n elements, of the shape of `probabilities`; 0 / 0 counts as 0."""
    p, t = _probabilities_and_targets(probabilities, targets)
    t = _smooth(t, smoothing, 2)
    # (p - t) / (p (1 - p)) would be one division, but 0 / 0 where p is 0 or 1.
    return np.asarray(spread(g, p, reduction) * (quotient(1 - t, 1 - p) - quotient(t, p)))


def binary_cross_entropy_from_logits(
    logits: ArrayLike,
    targets: ArrayLike,
    *,
    positive_weight: float = 1.0,
    smoothing: float = 0.0,
    reduction: Reduction = "mean",
) -> Array:
    """Return the mean over all elements of the cross-entropy between `targets` in [0, 1] and sigmoid(logits).

    mean(w t softplus(-x) + (1 - t) softplus(x)), any shape, with w = `positive_weight`. C. Bishop, Pattern Recognition
    and Machine Learning, 2006, (4.90).
    """
    # Never through probabilities: 1 - sigmoid(x) is 0 from x = 37 up, and the loss would be inf instead of 37.
    x, t = _logits_and_targets(logits, targets)
    t = _smooth(t, smoothing, 2)
    w = float(positive_weight)

    def loss(x: Array, t: Array) -> Array:
        # softplus(x) is max(x, 0) + L and softplus(-x) is max(-x, 0) + L, so that L is computed once.
        both = product(w * t, np.maximum(-x, 0)) + product(1 - t, np.maximum(x, 0))
        return both + (1 + (w - 1) * t) * np.log1p(np.exp(-np.abs(x)))

    return reduce(in_blocks(loss, x, t), reduction)


def binary_cross_entropy_from_logits_vjp(
    logits: ArrayLike,
    targets: ArrayLike,
    g: ArrayLike = 1.0,
    *,
    positive_weight: float = 1.0,
    smoothing: float = 0.0,
    reduction: Reduction = "mean",
) -> Array:
    """Return g / n * (sigmoid(x) - t) for n elements, of the shape of `logits`; with w, (1-t) sigmoid(x) - w t sigmoid(-x)."""
    x, t = _logits_and_targets(logits, targets)
    t = _smooth(t, smoothing, 2)
    # sigmoid(x) - t without its cancellation: for t = 1 it would be 0 from x = 37 up.
    return np.asarray(spread(g, x, reduction) * ((1 - t) * sigmoid(x) - float(positive_weight) * t * sigmoid(-x)))


def cross_entropy(
    probabilities: ArrayLike,
    targets: ArrayLike,
    *,
    axis: int = -1,
    weights: ArrayLike | None = None,
    smoothing: float = 0.0,
    reduction: Reduction = "mean",
) -> Array:
    """Return the mean over the batch of the cross-entropy between two distributions over the classes along `axis`.

    mean(-sum_j w_j t_j log(p_j)). C. Bishop, Pattern Recognition and Machine Learning, 2006, (4.108).
    """
    p, t = _probabilities_and_targets(probabilities, targets)
    t = _weigh(_smooth(t, smoothing, _classes(t, axis)), weights, axis)
    with np.errstate(divide="ignore"):  # log(0) is -inf, and meant.
        return reduce(_negative_sum(product(t, np.log(p)), axis), reduction)


def cross_entropy_vjp(
    probabilities: ArrayLike,
    targets: ArrayLike,
    g: ArrayLike = 1.0,
    *,
    axis: int = -1,
    weights: ArrayLike | None = None,
    smoothing: float = 0.0,
    reduction: Reduction = "mean",
) -> Array:
    """Return -g / n * w t / p for a batch of n, of the shape of `probabilities`; 0 / 0 counts as 0.

    Each probability is a free variable: that they sum to one is the business of the function that made them.
    """
    p, t = _probabilities_and_targets(probabilities, targets)
    t = _weigh(_smooth(t, smoothing, _classes(t, axis)), weights, axis)
    return np.asarray(-spread(g, p, reduction, axis) * quotient(t, p))


def cross_entropy_from_logits(
    logits: ArrayLike,
    targets: ArrayLike,
    *,
    axis: int = -1,
    weights: ArrayLike | None = None,
    smoothing: float = 0.0,
    reduction: Reduction = "mean",
) -> Array:
    """Return the mean over the batch of the cross-entropy between `targets` and softmax(logits) along `axis`.

    mean(-sum_j w_j t_j log_softmax(x)_j). C. Bishop, Pattern Recognition and Machine Learning, 2006, (4.108).
    """
    x, t = _logits_and_targets(logits, targets)
    t = _weigh(_smooth(t, smoothing, _classes(t, axis)), weights, axis)
    return reduce(_negative_sum(product(t, log_softmax(x, axis=axis)), axis), reduction)


def cross_entropy_from_logits_vjp(
    logits: ArrayLike,
    targets: ArrayLike,
    g: ArrayLike = 1.0,
    *,
    axis: int = -1,
    weights: ArrayLike | None = None,
    smoothing: float = 0.0,
    reduction: Reduction = "mean",
) -> Array:
    """Return g / n * (softmax(x) - t) for a batch of n, of the shape of `logits`; with weights, (sum_j w_j t_j) p - w t."""
    x, t = _logits_and_targets(logits, targets)
    t = _weigh(_smooth(t, smoothing, _classes(t, axis)), weights, axis)
    # The sum is 1 for distributions without weights; with it the gradient is that of the formula for any targets.
    gradient = softmax(x, axis=axis)
    gradient *= np.sum(t, axis=axis, keepdims=True)
    gradient -= t
    gradient *= spread(g, x, reduction, axis)
    return gradient


def kl_divergence(
    probabilities: ArrayLike, targets: ArrayLike, *, axis: int = -1, reduction: Reduction = "mean"
) -> Array:
    """Return the mean over the batch of the Kullback-Leibler divergence D(targets || probabilities) along `axis`.

    mean(sum_j t_j log(t_j / p_j)): the prediction comes first, as in every loss here, and is second in D.
    S. Kullback and R. Leibler, On information and sufficiency, 1951.
    """
    p, t = _probabilities_and_targets(probabilities, targets)
    terms = in_blocks(_relative, t, p)
    return reduce(np.asarray(np.sum(terms, axis=axis if terms.ndim else None)), reduction)


def kl_divergence_vjp(
    probabilities: ArrayLike,
    targets: ArrayLike,
    g: ArrayLike = 1.0,
    *,
    axis: int = -1,
    reduction: Reduction = "mean",
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
    p, t = _probabilities_and_targets(probabilities, targets)
    terms = in_blocks(lambda p, t: product(p, _log_to_middle(p, t)) + product(t, _log_to_middle(t, p)), p, t)
    terms *= 0.5
    return reduce(np.asarray(np.sum(terms, axis=axis if terms.ndim else None)), reduction)


def js_divergence_vjp(
    probabilities: ArrayLike,
    targets: ArrayLike,
    g: ArrayLike = 1.0,
    *,
    axis: int = -1,
    reduction: Reduction = "mean",
) -> Array:
    """Return g / n * log(p / m) / 2 for a batch of n, of the shape of `probabilities`; 0 where both are 0."""
    p, t = _probabilities_and_targets(probabilities, targets)
    return np.asarray(spread(g, p, reduction, axis) * (0.5 * _log_to_middle(p, t)))


def focal_from_logits(
    logits: ArrayLike,
    targets: ArrayLike,
    *,
    gamma: float = 2.0,
    balance: float = 0.5,
    reduction: Reduction = "mean",
) -> Array:
    """Return the mean over all elements of the focal loss of sigmoid(logits), which forgives what is nearly right.

    mean(2 b t (1 - p)^gamma softplus(-x) + 2 (1 - b) (1 - t) p^gamma softplus(x)) with p = sigmoid(x), any shape; with
    gamma = 0 and b = 1/2 it is the cross-entropy. T.-Y. Lin et al., Focal loss for dense object detection, ICCV 2017,
    whose alpha is b, without the factor 2.
    """
    x, t = _logits_and_targets(logits, targets)
    positive = product(sigmoid(-x) ** float(gamma), softplus(-x))
    negative = product(sigmoid(x) ** float(gamma), softplus(x))
    return reduce(
        product(2 * float(balance) * t, positive) + product(2 * (1 - float(balance)) * (1 - t), negative), reduction
    )


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
    x, t = _logits_and_targets(logits, targets)
    p, q = sigmoid(x), sigmoid(-x)
    negative = p ** float(gamma) * (float(gamma) * product(q, softplus(x)) + p)
    positive = q ** float(gamma) * (float(gamma) * product(p, softplus(-x)) + q)
    slope = 2 * (1 - float(balance)) * (1 - t) * negative - 2 * float(balance) * t * positive
    return np.asarray(spread(g, x, reduction) * slope)


def info_nce(queries: ArrayLike, keys: ArrayLike, *, temperature: float = 0.1, reduction: Reduction = "mean") -> Array:
    """Return the mean cross-entropy of picking for each query its own key, the one in the same row, among all.

    Shapes: queries (n, d), keys (n, d) -> (). mean(-log_softmax(q k^T / T)_ii); rows are usually of length one.
    A. van den Oord, Y. Li and O. Vinyals, Representation learning with contrastive predictive coding, 2018, (4).
    """
    q, k = pair(queries, keys)
    return cross_entropy_from_logits(q @ k.T / float(temperature), np.eye(len(q)), reduction=reduction)


def info_nce_vjp(
    queries: ArrayLike,
    keys: ArrayLike,
    g: ArrayLike = 1.0,
    *,
    temperature: float = 0.1,
    reduction: Reduction = "mean",
) -> Array:
    """Return g / n * (softmax(q k^T / T) - 1) k / T, of the shape of `queries`."""
    q, k = pair(queries, keys)
    slope = cross_entropy_from_logits_vjp(q @ k.T / float(temperature), np.eye(len(q)), g, reduction=reduction)
    return np.asarray(slope @ k / float(temperature))


def _probabilities_and_targets(probabilities: ArrayLike, targets: ArrayLike) -> tuple[Array, Array]:
    p, t = _logits_and_targets(probabilities, targets)
    check_unit_interval(p, "probabilities", "; for logits use the function that ends in _from_logits")
    return p, t


def _logits_and_targets(logits: ArrayLike, targets: ArrayLike) -> tuple[Array, Array]:
    x, t = pair(logits, targets)
    check_unit_interval(t, "targets")
    return x, t


def _classes(t: Array, axis: int) -> int:
    return t.shape[axis] if t.ndim else 1


def _smooth(t: Array, smoothing: float, classes: int) -> Array:
    if not 0 <= smoothing <= 1:
        message = f"smoothing must lie in [0, 1], but is {smoothing}"
        raise ValueError(message)
    return np.asarray((1 - float(smoothing)) * t + float(smoothing) / classes) if smoothing else t


def _weigh(t: Array, weights: ArrayLike | None, axis: int) -> Array:
    if weights is None:
        return t
    factors = as_floating(weights, t.dtype)
    if factors.shape != (_classes(t, axis),):
        message = f"weights must have shape ({_classes(t, axis)},), one for each class, but has {factors.shape}"
        raise ValueError(message)
    return np.asarray(
        t * (np.moveaxis(np.broadcast_to(factors, np.moveaxis(t, axis, -1).shape), -1, axis) if t.ndim else factors[0])
    )


def _negative_sum(terms: Array, axis: int) -> Array:
    # 0 - x and not -x: a perfect prediction is to be printed as 0, not as -0.
    return np.asarray(0 - np.sum(terms, axis=axis if terms.ndim else None))


def _relative(t: Array, p: Array) -> Array:
    """Return t log(t / p), and 0 where t is 0."""
    # As log1p(|t - p| / min(t, p)) with a sign: t - p is exact where they are close, and t / p has then lost in what it
    # differs from 1. A quotient beyond all floats is the difference of two logarithms.
    less = np.minimum(t, p)
    logarithm = np.log1p(quotient(np.abs(t - p), less))
    if np.isinf(np.max(logarithm)):
        with np.errstate(divide="ignore", invalid="ignore"):
            logarithm = np.where(np.isinf(logarithm) & (less > 0), np.abs(np.log(t) - np.log(p)), logarithm)
    return product(t, np.copysign(logarithm, t - p))


def _log_to_middle(p: Array, t: Array) -> Array:
    """Return log(p / m) with m = (p + t) / 2, as -log1p((t - p) / 2p): m would be rounded, and both terms moved alike."""
    logarithm = np.log1p(quotient(t - p, 2 * p))
    # Where p is so small that the quotient overflows it is not infinite, but p is as good as 0.
    return -np.where(p > 0, np.minimum(logarithm, 745), logarithm)
