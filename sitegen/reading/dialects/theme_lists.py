"""What Minimal Mistakes makes of a list in the header: a gallery of images, a row of images with a title and a few words."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING

from sitegen.reading.embeds import TagError, figure_html

if TYPE_CHECKING:
    from collections.abc import Callable

    from sitegen.reading.dialects.tags import Tag

_COLUMNS = {"half": 2, "third": 3, "left": 1, "right": 1, "center": 1}


def _gallery(tag: Tag) -> str:
    items = _items(tag)
    figures = [
        figure_html(tag.reading, item["image_path"], {**_about(item), "link": item.get("url", "")}, tag.location)
        for item in items
    ]
    caption = tag.arguments.get("caption")
    words = f"<figcaption>{tag.reading.render_inline(caption, tag.reading)}</figcaption>" if caption else ""
    grid = _grid(tag, figures)
    return tag.reading.insert(f'<figure class="picture">{grid}{words}</figure>' if caption else grid)


def _feature_row(tag: Tag) -> str:
    reading = tag.reading
    cells = []
    for item in _items(tag):
        parts = [figure_html(reading, item["image_path"], _about(item), tag.location)]
        if item.get("title"):
            parts.append(f"<p><strong>{reading.render_inline(item['title'], reading)}</strong></p>")
        if item.get("excerpt"):
            parts.append(f"<p>{reading.render_inline(' '.join(item['excerpt'].split()), reading)}</p>")
        if item.get("url"):
            address = reading.link(item["url"], "page", tag.location)
            parts.append(f'<p><a href="{address}">{escape(item.get("btn_label") or item["url"])}</a></p>')
        cells.append("\n".join(parts))
    return reading.insert(_grid(tag, cells))


def _grid(tag: Tag, cells: list[str]) -> str:
    columns = _COLUMNS.get(tag.arguments.get("layout", "type"), min(len(cells), 3))
    held = "".join(f'<div class="subfigure">{cell}</div>\n' for cell in cells)
    return f'<div class="figure-grid" style="--columns: {columns}">\n{held}</div>'


def _about(item: Mapping[str, str]) -> dict[str, str]:
    """Return what is said of an image; its title in a gallery is a tooltip elsewhere, and here its words for those who see none."""
    return {"alt": item.get("alt") or item.get("title", ""), "caption": item.get("image_caption", "")}


def _items(tag: Tag) -> list[dict[str, str]]:
    """Return the entries of the list of the header that a tag names, each with an image."""
    name = tag.arguments.get("id") or tag.name
    found = tag.reading.lists.get(name)
    if not isinstance(found, list | tuple):
        raise TagError(f"the header of this post has no list `{name}`")
    items = [{str(key): str(value) for key, value in item.items()} for item in found if isinstance(item, Mapping)]
    items = [{**item, "image_path": item.get("image_path") or item.get("url", "")} for item in items]
    if not items or not all(item["image_path"] for item in items):
        raise TagError(f"the list `{name}` of the header has entries without an `image_path`")
    return items


LIST_TAGS: dict[str, Callable[[Tag], str]] = {"gallery": _gallery, "feature_row": _feature_row}
"""What a tag becomes that shows a list of the header, by its name."""
