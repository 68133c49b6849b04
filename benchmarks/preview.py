"""How long the preview takes from a save to its bytes over HTTP: of a text, of a template, of a figure after slow cells.

A browser that shows a page is a request for its stream of events. Used by scale.py.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from http.client import HTTPResponse

PROJECT = Path(__file__).parents[1]
SAVES = 20
REST = 0.5  # seconds between saves: what the next needs is made ready when a fifth has passed without one

SLOW_POST = """---
title: Slow
---

```{python}
import time
import matplotlib.pyplot as plt
time.sleep(3)
```

```{python}
plt.plot([1, 4, 9])
plt.xlabel("steps")
```
"""


@contextmanager
def serving(blog: Path) -> Iterator[tuple[str, float]]:
    """Start the preview; gives its address, and the seconds from the command to its first page."""
    port = 18_000 + os.getpid() % 20_000
    start = time.perf_counter()
    command = [sys.executable, str(PROJECT / "build.py"), "serve", "--source", str(blog), "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        _wait(f"http://127.0.0.1:{port}/", "<h1")
        first = time.perf_counter() - start
        for line in process.stdout or ():
            if line.startswith("built"):
                break
        time.sleep(1)
        yield f"http://127.0.0.1:{port}", first
    finally:
        process.terminate()
        process.wait()


def texts(blog: Path) -> str:
    """Say how long saves of a post's prose take, each with a new formula."""
    post = sorted((blog / "posts").iterdir())[len(list((blog / "posts").iterdir())) // 2]
    text = post.read_text(encoding="utf-8")
    took = []
    try:
        with serving(blog) as (server, first):
            for number in range(SAVES):
                saved = time.perf_counter()
                post.write_text(f"{text}\n\nSave {number} with $z_{{{number}}}$.\n", encoding="utf-8")
                _wait(_address(server, post), f"Save {number} ")
                took.append(time.perf_counter() - saved)
                time.sleep(REST)
    finally:
        post.write_text(text, encoding="utf-8")
    return f"preview: first page {first:.2f} s after the command; a text is saved: {_said(took)}"


def templates(blog: Path) -> str:
    """Say how long saves of the template of posts take, until the open page has them and until all have."""
    posts = sorted((blog / "posts").iterdir())
    template = blog / "templates" / "post.html"
    theme = (PROJECT / "templates" / "post.html").read_text(encoding="utf-8")
    opened, every = [], []
    template.parent.mkdir()
    template.write_text(theme, encoding="utf-8")
    try:
        with serving(blog) as (server, _):
            page, last = _address(server, posts[len(posts) // 2]), _address(server, posts[0])
            with urllib.request.urlopen(f"{server}/-/built?page={page.removeprefix(server)}&build=1") as events:  # noqa: S310 - our own server
                threading.Thread(target=_listen, args=[events], daemon=True).start()
                for number in range(5):
                    saved = time.perf_counter()
                    changed = theme.replace('<article class="post">', f'<article class="post v{number}">')
                    template.write_text(changed, encoding="utf-8")
                    _wait(page, f"post v{number}")
                    opened.append(time.perf_counter() - saved)
                    _wait(last, f"post v{number}")
                    every.append(time.perf_counter() - saved)
                    time.sleep(REST)
    finally:
        shutil.rmtree(template.parent)
    return f"preview: a template is saved: on the open page {_said(opened)}; on all {statistics.median(every):.1f} s"


def figures(folder: Path) -> str:
    """Say how long saves of a figure take that stands after a cell of three seconds."""
    (folder / "posts").mkdir()
    post = folder / "posts" / "2025-01-01-slow.md"
    post.write_text(SLOW_POST, encoding="utf-8")
    took = []
    with serving(folder) as (server, _):
        for number in range(SAVES):
            saved = time.perf_counter()
            post.write_text(SLOW_POST.replace("steps", f"steps {number}"), encoding="utf-8")
            _wait(_address(server, post), f"steps {number}")
            took.append(time.perf_counter() - saved)
            time.sleep(REST)
    return f"preview: a figure after a cell of 3 s is saved: {_said(took)}"


def _listen(events: HTTPResponse) -> None:
    with suppress(OSError, ValueError, AttributeError):  # it is closed meanwhile
        for _ in events:
            pass


def _said(took: list[float]) -> str:
    return f"{1000 * statistics.median(took):.0f} ms (median of {len(took)}), {1000 * max(took):.0f} ms (worst)"


def _address(server: str, post: Path) -> str:
    return f"{server}/posts/{post.stem.split('-', 3)[3]}/"


def _wait(page: str, text: str) -> None:
    end = time.perf_counter() + 60
    while time.perf_counter() < end:
        try:
            with urllib.request.urlopen(page, timeout=10) as answer:  # noqa: S310 - our own server
                if text in answer.read().decode():
                    return
        except OSError:
            pass
        time.sleep(0.002)
    message = f"{text!r} never came at {page}"
    raise TimeoutError(message)
