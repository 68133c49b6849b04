"""Sliders and animations in a browser: driven by hand, with a keyboard, by touch; in print, at rest, without scripts."""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING

import pytest
from browser import chromium, serving
from lxml import html as lxml_html

from sitegen.keys import digest
from sitegen.model import Figure, Frames, Output, Printed, Stored
from sitegen.pipeline import Options, build
from sitegen.publishing.drawing import Easel, Place
from sitegen.publishing.write import write_files
from sitegen.store import Store
from sitegen.words import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

POST = """---
title: Things that move
date: 2026-01-01
---

```{python}
#| slider: {T: linspace(0.5, 2.5, 5)}
#| fig-cap: A slider.
import numpy as np
import matplotlib.pyplot as plt
x = np.linspace(0, 6, 100)
plt.plot(x, np.sin(T * x), label=f"T = {T}")
if T > 1:
    plt.plot(x, np.cos(T * x))
plt.title("wide " * round(T * 2))
plt.legend()
print(f"the value is {T:.1f}")
```

```{python}
#| slider: {azim: linspace(0, 300, 6), elev: {values: [10, 40], label: height}}
fig, ax = plt.subplots(subplot_kw={"projection": "3d"}, figsize=(4, 3))
ax.plot(x, np.sin(x), np.cos(x))
ax.view_init(elev, azim)
```

```{python}
#| slider: {n: [1, 2, 3]}
#| fig-format: webp
plt.imshow(np.arange(n * n).reshape(n, n))
```

```{python}
#| fig-cap: An animation.
from matplotlib.animation import FuncAnimation
fig, ax = plt.subplots(figsize=(4, 2))
line, = ax.plot(x, np.sin(x))
a = FuncAnimation(fig, lambda n: line.set_ydata(np.sin(x + n)), frames=5)
```
"""


@pytest.fixture(scope="module")
def blog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Store]]:
    """Build a post with everything that moves; gives the site's folder and the store."""
    root = tmp_path_factory.mktemp("motion")
    (root / "posts").mkdir()
    (root / "posts" / "2026-01-01-motion.md").write_text(POST, encoding="utf-8")
    (root / "site.yml").write_text("title: Motion\nurl: https://example.org\n", encoding="utf-8")
    with Store(root / "store.sqlite") as store:
        result = build(root, store, Options(future=True))
        assert [str(error) for error in result.errors] == []
        write_files(result.files, root / "_site", store)
        yield root / "_site", store


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(blog: tuple[Path, Store], browser: Browser) -> Iterator[Page]:
    """Open the post; any error of a script or a file that is missing fails the test."""
    with serving(blog[0]) as url:
        context = browser.new_context(viewport={"width": 1000, "height": 900}, has_touch=True)
        page = context.new_page()
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("requestfailed", lambda request: wrong.append(request.url))
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.goto(url + "/posts/motion/")
        yield page
        context.close()
        assert wrong == []


def settle(page: Page) -> None:
    """Wait until frames are loaded and drawn."""
    page.wait_for_function("Object.keys(self.sliderFrames ?? {}).length > 0")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def normal(markup: str) -> str:
    """Return markup as a browser and a parser agree on it: attributes sorted, no namespaces, no comments."""
    tree = lxml_html.fragment_fromstring(re.sub(r"<!--.*?-->", "", markup), create_parent="div")
    for element in tree.iter():
        items = sorted((k, " ".join(v.split())) for k, v in element.attrib.items() if not k.startswith("xmlns"))
        element.attrib.clear()
        element.attrib.update(items)
    return re.sub(r">\s+<", "><", lxml_html.tostring(tree, encoding="unicode")).strip()


def test_every_frame_is_what_the_build_drew_for_its_value(page: Page, blog: tuple[Path, Store]) -> None:
    store = blog[1]
    expected = _frames(store)
    box = page.locator(".slider").first
    box.scroll_into_view_if_needed()
    settle(page)
    slider = box.locator("input")
    for number in (*range(5), 0, 4, 2):
        slider.evaluate("(input, to) => { input.value = to; input.dispatchEvent(new Event('input')); }", str(number))
        settle(page)
        parts = box.locator(".part")
        assert normal(parts.nth(0).inner_html().lower()) == normal(expected[number][0].lower())
        assert parts.nth(1).inner_text().strip() == expected[number][1]
        assert box.locator(".slider-value").inner_text() == f"{0.5 + number / 2:.1f}"


def _frames(store: Store) -> list[tuple[str, str]]:
    """Return the drawing and the printed text of each frame of the first slider, from what the program gave."""
    known = store.recall("last-run", digest("posts/2026-01-01-motion.md"))
    assert isinstance(known, tuple)
    output = next(part for part in known if isinstance(part, Output))
    found = next(result for step in output.steps for result in step if isinstance(result, Frames))
    easel = Easel(_Cell, store, Place("/posts/motion/"), words_of("en", {}))  # type: ignore[arg-type] # only its alt text is asked for
    return [
        (
            "".join(easel.html(result) for result in frame if isinstance(result, Figure)),
            "".join(result.text for result in frame if isinstance(result, Printed)).strip(),
        )
        for frame in found.frames
    ]


class _Cell:
    alt = ()


def test_the_keyboard_moves_a_slider(page: Page) -> None:
    slider = page.get_by_role("slider").first
    slider.focus()
    page.keyboard.press("End")
    settle(page)
    assert slider.get_attribute("aria-valuetext") == "2.5"
    page.keyboard.press("ArrowLeft")
    settle(page)
    assert slider.get_attribute("aria-valuetext") == "2.0"
    assert "2.0" in page.locator(".slider").first.locator("samp").inner_text()


def test_the_mouse_moves_a_slider(page: Page) -> None:
    slider = page.get_by_role("slider").first
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 1, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()
    settle(page)
    assert slider.input_value() == "4"


def test_a_finger_moves_a_slider(page: Page) -> None:
    slider = page.get_by_role("slider").first
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box
    page.touchscreen.tap(box["x"] + 3, box["y"] + box["height"] / 2)
    settle(page)
    assert slider.input_value() == "0"


def test_a_figure_in_space_turns_as_it_is_dragged_and_goes_round(page: Page) -> None:
    box = page.locator(".slider").nth(1)
    box.scroll_into_view_if_needed()
    settle(page)
    azim, elev = box.locator("input").all()
    before = azim.input_value()
    frame = box.locator(".frame").bounding_box()
    assert frame
    x, y = frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - frame["width"] / 3, y + frame["height"] / 1.9, steps=5)
    page.mouse.up()
    settle(page)
    assert azim.input_value() == str((int(before) + 2) % 6)
    assert elev.input_value() == "1"
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - frame["width"] * 0.35, y, steps=5)
    page.mouse.up()
    assert azim.input_value() == str((int(before) + 4) % 6)


def test_frames_that_are_pictures_take_turns(page: Page) -> None:
    box = page.locator(".slider").nth(2)
    box.scroll_into_view_if_needed()
    settle(page)
    image = box.locator("img:visible")
    sources = set()
    for key in ("Home", "ArrowRight", "ArrowRight"):
        before = image.get_attribute("src")
        box.locator("input").focus()
        page.keyboard.press(key)
        settle(page)
        for _ in range(30):  # a busy machine takes more than two frames to swap a picture
            if image.get_attribute("src") != before:
                break
            page.wait_for_timeout(100)
        page.wait_for_function("[...document.images].filter((i) => i.checkVisibility()).every((i) => i.complete)")
        assert image.evaluate("(image) => image.naturalWidth") > 0
        sources.add(image.get_attribute("src"))
    assert len(sources) == 3


def test_nothing_shifts_while_frames_load_and_change(page: Page) -> None:
    page.evaluate("document.fonts.ready")  # text that comes into its own font is another matter
    page.evaluate(
        "new PerformanceObserver((list) => list.getEntries().forEach((entry) => {"
        " self.shift = (self.shift ?? 0) + entry.value; })).observe({ type: 'layout-shift' })"
    )
    for box in page.locator(".slider").all():
        box.scroll_into_view_if_needed()
        settle(page)
        height = box.evaluate("(box) => box.getBoundingClientRect().height")
        for slider in box.locator("input").all():
            for key in ("Home", "End", "ArrowLeft"):
                slider.focus()
                page.keyboard.press(key)
                settle(page)
                assert box.evaluate("(box) => box.getBoundingClientRect().height") == height
    assert page.evaluate("self.shift ?? 0") == 0


def test_an_animation_moves_until_it_is_stopped(page: Page) -> None:
    moving, still = page.locator(".moving"), page.locator(".still")
    assert (moving.is_visible(), still.is_visible()) == (True, False)
    page.locator(".play").click()
    assert (moving.is_visible(), still.is_visible()) == (False, True)
    page.locator(".play input").focus()
    page.keyboard.press("Space")
    assert (moving.is_visible(), still.is_visible()) == (True, False)


def test_who_wants_no_motion_sees_the_still_picture_first(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    moving, still = page.locator(".moving"), page.locator(".still")
    assert (moving.is_visible(), still.is_visible()) == (False, True)
    page.locator(".play").click()
    assert (moving.is_visible(), still.is_visible()) == (True, False)


def test_what_is_printed_beside_a_figure_keeps_to_the_column_of_the_text(page: Page) -> None:
    printed, code = (page.locator(name).first.bounding_box() for name in (".slider .output", ".prose > .cell > .code"))
    assert printed
    assert code
    assert (printed["x"], printed["width"]) == pytest.approx((code["x"], code["width"]), abs=1)


def test_a_slider_keeps_its_length_where_letters_are_large(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    box = page.locator(".slider input").first.bounding_box()
    assert box
    assert box["width"] > 150


def test_print_shows_still_figures_and_their_values(page: Page) -> None:
    page.emulate_media(media="print")
    assert not page.locator(".slider input").first.is_visible()
    assert page.locator(".slider .slider-value").first.inner_text() == "1.5"
    assert page.locator(".still").is_visible()
    assert not page.locator(".moving").is_visible()


def test_without_scripts_the_first_frame_stands_with_its_value(blog: tuple[Path, Store], browser: Browser) -> None:
    with serving(blog[0]) as url:
        context = browser.new_context(java_script_enabled=False)
        page = context.new_page()
        page.goto(url + "/posts/motion/")
        assert not page.locator(".slider input").first.is_visible()
        assert re.sub(r"\s+", " ", page.locator(".slider .control").first.inner_text()).endswith("1.5")
        assert page.locator(".slider svg").first.is_visible()
        assert page.locator(".moving").is_visible()
        page.locator(".play").click()
        assert page.locator(".still").is_visible()
        context.close()


def test_a_feed_shows_the_first_frame_and_the_moving_picture(blog: tuple[Path, Store]) -> None:
    feed = (blog[0] / "feed.xml").read_text(encoding="utf-8")
    assert "<script" not in feed
    assert "= 1.5" in feed
    assert feed.count(".png") == 2
    assert feed.count(".webp") == 2
    assert "input" not in feed


def test_a_page_loads_frames_only_when_they_come_near(blog: tuple[Path, Store], browser: Browser) -> None:
    with serving(blog[0]) as url:
        context = browser.new_context(viewport={"width": 1000, "height": 200})
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(url + "/posts/motion/", wait_until="networkidle")
        scripts = [name for name in asked if "/figures/" in name and name.endswith(".js")]
        assert len(scripts) < 3
        context.close()


def test_thirty_frames_of_a_plot_weigh_less_than_forty_kilobytes(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "site.yml").write_text("title: Motion\nurl: https://example.org\n", encoding="utf-8")
    cell = (
        "---\ntitle: a\n---\n\n```{python}\n#| slider: {T: linspace(0.1, 5, 30)}\nimport numpy as np\n"
        "import matplotlib.pyplot as plt\nx = np.linspace(0, 6, 200)\nfig, (left, right) = plt.subplots(1, 2)\n"
        "left.plot(x, np.sin(T * x))\nright.bar(range(12), np.exp(-np.arange(12) / T))\n```\n"
    )
    (tmp_path / "posts" / "2026-01-01-a.md").write_text(cell, encoding="utf-8")
    with Store(None) as store:
        result = build(tmp_path, store, Options(future=True))
        (frames,) = [content for name, content in result.files.items() if re.fullmatch(r"figures/\w+\.js", str(name))]
        assert isinstance(frames, Stored)
        data = store.content(frames.digest)
    size = len(gzip.compress(data))
    assert size < 40_000
    drawn, weight = result.efforts  # and the author is told
    assert re.fullmatch(r"posts/2026-01-01-a.md:7: a slider of 30 frames, drawn in (\d+ s|less than a second)", drawn)
    assert weight == f"posts/2026-01-01-a.md: what moves in it takes {round(size / 1000)} kB, compressed, in one file"
