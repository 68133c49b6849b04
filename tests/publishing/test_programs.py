"""The program that a post offers runs where it is taken, or says what it lacks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from sitegen.model import Stored
from sitegen.pipeline import Options, build
from sitegen.store import Store

if TYPE_CHECKING:
    from pathlib import Path


def offered(blog: Path, code: str, store: Store | None = None) -> tuple[str, str]:
    """Return the script of a post with one cell, and the code of its notebook."""
    (blog / "posts" / "a").mkdir(parents=True, exist_ok=True)
    text = f"---\ntitle: A\ndate: 2025-01-01\n---\n```{{python}}\n{code}\n```\n"
    (blog / "posts" / "a" / "index.md").write_text(text, encoding="utf-8")
    with store or Store(None) as kept:
        result = build(blog, kept, Options())
        assert [str(error) for error in result.errors] == []
        texts = []
        for suffix in ("py", "ipynb"):
            (found,) = [found for path, found in result.files.items() if str(path) == f"posts/a/a.{suffix}"]
            assert isinstance(found, Stored)
            texts.append(kept.content(found.digest).decode())
        cells = json.loads(texts[1])["cells"]
        return texts[0], "\n".join(cell["source"] for cell in cells)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def said(folder: Path, script: str) -> str:
    folder.mkdir(exist_ok=True)
    write(folder / "a.py", script)
    environment = {"PATH": os.environ["PATH"], "MPLBACKEND": "agg", "HOME": str(folder)}
    done = subprocess.run(
        [sys.executable, "a.py"], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_script_brings_display_and_a_notebook_has_it(tmp_path: Path) -> None:
    script, notebook = offered(tmp_path / "blog", "display(2, 'three')")
    assert said(tmp_path / "there", script) == "2\nthree\n"
    assert "def display" not in notebook


def test_a_sentence_may_be_longer_than_the_name_of_a_file(tmp_path: Path) -> None:
    sentence = "학습률이 너무 크면 발산하고, 너무 작으면 수렴이 느립니다. " * 4  # 128 signs, over 300 bytes
    script, _ = offered(tmp_path, f"import sys\nsys.path.append('{sentence}')\nprint('{sentence}')")
    assert sentence in script


def test_a_script_shows_what_a_notebook_shows_where_ipython_is_not_installed(tmp_path: Path) -> None:
    code = (
        "import matplotlib.pyplot as plt\nfrom IPython.display import HTML, display\n"
        "plt.figure()\nplt.show()\ndisplay(HTML('<b>x</b>'))"
    )
    script, notebook = offered(tmp_path / "blog", code)
    assert said(tmp_path / "there", script) == "<b>x</b>\n"
    assert "class HTML" not in notebook
    assert "not in this file" not in script


def test_a_module_that_travels_has_a_file_beside_the_program(tmp_path: Path) -> None:
    blog = tmp_path / "blog"
    helper = "from pathlib import Path\nHERE = Path(__file__).parent\nwhole = (HERE / 'data.csv').read_text()\n"
    write(blog / "posts" / "a" / "helper.py", helper)
    write(blog / "posts" / "a" / "tools" / "__init__.py", "from .one import where\n")
    write(blog / "posts" / "a" / "tools" / "one.py", "where = __file__\n")
    write(blog / "posts" / "a" / "data.csv", "1,2")
    script, _ = offered(blog, "import helper, tools, pathlib\nprint(helper.whole, pathlib.Path(tools.where).name)")
    write(tmp_path / "there" / "data.csv", "3,4")
    assert said(tmp_path / "there", script) == "3,4 one.py\n"
    assert (tmp_path / "there").joinpath("tools").exists() is False


@pytest.mark.parametrize(
    "added",
    [
        "sys.path.insert(0, '../../lib')",
        "sys.path += ['../../lib']",
        "from pathlib import Path\nLIB = Path('..').resolve().parent / 'lib'\nsys.path.append(str(LIB))",
        "import os\nsys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.getcwd())), 'lib'))",
        "import site\nsite.addsitedir('../../lib')",
    ],
)
def test_modules_that_a_program_finds_for_itself_travel_too(tmp_path: Path, added: str) -> None:
    write(tmp_path / "blog" / "lib" / "deep.py", "x = 7\n")
    script, notebook = offered(tmp_path / "blog", f"import sys\n{added}\nfrom deep import x\nprint(x)")
    assert said(tmp_path / "there", script) == "7\n"
    assert "_module('deep'" in notebook


def test_what_a_program_needs_and_does_not_bring_is_named(tmp_path: Path) -> None:
    write(tmp_path / "blog" / "data" / "x.csv", "1,2")
    write(tmp_path / "blog" / "data" / "y.csv", "1,2")
    write(tmp_path / "blog" / "posts" / "a" / "own.csv", "1,2")
    write(tmp_path / "blog" / "data" / "z.csv", "1,2")
    write(tmp_path / "blog" / ".secret.txt", "x")
    write(tmp_path / "blog" / "tools.py", "from pathlib import Path\nZ = Path(__file__).parent / 'data' / 'z.csv'\n")
    code = (
        "import tools\nHIDDEN = '../../.secret.txt'\n"
        "from pathlib import Path\nDATA = Path('../../data')\n(DATA / 'x.csv').read_text()\nopen('../../data/y.csv')\n"
        "open('own.csv')\ntry:\n    import not_there\nexcept ImportError:\n    pass"
    )
    for text in offered(tmp_path / "blog", code):
        assert "It reads files of the blog that are not beside its page: data/x.csv, data/y.csv, data/z.csv." in text
        assert "It imports modules that are not in this file: not_there." in text


def test_a_file_that_a_program_may_find_is_named_as_soon_as_it_is_there(tmp_path: Path) -> None:
    blog = tmp_path / "blog"
    code = "import os\nfound = os.path.exists('../../data/x.csv')"
    first, _ = offered(blog, code, Store(tmp_path / "store.db"))
    write(blog / "data" / "x.csv", "1,2")
    second, _ = offered(blog, code, Store(tmp_path / "store.db"))
    assert ("data/x.csv." in first, "data/x.csv." in second) == (False, True)
