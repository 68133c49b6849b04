r"""Numbers of formulas by the rules of AMS: which rows of a display bear one, and TeX in which each is an explicit `\tag`.

KaTeX itself numbers by counters of CSS, which no reference can reach and no feed shows.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from sitegen.later import later
from sitegen.tex import group_end

if TYPE_CHECKING:
    from sitegen.model import Formula
    from sitegen.tex import Edit

BY_ROW = frozenset({"align", "gather", "alignat", "flalign", "eqnarray"})
AS_ONE = frozenset({"equation", "multline"})
REFERENCES = frozenset({"ref", "eqref", "cref", "Cref", "autoref"})
_TOKEN = later(
    r"(?P<comment>(?<!\\)%[^\n]*)|\\(?P<edge>begin|end)\s*\{(?P<name>[a-zA-Z]+)(?P<star>\*?)\}"
    r"|\\(?P<command>label|tag\*?|ref|eqref|[cC]ref|autoref)\s*(?=\{)|\\(?P<none>notag|nonumber)(?![a-zA-Z])"
    r"|(?P<break>(?:\\\\){1,3}|\\(?:newline|cr)(?![a-zA-Z]))|\\[a-zA-Z]+|\\.|(?P<brace>[{}])",
    re.DOTALL,
)
_NOTABLE = later(r"\\(?:begin|end|label|tag|ref|eqref|[cC]ref|autoref|notag|nonumber)")
_COMMAND = later(r"\\([a-zA-Z]+)\s*")
_OF_ADDRESS = later(r"[#%]")
_ESCAPED = r"\\\g<0>"
_SIGNS = {"ast": "*", "star": "\u22c6", "dagger": "†", "dag": "†", "ddagger": "‡", "ddag": "‡", "S": "§", "P": "¶"}


class Row(Struct):
    r"""A row of a display that may bear a number. end: where its `\tag` goes. tag: the author's own, or None.

    labels: of this row. automatic: whether it takes the next number.
    """

    labels: list[str] = []
    tag: str | None = None
    starred: bool = False
    automatic: bool = False
    end: int = 0


class Plan(Struct, frozen=True):
    """How a formula is numbered.

    edits: what is taken out of its TeX. references: (start, end, command, labels). group: the labels of `subequations`,
    whose rows share a number and are told apart by letters; None without that environment.
    """

    rows: tuple[Row, ...]
    edits: tuple[Edit, ...]
    references: tuple[tuple[int, int, str, str], ...]
    group: tuple[str, ...] | None


def plan_numbers(formula: Formula) -> Plan:
    """Return the rows of a formula, in order; the one label of a whole formula makes it one row."""
    reader = _Reader(formula.tex)
    rows = reader.read()
    named = bool(formula.label)
    if len(rows) > 1 and named:
        tags = [row.tag for row in rows if row.tag is not None]
        rows = [Row([label for row in rows for label in row.labels], tags[0] if tags else None)]
        rows[0].end = len(formula.tex)
    if named:
        rows[0].labels.insert(0, formula.label)
    for row in rows:
        row.automatic = row.tag is None and formula.display and (row.automatic or bool(row.labels))
    group = None if reader.group is None else tuple(reader.group.labels)
    return Plan(tuple(rows), tuple(reader.edits), tuple(reader.references), group)


def write_numbers(formula: Formula) -> list[Edit]:
    r"""Return the edits that turn a formula's TeX into what KaTeX shall set: `\tag`s for numbers, links for references."""
    plan = plan_numbers(formula)
    edits = list(plan.edits)
    numbers = iter(formula.numbers)
    for row in plan.rows:
        number = next(numbers, None) if row.automatic else None
        if number is not None:
            newline = "\n" if "%" in formula.tex[formula.tex.rfind("\n", 0, row.end) + 1 : row.end] else ""
            edits.append((row.end, row.end, f"{newline}\\tag{{{number}}}"))
    known = {label: (anchor, number) for label, anchor, number in formula.references}
    for start, end, command, labels in plan.references:
        links = []
        for label in labels.split(","):
            anchor, number = known.get(label, ("", "?"))
            shown = f"({number})" if command == "eqref" else number
            href = anchor if "#" in anchor else f"#{anchor}"  # in another post, or here
            links.append(f"\\href{{{_OF_ADDRESS.sub(_ESCAPED, href)}}}{{\\text{{{shown}}}}}")
        edits.append((start, end, ", ".join(links)))
    return sorted(edits)


def shown_numbers(formula: Formula) -> list[str]:
    """Return the numbers that a formula shows, row by row, as in `(2)`."""
    numbers = iter(formula.numbers)
    shown = []
    for row in plan_numbers(formula).rows:
        if row.tag is not None:
            shown.append(row.tag if row.starred else f"({row.tag})")
        elif row.automatic:
            shown.append(f"({next(numbers, '?')})")
    return [_COMMAND.sub(lambda match: _SIGNS.get(match[1], ""), text.replace("$", "")) for text in shown]


class _Reader:
    """Reads TeX once, left to right."""

    def __init__(self, tex: str) -> None:
        self._tex = tex
        self._whole = Row()
        self._rows: list[Row] = []
        self._row: Row | None = None  # of the numbering environment that is open
        self._outer: tuple[str, int, int, bool] | None = None  # its name, and how deep it stands
        self._environments = 0
        self._braces = 0
        self._blank_from = 0  # where the row begins
        self._tag = 0, 0  # where the last tag stands
        self.group: Row | None = None
        self.edits: list[Edit] = []
        self.references: list[tuple[int, int, str, str]] = []

    def read(self) -> list[Row]:
        position = 0 if _NOTABLE.search(self._tex) else len(self._tex)
        while match := _TOKEN.search(self._tex, position):
            position = match.end()
            if match["edge"]:
                self._edge(match)
            elif match["brace"]:
                self._braces += 1 if match["brace"] == "{" else -1
            elif match["break"]:
                self._break(match)
            elif match["none"]:
                self._here().automatic = False
                self._cut(match.start(), position)
            elif match["command"]:
                position = self._command(match)
        self._whole.end = len(self._tex.rstrip())
        if self._rows and self._whole.tag is not None:
            self._move_tag()
        return self._rows or [self._whole]

    def _move_tag(self) -> None:
        r"""Give the tag before an environment, `$$\tag{1} \begin{align}`, to its last row, as the one number that it has."""
        for row in self._rows:
            row.automatic = False
        start, end = self._tag
        last = self._rows[-1]
        last.tag, last.starred = self._whole.tag, self._whole.starred
        self._cut(start, end)
        self.edits.append((last.end, last.end, self._tex[start:end]))

    def _here(self) -> Row:
        return self._row or self.group or (self._rows[-1] if self._rows else self._whole)

    def _edge(self, match: re.Match[str]) -> None:
        name = match["name"]
        if name == "subequations":
            self.group = self.group or Row()
            self._cut(match.start(), match.end())
            return
        if match["edge"] == "begin":
            if self._outer is None and name in BY_ROW | AS_ONE:
                self._outer = (name + match["star"], self._environments, self._braces, not match["star"])
                self._begin_row(match.end())
            self._environments += 1
            return
        self._environments -= 1
        if self._outer and self._outer[:2] == (name + match["star"], self._environments):
            self._end_row(match.start(), last=True)
            self._outer = None

    def _break(self, match: re.Match[str]) -> None:
        if self._outer is None or self._outer[0].rstrip("*") not in BY_ROW:
            return
        if (self._environments - 1, self._braces) == self._outer[1:3]:
            self._end_row(match.start(), last=False)
            self._begin_row(match.end())

    def _begin_row(self, position: int) -> None:
        self._row = Row(automatic=self._outer is not None and self._outer[3])
        self._blank_from = position

    def _end_row(self, position: int, *, last: bool) -> None:
        r"""Close the open row; an empty one after the last `\\` is none, in KaTeX as in MathJax."""
        row = self._row
        self._row = None
        if row is None or (last and self._rows and not self._tex[self._blank_from : position].strip()):
            return
        row.end = position
        self._rows.append(row)

    def _command(self, match: re.Match[str]) -> int:
        end = group_end(self._tex, match.end())
        if end is None:
            return match.end()
        content = self._tex[match.end() + 1 : end - 1]
        command = match["command"]
        if command == "label":
            self._here().labels += [content] * bool(content.strip())
            self._cut(match.start(), end)
        elif command in REFERENCES:
            self.references.append((match.start(), end, command, content))
        else:
            self._here().tag, self._here().starred = content, command == "tag*"
            self._tag = match.start(), end
        return end

    def _cut(self, start: int, end: int) -> None:
        self.edits.append((start, end, ""))
