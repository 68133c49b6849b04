"""CommonMark's own examples, read from its npm package: our set-up gives what the spec says, but for what docs/ tell."""

from __future__ import annotations

import re
from copy import copy
from pathlib import Path, PurePosixPath
from unittest.mock import patch

import pytest
from markdown_it.renderer import RendererHTML

from sitegen.config import Config
from sitegen.model import Source
from sitegen.reading import markdown as reader
from sitegen.reading.parse import parse

PROJECT = Path(__file__).parents[2]
SPEC = PROJECT / "node_modules" / "commonmark-spec" / "spec.txt"
EXAMPLE = re.compile(r"^`{32} example\n(.*?)^\.\n(.*?)^`{32}$", re.MULTILINE | re.DOTALL)
DIFFERENCES = PROJECT / "docs" / "markdown.md"


def examples() -> list[tuple[str, str]]:
    text = SPEC.read_text(encoding="utf-8").replace("→", "\t")
    return [(source, html) for source, html in EXAMPLE.findall(text)]


def told() -> set[int]:
    """Return the examples that docs/ say are read otherwise."""
    rows = re.findall(r"^\| ([\d, ]+) \| .+ \|$", DIFFERENCES.read_text(encoding="utf-8"), re.MULTILINE)
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
    assert wrong == told()


def same(html: str) -> str:
    """Leave out the one newline that every port of markdown-it leaves out."""
    return html.strip().replace("<blockquote></blockquote>", "<blockquote>\n</blockquote>")
