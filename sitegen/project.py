"""Where sitegen lies: the folder that is also the blog of whoever cloned it, and what npm has installed beside it; and where a file does."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PROJECT = Path(__file__).resolve().parents[1]
NODE_MODULES = PROJECT / "node_modules"


def first_file(folders: Iterable[Path], name: str) -> Path | None:
    """Return the file of a name, or relative path, in the first of some folders that has one."""
    return next((folder / name for folder in folders if is_there(folder / name)), None)


def is_there(path: Path, kind: Callable[[Path], bool] = Path.is_file) -> bool:
    """Whether a file that an author names is there; a whole sentence may be too long for the name of one. Raises OSError."""
    try:
        return kind(path)
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
        return False
