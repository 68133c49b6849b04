r"""Markdown rule for LaTeX's commands in text, `\emph{so}`, `\cite{key}`, and what to write for its environments.

Texts that began as a paper, or that a chat program wrote, have them among Markdown; no page shows a command as it stands.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sitegen.labels import normal_label
from sitegen.later import later
from sitegen.reading.mathspan import BEGIN
from sitegen.reading.rules.citations import push_citation
from sitegen.reading.rules.marks import push_element
from sitegen.reading.rules.references import tie

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

_INNER = r"\{((?:[^{}\\]|\\.|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\})+)\}"
_ELEMENTS: dict[str, tuple[str, dict[str, str]]] = {
    **dict.fromkeys(("emph", "textit", "textsl"), ("em", {})),
    "textbf": ("strong", {}),
    "texttt": ("code", {}),
    "underline": ("u", {}),
    **dict.fromkeys(("paragraph", "subparagraph"), ("strong", {})),  # heads that run into their text
    "textsc": ("span", {"class": "smallcaps"}),
    "textsuperscript": ("sup", {}),
    "textsubscript": ("sub", {}),
}
_AROUND = later(rf"\\({'|'.join(_ELEMENTS)})\*?{_INNER}", re.DOTALL)
_CITE = later(
    r"\\(cite|citep|parencite|autocite|citet|textcite|citeauthor)\*?(?:\[([^\[\]]*)\])?(?:\[([^\[\]]*)\])?\{([\w:./+, \n-]+)\}"
)
_LINK = later(rf"\\href\{{([^{{}}\s]+)\}}{_INNER}|\\url\{{([^{{}}\s]+)\}}")
_SIGNS = {
    **{name: name for name in ("LaTeX", "TeX", "KaTeX")},
    "textgreater": ">",
    "textless": "<",
    "textmu": "μ",
    "textdegree": "°",
    "textbar": "|",
    "textbackslash": "\\",
    "textasciitilde": "~",
    "textellipsis": "…",
    "textendash": "\u2013",
    "textemdash": "\u2014",
    "textregistered": "®",
    "texttrademark": "™",
    "copyright": "©",
    "ldots": "…",
    "dots": "…",
    "qed": "",  # which proofs have at their end
    "footnotemark": "",  # of a note that stands in the margin
    **dict.fromkeys(("noindent", "newpage", "clearpage", "cleardoublepage", "pagebreak"), ""),  # of paper
    **dict.fromkeys(("maketitle", "tableofcontents"), ""),
    **dict.fromkeys(("smallskip", "medskip", "bigskip", "tightlist", "centering", "hfill", "vfill", "newline"), ""),
}
# But not of a path, `C:\small`.
_SIZES = r"(?<![\w:]\\)(?:tiny|scriptsize|footnotesize|small|normalsize|[lL]arge|[hH]uge)"
_NAME = later(rf"\\({'|'.join(_SIGNS)}|{_SIZES}|fa[A-Z][A-Za-z]*)(?![A-Za-z])(?:\{{\}}|\\(?= ))?")
_SAID = later(rf"\\(footnote|index|label|[vh]space\*?){_INNER}", re.DOTALL)
_TIED = later(r"[.§]\\ |\w\\ (?:\\@?(?:eq|auto|[cC])?ref\b|[\[@])")  # `i.e.\ x`, `Figure\ \ref{x}`
_QUOTED = later(r"(?<!`)``(?![`\s])((?:[^`$]|\$[^`$\n]*\$){1,300}?)(?<!\s)''(?!['`\w])")
_LONGEST = 2_000
_TEXTUAL = {"citet", "textcite", "citeauthor"}

_INSTEAD = {
    **dict.fromkeys(
        ("tikzcd", "tikzpicture", "circuitikz", "tikz", "axis", "xy"),
        "nothing here draws TikZ: write a square of arrows as `\\begin{CD}` in a formula, others as `mermaid` or as an image",
    ),
    **dict.fromkeys(
        ("itemize", "enumerate", "description"),
        "close it, its end on a line of its own; or write a Markdown list: `- item`, `1. item`",
    ),
    **dict.fromkeys(
        ("table", "tabular", "tabularx", "longtable"), "write a table with pipes: `| a | b |`, `|---|---|`"
    ),
    **dict.fromkeys(("figure", "wrapfigure", "subfigure"), "write an image: `![The caption](x.png){#fig-x}`"),
    **dict.fromkeys(
        ("algorithm", "algorithmic", "algorithm2e"), "put it on lines of its own, or into a fence named `pseudocode`"
    ),
    **dict.fromkeys(
        ("verbatim", "lstlisting", "minted"),
        "put its tags on lines of their own, or write code in a fence of three backticks",
    ),
    **dict.fromkeys(("quote", "quotation"), "write a quotation: `> text`"),
    **dict.fromkeys(("minipage", "document"), "leave out this tag and its end"),
}


def use_latex(md: MarkdownIt) -> None:
    """Add the rule of this module."""
    md.inline.ruler.before("escape", "latex", _command)
    md.core.ruler.before("inline", "latex_quotes", _quotes)


def use_latex_labels(md: MarkdownIt) -> None:
    """Add the rule that gives labels to what they stand in, before the rules that ask for them."""
    md.core.ruler.after("inline", "latex_labels", _give_labels)


def instead_of(tag: str) -> str:
    r"""Return what to write instead of `\begin{x}` or `\end{x}`, "" for what a formula may hold, and for dollars."""
    name = tag.partition("{")[2].strip("*}")
    if not name or name in _INSTEAD or BEGIN.fullmatch(f"\\begin{{{name}}}"):
        return _INSTEAD.get(name, "")
    return f"put `::: {{.{name}}}` before its text and `:::` after it, each on a line of its own; a theorem ends with its tag"


def _command(state: StateInline, silent: bool) -> bool:
    start = state.pos
    tied = state.src.startswith("\\ ", start)  # as `i.e.\ x` is in LaTeX, and all in Pandoc
    tied |= state.src == "\\"  # the blank at its end is gone
    if tied and (_TIED.match(state.src, max(start - 1, 0)) or state.env["reading"].is_for_pandoc()):
        if not silent:
            state.append_pending("\u00a0")
        state.pos = min(start + 2, state.posMax)
        return True
    if not state.src[start + 1 : start + 2].isalpha() or state.src[start] != "\\":
        return False
    end = min(state.posMax, start + _LONGEST)
    if match := _AROUND.match(state.src, start, end):
        name, attributes = _ELEMENTS[match[1]]
        return _element(state, name, attributes, match.span(2), match.end(), silent=silent)
    if match := _CITE.match(state.src, start, end):
        if not silent:
            tie(state)
            keys = [key.strip() for key in match[4].split(",") if key.strip()]
            before, behind = (match[2], match[3]) if match[3] is not None else ("", match[2])
            push_citation(state, keys, match.end(), (before or "", behind or ""), textual=match[1] in _TEXTUAL)
        state.pos = match.end()
        return True
    if match := _LINK.match(state.src, start, end):
        target = match[1] or match[3]
        attributes = {"href": state.md.normalizeLink(target)}
        if match[1]:
            return _element(state, "a", attributes, match.span(2), match.end(), silent=silent)
        if not silent:
            state.push("link_open", "a", 1).attrs = dict(attributes)
            state.push("text", "", 0).content = target
            state.push("link_close", "a", -1)
        state.pos = match.end()
        return True
    if match := _SAID.match(state.src, start, end):
        return _say(state, match, silent=silent)
    if match := _NAME.match(state.src, start, end):
        if not silent:
            state.append_pending(_SIGNS.get(match[1], ""))  # sizes and icons of Font Awesome decorate
        state.pos = match.end()
        return True
    return False


def _quotes(state: StateCore) -> None:
    """Read LaTeX's quotes, two backticks and two apostrophes; what has backticks inside or ends with some is code."""
    if "``" not in state.src or "''" not in state.src:
        return
    for token in state.tokens:
        if token.type == "inline" and "``" in token.content:
            token.content = _QUOTED.sub("\u201c\\1\u201d", token.content)


def _say(state: StateInline, match: re.Match[str], *, silent: bool) -> bool:
    """Read a footnote, the label of the heading, image or block around it, or an entry of an index, of which there is none."""
    if not silent and match[1] == "footnote":
        notes = state.env.setdefault("footnotes", {}).setdefault("list", {})
        tokens: list[Token] = []
        number = len(notes)
        notes[number] = {"content": match[2], "tokens": tokens}
        state.md.inline.parse(match[2], state.md, state.env, tokens)
        state.push("footnote_ref", "", 0).meta = {"id": number}
    elif not silent:
        state.pending = state.pending.rstrip(" ")
        if match[1] == "label":
            state.push("latex_label", "", 0).meta = {"name": match[2].strip()}
            state.env["latex_labels"] = True
    state.pos = match.end()
    return True


def _give_labels(state: StateCore) -> None:
    r"""Give each `\label{x}` to the image that it captions, else to the heading or paragraph that it stands in."""
    if not state.env.get("latex_labels"):
        return
    for index, token in enumerate(state.tokens):
        for child in token.children or ():
            if child.type == "image":
                _take_label(child, child)
        if token.type == "inline":
            _take_label(token, state.tokens[index - 1])


def _take_label(holder: Token, owner: Token) -> None:
    labels = [child for child in holder.children or () if child.type == "latex_label"]
    if labels:
        owner.attrs.setdefault("id", normal_label(labels[0].meta["name"]))
        holder.children = [child for child in holder.children or () if child.type != "latex_label"]


def _element(
    state: StateInline, name: str, attributes: dict[str, str], inner: tuple[int, int], end: int, *, silent: bool
) -> bool:
    """Read what stands in a command's braces as the text of an element."""
    if not state.src[inner[0] : inner[1]].strip(" .…"):
        return False  # it is about the command itself
    if not silent:
        push_element(state, name, inner, attributes)
    state.pos = end
    return True
