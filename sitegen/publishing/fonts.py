"""A font -> the part of it that a site's text needs: its characters, weights and features; a style sheet -> the rules it needs.

A character that a reader alone brings (in the search box) is drawn in the next font of the style sheet's list.
"""

from __future__ import annotations

import io
import logging
import re
import string
from collections import defaultdict
from html import unescape
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

from msgspec import Struct
from msgspec.structs import replace

from sitegen.keys import digest, digest_of_code, versions_of
from sitegen.project import is_there
from sitegen.publishing.standins import names_of_stand_ins, stand_ins

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from sitegen.model import Article, Digest
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
_WITHOUT = re.compile(r"""["'](\w{4})["']\s+(?:0|off)\b""")
_FIXED = re.compile(r"font-variation-settings:\s*([^;}]+)")
_AXIS = re.compile(r"""["'](\w{4})["']\s+(-?[\d.]+)""")
_RANGES = re.compile(r"unicode-range:\s*([^;}]+)")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_NAMED = re.compile(r"""font-family:\s*["']([^"']+)""")
_LATIN = re.compile(r"""url\(["']?(?:\./)?(files/[\w-]+-latin-[a-z]+-normal\.woff2)""")
_CLASS = re.compile(r"\.([\w-]+)")
_BOLD, _ITALIC = "font-weight:700", "font-style:italic"
_NOT = re.compile(r":not\([^)]*\)")
_QUOTED = re.compile(r"""["'](KaTeX_\w+)["']""")
_FILE = re.compile(r"(KaTeX_[\w-]+\.woff2)")
_FAMILY = re.compile(r"font(?:-family)?:[^;}]*?\b(KaTeX_\w+)")


class Face(Struct, frozen=True):
    """What an `@font-face` says of its file. weights: least and most. ranges: of code points, () for all.

    without: features that its `font-feature-settings` switch off. fixed: axes that its `font-variation-settings` set. signs: all that is ever set in it; None for the site's text.
    """

    weights: tuple[int, int] | None = None
    ranges: tuple[tuple[int, int], ...] = ()
    without: frozenset[str] = frozenset()
    fixed: tuple[tuple[str, float], ...] = ()
    signs: frozenset[str] | None = None


class Package(Struct, frozen=True):
    """A package of a font. family: what its style sheets call it. sheets: theirs, as names of assets.

    first: its file with Latin letters, as a name of an asset; "" where there is none. stand_ins: rules of fonts that stand in its
    place until it arrives, and others: their families.
    """

    family: str
    sheets: tuple[str, ...]
    first: str
    stand_ins: str = ""
    others: tuple[str, ...] = ()


def read_package(packages: Path, name: str) -> Package:
    """Return what an npm package of a font offers, with the italics that were drawn for it. Raises KeyError when there is none."""
    sheet, italics = packages / name / "index.css", packages / name / "wght-italic.css"
    text = sheet.read_text(encoding="utf-8") if is_there(sheet) else ""
    family, first = _NAMED.search(text), _LATIN.search(text)
    if family is None:
        raise KeyError(name)
    sheets = tuple(f"npm:{name}/{one.name}" for one in (sheet, italics) if one.is_file())
    return Package(family[1], sheets, f"npm:{name}/{first[1]}" if first else "")


def face_of(rule: str) -> Face:
    """Return what an `@font-face` rule declares."""
    weights, ranges = _WEIGHTS.search(rule), _RANGES.search(rule)
    found = []
    for part in re.split(r"[\s,]+", ranges[1].strip()) if ranges else ():
        first, _, last = part.upper().removeprefix("U+").partition("-")
        found.append((int(first.replace("?", "0"), 16), int((last or first).replace("?", "F"), 16)))
    both = (int(weights[1]), int(weights[2] or weights[1])) if weights else None
    fixed = _FIXED.search(rule)
    axes = tuple((axis, float(value)) for axis, value in _AXIS.findall(fixed[1])) if fixed else ()
    return Face(both, tuple(found), frozenset(_WITHOUT.findall(rule)), axes)


def features_of(sheets: Iterable[str]) -> frozenset[str]:
    """Return the OpenType features that style sheets ask for, by their tags."""
    return frozenset(
        tag
        for sheet in sheets
        if "font-" in sheet
        for word, tag in _FEATURE.findall(sheet)
        for tag in [tag or _FEATURES[word]]
    )


def asked_of_fonts(articles: Iterable[Article]) -> tuple[set[str], set[str], dict[str, set[str]]]:
    """Return what articles ask of fonts: their signs, classes, and what formulas set, by the classes of what holds it."""
    signs: set[str] = set()
    asked: set[str] = set()
    letters: dict[str, set[str]] = defaultdict(set)
    for article in articles:
        signs.update(article.signs)
        asked.update(article.classes)
        for classes, inside in article.letters:
            letters[classes].update(inside)
    return signs, asked, letters


class FontCutter:
    """Cuts fonts and KaTeX's style sheet for one site; a font that was cut before is recalled."""

    def __init__(self, site: Site, templates: Iterable[Path], store: Store) -> None:
        self._store = store
        articles = site.everything
        found = set(_ALWAYS) | set(repr(site.config))
        spoken = {lang.partition("-")[0] for lang in (site.config.lang, *(article.meta.lang for article in articles))}
        for folder in templates:
            for path in sorted(folder.rglob("*")):
                name = path.relative_to(folder).as_posix()
                if name.startswith((".", "__pycache__/")) or not path.is_file():
                    continue  # what an editor and Jinja leave there: the same site would hold other fonts
                if path.parent.name != "words" or path.stem.partition("-")[0] in {"en", *spoken}:
                    found.update(unescape(path.read_text(encoding="utf-8", errors="replace")))
        signs, self._classes, self._letters = asked_of_fonts(articles)
        self._characters = frozenset(found | signs)
        self._features: frozenset[str] = frozenset()
        self._set: dict[str, frozenset[str]] = {}
        self._recipes: dict[Digest, tuple[bytes, str, Face, tuple[str, ...]]] = {}

    def use(self, sheets: Iterable[str]) -> None:
        """Note what the site's style sheets ask of fonts."""
        self._features = features_of(sheets)

    def name(self, font: bytes, face: Face) -> Digest | None:
        """Return the name of a font, packed or not, as it will be cut; None where the site has no text for its face.

        It names what the font is made of, so that pages can be written before it is made.
        """
        signs = self._characters if face.signs is None else face.signs
        wanted = "".join(sorted(sign for sign in signs if _is_in(sign, face)))
        if not wanted.strip():
            return None
        features = tuple(sorted(self._features - face.without))
        made_by = (digest_of_code("publishing/fonts.py"), versions_of("fonttools", "brotli", "uharfbuzz"))
        name = digest(*made_by, font, wanted, repr((face.weights, sorted(face.without), face.fixed)), *features)
        self._recipes[name] = (font, wanted, face, features)
        return name

    def missing(self) -> list[Digest]:
        """Return the names of the fonts that have not been cut before."""
        return [name for name in self._recipes if self.made(name) is None]

    def made(self, name: Digest) -> Digest | None:
        """Return the digest of a cut font in the store; None when it is still to be cut."""
        return self._store.recall_content("font", name)

    def content(self, name: Digest) -> bytes:
        """Return a cut font, which is cut now if it has not been before."""
        if self.made(name) is None:
            self.cut([name])
        return self._store.content(self.made(name) or "")

    def remembered(self, key: Digest, cut: Callable[[], str]) -> str:
        """Return the part of a style sheet that has a name, which is cut when it has not been before."""
        known = cast("str | None", self._store.recall("sheet", key))
        if known is None:
            known = cut()
            self._store.remember("sheet", key, known)
        return known

    def with_stand_ins(self, package: Package, use: str, packages: Path) -> Package:
        """Return a font package with what stands in its place until it arrives. packages: the folder of npm's."""
        if not package.first:
            return package
        font = (packages / package.first.removeprefix("npm:")).read_bytes()
        key = digest(digest_of_code("publishing/standins.py"), versions_of("fonttools"), package.family, use, font)
        rules = self.remembered(key, lambda: stand_ins(package.family, use, font))
        return replace(package, stand_ins=rules, others=names_of_stand_ins(package.family, use) if rules else ())

    def cut(self, names: Iterable[Digest]) -> None:
        """Cut fonts, and remember them."""
        for name in names:
            self._store.remember("font", name, self._store.keep(_cut(*self._recipes[name])))

    def face_of_formulas(self, name: str) -> Face:
        """Return what is set in a font of KaTeX's, by the name of its file."""
        return Face(signs=self._set.get(name))

    def needed(self, sheet: str) -> str:
        """Return the rules of KaTeX's style sheet for what the site's formulas hold, with the fonts that those name."""
        sheet = _QUOTED.sub(r"\1", sheet)
        rules = [(selectors, body) for selectors, body in _RULE.findall(sheet) if not selectors.startswith("@")]
        kept = []
        for selectors, body in rules:
            some = [one for one in selectors.split(",") if self._classes.issuperset(_CLASS.findall(_NOT.sub("", one)))]
            if some:
                kept.append((",".join(some), body))
        faces = "".join(f"@font-face{{{body}}}" for body in _faces_named(sheet, [body for _, body in kept]))
        self._set = _set_in(faces, kept, self._letters.items())
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


def _set_in(
    faces: str, rules: Sequence[tuple[str, str]], letters: Iterable[tuple[str, Iterable[str]]]
) -> dict[str, frozenset[str]]:
    """Return the characters that formulas set in each font, by the name of its file; by their classes and KaTeX's rules."""
    found: dict[str, set[str]] = {name: set() for name in _FILE.findall(faces)}
    fonts = {name: face for face in faces.split("@font-face")[1:] for name in _FILE.findall(face)}
    styled = [
        (frozenset(_CLASS.findall(re.split(r"[ >]", one)[-1])), one.endswith(">span"), body)
        for selectors, body in rules
        for one in selectors.split(",")
        if _FAMILY.search(body) or _BOLD in body or _ITALIC in body
    ]
    for classes, signs in letters:
        given = set(classes.split())
        bodies = [body for needs, is_bare, body in styled if (needs and needs <= given) or (is_bare and not given)]
        families = {family for body in bodies for family in _FAMILY.findall(body)} or {"KaTeX_Main"}
        asked = {word for word in (_BOLD, _ITALIC) if any(word in body for body in bodies)}
        own = {
            name: {word for word in (_BOLD, _ITALIC) if word in face}
            for name, face in fonts.items()
            if any(f"font-family:{family};" in face for family in families)
        }
        for name in [name for name, special in own.items() if special == asked] or own:
            found[name].update(signs)
    return {name: frozenset(signs) for name, signs in found.items()}


def _is_in(sign: str, face: Face) -> bool:
    return not face.ranges or any(first <= ord(sign) <= last for first, last in face.ranges)


def _cut(font: bytes, characters: str, cut_to: Face, features: Sequence[str]) -> bytes:
    """Cut by HarfBuzz, which takes milliseconds where fontTools takes a second for a variable font; pack as WOFF2.

    Pairs of letters stand as far apart in every weight as in the usual one: more would be a sixth of a font's bytes.
    """
    import uharfbuzz  # noqa: PLC0415 - 100 ms with fontTools, that a build without changes does not spend

    face = uharfbuzz.Face(_packed(font, None) if font[:4] == b"wOF2" else font)
    found, usual = (
        uharfbuzz.subset(face, _wanted(face, characters, cut_to, features, varies=varies)) for varies in (True, False)
    )
    return _packed(found.blob.data, "woff2", {"GPOS": bytes(usual.reference_table("GPOS").data)})


def _wanted(face: Any, characters: str, cut_to: Face, features: Sequence[str], *, varies: bool) -> Any:  # noqa: ANN401 - HarfBuzz's have no types
    """Return what of a face is to stay. varies: whether its axes do, within what `cut_to` says."""
    import uharfbuzz  # noqa: PLC0415 - as above

    wanted = uharfbuzz.SubsetInput()
    wanted.unicode_set.set({ord(character) for character in characters})
    wanted.layout_feature_tag_set.update({int.from_bytes(tag.encode(), "big") for tag in features})
    for tag in cut_to.without:
        wanted.layout_feature_tag_set.discard(int.from_bytes(tag.encode(), "big"))
    wanted.name_id_set.set({0, 1, 2})  # whose it is, and what it is called
    # No browser reads them.
    wanted.drop_table_tag_set.update({int.from_bytes(tag, "big") for tag in (b"STAT", b"gasp")})
    wanted.flags = uharfbuzz.SubsetFlags.NO_HINTING | uharfbuzz.SubsetFlags.NOTDEF_OUTLINE
    for axis in face.axis_infos:
        least, most = axis.min_value, axis.max_value
        if axis.tag == "wght" and cut_to.weights:
            least, most = max(cut_to.weights[0], least), min(cut_to.weights[1], most)
        least, most = (dict(cut_to.fixed).get(axis.tag, side) for side in (least, most))
        usual = min(max(axis.default_value, least), most)
        if least >= most or not varies:
            wanted.pin_axis_location(face, axis.tag, usual)
        else:
            wanted.set_axis_range(face, axis.tag, least, most, usual)
    return wanted


def _packed(font: bytes, flavor: str | None, tables: Mapping[str, bytes] = MappingProxyType({})) -> bytes:
    """Return a font packed as WOFF2, or with None unpacked. tables: that take the place of those with their names."""
    from fontTools.ttLib import TTFont  # noqa: PLC0415 - as above
    from fontTools.ttLib.tables.DefaultTable import DefaultTable  # noqa: PLC0415 - as above

    logging.getLogger("fontTools").setLevel(logging.ERROR)  # it tells of tables that it does not know
    opened = TTFont(io.BytesIO(font), recalcTimestamp=False)
    opened.flavor = flavor
    for tag, data in tables.items():
        if tag in opened:
            opened[tag] = DefaultTable(tag)
            opened[tag].data = data
    written = io.BytesIO()
    opened.save(written, reorderTables=None)
    return written.getvalue()
