"""What the preview tells a page that is open: that it changed, that its style sheets did, or neither."""

from __future__ import annotations

import json
import socket
from pathlib import Path, PurePosixPath
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from msgspec.structs import replace
from watchfiles import Change
from werkzeug.test import Client

from sitegen.cli import main
from sitegen.errors import Location, OutdatedError, SiteError
from sitegen.model import Build
from sitegen.preview import serve
from sitegen.preview.serve import _Building
from sitegen.preview.site import PreviewSite
from sitegen.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sitegen.model import FileContent
    from sitegen.preview.rebuilder import Rebuilder
    from sitegen.preview.serve import _Saved

FILES = {
    "index.html": b"home",
    "posts/a/index.html": b"a",
    "posts/b/index.html": b"b",
    "s.css": b"p {}",
    "x.png": b"png",
}


def built(changes: dict[str, bytes] | None = None, *errors: SiteError) -> Build:
    files: dict[PurePosixPath, FileContent] = {PurePosixPath(p): c for p, c in {**FILES, **(changes or {})}.items()}
    return Build({} if errors else files, errors, (), {"posts": 2})


@pytest.fixture
def site() -> Iterator[PreviewSite]:
    with Store(None) as store:
        found = PreviewSite(store.content, Path("/nowhere"))
        found.show(built())
        yield found


def told(site: PreviewSite, page: str, build: int) -> dict[str, object]:
    """Return what a page hears first."""
    answer = Client(site).get("/-/built", query_string={"page": page, "build": build}, buffered=False)
    first = next(iter(answer.iter_encoded()))
    answer.close()
    data: dict[str, object] = json.loads(first.removeprefix(b"data: "))
    return data


@pytest.mark.parametrize(
    ("changed", "pages", "styles"),
    [
        ({}, set(), False),
        ({"posts/a/index.html": b"new"}, {"/posts/a/"}, False),
        ({"s.css": b"p { color: red }"}, set(), True),
        ({"x.png": b"other"}, {"/", "/posts/a/", "/posts/b/"}, False),
        ({"feed.xml": b"new"}, set(), False),
    ],
)
def test_only_what_a_page_shows_loads_it_again(
    site: PreviewSite, *, changed: dict[str, bytes], pages: set[str], styles: bool
) -> None:
    site.show(built(changed))
    for page in ("/", "/posts/a/", "/posts/b/"):
        news = told(site, page, 1)
        assert (news["pages"], news["styles"]) == (page in pages, styles)
        assert told(site, page, 2)["pages"] is False


def test_what_changed_in_a_build_that_a_page_did_not_hear_of_is_told_with_the_next(site: PreviewSite) -> None:
    site.show(built({"posts/a/index.html": b"new"}))
    site.show(built({"posts/a/index.html": b"new", "posts/b/index.html": b"new"}))
    assert told(site, "/posts/a/", 1)["pages"] is True
    assert told(site, "/posts/a/", 2)["pages"] is False
    assert told(site, "/posts/a/", 99)["pages"] is True  # made by another preview, before this one


def test_the_open_page_is_served_first_and_not_loaded_again_with_the_rest(site: PreviewSite) -> None:
    page = PurePosixPath("posts/a/index.html")
    site.show_first({page: b"new"})
    assert b"new" in Client(site).get("/posts/a/").data
    assert told(site, "/posts/a/", 1)["pages"] is True
    site.show(built({"posts/a/index.html": b"new", "posts/b/index.html": b"new"}))
    assert told(site, "/posts/a/", 2)["pages"] is False
    assert told(site, "/posts/b/", 1)["pages"] is True


def test_pages_that_browsers_show_are_known_while_they_do(site: PreviewSite) -> None:
    answer = Client(site).get("/-/built", query_string={"page": "/posts/a/", "build": 1}, buffered=False)
    next(iter(answer.response))
    assert site.open_pages() == {PurePosixPath("posts/a/index.html")}
    answer.close()
    assert site.open_pages() == set()


def test_the_last_pages_that_were_asked_for_count_as_shown(site: PreviewSite) -> None:
    names = ["a", "b", "c", "d", "e"]
    site.show(built({f"posts/{name}/index.html": b"x" for name in names} | {"a.css": b""}))
    for name in ("a", "a", "b", "c", "d", "d", "e"):
        Client(site).get(f"/posts/{name}/")
    Client(site).get("/a.css")
    assert site.open_pages() == {PurePosixPath(f"posts/{name}/index.html") for name in names[1:]}


def test_errors_are_told_over_the_pages_that_stay(site: PreviewSite) -> None:
    site.show(built({}, SiteError("wrong", Location("posts/a.md", 3), "mend it")))
    assert "mend it" in str(told(site, "/posts/a/", 1)["errors"])
    assert Client(site).get("/posts/a/").data.startswith(b"a")
    site.show(built())
    assert told(site, "/posts/a/", 2)["errors"] == ""


def building(site: PreviewSite, said: list[str], build: Callable[[object], Build], **more: Any) -> _Building:
    found = _Building(more.pop("saved", cast("_Saved", None)), site, said.append)
    found.rebuilder = cast("Rebuilder", SimpleNamespace(build=build, **more))
    return found


def test_what_is_saved_while_a_program_takes_long_is_shown_before_that_is_done(site: PreviewSite) -> None:
    saves: list[list[str] | None] = [["b"], [], ["strange"], ["c"]]
    shown: list[bytes] = []

    def now() -> list[tuple[Change, str]] | None:
        names = saves.pop(0)
        return None if names is None else [(Change.modified, name) for name in names]

    def build_beside(changed: set[Path]) -> Build | None:
        names = "".join(sorted(path.name for path in changed))
        return None if "strange" in names else built({"posts/b/index.html": names.encode()})

    def build(_: object) -> Build:
        while saves:
            preview.look()
            shown.append(Client(site).get("/posts/b/").data)
        return built({"posts/b/index.html": b"before"})

    saved = cast("_Saved", SimpleNamespace(now=now))
    preview = building(site, [], build, saved=saved, build_beside=build_beside)
    assert not preview.build({Path("a")})  # something was saved that it has not seen
    assert shown == [b"b", b"b", b"b", b"bc"]
    assert Client(site).get("/posts/b/").data == b"bc"
    assert "running" in str(told(site, "/posts/b/", 0)["running"])
    assert preview.build(None)
    assert Client(site).get("/posts/b/").data == b"before"
    for unknown in (None, ["strange"]):
        saves.append(unknown)
        assert not preview.build(None)


def test_a_build_whose_post_was_saved_again_is_not_shown(site: PreviewSite) -> None:
    def build(_: object) -> Build:
        raise OutdatedError

    said: list[str] = []
    assert not building(site, said, build).build(None)
    assert not said
    assert Client(site).get("/posts/a/").data == b"a"


def test_notes_are_told_once_while_they_hold(site: PreviewSite) -> None:
    slip = SiteError("wrong", Location("posts/a.md", 3))
    builds = [replace(built({}, *errors), notes=notes) for notes, errors in (
        (("one", "two"), ()), (("two",), ()), ((), (slip,)), (("two", "one"), ()),
    )]  # fmt: skip
    said: list[str] = []
    preview = building(site, said, lambda _: builds.pop(0))
    while builds:
        preview.build(None)
    assert [line for line in said if line.startswith("note")] == ["note: one", "note: two", "note: one"]


def test_drafts_and_posts_of_a_later_day_are_counted(site: PreviewSite) -> None:
    said: list[str] = []
    build = replace(built(), report={"posts": 2, "posts left out": 1})
    building(site, said, lambda _: build).build(None)
    assert said[-1].endswith("s: 2 posts; not shown: 1 (--drafts, --future)")


def test_a_film_comes_in_parts_as_safari_wants_it(site: PreviewSite) -> None:
    site.show(built({"film.mp4": bytes(range(100))}))
    client = Client(site)
    answer = client.get("/film.mp4", headers={"Range": "bytes=10-19"})
    assert answer.status_code == 206
    assert answer.get_data() == bytes(range(10, 20))
    assert answer.headers["Content-Range"] == "bytes 10-19/100"
    assert client.get("/film.mp4").get_data() == bytes(range(100))
    assert client.get("/film.mp4", headers={"Range": "bytes=900-"}).status_code == 200
    assert client.get("/none.mp4", headers={"Range": "bytes=0-1"}).status_code == 404


def test_a_port_that_is_taken_is_told_once(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "2026-01-02-x.md").write_text("Text.\n", encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["serve", "--source", str(tmp_path), "--port", str(port)]) == 1
    said = capfd.readouterr()
    assert said.err.splitlines() == [f"serve: port {port} is taken", "    hint: choose another with --port"]
    assert not said.out


def test_a_preview_in_which_nothing_is_saved_builds_once(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "2026-01-02-x.md").write_text("Text.\n", encoding="utf-8")

    def watch(*_: object, **__: object) -> Iterator[set[object]]:
        yield set()
        yield set()
        raise KeyboardInterrupt

    monkeypatch.setattr(serve, "watch", watch)
    assert main(["serve", "--source", str(tmp_path), "--port", "0"]) == 0
    assert capfd.readouterr().out.count("built in") == 1
