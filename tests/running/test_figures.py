"""Figures: in the inks of a theme, cropped, with ids of their own, the same bytes each time."""

from __future__ import annotations

import io
import json
import re
import tracemalloc
import xml.etree.ElementTree as ET
from html import unescape
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from sitegen.model import Figure, Printed, Shown, Step
from sitegen.running.figures.palette import CUSTOM_PROPERTIES

if TYPE_CHECKING:
    from running.conftest import Blog

PLOT = "import numpy as np, matplotlib.pyplot as plt\nfig, ax = plt.subplots()\n"


def figure_of(blog: Blog, code: str, **options: object) -> Figure:
    (figure,) = [result for result in blog.results(Step(PLOT + code, "cell", **options)) if isinstance(result, Figure)]  # type: ignore[arg-type] # options of a step
    return figure


def luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, two: str) -> float:
    dark, light = sorted((luminance(one), luminance(two)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1])
def test_every_colour_stands_out_from_its_paper(theme: int) -> None:
    colours = {name: pair[theme] for name, pair in CUSTOM_PROPERTIES.items()}
    paper = colours["--figure-paper"]
    assert contrast(colours["--figure-ink"], paper) > 12
    for number in range(1, 9):
        assert contrast(colours[f"--figure-{number}"], paper) >= 3


def test_inks_become_custom_properties(blog: Blog) -> None:
    svg = blog.svg(PLOT + "for n in range(8): ax.plot([n, n + 1], label=str(n))\nax.legend()\nax.set_title('t')")
    used = set(re.findall(r"var\((--[\w-]+)\)", svg))
    assert used == set(CUSTOM_PROPERTIES)
    assert not re.findall(r"#[0-9a-f]{6}\b", svg)


def test_hatching_and_gradients_take_inks_too(blog: Blog) -> None:
    svg = blog.svg(PLOT + "ax.bar([1, 2], [3, 4], hatch='//', edgecolor='k')")
    assert "<pattern" in svg
    assert not re.findall(r"#[0-9a-f]{6}\b", svg)


def test_a_raster_that_reaches_beyond_the_figure_is_whole(blog: Blog) -> None:
    legend = "ax.plot([1, 2], label='a')\nax.legend(loc='upper left', bbox_to_anchor=(1.2, 1))"
    vector, raster = figure_of(blog, legend), figure_of(blog, legend, format="webp", dpi=100)
    assert abs(vector.width - raster.width) < 3
    assert abs(vector.height - raster.height) < 3
    image = Image.open(io.BytesIO(blog.store.content(raster.light)))
    assert abs(image.size[0] - raster.width * 100 / 96) <= 2
    right = image.crop((image.size[0] - 60, 0, image.size[0], 40)).getchannel("A")
    assert right.getextrema()[1] == 255  # the legend's own line stands there


def test_a_raster_that_lays_itself_out_and_reaches_beyond_the_figure_is_whole(blog: Blog) -> None:
    code = (
        "plt.close()\nfig, axes = plt.subplots(1, 2, figsize=(7, 4), layout='constrained')\n"
        "for ax in axes:\n    ax.imshow(np.eye(450))\n    ax.set_title('title')"
    )
    vector, raster = figure_of(blog, code, format="svg"), figure_of(blog, code, format="webp")
    assert vector.height == pytest.approx(raster.height, abs=8)
    image = Image.open(io.BytesIO(blog.store.content(raster.light))).getchannel("A")
    assert image.crop((0, 0, image.size[0], 8)).getextrema()[1] == 0  # no title is cut off at the edge


def test_an_svg_is_ready_to_stand_in_a_page(blog: Blog) -> None:
    svg = blog.svg(PLOT + "ax.plot([1, 2], 'o-')\nax.text(0, 1, '$x_1$')")
    root = ET.fromstring(svg)  # noqa: S314 - our own
    assert svg.startswith('<svg xmlns="http://www.w3.org/2000/svg" role="img" width="')
    assert root.get("viewBox")
    assert not re.search(r"<\?|<!|metadata|<style|xlink|Date", svg)
    ids = re.findall(r' id="([^"]*)"', svg)
    references = set(re.findall(r'url\(#([^)]*)\)|href="#([^"]*)"', svg))
    assert set(ids) == {one or two for one, two in references}
    assert len(set(ids)) == len(ids)
    assert len({name[:9] for name in ids}) == 1


def test_two_figures_share_no_id_even_when_they_are_the_same(blog: Blog) -> None:
    figures = blog.results(PLOT + "ax.plot([1, 2])\nplt.figure()\nplt.plot([1, 2])")
    one, two = (set(re.findall(r' id="([^"]*)"', blog.store.content(figure.svg).decode())) for figure in figures)  # type: ignore[union-attr] # all are figures
    assert not one & two


def test_the_same_figure_has_the_same_bytes_in_another_process(blog: Blog) -> None:
    code = PLOT + "ax.scatter(rng.random(50), rng.random(50), c=rng.random(50))\nax.imshow(rng.random((4, 4)))"
    assert blog.svg(code) == blog.svg(code + "\n")


@pytest.mark.parametrize("style", ["default", "classic", "ggplot"])
def test_another_style_sheet_has_the_same_bytes_in_another_process(blog: Blog, style: str) -> None:
    code = (
        PLOT
        + f"plt.close()\nplt.rcdefaults()\nplt.style.use({style!r})\nplt.plot([1, 2], 'o-', label='a')\nplt.legend()"
    )
    assert blog.svg(code) == blog.svg(code + "\n")


def test_nothing_is_cut_off_and_nothing_is_empty(blog: Blog) -> None:
    inside = figure_of(blog, "ax.plot([1, 2], label='a')\nax.legend()")
    outside = figure_of(blog, "ax.plot([1, 2], label='a')\nax.legend(loc='upper left', bbox_to_anchor=(1.2, 1))")
    assert outside.width > inside.width + 40
    svg = blog.store.content(outside.svg).decode()
    assert svg.count("var(--figure-1)") == 2  # the line, and its piece in the legend outside of the figure


def test_a_fill_that_nothing_clips_leaves_no_room_around_a_figure(blog: Blog) -> None:
    code = "ax.fill_between([1, 2], [1, 2], color='k', alpha=1{})"
    clipped, whole = (figure_of(blog, code.format(how)) for how in ("", ", clip_on=False"))
    assert max(abs(whole.width - clipped.width), abs(whole.height - clipped.height)) < 3


def test_black_and_white_follow_the_theme_where_nothing_is_below_them(blog: Blog) -> None:
    svg = blog.svg(
        PLOT + "ax.plot([1, 2], color='k')\nax.text(0, 1, 'x', color='black', bbox={'fc': 'white', 'ec': 'k'})"
    )
    assert "#000000" not in svg
    assert "#ffffff" not in svg
    assert "var(--figure-paper)" in svg


def test_black_and_white_stay_on_an_image_and_its_labels_are_ink(blog: Blog) -> None:
    svg = blog.svg(
        PLOT
        + "ax.imshow(np.eye(3))\nax.plot([0, 1], color='black')\nax.text(0, 1, 'x', color='white')\nax.set_title('t', color='black')"
    )
    assert "#000000" in svg
    assert "#ffffff" in svg
    assert "var(--figure-ink)" in svg


def test_colours_of_a_colour_map_are_never_themed(blog: Blog) -> None:
    inks = [
        pair[0] for name, pair in CUSTOM_PROPERTIES.items() if name.startswith("--figure-1") or name.endswith("paper")
    ]
    code = f"from matplotlib.colors import ListedColormap\nax.pcolormesh(np.eye(4), cmap=ListedColormap({inks!r}))"
    svg = blog.svg(PLOT + code)
    assert all(ink in svg for ink in inks)
    code = "from matplotlib.colors import LinearSegmentedColormap, to_hex\nLinearSegmentedColormap.from_list('x', ['C0', 'C1'])(0.0)[:3] == plt.matplotlib.colors.to_rgb('C0')"
    assert blog.results(code.replace("plt.matplotlib", "__import__('matplotlib')"))[0].data == "True"  # type: ignore[union-attr] # it is a Shown


def test_contours_and_points_of_a_map_are_cut_to_what_each_paper_shows(blog: Blog) -> None:
    svg = blog.svg(PLOT + "lines = ax.contour(np.outer(range(5), range(5)))\nax.clabel(lines)\nfig.colorbar(lines)")
    assert re.search(r"stroke: light-dark\(#44\w{4},#\w{6}\)", svg)
    assert not re.search(r": #[0-9a-f]{6}", svg)
    svg = blog.svg(PLOT + "fig.colorbar(ax.scatter(range(9), range(9), c=range(9)))")
    assert svg.count("light-dark(") > 200  # the colour bar too, which is an image else
    assert "<image" not in svg


def test_contours_in_colours_of_the_author_follow_the_theme(blog: Blog) -> None:
    svg = blog.svg(PLOT + "ax.contour(np.eye(4), colors='k')\nax.plot([0, 1], 'k')")
    assert not re.findall(r"#[0-9a-f]{6}\b", svg)
    svg = blog.svg(PLOT + "ax.contourf(np.eye(4), levels=[-1, 0.5, 2], colors=['C0', 'C1'])\nax.plot([0, 1], 'k')")
    assert not re.findall(r"#[0-9a-f]{6}\b", svg)


def test_arrows_and_outlines_are_in_ink(blog: Blog) -> None:
    svg = blog.svg(
        PLOT + "ax.annotate('x', (0, 0), (1, 1), arrowprops={'arrowstyle': '->'})\nax.axis('off')\n"
        "ax.add_patch(plt.Circle((0, 0), 1, fill=False))"
    )
    assert svg.count("stroke: var(--figure-ink)") == 3  # the shaft, the head, the circle
    assert "var(--figure-paper)" not in svg


def test_an_inset_hides_what_is_below_it(blog: Blog) -> None:
    svg = blog.svg(PLOT + "ax.plot([1, 2])\nax.inset_axes([0.1, 0.1, 0.4, 0.4])")
    assert svg.count("var(--figure-paper)") == 1


def test_text_on_a_series_colour_is_in_the_paper_s(blog: Blog) -> None:
    svg = blog.svg(PLOT + "ax.pie([1, 2], labels=['a', 'b'], autopct='%d')")
    assert svg.count("fill: var(--figure-paper)") == 2
    svg = blog.svg(PLOT + "ax.bar_label(ax.bar([1, 2], [3, 4]))")
    assert "fill: var(--figure-paper)" not in svg


def test_a_colour_bar_does_not_make_a_figure_taller(blog: Blog) -> None:
    plain = figure_of(blog, "ax.imshow(np.eye(3))")
    assert abs(figure_of(blog, "fig.colorbar(ax.imshow(np.eye(3)))").height - plain.height) < 10


STYLED = "with plt.style.context({!r}):\n    plt.close('all')\n    plt.plot([1, 2], label='a')\n    plt.title('t')\n    plt.legend()"


@pytest.mark.parametrize("style", ["dark_background", "Solarize_Light2"])
def test_another_style_sheet_keeps_its_own_ground(blog: Blog, style: str) -> None:
    figure = figure_of(blog, STYLED.format(style))
    assert not figure.themed
    assert "var(--" not in blog.store.content(figure.svg).decode()


@pytest.mark.parametrize(
    "style",
    ["default", "seaborn-v0_8", "seaborn-v0_8-whitegrid", "ggplot", "bmh", "fivethirtyeight", "classic", "grayscale"],
)
def test_a_style_sheet_with_a_ground_of_light_grey_follows_the_theme(blog: Blog, style: str) -> None:
    figure = figure_of(blog, STYLED.format(style))
    assert figure.themed
    svg = re.sub(r"light-dark\([^)]*\)", "", blog.store.content(figure.svg).decode())
    assert not re.findall(r"#(\w\w)\1\1\b", svg)  # no grey is the same on both papers


def test_a_style_sheet_decides_the_colours_of_titles_and_legends(blog: Blog) -> None:
    svg = blog.svg(PLOT + STYLED.format("dark_background"))
    assert CUSTOM_PROPERTIES["--figure-ink"][0] not in svg
    assert CUSTOM_PROPERTIES["--figure-paper"][0] not in svg


def test_xkcd_follows_the_theme(blog: Blog) -> None:
    assert figure_of(blog, "plt.close('all')\nwith plt.xkcd():\n    plt.plot([1, 2])").themed


def test_a_heavy_figure_is_a_pair_of_rasters(blog: Blog) -> None:
    figure = figure_of(blog, "ax.scatter(rng.random(9000), rng.random(9000))\nax.text(0, 1, 'ink')")
    assert (figure.svg, bool(figure.light), bool(figure.dark)) == ("", True, True)
    light, dark = (Image.open(io.BytesIO(blog.store.content(name))) for name in (figure.light, figure.dark))
    assert light.size == dark.size
    assert abs(light.size[0] - figure.width * 192 / 96) <= 2
    for image, theme in ((light, 0), (dark, 1)):
        colour = CUSTOM_PROPERTIES["--figure-1"][theme]
        wanted = tuple(int(colour[start : start + 2], 16) for start in (1, 3, 5))
        assert wanted in set(image.convert("RGB").get_flattened_data())
    assert light.getchannel("A").getpixel((0, 0)) == 0


def test_a_surface_is_a_pair_of_rasters(blog: Blog) -> None:
    code = "x, y = np.meshgrid(np.arange(60), np.arange(60))\nax = plt.figure().add_subplot(projection='3d')\nax.plot_surface(x, y, x * y, rcount=60, ccount=60, cmap='viridis')\nplt.close(1)"
    assert figure_of(blog, code).light


def test_options_decide_size_format_and_resolution(blog: Blog) -> None:
    small = figure_of(blog, "ax.plot([1])", size=(3.0, 2.0))
    assert small.svg
    assert small.width < 320
    raster = figure_of(blog, "ax.plot([1])", format="webp", dpi=100)
    assert raster.light
    vector = figure_of(blog, "ax.scatter(rng.random(9000), rng.random(9000))", format="svg")
    assert vector.svg


def test_a_size_that_the_program_set_stays(blog: Blog) -> None:
    codes = [
        Step(PLOT + "plt.close()\nplt.rcParams['figure.figsize'] = (2, 2)", "cell", size=(7.0, 4.0)),
        Step("plt.plot([1])", "cell", size=(7.0, 4.0)),
    ]
    (figure,) = [result for result in blog.results(*codes) if isinstance(result, Figure)]
    assert figure.width < 250


def test_a_figure_is_shown_once_wherever_it_comes_from(blog: Blog) -> None:
    assert len(blog.results("from matplotlib.figure import Figure\nf = Figure()\nf.add_subplot().plot([1])\nf")) == 1
    assert len(blog.results(PLOT + "ax.plot([1])\nplt.show()\nfig.show()\nfig")) == 1
    assert len(blog.results(PLOT + "fig.savefig('x.png')\nplt.figure()\nplt.plot([1])")) == 2
    assert len(blog.results(PLOT + "display(fig)\nplt.close(fig)")) == 1


@pytest.mark.parametrize(
    ("code", "alt"),
    [
        (
            "ax.plot([1, 2], label='adam')\nax.plot([2, 1], label='sgd')\nax.set_xlabel('step')\nax.set_ylabel('loss')",
            "Line plot of loss against step; series: adam, sgd",
        ),
        ("ax.scatter([1], [2])\nax.set_title('Two $x^2$')", "Scatter plot, titled Two x^2"),
        ("ax.hist(rng.random(99), 40)\nax.set_xlabel('x')", "Histogram over x"),
        ("ax.bar(['a', 'b'], [1, 2])", "Bar chart"),
        ("ax.hist(rng.random(99), orientation='horizontal')", "Histogram"),
        ("for n in range(40):\n    ax.bar(n, 1, bottom=n, width=0.6)", "Bar chart"),
        ("ax.bar(range(5), [1, 2, 3, 4, 5], bottom=[0, 1, 3, 6, 10], width=1)", "Bar chart"),
        ("ax.axis('off')\nax.add_patch(plt.Rectangle((0, 0), 1, 1))\nax.add_patch(plt.Circle((0, 0), 1))", "Diagram"),
        ("ax.scatter([1, 2], [3, 4])\nax.axhline(3)", "Scatter plot"),
        ("ax.contour(np.eye(4))\nax.plot([0, 1])", "Contour plot with a path"),
        (
            "plt.close()\nfig, (a, b) = plt.subplots(1, 2)\na.plot([1])\nb.imshow(np.eye(2))\nfig.suptitle('Both')",
            "Both: Line plot; Heat map",
        ),
        ("ax.axis('off')", "Figure"),
        ("ax.set(xlabel='x', title='Nothing yet')", "Empty plot over x, titled Nothing yet"),
        ("ax.stackplot([1, 2], [3, 4], labels=['a'])", "Filled areas; series: a"),
        ("ax.hexbin([1, 2], [1, 2], gridsize=3)", "Heat map"),
        ("ax.imshow([[1, 2], [3, 4]], cmap='Blues')", "Heat map"),
        ("ax.imshow([[1, 2], [3, 4]], cmap='gray')", "Image"),
        ("ax.imshow([[(0, 0, 1.0)]])\nax.set_title('sky')", "Image, titled sky"),
        ("ax.axis('off')\nax.table([['a']])\nax.set_title('All')", "Table, titled All"),
    ],
)
def test_alternative_text_is_drafted_from_the_figure(blog: Blog, code: str, alt: str) -> None:
    assert figure_of(blog, code).alt == alt


def test_hundreds_of_figures_do_not_stay_in_memory(blog: Blog) -> None:
    blog.limits = type(blog.limits)(figures=200)
    tracemalloc.start()
    blog.results(
        PLOT
        + "plt.close()\nfor n in range(60):\n    fig, ax = plt.subplots()\n    ax.plot(rng.random(1500))\n    display(fig)\n    plt.close(fig)"
    )
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4_000_000


def test_lines_and_points_say_what_they_are_and_axes_what_they_measure(blog: Blog) -> None:
    svg = blog.svg(
        PLOT + "ax.plot([1, 10, 100], [1, 2, 3], label='a < $b$')\nax.scatter([1, 10], [2, 2])\nax.set_xscale('log')"
    )
    assert '<g data-axes="0" data-series="a &lt; b">' in svg
    assert svg.count('data-series=""') == 1
    found = re.search(r"data-scales='([^']*)'", svg)
    assert found
    left, top, width, height, *scales = json.loads(unescape(found[1]))[0]
    assert [scales[2], scales[5]] == ["log", "linear"]
    line = re.search(r'data-series="a &lt; b"><path d="M([\d.]+) ([\d.]+)l', svg)
    assert line  # what the drawing and the scales say together is what was plotted
    across, up = (float(line[1]) - left) / width, (top + height - float(line[2])) / height
    assert scales[0] * (scales[1] / scales[0]) ** across == pytest.approx(1, rel=1e-3)
    assert scales[3] + (scales[4] - scales[3]) * up == pytest.approx(1, abs=1e-3)
    assert "data-" not in blog.svg(Step(PLOT + "ax.plot([1, 2])", "cell", hover=False))


@pytest.mark.parametrize(
    ("code", "reads"),
    [
        ("ax.bar(['u', 'v'], [3, -4.5], label='b')", ["u: 3", "v: \u22124.5"]),
        ("ax.barh([1, 2], [3, 4])", ["1: 3", "2: 4"]),
        ("ax.bar([0, 1], [3, 4])\nax.set_xticks([0.2, 1.2], ['a', 'b'])", ["a: 3", "b: 4"]),
        ("ax.bar([1, 2], [3, 4], width=1)", ["1: 3", "2: 4"]),
        ("ax.hist([0, 1, 1, 2], 2)", ["0 to 1: 1", "1 to 2: 3"]),
    ],
)
def test_a_bar_says_what_it_shows(blog: Blog, code: str, reads: list[str]) -> None:
    assert re.findall(r'data-reads="([^"]*)"', blog.svg(PLOT + code)) == reads


@pytest.mark.parametrize(
    "code",
    [
        "ax.fill_between([1, 2], [3, 4], label='s')",
        "ax.hist([1, 2, 2], histtype='step', label='s')",
        "ax.stairs([1, 2], label='s')",
    ],
)
def test_the_edge_of_a_fill_can_be_pointed_at(blog: Blog, code: str) -> None:
    assert re.search(r'<g data-axes="0" data-series="s"><path d="M', blog.svg(PLOT + code))


def test_a_point_says_its_error(blog: Blog) -> None:
    svg = blog.svg(PLOT + "ax.errorbar([1, 2], [3, 4], [0.5, 1], label='e')")
    assert 'data-series="e" data-spread="2.5 to 3.5;3 to 5"' in svg
    assert "data-spread" not in blog.svg(PLOT + "ax.errorbar([1, 2], [3, 4], [0.5, 1])\nax.set_xlim(1.5, 2.5)")


@pytest.mark.parametrize(
    ("code", "table"),
    [
        ("ax.hist([1, 2, 2, 4], 2)", "series,x,y\nbars 1,1.75,3\nbars 1,3.25,1\n"),
        ("ax.stairs([3, 4], [0, 1, 3], label='s')", "series,x,y\ns,0.5,3\ns,2,4\n"),
        (
            "ax.errorbar([1, 2], [3, 4], [0.5, 1], fmt='o', label='e')",
            "series,x,y,low,high\ne,1,3,2.5,3.5\ne,2,4,3,5\n",
        ),
        (
            "ax.fill_between([1, 2], [3, 4], [5, 2])\nax.plot([1, 2])",
            "series,x,y,low,high\nline 1,0,1,,\nline 1,1,2,,\nfill 1,1,,3,5\nfill 1,2,,2,4\n",
        ),
        ("ax.plot([1, 2], [0.5, np.nan], label='a')", "series,x,y\na,1,0.5\na,2,nan\n"),
        ("ax.bar(['u', 'v'], [3, 4])", "series,x,y\nbars 1,u,3\nbars 1,v,4\n"),
        ("ax.scatter([1], [2])", "series,x,y\npoints 1,1,2\n"),
        ("ax.barh([1, 2], [3, 4], label='b')", "series,x,y\nb,3,1\nb,4,2\n"),
        (
            "ax.plot(np.array(['2026-01-01', '2026-01-02'], 'M8[D]'), [1, 2])",
            "series,x,y\nline 1,2026-01-01T00:00:00+00:00,1\nline 1,2026-01-02T00:00:00+00:00,2\n",
        ),
        (
            "plt.close()\nfig, (a, b) = plt.subplots(1, 2)\na.plot([1, 2])\na.set_title('left')\nb.plot([3, 4])",
            "axes,series,x,y\nleft,line 1,0,1\nleft,line 1,1,2\n2,line 1,0,3\n2,line 1,1,4\n",
        ),
    ],
)
def test_what_a_figure_plots_can_be_had_as_a_table(blog: Blog, code: str, table: str) -> None:
    assert blog.store.content(figure_of(blog, code).data).decode() == table


@pytest.mark.parametrize("code", ["ax.imshow(np.eye(3))", "ax.plot(range(5000))", "ax.plot([1, 2])\nax.axis('off')"])
def test_what_is_no_table_or_too_long_has_none(blog: Blog, code: str) -> None:
    assert not figure_of(blog, code).data


def test_a_family_that_is_not_installed_is_that_of_the_page(blog: Blog) -> None:
    missing, ours = (blog.svg(PLOT + f"ax.text(0, 0, 'Rag', family={family})") for family in ("'Arial Nova'", "None"))
    assert missing == ours


@pytest.mark.parametrize(
    ("drawn", "is_square"), [("ax.add_patch(plt.Circle((0.5, 0.5), 0.3))", True), ("ax.scatter(0.5, 0.5)", False)]
)
def test_a_diagram_with_circles_has_the_same_shape_on_a_phone(blog: Blog, drawn: str, *, is_square: bool) -> None:
    code = f"fig.set_size_inches(9, 9)\nax.axis('off')\n{drawn}\nax.text(0.5, 0.5, 'x')"
    narrow = blog.store.content(figure_of(blog, code, narrow=True).narrow).decode()
    width, height = map(float, re.findall(r'(?:width|height)="([\d.]+)"', narrow)[:2])
    assert (height < 1.05 * width) == is_square


def test_a_figure_knows_how_narrow_its_text_can_be_read(blog: Blog) -> None:
    figure = figure_of(blog, "ax.plot([1, 2])\nax.tick_params(labelsize=12)\nax.text(0, 1, 'small', fontsize=9)")
    assert figure.least == pytest.approx(figure.width * 9 / 12, abs=1)


def test_a_narrow_drawing_has_the_same_text_in_less_room(blog: Blog) -> None:
    code = "ax.plot([1, 2])\nax.set_xlabel('x')"
    figure = figure_of(blog, code, narrow=True)
    narrow = blog.store.content(figure.narrow).decode()
    found = re.search(r'width="([\d.]+)"', narrow)
    assert found
    assert float(found[1]) * 9 / 16 < 324  # its text of 12 points is 9 pixels high where a phone of 360 shows it
    assert float(found[1]) < 0.8 * figure.width
    assert "data-scales" in narrow
    assert not figure_of(blog, code).narrow
    assert not figure_of(blog, code, narrow=True, size=(3.0, 2.0)).narrow
    twice = blog.results(Step(PLOT + code + "\ndisplay(fig)", "cell", narrow=True))
    assert twice[0].width == twice[1].width  # type: ignore[union-attr] # both are figures


def test_a_figure_that_lays_itself_out_is_drawn_for_phones_without_a_warning(blog: Blog) -> None:
    code = "fig, axes = plt.subplots(1, 3, figsize=(9, 3), layout='constrained')\naxes[0].plot([1, 2])"
    results = blog.results(Step("import matplotlib.pyplot as plt\n" + code, "cell", narrow=True))
    (figure,) = results
    assert isinstance(figure, Figure)
    assert figure.narrow


def test_a_light_figure_that_would_scroll_far_on_a_phone_is_drawn_for_it(blog: Blog) -> None:
    panels = "plt.close()\nfig, axes = plt.subplots(1, 2)\naxes[0].plot([1, 2])\n"
    assert figure_of(blog, panels, narrow=None).narrow
    assert not figure_of(blog, "ax.plot([1, 2])", narrow=None).narrow  # reads well as it is
    assert not figure_of(blog, panels + "axes[1].scatter(rng.random(900), rng.random(900))", narrow=None).narrow


def test_a_colour_that_would_vanish_in_the_dark_is_lightened_there(blog: Blog) -> None:
    svg = blog.svg(PLOT + "ax.plot([1, 2], 'b')\nax.plot([2, 1], 'r')\nax.plot([2, 2], color='0.2')")
    (lighter,) = re.findall(r"light-dark\(#0000ff,(#\w{6})\)", svg)
    assert contrast(lighter, CUSTOM_PROPERTIES["--figure-paper"][1]) >= 4.5
    assert "light-dark(#333333," in svg
    assert "stroke: #ff0000" in svg


def test_text_on_a_colour_of_the_author_stays_as_it_was_chosen(blog: Blog) -> None:
    svg = blog.svg(
        PLOT + "ax.axis('off')\nax.bar_label(ax.bar([1], [3], color='salmon'), label_type='center')\n"
        "ax.text(1, 4, 'x', bbox={'fc': 'yellow', 'ec': 'k'})"
    )
    assert svg.count("fill: #23272e") + svg.count('fill="#000"') >= 2
    assert "var(--figure-ink)" not in svg.replace('fill="var(--figure-ink)" stroke-linejoin', "")


def test_a_white_ground_is_paper_where_the_labels_are_ours(blog: Blog) -> None:
    figure = figure_of(
        blog,
        "plt.close()\nax = plt.figure(facecolor='white').add_subplot()\nax.set_facecolor('w')\nax.plot([1, 2])\nplt.close('all')\ndisplay(ax.figure)",
    )
    assert figure.themed
    assert "figure-paper" not in blog.store.content(figure.svg).decode()


def test_no_ground_shines_through_between_the_cells_of_a_mesh(blog: Blog) -> None:
    even = blog.svg(PLOT + "ax.pcolormesh(np.eye(4))")
    assert even.count('shape-rendering="crispEdges"') == 1
    bent = blog.svg(PLOT + "x, y = np.mgrid[0:4, 0:4]\nax.pcolormesh(x + y / 2, y, np.eye(4))")
    assert "crispEdges" not in bent
    assert bent.count("stroke: #440154") == 12  # each cell has an edge of its own colour


def test_a_layout_is_made_again_for_phones(blog: Blog) -> None:
    drawn = "import matplotlib.pyplot as plt\nfig, axes = plt.subplots(1, 2, figsize=(14, 5))\naxes[0].plot([1, 2])\naxes[1].plot([0.001, 0.002])\n"
    for arranged in ("", "plt.tight_layout()", "plt.suptitle('x')\nfig.tight_layout(rect=[0, 0.03, 1, 0.95])"):
        (figure,) = blog.results(Step(drawn + arranged, "cell", narrow=True))
        assert isinstance(figure, Figure)
        scales = re.search(r"data-scales='(\[.*?\])'", blog.store.content(figure.narrow).decode())
        assert scales
        first, second = json.loads(unescape(scales[1]))
        assert second[0] - first[0] - first[2] > 40  # room for its labels


def test_legends_that_would_hide_a_figure_on_a_phone_stand_below_it(blog: Blog) -> None:
    code = "plt.close()\nfig, axes = plt.subplots(1, 2, figsize=(12, 4))\nfor ax in axes:\n    ax.plot([1, 2], label='of no great length')\n    ax.legend()"
    two = code + "\n    ax.plot([2, 1], label='another')\n    ax.legend()"
    assert not figure_of(blog, two.replace("great", "very, very great"), narrow=True).narrow
    assert figure_of(blog, two, narrow=True).narrow
    assert figure_of(blog, code.replace("of no great length", "a"), narrow=True).narrow


@pytest.mark.parametrize(
    "place",
    [
        "ax.legend(loc='upper left', bbox_to_anchor=(1.05, 1))",
        "ax.legend(loc='upper center', bbox_to_anchor=(0.5, -0.2), ncols=4)",
        "fig.subplots_adjust(right=0.7), fig.legend(loc='center right')",
        "ax.twinx(), ax.legend()",
    ],
)
def test_legends_below_axes_have_as_many_columns_as_fit(blog: Blog, place: str) -> None:
    told = (
        f"from sitegen.running.figures.margins import legends_below\nfor n in range(4):\n    ax.plot([1, n], label='a model of ours')\n{place}\n"
        "legend = ax.get_legend() or fig.legends[0]\nbox = lambda: (fig.draw_without_rendering(), legend.get_window_extent())[1]\nbefore = box().bounds\n"
        "with legends_below(fig, 4.4):\n    now = box()\n    found = bool(now.y1 <= ax.bbox.y0), bool(now.width < 440), len(legend._legend_handle_box.get_children())\n"
        "after = box().bounds\nplt.close()\nfound, before == after"
    )
    assert blog.results(PLOT + told)[-1] == Shown("text", "((True, True, 2), True)")


@pytest.mark.filterwarnings("ignore:No artists with labels")
def test_a_legend_that_tells_nothing_may_stand_in_a_figure_that_no_phone_has_room_for(blog: Blog) -> None:
    code = "plt.close()\nfig, axes = plt.subplots(1, 8, figsize=(10, 4))\naxes[0].legend()\nfig.legend()"
    assert not figure_of(blog, code, narrow=True).narrow


def test_a_legend_outside_of_axes_is_there_when_its_figure_is_shown_again(blog: Blog) -> None:
    code = (
        "plt.close()\nfig, axes = plt.subplots(1, 3, figsize=(10, 4), layout='constrained')\n"
        "axes[0].plot([1, 2], label='a series of some length')\nfig.legend(loc='outside right upper')\ndisplay(fig)"
    )
    one, two = blog.results(Step(PLOT + code, "cell", narrow=True))
    assert isinstance(one, Figure)
    assert isinstance(two, Figure)
    assert one.narrow
    assert (one.width, one.height) == (two.width, two.height)


def test_a_legend_that_fills_the_width_of_its_axes_does_so_below_them(blog: Blog) -> None:
    told = (
        "from sitegen.running.figures.margins import legends_below\nax.plot([1, 2], label='a model')\n"
        "legend = ax.legend(loc='lower left', bbox_to_anchor=(0, 1.02, 1, 0.1), mode='expand')\nfig.draw_without_rendering()\n"
        "with legends_below(fig, 4.4):\n    fig.draw_without_rendering()\n    now = legend.get_texts()[0].get_window_extent()\n"
        "plt.close()\nbool(now.y1 <= ax.bbox.y0), bool(now.x0 < ax.bbox.x0 + 80)"
    )
    assert blog.results(PLOT + told)[-1] == Shown("text", "(True, True)")


def test_a_legend_that_would_hide_a_line_on_a_phone_is_no_way_to_draw_it(blog: Blog) -> None:
    told = (
        "from sitegen.running.figures.layout import narrowed\nfrom sitegen.running.figures.margins import legends_below\n"
        "from sitegen.running.figures.room import is_roomy, room_in\nax.plot([0, 0.58, 0.62, 1], [1, 1, 0, 0], label='a model of ours')\n"
        "ax.legend(loc='upper right')\nfig.draw_without_rendering()\nroom = room_in(fig)\nwith narrowed(fig, 4.4):\n    beside = is_roomy(fig, room)\n"
        "with legends_below(fig, 4.4), narrowed(fig, 4.4):\n    below = is_roomy(fig, room)\nplt.close()\nroom.hidden, beside, below"
    )
    assert blog.results(PLOT + told)[-1] == Shown("text", "(0, False, True)")


def test_a_title_put_above_axes_stays_above_the_words_there(blog: Blog) -> None:
    told = (
        "from sitegen.running.figures.margins import off_the_axes\nplt.close()\nfig, ax = plt.subplots(figsize=(3, 3), subplot_kw={'polar': True})\n"
        "ax.set_thetagrids([0, 90], ['right', 'straight ahead'])\nax.set_title('a title', y=1.02)\nwith off_the_axes(fig):\n    fig.draw_without_rendering()\n"
        "    found = ax.title.get_window_extent().overlaps(ax.get_xticklabels()[1].get_window_extent())\nplt.close()\nbool(found), ax.title.get_position()[1]"
    )
    assert blog.results(PLOT + told)[-1] == Shown("text", "(False, 1.02)")


@pytest.mark.parametrize(
    "text",
    [
        "ax.text(0.5, 1.02, 'a text', transform=ax.transAxes, ha='center')",
        "ax.axis('off'), ax.text(0.5, 1.02, 'a text', ha='center')",
    ],
)
def test_a_title_stands_above_texts_that_stick_out_of_its_axes(blog: Blog, text: str) -> None:
    told = (
        f"from sitegen.running.figures.margins import off_the_axes\n{text}\nax.set_title('a title')\nwith off_the_axes(fig):\n    fig.draw_without_rendering()\n"
        "    found = ax.title.get_window_extent().overlaps(ax.texts[0].get_window_extent())\nfig.draw_without_rendering()\nusual = ax.title.get_position()[1]\nplt.close()\nbool(found), usual"
    )
    assert blog.results(PLOT + told)[-1] == Shown("text", "(False, 1.0)")


def test_a_figure_without_a_ground_has_room_below_it_however_that_is_said(blog: Blog) -> None:
    code = (
        "plt.close()\nfig, axes = plt.subplots(1, 2, figsize=(12, 4))\nfor ax in axes:\n    ax.plot([1, 2], label='of no great length')\n"
        "    ax.plot([2, 1], label='another')\n    ax.legend()\n"
    )
    for said, is_free in (("'none'", True), ("(1, 1, 0, 0)", True), ("'pink'", False)):
        figure = figure_of(blog, f"{code}fig.patch.set_facecolor({said})", narrow=True)
        assert bool(figure.narrow) is is_free


def test_a_figure_with_small_text_is_drawn_smaller_for_phones(blog: Blog) -> None:
    assert figure_of(
        blog, "fig.set_size_inches(8, 5)\nax.plot([1, 2])\nax.tick_params(labelsize=8)", narrow=True
    ).narrow


@pytest.mark.parametrize("place", ["upper left", "lower right"])
def test_legends_of_twin_axes_hide_neither_one(blog: Blog, place: str) -> None:
    code = PLOT + (
        f"ax.plot([1, 2], label='count')\nfirst = ax.legend(loc={place!r})\ntwin = ax.twinx()\ntwin.plot([2, 1], label='rate')\n"
        f"second = twin.legend(loc={place!r})\nfrom sitegen.running.figures.margins import off_the_axes\nwith off_the_axes(fig):\n"
        "    one, two = first.get_window_extent(), second.get_window_extent()\n"
        "    print(one.padded(-1).overlaps(two), ax.bbox.y0 < two.y0 < two.y1 < ax.bbox.y1)\nplt.close('all')"
    )
    assert blog.results(code) == [Printed("False True\n", "stdout")]


@pytest.mark.parametrize("place", ["right", "bottom"])
def test_a_colour_bar_of_several_axes_leaves_room_to_their_labels(blog: Blog, place: str) -> None:
    code = (
        "import matplotlib.pyplot as plt\nfrom sitegen.running.figures.layout import arrange\nfig, axes = plt.subplots(2, 2, figsize=(7, 6))\n"
        "for ax in axes.flat:\n    mesh = ax.pcolormesh([[0, 1], [2, 3]])\n    ax.set(xlabel='column index', ylabel='row index')\n"
        f"bar = fig.colorbar(mesh, ax=axes, location={place!r}).ax\narrange(fig)\nboxes = [ax.get_tightbbox().padded(-1) for ax in fig.axes]\n"
        "print(sum(one.overlaps(two) for one in boxes for two in boxes))\nspan = ('y0', 'y1') if bar.bbox.height > bar.bbox.width else ('x0', 'x1')\n"
        "print(*(round(getattr(bar.bbox, side) - getattr(ax.bbox, side)) for side, ax in zip(span, (axes[1, 0], axes[0, 1]))))\nplt.close('all')"
    )
    assert blog.results(code) == [Printed("5\n0 0\n", "stdout")]


def test_a_legend_beside_all_axes_stays_beside_them_on_a_phone(blog: Blog) -> None:
    code = (
        "import matplotlib.pyplot as plt\nfrom sitegen.running.figures.layout import narrowed\nfrom sitegen.running.figures.margins import note_legends\n"
        "fig, axes = plt.subplots(1, 2, figsize=(9, 4))\naxes[1].plot([1, 2], label='of a model')\nfig.tight_layout()\n"
        "fig.subplots_adjust(right=0.7)\nlegend = fig.legend(loc='center right')\nnote_legends(fig)\nwith narrowed(fig):\n"
        "    fig.draw_without_rendering()\n    found = legend.get_window_extent().overlaps(axes[1].bbox)\nbool(found)"
    )
    (found,) = [result for result in blog.results(code) if isinstance(result, Shown)]
    assert found.data == "False"


def test_a_figure_is_made_no_smaller_than_its_legends_leave_other_axes_free(blog: Blog) -> None:
    code = (
        "plt.close()\nfig, axes = plt.subplots(1, 3, figsize=(16, 5))\nfor ax in axes:\n    ax.set_yticks([])\n    ax.plot([1, 2], label={0!r})\n"
        "    ax.plot([2, 1], label={0!r})\nax.legend(loc='lower center', ncol=2, fontsize=8)\nplt.tight_layout()\n"
    )
    assert figure_of(blog, code.format("one of a length, and the length of it")).width > 1000
    assert figure_of(blog, code.format("one")).width < 1000


@pytest.mark.parametrize(
    ("figure", "is_shown_narrow"),
    [
        ("plt.subplots(1, 2, figsize=(12, 4), layout='constrained', facecolor='beige')", False),
        ("plt.subplots(1, 2, figsize=(12, 4), layout='constrained')", True),  # its legends stand below
        ("plt.subplots(1, 2, figsize=(12, 7), layout='constrained')", True),
        ("plt.subplots(1, 2, figsize=(12, 9), subplot_kw={'aspect': 1, 'ylim': (0, 0.3)})", False),
        ("plt.subplots(1, 2, figsize=(12, 9), subplot_kw={'aspect': 1, 'ylim': (0, 2)})", True),
    ],
)
def test_axes_that_find_their_size_when_drawn_are_measured_then(
    blog: Blog, figure: str, *, is_shown_narrow: bool
) -> None:
    code = f"plt.close()\nfig, axes = {figure}\nfor ax in axes:\n    ax.set(title='t', xlabel='x')\n    ax.plot([0, 1], label='linear')\n    ax.plot([1, 0], label='cosine')\n    ax.legend()"
    assert bool(figure_of(blog, code, narrow=True).narrow) is is_shown_narrow


@pytest.mark.parametrize(
    ("figure", "title"),
    [
        ("plt.subplots(1, 3, figsize=(12, 3))", r"r'$\sum_{k=0}^{N-1}\frac{\sin((2k+1)t)}{2k+1}$', y=1.05"),
        ("plt.subplots(4, 1, figsize=(10, 8), sharex=True)", r"r'$\sum_{k=0}^{N-1} x_k$'"),
        ("plt.subplots(3, 2, figsize=(12, 7), tight_layout=True)", "'one'"),
    ],
)
def test_a_drawing_for_phones_is_as_high_as_its_axes_need(blog: Blog, figure: str, title: str) -> None:
    drawn = (
        f"import matplotlib.pyplot as plt\nfig, axes = {figure}\nfor ax in axes.flat:\n    ax.set(title='t', xlabel='x')\n"
        f"fig.suptitle({title})\nplt.show()\n"
    )
    heights = (
        "from sitegen.running.figures.layout import narrowed\nfrom sitegen.running.figures.room import room_in\nlowest = lambda: min(high for _, high in room_in(fig).sides)\n"
        "fig.draw_without_rendering()\nwide = lowest()\nwith narrowed(fig):\n    fig.draw_without_rendering()\n    narrow = lowest()\n"
        "bool(narrow > 0.75 * min(wide, 0.8)) or (narrow, wide)"
    )
    assert blog.results(drawn + heights)[-1] == Shown("text", "True")


def test_axes_that_would_be_squeezed_on_a_phone_scroll(blog: Blog) -> None:
    code = "plt.close()\nfig, axes = plt.subplots(1, {}, figsize=(16, 3))\nfor ax in axes:\n    ax.set(ylabel='y')"
    assert figure_of(blog, code.format(2), narrow=True).narrow
    assert not figure_of(blog, code.format(7), narrow=True).narrow


def test_axes_that_are_small_anyway_are_drawn_for_phones(blog: Blog) -> None:
    code = "plt.close()\nfig, axes = plt.subplots(2, 1, figsize=(9, 4), height_ratios=[10, 1])"
    assert figure_of(blog, code, narrow=True).narrow


def test_a_figure_of_which_a_legend_beside_it_would_leave_little_on_a_phone_scrolls(blog: Blog) -> None:
    code = (
        "plt.close()\nfig, ax = plt.subplots(figsize=(9, 5))\n"
        "for k in range({}):\n    ax.plot([1, k], label='a name of some length')\n"
        "ax.legend(bbox_to_anchor=({}), loc='upper left')"
    )
    assert not figure_of(blog, code.format(15, "1.05, 1"), narrow=True).narrow
    assert figure_of(blog, code.format(2, "0, -0.2"), narrow=True).narrow


def test_a_figure_whose_texts_would_meet_on_a_phone_scrolls(blog: Blog) -> None:
    code = "plt.close()\nfig, axes = plt.subplots(1, 3, figsize=(12, 4))\nfor ax in axes:\n    ax.set_title('{}')"
    assert not figure_of(blog, code.format("a title of some length"), narrow=True).narrow
    assert figure_of(blog, code.format("a title"), narrow=True).narrow
    assert figure_of(
        blog, code.format("a title") + "\n    ax.text(0, 1, 'a title')\n" * 2, narrow=True
    ).narrow  # as before


@pytest.mark.parametrize(
    ("size", "text", "is_smaller"),
    [
        ((20, 8), "", True),
        ((16, 8), "plt.rcParams['font.size'] = 22\nax.tick_params(labelsize=22)\nax.xaxis.label.set_size(22)\n", False),
        ((7, 4), "ax.text(0, 0, 'small', fontsize=4)\n", False),
        ((40, 8), "[ax.text(k, 0, 'one text') for k in range(40)]\n", False),
    ],
)
@pytest.mark.parametrize("kind", ["svg", "webp"])
def test_a_wide_figure_is_laid_out_smaller_where_its_text_would_be_too_small_to_read(
    blog: Blog, size: tuple[int, int], text: str, kind: str, *, is_smaller: bool
) -> None:
    code = f"plt.close()\nfig, ax = plt.subplots(figsize={size})\nax.set_xlim(0, 40)\n{text}ax.set_xlabel('x')"
    figure = figure_of(blog, code, format=kind)
    assert (figure.width < 70 * size[0]) is is_smaller
    assert figure.least <= 725 or not is_smaller
    wide = Step(code.replace(f"figsize={size}", ""), "cell", format=kind, size=size)  # type: ignore[arg-type] # svg or webp
    assert [one.width > 70 * size[0] for one in blog.results(PLOT, wide) if isinstance(one, Figure)] == [True]


@pytest.mark.parametrize(
    ("spaces", "is_laid_out_anew"),
    [("hspace=0.3", True), ("hspace=0", False), ("hspace=0.9", False), ("wspace=0.5, hspace=0.9", False)],
)
@pytest.mark.parametrize("own", ["", ", gridspec_kw={'hspace': SPACE}"])
def test_spaces_between_axes_are_kept_unless_texts_meet_in_them(
    blog: Blog, spaces: str, own: str, *, is_laid_out_anew: bool
) -> None:
    of_grid = own.replace("SPACE", spaces.rpartition("=")[2])
    code = (
        f"plt.close()\nfig, axes = plt.subplots(2, 2{of_grid})\nfor ax in axes.flat:\n    ax.set_title('a title\\nof two lines')\n    ax.plot([1, 2])\n"
        "    ax.text(0.5, 1.5, 'this')\n    ax.text(0.5, 1.5, 'on that')\n"
        f"{'' if own else f'fig.subplots_adjust({spaces})'}"
    )
    (figure,) = blog.results(Step(PLOT + code, "cell", hover=True))
    assert isinstance(figure, Figure)
    scales = re.search(r"data-scales='(\[.*?\])'", blog.store.content(figure.svg).decode())
    assert scales
    first, _, third, _ = json.loads(unescape(scales[1]))
    gap, high = third[1] - first[1] - first[3], first[3]
    said = re.search(r"hspace=([\d.]+)", spaces)
    assert said
    assert (gap / high != pytest.approx(float(said[1]), abs=0.02)) is is_laid_out_anew


def test_axes_are_laid_out_anew_where_numbers_lie_on_the_axes_beside_them(blog: Blog) -> None:
    code = "plt.close()\nfig, axes = plt.subplots(1, 2, gridspec_kw={'wspace': 0.05})\nfor ax in axes:\n    ax.plot([0.25, 0.75])\nleft, right = axes"
    measured = (
        "\nfrom sitegen.running.figures.layout import strays\nfrom sitegen.running.figures.remedies import remedies\nwas = strays(fig)\nfor remedy in remedies(fig)[:1]:\n"
        "    with remedy(fig):\n        now = strays(fig)\nagain = strays(fig)\nplt.close()\nwas, now, again"
    )
    assert blog.results(PLOT + code + measured)[-1] == Shown("text", "(6, 0, 6)")  # and "1.0" reads as one with "0.0"
    below = "plt.close()\nfig, axes = plt.subplots(2, 1, figsize=(7, 4), gridspec_kw={'hspace': 0.26})\naxes[0].set_xlabel('below')"
    assert blog.results(PLOT + below + measured)[-1] == Shown("text", "(1, 0, 1)")
    for space, found in (("0.07", "(1, 0, 1)"), ("0.2", "(0, 0, 0)")):  # "80" and "0" are no "800"
        numbers = f"plt.close()\nfig, axes = plt.subplots(1, 2, sharey=True, gridspec_kw={{'wspace': {space}}})\nfor ax in axes:\n    ax.set_xlim(0, 80)"
        assert blog.results(PLOT + numbers + measured)[-1] == Shown("text", found)
    outside = "plt.close()\nfig, axes = plt.subplots(1, 2, sharey=True)\nfor ax in axes:\n    ax.set(xlim=(0, 80), xticks=[0, 91])"
    outside += "\n    ax.set_xlim(0, 80)\nfig.subplots_adjust(wspace=0.21)"
    assert blog.results(PLOT + outside + measured)[-1] == Shown("text", "(0, 0, 0)")


def test_a_title_of_all_axes_stands_above_them(blog: Blog) -> None:
    for code, is_moved in (
        ("", True),
        ("text.set_y(0.98)\ntext._autopos = False", False),
        ("fig.set_facecolor('c')", False),
    ):
        drawn = f"import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\ntext = fig.suptitle('of\\nthree\\nlines')\n{code}\n"
        measured = (
            "from sitegen.running.figures.margins import off_the_axes\nwas = text.get_position()\nwith off_the_axes(fig):\n"
            "    above = bool(text.get_window_extent().y0 >= ax.get_tightbbox().y1)\nfig.patch.set_visible(True)\n"
            "again = text.get_position() == was\nplt.close()\nabove, again"
        )
        hidden = "" if "face" in code else "fig.patch.set_visible(False)\n"
        assert blog.results(drawn + hidden + measured)[-1] == Shown("text", f"({is_moved}, True)")


@pytest.mark.parametrize(
    ("figure", "high"),
    [
        ("plt.subplots(2, 1)", 400),
        ("plt.subplots(3, 1)", 530),
        ("plt.subplots(3, 1, figsize=(7, 3.9))", 400),
        ("plt.subplots(2, 1, height_ratios=[9, 1])", 400),
        ("plt.subplots(3, 2, sharex=True, gridspec_kw={'hspace': 0})", 400),
        ("plt.subplots(40, 1)", 1000),
    ],
)
def test_a_figure_whose_size_nobody_chose_is_as_high_as_its_rows_need(blog: Blog, figure: str, high: int) -> None:
    code = f"plt.close()\nfig, axes = {figure}\nfor ax in axes.flat:\n    ax.set_xlabel('x')"
    assert high - 120 < figure_of(blog, code).height < high


@pytest.mark.parametrize(
    ("figure", "high"),
    [
        ("plt.subplots(2, 1)", 620),
        ("plt.subplots(2, 2, gridspec_kw={'hspace': 0.1})", 660),
        ("plt.subplots(2, 1, figsize=(7, 3.9))", 450),
        ("plt.subplots(1, 2)", 450),
    ],
)
def test_a_figure_whose_size_nobody_chose_is_as_high_as_the_labels_beside_its_axes_need(
    blog: Blog, figure: str, high: int
) -> None:
    code = (
        f"plt.close()\nfig, axes = {figure}\nfor ax in axes.flat:\n    ax.set_ylabel('mean squared error of the model')"
    )
    assert high - 120 < figure_of(blog, code).height < high


@pytest.mark.parametrize(
    ("projection", "found"), [("lambert", "-120 -60 0 60 120"), ("mollweide", "-120 -60 0 60 120")]
)
def test_longitudes_that_would_meet_on_a_map_are_fewer(blog: Blog, projection: str, found: str) -> None:
    told = (
        "from sitegen.running.figures.remedies import with_fewer_longitudes\nplt.close()\n"
        f"fig, ax = plt.subplots(figsize=(3, 2), subplot_kw={{'projection': '{projection}'}})\nwith with_fewer_longitudes(fig):\n"
        "    found = ' '.join(one.get_text()[:-1] for one in ax.get_xticklabels()).replace('\u2212', '-')\nplt.close()\nfound, len(ax.get_xticklabels())"
    )
    assert blog.results(PLOT + told)[-1] == Shown("text", f"('{found}', 11)")


def test_a_longitude_that_the_author_hid_stays_hidden(blog: Blog) -> None:
    told = (
        "from sitegen.running.figures.remedies import with_fewer_longitudes\nplt.close()\n"
        "fig, ax = plt.subplots(figsize=(3, 2), subplot_kw={'projection': 'mollweide'})\nlabel = ax.xaxis.get_major_ticks()[0].label1\n"
        "label.set_visible(False)\nwith with_fewer_longitudes(fig):\n    pass\nplt.close()\nlabel.get_visible()"
    )
    assert blog.results(PLOT + told)[-1] == Shown("text", "False")


@pytest.mark.parametrize(("box", "is_higher"), [("{'facecolor': 'w'}", True), ("None", False)])
def test_a_figure_whose_size_nobody_chose_is_higher_where_boxes_of_text_would_cover_one_another(
    blog: Blog, box: str, *, is_higher: bool
) -> None:
    code = (
        "ax.axis('off')\nfor n in range(4):\n"
        f"    ax.text(0.5, n / 3, 'four\\nlines\\nof\\nit', ha='center', va='center', size=14, bbox={box})"
    )
    assert (figure_of(blog, code).height > 500) is is_higher


@pytest.mark.parametrize(
    ("figure", "words", "are_turned"),
    [
        ("", "['momentum', 'Adam']", False),
        ("", "['stochastic gradient descent', 'the same with momentum', 'Adam']", True),
        ("2, 1, sharex=True", "['stochastic gradient descent', 'the same with momentum', 'Adam']", True),
        ("2, 1", "['stochastic gradient descent', 'the same with momentum', 'Adam']", True),
        ("2, 1, figsize=(7, 3)", "['stochastic gradient descent', 'the same with momentum', 'Adam']", False),
    ],
)
def test_words_below_axes_are_turned_where_they_would_meet(
    blog: Blog, figure: str, words: str, *, are_turned: bool
) -> None:
    drawn = f"plt.close()\nfig, axes = plt.subplots({figure})\nwords = {words} + list('ab')\nfor ax in np.ravel(axes):\n    ax.bar(words, range(len(words)))"
    svg = blog.svg(PLOT + drawn)
    assert ("rotate(-30)" in svg) is are_turned


@pytest.mark.parametrize(
    ("words", "angle", "found"),
    [
        (["Rome", "the Netherlands"] * 8, 45, (45, "right")),  # their middles are at their marks
        (["Rome", "the Netherlands"] * 8, -45, (315, "left")),
        (["Rome"] * 16, 45, (45, "center")),
        (["the Netherlands"] * 40, 45, (90, "right")),
    ],
)
def test_words_set_aslant_end_at_their_marks_where_they_would_meet(
    blog: Blog, words: list[str], angle: int, found: tuple[int, str]
) -> None:
    told = (
        f"from sitegen.running.figures.remedies import with_turned_words\nax.bar(range({len(words)}), 1)\n"
        f"ax.set_xticks(range({len(words)}), {words}, rotation={angle})\nwith with_turned_words(fig):\n"
        "    first = ax.get_xticklabels()[0]\n    found = round(first.get_rotation()), first.get_ha()\nplt.close()\nfound"
    )
    assert blog.results(PLOT + told)[-1] == Shown("text", str(found))


def test_words_set_aslant_stand_upright_on_a_phone_where_they_would_meet(blog: Blog) -> None:
    code = (
        "words = [f'the model {n}' for n in range(20)]\nfig.set_size_inches(10, 5)\nax.bar(words, 1)\n"
        "ax.tick_params('x', rotation=45)"
    )
    figure = figure_of(blog, code, narrow=True)
    wide, narrow = (blog.store.content(name).decode() for name in (figure.svg, figure.narrow))
    assert "rotate(-45)" in wide
    assert "rotate(-90)" in narrow
    assert "rotate(-45)" not in narrow


def test_titles_of_images_stand_off_the_numbers_above_them(blog: Blog) -> None:
    told = (
        "from sitegen.running.figures.layout import arrange\nplt.close()\nfig, axes = plt.subplots(2, 3, figsize=(12, 7))\n"
        "for ax in axes.flat:\n    fig.colorbar(ax.imshow(np.eye(9)), ax=ax)\n    ax.set_title('t')\narrange(fig)\nfig.draw_without_rendering()\n"
        "title, above = ax.title.get_window_extent(), axes[0, 2].xaxis.get_tightbbox()\nplt.close()\nbool(title.overlaps(above))"
    )
    assert blog.results(PLOT + told)[-1] == Shown("text", "False")


@pytest.mark.parametrize(("count", "layout"), [(30, "raised"), (15, "narrowed")])
def test_a_figure_is_as_high_as_words_beside_its_axes_need(blog: Blog, count: int, layout: str) -> None:
    told = (
        f"from sitegen.running.figures.layout import {layout}\nax.barh([f'word {{n}}' for n in range({count})], range({count}))\n"
        f"with {layout}(fig):\n    boxes = [label.get_window_extent() for label in ax.get_yticklabels()]\nplt.close()\n"
        "any(one.padded(-0.5).overlaps(two) for one, two in zip(boxes, boxes[1:]))"
    )
    assert blog.results(PLOT + told)[-1] == Shown("text", "False")


@pytest.mark.parametrize(("step", "are_turned"), [(4, False), (1, True)])
def test_numbers_below_axes_that_an_author_chose_stand_upright_where_they_would_meet(
    blog: Blog, step: int, *, are_turned: bool
) -> None:
    svg = blog.svg(f"{PLOT}ax.plot([2000, 2020], [0, 1])\nax.set_xticks(range(2000, 2021, {step}))")
    assert ("rotate(-90)" in svg) is are_turned


@pytest.mark.parametrize("bar", ["", "    plt.colorbar(plt.scatter([1, 2], [1, 2], c=[1, 2]))\n"])
def test_texts_that_come_after_a_tight_layout_find_room(blog: Blog, bar: str) -> None:
    code = (
        "plt.close()\nfor n in (1, 2):\n    plt.subplot(2, 1, n)\n    if n == 1:\n        plt.tight_layout()\n"
        f"    plt.plot([1, 2])\n{bar}    plt.title('a title\\nof two lines')\n    plt.xlabel('its label')"
    )
    svg = blog.store.content(figure_of(blog, code, hover=True).svg).decode()
    scales = re.search(r"data-scales='(\[.*?\])'", svg)
    assert scales
    first, second = (box for box in json.loads(unescape(scales[1])) if box[2] > 100)
    assert second[1] - first[1] - first[3] > 60  # for numbers, a label and a title


def test_dates_are_written_shorter_where_they_would_meet(blog: Blog) -> None:
    code = "ax.plot(np.datetime64('2024-07-01') + np.arange({}), np.zeros({}))\n"
    figures = [figure_of(blog, code.format(days, days)) for days in (20, 900)]
    small = Step(PLOT + "fig.set_size_inches(2, 2)\n" + code.format(1600, 1600), "cell")
    assert [type(result) for result in blog.results(small)] == [Figure]  # and no warning
    few, many = (len(re.findall("<use", blog.store.content(figure.svg).decode())) for figure in figures)
    assert few > 30  # 2024-07-01 and so on
    assert many < few + 30  # Jul, 2025, Jul, ...


def test_a_polar_plot_names_fewer_circles_where_their_numbers_would_meet(blog: Blog) -> None:
    code = "plt.close()\nax = plt.figure().add_subplot(projection='polar')\nax.plot([0, 6], [0, {}])"
    figures = [figure_of(blog, code.format(radius)) for radius in (1, 2)]
    tenths, quarters = (blog.store.content(figure.svg).decode().count("<use") for figure in figures)
    assert quarters < tenths  # 1, 2 and no 0.25, 0.50, 0.75, ...


SPACE = "plt.close()\nax = plt.figure().add_subplot(projection='3d')\n"


@pytest.mark.parametrize("kind", ["svg", "webp"])
@pytest.mark.parametrize(("far", "is_so"), [("0.001", True), ("1", False)])
def test_axes_in_space_have_fewer_numbers_where_these_would_meet(
    blog: Blog, kind: str, far: str, *, is_so: bool
) -> None:
    code = f"{SPACE}ax.plot([0, {far}], [0, 8], [0, 8])\n"
    usual, few = (figure_of(blog, code + more, format=kind) for more in ("", "ax.locator_params(nbins=5)"))
    assert ((usual.svg or usual.light) == (few.svg or few.light)) is is_so


@pytest.mark.parametrize(("far", "is_so"), [(8, False), (199000, True)])
def test_numbers_below_axes_are_fewer_where_they_would_meet(blog: Blog, far: int, *, is_so: bool) -> None:
    code = f"ax.plot([0, {far}], [0, 1])\nax.set_xlabel('{far}')\n"
    usual, few = (figure_of(blog, code + more) for more in ("", "ax.locator_params(axis='x', nbins=5)"))
    assert (usual.svg == few.svg) is is_so


@pytest.mark.parametrize(
    "code", ["fig = plt.figure(facecolor='none')\npart = fig", "fig = plt.figure()\npart, _ = fig.subfigures(1, 2)"]
)
def test_a_ground_that_is_not_seen_is_not_kept_around_a_figure(blog: Blog, code: str) -> None:
    figure = figure_of(blog, f"plt.close()\n{code}\npart.add_axes((0.3, 0.3, 0.4, 0.4))")
    assert figure.width < 400


def test_numbers_between_decades_that_would_meet_are_not_written(blog: Blog) -> None:
    code = "fig.set_size_inches({}, 4)\nax.plot([0.005, 0.05], [0, 1])\nax.set(xscale='log', yticks=[])\n"
    wide, narrow = (blog.store.content(figure_of(blog, code.format(inches)).svg).decode() for inches in (9, 3))
    assert wide.count("<use") - narrow.count("<use") >= 8  # at least two of 6 x 10^-3, 2 x 10^-2, ...


@pytest.mark.parametrize(
    ("code", "measured"),
    [
        (
            "ax.plot([1, 2], label='a')\nax.set_xlabel('x')\none = ax.legend(loc='upper center', bbox_to_anchor=(0.5, -0.1))",
            "not one.get_window_extent().overlaps(ax.xaxis.get_tightbbox())",
        ),
        (
            "ax.plot([-1, 1], [-1, 1])\nax.set(xlabel='x', ylabel='y')\nax.spines[['left', 'bottom']].set_position('zero')",
            "not ax.xaxis.label.get_window_extent().overlaps(ax.spines.left.get_window_extent())",
        ),
        (
            "ax.plot([1, 2], label='a')\nax.set_title('t')\none = ax.legend(loc='lower center', bbox_to_anchor=(0.5, 1.02))",
            "not one.get_window_extent().overlaps(ax.title.get_window_extent())",
        ),
        (
            "ax.plot([1, 2], label='a')\nax.set_title('t')\none = ax.legend(loc=3, bbox_to_anchor=(0, 1.02, 1, 0), mode='expand')",
            "not one.get_window_extent().overlaps(ax.title.get_window_extent())",
        ),
        (
            "bar = fig.colorbar(ax.imshow([[1, 2]], aspect='auto'), orientation='horizontal')\nax.set_xlabel('x')",
            "not bar.ax.bbox.overlaps(ax.xaxis.get_tightbbox())",
        ),
    ],
)
def test_legends_labels_and_colour_bars_below_axes_lie_on_nothing_else_there(
    blog: Blog, code: str, measured: str
) -> None:
    told = (
        "from sitegen.running.figures.margins import off_the_axes\nfig.draw_without_rendering()\n"
        f"found = [{measured}]\nwith off_the_axes(fig):\n    fig.draw_without_rendering()\n    found.append({measured})\n"
        f"fig.draw_without_rendering()\nfound.append({measured})\nplt.close()\nfound"
    )
    assert blog.results(f"{PLOT}{code}\n{told}")[-1] == Shown("text", "[False, True, False]")


def test_a_legend_above_axes_without_a_title_stays_there(blog: Blog) -> None:
    code = "ax.plot([1, 2], label='a')\nax.legend(loc='lower left', bbox_to_anchor=(0, 1))"
    assert figure_of(blog, code).height > figure_of(blog, code.replace("lower", "upper")).height + 10


@pytest.mark.parametrize(("digits", "is_square"), [(1, False), (3, True)])
def test_a_matrix_of_numbers_that_fill_its_cells_is_drawn_larger(blog: Blog, digits: int, *, is_square: bool) -> None:
    code = (
        "ax.imshow(np.eye(9))\nfor n in range(81): ax.text(n % 9, n // 9, {!r}, ha='center', va='center', fontsize=15)"
    )
    assert (figure_of(blog, code.format("8" * digits)).height > 500) is is_square


@pytest.mark.parametrize(("layout", "size"), [("narrowed", "(10, 10)"), ("squared", "None")])
def test_a_colour_bar_is_as_high_as_its_image(blog: Blog, layout: str, size: str) -> None:
    code = (
        f"import matplotlib.pyplot as plt\nfrom sitegen.running.figures.layout import {layout}\n"
        f"fig, ax = plt.subplots(figsize={size})\nbar = fig.colorbar(ax.matshow([[1, 2], [3, 4]]))\nwith {layout}(fig):\n"
        "    fig.draw_without_rendering()\n    found = bar.ax.bbox.height / ax.bbox.height\nplt.close()\nfloat(found) < 1.2"
    )
    assert blog.results(code)[-1] == Shown("text", "True")


def test_rows_that_are_to_overlap_do_so_on_a_phone(blog: Blog) -> None:
    code = (
        "import matplotlib.pyplot as plt\nfrom sitegen.running.figures.layout import narrowed\n"
        "fig, axes = plt.subplots(3, 1, figsize=(9, 6))\nplt.tight_layout()\nfig.subplots_adjust(hspace=-0.3)\n"
        "with narrowed(fig):\n    fig.draw_without_rendering()\n    found = axes[0].bbox.overlaps(axes[1].bbox)\nplt.close()\nbool(found)"
    )
    assert blog.results(code)[-1] == Shown("text", "True")


def test_labels_in_space_stand_beside_the_numbers(blog: Blog) -> None:
    drawn = f"{PLOT}{SPACE}ax.plot([0, 1e4], [0, 1e4], [0, 1e4])\nax.set(xlabel='a', ylabel='b', zlabel='c')\nax.zaxis.set_major_formatter('{{x:.3f}}')\n"
    measured = (
        "from sitegen.running.figures.space import in_space\naxes = ax.xaxis, ax.yaxis, ax.zaxis\n"
        "with in_space(ax.figure):\n    ax.figure.draw_without_rendering()\n    pads = [axis.labelpad for axis in axes]\n"
        "    number = max(tick.label1.get_window_extent().x1 for tick in ax.zaxis.get_major_ticks() if 0 <= tick.get_loc() <= 1e4)\n"
        "    free = ax.zaxis.label.get_window_extent().x0 - number\n"
        "plt.close()\nbool(free > 0 and pads[0] == 6 < pads[2] and ax.zaxis.labelpad == 6) or (free, pads)"
    )
    assert blog.results(drawn + measured)[-1] == Shown("text", "True")


def test_a_label_in_space_that_is_not_turned_stands_close_beside_long_numbers(blog: Blog) -> None:
    drawn = f"{SPACE}ax.view_init(50, -50)\nax.plot([0, 4], [0, 4], [0, 180000])\n"
    usual, labelled = (figure_of(blog, drawn + more).width for more in ("", "ax.set_zlabel('$z$')"))
    assert usual < labelled < usual + 40


@pytest.mark.parametrize(("far", "are_moved"), [(8, False), (1.8e6, True)])
def test_numbers_in_space_lie_beside_their_axis_however_long_they_are(
    blog: Blog, far: float, *, are_moved: bool
) -> None:
    drawn = (
        f"{PLOT}{SPACE}ax.view_init(50, -50)\nax.ticklabel_format(style='plain')\nax.plot([0, 4], [0, 4], [0, {far}])\n"
    )
    measured = (
        "from sitegen.running.figures.space import in_space\npads = lambda: ax.zaxis.get_major_ticks()[0].get_pad()\n"
        "with in_space(ax.figure):\n    ax.figure.draw_without_rendering()\n    (x0, _), (x1, _) = ax.transData.transform(list(zip(*ax.zaxis.line.get_data())))\n"
        "    left = min(tick.label1.get_window_extent().x0 for tick in ax.zaxis.get_major_ticks() if 0 <= tick.get_loc() <= ax.get_zlim()[1])\n    pad = pads()\n"
        f"plt.close()\nbool(left > min(x0, x1) and (pad > 3.5) == {are_moved} and pads() == 3.5) or (left, x0, x1, pad, pads())"
    )
    assert blog.results(drawn + measured)[-1] == Shown("text", "True")


@pytest.mark.parametrize("kind", ["svg", "webp"])
def test_a_text_far_beyond_the_limits_of_its_axes_makes_no_figure_larger(blog: Blog, kind: str) -> None:
    plain, near, far = (
        figure_of(blog, f"ax.set_ylim(0, 1)\n{text}", format=kind)
        for text in ("", "ax.text(0, 1.5, 'near')", "ax.text(0, 9, 'far')")
    )
    assert far.height == plain.height < near.height


@pytest.mark.parametrize(("wide", "has_rim"), [(0.9, False), (0.1, True)])
def test_letters_that_stick_out_of_the_box_they_were_coloured_for_have_a_rim_of_its_colour(
    blog: Blog, wide: float, *, has_rim: bool
) -> None:
    code = f"ax.axis('off')\nax.add_patch(plt.Rectangle(({0.5 - wide / 2}, 0.4), {wide}, 0.2, fc='honeydew'))\nax.text(0.5, 0.5, 'of many', ha='center', va='center')"
    figure = figure_of(blog, code)
    assert (blog.store.content(figure.svg).count(b"stroke: #f0fff0") > 0) is has_rim


@pytest.mark.parametrize(
    ("words", "sides"),
    [
        ("['one', 'two', 'six', 'ten']", ["center"] * 4),
        ("['a longer word', 'two', 'another word', 'ten']", ["left", "center", "right", "center"]),
    ],
)
def test_words_around_a_circle_stand_outside_of_it(blog: Blog, words: str, sides: list[str]) -> None:
    drawn = (
        f"{PLOT}plt.close()\nax = plt.figure(figsize=(5, 5)).add_subplot(projection='polar')\n"
        f"ax.set_xticks(np.pi / 2 * np.arange(4), {words})\nfrom sitegen.running.figures.space import in_space\n"
        "with in_space(ax.figure):\n    sides = [label.get_ha() for label in ax.get_xticklabels()]\nplt.close()\n"
        "*sides, ax.get_xticklabels()[0].get_ha()"
    )
    assert blog.results(drawn)[-1] == Shown("text", str((*sides, "center")))


def test_words_around_circles_side_by_side_lie_on_no_others(blog: Blog) -> None:
    drawn = (
        f"{PLOT}plt.close()\nfig, axes = plt.subplots(1, 2, figsize=(9, 4), subplot_kw={{'polar': True}})\n"
        "for ax in axes:\n    ax.set_xticks(np.pi / 2 * np.arange(4), ['robustness', '', 'sensitivity', ''])\n"
        "from sitegen.running.figures.layout import arrange\nfrom sitegen.running.figures.space import in_space\narrange(fig)\n"
        "with in_space(fig):\n    left, right = (ax.get_tightbbox() for ax in axes)\nplt.close()\nbool(left.overlaps(right))"
    )
    assert blog.results(drawn)[-1] == Shown("text", "False")


@pytest.mark.parametrize("layout", ["None", "'tight'"])
def test_a_colour_bar_stands_beside_the_labels_of_a_plot_in_space(blog: Blog, layout: str) -> None:
    drawn = (
        f"import matplotlib.pyplot as plt\nimport numpy as np\nfig = plt.figure(layout={layout})\nax = fig.add_subplot(projection='3d')\n"
        "surface = ax.plot_surface(*np.mgrid[:3, :3], np.eye(3), cmap='viridis')\nbar = fig.colorbar(surface)\nax.set_zlabel('the loss')\n"
    )
    measured = (
        "from sitegen.running.figures.space import in_space\n"
        "with in_space(fig):\n    fig.draw_without_rendering()\n"
        "    free = bar.ax.get_window_extent().x0 - ax.zaxis.label.get_window_extent().x1\nplt.close()\nbool(free > 0) or free"
    )
    assert blog.results(drawn + measured)[-1] == Shown("text", "True")


@pytest.mark.parametrize(
    "drawn",
    [
        "ax.imshow(np.eye(8))\n    for n in range(8):\n        ax.text(n, n, '{}', ha='center')",
        "ax.pcolormesh(np.eye(8))\n    for n in range(8):\n        ax.text(n + 0.5, n + 0.5, '{}', ha='center')",
        "ax.axis('off')\n    ax.add_patch(plt.Rectangle((0.1, 0.1), 0.5, 0.2))\n    ax.text(0.35, 0.2, 'this is {0}{0}', ha='center')",
    ],
)
def test_a_figure_scrolls_rather_than_have_text_larger_than_its_box_or_cell(blog: Blog, drawn: str) -> None:
    code = "plt.close()\nfig, axes = plt.subplots(1, 2, figsize=(9, 5))\nfor ax in axes:\n    "
    assert figure_of(blog, code + drawn.format("1"), narrow=True).narrow
    assert not figure_of(blog, code + drawn.format("0.123"), narrow=True).narrow


def test_a_wide_figure_is_laid_out_as_small_as_its_boxes_allow(blog: Blog) -> None:
    code = "plt.close()\nfig, ax = plt.subplots(figsize=(15, 5))\nax.axis('off')\nax.add_patch(plt.Rectangle((0, 0), {0}, 0.3))\nax.text({0} / 2, 0.15, 'a box', fontsize=8, ha='center')"
    small, less, wide = (figure_of(blog, code.format(share)).width for share in (1, 0.03, 0.02))
    assert small < less < wide


@pytest.mark.parametrize(
    ("address", "stands"),
    [
        ("https://example.org/a:b", True),
        ("mailto:a@example.org", True),
        ("../other/#part", True),
        ("#part", True),
        ("javascript:alert(1)", False),
        ("Java\\nscript:alert(1)", False),
        ("data:text/html,x", False),
    ],
)
def test_links_of_a_figure_lead_to_pages_alone(blog: Blog, address: str, *, stands: bool) -> None:
    found = re.findall(
        r'<a href="([^"]*)"',
        blog.svg(PLOT + f"ax.scatter([1], [2]).set_urls(['{address}'])\nax.set_title('t', url='{address}')"),
    )
    assert found == ([address] * 2 if stands else [])


def test_a_colour_bar_of_a_plot_in_space_stands_on_no_other_plot(blog: Blog) -> None:
    drawn = (
        "import matplotlib.pyplot as plt\nimport numpy as np\nfig = plt.figure(figsize=(7, 3))\nax = fig.add_subplot(121, projection='3d')\n"
        "surface = ax.plot_surface(*np.mgrid[:3, :3], np.eye(3))\nbar = fig.colorbar(surface, shrink=0.5)\nax.set_zlabel('loss')\n"
        "beside = fig.add_subplot(122, ylabel='$b$')\nfig.tight_layout()\n"
    )
    measured = (
        "from sitegen.running.figures.space import in_space\n"
        "with in_space(fig):\n    fig.draw_without_rendering()\n    middle = bar.ax.get_tightbbox()\n"
        "    free = [middle.x0 - ax.zaxis.label.get_window_extent().x1, beside.get_tightbbox().x0 - middle.x1]\n"
        "plt.close()\nbool(min(free) > 0) or free"
    )
    assert blog.results(drawn + measured)[-1] == Shown("text", "True")


def test_a_pixel_is_one_of_a_screen(blog: Blog) -> None:
    code = "plt.style.use('default')\nax.axis('off')\nax.plot(np.linspace(0, 1, 9), np.zeros(9), ',k')"
    figure = figure_of(blog, code, format="webp", dpi=192)
    image = np.asarray(Image.open(io.BytesIO(blog.store.content(figure.light))).convert("RGBA").getchannel("A"))
    inked = image.sum() / 255
    assert 9 * 2.5 < inked < 9 * 5


def test_a_figure_says_what_it_is_filled_with(blog: Blog) -> None:
    assert figure_of(blog, "fig.set_facecolor('k')\nax.set_facecolor('k')").ground == "#000000"
    assert figure_of(blog, "ax.set_facecolor('lightyellow')").ground == figure_of(blog, "ax.plot([1])").ground == ""
    assert figure_of(blog, "fig.set_facecolor((0, 0, 0, 0.5))").ground == ""


def test_the_rows_of_a_table_are_as_high_as_their_text(blog: Blog) -> None:
    code = "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\ncell = ax.table([['1g']], loc='center')[0, 0]\nfig.canvas.draw()\nratio = cell.get_window_extent().height / cell.get_text().get_window_extent().height\nplt.close()\nbool(ratio > 1.1)"
    assert blog.results(code) == [Shown("text", "True")]


@pytest.mark.parametrize(
    ("text", "is_beside"),
    [
        ("plt.suptitle('of all', y=0.9)", "text.y0 >= axes.y1"),
        ("fig.text(0.5, 0.9, 'of all', ha='center', fontsize=16)", "text.y0 >= axes.y1"),
        ("plt.figtext(0.5, 0.03, 'x of all', ha='center')", "text.y1 <= axes.y0"),
        ("fig.text(0.02, 0.5, 'y of all', va='center', rotation='vertical')", "text.x1 <= axes.x0"),
        ("fig.text(0.95, 0.5, 'y', va='center')", "text.x0 >= axes.x1"),
    ],
)
def test_axes_leave_room_for_texts_along_the_edges_of_their_figure(blog: Blog, text: str, is_beside: str) -> None:
    drawn = (
        f"import matplotlib.pyplot as plt\nfig, axes = plt.subplots(2, 2, figsize=(7, 4))\ntext = {text}\nplt.show()\n"
    )
    boxes = (
        "from matplotlib.transforms import Bbox\naxes = Bbox.union([one.get_tightbbox() for one in axes.flat])\n"
        f"text = text.get_window_extent()\nbool({is_beside})"
    )
    assert blog.results(drawn + boxes)[-1] == Shown("text", "True")
