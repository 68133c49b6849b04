"""Posts that are alike are found by tags, categories and words; one common word is not enough."""

from __future__ import annotations

import time
from pathlib import PurePosixPath

from msgspec.structs import replace

from sitegen.model import Article, Meta
from sitegen.publishing.related import related

BARE = Article(
    path=PurePosixPath(),
    kind="post",
    url="/",
    meta=Meta("", ""),
    title="",
    title_html="",
    subtitle_html="",
    excerpt="",
    image="",
    contents=(),
    body="",
    feed="",
    files=(),
    drawings=(),
    programs=(),
    claims=None,
    has_sliders=False,
    has_scales=False,
    has_motion=False,
    has_math=False,
    live=(),
    minutes=1,
)


def post(name: str, title: str, *tags: str, categories: tuple[str, ...] = ()) -> Article:
    meta = Meta(title, name, tags=tags, categories=categories)
    return replace(BARE, path=PurePosixPath(name), url=f"/{name}/", title=title, meta=meta)


def test_posts_that_share_rare_tags_come_before_those_that_share_common_ones() -> None:
    posts = [post("a", "One", "rare", "common"), post("b", "Two", "common"), post("c", "Three", "rare")]
    posts += [post(f"x{n}", f"Other{n}", "common") for n in range(3)] + [post("y", "None")]
    assert related(posts)["a"][0] == "c"


def test_two_words_make_posts_alike_and_one_does_not() -> None:
    posts = [
        post("a", "Momentum in ravines"),
        post("b", "Ravines without momentum"),
        post("c", "Only ravines"),
        post("d", "x"),
    ]
    found = related(posts)
    assert found["a"] == ("b",)
    assert found["c"] == ()


def test_words_are_found_in_scripts_without_blanks() -> None:
    posts = [post("a", "交叉熵损失的推导"), post("b", "再看交叉熵损失"), post("c", "梯度下降"), post("d", "x")]
    assert related(posts)["a"] == ("b",)


def test_the_work_grows_with_the_number_of_posts() -> None:
    def seconds(count: int) -> float:
        posts = [post(f"p{n}", f"Title{n % 50} of{n}", "all", f"t{n % 7}") for n in range(count)]
        start = time.process_time()
        related(posts)
        return time.process_time() - start

    assert min(seconds(4000) for _ in range(2)) < 20 * min(seconds(500) for _ in range(3))


def test_posts_that_share_everything_are_alike() -> None:
    posts = [post(f"p{number}", "Figures of the week", "figures") for number in range(3)]
    assert all(len(found) == 2 for found in related(posts).values())
