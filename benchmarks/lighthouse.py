"""What Lighthouse says of a built site, as it judges pages for a phone: four scores, layout shift, blocking time.

    python benchmarks/lighthouse.py [FOLDER] [ADDRESS ...] [--runs N]

FOLDER is a built site (_site), an ADDRESS a page in it such as /posts/adam/; without one, a page of each kind: the home page,
the post of the largest HTML, the archive, the search page. Every page is measured N times, in turn with the others, and the
median is printed. Text is sent as gzip makes it, with an hour to keep it, which is what GitHub Pages does. Lighthouse is installed
at a pinned version, into a folder beside this file, on first use.
"""

from __future__ import annotations

import argparse
import functools
import gzip
import http.server
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

PROJECT = Path(__file__).parents[1]
sys.path.insert(0, str(PROJECT / "tests"))

from browser import FLAGS, SQUEEZED  # noqa: E402 - the tests' own
from tools import find_browser  # noqa: E402 - as above

if TYPE_CHECKING:
    from collections.abc import Iterator

PLACE = Path(__file__).parent / ".peers" / "lighthouse"
VERSION = "12.8.2"
SCORES = ("performance", "accessibility", "best-practices", "seo")


class _Pages(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            self.send_error(404)
            return
        squeezed = path.suffix in SQUEEZED and "gzip" in self.headers.get("Accept-Encoding", "")
        content = _squeeze(path) if squeezed else path.read_bytes()
        kind = self.guess_type(path)
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8" if path.suffix in SQUEEZED else kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "max-age=3600")
        if squeezed:
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Vary", "Accept-Encoding")
        self.end_headers()
        self.wfile.write(content)


@functools.cache
def _squeeze(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), 6)


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine as GitHub Pages does; gives its address, without a slash at the end."""
    handler = functools.partial(_Pages, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def install() -> Path:
    """Return the command of Lighthouse, which is installed when it is not there."""
    command = PLACE / "node_modules" / "lighthouse" / "cli" / "index.js"
    if not (PLACE / "installed").exists():
        PLACE.mkdir(parents=True, exist_ok=True)
        needs = {"name": "peer", "private": True, "dependencies": {"lighthouse": VERSION}}
        (PLACE / "package.json").write_text(json.dumps(needs), encoding="utf-8")
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--silent"], cwd=PLACE, check=True)
        (PLACE / "installed").touch()
    return command


def look(command: Path, url: str) -> list[float]:
    """Return what one look at a page gives: the four scores of 100, the layout shift, the blocking time in ms."""
    browser = find_browser()
    if not browser:
        sys.exit("no Chromium or Chrome found: install one, or name it in the variable CHROMIUM")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        flags = ["--headless", f"--user-data-dir={profile}", *FLAGS]
        told = subprocess.run(
            ["node", command, url, "--output=json", "--quiet", f"--chrome-flags={' '.join(flags)}"],
            env={**os.environ, "CHROME_PATH": browser},
            capture_output=True,
            check=True,
        )
    report = json.loads(told.stdout)
    scores = [report["categories"][name]["score"] * 100 for name in SCORES]
    return [
        *scores,
        *(report["audits"][of]["numericValue"] for of in ("cumulative-layout-shift", "total-blocking-time")),
    ]


def main() -> None:
    """Measure pages and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=PROJECT / "_site")
    parser.add_argument("addresses", nargs="*")
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    posts = sorted(given.folder.glob("posts/*/index.html"), key=lambda path: path.stat().st_size)
    heaviest = [f"/posts/{path.parent.name}/" for path in posts[-1:]]
    addresses = given.addresses or ["/", *heaviest, "/archives/", "/search/"]
    command = install()
    found: dict[str, list[list[float]]] = {address: [] for address in addresses}
    with serving(given.folder.resolve()) as server:
        for _ in range(given.runs):
            for address in addresses:
                found[address].append(look(command, server + address))
    print(f"{'page':40}{''.join(f'{name:>16}' for name in (*SCORES, 'shift', 'blocking'))}")
    for address, looks in found.items():
        *scores, shift, blocking = map(statistics.median, zip(*looks, strict=True))
        print(f"{address:40}{''.join(f'{score:>16.0f}' for score in scores)}{shift:>16.3f}{blocking:>13.0f} ms")


if __name__ == "__main__":
    main()
