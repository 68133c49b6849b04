"""Why each post and page of a blog would be made again, or not: plain sentences; no program is run, nothing is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from msgspec.structs import replace

from sitegen.model import Link, Output
from sitegen.pipeline.articles import last_woven, weave_articles
from sitegen.pipeline.compute import compute, jobs_of
from sitegen.pipeline.files import make_renderer, pages_of
from sitegen.pipeline.ingredients import changes, formula_changes, formulas_of, ingredients
from sitegen.pipeline.read import read_blog
from sitegen.pipeline.run import Options, Run
from sitegen.publishing.programs import modules_of
from sitegen.publishing.seen import with_articles
from sitegen.publishing.site import assemble
from sitegen.publishing.unfold import unfold
from sitegen.running.execute import explain
from sitegen.typesetting.typeset import formula_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path, PurePosixPath

    from sitegen.errors import SiteError
    from sitegen.model import Formula, Page, Post
    from sitegen.pipeline.articles import Woven
    from sitegen.pipeline.ingredients import Ingredients
    from sitegen.pipeline.read import Blog
    from sitegen.publishing.elsewhere import Elsewhere
    from sitegen.publishing.render import Renderer
    from sitegen.store import Store


def explain_blog(
    root: Path, store: Store, options: Options
) -> tuple[dict[str, list[str]], list[SiteError], dict[str, str]]:
    """Return sentences by the path of each post, then by the address of every other page, and what is wrong.

    The third gives the path of a post for its address.

    Everything but the programs is done as a build does it, and forgotten: what a page would show is known then, and
    can be compared with what the last build saw.
    """
    with store.tentative():
        run = Run(root, store, replace(options, never_run=True, twice=False))
        blog = read_blog(run)
        addresses = {post.address: str(post.path) for post in blog.posts}
        sentences: dict[str, list[str]] = {str(post.path): [] for post in blog.posts}
        for job in jobs_of(blog.posts):
            _, reasons = explain(job, root=root, variables=blog.config.variables, store=store)
            sentences[str(job.path)] += [f"the program {'is ' * r.startswith('reused')}{r}" for r in reasons]
        executions = compute(run, blog.posts, blog.config)
        outputs = {e.job.path: e.outcome for e in executions if isinstance(e.outcome, Output)}
        unsure = {str(job.path) for job in jobs_of(blog.posts) if job.path not in outputs}
        lasts = {post.path: last_woven(run, post) for post in blog.posts}
        for post in blog.posts:
            sentences[str(post.path)] += _formulas(run, blog, post, outputs)
        weaving = weave_articles(run, blog, outputs)
        changed = {
            str(post.path): list(_changes(run, blog, post, outputs, last, weaving.elsewhere.get(post.path)))
            for post in blog.posts
            if (last := lasts[post.path])
        }
        if run.errors:
            for said in sentences.values():
                said.append("no page is made while there are errors")
            return sentences, run.errors, addresses
        site = assemble(blog.config, list(weaving.articles.values()))
        said_before = {path: last[0] for path, last in lasts.items() if last and str(path) in unsure}
        written = with_articles(site, said_before)  # what will run says the same signs
        renderer, _, _ = make_renderer(run, site, blog.assets, written)
        for page in pages_of(run, site):
            owner = str(page.article.path) if page.article else page.url
            sentences.setdefault(owner, []).extend(_page(page, renderer, changed, unsure))
    return sentences, run.errors, addresses


def _formulas(run: Run, blog: Blog, post: Post, outputs: Mapping[PurePosixPath, Output]) -> list[str]:
    last = last_woven(run, post)
    now = ingredients(run, blog, post, outputs.get(post.path))
    formulas = _as_set(run, blog, post, outputs.get(post.path))
    known = run.store.recall_texts("formula", map(formula_key, formulas))
    return formula_changes(formulas, known, cast("Ingredients", last[4].opened()) if last else None, now)


def _as_set(run: Run, blog: Blog, post: Post, output: Output | None) -> list[Formula]:
    """Return a post's formulas with their numbers, references and values; without those of which one is not known."""
    unknown = {formula.location for formula in formulas_of(post) if formula.values and output is None}
    cited = blog.cited.get(post.path)
    unfolded = unfold(post, output, cited=cited, drawings={}, store=run.store, config=blog.config)
    return [
        formula
        for formula in unfolded.formulas()
        if formula.location not in unknown and all(anchor for _, anchor, _ in formula.references)
    ]


def _changes(  # noqa: PLR0917 - the post, and all that it saw
    run: Run, blog: Blog, post: Post, outputs: Mapping[PurePosixPath, Output], last: Woven, elsewhere: Elsewhere | None
) -> Iterator[str]:
    """Yield what changed in a post since the last build made its article, `last`. elsewhere: what it mentions of others."""
    _, targets, _, modules, made_of, _ = last
    before = cast("Ingredients", made_of.opened())
    output = outputs.get(post.path)
    now = ingredients(run, blog, post, output, elsewhere)
    if output is None and post.program.steps:
        yield "its program runs"
        now["output"] = before["output"]
    yield from changes(before, now)
    links = replace(blog.links, elsewhere=elsewhere)
    own = {part.target: part for part in post.body if isinstance(part, Link)}
    for link, target in dict(targets).items():
        here = own.get(link.target)
        if here and links.resolve(here, post) != target:
            yield f"the link to {link.target} leads elsewhere now (line {here.location.line})"
    if modules:
        for name, _ in sorted(set(modules) ^ set(modules_of(post, run.root))):
            yield f"the module {name}, which its download brings, changed"


def _page(page: Page, renderer: Renderer, changed: Mapping[str, Sequence[str]], unsure: set[str]) -> Iterator[str]:
    path = str(page.article.path) if page.article else ""
    is_other, reasons, is_remembered = renderer.explain(page, unsure)
    own = changed.get(path, ())
    if is_other:
        reasons = [*(own or ["what is remembered of it was forgotten"]), *reasons]
    for reason in dict.fromkeys(reasons):
        what = "is put back as it was once" if is_remembered else "is rendered again"
        yield f"the page {page.url} {what}: {reason}"
    if not reasons:
        if own:
            yield f"{' and '.join(dict.fromkeys(own))}; the page {page.url} stays as it is"
        else:
            yield f"the page {page.url} is reused: nothing it sees has changed"
