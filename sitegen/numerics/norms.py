"""Layers that normalize: over the batch, or over the features of each example. The conventions are those of `layers`."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from sitegen.numerics.arguments import floats, within
from sitegen.numerics.arrays import Array, upstream

__all__ = [
    "NormGradients", "RmsNormGradients", "batch_norm", "batch_norm_vjp", "layer_norm", "layer_norm_vjp", "rms_norm",
    "rms_norm_vjp",
]  # fmt: skip

BATCH_NORM = "x (n, c), scale (c), shift (c)"
LAYER_NORM = "x (..., c), scale (c), shift (c)"
RMS_NORM = "x (..., c), scale (c)"


class NormGradients(NamedTuple):
    """The gradients with respect to the arguments of `batch_norm` or `layer_norm`."""

    x: Array
    scale: Array
    shift: Array


class RmsNormGradients(NamedTuple):
    """The gradients with respect to the arguments of `rms_norm`."""

    x: Array
    scale: Array


def batch_norm(x: ArrayLike, scale: ArrayLike, shift: ArrayLike, *, epsilon: float = 1e-5) -> Array:
    """Return each column of `x` with its mean removed and divided by its standard deviation, then scaled and shifted.

    Shapes: x (n, c), scale (c), shift (c) -> (n, c). scale (x - mean) / sqrt(variance + epsilon) + shift, with the
    variance of the batch (divided by n). For prediction use averages of both, as `ewma` makes them. S. Ioffe and
    C. Szegedy, Batch normalization, ICML 2015.
    """
    x, scale, shift = floats(BATCH_NORM, x, scale, shift)
    return np.asarray(scale * _normalize(_centre(x, 0), 0, epsilon)[0] + shift)


def batch_norm_vjp(
    x: ArrayLike, scale: ArrayLike, shift: ArrayLike, g: ArrayLike, *, epsilon: float = 1e-5
) -> NormGradients:
    """Return s (h - mean(h) - z mean(h z)) with h = scale g, z the normalized x and 1/s its deviation; sum(g z); sum(g)."""
    x, scale, shift = floats(BATCH_NORM, x, scale, shift)
    return _through_norm(x, scale, g, 0, epsilon)


def layer_norm(x: ArrayLike, scale: ArrayLike, shift: ArrayLike, *, epsilon: float = 1e-5) -> Array:
    """Return each row of `x` with its mean removed and divided by its standard deviation, then scaled and shifted.

    Shapes: x (b, n, c), scale (c), shift (c) -> (b, n, c). scale (x - mean) / sqrt(variance + epsilon) + shift over the
    last axis, with any axes in front. J. Ba, J. Kiros and G. Hinton, Layer normalization, 2016.
    """
    x, scale, shift = floats(LAYER_NORM, x, scale, shift)
    return np.asarray(scale * _normalize(_centre(x, -1), -1, epsilon)[0] + shift)


def layer_norm_vjp(
    x: ArrayLike, scale: ArrayLike, shift: ArrayLike, g: ArrayLike, *, epsilon: float = 1e-5
) -> NormGradients:
    """Return the gradients as `batch_norm_vjp` does, for `x` with means over the last axis, the others summed over the rows."""
    x, scale, shift = floats(LAYER_NORM, x, scale, shift)
    return _through_norm(x, scale, g, -1, epsilon)


def rms_norm(x: ArrayLike, scale: ArrayLike, *, epsilon: float = 1e-5) -> Array:
    """Return each row of `x` divided by the root of its mean square, then scaled.

    Shapes: x (b, n, c), scale (c) -> (b, n, c). scale x / sqrt(mean(x^2) + epsilon) over the last axis, with any axes in
    front. B. Zhang and R. Sennrich, Root mean square layer normalization, NeurIPS 2019.
    """
    x, scale = floats(RMS_NORM, x, scale)
    return np.asarray(scale * _normalize(x, -1, epsilon)[0])


def rms_norm_vjp(x: ArrayLike, scale: ArrayLike, g: ArrayLike, *, epsilon: float = 1e-5) -> RmsNormGradients:
    """Return s (h - z mean(h z)) with h = scale g, z the normalized x and 1/s its root mean square; sum(g z)."""
    x, scale = floats(RMS_NORM, x, scale)
    g = upstream(g, x.shape, x.dtype)
    z, inverse = _normalize(x, -1, epsilon)
    return RmsNormGradients(_through_deviation(scale * g, z, inverse, -1), _sum_rows(g * z))


def _through_norm(x: Array, scale: Array, g: ArrayLike, axis: int, epsilon: float) -> NormGradients:
    g = upstream(g, x.shape, x.dtype)
    z, inverse = _normalize(_centre(x, axis), axis, epsilon)
    # The mean depends on x too: what goes through it takes out of the gradient its mean, and z has none.
    to_x = _centre(_through_deviation(scale * g, z, inverse, axis), axis)
    return NormGradients(to_x, _sum_rows(g * z), _sum_rows(g))


def _centre(x: Array, axis: int) -> Array:
    if not x.shape[axis]:
        message = f"an array of shape {x.shape} has no {'examples' if axis == 0 else 'features'}, and so no mean"
        raise ValueError(message)
    return np.asarray(x - np.mean(x, axis=axis, keepdims=True))


def _normalize(x: Array, axis: int, epsilon: float) -> tuple[Array, Array]:
    """Return `x` divided by its root mean square along `axis`, and 1 over that, with the axis kept."""
    spread = np.sqrt(np.mean(np.square(x), axis=axis, keepdims=True) + within("[0, inf)", epsilon=epsilon))
    if not np.all(spread):
        side = "column" if axis == 0 else "row"
        message = f"{side} {np.argmin(spread)} does not vary, and cannot be divided by its deviation: epsilon must be positive"
        raise ValueError(message)
    return x / spread, 1 / spread


def _through_deviation(h: Array, z: Array, inverse: Array, axis: int) -> Array:
    """Return the gradient of sum(h * z) in what was normalized to z: the deviation depends on it too, which takes out its part along z."""
    return np.asarray(inverse * (h - z * np.mean(h * z, axis=axis, keepdims=True)))


def _sum_rows(g: Array) -> Array:
    return np.asarray(np.sum(g, axis=tuple(range(g.ndim - 1))))
