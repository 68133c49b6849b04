"""Post + Output -> the figure that stands for the post in lists: the first that it shows, as a file for each theme."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from sitegen.model import Animation, Cell, Figure, Frames, Picture
from sitegen.publishing.smaller import half_of
from sitegen.running.figures.palette import in_dark, in_light

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sitegen.model import Digest, Fragment, Output, Post
    from sitegen.store import Store

HEAVIEST = 60_000  # bytes of SVG: a list shows ten


def picture_of(
    post: Post, output: Output | None, store: Store
) -> tuple[Picture | None, tuple[tuple[PurePosixPath, Digest], ...]]:
    """Return the picture with its files as (path in the site, content); None when no figure is light enough."""
    for figure in figures_of(post.body, output):
        found = _files(figure, store)
        if found:
            light, dark = found
            picture = Picture(f"/{light[0]}", f"/{dark[0]}", round(figure.width), round(figure.height))
            return picture, tuple(dict.fromkeys((light, dark)))
    return None, ()


def figures_of(parts: Iterable[Fragment], output: Output | None) -> Iterator[Figure]:
    """Yield the figures that a part of a post shows, in reading order."""
    for part in parts:
        if isinstance(part, Cell) and part.output and part.step is not None and output:
            for result in output.steps[part.step]:
                results = result.frames[result.start] if isinstance(result, Frames) else (result,)
                for one in results:
                    if isinstance(one, Figure):
                        yield one
                    elif isinstance(one, Animation):
                        yield one.still


def _files(figure: Figure, store: Store) -> tuple[tuple[PurePosixPath, Digest], tuple[PurePosixPath, Digest]] | None:
    if not figure.svg:
        rasters = [half_of(one, store) or (one, 0) for one in (figure.light, figure.dark or figure.light)]
        return _file(rasters[0][0], "webp"), _file(rasters[1][0], "webp")
    svg = store.content(figure.svg).decode()
    if len(svg) > HEAVIEST:
        return None
    light = in_light(svg)
    dark = in_dark(svg) if figure.themed else light
    return _file(store.keep(light.encode()), "svg"), _file(store.keep(dark.encode()), "svg")


def _file(content: Digest, suffix: str) -> tuple[PurePosixPath, Digest]:
    return PurePosixPath("figures") / f"{content[:16]}.{suffix}", content
