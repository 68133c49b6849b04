"""Formulas -> their HTML: distinct ones only, and of those only the ones not remembered."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

from msgspec import Struct

from sitegen.errors import Location, SiteError
from sitegen.keys import digest, digest_of_code
from sitegen.later import later
from sitegen.typesetting.hints import hint_for
from sitegen.typesetting.katex import Katex, katex_version
from sitegen.typesetting.numbering import shown_numbers, write_numbers
from sitegen.typesetting.readable import UNSET, fit
from sitegen.typesetting.rewrites import rewrite

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sitegen.model import Digest, Formula
    from sitegen.store import Store

_ANNOTATION = later(r'(<annotation encoding="application/x-tex">).*?(</annotation>)', re.DOTALL)
_NAMESPACE = ' xmlns="http://www.w3.org/1998/Math/MathML"'  # which HTML knows by the element's name
LONGEST = 50_000  # signs of a formula, which take KaTeX some seconds; twice as many take four times as long
_ROW_NUMBER = later(r'(<mtd class ?="mml-eqn-num">)</mtd>')


class Typeset(Struct, frozen=True):
    """What became of formulas. html: by the key of a formula; those with errors are missing."""

    html: Mapping[Digest, str]
    problems: tuple[tuple[Formula, int, str], ...]
    set: int
    reused: int


def formula_key(formula: Formula) -> Digest:
    """Return the name of all that may change how a formula is set."""
    return _key(formula, katex_version())


@lru_cache(maxsize=20_000)  # each is asked for when it is looked up, counted, set and put in its place
def _key(formula: Formula, version: str) -> Digest:
    return digest(
        version,
        digest_of_code("typesetting", "tex.py"),
        formula.tex,
        str(formula.display),
        *(part for macro in formula.macros for part in macro),
        repr((formula.label, formula.numbers, formula.references, formula.symbols)),
    )


def typeset(formulas: Iterable[Formula], store: Store, katex: Katex) -> Typeset:
    """Set formulas. A problem is (formula, position in its TeX or -1, message). Raises ToolError."""
    distinct: dict[Digest, Formula] = {}
    places: dict[Digest, list[Formula]] = {}
    for formula in formulas:
        key = formula_key(formula)
        distinct.setdefault(key, formula)
        places.setdefault(key, []).append(formula)
    html = store.recall_texts("formula", distinct)
    missing: list[tuple[Digest, Formula]] = []
    problems: list[tuple[Formula, int, str]] = []
    for key, formula in distinct.items():
        if (length := len(formula.tex)) > LONGEST:
            problems += [(place, -1, f"it has {length:,} signs, and may have {LONGEST:,}") for place in places[key]]
        elif key not in html:
            missing.append((key, formula))
    prepared = [
        rewrite(formula.tex, formula.macros, display=formula.display, first=write_numbers(formula))
        for _, formula in missing
    ]
    requests = [
        {
            "tex": rewritten.tex,
            "display": formula.display,
            "macros": dict(formula.macros),
            "anchors": [anchor for _, anchor, _ in formula.references],
            "symbols": formula.symbols,
        }
        for rewritten, (_, formula) in zip(prepared, missing, strict=True)
    ]
    new: dict[Digest, str] = {}
    for (key, formula), rewritten, result in zip(missing, prepared, katex.set(requests), strict=True):
        if "html" in result:
            new[key] = _as_written(str(result["html"]), formula)
        else:
            units = int(str(result["position"]))
            before = rewritten.tex.encode("utf-16-le")[: 2 * max(units, 0)].decode("utf-16-le", "ignore")
            position = rewritten.original(len(before)) if units >= 0 else -1
            problems += [(place, position, str(result["error"])) for place in places[key]]
    store.remember_texts("formula", new)
    return Typeset({**html, **new}, tuple(problems), len(missing), len(html))


def _as_written(html: str, formula: Formula) -> str:
    """Let the MathML carry the author's own TeX, for whoever copies it, and the numbers of rows, which KaTeX leaves out."""
    html = _ANNOTATION.sub(
        lambda match: f"{match[1]}{escape(formula.tex.strip(), quote=False)}{match[2]}", html, count=1
    ).replace(_NAMESPACE, "", 1)
    shown = iter(shown_numbers(formula))
    return fit(_ROW_NUMBER.sub(lambda match: f"{match[1]}<mtext>{escape(next(shown, ''))}</mtext></mtd>", html))


def formula_error(formula: Formula, position: int, message: str, text: str) -> SiteError:
    """Return the error of a formula with its line and column in `text`, the whole source."""
    location = _locate(formula, position, text) if position >= 0 else formula.location
    message = re.sub(r"\s+", " ", message).strip().rstrip(".")
    error = SiteError(f"KaTeX cannot set this formula: {message}", location, hint_for(message, formula.tex))
    return error.with_excerpt(text)


def source_shown(formula: Formula, why: str) -> str:
    """Return what stands in a page for a formula that cannot be set: its source, marked, and why."""
    return f"{UNSET}{escape(fit(formula.tex.strip()))}</code> <small>{escape(why)}</small></span>"


def _locate(formula: Formula, position: int, text: str) -> Location:
    """Find a position of the TeX in the source: the same line of text, wherever quotes and lists have moved it."""
    before = formula.tex[: min(position, len(formula.tex.rstrip()))]
    row = before.count("\n")
    inside = formula.tex.split("\n")[row]
    lines = text.split("\n")
    number = formula.location.line + row
    source = lines[number - 1] if 0 < number <= len(lines) else ""
    start = source.find(inside.strip(), max(formula.location.column - 1, 0) if row == 0 else 0)
    offset = len(before) - (before.rfind("\n") + 1) - (len(inside) - len(inside.lstrip()))
    if start < 0 or not inside.strip():
        return Location(formula.location.path, number, formula.location.column if row == 0 else 0)
    return Location(formula.location.path, number, min(start + max(offset, 0), len(source)) + 1)
