"""Names of places: the anchor that a heading's text makes, and the name that an author gives to a block."""

from __future__ import annotations

import re
import unicodedata

from sitegen.slugs import is_letter

_NAME = re.compile(r"(?:\A|[ \t\n])\^((?=[\w-]*[a-zA-Z])[a-zA-Z0-9-]{2,}|\d{6})\Z")
_NO_WORDS = re.compile(r"[^\w\s-]")
_LONGEST = 100  # characters of a block's name


def block_name(text: str) -> tuple[str, str]:
    """Return a text without the name that Obsidian's `^name` at its end gives to its block, and the name."""
    match = _NAME.search(text[-_LONGEST:]) if "^" in text else None
    return (text[: -len(match[0])], match[1]) if match else (text, "")


def anchor_id(text: str) -> str:
    """Return a heading's id as GitHub makes it: lower case, letters and digits of every script, hyphens for blanks."""
    text = unicodedata.normalize("NFC", text).lower()
    kept = _NO_WORDS.sub("" if text.isascii() else lambda found: found[0] if is_letter(found[0]) else "", text)
    return re.sub(r"[-\s]+", "-", kept).strip("-") or "section"
