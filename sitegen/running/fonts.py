"""The fonts of figures: the face of the page's labels, from the npm package that has it as plain files.

matplotlib reads TrueType and no WOFF, so each file is unpacked once into its cache, where programs may read.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sitegen.running.observe import PACKAGE

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = PACKAGE.parent / "node_modules" / "@fontsource" / "instrument-sans"
FAMILIES = {"Instrument Sans": "latin", "Instrument Sans Extended": "latin-ext"}  # whose files have one name for both
_CUTS = ("400-normal", "400-italic", "700-normal", "700-italic")


def font_version() -> str:
    """Return the version of the package, "" when it is not installed: figures then have matplotlib's own font."""
    try:
        return str(json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))["version"])
    except FileNotFoundError:
        return ""


def add_fonts(cache: Path) -> list[str]:
    """Make the fonts known to matplotlib and return their families; [] when the package is not installed."""
    from matplotlib.font_manager import fontManager, get_font, ttfFontProperty  # noqa: PLC0415 - only versions are asked for elsewhere

    version = font_version()
    if not version:
        return []
    cache.mkdir(parents=True, exist_ok=True)
    for family, subset in FAMILIES.items():
        for cut in _CUTS:
            path = cache / f"instrument-sans-{version}-{subset}-{cut}.ttf"
            if not path.exists():
                _unpack(FOLDER / "files" / f"instrument-sans-{subset}-{cut}.woff", path)
            entry = ttfFontProperty(get_font(path))
            fontManager.ttflist.append(replace(entry, name=family))
    return list(FAMILIES)


def remember_fonts() -> None:
    """Let matplotlib find the files of a text's families once, not for each text: a sixth of the time of a line plot."""
    import matplotlib as mpl  # noqa: PLC0415 - as in add_fonts
    from matplotlib.font_manager import fontManager  # noqa: PLC0415 - see above

    manager: Any = fontManager
    settings: Any = mpl.rcParams
    find = manager._find_fonts_by_props  # noqa: SLF001 - what every text goes through
    known: dict[object, list[str]] = {}
    generic = [f"font.{name}" for name in ("serif", "sans-serif", "cursive", "fantasy", "monospace")]

    def find_once(prop: Any, *rest: Any, **options: Any) -> list[str]:  # noqa: ANN401 - matplotlib's own
        key = (prop, rest, tuple(options.items()), *(tuple(settings[name]) for name in generic))
        paths = known.get(key)
        if paths is None:
            paths = known[prop.copy(), *key[1:]] = find(prop, *rest, **options)
        return paths

    manager._find_fonts_by_props = find_once  # noqa: SLF001 - see above


def _unpack(source: Path, target: Path) -> None:
    """Write a WOFF file as TrueType, whole or not at all: two builds may do this at a time."""
    from fontTools.ttLib import TTFont  # noqa: PLC0415 - 100 ms, once for each cache

    font = TTFont(source, recalcTimestamp=False)
    font.flavor = None
    unfinished = target.with_suffix(f".{os.getpid()}")
    font.save(unfinished)
    unfinished.replace(target)
