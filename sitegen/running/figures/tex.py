"""Text that a program wants set by LaTeX, where none is installed: matplotlib sets its formulas, and its marks are read.

Figures of papers ask for LaTeX mostly for the sake of its face, which the page's formulas have anyway.
"""

from __future__ import annotations

import re
import shutil
from typing import Any

from matplotlib.text import Text

_DOLLAR = re.compile(r"(?<!\\)(?:\$|\\[()])")
_COMMAND = re.compile(r"\\([A-Za-z]+)[ \n]*")
_FACES = {
    "textbf": "mathbf",
    "textit": "mathit",
    "emph": "mathit",
    "textrm": "mathrm",
    "textsf": "mathsf",
    "texttt": "mathtt",
}
_FACE = re.compile(rf"\\({'|'.join(_FACES)})\{{([^{{}}$\\]*)\}}")
_SIGNS = {
    "textdegree": "°",
    "textmu": "µ",
    "textperthousand": "‰",
    "ldots": "…",
    "dots": "…",
    "TeX": "TeX",
    "LaTeX": "LaTeX",
}
_LEFT_AWAY = {
    "rm", "bf", "it", "sf", "tt", "textrm", "text", "mbox", "ensuremath", "displaystyle", "textstyle", "noindent", "centering",
    "tiny", "scriptsize", "footnotesize", "small", "normalsize", "large", "Large", "LARGE", "huge", "bfseries", "itshape",
    "rmfamily", "sffamily", "ttfamily", "boldmath", "selectfont", *_FACES,
}  # fmt: skip
_PUNCTUATION = {
    "``": "“",
    "''": "”",
    "---": "—",
    "--": "\N{EN DASH}",
    "~": "\N{NO-BREAK SPACE}",
    r"\,": "\N{THIN SPACE}",
    r"\ ": "\N{NO-BREAK SPACE}",
    r"\\": " ",
}
_MARKS = re.compile("|".join(map(re.escape, sorted(_PUNCTUATION, key=len, reverse=True))))


def set_without_latex() -> None:
    """Let matplotlib itself set what a program wants LaTeX to set, where there is none; once, in the fork server."""
    if shutil.which("latex"):
        return
    kind: Any = Text
    read = kind._preprocess_math  # noqa: SLF001 - the one place through which all texts go

    def preprocess(text: Any, said: str) -> tuple[str, bool | str]:  # noqa: ANN401 - matplotlib has no types
        return read(text, without_latex(said) if text._usetex else said)  # type: ignore[no-any-return] # noqa: SLF001 - see above

    kind._preprocess_math = preprocess  # noqa: SLF001 - see above
    kind.get_usetex = lambda _: False


def without_latex(text: str) -> str:
    """Return a text in LaTeX as one for matplotlib. Raises RuntimeError where it has a command that only LaTeX knows."""
    parts = _DOLLAR.split(text)
    parts[::2] = map(_outside, parts[::2])
    parts[1::2] = map(_inside, parts[1::2])
    return "$".join(parts)


def _outside(text: str) -> str:
    kept: list[str] = []

    def keep(face: re.Match[str]) -> str:
        words = re.sub(r"[ ~]+", r"\\ ", face[2])
        kept.append(f"$\\{_FACES[face[1]]}{{{words}}}$" if words else "")
        return f"\0{len(kept) - 1}\0"

    text = _COMMAND.sub(_command, _MARKS.sub(lambda mark: _PUNCTUATION[mark[0]], _FACE.sub(keep, text)))
    text = re.sub(r"(?<!\\)[{}]", "", text)
    return re.sub(r"\0(\d+)\0", lambda number: kept[int(number[1])], re.sub(r"\\([%&#_{}])", r"\1", text))


def _command(command: re.Match[str]) -> str:
    if command[1] in _SIGNS:
        return _SIGNS[command[1]]
    if command[1] in _LEFT_AWAY:
        return ""
    message = f"`\\{command[1]}` is for LaTeX, and latex could not be found"
    raise RuntimeError(message)


def _inside(formula: str) -> str:
    formula = re.sub(r"\\bm(?![A-Za-z])", r"\\boldsymbol", formula)
    formula = re.sub(
        r"\\(?:displaystyle|textstyle|mbox)(?![A-Za-z])\s*", lambda said: r"\text" if "mbox" in said[0] else "", formula
    )
    return re.sub(rf"\\({'|'.join(_FACES)})(?![A-Za-z])", lambda face: f"\\{_FACES[face[1]]}", formula)
