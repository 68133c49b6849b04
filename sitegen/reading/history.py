"""The git repository that a blog stands in -> when each of its posts was last changed there.

Only what was changed after it was first committed has a date of its own here. A shallow clone does not know, and is
not asked: in it every file would seem to be as old as the last commit. That is told, since elsewhere the site is another.
"""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_LONGEST = 60  # seconds; the histories of a thousand posts we looked at take under one
_UNKNOWN = "when posts were changed last is not known:"


def find_head(root: Path) -> tuple[str, str]:
    """Return the commit that is checked out and the blog's folder in it, and why git would not say what it could.

    "" outside git, or where history is missing.
    """
    if not any((folder / ".git").exists() for folder in (root, *root.resolve().parents)):
        return "", ""
    said, trouble = _git(root, "rev-parse", "--is-shallow-repository", "--show-prefix", "HEAD")
    is_shallow, *places = said.split("\n")
    if "dubious ownership" in trouble:
        why = "the repository is another user's; `git config --global --add safe.directory DIR` trusts it"
        return "", f"{_UNKNOWN} {why}"
    if is_shallow == "true":
        why = "this clone is shallow; `git fetch --unshallow` gets the rest, or say `last_modified: header`"
        return "", f"{_UNKNOWN} {why}"
    return (f"{places[1]} {places[0]}", "") if len(places) == 3 else ("", "")


def last_changes(root: Path) -> Mapping[str, str]:
    """Return by path when a file of posts/ or pages/ was changed last, as ISO 8601, of those that were changed at all."""
    said, _ = _git(
        root,
        *("-c", "core.quotePath=false", "-c", "log.showSignature=false"),
        *("log", "--format=%x00%aI", "--name-only", "--no-renames", "--relative", "--", "posts", "pages"),
    )
    dates: dict[str, list[str]] = {}
    for commit in said.split("\0")[1:]:
        date, *names = commit.split("\n")
        for name in filter(None, names):
            dates.setdefault(name, []).append(date)
    return {name: found[0] for name, found in dates.items() if len(found) > 1}


def _git(root: Path, *arguments: str) -> tuple[str, str]:
    """Return what git says, and what it complains of; where it is not there, or does not want to, it says nothing."""
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(  # noqa: S603 - git, with arguments of ours
            ["git", "-C", str(root), *arguments],  # noqa: S607 - whichever git the author has
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            env=environment,
            timeout=_LONGEST,
        )
    except (OSError, subprocess.TimeoutExpired):
        return "", ""
    return done.stdout if done.returncode == 0 else "", done.stderr
