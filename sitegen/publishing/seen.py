"""What a template looked at while it rendered a page, each with its digest; later: is it the same, and else what changed.

A page holds while all of that is what it was. Lists of articles are seen as the paths in them, so that a page which
shows titles is not rendered again when a text changes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, cast

from msgspec.structs import replace

from sitegen.keys import digest, digest_of_code, versions_of
from sitegen.model import Article, Page, Term
from sitegen.project import first_file
from sitegen.publishing.assets import FOR
from sitegen.publishing.site import Site
from sitegen.publishing.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path
    from types import SimpleNamespace

    from sitegen.model import Digest
    from sitegen.publishing.assets import Assets
    from sitegen.store import Store

ABSENT = "absent"
SHARED = "shared"
SHORT = 65  # characters of a value that stands for itself, as long as a digest: most of them are false, empty or a word

Seen = tuple[str, str, str]
"""What was looked at: kind (`page`, `site`, `config`, `article`, `template`, `words`, `asset`, `sheet`, `tool`), name, and its
digest. All that a template asked of an article is one: its name is the article's path and, in the next line, the attributes.
So is all that only the page has, whose name is empty. What neither is an article nor the page, 40 things that the pages of a
template have in common, is one of kind `shared`: its name is the digest of these, which are remembered once."""

Details = Mapping[str, Mapping[str, str]]
"""The same taken apart, for sentences about it: by path of an article, "" for the page, the digest of each value by its name."""

_STAGE = "sight"
THEME = "theme"
"""The folder in which a template of one's own finds the theme's of the same name, to extend it."""
_IMPORT = re.compile(r"""\{%[-+]?\s*(?:import|from)\s+["']([^"']+)["']""")
_WORDS = {
    "title": "title",
    "title_html": "title",
    "subtitle_html": "subtitle",
    "meta": "header",
    "excerpt": "summary",
    "body": "text or results",
    "feed": "text or results",
    "contents": "headings",
    "url": "address",
    "image": "picture",
    "minutes": "length",
}
_LISTS = {
    "articles": "the list of posts changed",
    "pages": "the list of standing pages changed",
    "updated": "the date of the latest change is another one",
}
_VALUES = {
    "older": "its previous post is another one now",
    "newer": "its next post is another one now",
    "series": "the parts of its series changed",
    "related": "the posts most like it are others now",
}


def shape(value: object) -> str:
    """Return a value as text in which an article is its path: what it says is seen apart, where it is looked at."""
    if isinstance(value, Article):
        return f"<{value.path}>"
    if isinstance(value, Term):
        return f"{value.name!r} {value.url!r} {shape(value.articles)} {shape(value.children)}"
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{key!r}:{shape(inside)}" for key, inside in value.items()) + "}"
    if isinstance(value, tuple | list):
        return "(" + ",".join(map(shape, value)) + ")"
    return repr(value)


def with_articles(value: Any, articles: Mapping[PurePosixPath, Article]) -> Any:  # noqa: ANN401 - a Site gives a Site
    """Return a site, a page or one of its values with its articles as they are now, by their paths."""
    if isinstance(value, Article):
        return articles.get(value.path, value)
    if isinstance(value, Term | Page | Site):
        lists = ("articles", "children", "pages", "unlisted", "tags", "categories", "series", "authors")
        names = ("article", *lists, "values")
        new = {name: with_articles(getattr(value, name), articles) for name in names if hasattr(value, name)}
        return replace(value, **new)
    if isinstance(value, Mapping):
        return {key: with_articles(inside, articles) for key, inside in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(
            [  # thousands of articles: a call for each costs more than the look
                articles.get(inside.path, inside) if type(inside) is Article else with_articles(inside, articles)
                for inside in value
            ]
        )
    return value


def template_file(folders: Sequence[Path], name: str) -> Path | None:
    """Return the file of a template: the first of its name, or with `theme/` before it that of the last folder."""
    own = first_file(folders, name)
    is_theirs = own is None and name.startswith(f"{THEME}/")
    return first_file(folders[-1:], name.removeprefix(f"{THEME}/")) if is_theirs else own


class Sight:
    """All that a template of one site can look at. `look` begins a page, `note` is called as its template asks."""

    def __init__(self, folders: Sequence[Path], site: Site, assets: Assets, store: Store) -> None:
        self._folders = folders
        self._site = site
        self._assets = assets
        self._store = store
        self._shared: dict[Digest, tuple[Seen, ...]] = {}
        self._holding: dict[Digest, bool] = {}  # whether all of a shared one is what it was
        self._articles = {str(article.path): article for article in site.everything}
        self._known: dict[tuple[str, str], Digest] = {}
        self._views: dict[str, dict[str, Digest]] = {}  # by path of an article and the attributes that were asked for
        self._values: dict[str, dict[str, str]] = {}  # by path of an article and attribute
        self._noted: dict[tuple[str, str], None] = {}
        self._shown: dict[str, dict[str, None]] = {}  # attributes of articles that were asked for, by path
        self._page: dict[str, str] = {}
        self._imports: dict[str, list[str]] = {}
        self._wording = Wording(folders)

    def update(self, site: Site, different: Iterable[Article]) -> None:
        """Look at a site from now on in which some articles say something else."""
        self._site = site
        for article in different:
            path = str(article.path)
            self._articles[path] = article
            self._views.pop(path, None)
            self._values.pop(path, None)

    def look(self, page: Page) -> None:
        """Begin a page: its template and its own values are seen in any case."""
        self._page = _of_page(page)
        self._noted = dict.fromkeys([("tool", "sitegen"), ("tool", "Jinja")])
        self._shown = {}

    def words(self, page: Page) -> SimpleNamespace:
        """Return the theme's words in the language of a page. Raises SiteError."""
        own = page.article.meta.lang if page.article else ""
        if not own:
            self.note("config", "lang")
        lang = own or self._site.config.lang
        self.note("words", lang)
        return self._wording.of(lang)

    def note(self, kind: str, name: str) -> None:
        """Note that something was looked at."""
        self._noted[kind, name] = None

    def note_template(self, name: str) -> None:
        """Note that a template was loaded, and those that it imports: Jinja runs these once for all pages."""
        if ("template", name) not in self._noted:
            self._noted["template", name] = None
            if name not in self._imports:
                path = template_file(self._folders, name)
                text = path.read_text(encoding="utf-8", errors="replace") if path else ""
                self._imports[name] = _IMPORT.findall(text)
            for inner in self._imports[name]:
                self.note_template(inner)

    def note_value(self, owner: object, name: str) -> None:
        """Note that a template asked an object for one of its values."""
        if isinstance(owner, Article):
            self._shown.setdefault(str(owner.path), {})[name] = None
        elif owner is self._site.config:
            self._noted["config", name] = None
        elif isinstance(owner, Site) and name != "config":
            self._noted["site", name] = None

    def seen(self) -> tuple[Seen, ...]:
        """Return what was looked at since the page began."""
        views = [("article", f"{path}\n{' '.join(sorted(names))}") for path, names in self._shown.items()]
        *shared, own = ((kind, name, self.current(kind, name)) for kind, name in (*self._noted, ("page", "")))
        key = digest(*(part for one in shared for part in one))
        if key not in self._shared:
            self._shared[key] = tuple(shared)
            self._store.remember(_STAGE, key, self._shared[key])
        return ((SHARED, key, ""), own, *(("article", name, self.current("article", name)) for _, name in views))

    def opened(self, seen: Iterable[Seen]) -> Iterator[Seen]:
        """Yield what was looked at, one by one."""
        for kind, name, was in seen:
            if kind == SHARED:
                yield from self._opened(name)
            else:
                yield kind, name, was

    def _opened(self, key: Digest) -> tuple[Seen, ...]:
        """Return what is shared by pages; something that does not hold where it was forgotten."""
        if key not in self._shared:
            known = cast("tuple[Seen, ...] | None", self._store.recall(_STAGE, key))
            if known is None:  # a page that is rendered again may see the same, which is remembered then
                return (("tool", "sitegen", ABSENT),)
            self._shared[key] = known
        return self._shared[key]

    def details(self) -> Details:
        """Return the values of articles and of the page that were looked at since it began."""
        own = {name: digest(text) for name, text in self._page.items()}
        shown = {path: {name: self._value(path, name) for name in names} for path, names in self._shown.items()}
        return {"": own, **shown}

    def holds(self, seen: Iterable[Seen]) -> bool:
        """Whether everything that was looked at for the page is what it was."""
        return all(self._hold(name) if kind == SHARED else self.current(kind, name) == was for kind, name, was in seen)

    def _hold(self, key: Digest) -> bool:
        if key not in self._holding:
            self._holding[key] = all(self.current(kind, name) == was for kind, name, was in self._opened(key))
        return self._holding[key]

    def current(self, kind: str, name: str) -> Digest:
        """Return the digest of something as it is now; asking for an asset of npm's publishes it."""
        if kind == "page":
            return digest(*self._page, *self._page.values())
        if kind == "article":
            path, _, names = name.partition("\n")
            views = self._views.setdefault(path, {})
            if names not in views:
                views[names] = digest(*(self._value(path, one) for one in names.split()))
            return views[names]
        found = self._known.get((kind, name))
        if found is None:
            found = self._known[kind, name] = self._digest(kind, name)
        return found

    def _value(self, path: str, attribute: str) -> str:
        """Return what an article says under a name: itself where it is short, else its digest."""
        values = self._values.setdefault(path, {})
        if attribute not in values:
            article = self._articles.get(path)
            text = repr(getattr(article, attribute, ABSENT)) if article else ABSENT
            values[attribute] = text if len(text) < SHORT else digest(text)
        return values[attribute]

    def _digest(self, kind: str, name: str) -> Digest:
        match kind:
            case "config":
                return digest(repr(getattr(self._site.config, name, ABSENT)))
            case "site":
                return digest(shape(getattr(self._site, name, ABSENT)))
            case "template":
                template = template_file(self._folders, name)
                return digest(template.read_bytes()) if template else ABSENT
            case "words":
                return self._wording.digest(name)
            case "asset" | "sheet":
                try:
                    if kind == "asset" and FOR not in name:
                        return str(self._assets.path(name))
                    is_held = kind == "sheet"
                    found = self._assets.within(name, PurePosixPath()) if is_held else str(self._assets.path(name))
                    return digest(found, self._assets.vocabulary(name))
                except KeyError:
                    return ABSENT
            case _:
                code = digest_of_code("publishing", "model.py", "config.py")
                return code if name == "sitegen" else digest(versions_of("jinja2", "markupsafe"))

    def changes(
        self, seen: Iterable[Seen], details: Details, page: Page, unsure: Collection[str]
    ) -> tuple[bool, list[str]]:
        """Return whether the page's own article says something else, and sentences about everything else that changed."""
        own = str(page.article.path) if page.article else ""
        is_other = False
        sentences: list[str] = []
        others: dict[str, list[str]] = {}
        for kind, name, was in self.opened(seen):
            now = self.current(kind, name)
            if now == was:
                continue
            path = name.partition("\n")[0]
            if kind == "page":
                for value in self._changed_values(details.get("", {})):
                    is_other = is_other or (bool(own) and value == "title")
                    sentences += [] if own and value == "title" else [_sentence(kind, value, was, now)]
            elif kind == "article" and path == own:
                is_other = True
            elif kind == "article":
                before = details.get(path, {})
                changed = [one for one, value in before.items() if self._value(path, one) != value]
                others[path] = ["gone" if path not in self._articles else _WORDS.get(one, one) for one in changed]
            else:
                sentences.append(_sentence(kind, name, was, now))
        sentences += [_about(path, parts, page, is_unsure=path in unsure) for path, parts in others.items()]
        return is_other, list(dict.fromkeys(sentences))

    def _changed_values(self, before: Mapping[str, str]) -> list[str]:
        """Return the names of what only the page has and what is not what it was."""
        now = {name: digest(text) for name, text in self._page.items()}
        return [name for name in {**now, **before} if now.get(name) != before.get(name)]


def _of_page(page: Page) -> dict[str, str]:
    """Return what only this page has, by name, in which an article is its path."""
    lang = page.article.meta.lang if page.article else ""
    own = {
        "template": page.template,
        "lang": lang,
        "url": page.url,
        "title": page.title,
        "articles": shape(page.articles),
    }
    return own | {f"values {key}": shape(value) for key, value in page.values.items()}


def _sentence(kind: str, name: str, was: Digest, now: Digest) -> str:
    how = "is gone" if now == ABSENT else "is new" if was == ABSENT else "changed"
    match kind:
        case "page":
            word = name.removeprefix("values ")
            return _VALUES.get(word, "the list of posts on it changed" if word == "articles" else f"its {word} changed")
        case "site":
            return _LISTS.get(name, f"the {name} of the blog changed")
        case "config":
            return f"site.yml: `{name}` changed"
        case "template":
            return f"the template templates/{name} {how}"
        case "words":
            return f"the theme's words in `{name}` changed"
        case "asset" | "sheet":
            return f"the asset {name.partition(FOR)[0]} {how}"
        case _:
            return "sitegen itself changed" if name == "sitegen" else f"{name} is another version"


def _about(path: str, parts: Sequence[str], page: Page, *, is_unsure: bool) -> str:
    """Return a sentence about another post that the page shows."""
    roles = {"older": "its previous post", "newer": "its next post"}
    found = (role for key, role in roles.items() if str(getattr(page.values.get(key), "path", "")) == path)
    role = next((f" ({role})" for role in found), "")
    if "gone" in parts:
        return f"{path} is gone{role}"
    words = list(dict.fromkeys(parts))
    if "title" in words and "header" in words:
        words.remove("header")
    if is_unsure and words == ["text or results"]:
        return f"the results of {path} may change: its program runs{role}"
    named = " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
    return f"the {named} of {path} changed{role}"
