"""The Markdown set-up: markdown-it-py with its plugins, our rules, and our renderer."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.tasklists import tasklists_plugin

from sitegen.reading.notation import use_notation
from sitegen.reading.rawhtml import keep_phrases
from sitegen.reading.renderer import HoleRenderer
from sitegen.reading.rules.abbreviations import use_abbreviations
from sitegen.reading.rules.annotations import use_annotations
from sitegen.reading.rules.autolinks import use_autolinks
from sitegen.reading.rules.block_attributes import use_block_attributes
from sitegen.reading.rules.braced import use_braced
from sitegen.reading.rules.bullets import use_bullets
from sitegen.reading.rules.citations import use_citations
from sitegen.reading.rules.comments import use_comments
from sitegen.reading.rules.conflicts import use_conflicts
from sitegen.reading.rules.containers import use_containers
from sitegen.reading.rules.diagrams import use_diagrams
from sitegen.reading.rules.drawn_tables import use_drawn_tables
from sitegen.reading.rules.emphasis import use_emphasis
from sitegen.reading.rules.figures import use_figures
from sitegen.reading.rules.first_signs import use_first_signs
from sitegen.reading.rules.footnotes import use_footnotes
from sitegen.reading.rules.html import use_markdown_in_html
from sitegen.reading.rules.insertions import put_in, use_insertions
from sitegen.reading.rules.latex import use_latex, use_latex_labels
from sitegen.reading.rules.lines import use_lines
from sitegen.reading.rules.lists import use_lists
from sitegen.reading.rules.marks import use_marks
from sitegen.reading.rules.math import use_math
from sitegen.reading.rules.open_formula import use_open_formulas
from sitegen.reading.rules.punctuation import use_punctuation
from sitegen.reading.rules.references import use_references
from sitegen.reading.rules.said_beside import use_said_beside
from sitegen.reading.rules.shapes import use_shapes
from sitegen.reading.rules.span_attributes import use_span_attributes
from sitegen.reading.rules.statements import use_statements
from sitegen.reading.rules.tabbed import use_tabbed
from sitegen.reading.rules.tables import use_tables
from sitegen.reading.rules.targets import use_targets
from sitegen.reading.rules.values import use_values
from sitegen.reading.rules.widths import use_widths
from sitegen.reading.rules.wikilinks import use_wikilinks
from sitegen.reading.wholehtml import whole, whole_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sitegen.reading.context import Reading


class _Parser(MarkdownIt):
    """Reads links to files of the author's machine as links, so that they are told, and not shown as they are written."""

    def validateLink(self, url: str) -> bool:  # noqa: N802 - markdown-it's name
        """Whether an address may stand in a link."""
        return url[:5].lower() == "file:" or super().validateLink(url)


_EXTENSIONS = (
    use_footnotes, deflist_plugin, tasklists_plugin, use_autolinks, use_tables, use_drawn_tables, use_widths, use_lines, use_math,
    use_latex, use_targets, use_conflicts, use_values, use_citations, use_lists, use_bullets, use_notation, use_diagrams, use_comments,
    use_references, use_containers, use_open_formulas, use_block_attributes, use_span_attributes, use_figures, use_latex_labels,
    use_insertions, use_wikilinks, use_marks, use_braced, use_markdown_in_html, use_statements, use_shapes, use_emphasis,
    use_said_beside, use_abbreviations, use_annotations, use_tabbed, use_first_signs,
)  # fmt: skip
"""What adds rules, in this order: a rule may stand before or after those of an extension above."""


@cache
def markdown(*, smart_punctuation: bool, indented: bool = True) -> MarkdownIt:
    """Return the parser; it keeps no state between sources. indented: whether indented lines are code."""
    # CommonMark's preset leaves out what is nested below 20 levels: the tenth of a list.
    options = {"maxNesting": 100, "typographer": smart_punctuation, "xhtmlOut": False, "store_labels": True}
    md = _Parser("commonmark", options, renderer_cls=HoleRenderer)
    md.enable(["table", "strikethrough"])
    if smart_punctuation:
        md.enable(["replacements", "smartquotes"])
        use_punctuation(md)
    for extension in _EXTENSIONS:
        md.use(extension)
    return md if indented else md.disable("code")


def render(text: str, reading: Reading, *, smart_punctuation: bool) -> str:
    """Return the HTML of a body, with holes."""
    md = markdown(smart_punctuation=smart_punctuation, indented=not reading.path.endswith(".mdx"))
    env = {"reading": reading}
    with _uncollected():
        html = str(md.renderer.render(whole(md.parse(text, env), reading), md.options, env)).replace("<p></p>\n", "")
        return whole_text(put_in(html, reading.insertions)) if reading.insertions else html


@contextmanager
def _uncollected() -> Iterator[None]:
    """Let the collector of cycles rest: tokens make none, and to look through them takes a third of the time of a long post."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def render_inline(text: str, reading: Reading, *, smart_punctuation: bool) -> str:
    """Return the HTML of one line, with holes."""
    if not text:
        return ""
    md = markdown(smart_punctuation=smart_punctuation)
    env = {"reading": reading, "inline": True}
    tokens = md.parseInline(text, env)
    for token in tokens:
        keep_phrases(token.children or [])
    return str(md.renderer.render(tokens, md.options, env))
