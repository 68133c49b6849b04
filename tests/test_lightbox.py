"""Figures and images over the page, in a browser: by mouse, by keyboard alone, by touch; nothing is loaded before."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser import chromium, serving
from PIL import Image

from sitegen.pipeline import Options, build
from sitegen.publishing.write import write_files
from sitegen.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

AXE = Path(__file__).parents[1] / "node_modules" / "axe-core" / "axe.min.js"
POST = """---
title: Pictures
date: 2026-01-01
---

![A red field](red.png)

![A field with words below it](red.png "What it is")

[![A field that leads elsewhere](red.png)](https://example.org)

```{python}
#| label: fig-line
#| fig-cap: A line.
import matplotlib.pyplot as plt
plt.plot([1, 2])
```
"""
SHOWN = ".lightbox[open] .lightbox-stage .picture"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    root = tmp_path_factory.mktemp("lightbox")
    (root / "posts" / "pictures").mkdir(parents=True)
    (root / "posts" / "pictures" / "index.md").write_text(POST, encoding="utf-8")
    Image.new("RGB", (1600, 800), "red").save(root / "posts" / "pictures" / "red.png")
    with Store(root / "store.sqlite") as store:
        result = build(root, store, Options(future=True, final=True))
        assert [str(error) for error in result.errors] == []
        write_files(result.files, root / "_site", store)
    with serving(root / "_site") as server:
        yield f"{server}/posts/pictures/"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1000, "height": 700})
    found = context.new_page()
    found.goto(address)
    found.wait_for_function("document.querySelectorAll('.can-grow').length === 3")  # the script comes after the page
    yield found
    context.close()


def width(page: Page) -> float:
    box = page.locator(f"{SHOWN} > :is(svg, img)").first.bounding_box()
    assert box is not None
    return box["width"]


def test_the_script_comes_when_it_is_wanted_and_a_link_stays_a_link(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    assert page.locator(".can-grow").count() == 3
    assert "can-grow" not in str(page.locator("a > img").get_attribute("class"))
    page.locator(".prose img").first.click()
    page.wait_for_selector(SHOWN)
    asked = [url.rpartition("/")[2].partition(".")[0] for url in asked]
    assert [name for name in asked if name != "favicon"] == ["lightbox", "lightbox"]


def test_a_figure_opens_by_its_button_and_everything_is_done_by_keys(page: Page) -> None:
    page.locator("#fig-line .enlarge").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{SHOWN} svg")
    assert page.locator(".lightbox-caption").inner_text() == "Figure\N{NO-BREAK SPACE}1 A line."
    assert page.locator(f"{SHOWN}[role=img]").get_attribute("aria-label")
    small = width(page)
    page.keyboard.press("+")
    assert width(page) == pytest.approx(1.5 * small, rel=0.01)
    page.keyboard.press("0")
    page.keyboard.press("ArrowRight")
    assert page.locator(f"{SHOWN} img").get_attribute("alt") == "A red field"
    page.keyboard.press("ArrowRight")
    assert "What it is" in page.locator(".lightbox-caption").inner_text()
    page.keyboard.press("Escape")
    assert page.locator(".lightbox[open]").count() == 0
    assert page.evaluate("document.activeElement.className") == "enlarge"


def test_an_image_without_a_caption_opens_by_the_enter_key_and_grows_where_it_is_clicked_twice(page: Page) -> None:
    page.locator(".prose img").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{SHOWN} img")
    small = width(page)
    page.locator(f"{SHOWN} img").dblclick()
    assert width(page) == pytest.approx(2.5 * small, rel=0.01)
    page.locator(".lightbox-close").click()
    assert page.locator(".lightbox[open]").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_it_is_opened_by_a_tap_turned_by_a_swipe_and_accessible(
    browser: Browser, address: str, scheme: str
) -> None:
    context = browser.new_context(
        viewport={"width": 360, "height": 700}, has_touch=True, color_scheme="dark" if scheme == "dark" else "light"
    )
    page = context.new_page()
    page.goto(address)
    page.locator(".prose img").first.tap()
    page.wait_for_selector(f"{SHOWN} img")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    above, whole = (page.locator(name).bounding_box() for name in (SHOWN, ".lightbox-stage"))
    assert above
    assert whole
    assert above["y"] + above["height"] / 2 == pytest.approx(whole["height"] / 2, abs=1)
    assert above["height"] < whole["height"] / 2
    page.evaluate(AXE.read_text(encoding="utf-8"))
    result = page.evaluate("axe.run('.lightbox', {resultTypes: ['violations']})")
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in result["violations"]] == []
    swipe = """([from, to]) => { const stage = document.querySelector(".lightbox-stage");
      for (const [name, x] of [["pointerdown", from], ["pointerup", to]])
        stage.dispatchEvent(new PointerEvent(name, { clientX: x, clientY: 300, isPrimary: true, pointerType: "touch" })); }"""
    page.evaluate(swipe, [300, 60])
    assert "What it is" in page.locator(".lightbox-caption").inner_text()
    page.evaluate(swipe, [60, 300])
    assert "What it is" not in page.locator(".lightbox-caption").inner_text()
    context.close()
