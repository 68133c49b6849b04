"""Which files are posts and pages, by their names: Markdown, and what Quarto, R Markdown, blogdown, MDX and Jekyll call it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import PurePosixPath

SUFFIXES = (".md", ".markdown", ".qmd", ".rmd", ".mdx", ".rmarkdown", ".mkd", ".mdown")


def is_source(name: str) -> bool:
    """Whether a file of this name is a post or a page where those are looked for."""
    return name.lower().endswith(SUFFIXES)


def is_index(name: str) -> bool:
    """Whether a file of this name owns its folder: `index.md`, or Hugo's `_index.md`."""
    return name.lower().startswith(("index.", "_index.")) and is_source(name) and name.count(".") == 1


def spellings(path: PurePosixPath) -> tuple[PurePosixPath, ...]:
    """Return the paths that a link to a source may mean: itself, and the same under each other suffix."""
    return (path, *(path.with_suffix(suffix) for suffix in (*SUFFIXES, ".Rmd") if path.suffix != suffix))
