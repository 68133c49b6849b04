"""Zola's shortcodes, which look like calls: `{{ figure(src="x.png") }}`, and `{% note(title="T") %}` up to `{% end %}`.

They are found here; what each becomes is that of the tag of its name.
"""

from __future__ import annotations

from sitegen.later import later

_QUOTED = r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)"""
_ARGUMENTS = rf"""(?P<text>(?:[^"'`%{{}}()]|{_QUOTED}|%(?!\}}))*)"""
CALL_AROUND = later(rf"\{{%-?\s*(?P<name>[\w/]+)\s*\({_ARGUMENTS}\)\s*-?%\}}")
"""A call that goes on to its end tag."""

CALL_ALONE = later(rf"\{{\{{-?\s*(?P<name>\w+)\s*\({_ARGUMENTS}\)\s*-?\}}\}}")
"""A call that stands for itself."""

_PARTED = later(rf"{_QUOTED}|\[[^\]]*\]|,")
_EQUALS = later(rf"({_QUOTED})|\s*=\s*")

END = r"\{%-?\s*end\s*-?%\}"
"""What ends the text of any of them."""


def as_words(arguments: str) -> str:
    """Return a call's arguments as other tags have them: with blanks where it has commas; a formula is no block unasked."""
    parted = _PARTED.sub(lambda part: " " if part[0] == "," else part[0], arguments)
    return _EQUALS.sub(lambda part: part[1] or "=", parted) + " block=false" * ("block" not in parted)
