"""Images that stand alone become figures when something captions them; how wide they are and where they stand.

A caption is the emphasised line below an image (Chirpy), its title, or, for Pandoc's `![Caption](x.png){#fig-x}`, the text
in its brackets, which in a file of Quarto's or R Markdown's needs no label. Several images in one paragraph share a caption.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from markdown_it.token import Token

from sitegen.labels import kind_of, normal_label, part_mark
from sitegen.later import later
from sitegen.reading.block_lines import is_paragraph

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore

    from sitegen.reading.context import Reading

_BLANK = {"softbreak", "hardbreak"}
_THEMES = {"light": "only-light", "dark": "only-dark"}  # Chirpy's words for an image of one theme
_OF_IMAGES = later(r"left|right|normal|shadow|light|dark|w-\d+|rounded-\d+")
_KEYS = {"width", "height", "w", "h", "lqip", "alt", "fig-alt", "fig-cap", "title", "id"}
_LENGTH = later(r"\d+(?:\.\d+)?(?:%|px|em|rem|ex|ch|in|cm|mm|pt|vw)")

_OF_DOCSIFY = later(r":(?:size|class|id|alt|no-zoom|ignore|target)(?:=\S*)?")
_SIZE = later(r":size=(\d+%?)(?:x(\d+%?))?")
_CLASS = later(r":class=([\w-]+)")


def use_figures(md: MarkdownIt) -> None:
    """Add the rule of this module; it comes after that of attribute lists."""
    md.core.ruler.after("inline_attributes", "figures", _figures)


def _figures(state: StateCore) -> None:
    tokens = state.tokens
    if "image" not in {child.type for token in tokens for child in token.children or ()}:
        return
    out: list[Token] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        children = token.children or []
        for child in children:
            if child.type == "image":
                _sized(child)
        alone = token.type == "inline" and out and out[-1].type == "paragraph_open"
        images, caption = _parted(children) if alone else ([], [])
        if not images and alone and "figcaption" in str(out[-1].attrs.get("class", "")).split():
            images, caption = _parted_by_class(children)
        if not images:
            out.append(token)
            index += 1
            continue
        opening = out[-1]
        _pass_on(opening, images)
        after = tokens[index + 2 : index + 5]  # a caption that is a paragraph of its own, below a list of attributes
        if not caption and len(after) == 3 and _is_caption_of(opening, after):
            caption = _inside(after[1].children or [])
            index += 3
        caption = caption or _own_caption(images, state, is_block=not opening.hidden)
        label = _label(images)
        parts: list[str] | None = opening.meta.get("parts")  # of the figure of which this is one part
        mark = ""
        if parts is not None:
            parts.append(label)
            label, mark = "", f"{part_mark(len(parts))} "
            caption = caption or list(next(child for child in images if child.type == "image").children or [])
        if not caption and not label:
            out.append(token)
            index += 1
            continue
        out[-1] = _figure_open(opening, images)
        out.append(_inline(token, images))
        out += [
            Token("caption_open", "figcaption", 1, block=True, meta={"label": label, "mark": mark}),
            _inline(token, caption, "".join(child.content for child in caption if child.type == "text")),
        ]
        out += [Token("caption_close", "figcaption", -1, block=True), Token("figure_close", "figure", -1, block=True)]
        index += 2  # past the paragraph's end
    state.tokens = out


def _parted(children: Sequence[Token]) -> tuple[list[Token], list[Token]]:
    """Return (images, caption) of a paragraph that is nothing else; no images when it is something else."""
    first = next((n for n, child in enumerate(children) if child.type in {"em_open", "strong_open"}), len(children))
    images, caption = list(children[:first]), list(children[first:])
    while images and (images[-1].type in _BLANK or _is_blank(images[-1])):
        images.pop()
    broken = len(images) == first or any(child.type in _BLANK for child in children[len(images) : first])  # or touches
    if not all(
        child.type in {"image", "link_open", "link_close"} or child.type in _BLANK or _is_blank(child)
        for child in images
    ):
        return [], []
    if not any(child.type == "image" for child in images):
        return [], []
    if not caption:
        return images, []
    return (images, _inside(caption)) if broken and _is_emphasis(caption) else ([], [])


def _parted_by_class(children: Sequence[Token]) -> tuple[list[Token], list[Token]]:
    """Return (images, caption) of Hydejack's paragraph of an image and the lines below it, with the class `figcaption`."""
    end = next((n for n, child in enumerate(children) if child.type in _BLANK), len(children))
    images, caption = _parted(children[:end])
    return (images, list(children[end + 1 :])) if images and not caption else ([], [])


def _is_emphasis(children: Sequence[Token]) -> bool:
    """Whether the tokens are one emphasis from beginning to end."""
    if not children or children[0].type != "em_open" or children[-1].type != "em_close":
        return False
    depth = 0
    for number, child in enumerate(children):
        depth += child.nesting
        if depth == 0 and number < len(children) - 1:
            return False
    return True


def _inside(caption: Sequence[Token]) -> list[Token]:
    return list(caption[1:-1])


def _is_caption_of(opening: Token, after: Sequence[Token]) -> bool:
    """Whether a paragraph is the caption of the image above it: emphasised, and parted from it by its attributes only."""
    if not is_paragraph(after):
        return False
    near = opening.map and after[0].map and after[0].map[0] - opening.map[1] <= 1 and "given_below" in opening.meta
    return bool(near) and _is_emphasis(after[1].children or [])


def _own_caption(images: Sequence[Token], state: StateCore, *, is_block: bool) -> list[Token]:
    """Return the caption that an image carries: its title, or its text where it is one of Pandoc's figures.

    is_block: whether it is a paragraph, as figures are, and not merely alone in the item of a list.
    """
    found = [child for child in images if child.type == "image"]
    if len(found) != 1:
        return []
    image = found[0]
    caption = str(image.attrs.pop("fig-cap", ""))
    reading: Reading = state.env["reading"]
    if not caption and is_block and len(images) == 1 and image.children and reading.is_for_pandoc():
        return list(image.children)
    if not caption and ("fig-alt" in image.attrs or kind_of(str(image.attrs.get("id", ""))) == "fig"):
        return list(image.children or [])
    caption = caption or str(image.attrs.pop("title", ""))
    tokens: list[Token] = []
    state.md.inline.parse(caption, state.md, state.env, tokens)
    return tokens


def _label(images: Sequence[Token]) -> str:
    """Return the label of a numbered figure, in the one spelling that anchors have."""
    for child in images:
        name = str(child.attrs.get("id", "")) if child.type == "image" else ""
        if kind_of(name) == "fig":
            child.attrs["id"] = normal_label(name)
            return str(child.attrs["id"])
    return ""


def _pass_on(opening: Token, images: Sequence[Token]) -> None:
    """Give what is said of a paragraph that is one image to the image."""
    found = [child for child in images if child.type == "image"]
    opening.meta["given_below"] = bool(opening.attrs)
    if len(found) != 1:
        return
    classes = str(opening.attrs.pop("class", "")).split()
    for name in classes:
        (found[0] if _OF_IMAGES.fullmatch(name) else opening).attrJoin("class", name)
    for key in _KEYS & set(opening.attrs):
        found[0].attrs[key] = opening.attrs.pop(key)
    _sized(found[0])


def _figure_open(opening: Token, images: Sequence[Token]) -> Token:
    """Return the beginning of a figure; what says where an image stands goes from the image to the figure."""
    token = Token("figure_open", "figure", 1, block=True, map=opening.map, level=opening.level)
    token.attrs = {**opening.attrs}
    token.attrJoin("class", "figure picture" if _label(images) else "picture")
    found = [child for child in images if child.type == "image"]
    if len(found) == 1:
        name = str(found[0].attrs.pop("id", ""))
        if name:
            token.attrs["id"] = name
        for moved in str(found[0].attrs.pop("class", "")).split():
            owner = token if moved in {"left", "right", "normal", *_THEMES.values()} else found[0]
            owner.attrJoin("class", moved)
    return token


def _inline(like: Token, children: list[Token], content: str = "") -> Token:
    """Return inline text. content: what rules that come later, such as that of quotation marks, look at."""
    return Token("inline", "", 0, map=like.map, level=like.level, children=children, content=content, block=True)


def _take_docsify(image: Token) -> None:
    """Take what docsify says of an image in its title, `':size=50%'`, for attributes: it is no caption."""
    title = str(image.attrs.get("title", ""))
    if not title.startswith(":"):
        return
    size, name, rest = _SIZE.search(title), _CLASS.search(title), _OF_DOCSIFY.sub("", title).strip()
    if rest == title:
        return
    for key, value in zip(("width", "height"), size.groups() if size else (), strict=False):
        if value:
            image.attrs[key] = value
    if name:
        image.attrJoin("class", name[1])
    image.attrs["title"] = rest
    if not rest:
        del image.attrs["title"]


def _sized(image: Token) -> None:
    """Write what Chirpy, Pandoc and Obsidian say of an image's size and theme as HTML has it."""
    _take_docsify(image)
    attributes = image.attrs
    for short, name in (("w", "width"), ("h", "height")):
        if short in attributes:
            attributes.setdefault(name, attributes.pop(short))
    style = []
    attributes.pop("lqip", None)  # a blurred stand-in: with width and height given, nothing moves without it
    for name in ("width", "height"):
        value = str(attributes.get(name, "")).strip()
        if not value:
            continue
        if value.removesuffix("px").isdigit():
            attributes[name] = value.removesuffix("px")
        else:
            del attributes[name]
            style += [f"{name}: {value}"] if _LENGTH.fullmatch(value) else []
    if style:
        attributes["style"] = "; ".join([*style, *([str(attributes["style"])] if "style" in attributes else [])])
    if "class" in attributes:
        attributes["class"] = " ".join(_THEMES.get(name, name) for name in str(attributes["class"]).split())


def _is_blank(token: Token) -> bool:
    return token.type == "text" and not token.content.strip()
