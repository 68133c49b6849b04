"""What the reader leaves out to be fast changes nothing of what it reads."""

from __future__ import annotations

from pathlib import PurePosixPath
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some
from pieces import BLOCKS, PIECES, TAGS
from wellformed import read

from sitegen.config import Config
from sitegen.model import Source
from sitegen.reading import markdown
from sitegen.reading.endings import Endings
from sitegen.reading.parse import parse
from sitegen.reading.rules import math
from sitegen.reading.rules.first_signs import IN_TEXT, OF_LINES

with patch.object(markdown, "use_first_signs", lambda _: None):
    ASKS_ALL = markdown.markdown.__wrapped__(smart_punctuation=True)
TEXTS = some.lists(some.sampled_from([*PIECES, *BLOCKS, *TAGS, "www.a.b", "\n\xa0", "a"]), max_size=40).map("".join)


def test_signs_are_those_of_rules_that_there_are() -> None:
    assert set(OF_LINES) <= set(ASKS_ALL.block.ruler.get_active_rules())
    assert set(IN_TEXT) <= set(ASKS_ALL.inline.ruler.get_active_rules())


@settings(max_examples=300, deadline=None)
@given(text=TEXTS)
def test_rules_are_asked_wherever_they_say_yes(text: str) -> None:
    with patch.object(markdown, "markdown", lambda **_: ASKS_ALL):
        expected = read(text)
    assert read(text) == expected


@pytest.mark.parametrize("text", ["\xa0::: {.notation}\n:::", "\x0c:::{mermaid}\na\n:::", "\u2003(a)=\nb"])
def test_white_space_of_any_kind_begins_what_it_began(text: str) -> None:
    with patch.object(markdown, "markdown", lambda **_: ASKS_ALL):
        expected = read(text)
    assert read(text) == expected


@settings(max_examples=500, deadline=None)
@given(text=some.text("${}\\a\n", max_size=20), double=some.booleans())
@example(text="${$}$", double=False)
@example(text="$${$$}$$", double=True)
@example(text="${\\}$}$", double=False)
def test_the_dollars_that_close_are_those_of_a_look_at_the_whole_text(text: str, *, double: bool) -> None:
    for sign in range(len(text)):
        inner = sign + 1 + double
        if text.startswith("$" * (1 + double), sign) and not text[:sign].endswith("\\"):
            slow = Endings(text)
            slow.__dict__["_has_code"] = True
            assert Endings(text).dollars(inner, double=double) == slow.dollars(inner, double=double)


@settings(max_examples=300, deadline=None)
@given(
    text=some.lists(
        some.sampled_from(["$", "$$", "\\", "\\(", "\\)", "`", " ", "a", r"\alpha", "[", "](b)"]), max_size=20
    )
)
def test_no_formula_that_is_not_closed_is_passed_over(text: list[str]) -> None:
    with patch.object(math, "_is_all_math", lambda *_: False):
        expected = errors("".join(text))
    assert errors("".join(text)) == expected


def errors(text: str) -> list[str]:
    source = Source(PurePosixPath("posts/2026-01-02-x.md"), "post", f"---\ntitle: x\n---\n{text}".encode())
    return [str(error) for error in parse(source, Config())[1]]
