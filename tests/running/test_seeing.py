"""Every way to see a thing, and the thing changes: the program runs again. Something else changes: it does not."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from sitegen.keys import installed_versions
from sitegen.model import Output
from sitegen.running.watched import observe
from sitegen.running.watched.witness import Witness

if TYPE_CHECKING:
    from running.conftest import Blog

CONTENT = ("posts/a/data.csv", "22")
NEW = ("posts/a/new.csv", "x")
FOLDER = ("posts/a/folder/x.csv", "x")
DEEP = ("posts/a/sub/more.csv", "x")
MODULE = ("newmod.py", "x = 1")
VARIABLE = None

FILES = {
    "open": "open('data.csv').read()",
    "io.FileIO": "import io\nio.FileIO('data.csv').read()",
    "io.open_code": "import io\nio.open_code('data.csv').read()",
    "os.open": "import os\nos.read(os.open('data.csv', os.O_RDONLY), 9)",
    "os.open from a folder": "import os\nos.read(os.open('more.txt', os.O_RDONLY, dir_fd=os.open('../b', 0)), 9)",
    "an opener": "import os\nhere = os.open('.', 0)\nopen('data.csv', opener=lambda p, f: os.open(p, f, dir_fd=here)).read()",
    "an absolute path": "open('{root}/posts/a/data.csv').read()",
    "a path of /proc": "open('/proc/self/cwd/data.csv').read()",
    "a path below a descriptor": "import os\nopen(f'/proc/self/fd/{os.open(\".\", 0)}/data.csv').read()",
    "posix": "import posix\nposix.stat('data.csv').st_size",
    "os.stat": "import os\nos.stat('data.csv').st_size",
    "os.stat from a folder": "import os\nos.stat('data.csv', dir_fd=os.open('.', 0)).st_size",
    "os.lstat": "import os\nos.lstat('data.csv').st_size",
    "os.path.getsize": "import os\nos.path.getsize('data.csv')",
    "an entry of scandir": "import os\n[entry.stat().st_size for entry in os.scandir() if entry.name == 'data.csv']",
    "an entry of scandir of a descriptor": "import os\n[entry.stat().st_size for entry in os.scandir(os.open('.', 0)) if entry.name == 'data.csv']",
    "Path.read_text": "from pathlib import Path\nPath('data.csv').read_text()",
    "Path.stat": "from pathlib import Path\nPath('data.csv').stat().st_size",
    "fileinput": "import fileinput\nlist(fileinput.input('data.csv'))",
    "shutil.copy": "import shutil\nshutil.copy('data.csv', 'mine.csv')\nopen('mine.csv').read()",
    "a renamed link": "import os\nos.rename('data.csv', 'mine.csv')\nopen('mine.csv').read()",
    "a link of its own": "import os\nos.symlink('data.csv', 'mine.csv')\nopen('mine.csv').read()",
    "numpy.loadtxt": "import numpy as np\nnp.loadtxt('data.csv')",
    "numpy.fromfile": "import numpy as np\nnp.fromfile('data.csv', dtype='u1')",
    "numpy.memmap": "import numpy as np\nnp.memmap('data.csv', dtype='u1', mode='r')[:].sum()",
    "mmap": "import mmap\nmmap.mmap(open('data.csv', 'rb').fileno(), 0, access=mmap.ACCESS_READ)[:]",
    "PIL": "from PIL import Image\ntry:\n    Image.open('data.csv')\nexcept OSError:\n    pass",
    "sqlite3": "import sqlite3\nsqlite3.connect('file:data.csv?mode=ro', uri=True)",
    "sqlite3's attach": "import sqlite3\ntry:\n    sqlite3.connect(':memory:').execute(\"attach 'data.csv' as d\")\nexcept sqlite3.DatabaseError:\n    pass",
    "a thread": "from concurrent.futures import ThreadPoolExecutor\nThreadPoolExecutor().submit(open, 'data.csv').result().read()",
    "a forked process": "import os\nif not (child := os.fork()):\n    open('data.csv').read()\n    os._exit(0)\nos.waitpid(child, 0)",
    "another program": "import subprocess\nsubprocess.run(['cat', 'data.csv'], capture_output=True, check=True).stdout",
    "another program in a folder": "import subprocess\nsubprocess.run(['cat', '../b/more.txt'], capture_output=True, check=True).stdout",
    "C code": "import ctypes\nctypes.CDLL(None).open(b'data.csv', 0) > 0",
    "runpy": "import runpy\nrunpy.run_path('data.csv')",
}
NAMES = {
    "os.listdir": "import os\nsorted(os.listdir())",
    "os.listdir of a descriptor": "import os\nsorted(os.listdir(os.open('.', 0)))",
    "os.listdir of /proc/self/cwd": "import os\nsorted(os.listdir('/proc/self/cwd'))",
    "os.scandir": "import os\nsorted(entry.name for entry in os.scandir())",
    "os.scandir of a descriptor": "import os\nsorted(entry.name for entry in os.scandir(os.open('.', 0)))",
    "glob": "import glob\nsorted(glob.glob('*.csv'))",
    "Path.glob": "from pathlib import Path\nsorted(Path().glob('*.csv'))",
    "Path.glob of a name": "from pathlib import Path\nlist(Path().glob('new.csv'))",
    "Path.iterdir": "from pathlib import Path\nsorted(Path().iterdir())",
    "Path.exists": "from pathlib import Path\nPath('new.csv').exists()",
    "Path.is_file": "from pathlib import Path\nPath('new.csv').is_file()",
    "Path.is_symlink": "from pathlib import Path\nPath('new.csv').is_symlink()",
    "Path.resolve": "from pathlib import Path\nPath('new.csv').resolve()",
    "os.path.exists": "import os\nos.path.exists('new.csv')",
    "os.path.lexists": "import os\nos.path.lexists('new.csv')",
    "os.path.realpath": "import os\nos.path.realpath('new.csv')",
    "os.access": "import os\nos.access('new.csv', os.R_OK)",
    "os.access from a folder": "import os\nos.access('new.csv', os.R_OK, dir_fd=os.open('.', 0))",
    "os.readlink": "import os\nos.readlink('new.csv')",
    "os.statvfs": "import os\nos.statvfs('new.csv')",
    "os.remove": "import os\nos.remove('new.csv')",
    "os.rename": "import os\nos.rename('new.csv', 'x')",
    "open, to make it": "open('new.csv', 'x')",
    "another program": "import subprocess\nsubprocess.run(['ls'], capture_output=True, check=True).stdout",
    "os.system": "import os\nos.system('ls > mine')",
    "configparser": "import configparser\nconfigparser.ConfigParser().read('new.csv')",
}
FOLDERS = {
    "os.chdir": "import os\nos.chdir('folder')",
    "os.mkdir": "import os\nos.mkdir('folder')",
    "os.path.isdir": "import os\nos.path.isdir('folder')",
    "Path.is_dir": "from pathlib import Path\nPath('folder').is_dir()",
    "Path.rglob": "from pathlib import Path\nsorted(Path().rglob('*.csv'))",
}
BELOW = {
    "os.walk": "import os\n[sorted(names) for _, _, names in os.walk('.')]",
    "os.fwalk": "import os\n[sorted(names) for _, _, names, _ in os.fwalk('.')]",
    "Path.rglob": "from pathlib import Path\nsorted(Path().rglob('*.csv'))",
    "glob with **": "import glob\nsorted(glob.glob('**/*.csv', recursive=True))",
    "Path.glob with *": "from pathlib import Path\nsorted(Path().glob('*/more.csv'))",
    "os.listdir of a descriptor": "import os\nsorted(os.listdir(os.open('sub', 0)))",
    "shutil.copytree": "import os, shutil\nshutil.copytree('sub', 'mine')\nsorted(os.listdir('mine'))",
}
MODULES = {
    "import": "import newmod",
    "importlib.import_module": "import importlib\nimportlib.import_module('newmod')",
    "importlib.util.find_spec": "import importlib.util\nimportlib.util.find_spec('newmod') is None",
    "PathFinder": "from importlib.machinery import PathFinder\nPathFinder.find_spec('newmod') is None",
    "pkgutil": "import pkgutil\n'newmod' in [module.name for module in pkgutil.iter_modules()]",
    "runpy": "import runpy\nrunpy.run_module('newmod')",
    "sys.path": "import sys\nsys.path.insert(0, '../..')\nimport newmod",
}
VARIABLES = {
    "os.environ": "import os\nos.environ.get('SEEN')",
    "os.environ, all": "import os\nsorted(os.environ)",
    "os.environ's length": "import os\nlen(os.environ)",
    "os.environ's repr": "import os\nrepr(os.environ)",
    "os.environ, by deletion": "import os\ndel os.environ['SEEN']",
    "os.environb": "import os\nos.environb.get(b'SEEN')",
    "os.getenv": "import os\nos.getenv('SEEN')",
    "os.getenvb": "import os\nos.getenvb(b'SEEN')",
    "os.path.expandvars": "import os\nos.path.expandvars('$SEEN')",
    "a child alone": "import subprocess\nsubprocess.run(['sh', '-c', 'echo $SEEN'], capture_output=True, check=True).stdout",
    "os.popen": "import os\nos.popen('echo $SEEN').read()",
    "os.system": "import os\nos.system('echo $SEEN')",
}
TABLE = [
    pytest.param(code, edit, id=f"{what}: {way}")
    for what, ways, edit in (
        ("content", FILES, CONTENT),
        ("name", NAMES, NEW),
        ("folder", FOLDERS, FOLDER),
        ("name below", BELOW, DEEP),
        ("module", MODULES, MODULE),
        ("variable", VARIABLES, VARIABLE),
    )
    for way, code in ways.items()
]


def ran(blog: Blog, code: str) -> bool:
    """Execute a program that may fail in Python, and return whether it ran."""
    tried = "try:\n" + "\n".join(f"    {line}" for line in code.splitlines()) + "\nexcept Exception:\n    pass"
    (execution,) = blog.execute(blog.job(tried.replace("{root}", str(blog.root))))
    assert isinstance(execution.outcome, Output), execution.outcome
    return not execution.reused


@pytest.mark.parametrize(("code", "edit"), TABLE)
def test_what_is_seen_in_any_way_makes_the_program_run_again(
    blog: Blog, code: str, edit: tuple[str, str] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    blog.variables = ("SEEN",)
    monkeypatch.setenv("SEEN", "1")
    monkeypatch.setenv("UNSEEN", "1")
    blog.write("posts/a/data.csv", "1")
    blog.write("posts/a/sub/x.csv", "1")
    blog.write("posts/b/more.txt", "1")
    blog.write("posts/c/index.md", "")
    assert ran(blog, code)
    blog.write("posts/a/index.md", "prose")
    blog.write("posts/c/data.csv", "7")
    blog.write("posts/c/new.csv", "7")
    monkeypatch.setenv("UNSEEN", "2")
    assert not ran(blog, code), "something else changed"
    if edit is None:
        monkeypatch.setenv("SEEN", "2")
    elif "../b/" in code or "'../b'" in code:
        blog.write("posts/b/more.txt", "2")
    else:
        blog.write(*edit)
    assert ran(blog, code), "what it saw changed"
    assert not ran(blog, code)


FOPEN = "import ctypes, glob\nopen_in_c = lambda name: ctypes.CDLL(None).open(name.encode(), 0)\n"
IN_C = {
    "listed": FOPEN + "[open_in_c(name) for name in sorted(glob.glob('data/*.xml'))]",
    "asked for": FOPEN + "import os\nos.path.exists('data')\nopen_in_c('data/x.xml')",
    "read by both": FOPEN + "open('data/y.xml').read()\nopen_in_c('data/x.xml')",
    "read by both, C first": FOPEN + "open_in_c('data/x.xml')\nopen('data/y.xml').read()",
    "entered": FOPEN + "import os\nos.chdir('data')\nopen_in_c('x.xml')",
    "opened": FOPEN + "import os\nhere = os.open('data', 0)\nopen_in_c(f'/proc/self/fd/{here}/x.xml')",
    "of another program": "import subprocess\nsubprocess.run(['cat', 'x.xml'], cwd='data')",
    "beside a module": "import beside\nbeside.read()",
    "in a package": "import pack\npack.read()",
}
BESIDE = (
    FOPEN + "from pathlib import Path\n\ndef read():\n    open_in_c(str(Path(__file__).with_name('data') / 'x.xml'))\n"
)


@pytest.mark.parametrize("way", IN_C)
def test_what_c_code_reads_in_a_folder_that_python_looked_into(blog: Blog, way: str) -> None:
    for folder in ("posts/a", "pack"):
        blog.write(f"{folder}/data/x.xml", "1")
        blog.write(f"{folder}/data/y.xml", "1")
    blog.write("posts/a/beside.py", BESIDE)
    blog.write("pack/__init__.py", BESIDE)
    assert ran(blog, IN_C[way])
    blog.write("posts/b/other.xml", "1")
    assert not ran(blog, IN_C[way])
    blog.write("pack/data/x.xml" if way == "in a package" else "posts/a/data/x.xml", "2")
    assert ran(blog, IN_C[way])
    assert not ran(blog, IN_C[way])


@pytest.mark.parametrize(
    "code",
    [
        "import glob\nsorted(glob.glob('data/*.xml'))\nopen('data/x.xml').read()",
        "import os\nos.stat('data/x.xml')\nos.path.realpath('data/x.xml')\nos.listdir('data'), list(os.scandir('data'))",
        "import shutil\nshutil.copy('data/x.xml', 'mine.xml')",
        "import numpy as np\nnp.loadtxt('data/x.xml')",
        "from pathlib import Path\nPath('data/x.xml').read_bytes(), [p.stat() for p in Path('data').glob('x*')]",
    ],
)
def test_what_python_did_not_read_in_a_folder_that_it_looked_into_is_no_input(blog: Blog, code: str) -> None:
    blog.write("posts/a/data/x.xml", "1")
    blog.write("posts/a/data/y.xml", "1")
    assert ran(blog, code)
    blog.write("posts/a/data/y.xml", "2")
    assert not ran(blog, code)
    blog.write("posts/a/data/x.xml", "2")
    assert ran(blog, code)


def test_open_is_what_it_is_elsewhere(blog: Blog) -> None:
    blog.write("posts/a/data/x.xml", "1")
    code = (
        "import io, pickle\n"
        "class Files:\n    opens = open\n"
        "file = Files().opens('data/x.xml')\n"
        "try:\n    open('data/none.xml')\nexcept OSError as error:\n    missing = error.filename\n"
        "pickle.loads(pickle.dumps(open)) is io.open, open.__name__, file.name, file.read(), missing"
    )
    assert blog.results(code)[0].data == "(True, 'open', 'data/x.xml', '1', 'data/none.xml')"  # type: ignore[union-attr] # it is a Shown


def test_a_folder_with_too_much_to_be_observed_is_told(blog: Blog) -> None:
    blog.write("posts/a/data/x.xml", "1")
    for number in range(observe.MOST_FILES):
        blog.write(f"posts/a/data/{number}.txt", "")
    (execution,) = blog.execute(blog.job("import subprocess\nsubprocess.run(['cat', 'x.xml'], cwd='data')\nNone"))
    assert isinstance(execution.outcome, Output)
    assert (
        "the post reads in posts/a/data by other code than Python's, and too much is there to be observed; "
        "name them in `depends`"
    ) in execution.outcome.notes


HIDDEN = {
    "a linked folder": ("import os\nsorted(os.listdir('data'))", "posts/a/data/.hidden"),
    "a linked folder, with glob": ("import glob\nglob.glob('data/.*')", "posts/a/data/.hidden"),
    "a linked folder's Markdown": ("import os\nsorted(os.listdir('data'))", "posts/a/data/x.md"),
    "the blog's own folder": ("import os\nsorted(os.listdir('{root}/posts/a'))", "posts/a/other.md"),
}


@pytest.mark.parametrize("way", HIDDEN)
def test_what_is_hidden_and_shown_all_the_same(blog: Blog, way: str) -> None:
    blog.write("posts/a/data/x.csv", "1")
    blog.write(
        "posts/a/beside.py", "from pathlib import Path\nnames = sorted(p.name for p in Path(__file__).parent.iterdir())"
    )
    code, new = HIDDEN[way]
    assert ran(blog, code)
    assert not ran(blog, code)
    blog.write(new, "1")
    assert ran(blog, code)


def test_a_module_beside_the_post_sees_what_the_post_sees(blog: Blog) -> None:
    blog.write(
        "posts/a/beside.py", "from pathlib import Path\nnames = sorted(p.name for p in Path(__file__).parent.iterdir())"
    )
    blog.write("posts/a/index.md", "")
    assert blog.results("import beside\nbeside.names")[0].data == "['beside.py']"  # type: ignore[union-attr] # it is a Shown


LINKS = {
    "os.readlink": "import os\nos.readlink('linked')",
    "os.path.realpath": "import os\nos.path.realpath('linked')",
    "Path.resolve": "from pathlib import Path\nPath('linked').resolve()",
    "an entry's stat": "import os\n[e.stat(follow_symlinks=False) for e in os.scandir() if e.name == 'linked']",
}


@pytest.mark.parametrize("way", LINKS)
def test_where_a_link_leads(blog: Blog, way: str) -> None:
    blog.write("posts/a/one.csv", "1")
    blog.write("posts/a/two.csv", "1")
    link = blog.root / "posts/a/linked"
    link.symlink_to("one.csv")
    assert ran(blog, LINKS[way])
    assert not ran(blog, LINKS[way])
    link.unlink()
    link.symlink_to("two.csv")
    assert ran(blog, LINKS[way])


@pytest.mark.parametrize(
    "code",
    [
        "import os\nos.path.islink('data.csv')",
        "from pathlib import Path\nPath('data.csv').is_symlink()",
        "import os\n[e.is_symlink() for e in os.scandir()]",
    ],
)
def test_that_a_file_has_become_a_link(blog: Blog, code: str) -> None:
    file = blog.write("posts/a/data.csv", "1")
    blog.write("posts/b/data.csv", "1")
    assert ran(blog, code)
    assert not ran(blog, code)
    file.unlink()
    file.symlink_to("../b/data.csv")
    assert ran(blog, code)


@pytest.mark.parametrize(
    "code",
    [
        "import os\nos.access('data.csv', os.X_OK)",
        "import os\nos.stat('data.csv').st_mode",
        "import os\n[e.stat().st_mode for e in os.scandir()]",
    ],
)
def test_the_mode_of_a_file(blog: Blog, code: str) -> None:
    file = blog.write("posts/a/data.csv", "1")
    assert ran(blog, code)
    assert not ran(blog, code)
    file.chmod(0o755)
    assert ran(blog, code)
    blog.write("posts/a/data.csv", "2")
    assert ran(blog, code)


@pytest.mark.parametrize("name", ["outside.txt", "blog/.hidden"])
def test_what_no_program_may_read_comes_and_goes(blog: Blog, name: str) -> None:
    path = blog.root.parent / name
    path.write_text("1")
    code = f"import os\nos.path.exists('{path}')"
    assert ran(blog, code)
    assert not ran(blog, code)
    path.unlink()
    assert ran(blog, code)
    assert not ran(blog, code)
    path.write_text("1")
    assert not ran(blog, code), "as it was at first"
    path.write_text("22")
    assert ran(blog, code)


def test_walking_the_blog_finds_what_lies_in_its_folders(blog: Blog) -> None:
    blog.write("posts/a/sub/deep/x.csv", "1")
    code = "import os\nfrom pathlib import Path\n[p.as_posix() for p in Path().rglob('*.csv')], [len(n) for _, _, n in os.walk('.')]"
    assert blog.results(code)[0].data == "(['sub/deep/x.csv'], [0, 0, 1])"  # type: ignore[union-attr] # it is a Shown


def test_a_link_that_the_program_was_not_asked_about_is_no_input(blog: Blog) -> None:
    blog.write("posts/a/data.csv", "1")
    code = "import os\n[(entry.is_file(), entry.is_dir(), entry.is_symlink()) for entry in os.scandir()]"
    assert ran(blog, code)
    blog.write("posts/a/data.csv", "2")
    assert not ran(blog, code)


def test_the_time_zone_and_the_language_that_c_code_asks_for(blog: Blog, monkeypatch: pytest.MonkeyPatch) -> None:
    blog.variables = ("TZ", "LANG")
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setenv("LANG", "C")
    code = "import time\ntime.strftime('%Z %H', time.localtime(0))"
    assert ran(blog, code)
    assert not ran(blog, code)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert ran(blog, code)
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    assert ran(blog, code)


def test_the_version_of_a_package_that_is_asked_for_without_an_import(
    blog: Blog, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "import importlib.metadata\nimportlib.metadata.version('PyYAML')"
    assert ran(blog, code)
    versions = dict(installed_versions())
    monkeypatch.setattr(observe, "installed_versions", lambda: versions)
    versions["jinja2"] = "99.0"
    assert not ran(blog, code)
    versions["pyyaml"] = "99.0"
    assert ran(blog, code)


def test_what_a_library_loads_is_no_doing_of_the_program_where_sitegen_lies_in_the_blog(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def frames(*names: str) -> SimpleNamespace | None:
        if not names:
            return None
        return SimpleNamespace(f_code=SimpleNamespace(co_filename=names[0]), f_lineno=7, f_back=frames(*names[1:]))

    blog = observe.PACKAGE.parent
    monkeypatch.setattr(sys, "prefix", f"{blog}/.venv")
    world = cast("Any", SimpleNamespace(root=blog))
    places = cast("Any", SimpleNamespace(mirror=SimpleNamespace(place="/room/blog")))
    given: dict[str, Any] = dict.fromkeys(("record", "attention", "started"))
    witness = Witness(world, cast("Any", SimpleNamespace(handlers={})), places=places, folder="", **given)

    def line(*names: str) -> int | None:
        hook = f"{observe.PACKAGE}/running/watched/attention.py"
        return witness._line_from(cast("Any", frames(hook, *names, "<cell 0>")))

    loading = "<frozen importlib._bootstrap>"
    assert line(f"{blog}/.venv/lib/fast.py", loading) is None
    assert line(f"{blog}/posts/helper.py", loading) == 7
    assert line(f"{blog}/.venv/lib/fast.py") == 7
