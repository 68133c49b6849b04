"""Lists of posts show the first figure of each, in light and in dark, when it is light enough to load."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from msgspec.structs import replace

from sitegen.errors import Location
from sitegen.model import Cell, Figure, Meta, Output, Post, Printed, Program, Result
from sitegen.publishing.picture import HEAVIEST, picture_of
from sitegen.store import Store

HERE = Location("posts/x.md", 1)
CELL = Cell(
    code="",
    shown="",
    step=0,
    label="",
    caption=(),
    subcaptions=(),
    columns=1,
    layout=(),
    column="",
    alt=(),
    echo=True,
    output=True,
    warning=True,
    fold=None,
    summary=(),
    must_draw=False,
    location=HERE,
)
POST = Post(
    path=PurePosixPath("posts/x.md"),
    kind="post",
    address="/posts/x/",
    meta=Meta("x", "x"),
    title=(),
    subtitle=(),
    description=(),
    excerpt=(),
    body=(CELL, replace(CELL, step=1)),
    headings=(),
    program=Program(()),
    steps=(),
    files=(),
    words=0,
)


def figure(store: Store, svg: str, *, themed: bool = True) -> Figure:
    return Figure(10.4, 5.6, "", themed=themed, svg=store.keep(svg.encode()))


def outputs(*steps: Result) -> Output:
    return Output(tuple((step,) for step in steps))


def test_the_first_figure_becomes_a_file_for_each_theme() -> None:
    with Store(None) as store:
        picture, files = picture_of(
            POST, outputs(Printed("x", "stdout"), figure(store, "<svg>var(--figure-1)</svg>")), store
        )
        assert picture is not None
        assert (picture.width, picture.height) == (10, 6)
        contents = {f"/{path}": store.content(name).decode() for path, name in files}
    assert contents == {picture.light: "<svg>#4964c2</svg>", picture.dark: "<svg>#8098fd</svg>"}


def test_a_figure_in_colours_of_its_own_has_one_file() -> None:
    with Store(None) as store:
        picture, files = picture_of(
            POST, outputs(figure(store, "<svg>red</svg>", themed=False), Printed("", "stdout")), store
        )
    assert picture is not None
    assert picture.light == picture.dark
    assert len(files) == 1


def test_what_is_too_heavy_for_a_list_is_passed_over() -> None:
    with Store(None) as store:
        heavy, fine = figure(store, "x" * (HEAVIEST + 1)), figure(store, "<svg/>")
        assert picture_of(POST, outputs(heavy, Printed("", "stdout")), store) == (None, ())
        assert picture_of(POST, outputs(heavy, fine), store)[0] is not None


@pytest.mark.parametrize("output", [None, outputs(Printed("x", "stdout"), Printed("y", "stdout"))])
def test_a_post_without_figures_has_no_picture(output: Output | None) -> None:
    with Store(None) as store:
        assert picture_of(POST, output, store) == (None, ())
