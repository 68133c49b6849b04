"""Where a site is not published to: a branch of its sources; a repository that git does not let us use is told as such."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from sitegen.errors import SiteError
from sitegen.publishing.deploy import deploy
from sitegen.publishing.write import alone

if TYPE_CHECKING:
    from pathlib import Path


def git(*arguments: str | Path, cwd: Path) -> str:
    said = subprocess.run(["git", *map(str, arguments)], cwd=cwd, check=True, capture_output=True, text=True)
    return said.stdout.strip()


@pytest.fixture
def blog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "T")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "t@example.org")
    git("init", "--bare", "-q", "bare.git", cwd=tmp_path)
    root = tmp_path / "repository" / "blog"
    (root / "posts" / "a").mkdir(parents=True)
    (root / "posts" / "a" / "index.md").write_text("Text.\n", encoding="utf-8")
    (root / "posts" / "a" / "x.csv").write_text("1,2\n", encoding="utf-8")
    (root / "_site" / "posts" / "a").mkdir(parents=True)
    (root / "_site" / "index.html").write_text("<p>Site</p>\n", encoding="utf-8")
    (root / "_site" / "posts" / "a" / "x.csv").write_text("1,2\n", encoding="utf-8")
    git("init", "-q", "-b", "main", cwd=root.parent)
    git("add", "blog/posts", cwd=root.parent)
    git("commit", "-q", "-m", "One", cwd=root.parent)
    git("remote", "add", "origin", tmp_path / "bare.git", cwd=root.parent)
    git("push", "-q", "origin", "main", "main:other", cwd=root.parent)
    return root


@pytest.mark.parametrize(
    ("branch", "told"),
    [("main", "`main` is the branch that you work on"), ("other", "`other` of `origin` holds posts")],
)
def test_the_site_never_takes_the_place_of_its_sources(blog: Path, tmp_path: Path, branch: str, told: str) -> None:
    before = git("rev-parse", "main", cwd=blog)
    with pytest.raises(SiteError, match=told) as refused:
        deploy(blog / "_site", blog, "origin", branch, "Publish")
    assert "gh-pages" in refused.value.hint
    assert git("rev-parse", "HEAD", cwd=blog) == before
    assert git("rev-parse", branch, cwd=tmp_path / "bare.git") == before
    assert not git("status", "--short", "--untracked-files=no", cwd=blog)


def test_a_branch_of_the_sources_that_was_never_pushed_is_not_committed_to(blog: Path) -> None:
    git("branch", "mine", cwd=blog)
    before = git("rev-parse", "mine", cwd=blog)
    with pytest.raises(SiteError, match="`mine` here holds posts"):
        deploy(blog / "_site", blog, "origin", "mine", "Publish")
    assert git("rev-parse", "mine", cwd=blog) == before


def test_a_branch_that_holds_a_site_with_files_of_posts_is_published_to_again(blog: Path, tmp_path: Path) -> None:
    assert deploy(blog / "_site", blog, "origin", "gh-pages", "--publish")
    (blog / "_site" / "index.html").write_text("<p>Other</p>\n", encoding="utf-8")
    git("init", "-q", cwd=blog / "_site")
    said = [deploy(blog / "_site", blog, "origin", "gh-pages", "Publish") for _ in range(2)]
    assert said == ["pushed to gh-pages of origin", "nothing to deploy: gh-pages of origin holds this site already"]
    names = git("ls-tree", "-r", "--name-only", "gh-pages", cwd=tmp_path / "bare.git").splitlines()
    assert names == [".nojekyll", "index.html", "posts/a/x.csv"]


def test_a_site_that_another_build_puts_in_its_place_meanwhile_is_published_whole(blog: Path, tmp_path: Path) -> None:
    with ThreadPoolExecutor() as pool:
        with alone(blog):
            published = pool.submit(deploy, blog / "_site", blog, "origin", "gh-pages", "Publish")
            with pytest.raises(TimeoutError):
                published.result(timeout=1)
            (blog / "_site").rename(blog / "old")
            (blog / "_site").mkdir()
            (blog / "_site" / "other.html").write_text("<p>Other</p>\n", encoding="utf-8")
        assert published.result(timeout=60) == "pushed to gh-pages of origin"
    names = git("ls-tree", "-r", "--name-only", "gh-pages", cwd=tmp_path / "bare.git").splitlines()
    assert names == [".nojekyll", "other.html"]


def test_a_domain_that_the_branch_had_and_the_site_has_not_is_told(blog: Path) -> None:
    (blog / "_site" / "CNAME").write_text("blog.example.org\n", encoding="utf-8")
    deploy(blog / "_site", blog, "origin", "gh-pages", "Publish")
    (blog / "_site" / "CNAME").unlink()
    assert "`domain: blog.example.org` in site.yml" in deploy(blog / "_site", blog, "origin", "gh-pages", "Publish")


@pytest.mark.parametrize(
    ("remote", "branch", "hint"),
    [
        ("nowhere", "gh-pages", "git remote add nowhere"),
        ("--upload-pack=touch made", "gh-pages", "git remote add"),
        ("origin", "a..b", "--branch"),
        ("origin", "gh-pages", "git config user.name"),
    ],
)
def test_what_git_would_stumble_over_is_told_before(
    blog: Path, monkeypatch: pytest.MonkeyPatch, remote: str, branch: str, hint: str
) -> None:
    monkeypatch.delenv("GIT_COMMITTER_EMAIL")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    git("config", "user.useConfigOnly", "true", cwd=blog)
    with pytest.raises(SiteError) as refused:
        deploy(blog / "_site", blog, remote, branch, "Publish")
    assert hint in refused.value.hint
    assert not (blog / "made").exists()


def test_a_folder_without_a_repository_is_told_as_such(blog: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone"
    alone.mkdir()
    with pytest.raises(SiteError) as refused:
        deploy(blog / "_site", alone, "origin", "gh-pages", "Publish")
    assert "not a git repository" in refused.value.detail
    assert "git init" in refused.value.hint


def test_a_repository_of_another_user_is_told_as_such(blog: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")  # git's own way to test it
    with pytest.raises(SiteError) as refused:
        deploy(blog / "_site", blog, "origin", "gh-pages", "Publish")
    assert "dubious ownership" in refused.value.detail
    assert "safe.directory" in refused.value.hint


def test_what_a_killed_git_left_is_named(blog: Path) -> None:
    deploy(blog / "_site", blog, "origin", "gh-pages", "Publish")
    (blog / "_site" / "index.html").write_text("<p>Other</p>\n", encoding="utf-8")
    lock = blog.parent / ".git" / "refs" / "heads" / "gh-pages.lock"
    lock.touch()
    with pytest.raises(SiteError) as refused:
        deploy(blog / "_site", blog, "origin", "gh-pages", "Publish")
    assert refused.value.detail == "error: Failed to rebase gh-pages branch."
    assert refused.value.hint.endswith("then remove ../.git/refs/heads/gh-pages.lock")
    lock.unlink()
    assert deploy(blog / "_site", blog, "origin", "gh-pages", "Publish")
