"""Claims: what holds, by how much, and what is told of what does not; the sentences for authors are in tests/errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from sitegen.model import Claim
from sitegen.running.claims import claim, claim_close, claim_gradient

if TYPE_CHECKING:
    from collections.abc import Callable

    from running.conftest import Blog

ONES = np.ones((3, 4))


class Proposition:
    """Like SymPy's `true`: neither a bool nor an array."""

    def __bool__(self) -> bool:
        return True


@pytest.mark.parametrize("condition", [True, np.True_, np.array(True), [True, True], ONES > 0, Proposition()])
def test_a_condition_is_true_when_all_of_it_is(condition: object) -> None:
    assert claim("s", condition).holds


@pytest.mark.parametrize(
    "condition",
    [
        False,
        np.False_,
        1,
        0.0,
        np.nan,
        None,
        "yes",
        [],
        [1, 2],
        np.array([]),
        np.array([], bool),
        ONES,
        lambda: True,
        {},
    ],
)
def test_what_is_no_true_condition_does_not_hold(condition: object) -> None:
    assert not claim("s", condition).holds


def test_statement_and_condition_may_change_places() -> None:
    assert claim(ONES > 0, "all are positive", "of 12").detail == "of 12; 12 cases"


def test_masked_entries_are_not_asked() -> None:
    assert claim("s", np.ma.array([True, False], mask=[False, True])).holds
    assert not claim_close("s", np.ma.array([1.0, 2.0], mask=[False, True]), [1.0, 2.0]).holds


@pytest.mark.parametrize(
    ("a", "b", "options", "detail"),
    [
        (1.0, 1.0, {}, "relative difference 0"),
        (ONES, ONES * (1 + 2**-50), {}, "12 values, largest relative difference 8.9e-16"),
        (1e-9, 0, {"atol": 1e-8}, "difference 1.0e-09"),
        (ONES, 1, {}, "12 values, largest relative difference 0"),
        ([np.inf, 1], [np.inf, 1], {}, "2 values, largest relative difference 0"),
        ([np.nan, 1], [np.nan, 1], {"equal_nan": True}, "2 values, largest relative difference 0"),
        (1j, 1j + 1e-9, {}, "relative difference 1.0e-09"),
        (True, 1, {}, "relative difference 0"),
    ],
)
def test_what_is_close_says_how_close(a: object, b: object, options: dict[str, Any], detail: str) -> None:
    verdict = claim_close("s", a, b, **options)
    assert (verdict.holds, verdict.detail) == (True, detail)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (1, 2),
        (np.inf, -np.inf),
        (1, np.nan),
        (np.nan, np.nan),
        (np.inf, 1),
        (1, np.inf),
        ("a", "a"),
        (None, 0),
        (ONES, ONES.T),
    ],
)
def test_what_is_not_close_does_not_hold(a: object, b: object) -> None:
    assert not claim_close("s", a, b).holds


RIGHT: list[tuple[Callable[..., Any], Callable[..., Any], object, str]] = [
    (np.sin, lambda x, g: g * np.cos(x), ONES, "12 entries, largest error "),
    (np.sin, np.cos, 0.5, "error "),
    (lambda x: float((x**2).sum()), lambda x: 2 * x, [1, 2, 3], "3 entries, largest error "),
    (lambda w: w @ ONES, lambda _w, g: g @ ONES.T, np.arange(6).reshape(2, 3), "6 entries, largest error "),
    (np.exp, lambda x, g: g * np.exp(x), np.linspace(-1, 1, 1000), "100 random directions, largest error "),
]  # fmt: skip # a row for each


@pytest.mark.parametrize(("f", "gradient", "x", "detail"), RIGHT)
def test_a_right_gradient_holds_and_says_how_far_it_was_looked_at(
    f: Callable[..., Any], gradient: Callable[..., Any], x: object, detail: str
) -> None:
    verdict = claim_gradient("s", f, gradient, x)
    assert verdict.holds, verdict.problem
    assert verdict.detail.startswith(detail)


@pytest.mark.parametrize(("f", "gradient", "x", "detail"), RIGHT)
def test_a_gradient_that_is_wrong_by_a_thousandth_does_not_hold(
    f: Callable[..., Any], gradient: Callable[..., Any], x: object, detail: str
) -> None:
    del detail

    def wrong_of_two(x: Any, g: Any) -> Any:
        return 1.001 * gradient(x, g)

    def wrong(x: Any) -> Any:
        return 1.001 * gradient(x)

    with_g = gradient.__code__.co_argcount == 2 if hasattr(gradient, "__code__") else False
    assert not claim_gradient("s", f, wrong_of_two if with_g else wrong, x).holds


@pytest.mark.parametrize(
    ("f", "gradient", "x", "problem"),
    [
        (np.sin, lambda x, g: g * np.cos(x), [], "x is empty"),
        (np.sin, np.cos, ONES, "a gradient is of one number"),
        (lambda x: x * np.nan, lambda _x, g: g, [-1.0], "f is array([nan])"),
        (np.sin, lambda _x, g: g.sum(), ONES, "of shape ()"),
        (np.sin, lambda _x, g: g * np.nan, ONES, "it says nan"),
        (np.sin, lambda _x, _g: None, ONES, "the gradient is None"),
        (np.sin, np.cos, [1j], "no real numbers"),
    ],
)
def test_what_cannot_be_measured_is_told(
    f: Callable[..., Any], gradient: Callable[..., Any], x: object, problem: str
) -> None:
    verdict = claim_gradient("s", f, gradient, x)
    assert not verdict.holds
    assert problem in verdict.problem


def test_a_claim_draws_nothing_from_the_random_numbers_of_its_program(blog: Blog) -> None:
    check = "claim_gradient('s', np.exp, lambda x, g: g * np.exp(x), np.ones(500))\n"
    drawn = "(rng.random(), np.random.random(), __import__('random').random())"
    with_claim, without = (blog.results("import numpy as np\n" + code + drawn) for code in (check, ""))
    assert isinstance(with_claim[0], Claim)
    assert with_claim[1:] == without


def test_claims_of_a_program_are_all_told_with_what_ended_it(blog: Blog) -> None:
    failure = blog.failure("claim('a', 1 > 2)", "for n in range(9): claim('b', n > 9)\nclaim('c', False)\n1 / 0")
    told = [(one.step, one.line, one.message) for one in (failure, *failure.more)]
    assert told == [
        (0, 1, "claim does not hold: a"),
        (1, 1, "claim does not hold: b (`n` is 0)"),
        (1, 2, "claim does not hold: c"),
        (1, 3, "ZeroDivisionError: division by zero"),
    ]


def test_a_claim_cannot_be_swallowed(blog: Blog) -> None:
    code = "try:\n    claim('a', 1 > 2)\nexcept BaseException:\n    pass"
    assert blog.failure(code).message == "claim does not hold: a"


@pytest.mark.parametrize(
    ("condition", "values"),
    [
        ("x[1] < 2", "`x[1]` is 3.0"),
        ("np.abs(x - 1).max() < tol and True", "`np.abs(x - 1).max()` is 2.0, `tol` is 0.5"),
        ("not np.isclose(x[0], 1)", "`x[0]` is 1.0"),
        ("len(x) == count()", "`len(x)` is 2"),
        ("rng.random() > 2", ""),
        ("np.allclose(x, y)", "`x` is array([1., 3.]), `y` is array([1., 2.])"),
        ("(x < 2).all()", "`x` is array([1., 3.])"),
    ],
)
def test_the_values_that_a_false_condition_compared_are_told(blog: Blog, condition: str, values: str) -> None:
    setting = "import numpy as np\nx, y, tol = np.array([1.0, 3.0]), np.array([1.0, 2.0]), 0.5\ncount = lambda: 5\n"
    said = blog.failure(f"{setting}claim('s', {condition})").message
    assert said == "claim does not hold: s" + (f" ({values})" if values else "")
