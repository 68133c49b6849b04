"""What d2lbook's Markdown says of images, tables and tabs, as *Dive into Deep Learning* is written -> attributes and tags.

A label stands on a line below its image or table, or below the caption over a table, `:label:` and a name in backticks that
begins with `fig_`, `img_` or `tab_`. Labels of headings and formulas are read by `rules.references`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitegen.later import later
from sitegen.reading.code_lines import known_lines

if TYPE_CHECKING:
    import re

_SIGNS = (":label:`", ":begin_tab:`")
_OF_FIGURE = later(r"(?:fig|img|image)[_:-]")
_OF_TABLE = later(r"(?:tab|tbl|table)[_:-]")
_LABEL = later(r"[ \t]*:label:`([\w:.-]+)`[ \t]*")
_WIDTH = later(r"[ \t]*:width:`(\d+)(?:px)?`[ \t]*")
_TAB = later(r"[ \t]*:(?:begin_tab:`([^`]*)`|end_tab:)[ \t]*")
# After code that shows one.
_MENTION = later(r"(``+)(?!`).+?(?<!`)\1(?!`)|:numref:`((?:fig|img|image|tab|tbl|table)[_:-][\w:.-]+)`")
_FOR_SLIDES = later(r"[\[(](\*\*|~~)((?:(?!\*\*|~~|\n[ \t]*\n|```)(?s:.))+)\1[\])](?![\[(])")
"""What stands on slides too, `[**so**]`, and on them alone, `(~~so~~)`."""
_IMAGE = later(r"[ \t]*!\[.*\]\([^()]*\)")


def with_labels(text: str) -> str:
    """Return a body whose labels and references are Pandoc's, in as many lines."""
    if not any(sign in text for sign in _SIGNS):
        return text
    lines = text.split("\n")
    for number, line, code in known_lines(lines):
        if code:
            continue
        if label := _LABEL.fullmatch(line):
            if _OF_FIGURE.match(label[1]):
                _add(lines, number, _IMAGE, f"#{_label(label[1])}")
            elif _OF_TABLE.match(label[1]):
                _name_table(lines, number, _label(label[1]))
        elif width := _WIDTH.fullmatch(line):
            _add(lines, number, _IMAGE, f"width={width[1]}")
        elif tab := _TAB.fullmatch(line):
            lines[number] = f'{{{{< details "{tab[1]}" >}}}}' if tab[1] else "{{< /details >}}"
        elif ":`" in line:
            lines[number] = _MENTION.sub(lambda mention: f"[@{_label(mention[2])}]" if mention[2] else mention[0], line)
    return _FOR_SLIDES.sub(_of_page, "\n".join(lines))


def _of_page(marked: re.Match[str]) -> str:
    return f"**{marked[2]}**" if marked[1] == "**" else "\n" * marked[2].count("\n")


def _label(name: str) -> str:
    kind = "tbl-" if _OF_TABLE.match(name) else "fig-"
    return name if name.startswith(kind) else f"{kind}{name}"


def _name_table(lines: list[str], number: int, label: str) -> None:
    """Give a label to the caption on the lines above it, or above the table that it stands below, which may have none."""
    last = number - 1
    while last > 0 and lines[last].startswith("|"):
        last -= 1
    last -= last > 0 and last < number - 1 and not lines[last].strip()
    first = last
    while first > 0 and lines[first].strip() and not lines[first].startswith(":"):
        first -= 1
    if last >= 0 and lines[first].startswith(":") and not lines[first].startswith(":::"):
        lines[last] = f"{lines[last].rstrip()} {{#{label}}}"
        lines[first] = f": {lines[first][1:].lstrip()}"
        lines[number] = ""
    elif number and lines[number - 1].startswith("|"):
        lines[number] = f": {{#{label}}}"


def _add(lines: list[str], number: int, shape: re.Pattern[str], said: str) -> None:
    """Add an attribute to what stands above a line, which then says nothing; several may stand below one another."""
    above = next((n for n in range(number - 1, max(number - 5, -1), -1) if lines[n].strip()), number)
    found = shape.match(lines[above]) if above < number else None
    if found:
        rest = lines[above][found.end() :].rstrip()
        goes_on = rest.startswith("{")
        lines[above] = f"{found[0]}{rest[:-1]} {said}}}" if goes_on else f"{lines[above].rstrip()}{{{said}}}"
        lines[number] = ""
