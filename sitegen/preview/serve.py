"""Build, serve on this machine, and build again whenever a source is saved."""

from __future__ import annotations

import contextlib
import errno
import logging
import queue
import socket
import threading
import time
from collections.abc import Collection
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace
from watchfiles import Change, DefaultFilter, watch
from watchfiles._rust_notify import WatchfilesRustInternalError
from werkzeug.serving import make_server

from sitegen import unchanged
from sitegen.errors import Location, OutdatedError, SiteError
from sitegen.preview.rebuilder import Rebuilder
from sitegen.preview.site import PreviewSite
from sitegen.project import PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sitegen.model import Build
    from sitegen.pipeline import Options

_OURS = {"_site", "._site.sitegen-new", "._site.sitegen-old", ".sitegen", ".venv", "node_modules", ".git"}
_QUIET = 5  # milliseconds without another change before a build begins: an editor writes a file in less
_REST = 200  # milliseconds without a change before the next build is prepared for
_LONGEST = 100  # milliseconds to wait for that, while a checkout changes hundreds of files


class _Sources(DefaultFilter):
    """What is worth a build: everything but what builds and tools write."""

    def __call__(self, change: Change, path: str) -> bool:
        """Whether a change is one of an author's."""
        return not _OURS & set(Path(path).parts) and super().__call__(change, path)


def serve(root: Path, store_path: Path, options: Options, port: int, say: Callable[[str], None]) -> int:
    """Serve until Ctrl-C. Raises SiteError when the port cannot be used."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with contextlib.ExitStack() as open_things:
        rebuilder: Rebuilder
        site = PreviewSite(lambda name: rebuilder.content(name), root)  # noqa: PLW0108 - the rebuilder comes after it
        stop = threading.Event()
        saved = _Saved([root, *(PROJECT / name for name in ("templates", "assets", "sitegen"))], stop)
        building = _Building(saved, site, say)
        progress = _both(options.progress, site.show_progress)
        wanted = replace(options, progress=progress, meanwhile=building.look)
        building.rebuilder = rebuilder = open_things.enter_context(Rebuilder(root, store_path, wanted, say, site))
        listening = open_things.enter_context(_listen(port))
        port = listening.getsockname()[1]
        server = make_server("127.0.0.1", port, site, threaded=True, fd=listening.fileno())
        address = f"serving http://127.0.0.1:{port}/ (Ctrl-C ends it)"
        serving = threading.Thread(target=server.serve_forever, daemon=True)
        before = _stand_of(root)
        try:
            if unchanged.stands(root, root / "_site"):  # the site of the last build, until this one is done
                site.show_folder(root / "_site")
                serving.start()
                say(address)
                is_done = building.build(None)
            else:  # until there is something to serve no thread stands in the way of copies of this process
                is_done = building.build(None)
                serving.start()
                say(address)
            saved.watch()
            is_ready, is_first = False, True
            while True:
                changes = saved.wait()
                changed = _settled(changes or ())
                # Saved while the first build went on, and nobody watched yet; or while a program ran.
                if not is_done or changes is None or (is_first and before != _stand_of(root)):
                    is_done = building.build(None)
                elif changed:
                    is_done = building.build(changed)
                elif not is_ready:
                    rebuilder.get_ready()
                is_ready, is_first = not changed and changes is not None, False
        except KeyboardInterrupt:
            say("stopped")
        finally:
            stop.set()
            if serving.is_alive():
                server.shutdown()
    return 0


class _Saved:
    """What is saved in some folders, seen by a thread of its own, so that a build that waits can look."""

    def __init__(self, folders: Collection[Path], stop: threading.Event) -> None:
        self._folders = folders
        self._stop = stop
        self._seen = queue.SimpleQueue[Collection[tuple[Change, str]] | BaseException | None]()

    def watch(self) -> None:
        """Begin to look."""
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        try:
            for changes in _watched(self._folders, self._stop):
                self._seen.put(changes)
        except BaseException as error:  # noqa: BLE001 - raised where it is waited for
            self._seen.put(error)

    def wait(self) -> Collection[tuple[Change, str]] | None:
        """Return what was saved, as soon as that is known, or nothing after a while; None where it cannot be said."""
        seen = [self._seen.get()]
        while not self._seen.empty():
            seen.append(self._seen.get())
        for error in seen:
            if isinstance(error, BaseException):
                raise error
        found = [changes for changes in seen if isinstance(changes, Collection)]
        return set(chain.from_iterable(found)) if len(found) == len(seen) else None

    def now(self) -> Collection[tuple[Change, str]] | None:
        """Return what has been saved until now."""
        return () if self._seen.empty() else self.wait()


class _Building:
    """Builds and shows, and says what the author should know; also while a program takes long. rebuilder: is set before the first build."""

    rebuilder: Rebuilder

    def __init__(self, saved: _Saved, site: PreviewSite, say: Callable[[str], None]) -> None:
        self._saved = saved
        self._site = site
        self._say = say
        self._told = set[str]()  # the notes that were said before, and still hold
        self._beside = set[Path]()  # what was saved, and shown, while a program runs
        self._is_behind = False

    def build(self, changed: set[Path] | None) -> bool:
        """Build and show. Returns whether that is the site as it is; it is not where something was saved while a program ran."""
        start = time.perf_counter()
        self._is_behind = False
        try:
            result = self.rebuilder.build(changed)
        except OutdatedError:
            return False
        self._beside.clear()
        if not self._is_behind:
            self._show(result, start)
        return not self._is_behind

    def look(self) -> None:
        """Show what was saved while a program takes long, over the site that stood before, as far as that needs no program."""
        changes = self._saved.now()
        self._is_behind = self._is_behind or changes is None or bool(changes)
        if changed := _settled(changes or ()):
            start = time.perf_counter()
            if result := self.rebuilder.build_beside(self._beside | changed):
                self._beside |= changed
                self._show(result, start)
                self._site.show_progress("run", 0, 1)

    def _show(self, result: Build, start: float) -> None:
        self._site.show(result)
        for note in (*result.notes, *result.efforts):
            if note not in self._told:
                self._say(f"note: {note}")
        if not result.errors:
            self._told = set(result.notes)
        for error in result.errors:
            self._say(f"{error}\n")
        errors = f"{len(result.errors)} error{'s' * (len(result.errors) != 1)}"
        waiting = result.report.get("posts left out")
        rest = f"; not shown: {waiting} (--drafts, --future)" if waiting else ""
        posts = f"{result.report['posts']} post{'s' * (result.report['posts'] != 1)}"
        count = errors if result.errors else f"{posts}{rest}"
        self._say(f"built in {time.perf_counter() - start:.2f} s: {count}")


def _watched(folders: Collection[Path], stop: threading.Event) -> Iterator[Collection[tuple[Change, str]] | None]:
    """Yield what changed in some folders, or nothing where that was long ago; None where it cannot be said.

    Watching begins anew where a name is not UTF-8, and where a folder is another one, or may be read now.
    """
    is_again = False
    while not stop.is_set():
        stood = _stands(folders)
        try:
            for changes in watch(
                *folders,
                watch_filter=_Sources(),
                stop_event=stop,
                debounce=_LONGEST,
                step=_QUIET,
                raise_interrupt=True,
                rust_timeout=_REST,
                yield_on_timeout=True,
                ignore_permission_denied=True,
            ):
                yield None if is_again else changes
                is_again = False
                rights = (path for change, path in changes if change is Change.modified and Path(path).is_dir())
                if any(rights) or stood != _stands(folders):
                    break
        except FileNotFoundError:  # the blog is away
            time.sleep(_REST / 1000)
        except WatchfilesRustInternalError as error:
            if "decode" not in str(error):
                raise
        is_again = True


def _stands(folders: Iterable[Path]) -> list[tuple[int, int]]:
    stats = [folder.stat() if folder.exists() else None for folder in folders]
    return [(stat.st_ino, stat.st_mode) if stat else (0, 0) for stat in stats]


def _listen(port: int) -> socket.socket:
    """Return a socket that listens on this machine. Raises SiteError when the port is taken, or is none for everybody."""
    try:
        return socket.create_server(("127.0.0.1", port), backlog=128)
    except OSError as error:
        why = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be used: {error.strerror}"
        raise SiteError(f"port {port} {why}", Location("serve"), "choose another with --port") from error


def _stand_of(root: Path) -> str:
    """Return the digest of all that a build can see; "" where that is too much to look at."""
    seen = unchanged.look(root, root / "_site", "")
    return seen.digest if seen else ""


def _both(
    one: Callable[[str, int, int], None], other: Callable[[str, int, int], None]
) -> Callable[[str, int, int], None]:
    def tell(stage: str, done: int, total: int) -> None:
        one(stage, done, total)
        other(stage, done, total)

    return tell


def _settled(changes: Collection[tuple[Change, str]]) -> set[Path]:
    """Return what is other than before; a file that came and went again, as editors make them, is not."""
    paths = {Path(path) for _, path in changes}
    came = {Path(path) for change, path in changes if change == Change.added}
    return {path for path in paths if path not in came or path.exists()}
