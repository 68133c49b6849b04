"""Numbers and references: in reading order every numbered thing gets its number, then every mention its text and link.

Both wait until all results are in, since a cell may draw several figures or print numbered things.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from html import escape
from string import ascii_lowercase
from typing import TYPE_CHECKING

from sitegen.errors import SiteError, suggestion
from sitegen.labels import formula_anchor, kind_of, normal_label, part_mark
from sitegen.model import Formula, Markup, Number, Preview, Reference
from sitegen.typesetting.numbering import plan_numbers
from sitegen.words import numbered

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sitegen.errors import Location
    from sitegen.model import Fragment, Heading, NumberKind

_NUMBERS = re.compile(r"\\(?:label|tag|ref|eqref|[cC]ref|autoref)\b")


@dataclass(frozen=True, slots=True)
class Labelled:
    """What a label names.

    number: TeX for a formula, else text; "" for a heading without one, whose title stands for it. location: None for a heading. parts: how
    many can be referred to, as `fig-x-a` or `fig-x-1`.
    """

    kind: NumberKind
    number: str
    anchor: str
    location: Location | None
    formula: Formula | None = None
    title: tuple[Fragment, ...] = ()
    parts: int = 0


@dataclass(slots=True)
class Labels:
    """The labels of one page.

    words: by kind, in its language. cells: the labels of cells. not_run: whether nobody knows what these draw.

    Note: mutable, and lives only inside `unfold`.
    """

    words: Mapping[str, str]
    known: dict[str, Labelled] = field(default_factory=dict)
    cells: frozenset[str] = frozenset()
    not_run: bool = False
    errors: list[SiteError] = field(default_factory=list)
    _last: Counter[str] = field(default_factory=Counter)
    _numbered: dict[Formula, Formula] = field(default_factory=dict)

    def add_headings(self, headings: Iterable[Heading]) -> None:
        """Let headings be referred to by their anchors."""
        for heading in headings:
            self.known[heading.id] = Labelled("sec", heading.number, heading.id, None, title=heading.content)

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
                found.append(self._referring(self._numbered.get(fragment, fragment)))
            else:
                found.append(fragment)
        return tuple(found)

    def _next(self, kind: str) -> str:
        self._last[kind] += 1
        return str(self._last[kind])

    def _add(self, label: str, labelled: Labelled) -> None:
        first = self.known.get(label)
        if first and labelled.location:
            where = f"on line {first.location.line}" if first.location else "by a heading"
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
                one = replace(labelled, number=_part(number, count), anchor=part, parts=0)
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
            labels += [
                (label, row.tag if row.tag is not None else numbers[-1] if numbers else "") for label in row.labels
            ]
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

    def _referring(self, formula: Formula) -> Formula:
        """Return a formula that knows the numbers to which its TeX refers."""
        if "ref" not in formula.tex or formula.references:
            return formula
        found = []
        for start, _, command, labels in plan_numbers(formula).references:
            place = replace(formula.location, line=formula.location.line + formula.tex.count("\n", 0, start))
            for label in labels.split(","):
                target = self._find(label, place, formulas_first=command == "eqref")
                found.append((label, target.anchor if target else "", target.number if target else "?"))
        return replace(formula, references=tuple(found))

    def _find(self, label: str, location: Location, *, formulas_first: bool) -> Labelled | None:
        """Return what a label names; None, with an error noted unless its cell was not run, when it names nothing."""
        names = [label.strip(), normal_label(label), formula_anchor(label)]
        for name in reversed(names) if formulas_first else names:
            if name in self.known:
                return self.known[name]
        base, _, part = names[1].rpartition("-")
        whole = self.known.get(base)
        index = int(part) - 1 if part.isdecimal() else ascii_lowercase.find(part) if len(part) == 1 else -1
        if whole and 0 <= index < whole.parts:
            return replace(whole, number=_part(whole.number, index + 1))
        of_cell = bool(({names[1], base} - {""}) & self.cells)  # most cells have no label
        if not (of_cell and self.not_run):
            hint = suggestion(names[1], self.known)
            if of_cell:
                hint = "the cell with this label draws no figure"
            elif not hint:
                hint = (
                    "labels are given as `{#fig-x}`, `\\label{eq:x}` or `#| label: fig-x`; a plain @ is written `\\@`"
                )
            self.errors.append(SiteError(f"nothing has the label `{label.strip()}`", location, hint))
        return None

    def _reference(self, reference: Reference, *, linked: bool) -> list[Fragment]:
        target = self._find(reference.label, reference.location, formulas_first=reference.form != "name")
        if target is None:  # said as an error, but for a cell that was not run
            kind = kind_of(reference.label)
            named = kind is not None and reference.form == "name" and not reference.text
            return [Markup(escape(numbered(self.words[kind], "?")) if kind and named else "?")]
        inner = self._text(reference, target)
        if not (linked and reference.linked):
            return inner
        opening = Markup(f'<a class="reference" href="#{escape(target.anchor)}">')
        if target.formula is None:
            return [opening, *inner, Markup("</a>")]
        preview: list[Fragment] = [
            Markup('<span class="preview">'),
            Preview(self._referring(target.formula)),
            Markup("</span>"),
        ]
        return [Markup('<span class="has-preview">'), opening, *inner, Markup("</a>"), *preview, Markup("</span>")]

    def _text(self, reference: Reference, target: Labelled) -> list[Fragment]:
        """Return what a reference says: a heading's title, or the words and number that its form asks for."""
        if target.kind == "sec" and not target.number:
            return (
                list(target.title) if "%s" in reference.text or not reference.text else [Markup(escape(reference.text))]
            )
        bracketed = target.kind == "eq" and reference.form != "number"
        shape = reference.text or (numbered(self.words[target.kind], "%s") if reference.form == "name" else "%s")
        before, mark, after = escape(shape, quote=False).partition("%s")
        if not mark:
            return [Markup(before)]
        number: list[Fragment] = [Markup(escape(target.number, quote=False))]
        if target.formula:  # an author's `\tag` may hold math
            number = [
                Formula(part, display=False, macros=target.formula.macros, location=reference.location)
                if odd
                else Markup(escape(part, quote=False))
                for odd, part in _alternating(target.number.split("$"))
                if part
            ]
        return [Markup(before + "(" * bracketed), *number, Markup(")" * bracketed + after)]


def _part(number: str, count: int) -> str:
    return f"{number}\N{NO-BREAK SPACE}{part_mark(count)}"


def _alternating(parts: Sequence[str]) -> Iterable[tuple[bool, str]]:
    return ((number % 2 == 1, part) for number, part in enumerate(parts))
