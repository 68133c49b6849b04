"""What a page weighs before a reader does anything: bytes over the network, compressed as servers do, and requests.

    python benchmarks/weight.py [FOLDER] [ADDRESS ...]

FOLDER is a built site (_site), an ADDRESS a page in it such as /posts/adam/; without one, the home page, the archive, the
search page and every post. A headless Chromium opens each page as a phone would, with nothing remembered, and waits until
nothing more is asked for. Text counts as gzip -6 makes it, which is what GitHub Pages sends; fonts and pictures as they are.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[1]
sys.path.insert(0, str(PROJECT / "tests"))

from browser import MOST, chromium, serving, weigh  # noqa: E402 - the tests' own


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
