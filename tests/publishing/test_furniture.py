"""What stands around a post in the real theme: citing, sharing, licence, comments, and what machines read of it."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path, PurePosixPath
from typing import cast

import pytest

from sitegen.config import read_config
from sitegen.furniture import SHARED_BY
from sitegen.model import Stored
from sitegen.pipeline import Options, build
from sitegen.publishing.cite_as import as_key, as_tex
from sitegen.store import Store

SETTINGS = f"""
title: Notes & Proofs
url: https://example.org/blog
author: Ada Lovelace
license: cc-by-sa 4.0
edit: https://github.com/ada/blog/edit/main/
share: [{", ".join(sorted(SHARED_BY))}]
comments:
  utterances: {{repo: ada/blog}}
analytics: {{goatcounter: ada, plausible: example.org, google: G-1}}
"""
POST = """---
title: "50% of $x$ & *more*_"
authors: [Émile Borel, Ada Lovelace]
date: 2025-03-04
tags: [one, two]
{more}
---
Text.
"""


def page(folder: Path, settings: str = SETTINGS, more: str = "comments: true") -> str:
    (folder / "posts").mkdir(parents=True)
    (folder / "site.yml").write_text(settings, encoding="utf-8")
    (folder / "posts" / "2025-03-04-half-way.md").write_text(POST.format(more=more), encoding="utf-8")
    with Store(None) as store:
        result = build(folder, store, Options())
        assert [str(error) for error in result.errors] == []
        content = result.files[PurePosixPath("posts/half-way/index.html")]
        assert isinstance(content, Stored)
        return store.content(content.digest).decode()


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory) -> str:
    return page(tmp_path_factory.mktemp("furniture") / "blog")


def test_a_post_says_how_to_cite_it_in_bibtex(html: str) -> None:
    entry = unescape(re.findall(r"<code>(@misc.*?)</code>", html, re.DOTALL)[0])
    assert entry == (
        "@misc{borel2025half,\n"
        "  author = {Émile Borel and Ada Lovelace},\n"
        "  title = {{50\\% of x \\& more\\_}},\n"
        "  howpublished = {Notes \\& Proofs},\n"
        "  year = {2025},\n"
        "  month = mar,\n"
        "  url = {https://example.org/blog/posts/half-way/}\n"
        "}\n"
    )


@pytest.mark.parametrize("setting", ["url: https://[name].github.io", "edit: https://[name].example.org/edit"])
def test_an_address_that_is_yet_to_be_filled_in_is_told(tmp_path: Path, setting: str) -> None:
    write_post(tmp_path, "2025-03-04-a.md")
    (tmp_path / "site.yml").write_text(f"{setting}\n", encoding="utf-8")
    with Store(None) as store:
        (error,) = build(tmp_path, store, Options()).errors
    assert str(error.location).startswith("site.yml:1:")
    assert "is no address" in error.message


def test_an_entry_with_an_address_that_is_yet_to_be_filled_in_has_no_link(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "2025-03-04-a.md").write_text("---\nbibliography: a.bib\n---\n@k", encoding="utf-8")
    entry = "@misc{k, title={T}, author={A B}, year=2020, url={https://[name].github.io/x}}"
    (tmp_path / "posts" / "a.bib").write_text(entry, encoding="utf-8")
    with Store(None) as store:
        assert build(tmp_path, store, Options()).errors == ()


def test_signs_of_latex_are_escaped_and_keys_are_plain() -> None:
    assert as_tex(r"a_b {50%} ~ \x") == r"a\_b \{50\%\} \textasciitilde{} \textbackslash{}x"
    assert as_key("Erdős, P.") == "erdosp"
    assert as_key("李") == ""


def test_every_service_has_its_link_and_title_and_address_are_in_it(html: str) -> None:
    links = re.findall(r'<a href="([^"]+)" rel="noopener nofollow"', html)
    assert len(links) == len(SHARED_BY) - 1
    assert all("example.org" in link and " " not in link for link in links)
    assert 'href="mailto:?subject=50%25%20of' in html


def test_licence_edit_link_and_comments_stand_below_the_text(html: str) -> None:
    assert '<a href="https://creativecommons.org/licenses/by-sa/4.0/" rel="license">CC BY-SA 4.0</a>' in html
    assert 'href="https://github.com/ada/blog/edit/main/posts/2025-03-04-half-way.md"' in html
    assert 'data-service="utterances"' in html
    assert 'data-issue-term="pathname"' in html
    assert '<a href="https://github.com/ada/blog/issues">' in html
    assert "utteranc.es" not in html  # nothing is loaded from there before a reader asks for it


def test_readers_are_counted_only_where_that_is_set(html: str, tmp_path: Path) -> None:
    assert 'data-goatcounter="https://ada.goatcounter.com/count"' in html
    assert 'data-domain="example.org"' in html
    assert 'data-id="G-1"' in html
    bare = page(tmp_path / "blog", "title: Bare\nurl: https://example.org\ncite: false\n", "comments: false")
    assert not re.findall(r'<script[^>]+src="https?:', bare)
    for word in ("goatcounter", "comments.js", 'class="cite"', 'class="offers"'):
        assert word not in bare


def test_a_post_may_go_without_comments(tmp_path: Path) -> None:
    assert 'class="comments"' not in page(tmp_path / "blog", more="comments: false")


def test_machines_read_what_a_post_is(html: str) -> None:
    data = json.loads(re.findall(r'<script type="application/ld\+json">(.*?)</script>', html)[0])
    assert data["@type"] == "BlogPosting"
    assert data["headline"] == "50% of x & more_"
    assert [person["name"] for person in data["author"]] == ["Émile Borel", "Ada Lovelace"]
    assert data["datePublished"] == "2025-03-04T00:00:00+00:00"
    assert data["license"].endswith("/by-sa/4.0/")
    assert re.findall(r'name="citation_author" content="([^"]+)"', html) == ["Émile Borel", "Ada Lovelace"]
    assert 'name="citation_publication_date" content="2025/03/04"' in html


@pytest.mark.parametrize(
    ("written", "name", "url"),
    [
        ("CC BY 4.0", "CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"),
        ("cc-by-nc-nd", "CC BY-NC-ND 4.0", "https://creativecommons.org/licenses/by-nc-nd/4.0/"),
        ("CC0", "CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
        ("All rights reserved", "All rights reserved", ""),
        ("{name: Own, url: /licence/}", "Own", "/licence/"),
    ],
)
def test_a_licence_is_named_as_people_name_it(tmp_path: Path, written: str, name: str, url: str) -> None:
    (tmp_path / "site.yml").write_text(f"license: {written}\n", encoding="utf-8")
    config, errors = read_config(tmp_path)
    assert not errors
    assert config.license == {"name": name, "url": url}


def test_lists_say_the_language_of_a_post_that_is_not_theirs_and_leave_marks_of_footnotes_out(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    arabic = "---\ntitle: عنوان\nlang: ar\ntags: [x]\n---\nنص[^1].\n\n[^1]: حاشية.\n"
    english = "---\ntitle: A title\nlang: en\ntags: [x]\n---\nA text[^1].\n\n[^1]: A note.\n"
    (tmp_path / "posts" / "2025-03-04-arabic.md").write_text(arabic, encoding="utf-8")
    (tmp_path / "posts" / "2025-03-05-english.md").write_text(english, encoding="utf-8")
    with Store(None) as store:
        files = build(tmp_path, store, Options()).files

        def read(path: str) -> str:
            return store.content(cast("Stored", files[PurePosixPath(path)]).digest).decode()

        home, archive, other = (read(path) for path in ("index.html", "archives/index.html", "posts/arabic/index.html"))
    title = '<a href="{}posts/arabic/" lang="ar" dir="rtl">عنوان</a>'
    assert f"<h2>{title.format('')}</h2>" in home
    assert '<p class="entry-excerpt" lang="ar" dir="rtl">نص.</p>' in home
    assert '<p class="entry-excerpt">A text.</p>' in home
    assert title.format("../") in archive
    assert '<bdi lang="en" dir="ltr">A title</bdi></a>' in other


def test_a_title_is_set_wherever_it_stands_and_smaller_where_it_is_long(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    for day, title in enumerate(("Short `f` of $x_1$", "A title of " + "many words " * 8), 1):
        text = f"---\ntitle: {title}\n---\nText.\n"
        (tmp_path / "posts" / f"2025-03-0{day}-post-{day}.md").write_text(text, encoding="utf-8")
    with Store(None) as store:
        files = build(tmp_path, store, Options()).files
        home, first, second = (
            store.content(cast("Stored", files[PurePosixPath(path)]).digest).decode()
            for path in ("index.html", "posts/post-1/index.html", "posts/post-2/index.html")
        )
    assert '<h1 class="long">A title' in second
    assert '<h2 class="long"><a href="posts/post-2/">' in home
    assert "<h1>Short" in first
    assert (
        '<a class="older" href="../post-1/" rel="prev"><span>← Previous</span>Short <code>f</code> of <span' in second
    )
    assert "katex" in second


LOOK = """
accent: {light: "#b3261e", dark: "#ff9d8f"}
logo: img/logo.svg
fonts: {text: noto-serif-jp}
"""


def test_site_yml_sets_the_accent_a_logo_and_fonts(tmp_path: Path) -> None:
    (tmp_path / "blog" / "assets" / "img").mkdir(parents=True)
    (tmp_path / "blog" / "assets" / "img" / "logo.svg").write_text("<svg/>", encoding="utf-8")
    html = page(tmp_path / "blog", LOOK)
    assert "--accent: light-dark(#b3261e, #ff9d8f)" in html
    assert '--serif: "Noto Serif JP Variable", Georgia, serif' in html
    assert re.search(r'<a class="site-name" [^>]*><img src="[^"]*assets/img/logo\.[0-9a-f]+\.svg"', html)
    assert "newsreader" not in html
    assert re.search(
        r'data-fonts="[^"]*noto-serif-jp-latin-wght-normal', html
    )  # asked for before the style sheet is there


def test_a_logo_stands_on_every_page_of_the_list(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "posts").mkdir()
    (tmp_path / "assets" / "logo.svg").write_text("<svg/>", encoding="utf-8")
    (tmp_path / "site.yml").write_text("logo: logo.svg\npaginate: 1\n", encoding="utf-8")
    for name in "ab":
        (tmp_path / "posts" / f"2025-03-04-{name}.md").write_text(f"---\ntitle: {name}\n---\n", encoding="utf-8")
    with Store(None) as store:
        files = build(tmp_path, store, Options()).files
        for path in ("index.html", "page2/index.html", "posts/a/index.html"):
            assert b"assets/logo." in store.content(cast("Stored", files[PurePosixPath(path)]).digest)


def test_fonts_of_site_yml_reach_the_published_sheet_of_each_page_with_the_letters_of_the_site_alone(
    tmp_path: Path,
) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "site.yml").write_text("fonts: {text: newsreader, code: noto-serif-jp}\n", encoding="utf-8")
    (tmp_path / "posts" / "2025-03-04-x.md").write_text("---\ntitle: A title\n---\n*Text*.\n", encoding="utf-8")
    with Store(None) as store:
        result = build(tmp_path, store, Options(final=True))
        html = store.content(cast("Stored", result.files[PurePosixPath("posts/x/index.html")]).digest).decode()
    (sheet,) = re.findall(r'rel="stylesheet" href="../../(assets/css/together[^"]*)"', html)
    faces = re.findall(r"@font-face\{[^}]*\}", cast("bytes", result.files[PurePosixPath(sheet)]).decode())
    jp = [face for face in faces if "Noto Serif JP Variable" in face]
    assert 0 < len(jp) < 30  # of 124
    assert any("-latin-wght-normal" in face for face in jp)
    own = [face for face in faces if "'Newsreader Variable'" in face and "-latin-wght" in face]
    assert [re.findall(r"font-style:(\w+)", face) for face in own] == [["normal"], ["italic"]]
    assert "--math: calc(1ex / 0.442)" in html
    assert '--serif: "Newsreader Variable", "Newsreader Variable Stand-in 1", ' in html
    assert '<style>@font-face{font-family:"Newsreader Variable Stand-in 1";src:local("Times New Roman")' in html


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("accent: '}'", "`}` is no colour"),
        ("accent: reddish", "`reddish` is no colour"),
        ("accent: {light: red, drak: blue}", "unknown key of `accent` `drak`"),
        ("fonts: {text: ../x}", "`../x` is no name of a font"),
        (f"fonts: {{text: {'x' * 300}}}", "there is no font package `@fontsource-variable/xxx"),
        ("fonts: {body: inter}", "unknown key of `fonts` `body`"),
        ("fonts: {code: no-such-font}", "there is no font package `@fontsource-variable/no-such-font`"),
        ("logo: nowhere.png", "there is no asset `nowhere.png`"),
    ],
)
def test_a_look_that_cannot_be_is_told(tmp_path: Path, settings: str, message: str) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "site.yml").write_text(settings, encoding="utf-8")
    (tmp_path / "posts" / "2025-03-04-x.md").write_text(POST.format(more=""), encoding="utf-8")
    with Store(None) as store:
        errors = build(tmp_path, store, Options()).errors
    assert [(error.location.path, error.location.line) for error in errors] == [("site.yml", 1)]
    assert message in str(errors[0])


def test_a_menu_leaves_out_what_leads_nowhere(tmp_path: Path) -> None:
    menu = "navigation:\n- {title: About, url: about/}\n- url: /series/\n- url: /tags/\n- {title: E, url: //e.org}\n"
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "2025-03-04-x.md").write_text(POST.format(more=""), encoding="utf-8")
    (tmp_path / "site.yml").write_text(menu, encoding="utf-8")
    with Store(None) as store:
        before = build(tmp_path, store, Options())
        (tmp_path / "pages").mkdir()
        (tmp_path / "pages" / "about.md").write_text("Us.\n", encoding="utf-8")
        after = build(tmp_path, store, Options())
    notes = [note for note in before.notes if "menu" in note]
    assert notes == [
        "site.yml:2: the menu leaves out `/about/`, for nothing in the site is there",
        "site.yml:3: the menu leaves out `/series/`, for nothing in the site is there",
    ]
    assert not any("`/about/`" in note for note in after.notes)


@pytest.mark.parametrize(
    ("settings", "header", "shown"),
    [
        ("", "", ["Archive"]),
        ("", "tags: [a]", ["Archive", "Tags"]),
        ("", "tags: [a]\ncategories: [b]", ["Archive", "Tags", "Categories"]),
        ("navigation: [{url: /tags/}]", "", ["Tags"]),  # who asks for it has it
    ],
)
def test_the_menu_of_the_theme_has_tags_and_categories_where_a_post_has_some(
    tmp_path: Path, settings: str, header: str, shown: list[str]
) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "site.yml").write_text(settings, encoding="utf-8")
    (tmp_path / "posts" / "2025-03-04-x.md").write_text(f"---\n{header}\n---\n# X\n\ntext\n", encoding="utf-8")
    with Store(None) as store:
        made = build(tmp_path, store, Options())
        assert not [note for note in made.notes if "menu" in note]
        home = made.files[PurePosixPath("index.html")]
        text = store.content(cast("Stored", home).digest).decode()
    menu = text.partition("<nav")[2].partition('<div class="site-tools"')[0]
    assert re.findall(r">([^<]+)</a>", menu) == shown


def test_parts_of_an_address_may_stand_between_low_lines(tmp_path: Path) -> None:
    (tmp_path / "site.yml").write_text("permalink: /:year_:month_:day_:title/", encoding="utf-8")
    assert not read_config(tmp_path)[1]


def test_an_address_of_the_settings_leads_from_the_top_of_the_site(tmp_path: Path) -> None:
    links = "cv.pdf ./about.html #contact //e.org/x mailto:a@e.org".split()
    (tmp_path / "site.yml").write_text(f"links: {[{'title': 'A', 'url': link} for link in links]}", encoding="utf-8")
    config, errors = read_config(tmp_path)
    assert not errors
    assert [entry.url for entry in config.links] == ["/cv.pdf", "/about.html", "#contact", *links[3:]]


@pytest.mark.parametrize("posts", [1, 60])
def test_a_file_that_may_not_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, posts: int) -> None:
    for number in range(posts):  # many are rendered by several processes
        write_post(tmp_path, f"2025-03-04-{number}.md")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied", str(tmp_path / "templates" / "post.html"))

    monkeypatch.setattr("sitegen.publishing.render.Renderer._render", refuse)
    with Store(None) as store:
        result = build(tmp_path, store, Options(workers=2))
    assert [(str(e.location), e.message) for e in result.errors] == [
        ("templates/post.html", "cannot be used: Permission denied")
    ]
    assert not result.files


def write_post(folder: Path, name: str) -> None:
    (folder / "posts").mkdir(exist_ok=True)
    (folder / "posts" / name).write_text(POST.format(more=""), encoding="utf-8")


def test_a_blog_of_which_no_post_has_a_date_names_no_year(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "site.yml").write_text("title: Notes\nurl: https://example.org\n", encoding="utf-8")
    (tmp_path / "posts" / "a.md").write_text("---\ntitle: A\n---\nText.\n", encoding="utf-8")
    with Store(None) as store:
        files = build(tmp_path, store, Options()).files
        texts = [store.content(file.digest).decode() for file in files.values() if isinstance(file, Stored)]
    assert any("© Notes" in text for text in texts)
    assert not [text for text in texts if "© 2000" in text or "<lastmod>" in text]


def test_pages_in_folders_are_in_the_menu_where_it_names_them(tmp_path: Path) -> None:
    for name in ("about.md", "notes/index.md", "notes/one.md", "notes/two.md"):
        (tmp_path / "pages" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "pages" / name).write_text("Text.\n", encoding="utf-8")
    settings = "title: T\nnavigation: [{title: Two, url: /notes/two/}]\n"
    menu = page(tmp_path, settings).partition('<nav class="site-nav"')[2].partition("</nav>")[0]
    assert re.findall(r'href="\.\./\.\./(notes/[^"]*|about/)"', menu) == ["notes/two/", "about/", "notes/"]


def test_links_of_the_settings_may_lead_to_a_place_of_the_page_itself(tmp_path: Path) -> None:
    settings = "title: T\nnavigation:\n  - {title: Up, url: '#content'}\n"
    assert '<a href="#content">Up</a>' in page(tmp_path / "blog", settings, "")
