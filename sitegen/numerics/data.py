"""Toy data sets: how many points, how noisy and a random generator in; points of the plane and their classes out.

Each returns `(x, labels)`: x of shape (n, 2), floats; labels of shape (n,), integers from 0. Classes follow one another
in order, and are of equal size to within one. Raises ValueError if a number of points or classes, or a deviation, is negative.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sitegen.numerics.arguments import generator, whole, within
from sitegen.numerics.arrays import Array, as_floating

__all__ = [
    "blobs", "moons", "one_hot", "spirals",
]  # fmt: skip

Labels = NDArray[np.intp]


def moons(n: int, rng: np.random.Generator, *, noise: float = 0.1) -> tuple[Array, Labels]:
    """Return two half circles of radius 1 that reach into one another, with normal noise of deviation `noise`.

    F. Pedregosa et al., Scikit-learn: machine learning in Python, JMLR 12, 2011 (make_moons).
    """
    labels = _labels(n, 2)
    angle = np.pi * generator(rng).random(n)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    x = np.where(labels[:, np.newaxis] == 0, upper, [1, 0.5] - upper)
    return x + within("[0, inf)", noise=noise) * rng.standard_normal(x.shape), labels


def spirals(
    n: int, rng: np.random.Generator, *, classes: int = 2, turns: float = 1.0, noise: float = 0.05
) -> tuple[Array, Labels]:
    """Return the arms of a spiral, one a class, from radius 0.1 to 1, with normal noise of deviation `noise`.

    K. Lang and M. Witbrock, Learning to tell two spirals apart, 1988.
    """
    labels = _labels(n, whole(1, classes=classes))
    # The square root spreads the points evenly along an arm, which grows in length as its radius does.
    radius = 0.1 + 0.9 * np.sqrt(generator(rng).random(n))
    angle = 2 * np.pi * (turns * radius + labels / classes)
    x = radius[:, np.newaxis] * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    return x + within("[0, inf)", noise=noise) * rng.standard_normal(x.shape), labels


def blobs(
    n: int, rng: np.random.Generator, *, centres: ArrayLike = ((-2, 0), (2, 0), (0, 3)), spread: float = 1.0
) -> tuple[Array, Labels]:
    """Return a normal cloud of deviation `spread` around each of `centres`, shape (classes, 2)."""
    centres = as_floating(centres)
    if centres.ndim != 2 or centres.shape[1] != 2 or not len(centres):
        message = f"centres must have shape (classes, 2), but have {centres.shape}"
        raise ValueError(message)
    labels = _labels(n, len(centres))
    return centres[labels] + within("[0, inf)", spread=spread) * generator(rng).standard_normal((n, 2)), labels


def one_hot(labels: ArrayLike, classes: int) -> Array:
    """Return a row for each label, with a 1 at its place and 0 elsewhere: shape (*labels.shape, classes).

    Raises ValueError if a label is no integer in [0, classes).
    """
    array, classes = np.asarray(labels), whole(1, classes=classes)
    rows = np.zeros((*array.shape, classes))
    if not array.size:
        return rows
    wrong = array if array.dtype.kind not in "iu" else array[(array < 0) | (array >= classes)]
    if wrong.size:
        message = f"labels must be integers from 0 to {classes - 1}, but one is {wrong.flat[0]}"
        raise ValueError(message)
    np.put_along_axis(rows, array[..., np.newaxis], 1, axis=-1)
    return rows


def _labels(n: int, classes: int) -> Labels:
    return np.arange(whole(0, n=n)) * classes // max(n, 1)
