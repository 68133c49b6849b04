"""What a program needs that its cells do not hold, read from its code: modules and files of the blog, packages."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import sys
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from sitegen.project import PROJECT, is_there

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sitegen.model import Post

_ADDING = frozenset({"sys.path.append", "sys.path.insert", "sys.path.extend", "site.addsitedir"})
_MAY_NAME = re.compile(r"""["'][^"'\n]*\.|\.parent\b|dirname|join""")  # a text with a dot, or a way to make one
_MOST_TEXT = 200  # signs of the name of a file


class Needs:
    """What a program needs that its cells do not hold. modules: those of the blog, as `_modules` gives them.

    files: of the blog, outside the bundle. absent: modules that are found nowhere.
    shows: whether they show something as IPython does.
    """

    def __init__(self, post: Post, cells: Sequence[str], root: Path) -> None:
        here = root / post.path.parent
        code = "\n".join(cells)
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
        paths = {path for place, text in texts if (path := _inside(place, text, root)) and is_there(path)}
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


@lru_cache(maxsize=512)  # as for _imported
def _names(code: str) -> frozenset[str]:
    return frozenset(node.id for node in ast.walk(tree(code)) if isinstance(node, ast.Name))


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
    for node in ast.walk(tree(code)):
        is_call = isinstance(node, ast.Call) and ast.unparse(node.func) in _ADDING
        if is_call or (isinstance(node, ast.AugAssign) and ast.unparse(node.target) == "sys.path"):
            texts = list(_texts(node, known))
            for text in dict.fromkeys(["/".join(texts), *texts]):
                folder = _inside(here, text, root)
                if folder and is_there(folder, Path.is_dir):
                    yield folder


@lru_cache(maxsize=512)  # as for _imported
def _paths(code: str) -> tuple[str, ...]:
    """Return the texts of a program that may name files, with those that it joins as paths."""
    if not _MAY_NAME.search(code):
        return ()
    known = _assigned(code)
    joining = (
        node
        for node in ast.walk(tree(code))
        if isinstance(node, ast.Constant)
        or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div))
        or (isinstance(node, ast.Call) and ast.unparse(node.func).endswith((".join", ".joinpath")))
    )
    texts = dict.fromkeys("/".join(_texts(node, known)) for node in joining)
    return tuple(text for text in texts if "." in text and "\n" not in text and len(text) <= _MOST_TEXT)


def _assigned(code: str) -> dict[str, str]:
    """Return the paths that names stand for."""
    known: dict[str, str] = {}
    for node in ast.walk(tree(code)):
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
    for node in ast.walk(tree(code)):
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
def tree(code: str) -> ast.AST:
    """Parse code; what is not plain Python (a notebook's magic) has no imports to bring."""
    try:
        return ast.parse(code)
    except SyntaxError:
        return ast.Module([], [])
