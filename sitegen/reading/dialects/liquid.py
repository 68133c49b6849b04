"""The part of Liquid's `{{ ... }}` that posts use: addresses, what the header says, and what may be made of its words."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import quote

from sitegen.later import later

if TYPE_CHECKING:
    from sitegen.reading.context import Reading

_PIECE = later(r"""(?:[^|"']|"[^"]*"|'[^']*')+""")
_TEXT = later(r""""([^"]*)"|'([^']*)'""")
_ADDRESSES = {"site.url", "site.baseurl", "site.github.url", "site.github.baseurl", "page.url"}
_OF_SITE = later(r"\|\s*(?:(?:relative|absolute)_)?url\b")
_SAME = frozenset(
    "relative_url absolute_url url escape escape_once xml_escape strip uri_escape safe markdownify".split()
)


def evaluate(expression: str, reading: Reading, following: str) -> str | None:
    """Return what an expression stands for, None when that is not known.

    Addresses are written from the top of the site, where links are checked and made relative: `site.baseurl` is nothing.
    following: what comes after it, because an address of nothing is only understood as all of a link, or before the rest of one.
    """
    first, *filters = (piece.strip() for piece in _PIECE.findall(expression))
    value = _value(first, reading)
    if value == "" and first.startswith("site.") and following.startswith((")", '"')):
        return "/"
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
            filtered = _filtered(value, name, [first or second for first, second in _TEXT.findall(argument)])
            if filtered is None:
                return None
            value = filtered
    if _OF_SITE.search(expression) and not value.startswith(("/", "http")):
        value = f"/{value}"
    return value


def _filtered(value: str, name: str, texts: list[str]) -> str | None:
    """Return what a filter makes of a text, None where it is not known."""
    match name, texts:
        case "upcase" | "downcase" | "capitalize", []:
            return {"upcase": value.upper(), "downcase": value.lower()}.get(name) or value[:1].upper() + value[1:]
        case "url_encode" | "cgi_escape", []:
            return quote(value, safe="")
        case "replace" | "replace_first", [old, new]:
            return value.replace(old, new, 1 if name == "replace_first" else -1)
        case "remove" | "remove_first", [old]:
            return value.replace(old, "", 1 if name == "remove_first" else -1)
        case "default", [other]:
            return value or other
        case "date", [form]:
            return _day(value, form)
        case "date_to_string", []:
            return _day(value, "%d %b %Y")
        case "date_to_long_string", []:
            return _day(value, "%d %B %Y")
    return None


def _day(value: str, form: str) -> str | None:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    plain = form.replace("%-d", str(day.day)).replace("%-m", str(day.month)).replace("%e", f"{day.day:2}")
    return day.strftime(plain)


def _value(name: str, reading: Reading) -> str | None:
    if len(name) > 1 and name[0] == name[-1] and name[0] in "\"'":
        return name[1:-1]
    if name in _ADDRESSES:
        return ""
    return reading.variables.get(name.replace("$frontmatter.", "page."))  # VitePress'
