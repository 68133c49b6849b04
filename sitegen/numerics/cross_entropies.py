"""Cross-entropies of predicted distributions, from probabilities and from logits: one number out, each above its derivative.

The conventions are those of `losses`; where classes lie along an axis, there is one loss for each distribution and every
other axis is batch. Targets are probabilities too: 0 and 1 or one-hot for a known class, anything between for a soft one.
Where classes lie along an axis, targets may be labels: integers from 0, of the shape of the prediction without that axis.
Logits may be infinite (a masked class), probabilities exactly 0 or 1: 0 log 0 = 0 (T. Cover and J. Thomas, Elements of
Information Theory, 2006, section 2.1), and the loss is inf where something true was given probability 0. Raises ValueError
also if a probability or target lies outside [0, 1], or those along the axis of the classes do not sum to one.

`smoothing` moves that share of every target to all classes evenly (C. Szegedy et al., Rethinking the Inception
architecture, CVPR 2016). `weights` holds a factor for each class, `positive_weight` is the factor of the class 1; a mean is
divided by the number of losses, not by the sum of the weights.
"""

import numpy as np
from numpy.typing import ArrayLike

from sitegen.numerics.arguments import check_distributions, check_unit_interval, sum_along, within, without_axis
from sitegen.numerics.arrays import Array, as_floating, in_blocks
from sitegen.numerics.data import one_hot
from sitegen.numerics.distributions import log_softmax, softmax
from sitegen.numerics.odds import odds
from sitegen.numerics.reductions import Reduction, pair, product, quotient, reduce_classes, reduced, spread

__all__ = [
    "binary_cross_entropy", "binary_cross_entropy_from_logits", "binary_cross_entropy_from_logits_vjp",
    "binary_cross_entropy_vjp", "cross_entropy", "cross_entropy_from_logits", "cross_entropy_from_logits_vjp",
    "cross_entropy_vjp",
]  # fmt: skip

FOR_LOGITS = "; for logits use the function that ends in _from_logits"


def binary_cross_entropy(
    probabilities: ArrayLike,
    targets: ArrayLike,
    *,
    positive_weight: float = 1.0,
    smoothing: float = 0.0,
    reduction: Reduction = "mean",
) -> Array:
    """Return the mean over all elements of the cross-entropy between `targets` in [0, 1] and predicted `probabilities`.

    mean(-w t log(p) - (1 - t) log(1 - p)), any shape, with w = `positive_weight`. C. Bishop, Pattern Recognition and
    Machine Learning, 2006, (4.90).
    """
    p, t = _probabilities_and_targets(probabilities, targets)
    t, w = _smooth(t, smoothing, 2), within("[0, inf)", positive_weight=positive_weight)

    def loss(p: Array, t: Array) -> Array:
        with np.errstate(divide="ignore"):  # log(0) is -inf, and meant.
            # 0 - x and not -x: a perfect prediction is to be printed as 0, not as -0.
            return np.asarray(0 - product(w * t, np.log(p)) - product(1 - t, np.log1p(-p)))

    return reduced(loss, reduction, p, t)


def binary_cross_entropy_vjp(
    probabilities: ArrayLike,
    targets: ArrayLike,
    g: ArrayLike = 1.0,
    *,
    positive_weight: float = 1.0,
    smoothing: float = 0.0,
    reduction: Reduction = "mean",
) -> Array:
    """Return g / n * ((1 - t) / (1 - p) - w t / p) for n elements, of the shape of `probabilities`; 0 / 0 counts as 0."""
    p, t = _probabilities_and_targets(probabilities, targets)
    t, w = _smooth(t, smoothing, 2), within("[0, inf)", positive_weight=positive_weight)
    # Without w, (p - t) / (p (1 - p)) would be one division, but 0 / 0 where p is 0 or 1.
    slope = in_blocks(lambda p, t: quotient(1 - t, 1 - p) - quotient(w * t, p), p, t)
    return np.asarray(np.multiply(spread(g, p, reduction), slope, out=slope))


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
    x, t = logits_and_targets(logits, targets)
    t, w = _smooth(t, smoothing, 2), within("[0, inf)", positive_weight=positive_weight)

    def loss(x: Array, t: Array) -> Array:
        # Never through probabilities: 1 - sigmoid(x) is 0 from x = 37 up, and the loss would be inf instead of 37.
        # softplus(x) is max(x, 0) + L and softplus(-x) is max(-x, 0) + L; all terms are positive, so that none cancels.
        both, slope = np.log1p(np.exp(-np.abs(x))), (x > 0) - t
        if w != 1:
            both, slope = both * (1 - t + w * t), np.where(x > 0, slope, w * slope)
        return both + product(slope, x)

    return reduced(loss, reduction, x, t)


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
    x, t = logits_and_targets(logits, targets)
    t, w = _smooth(t, smoothing, 2), within("[0, inf)", positive_weight=positive_weight)

    def slope(x: Array, t: Array, g: Array) -> Array:
        # sigmoid(x) - t without its cancellation: for t = 1 it would be 0 from x = 37 up.
        a, b = odds(x)
        return np.asarray(g * (((1 - t) * a - (t if w == 1 else w * t) * b) / (a + b)))

    return in_blocks(slope, x, t, np.broadcast_to(spread(g, x, reduction), x.shape))


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
    p, t = two_distributions(probabilities, targets, axis)
    t = _smooth_and_weigh(t, axis, smoothing, weights)
    with np.errstate(divide="ignore"):  # log(0) is -inf, and meant.
        return 0 - reduce_classes(product(t, np.log(p)), axis, reduction)  # 0 - x: -x would print the perfect as -0


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
    p, t = two_distributions(probabilities, targets, axis)
    t = _smooth_and_weigh(t, axis, smoothing, weights)
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
    x, t = logits_and_distributions(logits, targets, axis)
    t = _smooth_and_weigh(t, axis, smoothing, weights)
    return 0 - reduce_classes(product(t, log_softmax(x, axis=axis)), axis, reduction)


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
    x, t = logits_and_distributions(logits, targets, axis)
    t = _smooth_and_weigh(t, axis, smoothing, weights)
    # The sum is 1 without weights, to within rounding; with it the gradient is that of the formula.
    gradient = softmax(x, axis=axis)
    gradient *= np.expand_dims(sum_along(t, axis), axis) if t.ndim else t
    gradient -= t
    gradient *= spread(g, x, reduction, axis)
    return gradient


def logits_and_targets(logits: ArrayLike, targets: ArrayLike) -> tuple[Array, Array]:
    """Return both as arrays of one shape and float type, if the targets lie in [0, 1]."""
    x, t = pair(logits, targets)
    check_unit_interval(t, "targets")
    return x, t


def logits_and_distributions(logits: ArrayLike, targets: ArrayLike, axis: int) -> tuple[Array, Array]:
    """Return both as arrays of one shape and float type, if the targets are distributions along `axis`."""
    x, t = pair(logits, _of_labels(logits, targets, axis))
    check_distributions(t, axis, "targets")
    return x, t


def two_distributions(probabilities: ArrayLike, targets: ArrayLike, axis: int) -> tuple[Array, Array]:
    """Return both as arrays of one shape and float type, if both are distributions along `axis`."""
    p, t = pair(probabilities, _of_labels(probabilities, targets, axis))
    check_distributions(p, axis, "probabilities", FOR_LOGITS)
    check_distributions(t, axis, "targets")
    return p, t


def _of_labels(predictions: ArrayLike, targets: ArrayLike, axis: int) -> ArrayLike:
    """Return `targets`, one-hot along `axis` if they are labels."""
    shape, labels = np.shape(predictions), np.asarray(targets)
    if not shape or labels.dtype.kind not in "iu" or labels.shape != without_axis(shape, axis):
        return labels
    return np.moveaxis(one_hot(labels, shape[axis]), -1, axis)


def _probabilities_and_targets(probabilities: ArrayLike, targets: ArrayLike) -> tuple[Array, Array]:
    p, t = logits_and_targets(probabilities, targets)
    check_unit_interval(p, "probabilities", FOR_LOGITS)
    return p, t


def _smooth(t: Array, smoothing: float, classes: int) -> Array:
    share = within("[0, 1]", smoothing=smoothing)
    return np.asarray((1 - share) * t + share / classes) if share else t


def _smooth_and_weigh(t: Array, axis: int, smoothing: float, weights: ArrayLike | None) -> Array:
    classes = t.shape[axis] if t.ndim else 1
    t = _smooth(t, smoothing, classes)
    if weights is None:
        return t
    factors = as_floating(weights, t.dtype)
    if factors.shape != (classes,) or not np.all((factors >= 0) & np.isfinite(factors)):
        message = f"weights must be {classes} numbers from [0, inf), one for each class, but are {factors.tolist()}"
        raise ValueError(message)
    return np.moveaxis(np.moveaxis(t, axis, -1) * factors, -1, axis) if t.ndim else np.asarray(t * factors[0])
