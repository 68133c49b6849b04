"""A cell with sliders runs once for every value, each time as if it were the first."""

from __future__ import annotations

import io
import os
import re
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace
from PIL import Image

from sitegen.model import Animation, Failure, Figure, Frames, Output, Printed, Shown, Step

if TYPE_CHECKING:
    from running.conftest import Blog

PLOT = "import numpy as np\nimport matplotlib.pyplot as plt\n"
VIEW = re.compile(r'viewBox="[^"]*"')


def cell(code: str, *sliders: tuple[str, ...], locked: bool = True) -> Step:
    given = tuple((name, values, first[0] if first else "") for name, values, *first in sliders)
    return Step(code, "cell", sliders=given, locked=locked)


def frames(blog: Blog, *codes: str | Step) -> Frames:
    (found,) = blog.results(*codes)
    assert isinstance(found, Frames)
    return found


def texts(found: Frames) -> list[str]:
    return ["".join(result.text for result in frame if isinstance(result, Printed)) for frame in found.frames]


def drawings(blog: Blog, found: Frames) -> list[str]:
    return [
        blog.store.content(result.svg).decode()
        for frame in found.frames
        for result in frame
        if isinstance(result, Figure)
    ]


def test_a_cell_runs_once_for_every_value_and_shows_the_middle_one_first(blog: Blog) -> None:
    found = frames(blog, cell("print(n * n)", ("n", "[1, 2, 3, 4, 5]")))
    assert texts(found) == ["1\n", "4\n", "9\n", "16\n", "25\n"]
    assert (found.start, found.axes) == (2, (("n", ("1", "2", "3", "4", "5")),))


def test_no_frame_sees_what_another_did(blog: Blog) -> None:
    code = "seen.append(n)\nprint(seen, rng.integers(1000))"
    found = frames(blog, "seen = []", cell(code, ("n", "[1, 2, 3]")))
    lines = [text.split("]") for text in texts(found)]
    assert [line[0] for line in lines] == ["[1", "[2", "[3"]
    assert len({line[1] for line in lines}) == 1, "each frame has the random numbers that a cell has here"


def test_what_comes_after_goes_on_with_the_value_shown_at_first(blog: Blog) -> None:
    codes = ("seen = []", cell("seen.append(T)", ("T", "linspace(0, 1, 5)", "0.8")), "=(T, seen)")
    assert blog.results(*codes) == [Shown("text", "(0.75, [0.75])")]


def test_two_sliders_make_every_combination_the_last_running_fastest(blog: Blog) -> None:
    found = frames(blog, cell("print(a, b)", ("a", "[1, 2]"), ("b", "['x', 'y', 'z']", "'x'")))
    assert texts(found) == ["1 x\n", "1 y\n", "1 z\n", "2 x\n", "2 y\n", "2 z\n"]
    assert found.start == 3
    assert found.axes == (("a", ("1", "2")), ("b", ("x", "y", "z")))


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ("linspace(0, 1, 5)", ("0.00", "0.25", "0.50", "0.75", "1.00")),
        ("linspace(-1, 1, 3)", ("-1", "0", "1")),
        ("logspace(-3, 3, 4)", ("0.001", "0.1", "10", "1e+03")),
        ("range(2, 4)", ("2", "3")),
        ("[True, False]", ("True", "False")),
        ("chosen", ("adam", "sgd")),
    ],
)
def test_values_are_written_with_the_digits_that_tell_them_apart(
    blog: Blog, values: str, shown: tuple[str, ...]
) -> None:
    found = frames(blog, "chosen = ['adam', 'sgd']", cell("print(v)", ("v", values)))
    assert found.axes[0][1] == shown


def test_axes_are_the_same_in_all_frames(blog: Blog) -> None:
    code = PLOT + "plt.plot([0, n], [0, n * n], label=str(n))\nplt.legend()\nplt.ylabel('y')"
    locked = drawings(blog, frames(blog, cell(code, ("n", "[1, 10, 1000]"))))
    free = drawings(blog, frames(blog, cell(code, ("n", "[1, 10, 1000]"), locked=False)))
    assert len({VIEW.search(svg)[0] for svg in locked}) == 1  # type: ignore[index] # each has one
    assert len({VIEW.search(svg)[0] for svg in free}) == 1, "the picture does not jump even where its axes do"  # type: ignore[index] # as above
    ticks = [tuple(re.findall(r'<use href="[^"]*"', svg))[:25] for svg in (*locked, *free)]
    assert len(set(ticks[:3])) == 1
    assert len(set(ticks[3:])) == 3


def test_limits_that_the_author_sets_stay(blog: Blog) -> None:
    code = PLOT + "plt.plot([0, 1], [0, n])\nplt.ylim(0, 2)\nplt.xlim(0, n)"
    (one, two) = drawings(blog, frames(blog, cell(code, ("n", "[1, 2]"))))
    assert one.count("<use") != two.count("<use"), "the ticks of 0 to 1 and of 0 to 2"


def test_colours_mean_the_same_in_all_frames(blog: Blog) -> None:
    code = PLOT + "image = plt.imshow(np.full((2, 2), n) + np.eye(2))\nplt.colorbar()"
    blog.results(cell(code, ("n", "[0.0, 10.0]")), "=image.get_clim()")
    (limits,) = blog.results(cell(code, ("n", "[0.0, 10.0]")), "=tuple(map(float, image.get_clim()))")
    assert limits == Shown("text", "(0.0, 11.0)")


def test_a_file_that_only_one_frame_opens_is_a_dependency(blog: Blog) -> None:
    blog.write("posts/a/data.txt", "one")
    job = blog.job(cell("print(open('data.txt').read() if n == 1 else n)", ("n", "[1, 2, 3]")))
    blog.execute(job)
    assert blog.execute(job)[0].reused
    blog.write("posts/a/data.txt", "two")
    (again,) = blog.execute(job)
    assert not again.reused
    assert isinstance(again.outcome, Output)
    (found,) = again.outcome.steps[0]
    assert isinstance(found, Frames)
    assert texts(found)[0] == "two\n"


def test_an_error_names_the_value_and_the_line(blog: Blog) -> None:
    failure = blog.failure(cell("x = 1\nx / (n - 3)", ("n", "[1, 2, 3]")))
    assert failure.message == "ZeroDivisionError: division by zero (with n = 3)"
    assert (failure.step, failure.line) == (0, 2)


def test_a_claim_that_fails_for_one_value_fails_the_build(blog: Blog) -> None:
    failure = blog.failure(cell("claim('n is small', n < 3)", ("n", "[1, 2, 3]")))
    assert failure.message.startswith("claim does not hold: n is small")
    assert failure.message.endswith("(with n = 3)")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ("linspace(0, 1", "has no values: SyntaxError"),
        ("unknown(3)", "has no values: NameError"),
        ("[1]", "has 1 values"),
        ("5", "has no values: TypeError"),
        ("[1, None]", "neither a number nor text"),
        ("[1.0, inf]", "neither a number nor text"),
    ],
)
def test_values_that_are_none_are_an_error(blog: Blog, values: str, message: str) -> None:
    assert message in blog.failure(cell("n", ("n", values))).message


def test_a_process_that_ends_early_is_an_error_of_its_frame(blog: Blog) -> None:
    code = "import os, signal\nif n == 2:\n    os.kill(os.getpid(), signal.SIGKILL)"
    message = blog.failure(cell(code, ("n", "[1, 2, 3]"))).message
    assert message == "the process of the frame with n = 2 crashed (SIGKILL)"


def test_too_many_frames_are_refused_and_the_setting_is_named(blog: Blog) -> None:
    failure = blog.failure(cell("a", ("a", "range(30)"), ("b", "range(30)")), frames=200)
    assert failure.message == "the sliders of this cell make 900 frames, and 200 are allowed"
    assert failure.limit == "execute: frames"


def test_an_endless_frame_ends_with_its_program(blog: Blog) -> None:
    failure = blog.failure(cell("while n == 2: pass", ("n", "[1, 2]")), timeout=2)
    assert "2" in failure.message
    assert failure.limit == "execute: timeout"


def test_frames_have_the_same_bytes_on_one_core_and_on_all(blog: Blog) -> None:
    code = PLOT + "plt.plot(np.sin(n * np.arange(50)))\nplt.title(f'{n}')"
    step = cell(code, ("n", "linspace(1, 2, 6)"))
    many = frames(blog, step)
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        (execution,) = blog.execute(blog.job(step), twice=True)
    finally:
        os.sched_setaffinity(0, cores)
    assert not isinstance(execution.outcome, Failure), execution.outcome
    assert execution.outcome.steps == ((many,),)


def test_a_frame_is_whole_where_its_figures_are_shown_before_its_end(blog: Blog) -> None:
    code = "plt.plot([0, n])\nplt.show()\nprint(n)\nplt.plot([n, 9 * n])\nplt.show()"
    found = frames(blog, PLOT, cell(code, ("n", "[1, 2, 3]")))
    assert [[type(result) for result in frame] for frame in found.frames] == [[Figure, Printed, Figure]] * 3
    assert len({VIEW.search(svg)[0] for svg in drawings(blog, found)}) <= 2  # type: ignore[index] # each has one


# --------------------------------------------------------------------------------------------------- animations

MOVING = (
    PLOT
    + """from matplotlib.animation import ArtistAnimation, FuncAnimation
fig, ax = plt.subplots(figsize=(3, 2))
line, = ax.plot([0, 1], [0, 1])
def update(n):
    line.set_ydata([0, n / 4])
    return line,
"""
)


def animation(blog: Blog, code: str, *, animated: bool = True) -> list[object]:
    return [type(result).__name__ for result in blog.results(Step(MOVING + code, "cell", animated=animated))]


@pytest.mark.parametrize(
    "code",
    [
        "anim = FuncAnimation(fig, update, frames=5)",
        "FuncAnimation(fig, update, frames=5)",
        "FuncAnimation(fig, update, frames=5, blit=True)\nplt.show()",
        "anim = FuncAnimation(fig, update, frames=5)\nfig.show()\nanim",
        "anim = FuncAnimation(fig, update, frames=5)\nplt.close()\nanim",
        "anim = FuncAnimation(fig, update, frames=iter(range(5)), save_count=5)",
        "anim = ArtistAnimation(fig, [ax.plot([0, n]) for n in range(5)])",
    ],
)
def test_an_animation_is_shown_however_it_is_kept(blog: Blog, code: str) -> None:
    assert animation(blog, code) == ["Animation"]


def test_an_animation_that_is_to_stand_still_is_a_figure(blog: Blog) -> None:
    assert animation(blog, "anim = FuncAnimation(fig, update, frames=5)", animated=False) == ["Figure"]


def test_an_animation_has_light_and_dark_pictures_and_still_ones(blog: Blog) -> None:
    (found,) = blog.results(MOVING + "anim = FuncAnimation(fig, update, frames=5, interval=100)")
    contents = [blog.store.content(name) for name in (found.light, found.dark, found.still.light, found.still.dark)]  # type: ignore[union-attr] # an Animation
    assert [content[8:12] for content in contents] == [b"WEBP"] * 4
    assert [b"ANIM" in content[:64] for content in contents] == [True, True, False, False]
    assert len(set(contents)) == 4
    assert (found.frames, found.seconds) == (5, 0.5)  # type: ignore[union-attr] # as above


def test_blitting_draws_what_drawing_everything_draws(blog: Blog) -> None:
    pictures = [
        blog.results(MOVING + f"line.set_zorder({order})\nanim = FuncAnimation(fig, update, frames=4, blit={blit})")
        for order in (2, 9)
        for blit in (True, False)
    ]
    names = [found.dark for (found,) in pictures]  # type: ignore[union-attr] # an Animation
    assert names[0] == names[1]
    assert names[2] == names[3]


def test_a_line_moves_over_level_sets(blog: Blog) -> None:
    code = MOVING + "fig.axes[0].contour([[0, 1], [1, 2]])\nanim = FuncAnimation(fig, update, frames=2, blit=True)"
    assert len(blog.results(code)) == 1


@pytest.mark.parametrize(
    ("frames", "limit", "pictures", "notes"),
    [
        ("None", 200, 100, 1),
        ("None", 8, 8, 1),
        ("itertools.count()", 8, 8, 1),
        ("iter(range(8))", 8, 8, 0),
        ("iter(range(9))", 8, 8, 1),
        ("lambda: iter(range(5))", 8, 5, 0),
    ],
)
def test_of_an_animation_that_says_no_end_the_first_pictures_are_shown(
    blog: Blog, frames: str, limit: int, pictures: int, notes: int
) -> None:
    code = f"import itertools\n{MOVING}anim = FuncAnimation(fig, update, frames={frames}, cache_frame_data=False)"
    blog.limits = replace(blog.limits, frames=limit)
    (execution,) = blog.execute(blog.job(code))
    assert isinstance(execution.outcome, Output), execution.outcome
    (found,) = execution.outcome.steps[-1]
    assert found.frames == pictures  # type: ignore[union-attr] # an Animation
    assert [f"the first {pictures} pictures" in note for note in execution.outcome.notes] == [True] * notes


@pytest.mark.parametrize(
    "made",
    [
        "FuncAnimation(fig, update, frames={})",
        "FuncAnimation(fig, update, range({}))",
        "FuncAnimation(fig, update, np.arange({}), repeat=False)",
        "FuncAnimation(fig, update, range({}), blit=True)\nanim.save('a.gif', writer='pillow')",
        "ArtistAnimation(fig, [[line]] * {})",
    ],
)
def test_of_an_animation_of_many_pictures_every_few_are_shown_and_the_last(blog: Blog, made: str) -> None:
    blog.limits = replace(blog.limits, frames=20)
    animations: list[Any] = []
    notes: list[str] = []
    for count in (20, 21, 50):
        (execution,) = blog.execute(blog.job(f"{MOVING}anim = {made.format(count)}"))
        assert isinstance(execution.outcome, Output), execution.outcome
        animations += execution.outcome.steps[-1]
        notes += execution.outcome.notes
    assert [found.frames for found in animations] == [20, 11, 17]
    assert [found.seconds for found in animations] == [4.0, 4.4, 10.2]  # as long as all would take
    assert ["draws 11 of the 21 pictures of an animation, one of 2" in note for note in notes] == [True, False]


def test_every_picture_of_a_long_animation_is_gone_through(blog: Blog) -> None:
    code = (
        MOVING
        + "seen = []\nFuncAnimation(fig, lambda k: seen.append(k), frames=50)\nplt.show()\nseen[-1], len(set(seen))"
    )
    blog.limits = replace(blog.limits, frames=20)
    assert blog.results(code)[-1] == Shown("text", "(49, 50)")


@pytest.mark.parametrize("frames", ["250", "iter(range(50)), save_count=60"])
def test_an_animation_of_too_many_pictures_is_refused_and_the_setting_is_named(blog: Blog, frames: str) -> None:
    failure = blog.failure(MOVING + f"anim = FuncAnimation(fig, update, frames={frames})", frames=20)
    assert failure.message == "the animation has more than 20 pictures"
    assert failure.limit == "execute: frames"


def test_an_animation_of_a_hundred_inches_is_refused(blog: Blog) -> None:
    failure = blog.failure(MOVING + "fig.set_size_inches(100, 100)\nanim = FuncAnimation(fig, update, frames=3)")
    assert failure.message == "figure 1 of the program is 100 by 100 inches"


def test_an_error_in_a_later_picture_names_its_line(blog: Blog) -> None:
    code = MOVING + "def bad(n):\n    return 1 / (3 - n)\nanim = FuncAnimation(fig, bad, frames=5)"
    failure = blog.failure(code)
    assert failure.message.startswith("ZeroDivisionError")
    assert failure.line == code.split("\n").index("    return 1 / (3 - n)") + 1


def test_labels_of_moving_pictures_are_not_cut_off(blog: Blog) -> None:
    figure = (
        "import matplotlib.pyplot as plt\nfrom matplotlib.animation import FuncAnimation\nfig, ax = plt.subplots()\n"
    )
    figure += "ax.plot([1, 2])\nax.set_xlabel('M' * 9)\n"
    slid = Step(figure, "cell", format="webp", sliders=(("n", "[1, 2]", ""),))
    filmed = Step(figure + "a = FuncAnimation(fig, lambda n: None, frames=2)", "cell")
    (animation,) = blog.results(filmed)
    assert isinstance(animation, Animation)
    (frame,) = frames(blog, slid).frames[0]
    assert isinstance(frame, Figure)
    for content in (frame.light, animation.still.light):
        image = Image.open(io.BytesIO(blog.store.content(content))).getchannel("A")
        width, height = image.size
        assert image.crop((0, height - 4, width, height)).getextrema()[1] == 0


@pytest.mark.parametrize(
    ("size", "count", "wide"),
    [((6, 3), 5, 1152), ((12, 6), 5, 1536), ((8, 6), 40, 1152)],
)
def test_pictures_of_an_animation_have_no_more_dots_than_are_seen_and_fewer_where_there_are_many(
    blog: Blog, size: tuple[int, int], count: int, wide: int
) -> None:
    code = f"{MOVING}fig.set_size_inches{size}\nfig.set_facecolor('navy')\n"
    (found,) = blog.results(f"{code}FuncAnimation(fig, lambda k: [], frames={count})")
    still = Image.open(io.BytesIO(blog.store.content(found.still.light)))  # type: ignore[union-attr] # an Animation
    assert still.width == wide
    assert found.still.width == pytest.approx(96 * size[0], abs=1)  # type: ignore[union-attr] # as above
