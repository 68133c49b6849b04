"""The glossary: every value that crosses a stage, frozen, named once.

    Source -parse-> Post -+- Program -execute-> Output -+
                          +- Formula -typeset-> html  --+-weave-> Article -assemble-> Site -pages-> Page -render-> bytes

A Post's body is a sequence of fragments. `Markup` is finished HTML; every other fragment is a hole that a later
stage fills (`Formula`, `Cell`, `Value`, `Link`, `LinkWords`, `Size`, `Number`, `Reference`, `Citation`, `ReferenceList`, `Diagram`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from sitegen.sources import is_index

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path, PurePosixPath

    from sitegen.errors import Location, SiteError

Digest = str
"""Hexadecimal SHA-256, shortened to 32 characters (128 bits): the name of a content."""


# ---------------------------------------------------------------------------------------------------- reading


class Source(Struct, frozen=True):
    """A Markdown file as it stands on disk.

    path: relative to the blog's folder. kind: a post has a date and stands in the lists; a page does not.
    files: what lies in the folder of a bundle (`slug/index.md`) or, for a file of its own, nothing. parts: path and text of
    the files that it includes, directly or through others.
    """

    path: PurePosixPath
    kind: Literal["post", "page"]
    content: bytes
    files: tuple[PurePosixPath, ...] = ()
    parts: tuple[tuple[PurePosixPath, str], ...] = ()

    @property
    def is_bundle(self) -> bool:
        """Whether the file owns its folder."""
        return is_index(self.path.name)


class Markup(Struct, frozen=True):
    """Finished HTML."""

    html: str


class Formula(Struct, frozen=True):
    r"""TeX to be set, as the author wrote it.

    macros: the (name, expansion) pairs among those known to the post that it uses. label: given behind it, as in
    `$$...$$ {#eq-x}`; those of single rows are `\label`s in the TeX. numbers: of its rows that are numbered by
    themselves, in order. references: (label, anchor, number) of what its TeX refers to. Both are found when all results
    are in. values: for each `VALUE_MARK` in the TeX the inline value that takes its place when it is known.
    symbols: (TeX, meaning) of the symbols that the author explains and that may stand in it.
    """

    tex: str
    display: bool
    macros: tuple[tuple[str, str], ...]
    location: Location
    label: str = ""
    numbers: tuple[str, ...] = ()
    references: tuple[tuple[str, str, str], ...] = ()
    values: tuple[Value, ...] = ()
    symbols: tuple[tuple[str, str], ...] = ()


VALUE_MARK = "\x03"
"""Stands in TeX for an inline value; no author's text holds it."""


class Preview(Struct, frozen=True):
    """A formula shown once more, where it is referred to; only for the eye."""

    formula: Formula


NumberKind = Literal[
    "fig", "tbl", "eq", "sec", "thm", "lem", "cor", "prp", "def", "exm", "exr", "rem", "alg", "lst",
    "nte", "tip", "wrn", "imp", "cau", "cnj", "axiom", "assumption", "claim", "criterion", "observation", "property",
]  # fmt: skip
"""What is numbered, each kind for itself: Quarto's names, which are also the prefixes of labels (`fig-x`), then MyST's."""


class Number(Struct, frozen=True):
    """The next number of its kind with its word, such as "Table 2"; links to the place `label` when there is one.

    parts: labels of the parts, which are referred to as "Figure 3 (a)"; "" for a part without one.
    """

    kind: NumberKind
    label: str
    location: Location
    parts: tuple[str, ...] = ()


ReferenceForm = Literal["name", "mark", "number"]
"""How a mention reads: "Figure 3" and "Equation (2)", "3" and "(2)", "3" and "2"."""


class Reference(Struct, frozen=True):
    """A mention of something with a label, filled with a link to it.

    text: the author's own words, with `%s` where the number belongs, or "". linked: False within a link.
    said: what another program said there, for what has no number here; in brackets where it knew none.
    """

    label: str
    form: ReferenceForm
    text: str
    location: Location
    linked: bool = True
    said: str = ""


class Link(Struct, frozen=True):
    """The address inside a link or an image, as the author wrote it; filled with a working one, HTML-escaped.

    is_optional: whether the page stands without it where it leads nowhere. is_titled: whether its words are the other page's title.
    is_wikilink: whether it names a note as Obsidian does, wherever that lies.
    """

    target: str
    kind: Literal["page", "file", "image"]
    location: Location
    is_optional: bool = False
    is_titled: bool = False
    is_wikilink: bool = False


class LinkWords(Struct, frozen=True):
    """The words of a link that its author gave none: the title of the page where it leads, else the name of its file."""

    link: Link
    name: str


class Size(Struct, frozen=True):
    """The width and height of an image as attributes, so that nothing moves when it arrives: CSS pixels.

    width, height: what the author gave, 0 for nothing; completed from the image's file.
    """

    link: Link
    width: int
    height: int


class Value(Struct, frozen=True):
    """An inline value: the result of the program's step number `step`, as text."""

    step: int
    location: Location


class Cell(Struct, frozen=True):
    """A fenced program part as it is shown; what it computes is step number `step` of the program (None: never run).

    code: as the author wrote it. shown: highlighted HTML, without the lines marked `# hide`; "" when nothing is left.
    caption, alt: fragments, because captions hold formulas and values. subcaptions: one for each figure of the cell;
    columns: in how many they stand. layout: or, for each row, the shares of its figures. column: where they stand beside
    the text. fold: None (not folded), True or False (open).
    echo, output, warning: whether code, results and warnings are shown. summary: what folded code is opened by. sliders: the label of each. kind: what its results
    are numbered as; None within a figure that has the number. listing: label and caption of the code.
    """

    code: str
    shown: str
    step: int | None
    label: str
    caption: tuple[Fragment, ...]
    subcaptions: tuple[tuple[Fragment, ...], ...]
    columns: int
    layout: tuple[tuple[float, ...], ...]
    column: Literal["", "page", "screen", "margin"]
    alt: tuple[Fragment, ...]
    echo: bool
    output: bool | Literal["asis"]
    warning: bool
    fold: bool | None
    summary: tuple[Fragment, ...]
    must_draw: bool
    location: Location
    sliders: tuple[tuple[Fragment, ...], ...] = ()
    kind: NumberKind | None = "fig"
    listing: tuple[str, tuple[Fragment, ...]] | None = None


class Cited(Struct, frozen=True):
    """One work within a citation. prefix, suffix: what stands around it (`see`, `p. 3`). authorless: only its year."""

    key: str
    prefix: tuple[Fragment, ...] = ()
    suffix: tuple[Fragment, ...] = ()
    authorless: bool = False


class Citation(Struct, frozen=True):
    """Works named in the text. textual: the first is part of the sentence, as in "Kingma & Ba (2015) show"."""

    works: tuple[Cited, ...]
    textual: bool
    location: Location


class Diagram(Struct, frozen=True):
    """A diagram in Mermaid's language. location: of the source's first line.

    label: "" or the anchor of its figure. alt: "" when none was given.
    """

    source: str
    label: str
    caption: tuple[Fragment, ...]
    alt: str
    location: Location


class ReferenceList(Struct, frozen=True):
    """Where the works that a post cites are listed. titled: under a heading of its own."""

    titled: bool


Fragment = (
    Markup
    | Formula
    | Preview
    | Number
    | Reference
    | Link
    | LinkWords
    | Size
    | Value
    | Cell
    | Citation
    | ReferenceList
    | Diagram
)


class Heading(Struct, frozen=True):
    """A heading of a post; its content has no links and no cells.

    number: such as "2.1", where the post numbers its sections. listed: whether it stands in the contents list.
    named: where its author gave it its id; None for one that its text makes, by which no other post calls it.
    """

    level: int
    id: str
    content: tuple[Fragment, ...]
    number: str = ""
    listed: bool = True
    named: Location | None = None


class Image(Struct, frozen=True):
    """The picture that stands for a post."""

    path: Link
    alt: str = ""


class BibEntry(Struct, frozen=True):
    """An entry of a bibliography as BibTeX has it: kind (`article`) and fields in lower case, values still LaTeX."""

    key: str
    kind: str
    fields: tuple[tuple[str, str], ...]
    location: Location


class Bibliography(Struct, frozen=True):
    """The entries that a post cites, in the order of their first citation. numeric: cited by number, else by author."""

    entries: tuple[BibEntry, ...]
    numeric: bool


class Meta(Struct, frozen=True):
    """What the front matter and the file name say of a post. Dates carry their zone.

    has_slug: whether the header gave the slug, and not the file's name.
    unlisted: whether only who knows its address finds it, as no list, feed or search has it.
    card: what the picture beside links to it shows, in the header's words; None for what is found, False for none.
    series: the name of what it is a part of; part: its number there as the header has it, 0 for the order of dates.
    bibliography: its .bib files. citations: their style, "" for the blog's. cites_also: keys to list though the text
    does not name them; `*` for all.
    """

    title: str
    slug: str
    has_slug: bool = False
    date: datetime | None = None
    updated: datetime | None = None
    subtitle: str = ""
    description: str = ""
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    pin: bool = False
    toc: bool = True
    math: bool | None = None
    math_errors: Literal["stop", "show"] = "stop"
    draft: bool = False
    unlisted: bool = False
    lang: str = ""
    permalink: str = ""
    aliases: tuple[str, ...] = ()
    image: Image | None = None
    card: Link | Literal[False] | None = None
    series: str = ""
    part: float = 0
    order: int = 0
    bibliography: tuple[Link, ...] = ()
    citations: Literal["", "author-year", "numeric"] = ""
    cites_also: tuple[str, ...] = ()
    extra: Mapping[str, object] = {}


class Step(Struct, frozen=True):
    """One thing that a program does: run a cell's code, or evaluate an inline value.

    Everything here may change what comes out; nothing here is only about how it is shown.
    size: inches, as (width, height). dpi: for rasters. heaviest: bytes of SVG above which `auto` takes rasters.
    narrow: whether a figure is drawn once more, for phones; None: where it else would scroll there and is light. hover:
    whether its values can be pointed at. data: whether they can be downloaded.
    raises: whether an exception is an expected result. sliders: (name, expression of its values, expression of the first
    one shown or ""); the cell runs once for each value. locked: whether axes stay the same over the frames. animated:
    whether an animation moves. last: whether it shows what cells kept for it, and runs after all of them.
    asked: pictures that the text shows and that the cell may save, by the paths that the text has. linked: files that it leads to.
    """

    code: str
    kind: Literal["cell", "value"]
    size: tuple[float, float] | None = None
    dpi: int = 0
    format: Literal["auto", "svg", "webp"] = "auto"
    heaviest: int = 150_000
    narrow: bool | None = False
    hover: bool = True
    data: bool = True
    raises: bool = False
    sliders: tuple[tuple[str, str, str], ...] = ()
    locked: bool = True
    animated: bool = True
    last: bool = False
    asked: tuple[str, ...] = ()
    linked: tuple[str, ...] = ()


class Program(Struct, frozen=True):
    """ALL that may change a run: no path, no line, no caption.

    depends: patterns of files that observation cannot see. limits are not here: they decide whether, not what.
    """

    steps: tuple[Step, ...]
    depends: tuple[str, ...] = ()


class Post(Struct, frozen=True):
    """A parsed source: fragments in reading order, with the program and the headings found in them.

    address: the page's path in the site, with slashes at both ends, such as `/posts/adam/`.
    steps: where each step of the program stands, for messages; depends: each pattern of it. excerpt: the first paragraph.
    labels: (label, anchor, word, place) of what has no number or title of its own: blocks, and with the anchor "" the
    whole page. word: what a block is called, "" for nothing. parts: the files that it includes. notes: what its author is told of it.
    """

    path: PurePosixPath
    kind: Literal["post", "page"]
    address: str
    meta: Meta
    title: tuple[Fragment, ...]
    subtitle: tuple[Fragment, ...]
    description: tuple[Fragment, ...]
    excerpt: tuple[Fragment, ...]
    body: Sequence[Fragment]
    headings: tuple[Heading, ...]
    program: Program
    steps: tuple[Location, ...]
    files: tuple[PurePosixPath, ...]
    words: int
    parts: tuple[PurePosixPath, ...] = ()
    freeze: bool = False
    depends: tuple[Location, ...] = ()
    labels: tuple[tuple[str, str, str, Location], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """The labels of the whole page, which its title was given."""
        return frozenset(label for label, anchor, *_ in self.labels if not anchor)


class Labelled(Struct, frozen=True):
    """What a label names, when the results are in.

    number: TeX for a formula, else text; "" for a heading without one, whose title stands for it, for a page, and for a
    block, which has no title either. anchor: "" for a page. location: None for a heading whose text makes its id. parts: how many can be referred to, as
    `fig-x-a` or `fig-x-1`. address, post: of the page that it is on and its title, for mentions in other posts; else empty.
    """

    kind: NumberKind
    number: str
    anchor: str
    location: Location | None
    formula: Formula | None = None
    title: tuple[Fragment, ...] = ()
    parts: int = 0
    address: str = ""
    post: tuple[Fragment, ...] = ()


# ---------------------------------------------------------------------------------------------------- running


class Printed(Struct, frozen=True):
    """Text that a cell printed. stream: stdout, stderr, or `warning` for the message of a Python warning."""

    text: str
    stream: Literal["stdout", "stderr", "warning"]


class Shown(Struct, frozen=True):
    """The value of a last expression in the richest form it offers. kind: `text`, `html`, `svg`, `png`, `latex`."""

    kind: Literal["text", "html", "svg", "png", "latex", "markdown"]
    data: str


class Figure(Struct, frozen=True):
    """A drawn figure. Its bytes are in the store under `svg`, or under `light` and `dark` (WebP) when it is heavy.

    narrow: the same, drawn once more for a phone. data: what it plots, as CSV. least: CSS pixels of width below which
    its smallest text is under 9 pixels.

    width, height: CSS pixels. alt: drafted from axes and titles. themed: False when the author's own colours need a
    light ground in every theme. ground: the colour that such a figure is filled with, where it is not paper.
    saved: the picture of the text that it is, which the program saved; "" for one that stands where its cell does.
    """

    width: float
    height: float
    alt: str
    themed: bool
    least: float = 0
    svg: Digest = ""
    light: Digest = ""
    dark: Digest = ""
    narrow: Digest = ""
    data: Digest = ""
    ground: str = ""
    saved: str = ""


class Saved(Struct, frozen=True):
    """A file that the program wrote, and no figure of the page. name: the one that the text has for it."""

    name: str
    content: Digest = ""


class Claim(Struct, frozen=True):
    """A checked statement."""

    statement: str
    detail: str


class Raised(Struct, frozen=True):
    """An expected exception, as its short traceback."""

    text: str


class Animation(Struct, frozen=True):
    """A moving figure. still: its last picture, for whoever wants no motion. light, dark: animated WebP in the store.

    frames: how many. seconds: how long one round takes.
    """

    still: Figure
    frames: int
    seconds: float
    light: Digest = ""
    dark: Digest = ""


class Frames(Struct, frozen=True):
    """What a cell with sliders gave. axes: each slider's name with its values as a reader sees them.

    frames: results for every combination of values, the last slider's values running fastest. start: the one shown at first.
    """

    axes: tuple[tuple[str, tuple[str, ...]], ...]
    start: int
    frames: tuple[tuple[Result, ...], ...]


Result = Printed | Shown | Figure | Saved | Claim | Raised | Animation | Frames


class Output(Struct, frozen=True):
    """What a program gave, step by step. notes: what observation says it cannot see (a subprocess, ctypes, ...)."""

    steps: tuple[tuple[Result, ...], ...]
    notes: tuple[str, ...] = ()


class Failure(Struct, frozen=True):
    """Why a program gave nothing: a value, since it crosses processes.

    step: which step, -1 when that is not known. line: counted from 1 in the step's code, 0 when not known.
    limit: the setting in site.yml that would allow more, or "". not_run: nothing went wrong, but nothing may run
    (`--no-execute`) and nothing that holds is remembered. more: what else went wrong in the same run, such as other
    claims that do not hold.
    """

    step: int
    line: int
    message: str
    traceback: str = ""
    limit: str = ""
    hint: str = ""
    not_run: bool = False
    more: tuple[Failure, ...] = ()


class Job(Struct, frozen=True):
    """A program with what its run needs and what messages name. folder: the post's, relative to the blog's.

    steps: where each step of the program stands in the post; depends: each of its patterns. freeze: reuse the last
    output whatever changed.
    """

    path: PurePosixPath
    program: Program
    steps: tuple[Location, ...]
    freeze: bool = False
    depends: tuple[Location, ...] = ()


class Execution(Struct, frozen=True):
    """What became of a job. reasons: plain sentences, why it ran or why not.

    effort: (line of the post, what was made there, seconds) of what takes long: sliders and animations.
    """

    job: Job
    outcome: Output | Failure
    reused: bool
    reasons: tuple[str, ...]
    effort: tuple[tuple[int, str, float], ...] = ()


Kind = Literal["file", "folder", "link", "mode", "presence", "module", "package", "variable"]


class Observation(Struct, frozen=True):
    """Something that a program could see while it ran, and the digest of what it saw there.

    kind: `file` (its content), `folder` (its names), `link` (where it leads), `mode`, `presence` (of what may not be read),
    `module`, `package`, `variable`. name: a path relative to the blog's folder (absolute when outside it), a module, a
    package or a variable. step: the first step that saw it, -1 when not known.
    """

    kind: Kind
    name: str
    digest: str
    step: int = -1


class Drawing(Struct, frozen=True):
    """What became of a diagram. kind: in words, such as "flowchart". title: what it shows, in a line.

    svg: with `DIAGRAM-` before every id, in the page's colours; "" when the reader's browser has to draw it, because of
    `reason` ("" for the kinds that are always drawn there). styled: whether it has colours of the author's own.
    """

    kind: str
    title: str = ""
    svg: str = ""
    styled: bool = False
    reason: str = ""


# ------------------------------------------------------------------------------------------------- publishing


class Target(Struct, frozen=True):
    """Where a link leads. url: a path in the site, with its fragment; file: what must be published for it, if anything.

    size: width and height of an image in its own pixels, where its file tells them. wrong: why it leads nowhere, if links that do
    are shown; its url is what the author wrote then. title: of the page, for a link that has no words of its own.
    """

    url: str
    file: tuple[PurePosixPath, PurePosixPath] | None = None
    size: tuple[int, int] | None = None
    wrong: str = ""
    title: str = ""


class Entry(Struct, frozen=True):
    """A line of a contents list; text is readable, without markup."""

    level: int
    id: str
    text: str


class Checked(Struct, frozen=True):
    """A claim that held, as lists show it. id: its anchor in the page. html: its statement, with formulas set.

    text: the statement as readable text.
    """

    id: str
    html: str
    text: str
    detail: str


class Picture(Struct, frozen=True):
    """A figure of a post for lists of posts: addresses of its files, the same where it has one look. Sizes in CSS pixels."""

    light: str
    dark: str
    width: int
    height: int


class Card(Struct, frozen=True):
    """What stands below the title in the picture that other sites show of a post: one of these, or nothing.

    address: of the picture in the site. picture: an SVG or raster in the store. file: an image of the blog. formulas: TeX
    of those that may be drawn, the first that can be. asked: what the header asks for, when it does.
    """

    address: str
    picture: Digest = ""
    file: PurePosixPath | None = None
    formulas: tuple[str, ...] = ()
    asked: Link | None = None


class Article(Struct, frozen=True):
    """A post with every hole filled. Its HTML is in the store under `body`, and for feeds under `feed`.

    url: the page's path in the site. title_html and subtitle_html have formulas set; title is readable text.
    has_motion: whether it holds sliders or animations. programs: paths in the site of its program as `.py` and `.ipynb`, when it has one.
    claims: what its program claimed and found to hold; None when it claims nothing.
    notes: what an author should know of it, no error.
    files: what the body points to, as (path in the site, path in the blog's folder). drawings: figures that are files
    of their own, as (path in the site, digest). image_size: of the cover, in its own pixels, where its file tells. live: the diagrams that the reader's browser draws, each in a sentence.
    signs: the characters in all of it that are not ASCII; classes: what of its HTML asks for rules, classes and custom properties; letters: what its formulas set, as (classes,
    characters); what fonts and style sheets must hold.
    """

    path: PurePosixPath
    kind: Literal["post", "page"]
    url: str
    meta: Meta
    title: str
    title_html: str
    subtitle_html: str
    excerpt: str
    image: str
    contents: tuple[Entry, ...]
    body: Digest
    feed: Digest
    files: tuple[tuple[PurePosixPath, PurePosixPath], ...]
    drawings: tuple[tuple[PurePosixPath, Digest], ...]
    programs: tuple[str, ...]
    claims: tuple[Checked, ...] | None
    has_sliders: bool
    has_scales: bool
    has_motion: bool
    has_math: bool
    live: tuple[str, ...]
    minutes: int
    image_size: tuple[int, int] | None = None
    picture: Picture | None = None
    card: Card | None = None
    notes: tuple[str, ...] = ()
    signs: str = ""
    classes: tuple[str, ...] = ()
    letters: tuple[tuple[str, str], ...] = ()


class Term(Struct, frozen=True):
    """What posts have in common, with these articles: a tag, a category, an author, newest first, or a series, part by part.

    children: sub-categories.
    """

    name: str
    url: str
    articles: tuple[Article, ...]
    children: tuple[Term, ...] = ()


class Page(Struct, frozen=True):
    """Something to render: a template, where its bytes go, and the values only this page sees.

    path: in the site. url: what links to it point at, with slashes at both ends for folders.
    """

    path: PurePosixPath
    url: str
    template: str
    title: str
    article: Article | None = None
    articles: tuple[Article, ...] = ()
    values: Mapping[str, object] = {}


class CopyOf(Struct, frozen=True):
    """A file of the site that is a file of the blog, byte for byte."""

    path: Path


class Stored(Struct, frozen=True):
    """A file of the site whose bytes are in the store."""

    digest: Digest


FileContent = bytes | CopyOf | Stored


class Beyond(Struct, frozen=True):
    """What a build depends on besides the blog's folder and the project's: while all of it stays, so does the build.

    paths: files and folders that programs saw, in the blog, too. variables: names of those of the environment. due: when a
    post that waits for its day is published, in seconds since 1970. is_sure: whether programs saw nothing else.
    """

    paths: frozenset[str] = frozenset()
    variables: tuple[str, ...] = ()
    due: float | None = None
    is_sure: bool = True


class Build(Struct, frozen=True):
    """What a build gives: every file of the site by its path, or the errors that stand in the way.

    report: counts and seconds, for `--json` and the closing line. notes: what an author should know, no error.
    beyond: None where there are errors. efforts: what programs that ran took to draw, told as notes are, but nothing to mend.
    """

    files: Mapping[PurePosixPath, FileContent]
    errors: tuple[SiteError, ...]
    notes: tuple[str, ...]
    report: Mapping[str, object]
    beyond: Beyond | None = None
    efforts: tuple[str, ...] = ()
