"""A drawn figure -> its HTML: an SVG in the page, or pictures beside it, for the page's theme or for a feed reader."""

from __future__ import annotations

import re
from html import escape, unescape
from itertools import zip_longest
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from msgspec import Struct

from sitegen.model import Animation, Figure, Formula, Markup
from sitegen.publishing.addresses import relative
from sitegen.publishing.smaller import half_of
from sitegen.running.figures.palette import in_light

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sitegen.model import Cell, Digest, Fragment
    from sitegen.store import Store

ALWAYS_FITS = 300  # CSS pixels: less than what a phone shows


_SHAPE = re.compile(r'<path id="(f[0-9a-f]+-\d+-)([\w-]+)"(?: d="([^"]*)")?([^>]*)/>')
_USE = re.compile(r'<use href="#(f[0-9a-f]+-\d+-[\w-]+)"([^>]*)/>')
_SLIDER = re.compile(r'(<div class="slider".*?<div class="controls">)', re.DOTALL)


def share_shapes(body: str) -> str:
    """Return a page's text in which each letter and mark of its figures is drawn once, by the first that has it, and named in brief.

    Blanks, which draw nothing, go. Sliders keep their own: their frames know the elements of a figure by number.
    """
    if '<path id="f' not in body:
        return body
    names: dict[tuple[str, str, str], str] = {}
    brief: dict[str, str] = {}

    def once(found: re.Match[str]) -> str:
        prefix, own, drawn, rest = found.groups("")
        if not drawn:
            brief[prefix + own] = ""
            return ""
        shape = own, drawn, rest
        is_first = shape not in names
        brief[prefix + own] = name = names.setdefault(shape, f"_{len(names):x}")
        return f'<path id="{name}" d="{drawn}"{rest}/>' if is_first else ""

    def used(found: re.Match[str]) -> str:
        name = brief.get(found[1], found[1])
        return f'<use href="#{name}"{found[2]}/>' if name else ""

    parts = [part if number % 2 else _SHAPE.sub(once, part) for number, part in enumerate(_SLIDER.split(body))]
    for number in range(0, len(parts), 2):
        parts[number] = _USE.sub(used, parts[number]).replace("<defs></defs>", "")
    return "".join(parts)


class Place(Struct, frozen=True):
    """Where figures go: in a page at `url`, or (absolute) in a feed."""

    url: str
    absolute: str = ""

    def address(self, path: PurePosixPath) -> str:
        """Return the address of a file of the site."""
        return f"{self.absolute}/{path}" if self.absolute else relative(f"/{path}", self.url)


class Easel(Struct):
    """Where the figures of one cell are hung. words: of the page's language. takes_turns: they are frames of a slider. files: (path in the site, content) of what became a file of its own.

    Note: `files` grows.
    """

    cell: Cell
    store: Store
    place: Place
    words: Mapping[str, str]
    takes_turns: bool = False
    files: list[tuple[PurePosixPath, Digest]] = []

    def html(self, drawn: Figure | Animation) -> str:
        """Return a figure in its box."""
        if isinstance(drawn, Animation):
            return self._moving(drawn)
        alt, drafted = self._alternative(drawn)
        ground = "" if drawn.themed else " on-paper"
        # On a phone a figure shrinks until its text is hard to read; then it scrolls in its box.
        least = drawn.least if drawn.least > ALWAYS_FITS else 0
        if self.place.absolute or not drawn.svg:
            names = [self.publish(content, suffix) for content, suffix in self._pictures(drawn)]
            style = _style(drawn, 0 if self.place.absolute else least)
            smaller = [self._smaller(content, suffix) for content, suffix in self._pictures(drawn)]
            return f'<div class="drawing{ground}"{drafted}{style}>{_images(names, drawn, alt, smaller)}</div>\n'
        drawings = self._inline(drawn.svg)
        if drawn.narrow:
            drawings = f'<div class="full">{drawings}</div><div class="narrow">{self._inline(drawn.narrow)}</div>'
            least = 0
        style = _style(drawn, least)
        return f'<div class="drawing{ground}" role="img" aria-label="{escape(alt)}"{drafted}{style}>{drawings}</div>\n'

    def table(self, drawn: Figure | Animation, letter: str) -> str:
        """Return the link to what a figure plots, where that is known; not in a feed. letter: of one among several."""
        if self.place.absolute or isinstance(drawn, Animation) or not drawn.data:
            return ""
        name = f"{self.cell.label or 'figure'}{f'-{letter}' if letter else ''}.csv"
        address, text = self.publish(drawn.data, "csv"), f"{self.words['data']} {letter}".strip()
        return f' <a class="figure-data" href="{address}" download="{escape(name)}">{text}</a>'

    def _inline(self, content: Digest) -> str:
        return self.store.content(content).decode().replace(' role="img"', ' aria-hidden="true"', 1)

    def publish(self, content: Digest, suffix: str, folder: str = "figures") -> str:
        """Make a file of the site and return its address."""
        path = PurePosixPath(folder) / f"{content[:16]}.{suffix}"
        self.files.append((path, content))
        return self.place.address(path)

    def _smaller(self, content: Digest, suffix: str) -> str:
        """Return what an image says of its smaller form, for phones; not in a feed, nor where images take turns."""
        if self.place.absolute or self.takes_turns or suffix != "webp":
            return ""
        half = half_of(content, self.store)
        return f"{self.publish(half[0], suffix)} {half[1]}w" if half else ""

    def _moving(self, drawn: Animation) -> str:
        """Return an animation with its still picture; which of the two is seen is the style sheet's to say."""
        still = drawn.still
        alt, drafted = self._alternative(still)
        ground = "" if still.themed else " on-paper"
        moving = [drawn.light] if self.place.absolute or drawn.light == drawn.dark else [drawn.light, drawn.dark]
        stills = [still.light] if len(moving) == 1 else [still.light, still.dark]
        names = [self.publish(content, "webp") for content in moving]
        if self.place.absolute:
            return f'<div class="drawing{ground}"{drafted}{_style(still)}>{_images(names, still, alt)}</div>\n'
        pictures = [self.publish(content, "webp") for content in stills]
        return (
            f'<div class="drawing animation{ground}"{drafted}{_style(still)}><div class="moving">{_images(names, still, alt)}</div>'
            f'<div class="still">{_images(pictures, still, alt)}</div>'
            f'<label class="play"><input type="checkbox" aria-label="{escape(self.words["move"])}"><span></span></label></div>\n'
        )

    def _alternative(self, figure: Figure) -> tuple[str, str]:
        """Return the alternative text, and the attribute that says that it was drafted."""
        written = alt_text(self.cell.alt)
        return written or figure.alt, "" if written else ' data-alt="drafted"'

    def _pictures(self, figure: Figure) -> list[tuple[Digest, str]]:
        """Return the files of a figure: in a feed one that needs no style sheet, in a page one for each theme."""
        if figure.svg:
            svg = in_light(self.store.content(figure.svg).decode())
            return [(self.store.keep(svg.encode()), "png")]  # drawn as such when the feed is written
        both = [(figure.light, "webp"), (figure.dark, "webp")]
        return both[:1] if self.place.absolute or not figure.dark or figure.dark == figure.light else both


def _style(drawn: Figure, least: float = 0) -> str:
    """Return the attributes of a drawing's box: how wide it must be, and the colour of its ground."""
    said = [f"--least: {least:.0f}px"] * (least > 0) + [f"background: {drawn.ground}"] * bool(drawn.ground)
    return (f' style="{"; ".join(said)}"' if said else "") + (' tabindex="0"' if least else "")


def _images(names: list[str], figure: Figure, alt: str, smaller: Sequence[str] = ()) -> str:
    """Return one picture for every theme, or one for each. smaller: of each, an entry of `srcset`, or ""."""
    size = f'width="{figure.width:.0f}" height="{figure.height:.0f}"'
    themes = [""] if len(names) == 1 else [' class="only-light"', ' class="only-dark"']
    found = ""
    for name, theme, small in zip_longest(names, themes, smaller, fillvalue=""):
        pixels = 2 * int(small.split(" ")[1][:-1]) if small else 0
        sizes = f'sizes="(max-width: 36rem) calc(100vw - 2.5rem), {figure.width:.0f}px"'
        choice = f' srcset="{small}, {name} {pixels}w" {sizes}' if small else ""
        found += f'<img{theme} src="{name}"{choice} {size} alt="{escape(alt)}" loading="lazy">'
    return found


def alt_text(fragments: Sequence[Fragment]) -> str:
    """Return what is written as plain text."""
    parts = []
    for fragment in fragments:
        if isinstance(fragment, Markup):
            parts.append(unescape(re.sub(r"<[^>]*>", "", fragment.html)))
        elif isinstance(fragment, Formula):
            parts.append(fragment.tex.strip())
    return re.sub(r"\s+", " ", "".join(parts)).strip()
