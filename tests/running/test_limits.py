"""Programs that misbehave: each ends with a clear failure or a right result, the others with theirs, and nothing runs on."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sitegen.model import Failure, Output, Printed, Shown
from sitegen.running import client

if TYPE_CHECKING:
    from running.conftest import Blog


def test_an_endless_loop(blog: Blog) -> None:
    failure = blog.failure("x = 1", "y = 2\nwhile True:\n    pass", timeout=1)
    assert (failure.step, failure.message, failure.limit) == (
        1,
        "the program did not end within 1 s",
        "execute: timeout",
    )
    assert failure.line in {2, 3}


def test_an_endless_loop_before_a_window_is_told_to_end(blog: Blog) -> None:
    for loop in ("while True:\n    plt.pause(0.1)", "while plt.fignum_exists(1):\n    pass"):
        failure = blog.failure(f"import matplotlib.pyplot as plt\nplt.plot([1])\n{loop}", timeout=1)
        assert "nobody closes a window here" in failure.hint
    assert not blog.failure("while True:\n    pass", timeout=1).hint


def test_an_endless_loop_in_a_module_is_told_with_both_places(blog: Blog) -> None:
    blog.write("posts/a/helper.py", "def slow():\n    while True:\n        pass\n")
    failure = blog.failure("import helper\n\nhelper.slow()", timeout=1)
    assert failure.line == 3
    assert re.search(r"within 1 s; it stood in posts/a/helper.py, line [23], in slow$", failure.message)


def test_an_endless_loop_in_a_function_of_an_earlier_cell_is_told_with_the_cell_that_calls(blog: Blog) -> None:
    failure = blog.failure("def f():\n    while True:\n        pass", "1\nf()", timeout=1)
    assert (failure.step, failure.line) == (1, 2)
    assert "it stood in an earlier cell, line " in failure.message


def test_an_endless_loop_that_catches_everything(blog: Blog) -> None:
    code = "import signal\nfor n in range(1, 65):\n    try: signal.signal(n, signal.SIG_IGN)\n    except Exception: pass\nwhile True:\n    try:\n        while True: pass\n    except BaseException: pass"
    assert blog.failure(code, timeout=1).limit == "execute: timeout"


def test_fifty_gigabytes_at_once(blog: Blog) -> None:
    failure = blog.failure("import numpy as np\nx = np.ones(50 * 10**9 // 8)")
    assert (failure.step, failure.line, failure.limit) == (0, 2, "execute: memory")
    assert "memory" in failure.message


def test_fifty_gigabytes_little_by_little(blog: Blog) -> None:
    failure = blog.failure("x = []\nwhile True:\n    x.append(bytearray(10**7))", memory=300_000_000)
    assert (failure.line, failure.limit) == (3, "execute: memory")


def test_a_gigabyte_of_print(blog: Blog) -> None:
    failure = blog.failure("x = 1", "while True:\n    print('x' * 10**6)")
    assert (failure.step, failure.line, failure.limit) == (1, 2, "execute: output-size")


@pytest.mark.parametrize(
    "code",
    [
        "os.write(1, bytes(10**9))",
        "for _ in range(1000): os.write(1, b'x' * 10**6)",
        "ctypes.CDLL(None).write(1, bytes(10**9), 10**9)",
        "subprocess.run(['head', '-c', '1000000000', '/dev/zero'])",
        "open(1, 'wb', closefd=False).write(bytes(10**9))",
    ],
)
def test_a_gigabyte_that_does_not_come_from_print(blog: Blog, code: str) -> None:
    before = shutil.disk_usage(tempfile.gettempdir()).used
    most = 0

    def look() -> None:
        nonlocal most
        while not over.wait(0.02):
            most = max(most, shutil.disk_usage(tempfile.gettempdir()).used - before)

    over = threading.Event()
    looking = threading.Thread(target=look)
    looking.start()
    failure = blog.failure(f"import ctypes, os, subprocess\n{code}")
    over.set()
    looking.join()
    assert (failure.message, failure.limit) == ("the cells say more than 1 000 000 bytes", "execute: output-size")
    assert most < 100_000_000


def test_a_huge_repr(blog: Blog) -> None:
    assert blog.failure("class A:\n    def __repr__(self): return 'x' * 10**8\nA()").limit == "execute: output-size"


@pytest.mark.parametrize(
    "code",
    [
        "with open('x', 'wb') as f:\n    f.write(bytes(30_000_000))",
        "for n in range(1000):\n    with open(f'{n}', 'wb') as f: f.write(bytes(1_000_000))",
        "import tempfile\nfor n in range(1000): tempfile.mkstemp()[0]; open(f'{tempfile.gettempdir()}/{n}', 'wb').write(bytes(10**6))",
        "import subprocess\nsubprocess.run('for n in $(seq 100); do head -c 1000000 /dev/zero > $n || exit 1; done', shell=True, check=True)",
    ],
)
def test_files_that_are_too_large_in_all(blog: Blog, code: str) -> None:
    failure = blog.failure(code, files=20_000_000)
    if "subprocess" in code:
        assert "returned non-zero exit status 1" in failure.message
    else:
        assert (failure.line, failure.limit) in {(2, "execute: files"), (3, "execute: files")}
        assert failure.message.startswith("the program writes more into files than it may")


def test_files_that_are_removed_again_do_not_count(blog: Blog) -> None:
    code = (
        "import os\nfor n in range(100):\n    with open('x', 'wb') as f: f.write(bytes(10**6))\n    os.remove('x')\n1"
    )
    blog.limits = type(blog.limits)(files=20_000_000)
    assert blog.results(code) == [Shown("text", "1")]


@pytest.mark.parametrize(
    ("code", "line", "words"),
    [
        ("import os\nos._exit(0)", 2, "the program ended itself (os._exit(0))"),
        ("import ctypes\nctypes.string_at(0)", 2, "the program crashed (SIGSEGV)"),
        ("import os\nos.abort()", 2, "the program crashed (SIGABRT)"),
        ("import os\nos.closerange(3, 65536)\n1", 0, "the program closed what it speaks through"),
        ("import os\nos.closerange(0, 65536)\n1", 0, "the program closed what it speaks through"),
        ("import builtins\nfor name in dir(builtins):\n    if name[0] != '_': delattr(builtins, name)\nx", 0, ""),
    ],
)
def test_a_program_that_ends_itself(blog: Blog, code: str, line: int, words: str) -> None:
    failure = blog.failure("x = 1", code)
    assert words in failure.message
    assert failure.step == 1
    assert failure.line == line or not line


def test_a_program_that_kills_itself_is_told_so_or_goes_on(blog: Blog) -> None:
    # The first process of a pid namespace cannot be killed from within; elsewhere it is.
    (execution,) = blog.execute(blog.job("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n1"))
    assert isinstance(execution.outcome, Output) or "killed" in execution.outcome.message


def test_a_worker_killed_from_outside(blog: Blog) -> None:
    blog.execute(blog.job("1"))
    assert client._server is not None
    server = client._server._process.pid

    def kill() -> None:
        """End the last of the chain server, supervisor, worker."""
        for _ in range(200):
            time.sleep(0.02)
            chain = [server]
            while children := Path(f"/proc/{chain[-1]}/task/{chain[-1]}/children").read_text().split():
                chain.append(int(children[0]))
            if len(chain) == 3:
                time.sleep(0.1)
                os.kill(chain[-1], signal.SIGKILL)
                return

    killer = threading.Thread(target=kill)
    killer.start()
    (execution,) = blog.execute(blog.job("import time\ntime.sleep(15)"))
    killer.join()
    assert isinstance(execution.outcome, Failure)
    assert execution.outcome.message == "the program was killed (SIGKILL)"


@pytest.mark.parametrize(
    "code",
    [
        "import sys\nsys.stdout.close()\nsys.stderr.close()\nprint('said')",
        "import os\nos.close(1)\nos.close(2)\nprint('said')",
        "import os, sys\nos.dup2(os.open('x', os.O_CREAT | os.O_RDWR), 1)\nprint('said')",
        "import threading, time\nthreading.Thread(target=time.sleep, args=(1000,)).start()\nprint('said')",
        "import os\nos.write = os.stat = os.listdir = None\nprint('said')",
        "import json, struct\njson.dumps = struct.pack = None\nprint('said')",
    ],
)
def test_what_does_no_harm_to_the_result(blog: Blog, code: str) -> None:
    (execution,) = blog.execute(blog.job(code, "6 * 7"))
    assert isinstance(execution.outcome, Output), execution.outcome
    assert execution.outcome.steps == ((Printed("said\n", "stdout"),), (Shown("text", "42"),))


def test_a_fork_bomb(blog: Blog) -> None:
    failure = blog.failure("import os\nwhile True:\n    os.fork()")
    assert failure.limit == "execute: processes"


@pytest.mark.parametrize(
    "bomb", ["while :; do sleep 9 & done", "f() { f | f & f; sleep 9; }; f", "f() { f | f & f; }; f"]
)
def test_a_fork_bomb_of_another_program(blog: Blog, bomb: str) -> None:
    before, bad = blog.execute(
        blog.job("1 + 1", path="posts/b/index.md"),
        blog.job(f"import subprocess\nsubprocess.run(['sh', '-c', {bomb!r}])"),
    )
    assert isinstance(before.outcome, Output)
    if isinstance(bad.outcome, Output):  # where the kernel refused it enough processes, it may have come to its end
        assert "fork" in str(bad.outcome)
    else:
        assert bad.outcome.limit == "execute: processes"


def test_processes_left_behind_end_with_the_program(blog: Blog) -> None:
    code = "import subprocess, os\nsubprocess.Popen(['sleep', '4567'], start_new_session=True)\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        import time; time.sleep(4567)\n    os._exit(0)\n'done'"
    assert blog.results(code) == [Shown("text", "'done'")]
    time.sleep(0.2)
    assert not [entry for entry in Path("/proc").glob("[0-9]*/cmdline") if b"4567" in _read(entry)]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_ten_thousand_figures(blog: Blog) -> None:
    failure = blog.failure("import matplotlib.pyplot as plt\nfor _ in range(10_000):\n    plt.figure()", figures=20)
    assert (failure.line, failure.limit) == (3, "execute: figures")


def test_figures_that_are_closed_do_not_count(blog: Blog) -> None:
    blog.limits = type(blog.limits)(figures=2)
    assert blog.results("import matplotlib.pyplot as plt\nfor _ in range(5):\n    plt.figure()\n    plt.close()") == []


def test_a_figure_of_a_hundred_inches(blog: Blog) -> None:
    code = "import matplotlib.pyplot as plt\nplt.figure(figsize=(100, 100))\nplt.plot([1, 2], 'o')"
    failure = blog.failure(code)
    assert failure.message == "figure 1 of the program is 100 by 100 inches"
    assert "60 are allowed" in failure.hint
    blog.limits = type(blog.limits)(figure_size=10_000)
    heavy = blog.failure(code.replace("(100, 100)", "(50, 50)").replace("[1, 2]", "range(20000)"))
    assert heavy.limit == "execute: figure-size"


def test_words_in_the_result_pipe_are_not_believed(blog: Blog) -> None:
    code = "import os\nfor fd in range(3, 600):\n    try: os.write(fd, b'x' * 100)\n    except OSError: pass"
    failure = blog.failure(code)
    assert "pipe that carries its results" in failure.message
    assert "only to what the cell opened" in failure.hint


def test_a_process_that_ends_from_c_code_is_told_with_what_may_have_ended_it(blog: Blog) -> None:
    failure = blog.failure("import ctypes\nctypes.CDLL(None)._exit(5)")
    assert "exit status 5" in failure.message
    assert "C code" in failure.hint


def test_a_full_pipe_waits_for_nobody(blog: Blog) -> None:
    blog.limits = type(blog.limits)(output_size=50_000_000)
    results = blog.results("for n in range(200):\n    display('x' * 100_000)")
    assert len(results) == 200


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_a_stopped_build_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    word = str(7000 + number).encode()  # no other test's
    home = tmp_path / "tmp"
    home.mkdir()
    blog = tmp_path / "blog"
    (blog / "posts").mkdir(parents=True)
    (blog / "site.yml").write_text("title: A\n")
    post = blog / "posts" / "2020-01-01-a.md"
    post.write_text(
        '---\ntitle: A\n---\n```{python}\nimport subprocess\nsubprocess.run(["sleep", "SECONDS"])\nwhile True: pass\n```\n'.replace(
            "SECONDS", word.decode()
        )
    )
    command: list[str | Path] = [sys.executable, Path(__file__).parents[2] / "build.py", "build", "--source", blog]
    environment = {**os.environ, "TMPDIR": str(home)}
    old = signal.getsignal(signal.SIGHUP)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # under nohup, which a build heeds, there would be nothing to see
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
    signal.signal(signal.SIGHUP, old)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and not _running(word):
        time.sleep(0.05)
    assert _running(word)
    assert list(home.glob("sitegen-*"))
    begun = time.monotonic()
    process.send_signal(number)
    _, said = process.communicate(timeout=10)
    assert b"Traceback" not in said
    assert process.returncode in {128 + number, -number}
    assert time.monotonic() - begun < 3
    time.sleep(0.3)
    assert not _running(word)
    if number == signal.SIGKILL:  # nobody could tidy up; the next build does
        assert list(home.glob("sitegen-*"))
        post.write_text("---\ntitle: A\n---\n```{python}\n1\n```\n")
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    assert not list(home.glob("sitegen-*"))


def test_the_scratch_folders_of_builds_that_live_are_left(tmp_path: Path) -> None:
    living, dead, other = (tmp_path / f"sitegen-{name}" for name in ("living", "dead", "other"))
    for home in (living, dead, other):
        home.mkdir()
    lock = client._own(living)
    os.close(client._own(dead))
    (tmp_path / "sitegen-link").symlink_to(dead)
    client.sweep(tmp_path)
    assert [home.exists() for home in (living, dead, other)] == [True, False, True]
    os.close(lock)


def _running(word: bytes) -> bool:
    return any(
        word in _read(entry) and b"main.py" not in _read(entry) for entry in Path("/proc").glob("[0-9]*/cmdline")
    )
