r"""How LaTeX mentions labelled things, `\eqref{eq:x}`, `\cref{x,y}`, in the text and as all that a formula holds."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from sitegen.later import later

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping

    from sitegen.model import ReferenceForm

Mention = tuple[str, "ReferenceForm", str]
"""(label, form, text) of a reference."""

COMMAND = later(r"\\(eqref|ref|autoref|[cC]ref)\s*\{([^{}\n]+)\}")
FORMS: dict[str, ReferenceForm] = {
    "eqref": "mark",
    "ref": "number",
    "{eq}": "mark",
    "{eqref}": "mark",
    "{math:numref}": "mark",
}
"""What is shown of a thing that a command or one of MyST's roles mentions; its name where nothing else is said."""


def references_of(tex: str) -> re.Match[str] | None:
    r"""Return the match of a formula that is nothing but a reference, as in `$\eqref{eq:x}$`."""
    return COMMAND.fullmatch(tex.strip())


def command_references(match: re.Match[str]) -> list[Mention]:
    r"""Return (label, form, text) for each label of a `\ref` and its kin."""
    return [(label, FORMS.get(match[1], "name"), "") for label in match[2].split(",")]


def mentions_of_link(given: Mapping[str, object]) -> tuple[str, list[Mention]]:
    r"""Return (what is written, a mention of each label) for the link that Pandoc makes of a `\ref` or `\cref`."""
    written = str(given.get("reference") or unquote(str(given["href"])[1:]))
    form = FORMS.get(str(given["reference-type"]), "name")
    return written, [(label.strip(), form, "") for label in written.split(",")]
