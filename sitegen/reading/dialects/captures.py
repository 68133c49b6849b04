"""Jekyll's `{% capture x %}` ... `{% endcapture %}` and what is made of it below: the text stays, in the box that is named there."""

from __future__ import annotations

import re
from typing import NamedTuple

from sitegen.later import later
from sitegen.reading.boxes.callouts import TONES
from sitegen.reading.boxes.theorems import STATED

_NAME = r"(?P<name>[\w-]+)"
_SHOWN = r"\{\{-?\s*NAME\s*(?:\|\s*\w+\s*)*-?\}\}"
_USE = later(
    rf"""\s*(?:<(?P<tag>div|aside|p|section|blockquote|span)(?P<about>[^<>]*)>\s*{_SHOWN.replace("NAME", _NAME)}\s*</(?P=tag)>
    |\{{%-?\s*include(?:_cached)?\s+(?:[\w-]+/)*(?P<file>[\w-]+)(?:\.\w+)?\s(?P<said>[^%]*?)\s*-?%\}}
    |{_SHOWN.replace("NAME", "(?P<bare>[^ ]+?)")})""",
    re.VERBOSE,
)
_NOTICE = later(r"\b(?:notice(?:--(\w+))?|(?:alert|callout|admonition)-(\w+))\b")
_KIND = later(r"""\b(?:type|class)=["']?(\w+)""")
_TITLE = later(r"""\b(?:title|name)="([^"\n]*)\"""")
_LONGEST = 600  # characters of the tag that uses a text


class Use(NamedTuple):
    """What stands around a text in the place where it was captured, and where the tag ends that would have shown it."""

    opening: str
    closing: str
    end: int


def use_of(name: str, text: str, start: int) -> Use | None:
    """Return how what was captured under a name, up to `start`, is used directly below; None when it is not."""
    match = _USE.match(text, start, start + _LONGEST)
    if not match:
        return None
    if match["file"]:
        if not re.search(rf"=\s*{re.escape(name)}(?![\w-])", match["said"]):
            return None
        kind = _KIND.search(match["said"])
        title = _TITLE.search(match["said"])
        return Use(_box(match["file"], kind[1] if kind else "", title[1] if title else ""), ":::", match.end())
    if name not in {match["name"], match["bare"]}:
        return None
    if match["bare"]:
        return Use("", "", match.end())
    notice = _NOTICE.search(match["about"])
    if notice:
        return Use(_box(notice[1] or notice[2] or "note", "", ""), ":::", match.end())
    return Use(f'<{match["tag"]}{match["about"]} markdown="1">', f"</{match['tag']}>", match.end())


def _box(name: str, said: str, title: str) -> str:
    stated = next((word for word in (said.lower(), name.lower()) if word in STATED), "")
    if stated:
        return f'::: {{.{stated} name="{title}"}}' if title else f"::: {{.{stated}}}"
    kind = next((word for word in (said.lower(), name.lower()) if word in TONES), "note")
    return f'::: {{.callout-{kind} title=""}}'
