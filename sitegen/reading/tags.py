"""What each tag of Jekyll, Chirpy, al-folio, Hugo and Quarto becomes: Markdown, or HTML that is put in after Markdown is read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from sitegen.reading.callouts import TONES
from sitegen.reading.embeds import TagError, figure, link_card, media, player, video
from sitegen.reading.highlight import highlight_code
from sitegen.reading.listing import read_listing

if TYPE_CHECKING:
    from collections.abc import Callable

    from sitegen.errors import Location
    from sitegen.reading.context import Reading

_ARGUMENT = re.compile(
    r"""([\w-]+)\s*=\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|[^\s"']\S*)|("(?:[^"\\]|\\.)*"|'[^']*'|`[^`]*`|\S+)"""
)


@dataclass(frozen=True, slots=True)
class Arguments:
    """Positional and named arguments of a tag, as texts."""

    words: tuple[str, ...]
    named: dict[str, str]

    def get(self, *names: str, position: int | None = None) -> str:
        """Return the first of the named arguments that is given, else the word at `position`, else nothing."""
        for name in names:
            if name in self.named:
                return self.named[name]
        return self.words[position] if position is not None and position < len(self.words) else ""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag that was found. inner: what it encloses, for those that read that themselves.

    alone: whether nothing stands before it and behind its end on their lines, so that it can become a fence.
    """

    name: str
    arguments: Arguments
    inner: str
    location: Location
    reading: Reading
    alone: bool = True


def read_arguments(text: str) -> Arguments:
    """Read `a "b c" key=value`, with quotes of any kind."""
    words: list[str] = []
    named: dict[str, str] = {}
    for match in _ARGUMENT.finditer(text):
        value = match[2] or match[3]
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'`":
            value = value[1:-1] if value[0] == "`" else re.sub(r"\\(.)", r"\1", value[1:-1])
        if match[1]:
            named[match[1].lower()] = value
        else:
            words.append(value)
    return Arguments(tuple(words), named)


def _figure(tag: Tag) -> str:
    given = tag.arguments
    source = given.get("src", "path", "image_path", "url", "image", position=0)
    if not source:
        raise TagError(f"`{tag.name}` names no image")
    return figure(tag.reading, source, given.named, tag.location)


def _highlight(tag: Tag) -> str:
    """Return a fence, a code span where all stands on one line, or set code where text stands beside the tags."""
    language, *rest = [*tag.arguments.words, *(f'{key}="{value}"' for key, value in tag.arguments.named.items())]
    inner = tag.inner
    if "\n" not in inner:
        return f"`` {inner.strip()} ``"
    options = " ".join(rest).replace(",", " ") if not tag.arguments.named else " ".join(rest)
    if not tag.alone:
        listing = read_listing(f"{language} {options}", {}, tag.location, tag.reading.errors)
        return tag.reading.insert(highlight_code(inner.strip("\n") + "\n", listing))
    return f"~~~~~~~~{language} {options}{_lines(inner)}~~~~~~~~"


def _mermaid(tag: Tag) -> str:
    if not tag.alone:
        message = "the tags of a diagram stand on lines of their own"
        raise TagError(message)
    return f"~~~~~~~~mermaid{_lines(tag.inner)}~~~~~~~~"


def _math(tag: Tag) -> str:
    """Return a formula: what is inside may bring its own delimiters."""
    inner = tag.inner.strip()
    if re.search(r"\$|\\[(\[]|\\begin\{", inner):
        return tag.inner
    if "display" in (*tag.arguments.words, *tag.arguments.named) or "block" in tag.name or "\n" in inner:
        before = "\n" * (len(tag.inner) - len(tag.inner.lstrip()) > 0 and tag.inner[: -len(inner)].count("\n"))
        return f"{before}$${inner}$$"
    return f"$${inner}$$"


def _raw_html(tag: Tag) -> str:
    return tag.inner


def _details(tag: Tag) -> str:
    given = tag.arguments
    title = given.get("title", "summary") or " ".join(given.words) or "Details"
    is_open = " open" if given.get("open") == "true" or given.get("closed") == "false" else ""
    return tag.reading.insert(f"<details{is_open}><summary>{tag.reading.render_inline(title, tag.reading)}</summary>")


def _end_details(reading: Reading) -> str:
    return reading.insert("</details>")


def _callout(tag: Tag) -> str:
    """Return the beginning of a container; its kind is an argument, or the tag's own name."""
    given, words = tag.arguments, list(tag.arguments.words)
    kind = given.get("type", "context", "color").lower()
    if not kind and tag.name in _CALLOUTS:
        kind = words.pop(0).lower() if words else ""
    kind = kind or (tag.name if tag.name in TONES else "note")
    title = given.get("title", "header") or (words[0] if words else "")
    options = ["." + f"callout-{kind if kind in TONES else 'note'}"]
    if title:
        options.append(
            f"title='{title}'" if '"' in title and "'" not in title else f'title="{title.replace(chr(34), "”")}"'
        )
    folded = given.get("open") == "false" or given.get("collapse") == "true"
    return f"::: {{{' '.join([*options, *['collapse=true'] * folded])}}}"


def _end_callout(reading: Reading) -> str:
    del reading
    return ":::"


def _player(tag: Tag) -> str:
    return player(tag.reading, tag.name, tag.arguments.get("id", position=0), tag.arguments.get("title"))


def _video(tag: Tag) -> str:
    """Return a film: of the blog, or at a provider that the arguments or the address name."""
    given = tag.arguments
    if given.get("provider"):
        return player(tag.reading, given.get("provider").lower(), given.get("id"), given.get("title"))
    source = given.get("src", "path", "url", position=0)
    if not source:
        raise TagError(f"`{tag.name}` names no file")
    return video(tag.reading, source, given.named, tag.location)


def _audio(tag: Tag) -> str:
    source = tag.arguments.get("src", "path", position=0)
    if not source:
        raise TagError(f"`{tag.name}` names no file")
    return media("audio", tag.reading, source, tag.arguments.named, tag.location)


def _gist(tag: Tag) -> str:
    name = "/".join(tag.arguments.words[:2])
    return link_card(tag.reading, f"https://gist.github.com/{name}", f"Gist {name}")


def _post_url(tag: Tag) -> str:
    return f"{' '.join(tag.arguments.words).rpartition('/')[2]}.md"


def _link(tag: Tag) -> str:
    target = " ".join(tag.arguments.words)
    name = target.rpartition("/")[2]
    return name if name.endswith((".md", ".markdown")) else f"/{target.lstrip('/')}"


def _ref(tag: Tag) -> str:
    """Return the file that Hugo's `ref "post"` means; the suffix may be left out."""
    target, mark, anchor = (tag.arguments.get("path", position=0)).partition("#")
    if not target:
        return f"#{anchor}"
    name = target.strip("/").removesuffix("/index.md").removesuffix("/_index.md").rpartition("/")[2]
    return (name if name.endswith(".md") else f"{name}.md") + mark + anchor


def _cite(tag: Tag) -> str:
    return "[" + "; ".join(f"@{key.strip(',')}" for key in tag.arguments.words) + "]"


def _keys(tag: Tag) -> str:
    keys = " ".join(tag.arguments.words)
    return "+".join(f"<kbd>{escape(key)}</kbd>" for key in keys.split("-"))


def _lines(inner: str) -> str:
    """Return what is between two tags on lines of its own, without adding a line."""
    before = "" if inner.startswith("\n") else "\n"
    return f"{before}{inner}" + ("" if inner.rstrip(" \t").endswith("\n") else "\n")


_CALLOUTS = {"callout", "admonition", "notice", "alert", "hint"}
_BOXES = _CALLOUTS | {"note", "tip", "info", "important", "warning", "caution", "danger"}
TAGS: dict[str, Callable[[Tag], str]] = {
    **dict.fromkeys(_BOXES, _callout),
    "figure": _figure,
    "image": _figure,
    "img": _figure,
    "highlight": _highlight,
    "mermaid": _mermaid,
    "katex": _math,
    "math": _math,
    "mathjax": _math,
    "mathjax/inline": _math,
    "mathjax/block": _math,
    "rawhtml": _raw_html,
    "details": _details,
    "youtube": _player,
    "vimeo": _player,
    "bilibili": _player,
    "twitch": _player,
    "spotify": _player,
    "video": _video,
    "audio": _audio,
    "gist": _gist,
    "post_url": _post_url,
    "link": _link,
    "ref": _ref,
    "relref": _ref,
    "cite": _cite,
    "kbd": _keys,
}
VERBATIM = {"highlight", "mermaid", "katex", "math", "mathjax", "mathjax/inline", "mathjax/block", "rawhtml"}
FLOWING: dict[str, Callable[[Reading], str]] = {"details": _end_details, **dict.fromkeys(_BOXES, _end_callout)}
IGNORED = {"toc", "table_of_contents", "pagebreak", "bibliography", "tableofcontents"}  # the theme's, or of paper
IGNORED |= {"katexmm", "/katexmm"}  # around text whose dollars are math, as everywhere here
