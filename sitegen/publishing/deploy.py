"""A built site -> a branch of a git remote, through ghp-import."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from sitegen.errors import Location, SiteError

if TYPE_CHECKING:
    from pathlib import Path


def deploy(site: Path, repository: Path, remote: str, branch: str, message: str) -> None:
    """Commit the folder `site` as the whole of `branch` and push it. Raises SiteError with what git said."""
    command = [sys.executable, "-m", "ghp_import", "--no-jekyll", "--push", "--force"]
    command += ["--remote", remote, "--branch", branch, "--message", message, str(site)]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)  # noqa: S603 - as above
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.startswith(("fatal", "error", "remote", "ERROR"))]
        raise SiteError(
            f"git cannot publish to `{branch}` of `{remote}`",
            Location(str(repository)),
            f"see that `git remote get-url {remote}` names your repository and that you may push to it",
            detail="\n".join(said or done.stderr.splitlines()[-3:]),
        )
