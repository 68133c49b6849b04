"""The optimizers: their first steps by hand, their limits, and that they arrive; and the path of a trajectory."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sitegen.numerics import (
    Optimizer,
    adagrad,
    adam,
    adamw,
    lion,
    momentum,
    nesterov,
    rmsprop,
    sgd,
    trajectory,
)

Array = NDArray[np.floating]

OPTIMIZERS = {
    "sgd": sgd(0.1),
    "momentum": momentum(0.02),
    "nesterov": nesterov(0.02),
    "rmsprop": rmsprop(0.01),
    "adam": adam(0.05),
}
curvature = np.array([1.0, 10.0])
every_optimizer = pytest.mark.parametrize("optimizer", list(OPTIMIZERS.values()), ids=list(OPTIMIZERS))


def slope(x: Array) -> Array:
    """Return the gradient of a bowl ten times as steep in one direction as in the other."""
    return curvature * x


@every_optimizer
def test_an_optimizer_arrives_at_the_bottom_of_a_bowl(optimizer: Optimizer[object]) -> None:
    path = trajectory(optimizer, slope, [2.0, -1.0], 500)
    # RMSprop with a fixed rate ends in steps of about that rate around the minimum.
    assert np.all(np.abs(path[-1]) < 0.011)


@every_optimizer
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 3, 2)], ids=str)
@pytest.mark.parametrize(("given", "returned"), [("float32", "float32"), ("float64", "float64"), ("int64", "float64")])
def test_a_trajectory_starts_at_x0_and_keeps_its_shape_and_type(
    optimizer: Optimizer[object], shape: tuple[int, ...], given: str, returned: str
) -> None:
    x0 = np.full(shape, 2, dtype=given)
    x0.flags.writeable = False
    path = trajectory(optimizer, lambda x: x, x0, 3)
    assert path.shape == (4, *shape)
    assert path.dtype == returned
    np.testing.assert_array_equal(path[0], x0)
    assert np.all(np.diff(path, axis=0) < 0)


@every_optimizer
def test_an_update_is_pure(optimizer: Optimizer[object]) -> None:
    x0 = np.array([1.0, 2.0])
    g = np.array([3.0, -1.0])
    _, state = optimizer.update(g, optimizer.init(x0), x0)
    g.flags.writeable = False
    first, _ = optimizer.update(g, state, x0)
    again, _ = optimizer.update(g, state, x0)
    assert first.tolist() == again.tolist()
    assert x0.tolist() == [1, 2]


@every_optimizer
def test_a_gradient_of_zero_moves_nothing(optimizer: Optimizer[object]) -> None:
    path = trajectory(optimizer, np.zeros_like, [1.0, 2.0], 3)
    np.testing.assert_array_equal(path, [[1.0, 2.0]] * 4)


@pytest.mark.parametrize(
    ("optimizer", "path"),
    [
        # By hand, for f = x^2 / 2 from 1: the gradient is x.
        (sgd(0.5), [1, 0.5, 0.25, 0.125]),
        # v: -0.5, -0.5 (= -0.25 - 0.25), -0.25 (= -0.25 - 0).
        (momentum(0.5, 0.5), [1, 0.5, 0, -0.25]),
        # v: -0.5, -0.375, -0.15625; steps: (v - x) / 2 = -0.75, -0.3125, -0.046875.
        (nesterov(0.5, 0.5), [1, 0.25, -0.0625, -0.109375]),
        # s: 0.36, so that the first step is -0.1 / (0.6 + 0.4).
        (rmsprop(0.1, 0.64, 0.4), [1, 0.9]),
        (adam(0.1, epsilon=0), [1, 0.9]),
    ],
)
def test_the_first_steps_are_those_by_hand(optimizer: Optimizer[object], path: list[float]) -> None:
    np.testing.assert_allclose(trajectory(optimizer, lambda x: x, 1.0, len(path) - 1), path, rtol=1e-14)


rates = st.floats(0.01, 0.5)
fractions = st.floats(0, 0.95)


@given(rates, fractions)
def test_momentum_is_polyaks_two_term_recursion(rate: float, beta: float) -> None:
    x = [np.array([1.0, 1.0])] * 2
    for _ in range(10):
        x.append(x[-1] - rate * np.sin(x[-1]) + beta * (x[-1] - x[-2]))
    np.testing.assert_allclose(trajectory(momentum(rate, beta), np.sin, x[0], 10), x[1:], rtol=1e-9, atol=1e-12)


@given(rates, fractions)
def test_nesterov_visits_the_look_ahead_points_of_the_1983_method(rate: float, beta: float) -> None:
    x = [np.array([1.0, 1.0])]
    ahead = [x[0]]
    for _ in range(10):
        x.append(ahead[-1] - rate * np.sin(ahead[-1]))
        ahead.append(x[-1] + beta * (x[-1] - x[-2]))
    np.testing.assert_allclose(trajectory(nesterov(rate, beta), np.sin, x[0], 10), ahead, rtol=1e-9, atol=1e-12)


@given(rates)
def test_without_memory_momentum_and_nesterov_are_sgd(rate: float) -> None:
    plain = trajectory(sgd(rate), slope, [1.0, -1.0], 5)
    for optimizer in (momentum(rate, 0), nesterov(rate, 0)):
        np.testing.assert_allclose(trajectory(optimizer, slope, [1.0, -1.0], 5), plain, rtol=1e-12)


def test_adam_steps_by_weighted_averages_of_all_gradients() -> None:
    gradients = np.random.default_rng(5).standard_normal((6, 3))
    optimizer = adam(0.1, 0.8, 0.9, 1e-3)
    state = optimizer.init(np.zeros(3))
    for t, g in enumerate(gradients, start=1):
        step, state = optimizer.update(g, state, np.zeros(3))
        mean = np.average(gradients[:t], axis=0, weights=0.8 ** np.arange(t)[::-1])
        square = np.average(gradients[:t] ** 2, axis=0, weights=0.9 ** np.arange(t)[::-1])
        np.testing.assert_allclose(step, -0.1 * mean / (np.sqrt(square) + 1e-3), rtol=1e-12)


@given(st.floats(1e-3, 1e3))
def test_the_first_step_of_adam_has_the_size_of_its_rate_whatever_the_scale(scale: float) -> None:
    path = trajectory(adam(0.1), lambda x: scale * slope(x), [2.0, -1.0], 1)
    np.testing.assert_allclose(path[1], [1.9, -0.9], rtol=1e-4)


def test_no_steps_give_the_start_alone() -> None:
    assert trajectory(adam(), slope, [1.0, 2.0], 0).tolist() == [[1, 2]]


def test_a_gradient_that_works_in_place_does_not_rewrite_the_path() -> None:
    def in_place(x: Array) -> Array:
        x *= 2
        return x

    assert trajectory(sgd(0.25), in_place, [1.0], 2).tolist() == [[1], [0.5], [0.25]]


def test_a_gradient_of_another_shape_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"the gradient has shape \(1,\) and x0 has \(2,\)"):
        trajectory(adam(), lambda _: [1.0], [1.0, 2.0], 1)


def test_a_negative_number_of_steps_is_an_error() -> None:
    with pytest.raises(ValueError, match="steps must be at least 0, but is -1"):
        trajectory(adam(), slope, [1.0, 2.0], -1)


def test_a_memory_outside_the_unit_interval_is_an_error() -> None:
    for wrong in (-0.1, 1.0, math.nan):
        for name, make in (
            ("beta", lambda beta: momentum(0.1, beta)),
            ("beta", lambda beta: nesterov(0.1, beta)),
            ("decay", lambda decay: rmsprop(decay=decay)),
            ("beta1", lambda beta: adam(beta1=beta)),
            ("beta2", lambda beta: adam(beta2=beta)),
        ):
            with pytest.raises(ValueError, match=rf"^{name} must lie in \[0, 1\), but is {wrong}"):
                make(wrong)


def by_formula(name: str, gradients: Array, x: Array) -> list[Array]:
    """Return the points of an optimizer as its paper writes it, for the gradients that it is given."""
    m, s, path = np.zeros(3), np.zeros(3), [x]
    for t, g in enumerate(gradients, start=1):
        if name == "adagrad":
            s = s + g**2
            x = x - 0.3 * g / (np.sqrt(s) + 0.2)
        elif name == "rmsprop":
            s = 0.7 * s + 0.3 * g**2
            x = x - 0.3 * g / (np.sqrt(s) + 0.2)
        elif name == "adamw":
            m, s = 0.8 * m + 0.2 * g, 0.7 * s + 0.3 * g**2
            x = x - 0.3 * (m / (1 - 0.8**t)) / (np.sqrt(s / (1 - 0.7**t)) + 0.2) - 0.3 * 0.1 * x
        elif name == "lion":
            x = x - 0.3 * (np.sign(0.6 * m + 0.4 * g) + 0.1 * x)
            m = 0.9 * m + 0.1 * g
        path.append(x)
    return path


@pytest.mark.parametrize(
    ("name", "optimizer"),
    [
        ("adagrad", adagrad(0.3, 0.2)),
        ("rmsprop", rmsprop(0.3, 0.7, 0.2)),
        ("adamw", adamw(0.3, 0.8, 0.7, 0.2, weight_decay=0.1)),
        ("lion", lion(0.3, 0.6, 0.9, weight_decay=0.1)),
    ],
)
def test_an_optimizer_follows_the_formula_of_its_paper(name: str, optimizer: Optimizer[object]) -> None:
    rng = np.random.default_rng(6)
    gradients, x0 = rng.standard_normal((8, 3)), rng.standard_normal(3)
    given = iter(gradients)
    np.testing.assert_allclose(
        trajectory(optimizer, lambda _: next(given), x0, 8), by_formula(name, gradients, x0), rtol=1e-13
    )
