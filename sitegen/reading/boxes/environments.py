r"""LaTeX's environments of text among Markdown: theorems, quotations, code and figures, which become containers and fences."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sitegen.later import later
from sitegen.reading.attributes import Attributes
from sitegen.reading.block_lines import line_start, line_text, push_lines, push_paragraph
from sitegen.reading.boxes.containers import Container, closing, hold, opening
from sitegen.reading.boxes.theorems import SHORT_NAMES, STATED
from sitegen.reading.rules.latex import instead_of
from sitegen.tex import group_end

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock

    from sitegen.reading.context import Reading

_LABEL = r"\\label\{(?P<label>[^{}\n]+)\}"
_BOXES = ("tcolorbox", "mdframed", "framed", "shaded")
_OTHERS = {
    **dict.fromkeys(("quote", "quotation"), "blockquote"),
    **dict.fromkeys(("center", "flushleft", "flushright", "minipage"), "div"),
    **{name: name for name in ("abstract", "question", "note", "warning")},
    **dict.fromkeys((*_BOXES, "problem", "fact", "notation", "result", "hypothesis", "construction"), "admonition"),
    "answer": "solution",
}
"""Environments of text that are no theorems, and the containers that they are."""
_BEGIN = later(
    rf"\\begin\{{(?P<name>{'|'.join([*STATED, *_OTHERS, *SHORT_NAMES])})(?P<star>\*?)\}}[ \t]*(?:\[(?P<title>[^\]\n]*)\])?[ \t]*"
    rf"(?P<width>(?<=\{{minipage\}})\{{[^{{}}\n]*\}}|(?<=\])(?:\[[\w.\\]*\])*\{{[\d.]*(?:\\\w+|[a-z]{{2}})\}})?(?:{_LABEL})?[ \t]*"
)
_TITLE = later(r"\b(?:frame)?title[ \t]*=[ \t]*(?:\{((?:[^{}]|\{[^{}]*\})*)\}|([^,{}]*))")
# Of a box, often on lines of their own.
_OPTIONS = later(r"\\begin\{\w+\}\s*\[((?:[^\[\]{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\][ \t]*")
_LABEL_ALONE = later(rf"{_LABEL}[ \t]*")


_CODE = later(r"\\begin\{(verbatim\*?|lstlisting|minted)\}[ \t]*(?:\[([^\]\n]*)\])?(?:\{(\w+)\})?[ \t]*")
_OF_TIKZ = ("tikzcd", "tikzpicture", "circuitikz")  # which only TeX can draw
_DRAWN = later(rf"\\begin\{{({'|'.join(_OF_TIKZ)})\}}[^\n]*")
_LANGUAGE = later(r"\blanguage[ \t]*=[ \t]*\{?([\w+#]+)")
_FIGURE = later(r"\\begin\{((?:wrap|sub)?figure\*?)\}[^\n]*")
_GRAPHICS = later(r"\\includegraphics\*?[ \t]*(?:\[([^\]]*)\])?[ \t]*\{([^{}]+)\}")
_WIDTH = later(
    r"\bwidth[ \t]*=[ \t]*(?:(\d*\.?\d*)[ \t]*\\(?:text|line|column)width|(\d+(?:\.\d+)?(?:cm|mm|in|em|px|pt)))"
)
_CAPTION = later(r"\\caption\*?[ \t]*(?:\[[^\]]*\])?[ \t]*(?=\{)")
_ALGORITHM = later(r"\\begin\{(algorithm(?:ic)?\*?)\}")


def algorithm_environment(state: StateBlock, start: int, end: int, *, silent: bool) -> bool:
    """Read an algorithm that stands among text as if it stood in a fence of that name."""
    match = _ALGORITHM.match(state.src, line_start(state, start), state.eMarks[start])
    last = last_line(state, start, end, match[1]) if match else None
    if last is None:
        return False
    content = state.getLines(start, last + 1, state.blkIndent, keepLastLF=True)
    if "\\begin{algorithmic" not in content:
        return False  # in words of its own: a theorem's kin
    if not silent:
        token = push_lines(state, "fence", content, start, last + 1, tag="code")
        token.info, token.markup = "pseudocode", "```"
    return True


def code_environment(state: StateBlock, start: int, end: int, *, silent: bool) -> bool:
    """Read `verbatim`, `lstlisting` or `minted` as the fence that it would be, and as code what only TeX can draw."""
    begin, stop = line_start(state, start), state.eMarks[start]
    match = _CODE.fullmatch(state.src, begin, stop) or _DRAWN.fullmatch(state.src, begin, stop)
    last = last_line(state, start, end, match[1]) if match else None
    if match is None or last is None or last == start:
        return False
    if not silent:
        drawn, tag = match[1] in _OF_TIKZ, f"\\begin{{{match[1]}}}"
        if drawn:
            reading: Reading = state.env["reading"]
            message = f"`{tag}` is LaTeX, which a page does not show"
            reading.refuse_unknown(message, reading.place(start, tag), instead_of(tag))
        language = None if drawn else _LANGUAGE.search(match[2] or "")
        first, behind = (start, last + 1) if drawn else (start + 1, last)
        content = state.getLines(first, behind, state.blkIndent, keepLastLF=True)
        token = push_lines(state, "fence", content, start, last + 1, tag="code")
        token.info, token.markup = "latex" if drawn else match[3] or (language[1].lower() if language else ""), "```"
    return True


def figure_environment(state: StateBlock, start: int, end: int, *, silent: bool) -> bool:
    """Read a figure of images with its caption and its label, or an image alone on its line."""
    alone = _GRAPHICS.fullmatch(line_text(state, start).rstrip())
    match = alone or _FIGURE.fullmatch(state.src, line_start(state, start), state.eMarks[start])
    last = start if alone else last_line(state, start, end, match[1]) if match else None
    if match is None or last is None:
        return False
    content = alone[0] if alone else state.getLines(start + 1, last, state.blkIndent, keepLastLF=False)
    if not _GRAPHICS.search(content) or "\\begin{" in content:
        return False
    if not silent:
        container, texts = _read_figure(content)
        container.text = match[0]
        state.tokens.append(opening(container, start))
        for text in texts:
            push_paragraph(state, text, start, last + 1)
        state.tokens.append(closing())
        state.line = last + 1
    return True


def _read_figure(content: str) -> tuple[Container, list[str]]:
    """Return (the container, the paragraphs that it holds): of one image the caption, of more the images before it."""
    caption, label, _ = take_caption(content)
    texts = [caption] if caption else []
    container = Container("figure", given=Attributes(label))
    if not label and "labelformat=empty" in content:  # Mathpix's, whose caption says the number
        container.given.classes.append("unnumbered")
    sized = [(image[2].strip(), _width(image[1] or "")) for image in _GRAPHICS.finditer(content)]
    if len(sized) > 1:
        return container, [*(f"![]({file})" + f'{{width="{width}"}}' * bool(width) for file, width in sized), *texts]
    container.title, width = sized[0]
    if width:
        container.given.pairs["width"] = width
    return container, texts


def take_caption(text: str) -> tuple[str, str, str]:
    """Return (caption, label, the text without them) of a figure or table; "" for what it has not."""
    label, found = re.search(_LABEL, text), _CAPTION.search(text)
    stop = group_end(text, found.end()) if found else None
    caption = ""
    if found and stop:
        caption = " ".join(text[found.end() + 1 : stop - 1].split())
        text = text[: found.start()] + text[stop:]
    return re.sub(_LABEL, "", caption).strip(), label["label"] if label else "", re.sub(_LABEL, "", text)


def _width(options: str) -> str:
    r"""Return the width that `width=0.8\textwidth` or `width=5cm` gives, "" for none."""
    width = _WIDTH.search(options)
    if not width:
        return ""
    return width[2] or f"{float(width[1]) if width[1].strip('.') else 1:.0%}"


def theorem_environment(state: StateBlock, start: int, end: int, *, silent: bool) -> bool:
    """Read a theorem or proof that begins on a line; its text may stand on the lines of its tags."""
    begin = line_start(state, start)
    match = _BEGIN.match(state.src, begin, state.eMarks[start])
    if not match:
        return False
    name = f"{match['name']}{match['star']}"
    last = last_line(state, start, end, name)
    if last is None:
        return False
    if silent:
        return True
    boxed = _OPTIONS.match(state.src, begin, state.eMarks[last]) if match["name"] in _BOXES else None
    container = Container(
        _OTHERS.get(match["name"]) or SHORT_NAMES.get(match["name"], match["name"]),
        _title(match["name"], boxed[1] if boxed else match["title"] or ""),
        given=Attributes(match["label"] or ""),
        text=match[0],
    )
    if match["star"]:
        container.given.classes.append("unnumbered")
    behind = boxed.end() if boxed else match.end()
    first = start + state.src.count("\n", begin, behind)
    if not state.src[behind : state.eMarks[first]].strip():
        first += 1
        line = line_text(state, first) if first < last else ""
        if label := _LABEL_ALONE.fullmatch(line):
            container.given.id = label["label"]
            first += 1
    else:  # Note: moves the beginning of the line, so that the text behind the tag is read
        state.bMarks[first], state.tShift[first], state.sCount[first] = behind, 0, state.blkIndent
    close = state.src.rfind(f"\\end{{{name}}}", state.bMarks[last], state.eMarks[last])
    before, state.eMarks[last] = state.eMarks[last], close
    has_text = bool(state.src[line_start(state, last) : close].strip())
    hold(state, container, start, first, last + has_text)
    state.eMarks[last] = before
    state.line = last + 1
    return True


def _title(name: str, said: str) -> str:
    """Return the title of an environment: a box says it among its options, and what is no theorem here begins with its own name."""
    if name in _BOXES or _OTHERS.get(name) == "div":
        title = _TITLE.search(said)
        said = (title[1] or title[2] or "").strip() if title else ""
    own = name.capitalize() if _OTHERS.get(name) == "admonition" and name not in _BOXES else ""
    return f"{own} ({said})" if own and said else own or said


def last_line(state: StateBlock, start: int, end: int, name: str) -> int | None:
    """Return the line with the end tag of the environment that begins on line `start`; what never ends is looked for once."""
    missing: set[tuple[str, int]] = state.env.setdefault("environments", set())
    if (name, end) in missing:
        return None
    depth = 0
    for line in range(start, end):
        if state.sCount[line] < state.blkIndent and not state.isEmpty(line):
            break
        text = state.src[state.bMarks[line] : state.eMarks[line]]
        depth += text.count(f"\\begin{{{name}}}") - text.count(f"\\end{{{name}}}")
        if depth <= 0:
            return line if not text.rpartition("}")[2].strip() else None
    missing.add((name, end))
    return None
