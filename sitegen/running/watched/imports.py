"""Lets a program import the modules of its post's folder, of the blog's and of sitegen, as their sources are now."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from typing import TYPE_CHECKING, Any

from sitegen.running.watched.observe import PACKAGE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sitegen.running.watched.witness import Witness


def set_imports(witness: Witness) -> None:
    """Let modules of the project be found after the libraries: a file `random.py` beside a post breaks nothing.

    They are found where the program stands, not where the blog lies: what one reads beside its own file goes through
    the same links as all else.
    """
    for name in [name for name in sys.modules if name.partition(".")[0] == "sitegen"]:
        del sys.modules[name]

    class Loader(importlib.machinery.SourceFileLoader):
        """Loads a module from its source: a .pyc is believed by its mtime, which does not decide here."""

        def path_stats(self, path: str) -> Any:  # noqa: ANN401 - as in the base class
            """Say that nothing is known of the file, so that no .pyc is looked for."""
            raise OSError(path)

        def get_data(self, path: Any) -> bytes:  # noqa: ANN401 - as in the base class
            """Return what is in a file, by another way than through a link."""
            return super().get_data(witness.places.mirror.origin(path) or path)

    class Finder(importlib.machinery.FileFinder):
        """Finds modules in a folder of the project, and tells where it looks."""

        def find_spec(self, name: str, target: Any = None) -> Any:  # noqa: ANN401 - as in the base class
            """Return where the module is."""
            with witness.attention.at_work():
                witness.searched(self.path, name)
                return super().find_spec(name, target)

    class SitegenFinder(importlib.abc.MetaPathFinder):
        """Finds `sitegen` without putting the folder that it lies in on the path, with all else that lies there."""

        def find_spec(self, name: str, path: Sequence[str] | None, target: Any = None) -> Any:  # noqa: ANN401 - as in the base class
            """Return where the package is."""
            del path, target
            if name != "sitegen":
                return None
            file = str(PACKAGE / "__init__.py")
            inside = [str(PACKAGE)]
            return importlib.util.spec_from_file_location(
                name, file, loader=Loader(name, file), submodule_search_locations=inside
            )

    extensions = (importlib.machinery.ExtensionFileLoader, importlib.machinery.EXTENSION_SUFFIXES)
    make = Finder.path_hook(extensions, (Loader, [".py"]))

    def finder(path: str) -> Any:  # noqa: ANN401 - a path entry finder, which has no name in the library
        place = witness.places.located(path)
        if place is None or not witness.places.is_of_project(place):
            raise ImportError
        return make(place)

    sys.path_hooks.insert(0, finder)
    for path in [
        path for path in sys.path_importer_cache if witness.places.is_of_project(witness.places.located(path) or "/")
    ]:
        del sys.path_importer_cache[path]
    sys.meta_path.append(SitegenFinder())
    sys.path += dict.fromkeys((str(witness.places.mirror.here), witness.places.mirror.place))
