"""A notebook's code cell -> plain Python: what only IPython understands is made plain or commented out, and named.

IPython's own rules are followed: a magic stands where a statement begins, never inside a string or an open bracket.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from pathlib import PurePosixPath
from typing import TypeGuard

from msgspec import Struct

_CELL_MAGIC = re.compile(r"%%(\w+|!)[ \t]*(.*)")
_KEPT = re.compile(r"(\s*)%(?:time|timeit|prun|memit)\s+(?:-\w+(?:\s*\d+)?\s+)*(?=[^\s-])(.*)")
_COMMENTED = re.compile(
    r"""(\s*)(?:
        %\w.* | !.* | \?{1,2}[\w.%*]+\s*                  # %magic, !shell, ?help
      | %{0,2}[\w.*]+\?{1,2}\s*                           # help?
      | [\w.,*\s\[\]'"]+=\s*(?:%\w|!).*                   # name = %magic, name = !shell
    )""",
    re.VERBOSE,
)
_GIVEN = re.compile(r"\s*([\w.,*\s\[\]'\"]*?)\s*=\s*[%!]")  # name = %magic, name = !shell
_STATEMENTS = {"time", "timeit", "prun", "capture", "memit"}  # magics of a cell that is Python all the same
_LANGUAGES = {
    **dict.fromkeys("bash sh zsh system sx !".split(), "bash"),
    **dict.fromkeys("python python2 python3 pypy".split(), "python"),
    **{name: name for name in "html javascript latex r ruby perl cython sql julia".split()},
    "js": "javascript",
    "cmd": "bat",
    "svg": "xml",
}


class Plain(Struct, frozen=True):
    """What a cell becomes. language: `python`, `markdown` or that of a text to show; options: lines `key: value`.

    runs: whether it is Python that a post can run. file: (name, text) that the cell writes. notes: what was changed.
    """

    code: str
    language: str = "python"
    runs: bool = True
    options: tuple[str, ...] = ()
    file: tuple[str, str] | None = None
    notes: tuple[str, ...] = ()


def make_plain(code: str) -> Plain:
    """Return a cell without what only IPython understands."""
    first, _, rest = code.lstrip("\n").partition("\n")
    magic = _CELL_MAGIC.fullmatch(first.rstrip())
    if first.startswith("!!"):
        return Plain(code.strip("\n")[2:], "bash", runs=False, notes=(f"`{first}` is shown, not run",))
    if not magic:
        return _python(code)
    name, arguments = magic[1], magic[2]
    if name in _STATEMENTS:
        inner = make_plain(rest)
        setup = f"{arguments}\n" if name == "timeit" and arguments and not arguments.startswith("-") else ""
        options = ("output: false",) if name == "capture" else ()
        kept = re.search(r"(?<![-\w])[^\W\d]\w*", arguments) if name == "capture" else None
        lost = f": give `{kept[0]}` a value where it is used" if kept else ""
        notes = (f"`{first.strip()}` is left out{lost}", *inner.notes)
        return Plain(setup + inner.code, inner.language, inner.runs, (*options, *inner.options), inner.file, notes)
    if name.lower() in {"markdown", "md"}:
        return Plain(rest, "markdown", runs=False, notes=(f"`{first.strip()}` became text",))
    if name in {"writefile", "file"}:
        return _written(arguments, rest, first.strip())
    program = (arguments.split() or [""])[0] if name == "script" else name
    language = _LANGUAGES.get(PurePosixPath(program).name.lower())
    shown = rest if language else code.strip("\n")
    return Plain(shown, language or "", runs=False, notes=(f"the cell of `{first.strip()}` is shown, not run",))


def _written(arguments: str, text: str, magic: str) -> Plain:
    """Return a cell that writes a file: the post brings the file."""
    name = arguments.strip().strip("\"'")
    path = PurePosixPath(name)
    language = {".py": "python", ".sh": "bash"}.get(path.suffix, path.suffix[1:])
    if not re.fullmatch(r"[\w][\w./ -]*", name) or ".." in path.parts:
        return Plain(text, language, runs=False, notes=(f"the cell of `{magic}` is shown, not written",))
    return Plain(text, language, runs=False, file=(name, text), notes=(f"`{magic}` became the file {name}",))


def _python(code: str) -> Plain:
    notes: list[str] = []
    if not _parses(code):
        code = _without_magics(code, notes)
    if _parses(code):
        return Plain(_without_shell(code, notes), notes=tuple(notes))
    if _parses(code, ast.PyCF_ALLOW_TOP_LEVEL_AWAIT):
        notes.append(
            "`await` outside a function is for notebooks only, so it is shown and not run: write asyncio.run(...)"
        )
    else:
        notes.append("this is not Python, so it is shown and not run")
    return Plain(code, options=("eval: false",), notes=tuple(notes))


def _parses(code: str, flags: int = 0) -> bool:
    try:
        with warnings.catch_warnings(action="ignore"):  # of an invalid escape in a string
            # Unlike ast.parse it refuses an await outside a function.
            compile(code, "cell", "exec", flags, dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _without_magics(code: str, notes: list[str]) -> str:
    lines: list[str] = []
    begun = 0  # the first line since which every statement may still be open
    continues = False
    for line in code.split("\n"):
        kept, commented = _KEPT.fullmatch(line), _COMMENTED.fullmatch(line)
        if continues:
            lines.append(f"# {line.strip()}")
            continues = line.endswith("\\")
        elif (kept or commented) and _is_whole("\n".join(lines[begun:])):
            begun = len(lines) + 1
            if line.strip() == "%pylab" or line.strip().startswith("%pylab "):
                lines.append("from pylab import *")
                notes.append(f"`{line.strip()}` became `from pylab import *`")
            elif kept:
                lines.append(kept[1] + kept[2])
                notes.append(f"`{line.strip()}` became `{kept[2]}`")
            elif commented:
                lines.append(_comment(line))
                continues = line.endswith("\\")
                given = _GIVEN.match(line)
                lost = f": give `{given[1]}` a value where it is used" if given else ""
                notes.append(f"`{line.strip()}` is commented out{lost}")
        else:
            lines.append(line)
    return "\n".join(lines)


def _comment(line: str) -> str:
    """Return a line as a comment; inside a block a statement must stay, or the block may be empty."""
    text = line.lstrip()
    return f"{line[: len(line) - len(text)]}pass  # {text}" if line != text else f"# {text}"


def _is_whole(code: str) -> bool:
    """Whether no statement is open at the end of some lines: no bracket, no string, no continued line."""
    if code.rstrip(" \t").endswith("\\"):
        return False
    try:
        list(tokenize.generate_tokens(io.StringIO(code + "\n").readline))
    except tokenize.TokenError as error:
        return "multi-line" not in str(error) and "triple-quoted" not in str(error)
    except SyntaxError:
        return True
    return True


def _without_shell(code: str, notes: list[str]) -> str:
    """Return code without `get_ipython()` and Google's Colab: statements of them are commented out; elsewhere it is None, as IPython says."""
    if "get_ipython" not in code and "google.colab" not in code:
        return code
    lines = code.split("\n")
    gone: set[int] = set()
    with warnings.catch_warnings(action="ignore"):
        tree = ast.parse(code)
    of_colab = _of_colab(tree)
    for node in ast.walk(tree):
        shell = isinstance(node, ast.Expr) and _is_shell(_root(node.value))
        if isinstance(node, ast.stmt) and (shell or node in of_colab) and node.end_lineno:
            begin, end = node.lineno - 1, node.end_lineno
            before = lines[begin].encode()[: node.col_offset].decode()
            after = lines[end - 1].encode()[node.end_col_offset or 0 :].decode().strip(" ;")
            if before.strip() or (after and not after.startswith("#")):
                continue
            notes.append(f"`{lines[begin].strip()}` is commented out")
            lines[begin:end] = [_comment(lines[begin]), *(f"# {line.strip()}" for line in lines[begin + 1 : end])]
            gone |= set(range(begin, end))
    calls = [node for node in ast.walk(tree) if _is_shell(node) and node.lineno - 1 not in gone]
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset), reverse=True):
        if call.end_lineno == call.lineno:
            raw = lines[call.lineno - 1].encode()
            lines[call.lineno - 1] = (raw[: call.col_offset] + b"None" + raw[call.end_col_offset :]).decode()
            notes.append("`get_ipython()` became `None`, as it is outside IPython")
    return "\n".join(lines)


def _of_colab(tree: ast.Module) -> list[ast.stmt]:
    """Return the imports from Colab, which is nowhere else, and what they are called for; none that a block makes sure of."""
    names: set[str] = set()
    found: list[ast.stmt] = []
    for node in tree.body:
        root = _root(node.value) if isinstance(node, ast.Expr | ast.Assign) else None
        if isinstance(node, ast.Import | ast.ImportFrom) and "google.colab" in ast.unparse(node):
            names |= {(each.asname or each.name).partition(".")[0] for each in node.names}
            found.append(node)
        elif isinstance(root, ast.Name) and root.id in names:
            found.append(node)
    return found


def _root(node: ast.expr) -> ast.expr:
    """Return the innermost value of `a().b.c(...)`: `a()`."""
    while True:
        inner = node.func if isinstance(node, ast.Call) and not _is_shell(node) else node
        inner = inner.value if isinstance(inner, ast.Attribute) else inner
        if inner is node:
            return node
        node = inner


def _is_shell(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "get_ipython"
