"""Search as readers use it, in a browser and with the keyboard alone: words, code and formulas, in every language."""

from __future__ import annotations

import re
import subprocess
from pathlib import PurePosixPath
from tempfile import gettempdir
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from browser import chromium, serving

from sitegen.model import Stored
from sitegen.pipeline import Options, build
from sitegen.publishing import search
from sitegen.publishing.write import write_files
from sitegen.store import Store
from sitegen.typesetting.katex import ToolError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page, Route

POSTS = {
    "softmax": (
        "lang: en",
        r"""# Softmax

## Temperature

The function ($\sigma(z)_i = \frac{e^{z_i}}{Z}$) ends, and so does `np.log_softmax(x)`.
`<script>alert(1)</script>` stays text: `a < b <mark>`.

## On the loss $\ell_2$

Its $\sigma$, and the display
$$
\begin{aligned}
\frac{\partial L}{\partial x} &= \sum_i x_i - \operatorname{sign}(y_1) + \operatorname{sign}(y_2) + \operatorname{sign}(y_3) \\
&= \sum_i x_i - \operatorname{sign}(y_1) + \operatorname{sign}(y_2) + \operatorname{sign}(y_3) + \frac{\partial L}{\partial z}
\end{aligned}
$$
which the word gradually follows.""",
    ),
    "entropy": ("lang: ko", "교차 엔트로피는 로그우도를 최대화한다."),
    "descent": ("lang: ja", "確率的勾配降下法は機械学習でよく使われる。"),
    "gradient": ("lang: zh", "随机梯度下降是机器学习中常用的优化方法。"),
}


def write_blog(folder: Path) -> Path:
    (folder / "posts").mkdir(parents=True)
    for day, (slug, (header, text)) in enumerate(POSTS.items(), 1):
        path = folder / "posts" / f"2026-01-0{day}-{slug}.md"
        path.write_text(f"---\ntitle: On {slug}\n{header}\n---\n\n{text}\n", encoding="utf-8")
    return folder


def index_files(blog: Path, store: Store, *, final: bool = True) -> dict[str, bytes]:
    result = build(blog, store, Options(final=final))
    assert [str(error) for error in result.errors] == []
    found = {str(path): content for path, content in result.files.items() if path.parts[0] == "pagefind"}
    return {path: store.content(content.digest) for path, content in found.items() if isinstance(content, Stored)}


def test_a_pagefind_that_is_killed_is_said_to_be() -> None:
    indexer = search.Indexer()
    indexer._process.kill()
    indexer.give([])
    with pytest.raises(ToolError, match="killed by signal 9; the system ends what takes too much memory"):
        indexer.found()
    indexer.end()


def test_a_search_that_is_turned_on_later_finds_what_it_would_from_the_start(tmp_path: Path) -> None:
    blog = write_blog(tmp_path / "blog")
    settings = blog / "site.yml"
    with Store(None) as store, Store(None) as other:
        settings.write_text("title: T\nsearch: false\n", encoding="utf-8")
        assert index_files(blog, store) == {}
        settings.write_text("title: T\n", encoding="utf-8")
        assert index_files(blog, store) == index_files(blog, other)


def test_an_index_has_the_same_bytes_every_time_and_is_made_only_when_an_article_changed(tmp_path: Path) -> None:
    blog = write_blog(tmp_path / "blog")
    with Store(None) as store, Store(None) as other:
        first = index_files(blog, store)
        assert first == index_files(blog, other)
        assert {"pagefind/pagefind.js", "pagefind/pagefind-entry.json"} <= set(first)
        assert not [path for path in first if "-ui" in path]
        assert build(blog, store, Options(final=True)).report["search indexes made"] == 0
        post = next((blog / "posts").glob("*softmax.md"))
        post.write_text(post.read_text(encoding="utf-8") + "\nMore.\n", encoding="utf-8")
        assert index_files(blog, store, final=False) == first  # a preview shows the last one
        assert index_files(blog, store) != first


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the blog under a path of its own, as on GitHub Pages; gives its address, with a slash at the end."""
    folder = tmp_path_factory.mktemp("search")
    blog = write_blog(folder / "blog")
    with Store(None) as store:
        result = build(blog, store, Options(final=True, url="https://example.org/notes"))
        assert [str(error) for error in result.errors] == []
        write_files(result.files, folder / "served" / "notes", store)
    with serving(folder / "served") as address:
        yield f"{address}/notes/"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def found(page: Page) -> list[str]:
    page.wait_for_selector(".search-results li, .search-status:not(:empty)")
    links = page.query_selector_all(".search-results .search-page-link")
    return [urlsplit(str(link.evaluate("link => link.href"))).path for link in links]


@pytest.mark.parametrize(
    ("query", "slug", "lang"),
    [
        ("temperature", "softmax", "entropy"),
        ("log_softmax", "softmax", "softmax"),
        (r"\sigma", "softmax", "entropy"),
        ("frac", "softmax", "softmax"),
        ("operatorname", "softmax", "softmax"),
        ("교차 엔트로피", "entropy", "softmax"),
        ("로그우도", "entropy", "entropy"),
        ("勾配降下", "descent", "softmax"),
        ("梯度下降", "gradient", "entropy"),
    ],
)
def test_words_code_and_formulas_are_found_in_every_language_from_a_page_in_any(
    site: str, browser: Browser, query: str, slug: str, lang: str
) -> None:
    page = browser.new_page()
    page.goto(f"{site}posts/{lang}/")
    page.keyboard.press("/")
    page.wait_for_selector(".search-dialog[open] input:focus")
    page.keyboard.type(query)
    assert f"/notes/posts/{slug}/" in found(page)
    page.close()


@pytest.mark.parametrize(
    ("query", "slugs"),
    [("temperament", {"softmax"}), ("xylophone", set()), ("bananas", set()), ("signs", {"softmax"})],
)
def test_a_word_that_is_nowhere_is_not_found_by_its_first_letter(
    site: str, browser: Browser, query: str, slugs: set[str]
) -> None:
    page = browser.new_page()
    page.goto(f"{site}search/?q={query}")
    assert {path.split("/")[-2] for path in found(page)} == slugs
    page.close()


def test_the_keyboard_opens_moves_and_closes_and_nothing_is_loaded_before(site: str, browser: Browser) -> None:
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(site)
    assert not [url for url in asked if "search" in url or "pagefind" in url]
    page.keyboard.press("Control+k")
    page.wait_for_selector(".search-dialog[open] input:focus")
    page.keyboard.press("Escape")
    assert page.query_selector(".search-dialog[open]") is None
    page.keyboard.press("/")
    page.keyboard.type("temperature")
    page.wait_for_selector(".search-results:not([aria-busy]) li")
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.href").endswith("/notes/posts/softmax/#temperature")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/notes/posts/softmax/#temperature")
    page.close()


def test_what_is_typed_before_the_box_is_there_is_searched_for(site: str, browser: Browser) -> None:
    page = browser.new_page()

    def late(route: Route) -> None:
        page.keyboard.type("temper")
        route.continue_()

    page.route("**/*search*.js", late)
    page.goto(site)
    page.keyboard.press("/")
    page.wait_for_selector(".search-dialog[open] input:focus")
    page.keyboard.type("ature")
    assert page.input_value(".search-dialog input") == "temperature"
    page.wait_for_selector(".search-results:not([aria-busy]) li")
    page.close()


def test_who_is_among_the_results_stays_there_when_later_ones_come(site: str, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{site}search/?q=temp")
    page.wait_for_selector(".search-results:not([aria-busy]) li")
    page.focus(".search input")
    page.keyboard.press("ArrowDown")
    page.locator(".search input").evaluate(
        "box => { box.value = 'temperature'; box.dispatchEvent(new Event('input')); }"
    )
    page.wait_for_url("**?q=temperature")
    page.wait_for_selector(".search-results:not([aria-busy]) li")
    assert page.evaluate("document.activeElement.href").endswith("/notes/posts/softmax/")
    page.locator(".search input").evaluate(
        "box => { box.value = 'nowhere-at-all'; box.dispatchEvent(new Event('input')); }"
    )
    page.wait_for_selector(".search-status:has-text('nowhere-at-all')")
    assert page.evaluate("document.activeElement.name") == "q"
    page.close()


def test_the_search_page_loads_nothing_before_something_is_typed(site: str, browser: Browser) -> None:
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site}search/", wait_until="networkidle")
    assert page.evaluate("document.activeElement.name") == "q"
    assert not [url for url in asked if "pagefind" in url]
    page.keyboard.type("temperature")
    assert found(page)
    page.close()


def test_snippets_show_formulas_as_readable_text_and_code_as_text(site: str, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{site}search/?q=sigma")
    assert found(page) == ["/notes/posts/softmax/"]
    shown = page.inner_text(".search-results")
    assert "The function (σ(z)_i = (e^z_i)/Z) ends, and" in shown
    assert page.inner_text(".search-results mark") == "σ(z)_i = (e^z_i)/Z"
    assert not re.search(r"\\|[\u2061-\u2064]", shown)
    assert "On the loss ℓ₂" in shown
    assert "<script>alert(1)</script>" in shown
    assert "a < b <mark>" in shown
    for query, seen in (("gradually", "word gradually follows."), ("operatorname", "∑_ix_i−sign(y₁)")):
        page.goto(f"{site}search/?q={query}")
        assert found(page) == ["/notes/posts/softmax/"]
        shown = page.inner_text(".search-results")
        assert (seen in shown, re.search(r"\\|[\u2061-\u2064]", shown)) == (True, None), shown
    page.fill(".search input", "nowhere-to-be-found")
    page.wait_for_selector(".search-status:has-text('nowhere-to-be-found')")
    assert page.url.endswith("?q=nowhere-to-be-found")
    page.close()


def test_without_a_script_the_button_leads_to_a_page_that_says_how_to_search_otherwise(
    site: str, browser: Browser
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site)
    page.click(".search-open")
    assert page.url == f"{site}search/"
    assert page.is_visible(".search-place p a:has-text('Archive')")
    assert page.get_attribute(".search-elsewhere [name=sites]", "value") == "example.org/notes/"
    context.close()


def test_an_index_for_which_there_is_no_room_is_an_error_that_says_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(_: object, said: IO[bytes], wrong: object) -> subprocess.Popen[bytes]:
        del wrong
        said.write(b'[["pagefind.js", "Y3V0')
        return subprocess.Popen(["true"], stdin=subprocess.PIPE)

    monkeypatch.setattr(search, "_start", cut_off)
    with Store(None) as store:
        (error,) = build(write_blog(tmp_path / "blog"), store, Options(final=True)).errors
    assert (error.message, error.location.path) == ("the disk is full", gettempdir())
    assert "TMPDIR" in error.hint


def test_what_makes_an_index_begins_while_posts_are_read_and_ends_with_a_build_that_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []
    start = search._start

    def noting(*arguments: Any) -> subprocess.Popen[bytes]:
        started.append(start(*arguments))
        return started[-1]

    monkeypatch.setattr(search, "_start", noting)
    blog = write_blog(tmp_path / "blog")
    wrong = blog / "posts" / "2026-01-01-wrong.md"
    wrong.write_text("---\ntitle: A\n---\n\n$\\oops$\n", encoding="utf-8")
    with Store(None) as store:
        assert build(blog, store, Options(final=True)).errors
        assert [process.poll() is None for process in started] == [False]
        wrong.unlink()
        assert not build(blog, store, Options(final=True)).errors  # nothing new is read
        assert not build(blog, store, Options(final=True)).errors  # nor has an article changed
    assert [process.poll() is None for process in started] == [False, False]


def test_a_blog_that_wants_no_search_has_none(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "2026-01-01-a.md").write_text("---\ntitle: A\n---\n\nText.\n", encoding="utf-8")
    (tmp_path / "site.yml").write_text("title: T\nsearch: false\n", encoding="utf-8")
    with Store(None) as store:
        result = build(tmp_path, store, Options(final=True))
        assert not result.errors
        assert not [path for path in result.files if path.parts[0] in {"search", "pagefind"}]
        page = result.files[PurePosixPath("index.html")]
        assert isinstance(page, Stored)
        assert b"/search/" not in store.content(page.digest)
