"""The numerics agree with scipy.special and PyTorch, in value and in gradient: `make test-peers`, which installs them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import scipy.special
import torch
import torch.nn.functional as F  # noqa: N812 - as PyTorch's own pages have it
from scipy import optimize

import sitegen.numerics as n

if TYPE_CHECKING:
    from collections.abc import Callable

rng = np.random.default_rng(11)
X = np.concatenate([rng.standard_normal(400) * 3, rng.uniform(-30, 30, 100), [0.5, -2.0, 20.0, -20.0]])
LOGITS = rng.standard_normal((6, 5)) * 3
P = n.softmax(rng.standard_normal((6, 5)))
T = n.softmax(rng.standard_normal((6, 5)))
HARD = np.eye(5)[[0, 3, 2, 2, 4, 1]]
SIGNS = np.where(HARD > 0, 1.0, -1.0)


def of_torch(x: np.ndarray[Any, Any]) -> torch.Tensor:
    return torch.tensor(x, dtype=torch.float64, requires_grad=True)


ELEMENTWISE: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "sigmoid": torch.sigmoid,
    "log_sigmoid": F.logsigmoid,
    "softplus": lambda x: F.softplus(x, threshold=800),
    "tanh": torch.tanh,
    "relu": F.relu,
    "leaky_relu": F.leaky_relu,
    "elu": F.elu,
    "selu": F.selu,
    "softsign": F.softsign,
    "hardsigmoid": F.hardsigmoid,
    "normal_cdf": torch.special.ndtr,
    "gelu": F.gelu,
    "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"),
    "silu": F.silu,
    "mish": F.mish,
}
SCIPY = {
    "sigmoid": scipy.special.expit,
    "log_sigmoid": scipy.special.log_expit,
    "softmax": lambda x: scipy.special.softmax(x, axis=-1),
    "log_softmax": lambda x: scipy.special.log_softmax(x, axis=-1),
    "logsumexp": lambda x: scipy.special.logsumexp(x, axis=-1),
    "normal_cdf": scipy.special.ndtr,
    "gelu": lambda x: x * scipy.special.ndtr(x),
    "softplus": lambda x: np.logaddexp(0, x),
    "entropy": lambda p: scipy.special.entr(p).sum(axis=-1),
}
LOSSES: dict[str, tuple[Any, Any, dict[str, Any], Callable[[torch.Tensor, torch.Tensor], torch.Tensor]]] = {
    "mean_squared_error": (LOGITS, T, {}, F.mse_loss),
    "mean_absolute_error": (LOGITS, T, {}, F.l1_loss),
    "huber": (LOGITS, T, {"delta": 0.7}, lambda y, t: F.huber_loss(y, t, delta=0.7)),
    "log_cosh": (LOGITS, T, {}, lambda y, t: torch.log(torch.cosh(y - t)).mean()),
    "hinge": (LOGITS, SIGNS, {}, lambda s, y: F.relu(1 - s * y).mean()),
    "squared_hinge": (LOGITS, SIGNS, {}, lambda s, y: F.relu(1 - s * y).square().mean()),
    "binary_cross_entropy": (P, T, {}, F.binary_cross_entropy),
    "binary_cross_entropy_from_logits": (
        LOGITS,
        T,
        {"positive_weight": 3.0},
        lambda x, t: F.binary_cross_entropy_with_logits(x, t, pos_weight=torch.tensor(3.0, dtype=torch.float64)),
    ),
    "cross_entropy": (P, T, {}, lambda p, t: -(t * torch.log(p)).sum(-1).mean()),
    "cross_entropy_from_logits": (
        LOGITS,
        T,
        {"smoothing": 0.1, "weights": [1.0, 2.0, 3.0, 4.0, 5.0]},
        lambda x, t: F.cross_entropy(
            x, t, label_smoothing=0.1, weight=torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0], dtype=torch.float64)
        ),
    ),
    "kl_divergence": (P, T, {}, lambda p, t: F.kl_div(torch.log(p), t, reduction="batchmean")),
    "js_divergence": (
        P,
        T,
        {},
        lambda p, t: (
            (
                F.kl_div(torch.log((p + t) / 2), p, reduction="batchmean")
                + F.kl_div(torch.log((p + t) / 2), t, reduction="batchmean")
            )
            / 2
        ),
    ),
    "focal_from_logits": (
        LOGITS,
        HARD,
        {"gamma": 1.5},
        lambda x, t: (
            (1 - torch.where(t > 0, torch.sigmoid(x), torch.sigmoid(-x))) ** 1.5
            * F.binary_cross_entropy_with_logits(x, t, reduction="none")
        ).mean(),
    ),
    "info_nce": (
        LOGITS,
        T,
        {"temperature": 0.5},
        lambda q, k: F.cross_entropy(q @ k.T / 0.5, torch.arange(6)),
    ),
}


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_an_activation_agrees_with_pytorch(name: str) -> None:
    x = of_torch(X)
    value = ELEMENTWISE[name](x)
    value.backward(torch.ones_like(value))
    np.testing.assert_allclose(getattr(n, name)(X), value.detach().numpy(), rtol=1e-12, atol=1e-15)
    rtol = 1e-7 if name == "hardsigmoid" else 1e-12  # PyTorch's 1/6 is that of single precision, 0.16666667163
    np.testing.assert_allclose(getattr(n, f"{name}_vjp")(X, 1.0), x.grad.numpy(), rtol=rtol, atol=1e-14)


@pytest.mark.parametrize("name", SCIPY)
def test_a_function_agrees_with_scipy(name: str) -> None:
    x = P if name == "entropy" else LOGITS
    np.testing.assert_allclose(getattr(n, name)(x), SCIPY[name](x), rtol=1e-13, atol=1e-300)


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "logsumexp"])
def test_the_softmax_family_agrees_with_pytorch_along_every_axis(name: str) -> None:
    for axis in (0, 1):
        x = of_torch(LOGITS)
        value = getattr(torch, name)(x, axis)
        g = rng.standard_normal(tuple(value.shape))
        value.backward(torch.tensor(g))
        np.testing.assert_allclose(getattr(n, name)(LOGITS, axis=axis), value.detach().numpy(), rtol=1e-13)
        np.testing.assert_allclose(
            getattr(n, f"{name}_vjp")(LOGITS, g, axis=axis), x.grad.numpy(), rtol=1e-11, atol=1e-15
        )


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_agrees_with_pytorch(name: str) -> None:
    prediction, truth, options, theirs = LOSSES[name]
    x = of_torch(prediction)
    value = theirs(x, torch.tensor(truth))
    value.backward()
    np.testing.assert_allclose(getattr(n, name)(prediction, truth, **options), value.item(), rtol=1e-12)
    gradient = getattr(n, f"{name}_vjp")(prediction, truth, **options)
    np.testing.assert_allclose(gradient, x.grad.numpy(), rtol=1e-11, atol=1e-15)


OPTIMIZERS = {
    "sgd": (n.sgd(0.01), lambda x: torch.optim.SGD([x], 0.01)),
    "momentum": (n.momentum(0.01, 0.9), lambda x: torch.optim.SGD([x], 0.01, momentum=0.9)),
    "nesterov": (n.nesterov(0.01, 0.9), lambda x: torch.optim.SGD([x], 0.01, momentum=0.9, nesterov=True)),
    "adagrad": (n.adagrad(0.1), lambda x: torch.optim.Adagrad([x], 0.1)),
    "rmsprop": (n.rmsprop(0.01, 0.9), lambda x: torch.optim.RMSprop([x], 0.01, alpha=0.9)),
    "adam": (n.adam(0.1), lambda x: torch.optim.Adam([x], 0.1)),
    "adamw": (n.adamw(0.1, weight_decay=0.2), lambda x: torch.optim.AdamW([x], 0.1, weight_decay=0.2)),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_walks_the_path_of_pytorchs(name: str) -> None:
    ours, make = OPTIMIZERS[name]
    x = of_torch(np.array([-1.0, 1.5]))
    theirs = make(x)
    path = [x.detach().numpy().copy()]
    for _ in range(30):
        theirs.zero_grad()
        ((1 - x[0]) ** 2 + 4 * (x[1] - x[0] ** 2) ** 2).backward()
        theirs.step()
        path.append(x.detach().numpy().copy())

    def gradient(x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        rest = x[1] - x[0] ** 2
        return np.array([-2 * (1 - x[0]) - 16 * x[0] * rest, 8 * rest])

    np.testing.assert_allclose(n.trajectory(ours, gradient, [-1.0, 1.5], 30), path, rtol=1e-6)


def test_the_surfaces_agree_with_scipys_rosenbrock() -> None:
    for point in rng.standard_normal((20, 2)):
        assert n.rosenbrock(point) == pytest.approx(optimize.rosen(point))
        np.testing.assert_allclose(n.rosenbrock_vjp(point), optimize.rosen_der(point), rtol=1e-12, atol=1e-12)


def test_the_layers_agree_with_pytorch() -> None:
    x, w, b = rng.standard_normal((2, 6, 7, 3)), rng.standard_normal((3, 2, 3, 4)), rng.standard_normal(4)
    tensors = [of_torch(x), of_torch(w), of_torch(b)]
    images, kernels = tensors[0].permute(0, 3, 1, 2), tensors[1].permute(3, 2, 0, 1)
    value = F.conv2d(images, kernels, tensors[2], stride=2, padding=1).permute(0, 2, 3, 1)
    g = rng.standard_normal(tuple(value.shape))
    value.backward(torch.tensor(g))
    np.testing.assert_allclose(n.convolution(x, w, b, stride=2, padding=1), value.detach().numpy(), rtol=1e-11)
    for ours, theirs in zip(n.convolution_vjp(x, w, b, g, stride=2, padding=1), tensors, strict=True):
        np.testing.assert_allclose(ours, theirs.grad.numpy(), rtol=1e-10, atol=1e-13)

    q, k, v = rng.standard_normal((2, 3, 4)), rng.standard_normal((2, 5, 4)), rng.standard_normal((2, 5, 6))
    mask = rng.random((3, 5)) < 0.7
    mask[:, 0] = True
    tensors = [of_torch(q), of_torch(k), of_torch(v)]
    value = F.scaled_dot_product_attention(*tensors, attn_mask=torch.tensor(mask))
    g = rng.standard_normal(tuple(value.shape))
    value.backward(torch.tensor(g))
    np.testing.assert_allclose(n.attention(q, k, v, mask=mask), value.detach().numpy(), rtol=1e-12)
    for ours, theirs in zip(n.attention_vjp(q, k, v, g, mask=mask), tensors, strict=True):
        np.testing.assert_allclose(ours, theirs.grad.numpy(), rtol=1e-10, atol=1e-14)


NORMS: dict[str, Callable[..., torch.Tensor]] = {
    "batch_norm": lambda x, scale, shift: F.batch_norm(x, None, None, scale, shift, training=True),
    "layer_norm": lambda x, scale, shift: F.layer_norm(x, (3,), scale, shift),
    "rms_norm": lambda x, scale: F.rms_norm(x, (3,), scale, 1e-5),
}


@pytest.mark.parametrize("name", NORMS)
def test_a_norm_agrees_with_pytorch(name: str) -> None:
    given = [rng.standard_normal((8, 3)), rng.standard_normal(3), rng.standard_normal(3)][: 2 + (name != "rms_norm")]
    tensors = [of_torch(array) for array in given]
    value = NORMS[name](*tensors)
    g = rng.standard_normal((8, 3))
    value.backward(torch.tensor(g))
    np.testing.assert_allclose(getattr(n, name)(*given), value.detach().numpy(), rtol=1e-11, atol=1e-14)
    for ours, theirs in zip(getattr(n, f"{name}_vjp")(*given, g), tensors, strict=True):
        np.testing.assert_allclose(ours, theirs.grad.numpy(), rtol=1e-9, atol=1e-13)
