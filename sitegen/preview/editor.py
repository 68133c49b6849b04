"""Opens a file at a line in the author's editor, where that is one with a window of its own."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_COLON = ("-g", "{file}:{line}")
_ARGUMENTS: dict[str, Sequence[str]] = {
    **dict.fromkeys(("code", "codium", "code-insiders", "cursor", "windsurf"), _COLON),
    **dict.fromkeys(("subl", "zed", "atom", "hx"), ("{file}:{line}",)),
    **dict.fromkeys(("pycharm", "idea", "webstorm", "mate", "kate"), ("--line", "{line}", "{file}")),
    **dict.fromkeys(("emacsclient", "gvim", "mvim", "gedit"), ("+{line}", "{file}")),
}


def editor_command(file: Path, line: int) -> list[str] | None:
    """Return the command that opens a file; None when the author has no editor that we know with a window.

    SITEGEN_EDITOR, VISUAL and EDITOR name it, in this order; without them the first that is installed is taken.
    """
    named = [os.environ.get(name, "") for name in ("SITEGEN_EDITOR", "VISUAL", "EDITOR")]
    for words in [shlex.split(text) for text in named if text] or [[name] for name in _ARGUMENTS if shutil.which(name)]:
        arguments = _ARGUMENTS.get(PurePath(words[0]).name)
        if arguments and shutil.which(words[0]):
            return [*words, *(part.format(file=file, line=max(line, 1)) for part in arguments)]
    return None


def open_in_editor(file: Path, line: int) -> bool:
    """Open a file, and return whether there is an editor for it."""
    command = editor_command(file, line)
    if command is None:
        return False
    subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - the author's own
    return True
