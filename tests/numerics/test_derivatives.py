"""Every `*_vjp` of sitegen.numerics, found by looking, against central differences: nothing is registered here.

The name of a parameter says what it may be; DOMAINS is the list of such names.
"""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import sitegen.numerics
from sitegen.numerics import assert_vjp, softmax

Array = NDArray[np.float64]
Function = Callable[..., NDArray[np.floating]]
Shape = tuple[int, ...]

SHAPES: tuple[Shape, ...] = ((), (1,), (4,), (2, 3), (2, 3, 2))
EXTREMES = np.array([[-np.inf, -1e4, -800.0, -40.0], [0.0, 40.0, 800.0, 1e4]])


def away_from(low: float, high: float, rng: np.random.Generator, shape: Shape) -> Array:
    """Return reals of both signs whose absolute value lies between `low` and `high`."""
    return np.asarray(rng.uniform(low, high, shape) * rng.choice([-1.0, 1.0], shape))


def draw_shares(rng: np.random.Generator, shape: Shape, axis: int | None) -> Array:
    """Return numbers in (0, 1), which are distributions along `axis` where there is one."""
    if axis is None:
        return np.asarray(rng.uniform(0.05, 0.95, shape))
    return np.asarray(softmax(rng.standard_normal(shape), axis=axis), dtype=np.float64)


DOMAINS: dict[str, Callable[[np.random.Generator, Shape, int | None], Array]] = {
    # Kinks lie at 0 for x, at a target, in (0, 1), and one away from it for predictions, at -1 and 1 for scores.
    "x": lambda rng, shape, _: away_from(0.1, 3, rng, shape),
    "logits": lambda rng, shape, _: away_from(0.1, 3, rng, shape),
    "predictions": lambda rng, shape, _: away_from(2.1, 3, rng, shape),
    "scores": lambda rng, shape, _: away_from(1.1, 3, rng, shape),
    "probabilities": draw_shares,
    "targets": draw_shares,
    "labels": lambda rng, shape, _: np.asarray(rng.choice([-1.0, 1.0], shape)),
    "kept": lambda rng, shape, _: np.asarray(rng.choice([0.0, 1.0], shape)),
} | dict.fromkeys(
    ("weights", "bias", "scale", "shift", "queries", "keys", "values", "points", "inputs", "truths"),
    lambda rng, shape, _: np.asarray(rng.standard_normal(shape)),
)
SIZES = {"b": 2, "n": 3, "m": 4, "i": 2, "o": 3, "c": 2, "d": 5, "v": 2, "k": 6}  # of the letters in a line "Shapes:"
# Values for every option of this name: a derivative is checked with its defaults, and once with each of these.
OPTIONS: dict[str, Callable[[Shape, int], object]] = {
    "slope": lambda *_: 0.3,
    "alpha": lambda *_: 0.7,
    "temperature": lambda *_: 0.6,
    "delta": lambda *_: 2.5,
    "smoothing": lambda *_: 0.2,
    "positive_weight": lambda *_: 3.0,
    "balance": lambda *_: 0.25,
    "gamma": lambda *_: 1.5,
    "epsilon": lambda *_: 0.1,
    "rate": lambda *_: 0.3,
    "stride": lambda *_: 2,
    "padding": lambda *_: 1,
    "steepness": lambda *_: 3.0,
    "reduction": lambda *_: "none",
    "keepdims": lambda *_: True,
    "weights": lambda shape, axis: np.arange(1.0, 1 + (shape[axis] if shape else 1)),
    "mask": lambda *_: np.array([[1, 1, 0, 1], [0, 0, 0, 0], [1, 0, 0, 0]], dtype=bool),
}


def draw(name: str, function: Function, rng: np.random.Generator, shape: Shape, axis: int | None) -> Array:
    """Return an argument for the parameter `name`, read-only."""
    if name not in DOMAINS:
        pytest.fail(
            f"{function.__name__} has a parameter {name!r}, and what it may be is not known from its name: "
            f"use one of {', '.join(DOMAINS)}, or add the name to DOMAINS in {__file__}"
        )
    value = DOMAINS[name](rng, shape, axis)
    value.flags.writeable = False
    return value


def modules() -> list[ModuleType]:
    """Return the modules of the package, without those whose *_vjp are no derivatives."""
    names = [
        module.name
        for module in pkgutil.iter_modules(sitegen.numerics.__path__)
        if module.name not in {"arrays", "gradcheck", "plots"}
    ]
    return [importlib.import_module(f"sitegen.numerics.{name}") for name in names]


def functions_of(module: ModuleType) -> list[Function]:
    """Return the functions that a module defines, in the order of its lines."""
    own = [f for _, f in inspect.getmembers(module, inspect.isfunction) if f.__module__ == module.__name__]
    return sorted(own, key=lambda f: inspect.unwrap(f).__code__.co_firstlineno)


FUNCTIONS = {f.__name__: f for module in modules() for f in functions_of(module)}
VJPS = {name: f for name, f in FUNCTIONS.items() if name.endswith("_vjp") and not name.startswith("_")}


def shapes_of(function: Function) -> dict[str, Shape] | None:
    """Return the shapes of the arrays that a function takes, and as "" of what it returns, where its docstring says."""
    said = re.search(r"Shapes: (.+?) -> (\([^)]*\))", inspect.getdoc(function) or "")
    if said is None:
        return None
    arrays = dict(re.findall(r"(\w+) (\([^)]*\))", said[1])) | {"": said[2]}
    return {
        name: tuple(SIZES.get(size) or int(size) for size in re.findall(r"\w+", text)) for name, text in arrays.items()
    }


def positional(function: Function) -> list[str]:
    """Return the names of the positional parameters, without g."""
    parameters = inspect.signature(function).parameters.values()
    return [p.name for p in parameters if p.kind is not p.KEYWORD_ONLY and p.name != "g"]


def options(function: Function, shape: Shape, axis: int | None) -> list[dict[str, object]]:
    """Return the keyword arguments to call `function` with: its defaults, then each option once at another value."""
    base: dict[str, object] = {} if axis is None else {"axis": axis}
    chosen = [base]
    for p in inspect.signature(function).parameters.values():
        if p.kind is p.KEYWORD_ONLY and p.name != "axis":
            if p.name not in OPTIONS:
                pytest.fail(
                    f"{function.__name__} has an option {p.name!r}: add the name and a value to OPTIONS in {__file__}"
                )
            chosen.append({**base, p.name: OPTIONS[p.name](shape, -1 if axis is None else axis)})
    return chosen


def arguments(name: str, shape: Shape, axis: int | None) -> list[Array]:
    """Return arguments for the function `name`: all of one shape, or of the shapes that its docstring says."""
    rng = np.random.default_rng(7)
    said = shapes_of(FUNCTIONS[name])
    parameters = positional(FUNCTIONS[name])
    assert said is None or [*said] == [*parameters, ""], f"{name}: its shapes are not those of {parameters}"
    return [draw(p, FUNCTIONS[name], rng, said[p] if said else shape, axis) for p in parameters]


def gradients(vjp: Function, *args: object, **chosen: object) -> tuple[Any, ...]:
    """Return the gradients that a derivative returns, as a tuple also where there is but one."""
    result: object = vjp(*args, **chosen)
    return tuple(result) if isinstance(result, tuple) else (result,)


def cases() -> list[object]:
    """Return every derivative with every shape and, where it has one, every axis of it, counted from either end."""
    found: list[object] = []
    for name, vjp in VJPS.items():
        if shapes_of(FUNCTIONS[name.removesuffix("_vjp")]):
            found.append(pytest.param(name, (), None, id=name))
            continue
        for shape in SHAPES:
            has_axis = "axis" in inspect.signature(vjp).parameters
            axes = [*range(-len(shape), len(shape))] or [-1]
            # The probability of one class is 1, and cannot be moved to either side.
            certain = positional(vjp)[0] == "probabilities"
            for axis in [a for a in axes if not certain or (shape and shape[a] > 1)] if has_axis else [None]:
                label = f"{name}-{'x'.join(map(str, shape)) or 'number'}" + f"-axis{axis}" * has_axis
                found.append(pytest.param(name, shape, axis, id=label))
    return found


def test_the_derivatives_are_found() -> None:
    assert {"softmax_vjp", "hinge_vjp", "attention_vjp", "beale_vjp"} <= set(VJPS)


@pytest.mark.parametrize(("name", "shape", "axis"), cases())
def test_a_derivative_agrees_with_central_differences(name: str, shape: Shape, axis: int | None) -> None:
    vjp, function = VJPS[name], FUNCTIONS[name.removesuffix("_vjp")]
    rng = np.random.default_rng(7)
    given = arguments(function.__name__, shape, axis)
    for chosen in options(vjp, shape, axis):
        returned = len(gradients(vjp, *given, np.ones(np.shape(function(*given, **chosen))), **chosen))
        for i in range(returned):
            before, after = given[:i], given[i + 1 :]
            assert_vjp(
                lambda x: function(*before, x, *after, **chosen),  # noqa: B023 - called here
                lambda x, g: gradients(vjp, *before, x, *after, g, **chosen)[i],  # noqa: B023 - called here
                given[i],
                rng,
            )


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if shapes_of(FUNCTIONS[name])])
def test_the_shapes_are_those_that_the_docstring_says(name: str) -> None:
    said = shapes_of(FUNCTIONS[name])
    assert said is not None
    assert np.shape(FUNCTIONS[name](*arguments(name, (), None))) == said[""]


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.__name__)
def test_a_derivative_stands_directly_under_its_function_and_takes_its_parameters_and_g(module: ModuleType) -> None:
    functions = functions_of(module)
    for above, vjp in zip([None, *functions], functions, strict=False):
        if not vjp.__name__.endswith("_vjp"):
            continue
        assert above is not None, f"{vjp.__name__} stands under no function"
        assert vjp.__name__ == f"{above.__name__}_vjp", f"{vjp.__name__} stands under {above.__name__}"
        own, given = (dict(inspect.signature(f).parameters) for f in (vjp, above))
        assert own.pop("g", None) is not None, f"{vjp.__name__} has no g"
        assert {n: (p.kind, p.default) for n, p in own.items()} == {n: (p.kind, p.default) for n, p in given.items()}, (
            f"{vjp.__name__} and {above.__name__} differ in parameters or defaults"
        )
        assert positional(vjp) == positional(above)


def test_every_derivative_is_exported_with_its_function_and_what_is_exported_is_there() -> None:
    assert set(VJPS) | {name.removesuffix("_vjp") for name in VJPS} <= set(sitegen.numerics.__all__)
    assert len(sitegen.numerics.__all__) == len(set(sitegen.numerics.__all__))
    for module in modules():
        if hasattr(module, "__all__"):
            assert all(getattr(sitegen.numerics, name) is getattr(module, name) for name in module.__all__)


def test_every_activation_and_every_loss_has_a_derivative() -> None:
    numerics = sitegen.numerics
    for module in (
        numerics.functions,
        numerics.gated,
        numerics.distributions,
        numerics.losses,
        numerics.cross_entropies,
        numerics.divergences,
        numerics.focal,
        numerics.contrastive,
    ):
        names = set(module.__all__) - {"softmax_jacobian"}
        assert {name for name in names if name.endswith("_vjp")} == {
            f"{name}_vjp" for name in names if not name.endswith("_vjp")
        }


@pytest.mark.parametrize("name", list(VJPS))
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize(
    ("given", "returned"),
    [("float16", "float16"), ("float32", "float32"), ("float64", "float64"), ("int64", "float64")],
)
def test_floats_keep_their_type_integers_become_float64_and_nothing_is_changed_in_place(
    name: str, shape: Shape, given: str, returned: str
) -> None:
    vjp, function = VJPS[name], FUNCTIONS[name.removesuffix("_vjp")]
    axis = -1 if "axis" in inspect.signature(vjp).parameters else None
    x, *rest = arguments(function.__name__, shape, axis)
    if given == "int64" and axis is not None and shape:  # whole numbers that are a distribution: certainty
        x = np.asarray(x == np.max(x, axis=axis, keepdims=True))
    x = x.astype(given)
    x.flags.writeable = False
    for chosen in options(vjp, shape, axis):
        value = function(x, *rest, **chosen)
        g = np.ones(np.shape(value))
        assert value.dtype == returned
        assert not np.shares_memory(value, x)
        for gradient, argument in zip(gradients(vjp, x, *rest, g, **chosen), [x, *rest], strict=False):
            assert gradient.dtype == returned
            assert isinstance(gradient, np.ndarray)
            assert gradient.shape == argument.shape
            assert not np.shares_memory(gradient, argument)
            assert not np.shares_memory(gradient, g)


@pytest.mark.parametrize("name", [name for name, vjp in VJPS.items() if positional(vjp)[0] in {"x", "logits"}])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_extreme_and_masked_inputs_give_no_nan(name: str, dtype: str) -> None:
    vjp, function = VJPS[name], FUNCTIONS[name.removesuffix("_vjp")]
    if shapes_of(function) or "kept" in positional(vjp):
        return  # sums and products of what is infinite are NaN
    axis = -1 if "axis" in inspect.signature(vjp).parameters else None
    x = EXTREMES.astype(dtype)
    for target in np.eye(4):
        rest = [np.stack([target, target])] * (len(positional(vjp)) - 1)
        for chosen in options(vjp, x.shape, axis):
            value = function(x, *rest, **chosen)
            # A smoothed target expects something even of a masked class.
            assert "smoothing" in chosen or not np.any(np.isnan(value))
            gradient = vjp(x, *rest, np.ones_like(value), **chosen)
            assert np.all(np.isfinite(gradient))


@pytest.mark.parametrize("name", list(FUNCTIONS))
def test_nothing_warns_of_nothing(name: str) -> None:
    function = FUNCTIONS[name]
    if function.__module__.rpartition(".")[2] in {"functions", "gated"} and not name.startswith("_"):
        empty = [np.empty((0, 3))] * (2 if name.endswith("_vjp") else 1)
        assert function(*empty).shape == (0, 3)


def test_an_unknown_parameter_name_fails_with_a_sentence() -> None:
    def f_vjp(angles: Array, g: Array) -> Array:
        return angles * g

    with pytest.raises(pytest.fail.Exception, match="f_vjp has a parameter 'angles', and what it may be is not known"):
        draw("angles", f_vjp, np.random.default_rng(7), (2,), None)


def test_an_unknown_option_fails_with_a_sentence() -> None:
    def f_vjp(x: Array, g: Array, *, angle: float = 1.0) -> Array:
        return x * g * angle

    with pytest.raises(pytest.fail.Exception, match="f_vjp has an option 'angle'"):
        options(f_vjp, (2,), None)
