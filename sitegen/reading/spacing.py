"""Words and the blanks between them, of which Chinese and Japanese have none: how many words, and what the end of a line is."""

from __future__ import annotations

from sitegen.later import later

_WORD = later(r"\w+")
_WORDS_APART = bytes(byte if chr(byte).isalnum() or byte == ord("_") else ord(" ") for byte in range(128)).ljust(256)
_DENSE = later(r"[\u3040-\u30ff\u3400-\u9fff]")
_WIDE = later("[\u2e80-\u312f\u3190-\u9fff\uf900-\ufaff\uff01-\uff60\U00020000-\U0003ffff]")
"""A letter or sign of Chinese and Japanese, which put no blanks between words; Korean does."""
_BESIDE_WIDE = "\u2014\u2018\u2019\u201c\u201d\u2026"  # signs of both that Latin has too


def count_words(text: str) -> int:
    """Count words; two letters of a script without blanks between words count as one word."""
    if text.isascii():
        return len(text.encode().translate(_WORDS_APART).split())
    dense = len(_DENSE.findall(text))
    return len(_WORD.findall(_DENSE.sub(" ", text))) + dense // 2


def are_wide(*signs: str) -> bool:
    """Whether both signs are of a script without blanks; one of them may be of others too."""
    return (
        not "".join(signs).isascii()
        and any(map(_WIDE.match, signs))
        and all(_WIDE.match(sign) or (sign and sign in _BESIDE_WIDE) for sign in signs)
    )
