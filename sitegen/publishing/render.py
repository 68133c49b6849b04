"""Page -> bytes, by the theme's Jinja2 templates; a page is remembered by all that it can see.

What a template may use is written in templates/README.md.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from sitegen.errors import Location, SiteError, suggestion
from sitegen.publishing.links import relative
from sitegen.store import digest, digest_of_code, versions_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from jinja2 import Environment

    from sitegen.model import Digest, Page
    from sitegen.publishing.assets import Assets
    from sitegen.publishing.site import Site
    from sitegen.store import Store


class Renderer:
    """Renders the pages of one site."""

    def __init__(self, folders: Sequence[Path], site: Site, assets: Assets, store: Store) -> None:
        self._folders = folders
        self._site = site
        self._assets = assets
        self._store = store
        self.rendered = 0
        self.reused = 0

    def render(self, page: Page) -> Digest:
        """Return the digest under which the page's bytes are in the store. Raises SiteError."""
        key = digest(self._seen_by_all, repr(page))
        known = self._recall(key)
        if known:
            self.reused += 1
            return known
        self._asked: dict[str, str] = {}
        found = self._store.keep(self._render(page))
        self._store.remember("page", key, (found, tuple(self._asked.items())))
        self._store.remember("last-page", digest(page.url), self._parts(page))
        self.rendered += 1
        return found

    def explain(self, page: Page) -> tuple[bool, str]:
        """Return whether a page would be made again, and why, in a sentence."""
        if self._recall(digest(self._seen_by_all, repr(page))):
            return False, "reused: nothing that it shows has changed"
        last = self._store.recall("last-page", digest(page.url))
        if not isinstance(last, dict):
            return True, "made for the first time"
        now = self._parts(page)
        changed = [name for name in sorted(now.keys() | last.keys()) if now.get(name) != last.get(name)]
        return True, f"made again because {' and '.join(changed) or 'an asset that it uses'} changed"

    def _recall(self, key: Digest) -> Digest | None:
        """Return the page remembered for a key, when what it uses of npm's packages is what it was."""
        known = self._store.recall("page", key)
        if not isinstance(known, tuple) or not self._store.has(known[:1]):
            return None
        for name, path in known[1]:
            try:
                if str(self._assets.path(name)) != path:  # asking publishes it
                    return None
            except KeyError:
                return None
        return str(known[0])

    def _parts(self, page: Page) -> dict[str, Digest]:
        """Digest by name what a page can see, to say later what changed."""
        return {**self._named, "what it says": digest(repr(page))}

    @cached_property
    def _seen_by_all(self) -> Digest:
        return digest(*(part for item in self._named.items() for part in item))

    @cached_property
    def _named(self) -> dict[str, Digest]:
        """Digest what every page may see: templates, assets, settings, every article."""
        named: dict[str, Digest] = {}
        for folder in reversed(self._folders):  # the blog's own templates stand before the theme's
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    named[f"templates/{path.relative_to(folder).as_posix()}"] = digest(path.read_bytes())
        named["sitegen itself"] = digest_of_code("publishing", "model.py", "config.py")
        named["the version of Jinja"] = digest(versions_of("jinja2", "markupsafe"))
        named["site.yml"] = digest(repr(self._site.config))
        named["the list of posts"] = digest(repr(self._site.articles), repr(self._site.pages))
        named["assets/"] = digest(repr(sorted(self._assets.paths.items())))
        return named

    def _render(self, page: Page) -> bytes:
        import jinja2  # noqa: PLC0415 - 40 ms that a build without changes does not spend

        try:
            template = self._environment.get_template(page.template)
            text = template.render(site=self._site, page=page, article=page.article, **page.values)
        except jinja2.TemplateSyntaxError as error:
            name, line = error.name or page.template, error.lineno
            raise self._error(f"this template is not right: {error.message}", name, line) from error
        except jinja2.TemplateNotFound as error:
            raise self._error(f"there is no template `{error.name}`", page.template, 0) from error
        except (
            jinja2.UndefinedError,
            jinja2.TemplateRuntimeError,
            LookupError,
            TypeError,
            ValueError,
            AttributeError,
        ) as error:
            name, line = self._template_line(error)
            quoted = str(error).split("'")
            hint = suggestion(quoted[-2], ("site", "page", "article")) if len(quoted) > 2 else ""
            raise self._error(f"{error} (while making {page.url})", name or page.template, line, hint) from error
        return text.encode()

    def _error(self, message: str, name: str, line: int, hint: str = "") -> SiteError:
        """Return an error of a template, with its line drawn."""
        found = next((folder / name for folder in self._folders if (folder / name).is_file()), None)
        error = SiteError(message, Location(f"templates/{name}", line), hint)
        return error.with_excerpt(found.read_text(encoding="utf-8")) if found else error

    def _template_line(self, error: BaseException) -> tuple[str, int]:
        """Return the innermost line of a template in an error's traceback."""
        name, line = "", 0
        trace = error.__traceback__
        while trace:
            file = trace.tb_frame.f_code.co_filename
            for folder in self._folders:
                if file.startswith(str(folder)):
                    name, line = file[len(str(folder)) + 1 :], trace.tb_lineno
            trace = trace.tb_next
        return name, line

    @cached_property
    def _environment(self) -> Environment:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context  # noqa: PLC0415 - as above
        from jinja2.runtime import Context  # noqa: PLC0415, TC002 - Jinja reads the annotation
        from markupsafe import Markup  # noqa: PLC0415

        environment = Environment(
            loader=FileSystemLoader(self._folders),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

        def address(page: Page, url: str) -> str:
            if page.url == "/404.html" and url.startswith("/"):
                return self._site.config.base + url  # shown at any depth, where a relative link would lead astray
            return relative(url, page.url)

        @pass_context
        def link(context: Context, url: str) -> str:
            return address(context["page"], url)

        @pass_context
        def asset(context: Context, name: str) -> str:
            try:
                path = self._assets.path(name)
            except KeyError:
                raise jinja2_error(f"there is no asset `{name}`") from None
            if name.startswith("npm:"):
                self._asked[name] = str(path)
            return address(context["page"], f"/{path}")

        def absolute(url: str) -> str:
            return self._site.config.url + url if url.startswith("/") else url

        def content(name: Digest) -> Markup:
            return Markup(self._store.content(name).decode())  # noqa: S704 - HTML that the weaver wrote

        def date(moment: datetime, shape: str = "%d %B %Y") -> str:
            return moment.strftime(shape).lstrip("0")

        def jinja2_error(message: str) -> Exception:
            from jinja2 import TemplateRuntimeError  # noqa: PLC0415

            return TemplateRuntimeError(message)

        environment.filters.update(link=link, absolute=absolute, content=content, date=date)
        environment.globals["asset"] = asset
        return environment
