"""What notebooks import of IPython is there, also where IPython is not."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from sitegen.model import Figure, Output, Printed, Shown

if TYPE_CHECKING:
    from typing import Literal

    from running.conftest import Blog

    Kind = Literal["html", "markdown", "latex", "svg", "png"]

IMPORT = "from IPython.display import HTML, Image, Latex, Markdown, Math, SVG, clear_output, display\n"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABh6FO1AAAAABJRU5ErkJggg=="
)


@pytest.mark.parametrize(
    ("code", "kind", "data"),
    [
        ("HTML('<b>x</b>')", "html", "<b>x</b>"),
        ("HTML(filename='x.html')", "html", "<i>x</i>"),
        ("HTML('<b>x</b>', 'https://example.org')", "html", "<b>x</b>"),
        ("HTML(url='https://example.org/a')", "html", "https://example.org/a"),
        ("display(Markdown('**x**'), metadata={})", "markdown", "**x**"),
        ("Math('x^2')", "latex", "$$ x^2 $$"),
        ("Math('$x^2$')", "latex", "$$ x^2 $$"),
        ("Latex('$$x^2$$')", "latex", "$$x^2$$"),
        ("Latex(r'\\begin{align}x\\end{align}')", "latex", "\\begin{align}x\\end{align}"),
        ("Latex('The square $x^2$ of $x$')", "markdown", "The square $x^2$ of $x$"),
        ("SVG('<svg></svg>')", "svg", "<svg></svg>"),
        ("SVG('x.svg')", "svg", "<svg>x</svg>"),
        ("Image('x.png')", "png", base64.b64encode(PNG).decode()),
        ("Image(open('x.png', 'rb').read())", "png", base64.b64encode(PNG).decode()),
        ("Image(filename='x.svg')", "svg", "<svg>x</svg>"),
        ("Image(url='https://example.org/a.png', width=20)", "html", '<img src="https://example.org/a.png" alt="" width="20">'),
        ("Image(b'GIF8', alt='a \"b\"')", "html", '<img src="data:image/gif;base64,R0lGOA==" alt="a &quot;b&quot;">'),
    ],
)  # fmt: skip
def test_what_ipython_displays_is_shown(blog: Blog, code: str, kind: Kind, data: str) -> None:
    blog.write("posts/a/x.html", "<i>x</i>")
    blog.write("posts/a/x.svg", "<svg>x</svg>")
    blog.write("posts/a/x.png", "").write_bytes(PNG)
    assert blog.results(IMPORT + code) == [Shown(kind, data)]


@pytest.mark.parametrize("module", ["IPython.display", "matplotlib_inline.backend_inline"])
def test_the_format_of_figures_is_the_page_s(blog: Blog, module: str) -> None:
    assert blog.results(f"from {module} import set_matplotlib_formats\nset_matplotlib_formats('svg')\n1") == [
        Shown("text", "1")
    ]


def test_what_programs_take_of_ipython_is_there(blog: Blog) -> None:
    names = """Code DisplayHandle FileLink FileLinks GeoJSON HTML IFrame Image JSON Javascript Latex Markdown Math Pretty SVG
        TextDisplayObject YouTubeVideo clear_output display display_html display_javascript display_jpeg
        display_latex display_markdown display_png display_pretty display_svg publish_display_data update_display
        set_matplotlib_formats"""
    code = f"from IPython.display import {', '.join(names.split())}"
    assert blog.results(code) == []


@pytest.mark.parametrize(
    ("code", "kind", "data"),
    [
        ("display_html('<b>x</b>', raw=True)", "html", "<b>x</b>"),
        ("display_html('<b>x</b>')", "text", "'<b>x</b>'"),
        ("display_latex(Math('x'))", "latex", "$$ x $$"),
        ("display({'text/html': '<b>x</b>', 'text/plain': 'x'}, raw=True)", "html", "<b>x</b>"),
        ("display({'text/html': 'x'})", "text", "{'text/html': 'x'}"),
        ("publish_display_data({'text/markdown': '*x*'}, {}, transient=None)", "markdown", "*x*"),
        ("publish_display_data(data={'text/plain': 'x'})", "text", "x"),
        ("IFrame('https://example.org/a?b', 600, '4em')", "html",
         '<iframe src="https://example.org/a?b" width="600" height="4em" allowfullscreen></iframe>'),
        ("YouTubeVideo('abc', start=3, width=320, allow_autoplay=True)", "html",
         '<iframe src="https://www.youtube.com/embed/abc?start=3" width="320" height="300" allowfullscreen></iframe>'),
        ("display_latex(Latex('a $x$'))", "markdown", "a $x$"),
        ("display_pretty(Code('x', language='r'))", "text", "x"),
        ("JSON({'a': 1})", "text", "{'a': 1}"),
    ],
)  # fmt: skip
def test_what_notebooks_show_in_one_form_is_shown(blog: Blog, code: str, kind: Kind, data: str) -> None:
    assert blog.results(f"from IPython.display import *\n{code}") == [Shown(kind, data)]


def test_what_is_displayed_by_an_id_is_replaced(blog: Blog) -> None:
    code = "shown = display(HTML('0'), display_id=True)\ndisplay(HTML('other'))\n"
    loop = "for k in range(1, 4):\n    shown.update(HTML(str(k)))\n"
    assert blog.results(IMPORT + code + loop) == [Shown("html", "other"), Shown("html", "3")]
    drawn = "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nline, = ax.plot([0])\nshown = display(fig, display_id='a')\n"
    loop = "for k in range(3):\n    ax.set_title(f'step {k}')\n    shown.update(fig)\nplt.close()"
    figure = blog.results(IMPORT + drawn + loop)
    assert [type(one) for one in figure] == [Figure]
    assert isinstance(figure[0], Figure)
    assert "step 2" in figure[0].alt


def test_what_needs_a_program_of_a_notebook_is_left_away_and_told(blog: Blog) -> None:
    load = "from IPython.display import *\npublish_display_data({'text/html': '<i id=\"loading-1\">Loading</i>'})\ndisplay(HTML('x'))\n"
    script = (
        "publish_display_data({'application/javascript': 'draw(\"loading-1\")', 'application/vnd.x_exec.v0+json': ''})"
    )
    for program in (script, "Javascript('draw(\"loading-1\")')"):
        (execution,) = blog.execute(blog.job(load + program))
        assert isinstance(execution.outcome, Output)
        assert execution.outcome.steps == ((Shown("html", "x"),),)
        (note,) = execution.outcome.notes
        assert "shows what only a program of a notebook could draw" in note


def test_figures_are_displayed_and_nothing_is_cleared(blog: Blog) -> None:
    code = "import IPython.display as shown\nfrom IPython import display, get_ipython\nfrom IPython.core.display import HTML\n"
    drawn = "import matplotlib.pyplot as plt\nfig = plt.figure()\nprint(1)\nshown.clear_output(wait=True)\n"
    results = blog.results(code + drawn + "shown.display(fig)\nplt.close()\nprint(get_ipython(), plt.isinteractive())")
    assert [type(result) for result in results] == [Printed, Figure, Printed]
    assert results[-1] == Printed("None False\n", "stdout")


def test_of_a_figure_that_is_cleared_and_shown_again_the_last_state_stands(blog: Blog) -> None:
    loop = "import matplotlib.pyplot as plt\nfor k in range(9):\n    print(k)\n    plt.plot([k])\n    plt.title(f'step {k}')\n"
    for shown in (
        "    clear_output(wait=True)\n    display(plt.gcf())",
        "    display(plt.gcf())\n    k < 8 and clear_output(wait=True)",
        "    clear_output()\n    plt.show()",
        "    display(plt.gcf())\n    plt.close()\n    k < 8 and clear_output()",
        "    clear_output(wait=True)\n    plt.show()\n    plt.cla()",
    ):
        blog.limits = replace(blog.limits, figures=3)
        *printed, figure = blog.results(IMPORT + loop + shown)
        assert isinstance(figure, Figure)
        assert "step 8" in figure.alt
        assert "".join(one.text for one in printed if isinstance(one, Printed)) == "0\n1\n2\n3\n4\n5\n6\n7\n8\n"


def test_display_of_ipython_is_the_module(blog: Blog) -> None:
    for code in ("from IPython import display\n", "import IPython\ndisplay = IPython.display\n"):
        used = "display.clear_output(wait=True)\ndisplay.display(display.HTML('x'))"
        assert blog.results(code + used) == [Shown("html", "x")]


def test_what_is_glued_is_kept_and_shown_by_its_name(blog: Blog) -> None:
    code = "import myst_nb\nfrom myst_nb import glue\nglue('x', 0.25)\nglue('y', 'text', display=False)\n"
    shown = "myst_nb.show('y')\nprint(myst_nb.glued('x'), myst_nb.glued('x', '.0%'), myst_nb.glued('y'))"
    printed = Printed("0.25 25% text\n", "stdout")
    assert blog.results(code + shown) == [Shown("text", "0.25"), Shown("text", "'text'"), printed]
    assert "no cell keeps anything by the name 'z'" in blog.failure("import myst_nb\nmyst_nb.glued('z')").message


def test_libraries_do_not_find_ipython_loaded(blog: Blog) -> None:
    assert blog.results("import sys\nprint('IPython' in sys.modules)") == [Printed("False\n", "stdout")]


def test_an_ipython_that_is_found_is_taken(blog: Blog) -> None:
    blog.write("IPython/__init__.py", "")
    blog.write("IPython/display.py", "display = 'mine'\n")
    assert blog.results("from IPython.display import display\ndisplay") == [Shown("text", "'mine'")]


def test_what_is_not_there_is_told(blog: Blog) -> None:
    for code in ("from IPython.display import ScribdDocument", "import IPython.lib"):
        assert "cells run without IPython" in blog.failure(code).hint
