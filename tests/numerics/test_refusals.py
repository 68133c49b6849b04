"""What does not fit is refused with a sentence that says what was given."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import sitegen.numerics

n: Any = sitegen.numerics  # what is given here has the wrong type on purpose
RNG = np.random.default_rng(0)
IMAGE, KERNEL = np.zeros((1, 4, 4, 2)), np.zeros((2, 2, 2, 1))
NETWORK = n.draw_network([2, 3], RNG)
Call = Callable[[], Any]

VALUES: list[tuple[Call, str]] = [
    (lambda: n.softmax([]), "there are no classes along axis -1 of an array of shape (0,)"),
    (lambda: n.log_softmax(np.zeros((2, 0))), "there are no classes along axis -1 of an array of shape (2, 0)"),
    (lambda: n.softmax([1.0, 2.0], axis=1), "axis 1 is out of bounds for array of dimension 1"),
    (lambda: n.entropy([0.5, 0.5], axis=-2), "axis -2 is out of bounds for array of dimension 1"),
    (
        lambda: n.cross_entropy_from_logits([[1, 2]], [[0, 1]], axis=2),
        "axis 2 is out of bounds for array of dimension 2",
    ),
    (lambda: n.softmax([1.0, 2.0], temperature=0), "temperature must lie in (0, inf), but is 0"),
    (lambda: n.softmax([1.0, 2.0], temperature=float("nan")), "temperature must lie in (0, inf), but is nan"),
    (lambda: n.entropy([0.7, 0.6, 0.8]), "probabilities must sum to 1 along axis -1, but some sum to 2.1"),
    (lambda: n.entropy([]), "probabilities must sum to 1 along axis -1, but some sum to 0"),
    (lambda: n.kl_divergence([0.2, 0.2], [0.5, 0.5]), "probabilities must sum to 1 along axis -1, but some sum to 0.4"),
    (lambda: n.cross_entropy([0.5, 0.5], [1, 1]), "targets must sum to 1 along axis -1, but some sum to 2"),
    (
        lambda: n.cross_entropy_from_logits([[1, 2]], [[0.3, 0.3]]),
        "targets must sum to 1 along axis -1, but some sum to 0.6",
    ),
    (lambda: n.cross_entropy_from_logits([[1, 2]], [2]), "labels must be integers from 0 to 1, but one is 2"),
    (lambda: n.cross_entropy_from_logits([[1, 2]], [1.0]), "the truth has shape (1,) and the prediction (1, 2)"),
    (lambda: n.cross_entropy_from_logits([[1, 2]], [[0, 5]]), "targets must lie in [0, 1], but one is 5.0"),
    (lambda: n.sigmoid_vjp([1, 2, 3], [1, 2]), "g has shape (2,), and the result whose gradient it is has (3,)"),
    (lambda: n.relu_vjp([1, 2, 3], [[1, 2, 3]]), "g has shape (1, 3), and the result whose gradient it is has (3,)"),
    (lambda: n.softmax_vjp([[1, 2, 3]], [1, 2, 3]), "g has shape (3,), and the result whose gradient it is has (1, 3)"),
    (lambda: n.logsumexp_vjp([1, 2, 3], [1, 2, 3]), "g has shape (3,), and the result whose gradient it is has ()"),
    (lambda: n.entropy_vjp([0.5, 0.5], [1, 2]), "g has shape (2,), and the result whose gradient it is has ()"),
    (lambda: n.hinge_vjp([1, 2], [1, 1], [1, 2]), "g has shape (2,), and the result whose gradient it is has ()"),
    (
        lambda: n.cross_entropy_from_logits_vjp([[1, 2]], [[0, 1]], [1, 2], reduction="none"),
        "g has shape (2,), and the result whose gradient it is has (1,)",
    ),
    (lambda: n.paraboloid_vjp([1, 2], [1, 2]), "g has shape (2,), and the result whose gradient it is has ()"),
    (lambda: n.elu(1, alpha=-1), "alpha must lie in [0, inf), but is -1"),
    (lambda: n.leaky_relu(1, slope=2), "slope must lie in [0, 1], but is 2"),
    (lambda: n.huber([1], [1], delta=float("inf")), "delta must lie in (0, inf), but is inf"),
    (
        lambda: n.mean_squared_error([1], [1], reduction="avg"),
        'reduction must be "mean", "sum" or "none", but is \'avg\'',
    ),
    (lambda: n.binary_cross_entropy([0.5], [1], smoothing=2), "smoothing must lie in [0, 1], but is 2"),
    (lambda: n.binary_cross_entropy([0.5], [1], positive_weight=-1), "positive_weight must lie in [0, inf), but is -1"),
    (
        lambda: n.cross_entropy_from_logits([[1, 2]], [[0, 1]], weights=[1, 2, 3]),
        "weights must be 2 numbers from [0, inf), one for each class, but are [1.0, 2.0, 3.0]",
    ),
    (lambda: n.cross_entropy([0.5, 0.5], [0, 1], weights=[-1, 2]), "one for each class, but are [-1.0, 2.0]"),
    (lambda: n.focal_from_logits([1], [1], gamma=-1), "gamma must lie in [0, inf), but is -1"),
    (lambda: n.focal_from_logits([1], [1], balance=2), "balance must lie in [0, 1], but is 2"),
    (lambda: n.info_nce([[1, 2]], [[1, 2]], temperature=0), "temperature must lie in (0, inf), but is 0"),
    (lambda: n.info_nce([1, 2], [1, 2]), "queries has shape (2,), and the shapes must be queries (n, d), keys (n, d)"),
    (
        lambda: n.linear([[1, 2, 3]], [[1, 2], [3, 4]], [1, 2]),
        "weights has shape (2, 2), and the shapes must be x (n, i), weights (i, o), bias (o) where n = 1, i = 3",
    ),
    (lambda: n.linear([1, 2], [[1, 2], [3, 4]], [1, 2]), "x has shape (2,), and the shapes must be x (n, i)"),
    (lambda: n.linear([[1, 2]], [[1, 2], [3, 4]], 1), "bias has shape (), and the shapes must be x (n, i)"),
    (lambda: n.linear_vjp([[1, 2]], [[1], [2]], [1], [[1, 2]]), "g has shape (1, 2), and the shapes must be"),
    (
        lambda: n.convolution(np.zeros((1, 1, 1, 2)), KERNEL, [0]),
        "kernels of (2, 2) do not fit into images that are (1, 1)",
    ),
    (lambda: n.convolution(IMAGE, KERNEL, [0, 1]), "bias has shape (2,), and the shapes must be x (n, h, w, i)"),
    (lambda: n.convolution(IMAGE, KERNEL, [0], stride=0), "stride must be at least 1, but is 0"),
    (lambda: n.convolution(IMAGE, KERNEL, [0], padding=-1), "padding must be at least 0, but is -1"),
    (
        lambda: n.convolution_vjp(IMAGE, KERNEL, [0], np.zeros((1, 2, 2, 1))),
        "g has shape (1, 2, 2, 1), and the output has (1, 3, 3, 1)",
    ),
    (lambda: n.batch_norm(np.zeros((0, 2)), [1, 1], [0, 0]), "an array of shape (0, 2) has no examples"),
    (lambda: n.batch_norm([[1, 2]], [1, 1], [0, 0], epsilon=0), "column 0 does not vary"),
    (lambda: n.layer_norm(np.zeros((2, 0)), [], []), "an array of shape (2, 0) has no features"),
    (lambda: n.layer_norm([[1, 2], [3, 3]], [1, 1], [0, 0], epsilon=0), "row 1 does not vary"),
    (lambda: n.rms_norm([1, 2], [1, 1, 1]), "scale has shape (3,), and the shapes must be x (..., c), scale (c)"),
    (lambda: n.dropout([1, 2], [1, 0, 1]), "kept has shape (3,), and x has (2,)"),
    (lambda: n.dropout([1, 2], [1, 0], rate=1), "rate must lie in [0, 1), but is 1"),
    (
        lambda: n.attention([1, 2], [[1, 2]], [[1]]),
        "queries has shape (2,), and the shapes must be queries (..., n, d)",
    ),
    (lambda: n.attention([[1, 2]], [[1, 2]], [[1], [2]]), "values has shape (2, 1), and the shapes must be"),
    (
        lambda: n.attention([[1.0, 2]], [[1, 2]], [[1]], mask=[[True, False]]),
        "mask has shape (1, 2), and is for queries and keys of (1, 1)",
    ),
    (lambda: n.one_hot([0, 2], 2), "labels must be integers from 0 to 1, but one is 2"),
    (lambda: n.one_hot([0], 0), "classes must be at least 1, but is 0"),
    (lambda: n.moons(-1, RNG), "n must be at least 0, but is -1"),
    (lambda: n.moons(3, RNG, noise=-1), "noise must lie in [0, inf), but is -1"),
    (lambda: n.spirals(3, RNG, classes=0), "classes must be at least 1, but is 0"),
    (lambda: n.blobs(3, RNG, centres=[1, 2]), "centres must have shape (classes, 2), but have (2,)"),
    (
        lambda: n.two_weights([1, 2], [1, 2], [1]),
        "truths has shape (1,), and the shapes must be inputs (k), truths (k)",
    ),
    (lambda: n.two_weights([1, 2], [], []), "there are no inputs"),
    (lambda: n.grid(n.ravine, (0, 1), (0, 1), points=0), "points must be at least 1, but is 0"),
    (lambda: n.trace_level(n.ravine, n.ravine_vjp, [1, 0], steps=-1), "steps must be at least 0, but is -1"),
    (lambda: n.sgd(-0.1), "learning_rate must lie in [0, inf), but is -0.1"),
    (lambda: n.adam(epsilon=-1), "epsilon must lie in [0, inf), but is -1"),
    (lambda: n.lion(weight_decay=-1), "weight_decay must lie in [0, inf), but is -1"),
    (lambda: n.ewma([1, 2], beta=1), "beta must lie in [0, 1), but is 1"),
    (lambda: n.step_decay(0.1, 10, -1), "factor must lie in [0, inf), but is -1"),
    (lambda: n.cosine(0.1, 0), "steps must be at least 1, but is 0"),
    (
        lambda: n.draw_network([2], RNG),
        "a network has at least two sizes, of its input and its output, and these are [2]",
    ),
    (lambda: n.draw_network([2, 0], RNG), "size must be at least 1, but is 0"),
    (lambda: n.predict(NETWORK, [1, 2]), "x has shape (2,), and the shapes must be x (n, i)"),
    (lambda: n.train(NETWORK, [[1, 2]], [[1, 0, 0]] * 2, n.sgd(0.1), steps=1), "there are 1 rows of x and 2 truths"),
    (
        lambda: n.train(NETWORK, [[1, 2]], [[1, 0, 0]], n.sgd(0.1), steps=1, batch=5, rng=RNG),
        "a batch of 5 cannot be drawn from 1 rows",
    ),
    (lambda: n.train(NETWORK, [[1, 2]], [[1, 0, 0]], n.sgd(0.1), steps=-1), "steps must be at least 0, but is -1"),
    (lambda: n.check_jacobian(np.sin, lambda x: x, [1, 2]), "the Jacobian has shape (2,), and should have (2, 2)"),
]
TYPES: list[tuple[Call, str]] = [
    (lambda: n.sigmoid([1j]), "real numbers are needed, but given was complex128: [1j]"),
    (lambda: n.relu("a"), "real numbers are needed, but given was str_: ['a']"),
    (lambda: n.softmax(None), "real numbers are needed, but given was object_: [None]"),
    (lambda: n.softmax([1.0], axis=None), "axis must be one whole number, but is None"),
    (lambda: n.entropy([[1.0]], axis=(0, 1)), "axis must be one whole number, but is (0, 1)"),
    (lambda: n.mean_squared_error([1.0], [1j]), "real numbers are needed, but given was complex128: [1j]"),
    (lambda: n.paraboloid_vjp([1, 2], 1j), "real numbers are needed, but given was complex128: [1j]"),
    (lambda: n.trajectory(n.sgd(0.1), lambda x: 1j * x, [1], 2), "real numbers are needed, but given was complex128"),
    (lambda: n.softmax([1, 2], temperature=[1, 2]), "temperature must be a number, but is [1, 2]"),
    (lambda: n.sgd("fast"), "learning_rate must be a number, but is 'fast'"),
    (lambda: n.convolution(IMAGE, KERNEL, [0], stride=1.5), "stride must be a whole number, but is 1.5"),
    (lambda: n.moons(2.5, RNG), "n must be a whole number, but is 2.5"),
    (lambda: n.moons(3, 42), "rng must be a numpy Generator, such as np.random.default_rng(0), but is 42"),
    (lambda: n.check_vjp(np.sin, lambda x, g: g * np.cos(x), 1, None), "rng must be a numpy Generator"),
    (
        lambda: n.attention([[1.0]], [[1]], [[1]], mask=[[-np.inf]]),
        "mask must hold booleans, true where a query may look",
    ),
    (
        lambda: n.trajectory(n.sgd, n.ravine_vjp, [1, 2], 3),
        "an optimizer is a pair of functions, such as sgd(0.1) returns",
    ),
    (
        lambda: n.scheduled(n.adam, 0.1),
        "a schedule is a function of the update, such as constant(0.1), and this is 0.1",
    ),
]


@pytest.mark.parametrize(("call", "sentence"), VALUES, ids=[sentence for _, sentence in VALUES])
def test_a_value_or_shape_that_does_not_fit_is_a_value_error(call: Call, sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        call()


@pytest.mark.parametrize(("call", "sentence"), TYPES, ids=[sentence for _, sentence in TYPES])
def test_what_is_no_real_number_is_a_type_error(call: Call, sentence: str) -> None:
    with pytest.raises(TypeError, match=re.escape(sentence)):
        call()


def test_probabilities_typed_in_with_two_digits_are_accepted() -> None:
    assert n.entropy([0.33, 0.33, 0.33]) == pytest.approx(-0.99 * np.log(0.33))
