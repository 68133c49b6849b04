"""Content-addressed memory in one SQLite file: what a stage gave for a key, and contents by their digest.

A key must name everything that its stage can see; the store never guesses. A store that cannot be read is set aside
and begun anew: nothing in it is more than time saved.
"""

from __future__ import annotations

import hashlib
import io
import pickle
import re
import sqlite3
import sys
import time
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sitegen.model import Digest

LAYOUT = 2
LARGEST = 1_000_000_000  # bytes on disk before what has not been used lately is forgotten
KEEP_DAYS = 30

_TABLES = """
CREATE TABLE IF NOT EXISTS memory (stage TEXT, key TEXT, value BLOB, used INTEGER, PRIMARY KEY (stage, key));
CREATE TABLE IF NOT EXISTS content (digest TEXT PRIMARY KEY, value BLOB, used INTEGER);
"""


def digest(*parts: str | bytes) -> Digest:
    """Return the digest of a sequence of parts; ("ab", "c") and ("a", "bc") differ."""
    whole = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        whole.update(b"%d:" % len(data))
        whole.update(data)
    return whole.hexdigest()[:32]


@cache
def digest_of_code(*folders: str) -> Digest:
    """Return the digest of sitegen's own source files in these folders of the package, so that an upgrade recomputes.

    A name ending in .py is one file; "" is the package's own modules.
    """
    package = Path(__file__).parent
    files = []
    for name in folders:
        place = package / name
        files += [place] if place.is_file() else sorted(place.glob("*.py")) + sorted(place.glob("*.mjs"))
    return digest(*(part for file in files for part in (file.name, file.read_bytes())))


@cache
def installed_versions() -> Mapping[str, str]:
    """Return the version of every installed distribution, by its normalised name (`markdown-it-py`).

    Read from the names of the folders that pip makes: importlib.metadata would parse every file of metadata.
    """
    versions: dict[str, str] = {}
    for folder in sys.path:
        path = Path(folder)
        if not folder or not path.is_dir():
            continue
        for entry in sorted(path.iterdir()):
            match = re.fullmatch(r"(.+?)-([^-]+)(?:-py[\d.]+)?\.(?:dist|egg)-info", entry.name)
            if match:
                versions.setdefault(re.sub(r"[-_.]+", "-", match[1]).lower(), match[2])
    return versions


def versions_of(*names: str) -> str:
    """Return `name=version` of these distributions, for use in a key."""
    return " ".join(f"{name}={installed_versions().get(name, 'absent')}" for name in names)


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(part.name for part in fields(kind))


def remade(kind: type, values: Mapping[str, object]) -> object:
    """Return a value of the model from its fields: what another version wrote lacks new ones, which take their defaults.

    Raises TypeError when there is no default; then the value is not known any more.
    """
    return kind(**{name: values[name] for name in _names(kind) if name in values})


class _Pickler(pickle.Pickler):
    """Writes values of the model by the names of their fields; by position, another version would read them shifted."""

    def reducer_override(self, value: object) -> Any:  # noqa: ANN401 - as in the base class
        """Return how a dataclass is made again; all else as usual."""
        if is_dataclass(value) and not isinstance(value, type):
            return remade, (type(value), {name: getattr(value, name) for name in _names(type(value))})
        return NotImplemented


class _Unpickler(pickle.Unpickler):
    """Loads our own values only: a store that was tampered with runs nothing."""

    def find_class(self, module: str, name: str) -> object:
        """Refuse everything but classes of the model, settings, errors, dates and paths."""
        if (module, name) == (__name__, remade.__name__):
            return remade
        known = module in {"sitegen.model", "sitegen.config", "sitegen.errors", "datetime"}
        if (known or module.partition(".")[0] == "pathlib") and "." not in name:  # `Path.unlink` is no class
            found = super().find_class(module, name)
            if isinstance(found, type):
                return found
        message = f"{module}.{name} has no place in the store"
        raise pickle.UnpicklingError(message)


class Store:
    """The memory of one blog; `Store(None)` forgets everything at the end.

    Used from one thread at a time. Writes become durable at `commit`, or when the `with` block is left, also by Ctrl-C.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.note = ""
        self._today = int(time.time()) // 86_400
        self._touched: set[tuple[str, str]] = set()
        try:
            self._connection = _open(path)
        except sqlite3.DatabaseError as error:
            if path is None or isinstance(error, sqlite3.OperationalError):
                raise
            aside = path.with_suffix(".damaged")
            path.replace(aside)
            self.note = (
                f"the store {path.name} was damaged ({error}); it is kept as {aside.name} and a new one is begun"
            )
            self._connection = _open(path)

    def __enter__(self) -> Self:
        """Return the store."""
        return self

    def __exit__(self, *exception: object) -> None:
        """Keep what was remembered, whatever ended the block."""
        self.close()

    def recall(self, stage: str, key: Digest) -> object:
        """Return what was remembered for a key, or None."""
        return self.recall_many(stage, [key]).get(key)

    def recall_many(self, stage: str, keys: Iterable[Digest]) -> dict[Digest, object]:
        """Return what was remembered for those of the keys that are known."""
        found: dict[Digest, object] = {}
        waiting = list(keys)
        for start in range(0, len(waiting), 500):
            some = waiting[start : start + 500]
            marks = ",".join("?" * len(some))
            query = f"SELECT key, value, used FROM memory WHERE stage = ? AND key IN ({marks})"  # noqa: S608 - marks only
            for key, value, used in self._connection.execute(query, (stage, *some)):
                try:
                    found[key] = _Unpickler(io.BytesIO(value)).load()
                except (pickle.UnpicklingError, AttributeError, TypeError, EOFError, IndexError, ImportError):
                    continue  # written by another version of the model: not known any more
                if used != self._today:
                    self._touched.add((stage, key))
        return found

    def remember(self, stage: str, key: Digest, value: object) -> None:
        """Remember a value of the model for a key."""
        data = io.BytesIO()
        _Pickler(data, protocol=5).dump(value)
        self._connection.execute("REPLACE INTO memory VALUES (?, ?, ?, ?)", (stage, key, data.getvalue(), self._today))

    def keep(self, content: bytes) -> Digest:
        """Keep a content and return the digest that names it."""
        name = digest(content)
        self._connection.execute("INSERT OR IGNORE INTO content VALUES (?, ?, ?)", (name, content, self._today))
        return name

    def content(self, name: Digest) -> bytes:
        """Return a kept content. Raises KeyError when it is not there."""
        row = self._connection.execute("SELECT value FROM content WHERE digest = ?", (name,)).fetchone()
        if row is None:
            raise KeyError(name)
        return cast("bytes", row[0])

    def has(self, names: Iterable[Digest]) -> bool:
        """Whether all these contents are there; using them keeps them from being forgotten."""
        for name in names:
            row = self._connection.execute("SELECT used FROM content WHERE digest = ?", (name,)).fetchone()
            if row is None:
                return False
            if row[0] != self._today:
                self._touched.add(("", name))
        return True

    def commit(self) -> None:
        """Make durable what was remembered, and forget the old when the file is large."""
        for stage, key in self._touched:
            if stage:
                self._connection.execute(
                    "UPDATE memory SET used = ? WHERE stage = ? AND key = ?", (self._today, stage, key)
                )
            else:
                self._connection.execute("UPDATE content SET used = ? WHERE digest = ?", (self._today, key))
        self._touched.clear()
        self._connection.commit()
        if self.path is not None and self.path.stat().st_size > LARGEST:
            for table in ("memory", "content"):
                self._connection.execute(
                    f"DELETE FROM {table} WHERE used < ?",  # noqa: S608 - two names of ours
                    (self._today - KEEP_DAYS,),
                )
            self._connection.commit()
            self._connection.execute("VACUUM")

    @contextmanager
    def tentative(self) -> Iterator[None]:
        """Forget at the end of the block what was remembered in it: for a look at what a build would do."""
        self.commit()
        try:
            yield
        finally:
            self._connection.rollback()
            self._touched.clear()

    def close(self) -> None:
        """Commit and let go of the file."""
        self.commit()
        self._connection.close()


def _open(path: Path | None) -> sqlite3.Connection:
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path or ":memory:", timeout=30, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    (layout,) = connection.execute("PRAGMA user_version").fetchone()
    if layout not in {0, LAYOUT}:
        connection.executescript("DROP TABLE IF EXISTS memory; DROP TABLE IF EXISTS content;")
    connection.executescript(_TABLES)
    connection.execute(f"PRAGMA user_version={LAYOUT}")
    return connection
