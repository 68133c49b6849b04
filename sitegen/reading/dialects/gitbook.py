r"""GitBook's own: blocks around links, code and steps, and whether a text escapes its brackets, `\(optional\)`.

Converters from HTML escape their brackets too. A block of GitBook's keeps its lines; what it holds is Markdown.
"""

from __future__ import annotations

from sitegen.later import later
from sitegen.reading.code_lines import known_lines

_BLOCK = later(
    r"""[ \t]*\{%[ ]*(?P<end>end)?(?P<name>content-ref|code|stepper|step|embed|file)\b(?P<given>(?:[ ]+\w+="[^"\n]*")*)[ ]*%\}[ \t]*"""
)
_ANY = later(r"\{%[ ]*(?:content-ref|code|step|embed|file)\b[^%\n]*=\"|\{%[ ]*step(?:per)?[ ]*%")
_GIVEN = later(r'(\w+)="([^"]*)"')
_FILMS = later(r"https?://(?:www\.)?(?:youtube\.com|youtu\.be|vimeo\.com)/")
_CODE = later(r"`[^`]*`")
_ESCAPED = later(r"(?<!\\)\\\(((?:[^\\]|\\(?![()]))*)\\\)")
_TEX = later(r"\\[a-zA-Z]|[\^{}<>|]|_\w|[A-Za-z]\(")
_WORDS = later(  # two with a blank, which no formula shows, or of a script that formulas do not use
    r"[^\W\d_]+[,;:.]? [^\W\d_]*['\u2019]?[^\W\d_]{3,}|[^\W\d_]{3,}[,;:.]? [^\W\d_]|[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]"
)
_WORD = later(r"[^\W\d_]{4,}|\d+")


def plain_gitbook(text: str) -> str:
    """Return a body in which blocks of GitBook's are Markdown, in as many lines."""
    if "{%" not in text or not _ANY.search(text):
        return text
    title = ""
    opened: set[str] = set()
    lines = text.split("\n")
    for number, line, code in known_lines(lines):
        if code == "begins" and title:
            lines[number], title = f'{line.rstrip()} title="{title}"', ""
        elif not code and (block := _BLOCK.fullmatch(line)):
            given = dict(_GIVEN.findall(block["given"]))
            if block["name"] not in opened and not given and not block["name"].startswith("step"):
                continue  # another program's
            opened.add(block["name"])
            title = given.get("title", "") if block["name"] == "code" else ""
            lines[number] = "" if block["end"] else _shown(block["name"], given)
    return "\n".join(lines)


def _shown(name: str, given: dict[str, str]) -> str:
    address = given.get("url" if name == "embed" else "src", "")
    if name == "embed" and address:
        return f'{{% video src="{address}" %}}' if _FILMS.match(address) else f"<{address}>"
    if name == "file" and address:
        return f"[{given.get('name') or address.rpartition('/')[2]}](<{address}>)"
    return ""


def escapes_brackets(text: str) -> bool:
    r"""Return whether `\(` and `\)` of a text are brackets: words stand between them, and nowhere a sign of TeX."""
    if "\\(" not in text:
        return False
    inside: list[str] = []
    for _, line, code in known_lines(text.split("\n")):
        if "\\(" in line and not code:
            inside += [match[1].strip() for match in _ESCAPED.finditer(_CODE.sub(" ", line))]
    if any(_TEX.search(tex) for tex in inside):
        return False
    return any(_WORDS.search(tex) for tex in inside) or (bool(inside) and all(_WORD.fullmatch(tex) for tex in inside))
