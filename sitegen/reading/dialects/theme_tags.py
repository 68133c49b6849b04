"""What tags that only one theme has become: Docsy's, Blowfish's, Academic's, fastpages', tabi's and Tufte's. Nothing is loaded from elsewhere."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from sitegen.reading.boxes.theorems import SHORT_NAMES
from sitegen.reading.dialects.tags import COLOURS, Tag, lines_of
from sitegen.reading.embeds import TagError, figure, frame, link_card

if TYPE_CHECKING:
    from collections.abc import Callable


_OF_BOXES = COLOURS | {"checked", "plus", "minus", "times"}


def _article(tag: Tag) -> str:
    """Return a link to another page of the blog."""
    address = tag.arguments.get("link", "url", position=0)
    return f"[{address.strip('/').rpartition('/')[2].replace('-', ' ')}](<{address}>)"


def _model(tag: Tag) -> str:
    given = tag.arguments
    name = given.get("model", position=0) or f"datasets/{given.get('dataset')}"
    return link_card(tag.reading, f"https://huggingface.co/{name}", name)


def _elsewhere(tag: Tag) -> str:
    """Return a link to a text that the theme would fetch, or to slides, notes and applets that it would show in a frame."""
    name = tag.arguments.get("url", "src", "id", position=0)
    is_own = tag.name in {"desmos", "geogebra"} and not re.fullmatch(r"\w{8,}", name)  # an id on the page itself
    address = name if not name or name.startswith("http") or is_own else _DECKS.get(tag.name, "") + name
    if tag.name == "pdf" and name and not address.startswith("http"):
        return f"[{name.rpartition('/')[2]}](<{name}>)"
    if not address.startswith("http"):
        raise TagError(f"`{tag.name}` names no address: put here what it shows")
    return link_card(tag.reading, address, address.partition("://")[2])


def _after_comma(tag: Tag) -> str:
    """Return the words of NexT's `label primary@text`, Butterfly's `label text blue`, Volantis' `span red, text` and `checkbox checked, text`."""
    words = tag.arguments.words
    said = " ".join(words[:-1] if tag.name == "label" and words[1:] and words[-1] in COLOURS else words)
    mark = "@" if tag.name == "label" else ","
    before, found, text = said.partition(mark)
    if tag.name in {"checkbox", "radio"}:
        found = found if _OF_BOXES.issuperset(before.split()) else ""
        return f"- [{'x' if 'checked' in before and found else ' '}] {(text if found else said).strip()}"
    return (text if found else before).strip()


def _doc(tag: Tag) -> str:
    """Return Nikola's link to a post, by its slug, or `words <slug>`."""
    words, mark, name = tag.inner.strip().removesuffix(">").rpartition("<")
    return f"[{words.strip() if mark else name}]({name}.md)"


def _chart(tag: Tag) -> str:
    """Return the source of a chart that the theme would draw in the browser."""
    if not tag.inner.strip():
        raise TagError(f"`{tag.name}` draws data that is not here: draw it in a cell, or show an image of it")
    return f"~~~~~~~~js{lines_of(tag.inner)}~~~~~~~~" if tag.alone else f"`` {' '.join(tag.inner.split())} ``"


def _file(tag: Tag) -> str:
    return f"[{tag.inner.strip() or 'link'}](</{tag.arguments.get('src', 'url', position=0).lstrip('/')}>)"


def _hidden(tag: Tag) -> str:
    """Return words that the theme shows on a click."""
    return tag.arguments.get("text", "body") or " ".join(tag.arguments.words)


def _inline_image(tag: Tag) -> str:
    """Return an image in a line of text: Butterfly's `inlineImg x.png 150px`, PaperMod's `inTextImg url="x.png" height="40"`."""
    source, height = tag.arguments.get("url", "src", position=0), tag.arguments.get("height", position=1)
    return f"![](<{source}>)" + (f'{{height="{height}"}}' if height[:1].isdigit() else "")


def _note(tag: Tag) -> str:
    """Return a note in the margin of Tufte's theme: an id that names nothing here, and its text, quoted or not."""
    words = tag.arguments.words
    text = tag.arguments.get("text", "content", "note") or " ".join(words[len(words) > 1 :])
    if not text:
        return ""
    shown = tag.reading.render_inline(text, tag.reading)
    return tag.reading.insert(f'<span class="aside">{shown}</span>', is_block=False)


def _plate(tag: Tag) -> str:
    """Return an image of Tufte's theme: its file and its caption, in the margin behind an id."""
    file, *caption = tag.arguments.words[tag.name == "marginfigure" :] or ("",)
    if not file:
        raise TagError(f"`{tag.name}` names no image")
    about = {"caption": " ".join(caption), "class": "right" if tag.name == "marginfigure" else ""}
    return figure(tag.reading, file, about, tag.location)


def _motto(tag: Tag) -> str:
    text, *who = tag.arguments.words or ("",)
    if not text:
        return ""
    reading = tag.reading
    foot = f"<p>— {reading.render_inline(', '.join(who), reading)}</p>" if who else ""
    return reading.insert(f"<blockquote><p>{reading.render_inline(text, reading)}</p>{foot}</blockquote>")


def _part_of_table(tag: Tag) -> str:
    """Return a tag of HTML around Markdown, as MIT's courses have them: `{{< tdopen >}}`."""
    name = tag.name.removesuffix("open").removesuffix("close")
    about = "".join(f' {key}="{escape(value)}"' for key, value in tag.arguments.named.items() if key.endswith("span"))
    return tag.reading.insert(f"</{name}>" if tag.name.endswith("close") else f"<{name}{about}>")


_DECKS = {
    "codepen": "https://codepen.io/pen/",
    "desmos": "https://www.desmos.com/calculator/",
    "geogebra": "https://www.geogebra.org/m/",
    "slideshare": "https://www.slideshare.net/",
    "speakerdeck": "https://speakerdeck.com/",
    "hackmd": "https://hackmd.io/",
}
THEME_TAGS: dict[str, Callable[[Tag], str]] = {
    **dict.fromkeys(("comment", "speaker_note"), lambda _: ""),
    **dict.fromkeys(("iframe", "media"), lambda tag: frame(tag.reading, tag.arguments.get("src", "url", position=0))),
    "article": _article,
    "swatches": lambda tag: ", ".join(f"`{colour}`" for colour in tag.arguments.words),
    "huggingface": _model,
    **dict.fromkeys((*_DECKS, "pdf", "figma", "codeimporter", "mdimporter", "remote_text"), _elsewhere),
    **dict.fromkeys(("label", "span", "p", "checkbox", "radio"), _after_comma),
    **dict.fromkeys(("u", "emp", "wavy", "psw"), lambda tag: " ".join(tag.arguments.words)),
    **dict.fromkeys(("s", "del"), lambda tag: f"~~{' '.join(tag.arguments.words)}~~"),
    "doc": _doc,
    "chart": _chart,
    "m": lambda tag: f"\\({tag.inner.strip()}\\)",
    "fn": lambda tag: f"[^fn{tag.arguments.get(position=0)}]",
    **dict.fromkeys(("maincolumn", "fullwidth", "marginfigure"), _plate),
    "hl": lambda tag: f"<mark>{tag.inner}</mark>",
    # Butterfly's `hideInline words, button, colours` shows the words on a click.
    "hideinline": lambda tag: " ".join(tag.arguments.words).partition(",")[0].strip(),
    **dict.fromkeys(("inlineimg", "intextimg"), _inline_image),
    "blogdown/postref": lambda _: "",  # the address of the page itself, before that of an image
    "series": lambda _: "",  # Butterfly's list of a series, which the header names
    "staticref": _file,
    **dict.fromkeys(("br", "line_break"), lambda _: "<br>"),
    "mention": lambda tag: f"@{tag.arguments.get('user', position=0)}",
    # The words of a link of MIT's to what only its own list of resources knows.
    "resource_link": lambda tag: " ".join(tag.arguments.words[1:]),
    **{f"{name}{end}": _part_of_table for name in "table thead tbody tr th td".split() for end in ("open", "close")},
}
"""What stands for itself, by the name of its tag."""

THEME_VERBATIM = frozenset({"m", "comment", "chart", "hl", "staticref", "doc", "speaker_note"})
"""Those that read what they enclose."""

UNCLOSED: dict[str, Callable[[Tag], str]] = {
    **dict.fromkeys(("sidenote", "marginnote", "footnote"), _note),
    "epigraph": _motto,
    "spoiler": _hidden,
}
"""Tags around Markdown elsewhere that have all of their text as arguments where no end comes."""

SHORT = {
    "aplayer": "audio",
    "dplayer": "video",
    "noteblock": "note",
    "timenode": "timelineitem",
    **dict.fromkeys(("youtubeplayer", "youtube_player", "youtube-player", "youtube-embed"), "youtube"),
    **dict.fromkeys(("youtubelite", "youtube-lite"), "youtube"),
    "tex": "latex",
    "table": "tbl",
    **dict.fromkeys(("thumbnail", "fig"), "figure"),
    **dict.fromkeys(("html", "raw-html", "unsafe"), "rawhtml"),
    **SHORT_NAMES,
    "answer": "solution",
    "embed-pdf": "pdf",
    **dict.fromkeys(("gp", "grouppicture"), "gallery"),
}
"""What some call these tags."""
