"""A blog's folder -> its Sources, in the order of their paths."""

from __future__ import annotations

import codecs
import os
import re
from contextlib import suppress
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Literal

from sitegen.errors import Location, SiteError
from sitegen.later import later
from sitegen.model import Source
from sitegen.reading.parts import SIGNS, parts_of
from sitegen.sources import is_index, is_source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_FOLDERS: tuple[tuple[Literal["post", "page"], str], ...] = (("post", "posts"), ("page", "pages"))
_DATED = later(r"\d{4}-\d{1,2}-\d{1,2}-")
_PAGE = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*(?:---|\+\+\+)[ \t]*\r?$|^#[ \t]+\S|^[^\s`#>|-][^\n]*\n=+[ \t]*\r?$", re.MULTILINE
)
"""What a page begins with: a header, or a title."""
_CODE = re.compile(rb"^ {0,3}(```|~~~).*?(?:^ {0,3}\1|\Z)", re.MULTILINE | re.DOTALL)
_OF_PROJECTS = {"changelog", "code_of_conduct", "contributing", "licence", "license", "readme", "security", "todo"}
"""What lies beside a page about a project, not as a page of its own."""
_FIRST_BYTES = 2000
_OF_TEMPLATES = {"archetypes", "scaffolds", "templates"}
_TEMPLATE = re.compile(rb"^(?:title|date):[ \t]*[\"']?(?:\{\{|<%)", re.MULTILINE)
"""What Hugo, Hexo and Obsidian begin new posts with, in folders of these names."""
_HEADER = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*(---|\+\+\+)[ \t]*\r?\n.*?^\1[ \t]*\r?$|<!--.*?-->", re.MULTILINE | re.DOTALL
)
_KNITTED = (".rmd", ".rmarkdown", ".qmd")
_ELSEWHERE = ("_posts", "content/posts", "content/post", "content/blog", "content", "source/_posts", "blog")
"""Where other programs have their posts."""
_NOT_MARKDOWN = (".ipynb", ".html", ".htm", ".org", ".rst", ".adoc", ".textile", ".txt")


def discover(root: Path) -> tuple[list[Source], list[SiteError]]:
    """Find every post and page at any depth; hidden folders and those that begin with an underscore are left out."""
    if not (root / "posts").is_dir():
        other = next((name for name in _ELSEWHERE if (root / name).is_dir()), "")
        hint = "name the folder that holds it with --source, or make it; docs/moving.md tells what of another site goes there"
        if other:
            hint = f"posts are read from there: `mv {other} posts`; docs/moving.md tells where the rest goes"
        return [], [SiteError("there is no folder `posts`", Location("posts"), hint)]
    sources: list[Source] = []
    errors: list[SiteError] = []
    owned: set[PurePosixPath] = set()
    inside_blog = _inside(root)
    for kind, name in _FOLDERS:
        if not is_inside(root / name, root):
            errors.append(leads_out(PurePosixPath(name)))
            continue
        for path, files, in_bundle in _markdown_files(root / name, root, errors):
            inside = PurePosixPath(path.relative_to(root).as_posix())
            outside = [file for file in (path, *files) if not inside_blog(file)]
            errors += [leads_out(PurePosixPath(file.relative_to(root).as_posix())) for file in outside]
            strange = [file for file in (path, *files) if file.exists() and not file.is_file()]
            strange += [file for file in files if file.is_symlink() and not file.exists() and file not in outside]
            errors += [no_file(PurePosixPath(file.relative_to(root).as_posix()), file) for file in strange]
            if outside or strange:
                continue
            try:
                content = _read(path)
            except OSError as error:
                if os.path.lexists(path):  # else it is gone since the folder was listed, as in a checkout
                    errors.append(_unreadable(inside, path, error))
                continue
            if _is_template(path, content):
                continue
            is_page = path.stem.lower() not in _OF_PROJECTS and _PAGE.search(_CODE.sub(b"", content[:_FIRST_BYTES]))
            if in_bundle and not is_page:
                continue
            owned.update([inside] if in_bundle else ())
            bundled = tuple(PurePosixPath(file.relative_to(root).as_posix()) for file in files)
            sources.append(Source(inside, kind, content, bundled, _parts(inside, content, root)))
    owned &= {part for source in sources for part, _ in source.parts}
    return [source for source in sources if source.path not in owned], errors


def unread(root: Path) -> Iterator[tuple[PurePosixPath, str]]:
    """Yield each file that is a post by its name, or elsewhere, with why it is none where it was not read; folders of such too."""
    tops = {str(root / kind) for _, kind in _FOLDERS}
    bundles: set[str] = set()  # with the folders in them
    for name, folders, files in chain.from_iterable(map(os.walk, sorted(tops))):
        if name not in tops and (any(map(is_index, files)) or str(Path(name).parent) in bundles):
            bundles.add(name)
        hidden = [Path(name, folder) for folder in sorted(folders) if folder.startswith("_") and not _is_public(folder)]
        for path in filter(_holds_posts, hidden):
            inside = PurePosixPath(path.relative_to(root).as_posix())
            yield inside, "holds posts, which are left out: what begins with `_` is not read; rename it, or move them"
        folders[:] = [folder for folder in folders if _is_public(folder)]
        may_be_left_out = name in bundles or Path(name).name.lower() in _OF_TEMPLATES
        others = files if may_be_left_out else [file for file in files if not file.endswith(".md")]  # few of thousands
        knitted = _sources_of(files) if others else set()
        elsewhere = (
            file
            for file in others
            if (may_be_left_out or file in knitted if is_source(file) else file.lower().endswith(_NOT_MARKDOWN))
        )
        for file in sorted(filter(_is_public, elsewhere)):
            path = Path(name, file)
            inside = PurePosixPath(path.relative_to(root).as_posix())
            made = inside.with_suffix("" if is_source(inside.stem) else ".md")  # `x.md.txt`, as Windows hides endings
            if file in knitted:
                yield inside, "is left out: what was made of it lies beside it, with the same name"
            elif Path(name).name.lower() in _OF_TEMPLATES and _is_template(path, path.read_bytes()):
                yield inside, "is left out: new posts began with it"
            elif is_source(file):
                if name in bundles:  # one that is new since the posts were read is not left out
                    why = "what lies in the folder of an `index.md` is a post where it begins with a header or a title, or its name with a date"
                    yield inside, f"is left out: {why}"
            elif inside.suffix.lower() == ".ipynb":
                yield inside, f"a notebook is no post; `build.py import {inside}` makes one of it"
            elif inside.suffix.lower() not in {".html", ".htm", ".txt"}:
                yield inside, f"posts are Markdown; `pandoc -s -t markdown -o {made} {inside}` makes one of it"
            elif path.is_file() and (is_source(inside.stem) or _has_header(path)):
                yield inside, f"posts are Markdown, which may hold HTML; under the name {made} it is one"


def _is_template(path: Path, content: bytes) -> bool:
    header = _HEADER.match(content) if path.parent.name.lower() in _OF_TEMPLATES else None
    return header is not None and _TEMPLATE.search(header[0]) is not None


def _holds_posts(folder: Path) -> bool:
    return any(
        is_source(file) and _has_header(Path(here, file)) for here, _, files in os.walk(folder) for file in files
    )


def _has_header(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4) in {b"---\n", b"---\r"}
    except OSError:
        return False


def read_source(
    root: Path, path: PurePosixPath, kind: Literal["post", "page"], files: tuple[PurePosixPath, ...]
) -> Source | None:
    """Return one source as it is now, its bundle's files as they were; None when it is not a file that can be read."""
    file = root / path
    if not file.is_file() or not is_inside(file, root):
        return None
    try:
        content = _read(file)
    except OSError:
        return None
    return Source(path, kind, content, files, _parts(path, content, root))


def _read(path: Path) -> bytes:
    """Return what a file holds, as UTF-8 where its first bytes say that it is UTF-16, as some programs of Windows write it."""
    content = path.read_bytes()
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        with suppress(UnicodeDecodeError):  # then it is told what stands there
            return content.decode("utf-16").encode()
    return content


def _parts(path: PurePosixPath, content: bytes, root: Path) -> tuple[tuple[PurePosixPath, str], ...]:
    """Return the files of the blog that a source includes; what cannot be read is told where it is included."""
    if not any(sign.encode() in content for sign in SIGNS):
        return ()

    def read(part: PurePosixPath) -> str | None:
        file = root / part
        try:
            return file.read_text(encoding="utf-8-sig") if is_inside(file, root) and file.is_file() else None
        except (OSError, UnicodeDecodeError):
            return None

    return tuple(sorted(parts_of(path, content.decode("utf-8", "replace"), read).items()))


def is_inside(path: Path, root: Path) -> bool:
    """Whether a file is one of the blog's own: a link that leads out would publish whatever it points at."""
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))  # resolve() raises at links in a circle


def _inside(root: Path) -> Callable[[Path], bool]:
    """Return `is_inside` for many files of a few folders: only a link, or a folder not seen before, is followed."""
    folders: dict[Path, bool] = {}

    def ask(path: Path) -> bool:
        if path.parent not in folders:
            folders[path.parent] = is_inside(path.parent, root)
        return folders[path.parent] and (not path.is_symlink() or is_inside(path, root))

    return ask


def leads_out(path: PurePosixPath) -> SiteError:
    """Return the error of a link that leads out of the blog."""
    hint = "put a copy of the file in its place"
    return SiteError("this is a link that leads out of the blog", Location(str(path)), hint)


def _nowhere(path: PurePosixPath) -> SiteError:
    return SiteError("this is a link that leads nowhere", Location(str(path)), "remove it, or mend it")


def _unreadable(inside: PurePosixPath, path: Path, error: OSError) -> SiteError:
    if path.is_symlink() and not path.exists():
        return _nowhere(inside)
    return SiteError(f"cannot be read: {error.strerror}", Location(str(inside)), "see who may read it: `ls -l`")


def no_file(inside: PurePosixPath, path: Path) -> SiteError:
    """Return the error of what stands where a file should: a link that leads nowhere, or what would never end when it is read."""
    if path.is_symlink() and not path.exists():
        return _nowhere(inside)
    kinds = {"a folder": path.is_dir, "a pipe": path.is_fifo, "a socket": path.is_socket}
    kind = next((kind for kind, is_it in kinds.items() if is_it()), "a device")
    return SiteError(f"this is {kind}, not a file", Location(str(inside)), "remove it")


def is_utf8(name: str) -> bool:
    """Whether a name can be written down: of one in another encoding, as old archives have them, Python keeps bytes."""
    return name.isascii() or name == _as_text(name)


def _as_text(name: str) -> str:
    """Return a name with a sign in the place of each byte that is not UTF-8."""
    return os.fsencode(name).decode("utf-8", "replace")


def unsayable(inside: Path) -> SiteError:
    """Return the error of a name that cannot be written down."""
    return SiteError("the name of this is not UTF-8", Location(_as_text(inside.as_posix())), "give it another name")


def _walk(folder: Path, root: Path, errors: list[SiteError]) -> Iterator[tuple[Path, list[str], list[str]]]:
    """Walk as os.walk does, also through links to folders of the blog; others, and what cannot be read, are errors."""

    def note(error: OSError) -> None:
        inside = PurePosixPath(Path(error.filename).relative_to(root).as_posix())
        errors.append(_unreadable(inside, root / inside, error))

    for name, folders, files in os.walk(folder, followlinks=True, onerror=note):
        here = Path(name)
        for names in (folders, files):
            for odd in [one for one in names if _is_public(one) and not is_utf8(one)]:
                errors.append(unsayable((here / odd).relative_to(root)))
                names.remove(odd)
        for link in [here / f for f in folders if (here / f).is_symlink() and _is_public(f)]:
            inside = PurePosixPath(link.relative_to(root).as_posix())
            if not is_inside(link, root):
                errors.append(leads_out(inside))
            elif here.resolve().is_relative_to(link.resolve()):
                message = "this link leads to a folder that it is in"
                errors.append(SiteError(message, Location(str(inside)), "remove it"))
            else:
                continue
            folders.remove(link.name)
        yield here, folders, files


def _markdown_files(folder: Path, root: Path, errors: list[SiteError]) -> Iterator[tuple[Path, list[Path], bool]]:
    """Yield (Markdown file, files of its bundle, whether it is a post only where it reads like one, as one in a post's bundle without a date)."""
    if not folder.is_dir():
        return
    bundles: set[Path] = set()
    for here, folders, files in _walk(folder, root, errors):
        folders[:] = sorted(f for f in folders if _is_public(f))
        sections = filter(is_index, files) if here != folder else ()  # Hugo's `_index.md`, where it has text
        read = {*filter(_is_public, files), *(f for f in sections if folder.name == "pages" or _has_text(here / f))}
        visible = sorted(read - _sources_of(files))
        index = next(filter(is_index, visible), None) if here != folder else None  # the folder of all is no bundle
        if index:
            bundles.add(here)
            yield here / index, sorted(_bundle_files(here, root, errors)), False
        in_bundle = folder.name == "posts" and not bundles.isdisjoint((here, *here.parents))
        others = [f for f in visible if is_source(f) and f != index]
        yield from ((here / f, [], in_bundle and not _DATED.match(f)) for f in others)


def _sources_of(files: list[str]) -> set[str]:
    """Return the files, of R Markdown or Quarto, that others beside them were made of: these have what the code gave."""
    made = {name.rpartition(".")[0] for name in files if name.lower().endswith((".md", ".markdown"))}
    return {name for name in files if name.lower().endswith(_KNITTED) and name.rpartition(".")[0] in made}


def _has_text(path: Path) -> bool:
    """Whether anything stands below the header of a file."""
    try:
        return bool(_HEADER.sub(b"", path.read_bytes()).strip())
    except OSError:
        return False


def _bundle_files(folder: Path, root: Path, errors: list[SiteError]) -> Iterator[Path]:
    for here, folders, files in _walk(folder, root, errors):
        folders[:] = [f for f in folders if _is_public(f) and not _is_bundle(here / f)]
        yield from (here / f for f in files if _is_public(f) and not is_source(f))


def _is_bundle(folder: Path) -> bool:
    return any(is_index(entry.name) and entry.is_file() for entry in folder.iterdir())


def _is_public(name: str) -> bool:
    """Whether a file or folder may hold posts; a drawing of Excalidraw is Markdown only by its name."""
    return name == "_posts" or not (
        name.startswith((".", "_")) or name == "node_modules" or name.endswith(".excalidraw.md")
    )
