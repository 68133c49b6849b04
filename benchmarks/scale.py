"""Prints what many posts full of formulas cost, as ratios against peers with the same posts, taken in turn.

Run from the project's folder: `.venv/bin/python -m benchmarks.scale [posts ...]`, 100 and 1000 without numbers. `search:
false` and `cards: false` leave out what no peer makes; the row with both is printed besides.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks import corpus, preview
from benchmarks.peers import PEERS

PROJECT = Path(__file__).parents[1]
ROUNDS = 3


@dataclass(frozen=True)
class Cost:
    """What a command took: wall and CPU seconds, and the most bytes that all of its processes held together."""

    wall: float
    cpu: float
    memory: int


def measure(command: list[str], folder: Path) -> Cost:
    """Run a command that must succeed."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
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
    assert process.returncode == 0, said.decode()
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


def row(name: str, us: list[float], them: list[float]) -> None:
    """Print a ratio: the median of those of each round, and all."""
    ratios = [one / other for one, other in zip(us, them, strict=True)]
    print(f"  {name}: {statistics.median(ratios):.2f} ({', '.join(f'{ratio:.2f}' for ratio in ratios)})", flush=True)


def against_peers(blog: Path, posts: int, folder: Path) -> None:
    """Print cold builds and builds without changes beside each peer's."""
    for peer in PEERS:
        place = folder / peer.name
        peer.prepare(blog / "posts", place)
        cold: list[tuple[Cost, Cost]] = []
        again: list[tuple[Cost, Cost]] = []
        for _ in range(ROUNDS if peer.name == "Eleventy" else 1):
            peer.forget(place)
            forget(blog)
            cold.append((measure(ours(blog), PROJECT), measure(peer.command(place), place)))
            measure(ours(blog), PROJECT)
            again.append((measure(ours(blog), PROJECT), measure(peer.command(place), place)))
        assert peer.count(place) == posts * 37, f"{peer.name} set {peer.count(place)} formulas"
        print(f"{posts} posts of 37 formulas, ours / {peer.name}'s:")
        row("cold, wall", [us.wall for us, _ in cold], [them.wall for _, them in cold])
        row("cold, CPU", [us.cpu for us, _ in cold], [them.cpu for _, them in cold])
        row("cold, memory of all processes", [us.memory for us, _ in cold], [them.memory for _, them in cold])
        row("nothing changed, wall", [us.wall for us, _ in again], [them.wall for _, them in again])
        shutil.rmtree(place)
    set_by_us = sum(
        page.read_text(encoding="utf-8").count('class="katex-html"')
        for page in (blog / "_site" / "posts").rglob("*.html")
    )
    assert set_by_us >= posts * 37, f"we set {set_by_us} formulas"


def edited(blog: Path, posts: int) -> None:
    """Print what a build costs after one post's prose was edited, and the size of what is remembered."""
    post = sorted((blog / "posts").iterdir())[posts // 2]
    text = post.read_text(encoding="utf-8")
    measure(ours(blog), PROJECT)
    took = []
    for number in range(ROUNDS):
        post.write_text(f"{text}\n\nEdit {number}.\n", encoding="utf-8")
        took.append(measure(ours(blog), PROJECT))
    post.write_text(text, encoding="utf-8")
    size = sum(path.stat().st_size for path in (blog / ".sitegen").iterdir() if path.is_file())
    print(
        f"{posts} posts, the prose of one edited: {statistics.median(cost.wall for cost in took):.2f} s; remembered: {size / 1e6:.0f} MB"
    )


def main() -> None:
    """Print the rows for each number of posts."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # as in run.py
    for posts in map(int, sys.argv[1:] or ["100", "1000"]):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            blog = corpus.math_posts(folder / "blog", posts)
            (blog / "site.yml").write_text("title: Formulas\nsearch: false\ncards: false\n", encoding="utf-8")
            against_peers(blog, posts, folder)
            edited(blog, posts)
            measure(ours(blog), PROJECT)
            print(f"{posts} posts, {preview.texts(blog)}")
            print(f"{posts} posts, {preview.templates(blog)}")
            (blog / "site.yml").write_text("title: Formulas\n", encoding="utf-8")
            forget(blog)
            print(f"{posts} posts, cold, with the search index and cards: {measure(ours(blog), PROJECT).wall:.1f} s")
    with tempfile.TemporaryDirectory() as name:
        print(preview.figures(Path(name)))


if __name__ == "__main__":
    main()
