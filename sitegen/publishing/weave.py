"""Post + Output + set formulas -> Article: every hole is filled, for the page and, with absolute links, for feeds.

First `unfold` turns cells and values into the fragments they became; then, when all formulas are set, `fill` joins.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from html import escape, unescape
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from unicodedata import normalize
from urllib.parse import quote

from sitegen.errors import SiteError
from sitegen.labels import normal_label
from sitegen.model import (
    VALUE_MARK,
    Article,
    Bibliography,
    Cell,
    Checked,
    Citation,
    Diagram,
    Entry,
    Formula,
    Link,
    Markup,
    Number,
    Output,
    Preview,
    Reference,
    ReferenceList,
    Shown,
    Target,
    Value,
)
from sitegen.publishing.cards import choose_card
from sitegen.publishing.citations import Citations
from sitegen.publishing.diagrams import unfold_diagram
from sitegen.publishing.drawing import Place, share_shapes
from sitegen.publishing.elsewhere import offered
from sitegen.publishing.images import sized
from sitegen.publishing.links import published_path, relative
from sitegen.publishing.picture import picture_of
from sitegen.publishing.programs import as_notebook, as_script, makes_claims
from sitegen.publishing.references import Labels
from sitegen.publishing.results import unfold_cell
from sitegen.reading.parse import read_output
from sitegen.typesetting.draw import diagram_key
from sitegen.typesetting.readable import count_signs, drawn, fit, mathml, readable
from sitegen.typesetting.typeset import formula_key
from sitegen.words import words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sitegen.config import Config
    from sitegen.model import Card, Digest, Drawing, Fragment, Labelled, Picture, Post
    from sitegen.publishing.citations import Where
    from sitegen.publishing.elsewhere import Elsewhere
    from sitegen.publishing.links import Links
    from sitegen.store import Store

WORDS_A_MINUTE = 220
SECONDS_A_ROW = 5  # of a display formula: its signs are counted, not its words
SECONDS_A_LINE = 2  # of code that is not folded
LONGEST_PREVIEW = 12_000  # characters of a formula that is shown again where it is referred to; a line has about 2,000
LONGEST_HELD = 24  # signs of a formula that is never broken: narrower than the narrowest phone

_CLOSING = re.compile(r"[^\s<>&\u2e80-\uffef]{1,12}|[、。，．：；！？」』）】〉》]{1,3}")  # noqa: RUF001 - punctuation of Chinese and Japanese
MOST_OPENING = 3  # brackets and quotation marks before a formula that stay on its line
_OPENING = re.compile(r"[(\[“‘「『（【〈《]+$")  # noqa: RUF001 - as above
_LINK = re.compile(r"</?a\b[^>]*>")
_FINISHED = {Markup, Link, Number, Reference, Preview}  # fragments that hold no results
_LETTERS = re.compile(r'<span(?: class="([^"]*)")?[^>]*>([^<]+)')
_NO_PREVIEW = '<span class="preview"></span>'
_ANCHOR = re.compile(r' <a class="anchor".*?</a>')
_TEXT = {".js", ".svg"}  # drawings that are files of their own and hold text
_ASCII = bytes(range(128))
_ENTITY = re.compile(r"&#?\w+;")
_CLASSES = re.compile(r"""class=\\?["']([^"'\\]+)""")


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


def weave(
    unfolded: Unfolded,
    formulas: Mapping[Digest, str],
    links: Links,
    store: Store,
    site_url: str,
    *,
    broken: Sequence[SiteError] = (),
) -> tuple[Article | None, tuple[tuple[Link, Target], ...], list[SiteError]]:
    """Fill every hole. Returns the article, what its links led to, and the links that lead nowhere, of which `broken` are known."""
    post = unfolded.post
    errors = [*broken]
    wanted = [part for part in (*unfolded.body, *unfolded.feed) if isinstance(part, Link)]
    if post.meta.image and "://" not in post.meta.image.path.target:
        wanted.append(post.meta.image.path)
    card = unfolded.card
    if card and card.asked and not card.formulas:
        wanted.append(card.asked)
    found = {link: links.resolve(link, post) for link in dict.fromkeys(wanted)}
    targets = {link: target for link, target in found.items() if isinstance(target, Target)}
    if errors or len(targets) < len(found):
        errors += [error for error in found.values() if isinstance(error, SiteError)]
        return None, (), errors

    def html(fragment: Formula) -> str:
        return formulas[formula_key(fragment)]

    def preview(fragment: Formula) -> str:
        shown = drawn(html(fragment))
        return shown if len(shown) <= LONGEST_PREVIEW else ""

    body = _fill(
        sized(unfolded.body, targets),
        html,
        lambda link: relative(targets[link].url, post.address),
        preview=preview,
        hold=True,
    )
    body = share_shapes(body.replace(_NO_PREVIEW, ""))
    feed = _ANCHOR.sub(
        "",
        _fill(
            sized(unfolded.feed, targets),
            lambda formula: mathml(html(formula)),
            lambda link: _absolute(targets[link].url, site_url),
        ).replace(_NO_PREVIEW, ""),
    )
    image = post.meta.image
    text = _plain(unfolded.title, html)
    programs = _programs(post, text, links, store)
    article = Article(
        path=post.path,
        kind=post.kind,
        url=post.address,
        meta=post.meta,
        title=text,
        title_html=_fill(unfolded.title, html, lambda _: "", hold=True),
        subtitle_html=_fill(unfolded.subtitle, html, lambda _: "", hold=True),
        excerpt=shorten(_plain(unfolded.about, html), 240),
        image="" if image is None else targets[image.path].url if image.path in targets else image.path.target,
        contents=tuple(Entry(level, name, _plain(content, html)) for level, name, content in unfolded.headings),
        body=store.keep(body.encode()),
        feed=store.keep(feed.encode()),
        files=_files(post, targets.values()),
        drawings=(*unfolded.files, *programs),
        programs=tuple(f"/{path}" for path, _ in programs),
        claims=tuple(
            Checked(
                anchor, _LINK.sub("", _fill(statement, html, lambda _: "", hold=True)), _plain(statement, html), detail
            )
            for anchor, statement, detail in unfolded.claims
        )
        if makes_claims(post)
        else None,
        has_sliders='<div class="slider"' in body,
        has_scales=" data-scales='" in body,
        has_motion='<div class="slider"' in body or '<div class="drawing animation' in body,
        has_math=any(isinstance(fragment, Formula) for fragment in unfolded.formulas()),
        live=unfolded.live,
        minutes=max(1, round(_seconds(post) / 60)),
        picture=unfolded.picture,
        card=_with_file(card, targets, links),
    )
    drawn_text = (
        store.content(name).decode(errors="replace") for path, name in article.drawings if path.suffix in _TEXT
    )
    signs, classes = _ingredients(body, repr(article), *drawn_text)
    letters = _letters(html(fragment) for fragment in unfolded.formulas())
    return replace(article, signs=signs, classes=classes, letters=letters), tuple(targets.items()), errors


def _ingredients(*texts: str) -> tuple[str, tuple[str, ...]]:
    """Return the characters in texts that are not ASCII, and the classes of their HTML."""
    signs: set[str] = set()
    classes: set[str] = set()
    for text in texts:
        signs.update(text.encode(errors="replace").translate(None, _ASCII).decode())
        signs.update(*(unescape(entity) for entity in set(_ENTITY.findall(text))))
        for names in set(_CLASSES.findall(text)):
            classes.update(names.split())
    return "".join(sorted(sign for sign in signs if not sign.isascii())), tuple(sorted(classes))


@lru_cache(maxsize=2_000)  # many posts write the same
def _set_in(formula: str) -> frozenset[tuple[str, str]]:
    return frozenset(_LETTERS.findall(formula))


@lru_cache(maxsize=2_000)  # nearly all that formulas set are letters, digits and signs
def _signs_of(text: str) -> frozenset[str]:
    own = unescape(text)
    return frozenset(own).union(normalize("NFD", own))  # a font may put letters together


def _letters(formulas: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return what formulas set: by the classes of the elements that hold it, "" for those without, the characters."""
    found: dict[str, set[str]] = {}
    for classes, text in frozenset[tuple[str, str]]().union(*map(_set_in, formulas)):
        found.setdefault(classes, set()).update(_signs_of(text))
    return tuple((classes, "".join(sorted(signs))) for classes, signs in sorted(found.items()))


def _with_file(card: Card | None, targets: Mapping[Link, Target], links: Links) -> Card | None:
    """Return a card with the file of the image that it shows."""
    target = targets.get(card.asked) if card and card.asked else None
    if card is None or target is None:
        return card
    own = {f"/{quote(str(place))}": path for path, place in links.assets.items()}
    return replace(card, file=target.file[1] if target.file else own.get(target.url))


def _seconds(post: Post) -> float:
    """Return how long a post takes to read: its words (those of formulas in the line with them), displays and code."""
    rows = lines = 0
    for part in post.body:
        if isinstance(part, Formula) and part.display:
            rows += 1 + part.tex.count(r"\\")
        elif isinstance(part, Cell) and part.echo and not part.fold:
            lines += part.shown.count("\n")
        elif isinstance(part, Markup):
            lines += sum(code.partition("</code>")[0].count("\n") for code in part.html.split("<pre")[1:])
    return post.words * 60 / WORDS_A_MINUTE + rows * SECONDS_A_ROW + lines * SECONDS_A_LINE


def _fill(
    fragments: Sequence[Fragment],
    formula: Callable[[Formula], str],
    link: Callable[[Link], str],
    *,
    preview: Callable[[Formula], str] = lambda _: "",
    hold: bool = False,
) -> str:
    """Join fragments. hold: keep punctuation on the line of the short formula beside it; browsers would break there."""
    parts: list[str] = []
    holds = False
    for fragment in fragments:
        if isinstance(fragment, Markup):
            html = fit(fragment.html)
            closing = _CLOSING.match(html) if holds else None
            if closing:
                parts[-1] = f'<span class="held">{parts[-1]}{closing[0]}</span>'
            parts.append(html[closing.end() :] if closing else html)
            holds = False
        elif isinstance(fragment, Formula):
            html = formula(fragment)
            holds = hold and not fragment.display and count_signs(html) <= LONGEST_HELD
            opening = _OPENING.search(parts[-1][-MOST_OPENING:]) if holds and parts else None
            if opening:
                parts[-1] = parts[-1][: -len(opening[0])]
                html = f'<span class="held">{opening[0]}{html}</span>'
            parts.append(html)
        elif isinstance(fragment, Preview):
            parts.append(preview(fragment.formula))
            holds = False
        elif isinstance(fragment, Link):
            parts.append(escape(fit(link(fragment))))
            holds = False
    return "".join(parts)


def _plain(fragments: Sequence[Fragment], formula: Callable[[Formula], str]) -> str:
    """Return readable text: formulas as signs, tags gone."""
    html = _fill(fragments, lambda found: escape(readable(formula(found))), lambda _: "")
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", "", html))).strip()


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


def _programs(post: Post, title: str, links: Links, store: Store) -> list[tuple[PurePosixPath, Digest]]:
    """Return the program of a post as files to download, beside its page."""
    if not any(step.kind == "cell" for step in post.program.steps):
        return []
    folder = PurePosixPath(post.address.strip("/"))
    folder = folder if post.address.endswith("/") else folder.parent
    texts = {".py": as_script(post, title, links.root), ".ipynb": as_notebook(post, title, links.root)}
    return [(folder / f"{post.meta.slug}{suffix}", store.keep(text.encode())) for suffix, text in texts.items()]


def _files(post: Post, targets: Iterable[Target]) -> tuple[tuple[PurePosixPath, PurePosixPath], ...]:
    """Return what is published with a post: the files of its bundle, and those that it points to."""
    found = {published_path(path, post): path for path in post.files}
    found.update(target.file for target in targets if target.file)
    return tuple(sorted(found.items()))


def _absolute(url: str, site_url: str) -> str:
    return site_url + url if url.startswith("/") else url


def shorten(text: str, most: int) -> str:
    """Return the beginning of a text, cut between words."""
    if len(text) <= most:
        return text
    return text[:most].rsplit(" ", 1)[0].rstrip(",;:. ") + "…"
