"""Whatever is edited, a build that remembers gives what a build from nothing gives, and runs only what it has to."""

from __future__ import annotations

import errno
import random
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, cast

import pytest
from msgspec import structs

from sitegen import unchanged
from sitegen.model import Build, CopyOf, Stored
from sitegen.pipeline import Builder, Options, articles, build, resume
from sitegen.pipeline.build import build_and_keep
from sitegen.pipeline.files import Rendering
from sitegen.publishing.render import Renderer
from sitegen.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from sitegen.model import FileContent, Page
    from sitegen.pipeline.build import Kept

THEME = Path(__file__).parent / "plain-theme"
OPTIONS = Options(today=datetime(2026, 1, 1, tzinfo=UTC), workers=2)

POSTS = {
    "posts/2025-01-01-a.md": """---
title: Alpha
tags: [one]
---
Prose of alpha with $x^2$ and [beta](2025-01-02-b.md).

```{python}
#| fig-cap: "A caption"
from helper import double
double(21)
```

$$ a = b $$ {#eq-alpha}

By [](#eq-beta) and [](gamma), $\\text{from } \\eqref{eq:beta}$.
""",
    "posts/2025-01-02-b.md": """---
title: Beta
tags: [one, two]
---
Prose of beta with `{python} open("data.txt").read().strip()`.

```{python}
import os
sorted(name for name in os.listdir() if name.endswith(".txt"))
```

$$ \\beta = 1 $$ {#eq-beta}

As @eq-alpha says.
""",
    "posts/2025-01-03-c.md": """---
bibliography: refs.bib
---
(gamma)=
# Gamma

Prose of gamma, no code, $y$ and $\\frac{1}{2}$; see @one.
""",
    "refs.bib": "@book{one, title={One}, year=2001}\n@book{two, title={Two}, year=2002}\n",
    "helper.py": "from depth import FACTOR\n\n\ndef double(x):\n    return FACTOR * x\n",
    "depth.py": "FACTOR = 2\n",
    "posts/data.txt": "1\n",
    "site.yml": "title: Small\nurl: https://example.org\n",
}


@pytest.fixture
def blog(tmp_path: Path) -> Path:
    return make_blog(tmp_path / "blog")


def make_blog(folder: Path) -> Path:
    for name, text in POSTS.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    shutil.copytree(THEME, folder / "templates")
    return folder


def site(result: Build, store: Store) -> dict[PurePosixPath, bytes]:
    """Return the bytes of every file of a site."""
    found = {}
    for path, content in result.files.items():
        if isinstance(content, CopyOf):
            found[path] = content.path.read_bytes()
        else:
            found[path] = store.content(content.digest) if isinstance(content, Stored) else content
    return found


def clean_site(blog: Path) -> tuple[dict[PurePosixPath, bytes], list[str]]:
    with Store(None) as store:
        result = build(blog, store, OPTIONS)
        return site(result, store), [str(error) for error in result.errors]


def ran(result: Build) -> set[str]:
    """Return the names of the posts whose program ran."""
    programs = result.report["programs"]
    assert isinstance(programs, dict)
    return {
        Path(path).stem[-1] for path, reasons in programs.items() if not any("reused" in reason for reason in reasons)
    }


def replace(name: str, old: str, new: str) -> Callable[[Path], None]:
    def edit(blog: Path) -> None:
        path = blog / name
        if path.exists():
            path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")

    return edit


def write(name: str, text: str) -> Callable[[Path], None]:
    def edit(blog: Path) -> None:
        (blog / name).write_text(text, encoding="utf-8")

    return edit


def write_more(name: str, text: str) -> Callable[[Path], None]:
    def edit(blog: Path) -> None:
        path = blog / name
        if path.exists():
            path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")

    return edit


def remove(name: str) -> Callable[[Path], None]:
    def edit(blog: Path) -> None:
        (blog / name).unlink(missing_ok=True)

    return edit


def toggle(name: str, old: str, new: str) -> Callable[[Path], None]:
    """Return an edit that replaces something, or puts it back."""

    def edit(blog: Path) -> None:
        text = (blog / name).read_text(encoding="utf-8")
        (replace(name, new, old) if new in text else replace(name, old, new))(blog)

    return edit


def cycle(name: str, *texts: str) -> Callable[[Path], None]:
    """Return an edit that writes the text after the one that is there, and removes the file after the last."""

    def edit(blog: Path) -> None:
        path = blog / name
        place = texts.index(before) + 1 if path.exists() and (before := path.read_text()) in texts else 0
        (write(name, texts[place]) if place < len(texts) else remove(name))(blog)

    return edit


def rename(one: str, other: str) -> Callable[[Path], None]:
    def edit(blog: Path) -> None:
        old, new = (one, other) if (blog / one).exists() else (other, one)
        (blog / old).rename(blog / new)

    return edit


SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="{}" height="9"/>'
READER = """
```{python}
len(open("../pages/read.md").read())
```
"""


def add_a_page_that_a_program_reads(blog: Path) -> None:
    (blog / "pages").mkdir()
    write("pages/read.md", "---\ntitle: Read\n---\nOne.\n\nTwo.")(blog)
    write_more("posts/2025-01-02-b.md", READER)(blog)


EDITS: dict[str, tuple[Callable[[Path], None], set[str]]] = {
    "nothing": (replace("site.yml", "zzz", ""), set()),
    "prose": (replace("posts/2025-01-01-a.md", "Prose of alpha", "Other prose of alpha"), set()),
    "a formula": (replace("posts/2025-01-03-c.md", "$y$", "$y + 1$"), set()),
    "a title": (replace("posts/2025-01-02-b.md", "title: Beta", "title: Better"), set()),
    "a caption": (replace("posts/2025-01-01-a.md", "A caption", "Another caption"), set()),
    "an option of display": (
        replace("posts/2025-01-01-a.md", '#| fig-cap: "A', '#| echo: false\n#| fig-cap: "A'),
        set(),
    ),
    "a cell": (replace("posts/2025-01-01-a.md", "double(21)", "double(22)"), {"a"}),
    "an inline value": (replace("posts/2025-01-02-b.md", ".strip()`", ".strip() * 2`"), {"b"}),
    "an imported module": (replace("helper.py", "FACTOR * x", "FACTOR * x + 1"), {"a"}),
    "a module imported by it": (write("depth.py", "FACTOR = 3\n"), {"a"}),
    "a data file": (write("posts/data.txt", "2\n"), {"b"}),
    "a file beside it, in a folder that is listed": (write("posts/more.txt", ""), {"b"}),
    "a file that nothing reads": (write("unread.csv", "1"), set()),
    "a module that nothing imports": (write("unused.py", "x = 1"), set()),
    "a setting": (replace("site.yml", "title: Small", "title: Tiny"), set()),
    "an entry that a post cites": (replace("refs.bib", "{One}", "{First}"), set()),
    "an entry that no post cites": (replace("refs.bib", "{Two}", "{Second}"), set()),
    "a formula above what others mention": (
        replace("posts/2025-01-02-b.md", "$$ \\beta", "$$ 0 $$ {#eq-0}\n\n$$ \\beta"),
        set(),
    ),
    "a formula that others mention": (replace("posts/2025-01-02-b.md", "\\beta = 1", "\\beta = 2"), set()),
    "a title that others mention": (replace("posts/2025-01-03-c.md", "# Gamma", "# Third"), set()),
    "a label that others mention": (replace("posts/2025-01-02-b.md", "{#eq-beta}", "{#eq-better}"), set()),
    "the label as it was": (replace("posts/2025-01-02-b.md", "{#eq-better}", "{#eq-beta}"), set()),
    "a label that two posts have": (write_more("posts/2025-01-03-c.md", "\n$$ \\gamma $$ {#eq-beta}\n"), set()),
    "a label of its own": (write_more("posts/2025-01-01-a.md", "\n$$ \\gamma $$ {#eq-beta}\n"), set()),
    "a mention more": (write_more("posts/2025-01-03-c.md", "\nSee @eq-alpha.\n"), set()),
    "a template": (write("templates/404.html", "<p>lost</p>"), set()),
    "a new post": (write("posts/2025-01-04-d.md", "---\ntitle: Delta\ntags: [two]\n---\nNew.\n"), set()),
    "a post removed again": (remove("posts/2025-01-04-d.md"), set()),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_runs_exactly_what_it_has_to(name: str, blog: Path) -> None:
    edit, expected = EDITS[name]
    with Store(blog / ".sitegen" / "store.sqlite") as store:
        first = build(blog, store, OPTIONS)
        assert [str(error) for error in first.errors] == []
        assert ran(first) == {"a", "b"}
        edit(blog)
        assert ran(build(blog, store, OPTIONS)) == expected


def some(edits: Collection[str], seed: int) -> list[str]:
    """Return the names of some edits, others for every seed."""
    return random.Random(seed).choices(sorted(edits), k=6)  # noqa: S311 - the same in every run


def test_after_any_edits_a_warm_build_is_a_clean_build_byte_for_byte(blog: Path) -> None:
    with Store(blog / ".sitegen" / "store.sqlite") as store:
        build(blog, store, OPTIONS)
        for name in some(EDITS, 1):
            EDITS[name][0](blog)
            warm = build(blog, store, OPTIONS)
            files, errors = clean_site(blog)
            assert [str(error) for error in warm.errors] == errors, name
            assert site(warm, store) == files, name


def contents(blog: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in blog.rglob("*") if path.is_file()}


SAVES = {
    **{name: edit for name, (edit, _) in EDITS.items()},
    "a word at the end": write_more("posts/2025-01-01-a.md", " More."),
    "what a program reads": write_more("pages/read.md", " More."),
    "a heading": write_more("posts/2025-01-02-b.md", "\n## A heading\n\nText.\n"),
    "a link to a heading": write_more("posts/2025-01-03-c.md", "\n[There](2025-01-02-b.md#a-heading)\n"),
    "a first paragraph": replace("posts/2025-01-03-c.md", "Prose of gamma", "New prose of gamma"),
    "a mistake": write_more("posts/2025-01-02-b.md", "\n$\\oops$\n"),
    "a mistake less": replace("posts/2025-01-02-b.md", "$\\oops$", ""),
    "a cell that fails": write_more(
        "posts/2025-01-01-a.md", "\n```{python}\nimport time\ntime.sleep(0.05)\n```\n\n```{python}\nnone\n```\n"
    ),
    "that it does not": replace("posts/2025-01-01-a.md", "\nnone\n", "\n1\n"),
    "a part, another, or none": cycle("part.md", "A part with $z$.\n\n## In it\n", "Another by @eq-alpha.\n"),
    "a part that is put in": toggle("posts/2025-01-01-a.md", "\n$$ a", "\n{{< include ../part.md >}}\n\n$$ a"),
    "an image, another, or none": cycle("posts/i.svg", SVG.format(9), SVG.format(99)),
    "an image that is shown": toggle("posts/2025-01-02-b.md", "As @eq", "![An image](i.svg){#fig-i}\n\n@fig-i, as @eq"),
    "a draft": toggle("posts/2025-01-02-b.md", "---\ntitle", "---\ndraft: true\ntitle"),
    "a header that is broken": toggle("posts/2025-01-02-b.md", "tags: [one, two]", "tags: [one"),
    "links that may break": toggle("site.yml", "url:", "broken_links: show\nurl:"),
    "a template that is broken": cycle("templates/404.html", "{% if %}", "<p>lost</p>"),
    "a post by another name": rename("posts/2025-01-03-c.md", "posts/2025-01-03-e.md"),
}


@pytest.mark.parametrize("seed", [1, 2])
def test_after_any_saves_the_preview_is_a_clean_build_byte_for_byte(seed: int, blog: Path, tmp_path: Path) -> None:
    add_a_page_that_a_program_reads(blog)
    options = structs.replace(OPTIONS, resumable=True)
    with Store(tmp_path / "store.db") as store, Builder(blog, store, options) as builder:
        builder.build()
        before = contents(blog)
        for name in [*some(SAVES, seed), "what a program reads"]:
            SAVES[name](blog)
            after = contents(blog)
            changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
            before = after
            warm = builder.build(changed)
            with Store(None) as other:
                clean = build(blog, other, OPTIONS)
                assert [str(error) for error in warm.errors] == [str(error) for error in clean.errors], name
                assert (warm.notes, site(warm, store)) == (clean.notes, site(clean, other)), name


def test_another_post_is_built_while_a_program_takes_long(blog: Path, tmp_path: Path) -> None:
    a, b, c = (blog / "posts" / f"2025-01-0{day}-{name}.md" for day, name in enumerate("abc", 1))
    saves: list[tuple[Path, str, bool]] = [
        (b, "[Seen]($) by nobody.", False), (b, "Seen $s$ meanwhile.", True), (c, "```{python}\n3\n```\n", False),
        (b, "More of it.", True),
    ]  # fmt: skip
    found: list[tuple[dict[PurePosixPath, bytes], dict[PurePosixPath, bytes]]] = []

    def meanwhile() -> None:
        if saves:
            path, text, is_shown = saves.pop(0)
            before = path.read_text(encoding="utf-8")
            path.write_text(f"{before}\n{text}\n", encoding="utf-8")
            result = builder.build_beside({path})
            if not is_shown:
                path.write_text(before, encoding="utf-8")
                assert result is None or result.errors
                return
            assert result
            other = tmp_path / str(len(saves))
            shutil.copytree(blog, other)
            write(str(a.relative_to(blog)), old)(other)
            found.append((site(result, store), clean_site(other)[0]))

    old = a.read_text(encoding="utf-8")
    options = structs.replace(OPTIONS, resumable=True, meanwhile=meanwhile)
    with Store(tmp_path / "store.db") as store, Builder(blog, store, options) as builder:
        builder.build()
        write(a.name, old + "\n```{python}\nimport time\ntime.sleep(3)\n```\n")(a.parent)
        builder.build({a})
        assert not saves
        assert len(found) == 2
        assert all(beside == clean for beside, clean in found)
        last = builder.build()
        assert (site(last, store), [str(error) for error in last.errors]) == clean_site(blog)


def test_a_file_that_is_away_while_a_program_takes_long_ends_no_preview(
    blog: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = (f"posts/2025-01-0{day}-{name}.md" for day, name in enumerate("ab", 1))
    found: list[Build | None] = []

    def render_again(*_: object) -> list[int]:
        raise FileNotFoundError

    def meanwhile() -> None:
        if not found:
            write(b, POSTS[b] + "\nMore.\n")(blog)
            with monkeypatch.context() as patch:
                patch.setattr(Rendering, "render_again", render_again)
                found.append(builder.build_beside({blog / b}))

    options = structs.replace(OPTIONS, resumable=True, meanwhile=meanwhile)
    with Store(tmp_path / "store.db") as store, Builder(blog, store, options) as builder:
        builder.build()
        write(a, POSTS[a] + "\n```{python}\nimport time\ntime.sleep(1.5)\n```\n")(blog)
        builder.build({blog / a})
        assert found == [None]
        last = builder.build()
        assert (site(last, store), [str(error) for error in last.errors]) == clean_site(blog)


class NewProcess:
    """Builds a blog as a new process does. whole: how often it did not begin with what an earlier one left."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(unchanged, "JUST_NOW", -(10**12))  # the files were made this very moment
        monkeypatch.setattr(resume, "build_and_keep", self._build)
        self.blog = make_blog(folder / "blog")
        write("site.yml", POSTS["site.yml"] + "search: false\ncards: false\n")(self.blog)
        self.options = structs.replace(OPTIONS, final=True)
        self.whole = 0
        self._store = folder / "store.db"

    def _build(self, *given: Any) -> tuple[Build, Kept | None]:
        self.whole += 1
        return build_and_keep(*given)

    def build(self) -> tuple[dict[PurePosixPath, bytes], list[str], tuple[str, ...]]:
        """Return the site, errors and notes."""
        with Store(self._store) as store:
            look = unchanged.look(self.blog, self.blog / "_site", "asked")
            result = resume.build_or_resume(self.blog, store, self.options, look)
            return site(result, store), [str(error) for error in result.errors], result.notes

    def clean(self) -> tuple[dict[PurePosixPath, bytes], list[str], tuple[str, ...]]:
        """Return the same as a build from nothing gives it."""
        with Store(None) as store:
            result = build(self.blog, store, self.options)
            return site(result, store), [str(error) for error in result.errors], result.notes


def test_after_any_saves_a_new_process_gives_a_clean_build_byte_for_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = NewProcess(tmp_path, monkeypatch)
    add_a_page_that_a_program_reads(process.blog)
    process.build()
    for name in [*some(SAVES, 3), "what a program reads"]:
        SAVES[name](process.blog)
        assert process.build() == process.clean(), name
        SAVES["a word at the end"](process.blog)
        assert process.build() == process.clean(), name


RESUMED = {
    "prose below the first paragraph": (write_more("posts/2025-01-01-a.md", " More."), True),
    "in a post with a program that reads files": (write_more("posts/2025-01-02-b.md", " More."), True),
    "in a post that cites": (write_more("posts/2025-01-03-c.md", "\nMore, $y$.\n"), True),
    "what fonts have not": (write_more("posts/2025-01-01-a.md", " Mörë."), False),
    "a formula of other letters": (write_more("posts/2025-01-01-a.md", " $\\mathcal{Z}$"), False),
    "the first paragraph": (replace("posts/2025-01-03-c.md", "Prose of", "New prose of"), False),
    "a heading": (write_more("posts/2025-01-02-b.md", "\n## A heading\n\nText.\n"), False),
    "a picture": (write_more("posts/2025-01-01-a.md", "\n![A picture](x.svg)\n"), False),
    "what its author is told": (write_more("posts/2025-01-01-a.md", "\n\\section{More}\n"), False),
}


def test_a_new_process_begins_with_what_an_earlier_one_left_where_that_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = NewProcess(tmp_path, monkeypatch)
    write("posts/x.svg", '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')(process.blog)
    process.build()
    for name, (edit, expected) in RESUMED.items():
        edit(process.blog)
        before = process.whole
        warm = process.build()
        assert process.whole == before + (not expected), name
        if expected:
            assert warm == process.clean(), name
    assert warm == process.clean()


def test_a_site_that_takes_the_place_of_another_is_no_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    process = NewProcess(tmp_path, monkeypatch)
    monkeypatch.setattr(unchanged, "PROJECT", process.blog)
    monkeypatch.syspath_prepend(process.blog)
    for _ in range(3):
        process.build()
        (process.blog / "_site").mkdir(exist_ok=True)
        (process.blog / "_site").rename(process.blog / "_site-before")
        (process.blog / "_site-before").rename(process.blog / "_site")
        write_more("posts/2025-01-01-a.md", " More.")(process.blog)
    assert process.whole == 1


def test_a_page_that_asks_for_other_style_sheets_is_a_whole_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = NewProcess(tmp_path, monkeypatch)
    shutil.rmtree(process.blog / "templates")  # those of the theme ask for what their page needs
    process.build()
    write_more("posts/2025-01-01-a.md", " More.")(process.blog)
    process.build()
    assert process.whole == 1
    write_more("posts/2025-01-01-a.md", "\n\n> [!NOTE]\n> More.\n")(process.blog)
    warm = process.build()
    assert process.whole == 2
    assert warm == process.clean()


SEEN_BY_OTHERS = {
    "a post that another includes": [
        write_more("posts/2025-01-03-c.md", "\n{{< include 2025-01-01-a.md >}}\n"),
        write_more("posts/2025-01-01-a.md", " More."),
    ],
    "a file that is said to be left out, and is included": [
        write_more("posts/2025-01-02-b/index.md", "\n{{< include extra.md >}}\n")
    ],
    "posts of one name in different folders": [
        write("posts/one/same.md", "# One\n\n[two](../two/same.md)\n"),
        write("posts/two/same.md", "# Two\n\n[one](../one/same.md)\n\n## End\n"),
        write_more("posts/one/same.md", "\nMore at the end.\n"),
        write_more("posts/two/same.md", "\nMore.\n"),
    ],
    "a post of the name of another that goes": [
        write("posts/one/same.md", "# One\n\n[two](../two/same.md)\n"),
        write("posts/two/same.md", "# Two\n\n[one](../one/same.md)\n"),
        write("posts/two/same.md", "---\nslug: other\n---\n# Two\n\n[one](../one/same.md)\n"),
        write_more("posts/one/same.md", "\nMore.\n"),
    ],
    "lines above a pattern that finds nothing": [
        write_more("posts/2025-01-03-c.md", "\n```{python}\n#| depends: no-*.csv\n1\n```\n"),
        replace("posts/2025-01-03-c.md", "see @one", "see\n@one"),
    ],
    "a post that another is a link to": [
        lambda blog: (blog / "posts/2025-01-05-e.md").symlink_to("one/index.md"),
        write_more("posts/one/index.md", " More."),
        write_more("posts/one/index.md", " And more."),
    ],
    "a post in a folder that another is a link to": [
        lambda blog: (blog / "posts/three").symlink_to("one"),
        write_more("posts/one/index.md", " More."),
        write_more("posts/one/index.md", " And more."),
    ],
    "lines above a label that two others have": [
        write_more("posts/2025-01-03-c.md", "\n$$ \\gamma $$ {#eq-alpha}\n"),
        write_more("posts/2025-01-02-b.md", "\nAs @eq-alpha says.\n"),
        replace("posts/2025-01-03-c.md", "see @one", "see\n@one"),
        write_more("site.yml", "tagline: More\n"),
    ],
}


@pytest.mark.parametrize("name", SEEN_BY_OTHERS)
def test_what_others_see_of_a_post_is_as_a_clean_build_gives_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = NewProcess(tmp_path, monkeypatch)
    write_more("site.yml", "broken_links: show\n")(process.blog)
    for folder in ("2025-01-02-b", "one", "two"):
        (process.blog / "posts" / folder).mkdir()
    write("posts/2025-01-02-b/index.md", "---\ntitle: Bundle\nslug: bundle\n---\nText.\n")(process.blog)
    write("posts/2025-01-02-b/extra.md", "Of a part.\n")(process.blog)
    write("posts/one/index.md", "---\ntitle: One\n---\nText.\n\nOf one.")(process.blog)
    with Store(tmp_path / "preview.db") as store, Builder(process.blog, store, process.options) as preview:
        edits = [lambda _: None, *SEEN_BY_OTHERS[name]]
        for edit in edits[:-2]:
            edit(process.blog)
        process.build()
        preview.build()
        for edit in edits[-2:]:
            before = contents(process.blog)
            edit(process.blog)
            after = contents(process.blog)  # a save through a link is told by the file's own name
            changed = {path for path, text in after.items() if text != before[path] and not path.is_symlink()}
            clean = process.clean()
            assert process.build() == clean
            result = preview.build(changed)
            assert (site(result, store), [str(error) for error in result.errors], result.notes) == clean


def test_a_save_of_a_text_makes_its_own_page_again_and_no_other(blog: Path, tmp_path: Path) -> None:
    with Store(tmp_path / "store.db") as store, Builder(blog, store, OPTIONS) as builder:
        builder.build()
        EDITS["prose"][0](blog)  # in the first paragraph, which lists show: a whole build
        assert builder.build({blog / "posts/2025-01-01-a.md"}).report["pages reused"] != 0
        SAVES["a word at the end"](blog)
        result = builder.build({blog / "posts/2025-01-01-a.md"})
        assert result.report["pages reused"] == 0
        assert result.report["pages rendered"] == 2  # with the feed, which carries it in full
        assert result.report["programs run"] == 0
        assert result.report["node started"] == 0


def test_a_save_whose_program_fails_runs_it_once(blog: Path, tmp_path: Path) -> None:
    begun: list[int] = []
    options = structs.replace(OPTIONS, progress=lambda _, done, total: begun.append(total) if done == 0 else None)
    with Store(tmp_path / "store.db") as store, Builder(blog, store, options) as builder:
        assert not builder.build().errors
        begun.clear()
        SAVES["a cell that fails"](blog)
        SAVES["a mistake"](blog)
        result = builder.build({blog / "posts/2025-01-01-a.md", blog / "posts/2025-01-02-b.md"})
    assert [str(error) for error in result.errors] == clean_site(blog)[1]
    assert len(result.errors) == 2
    assert len(begun) == 1


def test_what_a_program_reads_is_known_also_where_its_results_were_remembered(blog: Path, tmp_path: Path) -> None:
    post, page = blog / "posts/2025-01-02-b.md", blog / "pages/read.md"
    add_a_page_that_a_program_reads(blog)
    reading = post.read_text(encoding="utf-8")
    with Store(tmp_path / "store.db") as store, Builder(blog, store, OPTIONS) as builder:
        assert not builder.build().errors
        for text in (reading.replace(READER, ""), reading):
            post.write_text(text, encoding="utf-8")
            assert not builder.build({post}).errors
        SAVES["what a program reads"](blog)
        assert site(builder.build({page}), store) == clean_site(blog)[0]


def test_what_the_system_refuses_after_a_save_is_told(
    blog: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "/tmp/x")  # noqa: S108 - nothing is written there

    with Store(tmp_path / "store.db") as store, Builder(blog, store, OPTIONS) as builder:
        builder.build()
        monkeypatch.setattr("sitegen.pipeline.compute.execute", refuse)
        SAVES["a word at the end"](blog)
        assert "the disk is full" in str(builder.build({blog / "posts/2025-01-01-a.md"}).errors[0])


def test_a_style_sheet_changes_without_its_pages_in_the_preview(blog: Path, tmp_path: Path) -> None:
    sheet = blog / "assets" / "css" / "own.css"
    sheet.parent.mkdir(parents=True)
    sheet.write_text("p { color: red }", encoding="utf-8")
    options = structs.replace(OPTIONS, stable=True)
    with Store(tmp_path / "store.db") as store, Builder(blog, store, options) as builder:
        before = builder.build()
        sheet.write_text("p { color: blue }", encoding="utf-8")
        after = builder.build({sheet})
        assert {path for path, content in after.files.items() if content != before.files[path]} == {
            PurePosixPath("assets/css/own.css")
        }
        for wrong in (b"p { background: url(none.png) }", b"p { color: gr\xfcn }"):
            sheet.write_bytes(wrong)
            assert builder.build({sheet}).errors
            sheet.write_text("p { color: blue }", encoding="utf-8")
            assert builder.build({sheet}).files == after.files


def test_the_same_sources_in_other_folders_give_the_same_bytes(tmp_path: Path) -> None:
    one, _ = clean_site(make_blog(tmp_path / "one"))
    two, _ = clean_site(make_blog(tmp_path / "quite" / "another"))
    assert one == two


def test_a_build_without_changes_starts_no_node_and_renders_nothing(blog: Path) -> None:
    with Store(blog / ".sitegen" / "store.sqlite") as store:
        build(blog, store, OPTIONS)
        again = build(blog, store, OPTIONS).report
    assert again.get("node started", 0) == 0
    assert again["pages rendered"] == 0
    assert again["programs run"] == 0
    assert again["posts reused"] == 3


def test_nothing_is_published_that_no_page_asks_for_any_more(tmp_path: Path) -> None:
    options = Options(final=True)
    path = tmp_path / "posts" / "2025-01-01-x.md"
    path.parent.mkdir()
    (tmp_path / "site.yml").write_text("search: false\ncards: false\n", encoding="utf-8")
    with Store(None) as store, Store(None) as other:
        path.write_text("---\ntags: [a]\n---\nText.\n", encoding="utf-8")
        build(tmp_path, store, options)
        path.write_text("---\ntags: [a]\n---\n> Text.\n", encoding="utf-8")
        assert build(tmp_path, store, options).files.keys() == build(tmp_path, other, options).files.keys()


def test_the_preview_publishes_nothing_that_no_page_asks_for_any_more(tmp_path: Path) -> None:
    options = structs.replace(OPTIONS, stable=True)
    path, sheet = tmp_path / "posts" / "2025-01-01-x.md", tmp_path / "assets" / "css" / "own.css"
    path.parent.mkdir()
    sheet.parent.mkdir(parents=True)
    sheet.write_text("p { color: red }", encoding="utf-8")
    with Store(tmp_path / "store.db") as store, Builder(tmp_path, store, options) as builder, Store(None) as other:
        for text in ("Text.", "Text.\n\n$x$", "Text.\n\n| a |\n|---|\n| b |", "Text."):
            path.write_text(f"---\ntitle: A\n---\n{text}\n", encoding="utf-8")
            built = builder.build({path})
            assert site(built, store) == site(build(tmp_path, other, options), other)
        sheet.write_text("p { color: blue }", encoding="utf-8")
        assert site(builder.build({sheet}), store) == site(build(tmp_path, other, options), other)


def test_a_later_change_makes_no_page_again_that_shows_its_year_alone(
    blog: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: set[str] = set()

    def render(renderer: Renderer, page: Page) -> Any:
        made.add(str(page.path))
        return plain(renderer, page)

    plain = Renderer.render
    monkeypatch.setattr(Renderer, "render", render)
    shutil.rmtree(blog / "templates")  # in those of the theme every page shows the year
    with Store(blog / ".sitegen" / "store.sqlite") as store:
        build(blog, store, OPTIONS)
        assert {"404.html", "posts/b/index.html", "sitemap.xml"} <= made
        made.clear()
        replace("posts/2025-01-02-b.md", "tags:", "last_modified_at: 2025-06-01\ntags:")(blog)
        build(blog, store, OPTIONS)
        assert {"posts/b/index.html", "sitemap.xml"} <= made
        assert "404.html" not in made


def test_a_damaged_store_is_set_aside_and_the_site_is_the_same(blog: Path) -> None:
    path = blog / ".sitegen" / "store.sqlite"
    with Store(path) as store:
        before = site(build(blog, store, OPTIONS), store)
    path.write_bytes(b"not a database, but something that somebody left here" * 100)
    with Store(path) as store:
        result = build(blog, store, OPTIONS)
        assert site(result, store) == before
        assert any("damaged" in note for note in result.notes)


@pytest.mark.parametrize("stage", ["page", "sight", "article"])
def test_whatever_is_forgotten_the_site_is_the_same(
    stage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = NewProcess(tmp_path, monkeypatch)
    shutil.rmtree(process.blog / "templates")  # those of the theme join style sheets, each page its own
    before = process.build()
    with closing(sqlite3.connect(tmp_path / "store.db")) as store, store:
        assert store.execute("DELETE FROM memory WHERE stage IN (?, 'left')", (stage,)).rowcount
    assert process.build() == before


@pytest.mark.parametrize(
    "part",
    [
        "```mermaid\nflowchart LR\n A -->\n```\n",
        "$$ a $$ {#eq-a}\n\n$$ b $$ {#eq-a}\n",
        "```{python}\n#| label: fig-none\n1\n```\n\nSee @fig-none.\n",
        "$\\frc{1}$\n",
    ],
    ids=["diagram", "label", "figure", "formula"],
)
def test_what_is_wrong_in_an_included_file_is_told_by_every_build(part: str, blog: Path, tmp_path: Path) -> None:
    write("posts/_part.md", part)(blog)
    write("posts/2025-01-04-d.md", "# Delta\n\n{{< include _part.md >}}\n")(blog)
    write("posts/2025-01-05-e.md", "---\nmath: {on-error: show}\n---\n# Epsilon\n\n$\\frc{1}$\n")(blog)
    with Store(tmp_path / "store.sqlite") as store:
        for _ in range(2):
            result = build(blog, store, OPTIONS)
            assert {error.location.path for error in result.errors} == {"posts/_part.md"}
    with Store(None) as store:
        result = build(blog, store, structs.replace(OPTIONS, keep_going=True))
        assert not [path for path in result.files if path.match("posts/d/*")]


@pytest.mark.parametrize(
    "part", ['```python check\nclaim("x", 1 == 2)\n```\n', "[@nobody]\n"], ids=["claim", "citation"]
)
def test_a_post_is_left_out_for_what_is_wrong_in_an_included_file(part: str, blog: Path) -> None:
    write("posts/_part.md", part)(blog)
    write("posts/2025-01-04-d.md", "# Delta\n\n{{< include _part.md >}}\n")(blog)
    with Store(None) as store:
        result = build(blog, store, structs.replace(OPTIONS, keep_going=True))
        assert [error.location.path for error in result.errors] == ["posts/_part.md"]
        assert {path.parent.name for path in result.files if path.match("posts/*/index.html")} == {"a", "b", "c"}


def test_errors_at_one_place_stand_in_the_order_of_posts(blog: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("posts/_part.md", "$$ b $$ {#eq-x}\n")(blog)
    for number in range(30):
        text = "\n" * number + "$$ a $$ {#eq-x}\n\n{{< include _part.md >}}\n"
        write(f"posts/2024-01-{number + 1:02}-x.md", f"# Number {number}\n\n{text}")(blog)
    told = []
    for workers in (1, 2):
        with Store(None) as store, monkeypatch.context() as patch:
            if workers == 2:
                patch.setattr(articles, "spread", backwards)
            result = build(blog, store, structs.replace(OPTIONS, workers=workers))
            told.append([error.message for error in result.errors if error.location.path == "posts/_part.md"])
    assert len(told[0]) == 30
    assert told[0] == told[1]


def backwards(_: Store, work: Callable[[Iterator[Any]], Any], items: Sequence[Any], __: int) -> list[Any]:
    """Do what copies of the process do of whom the one that took the first posts is waited for last."""
    batches = [items[start : start + 4] for start in range(0, len(items), 4)]
    return [work(iter(some)) for some in (batches[1::2], batches[::2])]


def test_what_is_shown_of_formulas_that_cannot_be_set_is_as_a_clean_build_has_it(blog: Path, tmp_path: Path) -> None:
    write("posts/_part.md", "$$ \\frc{1} $$ {#eq-delta}\n")(blog)
    show = "---\nmath: {on-error: show}\n---\n"
    write("posts/2025-01-04-d.md", f"{show}# Delta\n\n{{{{< include _part.md >}}}}\n\nBy @eq-epsilon.\n")(blog)
    write("posts/2025-01-05-e.md", f"{show}# Epsilon\n\n$$ e $$ {{#eq-epsilon}}\n\nBy @eq-delta.\n")(blog)
    with Store(tmp_path / "store.sqlite") as store:
        assert not build(blog, store, OPTIONS).errors
        write_more("posts/2025-01-05-e.md", "\nMore.\n")(blog)
        warm = build(blog, store, OPTIONS)
        assert (site(warm, store), [str(error) for error in warm.errors]) == clean_site(blog)


def test_an_entry_of_a_bibliography_changes_the_posts_that_cite_it_and_no_others(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    shutil.copytree(THEME, tmp_path / "templates")
    write("site.yml", "bibliography: refs.bib\n")(tmp_path)
    write(
        "refs.bib",
        "@book{one, author={Ada}, title={One}, year=2001}\n@book{two, author={Bob}, title={Two}, year=2002}\n",
    )(tmp_path)
    for name in ("one", "two"):
        write(f"posts/2025-01-02-{name}.md", f"---\ntitle: {name}\n---\n@{name}\n")(tmp_path)
    write("posts/2025-01-05-none.md", "---\ntitle: none\n---\nNothing.\n")(tmp_path)
    with Store(tmp_path / ".sitegen" / "store.sqlite") as store:
        first = site(build(tmp_path, store, OPTIONS), store)
        write(
            "refs.bib",
            "@book{one, author={Ada}, title={One}, year=2001}\n\n@book{two, author={Bob}, title={Second}, year=2002}\n",
        )(tmp_path)
        again = build(tmp_path, store, OPTIONS)
        second = site(again, store)
    changed = {path for path in first if first[path] != second[path]}
    assert {str(path) for path in changed} == {"posts/two/index.html", "feed.xml"}
    assert again.report["posts reused"] == 3


class Looking:
    """Somebody who looks at pages, and what was shown before the build that makes all others was done."""

    def __init__(self, *pages: str) -> None:
        self.pages = {PurePosixPath(page) for page in pages}
        self.shown: list[Mapping[PurePosixPath, FileContent]] = []

    def open_pages(self) -> set[PurePosixPath]:
        return self.pages

    def show_first(self, files: Mapping[PurePosixPath, FileContent]) -> None:
        self.shown.append(files)


def test_a_changed_template_makes_the_open_page_before_all_others(blog: Path, tmp_path: Path) -> None:
    template = blog / "templates" / "post.html"
    template.parent.mkdir(parents=True, exist_ok=True)
    page = PurePosixPath("posts/a/index.html")
    viewer = Looking()
    with Store(tmp_path / "store.db") as store, Builder(blog, store, OPTIONS, viewer) as builder:
        before = builder.build()
        template.write_text("{{ article.title }} in other words", encoding="utf-8")
        builder.build({template})
        assert not viewer.shown
        viewer.pages.add(page)
        template.write_text("{{ article.title }} in more words", encoding="utf-8")
        after = builder.build({template})
        assert [files[page] for files in viewer.shown] == [after.files[page]]
        assert after.files[page] != before.files[page]
        template.write_text("{{ article.title", encoding="utf-8")
        assert "this template is not right" in str(builder.build({template}).errors[0])
        assert len(viewer.shown) == 1


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("title: Beta", "title: Other", ["<h1>Other</h1>"]),
        ("Prose of beta", "Other prose", ["Other prose with"]),
        ("tags: [one, two]", "tags: [one, three]", ["<h1>Beta</h1>"]),
    ],
)
def test_a_post_of_which_others_show_something_is_shown_before_these(
    old: str, new: str, shown: list[str], blog: Path, tmp_path: Path
) -> None:
    page = PurePosixPath("posts/b/index.html")
    viewer = Looking(str(page), "index.html")
    with Store(tmp_path / "store.db") as store, Builder(blog, store, OPTIONS, viewer) as builder:
        before = builder.build()
        replace("posts/2025-01-02-b.md", old, new)(blog)
        after = builder.build({blog / "posts/2025-01-02-b.md"})
        assert after.files[page] != before.files[page]
        first = [store.content(cast("Stored", files[page]).digest).decode() for files in viewer.shown]
        assert len(first) == len(shown)
        assert all(map(str.__contains__, first, shown))
        assert (site(after, store), [str(error) for error in after.errors]) == clean_site(blog)


def test_a_heading_to_which_no_post_links_is_nothing_to_others(blog: Path, tmp_path: Path) -> None:
    post = blog / "posts/2024-01-01-d.md"
    write(f"posts/{post.name}", "---\ntitle: Delta\n---\nWords.\n\n## A heading\n\n[Up](#a-heading)\n")(blog)
    viewer = Looking("posts/d/index.html")
    with Store(tmp_path / "store.db") as store, Builder(blog, store, OPTIONS, viewer) as builder:
        builder.build()
        replace(f"posts/{post.name}", "heading", "title")(blog)
        after = builder.build({post})
        assert (after.report["pages reused"], viewer.shown) == (0, [])
        assert (site(after, store), [str(error) for error in after.errors]) == clean_site(blog)


@pytest.mark.parametrize("link", ["#a-heading", "?x=1#a-heading", "#a-label"])
def test_a_place_to_which_a_post_links_is_missed_where_it_goes(link: str, blog: Path, tmp_path: Path) -> None:
    post = blog / "posts/2025-01-04-d.md"
    write(f"posts/{post.name}", "(a-label)=\n# Delta\n\nWords.\n\n## A heading\n\nText.\n")(blog)
    write_more("posts/2025-01-03-c.md", f"\n[There]({post.name}{link})\n")(blog)
    with Store(tmp_path / "store.db") as store, Builder(blog, store, OPTIONS) as builder:
        assert not builder.build().errors
        replace(f"posts/{post.name}", "a-label", "a-name")(blog)
        replace(f"posts/{post.name}", "## A heading", "## Another")(blog)
        assert f"has no heading `{link[link.index('#') :]}`" in str(builder.build({post}).errors[0])


def test_a_template_that_cannot_be_read_leaves_the_open_page_to_the_build(
    blog: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied", "templates/post.html")

    viewer = Looking("posts/a/index.html")
    with Store(tmp_path / "store.db") as store, Builder(blog, store, OPTIONS, viewer) as builder:
        builder.build()
        monkeypatch.setattr("sitegen.publishing.render.Renderer.render", refuse)
        template = blog / "templates" / "post.html"
        template.parent.mkdir(exist_ok=True)
        template.write_text("Other.", encoding="utf-8")
        assert "cannot be used: Permission denied" in str(builder.build({template}).errors[0])
        assert not viewer.shown
