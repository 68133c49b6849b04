"""Whole blogs in, whole sites out: tests/sites/<name>/in is built and compared with tests/sites/<name>/out.

The theme is tests/plain-theme, so that a change of the real theme changes nothing here.
"""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sitegen.model import Build, CopyOf, Stored
from sitegen.pipeline import Options, build
from sitegen.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
_VERSION = re.compile(r"(Python|numpy|matplotlib) \d+\.\d+\.\d+")  # of what a program ran with
NAMES = sorted(path.name for path in (HERE / "sites").iterdir() if (path / "in").is_dir())


def as_text(result: Build, store: Store) -> dict[str, str]:
    """Return every file of a site that is text; the theme's own assets are left out."""
    found = {}
    for path, content in sorted(result.files.items()):
        if path.parts[0] == "assets" and path.parts[1] != "img":
            continue
        if isinstance(content, CopyOf):
            data = content.path.read_bytes()
        else:
            data = store.content(content.digest) if isinstance(content, Stored) else content
        found[str(path)] = _VERSION.sub(r"\1 1.2.3", data.decode())
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_blog_becomes_the_site_that_is_expected(
    name: str, tmp_path: Path, golden: Callable[[Path, str], None], request: pytest.FixtureRequest
) -> None:
    blog = tmp_path / "blog"
    shutil.copytree(HERE / "sites" / name / "in", blog)
    shutil.copytree(HERE / "plain-theme", blog / "templates")
    with Store(None) as store:
        result = build(blog, store, Options(today=datetime(2026, 1, 1, tzinfo=UTC)))
        assert [str(error) for error in result.errors] == []
        files = as_text(result, store)
    out = HERE / "sites" / name / "out"
    if request.config.getoption("--update-golden"):
        shutil.rmtree(out, ignore_errors=True)
    for path, text in files.items():
        golden(out / path, text)
    expected = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    assert set(files) == expected
