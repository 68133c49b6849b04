"""A built site -> a branch of a git remote: one commit of exactly its files, or none when the branch holds them already."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sitegen.errors import Location, SiteError
from sitegen.publishing.write import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Mapping

_ABSENT = 2  # what `git ls-remote --exit-code` returns for a branch that is not there
_AS_WRITTEN = ("-c", "core.autocrlf=false", "-c", "core.safecrlf=false", "-c", "core.attributesFile=")


def deploy(site: Path, repository: Path, remote: str, branch: str, message: str) -> bool:
    """Commit the folder `site` on top of `branch` and push it; False when nothing changed. Raises SiteError.

    The repository's own branches, index and files are left alone: the commit is made beside them.
    """
    git = _Git(repository, remote, branch)
    with TemporaryDirectory() as folder:
        index = {"GIT_INDEX_FILE": str(Path(folder) / "index"), "GIT_DIR": git.run("rev-parse", "--absolute-git-dir")}
        index["GIT_WORK_TREE"] = str(site)
        git.run(
            *_AS_WRITTEN,
            "add",
            "--all",
            "--force",
            "--",
            ".",
            f":(exclude,top){MANIFEST}",
            folder=site,
            environment=index,
        )
        tree = git.run("write-tree", environment=index)
    parent = ""
    if git.has_branch():
        git.run("fetch", "--quiet", "--no-tags", remote, f"refs/heads/{branch}")
        parent = git.run("rev-parse", "FETCH_HEAD")
        if git.run("rev-parse", f"{parent}^{{tree}}") == tree:
            return False
    commit = git.run("commit-tree", tree, *(("-p", parent) if parent else ()), "-m", message)
    git.run("push", "--quiet", remote, f"{commit}:refs/heads/{branch}")
    return True


class _Git:
    """Runs git in a repository; what it refuses becomes a SiteError with its words."""

    def __init__(self, repository: Path, remote: str, branch: str) -> None:
        self._repository, self._remote, self._branch = repository, remote, branch

    def run(self, *arguments: str, folder: Path | None = None, environment: Mapping[str, str] | None = None) -> str:
        """Return what git said, without the newline at its end."""
        done = self._start(*arguments, folder=folder, environment=environment)
        if done.returncode:
            raise self._error(done)
        return done.stdout.strip()

    def has_branch(self) -> bool:
        """Whether the remote has the branch."""
        done = self._start("ls-remote", "--exit-code", "--heads", self._remote, f"refs/heads/{self._branch}")
        if done.returncode not in {0, _ABSENT}:
            raise self._error(done)
        return done.returncode == 0

    def _start(
        self, *arguments: str, folder: Path | None = None, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(  # noqa: S603 - git, with arguments of ours and the author's remote
                ["git", *arguments],  # noqa: S607 - the git that is on the author's path
                cwd=folder or self._repository,
                env={**os.environ, **(environment or {})},
                capture_output=True,
                text=True,
                check=False,
            )
        except FileNotFoundError as error:
            raise SiteError(
                "git is not installed", Location(str(self._repository)), "install it, or copy _site"
            ) from error

    def _error(self, done: subprocess.CompletedProcess[str]) -> SiteError:
        said = [
            line for line in done.stderr.splitlines() if line.startswith(("fatal", "error", "remote", "ERROR", " !"))
        ]
        hint = f"see that `git remote get-url {self._remote}` names your repository and that you may push to it"
        if "not a git repository" in done.stderr:
            hint = "`git init` makes one of this folder; `git remote add` says where it is published"
        elif "user.email" in done.stderr:
            hint = "say who you are: `git config user.name` and `git config user.email`"
        elif "fetch first" in done.stderr or "non-fast-forward" in done.stderr:
            hint = "somebody else published meanwhile: deploy again"
        return SiteError(
            f"git cannot publish to `{self._branch}` of `{self._remote}`",
            Location(str(self._repository)),
            hint,
            detail="\n".join(said or done.stderr.splitlines()[-3:]),
        )
