"""What a program cannot reach, where the kernel refuses it and where only the audit hook does."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sitegen.model import Output, Shown
from sitegen.running import client, sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Blog

WITHOUT_KERNEL = "from sitegen.running import sandbox; sandbox.separate = sandbox.confine = sandbox.refuse_network = lambda *_: False; "


@pytest.fixture(params=["kernel", "hook"])
def protected(request: pytest.FixtureRequest, blog: Blog, monkeypatch: pytest.MonkeyPatch) -> Iterator[Blog]:
    """A blog, with all that this kernel offers, and with the audit hook alone."""
    if request.param == "hook":
        client.close()
        begin, end = client._START.split("from sitegen.running.server")
        monkeypatch.setattr(client, "_START", begin + WITHOUT_KERNEL + "from sitegen.running.server" + end)
    yield blog
    if request.param == "hook":
        client.close()


def attempt(blog: Blog, code: str) -> str:
    """Return what an attempt gives: its value, or the exception in one line."""
    indented = "\n".join(f"    {line}" for line in code.splitlines())
    (shown,) = blog.results(
        f"try:\n{indented}\nexcept OSError as error:\n    result = f'{{type(error).__name__}}: {{error}}'\nresult"
    )
    assert isinstance(shown, Shown)
    return shown.data.strip("'\"")


@pytest.mark.parametrize(
    "place", ["outside/secret.txt", "blog/.env", "blog/.git/config", "blog/posts/a/link.txt", "blog/linked/secret.txt"]
)
def test_files_outside_the_blog_and_hidden_ones_cannot_be_read(protected: Blog, tmp_path: Path, place: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    for path in (outside / "secret.txt", protected.root / ".env", protected.root / ".git" / "config"):
        path.parent.mkdir(exist_ok=True)
        path.write_text("s3cret")
    protected.write("posts/a/x.txt", "")
    (protected.root / "posts/a/link.txt").symlink_to(outside / "secret.txt")
    (protected.root / "linked").symlink_to(outside)
    said = attempt(protected, f"result = open({str(tmp_path / place)!r}).read()")
    assert said.startswith("PermissionError")
    protected.store.commit()
    assert b"s3cret" not in b"".join(path.read_bytes() for path in (tmp_path / "memory").iterdir() if path.is_file())


def test_environments_hold_no_secret(protected: Blog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "s3cret")
    client.close()
    code = (
        "import glob, os\nfound = str(dict(os.environ))\n"
        "for name in ['/proc/self/environ', *glob.glob('/proc/[0-9]*/environ')]:\n"
        "    try:\n        found += open(name).read()\n    except OSError:\n        pass\n"
        "result = 's3cret' in found"
    )
    assert attempt(protected, code) == "False"


def test_the_blog_cannot_be_written_to(protected: Blog) -> None:
    path = protected.write("posts/a/data.csv", "1")
    for code in (
        "open('data.csv', 'w')",
        f"open({str(path)!r}, 'a')",
        f"os.remove({str(path)!r})",
        "os.truncate('data.csv', 0)",
        f"os.symlink('x', {str(path.parent / 'new')!r})",
        "os.chmod('data.csv', 0)",
    ):
        said = attempt(protected, f"import os\nresult = {code}")
        assert said.startswith("PermissionError"), code
    assert "posts/a/data.csv is the blog" in attempt(protected, "result = open('data.csv', 'w')")
    assert path.read_text() == "1"
    assert sorted(os.listdir(path.parent)) == ["data.csv"]


def test_a_link_in_scratch_may_be_replaced_by_a_file(protected: Blog) -> None:
    path = protected.write("posts/a/data.csv", "1")
    code = "import os\nos.remove('data.csv')\nopen('data.csv', 'w').write('2')\nos.mkdir('d')\nos.rename('data.csv', 'd/x')\nresult = open('d/x').read()"
    assert attempt(protected, code) == "2"
    assert path.read_text() == "1"


def test_there_is_no_network(protected: Blog) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        for code in (f"socket.create_connection(('127.0.0.1', {port}), 2)", "socket.getaddrinfo('example.org', 80)"):
            said = attempt(protected, f"import socket\nresult = {code}")
            assert said.startswith("PermissionError"), said
            assert "network" in said


def test_other_processes_cannot_be_signalled(protected: Blog) -> None:
    for target in (os.getpid(), -1):
        said = attempt(protected, f"import os\nresult = os.kill({target}, 0)")
        assert said.startswith("PermissionError") or "no such process" in said.lower()


def test_processes_left_behind_end_without_a_namespace_too(protected: Blog) -> None:
    code = "import os, subprocess\nsubprocess.Popen(['sleep', '3456'], start_new_session=True)\nresult = 1"
    assert attempt(protected, code) == "1"
    left = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            left += [entry] if b"3456" in entry.read_bytes() else []
        except OSError:
            continue
    assert not left


def test_a_timeout_ends_what_the_program_started_without_a_namespace_too(protected: Blog) -> None:
    failure = protected.failure("import subprocess\nsubprocess.run(['sleep', '2345'])", timeout=1)
    assert (failure.limit, failure.line) == ("execute: timeout", 2)


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
