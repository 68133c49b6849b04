"""The header of a source -> Meta: every key checked, with the file's name giving date and slug when it says none."""

from __future__ import annotations

import posixpath
import re
from datetime import datetime
from html import unescape
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from sitegen.config import STYLES, read_math_errors
from sitegen.errors import Location, SiteError
from sitegen.later import later
from sitegen.model import Image, Link, Meta
from sitegen.reading.dates import is_date, read_date, with_offset

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sitegen.config import Config
    from sitegen.fields import Fields
    from sitegen.model import Source

_ENGINES = {"auto", "katex", "mathjax", "mathjax2", "mathjax3", "mathml", "tex", "latex", "left", "right", "sidebar"}
_UNFINISHED = {"draft", "hidden", "private", "skip"}  # Pelican's and Nikola's words
# What Qiita, Hugo, Obsidian, its Digital Garden and Logseq do not publish, and what Hexo, Fluid and Eleventy do not list.
_KEPT_BACK = "private:true ignorePublish:true headless:true publish:false dg-publish:false public:false visibility:private".split()
_UNLISTED = "hidden:true hide:true eleventyExcludeFromCollections:true".split()
_SAME = {"yes": "true", "on": "true", "1": "true", "no": "false", "off": "false", "0": "false"}  # as words, in quotes
_SECRET = ("password", "encrypted", "encrypt")
_MATH = ("has_math", "math", "mathjax", "katex", "use_math", "usemath", "usemathjax", "maths", "latex")
_UPDATED = ("last_modified_at", "lastmod", "updated", "modified")
_DATED_ELSEWHERE = (
    *("published", "published_at", "publishedAt", "publishDate", "publishdate", "pubDate", "pubDatetime"),
    *("created", "created_at", "createdAt", "creation_date", "cdate", "data", "date-meta"),
)
_UPDATED_ELSEWHERE = (
    *("updated_at", "updatedAt", "updatedDate", "modDatetime", "modified_date"),
    *("lastUpdated", "last_modified", "lastModified", "update", "mdate"),
    *("last_modified_date", "date_modified", "date-modified"),
)
_DESCRIPTIONS = ("description", "excerpt", "summary", "description-meta")
_READ = frozenset(
    """
    title subtitle description excerpt summary date author authors categories category tags tag pin toc math macros
    image card lang number-sections mend-encoding permalink url path slug redirect_from aliases draft published order
    execute freeze bibliography citations nocite symbols series series_order unlisted
    layout render_with_liquid
    """.split()  # the last two accepted, and without a meaning here
).union(_MATH, _UPDATED, _DATED_ELSEWHERE, _UPDATED_ELSEWHERE)
_OF_OTHER_THEMES = frozenset(
    """
    images img og_image ogimage og_title comment comments_id publish redirect_to redirect
    redirects langs sub_title subcategory topic
    topics keyword alias ordering authorLink author_bio authorbio author_profile title_en mathjax3 hasmath
    tocs pinned tabs nocomments nocomment status layouts citation uri urls paths
    """.split()
)
_COVERS = tuple(
    """
    cover cover_image coverImage cover-img heroImage hero_image featured_image featuredImage feature_image featureImage
    feature-img header header-img banner banner_img index_img img thumbnail thumbnail-img teaser images ogImage og_image ogimage
    """.split()
)
"""What other generators and their themes call the picture that stands for a post, those for a page before those for lists."""
_PICTURE = re.compile(r"\S.*\.(?:png|jpe?g|gif|svg|webp|avif)(?:[?#].*)?|https?://.+", re.IGNORECASE)
_PATHS = ("path", "src", "feature", "url", "file", "image", "overlay_image", "teaser", "thumb")
KNOWN = _READ | _OF_OTHER_THEMES | {"mermaid", "comments", "media_subpath", "format", "keywords"}
"""Keys for which a near miss is an error; those that are not read here reach the templates like any other."""

_NOT_IN_ADDRESS = re.compile(r"""[\s#?%<>"\\|*:`^{}\[\]\x00-\x1f]+""")
_NOT_IN_PATHS = frozenset(map(chr, [*range(0x20), *b"#?%\\"]))
_NOT_OF_NAME = later(r"<sup\b[^<>]*>.*?</sup>|</?[a-zA-Z][^<>@]*>|\^\[[^\]]*\]|\^[^\s^]+\^|[ ]?\$\^[^$]*\$")
_LINKED = later(r"\[([^\[\]]+)\]\([^()\s]*\)(?:\{[^{}]*\})?")
_EMPHASIS = later(r"(\*{1,3}|\b_{1,2})(?=\S)(.+?)(?<=\S)\1")
_NAME = re.compile(r"(\d{4}-\d{1,2}-\d{1,2}|\d{4}_\d\d_\d\d)(?:[- _]+(.+))?")


def read_meta(fields: Fields, source: Source, config: Config) -> Meta:
    """Return what header and file name say; errors are noted in the fields. The title may be empty."""
    fields.without_capitals(KNOWN)
    if config.broken_links != "show":
        fields.refuse_unknown(KNOWN, "key", only_near=True)
    fields.forgive_repeated(_READ)
    day, slug = _from_name(source)
    zone = ZoneInfo(config.timezone)
    published = is_date(fields.text("published")) if "published" in fields else False  # Hakyll's
    dates = fields.mapping("date") if fields.is_mapping("date") else fields  # Material's `created` and `updated`
    date = read_date(fields, "date", zone, day) if dates is fields else None
    date = date or _date_elsewhere(dates, _DATED_ELSEWHERE, zone, day)
    updated = next((moment for key in _UPDATED if (moment := read_date(dates, key, zone))), None)
    updated = updated or _date_elsewhere(dates, _UPDATED_ELSEWHERE, zone, "")
    if date is None and day and source.kind == "post":
        try:
            date = with_offset(datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=zone))
        except ValueError:
            hint = "rename the file, or write `date:` in its header"
            fields.errors.append(SiteError(f"{day} in the file's name is no date", Location(str(source.path)), hint))
    built = [fields.mapping(key) for key in ("build", "_build") if fields.is_mapping(key)]  # Hugo's
    draft = (
        fields.flag("draft", False)
        or not (published or fields.flag("published", True))
        or fields.text("status") in _UNFINISHED
        or _says(fields, *_KEPT_BACK)
        or any(_says(each, "render:false", "render:never") for each in built)
    )
    for key in _SECRET if not draft else ():
        if key in fields and not _says(fields, f"{key}:", f"{key}:none", f"{key}:false"):
            hint = f"`draft: true` leaves the post out; without `{key}` everybody may read it"
            fields.error(key, f"`{key}` hides nothing here: the post would be published as it is", hint)
    series, part = _series(fields)
    given = fields.text("slug").strip("/")  # that of Docusaurus' first page is `/`
    return Meta(
        title=(fields.is_mapping("title") and fields.mapping("title").text("plain"))
        or fields.text("title"),  # rticles'
        slug=in_address(given or slug),
        has_slug=bool(given),
        date=date or updated,  # Qiita's files say no other
        updated=updated,
        subtitle=fields.text("subtitle"),
        description=next(filter(None, map(fields.text, _DESCRIPTIONS)), ""),
        authors=tuple(
            config.authors.get(name) or name for name in _people(fields, "authors") or _people(fields, "author")
        ),
        categories=fields.words("categories") or fields.words("category", separator=""),
        tags=fields.words("tags") or fields.words("tag", separator="") or _topics(fields),
        pin=fields.flag("pin", False),
        toc=_switch(fields, "toc") is not False,
        math_errors=(
            read_math_errors(fields.mapping("math"), config.math_errors)
            if fields.is_mapping("math")
            else config.math_errors
        ),
        math=next((found for key in _MATH if (found := _switch(fields, key)) is not None), None),
        draft=draft,
        unlisted=fields.flag("unlisted", False)
        or _says(fields, *_UNLISTED)
        or any(_says(each, "list:false", "list:never") for each in built),
        lang=fields.language("lang"),
        permalink=_permalink(fields),
        aliases=tuple(
            alias for key in ("redirect_from", "aliases", "alias") for alias in _old_addresses(fields, key, source)
        ),
        image=_image(fields),
        card=_card(fields),
        bibliography=tuple(
            Link(name, "file", fields.place("bibliography")) for name in fields.words("bibliography", "")
        ),
        citations=fields.choice("citations", STYLES, "author-year") if "citations" in fields else "",
        cites_also=tuple(
            name.strip("@; ") for name in re.findall(r"@[^\s,;]+", " ".join(fields.words("nocite", None)))
        ),
        series=series,
        part=part,
        order=int(fields.number("order", 0)),
        extra={key: fields.plain(key) for key in fields if key not in _READ},
    )


def _says(fields: Fields, *said: str) -> bool:
    """Whether keys of other generators, `key:word`, have one of some words; themes have other things below these keys, too."""
    given = (one.split(":") for one in said)
    words = ((word, str(fields.plain(key)).strip().lower()) for key, word in given if key in fields)
    return any(_SAME.get(found, found) == word for word, found in words)


def _date_elsewhere(fields: Fields, keys: tuple[str, ...], zone: ZoneInfo, near: str) -> datetime | None:
    """Return the first date below the keys of other generators; what is none there is theirs."""
    dated = (key for key in keys if key in fields and is_date(str(fields.plain(key))))
    return next((read_date(fields, key, zone, near) for key in dated), None)


def in_address(name: str) -> str:
    """Return a name as part of an address: what has a meaning in one, or in a file's name elsewhere, becomes a hyphen."""
    found = _NOT_IN_ADDRESS.sub("-", name.strip("/"))
    found = found if found == name.strip("/") else found.strip("-")
    return found if found.strip(".") else "post"


def name_of(source: Source) -> str:
    """Return what the file, or the folder of a bundle, is called besides its date."""
    return unquote(_from_name(source)[1])  # Logseq's `Adam%3A a tour.md`


def _from_name(source: Source) -> tuple[str, str]:
    """Return (date, slug) as the file, or the folder of a bundle, is named."""
    path = source.path
    name = path.parent.name if source.is_bundle and len(path.parts) > 2 else path.stem
    match = _NAME.fullmatch(name) if source.kind == "post" else None
    return (match[1].replace("_", "-"), match[2] or match[1].replace("_", "-")) if match else ("", name)


def _people(fields: Fields, key: str) -> tuple[str, ...]:
    found = fields.plain(key) if key in fields else ()
    if isinstance(found, dict):
        return tuple(name for name in [_name_of(found)] if name)
    if isinstance(found, tuple) and any(isinstance(person, dict) for person in found):
        names = [_name_of(person) for person in found]
        if not all(names):
            fields.error(key, f"one of `{key}` has no name", "write each as `- name: Ada Lovelace`")
        return tuple(name for name in names if name)
    if isinstance(found, str):
        return tuple(dict.fromkeys(filter(None, map(str.strip, _bare(found).split(",")))))
    return tuple(map(_bare, fields.words(key, separator="")))


def _bare(name: str) -> str:
    """Return a name without the links, emphasis, notes and HTML that other programs set it with."""
    return _EMPHASIS.sub(r"\2", _LINKED.sub(r"\1", _NOT_OF_NAME.sub("", unescape(name)))).strip() or name


def _name_of(person: object) -> str:
    """Return the name of an author: a text, or a mapping with it whole or in Quarto's and Distill's parts."""
    if not isinstance(person, dict):
        return _bare(str(person)) if isinstance(person, str | int) else ""
    if isinstance(whole := person.get("name"), dict):
        return _name_of(whole)
    parts = (("given", "first", "first_name", "firstname"), ("family", "last", "last_name", "lastname"))
    found = (next((person[key] for key in keys if person.get(key)), "") for keys in parts)
    return _bare(str(whole or person.get("literal") or " ".join(map(str, filter(None, found)))))


def _topics(fields: Fields) -> tuple[str, ...]:
    """Return the tags of Zenn's articles."""
    found = fields.plain("topics") if "topics" in fields else ()
    found = tuple(filter(None, map(str.strip, found.split(",")))) if isinstance(found, str) and "," in found else found
    return tuple(topic for topic in found if isinstance(topic, str)) if isinstance(found, tuple) else ()


def _series(fields: Fields) -> tuple[str, float]:
    """Return the series that a post is a part of, and which part, 0 where the header does not number it."""
    if not fields.is_mapping("series"):
        found = fields.plain("series") if "series" in fields else ""
        name = found[0] if isinstance(found, tuple) and found else found  # Hugo's taxonomy is a list
        return str(name or ""), fields.number("series_order", 0)
    series = fields.mapping("series")
    series.refuse_unknown({"name", "title", "part", "order"}, "key of `series`")
    if not (series.text("name") or series.text("title")):
        fields.error("series", "`series` has no name", "write `series: {name: A tour, part: 2}`")
    part = series.number("part", 0) if "part" in series else series.number("order", 0)
    return series.text("name") or series.text("title"), part


def _permalink(fields: Fields) -> str:
    """Return where the header wants the page, "" for where others stand."""
    key = "permalink"
    if key not in fields:  # Hugo's and Gatsby's words; elsewhere they name a source
        names = (name for name in ("url", "path") if name in fields and str(fields.plain(name)).startswith("/"))
        key = next(names, key)
    link = fields.text(key)
    return link if link and _is_path(fields, key, link) else ""


def _old_addresses(fields: Fields, key: str, source: Source) -> Iterator[str]:
    """Yield old addresses as paths: what a browser escapes unescaped, a title of Obsidian's with hyphens, Hugo's `../x/` from the post's folder."""
    folder = (source.path.parent if source.is_bundle else source.path).parent
    for written in fields.words(key, ""):
        inside = posixpath.normpath(folder / written) if written.startswith(("./", "../")) else ".."
        name = written if inside.startswith("..") else f"/{inside}{'/' * written.endswith('/')}"
        alias = unquote(re.sub(r"\s+", "-", name)) if name.startswith("/") else in_address(name)
        if _is_path(fields, key, alias):
            yield alias


def _is_path(fields: Fields, key: str, link: str) -> bool:
    """Whether an address can be a file of the site: not one of another site, and none that leads out of ours."""
    inside = ".." not in PurePosixPath(link).parts and "://" not in link and not _NOT_IN_PATHS & set(link)
    if not inside:
        fields.error(key, f"`{link}` is not a path in the site", "write one such as /notes/adam/")
    return inside


def _switch(fields: Fields, key: str) -> bool | None:
    """Read true or false, also from a mapping that says `enable`; None when it says neither."""
    if fields.is_mapping(key):
        inside = fields.mapping(key)
        return inside.flag("enable", True) if "enable" in inside else None
    if key not in fields or not isinstance(fields.plain(key), str | bool | int):
        return None  # a list of headings, as al-folio's posts have it
    return None if fields.text(key).lower() in _ENGINES else fields.flag(key, True)


def _image(fields: Fields) -> Image | None:
    """Return the picture that stands for a post, where its header has none that of another generator's name."""
    if fields.is_mapping("image"):
        image = fields.mapping("image")
        image.refuse_unknown({*_PATHS, "alt", "lqip", "width", "height", "caption"}, "key of `image`", only_near=True)
        key = next((name for name in _PATHS if image.text(name)), "")
        return Image(_picture_at(image.text(key), image.place(key)), image.text("alt")) if key else None
    is_named = "image" in fields and not isinstance(fields.plain("image"), bool | tuple)  # `image: false` is Hugo's
    if is_named and fields.text("image"):
        return Image(_picture_at(fields.text("image"), fields.place("image")))
    for key in ("image", *_COVERS):
        path, alt = _picture_in(fields.plain(key)) if key in fields else ("", "")
        if _PICTURE.fullmatch(path):  # neither a colour, nor a switch, nor words
            return Image(_picture_at(path, fields.place(key), is_optional=True), alt)
    return None


def _picture_at(address: str, place: Location, *, is_optional: bool = False) -> Link:
    """Return the address of a picture, which is of another site where it begins with two slashes."""
    scheme = "https:" if address.startswith("//") else ""
    return Link(f"{scheme}{address}", "image", place, is_optional=is_optional)


def _picture_in(value: object) -> tuple[str, str]:
    """Return path and description of a picture, given as a text, a mapping or a list of them."""
    if isinstance(value, tuple) and value:
        return _picture_in(value[0])
    if isinstance(value, dict):
        return next((str(value[name]) for name in _PATHS if value.get(name)), ""), str(value.get("alt") or "")
    return (value if isinstance(value, str) else ""), ""


def _card(fields: Fields) -> Link | Literal[False] | None:
    """Read what the card shows: a label, `$formula$` or an image; false for no card."""
    if "card" not in fields or fields.text("card").lower() in {"", "true"}:
        return None
    if fields.text("card").lower() == "false":
        return False
    return Link(fields.text("card"), "image", fields.place("card"))
