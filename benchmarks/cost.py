"""What a command costs: seconds, and memory of all of its processes."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parents[1]


class CommandError(Exception):
    """A command failed; the message is what it said."""


@dataclass(frozen=True)
class Cost:
    """What a command took: wall and CPU seconds, and the most bytes that all of its processes held together."""

    wall: float
    cpu: float
    memory: int


def measure(command: list[str], folder: Path) -> Cost:
    """Run a command in a folder; CommandError where it fails."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    try:
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    except OSError as error:
        raise CommandError(str(error)) from error
    most = 0

    def watch() -> None:
        nonlocal most
        while process.poll() is None:
            most = max(most, _memory(process.pid))
            time.sleep(0.05)

    watcher = threading.Thread(target=watch)
    watcher.start()
    _, said = process.communicate()
    wall = time.perf_counter() - start
    watcher.join()
    if process.returncode:
        raise CommandError(said.decode(errors="replace").strip() or f"{command[0]} exited with {process.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, most)


def _memory(process: int) -> int:
    """Return the bytes that a process and those it started hold, what they share counted once where the system tells."""
    total = 0
    try:
        for line in Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").split("\n"):
            if line.startswith("Pss:"):
                total += int(line.split()[1]) * 1024
        for thread in Path(f"/proc/{process}/task").iterdir():
            for child in (thread / "children").read_text(encoding="ascii").split():
                total += _memory(int(child))
    except OSError:
        pass  # it has ended
    return total


def ours(blog: Path) -> list[str]:
    """Return the command that builds a blog with us."""
    return [sys.executable, str(PROJECT / "build.py"), "build", "--source", str(blog)]


def forget(blog: Path) -> None:
    """Remove what was built and what is remembered."""
    for name in ("_site", ".sitegen"):
        shutil.rmtree(blog / name, ignore_errors=True)
