"""What holds a program where the kernel helps, and what a program may do all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sitegen.model import Output, Shown
from sitegen.running import client, sandbox

if TYPE_CHECKING:
    from pathlib import Path

    from running.conftest import Blog


@pytest.mark.skipif(not sandbox.landlock_version() or not sandbox.can_filter(), reason="this kernel cannot")
def test_code_outside_python_reaches_nothing_either(blog: Blog, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("s3cret")
    code = f"import subprocess\nsubprocess.run(['cat', {str(tmp_path / 'secret.txt')!r}], capture_output=True, text=True).stdout"
    assert blog.results(code) == [Shown("text", "''")]
    code = "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\nlibc.socket(2, 1, 0), ctypes.get_errno()"
    assert blog.results(code) == [Shown("text", "(-1, 13)")]


def test_what_a_program_may_use(blog: Blog) -> None:
    code = (
        "import asyncio, concurrent.futures, locale, subprocess, tempfile, threading, time, zoneinfo, matplotlib.font_manager\n"
        "with tempfile.TemporaryFile() as f: f.write(b'x')\n"
        "with concurrent.futures.ThreadPoolExecutor() as pool: n = sum(pool.map(int, '123'))\n"
        "async def f(): return 1\n"
        "asyncio.run(f()), n, subprocess.run(['true']).returncode, str(zoneinfo.ZoneInfo('Asia/Seoul')), time.tzname[0]"
    )
    (shown,) = blog.results(code)
    assert shown == Shown("text", "(1, 6, 0, 'Asia/Seoul', 'UTC')")


def test_descriptions_are_sentences() -> None:
    assert all(len(sentence.split()) > 4 for sentence in sandbox.describe())


def test_scratch_folders_are_removed(blog: Blog) -> None:
    execution = blog.execute(blog.job("import os\nos.makedirs('a/b')\nopen('a/b/c', 'w').close()\nos.chmod('a/b', 0)"))[
        0
    ]
    assert isinstance(execution.outcome, Output)
    assert client._server is not None
    assert not list(client._server.home.glob("room-*"))
