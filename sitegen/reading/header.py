"""The header of a source -> its fields: YAML of nearly everyone, Hugo's TOML and JSON, Nikola's comment, Pelican's lines, Logseq's.

Hexo's may lack its first `---`, and be JSON up to `;;;`.
"""

from __future__ import annotations

import json
import re
import tomllib
from datetime import time

import yaml

from sitegen.errors import Location, SiteError
from sitegen.fields import Fields, read_fields
from sitegen.later import later

_HEADER = re.compile(r"---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_BLANK_ABOVE = re.compile(r"(?:[ \t]*\n)+(?=---[ \t]*\n[A-Za-z][\w-]*:)")
_ALMOST = re.compile(
    r"\s*(?:[-\u2010-\u2015\u2212*_=~]{1,20}[ \t]*\n[ \t]*(?:title|date|layout|authors?|tags|categories|description|slug|draft)"
    r"|(?=title:[^\n]*\n[-\u2010-\u2015\u2212]{2,}[ \t]*\n)title)[ \t]*:",
    re.IGNORECASE,
)
"""What was meant as a header: other dashes, as word processors make them of three, too many, or lines that are indented."""
_ABOVE = later(
    r"(?:[ \t]*\n|<!--(?:(?!-->).)*-->[ \t]*\n)*<!--(?:(?!-->).)*-->\s*\n(?=---[ \t]*\n[A-Za-z][\w-]*:)", re.DOTALL
)
"""Comments above a header."""
_FURTHER = later(
    r"---[ \t]*\n((?:[A-Za-z][\w-]*:(?:[ \t][^\n]*)?\n|[ \t]+\S[^\n]*\n|-[ \t][^\n]*\n)+)(?:---|\.\.\.)[ \t]*(?:\n|\Z)"
)
"""What Pandoc reads besides, directly below a header that ends with dots."""
_BARE = later(
    r"((?=(?:[^\n]+\n)*?title:[ \t])(?:[A-Za-z][\w-]*:(?:[ \t][^\n]*)?\n(?:[ \t]*-[ \t][^\n]*\n|[ \t]+(?!-[ \t])\S[^\n]*\n)*){2,})---[ \t]*(?:\n|\Z)"
)
"""Hexo's header without its first line."""
_JSON = later(r"(?:;;;[ \t]*\n)?\s*(?:\{\s*)?\"[A-Za-z_-]+\"\s*:")
_NIKOLA = later(r"<!--[ \t]*\n((?:[ \t]*\.\.[ \t]+[\w-]+:[^\n]*\n|[ \t]*\n)+?)[ \t]*-->[ \t]*(?:\n|\Z)")
_NIKOLA_BARE = later(r"((?:\.\.[ \t]+[\w-]+:[^\n]*(?:\n|\Z)){2,})(?:[ \t]*\n|\Z)")
_NIKOLA_LINE = re.compile(r"[ \t]*\.\.[ \t]+([\w-]+):[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_PELICAN = later(
    r"((?=(?:[^\n]+\n)*?(?i:title|date):[ \t]+\S)(?:[A-Za-z][\w-]*:(?:[ \t][^\n]*)?(?:\n|\Z)(?:[ ]{4,}\S[^\n]*\n)*){2,})(?:[ \t]*\n|\Z)"
)
_LOGSEQ = later(
    r"((?=(?:[^\n]+\n)*?(?:title|tags|alias|type|public|icon|date):: )(?:[A-Za-z][\w-]*::[ \t][^\n]*(?:\n|\Z))+)(?:[ \t]*\n|\Z|(?=-))"
)
_LOGSEQ_LINE = re.compile(r"^([\w-]+)::[ \t]+(.*)$", re.MULTILINE)
_PANDOC = later(r"%[ \t]+(\S[^\n]*)\n%[ \t]*([^\n]*)\n%[ \t]*([^\n]*\d{4}[^\n]*)(?:\n|\Z)")
"""Pandoc's three lines: title, authors, and a date, without which they would be MyST's comments."""
_FRANKLIN = later(r"(?:@def[ \t]+\w+[ \t]*=[^\n]*(?:\n[ \t]+\S[^\n]*)*(?:\n|\Z)|[ \t]*\n(?=\s*@def))+")
_JULIA_LINE = re.compile(r"^(\w+)[ \t]*=[ \t]*(\S[^\n]*)$", re.MULTILINE)
_JULIA = re.compile(r"^\w+[ \t]*=[ \t]*Date(?:Time)?\(|^using [A-Z]|=>", re.MULTILINE)
"""What Franklin's header between `+++` has and TOML has not."""
_FRANKLIN_LINE = re.compile(r"@def[ \t]+(\w+)[ \t]*=([^\n]*(?:\n[ \t]+\S[^\n]*)*)")
_NESTED = ("taxonomies", "extra", "params")
"""Where Zola and Hugo keep what the header says to a theme."""
_BROUGHT_UP = frozenset(
    """
    author authors bibliography categories has_math katex lang macros math mathjax series subtitle tags toc
    use_math
    """.split()
)
_TWO_COLONS = re.compile(
    r"^([A-Za-z][\w-]*:[ \t]+)(?![\"'|>\[{&*!%@`#,?-]|[^\n]*(?:[ \t]#|\n[ \t]+\S))([^\n]*?:(?:[ \t][^\n]*)?)$",
    re.MULTILINE,
)
"""A value that YAML refuses for its second colon, `title: Adam: a tour`, and that can be nothing but text."""
_TABS = re.compile(r"^\t+(?=\S)", re.MULTILINE)  # before a line, which Hexo takes for blanks
_PELICAN_LINE = re.compile(r"^([\w-]+):[ \t]+(\S.*(?:\n[ ]{4,}.*)*)", re.MULTILINE)


def split_header(text: str, path: str) -> tuple[Fields, int, list[SiteError]]:
    """Return the header's fields, the number of lines it takes, and what is wrong with it as YAML."""
    if text.startswith("+++"):
        return _split_toml(text, path)
    for pattern, line in (
        *((_NIKOLA, _NIKOLA_LINE), (_NIKOLA_BARE, _NIKOLA_LINE), (_PELICAN, _PELICAN_LINE)),
        (_LOGSEQ, _LOGSEQ_LINE),
    ):
        found = None if text.startswith("---") else pattern.match(text)
        if found:
            return _split_lines(found, line, text, path)
    if text.startswith("%") and (block := _PANDOC.match(text)):
        values = {"title": block[1], "author": [name for name in re.split(r"[ \t]*;[ \t]*", block[2]) if name]}
        fields, _ = _fields_of({**values, "date": block[3].strip()}, path)
        return fields, block[0].count("\n"), []
    if text.startswith("@def") and (block := _FRANKLIN.match(text)):
        return _split_franklin(block, path)
    if text.startswith(("{", ";;;", '"')) and _JSON.match(text):
        return _split_json(text, path)
    above = (_ABOVE if text.startswith("<!--") else _BLANK_ABOVE).match(text)
    start = above.end() if above else 0
    match = _HEADER.match(text, start)
    bare = None if match else _BARE.match(text)
    if bare:
        fields, errors = read_fields(_without_tabs(bare[1]), path, 1)
        return _brought_up(fields), _lines_of(bare[0]), errors
    if not match:
        errors = []
        if re.match(r"---[ \t]*\n\s*\w[\w-]*:", text):
            errors.append(SiteError("the header is never closed", Location(path, 1), "write `---` on a line after it"))
        elif _ALMOST.match(text):
            place = Location(path, 1 + text.count("\n", 0, len(text) - len(text.lstrip())))
            hint = "write three hyphens, `---`, alone on the line before it and on the line after it"
            errors.append(SiteError("this looks like a header, but is none", place, hint))
        return Fields(None, path, 1, []), 0, errors
    written, end = match[1], match.end()
    while text[:end].rstrip().endswith("...") and (further := _FURTHER.match(text, end)):
        written, end = f"{written}\n\n{further[1]}", further.end()  # in as many lines
    first = text.count("\n", 0, start) + 2
    fields, errors = read_fields(_without_tabs(written), path, first)
    if errors and errors is not fields.errors and (quoted := _with_quotes(written)) != written:
        mended, slips = read_fields(_without_tabs(quoted), path, first)
        fields, errors = (mended, slips) if slips is mended.errors else (fields, errors)
    return _brought_up(fields), _lines_of(text[:end]), errors


def _with_quotes(written: str) -> str:
    """Return YAML with quotes around values that hold a colon and a blank."""
    return _TWO_COLONS.sub(lambda found: found[1] + "'" + found[2].rstrip().replace("'", "''") + "'", written)


def mended_lines(written: str) -> list[int]:
    """Return which lines of YAML, from 0, are read with quotes around their values, since it is refused without."""
    quoted = _with_quotes(written)
    if quoted == written:
        return []
    fields, errors = read_fields(_without_tabs(written), "")
    lines = enumerate(zip(written.split("\n"), quoted.split("\n"), strict=True))
    return [number for number, (line, mended) in lines if line != mended and errors is not fields.errors]


def _without_tabs(written: str) -> str:
    """Return YAML whose lines are indented by blanks alone."""
    return _TABS.sub(lambda tabs: "  " * len(tabs[0]), written)


def _split_franklin(found: re.Match[str], path: str) -> tuple[Fields, int, list[SiteError]]:
    """Read Franklin's lines of Julia, `@def title = "x"`, or `title = "x"` between `+++`.

    What is no plain value there is no affair of a post's.
    """
    values: dict[str, object] = {}
    places: dict[str, int] = {}
    for line in (_JULIA_LINE if found[0].startswith("+++") else _FRANKLIN_LINE).finditer(found[0]):
        written = re.sub(r"Date\((\d+),\s*(\d+),\s*(\d+)\)", r"'\1-\2-\3'", line[2].strip())
        written = f"[{written[1:-1]}]" if written.startswith("(") else written
        try:
            value = tomllib.loads(f"value = {written}")["value"]
        except (ValueError, RecursionError):
            continue
        key = {"published": "date", "rss": "description", "rss_description": "description"}.get(line[1], line[1])
        if key != "lang":  # of its code
            values[key] = value
            places[key] = found[0].count("\n", 0, line.start()) + 1
    fields, errors = _fields_of(values, path)
    return fields.at(places), found[0].count("\n"), errors


def _fields_of(values: object, path: str, line: int = 1) -> tuple[Fields, list[SiteError]]:
    """Return what another notation says, written as YAML and read as such."""
    try:
        written = yaml.dump(values, Dumper=_Dumper, allow_unicode=True, sort_keys=False)
    except RecursionError:
        return Fields(None, path, line, []), [_too_deep(path)]
    fields, errors = read_fields(written, path, line)
    return fields, [_too_deep(path)] if errors and not list(fields) else errors  # of YAML that nobody wrote


class _Dumper(yaml.SafeDumper):
    """Writes a time of day, which TOML has and YAML has not, as text."""


_Dumper.add_representer(time, lambda dumper, value: dumper.represent_str(str(value)))


def _too_long(text: str, path: str) -> SiteError:
    digits = re.search(r"\d{4000}", text)
    place = Location(path, text.count("\n", 0, digits.start()) + 1 if digits else 1)
    return SiteError("a number of this header is longer than Python reads", place, "put quotes around it")


def _too_deep(path: str) -> SiteError:
    message = "this header is nested too deep, or too long"
    return SiteError(message, Location(path, 1), "is a bracket opened again and again?")


def _lines_of(header: str) -> int:
    """Return how many lines a header takes, the last of which may be the end of the text."""
    return header.count("\n") + (not header.endswith("\n"))


def _brought_up(fields: Fields) -> Fields:
    """Return the fields with what concerns a post here of those that stand below a name of a theme's."""
    for name in _NESTED:
        if fields.is_mapping(name):
            fields.over(fields.mapping(name), _BROUGHT_UP)
    return fields


def _split_toml(text: str, path: str) -> tuple[Fields, int, list[SiteError]]:
    """Read Hugo's other header: its values are written as YAML and read as such, at the lines of their keys."""
    match = re.match(r"\+\+\+[ \t]*\n(.*?)^\+\+\+[ \t]*(?:\n|\Z)", text, re.DOTALL | re.MULTILINE)
    if not match:
        error = SiteError("the header is never closed", Location(path, 1), "write `+++` on a line after it")
        return Fields(None, path, 1, []), 0, [error]
    try:
        values = tomllib.loads(match[1])
    except RecursionError:
        return Fields(None, path, 1, []), 0, [_too_deep(path)]
    except tomllib.TOMLDecodeError as error:
        if _JULIA.search(match[1]):
            fields, _, errors = _split_franklin(match, path)
            return fields, _lines_of(match[0]), errors
        line = re.search(r"at line (\d+), column (\d+)", str(error))
        place = Location(path, int(line[1]) + 1, int(line[2])) if line else Location(path, 1)
        return Fields(None, path, 1, []), 0, [SiteError(f"this is not TOML: {str(error).partition(' (at')[0]}", place)]
    except ValueError:
        return Fields(None, path, 1, []), 0, [_too_long(text, path)]
    fields, errors = _fields_of(values, path, 2)
    keys = {key[1]: text.count("\n", 0, key.start()) + 1 for key in re.finditer(r"(?m)^(\w+)\s*=", match[0])}
    return _brought_up(fields).at(keys), _lines_of(match[0]), errors


def _split_json(text: str, path: str) -> tuple[Fields, int, list[SiteError]]:
    """Read Hugo's header of JSON, or Hexo's, which ends at `;;;` and may lack its braces."""
    start = text.find("\n") + 1 if text.startswith(";;;") else 0
    closing = re.compile(r"^;;;[ \t]*$", re.MULTILINE).search(text, start)
    written = text[start : closing.start()].strip().rstrip(",") if closing else text
    written = written if written.startswith("{") else f"{{{written}}}"
    try:
        values, end = json.JSONDecoder().raw_decode(written)
    except RecursionError:
        return Fields(None, path, 1, []), 0, [_too_deep(path)]
    except json.JSONDecodeError as error:
        line = text.count("\n", 0, start) + error.lineno
        problem = SiteError(f"this is not JSON: {error.msg}", Location(path, line, error.colno))
        return Fields(None, path, 1, []), 0, [problem]
    except ValueError:
        return Fields(None, path, 1, []), 0, [_too_long(text, path)]
    head = text[: closing.end() if closing else end]
    fields, errors = _fields_of(values, path)
    keys = {key[1]: text.count("\n", 0, key.start(1)) + 1 for key in re.finditer(r'"([\w-]+)"\s*:', head)}
    rest = text[len(head) :].partition("\n")[0].strip()
    return _brought_up(fields).at(keys), head.count("\n") + (not rest), errors


def _split_lines(
    found: re.Match[str], line: re.Pattern[str], text: str, path: str
) -> tuple[Fields, int, list[SiteError]]:
    """Read a header of lines that each hold a key and a text."""
    pairs = list(line.finditer(text, *found.span(1)))
    values = {pair[1].lower(): " ".join(pair[2].split()) for pair in pairs}
    if line is _LOGSEQ_LINE:  # whose tags are links
        values = {key: re.sub(r"\[\[|\]\]", "", value) for key, value in values.items()}
    fields, errors = _fields_of(values, path)
    places = {pair[1].lower(): text.count("\n", 0, pair.start(1)) + 1 for pair in pairs}
    return fields.at(places), found[0].count("\n"), errors
