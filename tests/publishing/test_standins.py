"""What stands in the place of a blogger's font has its measures, as the theme's own stand-ins have those of the theme's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sitegen.publishing.standins import names_of_stand_ins, stand_ins

PROJECT = Path(__file__).parents[2]
FONTS = PROJECT / "node_modules" / "@fontsource-variable"
SIDES = ("size-adjust", "ascent-override", "descent-override", "line-gap-override")


def percents(rule: str) -> list[float]:
    return [float(re.findall(rf"{side}:\s*([\d.]+)%", rule)[0]) for side in SIDES]


@pytest.mark.parametrize(
    ("use", "family", "file"),
    [
        ("text", "Newsreader", "newsreader/files/newsreader-latin-opsz-normal.woff2"),
        ("labels", "Instrument Sans", "instrument-sans/files/instrument-sans-latin-wght-normal.woff2"),
    ],
)
def test_for_the_fonts_of_the_theme_they_are_nearly_those_of_the_theme(use: str, family: str, file: str) -> None:
    sheet = (PROJECT / "assets" / "css" / "fonts.css").read_text(encoding="utf-8")
    written = [
        re.findall(rf'font-family: "{family} {name}";([^}}]*)', sheet)[0] for name in ("Fallback", "Android", "Linux")
    ]
    made = re.findall(r"@font-face\{[^}]*\}", stand_ins(family, use, (FONTS / file).read_bytes()))
    assert [re.findall(r'font-family:"([^"]*)"', rule)[0] for rule in made] == list(names_of_stand_ins(family, use))
    for ours, theirs in zip(made, written, strict=True):
        assert percents(ours) == pytest.approx(percents(theirs), rel=0.06)  # the theme's labels fit menus


def test_a_font_of_another_script_and_one_for_code_have_none() -> None:
    japanese = FONTS / "noto-serif-jp" / "files" / "noto-serif-jp-0-wght-normal.woff2"
    assert stand_ins("Noto Serif JP Variable", "text", japanese.read_bytes()) == ""
    mono = FONTS / "jetbrains-mono" / "files" / "jetbrains-mono-latin-wght-normal.woff2"
    assert stand_ins("JetBrains Mono Variable", "code", mono.read_bytes()) == ""
