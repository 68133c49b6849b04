"""A text with pictures that its program saved -> the same with these in their places: figures drawn, other files as they are."""

from __future__ import annotations

import re
from functools import partial
from html import escape, unescape
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sitegen.model import Animation, Cell, Figure, Link, Markup, Saved, Size
from sitegen.publishing.png import SAVED
from sitegen.reading.asked import file_of
from sitegen.running.figures.palette import in_light

if TYPE_CHECKING:
    from collections.abc import Callable

    from sitegen.model import Fragment, Output, Post, Result
    from sitegen.publishing.drawing import Easel

_MARK = "\x02"  # around the number of a picture, where its address would stand; no text holds it
_MARKED = re.compile(rf"{_MARK}(\d+){_MARK}")
_IMAGE = re.compile(rf"(<p>(?=<img [^>]*></p>))?<img ([^>]*{_MARK}(\d+){_MARK}[^>]*)>(?(1)</p>)")
_ATTRIBUTE = re.compile(r"""\s(alt|style|width)=(["']?)(.*?)\2(?=[\s/]|$)""")
_PARAGRAPH = re.compile(r"<(/?)p\b")


def name_of(result: Result) -> str:
    """Return the name that the text has for a result that was saved; "" for what stands where its cell does."""
    figure = result.still if isinstance(result, Animation) else result
    return result.name if isinstance(result, Saved) else figure.saved if isinstance(figure, Figure) else ""


def with_saved(post: Post, output: Output | None, easel: Callable[[Cell], Easel]) -> list[Fragment]:
    """Return the text with every picture that was saved: of one name the last above it, else the first below.

    Where nothing ran, the page stands without them.
    """
    saved = [(step, one) for step, some in enumerate(output.steps if output else ()) for one in some if name_of(one)]
    steps = post.program.steps if output is None else ()
    asked = {name for step in steps for name in (*step.asked, *step.linked)}
    cells = {part.step: part for part in post.body if isinstance(part, Cell)}
    chosen: list[tuple[Result, Easel]] = []
    found: list[Fragment] = []
    last, is_text = -1, False
    for part in post.body:
        last = part.step if isinstance(part, Cell) and part.step is not None else last
        link = part.link if isinstance(part, Size) else part
        name = file_of(link) if isinstance(link, Link) else ""
        some = [one for one in saved if name and name_of(one[1]) == name]
        if some and isinstance(part, Link):
            step, result = next((one for one in reversed(some) if one[0] <= last), some[0])
            chosen.append((result, easel(cells[step])))
            found.append(Markup(f"{_MARK}{len(chosen) - 1}{_MARK}"))
        elif some and isinstance(part, Size):
            sizes = (("width", part.width), ("height", part.height))
            found.append(Markup("".join(f' {name}="{size}"' for name, size in sizes if size)))
        elif name in asked and isinstance(part, Size):
            found.append(replace(part, link=replace(part.link, is_optional=True)))
        elif name in asked and isinstance(part, Link):
            found.append(replace(part, is_optional=True))
        else:
            found.append(part)
        while len(found) > 1 and isinstance(found[-1], Markup) and isinstance(found[-2], Markup):
            found[-2:] = [Markup(found[-2].html + found[-1].html)]
    for place, part in enumerate(found if chosen else ()):
        if isinstance(part, Markup):
            html = _IMAGE.sub(partial(_hung, chosen=chosen, is_text=is_text), part.html)
            found[place] = Markup(_MARKED.sub(lambda mark: escape(_file(*chosen[int(mark[1])])), html))
            marks = _PARAGRAPH.findall(part.html)
            is_text = not marks[-1] if marks else is_text
    return found


def _hung(image: re.Match[str], chosen: list[tuple[Result, Easel]], *, is_text: bool) -> str:
    """Return what stands for the tag of an image. is_text: whether what is above its markup leaves a paragraph open."""
    result, easel = chosen[int(image[3])]
    if isinstance(result, Saved):
        return image[0]
    said = {name: unescape(value) for name, _, value in _ATTRIBUTE.findall(f" {image[2]}")}
    if said.get("alt"):
        easel.cell = replace(easel.cell, alt=(Markup(escape(said["alt"])),))
    html = easel.html(result).strip() if isinstance(result, Figure | Animation) else ""
    width = said.get("width", "")
    style = said.get("style") or (f"max-width: {width}{'px' * width.isdigit()}" if width else "")
    html = f'<div style="{escape(style)}">{html}</div>' if style else html
    if image[1]:  # it is all of a paragraph
        return f'<figure class="picture">{html}</figure>'
    marks = _PARAGRAPH.findall(image.string[: image.start()])
    is_text = not marks[-1] if marks else is_text  # which a block would end
    return html.replace("<div", "<span").replace("</div>", "</span>") if is_text else html


def _file(result: Result, easel: Easel) -> str:
    """Return the address of a picture as a file: what was written, or the figure as it is on light paper."""
    if isinstance(result, Figure) and result.svg:
        svg = in_light(easel.store.content(result.svg).decode())
        return easel.publish(easel.store.keep(svg.encode()), "svg")
    if isinstance(result, Saved):
        return easel.publish(result.content, PurePosixPath(result.name).suffix[1:].lower(), SAVED)
    return easel.publish(result.light, "webp") if isinstance(result, Figure | Animation) else ""
