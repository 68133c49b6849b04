r"""What Franklin.jl has besides Markdown -> what means the same here: `@@note ... @@`, `~~~<b>~~~`, `\biblabel{key}{Name}`.

All keeps its line. Its header, `@def title = "x"`, is read where headers are; a definition further down shows nothing.
"""

from __future__ import annotations

import re

from sitegen.later import later
from sitegen.reading.code_lines import BEFORE, SPAN, ending

_SIGNS = r"@@ @def ~~~ \biblabel{ \fig{ \figalt{ \figenv{ \nonumber{ \output{ \textoutput{ \show{".split()
_SIGN = later(
    r"^@@[\w,-]+|^@def[ \t]|~~~<|^~~~$|\\biblabel\{|\\fig(?:alt\{[^{}]*\})?\{|\\figenv\{|^\\nonumber\{|^\\(?:text)?output\{|^\\show\{",
    re.MULTILINE,
)
_OUTPUT = later(r"[ \t]*\\(?:(?:text)?output|show)\{[^{}]*\}[ \t]*")  # of Julia, which does not run here
_FENCE = later(rf"{BEFORE}(`{{3,}}|~{{4,}})[^`]*")  # three tildes are around HTML
_RUN = later(r"([ \t]*`{3,})([a-z]+):[\w./-]*[ \t]*")  # code that Franklin runs, and where it keeps it
_HIDDEN = later(r".*#[ \t]*hide[ \t]*")
_OPENS = later(r"([ \t]*)@@([\w-]+(?:,[\w-]+)*)[ \t]*")
_WITHIN = later(r"@@([\w-]+(?:,[\w-]+)*)[ \t]+([^@\n]+?)[ \t]*@@")
_RAW = later(r"~~~(<[^~\n]*>|[^~\n]*</[^~\n]*>)~~~")
_LABEL = later(r"\\biblabel\{([^{}]+)\}\{([^{}]+)\}")
_CITE = later(r"\\cite([pt]?)\{([^{}]+)\}")
_FIGURE = later(r"\\fig(?:alt\{([^{}]*)\})?\{([^{}\s]+)\}")
_CAPTIONED = later(
    r"\\figenv\{((?:[^{}]|\{[^{}]*\})*)\}\{([^{}\s]+)\}\{[^{}\"]*\}"
)  # as Franklin's own pages define it
_UNNUMBERED = later(r"^\\nonumber\{(\s*\$\$(?:[^$]|\$(?!\$))*\$\$\s*)\}", re.MULTILINE)
_SPAN = later(SPAN)
_DEFINITION = later(r"@def[ \t]+\w+[ \t]*=.*")


def plain_franklin(text: str, *, has_header: bool) -> str:
    """Return a body in which what only Franklin reads is Markdown, in as many lines. has_header: whether its header is Franklin's."""
    if not any(sign in text for sign in _SIGNS) or not _SIGN.search(text):
        return text
    works = {match[1].strip(): match[2].strip() for match in _LABEL.finditer(text)}
    is_franklin = has_header or bool(re.search(r"^@@[\w-]|^@def[ \t]|\\biblabel\{", text, re.MULTILINE))
    lines: list[str] = []
    end: re.Pattern[str] | None = None
    raw = beside = False  # whether HTML goes on, and began beside its marks
    written = _UNNUMBERED.sub(r"\1", text).split("\n")  # only what has a label has a number here
    for number, line in enumerate(written):
        opens = None if end or raw else _FENCE.fullmatch(line)
        if opens:
            end = re.compile(ending(opens[1]))
            if is_franklin and (run := _RUN.fullmatch(line)):
                lines.append(f"{run[1]}{run[2]}{_hiding(written, number, end)}")
                continue
        elif end:
            end = None if end.fullmatch(line) else end
        elif is_franklin and line.strip() == "~~~":
            raw = not raw
            lines.append("" if beside else "~~~{=html}" if raw else "~~~")
            beside = False
            continue
        elif is_franklin and not raw and line.startswith("~~~<") and "~~~" not in line[3:]:
            raw = beside = True
            lines.append(line[3:])
            continue
        elif not raw:
            lines.append(_plain_line(line, works))
            continue
        lines.append(line)
    return "\n".join(lines)


def _hiding(lines: list[str], number: int, end: re.Pattern[str]) -> str:
    """Return what the info string of code says of its lines that end with `# hide`. number: of the line that opens it."""
    hidden = []
    for count, line in enumerate(lines[number + 1 :], 1):
        if end.fullmatch(line):
            break
        hidden += [str(count)] if _HIDDEN.fullmatch(line) else []
    return f' hide_lines="{" ".join(hidden)}"' if hidden else ""


def _plain_line(line: str, works: dict[str, str]) -> str:
    if "@" not in line and "~~~" not in line and "\\" not in line:
        return line
    if _DEFINITION.fullmatch(line) or line.strip() == "\\toc" or _OUTPUT.fullmatch(line):
        return ""
    opens = _OPENS.fullmatch(line)
    if opens:
        return f"{opens[1]}::: {{{_classes(opens[2])}}}"
    if line.strip() and not line.strip().strip("@ ") and line.strip().startswith("@@"):
        return f"{line[: len(line) - len(line.lstrip())]}:::"
    parts: list[str] = []
    position = 0
    for code in _SPAN.finditer(line):
        parts += [_plain_text(line[position : code.start()], works), code[0]]
        position = code.end()
    return "".join([*parts, _plain_text(line[position:], works)])


def _plain_text(text: str, works: dict[str, str]) -> str:
    text = _RAW.sub(r"\1", text)
    text = _WITHIN.sub(lambda match: f"[{match[2]}]{{{_classes(match[1])}}}", text)
    text = _FIGURE.sub(lambda match: f"![{match[1] or ''}]({match[2]})", text)
    text = _CAPTIONED.sub(r"![](\2)<br><small>\1</small>", text)
    if works:
        text = _LABEL.sub(lambda match: f'<a id="{_anchor(match[1])}"></a>', text)
        text = _CITE.sub(lambda match: _citation(match, works), text)
    return text


def _citation(match: re.Match[str], works: dict[str, str]) -> str:
    r"""Return links to what a page lists with `\biblabel`; a key that it does not list is left to a bibliography."""
    keys = [key.strip() for key in match[2].split(",")]
    if not all(key in works for key in keys):
        return match[0]
    links = ", ".join(f"[{works[key]}](#{_anchor(key)})" for key in keys)
    return f"({links})" if match[1] == "p" else links


def _anchor(key: str) -> str:
    return re.sub(r"[^\w-]+", "-", key.strip())


def _classes(names: str) -> str:
    return " ".join(f".{name}" for name in names.split(","))
