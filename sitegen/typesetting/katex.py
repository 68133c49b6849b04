"""Talks to the one Node process that runs KaTeX, and knows where Node and KaTeX are."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Self

from sitegen.keys import version_of_package
from sitegen.project import NODE_MODULES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

KATEX = NODE_MODULES / "katex"
_BATCH = 64  # formulas a line: a whole line is read before one is written, so that neither side can block the other


class ToolMissingError(Exception):
    """Node or KaTeX is not there, or does not answer; the message says what to install."""


@cache
def katex_version() -> str:
    """Return KaTeX's version, which is part of what is remembered of a formula; "" when it is not installed."""
    return version_of_package("katex")


class Katex:
    """A Node process that sets formulas; started by the first `set`, ended by leaving the `with` block."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._owner = 0
        self.started = 0

    def __enter__(self) -> Self:
        """Return the typesetter, not started yet."""
        return self

    def __exit__(self, *exception: object) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            with contextlib.suppress(OSError):
                self._process.communicate()
            self._process = None

    @contextlib.contextmanager
    def kept(self) -> Iterator[Self]:
        """Give a block the process, which goes on after it; one that was started by the parent of this process is left alone."""
        if self._process is not None and self._owner != os.getpid():
            self._process = None
        yield self

    def start(self) -> None:
        """Start the process, and let it set a first formula: it loads KaTeX for that. Raises ToolMissingError."""
        if self._process is None:
            self.set([{"tex": "x", "display": False, "macros": {}, "anchors": [], "symbols": []}])

    def set(self, requests: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
        """Return a result for each request, as katex.mjs describes them. Raises ToolMissingError."""
        results: list[dict[str, object]] = []
        for start in range(0, len(requests), _BATCH):
            results += self._ask(requests[start : start + _BATCH])
        return results

    def _ask(self, batch: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
        process = self._process = self._process or self._start()
        if process.stdin is None or process.stdout is None:
            raise ToolMissingError("Node has no pipes")
        try:
            process.stdin.write(json.dumps(batch) + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        except OSError:
            answer = ""
        if not answer:
            said = process.stderr.read()[-500:] if process.stderr else ""
            self.__exit__()
            raise ToolMissingError(f"Node ended while it set formulas: {said.strip() or 'it said nothing'}")
        found: list[dict[str, object]] = json.loads(answer)
        return found

    def _start(self) -> subprocess.Popen[str]:
        node = node_for("KaTeX", katex_version())
        self.started += 1
        self._owner = os.getpid()
        command = [node, str(Path(__file__).with_name("katex.mjs")), str(KATEX / "dist" / "katex.mjs")]
        return subprocess.Popen(  # noqa: S603 - a fixed command
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
        )


def node_for(package: str, version: str) -> str:
    """Return the Node that runs a package of npm's. Raises ToolMissingError where one of the two is not there."""
    node = find_node()
    if node is None or not version:
        raise ToolMissingError(f"{package if node else 'Node'} is not installed: run `make site`, which installs it")
    return node


def find_node() -> str | None:
    """Return the Node on PATH, or the one installed into this environment from PyPI."""
    return shutil.which("node") or shutil.which("node", path=str(Path(sys.executable).parent))
