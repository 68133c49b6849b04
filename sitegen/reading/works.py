r"""An entry of a bibliography -> a Work: names taken apart, LaTeX turned into text (formulas stay between dollars)."""

from __future__ import annotations

import logging
import re
from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct

from sitegen.errors import SiteError
from sitegen.later import later

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sitegen.model import BibEntry

_LATEX = later(r"[\\{}$~^]|--|``|''|%")
_VERBATIM = frozenset({"doi", "url", "eprint", "file", "pmid"})
_PEOPLE = ("author", "editor")
_ARXIV = later(
    r"(?:arxiv[.:/ ]|arxiv\.org/(?:abs|pdf)/)\s*((?:[a-z-]+(?:\.[A-Z]{2})?/\d{7}|\d{4}\.\d{4,5})(?:v\d+)?)",
    re.IGNORECASE,
)


class Person(Struct, frozen=True):
    """A name. given: as written, may be initials or nothing (an organisation). family: with its particles."""

    family: str
    given: str = ""
    suffix: str = ""


class Work(Struct, frozen=True):
    """What can be said of an entry. people: authors, else editors; more: "and others" ends the list.

    fields: readable text by BibTeX's names, with titles and containers under one name each (`title`, `container`).
    """

    key: str
    kind: str
    people: tuple[Person, ...]
    more: bool
    edited: bool
    editors: tuple[Person, ...]
    year: str
    fields: Mapping[str, str]


def read_work(entry: BibEntry) -> tuple[Work, list[SiteError]]:
    """Return an entry as readable text; what its LaTeX hides from us is an error."""
    errors: list[SiteError] = []
    fields = {}
    for name, value in entry.fields:
        try:
            fields[name] = _address(value) if name in _VERBATIM else value if name in _PEOPLE else readable_latex(value)
        except _latex_errors():
            errors.append(_unreadable(name, value, entry))
    people = {}
    for name in _PEOPLE:
        value = fields.pop(name, "")
        try:
            people[name] = _people(value)
        except _latex_errors():
            errors.append(_unreadable(name, value, entry))
            people[name] = ((), False)
    (authors, more), (editors, more_editors) = people["author"], people["editor"]
    fields["title"] = ": ".join(part for part in (fields.get("title"), fields.get("subtitle")) if part)
    fields["container"] = next(
        (fields[name] for name in ("journaltitle", "journal", "booktitle", "maintitle") if fields.get(name)), ""
    )
    fields["eprint"] = _arxiv(fields)
    work = Work(
        key=entry.key,
        kind=entry.kind,
        people=authors or editors,
        more=more if authors else more_editors,
        edited=not authors and bool(editors),
        editors=editors if authors else (),
        year=_year(fields),
        fields=fields,
    )
    return work, errors


def _unreadable(name: str, value: str, entry: BibEntry) -> SiteError:
    shown = value if len(value) <= 60 else f"{value[:60]}…"
    hint = "is an argument or a brace missing? else write it without the command"
    return SiteError(f"the LaTeX of `{name}` cannot be read: {shown}", entry.location, hint)


def readable_latex(value: str) -> str:
    r"""Return LaTeX as text: accents become letters, commands and braces go, `$...$` stays. Raises `_latex_errors`."""
    if not _LATEX.search(value):
        return value
    value = re.sub(r"\\url\s*\{([^{}]*)\}", lambda found: _escaped(found[1]), value)
    value = re.sub(r"\\href\s*\{[^{}]*\}\s*(\{[^{}]*\})", r"\1", value)
    value = re.sub(r"(?<!\\)%", r"\\%", value)  # a comment in LaTeX, a sign in BibTeX
    if len(re.findall(r"(?<!\\)\$", value)) % 2:
        value = re.sub(r"(?<!\\)\$", r"\\$", value)
    text = _converter()(value)
    return re.sub(r"[^\S\xa0]+", " ", text).strip()


def _escaped(address: str) -> str:
    return re.sub(r"(?<!\\)([%_#&$~])", r"\\\1", address)


@cache
def _converter() -> Callable[[str], str]:
    logging.getLogger("pylatexenc").setLevel(logging.CRITICAL)  # what it would log is told as errors
    from pylatexenc.latex2text import LatexNodes2Text  # noqa: PLC0415 - only where something is cited

    convert: Callable[[str], str] = LatexNodes2Text(math_mode="verbatim", keep_comments=True).latex_to_text
    return convert


def _latex_errors() -> tuple[type[Exception], ...]:
    """Return what the converter raises: its own errors, and those of Python where a command has too few arguments."""
    from pylatexenc.latexwalker import LatexWalkerError  # noqa: PLC0415 - as above

    return (LatexWalkerError, LookupError, TypeError, ValueError, AttributeError, RecursionError)


def _address(value: str) -> str:
    r"""Return an address or number without LaTeX's escapes: `a\_b`, `\url{...}`."""
    inside = re.fullmatch(r"\\url\s*\{(.*)\}", value)
    return re.sub(r"\\([_%&#~$])", r"\1", inside[1] if inside else value).replace("{", "").replace("}", "")


def _people(value: str) -> tuple[tuple[Person, ...], bool]:
    """Take a list of names apart."""
    from bibtexparser.middlewares.names import (  # noqa: PLC0415 - only where something is cited
        parse_single_name_into_parts,
        split_multiple_persons_names,
    )

    people = []
    for name in split_multiple_persons_names(value) if value else ():
        if name.strip("{} ") in {"others", "et al.", "et al"}:
            continue
        parts = parse_single_name_into_parts(name, strict=False)
        family, given, suffix = (
            readable_latex(" ".join(words)) for words in ([*parts.von, *parts.last], parts.first, parts.jr)
        )
        if family or given:
            people.append(Person(family, given, suffix) if family else Person(given))
    return tuple(people), bool(re.search(r"\band\s+(others|et al\.?)\s*$", value))


def _year(fields: Mapping[str, str]) -> str:
    """Return the year, from BibLaTeX's `date` too, as in 2023-03-14 or 1998/2001."""
    if fields.get("year"):
        return fields["year"]
    date = re.findall(r"-?\d{4}", re.sub(r"(?<=\d{4})-\d\d(-\d\d)?", "", fields.get("date", "")))
    return "\u2013".join(dict.fromkeys(date)) or fields.get("pubstate", "")


def _arxiv(fields: Mapping[str, str]) -> str:
    """Return the number of the paper at arXiv, wherever it is written, else ""."""
    kind = (fields.get("archiveprefix") or fields.get("eprinttype") or "").lower()
    number = fields.get("eprint", "")
    if number and (kind == "arxiv" or (not kind and re.fullmatch(r"\d{4}\.\d{4,5}(v\d+)?|[a-z-]+/\d{7}", number))):
        return re.sub(r"^arxiv:", "", number, flags=re.IGNORECASE)
    for name in ("url", "journal", "container", "howpublished", "note", "doi"):
        found = _ARXIV.search(fields.get(name, ""))
        if found:
            return found[1]
    return ""
