"""A heading's text -> its anchor."""

from __future__ import annotations

import re
import unicodedata


def anchor_id(text: str) -> str:
    """Return a heading's id as GitHub makes it: lower case, letters and digits of every script, hyphens for blanks."""
    text = unicodedata.normalize("NFC", text).lower()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", text)).strip("-") or "section"
