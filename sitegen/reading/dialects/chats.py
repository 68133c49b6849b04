r"""What a copy out of a chat has lost or kept: `\[` and `\(` without their backslashes, marks of sources that lead nowhere.

`[` and `]` alone on their lines around TeX are a display; `( \theta )` is a formula, and in a post that has such, `( x )` too;
`(\theta)` is one where the post has displays and no other formula in its lines.
A display whose lines with `=` alone have become headings, `=====` below their text or `# ` before it, has them again.
What a model thought, `<think>` to `</think>`, is folded. All keeps its line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sitegen.later import later
from sitegen.reading.code_lines import FENCE, SPAN

if TYPE_CHECKING:
    from collections.abc import Sequence

_SIGN = re.compile(
    r"\( [^\n]{0,400}\\[a-zA-Z]{2}|^[ \t>]*\[(?:[ \t]*$| .*\\[a-zA-Z]{2})|\[oaicite:|†|\[cit(?:e|ation)\b|\]\(start_span\)|\[\^\d+\^\]|</think(?:ing)?>|\ue200|^[ \t>]*={3,}[ \t]*$",
    re.MULTILINE,
)
_PART = later(
    rf"^{FENCE}(?s:.*?)(?:^[ \t>]*(?P=ticks)[`~]*[ \t]*$|\Z) | {SPAN}"
    r"""
    | (?P<dollars>\$\$(?s:.{1,4000}?)\$\$) | \$[^$\n]*\$ | \\\(.{0,1000}?\\\) | \\\[(?s:.{1,4000}?)\\\]
    | \{[{%][%<]?[ ]*(?P<tag>(?:katex|latex|math(?:jax)?)\b)(?s:.{1,4000}?)\{[{%][%<]?[ ]*(?:/[ ]*|end)(?P=tag)?
    | \\begin\{(?P<name>[a-zA-Z]+\*?)\}(?s:.{1,8000}?)\\end\{(?P=name)\}
    | ^(?P<indent>[ \t>]*)\[(?:[ \t]*\n(?P<rows>(?:(?![ \t>]*[\[\]][ \t]*$).*\n){1,60}?)(?P=indent)|[ ](?P<row>.*\S)[ ])\]
      (?P<mark>[.,;]?)[ \t]*$
    | (?<![\w)}\\])\((?P<tex>[ ]?(?:[^()\n$`]|\((?:[^()\n$`]|\([^()\n$`]*\))*\)){1,400})\)
    | <(?P<empty>think(?:ing)?)>\s*</(?P=empty)> | (?P<thought></?think(?:ing)?>)
    | (?P<opened>\[cite_start\][ ]? | \[span_\d+\]\(start_span\))
    | [ \t]*(?P<source>:contentReference\[oaicite:\d+\]\{index=\d+\}|【\d+(?::\d+)?†[^】\n]*】|\ue200[^\ue201\n]*\ue201
        | \[(?:cite|citation):[ ]?\d+(?:[ ]?[,-][ ]?\d+)*\](?!\() | \[cite_end\] | \[span_\d+\]\(end_span\) | (?P<note>\[\^\d+\^\](?![(:])))
    """,
    re.MULTILINE | re.VERBOSE,
)
_UNDERLINE = re.compile(r"=+[ \t]*|-{3,}[ \t]*")
_IN_HEADINGS = re.compile(r"\$\$[ \t]*\n(?s:.*)\n[ \t>]*={3,}[ \t]*\n(?s:.*)\n[ \t>]*\$\$\Z")
_HEADING = re.compile(r"(##?) (.*)")
_BARE = re.compile(r"(?<![\w)}\\])\([^()\n`]*\\[a-zA-Z]{2}")
_DISPLAY = re.compile(r"\$\$(?s:.*?)\$\$")
_COMMAND = re.compile(r"\\[a-zA-Z]{2}")
_OF_TEXT = later(
    r"\\(?:[a-zA-Z]*ref|cite[a-z]*|emph|text(?:bf|it|tt|sc)|url|href|footnote|label|(?:La)?TeX)(?![a-zA-Z])|[A-Za-z]:\\"
)
_SIGNS = re.compile(r"[^A-Za-z\\]*(?:[A-Za-z]{1,2}(?![A-Za-z])[^A-Za-z\\]*)*")
_IN_TAGS = re.compile(
    r"<(?:pre|script)\b|katex|latex\b|<[A-Za-z-]*[mM]ath|\{[{%][<%]? ?(?:math|highlight|code|prism)|\{math\}"
)
_ALONE = later(
    rf"""^{FENCE}(?s:.*?)(?:^[ \t>]*(?P=ticks)[`~]*[ \t]*$|\Z) | \$\$(?s:.{{1,4000}}?)\$\$ | \\\[(?:[^\\]|\\(?!\[)){{1,4000}}?\\\]
    | \\begin\{{(?P<name>[a-zA-Z]+\*?)\}}(?s:.{{1,4000}}?)\\end\{{(?P=name)\}}
    | (?:\A|(?<=\n\n))(?P<blanks>[ ]{{0,3}}+)(?P<alone>(?![ \t]|[-*+|>:!\d][ .)]|\[\^|\\\\|\\(?:begin|end|item|(?:re)?newcommand|[gex]?def|let|DeclareMath\w+)\b)
      (?=[^\n]*(?:[=_^]|\\(?:[dt]?frac|approx|leftarrow|sim|[lg]eq?)\b))
      (?=[^\n]*\\(?:[dt]?frac|sum|prod|int|partial|nabla|math[a-z]+|text|left|hat|bar|tilde|vec|sqrt|log|exp|cdot|times|to|in|mid
        |leftarrow|[lg]eq?|approx|sim|alpha|beta|theta|pi|lambda|sigma|rho|mu|phi|psi)(?![a-zA-Z]))
      (?:\\(?:text\w*|math[a-z]+|operatorname)\s*\{{[^{{}}\n$]*\}} | \\[a-zA-Z]+ | \\\\(?![()\]]) | \\[^\sa-zA-Z\\\[(] | [_^]\{{[\w, ]*\}} | [^\w\\$`\n\#>]
        | [\d_\u0370-\u03ff] | (?<![a-zA-Z])(?:[a-zA-Z]{{1,2}}|log|exp|max|min|sin|cos)(?![a-zA-Z]) | \n(?![ \t]*\n))++(?=\n\n|\Z))""",
    re.MULTILINE | re.VERBOSE,
)
"""A paragraph of TeX without any words, as it is copied off pages, where it stands in nothing that holds TeX or code."""
_ROW_END = re.compile(r"(?<=\s)\\(?=\s)(?=[^&]*\\end\{[pbBvV]?matrix\})")


def whole_chats(text: str) -> str:
    """Return a body in which formulas of a chat have their backslashes again, and marks of its sources are left out."""
    bare = _has_bare(text)
    if bare or _SIGN.search(text):
        lost = bare or any(_is_sure(part) for part in _PART.finditer(text))
        folds = "</think" in text and _are_pairs([part["thought"] for part in _PART.finditer(text) if part["thought"]])
        kept = ("thought",) * (not folds) + ("note",) * ("^]:" in text)
        text = _PART.sub(lambda part: part[0] if any(map(part.group, kept)) else _whole(part, lost=lost), text)
    return text if _IN_TAGS.search(text) else _ALONE.sub(_display_of_paragraph, text)


def _display_of_paragraph(part: re.Match[str]) -> str:
    return f"{part['blanks']}\\[{part['alone']}\\]" if part["alone"] and not _OF_TEXT.search(part["alone"]) else part[0]


def _are_pairs(tags: Sequence[str]) -> bool:
    """Whether tags open and close in turn."""
    return [tag[1] == "/" for tag in tags] == [bool(number % 2) for number in range(len(tags) // 2 * 2)]


def _has_bare(text: str) -> bool:
    r"""Whether a text with displays has no formula in its lines, but TeX in round brackets, `(\theta)`: all have lost theirs."""
    if "$$" not in text or "\\(" in text or "$" in text.replace("$$", ""):
        return False
    return bool(_BARE.search(_DISPLAY.sub("", text)))


def _is_sure(part: re.Match[str]) -> bool:
    tex = part["rows"] or part["row"] or (part["tex"] if _is_spaced(part["tex"]) else "")
    return bool(tex and _COMMAND.search(tex) and not _OF_TEXT.search(tex))


def _is_spaced(tex: str | None) -> bool:
    return bool(tex and tex.strip() and tex[0] == tex[-1] == " ")


def _whole(part: re.Match[str], *, lost: bool) -> str:
    if part["source"] or part["opened"]:
        return ""
    if part["empty"]:
        return "\n" * part[0].count("\n")
    if part["thought"]:
        return "{{< /details >}}" if part[0][1] == "/" else '{{< details summary="Thoughts" >}}'
    if part["dollars"]:
        rows = _rows(part[0]) if _IN_HEADINGS.match(part[0]) else []
        return "\n".join(rows) + "\n" * (part[0].count("\n") - len(rows) + 1) if rows else part[0]
    if _is_sure(part):
        tex = part["rows"] or part["row"]
        return _display(part, tex) if tex else f"\\({_whole_rows(part['tex'])}\\)"
    if not lost or part["tex"] is None or _OF_TEXT.search(part["tex"]):
        return part[0]
    is_sign = _is_spaced(part["tex"]) and _SIGNS.fullmatch(part["tex"])
    return f"\\({part['tex']}\\)" if is_sign or _COMMAND.search(part["tex"]) else part[0]


def _display(part: re.Match[str], tex: str) -> str:
    rows = _whole_rows("\n".join(_rows(tex.rstrip("\n")))).split("\n")
    if part["row"]:
        return f"{part['indent']}\\[{rows[0]}\\]{part['mark']}"
    below = "\n" * (tex.count("\n") - len(rows))
    return "\n".join([f"{part['indent']}\\[", *rows, f"{part['indent']}\\]{part['mark']}"]) + below


def _rows(tex: str) -> list[str]:
    """Return the lines of TeX without blank ones; what was a line with `=` or `-` has become a heading's."""
    rows = []
    for line in tex.split("\n"):
        text = line.lstrip(" \t>")
        before = line[: len(line) - len(text)]
        if heading := _HEADING.fullmatch(text):
            rows.append(f"{before}{heading[2]} {'=' if heading[1] == '#' else '-'}")
        elif text.strip():
            rows.append(before + text.strip()[0] if _UNDERLINE.fullmatch(text) else line)
    return rows


def _whole_rows(tex: str) -> str:
    r"""Return TeX in which a column, `2 \ 1`, has the ends of its rows; those of other rows are known by their `&`."""
    return _ROW_END.sub(r"\\\\", tex) if "matrix}" in tex else tex
