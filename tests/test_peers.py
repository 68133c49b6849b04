"""Peers of the benchmarks get the posts in their own syntax, and count as measured only where they built all of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from benchmarks import corpus
from benchmarks.beside import Corpus, against_peers
from benchmarks.peers import FIGURES, FORMULAS, Peer, PeerError, check
from benchmarks.peers.drawing import markdown_exec, myst
from benchmarks.peers.plain import kramdown

if TYPE_CHECKING:
    from pathlib import Path

PAGE = "<title>Post 0 on it</title><p>The last sentence <b>x</b> <b>y</b></p>"


def built(folder: Path, page: str, name: str = "post-0/index.html") -> tuple[Path, Path]:
    (folder / "posts").mkdir()
    text = "---\ntitle: Post 0 on it\n---\nThe first sentence $x$.\n\nThe last sentence $y$.\n"
    (folder / "posts" / "2025-01-02-post-0.md").write_text(text)
    (folder / "site" / name).parent.mkdir(parents=True)
    (folder / "site" / name).write_text(page)
    return folder / "posts", folder / "site"


@pytest.mark.parametrize("name", ["post-0/index.html", "posts/2025-01-02-post-0/index.html", "2025-01-02-post-0.html"])
def test_a_page_is_found_wherever_a_peer_lays_it(tmp_path: Path, name: str) -> None:
    check(*built(tmp_path, PAGE, name), "<b>", 2)


@pytest.mark.parametrize(
    ("page", "name", "told"),
    [
        (PAGE, "post-1/index.html", "there is no page of 2025-01-02-post-0.md"),
        (PAGE.replace("Post 0", "Post 1"), "post-0/index.html", "lacks '<title>Post 0 on it'"),
        (PAGE.replace("last", "lost"), "post-0/index.html", "lacks 'The last sentence'"),
        (PAGE.replace("<b>y</b>", "$y$"), "post-0/index.html", "holds 1 of 2 '<b>'"),
    ],
)
def test_a_page_that_lacks_something_is_told(tmp_path: Path, page: str, name: str, told: str) -> None:
    with pytest.raises(PeerError, match=re.escape(told)):
        check(*built(tmp_path, page, name), "<b>", 2)


def test_kramdown_gets_every_formula_in_two_dollars(tmp_path: Path) -> None:
    for post in (corpus.math_posts(tmp_path, 3) / "posts").iterdir():
        text = kramdown(post.read_text(encoding="utf-8"))
        assert len(re.findall(r"\$\$[^$]+\$\$", text)) == 37
        assert text.count("$") == 4 * 37


def test_figures_are_cells_of_myst_and_printed_by_markdown_exec(tmp_path: Path) -> None:
    for post in (corpus.figure_posts(tmp_path, 3) / "posts").iterdir():
        text = post.read_text(encoding="utf-8")
        title = text.splitlines()[1].removeprefix("title: ")
        cells, printed = myst(text), markdown_exec(text)
        assert f"\n# {title}\n" in cells
        assert cells.count("```{code-cell}") == 5
        assert printed.startswith(f"---\ntitle: {title}\n---\n")
        assert printed.count('html="1"') == printed.count("print(saved.getvalue())") == 4
        assert printed.count("```python exec") == 5
        for code in corpus.FIGURES.values():
            assert code in cells
            assert code in printed


def test_the_rest_is_measured_where_a_peer_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def prepare(_: Path, folder: Path) -> None:
        raise PeerError(f"cannot be installed into {folder.name}")

    def command(_: Path) -> list[str]:
        return []

    absent = Peer("Absent", prepare, command, "out", tool="no-such-command")
    broken = Peer("Broken", prepare, command, "out")
    posts = Corpus(tmp_path, "3 posts", "<b>", 2)
    assert against_peers(posts, [absent], tmp_path)
    assert not against_peers(posts, [broken, absent], tmp_path)
    assert capsys.readouterr().out.splitlines() == [
        "3 posts: Absent is left out, since there is no no-such-command",
        "3 posts: Broken could not be measured: cannot be installed into Broken",
        "3 posts: Absent is left out, since there is no no-such-command",
    ]


def test_a_peer_forgets_files_and_folders(tmp_path: Path) -> None:
    nikola = next(peer for peer in (*FORMULAS, *FIGURES) if peer.name == "Nikola")
    for name in ("output", "cache", "posts"):
        (tmp_path / name).mkdir()
    for name in (".doit.db.dat", "conf.py"):
        (tmp_path / name).touch()
    nikola.forget(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["conf.py", "posts"]
