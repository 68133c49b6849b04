"""Templates as Jinja compiled them, in a `__pycache__` beside each, as Python keeps its modules: compiling those of a post takes 150 ms.

Not in the blog's memory, which may come from elsewhere and out of which nothing is run.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from pickle import UnpicklingError
from typing import TYPE_CHECKING

from jinja2 import BytecodeCache

from sitegen.keys import digest, digest_of_code, versions_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jinja2.bccache import Bucket


class Compiled(BytecodeCache):
    """Keeps what templates of some folders compiled to; what another version of Jinja or of ours made is another file."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders
        self._versions = (
            digest_of_code("publishing/render.py", "publishing/environment.py", "publishing/compiled.py"),
            versions_of("jinja2"),
        )

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        """Return where a template's code is kept."""
        folder = next((folder for folder in self._folders if filename and Path(filename).is_relative_to(folder)), None)
        version = digest(*self._versions, filename or "")[:8]  # its errors name the file
        return str(folder / "__pycache__" / f"{name.replace('/', '-')}.{version}") if folder else ""

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what is kept, if it was made of the same source."""
        if bucket.key:
            with (
                suppress(OSError, EOFError, ValueError, TypeError, UnpicklingError),
                Path(bucket.key).open("rb") as file,
            ):
                bucket.load_bytecode(file)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled, where it may be written, in place of what earlier versions made."""
        if not bucket.key:
            return
        path = Path(bucket.key)
        with suppress(OSError):
            path.parent.mkdir(exist_ok=True)
            for old in path.parent.glob(f"{path.stem}.*"):
                old.unlink(missing_ok=True)
            fresh = path.with_name(f"{path.name}.new")
            fresh.write_bytes(bucket.bytecode_to_string())
            fresh.replace(path)
