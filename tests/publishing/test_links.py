"""Links lead where their author meant, by whatever program's spelling of a heading."""

from __future__ import annotations

import re
import shutil
from pathlib import Path, PurePosixPath

import pytest
from PIL import Image

from sitegen.model import Stored
from sitegen.pipeline import Options, build
from sitegen.publishing.write import MANIFEST
from sitegen.store import Store

PICTURE = Path(__file__).parents[2] / "docs" / "picture.png"
IMAGE = "\n[](#fig:b)\n\n![B](https://x.org/b.png){#fig:b}\n"
HEADINGS = """
## A & B

## 🎓 Emoji

## 1. Intro

## Section 2.1

## 수식 — 유도

## The end

## The end

## Größe der Menge

## Giới thiệu đề
"""


LEADS = {
    "#a-b": "#a-b",
    "#a--b": "#a-b",
    "#-emoji": "#emoji",
    "#user-content-a--b": "#a-b",
    "#intro": "#1-intro",
    "#section-2.1": "#section-21",
    "#수식--유도": "#%EC%88%98%EC%8B%9D-%EC%9C%A0%EB%8F%84",
    "#the-end-1": "#the-end-1",
    "#groesse-der-menge": "#gr%C3%B6%C3%9Fe-der-menge",
    "#grosse-der-menge": "#gr%C3%B6%C3%9Fe-der-menge",
    "#gioi-thieu-de": "#gi%E1%BB%9Bi-thi%E1%BB%87u-%C4%91%E1%BB%81",
    "#Emoji": "#Emoji",
    "#In%20short": "#In%20short",
    "#fig:b": "#fig-b",
    "2025-01-02-y.md#a--b": "../y/#a-b",
    "2025-01-02-y.qmd": "../y/",
    "y.ipynb#intro": "../y/#1-intro",
    "y.html": "../y/",
    "y": "../y/",
    "./2025-01-02-y#intro": "../y/#1-intro",
    "#x": "./",
    "#Raw": "#Raw",
    "y.md#y": "../y/",
}


def built(folder: Path, targets: list[str]) -> tuple[list[str], list[str]]:
    """Return where links of one post to another, or to itself, lead, and what is wrong with them."""
    posts = folder / "posts"
    posts.mkdir()
    links = "\n".join(f"[link]({target})" for target in targets)
    (posts / "2025-01-01-x.md").write_text(
        f"---\ntitle: x\n---\n{links}\n\n<a id='Emoji'></a> <a name='In short'></a>\n{IMAGE}{HEADINGS}\n\n<H2 ID='Raw'>R</H2>\n"
    )
    (posts / "2025-01-02-y.md").write_text(f"---\ntitle: y\n---\n{HEADINGS}")
    with Store(None) as store:
        result = build(folder, store, Options())
        pages = [content for path, content in result.files.items() if str(path) == "posts/x/index.html"]
        text = "".join(store.content(page.digest).decode() for page in pages if isinstance(page, Stored))
    return re.findall(r'href="([^"]*)">link</a>', text), [error.message for error in result.errors]


def test_a_heading_is_found_by_the_anchor_that_another_program_makes_of_it(tmp_path: Path) -> None:
    assert built(tmp_path, list(LEADS)) == (list(LEADS.values()), [])


def test_a_heading_that_is_not_there_is_not_guessed(tmp_path: Path) -> None:
    assert built(tmp_path, ["#a--c", "2025-01-02-y.md#a--c", "z.qmd", "z.html", "z.ipynb", "z"])[1] == [
        "this page has no place `#a--c`",
        "`posts/2025-01-02-y.md` has no heading `#a--c`",
        "there is no post `z.qmd`",
        "nothing in the site is at `z.html`",
        "there is no file `z.ipynb`, and no post of that name",
        "nothing in the site is at `z`",
    ]


def test_a_link_of_obsidians_names_a_title_that_is_a_heading(tmp_path: Path) -> None:
    posts = tmp_path / "posts"
    posts.mkdir()
    (posts / "2025-01-01-x.md").write_text("# Notes, *week* 10\n\n[[Notes, week 10]]\n")
    (posts / "2025-01-02-y.md").write_text("---\ntitle: y\n---\n[[Notes, week 10|there]]\n")
    with Store(None) as store:
        result = build(tmp_path, store, Options())
    assert result.errors == ()


def test_a_name_that_looks_the_same_and_is_other_unicode_is_found_or_told_so(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "2025-01-02-cafe\u0301.md").write_text("---\ntitle: y\n---\n")
    (tmp_path / "posts" / "cafe\u0301.png").write_bytes(b"")
    text = "---\ntitle: x\n---\n[[caf\u00e9]] ![b](caf\u00e9.png)"
    (tmp_path / "posts" / "2025-01-01-x.md").write_text(text, encoding="utf-8")
    with Store(None) as store:
        (error,) = build(tmp_path, store, Options()).errors
    assert (error.location.column, "other Unicode (NFC, NFD)" in error.hint) == (15, True)


def test_images_of_gitbook_are_published_and_other_hidden_files_are_told(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    for folder in (".gitbook/assets", ".hidden"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "notes (1).txt").write_text("x")
    text = "---\ntitle: x\n---\n[a](<../.gitbook/assets/notes (1).txt>) ![b](<../.hidden/notes (1).txt>)"
    (tmp_path / "posts" / "2025-01-01-x.md").write_text(text)
    with Store(None) as store:
        result = build(tmp_path, store, Options())
    assert [error.message for error in result.errors] == ["`../.hidden/notes (1).txt` is hidden"]
    (tmp_path / "posts" / "2025-01-01-x.md").write_text(text.partition(" ![b]")[0])
    with Store(None) as store:
        result = build(tmp_path, store, Options())
    assert "gitbook/assets/notes (1).txt" in map(str, result.files)


def test_a_blog_that_moves_in_part_by_part_shows_links_that_lead_nowhere_as_they_are_written(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    post = tmp_path / "posts" / "2025-01-01-x.md"
    header = "---\ntitle: x\nimage: /assets/cover.png\nbibliography: gone.bib\n---\n"
    text = "[one](/posts/gone/) [two](other.md#part) [[Some note]] ![three](none.png) [four](#no-place) [five](#a)\n\n## A\n\nBy @thm-gone [@gone].\n"
    post.write_text(header + text, encoding="utf-8")
    settings = tmp_path / "site.yml"
    settings.write_text("title: T\n", encoding="utf-8")
    with Store(None) as store:
        assert len(build(tmp_path, store, Options()).errors) == 7
        settings.write_text("title: T\nbroken_links: show\n", encoding="utf-8")
        result = build(tmp_path, store, Options())
        assert [str(error) for error in result.errors] == []
        page = result.files[PurePosixPath("posts/x/index.html")]
        assert isinstance(page, Stored)
        html = store.content(page.digest).decode()
        for shown in (
            'href="../gone/"',
            'href="other.md#part"',
            'href="Some%20note.md"',
            'src="none.png"',
            'href="#a"',
        ):
            assert shown in html
        assert "cover.png" not in html
        said = [note for note in result.notes if note.endswith("; it is shown")]
        assert said[0] == "posts/2025-01-01-x.md:6:7: nothing in the site is at `/posts/gone/`; it is shown"
        assert len(said) == 5
        assert "By Theorem\N{NO-BREAK SPACE}? [gone?]." in html
        assert "posts/2025-01-01-x.md:10:14: no bibliography has an entry `gone`; `?` is shown" in result.notes
        assert "posts/2025-01-01-x.md:10:4: nothing has the label `thm-gone`; `?` is shown" in result.notes
        assert "posts/2025-01-01-x.md:4:15: there is no file `gone.bib`; `?` is shown for what it has" in result.notes
        again = build(tmp_path, store, Options())
        assert again.report["posts reused"] == 1
        assert (again.files, again.notes) == (result.files, result.notes)
        (tmp_path / "posts" / "2025-01-02-gone.md").write_text("---\ntitle: y\n---\nText.\n", encoding="utf-8")
        result = build(tmp_path, store, Options())
        assert len([note for note in result.notes if note.endswith("; it is shown")]) == 4
        settings.write_text("title: T\n", encoding="utf-8")
        assert len(build(tmp_path, store, Options()).errors) == 6


def test_an_image_by_an_address_of_pelicans_has_its_size_and_is_shown_where_it_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "images").mkdir()
    Image.new("RGB", (31, 17)).save(tmp_path / "images" / "a.png")
    text = "---\ntitle: x\n---\n![a]({static}/images/a.png) ![b]({filename}/images/b.png)\n"
    (tmp_path / "posts" / "2025-01-01-x.md").write_text(text, encoding="utf-8")
    (tmp_path / "site.yml").write_text("title: T\nbroken_links: show\n", encoding="utf-8")
    with Store(None) as store:
        result = build(tmp_path, store, Options())
        assert not result.errors
        page = result.files[PurePosixPath("posts/x/index.html")]
        assert isinstance(page, Stored)
        html = store.content(page.digest).decode()
    assert 'src="../../images/a.png" width="31" height="17"' in html
    assert 'src="../../images/b.png"' in html


def test_a_blog_that_moves_in_needs_no_bibliography_yet(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    listed = "See [@gone].\n\n```{bibliography}\n:style: plain\n```\n"
    (tmp_path / "posts" / "2025-01-01-x.md").write_text(f"---\ntitle: x\n---\n{listed}", encoding="utf-8")
    header = "---\ntitle: y\nbibliography: [book.bib]\n---\n"
    (tmp_path / "posts" / "2025-01-01-y.md").write_text(f"{header}{listed}", encoding="utf-8")
    settings = tmp_path / "site.yml"
    settings.write_text("title: T\n", encoding="utf-8")
    with Store(None) as store:
        messages = [error.message for error in build(tmp_path, store, Options()).errors]
        assert "there is no file `book.bib`" in messages
        assert "this kind of fence is not supported yet: `{bibliography}`" in messages
        settings.write_text("title: T\nbroken_links: show\n", encoding="utf-8")
        result = build(tmp_path, store, Options())
        assert [str(error) for error in result.errors] == []
        missing = [note for note in result.notes if "no bibliography has an entry `gone`" in note]
        assert len(missing) == 2
        assert [note for note in result.notes if note not in missing] == [
            "posts/2025-01-01-y.md:3:15: there is no file `book.bib`; `?` is shown for what it has"
        ]


def test_a_title_cites_what_a_bibliography_has_and_keeps_other_names(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "x.bib").write_text("@article{a90, title={X}, author={A, B}, year=1990}\n", encoding="utf-8")
    header = '---\ntitle: "A @property after [@a90]"\nsubtitle: "@dataclass [too]"\nbibliography: x.bib\n---\n'
    (tmp_path / "posts" / "2025-01-01-x.md").write_text(f"{header}Text.\n", encoding="utf-8")
    with Store(None) as store:
        result = build(tmp_path, store, Options())
        assert not result.errors
        page = result.files[PurePosixPath("posts/x/index.html")]
        assert isinstance(page, Stored)
        html = store.content(page.digest).decode()
    assert "<h1>A @property after (A, 1990)</h1>" in html
    assert ">@dataclass [too]</p>" in html
    assert 'id="ref-a90"' in html


def test_a_blog_that_moves_in_needs_no_included_file_yet(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    text = "---\ntitle: x\n---\nOne.\n\n```{include} math.md\n```\n\n[two](gone.md)\n"
    (tmp_path / "posts" / "2025-01-01-x.md").write_text(text, encoding="utf-8")
    settings = tmp_path / "site.yml"
    settings.write_text("title: T\n", encoding="utf-8")
    with Store(None) as store:
        assert "there is no file `math.md` to include" in [e.message for e in build(tmp_path, store, Options()).errors]
        settings.write_text("title: T\nbroken_links: show\n", encoding="utf-8")
        result = build(tmp_path, store, Options())
        assert [str(error) for error in result.errors] == []
        assert sorted(result.notes) == [
            "posts/2025-01-01-x.md:6:1: there is no file `math.md` to include; nothing is shown",
            "posts/2025-01-01-x.md:9:7: there is no post `gone.md`; it is shown",
        ]


def test_a_blog_that_moves_in_shows_what_is_not_known_here_as_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    text = """---
title: x
---
A tree $\\begin{prooftree}a\\end{prooftree}$ with {mine}`words` {cite:mine}`a`.

```{mine} Title
inside
```

\\begin{tikzcd}
A & B
\\end{tikzcd}

:::{mine,own}
Within
:::

(code)=
```
x
```

See {ref}`code`.
"""
    (tmp_path / "posts" / "2025-01-01-x.md").write_text(text, encoding="utf-8")
    settings = tmp_path / "site.yml"
    settings.write_text("title: T\n", encoding="utf-8")
    with Store(None) as store:
        assert [error.location.line for error in build(tmp_path, store, Options()).errors] == [4, 4, 4, 6, 10, 14, 23]
        settings.write_text("title: T\nbroken_links: show\n", encoding="utf-8")
        result = build(tmp_path, store, Options())
        assert [str(error) for error in result.errors] == []
        assert [note.rpartition("; ")[2] for note in result.notes if "; its source is" in note] == [
            "its source is shown"
        ]
        assert len([note for note in result.notes if note.endswith("; it is shown as it is written")]) == 4
        page = result.files[PurePosixPath("posts/x/index.html")]
        assert isinstance(page, Stored)
        html = store.content(page.digest).decode()
        assert '<span class="unset"><code>{mine}`words`</code></span>' in html
        assert '<p>See <a class="reference" href="#code">?</a>.</p>' in html
        assert "Within" in html
        assert "inside" in html
        settings.write_text("title: T\nbroken_links: show\nmath: {on-error: stop}\n", encoding="utf-8")
        assert len(build(tmp_path, store, Options()).errors) == 1


def test_a_blog_that_moves_in_shows_tags_of_its_own_as_they_are_written(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    text = """---
title: x
---
By {{ site.data.who }}.

{{< globe at="x" >}}
*Inside*
{{< /globe >}}

{% if page.x %}[a]({{ site.static }}/a.pdf){% else %}<img src="{{ site.static }}/b.png" alt="b">{% endif %}

{% include own.html %}
{% assign y = site.posts.first %}
{{< globe >}}{{< /globe >}}

{% own(a=1) %}
End.
{% end %}
"""
    (tmp_path / "posts" / "2025-01-01-x.md").write_text(text, encoding="utf-8")
    settings = tmp_path / "site.yml"
    settings.write_text("title: T\n", encoding="utf-8")
    with Store(None) as store:
        assert len(build(tmp_path, store, Options()).errors) == 11
        settings.write_text("title: T\nbroken_links: show\n", encoding="utf-8")
        result = build(tmp_path, store, Options())
        assert [str(error) for error in result.errors] == []
        page = result.files[PurePosixPath("posts/x/index.html")]
        assert isinstance(page, Stored)
        html = store.content(page.digest).decode()
    for shown in (
        'By <span class="unset"><code>{{ site.data.who }}</code></span>.',
        '<p><span class="unset"><code>{{&lt; globe at=&quot;x&quot; &gt;}}</code></span></p>\n<p><em>Inside</em></p>',
        '<code>{% if page.x %}</code></span><a href="../../a.pdf">a</a>',
        '<img src="../../b.png" alt="b">',
        "<code>{% include own.html %}</code>",
        "<code>{% assign y = site.posts.first %}</code>",
        "<code>{% own(a=1) %}</code></span></p>\n<p>End.</p>",
    ):
        assert shown in html
    said = [note for note in result.notes if "is not known here; " in note]
    assert len(said) == 8
    assert said[1] == "posts/2025-01-01-x.md:6:1: `{{< globe >}}` is not known here; it is shown as it is written"
    assert said[3].endswith("`{{ site.static }}` is not known here; the address is read without it")


def test_a_blog_that_moves_in_shows_tags_that_are_never_closed(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    text = (
        '---\ntitle: x\n---\n{{< gallery album="may" >}}\n\nOne.\n\n{{< /details >}}\n\n{{< highlight go >}}\n\n'
        "{{< admonition tip >}}\nTwo.\n"
    )
    (tmp_path / "posts" / "2025-01-01-x.md").write_text(text, encoding="utf-8")
    settings = tmp_path / "site.yml"
    settings.write_text("title: T\n", encoding="utf-8")
    with Store(None) as store:
        assert len(build(tmp_path, store, Options()).errors) == 4
        settings.write_text("title: T\nbroken_links: show\n", encoding="utf-8")
        result = build(tmp_path, store, Options())
        assert [str(error) for error in result.errors] == []
        page = result.files[PurePosixPath("posts/x/index.html")]
        assert isinstance(page, Stored)
        html = store.content(page.digest).decode()
    assert "<code>{{&lt; gallery album=&quot;may&quot; &gt;}}</code></span></p>\n<p>One.</p>" in html
    assert '<p class="callout-title">Tip</p>\n<p>Two.</p>\n</div>' in html
    assert [note.partition(".md:")[2] for note in result.notes if "close" in note] == [
        "4:1: `{{< gallery >}}` is never closed; it is shown as it is written",
        "8:1: `{{< /details >}}` closes nothing; it is shown as it is written",
        "10:1: `{{< highlight >}}` is never closed; it is shown as it is written",
        "12:1: `admonition` is never closed; it goes on to the end",
    ]


def test_a_blog_that_moves_in_may_have_keys_that_look_like_slips(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "2025-01-01-x.md").write_text("---\ntitle: x\nordem: 1\n---\nOne.\n", encoding="utf-8")
    settings = tmp_path / "site.yml"
    settings.write_text("title: T\n", encoding="utf-8")
    with Store(None) as store:
        assert [error.message for error in build(tmp_path, store, Options()).errors] == ["unknown key `ordem`"]
        settings.write_text("title: T\nbroken_links: show\n", encoding="utf-8")
        result = build(tmp_path, store, Options())
        assert [str(error) for error in result.errors] == []
        assert result.notes == ("posts/2025-01-01-x.md:3:1: unknown key `ordem`: did you mean `order`?",)


def test_a_blog_that_moves_in_shows_tags_that_lack_what_they_are_about(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    text = "---\ntitle: x\n---\n{{< youtube film=1 >}}\n\n{{< figure >}} and on.\n"
    (tmp_path / "posts" / "2025-01-01-x.md").write_text(text, encoding="utf-8")
    settings = tmp_path / "site.yml"
    settings.write_text("title: T\n", encoding="utf-8")
    with Store(None) as store:
        assert len(build(tmp_path, store, Options()).errors) == 2
        settings.write_text("title: T\nbroken_links: show\n", encoding="utf-8")
        result = build(tmp_path, store, Options())
        assert [str(error) for error in result.errors] == []
        page = result.files[PurePosixPath("posts/x/index.html")]
        assert isinstance(page, Stored)
        html = store.content(page.digest).decode()
    assert "<code>{{&lt; youtube film=1 &gt;}}</code>" in html
    assert "<code>{{&lt; figure &gt;}}</code></span> and on." in html
    assert result.notes[1].endswith("`figure` names no image; it is shown as it is written")


def test_tags_of_its_own_are_not_shown_within_addresses_and_tags_of_html(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    text = (
        "[a](https://e.org/{{ page.a }}){% else %} (`b`, {{ page.b }}) ({{ page.c }}) <b class='d {{ page.d }}'>x</b>"
    )
    (tmp_path / "posts" / "2025-01-01-x.md").write_text(text, encoding="utf-8")
    (tmp_path / "site.yml").write_text("title: T\nbroken_links: show\n", encoding="utf-8")
    with Store(None) as store:
        result = build(tmp_path, store, Options())
        assert [str(error) for error in result.errors] == []
        page = result.files[PurePosixPath("posts/x/index.html")]
        assert isinstance(page, Stored)
        html = re.sub(r'<span class="unset"><code>(.*?)</code></span>', r"\1", store.content(page.digest).decode())
    shown = (
        "<a href=\"https://e.org/\">a</a>{% else %} (<code>b</code>, {{ page.b }}) ({{ page.c }}) <b class='d '>x</b>"
    )
    assert shown in html


def test_a_blog_that_moves_in_shows_what_containers_of_its_own_hold(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    text = "---\ntitle: x\n---\n:::recap\nOne.\n:::\n\n:::recap Of *all*\nTwo.\n:::\n"
    (tmp_path / "posts" / "2025-01-01-x.md").write_text(text, encoding="utf-8")
    settings = tmp_path / "site.yml"
    settings.write_text("title: T\n", encoding="utf-8")
    with Store(None) as store:
        assert len(build(tmp_path, store, Options()).errors) == 2
        settings.write_text("title: T\nbroken_links: show\n", encoding="utf-8")
        result = build(tmp_path, store, Options())
        assert [str(error) for error in result.errors] == []
        page = result.files[PurePosixPath("posts/x/index.html")]
        assert isinstance(page, Stored)
        html = store.content(page.digest).decode()
    assert '<p class="callout-title">Recap</p>\n<p>One.</p>' in html
    assert '<p class="callout-title">Of <em>all</em></p>\n<p>Two.</p>' in html
    assert result.notes[0] == (
        "posts/2025-01-01-x.md:4:4: `:::recap` is no container that is known; what it holds is shown"
    )


def test_a_blog_that_moves_in_may_have_boxes_with_options_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    text = (
        ":::{note}\n:titel: Mine\nOne.\n:::\n\n:::{prf:theorem}\n:nonumbr:\nTwo.\n:::\n\n:::{image}\n:heigth: 2\n:::\n"
    )
    (tmp_path / "posts" / "2025-01-01-x.md").write_text(f"---\ntitle: x\n---\n{text}", encoding="utf-8")
    settings = tmp_path / "site.yml"
    settings.write_text("title: T\n", encoding="utf-8")
    with Store(None) as store:
        assert len(build(tmp_path, store, Options()).errors) == 4
        settings.write_text("title: T\nbroken_links: show\n", encoding="utf-8")
        result = build(tmp_path, store, Options())
        assert [str(error) for error in result.errors] == []
    assert len([note for note in result.notes if note.endswith("; it is left out")]) == 3


def test_what_liquid_says_of_the_site_follows_its_settings(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    text = "---\ntitle: x\n---\nBy {{ site.author }} for {{ site.title | upcase }}.\n"
    (tmp_path / "posts" / "2025-01-01-x.md").write_text(text, encoding="utf-8")
    with Store(None) as store:
        for title in ("Sums", "Products"):
            (tmp_path / "site.yml").write_text(f"title: {title}\nauthor: Ada\n", encoding="utf-8")
            page = build(tmp_path, store, Options()).files[PurePosixPath("posts/x/index.html")]
            assert isinstance(page, Stored)
            assert f"By Ada for {title.upper()}." in store.content(page.digest).decode()


def test_files_stand_in_a_folder_of_the_posts_name_too_as_for_hexo(tmp_path: Path) -> None:
    folder = tmp_path / "posts" / "2025-01-01-x"
    folder.mkdir(parents=True)
    (folder / "a.csv").write_text("1,2\n")
    (folder / "a.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>')
    text = "---\ntitle: X\n---\n[data](a.csv) {% asset_img a.svg One %} ![two](a.svg)\n"
    (tmp_path / "posts" / "2025-01-01-x.md").write_text(text)
    with Store(None) as store:
        result = build(tmp_path, store, Options())
        assert [str(error) for error in result.errors] == []
        page = result.files[PurePosixPath("posts/x/index.html")]
        assert isinstance(page, Stored)
        html = store.content(page.digest).decode()
    shown = "../2025-01-01-x/a.svg"
    assert re.findall(r'(?:src|href)="([^"]*a\.\w+)"', html) == ["../2025-01-01-x/a.csv", shown, shown]


def test_files_that_other_generators_copy_to_the_top_of_the_site_are_found_there(tmp_path: Path) -> None:
    for name in ("posts/x", "static/files/notes.pdf", "public/a.svg", "source/img/b.svg", "assets/img/c.svg", "docs/x"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text('<svg xmlns="http://www.w3.org/2000/svg"/>' if name.endswith("svg") else "x")
    text = "[n](/files/notes.pdf) ![a](/a.svg) ![b](/img/b.svg) ![c](img/c.svg) ![d](../../assets/img/c.svg)"
    (tmp_path / "posts" / "2025-01-01-x.md").write_text(f"---\ntitle: x\n---\n{text}")
    with Store(None) as store:
        result = build(tmp_path, store, Options())
        assert result.errors == ()
        assert {"files/notes.pdf", "a.svg", "img/b.svg"} <= set(map(str, result.files))
        (tmp_path / "public" / MANIFEST).write_text("{}")  # a site that was built there holds what it was made of
        (error,) = build(tmp_path, store, Options()).errors
    assert error.message == "there is no file `/a.svg`"


@pytest.mark.parametrize(
    "header",
    [
        "cover: {image: a.svg, alt: Hills, relative: true}",
        "heroImage: ./a.svg",
        "coverImage: {src: a.svg, alt: Hills}",
        "header: {overlay_image: a.svg, teaser: b.svg}",
        "images: [a.svg, b.svg]",
        "cover: '#336699'\nbanner: Version 2.0 is out.\nfeature_image: /posts/a.svg",
        "image:\nimg: a.svg",
    ],
)
def test_a_picture_that_another_generators_header_names_stands_for_the_post(header: str, tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "a.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="8" height="4"/>')
    (tmp_path / "posts" / "2025-01-01-x.md").write_text(f"---\ntitle: x\n{header}\n---\nText.\n")
    with Store(None) as store:
        pages = html_of(tmp_path, store)
    alt = "Hills" if "Hills" in header else ""
    assert f'<figure class="cover"><img src="../a.svg" width="8" height="4" alt="{alt}"></figure>' in pages["posts/x/"]
    assert 'class="entry-picture"' in pages[""]
    assert 'property="og:image" content="https://example.org/posts/a.svg"' in pages["posts/x/"]


def html_of(blog: Path, store: Store) -> dict[str, str]:
    """Return the HTML of the pages of a blog by their addresses."""
    result = build(blog, store, Options(url="https://example.org"))
    assert result.errors == ()
    pages = ((path, content) for path, content in result.files.items() if isinstance(content, Stored))
    return {
        str(path).removesuffix("index.html"): store.content(content.digest).decode()
        for path, content in pages
        if path.name == "index.html"
    }


def test_a_picture_that_such_a_header_names_and_that_is_not_there_is_a_note(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    post = tmp_path / "posts" / "2025-01-01-x.md"
    post.write_text("---\ntitle: x\nbanner_img: /img/default.png\n---\n$$ x^2 $$\n")
    with Store(None) as store:
        pages, notes = html_of(tmp_path, store), build(tmp_path, store, Options()).notes
        assert 'class="cover"' not in pages["posts/x/"]
        assert "/cards/posts/x.png" in pages["posts/x/"]
        said = "posts/2025-01-01-x.md:3:13: there is no file `/img/default.png`; the post has no picture"
        assert said in notes
        (tmp_path / "img").mkdir()
        shutil.copy(PICTURE, tmp_path / "img" / "default.png")
        assert 'class="cover"' in html_of(tmp_path, store)["posts/x/"]
        post.write_text("---\ntitle: x\nimage: none.png\n---\nText.\n")
        assert [error.message for error in build(tmp_path, store, Options()).errors] == ["there is no file `none.png`"]


def test_a_link_by_an_old_address_is_told_the_new_one(tmp_path: Path) -> None:
    posts = tmp_path / "posts"
    posts.mkdir()
    for name in ("descent", "momentum"):
        links = "[a](/2024/05/descent/), [b](../../blog/descent/)"
        text = f"---\ntags: [descent]\ndate: 2025-01-02\n---\n{links if name == 'momentum' else 'Text.'}\n"
        (posts / f"{name}.md").write_text(text)
    with Store(None) as store:
        errors = build(tmp_path, store, Options()).errors
    assert [error.hint for error in errors] == ["did you mean `/posts/descent/`?"] * 2


def test_a_link_by_a_label_leads_to_the_box_that_has_it(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    text = "# T\n\n:::{prf:theorem}\n:label: thm:two\nOne.\n:::\n\n[a](thm:two) [b](#thm:two) [c](#thm-two)\n"
    (tmp_path / "posts" / "2025-01-01-x.md").write_text(text)
    with Store(None) as store:
        result = build(tmp_path, store, Options())
        page = result.files[PurePosixPath("posts/x/index.html")]
        assert isinstance(page, Stored)
        html = store.content(page.digest).decode()
    assert not result.errors
    assert re.findall(r'href="(#thm[^"]*)">[abc]<', html) == ["#thm%3Atwo", "#thm:two", "#thm%3Atwo"]


def test_a_blog_that_moves_in_follows_links_by_old_addresses_and_any_follows_those_to_folders(tmp_path: Path) -> None:
    (tmp_path / "site.yml").write_text("title: T\n")
    links = "[f](../two/) [g](../two/#part) [h](other/) [up](..) [all](/two/)"
    old = "[a](/2024/05/06/other/), [b](../../blog/other/), [c](/tags/other/), [e](tags/other/), ![d](..\\two\\d.svg)"
    for name, text in {
        "index.md": "# All\n\n[one](one/) and [two](two)\n",
        "one/index.md": f"# One\n\n{links}\n",
        "one/other.md": f"# Other\n\n[back](../)\n\n{old}\n",
        "two/README.md": "# Two\n\n## Part\n",
        "two/d.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
    }.items():
        (tmp_path / "posts" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "posts" / name).write_text(text)
    with Store(None) as store:
        first = build(tmp_path, store, Options())
        (tmp_path / "site.yml").write_text("title: T\nbroken_links: show\n")
        result = build(tmp_path, store, Options())
        pages = {
            name: store.content(page.digest).decode()
            for name in ("index", "one", "other")
            if isinstance(page := result.files[PurePosixPath(f"posts/{name}/index.html")], Stored)
        }
    assert [error.location.line for error in first.errors] == [5, 5, 5, 5, 5]
    assert 'href="../one/">one</a> and <a href="../README/">two' in pages["index"]
    assert 'href="../README/#part">g</a> <a href="../other/">h</a> <a href="../index/">up' in pages["one"]
    assert 'href="../index/">back' in pages["other"]
    assert 'two/d.svg" width="9" height="9"' in pages["other"]
    assert (
        'href="./">a</a>, <a href="./">b</a>, <a href="../../tags/other/">c</a>, <a href="tags/other/">e'
        in pages["other"]
    )


def test_of_several_notes_of_a_name_a_wikilink_means_the_one_that_obsidian_means(tmp_path: Path) -> None:
    texts = {
        "deep/er/note.md": "[[note]] [[top]] [[far]] [[equal]]",
        "a/long/name/note.md": "x",
        "top.md": "x",
        "deep/er/top.md": "x",
        "b/far.md": "x",
        "b/c/far.md": "x",
        "b/equal.md": "x",
        "c/equal.md": "x",
    }
    for name, text in texts.items():
        (tmp_path / "posts" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "posts" / name).write_text(f"{text}\n")
    with Store(None) as store:
        result = build(tmp_path, store, Options())
    assert [(error.location.column, error.hint) for error in result.errors] == [(26, "write more of its path")]
    (tmp_path / "posts/c/equal.md").unlink()
    with Store(None) as store:
        result = build(tmp_path, store, Options())
        page = result.files[PurePosixPath("posts/er-note/index.html")]
        assert isinstance(page, Stored)
        links = re.findall(r'<a href="([^"]*)">(?:note|top|far)<', store.content(page.digest).decode())
    assert links == ["./", "../top/", "../b-far/"]


def test_a_link_to_an_index_leads_to_the_readme_that_mdbook_makes_it_of(tmp_path: Path) -> None:
    texts = {"README.md": "# A", "ch/README.md": "# B", "ch/two.md": "[a](../index.html), [b](index.html#b)"}
    texts |= {"es/ch/README.md": "# C", "x.md": "[c](/ch/README/)"}
    for name, text in texts.items():
        (tmp_path / "posts" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "posts" / name).write_text(f"{text}\n")
    with Store(None) as store:
        result = build(tmp_path, store, Options())
    assert result.errors == ()


def test_a_note_is_found_by_its_alias_and_its_day(tmp_path: Path) -> None:
    posts = tmp_path / "posts"
    posts.mkdir()
    (posts / "Steepest descent.md").write_text("---\naliases: [Going down, GD]\n---\n[[2025-03-04]]\n")
    (posts / "2025-03-04.md").write_text("Of [[Going down]] and [[GD]], ![[Steepest descent]].\n")
    with Store(None) as store:
        result = build(tmp_path, store, Options())
    assert result.errors == ()
    assert result.notes == (
        "posts/2025-03-04.md:1:31: `![[Steepest descent]]` embeds another post, which is not done: a link to it is shown",
        "posts/Steepest descent.md: has no date, so it stands last in the lists and not in the feed",
    )


def test_files_of_a_vault_are_found_by_their_name_and_those_of_static_at_the_top(tmp_path: Path) -> None:
    text = "![[a loss.png]] ![b](files/b.png) ![[files/c.pdf]] [d](/d.pdf) ![e](img/e.png)\n"
    files = [
        "posts/deep/files/a loss.png",
        "posts/deep/files/b.png",
        "posts/files/c.pdf",
        "static/d.pdf",
        "public/img/e.png",
    ]
    unsure = ["posts/x/own.png", "posts/deep/two.png", "posts/two.png", "posts/.hidden/three.png"]
    for file in (*files, *unsure):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (3, 2)).save(tmp_path / file, "png")
    (tmp_path / "posts/x/index.md").write_text("---\ntitle: x\n---\n![](own.png)\n")
    note = tmp_path / "posts/other/note.md"
    note.parent.mkdir()
    note.write_text(f"---\ntitle: y\n---\n{text}")
    with Store(None) as store:
        result = build(tmp_path, store, Options())
        assert result.errors == ()
        published = {*files[:3], "d.pdf", "img/e.png"}
        assert published < {str(path) for path in result.files}
        note.write_text(f"---\ntitle: y\n---\n{text}![](own.png) ![](two.png) ![](three.png) ![](../a loss.png)\n")
        missing = ["own.png", "two.png", "three.png", "../a loss.png"]
        assert [error.message for error in build(tmp_path, store, Options()).errors] == [
            f"there is no file `{name}`" for name in missing
        ]


def test_a_site_that_was_moved_in_whole_finds_what_it_names_from_its_top(tmp_path: Path) -> None:
    texts = {
        "posts/2025-01-01-a.md": "[b](/ch1/intro.md) [c](@/ch2/index.md) ![](/images/x.png) ![](@/own/y.png)\n",
        "posts/ch1/intro.md": "# One\n\n![](near.png) [two](docs/ch2/index.md)\n",
        "posts/ch2/index.md": "# Two\n\n![](ch2/own.png)\n",
        "posts/ch3/intro.md": "# Three\n\n![](near.png)\n",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    files = ("posts/images/x.png", "src/own/y.png", "posts/ch1/img/near.png", "posts/ch3/near.png", "posts/ch2/own.png")
    for number, name in enumerate(files):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (number + 1, 1)).save(tmp_path / name, "png")
    with Store(None) as store:
        result = build(tmp_path, store, Options())
        assert [str(error) for error in result.errors] == []
        pages = {
            name: store.content(page.digest).decode()
            for name in ("a", "ch1-intro", "ch3-intro", "ch2")
            if isinstance(page := result.files[PurePosixPath(f"posts/{name}/index.html")], Stored)
        }
    assert 'href="../ch1-intro/">b</a> <a href="../ch2/">c' in pages["a"]
    assert 'images/x.png" width="1"' in pages["a"]
    assert 'src/own/y.png" width="2"' in pages["a"]
    assert 'img/near.png" width="3"' in pages["ch1-intro"]
    assert 'href="../ch2/">two' in pages["ch1-intro"]
    assert 'ch3/near.png" width="4"' in pages["ch3-intro"]
    assert 'src="own.png" width="5"' in pages["ch2"]
