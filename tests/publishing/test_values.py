"""Values of a program in what stands around its text and its cells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from sitegen.model import Stored
from sitegen.pipeline import Options, build
from sitegen.store import Store

if TYPE_CHECKING:
    from pathlib import Path


def page_of(folder: Path, text: str) -> str:
    (folder / "posts").mkdir()
    (folder / "posts" / "2025-01-01-x.md").write_text(text, encoding="utf-8")
    with Store(None) as store:
        result = build(folder, store, Options())
        assert [str(error) for error in result.errors] == []
        (page,) = [content for path, content in result.files.items() if str(path) == "posts/x/index.html"]
        assert isinstance(page, Stored)
        return store.content(page.digest).decode()


CELLS = "```{python}\na = 5\n```\n\nFirst `{python} a`.\n\n```{python}\na = 6\n```\n"


@pytest.mark.parametrize(
    "head",
    [
        "---\ntitle: All of `{python} a`\nsubtitle: 'Below: `{python} a`'\ndescription: It is `{python} a` now\n---\n",
        "---\ndescription: It is `{python} a` now\n---\n\n# All of `{python} a`\n\n",
    ],
)
def test_values_above_the_text_are_those_after_the_last_cell(tmp_path: Path, head: str) -> None:
    html = page_of(tmp_path, head + CELLS)
    assert "<title>All of 6" in html
    assert 'content="It is 6 now"' in html
    assert ("Below: 6" in html) == ("subtitle" in head)
    assert re.sub("<[^>]*>", "", html[html.index("<p>First") :]).startswith("First 5.")


def test_the_line_that_opens_folded_code_has_math_and_values(tmp_path: Path) -> None:
    cell = "```{python}\n#| code-fold: true\n#| code-summary: 'Sum `{python} n` of $z$, *all*'\nn = 3\n```\n"
    html = page_of(tmp_path, f"---\ntitle: x\nexecute:\n  code-summary: '`{{python}} n`'\n---\n{cell}")
    (summary,) = re.findall("<summary>(Sum.*?)</summary>", html)
    assert summary.startswith("Sum 3 of ")
    assert "katex" in summary
    assert summary.endswith(" <em>all</em>")


def test_a_line_for_all_folded_code_has_the_values_at_each_cell(tmp_path: Path) -> None:
    head = "---\ntitle: x\nexecute:\n  code-fold: true\n  code-summary: 'n = `{python} n`'\n---\n"
    html = page_of(tmp_path, head + "```{python}\nn = 3\n```\n\n```{python}\nn = 4\n```\n")
    assert re.findall("<summary>(n.*?)</summary>", html) == ["n = 3", "n = 4"]


@pytest.mark.parametrize(
    ("options", "alt"), [("", "Image"), ("#| fig-cap: A *grey* one\n", "A grey one"), ("#| fig-alt: Grey\n", "Grey")]
)
def test_a_picture_that_is_a_value_has_its_caption_s_words(tmp_path: Path, options: str, alt: str) -> None:
    code = "from PIL import Image\nImage.new('L', (9, 9), 99)\n"
    html = page_of(tmp_path, f"---\ntitle: x\n---\n```{{python}}\n{options}{code}```\n")
    assert re.findall(r'<img src="data:image/png[^"]*" alt="([^"]*)"', html) == [alt]
