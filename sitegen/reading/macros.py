r"""Macros of formulas: definitions found in TeX are taken out of it and known to the rest of the post.

Doing this here keeps the typesetter without state: each formula travels with the macros that it uses, so that what is
remembered of it depends on nothing else. A macro is a name with what stands in its place; one with parameters that `#1#2`
cannot say is kept as TeX would define it, `\def\f[#1]#2{...}`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sitegen.later import later
from sitegen.tex import COMMAND, group_end, option_end, skip_blanks

if TYPE_CHECKING:
    from collections.abc import Mapping

_DEFINES = later(
    r"(?:\\(?:global|long|outer|protected)\s*)*\\(newcommand|renewcommand|providecommand|DeclareRobustCommand|[gex]?def|let"
    r"|DeclareMathOperator|DeclarePairedDelimiter)(\*?)(?![a-zA-Z])"
)
_PARAMETERS = later(r"[^\\{}]*")
_LETTERS = later(r"[a-zA-Z]+")
_COMMENT = later(r"[ \t]*%[^\n]*")
_REST = later(r"[ \t]*(?:\n[ \t]*|\Z)")

_COLOUR = re.compile(r"\\definecolor\s*\{\s*([\w-]+)\s*\}\s*\{\s*(RGB|rgb|HTML|gray)\s*\}\s*\{([^{}]*)\}")
_MODELLED = re.compile(r"(\\(?:text)?color(?:box)?\s*)\[(RGB|rgb|HTML|gray)\]\s*\{([^{}]*)\}")
_COLOURED = re.compile(r"(\\(?:text)?color(?:box)?\s*)\{\s*([\w-]+)\s*\}")

Definitions = tuple[tuple[str, str], ...]


def take_definitions(tex: str, macros: dict[str, str]) -> str:
    """Add what `tex` defines to `macros` and return it with blanks in place of definitions, so that columns stay."""
    if not ("ommand" in tex or "def" in tex or "let" in tex or "Declare" in tex):  # faster than the expression
        return tex
    parts = []
    position = 0
    while match := _DEFINES.search(tex, position):
        parts.append(tex[position : match.start()])
        found = _definition(tex, match)
        if found is None:
            parts.append(match[0])  # KaTeX says what is wrong with it
            position = match.end()
            continue
        definitions, position = found
        comment = _COMMENT.match(tex, position)
        position = comment.end() if comment else position
        if match[1] != "providecommand" or definitions[0][0] not in macros:
            macros.update(definitions)
        parts.append(re.sub(r"[^\n]", " ", tex[match.start() : position]))
    return "".join([*parts, tex[position:]])


def take_colours(tex: str, colours: dict[str, str]) -> str:
    r"""Add what `\definecolor` names in `tex` to `colours`, and return it with the colours themselves where they are named."""

    def take(match: re.Match[str]) -> str:
        colour = _hexadecimal(match[2], match[3])
        if colour is None:
            return match[0]
        colours[match[1]] = colour
        return re.sub(r"[^\n]", " ", match[0])

    tex = _COLOUR.sub(take, tex)
    if "color" in tex and "[" in tex:  # `\textcolor[rgb]{1, 0, 0}{x}`
        tex = _MODELLED.sub(lambda use: f"{use[1]}{{{_hexadecimal(use[2], use[3]) or use[3]}}}", tex)
    return _COLOURED.sub(lambda use: f"{use[1]}{{{colours.get(use[2], use[2])}}}", tex) if colours else tex


def _hexadecimal(model: str, given: str) -> str | None:
    """Return a colour of LaTeX's as CSS writes it; None where its parts are none."""
    if model == "HTML":
        return f"#{given.strip()}" if re.fullmatch(r"\s*[0-9a-fA-F]{6}\s*", given) else None
    try:
        parts = [float(part) * (1 if model == "RGB" else 255) for part in given.split(",")]
    except ValueError:
        return None
    parts *= 3 if model == "gray" else 1
    whole = len(parts) == 3 and all(0 <= part <= 255 for part in parts)
    return "#" + "".join(f"{round(part):02x}" for part in parts) if whole else None


def definitions_end(tex: str) -> int:
    """Return the end of the lines at the beginning of `tex` that are nothing but definitions, with TeX's comments."""
    position = end = 0
    while match := _DEFINES.match(tex, position):
        found = _definition(tex, match)
        if found is None:
            break
        comment = _COMMENT.match(tex, found[1])
        position = comment.end() if comment else found[1]
        rest = _REST.match(tex, position)
        position = rest.end() if rest else skip_blanks(tex, position)
        end = position if rest else end
    return end


def macros_used(tex: str, macros: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the macros that `tex` uses, directly or through others, sorted by name."""
    used: dict[str, str] = {}
    waiting = [tex]
    while waiting:
        for name in COMMAND.findall(waiting.pop()):
            if name in macros and name not in used:
                used[name] = macros[name]
                waiting.append(macros[name])
    return tuple(sorted(used.items()))


def _definition(tex: str, match: re.Match[str]) -> tuple[Definitions, int] | None:
    """Return the (name, meaning) pairs and the end of the definition that `match` begins; None when it is not one."""
    named = _name(tex, match.end())
    if named is None:
        return None
    name, position = named
    kind = match[1]
    if kind == "let":
        meaning = COMMAND.match(tex, skip_blanks(tex, position + tex.startswith("=", position)))
        return (((name, meaning[0]),), meaning.end()) if meaning else None
    if kind == "DeclarePairedDelimiter":
        return _paired_delimiter(tex, name, position)
    if kind.endswith("def"):
        parameters = _PARAMETERS.match(tex, position)
        position = parameters.end() if parameters else position
        body = _body(tex, position)
        pattern = parameters[0].strip() if parameters else ""
        if body is None or re.fullmatch(r"(?:#\d)*", pattern):
            return body and (((name, body[0]),), body[1])
        return ((name, f"\\def{name}{pattern}{{{body[0]}}}"),), body[1]
    if kind == "DeclareMathOperator":
        body = _body(tex, position)
        return body and (((name, f"\\operatorname{match[2]}{{{body[0]}}}"),), body[1])
    return _command(tex, name, position)


def _command(tex: str, name: str, position: int) -> tuple[Definitions, int] | None:
    r"""Read what follows the name in `\newcommand{\f}[2][x]{...}`."""
    count = re.compile(r"\[\s*(\d)\s*\]\s*").match(tex, position)
    position = count.end() if count else position
    default_end = option_end(tex, position) if count else None
    body = _body(tex, skip_blanks(tex, default_end or position))
    if body is None:
        return None
    meaning, end = body
    if default_end is None or count is None:
        return ((name, meaning),), end
    default = tex[position:default_end].strip()[1:-1]
    inner = f"\\{re.sub('[^a-zA-Z@]', 'x', name[1:])}@optional"
    others = "".join(f"#{number}" for number in range(2, int(count[1]) + 1))
    return (
        (name, f"\\@ifnextchar[{{{inner}}}{{{inner}[{{{default}}}]}}"),
        (inner, f"\\def{inner}[#1]{others}{{{meaning}}}"),
    ), end


def _paired_delimiter(tex: str, name: str, position: int) -> tuple[Definitions, int] | None:
    r"""Read `\DeclarePairedDelimiter{\abs}{\lvert}{\rvert}`: `\abs*{x}` grows with what it holds, `\abs[\big]{x}` as told."""
    left = _body(tex, position)
    right = left and _body(tex, skip_blanks(tex, left[1]))
    if not left or not right:
        return None
    grown, sized = f"{name}@grown", f"{name}@sized"
    return (
        (name, f"\\@ifnextchar*{{{grown}}}{{\\@ifnextchar[{{{sized}}}{{{sized}[]}}}}"),
        (grown, f"\\def{grown}*#1{{\\left{left[0]}#1\\right{right[0]}}}"),
        (sized, f"\\def{sized}[#1]#2{{#1{left[0]}#2#1{right[0]}}}"),
    ), right[1]


def _name(tex: str, position: int) -> tuple[str, int] | None:
    r"""Read the name that is defined, `\f`, `{\f}` or MathJax's `{f}`, and the blanks after it."""
    position = skip_blanks(tex, position)
    braced = tex.startswith("{", position)
    at = skip_blanks(tex, position + 1) if braced else position
    name = COMMAND.match(tex, at) or (_LETTERS.match(tex, at) if braced else None)
    if not name:
        return None
    position = skip_blanks(tex, name.end())
    if braced and not tex.startswith("}", position):
        return None
    return "\\" + name[0].removeprefix("\\"), skip_blanks(tex, position + braced)


def _body(tex: str, start: int) -> tuple[str, int] | None:
    """Return the content of the braces at `start`, or the one command or sign there, and where it ends."""
    end = group_end(tex, start)
    if end:
        return tex[start + 1 : end - 1], end
    command = COMMAND.match(tex, start)
    if command:
        return command[0], command.end()
    return (tex[start], start + 1) if start < len(tex) and tex[start] not in "{}" else None
