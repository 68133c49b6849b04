"""reStructuredText in a post, ```` ```{eval-rst} ````, that is one directive which MyST has too -> MyST's, in as many lines.

What else the language has is left as it stands, which is an error where it is rendered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitegen.later import later
from sitegen.reading.boxes.callouts import TONES
from sitegen.reading.boxes.directives import LEFT_OUT, PLAYED
from sitegen.reading.code_lines import code_end

if TYPE_CHECKING:
    import re

_OPENING = later(r"(?:`{3,}|~{3,})[ \t]*(?:\{eval-rst\}|eval[-_]rst)[ \t]*")
_DIRECTIVE = later(r"\.\.[ ]([a-z][\w-]*)::(?:[ \t]+(.*\S))?[ \t]*")
_OPTION = later(r"[ \t]+:[\w-]+:.*")
_ROLE = later(r"(?<![\w`]):([a-z][a-z:-]*):(?=`[^`\n]+`)")
_LINK = later(r"(?<!`)`([^`<>\n]*[^`<>\s])[ \t]+<([^<>\n]+)>`__?")
_OF_MARKDOWN = TONES.keys() | set("figure image list-table csv-table rubric topic sidebar epigraph".split())
_AS_IT_IS = frozenset({"math", "code", "code-block", "sourcecode", "raw"}) | PLAYED


def with_directives(text: str) -> str:
    """Return a body whose directives of reStructuredText are MyST's, in as many lines."""
    if "eval-rst" not in text and "eval_rst" not in text:
        return text
    lines = text.split("\n")
    end: re.Pattern[str] | None = None
    start = 0
    for number, line in enumerate(lines):
        if end is None:
            end, start = code_end(line), number
        elif end.fullmatch(line):
            if _OPENING.fullmatch(lines[start]):
                lines[start : number + 1] = _translated(lines[start : number + 1])
            end = None
    return "\n".join(lines)


def _translated(block: list[str]) -> list[str]:
    """Return the lines of a fence as those of a container; as they are where they hold more than one directive."""
    first = next((number for number, line in enumerate(block[1:-1], 1) if line.strip()), 0)
    found = _DIRECTIVE.fullmatch(block[first]) if first else None
    below = block[first + 1 : -1]
    if not found or any(line.strip() and (not line[0].isspace() or line.lstrip().startswith("..")) for line in below):
        return block
    name, words = found[1], found[2] or ""
    if name in LEFT_OUT:
        return [""] * len(block)
    if name not in _OF_MARKDOWN | _AS_IT_IS:
        return block
    indent = min((len(line) - len(line.lstrip()) for line in below if line.strip()), default=0)
    below = [line[indent:] for line in below]
    if name in _OF_MARKDOWN:
        words, below = _markdown(words), [_markdown(line) for line in below]
    above = [""] * first
    if name in TONES and words and not (below and _OPTION.fullmatch(" " + below[0])):  # what it says, and no title
        above[-1], head = f":::{{{name}}}", words
    else:
        head = f":::{{{name}}} {words}".rstrip()
    return [*above, head, *below, ":::"]


def _markdown(line: str) -> str:
    return _LINK.sub(r"[\1](<\2>)", _ROLE.sub(r"{\1}", line))
