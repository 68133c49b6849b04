"""Dates of headers, as all the generators write them -> moments with a fixed offset."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from sitegen.later import later

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from sitegen.fields import Fields

_FORMATS = (
    "%m-%d-%Y",
    "%d.%m.%Y",
    "%Y.%m.%d",
    "%Y-%m-%d %I:%M %p",
    "%Y-%m-%d %I:%M:%S %p",
    "%Y-%m",
    "%Y",
    "%B %d, %Y",
    "%b %d, %Y",
    "%d %B %Y",
    "%d %b %Y",
    "%Y/%m/%d",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%m/%d/%Y",
    "%B %Y",
    "%b %Y",
)
_CODE_OF_R = re.compile(r"`r\s")  # R Markdown's day of the build
_BEGINS = later(r"\d{4}[-/.]\d{1,2}|\d{1,2}[./]\d|[A-Za-z]+ \d")


def read_date(fields: Fields, key: str, zone: ZoneInfo) -> datetime | None:
    """Read a date with or without time and zone; without a zone it is in the blog's."""
    text = fields.text(key)
    if not text or text in {"today", "now", "last-modified"} or _CODE_OF_R.match(text):
        return None
    text = re.sub(r"(?<=\d)(?:st|nd|rd|th)\b", "", text)
    compact = re.sub(r"\s+(?=(?:UTC|GMT)?[-+]\d{2}:?\d{2}$|Z$|UTC$)", "", text)
    compact = re.sub(r"(?:UTC|GMT)(?=[-+]\d)", "", compact).replace("UTC", "Z")
    compact = re.sub(r"^(\d{4})-(\d)-", r"\1-0\2-", compact)
    compact = re.sub(r"^(\d{4}-\d{2})-(\d)(?!\d)", r"\1-0\2", compact)
    compact = re.sub(r"[T ](\d):", r"T0\1:", compact)
    try:
        found = datetime.fromisoformat(compact)
    except ValueError:
        for shape in _FORMATS:
            try:
                found = datetime.strptime(text, shape)  # noqa: DTZ007 - the zone is added below
            except ValueError:
                continue
            break
        else:
            fields.error(key, f"`{text}` is no date", "write 2026-02-10, or 2026-02-10 09:30:00 +0900")
            return None
    try:
        found = with_offset(found if found.tzinfo else found.replace(tzinfo=zone))
        found.astimezone(UTC)
    except (OverflowError, ValueError):
        fields.error(key, f"`{text}` is no date", "write 2026-02-10, or 2026-02-10 09:30:00 +0900")
        return None
    return found


def is_date(text: str) -> bool:
    """Whether a value begins as dates do, where a key may also be true or false."""
    return bool(_BEGINS.match(text))


def with_offset(moment: datetime) -> datetime:
    """Return the moment with a fixed offset in place of a zone with a history: a plain value, which can be stored."""
    return moment.replace(tzinfo=timezone(moment.utcoffset() or timedelta()))
