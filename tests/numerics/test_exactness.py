"""The numerics are as exact as docs/numerics.md says, and the page speaks of every function."""

import exactness
import numpy as np
import pytest
from exactness import LOSSES, REFERENCES, VECTORS, Row, said
from test_derivatives import VJPS, modules

import sitegen.numerics
from sitegen.numerics import ulp_error

ROWS = [
    *((exactness.elementwise, name) for name in REFERENCES),
    *((exactness.of_pairs, name) for name in LOSSES),
    *((exactness.of_vectors, name) for name in VECTORS),
]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("measure", "name"), ROWS, ids=[name for _, name in ROWS])
def test_a_function_is_as_exact_as_the_page_says(measure: object, name: str, dtype: exactness.Type) -> None:
    assert callable(measure)
    row: Row = measure(name, dtype)
    double = dtype is np.float64
    value, slope = (said()[name, kind][not double] for kind in ("value", "slope"))
    # Half a unit more, because processors differ in the last digit of an exponential.
    assert row.value <= value + 0.5, f"{row.value:.2f} ulp at {row.where}"
    assert row.slope <= slope + 0.5, f"{row.slope:.2f} ulp at {row.slope_where}"
    assert value <= (4 if double else 8)
    assert slope <= 8


def test_every_elementwise_function_and_every_loss_has_a_reference() -> None:
    kinds = {"functions", "gated", "distributions", "losses", "cross_entropies", "divergences", "focal"}
    functions = {name.removesuffix("_vjp") for name, f in VJPS.items() if f.__module__.rpartition(".")[2] in kinds}
    assert functions == {name for _, name in ROWS} == {name for name, _ in said()}


def test_the_page_names_everything_that_is_exported() -> None:
    page = exactness.PAGE.read_text(encoding="utf-8")
    for module in modules():
        public = {name for name in sitegen.numerics.__all__ if getattr(module, name, None) is not None}
        own = {name for name in public if getattr(getattr(module, name), "__module__", "") == module.__name__}
        for name in own:
            if name.islower() and not name.endswith("_vjp"):
                assert name in page or (name.endswith("_from_logits") and name.removesuffix("_from_logits") in page), (
                    name
                )


def test_an_ulp_is_the_spacing_of_the_type_and_infinities_agree_with_themselves() -> None:
    assert ulp_error(1 + 2**-52, 1.0) == 1
    assert ulp_error(np.float32(1 + 2**-23), 1.0) == 1
    assert ulp_error([np.inf, np.nan, 1.0], [np.inf, np.nan, np.inf]).tolist() == [0, 0, np.inf]
    assert ulp_error(np.empty((0, 2)), np.empty((0, 2))).shape == (0, 2)
