"""Names of what is remembered: digests of all that a stage can see, its code and the packages that it uses included."""

from __future__ import annotations

import hashlib
import json
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

    A name ending in .py is one file; a folder is meant with its folders.
    """
    package = Path(__file__).parent
    files = []
    for name in folders:
        place = package / name
        files += [place] if place.is_file() else sorted(place.rglob("*.py")) + sorted(place.glob("*.mjs"))
    return digest(*(part for file in files for part in (str(file.relative_to(package)), file.read_bytes())))


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
