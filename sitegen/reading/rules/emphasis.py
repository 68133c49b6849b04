"""Emphasis beside formulas and beside scripts that put no blanks between words.

CommonMark decides by white space and punctuation whether `*` may open or close; `**$x$**는` and `**주의:**문` then stay
literal. Here the edge of a formula counts as a letter, and a CJK letter or sign beside a mark lets it open or close, as
the extension "CJK-friendly emphasis" of CommonMark has it. `**Note:**text` is bold, as for kramdown and Python-Markdown.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline.state_inline import Scanned, StateInline

from sitegen.later import later

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token
    from markdown_it.utils import EnvType

CJK = "[\u1100-\u11ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef]|[\U00020000-\U0003ffff]"
"""A letter, or a sign as wide as one, of Chinese, Japanese and Korean."""
_CJK = later(CJK)
_ENDING = frozenset(":.,;!?")  # what a word in bold ends with, directly before the text that it announces


def use_emphasis(md: MarkdownIt) -> None:
    """Let inline text be read with our idea of what stands beside a mark."""
    inline = _Inline()
    inline.ruler, inline.ruler2 = md.inline.ruler, md.inline.ruler2
    # The plugin for bare links stops at every `w`, to find `www.`: stop at that alone.
    inline.terminator_re = re.compile(rf"{inline.terminator_re.pattern}|w(?=ww\.)")
    md.inline = inline


class _State(StateInline):
    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:  # noqa: N802, N803 - markdown-it's names
        """Return whether the marks at `start` may open and close, and how many there are."""
        end = start
        while end < self.posMax and self.src[end] == self.src[start]:
            end += 1
        before = self.src[start - 1] if start else " "
        after = self.src[end] if end < self.posMax else " "
        blank_before, blank_after = isWhiteSpace(ord(before)), isWhiteSpace(ord(after))
        mark_before, mark_after = _is_mark(before), _is_mark(after)
        beside_cjk = bool(_CJK.match(before) or _CJK.match(after))
        left = not blank_after and (not mark_after or blank_before or mark_before or beside_cjk)
        right = not blank_before and (not mark_before or blank_after or mark_after or beside_cjk)
        if before in _ENDING and end - start == 2 and self.src[start] == "*" and (after.isalpha() or after == "$"):
            right = True
        can_open = left and (canSplitWord or not right or mark_before)
        can_close = right and (canSplitWord or not left or mark_after)
        return Scanned(can_open, can_close, end - start)


class _Inline(ParserInline):
    def parse(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> list[Token]:
        """Read inline text into tokens."""
        state = _State(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens


def _is_mark(character: str) -> bool:
    return character != "$" and (isMdAsciiPunct(ord(character)) or isPunctChar(character))
