"""The verbs that write for the author: new begins a post, import makes one of a notebook."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sitegen.cli.folders import blog_folder
from sitegen.cli.telling import say
from sitegen.errors import Location, SiteError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping
    from pathlib import Path


LONGEST = 70  # characters of a file's name made of a title: systems take 255 bytes, of which a character has up to 3


def begin_post(options: argparse.Namespace) -> int:
    """Begin a post."""
    from sitegen.reading.discover import is_utf8

    root = blog_folder(options)
    if not is_utf8(options.title):
        raise SiteError("the title is not UTF-8", Location("new"), "see what the terminal sends: `echo $LANG`")
    name, header = _header(root, options.title)
    path = f"posts/{name}/index.md" if options.bundle else f"posts/{name}.md"
    _write_new(root, {path: header.encode()})
    say(str(root / path))
    return 0


def import_notebook(options: argparse.Namespace) -> int:
    """Make a post of a notebook."""
    import re

    from sitegen.reading.dialects.notebook import read_notebook

    root = blog_folder(options)
    if options.notebook.exists() and not (options.notebook.is_file() or options.notebook.is_dir()):
        place = Location(str(options.notebook))  # to read it may never end
        raise SiteError("cannot be read: it is a pipe, a socket or a device", place, "name the notebook's file")
    try:
        content = options.notebook.read_bytes()
    except OSError as error:
        raise SiteError(f"cannot be read: {error.strerror}", Location(str(options.notebook))) from error
    notebook = read_notebook(content, str(options.notebook), runs=not options.keep_outputs)
    dated = re.match(r"(\d{4}-\d\d-\d\d)-(.+)", options.notebook.stem)  # as Jekyll and fastpages name it
    title = notebook.title or (dated[2] if dated else options.notebook.stem).replace("_", " ").replace("-", " ")
    day = f"date: {dated[1]}\n" if dated and not re.search(r"(?m)^date\s*:", notebook.header) else ""
    name, header = _header(root, title, notebook.header + day)
    folder = options.notebook.resolve().parent
    bundle, index = f"posts/{name}", "index.md"
    stays = folder.is_relative_to(root / "pages")  # a chapter of a course, where others look for it
    if stays:
        bundle, index = folder.relative_to(root).as_posix(), f"{options.notebook.stem}.md"
    files = {f"{bundle}/{file}": data for file, data in notebook.files.items()}
    for image in notebook.images:
        path = (folder / image).resolve()
        if path.is_file() and (stays or path.is_relative_to(folder)):
            files |= {} if stays else {f"{bundle}/{image}": path.read_bytes()}
        else:
            say(f"note: {options.notebook}: shows `{image}`, which is not there; put it beside the post", error=True)
    for number, note in notebook.notes:
        say(f"note: {options.notebook}, cell {number}: {note}", error=True)
    _write_new(root, {f"{bundle}/{index}": f"{header}{notebook.body}".encode(), **files})
    say(str(root / bundle / index))
    return 0


def _header(root: Path, title: str, own: str = "") -> tuple[str, str]:
    """Return the name and the header of a new post of today. own: lines of YAML to keep; what they say stands."""
    import re
    import unicodedata
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from sitegen.config import read_config
    from sitegen.slugs import hyphenated

    config, _ = read_config(root)
    now = datetime.now(ZoneInfo(config.timezone))
    slug = hyphenated(unicodedata.normalize("NFKC", title).lower()) or "post"
    slug = slug[:LONGEST].rstrip("-")
    said = set(re.findall(r"(?m)^([\w-]+)\s*:", own))
    day = re.search(r"(?m)^date\s*:\s*[\"']?(\d{4}-\d\d-\d\d)", own)
    lines = {
        "title": json.dumps(title, ensure_ascii=False),
        "date": f"{now:%Y-%m-%d %H:%M:%S %z}",
        "categories": "[]",
        "tags": "[]",
    }
    added = "".join(f"{key}: {value}\n" for key, value in lines.items() if key not in said)
    return f"{day[1] if day else f'{now:%Y-%m-%d}'}-{slug}", f"---\n{own}{added}---\n\n"


def _write_new(root: Path, files: Mapping[str, bytes]) -> None:
    """Write new files of an author's; nothing that is there is replaced. Raises SiteError."""
    for name in files:
        if (root / name).exists():
            raise SiteError("this file is already there", Location(name), "choose another title, or remove it")
    for name, data in files.items():
        try:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(data)
        except OSError as error:
            raise SiteError(f"cannot be written: {error.strerror}", Location(name)) from error
