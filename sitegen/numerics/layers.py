"""The layers of a network as plain functions: arrays in, arrays out, each layer above its derivative.

A line `Shapes:` in a docstring says what goes in and comes out. A derivative takes what its layer takes and `g`, of the
shape of the output, and returns the gradients of sum(g * output) with respect to the layer's arrays, in their order.
Raises ValueError where shapes do not fit.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from sitegen.numerics.arguments import floats, generator, whole, within
from sitegen.numerics.arrays import Array, as_floating, upstream
from sitegen.numerics.distributions import softmax, softmax_vjp

__all__ = [
    "AttentionGradients", "LinearGradients", "attention", "attention_vjp", "convolution", "convolution_vjp",
    "draw_kept", "dropout", "dropout_vjp", "linear", "linear_vjp",
]  # fmt: skip

LINEAR = "x (n, i), weights (i, o), bias (o)"
CONVOLUTION = "x (n, h, w, i), weights (p, q, i, o), bias (o)"
ATTENTION = "queries (..., n, d), keys (..., m, d), values (..., m, v)"


class LinearGradients(NamedTuple):
    """The gradients with respect to the arguments of `linear` or `convolution`."""

    x: Array
    weights: Array
    bias: Array


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
    x, weights, bias = floats(LINEAR, x, weights, bias)
    return np.asarray(x @ weights + bias)


def linear_vjp(x: ArrayLike, weights: ArrayLike, bias: ArrayLike, g: ArrayLike) -> LinearGradients:
    """Return g W^T, x^T g and the sum of the rows of g."""
    x, weights, bias, g = floats(LINEAR + ", g (n, o)", x, weights, bias, g)
    return LinearGradients(g @ weights.T, x.T @ g, np.sum(g, axis=0))


def convolution(x: ArrayLike, weights: ArrayLike, bias: ArrayLike, *, stride: int = 1, padding: int = 0) -> Array:
    """Return images filtered by kernels, by one matrix product over all patches (im2col).

    Shapes: x (n, 4, 5, i), weights (2, 3, i, o), bias (o) -> (n, 3, 3, o). The sum over p, q and c of
    x[n, y + p, x + q, c] weights[p, q, c, o] + bias[o]: a cross-correlation, as everywhere in this field; each side of
    the output is (side + 2 padding - kernel) // stride + 1. K. Chellapilla, S. Puri and P. Simard, High performance
    convolutional neural networks for document processing, 2006.
    """
    x, weights, bias = floats(CONVOLUTION, x, weights, bias)
    return np.asarray(np.tensordot(_patches(x, weights, stride, padding), weights, axes=3) + bias)


def convolution_vjp(
    x: ArrayLike, weights: ArrayLike, bias: ArrayLike, g: ArrayLike, *, stride: int = 1, padding: int = 0
) -> LinearGradients:
    """Return the gradients: each patch gets g times the kernels back, added where patches overlap (col2im)."""
    x, weights, bias, g = floats(CONVOLUTION + ", g (n, height, width, o)", x, weights, bias, g)
    patches = _patches(x, weights, stride, padding)
    _, height, width, rows, columns, _ = patches.shape
    if g.shape[1:3] != (height, width):
        message = f"g has shape {g.shape}, and the output has {(*patches.shape[:3], weights.shape[-1])}"
        raise ValueError(message)
    to_patches = np.tensordot(g, weights, axes=(3, 3))
    padded = np.pad(np.zeros_like(x), ((0, 0), (padding, padding), (padding, padding), (0, 0)))
    for p in range(rows):
        for q in range(columns):
            padded[:, p : p + stride * height : stride, q : q + stride * width : stride] += to_patches[:, :, :, p, q]
    inside = slice(padding, -padding or None)
    to_weights = np.tensordot(patches, g, axes=((0, 1, 2), (0, 1, 2)))
    return LinearGradients(padded[:, inside, inside], to_weights, np.sum(g, axis=(0, 1, 2)))


def draw_kept(shape: tuple[int, ...], rate: float, rng: np.random.Generator) -> Array:
    """Return an array of zeros, each with probability `rate`, and ones: which units a dropout keeps."""
    rate = within("[0, 1)", rate=rate)
    return np.asarray(generator(rng).random(shape) >= rate, dtype=np.float64)


def dropout(x: ArrayLike, kept: ArrayLike, *, rate: float = 0.5) -> Array:
    """Return `x` where `kept` is one and 0 elsewhere, divided by 1 - rate so that the mean stays, any shape.

    x * kept / (1 - rate); `kept` comes from `draw_kept`. N. Srivastava et al., Dropout: a simple way to prevent neural
    networks from overfitting, JMLR 15, 2014, section 10. Raises ValueError if `rate` lies outside [0, 1).
    """
    x, kept = _kept(x, kept)
    return np.asarray(x * kept / (1 - within("[0, 1)", rate=rate)))


def dropout_vjp(x: ArrayLike, kept: ArrayLike, g: ArrayLike, *, rate: float = 0.5) -> Array:
    """Return g * kept / (1 - rate), of the shape of `x`."""
    x, kept = _kept(x, kept)
    return np.asarray(upstream(g, x.shape, x.dtype) * kept / (1 - within("[0, 1)", rate=rate)))


def attention(queries: ArrayLike, keys: ArrayLike, values: ArrayLike, *, mask: ArrayLike | None = None) -> Array:
    """Return for each query an average of `values`, weighted by how well its key fits.

    Shapes: queries (b, n, d), keys (b, m, d), values (b, m, v) -> (b, n, v). softmax(Q K^T / sqrt(d)) V over any axes in
    front. `mask` (n, m), which may have more axes in front, is true where a query may look; one that may look nowhere gets zeros. A. Vaswani et al.,
    Attention is all you need, NIPS 2017, (1).
    """
    queries, keys, values = floats(ATTENTION, queries, keys, values)
    return np.asarray(_weights(queries, keys, mask)[1] @ values)


def attention_vjp(
    queries: ArrayLike, keys: ArrayLike, values: ArrayLike, g: ArrayLike, *, mask: ArrayLike | None = None
) -> AttentionGradients:
    """Return the gradients through the average, the softmax and the products, in this order."""
    queries, keys, values, g = floats(ATTENTION + ", g (..., n, v)", queries, keys, values, g)
    logits, weights = _weights(queries, keys, mask)
    to_weights = g @ np.swapaxes(values, -1, -2)
    to_logits = np.where(weights > 0, softmax_vjp(logits, to_weights), 0) / np.sqrt(queries.shape[-1], dtype=g.dtype)
    return AttentionGradients(
        to_logits @ keys, np.swapaxes(to_logits, -1, -2) @ queries, np.swapaxes(weights, -1, -2) @ g
    )


def _kept(x: ArrayLike, kept: ArrayLike) -> tuple[Array, Array]:
    x = as_floating(x)
    kept = as_floating(kept, x.dtype)
    if kept.shape != x.shape:
        message = f"kept has shape {kept.shape}, and x has {x.shape}; they must be the same"
        raise ValueError(message)
    return x, kept


def _patches(x: Array, weights: Array, stride: int, padding: int) -> Array:
    """Return a view of all patches under the kernels: (n, height, width, p, q, c)."""
    stride, padding = whole(1, stride=stride), whole(0, padding=padding)
    padded = np.pad(x, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
    if np.any(np.array(padded.shape[1:3]) < weights.shape[:2]):
        message = (
            f"kernels of {weights.shape[:2]} do not fit into images that are {padded.shape[1:3]} with their padding"
        )
        raise ValueError(message)
    windows = np.lib.stride_tricks.sliding_window_view(padded, weights.shape[:2], axis=(1, 2))
    return np.asarray(np.moveaxis(windows[:, ::stride, ::stride], 3, -1))


def _weights(queries: Array, keys: Array, mask: ArrayLike | None) -> tuple[Array, Array]:
    """Return the logits of the attention, -inf where masked, and its weights."""
    logits = np.asarray(queries @ np.swapaxes(keys, -1, -2) / np.sqrt(queries.shape[-1], dtype=queries.dtype))
    if mask is None:
        return logits, softmax(logits)
    mask = np.asarray(mask)
    if mask.dtype != np.bool_:
        message = f"mask must hold booleans, true where a query may look, but holds {mask.dtype}"
        raise TypeError(message)
    try:
        mask = np.broadcast_to(mask, logits.shape)
    except ValueError:
        message = f"mask has shape {mask.shape}, and is for queries and keys of {logits.shape}"
        raise ValueError(message) from None
    logits = np.where(mask, logits, -np.inf)
    return logits, np.where(mask, softmax(logits), 0)
