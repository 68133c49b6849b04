"""Tells the program's own doing, which is seen, from that of what watches it, which is not: for each thread."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Attention:
    """Whose doing it is what this thread does now. folder: the open one from which a relative path starts, if any."""

    def __init__(self) -> None:
        self._thread = threading.local()

    @property
    def is_busy(self) -> bool:
        """Whether what this thread does now is our own work and not the program's."""
        return getattr(self._thread, "busy", False)

    @property
    def folder(self) -> int | None:
        """The descriptor of the folder that `starting_from` says."""
        return getattr(self._thread, "folder", None)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Do something that is not the program's doing."""
        before, self._thread.busy = self.is_busy, True
        try:
            yield
        finally:
            self._thread.busy = before

    @contextmanager
    def starting_from(self, folder: int | None) -> Iterator[None]:
        """Let relative paths that are opened start from an open folder: the event of it does not tell."""
        self._thread.folder = folder
        try:
            yield
        finally:
            self._thread.folder = None

    def look_again(self) -> None:
        """Watch on, in a process that was forked while looking away."""
        self._thread.busy = False

    def hook(
        self, handlers: dict[str, Callable[[tuple[object, ...]], None]]
    ) -> Callable[[str, tuple[object, ...]], None]:
        """Return an audit hook that calls the handler of each event that is the program's doing."""
        thread = self._thread

        def hook(event: str, args: tuple[object, ...]) -> None:
            handler = handlers.get(event)
            if handler is not None and not getattr(thread, "busy", False):
                thread.busy = True
                try:
                    handler(args)
                finally:
                    thread.busy = False

        return hook
