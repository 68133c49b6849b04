"""Files that a source includes are inputs like the source itself."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import pytest
from lxml import html as lxml_html

from sitegen.model import Stored
from sitegen.pipeline import Options, build
from sitegen.reading.parts import join_parts
from sitegen.store import Store

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def prose_of(blog: Path) -> tuple[Any, Sequence[str]]:
    """Return the text of the post x of a blog, as elements, and the notes of its build."""
    with Store(None) as store:
        result = build(blog, store, Options())
        assert result.errors == ()
        page = next(content for path, content in result.files.items() if str(path) == "posts/x/index.html")
        assert isinstance(page, Stored)
        return lxml_html.fromstring(store.content(page.digest).decode()).xpath("//*[@class='prose']")[0], result.notes


def test_a_post_follows_what_it_includes(tmp_path: Path) -> None:
    posts = tmp_path / "posts"
    posts.mkdir()
    (posts / "2025-01-01-x.md").write_text("---\ntitle: x\n---\n{{< include _a.md >}}\n")
    code = '{{< readfile file="_b.md" code="true" lang="yaml" >}}'
    (posts / "_a.md").write_text(f'{{{{% include "_b.md" %}}}}\n\n{code}\n')
    pages = []
    with Store(None) as store:
        for text in ("First.", "Second."):
            (posts / "_b.md").write_text(text)
            result = build(tmp_path, store, Options())
            assert result.errors == ()
            page = next(content for path, content in result.files.items() if str(path) == "posts/x/index.html")
            assert isinstance(page, Stored)
            pages.append(store.content(page.digest).decode())
    assert "<p>First." in pages[0]
    assert 'class="language-yaml"' in pages[0]
    assert "Second." in pages[1]


def test_parts_that_double_again_and_again_are_told_and_end() -> None:
    parts = {PurePosixPath(f"posts/_{n}.md"): f"{{{{< include _{n + 1}.md >}}}}\n" * 10 for n in range(30)}
    joined = join_parts(
        "{{< include _0.md >}}", PurePosixPath("posts/x.md"), parts | {PurePosixPath("posts/_30.md"): "Text."}
    )
    assert {error.message for error in joined.errors} == {"what is included comes to more than 100,000 lines"}
    assert len(joined.lines) < 100_100


def test_what_leads_out_of_the_blog_is_told_as_that(tmp_path: Path) -> None:
    posts = tmp_path / "blog" / "posts"
    posts.mkdir(parents=True)
    (tmp_path / "photo.png").write_bytes(b"")
    (posts / "linked.png").symlink_to(tmp_path / "photo.png")
    (posts / "2025-01-01-x.md").write_text("---\ntitle: x\n---\n![a](linked.png) ![b](../../photo.png)\n")
    with Store(None) as store:
        hints = [error.hint for error in build(tmp_path / "blog", store, Options()).errors]
    assert hints[:2] == ["it leads out of the blog's folder: put a copy beside the post"] * 2


def test_what_quarto_and_jekyll_include_in_code_is_there_and_runs(tmp_path: Path) -> None:
    posts = tmp_path / "posts"
    posts.mkdir()
    (posts / "_a.py").write_text("print(6 * 7)\n")
    text = "```{python}\n#| echo: false\n{{< include _a.py >}}\n```\n\n```python\n{% include_relative _a.py %}\n```\n"
    (posts / "2025-01-01-x.md").write_text(f"---\ntitle: x\n---\n{text}\n```\n{{{{< include _none.py >}}}}\n```\n")
    with Store(None) as store:
        result = build(tmp_path, store, Options())
        assert result.errors == ()
        page = next(content for path, content in result.files.items() if str(path) == "posts/x/index.html")
        assert isinstance(page, Stored)
        shown = lxml_html.fromstring(store.content(page.digest).decode()).find_class("prose")[0].text_content()
    assert shown.split() == ["42", "print(6", "*", "7)", "{{<", "include", "_none.py", ">}}"]


PROGRAM = """import math

# begin
@cache
def area(r):
    return math.pi * r**2
# end


class Circle:
    def __init__(
        self,
        r,
    ):
        self.r = r

    def area(self):
        return area(self.r)
"""


def test_a_file_is_included_below_a_box_in_backticks_and_within_one(tmp_path: Path) -> None:
    posts = tmp_path / "posts"
    posts.mkdir()
    (posts / "_a.md").write_text("It says $x$.\n")
    include = "```{include} _a.md\n```\n"
    boxes = f"```{{exercise}}\n:label: exr-a\n\nDo.\n```\n\n{include}\n````{{note}}\n{include}````\n"
    shown = f"\n````markdown\n{include}````\n\n{include}"
    (posts / "2025-01-01-x.md").write_text(f"---\ntitle: x\n---\n{boxes}{shown}")
    with Store(None) as store:
        result = build(tmp_path, store, Options())
        assert [str(error) for error in result.errors] == []
        page = next(content for path, content in result.files.items() if str(path) == "posts/x/index.html")
        assert isinstance(page, Stored)
        html = store.content(page.digest).decode()
    body = html[html.index("exr-a") :]
    assert body.count("It says") == 3
    assert "{include}" in body


def test_mkdocs_and_mdbook_put_files_into_text_and_code(tmp_path: Path) -> None:
    posts = tmp_path / "posts"
    posts.mkdir()
    (posts / "a.py").write_text("one\n# ANCHOR: x\n# --8<-- [start:x]\ntwo\n# --8<-- [end:x]\n# ANCHOR_END: x\nthree\n")
    (posts / "_part.md").write_text("Zero.\n\nOne.\n")
    lines = [
        "{{#include _part.md:3}}",
        "```py",
        '--8<-- "posts/a.py:x"',
        "{{#include a.py:1:1}}",
        "{{#include a.py:7:}}",
    ]
    lines += ['--8<-- "posts/none.py"', "```", "- in a list", "", "      {{#include a.py::1}}"]
    (posts / "2025-01-01-x.md").write_text("---\ntitle: x\n---\n" + "\n".join(lines) + "\n")
    body, _ = prose_of(tmp_path)
    text = " ".join(body.text_content().split())
    assert text == 'One. two one three --8<-- "posts/none.py" in a list one'


def test_a_program_of_mdbooks_playground_is_code(tmp_path: Path) -> None:
    posts = tmp_path / "posts"
    posts.mkdir()
    (posts / "a.rs").write_text("fn main() {\n    # x *y* z*\n}\n")
    (posts / "2025-01-01-x.md").write_text("---\ntitle: x\n---\n{{#playground a.rs editable}}\n")
    body, _ = prose_of(tmp_path)
    assert [code.text_content() for code in body.xpath("//pre/code[@class='language-rust']")] == [
        "fn main() {\n    # x *y* z*\n}\n"
    ]


def test_vitepress_puts_files_into_text_and_shows_them_as_code(tmp_path: Path) -> None:
    posts = tmp_path / "posts"
    (posts / "parts").mkdir(parents=True)
    (posts / "a.py").write_text("two\nthree\n")
    (posts / "parts" / "basics.md").write_text("Zero.\n\nOne.\n")
    lines = [
        "<!--@include: ./parts/basics.md{3,}-->",
        "",
        "<<< @/a.py{2 js:line-numbers} [name]",
        "",
        "<<< ./none.py{1}",
        "",
        "<<< so",
        "",
        "<!--@include: ./a.py",
        "a remark that goes on -->",
    ]
    (posts / "2025-01-01-x.md").write_text("---\ntitle: x\n---\n" + "\n".join(lines) + "\n")
    (tmp_path / "site.yml").write_text("broken_links: show\n")
    body, notes = prose_of(tmp_path)
    assert " ".join(body.text_content().split()) == "One. two three <<< so"
    assert [line.text_content() for line in body.xpath("//code[@class='language-js']/*[contains(@class, 'hll')]")] == [
        "three"
    ]
    assert any("there is no file `./none.py` to include" in note for note in notes)


def test_vitepress_puts_regions_of_files_into_text_and_shows_them_as_code(tmp_path: Path) -> None:
    posts = tmp_path / "posts"
    posts.mkdir()
    (posts / "a.py").write_text("# region two\nx = 2\n# endregion two\ny = 3\n")
    (posts / "_b.md").write_text("Zero.\n\n<!-- #region one -->\nOne.\n<!-- #endregion one -->\n\nTwo.\n")
    lines = "<!-- @include: ./_b.md#one -->\n\n<<< ./a.py#two\n"
    (posts / "2025-01-01-x.md").write_text(f"---\ntitle: x\n---\n{lines}")
    body, _ = prose_of(tmp_path)
    assert body.text_content().split() == ["One.", "x", "=", "2"]


@pytest.mark.parametrize(
    ("begin", "end", "put_in"),
    [
        ("# #region {}", "# #endregion", "<<< ./a.py#a"),
        ("// #region {}", "// #endregion {}", "<<< ./a.py#a"),
        ("# ANCHOR: {}", "# ANCHOR_END: {}", "```python\n{{#include a.py:a}}\n```"),
        ("# --8<-- [start:{}]", "# --8<-- [end:{}]", '```python\n--8<-- "a.py:a"\n```'),
    ],
)
def test_a_part_of_a_file_may_be_within_others_and_hold_others(
    tmp_path: Path, begin: str, end: str, put_in: str
) -> None:
    posts = tmp_path / "posts"
    posts.mkdir()
    marks = [begin.format("ab"), begin.format("a"), begin.format("c"), *map(end.format, ("c", "a", "ab"))]
    (posts / "a.py").write_text("".join(f"x{number}\n{mark}\n" for number, mark in enumerate(marks)))
    (posts / "2025-01-01-x.md").write_text(f"---\ntitle: x\n---\n{put_in}\n")
    body, _ = prose_of(tmp_path)
    assert body.text_content().split() == ["x2", "x3", "x4"]


def test_parts_of_files_are_included_as_code_or_text_by_the_options_of_myst(tmp_path: Path) -> None:
    posts = tmp_path / "posts"
    posts.mkdir()
    (posts / "a.py").write_text(PROGRAM)
    (posts / "_part.md").write_text("Zero.\n<!-- start -->\nOne ``` two.\n<!-- end -->\nThree.\n")
    (posts / "2025-01-01-x.md").write_text(
        """---
title: x
---
```{literalinclude} a.py
:pyobject: area
:caption: The area.
:name: lst-area
```

- item
  ```{literalinclude} a.py
  :start-after: begin
  :end-before: end
  :linenos:
  ```

:::{literalinclude} a.py
:lines: 1, 16-
:::

```{literalinclude} a.py
:pyobject: Circle.__init__
```

```{include} _part.md
:start-after: <!-- start -->
:end-before: <!-- end -->
```

```{include} _part.md
:literal:
:end-line: 1
```

{numref}`lst-area`
"""
    )
    with Store(None) as store:
        result = build(tmp_path, store, Options())
        assert result.errors == ()
        page = next(content for path, content in result.files.items() if str(path) == "posts/x/index.html")
        assert isinstance(page, Stored)
        article = lxml_html.fromstring(store.content(page.digest)).xpath("//article")[0]
    code = [block.text_content() for block in article.xpath(".//pre")]
    area = "@cache\ndef area(r):\n    return math.pi * r**2\n"
    init = "    def __init__(\n        self,\n        r,\n    ):\n        self.r = r\n"
    last = "\n    def area(self):\n        return area(self.r)\n"
    assert code[:5] == [area, area, f"import math\n{last}", init, "Zero.\n"]
    assert "One ``` two." in article.text_content()
    assert "Three." not in article.text_content()
    assert len(article.xpath(".//li//pre//span[@class='ln']")) == 3


def test_what_an_option_does_not_find_is_an_error_with_its_line(tmp_path: Path) -> None:
    posts = tmp_path / "posts"
    posts.mkdir()
    (posts / "a.py").write_text(PROGRAM)
    (posts / "2025-01-01-x.md").write_text(
        "---\ntitle: x\n---\n```{literalinclude} a.py\n:pyobject: perimeter\n:langage: python\n```\n"
    )
    with Store(None) as store:
        result = build(tmp_path, store, Options())
    assert [(error.location.line, error.message) for error in result.errors] == [
        (4, "`:pyobject: perimeter` names nothing in `posts/a.py`"),
        (6, "an include has no option `:langage: python` here"),
    ]


def test_a_snippet_of_mkdocs_needs_no_other_include_in_its_post(tmp_path: Path) -> None:
    posts = tmp_path / "posts"
    posts.mkdir()
    (posts / "_part.md").write_text("Part.\n")
    (posts / "2025-01-01-x.md").write_text('---\ntitle: x\n---\n--8<-- "posts/_part.md"\n')
    with Store(None) as store:
        assert build(tmp_path, store, Options()).errors == ()


def test_an_include_of_a_theme_is_told_how_to_come_along(tmp_path: Path) -> None:
    posts = tmp_path / "posts"
    posts.mkdir()
    (posts / "2025-01-01-x.md").write_text("---\ntitle: x\n---\n{% include links.md %}\n")
    with Store(None) as store:
        result = build(tmp_path, store, Options())
    assert [error.message for error in result.errors] == ["`{% include links.md %}` is not known here"]
    assert "`{% include_relative links.md %}`" in result.errors[0].hint


def test_what_is_named_from_the_top_of_what_was_moved_in_is_found_there(tmp_path: Path) -> None:
    (tmp_path / "pages/guide").mkdir(parents=True)
    (tmp_path / "posts").mkdir()
    (tmp_path / "pages/snip.md").write_text("Same text.\n")
    (tmp_path / "pages/guide/x.md").write_text('# X\n\n--8<-- "docs/snip.md"\n\n{{< include /snip.md >}}\n')
    with Store(None) as store:
        result = build(tmp_path, store, Options())
        page = result.files[PurePosixPath("guide/x/index.html")]
        assert isinstance(page, Stored)
        assert store.content(page.digest).decode().count("<p>Same text.") == 2
    assert result.errors == ()
