"""Posts of one name in different folders, as chapters of a course, or of different dates -> addresses with the names of their folders, or dates."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sitegen.keys import digest
from sitegen.publishing.addresses import page_path
from sitegen.reading.frontmatter import in_address
from sitegen.sources import is_index

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import PurePosixPath

    from sitegen.model import Digest, Post


def addresses_apart(posts: Sequence[Post]) -> dict[PurePosixPath, str]:
    """Return the addresses of posts that would share theirs, but for those whose headers gave it, with as many folders as part them, or dates."""
    alike: defaultdict[str, list[Post]] = defaultdict(list)
    for post in posts:
        alike[str(page_path(post.address)).lower()].append(post)  # of capitals some systems of files know nothing
    found = {}
    for sharing in (group for group in alike.values() if len(group) > 1):
        for depth in (*range(1, max(len(post.path.parts) for post in sharing)), 0):
            moved = {post.path: _address(post, depth) for post in sharing}
            if len({address.lower() for address in moved.values()}) == len(sharing):
                found.update({post.path: moved[post.path] for post in sharing if moved[post.path] != post.address})
                break
        else:
            found.update(_by_language(sharing))
    return found


def _by_language(sharing: Sequence[Post]) -> dict[PurePosixPath, str]:
    """Return addresses that end with the language, as Pelican has them, of all but the first of what one header's slug names in several."""
    languages = sorted({post.meta.lang for post in sharing})
    if len(languages) < len(sharing) or any(post.kind == "page" or post.meta.permalink for post in sharing):
        return {}
    first = "" if "" in languages else sharing[0].meta.lang
    parted = [(post, *post.address.rpartition(post.meta.slug)) for post in sharing if post.meta.lang != first]
    return {post.path: f"{before}{slug}-{in_address(post.meta.lang)}{after}" for post, before, slug, after in parted}


def _address(post: Post, depth: int) -> str:
    """Return the address of a post with the names of the last folders that it lies in, or the date of its name, as it is where its header gave it."""
    named = post.path.parent if is_index(post.path.name) else post.path
    before, slug, after = post.address.rpartition(post.meta.slug)
    if post.kind == "page" or post.meta.permalink or post.meta.has_slug or not slug:
        return post.address
    own = [*named.parts[1:-1][-depth:], post.meta.slug] if depth else [named.stem if named == post.path else named.name]
    return f"{before}{'-'.join(map(in_address, own))}{after}"


def moved_to(
    posts: Sequence[Post], addresses: Mapping[PurePosixPath, str], keys: dict[PurePosixPath, Digest]
) -> tuple[Post, ...]:
    """Return posts with these addresses, which their articles depend on: keys, of what each was read from, are changed."""
    keys.update({path: digest(keys[path], address) for path, address in addresses.items()})
    return tuple(replace(post, address=addresses.get(post.path, post.address)) for post in posts)


def notes_of(addresses: Mapping[PurePosixPath, str]) -> Iterator[str]:
    """Yield where posts stand that had to move, not each of many."""
    said = "since another post has its name; `slug:` gives it one of its own"
    yield from (
        f"{path}: stands at {address}, {said}"
        for path, address in list(addresses.items())[: 3 if len(addresses) > 4 else None]
    )
    if len(addresses) > 4:
        yield f"{len(addresses) - 3} more posts have the names of their folders in their addresses"
