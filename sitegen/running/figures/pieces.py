"""The pieces of a surface or a mesh as paths of an SVG, written all at once: as matplotlib would write them one by one."""

# ruff: noqa: ANN401 - matplotlib has no types
from __future__ import annotations

from itertools import cycle, islice, repeat
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.path import Path

from sitegen.running.figures.paths import LARGEST, SHORTEST, write_point, write_steps

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

STAND_IN = "#010203"  # for the colour of an edge in a style
_REPLACED = f"stroke: {STAND_IN}"


class Pieces(NamedTuple):
    """Outlines of straight lines.

    vertices: of all, of shape (n, 2), without those that only close; begins: where in it each outline begins.
    closed: whether each ends where it began.
    """

    vertices: NDArray[np.float64]
    begins: NDArray[np.intp]
    closed: NDArray[np.bool_]

    def boxes(self) -> NDArray[np.float64]:
        """Return left, top, right and bottom of each outline, of shape (pieces, 4)."""
        ends = (np.minimum.reduceat(self.vertices, self.begins), np.maximum.reduceat(self.vertices, self.begins))
        return np.hstack(ends)


def pieces_of(paths: Sequence[Any], transform: Any) -> Pieces | None:
    """Return paths as pieces, transformed; None where one of them is more than a short outline of straight lines."""
    begins, closed, parts, total = [], [], [], 0
    for path in paths:
        vertices, codes = path.vertices, path.codes
        count = len(vertices)
        is_closed = codes is not None and count > 0 and codes[-1] == Path.CLOSEPOLY
        count -= is_closed
        if not 2 <= count <= SHORTEST:
            return None
        if codes is not None and (codes[0] != Path.MOVETO or (codes[1:count] != Path.LINETO).any()):
            return None
        begins.append(total)
        closed.append(is_closed)
        parts.append(vertices[:count])
        total += count
    together = transform.transform(np.concatenate(parts))
    if not (np.abs(together) < LARGEST).all():  # nor is one that is nowhere
        return None
    return Pieces(together, np.array(begins), np.array(closed))


def write_pieces(pieces: Pieces, digits: int) -> Iterator[str]:
    """Yield the `d` of each piece."""
    points = np.rint(pieces.vertices * 10**digits).astype(np.int64)
    steps = np.diff(points, axis=0).tolist()
    starts = points[pieces.begins].tolist()
    begins = pieces.begins.tolist()
    rows = zip(starts, begins, [*begins[1:], len(points)], pieces.closed.tolist(), strict=True)
    for start, first, end, is_closed in rows:
        text = f"M{write_point(start, digits)}{write_steps(steps[first : end - 1], digits)}"
        yield text + "z" if is_closed else text


def write_styles(count: int, faces: Any, edges: Any, strokes: Sequence[str]) -> Iterator[str]:
    """Yield the style of each of so many pieces; colours and strokes are taken by turns.

    faces, edges: of shape (n, 4). strokes: how an edge in the colour `STAND_IN` is drawn; "" where none is.
    """
    inks = _turns(_paints(edges, "stroke"))
    for fill, ink, stroke in islice(zip(_turns(_paints(faces, "fill")), inks, _turns(strokes), strict=False), count):
        edge = f"; {stroke.replace(_REPLACED, ink)}" if ink and stroke else ""
        yield (fill or "fill: none") + edge


def _paints(colours: NDArray[np.float64], name: str) -> list[str]:
    """Return how colours are written as a fill or a stroke; "" for one that is not to be seen."""
    codes = np.rint(255 * colours[:, :3]).astype(np.uint8).tobytes().hex()
    found = []
    for place, alpha in enumerate(colours[:, 3].tolist()):
        ink = f"{name}: #{codes[6 * place : 6 * place + 6]}"
        opacity = f"{alpha:f}".rstrip("0").rstrip(".")
        found.append("" if alpha == 0 else ink if alpha == 1 else f"{ink}; {name}-opacity: {opacity}")
    return found


def _turns(some: Sequence[str]) -> Iterator[str]:
    return cycle(some) if some else repeat("")
