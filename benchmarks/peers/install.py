"""Installs peers at pinned versions from their registries, each into a folder beside this package, once for each set of pins."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.peers.peer import PeerError

if TYPE_CHECKING:
    from collections.abc import Callable

PLACE = Path(__file__).parents[1] / ".peers"


def node_modules(name: str, needs: dict[str, str]) -> Path:
    """Return the folder of Node packages of a peer."""
    home = PLACE / name

    def install() -> None:
        (home / "package.json").write_text(json.dumps({"name": "peer", "private": True, "dependencies": needs}))
        _run("npm", "install", "--no-audit", "--no-fund", "--loglevel=error", folder=home)

    _once(home, json.dumps(needs), install)
    return home / "node_modules"


def environment(name: str, *needs: str) -> Path:
    """Return the folder of a peer's Python environment."""
    home = PLACE / name

    def install() -> None:
        _run(sys.executable, "-m", "venv", str(home), folder=home)
        pip = (str(home / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet")
        _run(*pip, "install", *needs, folder=home)

    _once(home, json.dumps(needs), install)
    return home


def _once(home: Path, pins: str, install: Callable[[], None]) -> None:
    mark = home / "installed"
    if mark.exists() and mark.read_text(encoding="utf-8") == pins:
        return
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    install()
    mark.write_text(pins, encoding="utf-8")


def _run(*command: str, folder: Path) -> None:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except OSError as error:
        raise PeerError(f"cannot be installed: {error}") from error
    if done.returncode:
        said = [line.strip() for line in done.stderr.splitlines() if "error" in line.lower()] or [
            f"{command[0]} failed"
        ]
        raise PeerError(f"cannot be installed: {'; '.join(said[:2])}")
