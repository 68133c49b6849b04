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
