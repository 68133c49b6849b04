"""Breaks every formula of the numerics in turn and counts what notices: the tests, and the posts that claim it.

    python benchmarks/mutations.py [--tests | --posts] [--list] [name ...]

Two kinds of faults. A public function gives 1.001 times its result: a test must fail, and every post that names the
function in a claim must not build. And in every function, helpers too, each operator is exchanged by itself (+ and -, * and /, < and
>, minimum and maximum, a minus left out): a test must fail. What nothing noticed is printed and makes the command fail, but for what
is listed in HARMLESS, with the reason. Names choose functions or modules. Two processes; a child of a process that has
imported what the tests import judges each fault, so that most take a second.
"""

from __future__ import annotations

import ast
import importlib.abc
import importlib.util
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple

# What the tests import, but for the numerics themselves: a child finds it imported.
import hypothesis.extra.numpy  # noqa: F401
import matplotlib.pyplot as plt  # noqa: F401
import mpmath  # noqa: F401
import pytest

PROJECT = Path(__file__).parents[1]
NUMERICS = Path("sitegen/numerics")
MODULES = (
    "arguments", "arrays", "odds", "functions", "gated", "distributions", "reductions", "losses", "cross_entropies", "divergences", "focal",
    "contrastive", "layers", "norms", "surfaces", "optim", "schedules", "training", "data", "gradcheck",
)  # fmt: skip
SWAPS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.MatMult: ast.Mult,
    ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
}  # fmt: skip
NAMES = {"minimum": "maximum", "maximum": "minimum", "argmin": "argmax", "argmax": "argmin"}
PATIENCE = 300  # seconds, for a fault that makes a loop endless
# Faults that change nothing that a caller could see, with the reason: (function, kind) as they are printed.
HARMLESS: dict[tuple[str, str], str] = {
    ("sum_along", "rows.shape[-1] < SHORT -> rows.shape[-1] > SHORT"): "the same sums, slower",
    ("in_blocks", "first.size <= BLOCK -> first.size >= BLOCK"): "the same, faster: small arrays need no blocks",
    (
        "_bell",
        "high - x -> high + x",
    ): "the same: high becomes -high, and only its square and (x - high)(x + high) count",
    ("log_cosh", "-r[near] -> +r[near]"): "the same: the hyperbolic cosine is even",
    ("_jump", "moved[index] += sign * step -> moved[index] -= sign * step"): "the same: both sides count alike",
    ("squared_hinge_vjp", "-2 * y -> -2 / y"): "the same: y is 1 or -1",
}


class Fault(NamedTuple):
    """A module with one function broken. kind: what was done to it, and on which line."""

    module: str
    function: str
    kind: str
    source: str


def faults(module: str) -> list[Fault]:
    """Return the faults of a module."""
    source = (PROJECT / NUMERICS / f"{module}.py").read_text(encoding="utf-8")
    found = []
    for node in ast.parse(source).body:
        if not isinstance(node, ast.FunctionDef):
            continue
        gives_numbers = node.returns is not None and ast.unparse(node.returns) not in {"None", "NDArray[np.bool_]"}
        helps = node.name.startswith("_") or module in {"arguments", "arrays", "odds", "reductions"}
        if gives_numbers and not helps:
            tree, broken = parsed(source, node.name)
            # What is returned is broken from outside, whatever it is: an array, gradients, a function or an optimizer.
            broken.decorator_list.insert(0, ast.parse("__import__('broken').times(1.001)", mode="eval").body)
            found.append(Fault(module, node.name, "times 1.001", ast.unparse(ast.fix_missing_locations(tree))))
        for place in range(len(places(node))):
            tree, broken = parsed(source, node.name)
            kind = exchange(places(broken)[place])
            found.append(Fault(module, node.name, kind, ast.unparse(ast.fix_missing_locations(tree))))
    return found


def parsed(source: str, function: str) -> tuple[ast.Module, ast.FunctionDef]:
    """Return a fresh tree, and the function in it."""
    tree = ast.parse(source)
    return tree, next(f for f in tree.body if isinstance(f, ast.FunctionDef) and f.name == function)


def places(node: ast.AST) -> list[ast.AST]:
    """Return what can be exchanged in a function, in order: not in what it tells, nor in types and decorators."""
    found: list[ast.AST] = []
    match node:
        case ast.BinOp() | ast.AugAssign() if type(node.op) in SWAPS:
            found.append(node)
        case ast.Compare() if type(node.ops[0]) in SWAPS:
            found.append(node)
        case ast.UnaryOp(op=ast.USub()) if not isinstance(node.operand, ast.Constant):
            found.append(node)
        case ast.Attribute() if node.attr in NAMES:
            found.append(node)
    for field, value in ast.iter_fields(node):
        if field in {"annotation", "returns", "decorator_list", "slice"}:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not isinstance(child, ast.JoinedStr | ast.Raise | ast.arguments):
                found += places(child)
    return found


def exchange(node: ast.AST) -> str:
    """Exchange the operator of a node in place; return what was done."""
    before, line = ast.unparse(node), getattr(node, "lineno", 0)
    match node:
        case ast.BinOp() | ast.AugAssign():
            node.op = SWAPS[type(node.op)]()
        case ast.Compare():
            node.ops[0] = SWAPS[type(node.ops[0])]()
        case ast.UnaryOp():
            node.op = ast.UAdd()
        case ast.Attribute():
            node.attr = NAMES[node.attr]
    return f"line {line}: {before} -> {ast.unparse(node)}"


BROKEN = '''"""Wraps a function so that what it returns is wrong by a factor."""
import functools


def scaled(value, factor):
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(scaled(part, factor) for part in value))
    if isinstance(value, list):
        return [scaled(part, factor) for part in value]
    if isinstance(value, tuple):
        return (scaled(value[0], factor), *value[1:])
    if callable(value):
        return times(factor)(value)
    if value is None or isinstance(value, str) or getattr(value, "dtype", float) == bool:
        return value
    return (value * factor).astype(value.dtype) if hasattr(value, "dtype") else value * factor


def times(factor):
    def wrap(function):
        @functools.wraps(function)
        def wrong(*args, **options):
            return scaled(function(*args, **options), factor)
        return wrong
    return wrap
'''


class Instead(importlib.abc.MetaPathFinder, importlib.abc.SourceLoader):
    """Gives sources of our own in place of modules."""

    def __init__(self, sources: dict[str, str]) -> None:
        """Take the sources by the names of their modules."""
        self.sources = sources

    def find_spec(self, name: str, path: object = None, target: object = None) -> importlib.machinery.ModuleSpec | None:  # noqa: ARG002
        """Return this loader for the modules that it has."""
        return importlib.util.spec_from_loader(name, self) if name in self.sources else None

    def get_filename(self, fullname: str) -> str:
        """Return no file: nothing is compiled to disk."""
        return f"<{fullname}>"

    def get_data(self, path: str | bytes) -> bytes:
        """Return a source."""
        return self.sources[str(path)[1:-1]].encode()


def tests_notice(fault: Fault, names: list[str]) -> bool:
    """Whether a test of the numerics fails: those that name the function or one that calls it, then all."""
    for selection in (["-k", " or ".join(names)], []):
        child = multiprocessing.get_context("fork").Process(target=run_tests, args=(fault, selection))
        child.start()
        child.join(PATIENCE)
        if child.is_alive():
            child.kill()
            child.join()
            return True
        if child.exitcode not in {0, 5}:  # 5: no test has the name
            return True
    return False


def run_tests(fault: Fault, selection: list[str]) -> None:
    """Run the tests against a fault, and leave with pytest's exit code."""
    sys.dont_write_bytecode = True
    sys.meta_path.insert(0, Instead({f"sitegen.numerics.{fault.module}": fault.source, "broken": BROKEN}))
    os.chdir(PROJECT)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    os._exit(pytest.main(["-q", "-x", "-p", "no:cacheprovider", "--assert=plain", "tests/numerics", *selection]))


def callers(fault: Fault) -> list[str]:
    """Return the public functions that a fault concerns: itself without _vjp, or those of its module that call the helper."""
    if not fault.function.startswith("_"):
        return [fault.function.removesuffix("_vjp")]
    bodies = [node for node in ast.parse(fault.source).body if isinstance(node, ast.FunctionDef)]
    concerned, before = {fault.function}, set[str]()
    while concerned != before:
        before = set(concerned)
        concerned |= {f.name for f in bodies if re.search(rf"\b({'|'.join(before)})\b", ast.unparse(f))}
    return sorted({name.removesuffix("_vjp") for name in concerned if not name.startswith("_")}) or [fault.module]


def posts_naming(function: str) -> tuple[list[Path], list[Path]]:
    """Return the posts that name a function of the numerics in a cell of claims, and those that do in other cells only."""
    claiming, using = [], []
    for path in sorted((PROJECT / "posts").rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        cells = re.findall(r"^```(\{python\}|python figure|python check)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        trees = [(kind, ast.parse(code)) for kind, code in cells]
        imported = {
            alias.asname or alias.name
            for _, tree in trees
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module == "sitegen.numerics"
            for alias in node.names
        }
        kinds = {
            kind
            for kind, tree in trees
            if any(isinstance(node, ast.Name) and node.id == function for node in ast.walk(tree))
        }
        if function in imported and kinds:
            (claiming if "python check" in kinds else using).append(path)
    return claiming, using


class Workshop:
    """A copy of the project whose numerics may be broken, and a blog for each post, which remembers its formulas."""

    def __init__(self, folder: Path) -> None:
        """Copy what a blog is built with to a folder."""
        self.folder = folder
        for name in ("sitegen", "pages", "templates", "assets"):
            shutil.copytree(PROJECT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("pyproject.toml", "site.yml", "build.py"):
            shutil.copy(PROJECT / name, folder / name)
        (folder / "node_modules").symlink_to(PROJECT / "node_modules")
        (folder / "broken.py").write_text(BROKEN, encoding="utf-8")
        self.sound: dict[Path, set[str]] = {}

    def notices(self, fault: Fault, post: Path) -> bool:
        """Whether the build of a post has errors with a fault that it has not without."""
        if post not in self.sound:
            self.sound[post] = self.errors(post)
        module = self.folder / NUMERICS / f"{fault.module}.py"
        module.write_text(fault.source, encoding="utf-8")
        try:
            return not self.errors(post) <= self.sound[post]
        finally:
            shutil.copy(PROJECT / NUMERICS / module.name, module)

    def errors(self, post: Path) -> set[str]:
        """Return what the build of a post alone says is wrong: at least that posts it links to are not there."""
        place = post.parent if post.name == "index.md" else post
        blog = self.folder / "blogs" / place.stem
        if not blog.exists():
            (blog / "posts").mkdir(parents=True)
            shutil.copy(PROJECT / "posts" / "references.bib", blog / "posts")
            (shutil.copytree if place.is_dir() else shutil.copy)(place, blog / "posts" / place.name)
        command = [sys.executable, self.folder / "build.py", "check", "--jobs", "1", "--source", blog]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        return set(re.findall(r"^posts/[^:]*(:\d+.*)$", done.stdout + done.stderr, re.MULTILINE))


def main(arguments: list[str]) -> int:
    """Print what nothing noticed, and how many were noticed; return 1 if a fault went unnoticed."""
    names = {argument for argument in arguments if not argument.startswith("-")}
    chosen = [f for m in MODULES for f in faults(m) if not names or {f.function, f.module} & names]
    if "--list" in arguments:
        print(*(f"{fault.module}.{fault.function}: {fault.kind}" for fault in chosen), sep="\n")
        return 0
    failed = False
    if "--posts" not in arguments:
        failed |= judge_by_tests(chosen)
    if "--tests" not in arguments:
        # The checkers are the business of the tests: an error 1.001 times as large breaks no claim.
        failed |= judge_by_posts([f for f in chosen if f.kind == "times 1.001" and f.module != "gradcheck"])
    return failed


def judge_by_tests(chosen: list[Fault]) -> bool:
    """Print which faults no test noticed; return whether there are any but harmless ones."""
    started, unnoticed = time.monotonic(), []
    sound = Fault("functions", "sigmoid", "none", (PROJECT / NUMERICS / "functions.py").read_text(encoding="utf-8"))
    assert not tests_notice(sound, ["sigmoid"]), "the tests fail without a fault"
    with ThreadPoolExecutor(2) as pool:
        for fault, noticed in zip(chosen, pool.map(lambda f: tests_notice(f, callers(f)), chosen), strict=True):
            if not noticed:
                unnoticed.append(fault)
                reason = HARMLESS.get((fault.function, fault.kind.partition(": ")[2]))
                print(f"{fault.module}.{fault.function}, {fault.kind}: {reason or 'NO TEST NOTICED'}", flush=True)
    grave = [f for f in unnoticed if (f.function, f.kind.partition(": ")[2]) not in HARMLESS]
    whole = [fault for fault in chosen if fault.kind == "times 1.001"]
    print(
        f"{len(whole)} results times 1.001, {len(chosen) - len(whole)} operators exchanged: "
        f"{len(chosen) - len(unnoticed)} of {len(chosen)} faults noticed by a test, "
        f"{len(unnoticed) - len(grave)} harmless, {len(grave)} not noticed ({(time.monotonic() - started) / 60:.0f} min)"
    )
    return bool(grave)


def judge_by_posts(chosen: list[Fault]) -> bool:
    """Print which posts were built all the same with a fault in what they name; return whether one of them claims it."""
    started = time.monotonic()
    claims = claimed = uses = used = 0
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(2) as pool:
        free: SimpleQueue[Workshop] = SimpleQueue()
        for place in ("a", "b"):
            free.put(Workshop(Path(name) / place))

        def judge(case: tuple[Fault, Path, bool]) -> bool:
            workshop = free.get()
            try:
                return workshop.notices(case[0], case[1])
            finally:
                free.put(workshop)

        cases = [
            (fault, post, claiming)
            for fault in chosen
            for posts, claiming in zip(posts_naming(fault.function), (True, False), strict=True)
            for post in posts
        ]
        for (fault, post, claiming), noticed in zip(cases, pool.map(judge, cases), strict=True):
            place = post.parent if post.name == "index.md" else post
            claims, claimed = claims + claiming, claimed + (claiming and noticed)
            uses, used = uses + (not claiming), used + (noticed and not claiming)
            if not noticed:
                print(
                    f"{fault.function}: {place.stem} {'CLAIMS IT AND ' if claiming else ''}builds all the same",
                    flush=True,
                )
    print(
        f"{claimed} of {claims} posts that name in a claim what was broken did not build, and {used} of {uses} that only "
        f"use it ({(time.monotonic() - started) / 60:.0f} min)"
    )
    return claimed < claims


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
