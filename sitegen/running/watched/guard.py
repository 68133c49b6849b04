"""Refuses with a sentence what the kernel would refuse without one, and what only the audit hook can where the kernel cannot."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from sitegen.running.watched.mirror import Mirror
    from sitegen.running.watched.observe import World

NO_NETWORK = (
    "a post's program has no network and no sockets: put the data beside the post "
    "(several processes: multiprocessing.Pool or ProcessPoolExecutor, by fork)"
)
_NETWORK = tuple(f"socket.{name}" for name in "connect bind getaddrinfo gethostbyname sendto sendmsg".split())


class Guard:
    """What a program may read and write, where it lies, and what is said when it goes further.

    mirror: the folder that mirrors the blog's. readable, writable: files, and folders with all below them.
    """

    def __init__(self, world: World, mirror: Mirror, readable: tuple[str, ...], writable: tuple[str, ...]) -> None:
        self._root, self._mirror, self._writable = str(world.root), mirror, writable
        self._name_of = world.name_of
        self._readable = tuple(map(os.path.realpath, (*readable, *writable)))
        self._libraries = tuple(prefix + "/" for prefix in (sys.prefix, sys.base_prefix))
        self._realpath = os.path.realpath
        self._alone = os.getpid() == 1  # the first in a pid namespace
        self.handlers: dict[str, Callable[[tuple[Any, ...]], None]] = {
            "os.kill": self._signalled,
            "os.killpg": self._signalled,
            "socket.__new__": self._made_socket,
            **dict.fromkeys(_NETWORK, self._reached_out),
        }

    def may_read(self, text: str | None) -> None:
        """Refuse to read an absolute path that is not shown to programs."""
        if text is None or text.startswith(self._libraries):
            return
        real = self._led_to(text)
        if not _is_below(real, self._readable) and real != self._root and os.path.lexists(real):
            shown = self._name_of(real.replace(self._mirror.place, self._root, 1))
            message = f"a post's program may read only what the blog shows, and not {shown}"
            raise PermissionError(13, message)

    def may_write(self, text: str | None, *, follow: bool) -> None:
        """Refuse to write an absolute path that does not lie in the scratch folder. follow: where a link leads counts."""
        if text is None or text.startswith("/dev/"):
            return
        head, _, tail = text.rpartition("/")
        real = self._led_to(text) if follow else f"{self._led_to(head)}/{tail}"
        if not _is_below(real, self._writable):
            shown = self._name_of(text.replace(self._mirror.place, self._root, 1))
            whose = "is not in it" if shown.startswith("/") else "is the blog's"
            may = "a post's program may write only into its own scratch folder (where it starts)"
            raise PermissionError(13, f"{may}, and {shown} {whose}")

    def _led_to(self, text: str) -> str:
        """Return what a path leads to, through links of the scratch folder and others, none of which is followed."""
        real = self._realpath(self._mirror.origin(text) or text)
        origin = self._mirror.origin(real)  # a link of the program's own leads to one of the scratch folder's
        return real if origin is None else self._realpath(origin)

    def _reached_out(self, _: tuple[Any, ...]) -> None:
        raise PermissionError(13, NO_NETWORK)

    def _made_socket(self, _: tuple[Any, ...]) -> None:
        frame = sys._getframe(2)  # noqa: SLF001 - the event does not tell a new socket from one around a descriptor (a pair's)
        if frame.f_locals.get("fileno") is None:
            raise PermissionError(13, NO_NETWORK)

    def _signalled(self, args: tuple[Any, ...]) -> None:
        target = args[0]
        if self._alone:
            return  # the kernel shows it no process but its own
        if target > 1 and target in {os.getpid(), os.getpgrp()} | self._children():
            return
        if target in {0, os.getpid()}:
            return
        message = "a post's program may signal only processes that it started"
        raise PermissionError(1, message)

    @staticmethod
    def _children() -> set[int]:
        found: set[int] = set()
        for thread in os.listdir("/proc/self/task") if sys.platform == "linux" else ():  # noqa: PTH208 - in a hook
            try:
                with open(f"/proc/self/task/{thread}/children", encoding="ascii") as file:  # noqa: PTH123 - in a hook
                    found.update(map(int, file.read().split()))
            except OSError:
                continue  # the thread has ended
        return found


def _is_below(path: str, places: tuple[str, ...]) -> bool:
    return any(path == place or path.startswith(place + "/") for place in places)
