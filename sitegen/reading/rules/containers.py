"""Markdown rules that find containers: `:::` of every dialect, directives in backticks, `!!!`, `???`, `===` and `///`.

Tokens: `container_open`, with what the first line says, and `container_close`. What a container is, is decided later.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from typing import TYPE_CHECKING

from sitegen.later import later
from sitegen.reading.block_lines import ENDS_ALL, line_text, push_lines
from sitegen.reading.boxes.callouts import TONES
from sitegen.reading.boxes.captioned import BELOW
from sitegen.reading.boxes.containers import Container, closing, hold, inline, markup, opening, read_info
from sitegen.reading.boxes.directives import VERBATIM, take_options
from sitegen.reading.rules.shapes import DIRECTIVES

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock

    from sitegen.reading.context import Reading

_COLONS = re.compile(r"(:{3,})[ \t]*(.*?)[ \t]*")
_OF_CODE = later(r"[A-Za-z_]\w*(?:\.\w+)+")
_HEADING = re.compile(r"#{1,6}[ \t]")
_CODE = re.compile(r"(`{3,}(?=[^`]*\Z)|~{3,})(.*)")  # a line with more ticks is code in text
_DIRECTIVE = re.compile(r"(`{3,}|~{3,})[ \t]*(\{[A-Za-z][\w:-]*\}.*)")
_ADMONITION = re.compile(r"(`{3,}|~{3,})[ \t]*(?:ad-([\w-]+)|admonish\b(.*))")  # of plugins of Obsidian and of mdBook
_GIVEN = later(r"""(?:(\w+)[ \t]*=[ \t]*)?(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([\w-]+))""")
_SAID = re.compile(r"(title|collapse|icon|color):[ \t]*(.*)")
_GATE_END = re.compile(r"(?:`{3,}|:{3,})[ \t]*\{[\w-]+-end\}")
_MARKED = later(
    r"""(!!!|\?\?\?\+?|===\+?(?=[ \t]))[ \t]*(?:([A-Za-z][\w-]*)((?:[ \t]+[\w-]+)*))?[ \t]*(?:"(.*)"(?:[ \t]+[\w-]+)*)?[ \t]*"""
)
_SLASHES = later(r"(/{3,})[ \t]*([a-z][\w-]*)[ \t]*(?:\|[ \t]*(.*?))?[ \t]*")
_OPTION = later(r"([a-z]+):[ \t]*(.*)")
_ID = later(r"""\bid:[ \t]*["']?([\w:.-]+)""")
_LAST = re.compile(r":{3,}[ \t]*(?:details|spoiler|right)\b.*")  # the third as VuePress' themes sign a theorem
_BARE = re.compile(r":{3,}[ \t]*[a-z]+(?:[ \t].*)?")  # as VuePress and HackMD write them
_INDENT = 4


def use_containers(md: MarkdownIt) -> None:
    """Add the rules of this module."""
    md.block.ruler.before("fence", "colons", _colons, ENDS_ALL)
    md.block.ruler.before("fence", "directive", _directive, ENDS_ALL)
    md.block.ruler.before("fence", "docsify", _docsify, ENDS_ALL)
    md.block.ruler.before("fence", "marked", _marked, ENDS_ALL)
    md.block.ruler.before("fence", "slashes", _slashes, ENDS_ALL)


def _line(state: StateBlock, line: int) -> str:
    return line_text(state, line).rstrip()


def _colons(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    text = _line(state, start)
    if not text.startswith(":::") or state.is_code_block(start):
        return False
    if silent:
        return True
    match = _COLONS.fullmatch(text)
    if not match or not match[2].strip(":"):
        hint = "remove it, or open something above it, as in `::: {.callout-note}`"
        _note(state, start, "this `:::` closes nothing", hint, "it is left out")
        state.line = start + 1
        return True
    if _OF_CODE.fullmatch(match[2]):
        return _documented(state, start, end, match[2])
    container = read_info(match[2])
    if container is None:
        reading: Reading = state.env["reading"]
        message, hint = f"`{text}` opens nothing that is known", "write `::: {.callout-note}` or `:::{note} Title`"
        reading.refuse_unknown(message, reading.place(start, text[:3]), hint, "what it holds is shown")
        container = Container("", text=text)
    container.text, container.line = text, start
    last = _matching(state, start, end)
    if last is None:
        _note_open(state, start, text, ":::")
        state.line = start + 1
        return True
    if match[2] in {"raw", "v-pre"}:  # VitePress', around Markdown
        container.name = ""
    if container.name in VERBATIM:
        content = state.getLines(start + 1, last, state.sCount[start], True)
        token = push_lines(state, "fence", content, start, last + 1, tag="code")
        token.info, token.markup = match[2], ":::"
        return True
    is_directive = container.name and match[2].startswith("{")  # in others `:bulb:` is a sign
    first = _options(state, start + 1, last, container) if is_directive else start + 1
    if is_directive and container.name.endswith("-start"):
        _hold_gated(state, container, first, last, end)
        return True
    _hold(state, container, start, first, last)
    state.line = last + 1
    return True


def _hold(state: StateBlock, container: Container, start: int, first: int, last: int) -> None:
    """Hold what a container has, Markdown or the terms of Sphinx's glossaries: one or several, and indented below them what they mean."""
    if container.name == "panels":
        _hold_panels(state, container, start, first, last)
        return
    full = [n for n in range(first, last) if not state.isEmpty(n)]
    if container.name != "glossary" or any(_line(state, n).startswith(":") for n in full):
        hold(state, container, start, first, last)
        return
    container.name = "div"
    state.tokens += [opening(container, start), markup("<dl>\n")]
    indent, most = state.blkIndent, state.lineMax
    terms = [n for n in full if state.sCount[n] <= state.sCount[full[0]]]
    for line, below in zip(terms, [*terms[1:], last], strict=True):
        state.tokens += [markup("<dt>"), inline(_line(state, line), line), markup("</dt>\n")]
        if meaning := [n for n in full if line < n < below]:
            state.tokens.append(markup("<dd>\n"))
            state.blkIndent, state.lineMax = state.sCount[meaning[0]], below
            state.md.block.tokenize(state, line + 1, below)
            state.blkIndent, state.lineMax = indent, most
            state.tokens.append(markup("</dd>\n"))
    state.tokens += [markup("</dl>\n"), closing()]


def _hold_panels(state: StateBlock, container: Container, start: int, first: int, last: int) -> None:
    """Hold what lines `---` part, cards beside one another, each with options of its own and a title above a line `^^^`."""
    container.name = "grid"
    state.tokens.append(opening(container, start))
    code, head = "", 0
    for line in range(first, last + 1):
        text = _line(state, line).strip() if line < last else "---"
        if code:
            code = "" if text.startswith(code) and not text.strip(code[0]) else code
        elif fence := _CODE.fullmatch(text):
            code = fence[1]
        elif text.startswith("^^^"):
            head = line
        if line == last or (not code and text.startswith("---") and not text.strip("-")):
            card = Container("card")
            above, first = max(first - 1, start), _options(state, first, line, card)
            if head:
                card.title = " ".join(filter(None, (_line(state, n).strip() for n in range(first, head))))
                first = head + 1
            hold(state, card, above, first, line)
            first, head = line + 1, 0
    state.tokens.append(closing())


def _docsify(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Find docsify's `!> text` and `?> text`, up to a blank line."""
    first = state.bMarks[start] + state.tShift[start]
    if not state.src.startswith(("!> ", "?> "), first) or state.is_code_block(start):
        return False
    if not silent:
        last = next((n for n in range(start, end) if state.isEmpty(n)), end)
        state.bMarks[start], state.tShift[start] = first + 3, 0
        hold(state, Container("important" if state.src[first] == "!" else "tip"), start, start, last)
        state.line = last
    return True


def _documented(state: StateBlock, start: int, end: int, name: str) -> bool:
    """Write the name of code whose documentation mkdocstrings would put here, without the options that are indented below it."""
    reading: Reading = state.env["reading"]
    said = f"`::: {name}` stands for what mkdocstrings reads from code: its name alone is shown"
    reading.note(said, reading.place(start))
    state.line = start + 1
    while state.line < end and not state.isEmpty(state.line) and state.sCount[state.line] >= state.blkIndent + 4:
        state.line += 1
    state.push("paragraph_open", "p", 1).map = [start, state.line]
    state.tokens.append(inline(f"`{name}`", start))
    state.push("paragraph_close", "p", -1)
    return True


def _matching(state: StateBlock, start: int, end: int) -> int | None:
    """Return the line that closes the colons on line `start`; one pass finds those of all that it holds."""
    known: dict[int, int | None] = state.env.setdefault("colons", {})
    if start in known:
        return known[start]
    waiting: list[int] = []
    ends: list[int] = []
    lasting: set[int] = set()  # ends of something to unfold, or of a signature
    headings: list[int] = []
    finals: list[int] = []  # the ends right above these, 0 for none
    marks: list[tuple[int, int, bool]] = []
    code, last, stop = "", start, end
    for line in range(start, end):
        if state.isEmpty(line):
            continue
        if state.sCount[line] < state.blkIndent:
            stop = line
            break
        text, before, last = _line(state, line), last, line
        if line > start and state.sCount[line] - state.blkIndent >= _INDENT:
            continue
        if code:
            code = "" if text.startswith(code) and not text.strip(code[0]) else code
        elif fence := _CODE.fullmatch(text):
            code = fence[1]
        elif colons := _COLONS.fullmatch(text):
            opens = bool(colons[2].strip(":"))
            marks.append((line, len(colons[1] if opens else text), opens))
            if opens:
                waiting.append(line)
            elif waiting:
                opened = waiting.pop()
                known[opened] = line
                ends.append(line)
                if _LAST.fullmatch(_line(state, opened)):
                    lasting.add(line)
                if not waiting:
                    break
        elif _HEADING.match(text):
            headings.append(line)
            finals.append(before if before in ends[-1:] else 0)
    if waiting and (found := _by_length(marks)):
        known.update(found)
        return known[start]
    headings.append(stop)
    finals.append(last if last in ends[-1:] else 0)
    for line in waiting:
        below = bisect_left(ends, line) if _BARE.fullmatch(_line(state, line)) else len(ends)
        final = ends[below] if below < len(ends) else 0
        # what is held may end what holds it too: something to unfold, a signature, and what stands right above a heading, or last
        closes = final in lasting or final == finals[bisect_left(headings, line)]
        known[line] = final if final and closes else None
    return known[start]


def _by_length(marks: list[tuple[int, int, bool]]) -> dict[int, int]:
    """Return what ends each container where more colons end also what is open within, as for MyST; nothing where that fails too.

    marks: lines, how many colons they have, and whether they open.
    """
    waiting: list[tuple[int, int]] = []
    lengths: Counter[int] = Counter()  # of those that wait
    found: dict[int, int] = {}
    for line, count, opens in marks:
        if opens:
            waiting.append((line, count))
            lengths[count] += 1
            continue
        if not waiting:
            return {}
        down_to = count if lengths[count] and count > waiting[-1][1] else waiting[-1][1]
        last = 0
        while last != down_to:
            opened, last = waiting.pop()
            lengths[last] -= 1
            found[opened] = line
    return {} if waiting else found


def _directive(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    text = _line(state, start)
    admonition = _ADMONITION.fullmatch(text) if "ad" in text else None
    if admonition and not state.is_code_block(start):
        return silent or _admonition(state, start, end, admonition)
    match = _DIRECTIVE.fullmatch(text) if text.startswith(("```", "~~~")) else None
    container = read_info(match[2]) if match else None
    if match is None or container is None or state.is_code_block(start):
        return False
    container.name = container.name.lower()  # Sphinx knows `{Note}` too
    name = container.name.removesuffix("-start")
    if name not in DIRECTIVES:
        return False
    if silent:
        return True
    container.text, container.line = text, start
    last = _closing(state, start, end, match[1])
    if last == end:
        _note_open(state, start, text, match[1])
    first = _options(state, start + 1, last, container)
    if name != container.name:
        _hold_gated(state, container, first, last, end)
        return True
    _hold(state, container, start, first, last)
    state.line = min(last + 1, end)
    return True


def _hold_gated(state: StateBlock, container: Container, first: int, gate: int, end: int) -> None:
    """Hold what stands between `{exercise-start}`, with the text in it, which ends on line `gate`, and `{exercise-end}`."""
    name, start = container.name.removesuffix("-start"), container.line
    container.name = name
    last = next((n for n in range(gate + 1, end) if _ends(state, n, name)), end)
    if last == end:
        hint = f"close it with a fence `{{{name}-end}}`"
        _note(state, start, f"this `{container.text}` is never closed", hint)
    if gate < end:
        state.tShift[gate] = state.eMarks[gate] - state.bMarks[gate]  # is empty then
    hold(state, container, start, first, last)
    if last < end and _line(state, last).startswith(":"):
        last = _matching(state, last, end) or last
    elif last < end:
        last = _closing(state, last, end, "```")
    state.line = min(last + 1, end)


def _admonition(state: StateBlock, start: int, end: int, match: re.Match[str]) -> bool:
    """Read a fence named `ad-note`, whose first lines may say `title: ...` and `collapse: open`, or `admonish note "Title"`."""
    given = _GIVEN.findall(match[3] or "")
    about = {key or ("type" if word else "title"): one or other or word for key, one, other, word in given}
    kind = (match[2] or about.get("type", "note")).lower()
    container = Container(kind if kind in DIRECTIVES else "note", about.get("title", ""), text=match[0])
    if kind not in DIRECTIVES and not container.title:  # of the author's own
        container.title = kind.replace("-", " ").capitalize()
    container.given.pairs.update({"title": ""} if about.get("title") == "" else {})
    if about.get("collapsible") == "true":
        container.fold = True
    last = _closing(state, start, end, match[1])
    if last == end:
        _note_open(state, start, match[0], match[1])
    first = start + 1
    while first < last and (said := _SAID.fullmatch(_line(state, first))):
        if said[1] == "title":
            container.title = said[2]
        elif said[1] == "collapse" and said[2] != "none":
            container.fold = said[2] != "open"
        first += 1
    hold(state, container, start, first, last)
    state.line = min(last + 1, end)
    return True


def _closing(state: StateBlock, start: int, end: int, mark: str) -> int:
    """Return the line of the fence that closes the one on line `start`, `end` when none does."""
    last = start + 1
    while last < end and not (_line(state, last).startswith(mark) and not _line(state, last).strip(mark[0])):
        last += 1
    return last


def _ends(state: StateBlock, line: int, name: str) -> bool:
    return line < state.lineMax and bool(_GATE_END.fullmatch(text := _line(state, line))) and f"{{{name}-end}}" in text


def _options(state: StateBlock, first: int, last: int, container: Container) -> int:
    """Take MyST's options, `:key: value` lines or a block of YAML between `---`, and return the line after them."""
    if first >= last or not _line(state, first).startswith((":", "---")):
        return first
    options, _, count = take_options(state.getLines(first, last, state.blkIndent, False))
    for key, value in options.items():
        if key in {"label", "name"}:
            container.given.id = value
        elif key == "class":
            container.given.classes += value.split()
        else:
            container.given.pairs[key] = value
    return first + count


def _marked(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read Material's `!!! note "Title"`, `??? note` and `=== "Tab"`, which hold the indented lines below them."""
    text = _line(state, start)
    match = _MARKED.fullmatch(text) if text.startswith(("!!!", "???", "===")) else None
    if not match or state.is_code_block(start) or (match[1][0] == "=") is not (match[2] is None):
        return False
    inner = state.sCount[start] + _INDENT
    last = start + 1
    while last < end and (state.isEmpty(last) or state.sCount[last] >= inner):
        last += 1
    while state.isEmpty(last - 1):
        last -= 1
    if last == start + 1 and match[2] not in TONES:
        return False  # a sentence that begins with exclamation marks
    if silent:
        return True
    if last == start + 1 and not match[4]:
        _note(state, start, f"`{text}` holds nothing", "indent the lines that belong to it by four blanks")
    fold = {"???": True, "???+": False}.get(match[1])
    container = Container(match[2] or "tab", match[4] or "", fold, text=text)
    container.given.pairs.update({"title": ""} if match[4] == "" and match[2] else {})
    before, state.blkIndent = state.blkIndent, inner
    hold(state, container, start, start + 1, last)
    state.blkIndent = before
    state.line = last
    return True


def _slashes(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read PyMdown's blocks, `/// note | Title` and `///`, with indented options right below their first line."""
    text = _line(state, start)
    match = _SLASHES.fullmatch(text) if text.startswith("///") else None
    if not match or not (match[2] in TONES or match[2] in {"details", "tab", *BELOW}) or state.is_code_block(start):
        return False
    if silent:
        return True
    first = start + 1
    options: dict[str, str] = {}
    while first < end and state.sCount[first] - state.blkIndent >= _INDENT:
        option = _OPTION.fullmatch(_line(state, first))
        if not option:
            break
        options[option[1]] = option[2]
        first += 1
    last = next((line for line in range(first, end) if _line(state, line) == match[1]), end)
    if last == end:
        _note_open(state, start, text, match[1])
    name = match[2] if match[2] == "tab" or "type" not in options else options["type"]
    container = Container(name, match[3] or "", text=text)
    if named := _ID.search(options.get("attrs", "")):
        container.given.id = named[1]
    if match[2] == "details":
        container.fold = options.get("open") != "true"
    hold(state, container, start, first, last)
    state.line = min(last + 1, end)
    return True


def _note_open(state: StateBlock, line: int, text: str, mark: str) -> None:
    """Note a container that is never closed. mark: what would close it."""
    hint = f"put `{mark}` on a line of its own after what it holds"
    _note(state, line, f"this `{text}` is never closed", hint)


def _note(state: StateBlock, line: int, message: str, hint: str, shown: str = "what it holds is shown") -> None:
    reading: Reading = state.env["reading"]
    reading.refuse_unknown(message, reading.place(line, _line(state, line)[:3]), hint, shown)
