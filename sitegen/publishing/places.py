"""The places within a post that a link may name: its headings and labels, in whatever program's spelling."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING
from unicodedata import combining, normalize
from urllib.parse import quote, unquote

from sitegen.labels import normal_label
from sitegen.model import Markup, Reference

if TYPE_CHECKING:
    from sitegen.model import Post

ID = re.compile(r"""\s(?:id|name)=["']?((?<=["'])[^"'<>]+|[^"'\s>]+)""")
"""A place in HTML."""


def anchors_of(post: Post) -> frozenset[str]:
    """Return the places within a post that a link may name."""
    found = {heading.id for heading in post.headings}
    for part in post.body:
        found.add(getattr(part, "label", "") if not isinstance(part, Reference) else "")
        if isinstance(part, Markup):
            found.update(ID.findall(part.html))
    return frozenset(found - {""})


def is_title(fragment: str, post: Post) -> bool:
    """Whether a link names the heading that became the title of its page, as `[[#Title]]` does."""
    return bool(fragment) and _squashed(unquote(fragment)) == _squashed(title_of(post))


def title_of(post: Post) -> str:
    """Return a title without its formulas, markup and signs that HTML writes as words."""
    return re.sub(r"<[^>]*>|&[^;]+;", "", "".join(part.html for part in post.title if isinstance(part, Markup)))


def plain_title(post: Post) -> str:
    """Return a title as words; "" where it has formulas or values."""
    html = "".join(part.html if isinstance(part, Markup) else "\0" for part in post.title)
    return "" if "\0" in html else unescape(re.sub(r"<[^>]*>", "", html))


def other_spelling(fragment: str, post: Post) -> str:
    """Return the anchor of the label or the one heading that a link means by another spelling of it; "" for none.

    GitHub, kramdown and Hugo write `#a--b` for "A & B", Pandoc `#section-2.1`, and `#intro` for "1. Intro"; some leave out accents.
    """
    name = unquote(fragment)
    wanted = _squashed(name.removeprefix("user-content-"))
    ids = [heading.id for heading in post.headings]
    if not wanted or fragment in ids or name in ids:
        return ""
    label = normal_label(name)
    found = [each for each in anchors_of(post) if each != name and label in {each, normal_label(each)}]  # `#fig:x`
    found = found or [each for each in ids if _squashed(each) == wanted]
    found = found or [each for each in ids if _squashed(each).lstrip("0123456789") == wanted]
    found = found or [each for each in ids if not each.isascii() and wanted in _without_accents(_squashed(each))]
    return quote(found[0]) if len(found) == 1 and name not in anchors_of(post) else ""


def _squashed(anchor: str) -> str:
    return re.sub(r"[\W_]+", "", anchor.lower())


def _without_accents(name: str) -> set[str]:
    """Return the spellings of a name in plain letters, as Jekyll and Pandoc can make anchors: `grosse` and `groesse` for `größe`."""
    spellings = (name, name.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue"))
    apart = (normalize("NFKD", name.replace("ß", "ss").replace("đ", "d")) for name in spellings)
    return {"".join(sign for sign in name if not combining(sign)) for name in apart}
