"""Build, serve on this machine, and build again whenever a source is saved."""

from __future__ import annotations

import contextlib
import errno
import logging
import socket
import threading
import time
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
    from collections.abc import Callable, Collection, Iterable, Iterator

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
        wanted = replace(options, progress=_both(options.progress, site.show_progress))
        rebuilder = open_things.enter_context(Rebuilder(root, store_path, wanted, say, site))
        listening = open_things.enter_context(_listen(port))
        port = listening.getsockname()[1]
        server = make_server("127.0.0.1", port, site, threaded=True, fd=listening.fileno())
        stop = threading.Event()
        address = f"serving http://127.0.0.1:{port}/ (Ctrl-C ends it)"
        serving = threading.Thread(target=server.serve_forever, daemon=True)
        before = _stand_of(root)
        told: set[str] = set()
        try:
            if unchanged.stands(root, root / "_site"):  # the site of the last build, until this one is done
                site.show_folder(root / "_site")
                serving.start()
                say(address)
                is_done = _build(rebuilder, None, site, say, told)
            else:  # until there is something to serve no thread stands in the way of copies of this process
                is_done = _build(rebuilder, None, site, say, told)
                serving.start()
                say(address)
            folders = [root, *(PROJECT / name for name in ("templates", "assets", "sitegen"))]
            is_ready, is_first = False, True
            for changes in _watched(folders, stop):
                changed = _settled(changes or ())
                # Saved while the first build went on, and nobody watched yet; or while a program ran, which was stopped.
                if not is_done or changes is None or (is_first and before != _stand_of(root)):
                    is_done = _build(rebuilder, None, site, say, told)
                elif changed:
                    is_done = _build(rebuilder, changed, site, say, told)
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


def _build(
    rebuilder: Rebuilder, changed: set[Path] | None, site: PreviewSite, say: Callable[[str], None], told: set[str]
) -> bool:
    """Build, show, and say what the author should know. told: the notes that were said before, and still hold.

    Returns whether it came to an end; it did not where a post was saved while its program ran.
    """
    start = time.perf_counter()
    try:
        result = rebuilder.build(changed)
    except OutdatedError:
        return False
    site.show(result)
    for note in (*result.notes, *result.efforts):
        if note not in told:
            say(f"note: {note}")
    if not result.errors:
        told.clear()
        told.update(result.notes)
    for error in result.errors:
        say(f"{error}\n")
    errors = f"{len(result.errors)} error{'s' * (len(result.errors) != 1)}"
    waiting = result.report.get("posts left out")
    rest = f"; not shown: {waiting} (--drafts, --future)" if waiting else ""
    posts = f"{result.report['posts']} post{'s' * (result.report['posts'] != 1)}"
    count = errors if result.errors else f"{posts}{rest}"
    say(f"built in {time.perf_counter() - start:.2f} s: {count}")
    return True
