"""Values of the model <-> bytes in the store: written by the names of their fields, or faster; read without running anything."""

from __future__ import annotations

import io
import pickle
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

UNKNOWN = (
    *(pickle.UnpicklingError, AttributeError, TypeError, EOFError, ImportError),
    *(LookupError, ValueError, OverflowError, MemoryError),  # of what is damaged
)


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(part.name for part in fields(kind))


@cache
def _values(kind: type) -> Callable[[object], tuple[object, ...]]:
    """Return what gives the values of a dataclass as a tuple."""
    names = _names(kind)
    get = attrgetter(*names) if names else None
    return (lambda _: ()) if get is None else get if len(names) > 1 else lambda value: (get(value),)


def remade(kind: type, values: Mapping[str, object]) -> object:
    """Return a value of the model from its fields: what another version wrote lacks new ones, which take their defaults.

    Raises TypeError when there is no default; then the value is not known any more.
    """
    return kind(**{name: values[name] for name in _names(kind) if name in values})


class _Pickler(pickle.Pickler):
    """Writes values of the model by the names of their fields; by position, another version would read them shifted."""

    def reducer_override(self, value: object) -> Any:  # noqa: ANN401 - as in the base class
        """Return how a dataclass is made again; all else as usual."""
        if is_dataclass(value) and not isinstance(value, type):
            kind = type(value)
            return remade, (kind, dict(zip(_names(kind), _values(kind)(value), strict=True)))
        return NotImplemented


class _PicklerOfCode(pickle.Pickler):
    """Writes values of the model by position, in a quarter of the time."""

    def reducer_override(self, value: object) -> Any:  # noqa: ANN401 - as in the base class
        """Return how a dataclass is made again; all else as usual."""
        kind = type(value)
        return (kind, _values(kind)(value)) if is_dataclass(kind) else NotImplemented


@dataclass(frozen=True, slots=True)
class Folded:
    """A value of the model that is read when somebody asks for it: most of what a build recalls it only passes on."""

    data: bytes

    def opened(self) -> object:
        """Return the value."""
        return unpickled(self.data)


def folded(value: object) -> Folded:
    """Fold a value whose name in the store names the code that made it."""
    return Folded(pickled(value, of_code=True))


def pickled(value: object, *, of_code: bool) -> bytes:
    """Return a value of the model as bytes. of_code: whether its name names the code that made it, and the model's."""
    data = io.BytesIO()
    (_PicklerOfCode if of_code else _Pickler)(data, protocol=5).dump(value)
    return data.getvalue()


def unpickled(data: bytes) -> object:
    """Return a value of the model. Raises one of `UNKNOWN` where another version of the model wrote it, or it is damaged."""
    return _Unpickler(io.BytesIO(data)).load()


class _Unpickler(pickle.Unpickler):
    """Loads our own values only: a store that was tampered with runs nothing."""

    def find_class(self, module: str, name: str) -> object:
        """Refuse everything but classes of the model, settings, errors, dates and paths."""
        found = _classes.get((module, name))
        if found is None:
            found = _classes[module, name] = self._find(module, name)
        return found

    def _find(self, module: str, name: str) -> object:
        if (module, name) in _OTHERS:
            return super().find_class(module, name)
        known = module in {"sitegen.model", "sitegen.config", "sitegen.errors", "datetime"}
        if (known or module.partition(".")[0] == "pathlib") and "." not in name:  # `Path.unlink` is no class
            found = super().find_class(module, name)
            if isinstance(found, type):
                return found
        message = f"{module}.{name} has no place in the store"
        raise pickle.UnpicklingError(message)


_OTHERS = {
    (__name__, remade.__name__),
    (__name__, Folded.__name__),
    ("sitegen.errors", "_restore"),
    ("sitegen.publishing.site", "Site"),
    ("sitegen.pipeline.resume", "Left"),
}
_classes: dict[tuple[str, str], object] = {}  # those that were asked for, of a few dozen that there are
