"""The reference cannot rot: it is built as a blog, and names every key that there is."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from sitegen.config import CellDefaults, Config, Limits
from sitegen.pipeline import Options, build
from sitegen.reading.cell_options import OPTIONS
from sitegen.store import Store

PROJECT = Path(__file__).parents[1]
DOCS = PROJECT / "docs"


def keys(path: Path, before: str = "", after: str = "\n## Nothing of this name") -> set[str]:
    """Return the words in backticks in the first column of the tables of a part of a file."""
    text = path.read_text(encoding="utf-8")
    part = text[text.index(before) :].split(after)[0]
    rows = re.findall(r"^\| (`[^|]*) \|", part, re.MULTILINE)
    return {re.sub(r": true$", "", word) for row in rows for word in re.findall(r"`([^`]+)`", row)}


def test_the_reference_builds_as_pages_of_a_blog(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    shutil.copytree(DOCS, tmp_path / "pages", ignore=shutil.ignore_patterns("decisions", "*.png"))
    (tmp_path / "pages" / "gallery.md").write_text("Built and looked at by test_gallery.py.\n", encoding="utf-8")
    with Store(None) as store:
        result = build(tmp_path, store, Options(workers=2))
    assert [str(error) for error in result.errors] == []
    assert result.report["pages"] == len(list(DOCS.glob("*.md")))


def test_every_setting_is_described() -> None:
    path = DOCS / "configuration.md"
    assert keys(path, after="## execute") == {*Config.__struct_fields__} - {
        "cells",
        "limits",
        "variables",
        "math_errors",
    } | {"execute", "math"}
    limits = {name.replace("_", "-") for name in Limits.__struct_fields__}
    assert keys(path, "## execute") == limits | {"variables"}


def test_every_default_is_what_it_says() -> None:
    text = (DOCS / "configuration.md").read_text(encoding="utf-8")
    assert f"| `paginate` | {Config().paginate} |" in text
    assert f"| `permalink` | {Config().permalink} |" in text
    limits = Limits()
    sizes = {"memory": limits.memory, "output-size": limits.output_size, "files": limits.files}
    for name, size in {**sizes, "figure-size": limits.figure_size}.items():
        shown = f"{size // 10**9} GB" if size >= 10**9 else f"{size // 10**6} MB"
        assert f"| `{name}` | {shown} |" in text
    for name, number in {"timeout": limits.timeout, "processes": limits.processes, "figures": limits.figures}.items():
        assert f"| `{name}` | {number:g} |" in text


def test_every_cell_option_is_described() -> None:
    described = keys(DOCS / "writing.md", "| option | meaning |", "### Claims")
    assert described == OPTIONS - {"name", "tags"}
    cells = {name.replace("_", "-") for name in CellDefaults.__struct_fields__}
    assert cells <= described


@pytest.mark.parametrize("path", sorted((DOCS / "decisions").glob("*.md")), ids=lambda path: path.name)
def test_a_decision_is_short_and_says_what_was_decided(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.match(r"# \d{3} \S", text)
    assert len(text.splitlines()) <= 16
