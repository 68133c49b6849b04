"""The Build that is being served, as a WSGI application; what is wrong, over the last good page; the stream of events."""

from __future__ import annotations

import json
import mimetypes
import threading
import time
from collections import Counter, deque
from contextlib import suppress
from functools import cache
from html import escape
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wrappers import Request, Response

from sitegen.model import CopyOf, Stored
from sitegen.preview.editor import open_in_editor
from sitegen.publishing.addresses import page_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from wsgiref.types import StartResponse, WSGIEnvironment

    from sitegen.errors import SiteError
    from sitegen.model import Build, Digest, FileContent

EVENTS, OPEN, CLIENT = "/-/built", "/-/open", "/-/client.js"
_SCRIPT = f'<script src="{CLIENT}"></script>'
_STYLE = """<style>
:host, :root { color-scheme: light dark }
main { box-sizing: border-box; min-height: 100%; padding: 2.5rem 1.5rem; background: light-dark(#fdf7f8, #1b1416); color: light-dark(#241317, #f3e4e7);
  font: 16px/1.5 system-ui, sans-serif }
main > * { max-width: 60rem; margin-inline: auto }
h1 { font-size: 1.4rem }
article { border-left: 4px solid #c0306a; padding: .1rem 1rem; margin-block: 1.5rem }
h2 { font-size: 1rem; margin: .6rem 0 }
a { font-family: ui-monospace, monospace; color: inherit }
pre { background: color-mix(in srgb, currentColor 8%, transparent); padding: .8rem 1rem; overflow-x: auto }
</style>"""


class PreviewSite:
    """Serves one Build after another. `show` is called by the builder, everything else by the server's threads.

    content: returns what the store keeps under a digest, None where it was lost.
    """

    def __init__(self, content: Callable[[Digest], bytes | None], root: Path) -> None:
        self._kept = content
        self._root = root
        self._files: Mapping[PurePosixPath, FileContent] = {}
        self._folder: Path | None = None
        self._errors: tuple[SiteError, ...] = ()
        self._told: dict[str, object] = {"build": 0}
        self._changed = threading.Condition()
        self._said = 0.0
        self._shown: Counter[PurePosixPath] = Counter()  # the pages that browsers show
        self._asked: deque[PurePosixPath] = deque(maxlen=4)  # the last that were asked for, also without JavaScript
        self._since: dict[PurePosixPath, int] = {}  # the build that changed a file last

    def show(self, build: Build) -> None:
        """Serve another build and tell the browsers; where it has errors, the pages stay those of the last good one."""
        with self._changed:
            if not build.errors:
                self._take(build.files)
            self._errors = build.errors
            self._told = {
                "build": int(str(self._told["build"])) + 1,
                "errors": _STYLE + error_list(build.errors) if build.errors else "",
                "running": "",
            }
            self._changed.notify_all()

    def show_first(self, files: Mapping[PurePosixPath, FileContent]) -> None:
        """Serve some files before the build that makes all others is done."""
        if files and self._files:
            with self._changed:
                self._take({**self._files, **files})
                self._told = {**self._told, "build": int(str(self._told["build"])) + 1}
                self._changed.notify_all()

    def open_pages(self) -> set[PurePosixPath]:
        """Return the paths of the pages that browsers show, or asked for last."""
        with self._changed:
            return {path for path, count in self._shown.items() if count > 0}.union(self._asked)

    def _take(self, files: Mapping[PurePosixPath, FileContent]) -> None:
        """Serve other files from the next build on, and note which are other than they were."""
        before, self._files, self._folder = self._files, files, None
        build = int(str(self._told["build"])) + 1
        if before:  # most of them are the very same
            other = [path for path, now in files.items() if (then := before.get(path)) is not now and then != now]
            self._since.update(dict.fromkeys((*other, *(before.keys() - files.keys())), build))

    def show_progress(self, stage: str, done: int, total: int) -> None:
        """Tell the browsers how far the programs are; pages show it when that takes long."""
        now = time.monotonic()
        # Reused programs are done by the thousand.
        if stage == "run" and total and (done == 0 or now - self._said > 0.2):
            self._said = now
            with self._changed:
                what = "the program" if total == 1 else f"program {min(done + 1, total)} of {total}"
                self._told = {**self._told, "running": f"running {what}"}
                self._changed.notify_all()

    def show_folder(self, folder: Path) -> None:
        """Serve the files of a site that was written before, until the first build is done."""
        self._folder = folder

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        request = Request(environ)
        if not _is_ours(request.host):  # a page elsewhere whose name leads here would read the drafts
            response = Response(f"this preview is not {request.host}", status=403)
        elif request.path == EVENTS:
            response = self._events(request.args.get("page", "/"), request.args.get("build", 0, int))
        elif request.path == CLIENT:
            response = Response(_client(), content_type="text/javascript; charset=utf-8")
        elif request.path == OPEN:
            response = self._open(request)
        else:
            response = self._answer(request.path)
            if response.status_code == 200:  # Safari plays no film that does not come in parts
                size = len(response.get_data())
                with suppress(RequestedRangeNotSatisfiable):
                    response.make_conditional(environ, accept_ranges=True, complete_length=size)
        return response(environ, start_response)

    def _answer(self, path: str) -> Response:
        if not self._files and self._folder is None:
            return self._error_page() if self._errors else Response("the first build is going on", status=503)
        inside = page_path(path)
        name = inside
        data = self._content(inside)
        if data is None and self._content(PurePosixPath(f"{inside}/index.html")) is not None:
            return Response(status=301, headers={"Location": quote(path) + "/"})
        if data is None:
            if self._errors:
                return self._error_page()  # what is not there may be what the errors are about
            name = PurePosixPath("404.html")
            data = self._content(name) or b"there is no such page"
        kind = mimetypes.guess_type(name.name)[0] or "application/octet-stream"
        if kind == "text/html":
            with self._changed:
                if name not in self._asked:
                    self._asked.append(name)
            build = str(self._told["build"]).encode()
            data = data.replace(b"<html", b'<html data-preview="' + build + b'"', 1)
            data = data.replace(b"</body>", _SCRIPT.encode() + b"</body>")
        headers = {"Cache-Control": "no-store"}
        status = 200 if name == inside else 404
        return Response(data, status=status, content_type=_with_charset(kind), headers=headers)

    def _content(self, path: PurePosixPath) -> bytes | None:
        if self._folder is not None:
            file = self._folder / path
            is_inside = file.resolve().is_relative_to(self._folder.resolve())
            return file.read_bytes() if is_inside and file.is_file() else None
        content = self._files.get(path)
        if isinstance(content, CopyOf):
            try:
                return content.path.read_bytes()
            except OSError:  # removed since the build, which will say so
                return None
        return self._kept(content.digest) if isinstance(content, Stored) else content

    def _error_page(self) -> Response:
        head = (
            f'<!doctype html><html lang="en" data-preview="errors"><meta charset="utf-8"><title>To mend</title>{_STYLE}'
        )
        return Response(head + error_list(self._errors) + _SCRIPT, status=500, mimetype="text/html")

    def _open(self, request: Request) -> Response:
        """Open a file of the blog in the author's editor; only a page of this preview may ask for it."""
        file = (self._root / request.args.get("file", "")).resolve()
        origin = urlsplit(request.headers.get("Origin", ""))
        if request.method != "POST" or origin.netloc != request.host or not file.is_relative_to(self._root.resolve()):
            return Response(status=403)
        found = file.is_file() and open_in_editor(file, request.args.get("line", 0, int))
        return Response(status=204 if found else 404)

    def _events(self, address: str, build: int) -> Response:
        """Tell a page what has changed of it since the build that made it, and whatever comes."""
        page = page_path(address)

        def stream() -> Iterator[str]:
            known = build
            with self._changed:
                self._shown[page] += 1
            try:
                told = self._told
                while True:
                    yield f"data: {json.dumps({**told, **self._news(page, known)})}\n\n"
                    known = int(str(told["build"]))
                    is_new = False
                    while not is_new:
                        with self._changed:
                            self._changed.wait_for(lambda: self._told is not told, timeout=15)  # noqa: B023 - waits here
                            is_new, told = self._told is not told, self._told
                        if not is_new:
                            yield ": still here\n\n"
            finally:
                with self._changed:
                    self._shown[page] -= 1

        return Response(stream(), mimetype="text/event-stream", headers={"Cache-Control": "no-store"})

    def _news(self, page: PurePosixPath, known: int) -> dict[str, bool]:
        """Return whether a page or what it shows is other than in a build that is known, and whether style sheets are."""
        other = [path for path, build in self._since.items() if build > known]
        theirs = {".html", ".css", ".xml", ".json"}  # other pages, feeds
        shown = any(path == page or path.suffix not in theirs for path in other)
        is_strange = known > int(str(self._told["build"])) or (bool(other) and page not in self._files)
        return {"pages": shown or is_strange, "styles": any(path.suffix == ".css" for path in other)}


@cache
def _client() -> bytes:
    return Path(__file__).with_name("client.js").read_bytes()


def error_list(errors: Iterable[SiteError]) -> str:
    """Return every error with its place, its excerpt and what to do, as HTML."""
    articles = []
    for error in errors:
        place = error.location
        link = f'<a href="#" data-file="{escape(place.path)}" data-line="{place.line}" title="Open in the editor">{escape(str(place))}</a>'
        parts = [f"<article><h2>{link}: {escape(error.message)}</h2>"]
        parts += [f"<pre>{escape(text)}</pre>" for text in (error.excerpt, error.detail) if text]
        parts.append(f"<p>{escape(error.hint)}</p></article>" if error.hint else "</article>")
        articles.append("".join(parts))
    count = "1 error" if len(articles) == 1 else f"{len(articles)} errors"
    return f"<main><h1>{count} to mend; this goes when the post is saved</h1>{''.join(articles)}</main>"


def _is_ours(host: str) -> bool:
    """Whether a Host header names this machine: anything else came here by a name that somebody else controls."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    return name in {"127.0.0.1", "::1"} or name.rstrip(".") == "localhost" or name.rstrip(".").endswith(".localhost")


def _with_charset(kind: str) -> str:
    return f"{kind}; charset=utf-8" if kind.startswith("text/") or kind.endswith(("xml", "javascript")) else kind
