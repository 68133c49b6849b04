r"""What authors write for MathJax and LaTeX is set: every rule and every command of ours has its case in a fixture.

tests/fixtures/tex/*.md hold cases of the form `title`, `.`, TeX, `.`, what KaTeX is given (rules) or how the formula reads
(commands), `.`. A title that begins with "in a line:" is set in a line, others as displays.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from sitegen.errors import Location
from sitegen.model import Formula
from sitegen.store import Store
from sitegen.typesetting.katex import Katex
from sitegen.typesetting.numbering import plan_numbers
from sitegen.typesetting.readable import readable
from sitegen.typesetting.rewrites import rewrite
from sitegen.typesetting.rule import Context
from sitegen.typesetting.rules import RULES
from sitegen.typesetting.typeset import typeset

FIXTURES = Path(__file__).parents[1] / "fixtures" / "tex"
CASE = re.compile(r"^(?P<title>[^\n]+)\n\.\n(?P<tex>.*?)\n\.\n(?P<expected>.*?)\n\.\n", re.MULTILINE | re.DOTALL)
DIALECT = Path(__file__).parents[2] / "sitegen" / "typesetting" / "dialect.mjs"


def cases(name: str) -> list[re.Match[str]]:
    return list(CASE.finditer((FIXTURES / name).read_text(encoding="utf-8")))


def in_display(case: re.Match[str]) -> bool:
    return not case["title"].startswith("in a line:")


def compare(name: str, number: int, actual: str, request: pytest.FixtureRequest) -> None:
    case = cases(name)[number]
    if request.config.getoption("--update-golden") and not os.environ.get("CI"):
        text = (FIXTURES / name).read_text(encoding="utf-8")
        start, end = case.span("expected")
        (FIXTURES / name).write_text(f"{text[:start]}{actual}{text[end:]}", encoding="utf-8")
        return
    assert actual == case["expected"], case["title"]


def set_all(name: str) -> list[str]:
    """Return the HTML of every case of a fixture, or what KaTeX has against it."""
    formulas = [Formula(case["tex"], in_display(case), (), Location(name, 1)) for case in cases(name)]
    with Katex() as katex, Store(None) as store:
        found = [typeset([formula], store, katex) for formula in formulas]
    return [next(iter(result.html.values()), "") or str(result.problems[0][2]) for result in found]


@pytest.mark.parametrize("number", range(len(cases("rules.md"))))
def test_a_formula_is_rewritten_as_the_fixture_says(number: int, request: pytest.FixtureRequest) -> None:
    case = cases("rules.md")[number]
    compare("rules.md", number, rewrite(case["tex"], (), display=in_display(case)).tex, request)


def test_katex_sets_what_the_rules_make() -> None:
    refused = [
        (case["tex"], html)
        for case, html in zip(cases("rules.md"), set_all("rules.md"), strict=True)
        if not html.startswith("<span")
    ]
    assert not refused


def test_every_rule_has_a_case_that_needs_it() -> None:
    used = {rule for case in cases("rules.md") for rule in rewrite(case["tex"], (), display=in_display(case)).rules}
    assert used == {rule.__name__ for _, rule in RULES}


def test_plain_formulas_are_left_alone() -> None:
    plain = [
        r"\begin{aligned} a &= b \\ {c} &= \{d\} \end{aligned}",
        r"\text{for all } x_i \in \{0, 1\}, 5\% \text{ of $x_1$}",
        r"a \\ b",
        r"\begin{cases} 1 & x > 0 \\ -1 & \text{else} \end{cases}",
        r"x_{\max} + y^{\vec x} % a comment",
        r"\begin{array}{c|c} a & b \\\\ c & d \\ e & f \end{array}",
        r"x_i \_ y",
    ]
    assert [rewrite(tex, (), display=True).tex for tex in plain] == plain
    with_stars = r"\ceil*{x} + \set*{y}"
    assert rewrite(with_stars, (("\\ceil", ""), ("\\set", "")), display=True).tex == with_stars


@pytest.mark.parametrize(
    "steps",
    [
        r"\AxiomC{$A$} \AxiomC{$B$}",
        r"\AxiomC{$A$} \QuaternaryInfC{$B$}",
        r"\AxiomC{$A$} and so \UnaryInfC{$B$}",
        r"\AxiomC{$A$} \UnaryInfC{$B$} by it",
        r"\AxiomC{$A$} \RightLabel{$r$}",
        r"\AxiomC{$A$} \BinaryInfC{$B$}",
    ],
)
def test_a_proof_of_which_a_part_would_be_lost_is_left_to_be_refused(steps: str) -> None:
    proof = rf"\begin{{prooftree}}{steps}\end{{prooftree}}"
    assert rewrite(proof, (), display=True).tex == proof


def test_commands_read_as_the_fixture_says(request: pytest.FixtureRequest) -> None:
    for number, html in enumerate(set_all("commands.md")):
        compare("commands.md", number, readable(html) if html.startswith("<span") else f"error: {html}", request)


def test_every_command_of_the_dialect_has_a_case() -> None:
    defined = set(re.findall(r"\\gdef\\([a-zA-Z]+)(?![a-zA-Z@])", DIALECT.read_text(encoding="utf-8")))
    written = {name for case in cases("commands.md") for name in re.findall(r"\\([a-zA-Z]+)", case["tex"])}
    assert not defined - written


@pytest.mark.parametrize("name", ["rules.md", "commands.md"])
def test_a_place_in_a_rewritten_formula_is_a_place_in_the_original(name: str) -> None:
    for case in cases(name):
        tex = case["tex"] + " \\oops"
        found = rewrite(tex, (), display=in_display(case))
        assert tex[found.original(found.tex.rfind("\\oops")) :].startswith("\\oops"), case["title"]


def test_a_rule_has_nothing_to_do_without_the_text_it_needs() -> None:
    texts = {case["tex"] for path in FIXTURES.glob("*.md") for case in cases(path.name)}
    for needed, rule in RULES:
        for display in (True, False):
            context = Context(display, {})
            assert not [tex for tex in texts if needed not in tex and list(rule(tex, context))], rule.__name__


@pytest.mark.parametrize("end", [r"\newline", r"\cr", "\\\\", "\\\\" * 2, "\\\\" * 3])
def test_a_row_has_one_number_however_it_ends(end: str) -> None:
    formula = Formula(rf"\begin{{align}} a &= b {end} c &= d \end{{align}}", True, (), Location("a.md", 1))
    assert len(plan_numbers(formula).rows) == 2
