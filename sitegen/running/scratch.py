"""The place of a program: a folder that looks like the blog's, descriptors that lead nowhere else, the project's modules."""

from __future__ import annotations

import faulthandler
import fcntl
import importlib.abc
import importlib.machinery
import importlib.util
import os
import signal
import stat
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sitegen.running import sandbox
from sitegen.running.observe import PACKAGE, is_visible

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sitegen.running.messages import Task

WRITABLE = ("blog", "home", "tmp")  # folders in the room of a program
SAID = "said/all"  # what descriptors 1 and 2 lead to, in a folder of the room that holds no more than may be said
SHARED_MEMORY = "/dev/shm"  # noqa: S108 - where locks and arrays shared by processes lie; each program has its own


def enter(task: Task, *, limited: bool) -> tuple[int, int, list[str], dict[str, str]]:
    """Give up everything that a program must not have. limited: what `limit` said.

    Returns the file to which the descriptors 1 and 2 lead, the one that processes share which it forks, what may be read,
    and the links that mirror the blog with what they stand for.
    """
    room = Path(task.room)
    dump = move_up(os.open(task.dump, os.O_WRONLY | os.O_CREAT, 0o600))
    faulthandler.enable(dump)
    faulthandler.register(signal.SIGUSR1, dump)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    here, links = mirror(Path(task.root), task.folder, room / "blog")
    for name in WRITABLE[1:]:
        (room / name).mkdir()
    (room / SAID).parent.mkdir(exist_ok=True)
    said = os.open(room / SAID, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    shared = os.open(room / "shared", os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (said, 1), (said, 2)):
        os.dup2(source, target)
    os.close(nothing)
    os.environ.update({"HOME": str(room / "home"), "TMPDIR": str(room / "tmp"), **task.variables})
    os.chdir(here)
    readable = [*sandbox.readable_paths(task.root, str(PACKAGE)), os.environ["MPLCONFIGDIR"]]
    sandbox.limit_resources(task.limits)
    writable = [*(str(room / name) for name in WRITABLE), os.devnull]
    sandbox.confine(readable, [*writable, *([SHARED_MEMORY] if limited else [])], [task.root])
    sandbox.refuse_network()
    return move_up(said), move_up(shared), readable, links


def mirror(root: Path, folder: str, scratch: Path) -> tuple[Path, dict[str, str]]:
    """Make a folder that looks like the blog's, of links: a program reads `data.csv` and `../data/x.csv`, writes nothing.

    Returns the place of the post's folder in it, which is a real folder, as are those above it; and the links, each with
    what it stands for. A link was last followed in 1970, so that `followed` can tell which were since.
    """
    scratch.mkdir()
    links: dict[str, str] = {}
    here, there = scratch, root
    for part in (*Path(folder).parts, ""):
        for entry in os.scandir(there):
            own = not part and entry.name.endswith(".md")
            if entry.name != part and is_visible(entry.name) and not own:
                link = f"{here}/{entry.name}"
                os.symlink(entry.path, link)  # noqa: PTH211 - a hundred of them at each start
                os.utime(link, (0, 0), follow_symlinks=False)
                links[link] = entry.path
        if part:
            here, there = here / part, there / part
            here.mkdir()
    return here, links


def followed(links: Mapping[str, str], since: float) -> list[tuple[str, bool]]:
    """Return what the links lead to that something went through, and whether it is as it was at a time.

    Whatever opens a file through its link, in whatever language and process, moves the link's time of access: every
    program has links of its own, so it is known whose access that was.
    """
    found = []
    for link, target in links.items():
        try:
            status = os.lstat(link)
            if stat.S_ISLNK(status.st_mode) and status.st_atime_ns:
                found.append((target, os.stat(target).st_ctime < since))  # noqa: PTH116 - not through the link
        except OSError:
            continue  # the program removed it, or the blog did
    return found


def limit(task: Task) -> bool:
    """Let all that the program writes be no more than it may be, before it starts. Returns whether the system sees to it."""
    said = Path(task.room, SAID).parent
    if not sandbox.limit_folder(task.room, int(task.limits["files"]) + int(task.limits["output_size"])):
        return False
    if Path(SHARED_MEMORY).is_dir() and not sandbox.limit_folder(SHARED_MEMORY, int(task.limits["files"])):
        return False
    said.mkdir()
    return sandbox.limit_folder(str(said), int(task.limits["output_size"]))


def weigh(task: Task) -> str:
    """Return which limit the program has gone over with all that it wrote, or "": for where the system does not see to it."""
    most, found = int(task.limits["files"]), 0
    with suppress(OSError):
        if os.stat(f"{task.room}/{SAID}").st_size > int(task.limits["output_size"]):  # noqa: PTH116 - ten times a second
            return "output-size"
    for folder, _, names, place in os.fwalk(task.room):
        del folder
        for name in names:
            with suppress(OSError):
                found += os.stat(name, dir_fd=place, follow_symlinks=False).st_blocks * 512
        if found > most:
            return "files"
    return ""


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


def set_imports(root: str, folder: str, searched: Callable[[str, str], None]) -> None:
    """Let a program import the modules of its post's folder, of the blog's and of sitegen, as their sources are now.

    searched: called with a folder of the project and the name of the module that is looked for in it.

    They come after the libraries: a file `random.py` beside a post does not break what imports `random`.
    """
    for name in [name for name in sys.modules if name.partition(".")[0] == "sitegen"]:
        del sys.modules[name]
    folders = list(dict.fromkeys([str(Path(root, folder)), root]))
    projects = (*folders, str(PACKAGE))
    libraries = [prefix + "/" for prefix in (sys.prefix, sys.base_prefix) if len(prefix) > len(root)]

    class Finder(importlib.machinery.FileFinder):
        """Finds modules in a folder of the project, and tells where it looks."""

        def find_spec(self, name: str, target: Any = None) -> Any:  # noqa: ANN401 - as in the base class
            """Return where the module is."""
            searched(self.path, name)
            return super().find_spec(name, target)

    extensions = (importlib.machinery.ExtensionFileLoader, importlib.machinery.EXTENSION_SUFFIXES)
    make = Finder.path_hook(extensions, (_Loader, [".py"]))

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
