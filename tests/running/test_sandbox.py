"""What a program cannot reach, where the kernel refuses it and where only the audit hook does."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sitegen.model import Shown
from sitegen.running import client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from running.conftest import Blog

WITHOUT_KERNEL = "from sitegen.running.watched import sandbox; sandbox.separate = sandbox.confine = sandbox.refuse_network = lambda *_: False; "


@pytest.fixture(scope="module", params=["kernel", "hook"])
def _protection(request: pytest.FixtureRequest) -> Iterator[None]:
    """All that this kernel offers, and then the audit hook alone; one fork server for each."""
    if request.param == "kernel":
        yield
        return
    begin, end = client._START.split("from sitegen.running.server")
    with pytest.MonkeyPatch.context() as patch:
        client.close()
        patch.setattr(client, "_START", begin + WITHOUT_KERNEL + "from sitegen.running.server" + end)
        yield
        client.close()


@pytest.fixture
def protected(_protection: None, blog: Blog) -> Blog:
    """A blog whose programs run under one kind of protection."""
    return blog


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
    assert {entry.name for entry in path.parent.iterdir()} == {"data.csv", "index.md"}


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


def test_all_that_is_written_is_limited_without_a_file_system_of_its_own_too(protected: Blog) -> None:
    code = "import time\nfor n in range(60):\n    open(f'{n}', 'wb').write(bytes(10**6))\n    time.sleep(0.02)\ntime.sleep(9)"
    assert protected.failure(code, files=20_000_000).limit == "execute: files"
    failure = protected.failure(
        "import os, time\nfor _ in range(90):\n    os.write(1, bytes(10**5))\n    time.sleep(0.02)\ntime.sleep(9)"
    )
    assert failure.limit == "execute: output-size"
