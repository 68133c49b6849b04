"""Programs that misbehave: each ends with a clear failure or a right result, the others with theirs, and nothing runs on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
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


def test_a_gigabyte_written_by_c(blog: Blog) -> None:
    failure = blog.failure("import os\nfor _ in range(1000): os.write(1, b'x' * 10**6)", files=20_000_000)
    assert failure.limit in {"execute: output-size", "execute: files"}


def test_a_huge_repr(blog: Blog) -> None:
    assert blog.failure("class A:\n    def __repr__(self): return 'x' * 10**8\nA()").limit == "execute: output-size"


def test_a_file_that_is_too_large(blog: Blog) -> None:
    failure = blog.failure("with open('x', 'wb') as f:\n    f.write(bytes(30_000_000))", files=20_000_000)
    assert (failure.line, failure.limit) == (2, "execute: files")


@pytest.mark.parametrize(
    ("code", "line", "words"),
    [
        ("import os\nos._exit(0)", 2, "the program ended itself (os._exit(0))"),
        ("import ctypes\nctypes.string_at(0)", 2, "the program crashed (SIGSEGV)"),
        ("import os\nos.abort()", 2, "the program crashed"),
        ("import os\nos.closerange(3, 65536)\n1", 0, "ended before its last cell"),
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
    assert "pipe that carries its results" in blog.failure(code).message


def test_a_full_pipe_waits_for_nobody(blog: Blog) -> None:
    blog.limits = type(blog.limits)(output_size=50_000_000)
    results = blog.results("for n in range(200):\n    display('x' * 100_000)")
    assert len(results) == 200


def test_an_interrupt_ends_everything_at_once(tmp_path: Path) -> None:
    script = tmp_path / "main.py"
    script.write_text(
        "import sys\nfrom pathlib import Path\nsys.path[:0] = sys.argv[1:]\n"
        "from conftest import Blog\nfrom sitegen.store import Store\n"
        f"root = Path({str(tmp_path)!r})\n"
        "with Store(root / 'm' / 'store') as store:\n"
        "    blog = Blog(root, store)\n"
        "    print('ready', flush=True)\n"
        '    blog.execute(blog.job(\'import subprocess\\nsubprocess.run(["sleep", "7654"])\\nwhile True: pass\'))\n'
    )
    here = Path(__file__).parent
    process = subprocess.Popen(
        [sys.executable, script, here, here.parent.parent], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and not _running(b"7654"):
        time.sleep(0.05)
    assert _running(b"7654")
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=10)
    assert b"KeyboardInterrupt" in said
    assert time.monotonic() - begun < 3
    time.sleep(0.2)
    assert not _running(b"7654")


def _running(word: bytes) -> bool:
    return any(
        word in _read(entry) and b"main.py" not in _read(entry) for entry in Path("/proc").glob("[0-9]*/cmdline")
    )
