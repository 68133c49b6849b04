"""The theme in every language: its words, its dates, and which way it is read."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import pytest
import yaml

from sitegen.model import Stored
from sitegen.pipeline import Options, build
from sitegen.publishing.wording import Wording, written_date
from sitegen.store import Store
from sitegen.words import words_of

TEMPLATES = Path(__file__).parents[2] / "templates"
LANGUAGES = ("ar", "de", "en", "es", "fa", "fr", "ja", "ko", "pt", "ru", "zh", "zh-hant")
DAY = datetime(2026, 2, 3, tzinfo=UTC)


def built(blog: Path, store: Store) -> dict[str, str]:
    result = build(blog, store, Options())
    assert [str(error) for error in result.errors] == []
    kept = {path: content for path, content in result.files.items() if isinstance(content, Stored)}
    return {str(path): store.content(content.digest).decode(errors="replace") for path, content in kept.items()}


def write(blog: Path, lang: str, **posts: str) -> Path:
    (blog / "posts").mkdir(parents=True, exist_ok=True)
    (blog / "site.yml").write_text(f"lang: {lang}\ntitle: T\n", encoding="utf-8")
    for slug, header in posts.items():
        text = f"---\ntitle: {slug}\ndate: 2026-02-03\n{header}\n---\n\nText $x$.\n\n## A\n\n## B\n"
        (blog / "posts" / f"{slug}.md").write_text(text, encoding="utf-8")
    return blog


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_says_every_word(lang: str) -> None:
    words = yaml.safe_load((TEMPLATES / "words" / f"{lang}.yml").read_text(encoding="utf-8"))
    english = yaml.safe_load((TEMPLATES / "words" / "en.yml").read_text(encoding="utf-8"))
    assert list(words) == list(english)
    assert len(words["months"]) == len(words["months_short"]) == 12
    for name, text in english.items():  # what a template puts in
        assert [part for part in ("%(part)d", "%(count)d", "%(number)d", "%(minutes)d") if part in text] == [
            part for part in ("%(part)d", "%(count)d", "%(number)d", "%(minutes)d") if part in words[name]
        ], name


@pytest.mark.parametrize(("lang", "word"), [("de", "Eigenschaft"), ("zh-TW", "性質"), ("eo", "Property")])
def test_what_is_stated_is_named_in_the_language_of_its_page(lang: str, word: str) -> None:
    assert words_of(lang, {})["property"] == word
    assert words_of(lang, {"property": "P"})["property"] == "P"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_blog_in_any_language_is_built_with_no_word_of_another(tmp_path: Path, lang: str) -> None:
    with Store(None) as store:
        files = built(write(tmp_path, lang, one="series: S\ntags: [t]", two="series: S"), store)
    post, archive = files["posts/one/index.html"], files["archives/index.html"]
    assert f'<html lang="{lang}"{" dir=" if lang in {"ar", "fa"} else ""}' in post
    said = {name: Wording([TEMPLATES]).of(lang) for name in LANGUAGES}[lang]
    assert said.contents in post
    assert f"<title>{said.archive} " in archive
    assert f">{said.tags}</a>" in post
    for other in ("min read", "Contents", "February", "Previous part"):
        assert other not in post or lang == "en"


@pytest.mark.parametrize(
    ("lang", "date"),
    [
        ("en", "3 February 2026"),
        ("de", "3. Februar 2026"),
        ("ko", "2026년 2월 3일"),
        ("ar", "3 فبراير 2026"),
        ("pt-BR", "3 de fevereiro de 2026"),
        ("ru", "3 февраля 2026"),
        ("zh-TW", "2026年2月3日"),
        ("nl", "3 February 2026"),
    ],
)
def test_dates_are_written_as_a_language_writes_them(lang: str, date: str) -> None:
    say = Wording([TEMPLATES]).of(lang)
    assert written_date(DAY, say.date, say) == date


def test_chinese_is_written_as_in_the_country_of_its_code() -> None:
    said = [Wording([TEMPLATES]).of(lang).contents for lang in ("zh-CN", "zh-SG", "zh-TW", "zh-Hant-HK")]
    assert said == ["目录", "目录", "目錄", "目錄"]


def test_a_post_is_shown_in_its_own_language_and_which_way_it_is_read(tmp_path: Path) -> None:
    with Store(None) as store:
        files = built(write(tmp_path, "en", one="lang: ko", two="lang: he"), store)
    assert "목차" in files["posts/one/index.html"]
    assert '<html lang="he" dir="rtl">' in files["posts/two/index.html"]
    assert '<html lang="en">' in files["index.html"]


def test_a_blogs_own_words_lie_over_the_themes_and_a_change_renders_their_pages_again(tmp_path: Path) -> None:
    write(tmp_path, "en", one="lang: ko", two="tags: [a]")
    own = tmp_path / "templates" / "words" / "en.yml"
    own.parent.mkdir(parents=True)
    own.write_text("contents: In this post\n", encoding="utf-8")
    with Store(None) as store:
        files = built(tmp_path, store)
        assert "In this post" in files["posts/two/index.html"]
        assert "Draft" not in files["posts/two/index.html"]
        own.write_text("contents: What is here\n", encoding="utf-8")
        result = build(tmp_path, store, Options())
        page = result.files[PurePosixPath("posts/two/index.html")]
        assert isinstance(page, Stored)
        assert "What is here" in store.content(page.digest).decode()
        assert build(tmp_path, store, Options()).report["pages rendered"] == 0
        post = tmp_path / "posts" / "two.md"
        post.write_text(post.read_text(encoding="utf-8").replace("tags: [a]", "tags: [a]\nlang: de"), encoding="utf-8")
        assert "Inhalt" in built(tmp_path, store)["posts/two/index.html"]


def test_a_mistake_in_the_words_is_told_with_its_line(tmp_path: Path) -> None:
    write(tmp_path, "en", one="")
    own = tmp_path / "templates" / "words" / "en.yml"
    own.parent.mkdir(parents=True)
    own.write_text("contents: [In\n", encoding="utf-8")
    with Store(None) as store:
        errors = build(tmp_path, store, Options()).errors
    assert {str(error.location.path) for error in errors} == {"templates/words/en.yml"}


@pytest.mark.parametrize(
    ("lang", "back", "forward"), [("en", "←", "→"), ("ar", "→", "←"), ("he", "→", "←"), ("fa-IR", "→", "←")]
)
def test_arrows_point_where_the_language_is_read_to(lang: str, back: str, forward: str) -> None:
    say = Wording([TEMPLATES]).of(lang)
    assert (say.back, say.forward) == (back, forward)
