"""Labels: their prefixes, which say what kind of thing is meant, and the one spelling that each of them has."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, get_args

from sitegen.later import later
from sitegen.model import NumberKind

if TYPE_CHECKING:
    from typing import TypeGuard

KINDS = frozenset(kind for kind in get_args(NumberKind) if len(kind) <= 3)
_ALIASES = {  # as LaTeX's authors write them, with a colon; with a hyphen they are headings
    "eqn": "eq",
    "equation": "eq",
    "tab": "tbl",
    "table": "tbl",
    "figure": "fig",
    "section": "sec",
}
LETTER = r"[^\W\u1100-\u11ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uff00-\uffef]"
"""A letter or digit, but of no script in which a particle or the next word follows a label without a blank."""

_NAME = later(r"[A-Za-z][\w:-]*")
_PREFIX = re.compile(r"([a-zA-Z]+)([:-])(.+)", re.DOTALL)


def is_kind(name: str) -> TypeGuard[NumberKind]:
    """Whether a prefix is one of those that are numbered."""
    return name in KINDS


def is_label(target: str) -> bool:
    """Whether the address of a link may be a label, as MyST has it, and no file: `[words](intro)`."""
    return bool(_NAME.fullmatch(target)) and (":" not in target or kind_of(target) is not None)


def normal_label(label: str) -> str:
    """Return the one spelling of a label, which is also its anchor: `eq:x` and `Eq-x` are `eq-x`."""
    label = re.sub(r"[^\w.:'-]+", "-", label.strip())
    match = _PREFIX.fullmatch(label)
    if not match:
        return label
    prefix = match[1].lower()
    if match[2] == ":":
        prefix = _ALIASES.get(prefix, prefix)
    return f"{prefix}-{match[3]}" if prefix in KINDS else label


def kind_of(label: str) -> NumberKind | None:
    """Return what kind of thing a label's prefix says, if it is one of those that are numbered."""
    prefix = normal_label(label).partition("-")[0]
    return prefix if is_kind(prefix) else None


def formula_anchor(label: str) -> str:
    """Return the anchor of a formula: labels without a prefix, as LaTeX allows them, must not be taken for headings."""
    label = normal_label(label)
    return label if label.startswith("eq-") else f"eq-{label}"


def id_attribute(name: str) -> str:
    """Return what gives an element its id, a blank before it; nothing for no name."""
    return f' id="{escape(name)}"' if name else ""


def part_mark(number: int) -> str:
    """Return the mark of a part of a figure by its number, from 1: "(a)"."""
    return f"({chr(ord('a') + (number - 1) % 26)})"
