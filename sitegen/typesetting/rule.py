"""What a rule is that rewrites a formula: from TeX to edits of it, knowing nothing of the other rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct

from sitegen.tex import Edit


class Context(Struct, frozen=True):
    """What a rule may ask besides the TeX. arguments: how many each macro of the author takes."""

    display: bool
    arguments: Mapping[str, int]


Rule = Callable[[str, Context], Iterator[Edit]]
"""Its name says what it is about, its docstring what authors write."""
