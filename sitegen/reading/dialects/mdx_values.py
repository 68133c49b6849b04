"""Components of MDX that show a value, formulas and films and images that the text imports -> Markdown and the tags that mean it.

`<InlineMath math="x" />` is a formula, `<YouTube id="x" />` a film, `src={photo}` what `import photo from` names. All keep their
lines.
"""

from __future__ import annotations

import re
from html import unescape

from sitegen.later import later
from sitegen.reading.code_lines import SPAN

SIGNS = (
    *"<InlineMath <BlockMath <Math <TeX <Tex <Katex <KaTeX <Equation <tex> <latex> <eq> <YouTube <Youtube <youtube <LiteYouTube <Vimeo <Tweet".split(),
    "src={",
)
_WRITTEN = r"""\{\s*(?:String\.raw\s*)?(?:`[^`]*`|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')\s*\}"""
_GIVEN = rf"""(?:\s+[\w:-]+(?:=(?:"[^"]*"|'[^']*'|{_WRITTEN}|\{{[^{{}}]*\}}))?)*"""
_NEXT = later(
    rf"""{SPAN}
    | <(?P<math>InlineMath|BlockMath|MathBlock|MathInline|Math|TeX|Tex|Katex|KaTeX|Equation|(?:tex|latex|eq)(?=>))\b(?P<with>{_GIVEN})\s*
        (?:/>|>(?P<held>\s*{_WRITTEN}\s*|(?:[^<]|<(?!/?[a-zA-Z]))*)</(?P=math)>)
    | <(?P<film>YouTube|Youtube|youtube|LiteYouTubeEmbed|LiteYouTube|Vimeo|Tweet)\b(?P<about>{_GIVEN})\s*(?:/>|>\s*</(?P=film)>)
    | (?<=\s)src=\{{(?P<image>\w+)(?:\.src)?\}}""",
    re.VERBOSE,
)
_ONE = later(rf"""([\w:-]+)(?:=("[^"]*"|'[^']*'|{_WRITTEN}|\{{[^{{}}]*\}}))?""")
_IMAGE = later(
    r"""^import[ ]+(?:\*[ ]+as[ ]+)?(\w+)[ ]+from[ ]+['"]([^'"\n]+\.(?:png|jpe?g|gif|svg|webp|avif))['"]""",
    re.MULTILINE | re.IGNORECASE,
)
_ESCAPED = later(r"\\([\\|])")  # `\|` in a cell of a table is `|`
_FORMULA = ("math", "tex", "formula", "children")
_ID = ("id", "videoId", "videoid", "tweetId", "youTubeId")
_OF_ADDRESS = later(r"(?:[?&]v=|/embed/|youtu\.be/|vimeo\.com/|/status/)([\w-]+)")


def imported_images(text: str) -> dict[str, str]:
    """Return the addresses of the images that a text imports, by the names it gives them."""
    return {name: address.removeprefix("@site/static") for name, address in _IMAGE.findall(text)}


def plain_values(text: str, images: dict[str, str]) -> str:
    """Return prose whose formulas, films and images are what they are here. images: those that the text imports."""

    def plain(match: re.Match[str]) -> str:
        if match["math"]:
            return _formula(match) or match[0]
        if match["film"]:
            return _film(match) or match[0]
        if match["image"] in images:
            return f'src="{images[match["image"]]}"'
        return match[0]

    return _NEXT.sub(plain, text)


def _formula(match: re.Match[str]) -> str:
    given = _read(match["with"])
    held = match["held"] or ""
    tex = next((given[name] for name in _FORMULA if given.get(name)), "") or _value(held.strip())
    if not tex.strip() or (match["math"] == "Equation" and held):  # which may hold Markdown
        return ""
    if held.strip().startswith("$") and held.strip().endswith("$"):
        return held
    lines = match[0].count("\n")
    is_block = match["math"] in {"BlockMath", "MathBlock", "Equation"} and "={false}" not in match["with"]
    if is_block or "block" in given or (match["math"].islower() and "\n" in held):
        said = given.get("label") or given.get("caption", "")
        about = f"**{said}** " * (" " in said)
        return rf"{about}\[{tex}\]" + "\n" * (lines - tex.count("\n"))
    # A blank line would end the paragraph.
    before, after = "\n" * (lines > 1), "\n{}" * (lines - 2) + "\n" * (lines > 0)
    return rf"\({before}{' '.join(tex.split())}{after}\)"


def _film(match: re.Match[str]) -> str:
    given = _read(match["about"])
    name = next((given[key] for key in _ID if given.get(key)), "")
    if "://" in name:
        address = _OF_ADDRESS.search(name)
        name = address[1] if address else ""
    if not re.fullmatch(r"[\w-]+", name):
        return ""
    kind = match["film"].lower()
    tag = kind if kind in {"vimeo", "tweet"} else "youtube"
    title = given.get("title", "").replace('"', "&quot;")
    said = f' title="{title}"' if title and tag != "tweet" else ""
    return f'{{{{< {tag} id="{name}"{said} >}}}}' + "\n" * match[0].count("\n")


def _read(given: str) -> dict[str, str]:
    return {name: _value(written) for name, written in _ONE.findall(given)}


def _value(written: str) -> str:
    """Return the text that an attribute, or what a component holds, stands for."""
    if not written.startswith("{"):
        return unescape(written[1:-1] if written[:1] in {'"', "'"} else written)
    inside = written[1:-1].strip()
    if inside.startswith("String.raw"):
        return inside.removeprefix("String.raw").strip()[1:-1]
    if inside[:1] not in {'"', "'", "`"}:
        return ""
    return _ESCAPED.sub(lambda sign: "\\" if sign[1] == "\\" else r"\vert ", inside[1:-1])
