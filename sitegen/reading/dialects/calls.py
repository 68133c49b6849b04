"""Zola's shortcodes, which look like calls: `{{ figure(src="x.png") }}`, and `{% note(title="T") %}` up to `{% end %}`.

They are found here; what each becomes is that of the tag of its name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitegen.later import later

if TYPE_CHECKING:
    import re

_QUOTED = r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)"""
_ARGUMENTS = rf"""(?P<text>(?:[^"'`%{{}}()]|{_QUOTED}|%(?!\}}))*)"""
_AROUND = later(rf"\{{%-?\s*(?P<name>[\w/]+)\s*\({_ARGUMENTS}\)\s*-?%\}}")
_ALONE = later(rf"\{{\{{-?\s*(?P<name>\w+)\s*\({_ARGUMENTS}\)\s*-?\}}\}}")
_PARTED = later(rf"{_QUOTED}|\[[^\]]*\]|,")
_EQUALS = later(rf"({_QUOTED})|\s*=\s*")

END = r"\{%-?\s*end\s*-?%\}"
"""What ends the text of any of them."""


def call_around(text: str, start: int, longest: int) -> re.Match[str] | None:
    """Find a call that begins at `start` and goes on to its end tag."""
    return _AROUND.match(text, start, start + longest)


def call_alone(text: str, start: int, longest: int) -> re.Match[str] | None:
    """Find a call that begins at `start` and stands for itself."""
    return _ALONE.match(text, start, start + longest)


def as_words(arguments: str) -> str:
    """Return a call's arguments as other tags have them: with blanks where it has commas; a formula is no block unasked."""
    parted = _PARTED.sub(lambda part: " " if part[0] == "," else part[0], arguments)
    return _EQUALS.sub(lambda part: part[1] or "=", parted) + " block=false" * ("block" not in parted)
