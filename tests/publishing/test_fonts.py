"""Fonts cut to a site's text, and style sheets published as one."""

from __future__ import annotations

import base64
import io
import json
import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, cast

import pytest
from fontTools.ttLib import TTFont

from sitegen.config import Config
from sitegen.model import Stored
from sitegen.pipeline import Options, build
from sitegen.publishing import fonts
from sitegen.publishing.assets import Assets
from sitegen.publishing.fonts import Face, FontCutter, face_of
from sitegen.publishing.site import assemble
from sitegen.store import Store

if TYPE_CHECKING:
    from sitegen.model import Build

PACKAGES = Path(__file__).parents[2] / "node_modules"
SERIF = PACKAGES / "@fontsource-variable/newsreader/files/newsreader-latin-opsz-normal.woff2"


def cut(cutter: FontCutter, font: bytes, face: Face, store: Store) -> bytes | None:
    """Return a font as a cutter cuts it; None where it is not needed."""
    name = cutter.name(font, face)
    if name is None:
        return None
    cutter.cut(cutter.missing())
    return store.content(cutter.made(name) or "")


def opened(font: bytes | None) -> TTFont:
    assert font is not None
    return TTFont(io.BytesIO(font))


def test_a_cut_font_has_the_text_of_the_site_in_the_weights_of_the_style_sheet_and_nothing_more() -> None:
    with Store(None) as store:
        cutter = FontCutter(assemble(Config(title="Ærø"), []), [], store)
        font = cut(cutter, SERIF.read_bytes(), Face((400, 700)), store)
    assert font is not None
    assert len(font) < 0.5 * SERIF.stat().st_size
    characters = set(map(chr, opened(font).getBestCmap()))
    assert set("abcXYZ019{}ÆøR") <= characters
    assert not set("ñÜ") & characters
    axes = {axis.axisTag: (axis.minValue, axis.maxValue) for axis in opened(font)["fvar"].axes}
    assert axes == {"wght": (400, 700), "opsz": (6, 72)}


def test_the_same_font_is_cut_once_and_to_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    site = assemble(Config(), [])
    with Store(None) as store, Store(None) as other:
        font = cut(FontCutter(site, [], store), SERIF.read_bytes(), Face((400, 700)), store)
        assert cut(FontCutter(site, [], other), SERIF.read_bytes(), Face((400, 700)), other) == font
        monkeypatch.setattr(fonts, "_cut", None)
        assert cut(FontCutter(site, [], store), SERIF.read_bytes(), Face((400, 700)), store) == font


def test_a_font_without_any_of_the_site_s_text_is_not_published() -> None:
    greek = PACKAGES / "@fontsource-variable/jetbrains-mono/files/jetbrains-mono-greek-wght-normal.woff2"
    with Store(None) as store:
        cutter = FontCutter(assemble(Config(), []), [], store)
        assert cut(cutter, greek.read_bytes(), Face(ranges=((0x370, 0x3FF),)), store) is None
        assert cut(cutter, SERIF.read_bytes(), Face(ranges=((0x370, 0x3FF),)), store) is None


def test_what_templates_were_compiled_to_asks_for_no_font(tmp_path: Path) -> None:
    (tmp_path / "__pycache__").mkdir()
    for name in ("__pycache__/base.html.0123abcd", ".base.html.swp"):
        (tmp_path / name).write_text("\N{GREEK SMALL LETTER ALPHA}", encoding="utf-8")
    with Store(None) as store:
        cutter = FontCutter(assemble(Config(), []), [tmp_path], store)
        assert cutter.name(b"", Face(ranges=((0x370, 0x3FF),))) is None
        (tmp_path / "base.html").write_text("&alpha;", encoding="utf-8")
        cutter = FontCutter(assemble(Config(), []), [tmp_path], store)
        assert cutter.name(b"", Face(ranges=((0x370, 0x3FF),))) is not None


def test_a_cut_font_keeps_kerning_and_the_features_that_a_style_sheet_asks_for_and_no_others() -> None:
    with Store(None) as store:
        cutter = FontCutter(assemble(Config(), []), [], store)
        assert "kern" in features(cut(cutter, SERIF.read_bytes(), Face(), store))
        assert "tnum" not in features(cut(cutter, SERIF.read_bytes(), Face(), store))
        cutter.use(["p { font-variant-numeric: tabular-nums }"])
        assert "tnum" in features(cut(cutter, SERIF.read_bytes(), Face(), store))


def features(font: bytes | None) -> set[str]:
    tables = opened(font)
    return {record.FeatureTag for name in ("GSUB", "GPOS") for record in tables[name].table.FeatureList.FeatureRecord}


def test_katex_s_style_sheet_keeps_what_the_formulas_hold_with_its_fonts(tmp_path: Path) -> None:
    post = "---\ntitle: X\n---\n\nText with $\\frac{x}{\\mathcal{L}}$ and $$\\sum_i \\mathbf{w}$$\n"
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "2026-01-01-x.md").write_text(post, encoding="utf-8")
    with Store(None) as store:
        files = build(tmp_path, store, Options(final=True)).files
    name = next(path for path in files if path.name.startswith("katex.min"))
    sheet = cast("bytes", files[name]).decode()
    assert all(part in sheet for part in (".mathcal", ".mfrac", ".mathbf", "font-family:KaTeX_Size1;"))
    assert not any(
        part in sheet
        for part in (
            ".mathfrak",
            "KaTeX_Fraktur",
            "KaTeX_Caligraphic-Bold",
            "KaTeX_Math-BoldItalic",
            "KaTeX_Script",
            "KaTeX_Typewriter",
        )
    )
    named = {match.rpartition("/")[2] for match in re.findall(r"url\(([^)d][^)]+)\)", sheet)}
    assert named == {path.name for path in files if path.name.startswith("KaTeX")}


def test_a_page_that_begins_with_formulas_asks_for_their_fonts_before_its_style_sheet_does(tmp_path: Path) -> None:
    formulas = "$f(x) = \\frac{a + b}{c d} \\le \\log y, z \\to (u, v, w), \\alpha\\beta\\gamma\\delta\\theta\\lambda\\mu\\phi$"
    (tmp_path / "posts").mkdir()
    for slug, text in (("near", formulas), ("far", "Words and words.\n\n" * 500 + formulas)):
        post = f"---\ntitle: X\n---\n\n{text}\n"
        (tmp_path / "posts" / f"2026-01-01-{slug}.md").write_text(post, encoding="utf-8")
    with Store(None) as store:
        result = build(tmp_path, store, Options(final=True))
        assert [str(error) for error in result.errors] == []
        asked = {}
        for slug in ("near", "far"):
            page = result.files[PurePosixPath(f"posts/{slug}/index.html")]
            assert isinstance(page, Stored)
            html = store.content(page.digest).decode()
            (fonts,) = re.findall(r'data-fonts="([^"]*)"', html)
            asked[slug] = [
                font.rpartition("/")[2] for font in json.loads(fonts.replace("&#34;", '"')) if "KaTeX" in font
            ]
            (sheet,) = re.findall(r'rel="stylesheet" href="\.\./\.\./([^"]+)"', html)
            wanted = re.findall(r"KaTeX_[\w-]+\.\w+\.woff2", cast("bytes", result.files[PurePosixPath(sheet)]).decode())
        assert asked == {"near": wanted, "far": []}
        assert len(wanted) >= 2
        assert {path.name for path in result.files} >= set(wanted)


def test_a_font_of_formulas_holds_the_letters_that_they_set_in_it_and_one_of_few_stands_in_the_sheet(
    tmp_path: Path,
) -> None:
    post = (
        "---\ntitle: X\n---\n\n$\\mathbf{w} + xy + \\mathsf{S} + \\text{é} + \\textbf{q}$\n\nMore text, in **bold**.\n"
    )
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "2026-01-01-x.md").write_text(post, encoding="utf-8")
    with Store(None) as store:
        result = build(tmp_path, store, Options(final=True))
        name = next(path for path in result.files if path.name.startswith("katex.min"))
        sheet = cast("bytes", result.files[name]).decode()
        stored = {
            path.name.split(".")[0]: store.content(content.digest)
            for path, content in result.files.items()
            if isinstance(content, Stored)
        }
    assert ".accent-body:not(.accent-full)" in sheet  # not only where the class that is ruled out is there

    def letters(face: str, style: str) -> set[str]:
        rule = next(one for one in sheet.split("@font-face") if f"font-family:{face};" in one and style in one)
        data = re.search(r"base64,([^)]+)", rule)
        found = re.search(r"(KaTeX_[\w-]+)\.", rule)
        font = base64.b64decode(data[1]) if data else stored[found[1]] if found else b""
        return {sign for sign in map(chr, opened(font).getBestCmap()) if sign.isalpha()}

    assert letters("KaTeX_Main", "font-weight:700") == set("wq")
    assert letters("KaTeX_Math", "italic") == set("xy")
    assert letters("KaTeX_SansSerif", "font-weight:400") == {"S"}
    assert letters("KaTeX_Main", "font-style:normal;font-weight:400") == {"e", "\N{MODIFIER LETTER ACUTE ACCENT}"}


def test_a_face_s_axes_and_features_are_what_its_rule_says() -> None:
    rule = '@font-face { font-weight: 400; font-variation-settings: "opsz" 24; font-feature-settings: "kern" 0, "liga" off }'
    assert face_of(rule) == Face((400, 400), without=frozenset({"kern", "liga"}), fixed=(("opsz", 24.0),))
    with Store(None) as store:
        font = cut(FontCutter(assemble(Config(), []), [], store), SERIF.read_bytes(), face_of(rule), store)
    assert "fvar" not in opened(font)
    assert "kern" not in features(font)


def test_style_sheets_together_point_at_the_files_that_each_pointed_at(tmp_path: Path) -> None:
    (tmp_path / "assets" / "css").mkdir(parents=True)
    (tmp_path / "assets" / "css" / "a.css").write_text('a { background: url("dot.svg#x") }', encoding="utf-8")
    (tmp_path / "assets" / "css" / "dot.svg").write_text("<svg/>", encoding="utf-8")
    assets = Assets([tmp_path], PACKAGES)
    place = assets.path("css/a.css npm:katex/dist/katex.min.css")
    sheet = assets.files[place]
    assert isinstance(sheet, bytes)
    found = re.findall(r"url\(([^)#]+)", sheet.decode())
    assert len(found) > 10
    files = {path.as_posix() for path in assets.files}
    assert all((Path("/") / place.parent / url).resolve().relative_to("/").as_posix() in files for url in found)
    with pytest.raises(KeyError):
        assets.path("css/a.css css/none.css")


def test_a_site_is_cut_for_readers_and_left_whole_in_the_preview(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "2026-01-01-x.md").write_text("---\ntitle: X\n---\n\nText with $x^2$.\n", encoding="utf-8")
    with Store(None) as store:
        whole = build(tmp_path, store, Options())
        final = build(tmp_path, store, Options(final=True))
        assert _fonts(whole) != _fonts(final)
        assert len(_fonts(whole)) > len(_fonts(final))
        again = build(tmp_path, store, Options(final=True))
    assert again.files == final.files


def _fonts(result: Build) -> set[str]:
    assert not result.errors
    return {path.name for path in result.files if path.suffix == ".woff2"}


def test_a_page_without_code_and_italics_asks_for_more_fonts_of_formulas_and_holds_fewer(tmp_path: Path) -> None:
    """Twelve requests are enough for all that a page may ask for; what stands in the sheet of each is loaded with each."""
    formulas = r"$x$ $\mathbb{E}$ $\mathcal{L}$ $\mathfrak{g}$ $\mathbf{b}$ $\mathsf{s}$ $\mathscr{S}$ $$\sum_i \Bigl(x\Bigr)$$"
    (tmp_path / "posts").mkdir()
    for name, more in (("plain", ""), ("coded", "`code` and *italics*")):
        text = f"---\ntitle: x\n---\n{formulas} {more}\n"
        (tmp_path / f"posts/2026-01-01-{name}.md").write_text(text, encoding="utf-8")
    with Store(tmp_path / ".sitegen/store.sqlite") as store:
        result = build(tmp_path, store, Options(final=True))
        assert not result.errors
        sheets = [sheet_of(result, store, f"posts/{name}/index.html") for name in ("plain", "coded")]
    asked = [len(set(re.findall(r"KaTeX_[\w-]+\.\w+\.woff2", sheet))) for sheet in sheets]
    inside = [sheet.count("base64") for sheet in sheets]
    assert asked[0] == asked[1] + 2
    assert inside[0] == inside[1] - 2


def sheet_of(result: Build, store: Store, page: str) -> str:
    """Return the style sheet of a page."""
    html = text_of(result, store, page)
    return text_of(result, store, "assets/css/" + re.findall(r"assets/css/(together[\w.]*)", html)[0])


def text_of(result: Build, store: Store, path: str) -> str:
    """Return a text file of the site."""
    content = result.files[PurePosixPath(path)]
    return (store.content(content.digest) if isinstance(content, Stored) else cast("bytes", content)).decode()
