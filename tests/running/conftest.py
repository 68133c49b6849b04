"""A small blog, and what it takes to run programs in it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from sitegen.config import Limits
from sitegen.errors import Location
from sitegen.model import Failure, Figure, Job, Output, Program, Step
from sitegen.running import client
from sitegen.running.execute import execute
from sitegen.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sitegen.model import Execution, Result


@dataclass
class Blog:
    """A folder, a store, and the limits of its programs."""

    root: Path
    store: Store
    limits: Limits = field(default_factory=lambda: Limits(timeout=20))
    variables: tuple[str, ...] = ()

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def job(
        self, *codes: str | Step, path: str = "posts/a/index.md", freeze: bool = False, depends: tuple[str, ...] = ()
    ) -> Job:
        """Return a job of cells; a code that begins with `=` is a value. Its steps stand at the lines 10, 20, ..."""
        steps = tuple(
            code
            if isinstance(code, Step)
            else Step(code.removeprefix("="), "value" if code.startswith("=") else "cell")
            for code in codes
        )
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).touch()
        places = tuple(Location(path, 10 * number + 10) for number in range(len(steps)))
        return Job(PurePosixPath(path), Program(steps, depends), places, freeze)

    def execute(self, *jobs: Job, **options: Any) -> list[Execution]:
        options = {"on_done": lambda _: None, "workers": 2, "variables": self.variables, **options}
        return execute(jobs, root=self.root, limits=self.limits, store=self.store, **options)

    def results(self, *codes: str | Step, **options: Any) -> list[Result]:
        """Return the results of the last step of a program that must succeed."""
        (execution,) = self.execute(self.job(*codes, **options))
        assert isinstance(execution.outcome, Output), execution.outcome
        return list(execution.outcome.steps[-1])

    def failure(self, *codes: str | Step, **limits: Any) -> Failure:
        """Return the failure of a program, beside which two others run that must succeed."""
        self.limits = replace(self.limits, **limits)
        before, bad, after = self.execute(
            self.job("1 + 1", path="posts/b/index.md"), self.job(*codes), self.job("2 + 2", path="posts/c/index.md")
        )
        assert isinstance(before.outcome, Output)
        assert isinstance(after.outcome, Output)
        assert isinstance(bad.outcome, Failure), bad.outcome
        return bad.outcome

    def svg(self, *codes: str | Step) -> str:
        (figure,) = [result for result in self.results(*codes) if isinstance(result, Figure)]
        return self.store.content(figure.svg).decode()


def left_running() -> list[str]:
    """Return the command lines of processes that come from the fork server and are not over."""
    server = client._server
    if server is None:
        return []
    parents: dict[int, int] = {}
    names: dict[int, str] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
                names[int(entry.name)] = (
                    (entry / "cmdline").read_bytes().decode(errors="replace") if state != "Z" else ""
                )
                parents[int(entry.name)] = int(parent)
            except OSError:
                continue
    found, waiting = [], [server._process.pid]
    while waiting:
        oldest = waiting.pop()
        children = [process for process, its in parents.items() if its == oldest]
        waiting += children
        found += [names[child] for child in children if names[child]]
    return found


@pytest.fixture
def blog(tmp_path: Path) -> Iterator[Blog]:
    root = tmp_path / "blog"
    root.mkdir()
    with Store(tmp_path / "memory" / "store.db") as store:
        yield Blog(root, store)
    for _ in range(100):  # a supervisor may be at its last instructions
        if not (left := left_running()):
            break
        time.sleep(0.02)
    assert not left


@pytest.fixture(scope="session", autouse=True)
def _no_server_remains() -> Iterator[None]:
    yield
    client.close()
