"""Markdown rules for Obsidian's `[[post]]`, `[[post#heading|text]]` and `![[image.png|300]]`: they become links and images; `^name` at a block's end names it.

`meta["written"]` is what stands in the source, for places. What is embedded and is no image is linked to; `meta["embeds"]` marks
other posts, which is told when they are rendered.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import quote

from sitegen.labels import kind_of
from sitegen.later import later
from sitegen.reading.anchors import anchor_id, block_name
from sitegen.reading.boxes.containers import start_of
from sitegen.reading.endings import endings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

_WIKILINK = later(
    r"!?\[\[(?P<name>[^\[\]\n|#^]*)(?:#(?P<heading>[^\[\]\n|]*))?(?P<rest>(?:\|[^\[\]\n|]*)*)\]\](?![(\[])"
)
_NAME = r"(?:[^\n()<>\"']|\([^\n()<>\"']*\))*(?<=[^\s(])"  # of a file, with blanks and balanced brackets
_IMAGE = later(
    r"!\[(?P<alt>[^\[\]\n]*)\]\((?:(?P<target>[^\s()]+)[ \t]+=(?P<width>(?:\d+%?)?)(?:x(?P<height>(?:\d+%?)?)|(?<=[\d%]))"
    rf"|(?P<file>{_NAME}\.(?:png|jpe?g|gif|svg|webp|avif|bmp))(?:[ \t]+\"(?P<title>[^\n\"]*)\")?)[ \t]*\)",
    re.IGNORECASE,
)
_TO_FILE = re.compile(
    rf"\((?P<file>{_NAME}\.(?:md|pdf|ipynb|html?|py|csv|zip|png|jpe?g|gif|svg|webp))[ \t]*\)", re.IGNORECASE
)
_ENDS_NAME = re.compile(r"[A-Za-z0-9_\]]")  # in Chinese and its like a link stands beside letters
_SIZE = later(r"(\d+)(?:x(\d+))?")
_IMAGES = {".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".avif", ".bmp"}
_PLACES = {"left", "center", "right"}  # what themes and plugins let stand for a place on the page
_FILES = {".pdf", ".mp4", ".webm", ".mp3", ".wav", ".ogg", ".csv", ".zip", ".ipynb", ".py", ".txt", ".json", ".canvas"}


def use_wikilinks(md: MarkdownIt) -> None:
    """Add the rule of this module; it comes before those of links and images."""
    md.inline.ruler.before("link", "wikilink", _wikilink)
    md.core.ruler.before("inline", "block_names", _name_blocks)
    md.inline.ruler.before("image", "sized_image", _sized)
    md.inline.ruler.after("link", "link_with_blanks", _link_with_blanks)


def _name_blocks(state: StateCore) -> None:
    """Take the name of a block, `^name` at its end or in a paragraph of its own below it, for its anchor."""
    if "^" not in state.src:
        return
    taken: set[int] = set()  # tokens of such paragraphs
    for index, token in enumerate(state.tokens):
        text, name = block_name(token.content) if token.type == "inline" else ("", "")
        opening = state.tokens[index - 1] if index else token
        if name and not text and (named := _block_before(state.tokens, index - 2)):
            if named.type == "formula_block" and name.startswith("eq"):
                named.meta["label"] = named.meta["label"] or name
            named.attrs.setdefault("id", name)
            taken.update(range(index - 1, index + 2))
        elif name and opening.nesting > 0:
            if opening.hidden and index > 1:  # the paragraph of a tight list makes no element
                opening = state.tokens[index - 2]
            token.content = text
            opening.attrs.setdefault("id", name)
    if taken:
        state.tokens = [token for index, token in enumerate(state.tokens) if index not in taken]


def _block_before(tokens: Sequence[Token], last: int) -> Token | None:
    """Return the token that begins the block which ends at `last`; None where no block ends."""
    if last < 0 or tokens[last].nesting > 0 or tokens[last + 1].type != "paragraph_open":
        return None
    return tokens[start_of(tokens, last)]


def _wikilink(state: StateInline, silent: bool) -> bool:
    match = _WIKILINK.match(state.src, state.pos, state.posMax)
    before = state.src[state.pos - 1] if state.pos else " "
    if not match or not (match["name"].strip() or match["heading"]) or _ENDS_NAME.match(before):
        return False  # `a[[i]]` takes an element of something
    if not silent:
        name = match["name"].strip()
        words = [word.strip() for word in match["rest"].split("|")[1:]]
        if match[0].startswith("!") and PurePosixPath(name).suffix.lower() in _IMAGES:
            _embed(state, name, words, match[0])
        elif "://" in name:
            _link_to_address(state, match[0].strip("![]").split("|")[0].strip(), words)
        else:
            _link(state, name, (match["heading"] or "").strip(), words, match[0])
    state.pos = match.end()
    return True


def _sized(state: StateInline, silent: bool) -> bool:
    """Read `![alt](image.png =300x200)`, as HackMD and Zenn have it, and `![](an image.png)`, as Typora and Notion write it."""
    match = _IMAGE.match(state.src, state.pos, state.posMax)
    if not match or (match["file"] and " " not in match["file"].strip()):
        return False
    if not silent:
        token = state.push("image", "img", 0)
        sizes = {name: match[name] for name in ("width", "height") if match[name]}
        target = match["target"] or match["file"].strip()
        token.attrs = {"src": state.md.normalizeLink(target), "alt": "", **sizes}
        if match["title"]:
            token.attrs["title"] = match["title"]
        token.meta = {"written": target}
        token.children = state.md.inline.parse(match["alt"], state.md, state.env, [])
    state.pos = match.end()
    return True


def _link_with_blanks(state: StateInline, silent: bool) -> bool:
    """Read `[words](a file.pdf)`, which kramdown takes for a link and CommonMark for text."""
    end = endings(state.src).bracket(state.pos) if state.src[state.pos] == "[" and not state.linkLevel else None
    match = _TO_FILE.match(state.src, end + 1, state.posMax) if end and end < state.posMax else None
    if end is None or not match or "://" in match["file"]:
        return False
    if not silent:
        token = state.push("link_open", "a", 1)
        token.attrs = {"href": state.md.normalizeLink(match["file"].strip())}
        token.meta = {"written": match["file"].strip()}
        state.tokens += state.md.inline.parse(state.src[state.pos + 1 : end], state.md, state.env, [])
        state.push("link_close", "a", -1)
    state.pos = match.end()
    return True


def _link(state: StateInline, name: str, heading: str, words: list[str], written: str) -> None:
    anchor = "#" + quote(anchor_id(heading.rpartition("#")[2])) if heading else ""
    suffix = PurePosixPath(name).suffix.lower()
    file = name if not name or suffix in _IMAGES | _FILES | {".md"} else f"{name}.md"
    parts = (PurePosixPath(name).name, *("" if part.startswith("^") else part for part in heading.split("#")))
    text = words[0] if words else " > ".join(part for part in parts if part)
    if heading.startswith("^") and not (text or kind_of(heading[1:])):
        text = heading[1:]
    token = state.push("link_open", "a", 1)
    token.attrs = {"href": quote(file, safe="/%") + anchor}
    token.meta = {"written": written, "embeds": written.startswith("!") and file.endswith(".md")}
    state.tokens += state.md.inline.parse(text, state.md, state.env, [])
    state.push("link_close", "a", -1)


def _link_to_address(state: StateInline, address: str, words: list[str]) -> None:
    """Link to a page of another site, as the wikis of GitHub and GitLab do."""
    state.push("link_open", "a", 1).attrs = {"href": state.md.normalizeLink(address)}
    if words:
        state.tokens += state.md.inline.parse(words[0], state.md, state.env, [])
    else:
        state.push("text", "", 0).content = address
    state.push("link_close", "a", -1)


def _embed(state: StateInline, name: str, words: list[str], written: str) -> None:
    token = state.push("image", "img", 0)
    token.attrs = {"src": quote(name, safe="/%"), "alt": ""}
    token.meta = {"written": written}
    words = [word for word in words if word not in _PLACES]
    size = _SIZE.fullmatch(words[-1]) if words else None
    if size:
        words.pop()
        token.attrs.update({"width": size[1]} | ({"height": size[2]} if size[2] else {}))
    text = words[0] if words else PurePosixPath(name).stem
    token.children = state.md.inline.parse(text, state.md, state.env, [])
