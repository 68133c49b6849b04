"""Markdown rules for HTML: in `<div markdown="1">` stands Markdown, and it, code and images need no blank line before them.

CommonMark ends a block of HTML at a blank line, so that a fence right below `</p>` would be text, and a cell would not run;
text right below the end of all that the block opened is Markdown too, as for kramdown and Pandoc, and in files of the latter so is
what is right below a division's tag. Bold words, links and code in `<small>`, `<font>` and their like, whose tags stand on lines of
their own, are Markdown as for both and Python's Markdown.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markdown_it.rules_block.html_block import HTML_SEQUENCES, html_block

from sitegen.later import later
from sitegen.reading.block_lines import ENDS_PARAGRAPHS, continues, line_text, push_lines, push_text
from sitegen.reading.elements import VOID, is_element

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock

    from sitegen.reading.context import Reading

_ASKED = r"""\smarkdown(?:\s*=\s*(?:"[^"]*"|'[^']*'|[\w-]+))?(?=[\s>])"""
_OPENING = later(rf"<([a-zA-Z][\w-]*)\b(?=[^<>]*{_ASKED})[^<>]*>")
_NAME = later(r"</?([a-zA-Z][\w:-]*)")
_CLOSING = later(r"</([a-zA-Z][\w-]*)\s*>")
_TAG_ALONE = later(r"<[a-zA-Z][^<>]*>")
_DIVISION = later(r"<(?:div|section|article|center)\b[^<>]*>", re.IGNORECASE)
_INLINE = later(r"(?:<(a|b|big|em|font|i|kbd|mark|s|small|span|strong|sub|sup|u)\b[^<>]*>\s*)+", re.IGNORECASE)
_MARKED = later(r"\*\*\S|\]\([^\s)]|(?<!`)`[^`\s]")  # bold text, a link, code
_EMPTY = later(r"<(?:br|hr|img)\b[^<>]*>\s*", re.IGNORECASE)
_INSIDE = "figure|table|thead|tbody|tfoot|tr|div|section|article|center|details|ul|ol|dl"
_PART = later(rf"<(?P<end>/?)(?P<name>{_INSIDE})\b[^<>]*>", re.IGNORECASE)
_INDENTED = later(
    rf"</?(?:{_INSIDE}|figcaption|caption|td|th|li|dt|dd|img|p|h[1-6]|iframe|video|source)\b", re.IGNORECASE
)
_LAID_OUT = later(r"\n[ \t]+<")
_MOST_PARTS = 60  # of HTML between blank lines that are looked at for the element around an indented one
_ELEMENT = re.compile(r"<(?P<end>/?)(?P<name>[a-zA-Z][\w-]*)(?:[\s/][^<>]*)?(?<!/)>")
_VERBATIM = re.compile(r"<(style|script|pre|textarea)\b", re.IGNORECASE)
_MOST_LINES = 200  # of a formula in HTML
_FENCE = later(r"(`{3,})[^`]*|(~{3,}).*")

_SIGN = re.compile("([\u2139\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff])\ufe0f?[ \t]*")
_TONES = {"\N{ELECTRIC LIGHT BULB}": "tip", "\N{WARNING SIGN}": "warning", "\N{INFORMATION SOURCE}": "note"}
"""The tones of Notion's callouts by signs that need not stand beside the theme's own."""


def use_markdown_in_html(md: MarkdownIt) -> None:
    """Add the rule of this module."""
    md.block.ruler.before("html_block", "markdown_in_html", _tag, ENDS_PARAGRAPHS)
    md.block.ruler.before("html_block", "html_around_formula", _html_around_formula)
    md.block.ruler.before("html_block", "html_before_fence", _html_before_fence)
    md.block.ruler.before("code", "indented_html", _indented_html)
    md.block.ruler.at("html_block", _html_block, ENDS_PARAGRAPHS)


def _html_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read HTML as CommonMark does, but not below the tag of no element, which is shown: there stands Markdown."""
    is_text = _is_no_element(state, start) or (not silent and _is_around_words(state, start, end))
    return not is_text and html_block(state, start, end, silent)


def _is_no_element(state: StateBlock, line: int) -> bool:
    tag = _NAME.match(state.src, state.bMarks[line] + state.tShift[line])
    return tag is not None and not is_element(tag[1], state.src)


def _is_around_words(state: StateBlock, start: int, end: int) -> bool:
    """Whether `<small>` or its like stands alone above bold words, a link or code, and ends in their paragraph."""
    opening = _INLINE.fullmatch(line_text(state, start))
    if not opening:
        return False
    line = start + 1
    while continues(state, line, end):
        line += 1
    inside = state.src[state.eMarks[start] : state.eMarks[line - 1]]
    closing = inside.lower().find(f"</{opening[1].lower()}>")
    return closing >= 0 and bool(_MARKED.search(inside, 0, closing))


def _tag(state: StateBlock, start: int, _end: int, silent: bool) -> bool:
    if state.is_code_block(start):
        return False
    line = line_text(state, start).rstrip()
    if not line.startswith("<"):
        return False
    opened: list[str] = state.env.setdefault("markdown_in_html", [])
    closing = _CLOSING.fullmatch(line)
    if closing and opened and opened[-1] == closing[1].lower():
        if not silent:
            opened.pop()
            _push(state, start, line)
        return True
    opening = _OPENING.match(line)
    if not opening:
        return False
    if silent:
        return True
    name, rest = opening[1].lower(), line[opening.end() :].strip()
    tag = re.sub(_ASKED, "", opening[0])
    end_tag = f"</{opening[1]}>"
    closed = rest.endswith(end_tag)
    summary = _OPENING.match(rest) if not closed else None
    if summary and rest.endswith(f"</{summary[1]}>"):  # which asks for Markdown too
        tag, rest, end_tag = f"{tag}{re.sub(_ASKED, '', summary[0])}", rest[summary.end() :], f"</{summary[1]}>"
    elif rest.startswith("<") and not closed:  # the summary of details
        tag, rest = f"{tag}{rest}", ""
    _push(state, start, tag)
    text = rest.removesuffix(end_tag).strip()
    if text:
        push_text(state, text, start, start + 1)
    if closed or summary:
        _push(state, start, end_tag)
    if not closed:
        opened.append(name)
    return True


def _summary(state: StateBlock, start: int, end: int) -> bool:
    """Read the summary of details that ask for Markdown: what is below it is Markdown, though no blank line parts them."""
    line = next(
        (line for line in range(start, end) if state.isEmpty(line) or "</summary>" in line_text(state, line)), end
    )
    if line == end or not line_text(state, line).rstrip().endswith("</summary>"):
        return False
    return _end_html(state, start, line + 1)


def _html_before_fence(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if silent or state.is_code_block(start):
        return False
    first = line_text(state, start)
    if first.startswith("<summary") and state.env.get("markdown_in_html", [])[-1:] == ["details"]:
        return _summary(state, start, end)
    kind = next((ends for begins, ends, _ in HTML_SEQUENCES if begins.search(first)), None)
    if not kind or not kind.search("") or _is_no_element(state, start):  # a comment and its like end where they say so
        return False
    aside = first.startswith("<aside")  # of Distill, and of Notion, whose callouts begin with a sign
    reading: Reading = state.env["reading"]
    for_pandoc = reading.is_for_pandoc()
    line = start + 1
    is_empty = bool(_EMPTY.fullmatch(first))
    depth = _opened(first)
    is_whole = False  # whether it holds an element with blank lines
    while continues(state, line, end):
        text = line_text(state, line)
        last = _verbatim_end(state, line, end)
        if last:
            is_whole, line = True, last + 1
            continue
        if depth <= 0 and _begins_text(state, line, text):
            return _end_html(state, start, line)
        depth += _opened(text)
        # `<br>` and images hold nothing: what is below is Markdown.
        is_text = is_empty and not text.startswith(("<", "{"))
        is_empty = is_empty and bool(_EMPTY.fullmatch(text))
        is_below_tag = (
            _TAG_ALONE.fullmatch(line_text(state, line - 1).rstrip()) if text.startswith("![") or aside else None
        ) or (for_pandoc and _begins_below_division(state, line, text))
        if is_text or is_below_tag or _is_fenced(state, line, end) or _OPENING.match(text):
            ended = _end_html(state, start, line)
            if ended and aside and first.rstrip() == "<aside>" and (sign := _SIGN.match(text)):
                state.tokens[-1].content = f'<aside class="{_TONES.get(sign[1], "note")}">\n'
                state.bMarks[line] += len(sign[0]) if sign[1] in _TONES else 0
            return ended
        line += 1
    return is_whole and _end_html(state, start, line)


def _verbatim_end(state: StateBlock, line: int, end: int) -> int | None:
    """Return the line where an element ends that begins a line and holds no Markdown, as pandas' `<style scoped>` in a `<div>`."""
    opening = _VERBATIM.match(line_text(state, line))
    endless: set[tuple[str, int]] = state.env.setdefault("endless_elements", set())
    if not opening or (opening[1].lower(), end) in endless:
        return None
    closing = re.compile(rf"</{opening[1]}\s*>", re.IGNORECASE)
    ends = closing.search(state.src, state.bMarks[line], state.eMarks[end - 1])
    if not ends:
        endless.add((opening[1].lower(), end))
        return None
    while state.eMarks[line] < ends.end():
        line += 1
    return line


def _html_around_formula(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read the `<div>` around definitions of macros, which hides them, whole: blank lines between them end no HTML."""
    if silent or start + 1 >= end or line_text(state, start + 1).strip() != "$$":
        return False
    if state.is_code_block(start) or not _TAG_ALONE.fullmatch(line_text(state, start).rstrip()):
        return False
    lines = range(start + 2, min(end, start + _MOST_LINES))
    last = next(
        (line for line in lines if line_text(state, line).strip() == "$$" or line_text(state, line)[:1] == "<"), start
    )
    blank = [line for line in range(start, last) if state.isEmpty(line)]
    if not blank or line_text(state, last).startswith("<"):
        return False
    while last + 1 < end and not state.isEmpty(last + 1):
        last += 1
    _end_html(state, start, last + 1)
    state.tokens[-1].content = re.sub(r"\n(?:[ \t]*\n)+", "\n", state.tokens[-1].content)
    return True


def _opened(line: str) -> int:
    """Return how many elements a line of HTML leaves open, less those of lines above that it closes."""
    names = _ELEMENT.finditer(line) if "<" in line else ()
    return sum(-1 if tag["end"] else 1 for tag in names if tag["name"].lower() not in VOID)


def _begins_text(state: StateBlock, line: int, text: str) -> bool:
    """Whether a line below the end of all elements begins a text."""
    is_below_end = line_text(state, line - 1).rstrip().endswith(">")
    return is_below_end and not text.startswith(("<", "{", "```", "~~~")) and state.sCount[line] - state.blkIndent < 4


def _begins_below_division(state: StateBlock, line: int, text: str) -> bool:
    """Whether a text begins right below the tag of a division, where Pandoc reads Markdown."""
    is_text = not text.startswith("<") and state.sCount[line] - state.blkIndent < 4
    return is_text and bool(_DIVISION.fullmatch(line_text(state, line - 1).rstrip()))


def _end_html(state: StateBlock, start: int, line: int) -> bool:
    html = state.getLines(start, line, state.blkIndent, keepLastLF=True)
    push_lines(state, "html_block", html, start, line)
    return True


def _indented_html(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read indented tags as HTML right below a tag that asks for Markdown, or below a blank line in an element that is indented."""
    if silent or not state.is_code_block(start) or not state.tokens or state.tokens[-1].type != "html_block":
        return False
    verbatim = _verbatim_end(state, start, end)
    if not verbatim and not _INDENTED.match(line_text(state, start)):
        return False
    open_elements = 0
    above = state.tokens[-1].map
    is_laid_out = above is not None and above[1] == start
    for token in reversed(state.tokens[-_MOST_PARTS:]):
        if token.type != "html_block":
            break
        is_laid_out = is_laid_out or bool(_LAID_OUT.search(token.content))
        open_elements += sum(-1 if part["end"] else 1 for part in _PART.finditer(token.content))
    if open_elements < 1 or not is_laid_out:
        return False
    open_elements += 0 if verbatim else _opened(line_text(state, start))
    line = (verbatim or start) + 1
    while continues(state, line, end):
        if open_elements <= 0 and _begins_text(state, line, line_text(state, line)):
            break
        verbatim = _verbatim_end(state, line, end)
        open_elements += 0 if verbatim else _opened(line_text(state, line))
        line = (verbatim or line) + 1
    return _end_html(state, start, line)


def _is_fenced(state: StateBlock, start: int, end: int) -> bool:
    """Whether a fence begins at a line, and ends; from where on none of its kind ends before `end`, is remembered."""
    fence = _FENCE.fullmatch(line_text(state, start))
    if not fence or state.is_code_block(start):
        return False
    sign = fence[1] or fence[2]
    endless: dict[tuple[str, int, int, int], int] = state.env.setdefault("endless_fences", {})
    kind = (sign, end, state.blkIndent, state.level)
    if start >= endless.get(kind, end):
        return False
    ends = re.compile(rf"{sign[0]}{{{len(sign)},}}\s*")
    if any(ends.fullmatch(line_text(state, line)) for line in range(start + 1, end)):
        return True
    endless[kind] = start
    return False


def _push(state: StateBlock, line: int, html: str) -> None:
    push_lines(state, "html_block", f"{html}\n", line, line + 1)
