"""When a post was last changed is what git says, told once for each commit, and never guessed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, cast

import pytest

from sitegen.model import Stored
from sitegen.pipeline import Options, build
from sitegen.reading import history
from sitegen.store import Store

if TYPE_CHECKING:
    from collections.abc import Mapping

POST = PurePosixPath("posts/2025-01-01-näher.md")


def git(folder: Path, *arguments: str, date: str = "2025-03-01T12:00:00+09:00") -> None:
    environment = {
        **os.environ,
        **{f"GIT_{who}_{what}": "x@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
        "GIT_AUTHOR_DATE": date,
        "GIT_COMMITTER_DATE": "2025-12-01T12:00:00+00:00",
    }
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, env=environment, capture_output=True)


def commit(folder: Path, text: str, date: str) -> None:
    (folder / POST).write_text(text, encoding="utf-8")
    git(folder, "add", ".")
    git(folder, "commit", "-m", "x", date=date)


@pytest.fixture
def blog(tmp_path: Path) -> Path:
    """Return a blog in a folder of a repository, with a post committed twice and one committed once."""
    repository = tmp_path / "repository"
    folder = repository / "blog"
    (folder / "posts").mkdir(parents=True)
    shutil.copytree(Path(__file__).parents[1] / "plain-theme", folder / "templates")
    post = folder / "templates" / "post.html"
    post.write_text("{{ article.meta.updated }}", encoding="utf-8")
    git(tmp_path, "init", "repository")
    (folder / "posts" / "2025-01-02-once.md").write_text("Once.\n", encoding="utf-8")
    commit(folder, "First.\n", "2025-01-01T12:00:00+09:00")
    commit(folder, "Second.\n", "2025-03-01T12:00:00+09:00")
    return folder


def updated(folder: Path, store: Store) -> Mapping[str, str]:
    result = build(folder, store, Options())
    assert [str(error) for error in result.errors] == []
    found = {}
    for path, content in result.files.items():
        if path.parts[0] == "posts" and isinstance(content, Stored):
            found[path.parts[1]] = store.content(content.digest).decode()
    return found


def test_a_post_that_was_committed_twice_has_the_day_of_the_last_change(blog: Path) -> None:
    with Store(None) as store:
        assert updated(blog, store) == {"näher": "2025-03-01 12:00:00+09:00", "once": "None"}


def test_history_is_read_once_for_each_commit_and_a_new_one_is_seen(
    blog: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def count(root: Path, *arguments: str, ask=history._git) -> tuple[str, str]:  # type: ignore[no-untyped-def]  # noqa: ANN001
        asked.append(arguments)
        return cast("tuple[str, str]", ask(root, *arguments))

    monkeypatch.setattr(history, "_git", count)
    with Store(None) as store:
        updated(blog, store)
        updated(blog, store)
        assert sum("log" in arguments for arguments in asked) == 1
        commit(blog, "Third.\n", "2025-04-01T12:00:00+09:00")
        assert updated(blog, store)["näher"] == "2025-04-01 12:00:00+09:00"


def test_what_the_header_or_the_settings_say_stands(blog: Path) -> None:
    with Store(None) as store:
        commit(blog, "---\nlast_modified_at: 2025-02-02\n---\nx\n", "2025-05-01T12:00:00+00:00")
        assert updated(blog, store)["näher"].startswith("2025-02-02")
        commit(blog, "Plain.\n", "2025-06-01T12:00:00+00:00")
        (blog / "site.yml").write_text("last_modified: header\n", encoding="utf-8")
        assert updated(blog, store)["näher"] == "None"


def test_a_change_on_the_day_of_the_post_is_no_update(blog: Path) -> None:
    with Store(None) as store:
        commit(blog, "---\ndate: 2025-03-02\n---\nx\n", "2025-03-02T12:00:00+00:00")
        assert updated(blog, store)["näher"] == "None"


def test_a_shallow_clone_and_a_folder_outside_git_know_nothing(
    blog: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--depth", "1", blog.parent.as_uri(), str(clone))
    assert history.find_head(blog)[1] == ""
    with Store(None) as store:
        (note,) = build(clone / "blog", store, Options()).notes
    assert note.startswith(
        "site.yml: when posts were changed last is not known: this clone is shallow; `git fetch --unsh"
    )
    with monkeypatch.context() as patch:
        patch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")  # git's own way to test it
        head, trouble = history.find_head(blog)
    assert (head, "safe.directory" in trouble) == ("", True)
    shutil.rmtree(blog.parent / ".git")
    assert history.find_head(blog) == ("", "")
    with Store(None) as store:
        assert updated(blog, store)["näher"] == "None"
