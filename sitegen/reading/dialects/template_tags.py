"""A tag of Liquid or a shortcode, found in a body -> what it becomes, in its place and in as many lines.

A tag may run by itself, take what it encloses, or be open until its end comes. What looks like a tag and is not known is an
error with its line. `tags` and `tag_pairs` say what each becomes, `liquid` what `{{ ... }}` does.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from sitegen.errors import suggestion
from sitegen.later import later
from sitegen.reading.boxes.theorems import STATED
from sitegen.reading.dialects.calls import CALL_ALONE, CALL_AROUND, END, as_words
from sitegen.reading.dialects.captures import use_of
from sitegen.reading.dialects.liquid import evaluate
from sitegen.reading.dialects.scan import ESCAPED, LINE_END, LONGEST, unescaped
from sitegen.reading.dialects.tag_pairs import BOXES, PAIRS, WORDS, holds_code, said_words, whole_callout, whole_theorem
from sitegen.reading.dialects.tags import (
    IGNORED,
    TAGS,
    UNPAIRED,
    VERBATIM,
    Tag,
    names_image,
    quoted,
    read_arguments,
)
from sitegen.reading.dialects.theme_lists import LIST_TAGS
from sitegen.reading.dialects.theme_tags import SHORT, THEME_TAGS, THEME_VERBATIM, UNCLOSED
from sitegen.reading.embeds import TagError, film, link_card

if TYPE_CHECKING:
    from collections.abc import Callable

    from sitegen.reading.dialects.scan import Scan

_LIQUID = later(r"\{%-?\s*(?P<name>[\w/]+)\s*(?P<text>(?:[^%]|%(?!\}))*?)\s*-?%\}")
_SHORTCODE = later(
    r"\{\{(?P<mark>[<%])\s*(?P<end>/?)\s*(?P<name>[\w/.-]+)\s*(?P<text>.*?)\s*(?P<whole>/?)[>%]\}\}", re.DOTALL
)
_CALL_SHOWN = later(r"\{\{/\*(.*?)\*/\}\}|\{%/\*(.*?)\*/%\}", re.DOTALL)  # Zola's calls, as they are
_OUTPUT = later(r"""\{\{-?\s*(?P<text>(?=[A-Za-z_"']|\$frontmatter\.)(?:[^{}"']|"[^"]*"|'[^']*')*?)\s*-?\}\}""")
_NOTE = later(r"""(?:'([^']*)'|"([^"]*)")\s*\|\s*fndetail:\s*(\w+)""")
"""fastpages' footnote, which `{% fn 1 %}` mentions."""
# What loads a script for math or for comments, or sets a theme up, in the posts themselves: all are the build's own affair.
_OF_THE_THEME = later(
    r"_?(?:load[-_]?plotly|(?:(?:load|use)[-_]?)?(?:mathjax|mathjs|katex|latex|math|toc|setup|base_path|comments?|disqus|giscus|utterances|gitalk"
    r"|share|sharing|adsense|bibtex))"
    r"(?:[-_]\w+)*",
    re.IGNORECASE,
)
_PAGE = later(r"https?://\S+\Z")
_BARE = later(r"=\s*([A-Za-z_][\w.-]*)(?=\s|\Z)")  # a value by its name: `id=page.video`
_ROW = later(r"\\\\(?=\s|\[)")  # Hugo's neither, where a row of a formula ends
_PLAIN_BACKSLASH = later(r"\\(?![\"'])")  # Jekyll's arguments have no other escapes than those of quotes

_BY_NAME = TAGS | THEME_TAGS
_READ_WHOLE = VERBATIM | THEME_VERBATIM
_WHOLE: dict[str, Callable[[Tag], str]] = {
    **dict.fromkeys(BOXES, whole_callout),
    **dict.fromkeys(STATED, whole_theorem),
    **LIST_TAGS,
}
_SAYS = UNCLOSED | dict.fromkeys(WORDS, said_words)
_KNOWN = _BY_NAME.keys() | PAIRS.keys() | _WHOLE.keys() | IGNORED
INCLUDES = _BY_NAME.keys() - {"x", "link", "ref", "param", "meta", "cite"} | _WHOLE.keys()
"""What `{% include ... %}` may name: files of themes that do what a tag of that name does."""


def read_liquid(scan: Scan, match: re.Match[str]) -> None:
    """Read a tag of Liquid, as Jekyll has them: `{% raw %}`, `{% include %}` and those by their own names."""
    start = match.start()
    if not scan.closes(r"%\}", start):
        scan.keep(match.end())
        return
    if _shows_call(scan, start):
        return
    call = CALL_AROUND.match(scan.text, start, start + LONGEST)
    if call:
        run_tag(scan, call, call["name"], as_words(call["text"]), shown=f"{{% {call['name']}() %}}", ending=END)
        return
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
        text = _PLAIN_BACKSLASH.sub(r"\\\\", words[1]) if len(words) > 1 else ""
        values = scan.reading.variables
        text = _BARE.sub(lambda bare: f"={quoted(values[bare[1]])}" if bare[1] in values else bare[0], text)
        run_tag(scan, tag, known, text, shown=f"{{% include {file} %}}")
    elif name in {"assign", "capture"}:
        _name_text(scan, tag)
    elif name == "end":  # Zola's, of whatever was opened last
        close_tag(scan, tag, scan.open[-1][0] if scan.open else "")
    elif name.startswith("end"):
        close_tag(scan, tag, name[3:])
    else:
        ending = r"\{%-?\s*em\s*-?%\}" if name == "m" else rf"\{{%-?\s*end{name}\s*-?%\}}"
        if _says_itself(scan, tag, name, tag["text"], ending):
            return
        run_tag(scan, tag, name, tag["text"], shown=f"{{% {name} %}}", ending=ending)


def _name_text(scan: Scan, tag: re.Match[str]) -> None:
    """Read `assign` and `capture`: one line is a value; more stand in their place, in what is made of them below."""
    location = scan.place(tag.start(), tag[0])
    name, mark, expression = (part.strip() for part in tag["text"].partition("="))
    name = name.strip("\"'")
    if tag["name"] == "assign":
        value = evaluate(expression, scan.reading, "") if mark else None
        becomes = ""
        if value is None:
            hint = "write the value itself where it is shown"
            becomes = scan.unknown(tag, location, f"`{tag[0]}` is not known here", hint)
        if not becomes:
            scan.reading.variables = {**scan.reading.variables, name: value or ""}
        scan.replace(tag.end(), becomes)
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
        scan.reading.refuse(message, location, hint)
        scan.refused.add("capture")
        scan.replace(tag.end(), "")
        return
    scan.replace(tag.end(), use.opening)
    scan.open.append(("capture", location, lambda: use.closing))
    scan.used[end.end()] = use.end


def read_shortcode(scan: Scan, match: re.Match[str]) -> None:
    """Read a shortcode of Hugo and Quarto, or show it as it is where it is escaped."""
    start = match.start()
    if not scan.closes(r"[>%]\}\}", start):
        scan.keep(match.end())
        return
    escaped = ESCAPED.match(scan.text, start, start + LONGEST)
    if escaped:
        scan.replace(escaped.end(), scan.reading.insert(escape(unescaped(escaped)), is_block=False))
        return
    tag = _SHORTCODE.match(scan.text, start, start + LONGEST)
    if not tag:
        scan.keep(match.end())
        return
    ending = rf"\{{\{{[<%]\s*/\s*{re.escape(tag['name'])}\s*[>%]\}}\}}"
    if tag["end"]:
        close_tag(scan, tag, tag["name"])
    elif not _says_itself(scan, tag, tag["name"], tag["text"], ending):
        before = len(scan.open)
        text = _ROW.sub(r"\\\\\\\\", tag["text"])
        run_tag(scan, tag, tag["name"], text, shown=f"{{{{< {tag['name']} >}}}}", ending=ending)
        if tag["whole"] and len(scan.open) > before:
            scan.out.append(scan.open.pop()[2]())


def _shows_call(scan: Scan, start: int) -> bool:
    """Put a call of Zola's that is escaped, `{{/* x() */}}`, as it would be written."""
    shown = _CALL_SHOWN.match(scan.text, start, start + LONGEST) if scan.text.startswith("/*", start + 2) else None
    if shown:
        written = f"{{{{{shown[1]}}}}}" if shown[2] is None else f"{{%{shown[2]}%}}"
        scan.replace(shown.end(), scan.reading.insert(escape(written), is_block=False))
    return shown is not None


def read_output(scan: Scan, match: re.Match[str]) -> None:
    """Put what `{{ page.title }}` and its like stand for in its place."""
    start = match.start()
    if _shows_call(scan, start):
        return
    call = CALL_ALONE.match(scan.text, start, start + LONGEST)
    if call:
        text = as_words(call["text"])
        if not _says_itself(scan, call, call["name"], text, "(?!)"):
            body = read_arguments(text).get("body")
            run_tag(scan, call, call["name"], text, shown=f"{{{{ {call['name']}() }}}}", body=body)
        return
    found = _OUTPUT.match(scan.text, start, start + LONGEST)
    if not found:
        scan.keep(match.end())
        return
    note = _NOTE.fullmatch(found["text"])
    if note:
        scan.replace(found.end(), f"[^fn{note[3]}]: {note[1] or note[2]}")
        return
    value = evaluate(found["text"], scan.reading, scan.text[found.end() : found.end() + 2])
    if value is None:
        hint = "write the value itself, or wrap it in `{% raw %}` to show it as it is"
        value = scan.unknown(found, scan.place(start, found[0]), f"`{found[0]}` is not known here", hint)
    scan.replace(found.end(), value)


def _says_itself(scan: Scan, tag: re.Match[str], name: str, text: str, ending: str) -> bool:
    """Put what a tag says itself in its place, where those of its name enclose it else and no end comes before another."""
    if name not in _SAYS or not text.strip() or _before_another(scan, tag, name, scan.find(ending, tag.end())):
        return False
    found = Tag(name, read_arguments(text), "", scan.place(tag.start(), tag[0]), scan.reading)
    becomes = _SAYS[name](found)
    if becomes:
        scan.tags.append(found)
        scan.replace(tag.end(), becomes)
    return bool(becomes)


def run_tag(
    scan: Scan, tag: re.Match[str], name: str, text: str, *, shown: str, ending: str = "", body: str = ""
) -> None:
    """Put what a tag becomes in its place, together with what it encloses (or has as its `body`) when it reads that itself."""
    name = SHORT.get(name.lower(), name.lower())
    location = scan.place(tag.start(), tag[0])
    is_own = name not in _KNOWN and not (ending and _before_another(scan, tag, name, scan.find(ending, tag.end())))
    given = read_arguments(text)
    if is_own and names_image(given):
        name = "figure"
    elif is_own and (page := next(filter(_PAGE.match, (*given.named.values(), *given.words)), "")):
        scan.reading.note(f"`{shown}` is not known here; a link to what it names is shown", location)
        found = Tag(name, given, "", location, scan.reading, _stands_alone(scan, tag, None, ""))
        scan.tags.append(found)
        scan.replace(tag.end(), _link_to(page, found))
        return
    end = _own_end(scan, tag, name, ending)
    becomes = ""
    if end is None and _is_open(scan, tag, name, ending):
        becomes = scan.unknown(tag, location, f"`{shown}` is never closed", "close it with its own end tag")
    elif name in (_BY_NAME.keys() | PAIRS.keys() if ending else INCLUDES):
        inner = scan.text[tag.end() : end.start()] if end else body
        alone = _stands_alone(scan, tag, end, ending if name in PAIRS and name not in _BY_NAME else "")
        found = Tag(name, given, inner, location, scan.reading, alone)
        scan.tags.append(found)
        try:
            if name in _BY_NAME:
                becomes = _BY_NAME[name](found)
            elif not ending or (name in BOXES and _says_all(scan, tag, found)):
                becomes = _WHOLE[name](found)
            else:
                becomes, closing = PAIRS[name](found)
                if end:
                    becomes += closing()
                else:
                    scan.open.append((name, location, closing))
        except TagError as problem:
            becomes = scan.unknown(tag, location, str(problem), "")
            scan.refused.update([name, ""] if ending == END else [name])
    elif name == "section" and text:
        scan.reading.note(f"`{shown}`: `{text}` shows nothing here", location)
    elif name in IGNORED and ending == END:
        scan.open.append((name, location, lambda: ""))
    elif name not in IGNORED and not (is_own and not text and _OF_THE_THEME.fullmatch(name)):
        becomes = scan.unknown(tag, location, f"`{shown}` is not known here", _instead_of(name, shown))
        scan.refused.update([name, ""] if ending == END else [name])
    scan.replace((end or tag).end(), becomes)


def _link_to(page: str, tag: Tag) -> str:
    """Return a link to the page of another site that a tag of the author's own names, in the words that it says; a film as its player."""
    words = tag.arguments.get("title", "name", "caption", "label", "text") or page.partition("://")[2]
    if tag.before.endswith(('="', "='", "](")):
        return page
    if not tag.alone:
        return f"[{words}](<{page}>)"
    return film(tag.reading, page) or link_card(tag.reading, page, escape(words))


def _own_end(scan: Scan, tag: re.Match[str], name: str, ending: str) -> re.Match[str] | None:
    """Find the end of a tag that reads what it encloses itself."""
    takes = name in _READ_WHOLE or (ending == END and name in _BY_NAME)  # a call is always open until its end
    takes |= name == "tab" and tag[0].startswith("{{<") and holds_code(scan.reading.tab_sets)
    end = scan.find(ending, tag.end()) if ending and takes else None
    if name in UNPAIRED:
        return _before_another(scan, tag, name, end)
    return end


def _is_open(scan: Scan, tag: re.Match[str], name: str, ending: str) -> bool:
    """Whether a tag needs an end, and none of its name comes below."""
    if name in _READ_WHOLE:
        return bool(ending) and name not in UNPAIRED
    if name not in PAIRS or name in BOXES or name in _BY_NAME or ending in {"", END} or tag.groupdict().get("whole"):
        return False
    return scan.find(ending, tag.end()) is None


def _before_another(scan: Scan, tag: re.Match[str], name: str, end: re.Match[str] | None) -> re.Match[str] | None:
    """Return the end of a tag, unless it is that of another one below."""
    names = "|".join(re.escape(known) for known in (name, *(short for short in SHORT if SHORT[short] == name)))
    again = re.compile(rf"\{{[{{%]-?[<%]?\s*(?:{names})\b")
    return None if end and again.search(scan.text, tag.end(), end.start()) else end


def _stands_alone(scan: Scan, tag: re.Match[str], end: re.Match[str] | None, ending: str) -> bool:
    """Whether nothing stands before a tag on its line, or behind its end. ending: of one around Markdown, which is still to come."""
    closing = scan.find(ending, tag.end()) if ending else None
    before = scan.text[max(0, tag.start() - LONGEST) : tag.start()].rpartition("\n")[2]
    return (
        (closing is None or _ends_alone(scan.text, closing))
        and bool(LINE_END.match(scan.text, (end or tag).end()))
        and not before.strip(" \t>-*+.)0123456789")
    )


def _instead_of(name: str, shown: str) -> str:
    """Return what to write instead of a tag that is not known."""
    if shown.startswith("{% include "):
        file = shown.split()[2]
        return f"put `{file}` beside the post and write `{{% include_relative {file} %}}`, or write here what it says"
    hint = "write Markdown or HTML instead, or wrap it in `{% raw %}` to show it as it is"
    return suggestion(name, {*_BY_NAME, *PAIRS} - {name}) or hint


def _says_all(scan: Scan, tag: re.Match[str], found: Tag) -> bool:
    """Whether a box has its text as an argument, `{{< alert text="..." />}}`, and encloses none: no end comes before another."""
    if not tag[0].startswith("{{") or not found.arguments.get("content", "text", "message", "body"):
        return False
    other = re.compile(rf"\{{\{{[<%]\s*(/?)\s*{tag['name']}\b").search(scan.text, tag.end())
    return tag[0].endswith(("/>}}", "/%}}")) or not (other and other[1])


def _ends_alone(text: str, end: re.Match[str]) -> bool:
    """Whether nothing else stands on the line of an end tag."""
    before = text[max(0, end.start() - LONGEST) : end.start()].rpartition("\n")[2]
    return not before.strip(" \t>") and bool(LINE_END.match(text, end.end()))


def close_tag(scan: Scan, tag: re.Match[str], name: str) -> None:
    """Put what the end of a tag becomes in its place: it closes the one of its name that was opened last."""
    name = SHORT.get(name.lower(), name.lower())
    becomes = ""
    if scan.open and scan.open[-1][0] == name:
        _, location, closing = scan.open.pop()
        try:
            becomes = closing()
        except TagError as problem:
            scan.reading.refuse(str(problem), location)
    elif name in scan.refused:
        becomes = scan.as_written(tag) if scan.reading.shows_missing else ""
    elif f"/{name}" not in IGNORED:
        hint = "it closes the tag of its name that was opened last"
        becomes = scan.unknown(tag, scan.place(tag.start(), tag[0]), f"`{tag[0]}` closes nothing", hint)
    scan.replace(tag.end(), becomes)
    if tag.end() in scan.used:  # what was captured is shown already
        scan.replace(scan.used[tag.end()], "")
