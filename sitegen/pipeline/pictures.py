"""The pictures that other programs than a browser show: figures of feeds as PNG, and cards; drawn by several processes."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from sitegen.errors import SiteError
from sitegen.pipeline.parallel import spread
from sitegen.publishing.cards import draw_or_recall_card
from sitegen.publishing.png import draw_or_recall_png, is_to_be_drawn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sitegen.model import Article, Digest, Page
    from sitegen.pipeline.run import Run
    from sitegen.publishing.site import Site


def draw_pictures(run: Run, site: Site, pages: Sequence[Page]) -> Iterator[tuple[PurePosixPath, Digest, str]]:
    """Yield (path in the site, PNG in the store, whose it is); what cannot be drawn as its author asked is an error."""
    fed = {article.path for page in pages if page.template.startswith("feed.") for article in page.articles}
    wanted: list[tuple[PurePosixPath, Article | Digest, str]] = []
    for article in site.everything:
        own = str(article.path)
        if article.path in fed:
            wanted += [(path, name, own) for path, name in article.drawings if is_to_be_drawn(path)]
        if article.card:
            wanted.append((PurePosixPath(article.card.address[1:]), article, own))

    def find(what: Article | Digest, *, draw: bool) -> Digest | SiteError | None:
        try:
            if isinstance(what, str):
                return draw_or_recall_png(what, run.store, draw=draw)
            return draw_or_recall_card(what, site.config, run.root, run.store, draw=draw)
        except SiteError as error:
            return error

    def draw_some(batches: Iterable[Sequence[int]]) -> list[tuple[int, Digest | SiteError | None]]:
        return [(number, find(wanted[number][1], draw=True)) for batch in batches for number in batch]

    with run.stage("pictures"):
        found = [find(what, draw=False) for _, what, _ in wanted]
        new = [number for number, known in enumerate(found) if known is None]
        run.counts["pictures drawn"] = len(new)
        for drawings in spread(run.store, draw_some, new, run.options.workers, worth=4, at_once=1):
            for number, drawn in drawings:
                found[number] = drawn
    for (path, _, owner), drawn in zip(wanted, found, strict=True):
        if isinstance(drawn, SiteError):
            run.errors.append(drawn)
        elif drawn:
            yield path, drawn, owner
