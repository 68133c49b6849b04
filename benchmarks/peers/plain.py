"""Peers that leave formulas to a script in the reader's browser: Zensical and Nikola in their own themes, Jekyll in bare pages."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

from benchmarks.peers import install
from benchmarks.peers.peer import Peer
from benchmarks.peers.setting import PAGE

if TYPE_CHECKING:
    from pathlib import Path

_ZENSICAL = "zensical==0.0.73"  # those after it need a package, zensical-ui, that could not be had
_ZENSICAL_CONFIG = """[project]
site_name = "Formulas"
[project.markdown_extensions.pymdownx.arithmatex]
generic = true
[project.markdown_extensions.pymdownx.highlight]
[project.markdown_extensions.pymdownx.superfences]
"""

# Without Jinja and a reader of YAML it warns, and waits two seconds, at each start.
_NIKOLA = ("nikola==8.3.3", "jinja2==3.1.6", "ruamel.yaml==0.19.1", "pymdown-extensions==13.1.2")
_NIKOLA_CONFIG = """BLOG_AUTHOR = "Author"
BLOG_TITLE = BLOG_DESCRIPTION = "Formulas"
BLOG_EMAIL = "author@example.org"
SITE_URL = "https://example.org/"
DEFAULT_LANG = "en"
TRANSLATIONS = {"en": ""}
NAVIGATION_LINKS = {"en": ()}
POSTS = (("posts/*.md", "posts", "post.tmpl"),)
PAGES = ()
TIMEZONE = "UTC"
COMPILERS = {"markdown": [".md"]}
MARKDOWN_EXTENSIONS = [
    "markdown.extensions.fenced_code",
    "markdown.extensions.codehilite",
    "markdown.extensions.extra",
    "pymdownx.arithmatex",
]
MARKDOWN_EXTENSION_CONFIGS = {"en": {"pymdownx.arithmatex": {"generic": True}}}
"""

_JEKYLL_CONFIG = """title: Formulas
permalink: /:title/
markdown: kramdown
defaults: [{scope: {path: ""}, values: {layout: page}}]
"""


def _prepare_zensical(posts: Path, folder: Path) -> None:
    install.environment("zensical", _ZENSICAL)
    folder.mkdir()
    (folder / "zensical.toml").write_text(_ZENSICAL_CONFIG, encoding="utf-8")
    shutil.copytree(posts, folder / "docs")


def _zensical(_: Path) -> list[str]:
    return [str(install.PLACE / "zensical" / "bin" / "zensical"), "build"]


def _prepare_nikola(posts: Path, folder: Path) -> None:
    install.environment("nikola", *_NIKOLA)
    folder.mkdir()
    (folder / "conf.py").write_text(_NIKOLA_CONFIG, encoding="utf-8")
    shutil.copytree(posts, folder / "posts")


def _nikola(_: Path) -> list[str]:
    return [str(install.PLACE / "nikola" / "bin" / "nikola"), "build", "-q"]


def _prepare_jekyll(posts: Path, folder: Path) -> None:
    (folder / "_layouts").mkdir(parents=True)
    (folder / "_config.yml").write_text(_JEKYLL_CONFIG, encoding="utf-8")
    page = PAGE.format(title="{{ page.title }}", content="{{ content }}")
    (folder / "_layouts" / "page.html").write_text(page, encoding="utf-8")
    (folder / "_posts").mkdir()
    for post in posts.iterdir():
        text = kramdown(post.read_text(encoding="utf-8"))
        (folder / "_posts" / post.name).write_text(text, encoding="utf-8")


def kramdown(text: str) -> str:
    """Return a post as kramdown has it, where formulas in a line stand in two dollars too."""
    return re.sub(r"(?<!\$)\$(?!\$)([^$\n]+)\$(?!\$)", r"$$\1$$", text)


def _jekyll(_: Path) -> list[str]:
    return ["jekyll", "build", "--quiet"]


_LEFT = "sets no math"

PLAIN = (
    Peer("Zensical", _prepare_zensical, _zensical, "site", (".cache",), 'class="arithmatex"', _LEFT),
    Peer("Nikola", _prepare_nikola, _nikola, "output", ("cache", ".doit.db*"), 'class="arithmatex"', _LEFT),
    Peer("Jekyll", _prepare_jekyll, _jekyll, "_site", (".jekyll-cache",), r"\\[(\[]", _LEFT, tool="jekyll"),
)
