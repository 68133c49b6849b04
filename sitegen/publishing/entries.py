"""A Work -> its entry in the list of references: fragments, because titles hold formulas."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from sitegen.later import later
from sitegen.model import Formula, Markup

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sitegen.errors import Location
    from sitegen.model import Fragment
    from sitegen.reading.works import Person, Work

MOST_NAMES = 10
MARK = "\1"  # no text holds it
_WHOLE = frozenset({"book", "mvbook", "collection", "proceedings", "thesis", "phdthesis", "mastersthesis", "report"})
_WHOLE_TOO = frozenset({"techreport", "manual", "booklet", "reference", "periodical"})
_KINDS = {"phdthesis": "PhD thesis", "mastersthesis": "Master\u2019s thesis", "mathesis": "Master\u2019s thesis"}
_SCRIPTS_WITH_INITIALS = later(r"[A-Za-z\u00c0-\u024f\u0370-\u03ff\u0400-\u052f]")
_MATH = later(r"(?<!\\)\$([^$]+)\$|\\\((.+?)\\\)")


def names(people: Sequence[Person], *, more: bool) -> str:
    """Return names as a list of references has them: `Kingma, D. P. & Ba, J.`."""
    shown = [_name(person) for person in people]
    if len(shown) > MOST_NAMES:
        shown, more = shown[: MOST_NAMES - 3], True
    if more:
        return ", ".join(shown) + " et al."
    return " & ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def _name(person: Person) -> str:
    if not person.given:
        return person.family
    if not _SCRIPTS_WITH_INITIALS.search(person.given):  # Chinese, Japanese, Korean: the whole name, family first
        return person.family + person.given
    initials = " ".join(
        "-".join(f"{part[0]}." for part in word.split("-") if part)
        for word in re.split(r"[\s.]+", person.given)
        if word
    )
    return f"{person.family}, {initials}" + (f", {person.suffix}" if person.suffix else "")


def entry(work: Work, location: Location, letter: str) -> list[Fragment]:
    """Return a work as a line of the list. letter: tells works of the same names and year apart (2015a, 2015b)."""
    found = work.fields
    fragments: list[Fragment] = []
    title = found.get("title", "")
    whole = work.kind in _WHOLE | _WHOLE_TOO or not (found.get("container") or work.kind in {"article", "unpublished"})
    people = names(work.people, more=work.more)
    if people:
        fragments.append(Markup(escape(people) + (_edited_by(len(work.people)) if work.edited else "")))
    dated = f"({escape(work.year)}{letter})" if work.year else f"(n.d.{letter and '-' + letter})"
    if people:
        fragments.append(Markup(f" {dated}. "))
    if title:
        marks = ("<cite>", "</cite>") if whole else ("", "")
        fragments += [Markup(marks[0]), *_text(title, location), Markup(marks[1])]
        fragments.append(Markup("" if re.search(r"[.?!]$", title) or not people else "."))
    if not people:
        fragments.append(Markup(f" {dated}."))
    for part in _details(work):
        fragments += [Markup(" "), *_text_with_marks(part, location), Markup(".")]
    links = " ".join(f'<a href="{escape(address)}">{escape(text)}</a>' for text, address in _links(work))
    if links:
        fragments.append(Markup(f' <span class="reference-links">{links}</span>'))
    return fragments


def _edited_by(count: int) -> str:
    return " (Ed.)" if count == 1 else " (Eds.)"


def _details(work: Work) -> Iterator[str]:
    """Yield the sentences after the title, with MARK around what is set in italics."""
    found = work.fields
    container = found["container"]
    pages = re.sub(r"\s*[-\u2013\u2014]+\s*", "\u2013", found.get("pages") or found.get("eid") or "")
    kind = _KINDS.get(found.get("type") or work.kind) or found.get("type", "")
    if kind:
        yield f"{kind} {found.get('number', '')}".strip()
    if container and not re.match(r"arxiv\b|corr$", container, re.IGNORECASE):
        yield ", ".join(part for part in (*_container(work), pages) if part)
    elif pages and work.kind in {"inbook", "incollection"}:
        yield pages
    if found.get("series"):
        number = found.get("number" if container else "volume", "")
        yield f"{found['series']} {number}".strip()
    if found.get("edition"):
        edition = found["edition"]
        yield (_ordinal(edition) if edition.isdigit() else edition) + (" edition" * ("ed" not in edition.lower()))
    for names_of_it in (("publisher", "school", "institution", "organization"), ("howpublished",), ("note",)):
        text = next((found[name] for name in names_of_it if found.get(name)), "").rstrip(".")
        if text and "://" not in text and (names_of_it != ("note",) or work.kind in {"misc", "unpublished", "online"}):
            yield text


def _container(work: Work) -> Iterator[str]:
    """Yield what a part stands in: a journal with its volume and number, or a book with its editors."""
    found = work.fields
    volume, number = found.get("volume", ""), found.get("number") or found.get("issue") or ""
    title = f"{MARK}{found['container']}{MARK}"
    if found.get("journal") or found.get("journaltitle"):
        yield f"{title} {volume}{f'({number})' if number else ''}".strip()
        return
    yield f"In {title}"
    if work.editors:
        yield names(work.editors, more=False) + _edited_by(len(work.editors))
    if volume:
        yield f"vol. {volume}"


def _ordinal(number: str) -> str:
    ending = {"1": "st", "2": "nd", "3": "rd"}.get(number[-1], "th") if number[-2:] not in {"11", "12", "13"} else "th"
    return number + ending


def _links(work: Work) -> Iterator[tuple[str, str]]:
    """Yield (text, address): DOI, arXiv, else the web page."""
    found = work.fields
    doi = re.sub(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", "", found.get("doi", ""), flags=re.IGNORECASE).strip()
    if doi:
        yield f"doi:{doi}", f"https://doi.org/{quote(doi, safe='/():;.-_')}"
    if found.get("eprint"):
        yield f"arXiv:{found['eprint']}", f"https://arxiv.org/abs/{quote(found['eprint'])}"
    address = found.get("url") or (found.get("howpublished") or found.get("note") or "").strip()
    if re.match(r"www\.[\w.-]+", address):
        address = f"https://{address}"
    try:
        parts = urlsplit(address) if re.match(r"https?://\S+$", address) else None
    except ValueError:  # `https://[name].github.io`, which leads nowhere
        parts = None
    if (
        parts
        and not (doi and parts.netloc.endswith("doi.org"))
        and not (found["eprint"] and "arxiv.org" in parts.netloc)
    ):
        text = parts.netloc.removeprefix("www.") + parts.path.rstrip("/")
        yield (
            (text if len(text) <= 60 else f"{parts.netloc.removeprefix('www.')}/…"),
            quote(address, safe="%/:=&?~#+!$,;'@()*[]"),
        )


def _text(text: str, location: Location) -> Iterator[Fragment]:
    """Yield readable text with its formulas."""
    position = 0
    for match in _MATH.finditer(text):
        yield Markup(_smooth(text[position : match.start()]))
        yield Formula(match[1] or match[2], display=False, macros=(), location=location)
        position = match.end()
    yield Markup(_smooth(text[position:]))


def _text_with_marks(text: str, location: Location) -> Iterator[Fragment]:
    """Yield text with its formulas and with what MARK encloses as the title of a work."""
    for number, part in enumerate(text.split(MARK)):
        yield Markup(("</cite>" if number % 2 == 0 else "<cite>") if number else "")
        yield from _text(part, location)


def _smooth(text: str) -> str:
    return escape(text.replace("\\$", "$").replace("'", "\u2019"), quote=False)
