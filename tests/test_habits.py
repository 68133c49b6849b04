"""Blogs in the manner of each dialect, tests/habits/<dialect>/: built without an error, and no syntax is left in the text."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import html as lxml_html

from sitegen.model import Stored
from sitegen.pipeline import Options, build
from sitegen.store import Store

HERE = Path(__file__).parent / "habits"
NAMES = sorted(path.name for path in HERE.iterdir() if path.is_dir())
LEFT_OVER = re.compile(
    r"\{[:#.%<]|\{\{|\}\}|\$\$|\$\\|\\\[|\\\(|:::|!!!|!\[|\]\(|\[\[|\[!|\[\^|==|\*\*|~~|\\begin|@(?:fig|eq|tbl|sec|thm)-|&[a-z]+;"
)


@pytest.mark.parametrize("name", NAMES)
def test_a_blog_in_the_manner_of_a_dialect_builds_and_leaves_no_syntax_in_its_text(name: str) -> None:
    with Store(None) as store:
        result = build(HERE / name, store, Options(today=datetime(2026, 1, 1, tzinfo=UTC)))
        assert [str(error) for error in result.errors] == []
        pages = {
            str(path): store.content(content.digest).decode()
            for path, content in result.files.items()
            if isinstance(content, Stored) and path.suffix == ".html" and path.parts[0] in {"posts", "notes"}
        }
    left = {}
    for path, page in pages.items():
        body = lxml_html.fromstring(page).xpath("//article | //main")
        for verbatim in body[0].xpath(".//pre | .//code | .//script | .//style | .//*[contains(@class, 'katex')]"):
            if verbatim.getparent() is not None:
                verbatim.drop_tree()
        text = body[0].text_content()
        left[path] = [text[max(match.start() - 20, 0) : match.end() + 20] for match in LEFT_OVER.finditer(text)]
    assert {path: found for path, found in left.items() if found} == {}


def test_there_are_at_least_forty_posts() -> None:
    assert len(list(HERE.glob("*/posts/**/*.md"))) >= 40
