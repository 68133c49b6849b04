"""What a program has seen: each thing with its digest, taken before the program got to see it, and in which step."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING

from sitegen.running.watched.observe import BELOW, CHANGED, DEPENDS, PLACE, distribution_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sitegen.running.watched.attention import Attention
    from sitegen.running.watched.observe import World

_KINDS = ("file", "folder", "link", "mode", "presence", "module", "package", "variable")


class Record:
    """All that was seen so far, by (kind, name): the first look counts.

    Besides observations, `top` is a library that was imported, and `note` what the author is to be told.
    shared: a file in which processes that the program forks tell what they see. folder: the post's, relative.
    """

    def __init__(
        self, world: World, attention: Attention, *, folder: str, shared: int, step: Callable[[], int]
    ) -> None:
        self._world, self._attention, self._folder = world, attention, folder
        self._shared, self._pid = shared, os.getpid()
        self.step = step
        self.seen: dict[tuple[str, str], tuple[str, int]] = {}
        self._modules: set[str] = set()  # files of modules that were imported

    def go_on(self) -> None:
        """Note on, in a process that was forked and that is the program from now on."""
        self._pid = os.getpid()

    def see(self, kind: str, name: str, seen: str | None = None, step: int | None = None) -> None:
        """Note what stands there, when it is not noted yet. seen: what is noted in its place."""
        if (kind, name) not in self.seen:
            with self._attention.at_work():
                there = self._world.look(kind, name, self._folder) if seen is None else seen
                entry = self.seen[kind, name] = (there, self.step() if step is None else step)
                if os.getpid() != self._pid:
                    os.write(self._shared, json.dumps([kind, name, *entry]).encode("ascii") + b"\n")

    def see_module(self, name: str, seen: str, file: str) -> None:
        """See a module of the blog's, which is in a file."""
        self.see("module", name, seen)
        self._modules.add(file)

    def is_told(self) -> bool:
        """Whether the author says what matters beyond what can be observed."""
        return any(name.startswith(DEPENDS) for _, name in self.seen)

    def notes(self) -> list[str]:
        """Return what the author is to be told, each as `step:line:what; what to do`."""
        return [f"{name}; name them in `depends`" for kind, name in self.seen if kind == "note"]

    # ---------------------------------------------------------------------------------------- what came of it

    def observations(self, followed: Iterable[str], began: float) -> list[tuple[str, str, str, int]]:
        """Return all that was seen, as (kind, name, digest, step).

        followed: what links lead to that something other than Python went through. began: when the program did.
        """
        with self._attention.at_work():
            self._hear_the_others()
            self._complete()
            for target in followed:
                self._follow(target, began)
        rows = [(kind, name, seen, step) for (kind, name), (seen, step) in self.seen.items() if kind in _KINDS]
        if any(kind in {"file", "folder"} and not name.startswith("/") for kind, name in self.seen):
            rows.append(("folder", PLACE, self._folder, -1))
        # A module's source is opened when it is imported: one observation says it.
        return sorted(row for row in rows if not (row[0] == "file" and row[1] in self._modules))

    def _complete(self) -> None:
        """See the distributions of the libraries that were imported, and the variables that C code asks for at any time."""
        for (kind, top), (_, step) in list(self.seen.items()):
            if kind == "top" and (name := distribution_of(top)):
                self.see("package", name, step=step)
        for name in self._world.variables:
            if name == "TZ" or name.startswith(("LC_", "LANG")):
                self.see("variable", name, step=-1)

    def _hear_the_others(self) -> None:
        """Take in what processes saw that the program forked."""
        said = os.pread(self._shared, os.fstat(self._shared).st_size, 0)
        for line in said.splitlines():
            with suppress(ValueError, TypeError):
                kind, name, digest, step = json.loads(line)
                self.seen.setdefault((str(kind), str(name)), (str(digest), int(step)))

    def _follow(self, target: str, began: float) -> None:
        """See the file, or all files of the folder, that other code than Python's was led to by a link."""
        name = self._world.name_of(target)
        if not os.path.isdir(target):  # noqa: PTH112 - as in a hook
            if name not in self._modules:
                self.see("file", name, None if _changed(target) < began else CHANGED)
            return
        if self.is_told():
            return
        _, newest, is_large = self._world.below(name)
        self.see("folder", name + BELOW, None if newest < began else CHANGED)
        if is_large:
            self.see(
                "note", f"-1:0:reads in {name} by other code than Python's, and too much is there to be observed", ""
            )


def _changed(path: str) -> float:
    try:
        return os.stat(path).st_ctime  # noqa: PTH116 - as in a hook
    except OSError:
        return 0.0
