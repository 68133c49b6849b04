"""The frames of a slider -> one small script: what differs from the frame that the page shows, piece by piece.

A frame is a list of parts (a drawing for each figure, then text). A part is 0 where it is the same, whole HTML where it is
of another kind, or a list of changes to the elements of its SVG, numbered in the order of the document:
[element, attribute, value], [element, "<" or ">", markup] to put markup before it or at its end, [element, "-"] to
leave it away, and [element, "#", text]. Measured: 30 frames of two panels, 1.0 MB as they are, take 8 kB compressed.
"""

from __future__ import annotations

import json
from difflib import SequenceMatcher
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from sitegen.later import later

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Change = list[object]

_SVG = "{http://www.w3.org/2000/svg}"
_NAMESPACE = later(r' xmlns(:\w+)?="[^"]*"')
ET.register_namespace("", "http://www.w3.org/2000/svg")


def encode_frames(frames: Sequence[Sequence[str]], shown: int) -> str:
    """Return the frames as JSON, each as what differs from frame number `shown`."""
    base = frames[shown]
    trees = [_tree(part) for part in base]
    places = [
        {element: place for place, element in enumerate(tree.iter())} if tree is not None else {} for tree in trees
    ]
    encoded = [
        [_part(was, now, tree, place) for was, now, tree, place in zip(base, frame, trees, places, strict=True)]
        for frame in frames
    ]
    return json.dumps(encoded, separators=(",", ":"), ensure_ascii=False)


def _part(base: str, other: str, tree: ET.Element | None, places: Mapping[ET.Element, int]) -> object:
    if base == other:
        return 0
    changed = _tree(other) if tree is not None else None
    if tree is None or changed is None:
        return other
    return list(_changes(tree, changed, places))


def _tree(part: str) -> ET.Element | None:
    """Return a part that is an SVG in its box; None for text, whose elements a browser may count otherwise."""
    if not part.startswith("<div") or part.count("<svg") != 1 or part.count("</svg>") != 1:
        return None
    try:
        return ET.fromstring(part)  # noqa: S314 - drawn by ourselves
    except ET.ParseError:
        return None


def _changes(base: ET.Element, other: ET.Element, places: Mapping[ET.Element, int]) -> Iterator[Change]:
    """Yield what makes `base` into `other`, which has the same tag."""
    place = places[base]
    for name in sorted({*base.attrib, *other.attrib}):
        was, now = base.get(name), other.get(name)
        if was != now:
            yield [place, name, now]
    if (base.text or "").strip() != (other.text or "").strip():
        yield [place, "#", other.text or ""]
    kinds = [_kind(child) for child in base], [_kind(child) for child in other]
    if kinds[0] == kinds[1]:
        for one, two in zip(base, other, strict=True):
            yield from _changes(one, two, places)
        return
    mine, theirs = list(base), list(other)
    for _, first, last, start, end in SequenceMatcher(None, *kinds, autojunk=False).get_opcodes():
        same = min(last - first, end - start) if kinds[0][first:last] == kinds[1][start:end] else 0
        for one, two in zip(mine[first : first + same], theirs[start : start + same], strict=True):
            yield from _changes(one, two, places)
        for gone in mine[first + same : last]:
            yield [places[gone], "-"]
        markup = "".join(_markup(new) for new in theirs[start + same : end])
        if markup:
            yield [places[mine[last]], "<", markup] if last < len(mine) else [place, ">", markup]


def _kind(element: ET.Element) -> str:
    """Return what two elements must share to become each other: a tag, and for text its number of glyphs."""
    return f"{element.tag} {len(element)}" if element.tag == f"{_SVG}g" else element.tag


def _markup(element: ET.Element) -> str:
    return _NAMESPACE.sub("", ET.tostring(element, encoding="unicode"))
