"""What later stages import, loaded while nothing else can be done: the processor waits for another process."""

from __future__ import annotations

from importlib import import_module

_WEAVING = ("sitegen.publishing.unfold", "sitegen.publishing.weave")
_PAGES = (
    "jinja2",
    "sitegen.publishing.environment",
    "uharfbuzz",
    "fontTools.ttLib.woff2",  # this, and the tables that it reads of our fonts
    "fontTools.ttLib.tables.otTables",
    "fontTools.ttLib.tables._n_a_m_e",
    "fontTools.ttLib.tables._a_v_a_r",
    "resvg_py",
)


def load_ahead() -> None:
    """Load what articles are woven, pages rendered and fonts cut with: a tenth of a second, also of each copy of this process."""
    for name in (*_WEAVING, *_PAGES):
        import_module(name)
