"""What each tag of Jekyll, Chirpy, al-folio, Hugo and Quarto becomes: Markdown, or HTML that is put in after Markdown is read."""

from __future__ import annotations

import re
from html import escape
from itertools import takewhile
from textwrap import dedent, indent
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from sitegen.later import later
from sitegen.reading.embeds import TagError, figure, frame, link_card, media, player, video
from sitegen.reading.highlight import highlight_code
from sitegen.reading.listing import read_listing
from sitegen.reading.rules.latex import instead_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from sitegen.errors import Location
    from sitegen.reading.context import Reading

_SOURCES = ("src", "path", "image_path", "img", "file", "url", "image")
_PICTURE = later(r"\.(?:png|jpe?g|gif|svg|webp|avif)(?:\?\S*)?$", re.IGNORECASE)
_RECORDING = later(r"://|\.(?:mp3|m4a|ogg|opus|wav|flac|aac)$", re.IGNORECASE)
_FILE = later(r"\.[A-Za-z]{3,4}$")
_DELIMITED = later(r"\$|(?<!\\)\\[(\[]|\\begin\{(?:equation|align|gather|multline|eqnarray|alignat|flalign)\*?\}")
_TITLED = later(r"(\S.*?)[\s,]+(https?://[^\s,]+)")
_SPACED = later(r"(?<![\\$])\$(?!\$)([^$\n]+)\$(?!\$)")
_ARGUMENT = later(
    r"""([\w-]+)\s*=\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|[^\s"']\S*)|("(?:[^"\\]|\\.)*"|'[^']*'|`[^`]*`|\S+)"""
)


class Arguments(Struct, frozen=True):
    """Positional and named arguments of a tag, as texts."""

    words: tuple[str, ...]
    named: dict[str, str]

    @property
    def all(self) -> tuple[tuple[str, str], ...]:
        """Return each with its name, if it has one."""
        return *self.named.items(), *(("", word) for word in self.words)

    def get(self, *names: str, position: int | None = None) -> str:
        """Return the first of the named arguments that is given, else the word at `position`, else nothing."""
        for name in names:
            if name in self.named:
                return self.named[name]
        return self.words[position] if position is not None and position < len(self.words) else ""


class Tag(Struct, frozen=True):
    """A tag that was found. inner: what it encloses, for those that read that themselves.

    alone: whether nothing stands before it and behind its end on their lines, so that it can become a fence.
    """

    name: str
    arguments: Arguments
    inner: str
    location: Location
    reading: Reading
    alone: bool = True

    @property
    def before(self) -> str:
        """What stands before it on its line, also the marks of items and quotations."""
        return self.reading.lines[self.location.line - 1][: self.location.column - 1]


def read_arguments(text: str) -> Arguments:
    """Read `a "b c" key=value`, with quotes of any kind."""
    words: list[str] = []
    named: dict[str, str] = {}
    for match in _ARGUMENT.finditer(text):
        value = match[2] or match[3]
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'`":
            value = value[1:-1] if value[0] == "`" else re.sub(r"""\\(["'\\])""", r"\1", value[1:-1])
        if match[1]:
            # Volantis' stand behind one another.
            named[match[1].lower()] = value.rstrip(",") if value == match[2] else value
        elif match[0] != ",":
            words.append(value)
        elif words and text[match.start() - 1].isspace():  # Volantis'; Eleventy's stands behind a text in quotes
            words[-1] += ","
    return Arguments(tuple(words), named)


def quoted(value: str) -> str:
    """Return a text as an argument."""
    return '"' + value.replace('"', '\\"') + '"'


def names_image(given: Arguments) -> bool:
    """Whether a tag of any name is about an image, as files of authors' own are that set one with its caption."""
    return bool(_PICTURE.search(given.get(*_SOURCES, position=0)))


def _figure(tag: Tag) -> str:
    """Return an image; of words without names, the first that looks like a file is the source, as in Hexo's tags."""
    given = tag.arguments
    source = given.get(*_SOURCES)
    source = source or next((word for word in given.words if _FILE.search(word)), given.get(position=0))
    if not source:
        raise TagError(f"`{tag.name}` names no image")
    if tag.before.endswith(('="', "='", "](")):
        return source  # of `<img src="...">`, whose tag makes another size of it
    behind = given.words[given.words.index(source) + 1 :] if source in given.words else ()
    if f'{source}",' in tag.reading.lines[tag.location.line - 1]:  # Eleventy's: address, text, sizes and widths
        behind = behind[:1]
    words = " ".join(word for word in behind if not word.isdigit())
    sizes = dict(zip(("width", "height"), (word for word in behind if word.isdigit()), strict=False))
    inner = re.sub(r"<!--.*?-->", "", tag.inner, flags=re.DOTALL).strip()
    caption = {"caption": " ".join(inner.split())} if inner else {}
    title, text = given.get("title"), given.get("caption")
    if tag.name == "figure" and "path" not in given.named and title and text:  # Hugo's own shows both
        caption = {"caption": f"**{title}** {text}", "alt": given.get("alt") or text}
    return figure(tag.reading, source.rstrip(","), {"alt": words, **sizes, **given.named, **caption}, tag.location)


def _highlight(tag: Tag) -> str:
    """Return a fence, a code span where all stands on one line, or set code where text stands beside the tags."""
    given = dict(tag.arguments.named)
    named = next((given.pop(name) for name in ("language", "lang") if name in given), "")  # of hello-friend and its kin
    words = [*[named] * bool(named), *tag.arguments.words, *(f'{key}="{value}"' for key, value in given.items())]
    hexo = next((word for word in words if word.startswith("lang:")), None)  # whose other words are a title and a link
    language, *rest = words or [""]
    if hexo is not None:
        title = " ".join(takewhile(lambda word: "://" not in word, (word for word in words if word != hexo)))
        language, rest = hexo.removeprefix("lang:"), [f'title="{title}"'] * bool(title)
    inner = tag.inner
    if "\n" not in inner:
        return f"`` {inner.strip()} ``"
    options = " ".join(rest).replace(",", " ") if not tag.arguments.named and hexo is None else " ".join(rest)
    if not tag.alone:
        listing = read_listing(f"{language} {options}", {}, tag.location, tag.reading.errors)
        return tag.reading.insert(highlight_code(inner.strip("\n") + "\n", listing))
    return f"~~~~~~~~{language} {options}{lines_of(inner)}~~~~~~~~"


def _mermaid(tag: Tag) -> str:
    if not tag.alone:
        message = "the tags of a diagram stand on lines of their own"
        raise TagError(message)
    kind = " ".join(tag.arguments.words)  # Hexo's `{% mermaid graph TD %}`
    inner = re.sub(r"^\s*\n\s*", f"\n{kind};", tag.inner, count=1) if kind else tag.inner
    return f"~~~~~~~~mermaid{lines_of(inner)}~~~~~~~~"


def _tikz(tag: Tag) -> str:
    """Return the source of a drawing."""
    said = f"`{tag.name}` is LaTeX, which a page does not show"
    tag.reading.refuse_unknown(said, tag.location, instead_of("\\begin{tikz}"), "its source is shown")
    return _highlight(replace(tag, arguments=Arguments(("latex",), {})))


def _math(tag: Tag) -> str:
    """Return a formula; the marks of a quotation around it stay before its lines, and out of it."""
    marks = re.fullmatch(r"[ \t]*>[ \t>]*", tag.before)
    if not marks or "\n" not in tag.inner:
        return _formula(tag)
    inner = re.sub(rf"\n(?:[ \t]*>){{1,{marks[0].count('>')}}}", "\n", tag.inner)
    formula = _formula(replace(tag, inner=inner))
    return (formula + "\n" * (inner.count("\n") - formula.count("\n"))).replace("\n", f"\n{marks[0]}")


def _formula(tag: Tag) -> str:
    """Return a formula: what is inside may bring its own delimiters."""
    inner = tag.inner.strip()
    if not inner:
        return _said_formula(tag)
    if tag.name == "formula" and (name := tag.arguments.get("title", "label")):
        return f"**{name}**{' ' if tag.inner == inner else chr(10)}{_formula(replace(tag, arguments=Arguments((), {}))).lstrip()}"
    label = tag.arguments.get("id", "label") if tag.name.startswith("eq") and tag.alone else ""
    if re.fullmatch(r"[A-Za-z][\w:.-]*", label) and not _SETS.search(inner):
        return f"$$\\label{{{label}}}{tag.inner}$$"
    if _DELIMITED.search(inner):
        return _SPACED.sub(lambda match: f"${match[1].strip()}$", tag.inner)  # here nobody means money
    if tag.name == "formula" and "\\" not in inner and _WORDS.search(inner):
        return tag.inner
    given = tag.arguments
    asked = "display" in (*given.words, *given.named) or given.get("block") == "true"
    asked = asked or "block" in tag.name or "display" in tag.name
    is_in_line = tag.name in {"katex", "math", "inline-math"} and not asked and tag.before.strip() and "\n" not in inner
    if is_in_line or given.get("block") == "false" or "inline" in given.words:
        return f"\\({tag.inner if given.words else inner}\\)"
    if asked or "\n" in inner:
        before = "\n" * (len(tag.inner) - len(tag.inner.lstrip()) > 0 and tag.inner[: -len(inner)].count("\n"))
        return f"{before}$${inner}$$"
    return f"$${inner}$$"


def _said_formula(tag: Tag) -> str:
    """Return the formula that a tag says itself, `{{< tex "x^2" >}}`; others only load the script for those on the page."""
    given = tag.arguments
    said = (*map(given.get, ("display", "tex", "formula", "math", "smiles")), *given.words)
    tex = " ".join(word for word in said if word and word not in _OF_SCRIPTS)
    if not tex:
        return ""
    if tag.name == "chem" and "\\" not in tex:  # a structure, as SMILES writes it
        return f"`{tex}` {given.get('caption')}".rstrip()
    return tex if _DELIMITED.search(tex) else f"$${tex}$$" if "display" in given.named else f"\\({tex}\\)"


def _inline_template(tag: Tag) -> str:
    """Return what Hugo's `{{< math.inline >}}` shows: its text, or nothing where that only loads a script for math."""
    return "" if "{{" in tag.inner and "<script" in tag.inner else _math(tag)


def _raw_html(tag: Tag) -> str:
    """Return what it encloses, as far in as the tag is: further in it would be code, which it never is."""
    if not (tag.alone and tag.inner.startswith("\n")):
        return tag.inner
    return indent(dedent(tag.inner), " " * (tag.location.column - 1))


def _button(tag: Tag) -> str:
    """Return a link, which need not look like a button."""
    given = tag.arguments
    words = " ".join(given.words).split(",") if not given.named else list(given.words)
    target = given.get("href", "url", "link", "relref", "cta_link") or (words[0].strip() if words else "")
    text = tag.inner.strip() or given.get("text", "content", "label", "cta_text") or " ".join(words[1:2]).strip()
    text = text or target
    return f"[{text}](<{target}>)" if target else text


def _card(tag: Tag) -> str:
    """Return a line of a list: Hextra's cards stand in a grid, each a link with a line about it."""
    given = tag.arguments
    target, title = given.get("link", "url", "href", position=0), given.get("title", "text")
    about = given.get("subtitle", "description", "content")
    link = f"[{title or target}](<{target}>)" if target else title
    return f"- {': '.join(part for part in (given.get('header'), link, about, given.get('footer')) if part)}"


def _badge(tag: Tag) -> str:
    """Return the words of a badge: Hugo Book's `title="A" value="b"`, Hextra's argument, what Relearn's encloses."""
    given = tag.arguments
    said = (given.get("title"), given.get("value"), tag.inner.strip() or given.get("content", position=0))
    return " ".join(part for part in said if part)


def _player(tag: Tag) -> str:
    name = tag.arguments.get("id", "content", "url", "code", "videoid", "video", "v", position=0)
    if name.startswith("http"):
        return frame(tag.reading, name)
    return player(tag.reading, tag.name, name, tag.arguments.get("title", "label"))


def _video(tag: Tag) -> str:
    """Return a film: of the blog, or at a provider that the arguments or the address name."""
    given = tag.arguments
    if given.get("provider"):
        return player(tag.reading, given.get("provider").lower(), given.get("id"), given.get("title"))
    source = given.get("src", "path", "url", position=0).removeprefix("url=")  # which DPlayer's quotes hold, too
    if not source:
        raise TagError(f"`{tag.name}` names no file")
    return video(tag.reading, source, given.named, tag.location)


def _audio(tag: Tag) -> str:
    given = tag.arguments
    place = next((place for place, word in enumerate(given.words) if _RECORDING.search(word)), 0)
    about = (*filter(None, map(given.get, ("name", "artist"))), *given.words[:place])  # APlayer's, before its file
    source = given.get("src", "path", "url", position=place)
    if not source:
        raise TagError(f"`{tag.name}` names no file")
    return media("audio", tag.reading, source, {"title": ", ".join(about), **given.named}, tag.location)


def _gist(tag: Tag) -> str:
    name = "/".join(tag.arguments.words[:2])
    return link_card(tag.reading, f"https://gist.github.com/{name}", f"Gist {name}")


def _repository(tag: Tag) -> str:
    name = tag.arguments.get("repo", "projectid", position=0)
    return link_card(tag.reading, f"https://{tag.name}.com/{name}", name)


def _posting(tag: Tag) -> str:
    """Return a link to something that somebody said elsewhere: nothing is loaded from there."""
    given = tag.arguments
    name, number = given.get("user"), given.get("id", "url", "content", position=0)
    if not number:
        raise TagError(f"`{tag.name}` names nothing: give it an address or an id")
    site = {"tweet": "twitter.com", "twitter": "twitter.com", "x": "x.com"}.get(tag.name, "www.instagram.com")
    path = f"p/{number}" if tag.name == "instagram" else f"{name or 'i'}/status/{number}"
    address = number if number.startswith("http") else f"https://{site}/{path}"
    return link_card(tag.reading, address, address.partition("://")[2])


def _named_link(tag: Tag) -> str:
    """Return Hexo's link to a post, by its file's name, or to a file of the post's folder."""
    name, *words = tag.arguments.words or ("",)
    return f"[{' '.join(words) or name}](<{name}{'.md' * (tag.name == 'post_link')}>)"


def _said_in_header(tag: Tag) -> str:
    """Return what the header says: Hugo's `param`, Quarto's `meta`."""
    name = tag.arguments.get(position=0)
    if f"page.{name}" not in tag.reading.variables:
        message = f"the header of this post says nothing of `{name}`"
        tag.reading.refuse_unknown(message, tag.location, "write it there", "nothing is shown")
        return ""
    return tag.reading.variables[f"page.{name}"]


def _post_url(tag: Tag) -> str:
    return f"{' '.join(tag.arguments.words).rpartition('/')[2]}.md"


def _link(tag: Tag) -> str:
    """Return Jekyll's address of a file, or the link that Hexo and some themes of Hugo write with a tag."""
    given = tag.arguments
    titled = _TITLED.match(" ".join(given.words))
    if titled:
        return f"[{titled[1]}](<{titled[2]}>)"
    address = given.get("href", "url", position=0)
    if re.match(r"(?:https?|mailto):", address):
        text = given.get("content", "text", position=1 if given.words[:1] == (address,) else 0) or address
        return f"[{text}](<{address}>)"
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
    page = tag.arguments.get("page")  # Academic's, of a publication that has a page
    if page:
        return f"[{page.strip('/').rpartition('/')[2]}](<{page}>)"
    # behind the keys may be options of Jekyll-Scholar's
    given = list(takewhile(lambda word: not word.startswith("-"), tag.arguments.words))
    if not given:
        message = "`cite` names no key of a bibliography"
        raise TagError(message)
    named, *further = given
    words = [named, *([] if further in (["p"], ["author"]) else further)]  # the style, for hugo-cite
    keys = ",".join(re.split(r"[\s,;]+", " ".join(words).strip(" ,;")))
    return f'<d-cite key="{escape(keys)}"></d-cite>'  # which is read in raw HTML too, such as the caption of an image


def _keys(tag: Tag) -> str:
    keys = " ".join(tag.arguments.words)
    return "+".join(f"<kbd>{escape(key)}</kbd>" for key in keys.split("-"))


_OF_SCRIPTS = frozenset("display inline block center true false on off".split())
COLOURS = frozenset("default blue pink red purple orange green yellow cyan gray".split())
"""Of themes of Hexo's, where a tag has one."""
_WORDS = later(r"[^\W\d]{3,} [^\W\d]{3,}")
_SETS = later(r"\$|\\(?:label|tag|begin)\b")
_OF_MATH = (
    *("katex", "math", "mathblock", "latex", "equation", "displaymath", "inline-math"),
    *("mathjax", "mathjax/inline", "mathjax/block", "eq", "eq-display", "formula", "chem"),
)
_IMAGES_OF_THEMES = tuple(
    """
    imgproc screenshot fit_image resize_image full_width_image dimmable_image invertible_image image_hover
    captioned_image
    """.split()
)


def lines_of(inner: str) -> str:
    """Return what is between two tags on lines of its own, without adding a line."""
    before = "" if inner.startswith("\n") else "\n"
    return f"{before}{inner}" + ("" if inner.rstrip(" \t").endswith("\n") else "\n")


TAGS: dict[str, Callable[[Tag], str]] = {
    **dict.fromkeys(("figure", "image", "img", "picture", "imgcap", "asset_img", *_IMAGES_OF_THEMES), _figure),
    **dict.fromkeys(("highlight", "codeblock", "prism", "code"), _highlight),
    **dict.fromkeys(("mermaid", "diagram"), _mermaid),
    **dict.fromkeys(_OF_MATH, _math),
    **dict.fromkeys(("tikz", "tikzcd"), _tikz),
    "math.inline": _inline_template,
    **dict.fromkeys(("rawhtml", "raw"), _raw_html),
    **dict.fromkeys(("youtube", "vimeo", "bilibili", "twitch", "spotify"), _player),
    "video": _video,
    "audio": _audio,
    "gist": _gist,
    **dict.fromkeys(("github", "gitlab"), _repository),
    **dict.fromkeys(("tweet", "twitter", "x", "instagram"), _posting),
    **dict.fromkeys(("button", "btn"), _button),
    "cta": _button,  # Academic's
    "badge": _badge,
    "eqref": lambda tag: f"\\eqref{{{tag.arguments.get('id', 'label', position=0)}}}",
    "card": _card,
    "post_url": _post_url,
    **dict.fromkeys(("post_link", "asset_link"), _named_link),
    "link": _link,
    "ref": _ref,
    "relref": _ref,
    "cite": _cite,
    **dict.fromkeys(("citet", "citep"), lambda tag: f"\\{tag.name}{{{','.join(tag.arguments.words)}}}"),
    "kbd": _keys,
    **dict.fromkeys(("param", "meta"), _said_in_header),
    **dict.fromkeys(("newthought", "asset_path"), lambda tag: " ".join(tag.arguments.words)),
    "post_path": _post_url,
}
VERBATIM = {"highlight", "codeblock", "prism", "code", "mermaid", "diagram", "rawhtml", "raw", "button", "badge"}
VERBATIM |= {"tikz", "tikzcd", "imgproc", "math.inline", *_OF_MATH}
UNPAIRED = {"button", "chart", "badge", "katex", "math", "latex", "mathjax", "eq", "formula", "chem"}
"""Tags of `VERBATIM` that may also stand alone: those of math then say a formula, or ask a theme to load its script, others say something."""

IGNORED = {"toc", "table_of_contents", "pagebreak", "bibliography", "tableofcontents"}  # the theme's, or of paper
IGNORED |= {"katexmm", "/katexmm"}  # around text whose dollars are math, as everywhere here
IGNORED |= {"cards", "/cards", "/card", "linkgroup", "/linkgroup"}  # around links, which are a list
IGNORED |= {"icon", "fa", "fas", "fab", "bi", "iconify", "fontawesome"}  # signs of fonts that decorate
IGNORED |= {"typeit", "/typeit", "keywordlist", "/keywordlist", "cardpane", "/cardpane", "cardgroup", "/cardgroup"}
IGNORED |= {"section", "children", "load-photoswipe"}  # what a theme lists or loads
IGNORED |= {"/section", "slide", "fragment", "/fragment"}  # of slides
IGNORED |= {"keyword", "/keyword", "bootstrap-table", "/bootstrap-table"}  # around words that stay, and tables
