"""The words that the theme writes, by language: templates/words/LANG.yml of the theme, with the blog's own over it.

What a language does not say is said in English.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

from sitegen.keys import digest
from sitegen.words import written_language

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from sitegen.model import Digest

_FROM_THE_RIGHT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "syr", "ug", "ur", "yi"})


class Wording:
    """The words of every language. folders: those of templates, the blog's before the theme's."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders
        self._known: dict[str, SimpleNamespace] = {}

    def of(self, lang: str) -> SimpleNamespace:
        """Return the words of a language, each by its name, and the `direction` it is read in. Raises SiteError."""
        if lang not in self._known:
            from sitegen.fields import read_fields  # noqa: PLC0415 - YAML, which a build without changes does not read

            words: dict[str, object] = {"direction": direction_of(lang)}
            own: set[str] = set()
            for path in self._files(lang):
                place = f"templates/words/{path.name}"
                fields, errors = read_fields(path.read_text(encoding="utf-8", errors="replace"), place)
                for name in fields:
                    words[name] = fields.words(name) if name.startswith("months") else fields.text(name)
                own.update(fields if path.stem != "en" else ())
                for error in (*errors, *fields.errors):
                    raise error
            if words["direction"] == "rtl" and not {"back", "forward"} & own:  # those of English point the other way
                words["back"], words["forward"] = words.get("forward", ""), words.get("back", "")
            self._known[lang] = SimpleNamespace(**words)
        return self._known[lang]

    def digest(self, lang: str) -> Digest:
        """Return the digest of all that says the words of a language."""
        return digest(lang, *(path.read_bytes() for path in self._files(lang)))

    def _files(self, lang: str) -> Iterator[Path]:
        """Yield the files that say words of a language, each over those before it."""
        for name in dict.fromkeys(("en", _base(lang), written_language(lang), lang.lower().replace("_", "-"))):
            for folder in reversed(self._folders):
                path = folder / "words" / f"{name}.yml"
                if path.is_file():
                    yield path


def direction_of(lang: str) -> str:
    """Return `rtl` for a language that is read from the right, else `ltr`."""
    return "rtl" if _base(lang) in _FROM_THE_RIGHT else "ltr"


def written_date(moment: datetime, shape: str, say: SimpleNamespace) -> str:
    """Return a date as strftime writes it, in the language of a page; `%-d` and `%-m` are without a zero before them."""
    names = {"%B": say.months[moment.month - 1], "%b": say.months_short[moment.month - 1]}
    numbers = {"%-d": str(moment.day), "%-m": str(moment.month)}
    for sign, text in (names | numbers).items():
        shape = shape.replace(sign, text.replace("%", "%%"))
    return moment.strftime(shape).lstrip("0")


def _base(lang: str) -> str:
    return lang.lower().replace("_", "-").partition("-")[0]
