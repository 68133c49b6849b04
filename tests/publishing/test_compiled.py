"""Compiled templates are kept, are never those of another source, and are missed where they cannot be kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from jinja2 import Environment, FileSystemLoader

from sitegen.publishing.compiled import Compiled

if TYPE_CHECKING:
    from pathlib import Path


class Counting(Environment):
    """Counts what it compiles."""

    compiled = 0

    def _generate(self, *args: object, **options: object) -> str:
        Counting.compiled += 1
        return super()._generate(*args, **options)  # type: ignore[arg-type] # passed on


@pytest.fixture(autouse=True)
def _nothing_compiled() -> None:
    Counting.compiled = 0


def rendered(folder: Path) -> str:
    environment = Counting(loader=FileSystemLoader(folder), bytecode_cache=Compiled([folder]))
    return environment.get_template("a.html").render()


def test_a_template_is_compiled_once_and_again_when_it_changes(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("{{ 1 + 1 }}")
    assert [rendered(tmp_path) for _ in range(3)] == ["2", "2", "2"]
    assert Counting.compiled == 1
    (tmp_path / "a.html").write_text("{{ 2 + 2 }}")
    assert [rendered(tmp_path) for _ in range(2)] == ["4", "4"]
    assert Counting.compiled == 2
    assert len(list((tmp_path / "__pycache__").iterdir())) == 1


def test_what_was_kept_and_is_garbage_is_compiled_again(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("{{ 1 + 1 }}")
    rendered(tmp_path)
    (kept,) = (tmp_path / "__pycache__").iterdir()
    whole = kept.read_bytes()
    for garbage in (b"", b"\x80\x04garbage", whole[:40], whole[:-9]):
        kept.write_bytes(garbage)
        assert rendered(tmp_path) == "2"
        assert kept.read_bytes() == whole


def test_a_folder_that_cannot_be_written_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("{{ 1 + 1 }}")
    (tmp_path / "__pycache__").write_text("a file")
    assert [rendered(tmp_path) for _ in range(2)] == ["2", "2"]
    assert Counting.compiled == 2


def test_templates_that_moved_name_their_new_file(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "a.html").write_text("\n{{ nothing.of.it }}")
    for name in ("one", "two"):
        if name == "two":
            (tmp_path / "one").rename(tmp_path / "two")
        with pytest.raises(Exception, match="nothing") as raised:
            rendered(tmp_path / name)
        files = {entry.frame.code.path: entry.lineno + 1 for entry in raised.traceback}
        assert {str(path): line for path, line in files.items()}[str(tmp_path / name / "a.html")] == 2
