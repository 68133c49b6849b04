"""A program that is asked for again goes on before the step that changed, and gives what a run from its beginning gives."""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sitegen.errors import OutdatedError
from sitegen.model import Failure, Output, Printed, Shown
from sitegen.running import client, pool
from sitegen.running.execute import execute
from sitegen.running.server import _children
from sitegen.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from running.conftest import Blog

    from sitegen.model import Execution

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="programs are resumed on Linux")

ENDLESS = "while True:\n    pass"
SLOW = "import time\ntime.sleep(0.5)\nprint('slow')\nx = 7"


@pytest.fixture
def blog(blog: Blog) -> Iterator[Blog]:
    pool._chains.close()
    yield blog
    pool._chains.close()


def run(blog: Blog, *codes: str, path: str = "posts/a/index.md") -> tuple[Execution, float]:
    begun = time.monotonic()
    (execution,) = blog.execute(blog.job(*codes, path=path), resumable=True)
    return execution, time.monotonic() - begun


def said(execution: Execution) -> list[str]:
    assert isinstance(execution.outcome, Output), execution.outcome
    steps = execution.outcome.steps
    return ["".join(getattr(one, "text", getattr(one, "data", "")) for one in step) for step in steps]


def clean(blog: Blog, *codes: str) -> Execution:
    with Store(None) as store:
        job = blog.job(*codes)
        (execution,) = execute(
            [job], root=blog.root, limits=blog.limits, store=store, variables=(), workers=1, on_done=lambda _: None
        )
    return execution


def line() -> list[int]:
    """Return the supervisor of a program and its copies, each the parent of the next."""
    server = client._server
    assert server is not None
    found = [server._process.pid]
    while children := _children(found[-1]):
        found += children
    return found[1:]


@pytest.mark.parametrize(
    "codes", [(ENDLESS,), (SLOW, ENDLESS), (SLOW, "import subprocess\nsubprocess.run(['sleep', '50'])")]
)
def test_a_program_ends_when_its_post_is_saved_again_and_goes_on_before_the_step(
    blog: Blog, codes: Sequence[str]
) -> None:
    job = blog.job(*codes)
    save = threading.Timer(1.5, lambda: blog.write(str(job.path), "saved again"))
    save.start()
    with pytest.raises(OutdatedError):
        blog.execute(job, resumable=True)
    again, seconds = run(blog, *codes[:-1], "print('over')")
    assert said(again)[-1] == "over\n"
    assert seconds < 0.4


def test_a_program_ends_when_a_module_that_it_imported_is_saved_again_and_not_for_what_it_reads(blog: Blog) -> None:
    blog.write("helper.py", "TIME = 0")
    blog.write("posts/a/data.txt", "1")
    code = "import time, helper\nopen('data.txt').read()\ntime.sleep(helper.TIME)"
    run(blog, code)
    blog.write("helper.py", "TIME = 1.5")
    threading.Timer(0.7, lambda: blog.write("posts/a/data.txt", "2")).start()
    execution, seconds = run(blog, code)
    assert seconds > 1.5, execution
    blog.write("helper.py", "TIME = 50")
    threading.Timer(0.7, lambda: blog.write("helper.py", "TIME = 0")).start()
    with pytest.raises(OutdatedError):
        run(blog, code)
    assert run(blog, code)[1] < 20


def test_what_comes_before_the_changed_step_is_not_run_again(blog: Blog) -> None:
    first, _ = run(blog, SLOW, "y = x + 1\ny", "=y * 2")
    assert said(first) == ["slow\n", "8", "16"]
    for add in (2, 3, 4):
        again, seconds = run(blog, SLOW, f"y = x + {add}\ny", "=y * 2")
        assert said(again) == ["slow\n", str(7 + add), str(2 * (7 + add))]
        assert seconds < 0.4
    longer, seconds = run(blog, SLOW, "y = x + 4\ny", "=y * 2", "print('more')")
    assert said(longer)[-1] == "more\n"
    assert seconds < 0.4
    anew, seconds = run(blog, SLOW + "5", "y = x + 4\ny", "=y * 2")
    assert said(anew) == ["slow\n", "79", "158"]
    assert seconds > 0.5


def test_a_program_that_failed_is_gone_on_with(blog: Blog) -> None:
    failed, _ = run(blog, SLOW, "y = x / 0")
    assert isinstance(failed.outcome, Failure)
    assert failed.outcome.message == "ZeroDivisionError: division by zero"
    mended, seconds = run(blog, SLOW, "y = x / 2\ny")
    assert said(mended) == ["slow\n", "3.5"]
    assert seconds < 0.4
    assert blog.execute(blog.job(SLOW, "y = x / 2\ny"))[0].reused


def test_a_broken_claim_before_the_change_is_told_again(blog: Blog) -> None:
    claim = "claim(x == 8, 'x is 8')"
    first, _ = run(blog, claim.replace("x == 8", "True"), SLOW, claim, "import time\ntime.sleep(0.1)", "1")
    again, seconds = run(blog, claim.replace("x == 8", "True"), SLOW, claim, "import time\ntime.sleep(0.1)", "2")
    assert seconds < 0.5
    assert isinstance(first.outcome, Failure)
    assert (first.outcome.step, first.outcome.message) == (2, again.outcome.message)  # type: ignore[union-attr] # a failure
    assert "x is 8" in first.outcome.message


def test_what_earlier_steps_saw_is_looked_at_again(blog: Blog) -> None:
    blog.write("posts/a/data.txt", "one")
    blog.write("posts/a/helper.py", "VALUE = 1")
    codes = (SLOW, "import helper\ntext = open('data.txt').read()\nimport time\ntime.sleep(0.1)", "text, helper.VALUE")
    assert said(run(blog, *codes)[0])[-1] == "('one', 1)"
    blog.write("posts/a/data.txt", "two")
    assert said(run(blog, *codes, "1")[0])[-2] == "('two', 1)"
    blog.write("posts/a/helper.py", "VALUE = 22")
    assert said(run(blog, *codes, "2")[0])[-2] == "('two', 22)"
    blog.write("posts/a/new.txt", "a file that the program's folder does not show yet")
    assert said(run(blog, *codes, "import os\nos.path.exists('new.txt')")[0])[-1] == "True"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "import random\nrandom.random(), np.random.rand(), rng.random()"),
        ("f = open('data.txt')\nf.readline()", "f.readline(), f.read()"),
        ("f = open('data.txt', 'rb', buffering=0)\nf.read(2)", "f.read(4)"),
        ("", "import os\nold = os.path.exists('made')\nopen('made', 'a').write('x')\nold, open('made').read()"),
        ("open('made', 'w').write('x')", "open('made', 'a').write('y')\nopen('made').read()"),
        ("f = open('made', 'w')", "f.write('y')\nf.flush()\nopen('made').read()"),
        ("import threading\nt = threading.Timer(30, print)\nt.daemon = True\nt.start()", "threading.active_count()"),
        ("import subprocess\np = subprocess.Popen(['sleep', '0.3'])", "p.wait()"),
        ("import mmap\nm = mmap.mmap(-1, 9)", "m[0] += 1\nm[0]"),
        ("import os\nr, w = os.pipe()\nos.write(w, b'abc')", "os.read(r, 1)"),
        ("import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2])\nplt.close()", "ax.plot([2, 1])\nfig"),
        ("import os\nos.system('echo from outside')", "print('inside')\nos.system('echo outside again')"),
        ("import functools\n@functools.cache\ndef f(n):\n    print('called')\n    return n\nf(1)", "f(1), f(2)"),
        ("def f():\n    return 1 / 0", "try:\n    f()\nexcept ZeroDivisionError as e:\n    print(e.__traceback__.tb_next.tb_lineno)"),
        ("", "len(open('/proc/self/statm').read().split())"),
        ("import sys\nsys.stdin.close()\nf = open('data.txt', 'rb', buffering=0)\nf.read(2)", "f.read(4)"),
        ("import multiprocessing\nl = multiprocessing.Lock()", "l.acquire(timeout=0.1)"),
        ("import signal\nsignal.signal(signal.SIGCHLD, lambda *_: print('a child ended'))", "1"),
        ("import signal\nsignal.setitimer(signal.ITIMER_PROF, 50)", "signal.getitimer(signal.ITIMER_PROF)[0] > 0"),
        ("import signal, os\nsignal.pthread_sigmask(signal.SIG_BLOCK, [10])\nos.kill(os.getpid(), 10)", "signal.sigpending()"),
        ("import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (99, 99))", "resource.getrlimit(resource.RLIMIT_NOFILE)"),
        ("import fcntl\nfcntl.fcntl = None", "1"),
        ("import ctypes\nc = ctypes.CDLL(None)\nt = ctypes.c_ulong()\n[c.pthread_create(ctypes.byref(t), None, c.sleep, 30) for _ in range(9)]", "c.pthread_tryjoin_np(t, None)"),
        ("import os\nos.close(1)", "print('still heard')\nos.write(1, b'and here')"),
    ],
)  # fmt: skip # code beside code
def test_it_gives_what_a_run_from_its_beginning_gives(blog: Blog, before: str, after: str) -> None:
    blog.write("posts/a/data.txt", "one\ntwo\nthree\nfour\n")
    wait = "import time, numpy as np\ntime.sleep(0.06)"
    program = [wait, f"{before}\n{wait}", "print('here')"]
    run(blog, *program, after)
    for more in ("print(1)", "print(2)", ""):
        codes = [*program, f"{more}\n{after}", "=1 + 1"]
        assert run(blog, *codes)[0].outcome == clean(blog, *codes).outcome


PIECES = [
    "import random\nprint(random.random())",
    "print(rng.normal())",
    "x = x + 1\nx",
    "x = x * 3\nprint(x)",
    "import numpy as np\na = np.arange(x % 7 + 3)\na",
    "import matplotlib.pyplot as plt\nplt.plot([x % 5, 2, 3])",
    "print(open('data.txt').readline())",
    "f = f if 'f' in globals() else open('data.txt')\nf.readline()",
    "open('log', 'a').write(str(x))\nopen('log').read()",
    "import os\nsorted(os.listdir('.'))",
    "import warnings\nwarnings.warn(f'x is {x}')",
    "claim(x > 0, 'x stays above zero')",
    "1 / (x % 4)",
    "del x",
    "x = 5",
]


@pytest.mark.parametrize("seed", range(4))
def test_after_any_edits_it_gives_what_a_run_from_its_beginning_gives(blog: Blog, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - the same edits in every run
    blog.write("posts/a/data.txt", "one\ntwo\nthree\n")
    wait = "\nimport time\ntime.sleep(0.04)"
    codes = ["x = 1" + wait, *(dice.choice(PIECES) + wait for _ in range(5))]
    for turn in range(6):
        kind = dice.choice(["change", "change", "insert", "remove", "data"]) if turn else ""
        place = dice.randrange(1, len(codes)) if len(codes) > 1 else 0
        if kind == "data":
            blog.write("posts/a/data.txt", f"one {turn}\ntwo\nthree\n")
        elif kind == "remove" and len(codes) > 2:
            del codes[place]
        elif kind:
            codes[place : place + (kind == "change")] = [dice.choice(PIECES) + wait]
        assert run(blog, *codes)[0].outcome == clean(blog, *codes).outcome, codes


def test_a_step_that_does_not_end_is_told_with_its_line(blog: Blog) -> None:
    blog.limits = type(blog.limits)(timeout=1.5)
    run(blog, SLOW, "x")
    endless, _ = run(blog, SLOW, "y = 1\nwhile True: pass")
    assert isinstance(endless.outcome, Failure)
    assert (endless.outcome.step, endless.outcome.line) == (1, 2)
    assert "did not end within 1.5 s" in endless.outcome.message
    assert said(run(blog, SLOW, "x + 1")[0]) == ["slow\n", "8"]


def test_a_step_that_kills_its_process_is_told(blog: Blog) -> None:
    run(blog, SLOW, "x")
    for code, message in (
        ("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)", "crashed (SIGSEGV)"),
        ("import os\nos._exit(3)", "ended itself"),
    ):
        killed, _ = run(blog, SLOW, code)
        assert isinstance(killed.outcome, Failure)
        assert message in killed.outcome.message
        assert said(run(blog, SLOW, "x + 1")[0]) == ["slow\n", "8"]


@pytest.mark.parametrize("which", [1, 2, 3])
def test_where_a_copy_was_killed_the_program_runs_from_its_beginning(blog: Blog, which: int) -> None:
    wait = "time.sleep(0.06)\nx += 1"
    run(blog, SLOW, wait, wait, "x")
    os.kill(line()[which], signal.SIGKILL)
    time.sleep(0.1)
    assert said(run(blog, SLOW, wait, wait, "x + 1")[0])[-1] == "10"
    assert said(run(blog, SLOW, wait, wait, "x + 2")[0])[-1] == "11"


@pytest.mark.parametrize(("which", "changed"), [(1, 3), (2, 1), (2, 3)])
def test_a_copy_that_was_killed_is_not_taken_for_the_program_when_it_is_told_late(
    blog: Blog, which: int, changed: int
) -> None:
    wait = "time.sleep(0.06)\nx += 1"
    codes = [SLOW, wait, wait, "x"]
    run(blog, *codes)
    before, copy = line()[which - 1 : which + 1]
    os.kill(before, signal.SIGSTOP)  # as on a machine with much to do
    os.kill(copy, signal.SIGKILL)
    threading.Timer(0.3, os.kill, (before, signal.SIGCONT)).start()
    codes[changed] += "\nx + 1"
    assert said(run(blog, *codes)[0]) == said(clean(blog, *codes))


def test_what_a_program_took_before_it_is_gone_on_with_counts(blog: Blog) -> None:
    blog.limits = type(blog.limits)(timeout=2)
    run(blog, SLOW.replace("0.5", "1.2"), "x")
    again, seconds = run(blog, SLOW.replace("0.5", "1.2"), "time.sleep(1.2)")
    assert isinstance(again.outcome, Failure)
    assert again.outcome.limit == "execute: timeout"
    assert seconds < 1.2


@pytest.mark.parametrize("change", ["_fork=lambda: open('/nowhere')", "_free_memory=lambda: 0.1"])
def test_where_no_copy_can_be_left_the_program_goes_on_without(blog: Blog, change: str) -> None:
    worker = "import sys\nframe = sys._getframe()\nwhile 'Checkpoints' not in frame.f_globals: frame = frame.f_back\n"
    code = f"{worker}frame.f_globals['Checkpoints'].leave.__globals__.update({change})\ndel frame"
    assert said(run(blog, code, SLOW, "x")[0]) == ["", "slow\n", "7"]
    assert said(run(blog, code, SLOW, "x + 1")[0]) == ["", "slow\n", "8"]
    assert not pool._chains._chains


def test_threads_that_ended_do_not_stand_in_the_way(blog: Blog) -> None:
    code = f"{SLOW}\nimport threading\nt = threading.Thread(target=sum, args=(range(99999),))\nt.start()\nt.join()"
    run(blog, code, "x")
    again, seconds = run(blog, code, "x + 1")
    assert said(again)[-1] == "8"
    assert seconds < 0.4


def test_two_programs_sleep_and_no_more(blog: Blog) -> None:
    for name in "abc":  # a folder that comes later would be seen
        (blog.root / "posts" / name).mkdir(parents=True)
    for name in "abc":
        run(blog, SLOW, f"'{name}'", path=f"posts/{name}/index.md")
    assert [Path(name).parent.name for name in pool._chains._chains] == ["b", "c"]
    assert run(blog, SLOW, "x + 1", path="posts/b/index.md")[1] < 0.4
    assert [Path(name).parent.name for name in pool._chains._chains] == ["c", "b"]


def test_printed_values_and_errors_keep_their_kinds(blog: Blog) -> None:
    first, _ = run(blog, SLOW, "print(x)\nx")
    again, _ = run(blog, SLOW, "print(x)\nx + 0")
    assert isinstance(first.outcome, Output)
    assert first.outcome == again.outcome
    assert [type(one) for one in first.outcome.steps[1]] == [Printed, Shown]


def test_a_program_that_sleeps_saw_nothing_of_what_stands_beside(blog: Blog) -> None:
    blog.write("posts/b/data.txt", "one")
    run(blog, SLOW, "1", SLOW, "2")
    blog.write("posts/b/data.txt", "two")
    assert run(blog, SLOW, "1", SLOW, "2")[0].reused


def test_the_program_of_a_post_that_is_removed_ends(blog: Blog) -> None:
    (blog.root / "posts" / "b").mkdir(parents=True)
    run(blog, SLOW, "1")
    run(blog, SLOW, "2", path="posts/b/index.md")
    assert len(pool._chains._chains) == 2
    (blog.root / "posts" / "a" / "index.md").unlink()
    assert blog.execute(resumable=True) == []
    assert list(pool._chains._chains) == ["posts/b/index.md"]


def test_hooks_of_forks_are_not_called_for_copies(blog: Blog) -> None:
    hooks = "import os, time\nos.register_at_fork(before=lambda: print('before'))"
    for n in "12":
        assert said(run(blog, SLOW, hooks, SLOW, n)[0]) == ["slow\n", "", "slow\n", n]
