"""The verbs of build.py as a newcomer uses them, in a folder of their own; in a process of their own where that matters."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest

from sitegen.cli import main
from sitegen.pipeline.parallel import WORTH
from sitegen.publishing.write import MANIFEST, alone
from sitegen.store import ForgottenError, Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROJECT = Path(__file__).parents[1]
POST = "---\ntitle: First\ndate: 2025-01-02\n---\nText with $x^2$ and `{python} 1 + 1`.\n"


def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a verb in this process, where what programs need is imported already."""
    said, wrong = io.StringIO(), io.StringIO()
    with redirect_stdout(said), redirect_stderr(wrong), patch.dict(os.environ, environment):
        try:
            status = main([*map(str, arguments)])
        except SystemExit as end:  # of a wrong call
            status = int(str(end.code))
    return subprocess.CompletedProcess(arguments, status, said.getvalue(), wrong.getvalue())


def run_alone(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a verb in a process of its own, which knows no more than what is on the disk."""
    command = [sys.executable, str(PROJECT / "build.py"), *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **environment}, timeout=120
    )


@pytest.fixture
def blog(tmp_path: Path) -> Path:
    folder = tmp_path / "blog"
    (folder / "posts").mkdir(parents=True)
    (folder / "posts" / "2025-01-02-first.md").write_text(POST, encoding="utf-8")
    shutil.copytree(PROJECT / "tests" / "plain-theme", folder / "templates")
    (folder / "site.yml").write_text(
        "title: T\nurl: https://example.org/repo\nsearch: false\ncards: false\n", encoding="utf-8"
    )
    return folder


def test_a_build_says_in_one_line_what_it_did(blog: Path) -> None:
    done = run_alone("--source", blog)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("1 post and 0 pages in ")
    assert "1 program run, 1 formula set" in done.stdout
    assert (blog / "_site" / "posts" / "first" / "index.html").exists()
    assert "0 programs run, 0 formulas set, 0 of" in run_alone("--source", blog).stdout


def test_a_build_from_the_folder_of_a_site_that_is_gone_is_as_any_other(blog: Path) -> None:
    command = f"mkdir {blog}/gone && cd {blog}/gone && rmdir {blog}/gone && exec {sys.executable} {PROJECT}/build.py --source {blog}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_python_without_the_packages_is_told_what_to_run() -> None:
    command = [sys.executable, "-S", str(PROJECT / "build.py")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "`make site` installs all once; then run `.venv/bin/python build.py`" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_build_that_runs_programs_imports_none_of_their_libraries(blog: Path) -> None:
    code = f"import sys; sys.path.insert(0, {str(PROJECT)!r}); from sitegen.cli import main; main(['--source', {str(blog)!r}])"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; print({{'numpy', 'matplotlib'}} & set(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "1 program run" in done.stdout
    assert done.stdout.endswith("set()\n")


def test_the_report_is_json(blog: Path, tmp_path: Path) -> None:
    (blog / "posts" / "2025-01-03-bad.md").write_text("---\ntitle: x\n---\n$\\oops$\n", encoding="utf-8")
    done = run_alone("build", "--source", blog, "--output", tmp_path / "out", "--json")
    report = json.loads(done.stdout)
    assert done.returncode == 1
    assert report["posts"] == 2
    assert report["programs run"] == 1
    assert report["formulas set"] == 2
    assert set(report["seconds"]) >= {"read", "run", "typeset"}
    (error,) = report["errors"]
    assert (error["path"], error["line"], error["column"]) == ("posts/2025-01-03-bad.md", 4, 2)
    assert not (tmp_path / "out").exists()


def test_errors_are_annotations_under_github_actions(blog: Path) -> None:
    (blog / "posts" / "2025-01-03-bad.md").write_text("---\ntitle: x\n---\n$\\oops$\n", encoding="utf-8")
    done = run("--source", blog, GITHUB_ACTIONS="true")
    assert "::error file=posts/2025-01-03-bad.md,line=4,col=2::KaTeX cannot set" in done.stdout


def test_strict_makes_notes_errors(blog: Path) -> None:
    (blog / "posts" / "undated.md").write_text("---\ntitle: x\n---\nText\n", encoding="utf-8")
    assert "note: posts/undated.md: has no date" in run("--source", blog).stdout
    assert run("--source", blog, "--strict").returncode == 1


def test_a_store_that_is_lost_while_templates_are_filled_is_told_once_and_the_site_is_built(
    blog: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, asked = Store.content, []

    def content(store: Store, name: str) -> bytes:
        asked.append(name)
        if len(asked) == 1:
            raise ForgottenError(name)
        return kept(store, name)

    monkeypatch.setattr(Store, "content", content)
    done = run("--source", blog)
    assert done.returncode == 0
    assert done.stderr.count("\n") == 1
    assert "is not in it any more); it is set aside, and the build begins again" in done.stderr


def test_a_part_of_the_build_that_the_system_ends_is_an_error_as_any(
    blog: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(WORTH):
        (blog / f"posts/{number}.md").write_text(
            f"---\ntitle: {number}\ndate: 2024-01-01\n---\nText.\n", encoding="utf-8"
        )
    monkeypatch.setattr("sitegen.reading.parse.parse", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
    done = run("--source", blog, "--jobs", "2")
    assert done.returncode == 1
    assert "the system: a process that does a part of the build was ended from outside\n    hint: " in done.stderr
    assert "1 error; the site in" in done.stderr


def test_what_drawing_took_is_told_and_no_note_to_be_strict_with(blog: Path) -> None:
    text = "---\ntitle: x\ndate: 2025-01-01\n---\n```{python}\n#| slider: {k: [1, 2]}\nk\n```\n"
    (blog / "posts" / "slider.md").write_text(text, encoding="utf-8")
    done = run("--source", blog, "--strict")
    assert (done.returncode, "a slider of 2 frames, drawn in" in done.stdout) == (0, True)


def test_a_course_without_dates_is_told_once(blog: Path) -> None:
    for count, named, more in ((4, 4, ""), (9, 3, "note: 6 more posts have no date")):
        for number in range(count):
            (blog / "posts" / f"chapter{number}.md").write_text("---\ntitle: x\n---\nText\n", encoding="utf-8")
        told = run("--source", blog).stdout
        assert told.count("has no date") == named
        assert more in told


def test_a_post_that_names_what_cannot_be_observed_is_strictly_right(blog: Path) -> None:
    post = blog / "posts" / "2025-01-03-d.md"
    text = (
        "---\ntitle: D\n---\n```{python}\n#| echo: false\n#| depends: data/*.csv\n"
        "import subprocess\nsubprocess.run(['true'])\nNone\n```\n"
    )
    post.write_text(text, encoding="utf-8")
    note = "posts/2025-01-03-d.md:6: `depends: data/*.csv` finds no file, from the post's folder or the blog's"
    assert f"note: {note}\n" in run("--source", blog).stdout
    strict = run("--source", blog, "--strict")
    assert (strict.returncode, note in strict.stderr) == (1, True)
    (blog / "data").mkdir()
    (blog / "data" / "a.csv").write_text("1", encoding="utf-8")
    strict = run("--source", blog, "--strict")
    assert (strict.returncode, strict.stderr) == (0, "")


def test_drafts_and_the_future_are_left_out_unless_asked_for(blog: Path) -> None:
    (blog / "posts" / "2025-01-03-d.md").write_text("---\ntitle: D\ndraft: true\n---\n", encoding="utf-8")
    (blog / "posts" / "2999-01-03-f.md").write_text("---\ntitle: F\n---\n", encoding="utf-8")
    for _ in range(2):  # the second says what the first said
        said = run("--source", blog).stdout
        assert said.startswith("1 post ")
        assert said.rstrip().endswith("; 2 more are drafts or of a later day")
    assert run("--source", blog, "--drafts").stdout.rstrip().endswith("; 1 more is a draft or of a later day")
    said = run("--source", blog, "--drafts", "--future").stdout
    assert said.startswith("3 posts")
    assert said.rstrip().endswith("_site")


def test_new_begins_a_post_that_builds(blog: Path) -> None:
    done = run("new", 'On "losses": a tour', "--source", blog)
    path = Path(done.stdout.strip())
    assert path.name.endswith("-on-losses-a-tour.md")
    assert 'title: "On \\"losses\\": a tour"' in path.read_text(encoding="utf-8")
    assert run("--source", blog).stdout.startswith("2 posts")
    again = run("new", 'On "losses": a tour', "--source", blog)
    assert again.returncode == 1
    assert "already there" in again.stderr


def test_a_notebook_becomes_a_post_that_builds(blog: Path, tmp_path: Path) -> None:
    dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    cells = [
        {
            "cell_type": "markdown",
            "source": ["# A study\n", "Of $x$ ![dot](attachment:a b.png)".replace("a b", "a")],
            "attachments": {"a.png": {"image/png": dot}},
        },
        {
            "cell_type": "code",
            "source": "%matplotlib inline\nx = 3\nx",
            "metadata": {"tags": ["hide-input"]},
            "outputs": [],
        },
        {"cell_type": "code", "source": "%%bash\nls", "metadata": {}, "outputs": []},
    ]
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    (tmp_path / "study.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    done = run("import", tmp_path / "study.ipynb", "--source", blog)
    post = Path(done.stdout.strip())
    assert post.name == "index.md"
    assert post.parent.name.endswith("-a-study")
    assert (post.parent / "a.png").exists()
    assert 'title: "A study"' in post.read_text(encoding="utf-8")
    built = run("--source", blog)
    assert built.stdout.startswith("2 posts"), built.stderr
    page = (blog / "_site" / "posts" / "a-study" / "index.html").read_text(encoding="utf-8")
    assert "<samp>3</samp>" in page
    assert "<details" in page


def test_a_notebook_among_the_pages_becomes_a_page_beside_it(blog: Path) -> None:
    cells = [{"cell_type": "markdown", "metadata": {}, "source": "# Two steps\n\n![a](../a.png)"}]
    notebook = blog / "pages" / "course" / "two_steps.ipynb"
    notebook.parent.mkdir(parents=True)
    notebook.write_text(
        json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}), encoding="utf-8"
    )
    (blog / "pages" / "a.png").write_bytes(b"")
    done = run("import", notebook, "--source", blog)
    assert (done.stdout, done.stderr, done.returncode) == (f"{notebook.with_suffix('.md')}\n", "", 0)
    assert "![a](../a.png)" in notebook.with_suffix(".md").read_text(encoding="utf-8")


def test_an_import_says_what_it_changed_and_brings_the_pictures_beside_it(blog: Path, tmp_path: Path) -> None:
    (tmp_path / "img").mkdir()
    (tmp_path / "img" / "a.png").write_bytes(b"PNG")
    cells = [
        {"cell_type": "raw", "source": "---\ntitle: Mine\ndate: 2020-02-03\n---"},
        {"cell_type": "markdown", "source": "![a](img/a.png) ![b](img/b.png)"},
        {"cell_type": "code", "source": "%load_ext autoreload\n1", "metadata": {}},
    ]
    notebook = {"nbformat": 4, "metadata": {}, "cells": cells}
    (tmp_path / "x.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    done = run("import", tmp_path / "x.ipynb", "--source", blog)
    post = blog / "posts" / "2020-02-03-mine" / "index.md"
    assert done.stdout.strip() == str(post)
    assert "shows `img/b.png`, which is not there" in done.stderr
    assert "x.ipynb, cell 3: `%load_ext autoreload` is commented out" in done.stderr
    assert (post.parent / "img" / "a.png").read_bytes() == b"PNG"
    header = "---\ntitle: Mine\ndate: 2020-02-03\ncategories: []\ntags: []\n---\n"
    assert post.read_text(encoding="utf-8").startswith(header)


def test_the_day_in_the_name_of_a_notebook_is_its_posts(blog: Path, tmp_path: Path) -> None:
    notebook = {"nbformat": 4, "metadata": {}, "cells": [{"cell_type": "markdown", "source": "Text."}]}
    (tmp_path / "2021-05-06-two_steps.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    done = run("import", tmp_path / "2021-05-06-two_steps.ipynb", "--source", blog)
    assert done.stdout.strip() == str(blog / "posts" / "2021-05-06-two-steps" / "index.md")


def test_the_notebook_that_a_post_offers_becomes_the_same_program_again(blog: Path, tmp_path: Path) -> None:
    (blog / "helper.py").write_text("def twice(x):\n    return 2 * x\n", encoding="utf-8")
    cells = [
        "from helper import twice\nfrom sitegen.numerics import sigmoid\ntwice(rng.normal())",
        "#| error: true\n1 / 0",
        "claim('one', sigmoid(0) == 0.5)",
    ]
    body = "\n\n".join(f"```{{python}}\n{cell}\n```" for cell in cells)
    (blog / "posts" / "2025-01-03-p.md").write_text(f"---\ntitle: P\n---\n{body}\n", encoding="utf-8")
    assert run("--source", blog).returncode == 0
    (tmp_path / "other" / "posts").mkdir(parents=True)
    done = run("import", blog / "_site" / "posts" / "p" / "p.ipynb", "--source", tmp_path / "other")
    assert (done.returncode, done.stderr) == (0, "")
    post = Path(done.stdout.strip())
    assert (post.parent / "helper.py").read_text(encoding="utf-8").startswith("def twice")
    text = post.read_text(encoding="utf-8")
    assert 'title: "P"' in text
    assert text.count("```{python}") == 3
    for code in ("from helper import twice\n", "#| tags: [raises-exception]\n1 / 0\n", "claim('one'"):
        assert code in text
    built = run("--source", tmp_path / "other")
    assert built.returncode == 0, built.stderr


def test_what_is_no_notebook_is_refused(tmp_path: Path, blog: Path) -> None:
    (tmp_path / "x.ipynb").write_text("{}")
    done = run("import", tmp_path / "x.ipynb", "--source", blog)
    assert done.returncode == 1
    assert "x.ipynb: this is not a notebook" in done.stderr


def test_why_says_what_would_be_made_again(blog: Path) -> None:
    run("--source", blog)
    assert "the program is reused: nothing it saw has changed" in run_alone("why", "--source", blog).stdout
    post = blog / "posts" / "2025-01-02-first.md"
    post.write_text(POST.replace("1 + 1", "1 + 2"), encoding="utf-8")
    said = run("why", "--source", blog, "posts/2025-01-02-first.md").stdout
    assert "the program runs because" in said
    assert "the page /posts/first/ is rendered again: its program runs" in said


def test_check_twice_finds_what_varies(blog: Path) -> None:
    assert run("check", "--twice", "--source", blog).returncode == 0
    post = blog / "posts" / "2025-01-03-uuid.md"
    post.write_text("---\ntitle: U\n---\n```{python}\nimport uuid\nstr(uuid.uuid4())\n```\n", encoding="utf-8")
    done = run("check", "--twice", "--source", blog)
    assert done.returncode == 1
    assert "posts/2025-01-03-uuid.md:5" in done.stderr
    assert not (blog / "_site").exists()


def test_clean_removes_only_what_builds_made(blog: Path) -> None:
    run("--source", blog)
    assert run("clean", "--source", blog).returncode == 0
    assert sorted(path.name for path in blog.iterdir()) == ["posts", "site.yml", "templates"]
    (blog / "_site").mkdir()
    (blog / "_site" / "thesis.txt").write_text("x")
    assert run("clean", "--source", blog).returncode == 1
    assert (blog / "_site" / "thesis.txt").exists()


def test_clean_waits_for_a_build_that_writes_its_site(blog: Path) -> None:
    run("--source", blog)
    with (
        alone(blog),
        subprocess.Popen([sys.executable, PROJECT / "build.py", "clean", "--source", blog]) as cleaning,
    ):
        with pytest.raises(subprocess.TimeoutExpired):
            cleaning.wait(2)
        assert (blog / "_site" / "index.html").exists()
        cleaning.kill()


def test_clean_leaves_what_others_put_into_the_site(blog: Path) -> None:
    run("--source", blog)
    (blog / "_site" / "posts" / "first" / "talk.pdf").write_text("x")
    (blog / "elsewhere").mkdir()
    shutil.move(blog / "_site" / "tags", blog / "elsewhere")
    (blog / "_site" / "tags").symlink_to(blog / "elsewhere" / "tags")
    git("init", cwd=blog / "_site")
    (blog / "kept.txt").write_text("x")
    names = json.loads((blog / "_site" / MANIFEST).read_text(encoding="utf-8"))
    (blog / "_site" / MANIFEST).write_text(json.dumps([*names, "../kept.txt"]), encoding="utf-8")
    done = run("clean", "--source", blog)
    assert done.returncode == 0
    assert "_site: what no build wrote stays there" in done.stdout
    assert sorted(path.name for path in (blog / "_site").iterdir()) == [".git", MANIFEST, "posts", "tags"]
    assert [path.name for path in (blog / "_site" / "posts").rglob("*")] == ["first", "talk.pdf"]
    assert (blog / "kept.txt").exists()
    assert (blog / "_site" / ".git" / "refs" / "tags").is_dir()  # empty, but without `refs` it is no repository
    assert (blog / "elsewhere" / "tags" / "index.html").exists()
    git("status", cwd=blog / "_site")  # which a folder without its empty ones is no repository for
    (blog / "_site" / "tags").unlink()
    assert run("--source", blog).returncode == 0
    assert (blog / "_site" / "posts" / "first" / "talk.pdf").exists()


def git(*arguments: str | Path, cwd: Path) -> str:
    identity = ["-c", "user.name=T", "-c", "user.email=t@example.org"]
    return subprocess.run(
        ["git", *identity, *map(str, arguments)], cwd=cwd, check=True, capture_output=True, text=True
    ).stdout


def test_deploy_pushes_the_site_and_refuses_when_the_build_fails(blog: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    git("init", "--bare", "-q", bare, cwd=tmp_path)
    git("init", "-q", cwd=blog)
    git("remote", "add", "origin", bare, cwd=blog)
    (blog / "site.yml").write_text(
        "title: T\ndomain: blog.example.org\nurl: https://blog.example.org\n", encoding="utf-8"
    )
    identity = {f"GIT_{who}_{what}": "t@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    done = run("deploy", "--source", blog, **identity)
    assert done.returncode == 0, done.stderr
    names = git("ls-tree", "-r", "--name-only", "gh-pages", cwd=bare).splitlines()
    assert {"index.html", "404.html", ".nojekyll", "CNAME", "posts/first/index.html"} <= set(names)
    assert git("show", "gh-pages:CNAME", cwd=bare) == "blog.example.org\n"
    assert "<a href=posts/first/>" in git("show", "gh-pages:index.html", cwd=bare)  # minified
    assert ".sitegen-files.json" not in names
    before = git("rev-parse", "gh-pages", cwd=bare)
    again = run("deploy", "--source", blog, **identity)
    assert again.returncode == 0
    assert "nothing to deploy: gh-pages of origin holds this site already" in again.stdout
    assert git("rev-parse", "gh-pages", cwd=bare) == before
    (blog / "posts" / "2025-01-03-b.md").write_text("---\ntitle: B\n---\nB\n", encoding="utf-8")
    assert run("deploy", "--source", blog, **identity).returncode == 0
    assert git("rev-parse", "gh-pages^", cwd=bare) == before
    before = git("rev-parse", "gh-pages", cwd=bare)
    (blog / "posts" / "2025-01-03-bad.md").write_text("---\ntitle: x\n---\n$\\oops$\n", encoding="utf-8")
    assert run("deploy", "--source", blog, **identity).returncode == 1
    assert git("rev-parse", "gh-pages", cwd=bare) == before


def test_pages_are_minified_when_asked_for_and_remembered(blog: Path) -> None:
    page = blog / "_site" / "posts" / "first" / "index.html"
    wrong = "Somebody's own page <!-- with a comment that nobody closed"
    (blog / "templates" / "home.html").write_text(wrong, encoding="utf-8")
    first = json.loads(run("build", "--source", blog, "--json").stdout)
    assert first["pages minified"] == 0
    before = page.read_text(encoding="utf-8")
    assert 'class="katex"' in before
    second = json.loads(run("build", "--source", blog, "--json", "--minify").stdout)
    assert second["pages minified"] > 0
    assert second["pages rendered"] == 0
    assert "class=katex" in page.read_text(encoding="utf-8")
    assert (blog / "_site" / "index.html").read_text(encoding="utf-8") == wrong
    said = "is published as it is: its HTML cannot be minified (Parse error at line 1, column 21)"
    assert f"/index.html: {said}" in second["notes"]
    assert json.loads(run("build", "--source", blog, "--json", "--minify").stdout)["pages minified"] == 0
    run("build", "--source", blog)
    assert page.read_text(encoding="utf-8") == before


def test_a_remote_that_is_not_there_is_said_plainly(blog: Path) -> None:
    git("init", "-q", cwd=blog)
    identity = {f"GIT_{who}_{what}": "t@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    done = run("deploy", "--source", blog, "--remote", "nowhere", **identity)
    assert done.returncode == 1
    assert "cannot publish to `gh-pages` of `nowhere`" in done.stderr


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ctrl_c_leaves_the_old_site_and_no_process(blog: Path, number: int, status: int) -> None:
    run("--source", blog)
    before = (blog / "_site" / "posts" / "first" / "index.html").read_bytes()
    mark = f"sleeping-{os.getpid()}"
    slow = f"---\ntitle: S\n---\n```{{python}}\nimport time\nmark = '{mark}'\ntime.sleep(60)\n```\n"
    (blog / "posts" / "2025-01-03-slow.md").write_text(slow, encoding="utf-8")
    command = [sys.executable, str(PROJECT / "build.py"), "--source", str(blog)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    time.sleep(3)
    os.killpg(process.pid, number)
    try:
        _, said = process.communicate(timeout=10)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == status
    assert "stopped; the site that was there is untouched" in said
    assert (blog / "_site" / "posts" / "first" / "index.html").read_bytes() == before
    assert not (blog / "_site" / "posts" / "slow").exists()
    time.sleep(0.5)
    with pytest.raises(ProcessLookupError):  # nobody is left of its group
        os.killpg(process.pid, 0)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def fetch(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - our own server
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def wait_for(url: str, text: str) -> str:
    last = ""
    for _ in range(150):
        try:
            last = fetch(url)[1]
        except OSError:
            last = "no answer"
        if text in last:
            return last
        time.sleep(0.1)
    pytest.fail(f"{text!r} never appeared at {url}: {last[:500]}")


def wait_for_event(page: str, holds: Callable[[dict[str, object]], bool]) -> dict[str, object]:
    """Return what the stream of events tells as soon as it says so."""
    with urllib.request.urlopen(urllib.parse.urljoin(page, "/-/built"), timeout=20) as stream:  # noqa: S310 - as above
        for line in stream:
            if line.startswith(b"data: "):
                told: dict[str, object] = json.loads(line.removeprefix(b"data: "))
                if holds(told):
                    return told
    pytest.fail("the stream ended")


@contextmanager
def previewing(blog: Path, cwd: Path | None = None) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Serve the preview of a blog; gives its address, without a slash at the end, and its process."""
    port = free_port()
    command = [sys.executable, str(PROJECT / "build.py"), "serve", "--source", str(blog), "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=cwd)
    try:
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.kill()
        process.wait()


def test_the_preview_builds_again_on_save_and_shows_errors_with_their_place(blog: Path) -> None:
    port = free_port()
    command = [sys.executable, str(PROJECT / "build.py"), "serve", "--source", str(blog), "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    page = f"http://127.0.0.1:{port}/posts/first/"
    try:
        wait_for(page, "Text with")
        post = blog / "posts" / "2025-01-02-first.md"
        post.write_text(POST.replace("Text with", "Prose with"), encoding="utf-8")
        wait_for(page, "Prose with")
        post.write_text(POST.replace("x^2", "\\oops"), encoding="utf-8")
        told = wait_for_event(page, lambda told: "Undefined control sequence" in str(told["errors"]))
        assert "posts/2025-01-02-first.md:5:" in str(told["errors"])
        assert "Prose with" in fetch(page)[1]  # the last good page stays
        post.write_text(POST, encoding="utf-8")
        wait_for(page, "Text with")
        assert not wait_for_event(page, lambda told: not told["errors"])["errors"]
        assert fetch(f"http://127.0.0.1:{port}/-/client.js")[0] == 200
        for origin, status in (("http://evil.example.org", 403), (f"http://127.0.0.1:{port}", 404)):
            where = f"http://127.0.0.1:{port}/-/open?file=posts/none.md&line=1"
            asked = urllib.request.Request(where, method="POST", headers={"Origin": origin})
            with pytest.raises(urllib.error.HTTPError, match=str(status)):
                urllib.request.urlopen(asked, timeout=10)  # noqa: S310 - as above
        assert fetch(f"http://127.0.0.1:{port}/nothing/here/")[0] == 404
        assert fetch(f"http://127.0.0.1:{port}/posts/first")[0] == 200  # redirected to the slash
        stranger = urllib.request.Request(page, headers={"Host": "evil.example.org"})
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(stranger, timeout=10)  # noqa: S310 - as above
        second = run("serve", "--source", blog, "--port", str(port))
        assert second.returncode == 1
        assert f"port {port} is taken" in second.stderr
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=10)
        finally:
            process.kill()
            process.wait()
    assert not (blog / "_site").exists()


def test_what_is_saved_while_the_preview_begins_is_not_lost(blog: Path) -> None:
    (blog / "posts" / "2025-01-03-slow.md").write_text(
        "---\ntitle: S\n---\n```{python}\nimport time\ntime.sleep(4)\n```\n"
    )
    with previewing(blog) as (site, process):
        while not (blog / ".sitegen" / "store.sqlite").exists():
            assert process.poll() is None
            time.sleep(0.05)
        time.sleep(1.5)  # the posts are read by then, and the program of one goes on
        post = blog / "posts" / "2025-01-02-first.md"
        post.write_text(POST.replace("Text with", "Prose with"), encoding="utf-8")
        wait_for(f"{site}/posts/first/", "Prose with")


def test_the_preview_tells_of_a_name_that_is_not_utf8_and_goes_on(blog: Path) -> None:
    with previewing(blog) as (site, _):
        page = f"{site}/posts/first/"
        wait_for(page, "Text with")
        odd = os.fsencode(blog / "posts") + b"/caf\xe9.md"
        try:
            Path(os.fsdecode(odd)).write_text(POST, encoding="utf-8")
        except OSError:
            pytest.skip("no file can have such a name here")
        assert wait_for_event(page, lambda told: "is not UTF-8" in str(told["errors"]))
        Path(os.fsdecode(odd)).unlink()
        (blog / "posts" / "2025-01-02-first.md").write_text(POST.replace("Text with", "Prose with"), encoding="utf-8")
        wait_for(page, "Prose with")


def test_the_preview_goes_on_with_a_blog_that_takes_the_place_of_another(blog: Path, tmp_path: Path) -> None:
    with previewing(blog, cwd=blog) as (site, _):
        page = f"{site}/posts/first/"
        wait_for(page, "Text with")
        shutil.copytree(blog / "posts", tmp_path / "other" / "posts")
        shutil.rmtree(blog)
        wait_for_event(page, lambda told: "there is no folder" in str(told["errors"]))
        post = tmp_path / "other" / "posts" / "2025-01-02-first.md"
        for name in ("Prose", "Words"):
            post.write_text(POST.replace("Text with", f"{name} with"), encoding="utf-8")
            if name == "Prose":
                (tmp_path / "other").rename(blog)
                post = blog / "posts" / "2025-01-02-first.md"
            wait_for(page, f"{name} with")


def test_the_preview_sees_what_may_be_read_again(blog: Path) -> None:
    folder = blog / "posts" / "more"
    folder.mkdir()
    (folder / "2025-01-04-more.md").write_text(POST.replace("title: First", "title: More"), encoding="utf-8")
    folder.chmod(0)
    if os.access(folder, os.R_OK):
        pytest.skip("root may read everything")
    try:
        with previewing(blog) as (site, _):
            wait_for(f"{site}/", "cannot be read: Permission denied")
            folder.chmod(0o700)
            page = f"{site}/posts/more/"
            wait_for(page, "Text with")
            (folder / "2025-01-04-more.md").write_text(POST.replace("Text with", "Prose with"), encoding="utf-8")
            wait_for(page, "Prose with")
    finally:
        folder.chmod(0o700)


def test_a_link_that_leads_out_of_the_blog_publishes_nothing(blog: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("hunter2")
    (blog / "posts" / "b").mkdir()
    (blog / "posts" / "b" / "index.md").write_text("---\ntitle: B\ndate: 2025-01-01\n---\nText\n", encoding="utf-8")
    (blog / "posts" / "b" / "img.png").symlink_to(secret)
    (blog / "posts" / "2025-01-05-s.md").symlink_to(secret)
    (blog / "assets").mkdir()
    (blog / "assets" / "logo.png").symlink_to(secret)
    (blog / "pic.png").symlink_to(secret)
    (blog / "posts" / "2025-01-06-i.md").write_text("---\ntitle: I\n---\n![x](/pic.png)\n", encoding="utf-8")
    done = run("--source", blog)
    assert done.returncode == 1
    for name in ("posts/b/img.png", "posts/2025-01-05-s.md", "assets/logo.png", "posts/2025-01-06-i.md"):
        assert f"{name}:" in done.stderr
    assert not (blog / "_site").exists()


def test_a_link_in_a_bundle_that_leads_nowhere_is_named(blog: Path) -> None:
    (blog / "posts" / "b").mkdir()
    (blog / "posts" / "b" / "index.md").write_text("---\ntitle: B\ndate: 2025-01-01\n---\nText\n", encoding="utf-8")
    (blog / "posts" / "b" / "d.csv").symlink_to("nowhere.csv")
    done = run("--source", blog)
    assert done.returncode == 1
    assert "posts/b/d.csv: this is a link that leads nowhere\n    hint: remove it, or mend it" in done.stderr
    assert "cannot be written" not in done.stderr


def test_links_inside_the_blog_are_followed_and_others_are_named(blog: Path, tmp_path: Path) -> None:
    bundle = blog / "texts" / "b"
    bundle.mkdir(parents=True)
    cell = "```{python}\nopen('e.txt').read()\n```"
    (bundle / "index.md").write_text(f"---\ntitle: B\ndate: 2025-01-02\n---\n{cell}\n", encoding="utf-8")
    (bundle / "e.txt").write_text("found")
    (blog / "posts").rename(blog / "written")
    (blog / "posts").symlink_to("written")
    (blog / "posts" / "linked").symlink_to("../texts/b")
    done = run("--source", blog)
    assert done.returncode == 0, done.stderr
    assert "found" in (blog / "_site" / "posts" / "linked" / "index.html").read_text(encoding="utf-8")
    (blog / "posts" / "self").symlink_to(".")
    (blog / "posts" / "gone.md").symlink_to("nowhere.md")
    (blog / "posts" / "out").symlink_to(tmp_path)
    said = run("--source", blog).stderr
    assert "posts/self: this link leads to a folder that it is in" in said
    assert "posts/gone.md: this is a link that leads nowhere" in said
    assert "posts/out: this is a link that leads out of the blog" in said
    (blog / "posts").unlink()
    (blog / "posts").symlink_to(tmp_path)
    assert run("--source", blog).stderr.startswith("posts: this is a link that leads out of the blog")


def test_that_a_store_was_damaged_is_said_once(blog: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sitegen.unchanged.JUST_NOW", -(10**12))  # the files were made this very moment
    (blog / ".sitegen").mkdir()
    (blog / ".sitegen" / "store.sqlite").write_bytes(bytes(10_000))
    said = []
    for text in ("One.", "Two.", "Three."):
        (blog / "posts" / "2025-01-02-first.md").write_text(f"{POST}\n{text}\n", encoding="utf-8")
        said.append("store.sqlite was damaged" in run("--source", blog).stdout)
    assert said == [True, False, False]


def test_a_store_that_is_damaged_half_way_is_set_aside(blog: Path) -> None:
    run("--source", blog)
    path = blog / ".sitegen" / "store.sqlite"
    for name in ("-wal", "-shm"):
        path.with_name(path.name + name).unlink(missing_ok=True)
    data = bytearray(path.read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    path.write_bytes(data)
    done = run_alone("--source", blog)
    assert done.returncode == 0, done.stderr
    assert "damaged" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_no_file_where_one_is_read_is_named(blog: Path) -> None:
    os.mkfifo(blog / "posts" / "pipe.md")
    (blog / "templates" / "post.html").write_bytes(b"\xff")
    done = run_alone("--source", blog)
    assert "posts/pipe.md: this is a pipe, not a file" in done.stderr
    assert "posts/pipe.md" not in done.stdout
    (blog / "posts" / "pipe.md").unlink()
    assert (
        "templates/post.html:1: this template is not right: byte 0 is not UTF-8" in run_alone("--source", blog).stderr
    )
    (blog / "site.yml").unlink()
    os.mkfifo(blog / "site.yml")
    assert run_alone("--source", blog).stderr.startswith("site.yml: cannot be read: it is a pipe")
    assert run_alone("new", "B", "--source", blog).returncode == 0
    (blog / "site.yml").unlink()
    (blog / "site.yml").mkdir()
    assert run_alone("--source", blog).stderr.startswith("site.yml: cannot be read: Is a directory")
    assert run_alone("new", "A", "--source", blog).returncode == 0
    (blog / "site.yml").rmdir()
    (blog / "site.yml").symlink_to("nowhere")
    assert run_alone("--source", blog).stderr.startswith("site.yml: cannot be read: No such file")
    (blog / "_site").symlink_to("_site")
    assert "_site: this is a link that leads to itself" in run_alone("--source", blog).stderr


def test_a_pipe_where_a_file_is_looked_for_is_never_read(blog: Path) -> None:
    (blog / "posts" / "x.md").write_text("![A](sub.png)\n", encoding="utf-8")
    (blog / "posts" / "deep").mkdir()
    for place in (
        "posts/2025-01-03-y.html",
        "posts/deep/sub.png",
        ".sitegen/unchanged.json",
        "_site/.sitegen-files.json",
    ):
        (blog / place).parent.mkdir(exist_ok=True)
        os.mkfifo(blog / place)
    assert "there is no file `sub.png`" in run_alone("--source", blog).stderr
    (blog / "posts" / "x.md").unlink()
    assert "_site: this folder holds files that were not written by a build" in run_alone("--source", blog).stderr
    shutil.rmtree(blog / "_site")
    assert run_alone("--source", blog).returncode == 0


def test_a_blog_without_settings_says_nothing_of_anybody_else(blog: Path) -> None:
    (blog / "site.yml").unlink()
    shutil.rmtree(blog / "templates")
    assert run("--source", blog).returncode == 0
    ours = re.search(r"^title: (.+)$", (PROJECT / "site.yml").read_text(encoding="utf-8"), re.MULTILINE)
    page = (blog / "_site" / "posts" / "first" / "index.html").read_text(encoding="utf-8")
    assert ours
    assert "A blog</title>" in page
    assert ours[1] not in page


def test_an_address_that_the_command_gives_is_not_looked_for_in_the_settings(blog: Path) -> None:
    assert run("--source", blog, "--url", "here").stderr.startswith("--url: `here` is no address")


def test_what_the_machine_refuses_is_told_in_a_sentence(blog: Path) -> None:
    command = f"exec {sys.executable} {PROJECT}/build.py --source {blog}"
    for before, after, said in (
        ("ulimit -n 10;", "", "stopped: Too many open files"),
        ("", "> /dev/full", "stopped: No space left on device"),
    ):
        done = subprocess.run(
            ["sh", "-c", f"{before} {command} {after}"], capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 1
        assert said in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("option", ["--source", "--output"])
def test_a_variable_that_is_not_set_names_no_folder(blog: Path, option: str) -> None:
    done = run("--source", blog, option, "")
    assert (done.returncode, f"argument {option}: it names no folder" in done.stderr) == (2, True)


def test_where_the_command_stands_may_be_the_site(blog: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (blog / "_site").mkdir()
    monkeypatch.chdir(blog / "_site")
    assert f"changed in {blog}/_site\n" in run("--source", "..", "--output", ".").stdout


def test_the_site_does_not_lie_among_its_sources(blog: Path) -> None:
    done = run("--source", blog, "--output", blog / "posts" / "site")
    assert done.returncode == 1
    assert "among its own sources, in posts/" in done.stderr
    assert "among its own sources, in .git/" in run("--source", blog, "--output", blog / ".git").stderr
    assert "70000 is no port" in run("serve", "--source", blog, "--port", "70000").stderr


def test_a_store_that_cannot_be_kept_is_only_a_note(blog: Path) -> None:
    (blog / ".sitegen").write_text("a file")
    done = run("--source", blog)
    assert done.returncode == 0, done.stderr
    assert "nothing is remembered" in done.stdout
    (blog / ".sitegen").unlink()
    (blog / ".sitegen" / "unchanged.json").mkdir(parents=True)
    for _ in range(2):  # the first sees files that were changed just now
        done = run("--source", blog)
        assert (done.returncode, done.stderr) == (0, "")


def test_what_cannot_stand_in_a_page_is_replaced(blog: Path) -> None:
    post = blog / "posts" / "2025-01-03-odd.md"
    post.write_text("---\ntitle: O\n---\n```{python}\nprint('a\\ud800b\\x00c')\n'\\ud801'\n```\n", encoding="utf-8")
    done = run("--source", blog)
    assert done.returncode == 0, done.stderr
    page = (blog / "_site" / "posts" / "odd" / "index.html").read_text(encoding="utf-8")
    assert "\0" not in page


def test_a_post_that_links_to_another_is_reused(blog: Path) -> None:
    post = blog / "posts" / "2025-01-03-b.md"
    post.write_text("---\ntitle: B\nfreeze: true\n---\nSee [a](2025-01-02-first.md).\n", encoding="utf-8")
    run("--source", blog)
    said = run("why", "--source", blog, "posts/2025-01-03-b.md").stdout
    assert "the page /posts/b/ is reused: nothing it sees has changed" in said
    assert "/tags/:\n    the page /tags/ is reused" in run("why", "--source", blog, "/tags/").stdout


def test_several_figures_stand_in_columns_each_with_its_caption(blog: Path) -> None:
    options = '#| fig-cap: Both\n#| fig-subcap:\n#|   - "A, $x$"\n#|   - "B `{python} 1 + 1`"\n#| layout-ncol: 2\n'
    code = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.figure()\nplt.plot([2, 1])\n"
    post = blog / "posts" / "2025-01-03-two.md"
    post.write_text(f"---\ntitle: Two\n---\n```{{python}}\n{options}{code}```\n", encoding="utf-8")
    done = run("--source", blog)
    assert done.returncode == 0, done.stderr
    page = (blog / "_site" / "posts" / "two" / "index.html").read_text(encoding="utf-8")
    assert page.count("<figure") == 1
    assert '<div class="figure-grid" style="--columns: 2">' in page
    assert "(a) A, " in page
    assert "(b) B 2" in page


def test_what_has_no_errors_is_written_where_that_is_asked_for(blog: Path) -> None:
    (blog / "posts" / "2025-01-03-loop.md").write_text("---\ntitle: Loop\n---\n```{python}\nwhile True: pass\n```\n")
    (blog / "posts" / "2025-01-04-header.md").write_text("---\ntitle: [x\n---\n")
    first = next((blog / "posts").glob("*first*"))
    first.write_text(first.read_text(encoding="utf-8") + "\n[there](2025-01-03-loop.md)\n", encoding="utf-8")
    (blog / "site.yml").write_text("title: T\nexecute:\n  timeout: 1\n", encoding="utf-8")
    done = run("build", "--source", blog)
    assert done.returncode == 1
    assert not (blog / "_site").exists()
    done = run("build", "--source", blog, "--keep-going")
    assert done.returncode == 1
    assert "2025-01-03-loop.md:5: the program did not end within 1 s" in done.stderr
    assert "2 errors; the site in" in done.stderr
    assert (
        "the link `2025-01-03-loop.md` leads to posts/2025-01-03-loop.md, which is left out"
        in done.stdout + done.stderr
    )
    assert [path.name for path in (blog / "_site" / "posts").iterdir()] == ["first"]
    (blog / "posts" / "2025-01-03-loop.md").unlink()  # without settings it would have a minute
    (blog / "site.yml").write_text("titel: T\n", encoding="utf-8")
    assert "untouched" in run("build", "--source", blog, "--keep-going").stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["build", "--output", "/"], "the site cannot be the root of all folders"),
        (["build", "--jobs", "-3"], "-3 is no number of programs"),
        (["clean", "--source", "/no/such/folder"], "there is no such folder"),
        (["new", "\udcff"], "the title is not UTF-8"),
        (["build", "--output", "x" * 300], "stopped: File name too long"),
        (["why", "x" * 300], "x: there is no such post or page"),
        (["import", "/dev/zero"], "it is a pipe, a socket or a device"),
    ],
)
def test_odd_arguments_are_told(blog: Path, arguments: list[str], said: str) -> None:
    source: list[str | Path] = [] if "--source" in arguments else ["--source", blog]
    done = run_alone(*arguments, *source)
    assert done.returncode in {1, 2}
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_post_with_a_long_title_has_a_name_that_systems_take(blog: Path) -> None:
    done = run_alone("new", "\uae38\ub2e4 " * 100, "--source", blog)
    assert done.returncode == 0, done.stderr
    assert len(Path(done.stdout.strip()).name.encode()) < 256


def test_what_a_terminal_cannot_show_ends_no_build(blog: Path) -> None:
    there = blog.rename(blog.with_name("한국어"))
    done = run_alone("build", "--source", there, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert r"\ud55c" in done.stdout
    shutil.rmtree(there / "_site")
    command = [sys.executable, str(PROJECT / "build.py"), "--source", str(there)]
    closed = subprocess.run(["sh", "-c", '"$@" >&- 2>&-', "sh", *command], check=False, timeout=120)
    assert closed.returncode == 0


def test_a_site_behind_a_link_is_removed(blog: Path) -> None:
    assert run("build", "--source", blog).returncode == 0
    (blog.parent / "link").symlink_to(blog / "_site")
    done = run("clean", "--source", blog, "--output", blog.parent / "link")
    assert (done.returncode, done.stderr) == (0, "")
    assert not (blog / "_site").exists()


def test_a_full_disk_takes_nothing_of_what_is_remembered(blog: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = blog / ".sitegen" / "store.sqlite"
    assert main(["build", "--source", str(blog)]) == 0
    before = store.stat().st_ino
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    real = Store.commit
    monkeypatch.setattr(Store, "commit", lambda self: _refuse(error) if self.path else real(self))
    monkeypatch.setattr(Store, "close", Store.abandon)
    assert main(["build", "--source", str(blog), "--verify-inputs"]) == 0
    assert store.stat().st_ino == before
    assert not list(store.parent.glob("damaged*"))


def _refuse(error: Exception) -> None:
    raise error


def test_a_folder_that_may_not_be_looked_into_is_named(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def refuse(_: object) -> int:
        raise PermissionError(13, "Permission denied", "/home/other/blog")

    monkeypatch.setattr("sitegen.cli.command.build_site", refuse)
    assert main(["build"]) == 1
    said = capfd.readouterr().err
    assert said == "/home/other/blog: stopped: Permission denied\n    hint: see who may use it: `ls -ld`\n"
