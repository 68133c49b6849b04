"""Prints what a million elements cost, as ratios to the fastest formulation in numpy or scipy.special: `make bench-numerics`.

The rivals are what one would write: the textbook's formula, the stable formula, and scipy's function where there is one. Rounds
are taken in turn, and the least time of each counts. Exits with 1 if a ratio is above 1.3.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.special as sp

sys.path.insert(0, str(Path(__file__).parents[1]))

import sitegen.numerics as n

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 15
MOST = 1.3
rng = np.random.default_rng(0)
X = rng.standard_normal(1_000_000) * 3
Y = rng.standard_normal(1_000_000)
TARGETS = rng.random(1_000_000)
SIGNS = np.where(TARGETS > 0.5, 1.0, -1.0)
WIDE, MANY = X.reshape(1000, 1000), X.reshape(100_000, 10)
P, Q = n.softmax(MANY), n.softmax(Y.reshape(100_000, 10))

Formula = tuple[str, "Callable[[], Any]", "list[Callable[[], Any]]"]
FORMULAS: list[Formula] = [
    ("sigmoid", lambda: n.sigmoid(X), [lambda: sp.expit(X), lambda: 1 / (1 + np.exp(-X))]),
    ("log_sigmoid", lambda: n.log_sigmoid(X), [lambda: sp.log_expit(X), lambda: -np.logaddexp(0, -X)]),
    (
        "softplus",
        lambda: n.softplus(X),
        [
            lambda: np.logaddexp(0, X),
            lambda: np.log1p(np.exp(-np.abs(X))) + np.maximum(X, 0),
            lambda: np.log1p(np.exp(X)),
        ],
    ),
    ("tanh", lambda: n.tanh(X), [lambda: np.tanh(X)]),
    ("relu", lambda: n.relu(X), [lambda: np.maximum(X, 0)]),
    ("leaky_relu", lambda: n.leaky_relu(X), [lambda: np.where(X > 0, X, 0.01 * X), lambda: np.maximum(X, 0.01 * X)]),
    ("elu", lambda: n.elu(X), [lambda: np.where(X > 0, X, np.expm1(np.minimum(X, 0)))]),
    ("hardsigmoid", lambda: n.hardsigmoid(X), [lambda: np.clip(X / 6 + 0.5, 0, 1)]),
    ("normal_cdf", lambda: n.normal_cdf(X), [lambda: sp.ndtr(X), lambda: 0.5 * sp.erfc(-X / np.sqrt(2))]),
    ("gelu", lambda: n.gelu(X), [lambda: X * sp.ndtr(X), lambda: 0.5 * X * (1 + sp.erf(X / np.sqrt(2)))]),
    (
        "gelu_tanh",
        lambda: n.gelu_tanh(X),
        [lambda: 0.5 * X * (1 + np.tanh(np.sqrt(2 / np.pi) * (X + 0.044715 * X * X * X)))],
    ),
    ("silu", lambda: n.silu(X), [lambda: X * sp.expit(X), lambda: X / (1 + np.exp(-X))]),
    ("mish", lambda: n.mish(X), [lambda: X * np.tanh(np.log1p(np.exp(X)))]),
    ("softmax, 1000 classes", lambda: n.softmax(WIDE), [lambda: sp.softmax(WIDE, axis=-1), lambda: by_hand(WIDE)]),
    ("softmax, 10 classes", lambda: n.softmax(MANY), [lambda: sp.softmax(MANY, axis=-1), lambda: by_hand(MANY)]),
    (
        "log_softmax, 10 classes",
        lambda: n.log_softmax(MANY),
        [lambda: sp.log_softmax(MANY, axis=-1), lambda: log_by_hand(MANY)],
    ),
    (
        "logsumexp, 10 classes",
        lambda: n.logsumexp(MANY),
        [lambda: sp.logsumexp(MANY, axis=-1), lambda: np.log(np.exp(MANY - MANY.max(-1, keepdims=True)).sum(-1))],
    ),
    ("entropy", lambda: n.entropy(P), [lambda: sp.entr(P).sum(-1), lambda: -(P * np.log(P)).sum(-1)]),
    ("mean_squared_error", lambda: n.mean_squared_error(X, Y), [lambda: np.mean((X - Y) ** 2)]),
    ("mean_absolute_error", lambda: n.mean_absolute_error(X, Y), [lambda: np.mean(np.abs(X - Y))]),
    ("huber", lambda: n.huber(X, Y), [lambda: np.mean(sp.huber(1, X - Y))]),
    ("log_cosh", lambda: n.log_cosh(X, Y), [lambda: np.mean(np.log(np.cosh(X - Y)))]),
    ("hinge", lambda: n.hinge(X, SIGNS), [lambda: np.mean(np.maximum(0, 1 - SIGNS * X))]),
    (
        "binary_cross_entropy_from_logits",
        lambda: n.binary_cross_entropy_from_logits(X, TARGETS),
        [lambda: np.mean(np.logaddexp(0, X) - TARGETS * X), lambda: np.mean(-sp.log_expit(X) + (1 - TARGETS) * X)],
    ),
    (
        "binary_cross_entropy",
        lambda: n.binary_cross_entropy(TARGETS, TARGETS),
        [lambda: np.mean(-sp.xlogy(TARGETS, TARGETS) - sp.xlog1py(1 - TARGETS, -TARGETS))],
    ),
    (
        "cross_entropy_from_logits",
        lambda: n.cross_entropy_from_logits(MANY, Q),
        [
            lambda: -np.mean(np.sum(Q * sp.log_softmax(MANY, axis=-1), axis=-1)),
            lambda: -np.mean((Q * log_by_hand(MANY)).sum(-1)),
        ],
    ),
    ("kl_divergence", lambda: n.kl_divergence(P, Q), [lambda: sp.rel_entr(Q, P).sum(-1).mean()]),
    (
        "js_divergence",
        lambda: n.js_divergence(P, Q),
        [lambda: (sp.rel_entr(P, (P + Q) / 2) + sp.rel_entr(Q, (P + Q) / 2)).sum(-1).mean() / 2],
    ),
]


def by_hand(x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the softmax as the textbook has it."""
    exponentials = np.exp(x - x.max(-1, keepdims=True))
    return exponentials / exponentials.sum(-1, keepdims=True)


def log_by_hand(x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the logarithm of the softmax as the textbook has it."""
    shifted = x - x.max(-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))


def milliseconds(formula: Callable[[], Any]) -> float:
    """Return the time of one call."""
    start = time.perf_counter()
    formula()
    return 1e3 * (time.perf_counter() - start)


def main() -> int:
    """Print the table; return 1 if a ratio is too large."""
    slow = []
    for name, ours, rivals in FORMULAS:
        rounds = [[milliseconds(formula) for formula in (ours, *rivals)] for _ in range(ROUNDS)]
        mine, *theirs = np.min(rounds, axis=0)
        ratio = mine / min(theirs)
        print(f"{name:34} {mine:7.2f} ms, {ratio:5.2f} x the best of {', '.join(f'{t:.2f}' for t in theirs)} ms")
        if ratio > MOST:
            slow.append(name)
    if slow:
        print(f"above {MOST}: {', '.join(slow)}")
    return bool(slow)


if __name__ == "__main__":
    sys.exit(main())
