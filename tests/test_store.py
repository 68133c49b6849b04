"""What a blog remembers: by name, whole or not at all, also from another version of the program."""

from __future__ import annotations

import os
import pickle
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import suppress
from functools import partial
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, cast

import pytest
from msgspec import Struct, defstruct

from sitegen import model
from sitegen.errors import Location, SiteError
from sitegen.keys import digest
from sitegen.model import Figure, Output, Program, Step
from sitegen.pickling import Folded, folded
from sitegen.pipeline import parallel
from sitegen.pipeline.parallel import in_forks
from sitegen.store import KEEP_DAYS, Gathered, Store

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


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


@pytest.mark.parametrize("words", [3, 500])
def test_what_is_damaged_on_the_disk_is_not_believed(words: int) -> None:
    value = Location(" ".join(str(number * number) for number in range(words)), 3, 4)
    with Store(None) as memory:
        memory.remember("stage", "key", value)
        memory.remember_texts("texts", {"key": "a text"})
        memory.commit()
        database = memory._connection
        for stage in ("stage", "texts"):
            ((data,),) = database.execute("SELECT value FROM memory WHERE stage = ?", (stage,))
            for place in range(len(data)):
                other = bytearray(data)
                other[place] ^= 0x84
                database.execute("UPDATE memory SET value = ? WHERE stage = ?", (bytes(other), stage))
                with suppress(sqlite3.DatabaseError):
                    found = memory.recall(stage, "key") if stage == "stage" else memory.recall_texts(stage, ["key"])
                    assert found in (None, {}, value) or words < 10  # what is short has no checksum


def older_step(*fields: tuple[str, type]) -> type[Struct]:
    """Return what a class of the model was in another version."""
    return defstruct("Step", fields, module="sitegen.model")


def test_a_value_of_an_older_version_gets_the_defaults_of_new_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    older = older_step(("raises", bool), ("code", str), ("kind", str), ("gone", int))
    with Store(None) as memory:
        monkeypatch.setattr(model, "Step", older)
        memory.remember("stage", "key", older(True, "1 / 0", "cell", 5))
        monkeypatch.undo()
        assert memory.recall("stage", "key") == Step("1 / 0", "cell", raises=True)


def test_a_value_that_lacks_what_has_no_default_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    older = older_step(("code", str))
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


def test_texts_that_are_much_alike_are_kept_together_and_found_one_by_one(tmp_path: Path) -> None:
    texts = {f"{n:032x}": f'<span class="katex"><span class="katex-mathml">{n}</span></span>' * 20 for n in range(500)}
    path = tmp_path / "store.sqlite"
    with Store(path) as memory:
        memory.remember_texts("formula", texts)
        assert memory.recall_texts("formula", ["none", *list(texts)[:3]]) == dict(list(texts.items())[:3])
    with Store(path) as memory:
        assert memory.recall_texts("formula", texts) == texts
    assert path.stat().st_size < 0.2 * sum(map(len, texts.values()))


def test_what_no_build_used_for_long_is_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "store.sqlite"
    day = 86_400.0 * 20_000

    def at(number: int) -> Store:
        monkeypatch.setattr("time.time", lambda: day + 86_400 * number)
        return Store(path)

    with at(0) as memory:
        memory.remember("stage", "used", 1)
        memory.remember("stage", "unused", 2)
        names = [memory.keep(text) for text in (b"used", b"unused")]
    with at(KEEP_DAYS - 1) as memory:
        assert memory.recall("stage", "used") == 1
        assert memory.has(names[:1])
    with at(KEEP_DAYS + 5) as memory:
        memory.commit()
        assert memory.recall_many("stage", ["used", "unused"]) == {"used": 1}
        assert memory.has(names[:1])
        assert not memory.has(names)


def test_the_least_recently_used_goes_first_when_the_file_is_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "store.sqlite"
    monkeypatch.setattr("sitegen.store.LARGEST", 1_000_000)
    for number in range(20):
        monkeypatch.setattr("time.time", lambda number=number: 86_400.0 * (20_000 + number))
        with Store(path) as memory:
            name = memory.keep(os.urandom(100_000))
    assert path.stat().st_size < 1_100_000
    with Store(path) as memory:
        assert memory.has([name])


def test_a_store_that_is_large_is_looked_through_once_a_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking for what could go, and packing the file, took minutes for each save where all of it was of that day."""
    monkeypatch.setattr("sitegen.store.LARGEST", 1_000_000)
    said: list[str] = []
    with Store(tmp_path / "store.sqlite") as memory:
        for _ in range(60):
            memory.keep(os.urandom(100_000))
        memory.commit()
        memory._connection.set_trace_callback(said.append)
        memory.remember("stage", "key", 1)
        memory.commit()
        assert memory.recall("stage", "key") == 1
    assert not [one for one in said if "total" in one or one.startswith(("DELETE", "VACUUM"))]


@pytest.mark.parametrize("folder", ["blog", "C#", "why?", "100%25"])
def test_a_store_in_a_fork_gives_its_values_to_the_one_it_came_from(tmp_path: Path, folder: str) -> None:
    with Store(tmp_path / folder / "store.sqlite") as memory:
        memory.remember("stage", "durable", 0)
        memory.commit()
        memory.remember("stage", "before", 1)
        name = memory.keep(b"before")
        memory.begin_forks()
        ((seen, gathered),) = in_forks(partial(_in_fork, memory, name), [2], meanwhile=memory.save)
        assert seen == [0, 1, b"before", True]
        assert memory.recall("stage", "after") is None
        assert not gathered.contents
        memory.absorb(gathered)
        assert memory.recall("stage", "after") == 2


def _in_fork(memory: Store, name: str, value: int) -> tuple[object, Gathered]:
    memory.begin_in_fork()
    memory.remember("stage", "after", value)
    memory.keep(b"before")  # which the other has
    seen = [
        memory.recall("stage", "durable"),
        memory.recall("stage", "before"),
        memory.content(name),
        memory.has([name]),
    ]
    return seen, memory.gathered()


def test_copies_find_what_was_given_to_sqlite_and_is_not_durable_yet(tmp_path: Path) -> None:
    with Store(tmp_path / "store.sqlite") as memory:
        names = [memory.keep(os.urandom(200_000)) for _ in range(3)]  # more than waits in memory

        def find(_: int) -> bool:
            memory.begin_in_fork()
            return memory.has(names)

        memory.begin_forks()
        assert in_forks(find, [1]) == [True]


def test_work_on_more_than_copies_do_at_once_is_done_in_rounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "MOST", 5)
    with Store(tmp_path / "store.db") as store:

        def work(batches: Iterable[Sequence[int]]) -> list[int]:
            done = []
            for number in chain.from_iterable(batches):
                store.remember("test", digest(str(number)), number)
                if number >= 10:  # of the round before, all is known
                    assert store.recall("test", digest(str(number - 10))) == number - 10
                done.append(number)
            return done

        shares = parallel.spread(store, work, list(range(43)), 2, worth=4)
        assert sorted(number for share in shares for number in share) == list(range(43))
        assert len(shares) == 10
        known = store.recall_many("test", [digest(str(number)) for number in range(43)])
        assert set(known.values()) == set(range(43))


def test_a_process_that_is_done_takes_what_another_would_do_later(tmp_path: Path) -> None:
    with Store(tmp_path / "store.db") as store:

        def work(batches: Iterable[Sequence[int]]) -> list[int]:
            done = []
            for number in chain.from_iterable(batches):
                time.sleep(number)
                done.append(number)
            return done

        slow, others = sorted(parallel.spread(store, work, [1] + [0] * 99, 2, worth=4, at_once=1), key=len)
        assert (slow, others) == ([1], [0] * 99)


@pytest.mark.parametrize(
    ("items", "at_once", "sizes"),
    [
        (8_000, 1, [4] * 2_000),  # a pipe holds the numbers of as many, on any machine
        (100, None, [50, 50]),
        (3, None, [3]),
        (23, 10, [10, 10, 3]),
    ],
)
def test_batches_are_as_large_as_their_work_asks_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, items: int, at_once: int | None, sizes: list[int]
) -> None:
    monkeypatch.setattr(parallel, "MOST", 4_000)
    with Store(tmp_path / "store.db") as store:

        def work(batches: Iterable[Sequence[int]]) -> list[int]:
            return list(map(len, batches))

        found = chain.from_iterable(parallel.spread(store, work, range(items), 2, worth=24, at_once=at_once))
        assert sorted(found, reverse=True) == sizes


def test_what_is_folded_is_read_when_it_is_asked_for(tmp_path: Path) -> None:
    with Store(tmp_path / "store.sqlite") as memory:
        memory.remember("article", "key", ("first", folded({"deep": Step("1 / 0", "cell")})))
    with Store(tmp_path / "store.sqlite") as memory:
        first, kept = cast("tuple[str, Folded]", memory.recall("article", "key"))
        assert first == "first"
        assert kept.opened() == {"deep": Step("1 / 0", "cell")}


def test_what_is_folded_runs_nothing_either() -> None:
    data = pickle.dumps(("x", print))
    with pytest.raises(pickle.UnpicklingError, match="has no place in the store"):
        Folded(data).opened()


def _find_it_gone(_: int) -> None:
    raise sqlite3.OperationalError("unable to open database file")


def test_a_store_that_is_removed_meanwhile_is_told_as_that_from_a_fork_too() -> None:
    with pytest.raises(sqlite3.OperationalError, match="unable to open"):
        in_forks(_find_it_gone, [1, 2])


def _kill(number: int) -> int:
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_a_fork_that_the_system_ends_is_told_as_that() -> None:
    assert in_forks(_kill, [1, 3]) == [1, 3]
    with pytest.raises(SiteError, match="ended from outside") as told:
        in_forks(_kill, [1, 2, 3])
    assert "--jobs 1" in told.value.hint


def test_no_process_is_ended_by_the_number_of_one_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    gone: list[int] = []
    ended: list[int] = []
    wait, kill = os.waitpid, os.kill

    def waited_for(process: int, options: int) -> tuple[int, int]:
        gone.append(process)
        return wait(process, options)

    def end(process: int, number: int) -> None:
        if process in gone:
            ended.append(process)
        kill(process, number)

    monkeypatch.setattr(os, "waitpid", waited_for)
    monkeypatch.setattr(os, "kill", end)
    with pytest.raises(SiteError, match="ended from outside"):
        in_forks(_kill, [1, 2, 3])
    assert len(gone) == 3
    assert not ended


@pytest.mark.parametrize(("handler", "said"), [("default_int_handler", "stopped\n"), ("SIG_IGN", "[1, 2]\n")])
def test_a_signal_to_a_fork_that_begins_is_none_to_the_build(handler: str, said: str) -> None:
    code = f"""\
import os, signal
from sitegen.pipeline import parallel
signal.signal(signal.SIGINT, signal.{handler})
fork = os.fork
def interrupted():
    process = fork()
    if process == 0:
        os.kill(os.getpid(), signal.SIGINT)
    return process
os.fork = interrupted
try:
    print(parallel.in_forks(lambda number: os.kill(os.getpid(), signal.SIGINT) or number, [1, 2]))
except KeyboardInterrupt:
    print("the build in a copy was stopped")
except parallel.SiteError:
    print("stopped")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == said
