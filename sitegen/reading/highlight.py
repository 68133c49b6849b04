"""Code -> HTML with Pygments' class names; the style sheet gives them colours for light and dark."""

from __future__ import annotations

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


def highlight_code(code: str, language: str) -> str:
    """Return `code` as `<pre><code>`; a language that Pygments does not know is shown plain."""
    lexer = _lexer(language) if language else None
    inner = highlight(code, lexer, _FORMATTER) if lexer else escape(code, quote=False)
    name = f' class="language-{escape(language)}"' if language else ""
    return f'<div class="code"><pre tabindex="0"><code{name}>{inner}</code></pre></div>\n'
