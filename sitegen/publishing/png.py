"""An SVG -> a PNG, for where none is shown: readers of feeds strip it, and other sites show no card in it.

Letters of figures are paths already; those of diagrams are drawn in DejaVu Sans, which comes with matplotlib.
"""

from __future__ import annotations

import math
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from html import unescape
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from sitegen.keys import digest, digest_of_code, versions_of
from sitegen.later import later

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import PurePosixPath

    from sitegen.model import Digest
    from sitegen.store import Store

SAVED = "figures/saved"  # a folder of the site: pictures that programs wrote

SHARPNESS = 1.5  # pixels of the PNG to one of CSS: twice as many take twice the time and bytes
MOST = 20_000_000  # pixels of one PNG: a diagram of a hundred boxes within one another would take a minute
PAPER = "#fdfcf9"  # as in theme.css
_STACK = 256_000_000  # bytes, most of them never touched: resvg goes a level down for each of up to 1,024 in an SVG, or crashes
_OTHER_SCRIPTS = later("[\u0590-\u05ff\u0600-\u10ff\u1200-\u1cff\u2e80-\ua63f\uac00-\ud7ff\uf900-\ufaff]")
_DOT = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'
_TEXT = later(r"<text\b.*?</text>", re.DOTALL)
_CLIP = r' clip-path="url\((#[\w-]+)\)"'
_CLIPPED = r"(?:<g(?: data-[^>]*)?>)?<path [^>]*{}[^>]*/>(?:</g>)?"
_CLIPPED_ALIKE = later(_CLIPPED.format(_CLIP) + "(?:" + _CLIPPED.format(r' clip-path="url\(\1\)"') + ")+")


def is_drawable(svg: str) -> bool:
    """Whether the letters of an SVG are in a script that can be drawn everywhere."""
    return not any(_OTHER_SCRIPTS.search(unescape(text)) for text in _TEXT.findall(svg))


def svg_size(svg: str) -> tuple[float, float]:
    """Return width and height of a figure in CSS pixels, or in its own units. Raises ValueError."""
    head = svg[: svg.find(">")]
    found = [re.search(rf'\s{name}\s*=\s*["\']([\d.]+)(?:px)?["\']', head) for name in ("width", "height")]
    sides = [side[1] for side in found if side]
    box = re.search(r'\sviewBox\s*=\s*["\'][-\d.eE]+[\s,]+[-\d.eE]+[\s,]+([\d.]+)[\s,]+([\d.]+)', head)
    width, height = map(float, sides if len(sides) == 2 else box.groups() if box else (0, 0))
    if not width or not height:
        raise ValueError("it does not say its size")
    return width, height


def draw_png(svg: str, zoom: float = SHARPNESS) -> bytes:
    """Return an SVG as PNG on the paper of the light theme, less sharp where it is huge; one that cannot be drawn as a dot of paper."""
    import resvg_py  # noqa: PLC0415 - only where something is drawn

    if "xmlns=" not in svg:  # as a value may draw itself for a notebook
        svg = svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    with suppress(ValueError):
        zoom = min(zoom, math.sqrt(MOST / math.prod(svg_size(svg))))
    before = threading.stack_size(_STACK)
    try:
        with ThreadPoolExecutor(1) as pool:
            drawn = pool.submit(_drawn, resvg_py.svg_to_bytes, svg, zoom)
            with suppress(ValueError):
                return drawn.result()
    finally:
        threading.stack_size(before)
    return _drawn(resvg_py.svg_to_bytes, _DOT, 1)


def _drawn(draw: Callable[..., bytes], svg: str, zoom: float) -> bytes:
    return bytes(
        draw(
            svg_string=_CLIPPED_ALIKE.sub(_clipped_once, svg),
            zoom=zoom,
            background=PAPER,
            skip_system_fonts=True,
            font_files=[str(plain_font())] if "<text" in svg else None,
            font_family="DejaVu Sans",
            sans_serif_family="DejaVu Sans",
        )
    )


def is_to_be_drawn(path: PurePosixPath) -> bool:
    """Whether a figure that is a file of its own is an SVG that feeds show as a PNG."""
    return path.suffix == ".png" and str(path.parent) != SAVED


def draw_or_recall_png(svg: Digest, store: Store, *, draw: bool) -> Digest | None:
    """Return the digest of an SVG in the store as PNG; None when it is not known and not to be drawn."""
    key = digest(digest_of_code("publishing/png.py"), versions_of("resvg-py"), svg)
    known = store.recall_content("png", key)
    if known is None and draw:
        known = store.keep(draw_png(store.content(svg).decode()))
        store.remember("png", key, known)
    return known


def _clipped_once(found: re.Match[str]) -> str:
    """Clip paths in a row together: each clip alone costs as much as filling the picture, 8 ms."""
    if found[0].count("<g") != found[0].count("</g"):
        return found[0]
    return f'<g clip-path="url({found[1]})">' + re.sub(_CLIP, "", found[0]) + "</g>"


@cache
def plain_font() -> Path:
    """Return the font that has a little of every script: it comes with matplotlib."""
    found = find_spec("matplotlib")
    return Path(str(found and found.origin)).parent / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf"
