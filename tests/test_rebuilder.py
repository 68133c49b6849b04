"""What the preview builds with lasts longer than what it remembers."""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from functools import partial
from pathlib import Path, PurePosixPath

import pytest

from sitegen.model import Stored
from sitegen.pipeline import Options
from sitegen.preview.rebuilder import Rebuilder

TEXT = """---
title: A
---
`{python} 1 + 1` and a plot:

```{python}
import time
import matplotlib.pyplot as plt
plt.plot([1, 2])
time.sleep(0.1)
```

```{python}
print("More.")
```
"""


@pytest.mark.parametrize("harm", ["cleaned", "damaged"])
def test_what_is_remembered_may_go_while_the_preview_runs(tmp_path: Path, harm: str) -> None:
    post = tmp_path / "posts" / "2025-01-02-a.md"
    post.parent.mkdir()
    post.write_text(TEXT, encoding="utf-8")
    store = tmp_path / ".sitegen" / "store.sqlite"
    said: list[str] = []
    with Rebuilder(tmp_path, store, Options(stable=True, resumable=True), said.append) as rebuilder:
        assert not rebuilder.build(None).errors
        if harm == "cleaned":
            shutil.rmtree(store.parent)
        else:
            for file in store.parent.glob("store.sqlite*"):
                file.write_bytes(b"no database" * 10_000)
        post.write_text(TEXT.replace("More", "Other"), encoding="utf-8")  # which goes on after the figure
        build = rebuilder.build({post})
        assert [str(error) for error in build.errors] == []
        page = build.files[PurePosixPath("posts/a/index.html")]
        assert isinstance(page, Stored)
        assert b"Other." in (rebuilder.content(page.digest) or b"")
        assert rebuilder.content("0" * 32) is None
    assert len(said) == 1
    assert "the build begins again" in said[0]


def test_a_save_costs_no_more_than_a_few_calls_for_each_other_post(tmp_path: Path) -> None:
    small, large = (calls_of_a_save(tmp_path / str(posts), posts) for posts in (100, 200))
    assert (large - small) / 100 < 50


def _count(calls: Counter[str], _: object, event: str, __: object) -> None:
    calls[event] += 1


def calls_of_a_save(blog: Path, posts: int) -> int:
    """Return how many functions of Python a save of one post calls in the preview."""
    (blog / "posts").mkdir(parents=True)
    for number in range(posts):
        text = f"---\ntitle: Post {number}\ntags: [t{number % 7}]\n---\nA first paragraph.\n\nAnd a text.\n"
        (blog / "posts" / f"2025-01-{number % 28 + 1:02}-post-{number}.md").write_text(text, encoding="utf-8")
    post = min((blog / "posts").iterdir())
    counts = []
    with Rebuilder(blog, blog / "store.sqlite", Options(stable=True, resumable=True), print) as rebuilder:
        assert not rebuilder.build(None).errors
        for number in range(4):  # the first load and compile what they need
            calls = Counter[str]()
            post.write_text(f"{post.read_text(encoding='utf-8')}\nMore {number}.\n", encoding="utf-8")
            sys.setprofile(partial(_count, calls))
            try:
                build = rebuilder.build({post})
            finally:
                sys.setprofile(None)
            assert not build.errors
            assert build.report["pages rendered"] in range(1, 10)
            counts.append(calls["call"])
    return min(counts)
