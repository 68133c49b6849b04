"""What is an array here: numbers in, an array of floats out; and how an elementwise formula is laid over a large one."""

from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Concatenate, ParamSpec, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array: TypeAlias = NDArray[np.floating]
Options = ParamSpec("Options")

BLOCK = 131072  # elements: a block and its temporaries stay in the cache, which halves the time of a million elements.


def as_floating(x: ArrayLike, dtype: np.dtype[np.floating] | None = None) -> Array:
    """Return `x` as an array of floats: of type `dtype`, else of its own type, and float64 for integers and booleans.

    Raises TypeError if `x` holds complex numbers, text or objects.
    """
    array = np.asarray(x)
    if array.dtype.kind not in "fiub":
        message = f"real numbers are needed, but given was {array.dtype.type.__name__}: {array.ravel()[:1].tolist()}"
        raise TypeError(message)
    own = array.dtype if array.dtype.kind == "f" else np.dtype(np.float64)
    return array.astype(dtype or own, copy=False)


def upstream(g: ArrayLike, result: tuple[int, ...], dtype: np.dtype[np.floating]) -> Array:
    """Return the gradient `g` with respect to a result of this shape and type; a number is the same for all its elements."""
    g = as_floating(g, dtype)
    if g.ndim and g.shape != result:
        message = (
            f"g has shape {g.shape}, and the result whose gradient it is has {result}: give that shape, or a number"
        )
        raise ValueError(message)
    return np.broadcast_to(g, result)


def with_upstream(x: ArrayLike, g: ArrayLike) -> tuple[Array, Array]:
    """Return both as arrays of the shape and float type of `x`, for a function that keeps these."""
    x = as_floating(x)
    return x, upstream(g, x.shape, x.dtype)


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
        x, g = with_upstream(x, g)
        return in_blocks(lambda *parts: formula(*parts, *args, **options), x, g)

    return function  # type: ignore[return-value] # also takes its arrays by name, which Concatenate cannot say


def in_blocks(formula: Callable[..., Array], *arrays: Array) -> Array:
    """Return formula(*arrays) for arrays of one shape, computed block by block: a new array of the type of the first."""
    first = arrays[0]
    if first.dtype == np.float16:
        return to_half(in_blocks(formula, *to_single(arrays)))
    if first.size <= BLOCK:
        return np.asarray(formula(*arrays))
    result = np.empty(first.shape, first.dtype)
    for out, *parts in blocks(result, *arrays):
        out[:] = formula(*parts)
    return result


def blocks(*arrays: Array) -> Iterator[tuple[Array, ...]]:
    """Yield arrays of one shape cut in parts of BLOCK elements, in step; each part is a view where it can be."""
    flat = [array.reshape(-1) for array in arrays]
    for start in range(0, flat[0].size, BLOCK):
        yield tuple(array[start : start + BLOCK] for array in flat)


def to_single(arrays: Iterable[Array]) -> Iterator[Array]:
    """Return arrays in single precision, in which half precision is computed: in its own 65504 overflows under way."""
    return (array.astype(np.float32) for array in arrays)


def to_half(array: Array) -> Array:
    """Return an array, or a number of numpy, rounded to half precision; what is too large for it is inf."""
    with np.errstate(over="ignore"):
        return array.astype(np.float16)
