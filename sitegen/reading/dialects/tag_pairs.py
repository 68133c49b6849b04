"""Tags around Markdown -> what stands in the place of the first, and what the second becomes: boxes, folds, quotes, tabs.

Each function gives (text, what gives the text of the end tag).
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sitegen.labels import id_attribute
from sitegen.later import later
from sitegen.model import Number
from sitegen.reading.boxes.callouts import TONES, word_for
from sitegen.reading.boxes.theorems import KINDS, STATED, classes_of
from sitegen.reading.context import TabSet
from sitegen.reading.dialects.tags import COLOURS, Arguments
from sitegen.reading.embeds import TagError
from sitegen.reading.highlight import Listing, highlight_code

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sitegen.reading.context import Reading
    from sitegen.reading.dialects.tags import Tag

    Pair = tuple[str, Callable[[], str]]

_CALLOUTS = frozenset({"callout", "admonition", "notice", "alert", "hint", "box", "pageinfo", "notel"})
BOXES = _CALLOUTS | {"note", "tip", "info", "important", "warning", "caution", "danger", "aside", "question"}
"""Callouts; an include of this name brings its text along."""

_DETAILS = "details detail toggle cut spoiler expand expandable collapse collapsible accordion accordionitem hidetoggle hideblock folding fold"
_DIVISIONS = "lead center left right style steps gallery wide_container crt ltr rtl timeline pseudocode tbl caption column boxmd boxed"
_ELEMENTS = {"color": "span", "colour": "span", "underline": "u", "tooltip": "abbr"}
WORDS = ("sup", "sub", "mark", "abbr", "ruby", *_ELEMENTS)
_ID = later(r"(?=.*[\d_-])[\w-]+")  # `mn-1`
_COLOUR = later(rf"#[\da-fA-F]{{3,8}}|(?:rgb|hsl)a?\([^()]*\)|{'|'.join(COLOURS)}")
_PLAIN = frozenset({"primary", "default", "secondary", "light", "dark"})  # colours of themes that say nothing
_LANDING = ("blocks/lead", "blocks/section", "blocks/cover", "blocks/feature")  # Docsy's
_FLAGS = frozenset({"no-icon", "simple", "flat", "modern", "disabled"})
_ICON = later(r"fa[srlbdt]?(?: fa)?-[\w -]+|fa[srlbdt]")
_ABOUT_FOLD = later(r"\A(?:\w*\s*@|(?:(?:open|child|color|codeblock):\S+\s*)+)")
"""What is no title: Fluid's `info @Title`, Stellar's `open:true Title`."""
_COLOURED = later(rf"\A(?:(?:{'|'.join(COLOURS)}|open|close|\s)*,|(?:{'|'.join(COLOURS)})::)\s*(?=\S)")
"""What is none for Volantis: `blue open, Title`, `blue::Title`."""
_TITLE = later(r"[^a-z\d-]")  # what no name of a kind, a colour or a sign has
_STYLE = later(r"[^<>\"]*")


def callout(tag: Tag) -> Pair:
    """Return the lines of a container; its kind is an argument, or the tag's own name."""
    kind, title, folded = _kind(tag)
    if not tag.alone:
        tone = TONES.get(kind, "note")
        word = tag.reading.render_inline(title or word_for(kind, tone, tag.reading.words_of_page), tag.reading)
        if folded:
            opening = f'<details class="callout {tone}"><summary class="callout-title">{word}</summary>'
            return _around(tag, opening, "</details>")
        opening = f'<div class="callout {tone}" role="note"><p class="callout-title">{word}</p>'
        return _around(tag, opening, "</div>")
    options = [f".callout-{kind}"]
    if title:
        in_single = '"' in title and "'" not in title
        options.append(f"title='{title}'" if in_single else f'title="{title.replace(chr(34), "”")}"')
    return f"::: {{{' '.join([*options, *['collapse=true'] * folded])}}}", lambda: ":::"


def whole_callout(tag: Tag) -> str:
    """Return the box of an include that brings its text along: `{% include note.html content="..." %}`."""
    text = tag.arguments.get("content", "text", "message", "body") or " ".join(tag.arguments.words)
    text = tag.reading.variables.get(text, text)
    if not text:
        raise TagError(f'`{tag.name}` says nothing: give it its text, as in `content="..."`')
    kind, title, _ = _kind(tag)
    named = tag.arguments.get("type")
    title = title or (named if tag.name == "aside" and named.lower() not in TONES else "")
    reading = tag.reading
    title = "" if title == text else title
    head = f'<p class="callout-title">{reading.render_inline(title, reading)}</p>' if title else ""
    body = f"<p>{reading.render_inline(text, reading)}</p>"
    return reading.insert(f'<div class="callout {TONES[kind]}" role="note">{head}{body}</div>')


def _kind(tag: Tag) -> tuple[str, str, bool]:
    """Return (kind, title, folded): a first word that names a kind is one."""
    given = tag.arguments
    words = [word for word in given.words if word not in _FLAGS and not _ICON.fullmatch(word)]
    kind = given.get("type", "context", "color", "class", "style").lower()
    first = words[0].lower() if words else ""
    is_word = len(words) < 3 and not _TITLE.search(words[0] if words else "")  # of three and more all are the title
    names_kind = tag.name == "notice" or (tag.name in _CALLOUTS and is_word)
    if not kind and words and (names_kind or first in TONES or first in _PLAIN):
        kind = words.pop(0).lower()
    is_open = words.pop().lower() if len(words) > 1 and words[-1].lower() in {"true", "false"} else given.get("open")
    flag = next((name for name, value in given.named.items() if name in TONES and value == "true"), "")
    named = (kind, flag if tag.name in _CALLOUTS else "", tag.name)
    kind = next((name for name in named if name in TONES), "note")
    if tag.name == "notice":  # Relearn's third word is an icon
        del words[1:]
    elif words and words[0] in COLOURS and (not words[1:] or given.words[given.words.index(words[0]) + 1] != words[1]):
        del words[0]  # Butterfly's, alone or before a sign
    title = given.get("title", "header") or " ".join(words)
    return kind, title, is_open == "false" or given.get("collapse") == "true"


def details(tag: Tag) -> Pair:
    """Return something to unfold."""
    given = tag.arguments
    written = tag.reading.lines[tag.location.line - 1]
    has_flag = len(given.words) == 2 and given.words[1] in {"open", "close", "closed"}
    flag = given.words[1] if has_flag and f'"{given.words[0]}"' in written else ""  # Hugo Book's, behind a quoted title
    words = _ABOUT_FOLD.sub("", given.words[0] if flag else " ".join(given.words))
    if tag.name.startswith("hide"):
        words = words.partition(",")[0]  # its colours
    elif tag.name == "folding":
        words = _COLOURED.sub("", words)
    title = given.get("title", "summary", "text", "label") or words or "Details"
    asked = given.get("open") == "true" or given.get("closed") == "false" or "open:true" in given.words
    is_open = " open" if asked or flag == "open" else ""
    head = tag.reading.render_inline(title, tag.reading)
    return _around(tag, f"<details{is_open}><summary>{head}</summary>", "</details>")


def division(tag: Tag) -> Pair:
    """Return a division of the tag's own class; `style` brings its own style."""
    words = " ".join(tag.arguments.words)
    about = f'class="{tag.name.rpartition("/")[2]}"'
    if tag.name in {"ltr", "rtl"}:
        about = f'dir="{tag.name}"'
    if tag.name == "style" and _STYLE.fullmatch(words):
        about = f'style="{words}"'
    said = words.partition(",")[0] if tag.name == "timeline" else tag.arguments.get("title", "caption")
    said = tag.reading.render_inline(said, tag.reading) if said else ""
    return _around(tag, f"<div {about}>" + f"<p><strong>{said}</strong></p>" * bool(said), "</div>")


def event(tag: Tag) -> Pair:
    """Return one event of Blowfish's timeline, below its names."""
    given = tag.arguments
    names = [escape(text) for name in ("header", "badge", "subheader") if (text := given.get(name))]
    names = names or [tag.reading.render_inline(words, tag.reading)] if (words := " ".join(given.words)) else names
    head = f"<p><strong>{names[0]}</strong>{''.join(f' · {name}' for name in names[1:])}</p>" if names else ""
    return _around(tag, f"<div>{head}", "</div>")


def columns(tag: Tag) -> Pair:
    """Return the first of some columns; a line `<--->` begins the next."""
    return _around(tag, '<div class="side-by-side"><div class="side">', "</div></div>")


def quote(tag: Tag) -> Pair:
    """Return a quotation, with who said it below."""
    given = tag.arguments
    # The words of a pull quote are classes.
    who = given.get("author", "attribution", "by", "name") or " ".join(given.words if tag.name != "pullquote" else ())
    source = given.get("link", "source", "url", "cite")
    who = f"[{who}]({source})" if who and source.startswith("http") else f"{who}, {source}".strip(", ")
    foot = f"<p>— {tag.reading.render_inline(who, tag.reading)}</p>" if who else ""
    return _around(tag, "<blockquote>", f"{foot}</blockquote>")


def theorem(tag: Tag) -> Pair:
    """Return the lines of a theorem or a proof."""
    given = tag.arguments
    stated, words = given.get("type", "kind").lower(), given.words
    if words and not stated and (tag.name == "statement" or (len(words) < 3 and words[0] in STATED)):
        stated, words = words[0].lower(), words[1:]  # `{{< theorem "lemma" "Zorn" >}}`
    title = given.get("title", "name", "note", "text", "terms", "term", "header", "caption") or " ".join(words)
    if stated in STATED:
        tag = replace(tag, name=stated)
    elif tag.name == "statement":
        message = f'`statement` says no kind that is known, as in `kind="{STATED[0]}"`'
        raise TagError(message)
    label = given.get("id", "label")
    if " " in label:
        title, label = title or label, ""
    title = title.replace('"', "”")
    own = given.get("number", "index", "num")
    if own[:1].isdigit():
        title = f"{own} ({title})" if title else own
    if not tag.alone:
        kind = KINDS.get(tag.name) if label or tag.name != "remark" else None
        usual = tag.reading.words_of_page[KINDS.get(tag.name, tag.name)]
        word = tag.reading.hole(Number(kind, label, tag.location)) if kind else escape(usual)
        name = f' <span class="theorem-title">({tag.reading.render_inline(title, tag.reading)})</span>' if title else ""
        head = f'<p><span class="theorem-head">{word}{name}</span></p>'
        return _around(tag, f'<div class="{classes_of(tag.name)}"{id_attribute(label)}>{head}', "</div>")
    about = [*[f"#{label}"] * bool(label), f".{tag.name}", *[f'name="{title}"'] * bool(title)]
    return f"::: {{{' '.join(about)}}}", lambda: ":::"


def whole_theorem(tag: Tag) -> str:
    """Return the box of an include that brings its text along: `{% include theorem.html name="..." statement="..." %}`."""
    given = tag.arguments
    name = given.get("type").lower() if given.get("type").lower() in STATED else tag.name
    text = given.get("content", "statement", "text", "body", tag.name)
    text = tag.reading.variables.get(text, text)
    if not text.strip():
        raise TagError(f'`{tag.name}` says nothing: give it its text, as in `content="..."`')
    named = {key: value for key, value in given.named.items() if key in {"title", "name", "id", "label"}}
    opening, closing = theorem(replace(tag, name=name, arguments=Arguments((), named), alone=False))
    return f"{opening}{text}{closing()}"


def side_note(tag: Tag) -> Pair:
    """Return a note in the margin, beside its line; words of the tag, `{{< sidenote "labs" >}}`, are those that it is about, or its id."""
    words = " ".join(word for word in tag.arguments.words if not word.isdigit())
    is_id = tag.name == "footnote" or (tag.name == "marginnote" and _ID.fullmatch(words))
    words = "" if is_id else words
    opening = tag.reading.insert('<span class="aside">', is_block=False)
    return f"{words}{opening}", lambda: tag.reading.insert("</span>", is_block=False)


def element(tag: Tag) -> Pair:
    """Return an element of HTML around words: `{{< mark >}}x{{< /mark >}}`, `{{< ruby "how it is read" >}}x{{< /ruby >}}`."""
    name = _ELEMENTS.get(tag.name, tag.name)
    end = f"</{name}>"
    if name == "ruby":
        end = f"<rt>{escape(tag.arguments.get('rt', 'py', position=0))}</rt></ruby>"
    elif tag.alone:
        return _around(tag, f'<div class="{tag.name}">', "</div>")
    about = tag.arguments.get("title", "long", "text", "content", position=0) if name == "abbr" else ""
    opening = f'<{name} title="{escape(about)}">' if about else f"<{name}>"
    return tag.reading.insert(opening, is_block=False), lambda: tag.reading.insert(end, is_block=False)


def said_words(tag: Tag) -> str:
    """Return the same where the tag says the words itself: `{{< sup "2" >}}`, `{{< abbr "ML" "machine learning" >}}`."""
    given = tag.arguments
    is_explained = tag.name in {"abbr", "tooltip", "ruby"}
    words = [word for word in given.words if is_explained or not _COLOUR.fullmatch(word)] or given.words[:1]
    said = given.get("text", "content", "abbr", "short", "key", "rb") or " ".join(words[:1] if is_explained else words)
    about = given.get("title", "long", "description", "rt") or " ".join(words[1:] if is_explained else ())
    if tag.name == "ruby" and "|" in "".join(given.words):  # Hexo's `{% ruby x|how it is read %}`
        said, _, about = " ".join(given.words).partition("|")
    opening, closing = element(replace(tag, arguments=Arguments((about,), {}), alone=False))
    return f"{opening}{said}{closing()}" if said else ""


def tabs(tag: Tag) -> Pair:
    """Return a set of tabs."""
    given = tag.arguments
    items = given.get("items", "names", "labels").strip("[] ")
    names = [name.strip().strip("\"'") for name in items.split(",")] if items else []
    reading = tag.reading
    code = tag.name == "tabpane" and given.get("text") != "true"
    reading.tab_sets.append(TabSet(f"tab-set-{tag.location.line}", given.get(position=0), names, code=code))

    def close() -> str:
        found = reading.tab_sets.pop()
        if not found.count:
            raise TagError("these tabs are empty")
        return reading.insert("</div>")

    return reading.insert('<div class="tabs" role="group">'), close


def tab(tag: Tag) -> Pair:
    """Return one tab of the set that is open."""
    given, reading = tag.arguments, tag.reading
    if not reading.tab_sets:
        raise TagError(f"`{tag.name}` stands outside of a set of tabs")
    outer = reading.tab_sets[-1]
    if given.get("disabled") == "true":  # Docsy's word before the tabs
        return "", str
    words = list(given.words)
    if len(words) > 1 and words[0] == outer.group:  # Jekyll's `{% tab group name %}`
        del words[0]
    label = given.get("name", "title", "label", "header", "tabname") or " ".join(words)
    label = label or (outer.names[outer.count] if outer.count < len(outer.names) else "")
    outer.count += 1
    name = f"{outer.name}-{outer.count}"
    checked = " checked" if outer.count == 1 else ""
    head = reading.render_inline(label or str(outer.count), reading)
    radio = f'<input type="radio" name="{outer.name}" id="{name}"{checked}><label for="{name}">{head}</label>'
    code = ""
    if tag.inner.strip():
        language = given.get("lang", position=1 if given.words[:1] == (label,) else 0)
        code = highlight_code(tag.inner.strip("\n") + "\n", Listing(language.lower()))
    return _around(tag, f'{radio}<div class="tab">{code}', "</div>")


def holds_code(open_sets: Sequence[TabSet]) -> bool:
    """Whether the tabs of the innermost set hold code."""
    return bool(open_sets) and open_sets[-1].code


def _around(tag: Tag, opening: str, closing: str) -> Pair:
    reading: Reading = tag.reading
    return reading.insert(opening), lambda: reading.insert(closing)


PAIRS: dict[str, Callable[[Tag], Pair]] = {
    **dict.fromkeys((*STATED, "statement"), theorem),
    **dict.fromkeys(BOXES, callout),
    **dict.fromkeys(_DETAILS.split(), details),
    **dict.fromkeys((*_DIVISIONS.split(), *_LANDING), division),
    "timelineitem": event,
    "columns": columns,
    **dict.fromkeys(("quote", "blockquote", "epigraph", "cq", "centerquote", "pullquote"), quote),
    **dict.fromkeys(("sidenote", "marginnote", "margin", "footnote"), side_note),
    **dict.fromkeys(WORDS, element),
    **dict.fromkeys(("tabs", "tabset", "tabpane"), tabs),
    "tab": tab,
}
"""What stands around Markdown, by the name of its tag."""
