"""Content-addressed memory in one SQLite file: what a stage gave for a key, and contents by their digest.

A key must name everything that its stage can see; the store never guesses. A store that cannot be read is set aside
and begun anew: nothing in it is more than time saved.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import AbstractContextManager, contextmanager
from itertools import accumulate
from typing import TYPE_CHECKING, cast

from msgspec import Struct

from sitegen.keys import digest
from sitegen.pickling import UNKNOWN, pickled, unpickled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from zstandard import ZstdDecompressor

    from sitegen.model import Digest

LAYOUT = 5
PACK = 16  # texts compressed together: 24,000 formulas take 5.6 MB so, 1.7 in packs of thousands, of which one reads all for one
LARGEST = 1_000_000_000  # bytes on disk before the least recently used is forgotten
KEEP_DAYS = 30  # without use, before something is forgotten in any case
MOST_WAITING = 250_000  # bytes of new contents before they are given to SQLite: memory must not grow with the figures
# Stages whose keys name the code that made the value, and the model's.
OF_CODE = frozenset({"post", "article", "wanted", "left"})

_TABLES = """
CREATE TABLE IF NOT EXISTS memory (stage TEXT, key TEXT, value BLOB, used INTEGER, PRIMARY KEY (stage, key));
CREATE TABLE IF NOT EXISTS content (digest TEXT PRIMARY KEY, value BLOB, used INTEGER);
"""


class ForgottenError(sqlite3.DatabaseError):
    """What was remembered is not there any more: somebody removed it, or it is damaged."""

    def __str__(self) -> str:
        """Return what it says; its argument is a digest."""
        return f"{self.args[0]} is not in it any more"


class Gathered(Struct):
    """What a store was given since its last commit. Note: mutable. touched: (stage or "" for a content, key), used today."""

    values: dict[tuple[str, Digest], bytes] = {}
    contents: dict[Digest, bytes] = {}
    touched: set[tuple[str, str]] = set()


class Store(AbstractContextManager["Store"]):
    """The memory of one blog; `Store(None)` forgets everything at the end.

    Used from one thread at a time. Writes become durable at `commit`, or when the `with` block is left, also by Ctrl-C.
    What is kept is compressed: the HTML of formulas to a tenth.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.note = ""
        self._today = int(time.time()) // 86_400
        self._new = Gathered()
        self._before = Gathered()  # in a copy of the process: what was new in the one that it is a copy of
        self._waiting = 0  # bytes of new contents
        self._is_copy = False
        import zstandard  # noqa: PLC0415 - only where a store is opened: programs, which are imported beside it, see what is loaded

        self._compress = zstandard.ZstdCompressor(level=3, write_checksum=True).compress
        self._decompressor = zstandard.ZstdDecompressor()  # for one thread: readers of contents may be others
        try:
            self._connection = _open(path)
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # SQLite quotes what is damaged
            if path is None or isinstance(error, sqlite3.OperationalError):
                raise
            aside = path.with_suffix(".damaged")
            path.replace(aside)
            self.note = (
                f"the store {path.name} was damaged ({error}); it is kept as {aside.name} and a new one is begun"
            )
            self._connection = _open(path)
        self._inode = _inode(path)

    def __exit__(self, *exception: object) -> None:
        """Keep what was remembered, whatever ended the block."""
        self.close()

    def recall(self, stage: str, key: Digest) -> object:
        """Return what was remembered for a key, or None."""
        return self.recall_many(stage, [key]).get(key)

    def recall_many(self, stage: str, keys: Iterable[Digest]) -> dict[Digest, object]:
        """Return what was remembered for those of the keys that are known."""
        found: dict[Digest, object] = {}
        for key, data in self._rows(stage, keys):
            try:
                whole = _expanded(data, self._decompressor) if data[:4] == _PRESSED else data
                found[key] = unpickled(whole)
            except UNKNOWN:
                continue  # written by another version of the model, or damaged: not known any more
        return found

    def _rows(self, stage: str, keys: Iterable[Digest]) -> Iterator[tuple[Digest, bytes]]:
        waiting = []
        for key in keys:
            data = self._new.values.get((stage, key)) or self._before.values.get((stage, key))
            if data is None:
                waiting.append(key)
            else:
                yield key, data
        for start in range(0, len(waiting), 500):
            some = waiting[start : start + 500]
            marks = ",".join("?" * len(some))
            query = f"SELECT key, value, used FROM memory WHERE stage = ? AND key IN ({marks})"  # noqa: S608 - marks only
            for key, value, used in self._connection.execute(query, (stage, *some)):
                if used != self._today:
                    self._new.touched.add((stage, key))
                yield key, value

    def remember(self, stage: str, key: Digest, value: object) -> None:
        """Remember a value of the model for a key."""
        written = pickled(value, of_code=stage in OF_CODE)
        self._new.values[stage, key] = self._pressed(written) if len(written) > 400 else written

    def remember_texts(self, stage: str, texts: Mapping[Digest, str]) -> None:
        """Remember texts that are much alike; some are compressed together, with their lengths in a first line."""
        keys = list(texts)
        for start in range(0, len(keys), PACK):
            some = keys[start : start + PACK]
            inside = [texts[key] for key in some]
            pack = self.keep("".join([" ".join(str(len(text)) for text in inside), "\n", *inside]).encode())
            self._new.values.update(((stage, key), f"{pack} {place}".encode()) for place, key in enumerate(some))

    def recall_texts(self, stage: str, keys: Iterable[Digest]) -> dict[Digest, str]:
        """Return those of the texts that are known."""
        wanted: dict[Digest, list[tuple[Digest, int]]] = {}
        for key, value in self._rows(stage, keys):
            pack, _, place = value.decode("ascii", "replace").partition(" ")
            wanted.setdefault(pack, []).append((key, int(place) if place.isdecimal() else -1))
        found: dict[Digest, str] = {}
        for pack, asked in wanted.items():
            if self.has([pack]):
                lengths, _, text = self.content(pack).decode().partition("\n")
                starts = [0, *accumulate(map(int, lengths.split()))]
                found.update(
                    (key, text[starts[place] : starts[place + 1]])
                    for key, place in asked
                    if 0 <= place < len(starts) - 1
                )
        return found

    def keep(self, content: bytes) -> Digest:
        """Keep a content and return the digest that names it."""
        name = digest(content)
        if name not in self._new.contents and not self.has([name]):
            self._new.contents[name] = pressed = self._pressed(content)
            self._waiting += len(pressed)
            if self._waiting > MOST_WAITING and not self._is_copy:
                self._write()
        return name

    def _pressed(self, data: bytes) -> bytes:
        """Return data compressed; as a copy, since what zstd returns keeps the room that it was given, ten times as much."""
        return bytes(memoryview(self._compress(data)))

    def content(self, name: Digest) -> bytes:
        """Return a kept content. Raises ForgottenError."""
        data = self._new.contents.get(name) or self._before.contents.get(name)
        if data is None:
            row = self._connection.execute("SELECT value FROM content WHERE digest = ?", (name,)).fetchone()
            if row is None:
                raise ForgottenError(name)
            data = cast("bytes", row[0])
        return _expanded(data)

    def recall_content(self, stage: str, key: Digest) -> Digest | None:
        """Return the name of a content that is remembered for a key, where the content is still there."""
        known = cast("Digest | None", self.recall(stage, key))
        return known if known is not None and self.has([known]) else None

    def has(self, names: Iterable[Digest]) -> bool:
        """Whether all these contents are there; using them keeps them from being forgotten."""
        new, before = self._new.contents, self._before.contents
        waiting = [name for name in dict.fromkeys(names) if name not in new and name not in before]
        found = 0
        for start in range(0, len(waiting), 500):
            some = waiting[start : start + 500]
            marks = ",".join("?" * len(some))
            query = f"SELECT digest, used FROM content WHERE digest IN ({marks})"  # noqa: S608 - marks only
            for name, used in self._connection.execute(query, some):
                found += 1
                if used != self._today:
                    self._new.touched.add(("", name))
        return found == len(waiting)

    def begin_in_fork(self) -> None:
        """Begin anew in a process that is a copy of the one that opened the store: SQLite allows no file to be shared so."""
        self._before, self._new = self._new, Gathered()
        self._is_copy = True
        if self.path is not None:
            _left_alone.append(self._connection)  # closing it would end what the other process is about
            self._connection = sqlite3.connect(f"{self.path.absolute().as_uri()}?mode=ro", uri=True, timeout=30)

    def gathered(self) -> Gathered:
        """Return what was given since the last commit."""
        return self._new

    def absorb(self, gathered: Gathered) -> None:
        """Take what the store of another process was given."""
        self._new.values.update(gathered.values)
        self._new.contents.update(gathered.contents)
        self._new.touched |= gathered.touched

    def commit(self) -> None:
        """Make durable what was remembered, and forget the old."""
        self.save()
        if self.path is not None:
            self._forget(self.path)

    def begin_forks(self) -> None:
        """Let copies of this process find all: in the file, which they open anew, or in their own memory."""
        if self._connection.in_transaction:
            self.save()

    def save(self) -> None:
        """Make durable what was remembered; nothing is forgotten that another process may be about to read."""
        self._write()
        self._connection.commit()

    def _write(self) -> None:
        """Give SQLite what is new; it is durable when it is committed."""
        run = self._connection.executemany
        new, today = self._new, self._today
        run("REPLACE INTO memory VALUES (?, ?, ?, ?)", ((*place, value, today) for place, value in new.values.items()))
        run(
            "INSERT OR IGNORE INTO content VALUES (?, ?, ?)",
            ((name, data, today) for name, data in new.contents.items()),
        )
        run(
            "UPDATE memory SET used = ? WHERE stage = ? AND key = ?",
            ((today, *place) for place in new.touched if place[0]),
        )
        run("UPDATE content SET used = ? WHERE digest = ?", ((today, name) for stage, name in new.touched if not stage))
        self._new = Gathered()
        self._waiting = 0

    def _forget(self, path: Path) -> None:
        """Forget once a day what no build has used for long, and the least recently used when the file is large."""
        (swept,) = self._connection.execute("PRAGMA application_id").fetchone()
        if swept == self._today:  # what was used today stays, however much it is
            return
        oldest = self._today - KEEP_DAYS
        is_large = path.exists() and path.stat().st_size > LARGEST
        if is_large:
            values = "SELECT used, value FROM memory UNION ALL SELECT used, value FROM content"
            query = f"SELECT used, total(length(value)) FROM ({values}) GROUP BY used ORDER BY used DESC"  # noqa: S608 - two names of ours
            days = self._connection.execute(query).fetchall()
            sizes = accumulate(size for _, size in days)
            kept = [used for (used, _), size in zip(days, sizes, strict=True) if size < 0.8 * LARGEST]
            oldest = max(oldest, min(kept, default=self._today))
        gone = [
            self._connection.execute(f"DELETE FROM {table} WHERE used < ?", (oldest,)).rowcount  # noqa: S608 - as above
            for table in ("memory", "content")
        ]
        self._connection.execute(f"PRAGMA application_id={self._today}")
        self._connection.commit()
        if is_large and any(gone):
            self._connection.execute("VACUUM")

    @contextmanager
    def tentative(self) -> Iterator[None]:
        """Forget at the end of the block what was remembered in it: for a look at what a build would do."""
        self.commit()
        try:
            yield
        finally:
            self._new = Gathered()
            self._connection.rollback()

    def stands(self) -> bool:
        """Whether the file is still the one that was opened: `build.py clean` elsewhere removes it, a checkout replaces it."""
        return _inode(self.path) == self._inode

    def abandon(self) -> None:
        """Let go of the file, and of what was not committed."""
        self._connection.close()

    def close(self) -> None:
        """Commit and let go of the file."""
        try:
            self.commit()
        finally:
            self._connection.close()


def open_store(path: Path) -> Store:
    """Open a blog's memory; where none can be kept, one that forgets at the end."""
    try:
        return Store(path)
    except (sqlite3.Error, OSError) as error:
        return forgetful(path, error)


def is_hindered(error: sqlite3.Error) -> bool:
    """Whether what an error says is of the disk and who may use it (full, locked, read-only), not of what the file holds."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF
    return code in {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
    }


def forgetful(path: Path, error: Exception) -> Store:
    """Return a store that forgets at the end, with a note that says why."""
    store = Store(None)
    store.note = f"nothing is remembered: {path} cannot be used ({error})"
    return store


def set_aside(path: Path) -> None:
    """Keep a damaged store under another name, out of the way of a new one."""
    for name in ("", "-wal", "-shm"):
        damaged = path.with_name(path.name + name)
        if damaged.exists():
            damaged.replace(path.with_name(f"damaged{name}"))


def _inode(path: Path | None) -> int:
    try:
        return path.stat().st_ino if path else 0
    except OSError:
        return -1


_PRESSED = b"\x28\xb5\x2f\xfd"  # how zstd begins
_left_alone: list[sqlite3.Connection] = []


def _expanded(data: bytes, decompressor: ZstdDecompressor | None = None) -> bytes:
    """Return what was compressed. Raises sqlite3.DatabaseError when that is damaged, as SQLite does for the rest."""
    import zstandard  # noqa: PLC0415 - as above

    try:
        return (decompressor or zstandard.ZstdDecompressor()).decompress(data)
    except (zstandard.ZstdError, MemoryError) as error:  # the second where the length is what is damaged
        raise sqlite3.DatabaseError(str(error)) from error


def _open(path: Path | None) -> sqlite3.Connection:
    if path is not None:
        path.parent.mkdir(exist_ok=True)  # and no blog that is away
    connection = sqlite3.connect(path or ":memory:", timeout=30, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        (layout,) = connection.execute("PRAGMA user_version").fetchone()
        if layout not in {0, LAYOUT}:
            connection.executescript("DROP TABLE IF EXISTS memory; DROP TABLE IF EXISTS content; VACUUM;")
        connection.executescript(_TABLES)
        connection.execute(f"PRAGMA user_version={LAYOUT}")
    except (sqlite3.Error, UnicodeDecodeError):  # SQLite quotes what is damaged
        connection.close()
        raise
    return connection
