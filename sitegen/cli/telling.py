"""What a build did -> what the author reads, or JSON; the only module that prints."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from sitegen.cli.folders import site_folder

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Mapping, Sequence

    from sitegen.errors import SiteError
    from sitegen.model import Build


def say(text: str, *, error: bool = False) -> None:
    """Print, whatever the terminal or the file can take: a name that it cannot is no reason to end."""
    stream = sys.stderr if error else sys.stdout
    try:
        print(text, file=stream, flush=True)
    except UnicodeEncodeError:
        encoding = stream.encoding or "utf-8"
        print(text.encode(encoding, "backslashreplace").decode(encoding), file=stream, flush=True)


def report_of(result: Build, errors: Sequence[SiteError], changed: int, seconds: float) -> dict[str, object]:
    """Return the report of a build for `--json`."""
    return {
        **result.report,
        "files changed": changed,
        "total seconds": round(seconds, 4),
        "notes": [*result.notes, *result.efforts],
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


def tell(result: Build, errors: Sequence[SiteError], changed: int, seconds: float, options: argparse.Namespace) -> None:
    """Say what a build did: notes, errors, what `--verbose` asks for, and one closing line."""
    report = result.report
    for line in report["unprotected"] if isinstance(report["unprotected"], list) else ():
        say(f"note: {line}")
    for note in (*(() if getattr(options, "strict", False) else result.notes), *result.efforts):
        say(f"note: {note}")
    for error in errors:
        say(f"{error}\n", error=True)
        if os.environ.get("GITHUB_ACTIONS") == "true":
            place = error.location
            where = f"file={place.path},line={place.line or 1},col={place.column or 1}"
            say(f"::error {where}::{error.message}" + (f" ({error.hint})" if error.hint else ""))
    if options.verbose:
        programs = report["programs"]
        if isinstance(programs, dict):
            for path, reasons in programs.items():
                say("\n".join(f"{path}: {reason}" for reason in reasons))
        say(f"seconds by stage: {report['seconds']}")
    if options.twice is not None:
        done = "gave the same results twice" if options.twice else "checked"
        say(
            f"{len(errors)} to mend" if errors else f"{_number(report, 'posts')} {done}; nothing to mend",
            error=bool(errors),
        )
        return
    if errors:
        count = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
        if result.files and result.errors == tuple(errors):
            say(f"{count}; the site in {site_folder(options)} is without the posts that have them", error=True)
        else:
            say(f"{count}; the site in {site_folder(options)} is untouched", error=True)
        return
    say(_closing(report, changed, seconds, options))


def tell_standing(notes: Sequence[str], counts: Mapping[str, int], seconds: float, options: argparse.Namespace) -> None:
    """Say of a build that the last one still stands, in the same words."""
    for note in notes:
        say(f"note: {note}")
    say(_closing(counts, 0, seconds, options))


def _closing(report: Mapping[str, object], changed: int, seconds: float, options: argparse.Namespace) -> str:
    waiting = report.get("posts left out", 0)
    rest = f"; {waiting} more {'is a draft' if waiting == 1 else 'are drafts'} or of a later day" if waiting else ""
    return (
        f"{_number(report, 'posts')} and {_number(report, 'pages')} in {seconds:.2f} s: "
        f"{_number(report, 'programs')} run, {_number(report, 'formulas')} set, "
        f"{changed} of {_number(report, 'files')} changed in {site_folder(options)}{rest}"
    )


def _number(report: Mapping[str, object], things: str) -> str:
    """Return how many of something there are, or were made: `1 post`, `2 posts`."""
    count = report.get({"programs": "programs run", "formulas": "formulas set"}.get(things, things), 0)
    return f"{count} {things.removesuffix('s') if count == 1 else things}"


class Progress:
    """A bar on a terminal, nothing elsewhere."""

    def __init__(self) -> None:
        self._bar: object = None

    def __enter__(self) -> Callable[[str, int, int], None]:
        """Return what is called as work gets done."""
        return self.show

    def __exit__(self, *exception: object) -> None:
        """Take the bar away."""
        close = getattr(self._bar, "close", None)
        if close:
            close()

    def show(self, stage: str, done: int, total: int) -> None:
        """Draw how far the programs are."""
        if not sys.stderr.isatty() or stage != "run" or not total:
            return
        from tqdm import tqdm

        if self._bar is None:
            self._bar = tqdm(total=total, desc="programs", leave=False)
        bar = self._bar
        if isinstance(bar, tqdm):
            bar.update(done - bar.n)
