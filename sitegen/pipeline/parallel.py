"""Work on many values in processes that are copies of this one, so that nothing but results crosses between them.

The work is our own code and no author's: what comes back is trusted.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sqlite3
import sys
import threading
import traceback
from contextlib import contextmanager, suppress
from functools import partial
from math import ceil
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from sitegen.errors import OF_MEMORY, Location, SiteError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from sitegen.store import Gathered, Store

    T = TypeVar("T")
    R = TypeVar("R")

MOST = 1_000  # things for each copy; all that came of them is held in memory until then
AT_ONCE = 10  # things that a process takes at a time
WORTH = 24  # things to do, of a few milliseconds each: for fewer a copy is not worth its 20 ms
_NUMBER = 2  # bytes of the number of a batch
_MOST_BATCHES = 2_000  # whose numbers a pipe holds, of 4,096 bytes at least
_ENDING = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


def spread(
    store: Store,
    work: Callable[[Iterator[Sequence[T]]], R],
    items: Sequence[T],
    workers: int,
    *,
    worth: int = WORTH,
    at_once: int | None = AT_ONCE,
) -> list[R]:
    """Return what `work(batches)` gave in every process; what the work remembers is remembered here.

    A process that has nothing to do takes the next batch, as some posts take a hundred times as long as others; so what comes of
    an item has to say which it is. at_once: items in a batch at most; None where a batch takes long to begin, for one for each
    process. worth: how many items are worth a copy of this process for half of them. Few items are done in this process; so are
    all where copies cannot be made: macOS's libraries forbid it, and so do other threads, whose locks would never open.
    """
    forks = min(workers, 2 * len(items) // worth)
    can_fork = hasattr(os, "fork") and sys.platform != "darwin" and threading.active_count() == 1
    if len(items) < worth or forks < 2 or not can_fork:
        if len(items) >= worth:
            gc.enable()  # the command switches it off, for builds that do little
        return [work(iter(_batches(items, at_once or len(items))))] if items else []

    def in_fork(batches: Iterator[Sequence[T]]) -> tuple[R, Gathered]:
        store.begin_in_fork()
        return work(batches), store.gathered()

    results = []
    for start in range(0, len(items), forks * MOST):
        some = items[start : start + forks * MOST]
        store.begin_forks()
        size = min(at_once, ceil(len(some) / (4 * forks))) if at_once else ceil(len(some) / forks)
        with _dealt(_batches(some, max(size, ceil(len(some) / _MOST_BATCHES)))) as batches:
            for result, gathered in in_forks(in_fork, [batches] * forks, meanwhile=store.save):
                store.absorb(gathered)
                results.append(result)
    return results


def _batches(items: Sequence[T], size: int) -> list[Sequence[T]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


@contextmanager
def _dealt(batches: Sequence[Sequence[T]]) -> Iterator[Iterator[Sequence[T]]]:
    """Give a block an iterator that copies of this process share: each batch goes to the first that asks, by its number in a pipe."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb", buffering=0) as numbers:
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(b"".join(number.to_bytes(_NUMBER) for number in range(len(batches))))
        yield (batches[int.from_bytes(number)] for number in iter(partial(numbers.read, _NUMBER), b""))


def in_forks(work: Callable[[T], R], shares: Sequence[T], *, meanwhile: Callable[[], object] = lambda: None) -> list[R]:
    """Return `work(share)` of every share, each done in a copy of this process. Raises RuntimeError when one fails, SiteError when it is ended.

    meanwhile: what this process does while they work.
    """
    started: list[tuple[int, int]] = []
    results: list[R] = []
    # A signal that a copy takes for one to this process would end the build there, too, with all that it cleans up.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    gc.freeze()  # else looking for garbage would touch, and so copy, all memory in every process
    try:
        for share in shares:
            started.append(_start(work, share, before))  # noqa: PERF401 - those that started are ended where one does not
        gc.unfreeze()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        meanwhile()
        while started:
            process, place = started[0]
            with os.fdopen(place, "rb") as pipe:
                data = pipe.read()
            _, status = os.waitpid(process, 0)
            del started[0]  # its number may be another's from now on
            results.append(_result(data, status))
    except BaseException:
        for process, _ in started:
            with suppress(OSError):
                os.kill(process, signal.SIGKILL)
                os.waitpid(process, 0)
        raise
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return results


def _result(data: bytes, status: int) -> Any:  # noqa: ANN401 - whatever the work returned
    if status:
        hint = f"{OF_MEMORY}, of which `--jobs 1` takes less"
        raise SiteError("a process that does a part of the build was ended from outside", Location("the system"), hint)
    done, found = pickle.loads(data)  # noqa: S301 - our own
    if isinstance(found, (OSError, sqlite3.Error)) and not done:
        raise found
    if not done:
        message = f"a process that does a part of the build failed:\n{found}"
        raise RuntimeError(message)
    return found


def _start(work: Callable[[T], R], share: T, mask: Collection[int]) -> tuple[int, int]:
    reading, writing = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    process = os.fork()
    if process == 0:
        os.close(reading)
        _work(work, share, writing, mask)
    os.close(writing)
    return process, reading


def _work(work: Callable[[T], R], share: T, writing: int, mask: Collection[int]) -> NoReturn:
    """Do a share in this process and end it, whatever happens."""
    gc.enable()
    gc.set_threshold(50_000, 20, 20)
    for number in _ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as in the background, or under nohup
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    try:
        data = pickle.dumps((True, work(share)), protocol=5)
    except (OSError, sqlite3.Error) as error:
        data = pickle.dumps((False, error))
    except BaseException:  # noqa: BLE001 - our own mistake: the parent shows it
        data = pickle.dumps((False, traceback.format_exc()))
    with suppress(OSError), os.fdopen(writing, "wb") as pipe:
        pipe.write(data)
    os._exit(0)
