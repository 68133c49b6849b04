"""A text, and the language of its blog -> the language that its letters tell, where the blog's is not written in them.

Letters of Latin tell nothing, and neither do code, formulas and addresses.
"""

from __future__ import annotations

import re

from sitegen.later import later

_SCRIPTS = {
    "ko": ("\uac00-\ud7a3", "ko", 2),
    "ru": ("\u0400-\u04ff", "ru uk be bg sr mk kk ky tg mn", 1),
    "ar": ("\u0600-\u06ff", "ar fa ur ps ckb", 1),
    "he": ("\u0590-\u05ff", "he yi", 1),
    "hi": ("\u0900-\u097f", "hi mr ne", 1),
    "th": ("\u0e00-\u0e7f", "th", 1),
    "el": ("\u0370-\u03ff", "el", 1),
    "zh": ("\u3400-\u9fff", "zh yue", 2),
}
"""The letters of a language, those that are written in them, and how many letters of Latin one of them is worth."""
_ANY = later(f"[{''.join(letters for letters, *_ in _SCRIPTS.values())}]")
_LETTERS = {lang: later(f"[{letters}]") for lang, (letters, *_) in _SCRIPTS.items()}
_LATIN = later("[a-zA-Z\u00c0-\u024f]")
_NO_TEXT = later(
    r"^[ \t>]*(?P<fence>`{3,}|~{3,})(?s:.*?)(?:^[ \t>]*(?P=fence)|\Z)|`[^`\n]*`|\$\$(?s:.*?)\$\$|\$[^$\n]*\$|\\\[(?:[^\\]|\\(?!\[))*?\\\]|\\\((?:[^\\\n]|\\(?!\())*?\\\)"
    r"|\\[a-zA-Z]+|<[^<>\n]*>|\]\([^()\n]*\)|https?://\S+|^[a-zA-Z_-]+:",
    re.MULTILINE,
)
_KANA = later("[\u3040-\u30ff]")
_PERSIAN = later("[\u067e\u0686\u0698\u06af]")
_UKRAINIAN = later("[\u0404\u0406\u0407\u0454\u0456\u0457]")
_TRADITIONAL = later("[這們個來對時說與過點學會為數]")
_SIMPLIFIED = later("[这们个来对时说与过点学会为数]")


def language_of(text: str, of_blog: str) -> str:
    """Return the language of a text that does not say it; "" for the blog's."""
    if text.isascii() or not _ANY.search(text):
        return ""
    text = _NO_TEXT.sub("", text)
    counts = {lang: len(letters.findall(text)) for lang, letters in _LETTERS.items()}
    kana = len(_KANA.findall(text))
    counts["zh"] += kana
    lang = max(counts, key=counts.__getitem__)
    _, written, worth = _SCRIPTS[lang]
    if counts[lang] * worth <= len(_LATIN.findall(text)):
        return ""
    if lang == "zh" and kana * 10 > counts["zh"]:
        lang = written = "ja"
    if of_blog.lower().replace("_", "-").partition("-")[0] in written.split():
        return ""
    return _nearer(lang, text)


def _nearer(lang: str, text: str) -> str:
    """Return the language, of those that share most letters, that a few of their own tell."""
    if lang == "zh" and len(_TRADITIONAL.findall(text)) > len(_SIMPLIFIED.findall(text)):
        return "zh-Hant"
    if lang == "ar" and _PERSIAN.search(text):
        return "fa"
    return "uk" if lang == "ru" and _UKRAINIAN.search(text) else lang
