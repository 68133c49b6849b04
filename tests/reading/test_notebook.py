"""Notebooks become posts that build: what only IPython understands is made plain, and nothing runs that did not."""

from __future__ import annotations

import base64
import contextlib
import json
from pathlib import PurePosixPath
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitegen.config import Config
from sitegen.errors import SiteError
from sitegen.model import Post, Source
from sitegen.reading.dialects.magics import make_plain
from sitegen.reading.dialects.notebook import Notebook, read_notebook
from sitegen.reading.parse import parse


def code(source: str | list[str], **metadata: object) -> dict[str, object]:
    return {"cell_type": "code", "source": source, "metadata": metadata, "outputs": [{"output_type": "stream"}]}


def text(source: str, **more: object) -> dict[str, object]:
    return {"cell_type": "markdown", "source": source, "metadata": {}, **more}


def raw(source: str, **metadata: object) -> dict[str, object]:
    return {"cell_type": "raw", "source": source, "metadata": metadata}


def notebook(*cells: dict[str, object], **metadata: object) -> bytes:
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}).encode()


def read(*cells: dict[str, object], **metadata: object) -> Notebook:
    return read_notebook(notebook(*cells, **metadata), "x.ipynb")


def post_of(found: Notebook) -> Post:
    content = f"---\ntitle: x\n---\n\n{found.body}".encode()
    post, errors = parse(Source(PurePosixPath("posts/x/index.md"), "post", content), Config())
    assert [str(error) for error in errors] == []
    assert post is not None
    return post


def steps_of(found: Notebook) -> list[str]:
    return [step.code for step in post_of(found).program.steps]


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("%matplotlib inline\nx = 1", "# %matplotlib inline\nx = 1"),
        ("%%time\nx = 1", "x = 1"),
        ("%%timeit y = 2\nx = y", "y = 2\nx = y"),
        ("%time x = f()", "x = f()"),
        ("%timeit -n 10 -r3 f(1)", "f(1)"),
        ("%pylab inline", "from pylab import *"),
        ("!pip install a \\\n  b\nx", "# !pip install a \\\n# b\nx"),
        ("files = !ls\n1", "# files = !ls\n1"),
        ("np.ones?\n?np\nnp.*ones*??", "# np.ones?\n# ?np\n# np.*ones*??"),
        ("if x:\n    !ls\nelse:\n    %cd ..", "if x:\n    pass  # !ls\nelse:\n    pass  # %cd .."),
        ("s = '''\n%time x\n!ls\n'''\n%ls", "s = '''\n%time x\n!ls\n'''\n# %ls"),
        ("x = (a\n%b\n)\n!ls", "x = (a\n%b\n)\n# !ls"),
        ("a = b \\\n%c\n!ls", "a = b \\\n%c\n# !ls"),
        (
            "get_ipython().run_line_magic('matplotlib', 'inline')",
            "# get_ipython().run_line_magic('matplotlib', 'inline')",
        ),
        ("get_ipython().system(\n    'ls'\n)\n1", "# get_ipython().system(\n# 'ls'\n# )\n1"),
        (
            "import a\nfrom google.colab import drive\ndrive.mount(\n  '/c')\nx = drive.y()\ndrives = 1",
            "import a\n# from google.colab import drive\n# drive.mount(\n# '/c')\n# x = drive.y()\ndrives = 1",
        ),
        (
            "try:\n    import google.colab\nexcept ImportError:\n    x",
            "try:\n    import google.colab\nexcept ImportError:\n    x",
        ),
        ("if 'colab' in str(get_ipython()):\n    x", "if 'colab' in str(None):\n    x"),
        ("a % b", "a % b"),
    ],
)
def test_what_only_ipython_understands_is_made_plain(written: str, plain: str) -> None:
    found = make_plain(written)
    assert found.code == plain
    assert found.runs
    assert bool(found.notes) == (written != plain)


@pytest.mark.parametrize(
    ("magic", "language"),
    [("%%bash", "bash"), ("%%script bash", "bash"), ("%%html", "html"), ("%%R -i x", "r"), ("%%js", "javascript")],
)
def test_cells_of_other_languages_are_shown_and_never_run(magic: str, language: str) -> None:
    found = read(code(f"{magic}\nbody"))
    assert found.body == f"```{language}\nbody\n```\n"
    assert found.notes == ((1, f"the cell of `{magic}` is shown, not run"),)


def test_a_cell_that_is_no_python_is_shown_and_named() -> None:
    found = read(code("print 'two'"), code("await f()"))
    assert found.body.count("#| eval: false") == 2
    assert steps_of(found) == []
    assert found.notes[0] == (1, "this is not Python, so it is shown and not run")
    assert found.notes[1][1].startswith("`await` outside a function is for notebooks only")


@pytest.mark.parametrize(
    ("written", "note"),
    [
        ("files = !ls *.csv", "`files = !ls *.csv` is commented out: give `files` a value where it is used"),
        ("x, y = %paste", "`x, y = %paste` is commented out: give `x, y` a value where it is used"),
        (
            "%%capture --no-stderr out\n1",
            "`%%capture --no-stderr out` is left out: give `out` a value where it is used",
        ),
        ("%%capture --no-stderr\n1", "`%%capture --no-stderr` is left out"),
        ("!a = b", "`!a = b` is commented out"),
    ],
)
def test_a_value_that_a_magic_would_give_is_named(written: str, note: str) -> None:
    assert make_plain(written).notes == (note,)


def test_a_cell_that_writes_a_file_becomes_the_file() -> None:
    found = read(code("%%writefile lib/tools.py\nx = 1\n"), code("%%writefile ../../evil.py\nx = 1\n"))
    assert found.files == {"lib/tools.py": b"x = 1\n"}
    assert steps_of(found) == []


def test_captured_output_is_not_shown() -> None:
    assert "#| output: false" in read(code("%%capture out\nprint(1)")).body


def test_a_raw_cell_with_a_header_is_the_header() -> None:
    found = read(raw("---\ntitle: 'Mine: a tale'\ndate: 2020-01-02\ntags: [a]\n---\n"), text("# Other\ntext"))
    assert found.title == "Mine: a tale"
    assert found.header == "title: 'Mine: a tale'\ndate: 2020-01-02\ntags: [a]\n"
    assert found.body == "# Other\ntext\n"


def test_a_heading_that_repeats_the_title_goes() -> None:
    assert read(raw("---\ntitle: Same\n---"), text("# Same\n\ntext")).body == "text\n"
    assert read(text("Same\n====\n\ntext")).title == "Same"
    assert read(text("# Heading\ntext"), title="Metadata's").title == "Metadata's"


def test_a_header_that_is_no_yaml_is_an_error() -> None:
    with pytest.raises(SiteError, match="the header in its first cell is no YAML"):
        read(raw("---\ntitle: [a\n---\n"))


def test_authors_come_from_the_metadata() -> None:
    assert read(text("x"), authors=[{"name": "Ada L."}]).header == 'authors: ["Ada L."]\n'


def test_other_raw_cells_are_shown_as_they_are() -> None:
    found = read(text("x"), raw("\\LaTeX"), raw("**b**", raw_mimetype="text/markdown"))
    assert found.body == "x\n\n```\n\\LaTeX\n```\n\n**b**\n"


@pytest.mark.parametrize(
    "source",
    [
        "```{python}\n1\n```",
        "~~~ {python}\n1\n~~~",
        "- a\n\n  ```{python}\n  1\n  ```",
        "> ```{code-cell}\n> 1\n> ```",
        "```python figure\n1\n```",
        "!!! note\n    ```{python}\n    1\n    ```",
        "a `{python} 1` b",
        "a ``{python} 1`` b",
        "a {eval}`1` b",
        "| a |\n|---|\n| `{python} 1` |",
        "# Head `{python} 1`",
        "```\\{python}\n1\n```",
    ],
)
def test_nothing_in_the_text_of_a_notebook_runs(source: str) -> None:
    found = read(text("before"), text(source))
    assert steps_of(found) == []
    assert "1" in found.body


def test_a_fence_that_shows_fences_stays_as_it_is() -> None:
    source = "````markdown\n```{python}\n1\n```\nand `{python} x`\n````"
    assert read(text(source)).body == source + "\n"


def test_an_open_fence_ends_with_its_cell() -> None:
    assert steps_of(read(text("```python\nx = 1"), code("y = 2"))) == ["y = 2"]


def test_a_notebook_of_another_language_is_shown_and_never_run() -> None:
    found = read(code("#| echo: false\nx <- 1"), kernelspec={"name": "ir", "language": "R", "display_name": "R"})
    assert found.body == "```r\nx <- 1\n```\n"
    assert read(code("x = 1"), language_info={"name": "julia"}).body == "```julia\nx = 1\n```\n"
    assert read(code("x <- 1"), kernelspec={"name": "ir"}).body == "```r\nx <- 1\n```\n"


def test_tags_and_options_survive_and_those_of_other_tools_are_comments() -> None:
    found = read(
        code("#| label: fig-a\n#| fig-cap: A\n#| export\n#| fig-strange: 1\nx", tags=["hide_input", "my tag"]),
        code("y", jupyter={"source_hidden": True}),
        code("1 / 0", tags=["raises-exception"]),
        code("1 / 0") | {"outputs": [{"output_type": "error", "ename": "ZeroDivisionError"}]},
    )
    head = '```{python}\n#| label: fig-a\n#| fig-cap: A\n#| tags: [hide-input, "my tag"]\n# export\n# fig-strange: 1\nx\n```\n'
    assert found.body.startswith(head)
    assert "#| tags: [hide-input]\ny" in found.body
    assert [note for _, note in found.notes] == [
        "`#| export` is no option of a cell here, and a comment now",
        "`#| fig-strange: 1` is no option of a cell here, and a comment now",
        "what this cell raised is shown, as in the notebook, by its tag `raises-exception`",
    ]
    assert [step.raises for step in post_of(found).program.steps] == [False, False, True, True]


def test_options_over_several_lines_survive() -> None:
    source = "#| fig-subcap:\n#|   - One\n#|   - Two\nx"
    assert read(code(source)).body == f"```{{python}}\n{source}\n```\n"


def test_attachments_become_files() -> None:
    data = base64.b64encode(b"PNG").decode()
    cell = text(
        '![a](attachment:a%20b.png) <img src="attachment:c.png"> `attachment:none.png`',
        attachments={"a b.png": {"image/png": data}, "c.png": {"image/png": [data]}},
    )
    found = read(cell)
    assert found.files == {"a-b.png": b"PNG", "c.png": b"PNG"}
    assert found.body == '![a](a-b.png) <img src="c.png"> `attachment:none.png`\n'
    with pytest.raises(SiteError, match=r"shows an attachment `z\.png` that is not in the notebook"):
        read(text("![z](attachment:z.png)"))
    with pytest.raises(SiteError, match=r"the attachment `z\.png` of cell 1 is damaged"):
        read(text("![z](attachment:z.png)", attachments={"z.png": {"image/png": "a"}}))


def test_pictures_beside_the_notebook_are_named() -> None:
    found = read(text("![a](img/a.png) ![b](https://x.org/b.png) ![c](../c.png) <img src='./d%20e.svg'>"))
    assert found.images == ("img/a.png", "d e.svg")


def test_format_3_is_read() -> None:
    cells = [
        {"cell_type": "heading", "level": 1, "source": ["Old"]},
        {"cell_type": "markdown", "source": "text"},
        {"cell_type": "code", "input": ["x = 1\n", "x"], "language": "python", "outputs": []},
    ]
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": cells}]}
    found = read_notebook(json.dumps(old).encode(), "x.ipynb")
    assert (found.title, found.body) == ("Old", "text\n\n```{python}\nx = 1\nx\n```\n")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"x.ipynb:1:1: this notebook is damaged"),
        (b'{"nbformat": 4,\n "cells": [', r"x.ipynb:2:12: this notebook is damaged"),
        (b"\xff\xfe{", "byte 0 is not UTF-8"),
        (b"{}", "this is not a notebook"),
        (b"[1]", "this is not a notebook"),
        (b'{"nbformat": 2}', "a notebook of format 2"),
        (b'{"nbformat": 4}', "has no list of cells"),
        (b'{"nbformat": 4, "cells": [3]}', "cell 1 is not a cell"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": 3}]}', "the text of cell 1 is no text"),
        (b"[" * 100_000, "this is not a notebook"),
    ],
)
def test_a_damaged_notebook_is_an_error(content: bytes, message: str) -> None:
    with pytest.raises(SiteError) as raised:
        read_notebook(content, "x.ipynb")
    assert message in str(raised.value)


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
KEYS = ["cell_type", "source", "metadata", "attachments", "input", "level", "language"]
DAMAGED = st.dictionaries(
    st.sampled_from(KEYS), st.sampled_from(["code", "markdown", "raw", "heading"]) | JSON, max_size=6
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(cells=st.lists(DAMAGED | JSON, max_size=4), metadata=JSON)
def test_whatever_a_file_holds_it_is_read_or_refused(cells: list[Any], metadata: object) -> None:
    content = json.dumps({"nbformat": 4, "metadata": metadata, "cells": cells}).encode()
    with contextlib.suppress(SiteError):
        read_notebook(content, "x.ipynb")


PROSE = st.lists(
    st.sampled_from(
        [
            "text",
            "```{python}",
            "```",
            "~~~",
            "````",
            "`{python} 1`",
            "{eval}`1`",
            "- item",
            "> quote",
            "    ```{python}",
            "  ```{code-cell}",
            "# head",
            "",
            "| a |",
            "!!! note",
            ":::{note}",
            ":::",
            "``",
            "1. ```{python}",
            "```python check",
        ]
    ),
    max_size=8,
).map("\n".join)
CODE = st.lists(
    st.sampled_from(
        ["x = 1", "print('```')", "'''", "# %%", "%time y = 2", "!ls", "    z", "```{python}", "~~~", "", "#"]
    ),
    min_size=1,
    max_size=5,
).map("\n".join)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(cells=st.lists(st.tuples(st.booleans(), PROSE, CODE), min_size=1, max_size=4))
def test_exactly_the_code_cells_run_whatever_the_text_says(cells: list[tuple[bool, str, str]]) -> None:
    found = read(*(code(source) if is_code else text(prose) for is_code, prose, source in cells))
    plain = [make_plain(source) for is_code, _, source in cells if is_code and source.strip()]
    expected = [cell.code.strip("\n") for cell in plain if cell.runs and not cell.options and cell.code.strip()]
    content = f"---\ntitle: x\n---\n\n{found.body}".encode()
    post, _ = parse(Source(PurePosixPath("posts/x/index.md"), "post", content), Config())
    assert post is not None
    assert [step.code.strip("\n") for step in post.program.steps] == expected


def test_the_list_of_keys_of_fastpages_and_nbdev_is_the_header() -> None:
    first = text('# "Small: steps"\n> How to *walk*.\n\n- toc: true\n- badges: false\n- categories: [a, b]\n')
    found = read(first, text("# Why\n\nText."))
    assert found.title == "Small: steps"
    assert found.header.startswith('title: "Small: steps"\ndescription: "How to *walk*."\ntoc: true\n')
    assert found.body == "# Why\n\nText.\n"
    assert read(text("# Aims\n\n- speed: as fast as it goes\n")).header == ""


def test_flags_of_fastpages_and_nbdev_hide_and_fold() -> None:
    found = read(
        code("#hide\nx = 1"),
        code("# hide_input\n#collapse-show\nx = 2"),
        code("#| hide\nx = 3"),
        code("#collapse_output\nx = 4"),
    )
    assert "#| include: false\nx = 1" in found.body
    assert "#| echo: false\n#| code-fold: show\nx = 2" in found.body
    assert "#| include: false\nx = 3" in found.body
    assert "```{python}\nx = 4" in found.body
    assert found.notes == ()


@pytest.mark.parametrize(
    ("cells", "title"),
    [
        (["(sec-a)=\n# Ways\n\ntext"], "Ways"),
        (['<a id="top"></a>\n# Ways\n\ntext'], "Ways"),
        (["[![badge](b.svg)](https://e.org)", "##### Licence", "# Ways\n\ntext"], "Ways"),
        (['<center><h1 style="color: red">\n<b>Ways</b></h1></center>', "text"], "Ways"),
        (["<h1>Ways</h1>\n\ntext"], "Ways"),
        (["text\n\n# Part", "## Ways"], ""),
    ],
)
def test_the_first_heading_is_the_title_whatever_stands_above_it(cells: list[str], title: str) -> None:
    assert read(*map(text, cells)).title == title


DOT = base64.b64encode(b"PNG").decode()


def gave(*outputs: dict[str, object]) -> dict[str, object]:
    return {"outputs": list(outputs)}


def test_below_a_cell_that_does_not_run_stands_what_the_notebook_saved() -> None:
    table = "<div>\n<style scoped>\n td {}\n</style>\n\n<table>\n<tr><td>1</td></tr>\n</table>\n</div>"
    found = read(
        code("plot(1)") | gave({"output_type": "display_data", "data": {"image/png": DOT, "text/plain": "plot"}}),
        code("1:3")
        | gave(
            {"output_type": "stream", "name": "stdout", "text": ["10%\r", "100%\n", "\x1b[31mred\x1b[0m\n"]},
            {"output_type": "stream", "name": "stderr", "text": "Warning"},
            {"output_type": "execute_result", "data": {"text/html": table, "text/plain": "1"}},
            {"output_type": "display_data", "data": {"text/html": "<script>x</script>", "text/plain": "plain"}},
            {"output_type": "display_data", "data": {"text/latex": ["$x^2$"]}},
            {"output_type": "execute_result", "data": {"text/plain": "<Figure size 640x480 with 1 Axes>"}},
            {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["\x1b[31mE\x1b[0m", "v"]},
        ),
        kernelspec={"name": "ir", "language": "R"},
    )
    assert found.files == {"output-1-1.png": b"PNG"}
    assert found.body == (
        "```r\nplot(1)\n```\n\n![](output-1-1.png)\n\n```r\n1:3\n```\n\n```\n100%\nred\n```\n\n"
        "<div>\n<table>\n<tr><td>1</td></tr>\n</table>\n</div>\n\n```\nplain\n```\n\n$x^2$\n\n```\nE\nv\n```\n"
    )


def test_a_notebook_whose_outputs_are_kept_runs_nothing() -> None:
    printed = gave({"output_type": "stream", "name": "stdout", "text": "1\n"})
    cells = [
        code("import torch\n!ls\nx") | printed,
        code("#hide\ny") | printed,
        code("z", tags=["remove-output"]) | printed,
    ]
    found = read_notebook(notebook(*cells), "x.ipynb", runs=False)
    assert steps_of(found) == []
    assert found.body.startswith("```{python}\n#| eval: false\nimport torch\n!ls\nx\n```\n\n```\n1\n```\n\n")
    assert found.body.count("```\n1\n```") == 1


def test_of_a_notebook_in_python_2_nothing_runs() -> None:
    old = {"cell_type": "code", "input": "print x", "outputs": [{"output_type": "stream", "text": "3\n"}]}
    sheet = {"cells": [{"cell_type": "code", "input": "x = 3"}, old, {"cell_type": "code", "input": "x + 1"}]}
    found = read_notebook(json.dumps({"nbformat": 3, "worksheets": [sheet]}).encode(), "x.ipynb")
    assert steps_of(found) == []
    assert "print x\n```\n\n```\n3\n```" in found.body
    assert found.notes == ((2, "this is Python 2: what the notebook saved is shown, and nothing runs"),)


def test_what_jupyter_kaggle_and_colab_hide_is_hidden() -> None:
    found = read(
        code("x = 1", hide_input=True),
        code("x = 2", **{"_kg_hide-input": True, "_kg_hide-output": True}),
        code("#@title Set the *rate* {run: 'auto'}\nx = 3", cellView="form"),
        code('# @title Load { display-mode: "form" }\nx = 4'),
        code("#@title Shown\nx = 5"),
    )
    assert "#| tags: [remove-input]\nx = 1" in found.body
    assert "#| tags: [hide-input, remove-output]\nx = 2" in found.body
    assert '#| code-fold: true\n#| code-summary: "Set the *rate*"\n#@title' in found.body
    assert '#| code-fold: true\n#| code-summary: "Load"\n# @title' in found.body
    assert "```{python}\n#@title Shown\n" in found.body
    assert len(steps_of(found)) == 5
