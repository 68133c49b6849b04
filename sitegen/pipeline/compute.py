"""Posts -> what their programs gave: run, or reused; a failure becomes an error at its line of the post."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitegen.errors import Location, SiteError, excerpt
from sitegen.model import Failure, Job
from sitegen.running.execute import execute

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sitegen.config import Config
    from sitegen.model import Execution, Post
    from sitegen.pipeline.run import Run


def jobs_of(posts: Sequence[Post]) -> list[Job]:
    """Return the program of every post that has one."""
    return [Job(post.path, post.program, post.steps, post.freeze, post.depends) for post in posts if post.program.steps]


def compute(run: Run, posts: Sequence[Post], config: Config) -> list[Execution]:
    """Run or reuse the program of every post that has one; its failures are noted as errors at the post's lines."""
    jobs = jobs_of(posts)
    done: list[Execution] = []

    def on_done(execution: Execution) -> None:
        done.append(execution)
        run.options.progress("run", len(done), len(jobs))

    run.options.progress("run", 0, len(jobs))
    executions = execute(
        jobs,
        root=run.root,
        limits=config.limits,
        variables=config.variables,
        workers=run.options.workers,
        store=run.store,
        twice=run.options.twice,
        never_run=run.options.never_run,
        resumable=run.options.resumable,
        on_done=on_done,
        meanwhile=run.options.meanwhile,
    )
    run.counts["programs run"] = sum(not e.reused and not was_not_run(e) for e in executions)
    run.counts["programs reused"] = sum(e.reused for e in executions)
    failed = ((e.job, e.outcome) for e in executions if isinstance(e.outcome, Failure))
    told = ((job, one) for job, failure in failed if not failure.not_run for one in (failure, *failure.more))
    run.errors += [_error(job, failure, run) for job, failure in told]
    return executions


def _error(job: Job, failure: Failure, run: Run) -> SiteError:
    """Return a failed program's error, at the line of the post where it happened."""
    path = str(job.path)
    if 0 <= failure.step < len(job.steps):
        place = job.steps[failure.step]
        is_value = job.program.steps[failure.step].kind == "value"
        column = place.column if is_value else 0
        location = Location(place.path, place.line + (max(failure.line, 1) - 1) * (not is_value), column)
    else:
        location = job.steps[0] if job.steps else Location(path)
    allows = f"`{failure.limit}` in site.yml allows more" if failure.limit else ""
    hint = "; ".join(filter(None, (failure.hint, allows)))
    drawn = excerpt(run.text(location.path), location, around=2)
    return SiteError(failure.message, location, hint, detail=failure.traceback, excerpt=drawn)


def unprotected(executions: Sequence[Execution]) -> list[str]:
    """Return which protections this machine cannot give to the programs that ran, in sentences."""
    if all(execution.reused or was_not_run(execution) for execution in executions):
        return []
    from sitegen.running.watched.sandbox import describe  # noqa: PLC0415 - only where something ran

    return list(describe())


def was_not_run(execution: Execution) -> bool:
    """Whether a program gave nothing only because nothing may run."""
    return isinstance(execution.outcome, Failure) and execution.outcome.not_run
