"""Diagrams -> Drawings: distinct ones only, and of those only the ones not remembered."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, cast

from sitegen.errors import Location, SiteError
from sitegen.keys import digest, digest_of_code, version_of_package
from sitegen.model import Drawing
from sitegen.typesetting.katex import ToolMissingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sitegen.model import Diagram, Digest
    from sitegen.store import Store
    from sitegen.typesetting.katex import Katex

_PACKAGES = ("mermaid", "beautiful-mermaid")


@cache
def diagram_versions() -> str:
    """Return the versions of what reads and draws; "" for what is not installed."""
    return " ".join(map(version_of_package, _PACKAGES))


def diagram_key(diagram: Diagram) -> Digest:
    """Return the name of all that may change how a diagram is drawn."""
    return digest(diagram_versions(), digest_of_code("typesetting/diagram.mjs", "typesetting/draw.py"), diagram.source)


def draw(diagrams: Iterable[Diagram], store: Store, node: Katex) -> tuple[Mapping[Digest, Drawing], list[SiteError]]:
    """Draw diagrams; those with errors are missing. Raises ToolError."""
    places: dict[Digest, list[Diagram]] = {}
    for diagram in diagrams:
        places.setdefault(diagram_key(diagram), []).append(diagram)
    drawings = {key: cast("Drawing", value) for key, value in store.recall_many("diagram", places).items()}
    missing = [key for key in places if key not in drawings]
    if missing and "" in diagram_versions().split(" "):
        raise ToolMissingError("Mermaid is not installed: run `make site`, or `npm ci` in the project's folder")
    errors: list[SiteError] = []
    for key, found in zip(missing, node.set([{"diagram": places[key][0].source} for key in missing]), strict=True):
        if "error" in found:
            errors += [_error(diagram, str(found["error"]), int(str(found["line"]))) for diagram in places[key]]
            continue
        drawings[key] = Drawing(
            kind=str(found["kind"]),
            title=str(found.get("title", "")),
            svg=str(found.get("svg", "")),
            styled=bool(found.get("styled")),
            reason=str(found.get("live", "")),
        )
        store.remember("diagram", key, drawings[key])
    return drawings, errors


def _error(diagram: Diagram, message: str, line: int) -> SiteError:
    place = diagram.location
    location = Location(place.path, place.line + line - 1 if place.line and line else place.line)
    hint = 'quote labels that hold brackets or signs, as in A["f(x)"]; mermaid.js.org describes the language'
    return SiteError(f"this diagram cannot be drawn: {message}", location, hint)
