"""A post's program -> files to download, `.py` and `.ipynb`, that run on their own.

The blog's own modules that a program imports travel inside it, `rng`, claims and `display` are defined where they are used,
and the header names the versions that the page was computed with, and what the program needs and does not bring.
"""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import re
import sys
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from sitegen.model import Cell
from sitegen.store import digest, installed_versions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sitegen.model import Digest, Post

PROJECT = Path(__file__).resolve().parents[2]

_OF_NUMPY = frozenset(
    {"linspace", "logspace", "geomspace", "arange", "array", "pi", "e", "sqrt", "exp", "log", "sin", "cos"}
)

_MODULES = """\
# Modules of the blog that this program imports, so that the file is complete.
import os, sys, types
def _module(name, source, package):
    module = types.ModuleType(name)
    here = os.path.dirname(os.path.abspath(globals().get("__file__", "notebook")))
    module.__file__ = os.path.join(here, *name.split("."), *["__init__"] * package) + ".py"
    if package:
        module.__path__ = []
    sys.modules[name] = module
    exec(compile(source, name, "exec"), module.__dict__)
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, module)
"""
_CLAIMS = {  # as short as they can be read; what is told in the page is judged by running/claims.py
    "claim": '''\
def claim(statement, holds, detail=""):
    """Check a statement, as the build of the page does."""
    if isinstance(holds, str):
        statement, holds = holds, statement
    assert numpy.all(holds), f"does not hold: {statement}"
    print("holds:", statement, detail)
''',
    "claim_close": '''\
def claim_close(statement, a, b, rtol=1e-7, atol=0.0, equal_nan=False, detail=""):
    """Check that two results agree, as the build of the page does."""
    numpy.testing.assert_allclose(a, b, rtol, atol, equal_nan, err_msg=f"does not hold: {statement}")
    print("holds:", statement, detail)
''',
    "claim_gradient": '''\
def claim_gradient(statement, f, gradient, x, rtol=1e-6, detail=""):
    """Check a gradient against central differences, in every entry of x."""
    import inspect
    x = numpy.array(x, dtype=float)
    g = numpy.ones(numpy.shape(f(x)))
    claimed = gradient(x, g) if len(inspect.signature(gradient).parameters) > 1 else gradient(x)
    measured = numpy.empty_like(x)
    for i in numpy.ndindex(x.shape):
        h = numpy.zeros_like(x)
        h[i] = 6e-6 * max(1, abs(x[i]))
        measured[i] = numpy.sum(numpy.asarray(f(x + h)) - numpy.asarray(f(x - h))) / (2 * h[i])
    numpy.testing.assert_allclose(claimed, measured, rtol, rtol, err_msg=f"does not hold: {statement}")
    print("holds:", statement, detail)
''',
}

_DISPLAY = '''\
def display(*values, **options):
    """Show values, as the page does in their place."""
    print(*values, sep="\\n")
'''
_IPYTHON = """\
try:
    import IPython.display
except ImportError:
    _module("IPython", "get_ipython = lambda: None\\nversion_info = (8, 24, 0)\\n", True)
    _module("IPython.display", {source!r}, False)
"""
_RICH = Path(__file__).parents[1] / "running" / "rich.py"
_ADDING = frozenset({"sys.path.append", "sys.path.insert", "sys.path.extend", "site.addsitedir"})
_MAY_NAME = re.compile(r"""["'][^"'\n]*\.|\.parent\b|dirname|join""")  # a text with a dot, or a way to make one
_MOST_TEXT = 200  # signs of the name of a file


def modules_of(post: Post, root: Path) -> tuple[tuple[str, Digest], ...]:
    """Return the digests of the modules that travel inside a program, which the page depends on; "" for what does not."""
    needs = _Needs(post, _cells(post), root)
    found = [(name, source) for name, source, _ in needs.modules]
    found += [("IPython.display", _RICH.read_text(encoding="utf-8"))] if needs.shows else []
    return (*((name, digest(source)) for name, source in found), *((name, "") for name in needs.lacking))


def makes_claims(post: Post) -> bool:
    """Whether the program of a post speaks of claims; what it finds to hold is known when it has run."""
    return any(re.search(r"\bclaim(_close|_gradient)?\s*\(", step.code) for step in post.program.steps)


def as_script(post: Post, title: str, root: Path) -> str:
    """Return the program as a Python file, its cells marked with `# %%`."""
    cells = _cells(post)
    needs = _Needs(post, cells, root)
    parts = [f"# {line}".rstrip() + "\n" for line in _header(title, post, needs)]
    prelude = needs.prelude(alone=True)
    parts += [f"\n# %% given by the page\n{prelude}"] if prelude else []
    for cell, code in cells:
        label = f" {cell.label}" if cell.label else ""
        raises = cell.step is not None and post.program.steps[cell.step].raises
        parts.append(f"\n# %%{label}\n{_guarded(code) if raises else code}\n")
    return "".join(parts)


def as_notebook(post: Post, title: str, root: Path) -> str:
    """Return the program as a Jupyter notebook, format 4.5."""
    cells = _cells(post)
    needs = _Needs(post, cells, root)
    prelude = needs.prelude()
    _, _, *header = _header(title, post, needs)
    found: list[dict[str, object]] = [
        {"cell_type": "markdown", "id": "header", "metadata": {}, "source": f"# {title}"},
        {"cell_type": "markdown", "id": "versions", "metadata": {"sitegen": {}}, "source": "  \n".join(header)},
    ]
    if prelude:
        found.append({**_code_cell("given", prelude, ()), "metadata": {"sitegen": {}}})
    for number, (cell, code) in enumerate(cells, 1):
        raises = cell.step is not None and post.program.steps[cell.step].raises
        found.append(_code_cell(f"cell-{number}", code, ("raises-exception",) if raises else ()))
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    notebook = {"cells": found, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def _code_cell(name: str, code: str, tags: Sequence[str]) -> dict[str, object]:
    return {
        "cell_type": "code",
        "id": name,
        "metadata": {"tags": list(tags)} if tags else {},
        "execution_count": None,
        "outputs": [],
        "source": code.rstrip("\n"),
    }


def _guarded(code: str) -> str:
    """Return code whose expected exception is printed and does not end the program."""
    body = "\n".join(f"    {line}" if line else "" for line in code.split("\n"))
    return f"try:\n{body}\nexcept Exception:\n    import traceback\n    traceback.print_exc()"


def _cells(post: Post) -> list[tuple[Cell, str]]:
    """Return the cells that run with their code; lines for notebooks only are left out, as when the page is built."""
    found = []
    for cell in (part for part in post.body if isinstance(part, Cell)):
        if cell.step is not None:
            code = re.sub(r"(?m)^%(matplotlib|config)\b.*$", "", cell.code).strip("\n")
            found.append((cell, "".join(map(_first_value, post.program.steps[cell.step].sliders)) + code))
    return found


def _first_value(slider: tuple[str, str, str]) -> str:
    """Return the lines that give a slider's variable the value that the page shows at first."""
    name, values, start = slider
    needed = sorted({node.id for node in ast.walk(_tree(values)) if isinstance(node, ast.Name)} & _OF_NUMPY)
    given = f"from numpy import {', '.join(needed)}\n" if needed else ""
    if not start:
        return f"{given}{name} = (lambda values: values[len(values) // 2])(list({values}))  # a slider in the page\n"
    first = repr(start) if repr(start) in values else start
    return f"{given}{name} = {first}  # a slider in the page: {values}\n"


def _header(title: str, post: Post, needs: _Needs) -> Iterator[str]:
    yield title
    yield ""
    versions = installed_versions()
    named = [f"{name} {versions[name]}" for name in ("numpy", "matplotlib") if name in versions]
    if post.files:
        yield f"Its files stand beside its page: {', '.join(path.name for path in post.files[:20])}."
    if needs.files:
        yield f"It reads files of the blog that are not beside its page: {', '.join(needs.files[:20])}."
    if needs.absent:
        yield f"It imports modules that are not in this file: {', '.join(needs.absent)}."
    yield f"Computed with Python {'.'.join(map(str, sys.version_info[:3]))}, {', '.join(named)}."


class _Needs:
    """What a program needs that its cells do not hold. modules: those of the blog, as `_modules` gives them.

    files: of the blog, outside the bundle. absent: modules that are found nowhere.
    shows: whether they show something as IPython does.
    """

    def __init__(self, post: Post, cells: Sequence[tuple[Cell, str]], root: Path) -> None:
        here = root / post.path.parent
        code = "\n".join(code for _, code in cells)
        self._code = code
        folders = [*_added(code, here, root), here, root, PROJECT]
        self.modules = list(_modules(code, folders, set()))
        brought = {name for name, _, _ in self.modules}
        tops = {name.partition(".")[0] for name in _imported(code)}
        self.shows = "IPython" in tops - brought
        self.absent = sorted(name for name in tops - brought - {"IPython"} if not _is_installed(name))
        texts = {(here, text) for text in _paths(code)}
        for name, source, _ in self.modules:  # what they name is seen from the program's folder, or from their own file
            module = _find(name.split("."), folders) or here
            texts |= {(place, text) for text in _paths(source) for place in (here, module)}
        paths = {path for place, text in texts if (path := _inside(place, text, root)) and path.is_file()}
        names = {path.relative_to(root).as_posix() for path in paths} - set(map(str, post.files))
        self.files = sorted(name for name in names if "/." not in f"/{name}")

    @property
    def names(self) -> frozenset[str]:
        """What the cells speak of."""
        return _names(self._code)

    @property
    def lacking(self) -> Sequence[str]:
        """What the header names."""
        return [*self.files, *self.absent]

    def prelude(self, *, alone: bool = False) -> str:
        """Return what the build gives to every program and a file must bring itself. alone: where there is no IPython."""
        parts = [_MODULES] if self.modules or (alone and self.shows) else []
        parts += [f"_module({name!r}, {source!r}, {is_package})\n" for name, source, is_package in self.modules]
        checks = [definition for name, definition in _CLAIMS.items() if name in self.names]
        parts += ["import numpy\n"] if checks or "rng" in self.names else []
        parts += ["rng = numpy.random.default_rng(0)\n"] if "rng" in self.names else []
        parts += checks
        if alone and self.shows:
            parts.append(_IPYTHON.format(source=_RICH.read_text(encoding="utf-8") + _DISPLAY))
        if alone and "display" in self.names:
            parts.append(_DISPLAY)
        return "".join(parts)


@lru_cache(maxsize=512)  # as for _imported
def _names(code: str) -> frozenset[str]:
    return frozenset(node.id for node in ast.walk(_tree(code)) if isinstance(node, ast.Name))


@lru_cache(maxsize=512)
def _is_installed(name: str) -> bool:
    try:
        return name in sys.stdlib_module_names or importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def _added(code: str, here: Path, root: Path) -> Iterator[Path]:
    """Yield the folders of the blog that a program adds to `sys.path`, as far as they are written out in it."""
    if "sys.path" not in code and "addsitedir" not in code:
        return
    known = _assigned(code)
    for node in ast.walk(_tree(code)):
        is_call = isinstance(node, ast.Call) and ast.unparse(node.func) in _ADDING
        if is_call or (isinstance(node, ast.AugAssign) and ast.unparse(node.target) == "sys.path"):
            texts = list(_texts(node, known))
            for text in dict.fromkeys(["/".join(texts), *texts]):
                folder = _inside(here, text, root)
                if folder and folder.is_dir():
                    yield folder


@lru_cache(maxsize=512)  # as for _imported
def _paths(code: str) -> tuple[str, ...]:
    """Return the texts of a program that may name files, with those that it joins as paths."""
    if not _MAY_NAME.search(code):
        return ()
    known = _assigned(code)
    joining = (
        node
        for node in ast.walk(_tree(code))
        if isinstance(node, ast.Constant)
        or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div))
        or (isinstance(node, ast.Call) and ast.unparse(node.func).endswith((".join", ".joinpath")))
    )
    texts = dict.fromkeys("/".join(_texts(node, known)) for node in joining)
    return tuple(text for text in texts if "." in text and "\n" not in text and len(text) <= _MOST_TEXT)


def _assigned(code: str) -> dict[str, str]:
    """Return the paths that names stand for."""
    known: dict[str, str] = {}
    for node in ast.walk(_tree(code)):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            text = "/".join(_texts(node.value, known))
            if 0 < len(text) <= _MOST_TEXT:
                known[node.targets[0].id] = text
    return known


def _texts(node: ast.AST, known: Mapping[str, str]) -> Iterator[str]:
    """Yield the parts of a path in the order in which an expression joins them; `..` for `.parent` and `dirname`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.Name) and node.id in known:
        yield known[node.id]
    for child in ast.iter_child_nodes(node):
        yield from _texts(child, known)
    is_call = isinstance(node, ast.Call) and ast.unparse(node.func).endswith("dirname")
    if is_call or (isinstance(node, ast.Attribute) and node.attr == "parent"):
        yield ".."


def _inside(here: Path, text: str, root: Path) -> Path | None:
    """Return the path that a text means in a folder, where it lies in the blog."""
    if "\0" in text:
        return None
    path = Path(os.path.normpath(here / text))
    return path if path.is_relative_to(root) else None


def _modules(code: str, folders: Sequence[Path], seen: set[str], package: str = "") -> Iterator[tuple[str, str, bool]]:
    """Yield (name, source, whether it is a package) of the blog's modules, each after those it imports."""
    for name in _imported(code, package):
        parts = name.split(".")
        for depth in range(1, len(parts) + 1):
            inside = ".".join(parts[:depth])
            path = _find(parts[:depth], folders)
            if path is None or inside in seen:
                continue
            seen.add(inside)
            source = path.read_text(encoding="utf-8")
            is_package = path.name == "__init__.py"
            if is_package:  # its submodules need it first; what it re-exports stands after them
                yield inside, "", True
            yield from _modules(source, folders, seen, inside if is_package else inside.rpartition(".")[0])
            yield inside, source, is_package


@lru_cache(maxsize=512)  # a post is asked for its modules several times in a build
def _imported(code: str, package: str = "") -> tuple[str, ...]:
    """Return the names of what code imports; relative ones are resolved against `package`."""
    found: list[str] = []
    for node in ast.walk(_tree(code)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            name = ".".join([*base, *([node.module] if node.module else [])])
            found += [name, *(f"{name}.{alias.name}" for alias in node.names)]
    return tuple(found)


def _find(parts: Sequence[str], folders: Sequence[Path]) -> Path | None:
    for folder in folders:
        if folder == PROJECT and tuple(parts[:2]) != ("sitegen", "numerics")[: len(parts)]:
            continue
        for path in (folder.joinpath(*parts).with_suffix(".py"), folder.joinpath(*parts, "__init__.py")):
            if path.is_file() and ".venv" not in path.parts:
                return path
    return None


@lru_cache(maxsize=16)
def _tree(code: str) -> ast.AST:
    """Parse code; what is not plain Python (a notebook's magic) has no imports to bring."""
    try:
        return ast.parse(code)
    except SyntaxError:
        return ast.Module([], [])
