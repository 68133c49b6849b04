"""What a program asks of a window is harmless, or told in words that help."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from sitegen.model import Figure, Output, Printed, Raised, Shown, Step

if TYPE_CHECKING:
    from running.conftest import Blog

PLOT = "import matplotlib, matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2])\n"


@pytest.mark.parametrize(
    "code",
    [
        "plt.ion()\nplt.draw()\nplt.pause(9)\nplt.ioff()\nplt.show(block=True)\nfig.show()",
        "matplotlib.use('TkAgg')\nmatplotlib.use('Qt5Agg', force=True)\nmatplotlib.use('pdf')\nplt.switch_backend('macosx')",
        "matplotlib.rcParams['backend'] = 'TkAgg'\nplt.plot([2, 1])",
        "window = plt.get_current_fig_manager().window\nwindow.state('zoomed')\nwindow.setGeometry(1, 2, 3, 4)",
        "fig.canvas.manager.set_window_title('x')\nfig.canvas.manager.full_screen_toggle()\nfig.canvas.manager.frame.Maximize(True)",
        "fig.canvas.mpl_connect('button_press_event', print)\nfig.canvas.draw_idle()\nfig.canvas.flush_events()",
        "while not plt.waitforbuttonpress():\n    pass",
        "timer = fig.canvas.new_timer(interval=10)\ntimer.add_callback(print)\ntimer.start()",
        "fig.canvas.start_event_loop(9)",
        "from matplotlib.widgets import Button, Cursor, Slider\nCursor(ax)\nSlider(plt.axes([0, 0, 1, 0.1]), 'a', 0, 1)",
        "plt.savefig('a.png')\nplt.savefig('a.pdf')\nplt.savefig('a.svg', transparent=True, bbox_inches='tight')",
        "import argparse\noptions = argparse.ArgumentParser().parse_args()",
        "%matplotlib qt",
        "%load_ext autoreload\n%autoreload 2",
    ],
)
def test_what_is_for_a_window_does_nothing(blog: Blog, code: str) -> None:
    (figure,) = blog.results(PLOT + code)
    assert isinstance(figure, Figure)
    assert figure.svg


def test_controls_that_nobody_could_move_are_left_away(blog: Blog) -> None:
    made = "from matplotlib.widgets import Button, RadioButtons, Slider\nslider = Slider(plt.axes([0.2, 0.1, 0.6, 0.03]), 'amp', 0, 1)\n"
    more = "Button(plt.axes([0.8, 0, 0.1, 0.04]), 'reset')\nRadioButtons(plt.axes([0, 0.5, 0.1, 0.1]), ['a', 'b'])\nslider.set_val(0.5)"
    (execution,) = blog.execute(blog.job(PLOT + made + more))
    assert isinstance(execution.outcome, Output)
    assert [note for note in execution.outcome.notes if "leaves away a Slider" in note]
    (figure,) = blog.results(PLOT + made + more)
    (plain,) = blog.results(PLOT)
    assert isinstance(figure, Figure)
    assert isinstance(plain, Figure)
    assert blog.store.content(figure.svg).count(b"<use") == blog.store.content(plain.svg).count(b"<use")


@pytest.mark.parametrize(
    ("code", "message", "hint"),
    [
        ("plt.ginput(2)", "nobody can click", "write the values"),
        ("ax.clabel(ax.contour([[1, 2], [3, 5]]), manual=True)", "nobody can click", "write the values"),
        ("matplotlib.use('TkAg')", "'TkAg' is not a valid value", ""),
        ("open(__file__)", "cell.py", "a cell has no file"),
        (
            "import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('--out', required=True)\nparser.parse_args()",
            "arguments are required: --out",
            "parse_args([",
        ),
        ("get_ipython()", "get_ipython", "display(...) is there"),
        ("from google.colab import drive", "'google'", "in Colab alone"),
        (
            "from matplotlib import font_manager\nfont_manager.get_font('malgun.ttf')",
            "malgun.ttf",
            "leave the font away",
        ),
        (
            "raise RuntimeError('Failed to process string with tex because latex could not be found')",
            "latex could not be found",
            "leave `text.usetex` away",
        ),
    ],
)
def test_what_cannot_be_is_told(blog: Blog, code: str, message: str, hint: str) -> None:
    failure = blog.failure(PLOT + code)
    assert message in failure.message
    assert hint in failure.hint


def test_each_warning_is_told_for_itself(blog: Blog) -> None:
    results = blog.results("import warnings\nwarnings.warn('one')\nwarnings.warn('two')")
    assert results == [Printed("UserWarning: one", "warning"), Printed("UserWarning: two", "warning")]


PYPLOT = "import matplotlib.pyplot as plt\n"


def told(blog: Blog, code: str | Step) -> list[str]:
    """Return what a cell gives, in its order: what it prints, and `figure`."""
    return [
        "figure" if isinstance(result, Figure) else getattr(result, "text", type(result).__name__).strip()
        for result in blog.results(PYPLOT, code)
    ]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("for i in range(2):\n    print(i)\n    plt.plot([i, 1])\n    plt.show()", ["0", "figure", "1", "figure"]),
        ("plt.plot([1, 2])\nplt.show()\nprint('after')", ["figure", "after"]),
        (
            "plt.figure().text(0, 0, 'a')\nplt.figure()\nplt.plot([1])\nplt.show(block=False)\nprint('after')",
            ["figure", "figure", "after"],
        ),
        ("a, b = plt.subplots()[0], plt.figure()\nb.show()\nprint('after')", ["figure", "after", "figure"]),
        ("plt.figure(figsize=(9, 9))\nplt.subplots()", ["figure"]),
        ("plt.figure(figsize=(9, 9))\nplt.subplots()\nplt.show()", ["figure"]),
        ("from pylab import *\nplot([1, 2])\nshow()\nprint('after')", ["figure", "after"]),
        ("print('before')\nplt.show()\nplt.plot([1, 2])", ["before", "figure"]),
        ("from matplotlib.figure import Figure\nf = Figure()\nf.show()\nprint('after')", ["figure", "after"]),
    ],
)
def test_figures_are_shown_where_the_program_shows_them(blog: Blog, code: str, expected: list[str]) -> None:
    assert told(blog, code) == expected


def test_an_image_of_pillow_is_shown_where_the_program_shows_it(blog: Blog) -> None:
    code = "from PIL import Image\nprint('before')\nImage.new('RGB', (2, 2)).show()\nprint('after')"
    before, shown, after = blog.results(code)
    assert (before, after) == (Printed("before\n", "stdout"), Printed("after\n", "stdout"))
    assert isinstance(shown, Shown)
    assert shown.kind == "png"


def test_what_is_shown_is_the_figure_as_it_was_then(blog: Blog) -> None:
    code = "fig, ax = plt.subplots()\nax.set_title('early')\nplt.show()\nax.set_title('late')\nprint(plt.get_fignums())"
    figure, printed = blog.results(PYPLOT, code)
    assert isinstance(figure, Figure)
    assert "early" in figure.alt
    assert printed == Printed("[]\n", "stdout")


def test_a_figure_that_is_shown_and_given_back_is_shown_once(blog: Blog) -> None:
    assert told(blog, "fig, ax = plt.subplots()\nplt.show()\nfig") == ["figure"]
    assert told(blog, "def f():\n    fig, ax = plt.subplots()\n    plt.show()\n    return fig\nf()") == ["figure"]
    assert told(blog, "fig, ax = plt.subplots()\nplt.show()\nax.plot([1, 2])\nfig") == ["figure", "figure"]
    results = blog.results(PYPLOT, "fig, ax = plt.subplots()\nplt.show()", "fig")
    assert [type(result) for result in results] == [Figure]


@pytest.mark.parametrize("show", ["plt.show(block=False)", "fig.show()", "plt.ion()\nplt.show()"])
def test_what_a_program_draws_on_an_open_window_is_shown_at_last(blog: Blog, show: str) -> None:
    begun = f"fig, ax = plt.subplots()\nax.plot([1, 2])\nax.set_title('early')\n{show}\nprint('after')\n"
    drawn = (
        "for k in range(9):\n    ax.set_title(f'late {k}')\n    fig.canvas.draw()\n    fig.show()\nplt.savefig('a.png')"
    )
    first, _, last = blog.results(PYPLOT, begun + drawn)
    assert isinstance(first, Figure)
    assert isinstance(last, Figure)
    assert "early" in first.alt
    assert "late 8" in last.alt
    assert told(blog, begun) == told(blog, begun + "plt.show()") == ["figure", "after"]
    assert told(blog, "plt.plot([1])\nplt.show(block=False)\nplt.plot([2])") == ["figure", "figure"]


@pytest.mark.parametrize("empty", ["fig.clf()", "plt.cla()", "ax.clear()"])
@pytest.mark.parametrize("show", ["plt.show(block=False)", "clear_output()\n    display(fig)"])
def test_of_a_window_that_is_emptied_again_and_again_the_last_state_is_shown(blog: Blog, empty: str, show: str) -> None:
    head = "from IPython.display import clear_output\nfig, ax = plt.subplots()\nfor n in range(4):\n    "
    draw = "plt.plot([0, n])\n    plt.title(f'step {n}')"
    for order in ((empty, draw, show), (draw, show, empty)):
        (figure,) = blog.results(PYPLOT, head + "\n    ".join(order))
        assert isinstance(figure, Figure)
        assert "step 3" in figure.alt


def test_a_window_that_is_emptied_once_shows_two_figures(blog: Blog) -> None:
    draw = "plt.plot([1, 2])\nplt.show(block=False)\n"
    assert told(blog, f"{draw}plt.clf()\n{draw}") == ["figure", "figure"]


def test_an_open_window_on_which_nothing_is_drawn_yet_is_shown_at_last(blog: Blog) -> None:
    begun = (
        "fig, ax = plt.subplots()\nline, = ax.plot([], [])\nax.set_xlabel('x')\nplt.show(block=False)\nprint('after')\n"
    )
    drawn = "for k in range(3):\n    line.set_data(range(k), range(k))\n    plt.draw()\n    plt.pause(0.01)"
    assert told(blog, begun + drawn) == ["after", "figure"]
    assert told(blog, begun) == ["after", "figure"]
    assert told(blog, begun + "raise SystemExit") == ["after", "figure"]


def test_what_is_shown_before_an_error_stands_before_it(blog: Blog) -> None:
    code = "plt.plot([1, 2])\nplt.show()\nplt.plot([2, 1])\n1 / 0"
    results = blog.results(PYPLOT, Step(code, "cell", raises=True))
    assert [type(result) for result in results] == [Figure, Raised, Figure]


def test_shown_figures_count(blog: Blog) -> None:
    failure = blog.failure(PYPLOT + "for i in range(3):\n    plt.plot([i, 1])\n    plt.show()", figures=2)
    assert failure.message == "the program makes more than 2 figures"
    assert failure.line == 3


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("plt.plot([1, 2])\nplt.savefig('a.png')\nplt.close()", ["a.png"]),
        (
            "for i in range(2):\n    plt.figure().text(0, 0, 'a')\n    plt.savefig(f'{i}.png')\n    plt.close()",
            ["0.png"],
        ),
        ("plt.plot([1, 2])\nplt.savefig('a.png')\nplt.show()\nplt.close()", []),
        ("plt.plot([1, 2])\nplt.savefig('a.png')", []),
        ("import io\nplt.plot([1, 2])\nplt.savefig(io.BytesIO())\nplt.close()", []),
    ],
)
def test_a_figure_that_is_saved_and_closed_is_told_since_nobody_gets_it(
    blog: Blog, code: str, names: list[str]
) -> None:
    (execution,) = blog.execute(blog.job(PYPLOT, code))
    outcome = execution.outcome
    assert isinstance(outcome, Output)
    assert [re.findall(r"as `(.*?)` and closes it", note)[0] for note in outcome.notes] == names
    assert all("(its line " in note and note.endswith("; leave its closing away") for note in outcome.notes)


@pytest.mark.parametrize(
    "ending", ["plt.clf()", "plt.close()", "fig.clear()", "plt.cla()", "plt.cla()\nplt.show()", ""]
)
def test_a_figure_that_is_paused_on_is_shown_as_it_was_last_seen(blog: Blog, ending: str) -> None:
    code = f"import matplotlib.pyplot as plt\nplt.ion()\nfig = plt.figure()\nfor n in range(3):\n    plt.plot([0, n])\n    plt.title(f'step {{n}}')\n    plt.draw()\n    plt.pause(0.9)\n    {ending}"
    (figure,) = blog.results(code)
    assert isinstance(figure, Figure)
    assert "step 2" in figure.alt


def test_what_is_shown_before_or_after_a_pause_is_shown_once(blog: Blog) -> None:
    code = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show(block=False)\nplt.pause(3)\nplt.close()"
    assert len(blog.results(code)) == 1


def test_the_folder_of_a_cell_s_file_is_where_it_starts(blog: Blog) -> None:
    blog.write("posts/a/data.csv", "1,2")
    code = "import os\nfrom pathlib import Path\n(Path(__file__).parent / 'data.csv').read_text(), open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'data.csv')).read()"
    assert blog.results(code) == [Shown("text", "('1,2', '1,2')")]


@pytest.mark.parametrize(
    "line",
    [
        "!pip install numpy",
        "%pip install -q numpy",
        "!{sys.executable} -m pip install numpy",
        "!sudo apt-get install -y fonts-nanum",
    ],
)
def test_lines_that_install_are_blank(blog: Blog, line: str) -> None:
    assert blog.results(f"{line}\n1 + 1") == [Shown("text", "2")]


@pytest.mark.parametrize(
    "save",
    [
        "FuncAnimation(fig, lambda n: ax.lines, frames=2).save('a.gif', writer='pillow')",
        "writer = PillowWriter(fps=5)\nwith writer.saving(fig, 'a.gif', 72): writer.grab_frame()",
    ],
)
def test_of_an_animation_that_is_saved_and_closed_a_note_tells(blog: Blog, save: str) -> None:
    code = f"{PLOT}from matplotlib.animation import FuncAnimation, PillowWriter\n{save}\nplt.close()"
    (execution,) = blog.execute(blog.job(code))
    assert isinstance(execution.outcome, Output), execution.outcome
    assert ["saves a figure as `a.gif` and closes it" in note for note in execution.outcome.notes] == [True]


def test_a_note_names_a_file_by_no_path_of_this_machine(blog: Blog) -> None:
    code = "import os\nplt.savefig(os.path.abspath('a.png'))\nplt.close()"
    (execution,) = blog.execute(blog.job(PLOT + code))
    assert isinstance(execution.outcome, Output), execution.outcome
    assert ["saves a figure as `/blog/posts/a/a.png` and closes it" in note for note in execution.outcome.notes] == [
        True
    ]


def test_of_pages_of_a_file_a_note_tells(blog: Blog) -> None:
    pages = "from matplotlib.backends.backend_pdf import PdfPages\nwith PdfPages('a.pdf') as pdf:\n    pdf.savefig(fig)\nplt.close()"
    (execution,) = blog.execute(blog.job(PLOT + pages))
    assert isinstance(execution.outcome, Output), execution.outcome
    assert ["saves a figure as `a.pdf` and closes it" in note for note in execution.outcome.notes] == [True]


def test_what_is_saved_after_it_was_shown_is_not_told_to_be_lost(blog: Blog) -> None:
    (execution,) = blog.execute(blog.job(f"{PLOT}plt.show()\nplt.savefig('a.png')"))
    assert isinstance(execution.outcome, Output), execution.outcome
    assert not execution.outcome.notes


def test_what_a_window_would_show_later_is_not_drawn_for_nobody(blog: Blog) -> None:
    code = (
        "import matplotlib.pyplot as plt\nplt.ion()\nfig, ax = plt.subplots()\n(line,) = ax.plot([1, 2])\ndrawn = []\n"
        "fig.canvas.mpl_connect('draw_event', drawn.append)\nfor n in range(3):\n    line.set_ydata([n, 2])\n    plt.draw()\nlen(drawn)"
    )
    shown, figure = blog.results(code)
    assert shown == Shown("text", "0")
    assert isinstance(figure, Figure)


def test_no_browser_is_opened_and_a_note_tells_of_it(blog: Blog) -> None:
    blog.write("posts/a/plotly/io/__init__.py", "from plotly.io._base_renderers import show\n")
    blog.write("posts/a/plotly/__init__.py", "")
    blog.write(
        "posts/a/plotly/io/_base_renderers.py",
        "def open_html_in_browser(html):\n    1 / 0\n\ndef show():\n    open_html_in_browser('')\n",
    )
    for code in (
        "import webbrowser\nassert webbrowser.get(using='firefox').open_new('x.html')",
        "import plotly.io\nplotly.io.show()",
    ):
        (execution,) = blog.execute(blog.job(code))
        assert isinstance(execution.outcome, Output)
        (note,) = execution.outcome.notes
        assert "opens a browser, which nobody sits before" in note
        assert "(its line 2)" in note
