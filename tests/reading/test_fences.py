"""What is said of code that holds more than was meant, since the line that ends it is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sitegen.pipeline import Options, build
from sitegen.store import Store

if TYPE_CHECKING:
    from pathlib import Path

CASES = {
    "another begins": (
        "```python\nx\n\nText.\n\n```python\ny\n```\n",
        "posts/x.md:5: the code that begins here holds line 10, where other code begins: is the ``` that ends it missing?",
    ),
    "another begins, with tildes": ("~~~\nx\n~~~ sh\ny\n~~~\n", "posts/x.md:5: the code that begins here holds line 7"),
    "a cell within a file": ("```{python}\nx = '''\n```{python}\n'''\n```\n", "posts/x.md:5: the code that begins"),
    "no end": ("Text.\n\n```sh\nls\n\n## Heading\n", "posts/x.md:7: the code that begins here is never closed"),
    "no end, but nothing swallowed": ("```sh\nls\n", ""),
    "longer marks around": ("````md\n```python\nx\n```\n````\n", ""),
    "other marks within": ("```md\n~~~python\nx\n~~~\n```\n", ""),
    "no language": ("~~~\n```\nx\n```\n~~~\n", ""),
    "an end in a list": ("- item\n\n  ```sh\n  ls\n\n  ps\n  ```\n\nText.\n", ""),
}


@pytest.mark.parametrize("name", CASES)
def test_code_that_swallows_what_follows_is_noted(tmp_path: Path, name: str) -> None:
    body, told = CASES[name]
    (tmp_path / "posts").mkdir()
    header = "---\ntitle: x\ndate: 2026-01-02\n---\n"
    (tmp_path / "posts" / "x.md").write_text(header + body, encoding="utf-8")
    with Store(None) as store:
        notes = build(tmp_path, store, Options()).notes
    assert [note.startswith(told) for note in notes] == [True] * bool(told), notes
