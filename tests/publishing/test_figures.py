"""Figures in a page: where they stand, in which rows, how large they are drawn for that."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from sitegen.model import Stored
from sitegen.pipeline import Options, build
from sitegen.store import Store

if TYPE_CHECKING:
    from pathlib import Path


def page_of(folder: Path, options: str, count: int = 1, drawn: str = "plt.figure()\n    plt.plot([n, 1])") -> str:
    (folder / "posts").mkdir()
    cell = f"import matplotlib.pyplot as plt\nfor n in range({count}):\n    {drawn}"
    text = f"---\ntitle: x\ndate: 2025-01-01\n---\n```{{python}}\n{options}\n{cell}\n```\n"
    (folder / "posts" / "x.md").write_text(text, encoding="utf-8")
    with Store(None) as store:
        result = build(folder, store, Options())
        assert [str(error) for error in result.errors] == []
        (page,) = [content for path, content in result.files.items() if str(path) == "posts/x/index.html"]
        assert isinstance(page, Stored)
        return store.content(page.digest).decode()


def widths(html: str) -> list[float]:
    return [float(width) for width in re.findall(r'<svg xmlns="[^"]*" aria-hidden="true" width="([\d.]+)"', html)]


def test_rows_have_the_shares_that_layout_says(tmp_path: Path) -> None:
    html = page_of(tmp_path, "#| layout: [[1, 2], [1]]\n#| fig-cap: c", 4)
    before, *rows = html.split('<div class="figure-grid" style="')
    assert [row.split('"')[0] for row in rows] == [
        "--shares: minmax(0, 1fr) minmax(0, 2fr)",
        "--shares: minmax(0, 1fr)",
    ]
    assert [part.count("<svg xmlns") for part in (before, *rows)] == [0, 2, 2]  # the last one stands below the rows


@pytest.mark.parametrize(
    ("columns", "opening"), [("", ["said 0", "<figure"]), ("#| layout-ncol: 2\n", ["<figure", "said 0"])]
)
def test_what_is_said_between_figures_of_one_caption_stays_between_them(
    tmp_path: Path, columns: str, opening: list[str]
) -> None:
    options = f"{columns}#| label: fig-x\n#| fig-subcap: [left, right]\n#| fig-cap: c"
    drawn = "print('said', n)\n    plt.plot([n, 1])\n    plt.show()"
    html = page_of(tmp_path, options, 2, drawn)
    article = html[html.index('<div class="cell') : html.index("</article>")]
    marks = re.findall(r"said \d|<svg xmlns|\([ab]\) \w+|<figure|<figcaption>", article)
    assert marks == [*opening, "<svg xmlns", "(a) left", "said 1", "<svg xmlns", "(b) right", "<figcaption>"]


def test_figures_without_a_caption_stand_between_what_is_said(tmp_path: Path) -> None:
    html = page_of(tmp_path, "", 2, "print('said', n)\n    plt.plot([n, 1])\n    plt.show()")
    article = html[html.index('<div class="cell') : html.index("</article>")]
    assert re.findall(r"said \d|<svg xmlns", article) == ["said 0", "<svg xmlns", "said 1", "<svg xmlns"]


def test_a_figure_heavier_than_the_setting_is_a_pair_of_pictures_that_wait(tmp_path: Path) -> None:
    html = page_of(tmp_path, "#| fig-svg-size: 1000\n#| fig-cap: c")
    pictures = [tag for tag in re.findall(r"<img [^>]*>", html) if ".webp" in tag]
    assert [re.findall(r'class="only-(\w+)"', tag) for tag in pictures] == [["light"], ["dark"]]
    assert all(re.search(r' width="\d+" height="\d+"', tag) and ' loading="lazy"' in tag for tag in pictures)


@pytest.mark.parametrize(
    ("options", "least", "most"),
    [
        ("", 550, 672),
        ("#| layout-ncol: 2", 270, 336),
        ("#| layout-ncol: 2\n#| fig-width: 7", 550, 672),
        ("#| column: page", 850, 1152),
        ("#| column: page-right", 850, 1152),
        ("#| column: margin", 180, 240),
        ("#| column: body-outset", 550, 672),
    ],
)
def test_a_figure_is_drawn_as_large_as_its_place(tmp_path: Path, options: str, least: float, most: float) -> None:
    html = page_of(tmp_path, options)
    width, *narrow = widths(html)
    assert least <= width <= most
    assert all(one < 520 for one in narrow)  # for phones, which a wide figure would not fit
    names = [word for word in ("page", "screen", "margin") if f"column: {word}" in options]
    assert f'<div class="{" ".join(["cell", *names])}">' in html


def test_what_is_plotted_is_named_by_the_letter_of_the_figure(tmp_path: Path) -> None:
    html = page_of(tmp_path, "#| label: fig-x\n#| fig-cap: c", 2)
    assert re.findall(r'download="([^"]*)">([^<]*)<', html)[:2] == [
        ("fig-x-a.csv", "Data a"),
        ("fig-x-b.csv", "Data b"),
    ]


def test_the_box_of_a_figure_has_its_ground(tmp_path: Path) -> None:
    html = page_of(tmp_path, "", drawn="plt.figure(facecolor='k')\n    plt.plot([n, 1])")
    assert re.search(r'<div class="drawing on-paper"[^>]* style="[^"]*background: #000000"', html)


def test_a_warning_that_comes_again_is_shown_once_with_how_often_it_did(tmp_path: Path) -> None:
    said = "import warnings\n    warnings.simplefilter('always')\n    warnings.warn('mind')\n    print(n)"
    html = page_of(tmp_path, "", 3, said)
    assert html.count("mind (× 3)") == 1
    assert html.count("UserWarning") == 1
