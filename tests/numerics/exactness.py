"""How exact the numerics are: every function and its derivative against mpmath at 50 digits, in units in the last place.

`python tests/numerics/exactness.py` writes the table into docs/numerics.md; a test measures again and compares. A new
function without a reference here fails a test.
"""

from __future__ import annotations

import re
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import mpmath as mp
import numpy as np
from mpmath import mpf

import sitegen.numerics as n
from sitegen.numerics import ulp_error

if TYPE_CHECKING:
    from collections.abc import Callable

    Function = Callable[..., mpf]

PAGE = Path(__file__).parents[2] / "docs" / "numerics.md"
Type: TypeAlias = Any  # np.float32 or np.float64: mypy does not know that types can be hashed
BEGIN, END = "<!-- exactness -->", "<!-- end -->"
mp.mp.dps = 50

# -- elementwise: name -> value and derivative, as a textbook writes them


def exp(x: mpf) -> mpf:
    """Return the exponential, 0 or huge where no float can tell: mpmath would compute 1e300 digits."""
    return mp.exp(min(max(x, mpf(-100000)), mpf(100000)))


def sigmoid(x: mpf) -> mpf:
    return 1 / (1 + exp(-x))


def cdf(x: mpf) -> mpf:
    return mp.erfc(-min(max(x, mpf(-400)), mpf(400)) / mp.sqrt(2)) / 2


def density(x: mpf) -> mpf:
    return exp(-(x**2) / 2) / mp.sqrt(2 * mp.pi)


def twice_u(x: mpf) -> mpf:
    return mp.sqrt(8 / mp.pi) * (x + mpf("0.044715") * x**3)


def mish_slope(x: mpf) -> mpf:
    w = exp(x)
    total = w * w + 2 * w + 2
    return (w * w + 2 * w) / total + x * 4 * w * (1 + w) / total**2


def sech(x: mpf) -> mpf:
    return 2 / (exp(x) + exp(-x))


# The fixed point of mean and variance, in closed form (Klambauer et al., 2017, (14) of the appendix).
SELU_ALPHA = -mp.sqrt(2 / mp.pi) / (mp.erfc(1 / mp.sqrt(2)) * mp.exp(mpf("0.5")) - 1)
SELU_SCALE = (1 - mp.erfc(1 / mp.sqrt(2)) * mp.sqrt(mp.e)) * mp.sqrt(2 * mp.pi)
SELU_SCALE /= mp.sqrt(
    2 * mp.erfc(mp.sqrt(2)) * mp.e**2
    + mp.pi * mp.erfc(1 / mp.sqrt(2)) ** 2 * mp.e
    - 2 * (2 + mp.pi) * mp.erfc(1 / mp.sqrt(2)) * mp.sqrt(mp.e)
    + mp.pi
    + 2
)

REFERENCES: dict[str, tuple[Function, Function]] = {
    "sigmoid": (sigmoid, lambda x: sigmoid(x) * sigmoid(-x)),
    "log_sigmoid": (lambda x: min(x, 0) - mp.log1p(exp(-abs(x))), lambda x: sigmoid(-x)),
    "softplus": (lambda x: max(x, 0) + mp.log1p(exp(-abs(x))), sigmoid),
    "tanh": (lambda x: mp.expm1(2 * x) / (mp.expm1(2 * x) + 2) if abs(x) < 400 else mp.sign(x), lambda x: sech(x) ** 2),
    "relu": (lambda x: max(x, 0), lambda x: mpf(x > 0)),
    "leaky_relu": (lambda x: x if x > 0 else mpf(0.01) * x, lambda x: mpf(1) if x > 0 else mpf(0.01)),
    "elu": (lambda x: x if x > 0 else mp.expm1(max(x, -1000)), lambda x: mpf(1) if x > 0 else exp(x)),
    "selu": (
        lambda x: SELU_SCALE * (x if x > 0 else SELU_ALPHA * mp.expm1(max(x, -1000))),
        lambda x: SELU_SCALE * (mpf(1) if x > 0 else SELU_ALPHA * exp(x)),
    ),
    "softsign": (lambda x: x / (1 + abs(x)), lambda x: 1 / (1 + abs(x)) ** 2),
    "hardsigmoid": (lambda x: min(max(x + 3, 0), 6) / mpf(6), lambda x: mpf(abs(x) < 3) / 6),
    "normal_cdf": (cdf, density),
    "gelu": (lambda x: x * cdf(x), lambda x: cdf(x) + x * density(x)),
    "gelu_tanh": (
        lambda x: x * sigmoid(twice_u(x)),
        lambda x: (
            sigmoid(twice_u(x)) * (1 + x * mp.sqrt(8 / mp.pi) * (1 + 3 * mpf("0.044715") * x**2) * sigmoid(-twice_u(x)))
        ),
    ),
    "silu": (lambda x: x * sigmoid(x), lambda x: sigmoid(x) * (1 + x * sigmoid(-x))),
    "mish": (lambda x: x * (1 - 2 / (exp(x) ** 2 + 2 * exp(x) + 2)) if x > -50 else x * small_gate(x), mish_slope),
}


def small_gate(x: mpf) -> mpf:
    """Return tanh(log(1 + exp(x))) far to the left, where 1 minus nearly 1 would lose digits."""
    w = exp(x)
    return (w * w + 2 * w) / (w * w + 2 * w + 2)


# -- losses of one prediction y and one truth t: name -> value and derivative


def softplus(x: mpf) -> mpf:
    return REFERENCES["softplus"][0](x)


def log(p: mpf) -> mpf:
    return mp.log(p) if p else mpf("-inf")


def times(t: mpf, value: mpf) -> mpf:
    return t * value if t else mpf(0)


LOSSES: dict[str, tuple[Function, Function]] = {
    "mean_squared_error": (lambda y, t: (y - t) ** 2, lambda y, t: 2 * (y - t)),
    "mean_absolute_error": (lambda y, t: abs(y - t), lambda y, t: mp.sign(y - t)),
    "huber": (
        lambda y, t: (y - t) ** 2 / 2 if abs(y - t) < 1 else abs(y - t) - mpf("0.5"),
        lambda y, t: min(max(y - t, mpf(-1)), mpf(1)),
    ),
    "log_cosh": (
        lambda y, t: mp.log1p(2 * mp.sinh((y - t) / 2) ** 2) if abs(y - t) < 300 else abs(y - t) - mp.log(2),
        lambda y, t: REFERENCES["tanh"][0](y - t),
    ),
    "hinge": (lambda s, y: max(1 - s * y, mpf(0)), lambda s, y: -y if s * y < 1 else mpf(0)),
    "squared_hinge": (lambda s, y: max(1 - s * y, mpf(0)) ** 2, lambda s, y: -2 * y * max(1 - s * y, mpf(0))),
    "binary_cross_entropy": (
        lambda p, t: -times(t, log(p)) - times(1 - t, mp.log1p(-p) if p < 1 else mpf("-inf")),
        lambda p, t: (times(1 - t, 1 / (1 - p)) if t < 1 else 0) - (times(t, 1 / p) if t else 0),
    ),
    "binary_cross_entropy_from_logits": (
        lambda x, t: t * softplus(-x) + (1 - t) * softplus(x),
        lambda x, t: (1 - t) * sigmoid(x) - t * sigmoid(-x),
    ),
    "focal_from_logits": (
        lambda x, t: t * sigmoid(-x) ** 2 * softplus(-x) + (1 - t) * sigmoid(x) ** 2 * softplus(x),
        lambda x, t: (
            (1 - t) * sigmoid(x) ** 2 * (2 * sigmoid(-x) * softplus(x) + sigmoid(x))
            - t * sigmoid(-x) ** 2 * (2 * sigmoid(x) * softplus(-x) + sigmoid(-x))
        ),
    ),
}

# -- functions along an axis: name -> value and derivative (for g = 1, 2, 3, ...), of a list of numbers and one of truths


def rest(x: list[mpf]) -> mpf:
    """Return logsumexp minus the largest: log1p of what the others add to its 1."""
    others = sorted(x)[:-1]
    return mp.log1p(mp.fsum(exp(a - max(x)) for a in others))


def lse(x: list[mpf]) -> mpf:
    return max(x) + rest(x)


def shares(x: list[mpf]) -> list[mpf]:
    return [exp(a - lse(x)) for a in x]


def relative(t: list[mpf], p: list[mpf]) -> mpf:
    return mp.fsum(times(a, log(a) - log(b)) for a, b in zip(t, p, strict=True))


def middle(p: list[mpf], t: list[mpf]) -> list[mpf]:
    return [(a + b) / 2 for a, b in zip(p, t, strict=True)]


VECTORS: dict[str, Callable[[list[mpf], list[mpf]], Any]] = {
    "softmax": lambda x, _: shares(x),
    "log_softmax": lambda x, _: [a - max(x) - rest(x) for a in x],
    "logsumexp": lambda x, _: lse(x),
    "entropy": lambda p, _: -mp.fsum(times(a, log(a)) for a in p),
    "cross_entropy": lambda p, t: -mp.fsum(times(b, log(a)) for a, b in zip(p, t, strict=True)),
    "cross_entropy_from_logits": lambda x, t: mp.fsum(
        times(b, rest(x) + (max(x) - a)) for a, b in zip(x, t, strict=True)
    ),
    "kl_divergence": lambda p, t: relative(t, p),
    "js_divergence": lambda p, t: (relative(p, middle(p, t)) + relative(t, middle(p, t))) / 2,
}
OF_PROBABILITIES = {"entropy", "cross_entropy", "kl_divergence", "js_divergence", "binary_cross_entropy"}


class Row(NamedTuple):
    """The largest error of a function and of its derivative, in ulp, with the arguments where it stands."""

    name: str
    value: float
    where: str
    slope: float
    slope_where: str


def points(dtype: Type, density: int = 1) -> np.ndarray[Any, Any]:
    """Return numbers of all magnitudes and both signs, dense where functions bend."""
    rng = np.random.default_rng(1)
    largest = 300 if dtype is np.float64 else 37
    some = np.concatenate(
        [
            10.0 ** np.arange(-largest, largest + 1.0, largest / 30),
            rng.uniform(0, 750, 80 * density),
            rng.uniform(0, 40, 120 * density),
            rng.uniform(0, 3, 240 * density),
        ]
    )
    return np.concatenate([some, -some, [0.0, 0.5, 1.0, -1.0, 3.0, -3.0]]).astype(dtype)


def worst(computed: Any, exact: list[mpf], at: list[Any], condition_at: Callable[[int], float]) -> tuple[float, str]:
    """Return the largest error and where, each error divided by the condition number where that exceeds one."""
    limit = float(np.finfo(computed.dtype).max)
    exact = [a if abs(a) <= limit else mp.sign(a) * mp.inf for a in exact]
    errors = ulp_error(computed, np.array(exact, dtype=object))
    error, where = 0.0, 0
    for i in np.argsort(-errors):
        if errors[i] <= error:  # and so are all that follow, whatever their condition
            break
        if (weighed := errors[i] / max(1.0, condition_at(int(i)))) > error:
            error, where = float(weighed), int(i)
    return error, at[where] if isinstance(at[where], str) else f"{at[where]:.6g}"


def condition(x: mpf, f: Function) -> float:
    """Return by how much the relative error of the argument is magnified: |x f'(x) / f(x)|, by a difference of 1e-20."""
    if not x or abs(x) > 1e5:
        return 1.0
    value = f(x)
    moved = f(x * (1 + mpf("1e-20")))
    return float(min(abs((moved - value) / value) * mpf("1e20"), mpf("1e30"))) if value else 1.0


@cache
def elementwise(name: str, dtype: Type = np.float64, density: int = 1) -> Row:
    value, slope = REFERENCES[name]
    x = points(dtype, density)
    exactly = [mpf(float(a)) for a in x]
    row: list[Any] = []
    for f, computed in ((value, getattr(n, name)(x)), (slope, getattr(n, f"{name}_vjp")(x, 1.0))):
        row += worst(computed, [f(a) for a in exactly], list(x), partial(condition_of, f, exactly))
    return Row(name, *row)


@cache
def of_pairs(name: str, dtype: Type = np.float64, density: int = 1) -> Row:
    value, slope = LOSSES[name]
    rng = np.random.default_rng(2)
    y = points(dtype, density)
    if name in OF_PROBABILITIES:
        y = np.concatenate([rng.random(500), 10.0 ** rng.uniform(-30, 0, 150), 1 - 10.0 ** rng.uniform(-7, 0, 150)])
        y = np.array([p for p in y.astype(dtype) if 0 < p < 1])
    if "hinge" in name:
        t = rng.choice([-1.0, 1.0], y.shape)
    elif "entropy" in name or "focal" in name:
        t = rng.choice([0.0, 1.0, 0.25, 0.5], y.shape)
    else:
        t = np.where(rng.random(y.shape) < 0.5, 0, y * (1 + rng.standard_normal(y.shape)))
    t = t.astype(dtype)
    # A gradient for a soft target is zero somewhere, and cannot be exact there relative to itself: hard ones for it.
    hard = np.round(t) if "logits" in name else t
    rows: list[Any] = []
    for f, truths, computed in (
        (value, t, getattr(n, name)(y, t, reduction="none")),
        (slope, hard, getattr(n, f"{name}_vjp")(y, hard, reduction="sum")),
    ):
        exactly = [(mpf(float(a)), mpf(float(b))) for a, b in zip(y, truths, strict=True)]
        told = [f"{a:.6g}, {b:.3g}" for a, b in zip(y, truths, strict=True)]
        rows += worst(computed, [f(a, b) for a, b in exactly], told, partial(condition_of_pair, f, exactly))
    return Row(name, *rows)


@cache
def of_vectors(name: str, dtype: Type = np.float64, density: int = 1) -> Row:
    """Return the error for 100 vectors of 5 numbers; the condition numbers of all five arguments count together."""
    rng = np.random.default_rng(3)
    error, where = 0.0, ""
    for i in range(100 * density):
        x = (rng.standard_normal(5) * 10.0 ** rng.uniform(-3, 2)).astype(dtype)
        t = n.softmax(rng.standard_normal(5)).astype(dtype)
        if name in OF_PROBABILITIES:
            x = n.softmax(x) if i % 2 else n.softmax(np.log(t) + x.astype(np.float64) * 1e-3).astype(dtype)
        given, truths = [mpf(float(a)) for a in x], [mpf(float(a)) for a in t]
        computed = getattr(n, name)(x, t) if "cross" in name or "divergence" in name else getattr(n, name)(x)
        exact = as_list(VECTORS[name](given, truths))
        found, _ = worst(np.atleast_1d(computed), exact, [""] * 5, partial(condition_of_vector, name, given, truths))
        if found > error:
            error, where = found, ", ".join(f"{a:.3g}" for a in x)
    return Row(name, error, where, 0.0, "")


def condition_of(f: Function, points: list[mpf], i: int) -> float:
    return condition(points[i], f)


def condition_of_pair(f: Function, points: list[tuple[mpf, mpf]], i: int) -> float:
    prediction, truth = points[i]
    return condition(prediction, lambda y: f(y, truth))


def condition_of_vector(name: str, x: list[mpf], truths: list[mpf], k: int) -> float:
    def entry(j: int, a: mpf) -> mpf:
        return as_list(VECTORS[name](put(x, j, a), truths))[k]

    return sum(condition(x[j], partial(entry, j)) for j in range(len(x)))


def put(x: list[mpf], j: int, a: mpf) -> list[mpf]:
    return [*x[:j], a, *x[j + 1 :]]


def as_list(value: Any) -> list[mpf]:
    return value if isinstance(value, list) else [value]


def rows(dtype: Type) -> list[Row]:
    """Return the table, measured at the points of the tests and at ten times as many others."""
    kinds = ((elementwise, REFERENCES, 10), (of_pairs, LOSSES, 10), (of_vectors, VECTORS, 5))
    return [larger(f(name, dtype), f(name, dtype, density)) for f, names, density in kinds for name in names]


def larger(a: Row, b: Row) -> Row:
    """Return the larger errors of two rows."""
    return Row(
        a.name, *max((a.value, a.where), (b.value, b.where)), *max((a.slope, a.slope_where), (b.slope, b.slope_where))
    )


def said() -> dict[tuple[str, str], list[float]]:
    """Return what the page says: (function, column) -> the bounds in single and double precision."""
    text = PAGE.read_text(encoding="utf-8")
    table = text[text.index(BEGIN) : text.index(END)]
    found = re.findall(r"^\| `(\w+)` \| (\S+) \| [^|]* \| (\S+) \| [^|]* \| (\S+) \| (\S+) \|$", table, re.MULTILINE)
    return {
        (row[0], kind): [float(row[i]) if row[i] != "-" else 0.0 for i in at]
        for row in found
        for kind, at in (("value", (1, 3)), ("slope", (2, 4)))
    }


def table() -> str:
    """Return the table: errors rounded up to halves, because processors differ in the last digit of an exponential."""
    lines = [
        "| function | value | worst at | derivative | worst at | value, float32 | derivative, float32 |",
        "|---|---|---|---|---|---|---|",
    ]
    for double, single in zip(rows(np.float64), rows(np.float32), strict=True):
        cells = [f"`{double.name}`", up(double.value), double.where]
        cells += [up(double.slope), double.slope_where] if double.slope_where else ["-", ""]
        cells += [up(single.value), up(single.slope) if single.slope_where else "-"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def up(error: float) -> str:
    """Return an error rounded up to the next half."""
    return f"{np.ceil(2 * error) / 2:.1f}" if error else "0"


if __name__ == "__main__":
    text = PAGE.read_text(encoding="utf-8")
    before, after = text[: text.index(BEGIN)], text[text.index(END) :]
    PAGE.write_text(f"{before}{BEGIN}\n\n{table()}\n\n{after}", encoding="utf-8")
