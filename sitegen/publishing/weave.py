"""Unfolded + set formulas -> Article: every hole is filled, for the page and, with absolute links, for feeds."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import quote

from msgspec.structs import replace

from sitegen.errors import SiteError
from sitegen.model import Article, Cell, Checked, Entry, Formula, Link, Markup, Target
from sitegen.publishing.addresses import relative
from sitegen.publishing.drawing import share_shapes
from sitegen.publishing.filled import filled, plain_text
from sitegen.publishing.images import sized
from sitegen.publishing.letters import letters_of, signs_and_classes
from sitegen.publishing.links import published_path
from sitegen.publishing.programs import as_notebook, as_script, makes_claims
from sitegen.typesetting.readable import drawn, mathml, mathml_and_text
from sitegen.typesetting.typeset import formula_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sitegen.model import Card, Digest, Fragment, Post
    from sitegen.publishing.links import Links
    from sitegen.publishing.unfold import Unfolded
    from sitegen.store import Store

WORDS_A_MINUTE = 220
SECONDS_A_ROW = 5  # of a display formula: its signs are counted, not its words
SECONDS_A_LINE = 2  # of code that is not folded
LONGEST_PREVIEW = 12_000  # characters of a formula that is shown again where it is referred to; a line has about 2,000

_LINK = re.compile(r"</?a\b[^>]*>")
_NO_PREVIEW = '<span class="preview"></span>'
_ANCHOR = re.compile(r' <a class="anchor".*?</a>')
_TEXT = {".js", ".svg"}  # drawings that are files of their own and hold text


def weave(
    unfolded: Unfolded,
    formulas: Mapping[Digest, str],
    links: Links,
    store: Store,
    site_url: str,
    *,
    is_searched: bool,
    broken: Sequence[SiteError],
) -> tuple[Article | None, tuple[tuple[Link, Target], ...], list[SiteError]]:
    """Fill every hole. Returns the article, what its links led to, and the links that lead nowhere, of which `broken` are known.

    is_searched: whether the site has a search, whose excerpts show formulas as readable text, at 0.05 ms each.
    """
    post = unfolded.post
    targets, errors = _followed(unfolded, links)
    errors = [*broken, *errors]
    if errors:
        return None, (), errors

    def html(fragment: Formula) -> str:
        return formulas[formula_key(fragment)]

    def preview(fragment: Formula) -> str:
        shown = drawn(html(fragment))
        return shown if len(shown) <= LONGEST_PREVIEW else ""

    def line(fragments: Sequence[Fragment]) -> str:
        return filled(fragments, html, lambda _: "", hold=True)

    body = filled(
        sized(unfolded.body, targets),
        html,
        lambda link: relative(targets[link].url, post.address),
        preview=preview,
        hold=True,
    )
    body = share_shapes(body.replace(_NO_PREVIEW, ""))
    feed = filled(
        sized(unfolded.feed, targets),
        lambda formula: (mathml_and_text if is_searched else mathml)(html(formula)),
        lambda link: _absolute(targets[link].url, site_url),
    )
    feed = _ANCHOR.sub("", feed.replace(_NO_PREVIEW, ""))
    text = plain_text(unfolded.title, html)
    image, image_size, notes = _picture(post, targets)
    card = None if image and unfolded.card and not unfolded.card.asked else unfolded.card
    claims = (
        Checked(anchor, _LINK.sub("", line(statement)), plain_text(statement, html), detail)
        for anchor, statement, detail in unfolded.claims
    )
    programs = _programs(post, text, links, store)
    article = Article(
        path=post.path,
        kind=post.kind,
        url=post.address,
        meta=post.meta,
        title=text,
        title_html=line(unfolded.title),
        subtitle_html=line(unfolded.subtitle),
        excerpt=shorten(plain_text(unfolded.about, html), 240),
        image=image,
        contents=tuple(Entry(level, name, plain_text(content, html)) for level, name, content in unfolded.headings),
        body=store.keep(body.encode()),
        feed=store.keep(feed.encode()),
        files=_files(post, targets.values()),
        drawings=(*unfolded.files, *programs),
        programs=tuple(f"/{path}" for path, _ in programs),
        claims=tuple(claims) if makes_claims(post) else None,
        has_sliders='<div class="slider"' in body,
        has_scales=" data-scales='" in body,
        has_motion='<div class="slider"' in body or '<div class="drawing animation' in body,
        has_math=any(isinstance(fragment, Formula) for fragment in unfolded.formulas()),
        live=unfolded.live,
        minutes=max(1, round(_seconds(post) / 60)),
        image_size=image_size,
        picture=unfolded.picture,
        card=_with_file(card, targets, links),
        notes=notes,
    )
    shown = (store.content(name).decode(errors="replace") for path, name in article.drawings if path.suffix in _TEXT)
    signs, classes = signs_and_classes(body, repr(article), *shown)
    letters = letters_of(html(fragment) for fragment in unfolded.formulas())
    return replace(article, signs=signs, classes=classes, letters=letters), tuple(targets.items()), errors


def _followed(unfolded: Unfolded, links: Links) -> tuple[dict[Link, Target], list[SiteError]]:
    """Return where the links of a post lead, those of its picture and its card included, and what is wrong with them."""
    wanted = [part for part in (*unfolded.body, *unfolded.feed) if isinstance(part, Link)]
    image, card = unfolded.post.meta.image, unfolded.card
    if image and ("://" not in image.path.target or image.path.target.startswith("file:")):
        wanted.append(image.path)
    if card and card.asked and not card.formulas:
        wanted.append(card.asked)
    found = {link: links.resolve(link, unfolded.post) for link in dict.fromkeys(wanted)}
    targets = {link: target for link, target in found.items() if isinstance(target, Target)}
    errors = [error for error in found.values() if isinstance(error, SiteError)]
    if card and card.asked in targets and targets[card.asked].wrong:
        errors.insert(0, SiteError(targets[card.asked].wrong, card.asked.location))
    return targets, errors


def _picture(post: Post, targets: Mapping[Link, Target]) -> tuple[str, tuple[int, int] | None, tuple[str, ...]]:
    """Return the address and the size of a post's picture, and a note where its file is none."""
    image = post.meta.image
    cover = targets.get(image.path) if image else None
    if image is None or cover is None:
        return image.path.target if image else "", None, ()
    if cover.wrong:
        return "", cover.size, (f"{image.path.location}: {cover.wrong}; the post has no picture",)
    return cover.url, cover.size, ()


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
