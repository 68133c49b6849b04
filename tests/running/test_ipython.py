"""What notebooks import of IPython is there, also where IPython is not."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from sitegen.model import Figure, Printed, Shown

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
    for code in ("from IPython.display import YouTubeVideo", "import IPython.lib"):
        assert "cells run without IPython" in blog.failure(code).hint
