"""What a notebook saved below a cell that its post does not run -> Markdown, and pictures as files."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Any

from sitegen.reading.dialects.inert import fenced, inert

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping

_PICTURES = {"png": "png", "jpeg": "jpg", "gif": "gif", "svg+xml": "svg", "svg": "svg"}
_KINDS = (*_PICTURES, "html", "latex", "markdown", "plain", "text")  # the best first; format 3 writes no `image/`
_SCRIPTED = re.compile(r"<(?:script|iframe|object|canvas)\b", re.IGNORECASE)
_STYLE = re.compile(r"<style\b.*?</style>|<!--.*?-->", re.DOTALL | re.IGNORECASE)
_ESCAPE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
_RETURNED = re.compile(r"[^\n]*\r(?!\n)")  # what a progress bar has written over
# The name of a value.
_OBJECT = re.compile(r"<Figure size|<IPython\.|\[?<[\w.]+(?: object)? at 0x|interactive\(|Output\(")

# JSON as json.loads gives it.
_Json = Any


def saved_outputs(outputs: _Json, number: int, files: MutableMapping[str, bytes]) -> Iterator[str]:
    """Yield what the results of cell `number` show; its pictures are added to files. What scripts draw shows nothing."""
    for place, output in enumerate(outputs if isinstance(outputs, list) else [], 1):
        if not isinstance(output, dict) or "stderr" in (output.get("name"), output.get("stream")):
            continue
        if output.get("output_type") in {"error", "pyerr"}:
            traceback = output.get("traceback")
            lines = traceback if isinstance(traceback, list) else [f"{output.get('ename')}: {output.get('evalue')}"]
            yield fenced(_ESCAPE.sub("", "\n".join(map(str, lines))), "")
            continue
        data = output.get("data", output)
        items = data.items() if isinstance(data, dict) else ()
        shown = {str(key).rpartition("/")[2]: _text(value) for key, value in items}
        if _SCRIPTED.search(shown.get("html", "")):
            del shown["html"]
        kind = next((kind for kind in _KINDS if shown.get(kind, "").strip()), "")
        text = shown.get(kind, "")
        if kind in _PICTURES:
            try:
                content = text.encode() if "svg" in kind else base64.b64decode(text, validate=False)
            except (binascii.Error, ValueError):
                continue
            name = f"output-{number}-{place}.{_PICTURES[kind]}"
            files[name] = content
            yield f"![]({name})"
        elif kind == "html":
            yield re.sub(r"\n\s*(?=\n)", "", _STYLE.sub("", inert(text)).strip())
        elif kind in {"latex", "markdown"}:
            yield inert(text)
        elif kind and not _OBJECT.match(text):
            yield fenced(_ESCAPE.sub("", _RETURNED.sub("", text)), "")


def _text(value: _Json) -> str:
    return "".join(map(str, value)) if isinstance(value, list) else value if isinstance(value, str) else ""
