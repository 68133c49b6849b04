"""The sizes of images, as their files' heads tell them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PIL import Image

from sitegen.publishing.images import image_size

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("kind", ["png", "jpg", "gif", "webp", "bmp"])
def test_the_head_of_a_raster_tells_its_size(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{kind}"
    Image.new("RGB", (31, 17)).save(path)
    assert image_size(path) == (31, 17)


@pytest.mark.parametrize(
    ("root", "size"),
    [
        ('width="20" height="10"', (20, 10)),
        ('width="20px" height="10.4px"', (20, 10)),
        ('width="100%" height="100%" viewBox="0 0 30 60"', (30, 60)),
        ('viewBox="-1,-1,3.6,2"', (4, 2)),
        ('width="5em"', None),
    ],
)
def test_the_root_of_an_svg_tells_its_size(root: str, size: tuple[int, int] | None, tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    path.write_text(f'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" {root}/>')
    assert image_size(path) == size


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n", b"not an image", b"<svg"])
def test_a_damaged_image_has_no_size(content: bytes, tmp_path: Path) -> None:
    for name in ("a.png", "a.svg"):
        (tmp_path / name).write_bytes(content)
        assert image_size(tmp_path / name) is None
