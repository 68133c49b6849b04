"""Why a program runs: what changed since its post's last good run, in plain sentences."""

from __future__ import annotations

import os
import sys
from collections import Counter
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from sitegen.keys import digest_of_code, installed_versions
from sitegen.running.figures.fonts import font_version
from sitegen.running.watched.observe import ALL, BELOW, DEPENDS, PLACE

if TYPE_CHECKING:
    from sitegen.model import Job, Observation, Program
    from sitegen.running.watched.observe import World

LIBRARIES = tuple(
    """
    contourpy cycler fonttools kiwisolver matplotlib msgspec numpy packaging pillow pyparsing python-dateutil
    typing-extensions uharfbuzz
    """.split()
)
"""What every program finds loaded: their versions are part of every key. A test asserts that none is missing."""

Versions = tuple[tuple[str, str], ...]


def versions() -> Versions:
    """Return what every program sees of the machine: the interpreter, the platform, and the libraries loaded for it."""
    python = ".".join(map(str, sys.version_info[:3]))
    installed = installed_versions()
    return (
        ("Python", f"{sys.implementation.name} {python}"),
        ("the platform", f"{sys.platform} {os.uname().machine if hasattr(os, 'uname') else ''}".strip()),
        *((name, installed.get(name, "absent")) for name in LIBRARIES),
        ("the figures' font", font_version() or "absent"),
        ("sitegen", digest_of_code("running")),
    )


def folder_of(job: Job) -> str:
    """Return the folder of a post, "" for the blog's own."""
    folder = job.path.parent.as_posix()
    return "" if folder == "." else folder


def changes(
    job: Job, before: Program, seen_before: tuple[Observation, ...], was: Versions, world: World
) -> tuple[str, ...]:
    """Say what changed since the last good run of a post, in plain sentences."""
    found = [f"runs because {name} is now {now} (was {old})" for name, old, now in _changed_versions(was)]
    found += _changed_steps(job, before)
    folder = folder_of(job)
    other = [seen for seen in seen_before if world.current(seen, folder) != seen.digest]
    files = {seen.name for seen in other if seen.kind == "file"}
    found += [
        _sentence(seen, job, world) for seen in other if seen.kind not in {"link", "mode"} or seen.name not in files
    ]
    return tuple(dict.fromkeys(found)) or ("runs because what is remembered of it was forgotten",)


def _changed_versions(before: Versions) -> list[tuple[str, str, str]]:
    was, now = dict(before), dict(versions())
    changed = [(name, was.get(name, "absent"), now.get(name, "absent")) for name in now if was.get(name) != now[name]]
    return [(name, "other code", "other code") if name == "sitegen" else (name, old, new) for name, old, new in changed]


def _changed_steps(job: Job, before: Program) -> list[str]:
    found, new, gone = [], list[int](), list[str]()
    was, now = [step.code for step in before.steps], [step.code for step in job.program.steps]
    if was != now and sorted(was) == sorted(now):
        found.append("runs because cells were moved")
    else:
        for _, start, end, first, last in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
            both = min(end - start, last - first)
            for old, index in zip(range(start, end), range(first, first + both), strict=False):
                if before.steps[old] != job.program.steps[index]:
                    what = "changed" if was[old] != now[index] else "has other options"
                    found.append(f"runs because {what_is(job, index)} {what}")
            new += range(first + both, last)
            gone += (step.kind for step in before.steps[start + both : end])
    found += [f"runs because {what_is(job, index)} is new" for index in new[:3]]
    for kind, count in Counter(gone).items():
        found.append(f"runs because {f'a {kind} was' if count == 1 else f'{count} {kind}s were'} removed")
    if before.depends != job.program.depends:
        found.append("runs because the post depends on other files")
    return found


def what_is(job: Job, step: int) -> str:
    """Return what a step is called in a sentence."""
    if not 0 <= step < len(job.program.steps):
        return "the post"
    kind = "the cell" if job.program.steps[step].kind == "cell" else "the value"
    line = job.steps[step].line if step < len(job.steps) else 0
    return f"{kind} at line {line}" if line else kind


def _sentence(seen: Observation, job: Job, world: World) -> str:
    by = what_is(job, seen.step)
    now = world.current(seen, folder_of(job))
    how = "is gone" if now == "absent" else "is new" if seen.digest == "absent" else "changed"
    match seen.kind:
        case "file" if seen.name.startswith(DEPENDS):
            return f"runs because a file of `depends: {seen.name.removeprefix(DEPENDS)}` changed"
        case "file":
            return f"runs because {seen.name} {how} (read by {by})"
        case "folder" if seen.name == PLACE:
            return f"runs because the post moved from {seen.digest or 'the blog itself'}"
        case "folder" if seen.name.endswith(BELOW):
            folder = seen.name.removesuffix(BELOW)
            return f"runs because a file in {folder} changed, which other code than Python's read"
        case "folder":
            return f"runs because the list of files in {seen.name.removesuffix('/')} {how} (read by {by})"
        case "link":
            return f"runs because the link {seen.name} leads elsewhere (asked for by {by})"
        case "mode":
            return f"runs because the mode of {seen.name} changed (asked for by {by})"
        case "presence":
            return f"runs because {seen.name} {how} (asked about by {by})"
        case "module":
            return f"runs because {_module(seen, world.module(seen.name, folder_of(job))[1], world, how)} (imported by {by})"
        case "package" if seen.name == ALL:
            return f"runs because the list of installed packages changed (read by {by})"
        case "package":
            return f"runs because {seen.name} is now {now} (was {seen.digest})"
        case "variable" if seen.name == ALL:
            return f"runs because the environment variables changed (all of them read by {by})"
        case "variable":
            return f"runs because the environment variable {seen.name} {how} (read by {by})"


def _module(seen: Observation, file: str, world: World, how: str) -> str:
    """Say what became of a module that is now found in `file`, or nowhere."""
    before = seen.digest.partition(" ")[2]
    if file and before and before != file and not before.startswith("sitegen/"):
        gone = world.file(before) == "absent"
        return f"{before} is gone and {file} stands for it" if gone else f"{file} is new and comes before {before}"
    return f"{file or before or f'the module {seen.name}'} {how}"
