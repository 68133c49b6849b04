"""Markdown rule that makes of each container what it is: a callout, a theorem, tabs, columns, a figure, a plain division."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from sitegen.errors import suggestion
from sitegen.labels import id_attribute
from sitegen.later import later
from sitegen.reading.boxes.callouts import OF_LESSONS, TONES, callout, callout_kind, noticed, quoted, title_and_head
from sitegen.reading.boxes.captioned import BELOW, CAPTIONED, caption_last, caption_tables, captioned, is_captioned
from sitegen.reading.boxes.containers import Container, end_of, markup
from sitegen.reading.boxes.directives import DIRECTIVE_SHAPES
from sitegen.reading.boxes.layouts import LAYOUTS, OF_SLIDES, SHAPES, images_apart, shape_of, tabset, tabset_headings
from sitegen.reading.boxes.theorems import STATED, STATEMENTS, theorem, theorem_kind

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

    from sitegen.reading.context import Reading

PROOFS = frozenset(f"{domain}:{name}" for domain in ("prf", "proof") for name in STATED)
_OF_HTML = later(r"style|lang|dir|title|align|role|hidden|tabindex|data-[\w-]+|aria-[\w-]+")
_OF_PYTHON = ("!!!", "???", "///")  # of Python-Markdown's extensions, where a kind may be the author's own
_NOTICED = {"paragraph_open", "blockquote_open", "formula_block"}
DIRECTIVES = frozenset(TONES) | frozenset(STATED) | PROOFS | frozenset(SHAPES) | CAPTIONED
DIRECTIVES |= frozenset(DIRECTIVE_SHAPES) | OF_LESSONS | {"tab", "tabbed", "group-tab", "panels"}
"""What may stand in backticks, as in MyST, and holds Markdown."""

_KNOWN = sorted(
    {
        *TONES,
        *OF_LESSONS,
        *STATED,
        # Which are classes of one's own too.
        *(SHAPES.keys() - {*OF_SLIDES, "notes", "left", "right", "center", "align", "justify", "collapse"}),
        *DIRECTIVE_SHAPES,
        *PROOFS,
        *CAPTIONED,
        *(f"callout-{tone}" for tone in set(TONES.values())),
    }
)


def use_shapes(md: MarkdownIt) -> None:
    """Add the rule of this module: blocks are known, their text is not read yet."""
    md.core.ruler.before("inline", "shapes", _shapes)


def _shapes(state: StateCore) -> None:
    kinds = {token.type for token in state.tokens}
    if "table_open" in kinds:
        state.tokens = caption_tables(state.tokens)
    if "heading_open" in kinds and "{.tabset" in state.src:
        state.tokens = tabset_headings(state.tokens)
        kinds.add("container_open")
    if kinds & {"container_open", "blockquote_open"} or any("class" in token.attrs for token in state.tokens):
        state.tokens = shaped(state.tokens, state.env["reading"])


def shaped(tokens: list[Token], reading: Reading) -> list[Token]:
    """Return tokens with every container in its shape, the outermost first."""
    out: list[Token] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        end = end_of(tokens, index)
        if token.type == "container_open" and token.meta["container"].name in {"tab", "group-tab"}:
            # Those of the Carpentries have no title: they are a set, whose tabs begin with headings.
            token.meta["container"].name = "tab" if token.meta["container"].title else "panel-tabset"
        if token.type == "container_open" and token.meta["container"].name == "tab":
            end = _last_tab(tokens, index)
            out += shaped(tabset(token.meta["container"], tokens[index : end + 1], reading), reading)
            index = end + 1
        elif token.type == "container_open":
            container: Container = token.meta["container"]
            inner = tokens[index + 1 : end]
            if container.name not in BELOW:
                out += _shape(token, inner, reading)
            elif not caption_last(out, container, inner := shaped(inner, reading)):
                out += division(container, inner)
            index = end + 1
        elif found := _called_out(tokens, index, reading):
            out += shaped(found, reading)
            index = end + 1
        else:
            out.append(token)
            index += 1
    return out


def _called_out(tokens: list[Token], index: int, reading: Reading) -> list[Token] | None:
    """Return the tokens of the callout that a quote or a block with an attribute list is; None when it is none."""
    token = tokens[index]
    found = quoted(tokens, index, reading) if token.type == "blockquote_open" else None
    if not found and "class" in token.attrs and token.type in _NOTICED:
        found = noticed(tokens, index, reading)
    return found


def _last_tab(tokens: list[Token], start: int) -> int:
    """Return where the last of the tabs ends that follow one another from `start`: Material's have nothing around them."""
    end = end_of(tokens, start)
    while end + 1 < len(tokens) and getattr(tokens[end + 1].meta.get("container"), "name", "") == "tab":
        end = end_of(tokens, end + 1)
    return end


def _shape(token: Token, inner: list[Token], reading: Reading) -> list[Token]:
    container: Container = token.meta["container"]
    for name, value in token.attrs.items():  # of an attribute list below it
        if name == "class":
            container.given.classes += str(value).split()
        elif name == "id":
            container.given.id = str(value)
        else:
            container.given.pairs[name] = str(value)
    if LAYOUTS & container.given.pairs.keys():
        inner = images_apart(inner)
    if is_captioned(container):
        return shaped(captioned(container, inner, reading), reading)
    statement, own_head = theorem_kind(container), ""
    if container.text.startswith(_OF_PYTHON) and statement not in STATEMENTS:
        statement = None  # an example, say, is a callout there
    elif statement and container.text.startswith(_OF_PYTHON):
        container.given.pairs |= {"collapse": "true"} if container.fold else {}
        container.title, own_head = title_and_head(container.title, statement, reading.words_of_page)
    if statement:
        return shaped(theorem(container, statement, inner, reading, own_head), reading)
    kind = callout_kind(container)
    if not kind and container.text.startswith(_OF_PYTHON):
        kind = container.name.lower()  # of the author's own
    if kind:
        return shaped(callout(container, kind, inner, reading), reading)
    shape = shape_of(container) or DIRECTIVE_SHAPES.get(container.name)
    if shape:
        return shaped(shape(container, inner, reading), reading)
    if reading.is_for_pandoc() and container.text.strip(": \t") == container.name:  # to Pandoc a word is a class
        container.given.classes.append(container.name)
        container.name = ""
    _refuse_unknown(container, reading)
    if container.name and reading.shows_missing:
        return shaped(callout(container, container.name.lower(), inner, reading), reading)
    return shaped(division(container, inner), reading)


def division(container: Container, inner: list[Token]) -> list[Token]:
    """Return the tokens of a plain division, whose classes are the author's own."""
    given = container.given
    attributes = id_attribute(given.id)
    attributes += f' class="{escape(" ".join(given.classes))}"' * bool(given.classes)
    attributes += " hidden" * (given.classes == ["hidden"])  # Quarto's, around macros of formulas
    attributes += "".join(f' {key}="{escape(value)}"' for key, value in given.pairs.items() if _OF_HTML.fullmatch(key))
    return [markup(f"<div{attributes}>\n"), *inner, markup("</div>\n")]


def _slip(name: str) -> str:
    """Return which name a class may be a slip of: one that has a hyphen too, or the same letters; others are the author's own."""
    letters = sorted(name)
    alike = [known for known in _KNOWN if ("-" in known and "-" in name) or sorted(known) == letters]
    return suggestion(name, alike) if name not in _KNOWN else ""


def _refuse_unknown(container: Container, reading: Reading) -> None:
    names = [container.name] if container.name else container.given.classes
    for name in names:
        hint = suggestion(name, _KNOWN) if container.name else _slip(name)
        ours = name.startswith(("callout-", "column-", "content-", "layout-"))
        if container.name or hint or ours:
            place = reading.place(container.line, name)
            if container.name or not hint:
                known = hint or "known are `.callout-note`, `#thm-x`, `.columns`, `.panel-tabset`, `.column-margin`;"
                hint = f"{known} a class of your own is `::: {{.{container.name or 'name'}}}`"
                hint += ", its title a line of the text below" * bool(container.title)
            message = f"`{container.text}` is no container that is known"
            reading.refuse_unknown(message, place, hint, "what it holds is shown")
    script = next((key for key in container.given.pairs if key.lower().startswith("on")), "")
    if script:
        reading.refuse(f"the attribute `{script}` would run a script", reading.place(container.line, script))
