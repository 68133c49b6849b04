"""Tables of many columns and boxes that stand out of the text, in a browser: on a phone, on a desk and on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from browser import chromium, serving

from sitegen.pipeline import Options, build
from sitegen.publishing.write import write_files
from sitegen.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

REMARK = "A remark that is read as a sentence, and that goes on for so long that it has to be broken over several lines"
POST = f"""---
title: Tables
date: 2026-01-01
---
| Method | Update | Rate on quadratics | Rate on convex functions | Memory | Remark |
|---|---|---|---|---:|---|
| Gradient descent | `step(theta, eta)` | a long quotient | none without assumptions | 1 | {REMARK} |
| Nesterov | `lookahead(theta, beta)` | another quotient | none without assumptions | 2 | Short |

| Data | Size | Remark |
|---|---|---|
| CIFAR-10 | 60 000 | {REMARK} |

{"| 1.0000 " * 12}|
{"|--:" * 12}|
| $7\\times10^{{-4}}$ {"| 0.1234 " * 11}|

{"| 0.12 " * 10}| Remark |
{"|--:" * 10}|---|
{"| 0.12 " * 10}| {REMARK} |

::: {{#tbl-x}}
| a | |
|---|---|
| 1 | 2 |

With a caption.
:::

::: {{#tbl-y}}
{"| column_0 " * 12}|
{"|--:" * 12}|
{"| 12.123456 " * 12}|

With a caption, and wide.
:::

{"| column_0 " * 6}|
{"|--:" * 6}|
{"| 12.123456 " * 6}|

: A caption that goes on for so long that a phone has to break it over several lines {{#tbl-z}}

```{{python}}
class Frame:
    def _repr_html_(self):
        return "<div><table><tbody><tr><th>2026-01-01</th>" + "<td>12.123456</td>" * 9 + "</tr></tbody></table></div>"
Frame()
```

::: {{.callout-note collapse="true"}}
Folded.
:::
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("tables")
    (folder / "posts").mkdir()
    (folder / "posts" / "tables.md").write_text(POST, encoding="utf-8")
    with Store(folder / "store.sqlite") as store:
        result = build(folder, store, Options(workers=1, future=True))
        assert [str(error) for error in result.errors] == []
        write_files(result.files, folder / "_site", store)
    with serving(folder / "_site") as found:
        yield f"{found}/posts/tables/"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def opened(browser: Browser, address: str, width: int) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.set_default_timeout(5_000)
    page.goto(address)
    return page


def edges(page: Page, selector: str) -> dict[str, float]:
    found: dict[str, float] = page.eval_on_selector(selector, "one => one.getBoundingClientRect().toJSON()")
    return found


@pytest.mark.parametrize("width", [360, 390, 800, 1280])
def test_a_column_of_sentences_is_no_ribbon(browser: Browser, address: str, width: int) -> None:
    page = opened(browser, address, width)
    assert edges(page, ".table td:nth-child(6)")["width"] >= 160
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


@pytest.mark.parametrize("width", [360, 1280])
def test_a_column_of_a_few_signs_is_not_broken_and_the_table_stays_in_view(
    browser: Browser, address: str, width: int
) -> None:
    page = opened(browser, address, width)
    for place in (1, 2):
        lines = page.eval_on_selector(
            f".short-2 td:nth-child({place})",
            "one => { const range = document.createRange(); range.selectNodeContents(one); return range.getClientRects().length }",
        )
        assert lines == 1
    assert page.eval_on_selector(".short-2", "one => one.scrollWidth <= one.clientWidth")
    page.close()


@pytest.mark.parametrize("width", [360, 1280])
def test_the_name_of_a_row_is_not_broken(browser: Browser, address: str, width: int) -> None:
    page = opened(browser, address, width)
    lines = "one => { const range = document.createRange(); range.selectNodeContents(one); return range.getClientRects().length }"
    assert page.eval_on_selector(".value th", lines) == 1
    page.close()


def test_a_number_in_a_formula_is_not_broken_in_one_of_many_columns(browser: Browser, address: str) -> None:
    page = opened(browser, address, 360)
    bottoms = page.eval_on_selector_all(
        "td .katex-base", "all => all.map(one => Math.round(one.getBoundingClientRect().bottom))"
    )
    assert len(bottoms) == 2
    assert abs(bottoms[0] - bottoms[1]) < 5
    page.close()


def test_a_caption_stays_in_view_while_its_table_is_scrolled(browser: Browser, address: str) -> None:
    page = opened(browser, address, 360)
    table = page.locator("#tbl-z")
    assert table.evaluate("one => one.scrollWidth > one.clientWidth")
    before = edges(page, "#tbl-z caption")
    table.evaluate("one => { one.scrollLeft = 100 }")
    assert before["right"] <= 360
    assert edges(page, "#tbl-z caption")["left"] == before["left"]
    page.close()


def test_many_columns_go_into_the_empty_margin_before_they_scroll(browser: Browser, address: str) -> None:
    page = opened(browser, address, 1440)
    assert page.eval_on_selector(".table", "one => one.scrollWidth <= one.clientWidth")
    assert edges(page, ".table table")["right"] > edges(page, ".prose")["right"]
    assert page.locator(".prose > .table").nth(3).evaluate("one => one.scrollWidth <= one.clientWidth")
    widths = page.eval_on_selector_all(".prose > .table, .of-table", "all => all.map(one => one.clientWidth)")
    assert widths[0] == widths[2] == widths[3] > widths[1] == widths[4]
    page.close()


def test_on_paper_lines_are_short_and_boxes_and_tables_stay_on_the_page(browser: Browser, address: str) -> None:
    width = 658  # of A4 without its margins
    page = opened(browser, address, width)
    page.emulate_media(media="print")
    text = edges(page, ".prose")
    size = float(page.eval_on_selector(".prose", "one => parseFloat(getComputedStyle(one).fontSize)"))
    assert size == pytest.approx(11.5 * 96 / 72, abs=0.1)
    assert text["width"] / size < 32  # ems: about 80 characters
    box = edges(page, ".callout")
    assert text["left"] - 1 <= box["left"] <= box["right"] <= text["right"] + 1
    for table in page.locator(".table table").all():
        found = table.bounding_box()
        assert found
        assert -1 <= found["x"] <= found["x"] + found["width"] <= width + 1
    page.close()


def test_on_paper_what_is_folded_is_open(browser: Browser, address: str) -> None:
    page = opened(browser, address, 658)
    assert not page.get_by_text("Folded.").is_visible()
    page.emulate_media(media="print")
    assert page.get_by_text("Folded.").is_visible()
    page.close()
