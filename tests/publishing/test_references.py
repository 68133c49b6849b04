"""Every case of tests/fixtures/references/*.md: what an author writes, and the page with its numbers and references.

A file is written as those of tests/fixtures/markdown. A formula stands as \\(x\\) or \\[x\\] in the TeX that KaTeX is
given, a preview as {{preview ...}}.
"""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath

import pytest

from sitegen.config import Config
from sitegen.model import Formula, Fragment, Link, Markup, Preview, Size, Source
from sitegen.publishing.elsewhere import Elsewhere
from sitegen.publishing.unfold import unfold
from sitegen.reading.parse import parse
from sitegen.store import Store
from sitegen.tex import apply_edits
from sitegen.typesetting.numbering import write_numbers

NOWHERE = Elsewhere((), (), {}, frozenset())
FIXTURES = Path(__file__).parents[1] / "fixtures" / "references"
CASE = re.compile(r"^(?P<title>[^\n]+)\n\.\n(?P<source>.*?)\n?^\.\n(?P<expected>.*?)\n?^\.\n", re.MULTILINE | re.DOTALL)


def cases() -> list[tuple[str, int]]:
    return [
        (path.name, number)
        for path in sorted(FIXTURES.glob("*.md"))
        for number, _ in enumerate(CASE.finditer(path.read_text(encoding="utf-8")))
    ]


def with_numbers(formula: Formula) -> str:
    return apply_edits(formula.tex, write_numbers(formula))


def written(fragments: tuple[Fragment, ...]) -> str:
    parts = []
    for fragment in fragments:
        match fragment:
            case Markup(html):
                parts.append(html)
            case Formula(display=display):
                tex = with_numbers(fragment)
                parts.append(f"\\[{tex}\\]" if display else f"\\({tex}\\)")
            case Preview(formula):
                parts.append(f"{{{{preview {' '.join(with_numbers(formula).split())}}}}}")
            case Link(target):
                parts.append(target)
            case Size():
                pass
            case _:
                pytest.fail(f"{fragment} was not filled")
    return "".join(parts)


def read(markdown: str, store: Store) -> str:
    post, errors = parse(Source(PurePosixPath("posts/2026-01-02-x.md"), "post", markdown.encode()), Config())
    assert post
    unfolded = unfold(post, None, cited=None, drawings={}, store=store, config=Config(), elsewhere=NOWHERE)
    out = re.sub(r' <a class="anchor".*?</a>', "", written(unfolded.body)).rstrip("\n")
    places = [
        f"error {e.location.line}:{e.location.column}: {e.message} ({e.hint})" for e in (*errors, *unfolded.errors)
    ]
    return "\n".join([out, *places]).strip("\n")


@pytest.mark.parametrize(("name", "number"), cases())
def test_numbers_and_references_are_as_the_fixture_says(
    name: str, number: int, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    path = FIXTURES / name
    text = path.read_text(encoding="utf-8")
    case = list(CASE.finditer(text))[number]
    with Store(tmp_path / "store") as store:
        actual = read(case["source"], store)
    if request.config.getoption("--update-golden") and not os.environ.get("CI"):
        start, end = case.span("expected")
        path.write_text(f"{text[:start]}{actual}\n{text[end + (text[end : end + 1] == chr(10)) :]}", encoding="utf-8")
        return
    assert actual == case["expected"], case["title"]
