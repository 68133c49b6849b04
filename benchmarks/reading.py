"""What reading costs: against markdown-it-py with dollarmath on a formula-rich post, and how it grows with what never ends."""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path, PurePosixPath

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from markdown_it import MarkdownIt
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.tasklists import tasklists_plugin

from sitegen.config import Config
from sitegen.model import Source
from sitegen.reading.parse import parse

PARAGRAPH = (
    "## On $L_2$\n\nThe loss $\\ell(\\theta)$ of *one* sample $x_i$ is $-\\log p_\\theta(y_i \\mid x_i)$, and its gradient $\\nabla \\ell$"
    " vanishes where $\\sigma(z) = y$.\n\n$$\n\\frac{\\partial \\ell}{\\partial z_k} = p_k - y_k\n$$\n\n- first $a_1$\n- second $$b$$\n\n"
)
PIECES = (
    "[", "[^", "*", "`", "$a{ ", "$$a ", "$$\n", "|$", "| $a|b$ ", "\\(", "\\( \\beta ", "\\begin{align}\n", "{", "{.a}", "{{< a", "|", ":::\n", "> ",
    "'", "'a +++\n", "<", "<!--", "<div>\n", "<b>", "<ul></table>", "a@", "www.a ", "${http://a ",
)  # fmt: skip

ROUNDS = 40


def read(text: str) -> None:
    """Read a post."""
    parse(Source(PurePosixPath("posts/2026-01-02-x.md"), "post", f"---\ntitle: x\n---\n{text}".encode()), Config())


def seconds(action: object, text: str, times: int) -> float:
    """Return the median processor time."""
    found = []
    for _ in range(times):
        start = time.process_time()
        action(text)  # type: ignore[operator] - a reader
        found.append(time.process_time() - start)
    return statistics.median(found)


def main() -> None:
    """Print the ratios."""
    peer = MarkdownIt("commonmark", {"typographer": True}).enable(
        ["table", "strikethrough", "replacements", "smartquotes"]
    )
    peer.use(dollarmath_plugin).use(footnote_plugin).use(deflist_plugin).use(tasklists_plugin)
    text = PARAGRAPH * 30
    read(text)
    peer.render(text)
    ratio = statistics.median(seconds(read, text, 1) / seconds(peer.render, text, 1) for _ in range(ROUNDS))  # in turn
    print(
        f"a post of {len(text) // 1000} kB and {text.count('$') // 2} formulas: {ratio:.2f} x markdown-it-py with dollarmath"
    )
    for piece in PIECES:
        once, tenfold = (seconds(read, piece * (size // len(piece)), 1) for size in (100_000, 1_000_000))
        print(f"{piece!r:20} 100 kB {once:6.2f} s, 1 MB: {tenfold / once:5.1f} x the time")


if __name__ == "__main__":
    main()
