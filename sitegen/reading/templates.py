"""Liquid tags and shortcodes in a body -> the Markdown they stand for, line for line, before Markdown is read.

What is code, math or a comment is left alone, but for `{% raw %}` around it and the escapes of shortcodes inside it. What looks
like a tag and is not known is an error with its line. `tags` says what each tag becomes, `liquid` what `{{ ... }}` does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

from sitegen.errors import SiteError, suggestion
from sitegen.reading.captures import use_of
from sitegen.reading.embeds import TagError, link_card, player
from sitegen.reading.endings import endings
from sitegen.reading.liquid import evaluate
from sitegen.reading.macros import definitions_end
from sitegen.reading.mathspan import scan_math
from sitegen.reading.tag_pairs import BOXES, PAIRS, whole_callout
from sitegen.reading.tags import IGNORED, TAGS, UNPAIRED, VERBATIM, Tag, lines_of, read_arguments

if TYPE_CHECKING:
    from collections.abc import Callable

    from sitegen.errors import Location
    from sitegen.reading.context import Reading

LONGEST = 2_000  # characters of one tag
_FARTHEST = 4_000  # characters before indented lines in which the item is looked for to which they may belong
_HOLDS_INDENTED = re.compile(
    r"\s*(?:[-*+]|\d{1,9}[.)]|\(?(?:[a-zA-Z]|[ivxIVX]+|\d+|#|@[\w-]*)[.)]|:|\[\^[^\]]*\]:|!!!|\?\?\?|===)(?:\s|$)"
)

_SIGNS = ("{%", "{{", "{:", "%%", "@[", "<d-", "<D-", "[")  # one of them is in whatever this expression finds
_ANY = re.compile(r"\{[%{:]|%%|^@\[|<d-|^[ \t]*\[+_?toc_?\]+[ \t]*$", re.IGNORECASE | re.MULTILINE)
_NEXT = re.compile(
    r"""(?P<fence>^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(?P<ticks>`{3,}(?=[^`\n]*$)|~{3,}))
    | (?P<indented>(?<![^\n]\n)^(?:\x20{4}|\t)[^\n]*(?:\n(?:(?:\x20{4}|\t)[^\n]*|[ \t]*(?=\n)))*)
    | (?P<display>^[ \t>]*\$\$[ \t]*$)
    | (?P<verbatim><!--|<(?P<element>script|style|pre)\b) | (?P<distill><d-(?P<kind>footnote|math|code)\b)
    | (?P<code>`+) | (?P<math>[$\\])
    | (?P<liquid>\{%) | (?P<shortcode>\{\{\{{0,2}[<%]) | (?P<output>\{\{) | (?P<kramdown>\{::?/?)
    | (?P<embed>^@\[(?P<site>[a-z]+)\]\((?P<target>[^)\s]+)\)[ \t]*$) | (?P<obsidian>%%) | (?P<part>^[ \t]*<--->[ \t]*$) | (?P<contents>^[ \t]*\[+_?(?:toc|TOC)_?\]+[ \t]*$)""",
    re.MULTILINE | re.VERBOSE,
)
_LIQUID = re.compile(r"\{%-?\s*(?P<name>[\w/]+)\s*(?P<text>(?:[^%]|%(?!\}))*?)\s*-?%\}")
_SHORTCODE = re.compile(
    r"\{\{(?P<mark>[<%])\s*(?P<end>/?)\s*(?P<name>[\w/.-]+)\s*(?P<text>.*?)\s*/?[>%]\}\}", re.DOTALL
)
_ESCAPED = re.compile(r"\{\{([<%])/\*(.*?)\*/([>%])\}\}|\{(\{\{[<%].*?[>%]\}\})\}", re.DOTALL)
_OUTPUT = re.compile(r"""\{\{-?\s*(?P<text>(?=[A-Za-z_"'])(?:[^{}"']|"[^"]*"|'[^']*')*?)\s*-?\}\}""")
_KRAMDOWN = re.compile(r"\{::(?P<name>comment|nomarkdown|options)\b[^}]*?(?P<whole>/?)\}|\{:/(?:comment|nomarkdown)?\}")
# What loads a script for math, or sets a theme up, in the posts themselves: both are the build's own affair.
_OF_THE_THEME = re.compile(r"(?:mathjax|mathjs|katex|latex|math|toc|setup|base_path)(?:[-_]\w+)*", re.IGNORECASE)
_TAB = re.compile(r"<!--[ \t]*(?:tab[ \t]+([^\n\"]*?)|endtab)[ \t]*-->")
_REST = re.compile(r"[ \t]*(?:\n|\Z)")
_RAW = re.compile(r"\{%-?\s*(?:end)?raw\s*-?%\}")
_RAW_LINE = re.compile(rf"^[ \t>]*{_RAW.pattern}[ \t]*\n", re.MULTILINE)


@dataclass(slots=True)
class _Scan:
    """A body that is being read from left to right. Note: mutable.

    line: of `counted`, from 0. missing: ends of tags that do not come any more, so that nothing is looked for twice.
    open: (name, place, what gives the text of its end) of tags around Markdown. refused: names that are not known.
    used: the end of what shows a captured text, by where that ends. ends: what was looked for last, and from where.
    """

    text: str
    reading: Reading
    out: list[str] = field(default_factory=list)
    position: int = 0
    counted: int = 0
    line: int = 0
    paragraph: int = -1
    missing: set[str] = field(default_factory=set)
    open: list[tuple[str, Location, Callable[[], str]]] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    used: dict[int, int] = field(default_factory=dict)
    ends: dict[str, tuple[int, re.Match[str]]] = field(default_factory=dict)

    def place(self, start: int, needle: str = "") -> Location:
        """Return the place of a position that is not before the last one asked for."""
        self.line += self.text.count("\n", self.counted, start)
        self.counted = start
        return self.reading.place(self.line, needle.split("\n", 1)[0])

    def error(self, start: int, needle: str, message: str, hint: str) -> None:
        """Note what is wrong with a tag."""
        self.reading.errors.append(SiteError(message, self.place(start, needle), hint))

    def keep(self, end: int) -> None:
        """Let the text up to `end` stand as it is."""
        self.out.append(self.text[self.position : end])
        self.position = end

    def keep_code(self, end: int) -> None:
        """Let code stand, without the marks that kept other programs from reading it."""
        code = _RAW.sub("", _RAW_LINE.sub("", self.text[self.position : end]))
        self.replace(end, _ESCAPED.sub(_unescaped, code))

    def replace(self, end: int, text: str) -> None:
        """Put `text` in the place of what stands up to `end`, in as many lines."""
        lines = self.text.count("\n", self.position, end) - text.count("\n")
        self.out.append(text + "\n" * lines)
        self.position = end

    def find(self, pattern: str, start: int) -> re.Match[str] | None:
        """Find the end of something; what was found last stays the next one while it lies ahead."""
        known = self.ends.get(pattern)
        if known and known[0] <= start <= known[1].start():
            return known[1]
        found = None if pattern in self.missing else re.compile(pattern, re.MULTILINE).search(self.text, start)
        if found is None:
            self.missing.add(pattern)
        else:
            self.ends[pattern] = (start, found)
        return found


def expand_templates(text: str, reading: Reading) -> str:
    """Return a body with its tags expanded, in as many lines."""
    if not any(sign in text for sign in _SIGNS) or not _ANY.search(text):
        return text
    scan = _Scan(text, reading)
    while match := _NEXT.search(text, scan.position):
        scan.keep(match.start())
        next(step for name, step in _STEPS.items() if match[name])(scan, match)
    scan.keep(len(text))
    for name, location, _ in scan.open:
        reading.errors.append(SiteError(f"`{name}` is never closed", location, "close it with its own end tag"))
    return "".join(scan.out)


def _fence(scan: _Scan, match: re.Match[str]) -> None:
    ticks = match["ticks"]
    end = scan.find(
        rf"^[ \t>]*{re.escape(ticks[0])}{{{len(ticks)},}}[ \t]*(?:\{{%-?\s*endraw\s*-?%\}})?[ \t]*$", match.end()
    )
    scan.keep_code(end.end() if end else len(scan.text))


def _indented(scan: _Scan, match: re.Match[str]) -> None:
    """Keep indented code; below an item of a list, a term or a note, an indented line is text."""
    before = scan.text[max(match.start() - _FARTHEST, 0) : match.start()]
    above = next((line for line in reversed(before.split("\n")) if re.match(r" {0,3}\S", line)), "")
    is_text = _HOLDS_INDENTED.match(above) or (not above and match.start() > _FARTHEST)
    scan.keep(match.end() if not is_text else match.start() + 1)


def _display(scan: _Scan, match: re.Match[str]) -> None:
    end = scan.find(r"\$\$", match.end())
    scan.keep(end.end() if end else match.end())


def _verbatim(scan: _Scan, match: re.Match[str]) -> None:
    tab = _TAB.match(scan.text, match.start()) if scan.reading.tab_sets else None
    if tab and tab[1]:  # Hexo's `<!-- tab Name -->`
        _run(scan, tab, "tab", f'"{tab[1]}"', shown=tab[0], ending="-->")
        return
    if tab:
        _close(scan, tab, "tab")
        return
    end = scan.find(rf"</{match['element']}\s*>" if match["element"] else "-->", match.end())
    scan.keep_code(end.end() if end else match.end())


def _distill(scan: _Scan, match: re.Match[str]) -> None:
    """Read Distill's elements, which al-folio's posts have: notes, formulas and code."""
    kind = match["kind"]
    opening = re.compile(r"<d-[^<>]*>").match(scan.text, match.start(), match.start() + LONGEST)
    end = scan.find(rf"</d-{kind}\s*>", match.end()) if opening else None
    if not opening or not end:
        scan.keep(match.end())
        return
    inner = scan.text[opening.end() : end.start()]
    is_block = bool(re.search(r"\sblock\b", opening[0]))
    if kind == "footnote":
        becomes = f"^[{' '.join(inner.split())}]"
    elif kind == "math":
        becomes = f"$${inner.strip()}$$" if not is_block else f"$${inner}$$"
    else:
        language = re.search(r"""\blanguage=["']?([\w+-]+)""", opening[0])
        fence = f"~~~~~~~~{language[1] if language else ''}"
        becomes = f"{fence}{lines_of(inner)}~~~~~~~~" if is_block and "\n" in inner else f"`` {inner.strip()} ``"
    scan.replace(end.end(), becomes)


def _code(scan: _Scan, match: re.Match[str]) -> None:
    if scan.paragraph < match.end():
        blank = re.compile(r"\n[ \t]*\n").search(scan.text, match.end())
        scan.paragraph = blank.start() if blank else len(scan.text)
    end = endings(scan.text).after_code(match.start())
    scan.keep_code(end if end <= scan.paragraph else match.end())


def _math(scan: _Scan, match: re.Match[str]) -> None:
    start = match.start()
    span = scan_math(scan.text, start, scan.reading.dollars)
    end = span.end if span else start + definitions_end(scan.text[start : start + LONGEST])
    scan.keep(max(end, min(match.end() + (match[0] == "\\"), len(scan.text))))


def _liquid(scan: _Scan, match: re.Match[str]) -> None:
    start = match.start()
    tag = _LIQUID.match(scan.text, start, start + LONGEST)
    if not tag:
        scan.keep(match.end())
        return
    name = tag["name"]
    if name == "raw":
        end = scan.find(r"\{%-?\s*endraw\s*-?%\}", tag.end())
        if end is None:
            scan.error(start, tag[0], "`{% raw %}` is never closed", "close it with `{% endraw %}`")
        scan.replace(tag.end(), "")
        scan.keep(end.start() if end else tag.end())
        scan.replace(end.end() if end else tag.end(), "")
    elif name == "comment":
        end = scan.find(r"\{%-?\s*endcomment\s*-?%\}", tag.end())
        scan.replace(end.end() if end else tag.end(), "")
    elif name in {"include", "include_relative", "include_cached"}:
        words = tag["text"].split(None, 1)
        file = words[0].strip("\"'") if words else ""
        known = re.sub(r"(?:.*/)?([\w-]+?)(?:\.(?:html|liquid|md))?", r"\1", file)
        if _OF_THE_THEME.fullmatch(known):
            scan.replace(tag.end(), "")
            return
        _run(scan, tag, known, words[1] if len(words) > 1 else "", shown=f"{{% include {file} %}}")
    elif name in {"assign", "capture"}:
        _name_text(scan, tag)
    elif name.startswith("end"):
        _close(scan, tag, name[3:])
    else:
        _run(scan, tag, name, tag["text"], shown=f"{{% {name} %}}", ending=rf"\{{%-?\s*end{name}\s*-?%\}}")


def _name_text(scan: _Scan, tag: re.Match[str]) -> None:
    """Read `assign` and `capture`: one line is a value; more stand in their place, in what is made of them below."""
    location = scan.place(tag.start(), tag[0])
    name, mark, expression = (part.strip() for part in tag["text"].partition("="))
    name = name.strip("\"'")
    if tag["name"] == "assign":
        value = evaluate(expression, scan.reading, "") if mark else None
        if value is None:
            hint = "write the value itself where it is shown"
            scan.reading.errors.append(SiteError(f"`{tag[0]}` is not known here", location, hint))
        scan.reading.variables = {**scan.reading.variables, name: value or ""}
        scan.replace(tag.end(), "")
        return
    end = scan.find(r"\{%-?\s*endcapture\s*-?%\}", tag.end())
    inner = scan.text[tag.end() : end.start()] if end else ""
    if end and "\n" not in inner.strip():
        scan.reading.variables = {**scan.reading.variables, name: inner.strip()}
        scan.replace(end.end(), "")
        return
    use = use_of(name, scan.text, end.end()) if end else None
    if end is None or use is None:
        hint = "put the text there, or the tag that shows it directly below"
        message = f"`{name}` is captured, and not shown below" if end else "`{% capture %}` is never closed"
        scan.reading.errors.append(SiteError(message, location, hint))
        scan.refused.add("capture")
        scan.replace(tag.end(), "")
        return
    scan.replace(tag.end(), use.opening)
    scan.open.append(("capture", location, lambda: use.closing))
    scan.used[end.end()] = use.end


def _shortcode(scan: _Scan, match: re.Match[str]) -> None:
    start = match.start()
    escaped = _ESCAPED.match(scan.text, start, start + LONGEST)
    if escaped:
        scan.replace(escaped.end(), scan.reading.insert(escape(_unescaped(escaped)), is_block=False))
        return
    tag = _SHORTCODE.match(scan.text, start, start + LONGEST)
    if not tag:
        scan.keep(match.end())
    elif tag["end"]:
        _close(scan, tag, tag["name"])
    else:
        ending = rf"\{{\{{[<%]\s*/\s*{re.escape(tag['name'])}\s*[>%]\}}\}}"
        _run(scan, tag, tag["name"], tag["text"], shown=f"{{{{< {tag['name']} >}}}}", ending=ending)


def _run(scan: _Scan, tag: re.Match[str], name: str, text: str, *, shown: str, ending: str = "") -> None:
    """Put what a tag becomes in its place, together with what it encloses when it reads that itself."""
    name = name.lower()
    location = scan.place(tag.start(), tag[0])
    errors = scan.reading.errors
    end = scan.find(ending, tag.end()) if ending and name in VERBATIM else None
    behind = end.end() if end else tag.end()
    becomes = ""
    if name in VERBATIM and ending and end is None and name not in UNPAIRED:
        errors.append(SiteError(f"`{shown}` is never closed", location, "close it with its own end tag"))
    elif name in (TAGS.keys() | PAIRS.keys() if ending else INCLUDES):
        if name in PAIRS and ending and name not in TAGS:
            closing_tag = scan.find(ending, tag.end())
            is_last = closing_tag is None or _ends_alone(scan.text, closing_tag)
        else:
            is_last = True
        inner = scan.text[tag.end() : end.start()] if end else ""
        before = scan.text[scan.text.rfind("\n", 0, tag.start()) + 1 : tag.start()]
        alone = is_last and bool(_REST.match(scan.text, behind)) and not before.strip(" \t>-*+.)0123456789")
        found = Tag(name, read_arguments(text), inner, location, scan.reading, alone)
        try:
            if name in TAGS:
                becomes = "" if name in UNPAIRED and end is None and name != "button" else TAGS[name](found)
            elif not ending:
                becomes = whole_callout(found)
            else:
                becomes, closing = PAIRS[name](found)
                scan.open.append((name, location, closing))
        except TagError as problem:
            errors.append(SiteError(str(problem), location))
            scan.refused.add(name)
    elif name not in IGNORED:
        hint = suggestion(name, {*TAGS, *PAIRS}) or (
            "write Markdown or HTML instead, or wrap it in `{% raw %}` to show it as it is"
        )
        errors.append(SiteError(f"`{shown}` is not known here", location, hint))
        scan.refused.add(name)
    scan.replace(behind, becomes)


def _ends_alone(text: str, end: re.Match[str]) -> bool:
    """Whether nothing else stands on the line of an end tag."""
    before = text[text.rfind("\n", 0, end.start()) + 1 : end.start()]
    return not before.strip(" \t>") and bool(_REST.match(text, end.end()))


def _close(scan: _Scan, tag: re.Match[str], name: str) -> None:
    name = name.lower()
    becomes = ""
    if scan.open and scan.open[-1][0] == name:
        _, location, closing = scan.open.pop()
        try:
            becomes = closing()
        except TagError as problem:
            scan.reading.errors.append(SiteError(str(problem), location))
    elif f"/{name}" not in IGNORED and name not in scan.refused:
        hint = "it closes the tag of its name that was opened last"
        scan.error(tag.start(), tag[0], f"`{tag[0]}` closes nothing", hint)
    scan.replace(tag.end(), becomes)
    if tag.end() in scan.used:  # what was captured is shown already
        scan.replace(scan.used[tag.end()], "")


def _output(scan: _Scan, match: re.Match[str]) -> None:
    start = match.start()
    found = _OUTPUT.match(scan.text, start, start + LONGEST)
    if not found:
        scan.keep(match.end())
        return
    value = evaluate(found["text"], scan.reading, scan.text[found.end() : found.end() + 2])
    if value is None:
        hint = "write the value itself, or wrap it in `{% raw %}` to show it as it is"
        scan.error(start, found[0], f"`{found[0]}` is not known here", hint)
    scan.replace(found.end(), value or "")


def _kramdown(scan: _Scan, match: re.Match[str]) -> None:
    found = _KRAMDOWN.match(scan.text, match.start(), match.start() + LONGEST)
    if not found:
        scan.keep(match.start() + 1)
        return
    if found["name"] == "comment" and not found["whole"]:
        end = scan.find(r"\{:/(?:comment)?\}", found.end())
        scan.replace(end.end() if end else found.end(), "")
    else:
        scan.replace(found.end(), "")


def _obsidian(scan: _Scan, match: re.Match[str]) -> None:
    """Drop `%%a comment%%` within a paragraph, or between lines that are nothing but `%%`."""
    alone = re.compile(r"%%[ \t]*$", re.MULTILINE).match(scan.text, match.start())
    starts_line = scan.text[: match.start()].rpartition("\n")[2].strip() == ""
    end = scan.find(r"^[ \t]*%%[ \t]*$" if alone and starts_line else r"%%", match.end())
    inside = scan.text[match.end() : end.start()] if end else "\n\n"
    if end and (alone or "\n\n" not in inside):
        scan.replace(end.end(), "")
    else:
        scan.keep(match.end())


def _embed(scan: _Scan, match: re.Match[str]) -> None:
    """Read Zenn's `@[youtube](id)`; what is no film is a link."""
    target = match["target"]
    address = target if "://" in target else ""
    if match["site"] in {"youtube", "vimeo"} and not address:
        scan.replace(match.end(), player(scan.reading, match["site"], target))
    elif address:
        scan.replace(match.end(), link_card(scan.reading, address, escape(address.partition("://")[2])))
    else:
        scan.keep(match.end())


def _part(scan: _Scan, match: re.Match[str]) -> None:
    """Read the line between two columns of Hugo Book."""
    inside = bool(scan.open) and scan.open[-1][0] == "columns"
    between = scan.reading.insert('</div><div class="side">') if inside else match[0]
    scan.replace(match.end(), between)


def _contents(scan: _Scan, match: re.Match[str]) -> None:
    """Drop the place of a contents list: the theme shows that of every post."""
    scan.replace(match.end(), "")


def _unescaped(match: re.Match[str]) -> str:
    return match[4] or f"{{{{{match[1]}{match[2]}{match[3]}}}}}"


INCLUDES = TAGS.keys() - {"x", "link", "ref", "param", "meta", "cite"} | BOXES
"""What `{% include ... %}` may name: files of themes that do what a tag of that name does."""

_STEPS = {
    "fence": _fence,
    "indented": _indented,
    "display": _display,
    "verbatim": _verbatim,
    "distill": _distill,
    "code": _code,
    "math": _math,
    "liquid": _liquid,
    "shortcode": _shortcode,
    "output": _output,
    "kramdown": _kramdown,
    "embed": _embed,
    "obsidian": _obsidian,
    "part": _part,
    "contents": _contents,
}
