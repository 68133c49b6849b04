"""The labels of all posts -> what one of them, which mentions labels that it does not have, finds in the others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sitegen.labels import normal_label
from sitegen.publishing.elsewhere import Elsewhere, find_label, spellings

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import PurePosixPath

    from sitegen.model import Labelled


class Index:
    """Finds labels in the posts of a blog. absent: sources that make no page, and why. text: of a source."""

    def __init__(
        self,
        labels: Mapping[PurePosixPath, Mapping[str, Labelled]],
        absent: Mapping[PurePosixPath, str],
        text: Callable[[str], str],
    ) -> None:
        self._owners: dict[str, list[PurePosixPath]] = {}
        for path, own in labels.items():
            for name in own:
                self._owners.setdefault(name, []).append(path)
        self._labels = labels
        self._absent = absent
        self._text = text

    def elsewhere(self, path: PurePosixPath, mentions: Sequence[str], links: Sequence[str]) -> Elsewhere:
        """Return what the post at `path` finds of these labels in all others."""
        nowhere: set[str] = set()
        found: dict[PurePosixPath, dict[str, Labelled]] = {}
        absent: dict[str, tuple[str, str]] = {}
        for label in dict.fromkeys((*mentions, *links)):
            names = names_of(label)
            near = {owner for name in names for owner in self._owners.get(name, ()) if owner != path}
            owners = [owner for owner in near if find_label(label, self._labels[owner], formulas_first=False)]
            for owner in owners:
                own = self._labels[owner]
                found.setdefault(owner, {}).update((name, own[name]) for name in names if name in own)
            hidden = None if owners else self._hidden(label)
            if hidden:
                absent[label] = hidden
            elif not owners:
                nowhere.add(label)
        posts = [found[owner] for owner in sorted(found)]
        return Elsewhere(posts, self._owners.keys(), absent, frozenset(links) - nowhere)

    def _hidden(self, label: str) -> tuple[str, str] | None:
        """Return the source that gives a label but makes no page, and why."""
        name = re.escape(label)
        gives = re.compile(
            rf"\\label\{{{name}\}} | \{{[^{{}}\n]*\#{name}(?![\w:.-]) | ^\({name}\)=[ \t]*$ | \({name}\)[ \t]*$"
            rf"| (?:label|name)\W{{1,3}}{name}[\"']?[ \t]*$",
            re.MULTILINE | re.VERBOSE,
        )
        for path, why in self._absent.items():
            if gives.search(self._text(str(path))):
                return str(path), why
        return None


def placeless(labels: Mapping[str, Labelled], names: Collection[str]) -> dict[str, Labelled]:
    """Return those labels that are among some names, without their places."""
    return {name: replace(one, location=None) for name, one in labels.items() if name in names}


def names_of(label: str) -> tuple[str, ...]:
    """Return every name under which a post may have what a label means: itself, the whole of which it is a part, its rest."""
    whole, rest = normal_label(label).rpartition("-")[0], normal_label(label).partition("-")[2]
    return tuple(dict.fromkeys((*spellings(label), *filter(None, (whole, rest)))))
