"""The verbs that build, build, check, why, serve and deploy, and the one that removes what they made."""

from __future__ import annotations

import gc
import json
import os
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

from sitegen import unchanged
from sitegen.cli.folders import STORE, blog_folder, inside_blog, open_store, site_folder
from sitegen.cli.telling import Progress, report_of, say, tell, tell_standing
from sitegen.errors import Location, SiteError
from sitegen.project import PROJECT

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Mapping, Sequence

    from sitegen.pipeline import Options
    from sitegen.store import Store


def build_site(options: argparse.Namespace) -> int:
    """Build, a second time from nothing when what is remembered turns out to be damaged half way."""
    try:
        return _build_once(options)
    except Exception as error:
        import sqlite3

        if not isinstance(error, sqlite3.Error):
            raise
        from sitegen.store import forgetful, is_hindered, set_aside

        path = blog_folder(options) / STORE
        if is_hindered(error):
            return _build_once(options, forgetful(path, error))
        say(f"note: what was remembered is damaged ({error}); it is set aside, and the build begins again", error=True)
        set_aside(path)
        return _build_once(options)


def _build_once(options: argparse.Namespace, other: Store | None = None) -> int:
    """Build. other: the store to use in place of the blog's."""
    gc.set_threshold(50_000, 20, 20)  # where it is on: most of what a build makes stays
    start = time.perf_counter()
    root, output = blog_folder(options), site_folder(options)
    asked = _asked(options)
    before = unchanged.look(root, output, asked) if asked else None
    standing = unchanged.recall(root, output, before) if before and not other else None
    if standing:
        tell_standing(standing.notes, standing.counts, time.perf_counter() - start, options)
        return 0
    from sitegen.pipeline import build_or_resume
    from sitegen.publishing.write import write_files

    with other or open_store(root) as store, Progress() as progress:
        writes = options.twice is None
        wanted = _options(options, progress, options.url, final=writes)
        if options.why:
            from sitegen.explain import explain_blog

            _say_reasons(explain_blog(root, store, wanted)[0])
        result = build_or_resume(root, store, wanted, before)
        errors = list(result.errors)
        if options.strict:
            parts = (note.partition(": ") for note in result.notes)
            errors += [SiteError(text or where, Location(where if text else STORE)) for where, _, text in parts]
        changed = 0

        def remember() -> None:
            beyond = result.beyond
            if before and beyond and beyond.is_sure and not errors and not store.note:
                counts = {name: int(str(result.report[name])) for name in ("posts", "posts left out", "pages", "files")}
                unchanged.remember(
                    root,
                    output,
                    before,
                    paths=beyond.paths,
                    variables=beyond.variables,
                    due=beyond.due,
                    standing=unchanged.Standing(result.notes, counts),
                )

        if writes and (not errors or (result.files and result.errors == tuple(errors))):
            try:
                changed = write_files(result.files, output, store, remember)
            except SiteError as error:
                errors.append(error)
    seconds = time.perf_counter() - start
    if options.json:
        say(json.dumps(report_of(result, errors, changed, seconds), indent=2, ensure_ascii=False))
    else:
        tell(result, errors, changed, seconds, options)
    return 1 if errors else 0


def _asked(options: argparse.Namespace) -> str:
    """Return what a plain build was asked for; "" where more is asked for than that the site be as its sources are."""
    more = (options.json, options.why, options.verbose, options.no_execute, options.verify_inputs)
    if options.twice is not None or any(more):
        return ""
    return repr((options.drafts, options.future, options.url, options.strict, options.minify, str(options.output)))


def say_why(options: argparse.Namespace) -> int:
    """Say what would be made again, and why."""
    from sitegen.explain import explain_blog

    root = blog_folder(options)
    with open_store(root) as store, Progress() as progress:
        asked = _options(options, progress, options.url, final=True)
        sentences, errors, addresses = explain_blog(root, store, asked)
    names = [addresses.get(name, name) for name in options.post]
    wanted = {name if name in sentences else inside_blog(root, Path(name)) for name in names}
    unknown = wanted - set(sentences)
    for error in errors:
        say(f"{error}\n", error=True)
    for name in sorted(unknown):
        say(f"{name}: there is no such post or page in {root}", error=True)
    if not unknown:
        _say_reasons({name: said for name, said in sentences.items() if name in wanted} if wanted else sentences)
    return 1 if errors or unknown else 0


def _say_reasons(sentences: Mapping[str, Sequence[str]]) -> None:
    for name, said in sentences.items():
        say("\n".join([f"{name}:", *(f"    {sentence}" for sentence in said)]))


def serve_site(options: argparse.Namespace) -> int:
    """Serve on this machine until Ctrl-C."""
    from sitegen.preview.serve import serve

    gc.enable()
    with Progress() as progress:
        wanted = _options(options, progress, f"http://127.0.0.1:{options.port}", is_preview=True)
        root = blog_folder(options)
        os.chdir(PROJECT)  # the folder that the terminal stands in may go
        return serve(root, root / STORE, wanted, options.port, say)


def deploy_site(options: argparse.Namespace) -> int:
    """Build and push."""
    from sitegen.publishing.deploy import deploy

    status = build_site(options)
    if status:
        say("nothing is published: the build has errors", error=True)
        return status
    source = options.source.resolve()
    say(deploy(site_folder(options), source, options.remote, options.branch, options.message))
    return 0


def remove_site(options: argparse.Namespace) -> int:
    """Remove the site and what is remembered, but nothing of others'."""
    from sitegen.publishing.write import remove_files

    root, output = blog_folder(options), site_folder(options)
    try:
        if remove_files(output.resolve(), Location(str(output))):
            say(f"note: {output}: what no build wrote stays there")
    except OSError as error:
        raise SiteError(f"cannot be removed: {error.strerror}", Location(str(error.filename))) from error
    shutil.rmtree(root / ".sitegen", ignore_errors=True)
    return 0


def _options(
    options: argparse.Namespace,
    progress: Callable[[str, int, int], None],
    url: str,
    *,
    final: bool = False,
    is_preview: bool = False,
) -> Options:
    from sitegen.pipeline import Options

    return Options(
        drafts=options.drafts,
        future=options.future,
        workers=options.jobs or os.cpu_count() or 1,
        url=url,
        twice=bool(getattr(options, "twice", False)),
        never_run=options.no_execute,
        minify=bool(getattr(options, "minify", False)),
        keep_going=bool(getattr(options, "keep_going", False)),
        progress=progress,
        final=final,
        stable=is_preview,
        resumable=is_preview,
    )
