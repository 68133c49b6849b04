"""A symbol that an author explains says what it means wherever it is set, and moves nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from sitegen.errors import Location
from sitegen.model import Formula
from sitegen.store import Store
from sitegen.typesetting.katex import Katex
from sitegen.typesetting.typeset import typeset

if TYPE_CHECKING:
    from collections.abc import Iterator

MEANS = re.compile(r'(?<=data-means=")[^"]*')


@pytest.fixture(scope="module")
def node() -> Iterator[Katex]:
    with Katex() as node:
        yield node


def html(node: Katex, tex: str, *symbols: tuple[str, str], macros: tuple[tuple[str, str], ...] = ()) -> str:
    formula = Formula(tex, display=True, macros=macros, location=Location("x.md", 1), symbols=symbols)
    with Store(None) as store:
        result = typeset([formula], store, node)
    assert result.problems == ()
    return next(iter(result.html.values()))


CASES = [
    (r"\theta_{t+1} = \theta_t - \eta", [r"\theta"], 2),
    (r"x^\theta + y_{\theta} + \frac{1}{\theta} + \sqrt[\theta]{x}", [r"\theta"], 4),
    (r"\mathcal{L}(\mathcal L)", [r"\mathcal L"], 2),
    (r"\hat{y}_i - y_i + x^{\hat y}", [r"\hat y"], 2),
    (r"W_1 x + W_2 + W_{1}^2", ["W_1"], 1),
    (r"\text{x} \max x \mathrm{x}", ["x"], 1),
    (r"f(x) + f(y) + f(x)", ["f(x)"], 2),
    (r"\operatorname{KL}(p \| q)", [r"\operatorname{KL}"], 1),
    (r"\left\{ x \right\} \Big( x \Big)", ["x"], 2),
]


@pytest.mark.parametrize(("tex", "symbols", "count"), CASES)
def test_each_place_of_a_symbol_says_what_it_means_and_nothing_moves(
    tex: str, symbols: list[str], count: int, node: Katex
) -> None:
    marked = html(node, tex, *((symbol, "meaning") for symbol in symbols))
    assert len(MEANS.findall(marked)) == count
    bare = re.sub(r'<span class="symbol"[^>]*>(.*?mclose">\)</span>)</span>', r"\1", marked)
    bare = re.sub(r' tabindex="-1" data-means="[^"]*"', "", bare).replace('class="symbol ', 'class="')
    assert bare == html(node, tex)


def test_what_holds_another_symbol_comes_before_it(node: Katex) -> None:
    marked = html(node, r"\theta_0 + \theta", (r"\theta", "parameters"), (r"\theta_0", "the first"))
    assert MEANS.findall(marked) == ["the first", "parameters"]


def test_a_symbol_of_the_authors_own_macro_is_found(node: Katex) -> None:
    marked = html(node, r"\E x", (r"\E", "expectation"), macros=((r"\E", r"\mathbb{E}"),))
    assert MEANS.findall(marked) == ["expectation"]


def test_a_meaning_is_escaped(node: Katex) -> None:
    assert MEANS.findall(html(node, "x", ("x", 'a "b" <c> & d'))) == ["a &quot;b&quot; &lt;c> &amp; d"]


def test_mathml_stays_as_it_was(node: Katex) -> None:
    marked = html(node, "x", ("x", "y"))
    assert "data-means" not in marked.partition('class="katex-html"')[0]


def test_a_symbol_that_a_line_could_break_is_an_error(node: Katex) -> None:
    formula = Formula("x = y", display=False, macros=(), location=Location("x.md", 1), symbols=(("x = y", "z"),))
    with Store(None) as store:
        result = typeset([formula], store, node)
    assert [message for _, _, message in result.problems] == [
        "the symbol x = y is more than one sign: it could be broken over two lines"
    ]
