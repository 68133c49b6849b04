"""What went into an article, as small digests by name; two of them -> sentences that say what changed.

They are remembered with every article, so that `why` can compare what is there now with what the last build saw.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from typing import TYPE_CHECKING
from zlib import crc32

from sitegen.config import OF_PAGES, Config
from sitegen.keys import digest, digest_of_code, installed_versions
from sitegen.model import Cell, Formula
from sitegen.pipeline.made_by import READING, READING_PACKAGES, WEAVING, WEAVING_PACKAGES
from sitegen.typesetting.katex import katex_version
from sitegen.typesetting.typeset import formula_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sitegen.model import Digest, Fragment, Output, Post
    from sitegen.pipeline.read import Blog
    from sitegen.pipeline.run import Run
    from sitegen.publishing.elsewhere import Elsewhere

Ingredients = dict[str, tuple[tuple[str, str], ...]]
"""By name of a group: (what, digest or version) pairs. Groups: lines, files, updated, output, formulas, cited,
elsewhere, settings, versions."""

_OF_NO_ARTICLE = {*OF_PAGES, "limits", "variables"}
_SETTINGS = [name for name in Config.__struct_fields__ if name not in _OF_NO_ARTICLE]
_EXECUTE = {"cells", "slider-size"}  # what stands under `execute:` in site.yml
SHORT = 8  # hexadecimal digits of a digest that only tells lines apart


def ingredients(
    run: Run, blog: Blog, post: Post, output: Output | None, elsewhere: Elsewhere | None = None
) -> Ingredients:
    """Return what goes into the article of a post."""
    cited = blog.cited.get(post.path)
    lines = run.text(str(post.path)).removesuffix("\n").split("\n")
    header = _header_length(lines)
    return {
        "lines": tuple(("header" if n < header else "", f"{crc32(line.encode()):x}") for n, line in enumerate(lines)),
        "files": tuple((str(path), "") for path in post.files),
        "updated": (("", str(post.meta.updated)),),
        "output": (("", digest(repr(output))),),
        "formulas": tuple((_look(formula), _macros(formula)) for formula in formulas_of(post)),
        "cited": tuple((work.key, digest(repr((work.kind, work.fields)))) for work in (cited.entries if cited else ())),
        "elsewhere": elsewhere.ingredients() if elsewhere else (),
        "settings": (
            ("slider-size", str(blog.config.limits.slider_size)),
            *((name, digest(repr(getattr(blog.config, name)))) for name in _SETTINGS),
        ),
        "versions": tuple(_versions()),
    }


def changes(before: Ingredients, now: Ingredients) -> list[str]:
    """Say what changed in a post's ingredients, in plain sentences; [] when nothing did."""
    found = []
    if before["lines"] != now["lines"]:
        found.append(_lines(before["lines"], now["lines"]))
    was, files = dict(before["files"]), dict(now["files"])
    found += [f"the file {path} is {'new' if path in files else 'gone'}" for path in sorted(was.keys() ^ files.keys())]
    if before.get("updated") != now["updated"] and before["lines"] == now["lines"]:
        found.append("git has a later change of it")
    if before["output"] != now["output"]:
        found.append("its program's output changed")
    found += [f"the work {key} in its bibliography changed" for key in _differing(before["cited"], now["cited"])]
    mentioned = _differing(before.get("elsewhere", ()), now.get("elsewhere", ()))
    found += [f"what it mentions as `{name}` is another in its post" for name in mentioned]
    found += [
        f"site.yml: `{'execute' if name in _EXECUTE else name}` changed"
        for name in _differing(before["settings"], now["settings"])
    ]
    return found + changed_versions(before, now)


def changed_versions(before: Ingredients, now: Ingredients) -> list[str]:
    """Say which versions are others than before."""
    was, new = dict(before["versions"]), dict(now["versions"])
    return [
        "sitegen itself changed" if name == "sitegen" else f"{name} is now {new[name]} (was {was.get(name, 'absent')})"
        for name in _differing(before["versions"], now["versions"])
        if name in new
    ]


def formulas_of(post: Post) -> Iterator[Formula]:
    """Yield every formula of a post's source, those of titles, headings and captions included."""
    places: Iterable[Sequence[Fragment]] = (
        *(post.title, post.subtitle, post.description, post.body),
        *(heading.content for heading in post.headings),
    )
    for fragments in places:
        yield from _formulas(fragments)


def formula_changes(
    formulas: Iterable[Formula], known: Iterable[Digest], before: Ingredients | None, now: Ingredients
) -> list[str]:
    """Say which formulas of a post are set, and why. known: the keys of those that have been set before."""
    every = {formula_key(formula): formula for formula in formulas}
    reused = frozenset(known)
    missing = [formula for key, formula in every.items() if key not in reused]
    if not missing:
        return [f"the {_count(len(every), 'formula')} {'is' if len(every) == 1 else 'are'} reused"] if every else []
    had = dict(before["formulas"]) if before else {}
    changed: Counter[str] = Counter()
    new: list[Formula] = []
    again = 0
    for formula in missing:
        was, is_now = had.get(_look(formula)), _macros(formula)
        if was is None:
            new.append(formula)
        elif was == is_now:
            again += 1
        else:
            changed.update({name for name, _ in set(_pairs(was)) ^ set(_pairs(is_now))})
    found = []
    if new:
        shown = ", ".join(f"{_shown(formula)} at line {formula.location.line}" for formula in new[:3])
        more = f", and {len(new) - 3} more" if len(new) > 3 else ""
        found.append(f"{_count(len(new), 'formula')} {'is' if len(new) == 1 else 'are'} new: {shown}{more}")
    for name, count in dict(changed).items():
        found.append(f"the macro {name} changed, used by {_count(count, 'formula')}")
    if again:
        why = " and ".join(changed_versions(before, now) if before else []) or "what is remembered was forgotten"
        found.append(f"{_count(again, 'formula')} {'is' if again == 1 else 'are'} set again: {why}")
    return found


def _formulas(fragments: Iterable[Fragment]) -> Iterator[Formula]:
    for fragment in fragments:
        if isinstance(fragment, Formula):
            yield fragment
        elif isinstance(fragment, Cell):
            for inside in (fragment.summary, fragment.caption, fragment.alt, *fragment.subcaptions):
                yield from _formulas(inside)


def _look(formula: Formula) -> Digest:
    return digest(formula.tex, str(formula.display))[: 2 * SHORT]


def _macros(formula: Formula) -> str:
    return " ".join(f"{name}={digest(expansion)[:SHORT]}" for name, expansion in sorted(formula.macros))


def _pairs(macros: str) -> Iterator[tuple[str, str]]:
    for macro in macros.split():
        name, _, expansion = macro.rpartition("=")
        yield name, expansion


def _shown(formula: Formula) -> str:
    tex = re.sub(r"\s+", " ", formula.tex).strip()
    return f"${tex if len(tex) <= 40 else tex[:39] + '…'}$"


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'s' * (number != 1)}"


def _differing(before: Iterable[tuple[str, str]], now: Iterable[tuple[str, str]]) -> list[str]:
    was, new = dict(before), dict(now)
    return [name for name in {**new, **was} if was.get(name) != new.get(name)]


def _lines(before: Sequence[tuple[str, str]], now: Sequence[tuple[str, str]]) -> str:
    """Say between which lines a text changed, as lines of what is there now."""
    start = 0
    while start < min(len(before), len(now)) and before[start] == now[start]:
        start += 1
    end = 0
    while end < min(len(before), len(now)) - start and before[-1 - end] == now[-1 - end]:
        end += 1
    first, last = start + 1, len(now) - end
    parts = {part for part, _ in (*before[start : len(before) - end], *now[start:last])}
    what = "its header" if parts == {"header"} else "its text" if parts == {""} else "its header and its text"
    if last < first:
        removed = len(before) - end - start
        return f"{what} changed ({_count(removed, 'line')} removed after line {first - 1})"
    return f"{what} changed ({f'line {first}' if first == last else f'lines {first} to {last}'})"


def _header_length(lines: Sequence[str]) -> int:
    mark = lines[0].strip()
    if mark not in {"---", "+++"}:
        return 0
    return next((n + 1 for n, line in enumerate(lines) if n and line.strip() == mark), 0)


def _versions() -> Iterator[tuple[str, str]]:
    yield "sitegen", digest_of_code(*READING, *WEAVING)
    yield "KaTeX", katex_version()
    yield "Python", sys.version.split()[0]
    installed: Mapping[str, str] = installed_versions()
    yield from ((name, installed.get(name, "absent")) for name in (*READING_PACKAGES, *WEAVING_PACKAGES))
