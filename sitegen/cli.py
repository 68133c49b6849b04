"""The verbs of build.py; the only module that prints."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from sitegen.errors import Location, SiteError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sitegen.model import Build
    from sitegen.pipeline import Options
    from sitegen.store import Store

PROJECT = Path(__file__).resolve().parents[1]
STORE = ".sitegen/store.sqlite"


def main(arguments: Sequence[str]) -> int:
    """Run one verb and return the exit status: 0, 1 for an author's errors, 2 for a wrong call, 130 for Ctrl-C."""
    given = list(arguments)
    if not given or (given[0].startswith("-") and given[0] not in {"-h", "--help"}):
        given.insert(0, "build")
    options = _parser().parse_args(given)
    try:
        verb: Callable[[argparse.Namespace], int] = options.verb
        return verb(options)
    except SiteError as error:
        _say(str(error), error=True)
        return 1
    except KeyboardInterrupt:
        _say("stopped; the site that was there is untouched", error=True)
        return 130
    except BrokenPipeError:  # `build.py --json | head`
        sys.stderr.close()
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="build.py", description="A blog whose posts compute.")
    verbs = parser.add_subparsers(required=True, metavar="verb")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--source", type=Path, default=PROJECT, help="the blog's folder, which holds posts/")
    common.add_argument("--output", type=Path, help="where the site goes (default: _site in the blog's folder)")
    common.add_argument("--drafts", action="store_true", help="also posts marked `draft: true` or `published: false`")
    common.add_argument("--future", action="store_true", help="also posts dated later than now")
    common.add_argument("--jobs", type=int, default=0, metavar="N", help="programs run at a time (default: one a core)")
    common.add_argument("--url", default="", help="the site's address, instead of `url` in site.yml")
    common.add_argument("--no-execute", action="store_true", help="run no code: show what is remembered, mark the rest")
    common.add_argument("--verbose", action="store_true", help="say what ran and why, and where time went")

    build = verbs.add_parser("build", parents=[common], help="build the site (the default)")
    build.add_argument("--strict", action="store_true", help="treat notes as errors")
    build.add_argument("--why", action="store_true", help="say first, for every post, what is made again and why")
    build.add_argument("--json", action="store_true", help="print a report of the build as JSON")
    build.set_defaults(verb=_build, twice=None)

    serve = verbs.add_parser("serve", parents=[common], help="build, serve on this machine, rebuild on save")
    serve.add_argument("--port", type=int, default=8000)
    serve.set_defaults(verb=_serve)

    check = verbs.add_parser("check", parents=[common], help="build and say what is wrong, but write no site")
    check.add_argument("--twice", action="store_true", help="run every program twice and compare")
    check.add_argument("--strict", action="store_true", help="treat notes as errors")
    check.add_argument("--json", action="store_true", help="print a report of the build as JSON")
    check.set_defaults(verb=_build, why=False)

    why = verbs.add_parser("why", parents=[common], help="say what would be made again, and why; run nothing")
    why.add_argument("post", nargs="*", type=Path, help="the files of posts (default: all)")
    why.set_defaults(verb=_why)

    notebook = verbs.add_parser("import", help="make a post of a Jupyter notebook")
    notebook.add_argument("notebook", type=Path)
    notebook.add_argument("--source", type=Path, default=PROJECT)
    notebook.set_defaults(verb=_import)

    new = verbs.add_parser("new", help="begin a post")
    new.add_argument("title")
    new.add_argument("--source", type=Path, default=PROJECT)
    new.add_argument("--bundle", action="store_true", help="a folder with an index.md, for a post with files")
    new.set_defaults(verb=_new)

    deploy = verbs.add_parser("deploy", parents=[common], help="build and push the site to a branch of a git remote")
    deploy.add_argument("--remote", default="origin")
    deploy.add_argument("--branch", default="gh-pages")
    deploy.add_argument("--message", default="Publish the site")
    deploy.set_defaults(verb=_deploy, strict=False, json=False, why=False, twice=None)

    clean = verbs.add_parser("clean", parents=[common], help="remove the site and what is remembered")
    clean.set_defaults(verb=_clean)
    return parser


def _say(text: str, *, error: bool = False) -> None:
    print(text, file=sys.stderr if error else sys.stdout, flush=True)


def _output(options: argparse.Namespace) -> Path:
    output: Path = options.output or options.source / "_site"
    return output.absolute()


def _root(options: argparse.Namespace) -> Path:
    root: Path = options.source.resolve()
    if not root.is_dir():
        raise SiteError("there is no such folder", Location(str(options.source)), "name the blog's with --source")
    return root


def _options(options: argparse.Namespace, progress: Callable[[str, int, int], None], url: str) -> Options:
    from sitegen.pipeline import Options

    return Options(
        drafts=options.drafts,
        future=options.future,
        workers=options.jobs or os.cpu_count() or 1,
        url=url,
        twice=bool(getattr(options, "twice", False)),
        never_run=options.no_execute,
        progress=progress,
    )


def _store(root: Path) -> Store:
    """Open the blog's memory; where none can be kept, one that forgets at the end."""
    import sqlite3

    from sitegen.store import Store

    try:
        return Store(root / STORE)
    except (sqlite3.Error, OSError) as error:
        store = Store(None)
        store.note = f"nothing is remembered: {root / STORE} cannot be used ({error})"
        return store


def _build(options: argparse.Namespace) -> int:
    """Build, a second time from nothing when what is remembered turns out to be damaged half way."""
    import sqlite3

    try:
        return _build_once(options)
    except sqlite3.Error as error:
        path = _root(options) / STORE
        _say(f"note: what was remembered is damaged ({error}); it is set aside, and the build begins again", error=True)
        for name in ("", "-wal", "-shm"):
            damaged = path.with_name(path.name + name)
            if damaged.exists():
                damaged.replace(path.with_name(f"damaged{name}"))
        return _build_once(options)


def _build_once(options: argparse.Namespace) -> int:
    from sitegen.pipeline import build
    from sitegen.publishing.write import write_files

    start = time.perf_counter()
    root = _root(options)
    with _store(root) as store, _Progress() as progress:
        wanted = _options(options, progress, url=options.url)
        if options.why:
            from sitegen.explain import explain_blog

            for path, said in explain_blog(root, store, wanted)[0].items():
                _say("\n".join([f"{path}:", *(f"    {sentence}" for sentence in said)]))
        result = build(root, store, wanted)
        errors = list(result.errors)
        if options.strict:
            parts = (note.partition(": ") for note in result.notes)
            errors += [SiteError(text or where, Location(where if text else STORE)) for where, _, text in parts]
        changed = 0
        writes = options.twice is None
        if not errors and writes:
            try:
                changed = write_files(result.files, _output(options), store)
            except SiteError as error:
                errors.append(error)
    seconds = time.perf_counter() - start
    if options.json:
        _say(json.dumps(_report(result, errors, changed, seconds), indent=2, ensure_ascii=False))
    else:
        _tell(result, errors, changed, seconds, options)
    return 1 if errors else 0


def _report(result: Build, errors: Sequence[SiteError], changed: int, seconds: float) -> dict[str, object]:
    return {
        **result.report,
        "files changed": changed,
        "total seconds": round(seconds, 4),
        "notes": list(result.notes),
        "errors": [
            {
                "path": error.location.path,
                "line": error.location.line,
                "column": error.location.column,
                "message": error.message,
                "hint": error.hint,
                "detail": error.detail,
            }
            for error in errors
        ],
    }


def _tell(
    result: Build, errors: Sequence[SiteError], changed: int, seconds: float, options: argparse.Namespace
) -> None:
    report = result.report
    for line in report["unprotected"] if isinstance(report["unprotected"], list) else ():
        _say(f"note: {line}")
    for note in () if getattr(options, "strict", False) else result.notes:
        _say(f"note: {note}")
    for error in errors:
        _say(f"{error}\n", error=True)
        if os.environ.get("GITHUB_ACTIONS") == "true":
            place = error.location
            where = f"file={place.path},line={place.line or 1},col={place.column or 1}"
            _say(f"::error {where}::{error.message}" + (f" ({error.hint})" if error.hint else ""))
    if options.verbose:
        programs = report["programs"]
        if isinstance(programs, dict):
            for path, reasons in programs.items():
                _say("\n".join(f"{path}: {reason}" for reason in reasons))
        _say(f"seconds by stage: {report['seconds']}")
    if options.twice is not None:
        done = "gave the same results twice" if options.twice else "checked"
        _say(
            f"{len(errors)} to mend" if errors else f"{_number(report, 'posts')} {done}; nothing to mend",
            error=bool(errors),
        )
        return
    if errors:
        count = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
        _say(f"{count}; the site in {_output(options)} is untouched", error=True)
        return
    _say(
        f"{_number(report, 'posts')} and {_number(report, 'pages')} in {seconds:.2f} s: "
        f"{_number(report, 'programs')} run, {_number(report, 'formulas')} set, "
        f"{changed} of {_number(report, 'files')} changed in {_output(options)}"
    )


def _number(report: Mapping[str, object], things: str) -> str:
    """Return how many of something there are, or were made: `1 post`, `2 posts`."""
    count = report.get({"programs": "programs run", "formulas": "formulas set"}.get(things, things), 0)
    return f"{count} {things.removesuffix('s') if count == 1 else things}"


class _Progress:
    """A bar on a terminal, nothing elsewhere."""

    def __init__(self) -> None:
        self._bar: object = None

    def __enter__(self) -> Callable[[str, int, int], None]:
        return self.show

    def __exit__(self, *exception: object) -> None:
        close = getattr(self._bar, "close", None)
        if close:
            close()

    def show(self, stage: str, done: int, total: int) -> None:
        if not sys.stderr.isatty() or stage != "run" or not total:
            return
        from tqdm import tqdm

        if self._bar is None:
            self._bar = tqdm(total=total, desc="programs", leave=False)
        bar = self._bar
        if isinstance(bar, tqdm):
            bar.update(done - bar.n)


def _serve(options: argparse.Namespace) -> int:
    from sitegen.preview.serve import serve

    with _Progress() as progress:
        wanted = _options(options, progress, url=f"http://127.0.0.1:{options.port}")
        root = _root(options)
        return serve(root, root / STORE, wanted, options.port, _say)


def _why(options: argparse.Namespace) -> int:
    from sitegen.explain import explain_blog
    from sitegen.store import Store

    root = _root(options)
    with Store(root / STORE) as store, _Progress() as progress:
        sentences, errors = explain_blog(root, store, _options(options, progress, url=options.url))
    wanted = {_inside(root, path) for path in options.post}
    unknown = wanted - {str(path) for path in sentences}
    for error in errors:
        _say(f"{error}\n", error=True)
    for name in sorted(unknown):
        _say(f"{name}: there is no such post in {root}", error=True)
    for path, said in sentences.items():
        if not wanted or str(path) in wanted:
            _say("\n".join([f"{path}:", *(f"    {sentence}" for sentence in said)]))
    return 1 if errors or unknown else 0


def _inside(root: Path, path: Path) -> str:
    """Return a path as the blog names it, given from the current folder or from the blog's."""
    for found in (path.absolute(), root / path):
        if found.exists() and found.resolve().is_relative_to(root):
            return found.resolve().relative_to(root).as_posix()
    return path.as_posix()


def _new(options: argparse.Namespace) -> int:
    from sitegen.publishing.write import write_sources

    root = _root(options)
    name, header = _header(root, options.title)
    path = f"posts/{name}/index.md" if options.bundle else f"posts/{name}.md"
    write_sources(root, {path: header.encode()})
    _say(str(root / path))
    return 0


def _import(options: argparse.Namespace) -> int:
    from sitegen.publishing.write import write_sources
    from sitegen.reading.notebook import read_notebook

    root = _root(options)
    try:
        content = options.notebook.read_bytes()
    except OSError as error:
        raise SiteError(f"cannot be read: {error.strerror}", Location(str(options.notebook))) from error
    notebook = read_notebook(content, str(options.notebook))
    name, header = _header(root, notebook.title or options.notebook.stem.replace("_", " ").replace("-", " "))
    files = {f"posts/{name}/{file}": data for file, data in notebook.files.items()}
    write_sources(root, {f"posts/{name}/index.md": f"{header}{notebook.body}".encode(), **files})
    _say(str(root / "posts" / name / "index.md"))
    return 0


def _header(root: Path, title: str) -> tuple[str, str]:
    """Return the name and the header of a new post of today."""
    import re
    import unicodedata
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from sitegen.config import FILE_NAME, read_config

    config, _ = read_config(root if (root / FILE_NAME).exists() else PROJECT)
    now = datetime.now(ZoneInfo(config.timezone))
    slug = re.sub(r"[\W_]+", "-", unicodedata.normalize("NFKC", title).lower()).strip("-") or "post"
    quoted = json.dumps(title, ensure_ascii=False)
    header = f"---\ntitle: {quoted}\ndate: {now:%Y-%m-%d %H:%M:%S %z}\ncategories: []\ntags: []\n---\n\n"
    return f"{now:%Y-%m-%d}-{slug}", header


def _deploy(options: argparse.Namespace) -> int:
    from sitegen.publishing.deploy import deploy

    status = _build(options)
    if status:
        _say("nothing is published: the build has errors", error=True)
        return status
    deploy(_output(options), options.source.resolve(), options.remote, options.branch, options.message)
    _say(f"pushed to {options.branch} of {options.remote}")
    return 0


def _clean(options: argparse.Namespace) -> int:
    from sitegen.publishing.write import MANIFEST

    output = _output(options)
    if output.exists():
        if not (output / MANIFEST).exists():
            raise SiteError("this folder was not written by a build", Location(str(output)), "remove it yourself")
        shutil.rmtree(output)
    shutil.rmtree(options.source.resolve() / ".sitegen", ignore_errors=True)
    return 0
