"""A text, and the language of its blog -> the language that its letters tell, where the blog's is not written in them.

Of those that are written in letters of Latin, it is their commonest words that tell. Code, formulas and addresses tell nothing.
"""

from __future__ import annotations

import re
from collections import Counter

from sitegen.later import later
from sitegen.reading.code_lines import known_code

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
    r"<(?P<raw>pre|script|style)\b(?s:.*?)(?:</(?P=raw)>|\Z)|^[ \t>]*(?P<fence>`{3,}|~{3,})(?s:.*?)(?:^[ \t>]*(?P=fence)|\Z)|`[^`\n]*`|\$\$(?s:.*?)\$\$|\$[^$\n]*\$|\\\[(?:[^\\]|\\(?!\[))*?\\\]|\\\((?:[^\\\n]|\\(?!\())*?\\\)"
    r"|\\[a-zA-Z]+|<[^<>\n]*>|\]\([^()\n]*\)|https?://\S+|^[a-zA-Z_-]+:",
    re.MULTILINE,
)
_COMMON = {
    "en": "the of and is that with this for we",
    "de": "der die das und ist nicht ein eine wir für",
    "fr": "les des est une dans et du pour qui nous",
    "es": "el los las del y es una por con para",
    "pt": "o os uma não do da em é com para",
    "it": "il di che è una per del della sono gli",
    "nl": "het een van dat niet zijn voor op wordt",
    "pl": "jest się nie że dla oraz jako przez na",
    "tr": "bir ve bu için ile olarak olan",
    "vi": "là của và một các có được cho",
    "id": "yang dan dengan untuk dari adalah pada",
}
"""The commonest words of a language that few of the others have."""
_FEWEST = 8  # of them, of which a text has to have some
_SAMPLE = 2_000  # characters, which tell as much as all
_LETTERS_OF_WORD = later(r"[^\W\d_]+")
_KANA = later("[\u3040-\u30ff]")
_PERSIAN = later("[\u067e\u0686\u0698\u06af]")
_UKRAINIAN = later("[\u0404\u0406\u0407\u0454\u0456\u0457]")
_TRADITIONAL = later("[這們個來對時說與過點學會為數]")
_SIMPLIFIED = later("[这们个来对时说与过点学会为数]")


def language_of(text: str, of_blog: str) -> str:
    """Return the language of a text that does not say it; "" for the blog's."""
    of_blog = of_blog.lower().replace("_", "-").partition("-")[0]
    if text.isascii() or not _ANY.search(text):
        return _by_words(text, of_blog)
    text = _NO_TEXT.sub("", text)
    counts = {lang: len(letters.findall(text)) for lang, letters in _LETTERS.items()}
    kana = len(_KANA.findall(text))
    counts["zh"] += kana
    lang = max(counts, key=counts.__getitem__)
    _, written, worth = _SCRIPTS[lang]
    if counts[lang] * worth <= len(_LATIN.findall(text)):
        return _by_words(text, of_blog)
    if lang == "zh" and kana * 10 > counts["zh"]:
        lang = written = "ja"
    return "" if of_blog in written.split() else _nearer(lang, text)


def _by_words(text: str, of_blog: str) -> str:
    """Return the language of a text in letters of Latin where a tenth of its words are the commonest of one, and far more than of any other."""
    prose = "\n".join(line for _, line, code in known_code(text[:_SAMPLE].split("\n")) if not code)
    words = Counter(_LETTERS_OF_WORD.findall(_NO_TEXT.sub("", prose).lower()))
    found = sorted((sum(words[word] for word in common.split()), lang) for lang, common in _COMMON.items())
    (second, _), (most, lang) = found[-2:]
    tells = most >= _FEWEST and most * 10 >= words.total() and most * 2 >= second * 3
    # Words of Catalan's are those of Spanish, Malay's are Indonesian's: of languages beside one without words here, English alone is sure.
    is_sure = (
        lang == "en" or of_blog in _COMMON or any(of_blog in written.split() for _, written, _ in _SCRIPTS.values())
    )
    return lang if tells and is_sure and lang != of_blog else ""


def _nearer(lang: str, text: str) -> str:
    """Return the language, of those that share most letters, that a few of their own tell."""
    if lang == "zh" and len(_TRADITIONAL.findall(text)) > len(_SIMPLIFIED.findall(text)):
        return "zh-Hant"
    if lang == "ar" and _PERSIAN.search(text):
        return "fa"
    return "uk" if lang == "ru" and _UKRAINIAN.search(text) else lang
