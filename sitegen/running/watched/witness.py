"""Watches a program from inside its process: what it opens, lists, imports and asks for is seen before it gets to see it.

    event of Python --attention.py: the program's doing?--> witness --places.py: which input?--> record.py

An audit hook sees what Python code does; asking.py and imports.py tell what raises no event, mirror.py which files other
code followed a link to, and guard.py refuses what a program may not do.
"""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING, Any

from sitegen.running.watched.observe import ABSENT, ALL, LIBRARY, PACKAGE, UNREADABLE, candidates, library_names

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from sitegen.running.watched.attention import Attention
    from sitegen.running.watched.guard import Guard
    from sitegen.running.watched.observe import World
    from sitegen.running.watched.places import Places
    from sitegen.running.watched.record import Record

_UNSEEN = {
    "subprocess.Popen": "starts another program, whose files are not observed",
    "os.system": "starts another program, whose files are not observed",
    "os.posix_spawn": "starts another program, whose files are not observed",
    "os.exec": "becomes another program, whose files are not observed",
    "ctypes.dlopen": "loads C code through ctypes, and files that this may read are not observed",
    "mmap.__new__": "maps a file into memory, where changes are not observed",
}
_STARTS = ("subprocess.Popen", "os.system", "os.posix_spawn", "os.fork", "os.forkpty")
_INHERIT = ("subprocess.Popen", "os.system", "os.posix_spawn", "os.exec")  # what they start has our environment
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
    """Sees what the program does, by an audit hook and by those who tell it (asking.py, imports.py), and records it.

    started: called when the program starts a process.
    """

    def __init__(
        self, world: World, guard: Guard, *, places: Places, record: Record, attention: Attention, folder: str,
        started: Callable[[], None],
    ) -> None:  # fmt: skip # as a list of names
        self.world, self._guard, self.places, self.record, self.attention = world, guard, places, record, attention
        self._folder, self._started = folder, started
        # What lies there is not the author's, though it may lie in the blog's folder.
        self._others = (f"{sys.prefix}/", f"{sys.base_prefix}/", f"{PACKAGE}/running/")
        self.has_maps = False  # whether the program has memory that a fork of it shares
        self.has_threaded = False  # whether Python code has started threads in this process
        self._names = library_names()
        self._path: list[str] = []  # sys.path, before the program changes it
        self._handlers: dict[str, Callable[[tuple[Any, ...]], None]] = {
            "open": self._opened,
            "import": lambda args: self.imported(args[0]),
            "os.listdir": self._listed,
            "os.scandir": self._listed,
            "os.chdir": lambda args: self.looked_at(self.places.located(args[0])),
            "sqlite3.connect": lambda args: self.looked_at(self.places.located(_database(args[0]))),
            **guard.handlers,
        }
        for event in dict.fromkeys((*_UNSEEN, *_STARTS)):
            self._handlers[event] = lambda args, event=event: self.unseen(event, args)  # type: ignore[misc] # bound by its default
        for follow, table in ((False, _REPLACES), (True, _CHANGES)):
            for event, which in table.items():
                self._handlers[event] = lambda args, which=which, follow=follow: self._all_written(args, which, follow)  # type: ignore[misc] # see above

    def watch(self) -> None:
        """Begin; there is no end but that of the process."""
        self._path = list(sys.path)
        self._see_threads()
        sys.addaudithook(self.attention.hook(self._handlers))

    def go_on(self) -> None:
        """Watch on, in a process that was forked and that is the program from now on."""
        self.record.go_on()
        self.has_threaded = False

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

    # -- files

    def looked_at(self, text: str | None) -> None:
        """See a file, by its absolute path."""
        name = self.places.input_at(text)
        if name is None:
            return
        # Refused: what is in there cannot matter, that it is there can.
        self.record.see("presence" if self.world.file(name) == UNREADABLE else "file", name)

    def asked(self, text: str | None, *, of_link: bool) -> None:
        """See what one sees who asks about an absolute path. of_link: about a link there, and not where it leads."""
        self.looked_at(text)
        name = self.places.input_at(text)
        if name is None:
            return
        if of_link:
            self.record.see("link", name)
        if self.record.seen.get(("file", name), (ABSENT,))[0] != ABSENT:
            self.record.see("mode", name)

    def _opened(self, args: tuple[Any, ...]) -> None:
        path, _, flags = args
        if isinstance(path, int):
            return
        text = self.places.located(path, self.attention.folder)
        access = (flags or 0) & os.O_ACCMODE
        self.looked_at(text)
        if access != os.O_RDONLY or (flags or 0) & (os.O_CREAT | os.O_TRUNC):
            self._guard.may_write(text, follow=True)
        if access != os.O_WRONLY and not (flags or 0) & os.O_TRUNC:
            self._guard.may_read(text)

    def _all_written(self, args: tuple[Any, ...], which: tuple[tuple[int, int | None], ...], follow: bool) -> None:  # noqa: FBT001 - bound by the table
        for number, folder in which:
            text = self.places.located(args[number], None if folder is None else args[folder])
            self.looked_at(text)  # whether it can be done depends on what is there
            self.places.mirror.links.pop(text or "", None)
            self._guard.may_write(text, follow=follow)

    def _listed(self, args: tuple[Any, ...]) -> None:
        text = self.places.located(args[0])
        self._guard.may_read(text)
        name = self.places.input_at(text)
        if text is None or name is None:
            return
        if not self.places.mirror.holds(text):
            name += "/"
        self.record.see("folder", name)

    # -- modules

    def imported(self, name: str) -> None:
        """See a module that is looked for, and the packages around it."""
        top = name.partition(".")[0]
        if top in self._names:
            if top not in sys.stdlib_module_names:
                self.record.see("top", top, "")
            return
        while name and top != "__main__":
            seen, file = self.world.module(name, self._folder)
            if seen != LIBRARY:
                self.record.see_module(name, seen, file)
            name = name.rpartition(".")[0]

    def searched(self, place: str, name: str) -> None:
        """See that a module is looked for in a folder, by its name and where the program has changed the path."""
        self.imported(name)
        place = os.path.normpath(place)
        parent = name.rpartition(".")[0]
        if not parent and sys.path == self._path and name not in self._names:
            return
        if parent and (file := self.world.module(parent, self._folder)[1]):
            folder = os.path.dirname(file) if file.endswith("/__init__.py") else file  # noqa: PTH120 - in a hook
            if self.places.input_at(place) == folder:
                return
        for path in candidates(place, name.rpartition(".")[2]):
            self.looked_at(path)
            if os.path.exists(path):  # noqa: PTH110 - in a hook
                return

    # -- what is refused or cannot be seen

    def unseen(self, event: str, args: tuple[Any, ...] = ()) -> None:
        """Note that the program does something that cannot be seen, at which of its lines."""
        if event in _STARTS:
            self._started()
        self.has_maps = self.has_maps or event == "mmap.__new__"
        if event in _INHERIT and not (event == "subprocess.Popen" and len(args) > 3 and args[3] is not None):
            self.record.see("variable", ALL)
        if event in _INHERIT:  # `ls` goes through no link
            self.record.see("folder", self._folder or ".")
        if event not in _UNSEEN or self.record.is_told():
            return
        if event == "mmap.__new__" and not self.places.is_input(args[0]):
            return
        line = self._line_from(sys._getframe(2))  # noqa: SLF001 - the program's own frames are what the note is about
        if line is not None:
            self.record.see("note", f"{self.record.step()}:{line}:{_UNSEEN[event]}", "")

    def _line_from(self, frame: FrameType | None) -> int | None:
        """Return the line of the cell that led to a frame, 0 in a thread; None where it is no doing of the program's."""
        roots, own = (f"{self.world.root}/", f"{self.places.mirror.place}/"), False
        while frame is not None:
            name = frame.f_code.co_filename
            if name.startswith("<cell"):
                return frame.f_lineno
            own = own or (name.startswith(roots) and not name.startswith(self._others))
            if name.startswith("<frozen importlib") and not own:
                return None  # a library does this while it is loaded; its version is observed
            frame = frame.f_back
        return None if threading.current_thread() is threading.main_thread() else 0  # our own doing, between two cells


def _database(name: object) -> object:
    """Return the path in SQLite's `file:path?mode=ro`, or the name as it is."""
    if isinstance(name, str) and name.startswith("file:"):
        return name.removeprefix("file:").removeprefix("//").partition("?")[0]
    return name
