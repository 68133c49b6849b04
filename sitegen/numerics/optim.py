"""First-order optimizers as values: hyperparameters in, a pair of pure functions out; the loop is the caller's.

`init(x0)` returns the first state, and `update(gradient, state, x)` the step to add to x and the next state:

    optimizer = adam(0.1)
    state = optimizer.init(x)
    for _ in range(100):
        step, state = optimizer.update(gradient(x), state, x)
        x = x + step

All arrays of a state, and the step, have the shape and float type of x0. Nothing is changed in place. A rate, an epsilon
or a decay that is negative or infinite, and a beta outside [0, 1), is a ValueError.
"""

from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from sitegen.numerics.arguments import whole, within
from sitegen.numerics.arrays import Array, as_floating

__all__ = [
    "AdamState", "Optimizer", "adagrad", "adam", "adamw", "lion", "momentum", "nesterov", "rmsprop", "sgd",
    "trajectory",
]  # fmt: skip

State = TypeVar("State")


class Optimizer(NamedTuple, Generic[State]):
    """Two pure functions: `init(x0) -> state` and `update(gradient, state, x) -> (step, state)`."""

    init: Callable[[Array], State]
    update: Callable[[Array, State, Array], tuple[Array, State]]


class AdamState(NamedTuple):
    """What Adam remembers: how many updates were made, and its averages of the gradient and of its square."""

    updates: int
    mean: Array
    square: Array


def sgd(learning_rate: float) -> Optimizer[None]:
    """Return steepest descent with a fixed rate, called stochastic where the gradient is that of a random batch.

    step = -learning_rate * g. A. Cauchy, Méthode générale pour la résolution des systèmes d'équations, 1847;
    H. Robbins and S. Monro, A stochastic approximation method, 1951.
    """
    rate = within("[0, inf)", learning_rate=learning_rate)
    return Optimizer(lambda _: None, lambda gradient, _, __: (-rate * gradient, None))


def momentum(learning_rate: float, beta: float = 0.9) -> Optimizer[Array]:
    """Return the heavy-ball method, whose state is the last step v.

    v = beta * v - learning_rate * g, step = v. B. Polyak, Some methods of speeding up the convergence of iteration
    methods, 1964.
    """
    rate, beta = within("[0, inf)", learning_rate=learning_rate), within("[0, 1)", beta=beta)

    def update(gradient: Array, velocity: Array, _: Array) -> tuple[Array, Array]:
        velocity = beta * velocity - rate * gradient
        return velocity, velocity

    return Optimizer(np.zeros_like, update)


def nesterov(learning_rate: float, beta: float = 0.9) -> Optimizer[Array]:
    """Return Nesterov's accelerated gradient, whose state is the velocity v.

    v = beta * v - learning_rate * g, step = beta * v - learning_rate * g. The x of this form is the look-ahead point at
    which the method wants its gradient, so that `update` needs no second evaluation; the two paths meet where v is 0.
    Y. Nesterov, A method of solving a convex programming problem with convergence rate O(1/k^2), 1983; this form is of
    Y. Bengio, N. Boulanger-Lewandowski and R. Pascanu, Advances in optimizing recurrent networks, 2013.
    """
    rate, beta = within("[0, inf)", learning_rate=learning_rate), within("[0, 1)", beta=beta)

    def update(gradient: Array, velocity: Array, _: Array) -> tuple[Array, Array]:
        velocity = beta * velocity - rate * gradient
        return beta * velocity - rate * gradient, velocity

    return Optimizer(np.zeros_like, update)


def adagrad(learning_rate: float = 0.01, epsilon: float = 1e-10) -> Optimizer[Array]:
    """Return Adagrad, whose state is the sum s of all squared gradients, so that its steps only become smaller.

    s = s + g^2, step = -learning_rate * g / (sqrt(s) + epsilon). J. Duchi, E. Hazan and Y. Singer, Adaptive subgradient
    methods for online learning and stochastic optimization, JMLR 12, 2011.
    """
    rate, epsilon = within("[0, inf)", learning_rate=learning_rate), within("[0, inf)", epsilon=epsilon)

    def update(gradient: Array, square: Array, _: Array) -> tuple[Array, Array]:
        square = square + gradient**2
        return -rate * gradient / (np.sqrt(square) + epsilon), square

    return Optimizer(np.zeros_like, update)


def rmsprop(learning_rate: float = 0.001, decay: float = 0.9, epsilon: float = 1e-8) -> Optimizer[Array]:
    """Return RMSprop, whose state is the running average s of the squared gradient, from 0 and without correction.

    s = decay * s + (1 - decay) * g^2, step = -learning_rate * g / (sqrt(s) + epsilon). T. Tieleman and G. Hinton,
    lecture 6.5 of Neural Networks for Machine Learning, 2012.
    """
    rate, epsilon = within("[0, inf)", learning_rate=learning_rate), within("[0, inf)", epsilon=epsilon)
    decay = within("[0, 1)", decay=decay)

    def update(gradient: Array, square: Array, _: Array) -> tuple[Array, Array]:
        square = decay * square + (1 - decay) * gradient**2
        return -rate * gradient / (np.sqrt(square) + epsilon), square

    return Optimizer(np.zeros_like, update)


def adam(
    learning_rate: float = 0.001, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8
) -> Optimizer[AdamState]:
    """Return Adam.

    m = beta1 * m + (1 - beta1) * g, s = beta2 * s + (1 - beta2) * g^2,
    step = -learning_rate * (m / (1 - beta1^t)) / (sqrt(s / (1 - beta2^t)) + epsilon) at update t = 1, 2, ...
    D. Kingma and J. Ba, Adam: a method for stochastic optimization, ICLR 2015, algorithm 1.
    """
    return adamw(learning_rate, beta1, beta2, epsilon, weight_decay=0)


def adamw(
    learning_rate: float = 0.001,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
    *,
    weight_decay: float = 0.01,
) -> Optimizer[AdamState]:
    """Return Adam with weight decay beside its adaptive step instead of inside the gradient.

    The step of `adam` - learning_rate * weight_decay * x. I. Loshchilov and F. Hutter, Decoupled weight decay
    regularization, ICLR 2019, algorithm 2 (whose decay is not scaled by the rate; here it is, as in the frameworks).
    """
    rate, epsilon = within("[0, inf)", learning_rate=learning_rate), within("[0, inf)", epsilon=epsilon)
    beta1, beta2 = within("[0, 1)", beta1=beta1), within("[0, 1)", beta2=beta2)
    weight_decay = within("[0, inf)", weight_decay=weight_decay)

    def init(x0: Array) -> AdamState:
        return AdamState(0, np.zeros_like(x0), np.zeros_like(x0))

    def update(gradient: Array, state: AdamState, x: Array) -> tuple[Array, AdamState]:
        t = state.updates + 1
        mean = beta1 * state.mean + (1 - beta1) * gradient
        square = beta2 * state.square + (1 - beta2) * gradient**2
        # The averages start at 0. Dividing by 1 - beta^t removes that bias: the first step is -learning_rate * sign(g).
        step = -rate * (mean / (1 - beta1**t)) / (np.sqrt(square / (1 - beta2**t)) + epsilon)
        if weight_decay:
            step = step - rate * weight_decay * x
        return step, AdamState(t, mean, square)

    return Optimizer(init, update)


def lion(
    learning_rate: float = 0.0001, beta1: float = 0.9, beta2: float = 0.99, *, weight_decay: float = 0.0
) -> Optimizer[Array]:
    """Return Lion, which steps by the sign of an average: all coordinates move alike. Its state is a second average m.

    step = -learning_rate * (sign(beta1 * m + (1 - beta1) * g) + weight_decay * x), m = beta2 * m + (1 - beta2) * g.
    X. Chen et al., Symbolic discovery of optimization algorithms, NeurIPS 2023.
    """
    rate, weight_decay = within("[0, inf)", learning_rate=learning_rate), within("[0, inf)", weight_decay=weight_decay)
    beta1, beta2 = within("[0, 1)", beta1=beta1), within("[0, 1)", beta2=beta2)

    def update(gradient: Array, mean: Array, x: Array) -> tuple[Array, Array]:
        direction = np.sign(beta1 * mean + (1 - beta1) * gradient)
        return -rate * (direction + weight_decay * x), beta2 * mean + (1 - beta2) * gradient

    return Optimizer(np.zeros_like, update)


def trajectory(optimizer: Optimizer[State], gradient: Callable[[Array], ArrayLike], x0: ArrayLike, steps: int) -> Array:
    """Return the points that `optimizer` visits from `x0`, itself included: shape (steps + 1, *x0.shape).

    Raises ValueError if the result of `gradient` has not the shape of `x0`, or `steps` is negative.
    """
    x = as_floating(x0)
    if not hasattr(optimizer, "update"):
        message = f"an optimizer is a pair of functions, such as sgd(0.1) returns, and this is {optimizer!r}"
        raise TypeError(message)
    path = np.empty((whole(0, steps=steps) + 1, *x.shape), dtype=x.dtype)
    path[0] = x
    state = optimizer.init(x)
    for i in range(steps):
        # Copies, so that a `gradient` that works in place cannot rewrite the past.
        slope = as_floating(gradient(np.array(path[i])), x.dtype)
        if slope.shape != x.shape:
            message = f"the gradient has shape {slope.shape} and x0 has {x.shape}; they must be the same"
            raise ValueError(message)
        with np.errstate(over="ignore", invalid="ignore"):  # a path that diverges ends in inf and NaN
            step, state = optimizer.update(slope, state, np.array(path[i]))
            path[i + 1] = path[i] + step
    return path
