"""A raster -> the same at half its size, for phones and lists, whose screens show no more of it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, cast

from sitegen.keys import digest, digest_of_code, versions_of

if TYPE_CHECKING:
    from sitegen.model import Digest
    from sitegen.store import Store

LEAST = 500  # pixels of width: half of less is not enough for any screen
_QUALITY = 80


def half_of(picture: Digest, store: Store) -> tuple[Digest, int] | None:
    """Return a picture of the store at half its size, with its width in pixels; None for one that is small or moves."""
    key = digest(digest_of_code("publishing/smaller.py"), versions_of("pillow"), picture)
    known = cast("tuple[Digest, int] | None", store.recall("half", key))
    if known is not None and (not known[0] or store.has([known[0]])):
        return known if known[0] else None
    made = _half(store.content(picture))
    found = (store.keep(made[0]), made[1]) if made else ("", 0)
    store.remember("half", key, found)
    return found if made else None


def _half(content: bytes) -> tuple[bytes, int] | None:
    from PIL import Image  # noqa: PLC0415 - only where something is made smaller

    with Image.open(io.BytesIO(content)) as opened:
        if opened.width < 2 * LEAST or getattr(opened, "n_frames", 1) > 1:
            return None
        image = opened.convert("RGBA").resize((opened.width // 2, opened.height // 2), Image.Resampling.BOX)
    written = io.BytesIO()
    image.save(written, "WEBP", quality=_QUALITY, method=4)
    return written.getvalue(), image.width
