"""Watches a program from inside its process: what it opens, lists, imports and asks for becomes observations.

An audit hook sees what Python code does; asking.py adds what raises no event, scratch.py tells which files other code
followed a link to, and guard.py refuses what a program may not do.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from sitegen.running.watched.observe import (
    ABSENT,
    ALL,
    BELOW,
    CHANGED,
    DEPENDS,
    LIBRARY,
    PACKAGE,
    PLACE,
    UNREADABLE,
    candidates,
    distribution_of,
    library_names,
    normal_name,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sitegen.running.watched.guard import Guard
    from sitegen.running.watched.mirror import Mirror
    from sitegen.running.watched.observe import World

_UNSEEN = {
    "subprocess.Popen": "starts another program, whose files are not observed",
    "os.system": "starts another program, whose files are not observed",
    "os.posix_spawn": "starts another program, whose files are not observed",
    "os.exec": "becomes another program, whose files are not observed",
    "ctypes.dlopen": "calls C code through ctypes, whose files are not observed",
    "mmap.__new__": "maps a file into memory, where changes are not observed",
}
_STARTS = ("subprocess.Popen", "os.system", "os.posix_spawn", "os.fork", "os.forkpty")
_INHERIT = ("subprocess.Popen", "os.system", "os.posix_spawn", "os.exec")  # what they start has our environment
_KINDS = ("file", "folder", "link", "mode", "presence", "module", "package", "variable")
# event -> which of its arguments are paths that are changed, each with where the folder stands that it starts from (None: none
# is given); the second table's follow a link to what it leads to.
_REPLACES: dict[str, tuple[tuple[int, int | None], ...]] = {
    "os.remove": ((0, 1),),
    "os.rename": ((0, 2), (1, 3)),
    "os.mkdir": ((0, 2),),
    "os.rmdir": ((0, 1),),
    "os.link": ((0, 2), (1, 3)),
    "os.symlink": ((1, 2),),
}
_CHANGES: dict[str, tuple[tuple[int, int | None], ...]] = {
    "os.truncate": ((0, None),),
    "os.chmod": ((0, 2),),
    "os.chown": ((0, 3),),
    "os.utime": ((0, 3),),
    "os.setxattr": ((0, None),),
    "os.removexattr": ((0, None),),
}


class Witness:
    """What was seen so far, and the hook that sees.

    mirror: the folder that mirrors the blog's. shared: a file in which processes that the program forks tell what they see. folder: the post's, relative. own: prefixes that are no
    input (the interpreter, the system). step: which step runs. started: called when the program starts a process.
    """

    def __init__(
        self, world: World, guard: Guard, *, mirror: Mirror, shared: int, folder: str,
        own: tuple[str, ...], step: Callable[[], int], started: Callable[[], None],
    ) -> None:  # fmt: skip # as a list of names
        self.world, self._guard, self.mirror, self.folder, self.own = world, guard, mirror, folder, own
        self._shared, self._pid = shared, os.getpid()
        self._libraries = tuple(prefix + "/" for prefix in (sys.prefix, sys.base_prefix))
        self.step, self.started = step, started
        self.has_maps = False  # whether the program has memory that a fork of it shares
        self.has_threaded = False  # whether Python code has started threads in this process
        self.seen: dict[tuple[str, str], tuple[str, int]] = {}
        self._names = library_names()
        self._busy = threading.local()
        self._getcwd, self._realpath, self._readlink = os.getcwd, os.path.realpath, os.readlink
        self._modules: set[str] = set()
        self._path: list[str] = []  # sys.path, before the program changes it
        self._handlers: dict[str, Callable[[tuple[Any, ...]], None]] = {
            "open": self._opened,
            "import": lambda args: self.imported(args[0]),
            "os.listdir": self._listed,
            "os.scandir": self._listed,
            "os.chdir": lambda args: self.looked_at(self.located(args[0])),
            "sqlite3.connect": lambda args: self.looked_at(self.located(_database(args[0]))),
            **guard.handlers,
        }
        for event in dict.fromkeys((*_UNSEEN, *_STARTS)):
            self._handlers[event] = lambda args, event=event: self.unseen(event, args)  # type: ignore[misc] # bound by its default
        for follow, table in ((False, _REPLACES), (True, _CHANGES)):
            for event, which in table.items():
                self._handlers[event] = lambda args, which=which, follow=follow: self._all_written(args, which, follow)  # type: ignore[misc] # see above

    def watch(self) -> None:
        """Begin; there is no end but that of the process."""
        handlers, busy = self._handlers, self._busy

        def hook(event: str, args: tuple[Any, ...]) -> None:
            handler = handlers.get(event)
            if handler is not None and not getattr(busy, "now", False):
                busy.now = True
                try:
                    handler(args)
                finally:
                    busy.now = False

        self._path = list(sys.path)
        self._see_threads()
        sys.addaudithook(hook)

    @property
    def is_busy(self) -> bool:
        """Whether what this thread does now is the witness's own work and not the program's."""
        return getattr(self._busy, "now", False)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Do something that is not the program's doing."""
        before, self._busy.now = self.is_busy, True
        try:
            yield
        finally:
            self._busy.now = before

    @contextmanager
    def starting_from(self, folder: int | None) -> Iterator[None]:
        """Let relative paths that are opened start from an open folder."""
        self._busy.folder = folder
        try:
            yield
        finally:
            self._busy.folder = None

    def see_pattern(self, pattern: str) -> None:
        """See the files that the author says matter."""
        self.see("file", DEPENDS + pattern, lambda: self.world.pattern(pattern, self.folder), -1)

    def see_package(self, name: str) -> None:
        """See the version of a distribution, or of all."""
        self.see("package", normal_name(name), lambda: self.world.package(normal_name(name)))

    def notes(self) -> list[str]:
        """Return what the author is to be told, each as `step:line:what; what to do`."""
        return [f"{name}; name them in `depends`" for kind, name in self.seen if kind == "note"]

    def observations(self, followed: Iterable[str], began: float) -> list[tuple[str, str, str, int]]:
        """Return all that was seen, as (kind, name, digest, step).

        followed: what links lead to that something other than Python went through. began: when the program did.
        """
        self._busy.now = True
        self._hear_the_others()
        for (kind, top), (_, step) in list(self.seen.items()):
            if kind == "top" and (name := distribution_of(top)):
                self.see("package", name, lambda name=name: self.world.package(name), step)  # type: ignore[misc] # bound by its default
        for name in self.world.variables:
            if name == "TZ" or name.startswith(("LC_", "LANG")):  # C code asks for them whenever it likes
                self.see("variable", name, lambda name=name: self.world.variable(name), -1)  # type: ignore[misc] # bound by its default
        for target in followed:
            self._follow(target, began)
        rows = [(kind, name, seen, step) for (kind, name), (seen, step) in self.seen.items() if kind in _KINDS]
        if any(kind in {"file", "folder"} and not name.startswith("/") for kind, name in self.seen):
            rows.append(("folder", PLACE, self.folder, -1))
        # A module's source is opened when it is imported: one observation says it.
        return sorted(row for row in rows if not (row[0] == "file" and row[1] in self._modules))

    def look_again(self) -> None:
        """Watch on, in a process that was forked while looking away."""
        self._busy.now = False

    def go_on(self) -> None:
        """Watch on, in a process that was forked and that is the program from now on."""
        self._pid, self.has_threaded = os.getpid(), False

    def _see_threads(self) -> None:
        """Note when the program starts a thread, which raises no event."""

        def noting(start: Callable[..., Any]) -> Callable[..., Any]:
            def start_thread(*args: Any, **options: Any) -> Any:  # noqa: ANN401 - as what it stands for
                self.has_threaded = True
                return start(*args, **options)

            return start_thread

        for name in ("_start_new_thread", "_start_joinable_thread"):  # the second since Python 3.13
            if hasattr(threading, name):
                setattr(threading, name, noting(getattr(threading, name)))

    def see(self, kind: str, name: str, look: Callable[[], str], step: int | None = None) -> None:
        """Note what stands there, when it is not noted yet."""
        if (kind, name) not in self.seen:
            with self.at_work():
                entry = self.seen[kind, name] = (look(), self.step() if step is None else step)
                if os.getpid() != self._pid:
                    os.write(self._shared, json.dumps([kind, name, *entry]).encode("ascii") + b"\n")

    def _hear_the_others(self) -> None:
        """Take in what processes saw that the program forked."""
        said = os.pread(self._shared, os.fstat(self._shared).st_size, 0)
        for line in said.splitlines():
            with suppress(ValueError, TypeError):
                kind, name, digest, step = json.loads(line)
                self.seen.setdefault((str(kind), str(name)), (str(digest), int(step)))

    def _is_told(self) -> bool:
        """Whether the author says what matters beyond what can be observed."""
        return any(name.startswith(DEPENDS) for _, name in self.seen)

    def _follow(self, target: str, began: float) -> None:
        """See the file, or all files of the folder, that other code than Python's was led to by a link."""
        name = self.world.name_of(target)
        if not os.path.isdir(target):  # noqa: PTH112 - as in a hook
            if name not in self._modules:
                self.see("file", name, lambda: self.world.file(name) if _changed(target) < began else CHANGED)
            return
        if self._is_told():
            return
        now, newest, is_large = self.world.below(name)
        self.see("folder", name + BELOW, lambda: now if newest < began else CHANGED)
        if is_large:
            self.see(
                "note", f"-1:0:reads in {name} by other code than Python's, and too much is there to be observed", str
            )

    # -- files

    def located(self, path: Any, folder: int | None = None) -> str | None:  # noqa: ANN401 - whatever a program passes
        """Return the absolute path of something, from an open folder where one is given; None when it is no path."""
        if path is None:
            path = "."
        try:
            text = self._path_of(path) if isinstance(path, int) else os.fsdecode(path)
        except (TypeError, ValueError, OSError):
            return None
        if not text or "\0" in text:
            return None
        if not text.startswith("/"):
            try:
                start = self._getcwd() if folder is None or folder < 0 else self._path_of(folder)
            except OSError:
                return None
            text = f"{start}/{text}"
        text = os.path.normpath(text)
        return self._realpath(text) if text.startswith(("/proc/", "/dev/fd/")) else text

    def _path_of(self, descriptor: int) -> str:
        if sys.platform == "darwin":
            import fcntl  # noqa: PLC0415 - F_GETPATH is there only

            return os.fsdecode(fcntl.fcntl(descriptor, fcntl.F_GETPATH, bytes(1024)).rstrip(b"\0"))
        return self._readlink(f"/proc/self/fd/{descriptor}")

    def origin(self, path: Any, folder: int | None = None) -> str | None:  # noqa: ANN401 - whatever a program passes
        """Return the path in the blog that a path through a link of the scratch folder stands for, None for all else."""
        if isinstance(path, int):
            return None
        with self.at_work():
            return self.mirror.origin(self.located(path, folder))

    def is_of_project(self, path: str) -> bool:
        """Whether an absolute path is the blog's own, in the scratch folder too, or sitegen's."""
        with self.at_work():
            name = self._input(path)
        return path == str(PACKAGE) or path.startswith(f"{PACKAGE}/") or not (name is None or name.startswith("/"))

    def _input(self, text: str) -> str | None:
        """Return the name of the input that a path leads to, or None when it is no input."""
        root = str(self.world.root)
        if self.mirror.holds(text):
            rest = text[len(self.mirror.place) :].strip("/") or "."
            if self.mirror.link_on(text):
                return rest
            real = self._realpath(text)
            if real != text:  # a link that was moved, or made by the program, does not lead where its name says
                return self._input(real)
            is_own = os.path.lexists(text) and not os.path.isdir(text)  # noqa: PTH112 - in a hook
            return None if is_own else rest
        inside = text == root or text.startswith(root + "/")
        for prefix in self.own:
            if text.startswith(prefix) and (not inside or len(prefix) > len(root)):
                return None
        return self.world.name_of(text)

    def _is_input(self, descriptor: int) -> bool:
        text = self.located(descriptor) if descriptor >= 0 else None  # -1: memory without a file
        return text is not None and self._input(text) is not None

    def looked_at(self, text: str | None) -> None:
        """See a file, by its absolute path."""
        name = self._input(text) if text is not None else None
        if name is None:
            return
        if self.world.file(name) == UNREADABLE:  # refused: what is in there cannot matter, that it is there can
            self.see("presence", name, lambda: self.world.presence(name))
        else:
            self.see("file", name, lambda: self.world.file(name))

    def asked(self, text: str | None, *, of_link: bool = False) -> None:
        """See what one sees who asks about an absolute path. of_link: about a link there, and not where it leads."""
        self.looked_at(text)
        name = self._input(text) if text is not None else None
        if name is None:
            return
        if of_link:
            self.see("link", name, lambda: self.world.link(name))
        if self.seen.get(("file", name), (ABSENT,))[0] != ABSENT:
            self.see("mode", name, lambda: self.world.mode(name))

    def _opened(self, args: tuple[Any, ...]) -> None:
        path, _, flags = args
        if isinstance(path, int):
            return
        text = self.located(path, getattr(self._busy, "folder", None))
        access = (flags or 0) & os.O_ACCMODE
        self.looked_at(text)
        if access != os.O_RDONLY or (flags or 0) & (os.O_CREAT | os.O_TRUNC):
            self._guard.may_write(text, follow=True)
        if access != os.O_WRONLY and not (flags or 0) & os.O_TRUNC:
            self._guard.may_read(text)

    def _all_written(self, args: tuple[Any, ...], which: tuple[tuple[int, int | None], ...], follow: bool) -> None:  # noqa: FBT001 - bound by the table
        for number, folder in which:
            text = self.located(args[number], None if folder is None else args[folder])
            self.looked_at(text)  # whether it can be done depends on what is there
            self.mirror.links.pop(text or "", None)
            self._guard.may_write(text, follow=follow)

    def _listed(self, args: tuple[Any, ...]) -> None:
        text = self.located(args[0])
        self._guard.may_read(text)
        name = self._input(text) if text is not None else None
        if text is None or name is None:
            return
        if not self.mirror.holds(text):
            name += "/"
        self.see("folder", name, lambda: self.world.listing(name, self.folder))

    # -- modules

    def imported(self, name: str) -> None:
        """See a module that is looked for, and the packages around it."""
        top = name.partition(".")[0]
        if top in self._names:
            if top not in sys.stdlib_module_names:
                self.see("top", top, str)
            return
        while name and top != "__main__":
            seen, file = self.world.module(name, self.folder)
            if seen != LIBRARY:
                self.see("module", name, lambda seen=seen: seen)  # type: ignore[misc] # bound by its default
                self._modules.add(file)
            name = name.rpartition(".")[0]

    def searched(self, place: str, name: str) -> None:
        """See that a module is looked for in a folder, by its name and where the program has changed the path."""
        self.imported(name)
        place = os.path.normpath(place)
        parent = name.rpartition(".")[0]
        if not parent and sys.path == self._path and name not in self._names:
            return
        if parent and (file := self.world.module(parent, self.folder)[1]):
            folder = os.path.dirname(file) if file.endswith("/__init__.py") else file  # noqa: PTH120 - in a hook
            if self._input(place) == folder:
                return
        for path in candidates(place, name.rpartition(".")[2]):
            self.looked_at(path)
            if os.path.exists(path):  # noqa: PTH110 - in a hook
                return

    # -- what is refused or cannot be seen

    def unseen(self, event: str, args: tuple[Any, ...] = ()) -> None:
        """Note that the program does something that cannot be seen, at which of its lines."""
        if event in _STARTS:
            self.started()
        self.has_maps = self.has_maps or event == "mmap.__new__"
        if event in _INHERIT and not (event == "subprocess.Popen" and len(args) > 3 and args[3] is not None):
            self.see("variable", ALL, lambda: self.world.variable(ALL))
        if event in _INHERIT:  # `ls` goes through no link
            here = self.folder or "."
            self.see("folder", here, lambda: self.world.listing(here, self.folder))
        if event not in _UNSEEN or self._is_told() or (event == "mmap.__new__" and not self._is_input(args[0])):
            return
        roots, own = (f"{self.world.root}/", f"{self.mirror.place}/"), False
        line, frame = 0, sys._getframe(2)  # noqa: SLF001 - the program's own frames are what the note is about
        while frame is not None:
            name = frame.f_code.co_filename
            if name.startswith("<cell"):
                line = frame.f_lineno
                break
            own = own or (name.startswith(roots) and not name.startswith(self._libraries))
            if name.startswith("<frozen importlib") and not own:
                return  # a library does this while it is loaded; its version is observed
            frame = frame.f_back  # type: ignore[assignment] # None at the end
        if not line and threading.current_thread() is threading.main_thread():
            return  # our own doing, between two cells
        self.see("note", f"{self.step()}:{line}:{_UNSEEN[event]}", str)


def _changed(path: str) -> float:
    try:
        return os.stat(path).st_ctime  # noqa: PTH116 - as in a hook
    except OSError:
        return 0.0


def _database(name: object) -> object:
    """Return the path in SQLite's `file:path?mode=ro`, or the name as it is."""
    if isinstance(name, str) and name.startswith("file:"):
        return name.removeprefix("file:").removeprefix("//").partition("?")[0]
    return name
