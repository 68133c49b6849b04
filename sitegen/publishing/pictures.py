"""A picture that a value draws of itself -> what stands in the page; a damaged one is an error, never part of the page."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from sitegen.errors import SiteError

if TYPE_CHECKING:
    from sitegen.errors import Location

_PNG = b"\x89PNG\r\n\x1a\n"


def read_svg(text: str, place: Location) -> str | SiteError:
    """Return the element of an SVG without what stands before it in a file of its own, which has no place in HTML."""
    try:
        root = ET.fromstring(text.strip())  # noqa: S314 - expat itself refuses entities that grow without bounds
    except (ET.ParseError, ValueError) as error:
        return SiteError(f"`_repr_svg_` gave no well-formed SVG: {error}", place, "draw it again, or return None")
    start = text.find("<svg")
    if root.tag.rpartition("}")[2] != "svg" or start < 0:
        return SiteError(f"`_repr_svg_` gave `<{root.tag.rpartition('}')[2]}>`, not `<svg>`", place)
    return text[start:].strip()


def read_png(text: str, place: Location) -> str | SiteError:
    """Return the base64 of a PNG, on one line."""
    joined = "".join(text.split())
    try:
        data = base64.b64decode(joined, validate=True)
    except (binascii.Error, ValueError) as error:
        return SiteError(f"`_repr_png_` gave no base64: {error}", place, "return the bytes of a PNG")
    if not data.startswith(_PNG):
        return SiteError("`_repr_png_` gave something else than a PNG", place, "return the bytes of a PNG")
    return joined
