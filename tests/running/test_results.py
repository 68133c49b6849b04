"""What a program gives, cell by cell."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sitegen.model import Claim, Figure, Output, Printed, Raised, Shown, Step
from sitegen.running.showing import _elsewhere
from sitegen.running.terminal import settled

if TYPE_CHECKING:
    from running.conftest import Blog


def test_cells_share_one_namespace(blog: Blog) -> None:
    (execution,) = blog.execute(blog.job("x = 2", "x + 1", "=x * 10"))
    assert isinstance(execution.outcome, Output)
    assert execution.outcome.steps == ((), (Shown("text", "3"),), (Shown("text", "20"),))


def test_results_come_in_the_order_of_jobs(blog: Blog) -> None:
    jobs = [
        blog.job(f"import time\ntime.sleep({wait})\n{wait}", path=f"posts/{wait}/index.md") for wait in (0.3, 0.0, 0.1)
    ]
    done: list[str] = []
    executions = blog.execute(*jobs, on_done=lambda execution: done.append(str(execution.job.path)))
    assert [execution.job for execution in executions] == jobs
    assert sorted(done) == sorted(str(job.path) for job in jobs)
    assert done[0] != "posts/0.3/index.md"


def test_printed_text_keeps_its_order_with_values(blog: Blog) -> None:
    code = "import sys\nprint('one')\nprint('bad', file=sys.stderr)\ndisplay(2)\nprint('three')\n4"
    expected = [
        Printed("one\n", "stdout"), Printed("bad\n", "stderr"), Shown("text", "2"),
        Printed("three\n", "stdout"), Shown("text", "4"),
    ]  # fmt: skip
    assert blog.results(code) == expected


def test_what_c_code_and_children_print_is_captured(blog: Blog) -> None:
    code = "import os, subprocess, sys\nos.write(1, b'raw ')\nsubprocess.run(['echo', 'child'], check=True)\nsys.stdout.buffer.write(b'bytes')\nNone"
    assert "".join(result.text for result in blog.results(code) if isinstance(result, Printed)) == "raw child\nbytes"


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("10%\r50%\r100%", "100%"),
        ("abc def\rover", "overdef"),
        ("first\nabc def\rover\r\nlast\r", "first\noverdef\nlast"),
        ("abc def\r\x1b[Kover", "over"),
        ("abc\x1b[2K\rx", "x"),
        ("|\b/\b-\b done", " done"),
        ("\x1b[31mabc\x1b[0m def\rov", "ov\x1b[0;31mc\x1b[0m def"),
        ("\x1b[1mbold\nabc\rx", "\x1b[1mbold\nxbc"),
    ],
)
def test_what_is_written_over_is_gone_and_the_rest_of_its_line_stays(written: str, left: str) -> None:
    assert settled(written) == left


def test_a_progress_bar_shows_its_last_state(blog: Blog) -> None:
    assert blog.results("print('10%\\r50%\\r100%')") == [Printed("100%\n", "stdout")]


def test_warnings_name_no_path(blog: Blog) -> None:
    code = "import warnings\nwarnings.warn('careful')"
    assert blog.results(code) == [Printed("UserWarning: careful", "warning")]


def test_a_semicolon_and_a_comment_decide_what_is_shown(blog: Blog) -> None:
    assert blog.results("1 + 1;") == []
    assert blog.results("1 + 1  # ;") == [Shown("text", "2")]
    assert blog.results("'é; ' + 'x'") == [Shown("text", "'é; x'")]
    assert blog.results("None") == []
    assert blog.results("") == []


@pytest.mark.parametrize(
    ("method", "value", "shown"),
    [
        ("_repr_html_", "'<b>1</b>'", Shown("html", "<b>1</b>")),
        ("_repr_html_", "__import__('markupsafe').Markup('<b>1</b>')", Shown("html", "<b>1</b>")),
        ("_repr_svg_", "'<svg/>'", Shown("svg", "<svg/>")),
        ("_repr_png_", "b'\\x89PNG'", Shown("png", "iVBORw==")),
        ("_repr_latex_", "'$x$'", Shown("latex", "$x$")),
        ("_repr_markdown_", "'*x*'", Shown("markdown", "*x*")),
        ("_repr_mimebundle_", "{'text/html': '<i>2</i>', 'text/plain': '2'}", Shown("html", "<i>2</i>")),
        ("__repr__(self): return 'two'\n    def _repr_mimebundle_", "{'application/json': {}}", Shown("text", "two")),
        ("__repr__", "'plain'", Shown("text", "plain")),
    ],
)
def test_a_value_is_shown_in_its_richest_form(blog: Blog, method: str, value: str, shown: Shown) -> None:
    assert blog.results(f"class A:\n    def {method}(self, **_): return {value}\nA()") == [shown]


def test_an_address_in_memory_is_not_shown(blog: Blog) -> None:
    assert blog.results("class A: pass\nA()") == [Shown("text", "<__main__.A object>")]


def test_a_long_container_is_shown_over_several_lines(blog: Blog) -> None:
    (shown,) = blog.results("list(range(60))")
    assert isinstance(shown, Shown)
    assert max(map(len, shown.data.splitlines())) < 80


def test_a_list_that_holds_itself_is_shown_as_python_writes_it(blog: Blog) -> None:
    assert blog.results("x = [1]\nx.append(x)\nx") == [Shown("text", "[1, [...]]")]


def test_what_drawing_returns_is_not_shown(blog: Blog) -> None:
    begin = "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\n"
    for last in (
        "ax.plot([1, 2])",
        "plt.hist([1, 2])",
        "plt.xlim(0, 1)",
        "ax.axis('off')",
        "ax.set_ylim(0, 1)",
        "plt.subplots(2)",
        "fig",
        "ax.legend(['a'])",
    ):
        results = blog.results(begin + "ax.plot([0])\n" + last)
        assert all(isinstance(result, Figure) for result in results), last


def test_an_object_that_holds_what_it_drew_is_shown_only_where_it_says_something(blog: Blog) -> None:
    code = (
        "import matplotlib.pyplot as plt\nclass Grid:\n    def __init__(self): self.fig, self.axes = plt.subplots()\n"
    )
    drawn = "g = Grid()\ng.axes.plot([1, 2])\ng"
    assert all(isinstance(result, Figure) for result in blog.results(code + drawn))
    said = [
        result
        for result in blog.results(f"{code}    def __repr__(self): return 'a grid'\n{drawn}")
        if isinstance(result, Shown)
    ]
    assert said == [Shown("text", "a grid")]
    (mute,) = blog.results("class Plain:\n    x = 1\nPlain()")
    assert isinstance(mute, Shown)


def test_randomness_is_the_same_in_every_run(blog: Blog) -> None:
    code = "import random, numpy as np\n(rng.random(), random.random(), np.random.rand(), hash('x'), set('abc'))"
    (execution,) = blog.execute(blog.job(code), twice=True)
    assert isinstance(execution.outcome, Output), execution.outcome


def test_claims(blog: Blog) -> None:
    code = "import numpy as np\nclaim('sums to 1', np.isclose(sum([.5, .5]), 1), 'exactly')\nclaim(np.ones(2) > 0, 'positive')"
    assert blog.results(code) == [Claim("sums to 1", "exactly"), Claim("positive", "2 cases")]
    failure = blog.failure("x = 1", "y = 2\nclaim('one is two',\n    x == y)")
    assert (failure.step, failure.line, failure.message) == (
        1,
        2,
        "claim does not hold: one is two (`x` is 1, `y` is 2)",
    )


def test_an_expected_exception_is_a_result_and_the_program_goes_on(blog: Blog) -> None:
    (execution,) = blog.execute(blog.job(Step("print('a')\n1 / 0", "cell", raises=True), "5"))
    assert isinstance(execution.outcome, Output)
    printed, raised = execution.outcome.steps[0]
    assert printed == Printed("a\n", "stdout")
    assert isinstance(raised, Raised)
    assert raised.text == "cell, line 2\n    1 / 0\nZeroDivisionError: division by zero"
    assert execution.outcome.steps[1] == (Shown("text", "5"),)


def test_what_only_sets_a_notebook_up_or_measures_it_is_left_out(blog: Blog) -> None:
    code = (
        "%%time\n!pip install -q numpy\n%pip install numpy\nfor n in range(2):\n    !pip install numpy\n%time x = 2\nx"
    )
    assert blog.results(code) == [Shown("text", "2")]
    assert blog.results("%timeit -n 10 [n for n in range(3)]") == []
    assert blog.results("%%timeit -r 3 -o\ny = 3\ny") == [Shown("text", "3")]
    assert blog.results("%%capture out\n!pip install numpy\n%timeit z = 4\nz") == [Shown("text", "4")]


@pytest.mark.parametrize(
    ("code", "line", "message"),
    [
        ("x = 1\n\n1 / 0", 3, "ZeroDivisionError: division by zero"),
        ("x = 1\nx = = 2", 2, "SyntaxError: invalid syntax"),
        ("def f():\n    raise KeyError('k')\n\nf()", 2, "KeyError: 'k'"),
        ("import sys\nsys.exit(3)", 2, "SystemExit: 3"),
        ("raise KeyboardInterrupt", 1, "KeyboardInterrupt"),
        ("x = 1\n!ls data", 2, "`!ls data` is IPython, not Python"),
        ("def f(): return f()\nf()", 1, "RecursionError: maximum recursion depth exceeded"),
        ("class A:\n    __repr__ = None\n\nA()", 4, "TypeError: 'NoneType' object is not callable"),
        (
            (
                "class M(type):\n    @property\n    def __name__(self): raise ValueError\n"
                "class E(Exception, metaclass=M): pass\nraise E('x')"
            ),
            5,
            "E: x",
        ),
        ("import nothing_of_this_name", 1, "ModuleNotFoundError: No module named 'nothing_of_this_name'"),
    ],
)
def test_a_failure_names_its_line(blog: Blog, code: str, line: int, message: str) -> None:
    failure = blog.failure("y = 1", code)
    assert (failure.step, failure.line, failure.message) == (1, line, message)


SAVED = """import matplotlib.pyplot as plt
from matplotlib.animation import ArtistAnimation
ArtistAnimation(plt.figure(), [plt.plot([1])]).save('a.mp4', writer='pillow')"""  # as without ffmpeg


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("!ls data", "remove the line"),
        ("!wget https://example.org/x.csv", "no network: put the file beside the post"),
        ("files = !curl -s example.org", "no network: put the file beside the post"),
        ("files = !ls", "write the value into the cell"),
        ("%run helper.py", "`from name import *`"),
        ("%%bash\nls", "code of another language"),
        ("import sys\nsteps = int(sys.argv[1])", "nobody gives it arguments here"),
        ("import matplotlib.pyplot as plt\nplt.style.use('mine.mplstyle')", "put the style sheet there"),
        ("print(\u201cx\u201d)", "type it anew"),
        ("x\u00a0= 1", "type it anew"),
        (SAVED, "leave the writer and `save` away"),
    ],
)
def test_what_a_script_or_a_notebook_could_do_elsewhere_has_a_hint(blog: Blog, code: str, hint: str) -> None:
    assert hint in blog.failure(code).hint


def test_what_an_exception_came_after_names_no_place_of_ours(blog: Blog) -> None:
    failure = blog.failure("try:\n    open('absent')\nexcept OSError as error:\n    raise ValueError('x') from error")
    assert failure.traceback.splitlines()[-1].endswith("'absent' (cell, line 2)")
    failure = blog.failure("import matplotlib.pyplot as plt\nplt.style.use('mine.mplstyle')")
    assert "sitegen/running" not in failure.traceback


def test_a_failing_value_is_a_failure_of_its_step(blog: Blog) -> None:
    failure = blog.failure("x = 1", "=y + 1")
    assert (failure.step, failure.line, failure.message) == (1, 1, "NameError: name 'y' is not defined")


def test_a_traceback_goes_through_helpers_but_not_through_libraries(blog: Blog) -> None:
    blog.write("tools/helper.py", "import numpy as np\n\ndef f(x):\n    return np.linalg.inv(x)\n")
    failure = blog.failure("from tools.helper import f\nf([[0.0]])")
    assert failure.line == 2
    lines = failure.traceback.splitlines()
    assert lines[:4] == [
        "cell, line 2",
        "    f([[0.0]])",
        "tools/helper.py, line 4, in f",
        "    return np.linalg.inv(x)",
    ]
    assert lines[4].startswith("library numpy/")
    assert str(blog.root) not in failure.traceback
    assert "sitegen/running" not in failure.traceback


def test_set_up_lines_of_ipython_are_blank_lines(blog: Blog) -> None:
    assert blog.results("%matplotlib inline\n%config InlineBackend.figure_format = 'svg'\n1 + 1") == [
        Shown("text", "2")
    ]


@pytest.mark.parametrize(
    "line",
    ["get_ipython().magic('matplotlib inline')", "get_ipython().run_line_magic('matplotlib', 'inline')  # a note"],
)
def test_set_up_lines_as_scripts_of_notebooks_have_them_are_blank(blog: Blog, line: str) -> None:
    assert blog.results(f"{line}\nif True:\n    {line}\n1 + 1") == [Shown("text", "2")]


@pytest.mark.parametrize("line", ["%pylab inline", "get_ipython().magic('pylab inline')"])
def test_pylab_is_imported_where_ipython_would(blog: Blog, line: str) -> None:
    assert blog.results(f"{line}\nint(linspace(0, 1, 3).sum() * 2)") == [Shown("text", "3")]


def test_classes_of_cells_can_be_pickled_and_functions_inspected(blog: Blog) -> None:
    code = "import dataclasses, inspect, pickle\n@dataclasses.dataclass\nclass P:\n    x: int\ndef f(): return 7\npickle.loads(pickle.dumps(P(3))), inspect.getsource(f), __name__"
    assert blog.results(code) == [Shown("text", "(P(x=3), 'def f(): return 7\\n', '__main__')")]


def test_files_of_the_bundle_are_read_from_beside_the_post(blog: Blog) -> None:
    blog.write("posts/a/data.csv", "1,2\n")
    blog.write("posts/data/shared.txt", "shared")
    code = "from pathlib import Path\nPath('data.csv').read_text() + Path('../data/shared.txt').read_text()"
    assert blog.results(code) == [Shown("text", "'1,2\\nshared'")]


def test_a_file_named_in_other_letters_is_named(blog: Blog) -> None:
    blog.write("posts/a/data.csv", "1,2\n")
    assert "`data.csv` is there" in blog.failure("open('Data.CSV')").hint
    assert "put the file there" in blog.failure("open('other.csv')").hint


def test_a_file_beside_a_post_hides_no_library(blog: Blog) -> None:
    blog.write("posts/a/random.py", "raise RuntimeError")
    blog.write("posts/a/statistics.py", "raise RuntimeError")
    assert blog.results("import random, statistics\nstatistics.mean([1, 3])") == [Shown("text", "2")]


def test_the_numerics_of_the_project_are_there(blog: Blog) -> None:
    assert blog.results("from sitegen.numerics import softmax\nsoftmax([0.0, 0.0])") == [
        Shown("text", "array([0.5, 0.5])")
    ]


def test_the_bytes_of_two_builds_are_the_same(blog: Blog) -> None:
    code = "import os, tempfile\nprint(os.getcwd(), tempfile.gettempdir())\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])"
    one, two = blog.results(code, path="posts/x/index.md"), blog.results(code + "\n", path="posts/x/index.md")
    assert one == two
    assert one[0] == Printed("/blog/posts/x /room/tmp\n", "stdout")


def test_paths_of_python_are_the_same_on_every_machine(blog: Blog) -> None:
    (said,) = blog.results("import numpy, os, sys\nprint(os.__file__, numpy.__file__, sys.prefix)")
    assert said == Printed("/python/os.py /python/site-packages/numpy/__init__.py /python\n", "stdout")


def test_an_error_in_a_function_of_an_earlier_cell_names_no_number_of_a_step(blog: Blog) -> None:
    (raised,) = blog.results("\ndef f():\n    return 1 / 0", Step("f()", "cell", raises=True))
    assert isinstance(raised, Raised)
    assert raised.text.startswith("cell, line 1\n    f()\nan earlier cell, line 3, in f\n")


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="this system lists no environments")
def test_the_folders_of_a_build_are_not_seen_in_its_environment(blog: Blog) -> None:
    code = "print(open('/proc/self/environ').read().split(chr(0)))\nimport os\nprint(os.environ['HOME'])"
    (printed,) = blog.results(code)
    assert isinstance(printed, Printed)
    assert "'HOME=/room/home'" in printed.text
    assert printed.text.endswith("]\n/room/home\n")
    assert "/sitegen-" not in printed.text


def test_threads_of_a_program_are_counted_from_one(blog: Blog) -> None:
    code = "import threading\nthread = threading.Thread(target=print)\nthread.name"
    assert blog.results(code) == [Shown("text", "'Thread-1 (print)'")]


def test_a_value_that_shows_itself_as_a_picture_of_a_figure_is_that_figure(blog: Blog) -> None:
    code = (
        "import io\nfrom matplotlib.figure import Figure\nclass Plot:\n    def _repr_png_(self):\n"
        "        figure, file = Figure(), io.BytesIO()\n        figure.add_subplot().plot([1, 2])\n"
        "        figure.savefig(file)\n        return file.getvalue()\nPlot()"
    )
    (figure,) = blog.results(code)
    assert isinstance(figure, Figure)
    assert figure.themed


def test_a_picture_of_a_figure_and_more_is_that_picture(blog: Blog) -> None:
    code = (
        "import io\nfrom matplotlib.figure import Figure\nfrom PIL import Image\nclass Pair:\n    def _repr_png_(self):\n"
        "        file, both = io.BytesIO(), io.BytesIO()\n        Figure().savefig(file)\n        one = Image.open(file)\n"
        "        two = Image.new('RGB', (one.width * 2, one.height))\n        two.paste(one)\n        two.save(both, 'png')\n"
        "        return both.getvalue()\nPair()"
    )
    (shown,) = blog.results(code)
    assert isinstance(shown, Shown)
    assert shown.kind == "png"


def test_a_figure_of_which_a_program_makes_a_picture_is_let_go(blog: Blog) -> None:
    code = (
        "import gc, io, weakref\nfrom matplotlib.figure import Figure\nfigure = Figure()\n"
        "figure.savefig(io.BytesIO())\nleft = weakref.ref(figure)\ndel figure\nprint(gc.collect() > 0, left())"
    )
    assert blog.results(code) == [Printed("True None\n", "stdout")]


@pytest.mark.parametrize(
    "script",
    [
        '<script charset="utf-8" src="https://cdn.example.org/plot.js"></script>',
        "<script>const path = 'https://cdn.example.org/plot'; let one = document.createElement('script')</script>",
        "<script type=module>import { plot } from 'https://cdn.example.org/plot.js'</script>",
        "<script>require.config({ paths: { plot: ['https://cdn.example.org/plot'] } })</script>",
    ],
)
def test_a_value_whose_html_loads_a_program_from_elsewhere_is_left_away_and_named(blog: Blog, script: str) -> None:
    code = f"class Plot:\n    def _repr_html_(self): return {'<div></div>' + script!r}\nPlot()"
    (execution,) = blog.execute(blog.job(code))
    assert isinstance(execution.outcome, Output)
    assert execution.outcome.steps == ((),)
    (note,) = execution.outcome.notes
    assert ".Plot` whose HTML loads a program from cdn.example.org" in note


@pytest.mark.parametrize(
    "script",
    [
        "<script>one.append(document.createElementNS('http://www.w3.org/2000/svg', 'svg')) // what others import</script>",
        "<script>// fields that require a value\none.href = 'https://example.org/'</script>",
        '<script type="application/json">["import x from \'https://example.org\'"]</script>',
    ],
)
def test_a_value_whose_html_names_an_address_in_a_program_is_shown(blog: Blog, script: str) -> None:
    (shown,) = blog.results(f"class Plot:\n    def _repr_html_(self): return {script!r}\nPlot()")
    assert isinstance(shown, Shown)
    assert shown.kind == "html"


def test_html_of_many_scripts_is_looked_through_in_one_pass() -> None:
    started = time.process_time()
    assert _elsewhere("<script " * 10_000) == ""
    assert time.process_time() - started < 2
