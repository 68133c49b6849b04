"""Prints what a build costs, as ratios of runs taken in turn: warm against cold, and against one plain script.

Other generators are not needed and not measured here, but by scale.py: the lower bound of the second benchmark, the same code in one
process without a generator, is below them all.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import corpus

if TYPE_CHECKING:
    from collections.abc import Sequence

PROJECT = Path(__file__).parents[1]
ROUNDS = 3


def measure(command: Sequence[str | Path]) -> tuple[float, float]:
    """Return (wall seconds, CPU seconds of the process and all its children) of a command that must succeed."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def build(blog: Path, *options: str) -> list[str | Path]:
    """Return the command that builds a blog."""
    return [sys.executable, PROJECT / "build.py", "build", "--source", blog, *options]


def forget(blog: Path) -> None:
    """Remove what was built and remembered."""
    shutil.rmtree(blog / ".sitegen", ignore_errors=True)
    shutil.rmtree(blog / "_site", ignore_errors=True)


def median(values: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def cold_and_warm(name: str, blog: Path) -> None:
    """Print how long a second build takes as a share of the first, and what it did again."""
    cold, warm = [], []
    for _ in range(ROUNDS):
        forget(blog)
        cold.append(measure(build(blog))[0])
        warm.append(measure(build(blog))[0])
    done = subprocess.run([str(part) for part in build(blog, "--json")], check=True, capture_output=True, text=True)
    report = json.loads(done.stdout)
    again = {key: report.get(key, 0) for key in ("programs run", "formulas set", "pages rendered", "node started")}
    print(f"{name}: warm / cold = {median(warm) / median(cold):.3f} (wall), done again when warm: {again}")


def against_a_script(blog: Path, folder: Path, what: str) -> None:
    """Print times as shares of those of one plain script with the same code, cropping or not.

    What running costs is a build less the same build without running; the pages, their style and their fonts are in
    the whole. what: how the blog saves its figures; the script saves SVG.
    """
    ratios: dict[str, list[float]] = {}
    scripts = {"that saves what was drawn": False, "that crops (bbox_inches='tight'), as the blog does": True}
    for tight in scripts.values():
        (folder / f"{tight}.py").write_text(corpus.plain_script(tight=tight), encoding="utf-8")
    for _ in range(ROUNDS):
        plain = {name: measure([sys.executable, folder / f"{tight}.py", folder]) for name, tight in scripts.items()}
        forget(blog)
        whole, whole_cpu = measure(build(blog))
        forget(blog)
        running_cpu = whole_cpu - measure(build(blog, "--no-execute"))[1]
        for script, (wall, cpu) in plain.items():
            ratios.setdefault(f"running / a script {script}, CPU", []).append(running_cpu / cpu)
            ratios.setdefault(f"a whole cold build / a script {script}, CPU", []).append(whole_cpu / cpu)
            ratios.setdefault(f"a whole cold build / a script {script}, wall", []).append(whole / wall)
    print(f"20 posts of 4 figures, {what}:")
    for name, found in ratios.items():
        print(f"  {name} = {median(found):.2f} ({', '.join(f'{ratio:.2f}' for ratio in found)})")


def main() -> None:
    """Run every benchmark."""
    os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # with it, each start compiles this package anew
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cold_and_warm("100 posts of 37 formulas", corpus.formula_posts(folder / "formulas"))
        figures = corpus.figure_posts(folder / "figures")
        cold_and_warm("20 posts of 4 figures", figures)
        (folder / "out").mkdir()
        plain = corpus.figure_posts(folder / "svg", fig_format="svg", more="cards: false\n")
        against_a_script(plain, folder / "out", "both saving SVG, which is all that a script does")
        whole = corpus.figure_posts(folder / "cards", fig_format="svg")
        against_a_script(whole, folder / "out", "both saving SVG, and a card drawn for each post")
        against_a_script(figures, folder / "out", "heavy ones as rasters for each theme, and cards")


if __name__ == "__main__":
    main()
