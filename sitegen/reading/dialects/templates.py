"""A body -> the same with its Liquid tags and shortcodes read, before Markdown is: here is found what is one.

What is code, math or a comment is left alone, but for `{% raw %}` around it and the escapes of shortcodes inside it. Short
marks that other programs have beside tags are read here; `template_tags` puts what a tag becomes in its place.
"""

from __future__ import annotations

import re
from html import escape
from textwrap import dedent
from typing import TYPE_CHECKING

from sitegen.later import later
from sitegen.reading.code_lines import FENCE, ending
from sitegen.reading.dialects.drawn_formulas import IMAGE, SERVERS, read_drawn_formula
from sitegen.reading.dialects.lost_words import note_lost_words
from sitegen.reading.dialects.scan import LONGEST, Scan
from sitegen.reading.dialects.tags import lines_of
from sitegen.reading.dialects.template_tags import close_tag, read_liquid, read_output, read_shortcode, run_tag
from sitegen.reading.embeds import link_card, player
from sitegen.reading.endings import endings
from sitegen.reading.highlight import Listing, highlight_code
from sitegen.reading.macros import definitions_end
from sitegen.reading.mathspan import scan_math
from sitegen.reading.rules.latex import instead_of
from sitegen.reading.rules.shapes import DIRECTIVES

if TYPE_CHECKING:
    from collections.abc import Callable

    from sitegen.reading.context import Reading

_FARTHEST = 4_000  # characters before indented lines in which the item is looked for to which they may belong
_HOLDS_INDENTED = later(
    r"\s*(?:[-*+]|\d{1,9}[.)]|\(?(?:[a-zA-Z]|[ivxIVX]+|\d+|#|@[\w-]*)[.)]|:|\[\^[^\]]*\]:|!!!|\?\?\?|===)(?:\s|$)"
)
_BRACKETED = ("[latex]", "[math]", "[tex:", "[http", "toc]", "TOC]", "toc_]", "TOC_]", "[:contents]")
_SIGNS = ("{%", "{{", "{:", "%%", "@[", "<d-", "::", "math/tex", "text/tikz", *_BRACKETED, *SERVERS)
"""Without one of these a text has no tags."""

_NEXT = later(
    rf"(?P<fence>^{FENCE})"
    r"""
    | (?P<indented>(?<![^\n]\n)^(?:\x20{4}|\t)[^\n]*(?:\n(?:(?:\x20{4}|\t)[^\n]*|[ \t]*(?=\n)))*)
    | (?P<display>^[ \t>]*\$\$[ \t]*$)
    | (?P<verbatim><!--|<(?P<element>script|style|pre)\b) | (?P<distill><d-(?P<kind>footnote|math|code)\b)
    | (?P<drawn>"""
    rf"{IMAGE})"
    r"""
    | (?P<code>`+) | (?P<math>[$\\]) | (?P<wordpress>\[(?P<bracketed>latex|math)\])
    | (?P<hatena>\[(?:tex:(?P<tex>(?:\\.|[^\[\]\\])+)|(?P<address>https?://[^\s\[\]]+?):(?:embed|title)(?:=(?P<words>[^\[\]:\n]+)|:\w+)?)\])
    | (?P<liquid>\{%) | (?P<shortcode>\{\{\{{0,2}[<%]) | (?P<output>\{\{) | (?P<kramdown>\{::?/?)
    | (?P<contents>^[ \t]*(?:\[+_?(?:toc|TOC)_?\]+|\[:contents\]|@\[(?:toc|TOC)\](?:\([^()\n]*\))?)[ \t]*$)
    | (?P<leaf>^::(?P<called>[a-z][\w-]*)(?:\[[^\]\n]*\])?\{(?P<given>[^{}\n]*)\}[ \t]*$)
    | (?P<colons>^[ \t>]*:{3,})(?:(?P<tabs>[ \t]*(?:code-)?tabs\b[ \t]*(?:(?:\#|key:)[\w-]+)?[ \t]*$)|(?P<closes>(?=[ \t]*(?:\n|\Z))))?
    | (?P<hope>^(?P<inset>[ \t>]*)(?:@tab(?::active)?|==)[ \t]+(?P<titled>[^\n]+)$)
    | (?P<embed>^@\[(?P<site>[a-z]+)\]\((?P<target>[^)\s]+)\)[ \t]*$) | (?P<obsidian>%%) | (?P<part>^[ \t]*<--->[ \t]*(?:<!--[^\n]*?-->[ \t]*)?$)""",
    re.MULTILINE | re.VERBOSE,
)
_DIRECTIVE = re.compile(r"\{([a-z][\w:-]*)\}")
_KRAMDOWN = later(r"\{::(?P<name>comment|nomarkdown|options)\b[^}]*?(?P<whole>/?)\}|\{:/(?:comment|nomarkdown)?\}")
_MATHJAX = re.compile(r"<script\s+type=([\"'])math/tex(?P<display>;\s*mode=display)?\1\s*>")
_TIKZ = re.compile(r"<script\s(?:[^<>]*\s)?type=[\"']?text/tikz\b[^<>]*>")
_SLIDES = {
    "speakerdeck": "https://speakerdeck.com/player/{}",
    "slideshare": "https://www.slideshare.net/slideshow/embed_code/key/{}",
}
_CDATA = re.compile(r"\s*%?[ \t]*<!\[CDATA\[(.*?)%?[ \t]*\]\]>\s*", re.DOTALL)  # in which kramdown puts some formulas
_TIME = re.compile(r"<!--[ \t]*timeline[ \t]+([^\n<]*?)[ \t]*-->")
_TAB = re.compile(r"<!--[ \t]*(?:tab(?:[ \t]+([^\n\"<]*?))??|(endtab))[ \t]*-->")


def expand_templates(text: str, reading: Reading) -> str:
    """Return a body with its tags expanded, in as many lines."""
    if not any(sign in text for sign in _SIGNS):
        return text
    scan = Scan(text, reading)
    while match := _NEXT.search(text, scan.position):
        scan.keep(match.start())
        next(step for name, step in _STEPS.items() if match[name])(scan, match)
    scan.keep(len(text))
    for name, location, closing in reversed(scan.open):
        scan.out.append(closing())
        hint, shown = "close it with its own end tag", "it goes on to the end"
        reading.refuse_unknown(f"`{name}` is never closed", location, hint, shown)
    becomes = "".join(scan.out)
    if scan.tags:
        given = ((tag.name, tag.location, tag.arguments.all) for tag in scan.tags)
        note_lost_words(given, (becomes, *(html for html, _ in reading.insertions)), reading)
    return becomes


def _fence(scan: Scan, match: re.Match[str]) -> None:
    """Keep code; MyST's directives hold Markdown, so that only their own lines are kept."""
    ticks = match["ticks"]
    line_end = scan.text.find("\n", match.end())
    line_end = line_end if line_end >= 0 else len(scan.text)
    info = scan.text[match.end() : line_end].strip()
    if scan.directives and not info and ticks.startswith(scan.directives[-1]):
        scan.directives.pop()
        scan.keep(line_end)
        return
    directive = _DIRECTIVE.match(info)
    if directive and directive[1].removesuffix("-start") in DIRECTIVES:
        scan.directives.append(ticks)
        scan.keep(line_end)
        return
    end = scan.find(rf"^{ending(ticks)}(?:\{{%-?\s*endraw\s*-?%\}})?[ \t]*$", match.end())
    scan.keep_code(end.end() if end else len(scan.text))


def _indented(scan: Scan, match: re.Match[str]) -> None:
    """Keep indented code; below an item of a list, a term or a note, an indented line is text."""
    before = scan.text[max(match.start() - _FARTHEST, 0) : match.start()]
    above = next((line for line in reversed(before.split("\n")) if re.match(r" {0,3}\S", line)), "")
    is_text = _HOLDS_INDENTED.match(above) or (not above and match.start() > _FARTHEST)
    scan.keep(match.end() if not is_text else match.start() + 1)


def _display(scan: Scan, match: re.Match[str]) -> None:
    end = scan.find(r"\$\$", match.end())
    scan.keep(end.end() if end else match.end())


def _verbatim(scan: Scan, match: re.Match[str]) -> None:
    tab = _TAB.match(scan.text, match.start()) if scan.reading.tab_sets else None
    if tab and not tab[2]:  # Hexo's `<!-- tab Name -->`
        given = tab[1] or ""
        name = given.partition("@")[0].strip() or given  # which NexT lets a sign follow
        run_tag(scan, tab, "tab", f'"{name}"' * bool(name), shown=tab[0], ending="-->")
        return
    if tab:
        close_tag(scan, tab, "tab")
        return
    time = _TIME.match(scan.text, match.start()) if scan.open and scan.open[-1][0] == "timeline" else None
    if time:  # Butterfly's
        scan.replace(time.end(), f"**{time[1]}**")
        return
    end = scan.find(rf"</{match['element']}\s*>" if match["element"] else "-->", match.end())
    if end and (script := _MATHJAX.match(scan.text, match.start())):
        tex = scan.text[script.end() : end.start()]
        tex = whole[1] if (whole := _CDATA.fullmatch(tex)) else tex
        scan.replace(end.end(), f"$${tex if script['display'] else tex.strip()}$$")
        return
    if end and (script := _TIKZ.match(scan.text, match.start())) and "tikzjax" not in scan.text:
        said = f"`{script[0]}` is LaTeX, which a page does not show"
        place = scan.place(match.start(), script[0])
        scan.reading.refuse_unknown(said, place, instead_of("\\begin{tikz}"), "its source is shown")
        tex = dedent(scan.text[script.end() : end.start()]).strip("\n")
        code = highlight_code(tex + "\n", Listing("latex"))
        scan.replace(end.end(), scan.reading.insert(code))
        return
    scan.keep_code(end.end() if end else match.end())


def _wordpress(scan: Scan, match: re.Match[str]) -> None:
    """Read a formula of WordPress's and Pressbooks' plugins, or of a page of MediaWiki's, `[math]x[/math]`."""
    end = scan.find(rf"\[/{match['bracketed']}\]", match.end())
    tex = scan.text[match.end() : end.start()] if end else ""
    if not end or "$" in tex or not tex.strip():
        scan.keep(match.end())
    else:
        scan.replace(end.end(), f"$${tex}$$" if "\\begin{" in tex else f"$latex {tex.strip()}$")


def _hatena(scan: Scan, match: re.Match[str]) -> None:
    """Read what Hatena's blogs write in brackets: a formula, or a page of another site, whose title it asks for."""
    if match["tex"] is None:
        scan.replace(match.end(), f"[{match['words'] or match['address']}]({match['address']})")
        return
    tex = re.sub(r"\\([\[\]])", r"\1", match["tex"]).strip()
    scan.replace(match.end(), f"$${tex}$$" if "\\begin{" in tex else f"$latex {tex}$")


def _distill(scan: Scan, match: re.Match[str]) -> None:
    """Read Distill's elements, which al-folio's posts have: notes, formulas and code."""
    kind = match["kind"]
    opening = re.compile(r"<d-[^<>]*>").match(scan.text, match.start(), match.start() + LONGEST)
    end = scan.find(rf"</d-{kind}\s*>", match.end()) if opening else None
    if not opening or not end:
        scan.keep(match.end())
        return
    inner = scan.text[opening.end() : end.start()]
    is_block = bool(re.search(r"\sblock\b", opening[0]))
    if kind == "footnote":
        becomes = f"^[{' '.join(inner.split())}]"
    elif kind == "math":
        becomes = f"$${inner.strip()}$$" if not is_block else f"$${inner}$$"
    else:
        language = re.search(r"""\blanguage=["']?([\w+-]+)""", opening[0])
        fence = f"~~~~~~~~{language[1] if language else ''}"
        becomes = f"{fence}{lines_of(inner)}~~~~~~~~" if is_block and "\n" in inner else f"`` {inner.strip()} ``"
    scan.replace(end.end(), becomes)


def _code(scan: Scan, match: re.Match[str]) -> None:
    if scan.paragraph < match.end():
        blank = re.compile(r"\n[ \t]*\n").search(scan.text, match.end())
        scan.paragraph = blank.start() if blank else len(scan.text)
    end = endings(scan.text).after_code(match.start())
    scan.keep_code(end if end <= scan.paragraph else match.end())


def _math(scan: Scan, match: re.Match[str]) -> None:
    start = match.start()
    span = scan_math(scan.text, start, scan.reading.dollars)
    end = span.end if span else start + definitions_end(scan.text[start : start + LONGEST])
    scan.keep(max(end, min(match.end() + (match[0] == "\\"), len(scan.text))))


def _kramdown(scan: Scan, match: re.Match[str]) -> None:
    found = _KRAMDOWN.match(scan.text, match.start(), match.start() + LONGEST)
    if not found:
        scan.keep(match.start() + 1)
        return
    if found["name"] == "comment" and not found["whole"]:
        end = scan.find(r"\{:/(?:comment)?\}", found.end())
        scan.replace(end.end() if end else found.end(), "")
    else:
        scan.replace(found.end(), "")


def _obsidian(scan: Scan, match: re.Match[str]) -> None:
    """Drop `%%a comment%%` within a paragraph, or between lines that are nothing but `%%`."""
    alone = re.compile(r"%%[ \t]*$", re.MULTILINE).match(scan.text, match.start())
    starts_line = scan.text[: match.start()].rpartition("\n")[2].strip() == ""
    end = scan.find(r"^[ \t]*%%[ \t]*$" if alone and starts_line else r"%%", match.end())
    inside = scan.text[match.end() : end.start()] if end else "\n\n"
    printed = inside[:1] in ",.;:!?)" or scan.text[match.start() - 1 : match.start()].isalnum() or inside[-1:].isdigit()
    if end and (alone or not ("\n\n" in inside or printed)):
        scan.replace(end.end(), "")
    else:
        scan.keep(match.end())


def _embed(scan: Scan, match: re.Match[str]) -> None:
    """Read Zenn's `@[youtube](id)`; what is no film is a link."""
    target = match["target"]
    address = target if "://" in target else _SLIDES.get(match["site"], "").replace("{}", target)
    if match["site"] in {"youtube", "vimeo"} and not address:
        scan.replace(match.end(), player(scan.reading, match["site"], target))
    elif address:
        scan.replace(match.end(), link_card(scan.reading, address, escape(address.partition("://")[2])))
    else:
        scan.keep(match.end())


def _leaf(scan: Scan, match: re.Match[str]) -> None:
    """Read a directive of remark's that holds nothing, such as Fuwari's `::github{repo="name/repo"}`, as the tag of its name."""
    run_tag(scan, match, match["called"], match["given"].lstrip("#"), shown=f"::{match['called']}")


def _colons(scan: Scan, match: re.Match[str]) -> None:
    """Read the first line of VuePress Hope's or VitePress' tabs, whose id ties them to others; count what is open from there on."""
    if scan.tabs or match["tabs"]:
        scan.tabs += 1 if match["closes"] is None else -1
    scan.replace(match.end(), match["colons"] + "tabs" * bool(match["tabs"]))


def _hope(scan: Scan, match: re.Match[str]) -> None:
    """Read a line that begins one of these tabs, `@tab Name#id` or `== Name`, as the heading of one."""
    if not scan.tabs:
        scan.keep(match.start("titled"))
        return
    name, mark, anchor = match["titled"].rpartition("#")
    is_named = mark and name.strip() and re.fullmatch(r"[\w-]+\s*", anchor)
    scan.replace(match.start("titled"), f"{match['inset']}###### ")
    if is_named:
        scan.replace(match.end(), name)


def _part(scan: Scan, match: re.Match[str]) -> None:
    """Read the line between two columns of Hugo Book."""
    inside = bool(scan.open) and scan.open[-1][0] == "columns"
    between = scan.reading.insert('</div><div class="side">') if inside else match[0]
    scan.replace(match.end(), between)


_STEPS: dict[str, Callable[[Scan, re.Match[str]], None]] = {
    "fence": _fence,
    "indented": _indented,
    "display": _display,
    "verbatim": _verbatim,
    "distill": _distill,
    "drawn": read_drawn_formula,
    "code": _code,
    "math": _math,
    "wordpress": _wordpress,
    "hatena": _hatena,
    "liquid": read_liquid,
    "shortcode": read_shortcode,
    "output": read_output,
    "kramdown": _kramdown,
    "embed": _embed,
    "leaf": _leaf,
    "colons": _colons,
    "hope": _hope,
    "obsidian": _obsidian,
    "part": _part,
    "contents": lambda scan, match: scan.replace(match.end(), ""),  # the theme shows that of every post
}
