r"""What authors write for MathJax, LaTeX or through another Markdown -> TeX that KaTeX reads, by rules with names.

The rules, in rules.py, apply one after the other; commands that are macros for KaTeX stand in dialect.mjs. What comes out
knows where each of its positions comes from.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from sitegen.tex import apply_edits
from sitegen.typesetting.rule import Context
from sitegen.typesetting.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sitegen.tex import Edit


class Rewritten(Struct, frozen=True):
    """TeX for KaTeX. passes: the edits that led to it, by rule; rules: the names of those that found something."""

    tex: str
    passes: tuple[tuple[Edit, ...], ...] = ()
    rules: tuple[str, ...] = ()

    def original(self, position: int) -> int:
        """Return where in the author's TeX a position of `tex` comes from."""
        for edits in reversed(self.passes):
            position = _before(position, edits)
        return position


def rewrite(tex: str, macros: Sequence[tuple[str, str]], *, display: bool, first: Iterable[Edit] = ()) -> Rewritten:
    """Apply to a formula the edits that come first, then every rule."""
    arguments = {name: max([0, *map(int, re.findall(r"#([1-9])", meaning))]) for name, meaning in macros}
    context = Context(display, arguments)
    passes = [tuple(first)]
    names = []
    tex = apply_edits(tex, passes[0])
    for needed, rule in RULES:
        edits = tuple(rule(tex, context)) if needed in tex else ()
        if edits:
            tex = apply_edits(tex, edits)
            passes.append(edits)
            names.append(rule.__name__)
    return Rewritten(tex, tuple(passes), tuple(names))


def _before(position: int, edits: Iterable[Edit]) -> int:
    """Return the position before the edits were made; one inside a replacement is at the beginning of what it replaced."""
    moved = 0
    for start, end, text in edits:
        new = start + moved
        if position < new:
            break
        if position < new + len(text):
            return start
        moved += len(text) - (end - start)
    return position - moved
