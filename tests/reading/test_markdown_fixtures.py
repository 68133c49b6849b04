"""Every case of tests/fixtures/markdown/: what an author writes, and what the reader makes of it in a post of that suffix.

A file holds cases of the form

    title
    .
    Markdown
    .
    expected
    .

A formula is written back as \\(x\\) or \\[x\\], other holes as {{name ...}}, errors and notes as lines at the end.
"""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import pytest

from sitegen.config import Config
from sitegen.model import (
    Cell,
    Citation,
    Diagram,
    Formula,
    Fragment,
    Link,
    LinkWords,
    Markup,
    Number,
    Reference,
    ReferenceList,
    Size,
    Source,
    Value,
)
from sitegen.reading.parse import parse

if TYPE_CHECKING:
    from collections.abc import Sequence

FIXTURES = Path(__file__).parents[1] / "fixtures" / "markdown"
CASE = re.compile(r"^(?P<title>[^\n]+)\n\.\n(?P<source>.*?)\n?^\.\n(?P<expected>.*?)\n?^\.\n", re.MULTILINE | re.DOTALL)


def cases() -> list[tuple[str, int]]:
    return [
        (path.name, number)
        for path in sorted(FIXTURES.iterdir())
        for number, _ in enumerate(CASE.finditer(path.read_text(encoding="utf-8")))
    ]


def written(fragments: Sequence[Fragment]) -> str:
    parts = []
    for fragment in fragments:
        match fragment:
            case Markup(html):
                parts.append(html)
            case Formula(tex, display, macros, label=label):
                known = "".join(f" {name}={meaning}" for name, meaning in macros) + f" label={label}" * bool(label)
                known += "".join(f" {name}: {meaning}" for name, meaning in fragment.symbols)
                parts.append(f"\\[{tex}\\]{known}" if display else f"\\({tex}\\){known}")
            case Link(target, kind):
                parts.append(f"{{{{{kind} {target}}}}}")
            case LinkWords(_, name):
                parts.append(f"{{{{title, or {name}}}}}")
            case Size(_, width, height):
                parts.append(f"{{{{size {width} {height}}}}}")
            case Citation(works, textual):
                named = [
                    f"{written(work.prefix)}|{'-' * work.authorless}{work.key}|{written(work.suffix)}" for work in works
                ]
                parts.append(f"{{{{cite {'in text ' * textual}{'; '.join(named)}}}}}")
            case Diagram(drawn, label, about, alt, place):
                said = f"label={label} caption={written(about)} alt={alt} line={place.line}"
                parts.append(f"{{{{diagram {said}:\n{drawn}}}}}\n")
            case ReferenceList(titled):
                parts.append(f"{{{{references{' titled' * titled}}}}}\n")
            case Number(kind, label):
                parts.append(f"{{{{number {kind} {label}}}}}")
            case Reference(label, form, text):
                parts.append(f"{{{{reference {label} {form}{f' as {text}' if text else ''}}}}}")
            case Value(step):
                parts.append(f"{{{{value {step}}}}}")
            case Cell():
                shown = re.sub(r"<[^>]*>", "", fragment.shown).strip()
                options = f"label={fragment.label} fold={fragment.fold} echo={fragment.echo} output={fragment.output}"
                caption = written(fragment.caption)
                parts.append(f"{{{{cell {fragment.step} {options} caption={caption}: {shown}}}}}\n")
    return "".join(parts)


def read(markdown: str, suffix: str) -> str:
    post, errors = parse(Source(PurePosixPath(f"posts/2026-01-02-x{suffix}"), "post", markdown.encode()), Config())
    out = written(post.body).rstrip("\n") if post else ""
    out = re.sub(r' <a class="anchor".*?</a>', "", out)
    if post and any(not isinstance(part, Markup) for part in post.title):
        out = f"title: {written(post.title)}\n{out}"
    places = [f"error {error.location.line}:{error.location.column}: {error.message}" for error in errors]
    notes = [f"note {note.partition(':')[2]}" for note in (post.notes if post else ())]
    return "\n".join([out, *places, *notes]).strip("\n")


@pytest.mark.parametrize(("name", "number"), cases())
def test_markdown_reads_as_the_fixture_says(name: str, number: int, request: pytest.FixtureRequest) -> None:
    path = FIXTURES / name
    text = path.read_text(encoding="utf-8")
    case = list(CASE.finditer(text))[number]
    actual = read(case["source"], path.suffix)
    if request.config.getoption("--update-golden") and not os.environ.get("CI"):
        start, end = case.span("expected")
        path.write_text(f"{text[:start]}{actual}\n{text[end + (text[end : end + 1] == chr(10)) :]}", encoding="utf-8")
        return
    assert actual == case["expected"], case["title"]
