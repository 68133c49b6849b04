"""A path of a figure -> the text that an SVG draws it from, with no point that nobody would miss and in few signs.

What a long run of points loses, and its rounding, are each within a fifteenth of a CSS pixel of what is drawn. Steps are written relative to
the last point: a curve of 2,000 points takes a twentieth of what matplotlib writes for it, compressed.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

TOLERANCE = 0.06  # points
LARGEST = 1e7  # points: beyond it nothing is drawn where it lies
SHORTEST = 128  # points of a run that is worth a look: in a shorter one each may be a datum that a reader asks for
_ROUNDS = 24
_FINE = 100  # to one: how exactly is found what a line does not need
_MOVE, _LINE, _QUADRATIC, _CUBIC, _CLOSE = 1, 2, 3, 4, 79  # matplotlib's codes
_POINTS = {_QUADRATIC: 2, _CUBIC: 3}


def write_path(
    vertices: NDArray[np.float64], codes: NDArray[np.uint8], digits: int = 2, shortest: int = SHORTEST
) -> str:
    """Return the `d` of a path, which has a code for each vertex, to so many digits behind the point; a long one to one.

    shortest: points of a run from which those that nobody would miss are left out.
    """
    if len(codes) > shortest and np.count_nonzero(codes == _LINE) > shortest:
        digits = min(digits, 1)
    one = 10**digits
    points = np.rint(np.clip(vertices, -LARGEST, LARGEST) * one).astype(np.int64)
    kinds = codes.tolist()
    text: list[str] = []
    here = start = np.zeros(2, dtype=np.int64)
    place = 0
    while place < len(kinds):
        kind = kinds[place]
        end = place + _POINTS.get(kind, 1)
        if kind == _MOVE:
            here = start = points[place]
            text.append(f"M{write_point(here.tolist(), digits)}")
        elif kind == _LINE:
            while end < len(kinds) and kinds[end] == _LINE:
                end += 1
            run = np.concatenate([[here], points[place:end]])
            if len(run) > shortest:
                exact = np.rint(np.clip(vertices[place - 1 : end], -LARGEST, LARGEST) * _FINE).astype(np.int64)
                run = run[needed(exact, TOLERANCE * _FINE)]
            text.append(write_steps(np.diff(run, axis=0).tolist(), digits))
            here = run[-1]
        elif kind in _POINTS:
            curves = [points[place:end] - here]
            while end < len(kinds) and kinds[end] == kind:
                curves.append(points[end : end + _POINTS[kind]] - points[end - 1])
                end += _POINTS[kind]
            numbers = (write_point(curve.ravel().tolist(), digits) for curve in curves)
            text.append(("q" if kind == _QUADRATIC else "c") + " ".join(numbers).replace(" -", "-"))
            here = points[end - 1]
        elif kind == _CLOSE:
            text.append("z")
            here = start
        place = end
    return "".join(text)


def needed(points: NDArray[np.int64], tolerance: float) -> NDArray[np.bool_]:
    """Return which points of a line are needed to draw it within a tolerance; its ends always are.

    Every second point that lies near the line between its neighbours goes, again and again; how far what was left out
    already lies from the line adds up.
    """
    kept = np.arange(len(points))
    strayed = np.zeros(len(points) - 1)  # of what was left out between a kept point and the next
    idle = 0
    for turn in range(_ROUNDS):
        inner = np.arange(1 + turn % 2, len(kept) - 1, 2)
        away = _distance(points[kept[inner - 1]], points[kept[inner]], points[kept[inner + 1]])
        away = away + np.maximum(strayed[inner - 1], strayed[inner])
        gone = inner[away <= tolerance]
        idle = 0 if len(gone) else idle + 1
        if idle == 2:
            break
        strayed[gone - 1] = away[away <= tolerance]
        kept, strayed = np.delete(kept, gone), np.delete(strayed, gone)
    found = np.zeros(len(points), dtype=bool)
    found[kept] = True
    return found


def _distance(before: NDArray[np.int64], point: NDArray[np.int64], after: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return how far points are from the straight pieces between their neighbours."""
    along, out = (after - before).astype(float), (point - before).astype(float)
    length = np.maximum((along * along).sum(axis=1), 1e-9)
    share = np.clip((out * along).sum(axis=1) / length, 0, 1)
    rest = out - along * share[:, None]
    distance: NDArray[np.float64] = np.sqrt((rest * rest).sum(axis=1))
    return distance


def write_steps(steps: Iterable[Sequence[int]], digits: int) -> str:
    """Return the steps of a line, each across and down, without those of nothing; but one where there is no other: a dot."""
    text: list[str] = []
    letter = ""
    for across, down in steps:
        if across and down:
            command, said = "l", write_point((across, down), digits)
        elif across or down:
            command, said = ("h", _number(across, digits)) if across else ("v", _number(down, digits))
        else:
            continue
        text.append(
            said if command == letter and said[0] == "-" else f" {said}" if command == letter else command + said
        )
        letter = command
    return "".join(text) or "h0"


def write_point(numbers: Sequence[int], digits: int) -> str:
    """Return the numbers of one or more points, with a sign or a space between them."""
    text = " ".join([_number(number, digits) for number in numbers])
    return text.replace(" -", "-")


@lru_cache(maxsize=1 << 12)
def _number(number: int, digits: int) -> str:
    """Return so many parts of one as a decimal number, without zeros that say nothing."""
    if not digits:
        return str(number)
    text = f"{abs(number):0{digits + 1}d}"
    text = f"{text[:-digits].lstrip('0')}.{text[-digits:]}".rstrip("0").rstrip(".") or "0"
    return f"-{text}" if number < 0 else text
