r"""Symbols that an author explains, by `symbols: {'\theta': parameters}` in a header or in site.yml, and which a formula uses."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from msgspec import Struct

from sitegen.config import FILE_NAME
from sitegen.errors import Location
from sitegen.later import later

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sitegen.config import Config
    from sitegen.fields import Fields

_UNUSUAL = {"lambda": "lamda", "Lambda": "lamda"}  # as Unicode spells it
_TOKEN = later(r"\\(?:[a-zA-Z]+|.)|[^\s{}]")


class Symbol(Struct, frozen=True):
    """What a symbol means. tex: as in a formula. meaning: Markdown. own: said by the post, not by the whole blog."""

    tex: str
    meaning: str
    location: Location
    own: bool


def read_symbols(fields: Fields, config: Config) -> tuple[Symbol, ...]:
    """Return the symbols of a post: the blog's, and its own over them."""
    own = fields.mapping("symbols")
    found: dict[str, Symbol] = {}
    for key in own:
        tex = key.strip().strip("$")
        meaning = own.text(key)
        if not meaning:
            own.error(key, f"the symbol `{key}` is not explained", "write what it means: '\\theta': parameters")
        elif tex:
            found[tex] = Symbol(tex, meaning, own.place(key), own=True)
    for tex, meaning in config.symbols.items():
        found.setdefault(tex, Symbol(tex, meaning, Location(FILE_NAME), own=False))
    return tuple(found.values())


def symbols_in(tex: str, macros: Iterable[tuple[str, str]], symbols: Sequence[Symbol]) -> tuple[tuple[str, str], ...]:
    """Return (TeX, meaning as plain text) of the symbols whose parts all stand in a formula or in its macros."""
    parts = set(_TOKEN.findall(" ".join([tex, *(meaning for _, meaning in macros)])))
    return tuple(
        (symbol.tex, plain(symbol.meaning)) for symbol in symbols if parts.issuperset(_TOKEN.findall(symbol.tex))
    )


def plain(meaning: str) -> str:
    """Return a meaning without Markdown's marks, for a tooltip."""
    meaning = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", meaning)
    meaning = re.sub(r"\\([a-zA-Z]+)", lambda command: _letter(command[1]), meaning)
    return re.sub(r"[*`$\\]|(?<!\w)_|_(?!\w)", "", meaning).strip()


def _letter(name: str) -> str:
    """Return the Greek letter of TeX's name for it, else the name."""
    case = "CAPITAL" if name[0].isupper() else "SMALL"
    try:
        return unicodedata.lookup(f"GREEK {case} LETTER {_UNUSUAL.get(name, name)}")
    except KeyError:
        return name
