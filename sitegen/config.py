"""site.yml -> Config: every setting of a blog, with its default, checked."""

from __future__ import annotations

import re
import zoneinfo
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from msgspec import Struct, field

from sitegen.errors import Location, SiteError
from sitegen.furniture import (
    is_address,
    read_accent,
    read_analytics,
    read_comments,
    read_edit,
    read_fonts,
    read_license,
    read_share,
)
from sitegen.words import KNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sitegen.fields import Fields

FILE_NAME = "site.yml"


class Author(Struct, frozen=True):
    """Who writes."""

    name: str = ""
    email: str = ""
    url: str = ""


class NavigationEntry(Struct, frozen=True):
    """A line of the site's menu. url: a path in the site, such as /about/, or a whole address. title: "" for the theme's own."""

    title: str
    url: str


class CellDefaults(Struct, frozen=True):
    """What a cell does when it does not say: Quarto's options and defaults; sizes in inches.

    fig_svg_size: bytes of SVG above which a figure becomes a raster. fig_dpi: 192 is two dots for each CSS pixel.
    """

    eval: bool = True
    echo: bool = True
    output: bool | Literal["asis"] = True
    include: bool = True
    warning: bool = True
    error: bool = False
    code_fold: Literal["false", "true", "show"] = "false"
    code_summary: str = "Code"
    fig_width: float = 7.0
    fig_height: float = 4.0
    fig_format: Literal["auto", "svg", "webp"] = "auto"
    fig_dpi: int = 192
    fig_svg_size: int = 150_000
    fig_narrow: bool | None = None
    fig_hover: bool = True
    fig_data: bool = True


class Limits(Struct, frozen=True):
    """What the program of one post may use.

    timeout: seconds of wall time. memory, output_size, files: bytes. processes: started by it. figures: a number of them.
    figure_size: bytes of one drawn figure. frames: of one slider or animation. slider_size: bytes of its frames, compressed.
    """

    timeout: float = 60
    memory: int = 2_000_000_000
    output_size: int = 1_000_000
    files: int = 500_000_000
    processes: int = 16
    figures: int = 100
    figure_size: int = 10_000_000
    frames: int = 200
    slider_size: int = 1_000_000


NAMED_BY_THEME = ("/archives/", "/tags/", "/categories/", "/series/", "/authors/", "/search/", "/checks/")
"""Pages for which an entry of the menu may leave out its title: it is then the theme's word in the blog's language."""

OF_PAGES = tuple(
    """
    title tagline description navigation links accent logo fonts license edit share comments analytics cite
    """.split()
)
"""Settings that pages show and that change nothing in what is read or computed."""


class Config(Struct, frozen=True):
    """A blog's settings. url: without a slash at its end; its path is where the site stands, such as /repo.

    authors: names by what headers call them. logo: an asset. accent, fonts, license, edit, share, comments, analytics: as sitegen.furniture reads them. cite: whether
    posts say how to cite them. search: whether readers can search. cards:
    whether posts have one that do not ask for it.
    """

    title: str = "A blog"
    tagline: str = ""
    description: str = ""
    url: str = "http://localhost:8000"
    author: Author = field(default_factory=Author)
    authors: Mapping[str, str] = {}
    lang: str = "en"
    timezone: str = "UTC"
    paginate: int = 10
    permalink: str = "/posts/:slug/"
    domain: str = ""
    navigation: tuple[NavigationEntry, ...] = (
        NavigationEntry("", "/archives/"),
        NavigationEntry("", "/tags/"),
        NavigationEntry("", "/categories/"),
    )
    links: tuple[NavigationEntry, ...] = ()
    accent: Mapping[str, str] = {}
    logo: str = ""
    fonts: Mapping[str, str] = {}
    macros: Mapping[str, str] = {}
    symbols: Mapping[str, str] = {}
    bibliography: tuple[str, ...] = ()
    citations: Literal["author-year", "numeric"] = "author-year"
    words: Mapping[str, str] = {}
    math_errors: Literal["stop", "show"] = "stop"
    broken_links: Literal["stop", "show"] = "stop"
    smart_punctuation: bool = True
    last_modified: Literal["git", "header"] = "git"
    cite: bool = True
    search: bool = True
    cards: bool = True
    license: Mapping[str, str] = {}
    edit: str = ""
    share: tuple[str, ...] = ()
    comments: Mapping[str, str] = {}
    analytics: Mapping[str, str] = {}
    variables: tuple[str, ...] = ()
    cells: CellDefaults = field(default_factory=CellDefaults)
    limits: Limits = field(default_factory=Limits)

    @property
    def base(self) -> str:
        """The path under which the site stands: "" or "/repo"."""
        return urlsplit(self.url).path.rstrip("/")


STYLES: tuple[Literal["author-year", "numeric"], ...] = ("author-year", "numeric")
"""How a blog, or a post of it, may cite."""
_IN_ADDRESSES = {":categories", ":slug", ":title", ":year", ":month", ":day"}
_CELL_KEYS = {name.replace("_", "-") for name in CellDefaults.__struct_fields__}
LIMIT_KEYS = {name.replace("_", "-") for name in Limits.__struct_fields__}
_KEYS = {*Config.__struct_fields__} - {"cells", "limits", "variables", "math_errors"} | {"execute", "math"}


def read_config(folder: Path, url: str = "") -> tuple[Config, list[SiteError]]:
    """Read `site.yml` of a blog; without the file everything has its default. `url` replaces the one in the file."""
    path = folder / FILE_NAME
    if path.exists() and not (path.is_file() or path.is_dir()):  # to read it may never end
        error = SiteError("cannot be read: it is a pipe, a socket or a device", Location(FILE_NAME), "put a file there")
        return Config(), [error]
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not path.is_symlink():
            return Config(url=url.rstrip("/") or Config().url), []
        place = Location(FILE_NAME)
        return Config(), [SiteError(f"cannot be read: {error.strerror}", place, "it holds the settings")]
    except UnicodeDecodeError as error:
        place = Location(FILE_NAME)
        return Config(), [SiteError(f"byte {error.start} is not UTF-8", place, "save the file as UTF-8")]
    from sitegen.fields import read_fields  # noqa: PLC0415 - YAML is not loaded for settings that are remembered

    found, errors = read_fields(text, FILE_NAME)
    found.refuse_unknown(_KEYS, "setting")
    config = _config(found, url)
    return config, [error.with_excerpt(text) for error in errors]


def _config(found: Fields, url: str) -> Config:
    default = Config()
    zone = _timezone(found, default.timezone)
    address = _url(found, url, default.url)
    permalink = _permalink(found, default.permalink)
    author = _author(found)
    execute = found.mapping("execute")
    math = found.mapping("math")
    math.refuse_unknown({"on-error"}, "key of `math`")
    missing: Literal["stop", "show"] = found.choice("broken_links", ("stop", "show"), "stop")
    execute.refuse_unknown(_CELL_KEYS | LIMIT_KEYS | {"variables"}, "option of `execute`")
    return Config(
        title=found.text("title", default.title),
        tagline=found.text("tagline"),
        description=found.text("description"),
        url=address,
        author=author,
        authors=_authors(found, author),
        lang=found.language("lang", default.lang),
        timezone=zone,
        paginate=int(found.number("paginate", default.paginate, minimum=1)),
        permalink=permalink,
        domain=_domain(found),
        navigation=_entries(found, "navigation") if "navigation" in found else default.navigation,
        links=_entries(found, "links"),
        accent=read_accent(found),
        logo=found.text("logo").lstrip("/").removeprefix("assets/"),
        fonts=read_fonts(found),
        macros=read_macros(found, "macros"),
        symbols=_symbols(found),
        bibliography=found.words("bibliography", ""),
        citations=found.choice("citations", STYLES, default.citations),
        words=_words(found),
        math_errors=read_math_errors(math, missing),
        broken_links=missing,
        smart_punctuation=found.flag("smart_punctuation", default=True),
        last_modified=found.choice("last_modified", ("git", "header"), "git"),
        cite=found.flag("cite", default=True),
        search=found.flag("search", default=True),
        cards=found.flag("cards", default=True),
        license=read_license(found),
        edit=read_edit(found),
        share=read_share(found),
        comments=read_comments(found),
        analytics=read_analytics(found),
        variables=execute.words("variables"),
        cells=read_cell_defaults(execute, default.cells),
        limits=_limits(execute),
    )


def _timezone(found: Fields, default: str) -> str:
    zone = found.text("timezone", default)
    try:
        zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):  # the last of `Europe`, which is a folder of them
        found.error("timezone", f"`{zone}` is no time zone", "write one such as Europe/Berlin or Asia/Seoul")
        return default
    return zone


def _url(found: Fields, asked: str, default: str) -> str:
    """Return the address of the site. asked: by the command, in place of the one in the file."""
    address = (asked or found.text("url", default)).rstrip("/")
    if re.fullmatch(r"https?://[^\s/?#]+(?:/[^\s?#]*)?", address) and is_address(address):
        return address
    place = Location("--url") if asked else found.place("url")
    hint = "write it whole: https://name.github.io/repo"
    found.errors.append(SiteError(f"`{address}` is no address", place, hint))
    return default


def _permalink(found: Fields, default: str) -> str:
    permalink = found.text("permalink", default)
    if ":slug" not in permalink and ":title" not in permalink:
        found.error("permalink", "`permalink` must contain :slug, or all posts would have one address")
        return default
    for name in sorted(set(re.findall(r":[A-Za-z]+(?:_[A-Za-z]+)*", permalink)) - _IN_ADDRESSES):
        found.error("permalink", f"`permalink` has no `{name}`", f"it has: {', '.join(sorted(_IN_ADDRESSES))}")
    return permalink


def read_cell_defaults(found: Fields, base: CellDefaults) -> CellDefaults:
    """Read the options of cells from `execute:` in site.yml or in front matter, over those of `base`."""
    output = found.text("output", str(base.output).lower())
    if output not in {"true", "false", "asis"}:
        found.error("output", f"`output` is `{output}`, but must be true, false or asis")
    fold = found.choice("code-fold", {"false", "true", "show", "hide"}, base.code_fold)
    narrow = base.fig_narrow
    if "fig-narrow" in found:
        narrow = None if found.text("fig-narrow") == "auto" else found.flag("fig-narrow", default=False)
    # Quarto's names of rasters mean ours.
    image = found.choice("fig-format", {"auto", "svg", "webp", "png", "jpeg", "retina"}, base.fig_format)
    return CellDefaults(
        eval=found.flag("eval", base.eval),
        echo=found.text("echo") == "fenced" or found.flag("echo", base.echo),
        output="asis" if output == "asis" else output == "true",
        include=found.flag("include", base.include),
        warning=found.flag("warning", base.warning),
        error=found.flag("error", base.error),
        code_fold="show" if fold == "show" else "true" if fold in {"true", "hide"} else "false",
        code_summary=found.text("code-summary", base.code_summary),
        fig_width=found.number("fig-width", base.fig_width, 0.5, 100),
        fig_height=found.number("fig-height", base.fig_height, 0.5, 100),
        fig_format="svg" if image == "svg" else "auto" if image == "auto" else "webp",
        fig_dpi=int(found.number("fig-dpi", base.fig_dpi, 30, 600)),
        fig_svg_size=found.size("fig-svg-size", base.fig_svg_size),
        fig_narrow=narrow,
        fig_hover=found.flag("fig-hover", base.fig_hover),
        fig_data=found.flag("fig-data", base.fig_data),
    )


def read_macros(found: Fields, key: str) -> Mapping[str, str]:
    r"""Read macros of formulas; a name may be written with or without its backslash (`R` or `\R`).

    MathJax has those with arguments as lists, `[body, how many]`; KaTeX counts them in the body.
    """
    macros = found.mapping(key)
    return {"\\" + name.lstrip("\\"): _macro(macros, name) for name in macros if name != "on-error"}


def _macro(macros: Fields, name: str) -> str:
    match macros.plain(name):
        case (str(body), _):
            return body
    return macros.text(name)


def read_math_errors(math: Fields, default: Literal["stop", "show"]) -> Literal["stop", "show"]:
    """Read what becomes of formulas that cannot be set: they stop the build, or are shown as their source."""
    return math.choice("on-error", ("stop", "show"), default)


def _symbols(found: Fields) -> Mapping[str, str]:
    symbols = found.mapping("symbols")
    return {tex.strip().strip("$"): symbols.text(tex) for tex in symbols if symbols.text(tex)}


def _author(found: Fields) -> Author:
    if not found.is_mapping("author"):
        return Author(found.text("author"))
    author = found.mapping("author")
    author.refuse_unknown({"name", "email", "url"}, "key of `author`")
    return Author(author.text("name"), author.text("email"), author.address("url"))


def _authors(found: Fields, author: Author) -> dict[str, str]:
    """Return names by the short ones of headers, which themes look up; those that they begin with are the blog's author."""
    own = {name: author.name for name in ("admin", "me", "default") if author.name}
    listed = found.mapping("authors")
    return own | {
        key: listed.mapping(key).text("name") if listed.is_mapping(key) else listed.text(key) for key in listed
    }


def _domain(found: Fields) -> str:
    domain = found.text("domain")
    if domain and not re.fullmatch(r"[\w-]+(?:\.[\w-]+)+", domain):
        found.error("domain", f"`{domain}` is no domain", "write it alone: blog.example.org")
        return ""
    return domain


def _entries(found: Fields, key: str) -> tuple[NavigationEntry, ...]:
    entries = []
    for entry in found.mappings(key):
        entry.refuse_unknown({"title", "url"}, f"key of `{key}`")
        if "url" not in entry or ("title" not in entry and entry.text("url") not in NAMED_BY_THEME):
            entry.errors.append(SiteError(f"each entry of `{key}` needs a title and a url", entry.location))
        entries.append(NavigationEntry(entry.text("title"), entry.address("url")))
    return tuple(entries)


def _words(found: Fields) -> Mapping[str, str]:
    words = found.mapping("words")
    words.refuse_unknown(KNOWN, "word")
    return {name: words.text(name) for name in words}


def _limits(found: Fields) -> Limits:
    base = Limits()
    return Limits(
        timeout=found.number("timeout", base.timeout, 1, 86_400),
        memory=found.size("memory", base.memory),
        output_size=found.size("output-size", base.output_size),
        files=found.size("files", base.files),
        processes=int(found.number("processes", base.processes, 0, 10_000)),
        figures=int(found.number("figures", base.figures, 1, 100_000)),
        figure_size=found.size("figure-size", base.figure_size),
        frames=int(found.number("frames", base.frames, 2, 100_000)),
        slider_size=found.size("slider-size", base.slider_size),
    )
