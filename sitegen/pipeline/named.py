"""What site.yml names, looked for before any page is made: the logo, the fonts, and where the menu leads."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sitegen.config import FILE_NAME, Config
from sitegen.errors import Location, SiteError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sitegen.publishing.assets import Assets


def missing_furniture(config: Config, assets: Assets, text: str) -> Iterator[SiteError]:
    """Yield an error for a logo and fonts that are not there; a template would be blamed for them, once on every page."""
    if config.logo and PurePosixPath("assets") / config.logo not in assets.paths:
        place = place_of(config.logo, text)
        yield SiteError(f"there is no asset `{config.logo}`", place, "put it into assets/").with_excerpt(text)
    for name in dict.fromkeys(config.fonts.values()):
        package = f"@fontsource-variable/{name}"
        try:
            assets.font(package)
        except KeyError:
            hint = f"install it with `npm install --save-exact {package}`"
            yield SiteError(f"there is no font package `{package}`", place_of(name, text), hint).with_excerpt(text)


def without_dead_entries(config: Config, addresses: Collection[str], text: str) -> tuple[Config, list[str]]:
    """Return the settings without the entries of the menu that lead nowhere in the site, and notes that say which.

    A blog that has no post of a series yet, or whose pages were just replaced, is a blog all the same. The theme's own menu is
    for blogs with tags and without.
    """
    if config.navigation == Config().navigation:
        folders = {address[: address.find("/", 1) + 1] for address in addresses if address.count("/") > 2}
        named = tuple(entry for entry in config.navigation if entry.url == "/archives/" or entry.url in folders)
        return (config if named == config.navigation else replace(config, navigation=named)), []
    kept, notes = [], []
    for entry in config.navigation:
        path = re.split("[?#]", entry.url)[0]
        if not path.startswith("/") or path.startswith("//") or {path, f"{path}/"} & {*addresses}:
            kept.append(entry)
        else:
            notes.append(
                f"{place_of(entry.url[1:] or entry.url, text)}: the menu leaves out `{entry.url}`, for nothing in the site is there"
            )
    return (replace(config, navigation=tuple(kept)) if notes else config), notes


def place_of(value: str, text: str) -> Location:
    """Return where a setting says something: settings that are remembered know no places."""
    found = re.search(rf"(?m)^[^#\n]*?{re.escape(value)}", text)
    return Location(FILE_NAME, text.count("\n", 0, found.end()) + 1) if found else Location(FILE_NAME)
