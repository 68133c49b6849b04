"""Paths of figures in few signs: they are drawn as they were, within what can be seen."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sitegen.running.figures.paths import SHORTEST, TOLERANCE, needed, write_path

MOVE, LINE, QUADRATIC, CUBIC, CLOSE = 1, 2, 3, 4, 79
SIZES = {"M": 2, "l": 2, "h": 1, "v": 1, "q": 4, "c": 6}


def read_path(text: str) -> list[tuple[float, float]]:
    """Return the points of a path, those that steer its curves too."""
    points: list[tuple[float, float]] = []
    here = start = (0.0, 0.0)
    for letter, rest in re.findall(r"([Mlhvqcz])([^Mlhvqcz]*)", text):
        numbers = [float(number) for number in re.findall(r"-?[\d.]+", rest)]
        if letter == "z":
            here = start
            continue
        for place in range(0, len(numbers), SIZES[letter]):
            some = numbers[place : place + SIZES[letter]]
            some = {"h": [*some, 0.0], "v": [0.0, *some]}.get(letter, some)
            pairs = list(zip(some[::2], some[1::2], strict=True))
            points += [(x, y) if letter == "M" else (here[0] + x, here[1] + y) for x, y in pairs]
            here = points[-1]
            start = here if letter == "M" else start
    return points


@pytest.mark.parametrize(
    ("points", "codes", "text"),
    [
        ([(1, 2), (3, 2), (3, 1.5), (2.5, 1)], [MOVE, LINE, LINE, LINE], "M1 2h2v-.5l-.5-.5"),
        ([(0, 0), (0.25, 1), (0.5, 2)], [MOVE, LINE, LINE], "M0 0l.25 1 .25 1"),
        ([(0, 0), (1, 0), (1, 1), (0, 0)], [MOVE, LINE, LINE, CLOSE], "M0 0h1v1z"),
        (
            [(0, 0), (1, 0), (1, 1), (0, 2), (0, 3)],
            [MOVE, QUADRATIC, QUADRATIC, QUADRATIC, QUADRATIC],
            "M0 0q1 0 1 1-1 1-1 2",
        ),
        ([(5, 5), (5, 5)], [MOVE, LINE], "M5 5h0"),
        ([(0, 0), (9, 9), (1, 1), (2, 1)], [MOVE, MOVE, LINE, LINE], "M0 0M9 9l-8-8h1"),
    ],
)
def test_a_path_is_written_in_few_signs(points: list[tuple[float, float]], codes: list[int], text: str) -> None:
    assert write_path(np.array(points, float), np.array(codes, np.uint8)) == text


@given(arrays(float, st.tuples(st.integers(1, 300), st.just(2)), elements=st.floats(-2000, 2000)))
def test_what_is_written_stays_near_every_point(points: np.ndarray) -> None:
    codes = np.array([MOVE, *[LINE] * (len(points) - 1)], np.uint8)
    drawn = np.array(read_path(write_path(points, codes)))
    for point in points:
        assert distance(point, drawn) <= (TOLERANCE + 0.08 if len(points) > SHORTEST else 0.01)
    assert np.abs(drawn[-1] - points[-1]).max() <= (
        0.051 if len(points) > SHORTEST else 0.0051
    )  # no error adds up along the way


def distance(point: np.ndarray, line: np.ndarray) -> float:
    if len(line) == 1:
        return float(np.hypot(*(point - line[0])))
    start, step = line[:-1], np.diff(line, axis=0)
    share = np.clip(((point - start) * step).sum(axis=1) / np.maximum((step**2).sum(axis=1), 1e-12), 0, 1)
    return float(np.hypot(*(point - start - share[:, None] * step).T).min())


def test_a_smooth_curve_needs_few_of_its_points_and_a_rough_one_keeps_them() -> None:
    x = np.linspace(0, 300, 2000)
    smooth = np.rint(100 * np.column_stack([x, 80 + 60 * np.sin(x / 25)])).astype(np.int64)
    assert needed(smooth, 100 * TOLERANCE).sum() < 200
    rough = smooth + np.random.default_rng(0).integers(-300, 300, smooth.shape)
    assert needed(rough, 100 * TOLERANCE).sum() > 1900


def test_ends_stay_also_of_a_line_that_comes_back() -> None:
    there = np.array([(0, 0), (500, 0), (1000, 0), (500, 0), (0, 0)], np.int64)
    assert needed(there, 5).tolist() == [True, False, True, False, True]
