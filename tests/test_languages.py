"""Posts in several languages in a browser: how they are broken, leaned, and read from the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from browser import chromium, serving

from sitegen.pipeline import Options, build
from sitegen.publishing.write import write_files
from sitegen.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

ARABIC = r"""---
title: الزخم
lang: ar
categories: [رياضيات]
bibliography: refs.bib
series: رحلة
---
نصّ قصير [@cauchy1847].[^1]

[^1]: حاشية.

| أ | ب |
|---|---|
| ج | د |

> *اقتباس*

```python check
claim("واحد", True)
```
"""
KOREAN = r"""---
title: 소프트맥스와 크로스 엔트로피
lang: ko
series: 손실
---
함수 $x$의 *값*이다. 크다.

::: {.proof}
자명하다.
:::
"""
GERMAN = """---
title: Donaudampfschifffahrtsgesellschaftskapitänsmützenverordnung
lang: de
tags: [Donaudampfschifffahrtsgesellschaftskapitänsmützenverordnung]
---
Die Grundstücksverkehrsgenehmigungszuständigkeit und `grundstuecksverkehrsgenehmigungszustaendigkeit`.
"""
POSTS = {
    "2026-01-01-one": "---\ntitle: One\n---\nEnglish.\n",
    "2026-01-02-german": GERMAN,
    "2026-01-03-two": "---\ntitle: Two\n---\nEnglish.\n",
    "2026-01-04-arabic": ARABIC,
    "2026-01-05-second": "---\ntitle: ثانٍ\nlang: ar\nseries: رحلة\n---\nنصّ.\n",
    "2026-01-06-korean": KOREAN,
    "2026-01-07-hebrew": "---\ntitle: עברית\nlang: he\n---\nטקסט.\n",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("languages")
    (folder / "posts").mkdir()
    for name, text in POSTS.items():
        (folder / "posts" / f"{name}.md").write_text(text, encoding="utf-8")
    (folder / "refs.bib").write_text("@book{cauchy1847, author={Cauchy, A.}, title={Méthode}, year={1847}}\n")
    (folder / "assets" / "img").mkdir(parents=True)
    (folder / "assets" / "img" / "logo.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 40"><path d="M0 0h120v40H0z"/></svg>'
    )
    (folder / "site.yml").write_text("title: Notes of the numerical kitchen\nlogo: img/logo.svg\n")
    with Store(folder / "store.sqlite") as store:
        result = build(folder, store, Options(workers=1, future=True))
        assert [str(error) for error in result.errors] == []
        write_files(result.files, folder / "_site", store)
    return folder / "_site"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    with serving(site) as found:
        yield found


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 360, "height": 800})
    page.set_default_timeout(5_000)
    yield page
    page.close()


def look(page: Page, selector: str, name: str) -> str:
    return str(page.eval_on_selector(selector, "(one, name) => getComputedStyle(one)[name]", name))


def edge(page: Page, selector: str, side: str) -> float:
    return float(page.eval_on_selector(selector, "(one, side) => one.getBoundingClientRect()[side]", side))


def test_scripts_without_italics_are_not_slanted(page: Page, address: str) -> None:
    for path, stressed in (("korean", ".prose em, .proof .theorem-head"), ("arabic", "blockquote em")):
        page.goto(f"{address}/posts/{path}/")
        assert look(page, ".prose", "fontSynthesisStyle") == "none"
        weights = page.eval_on_selector_all(stressed, "all => all.map(one => getComputedStyle(one).fontWeight)")
        assert set(weights) == {"650"}
    page.goto(f"{address}/posts/one/")
    assert look(page, ".prose", "fontSynthesisStyle") == "auto"


def test_korean_is_broken_between_words_and_holds_particles_to_their_formulas(page: Page, address: str) -> None:
    for path, title in (("/posts/korean/", "h1"), ("/", "h2 [lang=ko]")):
        page.goto(address + path)
        assert look(page, title, "wordBreak") == "keep-all"
        assert float(look(page, title, "lineHeight")[:-2]) >= 1.2 * float(look(page, title, "fontSize")[:-2])
    page.goto(f"{address}/posts/korean/")
    assert page.locator(".prose .held").inner_text().endswith("의")


def test_long_german_words_are_hyphenated_and_code_is_not(page: Page, address: str) -> None:
    page.goto(f"{address}/posts/german/")
    assert look(page, ".prose p", "hyphens") == "auto"
    assert look(page, ".prose code", "hyphens") == "manual"
    page.goto(f"{address}/posts/one/")
    assert look(page, ".prose p", "hyphens") == "manual"


@pytest.mark.parametrize("path", ["one", "two", "german", "arabic", "korean"])
@pytest.mark.parametrize("width", [320, 360, 1280])
def test_a_long_word_in_a_title_stays_within_its_page(page: Page, address: str, path: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{address}/posts/{path}/")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    inside = "one => one.scrollWidth <= one.clientWidth"
    assert all(page.eval_on_selector_all(".neighbours a", f"all => all.map({inside})"))


def test_a_long_tag_stays_within_its_page(page: Page, site: Path, address: str) -> None:
    (tag,) = (path.name for path in (site / "tags").iterdir() if path.is_dir())
    page.goto(f"{address}/tags/{tag}/")
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_a_date_in_english_is_read_from_the_left_where_the_rest_is_not(page: Page, address: str) -> None:
    page.goto(f"{address}/posts/hebrew/")
    place = """(time, word) => { const range = document.createRange(); const at = time.textContent.indexOf(word);
      range.setStart(time.firstChild, at); range.setEnd(time.firstChild, at + 1); return range.getBoundingClientRect().left; }"""
    day, month = (page.eval_on_selector(".byline time", place, word) for word in ("7", "January"))
    assert day < month


def test_what_is_read_from_the_right_begins_at_the_right(page: Page, address: str) -> None:
    page.goto(f"{address}/posts/arabic/")
    cell, table = edge(page, "thead th", "right"), edge(page, "table", "right")
    assert cell == pytest.approx(table, abs=1)
    assert look(page, "thead th", "paddingRight") == "0px"
    assert look(page, ".series-box summary", "paddingRight") != "0px"
    assert float(look(page, ".claim", "paddingRight")[:-2]) > 2 * float(look(page, ".claim", "paddingLeft")[:-2])
    assert look(page, ".footnote-backref", "transform").startswith("matrix(-1")


def test_how_a_claim_is_checked_is_said_in_the_language_of_its_page(page: Page, address: str) -> None:
    page.goto(f"{address}/posts/arabic/")
    assert page.locator(".cell-code summary").inner_text().isascii() is False


def test_a_number_of_statements_stands_beside_its_word_and_not_beside_a_file(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{address}/posts/arabic/")
    apart = """all => all.map(one => one.getBoundingClientRect().width
      - [...one.getClientRects()].reduce((sum, box) => sum + box.width, 0))"""
    assert page.eval_on_selector_all(".programs a", apart) == pytest.approx([0, 0, 0], abs=1)


def test_the_mark_that_unfolds_a_series_is_never_alone_on_a_line(page: Page, address: str) -> None:
    page.goto(f"{address}/posts/arabic/")
    for width in range(120, 220, 4):
        page.set_viewport_size({"width": width, "height": 800})
        assert edge(page, ".series-box summary", "bottom") - edge(page, ".series-box summary b", "bottom") < 10


def test_a_number_stays_behind_a_name_that_is_read_from_the_right(page: Page, address: str) -> None:
    page.goto(f"{address}/categories/")
    assert edge(page, ".tree .count", "left") > edge(page, ".tree a", "right")


def test_a_long_name_stands_beside_its_logo(page: Page, address: str) -> None:
    page.goto(f"{address}/posts/one/")
    lines = "one => { const range = document.createRange(); range.selectNodeContents(one); return [...range.getClientRects()].map(box => box.left) }"
    picture, *rest = page.eval_on_selector(".site-name", lines)
    assert rest
    assert min(rest) > picture
