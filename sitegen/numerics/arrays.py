"""What is an array here: numbers in, an array of floats out; and how an elementwise formula is laid over a large one."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array: TypeAlias = NDArray[np.floating]
Options = ParamSpec("Options")

BLOCK = 16384  # elements: a block and its temporaries stay in the cache, which halves the time of a million elements.


def as_floating(x: ArrayLike, dtype: np.dtype[np.floating] | None = None) -> Array:
    """Return `x` as an array of floats: of type `dtype`, else of its own type, and float64 for integers and booleans.

    Raises TypeError if `x` holds complex numbers, text or objects.
    """
    array = np.asarray(x)
    own = array.dtype if np.issubdtype(array.dtype, np.floating) else np.dtype(np.float64)
    return array.astype(dtype or own, casting="same_kind", copy=False)


def elementwise(
    formula: Callable[Concatenate[Array, Options], Array],
) -> Callable[Concatenate[ArrayLike, Options], Array]:
    """Return a function of numbers or arrays of any shape, given a formula for arrays of floats that never overflows.

    The result is new, and has the shape and float type of `x`. Raises TypeError as `as_floating` does.
    """

    @wraps(formula)
    def function(x: ArrayLike, *args: Options.args, **options: Options.kwargs) -> Array:
        x = as_floating(x)
        return in_blocks(lambda *parts: formula(*parts, *args, **options), x)

    return function  # type: ignore[return-value] # also takes its arrays by name, which Concatenate cannot say


def elementwise_vjp(
    formula: Callable[Concatenate[Array, Array, Options], Array],
) -> Callable[Concatenate[ArrayLike, ArrayLike, Options], Array]:
    """Return the same for a formula of `x` and `g`, which is an array of the shape of `x` or a number."""

    @wraps(formula)
    def function(x: ArrayLike, g: ArrayLike, *args: Options.args, **options: Options.kwargs) -> Array:
        x = as_floating(x)
        g = np.broadcast_to(as_floating(g, x.dtype), x.shape)
        return in_blocks(lambda *parts: formula(*parts, *args, **options), x, g)

    return function  # type: ignore[return-value] # also takes its arrays by name, which Concatenate cannot say


def in_blocks(formula: Callable[..., Array], *arrays: Array) -> Array:
    """Return formula(*arrays) for arrays of one shape, computed block by block: a new array of the type of the first."""
    first = arrays[0]
    # Half precision is computed in single and rounded once: in its own arithmetic 65504 overflows under way.
    working = np.float32 if first.dtype == np.float16 else first.dtype
    if first.size <= BLOCK:
        return np.asarray(formula(*(array.astype(working, copy=False) for array in arrays))).astype(
            first.dtype, copy=False
        )
    result = np.empty(first.shape, first.dtype)
    flat, parts = result.reshape(-1), [array.reshape(-1) for array in arrays]
    for start in range(0, first.size, BLOCK):
        block = slice(start, start + BLOCK)
        flat[block] = formula(*(part[block].astype(working, copy=False) for part in parts))
    return result
