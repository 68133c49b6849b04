"""Files that a source includes: found beside it, and put in their places with every line still knowing where it stands.

`{{< include _part.md >}}` (Quarto), ```` ```{include} part.md ```` (MyST), `{% include_relative part.md %}` (Jekyll),
`--8<-- "part.md"` (MkDocs), each on a line of its own. A file is named as seen from the one that includes it, or from the blog's folder with a slash before it.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, TypeVar, cast

from sitegen.errors import Location, SiteError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_SIGNS = ("include", "-8<-")  # one of them is in every line that includes a file
_INCLUDE = re.compile(
    r"""[ \t]*(?:\{\{<[ \t]*include[ \t]+(?P<quarto>\S+?)[ \t]*>\}\}
    | \{%-?[ \t]*include_relative[ \t]+(?P<jekyll>\S+?)[ \t]*-?%\}
    | -{1,2}8<-{1,2}[ \t]+(?P<snippet>"[^"\n]+"|'[^'\n]+')
    | (?P<fence>`{3,}|~{3,}|:{3,})[ \t]*\{include\}[ \t]+(?P<myst>\S+))[ \t]*""",
    re.VERBOSE,
)
_FENCE = re.compile(r"[ \t>]*(?:[-*+][ \t]+|\d{1,9}[.)][ \t]+)*(`{3,}|~{3,})[^`]*")
_HEADER = re.compile(r"---[ \t]*\n.*?^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)

_Any = TypeVar("_Any")


@dataclass(slots=True)
class Joined:
    """A text with its parts put in. places: (path, line, blanks put before it) of every line."""

    lines: list[str] = field(default_factory=list)
    places: list[tuple[str, int, int]] = field(default_factory=list)
    errors: list[SiteError] = field(default_factory=list)

    def place(self, location: Location) -> Location:
        """Return where a line of the joined text stands in its file."""
        if not 1 <= location.line <= len(self.places):
            return location
        path, line, indent = self.places[location.line - 1]
        return Location(path, line, max(location.column - indent, 0))


def parts_of(path: PurePosixPath, text: str, read: Callable[[PurePosixPath], str | None]) -> dict[PurePosixPath, str]:
    """Return every file that a source includes, directly or through others. read: a file's text, None for none."""
    found: dict[PurePosixPath, str] = {}
    waiting = [(path, text)]
    while waiting:
        here, content = waiting.pop()
        if not any(sign in content for sign in _SIGNS):
            continue
        for match in _INCLUDE.finditer(content):
            part = _resolved(match, here)
            known = read(part) if part and part not in found else None
            if part and known is not None:
                found[part] = known
                waiting.append((part, known))
    return found


def join_parts(text: str, path: PurePosixPath, parts: Mapping[PurePosixPath, str]) -> Joined:
    """Put the parts of a source in their places."""
    if not any(sign in text for sign in _SIGNS):
        return Joined(text.split("\n"))
    joined = Joined()
    _join(text, parts, (path,), joined, "")
    return joined


def relocated(value: _Any, joined: Joined) -> _Any:
    """Return a value in which every location of the joined text is that of its file."""
    if isinstance(value, Location):
        return cast("_Any", joined.place(value))
    if isinstance(value, tuple):
        return cast("_Any", tuple(relocated(item, joined) for item in value))
    if is_dataclass(value) and not isinstance(value, type):
        names = [name.name for name in fields(value) if name.init]
        return replace(value, **{name: relocated(getattr(value, name), joined) for name in names})
    if isinstance(value, SiteError):
        place = joined.place(value.location)
        return cast("_Any", SiteError(value.message, place, value.hint, detail=value.detail, excerpt=value.excerpt))
    return value


def _join(
    text: str, parts: Mapping[PurePosixPath, str], above: Sequence[PurePosixPath], joined: Joined, indent: str
) -> None:
    """Put the text of the last file of `above` in. indent: blanks of the line that includes it, which stands in a list."""
    path = above[-1]
    lines = text.split("\n")
    number = 0
    if len(above) > 1 and (header := _HEADER.match(text)):
        number = header[0].count("\n")  # a part's own header says nothing here
    code = ""
    while number < len(lines):
        line = lines[number]
        here = number + 1
        number += 1
        match = None if code else _INCLUDE.fullmatch(line)
        if match is None:
            fence = _FENCE.fullmatch(line)
            if fence and not code:
                code = fence[1]
            elif code and line.strip(" \t>").startswith(code) and not line.strip(" \t>" + code[0]):
                code = ""
            joined.lines.append(indent + line if line else line)
            joined.places.append((str(path), here, len(indent)))
            continue
        if match["fence"]:
            number = _skip_fence(lines, number, match["fence"], path, joined)
        part = _resolved(match, path)
        place = Location(str(path), here, len(line) - len(line.lstrip()) + 1)
        if part is None or part not in parts:
            hint = "a file is named as seen from this one, or from the blog's folder with a slash before it"
            joined.errors.append(SiteError(f"there is no file `{_name(match)}` to include", place, hint))
        elif part in above:
            chain = " includes ".join(f"`{one}`" for one in (*above[above.index(part) :], part))
            joined.errors.append(SiteError(f"{chain}: this would never end", place))
        else:
            within = line[: len(line) - len(line.lstrip())]
            _join(parts[part].rstrip("\n"), parts, (*above, part), joined, indent + within)


def _skip_fence(lines: Sequence[str], number: int, fence: str, path: PurePosixPath, joined: Joined) -> int:
    """Return the line after the end of MyST's fence; it holds nothing that is known here."""
    while number < len(lines) and lines[number].strip() != fence:
        if lines[number].strip():
            place = Location(str(path), number + 1)
            joined.errors.append(SiteError(f"an include has no option `{lines[number].strip()}` here", place))
        number += 1
    return number + 1


def _name(match: re.Match[str]) -> str:
    if match["snippet"]:  # named from the folder of the whole
        return "/" + match["snippet"].strip("\"'").lstrip("/")
    return (match["quarto"] or match["jekyll"] or match["myst"]).strip("\"'")


def _resolved(match: re.Match[str], path: PurePosixPath) -> PurePosixPath | None:
    """Return the path in the blog of the file that is meant, None when it would lie outside."""
    name = _name(match)
    joined = posixpath.normpath(name.lstrip("/") if name.startswith("/") else posixpath.join(path.parent, name))
    hidden = any(part.startswith(".") for part in joined.split("/"))
    return None if hidden else PurePosixPath(joined)
