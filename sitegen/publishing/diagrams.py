"""A drawn diagram -> fragments: its picture in the page's colours, or its source for the reader's browser to draw."""

from __future__ import annotations

import re
from html import escape
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from sitegen.labels import id_attribute
from sitegen.later import later
from sitegen.model import Markup, Number
from sitegen.publishing.png import is_drawable

if TYPE_CHECKING:
    from sitegen.model import Diagram, Digest, Drawing, Fragment
    from sitegen.publishing.drawing import Place
    from sitegen.store import Store

_SIZE = later(r'<svg[^>]*\swidth="([\d.]+)"[^>]*\sheight="([\d.]+)"')
_PAPER = "#fdfcf9"
_INKS = {  # for a reader without our style sheet: what assets/css/prose.css gives to a diagram in the light
    "_text": "#1b1e25",
    **dict.fromkeys(("_text-sec", "_text-muted", "_text-faint", "_line", "_arrow"), "#5c616c"),
    **dict.fromkeys(("_node-fill", "_group-hdr"), "#f5f3ed"),
    "_node-stroke": "#b9b6ad",
    **dict.fromkeys(("_inner-stroke", "_key-badge"), "#e2dfd6"),
    **dict.fromkeys(("_group-fill", "bg"), _PAPER),
}
_CHART_INKS = ("#4964c2", "#d45c3b", "#099b81", "#75247e", "#b28903", "#b10036", "#3192b7", "#585d6b")


def unfold_diagram(
    diagram: Diagram, drawing: Drawing, number: int, place: Place, store: Store
) -> tuple[list[Fragment], dict[PurePosixPath, Digest]]:
    """Return a diagram's fragments and files. number: of the diagram in its page, which tells its ids from others'."""
    files: dict[PurePosixPath, Digest] = {}
    alt = diagram.alt or drawing.title
    drafted = "" if diagram.alt else ' data-alt="drafted"'
    if not drawing.svg:
        source = escape(diagram.source, quote=False)
        picture = f'<div class="diagram live"><pre class="mermaid" tabindex="0">{source}</pre></div>\n'
    elif place.absolute:
        alone = _standing_alone(drawing.svg)
        content = store.keep(alone.encode())
        path = PurePosixPath("figures") / f"{content[:16]}.{'png' if is_drawable(alone) else 'svg'}"
        files[path] = content
        width, height = (f"{float(size):.0f}" for size in _SIZE.findall(drawing.svg)[0])
        picture = f'<p><img src="{place.address(path)}" width="{width}" height="{height}" alt="{escape(alt)}"></p>\n'
    else:
        svg = drawing.svg.replace("DIAGRAM-", f"diagram-{number}-")
        ground = " on-paper" if drawing.styled else ""
        role = "group" if "<a " in svg else "img"
        picture = (
            f'<div class="diagram{ground}" role="{role}" aria-label="{escape(alt)}" tabindex="0"{drafted}>{svg}</div>\n'
        )
    anchor = id_attribute(diagram.label)
    if not diagram.caption and not diagram.label.startswith("fig-"):
        return [Markup(picture.replace("<div", f"<div{anchor}", 1) if anchor else picture)], files
    named = Number("fig", diagram.label, diagram.location)
    return [
        Markup(f'<figure class="figure"{anchor}>\n{picture}<figcaption>'),
        named,
        Markup(" "),
        *diagram.caption,
        Markup("</figcaption>\n</figure>\n"),
    ], files


def _standing_alone(svg: str) -> str:
    """Return a picture that needs no style sheet, on a light ground."""
    for name, ink in _INKS.items():
        svg = svg.replace(f"var(--{name})", ink)
    bars = "".join(
        f".xychart-bar.xychart-color-{n}{{fill:{ink}}}.xychart-color-{n}{{stroke:{ink}}}"
        for n, ink in enumerate(_CHART_INKS)
    )
    style = (
        f"<style>svg{{background:{_PAPER}}}text{{font-family:sans-serif}}.xychart-line{{fill:none;stroke-width:2}}"
        f".xychart-line-shadow,.xychart-dot{{display:none}}{bars}</style>"
    )
    return re.sub(r"(<svg\b[^>]*>)", lambda found: found[1] + style, svg, count=1)
