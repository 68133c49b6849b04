"""Around and within posts, in a browser: pictures have their room before they come, keys reach what is seen, large letters fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from browser import chromium, serving

from sitegen.pipeline import Options, build
from sitegen.publishing.write import write_files
from sitegen.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

POST = r"""---
title: A cover and citations
date: 2026-01-01
image: /assets/img/cover.svg
bibliography: refs.bib
tags: [Rechtsschutzversicherungsgesellschaften]
---
As in [@first1999] and in [@second2000], with $\theta_{k+1} = \theta_k + 1$, which goes on.
"""
REFERENCES = """
@article{first1999, author={First, A.}, title={One}, year={1999}, doi={10.1000/1}}
@article{second2000, author={Second, B.}, title={Two}, year={2000}, doi={10.1000/2}}
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("frame")
    pictures = folder / "assets" / "img"
    pictures.mkdir(parents=True)
    (folder / "posts").mkdir()
    (folder / "posts" / "covered.md").write_text(POST, encoding="utf-8")
    (folder / "refs.bib").write_text(REFERENCES, encoding="utf-8")
    shape = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}"><path d="M0 0h9v9z"/></svg>'
    (pictures / "logo.svg").write_text(shape.format(120, 40), encoding="utf-8")
    (pictures / "cover.svg").write_text(shape.format(800, 300), encoding="utf-8")
    (folder / "site.yml").write_text("title: Notes of the Numerical Kitchen\nlogo: img/logo.svg\n", encoding="utf-8")
    with Store(folder / "store.sqlite") as store:
        result = build(folder, store, Options(workers=1, future=True))
        assert [str(error) for error in result.errors] == []
        write_files(result.files, folder / "_site", store)
    with serving(folder / "_site") as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.mark.parametrize("path", ["/", "/posts/covered/"])
def test_a_logo_and_a_cover_say_how_large_they_are(browser: Browser, address: str, path: str) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(address + path, wait_until="networkidle")
    given = page.eval_on_selector_all(
        "img", "all => all.map(one => `${one.getAttribute('width')} ${one.getAttribute('height')}`)"
    )
    assert given == ["96 32", "800 300"]
    shown = page.eval_on_selector_all("img", "all => all.map(one => one.clientWidth / one.clientHeight)")
    assert shown == pytest.approx([3, 8 / 3], rel=0.02)
    page.close()


@pytest.mark.parametrize(("width", "beside"), [(390, False), (700, True), (1280, True)])
def test_a_picture_in_a_list_stands_beside_its_post_where_there_is_room(
    browser: Browser, address: str, *, width: int, beside: bool
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(address)
    picture, words = page.locator(".entry-picture").bounding_box(), page.locator(".entry-main").bounding_box()
    assert picture
    assert words
    assert (picture["x"] >= words["x"] + words["width"]) == beside
    assert (picture["y"] >= words["y"] + words["height"]) != beside
    page.close()


def test_keys_reach_only_what_is_seen(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(f"{address}/posts/covered/")
    page.locator("#cite-first1999-1").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "cite-second2000-1"
    page.close()


@pytest.mark.parametrize("path", ["/", "/posts/covered/", "/tags/", "/search/"])
def test_letters_of_twice_the_size_fit_a_phone(browser: Browser, address: str, path: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.context.new_cdp_session(page).send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})
    page.goto(address + path)
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.close()


@pytest.mark.parametrize("width", [760, 1000, 1280, 1600])
def test_words_of_a_page_that_is_lost_keep_off_the_path_beside_them(
    browser: Browser, address: str, *, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(f"{address}/404.html")
    words = page.locator(".lost .entry-excerpt").bounding_box()
    assert words
    points = page.eval_on_selector_all(
        ".lost .ornament circle", "all => all.map(one => one.getBoundingClientRect()).map(box => [box.left, box.top])"
    )
    assert points
    beside = [left for left, top in points if words["y"] - 10 < top < words["y"] + words["height"]]
    assert all(left > words["x"] + words["width"] for left in beside)
    page.close()
