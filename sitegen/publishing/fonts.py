"""A font -> the part of it that a site's text needs: its characters, in the weights that the style sheet declares.

A character that a reader alone brings (in the search box) is drawn in the next font of the style sheet's list.
"""

from __future__ import annotations

import io
import logging
import string
from html import unescape
from typing import TYPE_CHECKING, cast

from sitegen.store import digest, digest_of_code, versions_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from fontTools.ttLib import TTFont

    from sitegen.model import Article
    from sitegen.publishing.site import Site
    from sitegen.store import Store

_ALWAYS = frozenset(string.printable) | frozenset(
    "\N{NO-BREAK SPACE}\N{EN DASH}\N{EM DASH}\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}"
    "\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}\N{HORIZONTAL ELLIPSIS}\N{MIDDLE DOT}"
    "\N{LEFTWARDS ARROW}\N{RIGHTWARDS ARROW}\N{LEFTWARDS ARROW WITH HOOK}\N{MINUS SIGN}\N{REPLACEMENT CHARACTER}"
)
_TEXT = {".js", ".svg"}  # drawings that are files of their own and hold text


class FontCutter:
    """Cuts fonts for one site; what was cut before is recalled."""

    def __init__(self, site: Site, templates: Iterable[Path], store: Store) -> None:
        self._store = store
        found = set(_ALWAYS) | set(repr(site.config))
        for folder in templates:
            for path in sorted(folder.glob("*")):
                if path.is_file():
                    found.update(unescape(path.read_text(encoding="utf-8", errors="replace")))
        for article in (*site.articles, *site.pages):
            found.update(unescape(repr(article)), self._written(article))
        self._characters = frozenset(found)

    def cut(self, font: bytes, weights: tuple[int, int] | None) -> bytes:
        """Return a WOFF2 font with the site's characters and weights; a font that has none of them stays as it is."""
        name = digest(font)
        made_by = (digest_of_code("publishing/fonts.py"), versions_of("fonttools", "brotli"))
        covered = self._store.recall("font-characters", digest(*made_by, name))
        if covered is None:
            covered = "".join(map(chr, sorted(_open(font).getBestCmap())))
            self._store.remember("font-characters", digest(*made_by, name), covered)
        wanted = "".join(character for character in cast("str", covered) if character in self._characters)
        if not wanted.strip():
            return font
        key = digest(*made_by, name, wanted, repr(weights))
        known = cast("str | None", self._store.recall("font", key))
        if known is not None and self._store.has([known]):
            return self._store.content(known)
        content = _cut(font, wanted, weights)
        self._store.remember("font", key, self._store.keep(content))
        return content

    def _written(self, article: Article) -> str:
        """Return the characters, apart from ASCII, of an article's page."""
        texts = [article.body, *(name for path, name in article.drawings if path.suffix in _TEXT)]
        key = digest(digest_of_code("publishing/fonts.py"), *texts)
        known = cast("str | None", self._store.recall("characters", key))
        if known is None:
            every = {c for name in texts for c in unescape(self._store.content(name).decode(errors="replace"))}
            known = "".join(sorted(c for c in every if not c.isascii()))
            self._store.remember("characters", key, known)
        return known


def _open(font: bytes) -> TTFont:
    from fontTools.ttLib import TTFont  # noqa: PLC0415 - 100 ms that a build without changes does not spend

    return TTFont(io.BytesIO(font), recalcTimestamp=False)


def _cut(font: bytes, characters: str, weights: tuple[int, int] | None) -> bytes:
    from fontTools import subset  # noqa: PLC0415 - as above
    from fontTools.varLib import instancer  # noqa: PLC0415 - as above

    logging.getLogger("fontTools").setLevel(logging.ERROR)  # it tells of tables that it does not know
    options = subset.Options(layout_features=["*"], notdef_outline=True, hinting=False)
    opened = _open(font)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=characters)
    subsetter.subset(opened)
    axes = {axis.axisTag: axis for axis in opened["fvar"].axes} if "fvar" in opened else {}
    if weights and "wght" in axes:
        axis = axes["wght"]
        least, most = max(weights[0], axis.minValue), min(weights[1], axis.maxValue)
        if least < most and (least, most) != (axis.minValue, axis.maxValue):
            opened = instancer.instantiateVariableFont(opened, {"wght": (least, most)})
    opened.flavor = "woff2"
    written = io.BytesIO()
    opened.save(written)
    return written.getvalue()
