"""A post's program -> files to download, `.py` and `.ipynb`, that run on their own.

The blog's own modules that a program imports travel inside it, `rng`, claims and `display` are defined where they are used,
and the header names the versions that the page was computed with, and what the program needs and does not bring.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sitegen.keys import digest, installed_versions
from sitegen.model import Cell
from sitegen.publishing.needs import Needs, tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sitegen.model import Digest, Post


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


def modules_of(post: Post, root: Path) -> tuple[tuple[str, Digest], ...]:
    """Return the digests of the modules that travel inside a program, which the page depends on; "" for what does not."""
    needs = Needs(post, [code for _, code in _cells(post)], root)
    found = [(name, source) for name, source, _ in needs.modules]
    found += [("IPython.display", _RICH.read_text(encoding="utf-8"))] if needs.shows else []
    return (*((name, digest(source)) for name, source in found), *((name, "") for name in needs.lacking))


def makes_claims(post: Post) -> bool:
    """Whether the program of a post speaks of claims; what it finds to hold is known when it has run."""
    return any(re.search(r"\bclaim(_close|_gradient)?\s*\(", step.code) for step in post.program.steps)


def as_script(post: Post, title: str, root: Path) -> str:
    """Return the program as a Python file, its cells marked with `# %%`."""
    cells = _cells(post)
    needs = Needs(post, [code for _, code in cells], root)
    parts = [f"# {line}".rstrip() + "\n" for line in _header(title, post, needs)]
    prelude = _prelude(needs, alone=True)
    parts += [f"\n# %% given by the page\n{prelude}"] if prelude else []
    for cell, code in cells:
        label = f" {cell.label}" if cell.label else ""
        raises = cell.step is not None and post.program.steps[cell.step].raises
        parts.append(f"\n# %%{label}\n{_guarded(code) if raises else code}\n")
    return "".join(parts)


def as_notebook(post: Post, title: str, root: Path) -> str:
    """Return the program as a Jupyter notebook, format 4.5."""
    cells = _cells(post)
    needs = Needs(post, [code for _, code in cells], root)
    prelude = _prelude(needs)
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
    """Return the cells that run with their code; lines for notebooks only are left out, as when the page is built.

    So are cells that only show what others kept for them, in a place of the page.
    """
    found = []
    for cell in (part for part in post.body if isinstance(part, Cell)):
        if cell.step is not None and not post.program.steps[cell.step].last:
            code = re.sub(r"(?m)^%(matplotlib|config)\b.*$", "", cell.code).strip("\n")
            found.append((cell, "".join(map(_first_value, post.program.steps[cell.step].sliders)) + code))
    return found


def _first_value(slider: tuple[str, str, str]) -> str:
    """Return the lines that give a slider's variable the value that the page shows at first."""
    name, values, start = slider
    needed = sorted({node.id for node in ast.walk(tree(values)) if isinstance(node, ast.Name)} & _OF_NUMPY)
    given = f"from numpy import {', '.join(needed)}\n" if needed else ""
    if not start:
        return f"{given}{name} = (lambda values: values[len(values) // 2])(list({values}))  # a slider in the page\n"
    first = repr(start) if repr(start) in values else start
    return f"{given}{name} = {first}  # a slider in the page: {values}\n"


def _header(title: str, post: Post, needs: Needs) -> Iterator[str]:
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


def _prelude(needs: Needs, *, alone: bool = False) -> str:
    """Return what the build gives to every program and a file must bring itself. alone: where there is no IPython."""
    parts = [_MODULES] if needs.modules or (alone and needs.shows) else []
    parts += [f"_module({name!r}, {source!r}, {is_package})\n" for name, source, is_package in needs.modules]
    checks = [definition for name, definition in _CLAIMS.items() if name in needs.names]
    parts += ["import numpy\n"] if checks or "rng" in needs.names else []
    parts += ["rng = numpy.random.default_rng(0)\n"] if "rng" in needs.names else []
    parts += checks
    if alone and needs.shows:
        parts.append(_IPYTHON.format(source=_RICH.read_text(encoding="utf-8")))
    if alone and "display" in needs.names:
        parts.append(_DISPLAY)
    return "".join(parts)
