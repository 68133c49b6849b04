"""What site.yml puts around a post, read and checked: colour, logo, fonts, licence, share and edit links, comments, analytics."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sitegen.errors import suggestion
from sitegen.later import later

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sitegen.fields import Fields

SHARED_BY = frozenset("bluesky email facebook hackernews linkedin mastodon reddit telegram weibo whatsapp x".split())
COUNTED_BY = frozenset(["goatcounter", "google", "plausible"])
COMMENTED_BY = {
    "giscus": {
        *("repo", "repo-id", "category", "category-id", "mapping", "term", "strict", "reactions-enabled"),
        *("input-position", "lang", "emit-metadata"),
    },
    "utterances": {"repo", "issue-term", "label"},
}
_NEEDED = {"giscus": ("repo", "repo-id", "category", "category-id"), "utterances": ("repo",)}
_DEFAULTS = {"giscus": {"mapping": "pathname"}, "utterances": {"issue-term": "pathname"}}

_CREATIVE_COMMONS = later(r"cc[ -](by(?:-nc)?(?:-sa|-nd)?)(?:[ -](\d\.\d))?", re.IGNORECASE)
_LICENSES = {
    "cc0": ("CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
    "cc0-1.0": ("CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
    "mit": ("MIT", "https://opensource.org/license/mit"),
    "apache-2.0": ("Apache 2.0", "https://www.apache.org/licenses/LICENSE-2.0"),
}


_COLOUR = later(r"#(?:[0-9a-fA-F]{3}){1,2}|[a-z]+|(?:rgb|hsl|oklch|oklab|lab|lch|color)\([\w\s.,%/+-]+\)")
_PACKAGE = later(r"[a-z0-9]+(?:-[a-z0-9]+)*")
FONTS = ("text", "labels", "code")


def read_accent(found: Fields) -> Mapping[str, str]:
    """Return the accent by theme, `light` and `dark`; one colour is made lighter for the dark. Empty for the theme's own."""
    if found.is_mapping("accent"):
        given = found.mapping("accent")
        given.refuse_unknown({"light", "dark"}, "key of `accent`")
        colours = {name: given.text(name) for name in ("light", "dark") if given.text(name)}
    else:
        colours = {"light": found.text("accent")} if found.text("accent") else {}
    for colour in colours.values():
        if not _COLOUR.fullmatch(colour) or (colour.isalpha() and not _is_name(colour)):
            found.error("accent", f"`{colour}` is no colour", 'write one such as "#b3261e", in quotes')
            return {}
    if "light" in colours and "dark" not in colours:
        colours["dark"] = f"color-mix(in oklab, {colours['light']} 50%, white)"
    return colours if "light" in colours else {}


def _is_name(word: str) -> bool:
    """Whether a word is the name of a colour."""
    from PIL import ImageColor  # noqa: PLC0415 - settings that are remembered need no list of names

    return word in ImageColor.colormap


def read_fonts(found: Fields) -> Mapping[str, str]:
    """Return by use (`text`, `labels`, `code`) the name of a font, as npm's @fontsource-variable has it."""
    fonts = found.mapping("fonts")
    fonts.refuse_unknown(set(FONTS), "key of `fonts`")
    chosen = {use: re.sub(r"\s+", "-", fonts.text(use).strip().lower()) for use in FONTS if fonts.text(use)}
    for use, name in chosen.items():
        if not _PACKAGE.fullmatch(name):
            fonts.error(use, f"`{name}` is no name of a font", "write it as npm has it: source-serif-4")
            return {}
    return chosen


def read_license(found: Fields) -> Mapping[str, str]:
    """Return the licence's `name` and `url` ("" for none), from a name or from both; empty without a licence."""
    if found.is_mapping("license"):
        given = found.mapping("license")
        given.refuse_unknown({"name", "url"}, "key of `license`")
        return {"name": given.text("name") or given.text("url"), "url": given.address("url")}
    name = found.text("license")
    commons = _CREATIVE_COMMONS.fullmatch(re.sub(r"\s+", " ", name))
    if commons:
        terms, version = commons[1].lower(), commons[2] or "4.0"
        return {
            "name": f"CC {terms.upper()} {version}",
            "url": f"https://creativecommons.org/licenses/{terms}/{version}/",
        }
    known = _LICENSES.get(name.lower().replace(" ", "-"), (name, ""))
    return {"name": known[0], "url": known[1]} if name else {}


def read_share(found: Fields) -> tuple[str, ...]:
    """Return where readers may share a post."""
    names = found.words("share")
    for name in names:
        if name not in SHARED_BY:
            hint = suggestion(name, SHARED_BY) or f"known are: {', '.join(sorted(SHARED_BY))}"
            found.error("share", f"nobody knows how to share by `{name}`", hint)
    return tuple(name for name in names if name in SHARED_BY)


def is_address(text: str) -> bool:
    """Whether a text is the address of a page, unlike `https://[name].github.io`, which somebody has yet to fill in."""
    try:
        return urlsplit(text).scheme in {"http", "https"}
    except ValueError:
        return False


def read_edit(found: Fields) -> str:
    """Return the address under which the sources can be edited, without a slash at its end."""
    address = found.text("edit").rstrip("/")
    if address and not is_address(address):
        found.error("edit", f"`{address}` is no address", "write it whole: https://github.com/name/repo/edit/main")
        return ""
    return address


def read_comments(found: Fields) -> Mapping[str, str]:
    """Return `service` and what it is told, by the names of its own settings; empty without comments."""
    comments = found.mapping("comments")
    comments.refuse_unknown(COMMENTED_BY, "service of `comments`")
    services = [name for name in comments if name in COMMENTED_BY]
    if not services:
        return {}
    service = services[0]
    for other in services[1:]:
        comments.error(other, f"comments are kept by {service} already", "leave one of the two")
    given = comments.mapping(service)
    settings = {name.replace("_", "-"): given.text(name) for name in given}
    known = COMMENTED_BY[service]
    given.refuse_unknown(known | {name.replace("-", "_") for name in known}, f"setting of {service}")
    missing = [name for name in _NEEDED[service] if not settings.get(name)]
    if missing:
        hint = "giscus.app tells them" if service == "giscus" else "write `repo: name/repository`"
        comments.error(service, f"{service} needs {', '.join(f'`{name}`' for name in missing)}", hint)
    return {"service": service, **_DEFAULTS[service], **settings}


def read_analytics(found: Fields) -> Mapping[str, str]:
    """Return by service the name under which it counts this site's readers; empty when nobody counts them."""
    analytics = found.mapping("analytics")
    analytics.refuse_unknown(COUNTED_BY, "service of `analytics`")
    return {name: analytics.text(name) for name in analytics if name in COUNTED_BY and analytics.text(name)}
