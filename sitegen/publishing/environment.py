"""Jinja as it is set up for the theme's templates; loaded with Jinja, when the first page is rendered."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateRuntimeError,
    TemplateSyntaxError,
)

from sitegen.publishing.compiled import Compiled
from sitegen.publishing.seen import THEME

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping, Sequence
    from pathlib import Path
    from types import CodeType

    from jinja2 import Template
    from jinja2.runtime import Context

    from sitegen.publishing.seen import Sight

_MOST_BITS = 1_000_000  # of a power, which nothing can interrupt


class _Files(FileSystemLoader):
    """Templates in folders; one that is not UTF-8 is an error with its line."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """Return what a template holds, its path, and whether that stays so. Raises TemplateSyntaxError."""
        try:
            return super().get_source(environment, template)
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            raise TemplateSyntaxError(f"byte {error.start} is not UTF-8", line, template) from error


class Watched(Environment):
    """Notes what templates ask for: values by `a.b` and by filters' `attribute=`, and other templates."""

    sandboxed = True  # Jinja asks `call_binop` for these then, and calculates none when it compiles a template
    intercepted_binops = frozenset({"**"})
    intercepted_unops: frozenset[str] = frozenset()

    def __init__(self, folders: Sequence[Path], sight: Sight) -> None:
        super().__init__(
            loader=ChoiceLoader([_Files(folders), PrefixLoader({THEME: _Files(folders[-1:])})]),
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

    def call(self, context: Context, called: Callable[..., object], /, *given: object, **named: object) -> object:
        """Return what something gives that a template calls."""
        return context.call(called, *given, **named)

    def call_binop(self, _: Context, _operator: str, base: Any, exponent: Any) -> Any:  # noqa: ANN401 - as Jinja has it
        """Return a power. Raises TemplateRuntimeError for one that would take minutes."""
        if isinstance(base, int) and isinstance(exponent, int) and base.bit_length() * exponent > _MOST_BITS:
            message = f"the power with exponent {exponent} is too large"
            raise TemplateRuntimeError(message)
        return base**exponent

    def _compile(self, source: str, filename: str) -> CodeType:
        """Compile the Python that Jinja made of a template. Raises TemplateSyntaxError, of its line, where Python refuses that."""
        try:
            return super()._compile(source, filename)
        except SyntaxError as error:
            # Lines of the template, and of the Python.
            pairs = re.findall(r"(\d+)=(\d+)", source.rpartition("debug_info = ")[2])
            line = max((int(own) for own, made in pairs if int(made) <= (error.lineno or 0)), default=1)
            raise TemplateSyntaxError(error.msg, line, filename=filename) from error
