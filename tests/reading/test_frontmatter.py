"""Dates, slugs and addresses, from headers and from the names of files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import PurePosixPath
from time import process_time
from typing import TYPE_CHECKING

import pytest

from sitegen.config import Config, read_config
from sitegen.model import Formula, Markup, Post, Source, Stored
from sitegen.pipeline import Options, build
from sitegen.reading.parse import parse
from sitegen.store import Store

if TYPE_CHECKING:
    from pathlib import Path


def read(header: str, path: str = "posts/2025-03-04-a-post.md", kind: str = "post", **settings: object) -> Post:
    config = Config(**settings)  # type: ignore[arg-type] # each of its own kind
    text = f"---\n{header}\n---\nText.\n"
    source = Source(PurePosixPath(path), "post" if kind == "post" else "page", text.encode())
    post, errors = parse(source, config)
    assert [str(error) for error in errors] == []
    assert post is not None
    return post


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-02-10 00:00:00 +0900", "2026-02-10T00:00:00+09:00"),
        ("2026-02-10T09:30:00+09:00", "2026-02-10T09:30:00+09:00"),
        ("2026-02-10T09:30:00Z", "2026-02-10T09:30:00+00:00"),
        ("2026-02-10", "2026-02-10T00:00:00+01:00"),
        ("2026-7-1 9:05", "2026-07-01T09:05:00+02:00"),
        ("'February 10, 2026'", "2026-02-10T00:00:00+01:00"),
        ("March 5th, 2022", "2022-03-05T00:00:00+01:00"),
        ("03-26-2021", "2021-03-26T00:00:00+01:00"),
        ("2020-05-17 10:30 PM", "2020-05-17T22:30:00+02:00"),
        ("2026/02/10", "2026-02-10T00:00:00+01:00"),
        ("2026/02/10 9:30", "2026-02-10T09:30:00+01:00"),
        ("'Jul 08 2022'", "2022-07-08T00:00:00+02:00"),
        ("Thu, 25 Mar 2021 10:30", "2021-03-25T10:30:00+01:00"),
        ("26-03-2021", "2021-03-26T00:00:00+01:00"),
        ("26/03/2021", "2021-03-26T00:00:00+01:00"),
        ("08-03-2023 13:33", "2023-08-03T13:33:00+02:00"),
        ("2021-03-01 10:30, updated on `r Sys.Date()`, v2", "2021-03-01T10:30:00+01:00"),
        ("2024-05-02 CST", "2024-05-02T00:00:00+02:00"),
        ("Mon, 02 Jan 2006 15:04:05 -0700", "2006-01-02T15:04:05-07:00"),
        ("02 Jan 2006 15:04:05 GMT", "2006-01-02T15:04:05+00:00"),
        ("2020-01-01 00:00:00 +0000 UTC", "2020-01-01T00:00:00+00:00"),
        ("2021年3月1日", "2021-03-01T00:00:00+01:00"),
        ("2021년 3월 1일", "2021-03-01T00:00:00+01:00"),
        ("'2019-09-01 (updated: `r Sys.Date()`)'", "2019-09-01T00:00:00+02:00"),
        ("Wed, Sept. 9 2020", "2020-09-09T00:00:00+02:00"),
        ("Thursday 2 Jan. 2020", "2020-01-02T00:00:00+01:00"),
        ("Sept 3,2021", "2021-09-03T00:00:00+02:00"),
    ],
)
def test_dates_are_read_as_people_write_them(written: str, moment: str) -> None:
    assert read(f"title: x\ndate: {written}", timezone="Europe/Berlin").meta.date == datetime.fromisoformat(moment)


@pytest.mark.parametrize("code", ["`r Sys.Date()` (v2)", '`r format(Sys.Date(), "%Y")`-01-01', "V2 of `r Sys.Date()`"])
def test_a_day_that_only_code_of_r_knows_is_that_of_the_name(code: str) -> None:
    assert read(f"title: x\ndate: '{code}'").meta.date == datetime(2025, 3, 4, tzinfo=UTC)


@pytest.mark.parametrize("sign", ["a", " "])
def test_a_date_that_is_long_is_refused_soon(sign: str) -> None:
    before = process_time()
    with pytest.raises(AssertionError, match="write 2026-02-10"):
        read(f'title: x\ndate: "{sign * 40_000}x"')
    assert process_time() - before < 5


@pytest.mark.parametrize(
    ("header", "lost"),
    [
        ("title: Attempt #2 of many", "#2 of many"),
        ("title: x\ndescription: #words", "#words"),
        ("title: !important news", "!important"),
        ("title: &news of today", "&news"),
        ("title: C# and F#\ndescription: 'a #1'", ""),
        ("title: x  # what it is called", ""),
        ("title: x\ntags: [a] #b", ""),
    ],
)
def test_what_yaml_takes_out_of_a_title_is_told(header: str, lost: str) -> None:
    line = header.count("\n") + 2
    told = (f"posts/2025-03-04-a-post.md:{line}: YAML takes `{lost}` out of it: put quotes around the whole value",)
    assert read(header).notes == (told if lost else ())


def test_a_second_colon_in_a_value_is_read_as_it_is_written_and_told() -> None:
    post = read("title: Adam: a user's tour\ntags: [a]\nsubtitle: Why:\n")
    told = "YAML refuses a second colon: the value is read as it is written; put quotes around it"
    assert (post.meta.title, post.meta.subtitle, post.meta.tags) == ("Adam: a user's tour", "Why:", ("a",))
    assert post.notes == tuple(f"posts/2025-03-04-a-post.md:{line}: {told}" for line in (2, 4))


@pytest.mark.parametrize(
    "header", ["title: a: b  # c", "title: a: b\n  c", "title: 'a' b: c", "title: a: b\ntags: [c", "a:\n  b: c: d"]
)
def test_a_second_colon_is_refused_where_the_value_may_be_another(header: str) -> None:
    with pytest.raises(AssertionError, match="not YAML"):
        read(header)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("2025-03-04-why-adam_works", "Why adam works"),
        ("Natural Language Processing", "Natural Language Processing"),
        ("KL-divergence", "KL divergence"),
        ("2 - Adam%3A a tour", "2 - Adam: a tour"),
        ("02a_Kalman_Filter", "02a Kalman Filter"),
        ("softmax/index", "Softmax"),
        ("What is __init__", "What is __init__"),
        ("Taking *args and **kwargs**", "Taking *args and **kwargs**"),
    ],
)
def test_a_title_from_the_name_of_the_file_has_its_capitals(name: str, title: str) -> None:
    assert read("", f"posts/{name}.md").title == (Markup(title),)


def test_a_value_that_goes_on_within_quotes_is_no_second_colon() -> None:
    assert read('title: x\ndescription: "One\ntwo: three: four"').notes == ()


@pytest.mark.parametrize("header", ["title: On [0, 1) and x: y\n  z", "tags: [a,\n  b]\ntitle: x: y\n  z"])
def test_brackets_of_other_values_are_not_told_of_where_a_colon_is_refused(header: str) -> None:
    _, errors = parse(Source(PurePosixPath("posts/a.md"), "post", f"---\n{header}\n---\n".encode()), Config())
    assert [error.hint[:18] for error in errors] == ["put quotes around "]


def test_a_value_of_many_colons_that_goes_on_is_refused_soon() -> None:
    before = process_time()
    with pytest.raises(AssertionError, match="this is not YAML"):
        read(f"title: {'a: ' * 20_000}\n  b")
    assert process_time() - before < 3


def test_brackets_in_headers_of_pelican_and_nikola_stay() -> None:
    text = b"Title: What a[[i]] takes\nDate: 2025-03-04\n\nText.\n"
    post, errors = parse(Source(PurePosixPath("posts/a.md"), "post", text), Config())
    assert post is not None
    assert not errors
    assert post.title == (Markup("What a[[i]] takes"),)


def test_properties_of_a_page_of_logseqs_are_its_header() -> None:
    text = b"title:: A [[tour]]\nalias:: Way, Trip\ntags:: [[ml]], nlp\n\n- Text\n  id:: x\n"
    post, errors = parse(Source(PurePosixPath("posts/2025_03_04.md"), "post", text), Config())
    assert post is not None
    assert not errors
    assert (post.title, post.meta.tags, post.meta.aliases) == ((Markup("A tour"),), ("ml", "nlp"), ("Way", "Trip"))
    assert post.address == "/posts/2025-03-04/"
    assert post.meta.date == datetime(2025, 3, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    "written", ["abstract: 'Of *it*.'", "abstract: |\n  Of *it*.\n\n  More.", "abstract: >-\n  Of\n  *it*."]
)
def test_an_abstract_of_a_header_stands_above_the_text(written: str) -> None:
    html = "".join(part.html for part in read(f"title: x\n{written}\nlang: en").body if isinstance(part, Markup))
    assert "Of <em>it</em>." in html.partition("<p>Text.</p>")[0]
    assert ("<p>More.</p>" in html) == ("More" in written)
    assert read("title: x\nabstract: ''").body == (Markup("<p>Text.</p>\n"),)


def test_an_abstract_takes_no_line_of_the_text_and_keeps_its_paragraphs() -> None:
    one, errors = parse(
        Source(PurePosixPath("posts/a.md"), "post", b'{"title": "x", "abstract": "It."}\nText.\n'), Config()
    )
    assert one is not None
    assert not errors
    assert one.body == (Markup("<p>Text.</p>\n"),)
    told = "the abstract is not shown: there is room for it where the header takes 3 lines"
    assert one.notes == (f"posts/a.md:1:1: {told}",)
    written = '+++\ntitle = "x"\nabstract = "One.\\n\\nTwo.\\n\\nThree."\n+++\nText.\n'
    some, _ = parse(Source(PurePosixPath("posts/a.md"), "post", written.encode()), Config())
    assert some is not None
    assert "One. <br><br> Two." in some.body[0].html if isinstance(some.body[0], Markup) else ""


def test_a_page_that_is_nothing_but_a_header_for_another_theme_is_told() -> None:
    text = b"---\ntitle: Blog\nlisting:\n  contents: posts\n---\n"
    post, errors = parse(Source(PurePosixPath("posts/blog.qmd"), "post", text), Config())
    assert post is not None
    assert not errors
    told = "posts/blog.qmd: has no text, and what another theme makes of its header is not shown"
    assert post.notes == (told,)


def test_the_title_of_docutils_is_not_shown() -> None:
    text = b"```{title} For the window\n```\n\n# Losses\n\nText.\n"
    post, errors = parse(Source(PurePosixPath("posts/x.md"), "post", text), Config())
    assert post is not None
    assert not errors
    assert (post.title, post.body) == ((Markup("Losses"),), (Markup("<p>Text.</p>\n"),))


def test_old_addresses_may_be_seen_from_the_folder_of_the_post() -> None:
    for path in ("posts/a/b.md", "posts/a/b/index.md"):
        aliases = read("title: x\naliases: [../old/, ./c, d, ../../e.html]", path).meta.aliases
        assert aliases == ("/posts/old/", "/posts/a/c", "d", "/e.html")


def test_a_slug_of_nothing_but_slashes_is_none() -> None:
    assert read("title: x\nslug: /").address == "/posts/a-post/"


def test_a_date_that_may_be_two_is_that_of_the_files_name() -> None:
    for written in ("04-03-2025", "03-04-2025", "4/3/2025"):
        date = read(f"title: x\ndate: {written}").meta.date
        assert date
        assert (date.month, date.day) == (3, 4)


@pytest.mark.parametrize("key", ["pubDate", "pubDatetime", "publishDate", "publishedAt", "created"])
def test_the_date_has_the_names_that_other_generators_have_for_it(key: str) -> None:
    post = read(f"title: x\n{key}: 2022-07-08\nupdatedDate: 2022-07-09", "posts/x.md")
    assert (post.meta.date, post.meta.updated) == (datetime(2022, 7, 8, tzinfo=UTC), datetime(2022, 7, 9, tzinfo=UTC))
    assert read(f"title: x\ndate: 2022-07-08\n{key}: not yet", "posts/x.md").meta.date == datetime(
        2022, 7, 8, tzinfo=UTC
    )


def test_materials_dates_are_a_mapping() -> None:
    meta = read("title: x\ndate:\n  created: 2026-02-10\n  updated: 2026-03-01").meta
    assert (meta.date, meta.updated) == (datetime(2026, 2, 10, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC))


def test_pandocs_three_lines_are_a_header_and_comments_of_myst_are_not() -> None:
    def meta(text: str) -> tuple[str, tuple[str, ...], int]:
        post, errors = parse(Source(PurePosixPath("posts/x.md"), "post", text.encode()), Config())
        assert post is not None
        assert not errors
        return post.meta.title, post.meta.authors, post.meta.date.year if post.meta.date else 0

    assert meta("% The title\n% Ada; Bob\n% 3 May 2021\n\nText.\n") == ("The title", ("Ada", "Bob"), 2021)
    assert meta("% a comment\n% and more\n% of it\n\nText.\n") == ("", (), 0)


@pytest.mark.parametrize(
    "text",
    [
        "<!-- made by hand -->\n---\ntitle: Title\ntags: [a]\n---\nText of $x$.\n",
        "<!--\nSome\nlines.\n-->\n\n---\ntitle: Title\ntags: [a]\n...\nText of $x$.\n",
        "---\ntitle: Title\n...\n---\ntags: [a]\n...\nText of $x$.\n",
    ],
)
def test_a_header_may_stand_below_comments_and_in_the_parts_that_pandoc_reads(text: str) -> None:
    source = Source(PurePosixPath("posts/2025-03-04-a-post.md"), "post", text.encode())
    post, errors = parse(source, Config())
    assert post is not None
    assert (post.meta.title, post.meta.tags, errors) == ("Title", ("a",), ())
    formula = next(part for part in post.body if isinstance(part, Formula))
    assert formula.location.line == text.count("\n")
    source = Source(source.path, "post", text.replace("tags:", "catagories:").encode())
    assert [error.location.line for error in parse(source, Config())[1]] == [text[: text.index("tags")].count("\n") + 1]


@pytest.mark.parametrize(
    ("path", "slug", "day"),
    [
        ("posts/2025-03-04-a-post.md", "a-post", "2025-03-04"),
        ("posts/deep/er/2025-03-04-a-post.md", "a-post", "2025-03-04"),
        ("posts/2025-03-04-a-post/index.md", "a-post", "2025-03-04"),
        ("posts/a-post/index.md", "a-post", ""),
        ("posts/2025-03-04-Ünïcode und mehr.md", "Ünïcode-und-mehr", "2025-03-04"),
        ("posts/notes.md", "notes", ""),
        ("posts/2025-03-04-100% of C#: what?.md", "100-of-C-what", "2025-03-04"),
        ("posts/2025-03-04-a&b's (new).md", "a&b's-(new)", "2025-03-04"),
        ("posts/2025-03-04-..md", "post", "2025-03-04"),
        ("posts/2025-03-04.md", "2025-03-04", "2025-03-04"),
        ("posts/2025-03-04 A walk.md", "A-walk", "2025-03-04"),
    ],
)
def test_the_name_of_a_file_gives_slug_and_date(path: str, slug: str, day: str) -> None:
    meta = read("title: x", path).meta
    assert meta.slug == slug
    assert (f"{meta.date:%Y-%m-%d}" if meta.date else "") == day


@pytest.mark.parametrize(
    ("header", "permalink", "address"),
    [
        ("title: x", "/posts/:slug/", "/posts/a-post/"),
        ("title: x", "/:year/:month/:day/:title.html", "/2025/03/04/a-post.html"),
        ("title: x\ncategories: [Big Topic, sub]", "/:categories/:slug", "/big-topic/sub/a-post/"),
        ("title: x\npermalink: notes/adam", "/posts/:slug/", "/notes/adam/"),
        ("title: x\nurl: /notes/adam", "/posts/:slug/", "/notes/adam/"),
        ("title: x\npath: /notes/adam/", "/posts/:slug/", "/notes/adam/"),
        ("title: x\nurl: https://example.org/source", "/posts/:slug/", "/posts/a-post/"),
        ("title: x\nslug: other", "/posts/:slug/", "/posts/other/"),
    ],
)
def test_addresses_are_those_of_the_blog_that_moves_in(header: str, permalink: str, address: str) -> None:
    assert read(header, permalink=permalink).address == address


def test_a_page_stands_where_its_file_stands() -> None:
    assert read("title: x", "pages/about.md", "page").address == "/about/"
    assert read("title: x", "pages/notes/index.md", "page").address == "/notes/"


def test_keys_of_other_generators_are_understood() -> None:
    meta = read("title: No\nauthors:\n- name: Ada\n- name: Alan\ntags: [a, [b, c], 2024]\nmath: {enable: true}").meta
    assert (meta.title, meta.authors, meta.tags, meta.math) == ("No", ("Ada", "Alan"), ("a", "b", "c", "2024"), True)
    assert read("title: x\ntags: one two\ncategory: Big Topic\nusemathjax: true").meta.categories == ("Big Topic",)
    assert (read("title: x\nmaths: 1").meta.math, read("title: x\nmath: 0").meta.math) == (True, False)


@pytest.mark.parametrize("written", [r"'|#1|'", r"['|#1|', 1]"])
def test_a_macro_with_arguments_is_written_as_for_katex_or_as_for_mathjax(written: str) -> None:
    title = read(f"title: $\\size{{x}}$\nmacros: {{size: {written}}}").title
    assert [fragment.macros for fragment in title if isinstance(fragment, Formula)] == [(("\\size", "|#1|"),)]


def test_a_key_that_only_a_theme_reads_may_be_given_twice() -> None:
    post = read("title: x\ndisableHLJS: true # as in a sample\ndisableShare: false\ndisableHLJS: false")
    assert post.meta.extra["disableHLJS"] is False


def test_a_list_of_one_text_is_that_text_and_an_empty_one_none() -> None:
    assert read("title: x\nslug: []\nsubtitle: []").meta.slug == "a-post"
    assert read("title: x\nslug: [another]").meta.slug == "another"


def test_a_language_is_known_by_its_name_and_by_its_country_too() -> None:
    written = ("en", "pt_BR", "English", "Deutsch", "cn", "jp", "zh-CN")
    assert [read(f"title: x\nlang: {word}").meta.lang for word in written] == [
        "en",
        "pt-BR",
        "en",
        "de",
        "zh",
        "ja",
        "zh-CN",
    ]


def test_a_title_may_have_a_plain_form() -> None:
    assert read("title: {formatted: 'A \\\\pkg{x}', plain: A package, short: x}").meta.title == "A package"


@pytest.mark.parametrize(
    "written",
    [
        '"[Ada L.](https://e.org/~ada), **Bo**, Cy<sup>1,*</sup>"',
        '["[Ada L.](https://e.org){.x}", *Bo*, "Cy^[Of a school, now away]"]'.replace("*Bo*", '"*Bo*"'),
        "[{name: Ada&nbsp;L.}, {name: '<a href=\"https://e.org\">Bo</a>'}, {name: 'Cy $^{1}$'}]",
        "Ada L., Bo, Cy^1^",
    ],
)
def test_names_of_authors_are_bare(written: str) -> None:
    names = read(f"author: {written}").meta.authors
    assert [name.replace("\xa0", " ") for name in names] == ["Ada L.", "Bo", "Cy"]


@pytest.mark.parametrize("name", ["A$AP and Ke$ha", "Ada <ada@e.org>", "snake_case_name", "Bo [x]", "A * B * C"])
def test_names_of_authors_may_have_signs(name: str) -> None:
    assert read(f"author: {name}").meta.authors == (name,)


def test_short_names_of_authors_are_looked_up_in_the_settings(tmp_path: Path) -> None:
    listed = "author: {name: Ada L.}\nauthors:\n  bo: Bo M.\n  cy:\n    name: Cy N.\n    url: https://e.org\n"
    (tmp_path / "site.yml").write_text(listed, encoding="utf-8")
    config, errors = read_config(tmp_path)
    assert errors == []
    names = config.authors
    assert read("authors: [admin, bo, Cy, cy]", authors=names).meta.authors == ("Ada L.", "Bo M.", "Cy", "Cy N.")
    assert read("author: admin").meta.authors == ("admin",)


def test_a_change_on_the_day_of_the_post_is_not_told(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    for day in ("04", "05"):
        text = f"---\ntitle: x\nlastmod: 2025-03-{day} 10:00\n---\nText.\n"
        (tmp_path / "posts" / f"2025-03-04-{day}.md").write_text(text, encoding="utf-8")
    with Store(None) as store:
        result = build(tmp_path, store, Options())
        pages = [result.files[PurePosixPath(f"posts/{day}/index.html")] for day in ("04", "05")]
        shown = [store.content(page.digest).count(b"Updated") for page in pages if isinstance(page, Stored)]
    assert shown == [0, 1]


def test_a_picture_whose_address_names_no_scheme_is_of_another_site() -> None:
    for header in ("image: //e.org/a.png", "image: {path: //e.org/a.png}", "header-img: //e.org/a.png"):
        image = read(f"title: x\n{header}").meta.image
        assert image is not None
        assert image.path.target == "https://e.org/a.png"


def test_keys_of_our_own_reach_the_templates() -> None:
    assert read("title: x\nog_image: a.png\nrating: 5").meta.extra == {"og_image": "a.png", "rating": 5}


@pytest.mark.parametrize(
    ("written", "series", "part"),
    [
        ("series: A tour, in parts", "A tour, in parts", 0),
        ("series: [A tour]\nseries_order: 2", "A tour", 2),
        ("series: {name: A tour, part: 2}", "A tour", 2),
        ("series: {title: A tour, order: 3}", "A tour", 3),
        ("series:", "", 0),
    ],
)
def test_a_series_is_named_as_other_generators_name_it(written: str, series: str, part: float) -> None:
    meta = read(f"title: x\n{written}").meta
    assert (meta.series, meta.part) == (series, part)


def test_a_header_in_toml_is_read_as_well() -> None:
    text = '+++\ntitle = "Loss"\ndate = 2025-03-04T10:00:00Z\ntags = ["a"]\n[params]\nk = 1\n+++\nText.\n'
    post, errors = parse(Source(PurePosixPath("posts/x.md"), "post", text.encode()), Config())
    assert not errors
    assert post is not None
    assert (post.meta.title, post.meta.tags, post.meta.extra) == ("Loss", ("a",), {"params": {"k": 1}})
    assert f"{post.meta.date:%Y-%m-%d %H}" == "2025-03-04 10"


def test_a_header_of_franklin_may_hold_julia_where_others_hold_toml() -> None:
    text = '+++\nusing Dates\ntitle = "Loss"\ndate = Date(2025, 3, 4)\ntags = ["a"]\nmenu = ["a" => "b"]\nrss = "In short"\n+++\n\nText.\n'
    post, errors = parse(Source(PurePosixPath("posts/x.md"), "post", text.encode()), Config())
    assert not errors
    assert post is not None
    assert (post.meta.title, post.meta.tags, post.meta.description) == ("Loss", ("a",), "In short")
    assert f"{post.meta.date:%Y-%m-%d}" == "2025-03-04"


def test_a_byte_order_mark_and_carriage_returns_are_nothing() -> None:
    text = "\ufeff---\r\ntitle: x\r\n---\r\n$$\r\na\r\n$$\r\n"
    post, errors = parse(Source(PurePosixPath("posts/x.md"), "post", text.encode()), Config())
    assert not errors
    assert post is not None
    assert post.meta.title == "x"


def test_yaml_that_unfolds_without_end_is_refused() -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{n}: &{n} [{', '.join(['*' + p] * 9)}]\n" for p, n in zip("abcdef", "bcdefg", strict=True)
    )
    source = Source(PurePosixPath("posts/x.md"), "post", f"---\n{bomb}---\n".encode())
    post, errors = parse(source, Config())
    assert post is None
    assert "unfolds to more than" in errors[0].message


@pytest.mark.parametrize(
    "text",
    [
        "<!--\n.. title: A: post\n.. slug: own\n.. date: 2025-02-01 10:00:00 UTC\n.. tags: a b, c\n.. status: draft\n-->\n\nText.\n",
        ".. title: A: post\n.. slug: own\n.. date: 2025-02-01 08:00:00 UTC-02:00\n.. tags: a b, c\n.. status: draft\n\nText.\n",
        '{\n"title": "A: post", "slug": "own",\n"date": "2025-02-01 10:00", "tags": ["a b", "c"], "draft": true\n}\nText.\n',
        '"title": "A: post",\n"slug": "own",\n"date": "2025-02-01 10:00", "tags": ["a b", "c"], "draft": true\n;;;\nText.\n',
        ';;;\n{"title": "A: post", "slug": "own", "date": "2025-02-01 10:00", "tags": ["a b", "c"], "draft": true}\n;;;\nText.\n',
        "title: 'A: post'\nslug: own\ndate: 2025-02-01 10:00\ntags:\n- a b\n- c\ndraft: true\n---\nText.\n",
        "Title: A: post\nSlug: own\nDate: 2025-02-01 10:00\nTags: a b, c\nStatus: draft\n\nText.\n",
        "Title: A:\n    post\nSlug: own  \nDate: 2025-02-01 10:00\nSummary:\nModified: \nTags: a b, c\nStatus: draft\n\nText.\n",
    ],
    ids=[
        "nikola",
        "nikola without a comment",
        "hugo's json",
        "hexo's json",
        "hexo's json in braces",
        "hexo without dashes",
        "pelican",
        "pelican with a key that says nothing, and a long one",
    ],
)
def test_headers_without_dashes_are_read(text: str) -> None:
    post, errors = parse(Source(PurePosixPath("posts/x.md"), "post", text.encode()), Config())
    assert post is not None
    assert errors == ()
    assert (post.meta.title, post.meta.slug, post.meta.tags, post.meta.draft) == ("A: post", "own", ("a b", "c"), True)
    assert post.meta.date == datetime.fromisoformat("2025-02-01T10:00:00+00:00")
    assert "title" not in repr(post.body).lower()


def test_json_that_is_none_has_its_line() -> None:
    _, errors = parse(
        Source(PurePosixPath("posts/x.md"), "post", b'{\n"title": "x",\n"date": oops\n}\nText.'), Config()
    )
    assert [(error.location.line, error.location.column) for error in errors] == [(3, 9)]
    assert errors[0].message.startswith("this is not JSON")


@pytest.mark.parametrize(("header", "line"), [(b"+++\na = 1\ntitle = %b\n+++\n", 3), (b'{"a": 1,\n"title": %b}\n', 2)])
def test_a_number_that_python_does_not_read_is_told(header: bytes, line: int) -> None:
    _, errors = parse(Source(PurePosixPath("posts/x.md"), "post", header % (b"9" * 5000)), Config())
    assert [(error.location.line, error.hint) for error in errors] == [(line, "put quotes around it")]


def test_a_time_of_day_in_toml_is_text() -> None:
    post, errors = parse(Source(PurePosixPath("posts/x.md"), "post", b"+++\ntitle = 07:32:00\n+++\nText."), Config())
    assert post is not None
    assert (post.meta.title, errors) == ("07:32:00", ())


@pytest.mark.parametrize(
    "header",
    [
        b'{"a":' * 100_000,
        b'{"a": ' + b"[" * 400 + b"]" * 400 + b"}",
        b"+++\na = " + b"[" * 5000 + b"]" * 5000 + b"\n+++\n",
        b"+++\na = " + b"[" * 60 + b"]" * 60 + b"\n+++\n",
        b"@def a = " + b"[" * 5000,
    ],
)
def test_a_header_that_is_nested_too_deep_is_told_or_left_alone(header: bytes) -> None:
    _, errors = parse(Source(PurePosixPath("posts/x.md"), "post", header), Config())
    expected = [] if header.startswith(b"@") else ["this header is nested too deep, or too long"]
    assert [error.message for error in errors] == expected


def test_what_zola_keeps_below_names_of_its_own_is_found() -> None:
    text = '+++\ntitle = "Loss"\n[taxonomies]\ntags = ["a b"]\ncategories = ["c"]\n[extra]\nmath = true\ntitle = "no"\n+++\nText.\n'
    post, errors = parse(Source(PurePosixPath("posts/x.md"), "post", text.encode()), Config())
    assert errors == ()
    assert post is not None
    meta = post.meta
    assert (meta.title, meta.tags, meta.categories, meta.math) == ("Loss", ("a b",), ("c",), True)


def test_an_error_in_a_header_without_dashes_has_its_line() -> None:
    text = "Title: x\nDate: never\n\nText."
    _, errors = parse(Source(PurePosixPath("posts/x.md"), "post", text.encode()), Config())
    assert [(error.location.line, error.message) for error in errors] == [(2, "`never` is no date")]


def test_a_first_line_with_a_colon_is_no_header() -> None:
    post, errors = parse(Source(PurePosixPath("posts/x.md"), "post", b"Note: a text.\nMore: text.\n\nEnd."), Config())
    assert post is not None
    assert errors == ()
    assert "Note" in repr(post.body)


def test_keys_of_other_generators_are_no_slips() -> None:
    post = read(
        "tabs: true\nlatex: true\nnocomments: true\nTocOpen: true\nbookToc: false\ntoc_sticky: true\nShowToc: true\nkernelspec: {}"
    )
    assert post.meta.extra["tabs"] is True


def test_tabs_of_hexo_are_blanks() -> None:
    post = read("tags:\n\t- a b\n\t- c\nimage:\n\tpath: x.png\n\talt: b")
    assert post.meta.tags == ("a b", "c")
    assert post.meta.image is not None
    assert post.meta.image.alt == "b"


def test_published_may_be_a_date_as_for_hakyll() -> None:
    assert read("published: 2016-02-19T19:30:00Z").meta.date == datetime.fromisoformat("2016-02-19T19:30:00+00:00")
    assert not read("published: March 2, 2016").meta.draft
    both = read("published: 2016-02-19\ndate: 2016-03-01").meta
    assert both.date == datetime.fromisoformat("2016-03-01T00:00:00+00:00")
    assert read("published: false").meta.draft


@pytest.mark.parametrize(
    "line",
    "visibility: private|private: 'yes'|publish: 0|publish: false|dg-publish: false|private: true|ignorePublish: true|headless: true|build: {render: never}|_build: {render: false}".split(
        "|"
    ),
)
def test_what_another_generator_does_not_publish_is_a_draft(line: str) -> None:
    assert read(line).meta.draft


@pytest.mark.parametrize(
    "line", "unlisted: true|hidden: true|hide: true|build: {list: never, render: always}".split("|")
)
def test_what_another_generator_does_not_list_is_unlisted(line: str) -> None:
    meta = read(line).meta
    assert (meta.unlisted, meta.draft) == (True, False)


@pytest.mark.parametrize(
    "line",
    "hide: [toc]|hidden: false|publish: true|build: {list: local}|private: [a]|password:|encrypt: false".split("|"),
)
def test_what_is_published_elsewhere_is_listed(line: str) -> None:
    meta = read(line).meta
    assert (meta.unlisted, meta.draft) == (False, False)


@pytest.mark.parametrize("line", ["password: abc", "encrypted: true"])
def test_a_text_that_another_generator_encrypts_is_not_published(line: str) -> None:
    text = f"---\n{line}\n---\nText.\n"
    _, errors = parse(Source(PurePosixPath("posts/a.md"), "post", text.encode()), Config())
    key = line.partition(":")[0]
    assert [error.message for error in errors] == [f"`{key}` hides nothing here: the post would be published as it is"]


@pytest.mark.parametrize("line", ["draft: true", "private: true", "published: false"])
def test_a_text_that_is_left_out_may_have_a_password(line: str) -> None:
    assert read(f"password: abc\n{line}").meta.draft


def test_a_post_is_not_listed_by_mistake() -> None:
    source = Source(PurePosixPath("posts/a.md"), "post", b"---\nunlisted: ture\n---\nText.\n")
    (error,) = parse(source, Config())[1]
    assert (error.message, error.location.line) == ("`unlisted` is `ture`, but must be true or false", 2)


def test_an_unlisted_post_has_its_page_and_stands_in_no_list(tmp_path: Path) -> None:
    folder = tmp_path / "posts"
    folder.mkdir()
    (tmp_path / "site.yml").write_text("permalink: /:slug/\nsearch: false\n")
    (folder / "2026-01-02-seen.md").write_text(
        "---\ntitle: Seen\ntags: [a]\n---\nText.\n\n```{python}\nclaim('a', True)\n```\n"
    )
    (folder / "2026-01-03-found.md").write_text(
        "---\ntitle: Found\ntags: [a, b]\nunlisted: true\n---\nWords.\n\n```{python}\nclaim('so', True)\n```\n"
    )
    (tmp_path / "templates").mkdir()
    theme = "{% for one in site.articles + site.pages %}{{ one.url }} {{ one.title }}{% endfor %}"
    (tmp_path / "templates" / "robots.txt").write_text(theme)
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "hidden.md").write_text("---\ntitle: Kept\nhidden: true\n---\nWords.\n")
    with Store(None) as store:
        result = build(tmp_path, store, Options())
        found = {path: page for path, page in result.files.items() if isinstance(page, Stored)}
        pages = {str(path): store.content(page.digest).decode("utf-8", "replace") for path, page in found.items()}
    assert not result.errors
    own = pages.pop("found/index.html")
    del pages["found/found.py"], pages["found/found.ipynb"]
    assert "Kept" in pages.pop("hidden/index.html")
    assert 'name="robots" content="noindex"' in own
    assert "2026-01-03" in own
    assert "tags/b/index.html" not in pages
    assert not [path for path, text in pages.items() if "/found/" in text or "Found" in text or "Kept" in text]


@pytest.mark.parametrize(
    "line",
    """
    data: {a: [1]}|update: weekly|usemath: true|authorbio: Words|nocomment: true|image: false|image: [none]|math: ""|weight: ""
    """.strip().split("|"),
)
def test_keys_and_values_of_other_themes_are_no_slips_of_ours(line: str) -> None:
    post, errors = parse(
        Source(PurePosixPath("posts/x.md"), "post", f"---\ntitle: x\n{line}\n---\n".encode()), Config()
    )
    assert post
    assert (errors, post.meta.image) == ((), None)


@pytest.mark.parametrize(
    "key", ["published_at", "publishDate", "pubDate", "created", "createdAt", "cdate", "data", "date-meta"]
)
def test_dates_stand_below_keys_of_other_programs_too(key: str) -> None:
    day = datetime.fromisoformat("2023-04-01T00:00:00+00:00")
    assert read(f"{key}: 2023-04-01", "posts/x.md").meta.date == day
    assert read(f"{key}: April 1, 2023 12:00 AM", "posts/x.md").meta.date == day
    assert read(f"{key}: [a, b]", "posts/x.md").meta.date is None
    assert read(f"{key}: some day", "posts/x.md").meta.date is None
    assert read(f"{key}: 2024-01-01\ndate: 2023-04-01", "posts/x.md").meta.date == day


def test_a_post_that_says_only_when_it_was_changed_has_that_date() -> None:
    meta = read("updated_at: '2023-04-01T10:00:00+09:00'", "posts/x.md").meta
    assert meta.date == meta.updated == datetime.fromisoformat("2023-04-01T10:00:00+09:00")
    assert read("updatedDate: 2024-01-01", "posts/2023-04-01-x.md").meta.date == datetime.fromisoformat(
        "2023-04-01T00:00:00+00:00"
    )


@pytest.mark.parametrize("key", ["last_modified_date", "date-modified", "date_modified"])
def test_when_a_post_was_changed_stands_below_keys_of_other_programs_too(key: str) -> None:
    day = datetime.fromisoformat("2023-04-01T00:00:00+00:00")
    assert read(f"{key}: 2023-04-01", "posts/x.md").meta.updated == day
    assert read(f"{key}: last-modified", "posts/x.md").meta.updated is None


def test_what_pandoc_says_to_search_engines_describes_a_post_that_says_no_more() -> None:
    assert read("description-meta: One", "posts/x.md").meta.description == "One"
    assert read("description-meta: One\ndescription: Two", "posts/x.md").meta.description == "Two"


def test_keys_may_have_capitals() -> None:
    meta = read("Title: One\nTags: [a]\nDate: 2023-04-01\nDraft: true\ntitle_EN: x\nCategory: b\ncategory: c").meta
    assert (meta.title, meta.tags, meta.draft, meta.categories) == ("One", ("a",), True, ("c",))
    assert meta.date == datetime.fromisoformat("2023-04-01T00:00:00+00:00")


def test_tags_of_hackmd_stand_in_a_heading() -> None:
    post = read("title: x\n---\n# T\n\n###### tags: `a b`, `c` `d`\n\nEnd\n\n---")
    assert post.meta.tags == ("a b", "c", "d")
    assert [heading.level for heading in post.headings] == [2]
    assert read("tags: [x]\n---\n###### tags: `a`\n\n---").meta.tags == ("x",)


def test_tags_of_ghost_have_names() -> None:
    assert read("tags:\n- name: Data Science\n  slug: data-science\n- b").meta.tags == ("Data Science", "b")


def test_topics_of_zenn_are_tags() -> None:
    assert read("emoji: 📈\ntype: tech # or idea\ntopics: [統計学, python]").meta.tags == ("統計学", "python")
    assert read("topics: Scala, 統計学 ,PRML").meta.tags == ("Scala", "統計学", "PRML")
    assert read("topics: {a: b}\ntags: [x]").meta.tags == ("x",)
    assert read("topics: {a: b}").meta.tags == ()


def test_a_month_alone_is_a_date() -> None:
    assert read("date: August 2020").meta.date == datetime.fromisoformat("2020-08-01T00:00:00+00:00")


@pytest.mark.parametrize("term", ["Fall 2023", "Spring semester, 2021", "Winter 2020/21", "AY 2019-2020", "\\today"])
def test_a_term_of_a_course_is_no_day_and_no_slip(term: str) -> None:
    assert read(f"title: x\ndate: {term}", "posts/x.md").meta.date is None


def test_a_day_with_a_slip_is_an_error_in_the_words_of_the_header() -> None:
    text = b"---\ntitle: x\ndate: Jnauary 3, 2023\n---\nText."
    _, errors = parse(Source(PurePosixPath("posts/x.md"), "post", text), Config())
    assert [error.message for error in errors] == ["`Jnauary 3, 2023` is no date"]


@pytest.mark.parametrize("above", ["\n", " \n\t\n", "\r\n\r\n"])
def test_blank_lines_above_a_header_change_nothing_but_its_lines(tmp_path: Path, above: str) -> None:
    (tmp_path / "posts").mkdir()
    text = f"{above}---\ntitle: x\ndate: 2025-01-02\npin: perhaps\n---\n\nText and $\\oops$.\n"
    (tmp_path / "posts" / "x.md").write_bytes(text.encode())
    with Store(None) as store:
        errors = build(tmp_path, store, Options()).errors
    lines = above.count("\n")
    assert [error.location.line for error in errors] == [lines + 4, lines + 7]


@pytest.mark.parametrize("text", ["***\nText: x\n", "----\n\nTags: a\n", "= x\ntitle: a\n", "title: a\nText.\n"])
def test_rules_and_prose_are_no_headers(tmp_path: Path, text: str) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "2025-01-02-x.md").write_text(text, encoding="utf-8")
    with Store(None) as store:
        assert build(tmp_path, store, Options()).errors == ()


@pytest.mark.parametrize(
    ("body", "title", "rest"),
    [
        ("<h1>A <em>b</em></h1>\n\nText.\n", "A b", ""),
        ('<div align="center">\n\n<h1 align="center">\nA &amp; b\n</h1>\n</div>\n', "A & b", '<div align="center">'),
        ('<h1><img src="https://e.org/a.png" alt="x"> A</h1>\n', "A", '<p><img src="https://e.org/a.png"'),
        ("Text.\n\n<h1>A</h1>\n", "Notes", "<h1>A</h1>"),
        ("<h1>A</h1>\n\n# B\n", "B", "<h1>A</h1>"),
    ],
)
def test_a_heading_in_html_before_all_text_is_the_title_where_nothing_else_is(body: str, title: str, rest: str) -> None:
    post, errors = parse(Source(PurePosixPath("posts/notes.md"), "post", body.encode()), Config())
    assert not errors
    assert post is not None
    assert "".join(part.html for part in post.title if isinstance(part, Markup)).replace("&amp;", "&") == title
    html = "".join(part.html for part in post.body if isinstance(part, Markup))
    assert rest in html
    assert ("<h1" in html) == ("<h1" in rest)


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("# **All** *of it*", "<strong>All</strong> <em>of it</em>"),
        ("# **All of it**", "All of it"),
        ("# **One** or **two**", "<strong>One</strong> or <strong>two</strong>"),
    ],
)
def test_a_title_that_is_bold_as_a_whole_looks_as_others_do(heading: str, title: str) -> None:
    post, _ = parse(Source(PurePosixPath("posts/x.md"), "post", heading.encode()), Config())
    assert post
    assert [part.html for part in post.title if isinstance(part, Markup)] == [title]


@pytest.mark.parametrize(
    ("body", "title", "rest"),
    [
        ("[TOC]\n\n# A\n\n# B\n", "A", "B"),
        ("[![x][b]][b]\n\n# A\n\n# B\n\n[b]: https://e.org\n", "A", "B"),
        ("> After C.\n\n---\n## Before\n\n# A\n\n## B\n\n```\n# no\n```\n", "A", "After C."),
        ("# A <!-- {docsify-ignore} -->\n\nB.\n", "A", "B."),
        ("# Why `<!-- a -->` <!-- b --> is none\n\nB.\n", "Why <code>&lt;!-- a --&gt;</code> is none", "B."),
        ("Text.\n\n# B\n\n# C\n", "Notes", "B"),
        ("## B\n\nText.\n\n# References\n\n```\n## no\n```\n", "Notes", "References"),
        ("```\nx\n```\n\n# B\n", "Notes", "B"),
        ("Text.\n" + 20 * "\n" + "# B\n", "Notes", "B"),
        ("# A [![x][b]][b] ![y](https://e.org/y.svg)\n\nB.\n\n[b]: https://e.org\n", "A", "https://e.org/y.svg"),
        ("# ![y](https://e.org/y.svg)\n\nB.\n", '<img src="https://e.org/y.svg" alt="y" loading="lazy">', "B."),
    ],
)
def test_the_first_heading_or_the_only_one_near_the_top_is_the_title(body: str, title: str, rest: str) -> None:
    post, errors = parse(Source(PurePosixPath("posts/notes.md"), "post", body.encode()), Config())
    assert not errors
    assert post
    assert [part.html for part in post.title if isinstance(part, Markup)] == [title]
    html = "".join(part.html for part in post.body if isinstance(part, Markup))
    assert rest in html
    assert "[![" not in html


def test_below_a_line_of_badges_in_markdown_and_html_the_first_heading_is_the_title() -> None:
    badges = '[![Open](a.svg)](https://e.org/a) &nbsp; <a href="https://e.org/b"><img src="b.svg" alt="Open"></a>'
    text = f"{badges}\n\n# Models\n\nText.\n"
    post, errors = parse(Source(PurePosixPath("posts/x.md"), "post", text.encode()), Config())
    assert post
    assert (post.title, post.headings, errors) == ((Markup("Models"),), (), ())


@pytest.mark.parametrize(
    "macros",
    [
        "$$\n\\newcommand{\\R}{\\mathbb{R}}\n\n% more\n  \\def\\x{y}\n$$",
        "$\\renewcommand{\\R}{\\mathbb{R}}$",
        "```{math}\n\\newcommand \\R {\\mathbb{R}}\n```",
    ],
)
def test_below_macros_the_first_heading_is_the_title(macros: str) -> None:
    text = f"{macros}\n\n# All of $\\R$\n\nText.\n".encode()
    post, errors = parse(Source(PurePosixPath("posts/x.md"), "post", text), Config())
    assert post
    assert (post.title[0], post.headings, errors) == (Markup("All of "), (), ())


def test_the_name_of_a_part_of_a_book_is_no_title() -> None:
    text = "(lab)=\n\n# (PART) Models {-}\n\n# Coins {#coins}\n\nText.\n"
    post, errors = parse(Source(PurePosixPath("posts/coins.Rmd"), "post", text.encode()), Config())
    assert post
    assert not errors
    assert post.title == (Markup("Coins"),)
    assert "Models" not in "".join(part.html for part in post.body if isinstance(part, Markup))


def test_a_file_that_is_one_fence_of_markdown_is_what_it_holds() -> None:
    inside = "---\ntitle: One\n---\nText $$x\n\n```python\nx\n```"
    post, (error,) = parse(
        Source(PurePosixPath("posts/x.md"), "post", f"\n```markdown\n{inside}\n```\n".encode()), Config()
    )
    assert post
    assert (post.meta.title, error.location.line) == ("One", 6)
    post, _ = parse(Source(PurePosixPath("posts/x.md"), "post", b"```md\n# One\n```\n\n```\nx\n```\n"), Config())
    assert post
    assert post.meta.title == ""


def test_tags_in_the_first_paragraph_and_in_headings_leave_no_signs_elsewhere() -> None:
    film = "{{< youtube abcdef12345 >}}"
    text = f'---\ntitle: x\n---\nA film {film} and {{{{< button href="https://e.org" >}}}}words{{{{< /button >}}}}.\n\n## Head {film} line\n'
    post, errors = parse(Source(PurePosixPath("posts/a.md"), "post", text.encode()), Config())
    assert post
    assert not errors
    shown = (*post.excerpt, *post.headings[0].content)
    assert not any(ord(sign) < 9 for part in shown if isinstance(part, Markup) for sign in part.html)
    assert "words" in "".join(part.html for part in post.excerpt if isinstance(part, Markup))


def test_a_mark_of_a_footnote_outside_the_text_is_taken_note_of_where_it_stands() -> None:
    text = '---\ntitle: x[^1]\n---\nSo[^1].\n\n```{python}\n#| fig-cap: "y[^1]"\nn\n```\n\n[^1]: Said.\n'
    post, _ = parse(Source(PurePosixPath("posts/a.md"), "post", text.encode()), Config())
    assert post
    told = "no footnote belongs here: `[^1]` is shown as it is written"
    assert set(post.notes) == {f"posts/a.md:2:9: {told}", f"posts/a.md:7:15: {told}"}
