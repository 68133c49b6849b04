"""A title with a picture or a formula -> the PNG of 1200 by 630 pixels that other sites show, on the paper of the theme.

Formulas are drawn by matplotlib, which knows less of LaTeX than KaTeX: the first that it can draw is taken.
"""

from __future__ import annotations

import io
import logging
import re
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageColor, ImageDraw

from sitegen.errors import Location, SiteError
from sitegen.publishing.lettering import Hand, break_lines, is_right_to_left, measure, write_line
from sitegen.publishing.png import PAPER, draw_png, svg_size
from sitegen.tex import apply_edits, argument_end, skip_blanks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sitegen.model import Card

SIZE = WIDTH, HEIGHT = 1200, 630
_MARGIN = 72
_INNER = WIDTH - 2 * _MARGIN
_FOOT = HEIGHT - 56  # base line of the last words, and lower edge of a picture
_GAP = 40  # between the title and what stands below it
_FEET = 64  # below a formula, for the words at the foot
_WORDS = 320  # pixels that stay beside a picture, for the words at the foot
_INK, _MUTED, _ACCENT = "#1b1e25", "#5c616c", "#2a3fc9"  # as in theme.css
_ALONE = ((120, 2), (104, 3), (92, 4))  # of a title without anything below it
_SIZES = ((84, 2), (72, 2), (62, 3), (54, 3), (46, 4), (38, 9))  # of the title, and the lines that it may take in each
_DPI = 300
_COLOURS = 128
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\s*\{[a-zA-Z]+\*?\}(?:\s*\{[lcr|]*\})?")
_UNSHOWN = re.compile(r"\\(?:label|tag\*?)\s*\{[^{}]*\}|\\(?:notag|nonumber|displaystyle|limits)(?![a-zA-Z])|(?<!\\)&")
_OTHERWISE = {r"\lVert": r"\|", r"\rVert": r"\|", r"\lvert": "|", r"\rvert": "|", r"\bm": r"\boldsymbol"}
_FRACTION = re.compile(r"\\(?:[dt]?frac|binom)(?![a-zA-Z])")
_OTHER_NAME = re.compile("|".join(rf"{re.escape(name)}(?![a-zA-Z])" for name in _OTHERWISE))


def draw_card(card: Card, title: str, site: str, names: str, lang: str, *, picture: bytes, accent: str) -> bytes:
    """Return a card as PNG. Raises SiteError for a picture or a formula that was asked for and cannot be drawn."""
    image = Image.new("RGB", SIZE, PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, WIDTH, 11), fill=_known(accent))
    mask = None if picture else _first_formula(card)
    below = _write_title(draw, title, lang, _SIZES if picture or mask else (*_ALONE, *_SIZES))
    room = _FOOT - below - _GAP
    edge = WIDTH - _MARGIN
    if picture:
        shown = _fitted(card, picture, (_INNER - _WORDS, round(room)))
        edge -= shown.width
        image.paste(shown, (edge, _FOOT - shown.height))
    elif mask and room > _FEET:
        room -= _FEET
        scale = min(1, _INNER / mask.width, room / mask.height)
        mask = mask.resize((max(1, round(mask.width * scale)), max(1, round(mask.height * scale))))
        image.paste(_INK, (_MARGIN, round(below + _GAP + (room - mask.height) / 2)), mask)
    _write_foot(draw, site, names, lang, edge - _GAP - _MARGIN)
    if not picture:  # letters need few colours: half the time to write, and a third of the bytes
        image = image.quantize(_COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        _set_paper(image)
    written = io.BytesIO()
    image.save(written, "PNG")
    return written.getvalue()


def _set_paper(image: Image.Image) -> None:
    """Give the ground of a card with a palette the very colour of the paper, of which the palette holds a mean."""
    ground = image.crop((0, HEIGHT - 1, 1, HEIGHT)).tobytes()[0]
    palette = image.getpalette() or []
    palette[3 * ground : 3 * ground + 3] = ImageColor.getrgb(PAPER)[:3]
    image.putpalette(palette)


def _known(colour: str) -> str:
    """Return a colour if it can be drawn; newer ways to write one are a browser's."""
    try:
        ImageColor.getrgb(colour)
    except ValueError:
        return _ACCENT
    return colour


def _write_title(draw: ImageDraw.ImageDraw, title: str, lang: str, sizes: Sequence[tuple[int, int]]) -> float:
    """Write the title as large as it fits, and return where it ends."""
    for size, most in sizes:
        hand = Hand("newsreader", 420, size, _INK, lang)
        lines = break_lines(title, hand, _INNER)
        if len(lines) <= most:
            break
    y = _MARGIN - 0.12 * size
    for line in lines:
        y += size * 1.06
        left = WIDTH - _MARGIN - measure(line, hand) if is_right_to_left(title) else _MARGIN - size / 24
        write_line(draw, (left, y), line, hand)
    return y


def _write_foot(draw: ImageDraw.ImageDraw, site: str, names: str, lang: str, width: float) -> None:
    """Write the blog's name, and who wrote above it, where there is room."""
    y = float(_FOOT)
    for text, weight, ink in ((site, 600, _INK), (names, 400, _MUTED)):
        hand = Hand("instrument-sans", weight, 28, ink, lang)
        for line in reversed(break_lines(text, hand, round(width))[:2] if text else ()):
            write_line(draw, (_MARGIN, y), line, hand)
            y -= 40


def _fitted(card: Card, picture: bytes, room: tuple[int, int]) -> Image.Image:
    """Return a picture as large as there is room for it, on paper where it has none of its own."""
    try:
        if b"<svg" in picture[:2000]:
            svg = picture[picture.index(b"<svg") :].decode()
            width, height = svg_size(svg)
            picture = draw_png(svg, min(room[0] / width, room[1] / height))
        with Image.open(io.BytesIO(picture)) as opened:
            opened.draft("RGB", (2 * room[0], 2 * room[1]))
            found = opened.convert("RGBA")
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        place = card.asked.location if card.asked else Location(card.address)
        raise SiteError(
            f"this picture cannot be drawn on a card: {error}", place, "take a PNG, JPEG, WebP or SVG"
        ) from error
    scale = min(room[0] / found.width, room[1] / found.height)
    size = max(1, round(found.width * scale)), max(1, round(found.height * scale))
    found = found.resize(size, Image.Resampling.LANCZOS) if size != found.size else found
    paper = Image.new("RGBA", found.size, PAPER)
    return Image.alpha_composite(paper, found).convert("RGB")


def _first_formula(card: Card) -> Image.Image | None:
    """Return the first formula that can be drawn, as a mask."""
    message = ""
    for tex in card.formulas:
        try:
            return _formula(tex)
        except ValueError as error:
            if not message:
                message = str(error).splitlines()[-1].removeprefix("ParseFatalException: ").partition(", found")[0]
    if card.asked and message:
        hint = "a card knows less of LaTeX than a page: leave away environments, or show a figure"
        raise SiteError(f"this formula cannot be drawn on a card: {message}", card.asked.location, hint)
    return None


def _formula(tex: str) -> Image.Image:
    """Draw the first row of a formula. Raises ValueError."""
    from matplotlib.font_manager import FontProperties  # noqa: PLC0415 - 200 ms, where a card has a formula
    from matplotlib.mathtext import MathTextParser  # noqa: PLC0415 - as above

    row = _UNSHOWN.sub("", _ENVIRONMENT.sub("", tex)).split(r"\\")[0]
    row = " ".join(_braced(_OTHER_NAME.sub(lambda found: _OTHERWISE[found[0]], row)).split()).rstrip(" .,;")
    if not row:
        raise ValueError("it is empty")
    parser: Any = MathTextParser("agg")
    warnings = logging.getLogger("matplotlib.mathtext")
    warnings.addFilter(_refuse)
    try:
        drawn = parser.parse(f"${row}$", _DPI, FontProperties(size=22, math_fontfamily="cm"))
    finally:
        warnings.removeFilter(_refuse)
    mask = Image.fromarray(drawn.image)
    box = mask.getbbox()
    if box is None:
        raise ValueError("it shows nothing")
    return mask.crop(box)


def _refuse(_: logging.LogRecord) -> bool:
    """Let nothing be drawn in place of a letter that the font lacks. Raises ValueError."""
    raise ValueError("its font lacks a letter")


def _braced(tex: str) -> str:
    """Return a formula with both arguments of every fraction in braces."""
    position = 0
    while found := _FRACTION.search(tex, position):
        edits = []
        position = found.end()
        end: int | None = position
        for _ in range(2):
            start = skip_blanks(tex, end or 0)
            end = argument_end(tex, start)
            if end is not None and tex[start] != "{":
                edits.append((start, end, f"{{{tex[start:end]}}}"))
        tex = apply_edits(tex, edits)
    return tex
