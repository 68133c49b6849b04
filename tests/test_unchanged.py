"""A build that nothing has changed since stands; whatever a build could see or wrote makes the next one look again."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sitegen import unchanged
from sitegen.cli import main
from sitegen.publishing.write import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Callable

PROJECT = Path(__file__).parents[1]
POST = "---\ntitle: A\n---\n\nText with $x$.\n\n```{python}\nimport os\nprint(os.environ.get('SEEN'), open('data.txt').read())\n```\n"


@pytest.fixture
def blog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "blog"
    (root / "posts" / "2026-01-01-a").mkdir(parents=True)
    (root / "posts" / "2026-01-01-a" / "index.md").write_text(POST, encoding="utf-8")
    (root / "posts" / "2026-01-01-a" / "data.txt").write_text("one", encoding="utf-8")
    (root / "site.yml").write_text("title: T\nexecute:\n  variables: [SEEN]\n", encoding="utf-8")
    monkeypatch.setattr(unchanged, "JUST_NOW", -(10**12))  # the files were made this very moment
    return root


def builds(root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *options: str) -> bool:
    """Build, and return whether that was more than a look."""
    called = []
    remember = unchanged.remember

    def note(*arguments: Any, **named: Any) -> None:
        called.append(arguments)
        remember(*arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(unchanged, "remember", note)
        assert main(["build", "--source", str(root), *options]) == 0, capsys.readouterr()
    return bool(called)


def test_a_build_that_nothing_changed_since_stands(
    blog: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert builds(blog, capsys, monkeypatch)
    first = capsys.readouterr().out
    assert not builds(blog, capsys, monkeypatch)
    second = capsys.readouterr().out
    assert "1 program run" in first
    assert "0 programs run, 0 formulas set, 0 of " in second
    assert first.split(" of ")[1] == second.split(" of ")[1]


def test_what_editors_keep_beside_a_file_is_no_change(
    blog: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = blog / "posts" / "2026-01-01-a"
    assert builds(blog, capsys, monkeypatch)
    for name in (".index.md.swp", "index.md~", "#x", ".#index.md"):
        (folder / name).symlink_to("me@here") if name == ".#index.md" else (folder / name).write_text("x")
        assert builds(blog, capsys, monkeypatch) == (name == "#x")
    (folder / "index.md").write_text(POST.replace("open(", "os.listdir(), open("), encoding="utf-8")
    assert builds(blog, capsys, monkeypatch)
    (folder / "data.txt~").write_text("x")
    assert builds(blog, capsys, monkeypatch)  # a program sees it


def rewrite(path: Path) -> None:
    """Give a file another content of the same length, and its old time again."""
    before = path.stat()
    path.write_text("two", encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize(
    "change",
    [
        lambda root: rewrite(root / "posts" / "2026-01-01-a" / "data.txt"),
        lambda root: (root / "posts" / "2026-01-02-b.md").write_text("# B", encoding="utf-8"),
        lambda root: (root / "site.yml").write_text("title: U\nexecute:\n  variables: [SEEN]\n", encoding="utf-8"),
        lambda root: (root / "posts" / "new").mkdir(),
        lambda root: (root / "_site" / "index.html").unlink(),
        lambda root: (root / "_site" / "index.html").write_text("mine", encoding="utf-8"),
        lambda root: (root / "templates").mkdir(),
    ],
    ids=["data", "post", "settings", "folder", "page-gone", "page-changed", "templates"],
)
def test_whatever_a_build_could_see_or_wrote_makes_the_next_one_look_again(
    blog: Path, change: Callable[[Path], object], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    builds(blog, capsys, monkeypatch)
    assert not builds(blog, capsys, monkeypatch)
    change(blog)
    assert builds(blog, capsys, monkeypatch)
    assert not builds(blog, capsys, monkeypatch)


def test_a_variable_that_posts_may_see_makes_the_next_build_look_again(
    blog: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    builds(blog, capsys, monkeypatch)
    os.environ["SEEN"] = "yes"
    try:
        assert builds(blog, capsys, monkeypatch)
        assert "yes" in (blog / "_site" / "posts" / "a" / "index.html").read_text(encoding="utf-8")
    finally:
        del os.environ["SEEN"]


def test_another_command_is_another_build(
    blog: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    builds(blog, capsys, monkeypatch)
    assert builds(blog, capsys, monkeypatch, "--drafts")
    assert builds(blog, capsys, monkeypatch)


def test_a_post_that_waits_for_its_day_ends_what_stands(
    blog: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (blog / "posts" / "2999-01-01-b.md").write_text("# B", encoding="utf-8")
    builds(blog, capsys, monkeypatch)
    assert not builds(blog, capsys, monkeypatch)
    monkeypatch.setattr("time.time", lambda: 32_503_680_001.0)
    assert unchanged.recall(blog, blog / "_site", unchanged.look(blog, blog / "_site", "")) is None


def test_what_stood_when_the_clock_was_put_back_is_built_anew(
    blog: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    builds(blog, capsys, monkeypatch)
    monkeypatch.setattr("time.time_ns", lambda now=time.time_ns: now() - 3_600_000_000_000)
    assert builds(blog, capsys, monkeypatch)


def test_what_stands_is_remembered_before_another_build_may_write(blog: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    remembered: list[int] = []

    def remember(*_: object, **__: object) -> None:
        other = os.open(blog, os.O_RDONLY)
        with pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        remembered.append(other)
        os.close(other)

    monkeypatch.setattr(unchanged, "remember", remember)
    assert main(["build", "--source", str(blog)]) == 0
    assert main(["build", "--source", str(blog)]) == 0  # which writes nothing
    assert len(remembered) == 2


@pytest.mark.parametrize("worktree", [False, True])
def test_a_commit_makes_the_next_build_look_again(tmp_path: Path, worktree: bool) -> None:  # noqa: FBT001 - a parameter
    def git(folder: Path, *arguments: str) -> None:
        who = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)

    blog = tmp_path / "main"
    blog.mkdir()
    git(blog, "init", "-q")
    git(blog, "commit", "-q", "--allow-empty", "-m", "one")
    if worktree:
        git(blog, "worktree", "add", "-q", str(tmp_path / "other"))
        blog = tmp_path / "other"
    before, again = (unchanged.look(blog, blog / "_site", "") for _ in range(2))
    git(blog, "commit", "-q", "--allow-empty", "-m", "two")
    after = unchanged.look(blog, blog / "_site", "")
    assert before
    assert again
    assert after
    assert before.digest == again.digest != after.digest


@pytest.mark.parametrize("damaged", [b"gitdir: a\0b", b"\xff\0", b""])
def test_a_repository_that_is_damaged_is_looked_at_as_one_that_is_not_there(damaged: bytes, tmp_path: Path) -> None:
    (tmp_path / ".git").write_bytes(damaged)
    assert unchanged.look(tmp_path, tmp_path / "_site", "asked")


def test_what_changed_while_a_build_began_is_not_trusted(tmp_path: Path) -> None:
    (tmp_path / ".sitegen").mkdir()
    (tmp_path / "_site").mkdir()
    before = unchanged.look(tmp_path, tmp_path / "_site", "x")
    assert before
    unchanged.remember(
        *(tmp_path, tmp_path / "_site", before._replace(begun=before.newest)),
        paths=(),
        variables=(),
        due=None,
        standing=unchanged.Standing((), {}),
    )
    assert unchanged.recall(tmp_path, tmp_path / "_site", before) is None


def test_a_look_imports_nothing_heavy(blog: Path) -> None:
    command = [sys.executable, "-X", "importtime", str(PROJECT / "build.py"), "--source", str(blog)]
    subprocess.run(command, check=True, capture_output=True)
    code = "from sitegen import unchanged; unchanged.JUST_NOW = -10**12; from sitegen.cli import main; main(['--source', %r])"
    subprocess.run([sys.executable, "-c", code % str(blog)], check=True, capture_output=True, cwd=PROJECT)
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", code % str(blog)],
        check=True,
        capture_output=True,
        text=True,
        cwd=PROJECT,
    )
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.split("\n")}
    assert "sitegen.unchanged" in loaded
    assert not loaded & {
        "sitegen.model",
        "sitegen.pipeline",
        "sitegen.store",
        "dataclasses",
        "msgspec",
        "sqlite3",
        "yaml",
        "jinja2",
        "markdown_it",
        "numpy",
    }


@pytest.mark.parametrize("text", ["", "[]", "[" * 100_000], ids=["empty", "list", "deep"])
def test_a_record_that_cannot_be_read_makes_the_next_build_look_again(
    blog: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    assert builds(blog, capsys, monkeypatch)
    (blog / unchanged.RECORD).write_text(text, encoding="utf-8")
    assert builds(blog, capsys, monkeypatch)
    (blog / "_site" / MANIFEST).write_text(text, encoding="utf-8")
    assert main(["build", "--source", str(blog)]) == 1
    assert "_site: " in capsys.readouterr().err
