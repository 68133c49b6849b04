"""A style sheet -> the rules of it that a page needs: those whose classes and elements stand in the page or in a script.

An element is asked for by its name and a bracket, `table>`. So with custom properties, fonts and counters: those that nothing asks for go. Of what stands in `:is()` one is enough; what stands in
`:not()` or `:has()` is not asked for, so that a rule rather stays than goes.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_WORD = re.compile(r"[\w-]+")
_CLASS = re.compile(r"\.(-?[_a-zA-Z][\w-]*)")
# One group and no choice before it: a third of the time.
_CLASSES = re.compile(r"""class=("[^"]*"|'[^']*'|[^\s"'>]+)""")
_ELEMENTS = re.compile(r"<(?!span|m[inorstu]|/)([a-zA-Z][a-zA-Z0-9]*)")  # not MathML's, of which there are thousands
_IMPLIED = {"html>", "head>", "body>", "span>"}  # with tables of HTML, below, what browsers add where it is not written
_TEXTS = re.compile(r""""([\w\s-]*)"|'([\w\s-]*)'|`([\w\s-]*)(?=[`$])""")
_LOOKED_FOR = re.compile(r"""\b(?:closest|matches|querySelector(?:All)?)\(["'][\w\s-]*["']\)""")
_SCRIPT = re.compile(r"<script\b[^>]*>(.*?)</script>", re.DOTALL)
_ALTERNATIVES = re.compile(r"(?<!\()(?<!\( ):is\(([^()]*)\)(?![^()]*\))")  # not within another bracket
_TYPES = re.compile(r"(?<![\w.#:-])[a-z][a-z0-9]*(?![\w-])")
_LAST_CHOICE = re.compile(r"(|.*[ >+~]):is\(([^()]*)\)([^ >+~()]*)", re.DOTALL)
_ELEMENT = re.compile(r"[a-z][a-z0-9]*")
_DECLARED = re.compile(r"(?<![\w-])(--[\w-]+)\s*:[^;{}]*;?")
_USED = re.compile(r"var\(\s*(--[\w-]+)")
_FACE = re.compile(r"""@font-face\s*\{[^}]*?font-family:\s*["']?([^"';}]+)[^}]*\}""")
_STYLE = re.compile(r"<style\b[^>]*>(.*?)</style>", re.DOTALL)
_QUOTED = re.compile(r"""["']([^"'<>{}]+)["']""")
_COUNTER = re.compile(r"@counter-style\s+([\w-]+)\s*\{[^}]*\}")
_COMMENT = re.compile(r"/\*.*?\*/|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'", re.DOTALL)


def given_by(script: str) -> set[str]:
    """Return the words of a script's texts, among which are the classes and elements that it gives; selectors only look for some."""
    texts = [text for texts in _TEXTS.findall(_LOOKED_FOR.sub("", script)) for text in texts]
    words = {word for text in texts for word in text.split()} | _classes(script)
    return words | {f"{word}>" for word in words} | elements_of(script)


def asked_for(page: str) -> set[str]:
    """Return the classes of a page, the custom properties that it uses, the fonts that its own styles name, the words of its scripts."""
    used = _USED.findall(page) if "var(" in page else ()
    scripts = _SCRIPT.findall(page) if "<script" in page else ()
    fonts = map(_as_word, _QUOTED.findall("".join(_STYLE.findall(page)))) if "<style" in page else ()
    return _classes(page).union(elements_of(page), used, fonts, *map(_WORD.findall, scripts))


def elements_of(html: str) -> set[str]:
    """Return the elements of a page or of a part of it, as a page asks for them."""
    found = {f"{name.lower()}>" for name in set(_ELEMENTS.findall(html))} | _IMPLIED
    return found | {"tbody>", "tr>"} if "table>" in found else found


def _as_word(family: str) -> str:
    """Return the name of a font without blanks, as one among the words that a page asks for."""
    return "+".join(family.split())


def _classes(html: str) -> set[str]:
    return {name for names in set(_CLASSES.findall(html)) for name in names.strip("\"'").split()}


class Sheet:
    """A style sheet, taken apart once."""

    def __init__(self, text: str) -> None:
        self._rules = list(_rules(_COMMENT.sub(lambda found: "" if found[0][0] == "/" else found[0], text)))

    @cached_property
    def names(self) -> frozenset[str]:
        """The classes and elements that its rules ask for, the custom properties that they give, and the fonts of its faces."""
        classes = {name for _, selectors, _ in self._rules for one, _ in selectors for name in _CLASS.findall(one)}
        elements = {name for _, selectors, _ in self._rules for _, asked in selectors for name in asked}
        fonts = {_as_word(name) for _, _, body in self._rules for name in _FACE.findall(body)}
        return frozenset(classes | elements | fonts).union(*(_DECLARED.findall(body) for _, _, body in self._rules))

    def among(self, words: Collection[str]) -> frozenset[str]:
        """Return its names that are among some words, or begin as one that a script completes: `--figure-`."""
        begun = tuple(word for word in words if word.startswith("--") and word.endswith("-"))
        found = self.names.intersection(words)
        return found.union(name for name in self.names if name.startswith(begun)) if begun else found

    def needed(self, present: Collection[str]) -> str:
        """Return the rules whose classes and elements are all present, with the properties that they use or that are present."""
        have = self.names.intersection(present)
        parts: list[str] = []
        around = ""
        for outer, selectors, body in self._rules:
            kept = [found for selector, needed in selectors if needed <= have and (found := _with_some(selector, have))]
            if selectors and not kept:
                continue
            if outer != around:
                parts.append(("}" * around.count("{")) + outer)
                around = outer
            parts.append(f"{','.join(kept)}{body}")
        text = "".join(parts) + "}" * around.count("{")
        text = _with_those_named(_COUNTER, _with_those_named(_FACE, text, have))
        used = have.union(_USED.findall(text))
        return _DECLARED.sub(lambda found: found[0] if found[1] in used else "", text)


def _with_those_named(kind: re.Pattern[str], text: str, have: Collection[str] = ()) -> str:
    """Return a sheet without the faces or counters that neither anything else in it names nor a page (`have`)."""
    others = kind.sub("", text)
    return kind.sub(lambda found: found[0] if found[1] in others or _as_word(found[1]) in have else "", text)


def _rules(text: str, outer: str = "") -> Iterator[tuple[str, list[tuple[str, frozenset[str]]], str]]:
    """Yield (conditions around it, selectors with the classes that each asks for, body with its braces)."""
    hidden = _COMMENT.sub(lambda found: "\0" * len(found[0]), text)  # braces there are none
    place = 0
    while place < len(text):
        opening, statement = hidden.find("{", place), hidden.find(";", place)
        if opening < 0 or 0 <= statement < opening:
            end = statement + 1 if statement >= 0 else len(text)
            if text[place:end].strip():
                yield outer, [], text[place:end]  # such as @import
            place = end
            continue
        end = _closing(hidden, opening)
        head = text[place:opening].strip()
        if head.startswith(("@media", "@supports", "@layer", "@container")):
            yield from _rules(text[opening + 1 : end - 1], f"{outer}{head}{{")
        elif head.startswith("@"):
            yield outer, [], text[place:end]
        else:
            yield outer, [(one, _asked_for(one)) for part in _split(head) for one in _apart(part)], text[opening:end]
        place = end


def _closing(text: str, opening: int) -> int:
    depth = 0
    for found in re.compile(r"[{}]").finditer(text, opening):
        depth += 1 if found[0] == "{" else -1
        if not depth:
            return found.end()
    return len(text)


def _split(selectors: str) -> list[str]:
    """Return selectors that have commas between them, those inside brackets apart."""
    parts, depth = [""], 0
    for sign in selectors:
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and not depth:
            parts.append("")
        else:
            parts[-1] += sign
    return [part.strip() for part in parts]


def _apart(selector: str) -> list[str]:
    """Return a selector that ends in an `:is()` of elements, or of classes, as one for each of them.

    A browser looks up the elements and classes that selectors end in, but tries every `:is()` on every element.
    """
    found = _LAST_CHOICE.fullmatch(selector)
    if not found:
        return [selector]
    choices = [one.strip() for one in found[2].split(",")]
    is_even = all(map(_ELEMENT.fullmatch, choices)) or all(map(_CLASS.fullmatch, choices))
    return [f"{found[1]}{one}{found[3]}" for one in choices] if is_even else [selector]


def _with_some(selector: str, have: Collection[str]) -> str:
    """Return a selector with those of the alternatives in an `:is()` that may be there; "" where none may."""
    gone = False

    def fewer(found: re.Match[str]) -> str:
        nonlocal gone
        kept = [one.strip() for one in found[1].split(",") if all(name in have for name in _CLASS.findall(one))]
        gone = gone or not kept
        return f":is({','.join(kept)})"

    selector = _ALTERNATIVES.sub(fewer, selector)
    return "" if gone else selector


def _asked_for(selector: str) -> frozenset[str]:
    """Return the classes that an element and those around it must have, and what elements they must be."""
    plain, depth = "", 0
    for sign in selector:
        depth += sign in "(["
        plain += "" if depth else sign
        depth -= sign in ")]"
    return frozenset(_CLASS.findall(plain)) | {f"{name}>" for name in _TYPES.findall(plain)}
