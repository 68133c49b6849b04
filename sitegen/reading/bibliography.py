"""A .bib file -> its entries with their places, as the parser reads them: strings put together, LaTeX still LaTeX."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

from sitegen.errors import Location, SiteError, suggestion
from sitegen.model import BibEntry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bibtexparser.library import Library
    from bibtexparser.model import Entry

_MONTHS = frozenset({"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"})
_INHERITING = ("crossref", "xdata")
_NEVER_INHERITED = frozenset({"ids", "crossref", "xdata", "label", "shorttitle"})


def read_bibliography(content: bytes, path: str) -> tuple[tuple[BibEntry, ...], tuple[SiteError, ...]]:
    """Read BibTeX or BibLaTeX. Errors come with their excerpts; entries are returned all the same."""
    from bibtexparser.entrypoint import parse_string  # noqa: PLC0415 - 60 ms that only a blog with citations spends

    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = Location(path, content.count(b"\n", 0, error.start) + 1)
        return (), (SiteError(f"byte {error.start} is not UTF-8", place, "save the file as UTF-8"),)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)  # what it would log is told as errors
    library = parse_string(text, parse_stack=[])
    strings = {block.key.lower(): block.value for block in library.strings}
    errors = list(_failures(library, path))
    entries: dict[str, BibEntry] = {}
    for block in library.entries:
        entry, problems = _entry(block, strings, path)
        errors += problems
        for key in (entry.key, *_also_known_as(entry)):
            entries.setdefault(key, entry)
    for entry in dict.fromkeys(entries.values()):
        errors += _missing_parents(entry, entries)
    found = tuple(
        BibEntry(key, entry.kind, _inherited(entry, entries), entry.location) for key, entry in entries.items()
    )
    return found, tuple(error.with_excerpt(text) for error in errors)


def _failures(library: Library, path: str) -> Iterator[SiteError]:
    """Say what the parser could not read; the same entry twice, word for word, does no harm."""
    from bibtexparser.model import DuplicateBlockKeyBlock, DuplicateFieldKeyBlock  # noqa: PLC0415 - as above

    for block in library.failed_blocks:
        place = Location(path, (block.start_line or 0) + 1)
        if isinstance(block, DuplicateBlockKeyBlock):
            first = library.entries_dict.get(block.key)
            if first is not None and (first.raw or "").split() == (block.raw or "").split():
                continue
            line = (first.start_line or 0) + 1 if first else 0
            hint = "give one of the two another key"
            yield SiteError(f"the key `{block.key}` is already used on line {line}", place, hint)
        elif isinstance(block, DuplicateFieldKeyBlock):
            names = ", ".join(f"`{name}`" for name in sorted(block.duplicate_keys))
            yield SiteError(f"this entry gives {names} twice", place, "keep one of the two")
        else:
            reason = re.sub(r"\s+", " ", getattr(block.error, "abort_reason", str(block.error))).strip(" .")
            hint = "count its braces and quotes, and the commas between its fields"
            yield SiteError(f"this entry is not BibTeX: {reason}", place, hint)


def _entry(block: Entry, strings: Mapping[str, str], path: str) -> tuple[BibEntry, list[SiteError]]:
    start = (block.start_line or 0) + 1
    errors = []
    if not block.key:
        errors.append(SiteError("this entry has no key", Location(path, start), "write one: @article{key, ...}"))
    fields = {}
    for field in block.fields:
        name = field.key.lower()
        value, unknown = _joined(str(field.value), strings)
        fields[name] = value
        for word in unknown if name != "month" else ():
            hint = suggestion(word, strings) or f'put braces around it, or define it: @string{{{word} = "..."}}'
            place = Location(path, (field.start_line or 0) + 1)
            errors.append(SiteError(f"there is no @string `{word}`", place, hint))
    return BibEntry(block.key, block.entry_type.lower(), tuple(fields.items()), Location(path, start)), errors


def _joined(value: str, strings: Mapping[str, str], depth: int = 0) -> tuple[str, list[str]]:
    """Put together the parts of a value, `"a" # name # {b}`; also returns the names that nothing defines."""
    joined, unknown = "", []
    for part in _parts(value):
        if part[:1] in {"{", '"'}:
            joined += part[1:-1]
        elif part.isdigit() or not part or part.lower() in _MONTHS:
            joined += part
        elif part.lower() in strings and depth < 20:
            text, more = _joined(strings[part.lower()], strings, depth + 1)
            joined += text
            unknown += more
        else:
            unknown.append(part)
    return re.sub(r"\s+", " ", joined).strip(), unknown


def _parts(value: str) -> Iterator[str]:
    """Split a value at each `#` that stands outside braces and quotes."""
    depth, quoted, start = 0, False, 0
    for position, sign in enumerate(value):
        if sign == "{":
            depth += 1
        elif sign == "}":
            depth -= 1
        elif sign == '"' and depth == 0:
            quoted = not quoted
        elif sign == "#" and depth == 0 and not quoted:
            yield value[start:position].strip()
            start = position + 1
    yield value[start:].strip()


def _also_known_as(entry: BibEntry) -> list[str]:
    """Return BibLaTeX's further keys of an entry."""
    return [key.strip() for key in dict(entry.fields).get("ids", "").split(",") if key.strip()]


def _parents(entry: BibEntry) -> list[str]:
    fields = dict(entry.fields)
    return [key.strip() for name in _INHERITING for key in fields.get(name, "").split(",") if key.strip()]


def _missing_parents(entry: BibEntry, entries: Mapping[str, BibEntry]) -> Iterator[SiteError]:
    for key in _parents(entry):
        if key not in entries:
            hint = suggestion(key, entries) or "add it, or leave `crossref` out"
            yield SiteError(f"`{entry.key}` refers to the entry `{key}`, which is not there", entry.location, hint)


def _inherited(entry: BibEntry, entries: Mapping[str, BibEntry]) -> tuple[tuple[str, str], ...]:
    """Return the fields of an entry completed by those of its parents: a book's title is a chapter's book title."""
    fields = dict(entry.fields)
    waiting, seen = _parents(entry), {entry.key}
    while waiting:
        parent = entries.get(waiting.pop(0))
        if parent is None or parent.key in seen:
            continue
        seen.add(parent.key)
        for name, value in parent.fields:
            if name not in _NEVER_INHERITED and not (name in {"title", "subtitle"} and entry.kind != parent.kind):
                fields.setdefault(name, value)
            elif name == "title":
                fields.setdefault("booktitle", value)
        waiting += _parents(parent)
    return tuple(fields.items())
