"""Tokens -> HTML that leaves a hole for everything that a later stage fills."""

from __future__ import annotations

import re
from html import escape, unescape
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote

from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML

from sitegen.labels import formula_anchor, is_label, kind_of, normal_label
from sitegen.later import later
from sitegen.reading.anchors import anchor_id
from sitegen.reading.boxes.containers import end_of
from sitegen.reading.embeds import film
from sitegen.reading.highlight import is_language
from sitegen.reading.holes import HOLES, attributes_of
from sitegen.reading.mentions import mentions_of_link
from sitegen.reading.rawhtml import fill_html, keep_phrases, pieces
from sitegen.reading.rules.insertions import in_line
from sitegen.reading.spacing import are_wide, count_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token
    from markdown_it.utils import EnvType, OptionsDict

    from sitegen.errors import Location
    from sitegen.reading.context import Reading

_NOT_LISTED = {"no_toc", "no-toc", "notoc", "unlisted"}
_OF_CONTENTS = later(
    r"\W*(?:(?:table of )?contents?|toc|inhalt(?:sverzeichnis)?|inhoud(?:sopgave)?|sommaire|table des matières|[íi]ndice|目[录錄次]|содержание|оглавление)\W*",
    re.IGNORECASE,
)
_PLAYED = {
    **dict.fromkeys(("mp4", "webm", "ogv", "mov", "m4v"), "video"),
    **dict.fromkeys(("mp3", "wav", "ogg", "m4a", "flac"), "audio"),
}
_SIZED = later(r"(.*)\|[ \t]*(\d{2,4})(?:x(\d{2,4}))?[ \t]*", re.DOTALL)  # Obsidian's `![alt|300](x.png)`
_SCHEME = later(r"doi:|[^:]*://", re.IGNORECASE)
_LANGUAGE_OF_SPAN = later(r"(?:#!|:::)([\w+-]+)[ \t]+(?=\S)")
_OF_OTHER_THEMES = {"fig-align", "fig-pos", "fig-env", "fig-scap", "fig-link", "group", "lqip", "zoomable", "lightbox"}


_HEADING_OF_HTML = later(
    r"""<h([2-6])(?P<attributes>(?:\s(?:[^<>"']|"[^"]*"|'[^']*')*)?)>(?P<inner>(?:(?!</?h[1-6]\b)(?s:.)){1,500})</h\1>""",
    re.IGNORECASE,
)
_LEVEL = later(r"<h[2-6]", re.IGNORECASE)
_TAG = later(r"<[^<>]*>")
_NAMED = later(r"(\\[A-Za-z]+)\{")
_ID = later(r"""\sid\s*=\s*["']?((?<=["'])[^"'<>]+|[^\s"'<>]+)""", re.IGNORECASE)


class HoleRenderer(RendererHTML):
    """Renders tokens to HTML; what later stages fill becomes a hole of `env["reading"]`."""

    def render(self, tokens: Sequence[Token], options: OptionsDict, env: EnvType) -> str:
        """Render block tokens, keeping track of the lines they came from."""
        reading: Reading = env["reading"]
        if "shift" not in env:
            env["shift"] = any(token.type == "heading_open" and token.tag == "h1" for token in tokens)
        html: list[str] = []
        skip = 0
        has_lines = "inline" not in env
        for index, token in enumerate(tokens):
            if skip:
                skip -= 1
                continue
            if token.map and has_lines:
                first, end = token.map
                reading.block = (first, end if end > first else first + 1)
            if token.type == "heading_open":
                if _is_of_contents(tokens, index):  # the list is the theme's, whatever dialect asked for it here
                    anchor = self._free_id(_plain(tokens[index + 1].children or []), env)
                    html.append(f'<div id="{escape(anchor)}"></div>\n')
                    skip = 2 + any(after.type == "hr" for after in tokens[index + 3 : index + 4])
                    continue
                html.append(self._heading(tokens[index : index + 2], options, env))
                skip = 2
            elif token.type == "inline":
                inner = self.renderInline(token.children or [], options, env)
                if "\\" in token.content and reading.macros:
                    _tell_macros(token, reading)
                reading.words += count_words(token.content)
                if not reading.excerpt and token.level == 1 and tokens[index - 1].type == "paragraph_open":
                    reading.excerpt = in_line(inner, reading.insertions)
                html.append(inner)
            elif rule := HOLES.get(token.type):
                if token.type == "html_block" and has_lines:
                    self._list_headings(token, env)
                html.append(rule(token, reading))
            elif token.type in self.rules:
                html.append(self.rules[token.type](tokens, index, options, env))
            else:
                html.append(self.renderToken(tokens, index, options, env))
        return "".join(html)

    def renderInline(self, tokens: Sequence[Token], options: OptionsDict, env: EnvType) -> str:  # noqa: N802 - markdown-it's own name
        """Render what stands in a line, as markdown-it calls it; text, most of it, without asking a rule."""
        html: list[str] = []
        rules, reading = self.rules, env["reading"]
        for index, token in enumerate(tokens):
            if token.type == "text":
                html.append(escapeHtml(token.content))
            elif rule := HOLES.get(token.type):
                html.append(rule(token, reading))
            elif token.type in rules:
                html.append(rules[token.type](tokens, index, options, env))
            else:
                html.append(self.renderToken(tokens, index, options, env))
        return "".join(html)

    def _heading(self, tokens: Sequence[Token], options: OptionsDict, env: EnvType) -> str:
        reading: Reading = env["reading"]
        opening, inline = tokens
        children = inline.children or []
        if "id" not in opening.attrs and all(each.type == "text" and not each.content.strip() for each in children):
            return ""  # which parts slides, `## {background-image="a.png"}`, or makes room, `## &nbsp;`
        children = _unless_all_is_bold(children)
        keep_phrases(children)
        level = min(int(opening.tag[1]) + bool(env["shift"]), 6)
        name = str(opening.attrs.pop("id", ""))
        # As ox-hugo writes it, whatever is there before.
        if name in reading.ids and name == anchor_id(_plain(children)):
            name = ""
        named = reading.place(reading.block[0], name) if name else None
        if named:
            reading.claim_id(name, named)
        else:
            name = self._free_id(_plain(children), env)
        inner = self.renderInline(children, options, env)
        reading.words += count_words(inline.content)
        classes = set(str(opening.attrs.get("class", "")).split())
        number = "" if not reading.number_sections or "unnumbered" in classes else reading.next_section(level)
        if number:
            inner = f'<span class="section-number">{number}</span> {inner}'
        listed = not (_NOT_LISTED & classes or "data-toc-skip" in opening.attrs)
        reading.headings.append((level, name, in_line(inner, reading.insertions), number, listed, named))
        link = f'<a class="anchor" href="#{escape(name)}" aria-label="Link to this section">#</a>'
        return f'<h{level} id="{escape(name)}"{self.renderAttrs(opening)}>{inner} {link}</h{level}>\n'

    def _list_headings(self, token: Token, env: EnvType) -> None:
        """Give headings that are written in HTML a place in the contents, and an id where they have none."""
        html = token.content
        parts, position = [], 0
        for start, _ in pieces(html) if _LEVEL.search(html) else ():
            heading = _HEADING_OF_HTML.match(html, start) if _LEVEL.match(html, start) else None
            text = " ".join(unescape(_TAG.sub("", heading["inner"])).split()) if heading else ""
            if not heading or not text:
                continue
            reading: Reading = env["reading"]
            own = _ID.search(heading["attributes"])
            name = own[1] if own else self._free_id(text, env)
            if own:
                reading.ids.setdefault(name, reading.place(reading.block[0]))
            else:
                parts.append(f'{html[position : start + 3]} id="{escape(name)}"')
                position = start + 3
            inner = in_line(fill_html(heading["inner"], reading, math=True), reading.insertions)
            reading.headings.append((int(heading[1]), name, inner, "", True, None))
        token.content = "".join([*parts, html[position:]])

    def _free_id(self, text: str, env: EnvType) -> str:
        reading: Reading = env["reading"]
        counts: dict[str, int] = env.setdefault("ids", {})
        base = name = anchor_id(text)
        while name in reading.ids:
            counts[base] = counts.get(base, 0) + 1
            name = f"{base}-{counts[base]}"
        reading.ids[name] = reading.place(reading.block[0])
        return name

    def renderToken(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:  # noqa: N802 - markdown-it's own name
        """Render the tag of a token, as markdown-it calls it; its id is noted."""
        if tokens[idx].attrs:
            self._note_id(tokens[idx], env)
        return super().renderToken(tokens, idx, options, env)

    def _note_id(self, token: Token, env: EnvType) -> None:
        """Note the id of something that is not numbered; labels of what is are compared over the whole post later.

        Nothing in a line of text is, whatever its label says: an image that is has its label on the figure around it.
        """
        name = str(token.attrs.get("id", ""))
        if name and (not kind_of(name) or not token.block):
            reading: Reading = env["reading"]
            place = reading.place(reading.block[0], name)
            reading.claim_id(name, place)
            if label := token.attrs.pop("label", ""):  # Pandoc's, of what LaTeX named and it does not number
                reading.targets.append((normal_label(str(label)), name, f"[{label}]", place))

    def code_inline(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Render a code span; `#!python` and `:::python` at its beginning name its language, in MkDocs."""
        token = tokens[idx]
        language = _LANGUAGE_OF_SPAN.match(token.content)
        if language and is_language(language[1]):
            token.content = token.content[language.end() :]
        return super().code_inline(tokens, idx, options, env)

    def link_open(self, tokens: Sequence[Token], index: int, _options: OptionsDict, env: EnvType) -> str:
        """Render the beginning of a link; an address inside the site is a hole, one without words a reference."""
        reading: Reading = env["reading"]
        self._note_id(tokens[index], env)
        if "reference-type" in tokens[index].attrs:
            return self._mention(tokens, index, reading)
        target = str(tokens[index].attrs["href"])
        written = str(tokens[index].meta.get("written", target))
        if tokens[index].meta.get("embeds"):
            told = f"`{written}` embeds another post, which is not done: a link to it is shown"
            reading.note(told, reading.find_address(written))
        if target and target.removeprefix("#") in env.get("formulas", ()):
            target = f"#{formula_anchor(target.removeprefix('#'))}"
        elif target in env.get("targets", ()):  # MyST's `(label)=`
            target = f"#{normal_label(target)}"
        empty = tokens[index + 1].type == "link_close"
        if is_label(target) and (empty or ":" in target):
            target = f"#{normal_label(target)}"
        if empty and target.startswith("#"):
            tokens[index + 1].hidden = True
            return reading.reference(unquote(target[1:]), "name", "", reading.find(written))
        said = tokens[index + 1]
        shape = said.content.replace("{number}", "%s")
        # MyST's `[Fig. %s](#fig-x)`
        if target.startswith("#") and "%s" in shape and tokens[index + 2].type == "link_close":
            said.content, tokens[index + 2].hidden = "", True
            return reading.reference(unquote(target[1:]), "name", shape, reading.find(written))
        place, words = _place_of(tokens[index], written, env), _words_of(target) if empty else ""
        address = reading.link(target, "page", place, is_wikilink="embeds" in tokens[index].meta)
        if words and "\0" in address:
            address, words = reading.titled_link(target, words, place)
        else:
            words = escape(words)
        return f'<a href="{address}"{attributes_of(tokens[index], {"href"})}>{words}'

    def _mention(self, tokens: Sequence[Token], index: int, reading: Reading) -> str:
        """Render what Pandoc makes of mentions of LaTeX's, a link with the number that it had there."""
        inner = tokens[index + 1 : end_of(tokens, index) + 1]
        said = "".join(token.content for token in inner)
        for token in inner:
            token.type, token.content, token.nesting = "text", "", 0
        written, mentions = mentions_of_link(tokens[index].attrs)
        place = reading.find(f'reference="{written}"')
        said = said if len(mentions) == 1 else ""
        return ", ".join(reading.reference(*mention, place, said=said) for mention in mentions)

    def link_close(self, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: EnvType) -> str:
        """Render the end of a link."""
        return "" if tokens[index].hidden else "</a>"

    def softbreak(self, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: EnvType) -> str:
        """Render the end of a line, between two signs of Chinese or Japanese without the blank that a browser makes of it."""
        return "" if are_wide(_sign_beside(tokens, index, -1), _sign_beside(tokens, index, 1)) else "\n"

    def image(self, tokens: Sequence[Token], index: int, _options: OptionsDict, env: EnvType) -> str:
        """Render an image; its alt text keeps formulas as their source."""
        token = tokens[index]
        reading: Reading = env["reading"]
        self._note_id(token, env)
        alt = str(token.attrs.pop("fig-alt", "") or token.attrs["alt"] or _plain(token.children or []))
        target, width, height = (str(token.attrs.get(name, "")) for name in ("src", "width", "height"))
        if "|" in alt and not width and (sized := _SIZED.fullmatch(alt)):
            alt, width, height = sized[1].rstrip(), sized[2], sized[3] or ""
        if player := film(reading, target, alt):  # as Obsidian reads the address of one
            return player
        place = _place_of(token, str(token.meta.get("written", target)), env)
        played = _PLAYED.get(target.partition("#")[0].rpartition(".")[2].lower())
        sizes = () if played else ("width", "height")
        others = attributes_of(token, {"src", "alt", "loading", *sizes, *_OF_OTHER_THEMES})
        if played:  # as Pandoc reads `![Film](a.mp4)`
            address = reading.link(target, "file", place)
            label = f' aria-label="{escape(alt)}"' if alt else ""
            return f'<{played} src="{address}"{others} controls preload="metadata"{label}></{played}>'
        address = reading.image(target, place, width, height)
        return f'<img {address}{others} alt="{escape(alt)}" loading="lazy">'

    def th_open(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        """Render a header cell; an empty one heads nothing."""
        if tokens[index + 1].type == "inline" and not tokens[index + 1].content:
            tokens[index].tag = tokens[index + 2].tag = "td"
        return self.renderToken(tokens, index, options, env)


def _tell_macros(token: Token, reading: Reading) -> None:
    """Note each macro of formulas that stands in text, where it is shown as it is written, at its first."""
    text = " ".join(child.content for child in token.children or () if child.type == "text")
    for name in filter(reading.macros.__contains__, _NAMED.findall(text)):
        message = f"`{name}` is a macro of formulas; in text it is shown as it is written"
        if all(message != known.message for known in reading.notes):
            lines = range(reading.block[0], min(reading.block[1], len(reading.lines)))
            line = next((line for line in lines if name in reading.lines[line]), reading.block[0])
            reading.note(message, reading.place(line, name))


def _words_of(target: str) -> str:
    """Return the words of a link that has none: an address, or the name of a file."""
    scheme = _SCHEME.match(target)
    name = target.removeprefix("wiki:")
    return target[scheme.end() :] if scheme else PurePosixPath(unquote(name)).stem.replace("-", " ").replace("_", " ")


def _sign_beside(tokens: Sequence[Token], index: int, step: Literal[-1, 1]) -> str:
    """Return the sign of text before or after a token, past the marks of emphasis and links; "" where none is."""
    index += step
    while 0 <= index < len(tokens) and (
        tokens[index].nesting or (tokens[index].type, tokens[index].content) == ("text", "")
    ):
        index += step
    is_text = 0 <= index < len(tokens) and tokens[index].type == "text"
    return tokens[index].content[0 if step == 1 else -1] if is_text else ""


def _unless_all_is_bold(children: list[Token]) -> list[Token]:
    """Return what a heading holds; one that is bold as a whole, as chats and Google Docs write them, looks as the others do."""
    said = [child for child in children if child.type != "text" or child.content]
    ends = [place for place, child in enumerate(said) if child.type == "strong_close"]
    is_bold = said[:1] and said[0].type == "strong_open" and ends == [len(said) - 1]
    return said[1:-1] if is_bold else children


def _is_of_contents(tokens: Sequence[Token], index: int) -> bool:
    """Whether a heading stands above a list of contents that is left out, and above nothing else."""
    opening, inline = tokens[index : index + 2]
    if "id" in opening.attrs or not _OF_CONTENTS.fullmatch(inline.content):
        return False
    rest = [token for token in tokens[index + 3 : index + 6] if token.type != "fence" or "contents" not in token.info]
    unlisted = bool(_NOT_LISTED & set(str(opening.attrs.get("class", "")).split()))
    after = next((token for token in rest if token.type != "hr"), None)
    sure = after is None or (after.type == "heading_open" and after.tag <= opening.tag)
    return sure or (unlisted and rest[0].type == "hr")


def _plain(tokens: Sequence[Token]) -> str:
    """Return the text of inline tokens, formulas as their source."""
    parts = []
    for token in tokens:
        if token.type in {"text", "code_inline", "formula"}:
            parts.append(token.content)
        elif token.type in {"softbreak", "hardbreak"}:
            parts.append(" ")
        elif token.type == "image":
            parts.append(_plain(token.children or []))
    return "".join(parts)


def _place_of(token: Token, written: str, env: EnvType) -> Location:
    """Return where the address of a link or image stands: with it, or in the definition that it refers to."""
    reading: Reading = env["reading"]
    definition = env.get("references", {}).get(token.meta.get("label"), {})
    return reading.place(definition["map"][0], written) if "map" in definition else reading.find_address(written)
