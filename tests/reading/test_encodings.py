"""Text that was read in a wrong encoding is as it was again, and text that only looks like it stays."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.config import Config
from sitegen.model import Source
from sitegen.reading.encodings import mend
from sitegen.reading.parse import parse

SIGNS = [
    "→",
    "—",
    "“soft” max",
    "don’t",
    "σ(z)",
    "∂L/∂z",
    "≥ 1",
    "👉 so",
    "✅ holds",
    "│",
    "▼",
    "Größe",
    "naïve",
    "확률",
]
RIGHT = {
    "English": "“Don’t” — it says → 3 °C, ½ of £5, naïve café…",
    "French": "À quoi bon ? « Été » : voilà, déjà vu… «É» “À”",
    "German": "„Größe“ – Maßstäbe, Ä–Ö »Übung«",
    "Polish": "„Żółć” – zażółć gęślą jaźń…",
    "Russian": "«Функция» — это… № 5, «потеря»",
    "Ukrainian": "Їжак і ґанок: «їсть»… є ще",
    "Greek": "Η «συνάρτηση» — σ(z)… Ω",
    "Korean": "소프트맥스 “확률” → 1…",
    "Chinese": "交叉熵——“损失”：越小越好……",
    "Japanese": "「損失」は → 0 です…",
    "Turkish": "“Şöyle” ğ Ğ ı İ — çığ",
    "Vietnamese": "Đây là “hàm” — độ dốc",
    "Spanish": "¿Qué? «¡Sí!» — año…",
}


def read(text: str, name: str) -> str:
    """Return what a program shows that takes UTF-8 for another encoding, and loses what has no sign there."""
    return text.encode().decode(name, "ignore")


@pytest.mark.parametrize("name", ["cp1252", "mac-roman", "cp1254", "latin-1", "cp437", "cp850", "cp866"])
def test_what_was_read_in_a_wrong_encoding_is_as_it_was(name: str) -> None:
    text = "# Loss\n\nIt’s “sharp” — so\n\n- Large $s$ → one\n- a ≥ 1 → $\\sigma$ …\n\n```\n│ x\n```\n" + "plain\n" * 30
    found = mend(read(text, name))
    assert found is not None
    assert found.text == text
    assert [line for line, *_ in found.places] == [3, 5, 6, 9]


@pytest.mark.parametrize("language", RIGHT)
@pytest.mark.parametrize("name", ["cp437", "cp850", "cp866"])
def test_what_a_console_showed_is_as_it_was_in_every_language(name: str, language: str) -> None:
    text = f"{RIGHT[language]}\n\n- {RIGHT[language]}\n"
    found = mend(read(text, name))
    assert found is not None
    assert (found.text, found.lost) == (text, ())


def test_what_was_read_in_a_wrong_encoding_twice_is_as_it_was() -> None:
    text = "It’s “sharp” — so\n\n- Größe → one\n- a ≥ 1 …\n"
    once = text.encode().decode("latin-1")
    found = mend(once.encode().decode("latin-1"))
    assert found is not None
    assert found.text == text


def test_a_sign_in_the_place_of_a_lost_byte_goes_where_the_rest_says_what_was_meant() -> None:
    text = "❌ no\n✅ yes → 1\n→ 2\nhe said “so” — no\n점 → 1"
    found = mend(text.encode().decode("cp1252", "replace"))
    assert found is not None
    assert found.text.split("\n")[:4] == text.split("\n")[:4]
    assert "\x1a" not in found.text
    assert found.lost == (5,)


@given(st.lists(st.sampled_from(SIGNS), min_size=4, max_size=12), st.sampled_from(["cp1252", "mac-roman", "cp1254"]))
def test_every_line_is_as_it_was_or_as_it_stands(words: list[str], name: str) -> None:
    text = "\n".join(words)
    damaged = read(text, name)
    found = mend(damaged)
    if found is None:
        return
    for was, now, stands in zip(words, found.text.split("\n"), damaged.split("\n"), strict=True):
        is_whole = stands.encode(name) == was.encode()
        assert now in {was, stands} or not is_whole


@pytest.mark.parametrize("language", RIGHT)
def test_what_is_right_stays(language: str) -> None:
    assert mend((RIGHT[language] + "\n") * 5) is None


def test_a_few_damaged_lines_among_right_ones_are_mended_in_prose_and_not_in_code() -> None:
    text = (
        f"확률은 하나다\n손실은 작다\n{read('It’s “sharp”', 'mac-roman')} `{read('tést', 'cp1252')}`\n경사 하강\n미분"
    )
    found = mend(text)
    assert found is not None
    assert found.text.split("\n")[2] == f"It’s “sharp” `{read('tést', 'cp1252')}`"
    fenced = f"어떤 글\n\n```\n{read('tést', 'cp1252')}\n```\n"
    assert mend(fenced) is None


def test_what_lost_bytes_is_guessed_where_one_sign_is_meant_and_told_where_more_could_be() -> None:
    text = "❌ no\n✅ yes → 1\n1️⃣ one\n→ 2\n→ ∞\nhe said “so” — no"
    found = mend(read(text, "cp1254"))
    assert found is not None
    assert found.text == text.replace("∞", "âˆ")
    assert found.lost == (5,)


def test_an_author_is_told_and_may_keep_what_stands_there() -> None:
    def post(header: str) -> tuple[str, tuple[str, ...]]:
        text = f"---\ntitle: T\n{header}---\n" + read("a → b\n\nc → d\n\nIt’s so\n", "cp1252")
        found, errors = parse(Source(PurePosixPath("posts/x.md"), "post", text.encode()), Config())
        assert found is not None
        assert not errors
        return str(found.body), found.notes

    body, notes = post("")
    assert "a → b" in body
    (note,) = notes
    assert note.startswith(
        "posts/x.md:4: `â†’` is `→`, read as Windows-1252 somewhere: 3 lines are shown as they were;"
    )
    body, notes = post("mend-encoding: false\n")
    assert "a â†’ b" in body
    assert notes == ()


def test_an_author_is_told_where_a_sign_stands_for_what_was_lost() -> None:
    text = b"---\ntitle: T\n---\nna\xef\xbf\xbdve\n\nfine\n\ncaf\xef\xbf\xbd\n"
    post, errors = parse(Source(PurePosixPath("posts/x.md"), "post", text), Config())
    assert post is not None
    assert not errors
    (note,) = post.notes
    assert note.startswith("posts/x.md:4: `\ufffd` stands here and in 1 more line for what some program could not read")
