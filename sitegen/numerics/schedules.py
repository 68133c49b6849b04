"""Learning rates that change, and averages that forget: step numbers or a series in, rates or averages out.

A schedule is a function from the number of the update, 0 at the first, to the rate. `scheduled(adam, cosine(0.1, 100))`
is an optimizer like any other.
"""

import math
from collections.abc import Callable
from typing import NamedTuple, TypeAlias, TypeVar, cast

import numpy as np
from numpy.typing import ArrayLike

from sitegen.numerics.arguments import whole, within
from sitegen.numerics.arrays import Array, as_floating
from sitegen.numerics.optim import Optimizer, State

__all__ = [
    "Schedule", "ScheduledState", "constant", "cosine", "ewma", "scheduled", "step_decay", "warm_up",
]  # fmt: skip

Schedule: TypeAlias = Callable[[int], float]
Inner = TypeVar("Inner")


class ScheduledState(NamedTuple):
    """How many updates were made, and the state of the optimizer inside."""

    updates: int
    inner: object


def constant(rate: float) -> Schedule:
    """Return the schedule that always says `rate`."""
    rate = within("[0, inf)", rate=rate)
    return lambda _: rate


def step_decay(rate: float, every: int, factor: float = 0.1) -> Schedule:
    """Return the schedule that multiplies `rate` by `factor` after each `every` updates.

    rate * factor^floor(t / every). A. Krizhevsky, I. Sutskever and G. Hinton, ImageNet classification with deep
    convolutional neural networks, NIPS 2012. Raises ValueError if `every` is not positive.
    """
    every, rate, factor = whole(1, every=every), within("[0, inf)", rate=rate), within("[0, inf)", factor=factor)
    return lambda t: rate * factor ** (t // every)


def cosine(rate: float, steps: int, last: float = 0.0) -> Schedule:
    """Return the schedule that falls from `rate` at update 0 to `last` at update `steps`, and stays there.

    last + (rate - last) (1 + cos(pi t / steps)) / 2. I. Loshchilov and F. Hutter, SGDR: stochastic gradient descent
    with warm restarts, ICLR 2017. Raises ValueError if `steps` is not positive.
    """
    steps, rate, last = whole(1, steps=steps), within("[0, inf)", rate=rate), within("[0, inf)", last=last)
    return lambda t: last + (rate - last) * (1 + math.cos(math.pi * min(t / steps, 1))) / 2


def warm_up(schedule: Schedule, steps: int) -> Schedule:
    """Return `schedule`, begun after `steps` updates in which the rate rises linearly to its first value.

    P. Goyal et al., Accurate, large minibatch SGD: training ImageNet in 1 hour, 2017. Raises ValueError if `steps` is
    not positive.
    """
    schedule, steps = _checked(schedule), whole(1, steps=steps)
    return lambda t: schedule(0) * (t + 1) / (steps + 1) if t < steps else schedule(t - steps)


def scheduled(make: Callable[[float], Optimizer[State]], schedule: Schedule) -> Optimizer[ScheduledState]:
    """Return the optimizer whose update t is that of make(schedule(t)): `make` takes the rate first, as all here do."""
    schedule = _checked(schedule)

    def init(x0: Array) -> ScheduledState:
        return ScheduledState(0, make(schedule(0)).init(x0))

    def update(gradient: Array, state: ScheduledState, x: Array) -> tuple[Array, ScheduledState]:
        optimizer: Optimizer[object] = make(schedule(state.updates))  # type: ignore[assignment] # its own state comes back
        step, inner = optimizer.update(gradient, state.inner, x)
        return step, ScheduledState(state.updates + 1, inner)

    return Optimizer(init, update)


def ewma(values: ArrayLike, beta: float = 0.9, *, correct: bool = True) -> Array:
    """Return the exponentially weighted moving averages of a series along its first axis, of the shape of `values`.

    m_t = beta m_{t-1} + (1 - beta) v_t from m_0 = 0, about the mean of the last 1 / (1 - beta) values. With `correct`
    it is divided by 1 - beta^t, the sum of its weights, without which the first averages are drawn towards 0.
    D. Kingma and J. Ba, Adam: a method for stochastic optimization, ICLR 2015, section 3.
    Raises ValueError if `beta` lies outside [0, 1), or `values` is a number alone.
    """
    beta = within("[0, 1)", beta=beta)
    series = as_floating(values)
    if not series.ndim:
        message = "a series has at least one axis, and the values are a number alone"
        raise ValueError(message)
    averages = np.empty_like(series)
    average = np.zeros(series.shape[1:], series.dtype)
    for t, value in enumerate(series):
        average = beta * average + (1 - beta) * value
        averages[t] = average / (1 - beta ** (t + 1)) if correct else average
    return averages


def _checked(schedule: object) -> Schedule:
    if not callable(schedule):
        message = f"a schedule is a function of the update, such as constant(0.1), and this is {schedule!r}"
        raise TypeError(message)
    return cast("Schedule", schedule)
