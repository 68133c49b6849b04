"""What all tests share: the `--update-golden` switch, and comparing with what is expected."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
FAILURES = HERE / "failures"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write what came out as what is expected")


def pytest_configure() -> None:
    """Let Ctrl-C end what the tests start, also where the tests run in the background, which inherits it ignored.

    No property is held against a clock: a machine that is busy would fail it. The examples of a property are the same in
    every run, so that a change is judged by what it changes; `HYPOTHESIS_PROFILE=search` looks for new ones, and for more.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    hypothesis.settings.register_profile("same", deadline=None, derandomize=True, max_examples=20)
    hypothesis.settings.register_profile("search", deadline=None)
    hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Compare a text with a file; on a mismatch what came out is left in tests/failures/."""

    def compare(expected: Path, actual: str) -> None:
        if request.config.getoption("--update-golden") and not os.environ.get("CI"):
            expected.parent.mkdir(parents=True, exist_ok=True)
            expected.write_text(actual, encoding="utf-8")
            return
        assert expected.exists(), f"{expected} is missing: run `make golden` and look at what it writes"
        if expected.read_text(encoding="utf-8") != actual:
            aside = FAILURES / expected.relative_to(HERE)
            aside.parent.mkdir(parents=True, exist_ok=True)
            aside.write_text(actual, encoding="utf-8")
            assert actual == expected.read_text(encoding="utf-8"), f"see {aside}"

    return compare
