"""Style sheets, scripts, images and fonts -> files with content-hashed names.

A blog's own assets/ lies over the theme's. `npm:package/file` names a file of an installed npm package; it is published
when a template or a style sheet asks for it.
"""

from __future__ import annotations

import base64
import os
import posixpath
import re
from copy import copy
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, cast
from urllib.parse import quote

import rcssmin
import rjsmin

from sitegen.errors import Location, SiteError
from sitegen.keys import digest, digest_of_code
from sitegen.model import CopyOf
from sitegen.publishing.fonts import Face, face_of, read_package
from sitegen.publishing.sheets import Sheet, asked_for, given_by
from sitegen.reading.discover import is_inside, is_utf8, leads_out, no_file, unsayable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sitegen.model import Digest, FileContent
    from sitegen.publishing.fonts import FontCutter, Package

_URL = re.compile(r"""url\(\s*(["']?)([^"')]+)\1\s*\)""")
_PLAIN = "=:/,;()'!*"  # signs that an address of data may hold in an attribute
_FACE = re.compile(r"@font-face\s*\{[^}]*\}")
SMALLEST = 600  # bytes of what is not worth a request of its own: a font of a few letters, an icon
SMALL = 2_000  # bytes of a font that stands in the sheet of a page which would ask for many
MOST_FONTS = 7  # of formulas, italics and code, that a page asks for
_OTHER_FONT = ("<code", "<em")  # what in a page asks for one of these that is no formula's
_SCRIPT = ".js"  # how the name of each script ends
_CLOSED = re.compile(r"<details(?![^>]*\sopen\b).*?</details>", re.DOTALL)
TOGETHER = PurePosixPath("assets/css/together.css")
FOR = " for "
_CODE = ("publishing/assets.py", "publishing/sheets.py")
_FORMULA_FONT = re.compile(r"\bKaTeX_[\w-]+\.\w+\.woff2")
_NOT_NEEDED = "url(not-needed)"
_OLD_FONTS = re.compile(r""",\s*url\([^)]*\.(?:woff|ttf)["']?\)\s*format\([^)]*\)""")


class Assets:
    """The published assets. paths: path in the blog (`assets/css/a.css`) -> in the site. files: what to write.

    cut: fonts that are still to be made, by the names that their cutter gave them.
    cutter: what npm's fonts are cut with; None leaves them whole, and style sheets as they were written. stable: whether
    style sheets keep their names when they change, as in the preview, where pages then stay as they are.

    Note: `files` grows while templates ask for npm's files.
    """

    def __init__(
        self, roots: Sequence[Path], packages: Path, cutter: FontCutter | None = None, *, stable: bool = False
    ) -> None:
        self._packages = packages
        self._cutter = cutter
        self._stable = stable
        self._npm: dict[str, PurePosixPath] = {}
        self._sheets: dict[str, PurePosixPath] = {}
        self._formula_fonts: dict[str, list[str]] = {}  # by name of a sheet
        self._parsed: dict[str, Sheet] = {}
        self._alike: dict[str, Digest] = {}  # of some style sheets all that their parts for pages are cut from
        self._in_scripts: dict[str, dict[str, frozenset[str]]] = {}  # of some style sheets what each script may ask for
        self._small: dict[str, bytes] = {}  # fonts of formulas, by the names of their files
        self.files: dict[PurePosixPath, FileContent] = {}
        self.cut: dict[PurePosixPath, Digest] = {}
        self.paths: dict[PurePosixPath, PurePosixPath] = {}
        self.errors: list[SiteError] = []
        self._sources: dict[PurePosixPath, Path] = {}
        for root in roots:  # the theme's first, the blog's over it
            for path in files_below(root / "assets"):
                inside = PurePosixPath(path.relative_to(root).as_posix())
                if not is_utf8(str(path)):
                    self.errors.append(unsayable(path.relative_to(root)))
                elif path.is_file() and not is_inside(path, root):
                    self.errors.append(leads_out(inside))
                elif not any(part.startswith(".") for part in inside.parts):
                    if path.is_file():
                        self._sources[inside] = path
                    else:
                        self.errors.append(no_file(inside, path))
        self._leave_out_what_is_no_text()
        if cutter:
            cutter.use(
                path.read_text(encoding="utf-8") for name, path in self._sources.items() if name.suffix == ".css"
            )
        for name in sorted(self._sources, key=lambda name: (name.suffix == ".css", name)):
            self._publish(name)

    def _leave_out_what_is_no_text(self) -> None:
        """Note style sheets and scripts that are not UTF-8, and go on without them."""
        for name, path in list(self._sources.items()):
            if name.suffix in {".css", ".js"}:
                content = path.read_bytes()
                try:
                    content.decode()
                except UnicodeDecodeError as error:
                    place = Location(str(name), content.count(b"\n", 0, error.start) + 1)
                    self.errors.append(SiteError(f"byte {error.start} is not UTF-8", place, "save the file as UTF-8"))
                    del self._sources[name]

    def path(self, name: str) -> PurePosixPath:
        """Return where an asset stands in the site; `name` is relative to assets/, or begins with `npm:`.

        Names of style sheets with spaces between them are one sheet together; behind ` for ` stand the classes and
        properties whose rules are wanted. Raises KeyError when there is none.
        """
        if " " in name:
            if name not in self._sheets:
                text = self.together(name)
                place = _hashed(TOGETHER, (name if self._stable else text).encode())
                self.files[place] = text.encode()
                self._sheets[name] = place
            return self._sheets[name]
        if name.startswith("npm:"):
            return self._npm_path(name.removeprefix("npm:")) or self._publish_whole(name.removeprefix("npm:"))
        return self.paths[PurePosixPath("assets") / name.lstrip("/").removeprefix("assets/")]

    def together(self, name: str, most: int = MOST_FONTS) -> str:
        """Return the style sheet that `path` publishes for names with spaces between them. most: fonts that it asks for. Raises KeyError."""
        names, _, classes = name.partition(FOR)
        words = classes.split()
        if not words:
            return self._joined(names)

        def cut() -> str:
            return self._with_small_fonts(self._sheet(names).needed(words), most - len({*_OTHER_FONT} & {*words}))

        if self._cutter is None:
            return cut()
        return self._cutter.remembered(digest(self._likeness(names), classes, str(most)), cut)

    def vocabulary(self, name: str) -> str:
        """Return what tells apart the words that style sheets ask pages for: one that is new there may be in a remembered page."""
        names, _, classes = name.partition(FOR)
        if not classes or self._cutter is None:
            return ""
        return self._cutter.remembered(
            digest(self._likeness(names), "words"), lambda: digest(*sorted(self._sheet(names).names))
        )

    def _likeness(self, names: str) -> Digest:
        if names not in self._alike:
            whole = self._joined(names)  # which fills `_small`
            small = [part for font in sorted(self._small.items()) for part in font]
            self._alike[names] = digest(digest_of_code(*_CODE), whole, *small)
        return self._alike[names]

    def within(self, name: str, folder: PurePosixPath) -> str:
        """Return that style sheet as a page in a folder of the site can hold it; "" where it has to be a file, as in the preview.

        A font may then be a file instead: the page asks for no style sheet.
        """
        sheet = "" if self._cutter is None else self.together(name, MOST_FONTS + 1)
        return "" if "</" in sheet else _URL.sub(partial(_from_another_folder, TOGETHER.parent, folder), sheet)

    def apart(self) -> Assets:
        """Return assets that publish for themselves from now on: what these are only asked about is not among them."""
        other = copy(self)
        vars(other).update({name: dict(vars(self)[name]) for name in ("_npm", "_sheets", "_alike", "files", "cut")})
        return other

    def source(self, name: str) -> Path | None:
        """Return the file of an asset of the blog or the theme, if there is one."""
        return self._sources.get(PurePosixPath("assets") / name)

    def inlined(self, name: str) -> str:
        """Return a small SVG as an address that holds it, which asks for nothing; "" for anything else."""
        source = self.source(name)
        content = source.read_bytes() if source and source.suffix == ".svg" else b""
        return f"data:image/svg+xml,{quote(content, safe=_PLAIN)}" if 0 < len(content) <= SMALLEST else ""

    def font(self, package: str, use: str = "") -> Package:
        """Return a font package of npm's, whose style sheets are published, and with them its files. Raises KeyError.

        use: `text` or `labels`, for which other fonts stand in its place until it arrives.
        """
        found = read_package(self._packages, package)
        for sheet in found.sheets:
            self.path(sheet)
        return self._cutter.with_stand_ins(found, use, self._packages) if self._cutter else found

    def wanted_by(self, page: str, names: str, body: str, classes: Iterable[str]) -> str:
        """Return the name of the part of some style sheets that a page needs; all of them in the preview.

        body: what of the page is its article's; classes: what that asks for, looked for once in each article.
        """
        if self._cutter is None or " " not in names:
            return names
        if names not in self._in_scripts:
            self._in_scripts[names] = {
                self.paths[name].name: self._sheet(names).among(given_by(path.read_text(encoding="utf-8")))
                for name, path in self._sources.items()
                if name.suffix == ".js"
            }
        rest = page.replace(body, "", 1) if body else page
        asked = asked_for(rest).union(classes)
        scripted = page if _SCRIPT in body else rest
        given = (words for script, words in self._in_scripts[names].items() if script in scripted)
        wanted = self._sheet(names).among(asked).union(*given)
        shown = _CLOSED.sub("", page) if "<details" in page else page
        return names + FOR + " ".join(sorted(wanted.union(part for part in _OTHER_FONT if part in shown)))

    def formula_fonts(self, name: str) -> list[str]:
        """Return the paths in the site of the fonts of formulas that the style sheet of a page asks for."""
        if name not in self._formula_fonts:
            sheet = cast("bytes", self.files[self.path(name)]).decode()
            asked = (match[2] for match in _URL.finditer(sheet) if _FORMULA_FONT.search(match[2]))
            found = [posixpath.normpath(posixpath.join(str(TOGETHER.parent), url)) for url in asked]
            self._formula_fonts[name] = found
        return self._formula_fonts[name]

    def _with_small_fonts(self, sheet: str, most: int) -> str:
        """Return a page's sheet with the smallest of the fonts of formulas in it, so that it asks for `most` of them."""
        asked = dict.fromkeys(_FORMULA_FONT.findall(sheet))
        small = sorted((name for name in asked if name in self._small), key=lambda name: (len(self._small[name]), name))
        inside = set(small[: max(0, len(asked) - most)])
        return _URL.sub(
            lambda url: _data(self._small[name]) if (name := posixpath.basename(url[2])) in inside else url[0], sheet
        )

    def _sheet(self, names: str) -> Sheet:
        if names not in self._parsed:
            self._parsed[names] = Sheet(self._joined(names))
        return self._parsed[names]

    def _joined(self, names: str) -> str:
        """Return style sheets as one, which a reader's browser asks for once."""
        texts = []
        for path in map(self.path, names.split()):
            text = cast("bytes", self.files[path]).decode()
            texts.append(_URL.sub(partial(_from_another_folder, path.parent, TOGETHER.parent), text))
        return "\n".join(texts)

    def republish(self, changed: Iterable[Path]) -> bool:
        """Publish style sheets as they are now; False when these files are not, cannot be read, or have other names then."""
        names = {path: name for name, path in self._sources.items() if name.suffix == ".css"}
        if not self._stable or not all(path in names and path.is_file() for path in changed):
            return False
        try:
            for path in changed:
                self._publish(names[path])
        except UnicodeDecodeError:  # of which a whole build tells
            return False
        self._parsed.clear()
        self._in_scripts.clear()
        together = list(self._sheets)
        self._sheets.clear()
        self._formula_fonts.clear()
        for name in together:
            self.path(name)
        return not self.errors

    def _publish(self, name: PurePosixPath) -> None:
        source = self._sources[name]
        content = written = source.read_bytes()
        if name.suffix == ".css":
            content = self._written(self._rewrite(written.decode(), name))
        elif name.suffix == ".js" and self._cutter and not name.name.endswith(".min.js"):
            content = str(rjsmin.jsmin(written.decode())).encode()
        hashed = name if self._stable and name.suffix == ".css" else _hashed(name, content)
        self.paths[name] = hashed
        self.files[hashed] = CopyOf(source) if content is written and name.suffix != ".css" else content

    def _npm_path(self, name: str, face: Face | None = None) -> PurePosixPath | None:
        """Publish a file of npm's and return where; None for a font of which the site needs nothing."""
        if name in self._npm:
            return self._npm[name]
        source = self._packages / name
        if ".." in PurePosixPath(name).parts or not source.is_file():
            raise KeyError(f"npm:{name}")
        place = _npm_place(name)
        content = source.read_bytes()
        if self._cutter and place.suffix == ".woff2":
            unpacked = source.with_suffix(".ttf")  # KaTeX has both, and unpacking takes most of the time
            recipe = self._cutter.name(unpacked.read_bytes() if unpacked.is_file() else content, face or Face())
            if recipe is None:
                return None
            hashed = _hashed(place, recipe.encode())
            self.cut[hashed] = recipe
        elif place.suffix == ".css":
            text = _OLD_FONTS.sub("", content.decode())
            if self._cutter and name.startswith("katex/"):
                text = self._cutter.needed(text)
            content = self._written(_without_faces(_URL.sub(partial(self._npm_url, name, place), text)))
            hashed = _hashed(place, content)
            self.files[hashed] = content
        else:
            hashed = _hashed(place, content)
            self.files[hashed] = CopyOf(source)
        self._npm[name] = hashed
        return hashed

    def _publish_whole(self, name: str) -> PurePosixPath:
        """Publish a font that a template asks for though the site has no text for it."""
        source = self._packages / name
        hashed = self._npm[name] = _hashed(_npm_place(name), source.read_bytes())
        self.files[hashed] = CopyOf(source)
        return hashed

    def _written(self, sheet: str) -> bytes:
        """Return a style sheet as it is published: small where readers get it, as it was written in the preview."""
        return str(rcssmin.cssmin(sheet) if self._cutter else sheet).encode()

    def _npm_url(self, name: str, sheet: PurePosixPath, match: re.Match[str]) -> str:
        if re.match(r"[a-z]+:|#|/", match[2]):
            return match[0]
        target = posixpath.normpath(posixpath.join(posixpath.dirname(name), match[2]))
        is_of_formulas = self._cutter is not None and name.startswith("katex/")
        face = _face_around(match.string, match.start())
        if self._cutter and is_of_formulas:
            face = self._cutter.face_of_formulas(posixpath.basename(target))
        found = self._npm_path(target, face)
        if self._cutter and is_of_formulas and found:
            content = self._cutter.content(self.cut[found])  # made now: where it stands is a matter of its size
            if len(content) <= SMALLEST:
                del self.cut[found], self._npm[target]
                return _data(content)
            if len(content) <= SMALL:
                self._small[found.name] = content
        return f"url({posixpath.relpath(found, sheet.parent)})" if found else _NOT_NEEDED

    def _rewrite(self, text: str, sheet: PurePosixPath) -> str:
        """Point `url(...)` of a style sheet at published files."""

        def rewrite(match: re.Match[str]) -> str:
            target = match[2].partition("#")[0].partition("?")[0]
            found: PurePosixPath | None
            try:
                if target.startswith("npm:"):
                    found = self._npm_path(target.removeprefix("npm:"), _face_around(text, match.start()))
                elif re.match(r"[a-z]+:|/|$", target):
                    return match[0]
                else:
                    found = self.paths[PurePosixPath(posixpath.normpath(posixpath.join(str(sheet.parent), target)))]
            except KeyError:
                line = text.count("\n", 0, match.start()) + 1
                hint = "run `make site` to install packages" if target.startswith("npm:") else ""
                self.errors.append(SiteError(f"there is no file `{target}`", Location(str(sheet), line), hint))
                return match[0]
            return f"url({posixpath.relpath(found, sheet.parent)}{match[2][len(target) :]})" if found else _NOT_NEEDED

        return _without_faces(_URL.sub(rewrite, text))


def files_below(folder: Path) -> list[Path]:
    """Return all files below a folder, sorted; a folder that may not be read is not passed over. Raises OSError."""

    def refuse(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            raise error

    return sorted(Path(here, name) for here, _, files in os.walk(folder, onerror=refuse) for name in files)


def _data(font: bytes) -> str:
    return f"url(data:font/woff2;base64,{base64.b64encode(font).decode()})"


def _from_another_folder(old: PurePosixPath, new: PurePosixPath, match: re.Match[str]) -> str:
    """Return a `url(...)` of a sheet in `old` as a sheet in `new` writes it."""
    if re.match(r"[a-z]+:|#|/", match[2]):
        return match[0]
    return f"url({posixpath.relpath(posixpath.join(old, match[2]), new)})"


def _face_around(sheet: str, place: int) -> Face:
    """Return what the `@font-face` around a place declares; a font is cut to it."""
    start = sheet.rfind("@font-face", 0, place)
    return face_of(sheet[start : sheet.find("}", place)]) if start >= 0 else Face()


def _without_faces(sheet: str) -> str:
    """Return a style sheet without the faces of which the site needs nothing."""
    return _FACE.sub(lambda match: "" if _NOT_NEEDED in match[0] else match[0], sheet)


def _npm_place(name: str) -> PurePosixPath:
    return PurePosixPath("assets/npm") / name.replace("@", "").replace("/dist/", "/").replace("/files/", "/")


def _hashed(path: PurePosixPath, content: bytes) -> PurePosixPath:
    return path.with_name(f"{path.stem}.{digest(content)[:8]}{path.suffix}")
