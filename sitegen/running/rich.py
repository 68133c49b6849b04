"""What `IPython.display` offers to programs where IPython is not installed: texts and pictures that say what they are.

It stands alone, since it travels inside the programs that posts offer.
"""

from __future__ import annotations

import base64
import os
from html import escape
from pathlib import Path

_KINDS = {b"\x89PNG": "png", b"\xff\xd8": "jpeg", b"GIF8": "gif", b"RIFF": "webp"}


def clear_output(**_: object) -> None:
    """Do nothing: what is shown stays."""


def set_matplotlib_formats(*_: object, **__: object) -> None:
    """Do nothing: figures are drawn for the page."""


class _Text:
    """A text in a language, given or read from a file."""

    def __init__(self, data: object = None, filename: str | None = None, metadata: object = None) -> None:
        del metadata
        if filename is not None:
            data = Path(filename).read_text(encoding="utf-8")
        self.data = str(data)

    def __str__(self) -> str:
        return self.data


class HTML(_Text):
    """HTML."""

    def _repr_html_(self) -> str:
        return self.data


class Markdown(_Text):
    """Markdown."""

    def _repr_markdown_(self) -> str:
        return self.data


class Math(_Text):
    """A formula, with or without dollars."""

    def _repr_latex_(self) -> str:
        return f"$$ {self.data.strip().strip('$')} $$"


class Latex(_Text):
    """A formula within its marks, or text with formulas."""

    def _repr_latex_(self) -> str:
        text = self.data.strip()
        inner = text.strip("$")
        whole = text.startswith("$") and text.endswith("$") and "$" not in inner
        return text if whole or text.startswith((r"\begin", r"\[")) else ""

    def _repr_markdown_(self) -> str:
        return self.data


class SVG(_Text):
    """A drawing; a text that is no SVG names a file."""

    def __init__(self, data: object = None, filename: str | None = None, metadata: object = None) -> None:
        is_file = isinstance(data, str | os.PathLike) and "<" not in str(data)
        super().__init__(data, str(data) if is_file else filename, metadata)

    def _repr_svg_(self) -> str:
        return self.data


class Image:
    """A picture: its bytes, its file, or its address."""

    def __init__(  # noqa: PLR0917 - in IPython's order
        self,
        data: object = None,
        url: str | None = None,
        filename: str | None = None,
        width: float | None = None,
        height: float | None = None,
        alt: str = "",
        **_: object,
    ) -> None:
        if isinstance(data, str | os.PathLike):
            name = str(data)
            if name.startswith(("http:", "https:")):
                url = name
            else:
                filename = name
        if filename is not None:
            data = Path(filename).read_bytes()
        self.data = bytes(data) if isinstance(data, bytes | bytearray) else b""
        self.url, self.width, self.height, self.alt = url, width, height, alt

    def _repr_png_(self) -> bytes:
        return self.data if self._kind() == "png" else b""

    def _repr_svg_(self) -> str:
        return self.data.decode("utf-8", "replace") if self._kind() == "svg+xml" else ""

    def _repr_html_(self) -> str:
        kind = self._kind()
        sized = self.width or self.height or self.alt
        if not self.url and (kind == "svg+xml" or (kind == "png" and not sized)):
            return ""
        source = self.url or f"data:image/{kind};base64,{base64.b64encode(self.data).decode('ascii')}"
        sizes = (("width", self.width), ("height", self.height))
        size = "".join(f' {name}="{value:g}"' for name, value in sizes if value)
        return f'<img src="{escape(source)}" alt="{escape(self.alt)}"{size}>'

    def _kind(self) -> str:
        return next((kind for start, kind in _KINDS.items() if self.data.startswith(start)), "svg+xml")
