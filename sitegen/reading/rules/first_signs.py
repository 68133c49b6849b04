"""Which rules are asked at a place of a text: those whose construct can begin with the sign that stands there.

markdown-it asks every rule at every line and at every mark, and with ours there are sixty: most say no after one look.
"""

from __future__ import annotations

from string import ascii_letters
from typing import TYPE_CHECKING, TypeVar

from markdown_it.ruler import Ruler

from sitegen.reading.rules.bullets import SIGNS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from markdown_it import MarkdownIt
    from markdown_it.parser_block import RuleFuncBlockType
    from markdown_it.parser_inline import RuleFuncInlineType
    from markdown_it.ruler import Rule
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline

_Any = TypeVar("_Any")

_OF_HTML = ("diagram", "statement", "markdown_in_html", "html_around_formula", "html_before_fence", "html_block")
OF_LINES = {
    **dict.fromkeys(("bare_table", "borders", "lines"), "|"),
    **dict.fromkeys(("colons", "notation", "diagram_directive"), ":"),
    **dict.fromkeys(("fence", "directive"), "`~"),
    **dict.fromkeys(("multiline_table", "simple_table"), "-"),
    **dict.fromkeys(("footnote_def", "reference"), "["),
    **dict.fromkeys(("heading", "close_heading"), "#"),
    **dict.fromkeys(("grid_table", "block_break"), "+"),
    **dict.fromkeys(_OF_HTML, "<"),
    "slashes": "/",
    "formula_block": "$\\",
    "latex_table": "\\",
    "references": ":`<",
    "comment": "%i[\\.",
    "target": "(:",
    "table_caption": ":T",
    "marked": "!?=",
    "attributes": "{",
    "insertion": "\x01",
    "blockquote": ">",
    "hr": "*-_",
    "abbreviation": "*",
    "bullets": f"{SIGNS}-+",
    "list": "*-+0123456789",
    "counted": "0123456789",
    "fancy_list": "(#" + ascii_letters,
}
"""The signs that begin a line on which a rule of blocks can say yes; one that is not here is asked on every line."""

IN_TEXT = {
    **dict.fromkeys(("link", "link_with_blanks", "span", "citation", "footnote_ref"), "["),
    **dict.fromkeys(("autolink", "citation_tag", "html_inline"), "<"),
    **dict.fromkeys(("latex", "escape"), "\\"),
    **dict.fromkeys(("sized_image", "image"), "!"),
    **dict.fromkeys(("braced", "attributes"), "{"),
    **dict.fromkeys(("emoji", "gfm_autolink_protocol"), ":"),
    **dict.fromkeys(("example", "gfm_autolink_email"), "@"),
    "newline": "\n",
    "formula": "$\\",
    "value": "`{",
    "citation_in_text": "-@",
    "citation_role": "{:",
    "reference": "@-[\\{:",
    "backticks": "`",
    "inside_word": "_~",
    "strikethrough": "~",
    "marks": "=~^+",
    "emphasis": "*_",
    "wikilink": "![",
    "footnote_inline": "^",
    "entity": "&",
    "gfm_autolink_www": "w",
}
"""The same for rules of text."""


def use_first_signs(md: MarkdownIt) -> None:
    """Let every rule be asked only where it can say yes; after all rules are there."""
    md.block.ruler = _Chains(md.block.ruler, _of_lines)
    stops = md.inline.terminator_re
    text = {"text": "".join(sign for sign in sorted(_signs(IN_TEXT)) if not stops.match(sign))}
    md.inline.ruler = _Chains(md.inline.ruler, lambda rules: _in_text(rules, {**IN_TEXT, **text}))


class _Chains(Ruler[_Any]):
    """The rules of another ruler, where each chain is one rule that asks those which can say yes."""

    def __init__(self, ruler: Ruler[_Any], joined: Callable[[Sequence[Rule[_Any]]], _Any]) -> None:
        super().__init__()
        self.__rules__ = ruler.__rules__
        self._joined = joined

    def __compile__(self) -> None:
        rules = [rule for rule in self.__rules__ if rule.enabled]
        names = {"", *(name for rule in rules for name in rule.alt)}
        chains = {name: [rule for rule in rules if not name or name in rule.alt] for name in names}
        self.__cache__ = {name: [self._joined(chain)] for name, chain in chains.items()}


def _signs(beginnings: Mapping[str, str]) -> set[str]:
    return set("".join(beginnings.values()))


def _by_sign(rules: Sequence[Rule[_Any]], beginnings: Mapping[str, str]) -> dict[str, list[_Any]]:
    return {sign: [rule.fn for rule in rules if sign in beginnings.get(rule.name, sign)] for sign in _signs(beginnings)}


def _of_lines(rules: Sequence[Rule[RuleFuncBlockType]]) -> RuleFuncBlockType:
    by_sign = _by_sign(rules, OF_LINES)
    every = [rule.fn for rule in rules]
    others = [rule.fn for rule in rules if rule.name not in OF_LINES]

    def asked(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        first = state.bMarks[start] + state.tShift[start]
        sign = state.src[first : first + 1]
        found = by_sign.get(sign) or (others if sign.strip() else every)  # some rules look past any white space
        for rule in found:  # noqa: SIM110 - a generator costs as much as what it saves
            if rule(state, start, end, silent):
                return True
        return False

    return asked


def _in_text(rules: Sequence[Rule[RuleFuncInlineType]], beginnings: Mapping[str, str]) -> RuleFuncInlineType:
    by_sign = _by_sign(rules, beginnings)
    others = [rule.fn for rule in rules if rule.name == "text" or rule.name not in beginnings]

    def asked(state: StateInline, silent: bool) -> bool:
        for rule in by_sign.get(state.src[state.pos], others):  # noqa: SIM110 - as above
            if rule(state, silent):
                return True
        return False

    return asked
