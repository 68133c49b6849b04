"""The text of an attribute list -> its id, classes and pairs: kramdown's `{: .a #b key="c" }` and Pandoc's `{#b .a key=c}`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from sitegen.errors import SiteError
from sitegen.later import later

if TYPE_CHECKING:
    from collections.abc import Mapping

    from markdown_it.token import Token

    from sitegen.errors import Location

CONTENTS = {"toc", "TOC", "footnotes"}  # words for lists that stand on every page
LONGEST = 600  # characters of one list: an unclosed quote must not be looked for in a whole paragraph
LIST = later(r"""\{(?P<colon>:(?:[\w-]+:)?)?[ \t]*(?P<inner>(?:[^{}"'\n]|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')*)\}""")
WRAPPED = later(LIST.pattern.replace("""[^{}"'\\n]|""", """[^{}"'\\n]|\\n(?![ \\t]*\\n)|""", 1))
"""A list in text, which Pandoc breaks where a line is full."""
_ITEM = later(
    r"""\#(?P<id>[^\s{}"'=\#]+) | \.(?P<class>[^\s{}"'=.\#]+)
    | (?P<key>[A-Za-z_:@][\w:.@-]*)=(?:"(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>[^']*)'|(?P<bare>[^\s"']*))
    | (?P<name>[\w/-]+)""",
    re.VERBOSE,
)


class Attributes(Struct):
    """What a list says. names: words by themselves, such as `toc`, `-`, or the name of a list defined elsewhere."""

    id: str = ""
    classes: list[str] = []
    pairs: dict[str, str] = {}
    names: list[str] = []

    def add(self, other: Attributes) -> None:
        """Let a further list say more; what it says again holds."""
        self.id = other.id or self.id
        self.classes += [name for name in other.classes if name not in self.classes]
        self.pairs.update(other.pairs)
        self.names += other.names


def read_attributes(text: str) -> Attributes | None:
    """Read what stands between the braces; None when it is no list of attributes."""
    found = Attributes()
    position = 0
    while position < len(text):
        # A list of kramdown's may end with a colon.
        if text[position] in " \t\n," or (text[position] == ":" and not text[position + 1 :].strip()):
            position += 1
            continue
        match = _ITEM.match(text, position)
        if not match:
            return None
        if match["id"]:
            found.id = match["id"]
        elif match["class"]:
            found.classes.append(match["class"])
        elif match["key"]:
            value = next(group for group in match.group("double", "single", "bare") if group is not None)
            value = value.replace('\\"', '"')
            if match["key"] == "id":
                found.id = value
            elif match["key"] == "class":
                found.classes += value.split()
            else:
                found.pairs[match["key"]] = value
        else:
            found.names.append(match["name"])
        position = match.end()
    return found


def resolved(
    given: Attributes, defined: Mapping[str, Attributes], location: Location, errors: list[SiteError]
) -> Attributes:
    """Return a list with those that it names put in."""
    whole = Attributes()
    for name in given.names:
        if name in defined:
            whole.add(defined[name])
        elif name not in CONTENTS:
            hint = f"define it on a line of its own: {{:{name}: .class}}; a class begins with a dot, an id with #"
            errors.append(SiteError(f"there is no attribute list named `{name}`", location, hint))
    whole.add(Attributes(given.id, given.classes, given.pairs, [name for name in given.names if name in CONTENTS]))
    return whole


def belongs_to_nothing(location: Location, text: str) -> SiteError:
    """Return what is wrong with a list beside which nothing stands that could have it."""
    hint = "put it directly after a block or a span, or on the line before a block"
    return SiteError(f"the attribute list `{text}` belongs to nothing", location, hint)


def attach(token: Token, given: Attributes, location: Location, errors: list[SiteError]) -> None:
    """Give a token what a list says, as attributes of its element; those that run scripts are refused."""
    for name, value in given.pairs.items():
        if name.lower().startswith("on") or "javascript:" in re.sub(r"\s", "", value.lower()):
            message = f"the attribute `{name}` would run a script"
            errors.append(SiteError(message, location, "put scripts into the theme's templates"))
        elif name == "style" and "style" in token.attrs:
            token.attrs["style"] = f"{str(token.attrs['style']).rstrip(';')}; {value}"
        else:
            token.attrs[name] = value
    if given.id and token.type == "formula_block":
        token.meta["label"] = given.id
    elif given.id:
        token.attrs["id"] = given.id
    for name in given.classes:
        token.attrJoin("class", name)
