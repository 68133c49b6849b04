"""How the texts of figures read, where they hold formulas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from running.test_figures import PLOT, figure_of

from sitegen.running.figures.plain import plain

if TYPE_CHECKING:
    from running.conftest import Blog


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        (r"rate $\bar{\alpha}_t$", "rate ᾱ_t"),
        (r"$\frac{1}{\sqrt{2\pi}}e^{-x^2/2}$", "1/(√(2π))e^(-x^2/2)"),
        (r"$\frac{\sin((2k+1)\theta)}{2k+1}$", "sin((2k+1)θ)/(2k+1)"),
        (r"$\frac{a + b}{c_1}$", "(a + b)/c_1"),
        (r"$\sum_{k=0}^{N-1} x_k$", "∑_(k=0)^(N-1) x_k"),
        (r"$\nabla_\theta \mathcal{L}(\hat\theta) \leq \|x\|$", "∇_θ L(θ̂) ≤ ‖x‖"),
        (r"$\exp\left(-\lambda x\right)$, $\log p$", "exp(-λ x), log p"),
        (r"$\left. x \right|_{a}$", "x |_a"),
        (r"$\mathdefault{10^{-2}}$ at $20^{\circ}$", "10^-2 at 20°"),
        (r"an $\it{a \ priori}$ guess", "an a priori guess"),
        (r"$\binom{n}{k} \notknown$", "(n over k) notknown"),
        ("Loss in $1000's", "Loss in $1000's"),
        (r"\$5 of $\$6$", "$5 of $6"),
        ("C:\\data {a}\n_b_", "C:\\data {a} _b_"),
        ("$$", ""),
        ("$}$ $x^$ ${a$", "x^ a"),
    ],
)
def test_a_text_reads_without_the_signs_of_tex(text: str, reads: str) -> None:
    assert plain(text) == reads


def test_a_figure_is_described_and_its_lines_are_named_in_signs(blog: Blog) -> None:
    code = r"ax.plot([1, 2], label=r'$\lambda_1$')" "\n" r"ax.set_ylabel(r'$\bar{\alpha}_t$')"
    assert figure_of(blog, code).alt == "Line plot of ᾱ_t; series: λ_1"
    assert 'data-series="λ_1"' in blog.svg(PLOT + code)
