"""Values and identities of the activations and the softmax family."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from sitegen.numerics import (
    entropy,
    gelu,
    leaky_relu,
    leaky_relu_vjp,
    log_sigmoid,
    log_softmax,
    logsumexp,
    logsumexp_vjp,
    normal_cdf,
    relu,
    relu_vjp,
    sigmoid,
    sigmoid_vjp,
    softmax,
    softmax_jacobian,
    softmax_vjp,
    softplus,
    tanh,
    tanh_vjp,
)

Array = NDArray[np.float64]

reals = st.floats(-1e4, 1e4)
tables = arrays(np.float64, array_shapes(min_dims=1, max_dims=3, max_side=4), elements=reals)
masked_tables = arrays(np.float64, (3, 4), elements=st.one_of(reals, st.just(-math.inf)))


@pytest.mark.parametrize(
    ("function", "x", "value"),
    [
        # Computed with 60 digits of Python's decimal module.
        (sigmoid, 2.0, 0.8807970779778824),
        (sigmoid, -2.0, 0.11920292202211756),
        (sigmoid, -700.0, 9.85967654375977e-305),
        (log_sigmoid, 2.0, -0.1269280110429725),
        (log_sigmoid, -1000.0, -1000.0),
        (softplus, 2.0, 2.1269280110429727),
        (softplus, -50.0, 1.9287498479639178e-22),
        (softplus, 1000.0, 1000.0),
        (tanh, 0.5, 0.46211715726000976),
        (relu, -3.0, 0.0),
        (relu, 3.0, 3.0),
        (leaky_relu, -3.0, -0.03),
        (leaky_relu, 3.0, 3.0),
    ],
)
def test_a_function_has_its_known_value(function: Callable[[float], Array], x: float, value: float) -> None:
    assert float(function(x)) == pytest.approx(value, rel=1e-14)


def test_softmax_has_its_known_values() -> None:
    np.testing.assert_allclose(softmax([2, 1]), [0.7310585786300049, 0.2689414213699951], rtol=1e-14)
    np.testing.assert_allclose(
        softmax([[1.0, 2.0, 3.0]]), [[0.09003057317038046, 0.24472847105479764, 0.6652409557748219]], rtol=1e-14
    )


def test_logsumexp_and_log_softmax_have_their_known_values() -> None:
    assert float(logsumexp([1, 2, 3])) == pytest.approx(3.40760596444438, rel=1e-14)
    np.testing.assert_allclose(log_softmax([2, 1]), [-0.3132616875182228, -1.3132616875182228], rtol=1e-14)


def test_the_axis_is_the_one_asked_for() -> None:
    x = np.arange(6.0).reshape(2, 3)
    np.testing.assert_allclose(softmax(x, axis=0), softmax(x.T).T)
    np.testing.assert_allclose(log_softmax(x, axis=0), log_softmax(x.T).T)
    np.testing.assert_allclose(logsumexp(x, axis=0), logsumexp(x.T))
    assert logsumexp(x).shape == (2,)
    assert entropy(softmax(x, axis=0), axis=0, keepdims=True).shape == (1, 3)


@pytest.mark.parametrize("function", [softmax, log_softmax, logsumexp])
def test_an_axis_that_x_does_not_have_is_an_error(function: Callable[..., Array]) -> None:
    with pytest.raises(np.exceptions.AxisError):
        function([1.0, 2.0], axis=1)


def test_a_number_alone_is_one_class() -> None:
    assert softmax(3.0) == 1
    assert log_softmax(3.0) == 0
    assert logsumexp(3.0) == 3
    assert logsumexp(3.0, keepdims=True).shape == entropy(1.0, keepdims=True).shape == ()


@given(masked_tables)
def test_softmax_is_a_distribution(x: Array) -> None:
    p = softmax(x)
    assert np.all((p >= 0) & (p <= 1))
    np.testing.assert_allclose(p.sum(axis=-1), 1, rtol=1e-14)


@given(tables, reals)
def test_a_shift_of_all_logits_changes_no_probability(x: Array, shift: float) -> None:
    np.testing.assert_allclose(softmax(x + shift), softmax(x), rtol=1e-10, atol=1e-300)
    np.testing.assert_allclose(logsumexp(x + shift), logsumexp(x) + shift, rtol=1e-12, atol=1e-10)


@given(tables)
def test_the_exponential_of_log_softmax_is_softmax(x: Array) -> None:
    np.testing.assert_allclose(np.exp(log_softmax(x)), softmax(x), rtol=1e-10, atol=1e-300)


@given(tables)
def test_a_logit_minus_logsumexp_is_log_softmax(x: Array) -> None:
    for axis in range(x.ndim):
        rest = x - logsumexp(x, axis=axis, keepdims=True)
        np.testing.assert_allclose(rest, log_softmax(x, axis=axis), rtol=1e-12, atol=1e-10)


@given(tables)
def test_the_gradient_of_softmax_sums_to_zero(x: Array) -> None:
    assert np.all(np.abs(softmax_vjp(x, np.cos(np.arange(x.size).reshape(x.shape))).sum(axis=-1)) < 1e-14)


@given(masked_tables)
def test_a_masked_class_has_probability_zero_unless_all_are_masked(x: Array) -> None:
    masked = np.isneginf(x) & ~np.all(np.isneginf(x), axis=-1, keepdims=True)
    assert np.all(softmax(x)[masked] == 0)
    assert np.all(np.isneginf(log_softmax(x)[masked]))


def test_equal_logits_share_equally_even_infinite_ones() -> None:
    assert softmax([-np.inf, -np.inf]).tolist() == [0.5, 0.5]
    assert softmax([np.inf, 0, np.inf]).tolist() == [0.5, 0, 0.5]
    assert logsumexp([-np.inf, -np.inf]) == -np.inf
    assert logsumexp([np.inf, 0.0]) == np.inf
    assert logsumexp_vjp([np.inf, 0.0], 1.0).tolist() == [1, 0]


def test_nan_is_passed_on() -> None:
    for function in (sigmoid, log_sigmoid, softplus, tanh, relu, leaky_relu, softmax, log_softmax, logsumexp):
        assert np.all(np.isnan(function([np.nan, np.nan]))), function.__name__


@given(reals)
def test_sigmoid_of_both_signs_sums_to_one(x: float) -> None:
    assert float(sigmoid(x) + sigmoid(-x)) == pytest.approx(1, rel=1e-15)


@given(reals)
def test_softplus_is_the_softmax_family_of_two_classes(x: float) -> None:
    assert float(softplus(x)) == pytest.approx(float(logsumexp([x, 0.0])), rel=1e-12, abs=1e-15)
    assert float(log_sigmoid(x)) == -float(softplus(-x))


@given(st.floats(-300, 300))
def test_tanh_is_a_stretched_sigmoid(x: float) -> None:
    assert float(tanh(x)) == pytest.approx(float(2 * sigmoid(2 * x) - 1), abs=1e-15)


def test_saturated_derivatives_are_small_and_not_zero() -> None:
    # sech(30)^2 = 4 exp(-60) to double precision; 1 - tanh(30)^2 would be 0.
    assert float(tanh_vjp(30.0, 1.0)) == pytest.approx(4 * math.exp(-60), rel=1e-14)
    assert float(sigmoid_vjp(40.0, 1.0)) == pytest.approx(math.exp(-40), rel=1e-14)


def test_the_derivative_of_relu_at_its_kink_is_zero() -> None:
    assert relu_vjp([-1.0, 0.0, -0.0, 1.0], [5.0] * 4).tolist() == [0, 0, 0, 5]


def test_the_derivative_of_leaky_relu_at_its_kink_is_the_slope() -> None:
    assert leaky_relu_vjp([-1.0, 0.0, 1.0], [5.0] * 3, slope=0.1).tolist() == [0.5, 0.5, 5]


def test_a_numpy_float_as_slope_does_not_widen_float32() -> None:
    assert leaky_relu(np.array([-1], dtype=np.float32), slope=np.float64(0.1)).dtype == np.float32


@pytest.mark.parametrize("x", [[1j], ["a"], [None]])
def test_what_is_not_real_is_a_type_error(x: object) -> None:
    with pytest.raises(TypeError):
        sigmoid(x)  # type: ignore[arg-type]


def test_the_jacobian_of_softmax_is_that_of_its_derivative_row_by_row() -> None:
    x = np.array([[0.3, -1.2, 2.0], [0.0, 1.0, -2.0]])
    for temperature in (1.0, 0.4):
        claimed = softmax_jacobian(x, temperature=temperature)
        for row, z in zip(claimed, x, strict=True):
            by_rows = [softmax_vjp(z, e, temperature=temperature) for e in np.eye(3)]
            np.testing.assert_allclose(row, by_rows, rtol=1e-13, atol=1e-16)
            np.testing.assert_allclose(row.sum(axis=-1), 0, atol=1e-16)
    assert softmax_jacobian([0.0, 0.0]).tolist() == [[0.25, -0.25], [-0.25, 0.25]]


@pytest.mark.parametrize(
    ("x", "tail"),
    # With 40 digits of mpmath. To round x^2 would cost 240 units in the last place at -35.1.
    [(-8.25, 7.919726314642477341e-17), (-32.8, 2.9440539964066835932e-236), (-35.1, 3.3703796826849876216e-270)],
)
def test_the_tail_of_the_normal_distribution_keeps_its_digits(x: float, tail: float) -> None:
    assert float(normal_cdf(x)) == pytest.approx(tail, rel=2e-15)
    assert float(gelu(x)) == pytest.approx(x * tail, rel=2e-15)


@pytest.mark.parametrize("function", [normal_cdf, gelu])
def test_the_tail_in_single_precision_has_lost_no_more_than_eight_units_although_its_condition_would_allow_more(
    function: Callable[[object], Array],
) -> None:
    x = np.linspace(-12.5, -0.01, 5001).astype(np.float32)
    exact = function(x.astype(np.float64))
    assert np.all(np.abs(function(x) - exact) <= 8 * 2.0**-23 * np.abs(exact))
