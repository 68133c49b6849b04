"""What `IPython.display` offers to programs where IPython is not installed: texts and pictures that say what they are.

It stands alone, since it travels inside the programs that posts offer.
"""

from __future__ import annotations

import base64
import os
import sys
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

_KINDS = {b"\x89PNG": "png", b"\xff\xd8": "jpeg", b"GIF8": "gif", b"RIFF": "webp"}


def display(*values: Any, **_: Any) -> Any:  # noqa: ANN401 - a build gives its own in its place
    """Show values, as the page does in their place."""
    sys.stdout.writelines(f"{value}\n" for value in values)  # outside of a build


def clear_output(**_: object) -> None:
    """Do nothing: what is shown stays."""


def set_matplotlib_formats(*_: object, **__: object) -> None:
    """Do nothing: figures are drawn for the page."""


class Offered:
    """What is offered form by form. data: by MIME types."""

    def __init__(self, data: dict[str, object]) -> None:
        self.data = data

    def _repr_mimebundle_(self, **_: object) -> dict[str, object]:
        return self.data


class DisplayHandle:
    """An id, by which what is displayed is replaced."""

    def __init__(self, display_id: object = None) -> None:
        self.display_id = display_id if isinstance(display_id, str) else f"display {id(self)}"

    def display(self, value: object, **_: object) -> None:
        """Show a value, in place of the one before."""
        display(value, display_id=self.display_id)

    update = display


def publish_display_data(data: dict[str, object], *_: object, **__: object) -> None:
    """Show what is offered form by form."""
    display(Offered(data))


def _show_as(mime: str, method: str) -> Any:  # noqa: ANN401 - a function
    def show(*values: Any, raw: bool = False, **_: object) -> None:  # noqa: ANN401 - anything
        for value in values:
            form = value if raw else getattr(value, method, str)()
            display(Offered({mime: form}) if form else value)

    return show


for _name in ("text/html", "text/markdown", "text/latex", "image/png", "image/jpeg", "application/javascript"):
    _form = _name.partition("/")[2]
    globals()[f"display_{_form}"] = _show_as(_name, f"_repr_{_form}_")
update_display = display  # which is told what it replaces
display_svg, display_pretty = _show_as("image/svg+xml", "_repr_svg_"), _show_as("text/plain", "__repr__")


class TextDisplayObject:
    """A text in a language, given or read from a file; of one that stands elsewhere the address."""

    def __init__(
        self, data: object = None, url: str | None = None, filename: str | None = None, *_: object, **__: object
    ) -> None:
        if filename is not None:
            data = Path(filename).read_text(encoding="utf-8")
        self.data = str(url if data is None else data)

    def __str__(self) -> str:  # noqa: D105 - the text
        return self.data


class HTML(TextDisplayObject):
    """HTML."""

    def _repr_html_(self) -> str:
        return self.data


class Markdown(TextDisplayObject):
    """Markdown."""

    def _repr_markdown_(self) -> str:
        return self.data


class Pretty(TextDisplayObject):
    """A text as it is."""

    __repr__ = TextDisplayObject.__str__


Code = FileLink = FileLinks = JSON = GeoJSON = Pretty  # readers have a file where the text leads to it


class Javascript(TextDisplayObject):
    """A program for a notebook's page, which no other page runs."""

    def _repr_mimebundle_(self, **_: object) -> dict[str, object]:
        return {"application/javascript": self.data}


class IFrame(HTML):
    """Another page, within this one."""

    def __init__(self, src: str, width: object, height: object, extras: object = None, **asked: object) -> None:
        del extras
        src += f"?{urlencode(asked)}" if asked else ""
        super().__init__(f'<iframe src="{escape(src)}" width="{width}" height="{height}" allowfullscreen></iframe>')


class YouTubeVideo(IFrame):
    """A film of YouTube, by its id, which begins when its reader asks for it."""

    def __init__(
        self,
        id: str,  # noqa: A002 - as in IPython
        width: object = 400,
        height: object = 300,
        allow_autoplay: object = None,
        **asked: object,
    ) -> None:
        del allow_autoplay
        super().__init__(f"https://www.youtube.com/embed/{id}", width, height, **asked)


class Math(TextDisplayObject):
    """A formula, with or without dollars."""

    def _repr_latex_(self) -> str:
        return f"$$ {self.data.strip().strip('$')} $$"


class Latex(TextDisplayObject):
    """A formula within its marks, or text with formulas."""

    def _repr_latex_(self) -> str:
        text = self.data.strip()
        inner = text.strip("$")
        whole = text.startswith("$") and text.endswith("$") and "$" not in inner
        return text if whole or text.startswith((r"\begin", r"\[")) else ""

    def _repr_markdown_(self) -> str:
        return self.data


class SVG(TextDisplayObject):
    """A drawing; a text that is no SVG names a file."""

    def __init__(
        self, data: object = None, url: str | None = None, filename: str | None = None, metadata: object = None
    ) -> None:
        is_file = isinstance(data, str | os.PathLike) and "<" not in str(data)
        super().__init__(data, url, str(data) if is_file else filename, metadata)

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
