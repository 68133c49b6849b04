"""Prints what a million elements cost, as ratios to the fastest formulation in numpy or scipy.special: `make bench-numerics`.

The rivals are what one would write: the textbook's formula, the stable formula, and scipy's function where there is one. A rival
counts if it agrees with ours at all magnitudes from 1e-300 to 1e300, to within 1e-9 of the value or 1e-12, and warns of nothing;
the ratio to a faster one that does not is in brackets. Rounds are taken in turn, and the least time of each counts.
The process keeps the memory that it frees: to fetch pages anew costs more than a formula does, and varies by a factor of three
from run to run. (This favours the rivals, which fill more arrays.) Exits with 1 if a ratio is above 1.3.
"""

from __future__ import annotations

import os
import sys
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.special as sp

sys.path.insert(0, str(Path(__file__).parents[1]))

import sitegen.numerics as n

if TYPE_CHECKING:
    from collections.abc import Callable

    Array = np.ndarray[Any, Any]
    Formula = Callable[..., Any]
    Group = tuple[str, tuple[Array, ...], tuple[Array, ...], list[tuple[Formula, ...]]]

ROUNDS = 20
MOST = 1.3
KEEP = {"MALLOC_MMAP_THRESHOLD_": "4294967296", "MALLOC_TRIM_THRESHOLD_": "4294967296", "MALLOC_TOP_PAD_": "268435456"}
LOG_2 = np.log(2)

rng = np.random.default_rng(0)
X, Y, G = 3 * rng.standard_normal(1_000_000), rng.standard_normal(1_000_000), rng.standard_normal(1_000_000)
T = rng.random(1_000_000)
SIGNS = np.where(T > 0.5, 1.0, -1.0)
WIDE, MANY = X.reshape(1000, 1000), X.reshape(100_000, 10)
P, Q = n.softmax(MANY), n.softmax(Y.reshape(100_000, 10))

SIZES = np.concatenate([10.0 ** np.arange(-300, 301, 20), [0.0, 0.5, 1.0, 3.0, 40.0, 800.0]])
EDGES = np.concatenate([SIZES, -SIZES])
SQUARES = EDGES[np.abs(EDGES) <= 1e140]  # of which the squares are floats too
ONES = np.ones_like(EDGES)
ROWS = np.array([[800.0, 0.0, -800.0], [1.0, 2.0, 3.0], [1e300, 0.0, -1e300], [-1e4, -1e4, -1e4], [0.0, -40.0, -60.0]])
SURE = np.array([[1.0, 0.0, 0.0], [0.2, 0.3, 0.5], [0.0, 0.5, 0.5], [0.3, 0.0, 0.7], [1e-300, 1.0, 0.0]])


def softmax(x: Array) -> Array:
    """Return the softmax as one writes it, stable."""
    exponentials = np.exp(x - x.max(-1, keepdims=True))
    return exponentials / exponentials.sum(-1, keepdims=True)


def log_softmax(x: Array) -> Array:
    """Return the logarithm of the softmax as one writes it, stable."""
    shifted = x - x.max(-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))


def density(x: Array) -> Array:
    """Return the density of the normal distribution."""
    return np.exp(-x * x / 2) / np.sqrt(2 * np.pi)


def tanh_of_gelu(x: Array) -> Array:
    """Return the tanh in the approximation of gelu."""
    return np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x * x * x))


def gate(x: Array) -> Array:
    """Return the gate of mish, stable."""
    return np.tanh(np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))))


def gelu_tanh_slope(x: Array, g: Array) -> Array:
    """Return the derivative of gelu's approximation, times g."""
    x = np.clip(x, -30, 30)
    t = tanh_of_gelu(x)
    return g * (0.5 * (1 + t) + 0.5 * x * (1 - t * t) * np.sqrt(2 / np.pi) * (1 + 0.134145 * x * x))


# What was measured, the million elements, the edges that a rival must get right, and (ours, rivals ...).
GROUPS: list[Group] = [
    (
        "",
        (X,),
        (EDGES,),
        [
            (n.sigmoid, sp.expit, lambda x: 1 / (1 + np.exp(-x))),
            (n.log_sigmoid, sp.log_expit, lambda x: -np.logaddexp(0, -x), lambda x: -np.log1p(np.exp(-x))),
            (
                n.softplus,
                lambda x: np.logaddexp(0, x),
                lambda x: np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0),
                lambda x: np.log1p(np.exp(x)),
            ),
            (n.tanh, np.tanh),
            (n.relu, lambda x: np.maximum(x, 0)),
            (n.leaky_relu, lambda x: np.where(x > 0, x, 0.01 * x), lambda x: np.maximum(x, 0.01 * x)),
            (n.elu, lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0)))),
            (
                n.selu,
                lambda x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(np.minimum(x, 0))),
            ),
            (n.softsign, lambda x: x / (1 + np.abs(x))),
            (n.hardsigmoid, lambda x: np.clip(x / 6 + 0.5, 0, 1)),
            (n.normal_cdf, sp.ndtr, lambda x: 0.5 * sp.erfc(-x / np.sqrt(2))),
            (n.gelu, lambda x: x * sp.ndtr(x), lambda x: 0.5 * x * (1 + sp.erf(x / np.sqrt(2)))),
            (
                n.gelu_tanh,
                lambda x: 0.5 * x * (1 + tanh_of_gelu(np.clip(x, -30, 30))),
                lambda x: 0.5 * x * (1 + tanh_of_gelu(x)),
            ),
            (n.silu, lambda x: x * sp.expit(x), lambda x: x / (1 + np.exp(-x))),
            (n.mish, lambda x: x * gate(x), lambda x: x * np.tanh(np.log1p(np.exp(x)))),
        ],
    ),
    (
        "",
        (X, G),
        (EDGES, ONES),
        [
            (n.sigmoid_vjp, lambda x, g: g * sp.expit(x) * sp.expit(-x), lambda x, g: g * (s := sp.expit(x)) * (1 - s)),
            (n.log_sigmoid_vjp, lambda x, g: g * sp.expit(-x), lambda x, g: g / (1 + np.exp(x))),
            (n.softplus_vjp, lambda x, g: g * sp.expit(x), lambda x, g: g / (1 + np.exp(-x))),
            (n.tanh_vjp, lambda x, g: g * (1 - np.tanh(x) ** 2)),
            (n.relu_vjp, lambda x, g: g * (x > 0), lambda x, g: np.where(x > 0, g, 0)),
            (n.leaky_relu_vjp, lambda x, g: np.where(x > 0, g, 0.01 * g), lambda x, g: g * np.maximum(x > 0, 0.01)),
            (n.elu_vjp, lambda x, g: g * np.exp(np.minimum(x, 0))),
            (
                n.selu_vjp,
                lambda x, g: g * np.where(x > 0, 1.0507009873554805, 1.7580993408473766 * np.exp(np.minimum(x, 0))),
            ),
            (n.softsign_vjp, lambda x, g: g / (1 + np.abs(x)) ** 2, lambda x, g: g * np.square(1 / (1 + np.abs(x)))),
            (n.hardsigmoid_vjp, lambda x, g: g * (np.abs(x) < 3) / 6, lambda x, g: np.where(np.abs(x) < 3, g / 6, 0)),
            (n.normal_cdf_vjp, lambda x, g: g * density(np.clip(x, -40, 40)), lambda x, g: g * density(x)),
            (
                n.gelu_vjp,
                lambda x, g: g * (sp.ndtr(x) + x * density(np.clip(x, -40, 40))),
                lambda x, g: g * (sp.ndtr(x) + x * density(x)),
            ),
            (n.silu_vjp, lambda x, g: g * (s := sp.expit(x)) * (1 + x * (1 - s))),
            (n.gelu_tanh_vjp, gelu_tanh_slope),
            (n.mish_vjp, lambda x, g: g * ((t := gate(x)) + x * (1 - t * t) * sp.expit(x))),
        ],
    ),
    (
        "",
        (X, Y),
        (SQUARES, np.roll(SQUARES, 7)),
        [
            (n.mean_squared_error, lambda y, t: np.mean((y - t) ** 2)),
            (n.mean_absolute_error, lambda y, t: np.mean(np.abs(y - t))),
            (n.huber, lambda y, t: np.mean(sp.huber(1, y - t))),
            (
                n.log_cosh,
                lambda y, t: np.mean((r := np.abs(y - t)) + np.log1p(np.exp(-2 * r)) - LOG_2),
                lambda y, t: np.mean(np.log(np.cosh(y - t))),
            ),
            (n.mean_squared_error_vjp, lambda y, t: (y - t) * (2 / y.size)),
            (n.mean_absolute_error_vjp, lambda y, t: np.sign(y - t) / y.size),
            (n.huber_vjp, lambda y, t: np.clip(y - t, -1, 1) / y.size),
            (n.log_cosh_vjp, lambda y, t: np.tanh(y - t) / y.size),
        ],
    ),
    (
        "",
        (X, SIGNS),
        (SQUARES, np.resize([-1.0, 1.0, 1.0], SQUARES.shape)),
        [
            (n.hinge, lambda s, y: np.mean(np.maximum(0, 1 - y * s))),
            (n.squared_hinge, lambda s, y: np.mean(np.maximum(0, 1 - y * s) ** 2)),
            (n.hinge_vjp, lambda s, y: np.where(y * s < 1, -y, 0) / y.size, lambda s, y: -y * (y * s < 1) / y.size),
            (n.squared_hinge_vjp, lambda s, y: -2 * y * np.maximum(0, 1 - y * s) / y.size),
        ],
    ),
    (
        "",
        (X, T),
        (EDGES, np.resize([0.0, 1.0, 0.3], EDGES.shape)),
        [
            (
                n.binary_cross_entropy_from_logits,
                lambda x, t: np.mean(np.logaddexp(0, x) - t * x),
                lambda x, t: np.mean(-sp.log_expit(x) + (1 - t) * x),
                lambda x, t: np.mean(np.maximum(x, 0) - t * x + np.log1p(np.exp(-np.abs(x)))),
            ),
            (n.binary_cross_entropy_from_logits_vjp, lambda x, t: (sp.expit(x) - t) / x.size),
            (
                n.focal_from_logits,
                lambda x, t: np.mean(
                    t * sp.expit(-x) ** 2 * np.logaddexp(0, -x) + (1 - t) * sp.expit(x) ** 2 * np.logaddexp(0, x)
                ),
            ),
        ],
    ),
    (
        "",
        (T, T),
        (np.array([0.0, 1.0, 0.3, 1e-300]), np.array([0.0, 1.0, 0.9, 0.5])),
        [
            (
                n.binary_cross_entropy,
                lambda p, t: np.mean(-sp.xlogy(t, p) - sp.xlog1py(1 - t, -p)),
                lambda p, t: -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p)),
            ),
            (
                n.binary_cross_entropy_vjp,
                lambda p, t: ((1 - t) / np.maximum(1 - p, 1e-300) - t / np.maximum(p, 1e-300)) / p.size,
                lambda p, t: (p - t) / (p * (1 - p)) / p.size,
            ),
        ],
    ),
    (
        ", 10 classes",
        (MANY,),
        (ROWS,),
        [
            (n.softmax, lambda x: sp.softmax(x, axis=-1), softmax),
            (n.log_softmax, lambda x: sp.log_softmax(x, axis=-1), log_softmax),
            (
                n.logsumexp,
                lambda x: sp.logsumexp(x, axis=-1),
                lambda x: (m := x.max(-1)) + np.log(np.exp(x - m[:, np.newaxis]).sum(-1)),
            ),
        ],
    ),
    (
        ", 1000 classes",
        (WIDE,),
        (ROWS,),
        [
            (n.softmax, lambda x: sp.softmax(x, axis=-1), softmax),
            (n.log_softmax, lambda x: sp.log_softmax(x, axis=-1), log_softmax),
        ],
    ),
    (
        "",
        (P,),
        (SURE,),
        [
            (
                n.entropy,
                lambda p: sp.entr(p).sum(-1),
                lambda p: -(p * np.log(np.maximum(p, 5e-324))).sum(-1),
                lambda p: -(p * np.log(p)).sum(-1),
            )
        ],
    ),
    (
        "",
        (MANY, Q),
        (ROWS, SURE),
        [
            (
                n.cross_entropy_from_logits,
                lambda x, t: -np.mean(np.sum(t * sp.log_softmax(x, axis=-1), axis=-1)),
                lambda x, t: -np.mean((t * log_softmax(x)).sum(-1)),
            ),
            (
                n.cross_entropy_from_logits_vjp,
                lambda x, t: (sp.softmax(x, axis=-1) - t) / len(x),
                lambda x, t: (softmax(x) - t) / len(x),
            ),
        ],
    ),
    (
        "",
        (P, Q),
        (SURE, np.roll(SURE, 1, axis=0)),
        [
            (
                n.cross_entropy,
                lambda p, t: -sp.xlogy(t, p).sum(-1).mean(),
                lambda p, t: -(t * np.log(p)).sum(-1).mean(),
            ),
            (n.kl_divergence, lambda p, t: sp.rel_entr(t, p).sum(-1).mean()),
            (
                n.js_divergence,
                lambda p, t: (sp.rel_entr(p, (p + t) / 2) + sp.rel_entr(t, (p + t) / 2)).sum(-1).mean() / 2,
            ),
        ],
    ),
]


def agrees(ours: Formula, rival: Formula, edges: tuple[Array, ...]) -> bool:
    """Return whether a rival is as right as ours at each of the edges, and as silent."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return all(
                np.allclose(rival(*edge), ours(*edge), rtol=1e-9, atol=1e-12)
                for edge in ([a[i : i + 1] for a in edges] for i in range(len(edges[0])))
            )
        except RuntimeWarning:
            return False


def milliseconds(formula: Formula, arguments: tuple[Array, ...]) -> float:
    """Return the time of a call that follows one of the same formula, so that the caches are its own."""
    formula(*arguments)
    start = time.perf_counter()
    formula(*arguments)
    return 1e3 * (time.perf_counter() - start)


def measure(formulas: tuple[Formula, ...], arguments: tuple[Array, ...], sound: list[bool]) -> list[float]:
    """Return the least time of each formula, in rounds: more of them as long as ours seems slow and may have been disturbed."""
    least = [np.inf] * len(formulas)
    for _ in range(5):
        for _ in range(ROUNDS):
            least = [min(t, milliseconds(f, arguments)) for t, f in zip(least, formulas, strict=True)]
        if least[0] <= MOST * best(least[1:], sound):
            break
    return least


def best(times: list[float], sound: list[bool]) -> float:
    """Return the least time of the rivals that count."""
    return min(t for t, counts in zip(times, sound, strict=True) if counts)


def main(names: list[str]) -> int:
    """Print the table, of all or of the functions named; return 1 if a ratio is too large."""
    slow = []
    for label, arguments, edges, cases in GROUPS:
        for ours, *rivals in cases:
            name = ours.__name__ + label
            if names and ours.__name__ not in names:
                continue
            sound = [agrees(ours, rival, edges) for rival in rivals]
            assert any(sound), f"{name}: none of the rivals is right at the edges"
            mine, *theirs = measure((ours, *rivals), arguments, sound)
            ratio = mine / best(theirs, sound)
            others = ", ".join(f"{t:.2f}" if counts else f"({t:.2f})" for t, counts in zip(theirs, sound, strict=True))
            print(f"{name:38} {mine:6.2f} ms, {ratio:5.2f} x the best of {others}", flush=True)
            if ratio > MOST:
                slow.append(f"{name} {ratio:.2f}")
    print(f"above {MOST}: {', '.join(slow) or 'none'}")
    return bool(slow)


if __name__ == "__main__":
    if not KEEP.items() <= os.environ.items():
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **KEEP})
    sys.exit(main(sys.argv[1:]))
