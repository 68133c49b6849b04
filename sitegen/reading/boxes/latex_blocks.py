r"""LaTeX's lists and headings among Markdown: `\begin{itemize}` with `\item`, `\section{Title}` on a line of its own.

An item holds Markdown from its `\item` to the next, wherever on their lines these stand; how it is indented says nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import chain
from typing import TYPE_CHECKING

from sitegen.later import later
from sitegen.reading.block_lines import line_start, push_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it.rules_block import StateBlock
    from markdown_it.token import Token

_LISTS = {"item": "bullet_list ul", "enum": "ordered_list ol", "desc": "dl dl"}
_NAME = r"\{(?:compact|inpara|aspara)?(item|enum|desc)(?:ize|erate|ription)?\*?\}"
"""The environments of lists, those of paralist too."""
_BEGIN = later(rf"\\begin{_NAME}[ \t]*(?:\[([^\]\n]*)\])?")
_PART = later(
    r"(?P<code>`+)(?!`)(?:(?!(?P=code)).)*(?P=code)(?!`)"
    rf"|\\(?P<tag>begin|end){_NAME}|\\item(?![a-zA-Z])[ \t]*(?:\[(?P<label>[^\]\n]*)\][ \t]*)?",
    re.DOTALL,
)
_STYLES = later(r"\\(alph|Alph|roman|Roman)\b|(?<![\w\\])([aAiI])(?!\w)")
_TYPES = {"alph": "a", "Alph": "A", "roman": "i", "Roman": "I"}
_START = later(r"\bstart[ \t]*=[ \t]*(\d+)")
_HEADING = later(
    r"\\(chapter|section|subsection|subsubsection)(\*?)[ \t]*\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})+)\}[ \t]*((?:\\label\{[^{}]+\}[ \t]*)?)"
)
_LEVELS = {"chapter": 2, "section": 2, "subsection": 3, "subsubsection": 4}
_MOST_OPEN = 20  # lists of a post that never end: from then on none is looked for
_LONGEST = 100_000  # signs of one list, so that one that never ends is not looked for in a whole book


def latex_block(state: StateBlock, start: int, end: int, *, silent: bool) -> bool:
    """Read a list or a heading that begins on a line with a backslash."""
    begin = line_start(state, start)
    if state.src.startswith("\\begin", begin):
        opening = _BEGIN.match(state.src, begin, state.eMarks[start])
        return opening is not None and _list(state, start, end, opening, silent=silent)
    if not state.src.startswith(("\\sec", "\\sub", "\\cha"), begin):
        return False
    heading = _HEADING.fullmatch(state.src, begin, state.eMarks[start])
    if heading is None:
        return False
    if not silent:
        _write_heading(state, start, heading)
    return True


def _write_heading(state: StateBlock, line: int, match: re.Match[str]) -> None:
    level = _LEVELS[match[1]]
    token = state.push("heading_open", f"h{level}", 1)
    token.markup, token.map = "#" * level, [line, line + 1]
    text = f"{match[3].strip()}{match[4].rstrip()}{' {.unnumbered}' * bool(match[2])}"
    push_text(state, text, line, line + 1)
    state.push("heading_close", f"h{level}", -1).markup = "#" * level
    state.line = line + 1


def _list(state: StateBlock, start: int, end: int, opening: re.Match[str], *, silent: bool) -> bool:
    failed: dict[str, int] = state.env.setdefault("open_latex_lists", {"count": 0})
    most = min(state.eMarks[end - 1], opening.start() + _LONGEST)
    found = _items(state.src, opening.end(), most) if failed["count"] < _MOST_OPEN else None
    if found is None:
        failed["count"] += 1
        return False
    items, after = found
    last = _line_of(state, after, (start, end - 1))
    if state.src[after : state.eMarks[last]].strip() or not items:
        return False
    if any(state.sCount[line] < 0 for line in range(start, last + 1)):
        return False  # a quote or list around it has ended
    if not silent:
        _write_list(state, (start, last), opening, items)
        state.line = last + 1
    return True


def _items(text: str, start: int, end: int) -> tuple[list[tuple[str | None, int, int]], int] | None:
    r"""Return ((label, start, end) of each item, the end of the list's last tag); None where the list does not end."""
    marks: list[tuple[str | None, int, int]] = []  # (label, start of the mark, start of the text)
    depth = 1
    for part in _PART.finditer(text, start, end):
        if part["tag"]:
            depth += 1 if part["tag"] == "begin" else -1
            if not depth:
                stops = [*(mark[1] for mark in marks[1:]), part.start()]
                return [(mark[0], mark[2], stop) for mark, stop in zip(marks, stops, strict=False)], part.end()
        elif depth == 1 and not part["code"]:
            marks.append((part["label"], part.start(), part.end()))
    return None


def _write_list(
    state: StateBlock, lines: tuple[int, int], opening: re.Match[str], items: list[tuple[str | None, int, int]]
) -> None:
    name, tag = _LISTS[opening[1]].split()
    token = state.push(f"{name}_open", tag, 1)
    token.map, token.block = [lines[0], lines[1] + 1], True
    token.attrs.update(_numbering(opening[2] or "") if tag == "ol" else {})
    paragraphs: list[list[Token]] = []
    for label, start, stop in items:
        item, element = ("list_item", "li") if tag != "dl" else ("dd", "dd")
        line = _line_of(state, start, lines)
        if tag == "dl":
            state.push("dt_open", "dt", 1).map = [line, line + 1]
            push_text(state, label or "", line, line + 1)
            state.push("dt_close", "dt", -1)
        state.push(f"{item}_open", element, 1).map = [line, _line_of(state, stop, lines) + 1]
        held = len(state.tokens)
        _read_item(state, line, _line_of(state, stop, lines), start, stop)
        if label and tag != "dl":
            _label(state, state.tokens[held:], label, line)
        paragraphs.append(list(_paragraphs(state.tokens[held:], state.level)))
        state.push(f"{item}_close", element, -1)
    if all(len(found) <= 2 for found in paragraphs):  # one in each item, opened and closed
        for paragraph in chain(*paragraphs):
            paragraph.hidden = True
    state.push(f"{name}_close", tag, -1)


def _numbering(options: str) -> dict[str, str | int | float]:
    r"""Return the attributes of a list with `[label=(\alph*), start=3]`, or `[(a)]` as older papers have it."""
    style, first = _STYLES.search(options), _START.search(options)
    found: dict[str, str | int | float] = {"type": _TYPES.get(style[1], style[2])} if style else {}
    return {**found, "start": int(first[1])} if first else found


def _read_item(state: StateBlock, first: int, last: int, start: int, stop: int) -> None:
    """Read what an item holds. Note: for that time its lines begin and end where the item does.

    They are indented against the one of them that is least, LaTeX's own tags not at all.
    """
    kept = [(state.bMarks[n], state.tShift[n], state.sCount[n], state.eMarks[n]) for n in range(first, last + 1)]
    texts = [n for n in range(first + 1, last + 1) if not state.isEmpty(n) and line_start(state, n) < stop]
    below = [state.sCount[line] for line in texts]
    indent, state.blkIndent = state.blkIndent, max(min(below, default=0), state.blkIndent)
    for line in texts:
        if state.src.startswith(("\\begin", "\\end", "\\item", "\\["), line_start(state, line)):
            state.sCount[line] = min(state.sCount[line], state.blkIndent)
    state.bMarks[first], state.tShift[first], state.sCount[first] = start, 0, state.blkIndent
    state.eMarks[last] = max(stop, state.bMarks[last])
    state.tShift[last] = min(state.tShift[last], state.eMarks[last] - state.bMarks[last])
    kind, most, state.parentType = state.parentType, state.lineMax, "list"
    state.lineMax = last + 1
    state.md.block.tokenize(state, first, last + 1)
    state.parentType, state.lineMax, state.blkIndent = kind, most, indent
    for line, marks in enumerate(kept, first):
        state.bMarks[line], state.tShift[line], state.sCount[line], state.eMarks[line] = marks


def _label(state: StateBlock, inner: list[Token], label: str, line: int) -> None:
    """Put an item's own label before its text, as LaTeX does in place of a bullet."""
    if len(inner) > 1 and inner[0].type == "paragraph_open":
        inner[1].content = f"**{label.strip()}** {inner[1].content}" if label.strip() else inner[1].content
    elif label.strip():
        place = len(state.tokens) - len(inner)
        push_text(state, f"**{label.strip()}**", line, line + 1)
        state.tokens.insert(place, state.tokens.pop())


def _line_of(state: StateBlock, position: int, lines: tuple[int, int]) -> int:
    return bisect_left(state.eMarks, position, lines[0], lines[1])


def _paragraphs(tokens: list[Token], level: int) -> Iterator[Token]:
    return (token for token in tokens if token.level == level and token.type in {"paragraph_open", "paragraph_close"})
