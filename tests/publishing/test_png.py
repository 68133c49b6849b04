"""Pictures for feeds and cards: SVG to PNG, whatever is inside."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from sitegen.publishing.png import MOST, draw_png, is_drawable

RED = '<rect width="20" height="10" fill="#f00"/>'


def pixels(png: bytes) -> Image.Image:
    with Image.open(io.BytesIO(png)) as image:
        return image.convert("RGB")


def test_a_picture_is_half_again_as_sharp_as_the_page_and_stands_on_paper() -> None:
    image = pixels(draw_png(f'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20">{RED}</svg>'))
    assert image.size == (60, 30)
    assert (image.getpixel((5, 5)), image.getpixel((50, 25))) == ((255, 0, 0), (253, 252, 249))


def test_an_svg_that_names_no_namespace_is_drawn_as_notebooks_draw_it() -> None:
    assert pixels(draw_png(f'<svg width="20" height="10">{RED}</svg>')).getpixel((3, 3)) == (255, 0, 0)


def test_what_cannot_be_drawn_is_a_dot_of_paper() -> None:
    assert pixels(draw_png("<svg")).size == (1, 1)


def test_a_huge_picture_is_less_sharp() -> None:
    image = pixels(draw_png(f'<svg xmlns="http://www.w3.org/2000/svg" width="12000" height="6000">{RED}</svg>'))
    assert image.width - 2 * image.height in {0, 1}
    assert 0.99 * MOST < image.width * image.height < 1.01 * MOST


def test_what_is_nested_a_thousand_deep_ends_nothing() -> None:
    nested = "<g>" * 1000 + RED + "</g>" * 1000
    image = pixels(draw_png(f'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20">{nested}</svg>'))
    assert image.getpixel((3, 3)) == (255, 0, 0)


def test_paths_in_a_row_are_clipped_as_each_alone() -> None:
    head = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><defs><clipPath id="c"><rect width="20" height="20"/>'
    path = '<g><path clip-path="url(#c)" d="M0 {0}h40" style="stroke: #f00; stroke-width: 4"/></g>'
    image = pixels(draw_png(f"{head}</clipPath></defs>{path.format(5)}{path.format(15)}</svg>"))
    assert [image.getpixel((x, y)) == (255, 0, 0) for x in (15, 45) for y in (8, 22)] == [True, True, False, False]


@pytest.mark.parametrize("text", ["손실", "損失", "&#54620;"])
def test_letters_that_are_not_everywhere_stay_for_the_reader_to_draw(text: str) -> None:
    assert is_drawable("<svg><text>Loss θ</text></svg>")
    assert not is_drawable(f"<svg><text>{text}</text></svg>")
