"""Programs in, executions out: each is run, or what it gave before is reused because nothing that it saw has changed.

A remembered run is a trace: what was observed, and what came of it. It holds while every observation's digest is what
it was; then the program, which is the same, would do the same again. Nothing here imports numpy or starts a process
before something has to run.
"""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, cast

from msgspec import Struct
from msgspec.structs import replace

from sitegen.errors import OutdatedError
from sitegen.keys import digest
from sitegen.model import Animation, Execution, Failure, Figure, Frames, Observation, Output, Saved
from sitegen.running.reasons import Versions, changes, folder_of, versions, what_is
from sitegen.running.watched.observe import BELOW, DEPENDS, PLACE, World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import PurePosixPath

    from sitegen.config import Limits
    from sitegen.errors import Location
    from sitegen.model import Digest, Job, Program, Result, Source
    from sitegen.running.messages import Task
    from sitegen.store import Store

STAGE, LAST = "program", "last-run"
MOST_TRACES = 8
_OF_CELL, _OF_MOTION = 0.4, 4.0  # seconds
_CELL = re.compile(
    rb"^[ \t>]*(?:`{3,}|~{3,})[ \t]*(?:\{(?:python|code-cell)\b|python[ \t]+(?:figure|check)\b)", re.MULTILINE
)


class _Remembered(Struct, frozen=True):
    """The run of a post that was made or reused last; kept as a plain tuple. seconds: what it took, so that the longest starts first."""

    program: Program
    versions: Versions
    observations: tuple[Observation, ...]
    output: Output
    seconds: float


class _Answer(Struct, frozen=True):
    """What is known of a job before anything runs: an output that may be reused, or None; and why.

    trace: the observations of the run that is reused, unless it is the last one.
    """

    output: Output | None
    reasons: tuple[str, ...]
    seconds: float = 0.0
    trace: tuple[Observation, ...] | None = None


def expect_programs(sources: Iterable[Source], store: Store) -> None:
    """Begin to start what runs programs, while the posts are read, where one of them never ran: both take half a second."""
    if any(_CELL.search(source.content) and _is_new(source.path, store) for source in sources):
        from sitegen.running import pool  # noqa: PLC0415 - as in _run

        with suppress(pool.ServerFailed):  # it is said where a program needs it
            pool.warm_server(_cache(store))


def programs_begin() -> bool:
    """Whether what runs programs has begun to start, and none can run yet."""
    loaded = sys.modules.get("sitegen.running.pool")  # else none is expected
    return loaded is not None and loaded.is_starting()


def end_programs() -> None:
    """End what runs programs, and those that sleep."""
    if loaded := sys.modules.get("sitegen.running.pool"):
        loaded.close()


def execute(
    jobs: Sequence[Job],
    *,
    root: Path,
    limits: Limits,
    variables: Sequence[str],
    workers: int,
    store: Store,
    twice: bool = False,
    never_run: bool = False,
    resumable: bool = False,
    on_done: Callable[[Execution], None],
    meanwhile: Callable[[], None] = lambda: None,
) -> list[Execution]:
    """Run or reuse each program; results in the order of jobs, `on_done` as each is known.

    twice: run each program two times, reuse nothing, and fail where the results differ. never_run: reuse or fail.
    resumable: let programs sleep where they are, so that the next of a job goes on before the first step that is other than it was.
    meanwhile: is called again and again while such a program takes long.
    """
    world = _world(root, variables)
    done: dict[int, Execution] = {}
    if resumable and (loaded := sys.modules.get("sitegen.running.pool")):  # else nothing sleeps
        loaded.end_removed()

    def finish(
        index: int,
        outcome: Output | Failure,
        reasons: tuple[str, ...],
        *,
        reused: bool,
        effort: Sequence[tuple[int, str, float]] = (),
    ) -> None:
        places = jobs[index].steps
        made = tuple((places[step].line, what, seconds) for step, what, seconds in effort if 0 <= step < len(places))
        done[index] = Execution(jobs[index], outcome, reused, reasons, made)
        on_done(done[index])

    to_run: list[tuple[float, int, tuple[str, ...]]] = []
    for index, job in enumerate(jobs):
        answer = _Answer(None, ("runs twice, to compare",)) if twice else _look_up(job, world, store)
        if answer.output is not None:
            if answer.trace is not None:  # `why` compares with what was used last, and not with what ran last
                _remember_last(job, answer.trace, answer.output, answer.seconds, store)
            finish(index, answer.output, answer.reasons, reused=True)
        elif never_run:
            message = "not run: programs are not run in this build, and nothing that holds is remembered of this one"
            finish(index, Failure(-1, 0, message, not_run=True), answer.reasons, reused=False)
        else:
            to_run.append((answer.seconds or _likely_seconds(job.program), index, answer.reasons))
    if to_run:
        to_run.sort(key=lambda entry: (-entry[0], entry[1]))  # the longest first, so that no core is left with it alone
        reasons = {index: why for _, index, why in to_run}
        order = [index for _, index, _ in to_run]
        _run(
            jobs, order, reasons,
            world=world, limits=limits, workers=workers, store=store, finish=finish, twice=twice, resumable=resumable,
            meanwhile=meanwhile,
        )  # fmt: skip # what to run, and with what
    return [done[index] for index in range(len(jobs))]


def explain(job: Job, *, root: Path, variables: Sequence[str], store: Store) -> tuple[bool, tuple[str, ...]]:
    """Return whether a program would run, and why, in plain sentences; runs nothing."""
    answer = _look_up(job, _world(root, variables), store)
    return answer.output is None, answer.reasons


def seen_by(jobs: Sequence[Job], *, root: Path, variables: Sequence[str], store: Store) -> tuple[set[str], bool]:
    """Return the files and folders that programs saw in their last good runs, and whether it is sure that these are all."""
    world = _world(root, variables)
    found: set[str] = set()
    is_sure = True
    for job in jobs:
        last = _last(job, store)
        is_sure = is_sure and last is not None
        for seen in last.observations if last else ():
            if seen.kind == "file" and seen.name.startswith(DEPENDS):
                pattern = seen.name.removeprefix(DEPENDS)
                found.update(str(world.path_of(name)) for name in world.found_by(pattern, folder_of(job)))
                if ".." in pattern or pattern.startswith(("/", "~")):
                    is_sure = False  # it finds files that are not there yet
            elif seen.kind in {"file", "folder", "link", "mode", "presence"} and seen.name != PLACE:
                found.add(str(world.path_of(seen.name.removesuffix(BELOW))))
            elif seen.kind == "module":
                found.add(str(world.path_of(world.module(seen.name, folder_of(job))[1])))
    return found, is_sure


def finding_nothing(jobs: Sequence[Job], *, root: Path) -> Iterator[tuple[Location, str]]:
    """Yield the patterns of `depends` that find no file, each with where it is written."""
    world = _world(root, ())
    for job in jobs:
        for pattern, location in zip(job.program.depends, job.depends, strict=True):
            if not world.found_by(pattern, folder_of(job)):
                yield location, pattern


def _world(root: Path, variables: Sequence[str]) -> World:
    return World(Path(os.path.realpath(root)), {name: os.environ[name] for name in variables if name in os.environ})


def _key(program: Program) -> Digest:
    return digest("program", repr(program), repr(versions()))


# ------------------------------------------------------------------------------------------------------- reuse


def _look_up(job: Job, world: World, store: Store) -> _Answer:
    last = _last(job, store)
    if job.freeze and last is not None and _has_figures(last.output, store):
        return _Answer(last.output, ("reused: the post is frozen, whatever changed",))
    folder, lost = folder_of(job), False
    for observations, output in _traces(job.program, store):
        if all(world.current(seen, folder) == seen.digest for seen in observations):
            if _has_figures(output, store):
                is_last = last is not None and (last.program, last.observations) == (job.program, observations)
                seconds = last.seconds if last else 0.0
                reused = ("reused: nothing it saw has changed",)
                return _Answer(output, reused, seconds, None if is_last else observations)
            lost = True
    if lost:
        return _Answer(None, ("runs because its figures are no longer in the store",), last.seconds if last else 0.0)
    if last is None:
        return _Answer(None, ("runs for the first time",))
    return _Answer(None, changes(job, last.program, last.observations, last.versions, world), last.seconds)


def _likely_seconds(program: Program) -> float:
    """Return how long a program may take that never ran, by what takes longest in others."""
    cells = [step for step in program.steps if step.kind == "cell"]
    return sum(_OF_MOTION if step.sliders or "Animation(" in step.code else _OF_CELL for step in cells)


def _traces(program: Program, store: Store) -> tuple[tuple[tuple[Observation, ...], Output], ...]:
    known = store.recall(STAGE, _key(program))
    return cast("tuple[tuple[tuple[Observation, ...], Output], ...]", known) if isinstance(known, tuple) else ()


def _cache(store: Store) -> Path | None:
    """Return where matplotlib keeps what it knows of fonts; None where nothing is kept."""
    return store.path.parent / "matplotlib" if store.path is not None else None


def _is_new(path: PurePosixPath, store: Store) -> bool:
    return store.recall(LAST, digest(path.as_posix())) is None


def _last(job: Job, store: Store) -> _Remembered | None:
    known = store.recall(LAST, digest(job.path.as_posix()))
    return _Remembered(*known) if isinstance(known, tuple) and len(known) == 5 else None


def _remember(
    job: Job, observations: tuple[Observation, ...], output: Output, seconds: float, *, world: World, store: Store
) -> None:
    """Remember a run, unless something that it saw changed while it ran: then it is not known what it saw."""
    folder = folder_of(job)
    if any(world.current(seen, folder) != seen.digest for seen in observations):
        return
    same = [(seen.kind, seen.name, seen.digest) for seen in observations]
    others = [
        trace for trace in _traces(job.program, store)
        if [(seen.kind, seen.name, seen.digest) for seen in trace[0]] != same
    ]  # fmt: skip # as a sentence
    store.remember(STAGE, _key(job.program), ((observations, output), *others[: MOST_TRACES - 1]))
    _remember_last(job, observations, output, seconds, store)


def _remember_last(
    job: Job, observations: tuple[Observation, ...], output: Output, seconds: float, store: Store
) -> None:
    last = (job.program, versions(), observations, output, seconds)
    store.remember(LAST, digest(job.path.as_posix()), last)


def _contents(result: Result) -> Iterator[Digest]:
    """Yield the names of what a result keeps in the store."""
    if isinstance(result, Figure):
        yield from (result.svg, result.light, result.dark, result.narrow, result.data)
    elif isinstance(result, Animation):
        yield from (result.light, result.dark, *_contents(result.still))
    elif isinstance(result, Saved):
        yield result.content
    elif isinstance(result, Frames):
        yield from (name for frame in result.frames for inner in frame for name in _contents(inner))


def _has_figures(output: Output, store: Store) -> bool:
    return store.has(name for step in output.steps for result in step for name in _contents(result) if name)


# ---------------------------------------------------------------------------------------------------- running


def _run(
    jobs: Sequence[Job],
    order: Sequence[int],
    reasons: Mapping[int, tuple[str, ...]],
    *,
    world: World,
    limits: Limits,
    workers: int,
    store: Store,
    finish: Callable[..., None],
    twice: bool,
    resumable: bool,
    meanwhile: Callable[[], None],
) -> None:
    """Run the jobs of `order`, with what that needs imported only now."""
    from sitegen.running import pool  # noqa: PLC0415 - a warm build starts no process and loads nothing for it
    from sitegen.running.compare import compare  # noqa: PLC0415 - see above

    def run(indices: Sequence[int], *, again: bool = False) -> Iterator[tuple[int, pool.Finished]]:
        tasks = [replace(_task(jobs[index], world, limits, resumable=resumable), again=again) for index in indices]
        server = pool.warm_server(_cache(store))
        for ended in pool.run_all(
            tasks, server=server, workers=workers, limits=limits, keep=store.keep,
            sources=lambda place: _sources(jobs[indices[place]], world, store), meanwhile=meanwhile,
        ):  # fmt: skip # as above
            yield indices[ended.index], ended

    try:
        first: dict[int, Output | Failure] = {}
        if twice:
            first = {index: ended.outcome for index, ended in run(order)}
            pool.close()  # another server has other addresses
        for index, ended in run(order, again=twice):
            job, outcome = jobs[index], ended.outcome
            if twice:
                outcome = compare(first[index], outcome)
            # What stands there now is looked at anew: it may have changed since this build began.
            now = World(world.root, world.variables)
            notes = _notes(job, outcome)
            if isinstance(outcome, Output):
                outcome = replace(outcome, notes=notes)
                _remember(job, ended.observations, outcome, round(ended.seconds, 3), world=now, store=store)
            finish(index, outcome, reasons[index], reused=False, effort=ended.effort)
    except pool.ServerFailed as error:
        pool.close()
        hint = "are numpy and matplotlib installed here?" if "Error" in str(error) else ""
        failure = Failure(-1, 0, f"no program can be run: {error}", hint=hint)
        for index in order:
            finish(index, failure, reasons[index], reused=False)
    except OutdatedError:
        raise
    except BaseException:
        pool.close()  # Ctrl-C: nothing that was started may go on
        raise


def _task(job: Job, world: World, limits: Limits, *, resumable: bool) -> Task:
    from sitegen.running.messages import Task as NewTask  # noqa: PLC0415 - as in _run

    numbers = {name: getattr(limits, name) for name in limits.__struct_fields__}
    program = job.program
    name = str(job.path) if resumable and not job.freeze and sys.platform == "linux" else ""
    return NewTask(
        str(world.root),
        folder_of(job),
        "",
        "",
        program.steps,
        program.depends,
        dict(world.variables),
        numbers,
        name=name,
    )


def _sources(job: Job, world: World, store: Store) -> set[Path]:
    """Return the files that an author writes a program in: its post, what that includes, the modules that it imported last.

    Not what it reads: what another program writes on and on would let it never end.
    """
    last = _last(job, store)
    names = {str(job.path), *(place.path for place in job.steps)}
    for seen in last.observations if last else ():
        if seen.kind == "module":
            names.add(world.module(seen.name, folder_of(job))[1])
    return {world.path_of(name) for name in names if name}


def _notes(job: Job, outcome: Output | Failure) -> tuple[str, ...]:
    """Return the notes of an output, `step:line:what; what to do`, as sentences with the line of the post."""
    found: dict[str, None] = {}
    for note in outcome.notes if isinstance(outcome, Output) else ():
        if match := re.fullmatch(r"(-?\d{1,9}):(\d{1,9}):(.*); (.*)", note):
            step, line, what, hint = match.groups()
            where = f" (its line {line})" if int(line) else ""
            found.setdefault(f"{what_is(job, int(step))} {what}{where}; {hint}")
    return tuple(found)
