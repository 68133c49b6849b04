"""Schedules, averages, layers, data and the training of a small network."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from sitegen.numerics import (
    CROSS_ENTROPY,
    Activation,
    Loss,
    Optimizer,
    adam,
    adamw,
    attention,
    batch_norm,
    blobs,
    check_directions,
    constant,
    convolution,
    cosine,
    draw_kept,
    draw_network,
    dropout,
    ewma,
    flatten,
    layer_norm,
    lion,
    loss_and_gradient,
    mean_squared_error,
    mean_squared_error_vjp,
    moons,
    numerical_vjp,
    one_hot,
    predict,
    relu,
    relu_vjp,
    rms_norm,
    scheduled,
    sgd,
    spirals,
    step_decay,
    train,
    trajectory,
    unflatten,
    warm_up,
)

Array = NDArray[np.floating]


def test_the_schedules_have_the_values_of_their_formulas() -> None:
    assert [step_decay(1.0, 2, 0.5)(t) for t in range(5)] == [1, 1, 0.5, 0.5, 0.25]
    assert [cosine(1.0, 4)(t) for t in (0, 2, 4, 9)] == pytest.approx([1, 0.5, 0, 0])
    assert [cosine(1.0, 4, last=0.2)(t) for t in (0, 2, 4)] == pytest.approx([1, 0.6, 0.2])
    assert [warm_up(constant(1.0), 3)(t) for t in range(5)] == [0.25, 0.5, 0.75, 1, 1]
    assert warm_up(cosine(1.0, 4), 2)(4) == cosine(1.0, 4)(2)
    with pytest.raises(ValueError, match="every must be at least 1, but is 0"):
        step_decay(1.0, 0)


def test_a_scheduled_optimizer_uses_the_rate_of_its_step_and_keeps_its_state() -> None:
    optimizer: Optimizer[Any] = scheduled(sgd, lambda t: [0.5, 0.1, 0.2][t])
    np.testing.assert_allclose(trajectory(optimizer, lambda x: x, 1.0, 3), [1, 0.5, 0.45, 0.36])
    optimizer = scheduled(adam, constant(0.1))
    same = trajectory(optimizer, np.sin, [1.0, 2.0], 5)
    plain: Array = trajectory(adam(0.1), np.sin, [1.0, 2.0], 5)
    np.testing.assert_array_equal(same, plain)


def test_weight_decay_pulls_to_zero_beside_the_step() -> None:
    optimizers: list[Optimizer[Any]] = [adamw(0.1, weight_decay=0.5), lion(0.1, weight_decay=0.5)]
    for optimizer in optimizers:
        path: Array = trajectory(optimizer, np.zeros_like, [2.0], 1)
        np.testing.assert_allclose(path, [[2.0], [1.9]])


def test_ewma_with_correction_is_the_weighted_average_of_what_was_seen() -> None:
    values = np.random.default_rng(2).standard_normal((6, 2))
    averages = ewma(values, 0.8)
    for t in range(6):
        np.testing.assert_allclose(
            averages[t], np.average(values[: t + 1], axis=0, weights=0.8 ** np.arange(t + 1)[::-1]), rtol=1e-12
        )
    np.testing.assert_allclose(ewma([1.0, 1.0], 0.9, correct=False), [0.1, 0.19])
    with pytest.raises(ValueError, match="a number alone"):
        ewma(3.0)


def test_convolution_is_the_sum_that_its_docstring_says() -> None:
    rng = np.random.default_rng(4)
    x, weights, bias = rng.standard_normal((2, 5, 6, 3)), rng.standard_normal((2, 3, 3, 4)), rng.standard_normal(4)
    for stride, padding in ((1, 0), (2, 1)):
        padded = np.pad(x, ((0, 0), (padding,) * 2, (padding,) * 2, (0, 0)))
        out = convolution(x, weights, bias, stride=stride, padding=padding)
        assert out.shape == (2, (5 + 2 * padding - 2) // stride + 1, (6 + 2 * padding - 3) // stride + 1, 4)
        for row, column in np.ndindex(out.shape[1:3]):
            patch = padded[:, row * stride : row * stride + 2, column * stride : column * stride + 3]
            np.testing.assert_allclose(out[:, row, column], np.einsum("npqc,pqco->no", patch, weights) + bias)


def test_batch_norm_gives_columns_of_mean_zero_and_variance_one() -> None:
    x = np.random.default_rng(4).normal(5, 3, (50, 4))
    z = batch_norm(x, np.ones(4), np.zeros(4), epsilon=0)
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=1e-14)
    np.testing.assert_allclose(z.var(axis=0), 1)


@given(arrays(np.float64, (3, 5), elements=st.floats(-100, 100)))
def test_a_norm_over_features_is_that_of_each_row_and_knows_no_scale(x: Array) -> None:
    x = x + 300 * np.arange(5)  # so that no row is constant
    one, none = np.ones(5), np.zeros(5)
    z = layer_norm(x, one, none, epsilon=0)
    np.testing.assert_allclose(z, batch_norm(x.T, np.ones(3), np.zeros(3), epsilon=0).T, rtol=1e-13)
    np.testing.assert_allclose(z, layer_norm(7 * x + 3, one, none, epsilon=0), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(z, rms_norm(x - x.mean(axis=-1, keepdims=True), one, epsilon=0), rtol=1e-13)
    np.testing.assert_allclose(np.square(rms_norm(x, one, epsilon=0)).mean(axis=-1), 1)
    np.testing.assert_array_equal(layer_norm(x[0], one, none), layer_norm(x, one, none)[0])


def test_dropout_keeps_the_mean_and_its_rate() -> None:
    kept = draw_kept((200, 200), 0.3, np.random.default_rng(0))
    assert kept.mean() == pytest.approx(0.7, abs=0.01)
    assert dropout(np.ones((200, 200)), kept, rate=0.3).mean() == pytest.approx(1, abs=0.02)
    with pytest.raises(ValueError, match="rate must lie in"):
        draw_kept((1,), 1.0, np.random.default_rng(0))


def test_a_query_that_may_look_at_one_key_gets_its_value_and_at_none_zeros() -> None:
    rng = np.random.default_rng(1)
    q, k, v = rng.standard_normal((2, 4)), rng.standard_normal((3, 4)), rng.standard_normal((3, 5))
    out = attention(q, k, v, mask=[[False, True, False], [False, False, False]])
    np.testing.assert_array_equal(out, [v[1], np.zeros(5)])


@pytest.mark.parametrize("make", [moons, spirals, blobs])
def test_a_data_set_has_its_classes_in_order_and_depends_on_its_generator_alone(
    make: Callable[..., tuple[Array, NDArray[np.intp]]],
) -> None:
    x, labels = make(31, np.random.default_rng(3))
    assert x.shape == (31, 2)
    assert labels.tolist() == sorted(labels.tolist())
    assert np.ptp(np.bincount(labels)) <= 1
    np.testing.assert_array_equal(x, make(31, np.random.default_rng(3))[0])
    assert make(0, np.random.default_rng(3))[0].shape == (0, 2)


def test_one_hot_marks_the_class_and_refuses_what_is_none() -> None:
    assert one_hot([2, 0], 3).tolist() == [[0, 0, 1], [1, 0, 0]]
    for wrong in ([3], [-1], [0.5]):
        with pytest.raises(ValueError, match="integers from 0 to 2"):
            one_hot(wrong, 3)


@pytest.mark.parametrize("loss", [CROSS_ENTROPY, Loss(mean_squared_error, mean_squared_error_vjp)])
def test_backpropagation_is_the_gradient_of_the_loss_of_the_network(loss: Loss) -> None:
    rng = np.random.default_rng(5)
    network = draw_network([2, 5, 4, 3], rng)
    x, truths = rng.standard_normal((7, 2)), one_hot(rng.integers(0, 3, 7), 3)

    def of(vector: Array) -> float:
        return loss_and_gradient(unflatten(vector, network), x, truths, loss=loss)[0]

    claimed = flatten(loss_and_gradient(network, x, truths, loss=loss)[1])
    np.testing.assert_allclose(claimed, numerical_vjp(of, flatten(network)), atol=1e-8)
    assert check_directions(of, lambda _, g: g * claimed, flatten(network), rng) < 1e-8


def test_a_network_learns_two_moons() -> None:
    rng = np.random.default_rng(0)
    x, labels = moons(200, rng, noise=0.1)
    network = draw_network([2, 16, 2], rng, gain=math.sqrt(2))
    training = train(
        network, x, labels, adam(0.05), steps=150, batch=64, rng=rng, activation=Activation(relu, relu_vjp)
    )
    assert len(training.networks) == 151
    assert training.losses.shape == (150,)
    guesses = np.argmax(predict(training.networks[-1], x, activation=Activation(relu, relu_vjp)), axis=-1)
    assert np.mean(guesses == labels) > 0.97


def test_what_cannot_be_trained_is_said() -> None:
    network = draw_network([2, 2], np.random.default_rng(0))
    with pytest.raises(TypeError, match="rng must be a numpy Generator"):
        train(network, [[1.0, 2.0]], [[0, 1]], sgd(0.1), steps=1, batch=1)
    with pytest.raises(ValueError, match=r"the network has 6 numbers, and the vector has shape \(5,\)"):
        unflatten(np.zeros(5), network)


def test_what_is_kept_is_one_and_what_is_not_zero() -> None:
    assert set(np.unique(draw_kept((50,), 0.5, np.random.default_rng(0)))) == {0.0, 1.0}


def test_batch_norm_divides_by_the_root_of_variance_plus_epsilon_then_scales_and_shifts() -> None:
    # Mean 2, variance 1; with epsilon 3 the deviation is 2.
    np.testing.assert_allclose(batch_norm([[1.0], [3.0]], [10], [5], epsilon=3), [[0.0], [10.0]], rtol=1e-14)


def test_without_noise_the_data_lie_on_their_curves() -> None:
    rng = np.random.default_rng(0)
    x, labels = moons(40, rng, noise=0)
    upper, lower = x[labels == 0], x[labels == 1]
    np.testing.assert_allclose(np.hypot(*upper.T), 1)
    assert np.all(upper[:, 1] >= 0)
    np.testing.assert_allclose(np.hypot(*(lower - [1, 0.5]).T), 1)
    assert np.all(lower[:, 1] <= 0.5)
    x, labels = spirals(60, rng, classes=3, turns=0.5, noise=0)
    radius = np.hypot(*x.T)
    assert radius.min() >= 0.1
    assert radius.max() <= 1
    turned = 2 * np.pi * (0.5 * radius + labels / 3)
    np.testing.assert_allclose(
        x, radius[:, np.newaxis] * np.stack([np.cos(turned), np.sin(turned)], axis=-1), atol=1e-12
    )
    # Evenly along the arm: the square of the way from 0.1 to 1 is uniform.
    assert np.mean(((radius - 0.1) / 0.9) ** 2) == pytest.approx(0.5, abs=0.1)
    x, labels = blobs(9, rng, centres=[[0, 0], [5, 1], [2, 2]], spread=0)
    np.testing.assert_array_equal(x, np.array([[0, 0], [5, 1], [2, 2]])[labels])
    x, labels = blobs(4000, rng, centres=[[0, 0]], spread=2.0)
    assert x.std() == pytest.approx(2, rel=0.05)
    x, _ = moons(4000, rng, noise=0.3)
    assert np.hypot(*(x[:2000] - 0).T).std() == pytest.approx(0.3, rel=0.1)


def test_a_new_network_keeps_the_variance_of_what_it_is_given() -> None:
    rng = np.random.default_rng(0)
    network = draw_network([400, 300], rng, gain=1.5)
    assert network[0].weights.std() == pytest.approx(1.5 / math.sqrt(400), rel=0.02)
    assert not np.any(network[0].bias)


def test_a_step_of_training_is_the_step_of_its_optimizer() -> None:
    rng = np.random.default_rng(3)
    network = draw_network([2, 3], rng)
    x, truths = rng.standard_normal((5, 2)), one_hot([0, 1, 2, 0, 1], 3)
    training = train(network, x, truths, sgd(0.1), steps=1)
    value, gradient = loss_and_gradient(network, x, truths)
    np.testing.assert_allclose(flatten(training.networks[1]), flatten(network) - 0.1 * flatten(gradient), rtol=1e-13)
    assert training.losses.tolist() == [value]


def test_a_network_is_drawn_layer_by_layer_and_says_what_its_last_layer_does() -> None:
    network = draw_network([2, 3, 1], np.random.default_rng(0), gain=2)
    draw = np.random.default_rng(0).standard_normal
    (first, _), (last, shift) = network
    np.testing.assert_array_equal(first, 2 * draw((2, 3)) / np.sqrt(2))
    np.testing.assert_array_equal(last, 2 * draw((3, 1)) / np.sqrt(3))
    x = np.array([[1.0, -2.0], [0.5, 0.0]])
    np.testing.assert_allclose(predict(network, x), np.tanh(x @ first) @ last + shift, rtol=1e-15)


@pytest.mark.parametrize("make", [moons, partial(spirals, classes=3)])
def test_noise_is_added_to_the_clean_points(make: Callable[..., tuple[Array, Array]]) -> None:
    rng = np.random.default_rng(5)
    clean, _ = make(9, rng, noise=0.0)
    rng = np.random.default_rng(5)
    rng.random(9)  # where along the arms
    noise = rng.standard_normal((9, 2))
    np.testing.assert_allclose(make(9, np.random.default_rng(5), noise=0.3)[0], clean + 0.3 * noise, rtol=1e-14)


def test_a_blob_is_spread_around_its_centre() -> None:
    points, labels = blobs(4, np.random.default_rng(5), centres=[(1, 2), (3, 4)], spread=0.5)
    assert labels.tolist() == [0, 0, 1, 1]
    spread = 0.5 * np.random.default_rng(5).standard_normal((4, 2))
    np.testing.assert_allclose(points, np.array([[1, 2], [1, 2], [3, 4], [3, 4]]) + spread, rtol=1e-14)
