"""Numbers and references: in reading order every numbered thing gets its number, then every mention its text and link.

Both wait until all results are in, since a cell may draw several figures or print numbered things.
"""

from __future__ import annotations

from collections import Counter
from html import escape
from string import ascii_lowercase
from typing import TYPE_CHECKING, cast
from urllib.parse import quote

from msgspec import Struct, field
from msgspec.structs import replace

from sitegen.errors import SiteError
from sitegen.labels import formula_anchor, kind_of, normal_label
from sitegen.later import later
from sitegen.model import Formula, Labelled, Link, Markup, Number, Preview, Reference
from sitegen.publishing.addresses import relative
from sitegen.publishing.elsewhere import find_label, part_number
from sitegen.typesetting.numbering import plan_numbers
from sitegen.words import numbered

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sitegen.errors import Location
    from sitegen.model import Fragment, Heading
    from sitegen.publishing.elsewhere import Elsewhere

_BEYOND_TEXT = later(r"[<&\\{}$#%^_~]")  # what a title within a formula would have to be escaped for
_NUMBERS = later(r"\\(?:label|tag|ref|eqref|[cC]ref|autoref)\b")


class Labels(Struct):
    """The labels of one page, at `address`.

    words: by kind, in its language. cells: the labels of cells. not_run: whether nobody knows what these draw.
    elsewhere: what other posts have; None while nobody knows, and what is not here is noted as `wanted`. shown: whether a
    mention that leads nowhere is shown as `?`, and is `missing`; else it is an error.

    Note: mutable, and lives only inside `unfold`.
    """

    words: Mapping[str, str]
    address: str
    known: dict[str, Labelled] = {}
    cells: frozenset[str] = frozenset()
    not_run: bool = False
    elsewhere: Elsewhere | None = None
    shown: bool = False
    missing: list[SiteError] = []
    errors: list[SiteError] = []
    wanted: dict[str, None] = {}
    _last: Counter[str] = field(default_factory=Counter)
    _numbered: dict[Formula, Formula] = {}

    def add_headings(self, headings: Iterable[Heading]) -> None:
        """Let headings be referred to by their anchors."""
        for heading in headings:
            self.known[heading.id] = Labelled("sec", heading.number, heading.id, heading.named, title=heading.content)

    def add_others(self, labels: Iterable[tuple[str, str, str, Location]], title: tuple[Fragment, ...]) -> None:
        """Let the page be referred to by the labels of its title, and blocks by theirs, when all that has a number has it."""
        for label, anchor, word, location in labels:
            if not anchor:
                self._add(label, Labelled("sec", "", "", location, title=title))
            elif formula_anchor(label) not in self.known:
                known = self.known.get(label)
                if known is None or (known.kind, known.anchor, known.title) == ("sec", anchor, ()):
                    said = (Markup(escape(word)),) if word else ()
                    self.known[label] = Labelled("sec", "", anchor, location, title=said)

    def number(self, fragments: Iterable[Fragment]) -> list[Fragment]:
        """Give numbers to a page's formulas and to what has a `Number`, in reading order."""
        found: list[Fragment] = []
        for fragment in fragments:
            if isinstance(fragment, Number):
                found.append(self._thing(fragment))
            elif isinstance(fragment, Formula) and (fragment.display or _NUMBERS.search(fragment.tex)):
                found += self._formula(fragment)
            else:
                found.append(fragment)
        return found

    def resolve(self, fragments: Iterable[Fragment], *, linked: bool = True) -> tuple[Fragment, ...]:
        """Fill references, those within formulas too. linked: as links with previews; else as mere text."""
        found: list[Fragment] = []
        for fragment in fragments:
            if isinstance(fragment, Reference):
                found += self._reference(fragment, linked=linked)
            elif isinstance(fragment, Formula):
                found.append(self.referring(self._numbered.get(fragment, fragment)))
            else:
                found.append(fragment)
        return tuple(found)

    def _next(self, kind: str) -> str:
        self._last[kind] += 1
        return str(self._last[kind])

    def _add(self, label: str, labelled: Labelled) -> None:
        first = self.known.get(label)
        if first and labelled.location:
            line = first.location.line if first.location else 0
            where = f"on line {line}" if line and first.kind != "sec" else "by a heading"
            message = f"the label `{label}` is already used {where}"
            self.errors.append(SiteError(message, labelled.location, "rename one of the two"))
            return
        self.known[label] = labelled

    def _thing(self, thing: Number) -> Markup:
        number = self._next(thing.kind)
        text = escape(numbered(self.words[thing.kind], number))
        if not thing.label:
            return Markup(f'<span class="number">{text}</span>')
        labelled = Labelled(thing.kind, number, thing.label, thing.location, parts=len(thing.parts))
        self._add(normal_label(thing.label), labelled)
        for count, part in enumerate(thing.parts, 1):
            if part:
                one = replace(labelled, number=part_number(number, count), anchor=part, parts=0)
                self._add(normal_label(part), one)
        return Markup(f'<a class="number" href="#{escape(thing.label)}">{text}</a>')

    def _formula(self, formula: Formula) -> list[Fragment]:
        """Give numbers to the rows of a formula; each label is an anchor before it."""
        plan = plan_numbers(formula)
        together = self._next("eq") if plan.group is not None else ""
        letters = iter(ascii_lowercase)
        numbers, labels = [], [(label, together) for label in plan.group or ()]
        for row in plan.rows:
            if row.automatic:
                numbers.append(together + next(letters, "?") if together else self._next("eq"))
            number = row.tag if row.tag is not None else numbers[-1] if numbers else ""
            labels += [(label, number) for label in row.labels]
        if labels and not formula.display:
            message = f"`\\label{{{labels[0][0]}}}` names a formula within a line, which has no number"
            self.errors.append(SiteError(message, formula.location, "set the formula as a display, between `$$`"))
            return [formula]
        done = replace(formula, numbers=tuple(numbers))
        self._numbered[formula] = done
        found: list[Fragment] = []
        for label, number in labels:
            anchor = formula_anchor(label)
            self._add(anchor, Labelled("eq", number, anchor, formula.location, done))
            found.append(Markup(f'<span class="equation" id="{escape(anchor)}"></span>'))
        return [*found, done]

    def referring(self, formula: Formula) -> Formula:
        """Return a formula that knows the numbers to which its TeX refers."""
        if "ref" not in formula.tex or formula.references:
            return formula
        found = []
        for start, _, command, labels in plan_numbers(formula).references:
            place = formula.location._replace(line=formula.location.line + formula.tex.count("\n", 0, start))
            for label in labels.split(","):
                target = self._find(label, place, formulas_first=command == "eqref")
                found.append((label, *self._within_tex(target)))
        return replace(formula, references=tuple(found))

    def _within_tex(self, target: Labelled | None) -> tuple[str, str]:
        """Return where a mention within a formula leads, and what it says."""
        if target is None:
            return "", "?"
        if not target.address:
            return target.anchor, target.number
        href = relative(f"{quote(target.address)}#{target.anchor}", self.address)  # in feeds no formula has links
        title = "".join(part.html for part in target.post if isinstance(part, Markup))
        plain = all(isinstance(part, Markup) for part in target.post) and not _BEYOND_TEXT.search(title)
        return href, f"{target.number}, {title}" if plain else target.number

    def _find(self, label: str, location: Location, *, formulas_first: bool, may_miss: bool = False) -> Labelled | None:
        """Return what a label names; None, with an error noted unless its cell was not run or it may, when it names nothing."""
        found = find_label(label, self.known, formulas_first=formulas_first)
        if found:
            return found
        name = normal_label(label)
        if ({name, name.rpartition("-")[0]} - {""}) & self.cells:  # most cells have no label
            if not self.not_run:
                hint = "the cell with this label draws no figure"
                self.errors.append(SiteError(f"nothing has the label `{label.strip()}`", location, hint))
            return None
        if self.elsewhere is None:
            self.wanted[label.strip()] = None
            return None
        target = self.elsewhere.find(label, location, formulas_first=formulas_first, known=self.known)
        if isinstance(target, SiteError):
            (self.missing if self.shown else self.errors).extend([] if may_miss else [target])
            return None
        return target

    def _reference(self, reference: Reference, *, linked: bool) -> list[Fragment]:
        said = reference.said
        # With words a place of that name will do, as `<figure id="fig:x">`.
        has_words = said != "" and not said.startswith("[")
        formulas_first = reference.form != "name"
        target = self._find(reference.label, reference.location, formulas_first=formulas_first, may_miss=has_words)
        if has_words and (target is None or target.title == (Markup(escape(f"[{reference.label}]")),)):
            link = Link(f"#{target.anchor if target else reference.label}", "page", reference.location)
            return [Markup('<a class="reference" href="'), link, Markup(f'">{escape(said, quote=False)}</a>')]
        if target is None:  # said as an error, but for a cell that was not run
            if reference.text:
                return [Markup(escape(reference.text.replace("%s", "?"), quote=False))]
            kind = kind_of(reference.label)
            named = kind is not None and reference.form == "name"
            return [Markup(escape(numbered(self.words[kind], "?")) if kind and named else "?")]
        inner = self._text(reference, target)
        if not (linked and reference.linked):
            return inner
        opening: list[Fragment] = [Markup(f'<a class="reference" href="#{escape(target.anchor or "top")}">')]
        if target.address:
            link = Link(quote(target.address) + "#" * bool(target.anchor) + target.anchor, "page", reference.location)
            opening = [Markup('<a class="reference" href="'), link, Markup('">')]
        if target.formula is None:
            return [*opening, *inner, Markup("</a>")]
        preview: list[Fragment] = [
            Markup('<span class="preview">'),
            Preview(self._abroad(target) if target.address else self.referring(target.formula)),
            Markup("</span>"),
        ]
        return [Markup('<span class="has-preview">'), *opening, *inner, Markup("</a>"), *preview, Markup("</span>")]

    def _abroad(self, target: Labelled) -> Formula:
        """Return the formula of another post, whose own mentions lead there."""
        formula = cast("Formula", target.formula)
        found = [
            (label, self._within_tex(replace(target, anchor=anchor))[0], number)
            for label, anchor, number in formula.references
        ]
        return replace(formula, references=tuple(found))

    def _text(self, reference: Reference, target: Labelled) -> list[Fragment]:
        """Return what a reference says: a heading's title, or the words and number that its form asks for."""
        if not (target.title or target.number or reference.text):
            message = f"what has the label `{reference.label}` has no title and no number"
            hint = f"say what it is called: {{ref}}`words <{reference.label}>`, or [words](#{reference.label})"
            (self.missing if self.shown else self.errors).append(SiteError(message, reference.location, hint))
            return [Markup("?")]
        if target.kind == "sec" and not target.number:
            is_whole = reference.text and "%s" not in reference.text
            return [Markup(escape(reference.text))] if is_whole else list(target.title)
        bracketed = target.kind == "eq" and reference.form != "number"
        shape = reference.text or (numbered(self.words[target.kind], "%s") if reference.form == "name" else "%s")
        before, mark, after = escape(shape, quote=False).partition("%s")
        if not mark:
            return [Markup(before)]
        number: list[Fragment] = [Markup(escape(target.number, quote=False))]
        if target.formula:  # an author's `\tag` may hold math
            number = [
                Formula(part, display=False, macros=target.formula.macros, location=reference.location)
                if place % 2
                else Markup(escape(part, quote=False))
                for place, part in enumerate(target.number.split("$"))
                if part
            ]
        of_post: list[Fragment] = [Markup("<cite>"), *target.post, Markup("</cite>")] if target.address else []
        if of_post and target.kind == "eq":
            number += [Markup(", "), *of_post]
        elif of_post:
            number += [Markup(" ("), *of_post, Markup(")")]
        return [Markup(before + "(" * bracketed), *number, Markup(")" * bracketed + after)]
