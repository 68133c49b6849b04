"""MyST-NB's `glue`: what a cell keeps by a name, `glue("x", x)`, is shown where the text asks for it, also above the cell.

What it is shown by runs after all cells, in a stand-in of `myst_nb` that programs find.
"""

from __future__ import annotations

import json

from sitegen.reading.boxes.directives import take_options


def glued(written: str) -> str:
    """Return the expression of what `name`, or `name:.2f` with how it is written, stands for."""
    name, _, form = written.partition(":")
    return f"__import__('myst_nb').glued({name.strip()!r}, {form.strip()!r})"


def glued_cell(name: str, content: str) -> str:
    """Return the text of a cell that shows what is kept by a name, with a directive's options and its caption."""
    given, caption, _ = take_options(content)
    about = {
        "label": given.get("name") or given.get("label", ""),
        "fig-cap": " ".join(caption.split()),
        "fig-alt": given.get("alt", ""),
    }
    options = [f"#| {key}: {json.dumps(text, ensure_ascii=False)}\n" for key, text in about.items() if text]
    return f"#| echo: false\n{''.join(options)}__import__('myst_nb').show({name!r})"
