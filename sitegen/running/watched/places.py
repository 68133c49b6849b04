"""What a path means that a program names: where it leads, through which link, and which input of the program's it is."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from sitegen.running.watched.observe import PACKAGE

if TYPE_CHECKING:
    from sitegen.running.watched.attention import Attention
    from sitegen.running.watched.mirror import Mirror
    from sitegen.running.watched.observe import World


class Places:
    """Paths as one program sees them.

    mirror: the folder that mirrors the blog's. own: prefixes of paths that are no input (the interpreter, the system).
    """

    def __init__(self, world: World, mirror: Mirror, own: tuple[str, ...], attention: Attention) -> None:
        self._world, self.mirror, self._own, self._attention = world, mirror, own, attention
        self._getcwd, self._realpath, self._readlink = os.getcwd, os.path.realpath, os.readlink

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
        with self._attention.at_work():
            return self.mirror.origin(self.located(path, folder))

    def is_of_project(self, path: str) -> bool:
        """Whether an absolute path is the blog's own, in the scratch folder too, or sitegen's."""
        with self._attention.at_work():
            name = self.input_at(path)
        return path == str(PACKAGE) or path.startswith(f"{PACKAGE}/") or not (name is None or name.startswith("/"))

    def input_at(self, text: str | None) -> str | None:
        """Return the name of the input that an absolute path leads to, or None when it is no input."""
        if text is None:
            return None
        root = str(self._world.root)
        if self.mirror.holds(text):
            rest = text[len(self.mirror.place) :].strip("/") or "."
            if self.mirror.link_on(text):
                return rest
            real = self._realpath(text)
            if real != text:  # a link that was moved, or made by the program, does not lead where its name says
                return self.input_at(real)
            is_own = os.path.lexists(text) and not os.path.isdir(text)  # noqa: PTH112 - in a hook
            return None if is_own else rest
        inside = text == root or text.startswith(root + "/")
        for prefix in self._own:
            if text.startswith(prefix) and (not inside or len(prefix) > len(root)):
                return None
        return self._world.name_of(text)

    def is_input(self, descriptor: int) -> bool:
        """Whether an open file is an input; -1 is memory without a file."""
        return descriptor >= 0 and self.input_at(self.located(descriptor)) is not None
