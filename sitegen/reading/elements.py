"""The elements of HTML, as an author writes them: which a browser knows, which hold nothing, which end others."""

from __future__ import annotations

import re
from functools import lru_cache

from sitegen.later import later

VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
"""Elements that hold nothing, and have no end."""
TEXT = frozenset({"script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes"})
"""Elements in which all is text up to their end."""
_LIVING = (
    "a abbr address article aside audio b bdi bdo blockquote body button canvas caption cite code colgroup data datalist dd "
    "del details dfn dialog div dl dt em fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hgroup html i "
    "iframe ins kbd label legend li main map mark menu meter nav noscript object ol optgroup option output p picture pre "
    "progress q rb rp rt rtc ruby s samp script search section select slot small span strong style sub summary sup table "
    "tbody td template textarea tfoot th thead time title tr u ul var video"
)
_OLD = "acronym applet basefont bgsound big blink center dir font frame frameset marquee nobr noembed noframes strike tt xmp"
_OF_DRAWINGS = (
    "animate animatemotion animatetransform circle clippath defs desc ellipse filter foreignobject g image line "
    "lineargradient marker mask metadata mpath path pattern polygon polyline radialgradient rect set stop svg switch "
    "symbol text textpath tspan use view annotation maction math menclose merror mfenced mfrac mi mmultiscripts mn mo "
    "mover mpadded mphantom mprescripts mroot mrow ms mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder "
    "munderover semantics"
)
_BLOCKS = (
    "address article aside blockquote center details dialog dir div dl fieldset figcaption figure footer form h1 h2 h3 h4 "
    "h5 h6 header hgroup hr main menu nav ol p pre section table ul"
)
DRAWN = frozenset(_OF_DRAWINGS.split())
_KNOWN = VOID.union(f"{_LIVING} {_OLD} {_OF_DRAWINGS}".split())
ENDED_BY: dict[str, frozenset[str]] = {
    **dict.fromkeys(_BLOCKS.split(), frozenset({"p"})),
    "li": frozenset({"li", "p"}),
    **dict.fromkeys(("dt", "dd"), frozenset({"dt", "dd", "p"})),
    **dict.fromkeys(("td", "th"), frozenset({"td", "th", "p"})),
    "tr": frozenset({"td", "th", "tr", "p"}),
    **dict.fromkeys(("tbody", "tfoot"), frozenset({"td", "th", "tr", "tbody", "thead", "p"})),
    **dict.fromkeys(("option", "optgroup"), frozenset({"option"})),
}
"""Elements that end without an end tag where one of this name begins."""
_SELECTED = later(r"^[ \t]*([\w.#-]+(?:[ \t]*,[ \t]*[\w.#-]+)*)[ \t]*[,{]", re.MULTILINE)


def is_element(name: str, source: str) -> bool:
    """Whether a tag of a text is one: HTML knows its name, a script may define it, or the text's own style sheet dresses it.

    `<eos>` and `<Grid>` are none, and neither is `<your-name>`, which never ends. A dressed one: `<style> r { color: red } </style>`, and then `<r>`.
    """
    name = name.lower()
    return name in _KNOWN or ":" in name or name in _dressed(source) or ("-" in name and _is_written_out(name, source))


@lru_cache(maxsize=32)
def _is_written_out(name: str, source: str) -> bool:
    """Whether an element that a script may define has an end somewhere, or attributes."""
    return bool(re.search(rf"</{name}\s*>|<{name}[\s/]", source, re.IGNORECASE))


@lru_cache(maxsize=2)
def _dressed(source: str) -> frozenset[str]:
    if "<style" not in source:
        return frozenset()
    return frozenset(name.strip().lower() for names in _SELECTED.findall(source) for name in names.split(","))
