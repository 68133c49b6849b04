r"""What another site shows of a post that is linked there: a picture with its title and a figure, picture or formula of its own.

`choose_card` says what that is when the post is woven; `draw_or_recall_card` draws it when the site is written, and recalls it later.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from sitegen.errors import SiteError, suggestion
from sitegen.keys import digest, digest_of_code, versions_of
from sitegen.labels import normal_label
from sitegen.model import Card, Cell, Formula
from sitegen.publishing.picture import figures_of
from sitegen.running.figures.palette import in_light
from sitegen.tex import argument_end, skip_blanks

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sitegen.config import Config
    from sitegen.model import Article, Digest, Output, Post
    from sitegen.store import Store

_MOST_FORMULAS = 8  # that are tried
_LONGEST = 160  # signs of a formula that is tried unasked
_MOST_MACROS = 100  # that are replaced in a formula: one may call itself


def choose_card(post: Post, output: Output | None, store: Store, errors: list[SiteError]) -> Card | None:
    """Return what the card of a post shows, as its header asks or as is found; None for no card."""
    asked = post.meta.card
    has_picture = post.meta.image and not post.meta.image.path.is_optional  # which else is seen when it is looked for
    if post.kind != "post" or asked is False or (has_picture and not asked):
        return None
    address = f"/cards/{post.address.strip('/') or 'index'}.png"
    if asked and re.fullmatch(r"\$.+\$", asked.target, re.DOTALL):
        macros = {name: body for part in post.body if isinstance(part, Formula) for name, body in part.macros}
        return Card(address, formulas=(expanded(asked.target.strip("$ "), macros),), asked=asked)
    label = normal_label(asked.target) if asked else ""
    if asked and not label.startswith("fig-"):
        return Card(address, asked=asked)  # an image, whose file is found with all links
    cells = [part for part in post.body if isinstance(part, Cell) and (not asked or normal_label(part.label) == label)]
    figure = next(figures_of(cells, output), None)
    if asked and figure is None and (output is not None or not cells):
        named = sorted(part.label for part in post.body if isinstance(part, Cell) and part.label)
        hint = (
            suggestion(asked.target, named) or "a card shows the label of a cell that draws, `$a formula$` or an image"
        )
        errors.append(SiteError(f"there is no figure `{asked.target}` for the card", asked.location, hint))
    if figure is not None and figure.svg:
        return Card(address, store.keep(in_light(store.content(figure.svg).decode()).encode()))
    if figure is not None:
        return Card(address, figure.light)
    shown = [part for part in post.body if isinstance(part, Formula) and part.display and not part.values]
    formulas = [expanded(part.tex, dict(part.macros)) for part in shown[:_MOST_FORMULAS]]
    return Card(address, formulas=tuple(tex for tex in formulas if len(tex) <= _LONGEST))


def expanded(tex: str, macros: Mapping[str, str]) -> str:
    """Return a formula with the author's macros replaced by what they stand for."""
    if not macros:
        return tex
    names = "|".join(re.escape(name.lstrip("\\")) for name in sorted(macros, key=len, reverse=True))
    bodies = {name.lstrip("\\"): body for name, body in macros.items()}
    macro = re.compile(rf"\\({names})(?![a-zA-Z])")
    for _ in range(_MOST_MACROS):
        found = macro.search(tex)
        if found is None:
            break
        body, end = bodies[found[1]], found.end()
        for number in range(1, 1 + max((int(digit) for digit in re.findall(r"#(\d)", body)), default=0)):
            start = skip_blanks(tex, end)
            end = argument_end(tex, start) or len(tex)
            argument = tex[start:end]
            body = body.replace(f"#{number}", argument[1:-1] if argument.startswith("{") else argument)
        tex = f"{tex[: found.start()]}{{{body}}}{tex[end:]}"
    return tex


def draw_or_recall_card(article: Article, config: Config, root: Path, store: Store, *, draw: bool) -> Digest | None:
    """Return the digest of an article's card in the store; None when it is not known and not to be drawn.

    Raises SiteError for one that cannot be drawn as was asked.
    """
    card = cast("Card", article.card)
    names = ", ".join(article.meta.authors) or config.author.name
    texts = (article.title, config.title, "" if names == config.title else names, article.meta.lang or config.lang)
    accent = config.accent.get("light", "")
    picture = (root / card.file).read_bytes() if card.file else store.content(card.picture) if card.picture else b""
    code = digest_of_code(*(f"publishing/{name}.py" for name in ("cards", "lettering", "png", "poster")))
    key = digest(code, versions_of("pillow", "resvg-py", "matplotlib"), repr((*texts, accent, card.formulas)), picture)
    known = store.recall_content("card", key)
    if known is None and draw:
        from sitegen.publishing.poster import draw_card  # noqa: PLC0415 - Pillow, only where something is drawn

        known = store.keep(draw_card(card, *texts, picture=picture, accent=accent))
        store.remember("card", key, known)
    return known
