"""What a program asks of a window is harmless, or told in words that help."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sitegen.model import Figure, Printed

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
    ],
)
def test_what_is_for_a_window_does_nothing(blog: Blog, code: str) -> None:
    (figure,) = blog.results(PLOT + code)
    assert isinstance(figure, Figure)
    assert figure.svg


@pytest.mark.parametrize(
    ("code", "message", "hint"),
    [
        ("plt.ginput(2)", "nobody can click", "write the values"),
        ("ax.clabel(ax.contour([[1, 2], [3, 5]]), manual=True)", "nobody can click", "write the values"),
        ("matplotlib.use('TkAg')", "'TkAg' is not a valid value", ""),
        ("plt.savefig('/a.png')", "may write only", "leave `savefig` away"),
        ("open(__file__)", "__file__", "a cell has no file"),
        ("get_ipython()", "get_ipython", "display(...) is there"),
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
