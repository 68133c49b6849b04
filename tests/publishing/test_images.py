"""The sizes of images, as their files' heads tell them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PIL import Image

from sitegen.publishing.images import image_size, is_cut_off, what_instead

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("kind", ["png", "jpg", "gif", "webp", "bmp"])
def test_the_head_of_a_raster_tells_its_size(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{kind}"
    Image.new("RGB", (31, 17)).save(path)
    assert image_size(path) == (31, 17)


@pytest.mark.parametrize("width", [10_000, 20_000])
def test_a_picture_of_very_many_pixels_has_its_size_too(width: int, tmp_path: Path) -> None:
    Image.new("1", (width, 10_000)).save(tmp_path / "a.png")
    assert image_size(tmp_path / "a.png") == (width, 10_000)
    assert Image.MAX_IMAGE_PIXELS is not None


@pytest.mark.parametrize(
    ("root", "size"),
    [
        ('width="20" height="10"', (20, 10)),
        ('width="20px" height="10.4px"', (20, 10)),
        ('width="100%" height="100%" viewBox="0 0 30 60"', (30, 60)),
        ('viewBox="-1,-1,3.6,2"', (4, 2)),
        ('width="5em"', None),
        ('width="1..2" height="3.4.5" viewBox="0 0 .."', None),
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


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.png", b"", "is empty"),
        ("a.png", b"<!DOCTYPE html>", "holds no picture"),
        ("a.svg", b"<!DOCTYPE html>", "holds no picture"),
        ("a.svg", '<svg xmlns="http://www.w3.org/2000/svg"/>'.encode("utf-16"), ""),
        ("a.jpg", b"version https://git-lfs.github.com/spec/v1", "is a pointer of Git LFS"),
        ("a.jpg", b"\x89PNG\r\n\x1a\n", ""),
        ("a.avif", b"\0\0\0\x20ftypavif", ""),
        (
            "a.svg",
            b'<?xml version="1.0"?><svg width="2" height="2"><g/></svg>',
            "is an SVG whose `<svg>` has no `xmlns=",
        ),
        ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg" width="2" height="2"/>', ""),
        ("a.svg", b'<svg:svg xmlns:svg="http://www.w3.org/2000/svg"/>', ""),
        ("a.unknown", b"what a browser may know", ""),
    ],
)
def test_a_file_that_is_no_picture_is_told(name: str, content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    assert what_instead(tmp_path / name).startswith(said)
    assert bool(what_instead(tmp_path / name)) == bool(said)


@pytest.mark.parametrize("kind", ["png", "jpg", "gif", "webp"])
def test_a_picture_that_ends_too_early_is_told_and_one_with_more_behind_it_is_whole(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{kind}"
    Image.effect_noise((90, 60), 90).convert("RGB").save(path)
    whole = path.read_bytes()
    assert not is_cut_off(path)
    path.write_bytes(whole + b"\0" * 100)
    assert not is_cut_off(path)
    for length in (len(whole) // 2, len(whole) - 100, 20):
        path.write_bytes(whole[:length])
        assert is_cut_off(path), length


def test_a_gif_without_its_last_sign_and_what_is_no_raster_are_whole(tmp_path: Path) -> None:
    Image.new("RGB", (31, 17)).save(tmp_path / "a.gif")
    (tmp_path / "a.gif").write_bytes((tmp_path / "a.gif").read_bytes()[:-1])
    assert not is_cut_off(tmp_path / "a.gif")
    (tmp_path / "a.avif").write_bytes(b"\0\0\0\x20ftypavif")
    assert not is_cut_off(tmp_path / "a.avif")
