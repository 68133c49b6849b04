"""What accumulates while one source is read: holes, steps of the program, errors, and where everything stands.

The Markdown renderer works on text; a `Reading` gives it a hole for everything that a later stage fills. Holes are
delimited by NUL, which markdown-it-py replaces in an author's text, so that they cannot be forged.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote

from msgspec import Struct
from msgspec.structs import replace

from sitegen.errors import Location, SiteError
from sitegen.labels import formula_anchor
from sitegen.model import (
    VALUE_MARK,
    Cell,
    Citation,
    Cited,
    Diagram,
    Formula,
    Fragment,
    Link,
    LinkWords,
    Markup,
    Reference,
    Size,
    Step,
    Value,
)
from sitegen.reading.dialects.addresses import BEGINNINGS, plain_address
from sitegen.reading.macros import macros_used, take_colours, take_definitions
from sitegen.reading.mathspan import INLINE_VALUE
from sitegen.reading.mentions import command_references, references_of
from sitegen.reading.symbols import symbols_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sitegen.config import CellDefaults
    from sitegen.model import ReferenceForm
    from sitegen.reading.mathspan import Dollars
    from sitegen.reading.symbols import Symbol

_BOOKDOWN = re.compile(r"\(\\#(eq:[\w-]+)\)")
_IN_TEXT = re.compile(r"\\(?:text\w*|mathrm|mathtt|operatorname\*?)\s*\{[^{}]*\}")
_REMARKS = re.compile(
    r"(?<!\\)%[^\n]*|\\(?:nonumber|notag)(?![a-zA-Z])|\\(?:require|usepackage)\s*(?:\[[^\[\]]*\])?\{[^{}]*\}"
)  # around definitions
_OF_PANDOC = re.compile(  # which writes so what LaTeX numbers row by row
    r"\A\s*\\begin\{aligned\}((?:(?!\\(?:begin|end)\{aligned\}).)*)\\end\{aligned\}\s*\Z", re.DOTALL
)
_HOLDING = (Value, Cell, Formula, Citation, Cited, Diagram)  # what is a step, or may hold one
_ELSEWHERE = re.compile(r"(?!file:)[a-z][a-z0-9+.-]+:|//", re.IGNORECASE)  # one letter is a drive: `C:\x.png`


class TabSet(Struct):
    """Tabs that are open. names: of those that still come, where the set lists them. code: whether they hold code, no text.

    Note: mutable.
    """

    name: str
    group: str
    names: list[str] = []
    count: int = 0
    code: bool = False


class Reading(Struct):
    r"""The state of reading one source. Lines are those of the whole file, so that places need no arithmetic.

    words_of_page: what numbered things and callouts are called in its language. quotes: its marks of quotations.
    variables: what `{{ page.title }}` and its like stand for. lists: those of the header, which a tag may show.
    insertions: HTML of tags, and whether it is a block.
    fixed: the one place of everything, for text that stands in no file (what a cell printed).
    escapes_brackets: whether `\(` is a bracket, and begins no formula.
    cites: whether the post has a bibliography, so that `@key` cites. shows_missing: whether
    what cites is shown without one.
    colours: those that formulas have defined, as CSS writes them.
    targets: (label, anchor, word, place) of blocks that are given one by MyST's `(label)=`, or have no number.
    notes: what is no error, but may not be meant.
    symbols: those that are explained where formulas use them; none while the title is read.
    Note: mutable, and lives only inside `parse`.
    """

    path: str
    lines: list[str]
    cells: CellDefaults
    dollars: Dollars
    macros: dict[str, str]
    render_inline: Callable[[str, Reading], str]
    words_of_page: Mapping[str, str]
    quotes: Sequence[str]
    errors: list[SiteError] = []
    notes: list[SiteError] = []
    headings: list[tuple[int, str, str, str, bool, Location | None]] = []
    targets: list[tuple[str, str, str, Location]] = []
    number_sections: bool = False
    sections: list[int] = []
    steps: list[tuple[Step, Location]] = []
    depends: tuple[tuple[str, Location], ...] = ()
    freeze: bool = False
    excerpt: str = ""
    words: int = 0
    ids: dict[str, Location] = {}
    block: tuple[int, int] = (0, 1)
    fixed: Location | None = None
    cites: bool = False
    shows_missing: bool = False
    escapes_brackets: bool = False
    symbols: tuple[Symbol, ...] = ()
    symbols_used: set[str] = set()
    variables: Mapping[str, str] = {}
    lists: Mapping[str, object] = {}
    insertions: list[tuple[str, bool]] = []
    tab_sets: list[TabSet] = []
    colours: dict[str, str] = {}
    _fragments: list[Fragment] = []
    _cursor: tuple[int, int, tuple[int, int]] = (0, 0, (0, 0))

    def is_for_pandoc(self) -> bool:
        """Whether the file's name says that it is Quarto's or R Markdown's, so that Markdown is read as Pandoc does."""
        return self.path.lower().endswith((".qmd", ".rmd", ".rmarkdown"))

    def is_slides(self) -> bool:
        """Whether the header says that Quarto or R Markdown make slides of this."""
        said = str(self.lists.get("format", "")) + str(self.lists.get("output", ""))
        return any(name in said for name in ("revealjs", "beamer", "ioslides", "slidy", "xaringan"))

    def place(self, line: int, needle: str = "") -> Location:
        """Return the place of a line (from 0), with the column of `needle` in it when it is there."""
        if self.fixed:
            return self.fixed
        column = self.lines[line].find(needle) + 1 if needle and line < len(self.lines) else 0
        return Location(self.path, line + 1, column)

    def find(self, needle: str) -> Location:
        """Return where `needle` stands in the block that is being rendered, after what was found there before."""
        if self.fixed:
            return self.fixed
        first, last = self.block
        line, column, block = self._cursor
        if block != self.block:
            line, column = first, 0
        if "\n" in needle:
            needle = needle[: needle.index("\n")]
        needle = needle.rstrip()
        for number in range(line, min(last, len(self.lines))):
            found = self.lines[number].find(needle, column if number == line else 0)
            if found >= 0 and needle:
                self._cursor = (number, found + len(needle), self.block)
                return Location(self.path, number + 1, found + 1)
        return Location(self.path, first + 1)

    def find_address(self, target: str) -> Location:
        """Return where an address stands, which Markdown's parser may have encoded: `%EA%B3%B3` is written as such or as `곳`."""
        place = self.find(unquote(target))
        return place if place.column or "%" not in target else self.find(target)

    def refuse(self, message: str, location: Location, hint: str = "") -> None:
        """Note an error."""
        self.errors.append(SiteError(message, location, hint))

    def refuse_unknown(
        self, message: str, location: Location, hint: str, shown: str = "it is shown as it is written"
    ) -> None:
        """Note what no page can show: an error, or a note of what is shown where the blog says that such is."""
        if self.shows_missing:
            self.note(f"{message}; {shown}", location)
        else:
            self.refuse(message, location, hint)

    def note(self, message: str, location: Location) -> None:
        """Note what is no error, but may not be meant."""
        self.notes.append(SiteError(message, location))

    def hole(self, fragment: Fragment) -> str:
        """Keep a fragment and return the text that stands for it."""
        self._fragments.append(fragment)
        return f"\0{len(self._fragments) - 1}\0"

    def formula(self, tex: str, *, display: bool, location: Location, label: str = "") -> str:
        r"""Return the hole of a formula, or nothing when it only defines macros; `$\eqref{x}$` is a reference."""
        mention = references_of(tex) if not display and "ref" in tex else None
        if mention:
            return ", ".join(self.reference(*item, location) for item in command_references(mention))
        if "color" in tex:
            tex = take_colours(tex, self.colours)
        rest = take_definitions(_plain_tex(tex), self.macros) if "\\" in tex or "&" in tex else tex
        if not rest.strip() or (display and not _REMARKS.sub("", rest).strip()):
            return ""
        if display and rest.count("\\label{") > 1:
            rest = _OF_PANDOC.sub(r"\\begin{align}\1\\end{align}", rest)
        values: tuple[Value, ...] = ()
        if "`" in rest:
            steps = [Step(match[2].strip(), "value") for match in INLINE_VALUE.finditer(rest)]
            values = tuple(Value(self.add_step(step, location), location) for step in steps)
            rest = INLINE_VALUE.sub(VALUE_MARK, rest)
        macros = macros_used(rest, self.macros) if self.macros else ()
        symbols = symbols_in(rest, macros, self.symbols) if self.symbols else ()
        self.symbols_used.update(tex for tex, _ in symbols)
        return self.hole(Formula(rest, display, macros, location, label, values=values, symbols=symbols))

    def reference(
        self, label: str, form: ReferenceForm, text: str, location: Location, *, linked: bool = True, said: str = ""
    ) -> str:
        """Return the hole of a mention of something with a label."""
        return self.hole(Reference(label, form, text, location, linked, said))

    def image(self, target: str, location: Location, width: str = "", height: str = "") -> str:
        """Return the attributes of an image: its address and, as holes, width and height where its file tells them."""
        if target.startswith(BEGINNINGS):
            target = plain_address(target)
        address = self.link(target, "image", location)
        if "\0" not in address:
            given = "".join(f' {name}="{value}"' for name, value in (("width", width), ("height", height)) if value)
            return f'src="{address}"{given}'
        link = Link(target, "image", location)
        return f'src="{address}"{self.hole(Size(link, int(width or 0), int(height or 0)))}'

    def insert(self, html: str, *, is_block: bool = True) -> str:
        """Keep HTML that a tag stands for and return the sign that stands for it in Markdown."""
        self.insertions.append((html, is_block))
        return f"\x01{len(self.insertions) - 1}\x02"

    def link(
        self,
        target: str,
        kind: Literal["page", "file", "image"],
        location: Location,
        *,
        is_wikilink: bool = False,
    ) -> str:
        """Return the hole of an address inside the site; an address outside it needs none."""
        if target.startswith("#eq:"):
            target = "#" + formula_anchor(target[1:])
        if target.startswith(BEGINNINGS):
            target = plain_address(target)
        if _ELSEWHERE.match(target):
            return target.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
        return self.hole(Link(target, kind, location, is_wikilink=is_wikilink))

    def titled_link(self, target: str, name: str, location: Location) -> tuple[str, str]:
        """Return the holes of an address inside the site and of its words, the title of the page there, or `name`."""
        link = Link(target, "page", location, is_titled=True)
        return self.hole(link), self.hole(LinkWords(link, name))

    def value(self, expression: str, location: Location, *, last: bool = False) -> str:
        """Return the hole of an inline value."""
        step = self.add_step(Step(expression.strip(), "value", last=last), location)
        return self.hole(Value(step, location))

    def add_step(self, step: Step, location: Location) -> int:
        """Add a step to the program and return its number; `finish` puts steps into the order of the source."""
        self.steps.append((step, location))
        return len(self.steps) - 1

    def inline(self, text: str, location: Location) -> tuple[Fragment, ...]:
        """Read a line of Markdown that stands outside the body: a title, a caption."""
        before, self.block = self.block, (max(location.line - 1, 0), max(location.line, 1))
        html = self.render_inline(text, self)
        self.block = before
        return self.split(html)

    def claim_id(self, name: str, location: Location) -> None:
        """Note a label; two of one name are an error."""
        if name in self.ids:
            first = self.ids[name].line
            self.refuse(f"the label `{name}` is already used on line {first}", location, "rename one")
        self.ids[name] = location

    def next_section(self, level: int) -> str:
        """Return the number of the next heading of this level, such as "2.1"; the first heading has the highest level."""
        highest = self.headings[0][0] if self.headings else level
        depth = max(level - highest, 0)
        self.sections = [*self.sections[: depth + 1], *[0] * (depth + 1 - len(self.sections))]
        self.sections[depth] += 1
        return ".".join(str(max(count, 1)) for count in self.sections)

    def split(self, html: str) -> tuple[Fragment, ...]:
        """Return rendered text as fragments."""
        first, *parts = html.split("\0")  # text and numbers in turn
        fragments: list[Fragment] = [Markup(first)] if first else []
        kept = self._fragments
        for number, text in zip(parts[::2], parts[1::2], strict=True):
            fragments.append(kept[int(number)])
            if text:
                fragments.append(Markup(text))
        return tuple(fragments)

    def order_steps(self, taken: int) -> tuple[Step, ...]:
        """Put the steps into the order of the source and return them. taken: the lines of header and title.

        Rendering meets footnotes last and a cell's caption before its code; a caption's values come after its cell. What
        stands above the text tells of the whole, and its values come after all cells, as does what shows what cells kept.
        """
        if not self.steps:
            return ()
        owners = sorted(
            (cell.location.line, place.line + code.code.count("\n"))
            for cell in self._fragments
            if isinstance(cell, Cell) and cell.step is not None
            for code, place in [self.steps[cell.step]]
        )

        def line(number: int) -> int:
            """Return the line that orders a step; the values of a caption belong behind their cell."""
            step, location = self.steps[number]
            if step.last or (step.kind == "value" and location.line <= taken):
                return sys.maxsize
            before = bisect_right(owners, (location.line, sys.maxsize)) - 1
            inside = step.kind == "value" and before >= 0 and location.line <= owners[before][1]
            return owners[before][1] if inside else location.line

        order = sorted(range(len(self.steps)), key=lambda n: (line(n), n))
        number = {old: new for new, old in enumerate(order)}
        self.steps = [self.steps[old] for old in order]
        self._fragments = [_renumbered(fragment, number) for fragment in self._fragments]
        return tuple(step for step, _ in self.steps)


def _plain_tex(tex: str) -> str:
    r"""Undo what was escaped for another processor: `&lt;`, and `x\_i` in a formula without subscripts, bookdown's labels."""
    tex = _BOOKDOWN.sub(r"\\label{\1}", tex) if "\\#" in tex else tex
    if "&" in tex:
        for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
            tex = tex.replace(entity, sign)
    outside = _IN_TEXT.sub("", tex) if "\\_" in tex else tex
    if "\\_" in outside and "_" not in outside.replace("\\_", ""):
        tex = re.sub(r"\\_(?!\s*\Z)", "_", tex) if outside == tex else tex  # at the end it is a sign
    return tex


def _renumbered(value: Any, number: Mapping[int, int]) -> Any:  # noqa: ANN401 - a fragment, or what one holds
    """Return a value in which every step has its new number."""
    if type(value) is tuple:  # a location is one, too
        return tuple(_renumbered(one, number) for one in value)
    if not isinstance(value, _HOLDING):
        return value
    held = {name: _renumbered(getattr(value, name), number) for name in value.__struct_fields__}
    if isinstance(value, Value | Cell) and value.step is not None:
        held["step"] = number[value.step]
    return replace(value, **held)
