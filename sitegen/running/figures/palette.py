"""The colours of figures, light and dark: one table, read by the drawing and by whoever writes the theme's CSS.

Measured against the papers #fdfcf9 and #16181d: ink over 12:1, every series colour over 3:1 in both themes. The smallest
distance between two series (CIE 1976) is over 12 for every reader, also without red or green cones: test_palette.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

CUSTOM_PROPERTIES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "--figure-ink": ("#23272e", "#e3e5ea"),
        "--figure-muted": ("#c9ccd1", "#3d424d"),
        "--figure-paper": ("#fdfcf9", "#16181d"),
        "--figure-1": ("#4964c2", "#8098fd"),
        "--figure-2": ("#d45c3b", "#ea8d0f"),
        "--figure-3": ("#099b81", "#78dcae"),
        "--figure-4": ("#75247e", "#ca8bcf"),
        "--figure-5": ("#b28903", "#fcc573"),
        "--figure-6": ("#b10036", "#f7566d"),
        "--figure-7": ("#3192b7", "#78ddfc"),
        "--figure-8": ("#585d6b", "#a0adb9"),
    }
)
"""Name of a custom property -> (light, dark). The light colour is also the ink that figures are drawn with."""

LIGHT: Mapping[str, str] = MappingProxyType({light: name for name, (light, _) in CUSTOM_PROPERTIES.items()})
"""Ink -> the custom property that takes its place."""


def in_light(svg: str) -> str:
    """Return a themed SVG in the light theme's colours, for where no style sheet reaches."""
    return _in_theme(svg, 0)


def in_dark(svg: str) -> str:
    """Return a themed SVG in the dark theme's colours."""
    return _in_theme(svg, 1)


def _in_theme(svg: str, theme: int) -> str:
    svg = re.sub(r"light-dark\((#[0-9a-f]{6}),(#[0-9a-f]{6})\)", lambda found: found[1 + theme], svg)
    return re.sub(r"var\((--figure-[a-z0-9]+)\)", lambda found: CUSTOM_PROPERTIES[found[1]][theme], svg)
