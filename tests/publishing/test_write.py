"""The output folder changes as a whole or not at all, and what others put there stays."""

from __future__ import annotations

import errno
import random
import shutil
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import pytest

from sitegen.errors import SiteError
from sitegen.model import CopyOf, FileContent, Stored
from sitegen.publishing import write
from sitegen.publishing.write import write_files
from sitegen.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def store() -> Iterator[Store]:
    with Store(None) as memory:
        yield memory


def files(**contents: str) -> dict[PurePosixPath, FileContent]:
    return {PurePosixPath(name.replace("__", "/").replace("_", ".")): text.encode() for name, text in contents.items()}


def tree(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.is_file() and path.name != write.MANIFEST
    }


def test_files_are_written_and_the_number_of_changed_ones_is_told(tmp_path: Path, store: Store) -> None:
    site = tmp_path / "_site"
    assert write_files(files(index_html="a", posts__x_html="b"), site, store) == 2
    assert tree(site) == {"index.html": "a", "posts/x.html": "b"}
    assert write_files(files(index_html="a", posts__x_html="c"), site, store) == 1
    assert tree(site) == {"index.html": "a", "posts/x.html": "c"}


def test_two_folders_of_the_same_files_are_the_same(tmp_path: Path, store: Store) -> None:
    for name in ("one", "two"):
        write_files(files(index_html="a", posts__x_html="b"), tmp_path / name, store)
    one, two = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir() if path.is_file()}
        for name in ("one", "two")
    )
    assert one == two
    assert write.MANIFEST in one


def test_a_file_that_nobody_touched_is_not_read(tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def unread(*_: object) -> bool:
        raise AssertionError

    site, content = tmp_path / "site", Stored(store.keep(b"a"))
    write_files({PurePosixPath("a"): content}, site, store)
    monkeypatch.setattr(write, "_same_bytes", unread)
    assert write_files({PurePosixPath("a"): content}, site, store) == 0
    (site / "a").write_bytes(b"b")
    with pytest.raises(AssertionError):
        write_files({PurePosixPath("a"): content}, site, store)


def test_nothing_stale_is_left_behind(tmp_path: Path, store: Store) -> None:
    site = tmp_path / "_site"
    write_files(files(index_html="a", old__x_html="b"), site, store)
    write_files(files(index_html="a"), site, store)
    assert tree(site) == {"index.html": "a"}
    assert not (site / "old").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["_site"]


def test_a_file_that_did_not_change_keeps_its_time(tmp_path: Path, store: Store) -> None:
    site = tmp_path / "_site"
    write_files(files(index_html="a", x_html="b"), site, store)
    before = (site / "index.html").stat().st_mtime_ns
    write_files(files(index_html="a", x_html="c"), site, store)
    assert (site / "index.html").stat().st_mtime_ns == before


def test_a_file_that_somebody_changed_is_put_right(tmp_path: Path, store: Store) -> None:
    site = tmp_path / "_site"
    write_files(files(index_html="a"), site, store)
    (site / "index.html").write_text("b")
    assert write_files(files(index_html="a"), site, store) == 1
    assert tree(site) == {"index.html": "a"}


def test_files_of_others_are_carried_over(tmp_path: Path, store: Store) -> None:
    site = tmp_path / "_site"
    write_files(files(index_html="a"), site, store)
    (site / ".git").mkdir()
    (site / ".git" / "HEAD").write_text("ref")
    (site / "mine").mkdir()
    (site / "mine" / "notes.txt").write_text("keep")
    write_files(files(index_html="b"), site, store)
    assert tree(site) == {"index.html": "b", ".git/HEAD": "ref", "mine/notes.txt": "keep"}


def test_what_of_others_cannot_be_read_is_named_and_stays(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "_site"
    write_files(files(index_html="a"), site, store)
    (site / "mine").mkdir()

    def refused(folder: str, _: object) -> None:  # whoever runs the tests may be allowed to look everywhere
        raise PermissionError(errno.EACCES, "Permission denied", f"{folder}/mine")

    monkeypatch.setattr(write, "_of_others", refused)
    with pytest.raises(SiteError, match=r"Permission denied: .*/_site/mine"):
        write_files(files(index_html="b"), site, store)
    assert (site / "mine").is_dir()
    assert tree(site) == {"index.html": "a"}


def test_a_folder_that_is_not_ours_is_refused(tmp_path: Path, store: Store) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(SiteError, match="not written by a build"):
        write_files(files(index_html="a"), tmp_path, store)
    assert tree(tmp_path) == {"thesis.txt": "years of work"}


def test_a_full_disk_leaves_the_old_site_whole(tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "_site"
    write_files(files(index_html="old"), site, store)
    source = tmp_path / "big.png"
    source.write_text("x")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(SiteError, match="the disk is full"):
        write_files(files(index_html="new") | {PurePosixPath("big.png"): CopyOf(source)}, site, store)
    assert tree(site) == {"index.html": "old"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["_site", "big.png"]


def test_a_folder_that_is_a_disk_of_its_own_is_told_what_to_do(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> None:
        raise OSError(errno.EBUSY, "Device or resource busy")

    monkeypatch.setattr(write, "_exchange", busy)
    with pytest.raises(SiteError) as told:
        write_files(files(index_html="new"), tmp_path / "_site", store)
    assert "name a folder inside it with --output" in told.value.hint


def test_a_build_killed_between_two_renames_is_mended_by_the_next(tmp_path: Path, store: Store) -> None:
    site = tmp_path / "_site"
    write_files(files(index_html="a"), site, store)
    site.rename(tmp_path / "._site.sitegen-old")
    write_files(files(index_html="a", x_html="b"), site, store)
    assert tree(site) == {"index.html": "a", "x.html": "b"}
    assert [path.name for path in tmp_path.iterdir()] == ["_site"]


def test_without_an_exchange_of_names_the_result_is_the_same(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "other")
    site = tmp_path / "_site"
    write_files(files(index_html="a"), site, store)
    write_files(files(index_html="b"), site, store)
    assert tree(site) == {"index.html": "b"}
    assert [path.name for path in tmp_path.iterdir()] == ["_site"]


def test_a_backup_beside_the_site_is_nobodys_but_its_owners(tmp_path: Path, store: Store) -> None:
    site = tmp_path / "_site"
    write_files(files(index_html="a"), site, store)
    for name in ("_site.old", "_site.new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "thesis.txt").write_text("x")
    write_files(files(index_html="b"), site, store)
    assert (tmp_path / "_site.old" / "thesis.txt").exists()
    assert (tmp_path / "_site.new" / "thesis.txt").exists()


def test_a_file_of_others_at_an_address_that_becomes_ours_is_not_replaced(tmp_path: Path, store: Store) -> None:
    site = tmp_path / "_site"
    write_files(files(index_html="a"), site, store)
    (site / "x.html").write_text("MINE")
    with pytest.raises(SiteError, match="was not written by a build"):
        write_files(files(index_html="a", x_html="b"), site, store)
    assert tree(site) == {"index.html": "a", "x.html": "MINE"}


def test_what_others_put_where_a_folder_becomes_ours_is_not_moved(tmp_path: Path, store: Store) -> None:
    site = tmp_path / "site"
    write_files({PurePosixPath("index.html"): b"1"}, site, store)
    (tmp_path / "elsewhere").mkdir()
    (site / "talks").write_text("mine")
    (site / "notes").symlink_to(tmp_path / "elsewhere")
    for name in ("talks", "notes"):
        with pytest.raises(SiteError, match=f"`{name}` in this folder was not written by a build"):
            write_files({PurePosixPath("index.html"): b"1", PurePosixPath(f"{name}/a/index.html"): b"2"}, site, store)
    assert (site / "talks").read_text() == "mine"
    assert not list((tmp_path / "elsewhere").iterdir())


def test_what_others_put_in_the_place_of_a_page_is_refused_and_an_empty_folder_replaced(
    tmp_path: Path, store: Store
) -> None:
    site = tmp_path / "site"
    write_files(files(a__index_html="1", b_html="1"), site, store)
    for made in ("a", "b.html"):
        shutil.move(site / made, tmp_path / "aside")
        (site / made).symlink_to(tmp_path)
        with pytest.raises(SiteError, match=f"`{made}` in this folder was not written by a build"):
            write_files(files(a__index_html="2", b_html="2"), site, store)
        (site / made).unlink()
        shutil.move(tmp_path / "aside", site / made)
    (site / "b.html").unlink()
    (site / "b.html").mkdir()
    (site / "b.html" / "mine").write_text("x")
    with pytest.raises(SiteError, match=r"`b\.html/mine` in this folder was not written by a build"):
        write_files(files(a__index_html="2", b_html="2"), site, store)
    (site / "b.html" / "mine").unlink()
    write_files(files(a__index_html="2", b_html="2"), site, store)
    assert tree(site) == {"a/index.html": "2", "b.html": "2"}


def test_an_output_folder_that_is_a_link_is_written_where_it_leads(tmp_path: Path, store: Store) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    write_files(files(index_html="a"), tmp_path / "link", store)
    write_files(files(index_html="b"), tmp_path / "link", store)
    assert (tmp_path / "link").is_symlink()
    assert tree(tmp_path / "real") == {"index.html": "b"}


def test_what_a_failed_build_left_is_removed_though_nobody_may_write_in_it(tmp_path: Path) -> None:
    left = tmp_path / "._site.sitegen-new"
    (left / "posts").mkdir(parents=True)
    (left / "posts" / "index.html").write_text("old", encoding="utf-8")
    (left / "posts").chmod(0o555)
    left.chmod(0o555)
    with Store(None) as store:
        assert write_files({PurePosixPath("index.html"): b"new"}, tmp_path / "_site", store) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["_site"]


@pytest.fixture
def blog_store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / ".sitegen" / "store.sqlite") as store:
        yield store


def test_the_site_before_is_where_the_next_begins(tmp_path: Path, blog_store: Store) -> None:
    """Random sites one after the other, with folders in the place of files: each is exactly what was asked for."""
    site, chance = tmp_path / "_site", random.Random(1)  # noqa: S311 - sites, not secrets
    names = ["a", "b/c", "b/d/e", "f", "f/index", "g/h/i", "g/h/j"]
    for _ in range(60):
        chosen = [name for name in names if chance.random() < 0.6]
        if "f/index" in chosen and "f" in chosen:
            chosen.remove("f")
        wanted = {name: str(chance.randrange(3)) for name in ["index", *chosen]}
        write_files({PurePosixPath(name): text.encode() for name, text in wanted.items()}, site, blog_store)
        assert tree(site) == wanted
        if chance.random() < 0.2:
            shutil.rmtree(chance.choice([site, tmp_path / ".sitegen" / "site-before"]), ignore_errors=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".sitegen", "_site"]


def test_a_page_written_into_by_hand_is_made_again_and_never_written_through_a_link(
    tmp_path: Path, blog_store: Store
) -> None:
    site = tmp_path / "_site"
    write_files(files(index_html="a", x_html="1"), site, blog_store)
    write_files(files(index_html="a", x_html="2"), site, blog_store)
    (site / "index.html").write_text("by hand")  # the same file stands in the site before
    write_files(files(index_html="a", x_html="3"), site, blog_store)
    assert tree(site) == {"index.html": "a", "x.html": "3"}
    assert tree(tmp_path / ".sitegen" / "site-before") == {"index.html": "by hand", "x.html": "2"}


def test_what_others_put_into_the_folder_is_not_kept_twice(tmp_path: Path, blog_store: Store) -> None:
    site = tmp_path / "_site"
    for text in ("a", "b"):
        write_files(files(index_html=text), site, blog_store)
    (site / ".git").mkdir()
    (site / ".git" / "HEAD").write_text("ref")
    write_files(files(index_html="c"), site, blog_store)
    assert tree(site) == {"index.html": "c", ".git/HEAD": "ref"}
    assert not (tmp_path / ".sitegen" / "site-before").exists()


def test_files_that_stay_keep_their_time_and_their_inode(tmp_path: Path, blog_store: Store) -> None:
    site = tmp_path / "_site"
    write_files(files(index_html="a", x_html="0"), site, blog_store)
    before = (site / "index.html").stat()
    for text in ("1", "2", "3"):
        write_files(files(index_html="a", x_html=text), site, blog_store)
    after = (site / "index.html").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_what_is_no_folder_gives_way_to_the_site_before(tmp_path: Path, blog_store: Store) -> None:
    spare = tmp_path / ".sitegen" / "site-before"
    spare.write_text("junk")
    write_files(files(index_html="a"), tmp_path / "_site", blog_store)
    spare.symlink_to(tmp_path / "elsewhere")
    write_files(files(index_html="b"), tmp_path / "_site", blog_store)
    assert tree(tmp_path / "_site") == {"index.html": "b"}


def test_a_site_before_in_which_nobody_may_write_is_made_anew(tmp_path: Path, blog_store: Store) -> None:
    site = tmp_path / "_site"
    for text in ("a", "b"):
        write_files(files(x__index_html=text), site, blog_store)
    spare = tmp_path / ".sitegen" / "site-before"
    (spare / "x").chmod(0o555)
    spare.chmod(0o555)
    write_files(files(y__index_html="c"), site, blog_store)
    assert tree(site) == {"y/index.html": "c"}


def test_links_in_the_site_before_are_not_files_of_the_next(tmp_path: Path, blog_store: Store) -> None:
    site, spare = tmp_path / "_site", tmp_path / ".sitegen" / "site-before"
    for text in ("a", "b"):
        write_files(files(index_html=text, x_html="1", y_html="2"), site, blog_store)
    for name, target in (("x.html", "nowhere"), ("y.html", str(site / "y.html"))):
        (spare / name).unlink()
        (spare / name).symlink_to(target)
    write_files(files(index_html="c", x_html="1", y_html="2"), site, blog_store)
    assert tree(site) == {"index.html": "c", "x.html": "1", "y.html": "2"}
    assert not any(path.is_symlink() for path in site.iterdir())
