"""Surfaces: their minima, their level sets; and every drawing, by what it puts on its axes."""

from collections.abc import Callable, Iterator
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from numpy.typing import NDArray

from sitegen.numerics import (
    adam,
    beale,
    beale_vjp,
    entropy,
    gelu,
    gelu_vjp,
    grid,
    himmelblau,
    himmelblau_vjp,
    moons,
    paraboloid,
    paraboloid_vjp,
    ravine,
    ravine_vjp,
    rosenbrock,
    rosenbrock_vjp,
    saddle,
    saddle_vjp,
    trace_level,
    trajectory,
    two_weights,
    two_weights_vjp,
)
from sitegen.numerics.plots import activation, decision_boundary, levels, simplex, surface

Array = NDArray[np.floating]


def legend_of(ax: Any) -> list[str]:
    """Return the texts of a legend."""
    return [text.get_text() for text in ax.get_legend().get_texts()]


@pytest.fixture(autouse=True)
def _nothing_is_shown() -> Iterator[None]:
    mpl.use("agg")
    yield
    plt.close("all")


@pytest.mark.parametrize(
    ("height", "gradient", "minimum"),
    [
        (paraboloid, paraboloid_vjp, (0, 0)),
        (ravine, ravine_vjp, (0, 0)),
        (rosenbrock, rosenbrock_vjp, (1, 1)),
        (beale, beale_vjp, (3, 0.5)),
        (himmelblau, himmelblau_vjp, (3, 2)),
    ],
)
def test_a_surface_is_zero_and_flat_at_its_minimum(
    height: Callable[..., Array], gradient: Callable[..., Array], minimum: tuple[float, float]
) -> None:
    assert height(minimum) == 0
    assert gradient(minimum).tolist() == [0, 0]


def test_a_saddle_is_flat_and_no_minimum() -> None:
    assert saddle_vjp([0, 0]).tolist() == [0, 0]
    assert saddle([0.0, 1.0]) < saddle([0.0, 0.0]) < saddle([1.0, 0.0])


def test_two_weights_of_the_other_sign_are_the_same_network() -> None:
    x = np.linspace(-2, 2, 9)
    w = np.array([[0.7, -1.2], [-0.7, 1.2]])
    same = two_weights(w, x, np.sin(x))
    assert same[0] == same[1]
    np.testing.assert_array_equal(two_weights_vjp(w, x, np.sin(x))[0], -two_weights_vjp(w, x, np.sin(x))[1])


def test_a_traced_level_set_stays_on_its_level_and_a_circle_closes() -> None:
    path = trace_level(paraboloid, paraboloid_vjp, [1.0, 0.0], length=0.05, steps=126)
    np.testing.assert_allclose(paraboloid(path), 1, rtol=1e-9)
    assert np.linalg.norm(path[-1] - path[0]) < 0.05
    np.testing.assert_allclose(rosenbrock(trace_level(rosenbrock, rosenbrock_vjp, [0.0, 0.5])), 26, rtol=1e-4)
    with pytest.raises(ValueError, match="has no direction"):
        trace_level(paraboloid, paraboloid_vjp, [0.0, 0.0])


def test_points_that_are_no_pairs_are_refused() -> None:
    with pytest.raises(ValueError, match=r"points must have shape \(\.\.\., 2\), but have \(3,\)"):
        rosenbrock([1.0, 2.0, 3.0])


def test_level_sets_show_their_paths_by_name() -> None:
    path = trajectory(adam(0.1), rosenbrock_vjp, [-1.0, 1.0], 20)
    ax = levels(plt.gca(), rosenbrock, (-2, 2), (-1, 3), paths=[path], names=["Adam"], log=True)
    assert legend_of(ax) == ["Adam"]
    np.testing.assert_array_equal(ax.lines[0].get_xydata(), path)


def test_a_surface_is_drawn_with_the_path_on_it() -> None:
    ax = surface(plt.subplot(projection="3d"), ravine, (-2, 2), (-1, 1), path=[[1.0, 0.5], [0.5, 0.2]], top=3)
    assert len(ax.collections) == 1
    assert ax.lines[0].get_data_3d()[0].tolist() == [1, 0.5]


def test_a_decision_boundary_takes_one_score_or_one_for_each_class() -> None:
    x, labels = moons(40, np.random.default_rng(1))
    for predict in (lambda points: points[:, 1] - 0.2, lambda points: points @ np.array([[0.0, 0.0], [1.0, -1.0]])):
        ax = decision_boundary(plt.figure().gca(), predict, x, labels)
        assert [np.size(line.get_xdata()) for line in ax.lines] == [20, 20]


def test_an_activation_is_drawn_with_its_derivative() -> None:
    ax = activation(plt.gca(), gelu, gelu_vjp, x=(-3, 3))
    assert legend_of(ax) == ["gelu(x)", "its derivative"]
    np.testing.assert_array_equal(ax.lines[2].get_ydata(), gelu_vjp(np.linspace(-3, 3, 501), 1.0))


def test_the_corners_of_a_simplex_are_the_sure_things() -> None:
    ax = simplex(plt.gca(), field=entropy, points=np.eye(3), names=["a", "b", "c"])
    assert np.asarray(ax.lines[1].get_xdata()).tolist() == [0, 1, 0.5]
    assert [text.get_text() for text in ax.texts] == ["a", "b", "c"]


def test_a_level_set_is_walked_with_the_height_to_the_right() -> None:
    # The gradient is turned to the left: from (1, 0), where it points to the right, the circle is walked upwards.
    assert trace_level(paraboloid, paraboloid_vjp, [1.0, 0.0], steps=1)[1, 1] > 0


def test_a_grid_is_of_the_rectangle_and_of_what_the_surface_is_there() -> None:
    across, up, heights = grid(ravine, (-1, 2), (0, 4), points=4)
    assert across[0].tolist() == [-1, 0, 1, 2]
    assert up[:, 0].tolist() == [0, 4 / 3, 8 / 3, 4]
    np.testing.assert_array_equal(heights, ravine(np.stack([across, up], axis=-1)))
