"""What a post cites -> the text of its citations, by author and year or by number, and its list of references.

A citation leads to its entry, shows it on hover and focus without a script, and the entry leads back.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from html import escape
from itertools import chain
from string import ascii_lowercase
from typing import TYPE_CHECKING, Literal

from sitegen.errors import SiteError
from sitegen.later import later
from sitegen.model import Cell, Citation, Markup, ReferenceList
from sitegen.publishing.entries import entry, names
from sitegen.reading.works import read_work

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sitegen.model import Bibliography, Cited, Fragment, Post
    from sitegen.reading.works import Work

    Where = Literal["page", "feed", "text"]
    """A page has previews and ways back; a feed has links alone; text has neither."""

_PAGES = later(r"\s*,?\s*(\d+(?:\s*[-\u2013]+\s*\d+)?)\s*$")
_LINK = "<a href="
_UNREACHED = '<a tabindex="-1" href='  # by keys: a preview closes when its link is left, before one in it has the focus
_PARAGRAPHED = later(r"(?<=\d)\s*-{1,2}\s*(?=\d)")


def citations_of(fragments: Iterable[Fragment]) -> Iterator[Citation]:
    """Yield every citation, those in captions and in other citations included, in reading order."""
    for fragment in fragments:
        if isinstance(fragment, Citation):
            yield fragment
            for work in fragment.works:
                yield from citations_of((*work.prefix, *work.suffix))
        elif isinstance(fragment, Cell):
            yield from citations_of(chain(fragment.summary, fragment.caption, *fragment.subcaptions))


class Citations:
    """The citations of one post. title: of the list of references. missing: what no bibliography has, by key. Note: mutable; it counts how often each work has been cited in the page so far."""

    def __init__(self, post: Post, bibliography: Bibliography, title: str) -> None:
        self.title = title
        self.errors: list[SiteError] = []
        self.missing: dict[str, SiteError] = {}
        self._numeric = bibliography.numeric
        self._works: dict[str, Work] = {}
        self._places = {item.key: item.location for item in bibliography.entries}
        for item in bibliography.entries:
            self._works[item.key], errors = read_work(item)
            self.errors += errors
        self._uses = Counter(work.key for found in citations_of(post.body) for work in found.works)
        for found in citations_of(post.body):
            for key in (work.key for work in found.works if work.key not in self._works):
                self.missing.setdefault(key, SiteError(f"no bibliography has an entry `{key}`", found.location))
        self._seen: Counter[str] = Counter()
        self._listed: set[Where] = set()
        self._numbers = {key: number for number, key in enumerate(self._works, 1)}
        self._letters = self._tell_apart()
        self._ids = self._make_ids()

    def __bool__(self) -> bool:
        """Whether anything is cited."""
        return bool(self._works)

    def _tell_apart(self) -> dict[str, str]:
        """Return the letters of works of the same names and year, by key."""
        alike: dict[tuple[str, str], list[str]] = defaultdict(list)
        for key in self._sorted():
            alike[self._label(self._works[key]), self._works[key].year].append(key)
        groups = (keys for keys in alike.values() if len(keys) > 1 and not self._numeric)
        return {key: letter for keys in groups for key, letter in zip(keys, _letters(), strict=False)}

    def _make_ids(self) -> dict[str, str]:
        ids: dict[str, str] = {}
        for key in self._works:
            base = re.sub(r"[^\w.-]+", "-", key)
            ids[key] = base if base not in ids.values() else f"{base}-{len(ids)}"
        return ids

    def _sorted(self) -> list[str]:
        """Return the keys in the order of the list: by number, or by names, year and title."""
        if self._numeric:
            return list(self._works)

        def order(key: str) -> tuple[str, str, str]:
            work = self._works[key]
            title = re.sub(r"^(the|an?)\s+", "", work.fields["title"].lower())
            return names(work.people, more=work.more).lower() or title, work.year, title

        return sorted(self._works, key=order)

    def cite(self, citation: Citation, where: Where) -> list[Fragment]:
        """Return the text of a citation."""
        cited = [work for work in citation.works if work.key in self._works]
        first = citation.works[0]
        if citation.textual and not cited and first.key not in self.missing:  # a name in a title, which cites nothing
            suffix = (Markup(" ["), *first.suffix, Markup("]")) if first.suffix else ()
            return [Markup(escape(f"@{first.key}")), *suffix]
        if len(cited) < len(citation.works):  # told elsewhere
            keys = (f"{work.key}?" if work.key in self.missing else work.key for work in citation.works)
            return [Markup(escape(f"[{', '.join(keys)}]"))]
        opening, closing = "[]" if self._numeric else "()"
        fragments: list[Fragment] = []
        if citation.textual:
            fragments.append(Markup(f"{escape(self._label(self._works[cited[0].key]))} "))
        fragments.append(Markup(opening))
        plain = self._numeric and not any(work.prefix or work.suffix for work in cited)
        for number, work in enumerate(cited):
            if number:
                fragments.append(Markup(", " if plain else "; "))
            authorless = work.authorless or (citation.textual and number == 0)
            fragments += self._one(work, where, authorless=authorless)
        fragments.append(Markup(closing))
        return fragments

    def _one(self, cited: Cited, where: Where, *, authorless: bool) -> Iterator[Fragment]:
        work = self._works[cited.key]
        if cited.prefix:
            yield from cited.prefix
            yield Markup(" ")
        yield from self._link(work, where, authorless=authorless)
        yield from _suffix(cited.suffix)

    def _link(self, work: Work, where: Where, *, authorless: bool) -> Iterator[Fragment]:
        year = f"{work.year or 'n.d.'}{self._letters.get(work.key, '')}"
        if self._numeric:
            label = str(self._numbers[work.key])
        else:
            label = year if authorless else f"{self._label(work)}, {year}"
        if where == "text":
            yield Markup(escape(label))
            return
        name = self._ids[work.key]
        link = f'href="#ref-{escape(name)}">{escape(label)}</a>'
        if where == "feed":
            yield Markup(f"<a {link}")
            return
        self._seen[work.key] += 1
        yield Markup(
            f'<span class="has-preview"><a class="citation" id="cite-{escape(name)}-{self._seen[work.key]}" {link}'
        )
        yield Markup('<span class="preview">')
        for part in entry(work, self._places[work.key], self._letters.get(work.key, "")):
            yield Markup(part.html.replace(_LINK, _UNREACHED)) if isinstance(part, Markup) else part
        yield Markup("</span></span>")

    def _label(self, work: Work) -> str:
        """Return the names that stand for a work in the text."""
        families = [person.family for person in work.people]
        if not families:
            title = work.fields["title"]
            return title if len(title) <= 40 else title[:40].rsplit(" ", 1)[0] + " …"
        if len(families) > 2 or (work.more and len(families) > 1) or work.more:
            return f"{families[0]} et al."
        return " & ".join(families)

    def references(self, place: ReferenceList, where: Where) -> list[Fragment]:
        """Return the list of references."""
        if not self._works or where in self._listed:
            return []  # a page has the list once, at the first place
        self._listed.add(where)
        tag = "ol" if self._numeric else "ul"
        fragments: list[Fragment] = [Markup('<section class="references" role="doc-bibliography">\n')]
        if place.titled:
            anchor = ' <a class="anchor" href="#references" aria-label="Link to this section">#</a>'
            fragments.append(Markup(f'<h2 id="references">{escape(self.title)}{anchor}</h2>\n'))
        fragments.append(Markup(f"<{tag}>\n"))
        for key in self._sorted():
            fragments.append(Markup(f'<li id="ref-{escape(self._ids[key])}">'))
            fragments += entry(self._works[key], self._places[key], self._letters.get(key, ""))
            fragments.append(Markup(self._back(key) if where == "page" else ""))
            fragments.append(Markup("</li>\n"))
        fragments.append(Markup(f"</{tag}>\n</section>\n"))
        return fragments

    def _back(self, key: str) -> str:
        count = self._uses[key]
        links = (
            f'<a class="citation-back" href="#cite-{escape(self._ids[key])}-{number}" aria-label="Back to citation {number}">'
            f"↩{f'<sup>{number}</sup>' if count > 1 else ''}</a>"
            for number in range(1, count + 1)
        )
        return "\u00a0" * (count > 0) + " ".join(links)  # no arrow stands on a line alone


def _suffix(fragments: Sequence[Fragment]) -> Iterator[Fragment]:
    """Yield what follows a work: after a comma when it is a place in it, and bare numbers as pages."""
    if not fragments:
        return
    first, *rest = fragments
    if not isinstance(first, Markup):
        yield from (Markup(" "), *fragments)
        return
    text = _PARAGRAPHED.sub("\u2013", first.html)
    pages = _PAGES.fullmatch(text)
    if pages and not rest:
        text = f", {'p.' if pages[1].isdigit() else 'pp.'} {pages[1]}"
    elif re.match(r"\s*(?:pp?|ch|chap|sec|fig|eq|thm|vol|no|para|§)\b|\s*§", text):
        text = f", {text.lstrip()}"
    elif not re.match(r"[\s,.:;]", text):
        text = f" {text}"
    yield Markup(re.sub(r"\b(pp?|ch|sec|vol|no)\. (?=\d)", "\\1.\xa0", text))
    yield from rest


def _letters() -> Iterator[str]:
    """Yield a, b, ..., z, aa, ab, ..."""
    yield from ascii_lowercase
    yield from (one + two for one in ascii_lowercase for two in ascii_lowercase)
