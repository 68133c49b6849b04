"""The Build that is being served, as a WSGI application; the page of errors; the stream that reloads the browser."""

from __future__ import annotations

import mimetypes
import threading
from html import escape
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from werkzeug.wrappers import Request, Response

from sitegen.model import CopyOf, Stored

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from wsgiref.types import StartResponse, WSGIEnvironment

    from sitegen.errors import SiteError
    from sitegen.model import Build
    from sitegen.store import Store

EVENTS = "/-/built"
_RELOAD = f"""<script>
new EventSource("{EVENTS}").onmessage = (event) => {{
  if (window.siteBuild === undefined) window.siteBuild = event.data;
  else if (window.siteBuild !== event.data) location.reload();
}};
</script>"""
_ERRORS = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{count} to mend</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 3rem auto; padding: 0 1.5rem }}
h1 {{ font-size: 1.4rem }}
article {{ border-left: 4px solid #c0306a; padding: .1rem 1rem; margin: 1.5rem 0 }}
h2 {{ font-size: 1rem; margin: .6rem 0 }}
.place {{ font-family: ui-monospace, monospace }}
pre {{ background: color-mix(in srgb, currentColor 8%, transparent); padding: .8rem 1rem; overflow-x: auto }}
</style>
<h1>{count} to mend; the page reloads when the post is saved</h1>
{articles}"""


class PreviewSite:
    """Serves one Build after another. `show` is called by the builder, everything else by the server's threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._build: Build | None = None
        self._version = 0
        self._changed = threading.Condition()

    def show(self, build: Build) -> None:
        """Serve another build and tell the browsers."""
        with self._changed:
            self._build = build
            self._version += 1
            self._changed.notify_all()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        request = Request(environ)
        if not _is_ours(request.host):  # a page elsewhere whose name leads here would read the drafts
            response = Response(f"this preview is not {request.host}", status=403)
        else:
            response = self._events() if request.path == EVENTS else self._answer(request.path)
        return response(environ, start_response)

    def _answer(self, path: str) -> Response:
        build = self._build
        if build is None:
            return Response("the first build is going on", status=503)
        if build.errors:
            return Response(error_page(build.errors) + _RELOAD, status=500, mimetype="text/html")
        inside = PurePosixPath(path.lstrip("/") + ("index.html" if path.endswith("/") else ""))
        if inside not in build.files and PurePosixPath(f"{inside}/index.html") in build.files:
            return Response(status=301, headers={"Location": quote(path) + "/"})
        found = inside in build.files
        name = inside if found else PurePosixPath("404.html")
        content = build.files.get(name, b"there is no such page")
        if isinstance(content, CopyOf):
            try:
                data = content.path.read_bytes()
            except OSError:  # removed since the build, which will say so
                return Response("this file is gone", status=404)
        else:
            data = self._store.content(content.digest) if isinstance(content, Stored) else content
        kind = mimetypes.guess_type(name.name)[0] or "application/octet-stream"
        if kind == "text/html":
            data = data.replace(b"</body>", _RELOAD.encode() + b"</body>")
        headers = {"Cache-Control": "no-store"}
        return Response(data, status=200 if found else 404, content_type=_with_charset(kind), headers=headers)

    def _events(self) -> Response:
        def stream() -> Iterator[str]:
            seen = self._version
            yield f"data: {seen}\n\n"
            while True:
                with self._changed:
                    self._changed.wait_for(lambda: self._version != seen, timeout=15)  # noqa: B023 - waits here
                    seen = self._version
                yield f"data: {seen}\n\n"

        return Response(stream(), mimetype="text/event-stream", headers={"Cache-Control": "no-store"})


def error_page(errors: Iterable[SiteError]) -> str:
    """Return a page that shows every error with its place, its excerpt and what to do."""
    articles = []
    for error in errors:
        parts = [f'<article><h2><span class="place">{escape(str(error.location))}</span>: {escape(error.message)}</h2>']
        parts += [f"<pre>{escape(text)}</pre>" for text in (error.excerpt, error.detail) if text]
        parts.append(f"<p>{escape(error.hint)}</p></article>" if error.hint else "</article>")
        articles.append("".join(parts))
    count = "1 error" if len(articles) == 1 else f"{len(articles)} errors"
    return _ERRORS.format(count=count, articles="\n".join(articles))


def _is_ours(host: str) -> bool:
    """Whether a Host header names this machine: anything else came here by a name that somebody else controls."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    return name in {"127.0.0.1", "::1"} or name.rstrip(".") == "localhost" or name.rstrip(".").endswith(".localhost")


def _with_charset(kind: str) -> str:
    return f"{kind}; charset=utf-8" if kind.startswith("text/") or kind.endswith(("xml", "javascript")) else kind
