"""The info string and the attribute list of code that never runs -> how it is shown: name, numbers, lines that stand out.

One reader for the habits of GitHub, Chirpy, Hugo, Pandoc and Quarto, Material for MkDocs, and Docusaurus.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sitegen.errors import SiteError, suggestion
from sitegen.labels import kind_of, normal_label
from sitegen.reading.boxes.directives import take_options
from sitegen.reading.highlight import Listing, marked_lines

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sitegen.errors import Location

_LANGUAGE = re.compile(
    r"\.?(?:language-)?([^\s{},:=\"'#]+)(?![^\s{},:]*=)(?:,|:(?=\s|$))?|\{\s*(?:#\S+\s+)?\.([^\s{}.]+)"
)
_COUNTED = re.compile(r"([A-Za-z][\w+#-]*)=(\d*)\+?(?=\s|$)")
_PAIR = re.compile(
    r"""([A-Za-z][\w-]*)=("[^"]*"|'[^']*'|\[[^\]]*\]|\d[\d-]*(?:[ ]+\d[\d-]*(?=[\s,}]|$))+|[^\s,{}]+)|\{([\d\s,-]+)\}|([^\s,{}]+)|[\s,{}]"""
)
_NAMES = {"file", "title", "filename", "name", "caption"}
_MARKED = {"hl_lines", "hl-lines", "mark_lines", "highlight", "emphasize-lines", "mark"}
_HIDDEN = {"hide_lines", "hide-lines"}  # Zola's
_NUMBERED = frozenset("linenums linenos linenumbers line-numbers numberlines showlinenumbers lineno numbered".split())
_FIRST = {"linenostart", "startfrom", "lineno-start", "start", "firstline"}
_COUNTS_FROM = {"linenums", "numberlines", "showlinenumbers"}  # whose value is the first number
_BOTH = {"code-line-numbers"}  # Quarto's: true, false, or the lines that stand out
_OTHER = {"anchorlinenos", "lineanchors", "noclasses", "style", "tabwidth", "hl_inline", "code-fold", "copy", "wrap"}
_OFF = {"false", "no", "0"}
_VITEPRESS = re.compile(r":(no-)?line-numbers(?:=(\d+))?")
_LABEL = re.compile(r"#((?:lst|fig|tbl)[-:][\w:.-]+)")
_LISTING_CAPTION = re.compile(r"""\blst-cap=("[^"]*"|'[^']*')""")
_DIRECTIVE = re.compile(r"\{(?:code(?:-block)?|sourcecode|doctest)\}")
_NAMES_IN_MYST = {"name": "id", "label": "id", "caption": "lst-cap"}


def read_listing(info: str, attributes: Mapping[str, object], location: Location, errors: list[SiteError]) -> Listing:
    """Read how code is shown. attributes: of a list after the block; they come after what the info string says."""
    language = ""
    counted = _COUNTED.match(info)  # HackMD's `python=10`
    if counted:
        info = f"{counted[1]} linenums={counted[2] or 1}{info[counted.end() :]}"
    if "numberLines:" in info:  # Gatsby's `{numberLines: 5}`
        info = re.sub(r"numberLines:\s*", "numberLines=", info)
    match = _LANGUAGE.match(info)
    if match:
        language, info = match[1] or match[2], info[match.end() :]
    pairs: list[tuple[str, str]] = []
    for found in _PAIR.finditer(info):
        if found[1]:
            pairs.append((found[1].lower(), found[2].strip("\"'")))
        elif found[3]:
            pairs.append(("hl_lines", found[3]))
        elif found[4]:
            pairs.append(_named(found[4]))
    for key, value in attributes.items():
        if key == "class":
            pairs += [(name.lower(), "") for name in str(value).split()]
        elif key not in {"id", "style"}:
            pairs.append((str(key).lower(), str(value)))
    title, numbered, first, marked, hidden = "", False, 1, frozenset[int](), frozenset[int]()
    for key, value in pairs:
        if key in _NAMES and value:
            title = value
        elif key in _HIDDEN:
            hidden |= marked_lines(value) or frozenset()
        elif key in _MARKED or (key in _BOTH and value.lower() not in _OFF | {"true", ""}):
            lines = marked_lines(value)
            if lines is None:
                errors.append(SiteError(f"`{value}` names no lines", location, "write line numbers: 2 4-6"))
            marked |= lines or frozenset()
        elif key in _NUMBERED | _BOTH:
            numbered = value.lower() not in _OFF
            first = int(value) if value.isdigit() and key in _COUNTS_FROM else first
        elif key in _FIRST and value.isdigit():
            first, numbered = int(value), numbered or key == "lineno-start"  # MyST's asks for numbers by itself
        elif key.startswith("language-") and not value:
            language = key.removeprefix("language-")
        elif value and key not in _OTHER and (hint := suggestion(key, _NAMES | _MARKED | _NUMBERED | _FIRST | _BOTH)):
            errors.append(SiteError(f"unknown option of code `{key}`", location, hint))
    return Listing(language, title, numbered, first, marked, hidden=hidden)


def _named(word: str) -> tuple[str, str]:
    """Return what a word by itself says: VitePress' `[a.js]` and Zenn's `:a.js` name the file."""
    if word[0] + word[-1] == "[]":
        return "title", word[1:-1]
    if word[0] == ":" and word[1:].lower() not in _NUMBERED:
        if of_lines := _VITEPRESS.fullmatch(word):
            return "linenums", "false" if of_lines[1] else of_lines[2]
        return "title", word[1:].removeprefix("title=")  # Gatsby's `:title=a.js`
    return word.strip(".:").lower(), ""


def listing_caption(info: str, attributes: Mapping[str, object]) -> tuple[str, str]:
    """Return (label, caption) of numbered code: `{#lst-x .python lst-cap="..."}`; "" and "" for any other."""
    label = _LABEL.search(info)
    caption = _LISTING_CAPTION.search(info)
    name = label[1] if label else str(attributes.get("id", ""))
    text = caption[1].strip("\"'") if caption else str(attributes.get("lst-cap", ""))
    return (normal_label(name) if kind_of(name) == "lst" or text else ""), text


def code_directive(info: str, content: str, attributes: Mapping[str, object]) -> tuple[str, str, Mapping[str, object]]:
    """Return (info string, code, attributes) of MyST's `{code-block} python` with `:key: value` lines; others as they are."""
    directive = _DIRECTIVE.match(info)
    if not directive:
        return info, content, attributes
    options, content, _ = take_options(content)
    content = content.removeprefix("\n")  # the blank line below the options, or what stands for it where there are none
    found = {**attributes, **{_NAMES_IN_MYST.get(key, key): value for key, value in options.items()}}
    return info[directive.end() :].strip(), content, found
