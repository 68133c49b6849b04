"""The gallery of the documentation: every kind of plot, themed, legible on a phone, the same in every run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser import chromium, serving

from sitegen.pipeline import Options, build
from sitegen.publishing.write import write_files
from sitegen.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

DOCS = Path(__file__).parents[1] / "docs"


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the gallery."""
    blog = tmp_path_factory.mktemp("gallery")
    (blog / "pages").mkdir()
    (blog / "posts").mkdir()
    text = (DOCS / "gallery.md").read_text(encoding="utf-8").replace("(execution.md#figures)", "(gallery.md)")
    (blog / "pages" / "gallery.md").write_text(text, encoding="utf-8")
    with Store(None) as store:
        result = build(blog, store, Options(workers=2))
        assert [str(error) for error in result.errors] == []
        write_files(result.files, blog / "_site", store)
    return blog / "_site"


@pytest.fixture(scope="module")
def address(gallery: Path) -> Iterator[str]:
    with serving(gallery) as server:
        yield f"{server}/gallery/"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def page(address: str, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": getattr(request, "param", 1280), "height": 900})
    page.goto(address)
    yield page
    page.close()


def test_the_gallery_has_every_kind_of_plot_and_all_follow_the_theme(gallery: Path) -> None:
    html = (gallery / "gallery" / "index.html").read_text(encoding="utf-8")
    assert html.count('<figure class="figure"') >= 50
    assert "on-paper" not in html
    for svg in re.findall(r"<svg xmlns=.*?</svg>", html, re.DOTALL):
        assert "var(--figure-" in svg


@pytest.mark.parametrize("page", [360], indirect=True)
def test_no_text_is_under_nine_pixels_on_a_phone(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    shown = page.evaluate(
        """[...document.querySelectorAll('.drawing > .narrow > svg, .drawing > :is(svg, img)')]
            .filter(one => one.getClientRects().length)
            .map(one => [one.getBoundingClientRect().width / one.getAttribute('width'),
                         parseFloat(getComputedStyle(one.closest('.drawing')).getPropertyValue('--least')) || 0,
                         one.getBoundingClientRect().width,
                         [...one.querySelectorAll('g[transform*=scale]')]
                            .map(text => /scale\\(([.\\d]+) -/.exec(text.getAttribute('transform')))
                            .filter(scale => scale).map(scale => 100 * scale[1])])"""
    )
    assert len(shown) >= 50
    for shrunk, least, width, points in shown:
        assert width >= least - 1
        for point in points:  # matplotlib outlines its glyphs at 100 points
            assert point * 96 / 72 * shrunk >= 8.9


def test_a_pointer_and_the_arrow_keys_read_values_off_a_figure(page: Page) -> None:
    figure = page.locator("figure.figure").first
    figure.scroll_into_view_if_needed()
    line = figure.locator("svg:visible [data-series] path").first
    box = line.bounding_box()
    assert box
    page.mouse.move(box["x"] + 1, box["y"] + box["height"] / 2)  # sin 0 = 0
    reading = figure.locator(".reading:not(:empty)")
    series, value = reading.inner_text().split("\n")
    assert series == "n = 0"
    assert [abs(float(part.replace("\u2212", "-"))) < 0.05 for part in value.split(", ")] == [True, True]
    page.mouse.move(2, 2)
    assert not reading.count()
    figure.locator(".drawing").focus()
    for key, said in (("ArrowRight", "n = 0\n0, 0"), ("ArrowDown", "n = 1\n0, 0.841"), ("Escape", "")):
        page.keyboard.press(key)
        assert (reading.inner_text() if reading.count() else "") == said


def test_a_pointer_reads_bars_and_errors(page: Page) -> None:
    for caption, mark, said in (
        ("Bars, grouped", '[data-reads="SGD: 0.31"] path', "train\nSGD: 0.31"),
        ("A band of one standard deviation", "[data-spread] use", "0, 1 (0.9 to 1.1)"),
    ):
        figure = page.locator("figure.figure").filter(has_text=caption)
        figure.scroll_into_view_if_needed()
        box = figure.locator(f"svg:visible {mark}").first.bounding_box()
        assert box
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        assert figure.locator(".reading:not(:empty)").inner_text() == said


def test_what_is_plotted_is_one_click_away(page: Page) -> None:
    with page.expect_download() as waiting:
        page.locator("figure.figure").first.locator(".figure-data").click()
    lines = waiting.value.path().read_text(encoding="utf-8").splitlines()
    assert lines[:2] == ["series,x,y", "$n = 0$,0,0"]
