"""Prints how the cost of a blog of formulas grows with its posts: `.venv/bin/python -m benchmarks.growth [posts ...]`.

One row for each number of posts, 10 to 10,000 without arguments: seconds of a build from nothing, of one where nothing changed and of
one where the prose of a post was edited, each in a new process; CPU seconds of the first; the most memory of all its processes
together; and the size of what is remembered. `search: false` and `cards: false`, as in scale.py.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import corpus
from benchmarks.cost import PROJECT, measure, ours


def row(folder: Path, posts: int) -> list[float]:
    """Build a blog of so many posts three times; return what it cost."""
    blog = corpus.math_posts(folder / str(posts), posts)
    (blog / "site.yml").write_text("title: Formulas\nsearch: false\ncards: false\n", encoding="utf-8")
    time.sleep(2)  # what changed less than a second before a build may change again unseen, and is looked at again
    cold = measure(ours(blog), PROJECT)
    again = measure(ours(blog), PROJECT)
    post = sorted((blog / "posts").iterdir())[posts // 2]
    post.write_text(post.read_text(encoding="utf-8") + "\n\nEdited.\n", encoding="utf-8")
    time.sleep(2)
    edited = measure(ours(blog), PROJECT)
    remembered = sum(path.stat().st_size for path in (blog / ".sitegen").iterdir() if path.is_file())
    return [cold.wall, again.wall, edited.wall, cold.cpu, cold.memory / 1e6, remembered / 1e6]


def main() -> None:
    """Print the table, as Markdown."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # as in run.py
    print("| posts | from nothing | nothing changed | one edited | CPU | memory | remembered |")
    print("|---|---|---|---|---|---|---|")
    for posts in map(int, sys.argv[1:] or ["10", "100", "1000", "10000"]):
        with tempfile.TemporaryDirectory() as name:
            cold, again, edited, cpu, memory, remembered = row(Path(name), posts)
        times = f"{cold:.1f} s | {again:.2f} s | {edited:.2f} s | {cpu:.1f} s"
        print(f"| {posts} | {times} | {memory:.0f} MB | {remembered:.1f} MB |", flush=True)


if __name__ == "__main__":
    main()
