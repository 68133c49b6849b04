"""Source -> Post: the header, then the body with a hole for everything that a later stage fills."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sitegen.config import LIMIT_KEYS, read_cell_defaults, read_macros
from sitegen.errors import Location, SiteError, suggestion
from sitegen.later import later
from sitegen.model import Heading, Meta, Post, Program
from sitegen.reading.asked import asked_for
from sitegen.reading.cell_options import IGNORED
from sitegen.reading.context import Reading
from sitegen.reading.dialects.algorithms import fenced_algorithms
from sitegen.reading.dialects.chats import whole_chats
from sitegen.reading.dialects.code_formulas import plain_formulas
from sitegen.reading.dialects.copied_code import fenced_copies
from sitegen.reading.dialects.d2l import with_labels
from sitegen.reading.dialects.escaped_formulas import plain_environments
from sitegen.reading.dialects.franklin import plain_franklin
from sitegen.reading.dialects.gitbook import escapes_brackets, plain_gitbook
from sitegen.reading.dialects.jupytext import is_notebook, notebook_cells, with_language
from sitegen.reading.dialects.knitr import without_chunks
from sitegen.reading.dialects.logseq import plain_logseq
from sitegen.reading.dialects.mdx import plain_components
from sitegen.reading.dialects.nested import unwrapped, with_longer_fences
from sitegen.reading.dialects.of_latex import from_latex
from sitegen.reading.dialects.remark import plain_remark
from sitegen.reading.dialects.restructured import with_directives
from sitegen.reading.dialects.templates import expand_templates
from sitegen.reading.encodings import LOST, mend
from sitegen.reading.frontmatter import KNOWN, name_of, read_meta
from sitegen.reading.header import mended_lines, split_header
from sitegen.reading.languages import language_of
from sitegen.reading.macros import take_definitions
from sitegen.reading.markdown import render, render_inline
from sitegen.reading.mathspan import writes_spaced
from sitegen.reading.notation import with_box
from sitegen.reading.parts import join_parts, relocated
from sitegen.reading.rules.punctuation import quotes_of
from sitegen.reading.symbols import read_symbols
from sitegen.reading.title import take_title
from sitegen.words import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sitegen.config import Config
    from sitegen.fields import Fields
    from sitegen.model import Fragment, Source
    from sitegen.reading.encodings import Mended

_CONTROLS = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f]")  # HTML forbids them; damaged encodings are full of them
_DIALECTS = (with_longer_fences, whole_chats, with_labels, with_directives, without_chunks, plain_gitbook)
"""What first makes Markdown of what other programs write beside it, in this order, and in as many lines."""
_TAGS = re.compile(r"^###### tags?:[ \t]*((?:`[^`\n]+`[ \t,]*)+)$", re.MULTILINE | re.IGNORECASE)  # of HackMD's notes
_TAG = re.compile(r"[^`,\s][^`]*(?=`)")
_MACROS = ("header-includes", "katex_macros", "macros")
"""Keys with macros of formulas, as LaTeX defines them, the first Pandoc's, or by their names."""
_LOST_IN_YAML = later(r"(?:title|subtitle|description):(?:[ \t]+([!&]\S+)|(?![ \t]*[\"'|>\[{]).*?[ \t](#[^\s#].*))")
"""A mark or an anchor before a value, and a comment that was hardly meant as one: `title: Attempt #2`."""
_LINES_OF_BOX = 3  # its title, its text, and a blank line below it
_PLACEHOLDERS = {":year": "%Y", ":month": "%m", ":day": "%d"}


def parse(source: Source, config: Config) -> tuple[Post | None, tuple[SiteError, ...]]:
    """Read a source. Errors come with their excerpts; a post is returned whenever there is one to speak of."""
    path = str(source.path)
    text, error = _decoded(source.content, path)
    if error:
        return None, (error,)
    mended = mend(text)
    written, text = text, unwrapped(_clean(mended.text if mended else text))
    fields, taken, errors = split_header(text, path)
    if mended and not fields.flag("mend-encoding", True):
        mended, text = None, unwrapped(_clean(written))
        fields, taken, errors = split_header(text, path)
    if errors and errors is not fields.errors:  # nothing of the header could be read
        return None, tuple(error.with_excerpt(text) for error in errors)
    meta = read_meta(fields, source, config)
    tags = _TAGS.search(text)
    if tags:
        text = text[: tags.start()] + text[tags.end() :]
    named = meta.tags or tuple(_TAG.findall(tags[1] if tags else ""))
    meta = replace(meta, tags=named, lang=meta.lang or language_of(text, config.lang))
    joined = join_parts(text, source.path, {part: _clean(content) for part, content in source.parts})
    texts = {path: text, **{str(part): content for part, content in source.parts}}
    reading = _reading(fields, fenced_copies("\n".join(joined.lines)), path, meta, config)
    plain = "\n" * taken + from_latex("\n".join(reading.lines[taken:]))
    top = take_title(plain, taken, fields, meta, reading, named=name_of(source))
    reading.cites = bool(meta.bibliography or config.bibliography)
    reading.shows_missing = config.broken_links == "show"
    for slip in fields.slips(KNOWN, "key") if reading.shows_missing else ():
        reading.note(f"{slip.message}: {slip.hint}", slip.location)
    title_html = _line(top.title, top.place, reading)
    subtitle_html = _line(meta.subtitle, fields.place("subtitle") if "subtitle" in fields else top.place, reading)
    about = fields.place("description") if "description" in fields else top.place
    about_html = _line(meta.description, about, reading)
    reading.escapes_brackets = escapes_brackets(top.body)
    reading.symbols = read_symbols(fields, config)
    is_franklin, is_mdx = text.startswith("@def"), source.path.suffix == ".mdx"
    whole = _with_abstract(top.body, taken, fields, reading)
    body = _markdown_of(whole, fields, reading, is_franklin=is_franklin, is_mdx=is_mdx)
    try:
        body_html = render(body, reading, smart_punctuation=config.smart_punctuation)
    except RecursionError:
        hint = "nothing that is meant to be read has hundreds of links or images within one another"
        return None, (SiteError("something in it is nested too deeply", Location(path), hint),)
    body_html = with_box(body_html, reading)
    steps = reading.order_steps(top.taken)
    fragments = reading.split(body_html)
    post = Post(
        path=source.path,
        kind=source.kind,
        address=_address(source, meta, config),
        meta=meta,
        title=reading.split(title_html),
        subtitle=reading.split(subtitle_html),
        description=reading.split(about_html),
        excerpt=reading.split(reading.excerpt),
        body=fragments,
        headings=tuple(
            Heading(level, name, reading.split(html), number, listed, named)
            for level, name, html, number, listed, named in reading.headings
        ),
        program=Program(asked_for(fragments, steps), tuple(pattern for pattern, _ in reading.depends)),
        depends=tuple(location for _, location in reading.depends),
        steps=tuple(location for _, location in reading.steps),
        files=source.files,
        words=reading.words,
        parts=tuple(part for part, _ in source.parts),
        freeze=reading.freeze,
        labels=(*top.labels, *reading.targets),
        notes=(
            *((_said_of(mended, path),) if mended else ()),
            *_said_of_lost(text, path),
            *_said_of_yaml(text.split("\n")[:taken], path),
            *(
                [f"{path}: has no text, and what another theme makes of its header is not shown"]
                * bool(meta.extra and not fragments)
            ),
            *(f"{note.location}: {note.message}" for note in (relocated(note, joined) for note in reading.notes)),
            *(f"{each.location}: {each.message}; nothing is shown" for each in joined.missing if reading.shows_missing),
        ),
    )
    noted = [*fields.errors, *reading.errors]
    joined.errors += [] if reading.shows_missing else joined.missing
    if source.parts or joined.errors or joined.missing:
        post = relocated(post, joined)
        noted = [*joined.errors, *(relocated(error, joined) for error in noted)]
    return post, tuple(error.with_excerpt(texts.get(error.location.path, "")) for error in noted)


def _with_abstract(body: str, taken: int, fields: Fields, reading: Reading) -> str:
    """Return a body with the abstract of its header, of Quarto's or HugoBlox', in a box above it: in the lines of the header, which are empty."""
    said = fields.plain("abstract") if "abstract" in fields else ""
    if not isinstance(said, str) or not said.strip():
        return body
    if taken < _LINES_OF_BOX:
        message = f"the abstract is not shown: there is room for it where the header takes {_LINES_OF_BOX} lines"
        reading.note(message, fields.place("abstract"))
        return body
    text = said.strip().split("\n")
    whole = " ".join(line.strip() or "<br><br>" for line in text)
    box = ["> [!abstract]", *(f"> {line}" for line in (text if len(text) < taken - 2 else [whole]))]
    first = max(min(fields.place("abstract").line, taken - len(box)) - 1, 0)
    lines = body.split("\n")
    return "\n".join([*lines[:first], *box, *lines[first + len(box) :]])


def _markdown_of(body: str, fields: Fields, reading: Reading, *, is_franklin: bool, is_mdx: bool) -> str:
    """Return a body in which all that other programs write beside Markdown is Markdown, in as many lines."""
    body = notebook_cells(body) if is_notebook(fields) else with_language(body, fields)
    body = plain_remark(plain_franklin(body, has_header=is_franklin), reading)
    for plain in _DIALECTS:
        body = plain(body)
    body = plain_environments(plain_logseq(body, reading))
    body = plain_formulas(body, reading) if reading.dollars != "off" else body
    return expand_templates(fenced_algorithms(plain_components(body, reading, is_mdx=is_mdx)), reading)


def _decoded(content: bytes, path: str) -> tuple[str, SiteError | None]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = Location(path, content.count(b"\n", 0, error.start) + 1)
        message = f"byte {error.start} (0x{content[error.start]:02x}) is not UTF-8"
        return "", SiteError(message, place, "save the file as UTF-8")
    if text.count("\0") > len(text) // 4:  # UTF-16 of English is UTF-8 too, with a NUL before or behind each letter
        return "", SiteError("this is UTF-16, or no text at all", Location(path, 1), "save the file as UTF-8")
    return text, None


def _said_of(mended: Mended, path: str) -> str:
    """Return what an author is told of a text that was read in a wrong encoding."""
    line, was, now = mended.places[0]
    how = f"as {mended.encoding}" if mended.encoding else "in a wrong encoding"
    count = f"{len(mended.places)} lines are shown as they were" if mended.places[1:] else "it is shown as it was"
    some = f"{', '.join(map(str, mended.lost[:3]))}{' ...' * (len(mended.lost) > 3)}"
    lost = f", but what lost bytes (line {some})" if mended.lost else ""
    keep = "`mend-encoding: false` leaves it as it stands"
    return f"{path}:{line}: `{was}` is `{now}`, read {how} somewhere: {count}{lost}; {keep}"


def _said_of_yaml(header: Sequence[str], path: str) -> Iterator[str]:
    """Yield notes on what a title loses because it means something to YAML."""
    if header[:1] != ["---"]:
        return
    for number, line in enumerate(header, 1):
        if found := _LOST_IN_YAML.match(line):
            yield f"{path}:{number}: YAML takes `{found[1] or found[2]}` out of it: put quotes around the whole value"
    for number in mended_lines("\n".join(header[1:-1])):
        yield f"{path}:{number + 2}: YAML refuses a second colon: the value is read as it is written; put quotes around it"


def _said_of_lost(text: str, path: str) -> Iterator[str]:
    """Yield what an author is told of a text in which signs stand for characters that a program could not read."""
    lines = [number for number, line in enumerate(text.split("\n"), 1) if LOST in line] if LOST in text else []
    if lines:
        more = f" and in {len(lines) - 1} more line{'s' * (len(lines) > 2)}" if lines[1:] else ""
        hint = "write what was there, or `&#xFFFD;` where the sign is meant"
        yield f"{path}:{lines[0]}: `{LOST}` stands here{more} for what some program could not read: {hint}"


def _line(text: str, place: Location, reading: Reading) -> str:
    """Return a line that stands above the body, rendered. Its holes get numbers of their steps when the body is read."""
    reading.block = (max(place.line - 1, 0), max(place.line, 1))
    return reading.render_inline(text, reading)


def _clean(text: str) -> str:
    return _CONTROLS.sub(LOST, re.sub(r"\r\n?", "\n", text))


def read_output(
    text: str, location: Location, post: Post, config: Config
) -> tuple[tuple[Fragment, ...], list[SiteError]]:
    """Read Markdown that a cell printed; whatever is wrong with it is said of the cell."""
    reading = Reading(
        path=location.path,
        lines=[""] * location.line,
        cells=config.cells,
        dollars="off" if post.meta.math is False else "spaced" if post.meta.math else "tight",
        macros=dict(config.macros),
        render_inline=partial(render_inline, smart_punctuation=config.smart_punctuation),
        words_of_page=words_of(post.meta.lang or config.lang, config.words),
        quotes=quotes_of(post.meta.lang or config.lang),
        fixed=location,
    )
    fragments = reading.split(render(text, reading, smart_punctuation=config.smart_punctuation))
    errors = reading.errors
    if reading.steps:
        errors.append(SiteError("what this cell prints holds cells or values, which do not run", location))
    return fragments, errors


def _reading(fields: Fields, text: str, path: str, meta: Meta, config: Config) -> Reading:
    macros = dict(config.macros)
    for key in _MACROS:
        given = fields.plain(key) if key in fields else ""
        tex = "\n".join(map(str, given)) if isinstance(given, tuple) else str(given)
        if "\\" in tex and not fields.is_mapping(key):
            take_definitions(tex, macros)
        elif key != "header-includes":
            macros.update(read_macros(fields, key))
    if fields.is_mapping("math") and "enable" not in fields.mapping("math"):
        macros.update(read_macros(fields, "math"))
    execute = fields.mapping("execute")
    cells = config.cells
    if "execute" in fields:
        cells = read_cell_defaults(execute, config.cells)
        known = {"freeze", "enabled", *IGNORED, *(name.replace("_", "-") for name in cells.__struct_fields__)}
        for name in execute:
            if name not in known:
                of_blog = name in LIMIT_KEYS or name == "variables"
                hint = "it is of the whole blog: write it in site.yml, below `execute:`" if of_blog else ""
                message = f"unknown option of `execute` `{name}`"
                execute.errors.append(SiteError(message, execute.place(name), hint or suggestion(name, known)))
    return Reading(
        path=path,
        lines=text.split("\n"),
        cells=cells,
        dollars="off" if meta.math is False else "spaced" if meta.math or writes_spaced(text) else "tight",
        macros=macros,
        render_inline=partial(render_inline, smart_punctuation=config.smart_punctuation),
        words_of_page=words_of(meta.lang or config.lang, config.words),
        quotes=quotes_of(meta.lang or config.lang),
        errors=[],
        variables=_variables(meta, config),
        lists=meta.extra,
        number_sections=fields.flag("number-sections", False),
        freeze=any(f.text("freeze") != "auto" and f.flag("freeze", False) for f in (fields, execute)),
    )


def _variables(meta: Meta, config: Config) -> dict[str, str]:
    """Return what Liquid calls the page's and the site's."""
    of_site = {"title": config.title, "tagline": config.tagline, "description": config.description}
    of_site |= {"author": config.author.name, "author.name": config.author.name, "email": config.author.email}
    own = {"title": meta.title, "description": meta.description, "subtitle": meta.subtitle, "slug": meta.slug}
    own["excerpt"] = meta.description  # one of the names that a header may give it
    own["author"] = ", ".join(meta.authors)
    own["date"] = meta.date.date().isoformat() if meta.date else ""
    extra = dict(_plain_values(meta.extra))
    found = {f"page.{name}": value for name, value in (extra | own).items() if value}
    found |= {f"site.{name}": value for name, value in of_site.items() if value}
    for place in (meta.extra, meta.extra.get("myst")):  # MyST's, by their names alone
        given = place.get("substitutions") if isinstance(place, Mapping) else None
        found |= {str(name): str(value) for name, value in given.items()} if isinstance(given, Mapping) else {}
    return found


def _plain_values(values: Mapping[str, object], before: str = "") -> Iterator[tuple[str, str]]:
    """Yield texts and numbers of a header by their names, those of mappings as `menu.doc.parent`."""
    for name, value in values.items():
        if isinstance(value, str | int | float):
            yield f"{before}{name}", str(value)
        elif isinstance(value, Mapping):
            yield from _plain_values(value, f"{before}{name}.")


def _address(source: Source, meta: Meta, config: Config) -> str:
    """Return where the page stands, with a slash at its beginning, and at its end unless it names a file."""
    if meta.permalink or source.kind == "post":
        address = meta.permalink or config.permalink
    else:
        address = "/".join(part for part in source.path.with_suffix("").parts[1:] if part not in {"index", "_index"})
    categories = "/".join(re.sub(r"\s+", "-", name.lower()) for name in meta.categories)
    address = address.replace(":categories", categories).replace(":slug", meta.slug).replace(":title", meta.slug)
    for name, shape in _PLACEHOLDERS.items():
        address = address.replace(name, meta.date.strftime(shape) if meta.date else "undated")
    address = "/" + "/".join(part for part in address.split("/") if part)
    return address if address.endswith((".html", ".htm", "/")) else address + "/"
