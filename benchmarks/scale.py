"""Prints what many posts full of formulas cost, and posts full of figures, as ratios against peers with the same posts.

    .venv/bin/python -m benchmarks.scale [POSTS ...] [--peers NAME,NAME]

From the project's folder; 100 and 1000 posts without numbers. With --peers, only the rows beside these. `search: false` and `cards: false`
leave out what few peers make; the row with both is printed besides. The status is not 0 where a peer could not be measured; one
that is not ours to install is left out where it is not there.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks import corpus, preview
from benchmarks.beside import Corpus, against_peers
from benchmarks.cost import PROJECT, forget, measure, ours
from benchmarks.peers import FIGURES, FORMULAS

ROUNDS = 3
BARE = "search: false\ncards: false\n"


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


def formulas(folder: Path, posts: int, names: set[str]) -> bool:
    """Print the rows of posts full of formulas; return whether all peers were measured."""
    blog = corpus.math_posts(folder / "blog", posts)
    (blog / "site.yml").write_text(f"title: Formulas\n{BARE}", encoding="utf-8")
    built = Corpus(blog, f"{posts} posts of 37 formulas", 'class="katex-html"', 37)
    whole = against_peers(built, [peer for peer in FORMULAS if not names or peer.name in names], folder)
    if not names:
        edited(blog, posts)
        measure(ours(blog), PROJECT)
        print(f"{posts} posts, {preview.texts(blog)}")
        print(f"{posts} posts, {preview.templates(blog)}")
        (blog / "site.yml").write_text("title: Formulas\n", encoding="utf-8")
        forget(blog)
        print(f"{posts} posts, cold, with the search index and cards: {measure(ours(blog), PROJECT).wall:.1f} s")
    return whole


def figures(folder: Path, names: set[str]) -> bool:
    """Print the rows of posts full of figures; return whether all peers were measured."""
    blog = corpus.figure_posts(folder / "blog", more=BARE)
    built = Corpus(blog, "20 posts of 4 figures", "<figure", 4)
    return against_peers(built, [peer for peer in FIGURES if not names or peer.name in names], folder)


def main() -> None:
    """Print the rows for each number of posts, and those of figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("posts", nargs="*", type=int)
    parser.add_argument("--peers", default="", metavar="NAME,NAME")
    given = parser.parse_args()
    known = {peer.name.lower(): peer.name for peer in (*FORMULAS, *FIGURES)}
    asked = [name.strip().lower() for name in given.peers.split(",") if name.strip()]
    if unknown := [name for name in asked if name not in known]:
        parser.error(f"no such peer: {', '.join(unknown)}; there are {', '.join(known.values())}")
    names = {known[name] for name in asked}
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # as in run.py
    whole = True
    for posts in given.posts or [100, 1000]:
        with tempfile.TemporaryDirectory() as name:
            whole &= formulas(Path(name), posts, names)
    with tempfile.TemporaryDirectory() as name:
        whole &= figures(Path(name), names)
    if not names:
        with tempfile.TemporaryDirectory() as name:
            print(preview.figures(Path(name)))
    sys.exit(not whole)


if __name__ == "__main__":
    main()
