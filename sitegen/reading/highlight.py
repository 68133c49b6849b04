"""Code -> HTML with Pygments' class names; the style sheet gives them colours for light and dark."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

if TYPE_CHECKING:
    from pygments.lexer import Lexer

_FORMATTER = HtmlFormatter(nowrap=True)


@lru_cache(maxsize=64)
def _lexer(language: str) -> Lexer | None:
    try:
        return get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        return None


def marked_lines(text: str) -> frozenset[int] | None:
    """Read `2 4-6`, `2,4-6` or `[2, "4-6"]` as line numbers; None when it is none of these."""
    found: set[int] = set()
    for part in re.split(r"[\s,]+", re.sub(r"[\[\]\"']", "", text).strip()):
        match = re.fullmatch(r"(\d{1,5})(?:-(\d{1,5}))?", part)
        if not match:
            return None
        found.update(range(int(match[1]), int(match[2] or match[1]) + 1))
    return frozenset(found)


def highlight_code(code: str, language: str, marked: frozenset[int] = frozenset()) -> str:
    """Return `code` as `<pre><code>`; a language that Pygments does not know is shown plain.

    marked: lines, counted from 1, that stand out.
    """
    lexer = _lexer(language) if language else None
    inner = highlight(code, lexer, _FORMATTER) if lexer else escape(code, quote=False)
    if marked:  # Pygments closes its spans at the end of each line
        lines = inner.split("\n")
        inner = "\n".join(f'<span class="hll">{x}</span>' if n in marked else x for n, x in enumerate(lines, 1))
    name = f' class="language-{escape(language)}"' if language else ""
    return f'<div class="code"><pre tabindex="0"><code{name}>{inner}</code></pre></div>\n'
