"""Words that an author gave to a tag or a component, and that stand nowhere in what became of it: these are noted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sitegen.errors import Location
    from sitegen.reading.context import Reading

    Given = tuple[str, Location, Sequence[tuple[str, str]]]  # name, place, and arguments with their names

_WORD = re.compile(r"[^\W\d_]{3,}")
_NO_WORDS = re.compile(r"\$[^$]*\$|\\[(\[](?:[^\\]|\\(?![()\[\]]))*+\\[)\]]|(?<!\S)[^\s/:;=]*+[/:;=]\S*|\bfa\w? fa-\S+")
_LOOKS = frozenset("class classname style sizes options attr id icon".split())


def note_lost_words(given: Iterable[Given], becomes: Iterable[str], reading: Reading) -> None:
    """Note each argument of several words of which one is in nothing that is shown."""
    shown = {word for text in becomes for word in _WORD.findall(text)}
    for name, place, arguments in given:
        for key, value in arguments:
            words = _WORD.findall(_NO_WORDS.sub("", value))
            if key.lower() not in _LOOKS and " " in value and words[1:] and not shown.issuperset(words):
                reading.note(f"`{name}` does not show the words `{' '.join(value.split())}`", place)
