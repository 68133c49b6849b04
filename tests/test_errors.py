"""Every case of tests/errors/: `name.md` is a post, `name/` a whole blog; `name.txt` is what the author is told."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sitegen.cli import main
from sitegen.errors import why_ended

if TYPE_CHECKING:
    from collections.abc import Callable

ERRORS = Path(__file__).parent / "errors"
NAMES = sorted(path.stem for path in ERRORS.iterdir() if path.suffix == ".md" or path.is_dir())


@pytest.mark.parametrize("name", NAMES)
def test_an_author_is_told_what_to_do(
    name: str, tmp_path: Path, golden: Callable[[Path, str], None], capfd: pytest.CaptureFixture[str]
) -> None:
    blog = tmp_path / "blog"
    if (ERRORS / name).is_dir():
        shutil.copytree(ERRORS / name, blog)
    else:
        (blog / "posts").mkdir(parents=True)
        shutil.copy(ERRORS / f"{name}.md", blog / "posts" / "2026-01-02-x.md")
    site = blog / "_site"
    assert main(["build", "--source", str(blog)]) == 1
    said = capfd.readouterr()
    assert not site.exists()
    text = re.sub(
        r"drawn in \d+ s\b", "drawn in less than a second", said.out + said.err
    )  # a busy machine takes longer
    text = text.replace(str(blog), "BLOG")
    golden(ERRORS / f"{name}.txt", text)


@pytest.mark.parametrize(
    ("status", "said", "why"),
    [
        (-9, "x", "it was killed by signal 9; the system ends what takes too much memory"),
        (-5, "#\nFATAL ERROR: out of memory\n", "FATAL ERROR: out of memory"),
        (-5, "#\n# Fatal process out of memory: x\n#\n 1: 0x89 y\n", "# Fatal process out of memory: x"),
        (-11, "", "it was ended by signal 11"),
        (1, "at x\nError: no room\n", "Error: no room"),
        (None, "", "it said nothing; build again"),
    ],
)
def test_of_a_process_that_ended_is_told_what_it_said_of_that(status: int | None, said: str, why: str) -> None:
    assert why_ended(status, said) == why
