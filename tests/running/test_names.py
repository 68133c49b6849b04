"""What a build says of names and calls that the numerics do not have."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import pytest

from sitegen.numerics import plots
from sitegen.running.names import PLOTS

if TYPE_CHECKING:
    from running.conftest import Blog


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("swish", "here it is `silu`"),
        ("MSELoss", "here it is `mean_squared_error`"),
        ("LeakyReLU", "here it is `leaky_relu`"),
        ("LayerNorm", "here it is `layer_norm`"),
        ("make_moons", "here it is `moons`"),
        ("sigmoid_derivative", "here it is `sigmoid_vjp`"),
        ("d_swish", "here it is `silu_vjp`"),
        ("softmx", "did you mean `softmax`?"),
        ("gradient_check", "here it is `check_gradient`"),
        ("numerical_gradient", "here it is `numerical_vjp`"),
        ("finite_difference", "here it is `numerical_vjp`"),
        ("NLLLoss", "here it is `cross_entropy`"),
        ("cross_entropy_loss", "here it is `cross_entropy`"),
        ("cosine_schedule", "here it is `cosine`"),
        ("plot_surface", "from sitegen.numerics.plots import surface"),
        ("contour", "from sitegen.numerics.plots import levels"),
        ("levels", "from sitegen.numerics.plots import levels"),
        ("embedding_bag", "docs/numerics.md lists what there is"),
    ],
)
@pytest.mark.parametrize("code", ["from sitegen.numerics import {}", "import sitegen.numerics as nm\nnm.{}(0)"])
def test_a_name_that_others_use_is_told_as_it_is_here(blog: Blog, code: str, name: str, hint: str) -> None:
    assert hint in blog.failure(code.format(name)).hint


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("from numerics import softmax", "`sitegen.numerics`"),
        ("import numerics", "`sitegen.numerics`"),
        ("import sitegen\nsitegen.numerics.softmax([1, 2])", "`import sitegen.numerics`"),
        ("from sitegen.numerics.plots import contour", "import levels"),
        ("from sitegen.numerics.plots import draw_surface", "docs/numerics.md"),
    ],
)
def test_where_the_numerics_stand_is_told(blog: Blog, code: str, hint: str) -> None:
    assert hint in blog.failure(code).hint


@pytest.mark.parametrize(
    ("call", "hint"),
    [
        ("softmax([1, 2], 1)", "`softmax(x, *, axis=-1, temperature=1.0)`"),
        ("nm.adam(lr=0.1)", "`adam(learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-08)`"),
        ("cosine(0.1)", "`cosine(rate, steps, last=0.0)`"),
        ("train(1, 2, 3, 4, 5)", "batch=None, rng=None, activation=..., loss=...)`"),
    ],
)
def test_a_call_that_does_not_fit_is_told_with_the_arguments_there_are(blog: Blog, call: str, hint: str) -> None:
    assert hint in blog.failure(f"from sitegen.numerics import *\nimport sitegen.numerics as nm\n{call}").hint


@pytest.mark.parametrize(
    "code",
    [
        "def softmax(x): return x\nsoftmax(1, 2)",
        "class Model:\n    def softmax(self): pass\nModel().softmax(1)",
        "import math\nmath.silu",
        "len(1, 2)",
    ],
)
def test_what_is_not_of_the_numerics_is_not_explained_by_them(blog: Blog, code: str) -> None:
    assert blog.failure(f"import sitegen.numerics\n{code}").hint == ""


def test_plots_are_known_by_their_names() -> None:
    functions = {
        name for name, one in vars(plots).items() if inspect.isfunction(one) and one.__module__ == plots.__name__
    }
    assert set(PLOTS) == {name for name in functions if not name.startswith("_")}
