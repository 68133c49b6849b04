"""Post + Output -> Unfolded: results in the place of cells and values, drawings in that of diagrams, and numbers given.

Formulas are still to be set, and links to be followed: that is `weave`.
"""

from __future__ import annotations

from functools import partial
from html import escape
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

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
from sitegen.publishing.drawing import Easel, Place
from sitegen.publishing.offered import offered
from sitegen.publishing.picture import picture_of
from sitegen.publishing.references import Labels
from sitegen.publishing.results import unfold_cell
from sitegen.publishing.saved import with_saved
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


class Unfolded(Struct, frozen=True):
    """A post whose cells and values have become markup, formulas and links; feed: the same for feed readers.

    claims: (anchor, statement, detail). live: sentences about diagrams that the reader's browser draws. files: (path in the site, digest of content) of drawn figures.
    labels: those that other posts may mention. wanted: labels that are mentioned and that only another post can have.
    missing: what is wrong with mentions and citations that lead nowhere, where a blog shows these.
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
    missing: tuple[SiteError, ...]

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
    words = words_of(post.meta.lang or config.lang, config.words)
    citations = Citations(post, cited or Bibliography((), numeric=False), words["references"])
    unfolding = _Unfolding(post, output, citations, drawings, store, config, words)
    page, reader = Place(post.address), Place(post.address, config.url)

    def numbered(place: Place, where: Where) -> tuple[tuple[Fragment, ...], Labels]:
        cells = frozenset(normal_label(part.label) for part in post.body if isinstance(part, Cell))
        shown = config.broken_links == "show"
        labels = Labels(words, post.address, cells=cells, not_run=output is None, elsewhere=elsewhere, shown=shown)
        labels.add_headings(replace(heading, content=unfolding.flat(heading.content)) for heading in post.headings)
        body = labels.number(unfolding.flat(unfolding.hung(place), place, where))
        labels.add_others(post.labels, unfolding.flat(post.title))
        return labels.resolve(body), labels

    body, labels = numbered(page, "page")
    card = choose_card(post, output, store, unfolding.errors) if config.cards or post.meta.card else None
    errors, claims = (*unfolding.errors, *citations.errors), tuple(unfolding.claims)
    unfolding.claims.clear()
    feed, _ = numbered(reader, "feed")

    def plain(fragments: Sequence[Fragment]) -> tuple[Fragment, ...]:
        return labels.resolve(unfolding.flat(fragments), linked=False)

    headings = [(heading.level, heading.id, plain(heading.content)) for heading in post.headings if heading.listed]
    if citations and any(isinstance(fragment, ReferenceList) and fragment.titled for fragment in post.body):
        headings.append((2, "references", (Markup(escape(words["references"])),)))
    picture, files = picture_of(post, output, store)
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
        live=tuple(unfolding.live),
        files=tuple((unfolding.files | dict(files)).items()),
        picture=picture,
        card=card,
        errors=(*errors, *dict.fromkeys(labels.errors)),
        labels=offered(labels, post, title),
        wanted=tuple(labels.wanted),
        missing=(*citations.missing.values(), *dict.fromkeys(labels.missing)),
    )


class _Unfolding(Struct):
    """Goes through the fragments of one post, and keeps what it meets on the way. Note: mutable, lives only in `unfold`."""

    post: Post
    output: Output | None
    citations: Citations
    drawings: Mapping[Digest, Drawing]
    store: Store
    config: Config
    words: Mapping[str, str]
    claims: list[tuple[str, tuple[Fragment, ...], str]] = []
    live: dict[str, None] = {}
    files: dict[PurePosixPath, Digest] = {}
    errors: list[SiteError] = []
    _diagrams: int = 0

    def flat(
        self, fragments: Sequence[Fragment], place: Place | None = None, where: Where = "text"
    ) -> tuple[Fragment, ...]:
        """Return fragments without those that hold results. place: where they are shown, the post's page by itself."""
        place = place or Place(self.post.address)
        found: list[Fragment] = []
        for fragment in fragments:
            if type(fragment) in _FINISHED:
                found.append(fragment)
            elif isinstance(fragment, Value):
                found.append(_value(fragment, self.output, self.words))
            elif isinstance(fragment, Formula) and fragment.values:
                found.append(_with_values(fragment, self.output))
            elif isinstance(fragment, Citation):
                found += self.flat(self.citations.cite(fragment, where), place, where)
            elif isinstance(fragment, ReferenceList):
                found += self.citations.references(fragment, where)
            elif isinstance(fragment, Diagram):
                found += self._diagram(replace(fragment, caption=self.flat(fragment.caption, place, where)), place)
            elif isinstance(fragment, Cell):
                found += self._cell(fragment, place, where)
            else:
                found.append(fragment)
        return tuple(found)

    def hung(self, place: Place) -> Sequence[Fragment]:
        """Return the text with the pictures and files that its program saved."""
        if not any(step.asked or step.linked for step in self.post.program.steps):
            return self.post.body
        easels: list[Easel] = []

        def easel(cell: Cell) -> Easel:
            easels.append(Easel(replace(cell, alt=self.flat(cell.alt)), self.store, place, self.words))
            return easels[-1]

        body = with_saved(self.post, self.output, easel)
        self.files.update(file for one in easels for file in one.files)
        return body

    def _diagram(self, diagram: Diagram, place: Place) -> Sequence[Fragment]:
        drawing = self.drawings.get(diagram_key(diagram))
        if drawing is None:
            return ()  # its error is told
        self._diagrams += 1
        fragments, files = unfold_diagram(diagram, drawing, self._diagrams, place, self.store)
        self.files.update(files)
        if not drawing.svg:
            why = f" because of {drawing.reason}" if drawing.reason else ""
            said = f"line {diagram.location.line}: this {drawing.kind} is drawn by the reader's browser{why}"
            self.live[said] = None
        return fragments

    def _cell(self, folded: Cell, place: Place, where: Where) -> Sequence[Fragment]:
        cell = replace(
            folded,
            caption=self.flat(folded.caption, place, where),
            listing=folded.listing and (folded.listing[0], self.flat(folded.listing[1], place, where)),
            alt=self.flat(folded.alt),
            summary=self.flat(folded.summary, place, where),
            subcaptions=tuple(self.flat(caption, place, where) for caption in folded.subcaptions),
            sliders=tuple(map(self.flat, folded.sliders)),
        )
        unfolded = unfold_cell(
            cell,
            self.output.steps[cell.step] if self.output and cell.step is not None else (),
            self.store,
            place,
            claims_before=len(self.claims),
            missing=self.output is None and cell.step is not None,
            read_markdown=partial(self._read_markdown, cell=cell),
            slider_size=self.config.limits.slider_size,
            words=self.words,
        )
        self.claims += unfolded.claims
        self.files.update(unfolded.files)
        self.errors += unfolded.errors
        return unfolded.fragments

    def _read_markdown(self, text: str, cell: Cell) -> tuple[Fragment, ...]:
        fragments, errors = read_output(text, cell.location, self.post, self.config)
        self.errors += errors
        return fragments


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
