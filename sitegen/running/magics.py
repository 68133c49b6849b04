"""IPython's own lines in a cell: those that only set a notebook up are left out, of the others is told what to do."""

from __future__ import annotations

import ast
import re

_SET_UP = r"(matplotlib|config|load_ext|reload_ext|autoreload|precision)\b"
_PYLAB = "from pylab import *"
_MAGIC = re.compile(
    rf"""\s*(?:%{_SET_UP} | %%(?:timeit|time|capture)\b
    | [%!]\s*(?:(?:\{{?sys\.executable\}}?|python3?)\s+-m\s+)?(?:pip3?|conda|mamba|uv)\s
    | !\s*(?:sudo\s+)?apt(?:-get)?\s).*""",
    re.VERBOSE,
)
_TIMED = re.compile(r"^(\s*)%time(it)?[ \t]+(?:-\w+[ \t]*\d*[ \t]+)*(?=\S)")
_SHELL = re.compile(  # what nbconvert and VS Code write for them
    rf"""(?m)^([ \t]*)get_ipython\(\)\.(?:run_line_magic|magic)\(\s*u?["']%?(?:{_SET_UP}|pylab\b)[^\n]*\)[ \t]*;?[ \t]*(?:\#.*)?$"""
)
_IPYTHON = re.compile(r"^\s*(%%?\w|!\s*\S|\?\w|[\w.]+\?{1,2}\s*$|[\w.]+(?:\s*,\s*[\w.]+)*\s*=\s*[%!]\s*\w)")
_BESIDE = "put the file beside the post, where the program starts, and remove the line"
_INSTEAD = (
    (
        r"(?:[\w., ]+=)?\s*!\s*(?:wget|curl|gdown|kaggle|git\s+clone|gsutil|aws)\b",
        f"a program has no network: {_BESIDE}",
    ),
    (r"!\s*(?:unzip|tar|gunzip)\b", _BESIDE),
    (r"%run\s", "`from name import *` brings what a file `name.py` beside the post defines"),
    (r"!\s*python3?\s", "`import name` runs a file `name.py` beside the post"),
    (r"[%!]\s*cd\b", "a program starts in the folder of its post: name files from there, and remove the line"),
    (
        r"%%(?:bash|sh|script|html|javascript|js|latex|sql|R|perl|ruby)\b|%%!",
        "code of another language is shown by a fence of its name: ```bash",
    ),
    (r"%%(?:writefile|file)\b", "put the file beside the post, and a fence ```python shows it"),
    (r"[\w., ]+=\s*[%!]", "write the value into the cell"),
)
"""What a line is -> what to do in its place; of the others, nothing."""


def without_magic(code: str) -> tuple[str, int]:
    """Return code without IPython's set-up lines and what installs, and the first line that still is IPython's own, or 0.

    Where something is not installed after all, its import says so.
    """
    code = _SHELL.sub(lambda line: line[1] + ("pass" if line[2] else _PYLAB), code)
    if not re.search(r"^\s*[%!?]|\?\s*$|=\s*[%!]\s*\w", code, re.MULTILINE) or not _wrong_line(code):
        return code, 0
    lines = [_PYLAB if re.match(r"%pylab\b", line) else _without_set_up(line) for line in code.split("\n")]
    code = "\n".join(lines)
    wrong = _wrong_line(code)
    return code, wrong if wrong and _IPYTHON.match(lines[wrong - 1]) else 0


def _without_set_up(line: str) -> str:
    """Return a line without what only sets a notebook up or measures it; a block that held nothing else stays whole."""
    if not _MAGIC.fullmatch(line):
        return _TIMED.sub(lambda timed: timed[1] + "_ = " * bool(timed[2]), line)  # %timeit shows no value
    return line[: len(line) - len(line.lstrip())] + "pass" if line[:1].isspace() else ""


def _wrong_line(code: str) -> int:
    try:
        ast.parse(code)
    except SyntaxError as error:
        return min(error.lineno or 0, code.count("\n") + 1)
    except ValueError:  # NUL in the code
        return 0
    return 0


def instead_of(line: str) -> str:
    """Return what to do in place of a line of IPython's."""
    return next((told for said, told in _INSTEAD if re.match(said, line.strip())), "remove the line")
