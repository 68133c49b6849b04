"""What is a post by the name of its file, and what is said where there is none."""

from __future__ import annotations

import os
from cProfile import Profile
from pathlib import Path, PurePosixPath

import pytest

from sitegen.model import CopyOf, Stored
from sitegen.pipeline import Options, build
from sitegen.reading.discover import discover, unread
from sitegen.sources import is_index
from sitegen.store import Store


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def test_sources_of_quarto_and_r_markdown_are_posts_and_links_name_them_as_they_are_or_were_called(
    tmp_path: Path,
) -> None:
    header = "---\ntitle: T\ndate: 2025-01-02\n---\n"
    write(
        tmp_path,
        **{
            "posts/a/index.qmd": f"{header}[to b](../b.Rmd#c), [to b](../b.md), ![](data.csv)\n",
            "posts/a/data.csv": "1\n",
            "posts/b.Rmd": f"{header}## C\n\n[to a](a/index.qmd), [to a](a/index.md), [to it](b.Rmd)\n",
            "posts/c.MARKDOWN": f"{header}C\n",
            "posts/d.txt": "no post",
        },
    )
    with Store(None) as store:
        result = build(tmp_path, store, Options())
    assert [str(error) for error in result.errors] == []
    pages = {path.parent.name for path in result.files if path.match("posts/*/index.html")}
    assert pages == {"a", "b", "c"}
    assert result.files[PurePosixPath("posts/a/data.csv")] == CopyOf(tmp_path / "posts/a/data.csv")


@pytest.mark.parametrize("name", ["index.md", "INDEX.md", "index.markdown", "index.qmd", "index.Rmd", "_index.md"])
def test_an_index_owns_its_folder(name: str) -> None:
    assert is_index(name)


@pytest.mark.parametrize("name", ["index.en.md", "index.txt", "index", "reindex.md", "index.md.bak"])
def test_nothing_else_does(name: str) -> None:
    assert not is_index(name)


@pytest.mark.parametrize("folder", ["_posts", "content/posts", "source/_posts"])
def test_where_other_programs_have_their_posts_the_way_is_told(tmp_path: Path, folder: str) -> None:
    write(tmp_path, **{f"{folder}/2025-01-02-x.md": "x"})
    _, errors = discover(tmp_path)
    assert [(error.message, error.hint) for error in errors] == [
        (
            "there is no folder `posts`",
            f"posts are read from there: `mv {folder} posts`; docs/moving.md tells where the rest goes",
        )
    ]


def test_the_text_of_a_section_of_hugos_is_its_page(tmp_path: Path) -> None:
    dated = "---\ntitle: T\ndate: 2025-01-02\n---\n"
    names = ("pages/_index.md", "posts/_index.md", "posts/a.md", "pages/guide/x.md")
    write(tmp_path, **dict.fromkeys(names, f"{dated}Text.\n"))
    write(tmp_path, **{"pages/guide/_index.md": f"{dated}[x](x.md)", "pages/about.md": "[g](guide/_index.md)"})
    with Store(None) as store:
        result = build(tmp_path, store, Options())
    assert (result.report["posts"], result.report["pages"], result.errors) == (1, 3, ())
    assert PurePosixPath("guide/index.html") in result.files


def test_settings_of_another_program_are_told(tmp_path: Path) -> None:
    write(tmp_path, **{"posts/a.md": "---\ntitle: T\ndate: 2025-01-02\n---\n", "_quarto.yml": "x: 1", "hugo.toml": ""})
    with Store(None) as store:
        notes = build(tmp_path, store, Options()).notes
        (tmp_path / "site.yml").write_text("title: T\n", encoding="utf-8")
        assert build(tmp_path, store, Options()).notes == ()
    assert notes == (
        "_quarto.yml: is not read; the settings of the blog are those of `site.yml`, as docs/moving.md tells",
        "hugo.toml: is not read; the settings of the blog are those of `site.yml`, as docs/moving.md tells",
    )


def test_a_notebook_that_nothing_names_is_told(tmp_path: Path) -> None:
    dated = "---\ntitle: T\ndate: 2025-01-02\n---\n"
    notebooks = {
        f"posts/{name}.ipynb": "{}" for name in ("loose", "named", "a/own", ".ipynb_checkpoints/x", "_drafts/y")
    }
    write(tmp_path, **{"posts/a/index.md": dated, "posts/b.md": f"{dated}[x](named.ipynb)\n", **notebooks})
    with Store(None) as store:
        notes = build(tmp_path, store, Options()).notes
    assert notes == ("posts/loose.ipynb: a notebook is no post; `build.py import posts/loose.ipynb` makes one of it",)


def test_what_is_a_post_elsewhere_is_told(tmp_path: Path) -> None:
    dated = "---\ntitle: T\ndate: 2025-01-02\n---\n"
    others = {
        "posts/a.rst": "A",
        "posts/b.html": dated,
        "posts/demo.html": "<p>",
        "posts/own/c.org": "",
        "posts/_d.org": "",
        "posts/x.md.txt": "Words.",
        "posts/y.txt": dated,
        "posts/z.txt": "Words.",
    }
    names = ("posts/d.mdx", "posts/e.Rmarkdown", "posts/f.mkd", "posts/own/index.md")
    write(tmp_path, **others, **dict.fromkeys(names, dated))
    with Store(None) as store:
        built = build(tmp_path, store, Options())
    assert built.report["posts"] == len(names)
    assert built.notes == (
        "posts/a.rst: posts are Markdown; `pandoc -s -t markdown -o posts/a.md posts/a.rst` makes one of it",
        "posts/b.html: posts are Markdown, which may hold HTML; under the name posts/b.md it is one",
        "posts/x.md.txt: posts are Markdown, which may hold HTML; under the name posts/x.md it is one",
        "posts/y.txt: posts are Markdown, which may hold HTML; under the name posts/y.md it is one",
    )


def test_an_index_of_all_posts_and_posts_beside_an_index_take_nothing_away(tmp_path: Path) -> None:
    names = ("posts/index.md", "posts/2025-01-02-a.md", "posts/2025/index.md", "posts/2025/2025-01-03-b.md")
    write(tmp_path, **dict.fromkeys((*names, "posts/2025/notes.md", "posts/2025/data.csv"), "Text.\n"))
    sources, errors = discover(tmp_path)
    assert not errors
    assert {str(source.path) for source in sources} == {*names}
    assert [source.files for source in sources if source.files] == [(PurePosixPath("posts/2025/data.csv"),)]


def test_what_lies_beside_an_index_is_a_page_and_a_post_where_it_reads_like_one(tmp_path: Path) -> None:
    names = ("posts/a/index.md", "posts/a/b.md", "posts/a/part.md", "posts/a/deep/c.md", "posts/_posts/2025-01-02-d.md")
    pages = ("pages/a/index.qmd", "pages/a/b.qmd", "pages/a/deep/c.md", "pages/index.md")
    dated = "---\ntitle: T\ndate: 2025-01-02\n---\n"
    hidden = ("posts/_drafts/old/e.md", "pages/_tabs/f.qmd", "posts/_parts/g.md")
    write(tmp_path, **dict.fromkeys((*names, *pages, *hidden, "posts/d.excalidraw.md"), dated))
    write(tmp_path, **{"posts/a/index.md": f"{dated}{{{{< include part.md >}}}}\n{{{{< include ../_parts/g.md >}}}}\n"})
    write(
        tmp_path,
        **{
            "posts/_shared/h.md": "No post: it has no header.\n",
            "posts/a/deep/dot.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
        },
    )
    titled = {"posts/a/deep/x.md": "(label)=\n\n# D\n\n![a dot](dot.svg)\n", "posts/a/deep/y.md": "E\n===\n"}
    write(tmp_path, **titled, **dict.fromkeys(("posts/a/notes.md", "posts/a/deep/f.md"), "Text.\n\n## Not a title\n"))
    write(tmp_path, **{"posts/a/LICENSE.md": "# MIT\n"})
    with Store(None) as store:
        result = build(tmp_path, store, Options())
    assert not result.errors
    assert (result.report["posts"], result.report["pages"]) == (len(names) - 1 + len(titled), len(pages))
    assert {
        "posts/b/index.html",
        "posts/c/index.html",
        "posts/x/index.html",
        "posts/y/index.html",
        "a/index.html",
        "a/b/index.html",
        "a/deep/c/index.html",
        "index.html",
    } < {str(path) for path in result.files}
    why = "holds posts, which are left out: what begins with `_` is not read; rename it, or move them"
    assert result.notes == (
        f"pages/_tabs: {why}",
        f"posts/_drafts: {why}",
        *(
            f"posts/a/{name}.md: is left out: what lies in the folder of an `index.md` is a post where it begins with a header or a title, or its name with a date"
            for name in ("LICENSE", "deep/f", "notes")
        ),
        "posts/a/deep/x.md: has no date, so it stands last in the lists and not in the feed",
        "posts/a/deep/y.md: has no date, so it stands last in the lists and not in the feed",
    )


def test_a_title_beside_an_index_stands_in_no_code_and_may_follow_a_mark_of_its_encoding(tmp_path: Path) -> None:
    code = "```bash\n# install\n```\n\nText.\n\n~~~\n# not closed\n"
    texts = {"index.md": "Text.\n", "code.md": code, "b.md": "\ufeff---\ntitle: B\n---\n", "c.md": "```\nx\n```\n# C\n"}
    write(tmp_path, **{f"posts/a/{name}": text for name, text in texts.items()})
    assert [source.path.name for source in discover(tmp_path)[0]] == ["index.md", "b.md", "c.md"]


def test_a_post_that_is_new_since_posts_were_read_is_not_said_to_be_left_out(tmp_path: Path) -> None:
    write(tmp_path, **dict.fromkeys(("posts/a/index.md", "posts/a/b.md", "posts/new.md", "posts/c/new.md"), "Text.\n"))
    assert {str(path) for path, _ in unread(tmp_path)} == {"posts/a/index.md", "posts/a/b.md"}


def test_names_in_another_encoding_are_told(tmp_path: Path) -> None:
    write(tmp_path, **{"posts/2025-01-02-a.md": "Text.\n", "posts/b/index.md": "Text.\n", "assets/a.txt": "A\n"})
    for name in (b"posts/2025-01-03-r\xe9sum\xe9.md", b"posts/b/d\xe9.csv", b"assets/\xe9.png"):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_text("x", encoding="utf-8")
    with Store(None) as store:
        errors = build(tmp_path, store, Options()).errors
        (tmp_path / os.fsdecode(b"posts/2025-01-03-r\xe9sum\xe9.md")).unlink()
        (tmp_path / os.fsdecode(b"posts/b/d\xe9.csv")).unlink()
        errors += build(tmp_path, store, Options()).errors
    assert {(str(error.location), error.message) for error in errors} == {
        ("posts/2025-01-03-r\ufffdsum\ufffd.md", "the name of this is not UTF-8"),
        ("posts/b/d\ufffd.csv", "the name of this is not UTF-8"),
        ("assets/\ufffd.png", "the name of this is not UTF-8"),
    }


def test_links_in_a_circle_are_told(tmp_path: Path) -> None:
    write(tmp_path, **{"posts/a/index.md": "Text.\n"})
    (tmp_path / "posts" / "a" / "picture.png").symlink_to("picture.png")
    _, errors = discover(tmp_path)
    assert [(str(error.location), error.message) for error in errors] == [
        ("posts/a/picture.png", "this is a link that leads nowhere")
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_a_file_that_says_that_it_is_utf_16_is_read_so(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "posts").mkdir()
    mark = "" if encoding == "utf-16" else "\ufeff"
    (tmp_path / "posts" / "a.md").write_bytes(f"{mark}---\ntitle: T\n---\n\n확률 → 1\n".encode(encoding))
    (tmp_path / "posts" / "b.md").write_bytes(b"\xff\xfea")
    sources, errors = discover(tmp_path)
    assert not errors
    assert sources[0].content.decode() == "---\ntitle: T\n---\n\n확률 → 1\n"
    assert sources[1].content == b"\xff\xfea"


def test_posts_of_one_name_in_different_folders_have_the_names_of_these_in_their_addresses(tmp_path: Path) -> None:
    plain = (
        "posts/intro.md",
        "posts/a/intro.md",
        "posts/b/x/intro.md",
        "posts/c/x/intro.md",
        "posts/c/x/2025-01-02-y.md",
    )
    write(
        tmp_path,
        **dict.fromkeys((*plain, "posts/two words/README.md", "posts/README.md"), "# T\n\n[a](/posts/a/intro.md)\n"),
    )
    write(tmp_path, **{"posts/d/1/index.md": "# D\n", "posts/e/1/index.md": "# E\n\n[d](../../d/1/index.md)\n"})
    with Store(None) as store:

        def page(name: str) -> str:
            stored = build(tmp_path, store, Options()).files[PurePosixPath(f"posts/{name}/index.html")]
            assert isinstance(stored, Stored)
            return store.content(stored.digest).decode()

        result = build(tmp_path, store, Options())
        assert not result.errors
        assert 'href="../d-1/"' in page("e-1")
        for slug, stays in (("z", "1"), ("1", "e-1")):
            (tmp_path / "posts/d/1/index.md").write_text(f"---\nslug: {slug}\n---\n# D\n", encoding="utf-8")
            assert f'href="../{slug}/"' in page(stays)
    assert {str(path.parent) for path in result.files if path.parts[0] == "posts" and path.suffix == ".html"} == {
        f"posts/{name}"
        for name in ("intro", "a-intro", "b-x-intro", "c-x-intro", "y", "README", "two-words-README", "d-1", "e-1")
    }
    said = "stands at /posts/a-intro/, since another post has its name; `slug:` gives it one of its own"
    told = {f"posts/a/intro.md: {said}", "3 more posts have the names of their folders in their addresses"}
    assert told <= set(result.notes)


def test_posts_of_one_name_and_different_dates_have_these_in_their_addresses(tmp_path: Path) -> None:
    write(
        tmp_path, **dict.fromkeys(("posts/2024-01-02-week.md", "posts/2024-01-09-week.md", "posts/a/week.md"), "# W\n")
    )
    with Store(None) as store:
        result = build(tmp_path, store, Options())
    assert not result.errors
    names = {path.parent.name for path in result.files if path.match("posts/*/index.html")}
    assert names == {"2024-01-02-week", "2024-01-09-week", "week"}


def test_what_new_posts_of_hugo_and_hexo_begin_with_is_left_out_and_told(tmp_path: Path) -> None:
    hexo = "---\ntitle: {{ title }}\n---\n"
    write(tmp_path, **{"posts/scaffolds/post.md": hexo, "posts/Templates/real.md": "# T\n\ndate: {{ x }}\n"})
    with Store(None) as store:
        result = build(tmp_path, store, Options())
    assert [str(error.location.path) for error in result.errors] == ["posts/Templates/real.md"]
    assert "posts/scaffolds/post.md: is left out: new posts began with it" in result.notes


def test_posts_whose_names_differ_in_capitals_alone_have_their_folders_in_their_addresses(tmp_path: Path) -> None:
    write(tmp_path, **dict.fromkeys(("posts/Adam.md", "posts/a/adam.md", "posts/a/SGD.md", "posts/a/sgd.md"), "# T\n"))
    with Store(None) as store:
        result = build(tmp_path, store, Options())
    assert not result.errors
    names = {path.parent.name for path in result.files if path.match("posts/*/index.html")}
    assert names == {"Adam", "a-adam", "SGD", "sgd"}


def test_posts_of_one_slug_in_several_languages_have_these_in_their_addresses(tmp_path: Path) -> None:
    texts = {name: f"---\nslug: a\nlang: {name}\n---\nText.\n" for name in ("fr", "de")}
    write(tmp_path, **{f"posts/{name}/a.md": text for name, text in texts.items()})
    write(tmp_path, **{"posts/en/a.md": "---\nslug: a\n---\nText.\n"})
    with Store(None) as store:
        result = build(tmp_path, store, Options())
    assert not result.errors
    assert {path.parent.name for path in result.files if path.match("posts/*/index.html")} == {"a", "a-fr", "a-de"}


def test_what_was_made_of_a_source_of_r_markdown_is_the_post(tmp_path: Path) -> None:
    names = ("posts/a/index.Rmd", "posts/a/index.md", "posts/b.qmd", "posts/b.md", "posts/c.Rmarkdown", "pages/d.Rmd")
    write(tmp_path, **dict.fromkeys(names, "# T\n"))
    write(tmp_path, **{"posts/c.markdown": "# T\n"})
    with Store(None) as store:
        result = build(tmp_path, store, Options())
    assert not result.errors
    assert (result.report["posts"], result.report["pages"]) == (3, 1)
    why = "is left out: what was made of it lies beside it, with the same name"
    assert result.notes[:3] == tuple(f"posts/{name}: {why}" for name in ("a/index.Rmd", "b.qmd", "c.Rmarkdown"))


def test_the_text_of_a_section_of_hugos_is_a_post_where_there_is_any(tmp_path: Path) -> None:
    header = "+++\ntitle = 'T'\n+++\n"
    texts = {
        "a/_index.md": f"{header}\nText.\n",
        "b/_index.md": f"\ufeff{header}\n<!-- none -->\n",
        "_index.md": "Text.\n",
    }
    write(
        tmp_path,
        **{f"posts/{name}": text for name, text in texts.items()},
        **{"posts/a/x.md": f"{header}[t](_index.md)"},
    )
    with Store(None) as store:
        result = build(tmp_path, store, Options())
    assert not result.errors
    assert {path.parent.name for path in result.files if path.match("posts/*/index.html")} == {"a", "x"}


def test_folders_take_steps_as_they_are_long(tmp_path: Path) -> None:
    def steps(posts: int) -> int:
        blog = tmp_path / str(posts)
        write(blog, **{f"posts/{number}.md": "# T\n" for number in range(posts)})
        with Profile() as profile:
            discover(blog)
            list(unread(blog))
        return sum(entry.callcount for entry in profile.getstats())

    assert steps(200) < 2.2 * steps(100)


def test_an_error_in_one_post_of_a_folder_leaves_the_others_there(tmp_path: Path) -> None:
    write(tmp_path, **{"posts/c/index.md": "# C\n", "posts/c/a.md": "# A\n", "posts/c/b.md": "# B\n\n:::\n"})
    with Store(None) as store:
        result = build(tmp_path, store, Options(keep_going=True))
    assert [error.location.path for error in result.errors] == ["posts/c/b.md"]
    assert {path.parent.name for path in result.files if path.match("posts/*/index.html")} == {"a", "c"}


def test_what_a_header_does_not_say_is_a_note_where_a_blog_moves_in(tmp_path: Path) -> None:
    write(
        tmp_path, **{"posts/2025-01-01-a.md": "# A\n\nOf {{< meta version >}}.\n", "site.yml": "broken_links: show\n"}
    )
    with Store(None) as store:
        result = build(tmp_path, store, Options())
    assert not result.errors
    assert (
        "posts/2025-01-01-a.md:3:4: the header of this post says nothing of `version`; nothing is shown" in result.notes
    )


def test_what_is_never_closed_is_a_note_where_a_blog_moves_in(tmp_path: Path) -> None:
    text = "# A\n\nAs $$g = 0) it is.\n\n::: note\n\nOf *it*.\n\n::: {.tip}\n\n$$\n\\frac{a}{b}\n\nEnd.\n"
    write(tmp_path, **{"posts/2025-01-01-a.md": text, "site.yml": "broken_links: show\n"})
    with Store(None) as store:
        result = build(tmp_path, store, Options())
    assert not result.errors
    notes = [note.removeprefix("posts/2025-01-01-a.md:") for note in result.notes]
    assert sorted(notes, key=lambda note: int(note.partition(":")[0])) == [
        "3:4: `$$` looks like math, but no formula is closed here; it is shown as it is written",
        "5:1: this `::: note` is never closed; what it holds is shown",
        "9:1: this `::: {.tip}` is never closed; what it holds is shown",
        "11:1: this `$$` is never closed; it is shown as it is written",
    ]


def test_a_post_that_goes_while_others_are_found_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "posts").mkdir()
    for name in ("a", "b"):
        (tmp_path / f"posts/{name}.md").write_text("Text.\n", encoding="utf-8")
    read = Path.read_bytes

    def read_late(path: Path) -> bytes:
        if path.name == "b.md":
            path.unlink()
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", read_late)
    sources, errors = discover(tmp_path)
    assert ([str(source.path) for source in sources], errors) == (["posts/a.md"], [])
