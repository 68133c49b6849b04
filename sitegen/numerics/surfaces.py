"""Surfaces over the plane, for optimizers to walk on: points in, heights out, each surface above its derivative.

`points` has shape (..., 2), the last axis holding the two coordinates; heights have shape (...). Every surface but the
saddle has a minimum of 0. Far out heights and slopes are inf, or NaN where two infinities meet, without a warning: a path
that diverges comes to that.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from sitegen.numerics.arguments import check_shapes, whole
from sitegen.numerics.arrays import Array, as_floating, upstream

__all__ = [
    "beale", "beale_vjp", "grid", "himmelblau", "himmelblau_vjp", "paraboloid", "paraboloid_vjp", "ravine",
    "ravine_vjp", "rosenbrock", "rosenbrock_vjp", "saddle", "saddle_vjp", "trace_level", "two_weights",
    "two_weights_vjp",
]  # fmt: skip


FAR_OUT = np.errstate(over="ignore", invalid="ignore")


@FAR_OUT
def paraboloid(points: ArrayLike) -> Array:
    """Return x^2 + y^2, whose level sets are circles.

    Shapes: points (n, 2) -> (n).
    """
    x, y = _coordinates(points)
    return np.asarray(x * x + y * y)


@FAR_OUT
def paraboloid_vjp(points: ArrayLike, g: ArrayLike = 1.0) -> Array:
    """Return g * (2 x, 2 y)."""
    x, y = _coordinates(points)
    return _gradient(g, 2 * x, 2 * y)


@FAR_OUT
def ravine(points: ArrayLike, *, steepness: float = 10.0) -> Array:
    """Return (x^2 + steepness * y^2) / 2: an ellipse for a level set, and the condition number is `steepness`.

    Shapes: points (n, 2) -> (n). B. Polyak, Some methods of speeding up the convergence of iteration methods, 1964.
    """
    x, y = _coordinates(points)
    return np.asarray(0.5 * (x * x + float(steepness) * y * y))


@FAR_OUT
def ravine_vjp(points: ArrayLike, g: ArrayLike = 1.0, *, steepness: float = 10.0) -> Array:
    """Return g * (x, steepness * y)."""
    x, y = _coordinates(points)
    return _gradient(g, x, float(steepness) * y)


@FAR_OUT
def saddle(points: ArrayLike) -> Array:
    """Return x^2 - y^2, which is flat at 0 and has no minimum.

    Shapes: points (n, 2) -> (n). Y. Dauphin et al., Identifying and attacking the saddle point problem in
    high-dimensional non-convex optimization, NIPS 2014.
    """
    x, y = _coordinates(points)
    return np.asarray((x - y) * (x + y))


@FAR_OUT
def saddle_vjp(points: ArrayLike, g: ArrayLike = 1.0) -> Array:
    """Return g * (2 x, -2 y)."""
    x, y = _coordinates(points)
    return _gradient(g, 2 * x, -2 * y)


@FAR_OUT
def rosenbrock(points: ArrayLike) -> Array:
    """Return (1 - x)^2 + 100 (y - x^2)^2, a curved valley with its minimum at (1, 1).

    Shapes: points (n, 2) -> (n). H. Rosenbrock, An automatic method for finding the greatest or least value of a
    function, The Computer Journal 3(3), 1960.
    """
    x, y = _coordinates(points)
    return np.asarray(np.square(1 - x) + 100 * np.square(y - x * x))


@FAR_OUT
def rosenbrock_vjp(points: ArrayLike, g: ArrayLike = 1.0) -> Array:
    """Return g * (-2 (1 - x) - 400 x (y - x^2), 200 (y - x^2))."""
    x, y = _coordinates(points)
    rest = y - x * x
    return _gradient(g, -2 * (1 - x) - 400 * x * rest, 200 * rest)


@FAR_OUT
def beale(points: ArrayLike) -> Array:
    """Return (1.5 - x + x y)^2 + (2.25 - x + x y^2)^2 + (2.625 - x + x y^3)^2, flat, with its minimum at (3, 0.5).

    Shapes: points (n, 2) -> (n). E. Beale, On an iterative method for finding a local minimum of a function of more
    than one variable, 1958.
    """
    x, y = _coordinates(points)
    terms = [np.square(c - x * (1 - y**power)) for power, c in _BEALE]
    return np.asarray(sum(terms[1:], terms[0]))


@FAR_OUT
def beale_vjp(points: ArrayLike, g: ArrayLike = 1.0) -> Array:
    """Return g * the sums of 2 r (y^k - 1) and 2 r k x y^(k - 1) over the residuals r of k = 1, 2, 3."""
    x, y = _coordinates(points)
    to_x, to_y = np.zeros_like(x), np.zeros_like(y)
    for power, c in _BEALE:
        r = 2 * (c - x * (1 - y**power))
        to_x = to_x - r * (1 - y**power)
        to_y = to_y + r * power * x * y ** (power - 1)
    return _gradient(g, to_x, to_y)


@FAR_OUT
def himmelblau(points: ArrayLike) -> Array:
    """Return (x^2 + y - 11)^2 + (x + y^2 - 7)^2, with four minima of 0, one of them at (3, 2).

    Shapes: points (n, 2) -> (n). D. Himmelblau, Applied Nonlinear Programming, 1972.
    """
    x, y = _coordinates(points)
    return np.asarray(np.square(x * x + y - 11) + np.square(x + y * y - 7))


@FAR_OUT
def himmelblau_vjp(points: ArrayLike, g: ArrayLike = 1.0) -> Array:
    """Return g * (4 x a + 2 b, 2 a + 4 y b) with a = x^2 + y - 11 and b = x + y^2 - 7."""
    x, y = _coordinates(points)
    a, b = x * x + y - 11, x + y * y - 7
    return _gradient(g, 4 * x * a + 2 * b, 2 * a + 4 * y * b)


@FAR_OUT
def two_weights(points: ArrayLike, inputs: ArrayLike, truths: ArrayLike) -> Array:
    """Return the mean squared error of the network v tanh(w x), two weights in a row, for each (w, v) in `points`.

    Shapes: points (n, 2), inputs (k), truths (k) -> (n). mean((v tanh(w x) - t)^2). It does not change when both weights
    change their sign, so every minimum but (0, 0) has a twin, and between the two stands a saddle.
    """
    w, v = _coordinates(points)
    x, t = _examples(inputs, truths, w.dtype)
    return np.asarray(np.mean(np.square(v[..., np.newaxis] * np.tanh(w[..., np.newaxis] * x) - t), axis=-1))


@FAR_OUT
def two_weights_vjp(points: ArrayLike, inputs: ArrayLike, truths: ArrayLike, g: ArrayLike = 1.0) -> Array:
    """Return g * (mean(2 r v x (1 - h^2)), mean(2 r h)) with h = tanh(w x) and the residual r = v h - t."""
    w, v = (c[..., np.newaxis] for c in _coordinates(points))
    x, t = _examples(inputs, truths, w.dtype)
    h = np.tanh(w * x)
    r = 2 * (v * h - t)
    return _gradient(g, np.mean(r * v * x * (1 - h * h), axis=-1), np.mean(r * h, axis=-1))


def grid(
    surface: Callable[[Array], ArrayLike], x: tuple[float, float], y: tuple[float, float], *, points: int = 101
) -> tuple[Array, Array, Array]:
    """Return (X, Y, Z), each of shape (points, points): a surface over a rectangle, as matplotlib takes it."""
    sides = (np.linspace(*side, whole(1, points=points)) for side in (x, y))
    X, Y = np.meshgrid(*sides)  # noqa: N806 - matrices
    return X, Y, as_floating(surface(np.stack([X, Y], axis=-1)))


def trace_level(
    surface: Callable[[Array], ArrayLike],
    gradient: Callable[[Array], ArrayLike],
    start: ArrayLike,
    *,
    length: float = 0.05,
    steps: int = 200,
) -> Array:
    """Return points of the level set of a surface through `start`, about `length` apart: shape (steps + 1, 2).

    A step along the tangent, which is the gradient turned by a right angle, then two of Newton's steps along the
    gradient back to the level. E. Allgower and K. Georg, Numerical Continuation Methods, 1990, chapter 2.
    Raises ValueError where the gradient is zero: a level set has no direction there.
    """
    point = as_floating(start)
    level = float(np.asarray(surface(point)))
    path = [point]
    for _ in range(whole(0, steps=steps)):
        slope = _nonzero(gradient(point), point)
        point = point + length * np.array([-slope[1], slope[0]]) / np.linalg.norm(slope)
        for _ in range(2):
            slope = _nonzero(gradient(point), point)
            point = point - (float(np.asarray(surface(point))) - level) * slope / float(slope @ slope)
        path.append(point)
    return np.stack(path)


_BEALE = ((1, 1.5), (2, 2.25), (3, 2.625))


def _nonzero(slope: ArrayLike, point: Array) -> Array:
    slope = np.asarray(slope, dtype=np.float64)
    if not np.any(slope):
        message = f"the gradient is zero at {point}, and a level set has no direction there"
        raise ValueError(message)
    return slope


def _coordinates(points: ArrayLike) -> tuple[Array, Array]:
    points = as_floating(points)
    if points.shape[-1:] != (2,):
        message = f"points must have shape (..., 2), but have {points.shape}"
        raise ValueError(message)
    return points[..., 0], points[..., 1]


def _gradient(g: ArrayLike, to_x: Array, to_y: Array) -> Array:
    gradient = np.stack([to_x, to_y], axis=-1)
    gradient *= upstream(g, to_x.shape, gradient.dtype)[..., np.newaxis]
    return gradient


def _examples(inputs: ArrayLike, truths: ArrayLike, dtype: np.dtype[np.floating]) -> tuple[Array, Array]:
    x, t = as_floating(inputs, dtype), as_floating(truths, dtype)
    check_shapes("inputs (k), truths (k)", x, t)
    if not x.size:
        message = "there are no inputs, and the mean of nothing is undefined"
        raise ValueError(message)
    return x, t
