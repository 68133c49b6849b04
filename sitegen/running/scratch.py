"""The place of a program: a folder that looks like the blog's, descriptors that lead nowhere else, the project's modules."""

from __future__ import annotations

import faulthandler
import fcntl
import importlib.abc
import importlib.machinery
import importlib.util
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sitegen.running import sandbox
from sitegen.running.observe import PACKAGE, is_visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sitegen.running.messages import Task

WRITABLE = ("blog", "home", "tmp")  # folders in the room of a program


def enter(task: Task) -> tuple[int, list[str]]:
    """Give up everything that a program must not have.

    Returns the file to which the descriptors 1 and 2 lead, and what may be read.
    """
    room = Path(task.room)
    dump = move_up(os.open(task.dump, os.O_WRONLY | os.O_CREAT, 0o600))
    faulthandler.enable(dump)
    faulthandler.register(signal.SIGUSR1, dump)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    here = mirror(Path(task.root), task.folder, room / "blog")
    for name in WRITABLE[1:]:
        (room / name).mkdir()
    said = os.open(room / "said", os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (said, 1), (said, 2)):
        os.dup2(source, target)
    os.close(nothing)
    os.environ.update({"HOME": str(room / "home"), "TMPDIR": str(room / "tmp"), **task.variables})
    os.chdir(here)
    readable = [*sandbox.readable_paths(task.root, str(PACKAGE)), os.environ["MPLCONFIGDIR"]]
    sandbox.limit_resources(task.limits)
    sandbox.confine(readable, [*(str(room / name) for name in WRITABLE), os.devnull], [task.root])
    sandbox.refuse_network()
    return move_up(said), readable


def mirror(root: Path, folder: str, scratch: Path) -> Path:
    """Make a folder that looks like the blog's, of links: a program reads `data.csv` and `../data/x.csv`, writes nothing.

    Returns the place of the post's folder in it, which is a real folder, as are those above it.
    """
    scratch.mkdir()
    here, there = scratch, root
    for part in (*Path(folder).parts, ""):
        for entry in os.scandir(there):
            own = not part and entry.name.endswith(".md")
            if entry.name != part and is_visible(entry.name) and not own:
                os.symlink(entry.path, here / entry.name)  # noqa: PTH211 - a hundred of them at each start
        if part:
            here, there = here / part, there / part
            here.mkdir()
    return here


def move_up(descriptor: int) -> int:
    """Return a copy with a high number, where code that closes everything it knows of does not look."""
    copy = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 300)
    os.close(descriptor)
    return copy


class _Loader(importlib.machinery.SourceFileLoader):
    """Loads a module of the project from its source: a .pyc is believed by its mtime, which does not decide here."""

    def path_stats(self, path: str) -> Any:  # noqa: ANN401 - as in the base class
        """Say that nothing is known of the file, so that no .pyc is looked for."""
        raise OSError(path)


class _SitegenFinder(importlib.abc.MetaPathFinder):
    """Finds `sitegen` without putting the folder that it lies in on the path, with all else that lies there."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: Any = None) -> Any:  # noqa: ANN401 - as in the base class
        """Return where the package is."""
        del path, target
        if name != "sitegen":
            return None
        file = str(PACKAGE / "__init__.py")
        inside = [str(PACKAGE)]
        return importlib.util.spec_from_file_location(
            name, file, loader=_Loader(name, file), submodule_search_locations=inside
        )


def set_imports(root: str, folder: str) -> None:
    """Let a program import the modules of its post's folder, of the blog's and of sitegen, as their sources are now.

    They come after the libraries: a file `random.py` beside a post does not break what imports `random`.
    """
    for name in [name for name in sys.modules if name.partition(".")[0] == "sitegen"]:
        del sys.modules[name]
    folders = list(dict.fromkeys([str(Path(root, folder)), root]))
    projects = (*folders, str(PACKAGE))
    libraries = [prefix + "/" for prefix in (sys.prefix, sys.base_prefix) if len(prefix) > len(root)]
    extensions = (importlib.machinery.ExtensionFileLoader, importlib.machinery.EXTENSION_SUFFIXES)
    make = importlib.machinery.FileFinder.path_hook(extensions, (_Loader, [".py"]))

    def is_project(path: str) -> bool:
        inside = any(path == project or path.startswith(project + "/") for project in projects)
        return inside and not any(path.startswith(prefix) for prefix in libraries)

    def finder(path: str) -> Any:  # noqa: ANN401 - a path entry finder, which has no name in the library
        if not is_project(path):
            raise ImportError
        return make(path)

    sys.path_hooks.insert(0, finder)
    for path in [path for path in sys.path_importer_cache if is_project(path)]:
        del sys.path_importer_cache[path]
    sys.meta_path.append(_SitegenFinder())
    sys.path += folders
