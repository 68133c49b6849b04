"""What is told of an exception in an author's code: a line of the cell, a sentence, a short traceback."""

from __future__ import annotations

import errno
import linecache
import os
import re
import subprocess
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from sitegen.later import later
from sitegen.running.figures.label import label_of, line_saying
from sitegen.running.names import meant
from sitegen.running.watched.guard import NO_NETWORK
from sitegen.running.watched.observe import PACKAGE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sitegen.running.messages import Task

_NO_SHELL = (
    "cells run without IPython: display(...) is there as it is, of IPython.display what shows text, formulas and pictures, and"
    " %matplotlib is not needed"
)
CELL_FILE = "cell.py"  # what `__file__` is: there is no such file, but its folder is where the cell starts
CLOSED = 72  # the status of a process that can say nothing any more
NOBODY = "nobody can click or type while a site is built"

_TYPED = "a page or a word processor that it was copied from put it there: type it anew"
_AWAITED = "a cell waits for nothing: put it into `async def main():` and call `asyncio.run(main())`"
_MOST_LINES = 24
_class_name = type.__dict__["__name__"].__get__  # whatever a metaclass says
_OLD = {
    r"gca\(\) got an unexpected keyword argument": "`fig.add_subplot(projection=...)`",
    r"'matplotlib\.cm' has no attribute 'get_cmap'|'get_cmap' from 'matplotlib\.cm'": "`plt.get_cmap(name)`",
    r"has no attribute 'register_cmap'": "`matplotlib.colormaps.register(cmap)`",
    r"'seaborn\S*' is not a valid package style": "`plt.style.use('seaborn-v0_8-whitegrid')`, and so with the others",
    r"keyword argument 'normed'": "`density=True`",
    r"boxplot\(\) got an unexpected keyword argument 'labels'": "`tick_labels=`",
    r"keyword argument 'use_line_collection'": "nothing: it is always so",
    r"'\w*ContourSet' object has no attribute 'collections'": "the set itself: `contours.set_edgecolor(...)`",
    r"has no attribute 'legendHandles'": "`legend_handles`",
    r"has no attribute 'w_[xyz]axis'": "`ax.xaxis`, without `w_`",
    r"keyword argument 'axisbg'|has no attribute 'set_axis_bgcolor'": "`facecolor` and `set_facecolor`",
    r"'axes\.color_cycle' is not a valid": "`axes.prop_cycle`",
    r"'matplotlib\.pyplot' has no attribute 'hold'": "nothing: axes keep what was drawn",
    r"'matplotlib\.mlab' has no attribute": "numpy: it has no such function any more",
    r"keyword grid_b is not recognized": "`grid(visible=True)`",
    r"has no attribute 'set_window_title'": "nothing: a program has no window",
    r"has no attribute 'plot_date'": "`plot`, which knows dates",
    r"has no attribute 'set_color_cycle'": "`ax.set_prop_cycle(color=[...])`",
    r"has no attribute '[gs]et_axis_bgcolor'": "`get_facecolor` and `set_facecolor`",
    r"^'spectral' is not a valid|'matplotlib\.cm' has no attribute 'spectral'": "`nipy_spectral`",
    r"^Unrecognized string 'normal' to axis": "`ax.axis('auto')`",
    r"cannot import name 'mat' from 'numpy'": "`from numpy import asmatrix`, or better `array`",
    r"cannot import name '(float|int|bool|complex|object|str)_?' from 'numpy'": "Python's own type, or `numpy.float64`",
    r"'numpy' has no attribute 'trapz'": "`np.trapezoid`",
    r"'numpy' has no attribute '(cum)?product'": "`np.prod` and `np.cumprod`",
    r"'numpy' has no attribute 'asscalar'": "`array.item()`",
    r"'time' has no attribute 'clock'": "`time.perf_counter()`",
    r"cannot import name '\w+' from 'collections'": "`from collections.abc import ...`",
    r"'numpy' has no attribute 'in1d'": "`np.isin`",
    r"'(?:science|ieee|nature|no-latex|notebook)' is not a valid package style": (
        "`import scienceplots` first, of the package SciencePlots"
    ),
}
"""What scripts for older versions of matplotlib and numpy say in vain, and what it is now."""
_ANIMATED = "leave the writer and `save` away: an animation is shown where its cell ends"
_KNOWN = (
    ("SystemExit", later(""), "argparse.py", "nobody gives it arguments here: parser.parse_args(['--steps', '10']), or defaults"),
    ("SystemExit", later(""), "", "a cell ends at its last line"),
    ("ImportError", later("attempted relative import"), "", "a cell is in no package: `from helper import name` finds helper.py beside the post"),
    ("ImportError", later("^IProgress not found"), "", "write `from tqdm import tqdm`, whose bar is text"),
    ("BdbQuit", later(""), "", "nobody can type into a debugger while a site is built: leave `breakpoint()` away"),
    ("RuntimeError", later(f"^{NOBODY}$"), "", "write the values that somebody would choose into the cell"),
    ("RuntimeError", later(""), "backend_pgf.py", "leave `savefig` to pgf away: a figure is shown where its cell ends"),
    ("RuntimeError", later("(?s)(?=.*tex).*could not be found"), "", "leave `text.usetex` away: matplotlib sets $...$ itself, in the face of the page's formulas"),
    ("RuntimeError", later(""), "animation.py", _ANIMATED),
    ("FileNotFoundError", later(""), "animation.py", _ANIMATED),
    ("ValueError", later("^unknown file extension"), "animation.py", _ANIMATED),
    ("OSError", later(r"\.mplstyle' is not a valid package style"), "", "the program starts in the folder of its post: put the style sheet there, or name it from there"),
    ("TclError", later(""), "", "a program has no window while a site is built: draw with matplotlib"),
    ("FileNotFoundError", later(""), "font_manager.py", "leave the font away: signs are looked for in all fonts of the system, Korean and Japanese ones too"),
    ("EOFError", later("reading a line"), "", "nobody can type while a site is built: write the value into the cell"),
    ("CalledProcessError", later(""), "", "what a post starts has no network, no secrets, and writes only where the program starts"),
)  # fmt: skip
"""(the class of an exception, what it says, a file of the library through which it came, what to do)."""
_PACKAGES = {
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python-headless",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
}
"""Module -> the package that brings it, where that has another name."""
_OF_LATEX = re.compile(r"`(\\\w+)` is for LaTeX, ")
"""What figures/tex.py says of a command that a figure's text holds, when it is drawn."""
_PYTHON_2 = re.compile(
    r"No module named '(?:Tkinter|tkMessageBox|cPickle|StringIO|urllib2|Queue|ConfigParser|itertools\.izip)'"
    r"|name '(?:xrange|raw_input|unicode|basestring|long|reload|unichr|execfile)' is not defined"
    r"|'dict' object has no attribute '(?:iteritems|itervalues|iterkeys|has_key)'"
    r"|cannot import name '(?:izip|imap|ifilter)\w*' from 'itertools'|'string' has no attribute '(?:letters|maketrans|join)'"
    r"|Missing parentheses in call to '(?:print|exec)'|multiple exception types must be parenthesized"
)
"""What code says that was written for Python 2."""
PYTHON_3 = "that is Python 2; write it as Python 3 has it: `print(x)`, `range`, `input`, `.items()`, `import pickle`"
TOO_MANY_BYTES = "the program writes more into files than it may"


def roots_of(task: Task) -> tuple[str, ...]:
    """Return the folders whose files are the author's: where a program sees the blog, the blog, and where sitegen lies."""
    return (f"{task.room}/blog", task.root, str(PACKAGE.parent))


def says_too_much(most: int) -> str:
    """Return what is told of a program that prints more than `most` bytes."""
    return f"the cells say more than {most:,} bytes".replace(",", " ")


def cell_name(step: int) -> str:
    """Return the file name that the code of a step is compiled with."""
    return f"<cell {step}>"


class Trouble(Struct, frozen=True):
    """An exception as it is told. limit: the setting in site.yml that would allow what it refused."""

    line: int
    message: str
    traceback: str
    limit: str = ""
    hint: str = ""


def describe(error: BaseException, step: int, roots: tuple[str, ...]) -> Trouble:
    """Return what to tell of an exception that came out of a step. roots: folders whose files are named from there."""
    name = cell_name(step)
    kind, said, message = _class_name(type(error)), _said(error), _named(error)
    if isinstance(error, SyntaxError) and error.filename == name:
        line, message = error.lineno or 0, f"{kind}: {error.msg}"
        hint = PYTHON_3 if _PYTHON_2.search(message) else _AWAITED if "'await' outside" in message else ""
        hint = _TYPED if re.search(r"invalid (?:non-printable )?character", message) else hint
        shown = error.text or linecache.getline(name, line)
        return Trouble(line, message, f"cell, line {line}\n    {shown.strip()}\n{message}", hint=hint)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not is_ours(frame.filename)]
    if isinstance(error, SystemExit) and (refused := _refused_arguments(error)):
        message = f"{kind}: {refused}"
    line = next((frame.lineno or 0 for frame in reversed(frames) if frame.filename == name), 0)
    if isinstance(error, ValueError) and (label := label_of(error)):
        reason = re.sub(r"(?s).*\n\w+: |\s+\(at char .*", "", said)
        message = f"matplotlib cannot set `{label}`: {reason}"
        line = line_saying("".join(linecache.getlines(name)), label) or line
    if command := _OF_LATEX.match(said):
        line = line_saying("".join(linecache.getlines(name)), command[1]) or line
    lines: list[str] = []
    for index, frame in enumerate(frames):
        shown = file_name(frame.filename, name, roots)
        if not shown and index < len(frames) - 1:
            continue  # of a library's own frames only the last tells the author something
        within = "" if frame.name == "<module>" else f", in {frame.name}"
        lines.append(f"{shown or _library_name(frame.filename)}, line {frame.lineno}{within}")
        lines += [f"    {frame.line.strip()}"] if frame.line else []
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES // 2], "    ...", *lines[-_MOST_LINES // 2 :]]
    told = "\n".join([*lines, message, *_behind(error, name, roots)])
    if isinstance(error, MemoryError):
        return Trouble(line, f"the program needs more memory than it may use ({message})", told, "execute: memory")
    if isinstance(error, OSError) and error.errno in {errno.EFBIG, errno.ENOSPC}:
        return Trouble(line, f"{TOO_MANY_BYTES} ({message})", told, "execute: files")
    return Trouble(line, message, "\n".join(filter(None, [told, _said_by_another(error)])), *_advice(error, frames))


def _behind(error: BaseException, name: str, roots: tuple[str, ...]) -> list[str]:
    """Return what else an exception holds: its notes, those of a group, what it was raised from or while."""
    lines = [str(note) for note in getattr(error, "__notes__", ())]
    if isinstance(error, BaseExceptionGroup):
        lines += [f"- {_named(one)}" for one in error.exceptions[: _MOST_LINES // 2]]
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    for _ in range(_MOST_LINES // 4):
        if before is None:
            break
        if _class_name(type(before)) == "RemoteTraceback":  # of a process of a pool
            places = re.findall(r'File "<cell \d+>", line (\d+), in (\S+)', _said(before))
            lines += [f"in a process that it started: cell, line {line}, in {function}" for line, function in places]
            break
        frames = traceback.extract_tb(before.__traceback__)
        ours = (one for one in reversed(frames) if not is_ours(one.filename))
        place = next((one for one in ours if file_name(one.filename, name, roots)), None)
        if place is not None or error.__cause__ is before:
            where = f" ({file_name(place.filename, name, roots)}, line {place.lineno})" if place else ""
            lines.append(f"after {_named(before)}{where}")
        before = before.__cause__ or (None if before.__suppress_context__ else before.__context__)
    return lines


def _named(error: BaseException) -> str:
    kind, said = _class_name(type(error)), _said(error)
    return f"{kind}: {said}" if said else str(kind)


def _refused_arguments(error: SystemExit) -> str:
    """Return what argparse has against a program's arguments; it prints that, and ends with a number."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_name == "error" and Path(frame.f_code.co_filename).name == "argparse.py":
            return str(frame.f_locals.get("message", ""))
    return ""


def line_in(name: str, error: BaseException) -> int:
    """Return the line of a file from which an exception came, or what raised it was called first; 0 when it did not."""
    return next((line for frame, line in traceback.walk_tb(error.__traceback__) if frame.f_code.co_filename == name), 0)


def _advice(error: BaseException, frames: Sequence[traceback.FrameSummary]) -> tuple[str, str]:
    """Return the limit that was reached, and what to do: for what a sandbox refuses without saying why."""
    hint = _by_names(error, frames) or _by_words(error, frames) or meant(error, _said(error))
    return ("", hint) if hint else _of_sandbox(error, frames)


def _by_names(error: BaseException, frames: Sequence[traceback.FrameSummary]) -> str:
    """Return what to do about what an exception names: a file, a module, a text of a figure."""
    match error:
        case _ if _PYTHON_2.search(_said(error)):
            return PYTHON_3
        case FileNotFoundError(filename=str(name)) if Path(name).name == CELL_FILE:
            return "a cell has no file; it starts in the folder of its post: open('data.csv')"
        case NameError(name="get_ipython"):
            return _NO_SHELL
        case ImportError(name=str(name)) if name.startswith("IPython"):
            return _NO_SHELL
        case ModuleNotFoundError() if frames and "google.colab" in (frames[-1].line or ""):
            return "that is there in Colab alone: leave it away; a file that it brings stands beside the post"
        case ModuleNotFoundError(name="numerics"):
            return "those that every blog has are `sitegen.numerics`"
        case ModuleNotFoundError(name=str(name)) if (top := name.partition(".")[0]) not in sys.modules:
            return (
                f"`.venv/bin/python -m pip install {_PACKAGES.get(top, top)}` installs it here, a line in requirements.in and"
                " `make lock` wherever the blog is built; a module of your own stands beside the post"
            )
        case ValueError() if label_of(error):
            return r"matplotlib knows a part of LaTeX, of which `\operatorname{name}` and `\mathrm{text}` are"
    return ""


def _by_words(error: BaseException, frames: Sequence[traceback.FrameSummary]) -> str:
    """Return what to do about what an exception says, or about the library that raised it."""
    if now := next((now for said, now in _OLD.items() if re.search(said, _said(error))), ""):
        return f"that was written for an older version; now it is {now}"
    kinds = set(map(_class_name, type(error).__mro__))
    files = {"", *(Path(frame.filename).name for frame in frames)}
    known = (hint for kind, said, file, hint in _KNOWN if kind in kinds and file in files and said.search(_said(error)))
    return next(known, "")


def _of_sandbox(error: BaseException, frames: Sequence[traceback.FrameSummary]) -> tuple[str, str]:
    inside = frames[-1].filename if frames else ""
    match error:
        case IndexError() | ValueError() if frames and "sys.argv" in (frames[-1].line or ""):
            return "", "nobody gives it arguments here: write the value into the cell"
        case FileNotFoundError(filename=str(name)) if there := _in_other_letters(Path(name)):
            return "", f"small and capital letters differ where sites are built: `{there}` is there"
        case FileNotFoundError() if "subprocess" not in inside:
            return "", "the program starts in the folder of its post: put the file there, or name it from there"
        case EOFError() | ConnectionError() if "multiprocessing" in inside:
            return "", f"a process that it started has ended; {NO_NETWORK}"
        case BlockingIOError() if error.errno == errno.EAGAIN:
            return "execute: processes", "start fewer processes at a time"
        case RuntimeError() if "start new thread" in str(error):
            return "execute: processes", "start fewer threads at a time"
        case PermissionError() if "multiprocessing" in inside:
            return "", "this system gives programs no shared memory of their own: take threads (ThreadPoolExecutor)"
        case PermissionError() if error.strerror == os.strerror(error.errno or 0):
            return "", (
                "the sandbox of a post's program refuses it: it reads what the blog shows, writes where it starts, and has no"
                " network, no sockets and no other processes than its own"
            )
    return "", ""


def _said_by_another(error: BaseException) -> str:
    """Return what a program that failed said of it."""
    if not isinstance(error, subprocess.CalledProcessError):
        return ""
    said = error.stderr or error.output or b""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return "\n".join(f"    {line}" for line in text.strip().splitlines()[-_MOST_LINES // 2 :])


def _in_other_letters(path: Path) -> str:
    """Return the name of a file that differs from one that is not there in small and capital letters alone."""
    with suppress(OSError):
        return next((one.name for one in path.parent.iterdir() if one.name.lower() == path.name.lower()), "")
    return ""


def _said(error: BaseException) -> str:
    try:
        return str(error)
    except BaseException:  # noqa: BLE001 - a class of the program's own may fail at anything
        return ""


def is_ours(file: str) -> bool:
    """Whether a file is of what runs programs."""
    return file.startswith(str(PACKAGE / "running"))


def file_name(file: str, name: str, roots: tuple[str, ...]) -> str:
    """Return how a file of the author's is named, "" for one of a library."""
    if file == name:
        return "cell"
    if file.startswith("<cell "):
        return "an earlier cell"
    for root in roots:
        if file.startswith(root + "/") and not (file.startswith(sys.prefix) and not root.startswith(sys.prefix)):
            return file[len(root) + 1 :]
    return ""


def _library_name(file: str) -> str:
    for folder in sorted(filter(None, sys.path), key=len, reverse=True):
        if file.startswith(folder + "/"):
            return f"library {file[len(folder) + 1 :]}"
    return f"library {Path(file).name}"
