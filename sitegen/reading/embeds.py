"""Films, music and pages of other sites: nothing is fetched from there before the reader opens it, and no script runs."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

from sitegen.later import later

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sitegen.errors import Location
    from sitegen.reading.context import Reading

# provider: (name, address of its player, address of its page); {} is the id
_PLAYERS = {
    "youtube": ("YouTube", "https://www.youtube-nocookie.com/embed/{}", "https://www.youtube.com/watch?v={}"),
    "vimeo": ("Vimeo", "https://player.vimeo.com/video/{}?dnt=1", "https://vimeo.com/{}"),
    "bilibili": ("Bilibili", "https://player.bilibili.com/player.html?bvid={}", "https://www.bilibili.com/video/{}/"),
    "twitch": ("Twitch", "", "https://www.twitch.tv/videos/{}"),
    "spotify": ("Spotify", "https://open.spotify.com/embed/track/{}", "https://open.spotify.com/track/{}"),
}
_PAGES = later(
    r"https?://(?:www\.)?(?:(?P<youtube>youtube\.com/(?:watch\?v=|embed/)|youtu\.be/)|(?P<vimeo>vimeo\.com/))(?P<id>[\w-]+)"
)


class TagError(Exception):
    """Why a tag stands for nothing, as a sentence."""


def player(reading: Reading, provider: str, name: str, title: str = "") -> str:
    """Return a player that is closed until the reader opens it, and a link to the page it comes from."""
    if provider not in _PLAYERS or not name:
        raise TagError(f"`{provider}` needs an id, and to be one of {', '.join(_PLAYERS)}")
    site, frame, page = _PLAYERS[provider]
    name = quote(name)
    label = escape(title or f"{site} {'track' if provider == 'spotify' else 'video'}")
    if not frame:  # Twitch wants to know which site embeds it
        return link_card(reading, page.format(name), label)
    more = ' height="152"' if provider == "spotify" else ""
    return _closed(reading, label, frame.format(name), page.format(name), f"{more} allowfullscreen")


def frame(reading: Reading, address: str) -> str:
    """Return a page of another site, closed until the reader opens it; a film as its player."""
    target = escape(address)
    return film(reading, address) or _closed(reading, target.partition("://")[2] or target, target, target)


def film(reading: Reading, address: str, title: str = "") -> str:
    """Return the player of a film by the address of its page; "" where it is none."""
    page = _PAGES.match(address)
    return player(reading, "youtube" if page["youtube"] else "vimeo", page["id"], title) if page else ""


def _closed(reading: Reading, label: str, shown: str, page: str, more: str = "") -> str:
    """Return a frame that is closed until the reader opens it, and a link to the page of what it shows. more: attributes."""
    return reading.insert(
        f'<details class="embed"><summary>{label}</summary>\n'
        f'<iframe src="{shown}" title="{label}" loading="lazy"{more}></iframe>\n'
        f'<p><a href="{page}">{page.partition("://")[2] or page}</a></p></details>'
    )


def link_card(reading: Reading, address: str, label: str) -> str:
    """Return a link on a line of its own."""
    return reading.insert(f'<p class="embed"><a href="{escape(address)}">{label}</a></p>')


def video(reading: Reading, source: str, options: Mapping[str, str], location: Location) -> str:
    """Return a film of the blog, or the player of the site that an address names."""
    return film(reading, source, options.get("title", "")) or media("video", reading, source, options, location)


def media(element: str, reading: Reading, source: str, options: Mapping[str, str], location: Location) -> str:
    """Return a film (`video`) or a recording (`audio`) of the blog."""
    flags = [name for name in ("autoplay", "loop", "muted") if options.get(name, "false") not in {"false", "0"}]
    text = f'<{element} controls preload="metadata"{"".join(f" {flag}" for flag in flags)}'
    if options.get("poster"):
        text += f' poster="{reading.link(options["poster"], "file", location)}"'
    stem = source.rpartition(".")[0]
    sources = [source, *(f"{stem}.{kind}" for kind in options.get("types", "").split("|") if kind)]
    text += ">" + "".join(f'<source src="{reading.link(one, "file", location)}">' for one in sources) + f"</{element}>"
    return reading.insert(_captioned(reading, text, options.get("caption", "") or options.get("title", "")))


def figure(reading: Reading, source: str, options: Mapping[str, str], location: Location) -> str:
    """Return an image of the blog or of another site, with a caption where one is given."""
    return reading.insert(figure_html(reading, source, options, location))


def figure_html(reading: Reading, source: str, options: Mapping[str, str], location: Location) -> str:
    """Return the HTML of an image with its caption, for what holds more than one."""
    naming = ("caption", "description", "title")
    about = next((options[name] for name in naming if options.get(name)), "")
    caption = "" if "path" in options and about == options.get("title") else about  # al-folio's title is a tooltip
    if source_of := options.get("attr"):  # Hugo's
        link = options.get("attrlink")
        caption = f"{caption} [{source_of}](<{link}>)" if link else f"{caption} {source_of}"
    sizes = {
        name: options.get(name, "").removeprefix(f"{name}:").strip(" ;").removesuffix("px")
        for name in ("width", "height")
    }
    style = "; ".join(f"{name}: {value}" for name, value in sizes.items() if value and not value.isdigit())
    width, height = (value if value.isdigit() else "" for value in sizes.values())
    image = f"<img {reading.image(source, location, width, height)}"
    image += f' style="{escape(style)}"' if style else ""
    image += f' alt="{escape(options.get("alt") or re.sub(r"<[^>]*>", "", about))}" loading="lazy">'
    if options.get("link"):
        image = f'<a href="{reading.link(options["link"], "page", location)}">{image}</a>'
    classes = options.get("class", "").split()
    if options.get("align") in {"left", "right", "center"}:
        classes.append(options["align"])
    anchor = options.get("id", "")
    if anchor and "numbered" in options:  # Academic's
        anchor = f"figure-{anchor}"
    if anchor:
        reading.claim_id(anchor, location)
    return _captioned(reading, image, caption.strip(), classes, f' id="{escape(anchor)}"' if anchor else "")


def _captioned(reading: Reading, element: str, caption: str, classes: Sequence[str] = (), anchor: str = "") -> str:
    text = f"<figcaption>{reading.render_inline(caption, reading)}</figcaption>" if caption else ""
    names = escape(" ".join(["picture", *classes]))
    return f'<figure class="{names}"{anchor}>{element}{text}</figure>'
