"""The fonts of figures: the face of the page's labels, from the npm package that has it as plain files.

matplotlib reads TrueType and no WOFF, so each file is unpacked once into its cache, where programs may read.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace  # noqa: TID251 - of a dataclass of matplotlib's
from typing import TYPE_CHECKING, Any

from sitegen.keys import version_of_package
from sitegen.project import NODE_MODULES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_FONT = "@fontsource/instrument-sans"
FOLDER = NODE_MODULES / _FONT
FAMILIES = {"Instrument Sans": "latin", "Instrument Sans Extended": "latin-ext"}  # whose files have one name for both
_DUMMY = 0xA4  # what matplotlib's formulas have in place of a sign that is missing
_missing: list[str] = []
_left_out: list[str] = []
_PICTURES = re.compile("([\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff])[\ufe0f\u200d\U0001f3fb-\U0001f3ff]*( ?)")
_CUTS = ("400-normal", "400-italic", "700-normal", "700-italic")


def font_version() -> str:
    """Return the version of the package, "" when it is not installed: figures then have matplotlib's own font."""
    return version_of_package(_FONT)


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
    manager: Any = fontManager
    manager.defaultFamily["ttf"] = next(iter(FAMILIES))  # for a family that is not installed
    return list(FAMILIES)


def remember_fonts(families: Sequence[str]) -> None:
    """Let matplotlib find the files of a text's families once, not for each text: a sixth of the time of a line plot.

    families: where signs are looked for that the text's own do not have, in formulas too; then in the fonts that a
    program adds. What none has is missing; a picture among words (U+1F680) is left out.
    """
    import matplotlib as mpl  # noqa: PLC0415 - as in add_fonts
    from matplotlib import _mathtext, _text_helpers  # noqa: PLC0415 - see above
    from matplotlib.font_manager import FontProperties, fontManager, get_font  # noqa: PLC0415 - see above
    from matplotlib.text import Text  # noqa: PLC0415 - see above

    manager: Any = fontManager
    settings: Any = mpl.rcParams
    formulas: Any = _mathtext.UnicodeFonts
    texts: Any = _text_helpers
    lines: Any = Text
    lay_out = lines._get_layout  # noqa: SLF001 - see below
    find, read = manager._find_fonts_by_props, formulas._get_glyph  # noqa: SLF001 - what every text goes through
    known: dict[object, list[str]] = {}
    generic = [f"font.{name}" for name in ("serif", "sans-serif", "cursive", "fantasy", "monospace")]
    first = find(FontProperties(family=list(families)))
    installed = len(manager.ttflist)

    def others() -> list[str]:
        added = [entry.name for entry in manager.ttflist[installed:]]
        return [*first, *(find(FontProperties(family=added)) if added else ())]

    def faces(family: str) -> Sequence[str]:
        """Return a family; of what has no serifs all that the settings list, with the page's face before matplotlib's own."""
        names = settings["font.sans-serif"] if family == "sans-serif" else ()
        ours = {families[0]: (*FAMILIES, families[0])}
        return [one for name in names if name != family for one in ours.get(name, (name,))] or [family]

    def find_once(prop: Any, *rest: Any, **options: Any) -> list[str]:  # noqa: ANN401 - matplotlib's own
        key = (prop, rest, tuple(options.items()), len(manager.ttflist), *(tuple(settings[name]) for name in generic))
        paths = known.get(key)
        if paths is None:
            meant = prop.copy()
            meant.set_family([name for family in prop.get_family() for name in faces(family)])
            paths = list(dict.fromkeys([*find(meant, *rest, **options), *others()]))
            known[prop.copy(), *key[1:]] = paths
        return paths

    def read_sign(fonts: Any, name: str, kind: str, sign: str) -> Any:  # noqa: ANN401 - see above
        found = read(fonts, name, kind, sign)
        if found[1] != _DUMMY or len(sign) > 1 or ord(sign) == _DUMMY:
            return found
        having = next((font for font in map(get_font, others()) if font.get_char_index(ord(sign))), None)
        if having is None:
            _missing.append(sign)
        return found if having is None else (having, ord(sign), False)

    def lay_out_words(text: Any, renderer: object) -> Any:  # noqa: ANN401 - see above
        if _PICTURES.search(text.get_text()):
            fonts = [get_font(path) for path in find_once(text.get_fontproperties())]

            def leave_out(match: re.Match[str]) -> str:
                if any(font.get_char_index(ord(match[1])) for font in fonts):
                    return f"{match[1]}{match[2]}"
                _left_out.append(match[1])
                return ""

            text._text = _PICTURES.sub(leave_out, text.get_text())  # noqa: SLF001 - to be seen so is no change of the program's
        return lay_out(text, renderer)

    manager._find_fonts_by_props, formulas._get_glyph = find_once, read_sign  # noqa: SLF001 - see above
    lines._get_layout = lay_out_words  # noqa: SLF001 - what measuring a text and drawing it go through
    texts.warn_on_missing_glyph = lambda sign, _: _missing.append(chr(sign))


def take_missing() -> str:
    """Return a sign that was to be written since the last time, and that no font has; "" when there was none."""
    sign = _missing[0] if _missing else ""
    _missing.clear()
    return sign


def take_left_out() -> str:
    """Return the pictures that were left out since the last time."""
    signs = "".join(dict.fromkeys(_left_out))
    _left_out.clear()
    return signs


def _unpack(source: Path, target: Path) -> None:
    """Write a WOFF file as TrueType, whole or not at all: two builds may do this at a time."""
    from fontTools.ttLib import TTFont  # noqa: PLC0415 - 100 ms, once for each cache

    font = TTFont(source, recalcTimestamp=False)
    font.flavor = None
    unfinished = target.with_suffix(f".{os.getpid()}")
    font.save(unfinished)
    unfinished.replace(target)
