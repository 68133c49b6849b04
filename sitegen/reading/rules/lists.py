"""Markdown rules for Pandoc's fancy lists: `a.` `A)` `(iv)` `(1)` `#.`, and examples `(@label)`, numbered through the post.

A line of prose may begin so too: "i. e.", "B. Russell", "(c) 2024". A list is only what a second item follows, where a block
begins or within the item of another list; an example, and `#.`, may stand alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markdown_it.rules_block.list import markTightParagraphs
from msgspec import Struct

from sitegen.labels import kind_of
from sitegen.reading.block_lines import ENDS_PARAGRAPHS, line_start

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

    from sitegen.reading.context import Reading

FARTHEST = 300  # lines between an item and the next one

_MARK = re.compile(
    r"(?P<open>\(?)(?:(?P<letters>[a-zA-Z]|[ivxlc]{2,8}|[IVXLC]{2,8})|(?P<digits>\d{1,2})|(?P<sign>#)|@(?P<label>[\w-]*))"
    r"(?P<close>[.)])(?=(?P<blanks>[ \t]*)(?P<rest>.?))"
)
_NUMBER = re.compile(r"(\d{1,3})([.)])[ \t]+\S")
_ROMAN = re.compile(r"(?:XC|XL|L?X{0,3}|C{1,3})(?:IX|IV|V?I{0,3})", re.IGNORECASE)
_ABBREVIATION = re.compile(r"\w\.")
_REFERENCE = re.compile(r"(?<!\w)@([\w-]+)")
_WORTH = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_TYPES = {"lower-alpha": "a", "upper-alpha": "A", "lower-roman": "i", "upper-roman": "I"}
_EXAMPLE = "example"


class _Mark(Struct, frozen=True):
    """What may begin an item: where its text begins, what surrounds it, its number in each of the styles that it can be of."""

    end: int
    form: str
    numbers: dict[str, int]
    label: str
    is_empty: bool


class _Open(Struct):
    """A list that is being read. Note: mutable; `count` is the number of its last item."""

    style: str
    form: str
    count: int

    def goes_on_with(self, mark: _Mark) -> bool:
        """Whether an item is the next one; its number may be any, but `i` after `b` begins another list."""
        if mark.form != self.form or self.style not in mark.numbers:
            return False
        return mark.numbers[self.style] in {1, self.count + 1} or 1 not in mark.numbers.values()


def use_lists(md: MarkdownIt) -> None:
    """Add the rules of this module; examples are known before any text is read."""
    md.block.ruler.after("list", "fancy_list", _list, ENDS_PARAGRAPHS)
    md.block.ruler.after("list", "counted", _counts_on, {"alt": ["paragraph"]})
    md.inline.ruler.before("citation_in_text", "example", _reference)


def _worth(roman: str) -> int:
    worths = [_WORTH[letter] for letter in roman.lower()]
    return sum(-one if one < after else one for one, after in zip(worths, [*worths[1:], 0], strict=True))


def _mark(state: StateBlock, line: int) -> _Mark | None:
    start = line_start(state, line)
    if state.src[start : start + 1].isalpha() and state.src[start + 1 : start + 2] not in ".)ivxlcIVXLC":
        return None  # most lines: faster than the expression
    match = _MARK.match(state.src, start, state.eMarks[line])
    if not match or (match["rest"] and not match["blanks"]):
        return None
    letters, label = match["letters"], match["label"]
    form = match["open"] + match["close"]
    if form == "(.":
        return None
    numbers: dict[str, int] = {}
    if letters:
        case = "lower" if letters.islower() else "upper"
        is_name = case == "upper" and form == "." and len(letters) == 1 and match["blanks"] in {"", " "}
        if is_name or (form == "." and _ABBREVIATION.match(state.src, match.end("blanks"))):
            return None
        if _ROMAN.fullmatch(letters):
            numbers[f"{case}-roman"] = _worth(letters)
        if len(letters) == 1:
            numbers[f"{case}-alpha"] = ord(letters.lower()) - ord("a") + 1
    elif match["sign"]:
        numbers = {"#": 1} if form == "." else {}
    elif form == "()":
        numbers = {"decimal": int(match["digits"])} if match["digits"] else {_EXAMPLE: 1}
    if not numbers or (label and kind_of(label)):
        return None
    return _Mark(match.end(), form, numbers, label or "", not match["rest"])


def _styles(mark: _Mark) -> list[str]:
    """Return the styles of which a list that begins so can be, the likeliest first: `i` is a numeral, `c` and `v` are letters."""
    return sorted(mark.numbers, key=lambda style: style.endswith("roman") and mark.numbers[style] > 1)


def _style(state: StateBlock, line: int, end: int, mark: _Mark) -> str:
    """Return the style of the list that begins here, or "" where none does."""
    reading: Reading = state.env["reading"]
    styles = _styles(mark)
    if mark.is_empty:
        return ""
    if styles[0] in {"#", _EXAMPLE}:
        return styles[0] if not (mark.label and reading.cites) else ""
    after_blank = False
    for other in range(line + 1, min(end, line + FARTHEST)):
        if state.isEmpty(other):
            after_blank = True
            continue
        indent = state.sCount[other]
        if 0 <= indent < min(state.blkIndent, state.sCount[line]):
            return ""
        if 0 <= indent < state.sCount[line] + 2:
            found = _mark(state, other)
            if found and found.form == mark.form:
                return next((one for one in styles if found.numbers.get(one) == mark.numbers[one] + 1), "")
            if after_blank:
                return ""
        after_blank = False
    return ""


def _ends(state: StateBlock, line: int, end: int, mark: _Mark) -> bool:
    """Whether an item ends the paragraph, quote or definition above it: the next one of an open list, or one within an item."""
    open_lists: list[_Open] = state.env.get("fancy_lists", [])
    if state.sCount[line] < state.blkIndent:
        if any(one.goes_on_with(mark) for one in open_lists):
            return True
        may_begin = bool(open_lists)
    else:
        may_begin = state.listIndent >= 0
    begins = may_begin and state.parentType == "paragraph" and 1 in mark.numbers.values()
    return begins and bool(_style(state, line, end, mark))


def _list(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    mark = _mark(state, start)
    if not mark or state.is_code_block(start):
        return False
    indent = state.sCount[start]
    if state.listIndent >= 0 and indent - state.listIndent >= 4 and indent < state.blkIndent:
        return False
    if silent:
        return _ends(state, start, end, mark)
    style = _style(state, start, end, mark)
    if not style:
        return False
    first = len(state.tokens)
    opening = state.push("ordered_list_open", "ol", 1)
    opening.markup = mark.form
    _describe(opening, style, mark, state)
    open_lists: list[_Open] = state.env.setdefault("fancy_lists", [])
    open_lists.append(_Open(style, mark.form, mark.numbers[style]))
    parent, state.parentType = state.parentType, "list"
    line, is_tight = _items(state, start, end, open_lists[-1], mark)
    state.parentType = parent
    open_lists.pop()
    state.push("ordered_list_close", "ol", -1).markup = mark.form
    opening.map = [start, line]
    state.line = line
    if is_tight:
        markTightParagraphs(state, first)
    return True


def _counts_on(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """End a paragraph before `2.` as before `1.`, where a line below begins with the next number; it makes nothing itself."""
    indent = state.sCount[start]
    if not silent or state.parentType != "paragraph" or not 0 <= indent - state.blkIndent < 4:
        return False
    match = _NUMBER.match(state.src, line_start(state, start), state.eMarks[start])
    if not match:
        return False
    following = f"{int(match[1]) + 1}{match[2]} "
    for line in range(start + 1, min(end, start + FARTHEST)):
        if state.isEmpty(line) or state.sCount[line] < indent:
            return False
        if state.sCount[line] == indent and state.src.startswith(following, line_start(state, line)):
            return True
    return False


def _describe(token: Token, style: str, mark: _Mark, state: StateBlock) -> None:
    """Say how a list counts; what stands around its numbers is a class, and the style sheet's to show."""
    number = mark.numbers[style] if style != _EXAMPLE else state.env.get("examples_so_far", 0) + 1
    if style in _TYPES:
        token.attrs["type"] = _TYPES[style]
    if number != 1:
        token.attrs["start"] = number
    if mark.form != ".":
        counted = style if style in _TYPES else "decimal"
        token.attrs["class"] = f"{counted} {'in-parens' if mark.form == '()' else 'one-paren'}"


def _items(state: StateBlock, line: int, end: int, read: _Open, mark: _Mark) -> tuple[int, bool]:
    """Read the items of a list, as markdown-it does; return the line below it, and whether it is tight."""
    ending = state.md.block.ruler.getRules("list")
    is_tight = True
    ends_empty = False
    while True:
        first = line
        loose, line = _item(state, line, end, read.style, mark)
        is_tight = is_tight and not loose and not ends_empty
        ends_empty = line - first > 1 and state.isEmpty(line - 1)
        if line >= end or state.sCount[line] < state.blkIndent or state.is_code_block(line):
            break
        if any(rule(state, line, end, True) for rule in ending):
            break
        found = _mark(state, line)
        if not found or not read.goes_on_with(found):
            break
        mark = found
        read.count += 1
    return line, is_tight


def _item(state: StateBlock, line: int, end: int, style: str, mark: _Mark) -> tuple[bool, int]:
    """Read one item; return whether it is loose, and the line below it."""
    start = line_start(state, line)
    offset = initial = state.sCount[line] + mark.end - start
    position = mark.end
    while position < state.eMarks[line] and state.src[position] in " \t":
        offset += 4 - (offset + state.bsCount[line]) % 4 if state.src[position] == "\t" else 1
        position += 1
    is_empty = position >= state.eMarks[line]
    after = offset - initial
    token = state.push("list_item_open", "li", 1)
    token.markup = mark.form
    token.map = [line, 0]
    token.info = state.src[start : mark.end]
    if style == _EXAMPLE:
        _number_example(state, token, mark.label)
    tight, shift, count = state.tight, state.tShift[line], state.sCount[line]
    outer = state.listIndent
    state.listIndent, state.blkIndent = state.blkIndent, initial + (1 if is_empty or after > 4 else after)
    state.tight = True
    state.tShift[line], state.sCount[line] = position - state.bMarks[line], offset
    if is_empty and state.isEmpty(line + 1):
        state.line = min(state.line + 2, end)
    else:
        state.md.block.tokenize(state, line, end)
    loose = not state.tight
    state.blkIndent, state.listIndent = state.listIndent, outer
    state.tight, state.tShift[line], state.sCount[line] = tight, shift, count
    state.push("list_item_close", "li", -1).markup = mark.form
    token.map = [line, state.line]
    return loose, state.line


def _number_example(state: StateBlock, token: Token, label: str) -> None:
    number = state.env["examples_so_far"] = state.env.get("examples_so_far", 0) + 1
    examples: dict[str, int] = state.env.setdefault("examples", {})
    if label and label not in examples:
        examples[label] = number
        token.attrs["id"] = f"example-{label}"


def _reference(state: StateInline, silent: bool) -> bool:
    """Read `(@label)` in text as the number of that example."""
    examples: dict[str, int] = state.env.get("examples", {})
    match = _REFERENCE.match(state.src, state.pos, state.posMax) if examples else None
    if not match or match[1] not in examples:
        return False
    if not silent:
        is_linked = not state.linkLevel
        if is_linked:
            state.push("link_open", "a", 1).attrs = {"href": f"#example-{match[1]}"}
        state.push("text", "", 0).content = str(examples[match[1]])
        if is_linked:
            state.push("link_close", "a", -1)
    state.pos = match.end()
    return True
