"""Values of the model <-> bytes in the store: written by the names of their fields, or faster; read without running anything."""

from __future__ import annotations

import io
import pickle
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import asdict

if TYPE_CHECKING:
    from collections.abc import Mapping

UNKNOWN = (
    *(pickle.UnpicklingError, AttributeError, TypeError, EOFError, ImportError),
    *(LookupError, ValueError, OverflowError, MemoryError),  # of what is damaged
)


def remade(kind: type[Struct], values: Mapping[str, object]) -> object:
    """Return a value of the model from its fields: what another version wrote lacks new ones, which take their defaults.

    Raises TypeError when there is no default; then the value is not known any more.
    """
    return kind(**{name: values[name] for name in kind.__struct_fields__ if name in values})


class _Pickler(pickle.Pickler):
    """Writes values of the model by the names of their fields; by position, another version would read them shifted."""

    def reducer_override(self, value: object) -> Any:  # noqa: ANN401 - as in the base class
        """Return how a value of the model is made again; all else as usual."""
        return (remade, (type(value), asdict(value))) if isinstance(value, Struct) else NotImplemented


class Folded(Struct, frozen=True):
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
    if of_code:
        return pickle.dumps(value, protocol=5)  # by position, in a fraction of the time
    data = io.BytesIO()
    _Pickler(data, protocol=5).dump(value)
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
