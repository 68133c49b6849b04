"""What holds a program where the kernel helps, and what a program may do all the same."""

from __future__ import annotations

import os
import signal
import stat
from typing import TYPE_CHECKING

import pytest

from sitegen.model import Failure, Output, Shown
from sitegen.running import client
from sitegen.running.watched import sandbox

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


OWN_FILES = pytest.mark.skipif(
    not sandbox.can_separate(), reason="this system gives programs no shared memory of their own"
)


@OWN_FILES
@pytest.mark.parametrize(
    "code",
    [
        "with multiprocessing.Pool(2) as pool: found = pool.map(square, [1, 2])",
        "with multiprocessing.Pool(2) as pool: found = list(pool.imap(square, [1, 2]))",
        "with ProcessPoolExecutor(2) as pool: found = list(pool.map(square, [1, 2]))",
        "queue = multiprocessing.Queue()\nother = multiprocessing.Process(target=queue.put, args=([1, 4],))\nother.start()\nfound = queue.get()\nother.join()",
        "with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context('spawn')) as pool: found = list(pool.map(square, [1, 2]))",
        "multiprocessing.set_start_method('forkserver')\nwith multiprocessing.Pool(1) as pool: found = pool.map(square, [1, 2])",
        "memory = SharedMemory(create=True, size=2)\nmemory.buf[:] = bytes([1, 4])\nfound = list(memory.buf)\nmemory.close()\nmemory.unlink()",
    ],
)
def test_several_processes_work(blog: Blog, code: str) -> None:
    begin = "import multiprocessing\nfrom concurrent.futures import ProcessPoolExecutor\nfrom multiprocessing.shared_memory import SharedMemory\ndef square(x): return x * x\n"
    (execution,) = blog.execute(blog.job(begin + code + "\nfound"))
    assert isinstance(execution.outcome, Output), execution.outcome
    assert execution.outcome.steps == ((Shown("text", "[1, 4]"),),)
    assert execution.outcome.notes == ()


def test_what_forked_processes_print_is_said(blog: Blog) -> None:
    code = "import os\nif not (child := os.fork()):\n    print('from the other')\n    os._exit(0)\nos.waitpid(child, 0)\nNone"
    (printed,) = blog.results(code)
    assert printed.text == "from the other\n"  # type: ignore[union-attr] # it is a Printed


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import socket\nsocket.socket()", "no network and no sockets: put the data beside the post"),
        ("import socket\nsocket.create_connection(('example.org', 80))", "put the data beside the post"),
        ("import urllib.request\nurllib.request.urlopen('https://example.org/')", "put the data beside the post"),
        (
            "import http.client\nhttp.client.HTTPConnection('example.org').request('GET', '/')",
            "put the data beside the post",
        ),
        ("import asyncio\nasyncio.run(asyncio.open_connection('example.org', 80))", "put the data beside the post"),
        ("import _socket\n_socket.socket()", "has no network"),
        ("import multiprocessing\nmultiprocessing.Manager()", "no sockets"),
        (
            "import subprocess\nsubprocess.run(['cat', '/etc/shadow'], check=True, capture_output=True)",
            "what a post starts has no network",
        ),
        (
            "import threading, time\nfor _ in range(1000): threading.Thread(target=time.sleep, args=(9,)).start()",
            "start fewer threads",
        ),
        ("input('name?')", "nobody can type while a site is built"),
        ("open('/etc/shadow')", "may read only what the blog shows, and not /etc/shadow"),
        (
            "open('/tmp/x', 'w')",
            "may write only into its own scratch folder (where it starts), and /tmp/x is not in it",
        ),
    ],
)
def test_what_is_refused_is_told_with_what_to_do(blog: Blog, code: str, said: str) -> None:
    failure = blog.failure(code, timeout=20)
    assert said in failure.message + failure.hint
    assert not failure.message.endswith("Permission denied") or failure.hint


def test_what_another_program_said_stands_in_the_traceback(blog: Blog) -> None:
    failure = blog.failure("import subprocess\nsubprocess.run(['ls', 'absent'], check=True, capture_output=True)")
    assert "No such file or directory" in failure.traceback


@pytest.mark.parametrize("where", ["scratch.limit", "worker.read_task", "scratch.enter"])
def test_a_mistake_of_our_own_shows_its_traceback(blog: Blog, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    module, name = where.split(".")
    broken = f"from sitegen.running import {module}; {module}.{name} = lambda *_, **__: 1 / 0; "
    begin, end = client._START.split("from sitegen.running.server")
    client.close()
    monkeypatch.setattr(client, "_START", begin + broken + "from sitegen.running.server" + end)
    with pytest.raises(client.OwnMistake, match="ZeroDivisionError"):
        blog.execute(blog.job("1"))
    client.close()


def test_a_server_that_cannot_start_shows_its_traceback_or_what_is_not_installed(
    blog: Blog, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.close()
    monkeypatch.setattr(client, "_START", "1 / 0")
    with pytest.raises(client.OwnMistake, match="ZeroDivisionError"):
        blog.execute(blog.job("1"))
    monkeypatch.setattr(client, "_START", "import no_such_library")
    (execution,) = blog.execute(blog.job("1"))
    assert isinstance(execution.outcome, Failure)
    assert execution.outcome.message == "no program can be run: ModuleNotFoundError: No module named 'no_such_library'"
    client.close()


def test_what_the_system_refuses_the_processes_of_a_program_is_no_mistake(
    blog: Blog, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse = "def refuse(*_, **__): raise OSError(27, 'File too large', 'font.ttf')\n"
    in_worker = f"{refuse}from sitegen.running import scratch; scratch.enter = refuse; "
    begin, end = client._START.split("from sitegen.running.server")
    for start in (f"{refuse}refuse()", begin + "\n" + in_worker + "from sitegen.running.server" + end):
        client.close()
        monkeypatch.setattr(client, "_START", start)
        with pytest.raises(OSError, match=r"^\[Errno 27\] File too large$"):
            blog.execute(blog.job("1"))
    client.close()


@pytest.mark.parametrize(
    ("ends", "kind", "said"),
    [
        ("(place.recv(size), [], 0, None)", OSError, "Too many open files"),  # fewer than are sent: `ulimit -n 30`
        ("os.kill(os.getpid(), 9)", None, "no program can be run: the fork server was ended"),
    ],
)
def test_no_cell_is_blamed_for_the_end_of_what_runs_programs(
    blog: Blog, monkeypatch: pytest.MonkeyPatch, ends: str, kind: type[Exception] | None, said: str
) -> None:
    client.close()
    monkeypatch.setattr(
        client, "_START", f"import os, socket; socket.recv_fds = lambda place, size, _: {ends}; {client._START}"
    )
    if kind:
        with pytest.raises(kind, match=said):
            blog.execute(blog.job("1"))
    else:
        (execution,) = blog.execute(blog.job("1"))
        assert isinstance(execution.outcome, Failure)
        assert (said in execution.outcome.message, execution.outcome.hint) == (True, "")
    client.close()


def test_what_runs_programs_is_said_to_be_killed(blog: Blog, monkeypatch: pytest.MonkeyPatch) -> None:
    client.close()
    monkeypatch.setattr(client, "_START", "import os; os.kill(os.getpid(), 9)")
    (execution,) = blog.execute(blog.job("1"))
    assert isinstance(execution.outcome, Failure)
    assert "the fork server ended (it was killed by signal 9; the system ends" in execution.outcome.message
    client.close()


def test_to_remove_a_scratch_folder_changes_no_rights_but_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: str, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", path)

    (tmp_path / "data.csv").write_text("1")
    (tmp_path / "room").mkdir()
    (tmp_path / "room" / "data.csv").symlink_to(tmp_path / "data.csv")
    for place, mode in ((tmp_path, 0o755), (tmp_path / "data.csv", 0o644)):
        place.chmod(mode)
    with monkeypatch.context() as patched:
        patched.setattr(os, "unlink", refuse)
        client.remove(tmp_path / "room")
    for _ in range(2):  # the second finds nothing: another build may have been faster
        client.remove(tmp_path / "room")
    assert not (tmp_path / "room").exists()
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755
    assert stat.S_IMODE((tmp_path / "data.csv").stat().st_mode) == 0o644


def test_a_server_that_is_ended_twice_is_ended(tmp_path: Path) -> None:
    server = client.Server(tmp_path / "cache")
    server.close()
    server.close()
    assert not server.home.exists()


def _refuse(number: int, _: object) -> None:
    raise SystemExit(128 + number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_at_last_does_not_stop_what_ends_the_programs(
    monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    ended = []

    class Slow:
        def close(self) -> None:
            os.kill(os.getpid(), number)
            ended.append(self)

    monkeypatch.setattr(client, "_server", Slow())
    all_of_them = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(one, _refuse) for one in all_of_them]
    try:
        client._close_at_last()
    finally:
        for one, handler in zip(all_of_them, before, strict=True):
            signal.signal(one, handler)
    assert ended
