"""What a page weighs before a reader does anything: bytes over the network, compressed as servers do, and requests.

    python benchmarks/weight.py [FOLDER] [ADDRESS ...]

FOLDER is a built site (_site), an ADDRESS a page in it such as /posts/adam/; without one, the home page, the archive, the
search page and every post. A headless Chromium opens each page as a phone would, with nothing remembered, and waits until
nothing more is asked for. Text counts as gzip -6 makes it, which is what GitHub Pages sends; fonts and pictures as they are.
"""

from __future__ import annotations

import argparse
import gzip
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

PROJECT = Path(__file__).parents[1]
sys.path.insert(0, str(PROJECT / "tests"))

from browser import chromium, serving  # noqa: E402 - the tests' own

if TYPE_CHECKING:
    from playwright.sync_api import Browser

MOST = {"bytes": 150_000, "requests": 12}
_KINDS = {".html": "html", ".css": "css", ".js": "script", ".woff2": "fonts", ".json": "script"}
_SQUEEZED = {".html", ".css", ".js", ".json", ".svg", ".csv", ".xml"}


def weigh(browser: Browser, server: str, folder: Path, address: str) -> dict[str, list[int]]:
    """Return for each kind of file (`html`, `css`, `script`, `fonts`, `pictures`) the bytes of each one asked for."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=2)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(server + address, wait_until="load")
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
        size = len(gzip.compress(content, 6)) if path.suffix in _SQUEEZED else len(content)
        found[_KINDS.get(path.suffix, "pictures")].append(size)
    return found


def main() -> None:
    """Weigh pages and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=PROJECT / "_site")
    parser.add_argument("addresses", nargs="*")
    given = parser.parse_args()
    posts = [f"/posts/{path.parent.name}/" for path in sorted(given.folder.glob("posts/*/index.html"))]
    kinds = ("html", "css", "script", "fonts", "pictures")
    print(f"{'page':40}{'kB':>8}{'requests':>10}" + "".join(f"{kind:>16}" for kind in kinds))
    with serving(given.folder) as server, chromium() as browser:
        for address in given.addresses or ["/", "/archives/", "/search/", *posts]:
            found = weigh(browser, server, given.folder, address)
            total, count = sum(map(sum, found.values())), sum(map(len, found.values()))
            mark = " " if total <= MOST["bytes"] and count <= MOST["requests"] else "!"
            each = "".join(f"{sum(found[kind]) / 1000:>10.1f} in {len(found[kind]):<2}" for kind in kinds)
            print(f"{address:40}{total / 1000:>8.1f}{count:>10}{each} {mark}")


if __name__ == "__main__":
    main()
