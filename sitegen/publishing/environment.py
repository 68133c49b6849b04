"""Jinja as it is set up for the theme's templates; loaded with Jinja, when the first page is rendered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined

from sitegen.publishing.compiled import Compiled
from sitegen.publishing.seen import THEME

if TYPE_CHECKING:
    from collections.abc import MutableMapping, Sequence
    from pathlib import Path

    from jinja2 import Template

    from sitegen.publishing.seen import Sight


class Watched(Environment):
    """Notes what templates ask for: values by `a.b` and by filters' `attribute=`, and other templates."""

    def __init__(self, folders: Sequence[Path], sight: Sight) -> None:
        super().__init__(
            loader=ChoiceLoader([FileSystemLoader(folders), PrefixLoader({THEME: FileSystemLoader(folders[-1:])})]),
            autoescape=True,
            auto_reload=False,  # a changed template is another build, with another environment
            bytecode_cache=Compiled(folders),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._sight = sight

    def getattr(self, obj: object, attribute: str) -> object:
        """Return what `obj.attribute` is."""
        self._sight.note_value(obj, attribute)
        return super().getattr(obj, attribute)

    def getitem(self, obj: object, argument: object) -> object:
        """Return what `obj[argument]` is."""
        if isinstance(argument, str):
            self._sight.note_value(obj, argument)
        return super().getitem(obj, argument)

    def _load_template(self, name: str, globals: MutableMapping[str, object] | None) -> Template:  # noqa: A002 - Jinja's own name
        self._sight.note_template(name)
        return super()._load_template(name, globals)
