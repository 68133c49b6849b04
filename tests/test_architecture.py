"""The house is as docs/decisions and the module docstrings draw it: layers, and who may run, start, write and print."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "sitegen"
LAYERS = [
    {"later", "project", "sources"},
    {"errors", "model", "tex", "unchanged", "yaml_hints"},
    {"fields", "keys", "labels", "pickling", "slugs", "words"},
    {"store"},
    {"furniture"},
    {"config"},
    {"reading", "typesetting", "running"},
    {"publishing"},
    {"pipeline"},
    {"explain"},
    {"preview"},
    {"cli"},
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
STAGES = {"reading", "typesetting", "running"}
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py" or path.parent != PACKAGE)


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sitegen"):
            found.add(node.module or "")
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.startswith("sitegen")}
    return {name.split(".")[1] for name in found if "." in name}


@pytest.mark.parametrize("path", sorted((PACKAGE / "numerics").glob("*.py")), ids=lambda path: path.name)
def test_numerics_imports_numpy_alone_and_only_its_plots_import_matplotlib(path: Path) -> None:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0])
        elif isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
    allowed = {"numpy", "sitegen", *(("matplotlib", "mpl_toolkits") if path.name == "plots.py" else ())}
    assert names - sys.stdlib_module_names <= allowed


def calls(path: Path) -> set[str]:
    return {
        ast.unparse(node.func)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    }


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_imports_upward_and_the_stages_do_not_import_one_another(path: Path) -> None:
    here = part_of(path)
    for there in imported(path) - {here}:
        if here == "numerics":
            pytest.fail(f"{path.name} imports sitegen.{there}; numerics imports nothing else of sitegen")
        assert there != "numerics", "numerics is imported by posts alone"
        assert RANK[there] <= RANK[here], f"sitegen.{here} imports sitegen.{there}, which is above it"
        assert not {here, there} <= STAGES, f"the stage {here} imports the stage {there}"


def test_no_module_needs_itself_by_way_of_others_not_even_its_types() -> None:
    names = {
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): path
        for path in MODULES
    }
    needed = {}
    for name, path in names.items():
        found = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module or ""}
            elif isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
        needed[name] = found & names.keys() - {name}
    while free := {name for name, others in needed.items() if not others & needed.keys()}:
        needed = {name: others for name, others in needed.items() if name not in free}
    assert not needed


def test_only_cells_execute_code() -> None:
    running = {str(path.relative_to(PACKAGE)) for path in MODULES if {"exec", "eval"} & calls(path)}
    assert running == {"running/cell.py"}


def test_only_the_cli_prints() -> None:
    assert {str(path.relative_to(PACKAGE)) for path in MODULES if "print" in calls(path)} == {"cli/telling.py"}


def test_every_module_opens_with_its_purpose() -> None:
    without = [path.name for path in MODULES if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))]
    assert not without


def test_processes_are_started_only_where_a_tool_is_started() -> None:
    starting = {
        str(path.relative_to(PACKAGE)) for path in MODULES if {"subprocess.Popen", "subprocess.run"} & calls(path)
    }
    tools = {
        "running/client.py",
        "typesetting/katex.py",
        "publishing/deploy.py",
        "publishing/search.py",
        "publishing/minify.py",
    }
    assert starting == {"reading/history.py", "preview/editor.py", *tools}
