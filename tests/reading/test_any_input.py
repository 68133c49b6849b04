"""Whatever stands in a file, reading it ends, raises nothing, gives whole HTML, and takes time as the file is long."""

from __future__ import annotations

import re
import time
from cProfile import Profile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some
from pieces import BLOCKS, PIECES, TAGS
from wellformed import faults, read

from sitegen.config import Config
from sitegen.errors import Location
from sitegen.model import Source
from sitegen.reading.dialects import template_tags
from sitegen.reading.dialects.chats import whole_chats
from sitegen.reading.dialects.d2l import with_labels
from sitegen.reading.dialects.gitbook import escapes_brackets
from sitegen.reading.dialects.lost_words import note_lost_words
from sitegen.reading.dialects.scan import LONGEST
from sitegen.reading.languages import language_of
from sitegen.reading.parse import parse
from sitegen.reading.parts import parts_of
from sitegen.reading.rules.bullets import MOST
from sitegen.typesetting.environments import proof_trees
from sitegen.typesetting.escapes import starred_subscripts
from sitegen.typesetting.rule import Context

if TYPE_CHECKING:
    from collections.abc import Callable

    from sitegen.reading.context import Reading

TEXTS = some.lists(some.sampled_from(PIECES + BLOCKS), max_size=60).map("".join)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=TEXTS, math=some.booleans())
def test_any_markdown_becomes_whole_html(text: str, *, math: bool) -> None:
    assert not faults(read(text, "title: x\nmath: true" if math else "title: x"))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=some.lists(some.sampled_from([*TAGS, *BLOCKS, *PIECES[:40], "a"]), max_size=40).map("".join))
@example(text="<svg><a id=x/>")
@example(text="<a href=/a/>b</a>")
def test_html_of_an_author_is_closed_where_it_was_opened(text: str) -> None:
    assert [fault for fault in faults(read(text)) if fault.endswith(("closes nothing", "never closed"))] == []


@settings(max_examples=100, deadline=None)
@given(text=some.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    read(re.sub(r"^(---|\+\+\+)", "", text))


OPENINGS = (
    "[", "![", "[a](", "*", "**a ", "_a ", "`", "``a `", "<", "<a ", "<!--", "<div>\n", "<p class=proof>\n\n", "<pre>", "$", "$a{ ", "$$a ", "$$\n", "$ a ",
    r"\(", r"\[a ", r"\begin{align}", "\\begin{align}\n", "{", "{{", "{%", "{: .a", "|", "a|b\n", ":::\n", "> ", "> $$\n", "- $$\n",
    "^[", "[^1]", "[[", "[@a", "@a ", "~~a ", "==a ", "'a \"b ", "&", "\\", "{eval}`", "`{python} ", r"$\newcommand{", r"$\text{",
    "a. b\n", "(a) b\n\n", "- a. b\n  a. b\n", "- a. b\n  c. d\n", "(@a) ", "a. b\n(i) c\n", "| a\n", "| $", "$$$ a ",
)  # fmt: skip


def steps(text: str) -> int:
    """Return how many functions are called to read a text, Python's own with them: on any machine the same."""
    with Profile() as profile:
        read(text)
    return sum(entry.callcount for entry in profile.getstats())


@pytest.mark.parametrize("piece", OPENINGS)
def test_what_is_never_closed_takes_steps_as_it_is_long(piece: str) -> None:
    read(piece)
    once, twice = (steps(piece * (length // len(piece))) for length in (1_500, 3_000))
    assert twice <= 2.4 * once + 2_000


def includes(text: str) -> object:
    """Return the files that a text includes in which the word for it stands."""
    return parts_of(PurePosixPath("posts/a.md"), f"include {text}", lambda _: None)


def words_lost(text: str) -> None:
    """Look for the words of an argument in what is shown, where all are."""
    place = Location("a.md", 1)
    note_lost_words([("a", place, [("title", f"one {text}")])], [f"one {text}"], cast("Reading", None))


@pytest.mark.parametrize(
    ("read_part", "piece"),
    [
        (whole_chats, "\\( "),
        (whole_chats, "[^1^][^2^][^3^] "),
        (with_labels, ":label:`tab_a`\n"),
        (includes, " "),
        (includes, "<<< ./a[ "),
        (lambda text: language_of(text, "en"), "가\\["),
        (words_lost, "字字字字"),
        (words_lost, "\\( "),
        (lambda tex: list(starred_subscripts(tex, Context(display=False, arguments={}))), "abc"),
        (lambda tex: list(proof_trees(tex, Context(display=True, arguments={}))), "\\begin{prooftree}"),
    ],
)
def test_dialects_take_time_as_the_text_is_long(read_part: Callable[[str], str], piece: str) -> None:
    start = time.process_time()
    read_part(piece * 10_000)
    assert (
        time.process_time() - start < 1
    )  # a search from each to the end, or back to the beginning, takes 2 s and more


def test_the_place_of_a_link_by_reference_is_not_searched_for_in_its_paragraph() -> None:
    count = 4000
    links = "".join(f"[x][r{n}]\n" for n in range(count)) + "\n"
    text = links + "".join(f"[r{n}]: https://example.org/{n}\n" for n in range(count))
    profile = Profile()
    profile.runcall(parse, Source(PurePosixPath("posts/2026-01-02-x.md"), "post", text.encode()), Config())
    calls = sum(entry.callcount for entry in profile.getstats())
    assert calls < 1000 * count  # a search from each link through all lines makes 4 times as many


def test_brackets_that_are_never_closed_are_looked_at_once() -> None:
    assert not escapes_brackets("\\(" * 500_000)  # a search from each of them to the end would take hours


def test_tags_that_are_never_closed_are_not_read_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for pattern in ("_LIQUID", "_SHORTCODE", "ESCAPED"):
        monkeypatch.setattr(template_tags, pattern, None)  # each took the longest tag's time: 10 s for 200 kB
    read("{% cite a {{< x " * 10)
    read("{% cite a {{< x " * 10 + " " * LONGEST + " >}} %}")


def test_so_many_lists_with_bullets_that_each_would_copy_a_long_text_stay_text() -> None:
    post, _ = parse(
        Source(PurePosixPath("posts/2026-01-02-x.md"), "post", ("• x\n\nText.\n\n" * (MOST + 2)).encode()), Config()
    )
    assert post
    html = "".join(getattr(part, "html", "") for part in post.body)
    assert html.count("<ul>") == MOST
    assert html.count("• x") == 2


def test_a_dot_between_two_words_where_a_line_is_broken_begins_no_list() -> None:
    post, _ = parse(Source(PurePosixPath("posts/2026-01-02-x.md"), "post", "Korea\n· Japan\n".encode()), Config())
    assert post
    assert "<ul>" not in "".join(getattr(part, "html", "") for part in post.body)


def test_a_slash_behind_a_bare_value_ends_no_link() -> None:
    assert read("<a href=/about/>About</a> it") == '<p><a href="x">About</a> it</p>\n'
    assert read("<svg><path d=M0/></svg>") == "<p><svg><path d=M0 /></svg></p>\n"


@pytest.mark.parametrize(
    "text",
    [
        "<script a</script>",  # an attribute's name to a browser, and all that follows is the script's
        "<div <code</code>",
        '<div><pre x="<></pre>',
        "<pre <b></pre>",
        "<!--> <b> -->",  # a comment ends where browsers see its end
        "a <!-- b --!> <b> -->",
        "a <script src='mathjax.js'></script> b",
        '<script ="mathjax">',
        '<script></script><script ="">\n<script></script>',
    ],
)
def test_a_slip_in_a_tag_does_not_reach_the_rest_of_the_page(text: str) -> None:
    assert faults(read(text)) == []


def test_the_end_of_a_gated_block_may_be_indented_like_code() -> None:
    assert not faults(read("::: {exercise-start}\n:::\n\nText.\n\n    ::: {exercise-end}\n    :::\n"))


def test_an_element_of_a_longer_name_is_no_code() -> None:
    assert read("<code-x>\n$a$</code-x>\n<code></code>") == "<code-x>\nx</code-x>\n<code></code>"


def test_a_paragraph_of_quotation_marks_keeps_them_straight_and_any_other_curls_them() -> None:
    assert read("'a' " * 250).count("\N{LEFT SINGLE QUOTATION MARK}a\N{RIGHT SINGLE QUOTATION MARK}") == 250
    assert read("'a' " * 251).count("'a'") == 251
    assert (
        read(f"{'|' * 600}\n\n'a'")
        == f"<p>{'|' * 600}</p>\n<p>\N{LEFT SINGLE QUOTATION MARK}a\N{RIGHT SINGLE QUOTATION MARK}</p>\n"
    )


def test_two_images_of_one_name_in_a_text_are_an_error_whatever_the_name_begins_with() -> None:
    source = b"---\ntitle: x\n---\n![a](b.png){#eq-x} and ![a](b.png){#eq-x}"
    _, errors = parse(Source(PurePosixPath("posts/2026-01-02-x.md"), "post", source), Config())
    assert ["the label `eq-x` is already used on line 4" in str(error) for error in errors] == [True]


def test_a_script_ends_where_its_lines_end_whatever_ended_them() -> None:
    html = read("<script>a\n</pre>\n\ntext\n\n- <script>b\n- c")
    assert faults(html) == []
    assert "<script>a\n</pre>\n</script>\n<p>text</p>" in html


def test_an_outline_of_many_levels_keeps_its_last() -> None:
    assert "last" in read("".join("  " * level + "- a\n" for level in range(30)) + "  " * 30 + "- last\n")
    assert "last" in read("> " * 60 + "last")


def test_what_is_nested_too_deeply_is_told() -> None:
    text = "![" * 2_000 + "a" + "](b.png)" * 2_000
    post, errors = parse(Source(PurePosixPath("posts/2026-01-02-x.md"), "post", text.encode()), Config())
    assert post is None
    assert [error.message for error in errors] == ["something in it is nested too deeply"]
