"""A fenced block -> HTML: a cell, a formula, an algorithm, a drawing, what one format of output gets, or code that is never run."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sitegen.errors import suggestion
from sitegen.labels import id_attribute, kind_of
from sitegen.later import later
from sitegen.model import Number
from sitegen.reading.boxes.directives import LEFT_OUT, PLAYED, VERBATIM, take_options
from sitegen.reading.cell_options import Fence, cell_fence
from sitegen.reading.cells import read_cell
from sitegen.reading.dialects.algorithms import NAMES, is_algorithm, render_algorithm
from sitegen.reading.dialects.glue import glued_cell
from sitegen.reading.embeds import frame, media, player, video
from sitegen.reading.highlight import highlight_code, is_language
from sitegen.reading.listing import code_directive, listing_caption, read_listing
from sitegen.reading.rawhtml import fill_html
from sitegen.reading.rules.diagrams import IS_DIAGRAM, read_diagram
from sitegen.reading.rules.latex import instead_of

if TYPE_CHECKING:
    from markdown_it.token import Token

    from sitegen.reading.context import Reading

_OPEN_BRACE = re.compile(r"\{(?:python|code-cell)\b[^}]*$")
_RAW = {"{=html}", "{=latex}", "{=tex}", "{=typst}", "{=docx}"}  # Pandoc's, each for one format of output
_CONTENTS = {"toc", "table-of-contents"}  # Gatsby's and Obsidian's plugins put the contents in the place of such code
_IN_DOLLARS = later(r"\A\s*\$\$([^$]+)\$\$\s*\Z")
_DIRECTIVE = re.compile(r"\{(h5p|[a-z][a-z:_-]*)\}")
_INSTEAD = {
    "bibliography": "name a bibliography in the header, `bibliography: refs.bib`, and the list of what is cited stands here",
    "glue": "glue of values is read in text, `` {glue}`x` ``, and as a figure or a table, `{glue:figure} x`",
}
_OTHER_CELLS = re.compile(r"\{\.?([A-Za-z][\w+#-]*)(?:[\s,].*)?\}|\{code-cell\}[ \t]+([\w+#-]+).*")
_OF_R = "code of R is shown and not run, here and below: put pictures of what it draws in its place"
_IN_BROWSERS = re.compile(r"(?:webr|pyodide|shinylive)-")  # cells of Quarto's extensions that run there
_BEGINS = re.compile(r"^ {0,3}(`{3,}|~{3,})[ \t]*\{?[\w.=]+[^`\n]*$", re.MULTILINE)  # code of a language that it names
_REMOVED = re.compile(r"\bremove[-_](?:cell|input)\b")
_ALMOST = re.compile(r"python\d?\s+([a-z]+)")
_CELL_OPTIONS = re.compile(r"\A(?:[ \t]*(?:#\||//\||--\||:[\w-]+:)[^\n]*\n)+\n?")


def render_fence(token: Token, reading: Reading) -> str:
    """Return the HTML of a fenced block: a cell, a formula, or code that is never run."""
    info = token.info.strip()
    line = token.map[0] if token.map else 0
    cell = cell_fence(info)
    if _OPEN_BRACE.match(info):
        message = f"the braces of `{info}` are never closed, so this would not run"
        reading.refuse(message, reading.place(line, info), f"write `{info.split()[0]}}}`")
    _note_swallowed(token, reading, line)
    if (meant := _ALMOST.fullmatch(info)) and not cell and (hint := suggestion(meant[1], ("figure", "check"))):
        reading.note(f"`{info}` opens no cell, so this does not run: {hint}", reading.place(line))
    if cell and not _is_closed(token):
        hint = f"put {token.markup} on a line of its own after the cell"
        reading.refuse("this cell is never closed", reading.place(line), hint)
    if cell:
        within, annotated = bool(token.meta.get("within")), bool(token.meta.get("annotated"))
        content = token.content.removesuffix("\n")
        name = str(token.attrs.get("id", ""))  # MyST's `(name)=` above it
        anchor = f'<div id="{escape(name)}"></div>\n' if name else ""
        return anchor + read_cell(cell, content, line, reading, within=within, annotated=annotated)
    if info in {"math", "{math}"} and reading.dollars != "off":
        given, tex, skipped = take_options(token.content)
        tex = _IN_DOLLARS.sub(r"\1", tex)
        place = reading.place(line + 1 + skipped)
        label = given.get("label") or given.get("name", "")
        hole = reading.formula(tex, display=True, location=place, label=label)
        return f'<div class="formula" tabindex="0">{hole}</div>\n' if hole else ""
    if info.partition(" ")[0] in NAMES and is_algorithm(token.content):
        return render_algorithm(token.content, reading, reading.place(line))
    if IS_DIAGRAM.match(info):
        return read_diagram(token.content, line + 1, token.attrs, reading)
    other = _other_language(info)
    directive = _DIRECTIVE.match(info)
    if info in _CONTENTS or (directive and directive[1] in LEFT_OUT) or (other and not token.content.strip()):
        return ""
    shown = _shown_by(directive[1], info, token, reading, line) if directive else None
    if shown is not None:
        return shown
    if directive and directive[1] == "eval-rst":
        message, hint = "`{eval-rst}` holds reStructuredText that is not read", "write what it says in Markdown"
        reading.refuse_unknown(message, reading.place(line, info), hint)
    elif directive and not other and directive[1] not in VERBATIM:
        hints = (_INSTEAD[name] for name in _INSTEAD if directive[1].startswith(name))
        hint = next(hints, instead_of(f"{{{directive[1]}}}"))
        message = f"this kind of fence is not supported yet: `{info}`"
        reading.refuse_unknown(message, reading.place(line, info), hint or "leave it out for now")
        info, token.content = "", f"{token.markup}{token.info}\n{token.content}{token.markup}\n"
    if info in _RAW:
        return fill_html(token.content, reading, math=False) if info == "{=html}" else ""
    if other and info.startswith("{code-cell}"):
        given, token.content, _ = take_options(token.content)
        if _REMOVED.search(given.get("tags", "")):
            return ""
        token.content = token.content.removeprefix("\n")
    elif other:
        if other == "r" and not any(note.message == _OF_R for note in reading.notes):
            reading.note(_OF_R, reading.place(line))
        token.content = _CELL_OPTIONS.sub("", token.content)
    return render_code(token, info, other, reading, line)


def _shown_by(directive: str, info: str, token: Token, reading: Reading, line: int) -> str | None:
    """Return what a directive of MyST's shows that is neither code nor Markdown; None for any other."""
    argument = info.partition("}")[2].strip()
    if directive == "raw":
        return fill_html(take_options(token.content)[1], reading, math=False) if "html" in info else ""
    if directive in {"iframe", "h5p"}:
        caption = reading.render_inline(" ".join(take_options(token.content)[1].split()), reading)
        page = frame(reading, argument)
        return f'<figure class="picture">{page}<figcaption>{caption}</figcaption></figure>\n' if caption else page
    if directive in PLAYED:
        return _played(directive, info, token, reading)
    if directive in {"glue", "glue:", "glue:figure"}:
        content = glued_cell(argument, token.content)
        return read_cell(Fence("cell", "", myst=False), content, line, reading, last=True)
    return None


def _note_swallowed(token: Token, reading: Reading, line: int) -> None:
    """Note code that holds what was hardly meant to be in it, since the line that ends it is missing."""
    mark, place = token.markup, reading.place(line)
    inner = next((found for found in _BEGINS.finditer(token.content) if found[1].startswith(mark)), None)
    if inner:
        within = line + 2 + token.content.count("\n", 0, inner.start())
        why = f"the code that begins here holds line {within}, where other code begins"
        said = f"{why}: is the {mark} that ends it missing? ({mark}{mark[0]} around it would hold both)"
        reading.note(said, place)
    elif not cell_fence(token.info.strip()) and not _is_closed(token) and "\n\n" in token.content.rstrip():
        said = f"the code that begins here is never closed, and holds all that follows: put {mark} on a line after it"
        reading.note(said, place)


def _played(kind: str, info: str, token: Token, reading: Reading) -> str:
    """Return the film or recording of a directive; what stands below its options is its caption."""
    options, caption, _ = take_options(token.content)
    source = info.partition("}")[2].strip()
    place = reading.place(token.map[0] if token.map else 0, info)
    options = {**options, "caption": options.get("caption") or " ".join(caption.split())}
    flags = {name: value or "true" for name, value in options.items() if name in {"autoplay", "loop", "muted"}}
    if not source:
        reading.refuse(f"this `{{{kind}}}` names nothing", place, f"write `{{{kind}}} film.mp4`")
        return ""
    if kind == "audio":
        return media(kind, reading, source, options | flags, place)
    if kind == "video":
        return video(reading, source, options | flags, place)
    return player(reading, kind, source, options["caption"])


def _other_language(info: str) -> str:
    """Return the language of a cell that this program does not run, "" when it is none: its code is shown."""
    match = _OTHER_CELLS.fullmatch(info)
    name = (match[1] or match[2]).lower() if match else ""
    name = _IN_BROWSERS.sub("", name)
    name = {"ojs": "js", "node": "js", "webr": "r", "pyodide": "python"}.get(name, name)
    return name if is_language(name) else ""


def _is_closed(fence: Token) -> bool:
    """Whether a fence ends before its container does: its lines are its content and two more."""
    lines = fence.map[1] - fence.map[0] - 2 if fence.map else 0
    return fence.content.count("\n") == lines and fence.content[-1:] in {"", "\n"}


def render_code(token: Token, info: str, language: str, reading: Reading, line: int) -> str:
    """Render code that never runs, below its number and caption where it has them."""
    info, content, attributes = code_directive(info, token.content, token.attrs)
    listing = read_listing(info, attributes, reading.place(line, info), reading.errors)
    annotated = bool(token.meta.get("annotated"))
    code = highlight_code(content, replace(listing, language=language or listing.language, annotated=annotated))
    label, caption = listing_caption(info, attributes)
    if not label and not caption:
        name = str(attributes.get("id", ""))
        return code.replace("<div", f'<div id="{escape(name)}"', 1) if name else code
    number = reading.hole(Number(kind_of(label) or "lst", label, reading.place(line, label)))
    anchor = id_attribute(label)
    head = f"<figcaption>{number} {reading.render_inline(caption, reading)}</figcaption>"
    return f'<figure class="figure of-listing"{anchor}>\n{head}\n{code}</figure>\n'
