"""What one build is asked for, and what is noted while it goes on: counts, seconds, errors."""

from __future__ import annotations

import re
import time
from collections import defaultdict
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msgspec import Struct, field

from sitegen.errors import Location
from sitegen.publishing.search import Indexer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path, PurePosixPath

    from sitegen.errors import SiteError
    from sitegen.store import Store
    from sitegen.typesetting.katex import Katex


def _say_nothing(_stage: str, _done: int, _total: int) -> None:
    """Take no notice of progress."""


def _only_wait() -> None:
    """Do nothing while programs take long."""


class Options(Struct, frozen=True):
    """What a build is asked for, beyond the blog's own settings.

    today: posts dated later are left out. twice: run every program two times and compare. never_run: run none.
    final: make what only readers need: a search index of the articles as they are now, fonts cut to the site's text.
    minify: make pages smaller that browsers read the same out of.
    keep_going: leave posts with errors out of the site instead of making none.
    resumable: let programs sleep where they are, so that a changed one goes on before the step that changed.
    meanwhile: is called again and again while a program takes long that is resumable.
    stable: style sheets keep their names when they change, so that in the preview pages stay as they are.
    """

    drafts: bool = False
    future: bool = False
    workers: int = 1
    url: str = ""
    twice: bool = False
    never_run: bool = False
    final: bool = False
    minify: bool = False
    keep_going: bool = False
    resumable: bool = False
    stable: bool = False
    today: datetime = field(default_factory=lambda: datetime.now(UTC))
    progress: Callable[[str, int, int], None] = _say_nothing
    meanwhile: Callable[[], None] = _only_wait


COUNTED = (
    *("posts left out", "posts reused", "programs run", "programs reused", "formulas set", "formulas reused"),
    *("node started", "pages rendered", "pages reused", "pages minified", "pictures drawn", "search indexes made"),
)
"""What the report of every build counts, also one that ends before it gets there."""


class Run(Struct):
    """One build while it goes on. Note: mutable; counts, seconds and errors grow.

    katex: the process that sets formulas, where one is kept from build to build. indexer: what makes a search index, once it is
    expected that one is made.
    """

    root: Path
    store: Store
    options: Options
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    errors: list[SiteError] = []
    texts: dict[str, str] = {}
    katex: Katex | None = None
    indexer: Indexer | None = None

    def indexing(self) -> Indexer:
        """Return what makes a search index, begun here if it was not before. Raises ToolError."""
        if self.indexer is None:
            self.indexer = Indexer()
        return self.indexer

    def end(self) -> None:
        """End the process that nobody has waited for."""
        if self.indexer:
            self.indexer.end()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure a stage."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] += time.perf_counter() - start

    def text(self, path: str) -> str:
        """Return a source as text, for excerpts."""
        return self.texts.get(path, "")

    def said_at(self, owner: str, path: PurePosixPath) -> Location:
        """Return the line of a post's header that names an address, the first where none does."""
        header = re.split(r"\n(?:---|\+\+\+)", text := self.text(owner))[0]
        address = path.parent if path.name == "index.html" else path
        named = rf"(?<![\w/-])/?{re.escape(str(address))}(?![\w-])"
        found = re.search(named, header) or re.search(rf"(?m)^slug\s*:.*{re.escape(address.name)}", header)
        return Location(owner, header.count("\n", 0, found.start()) + 1 if found else int(bool(text)))
