"""Post + Output -> Unfolded: results in the place of cells and values, drawings in that of diagrams, and numbers given.

Formulas are still to be set, and links to be followed: that is `weave`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from html import escape
from typing import TYPE_CHECKING

from sitegen.labels import normal_label
from sitegen.model import (
    VALUE_MARK,
    Bibliography,
    Cell,
    Citation,
    Diagram,
    Formula,
    Link,
    Markup,
    Number,
    Output,
    Preview,
    Reference,
    ReferenceList,
    Shown,
    Value,
)
from sitegen.publishing.cards import choose_card
from sitegen.publishing.citations import Citations
from sitegen.publishing.diagrams import unfold_diagram
from sitegen.publishing.drawing import Place
from sitegen.publishing.offered import offered
from sitegen.publishing.picture import picture_of
from sitegen.publishing.references import Labels
from sitegen.publishing.results import unfold_cell
from sitegen.reading.parse import read_output
from sitegen.typesetting.draw import diagram_key
from sitegen.words import words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import PurePosixPath

    from sitegen.config import Config
    from sitegen.errors import SiteError
    from sitegen.model import Card, Digest, Drawing, Fragment, Labelled, Picture, Post
    from sitegen.publishing.citations import Where
    from sitegen.publishing.elsewhere import Elsewhere
    from sitegen.store import Store

_FINISHED = {Markup, Link, Number, Reference, Preview}  # fragments that hold no results


@dataclass(frozen=True, slots=True)
class Unfolded:
    """A post whose cells and values have become markup, formulas and links; feed: the same for feed readers.

    claims: (anchor, statement, detail). live: sentences about diagrams that the reader's browser draws. files: (path in the site, digest of content) of drawn figures.
    labels: those that other posts may mention. wanted: labels that are mentioned and that only another post can have.
    """

    post: Post
    body: tuple[Fragment, ...]
    feed: tuple[Fragment, ...]
    title: tuple[Fragment, ...]
    subtitle: tuple[Fragment, ...]
    about: tuple[Fragment, ...]
    headings: tuple[tuple[int, str, tuple[Fragment, ...]], ...]
    claims: tuple[tuple[str, tuple[Fragment, ...], str], ...]
    live: tuple[str, ...]
    files: tuple[tuple[PurePosixPath, Digest], ...]
    picture: Picture | None
    card: Card | None
    errors: tuple[SiteError, ...]
    labels: Mapping[str, Labelled]
    wanted: tuple[str, ...]

    def formulas(self) -> Iterable[Formula]:
        """Return every formula, those of titles included, and those that are shown where another post has them."""
        for part in (self.body, self.title, self.subtitle, self.about, *(content for _, _, content in self.headings)):
            for fragment in part:
                if isinstance(fragment, Formula):
                    yield fragment
                elif isinstance(fragment, Preview) and is_borrowed(fragment.formula):
                    yield fragment.formula


def is_borrowed(formula: Formula) -> bool:
    """Whether a formula is another post's, which tells what is wrong with it: no line of this one has it."""
    return formula.location.line == 0


@dataclass(slots=True)
class _Gathered:
    claims: list[tuple[str, tuple[Fragment, ...], str]] = field(default_factory=list)
    live: dict[str, None] = field(default_factory=dict)
    diagrams: int = 0
    files: dict[PurePosixPath, Digest] = field(default_factory=dict)
    errors: list[SiteError] = field(default_factory=list)


def unfold(
    post: Post,
    output: Output | None,
    *,
    cited: Bibliography | None,
    drawings: Mapping[Digest, Drawing],
    store: Store,
    config: Config,
    elsewhere: Elsewhere | None = None,
) -> Unfolded:
    """Put results in the place of cells and values, pictures in that of diagrams, and texts in that of citations.

    output: None when the program was not run and that was asked for. cited: None for a post without a bibliography.
    elsewhere: labels of other posts; None while these are not known.
    """
    gathered = _Gathered()
    words = words_of(post.meta.lang or config.lang, config.words)
    citations = Citations(post, cited or Bibliography((), numeric=False), words["references"])
    page, reader = Place(post.address), Place(post.address, config.url)

    def read_markdown(text: str, cell: Cell) -> tuple[Fragment, ...]:
        fragments, errors = read_output(text, cell.location, post, config)
        gathered.errors += errors
        return fragments

    def diagram(fragment: Diagram, place: Place) -> list[Fragment]:
        drawing = drawings.get(diagram_key(fragment))
        if drawing is None:
            return []  # its error is told
        gathered.diagrams += 1
        fragments, files = unfold_diagram(fragment, drawing, gathered.diagrams, place, store)
        gathered.files.update(files)
        if not drawing.svg:
            why = f" because of {drawing.reason}" if drawing.reason else ""
            gathered.live[
                f"line {fragment.location.line}: this {drawing.kind} is drawn by the reader's browser{why}"
            ] = None
        return fragments

    def flat(fragments: Sequence[Fragment], place: Place = page, where: Where = "text") -> tuple[Fragment, ...]:
        found: list[Fragment] = []
        for fragment in fragments:
            if type(fragment) in _FINISHED:
                found.append(fragment)
            elif isinstance(fragment, Value):
                found.append(_value(fragment, output, words))
            elif isinstance(fragment, Formula) and fragment.values:
                found.append(_with_values(fragment, output))
            elif isinstance(fragment, Citation):
                found += flat(citations.cite(fragment, where), place, where)
            elif isinstance(fragment, ReferenceList):
                found += citations.references(fragment, where)
            elif isinstance(fragment, Diagram):
                found += diagram(replace(fragment, caption=flat(fragment.caption, place, where)), place)
            elif isinstance(fragment, Cell):
                cell = replace(
                    fragment,
                    caption=flat(fragment.caption, place, where),
                    listing=fragment.listing and (fragment.listing[0], flat(fragment.listing[1], place, where)),
                    alt=flat(fragment.alt),
                    summary=flat(fragment.summary, place, where),
                    subcaptions=tuple(flat(caption, place, where) for caption in fragment.subcaptions),
                    sliders=tuple(map(flat, fragment.sliders)),
                )
                results = output.steps[fragment.step] if output and fragment.step is not None else ()
                missing = output is None and fragment.step is not None
                unfolded = unfold_cell(
                    cell,
                    results,
                    store,
                    place,
                    claims_before=len(gathered.claims),
                    missing=missing,
                    read_markdown=partial(read_markdown, cell=cell),
                    slider_size=config.limits.slider_size,
                    words=words,
                )
                found += unfolded.fragments
                gathered.claims += unfolded.claims
                gathered.files.update(unfolded.files)
                gathered.errors += unfolded.errors
            else:
                found.append(fragment)
        return tuple(found)

    def numbered(place: Place, where: Where) -> tuple[tuple[Fragment, ...], Labels]:
        cells = frozenset(normal_label(part.label) for part in post.body if isinstance(part, Cell))
        labels = Labels(words, post.address, cells=cells, not_run=output is None, elsewhere=elsewhere)
        labels.add_headings(replace(heading, content=flat(heading.content)) for heading in post.headings)
        body = labels.number(flat(post.body, place, where))
        labels.add_others(post.labels, flat(post.title))
        return labels.resolve(body), labels

    body, labels = numbered(page, "page")
    card = choose_card(post, output, store, gathered.errors) if config.cards or post.meta.card else None
    errors, claims = (*gathered.errors, *citations.errors), tuple(gathered.claims)
    gathered.claims.clear()
    feed, _ = numbered(reader, "feed")

    def plain(fragments: Sequence[Fragment]) -> tuple[Fragment, ...]:
        return labels.resolve(flat(fragments), linked=False)

    headings = [(heading.level, heading.id, plain(heading.content)) for heading in post.headings if heading.listed]
    if citations and any(isinstance(fragment, ReferenceList) and fragment.titled for fragment in post.body):
        headings.append((2, "references", (Markup(escape(words["references"])),)))
    picture, files = picture_of(post, output, store)
    gathered.files.update(files)
    title = plain(post.title)
    return Unfolded(
        post=post,
        body=body,
        feed=feed,
        title=title,
        subtitle=plain(post.subtitle),
        about=plain(post.description or post.excerpt),
        headings=tuple(headings),
        claims=tuple((anchor, plain(statement), detail) for anchor, statement, detail in claims),
        live=tuple(gathered.live),
        files=tuple(gathered.files.items()),
        picture=picture,
        card=card,
        errors=(*errors, *dict.fromkeys(labels.errors)),
        labels=offered(labels, post, title),
        wanted=tuple(labels.wanted),
    )


def _value(value: Value, output: Output | None, words: Mapping[str, str]) -> Markup:
    if output is None:
        return Markup(f'<span class="not-run" title="{escape(words["not-computed"])}">?</span>')
    return Markup(escape(_text(value, output)))


def _text(value: Value, output: Output) -> str:
    return "".join(result.data for result in output.steps[value.step] if isinstance(result, Shown))


def _with_values(formula: Formula, output: Output | None) -> Formula:
    """Return a formula with the values that its TeX holds; what was not run shows as a question mark."""
    tex = formula.tex
    for value in formula.values:
        tex = tex.replace(VALUE_MARK, _text(value, output) if output else "?", 1)
    return replace(formula, tex=tex, values=())
