"""What plotting scripts do that nobody wrote for a page."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest
from running.test_figures import PLOT, figure_of

from sitegen.model import Animation, Figure, Output, Printed
from sitegen.running.figures.tex import without_latex

if TYPE_CHECKING:
    from running.conftest import Blog


def test_a_figure_that_matplotlib_can_only_paint_is_painted(blog: Blog) -> None:
    code = (
        "from matplotlib.lines import Line2D\n"
        "class Painted(Line2D):\n"
        "    def draw(self, renderer):\n"
        "        renderer.buffer_rgba()\n"
        "        super().draw(renderer)\n"
        "ax.add_line(Painted([0, 1], [0, 1]))"
    )
    figure = figure_of(blog, code)
    assert figure.light
    assert figure.dark


def test_what_is_there_for_blitting_is_drawn_too(blog: Blog) -> None:
    assert "var(--figure-1)" in blog.svg(PLOT + "ax.plot([1, 2], animated=True)")


def test_markers_may_be_lists_numbers_and_paths(blog: Blog) -> None:
    code = (
        "from matplotlib.path import Path\n"
        "for marker in ([(-1, -0.5), (1, 0.5)], 4, (5, 1), Path.unit_circle(), '$x$', None, ''):\n"
        "    ax.plot([0, 1], [0, 1], marker=marker, ls=(0, (5, 1)))"
    )
    assert figure_of(blog, code).svg


def test_a_sign_that_no_font_has_ends_the_build(blog: Blog) -> None:
    for text in ("\U000f0000", "\U000f0000 $x$"):
        failure = blog.failure(PLOT + f"__import__('warnings').simplefilter('ignore')\nax.set_title({text!r})")
        assert "no font has '\\U000f0000' (U+F0000)" in failure.message
        assert "Noto" in failure.hint


def test_a_picture_among_words_that_no_font_has_is_left_out_and_a_note_tells(blog: Blog) -> None:
    code = "ax.set_title('\U0001f680 first')\nax.text(0, 1, 'now \u26a0\ufe0f then')\nplt.tight_layout()\nax.set_xlabel('\U0001fac0\u200d\U0001f525 x')"
    (execution,) = blog.execute(blog.job(PLOT + code))
    assert isinstance(execution.outcome, Output), execution.outcome
    (note,) = execution.outcome.notes
    assert "leaves \U0001f680\U0001fac0\U0001f525 out of a figure" in note
    plain = figure_of(
        blog, "ax.set_title('first')\nax.text(0, 1, 'now \u26a0 then')\nplt.tight_layout()\nax.set_xlabel('x')"
    )
    ((figure,),) = execution.outcome.steps
    assert isinstance(figure, Figure)
    assert blog.store.content(figure.svg) == blog.store.content(plain.svg)


def test_a_sign_is_looked_for_in_other_fonts(blog: Blog) -> None:
    code = "plt.rcParams['font.family'] = 'serif'\nax.set_title('\U0001f600')\nax.set_xlabel('\U0001f600 $x$')"
    assert figure_of(blog, code).svg


def test_libraries_may_ask_how_many_processors_they_have(blog: Blog) -> None:
    code = (
        "from pathlib import Path\n"
        "quotas = [Path('/sys/fs/cgroup', name) for name in ('cpu.max', 'cpu/cpu.cfs_quota_us')]\n"
        "[quota.read_text() for quota in quotas if quota.exists()] and 'told'"
    )
    assert blog.results(code)


@pytest.mark.parametrize(
    ("code", "now"),
    [
        ("fig.gca(projection='3d')", "add_subplot(projection=...)"),
        ("__import__('matplotlib.cm').cm.get_cmap('jet')", "`plt.get_cmap(name)`"),
        ("from matplotlib.cm import get_cmap", "`plt.get_cmap(name)`"),
        ("plt.style.use('seaborn')", "seaborn-v0_8"),
        ("plt.hist([1, 2], normed=True)", "density"),
        ("plt.boxplot([1, 2], labels=['a'])", "tick_labels"),
        ("plt.contour(np.eye(3)).collections", "the set itself"),
        ("plt.axes(axisbg='w')", "facecolor"),
        ("import matplotlib.mlab\nmatplotlib.mlab.normpdf(0, 0, 1)", "numpy"),
        ("np.trapz([1])", "trapezoid"),
        ("ax.grid(b=True)", "visible=True"),
        ("fig.canvas.set_window_title('a')", "no window"),
        ("plt.plot_date([1], [1])", "knows dates"),
        ("plt.style.use(['science', 'ieee'])", "import scienceplots"),
        ("plt.get_cmap('spectral')", "nipy_spectral"),
        ("np.product([1])", "np.prod"),
        ("__import__('time').clock()", "perf_counter"),
        ("from collections import Iterable", "collections.abc"),
        ("xrange(3)", "Python 2"),
        ("import cPickle", "Python 2"),
        ("print 'x'", "Python 2"),
        ("{}.iteritems()", "Python 2"),
    ],
)
def test_what_older_versions_took_is_told_with_what_it_is_now(blog: Blog, code: str, now: str) -> None:
    assert now in blog.failure(PLOT + code).hint


@pytest.mark.parametrize("place", ["images/one.png", "/a.png", "../../figures/one.pdf"])
def test_a_figure_that_is_saved_where_nothing_can_be_written_is_shown_and_a_note_tells(blog: Blog, place: str) -> None:
    (execution,) = blog.execute(
        blog.job(PLOT + f"for _ in range(2):\n    plt.savefig({place!r}, dpi=300)\nprint('went on')")
    )
    assert isinstance(execution.outcome, Output), execution.outcome
    assert [
        f"cannot save a figure as `{place}`" in note and "leave `savefig` away" in note
        for note in execution.outcome.notes
    ] == [True]
    (step,) = execution.outcome.steps
    assert {type(result) for result in step} == {Printed, Figure}


def test_what_a_figure_that_is_saved_looks_for_in_vain_is_told(blog: Blog) -> None:
    assert (
        "absent.ttf"
        in blog.failure(
            PLOT + "plt.title('x', font=__import__('pathlib').Path('absent.ttf'))\nplt.savefig('a.png')"
        ).message
    )


@pytest.mark.parametrize(
    "code",
    ["writers['ffmpeg']()", "FuncAnimation(fig, lambda k: [], frames=1).save('a.mp4', writer=FFMpegWriter())"],
)
def test_saving_an_animation_as_a_film_is_told_to_be_left_away(blog: Blog, code: str) -> None:
    failure = blog.failure(PLOT + f"from matplotlib.animation import FFMpegWriter, FuncAnimation, writers\n{code}")
    assert "ffmpeg" in failure.message
    assert "is shown where its cell ends" in failure.hint


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (r"$\bm{\theta}$ (\%)", r"$\boldsymbol{\theta}$ (%)"),
        (r"\textbf{two words} of $x$", r"$\mathbf{two\ words}$ of $x$"),
        (r"\textbf{loss $L$} \& more", r"loss $L$ & more"),
        (r"pages 1--2, {\bf a}~b, \$5", "pages 1\u20132, a\u00a0b, \\$5"),
        (r"$\displaystyle \frac{1}{2} \textrm{ m}$", r"$\frac{1}{2} \mathrm{ m}$"),
        ("20 \\textdegree C", "20 °C"),
        (r"\TeX\ is set", "TeX\xa0is set"),
        (r"\textit{at \(^{\circ}\)C}", r"at $^{\circ}$C"),
    ],
)
def test_what_latex_would_set_is_said_in_matplotlibs_words(text: str, plain: str) -> None:
    assert without_latex(text) == plain


@pytest.mark.skipif(shutil.which("latex") is not None, reason="where LaTeX is, it is asked")
def test_figures_of_papers_are_set_without_latex(blog: Blog) -> None:
    asked = "plt.rcParams.update({'text.usetex': True, 'font.family': 'serif', 'text.latex.preamble': r'\\usepackage{bm}'})\n"
    drawn = (
        r"ax.set(xlabel=r'\textbf{Time} $\bm{t}$', ylabel=r'Share (\%)')"
        "\nax.set_title('x', usetex=True)\nplt.savefig('a.pdf')"
    )
    results = blog.results("import matplotlib.pyplot as plt\n" + asked + PLOT + drawn)
    assert [type(result) for result in results] == [Figure]
    failure = blog.failure("import matplotlib.pyplot as plt\n" + asked + PLOT + r"ax.set_title(r'\si{\second}')")
    assert "`\\si` is for LaTeX" in failure.message
    assert failure.line == ("import matplotlib.pyplot as plt\n" + asked + PLOT).count("\n") + 1  # not where it is drawn
    assert "leave `text.usetex` away" in failure.hint


@pytest.mark.parametrize(
    "code",
    [
        "import sys\nsys.exit()",
        "exit(0)",
        "import sys\ndef main(): sys.exit(0)\nif True:\n    main()",
        "raise SystemExit(None)",
    ],
)
def test_a_script_may_end_with_exit(blog: Blog, code: str) -> None:
    assert blog.results(f"print(1)\n{code}") == [Printed("1\n", "stdout")]


@pytest.mark.parametrize("code", ["import sys\nsys.exit('bad')", "exit(1)", "exit()\nprint(2)"])
def test_an_exit_that_leaves_something_undone_is_told(blog: Blog, code: str) -> None:
    assert blog.failure(code).message.startswith("SystemExit")


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("import pandas_of_nobody", "pip install pandas_of_nobody"),
        ("import cv2.nobody", "pip install opencv-python-headless"),
        ("from skimage import data", "pip install scikit-image"),
        ("import numpy as np\nnp.loadtxt('data/none.csv')", "in the folder of its post"),
        ("open('none.csv')", "in the folder of its post"),
        ("class TclError(Exception): pass\nraise TclError('no display name')", "no window"),
        ("import matplotlib.pyplot as plt\nplt.plot([1])\nplt.savefig('a.pgf', backend='pgf')", "to pgf away"),
        ("from .helper import f", "helper.py beside the post"),
        ("import pdb; pdb.set_trace()", "leave `breakpoint()` away"),
        ("import asyncio\nawait asyncio.sleep(0)", "asyncio.run(main())"),
        ("from tqdm.notebook import tqdm\nfor i in tqdm(range(3)): pass", "from tqdm import tqdm"),
    ],
)
def test_what_is_missing_is_told_with_what_to_do(blog: Blog, code: str, hint: str) -> None:
    assert hint in blog.failure(code).hint


MOVING = """import matplotlib.pyplot as plt
from IPython.display import HTML, display
from matplotlib.animation import FuncAnimation
fig, ax = plt.subplots(figsize=(3, 2))
line, = ax.plot([0, 1])
anim = FuncAnimation(fig, lambda k: line.set_data([0, 1], [0, k]), frames=3)
"""


@pytest.mark.parametrize(
    "shown",
    [
        "plt.close()\nHTML(anim.to_jshtml())",
        "display(HTML(anim.to_html5_video(embed_limit=50)))",
        "film = anim.to_jshtml(fps=20, default_mode='once')\nplt.close(fig)\nHTML('<b>' + film + '</b>')",
        "anim.to_html5_video()",
    ],
)
def test_html_of_an_animation_is_the_animation(blog: Blog, shown: str) -> None:
    assert [type(result) for result in blog.results(MOVING + shown)] == [Animation]
    assert [type(result) for result in blog.results(MOVING + "anim", shown)] == [Animation]


def test_a_title_that_comes_with_the_first_picture_has_its_room(blog: Blog) -> None:
    titled = MOVING.replace("line.set_data([0, 1], [0, k])", "(line.set_data([0, 1], [0, k]), ax.set_title(f'{k}'))")
    (late,), (early,) = (blog.results(code) for code in (titled, titled.replace("\nanim", "\nax.set_title('9')\nanim")))
    assert isinstance(late, Animation)
    assert isinstance(early, Animation)
    assert late.still.height == early.still.height


def test_ticks_on_all_sides_stand_at_lines(blog: Blog) -> None:
    edge = re.compile(r"stroke: var\(--figure-ink\); stroke-width: 0.8; stroke-linejoin: miter")
    framed = "plt.rcParams.update({'xtick.top': True, 'ytick.right': True, 'xtick.direction': 'in'})\n"
    begun, drawn = "import matplotlib.pyplot as plt\n", "fig, ax = plt.subplots()\nax.plot([1, 2])\n"
    sides = [
        len(edge.findall(blog.svg(begun + code)))
        for code in (
            drawn,
            framed + drawn,
            drawn + "ax.tick_params(top=True, right=True)",
            drawn + "ax.twinx()",
            drawn + "ax.twinx().spines.right.set_position(('axes', 1.2))",
            drawn + "ax.yaxis.tick_right()",
            drawn + "ax.yaxis.tick_right()\nax.spines[:].set_visible(False)",
        )
    ]
    assert sides == [2, 4, 4, 4, 5, 3, 0]  # each pair of axes has two


@pytest.mark.parametrize(
    ("label", "said"),
    [
        (r"r'the $\frac{1}{2$ of it'", r"cannot set `the $\frac{1}{2$ of it`: Expected \frac{num}{den}, found '{'"),
        (r"'$\\argmax x$'", r"cannot set `$\argmax x$`: Unknown symbol: \argmax, found '\'"),
        (r"f'$\\nosuch{{{1}}}$ and {2}'", r"cannot set `$\nosuch{1}$ and 2`: Unknown symbol: \nosuch, found '\'"),
        ("'\U0001fbc5'", "no font has"),
    ],
)
def test_a_label_that_cannot_be_set_is_told_with_the_line_that_says_it(blog: Blog, label: str, said: str) -> None:
    failure = blog.failure(f"{PLOT}# {label}\nax.set_title('$x$')\nax.set_xlabel(\n    {label})\nax.grid()")
    assert said in failure.message
    assert failure.line == PLOT.count("\n") + 4


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    raise ValueError('bad') from error",
         "ValueError: bad\nafter ZeroDivisionError: division by zero (cell, line 2)"),
        ("try:\n    {}['a']\nexcept KeyError:\n    f()", "after KeyError: 'a' (cell, line 2)"),
        ("try:\n    {}['a']\nexcept KeyError:\n    raise ValueError('bad') from None", "ValueError: bad"),
        ("raise ExceptionGroup('two', [ValueError('a'), TypeError()])", "- ValueError: a\n- TypeError"),
        ("error = ValueError('bad')\nerror.add_note('look there')\nraise error", "ValueError: bad\nlook there"),
        ("from multiprocessing import Pool\ndef f(x):\n    return 1 / x\nwith Pool(1) as pool:\n    pool.map(f, [0])",
         "in a process that it started: cell, line 3, in f"),
    ],
)  # fmt: skip
def test_what_is_behind_an_exception_is_told_too(blog: Blog, code: str, said: str) -> None:
    assert blog.failure(code).traceback.endswith(said)


def test_what_is_called_at_exit_is_heard_after_the_last_cell(blog: Blog) -> None:
    asked = "import atexit, multiprocessing.util\n@atexit.register\ndef leave():\n    print('goodbye')"
    (execution,) = blog.execute(blog.job(asked, "print('last')", "=1"))
    assert isinstance(execution.outcome, Output), execution.outcome
    heard = [[getattr(one, "text", getattr(one, "data", "")) for one in step] for step in execution.outcome.steps]
    assert heard == [[], ["last\n", "goodbye\n"], ["1"]]


def test_what_asks_for_no_serifs_gets_the_face_of_the_page(blog: Blog) -> None:
    draw = "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.set_title('Hamburg \u0142', family=asked)"
    ours = blog.svg(f"asked = None\n{draw}")
    listed = "import matplotlib as mpl\nmpl.rcParams['font.sans-serif'] = [{}, 'DejaVu Sans', 'sans-serif']\nasked = 'sans-serif'\n"
    assert blog.svg(f"asked = 'sans-serif'\n{draw}") == ours
    assert blog.svg(listed.format("'No Such Face'") + draw) == ours
    assert blog.svg(listed.format("'DejaVu Serif'") + draw) != ours
