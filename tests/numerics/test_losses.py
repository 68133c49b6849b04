"""Values, identities, extremes and refusals of the losses."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from sitegen.numerics import (
    binary_cross_entropy,
    binary_cross_entropy_from_logits,
    binary_cross_entropy_from_logits_vjp,
    binary_cross_entropy_vjp,
    cross_entropy,
    cross_entropy_from_logits,
    cross_entropy_from_logits_vjp,
    cross_entropy_vjp,
    focal_from_logits,
    hinge,
    hinge_vjp,
    info_nce,
    js_divergence,
    kl_divergence,
    kl_divergence_vjp,
    mean_absolute_error,
    mean_absolute_error_vjp,
    mean_squared_error,
    mean_squared_error_vjp,
    sigmoid,
    softmax,
    softmax_vjp,
)

Array = NDArray[np.float64]
Loss = Callable[..., NDArray[np.floating]]

logits_tables = arrays(np.float64, (3, 4), elements=st.floats(-20, 20))
distributions = logits_tables.map(softmax)
one_hot_tables = st.lists(st.integers(0, 3), min_size=3, max_size=3).map(lambda classes: np.eye(4)[classes])
ALL: list[Loss] = [
    binary_cross_entropy,
    binary_cross_entropy_from_logits,
    cross_entropy,
    cross_entropy_from_logits,
    kl_divergence,
    mean_squared_error,
    mean_absolute_error,
    hinge,
]


@pytest.mark.parametrize(
    ("loss", "prediction", "truth", "value"),
    [
        (binary_cross_entropy, [0.8, 0.4], [1, 0], (math.log(1 / 0.8) + math.log(1 / 0.6)) / 2),
        (binary_cross_entropy, 0.5, 0.5, math.log(2)),
        (binary_cross_entropy_from_logits, [2.0, -2.0], [1, 0], 0.1269280110429725),
        (binary_cross_entropy_from_logits, [0.0], [0.3], math.log(2)),
        (cross_entropy, [[0.7, 0.2, 0.1], [0.1, 0.8, 0.1]], [[1, 0, 0], [0, 1, 0]], 0.2899092476264711),
        (cross_entropy_from_logits, [2.0, 1.0], [1, 0], 0.31326168751822286),
        (cross_entropy_from_logits, [[2.0, 1.0], [2.0, 1.0]], [[1, 0], [0, 1]], 0.8132616875182228),
        # Cover and Thomas, Elements of Information Theory, example 2.3.1 with r = 1/2, s = 1/4: D(p || q), in nats.
        (kl_divergence, [0.75, 0.25], [0.5, 0.5], (1 - math.log2(3) / 2) * math.log(2)),
        (kl_divergence, [0.5, 0.5], [0.75, 0.25], (3 / 4 * math.log2(3) - 1) * math.log(2)),
        (mean_squared_error, [[1.0, 2.0], [3.0, 4.0]], [[1, 1], [1, 1]], 3.5),
        (mean_absolute_error, [[1.0, 2.0], [3.0, 4.0]], [[2, 1], [1, 1]], 1.75),
        (hinge, [0.5, -2.0, 3.0, -0.25], [1, 1, 1, -1], (0.5 + 3 + 0 + 0.75) / 4),
    ],
)
def test_a_loss_has_its_known_value(loss: Loss, prediction: object, truth: object, value: float) -> None:
    assert float(loss(prediction, truth)) == pytest.approx(value, rel=1e-14)


@given(logits_tables, distributions)
def test_from_logits_is_the_loss_of_the_probabilities(x: Array, t: Array) -> None:
    assert cross_entropy_from_logits(x, t) == pytest.approx(cross_entropy(softmax(x), t), rel=1e-12)
    assert binary_cross_entropy_from_logits(x, t) == pytest.approx(binary_cross_entropy(sigmoid(x), t), rel=1e-6)


@given(distributions, distributions)
def test_cross_entropy_is_entropy_plus_kl_divergence(p: Array, t: Array) -> None:
    entropy = np.mean(np.sum(-t * np.log(t), axis=-1))
    assert cross_entropy(p, t) == pytest.approx(entropy + kl_divergence(p, t), rel=1e-12)


@given(distributions, distributions)
def test_kl_divergence_is_not_negative_and_zero_from_itself(p: Array, t: Array) -> None:
    assert kl_divergence(p, t) >= -1e-15
    assert kl_divergence(t, t) == 0


@given(logits_tables, st.one_of(distributions, one_hot_tables))
def test_the_gradient_of_cross_entropy_in_the_logits_is_p_minus_y(x: Array, y: Array) -> None:
    np.testing.assert_allclose(cross_entropy_from_logits_vjp(x, y), (softmax(x) - y) / 3, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(
        binary_cross_entropy_from_logits_vjp(x, y), (sigmoid(x) - y) / 12, rtol=1e-12, atol=1e-15
    )


@given(logits_tables, one_hot_tables)
def test_the_chain_rule_through_softmax_gives_the_gradient_in_the_logits(x: Array, y: Array) -> None:
    through_softmax = softmax_vjp(x, cross_entropy_vjp(softmax(x), y))
    np.testing.assert_allclose(through_softmax, cross_entropy_from_logits_vjp(x, y), rtol=1e-9, atol=1e-14)


@given(logits_tables)
def test_two_classes_by_softmax_are_one_class_by_sigmoid(x: Array) -> None:
    t = np.linspace(0, 1, x.size).reshape(x.shape)
    pair, truth = np.stack([x, np.zeros_like(x)], axis=-1), np.stack([t, 1 - t], axis=-1)
    assert cross_entropy_from_logits(pair, truth) == pytest.approx(binary_cross_entropy_from_logits(x, t), rel=1e-12)


@given(logits_tables, one_hot_tables)
def test_the_classes_may_lie_along_any_axis(x: Array, y: Array) -> None:
    p = softmax(x)
    for loss, prediction in ((cross_entropy, p), (cross_entropy_from_logits, x), (kl_divergence, p)):
        assert loss(prediction.T, y.T, axis=0) == pytest.approx(loss(prediction, y), rel=1e-12)


@given(logits_tables, one_hot_tables)
def test_targets_may_be_labels(x: Array, y: Array) -> None:
    labels, weights = y.argmax(axis=-1), [1, 2, 3, 4]
    for f in (cross_entropy_from_logits, cross_entropy_from_logits_vjp):
        ours = f(x, labels, smoothing=0.1, weights=weights)
        np.testing.assert_array_equal(ours, f(x, y, smoothing=0.1, weights=weights))
        np.testing.assert_array_equal(f(x.T, labels, axis=0), f(x.T, y.T, axis=0))
        assert f(x[0], int(labels[0])).tolist() == f(x[0], y[0]).tolist()
    of_probabilities: list[Loss] = [cross_entropy, cross_entropy_vjp, kl_divergence, js_divergence]
    for loss in of_probabilities:
        np.testing.assert_array_equal(loss(softmax(x), labels.astype(np.uint8)), loss(softmax(x), y))


@given(logits_tables, one_hot_tables)
def test_a_loss_is_the_mean_of_the_losses_of_its_batch(x: Array, y: Array) -> None:
    losses = [cross_entropy_from_logits(row, truth) for row, truth in zip(x, y, strict=True)]
    assert cross_entropy_from_logits(x, y) == pytest.approx(np.mean(losses), rel=1e-12)


def test_zero_log_zero_is_zero() -> None:
    for loss in (binary_cross_entropy, cross_entropy, kl_divergence):
        perfect = loss([0.0, 1.0], [0, 1])
        assert perfect == 0
        assert not np.signbit(perfect), f"{loss.__name__} would be printed as -0.0"


def test_infinite_logits_that_are_right_cost_zero() -> None:
    for loss in (binary_cross_entropy_from_logits, cross_entropy_from_logits):
        perfect = loss([-np.inf, np.inf], [0, 1])
        assert perfect == 0
        assert not np.signbit(perfect), f"{loss.__name__} would be printed as -0.0"


def test_a_truth_of_predicted_probability_zero_costs_infinity() -> None:
    assert binary_cross_entropy(0.0, 1) == np.inf
    assert binary_cross_entropy(1.0, 0) == np.inf
    assert binary_cross_entropy([0.0, 0.5], [0.1, 1]) == np.inf
    assert cross_entropy([0.0, 1.0], [1, 0]) == np.inf
    assert kl_divergence([0.0, 1.0], [0.5, 0.5]) == np.inf
    assert cross_entropy_from_logits([-np.inf, 0.0], [1, 0]) == np.inf


def test_the_gradient_at_certainty_is_finite_where_right_and_infinite_where_wrong() -> None:
    assert binary_cross_entropy_vjp([1.0, 0.0, 0.0], [1, 0, 1]).tolist() == [-1 / 3, 1 / 3, -np.inf]
    assert cross_entropy_vjp([0.0, 1.0], [0, 1]).tolist() == [0, -1]
    assert cross_entropy_vjp([0.0, 1.0], [1, 0]).tolist() == [-np.inf, 0]
    assert kl_divergence_vjp([0.0, 1.0], [0, 1]).tolist() == [0, -1]


def test_the_smallest_probabilities_overflow_nothing_that_is_finite() -> None:
    assert kl_divergence([1e-310, 1.0], [1, 0]) == pytest.approx(310 * math.log(10))
    assert cross_entropy([1e-310, 1.0], [1, 0]) == pytest.approx(310 * math.log(10))


def test_a_masked_class_that_is_not_true_costs_nothing_and_gets_no_gradient() -> None:
    x = [[-np.inf, 2.0, 1.0]]
    assert cross_entropy_from_logits(x, [[0, 1, 0]]) == pytest.approx(0.31326168751822286)
    assert cross_entropy_from_logits_vjp(x, [[0, 1, 0]])[0, 0] == 0


def test_confident_logits_cost_nothing_where_right_and_their_size_where_wrong() -> None:
    for size in (1e4, np.inf):
        assert binary_cross_entropy_from_logits([size, -size], [1, 0]) == 0
        assert binary_cross_entropy_from_logits(size, 0) == size
        assert binary_cross_entropy_from_logits(-size, 1) == size
        assert cross_entropy_from_logits([size, 0.0], [1, 0]) == 0
        assert cross_entropy_from_logits([size, 0.0], [0, 1]) == size
    assert float(binary_cross_entropy_from_logits_vjp(40.0, 1)) == pytest.approx(-math.exp(-40), rel=1e-14)


def test_the_gradient_of_an_absolute_error_at_its_kink_is_zero() -> None:
    assert mean_absolute_error_vjp([1.0, 2.0], [1, 1]).tolist() == [0, 0.5]


def test_the_gradient_of_hinge_at_its_kink_is_zero() -> None:
    assert hinge_vjp([1.0, -1.0, 0.5, -0.5], [1, -1, 1, -1]).tolist() == [0, 0, -0.25, 0.25]


def test_the_upstream_gradient_scales_and_is_one_if_left_out() -> None:
    assert mean_squared_error_vjp([3.0, 1.0], [1, 1]).tolist() == [2, 0]
    assert mean_squared_error_vjp([3.0, 1.0], [1, 1], 10).tolist() == [20, 0]


@pytest.mark.parametrize("loss", ALL)
def test_the_shapes_must_be_the_same(loss: Loss) -> None:
    with pytest.raises(ValueError, match=r"the truth has shape \(3,\) and the prediction \(3, 1\)"):
        loss([[1.0], [1.0], [1.0]], [1.0, 1.0, 1.0])


@pytest.mark.parametrize("loss", ALL)
def test_the_mean_of_nothing_is_an_error(loss: Loss) -> None:
    with pytest.raises(ValueError, match="holds nothing"):
        loss([], [])


def test_labels_that_are_no_integers_are_refused_with_a_hint() -> None:
    with pytest.raises(ValueError, match="classes are given one-hot, to a cross-entropy also as integers"):
        cross_entropy_from_logits([[2.0, 1.0], [0.0, 1.0]], [0.0, 1.0])


@pytest.mark.parametrize("loss", [binary_cross_entropy, cross_entropy, kl_divergence])
def test_logits_passed_as_probabilities_are_refused_with_a_hint(loss: Loss) -> None:
    for wrong in (2.0, -0.5):
        with pytest.raises(ValueError, match=rf"probabilities must lie in \[0, 1\], but one is {wrong}; for logits"):
            loss([0.5, wrong], [0, 1])


@pytest.mark.parametrize("loss", ALL[:5])
def test_targets_outside_the_unit_interval_are_refused(loss: Loss) -> None:
    with pytest.raises(ValueError, match=r"targets must lie in \[0, 1\], but one is -1.0"):
        loss([0.5, 0.5], [-1, 1])


def test_labels_zero_and_one_are_refused_with_a_hint() -> None:
    for function in (hinge, hinge_vjp):
        with pytest.raises(ValueError, match=r"labels must be -1 or 1, but one is 0.0; .* pass 2 \* labels - 1"):
            function([0.5, 0.5], [0, 1])


@pytest.mark.parametrize("loss", ALL)
def test_a_diverged_prediction_gives_nan_and_no_error(loss: Loss) -> None:
    assert np.isnan(loss([np.nan, np.nan], [1, 1] if loss is hinge else [1, 0]))


def test_smoothing_moves_its_share_of_the_target_to_all_classes_evenly() -> None:
    p, x = [0.7, 0.2, 0.1], [1.0, 0.0, -1.0]
    smoothed = [0.8, 0.1, 0.1]  # of [1, 0, 0], a share of 0.3: 0.7 + 0.1, 0.1, 0.1
    assert cross_entropy(p, [1, 0, 0], smoothing=0.3) == pytest.approx(cross_entropy(p, smoothed), rel=1e-14)
    assert cross_entropy_from_logits(x, [1, 0, 0], smoothing=0.3) == pytest.approx(
        cross_entropy_from_logits(x, smoothed), rel=1e-14
    )
    for loss, prediction in ((binary_cross_entropy, 0.4), (binary_cross_entropy_from_logits, 0.4)):
        assert loss(prediction, 1, smoothing=0.2) == pytest.approx(loss(prediction, 0.9), rel=1e-14)


def test_a_class_counts_by_its_weight_and_the_mean_by_the_number_of_losses() -> None:
    p, t = np.array([[0.7, 0.3], [0.2, 0.8]]), np.eye(2)
    by_hand = -(2 * math.log(0.7) + 5 * math.log(0.8)) / 2
    assert cross_entropy(p, t, weights=[2, 5]) == pytest.approx(by_hand, rel=1e-14)
    assert cross_entropy_from_logits(np.log(p), t, weights=[2, 5]) == pytest.approx(by_hand, rel=1e-14)
    assert cross_entropy(p.T, t.T, weights=[2, 5], axis=0) == pytest.approx(by_hand, rel=1e-14)
    assert cross_entropy(1.0, 1.0, weights=[3]) == 0
    assert cross_entropy_vjp(1.0, 1.0, weights=[3]) == -3
    for loss, prediction in (
        (binary_cross_entropy, [0.7, 0.2]),
        (binary_cross_entropy_from_logits, np.log([0.7 / 0.3, 0.2 / 0.8])),
    ):
        assert loss(prediction, [1, 0], positive_weight=4) == pytest.approx(
            -(4 * math.log(0.7) + math.log(0.8)) / 2, rel=1e-14
        )


def test_a_divergence_from_a_denormal_probability_is_finite() -> None:
    tiny = 1e-310
    by_hand = 0.5 * (math.log(0.5) - math.log(tiny)) + 0.5 * math.log(0.5)
    assert kl_divergence([tiny, 1.0], [0.5, 0.5]) == pytest.approx(by_hand, rel=1e-14)


def test_focal_loss_forgives_what_is_nearly_right_by_its_power() -> None:
    x, p = 1.5, 1 / (1 + math.exp(-1.5))
    assert focal_from_logits(x, 1, gamma=2) == pytest.approx(-((1 - p) ** 2) * math.log(p), rel=1e-13)
    assert focal_from_logits(x, 0, gamma=2) == pytest.approx(-(p**2) * math.log(1 - p), rel=1e-13)
    assert focal_from_logits(x, 1, balance=0.25) == pytest.approx(0.5 * focal_from_logits(x, 1), rel=1e-13)
    assert focal_from_logits(x, 0, balance=0.25) == pytest.approx(1.5 * focal_from_logits(x, 0), rel=1e-13)


def test_the_right_key_is_picked_among_all() -> None:
    q, k = np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([[1.0, 0.0], [0.5, 0.5]])
    rows = [[1.0, 0.5], [0.0, 0.5]]
    by_hand = np.mean(
        [-math.log(math.exp(row[i] / 0.2) / sum(math.exp(s / 0.2) for s in row)) for i, row in enumerate(rows)]
    )
    assert info_nce(q, k, temperature=0.2) == pytest.approx(by_hand, rel=1e-13)


def test_the_jensen_shannon_divergence_is_symmetric_and_at_most_log_two() -> None:
    p, t = [0.9, 0.1], [0.2, 0.8]
    middle = [0.55, 0.45]
    by_hand = (kl_divergence(middle, p) + kl_divergence(middle, t)) / 2
    assert js_divergence(p, t) == pytest.approx(by_hand, rel=1e-13)
    assert js_divergence(t, p) == pytest.approx(by_hand, rel=1e-13)
    assert js_divergence([1.0, 0.0], [0, 1]) == pytest.approx(math.log(2), rel=1e-15)
