"""Page -> bytes, by the theme's Jinja2 templates; a page is remembered by all that it can see.

What a template may use is written in templates/README.md.
"""

from __future__ import annotations

import json
import re
import time
import zlib
from collections import Counter
from contextlib import suppress
from functools import cached_property
from pathlib import PurePosixPath
from traceback import walk_tb
from typing import TYPE_CHECKING, cast

from sitegen import model
from sitegen.errors import Location, SiteError, suggestion
from sitegen.keys import digest
from sitegen.pickling import folded
from sitegen.project import first_file
from sitegen.publishing.addresses import relative
from sitegen.publishing.cite_as import as_key, as_tex
from sitegen.publishing.endless import EndlessError, within
from sitegen.publishing.images import image_size
from sitegen.publishing.seen import THEME, Sight, template_file
from sitegen.publishing.site import Site
from sitegen.publishing.wording import direction_of, written_date
from sitegen.typesetting.readable import without_latex

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime
    from pathlib import Path

    from jinja2 import Environment

    from sitegen.model import Article, Digest, Page
    from sitegen.pickling import Folded
    from sitegen.publishing.assets import Assets
    from sitegen.publishing.fonts import Package
    from sitegen.publishing.seen import Details, Seen
    from sitegen.store import Store

    Trace = tuple[Digest, tuple[Seen, ...], Folded]
    """A page as it was rendered once: its content, and all that its template looked at; this a second time, in detail."""


STAGE = "page"
MOST_TRACES = 4  # of one page: with drafts and without, for the preview and for the web
TWO_ROUNDS = 43_000  # bytes of 30 packets: in a page that comes a round trip later a style sheet costs none
_FORMULA_FONTS = ", &#34;fonts-of-formulas&#34;"  # in a page, until it is known which its style sheet asks for; not where it holds that
_FIRST = 8_000  # bytes of a page's HTML, of which the first screen is made
SHRUNK = 4  # times smaller, at least, pages are when compressed: most need not be tried
LONGEST = 20  # seconds of work that a page may take; those of a blog of 10 000 posts take one
TOO_DEEP = 0.5  # seconds of work after which a template that includes itself is not gone through for other pages
MAKING = " (while making "  # what stands before the address of a page, for which a template went wrong


def _read(known: object) -> tuple[Trace, ...]:
    """Return what is remembered of a page; an older version kept less of it."""
    return known if isinstance(known, tuple) and all(len(trace) == 3 for trace in known) else ()


class Renderer:
    """Renders the pages of one site.

    is_stuck: whether a template took longer than a page may take; others of its pages would, too.
    """

    def __init__(self, folders: Sequence[Path], site: Site, assets: Assets, store: Store) -> None:
        self._folders = folders
        self._site = site
        self._assets = assets
        self._store = store
        self._sight = Sight(folders, site, assets, store)
        self._recalled: dict[Digest, object] = {}
        self._all_there = False  # whether the store has the last contents of all pages that were recalled
        self._own: Article | None = None  # the article whose page is rendered
        self._body = ""  # of that article, once its template asked for it
        self.is_stuck = False
        self._joined: dict[str, str] = {}  # marks in the page that is rendered -> the style sheets that stand there

    def update(self, site: Site, different: Iterable[Article]) -> None:
        """Render from now on pages of a site in which some articles say something else."""
        self._site = site
        self._sight.update(site, different)

    def recall(self, page: Page) -> tuple[Digest, tuple[Seen, ...]] | None:
        """Return the digest of a page's bytes in the store and what its template saw, if all of that is what it was."""
        key = digest(page.url)
        traces = self._traces(page)
        self._sight.look(page)
        for place, (content, seen, _) in enumerate(traces):
            if self._sight.holds(seen) and ((self._all_there and not place) or self._store.has([content])):
                if place:  # the one that holds is the last, which `why` compares with
                    self._store.remember(STAGE, key, (traces[place], *traces[:place], *traces[place + 1 :]))
                return content, seen
        return None

    def prepare(self) -> None:
        """Compile every template, before processes part that need them all."""
        for name in sorted({path.name for folder in self._folders for path in folder.glob("*.html")}):
            with suppress(Exception):  # a template that no page uses may be wrong; one that is used says so there
                self._environment.get_template(name)

    def render(self, page: Page) -> tuple[Digest, tuple[Seen, ...]]:
        """Return the digest of the page's bytes in the store, and what its template saw. Raises SiteError."""
        self._sight.look(page)
        content = self._store.keep(self._render(page))
        seen = self._sight.seen()
        trace = content, seen, folded(self._sight.details())
        self._store.remember(STAGE, digest(page.url), (trace, *self._traces(page)[: MOST_TRACES - 1]))
        return content, seen

    def publish(self, seen: Iterable[Seen], assets: Assets) -> None:
        """Publish what pages saw among other assets."""
        for kind, name in dict.fromkeys((kind, name) for kind, name, _ in self._sight.opened(seen)):
            if kind == "asset":
                assets.path(name)
            elif kind == "sheet":  # a page holds it; what it asks for stands beside
                assets.within(name, PurePosixPath())

    def explain(self, page: Page, unsure: Collection[str]) -> tuple[bool, list[str], bool]:
        """Return whether the page's own article changed, sentences about what else did, and whether it is remembered so.

        (False, [], True): it is reused. unsure: paths of the posts whose results are not known, since their programs
        would run.
        """
        traces = self._traces(page)
        if not traces:
            return False, ["this is the first time"], False
        self._sight.look(page)
        holding = [self._sight.holds(seen) and self._store.has([content]) for content, seen, _ in traces]
        if holding[0]:
            return False, [], True
        _, seen, details = traces[0]
        own, sentences = self._sight.changes(seen, cast("Details", details.opened()), page, unsure)
        return own, sentences if own or sentences else ["what is remembered of it was forgotten"], any(holding)

    def recall_traces(self, pages: Iterable[Page]) -> None:
        """Recall what is remembered of many pages at once."""
        self._recalled = self._store.recall_many(STAGE, [digest(page.url) for page in pages])
        self._all_there = self._store.has(traces[0][0] for known in self._recalled.values() if (traces := _read(known)))

    def _traces(self, page: Page) -> tuple[Trace, ...]:
        """Return what is remembered of a page, the last first."""
        key = digest(page.url)
        return _read(self._recalled.pop(key, None) or self._store.recall(STAGE, key))

    def _render(self, page: Page) -> bytes:
        import jinja2  # noqa: PLC0415 - 40 ms that a build without changes does not spend

        self._joined.clear()
        self._own, self._body = page.article, ""
        begun = time.process_time()
        try:
            template = self._environment.get_template(page.template)
            say = self._sight.words(page)
            with within(LONGEST):
                text = template.render(site=self._site, page=page, article=page.article, say=say, **page.values)
            text.encode()  # half of a sign that takes two is none
        except jinja2.TemplateSyntaxError as error:
            name, line = error.name or error.filename or page.template, error.lineno
            hint = _advice(error.__cause__) if error.__cause__ else ""
            raise self._error(f"this template is not right: {error.message}", name, line, hint) from error
        except jinja2.TemplateNotFound as error:
            name, line = self._template_line(error)
            raise self._error(f"there is no template `{error.name}`", name or page.template, line) from error
        except EndlessError as error:
            self.is_stuck = True
            message = f"this does not end: it was gone through for {LONGEST} seconds{MAKING}{page.url})"
            hint = "a loop goes on and on here or around it, or one over all posts stands within another"
            raise self._error(message, error.name or page.template, error.line, hint) from None
        except (
            jinja2.UndefinedError,
            jinja2.TemplateRuntimeError,
            LookupError,
            TypeError,
            ValueError,
            AttributeError,
            ArithmeticError,
            RuntimeError,
            MemoryError,
        ) as error:
            name, line = self._template_line(error)
            self.is_stuck = isinstance(error, RecursionError) and time.process_time() - begun > TOO_DEEP
            said = str(error) or type(error).__name__
            message = said.replace("'sitegen.model.", "'").replace("'sitegen.publishing.site.", "'")
            hint = _advice(error)
            if isinstance(error, RecursionError) and self._folders[1:]:
                hint += f'; the theme\'s own is `{{% extends "{THEME}/{name or page.template}" %}}`'
            raise self._error(f"{message}{MAKING}{page.url})", name or page.template, line, hint) from error
        if (page.article or (page.articles and page.path.suffix == ".html")) and not text.strip():
            hint = "write what it shows, or remove it: then the theme's own is taken"
            raise self._error(f"this gives an empty page{MAKING}{page.url})", self._empty(page.template), 0, hint)
        return self._with_its_sheets(text, page).encode()

    def _empty(self, name: str) -> str:
        """Return which template is empty: a page's own, or the one that those of the theme extend."""
        files = [first_file(self._folders, one) for one in (name, "base.html")]
        return next((file.name for file in files if file and not file.read_text(encoding="utf-8").strip()), name)

    def _with_its_sheets(self, text: str, page: Page) -> str:
        """Return a page that links the rules which it needs of the style sheets that its template joins; a heavy one holds them."""
        if not self._joined:
            return text
        is_heavy = len(text) > SHRUNK * TWO_ROUNDS and len(zlib.compress(text.encode())) > TWO_ROUNDS
        body, classes = (self._body, page.article.classes) if page.article else ("", ())
        for mark, names in self._joined.items():
            name = self._assets.wanted_by(text, names, body, classes)
            link = f'<link rel="stylesheet" href="{mark}">'
            if is_heavy and link in text and (sheet := self._assets.within(name, page.path.parent)):
                self._sight.note("sheet", name)
                text = text.replace(link, f"<style>{sheet}</style>")
                continue
            begins = max(0, text.find("<main"))
            if _FORMULA_FONTS in text and 'class="katex' in text[begins : begins + _FIRST]:
                addresses = (self._address(page, f"/{font}") for font in self._assets.formula_fonts(name))
                text = text.replace(_FORMULA_FONTS, "".join(f", &#34;{address}&#34;" for address in addresses))
            self._sight.note("asset", name)
            text = text.replace(mark, self._address(page, f"/{self._assets.path(name)}"))
        return text.replace(_FORMULA_FONTS, "")

    def _address(self, page: Page, url: str) -> str:
        if page.url == "/404.html" and url.startswith("/"):
            self._sight.note("config", "url")
            return self._site.config.base + url  # shown at any depth, where a relative link would lead astray
        return relative(url, page.url)

    def _error(self, message: str, name: str, line: int, hint: str = "") -> SiteError:
        """Return an error of a template, with its line drawn. name: a path, where nothing but signs was read of it."""
        folders = (f"{folder}/" for folder in self._folders)
        name = next((name.removeprefix(folder) for folder in folders if name.startswith(folder)), name)
        found = template_file(self._folders, name)
        error = SiteError(message, Location(f"templates/{name}", line), hint)
        return error.with_excerpt(found.read_text(encoding="utf-8", errors="replace")) if found else error

    def _template_line(self, error: BaseException) -> tuple[str, int]:
        """Return the innermost line of a template in an error's traceback; the one that comes again and again, if one does."""
        found = [
            (name if template_file(self._folders, name) == folder / name else f"{THEME}/{name}", line)
            for frame, line in walk_tb(error.__traceback__)
            for folder in self._folders
            if (file := frame.f_code.co_filename).startswith(str(folder)) and (name := file[len(str(folder)) + 1 :])
        ] or [("", 0)]
        return Counter(found).most_common(1)[0][0] if isinstance(error, RecursionError) else found[-1]

    @cached_property
    def _environment(self) -> Environment:
        from jinja2 import TemplateRuntimeError, pass_context  # noqa: PLC0415 - as above
        from jinja2.runtime import Context  # noqa: PLC0415, TC002 - Jinja reads the annotation
        from markupsafe import Markup  # noqa: PLC0415

        from sitegen.publishing.environment import Watched  # noqa: PLC0415 - as above

        sight = self._sight
        environment = Watched(self._folders, sight)

        @pass_context
        def link(context: Context, url: str) -> str:
            return self._address(context["page"], url)

        @pass_context
        def asset(context: Context, name: str) -> str:
            for one in name.split():
                try:
                    path = self._assets.path(one)
                except KeyError:
                    raise TemplateRuntimeError(f"there is no asset `{one}`") from None
            if " " in name:
                mark = f"sheets-{len(self._joined)}-of-{digest(name)}"
                self._joined[mark] = name
                return mark
            sight.note("asset", name)
            return self._address(context["page"], f"/{path}")

        @pass_context
        def small(context: Context, name: str) -> str:
            address = asset(context, name)
            return self._assets.inlined(name) or address

        @pass_context
        def size(context: Context, name: str) -> tuple[int, int] | None:
            asset(context, name)  # with which its size changes
            file = self._assets.source(name)
            return image_size(file) if file else None

        def font(package: str, use: str = "") -> Package:
            try:
                found = self._assets.font(package, use)
            except KeyError:
                message = f"there is no font package `{package}`: install it with `npm install --save-exact {package}`"
                raise TemplateRuntimeError(message) from None
            for sheet in found.sheets:
                sight.note("asset", sheet)
            return found

        @pass_context  # a filter that does without is done when a template is compiled, which is kept
        def absolute(_: Context, url: str) -> str:
            sight.note("config", "url")
            return self._site.config.url + url if url.startswith("/") else url

        def content(name: Digest) -> Markup:
            text = self._store.content(name).decode()
            if self._own and name == self._own.body:
                self._body = text
            return Markup(text)  # noqa: S704 - HTML that the weaver wrote

        @pass_context
        def date(context: Context, moment: datetime, shape: str = "") -> str:
            return written_date(moment, shape or context["say"].date, context["say"])

        def as_json(value: object) -> Markup:
            return Markup(json.dumps(value, ensure_ascii=False))  # noqa: S704 - for files of JSON, not for pages

        environment.filters.update(link=link, absolute=absolute, content=content, date=date, json=as_json)
        environment.filters.update(bibtex=as_tex, bibtex_key=as_key)
        environment.filters.update(without_latex=without_latex, direction=direction_of)
        environment.globals.update(asset=asset, small=small, size=size, font=font, formula_fonts="fonts-of-formulas")
        return environment


def _advice(error: BaseException) -> str:
    """Return what to do about a template that cannot be gone through, "" where the error says enough."""
    said = str(error)
    if isinstance(error, RecursionError):
        return "a template that includes or extends itself, and a macro that calls itself, have no end"
    if isinstance(error, UnicodeDecodeError):
        return "save the file as UTF-8"
    if isinstance(error, MemoryError):
        return "a list of so many things is more than this machine holds"
    if missing := re.search(r"'sitegen\.(?:model|publishing\.site)\.(\w+) object' has no attribute '(\w+)'", said):
        kind = Site if missing[1] == "Site" else getattr(model, missing[1], None)
        return suggestion(missing[2], [name for name in dir(kind) if not name.startswith("_")])
    quoted = said.split("'")
    return suggestion(quoted[-2], ("site", "page", "article")) if len(quoted) > 2 else ""
