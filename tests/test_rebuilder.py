"""What the preview builds with lasts longer than what it remembers."""

from __future__ import annotations

import shutil
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
