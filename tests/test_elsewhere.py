"""A post may mention what another has a label for: the mention leads there, says of which post, and costs nobody else."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from sitegen.model import CopyOf, Stored
from sitegen.pipeline import Builder, Options, build
from sitegen.publishing import weave
from sitegen.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sitegen.model import Build
    from sitegen.publishing.unfold import Unfolded

THEME = Path(__file__).parent / "plain-theme"
OPTIONS = Options(today=datetime(2026, 1, 1, tzinfo=UTC))
ALPHA, BETA = "posts/2025-01-01-alpha.md", "posts/2025-01-02-beta.md"
BASICS = """(basics)=
# Basics of $x$ {#sec-basics}

Of losses.

## Loss {#sec-loss}

::: {#thm-one}
It holds.
:::

$$ x = y $$ {#eq-one}

::: {#fig-two}
![One](a.png)

![Two](a.png)

Both.
:::
"""
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c636060606000000005000104b7ed6a0000000049454e44ae426082"
)


class Blog:
    def __init__(self, folder: Path, store: Store) -> None:
        self.folder = folder
        self.store = store

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def build(self, options: Options = OPTIONS) -> Build:
        return build(self.folder, self.store, options)

    def read(self, name: str, result: Build | None = None) -> str:
        result = result or self.build()
        assert [str(error) for error in result.errors] == []
        content = result.files[PurePosixPath(name)]
        assert isinstance(content, Stored)
        return self.store.content(content.digest).decode()

    def mention(self, text: str) -> str:
        """Return how a paragraph of another post reads, without its previews."""
        self.write(BETA, f"---\ntitle: Beta\n---\n{text}\n")
        found = re.search(r"</nav>\n<p>(.*?)</p>", self.read("posts/beta/index.html"), re.DOTALL)
        assert found
        shown = re.sub(r'<span class="preview">.*\Z', "", found[1])
        return shown.removeprefix('<span class="has-preview">')

    def errors(self, options: Options = OPTIONS) -> list[str]:
        return [f"{error.location}: {error.message} ({error.hint})" for error in self.build(options).errors]


@pytest.fixture
def blog(tmp_path: Path) -> Iterator[Blog]:
    with Store(tmp_path / "store.db") as store:
        blog = Blog(tmp_path / "blog", store)
        blog.write("site.yml", "title: Small\nurl: https://example.org\n")
        blog.write(ALPHA, BASICS)
        (blog.folder / "posts" / "a.png").write_bytes(PIXEL)
        shutil.copytree(THEME, blog.folder / "templates")
        yield blog


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("@sec-loss", '<a class="reference" href="../alpha/#sec-loss">Loss</a>'),
        ("[](sec-loss)", '<a class="reference" href="../alpha/#sec-loss">Loss</a>'),
        ("[words](#sec-loss)", '<a href="../alpha/#sec-loss">words</a>'),
        ("{ref}`words <sec-loss>`", '<a class="reference" href="../alpha/#sec-loss">words</a>'),
        ("[words](basics)", '<a href="../alpha/">words</a>'),
        (
            "@thm-one",
            '<a class="reference" href="../alpha/#thm-one">Theorem\N{NO-BREAK SPACE}1 (<cite>Basics</cite>)</a>',
        ),
        ("[-@thm-one]", '<a class="reference" href="../alpha/#thm-one">1 (<cite>Basics</cite>)</a>'),
        (
            "[Thm. @thm-one]",
            '<a class="reference" href="../alpha/#thm-one">Thm.\N{NO-BREAK SPACE}1 (<cite>Basics</cite>)</a>',
        ),
        ("\\eqref{eq:one}", '<a class="reference" href="../alpha/#eq-one">(1, <cite>Basics</cite>)</a>'),
        ("{eq}`one`", '<a class="reference" href="../alpha/#eq-one">(1, <cite>Basics</cite>)</a>'),
        (
            "@fig-two-b",
            '<a class="reference" href="../alpha/#fig-two">Figure\N{NO-BREAK SPACE}1\N{NO-BREAK SPACE}(b) (<cite>Basics</cite>)</a>',
        ),
    ],
)
def test_a_mention_leads_to_the_other_post_and_says_of_which_it_is(blog: Blog, written: str, read: str) -> None:
    blog.write(ALPHA, BASICS.replace(" of $x$", ""))
    assert blog.mention(written) == read


def test_a_page_is_mentioned_by_the_labels_of_its_title(blog: Blog) -> None:
    for written in ("{ref}`basics`", "[](basics)", "@sec-basics"):
        blog.write(BETA, f"---\ntitle: Beta\n---\n{written}\n")
        page = blog.read("posts/beta/index.html")
        assert '<a class="reference" href="../alpha/">Basics of <span class="katex">' in page
    blog.write(ALPHA, BASICS + "\nThis is {ref}`words <basics>`, [here](basics).\n")
    page = blog.read("posts/alpha/index.html")
    assert '<a class="reference" href="#top">words</a>, <a href="./">here</a>' in page


def test_a_link_without_words_reads_as_the_title_of_the_page(blog: Blog) -> None:
    blog.write(ALPHA, BASICS.replace(" of $x$", " *of* Q&A"))
    title = "Basics of Q&amp;A</a>"
    assert blog.mention("[](2025-01-01-alpha.md)") == f'<a href="../alpha/">{title}'
    assert blog.mention("{doc}`2025-01-01-alpha`") == f'<a href="../alpha/">{title}'
    assert blog.mention("[](alpha.md#sec-loss)") == '<a href="../alpha/#sec-loss">alpha</a>'
    assert blog.mention("{doc}`words <alpha>`") == '<a href="../alpha/">words</a>'
    blog.mention("[](alpha.md)")
    assert "Basics of Q&amp;amp;A&lt;/a&gt;" in blog.read("feed.xml")
    blog.write(ALPHA, BASICS.replace(" of $x$", ", again"))
    assert '<a href="../alpha/">Basics, again</a>' in blog.read("posts/beta/index.html")
    blog.write(ALPHA, BASICS)
    assert '<a href="../alpha/">alpha</a>' in blog.read("posts/beta/index.html")


def test_feeds_have_whole_addresses_and_formulas_lead_there_too(blog: Blog) -> None:
    blog.mention("@eq-one\n\n$$ z \\text{ by } \\eqref{eq:one} $$")
    feed = blog.read("feed.xml")
    assert feed.count("https://example.org/posts/alpha/#eq-one") == 1
    page = blog.read("posts/beta/index.html")
    assert page.count('href="../alpha/#eq-one"') == 2
    assert page.count('<span class="preview"><span class="katex-display">') == 1


def test_own_labels_win(blog: Blog) -> None:
    assert blog.mention("@sec-loss, [](#sec-loss)\n\n## Loss {#sec-loss}").count("alpha") == 0


def test_posts_may_mention_one_another(blog: Blog) -> None:
    blog.write(ALPHA, BASICS + "\nBut see @eq-beta.\n")
    blog.write(BETA, "---\ntitle: Beta\n---\n$$ a $$ {#eq-beta}\n\nAfter @thm-one.\n")
    assert "../beta/#eq-beta" in blog.read("posts/alpha/index.html")
    assert "../alpha/#thm-one" in blog.read("posts/beta/index.html")


def test_a_label_that_two_others_have_is_an_error_that_names_both_places(blog: Blog) -> None:
    blog.write("posts/2025-01-03-c.md", "---\ntitle: C\n---\nText.\n\n$$ a $$ {#eq-one}\n")
    blog.write(BETA, "---\ntitle: Beta\n---\nSee @eq-one and [words](#sec-loss).\n")
    (error,) = blog.errors()
    assert error.startswith(
        f"{BETA}:4:5: the label `eq-one` may be that at {ALPHA}:12:1 or at posts/2025-01-03-c.md:6:1"
    )


def test_a_label_nowhere_is_an_error_with_what_others_have(blog: Blog) -> None:
    blog.write(BETA, "---\ntitle: Beta\n---\nSee @thm-ones and [words](#nowhere) and [words](lost).\n")
    assert [error.partition(" (")[0] for error in blog.errors()] == [
        f"{BETA}:4:5: nothing has the label `thm-ones`",
        f"{BETA}:4:27: this page has no place `#nowhere`",
        f"{BETA}:4:49: nothing in the site is at `lost`",
    ]
    assert "did you mean `thm-one`?" in blog.errors()[0]


def test_headings_are_found_by_labels_that_their_author_gave_alone(blog: Blog) -> None:
    blog.write(ALPHA, BASICS + "\n## Results\n")
    blog.write(BETA, "---\ntitle: Beta\n---\nSee {ref}`results`.\n")
    assert "nothing has the label `results`" in blog.errors()[0]


def test_a_label_in_a_draft_is_an_error_until_drafts_are_wanted(blog: Blog) -> None:
    blog.write(ALPHA, f"---\ndraft: true\n---\n{BASICS}")
    blog.write(BETA, "---\ntitle: Beta\n---\nSee @thm-one, [words](sec-basics).\n")
    assert [error.partition(" (")[0] for error in blog.errors()] == [
        f"{BETA}:4:5: the label `thm-one` is in {ALPHA}, a draft, which this build leaves out",
        f"{BETA}:4:23: the label `sec-basics` is in {ALPHA}, a draft, which this build leaves out",
    ]
    assert blog.errors(replace(OPTIONS, drafts=True)) == []


def test_what_is_wrong_with_the_other_post_is_told_there_alone(blog: Blog) -> None:
    blog.write(BETA, "---\ntitle: Beta\n---\nSee @thm-one.\n")
    blog.write(ALPHA, BASICS + "\n$\\oops$\n")
    result = blog.build(replace(OPTIONS, keep_going=True))
    assert [error.location.path for error in result.errors] == [ALPHA]
    assert PurePosixPath("posts/beta/index.html") in result.files
    blog.write(ALPHA, f"---\ntitle: [\n---\n{BASICS}")
    assert {error.location.path for error in blog.build().errors} == {ALPHA}


def test_a_formula_that_cannot_be_set_is_an_error_of_its_own_post(blog: Blog) -> None:
    blog.write(BETA, "---\ntitle: Beta\n---\nSee @eq-one.\n")
    blog.write(ALPHA, BASICS.replace("x = y", "\\oops"))
    assert {error.location.path for error in blog.build().errors} == {ALPHA}


def woven_by(blog: Blog, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Build and return the posts that were woven, not recalled."""
    seen: set[str] = set()
    known = weave.weave

    def note(unfolded: Unfolded, *rest: object, **named: object) -> object:
        seen.add(unfolded.post.meta.slug)
        return known(unfolded, *rest, **named)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(weave, "weave", note)
        assert not blog.build().errors
    return seen


def test_only_what_is_mentioned_makes_a_post_be_woven_again(blog: Blog, monkeypatch: pytest.MonkeyPatch) -> None:
    blog.mention("See @eq-one and @sec-loss.")
    assert woven_by(blog, monkeypatch) == set()
    blog.write(ALPHA, BASICS.replace("It holds.", "Words.\n\nIt does hold.\n\n## More\n"))
    assert woven_by(blog, monkeypatch) == {"alpha"}
    blog.write(ALPHA, BASICS.replace("$$ x", "$$ 0 $$ {#eq-zero}\n\n$$ x"))
    assert woven_by(blog, monkeypatch) == {"alpha", "beta"}
    blog.write(ALPHA, BASICS)
    assert woven_by(blog, monkeypatch) == set()


def test_a_save_in_the_preview_changes_the_posts_that_mention_it(blog: Blog) -> None:
    blog.mention("See @eq-one.")
    with Builder(blog.folder, blog.store, OPTIONS) as builder:
        builder.build()
        path = blog.write(ALPHA, BASICS + "\nMore words.\n")
        assert builder.build({path}).report["pages reused"] == 0  # of its own pages alone
        path = blog.write(ALPHA, BASICS.replace("$$ x", "$$ 0 $$ {#eq-zero}\n\n$$ x"))
        assert "(2)" in blog.read("posts/beta/index.html", builder.build({path})).replace("2, <cite>", "2)")
        path = blog.write(BETA, "---\ntitle: Beta\n---\nSee @eq-zero.\n")
        assert "../alpha/#eq-zero" in blog.read("posts/beta/index.html", builder.build({path}))


def test_copies_of_the_build_find_the_same(blog: Blog, tmp_path: Path) -> None:
    for number in range(30):
        other = (number + 1) % 30
        text = f"$$ x $$ {{#eq-{number}}}\n\nSee @eq-{other} and @thm-one."
        blog.write(f"posts/2025-02-01-p{number}.md", f"---\ntitle: P{number}\n---\n{text}\n")
    one = blog.build()
    with Store(tmp_path / "other.db") as store:
        two = build(blog.folder, store, replace(OPTIONS, workers=2))
    assert not one.errors
    assert one.files == {path: content for path, content in two.files.items() if not isinstance(content, CopyOf)} | {
        path: content for path, content in one.files.items() if isinstance(content, CopyOf)
    }
