"""Text -> what BibTeX takes for it: a value in braces, a key."""

from __future__ import annotations

import re
import unicodedata

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: "\\" + sign for sign in "&%$#_"},
}


def as_tex(text: str) -> str:
    """Return text with the signs that LaTeX gives a meaning escaped; letters of other scripts stay as they are."""
    return re.sub(r"[\\{}~^&%$#_]", lambda match: _SPECIAL[match[0]], text)


def as_key(text: str) -> str:
    """Return the Latin letters and digits of a text without accents, in lower case: what a BibTeX key may hold."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(re.findall(r"[a-z0-9]", plain.lower()))
