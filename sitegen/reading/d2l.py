"""What d2lbook's Markdown has of reStructuredText, as *Dive into Deep Learning* is written -> labels and references of Pandoc's.

A label stands on a line below what it names, `:label:` and a name in backticks; its name says what that is, `sec_loss`.
"""

from __future__ import annotations

import re

_SIGNS = (":label:`", ":eqlabel:`", ":begin_tab:`")
_KINDS = {
    **dict.fromkeys(("sec", "subsec", "subsubsec", "chap", "chapter", "section"), "sec"),
    **dict.fromkeys(("fig", "img", "image"), "fig"),
    **dict.fromkeys(("tab", "table", "tbl"), "tbl"),
    "eq": "eq",
}
_FENCE = re.compile(r"[ \t>]*(`{3,}|~{3,})[^`]*")
_LABEL = re.compile(r"[ \t]*:(eq)?label:`([\w:.-]+)`[ \t]*")
_WIDTH = re.compile(r"[ \t]*:width:`(\d+)(?:px)?`[ \t]*")
_TAB = re.compile(r"[ \t]*:(?:begin_tab:`([^`]*)`|end_tab:)[ \t]*")
_MENTION = re.compile(r"(?<!`)(?<!\})[ \t]?:(numref|eqref):`([\w:.-]+)`")
_HEADING = re.compile(r" {0,3}#{1,6}[ \t].*[^}\s]")
_IMAGE = re.compile(r"[ \t]*!\[.*\]\([^()]*\)")


def with_labels(text: str) -> str:
    """Return a body whose labels and references are Pandoc's, in as many lines."""
    if not any(sign in text for sign in _SIGNS):
        return text
    lines = text.split("\n")
    end: re.Pattern[str] | None = None
    for number, line in enumerate(lines):
        if end:
            end = None if end.fullmatch(line) else end
            continue
        if fence := _FENCE.fullmatch(line):
            end = re.compile(rf"[ \t>]*{fence[1][0]}{{{len(fence[1])},}}[ \t]*")
        elif label := _LABEL.fullmatch(line):
            _name(lines, number, _label(label[2], "eq" if label[1] else ""))
        elif width := _WIDTH.fullmatch(line):
            _add(lines, number, _IMAGE, f"width={width[1]}")
        elif tab := _TAB.fullmatch(line):
            lines[number] = f'{{{{< details "{tab[1]}" >}}}}' if tab[1] else "{{< /details >}}"
        elif ":`" in line:
            lines[number] = _MENTION.sub(_mention, line)
    return "\n".join(lines)


def _label(name: str, kind: str = "") -> str:
    kind = kind or _KINDS.get(re.split(r"[_:-]", name)[0], "sec")
    return name if name.startswith(f"{kind}-") else f"{kind}-{name}"


def _mention(match: re.Match[str]) -> str:
    if match[1] == "numref" and re.split(r"[_:-]", match[2])[0] not in _KINDS:
        return match[0]
    before = match[0][: match[0].index(":")]
    if match[1] == "eqref":
        return f"{before}\\eqref{{{_label(match[2], 'eq')}}}"
    return f"{before}[@{_label(match[2])}]"


def _name(lines: list[str], number: int, label: str) -> None:
    """Give a label to the heading, image or formula above its line."""
    if label.startswith("eq-"):
        lines[number] = f"{{#{label}}}"
    elif not _add(lines, number, _HEADING, f"#{label}", " "):
        _add(lines, number, _IMAGE, f"#{label}")


def _add(lines: list[str], number: int, shape: re.Pattern[str], said: str, apart: str = "") -> bool:
    """Add an attribute to what stands above a line, which then says nothing; several may stand below one another."""
    above = next((n for n in range(number - 1, max(number - 5, -1), -1) if lines[n].strip()), number)
    found = shape.match(lines[above]) if above < number else None
    lines[number] = ""
    if not found:
        return False
    rest = lines[above][found.end() :].rstrip()
    lines[above] = (
        f"{found[0]}{rest[:-1]} {said}}}" if rest.startswith("{") else f"{lines[above].rstrip()}{apart}{{{said}}}"
    )
    return True
