"""Files that a source includes: found beside it, and put in their places with every line still knowing where it stands.

`{{< include _part.md >}}` (Quarto), `{{% include "part.md" %}}` and `{{% readfile file="part.md" %}}` (Hugo's themes),
```` ```{include} part.md ```` (MyST), `{% include_relative part.md %}` (Jekyll), `--8<-- "part.md"` (MkDocs),
`{{#include part.md}}` (mdBook), `<!--@include: part.md-->` and, as code, `<<< @/part.py` (VitePress), ```` ```{literalinclude} part.py ````
(MyST, as code), each on a line of its own, all but MyST's also in code. A file is named as seen from the one that includes it, or from the blog's folder with a
slash before it.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, TypeVar, cast

from msgspec import Struct
from msgspec.structs import replace

from sitegen.errors import Location, SiteError, suggestion
from sitegen.later import later
from sitegen.reading.code_lines import code_end
from sitegen.reading.excerpts import CHOOSING, OPTIONS, as_code, chosen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

SIGNS = ("include", "-8<-", "readfile", "<<<", "{{#playground")  # one of them is in every line that includes a file
_INCLUDE = later(
    r"""(?<![ \t])[ \t]*(?:\{\{[<%][ \t]*(?:include|readfile)[ \t]+(?:file=)?(?P<tag>"[^"\n]+"|[^\s"=]+?)
        (?P<about>(?:[ \t]+(?:\w+=)?(?:"[^"\n]*"|[\w.-]+))*)[ \t]*/?[>%]\}\}
    | \{%-?[ \t]*include_relative[ \t]+(?P<jekyll>\S+?)[ \t]*-?%\}
    | -{1,2}8<-{1,2}[ \t]+(?P<snippet>"[^"\n]+"|'[^'\n]+')
    | \{\{\#(?:rustdoc_include|include|playground)[ \t]+(?P<mdbook>[^\s{}]+)(?:[ \t]+[\w,-]+)*[ \t]*\}\}
    | (?:<<<[ \t]*(?=@?/|\.{1,2}/)|(?P<comment><!--)[ \t]*@include:[ \t]*)(?P<vite>[^\s{}\#<>\[\]]+?)(?:\#(?P<region>[\w-]+))?
        (?:\{(?P<marked>[\d,-]*)[ \t]*(?P<as>[a-zA-Z][^{}\n]*)?\})?(?:[ \t]*\[[^\[\]\n]*\])?(?(comment)[ \t]*-->)(?=[ \t]*(?:\n|\Z))
    | (?P<fence>`{3,}|~{3,}|:{3,})[ \t]*\{(?P<directive>(?:literal)?include)\}[ \t]+(?P<myst>\S+))[ \t]*""",
    re.VERBOSE,
)
_PART = later(r"(.+?)(?::(\d*)(?::(\d*))?|:([A-Za-z][\w-]*))?")  # of MkDocs and mdBook: lines, or what two remarks mark
_SAID = later(r'(\w+)="?([^"\s]*)')
_OPTION = later(r":([\w-]+):[ \t]*(.*)")
_CONTAINER = later(
    r"[`~]\{(?:(?:prf|proof):[\w-]+|(?:tab|card|grid)-?[\w-]*|admonition|attention|caution|danger|dropdown|error|exercise[\w-]*|hint"
    r"|important|margin|note|seealso|sidebar|solution[\w-]*|tip|topic|warning)\}"
)
"""Fences of MyST that hold text: another fence in them may include a file."""
_MOST = 100_000  # lines of a post with its parts: ten files that each include another ten times over have no end
_HEADER = later(r"---[ \t]*\n.*?^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)

_Any = TypeVar("_Any")


class Joined(Struct):
    """A text with its parts put in. places: (path, line, blanks put before it) of every line. missing: files that are not there."""

    lines: list[str] = []
    places: list[tuple[str, int, int]] = []
    errors: list[SiteError] = []
    missing: list[SiteError] = []

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
        if not any(sign in content for sign in SIGNS):
            continue
        for match in _INCLUDE.finditer(content):
            part = next((each for each in _resolved(match, here) if each in found or read(each) is not None), None)
            known = read(part) if part and part not in found else None
            if part and known is not None:
                found[part] = known
                waiting += [(part, known)] * (match["directive"] != "literalinclude")
    return found


def join_parts(text: str, path: PurePosixPath, parts: Mapping[PurePosixPath, str]) -> Joined:
    """Put the parts of a source in their places."""
    if not any(sign in text for sign in SIGNS):
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
    if isinstance(value, Struct):
        return replace(value, **{name: relocated(getattr(value, name), joined) for name in value.__struct_fields__})
    if isinstance(value, SiteError):
        place = joined.place(value.location)
        return cast("_Any", SiteError(value.message, place, value.hint, detail=value.detail, excerpt=value.excerpt))
    return value


def _join(
    text: str,
    parts: Mapping[PurePosixPath, str],
    above: Sequence[PurePosixPath],
    joined: Joined,
    indent: str,
    *,
    kept: Sequence[int] | None = None,
) -> None:
    """Put the text of the last file of `above` in.

    indent: blanks of the line that includes it, which stands in a list. kept: the lines that are meant, None for all.
    """
    path = above[-1]
    lines = text.split("\n")
    number = 0
    if len(above) > 1 and (header := _HEADER.match(text)):
        number = header[0].count("\n")  # a part's own header says nothing here
    meant = None if kept is None else set(kept)
    end: re.Pattern[str] | None = None  # of the code in which a line is
    ends: list[re.Pattern[str] | None] = []  # of the containers, which are no code
    while number < len(lines):
        line = lines[number]
        here = number + 1
        number += 1
        if meant is not None and here - 1 not in meant:
            continue
        match = _INCLUDE.fullmatch(line)
        if match and end and (lines_of := _lines_for_code(match, path, parts)):
            within = indent + line[: len(line) - len(line.lstrip())]
            joined.lines += [within + text for _, text in lines_of]
            joined.places += [(str(_part(match, path, parts)), number, len(within)) for number, _ in lines_of]
            continue
        if match is None or end:
            if end:
                end = None if end.fullmatch(line) else end
            elif _CONTAINER.search(line):
                ends.append(code_end(line))
            elif ends and ends[-1] and ends[-1].fullmatch(line):
                ends.pop()
            else:
                end = code_end(line)
            joined.lines.append(indent + line if line else line)
            joined.places.append((str(path), here, len(indent)))
            continue
        options = _options_in_name(match)
        if match["fence"]:
            number, options = _read_options(lines, number, match["fence"], path, joined)
        part = _part(match, path, parts)
        place = Location(str(path), here, len(line) - len(line.lstrip()) + 1)
        if part is None:
            hint = "a file is named as seen from this one, or from the blog's folder with a slash before it"
            joined.missing.append(SiteError(f"there is no file `{_name(match)}` to include", place, hint))
        elif part in above:
            chain = " includes ".join(f"`{one}`" for one in (*above[above.index(part) :], part))
            joined.errors.append(SiteError(f"{chain}: this would never end", place))
        elif len(joined.lines) > _MOST:
            joined.errors.append(SiteError(f"what is included comes to more than {_MOST:,} lines", place))
        else:
            within = indent + line[: len(line) - len(line.lstrip())]
            content = parts[part].rstrip("\n")
            kept = chosen(content.split("\n"), options) if options.keys() & CHOOSING else None
            if options.keys() & CHOOSING and kept is None:
                named = ", ".join(f"`:{key}: {options[key]}`" for key in options if key in CHOOSING)
                joined.errors.append(SiteError(f"{named} names nothing in `{part}`", place))
            elif match["directive"] == "literalinclude" or options.keys() & {"literal", "code"}:
                _join_code(content.split("\n"), kept, part, options, joined, within, place)
            else:
                _join(content, parts, (*above, part), joined, within, kept=kept)


def _join_code(  # noqa: PLR0917 - what is shown, how and where
    lines: Sequence[str],
    kept: Sequence[int] | None,
    part: PurePosixPath,
    options: Mapping[str, str],
    joined: Joined,
    indent: str,
    place: Location,
) -> None:
    """Put lines of a file in as code."""
    numbers = range(len(lines)) if kept is None else kept
    above, below = as_code([lines[number] for number in numbers], part.name, options)
    here = (place.path, place.line, len(indent))
    joined.lines += [indent + line for line in (*above, *(lines[number] for number in numbers), below)]
    joined.places += [here] * len(above) + [(str(part), number + 1, len(indent)) for number in numbers] + [here]


def _read_options(
    lines: Sequence[str], number: int, fence: str, path: PurePosixPath, joined: Joined
) -> tuple[int, dict[str, str]]:
    """Return the line after the end of MyST's fence, and what its options say."""
    options: dict[str, str] = {}
    while number < len(lines) and lines[number].strip() != fence:
        said = lines[number].strip()
        option = _OPTION.fullmatch(said)
        if option and option[1] in OPTIONS:
            options[option[1]] = option[2].strip().strip("\"'")
        elif said:
            place = Location(str(path), number + 1)
            hint = suggestion(option[1] if option else said, OPTIONS)
            joined.errors.append(SiteError(f"an include has no option `{said}` here", place, hint))
        number += 1
    return number + 1, options


def _name(match: re.Match[str]) -> str:
    if match["snippet"]:  # named from the folder of the whole
        return "/" + _parted(match["snippet"])[1].lstrip("/")
    if match["vite"]:
        return match["vite"].removeprefix("@")
    return (match["tag"] or match["jekyll"] or match["myst"] or _parted(match["mdbook"])[1]).strip("\"'")


def _parted(written: str) -> re.Match[str]:
    """Return the name of a file and what of it is meant, `a.py:2:10` or `a.py:part`."""
    return cast("re.Match[str]", _PART.fullmatch(written.strip("\"'")))


def _options_in_name(match: re.Match[str]) -> dict[str, str]:
    """Return what of a file MkDocs and mdBook mean, and what Docsy says of its code, as MyST's options say it."""
    said = dict(_SAID.findall(match["about"] or ""))
    if said.get("code") == "true":
        return {"literal": "", "lang": said.get("lang", "")}
    if match["vite"]:
        marked, language = match["marked"] or "", (match["as"] or "").partition(":")[0]
        region = {"region": match["region"]} if match["region"] else {}
        code = {"code": language, **region, **({"emphasize-lines": marked} if marked else {})}
        return code if "<<<" in match[0] else {"lines": marked.replace(",", "-", 1)} if marked else region
    if "#playground" in match[0]:  # mdBook's, which is code wherever it stands
        return {"code": "rust"}
    written = match["mdbook"] or match["snippet"]
    named = _parted(written) if written else None
    if named and named[4]:
        return {"region": named[4]}
    if named and named[2] is not None:
        last = f"-{named[3]}" if named[3] is not None else ""
        return {"lines": f"{named[2] or 1}{last}"}
    return {}


def _lines_for_code(
    match: re.Match[str], path: PurePosixPath, parts: Mapping[PurePosixPath, str]
) -> list[tuple[int, str]]:
    """Return (number, text) of the lines that are put into code; none where it shows how that is written."""
    part = None if match["fence"] else _part(match, path, parts)
    lines = parts[part].rstrip("\n").split("\n") if part else []
    options = _options_in_name(match)
    return [(number + 1, lines[number]) for number in (chosen(lines, options) or () if lines else ())]


def _part(match: re.Match[str], path: PurePosixPath, parts: Mapping[PurePosixPath, str]) -> PurePosixPath | None:
    """Return the file that is included, None where there is none."""
    return next((part for part in _resolved(match, path) if part in parts), None)


def _resolved(match: re.Match[str], path: PurePosixPath) -> Iterator[PurePosixPath]:
    """Yield the paths in the blog that may be meant: from its top, also from that of the folder whose files are posts or pages here, `docs/x.md`."""
    name = _name(match)
    inside = name.lstrip("/")
    _, _, below = inside.partition("/")
    from_top = [inside, *(posixpath.join(path.parts[0], tail) for tail in (inside, below) if tail)]
    for written in from_top if name.startswith("/") else [posixpath.join(path.parent, name)]:
        joined = posixpath.normpath(written)
        if not any(part.startswith(".") for part in joined.split("/")):
            yield PurePosixPath(joined)
