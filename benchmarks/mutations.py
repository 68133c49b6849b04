"""Breaks every formula of the numerics in turn and counts what notices: the tests, and the posts that use it.

    python benchmarks/mutations.py [--posts] [name ...]

Every public function gets two faults, one after the other: its result times 1.001, and its last
arithmetic operator exchanged. A fault that nothing notices is printed and makes the command fail. With --posts, the posts
that import a broken function are built too (a process each), and those that still build are listed.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).parents[1]
NUMERICS = Path("sitegen/numerics")
MODULES = (
    "functions",
    "gated",
    "distributions",
    "losses",
    "cross_entropies",
    "layers",
    "surfaces",
    "optim",
    "schedules",
)
SWAPS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}


class Fault(NamedTuple):
    """A module with one function broken. kind: what was done to it."""

    module: str
    function: str
    kind: str
    source: str


def faults(module: str) -> list[Fault]:
    """Return the faults of a module, up to two for each public function."""
    source = (PROJECT / NUMERICS / f"{module}.py").read_text(encoding="utf-8")
    found = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and node.name != "check_fraction":
            for kind in ("times 1.001", "operator"):
                tree = ast.parse(source)
                broken = next(f for f in tree.body if isinstance(f, ast.FunctionDef) and f.name == node.name)
                if break_function(broken, kind):
                    found.append(Fault(module, node.name, kind, ast.unparse(ast.fix_missing_locations(tree))))
    return found


def break_function(function: ast.FunctionDef, kind: str) -> bool:
    """Change a function in place; return whether there was anything to change."""
    if kind == "operator":
        operators = [n for n in ast.walk(function) if isinstance(n, ast.BinOp | ast.AugAssign) and type(n.op) in SWAPS]
        if not operators:
            return False
        operators[-1].op = SWAPS[type(operators[-1].op)]()
        return True
    # What is returned is broken from outside, whatever it is: an array, gradients, a function or an optimizer.
    function.decorator_list.insert(0, ast.parse("__import__('broken').times(1.001)", mode="eval").body)
    return True


BROKEN = '''"""Wraps a function so that what it returns is wrong by a factor."""
import functools


def scaled(value, factor):
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(scaled(part, factor) for part in value))
    if isinstance(value, tuple):
        return (scaled(value[0], factor), *value[1:])
    if callable(value):
        return times(factor)(value)
    return value if value is None else (value * factor).astype(value.dtype) if hasattr(value, "dtype") else value * factor


def times(factor):
    def wrap(function):
        @functools.wraps(function)
        def wrong(*args, **options):
            return scaled(function(*args, **options), factor)
        return wrong
    return wrap
'''


def copy_project(folder: Path) -> Path:
    """Return a copy of what the tests of the numerics and the posts need."""
    for name in ("sitegen", "tests/numerics", "posts", "pages", "templates", "assets", "docs"):
        shutil.copytree(PROJECT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "site.yml", "build.py"):
        shutil.copy(PROJECT / name, folder / name)
    (folder / "node_modules").symlink_to(PROJECT / "node_modules")
    (folder / "broken.py").write_text(BROKEN, encoding="utf-8")
    return folder


def tests_notice(folder: Path, fault: Fault) -> bool:
    """Whether a test of the numerics fails: those that name the function, then all."""
    base = fault.function.removesuffix("_vjp")
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "tests/numerics"]
    for selection in (["-k", base], []):
        done = subprocess.run([*command, *selection], cwd=folder, capture_output=True, check=False)
        if done.returncode == 1 or (done.returncode != 5 and b"rror" in done.stdout):
            return True
    return False


def posts_using(function: str) -> list[Path]:
    """Return the posts whose code names a function."""
    return [
        path
        for path in sorted((PROJECT / "posts").rglob("*.md"))
        if re.search(rf"\b{function}\b", path.read_text(encoding="utf-8"))
    ]


def post_notices(folder: Path, post: Path) -> bool:
    """Whether a blog of this post alone no longer builds."""
    with tempfile.TemporaryDirectory() as name:
        blog = Path(name)
        (blog / "posts").mkdir()
        place = post.parent if post.name == "index.md" else post
        copy = shutil.copytree if place.is_dir() else shutil.copy
        copy(place, blog / "posts" / place.name)
        command = [sys.executable, folder / "build.py", "build", "--source", blog]
        return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode != 0


def judge(fault: Fault, *, with_posts: bool) -> tuple[Fault, bool, dict[str, bool]]:
    """Return whether the tests noticed a fault, and which posts did."""
    with tempfile.TemporaryDirectory() as name:
        folder = copy_project(Path(name))
        (folder / NUMERICS / f"{fault.module}.py").write_text(fault.source, encoding="utf-8")
        posts = posts_using(fault.function) if with_posts and fault.kind == "times 1.001" else []
        return fault, tests_notice(folder, fault), {post.stem: post_notices(folder, post) for post in posts}


def main(arguments: list[str]) -> int:
    """Print what nothing noticed, and how many were noticed."""
    names = {argument for argument in arguments if not argument.startswith("-")}
    chosen = [fault for module in MODULES for fault in faults(module) if not names or fault.function in names]
    unnoticed = asked = told = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for fault, noticed, posts in pool.map(lambda fault: judge(fault, with_posts="--posts" in arguments), chosen):
            asked, told = asked + len(posts), told + sum(posts.values())
            silent = [post for post, noticed in posts.items() if not noticed]
            if silent:
                print(f"{fault.function} ({fault.kind}): built all the same: {', '.join(silent)}", flush=True)
            if not noticed:
                unnoticed += 1
                print(f"{fault.function} ({fault.kind}): NO TEST NOTICED", flush=True)
    print(
        f"{len(chosen) - unnoticed} of {len(chosen)} faults noticed by the tests; {told} of {asked} posts that use what was broken did not build"
    )
    return bool(unnoticed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
