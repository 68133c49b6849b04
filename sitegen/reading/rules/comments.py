r"""Markdown rules for lines that show nothing: comments, `import`, commands and marks that are for paper, slides or notebooks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sitegen.later import later
from sitegen.reading.block_lines import ENDS_PARAGRAPHS, line_start, line_text

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock

_COMMENT = later(
    r"""%+(?=[^\w%]|\Z) | \[//\]:[ \t]*\#[ \t](?:[^("'\n]|.[^\n]*[)"']) | import[ \t](?:[^\n"']*[ \t]from[ \t]+)?["'][^\n"']+["'];?[ \t]*(?=\n|\Z)
    |\\(?:newtheorem\*?|usepackage|documentclass|bibliography(?:style)?|(?:this)?pagestyle|pagenumbering|setlength|(?:set|addto)counter|addcontentsline|(?:begin|end)(?=\{document\}))(?:\{[^{}\n]*\}|\[[^\]\n]*\])+[ \t]*(?=\n|\Z)
    |(?:\\(?:maketitle|appendix|(?:front|main|back)matter|tableofcontents|toc|listof(?:figures|tables)|newpage|pagebreak|clear(?:double)?page|bigskip|medskip|smallskip|noindent|centering|hfill|vfill|[vh]space\*?\{[^{}\n]*\})[ \t]*)+(?=\n|\Z)""",
    re.VERBOSE,
)
_COUNTER = later(r"\\(?:set|addto)counter\{(?:equation|figure|table|theorem)\}")
_BREAK = later(r"\+\+\+[ \t]*(?:\{.*\})?[ \t]*")


def use_comments(md: MarkdownIt) -> None:
    """Add the rules of this module."""
    md.block.ruler.before("fence", "comment", _comment, ENDS_PARAGRAPHS)
    md.block.ruler.before("fence", "block_break", _block_break, ENDS_PARAGRAPHS)


def _comment(state: StateBlock, start: int, _end: int, silent: bool) -> bool:
    r"""Leave out MyST's `% a comment`, kramdown's `[//]: # one`, MDX's `import`, TeX's `\newpage` and pauses on slides; but for the first, where a block could begin."""
    first = line_start(state, start)
    is_comment = state.src.startswith("%", first)
    if silent and not (is_comment and not line_text(state, start - 1).rstrip()[-1:].isdecimal()):
        return False  # in a paragraph, where `50 %` may go on in the next line
    above = state.src.startswith("%", line_start(state, start - 1)) if is_comment and start else False
    is_pause = state.src.startswith(". . .", first) and state.src[first : state.eMarks[start]].rstrip() == ". . ."
    if is_pause and not state.env["reading"].is_slides():
        return False
    if not (is_pause or above or _COMMENT.match(state.src, first)) or state.is_code_block(start):
        return False
    if not silent:
        state.line = start + 1
        if _COUNTER.match(state.src, first):
            reading, shown = state.env["reading"], line_text(state, start).strip()
            reading.note(f"`{shown}` changes no number; one of your own is `\\tag{{4}}`", reading.place(start, shown))
    return True


def _block_break(state: StateBlock, start: int, _end: int, silent: bool) -> bool:
    """Leave out MyST's `+++`, which parts the cells of a notebook, with its own notes."""
    text = line_text(state, start)
    if not text.startswith("+++") or not _BREAK.fullmatch(text) or state.is_code_block(start):
        return False
    if not silent:
        state.line = start + 1
    return True
