"""The layers of a network as plain functions: arrays in, arrays out, each layer above its derivative.

A line `Shapes:` in a docstring says what goes in and comes out. A derivative takes what its layer takes and `g`, of the
shape of the output, and returns the gradients of sum(g * output) with respect to the layer's arrays, in their order.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from sitegen.numerics.arrays import Array, as_floating
from sitegen.numerics.distributions import softmax, softmax_vjp


class LinearGradients(NamedTuple):
    """The gradients with respect to the arguments of `linear` or `convolution`."""

    x: Array
    weights: Array
    bias: Array


class NormGradients(NamedTuple):
    """The gradients with respect to the arguments of `batch_norm`."""

    x: Array
    scale: Array
    shift: Array


class AttentionGradients(NamedTuple):
    """The gradients with respect to the arguments of `attention`."""

    queries: Array
    keys: Array
    values: Array


def linear(x: ArrayLike, weights: ArrayLike, bias: ArrayLike) -> Array:
    """Return each row of `x` times `weights`, plus `bias`.

    Shapes: x (n, i), weights (i, o), bias (o) -> (n, o). x W + b; the transpose of the W x of most textbooks, because an
    example is a row here.
    """
    x, weights, bias = _floats(x, weights, bias)
    return np.asarray(x @ weights + bias)


def linear_vjp(x: ArrayLike, weights: ArrayLike, bias: ArrayLike, g: ArrayLike) -> LinearGradients:
    """Return g W^T, x^T g and the sum of the rows of g."""
    x, weights, bias, g = _floats(x, weights, bias, g)
    return LinearGradients(g @ weights.T, x.T @ g, np.sum(g, axis=0))


def convolution(x: ArrayLike, weights: ArrayLike, bias: ArrayLike, *, stride: int = 1, padding: int = 0) -> Array:
    """Return images filtered by kernels, by one matrix product over all patches (im2col).

    Shapes: x (n, 4, 5, i), weights (2, 3, i, o), bias (o) -> (n, 3, 3, o). The sum over p, q and c of
    x[n, y + p, x + q, c] weights[p, q, c, o] + bias[o]: a cross-correlation, as everywhere in this field; each side of
    the output is (side + 2 padding - kernel) // stride + 1. K. Chellapilla, S. Puri and P. Simard, High performance
    convolutional neural networks for document processing, 2006.
    """
    x, weights, bias = _floats(x, weights, bias)
    return np.asarray(np.tensordot(_patches(x, weights, stride, padding), weights, axes=3) + bias)


def convolution_vjp(
    x: ArrayLike, weights: ArrayLike, bias: ArrayLike, g: ArrayLike, *, stride: int = 1, padding: int = 0
) -> LinearGradients:
    """Return the gradients: each patch gets g times the kernels back, added where patches overlap (col2im)."""
    x, weights, bias, g = _floats(x, weights, bias, g)
    to_patches = np.tensordot(g, weights, axes=(3, 3))  # (n, height, width, p, q, c)
    _, height, width, rows, columns, _ = to_patches.shape
    padded = np.pad(np.zeros_like(x), ((0, 0), (padding, padding), (padding, padding), (0, 0)))
    for p in range(rows):
        for q in range(columns):
            padded[:, p : p + stride * height : stride, q : q + stride * width : stride] += to_patches[:, :, :, p, q]
    inside = slice(padding, -padding or None)
    patches = _patches(x, weights, stride, padding)
    to_weights = np.tensordot(patches, g, axes=((0, 1, 2), (0, 1, 2)))
    return LinearGradients(padded[:, inside, inside], to_weights, np.sum(g, axis=(0, 1, 2)))


def batch_norm(x: ArrayLike, scale: ArrayLike, shift: ArrayLike, *, epsilon: float = 1e-5) -> Array:
    """Return each column of `x` with its mean removed and divided by its standard deviation, then scaled and shifted.

    Shapes: x (n, c), scale (c), shift (c) -> (n, c). scale (x - mean) / sqrt(variance + epsilon) + shift, with the
    variance of the batch (divided by n). For prediction use averages of both, as `ewma` makes them. S. Ioffe and
    C. Szegedy, Batch normalization, ICML 2015.
    """
    x, scale, shift = _floats(x, scale, shift)
    return np.asarray(scale * _normalize(x, epsilon)[0] + shift)


def batch_norm_vjp(
    x: ArrayLike, scale: ArrayLike, shift: ArrayLike, g: ArrayLike, *, epsilon: float = 1e-5
) -> NormGradients:
    """Return s (h - mean(h) - z mean(h z)) with h = scale g, z the normalized x and 1/s its deviation; sum(g z); sum(g)."""
    x, scale, shift, g = _floats(x, scale, shift, g)
    z, inverse = _normalize(x, epsilon)
    h = scale * g
    # Mean and variance depend on x too: what goes through them takes out of h its mean and its part along z.
    to_x = inverse * (h - np.mean(h, axis=0) - z * np.mean(h * z, axis=0))
    return NormGradients(to_x, np.sum(g * z, axis=0), np.sum(g, axis=0))


def draw_kept(shape: tuple[int, ...], rate: float, rng: np.random.Generator) -> Array:
    """Return an array of zeros, each with probability `rate`, and ones: which units a dropout keeps."""
    _check_rate(rate)
    return np.asarray(rng.random(shape) >= rate, dtype=np.float64)


def dropout(x: ArrayLike, kept: ArrayLike, *, rate: float = 0.5) -> Array:
    """Return `x` where `kept` is one and 0 elsewhere, divided by 1 - rate so that the mean stays, any shape.

    x * kept / (1 - rate); `kept` comes from `draw_kept`. N. Srivastava et al., Dropout: a simple way to prevent neural
    networks from overfitting, JMLR 15, 2014, section 10. Raises ValueError if `rate` lies outside [0, 1).
    """
    x, kept = _floats(x, kept)
    return np.asarray(x * kept / (1 - _check_rate(rate)))


def dropout_vjp(x: ArrayLike, kept: ArrayLike, g: ArrayLike, *, rate: float = 0.5) -> Array:
    """Return g * kept / (1 - rate), of the shape of `x`."""
    _, kept, g = _floats(x, kept, g)
    return np.asarray(g * kept / (1 - _check_rate(rate)))


def attention(queries: ArrayLike, keys: ArrayLike, values: ArrayLike, *, mask: ArrayLike | None = None) -> Array:
    """Return for each query an average of `values`, weighted by how well its key fits.

    Shapes: queries (b, n, d), keys (b, m, d), values (b, m, v) -> (b, n, v). softmax(Q K^T / sqrt(d)) V over any axes in
    front. `mask` (n, m) is true where a query may look; one that may look nowhere gets zeros. A. Vaswani et al.,
    Attention is all you need, NIPS 2017, (1).
    """
    queries, keys, values = _floats(queries, keys, values)
    return np.asarray(_weights(queries, keys, mask)[1] @ values)


def attention_vjp(
    queries: ArrayLike, keys: ArrayLike, values: ArrayLike, g: ArrayLike, *, mask: ArrayLike | None = None
) -> AttentionGradients:
    """Return the gradients through the average, the softmax and the products, in this order."""
    queries, keys, values, g = _floats(queries, keys, values, g)
    logits, weights = _weights(queries, keys, mask)
    to_weights = g @ np.swapaxes(values, -1, -2)
    to_logits = np.where(weights > 0, softmax_vjp(logits, to_weights), 0) / np.sqrt(queries.shape[-1], dtype=g.dtype)
    return AttentionGradients(
        to_logits @ keys, np.swapaxes(to_logits, -1, -2) @ queries, np.swapaxes(weights, -1, -2) @ g
    )


def _floats(x: ArrayLike, *others: ArrayLike) -> list[Array]:
    """Return all as arrays of the float type of the first."""
    first = as_floating(x)
    return [first, *(as_floating(other, first.dtype) for other in others)]


def _patches(x: Array, weights: Array, stride: int, padding: int) -> Array:
    """Return a view of all patches under the kernels: (n, height, width, p, q, c)."""
    padded = np.pad(x, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, weights.shape[:2], axis=(1, 2))
    return np.asarray(np.moveaxis(windows[:, ::stride, ::stride], 3, -1))


def _normalize(x: Array, epsilon: float) -> tuple[Array, Array]:
    """Return the normalized columns of `x`, and 1 over their standard deviations."""
    centred = x - np.mean(x, axis=0)
    inverse = 1 / np.sqrt(np.mean(np.square(centred), axis=0) + float(epsilon))
    return centred * inverse, inverse


def _weights(queries: Array, keys: Array, mask: ArrayLike | None) -> tuple[Array, Array]:
    """Return the logits of the attention, -inf where masked, and its weights."""
    logits = np.asarray(queries @ np.swapaxes(keys, -1, -2) / np.sqrt(queries.shape[-1], dtype=queries.dtype))
    if mask is None:
        return logits, softmax(logits)
    logits = np.where(mask, logits, -np.inf)
    return logits, np.where(mask, softmax(logits), 0)


def _check_rate(rate: float) -> float:
    if not 0 <= rate < 1:
        message = f"rate must lie in [0, 1), but is {rate}"
        raise ValueError(message)
    return float(rate)
