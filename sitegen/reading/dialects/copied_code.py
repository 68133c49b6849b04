"""Code as it is copied off the page of a chat -> fences: `python`, `Copy code`, the code, and text right below, in as many lines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sitegen.later import later
from sitegen.reading.code_lines import BEFORE, known_lines, ticks_around
from sitegen.reading.highlight import is_language

if TYPE_CHECKING:
    from collections.abc import Sequence

_CODE = "Copy [Cc]ode|Copiar código|Code kopieren|Copier le code|复制代码|複製程式碼|コードをコピーする|코드 복사|Копировать код|Sao chép mã"
_BUTTON = re.compile(rf"^(?:(?P<short>Copy|Copier|复制|複製)|{_CODE})[ \t]*$", re.MULTILINE)
_IN_FENCE = later(rf"^({BEFORE}`{{3,}})[\w+#-]*([ \t]*\n[ \t>]*)([a-z+#-]{{1,15}})复制代码", re.MULTILINE)
_MORE = frozenset("Edit Download Run Wrap Collapse 编辑 下载 运行".split())  # buttons below the first
_LANGUAGE = later(r"(?:[a-z][a-z+#-]{0,14}|Bash|C|C\+\+|HTML|Java|JavaScript|JSON|Python|R|SQL|YAML)")
_TEXT = later(
    r"""(?!.*(?:=|[;{}][ \t]*$))
    (?:\#{2,6}[ ] | \*\*[A-Z] | !\[[^\n]*\]\( | \d+\.[ ] | [a-z]\.[ ] | [*-][ ]\**[A-Z] | [^\x00-\x7f] | [A-Z][a-z'\u2019]*(?:[ ,:]|[.!?]?$))""",
    re.VERBOSE,
)


def fenced_copies(text: str) -> str:
    """Return a body in which what stands below the button of a chat's code is code."""
    if "复制代码" in text:
        text = _IN_FENCE.sub(r"\1\3\2", text)
    if not _BUTTON.search(text):
        return text
    lines = text.split("\n")
    in_fences = {number for number, _, state in known_lines(lines) if state}
    for number in range(1, len(lines)):
        if number in in_fences or not _begins(lines, number - 1):
            continue
        first = next(line for line in range(number + 1, len(lines)) if lines[line].strip() not in _MORE)
        end = first + 1
        while end < len(lines) and end not in in_fences and not _TEXT.match(lines[end]) and not _begins(lines, end):
            end += 1
        code = "\n".join(lines[first:end]).strip("\n").split("\n")
        ticks = ticks_around("\n".join(code))
        fence = [ticks + lines[number - 1].strip().lower(), *code, ticks]
        lines[number - 1 : end] = [*fence, *[""] * (end - number + 1 - len(fence))]
    return "\n".join(lines)


def _begins(lines: Sequence[str], number: int) -> bool:
    """Whether a line and the button below it stand above code: a language, or nothing, where there are other buttons or it speaks of code."""
    below = [line for line in lines[number + 2 : number + 5] if line.strip() not in _MORE]
    button = _BUTTON.match(lines[number + 1]) if any(below) else None
    name = lines[number].strip()
    if not button:
        return False
    is_sure = lines[number + 2].strip() in _MORE or not button["short"]
    if not name:
        return is_sure and bool(below[0])
    return bool(_LANGUAGE.fullmatch(name)) and (is_sure or is_language(name.lower()))
