"""A headless Chromium and a web server on this machine, for the tests that look at built sites."""

from __future__ import annotations

import functools
import gzip
import http.server
import threading
from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from playwright.sync_api import sync_playwright
from tools import find_browser

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--allow-file-access-from-files",
]

MOST = {"bytes": 150_000, "requests": 12}
_KINDS = {".html": "html", ".css": "css", ".js": "script", ".woff2": "fonts", ".json": "script"}
SQUEEZED = {".html", ".css", ".js", ".json", ".svg", ".csv", ".xml"}


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def __init__(self, *arguments: Any, policy: str, **options: Any) -> None:
        self.policy = policy
        super().__init__(*arguments, **options)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def end_headers(self) -> None:
        """Send the policy too, where there is one."""
        if self.policy:
            self.send_header("Content-Security-Policy", self.policy)
        super().end_headers()


@contextmanager
def serving(folder: Path, policy: str = "") -> Iterator[str]:
    """Serve a folder on this machine; gives its address, without a slash at the end. policy: a Content-Security-Policy."""
    handler = functools.partial(_Quiet, directory=str(folder), policy=policy)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def weigh(browser: Browser, server: str, folder: Path, address: str) -> dict[str, list[int]]:
    """Return for each kind of file (`html`, `css`, `script`, `fonts`, `pictures`) the bytes of each one asked for."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=2)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(server + address)
    page.evaluate("document.fonts.ready")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)
    context.close()
    found: dict[str, list[int]] = defaultdict(list)
    for url in asked:
        if not url.startswith(server):
            continue
        path = folder / unquote(urlsplit(url).path).lstrip("/")
        path = path / "index.html" if path.is_dir() else path
        content = path.read_bytes()
        size = len(gzip.compress(content, 6)) if path.suffix in SQUEEZED else len(content)
        found[_KINDS.get(path.suffix, "pictures")].append(size)
    return found
