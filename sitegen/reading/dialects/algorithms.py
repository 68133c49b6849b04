r"""LaTeX's `\begin{algorithmic}` -> numbered lines of Markdown, as pseudocode.js and algpseudocode write them.

Commands may be spelled `\STATE` or `\State`. What is inside of them is text with formulas, which is read as any other.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from sitegen.labels import id_attribute, normal_label
from sitegen.later import later
from sitegen.model import Number
from sitegen.tex import group_end

if TYPE_CHECKING:
    from sitegen.errors import Location
    from sitegen.reading.context import Reading

NAMES = frozenset({"pseudo", "pseudocode", "algorithm", "algorithmic", "pcode", "{pseudocode}", "{pcode}"})
"""Fences that may hold one."""

_BEGINS = {
    "procedure": "**procedure**",
    "function": "**function**",
    "if": "**if** {} **then**",
    "for": "**for** {} **do**",
    "forall": "**for all** {} **do**",
    "foreach": "**for each** {} **do**",
    "while": "**while** {} **do**",
    "repeat": "**repeat**",
    "loop": "**loop**",
}
_GOES_ON = {"else": "**else**", "elsif": "**else if** {} **then**", "elseif": "**else if** {} **then**"}
_ENDS = {f"end{name}": f"**end {'for' if name in {'forall', 'foreach'} else name}**" for name in _BEGINS}
_ENDS["until"] = "**until** {}"
_LINES = {
    "state": "",
    "statex": "",
    "statep": "",
    "require": "**Require:** ",
    "ensure": "**Ensure:** ",
    "input": "**Input:** ",
    "output": "**Output:** ",
    "return": "**return** ",
    "print": "**print** ",
}
_WORDS = {
    **{name: f"**{name}**" for name in ("and", "or", "not", "to", "break", "continue", "true", "false")},
    "downto": "**down to**",
    "gets": "←",
    "leftarrow": "←",
    "return": "**return**",
}
_NOT_NUMBERED = {"require", "ensure", "input", "output", "statex"}
_ARGUMENTS = {"procedure": 2, "function": 2, "repeat": 0, "loop": 0, "else": 0}
_STRUCTURE = later(
    rf"\\({'|'.join(sorted({*_BEGINS, *_GOES_ON, *_ENDS, *_LINES}, key=len, reverse=True))})(?![A-Za-z])", re.IGNORECASE
)
_WORD = later(rf"\$[^$]*\$|\\({'|'.join(_WORDS)})(?![A-Za-z])", re.IGNORECASE)
_CAPTION = later(r"\\caption\s*(?=\{)")
_LABEL = later(r"\\label\s*\{([^{}\n]*)\}")
_OPTION = later(r"^[ \t]*(?:#\||:)[ \t]*([\w-]+)[ \t]*:[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_COMMENT = later(r"(?<!\\)%[^\n]*")
_CALLS = later(r"\\(call|comment|tcp|textproc)\s*(?=\{)", re.IGNORECASE)
_EDGE = later(r"\\(?:begin|end)\{algorithm(?:ic|2e)?\*?\}(?:\[[^\]\n]*\])?|\\(?:footnotesize|small|centering)\b")


_PRE = later(
    r"""^([ \t]*)<pre\b[^<>\n]*\bclass=["']?pseudocode\b[^<>\n]*>[ \t]*\n((?:(?![ \t]*</?pre\b)[^\n]*\n)+?)[ \t]*</pre>[ \t]*$""",
    re.MULTILINE,
)


class _Line(Struct):
    """A line: how deep it stands, its text, whether it counts. Note: mutable while it is read."""

    depth: int
    text: str
    counts: bool = True


class _Algorithm(Struct):
    """What is read of one. Note: mutable."""

    caption: str = ""
    label: str = ""
    lines: list[_Line] = []


def fenced_algorithms(text: str) -> str:
    """Return a body whose elements `<pre class="pseudocode">` around an algorithm are fences, in as many lines."""
    if "pseudocode" not in text or "<pre" not in text:
        return text
    return _PRE.sub(r"\1```pseudocode\n\2\1```", text)


def is_algorithm(text: str) -> bool:
    """Whether a text is LaTeX's and no pseudo-code of somebody's own."""
    return "\\begin{algorithm" in text


def render_algorithm(text: str, reading: Reading, place: Location) -> str:
    """Return an algorithm as a figure with a number, whose lines are a list."""
    found = _read(text)
    before, reading.dollars = reading.dollars, "spaced"  # in an algorithm nobody means money
    rows = []
    for line in found.lines:
        kind = "" if line.counts else ' class="not-counted"'
        html = reading.render_inline(line.text, reading)
        rows.append(f'<li{kind} style="--depth: {line.depth}">{html}</li>')
    label = normal_label(found.label) if found.label else ""
    anchor = id_attribute(label)
    caption = f" {reading.render_inline(found.caption, reading)}" if found.caption else ""
    reading.dollars = before
    head = f"<figcaption>{reading.hole(Number('alg', label, place))}{caption}</figcaption>"
    return f'<figure class="figure of-algorithm"{anchor}>\n{head}\n<ol>{"".join(rows)}</ol>\n</figure>\n'


def _read(text: str) -> _Algorithm:
    found = _Algorithm()
    options = dict(_OPTION.findall(text))
    text = _COMMENT.sub("", _OPTION.sub("", text))
    label = _LABEL.search(text)
    found.label = options.get("label", "").strip("\"'") or (label[1] if label else "")
    text = _EDGE.sub("", _LABEL.sub("", text))
    if caption := _CAPTION.search(text):
        found.caption, end = _group(text, caption.end())
        found.caption = " ".join(found.caption.split())
        text = text[: caption.start()] + text[end:]
    depth = position = 0
    line: _Line | None = None
    while match := _STRUCTURE.search(text, position):
        name = match[1].lower()
        between = text[position : match.start()]
        if line is not None:
            line.text += between
        if name == "return" and line is not None and not line.text.strip():  # `\State \Return x`
            line.text = "**return** "
            position = match.end()
            continue
        arguments, position = _arguments(text, match.end(), name)
        if name in _LINES:
            line = _Line(depth, _LINES[name], name not in _NOT_NUMBERED)
        else:
            depth -= name in _ENDS or name in _GOES_ON
            shape = {**_BEGINS, **_GOES_ON, **_ENDS}[name]
            line = _Line(max(depth, 0), _said(name, shape, arguments))
            depth = max(depth, 0) + (name in _BEGINS or name in _GOES_ON)
        found.lines.append(line)
    if line is not None:
        line.text += text[position:]
    for line in found.lines:
        line.text = _plain(line.text)
    return found


def _said(name: str, shape: str, arguments: list[str]) -> str:
    if _ARGUMENTS.get(name) == 2:
        return f"{shape} \\textsc{{{arguments[0]}}}({arguments[1]}) "
    return shape.replace("{}", arguments[0] if arguments else "") + " "


def _arguments(text: str, position: int, name: str) -> tuple[list[str], int]:
    """Return what stands in the braces behind a command, of which those of a line have none."""
    if name in _LINES or (name in _ENDS and name != "until"):
        return [], position
    found: list[str] = []
    for _ in range(_ARGUMENTS.get(name, 1)):
        start = len(text) - len(text[position:].lstrip())
        if not text.startswith("{", start):
            found.append("")
            continue
        inner, position = _group(text, start)
        found.append(inner)
    return found, position


def _group(text: str, start: int) -> tuple[str, int]:
    """Return what is between the braces that open at `start`, and where it ends; all where they are never closed."""
    end = group_end(text, start)
    return (text[start + 1 : end - 1], end) if end else (text[start + 1 :], len(text))


def _plain(text: str) -> str:
    """Return the text of a line as Markdown."""
    while match := _CALLS.search(text):
        inner, end = _group(text, match.end())
        if match[1].lower() == "call":
            arguments, end = _group(text, end) if text.startswith("{", end) else ("", end)
            said = f"\\textsc{{{inner}}}({arguments})"
        elif match[1].lower() == "textproc":
            said = f"\\textsc{{{inner}}}"
        else:
            said = f" \\emph{{▷ {inner}}}"
        text = text[: match.start()] + said + text[end:]
    text = " ".join(text.split()).removesuffix("\\;")
    if text.startswith("{") and _group(text, 0)[1] == len(text):
        text = text[1:-1]
    return _WORD.sub(lambda word: _WORDS[word[1].lower()] if word[1] else word[0], text)
