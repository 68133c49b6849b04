"""Pages -> the same pages with fewer bytes, by html-minifier-next; remembered by the page.

For sites that are published, as with `hugo --minify`: a page takes 10 ms, and what a browser makes of it is the same.
"""

from __future__ import annotations

import json
import os
import subprocess
from errno import ENOSPC
from pathlib import Path
from tempfile import TemporaryFile, gettempdir
from typing import TYPE_CHECKING, cast

from sitegen.keys import digest, digest_of_code, version_of_package
from sitegen.project import NODE_MODULES
from sitegen.typesetting.katex import ToolError, node_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sitegen.model import Digest
    from sitegen.store import Store

    Minified = tuple[Digest, str]
    """(digest of the smaller page, "") or, of a page that the library refuses, ("", what it says)."""

_MINIFIER = NODE_MODULES / "html-minifier-next"
_CODE = ("publishing/minify.py", "publishing/minify.mjs")


def recall_minified(page: Digest, store: Store) -> Minified | None:
    """Return what is remembered of a page."""
    known = cast("Minified | None", store.recall("minified", _key(page)))
    return known if known is not None and (not known[0] or store.has([known[0]])) else None


def minify(pages: Sequence[Digest], store: Store) -> Mapping[Digest, Minified]:
    """Return of each page what it becomes. Raises ToolError, and OSError where there is no room."""
    found = {}
    for page, answer in zip(pages, _ask([store.content(page).decode() for page in pages]), strict=True):
        made = answer.get("html", "")
        found[page] = (store.keep(made.encode()), "") if made else ("", answer.get("error", "it gave nothing"))
        store.remember("minified", _key(page), found[page])
    return found


def _key(page: Digest) -> Digest:
    return digest(version_of_package("html-minifier-next"), digest_of_code(*_CODE), page)


def _ask(pages: Sequence[str]) -> list[dict[str, str]]:
    node = node_for("html-minifier-next", version_of_package("html-minifier-next"))
    command = [node, str(Path(__file__).with_name("minify.mjs")), str(_MINIFIER / "src" / "htmlminifier.js")]
    with TemporaryFile() as given, TemporaryFile() as said:  # instead of pipes: nobody has to read along
        given.writelines(json.dumps(page).encode() + b"\n" for page in pages)
        given.seek(0)
        done = subprocess.run(command, stdin=given, stdout=said, stderr=subprocess.PIPE, check=False)  # noqa: S603 - a fixed command
        if done.returncode:
            text = done.stderr.decode(errors="replace").strip()[-500:]
            raise ToolError(f"Node ended while it made pages smaller: {text or 'it said nothing'}")
        said.seek(0)
        try:
            answers = [json.loads(line) for line in said]
        except ValueError:
            answers = []
    if len(answers) != len(pages):  # Node ends well also where nothing could be written
        raise OSError(ENOSPC, os.strerror(ENOSPC), gettempdir())
    return answers
