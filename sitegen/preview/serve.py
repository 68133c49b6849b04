"""Build, serve on this machine, and build again whenever a source is saved."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from watchfiles import DefaultFilter, watch
from werkzeug.serving import make_server

from sitegen.errors import Location, SiteError
from sitegen.pipeline import build
from sitegen.preview.site import PreviewSite
from sitegen.store import Store
from sitegen.typesetting.katex import PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable

    from watchfiles import Change

    from sitegen.pipeline import Options

_OURS = {"_site", "._site.sitegen-new", "._site.sitegen-old", ".sitegen", ".venv", "node_modules", ".git"}


class _Sources(DefaultFilter):
    """What is worth a build: everything but what builds and tools write."""

    def __call__(self, change: Change, path: str) -> bool:
        """Whether a change is one of an author's."""
        return not _OURS & set(Path(path).parts) and super().__call__(change, path)


def serve(root: Path, store_path: Path, options: Options, port: int, say: Callable[[str], None]) -> int:
    """Serve until Ctrl-C. Raises SiteError when the port is taken."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with Store(store_path) as store:
        site = PreviewSite(store)
        try:
            server = make_server("127.0.0.1", port, site, threaded=True)
        except (OSError, SystemExit) as error:
            raise SiteError(f"port {port} is taken", Location("serve"), "choose another with --port") from error
        threading.Thread(target=server.serve_forever, daemon=True).start()
        stop = threading.Event()
        try:
            _build_once(root, store, options, site, say)
            say(f"serving http://127.0.0.1:{server.server_port}/ (Ctrl-C ends it)")
            folders = [root, *(PROJECT / name for name in ("templates", "assets", "sitegen"))]
            for _ in watch(*folders, watch_filter=_Sources(), stop_event=stop, debounce=100, raise_interrupt=True):
                _build_once(root, store, options, site, say)
        except KeyboardInterrupt:
            say("stopped")
        finally:
            stop.set()
            server.shutdown()
    return 0


def _build_once(root: Path, store: Store, options: Options, site: PreviewSite, say: Callable[[str], None]) -> None:
    result = build(root, store, options)
    site.show(result)
    for error in result.errors:
        say(f"{error}\n")
    seconds = result.report.get("seconds")
    total = sum(seconds.values()) if isinstance(seconds, dict) else 0.0
    errors = f"{len(result.errors)} error{'s' * (len(result.errors) != 1)}"
    count = errors if result.errors else f"{result.report['posts']} posts"
    say(f"built in {total:.2f} s: {count}")
