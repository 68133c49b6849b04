"""The HTML of an article -> what fonts and style sheets must hold for it: signs, classes, and the letters of its formulas."""

from __future__ import annotations

import re
from functools import lru_cache
from html import unescape
from typing import TYPE_CHECKING
from unicodedata import normalize

from sitegen.publishing.sheets import asked_for, elements_of

if TYPE_CHECKING:
    from collections.abc import Iterable

_LETTERS = re.compile(r'<span(?: class="([^"]*)")?[^>]*>([^<]+)')
_ASCII = bytes(range(128))
_ENTITY = re.compile(r"&#?\w+;")
_CLASSES = re.compile(r"""class=\\?["']([^"'\\]+)""")


def signs_and_classes(body: str, *others: str) -> tuple[str, tuple[str, ...]]:
    """Return the characters in texts that are not ASCII, and what asks for rules of style sheets. others: what is shown elsewhere."""
    signs: set[str] = set()
    classes = asked_for(body)
    for text in (body, *others):
        signs.update(text.encode(errors="replace").translate(None, _ASCII).decode())
        signs.update(*(unescape(entity) for entity in set(_ENTITY.findall(text))))
    for text in others:
        for names in set(_CLASSES.findall(text)):
            classes.update(names.split())
        classes |= elements_of(text)
        if "--figure" in text:
            classes.add("--figure-")  # of all inks: frames are differences, which begin in the midst of a name too
    return "".join(sorted(sign for sign in signs if not sign.isascii())), tuple(sorted(classes))


@lru_cache(maxsize=2_000)  # many posts write the same
def _set_in(formula: str) -> frozenset[tuple[str, str]]:
    return frozenset(_LETTERS.findall(formula))


@lru_cache(maxsize=2_000)  # nearly all that formulas set are letters, digits and signs
def _signs_of(text: str) -> frozenset[str]:
    own = unescape(text)
    return frozenset(own).union(normalize("NFD", own))  # a font may put letters together


def letters_of(formulas: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return what formulas set: by the classes of the elements that hold it, "" for those without, the characters."""
    found: dict[str, set[str]] = {}
    for classes, text in frozenset[tuple[str, str]]().union(*map(_set_in, formulas)):
        found.setdefault(classes, set()).update(_signs_of(text))
    return tuple((classes, "".join(sorted(signs))) for classes, signs in sorted(found.items()))
