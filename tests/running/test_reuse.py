"""When a program runs and when it does not, and what is said of it."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from running.conftest import left_running

from sitegen.config import Limits
from sitegen.keys import installed_versions
from sitegen.model import Failure, Figure, Job, Output, Source, Step
from sitegen.running import reasons
from sitegen.running.execute import expect_programs, explain
from sitegen.running.watched import observe
from sitegen.running.watched.observe import distribution_of
from sitegen.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from running.conftest import Blog

REUSED = ("reused: nothing it saw has changed",)


def runs(blog: Blog, job: Job) -> tuple[str, ...] | None:
    """Return why a job ran, or None when it was reused; what `explain` said before must be the same."""
    would, why = explain(job, root=blog.root, variables=blog.variables, store=blog.store)
    (execution,) = blog.execute(job)
    assert isinstance(execution.outcome, Output), execution.outcome
    assert (not execution.reused, execution.reasons) == (would, why)
    return None if execution.reused else execution.reasons


def test_the_second_time_nothing_runs(blog: Blog) -> None:
    job = blog.job("1 + 1", "=2")
    assert runs(blog, job) == ("runs for the first time",)
    (execution,) = blog.execute(job)
    assert (execution.reused, execution.reasons) == (True, REUSED)


def test_a_warm_build_loads_neither_numpy_nor_processes() -> None:
    code = (
        "import sys\nimport sitegen.running.execute, sitegen.running.figures.palette\n"
        "print([name for name in ('numpy', 'matplotlib', 'multiprocessing', 'subprocess', 'socket') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        ("```{python}\n1\n```\n", True),
        ("> ~~~ python figure\n> 1\n> ~~~\n", True),
        ("```{code-cell} ipython3\n1\n```\n", True),
        ("```python\n1\n```\n", False),
        ("What `{python} x` is.\n", False),
    ],
)
def test_what_runs_programs_is_started_while_a_new_one_is_read(
    blog: Blog, monkeypatch: pytest.MonkeyPatch, text: str, *, starts: bool
) -> None:
    started: list[object] = []
    monkeypatch.setattr("sitegen.running.pool.warm_server", started.append)
    job = blog.job("1 + 1")
    source = Source(job.path, "post", f"Text.\n\n{text}".encode())
    expect_programs([source], blog.store)
    assert bool(started) == starts
    monkeypatch.undo()
    blog.execute(job)
    monkeypatch.setattr("sitegen.running.pool.warm_server", started.append)
    started.clear()
    expect_programs([source], blog.store)
    assert not started


def test_what_was_started_for_nothing_ends_at_once() -> None:
    code = "import time\nfrom sitegen.running import pool\nserver = pool.warm_server(None)\nbegan = time.monotonic()\npool.close()\nprint(time.monotonic() - began < 0.9, server.home.exists())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "True False\n"


def test_what_likely_takes_longest_runs_first_and_then_what_did(blog: Blog) -> None:
    slow = "import time\nfor _ in range(4):\n    time.sleep(0.1)\n"
    quick, moves = blog.job("1", "2", path="a.md"), blog.job("'FuncAnimation(f)'", path="b.md")
    slider = blog.job(Step("a", "cell", sliders=(("a", "[1, 2]", ""),)), path="c.md")
    changes = [blog.job(slow, text, path="d.md") for text in "34"]
    ended: list[str] = []

    def run(*jobs: Job) -> list[str]:
        ended.clear()
        blog.execute(*jobs, workers=1, on_done=lambda execution: ended.append(str(execution.job.path)))
        return ended

    assert run(quick, changes[0], moves, slider) == ["b.md", "c.md", "a.md", "d.md"]
    assert run(blog.job("1", "3", path="a.md"), changes[1]) == ["d.md", "a.md"]


def test_a_changed_cell_runs_and_is_named(blog: Blog) -> None:
    runs(blog, blog.job("x = 1", "x + 1", "=x"))
    assert runs(blog, blog.job("x = 1", "x + 2", "=x")) == ("runs because the cell at line 20 changed",)
    assert runs(blog, blog.job("x = 1", "x + 2", "=x * 2")) == ("runs because the value at line 30 changed",)
    assert runs(blog, blog.job("x = 1", "x + 2", "=x * 2", "5")) == ("runs because the cell at line 40 is new",)


def test_removed_and_moved_cells_are_told(blog: Blog) -> None:
    runs(blog, blog.job("x = 1", "y = 1", "=x", "x + 1"))
    assert runs(blog, blog.job("x = 1", "x + 2")) == (
        "runs because the cell at line 20 changed",
        "runs because a value was removed",
        "runs because a cell was removed",
    )
    assert runs(blog, blog.job("x = 1", "x + 2", "3")) == ("runs because the cell at line 30 is new",)
    assert runs(blog, blog.job("x = 1", "3", "x + 2")) == ("runs because cells were moved",)


def test_going_back_is_what_the_next_run_is_compared_with(blog: Blog) -> None:
    data = blog.write("posts/a/data.csv", "1")
    one, two = blog.job("open('data.csv').read()"), blog.job("open('data.csv').read()", "2")
    runs(blog, one)
    runs(blog, two)
    assert runs(blog, one) is None
    data.write_text("2")
    assert runs(blog, one) == ("runs because posts/a/data.csv changed (read by the cell at line 10)",)


def test_an_option_that_matters_runs(blog: Blog) -> None:
    runs(blog, blog.job(Step("1", "cell", size=(7, 4))))
    assert runs(blog, blog.job(Step("1", "cell", size=(7, 5)))) == (
        "runs because the cell at line 10 has other options",
    )


def test_going_back_runs_nothing(blog: Blog) -> None:
    data = blog.write("posts/a/data.csv", "1")
    job = blog.job("open('data.csv').read()")
    runs(blog, job)
    data.write_text("2")
    assert runs(blog, job)
    data.write_text("1")
    assert runs(blog, job) is None


Edit = tuple[str, "Callable[[Path], object]", str]


@pytest.mark.parametrize(
    ("code", "edit", "reason"),
    [
        (
            "open('data.csv').read()",
            ("posts/a/data.csv", "2"),
            "posts/a/data.csv changed (read by the cell at line 10)",
        ),
        (
            "from pathlib import Path\nPath('new.txt').exists()",
            ("posts/a/new.txt", ""),
            "posts/a/new.txt is new (read by the cell at line 10)",
        ),
        (
            "import os\nos.path.isfile('../x/new.txt')",
            ("posts/x/new.txt", ""),
            "posts/x/new.txt is new (read by the cell at line 10)",
        ),
        (
            "import os\nsorted(os.listdir('.'))",
            ("posts/a/other.csv", ""),
            "the list of files in posts/a changed (read by the cell at line 10)",
        ),
        (
            "import glob\nsorted(glob.glob('*.csv'))",
            ("posts/a/other.csv", ""),
            "the list of files in posts/a changed (read by the cell at line 10)",
        ),
        (
            "import numpy as np\nnp.loadtxt('data.csv')",
            ("posts/a/data.csv", "2"),
            "posts/a/data.csv changed (read by the cell at line 10)",
        ),
        ("import top", ("top.py", "x = 2"), "top.py changed (imported by the cell at line 10)"),
        (
            "import beside",
            ("posts/a/beside.py", "x = 2"),
            "posts/a/beside.py changed (imported by the cell at line 10)",
        ),
        ("import pack.inner", ("pack/deep.py", "x = 2"), "pack/deep.py changed (imported by the cell at line 10)"),
        (
            "import pack.inner",
            ("pack/__init__.py", "x = 2"),
            "pack/__init__.py changed (imported by the cell at line 10)",
        ),
        (
            "import top",
            ("posts/a/top.py", "x = 2"),
            "posts/a/top.py is new and comes before top.py (imported by the cell at line 10)",
        ),
        (
            "import nsp",
            ("nsp/__init__.py", ""),
            "nsp/__init__.py is new and comes before nsp (imported by the cell at line 10)",
        ),
        (
            "try:\n    import absent_one\nexcept ImportError:\n    pass",
            ("absent_one.py", ""),
            "absent_one.py is new (imported by the cell at line 10)",
        ),
        (
            "import sys\nsys.path.append('../lib')\nimport added",
            ("posts/lib/added.py", "x = 2"),
            "posts/lib/added.py changed (read by the cell at line 10)",
        ),
        (
            "import sqlite3\nsqlite3.connect('file:data.csv?mode=ro', uri=False) if 0 else open('data.csv')",
            ("posts/a/data.csv", "9"),
            "posts/a/data.csv changed (read by the cell at line 10)",
        ),
    ],
)
def test_what_a_program_saw_makes_it_run_again(blog: Blog, code: str, edit: tuple[str, str], reason: str) -> None:
    blog.write("posts/a/data.csv", "1")
    blog.write("top.py", "x = 1")
    blog.write("posts/a/beside.py", "x = 1")
    blog.write("posts/lib/added.py", "x = 1")
    blog.write("nsp/inner.py", "")
    blog.write("pack/__init__.py", "")
    blog.write("pack/inner.py", "from pack import deep")
    blog.write("pack/deep.py", "x = 1")
    job = blog.job(code + "\nNone")
    runs(blog, job)
    blog.write("unrelated.txt", "x")
    blog.write("posts/b/data.csv", "7")
    blog.write("posts/a/index.md", "text")
    assert runs(blog, job) is None
    blog.write(*edit)
    assert runs(blog, job) == (f"runs because {reason}",)
    assert runs(blog, job) is None


def test_an_edit_within_the_same_second_is_seen(blog: Blog) -> None:
    module = blog.write("quick.py", "x = 1")
    job = blog.job("import quick\nquick.x")
    stamp = module.stat()
    for number in range(2, 5):
        runs(blog, job)
        module.write_text(f"x = {number}")
        os.utime(module, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
        (execution,) = blog.execute(job)
        assert isinstance(execution.outcome, Output)
        assert execution.outcome.steps[0][0].data == str(number)  # type: ignore[union-attr] # it is a Shown


def test_files_a_program_writes_for_itself_are_no_input(blog: Blog) -> None:
    job = blog.job("with open('made.txt', 'w') as f: f.write('x')\nopen('made.txt').read()")
    runs(blog, job)
    assert runs(blog, job) is None
    assert not (blog.root / "posts/a/made.txt").exists()


def test_an_environment_variable_that_the_blog_lets_through(blog: Blog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEEN", "1")
    monkeypatch.setenv("SECRET", "1")
    blog.variables = ("SEEN", "OTHER")
    job = blog.job("import os\nos.environ.get('SEEN'), os.getenv('SECRET')")
    (execution,) = blog.execute(job)
    assert isinstance(execution.outcome, Output)
    assert execution.outcome.steps[0][0].data == "('1', None)"  # type: ignore[union-attr] # it is a Shown
    monkeypatch.setenv("SECRET", "2")
    monkeypatch.setenv("OTHER", "2")
    assert runs(blog, job) is None
    monkeypatch.setenv("SEEN", "2")
    assert runs(blog, job) == ("runs because the environment variable SEEN changed (read by the cell at line 10)",)


def test_a_package_with_another_version(blog: Blog, monkeypatch: pytest.MonkeyPatch) -> None:
    job = blog.job("import yaml")
    other = blog.job("1", path="posts/b/index.md")
    runs(blog, job)
    runs(blog, other)
    versions = {**installed_versions(), "pyyaml": "99.0"}
    was = installed_versions()["pyyaml"]
    monkeypatch.setattr(observe, "installed_versions", lambda: versions)
    would, why = explain(job, root=blog.root, variables=(), store=blog.store)
    assert (would, why) == (True, (f"runs because pyyaml is now 99.0 (was {was})",))
    assert not explain(other, root=blog.root, variables=(), store=blog.store)[0]


def test_another_numpy_runs_everything(blog: Blog, monkeypatch: pytest.MonkeyPatch) -> None:
    job = blog.job("1")
    runs(blog, job)
    was = installed_versions()["numpy"]
    monkeypatch.setattr(reasons, "installed_versions", lambda: {"numpy": "99.0"})
    _, why = explain(job, root=blog.root, variables=(), store=blog.store)
    assert f"runs because numpy is now 99.0 (was {was})" in why


def test_every_library_that_is_loaded_before_a_program_is_in_the_key(blog: Blog) -> None:
    code = "import sys\nprint(*{name.partition('.')[0] for name in sys.modules} - sys.stdlib_module_names)"
    (printed,) = blog.results(code)
    found = {distribution_of(name) for name in printed.text.split()} - {""}  # type: ignore[union-attr] # it is a Printed
    assert found <= set(reasons.LIBRARIES) | {"setuptools"}  # setuptools: a .pth file of its own


def test_a_failure_is_not_remembered(blog: Blog) -> None:
    job = blog.job("1 / 0")
    for _ in range(2):
        (execution,) = blog.execute(job)
        assert isinstance(execution.outcome, Failure)
        assert not execution.reused


def test_a_frozen_post_reuses_its_last_result_whatever_changed(blog: Blog) -> None:
    runs(blog, blog.job("1"))
    (execution,) = blog.execute(blog.job("2", freeze=True))
    assert execution.reasons == ("reused: the post is frozen, whatever changed",)
    assert execution.outcome.steps[0][0].data == "1"  # type: ignore[union-attr] # it is an Output
    (execution,) = blog.execute(blog.job("3", path="posts/new/index.md", freeze=True))
    assert not execution.reused


def test_never_run_reuses_what_holds_and_says_what_is_missing(blog: Blog) -> None:
    runs(blog, blog.job("1"))
    kept, missing = blog.execute(blog.job("1"), blog.job("2", path="posts/b/index.md"), never_run=True)
    assert kept.reused
    assert isinstance(missing.outcome, Failure)
    assert missing.outcome.not_run
    assert missing.reasons == ("runs for the first time",)


def test_a_lost_figure_is_drawn_again(blog: Blog) -> None:
    job = blog.job("import matplotlib.pyplot as plt\nplt.plot([1])")
    runs(blog, job)
    blog.store.commit()
    blog.store._connection.execute("DELETE FROM content")
    assert runs(blog, job) == ("runs because its figures are no longer in the store",)


def test_moving_a_post_that_sees_no_file_runs_nothing(blog: Blog) -> None:
    runs(blog, blog.job("1"))
    runs(blog, blog.job("open('data.csv').read()" if blog.write("posts/a/data.csv", "1") else ""))
    assert runs(blog, blog.job("1", path="posts/moved/index.md")) is None


def test_the_same_program_in_two_bundles_sees_two_files(blog: Blog) -> None:
    blog.write("posts/a/data.csv", "1")
    blog.write("posts/b/data.csv", "2")
    code = "open('data.csv').read()"
    one, two = blog.execute(blog.job(code, path="posts/a/index.md"), blog.job(code, path="posts/b/index.md"))
    again = blog.execute(blog.job(code, path="posts/b/index.md"), blog.job(code, path="posts/a/index.md"))
    assert [execution.outcome for execution in again] == [two.outcome, one.outcome]
    assert one.outcome != two.outcome


def test_depends_names_what_cannot_be_observed(blog: Blog) -> None:
    blog.write("posts/a/data/one.bin", "1")
    code = "import subprocess\nsubprocess.run(['cat', 'data/one.bin'], capture_output=True, check=True).stdout"
    job = blog.job(code, depends=("data/*.bin",))
    (execution,) = blog.execute(job)
    assert isinstance(execution.outcome, Output)
    assert execution.outcome.notes == ()
    blog.write("posts/a/data/one.txt", "")
    assert runs(blog, job) is None
    blog.write("posts/a/data/two.bin", "")
    assert runs(blog, job) == ("runs because a file of `depends: data/*.bin` changed",)


def test_what_cannot_be_observed_is_told_of_a_program_without_depends(blog: Blog) -> None:
    code = "import subprocess\nsubprocess.run(['true'], check=True)\nNone"
    (execution,) = blog.execute(blog.job(code))
    assert isinstance(execution.outcome, Output)
    assert execution.outcome.notes == (
        "the cell at line 10 starts another program, whose files are not observed (its line 2); name them in `depends`",
    )


def test_c_code_is_told_of_by_what_the_author_can_say_about_it(blog: Blog) -> None:
    (execution,) = blog.execute(blog.job("import ctypes\nctypes.CDLL(None)\nNone"))
    assert isinstance(execution.outcome, Output)
    assert execution.outcome.notes == (
        "the cell at line 10 loads C code through ctypes, and files that this may read are not observed (its line 2); name them in `depends`",
    )


def test_a_file_edited_while_the_program_runs_is_not_believed(blog: Blog) -> None:
    path = blog.write("data.txt", "1")
    blog.execute(blog.job("1", path="posts/warm/index.md"))

    def edit() -> None:
        while not any("3.21" in name for name in left_running()):
            time.sleep(0.01)
        path.write_text("2")

    job = blog.job("import subprocess\nx = open('../../data.txt').read()\nsubprocess.run(['sleep', '3.21'])\nx")
    editor = threading.Thread(target=edit)
    editor.start()
    (first,) = blog.execute(job)
    editor.join()
    (second,) = blog.execute(job)
    assert not second.reused
    assert [one.outcome.steps[0][0].data for one in (first, second)] == ["'1'", "'2'"]  # type: ignore[union-attr] # both are outputs


def test_limits_decide_whether_and_not_what(blog: Blog) -> None:
    runs(blog, blog.job("1"))
    blog.limits = replace(Limits(), timeout=7, memory=10**9)
    assert runs(blog, blog.job("1")) is None


@pytest.mark.parametrize("seed", range(3))
def test_random_edits_give_what_a_clean_build_gives_and_run_what_they_must(
    blog: Blog, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = dict(installed_versions())
    monkeypatch.setattr(observe, "installed_versions", lambda: packages)
    monkeypatch.setenv("SEEN", "0")
    blog.variables = ("SEEN",)
    chance = random.Random(seed)  # noqa: S311 - edits, no secrets
    files = {
        "lib/one.py": "x = 0",
        "lib/two.py": "from lib import one\nx = one.x",
        "posts/a/data.csv": "0",
        "posts/b/data.csv": "0",
        "shared.txt": "0",
    }
    for name, text in files.items():
        blog.write(name, text)
    programs = {
        "posts/a/index.md": (
            ["from lib import two\ntwo.x, 0", "open('data.csv').read()"],
            {"lib/one.py", "lib/two.py", "posts/a/data.csv"},
        ),
        "posts/b/index.md": (
            ["open('data.csv').read(), 0", "open('../../shared.txt').read()"],
            {"posts/b/data.csv", "shared.txt"},
        ),
        "posts/c.md": (["1, 0"], set()),
        "posts/d/index.md": (
            ["import yaml\nyaml.safe_load('0')", "import os\nos.environ['SEEN'], 0"],
            {"pyyaml", "SEEN"},
        ),
        "posts/e/index.md": (
            [
                "import os, subprocess\n[entry.name for entry in os.scandir('../../lib')], 0",
                "subprocess.run(['cat', '../b/data.csv'])",
            ],
            {"posts/b/data.csv", "lib/new.py", "SEEN"},  # another program could see every variable
        ),
    }
    version = dict.fromkeys(programs, 0)

    def jobs() -> list[Job]:
        return [
            blog.job(*[code.replace(", 0", f", {version[path]}") for code in codes], path=path)
            for path, (codes, _) in programs.items()
        ]

    blog.execute(*jobs())
    for round_ in range(1, 9):
        must = set()
        what = chance.choice([*files, *programs, "prose.md", "pyyaml", "jinja2", "SEEN", "lib/new.py"])
        if what in programs:
            version[what] += 1
            must = {what}
        elif what in files:
            text = files[what].replace("0", str(round_)) if "= one" not in files[what] else files[what] + f" + {round_}"
            blog.write(what, text)
            must = {path for path, (_, inputs) in programs.items() if what in inputs}
        elif what in packages or what == "SEEN":
            packages |= {what: f"{round_}.0"} if what in packages else {}
            monkeypatch.setenv("SEEN", str(round_) if what == "SEEN" else os.environ["SEEN"])
            must = {path for path, (_, inputs) in programs.items() if what in inputs}
        elif what == "lib/new.py" and not (blog.root / what).exists():
            blog.write(what, "")
            must = {path for path, (_, inputs) in programs.items() if what in inputs}
        else:
            blog.write("posts/prose.md", str(round_))
        warm = blog.execute(*jobs())
        assert {str(one.job.path) for one in warm if not one.reused} == must, what
        blog.store, kept = Store(None), blog.store
        clean = blog.execute(*jobs())
        blog.store.close()
        blog.store = kept
        assert [one.outcome for one in warm] == [one.outcome for one in clean]
        packages |= installed_versions()  # the programs themselves saw what is installed


def test_figures_are_kept_in_the_store_and_not_in_the_output(blog: Blog) -> None:
    (figure,) = blog.results("import matplotlib.pyplot as plt\nplt.plot([1, 2])")
    assert isinstance(figure, Figure)
    assert blog.store.content(figure.svg).startswith(b"<svg ")


SOUGHT = "\ntry:\n    import sought\nexcept ImportError:\n    pass"


@pytest.mark.parametrize(
    ("code", "new"),
    [
        ("import sys\nsys.path.insert(0, 'lib1')" + SOUGHT, "posts/a/lib1/sought.py"),
        ("import sys\nsys.path.insert(0, 'none')" + SOUGHT, "posts/a/none/sought.py"),
        ("import os, sys\nsys.path.insert(0, os.path.join(os.getcwd(), 'lib1'))" + SOUGHT, "posts/a/lib1/sought.py"),
        (
            "import sys\nfrom pathlib import Path\nsys.path.insert(0, str(Path('lib1').absolute()))" + SOUGHT,
            "posts/a/lib1/sought/__init__.py",
        ),
        ("import sys\nsys.path[:0] = ['lib1', 'lib2']\nimport shaded\nshaded.x", "posts/a/lib1/shaded.py"),
        ("import sys\nsys.path.insert(0, '.')\nimport yaml", "posts/a/yaml.py"),
        ("import sys\nsys.path.insert(0, '../..')\nimport shaded\nshaded.x", "shaded.py"),
        ("import sys\nsys.path.insert(0, 'lib1')\nimport pack", "posts/a/lib1/pack/wanted.py"),
        ("import pack.wanted", "pack/wanted/__init__.py"),
    ],
)
def test_a_module_that_comes_first_in_a_changed_path_is_noticed(blog: Blog, code: str, new: str) -> None:
    blog.write("posts/a/lib1/x.txt", "")
    blog.write("posts/a/lib2/shaded.py", "x = 1")
    blog.write("posts/a/shaded.py", "x = 1")
    blog.write("posts/a/lib1/pack/__init__.py", "try:\n    from . import wanted\nexcept ImportError:\n    pass")
    blog.write("pack/wanted.py", "")
    job = blog.job(code + "\nNone")
    runs(blog, job)
    blog.write("posts/a/lib2/unrelated.py", "")
    blog.write("unrelated.py", "")
    assert runs(blog, job) is None
    blog.write(new, "x = 2")
    assert runs(blog, job)
    assert runs(blog, job) is None
