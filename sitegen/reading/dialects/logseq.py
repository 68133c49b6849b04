"""What Logseq writes between the lines of a block for itself: its id, whether it is folded, when it was worked on.

In as many lines: none of it is shown. A mention of another block of the page, `((id))`, is its text, and Org's boxes, `#+BEGIN_NOTE`, are containers.
"""

from __future__ import annotations

import re
from collections import defaultdict
from operator import itemgetter
from typing import TYPE_CHECKING

from sitegen.later import later
from sitegen.reading.code_lines import known_code

if TYPE_CHECKING:
    from sitegen.reading.context import Reading

_OWN = later(
    r"([ \t]+)(?:(?:id|collapsed|heading|background-color|created-at|updated-at|ls-type|(?:logseq|hl|card|query)[.-][\w.-]+)::"
    r"[ \t].*|:LOGBOOK:|CLOCK:[ \t].*|:END:)"
)
_BOX = later(
    r"([ \t]*(?:-[ \t]+)?)#\+(BEGIN|END)_(NOTE|TIP|IMPORTANT|CAUTION|WARNING|PINNED|QUOTE|CENTER)[ \t]*",
    re.IGNORECASE,
)
_BOXES = {"pinned": "note", "quote": "blockquote"}
_ID = r"[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}"
_BLOCK = later(rf"^[ \t]*-[ \t]+([^\n]+)\n(?:[ \t]+[\w.-]+::[^\n]*\n)*?[ \t]+id::[ \t]+({_ID})$", re.MULTILINE)
_MENTION = later(rf"\{{\{{embed[ \t]+\(\(({_ID})\)\)[ \t]*\}}\}}|\(\(({_ID})\)\)")


def plain_logseq(body: str, reading: Reading) -> str:
    """Return a body without the properties of its blocks, and with boxes; those that are never closed are refused."""
    if ":: " not in body and ":LOGBOOK:" not in body and "#+" not in body:
        return body
    blocks = {block[2]: block[1] for block in _BLOCK.finditer(body)}

    def mentioned(found: re.Match[str]) -> str:
        return blocks.get(found[1] or found[2], found[0])

    lines = body.split("\n")
    opened: dict[str, list[tuple[int, re.Match[str]]]] = defaultdict(list)
    for number, line, code in known_code(body.split("\n")):
        if code:
            continue
        own = _OWN.fullmatch(line)  # a blank line in its place would part the items of a list
        lines[number] = f"{own[1]}<!-- -->" if own else _MENTION.sub(mentioned, line)
        box = _BOX.fullmatch(line)
        if box and box[2].lower() == "begin":
            opened[box[3].lower()].append((number, box))
        elif box and opened[name := box[3].lower()]:
            first, begin = opened[name].pop()
            lines[first], lines[number] = f"{begin[1]}::: {_BOXES.get(name, name)}", f"{box[1]}:::"
    for number, begin in sorted((each for left in opened.values() for each in left), key=itemgetter(0)):
        shown = begin[0].strip("- \t")
        hint = f"close it with `{shown.replace(begin[2], 'end' if begin[2].islower() else 'END', 1)}`"
        reading.refuse_unknown(f"`{shown}` is never closed", reading.place(number, shown), hint)
    return "\n".join(lines)
