"""The frames of a cell with sliders -> what the page shows at first, its controls, and the file with all other frames."""

from __future__ import annotations

import gzip
from html import escape
from typing import TYPE_CHECKING

from sitegen.errors import SiteError
from sitegen.later import later
from sitegen.model import Animation, Figure, Markup
from sitegen.publishing.frames import encode_frames

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sitegen.model import Cell, Fragment, Frames, Result
    from sitegen.publishing.drawing import Easel

_PICTURE = later(r'src="[^"]*/([0-9a-f]{16}\.\w+)"')
_LAZY = ' loading="lazy"'
_DRAGGED = {"azim": "x", "elev": "y"}  # how a 3D figure is turned by hand
_ROUND = 360  # degrees


def unfold_frames(
    frames: Frames, easel: Easel, render_text: Callable[[Sequence[Result]], Sequence[Fragment]], *, most: int
) -> tuple[list[Fragment], list[SiteError]]:
    """Return a slider as it stands in the page, showing its first frame. most: bytes that its frames may take."""
    cell = easel.cell
    easel.takes_turns = True
    errors = _uneven(frames, cell)
    texts = [render_text(results) for results in frames.frames]
    if any(not isinstance(fragment, Markup) for text in texts for fragment in text):
        message = "a cell with sliders shows figures, printed text and tables, and this one shows a formula or a link"
        errors.append(SiteError(message, cell.location, "show it in a cell without a slider"))
    if errors:
        return [], errors
    state = [values[place] for (_, values), place in zip(frames.axes, _places(frames), strict=True)]
    if easel.place.absolute:
        first = _parts(frames.frames[frames.start], texts[frames.start], easel)
        return [Markup("".join(first)), *_said(cell, state)], []
    parts = [_parts(results, text, easel) for results, text in zip(frames.frames, texts, strict=True)]
    quick = [[part.replace(_LAZY, "") for part in frame] for frame in parts]
    encoded = encode_frames(quick, frames.start)
    pictures = {name for frame in parts for part in frame for name in _PICTURE.findall(part)[:1]}
    weight = len(gzip.compress(encoded.encode(), 9)) + sum(
        len(easel.store.content(content)) for path, content in set(easel.files) if path.name in pictures
    )
    if weight > most:
        message = f"the {len(parts)} frames of this slider take {weight:,} bytes".replace(",", " ")
        hint = "take fewer values, draw fewer points; `slider-size` of `execute` in site.yml allows more"
        return [], [SiteError(message, cell.location, hint)]
    name = easel.store.keep(encoded.encode())
    script = easel.store.keep(f'(self.sliderFrames??={{}})["{name[:16]}"]={encoded}\n'.encode())
    address = easel.publish(script, "js")
    shown = "".join(f'<div class="part">{part}</div>' for part in parts[frames.start])
    opening = f'<div class="slider" data-frames="{escape(address)}" data-name="{name[:16]}"><div class="frame">{shown}</div>\n'
    found: list[Fragment] = [Markup(opening + '<div class="controls">')]
    for (variable, values), label, place in zip(frames.axes, cell.sliders, _places(frames), strict=True):
        found.append(Markup('<label class="control"><span class="slider-name">'))
        found += [*label, Markup(f"</span>{_input(variable, values, place)}</label>")]
    found.append(Markup("</div></div>\n"))
    return found, []


def _parts(results: Sequence[Result], text: Sequence[Fragment], easel: Easel) -> list[str]:
    """Return the pieces of a frame: each figure, then all text."""
    drawings = [easel.html(result) for result in results if isinstance(result, Figure | Animation)]
    said = "".join(fragment.html for fragment in text if isinstance(fragment, Markup))
    return [*drawings, said]


def _uneven(frames: Frames, cell: Cell) -> list[SiteError]:
    counts = [sum(isinstance(result, Figure | Animation) for result in results) for results in frames.frames]
    if len(set(counts)) == 1:
        return []
    message = f"the frames of this slider have {min(counts)} to {max(counts)} figures; each needs the same number"
    return [SiteError(message, cell.location, "draw the same figures for every value")]


def _places(frames: Frames) -> list[int]:
    """Return the value of each slider at first."""
    places, rest = [], frames.start
    for _, values in reversed(frames.axes):
        rest, place = divmod(rest, len(values))
        places.append(place)
    return places[::-1]


def _said(cell: Cell, state: Sequence[str]) -> list[Fragment]:
    """Return for which values a frame that cannot move is shown."""
    said: list[Fragment] = [Markup("<p>")]
    for number, (label, value) in enumerate(zip(cell.sliders, state, strict=True)):
        said += [*([Markup(", ")] if number else []), *label, Markup(f" = {escape(value)}")]
    return [*said, Markup("</p>\n")]


def _input(variable: str, values: Sequence[str], place: int) -> str:
    listed = escape("|".join(value.replace("|", "/") for value in values))
    drag = f' data-drag="{_DRAGGED[variable]}"' if variable in _DRAGGED else ""
    turn = ' data-turn=""' if variable == "azim" and _goes_round(values) else ""
    return (
        f'<input type="range" aria-label="{escape(variable)}" min="0" max="{len(values) - 1}" value="{place}" aria-valuetext="{escape(values[place])}"'
        f' data-values="{listed}"{drag}{turn}><span class="slider-value" aria-hidden="true">{escape(values[place])}</span>'
    )


def _goes_round(values: Sequence[str]) -> bool:
    """Whether after the last angle comes the first again."""
    try:
        first, second, last = float(values[0]), float(values[1]), float(values[-1])
    except ValueError:
        return False
    return abs(last - first) >= _ROUND - 1.5 * abs(second - first)
