"""`IPython` for programs where it is not installed, and `glue` of MyST-NB: what they show is shown, and there is no shell.

Nothing of it is loaded before a program asks: libraries that find it loaded think that they run in a notebook.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import sys
from typing import TYPE_CHECKING, Any

from sitegen.running import rich

if TYPE_CHECKING:
    import types
    from collections.abc import Callable

_PACKAGES = frozenset({"IPython", "IPython.core", "matplotlib_inline"})
_NAMES = _PACKAGES | {"IPython.display", "IPython.core.display", "matplotlib_inline.backend_inline"}
_GLUE = frozenset({"myst_nb"})


def offer_ipython(display: Callable[..., object], clear: Callable[..., None]) -> None:
    """Let a program import `IPython.display`, where nothing else is found by that name, and `glue`, in place of MyST-NB's.

    display: what shows values. clear: what takes shown figures away.
    """
    rich.display, rich.update_display, rich.clear_output = display, display, clear
    sys.meta_path.append(_Finder(_NAMES))
    sys.meta_path.insert(0, _Finder(_GLUE))


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds modules of some names, and makes them."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names

    def find_spec(self, name: str, path: Any, target: Any = None) -> importlib.machinery.ModuleSpec | None:  # noqa: ANN401 - as in the base class
        del path, target
        return importlib.machinery.ModuleSpec(name, self, is_package=name in _PACKAGES) if name in self._names else None

    def exec_module(self, module: types.ModuleType) -> None:
        """Fill a module."""
        if module.__name__.endswith("display"):
            module.__dict__.update({name: value for name, value in vars(rich).items() if not name.startswith("_")})
        elif module.__name__.endswith("backend_inline"):
            module.__dict__.update(set_matplotlib_formats=rich.set_matplotlib_formats)
        elif module.__name__ == "myst_nb":
            module.__dict__.update(_glue(rich.display))
        elif module.__name__ == "IPython":
            module.__dict__.update(get_ipython=_no_shell, version_info=(8, 24, 0))
            importlib.import_module("IPython.display")  # which is its `display`, also where nobody imports it by name


def _no_shell() -> None:
    """Return None, as IPython does outside a notebook."""


def _glue(display: Callable[..., object]) -> dict[str, object]:
    """Return what keeps values by names, and gives and shows them."""
    kept: dict[str, Any] = {}

    def glue(name: str, variable: object, display_it: bool = True, **options: object) -> None:  # noqa: FBT001, FBT002 - as in MyST-NB
        """Keep a value for the text."""
        kept[name] = variable
        if options.get("display", display_it):
            display(variable)

    def glued(name: str, form: str = "") -> object:
        """Return what is kept by a name, or how it is written in a form."""
        if name not in kept:
            raise NameError(f"no cell keeps anything by the name {name!r}: glue({name!r}, ...)")
        return format(kept[name], form) if form else kept[name]

    def show(name: str) -> None:
        """Show what is kept by a name."""
        display(glued(name))

    return {"glue": glue, "glued": glued, "show": show}
