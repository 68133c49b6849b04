"""Colours that a program prints can be read in both themes."""

from __future__ import annotations

import re

import pytest
from running.test_figures import contrast

from sitegen.publishing.ansi import ansi_to_html
from sitegen.running.figures.palette import CUSTOM_PROPERTIES

ESC = "\x1b["
LIGHT, DARK = CUSTOM_PROPERTIES["--figure-paper"]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a <b>", "a &lt;b&gt;"),
        (f"{ESC}1;31mx{ESC}22my{ESC}0mz", '<span class="ansi-bold ansi-red">x</span><span class="ansi-red">y</span>z'),
        (f"{ESC}38;5;1mx", '<span class="ansi-red">x</span>'),
        (f"{ESC}38;5;10mx", '<span class="ansi-green">x</span>'),
        (f"{ESC}91mx{ESC}39my", '<span class="ansi-red">x</span>y'),
        (f"{ESC}38;2;175;0;95mx", '<span style="color:light-dark(#af005f,'),
        (f"{ESC}38;5;125mx", '<span style="color:light-dark(#af005f,'),
        (f"{ESC}38:2::175:0:95mx", '<span style="color:light-dark(#af005f,'),
        (f"{ESC}38:5:125mx", '<span style="color:light-dark(#af005f,'),
        (f"{ESC}41mx{ESC}49my", '<span style="color:#ffffff;background:#cd0000">x</span>y'),
        (f"{ESC}4;48;5;226mx", '<span class="ansi-underline" style="color:#000000;background:#ffff00">x</span>'),
        (f"{ESC}38;5mx{ESC}48;2;1my{ESC}38mz", "xyz"),
        (f"{ESC}?25lx{ESC}2K", "x"),
    ],
)
def test_codes_become_spans(text: str, html: str) -> None:
    assert ansi_to_html(text).startswith(html)


def test_every_colour_can_be_read_on_both_papers() -> None:
    for number in range(16, 256):
        light, dark = re.findall("#[0-9a-f]{6}", ansi_to_html(f"{ESC}38;5;{number}mx"))
        assert contrast(light, LIGHT) >= 4.5
        assert contrast(dark, DARK) >= 4.5


def test_every_colour_can_be_read_on_every_ground() -> None:
    for ink in (*range(16), *range(16, 256, 7)):
        for ground in range(0, 256, 5):
            colour, behind = re.findall("#[0-9a-f]{6}", ansi_to_html(f"{ESC}38;5;{ink};48;5;{ground}mx"))
            assert contrast(colour, behind) >= 4.5
