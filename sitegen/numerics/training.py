"""A multilayer perceptron and its training, in full: data in, a trained network and its losses out.

Backpropagation here is nothing but the chain rule: the derivatives `*_vjp` of what was computed, called in reverse order.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from sitegen.numerics.arguments import generator, whole
from sitegen.numerics.arrays import Array, as_floating
from sitegen.numerics.cross_entropies import cross_entropy_from_logits, cross_entropy_from_logits_vjp
from sitegen.numerics.functions import tanh, tanh_vjp
from sitegen.numerics.layers import linear, linear_vjp
from sitegen.numerics.optim import Optimizer, State

__all__ = [
    "CROSS_ENTROPY", "TANH", "Activation", "Layer", "Loss", "Network", "Training", "draw_network", "flatten",
    "forward", "loss_and_gradient", "predict", "train", "unflatten",
]  # fmt: skip


class Layer(NamedTuple):
    """The weights (i, o) and the bias (o) of one linear layer."""

    weights: Array
    bias: Array


Network: TypeAlias = tuple[Layer, ...]


class Activation(NamedTuple):
    """A function and its derivative, such as `Activation(relu, relu_vjp)`."""

    function: Callable[[Array], Array]
    vjp: Callable[[Array, Array], Array]


class Loss(NamedTuple):
    """A loss of (prediction, truth) and its derivative, such as `Loss(mean_squared_error, mean_squared_error_vjp)`."""

    function: Callable[[Array, Array], Array]
    vjp: Callable[[Array, Array], Array]


class Training(NamedTuple):
    """What a training leaves: the network before each step and after the last, and the loss of each step's batch."""

    networks: tuple[Network, ...]
    losses: Array


TANH = Activation(tanh, tanh_vjp)
CROSS_ENTROPY = Loss(cross_entropy_from_logits, cross_entropy_from_logits_vjp)


def draw_network(sizes: Sequence[int], rng: np.random.Generator, *, gain: float = 1.0) -> Network:
    """Return a network of layers from sizes[0] inputs to sizes[-1] outputs, with random weights and no bias.

    The variance of a weight is gain^2 / inputs, which keeps that of the activations (gain^2 = 2 for relu). Y. LeCun et
    al., Efficient BackProp, 1998; K. He et al., Delving deep into rectifiers, ICCV 2015.
    Raises ValueError if there are fewer than two sizes, or one is not positive.
    """
    sizes = [whole(1, size=size) for size in sizes]
    if len(sizes) < 2:
        message = f"a network has at least two sizes, of its input and its output, and these are {sizes}"
        raise ValueError(message)
    draw = generator(rng).standard_normal
    return tuple(Layer(gain * draw((i, o)) / np.sqrt(i), np.zeros(o)) for i, o in pairwise(sizes))


def predict(network: Network, x: ArrayLike, *, activation: Activation = TANH) -> Array:
    """Return what the network says of each row of `x`: (n, inputs) -> (n, outputs); the last layer is linear."""
    return forward(network, as_floating(x), activation)[-1][-1]


def forward(network: Network, x: Array, activation: Activation = TANH) -> list[tuple[Array, Array]]:
    """Return for each layer what went in and what came out, before its activation."""
    passed: list[tuple[Array, Array]] = []
    for layer in network:
        x = activation.function(passed[-1][1]) if passed else x
        passed.append((x, linear(x, *layer)))
    return passed


def loss_and_gradient(
    network: Network, x: ArrayLike, truths: ArrayLike, *, activation: Activation = TANH, loss: Loss = CROSS_ENTROPY
) -> tuple[float, Network]:
    """Return the loss of the network on a batch, and its gradient, of the form of the network.

    D. Rumelhart, G. Hinton and R. Williams, Learning representations by back-propagating errors, Nature 323, 1986.
    """
    x, truths = as_floating(x), np.asarray(truths)
    passed = forward(network, x, activation)
    g = loss.vjp(passed[-1][1], truths)
    gradients = []
    for depth in reversed(range(len(network))):
        entered, left = passed[depth]
        if depth < len(network) - 1:
            g = activation.vjp(left, g)
        g, *gradient = linear_vjp(entered, *network[depth], g)
        gradients.append(Layer(*gradient))
    return float(loss.function(passed[-1][1], truths)), tuple(reversed(gradients))


def train(
    network: Network,
    x: ArrayLike,
    truths: ArrayLike,
    optimizer: Optimizer[State],
    *,
    steps: int,
    batch: int | None = None,
    rng: np.random.Generator | None = None,
    activation: Activation = TANH,
    loss: Loss = CROSS_ENTROPY,
) -> Training:
    """Return the training of `network` on rows of `x` and `truths`, all at every step, or `batch` of them drawn by `rng`.

    Raises ValueError if there are not as many truths as rows, or fewer rows than a `batch` holds, and TypeError if there is
    a `batch` and no `rng`.
    """
    x, truths = as_floating(x), np.asarray(truths)
    if len(x) != len(truths):
        message = f"there are {len(x)} rows of x and {len(truths)} truths"
        raise ValueError(message)
    if batch is not None and whole(1, batch=batch) > len(x):
        message = f"a batch of {batch} cannot be drawn from {len(x)} rows"
        raise ValueError(message)
    networks, losses = [network], []
    vector = flatten(network)
    state = optimizer.init(vector)
    for _ in range(whole(0, steps=steps)):
        rows = slice(None) if batch is None else generator(rng).choice(len(x), batch, replace=False)
        value, gradient = loss_and_gradient(networks[-1], x[rows], truths[rows], activation=activation, loss=loss)
        step, state = optimizer.update(flatten(gradient), state, vector)
        vector = vector + step
        networks.append(unflatten(vector, network))
        losses.append(value)
    return Training(tuple(networks), np.array(losses))


def flatten(network: Network) -> Array:
    """Return all numbers of a network in one vector, as an optimizer takes them."""
    return np.concatenate([part.ravel() for layer in network for part in layer])


def unflatten(vector: ArrayLike, like: Network) -> Network:
    """Return a vector as a network of the form of another. Raises ValueError if it has not as many numbers."""
    vector = as_floating(vector)
    sizes = [part.size for layer in like for part in layer]
    if vector.shape != (sum(sizes),):
        message = f"the network has {sum(sizes)} numbers, and the vector has shape {vector.shape}"
        raise ValueError(message)
    parts = iter(np.split(vector, np.cumsum(sizes)[:-1]))
    return tuple(Layer(next(parts).reshape(w.shape), next(parts).reshape(b.shape)) for w, b in like)
