"""`why` says in plain sentences what would be made again and what changed; nothing is run and nothing is remembered."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from sitegen.explain import explain_blog
from sitegen.pipeline import Options, build
from sitegen.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

THEME = Path(__file__).parent / "plain-theme"
OPTIONS = Options(today=datetime(2026, 1, 1, tzinfo=UTC))
A, B, C = "posts/2025-01-01-a.md", "posts/2025-01-02-b.md", "posts/2025-01-03-c.md"

POSTS = {
    A: """---
title: Alpha
macros:
  R: "\\\\mathbb{R}"
---
Alpha of $x \\in \\R$, $y \\in \\R$ and [beta](2025-01-02-b.md#part).

More of alpha.
""",
    B: """---
title: Beta
---
## Part

```{python}
from helper import FACTOR
FACTOR
```
""",
    C: "---\ntitle: Gamma\n---\nGamma, and $z$.\n",
    "helper.py": "FACTOR = 2\n",
    "site.yml": "title: Small\nurl: https://example.org\n",
}


class Blog:
    def __init__(self, folder: Path, store: Store) -> None:
        self.folder = folder
        self.store = store

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.folder / name
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        assert old in text
        path.write_text(text.replace(old, new) if old else new, encoding="utf-8")

    def build(self) -> None:
        assert [str(error) for error in build(self.folder, self.store, OPTIONS).errors] == []

    def why(self, name: str, options: Options = OPTIONS) -> list[str]:
        return explain_blog(self.folder, self.store, options)[0][name]

    def page(self, name: str, url: str) -> list[str]:
        start = f"the page {url} is rendered again: "
        return [line.removeprefix(start) for line in self.why(name) if line.startswith(start)]


@pytest.fixture
def blog(tmp_path: Path) -> Iterator[Blog]:
    folder = tmp_path / "blog"
    for name, text in POSTS.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    shutil.copytree(THEME, folder / "templates")
    with Store(folder / ".sitegen" / "store.sqlite") as store:
        found = Blog(folder, store)
        found.build()
        yield found


def test_nothing_changed(blog: Blog) -> None:
    assert blog.why(A) == ["the 2 formulas are reused", "the page /posts/a/ is reused: nothing it sees has changed"]
    assert blog.why(B)[0] == "the program is reused: nothing it saw has changed"


def test_formulas_with_numbers_references_and_values_are_told_as_they_were_set(blog: Blog) -> None:
    name = "posts/2025-01-05-e.md"
    text = """---
title: Epsilon
---
```{python}
n = 3
```

$$
a = 1
$$ {#eq-a}

By $b = \\eqref{eq-a}$ and @eq-a, $n = `{python} n`$.
"""
    blog.edit(name, "", text)
    blog.build()
    assert "the 3 formulas are reused" in blog.why(name)
    blog.edit(name, "@eq-a", "@eq-a, of course")
    assert "the 3 formulas are reused" in blog.why(name)
    blog.edit(name, "n = 3", "n = 4")
    assert "the 2 formulas are reused" in blog.why(name)  # what the third shows is not known


def test_the_first_time(blog: Blog) -> None:
    blog.edit("posts/2025-01-04-d.md", "", "---\ntitle: Delta\n---\nText.\n")
    assert blog.page("posts/2025-01-04-d.md", "/posts/d/") == ["this is the first time"]


def test_what_another_post_has_under_a_label_changed(blog: Blog) -> None:
    blog.edit(B, "## Part", "$$ a = 1 $$ {#eq-a}\n\n## Part")
    blog.edit(C, "$z$", "$z$, by @eq-a and $z = \\eqref{eq-a}$")
    blog.build()
    assert blog.why(C)[-1] == "the page /posts/c/ is reused: nothing it sees has changed"
    assert "set again" not in " ".join(blog.why(C))
    blog.edit(B, "$$ a = 1", "Words.\n\n$$ a = 1")
    assert blog.why(C)[-1] == "the page /posts/c/ is reused: nothing it sees has changed"
    blog.edit(B, "$$ a = 1", "$$ a = 2")
    assert blog.page(C, "/posts/c/") == ["what it mentions as `eq-a` is another in its post"]


def test_the_text_changed(blog: Blog) -> None:
    blog.edit(A, "More of alpha", "Much more")
    assert blog.page(A, "/posts/a/") == ["its text changed (line 8)"]
    assert blog.why(C)[-1] == "the page /posts/c/ is reused: nothing it sees has changed"


def test_lines_are_removed_and_added(blog: Blog) -> None:
    blog.edit(A, "\nMore of alpha.\n", "")
    assert blog.page(A, "/posts/a/") == ["its text changed (2 lines removed after line 6)"]
    blog.build()
    blog.edit(A, "#part).", "#part).\n\nOne\nTwo")
    assert blog.page(A, "/posts/a/") == ["its text changed (lines 7 to 9)"]


def test_the_title_of_a_neighbour_changed(blog: Blog) -> None:
    blog.edit(B, "title: Beta", "title: Better")
    assert blog.page(B, "/posts/b/") == ["its header changed (line 2)"]
    assert blog.page(A, "/posts/a/") == [f"the title of {B} changed (its next post)"]
    assert blog.page(C, "/posts/c/") == [f"the title of {B} changed (its previous post)"]
    assert f"the title of {B} changed" in blog.page("/", "/")


def test_another_post_stands_beside_it(blog: Blog) -> None:
    (blog.folder / C).unlink()
    assert blog.page(B, "/posts/b/") == ["its next post is another one now", f"{C} is gone"]
    assert "the list of posts changed" in blog.page("/sitemap.xml", "/sitemap.xml")


def test_a_text_that_leaves_the_page_as_it_is(blog: Blog) -> None:
    blog.edit(A, "More of alpha.\n", "More of alpha.\n\n")
    assert blog.why(A)[-1] == "its text changed (line 9); the page /posts/a/ stays as it is"


def test_the_output_of_a_program_may_change_and_then_has(blog: Blog) -> None:
    blog.edit("helper.py", "2", "3")
    assert blog.why(B)[0] == "the program runs because helper.py changed (imported by the cell at line 7)"
    assert "its program runs" in blog.page(B, "/posts/b/")
    assert f"the results of {B} may change: its program runs" in blog.page("/feed.xml", "/feed.xml")
    assert blog.why(A)[-1] == "the page /posts/a/ is reused: nothing it sees has changed"


def test_a_template_changed(blog: Blog) -> None:
    blog.edit("templates/post.html", "<h1>", "<h1 >")
    assert blog.page(A, "/posts/a/") == ["the template templates/post.html changed"]
    assert blog.why("/tags/") == ["the page /tags/ is reused: nothing it sees has changed"]


def test_a_setting_changed(blog: Blog) -> None:
    blog.edit("site.yml", "title: Small", "title: Tiny")
    assert blog.page("/", "/") == ["site.yml: `title` changed"]
    blog.build()
    blog.edit("site.yml", "https://example.org", "https://example.org/x")
    assert blog.why(A)[-1] == "site.yml: `url` changed; the page /posts/a/ stays as it is"
    assert "site.yml: `url` changed" in blog.page("/feed.xml", "/feed.xml")


def test_formulas_are_new(blog: Blog) -> None:
    blog.edit(C, "$z$", "$z$, $w$ and\n$$\\frac{1}{2}$$\n")
    assert blog.why(C)[0] == "2 formulas are new: $w$ at line 4, $\\frac{1}{2}$ at line 5"
    blog.build()
    blog.edit(C, "$w$", "$v$")
    assert blog.why(C)[0] == "1 formula is new: $v$ at line 4"
    assert blog.why(C)[0] == "1 formula is new: $v$ at line 4", "explaining forgets what it set"


def test_a_macro_changed(blog: Blog) -> None:
    blog.edit(A, "mathbb", "mathbf")
    assert blog.why(A)[0] == "the macro \\R changed, used by 2 formulas"
    assert blog.page(A, "/posts/a/") == ["its header changed (line 4)"]


def test_a_link_leads_elsewhere(blog: Blog) -> None:
    blog.edit(B, "title: Beta", "title: Beta\nslug: other")
    assert "the link to 2025-01-02-b.md#part leads elsewhere now (line 6)" in blog.page(A, "/posts/a/")


def test_while_there_are_errors_no_page_is_made(blog: Blog) -> None:
    blog.edit(C, "$z$", "$\\oops$")
    assert blog.why(A)[-1] == "no page is made while there are errors"


def test_a_version_changed(blog: Blog, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("typesetting.typeset", "pipeline.ingredients", "pipeline.articles"):
        monkeypatch.setattr(f"sitegen.{module}.katex_version", lambda: "99.0")
    sentences = blog.why(C)
    assert sentences[0].startswith("1 formula is set again: KaTeX is now 99.0 (was ")


def test_after_going_back_nothing_changed(blog: Blog) -> None:
    blog.edit(A, "More of", "Less of")
    blog.build()
    blog.edit(A, "Less of", "More of")
    blog.build()
    blog.edit(A, "More of alpha", "More of Alpha")
    assert blog.page(A, "/posts/a/") == ["its text changed (line 8)"]


def test_what_is_explained_is_what_is_rendered(blog: Blog) -> None:
    blog.edit(B, "title: Beta", "title: Better")
    blog.edit(C, "Gamma,", "Gamma;")
    said = explain_blog(blog.folder, blog.store, OPTIONS)[0]
    again = {line.split()[2] for lines in said.values() for line in lines if "is rendered again" in line}
    report = build(blog.folder, blog.store, replace(OPTIONS)).report
    assert report["pages rendered"] == len(again)


def test_going_back_to_what_is_remembered_replaces_the_page(blog: Blog) -> None:
    blog.edit(A, "\nMore of alpha", "\nOne\nTwo\n\nMore of alpha")
    blog.build()
    blog.edit(A, "\nOne\nTwo\n\nMore of alpha", "\nMore of alpha")
    assert blog.why(A)[-1] == (
        "the page /posts/a/ is put back as it was once: its text changed (3 lines removed after line 7)"
    )
    assert blog.page("/tags/", "/tags/") == []


def test_what_is_removed_below_the_header_is_text(blog: Blog) -> None:
    blog.edit(A, "Alpha of", "Here is\nAlpha of")
    blog.build()
    blog.edit(A, "Here is\nAlpha of", "Alpha of")
    assert blog.why(A)[-1].endswith(": its text changed (1 line removed after line 5)")
    blog.edit(A, "title: Alpha", "title: Alphas")
    assert blog.page(A, "/posts/a/")[0] == "its header and its text changed (lines 2 to 5)"


def test_a_program_is_compared_with_the_one_that_was_used_last(blog: Blog) -> None:
    blog.edit(B, "FACTOR\n```", "FACTOR\n```\n\n```{python}\n1\n```")
    assert blog.why(B)[0] == "the program runs because the cell at line 12 is new"
    blog.build()
    blog.edit(B, "FACTOR\n```\n\n```{python}\n1\n```", "FACTOR\n```")
    blog.build()
    blog.edit(B, "import FACTOR\nFACTOR", "import FACTOR\nFACTOR + 1")
    assert [line for line in blog.why(B) if "program runs" in line and "rendered" not in line] == [
        "the program runs because the cell at line 7 changed"
    ]


def test_a_post_has_its_address_too(blog: Blog) -> None:
    assert explain_blog(blog.folder, blog.store, OPTIONS)[2]["/posts/b/"] == B


def test_the_report_counts_everything_always(blog: Blog) -> None:
    full = set(build(blog.folder, blog.store, OPTIONS).report)
    assert full >= {"formulas set", "node started", "pages rendered", "programs run"}
    blog.edit(C, "$z$", "$\\oops$")
    failed = build(blog.folder, blog.store, OPTIONS)
    assert failed.errors
    assert set(failed.report) == full


def test_a_figure_drawn_again_changes_no_style_sheet(tmp_path: Path) -> None:
    folder = tmp_path / "own"
    (folder / "posts").mkdir(parents=True)
    (folder / "site.yml").write_text("title: Small\nurl: https://example.org\n", encoding="utf-8")
    cell = '```{python}\n#| fig-cap: "Of $\\\\mathcal{Z}$"\n#| fig-width: 5\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\n```\n'
    (folder / A).write_text(f"---\ntitle: Alpha\n---\n{cell}", encoding="utf-8")
    with Store(folder / ".sitegen" / "store.sqlite") as store:
        own = Blog(folder, store)
        options = replace(OPTIONS, final=True)
        assert build(folder, store, options).errors == ()
        own.edit(A, "fig-width: 5", "fig-width: 6")
        said = explain_blog(folder, store, options)[0]
    assert "the program runs because the cell at line 7 has other options" in said[A]
    assert [line for lines in said.values() for line in lines if "asset" in line] == []
