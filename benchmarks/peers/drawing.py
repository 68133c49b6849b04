"""Peers whose posts compute: MyST-NB, which runs a Jupyter kernel for each page, and markdown-exec in MkDocs' own process.

Both draw with the versions of numpy and matplotlib that we draw with, and save figures as they do by themselves or as their manual
says: MyST-NB as PNG files, markdown-exec as SVG in the page.
"""

from __future__ import annotations

import re
from importlib.metadata import version
from typing import TYPE_CHECKING

from benchmarks.peers import install
from benchmarks.peers.peer import Peer

if TYPE_CHECKING:
    from pathlib import Path

_SAME = tuple(f"{name}=={version(name)}" for name in ("matplotlib", "numpy"))

_MYST = ("sphinx==9.0.4", "myst-nb==1.4.0", "ipykernel==7.4.0", *_SAME)
_MYST_CONFIG = """project = "Figures"
extensions = ["myst_nb"]
"""
_MYST_HEADER = """---
file_format: mystnb
kernelspec:
  name: python3
---

# {title}

"""
_MYST_CELL = """```{{code-cell}} ipython3
{code}```"""
_MYST_INDEX = """# Figures

```{{toctree}}
{names}
```
"""

_EXEC = ("mkdocs==1.6.1", "markdown-exec==1.12.6", *_SAME)
_EXEC_CONFIG = """site_name: Figures
plugins: [search, markdown-exec]
markdown_extensions: [pymdownx.superfences, pymdownx.highlight]
"""
_EXEC_SETUP = """```python exec="on" source="above" session="post"
import io
{code}```"""
_EXEC_FIGURE = """```python exec="on" html="1" source="above" session="post"
{code}saved = io.StringIO()
plt.savefig(saved, format="svg")
plt.close("all")
print(saved.getvalue())
```"""


def myst(text: str) -> str:
    """Return a post as MyST-NB reads it: its title as the first heading, its code as cells."""
    title, body = _parts(text)
    return _MYST_HEADER.format(title=title) + _fenced(body, _MYST_CELL, _MYST_CELL)


def markdown_exec(text: str) -> str:
    """Return a post as markdown-exec reads it: its code in one session, each figure printed as SVG."""
    title, body = _parts(text)
    return f"---\ntitle: {title}\n---\n" + _fenced(body, _EXEC_SETUP, _EXEC_FIGURE)


def _parts(text: str) -> tuple[str, str]:
    _, header, body = text.split("---\n", 2)
    return header.removeprefix("title: ").strip(), body


def _fenced(body: str, plain: str, figure: str) -> str:
    """Return a body with each block of code in one of two forms."""
    block = re.compile(r"^```(?:\{python\}|python( figure))\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
    return block.sub(lambda found: (figure if found[1] else plain).format(code=found[2]), body)


def _prepare_myst(posts: Path, folder: Path) -> None:
    install.environment("myst-nb", *_MYST)
    (folder / "source").mkdir(parents=True)
    (folder / "source" / "conf.py").write_text(_MYST_CONFIG, encoding="utf-8")
    found = sorted(posts.iterdir())
    for post in found:
        (folder / "source" / post.name).write_text(myst(post.read_text(encoding="utf-8")), encoding="utf-8")
    index = _MYST_INDEX.format(names="\n".join(post.stem for post in found))
    (folder / "source" / "index.md").write_text(index, encoding="utf-8")


def _myst(_: Path) -> list[str]:
    sphinx = str(install.PLACE / "myst-nb" / "bin" / "sphinx-build")
    return ["env", "JUPYTER_PREFER_ENV_PATH=1", sphinx, "-q", "-j", "auto", "-b", "html", "source", "build/html"]


def _prepare_exec(posts: Path, folder: Path) -> None:
    install.environment("markdown-exec", *_EXEC)
    (folder / "docs").mkdir(parents=True)
    (folder / "mkdocs.yml").write_text(_EXEC_CONFIG, encoding="utf-8")
    (folder / "docs" / "index.md").write_text("# Figures\n", encoding="utf-8")
    for post in posts.iterdir():
        (folder / "docs" / post.name).write_text(markdown_exec(post.read_text(encoding="utf-8")), encoding="utf-8")


def _exec(_: Path) -> list[str]:
    return ["env", "MPLBACKEND=agg", str(install.PLACE / "markdown-exec" / "bin" / "mkdocs"), "build", "--quiet"]


DRAWING = (
    Peer("MyST-NB", _prepare_myst, _myst, "build", mark=r'<img [^>]*src="_images/'),
    Peer("markdown-exec", _prepare_exec, _exec, "site", mark="<svg"),
)
