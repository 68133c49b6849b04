r"""Where what begins in a text ends: code spans, dollars, brackets, environments, found once for the whole text.

Looking for each end from each beginning takes time that grows with the square of what is never closed; here every question
is a look-up in what one pass over the text has noted.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cached_property, lru_cache

_SIGNS = re.compile(r"\\.|`+|[{}$]|\n(?=[ \t]*\n)", re.DOTALL)
_TO_DOLLAR = re.compile(r"[^$`\n\\]*+(?:\\[^{}\n][^$`\n\\]*+)*+(?=\$)")  # within a line, and no brace is escaped
_TO_DOLLARS = re.compile(rf"{_TO_DOLLAR.pattern}(?=\$\$)")
_VALUE = re.compile(r"`+\{python\}\s+[^\s`]")
_EDGES = re.compile(r"\\(begin|end)\{([a-zA-Z]+\*?)\}")
_BLANK_LINE = re.compile(r"\n(?=[ \t]*\n)")


_LONG = 10_000  # characters
_FEW = 4
_recent: dict[int, Endings] = {}


def endings(text: str) -> Endings:
    """Return the endings of a text; the same text is asked about many times while it is read.

    A long one is known by where it lies in memory: to compare it with an equal text takes as long as it is.
    """
    if len(text) < _LONG:
        return _of_short(text)
    found = _recent.get(id(text))
    if found is None:
        if len(_recent) == _FEW:
            _recent.clear()
        found = _recent[id(text)] = Endings(text)
    return found


@lru_cache(maxsize=16)
def _of_short(text: str) -> Endings:
    return Endings(text)


class Endings:
    """What one pass over a text has noted."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._closings: dict[str, list[int]] = {}

    def after_code(self, start: int) -> int:
        """Return where the code span that begins at `start` ends, or just after its backticks when it never does."""
        end = start
        while self._text.startswith("`", end):
            end += 1
        runs = self._runs.get(end - start, [])
        found = bisect_left(runs, end)
        return runs[found] + (end - start) if found < len(runs) else end

    def dollars(self, inner: int, *, double: bool) -> int | None:
        r"""Return where the dollars stand that close those just before `inner`, or None.

        Dollars inside braces belong to the formula, as in `$\text{if $x>0$}$`, unless its braces do not balance.
        A code span cannot begin inside a formula, but an inline value can; a blank line ends it.
        """
        near = (_TO_DOLLARS if double else _TO_DOLLAR).match(self._text, inner) if not self._has_code else None
        if near and ("{" not in (tex := near[0]) or tex.count("{") <= tex.count("}")):
            return near.end()
        positions, depths, barriers = self._dollars
        candidates, lower = self._double if double else self._single
        event = bisect_left(positions, inner)
        outside = depths[event - 1] if event and positions[event - 1] == inner - 1 else None
        wall = bisect_left(barriers, inner)
        end = barriers[wall] if wall < len(barriers) else len(self._text)
        found = bisect_left(candidates, event)
        first = candidates[found] if found < len(candidates) else None
        if first is None or positions[first] >= end:
            return None
        if outside is None:
            return positions[first]
        nearest: int | None = found
        while nearest is not None and depths[candidates[nearest]] > outside:
            nearest = lower[nearest]
        if nearest is None or positions[candidates[nearest]] >= end:
            return positions[first]
        return positions[candidates[nearest]]

    def closing(self, sign: str, start: int) -> int | None:
        r"""Return where `sign` stands first from `start` on, not after a backslash of its own; None after a blank line."""
        if sign not in self._closings:
            escaped = "" if sign.startswith("\\\\") else r"(?<!\\)"
            self._closings[sign] = [m.start() for m in re.finditer(escaped + re.escape(sign), self._text)]
        places = self._closings[sign]
        found = bisect_left(places, start)
        if found == len(places) or self.has_blank_line(start, places[found]):
            return None
        return places[found]

    def bracket(self, start: int) -> int | None:
        """Return where the square bracket closes that opens at `start`, or None."""
        return self._brackets.get(start)

    def environment(self, start: int) -> int | None:
        r"""Return where the `\end` of the `\begin` at `start` ends, or None."""
        return self._environments.get(start)

    def has_blank_line(self, start: int, end: int) -> bool:
        """Whether a blank line stands between two places."""
        found = bisect_left(self._blanks, start)
        return found < len(self._blanks) and self._blanks[found] < end

    @cached_property
    def _has_code(self) -> bool:
        return "`" in self._text

    @cached_property
    def _blanks(self) -> list[int]:
        return [match.start() for match in _BLANK_LINE.finditer(self._text)]

    @cached_property
    def _runs(self) -> dict[int, list[int]]:
        """Runs of backticks by their length."""
        runs: dict[int, list[int]] = {}
        for match in re.finditer(r"`+", self._text):
            runs.setdefault(len(match[0]), []).append(match.start())
        return runs

    @cached_property
    def _brackets(self) -> dict[int, int]:
        partners: dict[int, int] = {}
        opened: list[int] = []
        for match in re.finditer(r"\\.|[\[\]]", self._text, re.DOTALL):
            if match[0] == "[":
                opened.append(match.start())
            elif match[0] == "]" and opened:
                partners[opened.pop()] = match.start()
        return partners

    @cached_property
    def _environments(self) -> dict[int, int]:
        ends: dict[int, int] = {}
        opened: dict[str, list[int]] = {}
        for match in _EDGES.finditer(self._text):
            if match[1] == "begin":
                opened.setdefault(match[2], []).append(match.start())
            elif opened.get(match[2]):
                ends[opened[match[2]].pop()] = match.end()
        return ends

    @cached_property
    def _dollars(self) -> tuple[list[int], list[int], list[int]]:
        """Where dollars stand, how deep in braces, and the barriers that no formula crosses."""
        positions: list[int] = []
        depths: list[int] = []
        barriers: list[int] = []
        depth = position = 0
        while match := _SIGNS.search(self._text, position):
            position = match.end()
            sign = match[0]
            if sign == "$":
                positions.append(match.start())
                depths.append(depth)
            elif sign == "{":
                depth += 1
            elif sign == "}":
                depth -= 1
            elif sign == "\n":
                barriers.append(match.start())
            elif sign[0] == "`":
                after = self.after_code(match.start())
                if after > position and _VALUE.match(self._text, match.start()):
                    position = after
                elif after > position and len(sign) == 1:  # two backticks are a quotation mark of TeX's
                    barriers.append(match.start())
        return positions, depths, barriers

    @cached_property
    def _single(self) -> tuple[list[int], list[int | None]]:
        return self._lower(list(range(len(self._dollars[0]))))

    @cached_property
    def _double(self) -> tuple[list[int], list[int | None]]:
        positions = self._dollars[0]
        return self._lower([n for n in range(len(positions) - 1) if positions[n + 1] == positions[n] + 1])

    def _lower(self, candidates: list[int]) -> tuple[list[int], list[int | None]]:
        """Return candidates to close a formula and, for each, the number of the next that stands less deep in braces."""
        depths = self._dollars[1]
        lower: list[int | None] = [None] * len(candidates)
        waiting: list[int] = []
        for number, event in enumerate(candidates):
            while waiting and depths[candidates[waiting[-1]]] > depths[event]:
                lower[waiting.pop()] = number
            waiting.append(number)
        return candidates, lower
