"""Chunks of R that need no R: those that show an image become one, bookdown's blocks become containers, some show nothing.

Any other chunk of R is code that is shown, as this program runs none; one that would draw a figure or a table with a
caption has its number, which the text mentions.
"""

from __future__ import annotations

import re

import yaml

from sitegen.later import later
from sitegen.reading.boxes.theorems import KINDS, STATED
from sitegen.reading.code_lines import FENCE, code_end, ending

_CHUNK = re.compile(
    r"(?P<indent>[ \t]*)(?P<ticks>`{3,})[ \t]*\{r\b[ \t,]*(?P<given>[^\n]*)\}[ \t]*\n(?P<code>(?:(?!(?P=indent)(?P=ticks))[^\n]*\n)*?)"
    r"(?P=indent)(?P=ticks)`*[ \t]*(?=\n|\Z)",
    re.MULTILINE,
)
_NAMED = later(r"^([ \t]*`{3,}[ \t]*\{r\b[^`\n]*)`([^`\n]*)`(?=[^`\n]*\}[ \t]*$)", re.MULTILINE)
"""```` ```{r `a name`} ````, which begins no code for CommonMark, and a chunk for knitr."""
_BLOCK = re.compile(
    rf"(?P<ticks>`{{3,}})\{{(?P<kind>{'|'.join(STATED)}|block2?)[ \t,]+(?P<given>[^\n]+)\}}[ \t]*\n"
    r"(?P<code>(?:(?!(?P=ticks))[^\n]*\n)*?)(?P=ticks)`*[ \t]*(?=\n|\Z)"
)
"""What bookdown had before Pandoc's divisions: ```` ```{theorem, name="A name"} ````."""
_REFERENCE = later(r"^\(ref:([\w-]+)\)[ \t]+(\S[^\n]*)$", re.MULTILINE)
_PART = later(r"^(#{1,6}[ \t]+)\((?:PART|APPENDIX)(?:\\?\*)?\)[ \t]+", re.MULTILINE)
"""bookdown's parts of a book, `# (PART) Basics {-}`."""
_FOR_FORMAT = re.compile(
    r"`r if[ ]?\((?P<not>!?)knitr:{2,3}is_(?P<format>html|latex)_output\(\)\)[ \t]*(?P<quote>[\"'])(?P<text>[^`]*?)(?P=quote)`"
)
"""What bookdown writes for one format: `r if (knitr::is_html_output()) '# References {-}'`."""
_IN_FORMULA = later(
    r"(?<![\\$])(\$\$?)(?! )((?:[^$`\n\\]|\\.)*`r [^`\n]+`(?:[^$`\n\\]|\\.|`r [^`\n]+`)*)(?<! )\1(?![$`\d])"
)
_INLINE = later(r"`(r [^`\n]+)`")
_TONE = re.compile(r"note|tip|info|warning|caution|important")
_FENCE = re.compile(rf"^{FENCE}", re.MULTILINE)
_GIVEN = later(r"""([\w.-]+)\s*=\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s,]+)""")
_LABEL = later(r"(?:label\s*=\s*[\"']?)?([\w:-]+)[\"']?\s*(?=,|$)")
_LINE = later(r"[ \t]*#\|[ \t]*([\w.-]+)[ \t]*:[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_SAID = later(r"(?:^[ \t]*#\|.*\n?)+", re.MULTILINE)
_GOES_ON = later(r"^[ \t]*#\|(?:[ \t]{2,}|[ \t]*-[ \t])", re.MULTILINE)
_CALL = r"""(?:knitr::)?include_graphics\(\s*(?:path\s*=\s*)?
    (?:"[^"\n]+"|'[^'\n]+'|c\(\s*(?:["'][^"'\n]+["']\s*,?\s*)+\))[^()]*\)"""
_IMAGES = later(rf"\A\s*(?:library\(knitr\)\s*)?(?P<calls>{_CALL}(?:\s*{_CALL})*)\s*\Z", re.VERBOSE)
_FILES = later(r"""include_graphics\(\s*(?:path\s*=\s*)?("[^"\n]+"|'[^'\n]+'|c\([^()]*\))""")
_TABLE = later(r"""\bkable\((?:[^`]*?[,(\s])?caption\s*=\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")
_CAPTIONED = re.compile(r"""fig[.-]cap\s*(?:=\s*["']|:)""")  # not by a variable
_QUOTED = re.compile(r""""([^"\n]+)"|'([^'\n]+)'""")
_COMMENT = re.compile(r"^[ \t]*#[^\n]*\n?", re.MULTILINE)
_NOT = {"FALSE", "F", "false"}


def without_chunks(text: str) -> str:
    """Return a body in which the chunks that need no R stand as what they show, in as many lines."""
    if "(ref:" in text:
        text = _with_captions(text)
    if "# (" in text:
        text = _PART.sub(r"\1", text)
    if "_output()" in text:
        text = _FOR_FORMAT.sub(_of_format, text)
    if "`r " in text:
        text = _IN_FORMULA.sub(lambda span: _INLINE.sub(_as_tex, span[0]), text)
    if "```{" not in text and "``` {" not in text:
        return text
    if _NAMED.search(text):
        text = _with_quoted_names(text)
    parts: list[str] = []
    position = 0
    while fence := _FENCE.search(text, position):
        parts.append(text[position : fence.start()])
        chunk = _CHUNK.match(text, fence.start())
        block = None if chunk else _BLOCK.match(text, fence.start())
        if chunk or block:
            parts.append(_shown(chunk) if chunk else _division(block) if block else "")
            position = (chunk or block or fence).end()
            continue
        ends = re.compile(rf"^{ending(fence['ticks'])}$", re.MULTILINE).search(text, fence.end())
        position = ends.end() if ends else len(text)
        parts.append(text[fence.start() : position])
    return "".join([*parts, text[position:]])


def _with_quoted_names(text: str) -> str:
    """Return a body in which quotes are around names of chunks that ticks are around, but not where code shows such a chunk."""
    lines = text.split("\n")
    end: re.Pattern[str] | None = None
    for number, line in enumerate(lines):
        if end:
            end = None if end.fullmatch(line) else end
        else:
            lines[number] = _NAMED.sub(r"\1'\2'", line)
            end = code_end(lines[number])
    return "\n".join(lines)


def _as_tex(inline: re.Match[str]) -> str:
    """Return R within a formula as letters of a machine: it is not run, as elsewhere, and would end the formula."""
    letters = re.sub(r"[$#%&_{}]", r"\\\g<0>", inline[1]).replace("^", "\\char`^").replace("~", "\\char`~")
    return f"\\texttt{{{letters}}}"


def _of_format(said: re.Match[str]) -> str:
    is_here = (said["format"] == "html") is not bool(said["not"])
    return said["text"] if is_here else "\n" * said["text"].count("\n")


def _shown(match: re.Match[str]) -> str:
    given = {key.replace(".", "-").lower(): _plain(value) for key, value in _GIVEN.findall(match["given"])}
    given |= _said(match["code"])
    lines = "\n" * match[0].count("\n")
    if given.get("include") in _NOT:
        return lines
    images = _IMAGES.match(_COMMENT.sub("", match["code"]))
    if given.get("eval") in _NOT:
        return match[0]
    first = _LABEL.match(match["given"])
    label = given.get("label", first[1] if first else "")
    if not images:
        return _numbered(match, label, given)
    caption, width = given.get("fig-cap", ""), given.get("out-width", "")
    about = [f'fig-alt="{given["fig-alt"]}"'] if '"' not in given.get("fig-alt", '"') else []
    about += [f'width="{width}"'] if re.fullmatch(r"[\d.]+(?:%|px)?", width) else []
    calls = _FILES.findall(images["calls"])
    files = [one or other for text in calls for one, other in _QUOTED.findall(text)]
    apart = "\n\n" + match["indent"] if 2 * len(files) - 2 <= len(lines) else " "
    shown = [f"![](<{file}>)" + (f"{{{' '.join(about)}}}" if about else "") for file in files[:-1]]
    named = [f"#fig-{label.removeprefix('fig-')}"] if label and caption else []
    said = " ".join([*named, *about])
    shown.append(f"![{caption}](<{files[-1]}>)" + (f"{{{said}}}" if said else ""))
    becomes = match["indent"] + apart.join(shown)
    return becomes + lines[becomes.count("\n") :]


def _said(code: str) -> dict[str, str]:
    """Return Quarto's options at the top of a chunk, those that go on over several lines too."""
    found = {key.replace(".", "-").lower(): value.strip("\"'") for key, value in _LINE.findall(code)}
    said = _SAID.search(code) if found and _GOES_ON.search(code) else None
    try:
        fields = yaml.safe_load(re.sub(r"(?m)^[ \t]*#\| ?", "", said[0])) if said else None
    except yaml.YAMLError:
        return found
    longer = fields.items() if isinstance(fields, dict) else ()
    return found | {str(key).replace(".", "-"): " ".join(text.split()) for key, text in longer if isinstance(text, str)}


def _numbered(match: re.Match[str], label: str, given: dict[str, str]) -> str:
    """Return a chunk as code with the number and caption of what it would show, where it has them."""
    table = _TABLE.search(match["code"])
    caption, kind = given.get("fig-cap", "") if _CAPTIONED.search(match[0]) else "", "fig"
    if not caption and (table or "tbl-cap" in given):
        caption, kind = given.get("tbl-cap") or (_plain(table[1]) if table else ""), "tbl"
    if not label or not caption or "\n" in caption:
        return match[0]
    said = caption.replace('"', "\u201d")
    name = f"{kind}-{label.removeprefix(f'{kind}-')}"
    mark = "~" * len(match["ticks"]) if "`" in said else match["ticks"]  # ticks have no ticks behind them
    return f'{match["indent"]}{mark}{{.r #{name} lst-cap="{said}"}}\n{match["code"]}{match["indent"]}{mark}'


def _with_captions(text: str) -> str:
    """Return a text in which bookdown's `(ref:name)` is what the line that defines it says; that line shows nothing."""
    said = {match[1]: match[2] for match in _REFERENCE.finditer(text)}
    text = _REFERENCE.sub("", text)
    return re.sub(r"\(ref:([\w-]+)\)", lambda match: said.get(match[1], match[0]), text)


def _division(block: re.Match[str]) -> str:
    """Return a block of bookdown's as the container that it became."""
    given = {key: _plain(value) for key, value in _GIVEN.findall(block["given"])}
    first = _LABEL.match(block["given"])
    label = given.get("label", first[1] if first else "")
    kind, short = block["kind"], KINDS.get(block["kind"])
    about = [f"#{short}-{label}"] if label and short else []
    if kind in STATED:
        about += [f".{kind}"]
        about += [f'name="{given["name"]}"'] if '"' not in given.get("name", '"') else []
    else:
        tone = _TONE.search(given.get("type", ""))
        about += [f".callout-{tone[0]}" if tone else f".{given.get('type') or 'block'}"]
    return f"::: {{{' '.join(about)}}}\n{block['code']}:::"


def _plain(value: str) -> str:
    """Return what a string of R holds."""
    if value[0] in "\"'":
        return re.sub(r"\\(.)", r"\1", value[1:-1])
    return value
