"""How large the images of a post are: read from the heads of their files, written into the page."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from html import escape
from typing import TYPE_CHECKING

from sitegen.model import LinkWords, Markup, Size

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sitegen.model import Fragment, Link, Target

_NUMBER = r"""\s*=\s*["']\s*(\d+(?:\.\d*)?|\.\d+)(?:px)?\s*["']"""
_RASTERS = {".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".ico"}
_ENDS = {".png": b"IEND\xaeB\x60\x82", ".jpg": b"\xff\xd9", ".jpeg": b"\xff\xd9", ".gif": b";"}
_HEAD = 16_384  # bytes of an SVG in which it begins
_SMALLEST = 26  # bytes of a GIF of one pixel; of the other kinds they are more
_LARGEST = 50_000_000  # pixels of a picture that is looked through: half a second
_ROOT = re.compile(rb"<svg\b[^>]*>")


def image_size(path: Path) -> tuple[int, int] | None:
    """Return (width, height) in the image's own pixels, or None when its head does not tell."""
    if path.suffix.lower() == ".svg":
        return _svg_size(path)
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - 20 ms that a blog without images does not spend

    # Its head alone is read: no picture is too large for that.
    most, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        with Image.open(path) as image:
            return image.size
    except (OSError, UnidentifiedImageError, ValueError, SyntaxError):
        return None  # the browser may know a kind that Pillow does not; the page only moves when it arrives
    finally:
        Image.MAX_IMAGE_PIXELS = most


def what_instead(path: Path) -> str:
    """Return what a file is that is called a picture and is none: "" for all that a browser may know how to show."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD if path.suffix.lower() == ".svg" else 64)
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    if not head:
        return "is empty"
    if head.startswith(b"version https://git-lfs."):
        return "is a pointer of Git LFS: `git lfs pull` brings the picture"
    if (root := _ROOT.search(head)) and b"xmlns" not in root[0]:
        return 'is an SVG whose `<svg>` has no `xmlns="http://www.w3.org/2000/svg"`: browsers show nothing of it'
    known = head.startswith((b"\x89PNG", b"\xff\xd8", b"GIF8", b"RIFF", b"BM", b"\0\0\1\0")) or b"ftyp" in head
    known = known or (path.suffix.lower() == ".svg" and b"svg" in head.replace(b"\0", b""))  # also in UTF-16
    return "" if known or path.suffix.lower() not in {*_RASTERS, ".svg"} else "holds no picture"


def is_cut_off(path: Path) -> bool:
    """Whether a raster ends before its picture does, as after a transfer that broke off.

    What ends as its kind ends is whole, so that few files are looked through.
    """
    end = _ENDS.get(path.suffix.lower())
    with suppress(OSError), path.open("rb") as file:
        head, size = file.read(12), file.seek(0, os.SEEK_END)
        if head.startswith(b"RIFF"):
            return size < int.from_bytes(head[4:8], "little") + 8
        if end and size < _SMALLEST:
            return True
        file.seek(max(size - 12, 0))
        if end is None or file.read().endswith(end):
            return False
    from PIL import Image  # noqa: PLC0415 - as above

    try:
        with Image.open(path) as image:
            if image.width * image.height < _LARGEST:
                image.load()
    except OSError as error:
        return "truncated" in str(error)
    except (ValueError, SyntaxError):  # damaged in another way, which a browser may get over
        return False
    return False


def sized(fragments: Sequence[Fragment], targets: Mapping[Link, Target]) -> list[Fragment]:
    """Return the fragments with every size, and every title that a link leads to, in its place."""
    return [_markup(part, targets) if isinstance(part, Size | LinkWords) else part for part in fragments]


def _markup(size: Size | LinkWords, targets: Mapping[Link, Target]) -> Markup:
    if isinstance(size, LinkWords):
        return Markup(escape(targets[size.link].title or size.name))
    width, height = size.width, size.height
    found = targets[size.link].size
    if found and all(found):
        if width and not height:
            height = round(width * found[1] / found[0])
        elif height and not width:
            width = round(height * found[0] / found[1])
        elif not width:
            width, height = found
    given = (("width", width), ("height", height))
    return Markup("".join(f' {name}="{value}"' for name, value in given if value))


def _svg_size(path: Path) -> tuple[int, int] | None:
    try:
        with path.open("rb") as file:
            match = _ROOT.search(file.read(_HEAD))
    except OSError:
        return None
    if not match:
        return None
    root = match[0].decode("utf-8", "replace")
    width, height = (re.search(rf"\s{name}{_NUMBER}", root) for name in ("width", "height"))
    if width and height:
        return round(float(width[1])), round(float(height[1]))
    box = re.search(r"""\sviewBox\s*=\s*["']([^"']*)""", root)
    numbers = re.findall(r"-?(?:\d+(?:\.\d*)?|\.\d+)", box[1]) if box else []
    return (round(float(numbers[2])), round(float(numbers[3]))) if len(numbers) == 4 else None
