"""What a blog remembers: by name, whole or not at all, also from another version of the program."""

from __future__ import annotations

import dataclasses
import pickle
from pathlib import Path, PurePosixPath

import pytest

from sitegen import model
from sitegen.errors import Location
from sitegen.model import Figure, Output, Program, Step
from sitegen.store import Store


@pytest.mark.parametrize(
    "value",
    [
        (
            Program((Step("1", "cell", size=(1.0, 2.0)),), ("*.csv",)),
            {"a": Output(((Figure(1, 2, "x", themed=True),),))},
        ),
        Location("a.md", 3, 4),
        PurePosixPath("posts/a.md"),
    ],
)
def test_what_is_remembered_is_recalled(value: object) -> None:
    with Store(None) as memory:
        memory.remember("stage", "key", value)
        assert memory.recall("stage", "key") == value


def test_a_value_of_an_older_version_gets_the_defaults_of_new_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    older = dataclasses.make_dataclass(
        "Step",
        [("raises", bool), ("code", str), ("kind", str), ("gone", int)],
        namespace={"__module__": "sitegen.model"},
    )
    with Store(None) as memory:
        monkeypatch.setattr(model, "Step", older)
        memory.remember("stage", "key", older(True, "1 / 0", "cell", 5))
        monkeypatch.undo()
        assert memory.recall("stage", "key") == Step("1 / 0", "cell", raises=True)


def test_a_value_that_lacks_what_has_no_default_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    older = dataclasses.make_dataclass("Step", [("code", str)], namespace={"__module__": "sitegen.model"})
    with Store(None) as memory:
        monkeypatch.setattr(model, "Step", older)
        memory.remember("stage", "key", older("1"))
        monkeypatch.undo()
        assert memory.recall("stage", "key") is None


def test_a_store_that_was_tampered_with_runs_nothing() -> None:
    class Harm:
        def __reduce__(self) -> tuple[object, ...]:
            return Path.unlink, (Path("/"),)

    with Store(None) as memory:
        memory._connection.execute("INSERT INTO memory VALUES ('stage', 'key', ?, 0)", (pickle.dumps(Harm()),))
        assert memory.recall("stage", "key") is None
