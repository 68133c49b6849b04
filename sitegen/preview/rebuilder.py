"""What the preview builds with: a store and a builder over it, made anew when what is remembered is lost half way."""

from __future__ import annotations

import sqlite3
from contextlib import AbstractContextManager, suppress
from typing import TYPE_CHECKING

from sitegen.pipeline import Builder
from sitegen.store import forgetful, is_hindered, open_store, set_aside

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sitegen.model import Build, Digest
    from sitegen.pipeline import Options
    from sitegen.pipeline.again import Viewer
    from sitegen.store import Store


class Rebuilder(AbstractContextManager["Rebuilder"]):
    """Builds again and again. Use in a `with` block. say: tells the author why it began anew. viewer: is shown first what it looks at."""

    def __init__(
        self, root: Path, store_path: Path, options: Options, say: Callable[[str], None], viewer: Viewer | None = None
    ) -> None:
        self._root = root
        self._path = store_path
        self._options = options
        self._say = say
        self._viewer = viewer
        self._open()

    def _open(self, store: Store | None = None) -> None:
        self._store = store or open_store(self._path)
        self._builder = Builder(self._root, self._store, self._options, self._viewer)
        if self._store.note:
            self._say(f"note: {self._store.note}")

    def __exit__(self, *exception: object) -> None:
        """Keep what was remembered, and end the builder's tools."""
        self._builder.__exit__(*exception)
        with suppress(sqlite3.Error):
            self._store.close()

    def build(self, changed: set[Path] | None) -> Build:
        """Return the site as it is now; all of it is made again where the store is another or damaged."""
        if not self._store.stands():
            self._say("note: what was remembered is gone; the build begins again")
            self._begin_anew()
            changed = None
        try:
            return self._builder.build(changed)
        except sqlite3.Error as error:
            if is_hindered(error):
                self._begin_anew(forgetful(self._path, error))
                return self._builder.build(None)
            self._say(f"note: what was remembered is damaged ({error}); it is set aside, and the build begins again")
            set_aside(self._path)
            self._begin_anew()
            return self._builder.build(None)

    def build_beside(self, changed: set[Path]) -> Build | None:
        """Return what some files change in the site while a build waits for a program; None when that cannot be said."""
        try:
            return self._builder.build_beside(changed)
        except sqlite3.Error:  # of which the build that waits will tell
            return None

    def _begin_anew(self, store: Store | None = None) -> None:
        self._builder.__exit__(None, None, None)
        self._store.abandon()
        self._open(store)

    def get_ready(self) -> None:
        """Do what the next build would have to begin with."""
        self._builder.get_ready()

    def content(self, name: Digest) -> bytes | None:
        """Return a kept content; None when it is lost, which the next build makes good."""
        try:
            return self._store.content(name)
        except sqlite3.Error:
            return None
