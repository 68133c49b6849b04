"""What Docusaurus and its kin write as components among Markdown (MDX) -> the tags that mean the same here.

`<Tabs>`, `<Admonition>` and the like become tags of Hugo's, which `templates` reads; what is JavaScript shows nothing. All
keeps its line. A component that the text imports is JavaScript too, as is any in a file called .mdx: what it holds is shown. Any
other stays, and is an error of the HTML around it.
"""

from __future__ import annotations

import re
from bisect import bisect
from itertools import groupby
from typing import TYPE_CHECKING

from sitegen.later import later
from sitegen.reading.boxes.theorems import STATED
from sitegen.reading.code_lines import SPAN, known_lines
from sitegen.reading.dialects import mdx_values
from sitegen.reading.dialects.lost_words import note_lost_words
from sitegen.reading.dialects.tags import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sitegen.reading.context import Reading
    from sitegen.reading.dialects.lost_words import Given

_STATEMENTS = {name.capitalize(): name for name in STATED}
_VALUES = ("={useBaseUrl(", "={require(", '={"', "={'", "width={", "height={")
_EXPRESSIONS = ("{props.", "{frontMatter.", "{frontmatter.")
_JAVASCRIPT = ("</>", *_EXPRESSIONS, "className=", "={{", "{/*", "export ", '{" "}', "{' '}", *_VALUES)
_SAME = "tabs tab admonition callout note tip info warning caution danger figure details"
_NAMES = {
    **{name.capitalize(): name for name in _SAME.split()},
    "TabItem": "tab",
    "Aside": "callout",
    "Image": "figure",
    "StaticImage": "figure",  # Gatsby's
    "Picture": "figure",  # Astro's
    "Badge": "badge",  # of VuePress, VitePress and Starlight
    "Accordion": "details",
    "Spoiler": "details",
    "spoiler": "details",  # Codeforces'
    "Quote": "quote",
    **_STATEMENTS,
}
_SIGNS = (*(f"<{name}" for name in _NAMES), "<TOCInline", "<DocCardList")
_VALUE = r"""(?:"[^"]*"|'[^']*'|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}|[^\s"'{}<>=]+)"""
_NEXT = later(
    rf"""{SPAN}
    | <(?P<name>{"|".join(_NAMES)})(?P<given>(?:\s+[\w:-]+(?:\s*=\s*{_VALUE})?)*)\s*(?P<whole>/?)> | </(?P<end>{"|".join(_NAMES)})\s*>
    | (?P<value>(?<=\s)(?P<key>[\w-]+)=\{{(?:useBaseUrl\(|require\()?\s*(?:["'](?P<text>[^"'{{}}\n]*)["']|(?P<digits>\d+))\s*\)?(?:\.default)?\}})
    | \bstyle=\{{\{{(?P<style>[^{{}}]*)\}}\}} | (?P<class>(?<=\s)className(?==)) | (?P<comment>(?<!\{{)\{{/\*(?:[^*{{]|\*(?!/)|\{{(?!/\*))*\*/\}})
    | (?P<lists><(?:TOCInline|DocCardList)\b(?:[^<>{{}}]|\{{[^{{}}]*\}})*/>) | (?P<blank>\{{(?:"[ ]"|'[ ]')\}})
    | (?P<fragment>(?m:^[ \t]*</?>[ \t]*$)) | (?<!\{{)\{{(?P<of>props|frontMatter|frontmatter)\.(?P<member>[\w.]+)\}}(?!\}})""",
    re.VERBOSE,
)
_HOLDS = later(rf"([ \t]*)<({'|'.join(_NAMES)}|details|div)\b(?![^>]*/>)")
_MOST = 50  # ends of components that are looked at for the one that stands right below the first tag
_FARTHEST = 2_000  # lines that a component holds whose indentation is taken off
_IMPORT = later(r"^import[ ].+[ ]from[ ]['\"]", re.MULTILINE)
_IMPORTED = later(r"^import[ ]+(?:(\w+)[ ]*,?[ ]*)?(?:\{([^{}\n]*)\}[ ]*)?from[ ]+['\"]", re.MULTILINE)
_TAGS = later(r"<([A-Z]\w+)(?=[\s/>])")
_ANCHORED = later(r"^(#{1,6}[ \t].*\S)\[\[([\w-]+)\]\][ \t]*$", re.MULTILINE)  # a heading of Hugging Face's courses
_GIVEN = later(rf"([\w:-]+)(?:\s*=\s*({_VALUE}))?")
_HOLDING = later(rf"{SPAN}|<(?P<name>[A-Z]\w*)(?P<given>(?:\s+[\w:-]+(?:\s*=\s*{_VALUE})?)+)\s*>")
_SAID = ("name", "type", "title", "summary", "src", "alt", "caption", "width", "height", "author", "term")
_PICTURE = later(r"\s(?P<key>[\w:-]+)=\{?[\"'][^\"'{}\n]+\.(?:png|jpe?g|gif|svg|webp|avif)[\"']", re.IGNORECASE)
_SOURCE = later(r"\s(?:src|path|image_path|img|file|url|image)\s*=|" + _PICTURE.pattern, re.IGNORECASE)
_TEXT = later(r"\stext\s*=\s*\{?[\"'`]")
_NEVER = later(r"(?!)")
_TITLE = later(r"\s(?:title|heading|question|term|summary)=\{?(?:\"([^\"\n]+)\"|'([^'\n]+)')")
_CALLED = later(r"""\{(?:useBaseUrl|require)\(\s*["']([^"'{}\n]*)["']\s*\)(?:\.default)?\}""")
_LABELS = later(r"""\{[^{}]*\}""")
_PAIR = later(r"""(label|value)\s*:\s*(?:"([^"]*)"|'([^']*)')""")
_EXPORT = later(
    r"^export[ ](?:const|default|function|let|async)\b(?:[^\n]*\n)(?:(?:[^\n]+\n)*?(?=[ \t]*\n|\Z))?", re.MULTILINE
)
_STYLE = later(r"""["']?([A-Za-z-]+)["']?\s*:\s*(?:"([^"]*)"|'([^']*)'|([\d.]+))""")
_TOP = "@site/static"  # of the site, in Docusaurus


def plain_components(text: str, reading: Reading, *, is_mdx: bool) -> str:
    """Return a body whose components are tags, in as many lines; those of which nothing is shown are noted.

    is_mdx: whether its file is called so.
    """
    text = _ANCHORED.sub(r"\1 {#\2}", text) if is_mdx and "[[" in text else text
    imported = _unknown(text, is_mdx=is_mdx) if is_mdx or "import " in text else None
    if not imported and not any(sign in text for sign in (*_SIGNS, *mdx_values.SIGNS, *_JAVASCRIPT)):
        return text
    images = mdx_values.imported_images(text) if "import " in text else {}
    labels: dict[str, str] = {}
    lost: dict[str, int] = {}
    given: list[Given] = []
    parts: list[str] = []
    for is_code, known in groupby(known_lines(_flush(text, is_mdx=is_mdx).split("\n")), lambda known: bool(known[2])):
        lines = list(known)
        part = "\n".join(line for _, line, _ in lines)
        if not is_code:
            given += _given(part, lines[0][0], reading)
            part = mdx_values.plain_values(part, images)
            part = _prose(_without(part, imported, lines[0][0], lost) if imported else part, labels, lines[0][0], lost)
        parts.append(part)
    for name, number in lost.items():
        message = f"`<{name}>` is JavaScript: nothing is shown of it"
        reading.note(message, reading.place(number, f"<{name}"))
    note_lost_words(given, parts, reading)
    return "\n".join(parts)


def _given(text: str, first: int, reading: Reading) -> Iterator[Given]:
    """Yield what is written in the tags of components that hold something, in prose from a line on."""
    for tag in _HOLDING.finditer(text) if "=" in text else ():
        if tag["name"]:
            values = [
                (key, _value(value))
                for key, value in _GIVEN.findall(tag["given"])
                if value[:2].strip("{")[:1] in {'"', "'"}
            ]
            yield f"<{tag['name']}>", reading.place(first + text.count("\n", 0, tag.start()), tag[0]), values


def _without(text: str, imported: re.Pattern[str], first: int, lost: dict[str, int]) -> str:
    """Return prose without the tags of imported components. lost: the line of each, by its name, that holds nothing."""

    def nothing(tag: re.Match[str]) -> str:
        if tag["code"]:
            return tag[0]
        if tag[0].endswith("/>") and _PICTURE.search(tag[0]):
            return _figure(tag[0]) + "\n" * tag[0].count("\n")
        if tag[0].endswith("/>"):
            lost.setdefault(tag["name"], first + text.count("\n", 0, tag.start()))
        title = _TITLE.search(tag[0]) if not tag[0].endswith("/>") else None
        starts_line = not text[text.rfind("\n", 0, tag.start()) + 1 : tag.start()].strip()
        said = f"**{title[1] or title[2]}** " if title and starts_line else ""
        return said + "\n" * tag[0].count("\n")

    return imported.sub(nothing, text)


def _figure(given: str) -> str:
    """Return the tag of an image that a component names."""
    values = {key: _value(value) for key, value in _GIVEN.findall(given)}
    picture = _PICTURE.search(given)
    values.setdefault("src", values.get(picture["key"] if picture else "img", ""))
    values.setdefault("alt", values.get("altText", ""))
    said = "".join(f" {key}={quoted(values[key])}" for key in _SAID if values.get(key))
    return f"{{{{< figure{said} >}}}}"


def _unknown(text: str, *, is_mdx: bool) -> re.Pattern[str] | None:
    """Return what matches the tags of components that a text imports, or all, where these are not known here; and code."""
    words = " ".join([*_TAGS.findall(text), ""] if is_mdx else [])
    words += " ".join(f"{one} {others}" for one, others in _IMPORTED.findall(text))
    names = {name for name in re.findall(r"[A-Z]\w*", words) if f"<{name}" not in _SIGNS}
    if not names:
        return None
    given = rf"(?:\s+(?:[\w:-]+(?:\s*=\s*{_VALUE})?|\{{[^{{}}]*\}}))*\s*/?"
    return re.compile(rf"{SPAN}|</?(?P<name>{'|'.join(sorted(names))})\b{given}>")


def _flush(text: str, *, is_mdx: bool) -> str:
    """Return a body without the indentation of what components hold: MDX has no code by indentation."""
    is_mdx = is_mdx or bool(_IMPORT.search(text))
    lines = text.split("\n")
    ends: dict[str, list[int]] = {}
    for number, line in enumerate(lines):
        if "</" in line:
            ends.setdefault(re.sub(r"\s", "", line), []).append(number)
    for number, line, code in known_lines(lines):
        if not code and (holds := _HOLDS.match(line)) and (is_mdx or holds[2] in _NAMES):
            closing = ends.get(f"</{holds[2]}>", [])
            likely = closing[bisect(closing, number) :][:_MOST]
            last = next((at for at in likely if lines[at].rstrip() == f"{holds[1]}</{holds[2]}>"), number)
            last = last if last - number < _FARTHEST else number
            begins = next((first for first in range(number, last) if lines[first].rstrip().endswith(">")), last)
            inside = [lines[at] for at in range(begins + 1, last) if lines[at].strip()]
            more = min((len(each) - len(each.lstrip()) for each in inside), default=0) - len(holds[1])
            if more > 0 and not any("\t" in each[: more + len(holds[1])] for each in inside):
                lines[begins + 1 : last] = [each[more:] for each in lines[begins + 1 : last]]
    return "\n".join(lines)


def _prose(text: str, labels: dict[str, str], first: int, lost: dict[str, int]) -> str:
    text = _EXPORT.sub(lambda match: "\n" * match[0].count("\n"), text) if "export " in text else text
    pictures: list[bool] = []  # of components around something, whether each names an image itself

    def plain(match: re.Match[str]) -> str:
        if match["code"] or _is_indented(text, match.start()):
            return match[0]
        if _NAMES.get(match["name"] or match["end"] or "") == "figure" and not match["whole"]:
            if match["end"]:
                return "" if pictures and pictures.pop() else match[0]
            pictures.append(bool(_PICTURE.search(match["given"])))  # else it only holds one here
            return _figure(match["given"]) + "\n" * match[0].count("\n") if pictures[-1] else match[0]
        if match["whole"] and match["name"] in _STATEMENTS:
            return match[0]
        needed = {"figure": _SOURCE, "badge": _TEXT, "quote": _NEVER}.get(_NAMES.get(match["name"] or "", ""))
        if match["whole"] and needed and not needed.search(match["given"]):
            lost.setdefault(match["name"], first + text.count("\n", 0, match.start()))
            return "\n" * match[0].count("\n")
        if match["end"]:
            return f"{{{{< /{_NAMES[match['end']]} >}}}}"
        if match["name"]:
            return _opening(match, labels) + "\n" * match[0].count("\n")
        if match["value"]:
            return f'{match["key"]}="{(match["text"] or match["digits"] or "").removeprefix(_TOP)}"'
        if match["style"] is not None:
            return f'style="{_style(match["style"])}"'
        if match["class"]:
            return "class"
        if match["fragment"]:
            return ""
        if match["of"]:
            return _member(match["of"], match["member"])
        return " " if match["blank"] else "\n" * match[0].count("\n")

    return _NEXT.sub(plain, text)


def _member(of: str, name: str) -> str:
    """Return what `{frontMatter.title}` stands for as Liquid has it; of a component's own values no page knows any."""
    if of == "props":
        return "" if name == "children" else f"{{{{ props.{name} }}}}"
    return f"{{{{ page.{name} }}}}"


def _is_indented(text: str, position: int) -> bool:
    """Whether a line is indented as code is, and no component stands at its beginning."""
    line = text[text.rfind("\n", 0, position) + 1 : text.find("\n", position) + 1 or len(text)]
    return line.startswith(("    ", "\t")) and not line.lstrip().startswith(("<", "{/*"))


def _value(written: str) -> str:
    called = _CALLED.fullmatch(written)
    plain = written.strip("{}").strip()
    return called[1].removeprefix(_TOP) if called else plain[1:-1] if plain[:1] in {'"', "'", "`"} else plain


def _opening(match: re.Match[str], labels: dict[str, str]) -> str:
    """Return the tag that a component opens. labels: those that the tabs around it list, by their values."""
    given = {key: _value(value or "true") for key, value in _GIVEN.findall(match["given"])}
    name = _NAMES[match["name"]]
    if name == "figure":
        return _figure(match["given"])
    if name == "badge":
        blank = " " * bool(match.string[max(match.start() - 1, 0) : match.start()].strip())
        said = f" title={quoted(given.get('text', ''))}" if match["whole"] else ""
        return f"{blank}{{{{< badge{said} >}}}}"
    if name == "tabs":
        for item in _LABELS.findall(match["given"]):
            pair = {key: one or other for key, one, other in _PAIR.findall(item)}
            if len(pair) > 1:
                labels[pair["value"]] = pair["label"]
        return "{{< tabs >}}"
    if name == "tab":
        value = given.get("value", "")
        given = {"name": given.get("label") or given.get("title") or labels.get(value) or value}
    place = f' id="{given["id"]}"' if given.get("id") and match["name"] in _STATEMENTS else ""
    said = place + "".join(f" {key}={quoted(given[key])}" for key in _SAID if given.get(key))
    return f"{{{{< {name}{said} >}}}}" + (f"{{{{< /{name} >}}}}" if match["whole"] else "")


def _style(written: str) -> str:
    """Return a style of React's as CSS has it."""
    found = []
    for name, one, other, number in _STYLE.findall(written):
        words = re.sub(r"[A-Z]", lambda letter: f"-{letter[0].lower()}", name)
        found.append(f"{words}:{one or other or number + 'px' * (number != '0')}")
    return ";".join(found)
