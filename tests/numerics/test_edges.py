"""Where floats end: large arrays, infinities, NaN, both zeros, the smallest and the largest numbers, and no warning on the way."""

import inspect
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from test_derivatives import FUNCTIONS, VJPS, arguments, shapes_of

import sitegen.numerics as n
from sitegen.numerics import arrays

Array = NDArray[np.float64]

ELEMENTWISE = [*n.functions.__all__, *n.gated.__all__]
ALONG_AN_AXIS = [name for name in VJPS if "axis" in inspect.signature(VJPS[name]).parameters]
OF_ONE_NUMBER = [name for name in ELEMENTWISE if not name.endswith("_vjp")]
EDGES = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 5e-324, -5e-324, 1.7e308, -1.7e308, 2.3e-308, -2.3e-308])
LIMITS: dict[str, tuple[float, float, float, float]] = {
    # At inf and at -inf: the value, and the slope.
    "sigmoid": (1, 0, 0, 0),
    "log_sigmoid": (0, 0, -np.inf, 1),
    "softplus": (np.inf, 1, 0, 0),
    "tanh": (1, 0, -1, 0),
    "relu": (np.inf, 1, 0, 0),
    "leaky_relu": (np.inf, 1, -np.inf, 0.01),
    "elu": (np.inf, 1, -1, 0),
    "selu": (np.inf, n.functions.SELU_SCALE, -n.functions.SELU_SCALE * n.functions.SELU_ALPHA, 0),
    "softsign": (1, 0, -1, 0),
    "hardsigmoid": (1, 0, 0, 0),
    "normal_cdf": (1, 0, 0, 0),
    "gelu": (np.inf, 1, 0, 0),
    "gelu_tanh": (np.inf, 1, 0, 0),
    "silu": (np.inf, 1, 0, 0),
    "mish": (np.inf, 1, 0, 0),
}


@pytest.mark.parametrize("name", OF_ONE_NUMBER)
def test_an_activation_has_its_limits_and_passes_nan_on(name: str) -> None:
    f, vjp = FUNCTIONS[name], VJPS[f"{name}_vjp"]
    at_inf, slope_at_inf, at_minus_inf, slope_at_minus_inf = LIMITS[name]
    assert f([np.inf, -np.inf]).tolist() == [at_inf, at_minus_inf]
    assert vjp([np.inf, -np.inf], 1.0).tolist() == [slope_at_inf, slope_at_minus_inf]
    assert np.isnan(f(np.nan))
    # Where a function bends at once, NaN is taken for a number that is not positive.
    assert np.isnan(vjp(np.nan, 1.0)) or name in {"relu", "leaky_relu", "hardsigmoid"}


@pytest.mark.parametrize("name", OF_ONE_NUMBER)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_an_activation_is_silent_at_both_zeros_and_at_the_ends_of_the_floats(
    name: str, dtype: type[np.floating]
) -> None:
    with np.errstate(over="ignore", under="ignore"):
        x = EDGES.astype(dtype)
    value, slope = FUNCTIONS[name](x), VJPS[f"{name}_vjp"](x, 1.0)
    assert value[0] == value[1]
    assert slope[0] == slope[1]
    assert np.all(np.isfinite(slope[~np.isnan(x)]))


@pytest.mark.parametrize("name", VJPS)
def test_a_large_array_is_the_sum_of_its_parts(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    vjp, f = VJPS[name], FUNCTIONS[name.removesuffix("_vjp")]
    if shapes_of(f):
        return  # a layer, which does not work element by element
    axis = -1 if "axis" in inspect.signature(vjp).parameters else None
    given = arguments(f.__name__, (5, 4), axis)
    value = f(*given)
    gradient = vjp(*given, np.ones_like(value))
    monkeypatch.setattr(arrays, "BLOCK", 3)
    np.testing.assert_allclose(f(*given), value, rtol=1e-14)
    np.testing.assert_array_equal(vjp(*given, np.ones_like(value)), gradient)
    # Seen from the side, so that no block of it is contiguous.
    turned = [np.asfortranarray(array) for array in given]
    np.testing.assert_array_equal(vjp(*turned, np.ones_like(value)), gradient)


@pytest.mark.parametrize("name", ALONG_AN_AXIS)
def test_a_negative_axis_counts_from_the_end_and_a_middle_one_is_as_good_as_the_last(name: str) -> None:
    vjp, f = VJPS[name], FUNCTIONS[name.removesuffix("_vjp")]
    given = arguments(f.__name__, (2, 3, 4), -1)
    moved = [np.moveaxis(array, -1, 1) for array in given]
    chosen: dict[str, Any] = {"reduction": "none"} if "reduction" in inspect.signature(f).parameters else {}
    value = f(*given, axis=-1, **chosen)
    gradient = vjp(*given, np.ones_like(value), axis=-1, **chosen)
    for axis in (1, -2):
        found = f(*moved, axis=axis, **chosen)
        np.testing.assert_allclose(np.moveaxis(found, 1, -1) if found.ndim == 3 else found, value, rtol=1e-14)
        back = vjp(*moved, np.ones_like(found), axis=axis, **chosen)
        np.testing.assert_allclose(np.moveaxis(back, 1, -1), gradient, rtol=1e-14)


def test_lists_are_as_good_as_arrays() -> None:
    for name, vjp in VJPS.items():
        given = arguments(
            name.removesuffix("_vjp"), (2, 3), -1 if "axis" in inspect.signature(vjp).parameters else None
        )
        value = FUNCTIONS[name.removesuffix("_vjp")](*(array.tolist() for array in given))
        np.testing.assert_array_equal(value, FUNCTIONS[name.removesuffix("_vjp")](*given))


def test_a_loss_too_large_for_a_float_is_inf_without_a_warning() -> None:
    for loss in (n.mean_squared_error, n.squared_hinge):
        assert loss([-1e200], [1]) == np.inf
    assert n.mean_absolute_error([1.7e308], [-1.7e308]) == np.inf
    assert n.mean_squared_error([1e308, -1e308], [0, 0], reduction="sum") == np.inf
    half = np.array([300.0], dtype=np.float16)
    assert n.mean_squared_error(half, [0]) == np.inf
    assert n.mean_squared_error(half, [0], reduction="none").dtype == np.float16
    assert np.isnan(n.mean_squared_error([np.inf], [np.inf]))


def test_an_infinite_gradient_does_not_pass_a_unit_that_is_off() -> None:
    assert n.relu_vjp([-1.0, 1.0], [np.inf, np.inf]).tolist() == [0, np.inf]
    assert n.leaky_relu_vjp([-1.0, 1.0], [np.inf, np.inf], slope=0).tolist() == [0, np.inf]
    assert n.hardsigmoid_vjp([-9.0, 1.0], [np.inf, np.inf]).tolist() == [0, np.inf]


def test_a_path_that_diverges_ends_beyond_the_floats_without_a_warning() -> None:
    for surface, gradient in (
        (n.rosenbrock, n.rosenbrock_vjp),
        (n.beale, n.beale_vjp),
        (n.himmelblau, n.himmelblau_vjp),
    ):
        path = n.trajectory(n.sgd(1.0), gradient, [-5.0, 5.0], 30)
        assert not np.any(np.isfinite(path[-1]))
        surface(path)
