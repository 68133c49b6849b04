"""The colours of figures, light and dark: one table, read by the drawing and by whoever writes the theme's CSS.

Measured against the papers #fdfcf9 and #16181d: ink over 12:1, every series colour over 3:1 in both themes.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

CUSTOM_PROPERTIES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "--figure-ink": ("#23272e", "#e3e5ea"),
        "--figure-muted": ("#c9ccd1", "#3d424d"),
        "--figure-paper": ("#fdfcf9", "#16181d"),
        "--figure-1": ("#2c6cb4", "#79b0f2"),
        "--figure-2": ("#cc5a16", "#f2945b"),
        "--figure-3": ("#15876a", "#4bc7a0"),
        "--figure-4": ("#8b4fa6", "#cb9fe4"),
        "--figure-5": ("#a17a06", "#dfbb4b"),
        "--figure-6": ("#c0306a", "#f37fa9"),
        "--figure-7": ("#1687a7", "#5bc6e4"),
        "--figure-8": ("#6c727d", "#a8afba"),
    }
)
"""Name of a custom property -> (light, dark). The light colour is also the ink that figures are drawn with."""

LIGHT: Mapping[str, str] = MappingProxyType({light: name for name, (light, _) in CUSTOM_PROPERTIES.items()})
"""Ink -> the custom property that takes its place."""
