"""Filled contours as areas that lie on each other.

matplotlib fills what lies between two levels, and so writes the line of a level twice: as the end of one area and, backwards,
as the beginning of the next. All that lies above a level, with what lies above the next on it, looks the same in fewer bytes,
and has no seams.
"""

# ruff: noqa: ANN401 - matplotlib has no types
from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.contour import ContourSet
from matplotlib.path import Path


def can_be_stacked(artist: Any) -> bool:
    """Whether an artist is areas of which each hides what lies under it, and none ends above: there the ground is seen."""
    if not isinstance(artist, ContourSet) or not artist.filled:
        return False
    contours: Any = artist
    inks, hatches = contours.get_facecolor(), contours.hatches
    has_edges = len(contours.get_edgecolor()) and np.any(contours.get_linewidth())
    return bool(
        getattr(contours, "_contour_generator", None) is not None  # given segments have none, nor has what was stored
        and all(hatch is None for hatch in hatches)
        and not has_edges
        and len(inks)
        and np.all(inks[:, 3] == 1)
        and contours.zmax <= _levels(contours)[1][-1]
    )


def stacked(contours: Any) -> list[Path]:
    """Return for each area all that lies above its lower level; nothing for an area that is empty."""
    lower, upper = _levels(contours)
    generator = contours._contour_generator  # noqa: SLF001 - matplotlib has no other door
    return [
        _joined(generator.create_filled_contour(level, upper[-1])) if len(area.vertices) else area
        for level, area in zip(lower, contours.get_paths(), strict=True)
    ]


def _joined(outlines: Any) -> Path:
    vertices, codes = outlines
    return Path(np.concatenate(vertices), np.concatenate(codes))


def _levels(contours: Any) -> Any:
    return contours._get_lowers_and_uppers()  # noqa: SLF001 - as above
