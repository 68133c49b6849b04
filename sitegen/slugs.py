"""Words -> what of them may stand in an address: letters and digits of every script, with the marks on them."""

from __future__ import annotations

import re
import unicodedata

_NO_LETTERS = re.compile(r"[\W_]+")
_HYPHENS = re.compile("-+")
_MARKS = {"Mn", "Mc"}
_SELECTORS = range(0xFE00, 0xFE10)  # of the look of a sign: they say nothing


def hyphenated(text: str) -> str:
    """Return a text with one hyphen for all that stands between its words, none at its ends.

    Vowels of Hindi and Thai and the doubling of Arabic are marks, which Python does not count among the letters of words.
    """
    if not text.isascii():
        text = "".join(sign if is_letter(sign) else "-" for sign in text)
        return _HYPHENS.sub("-", text).strip("-")
    return _NO_LETTERS.sub("-", text).strip("-")


def is_letter(sign: str) -> bool:
    """Whether a sign is a letter, a digit or a mark on one."""
    return sign.isalnum() or (unicodedata.category(sign) in _MARKS and ord(sign) not in _SELECTORS)
