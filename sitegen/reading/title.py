"""A body -> its title, which is its first heading where the header names none, and the body without it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sitegen.errors import Location
from sitegen.labels import normal_label
from sitegen.later import later
from sitegen.reading.attributes import read_attributes
from sitegen.reading.code_lines import known_lines

if TYPE_CHECKING:
    from sitegen.fields import Fields
    from sitegen.model import Meta
    from sitegen.reading.context import Reading

_HEADING = r"""
    [ ]{0,3}(?:\#[ \t]+ | (?![-+*>\#|<`~:]|\d+[.)][ ])(?=\S[^\n]*(?P<line>\n[ ]{0,3}=+[ \t]*(?:\n|\Z))))
    (?P<title>[^\n]+?)(?:(?<=\S)\[\[[a-z\d-]+\]\])?[ \t]*(?P<list>\{[ \t]*(?:[\#.:]|-\}|\w+=)[^{}\n]*\}|\{-\})?[ \t]*\#*[ \t]*(?(line)(?P=line)|(?:\n|\Z))"""
_FIRST = re.compile(
    r"""(?:[ \t]*\n | \([\w:.-]+\)=[ \t]*\n | %[^\n]*\n | \+\+\+[^\n]*\n | import[ ][^\n]*["'];?[ \t]*\n | <!--(?s:.*?)-->[ \t]*\n
    | \$\$?(?=\s*\\(?:\w*command|[gex]?def|let|Declare|new))(?:[^\n$]*\n)*?[^\n$]*\$\$?[ \t]*\n
    | ```\{(?:raw|title|meta|math|code-cell|python|r)\b(?s:.*?)\n```[ \t]*\n | </?[a-zA-Z][^\n]*\n | !?\[[^\n]*[)\]][ \t]*\n
    | \[!\[[^\n]*>[ \t]*\n | \#[ ]\((?:PART|APPENDIX)(?:\\?\*)?\)[^\n]*\n(?=\s*\#[ ]))*+"""
    + _HEADING,
    re.VERBOSE,
)
"""A heading, underlined too, below what shows nothing, macros, the name of a part of bookdown's, cells, HTML and pictures; with an attribute
list, of which only the id says anything."""
_ONLY = later(_HEADING, re.VERBOSE)
_TO = r"(?:\([^()\n]*\)|\[[^\[\]\n]*\])"
_PICTURE = later(rf"!\[[^\[\]\n]*\]{_TO}|\[!\[[^\[\]\n]*\]{_TO}\]{_TO}")
_FIRST_IN_HTML = later(
    r"""(?:[ \t]*\n | <!--(?s:.*?)-->[ \t]*\n | (?![^\n]*<h1)[ \t]*</?[a-z][^\n]*\n | !?\[[^\n]*\)[ \t]*\n)*+
    [ \t]*(?:<(?!h1\b)[^<>\n]*>[ \t]*)*<h1\b(?P<attributes>[^<>]*)>(?P<inner>(?s:.{1,2000}?))</h1>""",
    re.VERBOSE | re.IGNORECASE,
)
_TAG = later(r"<[^<>]*>")
_COMMENT = later(r"(?P<code>(?<!`)(`+)(?!`).{1,500}?(?<!`)\2(?!`))|[ \t]{0,20}<!--.{0,500}?-->")
_TEXT_OR_BREAK = later(r"(?:\A|(?<=>))[^<>\n]+(?=<|\n|\Z)|^[^<>\n]+|<br\b[^<>]*>", re.MULTILINE)
_PAGE_LABEL = re.compile(r"^\(([\w:.-]+)\)=[ \t]*$", re.MULTILINE)
_BOLD = later(r"\A\*\*(?=\S)([^*\n]+)(?<=\S)\*\*\Z")
_PART = later(r"^# \((?:PART|APPENDIX)(?:\\?\*)?\)[^\n]*$", re.MULTILINE)
_LINES_ABOVE = 20
_APART = later(r"(?:^|\n)(?:[ \t]*|[ \t]*<[^\n]*|-{3,}[ \t]*)\Z")
_DAY = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
_SIGNS = re.compile(r"[\W_]+")  # in which a title and a heading that repeats it may differ
_LIST_BELOW = re.compile(r"\A[ \t]*\{:[^{}\n]*\}[ \t]*$", re.MULTILINE)
_LABEL_BELOW = re.compile(r"\A(?:[ \t]*\n)?:label:`([\w:.-]+)`[ \t]*$", re.MULTILINE)  # d2lbook's
_TITLE_LABEL = re.compile(r"[ \t]*\\label\{([\w:.-]+)\}")


class Titled(NamedTuple):
    """A body parted from its title. place: of the title. labels: what it, and so the page, is called by. taken: the lines above."""

    title: str
    place: Location
    labels: tuple[tuple[str, str, str, Location], ...]
    body: str
    taken: int


def take_title(body: str, taken: int, fields: Fields, meta: Meta, reading: Reading, *, named: str) -> Titled:
    """Part a body from the heading that is the title, or says it once more: its line stays, empty, so that places hold.

    named: what the file is called, which is the title where nothing else is.
    """
    place = fields.place("title") if "title" in fields else Location(reading.path, 1)
    first = _FIRST.match(body)
    title = meta.title
    pictures: list[str] = []
    if not title:
        title, body = ("", body) if first else _taken_from_html(body)
        first = first or (None if title else _only(body, taken))
        if first:
            pictures = _PICTURE.findall(first["title"])
            title = _PICTURE.sub("", _COMMENT.sub(r"\g<code>", _TITLE_LABEL.sub("", first["title"]))).strip()
            title, pictures = (title, pictures) if title else (first["title"], [])
        title = _BOLD.sub(r"\1", title) or _from_name(meta.slug if meta.has_slug else named)
    elif first and not _repeats(first["title"], title):
        first = None
    if not first:
        return Titled(title, place, (), body, taken)
    found = Location(reading.path, body.count("\n", 0, first.start("title")) + 1)
    above = _PART.sub("", _PAGE_LABEL.sub("", body[: first.start("title")].rstrip("# \t")))
    rest = _LABEL_BELOW.sub("", _LIST_BELOW.sub("", body[first.end() :], count=1), count=1)
    body = above + " ".join(pictures) + "\n" * (2 if first["line"] else 1) + rest
    return Titled(title, place if meta.title else found, _labels(first, found, reading), body, found.line)


def _from_name(name: str) -> str:
    """Return the title that a name gives: as it is where it has blanks, with capitals as it has them."""
    words = name if " " in name or _DAY.fullmatch(name) else re.sub("[-_]+", " ", name).strip()
    words = words if words != words.lower() else words[:1].upper() + words[1:]
    return words if "$" in words or "`" in words else re.sub(r"[*_]", r"\\\g<0>", words)  # no emphasis is meant


def _only(body: str, taken: int) -> re.Match[str] | None:
    """Return the only heading of the first level, where others are below it, and a few lines without code stand above it."""
    lines = body.split("\n")
    signs = ["`" if state else line.partition(" ")[0] for _, line, state in known_lines(lines)]
    top = signs.index("#") if signs.count("#") == 1 else len(lines)
    has_parts = any(sign.startswith("##") for sign in signs[top:])
    if not has_parts or top > taken + _LINES_ABOVE or "`" in signs[:top]:
        return None
    above = "\n".join(lines[:top])
    is_apart = above.count("$$") % 2 == 0 and _APART.search(above)
    return _ONLY.match(body, len(above) + 1) if is_apart else None


def _repeats(heading: str, title: str) -> bool:
    """Whether a heading says what the title says, in the same words or as `{{ page.title }}`."""
    said = _SIGNS.sub("", _COMMENT.sub(r"\g<code>", heading)).casefold()
    return said == "pagetitle" or (said != "" and said == _SIGNS.sub("", title).casefold())


def _taken_from_html(body: str) -> tuple[str, str]:
    """Return what a body says in an `<h1>` before all text, "" where it has none, and the body with its pictures alone."""
    found = _FIRST_IN_HTML.match(body)
    title = " ".join(_TAG.sub(" ", found["inner"]).split()) if found else ""
    if not found or not title:
        return "", body
    lines = _TEXT_OR_BREAK.sub("", found["inner"]).split("\n")
    if any("<img" in line or "<picture" in line for line in lines):
        pictures = "\n".join(line if line.strip() else "<!-- -->" for line in lines)  # a blank line would end the HTML
        rest = f"<p{found['attributes']}>{pictures}</p>"
    else:
        rest = "\n" * found["inner"].count("\n")
    return title, body[: found.start("attributes") - 3] + rest + body[found.end() :]


def _labels(first: re.Match[str], place: Location, reading: Reading) -> tuple[tuple[str, str, str, Location], ...]:
    """Return what the title, and so the page, is called by: MyST's `(label)=` above it and the id in its list."""
    found = [
        (normal_label(label[1]), "", "", reading.place(first.string.count("\n", 0, label.start())))
        for label in _PAGE_LABEL.finditer(first.string, 0, first.start("title"))
    ]
    found += [(normal_label(label[1]), "", "", place) for label in _TITLE_LABEL.finditer(first["title"])]
    if below := _LABEL_BELOW.match(first.string[first.end() :]):
        found.append((normal_label(below[1]), "", "", place))
    given = read_attributes(first["list"][1:-1].lstrip(":")) if first["list"] else None
    return (*found, (normal_label(given.id), "", "", place)) if given and given.id else tuple(found)
