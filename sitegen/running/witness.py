"""Watches a program from inside its process: what it opens, lists, imports and asks for becomes observations.

An audit hook sees what Python code does; os.stat and os.environ are wrapped, since they raise no event. The hook also
refuses, with a sentence, what the kernel would refuse without one, and what only it can refuse where the kernel cannot.
"""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING, Any

from sitegen.running.observe import ABSENT, DEPENDS, LIBRARY, PLACE, UNREADABLE, distribution_of, library_names
from sitegen.store import installed_versions

if TYPE_CHECKING:
    from collections.abc import Callable

    from sitegen.running.observe import World

_UNSEEN = {
    "subprocess.Popen": "starts another program, whose files are not observed",
    "os.system": "starts another program, whose files are not observed",
    "os.posix_spawn": "starts another program, whose files are not observed",
    "os.exec": "becomes another program, whose files are not observed",
    "os.fork": "starts another process, whose files are not observed",
    "os.forkpty": "starts another process, whose files are not observed",
    "ctypes.dlopen": "calls C code through ctypes, whose files are not observed",
    "mmap.__new__": "maps a file into memory, where changes are not observed",
}
_STARTS = ("subprocess.Popen", "os.system", "os.posix_spawn", "os.fork", "os.forkpty")
_NETWORK = (
    "socket.connect",
    "socket.bind",
    "socket.getaddrinfo",
    "socket.gethostbyname",
    "socket.sendto",
    "socket.sendmsg",
)
# event -> which of its arguments are paths that are changed; the second table's follow a link to what it leads to.
_REPLACES = {
    "os.remove": (0,),
    "os.rename": (0, 1),
    "os.mkdir": (0,),
    "os.rmdir": (0,),
    "os.link": (1,),
    "os.symlink": (1,),
}
_CHANGES = dict.fromkeys(("os.truncate", "os.chmod", "os.chown", "os.utime", "os.setxattr", "os.removexattr"), (0,))


class Witness:
    """What was seen so far, and the hook that sees.

    scratch: the folder that mirrors the blog's. folder: the post's, relative. own: prefixes that are no input (the
    interpreter, the system). readable, writable: where the program may read and write. step: which step runs. started: called when
    the program starts a process.
    """

    def __init__(
        self, world: World, *, scratch: str, folder: str, own: tuple[str, ...], readable: tuple[str, ...],
        writable: tuple[str, ...],
        step: Callable[[], int], started: Callable[[], None],
    ) -> None:  # fmt: skip # as a list of names
        self.world, self.scratch, self.folder, self.own, self.writable = world, scratch, folder, own, writable
        self.readable = tuple(map(os.path.realpath, (*readable, *writable)))
        self._libraries = tuple(prefix + "/" for prefix in (sys.prefix, sys.base_prefix))
        self.step, self.started = step, started
        self.seen: dict[tuple[str, str], tuple[str, int]] = {}
        self.notes: dict[str, None] = {}
        self._names = library_names()
        self._busy = threading.local()
        self._getcwd, self._realpath = os.getcwd, os.path.realpath
        self._tops: dict[str, int] = {}
        self._modules: set[str] = set()
        self._handlers: dict[str, Callable[[tuple[Any, ...]], None]] = {
            "open": self._opened,
            "import": self._imported,
            "os.listdir": self._listed,
            "os.scandir": self._listed,
            "sqlite3.connect": lambda args: self._looked_at(_database(args[0]), deep=True),
            "os.kill": self._signalled,
            "os.killpg": self._signalled,
        }
        for event in _UNSEEN:
            self._handlers[event] = lambda _, event=event: self._unseen(event)  # type: ignore[misc] # bound by its default
        for event in _NETWORK:
            self._handlers[event] = lambda _, event=event: self._network(event)  # type: ignore[misc] # see above
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

        self._wrap()
        sys.addaudithook(hook)

    def see_pattern(self, pattern: str) -> None:
        """See the files that the author says matter."""
        name = DEPENDS + pattern
        self.seen["file", name] = (self.world.pattern(pattern, self.folder), -1)

    def observations(self) -> list[tuple[str, str, str, int]]:
        """Return all that was seen, as (kind, name, digest, step)."""
        self._busy.now = True
        for top, step in self._tops.items():
            name = distribution_of(top)
            if name:
                self._see("package", name, lambda name=name: installed_versions().get(name, ABSENT), step)  # type: ignore[misc] # see above
        rows = [(kind, name, seen, step) for (kind, name), (seen, step) in self.seen.items()]
        if any(kind in {"file", "folder"} and not name.startswith("/") for kind, name in self.seen):
            rows.append(("folder", PLACE, self.folder, -1))
        # A module's source is opened when it is imported: one observation says it.
        return sorted(row for row in rows if not (row[0] == "file" and row[1] in self._modules))

    def _see(self, kind: str, name: str, look: Callable[[], str], step: int | None = None) -> None:
        if (kind, name) not in self.seen:
            self.seen[kind, name] = (look(), self.step() if step is None else step)

    # -- files

    def _absolute(self, path: Any) -> str | None:  # noqa: ANN401 - whatever a program passes
        if isinstance(path, int) or path is None:
            return None
        try:
            text = os.fsdecode(path)
        except (TypeError, ValueError):
            return None
        if not text or "\0" in text:
            return None
        if not text.startswith("/"):
            text = f"{self._getcwd()}/{text}"
        return os.path.normpath(text)

    def _input(self, path: Any) -> str | None:  # noqa: ANN401 - whatever a program passes
        """Return the name of the input that a path leads to, or None when it is no input."""
        text = self._absolute(path)
        if text is None:
            return None
        scratch = self.scratch
        if text.startswith(scratch):
            rest = text[len(scratch) :]
            if rest and not rest.startswith("/"):
                return None
            real = self._realpath(text)
            if real.startswith(scratch) and os.path.lexists(text) and not os.path.isdir(text):  # noqa: PTH112 - in a hook
                return None  # the program's own file
            return rest.strip("/") or "."
        root = str(self.world.root)
        inside = text == root or text.startswith(root + "/")
        for prefix in self.own:
            if text.startswith(prefix) and (not inside or len(prefix) > len(root)):
                return None
        return self.world.name_of(text)

    def _looked_at(self, path: Any, *, deep: bool) -> None:  # noqa: ANN401 - whatever a program passes
        name = self._input(path)
        if name is None:
            return
        if deep and name.startswith("/") and self.world.file(name) == UNREADABLE:
            return  # outside, and refused: what is in there cannot matter
        self._see("file", name, lambda: self.world.file(name))

    def _opened(self, args: tuple[Any, ...]) -> None:
        path, _, flags = args
        if isinstance(path, int):
            return
        access = (flags or 0) & os.O_ACCMODE
        if access != os.O_RDONLY or (flags or 0) & (os.O_CREAT | os.O_TRUNC):
            self._written(path, follow=True)
        if access != os.O_WRONLY and not (flags or 0) & os.O_TRUNC:
            self._refuse_outside(path)
            self._looked_at(path, deep=True)

    def _refuse_outside(self, path: Any) -> None:  # noqa: ANN401 - whatever a program passes
        text = self._absolute(path)
        if text is None or text.startswith(self._libraries):
            return
        real = self._realpath(text)
        if not _is_below(real, self.readable) and real != str(self.world.root) and os.path.lexists(real):
            shown = self.world.name_of(real.replace(self.scratch, str(self.world.root), 1))
            message = f"a post's program may read only what the blog shows, and not {shown}"
            raise PermissionError(13, message)

    def _all_written(self, args: tuple[Any, ...], which: tuple[int, ...], follow: bool) -> None:  # noqa: FBT001 - bound by the table
        for number in which:
            self._written(args[number], follow=follow)

    def _written(self, path: Any, *, follow: bool) -> None:  # noqa: ANN401 - whatever a program passes
        text = self._absolute(path)
        if text is None or text.startswith("/dev/"):
            return
        head, _, tail = text.rpartition("/")
        real = self._realpath(text) if follow else f"{self._realpath(head)}/{tail}"
        if not _is_below(real, self.writable):
            shown = self.world.name_of(text.replace(self.scratch, str(self.world.root), 1))
            message = f"a post's program may write only into its own scratch folder, and {shown} is the blog's"
            raise PermissionError(13, message)

    def _listed(self, args: tuple[Any, ...]) -> None:
        if sys._getframe(2).f_code.co_filename == "<frozen importlib._bootstrap_external>":  # noqa: SLF001 - see _is_open
            return
        path = "." if args[0] is None else args[0]
        self._refuse_outside(path)
        name = self._input(path)
        if name is not None:
            self._see("folder", name, lambda: self.world.listing(name, self.folder))

    # -- modules

    def _imported(self, args: tuple[Any, ...]) -> None:
        name = args[0]
        top = name.partition(".")[0]
        if top in self._names:
            if top not in sys.stdlib_module_names:
                self._tops.setdefault(top, self.step())
            return
        if top == "__main__":
            return
        step = self.step()
        while name:
            seen, file = self.world.module(name, self.folder)
            if seen != LIBRARY:
                self._see("module", name, lambda seen=seen: seen, step)  # type: ignore[misc] # bound by its default
                self._modules.add(file)
            name = name.rpartition(".")[0]

    # -- what is refused or cannot be seen

    def _unseen(self, event: str) -> None:
        if event in _STARTS:
            self.started()
        frame = sys._getframe(2)  # noqa: SLF001 - the program's own frames are what the note is about
        while frame is not None:
            name = frame.f_code.co_filename
            if name.startswith("<frozen importlib"):
                return  # a library does this while it is loaded; its version is observed
            if name.startswith("<cell"):
                step = name[6:-1]
                self.notes.setdefault(f"{step}:{frame.f_lineno}:{_UNSEEN[event]}")
                return
            if frame.f_back is None:
                return
            frame = frame.f_back

    def _network(self, event: str) -> None:
        message = f"a post's program has no network ({event}); put the data beside the post"
        raise PermissionError(13, message)

    def _signalled(self, args: tuple[Any, ...]) -> None:
        target = args[0]
        if target > 1 and target in {os.getpid(), os.getpgrp()} | self._children():
            return
        if target in {0, os.getpid()}:
            return
        message = "a post's program may signal only processes that it started"
        raise PermissionError(1, message)

    @staticmethod
    def _children() -> set[int]:
        try:
            with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as file:  # noqa: PTH123 - in a hook
                return {int(number) for number in file.read().split()}
        except OSError:
            return set()

    # -- what raises no event

    def _wrap(self) -> None:
        looked_at, busy = self._looked_at, self._busy

        def wrapped(function: Callable[..., Any]) -> Callable[..., Any]:
            def look(path: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - stands for os.stat
                if not getattr(busy, "now", False) and not isinstance(path, int):
                    busy.now = True
                    try:
                        looked_at(path, deep=False)
                    finally:
                        busy.now = False
                return function(path, *args, **options)

            look.__name__ = look.__qualname__ = function.__name__
            look.__doc__ = function.__doc__
            return look

        for name in ("stat", "lstat", "access"):
            setattr(os, name, wrapped(getattr(os, name)))
        os.supports_follow_symlinks.update({os.stat, os.access})
        os.supports_dir_fd.update({os.stat, os.access})
        os.supports_fd.add(os.stat)
        os.supports_effective_ids.add(os.access)

        getcwd, see = os.getcwd, self._see
        folder = self.folder

        def where() -> str:
            see("folder", PLACE, lambda: folder)
            return getcwd()

        os.getcwd = where

        class Environment(os._Environ):  # type: ignore[type-arg] # noqa: SLF001 - os.environ has no other class
            """os.environ that remembers what was asked for."""

            def __getitem__(self, key: str) -> str:
                if isinstance(key, str):
                    world = witness.world
                    witness._see("variable", key, lambda: world.variable(key))
                return super().__getitem__(key)  # type: ignore[no-any-return] # os._Environ is not typed here

            def __iter__(self) -> Any:  # noqa: ANN401 - as in the base class
                for key in list(witness.world.variables):
                    self.get(key)
                return super().__iter__()

        witness = self
        os.environ.__class__ = Environment


def _is_below(path: str, places: tuple[str, ...]) -> bool:
    return any(path == place or path.startswith(place + "/") for place in places)


def _database(name: object) -> object:
    """Return the path in SQLite's `file:path?mode=ro`, or the name as it is."""
    if isinstance(name, str) and name.startswith("file:"):
        return name.removeprefix("file:").removeprefix("//").partition("?")[0]
    return name
