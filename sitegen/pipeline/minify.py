"""The files of a site -> the same with smaller pages, for readers; many pages by several processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitegen.errors import SiteError
from sitegen.model import Stored
from sitegen.pipeline.parallel import spread
from sitegen.publishing.minify import minify, recall_minified
from sitegen.typesetting.katex import ToolError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import PurePosixPath

    from sitegen.model import Digest, FileContent
    from sitegen.pipeline.run import Run
    from sitegen.publishing.minify import Minified


def with_smaller_pages(
    run: Run, files: Mapping[PurePosixPath, FileContent]
) -> tuple[dict[PurePosixPath, FileContent], list[str]]:
    """Return the files with every rendered page minified, and notes of the pages that stay as they are."""

    def minify_some(batches: Iterable[Sequence[Digest]]) -> Mapping[Digest, Minified] | SiteError:
        try:
            return {page: made for batch in batches for page, made in minify(batch, run.store).items()}
        except ToolError as error:
            return error

    pages = {
        path: content.digest
        for path, content in files.items()
        if path.suffix == ".html" and isinstance(content, Stored)
    }
    smaller: dict[Digest, Minified] = {}
    with run.stage("minify"):
        new = []
        for page in dict.fromkeys(pages.values()):
            known = recall_minified(page, run.store)
            if known is None:
                new.append(page)
            else:
                smaller[page] = known
        run.counts["pages minified"] = len(new)
        for found in spread(run.store, minify_some, new, run.options.workers, at_once=None):
            if isinstance(found, SiteError):
                run.errors.append(found)
                return {}, []
            smaller |= found
    changed = {path: Stored(smaller[page][0]) for path, page in pages.items() if smaller[page][0]}
    left = [
        f"/{path}: is published as it is: its HTML cannot be minified ({smaller[page][1]})"
        for path, page in pages.items()
        if not smaller[page][0]
    ]
    return {**files, **changed}, left
