"""The part of Liquid's `{{ ... }}` that posts use: addresses, and what the header says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitegen.later import later

if TYPE_CHECKING:
    from sitegen.reading.context import Reading

_PIECE = later(r"""(?:[^|"']|"[^"]*"|'[^']*')+""")
_ADDRESSES = {"site.url", "site.baseurl", "site.github.url", "site.github.baseurl", "page.url"}
_SAME = frozenset("relative_url absolute_url escape escape_once xml_escape strip uri_escape safe markdownify".split())


def evaluate(expression: str, reading: Reading, following: str) -> str | None:
    """Return what an expression stands for, None when that is not known.

    Addresses are written from the top of the site, where links are checked and made relative: `site.baseurl` is nothing.
    following: what comes after it, because an address of nothing is only understood before the rest of one.
    """
    first, *filters = (piece.strip() for piece in _PIECE.findall(expression))
    value = _value(first, reading)
    if value is None or (first in _ADDRESSES and not filters and not following.startswith(("/", "{", "#"))):
        return None
    for written in filters:
        name, _, argument = (part.strip() for part in written.partition(":"))
        if name in {"prepend", "append"}:
            added = _value(argument, reading)
            if added is None:
                return None
            value = added + value if name == "prepend" else value + added
        elif name not in _SAME:
            return None
    if any(name in expression for name in ("relative_url", "absolute_url")) and not value.startswith(("/", "http")):
        value = f"/{value}"
    return value


def _value(name: str, reading: Reading) -> str | None:
    if len(name) > 1 and name[0] == name[-1] and name[0] in "\"'":
        return name[1:-1]
    if name in _ADDRESSES:
        return ""
    return reading.variables.get(name)
