"""Addresses as Pelican, Nikola, Docusaurus and MyST have them -> those that links have here.

`{filename}post.md`, `link://slug/post`, `@site/static/x.png`, `pathname:///x.pdf`, `doi:10.1000/182`, `wiki:Sine`.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import quote, unquote

from sitegen.later import later

BEGINNINGS = ("{", "|", "%7B", "%7C", "link:", "@site/", "pathname://", "doi:", "DOI:", "wiki:")
"""How such an address may begin, also where Markdown has encoded it."""

_PELICAN = later(r"(?:\{|%7B|\||%7C)([a-z]+)(?:\}|%7D|\||%7C)(.*)", re.DOTALL)
_NIKOLA = later(r"link://([a-z_]+)(?:/(.*))?", re.DOTALL)
_LISTS = {"tag": "tags", "category": "categories", "author": "authors"}
_KNOWN = {"doi": "https://doi.org/", "wiki": "https://en.wikipedia.org/wiki/"}
_PAGES = {"index": "/", "root": "/", "archives": "/archives/", "archive": "/archives/", "rss": "/feed.xml"}


def plain_address(target: str) -> str:
    """Return the address that is meant; one of none of them as it is."""
    if target.startswith("@site/"):
        return "/" + target.removeprefix("@site/").removeprefix("static/")
    if target.startswith("pathname://"):
        return target.removeprefix("pathname://")
    kind, _, name = target.partition(":")
    if kind.lower() in _KNOWN and not name.startswith("//"):
        return _KNOWN[kind.lower()] + name
    match = _PELICAN.fullmatch(target) or _NIKOLA.fullmatch(target)
    if not match:
        return target
    kind, name = match[1], match[2] or ""
    if kind in _PAGES:
        return _PAGES[kind]
    if kind in _LISTS:
        slug = re.sub(r"\s+", "-", unquote(name).strip("/").lower())
        return f"/{_LISTS[kind]}/{quote(slug)}/"
    if not target.startswith("link:"):
        return name if kind in {"filename", "static", "attach", "photo"} else target
    if kind not in {"slug", "filename"}:
        return target
    path, mark, anchor = name.partition("#")
    return f"{PurePosixPath(path).name.partition('.')[0]}.md{mark}{anchor}"
