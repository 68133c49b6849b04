"""Chunks of R that need no R: those that only show an image become one, those that show nothing are left out.

Any other chunk of R is code that is shown, as this program runs none.
"""

from __future__ import annotations

import re

_CHUNK = re.compile(
    r"(?P<indent>[ \t]*)(?P<ticks>`{3,})\{r\b[ \t,]*(?P<given>[^\n]*)\}[ \t]*\n(?P<code>(?:(?!(?P=indent)(?P=ticks))[^\n]*\n)*?)"
    r"(?P=indent)(?P=ticks)`*[ \t]*(?=\n|\Z)",
    re.MULTILINE,
)
_FENCE = re.compile(r"^[ \t>]*(?:[-*+][ \t]+|\d{1,9}[.)][ \t]+)?(`{3,}|~{3,})[^`\n]*$", re.MULTILINE)
_GIVEN = re.compile(r"""([\w.-]+)\s*=\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s,]+)""")
_LABEL = re.compile(r"(?:label\s*=\s*[\"']?)?([\w:-]+)[\"']?\s*(?=,|$)")
_LINE = re.compile(r"[ \t]*#\|[ \t]*([\w.-]+)[ \t]*:[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_IMAGES = re.compile(
    r"""\A\s*(?:library\(knitr\)\s*)?(?:knitr::)?include_graphics\(\s*(?:path\s*=\s*)?
    (?P<files>"[^"\n]+"|'[^'\n]+'|c\(\s*(?:["'][^"'\n]+["']\s*,?\s*)+\))[^()]*\)\s*\Z""",
    re.VERBOSE,
)
_QUOTED = re.compile(r""""([^"\n]+)"|'([^'\n]+)'""")
_COMMENT = re.compile(r"^[ \t]*#[^\n]*\n?", re.MULTILINE)
_NOT = {"FALSE", "F", "false"}


def without_chunks(text: str) -> str:
    """Return a body in which the chunks that need no R stand as what they show, in as many lines."""
    if "{r" not in text or "```" not in text:
        return text
    parts: list[str] = []
    position = 0
    while fence := _FENCE.search(text, position):
        parts.append(text[position : fence.start()])
        chunk = _CHUNK.match(text, fence.start())
        if chunk:
            parts.append(_shown(chunk))
            position = chunk.end()
            continue
        ends = re.compile(rf"^[ \t>]*{fence[1][0]}{{{len(fence[1])},}}[ \t]*$", re.MULTILINE).search(text, fence.end())
        position = ends.end() if ends else len(text)
        parts.append(text[fence.start() : position])
    return "".join([*parts, text[position:]])


def _shown(match: re.Match[str]) -> str:
    given = {key.replace(".", "-").lower(): _plain(value) for key, value in _GIVEN.findall(match["given"])}
    given |= {key.replace(".", "-").lower(): value.strip("\"'") for key, value in _LINE.findall(match["code"])}
    lines = "\n" * match[0].count("\n")
    if given.get("include") in _NOT:
        return lines
    images = _IMAGES.match(_COMMENT.sub("", match["code"]))
    if not images or given.get("eval") in _NOT:
        return match[0]
    first = _LABEL.match(match["given"])
    label = given.get("label", first[1] if first else "")
    caption, width = given.get("fig-cap", ""), given.get("out-width", "")
    about = [f'fig-alt="{given["fig-alt"]}"'] if '"' not in given.get("fig-alt", '"') else []
    about += [f'width="{width}"'] if re.fullmatch(r"[\d.]+(?:%|px)?", width) else []
    files = [one or other for one, other in _QUOTED.findall(images["files"])]
    apart = "\n\n" + match["indent"] if 2 * len(files) - 2 <= len(lines) else " "
    shown = [f"![](<{file}>)" + (f"{{{' '.join(about)}}}" if about else "") for file in files[:-1]]
    named = [f"#fig-{label.removeprefix('fig-')}"] if label and caption else []
    said = " ".join([*named, *about])
    shown.append(f"![{caption}](<{files[-1]}>)" + (f"{{{said}}}" if said else ""))
    becomes = match["indent"] + apart.join(shown)
    return becomes + lines[becomes.count("\n") :]


def _plain(value: str) -> str:
    """Return what a string of R holds."""
    if value[0] in "\"'":
        return re.sub(r"\\(.)", r"\1", value[1:-1])
    return value
