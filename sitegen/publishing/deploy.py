"""A built site -> a branch of a git remote: one commit of exactly its files, or none when it holds them already.

ghp-import makes the commit; what is told before and after is ours.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from sitegen.errors import Location, SiteError
from sitegen.publishing.write import MANIFEST, alone
from sitegen.sources import is_source

_ABSENT = 2  # what `git ls-remote --exit-code` returns for a branch that is not there


def deploy(site: Path, repository: Path, remote: str, branch: str, message: str) -> str:
    """Commit the folder `site` on top of `branch` and push it; say what came of it. Raises SiteError."""
    git = _Git(repository, remote, branch)
    git.run("git", "rev-parse", "--git-dir")
    git.run("git", "remote", "get-url", "--", remote)
    git.run("git", "check-ref-format", "--branch", branch)
    name, _, email = git.run("git", "var", "GIT_COMMITTER_IDENT").rpartition("> ")[0].partition(" <")
    if git.run("git", "branch", "--show-current") == branch:
        raise _of_sources(repository, branch, "is the branch that you work on")
    there = f"refs/remotes/{remote}/{branch}"
    before = domain = ""
    own = [
        name
        for name in git.run("git", "ls-files", "-z", "--full-name", "--", "posts", "pages").split("\0")
        if is_source(name)
    ]
    here = f"refs/heads/{branch}"
    if git.run("git", "for-each-ref", here) and not git.names_in(here).isdisjoint(own):
        raise _of_sources(repository, branch, "here holds posts that the site is made of")
    if git.has_branch():
        git.run("git", "fetch", "--quiet", "--no-tags", remote, f"+refs/heads/{branch}:{there}")
        before = git.run("git", "rev-parse", f"{there}^{{tree}}")
        names = git.names_in(there)
        if not names.isdisjoint(own):
            raise _of_sources(repository, branch, f"of `{remote}` holds posts that the site is made of")
        if "CNAME" in names and not (site / "CNAME").exists():
            domain = git.run("git", "show", f"{there}:CNAME")
    with TemporaryDirectory() as folder:
        files = Path(folder) / "site"
        with alone(site.resolve().parent):  # a build that goes on beside this one puts another site in its place
            shutil.copytree(site, files, ignore=shutil.ignore_patterns(MANIFEST, ".git"), ignore_dangling_symlinks=True)
        options = ("--no-jekyll", "--remote", remote, "--branch", branch, f"--message={message}")
        who = {"GIT_COMMITTER_NAME": name, "GIT_COMMITTER_EMAIL": email}  # ghp-import knows git's settings alone
        git.run(sys.executable, "-m", "ghp_import", *options, str(files), **who)
    if git.run("git", "rev-parse", f"{here}^{{tree}}") == before:
        return f"nothing to deploy: {branch} of {remote} holds this site already"
    git.run("git", "push", "--quiet", remote, f"{here}:{here}")
    lost = f"; it is not at {domain} any more, as its CNAME said: `domain: {domain}` in site.yml says so"
    return f"pushed to {branch} of {remote}{lost if domain else ''}"


def _of_sources(repository: Path, branch: str, why: str) -> SiteError:
    message = f"`{branch}` {why}: the site would take the place of all that is in it"
    return SiteError(message, Location(str(repository)), "name one for the site alone with --branch, such as gh-pages")


class _Git:
    """Runs git, and what runs git, in a repository; what it refuses becomes a SiteError with its words."""

    def __init__(self, repository: Path, remote: str, branch: str) -> None:
        self._repository, self._remote, self._branch = repository, remote, branch

    def run(self, *command: str, **variables: str) -> str:
        """Return what a command said, without the newline at its end."""
        done = self._start(*command, **variables)
        if done.returncode:
            raise self._error(done)
        return done.stdout.strip()

    def names_in(self, branch: str) -> set[str]:
        """Return the files of a branch."""
        return set(self.run("git", "ls-tree", "-r", "-z", "--name-only", "--full-tree", branch).split("\0"))

    def has_branch(self) -> bool:
        """Whether the remote has the branch."""
        done = self._start("git", "ls-remote", "--exit-code", "--heads", self._remote, f"refs/heads/{self._branch}")
        if done.returncode not in {0, _ABSENT}:
            raise self._error(done)
        return done.returncode == 0

    def _lock(self) -> str:
        """Return the file that says that somebody works on the branch, "" where there is none."""
        said = self._start("git", "rev-parse", "--git-path", f"refs/heads/{self._branch}.lock").stdout.strip()
        return said if said and (self._repository / said).exists() else ""

    def _start(self, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "LC_ALL": "C", **variables}  # `_error` knows git's words in English
        try:
            return subprocess.run(  # noqa: S603 - git, with arguments of ours and the author's remote
                command,
                cwd=self._repository,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                check=False,
                env=environment,
            )
        except FileNotFoundError as error:
            place = Location(str(self._repository))
            raise SiteError("git is not installed", place, "install it, or copy _site") from error

    def _error(self, done: subprocess.CompletedProcess[str]) -> SiteError:
        said = [line.removeprefix("ghp_import.py: ") for line in done.stderr.splitlines()]
        said = [line for line in said if line.startswith(("fatal", "error", "remote", "ERROR", " !"))]
        hint = f"see that `git remote get-url {self._remote}` names your repository and that you may push to it"
        if "not a git repository" in done.stderr:
            hint = "`git init` makes one of this folder; `git remote add` says where it is published"
        elif "No such remote" in done.stderr:
            hint = f"`git remote add {self._remote} ADDRESS` says where it is published"
        elif "not a valid branch name" in done.stderr:
            hint = "name another with --branch, such as gh-pages"
        elif "dubious ownership" in done.stderr:
            hint = (
                f"the folder is another user's: `git config --global --add safe.directory {self._repository}` trusts it"
            )
        elif "Failed to rebase" in done.stderr and (lock := self._lock()):
            hint = f"another git is at work here, or one was killed: then remove {lock}"
        elif "user.email" in done.stderr:
            hint = "say who you are: `git config user.name` and `git config user.email`"
        elif any(sign in done.stderr for sign in ("fetch first", "non-fast-forward", "cannot lock ref")):
            hint = "somebody else published meanwhile: deploy again"
        return SiteError(
            f"git cannot publish to `{self._branch}` of `{self._remote}`",
            Location(str(self._repository)),
            hint,
            detail="\n".join(said or done.stderr.splitlines()[-3:]),
        )
