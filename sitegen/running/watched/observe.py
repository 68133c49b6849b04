"""What a program could see, as observations, and what is to be seen there now; shared by the worker and the parent.

Both sides use the same code, so that an observation is equal exactly when the program would see the same again.
"""

from __future__ import annotations

import hashlib
import os
import re
import site
import stat
import sys
from functools import cache
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import TYPE_CHECKING

from sitegen.keys import digest, installed_versions
from sitegen.sources import is_source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sitegen.model import Digest, Observation

ABSENT = "absent"
FOLDER = "folder"
UNREADABLE = "unreadable"
LIBRARY = "library"
DEPENDS = "depends: "  # begins the name of the observation of a pattern that the author wrote
CHANGED = "changed while it was read"  # equal to no digest: what saw it is not remembered
ALL = "*"  # the name of the observation of every variable, or of every installed package
BELOW = "/**"  # ends the name of the observation of a folder with all that is in it
MOST_FILES, MOST_BYTES = 1000, 100_000_000  # of such a folder, whose files are read by every build
PLACE = "(the post's folder)"  # the name of the observation that a program knows where its post stands

PACKAGE = Path(__file__).resolve().parents[2]  # sitegen itself, whose `numerics` belongs to the project


@cache
def library_folders() -> tuple[str, ...]:
    """Return the folders where installed packages lie."""
    folders = [*site.getsitepackages(), *([site.getusersitepackages()] if site.ENABLE_USER_SITE else [])]
    return tuple(folder for folder in folders if Path(folder).is_dir())


@cache
def library_names() -> frozenset[str]:
    """Return the names of all top-level modules that are installed."""
    names = set(sys.stdlib_module_names)
    for folder in library_folders():
        for entry in os.listdir(folder):  # noqa: PTH208 - names only; a quarter of the cost
            if not entry.endswith((".dist-info", ".egg-info", ".pth", ".txt")):
                names.add(entry.partition(".")[0])
    return frozenset(names - {"__pycache__", "sitegen"})


def is_visible(name: str) -> bool:
    """Whether an entry of the blog's folder is shown to a program: nothing hidden, nothing that was built."""
    return not name.startswith(".") and name not in {"_site", "node_modules", "__pycache__"}


def digest_of_file(path: Path) -> Digest:
    """Return the digest of what stands at a path; never waits (a pipe) and never reads without end (a device)."""
    try:
        status = os.stat(path)  # noqa: PTH116 - the worker calls this under its own os.stat
        if stat.S_ISDIR(status.st_mode):
            return FOLDER
        if not stat.S_ISREG(status.st_mode):
            return "special"
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib is a third slower, and this is the warm path
            return hashlib.file_digest(file, "sha256").hexdigest()[:32]
    except (FileNotFoundError, NotADirectoryError):
        return ABSENT
    except (OSError, ValueError):
        return UNREADABLE


class World:
    """All that a blog's programs can see, at one time: each thing is looked at once.

    root: the blog's folder, resolved. variables: the environment variables that the blog lets through.
    """

    def __init__(self, root: Path, variables: Mapping[str, str]) -> None:
        self.root = root
        self.variables = variables
        self._files: dict[str, Digest] = {}
        self._folders: dict[str, tuple[Digest, float, bool]] = {}
        self._modules: dict[tuple[str, str], tuple[Digest, str]] = {}

    def forget(self) -> None:
        """Look at everything anew from now on."""
        for known in (self._files, self._folders, self._modules):
            known.clear()

    def path_of(self, name: str) -> Path:
        """Return the path of an observed file or folder."""
        return self.root / name

    def name_of(self, path: str) -> str:
        """Return the name under which a path is observed: relative to the blog's folder where it is inside."""
        root = str(self.root)
        if path == root:
            return "."
        return path[len(root) + 1 :] if path.startswith(root + os.sep) else path

    def current(self, seen: Observation, folder: str) -> Digest:
        """Return what stands now where `seen` was observed, for a post in `folder`."""
        return self.look(seen.kind, seen.name, folder)

    def look(self, kind: str, name: str, folder: str) -> Digest:
        """Return what stands where something of this kind and name is observed, for a post in `folder`."""
        match kind:
            case "file" if name.startswith(DEPENDS):
                return self.pattern(name.removeprefix(DEPENDS), folder)
            case "file":
                return self.file(name)
            case "folder":
                if name == PLACE:
                    return folder
                below = name.removesuffix(BELOW)
                return self.below(below)[0] if below != name else self.listing(name, folder)
            case "link":
                return self.link(name)
            case "mode":
                return self.mode(name)
            case "presence":
                return self.presence(name)
            case "module":
                return self.module(name, folder)[0]
            case "package":
                return self.package(name)
            case _:
                return self.variable(name)

    def file(self, name: str) -> Digest:
        """Return the digest of a file's content."""
        known = self._files.get(name)
        if known is None:
            known = self._files[name] = digest_of_file(self.path_of(name))
        return known

    def pattern(self, pattern: str, folder: str) -> Digest:
        """Return the digest of all files that a pattern finds."""
        return digest(*(part for name in self.found_by(pattern, folder) for part in (name, self.file(name))))

    def found_by(self, pattern: str, folder: str) -> list[str]:
        """Return the names of all files that a pattern finds from the post's folder and from the blog's."""
        found: set[str] = set()
        for start in (self.root / folder, self.root):
            try:
                found.update(str(path.relative_to(self.root)) for path in start.glob(pattern))
            except (ValueError, NotImplementedError, IndexError):
                continue  # an empty pattern, an absolute one, or one that leads out of the blog: it finds nothing
        return sorted(found)

    def listing(self, name: str, folder: str) -> Digest:
        """Return the digest of the names in a folder and of their kinds.

        A name that ends in "/" is of a folder where a program sees all. Elsewhere it sees the scratch folder, in which
        some names are not shown; among those of the post's own folder, Markdown files.
        """
        try:
            with os.scandir(self.path_of(name)) as entries:
                found = sorted(
                    (entry.name, "d" * entry.is_dir() + "f" * entry.is_file() + "l" * entry.is_symlink())
                    for entry in entries
                )
        except FileNotFoundError:
            return ABSENT
        except OSError:
            return UNREADABLE
        if not name.endswith("/"):
            own = os.path.normpath(name) == os.path.normpath(folder)
            found = [one for one in found if is_visible(one[0]) and not (own and is_source(one[0]))]
        return digest(*(part for one in found for part in one))

    def below(self, name: str) -> tuple[Digest, float, bool]:
        """Return the digest of all that is in a folder, when the last of it changed, and whether it is too much.

        Then names and sizes count, and no contents.
        """
        known = self._folders.get(name)
        if known is None:
            found, newest, size = self._all_below(name)
            is_large = len(found) > MOST_FILES or size > MOST_BYTES
            parts = [part for one, its in found for part in (one, str(its) if is_large else self._inside(one))]
            known = self._folders[name] = (digest(*parts), newest, is_large)
        return known

    def _all_below(self, name: str) -> tuple[list[tuple[str, int]], float, int]:
        """Return the name and size of what is in a folder, when the last of it changed, and the size of all."""
        found: list[tuple[str, int]] = []
        newest, size, been = 0.0, 0, set()
        for place, folders, files in os.walk(self.path_of(name), followlinks=True):
            real = os.path.realpath(place)
            if real in been or not self._is_inside(real) or len(found) > MOST_FILES:
                folders.clear()
                continue
            been.add(real)
            folders.sort()
            for one in (".", *sorted(files), *folders):
                path = os.path.normpath(f"{place}/{one}")
                try:
                    status = os.stat(path)  # noqa: PTH116 - as in digest_of_file
                except OSError:
                    found.append((self.name_of(path), 0))  # a link that leads nowhere
                    continue
                newest = max(newest, status.st_ctime)
                its = status.st_size if stat.S_ISREG(status.st_mode) else 0
                size += its
                found.append((self.name_of(path), its))
        return found, newest, size

    def _inside(self, name: str) -> Digest:
        """Return the digest of a file's content; of one outside the blog, which no program may read, where it lies."""
        real = os.path.realpath(self.path_of(name))
        return self.file(name) if self._is_inside(real) else real

    def _is_inside(self, real: str) -> bool:
        return real == str(self.root) or real.startswith(f"{self.root}/")

    def link(self, name: str) -> Digest:
        """Return the digest of where a link leads, "" for what is none."""
        try:
            return digest(os.readlink(self.path_of(name)))  # noqa: PTH115 - as in digest_of_file
        except (FileNotFoundError, NotADirectoryError):
            return ABSENT
        except OSError:
            return ""

    def mode(self, name: str) -> Digest:
        """Return the mode of a file: who may do what with it."""
        try:
            return oct(stat.S_IMODE(os.stat(self.path_of(name)).st_mode))  # noqa: PTH116 - as in digest_of_file
        except OSError:
            return ABSENT

    def presence(self, name: str) -> Digest:
        """Return whether something is there that no program may read, which kind of thing, and a file's size and mode."""
        try:
            status = os.stat(self.path_of(name))  # noqa: PTH116 - as in digest_of_file
        except (FileNotFoundError, NotADirectoryError):
            return ABSENT
        except OSError:
            return UNREADABLE
        return FOLDER if stat.S_ISDIR(status.st_mode) else f"{status.st_size} {oct(status.st_mode)}"

    def variable(self, name: str) -> Digest:
        """Return the digest of an environment variable's value, or of all that the blog lets through."""
        if name == ALL:
            return digest(*(part for pair in sorted(self.variables.items()) for part in pair))
        value = self.variables.get(name)
        return ABSENT if value is None else digest(value)

    def package(self, name: str) -> str:
        """Return the version of a distribution, or the digest of all versions."""
        if name == ALL:
            return digest(*(part for pair in sorted(installed_versions().items()) for part in pair))
        return installed_versions().get(name, ABSENT)

    def module(self, name: str, folder: str) -> tuple[Digest, str]:
        """Return the digest of a module (its content, and which file it is), and the file's name; "" for a library's."""
        known = self._modules.get((name, folder))
        if known is None:
            found = self._find_module(name, folder)
            if found is None:
                known = (LIBRARY, "")
            elif not found:
                known = (ABSENT, "")
            else:
                place = self.name_of(found)
                shown = "sitegen" + found[len(str(PACKAGE)) :] if found.startswith(str(PACKAGE) + os.sep) else place
                known = (f"{digest_of_file(Path(found))} {shown}", place)
            self._modules[name, folder] = known
        return known

    def _find_module(self, name: str, folder: str) -> str | None:
        """Return the file of a project's module, "" when there is none, None when the module is a library's."""
        top, *rest = name.split(".")
        if top in library_names():
            return None
        places = [str(PACKAGE.parent)] if top == "sitegen" else [str(self.root / folder), str(self.root)]
        for part in (top, *rest):
            for place in places:
                found = _module_in(place, part)
                if found:
                    break
            else:
                return ""
            places = [os.path.dirname(found) if found.endswith("__init__.py") else found]  # noqa: PTH120
        return found


def candidates(place: str, part: str) -> list[str]:
    """Return the files, and last the folder of a namespace, that the import system would take for `part`, in its order."""
    return [f"{place}{os.sep}{part}{suffix}" for suffix in (os.sep + "__init__.py", *EXTENSION_SUFFIXES, ".py", "")]


def _module_in(place: str, part: str) -> str:
    """Return the file (or the folder of a namespace) that the import system would take for `part`."""
    *files, folder = candidates(place, part)
    for path in files:
        if os.path.isfile(path):  # noqa: PTH113 - the worker calls this within its audit hook
            return path
    return folder if os.path.isdir(folder) else ""  # noqa: PTH112 - see above


def normal_name(name: str) -> str:
    """Return the name of a distribution as it is compared (`Foo_Bar` -> `foo-bar`)."""
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def distribution_of(top: str) -> str:
    """Return the distribution that installed a top-level module (`yaml` -> `pyyaml`), or "" when none did."""
    plain = normal_name(top)
    if plain in installed_versions():
        return plain
    for folder in library_folders():
        for entry in sorted(Path(folder).glob("*.dist-info")):
            try:
                record = (entry / "RECORD").read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
            if any(line.startswith((f"{top}/", f"{top}.")) for line in record.splitlines()):
                return normal_name(entry.name.partition("-")[0])
    return ""
