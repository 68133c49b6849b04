"""Where an address that an author wrote leads: to a page of the site, a file that is published, or nowhere (an error)."""

from __future__ import annotations

import os
import posixpath
import re
from difflib import get_close_matches
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from unicodedata import normalize
from urllib.parse import quote, unquote

from msgspec import Struct

from sitegen.errors import SiteError
from sitegen.labels import is_label
from sitegen.later import later
from sitegen.model import Link, Markup, Target
from sitegen.project import is_there
from sitegen.publishing.images import image_size, is_cut_off, what_instead
from sitegen.publishing.places import ID, anchors_of, is_title, other_spelling, plain_title, title_of
from sitegen.publishing.write import MANIFEST
from sitegen.reading.discover import is_inside
from sitegen.sources import SUFFIXES, is_index, is_source, spellings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from sitegen.model import Fragment, Post
    from sitegen.publishing.elsewhere import Elsewhere

_OTHER_SOURCES = {".ipynb", ".html"}
"""What a post was called where it comes from, in Quarto, R Markdown and Jupyter, and what it became there."""
_OF_A_MACHINE = re.compile(r"[A-Za-z]:|file:|~/|/(?:Users|home|tmp|Volumes)/[^/]+/", re.IGNORECASE)
_OTHER_SITE = re.compile(r"(?:[\w-]+\.)+[a-z]{2,}/|www\.")
_COPIED = ("static", "public", "source")
"""Folders whose files stand at the top of the site in Hugo, Zola and Docusaurus, in Astro and Next, and in Hexo."""
_OF_LISTS = later(r"(?:^|/)(?:tags?|categor(?:y|ies)|topics?|authors?|series|archives?)/", re.IGNORECASE)  # of posts
_FROM_TOP = later(r"^[@~]/")  # Astro's and Zola's names for the top of what holds the posts
_UP = re.compile(r"/*(?:\.\./)*")
_GITBOOK = PurePosixPath(".gitbook/assets")


class Links(Struct, frozen=True):
    """All that a link can lead to.

    posts: by path of their source. names: paths of the posts that a name may mean. addresses: of every page of the site. assets: path in the blog -> in the site.
    absent: sources that make no page, and why: drafts, and posts whose own errors are told elsewhere ("").
    shown: whether links that lead nowhere are shown as they are written.
    elsewhere: labels of other posts that the links of the post at hand name.
    loose: files among the posts by their names, once one was looked for.
    """

    root: Path
    posts: Mapping[PurePosixPath, Post]
    names: Mapping[str, Sequence[PurePosixPath]]
    addresses: Collection[str]
    assets: Mapping[PurePosixPath, PurePosixPath]
    absent: Mapping[PurePosixPath, str]
    shown: bool = False
    elsewhere: Elsewhere | None = None
    loose: dict[str, list[PurePosixPath]] = {}

    def resolve(self, link: Link, post: Post) -> Target | SiteError:
        """Follow a link of a post, or show it."""
        found = self.follow(link, post)
        if isinstance(found, SiteError) and (self.shown or link.is_optional):
            return Target(link.target, wrong=found.message)
        return found

    def follow(self, link: Link, post: Post) -> Target | SiteError:
        """Return where a link of a post leads."""
        target, mark, fragment = link.target.partition("#")
        target, query_mark, query = target.partition("?")
        suffix = query_mark + query + mark + fragment
        name = unquote(target)
        if post.labels and label_of(link) in post.names:
            return Target(post.address + query_mark + query)
        if not target and link.kind == "image" and not fragment:
            return SiteError("this image names no file", link.location, "write its path between the parentheses")
        if not name:
            if is_title(fragment, post) and fragment not in anchors_of(post):
                return Target(post.address)
            if self.elsewhere and label_of(link) in self.elsewhere.links:
                return _labelled(self.elsewhere, link)
            return Target(post.address + query_mark + query + mark + (other_spelling(fragment, post) or fragment))
        kind = PurePosixPath(name).suffix.lower() if link.kind == "page" else ""
        if kind in SUFFIXES:
            return self._post(name, fragment, suffix, link, post)
        found = self._file(name, link, post)
        if not found and self.shown and "\\" in name:  # which browsers read so
            found = self._file(name.replace("\\", "/"), link, post)
        if found:
            size, wrong = self._looked_at(found[1]) if link.kind == "image" else (None, "")
            if wrong:
                return SiteError(f"`{name}` {wrong}", link.location, f"look at {found[1]}")
            return Target("/" + quote(str(found[0])) + suffix, None if found[1] in self.assets else found, size)
        address = name if name.startswith("/") else posixpath.normpath(posixpath.join(post.address, name))
        for candidate in (address, address.rstrip("/") + "/", address.removesuffix("index.html")):
            if candidate in self.addresses:
                return Target(quote(candidate) + suffix)
        if kind in _OTHER_SOURCES:
            named = self._post(f"{name[: -len(kind)]}.md", fragment, suffix, link, post)
            if isinstance(named, Target):
                return named
            if kind != ".html":
                message = f"there is no file `{name}`, and no post of that name"
                return SiteError(message, link.location, "put the file beside the post, or name the post's file")
        if self.elsewhere and label_of(link) in self.elsewhere.links:
            return _labelled(self.elsewhere, link)
        if link.kind == "page" and not kind:
            file = self._folder(name, post)
            if not name.endswith("/") or (self.shown and not _OF_LISTS.search(name)):  # an old address of a post
                file = file or f"{name.rstrip('/')}.md"  # Foam's and Docusaurus' `[x](./post)`
            meant = self._post(file, fragment, suffix, link, post) if file else None
            if isinstance(meant, Target):
                return meant
        return self._nowhere(name, link, post)

    def _looked_at(self, image: PurePosixPath) -> tuple[tuple[int, int] | None, str]:
        """Return the size of an image, where its file tells it, and what is wrong with the file."""
        file = self.root / image
        size = image_size(file)
        wrong = what_instead(file) if not size or image.suffix.lower() == ".svg" else ""
        if not wrong and is_cut_off(file):
            wrong = "is cut off: the file ends before its picture does"
        return size, wrong

    def _folder(self, name: str, post: Post) -> str:
        """Return the post that a folder means, its `index.md` or README, as seen from the file, or from where its page stood elsewhere."""
        above = ("posts", "pages") if name.startswith("/") else (str(post.path.parent), str(post.path.with_suffix("")))
        for folder in filter(None, (_join(PurePosixPath(start), name.lstrip("/")) for start in above)):
            for path in (folder / "index.md", folder / "README.md", PurePosixPath(f"{folder}.md")):
                if found := next((each for each in spellings(path) if each in self.posts), None):
                    return f"/{found}"
        return ""

    def _post(self, name: str, fragment: str, suffix: str, link: Link, post: Post) -> Target | SiteError:
        """Find a post by the name of its file."""
        name = _FROM_TOP.sub("/", name)
        near = _inside(name) if name.startswith("/") else _join(post.path.parent, name)
        tops = ("", "posts", "pages") if name.startswith("/") else ("",)
        paths = [path for top in tops for path in spellings(top / near)] if near else []
        if near and is_index(near.name):  # mdBook makes `index.html` of a README
            paths.append(near.with_name("README.md"))
        if near and link.is_wikilink:  # Obsidian looks at the top of the vault before it looks beside the note
            paths[:0] = spellings(PurePosixPath(post.path.parts[0], name.lstrip("/")))
        found = next((self.posts[path] for path in paths if path in self.posts), None)
        if found is None:
            path = PurePosixPath(name)
            wanted = f"{path.parent.name}.md" if is_index(name.split("/")[-1]) else path.name
            same = self.names.get(wanted, ()) or self.names.get(_spelled(PurePosixPath(wanted).stem), ())
            same = _nearest(same, path) if len(same) > 1 else same
            same = _shortest(same) if len(same) > 1 and link.is_wikilink else same
            found = self.posts[same[0]] if len(same) == 1 else None
            if len(same) > 1:
                listed = ", ".join(map(str, same))
                return SiteError(f"`{name}` may be any of {listed}", link.location, "write more of its path")
            missing = [why for path, why in self.absent.items() if path == near or path.name == wanted]
            if found is None and missing:
                message = f"`{name}` is {missing[0]}"
                return SiteError(message, link.location) if missing[0] else Target("/")
        if found is None:
            close = get_close_matches(str(near or name), [str(path) for path in self.posts if path != post.path], n=1)
            usual = "links between posts name the file of the other post; `broken_links: show` lets them stand"
            hint = _did_you_mean(close) or usual
            return SiteError(f"there is no post `{name}`", link.location, hint)
        title = plain_title(found) if link.is_titled and not fragment else ""
        if fragment in found.names or is_title(fragment, found):
            return Target(quote(found.address))
        other = other_spelling(fragment, found)
        if other:
            suffix = f"{suffix.partition('#')[0]}#{other}"
        elif fragment and unquote(fragment) not in anchors_of(found):
            names = [heading.id for heading in found.headings]
            close = [f"#{one}" for one in get_close_matches(fragment, names, n=1)]
            hint = _did_you_mean(close) or f"its headings are: {', '.join(names) or 'none'}"
            return SiteError(f"`{found.path}` has no heading `#{fragment}`", link.location, hint)
        return Target(quote(found.address) + suffix, title=title)

    def _file(self, name: str, link: Link, post: Post) -> tuple[PurePosixPath, PurePosixPath] | None:
        """Return (path in the site, path in the blog) of a file, looked for where an author may mean."""
        if name.endswith("/"):
            return None
        name = _FROM_TOP.sub("/", name)
        for path in self._candidates(name, link, post):
            if path is None or is_source(path.name) or _is_hidden(path):
                continue
            if path in self.assets:
                return self.assets[path], path
            if is_there(self.root / path) and is_inside(self.root / path, self.root):
                return published_path(path, post), path
        loose = None if name.startswith(".") else self._loose_file(name.lstrip("/"), post)
        return (published_path(loose, post), loose) if loose else None

    def _loose_file(self, name: str, post: Post) -> PurePosixPath | None:
        """Return the file among the posts and pages, but of no bundle, whose path ends so, the nearest to a post: Obsidian's attachments, and what was at the top of a site."""
        if not self.loose:
            bundled = {file for post in self.posts.values() for file in post.files}
            for folder, folders, files in chain(os.walk(self.root / "posts"), os.walk(self.root / "pages")):
                folders[:] = [each for each in folders if not each.startswith(".")]
                inside = PurePosixPath(os.path.relpath(folder, self.root))
                for path in (inside / file for file in files if not is_source(file)):
                    self.loose.setdefault(path.name, []).extend([] if path in bundled else [path])
            self.loose.setdefault("", [])  # so that it is not empty
        wanted = PurePosixPath(name).parts
        known = (*self.loose.get(wanted[-1], ()), *post.files)
        found = [path for path in known if path.parts[-len(wanted) :] == wanted]
        shared = [max(len(each.parts) for each in path.parents if post.path.is_relative_to(each)) for path in found]
        found = [path for path, length in zip(found, shared, strict=True) if length == max(shared)]
        is_file = len(found) == 1 and (self.root / found[0]).is_file()  # not a pipe
        return found[0] if is_file and is_inside(self.root / found[0], self.root) else None

    def _candidates(self, name: str, link: Link, post: Post) -> Iterator[PurePosixPath | None]:
        """Yield where a file may lie: beside the post, in the blog's folder, where other generators have what they copy."""
        subpath = str(post.meta.extra.get("media_subpath") or "")
        if not name.startswith("/"):
            yield _join(post.path.parent, name)
            yield _join(post.path.with_suffix(""), name)  # Hexo's folder of a post
            if subpath and "://" not in subpath:
                yield _inside(posixpath.join(subpath, name))
        name = _UP.sub("", name, count=1)  # out of folders that posts stood deeper in
        yield _inside(name)
        if link.kind != "page" or PurePosixPath(name).suffix not in {"", ".html"}:
            for folder in (*_COPIED, "assets", "src"):
                if not (self.root / folder / MANIFEST).exists():  # else it is a site that was built into it
                    yield _inside(posixpath.join(folder, name))

    def _nowhere(self, name: str, link: Link, post: Post) -> SiteError:
        if _OF_A_MACHINE.match(name):
            own = re.split(r"[/\\]", name.rstrip("/\\"))[-1]
            hint = f"a path of your machine leads nowhere on the web: put a copy beside the post, and write `{own}`"
            return SiteError(f"there is no file `{name}`", link.location, hint)
        if link.kind != "page":
            return self._no_file(name, link, post)
        if _OTHER_SITE.match(name):
            hint = f"the address of another site is written whole: `https://{name}`"
            return SiteError(f"nothing in the site is at `{name}`", link.location, hint)
        ends = tuple(f"/{PurePosixPath(name).stem}{end}" for end in ("/", ".html"))
        same = [other.address for other in self.posts.values() if other.address.endswith(ends)]
        close = same or get_close_matches(name, list(self.addresses), n=1, cutoff=0.7)
        hint = _did_you_mean(close) or "a link inside the site names a post's file, a page or a file"
        return SiteError(f"nothing in the site is at `{name}`", link.location, hint)

    def _no_file(self, name: str, link: Link, post: Post) -> SiteError:
        """Return what is wrong with a name of a file, and which one may be meant."""
        written = PurePosixPath(name.replace("\\", "/"))
        above = self.root / (post.path.parent if not name.startswith("/") else "")
        folder = above / written.parent.relative_to(written.anchor)
        beside = [entry.name for entry in folder.iterdir()] if is_there(folder, Path.is_dir) else []
        if written.name in beside and "/." in f"/{name.replace('../', '')}":
            hint = "hidden files and folders are not published: rename what begins with a dot"
            return SiteError(f"`{name}` is hidden", link.location, hint)
        same = [other for other in beside if _composed(other).lower() == _composed(written.name).lower()]
        close = same or get_close_matches(written.name, beside, n=1)
        hint = _did_you_mean(close) or f"looked in {post.path.parent}/ and in the blog's folder"
        if same and "\\" in name:
            hint = f"write `/` between folders: `{written.with_name(same[0])}`"
        elif written.name in beside:
            hint = "it leads out of the blog's folder: put a copy beside the post"
            hint = f"it is a post, to which `[words]({name})` leads" if is_source(written.name) else hint
            hint = "it is a folder" if (folder / written.name).is_dir() else hint
        elif same and _composed(same[0]) == _composed(written.name):
            hint = "the name of the file looks the same, and is other Unicode (NFC, NFD): rename it, by typing it anew"
        elif same:
            hint = f"small and capital letters differ on the web: did you mean `{same[0]}`?"
        return SiteError(f"there is no file `{name}`", link.location, hint)


def _did_you_mean(close: Sequence[str]) -> str:
    return f"did you mean `{close[0]}`?" if close else ""


def _nearest(paths: Sequence[PurePosixPath], name: PurePosixPath) -> Sequence[PurePosixPath]:
    """Return those of some posts whose paths end as a name does, folders included: one that is seen from the top of what was moved in."""
    tail = [part for part in _address_like(name).parts if part not in {"..", "/"}]
    for length in range(len(tail), 1, -1):
        ending = tail[-length:]
        if near := [path for path in paths if list(_address_like(path).parts[-length:]) == ending]:
            return near
    return paths


def _address_like(path: PurePosixPath) -> PurePosixPath:
    """Return the path of a source without its ending, or that of the folder which it is the index of."""
    return path.parent if is_index(path.name) else path.with_suffix("")


def _shortest(paths: Sequence[PurePosixPath]) -> Sequence[PurePosixPath]:
    """Return the shortest of some paths, which Obsidian follows, or several that are as short."""
    shortest = min(len(str(path)) for path in paths)
    return [path for path in paths if len(str(path)) == shortest]


def names_of(posts: Sequence[Post]) -> dict[str, list[PurePosixPath]]:
    """Return which posts a name without a folder may mean: of a file or a bundle, a slug, a title, an alias."""
    found: dict[str, list[PurePosixPath]] = {}
    for post in posts:
        folder = post.path.parent.name if is_index(post.path.name) else ""
        stem = folder or post.path.stem
        own = {f"{stem}.md"} if folder else {f"{stem}.md", post.path.name}
        spelled = {_spelled(name) for name in (stem, post.meta.slug, post.meta.title or title_of(post))}
        for name in own | spelled - {""}:
            found.setdefault(name, []).append(post.path)
    for post in posts:
        for alias in filter(None, (*post.meta.aliases, str(post.meta.extra.get("id") or ""))):  # Docusaurus' name
            found.setdefault(_spelled(alias.strip("/")), [post.path])
    return found


def _spelled(name: str) -> str:
    """Return a name in the one spelling in which names are compared: no date, lower case, hyphens for blanks."""
    name = re.sub(r"^\d{4}-\d{1,2}-\d{1,2}-", "", _composed(name))
    return re.sub(r"[\s_-]+", "-", name.strip().lower())


def _composed(name: str) -> str:
    """Return a name with each letter and its accents as one sign; file systems of macOS, and archives made there, part them."""
    return name if name.isascii() else normalize("NFC", name)


def label_of(link: Link) -> str:
    """Return the label that a link may name, `[words](label)` or `[words](#label)`; "" where it names none."""
    name = unquote(link.target.removeprefix("#"))
    return name if link.kind == "page" and (link.target.startswith("#") or is_label(name)) else ""


def _labelled(elsewhere: Elsewhere, link: Link) -> Target | SiteError:
    """Follow a link to what another post has."""
    found = elsewhere.find(label_of(link), link.location, formulas_first=False)
    if isinstance(found, SiteError):
        return found
    return Target(quote(found.address) + "#" * bool(found.anchor) + found.anchor) if found else Target("/")


def broken_links(body: Sequence[Fragment], post: Post, links: Links) -> list[tuple[Link, SiteError]]:
    """Return the links of a post that lead nowhere, with their errors, those to places within the page included."""
    wanted = [part for part in body if isinstance(part, Link)]
    found = {link: links.follow(link, post) for link in dict.fromkeys(wanted)}
    errors = [(link, error) for link, error in found.items() if isinstance(error, SiteError) and not link.is_optional]
    ids = {
        "top",
        *post.names,
        *(heading.id for heading in post.headings),
        *(links.elsewhere.links if links.elsewhere else ()),
    }
    for part in body:
        if isinstance(part, Markup):
            ids.update(ID.findall(part.html))
    for link in wanted:
        name = link.target.removeprefix("#")
        is_here = {name, unquote(name)} & ids or other_spelling(name, post) or is_title(name, post)
        if link.target.startswith("#") and name and not is_here:
            headings = ", ".join(heading.id for heading in post.headings[:8])
            message = f"this page has no place `{unquote(link.target)}`"
            hint = f"its headings are: {headings}" if headings else ""
            errors.append((link, SiteError(message, link.location, hint)))
    return errors


def published_path(path: PurePosixPath, post: Post) -> PurePosixPath:
    """Return where a file of the blog stands in the site: a bundle's beside its page, others where they are."""
    if path in post.files:
        folder = post.address if post.address.endswith("/") else posixpath.dirname(post.address)
        return PurePosixPath(folder.strip("/")) / path.relative_to(post.path.parent)
    if path.parts[0] in _COPIED:
        return PurePosixPath(*path.parts[1:])
    if path.is_relative_to(_GITBOOK):
        return "gitbook" / path.relative_to(".gitbook")  # what hosts pages may leave hidden folders away
    return path


def _is_hidden(path: PurePosixPath) -> bool:
    """Whether a file, or a folder above it, is hidden; GitBook's folder of images is none."""
    parts = path.relative_to(_GITBOOK).parts if path.is_relative_to(_GITBOOK) else path.parts
    return any(part.startswith(".") for part in parts)


def _join(folder: PurePosixPath, name: str) -> PurePosixPath | None:
    return _inside(posixpath.join(str(folder), name))


def _inside(name: str) -> PurePosixPath | None:
    """Return a normalised path in the blog, or None when it leads out of it."""
    path = posixpath.normpath(name.lstrip("/"))
    return None if path.startswith("..") or path == "." else PurePosixPath(path)
