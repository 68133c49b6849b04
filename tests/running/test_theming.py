"""What becomes of an author's own colours on light and on dark paper."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb
from PIL import Image
from running.test_figures import PLOT, contrast, figure_of

from sitegen.model import Figure, Printed
from sitegen.running.figures.palette import CUSTOM_PROPERTIES

if TYPE_CHECKING:
    from running.conftest import Blog

INK, PAPER = (CUSTOM_PROPERTIES[f"--figure-{name}"] for name in ("ink", "paper"))


@pytest.mark.parametrize("grey", ["0.9", "lightgray", "0.5", "#777777", "dimgray", "0.2"])
def test_a_grey_is_as_faint_on_the_one_paper_as_on_the_other(blog: Blog, grey: str) -> None:
    svg = blog.svg(PLOT + f"ax.axvspan(0, 1, color={grey!r})\nax.plot([0, 1])")
    ((light, dark),) = set(re.findall(r"light-dark\((#\w{6}),(#\w{6})\)", svg))
    assert contrast(light, PAPER[0]) == pytest.approx(contrast(dark, PAPER[1]), rel=0.06)


@pytest.mark.parametrize("ground", ["#f7f9fc", "#f1f5f9", "#eaeaf2"])
def test_a_ground_that_is_nearly_white_is_taken_for_grey(blog: Blog, ground: str) -> None:
    code = f"plt.close()\nax = plt.figure(facecolor={ground!r}).add_subplot(facecolor={ground!r})\nax.plot([1, 2], label='a')\nax.legend(facecolor='inherit')"
    figure = figure_of(blog, code)
    assert figure.themed
    svg = blog.store.content(figure.svg).decode()
    assert f"fill: {ground}" not in svg
    assert f"fill: light-dark({ground}," in svg
    assert INK[0] not in svg


def band_of(blog: Blog, colour: str) -> tuple[str, float, float]:
    """Return what a band that the paper is seen through becomes in the dark, and how it stands out on each paper."""
    svg = blog.svg(PLOT + f"ax.fill_between([0, 1], 1, color={colour!r}, alpha=0.2, lw=0)")
    pairs = re.findall(r"fill: light-dark\((#\w{6}),(#\w{6})\)", svg) or [[to_hex(colour)] * 2]

    def seen(colour: str, paper: str) -> float:
        mixed = 0.2 * np.array(to_rgb(colour)) + 0.8 * np.array(to_rgb(paper))
        return contrast(to_hex(tuple(mixed)), paper)

    return pairs[0][1], seen(pairs[0][0], PAPER[0]), seen(pairs[0][1], PAPER[1])


@pytest.mark.parametrize("colour", ["red", "teal", "orange"])
def test_what_the_paper_is_seen_through_is_no_fainter_on_the_dark_one(blog: Blog, colour: str) -> None:
    _, light, dark = band_of(blog, colour)
    assert dark >= light


def test_a_band_of_a_colour_near_black_has_its_hue_and_is_seen_in_the_dark(blog: Blog) -> None:
    colour, _, dark = band_of(blog, "navy")
    red, green, blue = to_rgb(colour)
    assert red == green <= 0.75 * blue
    assert dark >= 1.25


def test_bars_that_lie_over_one_another_keep_their_hue_in_the_dark(blog: Blog) -> None:
    svg = blog.svg(PLOT + "ax.hist([1, 2, 2], 2, alpha=0.5, color='blue')")
    ((_, dark),) = set(re.findall(r"fill: light-dark\((#\w{6}),(#\w{6})\)", svg))
    red, green, blue = to_rgb(dark)
    assert blue > 2 * red == 2 * green


@pytest.mark.parametrize("colour", ["green", "navy", "#2c3e50"])
def test_text_in_a_colour_of_the_author_can_be_read_in_the_dark(blog: Blog, colour: str) -> None:
    svg = blog.svg(PLOT + f"ax.axis('off')\nax.text(0, 0, 'x', color={colour!r})")
    ((light, dark),) = re.findall(r"light-dark\((#\w{6}),(#\w{6})\)", svg)
    assert light == to_hex(colour)
    assert contrast(dark, PAPER[1]) >= min(7, contrast(light, PAPER[0]))


@pytest.mark.parametrize("drawn", ["ax.axhline(0, color={!r})", "ax.text(0, 0, 'x', color={!r})"])
@pytest.mark.parametrize("grey", ["#e5e7eb", "#cbd5e1", "#6b7280", "#374151"])
def test_a_line_or_a_text_with_a_tinge_of_a_colour_is_as_faint_as_on_the_light_paper(
    blog: Blog, drawn: str, grey: str
) -> None:
    svg = blog.svg(PLOT + "ax.axis('off')\n" + drawn.format(grey))
    ((light, dark),) = re.findall(r"light-dark\((#\w{6}),(#\w{6})\)", svg)
    assert light == grey
    assert contrast(light, PAPER[0]) == pytest.approx(contrast(dark, PAPER[1]), rel=0.06)


def test_bars_of_a_map_keep_their_order_where_it_ends_in_a_tinge(blog: Blog) -> None:
    code = "for n in range(4):\n    ax.bar(n, 1, color=plt.cm.Blues(n / 5))"
    assert "fill: #f7fbff" in blog.svg(PLOT + code)


@pytest.mark.parametrize(
    ("steps", "is_kept"),
    [
        (["#5781bc", "#c9d0dd", "#efedf0", "#f6e9e8", "#b95b5a"], True),  # the middle of a diverging palette
        (["#80b1d3", "#fdb462", "#b3de69", "#fccde5", "#d9d9d9"], True),
        (["#bf00bf", "#d978d9", "#e6b4e6", "#f2eff2"], True),
        (["red", "navy", "lightgray"], False),
        (["lightblue", "lightgray"], False),
    ],
)
@pytest.mark.parametrize(
    "drawn",
    [
        "ax.bar(range(N), 1, color=STEPS)",
        "ax.scatter(range(N), [1] * N, color=STEPS)",
        "ax.bar(range(N), 1, color=STEPS, label=[*map(str, range(N))])\nfig.legend()",
    ],
)
def test_a_grey_that_is_a_step_of_a_palette_stays_as_light_as_the_others(
    blog: Blog, steps: list[str], drawn: str, *, is_kept: bool
) -> None:
    svg = blog.svg(PLOT + f"N, STEPS = {len(steps)}, {steps}\n{drawn}\nax.set_facecolor('#eee')")
    for grey in (to_hex(one) for one in steps if np.ptp(to_rgb(one)) < 0.02):
        assert (f"light-dark({grey}," not in svg) is is_kept
    assert "light-dark(#eeeeee," in svg


def test_the_pale_lines_of_a_palette_are_seen_in_the_dark(blog: Blog) -> None:
    code = "from matplotlib.collections import LineCollection\ncolours = plt.cm.Blues([0.0, 0.2, 0.4, 0.6])\n"
    drawn = "ax.add_collection(LineCollection([[(0, n), (1, n)] for n in range(4)], colors=colours))"
    assert "stroke: #f7fbff" in blog.svg(PLOT + code + drawn)


@pytest.mark.parametrize("colour", ["lightyellow", "lightblue", "#e3f2fd", "pink"])
@pytest.mark.parametrize("opacity", [0.35, 0.7])
def test_a_pale_ground_that_can_be_seen_through_is_a_tinge_in_the_dark_too(
    blog: Blog, colour: str, opacity: float
) -> None:
    svg = blog.svg(PLOT + f"ax.axvspan(0, 1, color={colour!r}, alpha={opacity}, lw=0)")
    ((_, dark),) = set(re.findall(r"fill: light-dark\((#\w{6}),(#\w{6})\)", svg))
    mixed = opacity * np.array(to_rgb(dark)) + (1 - opacity) * np.array(to_rgb(PAPER[1]))
    assert 1.2 < contrast(to_hex(tuple(mixed)), PAPER[1]) < 1.5


def test_what_is_hardly_seen_through_stays_as_bright_as_it_is(blog: Blog) -> None:
    svg = blog.svg(PLOT + "ax.axvspan(0, 1, color='lightyellow', alpha=0.9, lw=0)")
    assert "fill: #ffffe0; opacity: 0.9" in svg


@pytest.mark.parametrize("colour", ["navy", "purple"])
def test_white_text_stays_white_on_a_bar_that_hides_the_paper(blog: Blog, colour: str) -> None:
    svg = blog.svg(PLOT + f"ax.axis('off')\nax.bar(0, 1, color={colour!r})\nax.text(0, 0.5, 'x', color='white')")
    assert "fill: #ffffff" in svg


@pytest.mark.parametrize(
    "drawn", ["bbox={'fc': 'yellow', 'alpha': 0.3, 'ec': 'r'}", "bbox={'fc': 'orange', 'alpha': 0.5, 'ec': 'r'}"]
)
def test_text_on_what_the_dark_paper_is_seen_through_has_the_colour_that_is_read_better(blog: Blog, drawn: str) -> None:
    svg = blog.svg(PLOT + f"ax.axis('off')\nax.text(0, 0, 'x', color='black', {drawn})")
    assert 'fill="#000"' not in svg


@pytest.mark.parametrize(("colour", "opacity", "stays"), [("red", 0.3, False), ("red", 1, True), ("white", 0.3, True)])
def test_text_of_the_authors_colour_is_read_on_a_ground_that_is_darker_in_the_dark(
    blog: Blog, colour: str, opacity: float, *, stays: bool
) -> None:
    box = f"bbox={{'fc': 'yellow', 'alpha': {opacity}, 'ec': 'k'}}"
    svg = blog.svg(PLOT + f"ax.axis('off')\nax.text(0, 0, 'x', color={colour!r}, {box})")
    assert bool(re.search("fill: (#ff0000|#ffffff)", svg)) is stays


def test_a_legend_of_what_none_can_show_is_no_trouble_beside_points_of_a_map(blog: Blog) -> None:
    code = "ax.legend([ax.contourf(np.eye(4)), ax.scatter([1, 2], [1, 2], c=[1, 2], cmap='Blues')], ['a', 'b'])"
    assert "<svg" in blog.svg("import warnings\nwarnings.simplefilter('ignore')\n" + PLOT + code)


def test_a_mesh_whose_values_are_a_row_is_no_trouble_beside_an_image(blog: Blog) -> None:
    code = "figure, axes = plt.subplots(1, 2, figsize=(24, 9))\nfor ax in axes:\n    ax.pcolormesh(np.eye(3)).set_array(np.eye(3).ravel())\n    ax.imshow(np.eye(2))\n    ax.text(1, 1, 'a')"
    assert "<svg" in blog.svg(PLOT + "plt.close()\n" + code)


def test_text_on_a_grey_changes_with_it(blog: Blog) -> None:
    svg = blog.svg(PLOT + "ax.axis('off')\nax.text(0, 0, 'x', bbox={'fc': '0.9', 'ec': 'k'})")
    assert "#23272e" not in svg


COVERED = PLOT + "ax.imshow(np.eye(3))\n"


@pytest.mark.parametrize(
    "drawn",
    [
        "ax.text(1, 1, 'x', bbox={'fc': 'white'})",
        "ax.plot([0, 1], [0, 1], label='a')\nax.legend()",
        "ax.annotate('x', (0, 0), (1, 1), arrowprops={'arrowstyle': '->'})",
        "ax.inset_axes([0.4, 0.4, 0.5, 0.5]).plot([1, 2])",
        "fig.colorbar(ax.images[0], cax=ax.inset_axes([0.6, 0.5, 0.05, 0.3]))",
    ],
)
def test_what_stands_on_an_image_stays_as_it_was_chosen(blog: Blog, drawn: str) -> None:
    bare, svg = blog.svg(COVERED), blog.svg(COVERED + drawn)
    assert svg.count("var(") == bare.count("var(")


def test_what_stands_around_an_image_follows_the_theme(blog: Blog) -> None:
    svg = blog.svg(
        COVERED + "ax.set_title('t')\nax.text(1.1, 0.5, 'beside', transform=ax.transAxes)\nfig.colorbar(ax.images[0])"
    )
    assert INK[0] not in svg


def test_an_annotation_beside_an_image_follows_the_theme_and_so_does_most_of_its_arrow(blog: Blog) -> None:
    drawn = "ax.annotate('beside', (1, 1), ({}, 1), arrowprops={{'arrowstyle': '->'}})"
    assert INK[0] in blog.svg(COVERED + drawn.format(0))
    assert INK[0] not in blog.svg(COVERED + drawn.format(9))
    assert INK[0] in blog.svg(COVERED + drawn.format(3))  # the arrow


def test_second_axes_over_an_image_stay_as_they_were_chosen(blog: Blog) -> None:
    twin = "ax.twinx().plot([0, 1], [0, 1], 'w', label='a')"
    bare, svg = blog.svg(COVERED + "ax.twinx()"), blog.svg(COVERED + twin)
    assert svg.count("var(") == bare.count("var(")


def test_labels_within_a_filled_circle_stay_and_those_around_it_follow_the_theme(blog: Blog) -> None:
    code = (
        "import numpy as np, matplotlib.pyplot as plt\nfig, ax = plt.subplots(subplot_kw={'projection': 'polar'})\n"
        "r, t = np.meshgrid(np.linspace(0, 1, 9), np.linspace(0, 2 * np.pi, 30))\nax.pcolormesh(t, r, np.cos(t))\n"
    )
    assert blog.svg(code + "ax.set_rticks([0.5])").count(f'fill="{INK[0]}"') == 0
    within, around = (blog.svg(code + f"ax.set_rticks([{place}])") for place in (0.5, 1))
    assert within.count(INK[0]) > around.count(INK[0]) == 0


@pytest.mark.parametrize("ground", ["black", "#111133"])
def test_our_grid_stays_behind_on_a_ground_of_the_author(blog: Blog, ground: str) -> None:
    code = PLOT + f"ax.set_facecolor({ground!r})\nax.plot([1, 2])\n"
    assert "0.18" in blog.svg(code)
    assert "0.18" not in blog.svg(code + "ax.grid(True)")
    assert "0.18" not in blog.svg(PLOT + "ax.set_facecolor('lightyellow')\nax.plot([1, 2])\n")


@pytest.mark.parametrize(
    "drawn",
    [
        "ax.secondary_xaxis('top').set_xlabel('beside')",
        "fig.colorbar(ax.images[0], cax=ax.inset_axes([1.05, 0, 0.1, 1]), label='beside')",
    ],
)
def test_axes_beside_an_image_follow_the_theme(blog: Blog, drawn: str) -> None:
    drawn = f"ax.imshow(np.eye(3), cmap='Purples', aspect='auto')\n{drawn}\n"
    assert INK[0] not in blog.svg(PLOT + drawn)
    themed, alone = (
        blog.svg(PLOT + drawn + end).count('fill="var(--figure-ink)"') for end in ("", "ax.child_axes[0].remove()")
    )
    assert themed > alone
    raster = figure_of(blog, drawn, format="webp", dpi=100)
    image = np.asarray(Image.open(io.BytesIO(blog.store.content(raster.dark))).convert("RGBA"))
    assert not ((image[..., 3] > 200) & (image[..., :3].max(axis=-1) < 70)).any()  # ink of the light theme


@pytest.mark.parametrize(
    "drawn",
    [
        "ax.imshow(np.eye(3), extent=(0, 1, 0, 1))\nax.set(xlim=(0, 4), ylim=(0, 4))",
        "ax.imshow(np.eye(3), alpha=0.3)",
        "ax.contourf(np.eye(3), alpha=0.3)",
        "ax.barbs([0, 1], [0, 1], [9, 9], [9, 9], [0, 1])",
    ],
)
def test_what_an_image_leaves_of_the_paper_is_drawn_on_in_ink(blog: Blog, drawn: str) -> None:
    svg = blog.svg(PLOT + drawn + "\nax.plot([0, 3], [0, 3], 'k')\nax.text(2, 2, 'x')")
    assert "#000000" not in svg
    assert INK[0] not in svg


@pytest.mark.parametrize("name", ["coolwarm", "gray", "Blues", "RdBu_r", "hot", "twilight", "turbo", "Pastel1"])
def test_points_of_any_map_can_be_seen_on_both_papers(blog: Blog, name: str) -> None:
    svg = blog.svg(PLOT + f"fig.colorbar(ax.scatter(range(99), range(99), c=range(99), cmap={name!r}))")
    colours = {(found, found) for found in re.findall(r"(?<=: )#\w{6}", svg)}
    colours |= set(re.findall(r"light-dark\((#\w{6}),(#\w{6})\)", svg))
    assert len(colours) > 8
    for pair in colours:
        assert all(contrast(colour, paper) > 1.95 for colour, paper in zip(pair, PAPER, strict=True))


def test_the_legend_of_points_has_their_colours(blog: Blog) -> None:
    code = (
        PLOT
        + "some = ax.scatter([0, 1, 2], [0, 1, 2], c=[0, 1, 2], cmap='coolwarm')\nax.plot([0, 2], 'k', label='a')\n"
    )
    svg = blog.svg(code + "ax.legend([*some.legend_elements()[0], ax.lines[0]], ['0', '1', '2', 'a'])")
    points = set(re.findall(r"light-dark\(\S+\)", blog.svg(code)))
    assert set(re.findall(r"light-dark\(\S+\)", svg)) == points
    assert len(points) == 3


def test_a_legend_whose_last_text_the_program_took_away_is_drawn(blog: Blog) -> None:
    code = (
        PLOT
        + "some = ax.scatter([0, 1, 2], [0, 1, 2], c=[0, 1, 2], cmap='coolwarm')\nlegend = ax.legend(*some.legend_elements())\nlegend.texts.pop()"
    )
    assert "<path" in blog.svg(code)


def test_the_edges_of_points_of_a_map_are_ink(blog: Blog) -> None:
    svg = blog.svg(PLOT + "ax.scatter([0, 1, 2], [0, 1, 2], c=[0, 1, 2], cmap='coolwarm', edgecolors='k')")
    assert "light-dark(#000000," not in svg
    assert svg.count("stroke: var(--figure-ink)") > blog.svg(PLOT + "ax.scatter([0, 2], [0, 2])").count(
        "stroke: var(--figure-ink)"
    )


def test_points_keep_the_order_of_a_map_that_grows_steadily_darker(blog: Blog) -> None:
    svg = blog.svg(PLOT + "ax.scatter(range(9), range(9), c=range(9), cmap='Blues')")
    pairs = re.findall(r'y="[\d.]+" style="fill: light-dark\((#\w{6}),(#\w{6})\)', svg)
    assert len(pairs) == 9
    for theme in (0, 1):
        steps = [contrast(pair[theme], "#ffffff") for pair in pairs]
        assert steps == sorted(steps)


def test_solids_are_lit_in_the_colours_of_each_theme(blog: Blog) -> None:
    code = PLOT + "plt.close()\nax = plt.figure().add_subplot(projection='3d')\nax.bar3d([0, 2], 0, 0, 1, 1, [1, 2])"
    svg = blog.svg(code)
    faces = set(re.findall(r"fill: light-dark\(#(\w{6}),#(\w{6})\)", svg))
    assert len(faces) > 2
    dark = CUSTOM_PROPERTIES["--figure-1"][1]
    for pair in faces:  # each as bright, of the dark theme's colour, as it is of the light one's
        shares = [
            int(shade[4:], 16) / int(whole[5:], 16)
            for shade, whole in zip(pair, (CUSTOM_PROPERTIES["--figure-1"][0], dark), strict=True)
        ]
        assert shares[0] == pytest.approx(shares[1], abs=0.03)
    svg = blog.svg(code.replace("[1, 2])", "[1, 2], color='navy')"))
    assert not re.findall(r"fill: light-dark", svg)


def test_in_space_what_is_white_stays_so_before_a_surface_alone(blog: Blog) -> None:
    code = (
        PLOT + "plt.close()\nax = plt.figure().add_subplot(projection='3d')\nx, y = np.mgrid[0:9, 0:9]\n"
        "ax.plot_surface(x, y, x * y, cmap='jet'{})\nax.set_axis_off()\n"
        "ax.plot([4, 5], [4, 5], [20, 25], color='white')\nax.text({}, 4, 20, 'c', color='white')"
    )
    white = [blog.svg(code.format(*options)).count("#ffffff") for options in (("", 4), ("", -6), (", alpha=0.5", 4))]
    assert white == [2, 1, 0]


@pytest.mark.parametrize(
    ("text", "stays"),
    [
        ("ax.set_title('a b')", False),
        ("ax.text2D(0, 0.95, 'a b', transform=ax.transAxes)", False),
        ("ax.text2D(0.5, 0.6, 'a', transform=ax.transAxes)", True),
    ],
)
def test_a_title_or_a_text_beside_a_surface_follows_the_theme(blog: Blog, text: str, *, stays: bool) -> None:
    code = "plt.close()\nplt.rcParams['text.color'] = '#262626'\nax = plt.figure().add_subplot(projection='3d')\nax.set_axis_off()\n"
    svg = blog.svg(f"{PLOT}{code}ax.plot_surface(*np.mgrid[:3, :3], np.eye(3), cmap='viridis')\n{text}")
    assert ("fill: #262626" in svg) is stays


def test_longitudes_stand_on_a_map_that_is_filled(blog: Blog) -> None:
    code = (
        "plt.close()\nfig, ax = plt.subplots(subplot_kw={'projection': 'mollweide'})\nax.set_yticks([])\nax.tick_params(colors='#262626')\n"
        "x, y = np.meshgrid(np.linspace(-3.14, 3.14, 9), np.linspace(-1.57, 1.57, 5))\nax.pcolormesh(x, y, x * y)"
    )
    assert "fill: #262626" in blog.svg(PLOT + code)


def test_no_ground_is_seen_between_the_faces_of_a_surface(blog: Blog) -> None:
    code = "plt.close()\nax = plt.figure().add_subplot(projection='3d')\nax.plot_surface(*np.mgrid[:3, :3], np.eye(3), cmap='viridis', lw=0)"
    faces = re.findall(r"fill: (#\w{6}); stroke: (#\w{6})", blog.svg(PLOT + code))
    assert len(faces) == 4
    assert all(fill == edge for fill, edge in faces)


def test_lines_without_points_are_no_trouble_beside_a_surface(blog: Blog) -> None:
    code = "plt.close()\nax = plt.figure().add_subplot(projection='3d')\nax.plot_surface(*np.mgrid[:3, :3], np.eye(3), cmap='viridis')\nax.plot([], [], label='a')"
    assert [type(result) for result in blog.results(PLOT + code)] == [Figure]  # and no warning


def test_the_same_solids_as_a_picture_have_the_same_colours(blog: Blog) -> None:
    code = "plt.close()\nax = plt.figure().add_subplot(projection='3d')\nax.plot_surface(*np.mgrid[0:9, 0:9], np.random.rand(9, 9))"
    figure = figure_of(blog, code, format="webp", dpi=100)
    assert figure.light != figure.dark


def test_text_in_a_table_or_a_legend_of_another_colour_can_be_read(blog: Blog) -> None:
    svg = blog.svg(
        PLOT + "ax.axis('off')\nax.table([['a', 'b']], cellColours=[['yellow', 'w']], loc='center', edges='')"
    )
    assert svg.count(INK[0]) == 1
    svg = blog.svg(PLOT + "ax.plot([1, 2], label='a')\nax.legend(facecolor='C0')")
    assert "fill: var(--figure-paper)" in svg


@pytest.mark.parametrize(
    "legends",
    [
        "fig.legend(facecolor='C0')",
        "plt.close()\nfig = plt.figure()\npart = fig.subfigures(1, 2)[0]\npart.subplots().plot([1], label='a')\npart.legend(facecolor='C0')",
        "ax.add_artist(ax.legend(facecolor='C0'))\nax.legend(frameon=False)",
        "from matplotlib.offsetbox import AnchoredText\nax.add_artist(AnchoredText('a', 2)).patch.set_facecolor('C0')",
    ],
)
def test_text_in_any_legend_or_box_of_another_colour_can_be_read(blog: Blog, legends: str) -> None:
    svg = blog.svg("import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2], label='a')\n" + legends)
    assert "fill: var(--figure-paper)" in svg


@pytest.mark.parametrize(
    ("box", "is_exact"),
    [
        ("'fc': '#d8f0d8'", True),
        ("'fc': 'lime', 'alpha': 0.7", True),
        ("'fc': 'lightyellow', 'alpha': 0.7", False),
        ("'fc': 'yellow', 'alpha': 0.1", False),
        ("'fc': '0.95'", False),
    ],
)
@pytest.mark.parametrize("colour", ["#1a1a1a", "#2c3e50", "#000080", "#4964c2"])
def test_text_of_any_colour_on_a_light_ground_that_stays_is_read_in_the_dark(
    blog: Blog, box: str, colour: str, *, is_exact: bool
) -> None:
    axes = PLOT + "ax.axis('off')\n"
    for drawn in (
        f"ax.text(0, 0, 'x', color={colour!r}, bbox={{{box}, 'ec': 'r'}})",
        f"ax.add_patch(plt.Rectangle((0, 0), 1, 1, **{{{box}, 'ec': 'r'}}))\nax.text(0.5, 0.5, 'x', color={colour!r})",
    ):
        assert (f"fill: {colour}" in blog.svg(axes + drawn)) == is_exact


@pytest.mark.parametrize(
    "drawn", ["ax.fill_between([0, 2], 2, color={!r})", "ax.broken_barh([(0, 2)], (0, 2), facecolors={!r})"]
)
def test_text_on_an_area_of_another_colour_stays_as_it_was_chosen(blog: Blog, drawn: str) -> None:
    text = "\nax.axis('off')\nax.text(1, 1, 'x', color='#ffffff')"
    assert "fill: #ffffff" in blog.svg(PLOT + drawn.format("navy") + text)
    assert "fill: #ffffff" not in blog.svg(PLOT + drawn.format("0.5") + text)


def test_cells_that_are_left_out_of_a_mesh_have_no_edges(blog: Blog) -> None:
    code = PLOT + "mesh = ax.pcolormesh(np.ma.masked_less([[1, 0], [1, 1]], {}), edgecolors='w', lw=1)"
    assert [blog.svg(code.format(least)).count("stroke: #ffffff") for least in (0, 1)] == [4, 3]


def test_the_colour_bar_of_hatched_contours_has_their_colours(blog: Blog) -> None:
    contours = (
        "ax.contourf([[0, 1], [2, 3]], levels=[0, 1, 3], colors=['#ccddff', '#ffddcc'], alpha=0.6, hatches=['/', ''])"
    )
    svg = blog.svg(PLOT + f"fig.colorbar({contours})")
    assert svg.count("fill: #ffddcc") > 1
    assert "light-dark(#ffddcc" not in svg


def test_the_label_of_a_node_can_be_read(blog: Blog) -> None:
    code = (
        PLOT
        + "ax.axis('off')\nax.scatter([0, 1], [0, 1], 300, {!r})\nax.text(1, 1, 'x', ha='center', va='center', color='k')"
    )
    assert "var(--figure-ink)" not in blog.svg(code.format("gold")).split(">", 1)[1]
    assert "fill: var(--figure-paper)" in blog.svg(code.format("C0"))


@pytest.mark.parametrize("name", ["Reds", "viridis", "gray", "coolwarm"])
def test_the_label_of_a_node_that_a_map_colours_can_be_read(blog: Blog, name: str) -> None:
    for value in (0.05, 0.5, 0.95):
        nodes = f"ax.axis('off')\nax.scatter([0, 1], [0, 1], 300, [{value}] * 2, cmap={name!r}, vmin=0, vmax=1)\n"
        svg = blog.svg(PLOT + nodes + "ax.text(0, 0, 'x', ha='center', va='center', color='k')")
        exact = ["#000000"] if 'fill="#000"' in svg else []  # else ink is what the whole has
        found = [*re.findall(r"fill: (?:light-dark\()?([#\w,]+)", svg), *exact, ",".join(INK)]
        node, text = found[0], next(one for one in found if one != found[0])
        for letter, below in zip((text.split(",") * 2)[:2], (node.split(",") * 2)[:2], strict=True):
            assert contrast(letter, below) >= 4.5


def test_ink_that_is_partly_on_a_bar_has_a_rim_of_paper(blog: Blog) -> None:
    code = (
        PLOT + "ax.axis('off')\nax.bar([0, 1], [1, 1], color='C2', width=0.5)\nax.text({}, 0.5, 'words', ha='center')"
    )
    assert "stroke: var(--figure-paper)" in blog.svg(code.format(0.25))
    assert "stroke: var(--figure-paper)" not in blog.svg(code.format(0.5))
    assert "stroke: var(--figure-paper)" not in blog.svg(code.format(0))


def test_what_draws_nothing_does_not_change_what_follows(blog: Blog) -> None:
    svg = blog.svg(PLOT + "ax.set(xticks=[], yticks=[])\nax.scatter([], [], c=[], cmap='gray')\nax.text(0, 0, 'x')")
    assert INK[0] not in svg


def test_a_part_of_a_figure_may_have_a_ground_of_its_own(blog: Blog) -> None:
    parts = "plt.close()\nleft, right = plt.figure().subfigures(1, 2)\nleft.set_facecolor({!r})\nleft.subplots()\nright.subplots()"
    assert not figure_of(blog, parts.format("coral")).themed
    assert figure_of(blog, parts.format("0.9")).themed


def test_axes_are_paper_on_a_figure_of_another_ground(blog: Blog) -> None:
    svg = blog.svg(PLOT + "fig.set_facecolor('0.8')\nax.set_facecolor('white')\nax.plot([1, 2])")
    assert svg.count("fill: var(--figure-paper)") == 1


def test_labels_stand_on_the_ground_of_their_figure(blog: Blog) -> None:
    figure = figure_of(blog, "fig.set_facecolor('0.9')\nax.plot([1, 2])\nax.set_xlabel('x')\nax.set_ylabel('y')")
    assert (figure.width, figure.height) == (681.6, 393.6)  # nothing reaches beyond 7 by 4 inches


def test_a_hatching_has_the_colours_of_what_it_fills(blog: Blog) -> None:
    svg = blog.svg(PLOT + "ax.contourf(np.outer(range(5), range(5)), hatches=['/', '.'], cmap='gray', alpha=0.5)")
    assert "<pattern" in svg
    assert "light-dark" not in svg


def gridlines(svg: str) -> int:
    """Return how many lines a figure has in the colour of its grid."""
    return svg.count("stroke: var(--figure-muted)") + svg.count('stroke="var(--figure-muted)"')


def test_grid_is_shown_where_a_program_asks_for_it(blog: Blog) -> None:
    code = "import matplotlib.pyplot as plt\nimport numpy as np\n"
    line, image = code + "plt.plot([1, 2])\n", code + "plt.imshow(np.eye(9))\n"
    assert gridlines(blog.svg(line)) == gridlines(blog.svg(line + "plt.grid()")) > 0
    assert gridlines(blog.svg(line + "plt.gca().grid(axis='x')")) > 0
    assert gridlines(blog.svg(line + "plt.grid()\nplt.grid()")) == gridlines(blog.svg(line + "plt.grid(False)")) == 0
    assert gridlines(blog.svg(image)) == gridlines(blog.svg(image + "plt.grid('off')")) == 0
    assert gridlines(blog.svg(image + "plt.grid()")) == gridlines(blog.svg(image + "plt.grid(True, alpha=0.3)")) > 0


def test_lines_between_the_cells_of_an_image_are_the_only_ones_and_stay_white(blog: Blog) -> None:
    svg = blog.svg(
        "import matplotlib.pyplot as plt\nimport numpy as np\nplt.imshow(np.eye(3))\nax = plt.gca()\n"
        "ax.set_xticks(range(3))\nax.set_xticks(np.arange(4) - 0.5, minor=True)\nax.grid(which='minor', axis='x', color='w', linewidth=3)"
    )
    assert gridlines(svg) == 0
    assert svg.count("#fff") >= 4
    assert "stroke: var(--figure-paper)" not in svg


def test_grid_that_is_asked_for_lies_on_a_mesh(blog: Blog) -> None:
    code = "import matplotlib.pyplot as plt\nimport numpy as np\nplt.contourf(np.outer(np.arange(9), np.arange(9)))\n"
    below, above = blog.svg(code), blog.svg(code + "plt.grid(color='red')")
    assert "red" not in below
    assert above.rindex("#ff0000") > above.rindex("#d8e219")


def test_the_ground_of_controls_that_are_left_away_is_none_of_the_figure(blog: Blog) -> None:
    code = (
        PLOT
        + "from matplotlib.widgets import Slider\nax = plt.axes([0.2, 0, 0.6, 0.1], facecolor='lightyellow')\nSlider(ax, 'a', 0, 1)"
    )
    (figure,) = [result for result in blog.results(code) if isinstance(result, Figure)]
    assert figure.themed


@pytest.mark.parametrize(("size", "sizes"), [("12", "12 13 12.5 12"), ("24", "24 26 25 24")])
def test_text_is_as_large_as_the_program_s_font_size_says(blog: Blog, size: str, sizes: str) -> None:
    code = (
        f"kept = plt.rcParams.copy()\nplt.rcParams['font.size'] = {size}\nplt.rcParams.update({{'axes.titlesize': kept['axes.titlesize']}})\n"
        "fig, ax = plt.subplots()\nax.plot([1, 2], label='a')\n"
        "texts = (*ax.get_xticklabels()[:1], ax.title, ax.xaxis.label, *ax.legend().get_texts())\n"
        "print(*(f'{text.get_size():g}' for text in texts))\nplt.close('all')"
    )
    assert blog.results(PLOT + code) == [Printed(f"{sizes}\n", "stdout")]


@pytest.mark.parametrize("ground", ["#8139e5", "#e58139", "#39e581", "#3c78b4", "#c03030", "#d0b8f4", "#0b3d20"])
def test_ink_in_a_filled_box_is_read_on_either_paper(blog: Blog, ground: str) -> None:
    svg = blog.svg(PLOT + f"ax.axis('off')\nax.text(0, 0, 'x', bbox={{'fc': {ground!r}, 'ec': 'r'}})")
    box, text, *_ = [*re.findall(r"fill: (?:light-dark\()?([#\w,]+)", svg), ",".join(INK)]  # ink is what the whole has
    for letter, below in zip((text.split(",") * 2)[-2:], (box.split(",") * 2)[-2:], strict=True):
        assert contrast(letter, below) >= 4.5
