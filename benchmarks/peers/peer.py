"""What a peer is, and whether the pages that it built are those of the posts."""

from __future__ import annotations

import html
import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class PeerError(Exception):
    """A peer cannot be installed, or does not build what it should; the message is one line."""


@dataclass(frozen=True)
class Peer:
    """A generator.

    prepare: installs it, and lays posts out for it in a folder. command: builds there, in a new process. output, remembered: what it
    leaves there, as patterns. mark: a regular expression for what a page holds once for each formula or figure. note: what it leaves
    undone. rounds: how often it is measured; the slow ones once. tool: the command that must be there, where we do not install it.
    """

    name: str
    prepare: Callable[[Path, Path], None]
    command: Callable[[Path], list[str]]
    output: str
    remembered: tuple[str, ...] = ()
    mark: str = 'class="katex"'
    note: str = ""
    rounds: int = 1
    tool: str = ""

    def missing(self) -> bool:
        """Whether it needs a command that is not on PATH."""
        return bool(self.tool) and shutil.which(self.tool) is None

    def forget(self, folder: Path) -> None:
        """Remove what it built and what it remembers."""
        for pattern in (self.output, *self.remembered):
            for path in folder.glob(pattern):
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink()


def check(posts: Path, built: Path, mark: str, each: int) -> None:
    """Raise PeerError unless each post has a page with its title, its last sentence, and so many marks or more."""
    pages = {
        _slug(page.parent.name if page.name == "index.html" else page.stem): page for page in built.rglob("*.html")
    }
    for post in sorted(posts.iterdir()):
        page = pages.get(_slug(post.stem))
        if page is None:
            raise PeerError(f"there is no page of {post.name}")
        text, source = page.read_text(encoding="utf-8"), post.read_text(encoding="utf-8")
        title = source.split("title: ", 1)[1].split("\n", 1)[0]
        sentence = re.findall(r"^[A-Z][^$\n]{8,}", source, flags=re.MULTILINE)[-1].strip()
        for expected in (f"<title>{html.escape(title)}", sentence):
            if expected not in text:
                raise PeerError(f"the page of {post.name} lacks {expected!r}")
        found = len(re.findall(mark, text))
        if found < each:
            raise PeerError(f"the page of {post.name} holds {found} of {each} {mark!r}")


def _slug(name: str) -> str:
    return re.sub(r"^\d{4}-\d\d-\d\d-", "", name)
