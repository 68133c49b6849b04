"""Names of what is remembered: digests of all that a stage can see, its code and the packages that it uses included."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sitegen.project import NODE_MODULES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sitegen.model import Digest


def digest(*parts: str | bytes) -> Digest:
    """Return the digest of a sequence of parts; ("ab", "c") and ("a", "bc") differ."""
    datas = (part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part for part in parts)
    whole = b"".join([piece for data in datas for piece in (b"%d:" % len(data), data)])
    return hashlib.sha256(whole).hexdigest()[:32]


@cache
def digest_of_code(*folders: str) -> Digest:
    """Return the digest of sitegen's own source files in these folders of the package, so that an upgrade recomputes.

    A name ending in .py or .mjs is one file; a folder is meant with its folders.
    """
    package = os.path.dirname(__file__)  # noqa: PTH120 - hundreds of files: a Path for each costs as much as reading it
    files = []
    for name in folders:
        place = f"{package}/{name}"
        if name.endswith((".py", ".mjs")):
            files.append(place)
            continue
        here = ((folder, names) for folder, _, names in os.walk(place))
        files += sorted(
            f"{folder}/{file}" for folder, names in here for file in names if file.endswith((".py", ".mjs"))
        )
    return digest(*(part for file in files for part in (file.removeprefix(package), _content(file))))


def _content(path: str) -> bytes:
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - as above
        return file.read()


@cache
def installed_versions() -> Mapping[str, str]:
    """Return the version of every installed distribution, by its normalised name (`markdown-it-py`).

    Read from the names of the folders that pip makes: importlib.metadata would parse every file of metadata.
    """
    versions: dict[str, str] = {}
    for folder in sys.path:
        path = Path(folder)
        if not folder or not path.is_dir():
            continue
        for entry in sorted(path.iterdir()):
            match = re.fullmatch(r"(.+?)-([^-]+)(?:-py[\d.]+)?\.(?:dist|egg)-info", entry.name)
            if match:
                versions.setdefault(re.sub(r"[-_.]+", "-", match[1]).lower(), match[2])
    return versions


def versions_of(*names: str) -> str:
    """Return `name=version` of these distributions, for use in a key."""
    return " ".join(f"{name}={installed_versions().get(name, 'absent')}" for name in names)


@cache
def version_of_package(name: str) -> str:
    """Return the version of a package of npm's, "" when it is not installed."""
    try:
        return str(json.loads((NODE_MODULES / name / "package.json").read_text(encoding="utf-8"))["version"])
    except FileNotFoundError:
        return ""
