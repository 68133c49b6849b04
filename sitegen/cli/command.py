"""Arguments -> one verb and its exit status."""

from __future__ import annotations

import argparse
import errno
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from sitegen.cli.building import build_site, deploy_site, remove_site, say_why, serve_site
from sitegen.cli.telling import say
from sitegen.cli.writing import begin_post, import_notebook
from sitegen.errors import OF_MACHINE, Location, SiteError
from sitegen.project import PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def main(arguments: Sequence[str]) -> int:
    """Run one verb and return the exit status: 0, 1 for an author's errors, 2 for a wrong call, 130 for Ctrl-C."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed, as some start programs that nobody reads
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - for as long as we live
    for number in (signal.SIGTERM, signal.SIGHUP):  # a job that is cancelled, a terminal that is closed
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _stop)
    try:
        Path.cwd()
    except FileNotFoundError:  # of a terminal that stands in the site, of which the last build made a new one
        os.chdir(PROJECT)
    given = list(arguments)
    if not given or (given[0].startswith("-") and given[0] not in {"-h", "--help"}):
        given.insert(0, "build")
    options = _parser().parse_args(given)
    stopped = "stopped; the site that was there is untouched" if options.verb is build_site else "stopped"
    try:
        verb: Callable[[argparse.Namespace], int] = options.verb
        return verb(options)
    except SiteError as error:
        say(str(error), error=True)
        return 1
    except KeyboardInterrupt:
        say(stopped, error=True)
        return 130
    except _Stopped:
        with suppress(OSError):  # of a terminal that is closed
            say(stopped, error=True)
        raise
    except BrokenPipeError:  # `build.py --json | head`
        sys.stderr.close()
        return 1
    except OSError as error:
        of_files = {errno.EACCES: "see who may use it: `ls -ld`", errno.ENAMETOOLONG: "name a shorter one"}
        hint = {**OF_MACHINE, **of_files}.get(error.errno or 0)
        if not hint:
            raise
        with suppress(OSError):
            place = Location(str(error.filename or "the system"))
            say(str(SiteError(f"stopped: {error.strerror}", place, hint)), error=True)
        return 1


def leave(status: int) -> NoReturn:
    """End with an exit status: at once, where nothing else has to be ended; to clear the memory takes a tenth of a short build."""
    if "sitegen.running.client" in sys.modules:  # programs ran, in processes that are ended at exit
        sys.exit(status)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # nobody reads any more
            stream.flush()
    os._exit(status)


class _Stopped(SystemExit):
    """Somebody ends this process."""


def _stop(number: int, _: object) -> None:
    """End as after Ctrl-C, with all that was started and what it left on the disk."""
    raise _Stopped(128 + number)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="build.py", description="A blog whose posts compute.")
    verbs = parser.add_subparsers(required=True, metavar="verb")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--source", type=_folder, default=PROJECT, help="the blog's folder, which holds posts/")
    common.add_argument("--output", type=_folder, help="where the site goes (default: _site in the blog's folder)")
    common.add_argument("--drafts", action="store_true", help="also posts marked `draft: true` or `published: false`")
    common.add_argument("--future", action="store_true", help="also posts dated later than now")
    common.add_argument(
        "--jobs",
        type=_number(10_000, "number of programs: 1 or more, 0 for one a core"),
        default=0,
        metavar="N",
        help="programs run at a time (default: one a core)",
    )
    common.add_argument("--url", default="", help="the site's address, instead of `url` in site.yml")
    common.add_argument("--no-execute", action="store_true", help="run no code: show what is remembered, mark the rest")
    common.add_argument("--verbose", action="store_true", help="say what ran and why, and where time went")

    build = verbs.add_parser("build", parents=[common], help="build the site (the default)")
    build.add_argument("--strict", action="store_true", help="treat notes as errors")
    build.add_argument("--keep-going", action="store_true", help="leave posts with errors out, and write the rest")
    build.add_argument("--minify", action="store_true", help="write smaller HTML, as `deploy` does; 10 ms a page")
    build.add_argument("--verify-inputs", action="store_true", help="read every file, whatever its time and size say")
    build.add_argument("--why", action="store_true", help="say first, for every post, what is made again and why")
    build.add_argument("--json", action="store_true", help="print a report of the build as JSON")
    build.set_defaults(verb=build_site, twice=None)

    serve = verbs.add_parser("serve", parents=[common], help="build, serve on this machine, rebuild on save")
    serve.add_argument("--port", type=_number(65_536, "port: a number from 0 to 65535"), default=8000)
    serve.set_defaults(verb=serve_site)

    check = verbs.add_parser("check", parents=[common], help="build and say what is wrong, but write no site")
    check.add_argument("--twice", action="store_true", help="run every program twice and compare")
    check.add_argument("--strict", action="store_true", help="treat notes as errors")
    check.add_argument("--json", action="store_true", help="print a report of the build as JSON")
    check.set_defaults(verb=build_site, why=False, verify_inputs=True)

    why = verbs.add_parser("why", parents=[common], help="say what would be made again, and why; run nothing")
    why.add_argument("post", nargs="*", help="files of posts, addresses of pages such as /tags/ (default: all)")
    why.set_defaults(verb=say_why)

    notebook = verbs.add_parser("import", help="make a post of a Jupyter notebook")
    notebook.add_argument("notebook", type=Path)
    notebook.add_argument("--source", type=_folder, default=PROJECT)
    notebook.add_argument("--keep-outputs", action="store_true", help="show what the notebook saved, and run nothing")
    notebook.set_defaults(verb=import_notebook)

    new = verbs.add_parser("new", help="begin a post")
    new.add_argument("title")
    new.add_argument("--source", type=_folder, default=PROJECT)
    new.add_argument("--bundle", action="store_true", help="a folder with an index.md, for a post with files")
    new.set_defaults(verb=begin_post)

    deploy = verbs.add_parser("deploy", parents=[common], help="build and push the site to a branch of a git remote")
    deploy.add_argument("--remote", default="origin")
    deploy.add_argument("--branch", default="gh-pages")
    deploy.add_argument("--message", default="Publish the site")
    deploy.set_defaults(
        verb=deploy_site, minify=True, strict=False, json=False, why=False, twice=None, verify_inputs=False
    )

    clean = verbs.add_parser("clean", parents=[common], help="remove the site and what is remembered")
    clean.set_defaults(verb=remove_site)
    return parser


def _folder(text: str) -> Path:
    """Read the path of a folder: whole, since the build may put another in the place of the one that we stand in."""
    if not text:
        message = "it names no folder"
        raise argparse.ArgumentTypeError(message)
    return Path(text).absolute()


def _number(below: int, what: str) -> Callable[[str], int]:
    """Return what reads a whole number from 0. what: that it is none, in words."""

    def read(text: str) -> int:
        if not text.isdecimal() or len(text) > len(str(below)) or int(text) >= below:
            message = f"{text} is no {what}"
            raise argparse.ArgumentTypeError(message)
        return int(text)

    return read
