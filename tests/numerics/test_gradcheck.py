"""The checker: what it measures, what it lets pass and how it complains."""

from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from sitegen.numerics import (
    assert_gradient,
    assert_vjp,
    check_directions,
    check_gradient,
    check_jacobian,
    check_vjp,
    find_kinks,
    jacobian,
    numerical_jacobian,
    numerical_vjp,
)

Array = NDArray[np.float64]

matrix = np.array([[1.0, 2.0], [3.0, -4.0], [0.5, 6.0]])
tables = arrays(np.float64, array_shapes(min_dims=0, max_dims=3, max_side=3), elements=st.floats(-5, 5))


def energy(x: Array) -> np.floating:
    return np.sum(x**3) / 3


def test_the_differences_of_a_linear_map_are_its_transpose() -> None:
    g = np.array([1.0, -1.0, 2.0])
    np.testing.assert_allclose(numerical_vjp(lambda x: matrix @ x, [0.3, 0.7], g), matrix.T @ g, rtol=1e-9)


@given(tables)
def test_a_right_gradient_has_a_small_error_in_every_shape(x: Array) -> None:
    assert check_gradient(energy, np.square, x) < 1e-6


def test_a_right_vjp_has_a_small_error() -> None:
    rng = np.random.default_rng(3)
    assert check_vjp(lambda x: matrix @ x, lambda _, g: matrix.T @ g, [0.3, 0.7], rng) < 1e-9
    assert_vjp(lambda x: matrix @ x, lambda _, g: matrix.T @ g, [0.3, 0.7], rng)


def test_the_error_is_relative_above_one_and_absolute_below() -> None:
    assert check_gradient(energy, lambda x: 1.1 * x**2, [100.0]) == pytest.approx(0.1 / 1.1)
    assert check_gradient(energy, lambda x: 1.1 * x**2, [0.1]) == pytest.approx(0.001)


def test_a_wrong_gradient_fails_and_names_the_entry() -> None:
    def wrong(x: Array) -> Array:
        gradient = x**2
        gradient[1, 0] *= -1
        return gradient

    with pytest.raises(
        AssertionError,
        match=r"the gradient is wrong at index 1, 0: it says -9, central differences say 9(\.0+\d)? \(error 2.0e\+00, ",
    ):
        assert_gradient(energy, wrong, [[1.0, 2.0], [3.0, 4.0]])


def test_a_wrong_vjp_fails_and_a_number_has_no_index() -> None:
    with pytest.raises(AssertionError, match="the gradient is wrong at x: it says"):
        assert_vjp(np.sin, lambda x, g: -g * np.cos(x), 0.5, np.random.default_rng(3))


def test_a_gradient_of_nan_fails() -> None:
    with pytest.raises(AssertionError, match="it says nan"):
        assert_gradient(energy, lambda x: np.where(x > 1, np.nan, x**2), [1.0, 2.0])


def test_the_tolerance_is_the_callers() -> None:
    assert_gradient(energy, lambda x: 1.01 * x**2, [1.0], tolerance=0.02)
    with pytest.raises(AssertionError, match=r"tolerance 1.0e-03"):
        assert_gradient(energy, lambda x: 1.01 * x**2, [1.0], tolerance=1e-3)


def test_the_step_grows_with_x() -> None:
    # A step of 6e-6 at 1e12 would be lost in the rounding of x, 1e-4.
    np.testing.assert_allclose(numerical_vjp(lambda x: x**2, 1e12), 2e12, rtol=1e-9)


def test_the_step_along_a_direction_grows_with_x() -> None:
    x = np.array([1e9, 2e9])
    rng = np.random.default_rng(3)
    assert check_directions(np.square, lambda x, g: 2 * x * g, x, rng) < 1e-9


def test_a_kink_is_found_where_the_slope_jumps_however_little() -> None:
    x = np.array([[-1.0, 0.0], [2.0, 1e-7]])
    kinks = [[False, True], [False, True]]
    assert find_kinks(lambda x: np.maximum(x, 0), x).tolist() == kinks
    assert find_kinks(lambda x: x + 0.001 * np.abs(x), x).tolist() == kinks
    assert find_kinks(lambda x: np.abs(x - 1e12), [1e12, 1.0]).tolist() == [True, False]


def test_a_curve_has_no_kink_however_bent_and_neither_has_a_line() -> None:
    x = np.array([-1.0, 0.0, 2.0])
    assert not find_kinks(lambda x: 1000 * x**2 + x**3, x).any()
    assert not find_kinks(lambda x: 7 * x - 3, x).any()
    assert not find_kinks(np.sin, x).any()


def test_entries_with_a_kink_may_be_left_out() -> None:
    def slope(x: Array, g: Array) -> Array:
        return g * (x > 0)

    x, rng = np.array([-1.0, 0.0, 2.0]), np.random.default_rng(3)
    assert check_vjp(lambda x: np.maximum(x, 0), slope, x, rng) > 0.01
    assert check_vjp(lambda x: np.maximum(x, 0), slope, x, rng, skip_kinks=True) < 1e-9


def test_a_gradient_that_would_broadcast_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"the gradient has shape \(1,\) and x has \(2,\)"):
        check_gradient(np.sum, lambda _: [1.0], [1.0, 2.0])


def test_a_gradient_of_several_numbers_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"f must return one number, and returned shape \(2,\); use check_vjp"):
        check_gradient(np.sin, np.cos, [1.0, 2.0])


def test_an_empty_x_has_no_error() -> None:
    assert check_gradient(energy, np.square, []) == 0


def test_functions_that_work_in_place_do_not_disturb_the_check() -> None:
    def energy_in_place(x: Array) -> np.floating:
        x **= 3
        return np.sum(x) / 3

    def gradient_in_place(x: Array) -> Array:
        x **= 2
        return x

    x = np.array([1.0, 2.0])
    assert check_gradient(energy_in_place, gradient_in_place, x) < 1e-9
    assert x.tolist() == [1, 2]


def test_integers_and_float32_are_checked_in_float64() -> None:
    assert check_gradient(energy, np.square, [1, 2]) < 1e-9
    assert check_gradient(energy, np.square, np.array([1, 2], dtype=np.float32)) < 1e-9


@pytest.mark.parametrize("method", ["central", "complex"])
def test_the_jacobian_of_a_linear_map_is_its_matrix(method: Literal["central", "complex"]) -> None:
    found = numerical_jacobian(lambda x: matrix @ x, [0.3, -2.0], method=method)
    np.testing.assert_allclose(found, matrix, rtol=1e-9)
    np.testing.assert_array_equal(jacobian(lambda x: matrix @ x, lambda _, g: matrix.T @ g, [0.3, -2.0]), matrix)


def test_an_error_is_told_to_its_digits() -> None:
    """The difference, relative to the larger of what was claimed and what was measured, or to 1."""
    x = np.array([1.0, 2.0])
    assert check_jacobian(np.square, lambda x: np.diag(2 * x + 0.5), x) == pytest.approx(0.5 / 2.5, rel=1e-8)
    assert check_gradient(lambda x: np.sum(x**2), lambda x: 2 * x + 0.5, x) == pytest.approx(0.5 / 2.5, rel=1e-8)
    rng = np.random.default_rng(0)
    assert check_vjp(lambda x: 1000 * x, lambda _, g: 1500 * g, x, rng) == pytest.approx(1 / 3, rel=1e-8)
    assert check_directions(lambda x: 1000 * x, lambda _, g: 1500 * g, x, rng) == pytest.approx(1 / 3, rel=1e-8)
