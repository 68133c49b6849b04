"""What a published page weighs, and how its HTML is made smaller."""

from __future__ import annotations

import gzip
import re
from pathlib import Path, PurePosixPath

import pytest

from benchmarks import corpus
from sitegen.model import Stored
from sitegen.pipeline import Options, build
from sitegen.publishing.minify import minify
from sitegen.store import Store

MOST_HTML, MOST_CSS = 14_000, 8_000  # bytes, as gzip sends them


def test_a_math_post_of_six_kilobytes_is_light(tmp_path: Path) -> None:
    """At the density of the posts that are measured: a table, lists, code, and a formula for every 110 bytes."""
    corpus.math_posts(tmp_path / "corpus", 2)
    first, second = sorted((tmp_path / "corpus" / "posts").iterdir())
    more = second.read_text(encoding="utf-8").split("---\n\n", 1)[1]
    text = first.read_text(encoding="utf-8") + more[: more.index("## ", 1_100)] + corpus.PARAGRAPH
    assert 5_900 < len(text) < 6_100
    (tmp_path / "blog" / "posts").mkdir(parents=True)
    (tmp_path / "blog" / "posts" / "2026-01-01-a.md").write_text(text, encoding="utf-8")
    with Store(None) as store:
        files = build(tmp_path / "blog", store, Options(final=True, minify=True)).files
        page = _content(files[PurePosixPath("posts/a/index.html")], store)
        assert page.count(b"<math") > 50
        assert len(gzip.compress(page, 6)) < MOST_HTML
        sheets = re.findall(rb"<link rel=stylesheet href=\.\./\.\./([^ >]+)", page)
        assert sheets
        contents = [_content(files[PurePosixPath(sheet.decode())], store) for sheet in sheets]
        assert sum(len(gzip.compress(content, 6)) for content in contents) < MOST_CSS


@pytest.mark.parametrize(
    ("page", "smaller"),
    [
        ('<p class="a">one  <b>two</b>\n\n  three</p>', "<p class=a>one <b>two</b> three</p>"),
        ("<pre>\n  a\n\n   b\n</pre>", "<pre>\n  a\n\n   b\n</pre>"),
        ('<svg viewBox="0 0 9 9"><text>a  b</text></svg>', '<svg viewBox="0 0 9 9"><text>a  b</text></svg>'),
        ('<input disabled="disabled"><!-- said to nobody -->', "<input disabled>"),
        ("<script>a  =  1;</script>", "<script>a  =  1;</script>"),
        ("<code>a  b</code>", "<code>a  b</code>"),
    ],
)
def test_what_a_browser_shows_stays(page: str, smaller: str) -> None:
    with Store(None) as store:
        name = store.keep(page.encode())
        digest, said = minify([name], store)[name]
        assert said == ""
        assert store.content(digest).decode() == smaller


def _content(content: object, store: Store) -> bytes:
    return store.content(content.digest) if isinstance(content, Stored) else bytes(content)  # type: ignore[call-overload]
