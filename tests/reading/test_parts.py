"""Files that a source includes are inputs like the source itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitegen.model import Stored
from sitegen.pipeline import Options, build
from sitegen.store import Store

if TYPE_CHECKING:
    from pathlib import Path


def test_a_post_follows_what_it_includes(tmp_path: Path) -> None:
    posts = tmp_path / "posts"
    posts.mkdir()
    (posts / "2025-01-01-x.md").write_text("---\ntitle: x\n---\n{{< include _a.md >}}\n")
    (posts / "_a.md").write_text("{{< include _b.md >}}\n")
    pages = []
    with Store(None) as store:
        for text in ("First.", "Second."):
            (posts / "_b.md").write_text(text)
            result = build(tmp_path, store, Options())
            assert result.errors == ()
            page = next(content for path, content in result.files.items() if str(path) == "posts/x/index.html")
            assert isinstance(page, Stored)
            pages.append(store.content(page.digest).decode())
    assert "First." in pages[0]
    assert "Second." in pages[1]
