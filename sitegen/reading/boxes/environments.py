r"""LaTeX's theorems among Markdown, `\begin{theorem}[Title]\label{thm:x}` ... `\end{theorem}`, which become containers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sitegen.reading.attributes import Attributes
from sitegen.reading.boxes.containers import Container, hold
from sitegen.reading.boxes.theorems import KINDS, UNNUMBERED

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock

_LABEL = r"\\label\{(?P<label>[^{}\n]+)\}"
_BEGIN = re.compile(
    rf"\\begin\{{(?P<name>{'|'.join([*KINDS, *UNNUMBERED])})(?P<star>\*?)\}}[ \t]*(?:\[(?P<title>[^\]\n]*)\])?[ \t]*(?:{_LABEL})?[ \t]*"
)
_LABEL_ALONE = re.compile(rf"{_LABEL}[ \t]*")


_ALGORITHM = re.compile(r"\\begin\{(algorithm(?:ic)?\*?)\}")


def algorithm_environment(state: StateBlock, start: int, end: int, *, silent: bool) -> bool:
    """Read an algorithm that stands among text as if it stood in a fence of that name."""
    match = _ALGORITHM.match(state.src, state.bMarks[start] + state.tShift[start], state.eMarks[start])
    last = _last_line(state, start, end, match[1]) if match else None
    if last is None:
        return False
    content = state.getLines(start, last + 1, state.blkIndent, keepLastLF=True)
    if "\\begin{algorithmic" not in content:
        return False  # in words of its own: a theorem's kin
    if not silent:
        token = state.push("fence", "code", 0)
        token.info, token.content, token.markup, token.map = "pseudocode", content, "```", [start, last + 1]
        state.line = last + 1
    return True


def theorem_environment(state: StateBlock, start: int, end: int, *, silent: bool) -> bool:
    """Read a theorem or proof that begins on a line; its text may stand on the lines of its tags."""
    begin = state.bMarks[start] + state.tShift[start]
    match = _BEGIN.match(state.src, begin, state.eMarks[start])
    if not match:
        return False
    name = f"{match['name']}{match['star']}"
    last = _last_line(state, start, end, name)
    if last is None:
        return False
    if silent:
        return True
    container = Container(match["name"], match["title"] or "", given=Attributes(match["label"] or ""), text=match[0])
    if match["star"]:
        container.given.classes.append("unnumbered")
    first = start
    if not state.src[match.end() : state.eMarks[start]].strip():
        first += 1
        line = state.src[state.bMarks[first] + state.tShift[first] : state.eMarks[first]] if first < last else ""
        if label := _LABEL_ALONE.fullmatch(line):
            container.given.id = label["label"]
            first += 1
    else:  # Note: moves the beginning of the line, so that the text behind the tag is read
        state.bMarks[start], state.tShift[start], state.sCount[start] = match.end(), 0, state.blkIndent
    close = state.src.rfind(f"\\end{{{name}}}", state.bMarks[last], state.eMarks[last])
    before, state.eMarks[last] = state.eMarks[last], close
    has_text = bool(state.src[state.bMarks[last] + state.tShift[last] : close].strip())
    hold(state, container, start, first, last + has_text)
    state.eMarks[last] = before
    state.line = last + 1
    return True


def _last_line(state: StateBlock, start: int, end: int, name: str) -> int | None:
    """Return the line with the end tag of the environment that begins on line `start`; what never ends is looked for once."""
    missing: set[tuple[str, int]] = state.env.setdefault("environments", set())
    if (name, end) in missing:
        return None
    depth = 0
    for line in range(start, end):
        if state.sCount[line] < state.blkIndent and not state.isEmpty(line):
            break
        text = state.src[state.bMarks[line] : state.eMarks[line]]
        depth += text.count(f"\\begin{{{name}}}") - text.count(f"\\end{{{name}}}")
        if depth <= 0:
            return line if not text.rpartition("}")[2].strip() else None
    missing.add((name, end))
    return None
