"""A font -> the part of it that a site's text needs: its characters, weights and features; a style sheet -> the rules it needs.

A character that a reader alone brings (in the search box) is drawn in the next font of the style sheet's list.
"""

from __future__ import annotations

import io
import logging
import re
import string
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING, cast

from sitegen.store import digest, digest_of_code, versions_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from sitegen.publishing.site import Site
    from sitegen.store import Store

_ALWAYS = frozenset(string.printable) | frozenset(
    "\N{NO-BREAK SPACE}\N{EN DASH}\N{EM DASH}\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}"
    "\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}\N{HORIZONTAL ELLIPSIS}\N{MIDDLE DOT}"
    "\N{LEFTWARDS ARROW}\N{RIGHTWARDS ARROW}\N{LEFTWARDS ARROW WITH HOOK}\N{MINUS SIGN}\N{REPLACEMENT CHARACTER}"
)
_FEATURES = {
    "tabular-nums": "tnum",
    "proportional-nums": "pnum",
    "lining-nums": "lnum",
    "oldstyle-nums": "onum",
    "slashed-zero": "zero",
    "small-caps": "smcp",
    "all-small-caps": "c2sc",
    "ordinal": "ordn",
    "historical-ligatures": "hlig",
    "discretionary-ligatures": "dlig",
}
"""Words of CSS, and the OpenType features behind them that a font does not show by itself."""

_FEATURE = re.compile(r"\b(" + "|".join(_FEATURES) + r""")\b|["'](\w{4})["']""")
_WEIGHTS = re.compile(r"font-weight:\s*(\d+)(?:\s+(\d+))?")
_RANGES = re.compile(r"unicode-range:\s*([^;}]+)")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_CLASS = re.compile(r"\.([\w-]+)")
_BOLD, _ITALIC = "font-weight:700", "font-style:italic"
_FAMILY = re.compile(r"font(?:-family)?:[^;}]*?\b(KaTeX_\w+)")


@dataclass(frozen=True, slots=True)
class Face:
    """What an `@font-face` says of its file. weights: least and most. ranges: of code points, () for all."""

    weights: tuple[int, int] | None = None
    ranges: tuple[tuple[int, int], ...] = ()


def face_of(rule: str) -> Face:
    """Return what an `@font-face` rule declares."""
    weights, ranges = _WEIGHTS.search(rule), _RANGES.search(rule)
    found = []
    for part in re.split(r"[\s,]+", ranges[1].strip()) if ranges else ():
        first, _, last = part.upper().removeprefix("U+").partition("-")
        found.append((int(first.replace("?", "0"), 16), int((last or first).replace("?", "F"), 16)))
    return Face((int(weights[1]), int(weights[2])) if weights and weights[2] else None, tuple(found))


def features_of(sheets: Iterable[str]) -> frozenset[str]:
    """Return the OpenType features that style sheets ask for, by their tags."""
    return frozenset(
        tag
        for sheet in sheets
        if "font-" in sheet
        for word, tag in _FEATURE.findall(sheet)
        for tag in [tag or _FEATURES[word]]
    )


class FontCutter:
    """Cuts fonts and KaTeX's style sheet for one site; a font that was cut before is recalled."""

    def __init__(self, site: Site, templates: Iterable[Path], store: Store) -> None:
        self._store = store
        articles = (*site.articles, *site.pages)
        found = set(_ALWAYS) | set(repr(site.config))
        for folder in templates:
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    found.update(unescape(path.read_text(encoding="utf-8", errors="replace")))
        self._characters = frozenset(found.union(*(article.signs for article in articles)))
        self._classes = frozenset[str]().union(*(article.classes for article in articles))
        self._features: frozenset[str] = frozenset()

    def use(self, sheets: Iterable[str]) -> None:
        """Note what the site's style sheets ask of fonts."""
        self._features = features_of(sheets)

    def cut(self, font: bytes, face: Face) -> bytes | None:
        """Return a WOFF2 font with the site's characters, in the weights of its face; None where the site has none of them."""
        signs = {sign for sign in self._characters if _is_in(sign, face)}
        if not signs:
            return None
        name = digest(font)
        made_by = (digest_of_code("publishing/fonts.py"), versions_of("fonttools", "brotli", "uharfbuzz"))
        drawn = cast("str | None", self._store.recall("font-characters", digest(*made_by, name)))
        unpacked = b""
        if drawn is None:
            unpacked, drawn = _unpacked(font)
            self._store.remember("font-characters", digest(*made_by, name), drawn)
        wanted = "".join(sign for sign in drawn if sign in signs)
        if not wanted.strip():
            return None
        key = digest(*made_by, name, wanted, repr(face.weights), *sorted(self._features))
        known = cast("str | None", self._store.recall("font", key))
        if known is not None and self._store.has([known]):
            return self._store.content(known)
        content = _cut(unpacked or _unpacked(font)[0], wanted, face.weights, self._features)
        self._store.remember("font", key, self._store.keep(content))
        return content

    def needed(self, sheet: str) -> str:
        """Return the rules of KaTeX's style sheet for what the site's formulas hold, with the fonts that those name."""
        rules = [(selectors, body) for selectors, body in _RULE.findall(sheet) if not selectors.startswith("@")]
        kept = []
        for selectors, body in rules:
            some = [one for one in selectors.split(",") if self._classes.issuperset(_CLASS.findall(one))]
            if some:
                kept.append((",".join(some), body))
        faces = "".join(f"@font-face{{{body}}}" for body in _faces_named(sheet, [body for _, body in kept]))
        return faces + "".join(f"{selectors}{{{body}}}" for selectors, body in kept)


def _faces_named(sheet: str, rules: Sequence[str]) -> Iterator[str]:
    """Yield the faces of a sheet that rules ask for; bold or italic without a family asks for those of every family."""
    plain = [body for body in rules if not _FAMILY.search(body)]
    named = [(_FAMILY.findall(body), body) for body in rules]

    def is_asked_for(face: str, word: str, body: str) -> bool:
        return any(word in other for other in (body, *plain)) if word in face else word not in body

    for selectors, face in _RULE.findall(sheet):
        if selectors.startswith("@font-face") and any(
            f"font-family:{family};" in face and all(is_asked_for(face, word, body) for word in (_BOLD, _ITALIC))
            for families, body in named
            for family in families
        ):
            yield face


def _is_in(sign: str, face: Face) -> bool:
    return not face.ranges or any(first <= ord(sign) <= last for first, last in face.ranges)


def _unpacked(font: bytes) -> tuple[bytes, str]:
    """Return a WOFF2 font unpacked, and the characters that it draws."""
    from fontTools.ttLib import TTFont  # noqa: PLC0415 - 100 ms that a build without changes does not spend

    logging.getLogger("fontTools").setLevel(logging.ERROR)  # it tells of tables that it does not know
    opened = TTFont(io.BytesIO(font), recalcTimestamp=False)
    opened.flavor = None
    written = io.BytesIO()
    opened.save(written, reorderTables=None)
    return written.getvalue(), "".join(map(chr, sorted(opened.getBestCmap())))


def _cut(unpacked: bytes, characters: str, weights: tuple[int, int] | None, features: frozenset[str]) -> bytes:
    """Cut by HarfBuzz, which takes milliseconds where fontTools takes a second for a variable font; pack as WOFF2."""
    import uharfbuzz  # noqa: PLC0415 - as above
    from fontTools.ttLib import TTFont  # noqa: PLC0415 - as above

    face = uharfbuzz.Face(unpacked)
    wanted = uharfbuzz.SubsetInput()
    wanted.unicode_set.set({ord(character) for character in characters})
    wanted.layout_feature_tag_set.update({int.from_bytes(tag.encode(), "big") for tag in features})
    wanted.flags = uharfbuzz.SubsetFlags.NO_HINTING | uharfbuzz.SubsetFlags.NOTDEF_OUTLINE
    axis = next((axis for axis in face.axis_infos if axis.tag == "wght"), None)
    if weights and axis:
        least, most = max(weights[0], axis.min_value), min(weights[1], axis.max_value)
        if least < most:
            wanted.set_axis_range(face, "wght", least, most, min(max(axis.default_value, least), most))
    small = uharfbuzz.subset(face, wanted)
    packed = TTFont(io.BytesIO(small.blob.data), recalcTimestamp=False)
    packed.flavor = "woff2"
    written = io.BytesIO()
    packed.save(written, reorderTables=None)
    return written.getvalue()
