"""A page's style sheet: the rules that it needs, and no others."""

from __future__ import annotations

import posixpath
import random
import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, cast

import pytest

from sitegen.pipeline import Options, build
from sitegen.publishing.assets import Assets
from sitegen.publishing.letters import signs_and_classes
from sitegen.publishing.sheets import Sheet, asked_for, elements_of, given_by
from sitegen.store import Store

if TYPE_CHECKING:
    from sitegen.model import Stored


@pytest.mark.parametrize(
    ("sheet", "present", "needed"),
    [
        ("a{b:c}.x{d:e}", "", "a{b:c}"),
        (".x,.y p,i{d:e}", "y", ".y p,i{d:e}"),
        (".x.y{a:b}.x .z{c:d}", "x z", ".x .z{c:d}"),
        (":is(.x,.y p) .z{a:b}", "z x", ":is(.x) .z{a:b}"),
        (":is(.x,.y) .z{a:b}p:is(.y,i){c:d}", "z", "p:is(i){c:d}"),
        ("a:not(:is(.x,.y)){a:b}", "", "a:not(:is(.x,.y)){a:b}"),
        ("a:has(+ :is(.x,.y)):is(.z){a:b}", "z", "a:has(+ :is(.x,.y)):is(.z){a:b}"),
        (".x:not(.y){a:b}.x:has(> .y, .z){c:d}", "x", ".x:not(.y){a:b}.x:has(> .y, .z){c:d}"),
        (
            ".x :is(p, ul){a:b}i>:is(b):last-child{c:d}:is(a,i)::before{e:f}",
            "x",
            ".x p,.x ul{a:b}i>b:last-child{c:d}a::before,i::before{e:f}",
        ),
        (
            ".x :is(.y,.z):hover{a:b}.x :is(p,.y){a:b}.x:is(p,i){a:b}:is(p,i) b{a:b}",
            "x y",
            ".x .y:hover{a:b}.x :is(p,.y){a:b}.x:is(p,i){a:b}:is(p,i) b{a:b}",
        ),
        ("@media print{.x{a:b}p{c:d}}.x{e:f}", "", "@media print{p{c:d}}"),
        ("@media a{@supports (b:c){.x{d:e}.y{f:g}}}i{h:j}", "y", "@media a{@supports (b:c){.y{f:g}}}i{h:j}"),
        ('.x{content:"}"}p{a:b}', "", "p{a:b}"),
        ('.x::before{content:"{;"}/* .y{} */p{a:b}/* */', "x", '.x::before{content:"{;"}p{a:b}'),
        ('@import "a.css";@page{margin:0}.x{a:b}', "", '@import "a.css";@page{margin:0}'),
        (":root{--a:1;--b:2;--c:3}p{x:var(--a)}", "--c", ":root{--a:1;--c:3}p{x:var(--a)}"),
        (
            '@font-face{font-family:"A B";src:url(x)}@font-face{font-family:C}p{font:1em "A B"}',
            "",
            '@font-face{font-family:"A B";src:url(x)}p{font:1em "A B"}',
        ),
        ('@font-face{font-family:"A B";src:x}@font-face{font-family:C;src:y}', "C A+B D", "{same}"),
    ],
)
def test_a_rule_stays_where_all_of_its_classes_are(sheet: str, present: str, needed: str) -> None:
    elements = elements_of("<a><p><i><b><ul>")
    assert Sheet(sheet).needed(elements.union(present.split())) == needed.replace("{same}", sheet)


def test_a_rule_stays_where_all_of_its_elements_may_be() -> None:
    sheet = Sheet(
        "p{a:b}kbd,p::before{a:b}.x > kbd:has(i){a:b}.x tbody td{a:b}:is(h2,h3) .x{a:b}h4:not(p){a:b}body,:root,*{a:b}"
    )
    whole = {"x", *elements_of("<P><b><table><td>")}
    assert sheet.needed(whole) == "p{a:b}p::before{a:b}.x tbody td{a:b}:is(h2,h3) .x{a:b}body,:root,*{a:b}"
    script = given_by("""say(make("kbd", {}), `<h4 class="x">`); box.querySelector("td")""")
    assert sheet.needed(script) == "kbd{a:b}.x > kbd:has(i){a:b}:is(h2,h3) .x{a:b}h4:not(p){a:b}body,:root,*{a:b}"


def test_a_page_asks_by_its_classes_its_colours_and_the_words_of_its_scripts() -> None:
    page = '<p class="a b" style="color: var(--figure-1)"><i class=c><script>root.classList.add("js")</script>'
    assert {"a", "b", "c", "--figure-1", "js"} <= asked_for(page)
    fonts = Sheet('@font-face{font-family:"A B";src:x}@font-face{font-family:C;src:y}')
    assert fonts.among(asked_for("<style>:root{--serif: 'A B', serif}</style><q>'C'</q>")) == {"A+B"}
    assert Sheet(":root{--figure-1:a;--figure-2:b;--code:c}").among({"--figure-"}) == {"--figure-1", "--figure-2"}


def test_a_script_gives_the_words_of_its_texts_and_looks_for_others() -> None:
    script = """// a comment
    box.className = "copy is-large"; box.classList.toggle('on'); ink(`--figure-${number}`);
    document.querySelector(".diagram:not(.live)"); item.innerHTML = `<i class="mark">${x}</i>`;"""
    assert {"copy", "is-large", "on", "--figure-", "mark"} <= given_by(script)
    assert not {"comment", "diagram", "live"} & given_by(script)


def test_every_page_links_what_it_needs_and_pages_alike_share_it(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    for slug, text in {"plain": "Text.", "other": "Text.", "math": "$x$\n\n> [!NOTE]\n> A note."}.items():
        (tmp_path / "posts" / f"2026-01-01-{slug}.md").write_text(
            f"---\ntitle: {slug}\n---\n\n{text}\n", encoding="utf-8"
        )
    with Store(None) as store:
        result = build(tmp_path, store, Options(final=True))
        assert [str(error) for error in result.errors] == []
        again = build(tmp_path, store, Options(final=True))
        assert again.report["pages rendered"] == 0
        assert again.files == result.files
        sheets = {
            str(path): cast("bytes", content).decode()
            for path, content in result.files.items()
            if "together" in path.name
        }
        pages = {
            slug: next(name for name in sheets if name.encode() in html(result.files, slug, store))
            for slug in ("plain", "other", "math")
        }
    assert pages["plain"] == pages["other"] != pages["math"]
    assert ".callout{" in sheets[pages["math"]]
    assert "KaTeX_Main" in sheets[pages["math"]]
    assert ".callout{" not in sheets[pages["plain"]]
    assert ".masthead" not in sheets[pages["math"]]
    assert "kbd" not in sheets[pages["math"]]
    assert "--figure-1" not in sheets[pages["math"]]  # of scripts that this page does not name


def test_the_authors_own_rules_come_last_on_every_page(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts/2026-01-01-a.md").write_text("---\ntitle: A\n---\nText.\n")
    (tmp_path / "assets/css").mkdir(parents=True)
    (tmp_path / "assets/css/own.css").write_text("h1 { color: teal }\n")
    with Store(None) as store:
        files = build(tmp_path, store, Options(final=True)).files
        sheets = [cast("bytes", content).decode() for path, content in files.items() if "together" in path.name]
    assert len(sheets) > 1
    assert all(sheet.rstrip().endswith("h1{color:teal}") for sheet in sheets)


@pytest.mark.parametrize("rules", ["", "\n", "}"])
def test_a_style_sheet_without_rules_adds_none(rules: str, tmp_path: Path) -> None:
    (tmp_path / "assets/css").mkdir(parents=True)
    (tmp_path / "assets/css/own.css").write_text(rules)
    assets = Assets([tmp_path], tmp_path)
    assert assets.together("css/own.css css/own.css") == f"{rules}\n{rules}"


def test_a_new_rule_reaches_pages_that_have_its_class_already(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts/2026-01-01-a.md").write_text("---\ntitle: A\n---\nText.\n{: .lede }\n")
    (tmp_path / "assets/css").mkdir(parents=True)
    own = tmp_path / "assets/css/own.css"
    found = []
    with Store(None) as store:
        for rule in ("h1 { color: teal }", "h1 { color: teal } .lede { color: red }", ".other { color: red }"):
            own.write_text(rule)
            files = build(tmp_path, store, Options(final=True)).files
            linked = re.search(rb"together\.\w+\.css", html(files, "a", store))
            assert linked
            sheet = next(content for path, content in files.items() if path.name == linked[0].decode())
            found.append(b".lede" in cast("bytes", sheet))
    assert found == [False, True, False]


def html(files: object, slug: str, store: Store) -> bytes:
    content = next(
        content
        for path, content in cast("dict[object, object]", files).items()
        if str(path) == f"posts/{slug}/index.html"
    )
    return store.content(cast("str", getattr(content, "digest", "")))


def test_counters_that_no_rule_of_a_page_names_are_left_out() -> None:
    sheet = Sheet("@counter-style a-b{suffix:') '}@counter-style c-d{suffix:']'}.x{list-style:a-b}.y{list-style:c-d}")
    assert sheet.needed(["x"]) == "@counter-style a-b{suffix:') '}.x{list-style:a-b}"
    assert sheet.needed(["z"]) == ""


def test_a_page_of_more_than_two_round_trips_holds_its_style_sheet(tmp_path: Path) -> None:
    """Random words do not shrink: the long post weighs over 43 kB compressed, and saves the trip for its sheet."""
    chance = random.Random(1)  # noqa: S311 - words, no secrets
    words = " ".join("".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=7)) for _ in range(24_000))
    (tmp_path / "posts").mkdir()
    for name, text in (("short", "Words and $x^2$."), ("long", f"$x^2$ {words}")):
        (tmp_path / f"posts/2026-01-01-{name}.md").write_text(f"---\ntitle: {name}\n---\n{text}\n", encoding="utf-8")

    def read(name: str) -> str:
        return store.content(cast("Stored", result.files[PurePosixPath(f"posts/{name}/index.html")]).digest).decode()

    link = '<link rel="stylesheet" href="../../assets/css/'
    with Store(tmp_path / ".sitegen/store.sqlite") as store:
        result = build(tmp_path, store, Options())
        assert link in read("long")  # in the preview, where style sheets are swapped
        result = build(tmp_path, store, Options(final=True))
        assert link in read("short")
        assert link not in read("long")
        (sheet,) = re.findall(r"<style>(.*?)</style>", read("long"), re.DOTALL)
        fonts = re.findall(r"url\((\.\./[^)]*)\)", sheet)
        assert fonts
        for font in fonts:
            assert PurePosixPath(posixpath.normpath(posixpath.join("posts/long", font))) in result.files
        assert build(tmp_path, store, Options(final=True)).report["pages rendered"] == 0
        (tmp_path / "assets").mkdir()
        (tmp_path / "assets" / "css").mkdir()
        (tmp_path / "assets" / "css" / "media.css").write_text("p { color: teal }", encoding="utf-8")
        result = build(tmp_path, store, Options(final=True))
        assert "teal" in read("long")


def test_frames_that_are_drawn_elsewhere_ask_for_every_ink_and_for_their_elements() -> None:
    _, classes = signs_and_classes("<p>", r'{"0": "<td class=\"x\">var(--figure-2)"}')
    assert {"p>", "td>", "x", "--figure-"} <= {*classes}
    assert Sheet(":root{--figure-1:a;--figure-2:b;--code:c}").among(classes) == {"--figure-1", "--figure-2"}
